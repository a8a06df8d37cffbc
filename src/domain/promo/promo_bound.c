/* The bound of a branch (docs/adr/011-promotion-search.md): what no set below a node can beat, where the last of
 * line_deals are undecided. Every step is the optimum of a question that allows more than the real one.
 *
 * Least cost: the lowest prices that are still possible less the most that deals of step 2 can take off there. Each of
 * those takes off at most so much more where prices are higher as the prices have risen, so no choice costs less.
 * Reach: how much a scope can cost at most where all goods together cost `rise` more than that. A threshold above is
 * reached from some rise on, and rises are paid in full; so the bound is the best over the rises at thresholds. */
#include <string.h>
#include "domain/promo/promo_search.h"

enum { LEVELS_MAX = 12, INDEPENDENT_STEPS_MAX = 64, START_WORK = 5, CLOSER_WORK = 7, PLACES_WORK = 8 };

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

static bool is_open_deal(const Search *s, int64_t i) {
    return s->blocked[i] == 0 && (!s->line_deals[i]->is_coupon || s->coupons < s->plan->coupons_max);
}

static void lower(const Search *s, int64_t i, int64_t *low) {
    const Deal *deal = s->line_deals[i];
    if (!is_open_deal(s, i)) return;
    for (int64_t k = 0; k < deal->line_count; k++)
        if (deal->unit[k] < low[deal->lines[k]]) low[deal->lines[k]] = deal->unit[k];
}

static int64_t coupon_price_gain(const Search *s, int64_t i) {
    const Deal *deal = s->line_deals[i];
    int64_t sum = 0;
    if (!deal->is_coupon || !is_open_deal(s, i)) return 0;
    for (int64_t k = 0; k < deal->line_count; k++) {
        int64_t l = deal->lines[k], less = s->offer_low[l] - deal->unit[k];
        if (less > 0) sum += less * s->plan->lines[l].quantity;
    }
    return sum;
}

static int64_t price_low(Search *s, int64_t depth, int64_t *ret_floor_fen) {
    const Plan *plan = s->plan;
    int64_t sum = 0, floor = 0;
    memcpy(s->low, s->goods.unit, sizeof(int64_t) * (size_t)plan->line_count);
    for (int64_t i = depth; i < s->pieces_from; i++)
        if (!s->line_deals[i]->is_coupon) lower(s, i, s->low);
    memcpy(s->offer_low, s->low, sizeof(int64_t) * (size_t)plan->line_count);
    for (int64_t i = depth; i < s->pieces_from; i++)
        if (s->line_deals[i]->is_coupon) lower(s, i, s->low);
    sort_by_price(s->low, s->by_low, plan->line_count);
    sort_by_price(s->goods.unit, s->by_high, plan->line_count);
    for (int64_t l = 0; l < plan->line_count; l++) {
        int64_t quantity = plan->lines[l].quantity, cost = s->low[l] * quantity - s->goods.off[l];
        sum += cost;
        floor += s->is_covered[l] ? plan->floor[l] * quantity : cost;
    }
    *ret_floor_fen = floor;
    return sum;
}

/* Prices change seldom from node to node: what was worked out for the same prices stands. */
static void find_most(const Search *s, int64_t i) {
    const Deal *deal = s->line_deals[i];
    Most *most = &s->most[i - s->pieces_from];
    bool is_same = true;
    for (int64_t k = 0, *unit = most->units; k < deal->line_count; k++, unit += 3) {
        int64_t l = deal->lines[k];
        is_same = is_same && unit[0] == s->low[l] && unit[1] == s->goods.unit[l] && unit[2] == s->offer_low[l];
        unit[0] = s->low[l];
        unit[1] = s->goods.unit[l];
        unit[2] = s->offer_low[l];
    }
    if (is_same) return;
    const PriceBox box = { s->low, s->goods.unit, s->low, s->by_low, s->by_high };
    most->has_high = most->has_offer = false;
    if (deal->action->spread == NULL) {
        most->low = deal_most(s->plan, deal, &box);
        return;
    }
    deal->action->spread(s->plan, deal, &box, &most->gains);
    most->low = piece_gains_sum(&most->gains, NULL);
}

static int64_t most_high(const Search *s, int64_t at) {
    Most *most = &s->most[at];
    const PriceBox box = { s->low, s->goods.unit, s->goods.unit, s->by_low, s->by_high };
    if (!most->has_high) most->high = deal_most(s->plan, s->line_deals[s->pieces_from + at], &box);
    most->has_high = true;
    return most->high;
}

static int64_t most_offer(const Search *s, int64_t at) {
    Most *most = &s->most[at];
    const PriceBox box = { s->low, s->goods.unit, s->offer_low, s->by_low, s->by_high };
    if (!most->has_offer) most->offer = deal_most(s->plan, s->line_deals[s->pieces_from + at], &box);
    most->has_offer = true;
    return most->offer;
}

/* Takes whoever weighs no less than all that exclude it together, which costs nothing. */
static int64_t take_sure(const Search *s, uint64_t *open, int64_t *ret_pick) {
    int64_t sum = 0;
    *ret_pick = -1;
    for (uint64_t rest = *open; rest != 0;) {
        int64_t i = __builtin_ctzll(rest), mine = s->most[i].weight, others = 0;
        for (uint64_t near = s->conflicts[i] & *open; near != 0 && others <= mine; near &= near - 1)
            others += s->most[__builtin_ctzll(near)].weight;
        rest &= rest - 1;
        if (others <= mine) {
            sum += mine;
            *open &= ~(s->conflicts[i] | (uint64_t)1 << i);
            rest = *open;
            *ret_pick = -1;
        } else if (*ret_pick < 0 || mine > s->most[*ret_pick].weight) {
            *ret_pick = i;
        }
    }
    return sum;
}

/* The heaviest set of deals that do not exclude each other; where that is too much to ask, more than that. */
static int64_t heaviest(const Search *s, uint64_t open, int64_t *steps) {
    int64_t pick, sum = take_sure(s, &open, &pick);
    if (pick < 0) return sum;
    if (--*steps <= 0) {
        for (; open != 0; open &= open - 1) sum += s->most[__builtin_ctzll(open)].weight;
        return sum;
    }
    open &= ~((uint64_t)1 << pick);
    int64_t with = s->most[pick].weight + heaviest(s, open & ~s->conflicts[pick], steps);
    int64_t without = heaviest(s, open, steps);
    return sum + (with > without ? with : without);
}

typedef struct Pieces {
    int64_t most_fen, rest_fen; /* rest: of those beyond the first 64 */
    uint64_t open, paying, isolated, owners;
} Pieces;

/* The same where each coupon is charged what its place is worth elsewhere. */
static int64_t pieces_over(Search *s, const Pieces *p, int64_t slot_fen, bool is_offer_low) {
    uint64_t paying = 0;
    int64_t steps = INDEPENDENT_STEPS_MAX;
    for (uint64_t rest = p->open; rest != 0; rest &= rest - 1) {
        int64_t at = __builtin_ctzll(rest);
        const Deal *deal = s->line_deals[s->pieces_from + at];
        Most *most = &s->most[at];
        most->weight = (is_offer_low ? most_offer(s, at) : most->low) - (deal->is_coupon ? slot_fen : 0);
        if (s->most[at].weight > 0) paying |= (uint64_t)1 << at;
    }
    return p->rest_fen + heaviest(s, paying, &steps);
}

static void pieces_most(Search *s, int64_t depth, Pieces *p) {
    *p = (Pieces){ 0 };
    for (int64_t i = depth > s->pieces_from ? depth : s->pieces_from; i < s->line_deal_count; i++) {
        const Deal *deal = s->line_deals[i];
        int64_t at = i - s->pieces_from;
        if (!is_open_deal(s, i)) continue;
        const Most *most = &s->most[at];
        find_most(s, i);
        if (at >= 64) {
            p->rest_fen += most->low;
            continue;
        }
        p->open |= (uint64_t)1 << at;
        if (most->low > 0) p->paying |= (uint64_t)1 << at;
        if (deal->action->owns_lines) p->owners |= (uint64_t)1 << at;
    }
    p->most_fen = pieces_over(s, p, 0, false);
    for (uint64_t rest = p->paying; rest != 0; rest &= rest - 1) {
        int64_t at = __builtin_ctzll(rest);
        if ((s->conflicts[at] & p->paying) == 0) p->isolated |= (uint64_t)1 << at;
    }
}

/* What a scope that skips what is cheaper can cost where all goods cost `rise` more than the least: a line counts at
 * its list price if nothing makes it cheaper, so its rise is paid in full. Lines that rise least for what they count
 * come first. */
typedef struct SkipWalk { int64_t fen, want_fen; __int128 cost, cost_max; } SkipWalk;

static void skip_walk(const Search *s, const Scope *scope, SkipWalk *w) {
    const Plan *plan = s->plan;
    int64_t last_cost = 0, last_fen = 1, last = -1;
    while (w->fen < w->want_fen) { /* by rising cost a fen; line after line of the same */
        int64_t best = -1, cost = 0, fen = 1;
        for (int64_t k = 0; k < scope->line_count; k++) {
            int64_t l = scope->lines[k], list = plan->lines[l].unit_price_fen * plan->lines[l].quantity;
            int64_t mine = list - s->low[l] * plan->lines[l].quantity;
            if (list == 0 || line_is_discounted(plan, &s->goods, l)) continue;
            __int128 behind = (__int128)mine * last_fen - (__int128)last_cost * list;
            if (behind < 0 || (behind == 0 && l <= last)) continue;
            if (best >= 0 && (__int128)mine * fen >= (__int128)cost * list) continue;
            best = l;
            cost = mine;
            fen = list;
        }
        if (best < 0) return;
        int64_t some = w->want_fen - w->fen < fen ? w->want_fen - w->fen : fen;
        if (cost > 0 && w->cost_max - w->cost < cost) {
            int64_t paid = (int64_t)((w->cost_max - w->cost) * fen / cost);
            w->fen += paid < some ? paid : some;
            return;
        }
        w->fen += some;
        w->cost += (__int128)cost * some / fen;
        last = best;
        last_cost = cost;
        last_fen = fen;
    }
}

static int64_t skip_reach(const Search *s, const Scope *scope) {
    SkipWalk w = { .want_fen = scope->fen, .cost_max = s->more_fen };
    skip_walk(s, scope, &w);
    return w.fen;
}

static int64_t skip_rise(const Search *s, const Scope *scope, int64_t want_fen) {
    SkipWalk w = { .want_fen = want_fen, .cost_max = INT64_MAX };
    skip_walk(s, scope, &w);
    return w.cost > s->more_fen ? (int64_t)w.cost - s->more_fen : 0;
}

/* What the lines outside a scope cost at least bounds what those inside can cost. */
static int64_t scope_reach(const Search *s, const Pieces *p, const Scope *scope) {
    int64_t fen = s->more_fen;
    for (int64_t k = 0; k < scope->line_count; k++)
        fen += s->low[scope->lines[k]] * s->plan->lines[scope->lines[k]].quantity - s->goods.off[scope->lines[k]];
    if ((p->open & ~scope->inside) == 0) return fen - p->most_fen;
    for (uint64_t rest = p->isolated & scope->inside; rest != 0; rest &= rest - 1)
        fen -= s->most[__builtin_ctzll(rest)].low;
    for (uint64_t rest = p->owners & scope->crossing; rest != 0; rest &= rest - 1)
        fen += most_high(s, __builtin_ctzll(rest)) - s->most[__builtin_ctzll(rest)].low;
    return fen;
}

static void reach_scopes(Search *s, const Pieces *p) {
    bool is_known = s->line_deal_count - s->pieces_from <= 64;
    for (int64_t i = 0; i < s->scope_count; i++) {
        Scope *scope = &s->scopes[i];
        if (!is_known) scope->reach_fen = scope->fen;
        else scope->reach_fen = scope->skips ? skip_reach(s, scope) : scope_reach(s, p, scope);
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

/* How much more than the least all goods cost where a scope costs so much. */
static int64_t rise_to(const Search *s, const Scope *scope, int64_t fen) {
    return scope->skips ? skip_rise(s, scope, fen) : fen - scope->reach_fen;
}

static Gain gain_at(const Candidate *k, int64_t fen, int64_t pieces) {
    int64_t a, b;
    if (!promo_threshold_reached(k->deal->promo, fen, pieces, &a, &b)) return gain_of(k->deal, 0, 0);
    return gain_of(k->deal, off_most(k->deal, fen, k->room_fen), deal_worth(k->deal, fen, pieces));
}

static int64_t scope_at(const Search *s, const Candidate *k) { return s->scope_of[k->deal - s->plan->deals]; }

/* Whether it makes a difference what a scope costs between this and its reach. */
static bool decides(const Search *s, int64_t scope_no, int64_t fen) {
    const Scope *scope = &s->scopes[scope_no];
    for (int64_t i = 0; i < s->listed_count; i++) {
        const Candidate *k = s->listed[i];
        if (scope_at(s, k) != scope_no || k->is_alone) continue;
        if (k->is_discount || promo_threshold_next(k->deal->promo, fen, scope->pieces) <= scope->reach_fen - fen)
            return true;
    }
    return false;
}

/* The same by what each deal takes off outside, where more than one wants lines there. */
static void reach_closer(Search *s, const Pieces *p) {
    for (int64_t i = 0; i < s->scope_count; i++) {
        Scope *scope = &s->scopes[i];
        int64_t steps = INDEPENDENT_STEPS_MAX, fen = s->more_fen - p->most_fen + p->rest_fen;
        uint64_t paying = 0;
        for (int64_t k = 0; k < scope->line_count; k++) {
            int64_t l = scope->lines[k];
            fen += s->low[l] * s->plan->lines[l].quantity - s->goods.off[l];
        }
        if (scope->skips || p->rest_fen > 0) continue;
        if (fen >= scope->reach_fen || !decides(s, i, fen)) continue;
        for (uint64_t rest = p->open & ~scope->inside; rest != 0; rest &= rest - 1) {
            int64_t at = __builtin_ctzll(rest);
            Most *most = &s->most[at];
            bool is_crossing = (scope->crossing >> at & 1) != 0;
            if (!is_crossing) most->weight = most->low;
            else if (most->gains.count == 0) most->weight = most_high(s, at);
            else most->weight = piece_gains_sum(&most->gains, scope->outside);
            if (most->weight > 0) paying |= (uint64_t)1 << at;
        }
        fen += heaviest(s, paying, &steps);
        if (fen < scope->reach_fen) scope->reach_fen = fen;
    }
}

/* What it is worth where its scope costs so much, unless that is what was asked last. */
static void value_candidate(Candidate *k, const Scope *scope, int64_t fen) {
    int64_t a, b, room_fen = k->scope >= 0 ? scope->room_fen : k->room_fen;
    if (k->seen.fen == fen && k->seen.high_fen == scope->fen && k->seen.room_fen == room_fen &&
        k->seen.pieces == scope->pieces)
        return;
    k->seen = (Seen){ fen, scope->fen, room_fen, scope->pieces };
    k->room_fen = room_fen;
    k->is_reached = promo_threshold_reached(k->deal->promo, scope->fen, scope->pieces, &a, &b);
    k->most_fen = k->limit_fen = k->is_reached ? off_most(k->deal, scope->fen, room_fen) : 0;
    k->worth_fen = k->is_reached ? deal_worth(k->deal, scope->fen, scope->pieces) : 0;
    k->least = k->is_reached ? gain_at(k, fen, scope->pieces) : (Gain){ 0 };
}

static void list_candidates(Search *s) {
    int64_t count = 0;
    for (int64_t i = 0; i < s->deal_total; i++) {
        Candidate *k = s->listed[i];
        const Scope *scope = &s->scopes[scope_at(s, k)];
        bool is_high = scope->reach_fen >= scope->fen || k->is_alone || (k->is_discount && scope->skips);
        value_candidate(k, scope, is_high ? scope->fen : scope->reach_fen);
        k->gain = k->is_reached && search_may_join(s, k) ? k->least : (Gain){ -1, 0 };
    }
    search_sort(s->listed, s->deal_total);
    while (count < s->deal_total && s->listed[count]->gain.off_fen >= 0) count++;
    s->listed_count = count;
}

static Gain gain_over(Gain gain, Gain slot) {
    const Gain none = { 0 };
    gain = gain_less(gain, slot);
    return gain_compare(&gain, &none) > 0 ? gain : none;
}

/* What the class gives already. */
static Gain class_gain(const Search *s, const Candidate *k, Gain slot) {
    Gain best = gain_over(k->gain, slot);
    for (int64_t i = 0; k->deal->class_no != 0 && i < s->listed_count; i++) {
        const Candidate *other = s->listed[i];
        bool is_same = other->deal->class_no == k->deal->class_no && other->deal->is_coupon == k->deal->is_coupon;
        if (!is_same || other->is_alone || other->is_discount || !search_is_sole(s, other)) continue;
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
        s->rises[s->rise_count++] = (Rise){ rise_to(s, scope, fen), gain_less(gain, has) };
        has = gain;
    }
}

static Gain discount_at(const Search *s, int64_t rise_fen, const Choice *c) {
    Gain best = c->discount;
    for (int64_t i = 0; i < s->listed_count; i++) {
        const Candidate *k = s->listed[i];
        const Scope *scope = &s->scopes[scope_at(s, k)];
        if (!k->is_discount || k->is_alone) continue;
        bool is_high = scope->skips || scope->reach_fen > scope->fen - rise_fen;
        int64_t fen = is_high ? scope->fen : scope->reach_fen + rise_fen;
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
    int64_t low_fen, least_fen; /* where all that is undecided takes what it can; the same, not below the floors */
    int64_t shipping_fen, places_fen; /* places: what all places were charged together */
    Pieces pieces;
} Bound;

static void bound_base(Search *s, Bound *b) {
    search_find_blocks(s, s->listed, s->listed_count);
    search_choose(s, s->listed, s->listed_count, &b->choice);
    Gain start = gain_sum((Gain){ -b->low_fen - s->more_fen, 0 }, s->line_gain);
    b->base = gain_sum(start, b->choice.sum);
    if (!b->choice.has_alone) return;
    Gain alone = gain_sum(start, b->choice.alone_order);
    alone.off_fen += b->places_fen;
    b->choice.is_cut = true; /* seldom: fen alone decide */
    if (alone.off_fen + b->shipping_fen > b->base.off_fen) b->base.off_fen = alone.off_fen + b->shipping_fen;
    b->base.off_fen += b->choice.alone_shipping.off_fen;
}

static void bound_closer(Search *s, Bound *b) {
    reach_closer(s, &b->pieces);
    list_candidates(s);
    b->choice = (Choice){ 0 };
    bound_base(s, b);
}

static void bound_start(Search *s, int64_t depth, Bound *b) {
    int64_t floor_fen, delivery = s->plan->ask->delivery_fen, low = price_low(s, depth, &floor_fen);
    *b = (Bound){ 0 };
    pieces_most(s, depth, &b->pieces);
    b->low_fen = low - b->pieces.most_fen + delivery;
    b->least_fen = low - b->pieces.most_fen > floor_fen ? b->low_fen : floor_fen + delivery;
    s->more_fen = b->least_fen - b->low_fen;
    reach_scopes(s, &b->pieces);
    list_candidates(s);
    for (int64_t i = 0; i < s->listed_count; i++)
        if (s->listed[i]->group == GROUP_SHIPPING) b->shipping_fen += s->listed[i]->most_fen;
    if (b->shipping_fen > delivery) b->shipping_fen = delivery;
    b->cap = (Gain){ b->shipping_fen - delivery - floor_fen, 0 };
    bound_base(s, b);
}

/* What coupons among the undecided prices gain over the offers, each charged for its place: no set of them gains more
 * than the sum of what each gains alone, nor more than all of them for one place. */
static int64_t prices_over(const Search *s, int64_t depth, int64_t slot_fen, int64_t all_fen) {
    int64_t sum = 0;
    for (int64_t i = depth; i < s->pieces_from; i++) {
        int64_t mine = coupon_price_gain(s, i);
        if (mine > slot_fen) sum += mine - slot_fen;
    }
    if (sum > all_fen - slot_fen) sum = all_fen - slot_fen;
    return sum > 0 ? sum : 0;
}

/* Coupons of step 1 and 2 take places that others of order want too: each is charged what the last place is worth,
 * which takes nothing from a set that keeps to the number of places. False: nothing to charge. */
static bool charge_places(Search *s, int64_t depth, Bound *b) {
    int64_t slots = s->plan->coupons_max - s->coupons;
    for (uint64_t rest = b->pieces.paying; rest != 0; rest &= rest - 1) {
        int64_t at = __builtin_ctzll(rest);
        if (s->line_deals[s->pieces_from + at]->is_coupon) search_add_marginal(s, (Gain){ s->most[at].low, 0 });
    }
    for (int64_t i = depth; i < s->pieces_from; i++)
        if (coupon_price_gain(s, i) > 0) search_add_marginal(s, (Gain){ coupon_price_gain(s, i), 0 });
    if (slots <= 0 || s->marginal_count < slots || s->marginals[slots - 1].off_fen <= 0) return false;
    Gain slot = { s->marginals[slots - 1].off_fen, 0 };
    int64_t all_fen = 0, more_fen = b->pieces.most_fen - pieces_over(s, &b->pieces, slot.off_fen, false);
    for (int64_t l = 0; l < s->plan->line_count; l++)
        all_fen += (s->offer_low[l] - s->low[l]) * s->plan->lines[l].quantity;
    if (all_fen > 0) {
        int64_t less_fen = all_fen - prices_over(s, depth, slot.off_fen, all_fen);
        int64_t other_fen = b->pieces.most_fen + less_fen - pieces_over(s, &b->pieces, slot.off_fen, true);
        if (other_fen > more_fen) more_fen = other_fen;
    }
    if (more_fen <= s->more_fen) more_fen = s->more_fen;
    if (more_fen == s->more_fen && slot.off_fen == b->choice.slot.off_fen) return false;
    s->plan->work += PLACES_WORK;
    s->more_fen = more_fen;
    reach_scopes(s, &b->pieces);
    reach_closer(s, &b->pieces);
    list_candidates(s);
    b->choice = (Choice){ .slot = slot };
    b->places_fen = slots * slot.off_fen;
    bound_base(s, b);
    b->choice.is_cut = true;
    return true;
}

/* Whether a gain beats the best set so far; where fen are equal, by the better founded of two ties. */
static bool is_better(Search *s, const Bound *b, Gain gain) {
    __int128 tie;
    bool is_capped = b->choice.is_cut || gain.off_fen > b->cap.off_fen;
    if (gain.off_fen > b->cap.off_fen) gain.off_fen = b->cap.off_fen;
    if (gain.off_fen != s->best_gain.off_fen) return gain.off_fen > s->best_gain.off_fen;
    if (!is_capped && gain.tie <= s->best_gain.tie) return false;
    int64_t need_fen = b->least_fen + s->best_gain.off_fen;
    return search_tie_limit(s, s->listed, s->listed_count, need_fen, &tie) &&
           tie + s->line_gain.tie > s->best_gain.tie;
}

static bool is_above(Search *s, const Bound *b) {
    Gain base = b->base, most = discount_at(s, PROMO_AMOUNT_MAX_FEN, &b->choice);
    if (is_better(s, b, base)) return true;
    if (b->cap.off_fen < s->best_gain.off_fen) return false;
    s->rise_count = 0;
    for (int64_t i = 0; i < s->listed_count; i++) add_rises(s, s->listed[i], &b->choice);
    if (s->rise_count == s->rise_max) return true;
    drop_rises(s, s->best_gain.off_fen - base.off_fen - (most.off_fen - b->choice.discount.off_fen));
    sort_rises(s);
    for (int64_t i = 0; i < s->rise_count; i++) {
        base = gain_sum(base, s->rises[i].more);
        Gain gain = gain_sum(base, gain_less(discount_at(s, s->rises[i].rise_fen, &b->choice), b->choice.discount));
        gain.off_fen -= s->rises[i].rise_fen;
        if (is_better(s, b, gain)) return true;
    }
    return false;
}

bool search_is_open(Search *s, int64_t depth) {
    Bound b;
    if (!s->has_best) return true;
    s->plan->work += START_WORK;
    bound_start(s, depth, &b);
    if (!is_above(s, &b)) return false;
    s->plan->work += CLOSER_WORK;
    bound_closer(s, &b);
    return is_above(s, &b) && (!charge_places(s, depth, &b) || is_above(s, &b));
}

int64_t search_root_fen(Search *s) {
    Bound b;
    bound_start(s, 0, &b);
    int64_t most = b.base.off_fen;
    s->rise_count = 0;
    for (int64_t i = 0; i < s->listed_count; i++) add_rises(s, s->listed[i], &b.choice);
    if (s->rise_count == s->rise_max) return -b.cap.off_fen;
    sort_rises(s);
    for (int64_t i = 0; i < s->rise_count; i++) {
        b.base = gain_sum(b.base, s->rises[i].more);
        Gain gain = gain_sum(b.base, gain_less(discount_at(s, s->rises[i].rise_fen, &b.choice), b.choice.discount));
        if (gain.off_fen - s->rises[i].rise_fen > most) most = gain.off_fen - s->rises[i].rise_fen;
    }
    return most > b.cap.off_fen ? -b.cap.off_fen : -most;
}
