#include "test/promo_cart.h"

enum { CATEGORIES = 6, BRANDS = 4, DAY_MS = 86400000 };

static int64_t between(Rng *r, int64_t least, int64_t most) { return least + rng_below(r, most - least + 1); }

static void one_id(Arena *a, IntList *list, int64_t id) {
    if (list->items == NULL) list->items = NEW_LIST(a, int64_t, 4);
    if (list->count < 4) list->items[list->count++] = id;
}

static void make_scope(Arena *a, Rng *r, const PromoAsk *ask, PromoScope *scope) {
    int64_t what = rng_below(r, 10);
    const PromoLine *line = &ask->lines.items[rng_below(r, ask->lines.count)];
    if (what < 4) return;
    if (what < 7) {
        one_id(a, &scope->category_ids, line->category_id);
        if (rng_chance(r, 1, 2)) one_id(a, &scope->category_ids, between(r, 1, CATEGORIES));
    } else if (what == 7) {
        one_id(a, &scope->brand_ids, line->brand_id);
    } else if (what == 8) {
        one_id(a, &scope->item_ids, line->item_id);
        one_id(a, &scope->item_ids, ask->lines.items[rng_below(r, ask->lines.count)].item_id);
    } else {
        one_id(a, &scope->not_category_ids, line->category_id);
    }
}

static int64_t scope_total(const PromoAsk *ask, const PromoScope *s, int64_t *ret_pieces) {
    int64_t sum = 0;
    *ret_pieces = 0;
    for (int64_t l = 0; l < ask->lines.count; l++) {
        const PromoLine *line = &ask->lines.items[l];
        bool is_in = s->category_ids.count == 0 && s->brand_ids.count == 0 && s->item_ids.count == 0;
        for (int64_t i = 0; i < s->category_ids.count; i++)
            is_in = is_in || s->category_ids.items[i] == line->category_id;
        for (int64_t i = 0; i < s->brand_ids.count; i++) is_in = is_in || s->brand_ids.items[i] == line->brand_id;
        for (int64_t i = 0; i < s->item_ids.count; i++) is_in = is_in || s->item_ids.items[i] == line->item_id;
        sum += is_in ? line->unit_price_fen * line->quantity : 0;
        *ret_pieces += is_in ? line->quantity : 0;
    }
    return sum;
}

static int64_t make_threshold(Rng *r, const CartShape *shape, int64_t total) {
    static const int64_t ways_bp[] = { 10000, 9500, 9000, 8800, 8500, 8000, 5000 };
    if (shape->near_tie && rng_chance(r, 2, 3)) {
        int64_t at = total * ways_bp[rng_below(r, 7)] / 10000 + between(r, -3, 3);
        return at > 0 ? at : 0;
    }
    int64_t at = total * between(r, 10, 120) / 100;
    return at > 2000 ? at / 1000 * 1000 : at;
}

static void make_numbers(Arena *a, Rng *r, const CartShape *shape, const PromoAsk *ask, Promo *p) {
    int64_t pieces, total = scope_total(ask, &p->scope, &pieces), threshold = make_threshold(r, shape, total);
    int64_t some = shape->modest ? threshold * between(r, 5, 30) / 1000 : threshold * between(r, 3, 15) / 100;
    const PromoLine *line = &ask->lines.items[rng_below(r, ask->lines.count)];
    p->off_fen = some < 1 ? 1 : some > 200 && !shape->near_tie ? some / 100 * 100 : some;
    switch (p->kind) {
    case PROMO_RATE:
    case PROMO_DISCOUNT:
        p->rate_bp = between(r, 14, 19) * 500;
        p->off_fen = 0;
        if (p->kind == PROMO_DISCOUNT && rng_chance(r, 1, 2)) p->cap_fen = total / 20 + 1;
        break;
    case PROMO_PRICE:
        p->price_fen = line->unit_price_fen * between(r, 60, 95) / 100;
        break;
    case PROMO_MEMBER_PRICE:
        p->who.members_only = true;
        break;
    case PROMO_NTH:
        p->nth = between(r, 2, 3);
        p->rate_bp = rng_chance(r, 1, 2) ? 5000 : between(r, 0, 8) * 1000;
        p->times_max = rng_chance(r, 1, 2) ? between(r, 1, 3) : 0;
        break;
    case PROMO_BUNDLE: {
        const PromoLine *other = &ask->lines.items[rng_below(r, ask->lines.count)];
        p->parts.items = NEW_LIST(a, PromoPart, 2);
        p->parts.items[p->parts.count++] = (PromoPart){ line->item_id, 1 };
        if (other->item_id != line->item_id) p->parts.items[p->parts.count++] = (PromoPart){ other->item_id, 1 };
        p->scope = (PromoScope){ 0 };
        p->price_fen = (line->unit_price_fen + (p->parts.count > 1 ? other->unit_price_fen : 0)) * 8 / 10;
        p->times_max = between(r, 0, 2);
        break;
    }
    case PROMO_PIECE:
        p->price_fen = rng_chance(r, 1, 2) ? 0 : line->unit_price_fen / 2;
        p->pieces = between(r, 1, 2);
        if (p->scope.item_ids.count == 0) one_id(a, &p->scope.item_ids, line->item_id);
        break;
    case PROMO_CASH:
        p->threshold_fen = rng_chance(r, 1, 5) ? 0 : threshold;
        if (p->threshold_fen > 50 && rng_chance(r, 1, 5)) {
            p->every = true;
            p->threshold_fen /= between(r, 1, 4);
            p->off_fen = p->threshold_fen / (shape->modest ? 60 : 12) + 1;
        } else if (rng_chance(r, 1, 5)) {
            p->steps.items = NEW_LIST(a, PromoStep, 3);
            p->steps.count = 3;
            for (int64_t i = 0; i < 3; i++)
                p->steps.items[i] = (PromoStep){ threshold * (i + 2) / 3, p->off_fen * (i + 1) / 2 };
            p->threshold_fen = 0;
        }
        break;
    case PROMO_GIFT:
        p->threshold_fen = threshold;
        p->gift_item_id = 99;
        p->gift_quantity = 1;
        p->gift_worth_fen = between(r, 0, 3) * 500;
        p->every = rng_chance(r, 1, 4) && threshold > 100;
        break;
    case PROMO_DELIVERY:
        p->threshold_fen = threshold / 2;
        p->off_fen = rng_chance(r, 1, 2) ? 0 : 300;
        break;
    }
}

static void make_promo(Arena *a, Rng *r, const CartShape *shape, const PromoAsk *ask, bool is_coupon, Promo *p) {
    static const PromoKind offers[] = { PROMO_RATE, PROMO_RATE, PROMO_RATE,     PROMO_PRICE,   PROMO_MEMBER_PRICE,
                                        PROMO_NTH,  PROMO_NTH,  PROMO_BUNDLE,   PROMO_CASH,    PROMO_CASH,
                                        PROMO_CASH, PROMO_GIFT, PROMO_DELIVERY, PROMO_DISCOUNT };
    static const PromoKind coupons[] = { PROMO_CASH,  PROMO_CASH,     PROMO_CASH,     PROMO_CASH,
                                         PROMO_CASH,  PROMO_CASH,     PROMO_DISCOUNT, PROMO_DISCOUNT,
                                         PROMO_PIECE, PROMO_DELIVERY, PROMO_RATE,     PROMO_GIFT };
    static const Str classes[] = { S_INIT("red"), S_INIT("blue"), S_INIT("shop") };
    int64_t first = shape->prices && rng_chance(r, 1, 2) ? 5 : 14; /* the first five are prices */
    p->kind = is_coupon ? coupons[rng_below(r, 12)] : offers[rng_below(r, first)];
    make_scope(a, r, ask, &p->scope);
    make_numbers(a, r, shape, ask, p);
    p->scope.skips_discounted = rng_chance(r, 1, 12);
    if (is_coupon) p->expires_at = rng_chance(r, 1, 10) ? 0 : ask->now + between(r, 1, 20) * 3 * DAY_MS;
    if (rng_chance(r, 1, 15)) one_id(a, &p->when.weekdays, between(r, 1, 7));
    if (rng_chance(r, 1, 15)) one_id(a, &p->who.tier_ids, between(r, 1, 3));
    if (rng_chance(r, 1, 25)) p->who.birthday = PROMO_BIRTHDAY_MONTH;
    if (rng_chance(r, 1, 25)) p->who.first_order = true;
    if (rng_chance(r, 1, 25)) one_id(a, &p->when.month_days, between(r, 6, 8));
    if (rng_chance(r, 1, 12)) p->threshold_pieces = between(r, 1, 6);
    if (rng_chance(r, 1, 12)) p->rank = between(r, -1, 1);
    if (shape->all_stackable) return;
    if (rng_chance(r, 1, 4))
        p->stack_class = classes[(is_coupon ? 0 : 2) + rng_below(r, shape->hard ? 1 : is_coupon + 1)];
    if (rng_chance(r, 1, 10)) p->stack = PROMO_GROUP_ALONE;
    if (rng_chance(r, 1, 20)) p->stack = PROMO_ALONE;
    if (!shape->hard) return;
    p->forced = rng_chance(r, 1, 30);
    p->forbidden = rng_chance(r, 1, 30);
    if (rng_chance(r, 1, 10)) p->stack_class = classes[rng_below(r, 3)];
}

void promo_cart_make(Arena *a, Rng *r, const CartShape *shape, PromoAsk *ask) {
    *ask = (PromoAsk){ .now = 1767000000000, .day = 20260108, .weekday = 4, .minute = 700, .shop_id = 1 };
    ask->member = (PromoMember){ .member_id = 7,
                                 .tier_id = between(r, 1, 3),
                                 .birthday = 100 * between(r, 1, 2) + 8,
                                 .order_count = between(r, 0, 1) };
    ask->channel = S("till");
    ask->lines.items = NEW_LIST(a, PromoLine, shape->lines);
    ask->lines.count = shape->lines;
    for (int64_t l = 0; l < shape->lines; l++) {
        int64_t price = shape->hard && rng_chance(r, 1, 4) ? between(r, 1, 40) : between(r, 10, 300) * 10 - 1;
        PromoLine *line = &ask->lines.items[l];
        *line = (PromoLine){ .line_no = l + 1,
                             .item_id = between(r, 1, shape->lines + 2),
                             .unit_price_fen = price,
                             .category_id = between(r, 1, CATEGORIES),
                             .brand_id = between(r, 1, BRANDS),
                             .quantity = between(r, 1, shape->quantity_max) };
        if (rng_chance(r, 1, 6)) line->floor_price_fen = price * between(r, 50, shape->hard ? 105 : 90) / 100;
        if (shape->floors) line->floor_price_fen = price * between(r, 60, 90) / 100;
        if (rng_chance(r, 1, 4)) line->member_price_fen = price * between(r, 70, 98) / 100;
        line->no_promo = rng_chance(r, 1, 30);
        line->discounted = rng_chance(r, 1, 30);
    }
    ask->delivery_fen = rng_chance(r, 1, 3) ? between(r, 1, 9) * 100 : 0;
    ask->coupons_max = shape->hard && rng_chance(r, 1, 3) ? between(r, 1, 3) : 0;
    ask->offers = (Promos){ NEW_LIST(a, Promo, shape->offers + 1), shape->offers };
    ask->coupons = (Promos){ NEW_LIST(a, Promo, shape->coupons + 1), shape->coupons };
    for (int64_t i = 0; i < shape->offers; i++) {
        ask->offers.items[i].id = i + 1;
        make_promo(a, r, shape, ask, false, &ask->offers.items[i]);
    }
    for (int64_t i = 0; i < shape->coupons; i++) {
        ask->coupons.items[i].id = i + 1;
        make_promo(a, r, shape, ask, true, &ask->coupons.items[i]);
    }
}
