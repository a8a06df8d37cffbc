/* reward - a campaign stopped itself. */
#pragma once
#include "app/event.h"

typedef struct RewardStopped { int64_t rule_id, budget_id; } RewardStopped;
extern const EventType reward_stopped; /* "reward.stopped": its budget is spent */
