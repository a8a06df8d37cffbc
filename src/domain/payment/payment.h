/* payment - 支付: the tenders of orders, and the outside payment channel behind the `pay` port.
 *
 * Owns:   payment, payment_refund
 * Units:  amount_fen; points whole
 * Calls:  nobody
 * Emits:  payment.asked, payment.paid, payment.doubted, payment.closed, payment.refund_asked
 * Holds:  payment.refunded_fen == SUM(payment_refund.amount_fen) and never exceeds amount_fen; points likewise;
 *         what is pending or closed gave nothing back; what came late went back whole
 * Errors: payment.tender_unknown, payment.tender_off, payment.not_found, payment.forged, payment.over_refund,
 *         payment.amount_differs, payment.channel
 *
 * A tender is a way to pay: cash, card, wechat, alipay, external …, points, and balance (principal and gift). A tender
 * is a number within its order (1, 2, …). Tenders that leave the house start as pending: the channel is asked from the
 * outbox, its notice (or our query) confirms it once, however often and in whatever order notices come.
 * Money that arrives when its tender is closed is kept, marked late, and sent back whole. */
#pragma once
#include "app/app.h"

typedef enum PaymentStatus { PAYMENT_PENDING, PAYMENT_PAID, PAYMENT_CLOSED, PAYMENT_LATE } PaymentStatus;
extern const char
    *const payment_status_names[]; /* late: paid at the channel after it was closed; goes back by itself */
enum { TENDERS_PER_CALL_MAX = 8, TENDERS_PER_ORDER_MAX = 32, TENDERS_MAX = 30 };

/* ---- what a shop takes (setting "payment") ---- */
typedef struct Tender {
    Str code, name;
    bool is_channel; /* goes through the pay port when no external_no is given */
    bool earns;      /* this part of an order earns points */
    bool is_off;
} Tender;
typedef struct PaymentSetting {
    LIST_OF(Tender) tenders;
} PaymentSetting;
extern const Setting payment_setting;
/* E_INVALID payment.tender_unknown, payment.tender_off. "points" is always known, never earns. */
Err payment_tender(Ctx *c, Str code, Tender *ret_tender);

/* ---- the tenders of an order ---- */
typedef struct Payment {
    int64_t order_id, number;
    Str tender;
    int64_t amount_fen, refunded_fen;
    int64_t points, points_refunded; /* tender "points" */
    PaymentStatus status;
    bool via_channel; /* paid (or waiting) at the channel: refunds go back the same way */
    Str external_no;  /* the channel's transaction number, or what the till typed */
    Str pay_url;      /* pending at a channel: what the payer opens or scans */
    int64_t created_at, paid_at;
} Payment;
typedef LIST_OF(Payment) Payments;
extern const Fields payment_fields;

typedef struct PaymentNew {
    Str tender;
    int64_t amount_fen, points;
    Str external_no;
    Str code, pin;                          /* tender "balance": the member's proof; kept nowhere */
} PaymentNew;
typedef LIST_OF(PaymentNew) PaymentNews;
extern const Fields payment_new_fields;

/* Adds one tender under a number that the order gives out; pending ones are announced (payment.asked). */
Err payment_add(Ctx *c, int64_t order_id, int64_t number, const PaymentNew *tender, bool is_pending,
                Payment *ret_payment);
Err payment_of_order(Ctx *c, int64_t order_id, Payments *ret_payments);
/* Gives up a tender that waits: closed here at once, at the channel from the outbox. ret_closed false: it did not
 * wait. */
Err payment_close(Ctx *c, int64_t order_id, int64_t number, bool *ret_closed);
/* Gives back a part of one tender; the guard is in the statement: never more than is left. Channels follow from the
 * outbox. E_CONFLICT payment.over_refund. */
Err payment_refund(Ctx *c, const Payment *payment, int64_t refund_id, int64_t amount_fen, int64_t points);

/* What one refund gave back through each tender: refunded_fen and points_refunded are of that refund alone. */
Err payment_refunds_of(Ctx *c, int64_t order_id, int64_t refund_id, Payments *ret_payments);

/* How far the money of one refund is: "done", "sending" or "stuck" (refused by the channel; to be sent again). */
Err payment_refund_state(Ctx *c, int64_t order_id, int64_t number, int64_t refund_id, Str *ret_state);

/* The channel says that the tender was paid (notice or query): the first time marks it and emits payment.paid, again is
 * OK without effect. E_NOT_FOUND payment.not_found, E_CONFLICT payment.amount_differs. */
Err payment_confirm(Ctx *c, int64_t order_id, int64_t number, int64_t amount_fen, Str channel_ref);

/* Its notice may be lost: the channel is asked from the outbox, and what it says is recorded. */
Err payment_doubt(Ctx *c, int64_t order_id, int64_t number);

/* In a prepare(): asks the channel how far the tender is. Then in the unit: records what it said. */
typedef struct PaymentAsked {
    int64_t order_id, number;
    bool is_paid;
    int64_t paid_fen;
    Str ref;
} PaymentAsked;
Err payment_query(Ctx *c, int64_t order_id, int64_t number, PaymentAsked *ret_asked);
Err payment_record(Ctx *c, const PaymentAsked *asked);
