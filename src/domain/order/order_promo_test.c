/* Orders priced by the promotion engine: steps and shares stored, gifts off the shelf, limits, offers that move. */
#include "domain/order/order.h"
#include "test/test.h"
#include "test/world_trade.h"
#include <stdio.h>

static int64_t offer(World *w, const char *rule) {
    world_post(w, "/v1/offers", "{\"name\":\"活动\",\"status\":\"active\",%s}", rule);
    assert_int_equal(w->status, 201);
    return world_int(w, "/offer_id");
}

#define LINE "\"lines\":[{\"item_id\":\"%lld\",\"quantity\":%d}]"
static int64_t payable(World *w, int64_t member, int64_t item, int quantity) {
    world_post(w, "/v1/quotes", "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\"," LINE "}", (long long)w->shop_id,
               (long long)member, (long long)item, quantity);
    assert_int_equal(w->status, 200);
    return world_int(w, "/order/payable_fen");
}

TEST(each_kind_of_offer_prices_the_order_and_says_what_is_missing) {
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 3000);
    static const struct {
        const char *rule;
        int64_t short_fen; /* of the quote with one piece */
        int64_t one, four;
    } kinds[] = {
        { "\"kind\":\"cash\",\"threshold_fen\":10000,\"off_fen\":2000", 7000, 3000, 10000 },
        { "\"kind\":\"cash\",\"threshold_fen\":5000,\"off_fen\":500,\"every\":true", 2000, 3000, 11000 },
        { "\"kind\":\"cash\",\"steps\":[{\"threshold_fen\":6000,\"off_fen\":500},"
          "{\"threshold_fen\":12000,\"off_fen\":1500}]",
          3000, 3000, 10500 },
        { "\"kind\":\"nth\",\"nth\":2,\"rate_bp\":5000", 0, 3000, 9000 },
        { "\"kind\":\"nth\",\"nth\":3,\"rate_bp\":0", 0, 3000, 9000 },
        { "\"kind\":\"rate\",\"rate_bp\":9000,\"when\":{\"weekdays\":[\"1\"]}", 0, 2700, 10800 },
        { "\"kind\":\"rate\",\"rate_bp\":9000,\"when\":{\"weekdays\":[\"2\"]}", 0, 3000, 12000 },
        { "\"kind\":\"rate\",\"rate_bp\":9000,\"when\":{\"month_days\":[\"2\",\"12\"]}", 0, 2700, 10800 },
        { "\"kind\":\"rate\",\"rate_bp\":8000,\"who\":{\"birthday\":\"month\"}", 0, 3000, 12000 },
        { "\"kind\":\"discount\",\"rate_bp\":8000,\"cap_fen\":1000,\"who\":{\"first_order\":true}", 0, 2400, 11000 },
        { "\"kind\":\"rate\",\"rate_bp\":9000,\"channels\":[\"h5\"]", 0, 3000, 12000 },
        { "\"kind\":\"rate\",\"rate_bp\":9000,\"who\":{\"members_only\":true},\"channels\":[\"till\"]", 0, 2700,
          10800 },
        { "\"kind\":\"rate\",\"rate_bp\":9000,\"who\":{\"tags\":[\"主妇\"]}", 0, 3000, 12000 },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        int64_t id = offer(w, kinds[i].rule);
        if (payable(w, member, item, 4) != kinds[i].four) fail_msg("%s: %s", kinds[i].rule, w->body.at);
        if (payable(w, member, item, 1) != kinds[i].one) fail_msg("%s: %s", kinds[i].rule, w->body.at);
        if (kinds[i].short_fen > 0) assert_int_equal(world_int(w, "/refusals/0/short_fen"), kinds[i].short_fen);
        assert_int_equal(world_int(w, "/optimal"), 1);
        world_send(w, "DELETE", world_path(w, "/v1/offers/%lld", (long long)id), S(""));
    }
}

TEST(steps_and_shares_are_stored_and_add_up_to_the_fen) {
    int64_t member = world_member(w, "13800000001"), a = world_item(w, 3333), b = world_item(w, 1111);
    offer(w, "\"kind\":\"nth\",\"nth\":2,\"rate_bp\":5000");
    offer(w, "\"kind\":\"cash\",\"threshold_fen\":5000,\"off_fen\":1000");
    world_order(w,
                "\"member_id\":\"%lld\",\"settle\":true,\"lines\":[{\"item_id\":\"%lld\",\"quantity\":2},"
                "{\"item_id\":\"%lld\",\"quantity\":1}],\"tenders\":[{\"tender\":\"cash\",\"amount_fen\":6222}]",
                (long long)member, (long long)a, (long long)b);
    assert_int_equal(w->status, 201);
    int64_t order = world_int(w, "/order_id"), sums[3] = { 0 };
    world_get(w, "/v1/orders/%lld", (long long)order);
    assert_int_equal(world_count(w, "/adjustments"), 2);
    for (int i = 0; i < 2; i++) {
        int64_t sum = 0, count = world_count(w, world_path(w, "/lines/%d/shares", i));
        for (int64_t k = 0; k < count; k++) {
            int64_t off = world_int(w, world_path(w, "/lines/%d/shares/%d/off_fen", i, (int)k));
            sums[world_int(w, world_path(w, "/lines/%d/shares/%d/step_no", i, (int)k))] += off;
            sum += off;
        }
        assert_int_equal(sum, world_int(w, world_path(w, "/lines/%d/discount_fen", i)));
    }
    for (int i = 0; i < 2; i++)
        assert_int_equal(sums[i + 1], world_int(w, world_path(w, "/adjustments/%d/off_fen", i)));
    assert_int_equal(world_int(w, "/discount_fen"), sums[1] + sums[2]);
    world_holds(w);
}

TEST(goods_given_on_top_leave_the_shelf_and_are_not_promised_when_they_ran_out) {
    int64_t item = world_item(w, 6000), gift = world_item(w, 500);
    world_stock(w, gift, 1);
    char rule[200];
    snprintf(rule, sizeof rule,
             "\"kind\":\"gift\",\"threshold_fen\":5000,\"gift_item_id\":\"%lld\",\"gift_quantity\":1", (long long)gift);
    offer(w, rule);
    for (int round = 0; round < 2; round++) {
        world_order(w, "\"settle\":true," LINE ",\"tenders\":[{\"tender\":\"cash\",\"amount_fen\":6000}]",
                    (long long)item, 1);
        assert_int_equal(w->status, 201);
        assert_int_equal(world_count(w, "/lines"), round == 0 ? 2 : 1);
    }
    payable(w, 0, item, 1);
    assert_true(str_is(world_str(w, "/refusals/0/code"), "gift.out_of_stock"));
    world_get(w, "/v1/shops/%lld/stock", (long long)w->shop_id);
    assert_int_equal(world_int(w, "/items/0/left_quantity"), 0);
    world_holds(w);
}

TEST(a_member_buys_no_more_than_the_limit_of_an_item_and_a_return_gives_room_again) {
    int64_t member = world_member(w, "13800000001");
    world_post(w, "/v1/items", "{\"name\":\"限购\",\"price_fen\":1000,\"most_per_member\":2}");
    int64_t item = world_int(w, "/item_id");
    const char *const form =
        "\"member_id\":\"%lld\",\"settle\":true," LINE ",\"tenders\":[{\"tender\":\"cash\",\"amount_fen\":%d}]";
    world_order(w, form, 0LL, (long long)item, 1, 1000);
    assert_true(str_is(w->code, "order.limit_member"));
    world_order(w, form, (long long)member, (long long)item, 2, 2000);
    assert_int_equal(w->status, 201);
    int64_t order = world_int(w, "/order_id");
    world_order(w, form, (long long)member, (long long)item, 1, 1000);
    assert_true(str_is(w->code, "order.over_limit"));
    assert_int_equal(world_int(w, "/numbers/bought_before"), 2);
    world_post(w, world_path(w, "/v1/orders/%lld/refunds", (long long)order),
               "{\"lines\":[{\"line_no\":1,\"quantity\":1}]}");
    assert_int_equal(w->status, 201);
    world_order(w, form, (long long)member, (long long)item, 1, 1000);
    assert_int_equal(w->status, 201);
    world_holds(w);
}

TEST(what_the_till_names_takes_part_or_is_refused_and_what_it_forbids_does_not) {
    int64_t item = world_item(w, 6000), other;
    int64_t cash = offer(w, "\"kind\":\"cash\",\"threshold_fen\":5000,\"off_fen\":1000,\"stack\":\"alone\"");
    other = offer(w, "\"kind\":\"cash\",\"threshold_fen\":5000,\"off_fen\":500,\"stack\":\"alone\"");
    const char *const form = "{\"shop_id\":\"%lld\"," LINE ",\"%s\":[\"%lld\"]}";
    world_post(w, "/v1/quotes", form, (long long)w->shop_id, (long long)item, 1, "skip_ids", (long long)cash);
    assert_int_equal(world_int(w, "/order/payable_fen"), 5500);
    assert_true(str_is(world_str(w, "/refusals/0/code"), "cashier.forbidden"));
    world_post(w, "/v1/quotes", form, (long long)w->shop_id, (long long)item, 1, "use_ids", (long long)other);
    assert_int_equal(world_int(w, "/order/payable_fen"), 5500);
    world_order(w, LINE ",\"use_ids\":[\"%lld\",\"%lld\"]", (long long)item, 1, (long long)cash, (long long)other);
    assert_true(str_is(w->code, "order.promo_unusable"));
    int64_t tiny = offer(w, "\"kind\":\"rate\",\"rate_bp\":9999");
    world_order(w, LINE ",\"use_ids\":[\"%lld\"]", (long long)world_item(w, 1), 1, (long long)tiny);
    assert_true(str_is(w->code, "order.promo_unusable")); /* takes nothing off one fen */
    world_order(w, LINE ",\"use_ids\":[\"5\"]", (long long)item, 1);
    assert_true(str_is(w->code, "order.promo_unknown"));
}

typedef struct Stale {
    OrderNew order;
    OrderPlan *plan;
    int64_t offer_id;
} Stale;
static Err prepare_plan(Ctx *c, void *arg) {
    Stale *s = arg;
    return order_prepare(c, &s->order, &s->plan);
}
static Err pause_offer(Ctx *c, void *arg) {
    Offer found, paused;
    TRY(offer_read(c, ((Stale *)arg)->offer_id, &found));
    found.status = OFFER_PAUSED;
    return offer_update(c, &found, found.version, &paused);
}
static Err place_plan(Ctx *c, void *arg) {
    Order order;
    return order_place(c, ((Stale *)arg)->plan, &order);
}

TEST(a_price_made_from_an_offer_that_was_paused_meanwhile_is_asked_again) {
    OrderLineNew line = { .item_id = world_item(w, 6000), .quantity = 1 };
    Stale s = { .offer_id = offer(w, "\"kind\":\"cash\",\"threshold_fen\":5000,\"off_fen\":1000"),
                .order = { .shop_id = w->shop_id, .order_no = S("S-1"), .lines = { &line, 1 } } };
    Ctx c = world_ctx(w, w->merchant_id);
    assert_int_equal(app_read(&c, prepare_plan, &s), OK);
    assert_int_equal(world_unit(w, pause_offer, &s), OK);
    assert_int_equal(world_unit(w, place_plan, &s), E_STALE);
}

/* ---- coupons ---- */

static int64_t template_of(World *w, const char *rule) {
    world_post(w, "/v1/coupon-templates",
               "{\"name\":\"券\",\"when\":{\"from_day\":\"2026-01-01\",\"to_day\":\"2026-12-31\"},%s}", rule);
    assert_int_equal(w->status, 201);
    return world_int(w, "/template_id");
}

static int64_t coupon_for(World *w, int64_t template_id, int64_t member) {
    world_post(w, "/v1/coupons", "{\"template_id\":\"%lld\",\"member_id\":\"%lld\",\"reason\":\"test\"}",
               (long long)template_id, (long long)member);
    if (w->status != 201) fail_msg("%s", w->body.at);
    return world_int(w, "/items/0/coupon_id");
}

static const char *coupon_status(World *w, int64_t coupon) {
    world_get(w, "/v1/coupons/%lld", (long long)coupon);
    return arena_cstr(&w->arena, world_str(w, "/coupon/status"));
}

#define PAY ",\"tenders\":[{\"tender\":\"cash\",\"amount_fen\":%d}]"

TEST(a_coupon_is_used_where_it_is_cheapest_locked_while_unpaid_and_comes_back_with_the_goods) {
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 6000);
    int64_t id =
        template_of(w, "\"kind\":\"full\",\"threshold_fen\":5000,\"off_fen\":1000,\"on_refund\":\"unexpired\"");
    int64_t coupon = coupon_for(w, id, member);
    assert_int_equal(payable(w, member, item, 1), 5000);
    assert_true(str_is(world_str(w, "/order/adjustments/0/rule"), "coupon"));

    world_order(w, "\"member_id\":\"%lld\"," LINE, (long long)member, (long long)item, 1);
    assert_int_equal(w->status, 201);
    int64_t order = world_int(w, "/order_id");
    assert_string_equal(coupon_status(w, coupon), "locked");
    assert_int_equal(payable(w, member, item, 1), 6000);
    assert_true(str_is(world_str(w, "/refusals/0/code"), "coupon.taken"));
    world_holds(w);
    world_post(w, world_path(w, "/v1/orders/%lld/cancel", (long long)order), "{\"reason\":\"x\"}");
    assert_string_equal(coupon_status(w, coupon), "issued");

    world_order(w, "\"member_id\":\"%lld\"," LINE, (long long)member, (long long)item, 1);
    world_post(w, world_path(w, "/v1/orders/%lld/payments", (long long)world_int(w, "/order_id")),
               "{\"tender\":\"cash\",\"amount_fen\":5000}");
    assert_int_equal(w->status, 200);
    order = world_int(w, "/order_id");
    assert_int_equal(world_int(w, "/points_earned"), 50);
    assert_string_equal(coupon_status(w, coupon), "used");
    world_holds(w);
    const char *path = world_path(w, "/v1/orders/%lld/refunds", (long long)order);
    world_post(w, path, "{\"amount_fen\":100}");
    assert_string_equal(coupon_status(w, coupon), "used");
    world_post(w, path, "{}");
    assert_int_equal(w->status, 201);
    assert_string_equal(coupon_status(w, coupon), "issued");
    world_holds(w);
}

TEST(an_unpaid_order_that_runs_out_gives_its_coupon_back) {
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 6000);
    int64_t coupon = coupon_for(w, template_of(w, "\"kind\":\"cash\",\"off_fen\":1000"), member);
    world_order(w, "\"member_id\":\"%lld\"," LINE, (long long)member, (long long)item, 1);
    assert_int_equal(w->status, 201);
    world_pass(w, 31 * MINUTE_MS);
    assert_string_equal(coupon_status(w, coupon), "issued");
    world_holds(w);
}

TEST(a_till_says_which_coupons_and_hears_why_not) {
    int64_t member = world_member(w, "13800000001"), other = world_member(w, "13800000002"), item = world_item(w, 3000);
    int64_t big = template_of(w, "\"kind\":\"full\",\"threshold_fen\":5000,\"off_fen\":1000"),
            small = template_of(w, "\"kind\":\"cash\",\"off_fen\":300");
    int64_t full = coupon_for(w, big, member), cash = coupon_for(w, small, member),
            theirs = coupon_for(w, small, other);
    world_post(w, "/v1/quotes", "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\"," LINE ",\"no_coupons\":true}",
               (long long)w->shop_id, (long long)member, (long long)item, 2);
    assert_int_equal(world_int(w, "/order/payable_fen"), 6000);
    world_post(w, "/v1/quotes", "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\"," LINE ",\"use_ids\":[\"%lld\"]}",
               (long long)w->shop_id, (long long)member, (long long)item, 2, (long long)cash);
    assert_int_equal(world_int(w, "/order/payable_fen"), 5700);
    assert_true(str_is(world_str(w, "/refusals/0/code"), "stack.class"));
    world_order(w, "\"member_id\":\"%lld\"," LINE ",\"use_ids\":[\"%lld\"]", (long long)member, (long long)item, 1,
                (long long)full);
    assert_true(str_is(w->code, "order.promo_unusable"));
    world_order(w, "\"member_id\":\"%lld\"," LINE ",\"use_ids\":[\"%lld\"]", (long long)member, (long long)item, 1,
                (long long)theirs);
    assert_true(str_is(w->code, "order.promo_unknown"));
    world_post(w, "/v1/coupon-codes", "{\"template_id\":\"%lld\",\"count\":1,\"reason\":\"flyer\"}", (long long)small);
    world_get(w, "/v1/coupon-templates/%lld/codes?batch_id=%lld", (long long)small,
              (long long)world_int(w, "/batch_id"));
    Str code = arena_str(&w->arena, world_str(w, "/items/0/code"));
    world_order(w, "\"member_id\":\"%lld\",\"settle\":true,\"coupon_codes\":[\"%.*s\"]," LINE PAY, (long long)member,
                (int)code.len, code.at, (long long)item, 2, 5700);
    assert_int_equal(w->status, 201);
    assert_string_equal(coupon_status(w, full), "issued");
    world_order(w, "\"member_id\":\"%lld\",\"settle\":true,\"coupon_codes\":[\"%.*s\"]," LINE PAY, (long long)member,
                (int)code.len, code.at, (long long)item, 2, 5700);
    assert_true(str_is(w->code, "coupon.taken"));
    world_holds(w);
}

/* ---- goods that give something ---- */

TEST(a_bought_coupon_pack_gives_its_coupons_once_paid_and_takes_unused_ones_back_with_the_goods) {
    int64_t member = world_member(w, "13800000001"), pack = world_item(w, 1000);
    int64_t id = template_of(w, "\"kind\":\"cash\",\"off_fen\":300");
    world_header(w, "If-Match", "\"v0\"");
    world_send(
        w, "PUT", world_path(w, "/v1/items/%lld/gifts", (long long)pack),
        arena_print(&w->arena, "{\"gifts\":[{\"kind\":\"coupon\",\"what_id\":\"%lld\",\"amount\":2}]}", (long long)id));
    if (w->status >= 300) fail_msg("%s", w->body.at);
    world_order(w, "\"settle\":true," LINE PAY, (long long)pack, 1, 1000);
    assert_true(str_is(w->code, "reward.needs_member"));
    world_order(w, "\"member_id\":\"%lld\",\"no_coupons\":true," LINE, (long long)member, (long long)pack, 1);
    assert_int_equal(w->status, 201);
    world_get(w, "/v1/members/%lld/coupons?state=usable", (long long)member);
    assert_int_equal(world_count(w, "/items"), 0);
    world_get(w, "/v1/orders?shop_id=%lld", (long long)w->shop_id);
    int64_t order = world_int(w, "/items/0/order_id");
    world_post(w, world_path(w, "/v1/orders/%lld/payments", (long long)order),
               "{\"tender\":\"cash\",\"amount_fen\":1000}");
    assert_int_equal(w->status, 200);
    world_get(w, "/v1/members/%lld/coupons?state=usable", (long long)member);
    assert_int_equal(world_count(w, "/items"), 2);
    world_post(w, world_path(w, "/v1/orders/%lld/refunds", (long long)order), "{}");
    assert_int_equal(w->status, 201);
    world_get(w, "/v1/members/%lld/coupons?state=usable", (long long)member);
    assert_int_equal(world_count(w, "/items"), 0);
    world_holds(w);
}

TEST(a_coupon_that_the_engine_chose_and_another_order_took_meanwhile_is_priced_anew) {
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 6000);
    coupon_for(w, template_of(w, "\"kind\":\"cash\",\"off_fen\":1000"), member);
    OrderLineNew line = { .item_id = item, .quantity = 1 };
    Stale s = { .order = { .shop_id = w->shop_id, .member_id = member, .order_no = S("S-1"), .lines = { &line, 1 } } };
    Ctx c = world_ctx(w, w->merchant_id);
    assert_int_equal(app_read(&c, prepare_plan, &s), OK);
    world_order(w, "\"member_id\":\"%lld\",\"settle\":true," LINE PAY, (long long)member, (long long)item, 1, 5000);
    assert_int_equal(w->status, 201);
    assert_int_equal(world_unit(w, place_plan, &s), E_STALE);
    world_holds(w);
}

TEST(goods_with_a_floor_price_are_never_sold_below_it_and_no_discount_goods_stay_out) {
    int64_t member = world_member(w, "13800000001");
    world_post(w, "/v1/items", "{\"name\":\"酒\",\"price_fen\":10000,\"floor_price_fen\":9500}");
    int64_t floor = world_int(w, "/item_id");
    world_post(w, "/v1/items", "{\"name\":\"烟\",\"price_fen\":10000,\"no_discount\":true}");
    int64_t out = world_int(w, "/item_id");
    offer(w, "\"kind\":\"cash\",\"threshold_fen\":5000,\"off_fen\":2000");
    assert_int_equal(payable(w, member, floor, 1), 9500);
    assert_int_equal(payable(w, member, out, 1), 10000);
    /* weighed: the floor goes with the amount */
    world_post(w, "/v1/quotes",
               "{\"shop_id\":\"%lld\",\"lines\":[{\"item_id\":\"%lld\",\"quantity\":1,\"weight_g\":800,"
               "\"amount_fen\":8000}]}",
               (long long)w->shop_id, (long long)floor);
    assert_int_equal(world_int(w, "/order/payable_fen"), 7600);
}
