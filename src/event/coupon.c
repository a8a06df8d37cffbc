#include "event/coupon.h"

static const Field accepted_field[] = {
    FIELD_ID(CouponAccepted, gift_id, .need = true), FIELD_ID(CouponAccepted, coupon_id),
    FIELD_ID(CouponAccepted, template_id),           FIELD_ID(CouponAccepted, from_id),
    FIELD_ID(CouponAccepted, to_id),
};
static const Fields accepted_fields = FIELDS(CouponAccepted, accepted_field);
const EventType coupon_accepted = { "coupon.accepted", &accepted_fields };
