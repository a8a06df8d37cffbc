#include "domain/payment/payment.h"
#include "domain/payment/payment_store.h"
#include "event/payment.h"
#include <assert.h>

const char *const payment_status_names[] = { "pending", "paid", "closed", "late", NULL };
const char *const payment_refund_status_names[] = { "done", "sending", "stuck", NULL };

static const Tender points_tender = { .code = S_INIT("points"), .name = S_INIT("积分抵扣") };
/* What of it was paid in earns, what was given does not: the order asks the wallet. */
static const Tender balance_tender = { .code = S_INIT("balance"), .name = S_INIT("储值余额") };

Err payment_tender(Ctx *c, Str code, Tender *ret_tender) {
    if (str_equal(code, points_tender.code)) {
        *ret_tender = points_tender;
        return OK;
    }
    if (str_equal(code, balance_tender.code)) {
        *ret_tender = balance_tender;
        return OK;
    }
    PaymentSetting setting;
    TRY(setting_get(c, &payment_setting, &setting));
    for (int64_t i = 0; i < setting.tenders.count; i++) {
        const Tender *tender = &setting.tenders.items[i];
        if (!str_equal(tender->code, code)) continue;
        if (tender->is_off)
            return fail(c, E_INVALID, "payment.tender_off", "本店暂不接受 %.*s", "%.*s is not accepted at present",
                        (int)tender->name.len, tender->name.at);
        *ret_tender = *tender;
        return OK;
    }
    return fail(c, E_INVALID, "payment.tender_unknown", "没有这种支付方式：%.*s", "unknown tender: %.*s", (int)code.len,
                code.at);
}

Err payment_add(Ctx *c, int64_t order_id, int64_t number, const PaymentNew *tender, bool is_pending,
                Payment *ret_payment) {
    assert(tender->amount_fen > 0);
    *ret_payment = (Payment){ .order_id = order_id,
                              .number = number,
                              .tender = tender->tender,
                              .amount_fen = tender->amount_fen,
                              .points = tender->points,
                              .status = is_pending ? PAYMENT_PENDING : PAYMENT_PAID,
                              .via_channel = is_pending,
                              .external_no = tender->external_no,
                              .created_at = c->now,
                              .paid_at = is_pending ? 0 : c->now };
    TRY(payment_insert(c, ret_payment));
    if (!is_pending) return OK;
    return emit(c, &payment_asked, order_id,
                &(PaymentFact){ .order_id = order_id, .number = number, .amount_fen = tender->amount_fen });
}

Err payment_of_order(Ctx *c, int64_t order_id, Payments *ret_payments) {
    return payment_list(c, order_id, ret_payments);
}

Err payment_close(Ctx *c, int64_t order_id, int64_t number, bool *ret_closed) {
    TRY(payment_mark_closed(c, order_id, number, ret_closed));
    return *ret_closed ? emit(c, &payment_closed, order_id, &(PaymentFact){ .order_id = order_id, .number = number })
                       : OK;
}

Err payment_doubt(Ctx *c, int64_t order_id, int64_t number) {
    return emit(c, &payment_doubted, order_id, &(PaymentFact){ .order_id = order_id, .number = number });
}

static Err need_payment(Ctx *c, int64_t order_id, int64_t number, Payment *ret_payment) {
    bool found;
    TRY(payment_read(c, order_id, number, ret_payment, &found));
    return found ? OK : fail(c, E_NOT_FOUND, "payment.not_found", "没有这笔支付", "no such payment");
}

/* Money of a channel goes back the way it came, after the commit; all other tenders are given back by hand at once. */
Err payment_refund(Ctx *c, const Payment *payment, int64_t refund_id, int64_t amount_fen, int64_t points) {
    assert(amount_fen > 0 && points >= 0);
    bool taken;
    TRY(payment_take_back(c, payment->order_id, payment->number, amount_fen, points, &taken));
    if (!taken) {
        fail_number(c, "left_fen", payment->amount_fen - payment->refunded_fen);
        return fail(c, E_CONFLICT, "payment.over_refund", "这笔支付已没有这么多可退",
                    "less than that is left of this payment");
    }
    PaymentRefundStatus status = payment->via_channel ? PAYMENT_REFUND_SENDING : PAYMENT_REFUND_DONE;
    TRY(payment_refund_insert(c, &(PaymentRefund){ .order_id = payment->order_id,
                                                   .number = payment->number,
                                                   .refund_id = refund_id,
                                                   .amount_fen = amount_fen,
                                                   .points = points,
                                                   .status = status }));
    if (!payment->via_channel) return OK;
    return emit(c, &payment_refund_asked, payment->order_id,
                &(PaymentFact){ payment->order_id, payment->number, refund_id, amount_fen });
}

Err payment_refund_state(Ctx *c, int64_t order_id, int64_t number, int64_t refund_id, Str *ret_state) {
    PaymentRefund refund = { 0 };
    bool found = false;
    TRY(payment_refund_read(c, order_id, number, refund_id, &refund, &found));
    *ret_state = found ? str_of(payment_refund_status_names[refund.status]) : (Str){ 0 };
    return OK;
}

Err payment_confirm(Ctx *c, int64_t order_id, int64_t number, int64_t amount_fen, Str channel_ref) {
    Payment payment = { 0 };
    TRY(need_payment(c, order_id, number, &payment));
    if (payment.amount_fen != amount_fen) {
        fail_number(c, "asked_fen", payment.amount_fen);
        fail_number(c, "paid_fen", amount_fen);
        return fail(c, E_CONFLICT, "payment.amount_differs", "支付渠道报告的金额不符",
                    "the channel reports another amount");
    }
    bool marked;
    TRY(payment_mark_paid(c, order_id, number, channel_ref, &marked));
    if (marked)
        return emit(c, &payment_paid, order_id,
                    &(PaymentFact){ .order_id = order_id, .number = number, .amount_fen = amount_fen });
    TRY(payment_mark_late(c, order_id, number, channel_ref, &marked));
    return marked ? payment_refund(c, &payment, id_new(c), payment.amount_fen, 0) : OK;
}

Err payment_record(Ctx *c, const PaymentAsked *asked) {
    Payment payment;
    TRY(need_payment(c, asked->order_id, asked->number, &payment));
    return asked->is_paid ? payment_confirm(c, asked->order_id, asked->number, asked->paid_fen, asked->ref) : OK;
}
