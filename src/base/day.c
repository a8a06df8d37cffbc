/* Days and zones. Civil dates are counted in whole days by the proleptic Gregorian rule (era of 400 years = 146 097
 * days, years beginning in March so that the leap day is the last): no table, no loop, no floating point. */
#include "base/day.h"
#include <assert.h>
#include <string.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

enum { ERA_DAYS = 146097, EPOCH_SHIFT = 719468 }; /* days from 0000-03-01 to 1970-01-01 */

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

bool year_is_leap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int64_t month_length(int64_t year, int64_t month) {
    assert(month >= 1 && month <= 12);
    if (month == 2) return year_is_leap(year) ? 29 : 28;
    return 30 + ((month + (month >> 3)) & 1);
}

bool day_is_valid(int64_t day) {
    if (day < DAY_MIN || day > DAY_MAX) return false;
    int64_t month = day_month(day), in_month = day_of_month(day);
    if (month < 1 || month > 12) return false;
    return in_month >= 1 && in_month <= month_length(day_year(day), month);
}

int64_t day_number(int64_t day) {
    int64_t month = day_month(day), year = day_year(day) - (month <= 2);
    int64_t era = floor_div(year, 400), of_era = year - era * 400;
    int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day_of_month(day) - 1;
    return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH_SHIFT;
}

int64_t day_from_number(int64_t number) {
    int64_t days = number + EPOCH_SHIFT;
    int64_t era = floor_div(days, ERA_DAYS), of_era = days - era * ERA_DAYS;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t shifted = (5 * of_year + 2) / 153, month = shifted < 10 ? shifted + 3 : shifted - 9;
    return day_of(year + era * 400 + (month <= 2), month, of_year - (153 * shifted + 2) / 5 + 1);
}

int64_t day_add(int64_t day, int64_t days) { return day_from_number(day_number(day) + days); }
int64_t day_difference(int64_t from, int64_t to) { return day_number(to) - day_number(from); }

int64_t day_add_months(int64_t day, int64_t months) {
    int64_t index = day_year(day) * 12 + day_month(day) - 1 + months;
    int64_t year = floor_div(index, 12), month = index - year * 12 + 1;
    int64_t last = month_length(year, month), in_month = day_of_month(day);
    return day_of(year, month, in_month > last ? last : in_month);
}

int64_t day_weekday(int64_t day) {
    int64_t number = day_number(day) + 3; /* 1970-01-01 was a Thursday */
    return number - floor_div(number, 7) * 7 + 1;
}

int64_t day_of_year(int64_t day) { return day_number(day) - day_number(day_of(day_year(day), 1, 1)) + 1; }
int64_t day_month_start(int64_t day) { return day - day_of_month(day) + 1; }
int64_t day_month_end(int64_t day) { return day - day_of_month(day) + month_length(day_year(day), day_month(day)); }
int64_t day_year_end(int64_t day) { return day_of(day_year(day), 12, 31); }

int64_t day_in_year(int64_t year, int64_t mmdd) {
    int64_t month = mmdd / 100, in_month = mmdd % 100, last = month_length(year, month);
    return day_of(year, month, in_month > last ? last : in_month);
}

int64_t day_next(int64_t day, int64_t mmdd) {
    int64_t here = day_in_year(day_year(day), mmdd);
    return here >= day ? here : day_in_year(day_year(day) + 1, mmdd);
}

int64_t day_age(int64_t birthday, int64_t today) {
    if (birthday == 0 || today == 0 || birthday > today) return 0;
    int64_t years = day_year(today) - day_year(birthday);
    return today < day_in_year(day_year(today), day_mmdd(birthday)) ? years - 1 : years;
}

/* ---- zones ------------------------------------------------------------------------------------------------------ */

static bool zone_name_utf16(Str name, UChar *at, int32_t room) {
    if (name.len >= room) return false;
    for (int64_t i = 0; i < name.len; i++) {
        if ((unsigned char)name.at[i] >= 0x80) return false;
        at[i] = (UChar)name.at[i];
    }
    at[name.len] = 0;
    return true;
}

/* ucal_open() takes any rubbish for GMT, so the name is first asked for its canonical form. */
static UCalendar *zone_calendar(Str name) {
    UChar id[ZONE_NAME_MAX + 1], canonical[128];
    UErrorCode status = U_ZERO_ERROR;
    UBool is_system = 0;
    if (!zone_name_utf16(name, id, ZONE_NAME_MAX + 1)) return NULL;
    ucal_getCanonicalTimeZoneID(id, -1, canonical, 128, &is_system, &status);
    if (U_FAILURE(status) || !is_system) return NULL;
    UCalendar *calendar = ucal_open(id, -1, "en", UCAL_GREGORIAN, &status);
    return U_SUCCESS(status) ? calendar : NULL;
}

static int64_t calendar_offset(UCalendar *calendar, int64_t at) {
    UErrorCode status = U_ZERO_ERROR;
    ucal_setMillis(calendar, (UDate)at, &status);
    int64_t offset = ucal_get(calendar, UCAL_ZONE_OFFSET, &status) + ucal_get(calendar, UCAL_DST_OFFSET, &status);
    return U_SUCCESS(status) ? offset : 0;
}

bool zone_is_known(Str name) {
    UCalendar *calendar = zone_calendar(name);
    if (!calendar) return false;
    ucal_close(calendar);
    return true;
}

bool zone_open(Str name, Zone *ret_zone) {
    if (name.len == 0) name = S("Asia/Shanghai");
    UCalendar *calendar = zone_calendar(name);
    if (!calendar) return false;
    memset(ret_zone, 0, sizeof *ret_zone);
    memcpy(ret_zone->name, name.at, (size_t)name.len);
    int64_t at = day_number(19000101) * DAY_MS, until = day_number(22000101) * DAY_MS;
    ret_zone->changes[0] = (ZoneChange){ INT64_MIN, calendar_offset(calendar, at) };
    ret_zone->change_count = 1;
    while (ret_zone->change_count < ZONE_CHANGES_MAX) {
        UErrorCode status = U_ZERO_ERROR;
        UDate next = 0;
        ucal_setMillis(calendar, (UDate)at, &status);
        UBool is_found = ucal_getTimeZoneTransitionDate(calendar, UCAL_TZ_TRANSITION_NEXT, &next, &status);
        if (!is_found || U_FAILURE(status) || (int64_t)next >= until) break;
        at = (int64_t)next;
        int64_t offset = calendar_offset(calendar, at);
        if (offset == ret_zone->changes[ret_zone->change_count - 1].offset_ms) continue; /* only the name changed */
        ret_zone->changes[ret_zone->change_count++] = (ZoneChange){ at, offset };
    }
    ucal_close(calendar);
    return true;
}

int64_t zone_offset(const Zone *z, int64_t at) {
    assert(z->change_count > 0);
    int64_t low = 0, high = z->change_count - 1;
    if (at >= z->changes[high].at) return z->changes[high].offset_ms; /* zones without summer time: always here */
    while (low < high) {
        int64_t middle = (low + high + 1) / 2;
        if (z->changes[middle].at <= at)
            low = middle;
        else
            high = middle - 1;
    }
    return z->changes[low].offset_ms;
}

int64_t day_at(const Zone *z, int64_t at) { return day_from_number(floor_div(at + zone_offset(z, at), DAY_MS)); }

int64_t minute_at(const Zone *z, int64_t at) {
    int64_t local = at + zone_offset(z, at);
    return (local - floor_div(local, DAY_MS) * DAY_MS) / MINUTE_MS;
}

/* An instant is right when its own offset leads back to the wall. Candidates: the offsets half a day or more around
 * it. */
static int64_t instant_of_local(const Zone *z, int64_t local) {
    int64_t before = zone_offset(z, local - DAY_MS), after = zone_offset(z, local + DAY_MS);
    int64_t early = local - (before > after ? before : after), late = local - (before > after ? after : before);
    if (early + zone_offset(z, early) == local) return early;
    if (late + zone_offset(z, late) == local) return late;
    int64_t low = early - DAY_MS, high = late + DAY_MS; /* the wall skips this moment: find the end of the gap */
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (middle + zone_offset(z, middle) >= local)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

int64_t instant_at(const Zone *z, int64_t day, int64_t minute) {
    return instant_of_local(z, day_number(day) * DAY_MS + minute * MINUTE_MS);
}
int64_t day_start(const Zone *z, int64_t day) { return instant_of_local(z, day_number(day) * DAY_MS); }
int64_t day_end(const Zone *z, int64_t day) { return instant_of_local(z, (day_number(day) + 1) * DAY_MS) - 1; }
int64_t month_end_at(const Zone *z, int64_t at) { return day_end(z, day_month_end(day_at(z, at))); }
int64_t year_end_at(const Zone *z, int64_t at) { return day_end(z, day_year_end(day_at(z, at))); }
int64_t next_mmdd_end_at(const Zone *z, int64_t at, int64_t mmdd) { return day_end(z, day_next(day_at(z, at), mmdd)); }
