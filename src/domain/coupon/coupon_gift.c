/* Claims, and gifts to friends. */
#include "base/code.h"
#include "domain/coupon/coupon_store.h"

enum { JOB_BATCH = 200 };

/* ---- claims ---- */

static const Field claim_view_field[] = {
    FIELD_ID(ClaimView, template_id),
    FIELD(ClaimView, name),
    FIELD(ClaimView, terms),
    FIELD_ENUM(ClaimView, kind, coupon_kind_names),
    FIELD(ClaimView, may_claim),
    FIELD(ClaimView, left_count, .skip_zero = true, .about = "absent = no end of them"),
    FIELD(ClaimView, my_room, .skip_zero = true, .about = "how many more I may have; absent = no limit"),
    FIELD(ClaimView, why_not_code, .skip_zero = true),
    FIELD(ClaimView, why_not_zh, .skip_zero = true),
    FIELD(ClaimView, why_not_en, .skip_zero = true),
};
const Fields coupon_claim_view_fields = FIELDS(ClaimView, claim_view_field);

static Err judge_claim(Ctx *c, const CouponTemplate *t, int64_t room) {
    TRY(coupon_need_gate(c, t, auth_member(c)));
    if (t->stock > 0 && t->issued_count >= t->stock)
        return fail(c, E_CONFLICT, "coupon.out_of_stock", "这种券已发完", "no more of this coupon");
    if (room > 0) return OK;
    return fail(c, E_CONFLICT, "coupon.limit", "每人限领的张数已满", "this member has as many as one may have");
}

Err coupon_claim_centre(Ctx *c, int64_t member_id, ClaimViews *ret_views) {
    CouponTemplates list = { 0 };
    const Zone *zone;
    int64_t today, room;
    TRY(coupon_template_claimable(c, &list));
    TRY(coupon_today(c, 0, &zone, &today));
    *ret_views = (ClaimViews){ NEW_LIST(c->arena, ClaimView, list.count + 1), 0 };
    for (int64_t i = 0; i < list.count; i++) {
        const CouponTemplate *t = &list.items[i];
        bool is_over = t->valid_days == 0 && t->when.to_day != 0 && t->when.to_day < today;
        if (t->claim != COUPON_CLAIM_OPEN || is_over) continue;
        TRY(coupon_quota_room(c, t, member_id, today, &room));
        ClaimView *v = &ret_views->items[ret_views->count++];
        *v = (ClaimView){ .template_id = t->template_id,
                          .name = t->name,
                          .terms = t->terms,
                          .kind = t->kind,
                          .may_claim = true,
                          .left_count = t->stock > 0 ? t->stock - t->issued_count : 0,
                          .my_room = room == INT64_MAX ? 0 : room };
        Err err = judge_claim(c, t, room);
        if (err == OK) continue;
        if (err != E_CONFLICT) return err;
        v->may_claim = false;
        v->why_not_code = str_of(c->problem.code);
        v->why_not_zh = c->problem.zh;
        v->why_not_en = c->problem.en;
        problem_clear(c);
    }
    return OK;
}

Err coupon_claim(Ctx *c, int64_t member_id, int64_t template_id, Str password, Coupon *ret_coupon) {
    CouponTemplate t;
    Coupons list = { 0 };
    TRY(coupon_template_read(c, template_id, &t));
    bool is_open = t.claim == COUPON_CLAIM_OPEN ||
                   (t.claim == COUPON_CLAIM_PASSWORD && password.len > 0 && str_equal(t.password, password));
    if (!is_open)
        return fail(c, E_CONFLICT, "coupon.not_claimable", "这种券不能自己领", "this coupon is not for claiming");
    TRY(coupon_issue(c,
                     &(CouponIssue){ .member_id = member_id,
                                     .template_id = template_id,
                                     .count = 1,
                                     .source = "claim",
                                     .source_id = id_new(c),
                                     .is_claim = true },
                     &list, NULL));
    *ret_coupon = list.items[0];
    return OK;
}

Err coupon_take_code(Ctx *c, int64_t member_id, const Coupon *seen, Coupon *ret_coupon) {
    CouponTemplate t;
    Coupon k = *seen;
    MemberCard card;
    const Zone *zone;
    int64_t today;
    bool done = false;
    TRY(member_lock(c, member_id, &card));
    TRY(member_card_need_right(c, &card, 0));
    TRY(coupon_template_read(c, k.template_id, &t));
    TRY(coupon_need_gate(c, &t, member_id));
    TRY(coupon_today(c, 0, &zone, &today));
    TRY(coupon_quota_take(c, &t, member_id, 1, today));
    k.member_id = member_id;
    if (k.status == COUPON_ISSUED) TRY(coupon_mark_owner(c, &k, COUPON_ISSUED, &done));
    if (!done) {
        TRY(coupon_read(c, k.coupon_id, &k));
        return coupon_refuse(c, &k, &(CouponMove){ .member_id = k.member_id == member_id ? 0 : member_id });
    }
    *ret_coupon = k;
    return coupon_entry_insert(c, &k, "claim", (Str){ 0 });
}

/* ---- gifts ---- */

Err coupon_give(Ctx *c, int64_t member_id, int64_t coupon_id, CouponGift *ret_gift) {
    Coupon k;
    CouponTemplate t;
    MemberCard card;
    bool done = false;
    TRY(member_lock(c, member_id, &card));
    TRY(member_card_need_right(c, &card, RIGHT_USE_COUPONS));
    TRY(coupon_read(c, coupon_id, &k));
    if (k.member_id != member_id) return coupon_unknown(c);
    TRY(coupon_template_version(c, k.template_id, k.version, &t));
    if (!t.may_give)
        return fail(c, E_CONFLICT, "coupon.not_giveable", "这种券不能转赠", "this coupon cannot be given away");
    bool is_over = k.expires_at != 0 && k.expires_at < c->now;
    if (k.status == COUPON_ISSUED && !is_over) TRY(coupon_mark_over(c, coupon_id, COUPON_ISSUED, COUPON_GIVING, &done));
    if (!done) return coupon_refuse(c, &k, &(CouponMove){ .member_id = member_id });
    k.status = COUPON_GIVING;
    int64_t until = c->now + (t.give_hours > 0 ? t.give_hours : COUPON_GIFT_HOURS) * HOUR_MS;
    *ret_gift = (CouponGift){ .gift_id = id_new(c),
                              .coupon_id = coupon_id,
                              .from_id = member_id,
                              .code = code_new(c->arena, c->rng),
                              .status = GIFT_WAITING,
                              .created_at = c->now,
                              .until_at = k.expires_at != 0 && k.expires_at < until ? k.expires_at : until };
    if (c->app->config.public_url.len > 0)
        ret_gift->link = ARENA_JOIN(c->arena, c->app->config.public_url, S("/coupon-gift/"), ret_gift->code);
    TRY(coupon_gift_insert(c, ret_gift));
    return coupon_entry_insert(c, &k, "give", (Str){ 0 });
}

static Err take_back(Ctx *c, CouponGift *gift, const char *action) {
    Coupon k;
    bool done = false;
    TRY(coupon_mark_over(c, gift->coupon_id, COUPON_GIVING, COUPON_ISSUED, &done));
    if (done) TRY(coupon_gift_mark(c, gift->gift_id, GIFT_BACK, 0, &done));
    if (!done) return fail(c, E_CONFLICT, "coupon.gift_over", "这份赠送已结束", "this gift is over");
    gift->status = GIFT_BACK;
    TRY(coupon_read(c, gift->coupon_id, &k));
    return coupon_entry_insert(c, &k, action, (Str){ 0 });
}

Err coupon_give_back(Ctx *c, int64_t member_id, int64_t coupon_id, CouponGift *ret_gift) {
    bool found = false;
    TRY(coupon_gift_of_coupon(c, coupon_id, ret_gift, &found));
    if (!found || ret_gift->from_id != member_id)
        return fail(c, E_CONFLICT, "coupon.gift_over", "这份赠送已结束", "this gift is over");
    return take_back(c, ret_gift, "give_back");
}

/* Under another code, for the giver knows the old one. It counts in the limits of whoever takes it. */
Err coupon_accept(Ctx *c, int64_t member_id, Str code, CouponGift *gift) {
    Coupon k;
    CouponTemplate t;
    MemberCard card;
    const Zone *zone;
    int64_t today;
    bool found = false, done = false;
    TRY(member_lock(c, member_id, &card));
    TRY(member_card_need_right(c, &card, 0));
    TRY(coupon_gift_by_code(c, code, gift, &found));
    if (!found) return coupon_unknown(c);
    if (gift->status == GIFT_ACCEPTED && gift->to_id == member_id) return OK;
    if (gift->from_id == member_id)
        return fail(c, E_CONFLICT, "coupon.gift_own", "这是您自己送出的券", "this is your own gift");
    TRY(coupon_read(c, gift->coupon_id, &k));
    TRY(coupon_template_read(c, k.template_id, &t));
    TRY(coupon_today(c, 0, &zone, &today));
    TRY(coupon_quota_take(c, &t, member_id, 1, today));
    k.member_id = member_id;
    k.code = code_new(c->arena, c->rng);
    if (gift->until_at > c->now) TRY(coupon_mark_owner(c, &k, COUPON_GIVING, &done));
    if (done) TRY(coupon_gift_mark(c, gift->gift_id, GIFT_ACCEPTED, member_id, &done));
    if (!done) return fail(c, E_CONFLICT, "coupon.gift_over", "这份赠送已结束", "this gift is over");
    gift->status = GIFT_ACCEPTED;
    gift->to_id = member_id;
    k.status = COUPON_ISSUED;
    TRY(coupon_entry_insert(c, &k, "accept", (Str){ 0 }));
    return emit(c, &coupon_accepted, gift->from_id,
                &(CouponAccepted){ .gift_id = gift->gift_id,
                                   .coupon_id = k.coupon_id,
                                   .template_id = k.template_id,
                                   .from_id = gift->from_id,
                                   .to_id = member_id });
}

Err coupon_job_gifts(Ctx *c, int64_t due_at, bool *ret_more) {
    (void)due_at;
    CouponGifts list = { 0 };
    TRY(coupon_gifts_due(c, JOB_BATCH, &list));
    for (int64_t i = 0; i < list.count; i++) TRY(take_back(c, &list.items[i], "give_back"));
    *ret_more = list.count == JOB_BATCH;
    return OK;
}
