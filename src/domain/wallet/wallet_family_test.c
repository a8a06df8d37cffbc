/* Family wallets, corrections, transfers, gift that expires. */
#include "domain/wallet/wallet_test.h"
#include "test/test.h"
#include "test/world_trade.h"
#include <pthread.h>
#include <stdio.h>

typedef struct Family {
    int64_t owner, child;
    Str owner_token, child_token;
} Family;

static void invite(World *w, const Family *f, const char *limits) {
    world_as(w, w->owner_token);
    world_get(w, "/v1/members/%lld", (long long)f->child);
    const char *no = arena_cstr(&w->arena, world_str(w, "/member_no"));
    world_as(w, f->owner_token);
    world_post(w, "/v1/me/wallet/family", "{\"member_no\":\"%s\"%s}", no, limits);
}

static void answer(World *w, Str token, const char *yes) {
    world_as(w, token);
    world_post(w, "/v1/me/wallet/family/answer", "{\"accept\":%s}", yes);
}

/* The owner has 100 and 20; the child may pay 50 at once, 80 a day. */
static Family family(World *w) {
    Family f = { 0 };
    f.owner = wallet_member(w, "13800000001", &f.owner_token);
    f.child = wallet_member(w, "13800000002", &f.child_token);
    wallet_recharge(w, f.owner, wallet_package(w, 10000, 2000, 1));
    invite(w, &f, ",\"payment_most_fen\":5000,\"day_most_fen\":8000,\"month_most_fen\":9000");
    assert_int_equal(w->status, 201);
    answer(w, f.child_token, "true");
    assert_int_equal(w->status, 200);
    world_as(w, w->owner_token);
    return f;
}

TEST(a_family_member_pays_from_the_owners_account_and_a_return_goes_back_there) {
    Family f = family(w);
    wallet_pay(w, f.child, 4000, "F1");
    assert_int_equal(w->status, 201);
    assert_int_equal(world_int(w, "/member_id"), f.owner);
    assert_int_equal(world_int(w, "/spender_id"), f.child);
    int64_t spend = world_int(w, "/spend_id");
    wallet_expect(w, f.owner, 6000, 2000);
    world_get(w, "/v1/members/%lld/why?account=principal", (long long)f.owner);
    assert_int_equal(world_int(w, "/lines/1/detail/spender_id"), f.child);
    wallet_pay(w, f.child, 4000, "F1");
    assert_true(world_has(w, "/duplicate"));
    wallet_pay(w, f.owner, 4000, "F1"); /* another person's number */
    wallet_refused(w, 409, "wallet.number_used");
    world_as(w, f.owner_token);
    world_get(w, "/v1/me/wallet/spends");
    assert_int_equal(world_int(w, "/items/0/spender_id"), f.child);
    world_get(w, "/v1/me/wallet/family");
    assert_int_equal(world_int(w, "/items/0/day_used_fen"), 4000);
    world_as(w, f.child_token);
    world_get(w, "/v1/me/wallet");
    assert_int_equal(world_int(w, "/family_owner_id"), f.owner);
    world_get(w, "/v1/me/wallet/spends");
    assert_int_equal(world_count(w, "/items"), 1);
    world_as(w, w->owner_token);
    world_post(w, world_path(w, "/v1/wallet/spends/%lld/returns", (long long)spend),
               "{\"restore_no\":\"B\",\"amount_fen\":1500}");
    assert_int_equal(w->status, 201);
    wallet_expect(w, f.owner, 7500, 2000);
    wallet_expect(w, f.child, 0, 0);
    world_get(w, "/v1/members/%lld/wallet/family", (long long)f.child);
    assert_int_equal(world_int(w, "/items/0/day_used_fen"), 2500);
    world_get(w, "/v1/wallet/spends?member_id=%lld&shop_id=%lld", (long long)f.child, (long long)w->shop_id);
    assert_int_equal(world_count(w, "/items"), 1);
    world_settle(w);
    world_holds(w);
}

TEST(each_limit_of_a_family_member_holds_and_a_new_day_opens_the_daily_one) {
    Family f = family(w);
    wallet_pay(w, f.child, 5001, "L1");
    wallet_refused(w, 409, "wallet.family_limit");
    assert_int_equal(world_int(w, "/numbers/left_fen"), 5000);
    wallet_pay(w, f.child, 5000, "L2");
    wallet_pay(w, f.child, 3001, "L3");
    wallet_refused(w, 409, "wallet.family_limit");
    assert_int_equal(world_int(w, "/numbers/left_fen"), 3000);
    wallet_pay(w, f.child, 3000, "L4");
    assert_int_equal(w->status, 201);
    world_clock(w, w->now + (int64_t)DAY_MS);
    wallet_pay(w, f.child, 1001, "L5");
    wallet_refused(w, 409, "wallet.family_limit"); /* 90 a month */
    wallet_pay(w, f.child, 1000, "L6");
    assert_int_equal(w->status, 201);
    world_holds(w);
    world_as(w, f.owner_token);
    world_send(w, "PUT", world_path(w, "/v1/me/wallet/family/%lld", (long long)f.child), S("{\"payment_most_fen\":0}"));
    assert_int_equal(w->status, 200);
    world_as(w, w->owner_token);
    wallet_pay(w, f.child, 3001, "L7"); /* no limit, but only 3 000 are left */
    wallet_refused(w, 409, "wallet.short");
    wallet_expect(w, f.owner, 1000, 2000);
    world_holds(w);
}

TEST(an_order_of_a_family_member_takes_the_owners_balance_and_earns_for_who_bought) {
    Family f = family(w);
    int64_t item = world_item(w, 5000);
    world_order(w,
                "\"member_id\":\"%lld\",\"settle\":true,\"lines\":[{\"item_id\":\"%lld\",\"quantity\":1}],"
                "\"tenders\":[{\"tender\":\"balance\",\"amount_fen\":5000,\"pin\":\"274913\"}]",
                (long long)f.child, (long long)item);
    assert_int_equal(w->status, 201);
    int64_t order = world_int(w, "/order_id");
    assert_int_equal(world_int(w, "/points_earned"), 50);
    wallet_expect(w, f.owner, 5000, 2000);
    world_get(w, "/v1/members/%lld/points", (long long)f.child);
    assert_int_equal(world_int(w, "/balance"), 50);
    world_post(w, world_path(w, "/v1/orders/%lld/refunds", (long long)order), "{}");
    assert_int_equal(w->status, 201);
    wallet_expect(w, f.owner, 10000, 2000);
    world_settle(w);
    world_holds(w);
}

TEST(who_leaves_who_is_removed_and_who_chooses_so_pays_from_his_own) {
    Family f = family(w);
    wallet_recharge(w, f.child, wallet_package(w, 3000, 0, 1));
    world_as(w, f.child_token);
    world_post(w, "/v1/me/wallet/family/choice", "{\"pays_own\":true}");
    assert_int_equal(w->status, 200);
    world_as(w, w->owner_token);
    wallet_pay(w, f.child, 1000, "C1");
    wallet_expect(w, f.child, 2000, 0);
    wallet_expect(w, f.owner, 10000, 2000);
    world_as(w, f.child_token);
    world_post(w, "/v1/me/wallet/family/choice", "{\"pays_own\":false}");
    world_post(w, "/v1/me/wallet/family/leave", "{}");
    assert_int_equal(w->status, 200);
    world_post(w, "/v1/me/wallet/family/leave", "{}");
    wallet_refused(w, 404, "wallet.family_none");
    world_as(w, w->owner_token);
    wallet_pay(w, f.child, 1000, "C2");
    wallet_expect(w, f.child, 1000, 0);
    invite(w, &f, "");
    answer(w, f.child_token, "true");
    world_as(w, f.owner_token);
    world_post(w, world_path(w, "/v1/me/wallet/family/%lld/remove", (long long)f.child), "{}");
    assert_int_equal(w->status, 200);
    invite(w, &f, "");
    answer(w, f.child_token, "true");
    world_as(w, w->owner_token);
    world_post(w, world_path(w, "/v1/members/%lld/wallet/family/remove", (long long)f.child), "{\"reason\":\"吵架\"}");
    assert_int_equal(w->status, 200);
    wallet_pay(w, f.child, 1000, "C3");
    wallet_expect(w, f.child, 0, 0);
    world_holds(w);
}

TEST(families_are_joined_by_invitation_one_at_a_time_and_not_stacked) {
    Family f = family(w), g = { 0 };
    invite(w, &f, "");
    wallet_refused(w, 409, "wallet.family_taken");
    g.owner = wallet_member(w, "13800000003", &g.owner_token);
    g.child = f.owner;
    g.child_token = f.owner_token;
    invite(w, &g, ""); /* an owner himself */
    wallet_refused(w, 409, "wallet.family_taken");
    g.child = g.owner;
    invite(w, &g, "");
    wallet_refused(w, 422, "wallet.family_self");
    Family h = { .owner = f.child, .child = g.owner, .owner_token = f.child_token };
    invite(w, &h, "");
    wallet_refused(w, 409, "wallet.family_nested");
    answer(w, g.owner_token, "true");
    wallet_refused(w, 404, "wallet.family_none");
    h = (Family){ .owner = f.owner, .child = g.owner, .owner_token = f.owner_token };
    invite(w, &h, "");
    answer(w, g.owner_token, "false");
    assert_true(str_is(world_str(w, "/status"), "ended"));
    world_as(w, w->owner_token);
    world_setting(w, "wallet", "{\"family_most\":1}");
    invite(w, &h, "");
    wallet_refused(w, 409, "wallet.family_full");
    world_as(w, w->owner_token);
    world_setting(w, "wallet", "{\"family_most\":0}");
    invite(w, &h, "");
    wallet_refused(w, 409, "wallet.family_off");
    world_as(w, w->owner_token);
    world_holds(w);
}

/* ---- all of a family at once ---- */

enum { RACERS = 4, EACH = 10 };
typedef struct Racer {
    World *w;
    int64_t child, number, paid;
} Racer;
typedef struct Pay {
    const Racer *racer;
    Str no;
} Pay;

static Err pay_unit(Ctx *c, void *arg) {
    const Pay *p = arg;
    WalletMember member;
    WalletSpend spend;
    TRY(wallet_member_read(c, p->racer->child, &member));
    WalletProven proven = { .member_id = p->racer->child, .pin_hash = member.pin_hash };
    return wallet_spend(c, &(WalletSpendNew){ p->racer->w->shop_id, p->racer->child, 300, S("till"), p->no }, &proven,
                        &spend);
}

static void *race(void *arg) {
    Racer *r = arg;
    Arena arena;
    arena_init(&arena, ARENA_HARD_MAX);
    for (int i = 0; i < EACH; i++) {
        Ctx c;
        char no[40];
        snprintf(no, sizeof no, "%lld-%d", (long long)r->number, i);
        Pay pay = { r, str_of(no) };
        app_ctx(r->w->app, &arena, r->w->merchant_id, (Actor){ ACTOR_STAFF, 9 }, &c);
        r->paid += app_unit(&c, pay_unit, &pay) == OK;
        arena_reset(&arena);
    }
    arena_free(&arena);
    return NULL;
}

TEST(parallel_payments_of_a_family_member_never_pass_a_limit) {
    Family f = family(w);
    Racer racers[RACERS];
    pthread_t threads[RACERS];
    int64_t paid = 0;
    for (int i = 0; i < RACERS; i++) {
        racers[i] = (Racer){ .w = w, .child = f.child, .number = i };
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < RACERS; i++) {
        pthread_join(threads[i], NULL);
        paid += racers[i].paid;
    }
    assert_int_equal(paid, 26); /* 80.00 a day, 3.00 each */
    wallet_expect(w, f.owner, 10000 - 26 * 300, 2000);
    world_holds(w);
}

/* ---- moves ---- */

TEST(a_balance_is_corrected_by_hand_with_a_reason_and_above_the_limit_by_two) {
    int64_t member = world_member(w, "13800000001");
    world_setting(w, "wallet", "{\"approval_fen\":1000}");
    const char *path = world_path(w, "/v1/members/%lld/wallet/adjustments", (long long)member);
    world_post(w, path, "{\"reason\":\"x\"}");
    wallet_refused(w, 422, "wallet.adjust_nothing");
    world_post(w, path, "{\"principal_fen\":-1,\"reason\":\"x\"}");
    wallet_refused(w, 409, "wallet.short");
    world_post(w, path, "{\"principal_fen\":600,\"gift_fen\":400,\"reason\":\"漏记\"}");
    assert_int_equal(w->status, 201);
    world_post(w, path, "{\"gift_fen\":1001,\"reason\":\"x\"}");
    wallet_refused(w, 409, "wallet.needs_approval");
    world_as(w, world_staff(w, "manager"));
    world_post(w, path, "{\"gift_fen\":1001,\"reason\":\"补偿\",\"ask\":true}");
    assert_int_equal(w->status, 201);
    int64_t approval = world_int(w, "/approval_id");
    world_as(w, world_staff(w, "manager"));
    wallet_expect(w, member, 600, 400);
    world_post(w, world_path(w, "/v1/approvals/%lld/decide", (long long)approval), "{\"approve\":true}");
    assert_int_equal(w->status, 200);
    wallet_expect(w, member, 600, 1401);
    world_as(w, w->owner_token);
    world_get(w, "/v1/members/%lld/why?account=gift", (long long)member);
    assert_true(str_is(world_str(w, "/lines/0/words"), "人工调整"));
    world_settle(w);
    world_holds(w);
}

typedef struct Give {
    World *w;
    int64_t member, taken;
    bool is_new;
} Give;
static Err take_unit(Ctx *c, void *arg) {
    Give *g = arg;
    WalletGift take = { .member_id = g->member, .gift_fen = 900, .source = "campaign.back", .source_id = 8 };
    return wallet_take(c, &take, "campaign", 7, &g->taken);
}
static Err give_unit(Ctx *c, void *arg) {
    Give *g = arg;
    return wallet_give(c,
                       &(WalletGift){ .member_id = g->member,
                                      .gift_fen = 500,
                                      .source = "campaign",
                                      .source_id = 7,
                                      .expires_at = g->w->now + (int64_t)DAY_MS },
                       &g->is_new);
}

TEST(gift_given_once_per_source_is_spent_earliest_day_first_and_expires_on_its_day) {
    Str token;
    Give g = { .w = w, .member = wallet_member(w, "13800000001", &token) };
    wallet_recharge(w, g.member, wallet_package(w, 10000, 2000, 1));
    assert_int_equal(world_unit(w, give_unit, &g), OK);
    assert_true(g.is_new);
    assert_int_equal(world_unit(w, give_unit, &g), OK);
    assert_true(!g.is_new);
    world_setting(w, "wallet", "{\"spend_order\":\"gift_first\",\"gift_grace_days\":2}");
    wallet_expect(w, g.member, 10000, 2500);
    wallet_pay(w, g.member, 200, "G1");
    int64_t spend = world_int(w, "/spend_id");
    world_clock(w, w->now + 2 * (int64_t)DAY_MS);
    wallet_expect(w, g.member, 10000, 2000); /* 300 are gone, before any job came by */
    wallet_pay(w, g.member, 12001, "G2");
    wallet_refused(w, 409, "wallet.short");
    wallet_pay(w, g.member, 100, "G3");
    assert_int_equal(world_int(w, "/gift_left_fen"), 1900);
    world_post(w, world_path(w, "/v1/wallet/spends/%lld/returns", (long long)spend), "{\"restore_no\":\"B\"}");
    assert_int_equal(w->status, 201);
    wallet_expect(w, g.member, 10000, 2100); /* what comes back late lives two days */
    world_pass(w, 3 * (int64_t)DAY_MS);
    world_settle(w);
    wallet_expect(w, g.member, 10000, 1900);
    world_get(w, "/v1/wallet/liability");
    int64_t gift = 0;
    for (int64_t i = 0; i < world_count(w, "/items"); i++)
        gift += world_int(w, world_path(w, "/items/%lld/gift_fen", (long long)i));
    assert_int_equal(gift, 1900);
    world_holds(w);
}

TEST(gift_that_is_taken_back_is_taken_once_and_never_below_zero) {
    Give g = { .w = w, .member = world_member(w, "13800000001") };
    assert_int_equal(world_unit(w, give_unit, &g), OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(world_unit(w, take_unit, &g), OK);
        assert_int_equal(g.taken, i == 0 ? 500 : 0);
    }
    wallet_expect(w, g.member, 0, 0);
    world_holds(w);
}

TEST(package_gift_lives_its_days_and_a_transfer_keeps_them) {
    Str token;
    int64_t from = wallet_member(w, "13800000001", &token), to = world_member(w, "13800000002");
    world_post(w, "/v1/wallet/packages", "{\"name\":\"x\",\"pay_fen\":10000,\"gift_fen\":900,\"gift_days\":30}");
    assert_int_equal(w->status, 201);
    wallet_recharge(w, from, world_int(w, "/package_id"));
    wallet_recharge(w, from, wallet_package(w, 1000, 100, 1));
    world_get(w, "/v1/members/%lld/wallet", (long long)from);
    assert_int_equal(world_int(w, "/gift_expiring_fen"), 0);
    world_post(w, "/v1/wallet/transfers", "{\"from_member_id\":\"%lld\",\"to_member_id\":\"%lld\",\"reason\":\"x\"}",
               (long long)from, (long long)to);
    wallet_refused(w, 422, "wallet.adjust_nothing");
    world_post(w, "/v1/wallet/transfers",
               "{\"from_member_id\":\"%lld\",\"to_member_id\":\"%lld\",\"gift_fen\":1,\"reason\":\"x\"}",
               (long long)from, (long long)from);
    wallet_refused(w, 422, "wallet.transfer_self");
    world_post(w, "/v1/wallet/transfers",
               "{\"from_member_id\":\"%lld\",\"to_member_id\":\"%lld\",\"principal_fen\":12000,\"reason\":\"x\"}",
               (long long)from, (long long)to);
    wallet_refused(w, 409, "wallet.short");
    world_post(w, "/v1/wallet/transfers",
               "{\"from_member_id\":\"%lld\",\"to_member_id\":\"%lld\",\"principal_fen\":2000,\"gift_fen\":950,"
               "\"reason\":\"换卡\"}",
               (long long)from, (long long)to);
    assert_int_equal(w->status, 201);
    wallet_expect(w, from, 9000, 50);
    wallet_expect(w, to, 2000, 950);
    world_setting(w, "wallet", "{\"approval_fen\":100}");
    const char *const back = "{\"from_member_id\":\"%lld\",\"to_member_id\":\"%lld\",\"principal_fen\":101,"
                             "\"reason\":\"x\",\"ask\":%s}";
    world_post(w, "/v1/wallet/transfers", back, (long long)to, (long long)from, "false");
    wallet_refused(w, 409, "wallet.needs_approval");
    world_as(w, world_staff(w, "manager"));
    world_post(w, "/v1/wallet/transfers", back, (long long)to, (long long)from, "true");
    assert_int_equal(w->status, 201);
    int64_t approval = world_int(w, "/approval_id");
    world_as(w, world_staff(w, "manager"));
    world_post(w, world_path(w, "/v1/approvals/%lld/decide", (long long)approval), "{\"approve\":true}");
    assert_int_equal(w->status, 200);
    world_as(w, w->owner_token);
    wallet_expect(w, to, 1899, 950);
    wallet_expect(w, from, 9101, 50);
    world_pass(w, 32 * (int64_t)DAY_MS);
    world_settle(w);
    wallet_expect(w, to, 1899, 50);
    wallet_expect(w, from, 9101, 50);
    world_holds(w);
}
