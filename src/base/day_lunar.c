/* The lunar calendar as published (Hong Kong Observatory, GB/T 33661), as a table. ICU's Chinese calendar is not used:
 * its new moons are good to minutes only, so that it puts 春节 2027 on 7 February (the moon is new at 23:56 Beijing time
 * on the 6th), 2030 a day early, and 闰六月 1987 into the seventh month. Every month of the table was checked against new
 * moons computed to seconds; those of 29 September 2057, 4 September 2089 and 7 August 2097 fall so near midnight that
 * nobody can be sure. */
#include "base/day.h"

/* Bits 15 … 4: months 1 … 12 have 30 days (else 29); bits 3 … 0: the month after which a leap month stands (0 = none);
 * bit 16: that leap month has 30 days. */
static const int32_t lunar_years[] = {
    0x04ae0, 0x0a570, 0x054d5, 0x0d260, 0x0d950, 0x16554, 0x056a0, 0x09ad0, 0x055d2,          /* 1901 */
    0x04ae0, 0x0a5b6, 0x0a4d0, 0x0d250, 0x1d255, 0x0b540, 0x0d6a0, 0x0ada2, 0x095b0, 0x14977, /* 1910 */
    0x04970, 0x0a4b0, 0x0b4b5, 0x06a50, 0x06d40, 0x1ab54, 0x02b60, 0x09570, 0x052f2, 0x04970, /* 1920 */
    0x06566, 0x0d4a0, 0x0ea50, 0x16a95, 0x05ad0, 0x02b60, 0x186e3, 0x092e0, 0x1c8d7, 0x0c950, /* 1930 */
    0x0d4a0, 0x1d8a6, 0x0b550, 0x056a0, 0x1a5b4, 0x025d0, 0x092d0, 0x0d2b2, 0x0a950, 0x0b557, /* 1940 */
    0x06ca0, 0x0b550, 0x15355, 0x04da0, 0x0a5b0, 0x14573, 0x052b0, 0x0a9a8, 0x0e950, 0x06aa0, /* 1950 */
    0x0aea6, 0x0ab50, 0x04b60, 0x0aae4, 0x0a570, 0x05260, 0x0f263, 0x0d950, 0x05b57, 0x056a0, /* 1960 */
    0x096d0, 0x04dd5, 0x04ad0, 0x0a4d0, 0x0d4d4, 0x0d250, 0x0d558, 0x0b540, 0x0b6a0, 0x195a6, /* 1970 */
    0x095b0, 0x049b0, 0x0a974, 0x0a4b0, 0x0b27a, 0x06a50, 0x06d40, 0x0af46, 0x0ab60, 0x09570, /* 1980 */
    0x04af5, 0x04970, 0x064b0, 0x074a3, 0x0ea50, 0x06b58, 0x05ac0, 0x0ab60, 0x096d5, 0x092e0, /* 1990 */
    0x0c960, 0x0d954, 0x0d4a0, 0x0da50, 0x07552, 0x056a0, 0x0abb7, 0x025d0, 0x092d0, 0x0cab5, /* 2000 */
    0x0a950, 0x0b4a0, 0x0baa4, 0x0ad50, 0x055d9, 0x04ba0, 0x0a5b0, 0x15176, 0x052b0, 0x0a930, /* 2010 */
    0x07954, 0x06aa0, 0x0ad50, 0x05b52, 0x04b60, 0x0a6e6, 0x0a4e0, 0x0d260, 0x0ea65, 0x0d530, /* 2020 */
    0x05aa0, 0x076a3, 0x096d0, 0x04afb, 0x04ad0, 0x0a4d0, 0x1d0b6, 0x0d250, 0x0d520, 0x0dd45, /* 2030 */
    0x0b5a0, 0x056d0, 0x055b2, 0x049b0, 0x0a577, 0x0a4b0, 0x0aa50, 0x1b255, 0x06d20, 0x0ada0, /* 2040 */
    0x14b63, 0x09370, 0x049f8, 0x04970, 0x064b0, 0x168a6, 0x0ea50, 0x06b20, 0x1a6c4, 0x0aae0, /* 2050 */
    0x092e0, 0x0d2e3, 0x0c960, 0x0d557, 0x0d4a0, 0x0da50, 0x05d55, 0x056a0, 0x0a6d0, 0x055d4, /* 2060 */
    0x052d0, 0x0a9b8, 0x0a950, 0x0b4a0, 0x0b6a6, 0x0ad50, 0x055a0, 0x0aba4, 0x0a5b0, 0x052b0, /* 2070 */
    0x0b273, 0x06930, 0x07337, 0x06aa0, 0x0ad50, 0x14b55, 0x04b60, 0x0a570, 0x054e4, 0x0d160, /* 2080 */
    0x0e968, 0x0d520, 0x0daa0, 0x16aa6, 0x056d0, 0x04ae0, 0x0a9d4, 0x0a2d0, 0x0d150, 0x0f252, /* 2090 */
};
enum { LUNAR_FIRST_DAY = 19010219, LUNAR_YEARS = LUNAR_YEAR_MAX - LUNAR_YEAR_MIN + 1 };
_Static_assert(sizeof lunar_years / sizeof lunar_years[0] == LUNAR_YEARS, "one number for each year");

static int64_t leap_month(int64_t year) { return lunar_years[year - LUNAR_YEAR_MIN] & 15; }

static int64_t lunar_month_length(int64_t year, int64_t month, bool is_leap) {
    int32_t bits = lunar_years[year - LUNAR_YEAR_MIN];
    return (is_leap ? bits & 0x10000 : bits & (0x10000 >> month)) != 0 ? 30 : 29;
}

static int64_t lunar_year_length(int64_t year) {
    int64_t days = 12 * 29 + __builtin_popcount((unsigned)lunar_years[year - LUNAR_YEAR_MIN] & 0xfff0);
    return leap_month(year) == 0 ? days : days + lunar_month_length(year, 0, true);
}

bool lunar_of_day(int64_t day, Lunar *ret_lunar) {
    if (!day_is_valid(day) || day < LUNAR_FIRST_DAY) return false;
    int64_t left = day_difference(LUNAR_FIRST_DAY, day), year = LUNAR_YEAR_MIN;
    while (year <= LUNAR_YEAR_MAX && left >= lunar_year_length(year)) left -= lunar_year_length(year++);
    if (year > LUNAR_YEAR_MAX) return false;
    int64_t month = 1;
    bool is_leap = false;
    for (int64_t length; left >= (length = lunar_month_length(year, month, is_leap)); left -= length) {
        bool is_leap_next = !is_leap && leap_month(year) == month;
        if (!is_leap_next) month++;
        is_leap = is_leap_next;
    }
    *ret_lunar = (Lunar){ year, month, left + 1, is_leap };
    return true;
}

bool lunar_to_day(Lunar lunar, int64_t *ret_day) {
    if (lunar.year < LUNAR_YEAR_MIN || lunar.year > LUNAR_YEAR_MAX || lunar.month < 1 || lunar.month > 12) return false;
    if (lunar.is_leap && leap_month(lunar.year) != lunar.month) return false;
    if (lunar.day < 1 || lunar.day > lunar_month_length(lunar.year, lunar.month, lunar.is_leap)) return false;
    int64_t days = lunar.day - 1;
    for (int64_t year = LUNAR_YEAR_MIN; year < lunar.year; year++) days += lunar_year_length(year);
    for (int64_t month = 1; month < lunar.month; month++) {
        days += lunar_month_length(lunar.year, month, false);
        if (leap_month(lunar.year) == month) days += lunar_month_length(lunar.year, month, true);
    }
    if (lunar.is_leap) days += lunar_month_length(lunar.year, lunar.month, false);
    *ret_day = day_add(LUNAR_FIRST_DAY, days);
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
    "new_year", "valentine",     "women",         "labour",    "children",   "mid_year_sale",      "teachers",
    "national", "double_eleven", "double_twelve", "christmas", "laba",       "lunar_new_year_eve", "spring",
    "lantern",  "qingming",      "dragon_boat",   "qixi",      "mid_autumn", "chongyang",          NULL,
};
const char *const festival_names_zh[] = {
    "元旦", "情人节", "妇女节", "劳动节", "儿童节", "六一八", "教师节", "国庆节", "双十一", "双十二", "圣诞节",
    "腊八", "除夕",   "春节",   "元宵",   "清明",   "端午",   "七夕",   "中秋",   "重阳",   NULL,
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

/* Solar longitude 15 degrees by the usual century formula (365.2422 days a year); true for 1901 … 2099. */
static int64_t qingming(int64_t year) {
    if (year < LUNAR_YEAR_MIN || year > LUNAR_YEAR_MAX) return 0;
    int64_t of_century = year % 100, base = year < 2000 ? 55900 : 48100;
    return day_of(year, 4, (of_century * 2422 + base) / 10000 - of_century / 4);
}

int64_t festival_day(Festival festival, int64_t year) {
    switch (festival) {
    case FESTIVAL_NEW_YEAR:
        return day_of(year, 1, 1);
    case FESTIVAL_VALENTINE:
        return day_of(year, 2, 14);
    case FESTIVAL_WOMEN:
        return day_of(year, 3, 8);
    case FESTIVAL_LABOUR:
        return day_of(year, 5, 1);
    case FESTIVAL_CHILDREN:
        return day_of(year, 6, 1);
    case FESTIVAL_MID_YEAR_SALE:
        return day_of(year, 6, 18);
    case FESTIVAL_TEACHERS:
        return day_of(year, 9, 10);
    case FESTIVAL_NATIONAL:
        return day_of(year, 10, 1);
    case FESTIVAL_DOUBLE_ELEVEN:
        return day_of(year, 11, 11);
    case FESTIVAL_DOUBLE_TWELVE:
        return day_of(year, 12, 12);
    case FESTIVAL_CHRISTMAS:
        return day_of(year, 12, 25);
    case FESTIVAL_LABA:
        return laba(year);
    case FESTIVAL_NEW_YEAR_EVE_LUNAR:
        return spring_eve(year);
    case FESTIVAL_SPRING:
        return lunar_day_in(year, 1, 1);
    case FESTIVAL_LANTERN:
        return lunar_day_in(year, 1, 15);
    case FESTIVAL_QINGMING:
        return qingming(year);
    case FESTIVAL_DRAGON_BOAT:
        return lunar_day_in(year, 5, 5);
    case FESTIVAL_QIXI:
        return lunar_day_in(year, 7, 7);
    case FESTIVAL_MID_AUTUMN:
        return lunar_day_in(year, 8, 15);
    case FESTIVAL_CHONGYANG:
        return lunar_day_in(year, 9, 9);
    case FESTIVAL_COUNT:
        return 0;
    }
    return 0;
}
