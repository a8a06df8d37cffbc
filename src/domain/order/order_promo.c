/* order_promo - the basket as the promotion engine sees it, and what it decided as steps and shares of the order. */
#include "domain/order/order_plan.h"
#include "base/fen.h"
#include "domain/tag/tag.h"
#include <assert.h>

enum { MEMBER_PRICE_ID = 1, GIFT_ROUNDS_MAX = 20 };

/* ---- what goes in ---- */

/* Weighed goods, and whatever the till gave one amount for, are one piece at that amount. */
static PromoLine line_of(const OrderLine *line, const OrderLineNew *in, const ItemFact *item) {
    bool is_one = in->amount_fen > 0, is_named = order_names_price(in, item);
    PromoLine one = { .line_no = line->line_no,
                      .item_id = line->item_id,
                      .category_id = line->category_id,
                      .brand_id = line->brand_id,
                      .quantity = is_one ? 1 : line->quantity,
                      .unit_price_fen = is_one ? line->amount_fen : line->unit_price_fen,
                      .floor_price_fen = item->floor_price_fen,
                      .member_price_fen = is_one || is_named ? 0 : item->member_price_fen,
                      .no_promo = in->free || (item->item_id != 0 && item->no_discount),
                      .discounted = is_named };
    if (!is_one || item->floor_price_fen == 0) return one;
    bool fits = item->price_fen > 0 && fen_scale(item->floor_price_fen, line->amount_fen, item->price_fen,
                                                 ROUND_HALF_UP, &one.floor_price_fen);
    if (!fits) one.floor_price_fen = line->amount_fen;
    return one;
}

static bool asks_tags(Promos promos) {
    for (int64_t i = 0; i < promos.count; i++)
        if (promos.items[i].who.tags.count > 0) return true;
    return false;
}

static Err member_of(Ctx *c, const OrderPlan *plan, const PromoAsk *ask, PromoMember *ret_member) {
    const MemberCard *card = &plan->card;
    TagList tags = { 0 };
    *ret_member =
        (PromoMember){ .member_id = card->member_id, .tier_id = plan->tier.tier_id, .order_count = card->orders };
    if (card->member_id == 0) return OK;
    ret_member->birthday = day_mmdd(member_birthday_in(card, day_year(plan->order.day)));
    if (!asks_tags(ask->offers) && !asks_tags(ask->coupons)) return OK;
    TRY(tag_list(c, card->member_id, &tags));
    ret_member->tags = (StrList){ NEW_LIST(c->arena, Str, tags.count), tags.count };
    for (int64_t i = 0; i < tags.count; i++) ret_member->tags.items[i] = tags.items[i].name;
    return OK;
}

/* The shop's offers, with tier and member price as two more. */
static Err offers_of(Ctx *c, const OrderPlan *plan, PromoAsk *ask, int64_t *ret_version) {
    Promos offers = { 0 };
    bool has_member_price = false;
    const TierEffect *tier = &plan->tier;
    OfferAsk active = { plan->order.shop_id, plan->order.day, plan->order.channel };
    TRY(offer_active(c, &active, &offers, ret_version));
    ask->offers = (Promos){ NEW_LIST(c->arena, Promo, offers.count + 2), 0 };
    for (int64_t i = 0; i < offers.count; i++) ask->offers.items[ask->offers.count++] = offers.items[i];
    if (plan->order.member_id == 0) return OK;
    if (tier->discount_bp > 0 && tier->discount_bp < RATE_WHOLE_BP)
        ask->offers.items[ask->offers.count++] =
            (Promo){ .id = tier->tier_id, .name = tier->name, .kind = PROMO_RATE, .rate_bp = tier->discount_bp };
    for (int64_t i = 0; i < ask->lines.count; i++)
        has_member_price = has_member_price || ask->lines.items[i].member_price_fen > 0;
    if (has_member_price)
        ask->offers.items[ask->offers.count++] =
            (Promo){ .id = MEMBER_PRICE_ID, .name = S("会员价"), .kind = PROMO_MEMBER_PRICE };
    return OK;
}

static bool has_id(IntList list, int64_t id) {
    for (int64_t i = 0; i < list.count; i++)
        if (list.items[i] == id) return true;
    return false;
}

static void mark(Promos promos, const OrderNew *in) {
    for (int64_t i = 0; i < promos.count; i++) {
        Promo *p = &promos.items[i];
        p->forced = p->forced || has_id(in->use_ids, p->id);
        p->forbidden = has_id(in->skip_ids, p->id);
    }
}

static bool has_promo(Promos promos, int64_t id) {
    for (int64_t i = 0; i < promos.count; i++)
        if (promos.items[i].id == id) return true;
    return false;
}

static Err need_known(Ctx *c, const OrderNew *in, const PromoAsk *ask, const CouponRefusals *refusals) {
    for (int64_t i = 0; i < in->use_ids.count; i++) {
        int64_t id = in->use_ids.items[i];
        if (has_promo(ask->offers, id) || has_promo(ask->coupons, id)) continue;
        for (int64_t k = 0; k < refusals->count; k++)
            if (refusals->items[k].id == id)
                return fail(c, E_CONFLICT, "order.promo_unusable", "%s%.0s", "%.0s%s",
                            arena_cstr(c->arena, refusals->items[k].zh), arena_cstr(c->arena, refusals->items[k].en));
        fail_number(c, "id", id);
        return fail(c, E_CONFLICT, "order.promo_unknown", "没有这个活动或券，或现在不能用",
                    "no such offer or coupon, or it is not for now");
    }
    return OK;
}

static void note_named(Ctx *c, Promos promos, IntList *ids) {
    IntList list = { NEW_LIST(c->arena, int64_t, ids->count + promos.count), ids->count };
    for (int64_t i = 0; i < ids->count; i++) list.items[i] = ids->items[i];
    for (int64_t i = 0; i < promos.count; i++)
        if (promos.items[i].forced) list.items[list.count++] = promos.items[i].id;
    *ids = list;
}

static Err add_codes(Ctx *c, const OrderNew *in, const OrderPlan *plan, Promos *coupons) {
    Promos list = { NEW_LIST(c->arena, Promo, coupons->count + in->coupon_codes.count + 1), 0 };
    for (int64_t i = 0; i < coupons->count; i++)
        if (!in->no_coupons || has_id(in->use_ids, coupons->items[i].id)) list.items[list.count++] = coupons->items[i];
    for (int64_t i = 0; i < in->coupon_codes.count; i++) {
        Promo by_code;
        int64_t at = 0;
        TRY(coupon_promo_by_code(c, in->coupon_codes.items[i], plan->order.member_id, plan->order.shop_id, &by_code));
        while (at < list.count && list.items[at].id != by_code.id) at++;
        list.items[at] = by_code;
        list.items[at].forced = true;
        if (at == list.count) list.count++;
    }
    for (int64_t i = 0; i < list.count; i++) /* worth something, or the engine would not give it */
        if (list.items[i].kind == PROMO_GIFT && list.items[i].gift_worth_fen == 0) list.items[i].gift_worth_fen = 1;
    *coupons = list;
    return OK;
}

static Err coupons_of(Ctx *c, const OrderNew *in, OrderPlan *plan, PromoAsk *ask) {
    const Order *order = &plan->order;
    bool needs = order->member_id != 0 && !(in->no_coupons && in->use_ids.count == 0);
    if (needs) TRY(coupon_promos(c, order->member_id, order->shop_id, 0, &ask->coupons, &plan->coupon_refusals));
    if (ask->coupons.count == 0 && in->coupon_codes.count == 0) return OK;
    return add_codes(c, in, plan, &ask->coupons);
}

static Err ask_of(Ctx *c, const OrderNew *in, OrderPlan *plan, PromoAsk *ask) {
    const Order *order = &plan->order;
    int64_t n = order->lines.count;
    *ask = (PromoAsk){ .shop_id = order->shop_id,
                       .channel = order->channel,
                       .now = c->now,
                       .day = order->day,
                       .weekday = day_weekday(order->day),
                       .minute = minute_at(plan->zone, order->occurred_at) };
    ask->lines.items = NEW_LIST(c->arena, PromoLine, n);
    ask->lines.count = n;
    for (int64_t i = 0; i < n; i++)
        ask->lines.items[i] = line_of(&order->lines.items[i], &in->lines.items[i], &plan->facts.items[i]);
    TRY(offers_of(c, plan, ask, &plan->offer_version));
    TRY(coupons_of(c, in, plan, ask));
    mark(ask->offers, in);
    mark(ask->coupons, in);
    note_named(c, ask->offers, &plan->named_ids);
    note_named(c, ask->coupons, &plan->named_ids);
    TRY(need_known(c, in, ask, &plan->coupon_refusals));
    return member_of(c, plan, ask, &ask->member);
}

/* ---- what comes out ---- */

static const Promo *promo_of(const PromoAsk *ask, const PromoAdjustment *a) {
    const Promos *list = a->coupon ? &ask->coupons : &ask->offers;
    for (int64_t i = 0; i < list->count; i++)
        if (list->items[i].id == a->id) return &list->items[i];
    assert(false && "a step nobody asked for");
    return NULL;
}

/* Only steps of the whole order ask for amounts that a return may undercut. */
static OrderTerms terms_of(const Promo *p) {
    bool asks = p->threshold_fen > 0 || p->threshold_pieces > 0 || p->steps.count > 0;
    if (!asks || (p->kind != PROMO_CASH && p->kind != PROMO_DISCOUNT)) return (OrderTerms){ 0 };
    return (OrderTerms){ .threshold_fen = p->threshold_fen,
                         .threshold_pieces = p->threshold_pieces,
                         .off_fen = p->off_fen,
                         .rate_bp = p->rate_bp,
                         .cap_fen = p->cap_fen,
                         .times_max = p->times_max,
                         .every = p->every,
                         .steps = { p->steps.items, p->steps.count } };
}

static void take_step(Ctx *c, OrderPlan *plan, const PromoAsk *ask, const PromoAdjustment *a) {
    Order *order = &plan->order;
    const Promo *p = promo_of(ask, a);
    bool is_tier = !a->coupon && a->id == plan->tier.tier_id, is_member_price = !a->coupon && a->id == MEMBER_PRICE_ID;
    int64_t step_no = ++order->adjustments.count;
    order->adjustments.items[step_no - 1] = (OrderAdjustment){ .step_no = step_no,
                                                               .rule = a->coupon         ? S("coupon")
                                                                       : is_tier         ? S("tier")
                                                                       : is_member_price ? S("member_price")
                                                                                         : S("offer"),
                                                               .source_id = a->id,
                                                               .kind = p->kind,
                                                               .name = a->name,
                                                               .off_fen = a->off_fen,
                                                               .terms = terms_of(p) };
    for (int64_t i = 0; i < a->shares.count; i++) {
        const PromoShare *share = &a->shares.items[i];
        if (share->off_fen == 0) continue;
        OrderLine *line = &order->lines.items[share->line_no - 1];
        if (line->shares.items == NULL)
            line->shares.items = NEW_LIST(c->arena, OrderShare, plan->decision.adjustments.count);
        line->shares.items[line->shares.count++] = (OrderShare){ step_no, share->off_fen };
        line->step_no = line->shares.count == 1 ? step_no : ORDER_STEPS;
        line->discount_fen += share->off_fen;
    }
}

/* What is given on top leaves the shelf like anything sold. */
static void take_gift(OrderPlan *plan, const PromoAdjustment *a, const ItemFact *item) {
    Order *order = &plan->order;
    int64_t at = order->lines.count++;
    plan->facts.items[at] = *item;
    plan->facts.count = order->lines.count;
    order->lines.items[at] = (OrderLine){ .line_no = at + 1,
                                          .item_id = item->item_id,
                                          .category_id = item->category_id,
                                          .brand_id = item->brand_id,
                                          .name = item->name,
                                          .quantity = a->gift_quantity,
                                          .gift_step = order->adjustments.count };
}

static Err gift_fact(Ctx *c, const OrderPlan *plan, int64_t item_id, ItemFact *ret_fact) {
    ItemKey key = { .item_id = item_id };
    ItemFacts facts = { 0 };
    Err err = item_facts(c, plan->order.shop_id, (ItemKeys){ &key, 1 }, &facts);
    *ret_fact = (ItemFact){ 0 };
    if (err == OK) *ret_fact = facts.items[0];
    if (err != E_INVALID) return err;
    problem_clear(c); /* sold no more: so it is not given either */
    return OK;
}

static bool is_there(const OrderPlan *plan, const ItemFact *item, int64_t quantity) {
    for (int64_t i = 0; i < plan->order.lines.count; i++)
        if (plan->order.lines.items[i].item_id == item->item_id) quantity += plan->order.lines.items[i].quantity;
    return item->item_id != 0 && (!item->is_tracked || item->left_quantity >= quantity);
}

static void forbid(PromoAsk *ask, const PromoAdjustment *a) {
    Promo *p = (Promo *)(uintptr_t)promo_of(ask, a);
    p->forbidden = true;
    p->forced = false;
}

/* Decides, and again without each gift that the shop has run out of. */
static Err decide(Ctx *c, OrderPlan *plan, PromoAsk *ask, ItemFact *ret_gifts) {
    IntList gone = { NEW_LIST(c->arena, int64_t, GIFT_ROUNDS_MAX), 0 };
    bool is_again = true;
    while (is_again) {
        is_again = false;
        TRY(promo_decide(c, ask, &plan->decision));
        for (int64_t i = 0; i < plan->decision.adjustments.count && !is_again; i++) {
            const PromoAdjustment *a = &plan->decision.adjustments.items[i];
            if (a->gift_item_id == 0) continue;
            TRY(gift_fact(c, plan, a->gift_item_id, &ret_gifts[i]));
            if (is_there(plan, &ret_gifts[i], a->gift_quantity) || gone.count == GIFT_ROUNDS_MAX) continue;
            gone.items[gone.count++] = a->id;
            forbid(ask, a);
            is_again = true;
        }
    }
    for (int64_t i = 0; i < plan->decision.refusals.count; i++) {
        PromoRefusal *r = &plan->decision.refusals.items[i];
        if (!has_id(gone, r->id)) continue;
        r->code = S("gift.out_of_stock");
        r->zh = arena_print(c->arena, "%.*s：赠品已送完", (int)r->name.len, r->name.at);
        r->en = arena_print(c->arena, "%.*s: the gifts have run out", (int)r->name.len, r->name.at);
    }
    return OK;
}

/* By ascending id: so two orders never wait for each other crosswise. */
static void take_coupons(Ctx *c, OrderPlan *plan, const PromoAsk *ask) {
    const PromoDecision *d = &plan->decision;
    const Order *order = &plan->order;
    CouponMoves moves = { NEW_LIST(c->arena, CouponMove, d->adjustments.count), 0 };
    bool *is_named = NEW_LIST(c->arena, bool, d->adjustments.count);
    for (int64_t i = 0; i < d->adjustments.count; i++) {
        const PromoAdjustment *a = &d->adjustments.items[i];
        if (!a->coupon) continue;
        int64_t at = moves.count++;
        for (; at > 0 && moves.items[at - 1].coupon_id > a->id; at--) {
            moves.items[at] = moves.items[at - 1];
            is_named[at] = is_named[at - 1];
        }
        moves.items[at] = (CouponMove){
            .coupon_id = a->id, .member_id = order->member_id, .shop_id = order->shop_id, .off_fen = a->off_fen
        };
        is_named[at] = promo_of(ask, a)->forced;
    }
    plan->coupons = moves;
    plan->is_named = is_named;
}

static Err take_decision(Ctx *c, OrderPlan *plan, const PromoAsk *ask, const ItemFact *gifts) {
    Order *order = &plan->order;
    const PromoDecision *d = &plan->decision;
    int64_t n = order->lines.count, room = d->adjustments.count;
    bool uses_offer = false;
    assert(room <= ORDER_ADJUSTMENTS_MAX);
    OrderLine *lines = NEW_LIST(c->arena, OrderLine, n + room);
    ItemFact *facts = NEW_LIST(c->arena, ItemFact, n + room);
    for (int64_t i = 0; i < n; i++) {
        lines[i] = order->lines.items[i];
        facts[i] = plan->facts.items[i];
    }
    order->lines.items = lines;
    plan->facts = (ItemFacts){ facts, n };
    order->adjustments = (OrderAdjustments){ NEW_LIST(c->arena, OrderAdjustment, room), 0 };
    for (int64_t i = 0; i < room; i++) {
        const PromoAdjustment *a = &d->adjustments.items[i];
        take_step(c, plan, ask, a);
        if (a->gift_item_id != 0) take_gift(plan, a, &gifts[i]);
        uses_offer = uses_offer || str_is(order->adjustments.items[i].rule, "offer");
    }
    if (!uses_offer) plan->offer_version = 0;
    take_coupons(c, plan, ask);
    return OK;
}

Err order_plan_promo(Ctx *c, const OrderNew *in, OrderPlan *plan) {
    PromoAsk ask;
    plan->decision.optimal = true;
    TRY(ask_of(c, in, plan, &ask));
    if (ask.offers.count + ask.coupons.count > 0) {
        ItemFact *gifts = NEW_LIST(c->arena, ItemFact, ask.offers.count + ask.coupons.count);
        TRY(decide(c, plan, &ask, gifts));
        TRY(take_decision(c, plan, &ask, gifts));
    }
    Order *order = &plan->order;
    for (int64_t i = 0; i < order->lines.count; i++) {
        OrderLine *line = &order->lines.items[i];
        line->payable_fen = line->amount_fen - line->discount_fen;
        order->discount_fen += line->discount_fen;
        order->payable_fen += line->payable_fen;
    }
    return OK;
}

Err order_plan_reward(Ctx *c, OrderPlan *plan) {
    const OrderLines *lines = &plan->order.lines;
    RewardSolds sold = { NEW_LIST(c->arena, RewardSold, lines->count), 0 };
    for (int64_t i = 0; i < lines->count; i++) {
        const OrderLine *line = &lines->items[i];
        if (line->item_id != 0) sold.items[sold.count++] = (RewardSold){ line->line_no, line->item_id, line->quantity };
    }
    return sold.count > 0 ? reward_plan_sold(c, &sold, &plan->reward) : OK;
}

/* ---- in the unit ---- */

Err order_take_coupons(Ctx *c, const OrderPlan *plan, bool is_paid) {
    for (int64_t i = 0; i < plan->coupons.count; i++) {
        CouponMove move = plan->coupons.items[i];
        move.order_id = plan->order.order_id;
        Err err = is_paid ? coupon_use(c, &move) : coupon_lock(c, &move);
        if (err == OK) continue;
        if (err != E_CONFLICT || plan->is_named[i]) return err;
        problem_clear(c); /* chosen by the engine, and gone meanwhile: there may be another best */
        return fail(c, E_STALE, "order.moved", "会员的券刚刚变动，请重新报价",
                    "the member's coupons have changed meanwhile: ask for the price again");
    }
    return OK;
}

Err order_use_locked(Ctx *c, const Order *order) {
    for (int64_t last = 0, next;; last = next) {
        const OrderAdjustment *coupon = NULL;
        for (int64_t i = 0; i < order->adjustments.count; i++) {
            const OrderAdjustment *a = &order->adjustments.items[i];
            if (str_is(a->rule, "coupon") && a->source_id > last &&
                (coupon == NULL || a->source_id < coupon->source_id))
                coupon = a;
        }
        if (coupon == NULL) return OK;
        next = coupon->source_id;
        TRY(coupon_use(c, &(CouponMove){ .coupon_id = next,
                                         .member_id = order->member_id,
                                         .order_id = order->order_id,
                                         .shop_id = order->shop_id,
                                         .off_fen = coupon->off_fen }));
    }
}
