/* crypto - 加密: the few operations laoke needs, over libsodium and OpenSSL; no cleverness of our own.
 * Keys live outside the database, in the key file that main/ reads (mode 0600); losing it loses sealed identities. */
#pragma once
#include "base/rng.h"
#include "base/arena.h"

enum { KEY_LEN = 32, MAC_LEN = 32, HASH_LEN = 32, SIGN_LEN = 64, TOKEN_BYTES = 24 };

/* A precomputed HMAC-SHA256 state: cheap to copy. */
typedef struct MacKey { _Alignas(8) unsigned char state[224]; } MacKey;
typedef struct Keys {
    unsigned char seal[KEY_LEN];     /* AEAD of identities, TOTP secrets, API secrets */
    MacKey lookup;                   /* HMAC of normalised identities */
    MacKey chain;                    /* links of ledger accounts */
    MacKey cursor;                   /* page cursors, short codes */
    unsigned char sign_public[KEY_LEN], sign_secret[64];       /* Ed25519: allowances, device certificates */
} Keys;
void keys_derive(const unsigned char master[KEY_LEN], Keys *ret_keys);

void mac_key(const unsigned char *key, int64_t len, MacKey *ret_key);
void mac(const MacKey *key, const void *at, int64_t len, unsigned char ret_mac[MAC_LEN]);
void sha256(const void *at, int64_t len, unsigned char ret_hash[HASH_LEN]);
bool crypto_same(const void *a, const void *b, int64_t len);   /* constant time */

/* Ed25519, under Keys.sign_*: whoever has the public key can check without us. */
void sign(const Keys *keys, const void *at, int64_t len, unsigned char ret_signature[SIGN_LEN]);
bool sign_matches(const unsigned char sign_public[KEY_LEN], const void *at, int64_t len,
                  const unsigned char signature[SIGN_LEN]);

/* XChaCha20-Poly1305; `about` is authenticated too (the place it belongs to, so that a sealed text cannot be moved). */
Bytes seal(Arena *a, Rng *rng, const unsigned char key[KEY_LEN], Str plain, Str about);
bool unseal(Arena *a, const unsigned char key[KEY_LEN], Bytes sealed, Str about, Str *ret_plain);

/* argon2id, text form with parameters; slow on purpose (19 MiB, t=2): only in prepare() of ROUTE_SLOW. `is_cheap` for
 * tests. */
Str password_hash(Arena *a, Str password, bool is_cheap);
bool password_matches(Str hash, Str password);

Str token_new(Arena *a, Rng *rng, const char *prefix);         /* prefix + 32 url-safe characters (192 bits) */
/* RFC 6238: SHA-1, 30 s, 6 digits, one step of clock skew either way; ret_step lets the caller refuse a replay. */
bool totp_matches(Bytes secret, int64_t now_ms, Str code, int64_t *ret_step);
int64_t totp_code(Bytes secret, int64_t step);                 /* 0 … 999999 of one 30 s step */
Str totp_secret_base32(Arena *a, Bytes secret);
Str base64url(Arena *a, Bytes b);
bool unbase64url(Arena *a, Str s, Bytes *ret_bytes);
