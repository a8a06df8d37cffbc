#include "event/growth.h"

static const Field moved_field[] = {
    FIELD_ID(GrowthMoved, member_id, .need = true),     FIELD(GrowthMoved, source),  FIELD_ID(GrowthMoved, source_id),
    FIELD(GrowthMoved, delta_growth, .min = INT64_MIN), FIELD(GrowthMoved, balance), FIELD(GrowthMoved, is_import),
};
static const Fields moved_fields = FIELDS(GrowthMoved, moved_field);
const EventType growth_moved = { "growth.moved", &moved_fields };
