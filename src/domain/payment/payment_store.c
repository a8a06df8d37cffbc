#include "domain/payment/payment_store.h"

#define PAYMENT_COLUMNS                                                                                                \
    "order_id, number, tender, amount_fen, refunded_fen, points, points_refunded, status, via_channel, external_no,"   \
    " pay_url, created_at, paid_at"

Err payment_insert(Ctx *c, const Payment *payment) {
    return db_exec(
        c,
        "INSERT INTO payment (merchant_id, order_id, number, tender, amount_fen, refunded_fen, points, points_refunded,"
        " status, via_channel, external_no, pay_url, created_at, paid_at)"
        " VALUES ($1, $2, $3, $4, $5, 0, $6, 0, $7, $8, $9, '', $10, $11)",
        ARGS(payment->order_id, payment->number, payment->tender, payment->amount_fen, payment->points,
             payment_status_names[payment->status], payment->via_channel, payment->external_no, payment->created_at,
             payment->paid_at));
}

Err payment_read(Ctx *c, int64_t order_id, int64_t number, Payment *ret_payment, bool *ret_found) {
    return db_find(c,
                   "SELECT " PAYMENT_COLUMNS " FROM payment WHERE merchant_id = $1 AND order_id = $2 AND number = $3",
                   ARGS(order_id, number), &payment_fields, ret_payment, ret_found);
}

Err payment_list(Ctx *c, int64_t order_id, Payments *ret_list) {
    return db_rows(c,
                   "SELECT " PAYMENT_COLUMNS " FROM payment WHERE merchant_id = $1 AND order_id = $2 ORDER BY number",
                   ARGS(order_id), &payment_fields, TENDERS_PER_ORDER_MAX, (ListAny *)ret_list);
}

Err payment_mark_paid(Ctx *c, int64_t order_id, int64_t number, Str external_no, bool *ret_marked) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE payment SET status = 'paid', external_no = $4, paid_at = $5"
                  " WHERE merchant_id = $1 AND order_id = $2 AND number = $3 AND status = 'pending'",
                  ARGS(order_id, number, external_no, c->now), &changed));
    *ret_marked = changed == 1;
    return OK;
}

Err payment_mark_late(Ctx *c, int64_t order_id, int64_t number, Str external_no, bool *ret_marked) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE payment SET status = 'late', external_no = $4, paid_at = $5"
                  " WHERE merchant_id = $1 AND order_id = $2 AND number = $3 AND status = 'closed'",
                  ARGS(order_id, number, external_no, c->now), &changed));
    *ret_marked = changed == 1;
    return OK;
}

Err payment_mark_closed(Ctx *c, int64_t order_id, int64_t number, bool *ret_marked) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE payment SET status = 'closed'"
                  " WHERE merchant_id = $1 AND order_id = $2 AND number = $3 AND status = 'pending'",
                  ARGS(order_id, number), &changed));
    *ret_marked = changed == 1;
    return OK;
}

Err payment_put_url(Ctx *c, int64_t order_id, int64_t number, Str pay_url) {
    return db_exec(c, "UPDATE payment SET pay_url = $4 WHERE merchant_id = $1 AND order_id = $2 AND number = $3",
                   ARGS(order_id, number, pay_url));
}

Err payment_take_back(Ctx *c, int64_t order_id, int64_t number, int64_t amount_fen, int64_t points, bool *ret_taken) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE payment SET refunded_fen = refunded_fen + $4, points_refunded = points_refunded + $5"
                  " WHERE merchant_id = $1 AND order_id = $2 AND number = $3 AND status IN ('paid', 'late')"
                  " AND refunded_fen + $4 <= amount_fen AND points_refunded + $5 <= points",
                  ARGS(order_id, number, amount_fen, points), &changed));
    *ret_taken = changed == 1;
    return OK;
}

Err payment_refund_insert(Ctx *c, const PaymentRefund *refund) {
    return db_exec(
        c,
        "INSERT INTO payment_refund (merchant_id, order_id, number, refund_id, amount_fen, points, status, channel_ref,"
        " created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8)",
        ARGS(refund->order_id, refund->number, refund->refund_id, refund->amount_fen, refund->points,
             payment_refund_status_names[refund->status], c->now));
}

#define PAYMENT_REFUND_COLUMNS "order_id, number, refund_id, amount_fen, points, status, channel_ref, created_at"

Err payment_refund_read(Ctx *c, int64_t order_id, int64_t number, int64_t refund_id, PaymentRefund *ret_refund,
                        bool *ret_found) {
    return db_find(c,
                   "SELECT " PAYMENT_REFUND_COLUMNS " FROM payment_refund"
                   " WHERE merchant_id = $1 AND order_id = $2 AND number = $3 AND refund_id = $4",
                   ARGS(order_id, number, refund_id), &payment_refund_fields, ret_refund, ret_found);
}

Err payment_refunds_of(Ctx *c, int64_t order_id, int64_t refund_id, Payments *ret_payments) {
    return db_rows(
        c,
        "SELECT p.order_id, p.number, p.tender, p.amount_fen, r.amount_fen AS refunded_fen, r.points AS points_refunded"
        " FROM payment p JOIN payment_refund r ON r.merchant_id = p.merchant_id AND r.order_id = p.order_id"
        " AND r.number = p.number WHERE p.merchant_id = $1 AND p.order_id = $2 AND r.refund_id = $3 ORDER BY p.number",
        ARGS(order_id, refund_id), &payment_fields, TENDERS_PER_ORDER_MAX, (ListAny *)ret_payments);
}

Err payment_refund_mark(Ctx *c, const PaymentRefund *refund, PaymentRefundStatus status, Str channel_ref) {
    return db_exec(
        c,
        "UPDATE payment_refund SET status = $5, channel_ref = $6"
        " WHERE merchant_id = $1 AND order_id = $2 AND number = $3 AND refund_id = $4",
        ARGS(refund->order_id, refund->number, refund->refund_id, payment_refund_status_names[status], channel_ref));
}

Err payment_refunds_stuck(Ctx *c, int64_t after_refund_id, int64_t after_number, int64_t most,
                          PaymentRefunds *ret_list) {
    return db_rows(c,
                   "SELECT " PAYMENT_REFUND_COLUMNS " FROM payment_refund WHERE merchant_id = $1 AND status = 'stuck'"
                   " AND (refund_id > $2 OR (refund_id = $2 AND number > $3)) ORDER BY refund_id, number LIMIT $4",
                   ARGS(after_refund_id, after_number, most), &payment_refund_fields, most, (ListAny *)ret_list);
}
