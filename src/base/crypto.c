#define OPENSSL_SUPPRESS_DEPRECATED     /* SHA256_*: see below */
#include "base/crypto.h"
#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SHA-256 is on the way of every request and every ledger entry. libsodium's is plain C; OpenSSL's uses what the
 * processor has for it, and its EVP way costs more than the hash of a short text. */
typedef struct HmacState { SHA256_CTX inner, outer; } HmacState;
static_assert(sizeof(HmacState) <= sizeof(((MacKey *)0)->state), "a MacKey holds both states");
static_assert(crypto_sign_SECRETKEYBYTES == 64 && crypto_sign_PUBLICKEYBYTES == KEY_LEN, "Ed25519 as libsodium has it");
static_assert(crypto_sign_BYTES == SIGN_LEN && SHA256_DIGEST_LENGTH == MAC_LEN, "lengths as the libraries have them");
static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == KEY_LEN, "the sealing key fits");

static void start(void) {
    if (sodium_init() < 0) {
        fprintf(stderr, "crypto: libsodium cannot start\n");
        abort();
    }
}

/* RFC 2104 */
void mac_key(const unsigned char *key, int64_t len, MacKey *ret_key) {
    unsigned char block[SHA256_CBLOCK] = { 0 };
    HmacState state;
    if (len > SHA256_CBLOCK)
        SHA256(key, (size_t)len, block);
    else if (len > 0)
        memcpy(block, key, (size_t)len);
    for (int i = 0; i < SHA256_CBLOCK; i++) block[i] ^= 0x36;
    SHA256_Init(&state.inner);
    SHA256_Update(&state.inner, block, sizeof block);
    for (int i = 0; i < SHA256_CBLOCK; i++) block[i] ^= 0x36 ^ 0x5c;
    SHA256_Init(&state.outer);
    SHA256_Update(&state.outer, block, sizeof block);
    *ret_key = (MacKey){ 0 };
    memcpy(ret_key->state, &state, sizeof state);
    sodium_memzero(&state, sizeof state);
    sodium_memzero(block, sizeof block);
}

void mac(const MacKey *key, const void *at, int64_t len, unsigned char ret_mac[MAC_LEN]) {
    HmacState state;
    memcpy(&state, key->state, sizeof state);
    SHA256_Update(&state.inner, at, (size_t)len);
    SHA256_Final(ret_mac, &state.inner);
    SHA256_Update(&state.outer, ret_mac, MAC_LEN);
    SHA256_Final(ret_mac, &state.outer);
}

void sha256(const void *at, int64_t len, unsigned char ret_hash[HASH_LEN]) {
    SHA256_CTX state;
    SHA256_Init(&state);
    SHA256_Update(&state, at, (size_t)len);
    SHA256_Final(ret_hash, &state);
}

bool crypto_same(const void *a, const void *b, int64_t len) { return sodium_memcmp(a, b, (size_t)len) == 0; }

/* One block of HKDF-Expand (RFC 5869): HMAC(master, name || 1). Extract is not needed, the master key is uniform
 * chance. */
static void derive(const MacKey *master, Str name, unsigned char ret_key[KEY_LEN]) {
    unsigned char info[32];
    assert(name.len < (int64_t)sizeof info);
    memcpy(info, name.at, (size_t)name.len);
    info[name.len] = 1;
    mac(master, info, name.len + 1, ret_key);
}

void keys_derive(const unsigned char master[KEY_LEN], Keys *ret_keys) {
    unsigned char key[KEY_LEN];
    MacKey root;
    start();
    mac_key(master, KEY_LEN, &root);
    derive(&root, S("laoke/seal"), ret_keys->seal);
    derive(&root, S("laoke/lookup"), key);
    mac_key(key, KEY_LEN, &ret_keys->lookup);
    derive(&root, S("laoke/chain"), key);
    mac_key(key, KEY_LEN, &ret_keys->chain);
    derive(&root, S("laoke/cursor"), key);
    mac_key(key, KEY_LEN, &ret_keys->cursor);
    derive(&root, S("laoke/sign"), key);
    crypto_sign_seed_keypair(ret_keys->sign_public, ret_keys->sign_secret, key);
    sodium_memzero(key, sizeof key);
    sodium_memzero(&root, sizeof root);
}

void sign(const Keys *keys, const void *at, int64_t len, unsigned char ret_signature[SIGN_LEN]) {
    crypto_sign_detached(ret_signature, NULL, at, (unsigned long long)len, keys->sign_secret);
}

bool sign_matches(const unsigned char sign_public[KEY_LEN], const void *at, int64_t len,
                  const unsigned char signature[SIGN_LEN]) {
    return crypto_sign_verify_detached(signature, at, (unsigned long long)len, sign_public) == 0;
}

/* Sealed: one byte that names this form, the nonce, the text with its tag. A random nonce of 192 bits never repeats. */
enum {
    SEAL_FORM = 1,
    NONCE_LEN = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    SEAL_HEAD = 1 + NONCE_LEN,
    SEAL_TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
};

Bytes seal(Arena *a, Rng *rng, const unsigned char key[KEY_LEN], Str plain, Str about) {
    unsigned char *at = arena_take(a, SEAL_HEAD + plain.len + SEAL_TAG, 1);
    at[0] = SEAL_FORM;
    rng_bytes(rng, at + 1, NONCE_LEN);
    crypto_aead_xchacha20poly1305_ietf_encrypt(at + SEAL_HEAD, NULL, (const unsigned char *)plain.at,
                                               (unsigned long long)plain.len, (const unsigned char *)about.at,
                                               (unsigned long long)about.len, NULL, at + 1, key);
    return (Bytes){ at, SEAL_HEAD + plain.len + SEAL_TAG };
}

bool unseal(Arena *a, const unsigned char key[KEY_LEN], Bytes sealed, Str about, Str *ret_plain) {
    int64_t len = sealed.len - SEAL_HEAD - SEAL_TAG;
    if (len < 0 || sealed.at[0] != SEAL_FORM) return false;
    char *at = arena_take(a, len + 1, 1);
    int refused = crypto_aead_xchacha20poly1305_ietf_decrypt(
        (unsigned char *)at, NULL, NULL, sealed.at + SEAL_HEAD, (unsigned long long)(len + SEAL_TAG),
        (const unsigned char *)about.at, (unsigned long long)about.len, sealed.at + 1, key);
    if (refused != 0) return false;
    *ret_plain = (Str){ at, len };
    return true;
}

/* OWASP's first choice of 2023 for argon2id: 19 MiB, two passes, one lane. */
enum { ARGON_PASSES = 2, ARGON_BYTES = 19 << 20 };

Str password_hash(Arena *a, Str password, bool is_cheap) {
    char text[crypto_pwhash_STRBYTES];
    start();
    unsigned long long passes = is_cheap ? crypto_pwhash_OPSLIMIT_MIN : ARGON_PASSES;
    size_t bytes = is_cheap ? crypto_pwhash_MEMLIMIT_MIN : ARGON_BYTES;
    if (crypto_pwhash_str(text, password.at, (unsigned long long)password.len, passes, bytes) != 0) {
        fprintf(stderr, "crypto: no memory to hash a password\n");
        abort();
    }
    return arena_str(a, str_of(text));
}

bool password_matches(Str hash, Str password) {
    char text[crypto_pwhash_STRBYTES] = { 0 };
    if (hash.len == 0 || hash.len >= (int64_t)sizeof text) return false;
    memcpy(text, hash.at, (size_t)hash.len);
    return crypto_pwhash_str_verify(text, password.at, (unsigned long long)password.len) == 0;
}

Str token_new(Arena *a, Rng *rng, const char *prefix) {
    unsigned char chance[TOKEN_BYTES];
    rng_bytes(rng, chance, sizeof chance);
    Str text = base64url(a, (Bytes){ chance, sizeof chance });
    return arena_print(a, "%s%.*s", prefix, (int)text.len, text.at);
}

enum { TOTP_STEP_MS = 30000, TOTP_CODES = 1000000, TOTP_DIGITS = 6 };

/* RFC 4226: HMAC-SHA-1 of the step, dynamic truncation, the last six digits. */
int64_t totp_code(Bytes secret, int64_t step) {
    unsigned char counter[8], hash[EVP_MAX_MD_SIZE];
    unsigned int hash_len = 0;
    for (int i = 0; i < 8; i++) counter[i] = (unsigned char)((uint64_t)step >> (56 - 8 * i));
    if (HMAC(EVP_sha1(), secret.at, (int)secret.len, counter, sizeof counter, hash, &hash_len) == NULL) abort();
    const unsigned char *at = hash + (hash[hash_len - 1] & 15);
    uint32_t number = (uint32_t)(at[0] & 127) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    return number % TOTP_CODES;
}

bool totp_matches(Bytes secret, int64_t now_ms, Str code, int64_t *ret_step) {
    int64_t now = now_ms / TOTP_STEP_MS, hit = -1;
    if (code.len != TOTP_DIGITS || now < 1) return false;
    for (int64_t step = now - 1; step <= now + 1; step++) { /* always all three: time says nothing about the code */
        char text[TOTP_DIGITS + 1];
        snprintf(text, sizeof text, "%06d", (int)totp_code(secret, step));
        if (crypto_same(text, code.at, TOTP_DIGITS)) hit = step;
    }
    if (hit < 0) return false;
    *ret_step = hit;
    return true;
}

/* `bits` a character, most significant first, without padding (RFC 4648). */
static Str encode(Arena *a, Bytes b, int bits, const char *alphabet) {
    char *text = arena_take(a, b.len * 8 / bits + 2, 1);
    int64_t len = 0;
    uint32_t held = 0;
    int held_bits = 0;
    for (int64_t i = 0; i < b.len; i++) {
        held = held << 8 | b.at[i];
        for (held_bits += 8; held_bits >= bits; held_bits -= bits) {
            text[len++] = alphabet[held >> (held_bits - bits) & ((1U << bits) - 1)];
        }
    }
    if (held_bits > 0) text[len++] = alphabet[held << (bits - held_bits) & ((1U << bits) - 1)];
    return (Str){ text, len };
}

Str totp_secret_base32(Arena *a, Bytes secret) { return encode(a, secret, 5, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"); }

static const char url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

Str base64url(Arena *a, Bytes b) { return encode(a, b, 6, url_alphabet); }

/* Only the one text that base64url() makes is taken: no padding, no bits left over, nothing else in between. */
bool unbase64url(Arena *a, Str s, Bytes *ret_bytes) {
    unsigned char *at = arena_take(a, s.len * 6 / 8 + 1, 1);
    int64_t len = 0;
    uint32_t held = 0;
    int held_bits = 0;
    for (int64_t i = 0; i < s.len; i++) {
        const char *hit = s.at[i] == '\0' ? NULL : strchr(url_alphabet, s.at[i]);
        if (hit == NULL) return false;
        held = held << 6 | (uint32_t)(hit - url_alphabet);
        held_bits += 6;
        if (held_bits < 8) continue;
        held_bits -= 8;
        at[len++] = (unsigned char)(held >> held_bits);
    }
    if (held_bits >= 6 || (held & ((1U << held_bits) - 1)) != 0) return false;
    *ret_bytes = (Bytes){ at, len };
    return true;
}
