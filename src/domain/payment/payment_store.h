/* payment_store - every SQL statement of the slice; private to the folder. */
#pragma once
#include "domain/payment/payment.h"
#include "store/db.h"

/* How far the money of a refund has come: done at once in the house, or sent through a channel. */
typedef enum PaymentRefundStatus {
    PAYMENT_REFUND_DONE,
    PAYMENT_REFUND_SENDING,
    PAYMENT_REFUND_STUCK
} PaymentRefundStatus;
extern const char *const payment_refund_status_names[];

typedef struct PaymentRefund {
    int64_t order_id, number, refund_id, amount_fen, points;
    PaymentRefundStatus status;
    Str channel_ref;
    int64_t created_at;
} PaymentRefund;
typedef LIST_OF(PaymentRefund) PaymentRefunds;
extern const Fields payment_refund_fields;

/* payment_channel.c: what leaves the house and comes back. */
enum { PAYMENT_HANDLERS = 4 };
extern const Handler payment_handlers[PAYMENT_HANDLERS];
typedef struct PaymentAt {
    int64_t merchant_id, order_id, number;
} PaymentAt;
bool payment_at_channel(Str channel_id, PaymentAt *ret_at); /* which of our tenders the channel means */

Err payment_insert(Ctx *c, const Payment *payment);
Err payment_read(Ctx *c, int64_t order_id, int64_t number, Payment *ret_payment, bool *ret_found);
Err payment_list(Ctx *c, int64_t order_id, Payments *ret_list);
/* Pending to paid, closed to late, pending to closed; ret_marked says whether it was this call that did it. */
Err payment_mark_paid(Ctx *c, int64_t order_id, int64_t number, Str external_no, bool *ret_marked);
Err payment_mark_late(Ctx *c, int64_t order_id, int64_t number, Str external_no, bool *ret_marked);
Err payment_mark_closed(Ctx *c, int64_t order_id, int64_t number, bool *ret_marked);
Err payment_put_url(Ctx *c, int64_t order_id, int64_t number, Str pay_url);
Err payment_take_back(Ctx *c, int64_t order_id, int64_t number, int64_t amount_fen, int64_t points, bool *ret_taken);
Err payment_refund_insert(Ctx *c, const PaymentRefund *refund);
Err payment_refund_read(Ctx *c, int64_t order_id, int64_t number, int64_t refund_id, PaymentRefund *ret_refund,
                        bool *ret_found);
Err payment_refund_mark(Ctx *c, const PaymentRefund *refund, PaymentRefundStatus status, Str channel_ref);
Err payment_refunds_stuck(Ctx *c, int64_t after_refund_id, int64_t after_number, int64_t most,
                          PaymentRefunds *ret_list);
