/* SQL of plan, and what its files share; private to this folder. */
#pragma once
#include "domain/plan/plan.h"
#include "event/plan.h"

Err plan_insert(Ctx *c, const Plan *plan, bool *ret_new);
Err plan_find(Ctx *c, int64_t plan_id, Plan *ret_plan, bool *ret_found);
Err plan_list(Ctx *c, bool with_retired, Plans *ret_list);
Err plan_retire(Ctx *c, int64_t plan_id, bool *ret_done);

Err plan_period_insert(Ctx *c, const PlanPeriod *period, bool *ret_new);
Err plan_period_find(Ctx *c, int64_t period_id, PlanPeriod *ret_period, bool *ret_found);
Err plan_period_by_key(Ctx *c, const PlanStart *start, PlanPeriod *ret_period, bool *ret_found);
/* Of a member, newest end first; plan_id 0 = of all; is_living: only what runs or is to come. */
Err plan_period_list(Ctx *c, int64_t member_id, int64_t plan_id, bool is_living, PlanPeriods *ret_list);
Err plan_period_has_trial(Ctx *c, int64_t member_id, int64_t plan_id, bool *ret_has);
/* ret_done false: it was not `from` any more */
Err plan_period_mark(Ctx *c, int64_t period_id, PlanStatus from, PlanStatus to, bool *ret_done);
Err plan_period_refund(Ctx *c, const PlanPeriod *period, int64_t amount_fen, bool *ret_done);
Err plan_period_cancel(Ctx *c, int64_t member_id, int64_t plan_id, bool is_cancelled, int64_t *ret_changed);
Err plan_period_to_end(Ctx *c, int64_t most, PlanPeriods *ret_list);
Err plan_period_to_start(Ctx *c, int64_t most, PlanPeriods *ret_list);
Err plan_period_to_gift(Ctx *c, int64_t most, PlanPeriods *ret_list);
/* The next one is `number` + 1, at next_at; 0 = none. */
Err plan_period_gifted(Ctx *c, int64_t period_id, int64_t number, int64_t next_at);
Err plan_period_is_first(Ctx *c, const PlanPeriod *period, bool *ret_first);
Err plan_period_to_remind(Ctx *c, int64_t most, PlanPeriods *ret_list);
Err plan_period_reminded(Ctx *c, int64_t period_id);
/* Moves a living period later, by a merge. */
Err plan_period_shift(Ctx *c, int64_t period_id, int64_t shift_ms);
Err plan_move(Ctx *c, const MergeInfo *m, int64_t *ret_moved);
Err plan_move_shifted(Ctx *c, int64_t merge_id, int64_t period_id, int64_t shift_ms);
Err plan_move_back(Ctx *c, const MergeInfo *m, int64_t *ret_moved);
enum { PLAN_HOLDS = 2 };
extern const Hold plan_holds[PLAN_HOLDS];

/* ---- rules (plan.c, plan_time.c, plan_gift.c) ---- */
Err plan_add(Ctx *c, const Plan *plan, Plan *ret_plan);
/* The member's card is the lock of all his periods, and knows whether he was merged meanwhile. */
Err plan_lock(Ctx *c, int64_t member_id);
Err plan_begin(Ctx *c, const PlanPeriod *period);
/* Puts the tag right: there while a period runs; `is_anew`: a new period counts quotas anew. */
Err plan_put_tag(Ctx *c, int64_t member_id, int64_t plan_id, bool is_anew);
/* Pure. Days: of the whole period and those that are left after today. */
typedef struct PlanFacts { int64_t paid_fen, returned_fen, days, left_days; bool is_whole; } PlanFacts;
int64_t plan_refund_compute(Arena *a, const PlanFacts *facts, Steps *ret_steps);
/* Announces what a period that begins gives. */
Err plan_gift_begin(Ctx *c, const Plan *plan, const PlanPeriod *period);
Err plan_job_gifts(Ctx *c, int64_t due_at, bool *ret_more);
Err plan_on_gift_due(Ctx *c, int64_t event_id, const void *payload);
Err plan_on_refunded(Ctx *c, int64_t event_id, const void *payload);
Err plan_job_roll(Ctx *c, int64_t due_at, bool *ret_more);
Err plan_job_remind(Ctx *c, int64_t due_at, bool *ret_more);
Err plan_merge(Ctx *c, const MergeInfo *m);
Err plan_unmerge(Ctx *c, const MergeInfo *m);
