#include "domain/order/order.h"
#include "test/test.h"
#include "test/world_trade.h"

#define LINE "\"lines\":[{\"item_id\":\"%lld\",\"quantity\":%d}]"
#define CASH "\"tenders\":[{\"tender\":\"cash\",\"amount_fen\":%d}]"

static void grant(World *w, int64_t member_id, int64_t points) {
    world_post(w, "/v1/points/grants", "{\"member_id\":\"%lld\",\"points\":%lld,\"reason\":\"test\"}",
               (long long)member_id, (long long)points);
    assert_int_equal(w->status, 201);
}

static int64_t points_of(World *w, int64_t member_id) {
    world_get(w, "/v1/members/%lld/points", (long long)member_id);
    return world_int(w, "/balance");
}

TEST(an_order_settled_in_one_call_is_paid_earned_and_counted) {
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 1250);
    world_order(w, "\"member_id\":\"%lld\",\"settle\":true," LINE "," CASH, (long long)member, (long long)item, 4,
                5000);
    assert_int_equal(w->status, 201);
    assert_true(str_is(world_str(w, "/status"), "completed"));
    assert_int_equal(world_int(w, "/payable_fen"), 5000);
    assert_int_equal(world_int(w, "/cash_fen"), 5000);
    assert_int_equal(world_int(w, "/points_earned"), 50);
    assert_int_equal(world_int(w, "/growth_earned"), 50);
    assert_int_equal(world_int(w, "/points_balance"), 50);
    assert_int_equal(world_int(w, "/growth_balance"), 50);
    assert_int_equal(world_int(w, "/lines/0/points_earned"), 50);
    assert_true(str_is(world_str(w, "/payments/0/status"), "paid"));
    int64_t order_id = world_int(w, "/order_id");
    world_get(w, "/v1/orders/%lld", (long long)order_id);
    assert_int_equal(world_int(w, "/payments/0/amount_fen"), 5000);
    assert_int_equal(world_int(w, "/lines/0/quantity"), 4);
    world_settle(w);
    world_get(w, "/v1/members/%lld", (long long)member);
    assert_int_equal(world_int(w, "/points"), 50);
    assert_int_equal(world_int(w, "/orders"), 1);
    assert_int_equal(world_int(w, "/spend_fen"), 5000);
    world_holds(w);
}

TEST(the_same_order_again_is_answered_as_a_duplicate_and_other_content_is_refused) {
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 1000);
    const char *const form =
        "{\"shop_id\":\"%lld\",\"order_no\":\"R1\",\"member_id\":\"%lld\",\"settle\":true,"
        "\"lines\":[{\"item_id\":\"%lld\",\"quantity\":%d}],\"tenders\":[{\"tender\":\"cash\",\"amount_fen\":%d}]}";
    world_post(w, "/v1/orders", form, (long long)w->shop_id, (long long)member, (long long)item, 1, 1000);
    assert_int_equal(w->status, 201);
    int64_t order_id = world_int(w, "/order_id");
    world_post(w, "/v1/orders", form, (long long)w->shop_id, (long long)member, (long long)item, 1, 1000);
    assert_int_equal(w->status, 200);
    assert_int_equal(world_int(w, "/duplicate"), 1);
    assert_int_equal(world_int(w, "/order_id"), order_id);
    world_post(w, "/v1/orders", form, (long long)w->shop_id, (long long)member, (long long)item, 2, 2000);
    assert_int_equal(w->status, 409);
    assert_true(str_is(w->code, "order.number_used"));
    assert_int_equal(world_int(w, "/numbers/order_id"), order_id);

    /* The price has changed and the item is gone: the till still hears of the order that went through. */
    world_header(w, "if-match", "*");
    world_send(w, "PATCH", world_path(w, "/v1/items/%lld", (long long)item),
               S("{\"price_fen\":900,\"status\":\"removed\"}"));
    assert_int_equal(w->status, 200);
    world_post(w, "/v1/orders", form, (long long)w->shop_id, (long long)member, (long long)item, 1, 1000);
    assert_int_equal(w->status, 200);
    assert_int_equal(world_int(w, "/order_id"), order_id);
    world_post(w, "/v1/orders", form, (long long)w->shop_id, (long long)member, (long long)item, 3, 3000);
    assert_true(str_is(w->code, "order.number_used"));
    assert_int_equal(points_of(w, member), 10);
    world_holds(w);
}

TEST(tenders_must_pay_the_whole_exactly) {
    int64_t item = world_item(w, 1000);
    world_order(w, "\"settle\":true," LINE "," CASH, (long long)item, 1, 999);
    assert_true(str_is(w->code, "order.tenders_differ"));
    assert_int_equal(world_int(w, "/numbers/missing_fen"), 1);
    world_order(w, "\"settle\":true," LINE "," CASH, (long long)item, 1, 1001);
    assert_true(str_is(w->code, "order.tenders_differ"));
    world_order(w,
                "\"settle\":true," LINE ",\"tenders\":[{\"tender\":\"cash\",\"amount_fen\":400},"
                "{\"tender\":\"card\",\"amount_fen\":600,\"external_no\":\"T1\"}]",
                (long long)item, 1);
    assert_int_equal(w->status, 201);
    world_order(w, "\"settle\":true," LINE ",\"tenders\":[{\"tender\":\"shells\",\"amount_fen\":1000}]",
                (long long)item, 1);
    assert_true(str_is(w->code, "payment.tender_unknown"));
    world_order(w, "\"settle\":true," LINE ",\"tenders\":[{\"tender\":\"points\",\"amount_fen\":1000}]",
                (long long)item, 1);
    assert_true(str_is(w->code, "order.points_place"));
    world_order(w, "\"settle\":true," LINE ",\"tenders\":[{\"tender\":\"wechat\",\"amount_fen\":1000}]",
                (long long)item, 1);
    assert_true(str_is(w->code, "order.tenders_differ"));
    world_post(w, "/v1/orders", "{\"shop_id\":\"%lld\"," LINE "}", (long long)w->shop_id, (long long)item, 1);
    assert_true(str_is(w->code, "order.number_missing"));
    world_holds(w);
}

TEST(points_pay_a_part_and_their_worth_is_shared_over_the_lines_to_the_fen) {
    int64_t member = world_member(w, "13800000001"), a = world_item(w, 333), b = world_item(w, 334),
            c = world_item(w, 334);
    grant(w, member, 500);
    world_order(
        w,
        "\"member_id\":\"%lld\",\"settle\":true,\"points\":100,\"lines\":[{\"item_id\":\"%lld\",\"quantity\":1},"
        "{\"item_id\":\"%lld\",\"quantity\":1},{\"item_id\":\"%lld\",\"quantity\":1}]," CASH,
        (long long)member, (long long)a, (long long)b, (long long)c, 901);
    assert_int_equal(w->status, 201);
    assert_int_equal(world_int(w, "/offset_fen"), 100);
    assert_int_equal(world_int(w, "/cash_fen"), 901);
    int64_t sum = 0;
    for (int i = 0; i < 3; i++) sum += world_int(w, world_path(w, "/lines/%d/offset_fen", i));
    assert_int_equal(sum, 100);
    assert_true(str_is(world_str(w, "/payments/0/tender"), "points"));
    assert_int_equal(world_int(w, "/payments/0/points"), 100);
    assert_int_equal(world_int(w, "/points_earned"), 9); /* the cash part alone */
    assert_int_equal(world_int(w, "/points_balance"), 409);
    world_order(w, "\"member_id\":\"%lld\",\"settle\":true,\"points\":1001," LINE "," CASH, (long long)member,
                (long long)a, 4, 331);
    assert_int_equal(w->status, 409);
    assert_true(str_is(w->code, "points.short"));
    world_order(w, "\"settle\":true,\"points\":10," LINE "," CASH, (long long)a, 1, 323);
    assert_true(str_is(w->code, "order.points_need_member"));
    assert_int_equal(points_of(w, member), 409);
    world_holds(w);
}

TEST(an_order_can_be_paid_with_points_alone) {
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 500);
    grant(w, member, 500);
    world_order(w, "\"member_id\":\"%lld\",\"settle\":true,\"points\":500," LINE, (long long)member, (long long)item,
                1);
    assert_int_equal(w->status, 201);
    assert_int_equal(world_int(w, "/points_earned"), 0);
    assert_int_equal(points_of(w, member), 0);
    world_holds(w);
}

TEST(a_quote_tells_price_points_and_offset_and_writes_nothing) {
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 1000);
    grant(w, member, 300);
    world_post(w, "/v1/quotes", "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"settle\":true," LINE "}",
               (long long)w->shop_id, (long long)member, (long long)item, 2);
    assert_int_equal(w->status, 200);
    assert_int_equal(world_int(w, "/order/payable_fen"), 2000);
    assert_int_equal(world_int(w, "/order/points_earned"), 20);
    assert_int_equal(world_int(w, "/order/growth_earned"), 20);
    assert_int_equal(world_int(w, "/offset/points"), 300);
    assert_int_equal(world_int(w, "/offset/fen"), 300);
    world_post(w, "/v1/quotes", "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"points\":200," LINE "}",
               (long long)w->shop_id, (long long)member, (long long)item, 2);
    assert_int_equal(world_int(w, "/order/points_earned"), 18);
    world_post(w, "/v1/quotes", "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"points\":301," LINE "}",
               (long long)w->shop_id, (long long)member, (long long)item, 2);
    assert_true(str_is(w->code, "points.short"));
    world_get(w, "/v1/orders");
    assert_int_equal(world_count(w, "/items"), 0);
}

TEST(a_member_gets_the_better_of_tier_discount_and_member_price) {
    world_post(w, "/v1/tiers/presets", "{\"preset\":\"discounts\"}");
    assert_int_equal(w->status, 200);
    int64_t member = world_member(w, "13800000001");
    world_post(w, "/v1/items", "{\"name\":\"a\",\"price_fen\":1005,\"member_price_fen\":950}");
    int64_t a = world_int(w, "/item_id");
    world_post(w, "/v1/items", "{\"name\":\"b\",\"price_fen\":1000,\"member_price_fen\":800}");
    int64_t b = world_int(w, "/item_id");
    world_post(w, "/v1/items", "{\"name\":\"c\",\"price_fen\":1000,\"member_price_fen\":800,\"no_discount\":true}");
    int64_t c = world_int(w, "/item_id");
    const char *const lines = "\"lines\":[{\"item_id\":\"%lld\",\"quantity\":1},{\"item_id\":\"%lld\",\"quantity\":2},"
                              "{\"item_id\":\"%lld\",\"quantity\":1}]";
    const char *const text = arena_print(&w->arena, lines, (long long)a, (long long)b, (long long)c).at;
    world_post(w, "/v1/quotes", "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",%s}", (long long)w->shop_id,
               (long long)member, text);
    assert_int_equal(w->status, 200);
    assert_int_equal(world_int(w, "/order/lines/0/payable_fen"), 905); /* 904.5, half up */
    assert_true(str_is(world_str(w, "/order/adjustments/1/rule"), "tier"));
    assert_int_equal(world_int(w, "/order/lines/0/shares/0/step_no"), 2);
    assert_int_equal(world_int(w, "/order/lines/1/payable_fen"), 1600);
    assert_true(str_is(world_str(w, "/order/adjustments/0/rule"), "member_price"));
    assert_int_equal(world_int(w, "/order/lines/1/shares/0/off_fen"), 400);
    assert_int_equal(world_int(w, "/order/lines/2/payable_fen"), 1000);
    assert_int_equal(world_int(w, "/order/payable_fen"), 3505);
    world_post(w, "/v1/quotes", "{\"shop_id\":\"%lld\",%s}", (long long)w->shop_id, text);
    assert_int_equal(world_int(w, "/order/payable_fen"), 4005);
}

TEST(naming_a_price_needs_the_permission_and_repeating_the_shops_price_does_not) {
    int64_t item = world_item(w, 1000);
    Str cashier = world_staff(w, "cashier");
    world_as(w, cashier);
    const char *const form = "{\"shop_id\":\"%lld\",\"lines\":[{\"item_id\":\"%lld\",\"quantity\":1,%s}]}";
    world_post(w, "/v1/quotes", form, (long long)w->shop_id, (long long)item, "\"unit_price_fen\":1000");
    assert_int_equal(w->status, 200);
    static const char *const named[] = { "\"unit_price_fen\":900", "\"amount_fen\":900", "\"free\":true" };
    for (int i = 0; i < 3; i++) {
        world_as(w, cashier);
        world_post(w, "/v1/quotes", form, (long long)w->shop_id, (long long)item, named[i]);
        assert_int_equal(w->status, 422);
        assert_true(str_is(world_str(w, "/errors/0/code"), "order.price_denied"));
        assert_true(str_is(world_str(w, "/errors/0/pointer"), "/lines/0"));
        world_as(w, w->owner_token);
        world_post(w, "/v1/quotes", form, (long long)w->shop_id, (long long)item, named[i]);
        assert_int_equal(w->status, 200);
        assert_int_equal(world_int(w, "/order/payable_fen"), i == 2 ? 0 : 900);
    }
    world_as(w, cashier);
    world_post(w, "/v1/quotes", form, (long long)w->shop_id, (long long)item, "\"amount_fen\":900,\"weight_g\":450");
    assert_int_equal(w->status, 200); /* what the scale printed is no named price */
}

TEST(lines_say_all_that_is_wrong_with_them_at_once) {
    int64_t item = world_item(w, 1000);
    world_post(w, "/v1/quotes",
               "{\"shop_id\":\"%lld\",\"lines\":[{\"sku\":\"none\",\"quantity\":1},{\"barcode\":\"none\","
               "\"quantity\":1},{\"item_id\":\"%lld\",\"quantity\":0},{\"quantity\":1000001}]}",
               (long long)w->shop_id, (long long)item);
    assert_int_equal(w->status, 422);
    assert_int_equal(world_count(w, "/errors"), 2); /* the table's complaints come first */
    world_post(
        w, "/v1/quotes",
        "{\"shop_id\":\"%lld\",\"lines\":[{\"sku\":\"none\",\"quantity\":1},{\"barcode\":\"none\",\"quantity\":1}]}",
        (long long)w->shop_id);
    assert_int_equal(world_count(w, "/errors"), 2);
    world_post(w, "/v1/quotes",
               "{\"shop_id\":\"%lld\",\"lines\":[{\"quantity\":1},{\"name\":\"x\",\"quantity\":1},"
               "{\"name\":\"gift\",\"quantity\":1,\"free\":true}]}",
               (long long)w->shop_id);
    assert_int_equal(world_count(w, "/errors"), 2);
    world_post(w, "/v1/quotes", "{\"shop_id\":\"%lld\",\"lines\":[]}", (long long)w->shop_id);
    assert_int_equal(w->status, 422);
}

TEST(huge_quantities_and_amounts_are_refused_in_words) {
    int64_t item = world_item(w, 100000000);
    world_post(w, "/v1/quotes", "{\"shop_id\":\"%lld\"," LINE "}", (long long)w->shop_id, (long long)item, 1000000);
    assert_true(str_is(w->code, "order.too_large"));
    world_post(
        w, "/v1/quotes",
        "{\"shop_id\":\"%lld\",\"lines\":[{\"name\":\"x\",\"quantity\":1000000,\"unit_price_fen\":100000000000}]}",
        (long long)w->shop_id);
    assert_true(str_is(w->code, "order.too_large"));
    int64_t member = world_member(w, "13800000001");
    world_post(w, "/v1/items", "{\"name\":\"bonus\",\"price_fen\":1,\"points_bonus\":1000000}");
    int64_t bonus = world_int(w, "/item_id");
    world_order(w,
                "\"member_id\":\"%lld\",\"settle\":true,\"lines\":[{\"item_id\":\"%lld\",\"quantity\":1000000},"
                "{\"item_id\":\"%lld\",\"quantity\":1000000}]," CASH,
                (long long)member, (long long)bonus, (long long)bonus, 2000000);
    assert_true(w->status < 500);
    world_holds(w);
}

TEST(lines_that_cost_nothing_and_orders_that_cost_nothing_are_orders) {
    int64_t member = world_member(w, "13800000001"), free_item = world_item(w, 0), item = world_item(w, 700);
    world_order(w,
                "\"member_id\":\"%lld\",\"settle\":true,\"lines\":[{\"item_id\":\"%lld\",\"quantity\":3},"
                "{\"item_id\":\"%lld\",\"quantity\":1}]," CASH,
                (long long)member, (long long)free_item, (long long)item, 700);
    assert_int_equal(w->status, 201);
    world_order(w, "\"member_id\":\"%lld\",\"settle\":true," LINE, (long long)member, (long long)free_item, 1);
    assert_int_equal(w->status, 201);
    assert_true(str_is(world_str(w, "/status"), "completed"));
    world_settle(w);
    world_holds(w);
}

TEST(an_offline_till_sends_when_it_was_sold_within_limits) {
    int64_t item = world_item(w, 100);
    int64_t sold_at = w->now - 2 * 86400000;
    const char *const form = "\"settle\":true,\"occurred_at\":%lld," LINE "," CASH;
    world_order(w, form, (long long)sold_at, (long long)item, 1, 100);
    assert_int_equal(w->status, 201);
    assert_int_equal(world_int(w, "/occurred_at"), sold_at);
    assert_true(str_is(world_str(w, "/day"), "2026-02-28"));
    world_order(w, form, (long long)(w->now - 8 * 86400000LL), (long long)item, 1, 100);
    assert_true(str_is(w->code, "order.backdated"));
    world_order(w, form, (long long)(w->now + 10 * 60000), (long long)item, 1, 100);
    assert_true(str_is(w->code, "order.future"));
    world_order(w, form, (long long)(w->now + 60000), (long long)item, 1, 100);
    assert_int_equal(w->status, 201); /* a till's clock may be a minute fast */
    world_holds(w);
}

TEST(members_who_are_frozen_or_may_not_buy_are_refused_and_merged_ones_followed) {
    int64_t a = world_member(w, "13800000001"), b = world_member(w, "13800000002"), item = world_item(w, 1000);
    world_sell(w, a, item, 1000);
    world_settle(w);
    world_post(w, world_path(w, "/v1/members/%lld/merge", (long long)b), "{\"from_id\":\"%lld\",\"reason\":\"twice\"}",
               (long long)a);
    assert_int_equal(w->status, 201);
    int64_t order_id = world_sell(w, a, item, 1000);
    assert_int_equal(world_int(w, "/member_id"), b);
    assert_int_equal(world_int(w, "/points_balance"), 20);
    world_get(w, "/v1/orders?member_id=%lld", (long long)b);
    assert_int_equal(world_count(w, "/items"), 2);
    assert_int_equal(world_int(w, "/items/0/order_id"), order_id);
    world_settle(w);
    world_holds(w);
}

TEST(caps_of_the_day_take_points_off_and_the_lines_still_add_up) {
    world_setting(w, "points", "{\"day_cap\":15}");
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 1000);
    world_sell(w, member, item, 1000);
    world_order(w,
                "\"member_id\":\"%lld\",\"settle\":true,\"lines\":[{\"item_id\":\"%lld\",\"quantity\":1},"
                "{\"item_id\":\"%lld\",\"quantity\":2}]," CASH,
                (long long)member, (long long)item, (long long)item, 3000);
    assert_int_equal(w->status, 201);
    assert_int_equal(world_int(w, "/points_earned"), 5);
    int64_t order_id = world_int(w, "/order_id");
    world_get(w, "/v1/orders/%lld", (long long)order_id);
    assert_int_equal(world_int(w, "/points_earned"), 5);
    assert_int_equal(points_of(w, member), 15);
    world_holds(w);
}

TEST(orders_are_listed_newest_first_page_by_page_without_gaps) {
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 100);
    for (int i = 0; i < 7; i++) {
        world_sell(w, i % 2 == 0 ? member : 0, item, 100);
        world_clock(w, w->now + 7 * 3600000);
    }
    for (int who = 0; who < 2; who++) {
        int64_t seen = 0, last = INT64_MAX;
        Str cursor = S("");
        do {
            world_get(w, "/v1/orders?limit=2&cursor=%.*s%s", (int)cursor.len, cursor.at,
                      who ? world_path(w, "&member_id=%lld", (long long)member) : "");
            assert_int_equal(w->status, 200);
            for (int64_t i = 0; i < world_count(w, "/items"); i++, seen++) {
                int64_t at = world_int(w, world_path(w, "/items/%lld/occurred_at", (long long)i));
                assert_true(at <= last);
                last = at;
            }
            cursor = world_str(w, "/next_cursor");
        } while (cursor.len > 0);
        assert_int_equal(seen, who ? 4 : 7);
    }
    world_get(w, "/v1/orders?from_day=2026-03-03&to_day=2026-03-03");
    assert_true(world_count(w, "/items") >= 3);
}

TEST(another_shops_orders_are_not_shown_or_sold_by_who_works_here) {
    int64_t item = world_item(w, 100), order_id = world_sell(w, 0, item, 100);
    world_post(w, "/v1/shops", "{\"code\":\"S9\",\"name\":\"南店\"}");
    int64_t other = world_int(w, "/shop_id");
    world_post(w, "/v1/staff",
               "{\"login\":\"nan\",\"name\":\"南\",\"role\":\"cashier\",\"password\":\"long-enough-1\","
               "\"shop_ids\":[\"%lld\"]}",
               (long long)other);
    assert_int_equal(w->status, 201);
    world_post(w, "/v1/login", "{\"login\":\"nan\",\"password\":\"long-enough-1\"}");
    assert_true(w->status == 200 || w->status == 201);
    world_as(w, world_str(w, "/token"));
    world_get(w, "/v1/orders/%lld", (long long)order_id);
    assert_int_equal(w->status, 403);
    world_order(w, "\"settle\":true," LINE "," CASH, (long long)item, 1, 100);
    assert_int_equal(w->status, 403);
}
