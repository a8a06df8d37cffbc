/* page - keyset paging: a cursor is a position under a MAC, so nobody can make one up or depend on its form. */
#include "app/app_state.h"
#include <string.h>

enum { CURSOR_MAC = 8, CURSOR_BYTES = 16 + CURSOR_MAC };

static void number_put(unsigned char *at, int64_t number) {
    for (int i = 0; i < 8; i++) at[i] = (unsigned char)((uint64_t)number >> (56 - 8 * i));
}

static int64_t number_get(const unsigned char *at) {
    uint64_t number = 0;
    for (int i = 0; i < 8; i++) number = number << 8 | at[i];
    return (int64_t)number;
}

/* The list's path is under the MAC too: a position in one list means nothing in another, and would skip rows there. */
static void cursor_mac(Ctx *c, const unsigned char keys[16], unsigned char ret_mac[CURSOR_MAC]) {
    unsigned char numbers[8 + 16], whole[MAC_LEN];
    Buf text = { .arena = c->arena };
    number_put(numbers, c->merchant_id);
    memcpy(numbers + 8, keys, 16);
    buf_cstr(&text, "cursor:");
    buf_add(&text, (Str){ (const char *)numbers, sizeof numbers });
    if (c->route != NULL) buf_cstr(&text, c->route->path);
    mac(&c->app->keys.cursor, text.at, text.len, whole);
    memcpy(ret_mac, whole, CURSOR_MAC);
}

Err page_open(Ctx *c, Str cursor, int64_t *ret_key1, int64_t *ret_key2) {
    int64_t key1 = 0, key2 = 0;
    if (cursor.len > 0) {
        Bytes bytes;
        unsigned char want[CURSOR_MAC];
        bool is_ours = unbase64url(c->arena, cursor, &bytes) && bytes.len == CURSOR_BYTES;
        if (is_ours) {
            cursor_mac(c, bytes.at, want);
            is_ours = crypto_same(want, bytes.at + 16, CURSOR_MAC);
        }
        if (!is_ours)
            return fail(c, E_INVALID, "page.cursor", "翻页位置无效，请从第一页重新开始",
                        "this cursor is not one of ours; start again from the first page");
        key1 = number_get(bytes.at);
        key2 = number_get(bytes.at + 8);
    }
    if (ret_key1 != NULL) *ret_key1 = key1;
    if (ret_key2 != NULL) *ret_key2 = key2;
    return OK;
}

Str page_cursor(Ctx *c, int64_t key1, int64_t key2) {
    unsigned char bytes[CURSOR_BYTES];
    number_put(bytes, key1);
    number_put(bytes + 8, key2);
    cursor_mac(c, bytes, bytes + 16);
    return base64url(c->arena, (Bytes){ bytes, sizeof bytes });
}
