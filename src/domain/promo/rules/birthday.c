/* birthday: on the day or in its month; born on 29 February means the 28th in common years. */
#include "domain/promo/promo_plan.h"

static bool is_leap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

static const char *check(const PromoAsk *ask, const Promo *p) {
    int64_t born = ask->member.birthday;
    if (p->who.birthday == PROMO_BIRTHDAY_ANY) return NULL;
    if (born == 0) return "who.birthday";
    if (p->who.birthday == PROMO_BIRTHDAY_MONTH) return born / 100 == ask->day / 100 % 100 ? NULL : "who.birthday";
    if (born == 229 && !is_leap(ask->day / 10000)) born = 228;
    return born == ask->day % 10000 ? NULL : "who.birthday";
}

const PromoRule promo_rule_birthday = { check };
