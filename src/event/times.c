#include "event/times.h"

static const Field times_field[] = {
    FIELD_ID(TimesFact, member_id, .need = true),
    FIELD_ID(TimesFact, card_id),
    FIELD_ID(TimesFact, use_id),
    FIELD_ID(TimesFact, shop_id),
    FIELD(TimesFact, count, .min = INT64_MIN),
    FIELD(TimesFact, left_uses),
    FIELD(TimesFact, expires_at),
};
static const Fields times_fields = FIELDS(TimesFact, times_field);
const EventType times_used = { "times.used", &times_fields };
const EventType times_low = { "times.low", &times_fields };
const EventType times_expiring = { "times.expiring", &times_fields };
