/* What a template may say, who may have its coupons, and how many. */
#include "base/fen.h"
#include "domain/coupon/coupon_store.h"

Err coupon_template_read(Ctx *c, int64_t template_id, CouponTemplate *ret_template) {
    bool found = false;
    TRY(coupon_template_find(c, template_id, ret_template, &found));
    return found ? OK : fail(c, E_NOT_FOUND, "coupon.unknown", "没有这张券", "no such coupon");
}

/* ---- the rule ---- */

#define NEED(is_right, field, zh, en)                                                                                  \
    do {                                                                                                               \
        if (!(is_right)) complain(c, S(field), "coupon.rule", zh, en);                                                 \
    } while (0)

static void check_kind(Ctx *c, const CouponTemplate *t) {
    switch (t->kind) {
    case COUPON_CASH:
        NEED(t->off_fen > 0, "/off_fen", "请写减多少钱", "say how much comes off");
        NEED(t->threshold_fen == 0 && !t->every, "/threshold_fen", "无门槛券没有门槛，请用满减券",
             "cash off has no threshold: use full");
        return;
    case COUPON_FULL:
        NEED(t->off_fen > 0, "/off_fen", "请写减多少钱", "say how much comes off");
        NEED(t->threshold_fen > 0 || t->threshold_pieces > 0, "/threshold_fen", "请写满多少可用",
             "say from how much on");
        NEED(t->threshold_fen == 0 || t->off_fen <= t->threshold_fen, "/off_fen", "减的不能多于满的",
             "more off than the threshold");
        return;
    case COUPON_DISCOUNT:
        NEED(t->rate_bp > 0 && t->rate_bp < RATE_WHOLE_BP, "/rate_bp", "折扣要在 0 和 10 折之间",
             "the rate is between 0 and 10000");
        return;
    case COUPON_FIXED_PRICE:
        NEED(t->price_fen > 0, "/price_fen", "请写一口价", "say the price");
        NEED(t->pieces > 0, "/pieces", "请写件数", "say how many pieces");
        return;
    case COUPON_EXCHANGE:
        NEED(t->pieces > 0, "/pieces", "请写可换件数", "say how many pieces");
        NEED(t->scope.item_ids.count + t->scope.category_ids.count + t->scope.tags.count > 0, "/scope",
             "请写可换哪些商品", "say which goods");
        return;
    case COUPON_GIFT:
        NEED(t->gift_item_id != 0 && t->gift_quantity > 0, "/gift_item_id", "请写赠品和数量", "say the gift");
        return;
    case COUPON_EXPERIENCE:
    case COUPON_DELIVERY:
        return;
    }
}

static void check_days(Ctx *c, const PromoWhen *w) {
    NEED(w->to_day == 0 || w->to_day >= w->from_day, "/when/to_day", "结束早于开始", "it ends before it begins");
    for (int64_t i = 0; i < w->weekdays.count; i++)
        NEED(w->weekdays.items[i] >= 1 && w->weekdays.items[i] <= 7, "/when/weekdays", "星期是 1 到 7",
             "weekdays are 1 to 7");
    for (int64_t i = 0; i < w->not_days.count; i++) {
        const PromoDays *d = &w->not_days.items[i];
        NEED(d->to_day == 0 || d->to_day >= d->from_day, "/when/not_days", "结束早于开始", "it ends before it begins");
    }
}

Err coupon_template_check(Ctx *c, const CouponTemplate *t) {
    check_kind(c, t);
    check_days(c, &t->when);
    NEED(t->valid_days > 0 || t->start_days == 0, "/start_days", "按固定日期的券不能写几天后生效",
         "a fixed range has no start_days");
    NEED(t->valid_days > 0 || t->when.from_day > 0 || t->when.to_day > 0, "/valid_days", "请写有效期",
         "say how long it is good");
    NEED((t->most_period > 0) == (t->period_days > 0), "/period_days", "周期限领要写天数和张数",
         "a limit per period needs both numbers");
    NEED((t->claim == COUPON_CLAIM_PASSWORD) == (t->password.len > 0), "/password", "口令券要写口令，别的券不写",
         "a password belongs to coupons claimed by password");
    NEED(t->on_refund != COUPON_BACK_EXTEND || t->extend_days > 0, "/extend_days", "请写延长几天",
         "say how many days it is extended");
    NEED(t->claim_to_day == 0 || t->claim_to_day >= t->claim_from_day, "/claim_to_day", "结束早于开始",
         "it ends before it begins");
    return complaints_refuse(c);
}

static Err note(Ctx *c, const char *action, const CouponTemplate *before, const CouponTemplate *after) {
    return audit(c, &(AuditNote){ .action = action,
                                  .subject = "coupon_template",
                                  .subject_id = after->template_id,
                                  .fields = &coupon_template_fields,
                                  .before = before,
                                  .after = after });
}

Err coupon_template_create(Ctx *c, const CouponTemplate *in, CouponTemplate *ret_template) {
    CouponTemplate t = *in;
    TRY(coupon_template_check(c, in));
    t.template_id = id_new(c);
    t.version = 1;
    TRY(coupon_template_insert(c, &t));
    TRY(coupon_template_read(c, t.template_id, ret_template));
    return note(c, "coupon.template_create", NULL, ret_template);
}

Err coupon_template_update(Ctx *c, const CouponTemplate *in, CouponTemplate *ret_template) {
    CouponTemplate old, t = *in;
    bool done = false;
    TRY(coupon_template_check(c, in));
    TRY(coupon_template_read(c, in->template_id, &old));
    if (in->version != 0 && in->version != old.version)
        return fail(c, E_STALE, "coupon.stale", "券模板刚被别人修改，请刷新", "somebody else changed it");
    t.version = old.version + 1;
    TRY(coupon_template_write(c, &t, &done));
    if (!done) {
        fail_number(c, "issued_count", old.issued_count);
        return fail(c, E_CONFLICT, "coupon.stock_below", "已发 %lld 张，库存不能更少",
                    "%lld are out already: the stock cannot be less", (long long)old.issued_count);
    }
    TRY(coupon_template_read(c, t.template_id, ret_template));
    return note(c, "coupon.template_change", &old, ret_template);
}

int64_t coupon_worth_fen(const CouponTemplate *t) {
    if (t->worth_fen > 0) return t->worth_fen;
    return t->off_fen > 0 ? t->off_fen : t->cap_fen;
}

/* ---- gates ---- */

static bool has_tag(const TagList *tags, const StrList *wanted) {
    for (int64_t i = 0; i < tags->count; i++)
        for (int64_t k = 0; k < wanted->count; k++)
            if (str_equal(tags->items[i].name, wanted->items[k]) || str_equal(tags->items[i].key, wanted->items[k]))
                return true;
    return false;
}

Err coupon_is_one_of(Ctx *c, const PromoWho *who, int64_t member_id, bool *ret_is) {
    MemberCard card;
    TagList tags = { 0 };
    const Zone *zone;
    int64_t today;
    bool is_tier = who->tier_ids.count == 0, is_birthday = who->birthday == PROMO_BIRTHDAY_ANY;
    TRY(member_card(c, member_id, &card));
    TRY(coupon_today(c, 0, &zone, &today));
    for (int64_t i = 0; i < who->tier_ids.count; i++) is_tier = is_tier || who->tier_ids.items[i] == card.tier_id;
    if (who->birthday == PROMO_BIRTHDAY_DAY) is_birthday = member_is_birthday(&card, today);
    if (who->birthday == PROMO_BIRTHDAY_MONTH) is_birthday = member_is_birthday_month(&card, today);
    if (who->tags.count > 0) TRY(tag_list(c, member_id, &tags));
    *ret_is = is_tier && is_birthday && (who->tags.count == 0 || has_tag(&tags, &who->tags)) &&
              (!who->first_order || card.orders == 0);
    return OK;
}

Err coupon_need_gate(Ctx *c, const CouponTemplate *t, int64_t member_id) {
    bool is_in = false;
    const Zone *zone;
    int64_t today;
    TRY(coupon_is_one_of(c, &t->claim_who, member_id, &is_in));
    if (!is_in)
        return fail(c, E_CONFLICT, "coupon.gate", "这种券只给指定等级或指定会员", "this coupon is for other members");
    TRY(coupon_today(c, 0, &zone, &today));
    if (t->claim_from_day != 0 && today < t->claim_from_day) {
        fail_number(c, "claim_from_day", t->claim_from_day);
        return fail(c, E_CONFLICT, "coupon.claim_early", "还没开始领", "claims have not begun");
    }
    if (t->claim_to_day == 0 || today <= t->claim_to_day) return OK;
    return fail(c, E_CONFLICT, "coupon.claim_over", "领券已结束", "claims are over");
}

/* ---- limits of a member ---- */

static int64_t period_from(const CouponTemplate *t, int64_t today) { return day_add(today, 1 - t->period_days); }

Err coupon_quota_room(Ctx *c, const CouponTemplate *t, int64_t member_id, int64_t today, int64_t *ret_room) {
    const int64_t most[] = { t->most_total, t->most_day, t->most_period };
    const int64_t from[] = { 0, today, t->most_period > 0 ? period_from(t, today) : 0 };
    *ret_room = INT64_MAX;
    for (int64_t i = 0; i < COUNT_OF(most); i++) {
        int64_t had = 0;
        if (most[i] == 0) continue;
        TRY(coupon_quota_sum(c, member_id, t->template_id, from[i], &had));
        int64_t room = most[i] > had ? most[i] - had : 0;
        if (room < *ret_room) *ret_room = room;
    }
    return OK;
}

Err coupon_room(Ctx *c, int64_t template_id, int64_t member_id, int64_t *ret_room) {
    CouponTemplate t;
    const Zone *zone;
    int64_t today, left;
    TRY(coupon_template_read(c, template_id, &t));
    TRY(coupon_today(c, 0, &zone, &today));
    TRY(coupon_quota_room(c, &t, member_id, today, ret_room));
    left = t.stock > 0 ? t.stock - t.issued_count : INT64_MAX;
    if (left < *ret_room) *ret_room = left;
    if (t.state != COUPON_ON || (t.when.to_day != 0 && t.when.to_day < today)) *ret_room = 0;
    return OK;
}

/* The row of the total is written first: it stands for all of this member's coupons of the template. */
Err coupon_quota_take(Ctx *c, const CouponTemplate *t, int64_t member_id, int64_t count, int64_t today) {
    int64_t room;
    bool done = false;
    TRY(coupon_quota_add(c, member_id, t->template_id, 0, count, t->most_total > 0 ? t->most_total : INT64_MAX, &done));
    if (done && t->most_period > 0) {
        TRY(coupon_quota_sum(c, member_id, t->template_id, period_from(t, today), &room));
        done = room + count <= t->most_period;
    }
    if (done && (t->most_day > 0 || t->most_period > 0))
        TRY(coupon_quota_add(c, member_id, t->template_id, today, count, t->most_day > 0 ? t->most_day : INT64_MAX,
                             &done));
    if (done) return OK;
    fail_number(c, "most_total", t->most_total);
    fail_number(c, "most_day", t->most_day);
    fail_number(c, "most_period", t->most_period);
    return fail(c, E_CONFLICT, "coupon.limit", "每人限领的张数已满", "this member has as many as one may have");
}
