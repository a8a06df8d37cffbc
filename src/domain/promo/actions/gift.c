/* gift: 满赠; nothing comes off, what is given counts by its worth. */
#include "domain/promo/promo_plan.h"

static int64_t off(const Promo *p, int64_t scope_fen, int64_t room_fen) {
    (void)p, (void)scope_fen, (void)room_fen;
    return 0;
}

extern const PromoAction promo_action_gift;
const PromoAction promo_action_gift = { .group = GROUP_ORDER, .stage = STAGE_CASH, .off = off,
                                        .times = promo_threshold_times };
