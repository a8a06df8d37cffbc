/* From the snapshot to a plan: what stands in the basket's way before any search, in an order that does not depend on
 * the order of the input. */
#include <assert.h>
#include <string.h>
#include "domain/promo/promo_plan.h"

/* A new rule or action family is one file and one line here. */
static const PromoRule *const rules[] = {
    &promo_rule_when, &promo_rule_place, &promo_rule_who, &promo_rule_birthday, &promo_rule_first_order,
};
extern const PromoAction promo_action_rate, promo_action_price, promo_action_member_price, promo_action_nth,
    promo_action_bundle, promo_action_piece, promo_action_discount, promo_action_cash, promo_action_gift,
    promo_action_delivery;
const PromoAction *const promo_actions[] = {
    [PROMO_RATE] = &promo_action_rate,     [PROMO_PRICE] = &promo_action_price,
    [PROMO_NTH] = &promo_action_nth,       [PROMO_MEMBER_PRICE] = &promo_action_member_price,
    [PROMO_BUNDLE] = &promo_action_bundle, [PROMO_PIECE] = &promo_action_piece,
    [PROMO_CASH] = &promo_action_cash,     [PROMO_DISCOUNT] = &promo_action_discount,
    [PROMO_GIFT] = &promo_action_gift,     [PROMO_DELIVERY] = &promo_action_delivery,
};

static bool is_within(int64_t value, int64_t most) { return value >= 0 && value <= most; }

static bool promo_fits(const Promo *p) {
    bool fits = is_within(p->rate_bp, RATE_WHOLE_BP) && is_within(p->off_fen, PROMO_AMOUNT_MAX_FEN) &&
                is_within(p->price_fen, PROMO_AMOUNT_MAX_FEN) && is_within(p->cap_fen, PROMO_AMOUNT_MAX_FEN) &&
                is_within(p->threshold_fen, PROMO_AMOUNT_MAX_FEN) &&
                is_within(p->threshold_pieces, PROMO_AMOUNT_MAX_FEN) && is_within(p->nth, PROMO_QUANTITY_MAX) &&
                is_within(p->pieces, PROMO_QUANTITY_MAX) && is_within(p->times_max, PROMO_QUANTITY_MAX) &&
                is_within(p->gift_quantity, PROMO_QUANTITY_MAX) && is_within(p->gift_worth_fen, PROMO_AMOUNT_MAX_FEN);
    for (int64_t i = 0; i < p->steps.count; i++)
        fits = fits && is_within(p->steps.items[i].threshold_fen, PROMO_AMOUNT_MAX_FEN) &&
               is_within(p->steps.items[i].off_fen, PROMO_AMOUNT_MAX_FEN);
    for (int64_t i = 0; i < p->parts.count; i++)
        fits = fits && is_within(p->parts.items[i].quantity, PROMO_QUANTITY_MAX);
    return fits && p->kind <= PROMO_DELIVERY && p->stack <= PROMO_ALONE;
}

static Err check_amounts(Ctx *c, const PromoAsk *ask) {
    int64_t sum = 0, amount;
    bool fits = ask->lines.count <= PROMO_LINES_MAX && ask->offers.count <= PROMO_PROMOS_MAX &&
                ask->coupons.count <= PROMO_PROMOS_MAX && is_within(ask->delivery_fen, PROMO_AMOUNT_MAX_FEN);
    for (int64_t i = 0; fits && i < ask->lines.count; i++) {
        const PromoLine *line = &ask->lines.items[i];
        fits = line->quantity >= 1 && line->quantity <= PROMO_QUANTITY_MAX && line->floor_price_fen >= 0 &&
               line->member_price_fen >= 0 && is_within(line->unit_price_fen, PROMO_AMOUNT_MAX_FEN) &&
               fen_mul(line->unit_price_fen, line->quantity, &amount) && fen_add(sum, amount, &sum) &&
               sum <= PROMO_AMOUNT_MAX_FEN;
    }
    for (int64_t i = 0; fits && i < ask->offers.count; i++) fits = promo_fits(&ask->offers.items[i]);
    for (int64_t i = 0; fits && i < ask->coupons.count; i++) fits = promo_fits(&ask->coupons.items[i]);
    if (fits) return OK;
    return fail(c, E_INVALID, "promo.amount", "金额、数量或行数超出范围，不能计价",
                "amounts, quantities or numbers of lines out of range: not priced");
}

static int compare_promos(const Promo *a, bool a_coupon, const Promo *b, bool b_coupon) {
    PromoStage sa = promo_actions[a->kind]->stage, sb = promo_actions[b->kind]->stage;
    if (sa != sb) return sa < sb ? -1 : 1;
    if (a->rank != b->rank) return a->rank < b->rank ? -1 : 1;
    if (a_coupon != b_coupon) return a_coupon ? 1 : -1;
    return a->id == b->id ? 0 : a->id < b->id ? -1 : 1;
}

/* Insertion keeps it simple: 1 000 at most, mostly far fewer, and often in order already. */
static void add_deal(Plan *plan, const Promo *p, bool is_coupon) {
    int64_t at = plan->deal_count++;
    for (; at > 0; at--) {
        const Deal *before = &plan->deals[at - 1];
        if (compare_promos(before->promo, before->is_coupon, p, is_coupon) <= 0) break;
        plan->deals[at] = *before;
    }
    plan->deals[at] = (Deal){ .promo = p, .action = promo_actions[p->kind], .is_coupon = is_coupon };
}

static void sort_lines(Plan *plan) {
    PromoLine *lines = NEW_LIST(plan->arena, PromoLine, plan->ask->lines.count + 1);
    for (int64_t i = 0; i < plan->ask->lines.count; i++) {
        int64_t at = i;
        for (; at > 0 && lines[at - 1].line_no > plan->ask->lines.items[i].line_no; at--) lines[at] = lines[at - 1];
        lines[at] = plan->ask->lines.items[i];
    }
    plan->lines = lines;
    plan->line_count = plan->ask->lines.count;
    plan->floor = NEW_LIST(plan->arena, int64_t, plan->line_count + 1);
    for (int64_t l = 0; l < plan->line_count; l++) {
        bool is_higher = lines[l].floor_price_fen > lines[l].unit_price_fen;
        plan->floor[l] = is_higher ? lines[l].unit_price_fen : lines[l].floor_price_fen;
        plan->amount_fen += lines[l].unit_price_fen * lines[l].quantity;
    }
}

static bool line_in(const Promo *p, const PromoLine *line) {
    if (!promo_scope_has(&p->scope, line)) return false;
    if (p->kind != PROMO_BUNDLE) return true;
    for (int64_t i = 0; i < p->parts.count; i++)
        if (p->parts.items[i].item_id == line->item_id) return true;
    return false;
}

static int64_t class_of(const Plan *plan, const Deal *deal, int64_t *count) {
    if (deal->promo->stack_class.len == 0) return 0;
    for (const Deal *d = plan->deals; d < deal; d++)
        if (str_equal(d->promo->stack_class, deal->promo->stack_class)) return d->class_no;
    return ++*count;
}

/* Everything about one deal that no other deal changes. */
static void judge_deal(Plan *plan, Deal *deal) {
    const Promo *p = deal->promo;
    const PromoAsk *ask = plan->ask;
    deal->lines = NEW_LIST(plan->arena, int64_t, plan->line_count);
    if (deal->action->unit != NULL) deal->unit = NEW_LIST(plan->arena, int64_t, plan->line_count);
    int64_t fen = 0, pieces = 0, life = p->expires_at == 0 ? PROMO_LIFE_MAX_MS : p->expires_at - ask->now;
    for (int64_t l = 0; l < plan->line_count; l++) {
        const PromoLine *line = &plan->lines[l];
        int64_t unit = 0;
        if (!line_in(p, line) || (p->scope.skips_discounted && line->discounted)) continue;
        fen += line->unit_price_fen * line->quantity;
        pieces += line->quantity;
        if (deal->action->unit != NULL) {
            if (!deal->action->unit(p, line, &unit)) continue;
            if (unit < plan->floor[l]) unit = plan->floor[l];
            deal->unit[deal->line_count] = unit;
        }
        deal->lines[deal->line_count++] = l;
    }
    if (deal->is_coupon) deal->life_ms = life < 1 ? 1 : life > PROMO_LIFE_MAX_MS ? PROMO_LIFE_MAX_MS : life;
    deal->code = p->forbidden ? "cashier.forbidden" : NULL;
    for (size_t i = 0; deal->code == NULL && i < sizeof rules / sizeof rules[0]; i++)
        deal->code = rules[i]->check(ask, p);
    if (deal->code == NULL && deal->line_count == 0) deal->code = "scope.none";
    if (deal->code == NULL && deal->action->group == GROUP_SHIPPING && ask->delivery_fen == 0)
        deal->code = "scope.no_delivery";
    if (deal->code == NULL && deal->action->group == GROUP_LINE &&
        !promo_threshold_reached(p, fen, pieces, &deal->short_fen, &deal->short_pieces))
        deal->code = deal->short_fen > 0 ? "threshold.amount" : "threshold.pieces";
    deal->is_out = deal->code != NULL;
}

Err promo_plan_make(Ctx *c, const PromoAsk *ask, Plan *ret_plan) {
    Plan *plan = ret_plan;
    int64_t classes = 0;
    TRY(check_amounts(c, ask));
    *plan = (Plan){ .ask = ask, .arena = c->arena };
    plan->coupons_max = ask->coupons_max > 0 ? ask->coupons_max : PROMO_COUPONS_MAX;
    plan->work_max = ask->work_max > 0 ? ask->work_max : PROMO_WORK_MAX;
    sort_lines(plan);
    plan->deals = NEW_LIST(c->arena, Deal, ask->offers.count + ask->coupons.count + 1);
    for (int64_t i = 0; i < ask->offers.count; i++) add_deal(plan, &ask->offers.items[i], false);
    for (int64_t i = 0; i < ask->coupons.count; i++) add_deal(plan, &ask->coupons.items[i], true);
    for (int64_t i = 0; i < plan->deal_count; i++) {
        Deal *deal = &plan->deals[i];
        deal->class_no = class_of(plan, deal, &classes);
        judge_deal(plan, deal);
        plan->is_forced = plan->is_forced || deal->promo->forced;
    }
    return OK;
}
