#include "event/reward.h"

static const Field stopped_field[] = { FIELD_ID(RewardStopped, rule_id, .need = true),
                                       FIELD_ID(RewardStopped, budget_id) };
static const Fields stopped_fields = FIELDS(RewardStopped, stopped_field);
const EventType reward_stopped = { "reward.stopped", &stopped_fields };
