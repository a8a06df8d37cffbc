/* SQL of points; private to this folder. */
#pragma once
#include "domain/points/points.h"

typedef struct BehaviourRow {
    int64_t behaviour_id, member_id, shop_id, day, streak, points, at; Str name, key;
} BehaviourRow;
typedef LIST_OF(BehaviourRow) BehaviourRows;
extern const Fields behaviour_row_fields;
Err behaviour_insert(Ctx *c, const BehaviourRow *row, bool *ret_new);
Err behaviour_find(Ctx *c, int64_t member_id, Str name, Str key, BehaviourRow *ret_row, bool *ret_found);
/* The newest day before or on `day`, to count the run. */
Err behaviour_last(Ctx *c, int64_t member_id, Str name, int64_t day, BehaviourRow *ret_row, bool *ret_found);
Err behaviour_set_points(Ctx *c, const BehaviourRow *row);
Err behaviour_copy(Ctx *c, int64_t from_id, int64_t into_id, int64_t merge_id);
Err behaviour_uncopy(Ctx *c, int64_t into_id, int64_t merge_id);

/* newest first */
Err behaviour_list(Ctx *c, int64_t member_id, int64_t before_id, int64_t most, BehaviourRows *ret_list);
/* All of the merchant by ascending id, those that were copied by a merge left out. */
Err behaviour_walk(Ctx *c, int64_t after_id, int64_t most, BehaviourRows *ret_list);
Err behaviour_erase(Ctx *c, int64_t member_id);                     /* and the counters */

/* Locks the counter and says what is used; add afterwards. */
/* `name` is a behaviour's, or one of ours, which begins with '#' as no behaviour can. */
Err quota_lock(Ctx *c, int64_t member_id, Str name, int64_t period, int64_t *ret_used);
Err quota_add(Ctx *c, int64_t member_id, Str name, int64_t period, int64_t amount);
Err quota_copy(Ctx *c, int64_t from_id, int64_t into_id);
Err quota_uncopy(Ctx *c, int64_t from_id, int64_t into_id);

typedef struct WarnedRow { int64_t expires_at, member_id; } WarnedRow;
Err warned_find(Ctx *c, Str type, WarnedRow *ret_row);
Err warned_put(Ctx *c, Str type, const WarnedRow *row);
