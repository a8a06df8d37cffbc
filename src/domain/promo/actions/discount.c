/* discount: a rate of the whole scope with a cap; half a fen of what is left to pay is rounded up. */
#include <assert.h>
#include "domain/promo/promo_plan.h"

static int64_t off(const Promo *p, int64_t scope_fen, int64_t room_fen) {
    int64_t pay = scope_fen;
    bool fits = fen_rate(scope_fen, p->rate_bp, ROUND_HALF_UP, &pay);
    assert(fits);
    int64_t some = pay < scope_fen ? scope_fen - pay : 0;
    if (p->cap_fen > 0 && some > p->cap_fen) some = p->cap_fen;
    return some < room_fen ? some : room_fen;
}

extern const PromoAction promo_action_discount;
const PromoAction promo_action_discount = { .group = GROUP_ORDER, .stage = STAGE_DISCOUNT, .off = off };
