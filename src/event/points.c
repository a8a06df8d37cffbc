#include "event/points.h"

static const Field expiring_field[] = {
    FIELD_ID(PointsExpiring, member_id, .need = true),
    FIELD(PointsExpiring, type),
    FIELD(PointsExpiring, points),
    FIELD(PointsExpiring, expires_at),
};
static const Fields expiring_fields = FIELDS(PointsExpiring, expiring_field);
const EventType points_expiring = { "points.expiring", &expiring_fields };

static const Field expired_field[] = {
    FIELD_ID(PointsExpired, member_id, .need = true),
    FIELD(PointsExpired, type),
    FIELD(PointsExpired, points),
    FIELD(PointsExpired, expires_at),
};
static const Fields expired_fields = FIELDS(PointsExpired, expired_field);
const EventType points_expired = { "points.expired", &expired_fields };

static const Field moved_field[] = {
    FIELD_ID(PointsMoved, member_id, .need = true),
    FIELD(PointsMoved, type),
    FIELD(PointsMoved, source),
    FIELD_ID(PointsMoved, source_id),
    FIELD(PointsMoved, delta_points, .min = INT64_MIN),
    FIELD(PointsMoved, balance),
};
static const Fields moved_fields = FIELDS(PointsMoved, moved_field);
const EventType points_moved = { "points.moved", &moved_fields };

static const Field behaviour_field[] = {
    FIELD_ID(BehaviourFact, behaviour_id, .need = true),
    FIELD_ID(BehaviourFact, member_id, .need = true),
    FIELD_ID(BehaviourFact, shop_id),
    FIELD(BehaviourFact, name),
    FIELD_DAY(BehaviourFact, day),
    FIELD(BehaviourFact, streak),
    FIELD(BehaviourFact, points),
    FIELD(BehaviourFact, is_capped),
};
static const Fields behaviour_fields = FIELDS(BehaviourFact, behaviour_field);
const EventType behaviour_recorded = { "behaviour.recorded", &behaviour_fields };
