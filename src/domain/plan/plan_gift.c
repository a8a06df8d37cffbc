/* plan_gift - what a paid period gives: announced once each, given by reward in a unit of its own, so that a coupon
 * that ran out holds up neither a purchase nor the clock. */
#include "app/merchant.h"
#include "domain/plan/plan_store.h"

enum { JOB_BATCH = 100 };

static PlanFact gift_of(const PlanPeriod *p, int64_t number) {
    return (PlanFact){ .member_id = p->member_id,
                       .plan_id = p->plan_id,
                       .period_id = p->period_id,
                       .number = number,
                       .ends_at = p->ends_at };
}

/* The next periodic gift after `number` of them; none beyond the days that were paid for. */
static Err next_gift(Ctx *c, const Plan *plan, const PlanPeriod *p, int64_t number, int64_t *ret_at) {
    Merchant merchant;
    *ret_at = 0;
    if (plan->gifts.count == 0 || (number > 0 && plan->gift_months == 0)) return OK;
    if (number == 0) {
        *ret_at = p->starts_at;
        return OK;
    }
    TRY(merchant_get(c, &merchant));
    const Zone *zone = app_zone(c, merchant.zone);
    int64_t day = day_add_months(day_at(zone, p->starts_at), number * plan->gift_months);
    int64_t last = day_at(zone, p->ends_at - p->shift_ms);
    if (day < last) *ret_at = day_start(zone, day);
    return OK;
}

static Err give_next(Ctx *c, const Plan *plan, const PlanPeriod *p) {
    int64_t number = p->gift_number + 1, next_at = 0;
    PlanFact fact = gift_of(p, number);
    TRY(next_gift(c, plan, p, number, &next_at));
    TRY(plan_period_gifted(c, p->period_id, number, next_at));
    return emit(c, &plan_gift_due, p->member_id, &fact);
}

Err plan_gift_begin(Ctx *c, const Plan *plan, const PlanPeriod *p) {
    bool is_first = false;
    PlanFact welcome = gift_of(p, 0);
    if (p->is_trial) return OK;
    if (plan->welcome_gifts.count > 0) TRY(plan_period_is_first(c, p, &is_first));
    if (is_first) TRY(emit(c, &plan_gift_due, p->member_id, &welcome));
    return plan->gifts.count > 0 ? give_next(c, plan, p) : OK;
}

Err plan_job_gifts(Ctx *c, int64_t due_at, bool *ret_more) {
    (void)due_at;
    PlanPeriods due = { 0 };
    TRY(plan_period_to_gift(c, JOB_BATCH, &due));
    for (int64_t i = 0; i < due.count; i++) {
        Plan plan;
        TRY(plan_read(c, due.items[i].plan_id, &plan));
        TRY(give_next(c, &plan, &due.items[i]));
    }
    *ret_more = due.count > 0; /* after a stop several may be due for one period */
    return OK;
}

static Err living_period(Ctx *c, const PlanFact *fact, PlanPeriod *ret_period) {
    bool found = false;
    TRY(plan_period_find(c, fact->period_id, ret_period, &found));
    if (!found) return fail(c, E_NOT_FOUND, "plan.period_unknown", "没有这一期", "no such period of a plan");
    return member_living(c, ret_period->member_id, &ret_period->member_id);
}

Err plan_on_gift_due(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    const PlanFact *fact = payload;
    PlanPeriod period;
    Plan plan;
    RewardGiven given;
    TRY(living_period(c, fact, &period));
    if (period.status == PLAN_REFUNDED) return OK;
    TRY(plan_read(c, period.plan_id, &plan));
    /* Who may not earn now gets nothing; the refusal comes before anything is written. */
    if (member_need_right(c, period.member_id, RIGHT_EARN) == E_CONFLICT) {
        problem_clear(c);
        return OK;
    }
    return reward_give(c,
                       &(RewardGive){ .member_id = period.member_id,
                                      .source = "plan.gift",
                                      .source_id = period.period_id,
                                      .part = fact->number,
                                      .gifts = fact->number == 0 ? plan.welcome_gifts : plan.gifts },
                       &given);
}

Err plan_on_refunded(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    PlanPeriod period;
    TRY(living_period(c, payload, &period));
    if (period.returned_fen == 0) return OK;
    for (int64_t number = 0; number <= period.gift_number; number++)
        TRY(reward_take_back(c, &(RewardBack){ .member_id = period.member_id,
                                               .source = "plan.gift",
                                               .source_id = period.period_id,
                                               .part = number,
                                               .take_id = period.period_id,
                                               .share = period.returned_fen,
                                               .whole = period.paid_fen,
                                               .reason = S("plan.refund") }));
    return OK;
}
