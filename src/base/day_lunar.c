/* The lunar calendar over ICU's Chinese calendar (astronomical, Beijing time), and the festivals that follow from it.
 * ICU counts lunar years from 2637 BC: the year that begins in 2026 is its extended year 4663. */
#include "base/day.h"
#include <stddef.h>
#include <unicode/ucal.h>

enum { LUNAR_EPOCH = 2637, NOON_MS = 12 * HOUR_MS };

static UCalendar *lunar_calendar(void) {
    static const UChar zone[] = u"Asia/Shanghai";
    UErrorCode status = U_ZERO_ERROR;
    UCalendar *calendar = ucal_open(zone, -1, "zh@calendar=chinese", UCAL_DEFAULT, &status);
    return U_SUCCESS(status) ? calendar : NULL;
}

/* Noon in Beijing, so that no summer time of the past can move the day. */
static UDate noon_of(int64_t day) { return (UDate)(day_number(day) * DAY_MS + NOON_MS - 8 * HOUR_MS); }

bool lunar_of_day(int64_t day, Lunar *ret_lunar) {
    if (!day_is_valid(day) || day_year(day) < LUNAR_YEAR_MIN || day_year(day) > LUNAR_YEAR_MAX + 1) return false;
    UCalendar *calendar = lunar_calendar();
    if (!calendar) return false;
    UErrorCode status = U_ZERO_ERROR;
    ucal_setMillis(calendar, noon_of(day), &status);
    Lunar lunar = {
        .year = ucal_get(calendar, UCAL_EXTENDED_YEAR, &status) - LUNAR_EPOCH,
        .month = ucal_get(calendar, UCAL_MONTH, &status) + 1,
        .day = ucal_get(calendar, UCAL_DAY_OF_MONTH, &status),
        .is_leap = ucal_get(calendar, UCAL_IS_LEAP_MONTH, &status) != 0,
    };
    ucal_close(calendar);
    if (U_FAILURE(status) || lunar.year < LUNAR_YEAR_MIN || lunar.year > LUNAR_YEAR_MAX) return false;
    *ret_lunar = lunar;
    return true;
}

/* ICU rolls what does not exist over to the next month, so the answer is read back and compared. */
bool lunar_to_day(Lunar lunar, int64_t *ret_day) {
    if (lunar.year < LUNAR_YEAR_MIN || lunar.year > LUNAR_YEAR_MAX) return false;
    if (lunar.month < 1 || lunar.month > 12 || lunar.day < 1 || lunar.day > 30) return false;
    UCalendar *calendar = lunar_calendar();
    if (!calendar) return false;
    UErrorCode status = U_ZERO_ERROR;
    ucal_clear(calendar);
    ucal_set(calendar, UCAL_EXTENDED_YEAR, (int32_t)(lunar.year + LUNAR_EPOCH));
    ucal_set(calendar, UCAL_MONTH, (int32_t)lunar.month - 1);
    ucal_set(calendar, UCAL_IS_LEAP_MONTH, lunar.is_leap);
    ucal_set(calendar, UCAL_DAY_OF_MONTH, (int32_t)lunar.day);
    ucal_set(calendar, UCAL_HOUR_OF_DAY, 12);
    UDate at = ucal_getMillis(calendar, &status);
    ucal_close(calendar);
    if (U_FAILURE(status)) return false;
    int64_t local = (int64_t)at + 8 * HOUR_MS;
    int64_t day = day_from_number(local / DAY_MS - (local % DAY_MS < 0));
    Lunar back;
    if (!lunar_of_day(day, &back)) return false;
    if (back.year != lunar.year || back.month != lunar.month || back.day != lunar.day) return false;
    if (back.is_leap != lunar.is_leap) return false;
    *ret_day = day;
    return true;
}

int64_t lunar_birthday_in(int64_t year, int64_t month, int64_t day, bool is_leap) {
    int64_t kept;
    for (int64_t leap = is_leap; leap >= 0; leap--) {
        for (int64_t in_month = day; in_month >= day - 1; in_month--) {
            if (lunar_to_day((Lunar){ year, month, in_month, leap == 1 }, &kept)) return kept;
        }
    }
    return 0;
}

int64_t lunar_birthday_next(int64_t today, int64_t month, int64_t day, bool is_leap) {
    for (int64_t year = day_year(today) - 1; year <= day_year(today) + 1; year++) {
        int64_t kept = lunar_birthday_in(year, month, day, is_leap);
        if (kept >= today) return kept;
    }
    return 0;
}

/* ---- festivals -------------------------------------------------------------------------------------------------- */

const char *const festival_names[] = {
    "new_year", "valentine", "women", "labour", "children", "mid_year_sale", "teachers", "national", "double_eleven",
    "double_twelve", "christmas", "laba", "lunar_new_year_eve", "spring", "lantern", "qingming", "dragon_boat", "qixi",
    "mid_autumn", "chongyang", NULL,
};
const char *const festival_names_zh[] = {
    "元旦", "情人节", "妇女节", "劳动节", "儿童节", "六一八", "教师节", "国庆节", "双十一", "双十二", "圣诞节",
    "腊八", "除夕", "春节", "元宵", "清明", "端午", "七夕", "中秋", "重阳", NULL,
};

static int64_t lunar_day_in(int64_t year, int64_t month, int64_t day) {
    int64_t at;
    return lunar_to_day((Lunar){ year, month, day, false }, &at) ? at : 0;
}

static int64_t spring_eve(int64_t year) {
    int64_t spring = lunar_day_in(year, 1, 1);
    return spring == 0 ? 0 : day_add(spring, -1);
}

/* 腊八 of the lunar year before falls into January or late December; the one inside `year` is asked for. */
static int64_t laba(int64_t year) {
    int64_t early = lunar_day_in(year - 1, 12, 8), late = lunar_day_in(year, 12, 8);
    if (early != 0 && day_year(early) == year) return early;
    return late != 0 && day_year(late) == year ? late : 0;
}

/* Solar longitude 15 degrees by the usual century formula: mean tropical year 365.2422 days, checked for 1901 … 2099. */
static int64_t qingming(int64_t year) {
    if (year < LUNAR_YEAR_MIN || year > LUNAR_YEAR_MAX) return 0;
    int64_t of_century = year % 100, base = year < 2000 ? 55900 : 48100;
    return day_of(year, 4, (of_century * 2422 + base) / 10000 - of_century / 4);
}

int64_t festival_day(Festival festival, int64_t year) {
    switch (festival) {
    case FESTIVAL_NEW_YEAR: return day_of(year, 1, 1);
    case FESTIVAL_VALENTINE: return day_of(year, 2, 14);
    case FESTIVAL_WOMEN: return day_of(year, 3, 8);
    case FESTIVAL_LABOUR: return day_of(year, 5, 1);
    case FESTIVAL_CHILDREN: return day_of(year, 6, 1);
    case FESTIVAL_MID_YEAR_SALE: return day_of(year, 6, 18);
    case FESTIVAL_TEACHERS: return day_of(year, 9, 10);
    case FESTIVAL_NATIONAL: return day_of(year, 10, 1);
    case FESTIVAL_DOUBLE_ELEVEN: return day_of(year, 11, 11);
    case FESTIVAL_DOUBLE_TWELVE: return day_of(year, 12, 12);
    case FESTIVAL_CHRISTMAS: return day_of(year, 12, 25);
    case FESTIVAL_LABA: return laba(year);
    case FESTIVAL_NEW_YEAR_EVE_LUNAR: return spring_eve(year);
    case FESTIVAL_SPRING: return lunar_day_in(year, 1, 1);
    case FESTIVAL_LANTERN: return lunar_day_in(year, 1, 15);
    case FESTIVAL_QINGMING: return qingming(year);
    case FESTIVAL_DRAGON_BOAT: return lunar_day_in(year, 5, 5);
    case FESTIVAL_QIXI: return lunar_day_in(year, 7, 7);
    case FESTIVAL_MID_AUTUMN: return lunar_day_in(year, 8, 15);
    case FESTIVAL_CHONGYANG: return lunar_day_in(year, 9, 9);
    case FESTIVAL_COUNT: return 0;
    }
    return 0;
}
