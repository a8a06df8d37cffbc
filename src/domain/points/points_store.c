#include "domain/points/points_store.h"

static const Field behaviour_field[] = {
    FIELD_ID(BehaviourRow, behaviour_id),
    FIELD_ID(BehaviourRow, member_id),
    FIELD_ID(BehaviourRow, shop_id),
    FIELD_DAY(BehaviourRow, day),
    FIELD(BehaviourRow, streak),
    FIELD(BehaviourRow, points),
    FIELD(BehaviourRow, at),
    FIELD(BehaviourRow, name),
    FIELD(BehaviourRow, key),
};
const Fields behaviour_row_fields = FIELDS(BehaviourRow, behaviour_field);

Err behaviour_insert(Ctx *c, const BehaviourRow *row, bool *ret_new) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "INSERT INTO points_behaviour (merchant_id, member_id, name, key, behaviour_id, shop_id, day, "
                  "streak, points, at, merge_id)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0) ON CONFLICT (merchant_id, member_id, name, "
                  "key) DO NOTHING",
                  ARGS(row->member_id, row->name, row->key, row->behaviour_id, row->shop_id, row->day, row->streak,
                       row->points, row->at),
                  &changed));
    *ret_new = changed == 1;
    return OK;
}

Err behaviour_find(Ctx *c, int64_t member_id, Str name, Str key, BehaviourRow *ret_row, bool *ret_found) {
    return db_find(c,
                   "SELECT behaviour_id, member_id, shop_id, day, streak, points, at, name, key FROM points_behaviour"
                   " WHERE merchant_id = $1 AND member_id = $2 AND name = $3 AND key = $4",
                   ARGS(member_id, name, key), &behaviour_row_fields, ret_row, ret_found);
}

Err behaviour_last(Ctx *c, int64_t member_id, Str name, int64_t day, BehaviourRow *ret_row, bool *ret_found) {
    return db_find(c,
                   "SELECT behaviour_id, member_id, shop_id, day, streak, points, at, name, key FROM points_behaviour"
                   " WHERE merchant_id = $1 AND member_id = $2 AND name = $3 AND day <= $4 ORDER BY day DESC LIMIT 1",
                   ARGS(member_id, name, day), &behaviour_row_fields, ret_row, ret_found);
}

Err behaviour_set_points(Ctx *c, const BehaviourRow *row) {
    return db_exec(
        c,
        "UPDATE points_behaviour SET points = $5 WHERE merchant_id = $1 AND member_id = $2 AND name = $3 AND key = $4",
        ARGS(row->member_id, row->name, row->key, row->points));
}

Err behaviour_copy(Ctx *c, int64_t from_id, int64_t into_id, int64_t merge_id) {
    return db_exec(c,
                   "INSERT INTO points_behaviour (merchant_id, member_id, name, key, behaviour_id, shop_id, day, "
                   "streak, points, at, merge_id)"
                   " SELECT merchant_id, CAST($3 AS BIGINT), name, key, behaviour_id, shop_id, day, streak, points, "
                   "at, CAST($4 AS BIGINT)"
                   " FROM points_behaviour WHERE merchant_id = $1 AND member_id = $2"
                   " ON CONFLICT (merchant_id, member_id, name, key) DO NOTHING",
                   ARGS(from_id, into_id, merge_id));
}

Err behaviour_uncopy(Ctx *c, int64_t into_id, int64_t merge_id) {
    return db_exec(c, "DELETE FROM points_behaviour WHERE merchant_id = $1 AND member_id = $2 AND merge_id = $3",
                   ARGS(into_id, merge_id));
}

Err behaviour_list(Ctx *c, int64_t member_id, int64_t before_id, int64_t most, BehaviourRows *ret_list) {
    ListAny rows = { 0 };
    TRY(db_rows(c,
                "SELECT behaviour_id, member_id, shop_id, day, streak, points, at, name, key FROM points_behaviour"
                " WHERE merchant_id = $1 AND member_id = $2 AND behaviour_id < $3 ORDER BY behaviour_id DESC LIMIT $4",
                ARGS(member_id, before_id > 0 ? before_id : INT64_MAX, most), &behaviour_row_fields, most, &rows));
    ret_list->items = rows.items;
    ret_list->count = rows.count;
    return OK;
}

Err behaviour_walk(Ctx *c, int64_t after_id, int64_t most, BehaviourRows *ret_list) {
    ListAny rows = { 0 };
    TRY(db_rows(c,
                "SELECT behaviour_id, member_id, shop_id, day, streak, points, at, name, key FROM points_behaviour"
                " WHERE merchant_id = $1 AND behaviour_id > $2 AND merge_id = 0 ORDER BY behaviour_id LIMIT $3",
                ARGS(after_id, most), &behaviour_row_fields, most, &rows));
    ret_list->items = rows.items;
    ret_list->count = rows.count;
    return OK;
}

Err behaviour_erase(Ctx *c, int64_t member_id) {
    TRY(db_exec(c, "DELETE FROM points_behaviour WHERE merchant_id = $1 AND member_id = $2", ARGS(member_id)));
    return db_exec(c, "DELETE FROM points_quota WHERE merchant_id = $1 AND member_id = $2", ARGS(member_id));
}

Err quota_lock(Ctx *c, int64_t member_id, Str name, int64_t period, int64_t *ret_used) {
    return db_int(
        c,
        "INSERT INTO points_quota (merchant_id, member_id, name, period, used) VALUES ($1, $2, $3, $4, 0)"
        " ON CONFLICT (merchant_id, member_id, name, period) DO UPDATE SET used = points_quota.used RETURNING used",
        ARGS(member_id, name, period), ret_used);
}

Err quota_add(Ctx *c, int64_t member_id, Str name, int64_t period, int64_t amount) {
    return db_exec(c,
                   "UPDATE points_quota SET used = used + $5 WHERE merchant_id = $1 AND member_id = $2 AND name = $3 "
                   "AND period = $4",
                   ARGS(member_id, name, period, amount));
}

Err quota_copy(Ctx *c, int64_t from_id, int64_t into_id) {
    return db_exec(
        c,
        "INSERT INTO points_quota (merchant_id, member_id, name, period, used)"
        " SELECT merchant_id, CAST($3 AS BIGINT), name, period, used FROM points_quota WHERE merchant_id = $1 AND "
        "member_id = $2"
        " ON CONFLICT (merchant_id, member_id, name, period) DO UPDATE SET used = points_quota.used + excluded.used",
        ARGS(from_id, into_id));
}

Err quota_uncopy(Ctx *c, int64_t from_id, int64_t into_id) {
    return db_exec(
        c,
        "UPDATE points_quota SET used = used - (SELECT f.used FROM points_quota f WHERE f.merchant_id = $1 AND "
        "f.member_id = $2"
        " AND f.name = points_quota.name AND f.period = points_quota.period) WHERE merchant_id = $1 AND member_id = $3"
        " AND EXISTS (SELECT 1 FROM points_quota f WHERE f.merchant_id = $1 AND f.member_id = $2 AND f.name = "
        "points_quota.name"
        " AND f.period = points_quota.period AND f.used <= points_quota.used)",
        ARGS(from_id, into_id));
}

static const Field warned_field[] = { FIELD(WarnedRow, expires_at), FIELD_ID(WarnedRow, member_id) };
static const Fields warned_fields = FIELDS(WarnedRow, warned_field);

Err warned_find(Ctx *c, Str type, WarnedRow *ret_row) {
    bool found = false;
    *ret_row = (WarnedRow){ 0 };
    return db_find(c, "SELECT expires_at, member_id FROM points_warned WHERE merchant_id = $1 AND type = $2",
                   ARGS(type), &warned_fields, ret_row, &found);
}

Err warned_put(Ctx *c, Str type, const WarnedRow *row) {
    return db_exec(c,
                   "INSERT INTO points_warned (merchant_id, type, expires_at, member_id) VALUES ($1, $2, $3, $4)"
                   " ON CONFLICT (merchant_id, type) DO UPDATE SET expires_at = excluded.expires_at, member_id = "
                   "excluded.member_id",
                   ARGS(type, row->expires_at, row->member_id));
}
