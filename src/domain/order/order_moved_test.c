/* What moves between the price and the writing: never lost, never overwritten. */
#include "domain/order/order.h"
#include "test/test.h"
#include "test/world_trade.h"

/* An order in its two halves, so that something may come between them. */
typedef struct Halves {
    Ctx c;
    OrderLineNew line;
    PaymentNew tender;
    OrderNew order;
    OrderPlan *plan;
    Order placed;
} Halves;

static Err prepare_run(Ctx *c, void *arg) {
    Halves *h = arg;
    return order_prepare(c, &h->order, &h->plan);
}

static Err place_run(Ctx *c, void *arg) {
    Halves *h = arg;
    return order_place(c, h->plan, &h->placed);
}

static void prepare(World *w, Halves *h, int64_t member_id, int64_t item_id, int64_t price_fen) {
    *h = (Halves){ .c = world_ctx(w, w->merchant_id),
                   .line = { .item_id = item_id, .quantity = 1 },
                   .tender = { .tender = S("cash"), .amount_fen = price_fen },
                   .order = { .shop_id = w->shop_id, .member_id = member_id, .order_no = S("H1"), .settle = true } };
    h->order.lines.items = &h->line;
    h->order.lines.count = 1;
    h->order.tenders.items = &h->tender;
    h->order.tenders.count = 1;
    assert_int_equal(app_read(&h->c, prepare_run, h), OK);
}

TEST(an_order_that_earns_nothing_leaves_on_the_card_what_came_meanwhile) {
    Halves h;
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 1000);
    world_send(w, "PUT", world_path(w, "/v1/members/%lld/blocked-rights", (long long)member),
               S("{\"blocked\":[\"earn\"],\"reason\":\"test\"}"));
    assert_int_equal(w->status, 200);
    prepare(w, &h, member, item, 1000);
    world_post(w, "/v1/points/grants", "{\"member_id\":\"%lld\",\"points\":70,\"reason\":\"x\"}", (long long)member);
    assert_int_equal(w->status, 201);
    assert_int_equal(app_unit(&h.c, place_run, &h), OK);
    world_get(w, "/v1/members/%lld", (long long)member);
    assert_int_equal(world_int(w, "/points"), 70);
    world_holds(w);
}
