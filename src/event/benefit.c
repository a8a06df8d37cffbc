#include "event/benefit.h"

static const Field benefit_field[] = {
    FIELD_ID(BenefitFact, member_id, .need = true),
    FIELD_ID(BenefitFact, benefit_id),
    FIELD_ID(BenefitFact, use_id),
    FIELD_ID(BenefitFact, shop_id),
    FIELD(BenefitFact, count, .min = INT64_MIN),
    FIELD(BenefitFact, left, .min = -1),
};
static const Fields benefit_fields_of_event = FIELDS(BenefitFact, benefit_field);
const EventType benefit_used = { "benefit.used", &benefit_fields_of_event };
