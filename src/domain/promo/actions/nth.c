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

/* Without floors: which pieces are the cheapest changes with prices, but what the cheapest ones gain grows with them;
 * a floor only takes away from that. */
static int64_t most(const Plan *plan, const Deal *deal, const int64_t *unit) {
    int64_t left = count_cheap(plan, deal), sum = 0, price = -1, line = -1, to;
    while (left > 0 && (line = next_line(deal, unit, price, line)) >= 0) {
        int64_t some = plan->lines[line].quantity < left ? plan->lines[line].quantity : left;
        bool fits = fen_rate(unit[line], deal->promo->rate_bp, ROUND_HALF_UP, &to);
        assert(fits);
        price = unit[line];
        sum += some * (unit[line] - to);
        left -= some;
    }
    return sum;
}

extern const PromoAction promo_action_nth;
const PromoAction promo_action_nth = { GROUP_LINE, STAGE_PIECES, .take = take, .most = most, .owns_lines = true };
