#include "domain/refund/refund_store.h"

Err refund_insert(Ctx *c, const Refund *r, Bytes content, bool *ret_new) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "INSERT INTO refund (merchant_id, refund_id, order_id, shop_id, member_id, refund_no, reason, content,"
        " amount_fen,"
        " points_restored, points_taken, points_shortfall, growth_taken, day, created_at, withheld_fen)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
        " ON CONFLICT (merchant_id, shop_id, refund_no) DO NOTHING",
        ARGS(r->refund_id, r->order_id, r->shop_id, r->member_id, r->refund_no, r->reason, content, r->amount_fen,
             r->points_restored, r->points_taken, r->points_shortfall, r->growth_taken, r->day, r->created_at,
             r->withheld_fen),
        &changed));
    *ret_new = changed == 1;
    return OK;
}

Err refund_line_insert(Ctx *c, const Refund *r, const RefundLine *l) {
    return db_exec(
        c,
        "INSERT INTO refund_line (merchant_id, refund_id, order_id, line_no, quantity, amount_fen, points_taken,"
        " withheld_fen) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        ARGS(r->refund_id, r->order_id, l->line_no, l->quantity, l->amount_fen, l->points_taken, l->withheld_fen));
}

Err refund_by_number(Ctx *c, int64_t shop_id, Str refund_no, RefundTaken *ret_taken, bool *ret_found) {
    static const Field taken_field[] = { FIELD_ID(RefundTaken, refund_id), FIELD(RefundTaken, content) };
    static const Fields taken_fields = FIELDS(RefundTaken, taken_field);
    return db_find(c,
                   "SELECT refund_id, content FROM refund WHERE merchant_id = $1 AND shop_id = $2 AND refund_no = $3",
                   ARGS(shop_id, refund_no), &taken_fields, ret_taken, ret_found);
}

#define REFUND_COLUMNS                                                                                                 \
    "refund_id, order_id, shop_id, member_id, refund_no, reason, amount_fen, withheld_fen, points_restored, "          \
    "points_taken,"                                                                                                    \
    " points_shortfall, growth_taken, day, created_at"

Err refund_head(Ctx *c, int64_t refund_id, Refund *ret_refund, bool *ret_found) {
    return db_find(c, "SELECT " REFUND_COLUMNS " FROM refund WHERE merchant_id = $1 AND refund_id = $2",
                   ARGS(refund_id), &refund_fields, ret_refund, ret_found);
}

Err refund_lines(Ctx *c, int64_t refund_id, RefundLines *ret_lines) {
    return db_rows(c,
                   "SELECT line_no, quantity, amount_fen, points_taken, withheld_fen FROM refund_line"
                   " WHERE merchant_id = $1 AND refund_id = $2 ORDER BY order_id, line_no",
                   ARGS(refund_id), &refund_line_fields, ORDER_LINES_MAX, (ListAny *)ret_lines);
}

Err refund_page(Ctx *c, const RefundQuery *q, int64_t before_id, int64_t most, Refunds *ret_list) {
    ListAny *list = (ListAny *)ret_list;
    if (q->order_id != 0)
        return db_rows(c,
                       "SELECT " REFUND_COLUMNS
                       " FROM refund WHERE merchant_id = $1 AND order_id = $2 AND refund_id < $3"
                       " ORDER BY refund_id DESC LIMIT $4",
                       ARGS(q->order_id, before_id, most), &refund_fields, most, list);
    if (q->member_id != 0)
        return db_rows(c,
                       "SELECT " REFUND_COLUMNS
                       " FROM refund WHERE merchant_id = $1 AND member_id = $2 AND refund_id < $3"
                       " AND ($4 = 0 OR shop_id = $4) ORDER BY refund_id DESC LIMIT $5",
                       ARGS(q->member_id, before_id, q->shop_id, most), &refund_fields, most, list);
    return db_rows(c,
                   "SELECT " REFUND_COLUMNS
                   " FROM refund WHERE merchant_id = $1 AND refund_id < $2 AND ($3 = 0 OR shop_id = $3)"
                   " ORDER BY refund_id DESC LIMIT $4",
                   ARGS(before_id, q->shop_id, most), &refund_fields, most, list);
}

Err refund_put_shortfall(Ctx *c, const Refund *r) {
    return db_exec(c, "UPDATE refund SET points_shortfall = $3 WHERE merchant_id = $1 AND refund_id = $2",
                   ARGS(r->refund_id, r->points_shortfall));
}

/* order_id is unique, so the order's member is one value; only refunds of the two members are looked at. */
Err refund_follow_orders(Ctx *c, int64_t from_id, int64_t into_id) {
    return db_exec(
        c,
        "UPDATE refund SET member_id = CASE WHEN member_id = $2 THEN $3 ELSE $2 END"
        " WHERE merchant_id = $1 AND (member_id = $2 OR member_id = $3) AND NOT EXISTS (SELECT 1 FROM shop_order o"
        " WHERE o.merchant_id = $1 AND o.order_id = refund.order_id AND o.member_id = refund.member_id)",
        ARGS(from_id, into_id));
}

Err refund_blank_reasons(Ctx *c, int64_t member_id) {
    return db_exec(c, "UPDATE refund SET reason = '' WHERE merchant_id = $1 AND member_id = $2", ARGS(member_id));
}
