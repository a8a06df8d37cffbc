/* when: days, blackouts, weekdays, days of the month (member day), minutes of the day. */
#include "domain/promo/promo_plan.h"

static const char *check(const PromoAsk *ask, const Promo *p) {
    const PromoWhen *w = &p->when;
    if (p->expires_at != 0 && ask->now > p->expires_at) return "when.ended";
    if (w->from_day != 0 && ask->day < w->from_day) return "when.early";
    if (w->to_day != 0 && ask->day > w->to_day) return "when.ended";
    for (int64_t i = 0; i < w->not_days.count; i++) {
        const PromoDays *not = &w->not_days.items[i];
        if (ask->day >= not->from_day && ask->day <= (not->to_day != 0 ? not->to_day : not->from_day))
            return "when.blackout";
    }
    if (w->weekdays.count > 0 && !promo_has_int(w->weekdays, ask->weekday)) return "when.weekday";
    if (w->month_days.count > 0 && !promo_has_int(w->month_days, ask->day % 100)) return "when.month_day";
    if (w->from_minute == 0 && w->to_minute == 0) return NULL;
    int64_t to = w->to_minute == 0 ? 24 * 60 : w->to_minute;
    bool is_in = w->from_minute <= to ? ask->minute >= w->from_minute && ask->minute < to
                                      : ask->minute >= w->from_minute || ask->minute < to;
    return is_in ? NULL : "when.minute";
}

const PromoRule promo_rule_when = { check };
