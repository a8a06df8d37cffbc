#include "domain/payment/payment.h"
#include "app/merchant.h"
#include "port/ports.h"
#include "test/sim.h"
#include "test/test.h"
#include "test/world_trade.h"
#include <stdio.h>

static int64_t place_wechat(World *w, int64_t member, int64_t item, int64_t amount_fen) {
    world_order(w,
                "\"member_id\":\"%lld\",\"lines\":[{\"item_id\":\"%lld\",\"quantity\":1}],"
                "\"tenders\":[{\"tender\":\"wechat\",\"amount_fen\":%lld}]",
                (long long)member, (long long)item, (long long)amount_fen);
    assert_int_equal(w->status, 201);
    assert_true(str_is(world_str(w, "/payments/0/status"), "pending"));
    return world_int(w, "/order_id");
}

static Str channel_id(World *w, int64_t order_id) {
    return arena_print(&w->arena, "L%lld-%lld-1", (long long)w->merchant_id, (long long)order_id);
}

/* What the channel sends: signed by it. */
static void notice(World *w, Str id, int64_t amount_fen, bool is_forged) {
    PayNotice n = { .id = id, .ref = S("wx-77"), .amount_fen = amount_fen, .at = w->now };
    Str signature = pay_fake_sign(w->app, &w->arena, &n);
    if (is_forged) n.amount_fen++;
    Ctx c = world_ctx(w, w->merchant_id);
    Merchant merchant;
    assert_int_equal(merchant_get(&c, &merchant), OK);
    world_as(w, S(""));
    world_post(w, world_path(w, "/v1/payment-notices?merchant=%.*s", (int)merchant.code.len, merchant.code.at),
               "{\"id\":\"%.*s\",\"ref\":\"wx-77\",\"amount_fen\":%lld,\"at\":%lld,\"signature\":\"%.*s\"}",
               (int)id.len, id.at, (long long)n.amount_fen, (long long)n.at, (int)signature.len, signature.at);
    world_as(w, w->owner_token);
}

static void read_order(World *w, int64_t order_id) { world_get(w, "/v1/orders/%lld", (long long)order_id); }

TEST(a_channel_payment_is_asked_confirmed_once_and_completes_the_order) {
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 1000);
    int64_t order_id = place_wechat(w, member, item, 1000);
    world_settle(w);
    assert_true(pay_fake_pay(&w->app->ports->pay, channel_id(w, order_id), w->now));
    for (int i = 0; i < 5; i++) {
        notice(w, channel_id(w, order_id), 1000, false);
        assert_int_equal(w->status, 204);
    }
    world_settle(w);
    notice(w, channel_id(w, order_id), 1000, false);
    assert_int_equal(w->status, 204);
    world_settle(w);
    read_order(w, order_id);
    assert_true(str_is(world_str(w, "/status"), "completed"));
    assert_int_equal(world_int(w, "/points_earned"), 10);
    assert_true(str_is(world_str(w, "/payments/0/external_no"), "wx-77"));
    world_holds(w);
}

TEST(a_forged_or_wrong_notice_moves_nothing) {
    int64_t item = world_item(w, 1000), order_id = place_wechat(w, 0, item, 1000);
    world_settle(w);
    notice(w, channel_id(w, order_id), 1000, true);
    assert_int_equal(w->status, 403);
    assert_true(str_is(w->code, "payment.forged"));
    notice(w, channel_id(w, order_id), 999, false);
    assert_true(str_is(w->code, "payment.amount_differs"));
    notice(w, S("L1-2"), 1000, false);
    assert_true(str_is(w->code, "payment.forged"));
    notice(w, arena_print(&w->arena, "L%lld-5-1", (long long)w->merchant_id), 1000, false);
    assert_int_equal(w->status, 404);
    notice(w, arena_print(&w->arena, "L%lld-%lld-1", (long long)w->merchant_id + 1, (long long)order_id), 1000, false);
    assert_true(str_is(w->code, "payment.forged"));
    read_order(w, order_id);
    assert_true(str_is(world_str(w, "/status"), "placed"));
    world_holds(w);
}

TEST(money_that_comes_after_the_order_was_cancelled_goes_back_whole) {
    int64_t item = world_item(w, 1000), order_id = place_wechat(w, 0, item, 1000);
    world_settle(w);
    world_post(w, world_path(w, "/v1/orders/%lld/cancel", (long long)order_id), "{}");
    assert_int_equal(w->status, 200);
    assert_true(str_is(world_str(w, "/payments/0/status"), "closed"));
    pay_fake_pay(&w->app->ports->pay, channel_id(w, order_id), w->now); /* before the closing reaches the channel */
    for (int i = 0; i < 3; i++) {
        notice(w, channel_id(w, order_id), 1000, false);
        world_settle(w);
    }
    read_order(w, order_id);
    assert_true(str_is(world_str(w, "/status"), "cancelled"));
    assert_true(str_is(world_str(w, "/payments/0/status"), "late"));
    assert_int_equal(world_int(w, "/payments/0/refunded_fen"), 1000);
    world_get(w, "/v1/payment-refunds/stuck");
    assert_int_equal(world_count(w, "/items"), 0);
    world_holds(w);
}

TEST(a_payment_whose_notice_was_lost_is_found_when_the_order_expires_and_goes_back) {
    int64_t item = world_item(w, 1000), order_id = place_wechat(w, 0, item, 1000);
    world_settle(w);
    pay_fake_pay(&w->app->ports->pay, channel_id(w, order_id), w->now);
    world_pass(w, 40 * 60000);
    world_settle(w);
    read_order(w, order_id);
    assert_true(str_is(world_str(w, "/status"), "cancelled"));
    assert_true(str_is(world_str(w, "/payments/0/status"), "late"));
    assert_int_equal(world_int(w, "/payments/0/refunded_fen"), 1000);
    world_holds(w);
}

TEST(the_till_asks_the_channel_itself_when_no_notice_comes) {
    int64_t item = world_item(w, 1000), order_id = place_wechat(w, 0, item, 1000);
    const char *path = world_path(w, "/v1/orders/%lld/payments/1/query", (long long)order_id);
    world_settle(w);
    world_post(w, path, "{}");
    assert_int_equal(w->status, 200);
    assert_true(str_is(world_str(w, "/payments/0/status"), "pending"));
    pay_fake_pay(&w->app->ports->pay, channel_id(w, order_id), w->now);
    world_post(w, path, "{}");
    assert_true(str_is(world_str(w, "/payments/0/status"), "paid"));
    world_settle(w);
    read_order(w, order_id);
    assert_true(str_is(world_str(w, "/status"), "completed"));
    world_post(w, world_path(w, "/v1/orders/%lld/payments/9/query", (long long)order_id), "{}");
    assert_int_equal(w->status, 404);
    world_holds(w);
}

TEST(a_tender_that_waits_is_given_up_for_another_one) {
    int64_t item = world_item(w, 1000), order_id = place_wechat(w, 0, item, 1000);
    const char *pay = world_path(w, "/v1/orders/%lld/payments", (long long)order_id);
    world_settle(w);
    world_post(w, pay, "{\"tender\":\"cash\",\"amount_fen\":1000}");
    assert_true(str_is(w->code, "order.tenders_differ"));
    world_post(w, world_path(w, "/v1/orders/%lld/payments/1/drop", (long long)order_id), "{}");
    assert_int_equal(w->status, 200);
    world_post(w, world_path(w, "/v1/orders/%lld/payments/1/drop", (long long)order_id), "{}");
    assert_true(str_is(w->code, "order.tender_not_waiting"));
    world_post(w, pay, "{\"tender\":\"cash\",\"amount_fen\":1000}");
    assert_true(str_is(world_str(w, "/status"), "completed"));
    world_settle(w);
    assert_false(pay_fake_pay(&w->app->ports->pay, channel_id(w, order_id), w->now)); /* closed there too */
    notice(w, channel_id(w, order_id), 1000, false);                                  /* it says so all the same */
    assert_int_equal(w->status, 204);
    world_settle(w);
    read_order(w, order_id);
    assert_true(str_is(world_str(w, "/payments/0/status"), "late"));
    assert_int_equal(world_int(w, "/payments/0/refunded_fen"), 1000);
    assert_int_equal(world_int(w, "/payments/1/refunded_fen"), 0);
    world_holds(w);
}

TEST(a_refund_goes_back_through_the_channel_and_a_repeated_notice_behind_it_changes_nothing) {
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 1000);
    int64_t order_id = place_wechat(w, member, item, 1000);
    world_settle(w);
    pay_fake_pay(&w->app->ports->pay, channel_id(w, order_id), w->now);
    notice(w, channel_id(w, order_id), 1000, false);
    world_settle(w);
    world_post(w, world_path(w, "/v1/orders/%lld/refunds", (long long)order_id), "{\"amount_fen\":300}");
    assert_int_equal(w->status, 201);
    notice(w, channel_id(w, order_id), 1000, false);
    assert_int_equal(w->status, 204);
    world_settle(w);
    notice(w, channel_id(w, order_id), 1000, false);
    read_order(w, order_id);
    assert_int_equal(world_int(w, "/refunded_fen"), 300);
    assert_int_equal(world_int(w, "/payments/0/refunded_fen"), 300);
    PayAnswer answer;
    Ctx c = world_ctx(w, w->merchant_id);
    w->app->ports->pay.query(w->app->ports->pay.user, &c, channel_id(w, order_id), &answer);
    assert_int_equal(answer.refunded_fen, 300);
    world_holds(w);
}

TEST(a_channel_that_is_down_is_asked_again_and_a_refused_refund_waits_for_a_person) {
    int64_t item = world_item(w, 1000);
    pay_fake_fail(&w->app->ports->pay, PORT_RETRY, 2);
    int64_t order_id = place_wechat(w, 0, item, 1000);
    world_settle(w);
    for (int i = 0; i < 6; i++) world_pass(w, 20000);
    assert_true(pay_fake_pay(&w->app->ports->pay, channel_id(w, order_id), w->now));
    notice(w, channel_id(w, order_id), 1000, false);
    world_settle(w);
    pay_fake_fail(&w->app->ports->pay, PORT_REJECTED, 1);
    world_post(w, world_path(w, "/v1/orders/%lld/refunds", (long long)order_id), "{}");
    assert_int_equal(w->status, 201);
    int64_t refund_id = world_int(w, "/refund_id");
    world_settle(w);
    world_get(w, "/v1/payment-refunds/stuck");
    assert_int_equal(world_count(w, "/items"), 1);
    world_post(w, "/v1/payment-refunds/resend", "{\"order_id\":\"%lld\",\"number\":1,\"refund_id\":\"%lld\"}",
               (long long)order_id, (long long)refund_id);
    assert_int_equal(w->status, 200);
    world_settle(w);
    world_get(w, "/v1/payment-refunds/stuck");
    assert_int_equal(world_count(w, "/items"), 0);
    world_holds(w);
}

TEST(tenders_are_a_setting_and_one_that_is_off_is_not_taken) {
    world_setting(w, "payment",
                  "{\"tenders\":[{\"code\":\"cash\",\"name\":\"现金\",\"is_off\":true},"
                  "{\"code\":\"voucher\",\"name\":\"代金券\"}]}");
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 1000);
    const char *const form = "\"member_id\":\"%lld\",\"settle\":true,\"lines\":[{\"item_id\":\"%lld\",\"quantity\":1}],"
                             "\"tenders\":[{\"tender\":\"%s\",\"amount_fen\":1000}]";
    world_order(w, form, (long long)member, (long long)item, "cash");
    assert_true(str_is(w->code, "payment.tender_off"));
    world_order(w, form, (long long)member, (long long)item, "voucher");
    assert_int_equal(w->status, 201);
    assert_int_equal(world_int(w, "/points_earned"), 0); /* this tender earns nothing */
    world_holds(w);
}

/* ---- the simulator's part: orders that wait for the channel, notices once and again, on time and too late ---- */

static Err sim_channel_place(Sim *s) {
    int64_t item = sim_pick(s, "item"), member = rng_chance(s->rng, 1, 2) ? sim_pick(s, "member") : 0;
    if (item == 0) return OK;
    char order[300];
    snprintf(order, sizeof order,
             "\"shop_id\":\"%lld\",\"order_no\":\"ch-%lld\",\"member_id\":\"%lld\",\"lines\":[{\"item_id\":"
             "\"%lld\",\"quantity\":1}]",
             (long long)s->w->shop_id, (long long)s->step, (long long)member, (long long)item);
    sim_post(s, "/v1/quotes", "{%s}", order);
    if (!sim_was_done(s)) return OK;
    int64_t payable_fen = world_int(s->w, "/order/payable_fen");
    if (payable_fen == 0) return OK;
    sim_post(s, "/v1/orders", "{%s,\"tenders\":[{\"tender\":\"wechat\",\"amount_fen\":%lld}]}", order,
             (long long)payable_fen);
    if (!sim_was_done(s)) return OK;
    sim_keep(s, "order.channel", world_int(s->w, "/order_id"));
    sim_set(s, "order.channel", world_int(s->w, "/order_id"), payable_fen);
    return OK;
}

/* Any order that ever waited: paid, completed, cancelled and refunded ones too. */
static Err sim_channel_notice(Sim *s) {
    int64_t order = sim_pick(s, "order.channel");
    if (order == 0) return OK;
    notice(s->w, channel_id(s->w, order), sim_number(s, "order.channel", order), rng_chance(s->rng, 1, 10));
    if (s->w->status != 204 && s->w->status != 403) sim_fail(s, "a notice was neither taken nor found forged");
    return OK;
}

static Err sim_channel_give_up(Sim *s) {
    int64_t order = sim_pick(s, "order.channel");
    if (order == 0) return OK;
    const char *what = rng_chance(s->rng, 1, 2) ? "cancel" : "payments/1/drop";
    sim_post(s, world_path(s->w, "/v1/orders/%lld/%s", (long long)order, what), "{}");
    return OK;
}

const SimAction payment_sim[] = { { "payment.place", 5, sim_channel_place },
                                  { "payment.notice", 6, sim_channel_notice },
                                  { "payment.give_up", 2, sim_channel_give_up },
                                  { NULL, 0, NULL } };
