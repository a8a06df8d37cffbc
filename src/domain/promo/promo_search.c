/* The best legal set by branch and bound (docs/adr/011-promotion-search.md).
 *
 * Outer: which deals of step 1 and 2 take part (line_node). Their prices fix every threshold and amount of the
 * inner question, which deals of order and shipping take part (order_node). Both keep the best set so far and give
 * up a branch when the bound, a score that no set of the branch can beat, is not better. Bounds never promise too
 * little, so nothing better is lost. */
#include <string.h>
#include "domain/promo/promo_search.h"

/* Work is about half a microsecond: what things take; and which parts of all are for what comes after the search was
 * cut short, and for the end of that. */
enum { LINE_WORK = 3, PRICE_WORK = 4, POLISH_WORK = 80, POLISH_PART = 3, SET_PART = 16 };

static void consider(Search *s, Gain gain) {
    if (s->has_best && gain_compare(&gain, &s->best_gain) <= 0) return;
    s->has_best = true;
    s->best_gain = gain;
    memcpy(s->best, s->in, sizeof(bool) * (size_t)s->plan->deal_count);
}

static bool is_worked(Search *s, int64_t work) {
    s->is_stopped = s->is_stopped || s->plan->work >= s->stop_at;
    s->plan->work += work;
    return s->is_stopped;
}

/* ---- order and shipping ---- */

static void join(Search *s, Candidate *k, int64_t by) {
    bool is_in = by > 0;
    s->in[k->deal - s->plan->deals] = k->is_in = is_in;
    if (k->deal->class_no != 0) s->used_class[k->deal->class_no] = is_in;
    if (k->is_discount) s->has_discount = is_in;
    if (k->is_alone) s->has_alone[k->group] = is_in;
    if (k->deal->is_coupon) s->coupons += by;
    s->joined[k->group] += by;
    s->sum = is_in ? gain_sum(s->sum, k->gain) : gain_less(s->sum, k->gain);
    if (is_in) s->chosen[s->chosen_count++] = k;
    else s->chosen_count--;
    if (k->scope >= 0) s->scope_taken[k->scope] += by * k->gain.off_fen;
    else s->fee_taken += by * k->gain.off_fen;
}

/* Nobody gets less than it would alone as long as all who look at some of its lines fit into its room. */
static bool is_room(const Search *s) {
    int64_t n = s->scope_count;
    if (s->fee_taken > s->plan->ask->delivery_fen) return false;
    for (int64_t i = 0; i < n; i++) {
        int64_t sum = 0;
        if (s->scope_taken[i] == 0) continue;
        for (int64_t k = 0; k < n; k++)
            if (s->overlaps[i * n + k]) sum += s->scope_taken[k];
        if (sum > s->scopes[i].room_fen) return false;
    }
    return true;
}

/* What the chosen ones really take. */
static Gain price_chosen(Search *s) {
    const Plan *plan = s->plan;
    if (is_room(s)) return s->sum;
    s->plan->work += s->chosen_count / 4;
    Gain gain = { -s->goods.total_fen - plan->ask->delivery_fen, s->sum.tie };
    memcpy(s->room, s->goods.room, sizeof(int64_t) * (size_t)(plan->line_count + 1));
    for (int64_t i = s->order_from; i < plan->deal_count; i++)
        if (s->in[i]) gain.off_fen += order_take(plan, &plan->deals[i], &s->goods, s->want[i], s->room, NULL);
    return gain;
}

/* Who takes from a wide scope takes from a narrow one inside in proportion; so whoever comes later finds less room
 * there, if the wide ones are in. Rounding to whole fen moves at most one fen a line and deal. */
static int64_t find_limit(Search *s, const Candidate *k) {
    int64_t room = k->room_fen, n = s->scope_count, *taken = s->scope_want;
    if (k->scope < 0) return k->gain.off_fen;
    memset(taken, 0, sizeof(int64_t) * (size_t)n);
    for (int64_t i = 0; i < s->chosen_count && room > 0; i++) {
        const Candidate *d = s->chosen[i];
        if (d->scope < 0 || d->deal >= k->deal || !s->holds[d->scope * n + k->scope]) continue;
        int64_t of = s->scopes[d->scope].room_fen - taken[d->scope];
        taken[d->scope] += d->gain.off_fen;
        int64_t left = of - d->gain.off_fen;
        if (left <= 0) room = s->scopes[k->scope].line_count;
        else room = (int64_t)((__int128)room * left / of) + 1 + s->scopes[k->scope].line_count;
    }
    return room < k->gain.off_fen ? room : k->gain.off_fen;
}

/* Limits of all candidates that are wanted for a good part of their room. True: some get less than they would alone. */
static bool find_limits(Search *s) {
    bool is_limited = false;
    for (int64_t i = 0; i < s->candidate_count; i++) {
        Candidate *k = s->candidates[i];
        k->limit_fen = k->gain.off_fen;
        if (k->scope < 0 || k->gain.off_fen <= k->room_fen / 8) continue;
        k->limit_fen = find_limit(s, k);
        is_limited = is_limited || k->limit_fen < k->gain.off_fen;
    }
    return is_limited;
}

static void drop_limits(Search *s) {
    for (int64_t i = 0; i < s->candidate_count; i++) s->candidates[i]->limit_fen = s->candidates[i]->gain.off_fen;
}

/* What room the blocks have left beside what is in within its limits; what is in less by limits and blocks. */
static int64_t find_block_left(Search *s) {
    int64_t over = 0;
    memcpy(s->block_left, s->block_room, sizeof(int64_t) * (size_t)(s->block_count + 1));
    for (int64_t i = 0; i < s->chosen_count; i++) {
        const Candidate *k = s->chosen[i];
        int64_t block = search_block(s, k);
        over += k->gain.off_fen - k->limit_fen;
        if (block >= 0) s->block_left[block] -= k->limit_fen;
    }
    for (int64_t b = 0; b <= s->block_count; b++) {
        if (s->block_left[b] >= 0) continue;
        over -= s->block_left[b];
        s->block_left[b] = 0;
    }
    return over;
}

/* Whether what is in and the best of those whose turn comes could beat the best set so far. */
static bool is_bound_open(Search *s, Candidate *const *list, bool *ret_ties_only) {
    int64_t count = s->candidate_count, over = find_block_left(s);
    int64_t all = s->room_fen + s->plan->ask->delivery_fen;
    Choice c = { 0 };
    __int128 tie;
    search_choose(s, list, count, &c);
    int64_t start_fen = -s->goods.total_fen - s->plan->ask->delivery_fen;
    Gain bound = gain_sum(s->sum, c.sum);
    if (c.has_alone) {
        Gain alone = gain_sum(gain_sum(s->sum, c.alone_order), (Gain){ c.shipping_fen, 0 });
        if (alone.off_fen > bound.off_fen) bound = alone;
        bound.off_fen += c.alone_shipping.off_fen;
    }
    bound.off_fen -= over;
    bool is_cut = c.is_cut || c.has_alone || over > 0 || bound.off_fen > start_fen + all;
    if (bound.off_fen > start_fen + all) bound.off_fen = start_fen + all;
    *ret_ties_only = bound.off_fen == s->best_gain.off_fen;
    if (bound.off_fen != s->best_gain.off_fen) return bound.off_fen > s->best_gain.off_fen;
    if (!is_cut) return bound.tie > s->best_gain.tie;
    return search_tie_limit(s, list, count, s->best_gain.off_fen - (s->sum.off_fen - over), &tie) &&
           s->sum.tie + tie > s->best_gain.tie;
}

/* The choice takes the greatest first, so what is great only without limits must not come first. */
static void sort_by_limit(Search *s) {
    for (int64_t i = 0; i < s->candidate_count; i++) {
        Candidate *k = s->candidates[i];
        int64_t at = i;
        for (; at > 0 && s->limited[at - 1]->limit_fen < k->limit_fen; at--) s->limited[at] = s->limited[at - 1];
        s->limited[at] = k;
    }
}

static bool is_order_open(Search *s, int64_t turn) {
    bool ties_only;
    s->turn = turn;
    drop_limits(s);
    if (!is_bound_open(s, s->candidates, &ties_only)) return false;
    s->plan->work += s->candidate_count / 16;
    if (find_limits(s)) {
        sort_by_limit(s);
        if (!is_bound_open(s, s->limited, &ties_only)) return false;
    }
    if (!s->is_crowded || !s->has_best) return true;
    return search_has_room(s, ties_only);
}

static bool is_sum_open(Search *s) {
    Gain most = s->sum;
    int64_t least_fen = s->goods.total_fen - s->room_fen;
    most.off_fen -= find_block_left(s);
    if (most.off_fen > -least_fen) most.off_fen = -least_fen;
    return gain_compare(&most, &s->best_gain) > 0;
}

/* Pricing costs more than to see that it is not worth it. */
static void consider_chosen(Search *s) {
    drop_limits(s);
    if (s->has_best && !is_sum_open(s)) return;
    if (s->has_best && find_limits(s) && !is_sum_open(s)) return;
    consider(s, price_chosen(s));
}

/* Offers cost nothing: mostly all of them are in. */
static void consider_with_offers(Search *s, int64_t from) {
    int64_t before = s->chosen_count;
    s->turn = from;
    for (int64_t i = from; i < s->candidate_count; i++)
        if (search_may_join(s, s->turns[i])) join(s, s->turns[i], 1);
    if (s->chosen_count > before) consider_chosen(s);
    while (s->chosen_count > before) join(s, s->chosen[s->chosen_count - 1], -1);
}

static void order_node(Search *s, int64_t from) {
    if (is_worked(s, 1)) return;
    consider_chosen(s);
    if (s->is_crowded && from <= s->offers_from) consider_with_offers(s, s->offers_from);
    for (int64_t i = from; i < s->candidate_count; i++) {
        Candidate *k = s->turns[i];
        s->turn = i;
        if (!search_may_join(s, k)) continue;
        if (!is_order_open(s, i)) return;
        join(s, k, 1);
        order_node(s, i + 1);
        join(s, k, -1);
        if (s->is_stopped) return;
    }
}

/* What deals of order may do against these goods; false: a forced one cannot take part. */
static bool find_candidates(Search *s) {
    const Plan *plan = s->plan;
    int64_t a, b;
    s->candidate_count = 0;
    search_scopes(s);
    for (int64_t i = s->order_from; i < plan->deal_count; i++) {
        const Deal *deal = &plan->deals[i];
        bool is_forced = plan->is_forced && deal->promo->forced;
        if (is_forced && (deal->is_out || deal->promo->stack == PROMO_ALONE)) return false;
        if (deal->is_out || deal->promo->stack == PROMO_ALONE) continue;
        const Scope *scope = &s->scopes[s->scope_of[i]];
        Candidate *k = &s->all[i];
        bool is_reached = promo_threshold_reached(deal->promo, scope->fen, scope->pieces, &a, &b);
        if (is_forced && !is_reached) return false;
        if (!is_reached) continue;
        if (k->scope >= 0) k->room_fen = scope->room_fen;
        k->seen = (Seen){ -1, -1, -1, -1 };
        k->worth_fen = deal_worth(deal, scope->fen, scope->pieces);
        k->limit_fen = k->most_fen = s->want[i] = deal->action->off(deal->promo, scope->fen, k->room_fen);
        k->gain = gain_of(deal, k->most_fen, k->worth_fen);
        if (k->most_fen > 0 || k->worth_fen > 0 || is_forced) s->candidates[s->candidate_count++] = k;
    }
    memcpy(s->evaluated, s->candidates, sizeof(Candidate *) * (size_t)s->candidate_count);
    search_sort(s->candidates, s->candidate_count);
    return true;
}

/* Goods are fixed: the best set of order and shipping deals beside them. Forced ones are in from the start. */
static void order_search(Search *s) {
    const Plan *plan = s->plan;
    int64_t joined = 0;
    if (!find_candidates(s)) return;
    s->sum = gain_sum(s->line_gain, (Gain){ -s->goods.total_fen - plan->ask->delivery_fen, 0 });
    s->room_fen = 0;
    for (int64_t l = 0; l < plan->line_count; l++) s->room_fen += s->is_covered[l] ? s->goods.room[l] : 0;
    search_find_blocks(s, s->candidates, s->candidate_count);
    s->chosen_count = 0;
    search_take_turns(s);
    memcpy(s->block_room, s->block_left, sizeof(int64_t) * (size_t)(s->block_count + 1));
    for (; joined < s->candidate_count; joined++) {
        Candidate *k = s->candidates[joined];
        if (!plan->is_forced || !k->deal->promo->forced) continue;
        if (!search_may_join(s, k)) break;
        join(s, k, 1);
    }
    if (joined == s->candidate_count) order_node(s, 0);
    s->turn = 0;
    while (s->chosen_count > 0) join(s, s->chosen[s->chosen_count - 1], -1);
}

/* ---- prices and pieces ---- */

static void line_join(Search *s, const Deal *deal, int64_t by) {
    Gain gain = gain_of(deal, 0, 0);
    s->in[deal - s->plan->deals] = by > 0;
    if (deal->class_no != 0) s->used_class[deal->class_no] = by > 0;
    if (deal->is_coupon) s->coupons += by;
    s->line_gain = by > 0 ? gain_sum(s->line_gain, gain) : gain_less(s->line_gain, gain);
}

static void line_block(Search *s, int64_t at, int64_t by) {
    for (int64_t i = 0; i < s->line_deal_count; i++) s->blocked[i] += by * s->clashes[at * s->line_deal_count + i];
    line_join(s, s->line_deals[at], by);
}

static bool is_useful(const Search *s, const Deal *deal) {
    if (deal->unit == NULL) {
        const int64_t *unit = s->goods.unit;
        sort_by_price(unit, s->by_high, s->plan->line_count);
        return deal_most(s->plan, deal, &(PriceBox){ unit, unit, unit, s->by_high, s->by_high }) > 0;
    }
    for (int64_t k = 0; k < deal->line_count; k++)
        if (deal->unit[k] < s->goods.unit[deal->lines[k]]) return true;
    return false;
}

/* A price that is nowhere the lowest changes nothing: the set without it has been or will be looked at. */
static bool has_idle_price(Search *s) {
    bool *works = s->works;
    const Plan *plan = s->plan;
    memset(works, 0, sizeof(bool) * (size_t)plan->deal_count);
    for (int64_t l = 0; l < plan->line_count; l++)
        if (s->goods.by[l] >= 0) works[s->goods.by[l]] = true;
    for (int64_t i = 0; i < s->order_from && plan->deals[i].action->stage == STAGE_PRICE; i++)
        if (s->in[i] && !works[i] && !(plan->is_forced && plan->deals[i].promo->forced)) return true;
    return false;
}

static void line_node(Search *s, int64_t depth) {
    if (is_worked(s, LINE_WORK)) return;
    goods_price(s->plan, s->in, &s->goods);
    if (has_idle_price(s)) return;
    for (;; depth++) { /* what changes nothing here changes nothing further down */
        if (depth == s->line_deal_count) {
            order_search(s);
            return;
        }
        const Deal *next = s->line_deals[depth];
        if (is_useful(s, next) || (s->plan->is_forced && next->promo->forced)) break;
    }
    search_scopes(s);
    if (!search_is_open(s, depth)) return;
    const Deal *deal = s->line_deals[depth];
    if (s->blocked[depth] == 0 && (!deal->is_coupon || s->coupons < s->plan->coupons_max)) {
        line_block(s, depth, 1);
        line_node(s, depth + 1);
        line_block(s, depth, -1);
    }
    if (!s->plan->is_forced || !deal->promo->forced) line_node(s, depth + 1);
}

/* Deals that stand alone, in everything or among prices and pieces, are roots of their own. */
static void search_alone(Search *s) {
    const Plan *plan = s->plan;
    for (int64_t i = 0; i < plan->deal_count; i++) {
        const Deal *deal = &plan->deals[i];
        Score score;
        bool is_line = deal->action->group == GROUP_LINE && deal->promo->stack == PROMO_GROUP_ALONE, is_forced = true;
        if (deal->is_out || (!is_line && deal->promo->stack != PROMO_ALONE)) continue;
        line_join(s, deal, 1);
        if (!is_line && set_is_legal(plan, s->in) && set_price(plan, s->in, &score, NULL))
            consider(s, gain_from_score(&score));
        for (int64_t k = 0; plan->is_forced && k < s->order_from; k++)
            is_forced = is_forced && (k == i || !plan->deals[k].promo->forced);
        if (is_line && is_forced) {
            goods_price(plan, s->in, &s->goods);
            order_search(s);
        }
        line_join(s, deal, -1);
    }
}

static bool stands_in_line(const Plan *plan) {
    for (int64_t i = 0; i < plan->deal_count; i++) {
        const Deal *deal = &plan->deals[i];
        bool is_forced = plan->is_forced && deal->promo->forced;
        if (is_forced && (deal->is_out || deal->promo->stack == PROMO_ALONE)) return false;
        if (is_forced && deal->action->group == GROUP_LINE && deal->promo->stack != PROMO_STACKABLE) return false;
    }
    return true;
}

static bool may_change(const Search *s, int64_t i) {
    const Deal *deal = s->line_deals[i];
    if (s->plan->is_forced && deal->promo->forced) return false;
    if (s->in[deal - s->plan->deals]) return true;
    return s->blocked[i] == 0 && (!deal->is_coupon || s->coupons < s->plan->coupons_max);
}

/* Puts one deal in and another out (-1: none); stays so if that is better. */
static bool try_change(Search *s, int64_t put, int64_t drop) {
    const Plan *plan = s->plan;
    Gain before = s->best_gain;
    Score score;
    s->plan->work += PRICE_WORK;
    if (put >= 0) s->in[put] = true;
    if (drop >= 0) s->in[drop] = false;
    if (set_is_legal(plan, s->in) && set_price(plan, s->in, &score, NULL)) consider(s, gain_from_score(&score));
    if (gain_compare(&s->best_gain, &before) > 0) return true;
    if (put >= 0) s->in[put] = false;
    if (drop >= 0) s->in[drop] = true;
    return false;
}

static bool polish_coupon(Search *s, int64_t put) {
    const Plan *plan = s->plan;
    if (try_change(s, put, -1)) return true;
    for (int64_t i = 0; i < plan->deal_count && plan->deals[put].is_coupon && plan->work < plan->work_max; i++)
        if (s->in[i] && plan->deals[i].is_coupon && try_change(s, put, i)) return true;
    return false;
}

/* One deal more or less, one coupon for another, as long as that helps. */
static void polish_set(Search *s) {
    const Plan *plan = s->plan;
    int64_t n = plan->deal_count;
    memcpy(s->in, s->best, sizeof(bool) * (size_t)n);
    for (int64_t i = n - 1, left = n; left > 0 && plan->work < plan->work_max; i = (i + n - 1) % n, left--) {
        if (plan->deals[i].is_out) continue;
        bool is_better = s->in[i] ? try_change(s, -1, i) : polish_coupon(s, i);
        if (is_better) left = n;
    }
}

/* Where the search was cut short: one price or pieces deal more or less than in the best set, as long as that helps. */
static void polish_prices(Search *s, int64_t until) {
    int64_t n = s->line_deal_count, last = -1;
    bool *best = NEW_LIST(s->plan->arena, bool, s->plan->deal_count + 1);
    memcpy(best, s->best, sizeof(bool) * (size_t)s->plan->deal_count);
    for (int64_t i = 0; i < n; i++)
        if (best[s->line_deals[i] - s->plan->deals]) line_block(s, i, 1);
    for (int64_t i = 0; n > 0 && i != last && s->plan->work < until; i = (i + 1) % n) {
        if (last < 0) last = 0;
        if (!may_change(s, i)) continue;
        Gain before = s->best_gain;
        int64_t by = s->in[s->line_deals[i] - s->plan->deals] ? -1 : 1;
        line_block(s, i, by);
        s->is_stopped = false;
        s->stop_at = s->plan->work + POLISH_WORK;
        goods_price(s->plan, s->in, &s->goods);
        if (!is_worked(s, LINE_WORK)) order_search(s);
        if (gain_compare(&s->best_gain, &before) > 0) last = i;
        else line_block(s, i, -by);
    }
}

bool promo_search(Plan *plan, bool *best, bool has_start, Score *ret_score, int64_t *ret_bound_fen) {
    Search s = { .plan = plan, .best = best, .has_best = has_start, .best_gain = gain_from_score(ret_score) };
    plan->work = 0;
    s.stop_at = plan->work_max - plan->work_max / POLISH_PART;
    search_start(&s);
    search_scopes(&s);
    int64_t root_fen = search_root_fen(&s), floor_fen = 0;
    if (stands_in_line(plan)) line_node(&s, 0);
    search_alone(&s);
    plan->is_over = s.is_stopped;
    if (plan->is_over && s.has_best && stands_in_line(plan)) {
        polish_prices(&s, plan->work_max - plan->work_max / SET_PART);
        polish_set(&s);
    }
    if (s.has_best) set_price(plan, best, ret_score, NULL);
    *ret_bound_fen = ret_score->payable_fen;
    for (int64_t l = 0; l < plan->line_count; l++) floor_fen += plan->floor[l] * plan->lines[l].quantity;
    for (int64_t i = 0; i < plan->deal_count; i++) /* the root's bound does not look at what stands alone */
        if (plan->deals[i].promo->stack != PROMO_STACKABLE) root_fen = floor_fen;
    if (plan->is_over && root_fen < *ret_bound_fen) *ret_bound_fen = root_fen;
    return s.has_best;
}
