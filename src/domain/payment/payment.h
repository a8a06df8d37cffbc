/* payment - 支付: the tenders of orders, and the outside payment channel behind the `pay` port.
 *
 * Owns:   payment, payment_refund
 * Units:  amount_fen; points whole
 * Calls:  nobody
 * Emits:  payment.asked, payment.paid, payment.refund_asked
 * Holds:  payment.refunded_fen == SUM(payment_refund.amount_fen) and never exceeds amount_fen; points likewise
 * Errors: payment.tender_unknown, payment.tender_off, payment.not_found, payment.not_pending, payment.forged,
 *         payment.over_refund, payment.amount_differs
 *
 * A tender is a way to pay: cash, card, wechat, alipay, external …, and points (the value slices add principal and gift).
 * A tender is a number within its order (1, 2, …). Tenders that leave the house start as pending: the channel is asked from the
 * outbox, its notice (or our query) confirms it once, however often and in whatever order notices come. */
#pragma once
#include "app/app.h"

typedef enum PaymentStatus { PAYMENT_PENDING, PAYMENT_PAID, PAYMENT_CLOSED, PAYMENT_LATE } PaymentStatus;
extern const char *const payment_status_names[];    /* late: paid at the channel after the order was closed; goes back by itself */
enum { TENDERS_PER_ORDER_MAX = 8, TENDERS_MAX = 30 };

/* ---- what a shop takes (setting "payment") ---- */
typedef struct Tender {
    Str code, name;
    bool is_channel;                        /* goes through the pay port when no external_no is given */
    bool earns;                             /* this part of an order earns points */
    bool is_off;
} Tender;
typedef struct PaymentSetting { LIST_OF(Tender) tenders; } PaymentSetting;
extern const Setting payment_setting;
/* E_INVALID payment.tender_unknown, payment.tender_off. "points" is always known, never earns. */
Err payment_tender(Ctx *c, Str code, Tender *ret_tender);

/* ---- the tenders of an order ---- */
typedef struct Payment {
    int64_t order_id, number;
    Str tender;
    int64_t amount_fen, refunded_fen;
    int64_t points, points_refunded;        /* tender "points" */
    PaymentStatus status;
    Str external_no;                        /* the channel's transaction number, or what the till typed */
    Str pay_url;                            /* pending at a channel: what the payer opens or scans */
    int64_t created_at, paid_at;
} Payment;
typedef LIST_OF(Payment) Payments;
extern const Fields payment_fields;

typedef struct PaymentNew { Str tender; int64_t amount_fen, points; Str external_no; } PaymentNew;
typedef LIST_OF(PaymentNew) PaymentNews;
extern const Fields payment_new_fields;

/* Adds one tender under a number that the order gives out; pending ones are announced (payment.asked). */
Err payment_add(Ctx *c, int64_t order_id, int64_t number, const PaymentNew *tender, bool is_pending);
Err payment_of_order(Ctx *c, int64_t order_id, Payments *ret_payments);
/* Closes what is still pending (order cancelled or expired); a payment that arrives later is `late` and goes back. */
Err payment_close(Ctx *c, int64_t order_id);
/* Gives back a part of one tender; the guard is in the statement: never more than is left. Channels follow from the outbox.
 * E_CONFLICT payment.over_refund. */
Err payment_refund(Ctx *c, const Payment *payment, int64_t refund_id, int64_t amount_fen, int64_t points);

/* What one refund gave back through each tender: refunded_fen and points_refunded are of that refund alone. */
Err payment_refunds_of(Ctx *c, int64_t order_id, int64_t refund_id, Payments *ret_payments);

/* The channel says that the tender was paid (notice or query): first time marks it and emits payment.paid; again: OK, no effect.
 * E_CONFLICT payment.amount_differs, payment.not_found. */
Err payment_confirm(Ctx *c, int64_t order_id, int64_t number, int64_t amount_fen, Str channel_ref);
