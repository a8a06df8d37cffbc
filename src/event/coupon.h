/* coupon - facts about coupons that other slices follow (reward for who shared one; later messages). */
#pragma once
#include "app/event.h"

/* A friend took a coupon that a member gave away. */
typedef struct CouponAccepted { int64_t gift_id, coupon_id, template_id, from_id, to_id; } CouponAccepted;
extern const EventType coupon_accepted; /* "coupon.accepted" */
