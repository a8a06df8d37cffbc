/* first order: a member who has not bought yet. */
#include "domain/promo/promo_plan.h"

static const char *check(const PromoAsk *ask, const Promo *p) {
    if (!p->who.first_order) return NULL;
    return ask->member.member_id != 0 && ask->member.order_count == 0 ? NULL : "who.first_order";
}

const PromoRule promo_rule_first_order = { check };
