/* piece: the pieces of the scope that gain most cost price_fen each: exchange coupon (0), fixed price. A piece serves
 * one promotion. */
#include "domain/promo/promo_plan.h"

static int64_t gain(const Plan *plan, const Deal *deal, int64_t line, int64_t unit) {
    int64_t to = deal->promo->price_fen > plan->floor[line] ? deal->promo->price_fen : plan->floor[line];
    return to < unit ? unit - to : 0;
}

static int64_t take(const Plan *plan, const Deal *deal, Goods *goods, int64_t *off) {
    int64_t left = deal->promo->pieces < 1 ? 1 : deal->promo->pieces, sum = 0;
    while (left > 0) {
        int64_t best = -1, most = 0;
        for (int64_t i = 0; i < deal->line_count; i++) {
            int64_t l = deal->lines[i], g = gain(plan, deal, l, goods->unit[l]);
            if (g <= most || goods->taken[l] >= plan->lines[l].quantity) continue;
            best = l;
            most = g;
        }
        if (best < 0) return sum;
        int64_t free_pieces = plan->lines[best].quantity - goods->taken[best];
        int64_t some = free_pieces < left ? free_pieces : left;
        sum += some * most;
        off[best] += some * most;
        goods->taken[best] += some;
        left -= some;
    }
    return sum;
}

/* As if no other deal took pieces. */
static void spread(const Plan *plan, const Deal *deal, const PriceBox *box, PieceGains *gains) {
    gains->count = 0;
    gains->pieces = deal->promo->pieces < 1 ? 1 : deal->promo->pieces;
    for (int64_t i = 0; i < deal->line_count; i++) {
        int64_t l = deal->lines[i], most = plan->lines[l].quantity;
        PieceGain g = { .line = l, .fen = gain(plan, deal, l, box->at[l]) };
        g.many = most < gains->pieces ? most : gains->pieces;
        if (g.fen > 0) piece_gains_add(gains, g);
    }
}

extern const PromoAction promo_action_piece;
const PromoAction promo_action_piece = { GROUP_LINE, STAGE_PIECES, .take = take, .spread = spread };
