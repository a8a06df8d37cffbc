/* payment_channel - the channel is asked from the outbox, outside any unit; what it answers is recorded inside one.
 * Every request carries a number of ours, so that asking again after a crash is the same request there. */
#include "domain/payment/payment_store.h"
#include "event/payment.h"
#include "port/ports.h"

static Str channel_id(Ctx *c, int64_t order_id, int64_t number) {
    return arena_print(c->arena, "L%lld-%lld-%lld", (long long)c->merchant_id, (long long)order_id, (long long)number);
}

bool payment_at_channel(Str id, PaymentAt *ret_at) {
    Str merchant, rest, order, number;
    if (!str_starts(id, S("L")) || !str_cut(str_slice(id, 1, id.len), '-', &merchant, &rest)) return false;
    if (!str_cut(rest, '-', &order, &number)) return false;
    return str_to_int(merchant, &ret_at->merchant_id) && str_to_int(order, &ret_at->order_id) &&
           str_to_int(number, &ret_at->number);
}

static Err refuse(Ctx *c, PortResult result) {
    c->problem.retry_after_s = (result.retry_after_ms + 999) / 1000;
    return fail(c, E_BUSY, "payment.channel", "支付渠道暂时没有应答（%s）", "the payment channel does not answer (%s)",
                port_outcome_names[result.outcome]);
}

static bool is_done(PortResult result) { return result.outcome == PORT_OK || result.outcome == PORT_DUP; }

typedef struct ChannelPlan {
    Payment payment;
    bool found;
    PortResult result;
    PayAnswer answer;
} ChannelPlan;

static Err read_payment(Ctx *c, void *arg) {
    ChannelPlan *plan = arg;
    return payment_read(c, plan->payment.order_id, plan->payment.number, &plan->payment, &plan->found);
}

/* The tender as it stands now, in a snapshot of its own. */
static Err open_plan(Ctx *c, const PaymentFact *fact, ChannelPlan **ret_plan) {
    ChannelPlan *plan = NEW(c->arena, ChannelPlan);
    plan->payment = (Payment){ .order_id = fact->order_id, .number = fact->number };
    c->plan = plan;
    *ret_plan = plan;
    return app_read(c, read_payment, plan);
}

/* ---- asking for the money ---- */

static Err ask_channel(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    ChannelPlan *plan;
    TRY(open_plan(c, payload, &plan));
    if (!plan->found || plan->payment.status != PAYMENT_PENDING) return OK; /* given up before it was asked */
    const PayPort *pay = &c->app->ports->pay;
    PayOrder order = { .id = channel_id(c, plan->payment.order_id, plan->payment.number),
                       .amount_fen = plan->payment.amount_fen,
                       .method = S("code"),
                       .subject = S("laoke") };
    plan->result = pay->create(pay->user, c, &order, &plan->answer);
    return is_done(plan->result) ? OK : refuse(c, plan->result);
}

static Err record_asked(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    const PaymentFact *fact = payload;
    const PayAnswer *answer = &((const ChannelPlan *)c->plan)->answer;
    if (answer->state == PAY_PAID)
        return payment_confirm(c, fact->order_id, fact->number, answer->paid_fen, answer->ref);
    return answer->pay_url.len > 0 ? payment_put_url(c, fact->order_id, fact->number, answer->pay_url) : OK;
}

/* ---- asking how far it is, when its notice may be lost ---- */

static Err ask_again(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    const PaymentFact *fact = payload;
    ChannelPlan *plan;
    TRY(open_plan(c, fact, &plan));
    if (!plan->found || plan->payment.status != PAYMENT_PENDING) return OK;
    const PayPort *pay = &c->app->ports->pay;
    plan->result = pay->query(pay->user, c, channel_id(c, fact->order_id, fact->number), &plan->answer);
    return is_done(plan->result) ? OK : refuse(c, plan->result);
}

/* ---- giving it up ---- */

/* Refused means that somebody has paid there already: then the answer of a query says so, and the money goes back. */
static Err close_channel(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    const PaymentFact *fact = payload;
    ChannelPlan *plan = NEW(c->arena, ChannelPlan);
    c->plan = plan;
    const PayPort *pay = &c->app->ports->pay;
    Str id = channel_id(c, fact->order_id, fact->number);
    plan->result = pay->close(pay->user, c, id);
    if (plan->result.outcome == PORT_REJECTED) plan->result = pay->query(pay->user, c, id, &plan->answer);
    return is_done(plan->result) ? OK : refuse(c, plan->result);
}

static Err record_closed(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    const PaymentFact *fact = payload;
    const PayAnswer *answer = &((const ChannelPlan *)c->plan)->answer;
    if (answer->state != PAY_PAID) return OK;
    return payment_confirm(c, fact->order_id, fact->number, answer->paid_fen, answer->ref);
}

/* ---- sending it back ---- */

static Err send_refund(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    const PaymentFact *fact = payload;
    ChannelPlan *plan;
    TRY(open_plan(c, fact, &plan));
    const PayPort *pay = &c->app->ports->pay;
    PayRefund refund = { .id = arena_print(c->arena, "R%lld-%lld-%lld", (long long)c->merchant_id,
                                           (long long)fact->refund_id, (long long)fact->number),
                         .pay_id = channel_id(c, fact->order_id, fact->number),
                         .amount_fen = fact->amount_fen,
                         .total_fen = plan->payment.amount_fen };
    plan->result = pay->refund(pay->user, c, &refund, &plan->answer);
    bool is_final = plan->result.outcome == PORT_REJECTED || plan->result.outcome == PORT_CONFIG;
    return is_done(plan->result) || is_final ? OK : refuse(c, plan->result);
}

static Err record_refund(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    const PaymentFact *fact = payload;
    const ChannelPlan *plan = c->plan;
    PaymentRefund refund = { .order_id = fact->order_id, .number = fact->number, .refund_id = fact->refund_id };
    if (is_done(plan->result)) return payment_refund_mark(c, &refund, PAYMENT_REFUND_DONE, plan->result.ref);
    log_line(c, "warn", "payment.refund_stuck", "refund %lld is stuck at the channel", (long long)fact->refund_id);
    return payment_refund_mark(c, &refund, PAYMENT_REFUND_STUCK, plan->result.ref);
}

const Handler payment_handlers[PAYMENT_HANDLERS] = {
    { &payment_asked, "payment.ask_channel", record_asked, ask_channel },
    { &payment_doubted, "payment.ask_again", record_closed, ask_again },
    { &payment_closed, "payment.close_channel", record_closed, close_channel },
    { &payment_refund_asked, "payment.send_refund", record_refund, send_refund },
};

/* ---- asking how far it is ---- */

typedef struct Query {
    Str id;
    PortResult result;
    PayAnswer answer;
} Query;

static void query_outside(Ctx *c, void *arg) {
    Query *query = arg;
    const PayPort *pay = &c->app->ports->pay;
    query->result = pay->query(pay->user, c, query->id, &query->answer);
}

Err payment_query(Ctx *c, int64_t order_id, int64_t number, PaymentAsked *ret_asked) {
    Query query = { .id = channel_id(c, order_id, number) };
    TRY(app_outside(c, query_outside, &query));
    if (!is_done(query.result)) return refuse(c, query.result);
    *ret_asked = (PaymentAsked){ .order_id = order_id,
                                 .number = number,
                                 .is_paid = query.answer.state == PAY_PAID,
                                 .paid_fen = query.answer.paid_fen,
                                 .ref = query.answer.ref };
    return OK;
}
