/* benefit - a member used a benefit. */
#pragma once
#include "app/event.h"

typedef struct BenefitFact {
    int64_t member_id, benefit_id, use_id, shop_id;
    int64_t count, left; /* count: negative when a use was undone; left -1 = without limit */
} BenefitFact;
extern const EventType benefit_used; /* "benefit.used" */
