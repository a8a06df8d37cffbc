#include "domain/refund/refund.h"
#include "domain/refund/refund_store.h"
#include "test/test.h"
#include "test/world_trade.h"

#define LINE "\"lines\":[{\"item_id\":\"%lld\",\"quantity\":%d}]"
#define CASH "\"tenders\":[{\"tender\":\"cash\",\"amount_fen\":%d}]"

static void refund(World *w, int64_t order_id, const char *body) {
    world_post(w, world_path(w, "/v1/orders/%lld/refunds", (long long)order_id), "%s", body);
}

static void grant(World *w, int64_t member_id, int64_t points) {
    world_post(w, "/v1/points/grants", "{\"member_id\":\"%lld\",\"points\":%lld,\"reason\":\"test\"}",
               (long long)member_id, (long long)points);
    assert_int_equal(w->status, 201);
}

static int64_t points_of(World *w, int64_t member_id) {
    world_get(w, "/v1/members/%lld/points", (long long)member_id);
    return world_int(w, "/balance");
}

TEST(a_line_goes_back_piece_by_piece_and_the_last_piece_takes_the_rest) {
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 333);
    world_stock(w, item, 10);
    world_order(w,
                "\"member_id\":\"%lld\",\"settle\":true,\"lines\":[{\"item_id\":\"%lld\",\"quantity\":3,"
                "\"amount_fen\":1000}]," CASH,
                (long long)member, (long long)item, 1000);
    assert_int_equal(w->status, 201);
    int64_t order_id = world_int(w, "/order_id");
    static const int64_t want_fen[] = { 333, 333, 334 }, want_points[] = { 3, 3, 4 };
    for (int i = 0; i < 3; i++) {
        refund(w, order_id, "{\"lines\":[{\"line_no\":1,\"quantity\":1}]}");
        assert_int_equal(w->status, 201);
        assert_int_equal(world_int(w, "/amount_fen"), want_fen[i]);
        assert_int_equal(world_int(w, "/points_taken"), want_points[i]);
        assert_int_equal(world_int(w, "/growth_taken"), want_points[i]);
        assert_true(str_is(world_str(w, "/tenders/0/tender"), "cash"));
    }
    refund(w, order_id, "{\"lines\":[{\"line_no\":1,\"quantity\":1}]}");
    assert_true(str_is(w->code, "refund.over_left"));
    assert_int_equal(world_int(w, "/numbers/refunded_fen"), 1000);
    refund(w, order_id, "{}");
    assert_true(str_is(w->code, "refund.nothing"));
    assert_int_equal(points_of(w, member), 0);
    world_settle(w);
    world_get(w, "/v1/members/%lld", (long long)member);
    assert_int_equal(world_int(w, "/orders"), 0);
    assert_int_equal(world_int(w, "/spend_fen"), 0);
    world_get(w, "/v1/shops/%lld/stock", (long long)w->shop_id);
    assert_int_equal(world_int(w, "/items/0/left_quantity"), 10);
    world_holds(w);
}

TEST(points_that_paid_come_back_as_points_in_the_share_of_what_goes_back) {
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 1000);
    grant(w, member, 1000);
    world_order(w, "\"member_id\":\"%lld\",\"settle\":true,\"points\":700," LINE "," CASH, (long long)member,
                (long long)item, 2, 1300);
    int64_t order_id = world_int(w, "/order_id");
    assert_int_equal(points_of(w, member), 313);
    refund(w, order_id, "{\"lines\":[{\"line_no\":1,\"quantity\":1}]}");
    assert_int_equal(w->status, 201);
    assert_int_equal(world_int(w, "/points_restored"), 350);
    assert_int_equal(world_int(w, "/points_taken"), 6);
    assert_int_equal(world_int(w, "/points_balance"), 657);
    refund(w, order_id, "{}");
    assert_int_equal(world_int(w, "/points_restored"), 350);
    assert_int_equal(world_int(w, "/points_taken"), 7);
    assert_int_equal(points_of(w, member), 1000);
    world_settle(w);
    world_holds(w);
}

TEST(earned_points_that_were_spent_become_a_recorded_shortfall) {
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 10000);
    int64_t order_id = world_sell(w, member, item, 10000);
    world_post(w, "/v1/points/deductions", "{\"member_id\":\"%lld\",\"points\":100,\"reason\":\"mall\"}",
               (long long)member);
    assert_int_equal(w->status, 201);
    refund(w, order_id, "{}");
    assert_int_equal(w->status, 201);
    assert_int_equal(world_int(w, "/points_taken"), 100);
    assert_int_equal(world_int(w, "/points_shortfall"), 100);
    int64_t refund_id = world_int(w, "/refund_id");
    world_get(w, "/v1/refunds/%lld", (long long)refund_id);
    assert_int_equal(world_int(w, "/points_shortfall"), 100);
    world_sell(w, member, item, 10000); /* later earnings pay the debt */
    assert_int_equal(points_of(w, member), 0);
    world_settle(w);
    world_holds(w);
}

TEST(a_refund_by_amount_leaves_the_goods_with_the_customer) {
    int64_t item = world_item(w, 1000);
    world_stock(w, item, 10);
    world_order(
        w,
        "\"settle\":true,\"lines\":[{\"item_id\":\"%lld\",\"quantity\":1},{\"item_id\":\"%lld\",\"quantity\":2}]," CASH,
        (long long)item, (long long)item, 3000);
    int64_t order_id = world_int(w, "/order_id");
    refund(w, order_id, "{\"amount_fen\":100,\"reason\":\"碰伤\"}");
    assert_int_equal(w->status, 201);
    assert_int_equal(world_int(w, "/lines/0/amount_fen"), 33);
    assert_int_equal(world_int(w, "/lines/1/amount_fen"), 67);
    refund(w, order_id, "{\"amount_fen\":2901}");
    assert_true(str_is(w->code, "refund.over_left"));
    assert_int_equal(world_int(w, "/numbers/left_fen"), 2900);
    refund(w, order_id, "{\"amount_fen\":2900}");
    assert_int_equal(w->status, 201);
    world_get(w, "/v1/shops/%lld/stock", (long long)w->shop_id);
    assert_int_equal(world_int(w, "/items/0/left_quantity"), 7);
    refund(w, order_id, "{\"lines\":[{\"line_no\":2,\"quantity\":2}]}"); /* the goods come later, for no money */
    assert_int_equal(w->status, 201);
    assert_int_equal(world_int(w, "/amount_fen"), 0);
    world_get(w, "/v1/shops/%lld/stock", (long long)w->shop_id);
    assert_int_equal(world_int(w, "/items/0/left_quantity"), 9);
    refund(w, order_id, "{\"keep_goods\":true}");
    assert_int_equal(w->status, 201);
    world_get(w, "/v1/shops/%lld/stock", (long long)w->shop_id);
    assert_int_equal(world_int(w, "/items/0/left_quantity"), 9);
    world_holds(w);
}

TEST(the_same_refund_again_is_a_duplicate_and_other_content_is_refused) {
    int64_t item = world_item(w, 1000);
    world_order(w, "\"settle\":true," LINE "," CASH, (long long)item, 3, 3000);
    int64_t order_id = world_int(w, "/order_id");
    refund(w, order_id, "{\"refund_no\":\"R1\",\"lines\":[{\"line_no\":1,\"quantity\":2}]}");
    assert_int_equal(w->status, 201);
    int64_t refund_id = world_int(w, "/refund_id");
    refund(w, order_id, "{\"refund_no\":\"R1\",\"lines\":[{\"line_no\":1,\"quantity\":2}]}");
    assert_int_equal(w->status, 200);
    assert_int_equal(world_int(w, "/duplicate"), 1);
    assert_int_equal(world_int(w, "/refund_id"), refund_id);
    assert_int_equal(world_int(w, "/amount_fen"), 2000);
    refund(w, order_id, "{\"refund_no\":\"R1\",\"lines\":[{\"line_no\":1,\"quantity\":1}]}");
    assert_true(str_is(w->code, "refund.number_used"));
    world_get(w, "/v1/refunds?order_id=%lld", (long long)order_id);
    assert_int_equal(world_count(w, "/items"), 1);
    world_holds(w);
}

TEST(what_cannot_go_back_is_refused_in_words) {
    int64_t item = world_item(w, 1000);
    world_order(w, LINE, (long long)item, 1);
    int64_t placed = world_int(w, "/order_id");
    refund(w, placed, "{}");
    assert_true(str_is(w->code, "refund.not_completed"));
    int64_t order_id = world_sell(w, 0, item, 1000);
    refund(w, order_id, "{\"lines\":[{\"line_no\":2}]}");
    assert_true(str_is(w->code, "refund.line_unknown"));
    refund(w, order_id, "{\"lines\":[{\"line_no\":1},{\"line_no\":1}]}");
    assert_true(str_is(w->code, "refund.line_twice"));
    refund(w, order_id, "{\"lines\":[{\"line_no\":1,\"quantity\":2}]}");
    assert_true(str_is(w->code, "refund.over_left"));
    refund(w, order_id, "{\"lines\":[{\"line_no\":1,\"amount_fen\":1001}]}");
    assert_true(str_is(w->code, "refund.over_left"));
    refund(w, order_id, "{\"amount_fen\":5,\"lines\":[{\"line_no\":1}]}");
    assert_true(str_is(w->code, "refund.amount_twice"));
    refund(w, 77, "{}");
    assert_int_equal(w->status, 404);
    world_holds(w);
}

TEST(an_order_that_cost_nothing_goes_back_once) {
    int64_t member = world_member(w, "13800000001");
    world_post(w, "/v1/items", "{\"name\":\"gift\",\"price_fen\":0,\"points_bonus\":5}");
    int64_t item = world_int(w, "/item_id");
    world_order(w, "\"member_id\":\"%lld\",\"settle\":true," LINE, (long long)member, (long long)item, 3);
    int64_t order_id = world_int(w, "/order_id");
    for (int i = 0; i < 3; i++) {
        refund(w, order_id, "{\"lines\":[{\"line_no\":1,\"quantity\":1}]}");
        assert_int_equal(w->status, 201);
        world_settle(w);
        world_get(w, "/v1/members/%lld", (long long)member);
        assert_int_equal(world_int(w, "/orders"), i < 2 ? 1 : 0);
    }
    refund(w, order_id, "{}");
    assert_true(str_is(w->code, "refund.nothing"));
    assert_int_equal(points_of(w, member), 0);
    world_holds(w);
}

TEST(a_refund_after_a_merge_reaches_the_member_who_lives_on) {
    int64_t a = world_member(w, "13800000001"), b = world_member(w, "13800000002"), item = world_item(w, 1000);
    grant(w, a, 500);
    world_order(w, "\"member_id\":\"%lld\",\"settle\":true,\"points\":400," LINE "," CASH, (long long)a,
                (long long)item, 1, 600);
    int64_t order_id = world_int(w, "/order_id");
    world_post(w, world_path(w, "/v1/members/%lld/merge", (long long)b), "{\"from_id\":\"%lld\",\"reason\":\"twice\"}",
               (long long)a);
    assert_int_equal(w->status, 201);
    assert_int_equal(points_of(w, b), 106);
    refund(w, order_id, "{}");
    assert_int_equal(w->status, 201);
    assert_int_equal(world_int(w, "/member_id"), b);
    assert_int_equal(points_of(w, b), 500);
    world_settle(w);
    world_holds(w);
}

TEST(a_merge_undone_after_a_refund_leaves_each_card_with_what_is_his) {
    int64_t a = world_member(w, "13800000001"), b = world_member(w, "13800000002"), item = world_item(w, 1000);
    int64_t order_id = world_sell(w, a, item, 1000);
    world_sell(w, a, item, 1000);
    world_sell(w, b, item, 1000);
    world_order(w, "\"member_id\":\"%lld\"," LINE, (long long)a, (long long)item, 3);
    int64_t placed = world_int(w, "/order_id");
    world_settle(w);
    world_post(w, world_path(w, "/v1/members/%lld/merge", (long long)b), "{\"from_id\":\"%lld\",\"reason\":\"x\"}",
               (long long)a);
    assert_int_equal(w->status, 201);
    int64_t merge_id = world_int(w, "/merge_id");
    refund(w, order_id, "{}");
    assert_int_equal(w->status, 201);
    world_post(w, world_path(w, "/v1/orders/%lld/payments", (long long)placed),
               "{\"tender\":\"cash\",\"amount_fen\":3000}");
    assert_true(str_is(world_str(w, "/status"), "completed"));
    world_sell(w, b, item, 1000);
    world_settle(w);
    world_post(w, world_path(w, "/v1/member-merges/%lld/undo", (long long)merge_id), "{}");
    assert_int_equal(w->status, 200);
    world_get(w, "/v1/members/%lld", (long long)a);
    assert_int_equal(world_int(w, "/orders"), 2);
    assert_int_equal(world_int(w, "/spend_fen"), 4000);
    world_get(w, "/v1/members/%lld", (long long)b);
    assert_int_equal(world_int(w, "/orders"), 2);
    assert_int_equal(world_int(w, "/spend_fen"), 2000);
    world_settle(w);
    world_holds(w);
}
