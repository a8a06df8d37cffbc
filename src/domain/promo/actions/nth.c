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

/* How many pieces of a line are among the cheapest for sure, and at most, wherever in the box prices are. */
static void find_cheap(const Plan *plan, const Deal *deal, const PriceBox *box, int64_t i, int64_t *least,
                       int64_t *many) {
    int64_t cheap = *many, l = deal->lines[i], maybe = 0, surely = 0, quantity = plan->lines[l].quantity;
    for (int64_t k = 0; k < deal->line_count; k++) {
        int64_t other = deal->lines[k];
        if (k == i) continue;
        bool is_first = other < l; /* of one price the first line counts as cheaper */
        if (box->low[other] < box->high[l] + is_first) maybe += plan->lines[other].quantity;
        if (box->high[other] < box->low[l] + is_first) surely += plan->lines[other].quantity;
    }
    *least = cheap - maybe < 0 ? 0 : cheap - maybe > quantity ? quantity : cheap - maybe;
    *many = cheap - surely < 0 ? 0 : cheap - surely > quantity ? quantity : cheap - surely;
}

/* Which pieces are the cheapest depends on prices; what each of them gains grows with its price, but not faster. */
static void spread(const Plan *plan, const Deal *deal, const PriceBox *box, PieceGains *gains) {
    gains->count = 0;
    gains->pieces = count_cheap(plan, deal);
    for (int64_t i = 0; i < deal->line_count; i++) {
        int64_t l = deal->lines[i];
        PieceGain g = { .line = l, .fen = gain(plan, deal, l, box->at[l]), .many = gains->pieces };
        find_cheap(plan, deal, box, i, &g.least, &g.many);
        if (g.many > 0) piece_gains_add(gains, g);
    }
}

extern const PromoAction promo_action_nth;
const PromoAction promo_action_nth = { GROUP_LINE, STAGE_PIECES, .take = take, .spread = spread, .owns_lines = true };
