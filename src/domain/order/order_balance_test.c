/* Balance as a tender: with proof, in the same unit, gift earns nothing, each fen goes back in its own kind. */
#include "domain/growth/growth.h"
#include "domain/order/order.h"
#include "domain/wallet/wallet_test.h"
#include "test/test.h"
#include "test/world_trade.h"
#include <pthread.h>
#include <stdio.h>

static const char *const settle_form =
    "\"member_id\":\"%lld\",\"settle\":true,\"lines\":[{\"item_id\":\"%lld\","
    "\"quantity\":2}],\"tenders\":[{\"tender\":\"balance\",\"amount_fen\":%lld%s}%s]";
#define PIN ",\"pin\":\"274913\""

static int64_t points_of(World *w, int64_t member) {
    world_get(w, "/v1/members/%lld/points", (long long)member);
    return world_int(w, "/balance");
}

static void refund(World *w, int64_t order, int64_t amount) {
    world_post(w, world_path(w, "/v1/orders/%lld/refunds", (long long)order), "{\"amount_fen\":%lld}",
               (long long)amount);
}

TEST(an_order_paid_with_balance_earns_on_principal_alone_and_partial_refunds_restore_its_split) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), item = world_item(w, 5000);
    world_setting(w, "wallet", "{\"spend_order\":\"in_proportion\",\"most_fen\":500000}");
    wallet_recharge(w, member, wallet_package(w, 10000, 10000, 1));
    int64_t before = points_of(w, member);
    world_order(w, settle_form, (long long)member, (long long)item, 8000LL, PIN,
                ",{\"tender\":\"cash\",\"amount_fen\":2000}");
    assert_int_equal(w->status, 201);
    assert_true(str_is(world_str(w, "/status"), "completed"));
    assert_int_equal(world_int(w, "/cash_fen"), 6000); /* 4000 of principal, 2000 of cash */
    assert_int_equal(world_int(w, "/points_earned"), 60);
    int64_t order = world_int(w, "/order_id");
    wallet_expect(w, member, 6000, 6000);
    world_holds(w);
    refund(w, order, 333);
    assert_int_equal(w->status, 201);
    world_holds(w);
    refund(w, order, 3334);
    refund(w, order, 0);
    assert_int_equal(w->status, 201);
    wallet_expect(w, member, 10000, 10000);
    assert_int_equal(points_of(w, member), before);
    refund(w, order, 0);
    assert_int_equal(w->status, 409);
    wallet_expect(w, member, 10000, 10000);
    world_settle(w);
    world_holds(w);
}

TEST(an_order_with_balance_is_refused_whole_without_proof_member_money_or_right) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), item = world_item(w, 5000);
    wallet_recharge(w, member, wallet_package(w, 9999, 0, 1));
    world_order(w, settle_form, (long long)member, (long long)item, 10000LL, PIN, "");
    wallet_refused(w, 409, "wallet.short");
    world_order(w, settle_form, (long long)member, (long long)item, 9000LL, "",
                ",{\"tender\":\"cash\",\"amount_fen\":1000}");
    wallet_refused(w, 422, "wallet.proof_missing");
    world_order(w, settle_form, (long long)member, (long long)item, 9000LL, ",\"pin\":\"100000\"",
                ",{\"tender\":\"cash\",\"amount_fen\":1000}");
    wallet_refused(w, 403, "wallet.proof_wrong");
    world_order(w, settle_form, (long long)member, (long long)item, 9000LL, PIN,
                ",{\"tender\":\"balance\",\"amount_fen\":1000,\"pin\":\"274913\"}");
    wallet_refused(w, 422, "order.balance_twice");
    world_order(w,
                "\"settle\":true,\"lines\":[{\"item_id\":\"%lld\",\"quantity\":1}],"
                "\"tenders\":[{\"tender\":\"balance\",\"amount_fen\":5000,\"pin\":\"274913\"}]",
                (long long)item);
    wallet_refused(w, 422, "order.balance_member");
    world_post(w, world_path(w, "/v1/members/%lld/wallet/freeze", (long long)member),
               "{\"frozen\":true,\"reason\":\"x\"}");
    world_order(w, settle_form, (long long)member, (long long)item, 9000LL, PIN,
                ",{\"tender\":\"cash\",\"amount_fen\":1000}");
    wallet_refused(w, 409, "wallet.frozen");
    wallet_expect(w, member, 9999, 0);
    world_holds(w);
}

TEST(an_order_sent_twice_takes_the_balance_once_also_when_its_code_has_run_out) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), item = world_item(w, 5000);
    wallet_recharge(w, member, wallet_package(w, 20000, 0, 1));
    world_as(w, token);
    world_get(w, "/v1/me/code");
    const char *code = arena_cstr(&w->arena, arena_str(&w->arena, world_str(w, "/code")));
    world_as(w, w->owner_token);
    const char *const form = "{\"shop_id\":\"%lld\",\"order_no\":\"%s\",\"member_id\":\"%lld\",\"settle\":true,"
                             "\"lines\":[{\"item_id\":\"%lld\",\"quantity\":1}],"
                             "\"tenders\":[{\"tender\":\"balance\",\"amount_fen\":5000,\"code\":\"%s\"}]}";
    world_post(w, "/v1/orders", form, (long long)w->shop_id, "B1", (long long)member, (long long)item, code);
    assert_int_equal(w->status, 201);
    int64_t order = world_int(w, "/order_id");
    world_post(w, "/v1/orders", form, (long long)w->shop_id, "B2", (long long)member, (long long)item, code);
    wallet_refused(w, 409, "wallet.code_used");
    world_clock(w, w->now + 120 * 1000);
    world_post(w, "/v1/orders", form, (long long)w->shop_id, "B1", (long long)member, (long long)item, "1");
    assert_int_equal(w->status, 200);
    assert_true(world_has(w, "/duplicate"));
    assert_int_equal(world_int(w, "/order_id"), order);
    wallet_expect(w, member, 15000, 0);
    world_holds(w);
}

TEST(a_placed_order_is_paid_with_balance_later_and_cancelling_a_half_paid_one_gives_it_back) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), item = world_item(w, 5000);
    world_setting(w, "wallet", "{\"spend_order\":\"gift_first\",\"most_fen\":500000}");
    wallet_recharge(w, member, wallet_package(w, 10000, 1000, 1));
    int64_t before = points_of(w, member);
    const char *const form = "\"member_id\":\"%lld\",\"lines\":[{\"item_id\":\"%lld\",\"quantity\":1}]";
    world_order(w, form, (long long)member, (long long)item);
    int64_t order = world_int(w, "/order_id");
    const char *pay = world_path(w, "/v1/orders/%lld/payments", (long long)order);
    world_post(w, pay, "{\"tender\":\"balance\",\"amount_fen\":3000}");
    wallet_refused(w, 422, "wallet.proof_missing");
    pay = world_path(w, "/v1/orders/%lld/payments", (long long)order);
    world_post(w, pay, "{\"tender\":\"balance\",\"amount_fen\":3000" PIN "}");
    assert_int_equal(w->status, 200);
    wallet_expect(w, member, 8000, 0);
    world_post(w, world_path(w, "/v1/orders/%lld/cancel", (long long)order), "{}");
    assert_int_equal(w->status, 200);
    wallet_expect(w, member, 10000, 1000);
    world_holds(w);
    world_order(w, form, (long long)member, (long long)item);
    order = world_int(w, "/order_id");
    pay = world_path(w, "/v1/orders/%lld/payments", (long long)order);
    world_post(w, pay, "{\"tender\":\"balance\",\"amount_fen\":5000" PIN "}");
    assert_true(str_is(world_str(w, "/status"), "completed"));
    assert_int_equal(world_int(w, "/points_earned"), 40); /* 1000 of it was gift */
    refund(w, order, 0);
    wallet_expect(w, member, 10000, 1000);
    assert_int_equal(points_of(w, member), before);
    world_order(w, "\"lines\":[{\"item_id\":\"%lld\",\"quantity\":1}]", (long long)item);
    pay = world_path(w, "/v1/orders/%lld/payments", (long long)world_int(w, "/order_id"));
    world_post(w, pay, "{\"tender\":\"balance\",\"amount_fen\":5000" PIN "}");
    wallet_refused(w, 422, "order.balance_member");
    world_settle(w);
    world_holds(w);
}

/* ---- two orders of one plan each, at once ---- */

enum { TILLS = 4 };
typedef struct Till {
    World *w;
    int64_t member, item, number;
    Err err;
    Str code;
    Arena arena;
} Till;

static Err place(Ctx *c, void *arg) {
    Order order;
    return order_place(c, arg, &order);
}

typedef struct Asking {
    const OrderNew *order;
    OrderPlan *plan;
} Asking;
static Err ask(Ctx *c, void *arg) {
    Asking *a = arg;
    return order_prepare(c, a->order, &a->plan);
}

static void *sell(void *arg) {
    Till *t = arg;
    Ctx c;
    char no[20];
    OrderLineNew line = { .item_id = t->item, .quantity = 1 };
    PaymentNew tender = { .tender = S("balance"), .amount_fen = 5000, .pin = S("274913") };
    arena_init(&t->arena, ARENA_HARD_MAX);
    app_ctx(t->w->app, &t->arena, t->w->merchant_id, (Actor){ ACTOR_CLI, 0 }, &c);
    snprintf(no, sizeof no, "T%lld", (long long)t->number);
    OrderNew order = { .shop_id = t->w->shop_id, .member_id = t->member, .order_no = str_of(no), .settle = true };
    order.lines.items = &line;
    order.tenders.items = &tender;
    order.lines.count = order.tenders.count = 1;
    Asking asking = { .order = &order };
    t->err = app_read(&c, ask, &asking);
    if (t->err == OK) t->err = app_unit(&c, place, asking.plan);
    t->code = str_of(c.problem.code);
    return NULL;
}

TEST(four_tills_at_once_sell_for_one_balance_only_as_often_as_it_lasts) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), item = world_item(w, 5000), sold = 0;
    wallet_recharge(w, member, wallet_package(w, 9000, 2500, 1)); /* twice, with 1500 left */
    Till tills[TILLS] = { 0 };
    pthread_t threads[TILLS];
    for (int i = 0; i < TILLS; i++) {
        tills[i] = (Till){ .w = w, .member = member, .item = item, .number = i };
        assert_int_equal(pthread_create(&threads[i], NULL, sell, &tills[i]), 0);
    }
    for (int i = 0; i < TILLS; i++) {
        pthread_join(threads[i], NULL);
        sold += tills[i].err == OK;
        arena_free(&tills[i].arena);
    }
    assert_true(sold >= 1 && sold <= 2); /* a plan that has gone stale is asked again */
    world_get(w, "/v1/members/%lld/wallet", (long long)member);
    assert_int_equal(world_int(w, "/total_fen"), 11500 - 5000 * sold);
    world_settle(w);
    world_holds(w);
}
