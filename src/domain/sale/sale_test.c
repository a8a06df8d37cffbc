#include "domain/sale/sale_test.h"
#include "domain/times/times_test.h"
#include "domain/wallet/wallet_test.h"
#include "port/ports.h"
#include "test/test.h"

int64_t sale_plan(World *w, const char *key, const char *more) {
    world_post(
        w, "/v1/plans",
        "{\"key\":\"%s\",\"name\":\"月卡\",\"price_fen\":3000,\"unit\":\"month\",\"unit_count\":1,\"trial_days\":7,"
        "\"remind_days\":5%s}",
        key, more);
    assert_int_equal(w->status, 201);
    return world_int(w, "/plan_id");
}

void sale_try(World *w, int64_t member_id, const char *what, int64_t what_id, const char *sale_no, const char *more) {
    world_post(
        w, "/v1/sales",
        "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"what\":\"%s\",\"what_id\":\"%lld\",\"sale_no\":\"%s\"%s}",
        (long long)w->shop_id, (long long)member_id, what, (long long)what_id, sale_no, more);
}

/* The channel says that a sale was paid. */
static void money_comes(World *w, int64_t sale_id, int64_t amount_fen) {
    PayNotice n = { .id = arena_print(&w->arena, "L%lld-%lld-1", (long long)w->merchant_id, (long long)sale_id),
                    .ref = S("T1"),
                    .amount_fen = amount_fen,
                    .at = w->now };
    Str signature = pay_fake_sign(w->app, &w->arena, &n);
    world_as(w, S(""));
    world_post(w, "/v1/payment-notices",
               "{\"id\":\"%.*s\",\"ref\":\"T1\",\"amount_fen\":%lld,\"at\":%lld,\"signature\":\"%.*s\"}", (int)n.id.len,
               n.id.at, (long long)amount_fen, (long long)n.at, (int)signature.len, signature.at);
    world_as(w, w->owner_token);
}

#define CASH ",\"tender\":\"cash\""

TEST(a_times_card_is_bought_at_the_till_used_and_given_back_for_its_unused_share) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), ten = times_template(w, 3, "");
    sale_try(w, member, "times", ten, "K1", CASH ",\"amount_fen\":9999");
    wallet_refused(w, 422, "sale.price");
    assert_int_equal(world_int(w, "/numbers/price_fen"), 10000);
    sale_try(w, member, "times", ten, "K1", CASH ",\"count\":2");
    assert_int_equal(w->status, 201);
    int64_t sale = world_int(w, "/sale_id");
    assert_int_equal(world_int(w, "/amount_fen"), 20000);
    assert_int_equal(world_count(w, "/cards"), 2);
    sale_try(w, member, "times", ten, "K1", CASH ",\"count\":2");
    assert_true(w->status == 200 && world_has(w, "/duplicate"));
    sale_try(w, member, "times", ten, "K1", CASH);
    wallet_refused(w, 409, "sale.number_used");
    times_try(w, member, 1, "U1", "");
    world_get(w, "/v1/sales/%lld/refund-quote", (long long)sale);
    assert_int_equal(world_int(w, "/amount_fen"), 16666);
    const char *refund = world_path(w, "/v1/sales/%lld/refund", (long long)sale);
    world_as(w, world_staff(w, "cashier"));
    world_post(w, refund, "{\"reason\":\"不想要\"}");
    assert_int_equal(w->status, 403);
    world_as(w, w->owner_token);
    world_post(w, refund, "{\"reason\":\"不想要\"}");
    assert_int_equal(world_int(w, "/amount_fen"), 16666);
    assert_true(str_is(world_str(w, "/state"), "done"));
    world_post(w, refund, "{\"reason\":\"再退\"}");
    wallet_refused(w, 409, "sale.nothing_left");
    assert_int_equal(world_int(w, "/numbers/returned_fen"), 16666);
    world_get(w, "/v1/sales?member_id=%lld", (long long)member);
    assert_int_equal(world_int(w, "/items/0/returned_fen"), 16666);
    world_holds(w);
}

TEST(a_sale_says_what_it_refuses) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), gift = 0, ten = times_template(w, 3, "");
    sale_try(w, member, "times", 7, "A", CASH);
    wallet_refused(w, 404, "times.template_unknown");
    sale_try(w, member, "plan", 7, "A", CASH);
    wallet_refused(w, 404, "plan.unknown");
    sale_try(w, member, "times", ten, "A", ",\"tender\":\"points\"");
    wallet_refused(w, 422, "sale.tender");
    sale_try(w, member, "times", ten, "A", ",\"tender\":\"shells\"");
    wallet_refused(w, 422, "payment.tender_unknown");
    sale_try(w, member, "times", ten, "A", CASH ",\"count\":1000000000");
    assert_int_equal(w->status, 422);
    world_post(w, "/v1/times/templates", "{\"name\":\"赠卡\",\"uses\":1}");
    gift = world_int(w, "/template_id");
    sale_try(w, member, "times", gift, "A", CASH);
    wallet_refused(w, 409, "sale.not_for_sale");
    sale_try(w, member, "plan", sale_plan(w, "m", ""), "A", CASH ",\"count\":2");
    wallet_refused(w, 409, "sale.not_for_sale");
    world_get(w, "/v1/sales/7");
    wallet_refused(w, 404, "sale.unknown");
    world_send(w, "PUT", world_path(w, "/v1/members/%lld/blocked-rights", (long long)member),
               S("{\"blocked\":[\"buy\"],\"reason\":\"x\"}"));
    assert_int_equal(w->status, 200);
    sale_try(w, member, "times", ten, "B", CASH);
    wallet_refused(w, 409, "member.blocked");
    world_send(w, "PUT", world_path(w, "/v1/members/%lld/blocked-rights", (long long)member),
               S("{\"blocked\":[],\"reason\":\"x\"}"));
    world_as(w, token);
    world_post(w, "/v1/me/sales", "{\"shop_id\":\"%lld\",\"what\":\"times\",\"what_id\":\"%lld\",\"tender\":\"cash\"}",
               (long long)w->shop_id, (long long)ten);
    wallet_refused(w, 422, "sale.tender");
    world_as(w, w->owner_token);
    world_holds(w);
}

TEST(a_member_buys_with_balance_and_gets_it_back_as_it_was_split) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), ten = times_template(w, 4, "");
    wallet_recharge(w, member, wallet_package(w, 10000, 2000, 1));
    world_as(w, token);
    world_post(
        w, "/v1/me/sales",
        "{\"shop_id\":\"%lld\",\"what\":\"times\",\"what_id\":\"%lld\",\"tender\":\"balance\",\"pin\":\"111222\"}",
        (long long)w->shop_id, (long long)ten);
    wallet_refused(w, 403, "wallet.proof_wrong");
    world_post(
        w, "/v1/me/sales",
        "{\"shop_id\":\"%lld\",\"what\":\"times\",\"what_id\":\"%lld\",\"tender\":\"balance\",\"pin\":\"274913\"}",
        (long long)w->shop_id, (long long)ten);
    assert_int_equal(w->status, 201);
    int64_t sale = world_int(w, "/sale_id");
    world_get(w, "/v1/me/sales/%lld", (long long)sale);
    assert_int_equal(world_count(w, "/cards"), 1);
    world_as(w, w->owner_token);
    wallet_expect(w, member, 0, 2000);
    times_try(w, member, 1, "U1", "");
    world_post(w, world_path(w, "/v1/sales/%lld/refund", (long long)sale), "{\"reason\":\"搬家\"}");
    assert_int_equal(world_int(w, "/amount_fen"), 7500);
    wallet_expect(w, member, 7500, 2000);
    world_holds(w);
}

TEST(what_is_paid_at_a_channel_is_given_once_when_the_money_is_there) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), plan = sale_plan(w, "m", "");
    world_as(w, token);
    world_post(w, "/v1/me/sales", "{\"shop_id\":\"%lld\",\"what\":\"plan\",\"what_id\":\"%lld\",\"tender\":\"wechat\"}",
               (long long)w->shop_id, (long long)plan);
    assert_int_equal(w->status, 201);
    assert_true(str_is(world_str(w, "/status"), "waiting"));
    int64_t sale = world_int(w, "/sale_id");
    world_settle(w);
    world_get(w, "/v1/me/plans");
    assert_int_equal(world_count(w, "/items"), 0);
    /* Retired while the member pays: his money is here, so he gets what he bought. */
    world_as(w, w->owner_token);
    world_post(w, world_path(w, "/v1/plans/%lld/retire", (long long)plan), "{}");
    world_post(w, world_path(w, "/v1/sales/%lld/refund", (long long)sale), "{\"reason\":\"x\"}");
    wallet_refused(w, 409, "sale.not_done");
    for (int i = 0; i < 2; i++) {
        money_comes(w, sale, 3000);
        world_settle(w);
    }
    world_get(w, "/v1/members/%lld/plans", (long long)member);
    assert_int_equal(world_count(w, "/items"), 1);
    world_post(w, world_path(w, "/v1/sales/%lld/cancel", (long long)sale), "{}");
    wallet_refused(w, 409, "sale.not_waiting");
    world_holds(w);
}

TEST(a_sale_whose_notice_was_lost_is_given_when_the_till_asks_the_channel) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), ten = times_template(w, 4, "");
    sale_try(w, member, "times", ten, "L1", ",\"tender\":\"wechat\"");
    int64_t sale = world_int(w, "/sale_id");
    world_settle(w);
    const char *query = world_path(w, "/v1/sales/%lld/query", (long long)sale);
    world_post(w, query, "{}");
    assert_true(str_is(world_str(w, "/status"), "waiting"));
    pay_fake_pay(&w->app->ports->pay,
                 arena_print(&w->arena, "L%lld-%lld-1", (long long)w->merchant_id, (long long)sale), w->now);
    for (int i = 0; i < 2; i++) {
        world_post(w, query, "{}");
        assert_true(str_is(world_str(w, "/status"), "done"));
        world_settle(w);
    }
    times_left(w, member, 4);
    world_holds(w);
}

TEST(a_sale_that_waits_is_given_up_and_gives_nothing) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), ten = times_template(w, 4, "");
    sale_try(w, member, "times", ten, "W1", ",\"tender\":\"wechat\"");
    int64_t sale = world_int(w, "/sale_id");
    world_settle(w);
    world_post(w, world_path(w, "/v1/sales/%lld/cancel", (long long)sale), "{}");
    assert_true(str_is(world_str(w, "/status"), "cancelled"));
    world_settle(w);
    world_get(w, "/v1/members/%lld/times", (long long)member);
    assert_int_equal(world_count(w, "/items"), 0);
    world_holds(w);
}

TEST(a_sale_nobody_pays_is_given_up_by_itself_and_late_money_goes_back) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), ten = times_template(w, 4, "");
    sale_try(w, member, "times", ten, "W1", ",\"tender\":\"wechat\"");
    int64_t sale = world_int(w, "/sale_id");
    world_settle(w);
    world_pass(w, (int64_t)3 * HOUR_MS);
    world_get(w, "/v1/sales/%lld", (long long)sale);
    assert_true(str_is(world_str(w, "/status"), "cancelled"));
    money_comes(w, sale, 10000);
    world_settle(w);
    world_get(w, "/v1/members/%lld/times", (long long)member);
    assert_int_equal(world_count(w, "/items"), 0);
    world_holds(w);
}

TEST(sales_follow_a_merge_and_their_refund_reaches_who_stayed) {
    Str token;
    int64_t from = wallet_member(w, "13800000001", &token), into = wallet_member(w, "13800000002", &token);
    wallet_recharge(w, from, wallet_package(w, 10000, 0, 1));
    sale_try(w, from, "times", times_template(w, 2, ""), "M1", ",\"tender\":\"balance\",\"pin\":\"274913\"");
    int64_t sale = world_int(w, "/sale_id");
    world_post(w, world_path(w, "/v1/members/%lld/merge", (long long)into), "{\"from_id\":\"%lld\",\"reason\":\"同\"}",
               (long long)from);
    assert_int_equal(w->status, 201);
    int64_t merge = world_int(w, "/merge_id");
    world_post(w, world_path(w, "/v1/member-merges/%lld/undo", (long long)merge), "{}");
    assert_int_equal(w->status, 200);
    world_holds(w);
    world_post(w, world_path(w, "/v1/members/%lld/merge", (long long)into), "{\"from_id\":\"%lld\",\"reason\":\"同\"}",
               (long long)from);
    world_post(w, world_path(w, "/v1/sales/%lld/refund", (long long)sale), "{\"reason\":\"x\"}");
    assert_int_equal(w->status, 201);
    wallet_expect(w, into, 10000, 0);
    world_holds(w);
}
