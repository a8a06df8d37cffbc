/* scope: which lines a promotion looks at. */
#include "domain/promo/promo_plan.h"

bool promo_has_int(IntList list, int64_t value) {
    for (int64_t i = 0; i < list.count; i++)
        if (list.items[i] == value) return true;
    return false;
}

bool promo_has_str(StrList list, Str value) {
    for (int64_t i = 0; i < list.count; i++)
        if (str_equal(list.items[i], value)) return true;
    return false;
}

static bool shares_tag(StrList a, StrList b) {
    for (int64_t i = 0; i < a.count; i++)
        if (promo_has_str(b, a.items[i])) return true;
    return false;
}

bool promo_scope_has(const PromoScope *s, const PromoLine *line) {
    if (line->no_promo) return false;
    if (s->item_ids.count > 0 && !promo_has_int(s->item_ids, line->item_id)) return false;
    if (s->category_ids.count > 0 && !promo_has_int(s->category_ids, line->category_id)) return false;
    if (s->brand_ids.count > 0 && !promo_has_int(s->brand_ids, line->brand_id)) return false;
    if (s->tags.count > 0 && !shares_tag(s->tags, line->tags)) return false;
    return !promo_has_int(s->not_item_ids, line->item_id) && !promo_has_int(s->not_category_ids, line->category_id) &&
           !promo_has_int(s->not_brand_ids, line->brand_id) && !shares_tag(s->not_tags, line->tags);
}
