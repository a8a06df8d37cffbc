#include "base/day.h"
#include "test/test.h"

TEST_PURE(day_numbers_go_there_and_back_for_four_centuries) {
    int64_t number = day_number(18990101);
    assert_int_equal(day_number(19700101), 0);
    assert_int_equal(day_number(20000301), 11017);
    for (int64_t day = 18990101; day < 23000101; day = day_from_number(++number)) {
        assert_true(day_is_valid(day));
        assert_int_equal(day_number(day), number);
    }
}

TEST_PURE(days_that_do_not_exist_are_not_valid) {
    static const int64_t bad[] = { 0,        -1,       20260229, 19000229, 20260431,
                                   20261301, 20260001, 20260100, 20260132, 100000101 };
    for (int64_t i = 0; i < COUNT_OF(bad); i++) assert_false(day_is_valid(bad[i]));
    assert_true(day_is_valid(20240229) && day_is_valid(20000229) && day_is_valid(99991231));
}

TEST_PURE(months_are_added_within_the_month) {
    assert_int_equal(day_add_months(20260131, 1), 20260228);
    assert_int_equal(day_add_months(20240131, 1), 20240229);
    assert_int_equal(day_add_months(20260331, -1), 20260228);
    assert_int_equal(day_add_months(20251115, 14), 20270115);
    assert_int_equal(day_add_months(20260115, -13), 20241215);
    assert_int_equal(day_add(20251231, 1), 20260101);
    assert_int_equal(day_difference(20260101, 20270101), 365);
    assert_int_equal(day_month_end(20260210), 20260228);
    assert_int_equal(day_of_year(20261231), 365);
}

TEST_PURE(weekdays_begin_on_monday) {
    assert_int_equal(day_weekday(20260302), 1);
    assert_int_equal(day_weekday(20260301), 7);
    assert_int_equal(day_weekday(19700101), 4);
    assert_int_equal(day_weekday(19691231), 3);
}

TEST_PURE(leap_day_birthdays_fall_on_28_february_in_common_years) {
    assert_int_equal(day_in_year(2026, 229), 20260228);
    assert_int_equal(day_in_year(2028, 229), 20280229);
    assert_int_equal(day_next(20260301, 229), 20270228);
    assert_int_equal(day_next(20270301, 229), 20280229);
    assert_int_equal(day_next(20260228, 229), 20260228);
    assert_int_equal(day_age(20040229, 20260227), 21);
    assert_int_equal(day_age(20040229, 20260228), 22);
    assert_int_equal(day_age(0, 20260228), 0);
}

TEST_PURE(until_30_june_means_its_last_millisecond_in_the_shop) {
    Zone z;
    assert_true(zone_open(S(""), &z));
    assert_string_equal(z.name, "Asia/Shanghai");
    assert_int_equal(day_end(&z, 20260630), INT64_C(1782835199999)); /* 2026-06-30T15:59:59.999Z */
    assert_int_equal(day_at(&z, day_end(&z, 20260630)), 20260630);
    assert_int_equal(day_at(&z, day_end(&z, 20260630) + 1), 20260701);
    assert_int_equal(minute_at(&z, day_end(&z, 20260630)), 1439);
    assert_int_equal(instant_at(&z, 20260302, 600), INT64_C(1772416800000));
    int64_t at = instant_at(&z, 20260302, 600);
    assert_int_equal(month_end_at(&z, at), day_end(&z, 20260331));
    assert_int_equal(year_end_at(&z, at), day_end(&z, 20261231));
    assert_int_equal(next_mmdd_end_at(&z, at, 302), day_end(&z, 20260302));
    assert_int_equal(next_mmdd_end_at(&z, at, 301), day_end(&z, 20270301));
}

TEST_PURE(zones_know_their_summer_time) {
    Zone z;
    assert_false(zone_open(S("Mars/Olympus"), &z));
    assert_false(zone_open(S("Asia/Shanghaiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii"), &z));
    assert_false(zone_is_known(S("亚洲/上海")));
    assert_true(zone_open(S("America/New_York"), &z));
    assert_int_equal(day_end(&z, 20260308) - day_start(&z, 20260308) + 1, 23 * HOUR_MS);
    assert_int_equal(day_end(&z, 20261101) - day_start(&z, 20261101) + 1, 25 * HOUR_MS);
    assert_int_equal(zone_offset(&z, instant_at(&z, 20260701, 720)), -4 * HOUR_MS);
    assert_int_equal(zone_offset(&z, instant_at(&z, 21990101, 720)), -5 * HOUR_MS);
    /* 02:30 does not exist: the moment after the gap, 03:00 on the wall. 01:30 in November comes twice: the first. */
    assert_int_equal(minute_at(&z, instant_at(&z, 20260308, 150)), 180);
    assert_int_equal(zone_offset(&z, instant_at(&z, 20261101, 90)), -4 * HOUR_MS);
    assert_true(zone_open(S("Asia/Shanghai"), &z));
    assert_int_equal(zone_offset(&z, instant_at(&z, 19880701, 720)), 9 * HOUR_MS);
    assert_int_equal(zone_offset(&z, instant_at(&z, 20260701, 720)), 8 * HOUR_MS);
}

TEST_PURE(every_day_of_a_zone_begins_where_the_day_before_ended) {
    static const char *const names[] = { "Asia/Shanghai", "America/Sao_Paulo", "Europe/London", "Australia/Lord_Howe",
                                         "UTC" };
    for (int64_t i = 0; i < COUNT_OF(names); i++) {
        Zone z;
        assert_true(zone_open(str_of(names[i]), &z));
        for (int64_t day = 20150101; day < 20280101; day = day_add(day, 1)) {
            assert_int_equal(day_end(&z, day) + 1, day_start(&z, day_add(day, 1)));
            assert_int_equal(day_at(&z, day_start(&z, day)), day);
            assert_int_equal(day_at(&z, day_end(&z, day)), day);
        }
    }
}

TEST_PURE(festivals_fall_on_their_published_days) {
    static const struct {
        Festival festival;
        int64_t day;
    } known[] = {
        { FESTIVAL_SPRING, 20240210 },
        { FESTIVAL_SPRING, 20250129 },
        { FESTIVAL_SPRING, 20260217 },
        { FESTIVAL_SPRING, 20270206 },
        { FESTIVAL_SPRING, 20280126 },
        { FESTIVAL_SPRING, 20300203 },
        { FESTIVAL_SPRING, 19540203 },
        { FESTIVAL_SPRING, 20000205 },
        { FESTIVAL_SPRING, 20330131 },
        { FESTIVAL_SPRING, 20340219 },
        { FESTIVAL_NEW_YEAR_EVE_LUNAR, 20260216 },
        { FESTIVAL_LANTERN, 20260303 },
        { FESTIVAL_DRAGON_BOAT, 20260619 },
        { FESTIVAL_DRAGON_BOAT, 20250531 },
        { FESTIVAL_QIXI, 20260819 },
        { FESTIVAL_QIXI, 20250829 },
        { FESTIVAL_MID_AUTUMN, 20260925 },
        { FESTIVAL_MID_AUTUMN, 20251006 },
        { FESTIVAL_MID_AUTUMN, 20240917 },
        { FESTIVAL_CHONGYANG, 20261018 },
        { FESTIVAL_CHONGYANG, 20251029 },
        { FESTIVAL_QINGMING, 20260405 },
        { FESTIVAL_QINGMING, 20240404 },
        { FESTIVAL_QINGMING, 20200404 },
        { FESTIVAL_QINGMING, 19990405 },
        { FESTIVAL_LABA, 20260126 },
        { FESTIVAL_LABA, 20250107 },
        { FESTIVAL_DOUBLE_ELEVEN, 20261111 },
        { FESTIVAL_NATIONAL, 20261001 },
    };
    for (int64_t i = 0; i < COUNT_OF(known); i++) {
        assert_int_equal(festival_day(known[i].festival, day_year(known[i].day)), known[i].day);
    }
    assert_int_equal(festival_day(FESTIVAL_SPRING, 1800), 0);
    for (int64_t i = 0; i < FESTIVAL_COUNT; i++) {
        assert_non_null(festival_names[i]);
        assert_non_null(festival_names_zh[i]);
    }
    assert_null(festival_names[FESTIVAL_COUNT]);
}

TEST_PURE(lunar_days_go_there_and_back) {
    Lunar lunar;
    assert_true(lunar_of_day(20260302, &lunar));
    assert_true(lunar.year == 2026 && lunar.month == 1 && lunar.day == 14 && !lunar.is_leap);
    assert_true(lunar_of_day(20250801, &lunar)); /* 闰六月初八 */
    assert_true(lunar.year == 2025 && lunar.month == 6 && lunar.day == 8 && lunar.is_leap);
    assert_true(lunar_of_day(20260101, &lunar)); /* still 乙巳 */
    assert_true(lunar.year == 2025 && lunar.month == 11 && lunar.day == 13);
    assert_true(lunar_of_day(19870801, &lunar) && lunar.month == 6 && lunar.day == 7 && lunar.is_leap);
    assert_true(lunar_of_day(20331225, &lunar) && lunar.month == 11 && lunar.day == 4 && lunar.is_leap); /* 闰十一月 */
    assert_false(lunar_of_day(19010218, &lunar));
    assert_true(lunar_of_day(21000208, &lunar) && lunar.year == 2099 && lunar.month == 12);
    assert_false(lunar_of_day(21000209, &lunar));
    int64_t day;
    for (int64_t solar = 19020101; solar < 21000101; solar = day_add(solar, 17)) {
        assert_true(lunar_of_day(solar, &lunar));
        assert_true(lunar_to_day(lunar, &day));
        assert_int_equal(day, solar);
    }
    assert_false(lunar_to_day((Lunar){ 2026, 6, 1, true }, &day)); /* 2026 has no leap month */
    assert_false(lunar_to_day((Lunar){ 2026, 13, 1, false }, &day));
}

TEST_PURE(lunar_birthdays_are_kept_every_year) {
    assert_int_equal(lunar_birthday_in(2026, 8, 15, false), 20260925);
    assert_int_equal(lunar_birthday_in(2025, 6, 8, true), 20250801);
    assert_int_equal(lunar_birthday_in(2026, 6, 8, true), 20260721); /* no leap month: the plain sixth */
    assert_int_equal(lunar_birthday_next(20260101, 12, 8, false), 20260126);
    assert_int_equal(lunar_birthday_next(20260127, 12, 8, false), 20270115);
    assert_int_equal(lunar_birthday_next(20260217, 1, 1, false), 20260217);
    for (int64_t year = 1950; year < 2050; year++) {
        for (int64_t month = 1; month <= 12; month++)
            assert_int_not_equal(lunar_birthday_in(year, month, 30, false), 0);
    }
}
