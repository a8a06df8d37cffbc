#include "domain/wallet/wallet_test.h"
#include "base/fen.h"
#include "event/wallet.h"
#include "port/ports.h"
#include "test/test.h"
#include "test/world_trade.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* ---- what these tests and those of card refunds share ---- */

static Str sms_code(World *w) {
    PortRecords sms = { 0 };
    sms_fake_records(&w->app->ports->sms, &w->arena, &sms);
    const char *at = sms.count > 0 ? sms.items[0].text : "";
    while (*at != '\0' && strspn(at, "0123456789") < 6) at++;
    return arena_str(&w->arena, (Str){ at, 6 });
}

int64_t wallet_member(World *w, const char *phone, Str *ret_token) {
    world_clock(w, w->now + 61 * 1000);
    world_as(w, S(""));
    world_post(w, "/v1/codes", "{\"phone\":\"%s\",\"purpose\":\"login\"}", phone);
    world_post(w, "/v1/join", "{\"phone\":\"%s\",\"code\":\"%s\",\"consents\":[{\"purpose\":\"marketing_sms\"}]}",
               phone, arena_cstr(&w->arena, sms_code(w)));
    assert_int_equal(w->status, 201);
    int64_t member = world_int(w, "/member_id");
    *ret_token = arena_str(&w->arena, world_str(w, "/token"));
    world_as(w, *ret_token);
    world_send(w, "PUT", "/v1/me/wallet/pin", S("{\"pin\":\"274913\"}"));
    assert_int_equal(w->status, 200);
    world_as(w, w->owner_token);
    return member;
}

int64_t wallet_package(World *w, int64_t pay, int64_t gift, int64_t months) {
    world_post(w, "/v1/wallet/packages",
               "{\"name\":\"充送\",\"pay_fen\":%lld,\"gift_fen\":%lld,\"gift_months\":%lld,\"points\":50}",
               (long long)pay, (long long)gift, (long long)months);
    assert_int_equal(w->status, 201);
    return world_int(w, "/package_id");
}

int64_t wallet_recharge(World *w, int64_t member, int64_t package) {
    world_post(w, "/v1/wallet/recharges",
               "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"package_id\":\"%lld\",\"tender\":\"cash\"}",
               (long long)w->shop_id, (long long)member, (long long)package);
    assert_int_equal(w->status, 201);
    return world_int(w, "/recharge_id");
}

void wallet_pay(World *w, int64_t member, int64_t amount, const char *no) {
    world_post(
        w, "/v1/wallet/spends",
        "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"amount_fen\":%lld,\"spend_no\":\"%s\",\"pin\":\"274913\"}",
        (long long)w->shop_id, (long long)member, (long long)amount, no);
}

void wallet_expect(World *w, int64_t member, int64_t principal, int64_t gift) {
    world_get(w, "/v1/members/%lld/wallet", (long long)member);
    assert_int_equal(world_int(w, "/principal_fen"), principal);
    assert_int_equal(world_int(w, "/gift_fen"), gift);
}

void wallet_refused(const World *w, int status, const char *code) {
    if (w->status != status || !str_is(w->code, code))
        fail_msg("expected %d %s: %d %.*s", status, code, w->status, (int)w->body.len, w->body.at);
}

static void restore(World *w, int64_t spend, int64_t amount, const char *no) {
    world_post(w, world_path(w, "/v1/wallet/spends/%lld/returns", (long long)spend),
               "{\"restore_no\":\"%s\",\"amount_fen\":%lld}", no, (long long)amount);
}

/* ---- in, out, back ---- */

TEST(a_recharge_gives_principal_gift_and_points_and_says_why) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), package = wallet_package(w, 10000, 2000, 1);
    wallet_recharge(w, member, package);
    assert_int_equal(world_int(w, "/principal_left_fen"), 10000);
    wallet_expect(w, member, 10000, 2000);
    world_get(w, "/v1/members/%lld/points", (long long)member);
    assert_int_equal(world_int(w, "/balance"), 50);
    world_get(w, "/v1/members/%lld/why?account=principal", (long long)member);
    assert_int_equal(world_int(w, "/lines/0/delta"), 10000);
    assert_true(str_is(world_str(w, "/lines/0/words"), "储值充值"));
    world_get(w, "/v1/members/%lld/why?account=gift", (long long)member);
    assert_int_equal(world_int(w, "/lines/0/delta"), 2000);
    world_get(w, "/v1/members/%lld/wallet/entries?account=gift", (long long)member);
    assert_int_equal(world_count(w, "/items"), 1);
    world_as(w, token);
    world_get(w, "/v1/me/wallet");
    assert_int_equal(world_int(w, "/total_fen"), 12000);
    world_get(w, "/v1/me/wallet/entries");
    assert_int_equal(world_int(w, "/items/0/delta"), 10000);
    world_get(w, "/v1/me/wallet/packages");
    assert_int_equal(world_count(w, "/items"), 1);
    world_holds(w);
}

TEST(the_same_recharge_number_counts_once_and_other_content_is_refused) {
    int64_t member = world_member(w, "13800000001"), id = 0;
    const char *const form = "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"amount_fen\":%d,\"tender\":\"cash\","
                             "\"recharge_no\":\"A1\"}";
    world_post(w, "/v1/wallet/recharges", form, (long long)w->shop_id, (long long)member, 5000);
    assert_int_equal(w->status, 201);
    id = world_int(w, "/recharge_id");
    world_post(w, "/v1/wallet/recharges", form, (long long)w->shop_id, (long long)member, 5000);
    assert_true(world_has(w, "/duplicate"));
    assert_int_equal(world_int(w, "/recharge_id"), id);
    world_post(w, "/v1/wallet/recharges", form, (long long)w->shop_id, (long long)member, 5001);
    wallet_refused(w, 409, "wallet.number_used");
    wallet_expect(w, member, 5000, 0);
    world_get(w, "/v1/wallet/recharges?member_id=%lld", (long long)member);
    assert_int_equal(world_count(w, "/items"), 1);
    world_holds(w);
}

TEST(recharges_that_do_not_fit_are_refused_and_move_nothing) {
    int64_t member = world_member(w, "13800000001"), package = wallet_package(w, 10000, 0, 0);
    const char *const form = "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"tender\":\"%s\"%s}";
    long long shop = (long long)w->shop_id, who = (long long)member;
    world_post(w, "/v1/wallet/recharges", form, shop, who, "cash", "");
    wallet_refused(w, 422, "wallet.amount_missing");
    world_post(w, "/v1/wallet/recharges", form, shop, who, "points", ",\"amount_fen\":100");
    wallet_refused(w, 422, "wallet.tender");
    world_post(w, "/v1/wallet/recharges", form, shop, who, "cash", ",\"package_id\":\"77\"");
    wallet_refused(w, 404, "wallet.package_unknown");
    world_post(w, "/v1/wallet/recharges", form, shop, who, "cash", ",\"amount_fen\":500001");
    wallet_refused(w, 409, "wallet.over_limit");
    world_post(w, "/v1/wallet/recharges", form, shop, who, "cash", ",\"amount_fen\":-1");
    assert_int_equal(w->status, 422);
    world_post(
        w, "/v1/wallet/recharges",
        "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"tender\":\"cash\",\"package_id\":\"%lld\",\"amount_fen\":1}",
        shop, who, (long long)package);
    wallet_refused(w, 422, "wallet.package_price");
    world_post(w, world_path(w, "/v1/wallet/packages/%lld/retire", (long long)package), "{}");
    world_post(w, "/v1/wallet/recharges",
               "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"tender\":\"cash\",\"package_id\":\"%lld\"}", shop, who,
               (long long)package);
    wallet_refused(w, 404, "wallet.package_unknown");
    wallet_expect(w, member, 0, 0);
    world_holds(w);
}

TEST(gift_in_monthly_parts_arrives_on_its_day_once) {
    int64_t member = world_member(w, "13800000001"), package = wallet_package(w, 10000, 1000, 3);
    wallet_recharge(w, member, package);
    wallet_expect(w, member, 10000, 334);
    assert_int_equal(world_int(w, "/gift_pending_fen"), 666);
    world_pass(w, 32 * (int64_t)DAY_MS);
    world_settle(w);
    wallet_expect(w, member, 10000, 667);
    world_pass(w, 32 * (int64_t)DAY_MS);
    world_settle(w);
    wallet_expect(w, member, 10000, 1000);
    world_holds(w);
}

TEST(a_spend_takes_by_the_merchants_order_and_a_return_restores_exactly_its_split) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), package = wallet_package(w, 10000, 5000, 1);
    world_setting(w, "wallet", "{\"spend_order\":\"in_proportion\",\"most_fen\":500000}");
    wallet_recharge(w, member, package);
    wallet_pay(w, member, 1000, "S1");
    assert_int_equal(w->status, 201);
    assert_int_equal(world_int(w, "/principal_fen"), 666);
    assert_int_equal(world_int(w, "/gift_fen"), 334);
    int64_t spend = world_int(w, "/spend_id");
    wallet_pay(w, member, 1000, "S1");
    assert_true(world_has(w, "/duplicate"));
    wallet_pay(w, member, 1001, "S1");
    wallet_refused(w, 409, "wallet.number_used");
    restore(w, spend, 333, "B1");
    assert_int_equal(w->status, 201);
    assert_int_equal(world_int(w, "/principal_fen"), 221);
    restore(w, spend, 333, "B1");
    assert_true(world_has(w, "/duplicate"));
    restore(w, spend, 334, "B1");
    wallet_refused(w, 409, "wallet.number_used");
    restore(w, spend, 668, "B2");
    wallet_refused(w, 409, "wallet.over_spend");
    restore(w, spend, 0, "B3");
    assert_int_equal(w->status, 201);
    wallet_expect(w, member, 10000, 5000);
    restore(w, spend, 0, "B4");
    wallet_refused(w, 409, "wallet.over_spend");
    restore(w, 99, 0, "B5");
    wallet_refused(w, 404, "wallet.spend_unknown");
    world_holds(w);
}

TEST(paying_with_balance_needs_proof_and_a_code_counts_once) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), package = wallet_package(w, 10000, 0, 1);
    const char *const form = "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"amount_fen\":100,\"spend_no\":\"%s\"%s}";
    long long shop = (long long)w->shop_id, who = (long long)member;
    wallet_recharge(w, member, package);
    world_post(w, "/v1/wallet/spends", form, shop, who, "P1", "");
    wallet_refused(w, 422, "wallet.proof_missing");
    world_post(w, "/v1/wallet/spends", form, shop, who, "P1", ",\"pin\":\"111222\"");
    wallet_refused(w, 403, "wallet.proof_wrong");
    world_as(w, token);
    world_get(w, "/v1/me/code");
    char proof[60];
    snprintf(proof, sizeof proof, ",\"code\":\"%s\"", arena_cstr(&w->arena, world_str(w, "/code")));
    world_as(w, w->owner_token);
    world_post(w, "/v1/wallet/spends", form, shop, who, "P2", proof);
    assert_int_equal(w->status, 201);
    world_post(w, "/v1/wallet/spends", form, shop, who, "P3", proof);
    wallet_refused(w, 409, "wallet.code_used");
    world_clock(w, w->now + 61 * 1000);
    world_post(w, "/v1/wallet/spends", form, shop, who, "P3", proof);
    wallet_refused(w, 403, "wallet.proof_wrong");
    world_post(w, "/v1/wallet/spends", form, shop, who, "P2", proof);
    assert_true(world_has(w, "/duplicate"));
    int64_t other = world_member(w, "13800000002");
    world_post(w, "/v1/wallet/spends", form, shop, (long long)other, "P4", ",\"pin\":\"274913\"");
    wallet_refused(w, 409, "wallet.pin_none");
    wallet_expect(w, member, 9900, 0);
    world_holds(w);
}

TEST(guessing_a_pin_is_locked_out_and_counts_even_when_refused) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), locked = 0;
    wallet_recharge(w, member, wallet_package(w, 10000, 0, 1));
    for (int i = 0; i < 8; i++) {
        world_post(
            w, "/v1/wallet/spends",
            "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"amount_fen\":1,\"spend_no\":\"G\",\"pin\":\"11122%d\"}",
            (long long)w->shop_id, (long long)member, i);
        if (w->status == 429) locked++;
    }
    assert_true(locked > 0);
    wallet_pay(w, member, 1, "G");
    wallet_refused(w, 429, "lockout.wait");
    world_clock(w, w->now + 20 * MINUTE_MS);
    wallet_pay(w, member, 1, "G");
    assert_int_equal(w->status, 201);
    world_holds(w);
}

TEST(a_pin_is_six_digits_and_changes_only_with_the_old_one_or_after_a_reset) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token);
    world_as(w, token);
    static const char *const weak[] = { "123456", "654321", "777777", "12345", "12a456" };
    for (size_t i = 0; i < sizeof weak / sizeof *weak; i++) {
        world_send(w, "PUT", "/v1/me/wallet/pin",
                   arena_print(&w->arena, "{\"pin\":\"%s\",\"old_pin\":\"274913\"}", weak[i]));
        wallet_refused(w, 422, "wallet.pin_weak");
    }
    world_send(w, "PUT", "/v1/me/wallet/pin", S("{\"pin\":\"550912\",\"old_pin\":\"999111\"}"));
    wallet_refused(w, 403, "wallet.proof_wrong");
    world_as(w, w->owner_token);
    world_post(w, world_path(w, "/v1/members/%lld/wallet/pin-reset", (long long)member), "{\"reason\":\"忘了\"}");
    assert_false(world_int(w, "/has_pin"));
    world_as(w, token);
    world_send(w, "PUT", "/v1/me/wallet/pin", S("{\"pin\":\"550912\"}"));
    assert_int_equal(w->status, 200);
    world_holds(w);
}

TEST(a_frozen_wallet_neither_pays_nor_recharges_nor_refunds_until_it_is_open_again) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token);
    wallet_recharge(w, member, wallet_package(w, 10000, 0, 1));
    const char *freeze = world_path(w, "/v1/members/%lld/wallet/freeze", (long long)member);
    world_post(w, freeze, "{\"frozen\":true}");
    assert_int_equal(w->status, 422);
    world_post(w, freeze, "{\"frozen\":true,\"reason\":\"挂失\"}");
    assert_int_equal(w->status, 200);
    wallet_pay(w, member, 100, "F1");
    wallet_refused(w, 409, "wallet.frozen");
    world_post(w, "/v1/wallet/recharges",
               "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"amount_fen\":1,\"tender\":\"cash\"}",
               (long long)w->shop_id, (long long)member);
    wallet_refused(w, 409, "wallet.frozen");
    world_post(w, "/v1/wallet/refund-requests", "{\"member_id\":\"%lld\",\"reason\":\"x\"}", (long long)member);
    wallet_refused(w, 409, "wallet.frozen");
    freeze = world_path(w, "/v1/members/%lld/wallet/freeze", (long long)member);
    world_post(w, freeze, "{\"frozen\":false,\"reason\":\"找到了\"}");
    wallet_pay(w, member, 100, "F1");
    assert_int_equal(w->status, 201);
    wallet_pay(w, member, 9901, "F2");
    wallet_refused(w, 409, "wallet.short");
    world_holds(w);
}

static int64_t sms_with(World *w, const char *part) {
    PortRecords sms = { 0 };
    int64_t hits = 0;
    sms_fake_records(&w->app->ports->sms, &w->arena, &sms);
    for (int64_t i = 0; i < sms.count; i++) hits += strstr(sms.items[i].text, part) != NULL;
    return hits;
}

TEST(members_hear_of_recharges_spends_and_a_low_balance_without_any_marketing_consent) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), silent = world_member(w, "13800000002");
    int64_t package = wallet_package(w, 5000, 0, 1);
    wallet_recharge(w, member, package);
    wallet_recharge(w, silent, package);
    wallet_pay(w, member, 4000, "N1");
    world_settle(w);
    assert_int_equal(sms_with(w, "增加 50.00 元，余额 50.00 元"), 2); /* also who never agreed to marketing */
    assert_int_equal(sms_with(w, "减少 40.00 元，余额 10.00 元"), 1);
    assert_int_equal(sms_with(w, "不多了"), 1);
    sms_fake_fail(&w->app->ports->sms, PORT_RETRY, 1);
    wallet_pay(w, member, 100, "N2");
    for (int i = 0; i < 3; i++) world_pass(w, 20000);
    assert_int_equal(sms_with(w, "减少 1.00 元"), 1);
    world_setting(w, "wallet", "{\"no_sms\":true,\"low_fen\":5000}");
    wallet_pay(w, member, 200, "N3");
    world_settle(w);
    assert_int_equal(sms_with(w, "减少 2.00 元"), 0);
    world_holds(w);
}

TEST(two_shops_see_what_they_owe_and_what_was_recharged_here_and_spent_there) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token);
    world_post(w, "/v1/shops", "{\"code\":\"S77\",\"name\":\"二店\"}");
    int64_t other = world_int(w, "/shop_id");
    wallet_recharge(w, member, wallet_package(w, 10000, 1000, 1));
    world_post(
        w, "/v1/wallet/spends",
        "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"amount_fen\":3000,\"spend_no\":\"X\",\"pin\":\"274913\"}",
        (long long)other, (long long)member);
    assert_int_equal(w->status, 201);
    world_get(w, "/v1/wallet/settlement");
    assert_int_equal(world_int(w, "/items/0/from_shop_id"), w->shop_id);
    assert_int_equal(world_int(w, "/items/0/to_shop_id"), other);
    assert_int_equal(world_int(w, "/items/0/principal_fen"), 3000);
    world_get(w, "/v1/wallet/liability");
    assert_int_equal(world_int(w, "/items/0/principal_fen"), 7000);
    assert_int_equal(world_int(w, "/items/0/gift_fen"), 1000);
    world_holds(w);
}

/* ---- parallel ---- */

enum { PAYERS = 4, PAYS_EACH = 25 };
typedef struct Payer {
    World *w;
    int64_t member, number, won, refused;
} Payer;
typedef struct Pay {
    int64_t shop, member;
    Str no;
} Pay;

static Err pay_once(Ctx *c, void *arg) {
    const Pay *p = arg;
    WalletSpend spend;
    WalletMember member;
    TRY(wallet_member_read(c, p->member, &member));
    WalletProven proven = { .member_id = p->member, .pin_hash = member.pin_hash };
    return wallet_spend(c, &(WalletSpendNew){ p->shop, p->member, 100, S("till"), p->no }, &proven, &spend);
}

static void *pay_many(void *arg) {
    Payer *p = arg;
    Arena arena;
    arena_init(&arena, ARENA_HARD_MAX);
    for (int i = 0; i < PAYS_EACH; i++) {
        Ctx c;
        app_ctx(p->w->app, &arena, p->w->merchant_id, (Actor){ ACTOR_CLI, 0 }, &c);
        char no[40];
        snprintf(no, sizeof no, "%lld-%d", (long long)p->number, i);
        Pay pay = { p->w->shop_id, p->member, str_of(no) };
        Err err = app_unit(&c, pay_once, &pay);
        if (err == OK) p->won++;
        if (err == E_CONFLICT && str_is(str_of(c.problem.code), "wallet.short")) p->refused++;
        arena_reset(&arena);
    }
    arena_free(&arena);
    return NULL;
}

TEST(a_hundred_parallel_spends_of_a_hundred_from_a_hundred_pay_exactly_once) {
    int64_t member = world_member(w, "13800000001"), won = 0, refused = 0;
    world_post(w, "/v1/wallet/recharges",
               "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"amount_fen\":100,\"tender\":\"cash\"}",
               (long long)w->shop_id, (long long)member);
    Payer payers[PAYERS];
    pthread_t threads[PAYERS];
    for (int i = 0; i < PAYERS; i++) {
        payers[i] = (Payer){ .w = w, .member = member, .number = i };
        assert_int_equal(pthread_create(&threads[i], NULL, pay_many, &payers[i]), 0);
    }
    for (int i = 0; i < PAYERS; i++) {
        pthread_join(threads[i], NULL);
        won += payers[i].won;
        refused += payers[i].refused;
    }
    assert_int_equal(won, 1);
    assert_int_equal(refused, PAYERS * PAYS_EACH - 1);
    wallet_expect(w, member, 0, 0);
    world_holds(w);
}

/* ---- pure ---- */

/* As when a merge comes between the proof and the unit that pays. */
static Err pay_with_a_proof_of_another(Ctx *c, void *arg) {
    const int64_t *members = arg;
    const WalletProven *proven = NULL;
    WalletParts parts;
    TRY(wallet_prove(c, members[0], &(WalletProof){ .pin = S("274913") }, &proven));
    return wallet_spend_tender(
        c, &(WalletTender){ .shop_id = 1, .member_id = members[1], .order_id = 1, .number = 1, .amount_fen = 100 },
        proven, &parts);
}

TEST(a_proof_of_one_member_does_not_pay_for_another) {
    Str token;
    int64_t members[] = { wallet_member(w, "13800000071", &token), wallet_member(w, "13800000072", &token) };
    int64_t package = wallet_package(w, 10000, 0, 0);
    wallet_recharge(w, members[1], package);
    assert_int_equal(world_unit(w, pay_with_a_proof_of_another, members), E_CONFLICT);
    wallet_expect(w, members[1], 10000, 0);
    world_holds(w);
}

TEST_PURE(any_sequence_of_partial_returns_restores_exactly_the_split) {
    Rng rng = rng_seeded(20260302);
    for (int i = 0; i < 100000; i++) {
        WalletParts have = { rng_below(&rng, 100000), rng_below(&rng, i % 3 == 0 ? 7 : 100000) };
        int64_t all = have.principal_fen + have.gift_fen;
        if (all == 0) continue;
        int64_t amount = 1 + rng_below(&rng, all);
        WalletParts split = wallet_split((WalletOrder)rng_below(&rng, 3), have, amount), left = split;
        assert_int_equal(split.principal_fen + split.gift_fen, amount);
        assert_true(split.principal_fen >= 0 && split.principal_fen <= have.principal_fen);
        assert_true(split.gift_fen >= 0 && split.gift_fen <= have.gift_fen);
        while (left.principal_fen + left.gift_fen > 0) {
            int64_t part = 1 + rng_below(&rng, left.principal_fen + left.gift_fen);
            WalletParts back = wallet_share(left, part);
            assert_int_equal(back.principal_fen + back.gift_fen, part);
            assert_true(back.principal_fen >= 0 && back.principal_fen <= left.principal_fen);
            assert_true(back.gift_fen >= 0 && back.gift_fen <= left.gift_fen);
            left.principal_fen -= back.principal_fen;
            left.gift_fen -= back.gift_fen;
        }
        assert_int_equal(left.principal_fen, 0);
    }
}
