/* The best legal set by branch and bound (docs/adr/011-promotion-search.md).
 *
 * Outer: which deals of step 1 and 2 take part (line_node). Their prices fix every threshold and amount of the
 * inner question, which deals of order and shipping take part (order_node). Both keep the best set so far and give
 * up a branch when the bound, a score that no set of the branch can beat, is not better. Bounds never promise too
 * little, so nothing better is lost. */
#include <string.h>
#include "domain/promo/promo_search.h"

static void consider(Search *s, const Score *score) {
    if (s->has_best && score_compare(score, &s->best_score) >= 0) return;
    s->has_best = true;
    s->best_score = *score;
    memcpy(s->best, s->in, sizeof(bool) * (size_t)s->plan->deal_count);
}

bool is_hopeless(const Search *s, const Score *bound) {
    return s->has_best && score_compare(bound, &s->best_score) >= 0;
}

static bool is_worked(Search *s) {
    s->plan->is_over = s->plan->is_over || s->plan->work >= s->plan->work_max;
    s->plan->work++;
    return s->plan->is_over;
}

/* ---- order and shipping ---- */

static bool may_join(const Search *s, const Candidate *k) {
    if (k->deal->class_no != 0 && s->used_class[k->deal->class_no]) return false;
    if (k->deal->is_coupon && s->coupons >= s->plan->coupons_max) return false;
    if (k->is_discount && s->has_discount) return false;
    return !s->has_alone[k->group] && (!k->is_alone || s->joined[k->group] == 0);
}

static void join(Search *s, const Candidate *k, int64_t by) {
    bool is_in = by > 0;
    s->in[k->deal - s->plan->deals] = is_in;
    if (k->deal->class_no != 0) s->used_class[k->deal->class_no] = is_in;
    if (k->is_discount) s->has_discount = is_in;
    if (k->is_alone) s->has_alone[k->group] = is_in;
    if (k->deal->is_coupon) s->coupons += by;
    s->joined[k->group] += by;
    s->sum.payable_fen -= by * k->off_fen;
    s->sum.worth_fen += by * k->worth_fen;
    s->sum.life_ms += by * k->deal->life_ms;
    s->sum.coupons += by * (int64_t)k->deal->is_coupon;
}

/* What the chosen ones really take. Short cut: as long as all of them fit into what each of them may use, nobody gets
 * less than it would alone. */
static void price_chosen(Search *s, Score *ret_score) {
    const Plan *plan = s->plan;
    int64_t sum = 0, least = INT64_MAX, n = plan->line_count, fees = 0, fee_sum = 0;
    *ret_score = s->sum;
    for (int64_t i = 0; i < s->candidate_count; i++) {
        const Candidate *k = &s->candidates[i];
        if (!s->in[k->deal - plan->deals] || k->off_fen == 0) continue;
        if (k->group == GROUP_SHIPPING) {
            fees++;
            fee_sum += k->off_fen;
            continue;
        }
        sum += k->off_fen;
        if (k->room_fen < least) least = k->room_fen;
    }
    if (sum <= least && fees <= 1) return;
    memcpy(s->room, s->goods.room, sizeof(int64_t) * (size_t)(n + 1));
    ret_score->payable_fen += sum + fee_sum;
    for (int64_t i = s->order_from; i < plan->deal_count; i++)
        if (s->in[i]) ret_score->payable_fen -= order_take(plan, &plan->deals[i], &s->goods, s->want[i], s->room, NULL);
}

static void order_node(Search *s, int64_t from) {
    Score score, bound;
    if (is_worked(s)) return;
    price_chosen(s, &score);
    consider(s, &score);
    for (int64_t i = from; i < s->candidate_count; i++) {
        const Candidate *k = &s->candidates[i];
        if (s->in[k->deal - s->plan->deals] || !may_join(s, k)) continue;
        bound = s->sum;
        search_relax(s, s->candidates + i, s->candidate_count - i, s->floor_fen, &bound);
        if (is_hopeless(s, &bound)) return;
        join(s, k, 1);
        order_node(s, i + 1);
        join(s, k, -1);
        if (s->plan->is_over) return;
    }
}

/* Goods are fixed: the best set of order and shipping deals beside them. Forced ones are in from the start. */
static void order_search(Search *s) {
    const Plan *plan = s->plan;
    int64_t fen, pieces, room_fen, a, b, joined = 0;
    s->sum = (Score){ .payable_fen = s->goods.total_fen + plan->ask->delivery_fen,
                      .life_ms = s->line_life_ms,
                      .coupons = s->coupons };
    s->candidate_count = 0;
    for (int64_t i = s->order_from; i < plan->deal_count; i++) {
        const Deal *deal = &plan->deals[i];
        bool is_forced = plan->is_forced && deal->promo->forced;
        if (is_forced && (deal->is_out || deal->promo->stack == PROMO_ALONE)) return;
        if (deal->is_out || deal->promo->stack == PROMO_ALONE) continue;
        goods_scope(plan, deal, &s->goods, &fen, &pieces, &room_fen);
        bool is_reached = promo_threshold_reached(deal->promo, fen, pieces, &a, &b);
        if (is_forced && !is_reached) return;
        if (!is_reached) continue;
        s->want[i] = deal->action->off(deal->promo, fen, room_fen);
        int64_t worth = deal_worth(deal, fen, pieces);
        if (s->want[i] > 0 || worth > 0 || is_forced)
            search_add(s->candidates, &s->candidate_count, deal, s->want[i], worth, room_fen);
    }
    for (; joined < s->candidate_count; joined++) {
        const Candidate *k = &s->candidates[joined];
        if (!plan->is_forced || !k->deal->promo->forced) continue;
        if (!may_join(s, k)) break;
        join(s, k, 1);
    }
    if (joined == s->candidate_count) order_node(s, 0);
    for (int64_t i = 0; i < joined; i++)
        if (s->in[s->candidates[i].deal - plan->deals]) join(s, &s->candidates[i], -1);
}

/* ---- prices and pieces ---- */

static bool is_useful(const Search *s, const Deal *deal) {
    if (deal->unit == NULL) return deal->action->most(s->plan, deal, s->goods.unit) > 0;
    for (int64_t k = 0; k < deal->line_count; k++)
        if (deal->unit[k] < s->goods.unit[deal->lines[k]]) return true;
    return false;
}

static void line_join(Search *s, const Deal *deal, int64_t by) {
    s->in[deal - s->plan->deals] = by > 0;
    if (deal->class_no != 0) s->used_class[deal->class_no] = by > 0;
    if (deal->is_coupon) s->coupons += by;
    s->line_life_ms += by * deal->life_ms;
}

static void line_node(Search *s, int64_t depth) {
    Score bound;
    if (is_worked(s)) return;
    goods_price(s->plan, s->in, &s->goods);
    for (;; depth++) { /* what changes nothing here changes nothing further down */
        if (depth == s->line_deal_count) {
            order_search(s);
            return;
        }
        const Deal *next = s->line_deals[depth];
        if (is_useful(s, next) || (s->plan->is_forced && next->promo->forced)) break;
    }
    search_bound(s, depth, &bound);
    if (is_hopeless(s, &bound)) return;
    const Deal *deal = s->line_deals[depth];
    if (deal_clash(s->plan, s->in, deal - s->plan->deals) == NULL) {
        line_join(s, deal, 1);
        line_node(s, depth + 1);
        line_join(s, deal, -1);
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
        if (!is_line && set_is_legal(plan, s->in) && set_price(plan, s->in, &score, NULL)) consider(s, &score);
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

bool promo_search(Plan *plan, bool *best, bool has_start, Score *ret_score, int64_t *ret_bound_fen) {
    Score root;
    Search s = { .plan = plan, .best = best, .has_best = has_start, .best_score = *ret_score };
    plan->work = 0;
    plan->is_over = false;
    search_start(&s);
    search_bound(&s, 0, &root);
    if (stands_in_line(plan)) line_node(&s, 0);
    search_alone(&s);
    *ret_score = s.best_score;
    *ret_bound_fen = s.best_score.payable_fen;
    for (int64_t i = 0; i < plan->deal_count; i++) /* the root's bound does not look at what stands alone */
        if (plan->deals[i].promo->stack != PROMO_STACKABLE) root.payable_fen = s.floor_fen;
    if (plan->is_over && root.payable_fen < *ret_bound_fen) *ret_bound_fen = root.payable_fen;
    return s.has_best;
}
