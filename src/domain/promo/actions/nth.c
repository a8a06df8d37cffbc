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
        if (box->low[other] <= box->high[l]) maybe += plan->lines[other].quantity;
        if (box->high[other] < box->low[l]) surely += plan->lines[other].quantity;
    }
    *least = cheap - maybe < 0 ? 0 : cheap - maybe > quantity ? quantity : cheap - maybe;
    *many = cheap - surely < 0 ? 0 : cheap - surely > quantity ? quantity : cheap - surely;
}

/* The greatest gain of any pieces that can be the cheapest. Which ones they are depends on prices; what each of them
 * gains grows with its price, but not faster. */
static int64_t most(const Plan *plan, const Deal *deal, const PriceBox *box) {
    int64_t cheap = count_cheap(plan, deal), left = cheap, sum = 0, n = 0;
    ArenaMark mark = arena_mark(plan->arena);
    int64_t *gains = NEW_LIST(plan->arena, int64_t, 2 * deal->line_count + 1), *more = gains + deal->line_count;
    for (int64_t i = 0; i < deal->line_count; i++) {
        int64_t least, many = cheap, one = gain(plan, deal, deal->lines[i], box->at[deal->lines[i]]);
        find_cheap(plan, deal, box, i, &least, &many);
        sum += least * one;
        left -= least;
        if (one == 0 || many == least) continue;
        int64_t at = n++;
        for (; at > 0 && gains[at - 1] < one; at--) {
            gains[at] = gains[at - 1];
            more[at] = more[at - 1];
        }
        gains[at] = one;
        more[at] = many - least;
    }
    for (int64_t i = 0; i < n && left > 0; i++) {
        sum += gains[i] * (more[i] < left ? more[i] : left);
        left -= more[i];
    }
    arena_back(plan->arena, mark);
    return sum;
}

extern const PromoAction promo_action_nth;
const PromoAction promo_action_nth = { GROUP_LINE, STAGE_PIECES, .take = take, .most = most, .owns_lines = true };
