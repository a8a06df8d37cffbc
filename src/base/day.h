/* day - 日历: shop-local days, zones, the lunar calendar and festivals; whole numbers only.
 * A day is yyyymmdd as int64 (20260131), 0 = none. An instant is unix ms UTC. mmdd is month * 100 + day.
 * A Zone is a plain value without handles: once opened it is never written, so threads may share it and nobody closes
 * it. Day arithmetic and the lunar calendar are integer code of our own; ICU is asked only when a zone is opened. */
#pragma once
#include "base/str.h"

enum { DAY_MS = 86400000, HOUR_MS = 3600000, MINUTE_MS = 60000, DAY_MIN = 10101, DAY_MAX = 99991231 };
enum { ZONE_CHANGES_MAX = 768, ZONE_NAME_MAX = 63 };

/* ---- days ------------------------------------------------------------------------------------------------------- */

bool day_is_valid(int64_t day);                               /* a day of the Gregorian calendar, years 1 … 9999 */
static inline int64_t day_year(int64_t day) { return day / 10000; }
static inline int64_t day_month(int64_t day) { return day / 100 % 100; }
static inline int64_t day_of_month(int64_t day) { return day % 100; }
static inline int64_t day_mmdd(int64_t day) { return day % 10000; }
static inline int64_t day_of(int64_t year, int64_t month, int64_t day_in_month) {
    return year * 10000 + month * 100 + day_in_month;
}
bool year_is_leap(int64_t year);
int64_t month_length(int64_t year, int64_t month);            /* 28 … 31 */

int64_t day_number(int64_t day);                              /* days since 1970-01-01, negative before */
int64_t day_from_number(int64_t number);
int64_t day_add(int64_t day, int64_t days);
int64_t day_add_months(int64_t day, int64_t months);          /* 31 January + 1 month = the last of February */
int64_t day_difference(int64_t from, int64_t to);             /* to - from in days */
int64_t day_weekday(int64_t day);                             /* 1 Monday … 7 Sunday */
int64_t day_of_year(int64_t day);                             /* 1 … 366 */
int64_t day_month_start(int64_t day);
int64_t day_month_end(int64_t day);
int64_t day_year_end(int64_t day);
/* The day of `mmdd` in `year`; 29 February falls on 28 February in common years. */
int64_t day_in_year(int64_t year, int64_t mmdd);
/* The first day on or after `day` that is `mmdd`. */
int64_t day_next(int64_t day, int64_t mmdd);
/* Full years; 0 when either is 0 or the birthday lies ahead. */
int64_t day_age(int64_t birthday, int64_t today);

/* ---- zones ------------------------------------------------------------------------------------------------------ */

typedef struct ZoneChange { int64_t at, offset_ms; } ZoneChange;      /* from this instant on local = UTC + offset */
typedef struct Zone {
    /* changes[0] holds since ever; 1900 … 2200 are known */
    ZoneChange changes[ZONE_CHANGES_MAX]; int64_t change_count;
    char name[ZONE_NAME_MAX + 1];
} Zone;
/* By IANA name; the empty name is Asia/Shanghai. False: no such zone (ret_zone untouched). Takes a millisecond: keep
 * what you opened. */
bool zone_open(Str name, Zone *ret_zone);
bool zone_is_known(Str name);
int64_t zone_offset(const Zone *z, int64_t at);

int64_t day_at(const Zone *z, int64_t at);                    /* the local day of an instant */
/* Minute of that day by the clock on the wall, 0 … 1439. */
int64_t minute_at(const Zone *z, int64_t at);
/* The instant at which the wall shows `minute` of `day` (minute may be 1440 = midnight after). What the clock skips
 * in spring is the moment after the gap; what it shows twice in autumn is the first. */
int64_t instant_at(const Zone *z, int64_t day, int64_t minute);
int64_t day_start(const Zone *z, int64_t day);                /* first millisecond of the local day */
int64_t day_end(const Zone *z, int64_t day);                  /* last millisecond: what "until 30 June" means */
int64_t month_end_at(const Zone *z, int64_t at);              /* last millisecond of the month in which `at` lies */
int64_t year_end_at(const Zone *z, int64_t at);
/* Last millisecond of the next mmdd, today included. */
int64_t next_mmdd_end_at(const Zone *z, int64_t at, int64_t mmdd);

/* ---- lunar calendar and festivals ------------------------------------------------------------------------------- */

/* year: the Gregorian year in which the lunar year begins (2026 = 丙午). */
typedef struct Lunar { int64_t year, month, day; bool is_leap; } Lunar;
enum { LUNAR_YEAR_MIN = 1901, LUNAR_YEAR_MAX = 2099 };
bool lunar_of_day(int64_t day, Lunar *ret_lunar);             /* false outside the known years */
/* False when there is no such day (a leap month that year does not have, a 30th in a short month, years unknown). */
bool lunar_to_day(Lunar lunar, int64_t *ret_day);
/* The day on which a lunar birthday is kept in the lunar year that begins in `year`: a leap month's birthday falls in
 * the plain month where the year has no such leap month, a 30th on the 29th in a short month. 0: years unknown. */
int64_t lunar_birthday_in(int64_t year, int64_t month, int64_t day, bool is_leap);
/* The first such day on or after `today`. */
int64_t lunar_birthday_next(int64_t today, int64_t month, int64_t day, bool is_leap);

typedef enum Festival {
    FESTIVAL_NEW_YEAR, FESTIVAL_VALENTINE, FESTIVAL_WOMEN, FESTIVAL_LABOUR, FESTIVAL_CHILDREN, FESTIVAL_MID_YEAR_SALE,
    FESTIVAL_TEACHERS, FESTIVAL_NATIONAL, FESTIVAL_DOUBLE_ELEVEN, FESTIVAL_DOUBLE_TWELVE, FESTIVAL_CHRISTMAS,
    FESTIVAL_LABA, FESTIVAL_NEW_YEAR_EVE_LUNAR, FESTIVAL_SPRING, FESTIVAL_LANTERN, FESTIVAL_QINGMING,
    FESTIVAL_DRAGON_BOAT, FESTIVAL_QIXI, FESTIVAL_MID_AUTUMN, FESTIVAL_CHONGYANG, FESTIVAL_COUNT,
} Festival;
extern const char *const festival_names[];                    /* "spring", …, NULL: for settings and JSON */
extern const char *const festival_names_zh[];                 /* "春节", … */
/* The day in the Gregorian year; 0 outside the known years. 腊八 is the one inside the year (January), 除夕 the one
 * before 春节. */
int64_t festival_day(Festival festival, int64_t year);
