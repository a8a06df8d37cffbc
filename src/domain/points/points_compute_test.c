/* What an order earns, when points expire, what they are worth at the till: pure. */
#include "domain/points/points.h"
#include "test/test.h"
#include <stdlib.h>

#define MONDAY 20260302

static PointsSetting plain(void) {
    PointsSetting s;
    points_setting.defaults(&s);
    return s;
}

static PointsOrder order_of(const PointsLine *lines, int64_t count, int64_t cash_fen) {
    PointsOrder o = {
        .member_id = 1, .order_id = 2, .day = MONDAY, .lines = lines, .line_count = count, .cash_fen = cash_fen
    };
    for (int64_t i = 0; i < count; i++) o.payable_fen += lines[i].payable_fen;
    return o;
}

static PointsEarned earn(Arena *a, const PointsSetting *s, const PointsOrder *o) {
    PointsEarned e;
    int64_t steps = 0, lines = 0;
    points_compute(a, s, o, &e);
    for (int64_t i = 0; i < e.steps.count; i++) steps += e.steps.items[i].points;
    for (int64_t i = 0; i < e.line_count; i++) lines += e.line_points[i];
    assert_int_equal(steps, e.points);
    assert_int_equal(lines, e.points);
    return e;
}

/* ---- computing ---- */

TEST_PURE(points_one_for_each_yuan_of_cash_rounded_down_once) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    PointsSetting s = plain();
    PointsLine lines[] = { { .item_id = 1, .quantity = 1, .payable_fen = 1990 },
                           { .item_id = 2, .quantity = 1, .payable_fen = 1990 } };
    PointsOrder o = order_of(lines, 2, 3980);
    assert_int_equal(earn(&a, &s, &o).points, 39);
    o.cash_fen = 2000;
    assert_int_equal(earn(&a, &s, &o).points, 20);
    s.earn_on = POINTS_EARN_PAYABLE;
    assert_int_equal(earn(&a, &s, &o).points, 39);
    o.cash_fen = 0;
    s.earn_on = POINTS_EARN_CASH;
    assert_int_equal(earn(&a, &s, &o).points, 0);
    arena_free(&a);
}

TEST_PURE(points_multipliers_meet_as_the_setting_says) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    PointsSetting s = plain();
    PointsDayRule days[] = { { .name = S("周一"), .weekday = 1, .multiplier_bp = 30000 } };
    s.day_rules.items = days;
    s.day_rules.count = 1;
    s.birthday_bp = 20000;
    PointsLine lines[] = { { .item_id = 1, .quantity = 1, .payable_fen = 10000 } };
    PointsOrder o = order_of(lines, 1, 10000);
    o.tier_multiplier_bp = 15000;
    o.birthday_day = MONDAY;
    assert_int_equal(earn(&a, &s, &o).points, 900);
    s.combine = POINTS_HIGHEST;
    assert_int_equal(earn(&a, &s, &o).points, 300);
    o.day = MONDAY + 1;
    assert_int_equal(earn(&a, &s, &o).points, 150);
    s.birthday_span = POINTS_BIRTH_WEEK;
    assert_int_equal(earn(&a, &s, &o).points, 200);
    arena_free(&a);
}

TEST_PURE(points_item_rules_bonus_and_caps_show_as_steps_and_in_their_lines) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    PointsSetting s = plain();
    PointsItemRule rules[] = { { .match = POINTS_CATEGORY, .id = 7, .multiplier_bp = 20000 },
                               { .match = POINTS_BRAND, .id = 9, .no_points = true },
                               { .match = POINTS_ITEM, .id = 1, .bonus_points = 5 } };
    s.item_rules.items = rules;
    s.item_rules.count = 3;
    PointsLine lines[] = { { .item_id = 1, .category_id = 7, .quantity = 2, .payable_fen = 5000, .bonus_points = 1 },
                           { .item_id = 2, .brand_id = 9, .quantity = 1, .payable_fen = 5000 },
                           { .item_id = 3, .quantity = 1, .payable_fen = 5000 } };
    PointsOrder o = order_of(lines, 3, 15000);
    PointsEarned e = earn(&a, &s, &o);
    assert_int_equal(e.points, 100 + 50 + 12);
    assert_int_equal(e.line_points[0], 112);
    assert_int_equal(e.line_points[1], 0);
    s.order_cap = 81;
    e = earn(&a, &s, &o);
    assert_int_equal(e.points, 81);
    assert_int_equal(e.line_points[0], 56);
    s.min_order_fen = 15001;
    assert_int_equal(earn(&a, &s, &o).points, 0);
    arena_free(&a);
}

TEST_PURE(points_of_random_orders_add_up_and_never_exceed_their_rate) {
    enum { CARTS = 5000, LINES = 12 };
    Arena a;
    Rng rng = rng_seeded(11);
    arena_init(&a, ARENA_BUDGET);
    for (int i = 0; i < CARTS; i++) {
        PointsSetting s = plain();
        PointsLine lines[LINES] = { 0 };
        PointsItemRule rule = { .match = POINTS_ITEM,
                                .id = 1 + rng_below(&rng, LINES),
                                .multiplier_bp = rng_below(&rng, 40000) };
        int64_t count = 1 + rng_below(&rng, LINES);
        for (int64_t k = 0; k < count; k++)
            lines[k] = (PointsLine){ .item_id = k + 1,
                                     .quantity = 1 + rng_below(&rng, 3),
                                     .payable_fen = rng_below(&rng, 30000),
                                     .bonus_points = rng_below(&rng, 2) };
        s.item_rules.items = &rule;
        s.item_rules.count = 1;
        s.fen_per_point = 1 + rng_below(&rng, 500);
        s.order_cap = rng_chance(&rng, 1, 4) ? 1 + rng_below(&rng, 400) : 0;
        PointsOrder o = order_of(lines, count, 0);
        o.cash_fen = rng_below(&rng, o.payable_fen + 1);
        o.tier_multiplier_bp = rng_chance(&rng, 1, 2) ? 10000 + rng_below(&rng, 10000) : 0;
        PointsEarned e = earn(&a, &s, &o);
        int64_t most = o.cash_fen * 4 * 2 / s.fen_per_point + 3 * LINES;
        assert_true(e.points >= 0 && e.points <= most);
        for (int64_t k = 0; k < count; k++) assert_true(e.line_points[k] >= 0);
        arena_reset(&a);
    }
    arena_free(&a);
}

TEST_PURE(points_expire_on_the_last_millisecond_of_a_shop_local_day) {
    Zone *zone = calloc(1, sizeof *zone);
    assert_true(zone_open(S("Asia/Shanghai"), zone));
    int64_t at = day_start(zone, 20240131) + 9 * HOUR_MS;
    struct {
        PointsExpiry expiry;
        int64_t n, mmdd, grace, day;
    } const cases[] = {
        { POINTS_AFTER_DAYS, 1, 0, 0, 20240201 }, { POINTS_AFTER_MONTHS, 1, 0, 0, 20240229 },
        { POINTS_MONTH_END, 0, 0, 0, 20240131 },  { POINTS_MONTH_END, 1, 0, 0, 20240229 },
        { POINTS_YEAR_END, 1, 0, 0, 20251231 },   { POINTS_ON_DAY, 0, 331, 0, 20240331 },
        { POINTS_ON_DAY, 1, 229, 0, 20250228 },   { POINTS_ON_DAY, 0, 131, 5, 20240205 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        PointsType type = { .expiry = cases[i].expiry,
                            .expiry_n = cases[i].n,
                            .expiry_mmdd = cases[i].mmdd,
                            .grace_days = cases[i].grace };
        int64_t expires_at = points_expires_at(&type, zone, at);
        assert_int_equal(day_at(zone, expires_at), cases[i].day);
        assert_int_equal(day_at(zone, expires_at + 1), day_add(cases[i].day, 1));
    }
    PointsType never = { .expiry = POINTS_NEVER };
    assert_true(points_expires_at(&never, zone, at) == LEDGER_NEVER);
    free(zone);
}

TEST_PURE(points_offset_takes_no_more_than_share_step_and_balance_allow) {
    PointsSetting s = plain();
    PointsOffset o;
    s.offset_points = 100;
    s.offset_fen = 100;
    s.offset_step_points = 100;
    s.offset_min_points = 200;
    s.offset_share_bp = 5000;
    points_offset_most(&s, 100000, 9999, &o);
    assert_int_equal(o.points, 4900);
    assert_int_equal(o.fen, 4900);
    points_offset_most(&s, 350, 9999, &o);
    assert_int_equal(o.points, 300);
    points_offset_most(&s, 150, 9999, &o);
    assert_int_equal(o.points, 0);
    assert_true(o.why_zh.len > 0 && o.why_en.len > 0);
}
