/* SQL of coupons, their entries and quotas. */
#include "domain/coupon/coupon_store.h"

const char *const coupon_status_names[] = { "issued", "locked", "used", "expired", "void", "giving", NULL };

static const Field coupon_field[] = {
    FIELD_ID(Coupon, coupon_id),
    FIELD_ID(Coupon, template_id),
    FIELD(Coupon, version),
    FIELD_ID(Coupon, member_id),
    FIELD(Coupon, code),
    FIELD_ENUM(Coupon, status, coupon_status_names),
    FIELD(Coupon, from_at),
    FIELD(Coupon, expires_at, .about = "last ms; 0 = never"),
    FIELD(Coupon, source),
    FIELD_ID(Coupon, source_id),
    FIELD_ID(Coupon, order_id, .skip_zero = true),
    FIELD_ID(Coupon, shop_id, .skip_zero = true),
    FIELD(Coupon, off_fen, .skip_zero = true),
    FIELD(Coupon, used_at, .skip_zero = true),
    FIELD(Coupon, issued_at),
};
const Fields coupon_fields = FIELDS(Coupon, coupon_field);

static const Field entry_field[] = {
    FIELD_ID(CouponEntry, coupon_id),
    FIELD(CouponEntry, number),
    FIELD(CouponEntry, action),
    FIELD_ENUM(CouponEntry, status, coupon_status_names),
    FIELD_ID(CouponEntry, member_id),
    FIELD_ID(CouponEntry, order_id, .skip_zero = true),
    FIELD(CouponEntry, off_fen, .skip_zero = true),
    FIELD_ID(CouponEntry, shop_id, .skip_zero = true),
    FIELD(CouponEntry, actor),
    FIELD_ID(CouponEntry, actor_id),
    FIELD(CouponEntry, reason),
    FIELD(CouponEntry, at),
};
const Fields coupon_entry_fields = FIELDS(CouponEntry, entry_field);

Err coupon_insert(Ctx *c, const Coupon *k, int64_t issued_to, int64_t number, bool *ret_new) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "INSERT INTO coupon (merchant_id, coupon_id, template_id, version, member_id, issued_to, code, status,"
        " from_at, expires_at, source, source_id, number, order_id, shop_id, off_fen, used_at, issued_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, 'issued', $8, $9, $10, $11, $12, 0, 0, 0, 0, $13)"
        " ON CONFLICT (merchant_id, source, source_id, issued_to, template_id, number) DO NOTHING",
        ARGS(k->coupon_id, k->template_id, k->version, k->member_id, issued_to, k->code, k->from_at, k->expires_at,
             k->source, k->source_id, number, k->issued_at),
        &changed));
    *ret_new = changed == 1;
    return OK;
}

#define COUPON_ROW                                                                                                     \
    "SELECT coupon_id, template_id, version, member_id, code, status, from_at, expires_at, source, source_id,"         \
    " order_id, shop_id, off_fen, used_at, issued_at FROM coupon WHERE merchant_id = $1"

Err coupon_find(Ctx *c, int64_t coupon_id, Coupon *ret_coupon, bool *ret_found) {
    return db_find(c, COUPON_ROW " AND coupon_id = $2", ARGS(coupon_id), &coupon_fields, ret_coupon, ret_found);
}

Err coupon_find_code(Ctx *c, Str code, Coupon *ret_coupon, bool *ret_found) {
    return db_find(c, COUPON_ROW " AND code = $2", ARGS(code), &coupon_fields, ret_coupon, ret_found);
}

Err coupons_of_source(Ctx *c, const CouponIssue *issue, Coupons *ret_list) {
    return db_rows(
        c,
        COUPON_ROW " AND source = $2 AND source_id = $3 AND issued_to = $4 AND template_id = $5"
                   " ORDER BY number LIMIT $6",
        ARGS(issue->source, issue->source_id, issue->member_id, issue->template_id, (int64_t)COUPON_BATCH_MAX),
        &coupon_fields, COUPON_BATCH_MAX, (ListAny *)ret_list);
}

Err coupons_open(Ctx *c, int64_t member_id, int64_t most, Coupons *ret_list) {
    return db_rows(c,
                   COUPON_ROW " AND member_id = $2 AND member_id > 0 AND status IN ('issued', 'locked', 'giving')"
                              " AND (expires_at = 0 OR expires_at >= $3) ORDER BY CASE WHEN expires_at = 0 THEN 1"
                              " ELSE 0 END, expires_at, coupon_id LIMIT $4",
                   ARGS(member_id, c->now, most), &coupon_fields, most, (ListAny *)ret_list);
}

Err coupons_of_member(Ctx *c, int64_t member_id, Str state, int64_t below_id, int64_t most, Coupons *ret_list) {
    return db_rows(c,
                   COUPON_ROW " AND member_id = $2 AND coupon_id < $3 AND ($4 = '' OR ($4 = 'used' AND status = 'used')"
                              " OR ($4 = 'expired' AND (status = 'expired' OR (status IN ('issued', 'giving')"
                              " AND expires_at > 0 AND expires_at < $5)))"
                              " OR ($4 = 'usable' AND status IN ('issued', 'locked', 'giving')"
                              " AND (expires_at = 0 OR expires_at >= $5))) ORDER BY coupon_id DESC LIMIT $6",
                   ARGS(member_id, below_id, state, c->now, most), &coupon_fields, most, (ListAny *)ret_list);
}

Err coupons_of_batch(Ctx *c, int64_t template_id, int64_t source_id, int64_t after_id, int64_t most,
                     Coupons *ret_list) {
    return db_rows(c,
                   COUPON_ROW
                   " AND template_id = $2 AND source = 'codes' AND ($3 = 0 OR source_id = $3) AND coupon_id > $4"
                   " ORDER BY coupon_id LIMIT $5",
                   ARGS(template_id, source_id, after_id, most), &coupon_fields, most, (ListAny *)ret_list);
}

Err coupons_of_order(Ctx *c, int64_t order_id, Coupons *ret_list) {
    return db_rows(c, COUPON_ROW " AND order_id = $2 AND status = 'locked' ORDER BY coupon_id LIMIT $3",
                   ARGS(order_id, (int64_t)PROMO_PROMOS_MAX), &coupon_fields, PROMO_PROMOS_MAX, (ListAny *)ret_list);
}

Err coupons_due(Ctx *c, int64_t most, Coupons *ret_list) {
    return db_rows(c,
                   COUPON_ROW " AND status = 'issued' AND expires_at > 0 AND expires_at < $2"
                              " ORDER BY expires_at, coupon_id LIMIT $3",
                   ARGS(c->now, most), &coupon_fields, most, (ListAny *)ret_list);
}

/* ---- moves: nobody reads first, the row itself decides ---- */

static Err tell(int64_t changed, bool *ret_done) {
    *ret_done = changed == 1;
    return OK;
}

Err coupon_mark_locked(Ctx *c, const CouponMove *m, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE coupon SET status = 'locked', order_id = $4, shop_id = $5, off_fen = $6,"
                  " member_id = CASE WHEN member_id = 0 THEN CAST($3 AS BIGINT) ELSE member_id END"
                  " WHERE merchant_id = $1 AND coupon_id = $2 AND member_id IN (CAST($3 AS BIGINT), 0)"
                  " AND (status = 'issued' AND from_at <= $7 AND (expires_at = 0 OR expires_at >= $7)"
                  " OR status = 'locked' AND order_id = $4)",
                  ARGS(m->coupon_id, m->member_id, m->order_id, m->shop_id, m->off_fen, c->now), &changed));
    return tell(changed, ret_done);
}

Err coupon_mark_used(Ctx *c, const CouponMove *m, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE coupon SET status = 'used', order_id = $4, shop_id = $5, off_fen = $6, used_at = $7,"
                  " member_id = CASE WHEN member_id = 0 THEN CAST($3 AS BIGINT) ELSE member_id END"
                  " WHERE merchant_id = $1 AND coupon_id = $2 AND member_id IN (CAST($3 AS BIGINT), 0)"
                  " AND (status = 'issued' AND from_at <= $7 AND (expires_at = 0 OR expires_at >= $7)"
                  " OR status = 'locked' AND order_id = $4)",
                  ARGS(m->coupon_id, m->member_id, m->order_id, m->shop_id, m->off_fen, c->now), &changed));
    return tell(changed, ret_done);
}

Err coupon_mark_free(Ctx *c, int64_t coupon_id, CouponStatus from, int64_t order_id, int64_t expires_at,
                     bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE coupon SET status = 'issued', order_id = 0, shop_id = 0, off_fen = 0, used_at = 0,"
                  " expires_at = $5 WHERE merchant_id = $1 AND coupon_id = $2 AND status = $3 AND order_id = $4",
                  ARGS(coupon_id, coupon_status_names[from], order_id, expires_at), &changed));
    return tell(changed, ret_done);
}

Err coupon_mark_over(Ctx *c, int64_t coupon_id, CouponStatus from, CouponStatus to, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c, "UPDATE coupon SET status = $4 WHERE merchant_id = $1 AND coupon_id = $2 AND status = $3",
                  ARGS(coupon_id, coupon_status_names[from], coupon_status_names[to]), &changed));
    return tell(changed, ret_done);
}

Err coupon_mark_owner(Ctx *c, const Coupon *k, CouponStatus from, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE coupon SET status = 'issued', member_id = $3, code = $4 WHERE merchant_id = $1"
                  " AND coupon_id = $2 AND status = $5 AND (expires_at = 0 OR expires_at >= $6)"
                  " AND ($5 = 'giving' OR member_id = 0)",
                  ARGS(k->coupon_id, k->member_id, k->code, coupon_status_names[from], c->now), &changed));
    return tell(changed, ret_done);
}

/* Numbered under the lock of the coupon's row, which whoever moves it has written first. */
Err coupon_entry_insert(Ctx *c, const Coupon *k, const char *action, Str reason) {
    return db_exec(c,
                   "INSERT INTO coupon_entry (merchant_id, coupon_id, number, action, status, member_id, order_id,"
                   " off_fen, shop_id, actor, actor_id, reason, at) SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT),"
                   " (SELECT COALESCE(MAX(e.number), 0) + 1 FROM coupon_entry e WHERE e.merchant_id = $1"
                   " AND e.coupon_id = $2), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS BIGINT),"
                   " CAST($6 AS BIGINT), CAST($7 AS BIGINT), CAST($8 AS BIGINT), CAST($9 AS TEXT),"
                   " CAST($10 AS BIGINT), CAST($11 AS TEXT), CAST($12 AS BIGINT)",
                   ARGS(k->coupon_id, action, coupon_status_names[k->status], k->member_id, k->order_id, k->off_fen,
                        k->shop_id != 0 ? k->shop_id : c->shop_id, actor_names[c->actor.kind], c->actor.id, reason,
                        c->now));
}

Err coupon_entries_of(Ctx *c, int64_t coupon_id, CouponEntries *ret_list) {
    return db_rows(c,
                   "SELECT coupon_id, number, action, status, member_id, order_id, off_fen, shop_id, actor, actor_id,"
                   " reason, at FROM coupon_entry WHERE merchant_id = $1 AND coupon_id = $2 ORDER BY number LIMIT $3",
                   ARGS(coupon_id, (int64_t)LIST_MAX), &coupon_entry_fields, LIST_MAX, (ListAny *)ret_list);
}

/* ---- quotas ---- */

Err coupon_quota_add(Ctx *c, int64_t member_id, int64_t template_id, int64_t day, int64_t count, int64_t most,
                     bool *ret_done) {
    int64_t changed = 0;
    *ret_done = false;
    if (count > most) return OK;
    TRY(db_change(c,
                  "INSERT INTO coupon_quota (merchant_id, member_id, template_id, day, count)"
                  " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (merchant_id, member_id, template_id, day) DO UPDATE"
                  " SET count = coupon_quota.count + excluded.count"
                  " WHERE coupon_quota.count + excluded.count <= $6",
                  ARGS(member_id, template_id, day, count, most), &changed));
    return tell(changed, ret_done);
}

Err coupon_quota_sum(Ctx *c, int64_t member_id, int64_t template_id, int64_t from_day, int64_t *ret_count) {
    if (from_day == 0)
        return db_int(c,
                      "SELECT count FROM coupon_quota WHERE merchant_id = $1 AND member_id = $2 AND template_id = $3"
                      " AND day = 0",
                      ARGS(member_id, template_id), ret_count);
    return db_int(c,
                  "SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) FROM coupon_quota WHERE merchant_id = $1"
                  " AND member_id = $2 AND template_id = $3 AND day >= $4",
                  ARGS(member_id, template_id, from_day), ret_count);
}

/* ---- members' data ---- */

Err coupon_merge_move(Ctx *c, const MergeInfo *m, int64_t *ret_moved) {
    TRY(db_exec(c,
                "INSERT INTO coupon_merge (merchant_id, merge_id, coupon_id)"
                " SELECT merchant_id, CAST($2 AS BIGINT), coupon_id FROM coupon"
                " WHERE merchant_id = $1 AND member_id = $3",
                ARGS(m->merge_id, m->from_id)));
    TRY(db_exec(c,
                "INSERT INTO coupon_quota (merchant_id, member_id, template_id, day, count)"
                " SELECT merchant_id, CAST($3 AS BIGINT), template_id, day, count FROM coupon_quota"
                " WHERE merchant_id = $1 AND member_id = $2"
                " ON CONFLICT (merchant_id, member_id, template_id, day) DO UPDATE"
                " SET count = coupon_quota.count + excluded.count",
                ARGS(m->from_id, m->into_id)));
    TRY(db_exec(c, "UPDATE coupon_gift SET from_id = $3 WHERE merchant_id = $1 AND from_id = $2",
                ARGS(m->from_id, m->into_id)));
    TRY(db_exec(c, "UPDATE coupon_gift SET to_id = $3 WHERE merchant_id = $1 AND to_id = $2",
                ARGS(m->from_id, m->into_id)));
    return db_change(c, "UPDATE coupon SET member_id = $3 WHERE merchant_id = $1 AND member_id = $2",
                     ARGS(m->from_id, m->into_id), ret_moved);
}

/* What was given away meanwhile stays with the friend. */
Err coupon_merge_back(Ctx *c, const MergeInfo *m, int64_t *ret_moved) {
    TRY(db_change(c,
                  "UPDATE coupon SET member_id = $3 WHERE merchant_id = $1 AND member_id = $4 AND coupon_id IN"
                  " (SELECT coupon_id FROM coupon_merge WHERE merchant_id = $1 AND merge_id = $2)",
                  ARGS(m->merge_id, m->from_id, m->into_id), ret_moved));
    TRY(db_exec(c,
                "UPDATE coupon_gift SET from_id = $3 WHERE merchant_id = $1 AND from_id = $4 AND coupon_id IN"
                " (SELECT coupon_id FROM coupon_merge WHERE merchant_id = $1 AND merge_id = $2)",
                ARGS(m->merge_id, m->from_id, m->into_id)));
    TRY(db_exec(c,
                "UPDATE coupon_quota SET count = count - (SELECT f.count FROM coupon_quota f WHERE f.merchant_id = $1"
                " AND f.member_id = $2 AND f.template_id = coupon_quota.template_id AND f.day = coupon_quota.day)"
                " WHERE merchant_id = $1 AND member_id = $3 AND EXISTS (SELECT 1 FROM coupon_quota f"
                " WHERE f.merchant_id = $1 AND f.member_id = $2 AND f.template_id = coupon_quota.template_id"
                " AND f.day = coupon_quota.day)",
                ARGS(m->from_id, m->into_id)));
    return db_exec(c, "DELETE FROM coupon_merge WHERE merchant_id = $1 AND merge_id = $2", ARGS(m->merge_id));
}

Err coupon_reasons_blank(Ctx *c, int64_t member_id) {
    return db_exec(c,
                   "UPDATE coupon_entry SET reason = '' WHERE merchant_id = $1 AND reason <> '' AND coupon_id IN"
                   " (SELECT coupon_id FROM coupon WHERE merchant_id = $1 AND member_id = $2)",
                   ARGS(member_id));
}
