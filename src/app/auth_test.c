/* Who is asking, through in-process HTTP: sessions, cookies, API keys, signatures, permissions, other merchants. */
#include "app/ask.h"
#include "app/auth.h"
#include "app/merchant.h"
#include "app/ticker.h"
#include "test/test.h"
#include <stdio.h>
#include <string.h>

/* ---- helpers ---- */

typedef struct Opening {
    SessionOpen open;
    SessionGiven given;
    KeyMake make;
    KeyGiven key;
    int64_t id, keep_ms;
    Grants grants;
} Opening;

static Err run_open(Ctx *c, void *arg) {
    Opening *o = arg;
    return auth_session_open(c, &o->open, &o->given);
}
static Err run_key(Ctx *c, void *arg) {
    Opening *o = arg;
    return auth_key_make(c, &o->make, &o->key);
}
static Err run_rotate_key(Ctx *c, void *arg) {
    Opening *o = arg;
    return auth_key_rotate(c, o->id, o->keep_ms, &o->key);
}
static Err run_revoke_key(Ctx *c, void *arg) { return auth_key_revoke(c, ((Opening *)arg)->id); }
static Err run_grants(Ctx *c, void *arg) { return auth_grants_put(c, ((Opening *)arg)->id, &((Opening *)arg)->grants); }
static Err run_close(Ctx *c, void *arg) {
    return auth_session_close(c, ((Opening *)arg)->id, ((Opening *)arg)->open.staff_id, 0);
}
static Err run_close_all(Ctx *c, void *arg) { return auth_sessions_close(c, ((Opening *)arg)->open.staff_id, 0, 0); }

static StrList list_of(World *w, const char *permission) {
    Str *items = NEW_LIST(&w->arena, Str, 1);
    items[0] = str_of(permission);
    return (StrList){ items, 1 };
}

static Str staff_token(World *w, int64_t staff_id, const char *permission) {
    Opening o = { .open = {
                      .staff_id = staff_id, .shop_id = w->shop_id, .grants.permissions = list_of(w, permission) } };
    assert_int_equal(world_unit(w, run_open, &o), OK);
    return arena_str(&w->arena, o.given.token);
}

static KeyGiven pos_key(World *w, const char *name, const char *permission, bool must_sign) {
    Opening o = { .make = { .name = str_of(name),
                            .who = WHO_POS,
                            .shop_id = w->shop_id,
                            .must_sign = must_sign,
                            .grants.permissions = list_of(w, permission) } };
    assert_int_equal(world_unit(w, run_key, &o), OK);
    return (KeyGiven){ o.key.key_id, arena_str(&w->arena, o.key.key), arena_str(&w->arena, o.key.sign_id),
                       arena_str(&w->arena, o.key.secret) };
}

static void assert_refused(World *w, int status, const char *code) {
    if (w->status != status || !str_is(w->code, code))
        fail_msg("want %d %s, have %d %.*s", status, code, w->status, (int)w->body.len, w->body.at);
}

/* ---- tokens ---- */

TEST(nobody_gets_in_without_credentials_and_forged_ones_are_refused) {
    world_as(w, S(""));
    world_get(w, "/v1/whoami");
    assert_refused(w, 401, "auth.needed");
    assert_true(world_int(w, "/server_time") == w->now);
    world_as(w, S("lks_nonsense"));
    world_get(w, "/v1/whoami");
    assert_refused(w, 401, "auth.bad_token");
    for (int64_t i = 0; i < w->owner_token.len; i += 7) { /* every part of a token counts */
        char forged[200];
        snprintf(forged, sizeof forged, "%.*s", (int)w->owner_token.len, w->owner_token.at);
        forged[i] = forged[i] == 'x' ? 'y' : 'x';
        world_as(w, str_of(forged));
        world_get(w, "/v1/whoami");
        assert_refused(w, 401, "auth.bad_token");
    }
    world_as(w, S(""));
    world_header(w, "authorization", "Basic abc");
    world_get(w, "/v1/whoami");
    assert_refused(w, 401, "auth.bad_token");
    world_as(w, w->owner_token);
    world_get(w, "/v1/whoami");
    assert_int_equal(w->status, 200);
    assert_string_equal(arena_cstr(&w->arena, world_str(w, "/who")), "staff");
    assert_int_equal(world_int(w, "/merchant_id"), w->merchant_id);
}

TEST(sessions_end_when_their_time_is_over_and_when_they_are_closed) {
    Str token = staff_token(w, 501, "shop.read");
    world_as(w, token);
    world_get(w, "/v1/whoami");
    assert_int_equal(w->status, 200);
    Opening o = { .open.staff_id = 501, .id = world_int(w, "/session_id") };
    assert_int_equal(world_unit(w, run_close, &o), OK);
    world_get(w, "/v1/whoami");
    assert_refused(w, 401, "auth.bad_token");
    world_as(w, staff_token(w, 501, "shop.read"));
    world_pass(w, INT64_C(12) * HOUR_MS - 1);
    world_get(w, "/v1/whoami");
    assert_int_equal(w->status, 200);
    world_pass(w, 1);
    world_get(w, "/v1/whoami");
    assert_refused(w, 401, "auth.expired");
    Str first = staff_token(w, 501, "shop.read"), second = staff_token(w, 501, "shop.read");
    assert_int_equal(world_unit(w, run_close_all, &o), OK);
    world_as(w, first);
    world_get(w, "/v1/whoami");
    assert_refused(w, 401, "auth.bad_token");
    world_as(w, second);
    world_get(w, "/v1/whoami");
    assert_refused(w, 401, "auth.bad_token");
    Opening other = { .open.staff_id = 502, .id = 1 };
    assert_int_equal(world_unit(w, run_close, &other), E_NOT_FOUND);
}

TEST(the_oldest_session_makes_room_for_a_new_one) {
    Str first = staff_token(w, 503, "shop.read");
    for (int i = 1; i < SESSIONS_PER_ACTOR_MAX; i++) staff_token(w, 503, "shop.read");
    world_as(w, first);
    world_get(w, "/v1/whoami");
    assert_int_equal(w->status, 200);
    staff_token(w, 503, "shop.read");
    world_get(w, "/v1/whoami");
    assert_refused(w, 401, "auth.bad_token");
}

TEST(permissions_open_what_they_name_and_change_at_once) {
    world_as(w, staff_token(w, 504, "tag.read"));
    world_get(w, "/v1/shops");
    assert_refused(w, 403, "auth.denied");
    world_get(w, "/v1/tags");
    assert_int_equal(w->status, 200);
    Opening o = { .id = 504, .grants.permissions = list_of(w, "shop.read") };
    assert_int_equal(world_unit(w, run_grants, &o), OK);
    world_get(w, "/v1/shops");
    assert_int_equal(w->status, 200);
    world_get(w, "/v1/tags");
    assert_refused(w, 403, "auth.denied");
    world_get(w, "/v1/permissions");
    assert_refused(w, 403, "auth.denied");
    world_as(w, w->owner_token);
    world_get(w, "/v1/permissions");
    assert_int_equal(w->status, 200);
    assert_true(world_count(w, "/items") > 5);
}

/* ---- cookies ---- */

static void with_cookie(World *w, Str token) {
    char text[200];
    world_as(w, S(""));
    snprintf(text, sizeof text, "a=b; laoke_session=%.*s; c=d", (int)token.len, token.at);
    world_header(w, "cookie", text);
}

TEST(a_cookie_reads_from_anywhere_but_writes_only_from_our_own_pages) {
    Str token = arena_str(&w->arena, w->owner_token);
    with_cookie(w, token);
    world_get(w, "/v1/whoami");
    assert_int_equal(w->status, 200);
    with_cookie(w, token);
    world_post(w, "/v1/tags", "{\"name\":\"a\"}");
    assert_refused(w, 403, "auth.origin");
    with_cookie(w, token);
    world_header(w, "sec-fetch-site", "cross-site");
    world_header(w, "origin", "https://shop.example");
    world_post(w, "/v1/tags", "{\"name\":\"a\"}");
    assert_refused(w, 403, "auth.origin");
    with_cookie(w, token);
    world_header(w, "origin", "https://evil.example");
    world_post(w, "/v1/tags", "{\"name\":\"a\"}");
    assert_refused(w, 403, "auth.origin");
    with_cookie(w, token);
    world_header(w, "origin", "https://shop.example");
    world_post(w, "/v1/tags", "{\"name\":\"a\"}");
    assert_true(w->status == 200 || w->status == 201);
    with_cookie(w, token);
    world_header(w, "sec-fetch-site", "same-origin");
    world_post(w, "/v1/tags", "{\"name\":\"b\"}");
    assert_true(w->status == 200 || w->status == 201);
    with_cookie(w, S("lks_stale"));
    world_get(w, "/v1/consent-texts"); /* public: a stale cookie does not shut it */
    assert_int_equal(w->status, 200);
}

/* ---- API keys ---- */

TEST(keys_open_what_they_are_for_rotate_and_end) {
    KeyGiven first = pos_key(w, "till 1", "shop.read", false);
    world_as(w, first.key);
    world_get(w, "/v1/whoami");
    assert_string_equal(arena_cstr(&w->arena, world_str(w, "/who")), "pos");
    assert_int_equal(world_int(w, "/key_id"), first.key_id);
    assert_int_equal(world_int(w, "/shop_id"), w->shop_id);
    world_get(w, "/v1/shops");
    assert_int_equal(w->status, 200);
    world_get(w, "/v1/items");
    assert_refused(w, 403, "auth.denied");
    world_get(w, "/v1/settings");
    assert_refused(w, 403, "auth.who");

    Opening o = { .id = first.key_id, .keep_ms = 60000 };
    assert_int_equal(world_unit(w, run_rotate_key, &o), OK);
    Str second = arena_str(&w->arena, o.key.key);
    int64_t second_id = o.key.key_id;
    world_get(w, "/v1/whoami");
    assert_int_equal(w->status, 200);
    assert_int_equal(world_unit(w, run_rotate_key, &(Opening){ .id = second_id, .keep_ms = 60000 }), E_CONFLICT);
    world_pass(w, 60000);
    world_get(w, "/v1/whoami");
    assert_refused(w, 401, "auth.expired");
    world_as(w, second);
    world_get(w, "/v1/shops");
    assert_int_equal(w->status, 200);
    assert_int_equal(world_unit(w, run_revoke_key, &(Opening){ .id = second_id }), OK);
    world_get(w, "/v1/shops");
    assert_refused(w, 401, "auth.bad_token");
    assert_int_equal(world_unit(w, run_revoke_key, &(Opening){ .id = second_id }), E_NOT_FOUND);
}

static Err run_key_list(Ctx *c, void *arg) { return auth_key_list(c, 0, 100, arg); }

TEST(when_a_key_was_last_used_reaches_the_database_in_the_background) {
    KeyGiven key = pos_key(w, "till 2", "shop.read", false);
    KeyLines lines;
    world_as(w, key.key);
    world_get(w, "/v1/shops");
    assert_int_equal(w->status, 200);
    assert_int_equal(world_unit(w, run_key_list, &lines), OK);
    assert_int_equal(lines.items[lines.count - 1].used_at, 0);
    ticker_once(w->app, &w->arena);
    assert_int_equal(world_unit(w, run_key_list, &lines), OK);
    assert_int_equal(lines.items[lines.count - 1].used_at, w->now);
    assert_true(str_equal(lines.items[lines.count - 1].sign_id, key.sign_id));
    int64_t before = w->now;
    world_pass(w, 30000);
    world_get(w, "/v1/shops");
    ticker_once(w->app, &w->arena); /* not more often than once a minute */
    assert_int_equal(world_unit(w, run_key_list, &lines), OK);
    assert_int_equal(lines.items[lines.count - 1].used_at, before);
}

/* ---- signed requests ---- */

typedef struct Signing {
    KeyGiven key;
    int64_t at_s;
    const char *nonce, *method, *target, *body;
} Signing;

static void send_signed(World *w, const Signing *s) {
    unsigned char hash[HASH_LEN], sum[MAC_LEN];
    char number[30];
    MacKey key;
    Arena *a = &w->arena;
    sha256(s->body, (int64_t)strlen(s->body), hash);
    Str hex = arena_hex(a, (Bytes){ hash, HASH_LEN });
    Str text = arena_print(a, "%lld\n%s\n%s\n%s\n%.*s", (long long)s->at_s, s->nonce, s->method, s->target,
                           (int)hex.len, hex.at);
    mac_key((const unsigned char *)s->key.secret.at, s->key.secret.len, &key);
    mac(&key, text.at, text.len, sum);
    Str signature = arena_hex(a, (Bytes){ sum, MAC_LEN });
    snprintf(number, sizeof number, "%lld", (long long)s->at_s);
    world_as(w, S(""));
    world_header(w, "x-laoke-key", arena_cstr(a, s->key.sign_id));
    world_header(w, "x-laoke-timestamp", number);
    world_header(w, "x-laoke-nonce", s->nonce);
    world_header(w, "x-laoke-signature", arena_print(a, "v1=%.*s", (int)signature.len, signature.at).at);
    world_send(w, s->method, s->target, str_of(s->body));
}

TEST(signed_requests_are_believed_once_and_only_in_time) {
    KeyGiven key = pos_key(w, "till 3", "shop.read", true);
    int64_t now_s = w->now / 1000;
    Signing s = { key, now_s, "nonce-0123456789", "GET", "/v1/shops?merchant=x", "" };
    send_signed(w, &s);
    assert_int_equal(w->status, 200);
    send_signed(w, &s);
    assert_refused(w, 401, "auth.replay");
    s.nonce = "nonce-0123456790";
    s.at_s = now_s - 301;
    send_signed(w, &s);
    assert_refused(w, 401, "auth.skew");
    assert_int_equal(world_int(w, "/skew_seconds"), -301);
    assert_int_equal(world_int(w, "/server_time"), w->now);
    s.at_s = now_s + 301;
    send_signed(w, &s);
    assert_refused(w, 401, "auth.skew");
    s.at_s = now_s + 300;
    send_signed(w, &s);
    assert_int_equal(w->status, 200);
    world_as(w, key.key);
    world_get(w, "/v1/shops");
    assert_refused(w, 401, "auth.must_sign");
    s.nonce = "short";
    send_signed(w, &s);
    assert_refused(w, 401, "auth.signature");
}

TEST(a_wrong_signature_and_an_unknown_key_get_the_same_answer) {
    KeyGiven key = pos_key(w, "till 4", "shop.read", false);
    Signing s = { key, w->now / 1000, "nonce-0123456789", "GET", "/v1/shops", "" };
    s.key.secret = S("another secret another secret 12");
    send_signed(w, &s);
    assert_refused(w, 401, "auth.signature");
    Str wrong = world_str(w, "/detail");
    s.key = key;
    char end = key.sign_id.at[key.sign_id.len - 1] == 'A' ? 'B' : 'A';
    s.key.sign_id = arena_print(&w->arena, "%.*s%c", (int)key.sign_id.len - 1, key.sign_id.at, end);
    send_signed(w, &s);
    assert_refused(w, 401, "auth.signature");
    assert_true(str_equal(wrong, world_str(w, "/detail")));
    s.key = key;
    send_signed(w, &s);
    assert_int_equal(w->status, 200);
}

TEST(the_signature_of_the_handbook_is_what_we_compute) {
    /* The vector of docs/adr/004: secret, timestamp, nonce, POST, path and body as they stand there. */
    MacKey key;
    unsigned char hash[HASH_LEN], sum[MAC_LEN];
    sha256("{\"a\":1}", 7, hash);
    Str hex = arena_hex(&w->arena, (Bytes){ hash, HASH_LEN });
    assert_true(str_is(hex, "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"));
    Str text = arena_print(&w->arena, "1700000000\nnonce-0123456789\nPOST\n/v1/orders?x=1\n%.*s", (int)hex.len, hex.at);
    mac_key((const unsigned char *)"0123456789abcdefghijklmnopqrstuv", 32, &key);
    mac(&key, text.at, text.len, sum);
    Str signature = arena_hex(&w->arena, (Bytes){ sum, MAC_LEN });
    assert_true(str_is(signature, "c74002380d0eb9d946bb3006656d6ee7db2861d875abaf79e795095ffdf483ec"));
}

/* ---- merchants ---- */

TEST(another_merchants_things_do_not_exist) {
    Ctx c = world_ctx(w, 0);
    Merchant other;
    char code[24];
    snprintf(code, sizeof code, "o%llx", (unsigned long long)(w->merchant_id & 0xfffffff));
    assert_int_equal(merchant_create(&c, &(MerchantMake){ .code = str_of(code), .name = S("别家") }, &other), OK);
    Opening o = { .open = { .staff_id = 900, .grants.may_all = true } };
    Ctx theirs = world_ctx(w, other.merchant_id);
    assert_int_equal(app_unit(&theirs, run_open, &o), OK);
    world_as(w, o.given.token);
    world_get(w, "/v1/shops/%lld", (long long)w->shop_id);
    assert_refused(w, 404, "shop.not_found");
    world_get(w, "/v1/whoami");
    assert_int_equal(world_int(w, "/merchant_id"), other.merchant_id);
    world_header(w, "laoke-merchant", "nobody-here");
    world_as(w, S(""));
    world_get(w, "/v1/consent-texts");
    assert_refused(w, 404, "merchant.unknown");
    world_header(w, "laoke-merchant", code);
    world_get(w, "/v1/consent-texts");
    assert_int_equal(w->status, 200);
    assert_int_equal(merchant_create(&c, &(MerchantMake){ .code = str_of(code), .name = S("再来") }, &other),
                     E_CONFLICT);
    problem_clear(&c);
    assert_int_equal(
        merchant_create(&c, &(MerchantMake){ .code = S("x"), .name = S("y"), .zone = S("Mars/Base") }, &other),
        E_INVALID);
}

static Err run_claim(Ctx *c, void *arg) { return login_claim(c, S("wang"), arg); }

TEST(a_login_name_belongs_to_one_merchant) {
    bool is_mine = false;
    assert_int_equal(world_unit(w, run_claim, &is_mine), OK);
    assert_true(is_mine);
    Ctx other = world_ctx(w, 12345);
    assert_int_equal(app_unit(&other, run_claim, &is_mine), OK);
    assert_false(is_mine);
    int64_t merchant_id = 0;
    Ctx c = world_ctx(w, 0);
    assert_int_equal(db_read_begin(w->db, &c), OK);
    assert_int_equal(login_find(&c, S("wang"), &merchant_id), OK);
    db_read_end(w->db, &c);
    assert_int_equal(merchant_id, w->merchant_id);
}
