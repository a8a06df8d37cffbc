#include "domain/wallet/wallet_token.h"
#include <string.h>

enum { BODY_LEN = TOKEN_CERTIFICATE_LEN - SIGN_LEN, SIGNED_MAX = 200 };
#define MARK S("LQ1.")
const char *const token_fault_names[] = {
    "good", "malformed", "other_merchant", "forged", "certificate_over", "stale", "early", NULL,
};

static void put(unsigned char *at, int64_t value) {
    for (int i = 0; i < 8; i++) at[i] = (unsigned char)((uint64_t)value >> (56 - 8 * i));
}

static int64_t take(const unsigned char *at) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) value = value << 8 | at[i];
    return (int64_t)value;
}

/* The word keeps a signature under one kind of thing from being shown as one under another. */
static int64_t signed_text(Str word, const unsigned char *at, int64_t len, unsigned char ret_text[SIGNED_MAX]) {
    memcpy(ret_text, word.at, (size_t)word.len);
    memcpy(ret_text + word.len, at, (size_t)len);
    return word.len + len;
}

static void sign_as(const Keys *keys, Str word, unsigned char *at, int64_t len) {
    unsigned char text[SIGNED_MAX];
    int64_t text_len = signed_text(word, at, len, text);
    sign(keys, text, text_len, at + len);
}

static bool is_signed(const unsigned char *public_key, Str word, const unsigned char *at, int64_t len) {
    unsigned char text[SIGNED_MAX];
    int64_t text_len = signed_text(word, at, len, text);
    return sign_matches(public_key, text, text_len, at + len);
}

bool wallet_token_is(Str text) { return str_starts(text, MARK); }

Bytes wallet_certificate_make(Arena *a, const Keys *server, const WalletCertificate *c) {
    unsigned char *at = NEW_LIST(a, unsigned char, TOKEN_CERTIFICATE_LEN);
    at[0] = 1;
    put(at + 1, c->merchant_id);
    put(at + 9, c->member_id);
    put(at + 17, c->device_id);
    put(at + 25, c->expires_at);
    memcpy(at + 33, c->device_public, KEY_LEN);
    sign_as(server, S("laoke device 1"), at, BODY_LEN);
    return (Bytes){ at, TOKEN_CERTIFICATE_LEN };
}

Str wallet_token_make(Arena *a, const Keys *device, Bytes certificate, int64_t at_ms,
                      const unsigned char nonce[TOKEN_NONCE_LEN]) {
    unsigned char *at = NEW_LIST(a, unsigned char, TOKEN_LEN);
    memcpy(at, certificate.at, TOKEN_CERTIFICATE_LEN);
    put(at + TOKEN_CERTIFICATE_LEN, at_ms);
    memcpy(at + TOKEN_CERTIFICATE_LEN + 8, nonce, TOKEN_NONCE_LEN);
    sign_as(device, S("laoke token 1"), at, TOKEN_LEN - SIGN_LEN);
    return ARENA_JOIN(a, MARK, base64url(a, (Bytes){ at, TOKEN_LEN }));
}

TokenFault wallet_token_check(Arena *a, const unsigned char server_public[KEY_LEN], int64_t merchant_id, Str text,
                              int64_t now, WalletToken *ret_token) {
    Bytes b = { 0 };
    *ret_token = (WalletToken){ 0 };
    if (!wallet_token_is(text) || !unbase64url(a, str_slice(text, MARK.len, text.len), &b)) return TOKEN_MALFORMED;
    if (b.len != TOKEN_LEN || b.at[0] != 1) return TOKEN_MALFORMED;
    WalletCertificate *c = &ret_token->certificate;
    c->merchant_id = take(b.at + 1);
    c->member_id = take(b.at + 9);
    c->device_id = take(b.at + 17);
    c->expires_at = take(b.at + 25);
    memcpy(c->device_public, b.at + 33, KEY_LEN);
    ret_token->at = take(b.at + TOKEN_CERTIFICATE_LEN);
    memcpy(ret_token->nonce, b.at + TOKEN_CERTIFICATE_LEN + 8, TOKEN_NONCE_LEN);
    if (c->merchant_id != merchant_id) return TOKEN_OTHER_MERCHANT;
    if (!is_signed(server_public, S("laoke device 1"), b.at, BODY_LEN)) return TOKEN_FORGED;
    if (!is_signed(c->device_public, S("laoke token 1"), b.at, TOKEN_LEN - SIGN_LEN)) return TOKEN_FORGED;
    if (c->expires_at < now) return TOKEN_CERTIFICATE_OVER;
    if (ret_token->at > now && ret_token->at - now > TOKEN_EARLY_MS) return TOKEN_EARLY;
    return ret_token->at < now - TOKEN_FRESH_MS ? TOKEN_STALE : TOKEN_GOOD;
}
