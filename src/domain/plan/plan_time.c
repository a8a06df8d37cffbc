/* plan_time - what the clock does to periods, and what a merge does. */
#include "domain/plan/plan_store.h"

enum { JOB_BATCH = 100 };

/* The next one begins in the same unit, so that the tag is never missing in between. */
static Err end_one(Ctx *c, const PlanPeriod *p) {
    PlanPeriods living = { 0 };
    bool done = false, goes_on = false;
    TRY(plan_lock(c, p->member_id));
    TRY(plan_period_mark(c, p->period_id, PLAN_ACTIVE, PLAN_ENDED, &done));
    if (!done) return OK;
    TRY(plan_period_list(c, p->member_id, p->plan_id, true, &living));
    for (int64_t i = living.count - 1; i >= 0; i--) {
        const PlanPeriod *next = &living.items[i];
        goes_on = goes_on || next->status == PLAN_ACTIVE;
        if (goes_on || next->starts_at > c->now) continue;
        TRY(plan_period_mark(c, next->period_id, PLAN_PLANNED, PLAN_ACTIVE, &goes_on));
        TRY(plan_begin(c, next));
    }
    if (goes_on) return OK;
    TRY(plan_put_tag(c, p->member_id, p->plan_id, false));
    return emit(c, &plan_ended, p->member_id,
                &(PlanFact){ .member_id = p->member_id,
                             .plan_id = p->plan_id,
                             .period_id = p->period_id,
                             .ends_at = p->ends_at,
                             .is_trial = p->is_trial });
}

static Err start_one(Ctx *c, const PlanPeriod *p) {
    bool done = false;
    TRY(plan_lock(c, p->member_id));
    TRY(plan_period_mark(c, p->period_id, PLAN_PLANNED, PLAN_ACTIVE, &done));
    return done ? plan_begin(c, p) : OK;
}

Err plan_job_roll(Ctx *c, int64_t due_at, bool *ret_more) {
    (void)due_at;
    PlanPeriods due = { 0 }, waiting = { 0 };
    TRY(plan_period_to_end(c, JOB_BATCH, &due));
    for (int64_t i = 0; i < due.count; i++) TRY(end_one(c, &due.items[i]));
    TRY(plan_period_to_start(c, JOB_BATCH, &waiting));
    for (int64_t i = 0; i < waiting.count; i++) TRY(start_one(c, &waiting.items[i]));
    *ret_more = due.count > 0 || waiting.count == JOB_BATCH; /* what began may be over as well, after a long stop */
    return OK;
}

Err plan_job_remind(Ctx *c, int64_t due_at, bool *ret_more) {
    (void)due_at;
    PlanPeriods list = { 0 };
    TRY(plan_period_to_remind(c, JOB_BATCH, &list));
    for (int64_t i = 0; i < list.count; i++) {
        const PlanPeriod *p = &list.items[i];
        TRY(plan_period_reminded(c, p->period_id));
        TRY(emit(c, &plan_expiring, p->member_id,
                 &(PlanFact){ .member_id = p->member_id,
                              .plan_id = p->plan_id,
                              .period_id = p->period_id,
                              .ends_at = p->ends_at,
                              .is_trial = p->is_trial }));
    }
    *ret_more = list.count == JOB_BATCH;
    return OK;
}

/* ---- merge: what was paid for twice goes on one after the other ---- */

/* How long the one who stays is paid up already. */
static int64_t paid_up_ms(Ctx *c, const PlanPeriods *mine, int64_t plan_id) {
    int64_t most = 0;
    for (int64_t i = 0; i < mine->count; i++)
        if (mine->items[i].plan_id == plan_id && mine->items[i].ends_at - c->now > most)
            most = mine->items[i].ends_at - c->now;
    return most;
}

static Err put_tags(Ctx *c, int64_t member_id, const PlanPeriods *list) {
    for (int64_t i = 0; i < list->count; i++) TRY(plan_put_tag(c, member_id, list->items[i].plan_id, false));
    return OK;
}

Err plan_merge(Ctx *c, const MergeInfo *m) {
    PlanPeriods from = { 0 }, mine = { 0 };
    int64_t moved = 0;
    TRY(plan_period_list(c, m->from_id, 0, true, &from));
    TRY(plan_period_list(c, m->into_id, 0, true, &mine));
    TRY(plan_move(c, m, &moved));
    for (int64_t i = 0; i < from.count; i++) {
        int64_t shift_ms = paid_up_ms(c, &mine, from.items[i].plan_id);
        if (shift_ms == 0) continue;
        TRY(plan_period_shift(c, from.items[i].period_id, shift_ms));
        TRY(plan_move_shifted(c, m->merge_id, from.items[i].period_id, shift_ms));
    }
    TRY(put_tags(c, m->into_id, &from));
    merge_note(m, "plan", "periods", moved);
    return OK;
}

Err plan_unmerge(Ctx *c, const MergeInfo *m) {
    PlanPeriods from = { 0 };
    int64_t moved = 0;
    TRY(plan_move_back(c, m, &moved));
    TRY(plan_period_list(c, m->from_id, 0, false, &from));
    TRY(put_tags(c, m->into_id, &from));
    TRY(put_tags(c, m->from_id, &from));
    merge_note(m, "plan", "periods", moved);
    return OK;
}
