#include "domain/benefit/benefit_store.h"

const char *const benefit_kind_names[] = { "parking",
                                           "gift_wrap",
                                           "priority_service",
                                           "priority_delivery",
                                           "free_delivery",
                                           "early_purchase",
                                           "event_seat",
                                           "free_item",
                                           "other",
                                           NULL };
const char *const benefit_period_names[] = { "day", "week", "month", "year", "membership", "once", NULL };
const char benefit_term_source[] = "term";

static const Field benefit_field[] = {
    FIELD_ID(Benefit, benefit_id, .is_out = true),
    FIELD(Benefit, key, .need = true, .max = 40, .about = "by which gates may ask: parking"),
    FIELD(Benefit, name, .need = true, .max = BENEFIT_NAME_MAX),
    FIELD_ENUM(Benefit, kind, benefit_kind_names),
    FIELD(Benefit, unit, .max = 20, .about = "what is counted: 小时, 次"),
    FIELD(Benefit, about, .max = 200),
    FIELD(Benefit, is_retired, .is_out = true),
    FIELD(Benefit, created_at, .is_out = true),
};
const Fields benefit_fields = FIELDS(Benefit, benefit_field);

Err benefit_insert(Ctx *c, const Benefit *b, bool *ret_new) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "INSERT INTO benefit (merchant_id, benefit_id, key, name, kind, unit, about, is_retired, created_at)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8) ON CONFLICT (merchant_id, key) DO NOTHING",
                  ARGS(b->benefit_id, b->key, b->name, benefit_kind_names[b->kind], b->unit, b->about, b->created_at),
                  &changed));
    *ret_new = changed == 1;
    return OK;
}

#define BENEFIT_COLUMNS "benefit_id, key, name, kind, unit, about, is_retired, created_at"

Err benefit_find(Ctx *c, int64_t benefit_id, Str key, Benefit *ret_benefit, bool *ret_found) {
    if (benefit_id != 0)
        return db_find(c, "SELECT " BENEFIT_COLUMNS " FROM benefit WHERE merchant_id = $1 AND benefit_id = $2",
                       ARGS(benefit_id), &benefit_fields, ret_benefit, ret_found);
    return db_find(c, "SELECT " BENEFIT_COLUMNS " FROM benefit WHERE merchant_id = $1 AND key = $2", ARGS(key),
                   &benefit_fields, ret_benefit, ret_found);
}

Err benefit_list(Ctx *c, bool with_retired, Benefits *ret_list) {
    return db_rows(c,
                   "SELECT " BENEFIT_COLUMNS " FROM benefit WHERE merchant_id = $1 AND is_retired <= $2"
                   " ORDER BY benefit_id LIMIT $3",
                   ARGS(with_retired, LIST_MAX), &benefit_fields, LIST_MAX, (ListAny *)ret_list);
}

Err benefit_retire(Ctx *c, int64_t benefit_id, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_exec(c, "UPDATE benefit_term SET is_ended = 1 WHERE merchant_id = $1 AND benefit_id = $2",
                ARGS(benefit_id)));
    TRY(db_change(c, "UPDATE benefit SET is_retired = 1 WHERE merchant_id = $1 AND benefit_id = $2", ARGS(benefit_id),
                  &changed));
    *ret_done = changed == 1;
    return OK;
}

/* ---- terms ---- */

static const Field term_field[] = {
    FIELD_ID(BenefitTerm, term_id, .is_out = true),
    FIELD_ID(BenefitTerm, benefit_id, .need = true),
    FIELD_ID(BenefitTerm, tag_id, .need = true, .about = "of a level, a plan or a group of members"),
    FIELD(BenefitTerm, quota, .max = BENEFIT_COUNT_MAX, .about = "per period; 0 = as often as he likes"),
    FIELD_ENUM(BenefitTerm, period, benefit_period_names),
    FIELD(BenefitTerm, is_ended, .is_out = true),
    FIELD(BenefitTerm, created_at, .is_out = true),
};
const Fields benefit_term_fields = FIELDS(BenefitTerm, term_field);

Err benefit_term_upsert(Ctx *c, const BenefitTerm *t, BenefitTerm *ret_term) {
    bool found = false;
    return db_find(c,
                   "INSERT INTO benefit_term (merchant_id, term_id, benefit_id, tag_id, quota, period, is_ended,"
                   " created_at) VALUES ($1, $2, $3, $4, $5, $6, 0, $7)"
                   " ON CONFLICT (merchant_id, benefit_id, tag_id) DO UPDATE SET quota = excluded.quota,"
                   " period = excluded.period, is_ended = 0"
                   " RETURNING term_id, benefit_id, tag_id, quota, period, is_ended, created_at",
                   ARGS(t->term_id, t->benefit_id, t->tag_id, t->quota, benefit_period_names[t->period], t->created_at),
                   &benefit_term_fields, ret_term, &found);
}

Err benefit_term_end(Ctx *c, int64_t term_id, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c, "UPDATE benefit_term SET is_ended = 1 WHERE merchant_id = $1 AND term_id = $2 AND is_ended = 0",
                  ARGS(term_id), &changed));
    *ret_done = changed == 1;
    return OK;
}

Err benefit_term_list(Ctx *c, int64_t benefit_id, BenefitTerms *ret_list) {
    return db_rows(c,
                   "SELECT term_id, benefit_id, tag_id, quota, period, is_ended, created_at FROM benefit_term"
                   " WHERE merchant_id = $1 AND is_ended = 0 AND ($2 = 0 OR benefit_id = $2) ORDER BY term_id LIMIT $3",
                   ARGS(benefit_id, BENEFIT_TERMS_MAX), &benefit_term_fields, BENEFIT_TERMS_MAX, (ListAny *)ret_list);
}

/* ---- allowances ---- */

static const Field allowance_field[] = {
    FIELD_ID(Allowance, allowance_id), FIELD_ID(Allowance, benefit_id), FIELD(Allowance, source),
    FIELD_ID(Allowance, source_id),    FIELD(Allowance, starts_at),     FIELD(Allowance, ends_at),
    FIELD(Allowance, quota),           FIELD(Allowance, used),          FIELD(Allowance, is_own),
};
static const Fields allowance_fields = FIELDS(Allowance, allowance_field);

Err benefit_allowance_list(Ctx *c, int64_t member_id, int64_t benefit_id, Allowances *ret_list) {
    return db_rows(c,
                   "SELECT allowance_id, benefit_id, source, source_id, starts_at, ends_at, quota, used,"
                   " CASE WHEN given_to = member_id THEN 1 ELSE 0 END AS is_own FROM benefit_allowance"
                   " WHERE merchant_id = $1 AND member_id = $2 AND (ends_at = 0 OR ends_at >= $3)"
                   " AND ($4 = 0 OR benefit_id = $4) ORDER BY allowance_id LIMIT $5",
                   ARGS(member_id, c->now, benefit_id, LIST_MAX), &allowance_fields, LIST_MAX, (ListAny *)ret_list);
}

Err benefit_allowance_grant(Ctx *c, int64_t member_id, const Allowance *a, bool *ret_new) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "INSERT INTO benefit_allowance (merchant_id, allowance_id, member_id, given_to, benefit_id, source,"
        " source_id, starts_at, ends_at, quota, used, created_at)"
        " VALUES ($1, $2, $3, $3, $4, $5, $6, 0, $7, $8, 0, $9)"
        " ON CONFLICT (merchant_id, source_id, source, given_to, benefit_id, starts_at) DO NOTHING",
        ARGS(a->allowance_id, member_id, a->benefit_id, a->source, a->source_id, a->ends_at, a->quota, c->now),
        &changed));
    *ret_new = changed == 1;
    return OK;
}

Err benefit_allowance_use_term(Ctx *c, int64_t member_id, const Allowance *a, int64_t count, int64_t *ret_id) {
    Allowance row = { 0 };
    bool found = false;
    *ret_id = 0;
    TRY(db_find(c,
                "INSERT INTO benefit_allowance (merchant_id, allowance_id, member_id, given_to, benefit_id, source,"
                " source_id, starts_at, ends_at, quota, used, created_at)"
                " VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
                " ON CONFLICT (merchant_id, source_id, source, given_to, benefit_id, starts_at) DO UPDATE SET"
                " used = benefit_allowance.used + excluded.used, quota = excluded.quota"
                " WHERE benefit_allowance.used + excluded.used <= excluded.quota RETURNING allowance_id",
                ARGS(id_new(c), member_id, a->benefit_id, benefit_term_source, a->source_id, a->starts_at, a->ends_at,
                     a->quota, count, c->now),
                &allowance_fields, &row, &found));
    if (found) *ret_id = row.allowance_id;
    return OK;
}

Err benefit_allowance_use(Ctx *c, int64_t allowance_id, int64_t count, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE benefit_allowance SET used = used + $3 WHERE merchant_id = $1 AND allowance_id = $2"
                  " AND used + $3 >= 0 AND used + $3 <= quota",
                  ARGS(allowance_id, count), &changed));
    *ret_done = changed == 1;
    return OK;
}

Err benefit_allowance_close(Ctx *c, int64_t member_id, Str source, int64_t source_id, int64_t *ret_count) {
    TRY(db_int(c,
               "SELECT CAST(SUM(quota - used) AS BIGINT) FROM benefit_allowance WHERE merchant_id = $1"
               " AND source_id = $2 AND source = $3 AND member_id = $4",
               ARGS(source_id, source, member_id), ret_count));
    return db_exec(c,
                   "UPDATE benefit_allowance SET quota = used WHERE merchant_id = $1 AND source_id = $2"
                   " AND source = $3 AND member_id = $4",
                   ARGS(source_id, source, member_id));
}

/* ---- uses ---- */

static const Field use_field[] = {
    FIELD_ID(BenefitUse, use_id),
    FIELD_ID(BenefitUse, shop_id),
    FIELD(BenefitUse, use_no),
    FIELD_ID(BenefitUse, benefit_id),
    FIELD(BenefitUse, name),
    FIELD(BenefitUse, unit),
    FIELD_ID(BenefitUse, member_id),
    FIELD(BenefitUse, count),
    FIELD(BenefitUse, at),
    FIELD(BenefitUse, undone_at, .skip_zero = true),
    FIELD(BenefitUse, left, .min = -1, .about = "afterwards; -1 = without limit"),
    FIELD(BenefitUse, renews_at, .skip_zero = true, .about = "when more comes"),
    FIELD(BenefitUse, duplicate, .skip_zero = true),
};
const Fields benefit_use_fields = FIELDS(BenefitUse, use_field);

Err benefit_use_insert(Ctx *c, const BenefitUse *u, bool *ret_new) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "INSERT INTO benefit_use (merchant_id, use_id, shop_id, use_no, benefit_id, member_id, count, at,"
                  " undone_at, undone_by_id, undo_reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, '')"
                  " ON CONFLICT (merchant_id, shop_id, use_no) DO NOTHING",
                  ARGS(u->use_id, u->shop_id, u->use_no, u->benefit_id, u->member_id, u->count, u->at), &changed));
    *ret_new = changed == 1;
    return OK;
}

#define USE_SELECT                                                                                                     \
    "SELECT u.use_id, u.shop_id, u.use_no, u.benefit_id, b.name, b.unit, u.member_id, u.count, u.at, u.undone_at"      \
    " FROM benefit_use u JOIN benefit b ON b.merchant_id = u.merchant_id AND b.benefit_id = u.benefit_id"              \
    " WHERE u.merchant_id = $1"

Err benefit_use_find(Ctx *c, int64_t use_id, BenefitUse *ret_use, bool *ret_found) {
    return db_find(c, USE_SELECT " AND u.use_id = $2", ARGS(use_id), &benefit_use_fields, ret_use, ret_found);
}

Err benefit_use_by_no(Ctx *c, int64_t shop_id, Str use_no, BenefitUse *ret_use, bool *ret_found) {
    return db_find(c, USE_SELECT " AND u.shop_id = $2 AND u.use_no = $3", ARGS(shop_id, use_no), &benefit_use_fields,
                   ret_use, ret_found);
}

Err benefit_use_undo(Ctx *c, int64_t use_id, Str reason, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE benefit_use SET undone_at = $3, undone_by_id = $4, undo_reason = $5"
                  " WHERE merchant_id = $1 AND use_id = $2 AND undone_at = 0",
                  ARGS(use_id, c->now, c->actor.id, reason), &changed));
    *ret_done = changed == 1;
    return OK;
}

Err benefit_use_page(Ctx *c, int64_t member_id, int64_t before, int64_t most, BenefitUses *ret_list) {
    return db_rows(c, USE_SELECT " AND u.member_id = $2 AND u.use_id < $3 ORDER BY u.use_id DESC LIMIT $4",
                   ARGS(member_id, before, most), &benefit_use_fields, most, (ListAny *)ret_list);
}

Err benefit_use_blank(Ctx *c, int64_t member_id) {
    return db_exec(c, "UPDATE benefit_use SET undo_reason = '' WHERE merchant_id = $1 AND member_id = $2",
                   ARGS(member_id));
}

static const Field part_field[] = { FIELD_ID(Part, allowance_id), FIELD(Part, count) };
static const Fields part_fields = FIELDS(Part, part_field);

Err benefit_part_insert(Ctx *c, int64_t use_id, const Part *part) {
    return db_exec(c, "INSERT INTO benefit_part (merchant_id, use_id, allowance_id, count) VALUES ($1, $2, $3, $4)",
                   ARGS(use_id, part->allowance_id, part->count));
}

Err benefit_part_list(Ctx *c, int64_t use_id, Parts *ret_list) {
    return db_rows(c,
                   "SELECT allowance_id, count FROM benefit_part WHERE merchant_id = $1 AND use_id = $2"
                   " ORDER BY allowance_id LIMIT $3",
                   ARGS(use_id, LIST_MAX), &part_fields, LIST_MAX, (ListAny *)ret_list);
}

/* ---- merge: rows change hands, and say to whom they were given at first ---- */

Err benefit_move(Ctx *c, const MergeInfo *m, int64_t *ret_moved) {
    TRY(db_exec(c,
                "INSERT INTO benefit_merge (merchant_id, merge_id, row_id)"
                " SELECT merchant_id, CAST($2 AS BIGINT), allowance_id FROM benefit_allowance"
                " WHERE merchant_id = $1 AND member_id = $3"
                " UNION ALL SELECT merchant_id, CAST($2 AS BIGINT), use_id FROM benefit_use"
                " WHERE merchant_id = $1 AND member_id = $3",
                ARGS(m->merge_id, m->from_id)));
    TRY(db_exec(c, "UPDATE benefit_use SET member_id = $3 WHERE merchant_id = $1 AND member_id = $2",
                ARGS(m->from_id, m->into_id)));
    return db_change(c, "UPDATE benefit_allowance SET member_id = $3 WHERE merchant_id = $1 AND member_id = $2",
                     ARGS(m->from_id, m->into_id), ret_moved);
}

Err benefit_move_back(Ctx *c, const MergeInfo *m, int64_t *ret_moved) {
    TRY(db_exec(c,
                "UPDATE benefit_use SET member_id = $3 WHERE merchant_id = $1 AND use_id IN"
                " (SELECT row_id FROM benefit_merge WHERE merchant_id = $1 AND merge_id = $2)",
                ARGS(m->merge_id, m->from_id)));
    TRY(db_change(c,
                  "UPDATE benefit_allowance SET member_id = $3 WHERE merchant_id = $1 AND allowance_id IN"
                  " (SELECT row_id FROM benefit_merge WHERE merchant_id = $1 AND merge_id = $2)",
                  ARGS(m->merge_id, m->from_id), ret_moved));
    return db_exec(c, "DELETE FROM benefit_merge WHERE merchant_id = $1 AND merge_id = $2", ARGS(m->merge_id));
}

/* ---- holds ---- */

static Err used_is_its_uses(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM benefit_allowance WHERE merchant_id = $1",
        "SELECT a.allowance_id AS id, COALESCE(p.count, 0) AS want, a.used AS have FROM benefit_allowance a"
        " LEFT JOIN (SELECT p.allowance_id, CAST(SUM(p.count) AS BIGINT) AS count FROM benefit_part p"
        " JOIN benefit_use u ON u.merchant_id = p.merchant_id AND u.use_id = p.use_id AND u.undone_at = 0"
        " WHERE p.merchant_id = $1 GROUP BY p.allowance_id) p ON p.allowance_id = a.allowance_id"
        " WHERE a.merchant_id = $1 AND (a.used <> COALESCE(p.count, 0) OR a.used > a.quota)");
}

static Err uses_are_their_parts(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report, "SELECT COUNT(*) FROM benefit_use WHERE merchant_id = $1",
                       "SELECT u.use_id AS id, u.count AS want, COALESCE(p.count, 0) AS have FROM benefit_use u"
                       " LEFT JOIN (SELECT use_id, CAST(SUM(count) AS BIGINT) AS count FROM benefit_part"
                       " WHERE merchant_id = $1 GROUP BY use_id) p ON p.use_id = u.use_id WHERE u.merchant_id = $1"
                       " AND u.count <> COALESCE(p.count, 0)");
}

const Hold benefit_holds[BENEFIT_HOLDS] = {
    { "benefit.used_is_its_uses", used_is_its_uses },
    { "benefit.uses_are_their_parts", uses_are_their_parts },
};
