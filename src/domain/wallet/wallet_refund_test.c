/* Card refunds: the calculator, the two persons, the money, and what happens while a request waits. */
#include "domain/wallet/wallet_test.h"
#include "port/ports.h"
#include "test/test.h"
#include "test/world_trade.h"
#include <pthread.h>
#include <stdio.h>

static int64_t ask(World *w, int64_t member) {
    world_as(w, world_staff(w, "cashier"));
    world_post(w, "/v1/wallet/refund-requests", "{\"member_id\":\"%lld\",\"reason\":\"搬家\"}", (long long)member);
    world_as(w, w->owner_token);
    return w->status == 201 ? world_int(w, "/request_id") : 0;
}

static void decide(World *w, int64_t request, const char *how) {
    world_as(w, world_staff(w, "manager"));
    world_post(w, world_path(w, "/v1/wallet/refund-requests/%lld/%s", (long long)request, how),
               "{\"reason\":\"同意\"}");
    world_as(w, w->owner_token);
}

TEST(a_card_refund_pays_the_principal_back_after_another_person_approved_it) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), package = wallet_package(w, 10000, 2000, 2);
    wallet_recharge(w, member, package);
    wallet_pay(w, member, 4000, "A");
    world_get(w, "/v1/members/%lld/wallet/refund-quote", (long long)member);
    assert_int_equal(world_int(w, "/amount_fen"), 6000);
    assert_true(world_count(w, "/steps") >= 3);
    int64_t request = ask(w, member);
    world_post(w, "/v1/wallet/refund-requests", "{\"member_id\":\"%lld\",\"reason\":\"x\"}", (long long)member);
    wallet_refused(w, 409, "approval.waiting");
    wallet_expect(w, member, 6000, 1000);
    decide(w, request, "approve");
    assert_int_equal(w->status, 200);
    assert_int_equal(world_int(w, "/amount_fen"), 6000);
    assert_true(str_is(world_str(w, "/payouts/0/status"), "done"));
    wallet_expect(w, member, 0, 0);
    assert_int_equal(world_int(w, "/gift_pending_fen"), 0);
    decide(w, request, "approve");
    wallet_refused(w, 409, "approval.decided");
    decide(w, 12345, "approve");
    wallet_refused(w, 404, "wallet.request_unknown");
    assert_int_equal(ask(w, member), 0);
    wallet_refused(w, 409, "wallet.nothing_left");
    world_get(w, "/v1/members/%lld/points", (long long)member);
    assert_int_equal(world_int(w, "/balance"), 20); /* six tenths of the 50 went back with the money */
    world_get(w, "/v1/wallet/liability");
    assert_int_equal(world_int(w, "/items/0/principal_fen"), 0);
    assert_int_equal(world_int(w, "/items/0/gift_fen"), 0);
    assert_int_equal(world_int(w, "/items/0/refund_fen"), 6000);
    world_settle(w);
    world_holds(w);
}

TEST(nobody_approves_his_own_request_and_a_rejected_one_moves_nothing) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token);
    wallet_recharge(w, member, wallet_package(w, 10000, 0, 1));
    Str manager = world_staff(w, "manager");
    world_as(w, manager);
    world_post(w, "/v1/wallet/refund-requests", "{\"member_id\":\"%lld\",\"reason\":\"x\"}", (long long)member);
    int64_t request = world_int(w, "/request_id");
    world_post(w, world_path(w, "/v1/wallet/refund-requests/%lld/approve", (long long)request), "{}");
    wallet_refused(w, 403, "approval.own");
    world_as(w, world_staff(w, "cashier"));
    world_post(w, world_path(w, "/v1/wallet/refund-requests/%lld/approve", (long long)request), "{}");
    wallet_refused(w, 403, "auth.denied");
    decide(w, request, "reject");
    assert_true(str_is(world_str(w, "/status"), "rejected"));
    wallet_expect(w, member, 10000, 0);
    world_as(w, token);
    world_post(w, "/v1/me/wallet/refund-requests", "{}");
    assert_int_equal(w->status, 201);
    request = world_int(w, "/request_id");
    decide(w, request, "approve");
    assert_int_equal(w->status, 200);
    wallet_expect(w, member, 0, 0);
    world_get(w, "/v1/wallet/refund-requests?status=approved");
    assert_int_equal(world_count(w, "/items"), 1);
    world_holds(w);
}

TEST(small_card_refunds_that_staff_ask_for_are_paid_at_once_where_the_merchant_says_so) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token);
    world_setting(w, "wallet", "{\"refund_free_fen\":3000}");
    wallet_recharge(w, member, wallet_package(w, 3000, 500, 1));
    world_as(w, token);
    world_post(w, "/v1/me/wallet/refund-requests", "{}"); /* a member's own request waits all the same */
    assert_true(str_is(world_str(w, "/status"), "asked"));
    decide(w, world_int(w, "/request_id"), "reject");
    assert_true(ask(w, member) != 0);
    world_get(w, "/v1/wallet/refund-requests?member_id=%lld", (long long)member);
    assert_true(str_is(world_str(w, "/items/0/status"), "approved"));
    wallet_expect(w, member, 0, 0);
    wallet_recharge(w, member, wallet_package(w, 3001, 0, 1));
    assert_true(ask(w, member) != 0);
    wallet_expect(w, member, 3001, 0);
    world_settle(w);
    world_holds(w);
}

TEST(asking_a_refund_then_spending_while_it_waits_pays_only_what_is_left) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token);
    wallet_recharge(w, member, wallet_package(w, 10000, 1000, 1));
    int64_t request = ask(w, member);
    world_get(w, "/v1/wallet/refund-requests/%lld", (long long)request);
    assert_int_equal(world_int(w, "/asked_fen"), 10000);
    wallet_pay(w, member, 9000, "R1");
    assert_int_equal(w->status, 201);
    decide(w, request, "approve");
    assert_int_equal(w->status, 200);
    assert_int_equal(world_int(w, "/amount_fen"), 1000);
    wallet_expect(w, member, 0, 0);
    world_holds(w);
}

TEST(a_recharge_that_is_spent_whole_is_not_paid_back) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token);
    wallet_recharge(w, member, wallet_package(w, 10000, 5000, 1));
    int64_t request = ask(w, member);
    wallet_pay(w, member, 10000, "W1");
    decide(w, request, "approve");
    wallet_refused(w, 409, "wallet.nothing_left");
    wallet_expect(w, member, 0, 5000); /* the gift is never paid out */
    world_holds(w);
}

TEST(by_share_a_refund_pays_less_and_an_untouched_recharge_goes_back_whole_for_seven_days) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token);
    world_setting(w, "wallet", "{\"refund_policy\":\"share\",\"spend_order\":\"gift_first\",\"full_days\":7}");
    wallet_recharge(w, member, wallet_package(w, 10000, 10000, 1));
    world_get(w, "/v1/members/%lld/wallet/refund-quote", (long long)member);
    assert_int_equal(world_int(w, "/amount_fen"), 10000);
    world_clock(w, w->now + 8 * (int64_t)DAY_MS);
    world_as(w, w->owner_token);
    world_get(w, "/v1/members/%lld/wallet/refund-quote", (long long)member);
    assert_int_equal(world_int(w, "/amount_fen"), 10000); /* (10000 + 10000) x 1/2 */
    wallet_pay(w, member, 10000, "T1");                   /* the gift is gone */
    world_get(w, "/v1/members/%lld/wallet/refund-quote", (long long)member);
    assert_int_equal(world_int(w, "/amount_fen"), 5000);
    world_holds(w);
}

Str wallet_channel_id(World *w, int64_t id) {
    return arena_print(&w->arena, "L%lld-%lld-1", (long long)w->merchant_id, (long long)id);
}

void wallet_notice(World *w, int64_t id, int64_t amount) {
    PayNotice n = { .id = wallet_channel_id(w, id), .ref = S("T1"), .amount_fen = amount, .at = w->now };
    Str signature = pay_fake_sign(w->app, &w->arena, &n);
    world_as(w, S(""));
    world_post(w, "/v1/payment-notices",
               "{\"id\":\"%.*s\",\"ref\":\"T1\",\"amount_fen\":%lld,\"at\":%lld,\"signature\":\"%.*s\"}", (int)n.id.len,
               n.id.at, (long long)amount, (long long)n.at, (int)signature.len, signature.at);
    world_as(w, w->owner_token);
}

static int64_t recharge_by_phone(World *w, int64_t member) {
    world_post(w, "/v1/wallet/recharges",
               "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"amount_fen\":10000,\"tender\":\"wechat\"}",
               (long long)w->shop_id, (long long)member);
    assert_int_equal(w->status, 201);
    assert_true(str_is(world_str(w, "/status"), "waiting"));
    return world_int(w, "/recharge_id");
}

TEST(a_recharge_through_the_channel_counts_once_when_its_money_is_there) {
    int64_t member = world_member(w, "13800000001"), id = recharge_by_phone(w, member);
    world_settle(w);
    wallet_expect(w, member, 0, 0);
    pay_fake_pay(&w->app->ports->pay, wallet_channel_id(w, id), w->now);
    for (int i = 0; i < 3; i++) {
        wallet_notice(w, id, 10000);
        world_settle(w);
    }
    wallet_expect(w, member, 10000, 0);
    world_post(w, world_path(w, "/v1/wallet/recharges/%lld/cancel", (long long)id), "{}");
    wallet_refused(w, 409, "wallet.not_waiting");
    id = recharge_by_phone(w, member);
    world_post(w, world_path(w, "/v1/wallet/recharges/%lld/cancel", (long long)id), "{}");
    assert_int_equal(w->status, 200);
    wallet_notice(w, id, 10000); /* too late: it goes back by itself */
    world_settle(w);
    wallet_expect(w, member, 10000, 0);
    world_post(w, "/v1/wallet/recharges/77/cancel", "{}");
    wallet_refused(w, 404, "wallet.recharge_unknown");
    world_holds(w);
}

TEST(a_money_leg_that_the_channel_refuses_is_visible_and_sent_again) {
    int64_t member = world_member(w, "13800000001"), id = recharge_by_phone(w, member);
    world_settle(w);
    pay_fake_pay(&w->app->ports->pay, wallet_channel_id(w, id), w->now);
    wallet_notice(w, id, 10000);
    world_settle(w);
    int64_t request = ask(w, member);
    pay_fake_fail(&w->app->ports->pay, PORT_REJECTED, 1);
    decide(w, request, "approve");
    assert_int_equal(w->status, 200);
    assert_true(str_is(world_str(w, "/payouts/0/status"), "sending"));
    wallet_expect(w, member, 0, 0); /* the ledger leg stands already */
    world_settle(w);
    world_get(w, "/v1/wallet/refund-requests/%lld", (long long)request);
    assert_true(str_is(world_str(w, "/payouts/0/status"), "stuck"));
    world_post(w, "/v1/payment-refunds/resend", "{\"order_id\":\"%lld\",\"number\":1,\"refund_id\":\"%lld\"}",
               (long long)id, (long long)request);
    assert_int_equal(w->status, 200);
    world_settle(w);
    world_get(w, "/v1/wallet/refund-requests/%lld", (long long)request);
    assert_true(str_is(world_str(w, "/payouts/0/status"), "done"));
    world_holds(w);
}

TEST(a_merge_takes_the_wallet_along_and_an_undone_merge_gives_it_back) {
    Str token;
    int64_t from = wallet_member(w, "13800000001", &token), into = world_member(w, "13800000002");
    wallet_recharge(w, from, wallet_package(w, 10000, 1000, 1));
    world_post(w, world_path(w, "/v1/members/%lld/merge", (long long)into),
               "{\"from_id\":\"%lld\",\"reason\":\"同一人\"}", (long long)from);
    if (w->status >= 300) fail_msg("%.*s", (int)w->body.len, w->body.at);
    int64_t merge = world_int(w, "/merge_id");
    wallet_expect(w, into, 10000, 1000);
    world_get(w, "/v1/members/%lld/wallet/refund-quote", (long long)into);
    assert_int_equal(world_int(w, "/amount_fen"), 10000);
    world_holds(w);
    world_post(w, world_path(w, "/v1/member-merges/%lld/undo", (long long)merge), "{}");
    if (w->status >= 300) fail_msg("%.*s", (int)w->body.len, w->body.at);
    wallet_expect(w, from, 10000, 1000);
    wallet_expect(w, into, 0, 0);
    world_holds(w);
}

/* ---- approving while the member pays ---- */

enum { RACERS = 4, PAYS_EACH = 10, PAY_FEN = 300 };
typedef struct Racer {
    World *w;
    int64_t member, request, number, paid, approved;
} Racer;
typedef struct Move {
    const Racer *racer;
    Str no;
} Move;

static Err pay_unit(Ctx *c, void *arg) {
    const Move *m = arg;
    WalletMember member;
    WalletSpend spend;
    TRY(wallet_member_read(c, m->racer->member, &member));
    WalletProven proven = { .member_id = m->racer->member, .pin_hash = member.pin_hash };
    return wallet_spend(c, &(WalletSpendNew){ m->racer->w->shop_id, m->racer->member, PAY_FEN, S("till"), m->no },
                        &proven, &spend);
}

static Err approve_unit(Ctx *c, void *arg) {
    const Move *m = arg;
    WalletRefund refund;
    return wallet_refund_end(c, m->racer->request, true, S("x"), &refund);
}

static void *race(void *arg) {
    Racer *r = arg;
    Arena arena;
    arena_init(&arena, ARENA_HARD_MAX);
    for (int i = 0; i < PAYS_EACH; i++) {
        Ctx c;
        char no[40];
        snprintf(no, sizeof no, "%lld-%d", (long long)r->number, i);
        Move move = { r, str_of(no) };
        app_ctx(r->w->app, &arena, r->w->merchant_id, (Actor){ ACTOR_STAFF, 99 }, &c);
        if (app_unit(&c, pay_unit, &move) == OK) r->paid++;
        app_ctx(r->w->app, &arena, r->w->merchant_id, (Actor){ ACTOR_STAFF, 99 }, &c);
        if (i == PAYS_EACH / 2 && app_unit(&c, approve_unit, &move) == OK) r->approved++;
        arena_reset(&arena);
    }
    arena_free(&arena);
    return NULL;
}

TEST(approvals_and_spends_at_once_never_give_out_more_than_was_paid_in) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), paid = 0, approved = 0;
    wallet_recharge(w, member, wallet_package(w, 10000, 2000, 1));
    int64_t request = ask(w, member);
    Racer racers[RACERS];
    pthread_t threads[RACERS];
    for (int i = 0; i < RACERS; i++) {
        racers[i] = (Racer){ .w = w, .member = member, .request = request, .number = i };
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < RACERS; i++) {
        pthread_join(threads[i], NULL);
        paid += racers[i].paid;
        approved += racers[i].approved;
    }
    world_get(w, "/v1/wallet/refund-requests/%lld", (long long)request);
    assert_int_equal(approved, 1);
    assert_true(world_int(w, "/amount_fen") + paid * PAY_FEN <= 10000);
    wallet_expect(w, member, 0, 0);
    world_settle(w);
    world_holds(w);
}

TEST_PURE(a_card_refund_is_never_more_than_the_principal_nor_than_was_paid) {
    Arena a;
    Rng rng = rng_seeded(7);
    arena_init(&a, ARENA_BUDGET);
    for (int i = 0; i < 50000; i++) {
        WalletRefundFacts f = { .policy = (WalletPolicy)rng_below(&rng, 2),
                                .have = { rng_below(&rng, 10000), rng_below(&rng, 10000) },
                                .paid_fen = rng_below(&rng, 20000),
                                .given_fen = rng_below(&rng, 20000),
                                .payable_fen = rng_below(&rng, 20000) };
        f.fresh_paid_fen = rng_below(&rng, f.paid_fen + 1);
        f.fresh_given_fen = rng_below(&rng, f.given_fen + 1);
        WalletSteps steps;
        int64_t amount = wallet_refund_compute(&a, &f, &steps);
        assert_true(amount >= 0 && amount <= f.have.principal_fen && amount <= f.payable_fen);
        assert_int_equal(steps.items[steps.count - 1].fen, amount);
        arena_reset(&a);
    }
    arena_free(&a);
}
