/* Bounds: scores that no set of a branch can beat (docs/adr/011-promotion-search.md). Every one is the exact optimum of
 * a question that allows more than the real one. */
#include <string.h>
#include "domain/promo/promo_search.h"

static bool is_wanted_more(const Candidate *a, const Candidate *b) {
    if (a->off_fen != b->off_fen) return a->off_fen > b->off_fen;
    if (a->worth_fen != b->worth_fen) return a->worth_fen > b->worth_fen;
    if (a->deal->life_ms != b->deal->life_ms) return a->deal->life_ms < b->deal->life_ms;
    return a->deal < b->deal;
}

void search_add(Candidate *list, int64_t *count, const Deal *deal, int64_t off_fen, int64_t worth_fen,
                int64_t room_fen) {
    Candidate k = { .deal = deal,
                    .group = deal->action->group,
                    .is_discount = deal->action->stage == STAGE_DISCOUNT,
                    .is_alone = deal->promo->stack == PROMO_GROUP_ALONE,
                    .off_fen = off_fen,
                    .worth_fen = worth_fen,
                    .room_fen = room_fen };
    int64_t at = (*count)++;
    for (; at > 0 && is_wanted_more(&k, &list[at - 1]); at--) list[at] = list[at - 1];
    list[at] = k;
}

/* What comes on top: off and worth as much as possible, life and coupons as little. */
typedef struct Gain {
    int64_t off_fen, worth_fen, life_ms, coupons;
} Gain;

static Gain gain_of(const Candidate *k) {
    return (Gain){ k->off_fen, k->worth_fen, k->deal->life_ms, k->deal->is_coupon };
}

static Gain gain_sum(Gain a, Gain b, int64_t by) {
    return (Gain){ a.off_fen + by * b.off_fen, a.worth_fen + by * b.worth_fen, a.life_ms + by * b.life_ms,
                   a.coupons + by * b.coupons };
}

/* The better one; of equal ones the best of each part, which is better than both. */
static Gain gain_best(Gain a, Gain b) {
    if (a.off_fen != b.off_fen) return a.off_fen > b.off_fen ? a : b;
    return (Gain){ a.off_fen, a.worth_fen > b.worth_fen ? a.worth_fen : b.worth_fen,
                   a.life_ms < b.life_ms ? a.life_ms : b.life_ms, a.coupons < b.coupons ? a.coupons : b.coupons };
}

/* One group's greedy optimum: coupons up to the limit, one of each class among coupons and among offers, one discount.
 * Discounts are left out of the classes, and offers and coupons of one class do not see each other: more than legal. */
typedef struct Greedy {
    Gain sum, last, alone, discount[2]; /* discount: of offers, of coupons */
    bool has_alone, has_discount[2];
    int64_t left, worth_fen, off_fen; /* coupons left; sums of all that may join */
} Greedy;

static void greedy_take(Search *s, const Candidate *k, Greedy *g) {
    Gain gain = gain_of(k);
    int64_t class_no = k->deal->class_no, *seen = k->deal->is_coupon ? s->seen_coupon : s->seen_offer;
    if (k->off_fen == 0 && k->worth_fen == 0) return;
    g->worth_fen += k->worth_fen;
    g->off_fen += k->off_fen;
    if (k->is_alone) {
        g->alone = g->has_alone ? gain_best(g->alone, gain) : gain;
        g->has_alone = true;
        return;
    }
    if (k->is_discount) {
        bool is_coupon = k->deal->is_coupon;
        if (!g->has_discount[is_coupon]) g->discount[is_coupon] = gain;
        g->has_discount[is_coupon] = true;
        return;
    }
    if (class_no != 0 && seen[class_no] == s->stamp) return;
    if (k->deal->is_coupon && g->left == 0) return;
    if (class_no != 0) seen[class_no] = s->stamp;
    g->sum = gain_sum(g->sum, gain, 1);
    if (!k->deal->is_coupon) return;
    g->last = gain;
    g->left--;
}

static Gain greedy_end(const Greedy *g, int64_t slots) {
    Gain best = g->sum;
    if (g->has_discount[0]) best = gain_best(best, gain_sum(g->sum, g->discount[0], 1));
    if (g->has_discount[1] && slots > 0) {
        Gain less = g->left > 0 ? g->sum : gain_sum(g->sum, g->last, -1);
        best = gain_best(best, gain_sum(less, g->discount[1], 1));
    }
    return g->has_alone ? gain_best(best, g->alone) : best;
}

/* At the room's end a costlier set may take as much as the greedy one: only what needs no choice is promised. */
static Gain clamp(Gain gain, const Greedy *g, int64_t room_fen) {
    return gain.off_fen < room_fen ? gain : (Gain){ room_fen, g->worth_fen, 0, 0 };
}

void search_relax(Search *s, const Candidate *list, int64_t count, int64_t floor_fen, Score *score) {
    Greedy greedy[PROMO_GROUPS] = { 0 };
    int64_t slots = s->plan->coupons_max - s->coupons, delivery = s->plan->ask->delivery_fen;
    greedy[GROUP_ORDER].left = greedy[GROUP_SHIPPING].left = slots;
    s->stamp++;
    for (int64_t i = 0; i < count; i++) {
        const Candidate *k = &list[i];
        if (k->deal->class_no != 0 && s->used_class[k->deal->class_no]) continue;
        if ((k->deal->is_coupon && slots <= 0) || (k->is_discount && s->has_discount)) continue;
        if (s->has_alone[k->group] || (k->is_alone && s->joined[k->group] > 0)) continue;
        if (!s->in[k->deal - s->plan->deals]) greedy_take(s, k, &greedy[k->group]);
    }
    Gain order = greedy_end(&greedy[GROUP_ORDER], slots), shipping = greedy_end(&greedy[GROUP_SHIPPING], slots);
    shipping = clamp(shipping, &greedy[GROUP_SHIPPING], delivery);
    Gain both = gain_sum(order, shipping, 1);
    int64_t room = score->payable_fen - floor_fen;
    if (both.off_fen >= room)
        both = (Gain){ room, greedy[GROUP_ORDER].worth_fen + greedy[GROUP_SHIPPING].worth_fen, 0, 0 };
    score->payable_fen -= both.off_fen;
    score->worth_fen += both.worth_fen;
    score->life_ms += both.life_ms;
    score->coupons += both.coupons;
}

/* The lowest unit price of each line if all undecided price deals took part, and what they sum up to with what step 2
 * takes off already. */
static int64_t price_low(Search *s, int64_t depth) {
    const Plan *plan = s->plan;
    int64_t sum = 0;
    memcpy(s->low, s->goods.unit, sizeof(int64_t) * (size_t)plan->line_count);
    for (int64_t i = depth; i < s->line_deal_count && s->line_deals[i]->unit != NULL; i++) {
        const Deal *deal = s->line_deals[i];
        if (deal->class_no != 0 && s->used_class[deal->class_no]) continue;
        for (int64_t k = 0; k < deal->line_count; k++)
            if (deal->unit[k] < s->low[deal->lines[k]]) s->low[deal->lines[k]] = deal->unit[k];
    }
    for (int64_t l = 0; l < plan->line_count; l++) sum += s->low[l] * plan->lines[l].quantity - s->goods.off[l];
    return sum;
}

/* The most that undecided deals of step 2 can take off at these prices. */
static int64_t pieces_most(Search *s, int64_t depth, const int64_t *unit) {
    int64_t sum = 0;
    memset(s->clique_most, 0, sizeof(int64_t) * (size_t)s->clique_count);
    for (int64_t i = depth; i < s->line_deal_count; i++) {
        const Deal *deal = s->line_deals[i];
        if (deal->unit != NULL || deal_clash(s->plan, s->in, deal - s->plan->deals) != NULL) continue;
        int64_t most = deal->action->most(s->plan, deal, deal->action->owns_lines ? unit : s->goods.unit),
                *at = &s->clique_most[s->clique[i]];
        if (most > *at) {
            sum += most - *at;
            *at = most;
        }
    }
    return sum;
}

static int64_t scope_low(const Search *s, const Deal *deal) {
    int64_t fen = 0;
    for (int64_t k = 0; k < deal->line_count; k++)
        fen += s->low[deal->lines[k]] * s->plan->lines[deal->lines[k]].quantity - s->goods.off[deal->lines[k]];
    return fen;
}

/* What the goods cost at least: deals that own their lines take off less than prices rise, so either prices are the
 * lowest and so is what comes off, or what comes off is as at the highest prices and the rise counts in full.
 * How far the prices may rise from the lowest ones decides which thresholds are reached. The rise is cut into
 * stretches: in each, the goods cost at least its foot more, and thresholds are reached as at its top. Discounts grow
 * slower than prices, so they are taken at the foot. No scope rises more than the whole. */
typedef struct Reach {
    const Deal *deal;
    int64_t low_fen, high_fen, room_fen, pieces;
} Reach;

static int64_t reach_at(const Reach *r, int64_t rise) {
    return rise < r->high_fen - r->low_fen ? r->low_fen + rise : r->high_fen;
}

static void stretch_bound(Search *s, const Reach *reach, int64_t count, int64_t foot, int64_t top, Score *score) {
    int64_t listed = 0, a, b;
    for (int64_t i = 0; i < count; i++) {
        const Reach *r = &reach[i];
        const Promo *p = r->deal->promo;
        bool is_discount = r->deal->action->stage == STAGE_DISCOUNT;
        int64_t at = reach_at(r, top);
        if (!promo_threshold_reached(p, at, r->pieces, &a, &b)) continue;
        int64_t off = r->deal->action->off(p, is_discount ? reach_at(r, foot) : at, r->room_fen);
        int64_t worth = deal_worth(r->deal, at, r->pieces);
        if (off > 0 || worth > 0) search_add(s->reached, &listed, r->deal, off, worth, r->room_fen);
    }
    search_relax(s, s->reached, listed, s->floor_fen, score);
}

void search_bound(Search *s, int64_t depth, Score *ret_bound) {
    const Plan *plan = s->plan;
    int64_t low = price_low(s, depth), most = s->goods.total_fen - low;
    int64_t at_low = low - pieces_most(s, depth, s->low), at_high = low - pieces_most(s, depth, s->goods.unit);
    int64_t rise = INT64_MAX, reaches = 0;
    ArenaMark mark = arena_mark(plan->arena);
    Reach *reach = NEW_LIST(plan->arena, Reach, plan->deal_count - s->order_from + 1);
    for (int64_t i = s->order_from; i < plan->deal_count; i++) {
        const Deal *deal = &plan->deals[i];
        Reach *r = &reach[reaches];
        if (deal->is_out || deal->promo->stack == PROMO_ALONE) continue;
        r->deal = deal;
        goods_scope(plan, deal, &s->goods, &r->high_fen, &r->pieces, &r->room_fen);
        r->low_fen = deal->promo->scope.skips_discounted ? r->high_fen : scope_low(s, deal);
        int64_t next = promo_threshold_next(deal->promo, r->low_fen, r->pieces);
        if (next < rise && next <= r->high_fen - r->low_fen) rise = next;
        reaches++;
    }
    if (at_low < s->floor_fen) at_low = s->floor_fen;
    Score base = { .payable_fen = at_low + plan->ask->delivery_fen, .life_ms = s->line_life_ms, .coupons = s->coupons };
    if (rise > most) rise = most + 1;
    *ret_bound = base;
    stretch_bound(s, reach, reaches, 0, rise - 1, ret_bound);
    for (int64_t foot = rise, top; foot <= most && (!s->has_best || is_hopeless(s, ret_bound)); foot = top) {
        Score bound = base;
        if (at_high + foot > at_low) bound.payable_fen += at_high + foot - at_low;
        top = foot > most - foot ? most + 1 : 2 * foot;
        stretch_bound(s, reach, reaches, foot, top - 1, &bound);
        if (score_compare(&bound, ret_bound) < 0) *ret_bound = bound;
    }
    arena_back(plan->arena, mark);
}

/* ---- start ---- */

static int64_t saving(const Plan *plan, const Deal *deal, const int64_t *unit) {
    int64_t sum = 0;
    if (deal->unit == NULL) return deal->action->most(plan, deal, unit);
    for (int64_t k = 0; k < deal->line_count; k++)
        if (deal->unit[k] < unit[deal->lines[k]])
            sum += (unit[deal->lines[k]] - deal->unit[k]) * plan->lines[deal->lines[k]].quantity;
    return sum;
}

static void add_line_deal(Search *s, const Deal *deal, const int64_t *unit) {
    int64_t at = s->line_deal_count++, mine = saving(s->plan, deal, unit);
    for (; at > 0; at--) {
        const Deal *before = s->line_deals[at - 1];
        if (before->action->stage != deal->action->stage || saving(s->plan, before, unit) >= mine) break;
        s->line_deals[at] = before;
    }
    s->line_deals[at] = deal;
}

/* Of deals that exclude each other pairwise only the greatest counts in the bound. */
static void find_cliques(Search *s) {
    bool *one = NEW_LIST(s->plan->arena, bool, s->plan->deal_count + 1);
    for (int64_t i = 0; i < s->line_deal_count; i++) {
        int64_t clique = 0, me = s->line_deals[i] - s->plan->deals;
        for (bool fits = false; clique < s->clique_count && !fits; clique += !fits) {
            fits = true;
            for (int64_t k = 0; k < i && fits; k++) {
                int64_t other = s->line_deals[k] - s->plan->deals;
                one[other] = true;
                if (s->clique[k] == clique) fits = deal_clash(s->plan, one, me) != NULL;
                one[other] = false;
            }
        }
        s->clique[i] = clique;
        if (clique == s->clique_count) s->clique_count++;
    }
}

void search_start(Search *s) {
    Plan *plan = s->plan;
    Arena *a = plan->arena;
    int64_t deals = plan->deal_count + 1;
    s->in = NEW_LIST(a, bool, deals);
    s->used_class = NEW_LIST(a, bool, deals);
    s->seen_offer = NEW_LIST(a, int64_t, 2 * deals);
    s->seen_coupon = s->seen_offer + deals;
    s->candidates = NEW_LIST(a, Candidate, 2 * deals);
    s->reached = s->candidates + deals;
    s->want = NEW_LIST(a, int64_t, deals);
    s->room = NEW_LIST(a, int64_t, plan->line_count + 1);
    s->low = NEW_LIST(a, int64_t, plan->line_count + 1);
    s->line_deals = NEW_LIST(a, const Deal *, deals);
    s->clique = NEW_LIST(a, int64_t, 2 * deals);
    s->clique_most = s->clique + deals;
    goods_new(plan, &s->goods);
    goods_price(plan, s->in, &s->goods);
    for (int64_t l = 0; l < plan->line_count; l++) s->floor_fen += plan->floor[l] * plan->lines[l].quantity;
    for (s->order_from = 0; s->order_from < plan->deal_count; s->order_from++) {
        const Deal *deal = &plan->deals[s->order_from];
        if (deal->action->group != GROUP_LINE) break;
        if (!deal->is_out && deal->promo->stack == PROMO_STACKABLE) add_line_deal(s, deal, s->goods.unit);
    }
    find_cliques(s);
}
