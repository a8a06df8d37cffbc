/* SQL of gifts to friends and of issuing runs. */
#include "domain/coupon/coupon_store.h"

static const char *const gift_status_names[] = { "waiting", "accepted", "back", NULL };
static const char *const run_status_names[] = { "running", "done", "out_of_stock", NULL };

static const Field gift_field[] = {
    FIELD_ID(CouponGift, gift_id),
    FIELD_ID(CouponGift, coupon_id),
    FIELD_ID(CouponGift, from_id),
    FIELD_ID(CouponGift, to_id),
    FIELD(CouponGift, code, .skip_zero = true, .about = "whoever has it may take the coupon"),
    FIELD(CouponGift, link, .skip_zero = true),
    FIELD_ENUM(CouponGift, status, gift_status_names),
    FIELD(CouponGift, until_at, .about = "then it comes back by itself"),
    FIELD(CouponGift, created_at),
};
const Fields coupon_gift_fields = FIELDS(CouponGift, gift_field);

static const Field run_field[] = {
    FIELD_ID(CouponRun, run_id),
    FIELD_ID(CouponRun, template_id),
    FIELD(CouponRun, count),
    FIELD_ID(CouponRun, tag_id, .skip_zero = true),
    FIELD(CouponRun, stage, .skip_zero = true),
    FIELD_ENUM(CouponRun, status, run_status_names),
    FIELD_ID(CouponRun, at_member_id, .skip_zero = true),
    FIELD(CouponRun, members, .about = "got theirs"),
    FIELD(CouponRun, skipped, .about = "had theirs already, or may not have any"),
    FIELD(CouponRun, reason),
    FIELD_ID(CouponRun, actor_id),
    FIELD(CouponRun, created_at),
    FIELD_ID(CouponRun, approval_id, .skip_zero = true, .about = "nothing moved yet: waits for a second person"),
};
const Fields coupon_run_fields = FIELDS(CouponRun, run_field);

Err coupon_gift_insert(Ctx *c, const CouponGift *g) {
    return db_exec(c,
                   "INSERT INTO coupon_gift (merchant_id, gift_id, coupon_id, from_id, to_id, code, status, until_at,"
                   " created_at) VALUES ($1, $2, $3, $4, 0, $5, 'waiting', $6, $7)",
                   ARGS(g->gift_id, g->coupon_id, g->from_id, g->code, g->until_at, g->created_at));
}

#define GIFT_ROW                                                                                                       \
    "SELECT gift_id, coupon_id, from_id, to_id, code, status, until_at, created_at FROM coupon_gift"                   \
    " WHERE merchant_id = $1"

Err coupon_gift_by_code(Ctx *c, Str code, CouponGift *ret_gift, bool *ret_found) {
    return db_find(c, GIFT_ROW " AND code = $2", ARGS(code), &coupon_gift_fields, ret_gift, ret_found);
}

Err coupon_gift_of_coupon(Ctx *c, int64_t coupon_id, CouponGift *ret_gift, bool *ret_found) {
    return db_find(c, GIFT_ROW " AND coupon_id = $2 AND status = 'waiting' LIMIT 1", ARGS(coupon_id),
                   &coupon_gift_fields, ret_gift, ret_found);
}

Err coupon_gift_mark(Ctx *c, int64_t gift_id, GiftStatus status, int64_t to_id, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE coupon_gift SET status = $3, to_id = $4"
                  " WHERE merchant_id = $1 AND gift_id = $2 AND status = 'waiting'",
                  ARGS(gift_id, gift_status_names[status], to_id), &changed));
    *ret_done = changed == 1;
    return OK;
}

Err coupon_gifts_of_member(Ctx *c, int64_t member_id, CouponGifts *ret_list) {
    return db_rows(c, GIFT_ROW " AND from_id = $2 ORDER BY gift_id DESC LIMIT $3", ARGS(member_id, (int64_t)PAGE_MAX),
                   &coupon_gift_fields, PAGE_MAX, (ListAny *)ret_list);
}

Err coupon_gifts_due(Ctx *c, int64_t most, CouponGifts *ret_list) {
    return db_rows(c, GIFT_ROW " AND status = 'waiting' AND until_at <= $2 ORDER BY until_at, gift_id LIMIT $3",
                   ARGS(c->now, most), &coupon_gift_fields, most, (ListAny *)ret_list);
}

/* ---- runs ---- */

Err coupon_run_insert(Ctx *c, const CouponRun *r) {
    return db_exec(
        c,
        "INSERT INTO coupon_run (merchant_id, run_id, template_id, count, tag_id, stage, status,"
        " at_member_id, members, skipped, reason, actor_id, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, 'running', 0, 0, 0, $7, $8, $9)",
        ARGS(r->run_id, r->template_id, r->count, r->tag_id, r->stage, r->reason, r->actor_id, r->created_at));
}

Err coupon_run_write(Ctx *c, const CouponRun *r, int64_t was_at) {
    return db_exec(c,
                   "UPDATE coupon_run SET status = $3, at_member_id = $4, members = $5, skipped = $6"
                   " WHERE merchant_id = $1 AND run_id = $2 AND status = 'running' AND at_member_id = $7",
                   ARGS(r->run_id, run_status_names[r->status], r->at_member_id, r->members, r->skipped, was_at));
}

#define RUN_ROW                                                                                                        \
    "SELECT run_id, template_id, count, tag_id, stage, status, at_member_id, members, skipped, reason, actor_id,"      \
    " created_at FROM coupon_run WHERE merchant_id = $1"

Err coupon_run_find(Ctx *c, int64_t run_id, CouponRun *ret_run, bool *ret_found) {
    return db_find(c, RUN_ROW " AND run_id = $2", ARGS(run_id), &coupon_run_fields, ret_run, ret_found);
}

Err coupon_runs_open(Ctx *c, CouponRuns *ret_list) {
    return db_rows(c, RUN_ROW " AND status = 'running' ORDER BY run_id LIMIT $2", ARGS((int64_t)PAGE_DEFAULT),
                   &coupon_run_fields, PAGE_DEFAULT, (ListAny *)ret_list);
}

Err coupon_run_page(Ctx *c, int64_t below_id, int64_t most, CouponRuns *ret_list) {
    return db_rows(c, RUN_ROW " AND run_id < $2 ORDER BY run_id DESC LIMIT $3", ARGS(below_id, most),
                   &coupon_run_fields, most, (ListAny *)ret_list);
}
