/* plan - what is sold, the periods of a member, cancelling, and what goes back. */
#include "app/merchant.h"
#include "base/fen.h"
#include "domain/plan/plan_store.h"
#include <assert.h>

Err plan_read(Ctx *c, int64_t plan_id, Plan *ret_plan) {
    bool found = false;
    TRY(plan_find(c, plan_id, ret_plan, &found));
    return found ? OK : fail(c, E_NOT_FOUND, "plan.unknown", "没有这种付费会员", "no such plan");
}

Err plan_add(Ctx *c, const Plan *in, Plan *ret_plan) {
    bool is_new = false;
    Plan plan = *in;
    TRY(reward_gifts_check(c, &plan.welcome_gifts));
    TRY(reward_gifts_check(c, &plan.gifts));
    plan.plan_id = id_new(c);
    plan.created_at = c->now;
    TRY(tag_system(c, arena_print(c->arena, "plan:%.*s", (int)plan.key.len, plan.key.at), plan.name, &plan.tag_id));
    TRY(plan_insert(c, &plan, &is_new));
    if (!is_new) return fail(c, E_CONFLICT, "plan.key_taken", "代号已被占用", "the key is taken");
    *ret_plan = plan;
    return audit(c, &(AuditNote){ .action = "plan.add",
                                  .subject = "plan",
                                  .subject_id = plan.plan_id,
                                  .fields = &plan_fields,
                                  .after = &plan });
}

/* ---- the tag ---- */

Err plan_lock(Ctx *c, int64_t member_id) { return member_summary_put(c, member_id, &(MemberSummary){ 0 }); }

Err plan_put_tag(Ctx *c, int64_t member_id, int64_t plan_id, bool is_anew) {
    Plan plan;
    PlanPeriods living = { 0 };
    bool runs = false;
    int64_t id = member_id;
    IntList one = { &id, 1 };
    TRY(plan_read(c, plan_id, &plan));
    TRY(plan_period_list(c, member_id, plan_id, true, &living));
    for (int64_t i = 0; i < living.count; i++) runs = runs || living.items[i].status == PLAN_ACTIVE;
    if (!runs || is_anew) TRY(tag_remove(c, plan.tag_id, &one, NULL));
    return runs ? tag_add(c, plan.tag_id, &one, S("plan"), NULL) : OK;
}

static PlanFact fact_of(const PlanPeriod *p) {
    return (PlanFact){ .member_id = p->member_id,
                       .plan_id = p->plan_id,
                       .period_id = p->period_id,
                       .ends_at = p->ends_at,
                       .is_trial = p->is_trial };
}

Err plan_begin(Ctx *c, const PlanPeriod *p) {
    PlanFact fact = fact_of(p);
    Plan plan;
    TRY(plan_read(c, p->plan_id, &plan));
    TRY(plan_gift_begin(c, &plan, p));
    TRY(plan_put_tag(c, p->member_id, p->plan_id, true));
    return emit(c, &plan_started, p->member_id, &fact);
}

/* ---- periods ---- */

static int64_t add_units(int64_t day, PlanUnit unit, int64_t count) {
    switch (unit) {
    case PLAN_DAY:
        return day_add(day, count);
    case PLAN_MONTH:
        return day_add_months(day, count);
    case PLAN_YEAR:
        break;
    }
    return day_add_months(day, 12 * count);
}

/* Behind the last one that is there; today's rest is given on top of the first. */
static Err place(Ctx *c, const PlanPeriods *living, PlanUnit unit, int64_t count, PlanPeriod *p) {
    Merchant merchant;
    TRY(merchant_get(c, &merchant));
    const Zone *zone = app_zone(c, merchant.zone);
    int64_t last_at = living->count > 0 && living->items[0].ends_at > c->now ? living->items[0].ends_at : 0;
    p->status = last_at > 0 ? PLAN_PLANNED : PLAN_ACTIVE;
    p->starts_at = last_at > 0 ? last_at + 1 : c->now;
    p->ends_at = day_end(zone, add_units(day_at(zone, last_at > 0 ? last_at : c->now), unit, count));
    return OK;
}

static Err insert(Ctx *c, const PlanStart *start, PlanPeriod *p) {
    bool is_new = false, found = false;
    int64_t changed = 0;
    TRY(plan_period_insert(c, p, &is_new));
    if (!is_new) {
        TRY(plan_period_by_key(c, start, p, &found));
        assert(found);
        p->duplicate = true;
        return OK;
    }
    TRY(plan_period_cancel(c, p->member_id, p->plan_id, false, &changed));
    return p->status == PLAN_ACTIVE ? plan_begin(c, p) : OK;
}

static PlanPeriod period_of(Ctx *c, const PlanStart *start, const Plan *plan) {
    return (PlanPeriod){ .period_id = id_new(c),
                         .plan_id = plan->plan_id,
                         .key = plan->key,
                         .name = plan->name,
                         .member_id = start->member_id,
                         .source = str_of(start->source),
                         .source_id = start->source_id,
                         .shop_id = start->shop_id,
                         .paid_fen = start->paid_fen,
                         .created_at = c->now };
}

Err plan_start(Ctx *c, const PlanStart *start, PlanPeriod *ret_period) {
    Plan plan;
    PlanPeriods living = { 0 };
    bool is_known = false;
    assert(start->source != NULL && start->paid_fen >= 0);
    TRY(plan_read(c, start->plan_id, &plan));
    TRY(plan_period_by_key(c, start, ret_period, &is_known));
    ret_period->duplicate = is_known;
    if (is_known) return OK;
    if (plan.is_retired && !start->is_due)
        return fail(c, E_CONFLICT, "plan.retired", "这种付费会员已下架", "this plan is retired");
    if (!start->is_due) TRY(member_need_right(c, start->member_id, 0));
    TRY(plan_lock(c, start->member_id));
    TRY(plan_period_list(c, start->member_id, plan.plan_id, true, &living));
    if (living.count >= PLAN_PERIODS_MAX && !start->is_due)
        return fail(c, E_CONFLICT, "plan.many", "最多预购 %d 期", "at most %d periods ahead", (int)PLAN_PERIODS_MAX);
    *ret_period = period_of(c, start, &plan);
    TRY(place(c, &living, plan.unit, plan.unit_count, ret_period));
    return insert(c, start, ret_period);
}

Err plan_try(Ctx *c, int64_t member_id, int64_t plan_id, PlanPeriod *ret_period) {
    Plan plan;
    PlanPeriods living = { 0 };
    bool has_tried = false;
    PlanStart start = { .member_id = member_id, .plan_id = plan_id, .source = "trial", .source_id = plan_id };
    TRY(plan_read(c, plan_id, &plan));
    if (plan.trial_days == 0 || plan.is_retired)
        return fail(c, E_CONFLICT, "plan.no_trial", "这种付费会员没有试用", "this plan has no trial");
    TRY(member_need_right(c, member_id, 0));
    TRY(plan_lock(c, member_id));
    TRY(plan_period_has_trial(c, member_id, plan_id, &has_tried));
    if (has_tried) return fail(c, E_CONFLICT, "plan.trial_used", "已经试用过了", "the trial was used before");
    TRY(plan_period_list(c, member_id, plan_id, true, &living));
    if (living.count > 0) return fail(c, E_CONFLICT, "plan.running", "已经是付费会员", "the plan runs already");
    *ret_period = period_of(c, &start, &plan);
    ret_period->is_trial = true;
    TRY(place(c, &living, PLAN_DAY, plan.trial_days, ret_period));
    return insert(c, &start, ret_period);
}

Err plan_cancel(Ctx *c, int64_t member_id, int64_t plan_id, Str reason) {
    int64_t changed = 0;
    TRY(plan_lock(c, member_id));
    TRY(plan_period_cancel(c, member_id, plan_id, true, &changed));
    if (changed == 0)
        return fail(c, E_NOT_FOUND, "plan.not_running", "会员没有这种付费会员", "the member has no such plan");
    return audit(
        c, &(AuditNote){ .action = "plan.cancel", .subject = "member", .subject_id = member_id, .reason = reason });
}

/* ---- what goes back ---- */

int64_t plan_refund_compute(Arena *a, const PlanFacts *f, Steps *ret_steps) {
    Steps steps = steps_start(a);
    int64_t amount = f->paid_fen, most = f->paid_fen - f->returned_fen;
    steps_add(a, &steps, "paid", "这一期实付", "paid for this period", f->paid_fen);
    if (f->is_whole) {
        steps_add(a, &steps, "whole", "还没开始，或在无理由期内：全退", "not begun, or in its first days: whole",
                  amount);
    } else {
        bool fits = fen_scale(f->paid_fen, f->left_days, f->days, ROUND_FLOOR, &amount);
        assert(fits);
        steps_add(
            a, &steps, "share",
            arena_print(a, "实付 × 剩余 %lld 天 ÷ 共 %lld 天，舍去零头", (long long)f->left_days, (long long)f->days)
                .at,
            arena_print(a, "paid x %lld days left / %lld in all, rounded down", (long long)f->left_days,
                        (long long)f->days)
                .at,
            amount);
    }
    if (amount > most) {
        amount = most;
        steps_add(a, &steps, "cap", "不超过实付未退的金额", "never more than what is left of what was paid", amount);
    }
    steps_add(a, &steps, "result", "应退", "goes back", amount);
    *ret_steps = steps;
    return amount;
}

static Err facts_of(Ctx *c, const PlanPeriod *p, PlanFacts *ret_facts) {
    Merchant merchant;
    Plan plan;
    TRY(merchant_get(c, &merchant));
    TRY(plan_read(c, p->plan_id, &plan));
    const Zone *zone = app_zone(c, merchant.zone);
    int64_t last = day_at(zone, p->ends_at);
    PlanFacts f = { .paid_fen = p->paid_fen,
                    .returned_fen = p->returned_fen,
                    .days = day_difference(day_at(zone, p->starts_at - 1), last),
                    .left_days = day_difference(day_at(zone, c->now), last),
                    .is_whole = p->status == PLAN_PLANNED || c->now < p->created_at + plan.full_days * DAY_MS };
    if (p->status == PLAN_ACTIVE) f.days -= p->shift_ms / DAY_MS;
    if (f.days < 1) f.days = 1;
    if (f.left_days > f.days) f.left_days = f.days;
    if (f.left_days < 0) f.left_days = 0;
    *ret_facts = f;
    return OK;
}

static Err period_need(Ctx *c, int64_t period_id, PlanPeriod *ret_period) {
    bool found = false;
    TRY(plan_period_find(c, period_id, ret_period, &found));
    return found ? OK : fail(c, E_NOT_FOUND, "plan.period_unknown", "没有这一期", "no such period of a plan");
}

static Err compute(Ctx *c, int64_t period_id, PlanPeriod *ret_period, PlanRefund *ret_refund) {
    PlanPeriods living = { 0 };
    PlanFacts facts;
    TRY(period_need(c, period_id, ret_period));
    if (ret_period->status == PLAN_REFUNDED)
        return fail(c, E_CONFLICT, "plan.refunded", "这一期已退", "this period was given back");
    if (ret_period->status == PLAN_ENDED || ret_period->ends_at < c->now)
        return fail(c, E_CONFLICT, "plan.over", "这一期已结束", "this period is over");
    TRY(plan_period_list(c, ret_period->member_id, ret_period->plan_id, true, &living));
    if (living.items[0].period_id != period_id)
        return fail(c, E_CONFLICT, "plan.later_first", "后面还有已购的期，请先退最后一期",
                    "there are periods behind this one: the last one goes first");
    TRY(facts_of(c, ret_period, &facts));
    *ret_refund = (PlanRefund){ .period_id = period_id };
    ret_refund->amount_fen = plan_refund_compute(c->arena, &facts, &ret_refund->steps);
    return OK;
}

Err plan_refund_quote(Ctx *c, int64_t period_id, PlanRefund *ret_refund) {
    PlanPeriod period;
    return compute(c, period_id, &period, ret_refund);
}

Err plan_refund(Ctx *c, int64_t period_id, PlanRefund *ret_refund) {
    PlanPeriod period;
    bool done = false;
    TRY(period_need(c, period_id, &period));
    TRY(plan_lock(c, period.member_id));
    TRY(compute(c, period_id, &period, ret_refund));
    TRY(plan_period_refund(c, &period, ret_refund->amount_fen, &done));
    if (!done) return fail(c, E_CONFLICT, "plan.refunded", "这一期已退", "this period was given back");
    PlanFact fact = fact_of(&period);
    TRY(emit(c, &plan_refunded, period.member_id, &fact));
    if (period.status != PLAN_ACTIVE) return OK;
    TRY(plan_put_tag(c, period.member_id, period.plan_id, false));
    return emit(c, &plan_ended, period.member_id, &fact);
}
