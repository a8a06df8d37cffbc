#include "domain/order/order_plan.h"
#include "event/payment.h"
#include <assert.h>

/* ---- what comes in ---- */

static const Field order_line_new_field[] = {
    FIELD_ID(OrderLineNew, item_id),
    FIELD(OrderLineNew, barcode, .max = 64),
    FIELD(OrderLineNew, sku, .max = 64),
    FIELD(OrderLineNew, name, .max = ITEM_NAME_MAX, .about = "only for lines without an item"),
    FIELD(OrderLineNew, quantity, .need = true, .min = 1, .max = ORDER_QUANTITY_MAX),
    FIELD(OrderLineNew, weight_g, .max = 1000000000, .about = "weighed goods, with amount_fen"),
    FIELD(OrderLineNew, unit_price_fen, .max = ORDER_AMOUNT_MAX_FEN,
          .about = "0 = the shop's price; another one needs the permission order.price"),
    FIELD(OrderLineNew, amount_fen, .max = ORDER_AMOUNT_MAX_FEN,
          .about = "what the scale printed, 0 = price x quantity; without weight_g it needs order.price"),
    FIELD(OrderLineNew, free, .about = "given away; needs order.price"),
};
static const Fields order_line_new_fields = FIELDS(OrderLineNew, order_line_new_field);

static const Field order_new_field[] = {
    FIELD_ID(OrderNew, shop_id, .need = true),
    FIELD(OrderNew, till_no, .max = 10000),
    FIELD_ID(OrderNew, member_id),
    FIELD(OrderNew, order_no, .max = 64, .about = "the till's number; unique per shop for ever"),
    FIELD(OrderNew, channel, .max = 32),
    FIELD(OrderNew, occurred_at, .about = "off-line tills: when it was sold; 0 = now"),
    FIELD(OrderNew, points, .max = POINTS_PER_CALL_MAX, .about = "points to pay with"),
    FIELD(OrderNew, use_ids, .max = 50, .about = "offers and coupons that must take part; others only if cheaper"),
    FIELD(OrderNew, skip_ids, .max = 200, .about = "offers and coupons that must not take part"),
    FIELD(OrderNew, coupon_codes, .max = 10, .about = "codes read at the till: must take part"),
    FIELD(OrderNew, no_coupons, .about = "none but those in use_ids and coupon_codes"),
    FIELD(OrderNew, settle, .about = "all in one call: the tenders pay the whole"),
    FIELD_LIST(OrderNew, lines, order_line_new_fields, .need = true, .max = ORDER_LINES_MAX),
    FIELD_LIST(OrderNew, tenders, payment_new_fields, .max = TENDERS_PER_CALL_MAX),
};
const Fields order_new_fields = FIELDS(OrderNew, order_new_field);

/* ---- what stands ---- */

static const Field share_field[] = { FIELD(OrderShare, step_no), FIELD(OrderShare, off_fen) };
static const Fields share_fields = FIELDS(OrderShare, share_field);
static const Field order_line_field[] = {
    ORDER_LINE_FIELDS,
    FIELD_LIST(OrderLine, shares, share_fields, .skip_zero = true, .about = "of each step; they sum to discount_fen"),
};
const Fields order_line_fields = FIELDS(OrderLine, order_line_field);

static const Field adjustment_field[] = {
    FIELD(OrderAdjustment, step_no),
    FIELD(OrderAdjustment, rule, .about = "tier, member_price, offer, coupon"),
    FIELD_ID(OrderAdjustment, source_id, .about = "the offer's, coupon's or tier's id"),
    FIELD_ENUM(OrderAdjustment, kind, promo_kind_names),
    FIELD(OrderAdjustment, name),
    FIELD(OrderAdjustment, off_fen),
};
static const Fields adjustment_fields = FIELDS(OrderAdjustment, adjustment_field);

static const Field order_field[] = {
    FIELD_ID(Order, order_id),
    FIELD_ID(Order, shop_id),
    FIELD(Order, till_no),
    FIELD_ID(Order, member_id),
    FIELD_ID(Order, staff_id),
    FIELD(Order, order_no),
    FIELD(Order, kind),
    FIELD(Order, channel),
    FIELD_ENUM(Order, status, order_status_names),
    FIELD(Order, amount_fen),
    FIELD(Order, discount_fen),
    FIELD(Order, payable_fen),
    FIELD(Order, offset_fen),
    FIELD(Order, cash_fen),
    FIELD(Order, paid_fen),
    FIELD(Order, refunded_fen),
    FIELD(Order, points_spent),
    FIELD(Order, points_earned),
    FIELD(Order, points_taken),
    FIELD(Order, growth_earned),
    FIELD(Order, growth_taken),
    FIELD_ID(Order, tier_id),
    FIELD(Order, occurred_at),
    FIELD(Order, placed_at),
    FIELD(Order, completed_at),
    FIELD(Order, expires_at, .skip_zero = true),
    FIELD_DAY(Order, day),
    FIELD_LIST(Order, lines, order_line_fields, .max = ORDER_LINES_MAX, .skip_zero = true),
    FIELD_LIST(Order, adjustments, adjustment_fields, .skip_zero = true, .about = "steps, in the order of evaluation"),
    FIELD_LIST(Order, payments, payment_fields, .max = TENDERS_PER_ORDER_MAX, .skip_zero = true),
    FIELD_LIST(Order, points_steps, points_step_fields, .skip_zero = true),
    FIELD(Order, points_balance, .skip_zero = true),
    FIELD(Order, growth_balance, .skip_zero = true),
    FIELD(Order, duplicate, .skip_zero = true),
};
const Fields order_fields = FIELDS(Order, order_field);

static const Field quote_field[] = {
    FIELD_OBJECT(Quote, order, order_fields),
    FIELD_OBJECT(Quote, tier, tier_effect_fields),
    FIELD_OBJECT(Quote, offset, points_offset_fields),
    FIELD_LIST(Quote, refusals, promo_refusal_fields,
               .about = "offers and coupons not used: why, and the least that would change it"),
    FIELD(Quote, optimal, .about = "no legal combination is cheaper"),
    FIELD(Quote, forced_failed, .skip_zero = true, .about = "use_ids cannot all take part: priced without that wish"),
    FIELD(Quote, certificate, .skip_zero = true, .about = "of the promotion engine: laoke quote --verify"),
};
static const Fields quote_fields = FIELDS(Quote, quote_field);

static void order_defaults(void *ret_value) {
    *(OrderSetting *)ret_value = (OrderSetting){ .expire_minutes = 30, .backdate_days = 7 };
}
static const Field order_setting_field[] = {
    FIELD(OrderSetting, expire_minutes, .min = 1, .max = 60 * 24 * 30),
    FIELD(OrderSetting, backdate_days, .min = 0, .max = 366),
};
static const Fields order_setting_fields = FIELDS(OrderSetting, order_setting_field);
const Setting order_setting = { "order", &order_setting_fields, order_defaults, NULL };
static const Setting *const settings[] = { &order_setting };

/* ---- routes ---- */

Err order_read(Ctx *c, int64_t order_id, Order *ret_order) {
    Order order = { 0 };
    bool found;
    TRY(order_head(c, order_id, &order, &found));
    if (!found) return fail(c, E_NOT_FOUND, "order.not_found", "没有这个订单", "no such order");
    TRY(order_lines(c, order_id, &order.lines));
    TRY(order_adjustments(c, &order));
    TRY(payment_of_order(c, order_id, &order.payments));
    *ret_order = order;
    return OK;
}

static Err prepare_order(Ctx *c, const void *body) {
    OrderPlan *plan = NULL;
    TRY(order_prepare(c, body, &plan));
    c->plan = plan;
    return OK;
}

static Err prepare_quote(Ctx *c, const void *body) {
    OrderPlan *plan = NULL;
    TRY(order_prepare_quote(c, body, &plan));
    c->plan = plan;
    return OK;
}

static Err post_quote(Ctx *c, const void *body, void *ret) {
    (void)body;
    return order_quote(c, c->plan, ret);
}

static Err post_order(Ctx *c, const void *body, void *ret) {
    const OrderNew *in = body;
    if (in->order_no.len == 0)
        return fail(c, E_INVALID, "order.number_missing", "缺少单号 order_no", "order_no is missing");
    return order_place(c, c->plan, ret);
}

typedef struct OrderRef {
    int64_t order_id;
    Str reason;
} OrderRef;
static const Field order_ref_field[] = { FIELD_ID(OrderRef, order_id, .need = true) };
static const Fields order_ref_fields = FIELDS(OrderRef, order_ref_field);
static const Field order_cancel_field[] = { FIELD_ID(OrderRef, order_id, .need = true),
                                            FIELD(OrderRef, reason, .max = 200) };
static const Fields order_cancel_fields = FIELDS(OrderRef, order_cancel_field);

static Err get_order(Ctx *c, const void *body, void *ret) {
    const OrderRef *in = body;
    Order *out = ret;
    TRY(order_read(c, in->order_id, out));
    return auth_need_shop(c, out->shop_id);
}

static Err post_cancel(Ctx *c, const void *body, void *ret) {
    const OrderRef *in = body;
    return order_cancel(c, in->order_id, in->reason, ret);
}

typedef struct OrderPayment {
    int64_t order_id;
    Str tender;
    int64_t amount_fen;
    Str external_no, code, pin;
} OrderPayment;
static const Field order_payment_field[] = {
    FIELD_ID(OrderPayment, order_id, .need = true),
    FIELD(OrderPayment, tender, .need = true, .max = 32),
    FIELD(OrderPayment, amount_fen, .need = true, .min = 1, .max = ORDER_AMOUNT_MAX_FEN),
    FIELD(OrderPayment, external_no, .max = 64),
    FIELD(OrderPayment, code, .max = 400, .is_secret = true, .about = "tender balance: the member's dynamic code"),
    FIELD(OrderPayment, pin, .max = 12, .is_secret = true, .about = "tender balance: or the PIN"),
};
static const Fields order_payment_fields = FIELDS(OrderPayment, order_payment_field);

static Err prepare_payment(Ctx *c, const void *body) {
    const OrderPayment *in = body;
    Order order;
    const WalletProven *proven = NULL;
    int64_t living_id = 0;
    if (!str_is(in->tender, "balance")) return OK;
    TRY(order_read(c, in->order_id, &order));
    if (order.member_id == 0) return OK; /* the unit says so */
    TRY(member_living(c, order.member_id, &living_id));
    TRY(wallet_prove(c, living_id, &(WalletProof){ in->code, in->pin }, &proven));
    c->plan = (void *)(uintptr_t)proven;
    return OK;
}

static Err post_payment(Ctx *c, const void *body, void *ret) {
    const OrderPayment *in = body;
    return order_pay(
        c, in->order_id,
        &(PaymentNew){ .tender = in->tender, .amount_fen = in->amount_fen, .external_no = in->external_no }, c->plan,
        ret);
}

typedef struct OrderTenderRef {
    int64_t order_id, number;
} OrderTenderRef;
static const Field order_tender_ref_field[] = {
    FIELD_ID(OrderTenderRef, order_id, .need = true),
    FIELD(OrderTenderRef, number, .need = true, .min = 1),
};
static const Fields order_tender_ref_fields = FIELDS(OrderTenderRef, order_tender_ref_field);

static Err prepare_payment_query(Ctx *c, const void *body) {
    const OrderTenderRef *in = body;
    Order order;
    PaymentAsked *asked = NEW(c->arena, PaymentAsked);
    TRY(order_read(c, in->order_id, &order));
    TRY(auth_need_shop(c, order.shop_id));
    TRY(payment_query(c, in->order_id, in->number, asked));
    c->plan = asked;
    return OK;
}

static Err post_payment_query(Ctx *c, const void *body, void *ret) {
    const OrderTenderRef *in = body;
    TRY(payment_record(c, c->plan));
    return order_read(c, in->order_id, ret);
}

static Err post_payment_drop(Ctx *c, const void *body, void *ret) {
    const OrderTenderRef *in = body;
    return order_drop_payment(c, in->order_id, in->number, ret);
}

static const Field order_query_field[] = {
    FIELD_ID(OrderQuery, member_id),
    FIELD_ID(OrderQuery, shop_id),
    FIELD_DAY(OrderQuery, from_day),
    FIELD_DAY(OrderQuery, to_day),
    FIELD(OrderQuery, order_no, .max = 64),
    FIELD(OrderQuery, status, .max = 16),
    FIELD(OrderQuery, cursor),
    FIELD(OrderQuery, limit, .max = PAGE_MAX),
};
static const Fields order_query_fields = FIELDS(OrderQuery, order_query_field);

typedef struct OrderPage {
    Orders items;
    Str next_cursor;
} OrderPage;
static const Field order_page_field[] = {
    FIELD_LIST(OrderPage, items, order_fields, .max = PAGE_MAX),
    FIELD(OrderPage, next_cursor),
};
static const Fields order_page_fields = FIELDS(OrderPage, order_page_field);

static Err list_orders(Ctx *c, OrderQuery query, OrderPage *ret_page) {
    int64_t before_key = 0, before_id = 0, limit = query.limit > 0 ? query.limit : PAGE_DEFAULT;
    if (query.to_day == 0) query.to_day = DAY_MAX;
    bool is_status = query.status.len == 0;
    for (const char *const *name = order_status_names; *name != NULL; name++)
        is_status = is_status || str_is(query.status, *name);
    if (!is_status)
        complain(c, S("/status"), "field.bad_choice", "只能是 placed、completed 或 cancelled",
                 "must be placed, completed or cancelled");
    TRY(complaints_refuse(c));
    TRY(page_open(c, query.cursor, &before_key, &before_id));
    if (query.cursor.len == 0) before_key = before_id = INT64_MAX;
    TRY(order_page(c, &query, before_key, before_id, limit, &ret_page->items));
    if (ret_page->items.count < limit) return OK;
    const Order *last = &ret_page->items.items[limit - 1];
    ret_page->next_cursor = page_cursor(c, order_page_key(&query, last), last->order_id);
    return OK;
}

/* Who works in some shops only and names none sees the first of them. */
static Err get_orders(Ctx *c, const void *body, void *ret) {
    OrderQuery query = *(const OrderQuery *)body;
    if (query.shop_id == 0 && c->auth != NULL && c->auth->shop_ids.count > 0)
        query.shop_id = c->auth->shop_ids.items[0];
    if (query.shop_id != 0) TRY(auth_need_shop(c, query.shop_id));
    return list_orders(c, query, ret);
}

/* The member who asks sees his own orders, whatever the query says. */
static Err get_my_orders(Ctx *c, const void *body, void *ret) {
    OrderQuery query = *(const OrderQuery *)body;
    query.member_id = auth_member(c);
    return list_orders(c, query, ret);
}

static Err get_my_order(Ctx *c, const void *body, void *ret) {
    const OrderRef *in = body;
    Order *out = ret;
    TRY(order_read(c, in->order_id, out));
    if (out->member_id == auth_member(c)) return OK;
    return fail(c, E_NOT_FOUND, "order.not_found", "没有这个订单", "no such order");
}

static const Route routes[] = {
    { "POST", "/v1/quotes", "Price a basket: best price, points it would earn and could use; nothing is written",
      WHO_STAFF | WHO_POS | WHO_PARTNER, "order.quote", &order_new_fields, &quote_fields, prepare_quote, post_quote,
      ROUTE_READ },
    { "POST", "/v1/orders", "Place an order; with \"settle\": true pay and complete it in the same call",
      WHO_STAFF | WHO_POS | WHO_PARTNER, "order.place", &order_new_fields, &order_fields, prepare_order, post_order,
      ROUTE_ONCE | ROUTE_CREATED | ROUTE_PROOF },
    { "GET", "/v1/orders", "List orders, newest first", WHO_STAFF | WHO_POS | WHO_PARTNER, "order.read",
      &order_query_fields, &order_page_fields, NULL, get_orders, ROUTE_LIST },
    { "GET", "/v1/orders/{order_id}", "Read an order with lines and payments", WHO_STAFF | WHO_POS | WHO_PARTNER,
      "order.read", &order_ref_fields, &order_fields, NULL, get_order, 0 },
    { "POST", "/v1/orders/{order_id}/payments", "Pay a part or all of a placed order",
      WHO_STAFF | WHO_POS | WHO_PARTNER, "order.place", &order_payment_fields, &order_fields, prepare_payment,
      post_payment, ROUTE_ONCE | ROUTE_PROOF },
    { "POST", "/v1/orders/{order_id}/cancel", "Cancel a placed order: stock, points and money go back",
      WHO_STAFF | WHO_POS | WHO_PARTNER, "order.cancel", &order_cancel_fields, &order_fields, NULL, post_cancel,
      ROUTE_ONCE },
    { "POST", "/v1/orders/{order_id}/payments/{number}/query", "Ask the payment channel how far a tender is",
      WHO_STAFF | WHO_POS | WHO_PARTNER, "order.place", &order_tender_ref_fields, &order_fields, prepare_payment_query,
      post_payment_query, ROUTE_SLOW },
    { "POST", "/v1/orders/{order_id}/payments/{number}/drop", "Give up a tender that waits at the payment channel",
      WHO_STAFF | WHO_POS | WHO_PARTNER, "order.place", &order_tender_ref_fields, &order_fields, NULL,
      post_payment_drop, 0 },
    { "GET", "/v1/me/orders/{order_id}", "One of my orders with lines and payments", WHO_MEMBER, NULL,
      &order_ref_fields, &order_fields, NULL, get_my_order, 0 },
    { "GET", "/v1/me/orders", "My orders", WHO_MEMBER, NULL, &order_query_fields, &order_page_fields, NULL,
      get_my_orders, ROUTE_LIST },
};

/* ---- what follows from elsewhere ---- */

static Err on_payment_paid(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    const PaymentFact *fact = payload;
    Err err = order_take_payment(c, fact->order_id, fact->number);
    bool is_of_an_order = err != E_NOT_FOUND || !str_is(str_of(c->problem.code), "order.not_found");
    if (is_of_an_order) return err;
    problem_clear(c); /* what a recharge was paid with: its own slice listens too */
    return OK;
}
static const Handler handlers[] = { { &payment_paid, "order.on_payment_paid", on_payment_paid, NULL } };

/* One order a unit: two in one would take the second one's lock after the first one's accounts, and a till that pays
 * the second would wait crosswise. Any of those that are due: one that refuses does not hold up the others for ever. */
enum { EXPIRE_LOOK = 50 };
static Err expire_orders(Ctx *c, int64_t due_at, bool *ret_more) {
    (void)due_at;
    IntList overdue = { 0 };
    TRY(order_overdue(c, EXPIRE_LOOK, &overdue));
    if (overdue.count > 0) TRY(order_expire(c, overdue.items[rng_below(c->rng, overdue.count)]));
    *ret_more = overdue.count > 0;
    return OK;
}
static const Job jobs[] = { { "order.expire", 60 * 1000, 0, expire_orders } };

/* ---- invariants ---- */

static Err amounts_are_sums_of_lines(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM shop_order WHERE merchant_id = $1",
        "SELECT o.order_id AS id, CAST(SUM(l.payable_fen) AS BIGINT) AS want, o.payable_fen AS have FROM shop_order o"
        " JOIN order_line l ON l.merchant_id = o.merchant_id AND l.order_id = o.order_id WHERE o.merchant_id = $1"
        " GROUP BY o.order_id, o.payable_fen, o.amount_fen, o.discount_fen, o.offset_fen, o.refunded_fen,"
        " o.points_taken"
        " HAVING SUM(l.payable_fen) <> o.payable_fen OR SUM(l.amount_fen) <> o.amount_fen"
        " OR SUM(l.discount_fen) <> o.discount_fen OR SUM(l.offset_fen) <> o.offset_fen"
        " OR SUM(l.refunded_fen) <> o.refunded_fen OR SUM(l.points_taken) <> o.points_taken");
}

static Err points_are_sums_of_lines(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM shop_order WHERE merchant_id = $1 AND points_earned > 0",
        "SELECT o.order_id AS id, CAST(SUM(l.points_earned) AS BIGINT) AS want, o.points_earned AS have FROM"
        " shop_order o"
        " JOIN order_line l ON l.merchant_id = o.merchant_id AND l.order_id = o.order_id"
        " WHERE o.merchant_id = $1 AND o.points_earned > 0"
        " GROUP BY o.order_id, o.points_earned HAVING SUM(l.points_earned) <> o.points_earned");
}

static Err tenders_pay_the_whole(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM shop_order WHERE merchant_id = $1 AND status = 'completed'",
        "SELECT o.order_id AS id, o.payable_fen AS want, COALESCE((SELECT CAST(SUM(p.amount_fen) AS BIGINT)"
        " FROM payment p"
        " WHERE p.merchant_id = o.merchant_id AND p.order_id = o.order_id AND p.status = 'paid'), 0) AS have"
        " FROM shop_order o WHERE o.merchant_id = $1 AND o.status = 'completed' AND o.payable_fen <>"
        " COALESCE((SELECT CAST(SUM(p.amount_fen) AS BIGINT) FROM payment p"
        " WHERE p.merchant_id = o.merchant_id AND p.order_id = o.order_id AND p.status = 'paid'), 0)");
}

/* What waits for its event (paid at the channel, not counted yet) is left out. */
static Err cancelled_gave_all_back(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM shop_order WHERE merchant_id = $1 AND status = 'cancelled'",
        "SELECT o.order_id AS id, p.amount_fen AS want, p.refunded_fen AS have FROM shop_order o"
        " JOIN payment p ON p.merchant_id = o.merchant_id AND p.order_id = o.order_id"
        " WHERE o.merchant_id = $1 AND o.status = 'cancelled' AND p.status = 'paid' AND p.via_channel = 0"
        " AND p.refunded_fen <> p.amount_fen");
}

#define SHARES /* of every line and step, wherever they stand */                                                       \
    "(SELECT order_id, line_no, step_no, discount_fen AS off_fen FROM order_line"                                      \
    " WHERE merchant_id = $1 AND step_no > 0"                                                                          \
    " UNION ALL SELECT order_id, line_no, step_no, off_fen FROM order_share WHERE merchant_id = $1)"

static Err adjustments_are_sums_of_shares(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM order_adjustment WHERE merchant_id = $1",
        "SELECT order_id AS id, CAST(SUM(want) AS BIGINT) AS want, CAST(SUM(have) AS BIGINT) AS have FROM"
        " (SELECT order_id, step_no, off_fen AS want, 0 AS have FROM order_adjustment WHERE merchant_id = $1"
        " UNION ALL SELECT order_id, step_no, 0, off_fen FROM " SHARES " s) t"
        " GROUP BY order_id, step_no HAVING SUM(want) <> SUM(have)");
}

static Err discounts_are_sums_of_shares(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM order_line WHERE merchant_id = $1 AND discount_fen > 0",
        "SELECT order_id AS id, CAST(SUM(want) AS BIGINT) AS want, CAST(SUM(have) AS BIGINT) AS have FROM"
        " (SELECT order_id, line_no, discount_fen AS want, 0 AS have FROM order_line WHERE merchant_id = $1"
        " AND discount_fen > 0 UNION ALL SELECT order_id, line_no, 0, off_fen FROM " SHARES " s) t"
        " GROUP BY order_id, line_no HAVING SUM(want) <> SUM(have)");
}

/* Placed: locked; completed: used, as long as not all of it came back. And what is locked waits for an order. */
static Err coupons_are_where_orders_say(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM order_adjustment WHERE merchant_id = $1 AND rule = 'coupon'",
        "SELECT a.source_id AS id, 1 AS want, 0 AS have FROM order_adjustment a JOIN shop_order o"
        " ON o.merchant_id = a.merchant_id AND o.order_id = a.order_id"
        " JOIN coupon k ON k.merchant_id = a.merchant_id AND k.coupon_id = a.source_id"
        " WHERE a.merchant_id = $1 AND a.rule = 'coupon' AND (o.status = 'placed'"
        " AND (k.status <> 'locked' OR k.order_id <> o.order_id) OR o.status = 'completed'"
        " AND o.refunded_fen < o.payable_fen AND (k.status <> 'used' OR k.order_id <> o.order_id))"
        " UNION ALL SELECT k.coupon_id, 0, 1 FROM coupon k JOIN shop_order o ON o.merchant_id = k.merchant_id"
        " AND o.order_id = k.order_id WHERE k.merchant_id = $1 AND k.status = 'locked' AND o.status <> 'placed'");
}

static const Hold holds[] = {
    { "order.coupons_are_where_orders_say", coupons_are_where_orders_say },
    { "order.adjustments_are_sums_of_shares", adjustments_are_sums_of_shares },
    { "order.discounts_are_sums_of_shares", discounts_are_sums_of_shares },
    { "order.amounts_are_sums_of_lines", amounts_are_sums_of_lines },
    { "order.points_are_sums_of_lines", points_are_sums_of_lines },
    { "order.tenders_pay_the_whole", tenders_pay_the_whole },
    { "order.cancelled_gave_all_back", cancelled_gave_all_back },
    { "order.points_are_in_the_books", order_points_are_in_the_books },
    { "order.stock_moves_are_of_orders", order_stock_moves_are_of_orders },
};

/* ---- members' data ---- */

static Err merge(Ctx *c, const MergeInfo *m) {
    int64_t moved = 0;
    TRY(order_merge_move(c, m->merge_id, m->from_id, m->into_id, &moved));
    merge_note(m, "order", "orders", moved);
    return OK;
}

/* The member's own hook gives back the counts of then; what changed since goes with the orders. */
static Err unmerge(Ctx *c, const MergeInfo *m) {
    int64_t moved = 0;
    OrderSince since;
    TRY(order_merge_since(c, m->merge_id, &since));
    TRY(order_merge_back(c, m->merge_id, m->from_id, &moved));
    merge_note(m, "order", "orders", moved);
    if (since.orders == 0 && since.spend_fen == 0) return OK;
    TRY(member_summary_put(c, m->from_id,
                           &(MemberSummary){ .add_orders = since.orders, .add_spend_fen = since.spend_fen }));
    return member_summary_put(c, m->into_id,
                              &(MemberSummary){ .add_orders = -since.orders, .add_spend_fen = -since.spend_fen });
}

/* Orders are the shop's books: they stay, and name the member by an id that no longer leads to a person. */
static Err erase(Ctx *c, int64_t member_id) {
    (void)c, (void)member_id;
    return OK;
}

static Err export_member(Ctx *c, int64_t member_id, Buf *json) {
    OrderQuery query = { .member_id = member_id, .to_day = DAY_MAX };
    int64_t before_key = INT64_MAX, before_id = INT64_MAX, printed = 0;
    Orders orders = { 0 };
    buf_cstr(json, "\"orders\":[");
    do {
        TRY(order_page(c, &query, before_key, before_id, PAGE_MAX, &orders));
        for (int64_t i = 0; i < orders.count; i++) {
            Order *order = &orders.items[i];
            TRY(order_lines(c, order->order_id, &order->lines));
            TRY(order_adjustments(c, order));
            if (printed++ > 0) buf_char(json, ',');
            json_print(json, &order_fields, order);
            before_key = order_page_key(&query, order);
            before_id = order->order_id;
        }
    } while (orders.count == PAGE_MAX);
    buf_char(json, ']');
    return OK;
}

static const char *const also_may[] = { "order.price", NULL };

const Slice order_slice = {
    .name = "order",
    .also_may = also_may,
    .routes = routes,
    .route_count = COUNT_OF(routes),
    .handlers = handlers,
    .handler_count = COUNT_OF(handlers),
    .jobs = jobs,
    .job_count = COUNT_OF(jobs),
    .settings = settings,
    .setting_count = COUNT_OF(settings),
    .holds = holds,
    .hold_count = COUNT_OF(holds),
    .merge = merge,
    .unmerge = unmerge,
    .erase = erase,
    .export_member = export_member,
};
