/* payment - 支付: the tenders of orders, and the outside payment channels behind the `pay` port.
 *
 * Owns:   payment, payment_refund, payment_tender
 * Units:  amount_fen
 * Calls:  nobody
 * Emits:  nothing
 * Holds:  refunded_fen == SUM(payment_refund.amount_fen) and 0 <= refunded_fen <= amount_fen
 * Errors: payment.tender_unknown, payment.amount, payment.not_pending, payment.forged, payment.over_refund
 *
 * A tender is a way to pay: cash, wechat, alipay, card, external, and points (value slices add principal, gift).
 * Tenders that leave the house (wechat, alipay) start as `pending`: the pay port makes the order at the channel from the outbox, the
 * channel's callback (or a query) confirms it once, however often and in whatever order it comes. */
#pragma once
#include "base/ctx.h"

typedef enum PaymentStatus { PAYMENT_PENDING, PAYMENT_PAID, PAYMENT_FAILED, PAYMENT_CLOSED } PaymentStatus;
extern const char *const payment_status_names[];
enum { TENDERS_PER_ORDER_MAX = 8 };

typedef struct Payment {
    int64_t payment_id, order_id;
    Str tender;                             /* "cash", "points", … */
    int64_t amount_fen, refunded_fen;
    int64_t points;                         /* tender "points": how many were spent */
    PaymentStatus status;
    Str external_no;                        /* the channel's transaction number, or what the till typed */
    int64_t created_at, paid_at;
} Payment;
typedef LIST_OF(Payment) Payments;

typedef struct PaymentNew { Str tender; int64_t amount_fen, points; Str external_no; } PaymentNew;
typedef LIST_OF(PaymentNew) PaymentNews;

/* Records the tenders of an order at once; ids are set. Refuses unknown tenders and amounts <= 0. */
Err payment_add(Ctx *c, int64_t order_id, PaymentNews tenders, bool is_paid, Payments *ret_payments);
Err payment_of_order(Ctx *c, int64_t order_id, Payments *ret_payments);
/* Gives back `amount_fen` of one tender: guard in the statement, never more than is left. Outside channels follow by the outbox. */
Err payment_refund(Ctx *c, int64_t payment_id, int64_t refund_id, int64_t amount_fen);
