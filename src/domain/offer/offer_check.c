/* offer_check - which rules make sense: all complaints at once. */
#include "domain/item/item.h"
#include "domain/offer/offer_check.h"
#include "domain/shop/shop.h"

#define NEED(is_right, place, zh, en)                                                                                  \
    do {                                                                                                               \
        if (!(is_right)) complain(c, S(place), "offer.rule", zh, en);                                                  \
    } while (0)
#define NEED_RATE(is_right)                                                                                            \
    NEED(is_right, "/rate_bp", "折扣要在 0 和 10 折之间（9 折是 9000）",                                               \
         "the rate is what is paid, below the whole (9000 is 10 off 100)")

static void check_steps(Ctx *c, const Promo *p) {
    NEED(p->off_fen == 0 && !p->every, "/steps", "阶梯满减不要再写减多少或每满",
         "a ladder carries no amount of its own");
    for (int64_t i = 0; i < p->steps.count; i++) {
        const PromoStep *step = &p->steps.items[i], *below = i > 0 ? step - 1 : NULL;
        bool rises = below == NULL || (step->threshold_fen > below->threshold_fen && step->off_fen > below->off_fen);
        if (rises && step->off_fen > 0 && step->off_fen <= step->threshold_fen) continue;
        NEED(false, "/steps", "每一档要比前一档满得多、减得多，且不能减得比满的多",
             "each step asks more and gives more than the one below, and gives no more than it asks");
        return;
    }
}

static void check_cash(Ctx *c, const Promo *p) {
    if (p->steps.count > 0) {
        check_steps(c, p);
        return;
    }
    NEED(p->off_fen > 0, "/off_fen", "要减多少", "how much comes off");
    NEED(!p->every || p->threshold_fen > 0, "/threshold_fen", "每满多少", "for each how much");
    NEED(p->threshold_fen == 0 || p->off_fen <= p->threshold_fen, "/off_fen", "减的不能比满的多",
         "no more comes off than is asked for");
}

static void check_bundle(Ctx *c, const Promo *p, bool is_draft) {
    int64_t pieces = 0;
    NEED(p->price_fen > 0 || is_draft, "/price_fen", "套餐要有价格", "a bundle has a price");
    for (int64_t i = 0; i < p->parts.count; i++) {
        pieces += p->parts.items[i].quantity;
        NEED(p->parts.items[i].quantity > 0, "/parts", "每样至少 1 件", "at least one of each part");
        for (int64_t k = 0; k < i; k++)
            NEED(p->parts.items[k].item_id != p->parts.items[i].item_id, "/parts", "同一商品写了两次",
                 "an item is listed twice");
    }
    NEED(pieces >= 2 || is_draft, "/parts", "套餐至少两件商品", "a bundle is two pieces at least");
}

static bool has_scope(const PromoScope *s) {
    return s->item_ids.count + s->category_ids.count + s->brand_ids.count + s->tags.count > 0;
}

static void check_kind(Ctx *c, const Promo *p, bool is_draft) {
    switch (p->kind) {
    case PROMO_RATE:
    case PROMO_DISCOUNT:
        NEED_RATE(p->rate_bp > 0 && p->rate_bp < RATE_WHOLE_BP);
        break;
    case PROMO_PRICE:
        NEED(p->price_fen > 0, "/price_fen", "要有价格", "a price is needed");
        NEED(has_scope(&p->scope), "/scope", "哪些商品是这个价", "which goods have this price");
        break;
    case PROMO_MEMBER_PRICE:
        break;
    case PROMO_NTH:
        NEED(p->nth >= 2, "/nth", "第几件，至少 2", "which piece: 2 at least");
        NEED_RATE(p->rate_bp < RATE_WHOLE_BP);
        break;
    case PROMO_BUNDLE:
        check_bundle(c, p, is_draft);
        break;
    case PROMO_PIECE:
        NEED(p->pieces >= 1, "/pieces", "几件，至少 1", "how many pieces: 1 at least");
        NEED(has_scope(&p->scope), "/scope", "哪些商品是这个价", "which goods have this price");
        break;
    case PROMO_CASH:
        check_cash(c, p);
        break;
    case PROMO_GIFT:
        NEED(p->gift_item_id != 0 || is_draft, "/gift_item_id", "送什么", "what is given");
        NEED(p->gift_quantity >= 1, "/gift_quantity", "送几件，至少 1", "how many are given: 1 at least");
        break;
    case PROMO_DELIVERY:
        NEED(false, "/kind", "订单没有运费，不能做运费活动", "orders carry no delivery fee to take off");
        break;
    }
    NEED(p->kind == PROMO_CASH || p->steps.count == 0, "/steps", "只有满减有阶梯", "only 满减 has steps");
    NEED(p->kind == PROMO_BUNDLE || p->parts.count == 0, "/parts", "只有套餐有组成", "only a bundle has parts");
    NEED(p->kind == PROMO_GIFT || p->gift_item_id == 0, "/gift_item_id", "只有满赠送商品", "only 满赠 gives goods");
}

static bool are_within(IntList list, int64_t most) {
    for (int64_t i = 0; i < list.count; i++)
        if (list.items[i] < 1 || list.items[i] > most) return false;
    return true;
}

static void check_when(Ctx *c, const PromoWhen *w) {
    NEED(w->to_day == 0 || w->from_day <= w->to_day, "/when/to_day", "结束日在开始日之前", "it ends before it begins");
    NEED(are_within(w->weekdays, 7), "/when/weekdays", "星期是 1 到 7", "weekdays are 1 to 7");
    NEED(are_within(w->month_days, 31), "/when/month_days", "日子是 1 到 31", "days of a month are 1 to 31");
}

static Err check_things(Ctx *c, Promo *p) {
    Item item;
    for (int64_t i = 0; i < p->shop_ids.count; i++)
        if (shop_need(c, p->shop_ids.items[i]) != OK) {
            if (c->problem.err != E_NOT_FOUND) return c->problem.err;
            problem_clear(c);
            return fail(c, E_INVALID, "offer.shop_unknown", "没有这家门店", "no such shop");
        }
    for (int64_t i = -1; i < p->parts.count; i++) {
        int64_t item_id = i < 0 ? p->gift_item_id : p->parts.items[i].item_id;
        if (item_id == 0) continue;
        if (item_read(c, item_id, &item) == OK) {
            if (i < 0 && p->gift_worth_fen == 0) p->gift_worth_fen = item.price_fen > 0 ? item.price_fen : 1;
            continue;
        }
        if (c->problem.err != E_NOT_FOUND) return c->problem.err;
        problem_clear(c);
        return fail(c, E_INVALID, "offer.item_unknown", "没有这个商品", "no such item");
    }
    return OK;
}

Err offer_check(Ctx *c, Offer *offer) {
    Promo *p = &offer->promo;
    check_kind(c, p, offer->status == OFFER_DRAFT);
    check_when(c, &p->when);
    TRY(complaints_refuse(c));
    return check_things(c, p);
}
