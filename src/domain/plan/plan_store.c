#include "domain/plan/plan_store.h"

static const char *const unit_names[] = { "day", "month", "year", NULL };
static const char *const status_names[] = { "planned", "active", "ended", "refunded", NULL };

static const Field plan_field[] = {
    FIELD_ID(Plan, plan_id, .is_out = true),
    FIELD(Plan, key, .need = true, .max = 30, .about = "its tag is plan:KEY"),
    FIELD(Plan, name, .need = true, .max = 60),
    FIELD(Plan, about, .max = 500),
    FIELD(Plan, price_fen, .need = true, .max = PLAN_PRICE_MAX_FEN),
    FIELD_ENUM(Plan, unit, unit_names),
    FIELD(Plan, unit_count, .need = true, .min = 1, .max = PLAN_COUNT_MAX),
    FIELD(Plan, trial_days, .max = 366),
    FIELD(Plan, remind_days, .max = 366),
    FIELD(Plan, full_days, .max = 366, .about = "given back whole so long after the purchase"),
    FIELD_LIST(Plan, welcome_gifts, reward_gift_fields, .max = REWARD_GIFTS_MAX,
               .about = "with the first paid period of a member's life"),
    FIELD_LIST(Plan, gifts, reward_gift_fields, .max = REWARD_GIFTS_MAX,
               .about = "with the beginning of each paid period, and every gift_months in it"),
    FIELD(Plan, gift_months, .max = 120),
    FIELD_ID(Plan, tag_id, .is_out = true, .about = "for terms of benefits and gates of coupons and offers"),
    FIELD(Plan, is_retired, .is_out = true),
    FIELD(Plan, created_at, .is_out = true),
};
const Fields plan_fields = FIELDS(Plan, plan_field);

#define PLAN_COLUMNS                                                                                                   \
    "plan_id, key, name, about, price_fen, unit, unit_count, trial_days, remind_days, full_days, welcome_gifts,"       \
    " gifts, gift_months, tag_id, is_retired, created_at"

static Str gifts_json(Ctx *c, const RewardGifts *gifts) {
    Buf b = { .arena = c->arena };
    json_print_list(&b, &reward_gift_fields, (ListAny){ gifts->items, gifts->count });
    return buf_str(&b);
}

Err plan_insert(Ctx *c, const Plan *p, bool *ret_new) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "INSERT INTO plan (merchant_id, " PLAN_COLUMNS ")"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, $16)"
                  " ON CONFLICT (merchant_id, key) WHERE is_retired = 0 DO NOTHING",
                  ARGS(p->plan_id, p->key, p->name, p->about, p->price_fen, unit_names[p->unit], p->unit_count,
                       p->trial_days, p->remind_days, p->full_days, gifts_json(c, &p->welcome_gifts),
                       gifts_json(c, &p->gifts), p->gift_months, p->tag_id, p->created_at),
                  &changed));
    *ret_new = changed == 1;
    return OK;
}

Err plan_find(Ctx *c, int64_t plan_id, Plan *ret_plan, bool *ret_found) {
    return db_find(c, "SELECT " PLAN_COLUMNS " FROM plan WHERE merchant_id = $1 AND plan_id = $2", ARGS(plan_id),
                   &plan_fields, ret_plan, ret_found);
}

Err plan_list(Ctx *c, bool with_retired, Plans *ret_list) {
    return db_rows(c,
                   "SELECT " PLAN_COLUMNS " FROM plan WHERE merchant_id = $1 AND is_retired <= $2"
                   " ORDER BY plan_id LIMIT $3",
                   ARGS(with_retired, LIST_MAX), &plan_fields, LIST_MAX, (ListAny *)ret_list);
}

Err plan_retire(Ctx *c, int64_t plan_id, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c, "UPDATE plan SET is_retired = 1 WHERE merchant_id = $1 AND plan_id = $2", ARGS(plan_id),
                  &changed));
    *ret_done = changed == 1;
    return OK;
}

/* ---- periods ---- */

static const Field period_field[] = {
    FIELD_ID(PlanPeriod, period_id),
    FIELD_ID(PlanPeriod, plan_id),
    FIELD(PlanPeriod, key),
    FIELD(PlanPeriod, name),
    FIELD_ID(PlanPeriod, member_id),
    FIELD(PlanPeriod, source),
    FIELD_ID(PlanPeriod, source_id),
    FIELD_ID(PlanPeriod, shop_id),
    FIELD(PlanPeriod, is_trial),
    FIELD(PlanPeriod, is_cancelled, .about = "runs to its end; nobody is reminded"),
    FIELD(PlanPeriod, paid_fen),
    FIELD(PlanPeriod, returned_fen),
    FIELD(PlanPeriod, starts_at),
    FIELD(PlanPeriod, ends_at),
    FIELD(PlanPeriod, shift_ms, .skip_zero = true, .about = "moved later by a merge, so that no paid day is lost"),
    FIELD_ENUM(PlanPeriod, status, status_names),
    FIELD(PlanPeriod, created_at),
    FIELD(PlanPeriod, gift_number, .about = "periodic gifts so far"),
    FIELD(PlanPeriod, next_gift_at, .skip_zero = true),
    FIELD(PlanPeriod, duplicate, .skip_zero = true),
};
const Fields plan_period_fields = FIELDS(PlanPeriod, period_field);

Err plan_period_insert(Ctx *c, const PlanPeriod *p, bool *ret_new) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "INSERT INTO plan_period (merchant_id, period_id, plan_id, member_id, given_to, source, source_id,"
                  " shop_id, is_trial, is_cancelled, is_reminded, paid_fen, returned_fen, starts_at, ends_at, shift_ms,"
                  " gift_number, next_gift_at, status, created_at)"
                  " VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, 0, 0, $9, 0, $10, $11, 0, 0, 0, $12, $13)"
                  " ON CONFLICT (merchant_id, source_id, source, given_to, plan_id) DO NOTHING",
                  ARGS(p->period_id, p->plan_id, p->member_id, p->source, p->source_id, p->shop_id, p->is_trial,
                       p->paid_fen, p->starts_at, p->ends_at, status_names[p->status], p->created_at),
                  &changed));
    *ret_new = changed == 1;
    return OK;
}

#define PERIOD_SELECT                                                                                                  \
    "SELECT k.period_id, k.plan_id, p.key, p.name, k.member_id, k.source, k.source_id, k.shop_id, k.is_trial,"         \
    " k.is_cancelled, k.paid_fen, k.returned_fen, k.starts_at, k.ends_at, k.shift_ms, k.status, k.created_at,"         \
    " k.gift_number, k.next_gift_at FROM plan_period k JOIN plan p ON p.merchant_id = k.merchant_id AND p.plan_id = "  \
    "k.plan_id"                                                                                                        \
    " WHERE k.merchant_id = $1"

Err plan_period_find(Ctx *c, int64_t period_id, PlanPeriod *ret_period, bool *ret_found) {
    return db_find(c, PERIOD_SELECT " AND k.period_id = $2", ARGS(period_id), &plan_period_fields, ret_period,
                   ret_found);
}

Err plan_period_by_key(Ctx *c, const PlanStart *s, PlanPeriod *ret_period, bool *ret_found) {
    return db_find(c, PERIOD_SELECT " AND k.source_id = $2 AND k.source = $3 AND k.given_to = $4 AND k.plan_id = $5",
                   ARGS(s->source_id, s->source, s->member_id, s->plan_id), &plan_period_fields, ret_period, ret_found);
}

Err plan_period_of(Ctx *c, const char *source, int64_t source_id, PlanPeriod *ret_period, bool *ret_found) {
    return db_find(c, PERIOD_SELECT " AND k.source_id = $2 AND k.source = $3 ORDER BY k.period_id LIMIT 1",
                   ARGS(source_id, source), &plan_period_fields, ret_period, ret_found);
}

Err plan_period_list(Ctx *c, int64_t member_id, int64_t plan_id, bool is_living, PlanPeriods *ret_list) {
    return db_rows(c,
                   PERIOD_SELECT " AND k.member_id = $2 AND ($3 = 0 OR k.plan_id = $3)"
                                 " AND ($4 = 0 OR k.status IN ('planned', 'active'))"
                                 " ORDER BY k.ends_at DESC, k.period_id DESC LIMIT $5",
                   ARGS(member_id, plan_id, is_living, LIST_MAX), &plan_period_fields, LIST_MAX, (ListAny *)ret_list);
}

Err plan_period_has_trial(Ctx *c, int64_t member_id, int64_t plan_id, bool *ret_has) {
    int64_t count = 0;
    TRY(db_int(c,
               "SELECT COUNT(*) FROM plan_period WHERE merchant_id = $1 AND member_id = $2 AND plan_id = $3"
               " AND is_trial = 1",
               ARGS(member_id, plan_id), &count));
    *ret_has = count > 0;
    return OK;
}

Err plan_period_mark(Ctx *c, int64_t period_id, PlanStatus from, PlanStatus to, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c, "UPDATE plan_period SET status = $4 WHERE merchant_id = $1 AND period_id = $2 AND status = $3",
                  ARGS(period_id, status_names[from], status_names[to]), &changed));
    *ret_done = changed == 1;
    return OK;
}

Err plan_period_refund(Ctx *c, const PlanPeriod *p, int64_t amount_fen, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "UPDATE plan_period SET status = 'refunded', next_gift_at = 0, ends_at = $4, returned_fen = returned_fen + $3"
        " WHERE merchant_id = $1 AND period_id = $2 AND status IN ('planned', 'active')"
        " AND returned_fen + $3 <= paid_fen",
        ARGS(p->period_id, amount_fen, p->starts_at > c->now ? p->starts_at : c->now), &changed));
    *ret_done = changed == 1;
    return OK;
}

Err plan_period_cancel(Ctx *c, int64_t member_id, int64_t plan_id, bool is_cancelled, int64_t *ret_changed) {
    return db_change(c,
                     "UPDATE plan_period SET is_cancelled = $4 WHERE merchant_id = $1 AND member_id = $2"
                     " AND plan_id = $3 AND status IN ('planned', 'active')",
                     ARGS(member_id, plan_id, is_cancelled), ret_changed);
}

Err plan_period_to_end(Ctx *c, int64_t most, PlanPeriods *ret_list) {
    return db_rows(c,
                   PERIOD_SELECT " AND k.status = 'active' AND k.ends_at < $2 ORDER BY k.ends_at, k.period_id LIMIT $3",
                   ARGS(c->now, most), &plan_period_fields, most, (ListAny *)ret_list);
}

Err plan_period_to_start(Ctx *c, int64_t most, PlanPeriods *ret_list) {
    return db_rows(c,
                   PERIOD_SELECT " AND k.status = 'planned' AND k.starts_at <= $2 ORDER BY k.starts_at, k.period_id"
                                 " LIMIT $3",
                   ARGS(c->now, most), &plan_period_fields, most, (ListAny *)ret_list);
}

/* Also of periods that ended while the server stood still. */
Err plan_period_to_gift(Ctx *c, int64_t most, PlanPeriods *ret_list) {
    return db_rows(c, PERIOD_SELECT " AND k.next_gift_at > 0 AND k.next_gift_at <= $2 ORDER BY k.next_gift_at LIMIT $3",
                   ARGS(c->now, most), &plan_period_fields, most, (ListAny *)ret_list);
}

Err plan_period_gifted(Ctx *c, int64_t period_id, int64_t number, int64_t next_at) {
    return db_exec(
        c, "UPDATE plan_period SET gift_number = $3, next_gift_at = $4 WHERE merchant_id = $1 AND period_id = $2",
        ARGS(period_id, number, next_at));
}

Err plan_period_is_first(Ctx *c, const PlanPeriod *p, bool *ret_first) {
    int64_t earlier = 0;
    TRY(db_int(c,
               "SELECT COUNT(*) FROM plan_period WHERE merchant_id = $1 AND member_id = $2 AND plan_id = $3"
               " AND is_trial = 0 AND period_id < $4",
               ARGS(p->member_id, p->plan_id, p->period_id), &earlier));
    *ret_first = earlier == 0;
    return OK;
}

/* Periods that run, with none behind them. */
Err plan_period_to_remind(Ctx *c, int64_t most, PlanPeriods *ret_list) {
    return db_rows(c,
                   PERIOD_SELECT " AND k.status = 'active' AND k.is_reminded = 0 AND k.is_cancelled = 0"
                                 " AND p.remind_days > 0 AND k.ends_at < CAST($2 AS BIGINT) + p.remind_days * 86400000"
                                 " AND k.ends_at >= $2 AND NOT EXISTS (SELECT 1 FROM plan_period n"
                                 " WHERE n.merchant_id = $1 AND n.member_id = k.member_id AND n.plan_id = k.plan_id"
                                 " AND n.status IN ('planned', 'active') AND n.ends_at > k.ends_at)"
                                 " ORDER BY k.ends_at LIMIT $3",
                   ARGS(c->now, most), &plan_period_fields, most, (ListAny *)ret_list);
}

Err plan_period_reminded(Ctx *c, int64_t period_id) {
    return db_exec(c, "UPDATE plan_period SET is_reminded = 1 WHERE merchant_id = $1 AND period_id = $2",
                   ARGS(period_id));
}

/* ---- merge ---- */

Err plan_period_shift(Ctx *c, int64_t period_id, int64_t shift_ms) {
    return db_exec(c,
                   "UPDATE plan_period SET ends_at = ends_at + $3, shift_ms = shift_ms + $3,"
                   " starts_at = CASE WHEN status = 'planned' THEN starts_at + $3 ELSE starts_at END"
                   " WHERE merchant_id = $1 AND period_id = $2",
                   ARGS(period_id, shift_ms));
}

Err plan_move(Ctx *c, const MergeInfo *m, int64_t *ret_moved) {
    TRY(db_exec(c,
                "INSERT INTO plan_merge (merchant_id, merge_id, period_id, shift_ms) SELECT merchant_id,"
                " CAST($2 AS BIGINT), period_id, 0 FROM plan_period WHERE merchant_id = $1 AND member_id = $3",
                ARGS(m->merge_id, m->from_id)));
    return db_change(c, "UPDATE plan_period SET member_id = $3 WHERE merchant_id = $1 AND member_id = $2",
                     ARGS(m->from_id, m->into_id), ret_moved);
}

Err plan_move_shifted(Ctx *c, int64_t merge_id, int64_t period_id, int64_t shift_ms) {
    return db_exec(c, "UPDATE plan_merge SET shift_ms = $4 WHERE merchant_id = $1 AND merge_id = $2 AND period_id = $3",
                   ARGS(merge_id, period_id, shift_ms));
}

Err plan_move_back(Ctx *c, const MergeInfo *m, int64_t *ret_moved) {
    TRY(db_exec(
        c,
        "UPDATE plan_period SET ends_at = ends_at - (SELECT b.shift_ms FROM plan_merge b WHERE b.merchant_id = $1"
        " AND b.merge_id = $2 AND b.period_id = plan_period.period_id), shift_ms = shift_ms - (SELECT b.shift_ms"
        " FROM plan_merge b WHERE b.merchant_id = $1 AND b.merge_id = $2 AND b.period_id ="
        " plan_period.period_id), starts_at = CASE WHEN status = 'planned' THEN starts_at - (SELECT b.shift_ms"
        " FROM plan_merge b WHERE b.merchant_id = $1 AND b.merge_id = $2 AND b.period_id ="
        " plan_period.period_id) ELSE starts_at END WHERE merchant_id = $1 AND status IN ('planned', 'active')"
        " AND period_id IN (SELECT period_id FROM plan_merge WHERE merchant_id = $1 AND merge_id = $2"
        " AND shift_ms > 0)",
        ARGS(m->merge_id)));
    TRY(db_change(c,
                  "UPDATE plan_period SET member_id = $3 WHERE merchant_id = $1 AND period_id IN"
                  " (SELECT period_id FROM plan_merge WHERE merchant_id = $1 AND merge_id = $2)",
                  ARGS(m->merge_id, m->from_id), ret_moved));
    return db_exec(c, "DELETE FROM plan_merge WHERE merchant_id = $1 AND merge_id = $2", ARGS(m->merge_id));
}

/* ---- holds ---- */

static Err the_tag_is_there_while_a_period_runs(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM plan_period WHERE merchant_id = $1",
        "SELECT x.member_id AS id, x.runs AS want, x.tagged AS have FROM (SELECT k.member_id, p.tag_id,"
        " MAX(CASE WHEN k.status = 'active' THEN 1 ELSE 0 END) AS runs,"
        " MAX(CASE WHEN t.tag_id IS NULL THEN 0 ELSE 1 END) AS tagged FROM plan_period k"
        " JOIN plan p ON p.merchant_id = k.merchant_id AND p.plan_id = k.plan_id"
        " LEFT JOIN member_tag t ON t.merchant_id = k.merchant_id AND t.member_id = k.member_id"
        " AND t.tag_id = p.tag_id WHERE k.merchant_id = $1 GROUP BY k.member_id, p.tag_id) x"
        " JOIN member_card m ON m.merchant_id = $1 AND m.member_id = x.member_id AND m.status <> 'erased'"
        " WHERE x.runs <> x.tagged");
}

static Err periods_do_not_overlap(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report, "SELECT COUNT(*) FROM plan_period WHERE merchant_id = $1",
                       "SELECT a.period_id AS id, a.ends_at AS want, b.starts_at AS have FROM plan_period a"
                       " JOIN plan_period b ON b.merchant_id = a.merchant_id AND b.member_id = a.member_id"
                       " AND b.plan_id = a.plan_id AND b.period_id > a.period_id AND b.given_to = a.given_to"
                       " AND b.starts_at < a.ends_at AND b.ends_at > a.starts_at WHERE a.merchant_id = $1"
                       " AND a.status IN ('planned', 'active') AND b.status IN ('planned', 'active')"
                       " AND a.shift_ms = 0 AND b.shift_ms = 0");
}

const Hold plan_holds[PLAN_HOLDS] = {
    { "plan.the_tag_is_there_while_a_period_runs", the_tag_is_there_while_a_period_runs },
    { "plan.periods_do_not_overlap", periods_do_not_overlap },
};
