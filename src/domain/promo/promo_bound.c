/* The bound of a branch (docs/adr/011-promotion-search.md): what no set below a node can beat, where the last of
 * line_deals are undecided. Every step is the optimum of a question that allows more than the real one.
 *
 * Least cost: the lowest prices that are still possible less the most that deals of step 2 can take off there. Each of
 * those takes off at most so much more where prices are higher as the prices have risen, so no choice costs less.
 * Reach: how much a scope can cost at most where all goods together cost `rise` more than that. A threshold above is
 * reached from some rise on, and rises are paid in full; so the bound is the best over the rises at thresholds. */
#include <string.h>
#include "domain/promo/promo_search.h"

enum { LEVELS_MAX = 12, INDEPENDENT_STEPS_MAX = 64 };

void search_scopes(Search *s) {
    const Plan *plan = s->plan;
    for (int64_t i = 0; i < s->scope_count; i++) {
        Scope *scope = &s->scopes[i];
        scope->fen = scope->pieces = scope->room_fen = 0;
        for (int64_t k = 0; k < scope->line_count; k++) {
            int64_t l = scope->lines[k];
            if (scope->skips && line_is_discounted(plan, &s->goods, l)) continue;
            scope->fen += s->goods.unit[l] * plan->lines[l].quantity - s->goods.off[l];
            scope->pieces += plan->lines[l].quantity;
            scope->room_fen += s->goods.room[l];
        }
    }
}

/* ---- least cost ---- */

static int64_t price_low(Search *s, int64_t depth, int64_t *ret_floor_fen) {
    const Plan *plan = s->plan;
    int64_t sum = 0, floor = 0;
    memcpy(s->low, s->goods.unit, sizeof(int64_t) * (size_t)plan->line_count);
    for (int64_t i = depth; i < s->pieces_from; i++) {
        const Deal *deal = s->line_deals[i];
        if (s->blocked[i] > 0) continue;
        for (int64_t k = 0; k < deal->line_count; k++)
            if (deal->unit[k] < s->low[deal->lines[k]]) s->low[deal->lines[k]] = deal->unit[k];
    }
    for (int64_t l = 0; l < plan->line_count; l++) {
        int64_t quantity = plan->lines[l].quantity, cost = s->low[l] * quantity - s->goods.off[l];
        sum += cost;
        floor += s->is_covered[l] ? plan->floor[l] * quantity : cost;
    }
    *ret_floor_fen = floor;
    return sum;
}

/* Prices change seldom from node to node: what was worked out for the same prices stands. */
static int64_t most_at(const Search *s, const Deal *deal, const int64_t *unit, int64_t *units, int64_t *ret_most) {
    bool is_same = true;
    for (int64_t k = 0; k < deal->line_count; k++) {
        is_same = is_same && units[k] == unit[deal->lines[k]];
        units[k] = unit[deal->lines[k]];
    }
    if (!is_same) *ret_most = deal->action->most(s->plan, deal, unit);
    return *ret_most;
}

/* The heaviest set of deals that do not exclude each other; where that is too much to ask, more than that. */
static int64_t heaviest(const Search *s, uint64_t open, int64_t *steps) {
    int64_t sum = 0, pick = -1, busy = 0;
    for (uint64_t rest = open; rest != 0; rest &= rest - 1) {
        int64_t i = __builtin_ctzll(rest), others = __builtin_popcountll(s->conflicts[i] & open);
        if (others == 0 || *steps <= 0) {
            sum += s->most[i].low;
            open &= ~((uint64_t)1 << i);
        } else if (others > busy) {
            pick = i;
            busy = others;
        }
    }
    if (pick < 0 || (open >> pick & 1) == 0) return sum;
    --*steps;
    open &= ~((uint64_t)1 << pick);
    int64_t with = s->most[pick].low + heaviest(s, open & ~s->conflicts[pick], steps), without = heaviest(s, open, steps);
    return sum + (with > without ? with : without);
}

typedef struct Pieces { int64_t most_fen; uint64_t open, isolated; } Pieces;

static void pieces_most(Search *s, int64_t depth, Pieces *p) {
    uint64_t paying = 0;
    int64_t steps = INDEPENDENT_STEPS_MAX;
    *p = (Pieces){ 0 };
    for (int64_t i = depth > s->pieces_from ? depth : s->pieces_from; i < s->line_deal_count; i++) {
        const Deal *deal = s->line_deals[i];
        int64_t at = i - s->pieces_from;
        if (s->blocked[i] > 0 || (deal->is_coupon && s->coupons >= s->plan->coupons_max)) continue;
        int64_t low = most_at(s, deal, s->low, s->most[at].low_units, &s->most[at].low);
        if (at >= 64) p->most_fen += low;
        else p->open |= (uint64_t)1 << at;
        if (at < 64 && low > 0) paying |= (uint64_t)1 << at;
    }
    p->most_fen += heaviest(s, paying, &steps);
    for (uint64_t rest = paying; rest != 0; rest &= rest - 1) {
        int64_t at = __builtin_ctzll(rest);
        if ((s->conflicts[at] & paying) == 0) p->isolated |= (uint64_t)1 << at;
    }
}

/* What the lines outside a scope cost at least bounds what those inside can cost. */
static void reach_scopes(Search *s, const Pieces *p) {
    uint64_t owners = 0;
    bool is_known = s->line_deal_count - s->pieces_from <= 64;
    for (uint64_t rest = p->open; rest != 0; rest &= rest - 1) {
        int64_t at = __builtin_ctzll(rest);
        const Deal *deal = s->line_deals[s->pieces_from + at];
        if (!deal->action->owns_lines) continue;
        most_at(s, deal, s->goods.unit, s->most[at].high_units, &s->most[at].high);
        if (s->most[at].high > s->most[at].low) owners |= (uint64_t)1 << at;
    }
    for (int64_t i = 0; i < s->scope_count; i++) {
        Scope *scope = &s->scopes[i];
        int64_t fen = 0;
        scope->reach_fen = scope->fen;
        if (scope->skips || !is_known) continue;
        for (int64_t k = 0; k < scope->line_count; k++)
            fen += s->low[scope->lines[k]] * s->plan->lines[scope->lines[k]].quantity - s->goods.off[scope->lines[k]];
        if ((p->open & ~scope->inside) == 0) {
            scope->reach_fen = fen - p->most_fen;
            continue;
        }
        for (uint64_t rest = p->isolated & scope->inside; rest != 0; rest &= rest - 1)
            fen -= s->most[__builtin_ctzll(rest)].low;
        for (uint64_t rest = owners & scope->crossing; rest != 0; rest &= rest - 1)
            fen += s->most[__builtin_ctzll(rest)].high - s->most[__builtin_ctzll(rest)].low;
        scope->reach_fen = fen;
    }
}

/* ---- thresholds ---- */

/* The most that comes off at any cost up to this one: a ladder's higher step may give less. */
static int64_t off_most(const Deal *deal, int64_t fen, int64_t room_fen) {
    int64_t off = deal->action->off(deal->promo, fen, room_fen);
    for (int64_t i = 0; i < deal->promo->steps.count; i++) {
        const PromoStep *step = &deal->promo->steps.items[i];
        if (step->threshold_fen <= fen && step->off_fen > off) off = step->off_fen;
    }
    return off < room_fen ? off : room_fen;
}

static Gain gain_at(const Candidate *k, int64_t fen, int64_t pieces) {
    int64_t a, b;
    if (!promo_threshold_reached(k->deal->promo, fen, pieces, &a, &b)) return gain_of(k->deal, 0, 0);
    return gain_of(k->deal, off_most(k->deal, fen, k->room_fen), deal_worth(k->deal, fen, pieces));
}

static void list_candidates(Search *s) {
    const Plan *plan = s->plan;
    s->reached_count = 0;
    for (int64_t i = s->order_from; i < plan->deal_count; i++) {
        const Deal *deal = &plan->deals[i];
        if (deal->is_out || deal->promo->stack == PROMO_ALONE) continue;
        const Scope *scope = &s->scopes[s->scope_of[i]];
        bool is_shipping = deal->action->group == GROUP_SHIPPING;
        int64_t fen = scope->reach_fen < scope->fen ? scope->reach_fen : scope->fen, a, b;
        Candidate k = { .deal = deal,
                        .scope = is_shipping ? -1 : s->scope_of[i],
                        .group = deal->action->group,
                        .is_discount = deal->action->stage == STAGE_DISCOUNT,
                        .is_alone = deal->promo->stack == PROMO_GROUP_ALONE,
                        .room_fen = is_shipping ? plan->ask->delivery_fen : scope->room_fen };
        if (!search_may_join(s, &k) || !promo_threshold_reached(deal->promo, scope->fen, scope->pieces, &a, &b)) continue;
        k.most_fen = off_most(deal, scope->fen, k.room_fen);
        k.worth_fen = deal_worth(deal, scope->fen, scope->pieces);
        k.gain = gain_at(&k, k.is_alone ? scope->fen : fen, scope->pieces);
        search_add(s->reached, &s->reached_count, &k);
    }
}

static int64_t scope_at(const Search *s, const Candidate *k) { return s->scope_of[k->deal - s->plan->deals]; }

static Gain gain_over(Gain gain, Gain slot) {
    const Gain none = { 0 };
    gain = gain_less(gain, slot);
    return gain_compare(&gain, &none) > 0 ? gain : none;
}

/* What the class gives already. */
static Gain class_gain(const Search *s, const Candidate *k, Gain slot) {
    Gain best = gain_over(k->gain, slot);
    for (int64_t i = 0; k->deal->class_no != 0 && i < s->reached_count; i++) {
        const Candidate *other = &s->reached[i];
        bool is_same = other->deal->class_no == k->deal->class_no && other->deal->is_coupon == k->deal->is_coupon;
        if (!is_same || other->is_alone || other->is_discount) continue;
        Gain gain = gain_over(other->gain, slot);
        if (gain_compare(&gain, &best) > 0) best = gain;
    }
    return best;
}

static void add_rises(Search *s, const Candidate *k, const Choice *c) {
    const Scope *scope = &s->scopes[scope_at(s, k)];
    const Gain none = { 0 }, slot = k->deal->is_coupon ? c->slot : none;
    int64_t fen = scope->reach_fen, levels = 0;
    if (fen >= scope->fen || k->is_alone || k->is_discount) return;
    Gain most = gain_over(gain_of(k->deal, k->most_fen, k->worth_fen), slot);
    if (gain_compare(&most, &none) <= 0) return;
    Gain has = class_gain(s, k, slot);
    while (gain_compare(&most, &has) > 0) {
        int64_t next = promo_threshold_next(k->deal->promo, fen, scope->pieces);
        if (next > scope->fen - fen) return;
        fen += next;
        Gain gain = ++levels == LEVELS_MAX ? most : gain_over(gain_at(k, fen, scope->pieces), slot);
        if (gain_compare(&gain, &has) <= 0) continue;
        if (s->rise_count == s->rise_max) return;
        s->rises[s->rise_count++] = (Rise){ fen - scope->reach_fen, gain_less(gain, has) };
        has = gain;
    }
}

static Gain discount_at(const Search *s, int64_t rise_fen, const Choice *c) {
    Gain best = c->discount;
    for (int64_t i = 0; i < s->reached_count; i++) {
        const Candidate *k = &s->reached[i];
        const Scope *scope = &s->scopes[scope_at(s, k)];
        if (!k->is_discount || k->is_alone) continue;
        int64_t fen = scope->reach_fen > scope->fen - rise_fen ? scope->fen : scope->reach_fen + rise_fen;
        Gain gain = gain_at(k, fen, scope->pieces);
        if (k->deal->is_coupon) gain = gain_less(gain, c->slot);
        if (gain_compare(&gain, &best) > 0) best = gain;
    }
    return best;
}

/* A rise can only pay if all that is reached up to it is worth it. */
static void drop_rises(Search *s, int64_t missing_fen) {
    for (int64_t before = -1; before != s->rise_count;) {
        int64_t sum = -missing_fen, kept = 0;
        before = s->rise_count;
        for (int64_t i = 0; i < s->rise_count; i++) sum += s->rises[i].more.off_fen;
        for (int64_t i = 0; i < s->rise_count; i++)
            if (s->rises[i].rise_fen <= sum) s->rises[kept++] = s->rises[i];
        s->rise_count = kept;
    }
}

static void sort_rises(Search *s) {
    for (int64_t i = 1; i < s->rise_count; i++) {
        Rise one = s->rises[i];
        int64_t at = i;
        for (; at > 0 && s->rises[at - 1].rise_fen > one.rise_fen; at--) s->rises[at] = s->rises[at - 1];
        s->rises[at] = one;
    }
}

/* ---- the bound ---- */

typedef struct Bound {
    Choice choice;
    Gain base, cap;             /* at the least cost; where the room ends */
    int64_t least_fen;
} Bound;

static void bound_base(Search *s, int64_t depth, Bound *b) {
    Pieces pieces;
    int64_t floor_fen, delivery = s->plan->ask->delivery_fen, shipping = 0, low = price_low(s, depth, &floor_fen);
    pieces_most(s, depth, &pieces);
    reach_scopes(s, &pieces);
    list_candidates(s);
    search_find_blocks(s, s->reached, s->reached_count);
    search_choose(s, s->reached, s->reached_count, &b->choice);
    for (int64_t i = 0; i < s->reached_count; i++)
        if (s->reached[i].group == GROUP_SHIPPING) shipping += s->reached[i].most_fen;
    if (shipping > delivery) shipping = delivery;
    b->least_fen = low - pieces.most_fen > floor_fen ? low - pieces.most_fen : floor_fen;
    b->least_fen += delivery;
    b->cap = (Gain){ shipping - delivery - floor_fen, 0 };
    b->base = gain_sum(gain_sum((Gain){ -b->least_fen, 0 }, s->line_gain), b->choice.sum);
    if (!b->choice.has_alone) return;
    Gain alone = gain_sum((Gain){ shipping - b->least_fen, 0 }, gain_sum(s->line_gain, b->choice.alone_order));
    b->choice.is_cut = true; /* seldom: fen alone decide */
    if (alone.off_fen > b->base.off_fen) b->base = alone;
    b->base.off_fen += b->choice.alone_shipping.off_fen;
}

/* Whether a gain beats the best set so far; where fen are equal, by the better founded of two ties. */
static bool is_better(Search *s, const Bound *b, Gain gain) {
    __int128 tie;
    bool is_capped = b->choice.is_cut || gain.off_fen > b->cap.off_fen;
    if (gain.off_fen > b->cap.off_fen) gain.off_fen = b->cap.off_fen;
    if (gain.off_fen != s->best_gain.off_fen) return gain.off_fen > s->best_gain.off_fen;
    if (!is_capped && gain.tie <= s->best_gain.tie) return false;
    int64_t need_fen = b->least_fen + s->best_gain.off_fen;
    return search_tie_limit(s, s->reached, s->reached_count, need_fen, &tie) &&
           tie + s->line_gain.tie > s->best_gain.tie;
}

bool search_is_open(Search *s, int64_t depth) {
    Bound b;
    if (!s->has_best) return true;
    bound_base(s, depth, &b);
    if (is_better(s, &b, b.base)) return true;
    int64_t missing_fen = s->best_gain.off_fen - b.base.off_fen;
    if (b.cap.off_fen < s->best_gain.off_fen) return false;
    s->rise_count = 0;
    for (int64_t i = 0; i < s->reached_count; i++) add_rises(s, &s->reached[i], &b.choice);
    if (s->rise_count == s->rise_max) return true;
    Gain most = discount_at(s, PROMO_AMOUNT_MAX_FEN, &b.choice);
    drop_rises(s, missing_fen - (most.off_fen - b.choice.discount.off_fen));
    sort_rises(s);
    for (int64_t i = 0; i < s->rise_count; i++) {
        b.base = gain_sum(b.base, s->rises[i].more);
        Gain gain = gain_sum(b.base, gain_less(discount_at(s, s->rises[i].rise_fen, &b.choice), b.choice.discount));
        gain.off_fen -= s->rises[i].rise_fen;
        if (is_better(s, &b, gain)) return true;
    }
    return false;
}

int64_t search_root_fen(Search *s) {
    Bound b;
    bound_base(s, 0, &b);
    int64_t most = b.base.off_fen;
    s->rise_count = 0;
    for (int64_t i = 0; i < s->reached_count; i++) add_rises(s, &s->reached[i], &b.choice);
    if (s->rise_count == s->rise_max) return -b.cap.off_fen;
    sort_rises(s);
    for (int64_t i = 0; i < s->rise_count; i++) {
        b.base = gain_sum(b.base, s->rises[i].more);
        Gain gain = gain_sum(b.base, gain_less(discount_at(s, s->rises[i].rise_fen, &b.choice), b.choice.discount));
        if (gain.off_fen - s->rises[i].rise_fen > most) most = gain.off_fen - s->rises[i].rise_fen;
    }
    return most > b.cap.off_fen ? -b.cap.off_fen : -most;
}
