#include "event/tier.h"

static const Field changed_field[] = {
    FIELD_ID(TierChanged, member_id, .need = true),
    FIELD_ID(TierChanged, from_tier_id),
    FIELD_ID(TierChanged, to_tier_id),
    FIELD(TierChanged, from_rank),
    FIELD(TierChanged, to_rank),
    FIELD(TierChanged, cause),
    FIELD(TierChanged, is_up),
};
static const Fields changed_fields = FIELDS(TierChanged, changed_field);
const EventType tier_changed = { "tier.changed", &changed_fields };
