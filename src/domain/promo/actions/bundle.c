/* bundle: the parts together for one price, as often as they are all there; the dearest lines of an item first. */
#include "domain/promo/promo_plan.h"

static int64_t count_sets(const Plan *plan, const Deal *deal) {
    const Promo *p = deal->promo;
    int64_t sets = p->parts.count > 0 ? INT64_MAX : 0;
    for (int64_t k = 0; k < p->parts.count; k++) {
        int64_t pieces = 0, need = p->parts.items[k].quantity < 1 ? 1 : p->parts.items[k].quantity;
        for (int64_t i = 0; i < deal->line_count; i++)
            if (plan->lines[deal->lines[i]].item_id == p->parts.items[k].item_id)
                pieces += plan->lines[deal->lines[i]].quantity;
        if (pieces / need < sets) sets = pieces / need;
    }
    return p->times_max > 0 && sets > p->times_max ? p->times_max : sets;
}

/* The dearest line of the item that comes after (price, line) in descending price. */
static int64_t next_line(const Plan *plan, const Deal *deal, const int64_t *unit, int64_t item_id, int64_t after) {
    int64_t best = -1;
    for (int64_t i = 0; i < deal->line_count; i++) {
        int64_t l = deal->lines[i];
        if (plan->lines[l].item_id != item_id) continue;
        if (after >= 0 && (unit[l] > unit[after] || (unit[l] == unit[after] && l <= after))) continue;
        if (best < 0 || unit[l] > unit[best]) best = l;
    }
    return best;
}

/* pieces[]: how many of each line go into the sets; what they cost. */
static int64_t pick(const Plan *plan, const Deal *deal, const int64_t *unit, int64_t sets, int64_t *pieces) {
    int64_t cost = 0;
    for (int64_t k = 0; k < deal->promo->parts.count; k++) {
        const PromoPart *part = &deal->promo->parts.items[k];
        int64_t left = sets * (part->quantity < 1 ? 1 : part->quantity), line = -1;
        while (left > 0 && (line = next_line(plan, deal, unit, part->item_id, line)) >= 0) {
            int64_t some = plan->lines[line].quantity < left ? plan->lines[line].quantity : left;
            if (pieces != NULL) pieces[line] += some;
            cost += some * unit[line];
            left -= some;
        }
    }
    return cost;
}

static int64_t want_at(const Plan *plan, const Deal *deal, const int64_t *unit) {
    int64_t sets = count_sets(plan, deal), cost = pick(plan, deal, unit, sets, NULL);
    return sets > 0 && cost > sets * deal->promo->price_fen ? cost - sets * deal->promo->price_fen : 0;
}

static int64_t most(const Plan *plan, const Deal *deal, const PriceBox *box) {
    return want_at(plan, deal, box->at);
}

static int64_t take(const Plan *plan, const Deal *deal, Goods *goods, int64_t *off) {
    int64_t want = want_at(plan, deal, goods->unit), room = 0, n = plan->line_count;
    if (want == 0) return 0;
    ArenaMark mark = arena_mark(plan->arena);
    int64_t *pieces = NEW_LIST(plan->arena, int64_t, n), *parts = NEW_LIST(plan->arena, int64_t, n);
    pick(plan, deal, goods->unit, count_sets(plan, deal), pieces);
    for (int64_t l = 0; l < n; l++) {
        goods->taken[l] += pieces[l];
        pieces[l] *= goods->unit[l] > plan->floor[l] ? goods->unit[l] - plan->floor[l] : 0;
        room += pieces[l];
    }
    if (want > room) want = room;
    fen_share(plan->arena, want, pieces, n, parts);
    for (int64_t l = 0; l < n; l++) off[l] += room > 0 ? parts[l] : 0;
    arena_back(plan->arena, mark);
    return want;
}

extern const PromoAction promo_action_bundle;
const PromoAction promo_action_bundle = { GROUP_LINE, STAGE_PIECES, .take = take, .most = most, .owns_lines = true };
