/* sale - money in, card or period out, in one unit; and back. */
#include "base/fen.h"
#include "domain/sale/sale_store.h"
#include <assert.h>

enum { JOB_BATCH = 100 };

/* ---- what is sold ---- */

static Err refuse_price(Ctx *c, int64_t price_fen) {
    fail_number(c, "price_fen", price_fen);
    return fail(c, E_INVALID, "sale.price", "价格是 %s 元", "the price is %s", fen_text(c->arena, price_fen).at);
}

static Err price_of(Ctx *c, const Sale *s, Str *ret_name, int64_t *ret_price_fen) {
    TimesTemplate t;
    Plan plan;
    bool is_retired = false;
    switch (s->what) {
    case SALE_TIMES:
        TRY(times_template_read(c, s->what_id, &t));
        *ret_name = t.name;
        *ret_price_fen = t.price_fen * s->count;
        is_retired = t.is_retired;
        break;
    case SALE_PLAN:
        TRY(plan_read(c, s->what_id, &plan));
        *ret_name = plan.name;
        *ret_price_fen = plan.price_fen * s->count;
        is_retired = plan.is_retired;
        break;
    }
    if (is_retired || *ret_price_fen == 0 || (s->what == SALE_PLAN && s->count > 1))
        return fail(c, E_CONFLICT, "sale.not_for_sale", "这张卡不单独出售或已下架",
                    "this is not sold, or not any more");
    return s->amount_fen == 0 || s->amount_fen == *ret_price_fen ? OK : refuse_price(c, *ret_price_fen);
}

static Err need_tender(Ctx *c, const Sale *s, bool *ret_waits) {
    Tender tender;
    bool is_balance = str_is(s->tender, "balance"), is_member = c->actor.kind == ACTOR_MEMBER;
    TRY(payment_tender(c, s->tender, &tender));
    if (str_is(s->tender, "points") || (is_member && !is_balance && (!tender.is_channel || s->external_no.len > 0)))
        return fail(c, E_INVALID, "sale.tender", "不能用这种方式支付", "this cannot be paid in that way");
    *ret_waits = tender.is_channel && s->external_no.len == 0;
    return OK;
}

/* ---- giving ---- */

static Err fill_given(Ctx *c, Sale *s) {
    PlanPeriod period;
    bool found = false;
    TRY(times_cards_of(c, "sale", s->sale_id, &s->cards));
    TRY(plan_period_of(c, "sale", s->sale_id, &period, &found));
    if (!found) return OK;
    s->periods = (PlanPeriods){ NEW_LIST(c->arena, PlanPeriod, 1), 1 };
    s->periods.items[0] = period;
    return OK;
}

static Err give(Ctx *c, Sale *s, bool is_due) {
    PlanPeriod period;
    switch (s->what) {
    case SALE_TIMES:
        TRY(times_issue(c,
                        &(TimesIssue){ .member_id = s->member_id,
                                       .template_id = s->what_id,
                                       .count = s->count,
                                       .source = "sale",
                                       .source_id = s->sale_id,
                                       .paid_fen = s->amount_fen,
                                       .shop_id = s->shop_id,
                                       .is_due = is_due },
                        NULL));
        break;
    case SALE_PLAN:
        TRY(plan_start(c,
                       &(PlanStart){ .member_id = s->member_id,
                                     .plan_id = s->what_id,
                                     .source = "sale",
                                     .source_id = s->sale_id,
                                     .paid_fen = s->amount_fen,
                                     .shop_id = s->shop_id,
                                     .is_due = is_due },
                       &period));
        break;
    }
    return fill_given(c, s);
}

static Err answer_twin(Ctx *c, const Sale *in, Sale *ret_sale) {
    bool found = false;
    int64_t living_id = 0;
    TRY(sale_by_no(c, in->shop_id, in->sale_no, ret_sale, &found));
    assert(found);
    TRY(member_living(c, in->member_id, &living_id));
    bool is_same = ret_sale->member_id == living_id && ret_sale->what == in->what && ret_sale->what_id == in->what_id &&
                   ret_sale->count == in->count && (in->amount_fen == 0 || ret_sale->amount_fen == in->amount_fen) &&
                   str_equal(ret_sale->tender, in->tender);
    if (!is_same) {
        fail_number(c, "sale_id", ret_sale->sale_id);
        return fail(c, E_CONFLICT, "sale.number_used", "单号 %.*s 已被另一笔内容不同的业务使用",
                    "number %.*s belongs to something of other content", (int)in->sale_no.len, in->sale_no.at);
    }
    ret_sale->duplicate = true;
    return fill_given(c, ret_sale);
}

Err sale_make(Ctx *c, const Sale *in, const WalletProven *proven, Sale *ret_sale) {
    Sale s = *in, known;
    Payment payment;
    WalletParts parts;
    int64_t price_fen = 0;
    bool waits = false, is_new = false, is_known = false;
    s.sale_id = id_new(c);
    if (s.count == 0) s.count = 1;
    if (s.sale_no.len == 0) s.sale_no = arena_print(c->arena, "K%lld", (long long)s.sale_id);
    TRY(sale_by_no(c, s.shop_id, s.sale_no, &known, &is_known));
    if (is_known) return answer_twin(c, &s, ret_sale);
    TRY(shop_need_open(c, s.shop_id, 0));
    TRY(member_need_right(c, s.member_id, RIGHT_BUY));
    TRY(price_of(c, &s, &s.name, &price_fen));
    s.amount_fen = price_fen;
    TRY(need_tender(c, &s, &waits));
    s.status = waits ? SALE_WAITING : SALE_DONE;
    s.created_at = c->now;
    s.done_at = waits ? 0 : c->now;
    TRY(sale_insert(c, &s, &is_new));
    if (!is_new) return answer_twin(c, &s, ret_sale);
    if (str_is(s.tender, "balance"))
        TRY(wallet_spend_tender(c, &(WalletTender){ s.shop_id, s.member_id, s.sale_id, 1, s.amount_fen }, proven,
                                &parts));
    TRY(payment_add(c, s.sale_id, 1,
                    &(PaymentNew){ .tender = s.tender, .amount_fen = s.amount_fen, .external_no = s.external_no },
                    waits, &payment));
    if (!waits) TRY(give(c, &s, false));
    s.code = s.pin = (Str){ 0 };
    *ret_sale = s;
    return OK;
}

/* Money that has arrived is never turned away for what came later. */
Err sale_paid(Ctx *c, int64_t sale_id) {
    Sale s;
    bool found = false, done = false;
    TRY(sale_find(c, sale_id, &s, &found));
    if (!found) return OK; /* a tender of something else */
    TRY(sale_mark(c, sale_id, SALE_DONE, &done));
    if (!done) return OK;
    TRY(member_living(c, s.member_id, &s.member_id));
    return give(c, &s, true);
}

Err sale_read(Ctx *c, int64_t sale_id, Sale *ret_sale) {
    bool found = false;
    TRY(sale_find(c, sale_id, ret_sale, &found));
    if (!found) return fail(c, E_NOT_FOUND, "sale.unknown", "没有这笔售卡", "no such sale");
    return fill_given(c, ret_sale);
}

Err sale_cancel(Ctx *c, int64_t sale_id, Sale *ret_sale) {
    bool closed = false, done = false;
    TRY(sale_read(c, sale_id, ret_sale));
    TRY(payment_close(c, sale_id, 1, &closed));
    if (closed) TRY(sale_mark(c, sale_id, SALE_CANCELLED, &done));
    if (!done)
        return fail(c, E_CONFLICT, "sale.not_waiting", "这笔售卡不在等待付款", "this sale does not wait for money");
    ret_sale->status = SALE_CANCELLED;
    return OK;
}

Err sale_job_expire(Ctx *c, int64_t due_at, bool *ret_more) {
    (void)due_at;
    SaleSetting setting;
    Sales list = { 0 };
    TRY(setting_get(c, &sale_setting, &setting));
    TRY(sale_stale(c, c->now - setting.wait_minutes * MINUTE_MS, JOB_BATCH, &list));
    for (int64_t i = 0; i < list.count; i++) {
        bool closed = false, done = false;
        TRY(payment_close(c, list.items[i].sale_id, 1, &closed));
        /* Paid this moment: its event gives what was bought. */
        if (closed) TRY(sale_mark(c, list.items[i].sale_id, SALE_CANCELLED, &done));
    }
    *ret_more = false;
    return OK;
}

/* ---- giving back ---- */

static Err need_done(Ctx *c, int64_t sale_id, Sale *ret_sale) {
    TRY(sale_read(c, sale_id, ret_sale));
    if (ret_sale->status == SALE_DONE) return OK;
    return fail(c, E_CONFLICT, "sale.not_done", "这笔售卡没有完成", "this sale was not completed");
}

static void add_steps(Steps *all, const Steps *more) {
    for (int64_t i = 0; i < more->count && all->count < STEPS_MAX; i++) all->items[all->count++] = more->items[i];
}

/* Every card that still stands, or the period; `refund_id` 0 = only asked what it would come to. */
static Err take_back(Ctx *c, const Sale *s, int64_t refund_id, SaleRefund *ret_refund) {
    int64_t taken = 0;
    ret_refund->steps = steps_start(c->arena);
    for (int64_t i = 0; i < s->cards.count; i++) {
        TimesRefund card;
        if (s->cards.items[i].status == TIMES_CLOSED) continue;
        TRY(refund_id == 0 ? times_refund_quote(c, s->cards.items[i].card_id, &card)
                           : times_refund(c, s->cards.items[i].card_id, refund_id, &card));
        taken++;
        ret_refund->amount_fen += card.amount_fen;
        add_steps(&ret_refund->steps, &card.steps);
    }
    for (int64_t i = 0; i < s->periods.count; i++) {
        PlanRefund period;
        if (s->periods.items[i].status == PLAN_REFUNDED) continue;
        TRY(refund_id == 0 ? plan_refund_quote(c, s->periods.items[i].period_id, &period)
                           : plan_refund(c, s->periods.items[i].period_id, &period));
        taken++;
        ret_refund->amount_fen += period.amount_fen;
        add_steps(&ret_refund->steps, &period.steps);
    }
    if (taken > 0) return OK;
    fail_number(c, "returned_fen", s->returned_fen);
    return fail(c, E_CONFLICT, "sale.nothing_left", "已经退过 %s 元，没有可退的了",
                "%s went back already; nothing is left", fen_text(c->arena, s->returned_fen).at);
}

Err sale_refund_quote(Ctx *c, int64_t sale_id, SaleRefund *ret_refund) {
    Sale s;
    TRY(need_done(c, sale_id, &s));
    *ret_refund = (SaleRefund){ .sale_id = sale_id, .at = c->now };
    return take_back(c, &s, 0, ret_refund);
}

Err sale_refund(Ctx *c, int64_t sale_id, Str reason, SaleRefund *ret_refund) {
    Sale s;
    Payments payments = { 0 };
    bool done = false;
    TRY(need_done(c, sale_id, &s));
    *ret_refund = (SaleRefund){ .refund_id = id_new(c), .sale_id = sale_id, .reason = reason, .at = c->now };
    TRY(take_back(c, &s, ret_refund->refund_id, ret_refund));
    TRY(sale_give_back(c, ret_refund, &done));
    assert(done);
    if (ret_refund->amount_fen > 0) {
        TRY(payment_of_order(c, sale_id, &payments));
        assert(payments.count == 1);
        TRY(payment_refund(c, &payments.items[0], ret_refund->refund_id, ret_refund->amount_fen, 0));
        if (str_is(s.tender, "balance"))
            TRY(wallet_restore_tender(c, &(WalletTender){ s.shop_id, s.member_id, sale_id, 1, ret_refund->amount_fen },
                                      ret_refund->refund_id));
        TRY(payment_refund_state(c, sale_id, 1, ret_refund->refund_id, &ret_refund->state));
    }
    return audit(
        c, &(AuditNote){ .action = "sale.refund", .subject = "member", .subject_id = s.member_id, .reason = reason });
}
