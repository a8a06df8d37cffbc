/* Recharges by phone: notices that come twice, get lost, are forged, come too late. */
#include "domain/wallet/wallet_test.h"
#include "port/ports.h"
#include "test/test.h"
#include "test/world_trade.h"

static int64_t ask(World *w, Str token, int64_t amount) {
    world_as(w, token);
    world_post(w, "/v1/me/recharges", "{\"amount_fen\":%lld,\"tender\":\"wechat\"}", (long long)amount);
    int64_t id = w->status == 201 ? world_int(w, "/recharge_id") : 0;
    world_as(w, w->owner_token);
    return id;
}

static void pay(World *w, int64_t id) {
    world_settle(w); /* the order is at the channel now */
    assert_true(pay_fake_pay(&w->app->ports->pay, wallet_channel_id(w, id), w->now));
}

TEST(a_member_recharges_by_phone_and_notices_that_come_twice_count_once) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), package = wallet_package(w, 10000, 2000, 1);
    world_as(w, token);
    world_post(w, "/v1/me/recharges", "{\"package_id\":\"%lld\",\"tender\":\"cash\"}", (long long)package);
    wallet_refused(w, 422, "wallet.tender_online");
    world_post(w, "/v1/me/recharges", "{\"package_id\":\"%lld\",\"tender\":\"wechat\"}", (long long)package);
    assert_int_equal(w->status, 201);
    int64_t id = world_int(w, "/recharge_id");
    assert_true(str_is(world_str(w, "/status"), "waiting"));
    world_settle(w);
    world_get(w, "/v1/me/recharges/%lld", (long long)id);
    assert_true(world_str(w, "/pay_url").len > 0);
    pay(w, id);
    for (int i = 0; i < 3; i++) wallet_notice(w, id, 10000);
    world_settle(w);
    wallet_notice(w, id, 10000);
    world_settle(w);
    wallet_expect(w, member, 10000, 2000);
    world_as(w, token);
    world_get(w, "/v1/me/recharges");
    assert_true(str_is(world_str(w, "/items/0/status"), "done"));
    world_post(w, world_path(w, "/v1/me/recharges/%lld/cancel", (long long)id), "{}");
    wallet_refused(w, 409, "wallet.not_waiting");
    world_as(w, w->owner_token);
    world_holds(w);
}

TEST(a_notice_that_got_lost_is_found_by_the_job_or_by_who_asks) {
    Str token, other;
    int64_t member = wallet_member(w, "13800000001", &token);
    wallet_member(w, "13800000002", &other);
    int64_t id = ask(w, token, 5000);
    world_settle(w);
    world_as(w, token);
    const char *query = world_path(w, "/v1/me/recharges/%lld/query", (long long)id);
    world_post(w, query, "{}");
    assert_true(str_is(world_str(w, "/status"), "waiting"));
    pay(w, id);
    world_as(w, other);
    world_post(w, query, "{}");
    wallet_refused(w, 404, "wallet.recharge_unknown");
    world_as(w, token);
    world_post(w, query, "{}");
    assert_true(str_is(world_str(w, "/status"), "done"));
    world_post(w, query, "{}");
    assert_int_equal(w->status, 200);
    wallet_notice(w, id, 5000);
    world_settle(w);
    wallet_expect(w, member, 5000, 0);
    id = ask(w, token, 700);
    pay(w, id);
    world_pass(w, (int64_t)10 * MINUTE_MS); /* nobody asks: the job does */
    world_settle(w);
    wallet_expect(w, member, 5700, 0);
    id = ask(w, token, 300);
    pay(w, id);
    pay_fake_fail(&w->app->ports->pay, PORT_RETRY, 2); /* the channel is deaf for a while */
    for (int i = 0; i < 6; i++) world_pass(w, (int64_t)5 * MINUTE_MS);
    world_settle(w);
    wallet_expect(w, member, 6000, 0);
    world_post(w, world_path(w, "/v1/wallet/recharges/%lld/query", (long long)id), "{}");
    assert_true(str_is(world_str(w, "/status"), "done"));
    world_holds(w);
}

TEST(a_forged_notice_and_one_of_another_amount_move_nothing) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), id = ask(w, token, 5000);
    pay(w, id);
    Str channel_id = wallet_channel_id(w, id);
    world_as(w, S(""));
    world_post(w, "/v1/payment-notices",
               "{\"id\":\"%.*s\",\"ref\":\"T\",\"amount_fen\":5000,\"at\":1,\"signature\":\"00\"}", (int)channel_id.len,
               channel_id.at);
    wallet_refused(w, 403, "payment.forged");
    world_as(w, w->owner_token);
    wallet_notice(w, id, 4999);
    wallet_refused(w, 409, "payment.amount_differs");
    world_get(w, "/v1/members/%lld/wallet", (long long)member);
    assert_int_equal(world_int(w, "/principal_fen"), 0);
    wallet_notice(w, id, 5000);
    world_settle(w);
    wallet_expect(w, member, 5000, 0);
    world_holds(w);
}

TEST(what_nobody_pays_is_given_up_and_money_that_comes_too_late_goes_back) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), id = ask(w, token, 5000);
    world_settle(w);
    world_pass(w, 3 * (int64_t)HOUR_MS);
    world_settle(w);
    world_as(w, w->owner_token);
    world_get(w, "/v1/wallet/recharges?member_id=%lld", (long long)member);
    assert_true(str_is(world_str(w, "/items/0/status"), "cancelled"));
    wallet_notice(w, id, 5000);
    world_settle(w);
    wallet_expect(w, member, 0, 0);
    world_holds(w);
    for (int i = 0; i < 5; i++) assert_true(ask(w, token, 100 + i) != 0);
    assert_int_equal(ask(w, token, 500), 0);
    wallet_refused(w, 409, "wallet.many_waiting");
    world_holds(w);
}

TEST(a_card_refund_and_a_notice_that_come_crosswise_have_one_effect_each) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token);
    wallet_recharge(w, member, wallet_package(w, 3000, 0, 1));
    int64_t id = ask(w, token, 5000);
    world_as(w, token);
    world_post(w, "/v1/me/wallet/refund-requests", "{}");
    assert_int_equal(w->status, 201);
    int64_t request = world_int(w, "/request_id");
    pay(w, id);
    world_as(w, world_staff(w, "manager"));
    world_post(w, world_path(w, "/v1/wallet/refund-requests/%lld/approve", (long long)request), "{}");
    assert_int_equal(world_int(w, "/amount_fen"), 3000);
    world_as(w, w->owner_token);
    for (int i = 0; i < 2; i++) {
        wallet_notice(w, id, 5000);
        world_settle(w);
    }
    wallet_expect(w, member, 5000, 0); /* came after the refund, so it is there */
    world_holds(w);
}
