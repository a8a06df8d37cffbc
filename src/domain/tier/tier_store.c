#include "domain/tier/tier_store.h"

static const Field tier_field[] = {
    FIELD_ID(Tier, tier_id, .is_out = true),
    FIELD(Tier, rank, .max = 1000, .about = "0 = the lowest"),
    FIELD(Tier, key, .need = true, .max = 20),
    FIELD(Tier, name, .need = true, .max = TIER_NAME_MAX),
    FIELD(Tier, name_en, .max = TIER_NAME_MAX),
    FIELD(Tier, growth_min, .max = INT64_MAX, .about = "0 = not asked"),
    FIELD(Tier, spend_min_fen),
    FIELD(Tier, orders_min),
    FIELD(Tier, recharge_min_fen),
    FIELD(Tier, discount_bp, .max = 10000, .about = "what is paid: 9000 = 10 % off; 0 = full price"),
    FIELD(Tier, points_multiplier_bp, .max = POINTS_BP_MAX, .about = "20000 = twice; 0 = once"),
    FIELD(Tier, gift_points, .max = POINTS_PER_CALL_MAX, .about = "once per member"),
    FIELD(Tier, benefits, .max = 30),
    FIELD(Tier, color, .max = 20),
    FIELD(Tier, version, .is_out = true),
    FIELD_ID(Tier, tag_id, .is_out = true, .about = "for terms of benefits and gates"),
};
const Fields tier_fields = FIELDS(Tier, tier_field);

static const Field effect_field[] = {
    FIELD_ID(TierEffect, tier_id),
    FIELD(TierEffect, rank),
    FIELD(TierEffect, key),
    FIELD(TierEffect, name),
    FIELD(TierEffect, name_en),
    FIELD(TierEffect, discount_bp),
    FIELD(TierEffect, points_multiplier_bp),
};
const Fields tier_effect_fields = FIELDS(TierEffect, effect_field);

static const Field member_field[] = {
    FIELD_ID(TierMember, member_id),      FIELD_ID(TierMember, tier_id),     FIELD(TierMember, since_at),
    FIELD_DAY(TierMember, until_day),     FIELD(TierMember, is_manual),      FIELD(TierMember, no_gift),
    FIELD_DAY(TierMember, check_day),     FIELD(TierMember, life_spend_fen), FIELD(TierMember, life_orders),
    FIELD(TierMember, life_recharge_fen),
};
static const Fields member_fields = FIELDS(TierMember, member_field);

static const Field history_field[] = {
    FIELD_ID(TierHistory, history_id),
    FIELD_ID(TierHistory, member_id),
    FIELD_ID(TierHistory, from_tier_id),
    FIELD_ID(TierHistory, to_tier_id),
    FIELD(TierHistory, cause),
    FIELD(TierHistory, reason, .is_personal = true),
    FIELD(TierHistory, actor),
    FIELD_ID(TierHistory, actor_id),
    FIELD_ID(TierHistory, merge_id, .skip_zero = true),
    FIELD_DAY(TierHistory, until_day),
    FIELD(TierHistory, at),
};
const Fields tier_history_fields = FIELDS(TierHistory, history_field);

typedef struct IdRow {
    int64_t member_id;
} IdRow;
static const Field id_field[] = { FIELD_ID(IdRow, member_id) };
static const Fields id_fields = FIELDS(IdRow, id_field);

static void ids_into(ListAny rows, IntList *ret_ids) {
    ret_ids->items = rows.items; /* one int64 a row: the same layout */
    ret_ids->count = rows.count;
}

/* ---- levels ---- */

Err level_list(Ctx *c, Levels *ret_levels) {
    ListAny rows = { 0 };
    TRY(db_rows(c,
                "SELECT tier_id, rank, key, name, name_en, growth_min, spend_min_fen, orders_min, recharge_min_fen, "
                "discount_bp,"
                " points_multiplier_bp, gift_points, benefits, color, version, tag_id FROM tier"
                " WHERE merchant_id = $1 AND removed_at = 0 ORDER BY rank",
                NO_ARGS, &tier_fields, TIERS_MAX, &rows));
    ret_levels->items = rows.items;
    ret_levels->count = rows.count;
    return OK;
}

Err level_insert(Ctx *c, const Level *level, bool *ret_new) {
    const Tier *t = &level->tier;
    int64_t changed = 0;
    TRY(db_change(
        c,
        "INSERT INTO tier (merchant_id, tier_id, rank, key, name, name_en, growth_min, spend_min_fen, orders_min,"
        " recharge_min_fen, discount_bp, points_multiplier_bp, gift_points, benefits, color, tag_id, version, "
        "removed_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 1, 0) ON CONFLICT DO NOTHING",
        ARGS(t->tier_id, t->rank, t->key, t->name, t->name_en, t->growth_min, t->spend_min_fen, t->orders_min,
             t->recharge_min_fen, t->discount_bp, t->points_multiplier_bp, t->gift_points,
             json_strs(c->arena, &t->benefits), t->color, t->tag_id),
        &changed));
    *ret_new = changed == 1;
    return OK;
}

Err level_update(Ctx *c, const Level *level, int64_t version, bool *ret_written) {
    const Tier *t = &level->tier;
    int64_t changed = 0;
    TRY(db_change(
        c,
        "UPDATE tier SET rank = $3, name = $4, name_en = $5, growth_min = $6, spend_min_fen = $7, orders_min = $8,"
        " recharge_min_fen = $9, discount_bp = $10, points_multiplier_bp = $11, gift_points = $12, benefits = $13, "
        "color = $14,"
        " version = version + 1 WHERE merchant_id = $1 AND tier_id = $2 AND version = $15 AND removed_at = 0",
        ARGS(t->tier_id, t->rank, t->name, t->name_en, t->growth_min, t->spend_min_fen, t->orders_min,
             t->recharge_min_fen, t->discount_bp, t->points_multiplier_bp, t->gift_points,
             json_strs(c->arena, &t->benefits), t->color, version),
        &changed));
    *ret_written = changed == 1;
    return OK;
}

Err level_remove(Ctx *c, int64_t tier_id) {
    return db_exec(c, "UPDATE tier SET removed_at = $3 WHERE merchant_id = $1 AND tier_id = $2", ARGS(tier_id, c->now));
}

Err level_members(Ctx *c, int64_t tier_id, int64_t *ret_count) {
    return db_int(c,
                  "SELECT COUNT(*) FROM (SELECT 1 FROM tier_member WHERE merchant_id = $1 AND tier_id = $2 LIMIT 1) x",
                  ARGS(tier_id), ret_count);
}

Err effect_of(Ctx *c, int64_t member_id, TierEffect *ret_effect, bool *ret_found) {
    return db_find(
        c,
        "SELECT t.tier_id, t.rank, t.key, t.name, t.name_en, t.discount_bp, t.points_multiplier_bp FROM tier_member m"
        " JOIN tier t ON t.merchant_id = m.merchant_id AND t.tier_id = m.tier_id"
        " WHERE m.merchant_id = $1 AND m.member_id = $2",
        ARGS(member_id), &tier_effect_fields, ret_effect, ret_found);
}

Err effect_lowest(Ctx *c, TierEffect *ret_effect, bool *ret_found) {
    return db_find(c,
                   "SELECT tier_id, rank, key, name, name_en, discount_bp, points_multiplier_bp FROM tier"
                   " WHERE merchant_id = $1 AND removed_at = 0 ORDER BY rank LIMIT 1",
                   NO_ARGS, &tier_effect_fields, ret_effect, ret_found);
}

/* ---- members ---- */

Err tier_member_lock(Ctx *c, const TierFact *add, bool is_import, TierMember *ret_row) {
    return db_row(
        c,
        "INSERT INTO tier_member (merchant_id, member_id, tier_id, since_at, until_day, is_manual, no_gift, check_day,"
        " life_spend_fen, life_orders, life_recharge_fen) VALUES ($1, $2, 0, $3, 0, 0, $4, 0, $5, $6, $7)"
        " ON CONFLICT (merchant_id, member_id) DO UPDATE SET life_spend_fen = tier_member.life_spend_fen + "
        "excluded.life_spend_fen,"
        " life_orders = tier_member.life_orders + excluded.life_orders,"
        " life_recharge_fen = tier_member.life_recharge_fen + excluded.life_recharge_fen"
        " RETURNING member_id, tier_id, since_at, until_day, is_manual, no_gift, check_day, life_spend_fen, "
        "life_orders,"
        " life_recharge_fen",
        ARGS(add->member_id, c->now, is_import, add->spend_fen, add->orders, add->recharge_fen), &member_fields,
        ret_row);
}

Err tier_member_find(Ctx *c, int64_t member_id, TierMember *ret_row) {
    bool found = false;
    *ret_row = (TierMember){ .member_id = member_id };
    return db_find(
        c,
        "SELECT member_id, tier_id, since_at, until_day, is_manual, no_gift, check_day, life_spend_fen, life_orders,"
        " life_recharge_fen FROM tier_member WHERE merchant_id = $1 AND member_id = $2",
        ARGS(member_id), &member_fields, ret_row, &found);
}

Err tier_member_rest(Ctx *c, int64_t member_id) {
    return db_exec(c, "UPDATE tier_member SET check_day = 0 WHERE merchant_id = $1 AND member_id = $2",
                   ARGS(member_id));
}

Err tier_member_save(Ctx *c, const TierMember *row) {
    return db_exec(c,
                   "UPDATE tier_member SET tier_id = $3, since_at = $4, until_day = $5, is_manual = $6, no_gift = $7, "
                   "check_day = $8"
                   " WHERE merchant_id = $1 AND member_id = $2",
                   ARGS(row->member_id, row->tier_id, row->since_at, row->until_day, row->is_manual, row->no_gift,
                        row->check_day));
}

Err tier_member_mark(Ctx *c, const TierFact *add, bool is_import, int64_t check_day) {
    return db_exec(
        c,
        "INSERT INTO tier_member (merchant_id, member_id, tier_id, since_at, until_day, is_manual, no_gift, check_day,"
        " life_spend_fen, life_orders, life_recharge_fen) VALUES ($1, $2, 0, $3, 0, 0, $4, $5, $6, $7, $8)"
        " ON CONFLICT (merchant_id, member_id) DO UPDATE SET life_spend_fen = tier_member.life_spend_fen + "
        "excluded.life_spend_fen,"
        " life_orders = tier_member.life_orders + excluded.life_orders,"
        " life_recharge_fen = tier_member.life_recharge_fen + excluded.life_recharge_fen,"
        " no_gift = excluded.no_gift, check_day = excluded.check_day",
        ARGS(add->member_id, c->now, is_import, check_day, add->spend_fen, add->orders, add->recharge_fen));
}

Err tier_member_due(Ctx *c, int64_t today, int64_t most, IntList *ret_member_ids) {
    ListAny rows = { 0 };
    TRY(db_rows(c,
                "SELECT member_id FROM tier_member WHERE merchant_id = $1 AND check_day > 0 AND check_day <= $2"
                " ORDER BY check_day, member_id LIMIT $3",
                ARGS(today, most), &id_fields, most, &rows));
    ids_into(rows, ret_member_ids);
    return OK;
}

Err tier_member_walk(Ctx *c, int64_t after_member_id, int64_t most, IntList *ret_member_ids) {
    ListAny rows = { 0 };
    TRY(db_rows(
        c, "SELECT member_id FROM tier_member WHERE merchant_id = $1 AND member_id > $2 ORDER BY member_id LIMIT $3",
        ARGS(after_member_id, most), &id_fields, most, &rows));
    ids_into(rows, ret_member_ids);
    return OK;
}

/* ---- days ---- */

Err day_put(Ctx *c, const TierFact *add) {
    return db_exec(
        c,
        "INSERT INTO tier_day (merchant_id, member_id, day, spend_fen, orders, recharge_fen) VALUES ($1, $2, $3, $4, "
        "$5, $6)"
        " ON CONFLICT (merchant_id, member_id, day) DO UPDATE SET spend_fen = tier_day.spend_fen + excluded.spend_fen,"
        " orders = tier_day.orders + excluded.orders, recharge_fen = tier_day.recharge_fen + excluded.recharge_fen",
        ARGS(add->member_id, add->day, add->spend_fen, add->orders, add->recharge_fen));
}

static const Field sums_field[] = { FIELD(DaySums, spend_fen), FIELD(DaySums, orders), FIELD(DaySums, recharge_fen) };
static const Fields sums_fields = FIELDS(DaySums, sums_field);

Err day_sums(Ctx *c, int64_t member_id, int64_t from_day, DaySums *ret_sums) {
    return db_row(c,
                  "SELECT CAST(COALESCE(SUM(spend_fen), 0) AS BIGINT) AS spend_fen, CAST(COALESCE(SUM(orders), 0) AS "
                  "BIGINT) AS orders,"
                  " CAST(COALESCE(SUM(recharge_fen), 0) AS BIGINT) AS recharge_fen FROM tier_day"
                  " WHERE merchant_id = $1 AND member_id = $2 AND day >= $3",
                  ARGS(member_id, from_day), &sums_fields, ret_sums);
}

Err day_copy(Ctx *c, int64_t from_id, int64_t into_id, int64_t sign) {
    return db_exec(
        c,
        "INSERT INTO tier_day (merchant_id, member_id, day, spend_fen, orders, recharge_fen)"
        " SELECT merchant_id, CAST($3 AS BIGINT), day, spend_fen * CAST($4 AS BIGINT), orders * CAST($4 AS BIGINT),"
        " recharge_fen * CAST($4 AS BIGINT) FROM tier_day WHERE merchant_id = $1 AND member_id = $2"
        " ON CONFLICT (merchant_id, member_id, day) DO UPDATE SET spend_fen = tier_day.spend_fen + excluded.spend_fen,"
        " orders = tier_day.orders + excluded.orders, recharge_fen = tier_day.recharge_fen + excluded.recharge_fen",
        ARGS(from_id, into_id, sign));
}

/* ---- history and gifts ---- */

Err history_insert(Ctx *c, const TierHistory *row) {
    return db_exec(c,
                   "INSERT INTO tier_history (merchant_id, member_id, history_id, from_tier_id, to_tier_id, cause, "
                   "reason, actor, actor_id,"
                   " merge_id, until_day, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                   ARGS(row->member_id, row->history_id, row->from_tier_id, row->to_tier_id, row->cause, row->reason,
                        row->actor, row->actor_id, row->merge_id, row->until_day, row->at));
}

Err history_list(Ctx *c, int64_t member_id, int64_t before, int64_t most, TierHistories *ret_list) {
    ListAny rows = { 0 };
    TRY(db_rows(c,
                "SELECT history_id, member_id, from_tier_id, to_tier_id, cause, reason, actor, actor_id, merge_id, "
                "until_day, at"
                " FROM tier_history WHERE merchant_id = $1 AND member_id = $2 AND history_id < $3 ORDER BY history_id "
                "DESC LIMIT $4",
                ARGS(member_id, before > 0 ? before : INT64_MAX, most), &tier_history_fields, most, &rows));
    ret_list->items = rows.items;
    ret_list->count = rows.count;
    return OK;
}

Err history_of_merge(Ctx *c, int64_t member_id, int64_t merge_id, TierHistory *ret_row, bool *ret_found) {
    return db_find(c,
                   "SELECT history_id, member_id, from_tier_id, to_tier_id, cause, reason, actor, actor_id, merge_id, "
                   "until_day, at"
                   " FROM tier_history WHERE merchant_id = $1 AND member_id = $2 AND merge_id = $3 ORDER BY history_id "
                   "DESC LIMIT 1",
                   ARGS(member_id, merge_id), &tier_history_fields, ret_row, ret_found);
}

Err history_blank(Ctx *c, int64_t member_id) {
    return db_exec(c, "UPDATE tier_history SET reason = '' WHERE merchant_id = $1 AND member_id = $2", ARGS(member_id));
}

Err gift_insert(Ctx *c, int64_t member_id, int64_t tier_id, int64_t gift_id, int64_t points, bool *ret_new) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "INSERT INTO tier_gift (merchant_id, member_id, tier_id, gift_id, points, merge_id, at) VALUES ($1, "
                  "$2, $3, $4, $5, 0, $6)"
                  " ON CONFLICT (merchant_id, member_id, tier_id) DO NOTHING",
                  ARGS(member_id, tier_id, gift_id, points, c->now), &changed));
    *ret_new = changed == 1;
    return OK;
}

Err gift_copy(Ctx *c, int64_t from_id, int64_t into_id, int64_t merge_id) {
    return db_exec(
        c,
        "INSERT INTO tier_gift (merchant_id, member_id, tier_id, gift_id, points, merge_id, at)"
        " SELECT merchant_id, CAST($3 AS BIGINT), tier_id, gift_id, points, CAST($4 AS BIGINT), at FROM tier_gift"
        " WHERE merchant_id = $1 AND member_id = $2 ON CONFLICT (merchant_id, member_id, tier_id) DO NOTHING",
        ARGS(from_id, into_id, merge_id));
}

Err gift_uncopy(Ctx *c, int64_t into_id, int64_t merge_id) {
    return db_exec(c, "DELETE FROM tier_gift WHERE merchant_id = $1 AND member_id = $2 AND merge_id = $3",
                   ARGS(into_id, merge_id));
}

static const Field walk_field[] = { FIELD_ID(TierWalk, after_member_id), FIELD(TierWalk, is_running) };
static const Fields walk_fields = FIELDS(TierWalk, walk_field);

Err walk_find(Ctx *c, TierWalk *ret_walk) {
    bool found = false;
    *ret_walk = (TierWalk){ 0 };
    return db_find(c, "SELECT after_member_id, is_running FROM tier_walk WHERE merchant_id = $1 AND walk = 0", NO_ARGS,
                   &walk_fields, ret_walk, &found);
}

Err walk_put(Ctx *c, const TierWalk *walk) {
    return db_exec(c,
                   "INSERT INTO tier_walk (merchant_id, walk, after_member_id, is_running) VALUES ($1, 0, $2, $3)"
                   " ON CONFLICT (merchant_id, walk) DO UPDATE SET after_member_id = excluded.after_member_id, "
                   "is_running = excluded.is_running",
                   ARGS(walk->after_member_id, walk->is_running));
}

/* ---- holds ---- */

static Err level_is_last_of_history(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM tier_member WHERE merchant_id = $1",
        "SELECT m.member_id AS id, COALESCE(h.to_tier_id, 0) AS want, m.tier_id AS have FROM tier_member m LEFT JOIN "
        "tier_history h"
        " ON h.merchant_id = m.merchant_id AND h.member_id = m.member_id AND h.history_id = (SELECT MAX(x.history_id)"
        " FROM tier_history x WHERE x.merchant_id = m.merchant_id AND x.member_id = m.member_id)"
        " WHERE m.merchant_id = $1 AND m.tier_id <> COALESCE(h.to_tier_id, 0)");
}

static Err life_is_sum_of_days(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM tier_member WHERE merchant_id = $1",
        "SELECT m.member_id AS id, CAST(COALESCE(d.spend, 0) AS BIGINT) AS want, m.life_spend_fen AS have FROM "
        "tier_member m"
        " LEFT JOIN (SELECT member_id, SUM(spend_fen) AS spend, SUM(orders) AS orders, SUM(recharge_fen) AS recharge "
        "FROM tier_day"
        " WHERE merchant_id = $1 GROUP BY member_id) d ON d.member_id = m.member_id WHERE m.merchant_id = $1"
        " AND (m.life_spend_fen <> COALESCE(d.spend, 0) OR m.life_orders <> COALESCE(d.orders, 0)"
        " OR m.life_recharge_fen <> COALESCE(d.recharge, 0))");
}

static Err one_gift_per_level(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report, "SELECT COUNT(*) FROM tier_gift WHERE merchant_id = $1 AND points > 0",
                       "SELECT g.member_id AS id, MIN(g.points) AS want, COUNT(*) AS have FROM tier_gift g WHERE "
                       "g.merchant_id = $1 AND g.points > 0"
                       " AND g.merge_id = 0 GROUP BY g.member_id, g.gift_id HAVING COUNT(*) <> 1");
}

static Err members_have_living_levels(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report, "SELECT COUNT(*) FROM tier_member WHERE merchant_id = $1 AND tier_id <> 0",
                       "SELECT m.member_id AS id, m.tier_id AS want, 0 AS have FROM tier_member m WHERE m.merchant_id "
                       "= $1 AND m.tier_id <> 0"
                       " AND NOT EXISTS (SELECT 1 FROM tier t WHERE t.merchant_id = m.merchant_id AND t.tier_id = "
                       "m.tier_id AND t.removed_at = 0)");
}

const Hold tier_holds[TIER_HOLD_COUNT] = {
    { "tier.level_is_the_last_of_its_history", level_is_last_of_history },
    { "tier.life_totals_are_sums_of_days", life_is_sum_of_days },
    { "tier.one_gift_per_member_and_level", one_gift_per_level },
    { "tier.members_have_living_levels", members_have_living_levels },
};
