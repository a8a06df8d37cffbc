/* cash: so many fen off; for `every` threshold once; or what the highest step reached gives. */
#include "domain/promo/promo_plan.h"

static int64_t off(const Promo *p, int64_t scope_fen, int64_t room_fen) {
    int64_t some = p->off_fen, reached = -1;
    if (p->every && p->threshold_fen > 0) {
        int64_t times = promo_threshold_times(p, scope_fen, INT64_MAX);
        some = p->off_fen > 0 && times > room_fen / p->off_fen ? room_fen : times * p->off_fen;
    }
    for (int64_t i = 0; i < p->steps.count; i++)
        if (p->steps.items[i].threshold_fen <= scope_fen && p->steps.items[i].threshold_fen > reached) {
            reached = p->steps.items[i].threshold_fen;
            some = p->steps.items[i].off_fen;
        }
    return some < room_fen ? some : room_fen;
}

extern const PromoAction promo_action_cash;
const PromoAction promo_action_cash = { .group = GROUP_ORDER, .stage = STAGE_CASH, .off = off };
