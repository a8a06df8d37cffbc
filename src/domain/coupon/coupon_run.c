/* Issuing to many, batch after batch, and what must be true of coupons. */
#include "domain/coupon/coupon_store.h"

enum { RUN_BATCH = 100 };

static Err next_members(Ctx *c, const CouponRun *r, IntList *ret_ids, bool *ret_more, int64_t *ret_at) {
    MemberCards cards = { 0 };
    if (r->tag_id != 0) {
        TRY(tag_members(c, r->tag_id, r->at_member_id, RUN_BATCH, ret_ids));
        *ret_more = ret_ids->count == RUN_BATCH;
        if (ret_ids->count > 0) *ret_at = ret_ids->items[ret_ids->count - 1];
        return OK;
    }
    TRY(member_walk(c, r->at_member_id, RUN_BATCH, &cards));
    *ret_ids = (IntList){ NEW_LIST(c->arena, int64_t, cards.count + 1), 0 };
    for (int64_t i = 0; i < cards.count; i++)
        if (str_is(r->stage, member_stage_names[cards.items[i].stage]))
            ret_ids->items[ret_ids->count++] = cards.items[i].member_id;
    *ret_more = cards.count == RUN_BATCH;
    if (cards.count > 0) *ret_at = cards.items[cards.count - 1].member_id;
    return OK;
}

/* Nobody is refused here: who may not have one is passed over. */
static Err issue_one(Ctx *c, CouponRun *r, const CouponTemplate *t, int64_t member_id, int64_t today) {
    MemberCard card;
    Coupons list = { 0 };
    int64_t room = 0;
    bool is_duplicate = false;
    TRY(member_lock(c, member_id, &card));
    if (card.status == MEMBER_ACTIVE) TRY(coupon_quota_room(c, t, member_id, today, &room));
    if (room >= r->count)
        TRY(coupon_issue(c,
                         &(CouponIssue){ .member_id = member_id,
                                         .template_id = t->template_id,
                                         .count = r->count,
                                         .source = "run",
                                         .source_id = r->run_id },
                         &list, &is_duplicate));
    bool got = list.count > 0 && !is_duplicate;
    r->members += got;
    r->skipped += !got;
    return OK;
}

static Err run_batch(Ctx *c, CouponRun *r) {
    CouponTemplate t;
    IntList ids = { 0 };
    const Zone *zone;
    int64_t today, was_at = r->at_member_id, next_at = was_at;
    bool more = false;
    TRY(coupon_template_read(c, r->template_id, &t));
    TRY(coupon_today(c, 0, &zone, &today));
    TRY(next_members(c, r, &ids, &more, &next_at));
    int64_t left = t.stock > 0 ? t.stock - t.issued_count : INT64_MAX;
    bool is_over = t.state != COUPON_ON || (t.valid_days == 0 && t.when.to_day != 0 && t.when.to_day < today);
    r->status = is_over || !more ? RUN_DONE : RUN_RUNNING;
    for (int64_t i = 0; i < ids.count && !is_over; i++) {
        if (left < r->count) {
            r->status = RUN_OUT_OF_STOCK;
            break;
        }
        int64_t members = r->members;
        TRY(issue_one(c, r, &t, ids.items[i], today));
        if (r->members > members && left != INT64_MAX) left -= r->count;
    }
    r->at_member_id = next_at;
    return coupon_run_write(c, r, was_at);
}

static const char *const *stage_named(Str stage) {
    for (const char *const *name = member_stage_names; *name != NULL; name++)
        if (str_is(stage, *name)) return name;
    return NULL;
}

Err coupon_run_start(Ctx *c, const CouponRun *in, CouponRun *ret_run) {
    CouponTemplate t;
    CouponSetting setting;
    CouponRun r = *in;
    if ((r.tag_id != 0) == (r.stage.len > 0) || (r.stage.len > 0 && stage_named(r.stage) == NULL))
        return fail(c, E_INVALID, "coupon.run_whom", "请选一个标签，或一个会员阶段", "say a tag, or a stage of life");
    TRY(coupon_template_read(c, r.template_id, &t));
    if (t.state != COUPON_ON)
        return fail(c, E_CONFLICT, "coupon.closed", "这种券已停止发放", "this coupon is no longer issued");
    TRY(setting_get(c, &coupon_setting, &setting));
    if (setting.approve_runs && !r.is_approved && c->auth != NULL)
        return fail(c, E_CONFLICT, "coupon.needs_approval", "要第二个人审批", "this needs a second person");
    r.run_id = id_new(c);
    r.created_at = c->now;
    r.actor_id = c->actor.id;
    if (r.count == 0) r.count = 1;
    TRY(coupon_run_insert(c, &r));
    TRY(run_batch(c, &r));
    *ret_run = r;
    return audit(c, &(AuditNote){ .action = "coupon.run",
                                  .subject = "coupon_template",
                                  .subject_id = r.template_id,
                                  .reason = r.reason,
                                  .fields = &coupon_run_fields,
                                  .after = &r });
}

Err coupon_job_runs(Ctx *c, int64_t due_at, bool *ret_more) {
    (void)due_at;
    CouponRuns list = { 0 };
    TRY(coupon_runs_open(c, &list));
    *ret_more = list.count > 0;
    if (list.count > 0) TRY(run_batch(c, &list.items[0]));
    return OK;
}

/* ---- Holds ---- */

static Err state_is_last_entry(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report, "SELECT COUNT(*) FROM coupon WHERE merchant_id = $1",
                       "SELECT k.coupon_id AS id, CAST(1 AS BIGINT) AS want, CAST(0 AS BIGINT) AS have FROM coupon k"
                       " LEFT JOIN coupon_entry e ON e.merchant_id = $1 AND e.coupon_id = k.coupon_id AND e.number ="
                       " (SELECT MAX(x.number) FROM coupon_entry x WHERE x.merchant_id = $1"
                       " AND x.coupon_id = k.coupon_id) WHERE k.merchant_id = $1"
                       " AND (e.status IS NULL OR e.status <> k.status OR (k.order_id > 0 AND e.order_id <> k.order_id)"
                       " OR e.off_fen <> k.off_fen AND k.status IN ('locked', 'used'))");
}

static Err used_once(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM coupon WHERE merchant_id = $1 AND status = 'used'",
        "SELECT k.coupon_id AS id, CASE WHEN k.status = 'used' THEN CAST(1 AS BIGINT) ELSE 0 END AS want,"
        " COALESCE(u.uses, 0) AS have FROM coupon k LEFT JOIN (SELECT coupon_id, CAST(SUM(CASE action"
        " WHEN 'use' THEN 1 WHEN 'return' THEN -1 ELSE 0 END) AS BIGINT) AS uses FROM coupon_entry"
        " WHERE merchant_id = $1 GROUP BY coupon_id) u ON u.coupon_id = k.coupon_id"
        " WHERE k.merchant_id = $1"
        " AND COALESCE(u.uses, 0) <> CASE WHEN k.status = 'used' THEN 1 ELSE 0 END");
}

static Err issued_count_is_coupons(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report, "SELECT COUNT(*) FROM coupon_supply WHERE merchant_id = $1",
                       "SELECT s.template_id AS id, COALESCE(k.count, 0) AS want, s.issued_count AS have"
                       " FROM coupon_supply s LEFT JOIN (SELECT template_id, COUNT(*) AS count FROM coupon"
                       " WHERE merchant_id = $1 GROUP BY template_id) k ON k.template_id = s.template_id"
                       " WHERE s.merchant_id = $1 AND (s.issued_count <> COALESCE(k.count, 0)"
                       " OR (s.stock > 0 AND s.issued_count > s.stock))");
}

static Err giving_has_a_gift(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report, "SELECT COUNT(*) FROM coupon_gift WHERE merchant_id = $1",
                       "SELECT k.coupon_id AS id, CAST(1 AS BIGINT) AS want, (SELECT COUNT(*) FROM coupon_gift g"
                       " WHERE g.merchant_id = $1 AND g.coupon_id = k.coupon_id AND g.status = 'waiting') AS have"
                       " FROM coupon k WHERE k.merchant_id = $1 AND (SELECT COUNT(*) FROM coupon_gift g"
                       " WHERE g.merchant_id = $1 AND g.coupon_id = k.coupon_id AND g.status = 'waiting')"
                       " <> CASE WHEN k.status = 'giving' THEN 1 ELSE 0 END");
}

static Err merged_members_have_none(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report, "SELECT COUNT(*) FROM member_card WHERE merchant_id = $1 AND status = 'merged'",
                       "SELECT k.coupon_id AS id, CAST(0 AS BIGINT) AS want, CAST(1 AS BIGINT) AS have FROM coupon k"
                       " JOIN member_card m ON m.merchant_id = $1 AND m.member_id = k.member_id"
                       " WHERE k.merchant_id = $1 AND m.status = 'merged'");
}

const Hold coupon_holds[COUPON_HOLDS] = {
    { "coupon.state_is_what_its_entries_say", state_is_last_entry },
    { "coupon.none_is_used_twice", used_once },
    { "coupon.issued_count_is_its_coupons", issued_count_is_coupons },
    { "coupon.given_ones_have_a_gift", giving_has_a_gift },
    { "coupon.merged_members_have_none", merged_members_have_none },
};
