/* plan - facts about paid membership. */
#pragma once
#include "app/event.h"

typedef struct PlanFact {
    int64_t member_id, plan_id, period_id;
    int64_t number; /* plan.gift_due: 0 = the welcome gift, 1, 2, … the periodic ones */
    int64_t ends_at;
    bool is_trial;
} PlanFact;
extern const EventType plan_started;  /* "plan.started": a period begins */
extern const EventType plan_ended;    /* "plan.ended": and no other one goes on */
extern const EventType plan_gift_due; /* "plan.gift_due": reward gives it */
extern const EventType plan_refunded; /* "plan.refunded": gifts go back in the share of the money */
extern const EventType plan_expiring; /* "plan.expiring": time to renew, once per period */
