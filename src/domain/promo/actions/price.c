/* price: what one piece costs; half a fen is rounded up. */
#include <assert.h>
#include "domain/promo/promo_plan.h"

static bool unit_rate(const Promo *p, const PromoLine *line, int64_t *ret_unit_fen) {
    bool fits = fen_rate(line->unit_price_fen, p->rate_bp, ROUND_HALF_UP, ret_unit_fen);
    assert(fits); /* promo.amount has refused more */
    return fits;
}

static bool unit_price(const Promo *p, const PromoLine *line, int64_t *ret_unit_fen) {
    (void)line;
    *ret_unit_fen = p->price_fen;
    return true;
}

static bool unit_member(const Promo *p, const PromoLine *line, int64_t *ret_unit_fen) {
    (void)p;
    *ret_unit_fen = line->member_price_fen;
    return line->member_price_fen > 0;
}

extern const PromoAction promo_action_rate, promo_action_price, promo_action_member_price;
const PromoAction promo_action_rate = { .group = GROUP_LINE, .stage = STAGE_PRICE, .unit = unit_rate };
const PromoAction promo_action_price = { .group = GROUP_LINE, .stage = STAGE_PRICE, .unit = unit_price };
const PromoAction promo_action_member_price = { .group = GROUP_LINE, .stage = STAGE_PRICE, .unit = unit_member };
