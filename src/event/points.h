/* points - facts about points and behaviours that other slices follow (growth, later messages and journeys). */
#pragma once
#include "app/event.h"

/* Once per member and day of expiry, some days ahead (setting warn_days). */
typedef struct PointsExpiring {
    int64_t member_id;
    Str type;
    int64_t points, expires_at;
} PointsExpiring;
typedef struct PointsExpired {
    int64_t member_id;
    Str type;
    int64_t points, expires_at;
} PointsExpired;
typedef struct BehaviourFact { /* a named thing a member did: check_in, share, review, invite … */
    int64_t behaviour_id, member_id, shop_id;
    Str name;
    int64_t day, streak, points;
    bool is_capped;
} BehaviourFact;
typedef struct PointsMoved { /* grants, deductions, gifts: what a member wants to hear of */
    int64_t member_id;
    Str type, source;
    int64_t source_id, delta_points, balance;
} PointsMoved;
extern const EventType points_expiring;    /* "points.expiring" */
extern const EventType points_expired;     /* "points.expired" */
extern const EventType points_moved;       /* "points.moved" */
extern const EventType behaviour_recorded; /* "behaviour.recorded" */
