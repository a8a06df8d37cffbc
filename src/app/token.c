#include "app/token.h"
#include <string.h>

enum { HEAD_BYTES = 16 + TOKEN_MAC_LEN };

static Str prefix_of(TokenKind kind) {
    switch (kind) {
    case TOKEN_SESSION:
        return S("lks_");
    case TOKEN_KEY:
        return S("lk_live_");
    }
    return S("");
}

static void number_put(unsigned char *at, int64_t number) {
    for (int i = 0; i < 8; i++) at[i] = (unsigned char)((uint64_t)number >> (56 - 8 * i));
}

static int64_t number_get(const unsigned char *at) {
    uint64_t number = 0;
    for (int i = 0; i < 8; i++) number = number << 8 | at[i];
    return (int64_t)number;
}

static void head_mac(const Keys *keys, const TokenHead *head, unsigned char ret_mac[TOKEN_MAC_LEN]) {
    unsigned char text[6 + 1 + 16] = "token:", whole[MAC_LEN];
    text[6] = (unsigned char)head->kind;
    number_put(text + 7, head->merchant_id);
    number_put(text + 15, head->id);
    mac(&keys->cursor, text, sizeof text, whole);
    memcpy(ret_mac, whole, TOKEN_MAC_LEN);
}

Str token_sign_id(Ctx *c, TokenKind kind, int64_t id) {
    TokenHead head = { .kind = kind, .merchant_id = c->merchant_id, .id = id };
    unsigned char bytes[HEAD_BYTES];
    number_put(bytes, head.merchant_id);
    number_put(bytes + 8, head.id);
    head_mac(&c->app->keys, &head, bytes + 16);
    Str text = base64url(c->arena, (Bytes){ bytes, sizeof bytes }), prefix = prefix_of(kind);
    return arena_print(c->arena, "%.*s%.*s", (int)prefix.len, prefix.at, (int)text.len, text.at);
}

void token_make(Ctx *c, TokenKind kind, int64_t id, Str *ret_token, Str *ret_sign_id, Str *ret_secret) {
    Str head = token_sign_id(c, kind, id), secret = token_new(c->arena, c->rng, "");
    Str token = arena_print(c->arena, "%.*s%.*s", (int)head.len, head.at, (int)secret.len, secret.at);
    *ret_token = token;
    *ret_sign_id = str_slice(token, 0, head.len);
    *ret_secret = str_slice(token, head.len, token.len);
}

bool token_read(Arena *a, Str token, bool is_head_only, TokenHead *ret_head) {
    TokenKind kind = str_starts(token, prefix_of(TOKEN_KEY)) ? TOKEN_KEY : TOKEN_SESSION;
    Str prefix = prefix_of(kind);
    int64_t want = prefix.len + TOKEN_HEAD_LEN + (is_head_only ? 0 : TOKEN_SECRET_LEN);
    if (token.len != want || !str_starts(token, prefix)) return false;
    Bytes bytes;
    if (!unbase64url(a, str_slice(token, prefix.len, prefix.len + TOKEN_HEAD_LEN), &bytes)) return false;
    if (bytes.len != HEAD_BYTES) return false;
    *ret_head = (TokenHead){ .kind = kind, .merchant_id = number_get(bytes.at), .id = number_get(bytes.at + 8) };
    memcpy(ret_head->mac, bytes.at + 16, TOKEN_MAC_LEN);
    return ret_head->merchant_id > 0 && ret_head->id > 0;
}

bool token_is_ours(const Keys *keys, const TokenHead *head) {
    unsigned char want[TOKEN_MAC_LEN];
    head_mac(keys, head, want);
    return crypto_same(want, head->mac, TOKEN_MAC_LEN);
}
