/* delivery: the fee, or a part of it. */
#include "domain/promo/promo_plan.h"

static int64_t off(const Promo *p, int64_t scope_fen, int64_t room_fen) {
    (void)scope_fen;
    return p->off_fen == 0 || p->off_fen > room_fen ? room_fen : p->off_fen;
}

extern const PromoAction promo_action_delivery;
const PromoAction promo_action_delivery = { .group = GROUP_SHIPPING, .stage = STAGE_SHIPPING, .off = off };
