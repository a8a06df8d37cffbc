#include "domain/refund/refund_store.h"

static const Field refund_line_field[] = {
    FIELD(RefundLine, line_no, .need = true, .min = 1, .max = ORDER_LINES_MAX),
    FIELD(RefundLine, quantity, .max = ORDER_QUANTITY_MAX),
    FIELD(RefundLine, amount_fen, .max = ORDER_AMOUNT_MAX_FEN),
    FIELD(RefundLine, points_taken, .is_out = true),
    FIELD(RefundLine, withheld_fen, .is_out = true, .min = INT64_MIN, .skip_zero = true),
};
const Fields refund_line_fields = FIELDS(RefundLine, refund_line_field);

static const Field refund_new_field[] = {
    FIELD_ID(RefundNew, order_id, .need = true),
    FIELD(RefundNew, refund_no, .max = 64, .about = "the till's number; unique per shop for ever"),
    FIELD_LIST(RefundNew, lines, refund_line_fields, .max = ORDER_LINES_MAX,
               .about = "quantity or amount; a line without both goes back whole"),
    FIELD(RefundNew, amount_fen, .max = ORDER_AMOUNT_MAX_FEN, .about = "without lines: so much; 0 = everything left"),
    FIELD(RefundNew, keep_goods, .about = "the goods do not go back on the shelf"),
    FIELD(RefundNew, reason, .max = 200),
};
static const Fields refund_new_fields = FIELDS(RefundNew, refund_new_field);

static const Field refund_tender_field[] = {
    FIELD(RefundTender, number),
    FIELD(RefundTender, tender),
    FIELD(RefundTender, amount_fen),
    FIELD(RefundTender, points, .skip_zero = true),
};
static const Fields refund_tender_fields = FIELDS(RefundTender, refund_tender_field);

static const Field refund_field[] = {
    FIELD_ID(Refund, refund_id),
    FIELD_ID(Refund, order_id),
    FIELD_ID(Refund, shop_id),
    FIELD_ID(Refund, member_id),
    FIELD(Refund, refund_no),
    FIELD(Refund, reason),
    FIELD(Refund, amount_fen),
    FIELD(Refund, withheld_fen, .min = INT64_MIN, .skip_zero = true,
          .about = "kept back for discounts that the goods kept no longer earn; negative: given back"),
    FIELD(Refund, points_restored),
    FIELD(Refund, points_taken),
    FIELD(Refund, points_shortfall),
    FIELD(Refund, growth_taken),
    FIELD(Refund, created_at),
    FIELD_DAY(Refund, day),
    FIELD_LIST(Refund, lines, refund_line_fields, .max = ORDER_LINES_MAX, .skip_zero = true),
    FIELD_LIST(Refund, tenders, refund_tender_fields, .skip_zero = true),
    FIELD(Refund, points_balance, .skip_zero = true),
    FIELD(Refund, duplicate, .skip_zero = true),
};
const Fields refund_fields = FIELDS(Refund, refund_field);

static const char *const threshold_names[] = { "keep", "recompute", NULL };
static const Field setting_field[] = { FIELD_ENUM(
    RefundSetting, thresholds, threshold_names,
    .about = "order discounts from so much on: returned goods take their share, or kept goods are asked again") };
static const Fields setting_fields = FIELDS(RefundSetting, setting_field);
const Setting refund_setting = { .name = "refund", .fields = &setting_fields };
static const Setting *const settings[] = { &refund_setting };

static Err post_refund(Ctx *c, const void *body, void *ret) { return refund_make(c, body, ret); }

typedef struct RefundRef {
    int64_t refund_id;
} RefundRef;
static const Field refund_ref_field[] = { FIELD_ID(RefundRef, refund_id, .need = true) };
static const Fields refund_ref_fields = FIELDS(RefundRef, refund_ref_field);

static Err get_refund(Ctx *c, const void *body, void *ret) {
    const RefundRef *in = body;
    Refund *out = ret;
    TRY(refund_read(c, in->refund_id, out));
    return auth_need_shop(c, out->shop_id);
}

static const Field refund_query_field[] = {
    FIELD_ID(RefundQuery, order_id), FIELD_ID(RefundQuery, member_id),           FIELD_ID(RefundQuery, shop_id),
    FIELD(RefundQuery, cursor),      FIELD(RefundQuery, limit, .max = PAGE_MAX),
};
static const Fields refund_query_fields = FIELDS(RefundQuery, refund_query_field);

typedef struct RefundPage {
    Refunds items;
    Str next_cursor;
} RefundPage;
static const Field refund_page_field[] = {
    FIELD_LIST(RefundPage, items, refund_fields, .max = PAGE_MAX),
    FIELD(RefundPage, next_cursor),
};
static const Fields refund_page_fields = FIELDS(RefundPage, refund_page_field);

static Err get_refunds(Ctx *c, const void *body, void *ret) {
    RefundQuery query = *(const RefundQuery *)body;
    RefundPage *out = ret;
    int64_t before = 0, unused = 0, limit = query.limit > 0 ? query.limit : PAGE_DEFAULT;
    if (query.shop_id == 0 && c->auth != NULL && c->auth->shop_ids.count > 0)
        query.shop_id = c->auth->shop_ids.items[0];
    if (query.shop_id != 0) TRY(auth_need_shop(c, query.shop_id));
    TRY(page_open(c, query.cursor, &before, &unused));
    TRY(refund_page(c, &query, before == 0 ? INT64_MAX : before, limit, &out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].refund_id, 0);
    return OK;
}

static const Route routes[] = {
    { "POST", "/v1/orders/{order_id}/refunds", "Refund by line and quantity, by amount, or everything left",
      WHO_STAFF | WHO_POS | WHO_PARTNER, "refund.create", &refund_new_fields, &refund_fields, NULL, post_refund,
      ROUTE_ONCE | ROUTE_CREATED },
    { "GET", "/v1/refunds", "List refunds, newest first", WHO_STAFF | WHO_POS | WHO_PARTNER, "refund.read",
      &refund_query_fields, &refund_page_fields, NULL, get_refunds, ROUTE_LIST },
    { "GET", "/v1/refunds/{refund_id}", "Read a refund with lines and tenders", WHO_STAFF | WHO_POS | WHO_PARTNER,
      "refund.read", &refund_ref_fields, &refund_fields, NULL, get_refund, 0 },
};

/* ---- invariants ---- */

static Err orders_are_sums_of_refunds(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM refund WHERE merchant_id = $1",
        "SELECT o.order_id AS id, COALESCE(r.amount_fen, 0) AS want, o.refunded_fen AS have FROM shop_order o"
        " LEFT JOIN (SELECT order_id, CAST(SUM(amount_fen) AS BIGINT) AS amount_fen,"
        " CAST(SUM(growth_taken) AS BIGINT) AS growth_taken FROM refund WHERE merchant_id = $1 GROUP BY order_id) r"
        " ON r.order_id = o.order_id WHERE o.merchant_id = $1 AND (o.refunded_fen > 0 OR r.order_id IS NOT NULL)"
        " AND (o.refunded_fen <> COALESCE(r.amount_fen, 0) OR o.growth_taken <> COALESCE(r.growth_taken, 0))");
}

static Err lines_are_sums_of_refunds(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM refund_line WHERE merchant_id = $1",
        "SELECT l.order_id AS id, COALESCE(r.amount_fen, 0) AS want, l.refunded_fen AS have FROM order_line l"
        " LEFT JOIN (SELECT order_id, line_no, CAST(SUM(amount_fen) AS BIGINT) AS amount_fen,"
        " CAST(SUM(quantity) AS BIGINT) AS quantity, CAST(SUM(withheld_fen) AS BIGINT) AS withheld_fen,"
        " CAST(SUM(points_taken) AS BIGINT) AS points_taken FROM refund_line"
        " WHERE merchant_id = $1 GROUP BY order_id, line_no) r ON r.order_id = l.order_id AND r.line_no = l.line_no"
        " WHERE l.merchant_id = $1 AND (l.refunded_fen <> COALESCE(r.amount_fen, 0)"
        " OR l.refunded_quantity <> COALESCE(r.quantity, 0) OR l.withheld_fen <> COALESCE(r.withheld_fen, 0) OR "
        "l.points_taken <> COALESCE(r.points_taken, 0))");
}

static Err refunds_are_sums(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM refund WHERE merchant_id = $1",
        "SELECT r.refund_id AS id, r.amount_fen AS want, COALESCE((SELECT CAST(SUM(p.amount_fen) AS BIGINT)"
        " FROM payment_refund p WHERE p.merchant_id = r.merchant_id AND p.order_id = r.order_id"
        " AND p.refund_id = r.refund_id), 0) AS have FROM refund r WHERE r.merchant_id = $1 AND (r.amount_fen <>"
        " COALESCE((SELECT CAST(SUM(p.amount_fen) AS BIGINT) FROM payment_refund p WHERE p.merchant_id = r.merchant_id"
        " AND p.order_id = r.order_id AND p.refund_id = r.refund_id), 0) OR r.amount_fen <>"
        " COALESCE((SELECT CAST(SUM(l.amount_fen) AS BIGINT) FROM refund_line l WHERE l.merchant_id = r.merchant_id"
        " AND l.refund_id = r.refund_id), 0))");
}

/* What the cards of members count: completed orders that are not wholly refunded, and the money that stayed. One pass,
 * joined by key alone: a planner without statistics would pair every member with every order. */
static Err cards_count_what_stayed_sold(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM member_card WHERE merchant_id = $1",
        "SELECT member_id AS id, CAST(SUM(spend_fen) AS BIGINT) AS want, CAST(SUM(card_spend_fen) AS BIGINT) AS have"
        " FROM (SELECT o.member_id, o.payable_fen - o.offset_fen AS spend_fen, 0 AS card_spend_fen,"
        " CASE WHEN o.payable_fen > 0"
        " THEN CASE WHEN o.refunded_fen < o.payable_fen THEN 1 ELSE 0 END"
        " ELSE CASE WHEN EXISTS (SELECT 1 FROM order_line l WHERE l.merchant_id = $1 AND l.order_id = o.order_id"
        " AND l.refunded_quantity < l.quantity) THEN 1 ELSE 0 END END AS orders, 0 AS card_orders FROM shop_order o"
        " WHERE o.merchant_id = $1 AND o.status = 'completed' AND o.member_id <> 0"
        " UNION ALL SELECT o.member_id, -b.amount_fen, 0, 0, 0 FROM payment_refund b"
        " JOIN payment p ON p.merchant_id = b.merchant_id AND p.order_id = b.order_id AND p.number = b.number"
        " JOIN shop_order o ON o.merchant_id = b.merchant_id AND o.order_id = b.order_id"
        " WHERE b.merchant_id = $1 AND p.tender <> 'points' AND p.status = 'paid' AND o.status = 'completed'"
        " AND o.member_id <> 0"
        " UNION ALL SELECT m.member_id, 0, m.spend_fen, 0, m.orders FROM member_card m WHERE m.merchant_id = $1) t"
        " GROUP BY member_id HAVING SUM(spend_fen) <> SUM(card_spend_fen) OR SUM(orders) <> SUM(card_orders)");
}

static const Hold holds[] = {
    { "refund.cards_count_what_stayed_sold", cards_count_what_stayed_sold },
    { "refund.orders_are_sums_of_refunds", orders_are_sums_of_refunds },
    { "refund.lines_are_sums_of_refunds", lines_are_sums_of_refunds },
    { "refund.refunds_are_sums", refunds_are_sums },
};

/* ---- members' data: a refund follows its order ---- */

static Err follow_orders(Ctx *c, const MergeInfo *m) { return refund_follow_orders(c, m->from_id, m->into_id); }
static Err erase(Ctx *c, int64_t member_id) { return refund_blank_reasons(c, member_id); }
static Err export_member(Ctx *c, int64_t member_id, Buf *json) {
    int64_t before = INT64_MAX, printed = 0;
    Refunds refunds = { 0 };
    buf_cstr(json, "\"refunds\":[");
    do {
        TRY(refund_page(c, &(RefundQuery){ .member_id = member_id }, before, PAGE_MAX, &refunds));
        for (int64_t i = 0; i < refunds.count; i++) {
            if (printed++ > 0) buf_char(json, ',');
            json_print(json, &refund_fields, &refunds.items[i]);
            before = refunds.items[i].refund_id;
        }
    } while (refunds.count == PAGE_MAX);
    buf_char(json, ']');
    return OK;
}

const Slice refund_slice = {
    .name = "refund",
    .routes = routes,
    .route_count = COUNT_OF(routes),
    .settings = settings,
    .setting_count = COUNT_OF(settings),
    .holds = holds,
    .hold_count = COUNT_OF(holds),
    .merge = follow_orders,
    .unmerge = follow_orders,
    .erase = erase,
    .export_member = export_member,
};
