/* piece: the pieces of the scope that gain most cost price_fen each: exchange coupon (0), fixed price. A piece serves
 * one promotion. */
#include "domain/promo/promo_plan.h"

static int64_t gain(const Plan *plan, const Deal *deal, int64_t line, int64_t unit) {
    int64_t to = deal->promo->price_fen > plan->floor[line] ? deal->promo->price_fen : plan->floor[line];
    return to < unit ? unit - to : 0;
}

static int64_t run(const Plan *plan, const Deal *deal, const int64_t *unit, int64_t *taken, int64_t *off) {
    int64_t left = deal->promo->pieces < 1 ? 1 : deal->promo->pieces, sum = 0, last = -1;
    while (left > 0) {
        int64_t best = -1;
        for (int64_t i = 0; i < deal->line_count; i++) {
            int64_t l = deal->lines[i], g = gain(plan, deal, l, unit[l]);
            if (g == 0 || (taken != NULL && taken[l] >= plan->lines[l].quantity)) continue;
            if (taken == NULL && last >= 0) { /* the bound knows no taken pieces: lines by falling gain, once each */
                int64_t before = gain(plan, deal, last, unit[last]);
                if (g > before || (g == before && l <= last)) continue;
            }
            if (best < 0 || g > gain(plan, deal, best, unit[best])) best = l;
        }
        if (best < 0) return sum;
        int64_t free_pieces = plan->lines[best].quantity - (taken == NULL ? 0 : taken[best]);
        int64_t some = free_pieces < left ? free_pieces : left;
        sum += some * gain(plan, deal, best, unit[best]);
        if (off != NULL) off[best] += some * gain(plan, deal, best, unit[best]);
        if (taken != NULL) taken[best] += some;
        left -= some;
        last = best;
    }
    return sum;
}

static int64_t take(const Plan *plan, const Deal *deal, Goods *goods, int64_t *off) {
    return run(plan, deal, goods->unit, goods->taken, off);
}

static int64_t most(const Plan *plan, const Deal *deal, const PriceBox *box) {
    return run(plan, deal, box->at, NULL, NULL);
}

extern const PromoAction promo_action_piece;
const PromoAction promo_action_piece = { GROUP_LINE, STAGE_PIECES, .take = take, .most = most };
