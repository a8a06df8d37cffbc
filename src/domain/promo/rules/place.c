/* place: shops and channels. */
#include "domain/promo/promo_plan.h"

static const char *check(const PromoAsk *ask, const Promo *p) {
    if (p->shop_ids.count > 0 && !promo_has_int(p->shop_ids, ask->shop_id)) return "place.shop";
    if (p->channels.count > 0 && !promo_has_str(p->channels, ask->channel)) return "place.channel";
    return NULL;
}

const PromoRule promo_rule_place = { check };
