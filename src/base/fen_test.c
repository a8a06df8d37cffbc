#include "test/test.h"
#include "base/fen.h"

static void share(const int64_t *weights, int64_t count, int64_t amount, const int64_t *expected) {
    Arena a;
    int64_t parts[8];
    arena_init(&a, ARENA_BUDGET);
    fen_share(&a, amount, weights, count, parts);
    for (int64_t i = 0; i < count; i++) assert_int_equal(parts[i], expected[i]);
    arena_free(&a);
}

TEST_PURE(fen_share_gives_the_odd_fen_to_the_largest_remainder_and_ties_to_the_earlier) {
    share((int64_t[]){ 1, 1, 1 }, 3, 100, (int64_t[]){ 34, 33, 33 });
    share((int64_t[]){ 1, 1, 1 }, 3, 200, (int64_t[]){ 67, 67, 66 });
    share((int64_t[]){ 0, 5, 0, 5 }, 4, 3, (int64_t[]){ 0, 2, 0, 1 });
    share((int64_t[]){ 0, 0, 0 }, 3, 5, (int64_t[]){ 2, 2, 1 });
    share((int64_t[]){ 10, 20, 70 }, 3, 1, (int64_t[]){ 0, 0, 1 });
    share((int64_t[]){ 7 }, 1, 12345, (int64_t[]){ 12345 });
    share((int64_t[]){ 3, 4 }, 2, 0, (int64_t[]){ 0, 0 });
    share((int64_t[]){ INT64_MAX, INT64_MAX }, 2, INT64_MAX, (int64_t[]){ INT64_MAX / 2 + 1, INT64_MAX / 2 });
}

TEST_PURE(fen_share_sums_exactly_and_stays_within_a_fen_over_20000_random_splits) {
    enum { MOST = 40 };
    Rng r = rng_seeded(20260302);
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    for (int round = 0; round < 20000; round++) {
        int64_t weights[MOST], parts[MOST], sum = 0, count = 1 + rng_below(&r, MOST), whole = 0;
        int64_t amount = rng_below(&r, (int64_t)1 << (1 + rng_below(&r, 50)));
        int64_t top = (int64_t)1 << rng_below(&r, 50);
        for (int64_t i = 0; i < count; i++) {
            weights[i] = rng_chance(&r, 1, 5) ? 0 : rng_below(&r, top);
            whole += weights[i];
        }
        fen_share(&a, amount, weights, count, parts);
        for (int64_t i = 0; i < count; i++) {
            int64_t weight = whole == 0 ? 1 : weights[i];
            int64_t least = (int64_t)((__int128)amount * weight / (whole == 0 ? count : whole));
            assert_true(parts[i] == least || parts[i] == least + 1);
            if (weight == 0) assert_int_equal(parts[i], 0);
            sum += parts[i];
        }
        assert_int_equal(sum, amount);
        for (int64_t i = 0; i + 1 < count; i++) {
            if (weights[i] == weights[i + 1]) assert_in_range(parts[i] - parts[i + 1], 0, 1);
        }
    }
    assert_int_equal(a.used, 0);
    arena_free(&a);
}

TEST_PURE(fen_sums_refuse_what_does_not_fit) {
    int64_t value = 5;
    assert_true(fen_add(INT64_MAX, -1, &value) && value == INT64_MAX - 1);
    assert_false(fen_add(INT64_MAX, 1, &value) || fen_sub(INT64_MIN, 1, &value) || fen_mul(INT64_MAX, 2, &value));
    assert_int_equal(value, INT64_MAX - 1);
    assert_true(fen_mul(1999, 3, &value) && value == 5997);
    assert_true(fen_sub(3, 5, &value) && value == -2);
}

TEST_PURE(fen_rates_round_the_way_that_is_named) {
    int64_t value = 0;
    assert_true(fen_rate(999, 8800, ROUND_HALF_UP, &value));
    assert_int_equal(value, 879); /* 879.12 */
    assert_true(fen_rate(5, 5000, ROUND_HALF_UP, &value));
    assert_int_equal(value, 3); /* 2.5 */
    assert_true(fen_rate(5, 5000, ROUND_FLOOR, &value));
    assert_int_equal(value, 2);
    assert_true(fen_scale(12345, 1, 100, ROUND_FLOOR, &value));
    assert_int_equal(value, 123);
    assert_true(fen_rate(INT64_MAX, RATE_WHOLE_BP, ROUND_HALF_UP, &value));
    assert_int_equal(value, INT64_MAX);
    assert_false(fen_rate(INT64_MAX, RATE_WHOLE_BP + 1, ROUND_FLOOR, &value));
    assert_true(fen_scale(INT64_MAX, INT64_MAX, INT64_MAX, ROUND_HALF_UP, &value));
    assert_int_equal(value, INT64_MAX);
}

TEST_PURE(fen_is_written_and_read_as_yuan) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    const struct { int64_t fen; const char *text; } rows[] = {
        { 1234, "12.34" }, { 0, "0.00" }, { 5, "0.05" }, { -5, "-0.05" }, { -1230, "-12.30" },
        { INT64_MAX, "92233720368547758.07" }, { INT64_MIN, "-92233720368547758.08" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t fen = 1;
        assert_true(str_is(fen_text(&a, rows[i].fen), rows[i].text));
        assert_true(fen_of_text(str_of(rows[i].text), &fen));
        assert_int_equal(fen, rows[i].fen);
    }
    int64_t fen = 77;
    assert_true(fen_of_text(S("12"), &fen) && fen == 1200);
    assert_true(fen_of_text(S("12.3"), &fen) && fen == 1230);
    const char *const bad[] = { "",   ".", "-", "1.", ".5", "1.234", "1,2", "1.-2", "1 ", "-.5", "92233720368547758.08",
                                "1e3" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(fen_of_text(str_of(bad[i]), &fen));
    assert_int_equal(fen, 1230);
    arena_free(&a);
}
