/* who: members only, tiers, tags (any of them). */
#include "domain/promo/promo_plan.h"

static const char *check(const PromoAsk *ask, const Promo *p) {
    const PromoMember *m = &ask->member;
    bool needs_member = p->who.members_only || p->who.tier_ids.count > 0 || p->who.tags.count > 0 ||
                        p->kind == PROMO_MEMBER_PRICE;
    if (needs_member && m->member_id == 0) return "who.member";
    if (p->who.tier_ids.count > 0 && !promo_has_int(p->who.tier_ids, m->tier_id)) return "who.tier";
    if (p->who.tags.count == 0) return NULL;
    for (int64_t i = 0; i < m->tags.count; i++)
        if (promo_has_str(p->who.tags, m->tags.items[i])) return NULL;
    return "who.tag";
}

const PromoRule promo_rule_who = { check };
