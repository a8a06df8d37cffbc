/* When points expire: always the last millisecond of a day of the merchant. */
#include "domain/points/points.h"

const char *const points_expiry_names[] = { "never", "days", "months", "month_end", "year_end", "on_day", NULL };

int64_t points_expires_at(const PointsType *type, const Zone *zone, int64_t at) {
    int64_t today = day_at(zone, at), n = type->expiry_n, day = today;
    switch (type->expiry) {
    case POINTS_NEVER:
        return LEDGER_NEVER;
    case POINTS_AFTER_DAYS:
        day = day_add(today, n);
        break;
    case POINTS_AFTER_MONTHS:
        day = day_add_months(today, n);
        break;
    case POINTS_MONTH_END:
        day = day_month_end(day_add_months(day_month_start(today), n));
        break;
    case POINTS_YEAR_END:
        day = day_of(day_year(today) + n, 12, 31);
        break;
    case POINTS_ON_DAY:
        day = day_in_year(day_year(day_next(today, type->expiry_mmdd)) + n, type->expiry_mmdd);
        break;
    }
    return day_end(zone, day_add(day, type->grace_days));
}
