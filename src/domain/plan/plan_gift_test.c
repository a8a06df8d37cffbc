#include "domain/plan/plan_store.h"
#include "domain/sale/sale_test.h"
#include "domain/wallet/wallet_test.h"
#include "test/test.h"

static int64_t points(World *w, int64_t member) {
    world_get(w, "/v1/members/%lld/points", (long long)member);
    return world_int(w, "/balance");
}

/* A year for 120 yuan: 500 points to welcome, 30 at its beginning and every month. */
static int64_t year(World *w) {
    world_post(
        w, "/v1/plans",
        "{\"key\":\"year\",\"name\":\"年卡\",\"price_fen\":12000,\"unit\":\"year\",\"unit_count\":1,\"full_days\":3,"
        "\"welcome_gifts\":[{\"kind\":\"points\",\"amount\":500}],\"gifts\":[{\"kind\":\"points\",\"amount\":30}],"
        "\"gift_months\":1}");
    assert_int_equal(w->status, 201);
    return world_int(w, "/plan_id");
}

static int64_t buy(World *w, int64_t member, int64_t plan, const char *no) {
    sale_try(w, member, "plan", plan, no, ",\"tender\":\"cash\"");
    assert_int_equal(w->status, 201);
    int64_t sale = world_int(w, "/sale_id");
    world_settle(w);
    return sale;
}

TEST(a_plan_welcomes_once_and_gives_every_month_once_also_after_the_server_stood_still) {
    int64_t member = world_member(w, "13800000001"), plan = year(w);
    buy(w, member, plan, "Y1");
    assert_int_equal(points(w, member), 530);
    world_pass(w, (int64_t)31 * DAY_MS);
    assert_int_equal(points(w, member), 560);
    world_pass(w, DAY_MS);
    assert_int_equal(points(w, member), 560);
    world_clock(w, w->now + (int64_t)100 * DAY_MS); /* three months without a server */
    world_restart(w);
    world_settle(w);
    assert_int_equal(points(w, member), 650);
    world_clock(w, w->now + (int64_t)300 * DAY_MS); /* and until after its end */
    world_restart(w);
    world_settle(w);
    assert_int_equal(points(w, member), 500 + 12 * 30);
    buy(w, member, plan, "Y2"); /* no second welcome */
    assert_int_equal(points(w, member), 500 + 13 * 30);
    world_holds(w);
}

TEST(gifts_of_a_plan_go_back_in_the_share_of_the_money) {
    int64_t member = world_member(w, "13800000001"), plan = year(w), sale = buy(w, member, plan, "Y1");
    world_post(w, world_path(w, "/v1/sales/%lld/refund", (long long)sale), "{\"reason\":\"反悔\"}");
    assert_int_equal(world_int(w, "/amount_fen"), 12000);
    world_settle(w);
    assert_int_equal(points(w, member), 0);
    buy(w, member, plan, "Y2");
    assert_int_equal(points(w, member), 30);
    world_holds(w);
}

TEST(who_may_not_earn_gets_no_gift_of_a_plan_but_has_the_plan) {
    int64_t member = world_member(w, "13800000001"), plan = year(w);
    world_send(w, "PUT", world_path(w, "/v1/members/%lld/blocked-rights", (long long)member),
               S("{\"blocked\":[\"earn\"],\"reason\":\"x\"}"));
    buy(w, member, plan, "Y1");
    assert_int_equal(points(w, member), 0);
    world_get(w, "/v1/dead-letters");
    assert_int_equal(world_count(w, "/items"), 0);
    world_post(
        w, "/v1/plans",
        "{\"key\":\"bad\",\"name\":\"x\",\"price_fen\":1,\"unit_count\":1,\"gifts\":[{\"kind\":\"coupon\",\"what_id\":"
        "\"7\"}]}");
    assert_true(w->status >= 400);
    world_holds(w);
}
