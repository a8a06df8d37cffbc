#include "event/plan.h"

static const Field plan_field[] = {
    FIELD_ID(PlanFact, member_id, .need = true),
    FIELD_ID(PlanFact, plan_id),
    FIELD_ID(PlanFact, period_id),
    FIELD(PlanFact, number),
    FIELD(PlanFact, ends_at),
    FIELD(PlanFact, is_trial),
};
static const Fields plan_fact_fields = FIELDS(PlanFact, plan_field);
const EventType plan_started = { "plan.started", &plan_fact_fields };
const EventType plan_ended = { "plan.ended", &plan_fact_fields };
const EventType plan_gift_due = { "plan.gift_due", &plan_fact_fields };
const EventType plan_refunded = { "plan.refunded", &plan_fact_fields };
const EventType plan_expiring = { "plan.expiring", &plan_fact_fields };
