/* demo_sales - what the demo's people buy: orders with the shape of weekdays, seasons and hours, points spent,
 * some of it returned. */
#include "main/demo.h"

/* Per thousand of a usual day: Monday … Sunday; January … December (spring festival, summer, golden week, year's
 * end). */
static const int64_t weekday_permille[7] = { 870, 850, 880, 910, 1020, 1260, 1210 };
static const int64_t month_permille[12] = { 1220, 1150, 900, 920, 960, 980, 1020, 1000, 1030, 1080, 960, 1060 };

int64_t demo_orders_of_day(Demo *demo, int64_t day_number) {
    int64_t day = day_add(demo->first_day, day_number);
    int64_t grown = 850 + 300 * day_number / DEMO_DAYS; /* the shop grows by a third */
    int64_t usual =
        DEMO_ORDERS_A_DAY * weekday_permille[day_weekday(day) - 1] / 1000 * month_permille[day_month(day) - 1] / 1000;
    return usual * grown / 1000 * (900 + rng_below(&demo->rng, 201)) / 1000;
}

/* Two humps: late morning and after work. */
static int64_t draw_minute(Demo *demo) {
    int64_t base = rng_chance(&demo->rng, 45, 100) ? 9 * 60 : 16 * 60 + 30;
    return base + rng_below(&demo->rng, 100) + rng_below(&demo->rng, 100) + rng_below(&demo->rng, 60);
}

/* Somebody who is a member by then and still comes; who comes more often is drawn more often. NULL = a walk-in. */
static const DemoMember *draw_member(Demo *demo, int64_t day_number) {
    if (rng_chance(&demo->rng, 18, 100)) return NULL;
    for (int64_t tries = 0; tries < 200; tries++) {
        const DemoMember *member = &demo->members[rng_below(&demo->rng, demo->joined_count)];
        if (member->gone_day < day_number) continue;
        if (rng_below(&demo->rng, 200) < member->visits_a_year) return member;
    }
    return NULL;
}

static const DemoItem *draw_item(Demo *demo) {
    int64_t at = rng_below(&demo->rng, demo->item_weight);
    for (int64_t i = 0; i < DEMO_ITEMS; i++) {
        at -= demo->items[i].weight;
        if (at < 0) return &demo->items[i];
    }
    return &demo->items[0];
}

static void fill_basket(Demo *demo, int64_t appetite, OrderNew *order) {
    int64_t count =
        1 + rng_below(&demo->rng, 3) + (rng_chance(&demo->rng, 1, 4) ? rng_below(&demo->rng, 6) : 0) + appetite;
    order->lines.items = NEW_LIST(demo->c->arena, OrderLineNew, count);
    order->lines.count = count;
    for (int64_t i = 0; i < count; i++)
        order->lines.items[i] =
            (OrderLineNew){ .item_id = draw_item(demo)->item_id,
                            .quantity = rng_chance(&demo->rng, 1, 5) ? 2 + rng_below(&demo->rng, 2) : 1 };
}

/* The till asks for the price first, then settles with what the customer gives. */
static Err settle(Demo *demo, OrderNew *order, Order *ret_order) {
    static const char *const tenders[] = { "wechat", "wechat", "wechat", "wechat", "wechat",
                                           "alipay", "alipay", "cash",   "cash",   "card" };
    Ctx *c = demo->c;
    OrderPlan *plan;
    Quote quote;
    TRY(order_prepare(c, order, &plan));
    TRY(order_quote(c, plan, &quote));
    if (quote.offset.points > 0 && rng_chance(&demo->rng, 1, 6)) order->points = quote.offset.points;
    int64_t rest = quote.order.payable_fen - (order->points > 0 ? quote.offset.fen : 0);
    PaymentNew tender = { .tender = str_of(tenders[rng_below(&demo->rng, COUNT_OF(tenders))]), .amount_fen = rest };
    if (!str_is(tender.tender, "cash"))
        tender.external_no = arena_print(c->arena, "D%lld", (long long)(demo->order_count + 1));
    order->tenders = (PaymentNews){ &tender, rest > 0 };
    order->settle = true;
    TRY(order_prepare(c, order, &plan));
    return order_place(c, plan, ret_order);
}

static Err sell_one(Demo *demo, int64_t day_number) {
    Ctx *c = demo->c;
    const DemoMember *member = draw_member(demo, day_number);
    int64_t shop = member != NULL ? member->shop : rng_below(&demo->rng, DEMO_SHOPS);
    int64_t at = demo_instant(demo, day_number, draw_minute(demo)) + rng_below(&demo->rng, 60) * 1000;
    c->now = member != NULL && at < member->joined_at ? member->joined_at + 60000 : at;
    c->shop_id = demo->shop_ids[shop];
    OrderNew order = { .shop_id = c->shop_id,
                       .till_no = 1 + rng_below(&demo->rng, 3),
                       .member_id = member != NULL ? member->member_id : 0,
                       .order_no = arena_print(c->arena, "D%08lld", (long long)(demo->order_count + 1)) };
    fill_basket(demo, member != NULL ? member->appetite : 0, &order);
    Order made = { 0 };
    TRY(settle(demo, &order, &made));
    demo->order_count++;
    if (!rng_chance(&demo->rng, 15, 1000)) return OK;

    Refund refund;
    RefundLine line = { .line_no = 1, .quantity = 1 };
    c->now += 3600 * 1000 + rng_below(&demo->rng, 7200) * 1000;
    TRY(refund_make(c, &(RefundNew){ .order_id = made.order_id, .lines = { &line, 1 }, .reason = S("不新鲜") },
                    &refund));
    demo->refund_count++;
    return OK;
}

Err demo_sell(Ctx *c, void *demo_day) {
    DemoDay *day = demo_day;
    Demo *demo = day->demo;
    demo->c = c;
    int64_t count = day->orders_left < DEMO_BATCH ? day->orders_left : DEMO_BATCH;
    int64_t orders = demo->order_count, refunds = demo->refund_count;
    for (int64_t i = 0; i < count; i++) {
        Err err = sell_one(demo, day->day_number);
        if (err == OK) continue;
        demo->order_count = orders; /* the unit may run again from its beginning */
        demo->refund_count = refunds;
        return err;
    }
    day->orders_left -= count;
    return OK;
}
