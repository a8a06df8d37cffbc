/* tier - a member's level changed. */
#pragma once
#include "app/event.h"

typedef struct TierChanged {
    int64_t member_id, from_tier_id, to_tier_id;
    int64_t from_rank, to_rank; /* rank 0 = the lowest level */
    Str cause;                  /* "rule", "manual", "import", "merge" */
    bool is_up;
} TierChanged;
extern const EventType tier_changed; /* "tier.changed" */
