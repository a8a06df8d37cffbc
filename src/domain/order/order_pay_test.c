#include "domain/order/order.h"
#include "test/test.h"
#include "test/world_trade.h"

static int64_t place(World *w, int64_t member, int64_t item, int64_t points) {
    world_order(w, "\"member_id\":\"%lld\",\"points\":%lld,\"lines\":[{\"item_id\":\"%lld\",\"quantity\":1}]",
                (long long)member, (long long)points, (long long)item);
    assert_int_equal(w->status, 201);
    assert_true(str_is(world_str(w, "/status"), "placed"));
    return world_int(w, "/order_id");
}

static void pay(World *w, int64_t order_id, const char *tender, int64_t amount_fen) {
    world_post(w, world_path(w, "/v1/orders/%lld/payments", (long long)order_id),
               "{\"tender\":\"%s\",\"amount_fen\":%lld}", tender, (long long)amount_fen);
}

static void cancel(World *w, int64_t order_id) {
    world_post(w, world_path(w, "/v1/orders/%lld/cancel", (long long)order_id), "{\"reason\":\"changed her mind\"}");
}

static int64_t points_of(World *w, int64_t member_id) {
    world_get(w, "/v1/members/%lld/points", (long long)member_id);
    return world_int(w, "/balance");
}

static void grant(World *w, int64_t member_id, int64_t points) {
    world_post(w, "/v1/points/grants", "{\"member_id\":\"%lld\",\"points\":%lld,\"reason\":\"test\"}",
               (long long)member_id, (long long)points);
    assert_int_equal(w->status, 201);
}

static int64_t stock_of(World *w) {
    world_get(w, "/v1/shops/%lld/stock", (long long)w->shop_id);
    return world_int(w, "/items/0/left_quantity");
}

TEST(an_order_paid_in_parts_completes_with_the_last_fen_and_earns_then) {
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 1000);
    grant(w, member, 200);
    world_stock(w, item, 5);
    int64_t order_id = place(w, member, item, 100);
    assert_int_equal(world_int(w, "/points_earned"), 0);
    assert_int_equal(points_of(w, member), 100); /* put aside */
    assert_int_equal(stock_of(w), 4);
    pay(w, order_id, "cash", 901);
    assert_true(str_is(w->code, "order.tenders_differ"));
    pay(w, order_id, "points", 900);
    assert_true(str_is(w->code, "order.points_place"));
    pay(w, order_id, "cash", 400);
    assert_int_equal(w->status, 200);
    assert_true(str_is(world_str(w, "/status"), "placed"));
    pay(w, order_id, "cash", 500);
    assert_true(str_is(world_str(w, "/status"), "completed"));
    assert_int_equal(world_int(w, "/points_earned"), 9);
    assert_int_equal(world_int(w, "/lines/0/points_earned"), 9);
    assert_int_equal(world_count(w, "/payments"), 3);
    pay(w, order_id, "cash", 1);
    assert_true(str_is(w->code, "order.not_open"));
    cancel(w, order_id);
    assert_true(str_is(w->code, "order.not_open"));
    assert_int_equal(points_of(w, member), 109);
    world_settle(w);
    world_get(w, "/v1/orders/%lld", (long long)order_id);
    assert_int_equal(world_int(w, "/lines/0/points_earned"), 9);
    world_holds(w);
}

TEST(a_cancelled_order_gives_back_points_stock_and_what_was_paid) {
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 1000);
    grant(w, member, 200);
    world_stock(w, item, 5);
    int64_t order_id = place(w, member, item, 100);
    pay(w, order_id, "cash", 300);
    cancel(w, order_id);
    assert_int_equal(w->status, 200);
    assert_true(str_is(world_str(w, "/status"), "cancelled"));
    assert_int_equal(world_int(w, "/payments/0/points_refunded"), 100);
    assert_int_equal(world_int(w, "/payments/1/refunded_fen"), 300);
    assert_int_equal(points_of(w, member), 200);
    assert_int_equal(stock_of(w), 5);
    cancel(w, order_id);
    assert_true(str_is(w->code, "order.not_open"));
    world_settle(w);
    world_get(w, "/v1/members/%lld", (long long)member);
    assert_int_equal(world_int(w, "/orders"), 0);
    assert_int_equal(world_int(w, "/points"), 200);
    world_holds(w);
}

TEST(an_unpaid_order_expires_by_itself_and_a_paid_one_does_not) {
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 1000);
    grant(w, member, 200);
    int64_t unpaid = place(w, member, item, 100), paid = place(w, member, item, 50);
    pay(w, paid, "cash", 950);
    world_pass(w, 29 * 60000);
    world_get(w, "/v1/orders/%lld", (long long)unpaid);
    assert_true(str_is(world_str(w, "/status"), "placed"));
    world_pass(w, 3 * 60000);
    world_get(w, "/v1/orders/%lld", (long long)unpaid);
    assert_true(str_is(world_str(w, "/status"), "cancelled"));
    world_get(w, "/v1/orders/%lld", (long long)paid);
    assert_true(str_is(world_str(w, "/status"), "completed"));
    assert_int_equal(points_of(w, member), 200 - 50 + 9);
    world_holds(w);
}

TEST(a_member_frozen_after_placing_still_gets_what_was_ordered_but_earns_nothing) {
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 1000);
    int64_t order_id = place(w, member, item, 0);
    world_post(w, world_path(w, "/v1/members/%lld/freeze", (long long)member), "{\"frozen\":true,\"reason\":\"x\"}");
    if (w->status != 200) {
        world_post(w, world_path(w, "/v1/members/%lld/freeze", (long long)member),
                   "{\"is_frozen\":true,\"reason\":\"x\"}");
        assert_int_equal(w->status, 200);
    }
    world_order(w, "\"member_id\":\"%lld\",\"lines\":[{\"item_id\":\"%lld\",\"quantity\":1}]", (long long)member,
                (long long)item);
    assert_true(str_is(w->code, "member.frozen"));
    pay(w, order_id, "cash", 1000);
    assert_int_equal(w->status, 200);
    assert_int_equal(world_int(w, "/points_earned"), 0);
    world_settle(w);
    world_holds(w);
}

TEST(an_order_placed_before_a_merge_earns_for_the_member_who_lives_on) {
    int64_t a = world_member(w, "13800000001"), b = world_member(w, "13800000002"), item = world_item(w, 1000);
    grant(w, a, 100);
    int64_t order_id = place(w, a, item, 100);
    world_post(w, world_path(w, "/v1/members/%lld/merge", (long long)b), "{\"from_id\":\"%lld\",\"reason\":\"twice\"}",
               (long long)a);
    assert_int_equal(w->status, 201);
    pay(w, order_id, "cash", 900);
    assert_int_equal(w->status, 200);
    assert_int_equal(world_int(w, "/member_id"), b);
    assert_int_equal(points_of(w, b), 9);
    world_settle(w);
    world_holds(w);
}

TEST(an_order_takes_so_many_tenders_and_not_one_more) {
    int64_t item = world_item(w, 1000), order_id = place(w, 0, item, 0);
    for (int i = 0; i < TENDERS_PER_ORDER_MAX; i++) pay(w, order_id, "cash", 1);
    assert_int_equal(w->status, 200);
    pay(w, order_id, "cash", 1);
    assert_true(str_is(w->code, "order.tenders_many"));
    world_holds(w);
}
