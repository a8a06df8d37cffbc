#include "domain/coupon/coupon.h"
#include "base/code.h"
#include "base/fen.h"
#include "domain/coupon/coupon_store.h"
#include <assert.h>

enum { JOB_BATCH = 200 };

Err coupon_today(Ctx *c, int64_t shop_id, const Zone **ret_zone, int64_t *ret_day) {
    Str zone;
    TRY(shop_zone(c, shop_id, &zone));
    *ret_zone = app_zone(c, zone);
    *ret_day = day_at(*ret_zone, c->now);
    return OK;
}

Err coupon_unknown(Ctx *c) { return fail(c, E_NOT_FOUND, "coupon.unknown", "没有这张券", "no such coupon"); }

Err coupon_read(Ctx *c, int64_t coupon_id, Coupon *ret_coupon) {
    bool found = false;
    TRY(coupon_find(c, coupon_id, ret_coupon, &found));
    return found ? OK : coupon_unknown(c);
}

/* ---- issuing ---- */

static void validity(Ctx *c, const CouponTemplate *t, const Zone *zone, int64_t today, Coupon *k) {
    int64_t end = t->when.to_day != 0 ? day_end(zone, t->when.to_day) : 0;
    k->from_at = t->when.from_day != 0 ? day_start(zone, t->when.from_day) : c->now;
    if (t->valid_days > 0) {
        int64_t first = day_add(today, t->start_days);
        if (t->start_days > 0) k->from_at = day_start(zone, first);
        k->expires_at = day_end(zone, day_add(first, t->valid_days - 1));
    }
    if (end != 0 && (k->expires_at == 0 || end < k->expires_at)) k->expires_at = end;
}

static Err need_open(Ctx *c, const CouponTemplate *t, const Coupon *k) {
    if (t->state != COUPON_ON)
        return fail(c, E_CONFLICT, "coupon.closed", "这种券已停止发放", "this coupon is no longer issued");
    if (k->expires_at == 0 || k->expires_at >= c->now) return OK;
    return fail(c, E_CONFLICT, "coupon.range_over", "这种券的有效期已过", "the time of this coupon is over");
}

static Err out_of_stock(Ctx *c, const CouponTemplate *t) {
    fail_number(c, "left_count", t->stock > t->issued_count ? t->stock - t->issued_count : 0);
    return fail(c, E_CONFLICT, "coupon.out_of_stock", "这种券已发完", "no more of this coupon");
}

/* Answers a twin: what the key gave the first time. */
static Err again(Ctx *c, const CouponIssue *issue, Coupons *ret_coupons, bool *ret_is_duplicate) {
    TRY(coupons_of_source(c, issue, ret_coupons));
    if (ret_is_duplicate != NULL) *ret_is_duplicate = true;
    return OK;
}

Err coupon_issue(Ctx *c, const CouponIssue *issue, Coupons *ret_coupons, bool *ret_is_duplicate) {
    assert(issue->count >= 1 && issue->count <= COUPON_BATCH_MAX && issue->source != NULL);
    CouponTemplate t;
    Coupon k = { .template_id = issue->template_id,
                 .member_id = issue->member_id,
                 .status = COUPON_ISSUED,
                 .source = str_of(issue->source),
                 .source_id = issue->source_id,
                 .issued_at = c->now };
    const Zone *zone;
    MemberCard card;
    int64_t today;
    bool done = false, is_new = false;
    if (ret_is_duplicate != NULL) *ret_is_duplicate = false;
    if (issue->member_id != 0) TRY(member_lock(c, issue->member_id, &card));
    TRY(coupons_of_source(c, issue, ret_coupons));
    if (ret_coupons->count > 0) return again(c, issue, ret_coupons, ret_is_duplicate);
    if (issue->member_id != 0) TRY(member_card_need_right(c, &card, 0));
    TRY(coupon_template_read(c, issue->template_id, &t));
    TRY(coupon_today(c, 0, &zone, &today));
    validity(c, &t, zone, today, &k);
    TRY(need_open(c, &t, &k));
    if (issue->is_claim) TRY(coupon_need_gate(c, &t, issue->member_id));
    TRY(coupon_supply_take(c, issue->template_id, issue->count, &done));
    if (!done) return out_of_stock(c, &t);
    if (issue->member_id != 0) TRY(coupon_quota_take(c, &t, issue->member_id, issue->count, today));
    *ret_coupons = (Coupons){ NEW_LIST(c->arena, Coupon, issue->count), issue->count };
    k.version = t.version;
    for (int64_t i = 0; i < issue->count; i++) {
        k.coupon_id = id_new(c);
        k.code = code_new(c->arena, c->rng);
        TRY(coupon_insert(c, &k, issue->member_id, i + 1, &is_new));
        assert(is_new && "the member's card is locked: no twin comes between");
        TRY(coupon_entry_insert(c, &k, "issue", (Str){ 0 }));
        ret_coupons->items[i] = k;
    }
    return OK;
}

Err coupon_unused(Ctx *c, const CouponIssue *issue, int64_t *ret_unused) {
    Coupons list = { 0 };
    *ret_unused = 0;
    TRY(coupons_of_source(c, issue, &list));
    for (int64_t i = 0; i < list.count; i++) *ret_unused += list.items[i].status == COUPON_ISSUED;
    return OK;
}

Err coupon_unissue(Ctx *c, const CouponIssue *issue, Str reason, int64_t *ret_voided, int64_t *ret_gone) {
    Coupons list = { 0 };
    *ret_voided = *ret_gone = 0;
    TRY(coupons_of_source(c, issue, &list));
    for (int64_t i = 0; i < list.count && *ret_voided < issue->count; i++) {
        Coupon *k = &list.items[i];
        bool done = false;
        if (k->status == COUPON_ISSUED) TRY(coupon_mark_over(c, k->coupon_id, COUPON_ISSUED, COUPON_VOID, &done));
        if (!done) continue;
        k->status = COUPON_VOID;
        TRY(coupon_entry_insert(c, k, "take_back", reason));
        ++*ret_voided;
    }
    *ret_gone = issue->count - *ret_voided;
    return OK;
}

/* ---- lock, use, release, return ---- */

Err coupon_refuse(Ctx *c, const Coupon *k, const CouponMove *m) {
    if (k->member_id != 0 && k->member_id != m->member_id)
        return fail(c, E_CONFLICT, "coupon.other_member", "这张券是另一位会员的", "this coupon is another member's");
    switch (k->status) {
    case COUPON_EXPIRED:
        return fail(c, E_CONFLICT, "coupon.expired", "券已过期", "the coupon has expired");
    case COUPON_VOID:
        return fail(c, E_CONFLICT, "coupon.void", "券已作废", "the coupon is void");
    case COUPON_GIVING:
        return fail(c, E_CONFLICT, "coupon.giving", "券正在送给朋友", "the coupon is on its way to a friend");
    case COUPON_LOCKED:
    case COUPON_USED:
        fail_number(c, "order_id", k->order_id);
        return fail(c, E_CONFLICT, "coupon.taken", "券已被另一笔订单占用或使用",
                    "another order has or had this coupon");
    case COUPON_ISSUED:
        break;
    }
    if (k->from_at > c->now) {
        fail_number(c, "from_at", k->from_at);
        return fail(c, E_CONFLICT, "coupon.not_yet", "券还没到可用的日子", "the coupon is not good yet");
    }
    fail_number(c, "expires_at", k->expires_at);
    return fail(c, E_CONFLICT, "coupon.expired", "券已过期", "the coupon has expired");
}

typedef Err (*Mark)(Ctx *c, const CouponMove *move, bool *ret_done);
static Err move_on(Ctx *c, const CouponMove *m, Mark mark, CouponStatus to) {
    assert(m->order_id != 0 && m->off_fen >= 0);
    Coupon k;
    bool done = false;
    TRY(mark(c, m, &done));
    if (!done) {
        TRY(coupon_read(c, m->coupon_id, &k));
        return coupon_refuse(c, &k, m);
    }
    k = (Coupon){ .coupon_id = m->coupon_id,
                  .status = to,
                  .member_id = m->member_id,
                  .order_id = m->order_id,
                  .off_fen = m->off_fen,
                  .shop_id = m->shop_id };
    return coupon_entry_insert(c, &k, to == COUPON_USED ? "use" : "lock", (Str){ 0 });
}

Err coupon_lock(Ctx *c, const CouponMove *move) { return move_on(c, move, coupon_mark_locked, COUPON_LOCKED); }
Err coupon_use(Ctx *c, const CouponMove *move) { return move_on(c, move, coupon_mark_used, COUPON_USED); }

static Err set_free(Ctx *c, Coupon *k, const char *action, int64_t expires_at, Str reason, bool *ret_done) {
    TRY(coupon_mark_free(c, k->coupon_id, k->status, k->order_id, expires_at, ret_done));
    if (!*ret_done) return OK;
    k->status = COUPON_ISSUED;
    k->expires_at = expires_at;
    TRY(coupon_entry_insert(c, k, action, reason));
    k->order_id = k->shop_id = k->off_fen = k->used_at = 0;
    return OK;
}

Err coupon_release(Ctx *c, int64_t order_id) {
    Coupons list = { 0 };
    bool done = false;
    TRY(coupons_of_order(c, order_id, &list));
    for (int64_t i = 0; i < list.count; i++)
        TRY(set_free(c, &list.items[i], "release", list.items[i].expires_at, (Str){ 0 }, &done));
    return OK;
}

static bool comes_back(Ctx *c, const CouponTemplate *t, const Zone *zone, int64_t today, int64_t *expires_at) {
    bool is_over = *expires_at != 0 && *expires_at < c->now;
    int64_t extended = day_end(zone, day_add(today, t->extend_days));
    switch (t->on_refund) {
    case COUPON_BACK_UNEXPIRED:
        return !is_over;
    case COUPON_BACK:
        if (is_over) *expires_at = day_end(zone, today);
        return true;
    case COUPON_BACK_EXTEND:
        if (*expires_at != 0 && *expires_at < extended) *expires_at = extended;
        return true;
    case COUPON_BACK_KEEP:
        break;
    }
    return false;
}

Err coupon_return(Ctx *c, int64_t order_id, int64_t coupon_id, int64_t refund_id, bool is_whole, bool *ret_back) {
    Coupon k;
    CouponTemplate t;
    const Zone *zone;
    int64_t today;
    bool done = false;
    if (ret_back != NULL) *ret_back = false;
    if (!is_whole) return OK;
    TRY(coupon_read(c, coupon_id, &k));
    if (k.status != COUPON_USED || k.order_id != order_id) return OK;
    TRY(coupon_template_version(c, k.template_id, k.version, &t));
    TRY(coupon_today(c, k.shop_id, &zone, &today));
    int64_t expires_at = k.expires_at;
    if (!comes_back(c, &t, zone, today, &expires_at)) return OK;
    Str reason = arena_print(c->arena, "refund %lld", (long long)refund_id);
    TRY(set_free(c, &k, "return", expires_at, reason, &done));
    if (ret_back != NULL) *ret_back = done;
    return OK;
}

/* ---- by hand ---- */

Err coupon_void(Ctx *c, int64_t coupon_id, Str reason, Coupon *ret_coupon) {
    CouponGift gift;
    bool done = false, found = false;
    TRY(coupon_read(c, coupon_id, ret_coupon));
    if (ret_coupon->status == COUPON_VOID) return OK;
    bool may = ret_coupon->status == COUPON_ISSUED || ret_coupon->status == COUPON_GIVING;
    if (ret_coupon->status == COUPON_GIVING) {
        TRY(coupon_gift_of_coupon(c, coupon_id, &gift, &found));
        if (found) TRY(coupon_gift_mark(c, gift.gift_id, GIFT_BACK, 0, &found));
    }
    if (may) TRY(coupon_mark_over(c, coupon_id, ret_coupon->status, COUPON_VOID, &done));
    if (!done) return coupon_refuse(c, ret_coupon, &(CouponMove){ .member_id = ret_coupon->member_id });
    ret_coupon->status = COUPON_VOID;
    return coupon_entry_insert(c, ret_coupon, "void", reason);
}

/* An experience is had on the spot: no order, and a number of the till so that a repeated call is the same one. */
Err coupon_redeem(Ctx *c, const CouponRedeem *redeem, Coupon *k) {
    CouponTemplate t;
    CouponViews views = { 0 };
    TRY(coupon_template_version(c, k->template_id, k->version, &t));
    if (t.kind != COUPON_EXPERIENCE)
        return fail(c, E_CONFLICT, "coupon.not_experience", "这张券要在订单里使用", "this coupon is used in an order");
    if (k->member_id != 0) TRY(member_need_right(c, k->member_id, RIGHT_USE_COUPONS));
    TRY(shop_need_open(c, redeem->shop_id, 0));
    TRY(coupon_views(c, k->member_id, redeem->shop_id, &(Coupons){ k, 1 }, &views));
    CouponMove move = { k->coupon_id, k->member_id, id_new(c), redeem->shop_id, 0 };
    if (k->status == COUPON_ISSUED && views.items[0].why_not_code.len > 0) return coupon_not_now(c, &views.items[0]);
    TRY(coupon_use(c, &move));
    return coupon_read(c, k->coupon_id, k);
}

Err coupon_redeem_undo(Ctx *c, int64_t coupon_id, Str reason, Coupon *ret_coupon) {
    CouponTemplate t;
    bool done = false;
    TRY(coupon_read(c, coupon_id, ret_coupon));
    TRY(auth_need_shop(c, ret_coupon->shop_id != 0 ? ret_coupon->shop_id : c->shop_id));
    TRY(coupon_template_version(c, ret_coupon->template_id, ret_coupon->version, &t));
    if (t.kind == COUPON_EXPERIENCE && ret_coupon->status == COUPON_USED)
        TRY(set_free(c, ret_coupon, "return", ret_coupon->expires_at, reason, &done));
    return done
               ? OK
               : fail(c, E_CONFLICT, "coupon.not_redeemed", "这张券没有核销，不能撤销", "this coupon was not redeemed");
}

/* ---- what time does ---- */

Err coupon_job_expire(Ctx *c, int64_t due_at, bool *ret_more) {
    (void)due_at;
    Coupons list = { 0 };
    TRY(coupons_due(c, JOB_BATCH, &list));
    for (int64_t i = 0; i < list.count; i++) {
        Coupon *k = &list.items[i];
        bool done = false;
        TRY(coupon_mark_over(c, k->coupon_id, COUPON_ISSUED, COUPON_EXPIRED, &done));
        k->status = COUPON_EXPIRED;
        if (done) TRY(coupon_entry_insert(c, k, "expire", (Str){ 0 }));
    }
    *ret_more = list.count == JOB_BATCH;
    return OK;
}
