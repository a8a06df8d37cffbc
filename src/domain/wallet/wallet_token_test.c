/* Signed codes: vectors of RFC 8032, every bit flipped, fresh and stale, once; and the server that takes them. */
#include "domain/wallet/wallet_device.h"
#include "domain/wallet/wallet_test.h"
#include "test/test.h"
#include "test/world_trade.h"
#include <string.h>

static Bytes hex(Arena *a, const char *text) {
    Bytes b = { 0 };
    assert_true(arena_unhex(a, str_of(text), &b));
    return b;
}

/* RFC 8032, 7.1: secret, public, message, signature */
static const struct {
    const char *secret, *public_key, *message, *signature;
} vectors[] = {
    { "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
      "655141438e7a100b" },
    { "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee"
      "b00d291612bb0c00" },
    { "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28d"
      "c027beceea1ec40a" },
};

static Keys keys_of(Arena *a, int vector) {
    Keys keys = { 0 };
    memcpy(keys.sign_secret, hex(a, vectors[vector].secret).at, KEY_LEN);
    memcpy(keys.sign_secret + KEY_LEN, hex(a, vectors[vector].public_key).at, KEY_LEN);
    memcpy(keys.sign_public, keys.sign_secret + KEY_LEN, KEY_LEN);
    return keys;
}

TEST_PURE(signatures_are_those_of_rfc_8032) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    for (int i = 0; i < COUNT_OF(vectors); i++) {
        Keys keys = keys_of(&a, i);
        Bytes message = hex(&a, vectors[i].message), signature = hex(&a, vectors[i].signature);
        unsigned char made[SIGN_LEN];
        sign(&keys, message.at, message.len, made);
        assert_memory_equal(made, signature.at, SIGN_LEN);
        assert_true(sign_matches(keys.sign_public, message.at, message.len, signature.at));
        made[i] ^= 1;
        assert_false(sign_matches(keys.sign_public, message.at, message.len, made));
    }
    arena_free(&a);
}

enum { NOW = 1000000000, MERCHANT = 7 };
static const unsigned char nonce[TOKEN_NONCE_LEN] = "nonce 1";

static Bytes certificate(Arena *a) {
    Keys server = keys_of(a, 0), device = keys_of(a, 1);
    WalletCertificate c = { .merchant_id = MERCHANT, .member_id = 42, .device_id = 5, .expires_at = NOW + DAY_MS };
    memcpy(c.device_public, device.sign_public, KEY_LEN);
    return wallet_certificate_make(a, &server, &c);
}

static TokenFault check(Arena *a, Str text, int64_t now) {
    WalletToken token;
    Keys server = keys_of(a, 0);
    TokenFault fault = wallet_token_check(a, server.sign_public, MERCHANT, text, now, &token);
    if (fault == TOKEN_GOOD) assert_int_equal(token.certificate.member_id, 42);
    return fault;
}

TEST_PURE(a_signed_code_is_good_for_a_minute_and_for_nobody_who_changes_a_bit) {
    Arena a;
    arena_init(&a, ARENA_HARD_MAX);
    Keys device = keys_of(&a, 1), thief = keys_of(&a, 2);
    Str good = wallet_token_make(&a, &device, certificate(&a), NOW, nonce);
    assert_true(good.len <= WALLET_PROOF_MAX);
    assert_int_equal(check(&a, good, NOW), TOKEN_GOOD);
    assert_int_equal(check(&a, good, NOW + TOKEN_FRESH_MS), TOKEN_GOOD);
    assert_int_equal(check(&a, good, NOW + TOKEN_FRESH_MS + 1), TOKEN_STALE);
    assert_int_equal(check(&a, good, NOW - TOKEN_EARLY_MS), TOKEN_GOOD);
    assert_int_equal(check(&a, good, NOW - TOKEN_EARLY_MS - 1), TOKEN_EARLY);
    Str late = wallet_token_make(&a, &device, certificate(&a), NOW + DAY_MS + 1, nonce);
    assert_int_equal(check(&a, late, NOW + DAY_MS + 1), TOKEN_CERTIFICATE_OVER);
    assert_int_equal(check(&a, wallet_token_make(&a, &thief, certificate(&a), NOW, nonce), NOW), TOKEN_FORGED);
    Bytes raw = { 0 };
    assert_true(unbase64url(&a, str_slice(good, 4, good.len), &raw));
    for (int64_t bit = 0; bit < 8 * raw.len; bit++) {
        ArenaMark mark = arena_mark(&a);
        unsigned char *at = NEW_LIST(&a, unsigned char, raw.len);
        memcpy(at, raw.at, (size_t)raw.len);
        at[bit / 8] ^= (unsigned char)(1 << bit % 8);
        Str bad = ARENA_JOIN(&a, S("LQ1."), base64url(&a, (Bytes){ at, raw.len }));
        assert_int_not_equal(check(&a, bad, NOW), TOKEN_GOOD);
        arena_back(&a, mark);
    }
    for (int64_t len = 0; len < good.len; len += 7)
        assert_int_equal(check(&a, str_slice(good, 0, len), NOW), TOKEN_MALFORMED);
    WalletToken token;
    Keys server = keys_of(&a, 0);
    assert_int_equal(wallet_token_check(&a, server.sign_public, MERCHANT + 1, good, NOW, &token), TOKEN_OTHER_MERCHANT);
    arena_free(&a);
}

/* ---- the server ---- */

static Bytes register_device(World *w, Str member_token, int vector) {
    world_as(w, member_token);
    world_post(w, "/v1/me/wallet/devices", "{\"public_key\":\"%s\",\"name\":\"手机\"}", vectors[vector].public_key);
    Bytes made = { 0 };
    if (w->status == 201) made = hex(&w->arena, arena_cstr(&w->arena, world_str(w, "/certificate")));
    world_as(w, w->owner_token);
    return made;
}

static Str show(World *w, int vector, Bytes made, int64_t at, unsigned char n) {
    Keys device = keys_of(&w->arena, vector);
    unsigned char once[TOKEN_NONCE_LEN] = { n };
    return wallet_token_make(&w->arena, &device, made, at, once);
}

static void pay_with(World *w, int64_t member, Str code, const char *no) {
    world_post(w, "/v1/wallet/spends",
               "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"amount_fen\":100,\"spend_no\":\"%s\",\"code\":\"%.*s\"}",
               (long long)w->shop_id, (long long)member, no, (int)code.len, code.at);
}

TEST(a_signed_code_pays_once_while_it_is_fresh_and_the_phone_stands) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), other = wallet_member(w, "13800000002", &(Str){ 0 });
    wallet_recharge(w, member, wallet_package(w, 10000, 0, 1));
    Bytes made = register_device(w, token, 1);
    assert_int_equal(made.len, TOKEN_CERTIFICATE_LEN);
    Str code = show(w, 1, made, w->now, 1);
    world_post(w, "/v1/wallet/tokens", "{\"token\":\"%.*s\"}", (int)code.len, code.at);
    assert_int_equal(world_int(w, "/member_id"), member);
    pay_with(w, other, code, "T0");
    wallet_refused(w, 403, "wallet.token_bad");
    pay_with(w, member, code, "T1");
    assert_int_equal(w->status, 201);
    pay_with(w, member, code, "T2");
    wallet_refused(w, 409, "wallet.code_used");
    pay_with(w, member, code, "T1"); /* the till repeats itself */
    assert_true(world_has(w, "/duplicate"));
    pay_with(w, member, show(w, 1, made, w->now - TOKEN_FRESH_MS - 1, 2), "T3");
    wallet_refused(w, 403, "wallet.token_stale");
    pay_with(w, member, show(w, 2, made, w->now, 3), "T4"); /* another phone's signature */
    wallet_refused(w, 403, "wallet.token_bad");
    int64_t item = world_item(w, 500);
    code = show(w, 1, made, w->now, 4);
    world_order(w,
                "\"member_id\":\"%lld\",\"settle\":true,\"lines\":[{\"item_id\":\"%lld\",\"quantity\":1}],"
                "\"tenders\":[{\"tender\":\"balance\",\"amount_fen\":500,\"code\":\"%.*s\"}]",
                (long long)member, (long long)item, (int)code.len, code.at);
    assert_int_equal(w->status, 201);
    wallet_expect(w, member, 9400, 0);
    world_get(w, "/v1/till-keys");
    assert_int_equal(world_count(w, "/revoked"), 0);
    WalletToken seen;
    Bytes server = hex(&w->arena, arena_cstr(&w->arena, world_str(w, "/public_key")));
    assert_int_equal(
        wallet_token_check(&w->arena, server.at, w->merchant_id, show(w, 1, made, w->now, 5), w->now, &seen),
        TOKEN_GOOD); /* what a till does by itself */
    world_post(w, world_path(w, "/v1/members/%lld/wallet/devices/revoke", (long long)member), "{\"reason\":\"丢了\"}");
    assert_true(w->status < 300);
    pay_with(w, member, show(w, 1, made, w->now, 6), "T5");
    wallet_refused(w, 403, "wallet.device_revoked");
    world_get(w, "/v1/till-keys");
    assert_int_equal(world_count(w, "/revoked"), 1);
    world_holds(w);
}

TEST(a_key_belongs_to_one_phone_of_one_member_and_a_member_has_few) {
    Str token, other;
    wallet_member(w, "13800000001", &token);
    wallet_member(w, "13800000002", &other);
    register_device(w, token, 1);
    assert_int_equal(w->status, 201);
    register_device(w, token, 1); /* again: a fresh certificate */
    assert_int_equal(w->status, 201);
    int64_t device = world_int(w, "/device_id");
    register_device(w, other, 1);
    wallet_refused(w, 409, "wallet.device_taken");
    world_as(w, token);
    world_post(w, "/v1/me/wallet/devices", "{\"public_key\":\"00ff\"}");
    wallet_refused(w, 422, "wallet.device_key");
    for (int i = 0; i < 5; i++)
        world_post(w, "/v1/me/wallet/devices",
                   "{\"public_key\":\"%d0ff000000000000000000000000000000000000000000000000000000000000\"}", i);
    wallet_refused(w, 409, "wallet.devices_full");
    world_get(w, "/v1/me/wallet/devices");
    assert_int_equal(world_count(w, "/items"), 5);
    const char *path = world_path(w, "/v1/me/wallet/devices/%lld/revoke", (long long)device);
    world_post(w, path, "{}");
    assert_true(w->status < 300);
    world_post(w, path, "{}");
    wallet_refused(w, 404, "wallet.device_unknown");
    register_device(w, token, 1);
    wallet_refused(w, 409, "wallet.device_taken");
    world_as(w, w->owner_token);
    world_holds(w);
}
