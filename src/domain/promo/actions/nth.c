/* nth: of every `nth` pieces in the scope the cheapest one costs rate_bp of its price: second half price is 2 and
 * 5000, buy two get one free is 3 and 0. Pieces are counted over all lines of the scope. */
#include <assert.h>
#include "domain/promo/promo_plan.h"

static int64_t gain(const Plan *plan, const Deal *deal, int64_t line, int64_t unit) {
    int64_t to = unit;
    bool fits = fen_rate(unit, deal->promo->rate_bp, ROUND_HALF_UP, &to);
    assert(fits);
    if (to < plan->floor[line]) to = plan->floor[line];
    return to < unit ? unit - to : 0;
}

static int64_t count_cheap(const Plan *plan, const Deal *deal) {
    int64_t pieces = 0, nth = deal->promo->nth < 1 ? 1 : deal->promo->nth;
    for (int64_t i = 0; i < deal->line_count; i++) pieces += plan->lines[deal->lines[i]].quantity;
    int64_t cheap = pieces / nth;
    return deal->promo->times_max > 0 && cheap > deal->promo->times_max ? deal->promo->times_max : cheap;
}

/* The next line in ascending price after (price, line); -1 = no more. */
static int64_t next_line(const Deal *deal, const int64_t *unit, int64_t price, int64_t after) {
    int64_t best = -1;
    for (int64_t i = 0; i < deal->line_count; i++) {
        int64_t l = deal->lines[i];
        if (unit[l] < price || (unit[l] == price && l <= after)) continue;
        if (best < 0 || unit[l] < unit[best]) best = l;
    }
    return best;
}

static int64_t take(const Plan *plan, const Deal *deal, Goods *goods, int64_t *off) {
    int64_t left = count_cheap(plan, deal), sum = 0, price = -1, line = -1;
    while (left > 0 && (line = next_line(deal, goods->unit, price, line)) >= 0) {
        int64_t some = plan->lines[line].quantity < left ? plan->lines[line].quantity : left;
        int64_t part = some * gain(plan, deal, line, goods->unit[line]);
        price = goods->unit[line];
        off[line] += part;
        sum += part;
        left -= some;
        goods->taken[line] += plan->lines[line].quantity;
    }
    return sum;
}

static bool is_before(const int64_t *a, int64_t i, const int64_t *b, int64_t k) {
    return a[i] < b[k] || (a[i] == b[k] && i < k);
}

/* Per line: how many pieces of others may be cheaper somewhere in the box, and how many are so everywhere. */
static void count_cheaper(const Plan *plan, const PriceBox *box, const bool *is_in, int64_t *maybe, int64_t *surely) {
    int64_t n = plan->line_count, some = 0, all = 0;
    for (int64_t i = 0, k = 0; i < n; i++) {
        int64_t l = box->by_high[i];
        for (; k < n && is_before(box->low, box->by_low[k], box->high, l); k++)
            some += is_in[box->by_low[k]] ? plan->lines[box->by_low[k]].quantity : 0;
        maybe[l] = some - (box->low[l] < box->high[l] ? plan->lines[l].quantity : 0);
    }
    for (int64_t i = 0, k = 0; i < n; i++) {
        int64_t l = box->by_low[i];
        for (; k < n && is_before(box->high, box->by_high[k], box->low, l); k++)
            all += is_in[box->by_high[k]] ? plan->lines[box->by_high[k]].quantity : 0;
        surely[l] = all;
    }
}

static int64_t within(int64_t value, int64_t most) { return value < 0 ? 0 : value > most ? most : value; }

/* Which pieces are the cheapest depends on prices; what each of them gains grows with its price, but not faster. */
static void spread(const Plan *plan, const Deal *deal, const PriceBox *box, PieceGains *gains) {
    int64_t n = plan->line_count;
    ArenaMark mark = arena_mark(plan->arena);
    int64_t *maybe = NEW_LIST(plan->arena, int64_t, 2 * n + 1), *surely = maybe + n;
    bool *is_in = NEW_LIST(plan->arena, bool, n + 1);
    gains->count = 0;
    gains->pieces = count_cheap(plan, deal);
    for (int64_t i = 0; i < deal->line_count; i++) is_in[deal->lines[i]] = true;
    count_cheaper(plan, box, is_in, maybe, surely);
    for (int64_t i = n - 1; i >= 0; i--) { /* dear ones gain most */
        int64_t l = box->by_low[i], quantity = plan->lines[l].quantity;
        if (!is_in[l] || surely[l] >= gains->pieces) continue;
        piece_gains_add(gains, (PieceGain){ .line = l,
                                            .fen = gain(plan, deal, l, box->at[l]),
                                            .least = within(gains->pieces - maybe[l], quantity),
                                            .many = within(gains->pieces - surely[l], quantity) });
    }
    arena_back(plan->arena, mark);
}

extern const PromoAction promo_action_nth;
const PromoAction promo_action_nth = { GROUP_LINE, STAGE_PIECES, .take = take, .spread = spread, .owns_lines = true };
