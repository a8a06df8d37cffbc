/* Before a search: the order of decision, who excludes whom, and which lines deals of order look at. */
#include <string.h>
#include "domain/promo/promo_search.h"

static int64_t saving(const Search *s, const Deal *deal) {
    const Plan *plan = s->plan;
    const int64_t *unit = s->goods.unit;
    int64_t sum = 0;
    if (deal->unit == NULL) return deal_most(plan, deal, &(PriceBox){ unit, unit, unit, s->by_high, s->by_high });
    for (int64_t k = 0; k < deal->line_count; k++)
        if (deal->unit[k] < unit[deal->lines[k]])
            sum += (unit[deal->lines[k]] - deal->unit[k]) * plan->lines[deal->lines[k]].quantity;
    return sum;
}

static bool same_lines(const Deal *a, const Deal *b) {
    size_t size = sizeof(int64_t) * (size_t)a->line_count;
    return a->line_count == b->line_count && memcmp(a->lines, b->lines, size) == 0;
}

/* Whatever a set does with b it can do with a: the same prices, no more life, no more coupons, no other class. */
static bool replaces(const Deal *a, const Deal *b) {
    if (a->promo->forced || b->promo->forced || a->unit == NULL || b->unit == NULL || !same_lines(a, b)) return false;
    if (memcmp(a->unit, b->unit, sizeof(int64_t) * (size_t)a->line_count) != 0) return false;
    if (a->class_no != 0 && a->class_no != b->class_no) return false;
    return a->life_ms <= b->life_ms && a->is_coupon <= b->is_coupon;
}

static bool is_shared(const Deal *deal) { return deal->action->stage == STAGE_PIECES && !deal->action->owns_lines; }

/* Those that share lines are decided last and in the order of evaluation, so that nobody's pieces change by who comes
 * later. */
static void add_line_deal(Search *s, const Deal *deal) {
    int64_t mine = saving(s, deal), kept = 0, at;
    for (int64_t i = 0; i < s->line_deal_count; i++)
        if (replaces(s->line_deals[i], deal)) return;
    for (int64_t i = 0; i < s->line_deal_count; i++)
        if (!replaces(deal, s->line_deals[i])) s->line_deals[kept++] = s->line_deals[i];
    for (at = kept; at > 0; at--) {
        const Deal *before = s->line_deals[at - 1];
        if (before->action->stage != deal->action->stage || is_shared(deal)) break;
        if (!is_shared(before) && saving(s, before) >= mine) break;
        s->line_deals[at] = before;
    }
    s->line_deals[at] = deal;
    s->line_deal_count = kept + 1;
}

static void find_clashes(Search *s) {
    int64_t n = s->line_deal_count;
    while (s->pieces_from < n && s->line_deals[s->pieces_from]->unit != NULL) s->pieces_from++;
    s->clashes = NEW_LIST(s->plan->arena, bool, n * n + 1);
    s->blocked = NEW_LIST(s->plan->arena, int64_t, n + 1);
    s->conflicts = NEW_LIST(s->plan->arena, uint64_t, 64);
    s->most = NEW_LIST(s->plan->arena, Most, n + 1);
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < n; k++) {
            s->clashes[i * n + k] = i != k && deals_clash(s->line_deals[i], s->line_deals[k]) != NULL;
            int64_t a = i - s->pieces_from, b = k - s->pieces_from;
            if (s->clashes[i * n + k] && a >= 0 && a < 64 && b >= 0 && b < 64) s->conflicts[a] |= (uint64_t)1 << b;
        }
    for (int64_t i = s->pieces_from; i < n; i++) {
        Most *most = &s->most[i - s->pieces_from];
        most->units = NEW_LIST(s->plan->arena, int64_t, 3 * s->line_deals[i]->line_count);
        most->gains.items = NEW_LIST(s->plan->arena, PieceGain, s->line_deals[i]->line_count);
    }
}

/* ---- scopes ---- */

static void cover_lines(Search *s, const Deal *deal) {
    for (int64_t k = 0; k < deal->line_count; k++) s->is_covered[deal->lines[k]] = true;
}

static bool is_scope_of(const Scope *scope, const Deal *deal) {
    size_t size = sizeof(int64_t) * (size_t)deal->line_count;
    return scope->line_count == deal->line_count && scope->skips == deal->promo->scope.skips_discounted &&
           memcmp(scope->lines, deal->lines, size) == 0;
}

/* Scopes stand by size; deals are told afterwards where theirs is. */
static void add_scope(Search *s, const Deal *deal) {
    int64_t at = s->scope_count;
    for (int64_t i = 0; i < s->scope_count; i++)
        if (is_scope_of(&s->scopes[i], deal)) return;
    for (; at > 0 && s->scopes[at - 1].line_count > deal->line_count; at--) s->scopes[at] = s->scopes[at - 1];
    s->scopes[at] = (Scope){ .lines = deal->lines, .line_count = deal->line_count,
                             .skips = deal->promo->scope.skips_discounted };
    s->scope_count++;
}

/* How many of b's lines lie in a. */
static int64_t count_shared(const int64_t *a, int64_t a_count, const int64_t *b, int64_t b_count) {
    int64_t shared = 0;
    for (int64_t i = 0, k = 0; i < a_count && k < b_count;) {
        shared += a[i] == b[k];
        if (a[i] <= b[k]) i++;
        else k++;
    }
    return shared;
}

static void relate_scopes(Search *s) {
    int64_t n = s->scope_count;
    s->overlaps = NEW_LIST(s->plan->arena, bool, 2 * n * n + 1);
    s->holds = s->overlaps + n * n;
    for (int64_t i = 0; i < n; i++) {
        Scope *a = &s->scopes[i];
        a->outside = NEW_LIST(s->plan->arena, bool, s->plan->line_count + 1);
        memset(a->outside, true, (size_t)s->plan->line_count);
        for (int64_t k = 0; k < a->line_count; k++) a->outside[a->lines[k]] = false;
        for (int64_t k = 0; k < n; k++) {
            const Scope *b = &s->scopes[k];
            int64_t shared = count_shared(a->lines, a->line_count, b->lines, b->line_count);
            s->overlaps[i * n + k] = shared > 0;
            s->holds[i * n + k] = shared == b->line_count && (!a->skips || b->skips);
        }
        for (int64_t k = s->pieces_from; k < s->line_deal_count && k - s->pieces_from < 64; k++) {
            const Deal *deal = s->line_deals[k];
            int64_t shared = count_shared(a->lines, a->line_count, deal->lines, deal->line_count);
            uint64_t bit = (uint64_t)1 << (k - s->pieces_from);
            if (shared == deal->line_count) a->inside |= bit;
            else if (shared > 0) a->crossing |= bit;
        }
    }
}

static void find_scopes(Search *s) {
    const Plan *plan = s->plan;
    s->scopes = NEW_LIST(plan->arena, Scope, plan->deal_count - s->order_from + 1);
    s->is_covered = NEW_LIST(plan->arena, bool, plan->line_count + 1);
    s->scope_of = NEW_LIST(plan->arena, int64_t, plan->deal_count + 1);
    for (int64_t i = s->pieces_from; i < s->line_deal_count; i++) cover_lines(s, s->line_deals[i]);
    for (int64_t i = s->order_from; i < plan->deal_count; i++) {
        const Deal *deal = &plan->deals[i];
        if (deal->is_out || deal->promo->stack == PROMO_ALONE) continue;
        add_scope(s, deal);
        if (deal->action->group == GROUP_ORDER) cover_lines(s, deal);
    }
    for (int64_t i = s->order_from; i < plan->deal_count; i++)
        for (int64_t k = 0; k < s->scope_count; k++)
            if (is_scope_of(&s->scopes[k], &plan->deals[i])) s->scope_of[i] = k;
    relate_scopes(s);
}

static void add_candidates(Search *s) {
    const Plan *plan = s->plan;
    for (int64_t i = s->order_from; i < plan->deal_count; i++) {
        const Deal *deal = &plan->deals[i];
        bool is_shipping = deal->action->group == GROUP_SHIPPING;
        if (deal->is_out || deal->promo->stack == PROMO_ALONE) continue;
        s->all[i] = (Candidate){ .deal = deal,
                                 .scope = is_shipping ? -1 : s->scope_of[i],
                                 .group = deal->action->group,
                                 .is_discount = deal->action->stage == STAGE_DISCOUNT,
                                 .is_alone = deal->promo->stack == PROMO_GROUP_ALONE,
                                 .room_fen = plan->ask->delivery_fen,
                                 .seen = { -1, -1, -1, -1 } };
        s->listed[s->deal_total++] = &s->all[i];
    }
}

void search_start(Search *s) {
    Plan *plan = s->plan;
    Arena *a = plan->arena;
    int64_t deals = plan->deal_count + 1;
    s->in = NEW_LIST(a, bool, deals);
    s->used_class = NEW_LIST(a, bool, deals);
    s->seen = NEW_LIST(a, int64_t, 2 * deals);
    s->all = NEW_LIST(a, Candidate, deals);
    s->candidates = NEW_LIST(a, Candidate *, 6 * deals);
    s->listed = s->candidates + deals;
    s->chosen = s->listed + deals;
    s->turns = s->chosen + deals;
    s->evaluated = s->turns + deals;
    s->limited = s->evaluated + deals;
    s->marginals = NEW_LIST(a, Gain, deals);
    s->rise_max = 4 * deals + 64;
    s->rises = NEW_LIST(a, Rise, s->rise_max);
    s->want = NEW_LIST(a, int64_t, deals);
    s->room = NEW_LIST(a, int64_t, 2 * (plan->line_count + 1));
    s->rest = s->room + plan->line_count + 1;
    s->low = NEW_LIST(a, int64_t, 4 * plan->line_count + 4);
    s->offer_low = s->low + plan->line_count + 1;
    s->by_low = s->offer_low + plan->line_count + 1;
    s->by_high = s->by_low + plan->line_count + 1;
    for (int64_t l = 0; l < plan->line_count; l++) s->by_low[l] = s->by_high[l] = l;
    s->line_deals = NEW_LIST(a, const Deal *, deals);
    goods_new(plan, &s->goods);
    goods_price(plan, s->in, &s->goods);
    sort_by_price(s->goods.unit, s->by_high, plan->line_count);
    for (s->order_from = 0; s->order_from < plan->deal_count; s->order_from++) {
        const Deal *deal = &plan->deals[s->order_from];
        if (deal->action->group != GROUP_LINE) break;
        if (!deal->is_out && deal->promo->stack == PROMO_STACKABLE) add_line_deal(s, deal);
    }
    find_clashes(s);
    find_scopes(s);
    add_candidates(s);
    s->scope_want = NEW_LIST(a, int64_t, 6 * (s->scope_count + 2));
    s->scope_taken = s->scope_want + s->scope_count + 2;
    s->block_scope = s->scope_taken + s->scope_count + 2;
    s->block_left = s->block_scope + s->scope_count + 2;
    s->block_rest = s->block_left + s->scope_count + 2;
    s->block_room = s->block_rest + s->scope_count + 2;
    s->works = NEW_LIST(a, bool, deals);
}
