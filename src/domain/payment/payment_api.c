#include "domain/payment/payment_store.h"
#include "event/payment.h"
#include "port/ports.h"

static const Field payment_field[] = {
    FIELD_ID(Payment, order_id),
    FIELD(Payment, number),
    FIELD(Payment, tender),
    FIELD(Payment, amount_fen),
    FIELD(Payment, refunded_fen),
    FIELD(Payment, points, .skip_zero = true),
    FIELD(Payment, points_refunded, .skip_zero = true),
    FIELD_ENUM(Payment, status, payment_status_names),
    FIELD(Payment, via_channel, .skip_zero = true),
    FIELD(Payment, external_no, .skip_zero = true),
    FIELD(Payment, pay_url, .skip_zero = true),
    FIELD(Payment, created_at),
    FIELD(Payment, paid_at),
};
const Fields payment_fields = FIELDS(Payment, payment_field);

static const Field payment_new_field[] = {
    FIELD(PaymentNew, tender, .need = true, .max = 32),
    FIELD(PaymentNew, amount_fen, .need = true, .min = 1, .max = 100000000000),
    FIELD(PaymentNew, external_no, .max = 64, .about = "the terminal's receipt number: paid outside already"),
    FIELD(PaymentNew, code, .max = 400, .is_secret = true, .about = "tender balance: the member's dynamic code"),
    FIELD(PaymentNew, pin, .max = 12, .is_secret = true, .about = "tender balance: or the PIN"),
};
const Fields payment_new_fields = FIELDS(PaymentNew, payment_new_field);

static const Field payment_refund_field[] = {
    FIELD_ID(PaymentRefund, order_id),  FIELD(PaymentRefund, number),
    FIELD_ID(PaymentRefund, refund_id), FIELD(PaymentRefund, amount_fen),
    FIELD(PaymentRefund, points),       FIELD_ENUM(PaymentRefund, status, payment_refund_status_names),
    FIELD(PaymentRefund, channel_ref),  FIELD(PaymentRefund, created_at),
};
const Fields payment_refund_fields = FIELDS(PaymentRefund, payment_refund_field);

/* ---- setting ---- */

static const Field tender_field[] = {
    FIELD(Tender, code, .need = true, .max = 32),
    FIELD(Tender, name, .need = true, .max = 40),
    FIELD(Tender, is_channel, .about = "paid through the payment channel unless external_no is given"),
    FIELD(Tender, earns, .about = "this part of an order earns points"),
    FIELD(Tender, is_off),
};
static const Fields tender_fields = FIELDS(Tender, tender_field);
static const Field payment_setting_field[] = { FIELD_LIST(PaymentSetting, tenders, tender_fields, .max = TENDERS_MAX) };
static const Fields payment_setting_fields = FIELDS(PaymentSetting, payment_setting_field);

static void payment_defaults(void *ret_value) {
    static const Tender tenders[] = {
        { .code = S_INIT("cash"), .name = S_INIT("现金"), .earns = true },
        { .code = S_INIT("card"), .name = S_INIT("银行卡"), .earns = true },
        { .code = S_INIT("wechat"), .name = S_INIT("微信支付"), .is_channel = true, .earns = true },
        { .code = S_INIT("alipay"), .name = S_INIT("支付宝"), .is_channel = true, .earns = true },
        { .code = S_INIT("external"), .name = S_INIT("其他"), .earns = true },
    };
    PaymentSetting *setting = ret_value;
    setting->tenders.items = (Tender *)tenders;
    setting->tenders.count = COUNT_OF(tenders);
}

static Err check_tenders(Ctx *c, const void *value) {
    const PaymentSetting *setting = value;
    for (int64_t i = 0; i < setting->tenders.count; i++)
        for (int64_t k = 0; k < i; k++)
            if (str_equal(setting->tenders.items[i].code, setting->tenders.items[k].code))
                complain(c, arena_print(c->arena, "/tenders/%lld/code", (long long)i), "payment.tender_twice",
                         "支付方式重复", "this tender is listed twice");
    return complaints_refuse(c);
}
const Setting payment_setting = { "payment", &payment_setting_fields, payment_defaults, check_tenders };
static const Setting *const settings[] = { &payment_setting };

/* ---- notices of the channel ---- */

typedef struct NoticeIn {
    Str id;
    int64_t amount_fen;
    Str ref, signature;
    int64_t at;
} NoticeIn;
static const Field notice_in_field[] = {
    FIELD(NoticeIn, id, .need = true, .max = 80, .about = "our number at the channel"),
    FIELD(NoticeIn, amount_fen, .need = true, .min = 1),
    FIELD(NoticeIn, ref, .need = true, .max = 80),
    FIELD(NoticeIn, at),
    FIELD(NoticeIn, signature, .need = true, .max = 128, .is_secret = true),
};
static const Fields notice_in_fields = FIELDS(NoticeIn, notice_in_field);

/* The signature is checked before anything is looked up. */
static Err prepare_notice(Ctx *c, const void *body) {
    const NoticeIn *in = body;
    const PayPort *pay = &c->app->ports->pay;
    PayNotice notice = {
        .id = in->id, .ref = in->ref, .amount_fen = in->amount_fen, .at = in->at, .signature = in->signature
    };
    PaymentAt *at = NEW(c->arena, PaymentAt);
    bool is_ours = payment_at_channel(in->id, at) && at->merchant_id == c->merchant_id;
    if (!pay->notice_is_genuine(pay->user, c, &notice) || !is_ours)
        return fail(c, E_DENIED, "payment.forged", "通知签名不符", "the notice is not genuine");
    c->plan = at;
    return OK;
}

static Err post_notice(Ctx *c, const void *body, void *ret) {
    (void)ret;
    const NoticeIn *in = body;
    const PaymentAt *at = c->plan;
    return payment_confirm(c, at->order_id, at->number, in->amount_fen, in->ref);
}

typedef struct StuckQuery {
    Str cursor;
    int64_t limit;
} StuckQuery;
static const Field stuck_query_field[] = { FIELD(StuckQuery, cursor), FIELD(StuckQuery, limit, .max = PAGE_MAX) };
static const Fields stuck_query_fields = FIELDS(StuckQuery, stuck_query_field);
typedef struct StuckPage {
    PaymentRefunds items;
    Str next_cursor;
} StuckPage;
static const Field stuck_page_field[] = {
    FIELD_LIST(StuckPage, items, payment_refund_fields, .max = PAGE_MAX),
    FIELD(StuckPage, next_cursor),
};
static const Fields stuck_page_fields = FIELDS(StuckPage, stuck_page_field);

static Err get_stuck(Ctx *c, const void *body, void *ret) {
    const StuckQuery *in = body;
    StuckPage *out = ret;
    int64_t after = 0, after_number = 0, limit = in->limit > 0 ? in->limit : PAGE_DEFAULT;
    TRY(page_open(c, in->cursor, &after, &after_number));
    TRY(payment_refunds_stuck(c, after, after_number, limit, &out->items));
    if (out->items.count < limit) return OK;
    const PaymentRefund *last = &out->items.items[limit - 1];
    out->next_cursor = page_cursor(c, last->refund_id, last->number);
    return OK;
}

typedef struct StuckRef {
    int64_t order_id, number, refund_id;
} StuckRef;
static const Field stuck_ref_field[] = {
    FIELD_ID(StuckRef, order_id, .need = true),
    FIELD(StuckRef, number, .need = true),
    FIELD_ID(StuckRef, refund_id, .need = true),
};
static const Fields stuck_ref_fields = FIELDS(StuckRef, stuck_ref_field);

/* A person has mended the channel: the very same refund is sent again under its own number. */
static Err post_resend(Ctx *c, const void *body, void *ret) {
    const StuckRef *in = body;
    PaymentRefund *out = ret;
    bool found;
    TRY(payment_refund_read(c, in->order_id, in->number, in->refund_id, out, &found));
    if (!found || out->status != PAYMENT_REFUND_STUCK)
        return fail(c, E_NOT_FOUND, "payment.not_found", "没有这笔卡住的退款", "no such stuck refund");
    out->status = PAYMENT_REFUND_SENDING;
    TRY(payment_refund_mark(c, out, PAYMENT_REFUND_SENDING, S("")));
    TRY(audit(c, &(AuditNote){ .action = "payment.resend", .subject = "refund", .subject_id = in->refund_id }));
    return emit(c, &payment_refund_asked, in->order_id,
                &(PaymentFact){ in->order_id, in->number, in->refund_id, out->amount_fen });
}

static const Route routes[] = {
    { "POST", "/v1/payment-notices", "Notice of the payment channel: a payment was made", WHO_PUBLIC, NULL,
      &notice_in_fields, NULL, prepare_notice, post_notice, 0 },
    { "GET", "/v1/payment-refunds/stuck", "Refunds that the payment channel refused", WHO_STAFF, "payment.read",
      &stuck_query_fields, &stuck_page_fields, NULL, get_stuck, ROUTE_LIST },
    { "POST", "/v1/payment-refunds/resend", "Send a stuck refund again", WHO_STAFF, "payment.resend", &stuck_ref_fields,
      &payment_refund_fields, NULL, post_resend, ROUTE_ONCE },
};

/* ---- invariants ---- */

static Err refunded_is_sum(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM payment WHERE merchant_id = $1",
        "SELECT p.order_id AS id, COALESCE(r.amount_fen, 0) AS want, p.refunded_fen AS have FROM payment p"
        " LEFT JOIN (SELECT order_id, number, CAST(SUM(amount_fen) AS BIGINT) AS amount_fen,"
        " CAST(SUM(points) AS BIGINT) AS points FROM payment_refund WHERE merchant_id = $1 GROUP BY order_id, number) r"
        " ON r.order_id = p.order_id AND r.number = p.number WHERE p.merchant_id = $1"
        " AND (p.refunded_fen <> COALESCE(r.amount_fen, 0) OR p.points_refunded <> COALESCE(r.points, 0))");
}

static Err status_fits_what_went_back(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report, "SELECT COUNT(*) FROM payment WHERE merchant_id = $1 AND status <> 'paid'",
                       "SELECT p.order_id AS id, CASE WHEN p.status = 'late' THEN p.amount_fen ELSE 0 END AS want,"
                       " p.refunded_fen AS have FROM payment p WHERE p.merchant_id = $1 AND p.status <> 'paid'"
                       " AND p.refunded_fen <> CASE WHEN p.status = 'late' THEN p.amount_fen ELSE 0 END");
}

static const Hold holds[] = {
    { "payment.refunded_is_sum_of_refunds", refunded_is_sum },
    { "payment.status_fits_what_went_back", status_fits_what_went_back },
};

const Slice payment_slice = {
    .name = "payment",
    .routes = routes,
    .route_count = COUNT_OF(routes),
    .handlers = payment_handlers,
    .handler_count = PAYMENT_HANDLERS,
    .settings = settings,
    .setting_count = COUNT_OF(settings),
    .holds = holds,
    .hold_count = COUNT_OF(holds),
};
