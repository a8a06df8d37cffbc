/* Coupons as promos: for the engine, for the till's code reader, and for a member who asks why not now. */
#include "base/code.h"
#include "base/fen.h"
#include "domain/coupon/coupon_store.h"
#include <assert.h>

enum { GUESSES_OWN = 10, GUESSES_PLACE = 60 };

static const PromoKind promo_kinds[] = {
    [COUPON_CASH] = PROMO_CASH,         [COUPON_FULL] = PROMO_CASH,         [COUPON_DISCOUNT] = PROMO_DISCOUNT,
    [COUPON_FIXED_PRICE] = PROMO_PIECE, [COUPON_EXCHANGE] = PROMO_PIECE,    [COUPON_GIFT] = PROMO_GIFT,
    [COUPON_EXPERIENCE] = PROMO_CASH,   [COUPON_DELIVERY] = PROMO_DELIVERY,
};

void coupon_promo(Ctx *c, const Coupon *k, const CouponTemplate *t, const Zone *zone, Promo *ret_promo) {
    (void)c;
    Str class = t->is_combinable ? (Str){ 0 } : t->stack_class.len > 0 ? t->stack_class : S("coupon");
    *ret_promo = (Promo){ .id = k->coupon_id,
                          .name = t->name,
                          .kind = promo_kinds[t->kind],
                          .stack = t->stack,
                          .stack_class = class,
                          .rank = t->rank,
                          .expires_at = k->expires_at,
                          .scope = t->scope,
                          .when = t->when,
                          .who = t->who,
                          .shop_ids = t->shop_ids,
                          .channels = t->channels,
                          .threshold_fen = t->threshold_fen,
                          .threshold_pieces = t->threshold_pieces,
                          .every = t->every,
                          .rate_bp = t->rate_bp,
                          .off_fen = t->off_fen,
                          .price_fen = t->price_fen,
                          .cap_fen = t->cap_fen,
                          .pieces = t->pieces,
                          .times_max = t->times_max,
                          .gift_item_id = t->gift_item_id,
                          .gift_quantity = t->gift_quantity,
                          .gift_worth_fen = t->worth_fen };
    if (t->kind == COUPON_EXCHANGE) ret_promo->price_fen = 0;
    ret_promo->when.from_day = day_at(zone, k->from_at); /* the coupon's own time, not the template's */
    ret_promo->when.to_day = 0;
}

/* Templates of a list of coupons: each version is read once. */
typedef struct Versions {
    CouponTemplate *items;
    int64_t count;
} Versions;
static Err version_of(Ctx *c, Versions *known, const Coupon *k, const CouponTemplate **ret_template) {
    for (int64_t i = 0; i < known->count; i++) {
        *ret_template = &known->items[i];
        if (known->items[i].template_id == k->template_id && known->items[i].version == k->version) return OK;
    }
    CouponTemplate *t = &known->items[known->count];
    TRY(coupon_template_version(c, k->template_id, k->version, t));
    known->count++;
    *ret_template = t;
    return OK;
}
static Versions versions(Ctx *c, int64_t most) { return (Versions){ NEW_LIST(c->arena, CouponTemplate, most + 1), 0 }; }

static void refuse(Ctx *c, const Coupon *k, Str name, const char *code, const char *zh, const char *en,
                   CouponRefusals *out) {
    out->items[out->count++] = (PromoRefusal){ .id = k->coupon_id,
                                               .coupon = true,
                                               .name = name,
                                               .code = str_of(code),
                                               .zh = arena_print(c->arena, "%.*s：%s", (int)name.len, name.at, zh),
                                               .en = arena_print(c->arena, "%.*s: %s", (int)name.len, name.at, en) };
}

/* The engine cannot know this: whether the coupon is free at all. */
static bool is_free(Ctx *c, const Coupon *k, Str name, int64_t order_id, CouponRefusals *out) {
    if (k->status == COUPON_GIVING)
        refuse(c, k, name, "coupon.giving", "正在送给朋友", "on its way to a friend", out);
    else if (k->status == COUPON_LOCKED && k->order_id != order_id)
        refuse(c, k, name, "coupon.taken", "已被另一笔订单占用", "another order has it", out);
    else
        return true;
    return false;
}

Err coupon_promos(Ctx *c, int64_t member_id, int64_t shop_id, int64_t order_id, Promos *ret_promos,
                  CouponRefusals *ret_refusals) {
    Coupons list = { 0 };
    MemberCard card;
    const Zone *zone;
    const CouponTemplate *t;
    int64_t today;
    *ret_promos = (Promos){ 0 };
    *ret_refusals = (CouponRefusals){ 0 };
    if (member_id == 0) return OK;
    TRY(coupons_open(c, member_id, PROMO_PROMOS_MAX, &list));
    if (list.count == 0) return OK;
    TRY(member_card(c, member_id, &card));
    TRY(coupon_today(c, shop_id, &zone, &today));
    Versions known = versions(c, PROMO_PROMOS_MAX + list.count);
    CouponTemplates all = { 0 };
    TRY(coupon_template_versions(c, member_id, PROMO_PROMOS_MAX, &all));
    for (int64_t i = 0; i < all.count; i++) known.items[known.count++] = all.items[i];
    ret_promos->items = NEW_LIST(c->arena, Promo, list.count);
    ret_refusals->items = NEW_LIST(c->arena, PromoRefusal, list.count);
    bool may_use = (card.blocked & RIGHT_USE_COUPONS) == 0;
    for (int64_t i = 0; i < list.count; i++) {
        const Coupon *k = &list.items[i];
        TRY(version_of(c, &known, k, &t));
        if (t->kind == COUPON_EXPERIENCE) continue;
        if (!may_use)
            refuse(c, k, t->name, "coupon.right", "该会员已被限制用券", "this member may not use coupons",
                   ret_refusals);
        else if (is_free(c, k, t->name, order_id, ret_refusals))
            coupon_promo(c, k, t, zone, &ret_promos->items[ret_promos->count++]);
    }
    return OK;
}

Err coupon_promos_of(Ctx *c, const IntList *coupon_ids, int64_t shop_id, Promos *ret_promos) {
    const Zone *zone;
    const CouponTemplate *t;
    Coupon k;
    int64_t today;
    Versions known = versions(c, coupon_ids->count);
    TRY(coupon_today(c, shop_id, &zone, &today));
    *ret_promos = (Promos){ NEW_LIST(c->arena, Promo, coupon_ids->count + 1), 0 };
    for (int64_t i = 0; i < coupon_ids->count; i++) {
        TRY(coupon_read(c, coupon_ids->items[i], &k));
        TRY(version_of(c, &known, &k, &t));
        coupon_promo(c, &k, t, zone, &ret_promos->items[ret_promos->count++]);
    }
    return OK;
}

/* ---- codes ---- */

typedef struct Guess {
    const char *name;
    Str key;
    int64_t most;
} Guess;
enum { GUESS_KEYS = 4 };
static void guess_keys(Ctx *c, int64_t member_id, Guess *keys) {
    int64_t own = c->actor.kind == ACTOR_MEMBER ? c->actor.id : member_id;
    keys[0] = (Guess){ "coupon.member", own != 0 ? arena_int(c->arena, own) : (Str){ 0 }, GUESSES_OWN };
    keys[1] = (Guess){ "coupon.device", c->device, GUESSES_OWN };
    keys[2] = (Guess){ "coupon.ip", c->client_ip, GUESSES_PLACE };
    keys[3] = (Guess){ "coupon.till", c->actor.kind == ACTOR_MEMBER ? (Str){ 0 } : arena_int(c->arena, c->actor.id),
                       GUESSES_PLACE };
}

Err coupon_guess_look(Ctx *c, int64_t member_id) {
    Guess keys[GUESS_KEYS];
    guess_keys(c, member_id, keys);
    for (int64_t i = 0; i < GUESS_KEYS; i++)
        if (keys[i].key.len > 0) TRY(budget_look(c, keys[i].name, keys[i].key, keys[i].most));
    return OK;
}

static Err count_guess(Ctx *c, void *arg) {
    Guess keys[GUESS_KEYS];
    guess_keys(c, *(const int64_t *)arg, keys);
    for (int64_t i = 0; i < GUESS_KEYS; i++)
        if (keys[i].key.len > 0) TRY(budget_count(c, keys[i].name, keys[i].key, HOUR_MS));
    return OK;
}

Err coupon_guess_wrong(Ctx *c, int64_t member_id) {
    TRY(app_apart(c, count_guess, &member_id));
    return fail(c, E_NOT_FOUND, "coupon.code_wrong", "没有这个券码，请核对", "there is no such code");
}

Err coupon_guess(Ctx *c, Str typed, int64_t member_id, Coupon *ret_coupon) {
    Str code;
    bool found = false;
    TRY(coupon_guess_look(c, member_id));
    if (!code_read(c->arena, typed, &code))
        return fail(c, E_INVALID, "coupon.code_typo", "券码输错了，请再看一遍", "the code was mistyped");
    TRY(coupon_find_code(c, code, ret_coupon, &found));
    return found ? OK : coupon_guess_wrong(c, member_id);
}

Err coupon_promo_by_code(Ctx *c, Str typed, int64_t member_id, int64_t shop_id, Promo *ret_promo) {
    Coupon k;
    CouponTemplate t;
    const Zone *zone;
    int64_t today;
    TRY(coupon_guess(c, typed, member_id, &k));
    if (member_id != 0) TRY(member_need_right(c, member_id, RIGHT_USE_COUPONS));
    bool is_over = k.from_at > c->now || (k.expires_at != 0 && k.expires_at < c->now);
    if (k.status != COUPON_ISSUED || is_over || (k.member_id != 0 && k.member_id != member_id))
        return coupon_refuse(c, &k, &(CouponMove){ .member_id = member_id });
    TRY(coupon_template_version(c, k.template_id, k.version, &t));
    if (t.kind == COUPON_EXPERIENCE)
        return fail(c, E_CONFLICT, "coupon.not_in_order", "体验券请单独核销", "redeem this one by itself");
    TRY(coupon_today(c, shop_id, &zone, &today));
    coupon_promo(c, &k, &t, zone, ret_promo);
    return OK;
}

/* ---- what a member sees ---- */

static const Field view_field[] = {
    FIELD_ID(CouponView, coupon_id),
    FIELD_ID(CouponView, template_id),
    FIELD(CouponView, name),
    FIELD(CouponView, terms),
    FIELD_ENUM(CouponView, kind, coupon_kind_names),
    FIELD(CouponView, code, .about = "the till reads it"),
    FIELD_ENUM(CouponView, status, coupon_status_names),
    FIELD(CouponView, from_at),
    FIELD(CouponView, expires_at),
    FIELD(CouponView, used_at, .skip_zero = true),
    FIELD_ID(CouponView, order_id, .skip_zero = true),
    FIELD(CouponView, off_fen, .skip_zero = true, .about = "what it took off"),
    FIELD(CouponView, threshold_fen, .skip_zero = true),
    FIELD(CouponView, template_off_fen, .skip_zero = true, .about = "what it is worth"),
    FIELD(CouponView, rate_bp, .skip_zero = true),
    FIELD(CouponView, cap_fen, .skip_zero = true),
    FIELD(CouponView, price_fen, .skip_zero = true),
    FIELD(CouponView, may_give),
    FIELD(CouponView, is_usable, .about = "now, with the right goods"),
    FIELD(CouponView, why_not_code, .skip_zero = true),
    FIELD(CouponView, why_not_zh, .skip_zero = true),
    FIELD(CouponView, why_not_en, .skip_zero = true),
};
const Fields coupon_view_fields = FIELDS(CouponView, view_field);

static bool is_about_goods(Str code) {
    return str_starts(code, S("scope.")) || str_starts(code, S("threshold.")) || str_starts(code, S("stack.")) ||
           str_starts(code, S("better.")) || str_starts(code, S("place.channel"));
}

static void why_not(CouponView *view, const PromoRefusal *r) {
    view->why_not_code = r->code;
    view->why_not_zh = r->zh;
    view->why_not_en = r->en;
    view->is_usable = false;
}

static Err ask_of(Ctx *c, int64_t member_id, int64_t shop_id, const Zone *zone, int64_t today, PromoAsk *ret_ask) {
    TagList tags = { 0 };
    MemberCard card = { 0 };
    *ret_ask = (PromoAsk){ .shop_id = shop_id,
                           .now = c->now,
                           .day = today,
                           .weekday = day_weekday(today),
                           .minute = minute_at(zone, c->now) };
    if (member_id == 0) return OK;
    TRY(member_card(c, member_id, &card));
    TRY(tag_list(c, member_id, &tags));
    StrList names = { NEW_LIST(c->arena, Str, tags.count + 1), tags.count };
    for (int64_t i = 0; i < tags.count; i++) names.items[i] = tags.items[i].name;
    ret_ask->member = (PromoMember){ member_id, card.tier_id, day_mmdd(member_birthday_in(&card, day_year(today))),
                                     card.orders, names };
    return OK;
}

/* The engine is asked about an empty basket: what it says then is not about the goods. */
Err coupon_views(Ctx *c, int64_t member_id, int64_t shop_id, const Coupons *coupons, CouponViews *ret_views) {
    const Zone *zone;
    const CouponTemplate *t;
    int64_t today, n = coupons->count;
    PromoAsk ask;
    PromoDecision decision;
    CouponRefusals taken = { NEW_LIST(c->arena, PromoRefusal, n + 1), 0 };
    Versions known = versions(c, n);
    TRY(coupon_today(c, shop_id, &zone, &today));
    TRY(ask_of(c, member_id, shop_id, zone, today, &ask));
    ask.coupons = (Promos){ NEW_LIST(c->arena, Promo, n + 1), 0 };
    *ret_views = (CouponViews){ NEW_LIST(c->arena, CouponView, n + 1), n };
    for (int64_t i = 0; i < n; i++) {
        const Coupon *k = &coupons->items[i];
        TRY(version_of(c, &known, k, &t));
        bool is_over = k->expires_at != 0 && k->expires_at < c->now && k->status == COUPON_ISSUED;
        ret_views->items[i] = (CouponView){ k->coupon_id,
                                            k->template_id,
                                            t->name,
                                            t->terms,
                                            t->kind,
                                            k->code,
                                            is_over ? COUPON_EXPIRED : k->status,
                                            k->from_at,
                                            k->expires_at,
                                            k->used_at,
                                            k->order_id,
                                            k->off_fen,
                                            t->threshold_fen,
                                            t->rate_bp,
                                            t->cap_fen,
                                            t->price_fen,
                                            t->off_fen,
                                            t->may_give,
                                            !is_over && k->status == COUPON_ISSUED,
                                            (Str){ 0 },
                                            (Str){ 0 },
                                            (Str){ 0 } };
        if (is_over || k->status == COUPON_USED || k->status == COUPON_VOID) continue;
        if (is_free(c, k, t->name, 0, &taken))
            coupon_promo(c, k, t, zone, &ask.coupons.items[ask.coupons.count++]);
        else
            why_not(&ret_views->items[i], &taken.items[taken.count - 1]);
    }
    if (shop_id == 0)
        for (int64_t i = 0; i < ask.coupons.count; i++) ask.coupons.items[i].shop_ids.count = 0;
    TRY(promo_decide(c, &ask, &decision));
    for (int64_t r = 0; r < decision.refusals.count; r++)
        for (int64_t i = 0; i < n && !is_about_goods(decision.refusals.items[r].code); i++)
            if (ret_views->items[i].coupon_id == decision.refusals.items[r].id)
                why_not(&ret_views->items[i], &decision.refusals.items[r]);
    return OK;
}

Err coupon_not_now(Ctx *c, const CouponView *view) {
    Err err = fail(c, E_CONFLICT, "coupon.not_now", "这张券现在不能用", "this coupon cannot be used now");
    c->problem.zh = view->why_not_zh;
    c->problem.en = view->why_not_en;
    return err;
}
