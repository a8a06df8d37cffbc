#include "test/test.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

TEST_PURE(str_reads_whole_numbers_exactly_to_the_limits_of_int64) {
    int64_t value = 7;
    assert_true(str_to_int(S("9223372036854775807"), &value));
    assert_int_equal(value, INT64_MAX);
    assert_true(str_to_int(S("-9223372036854775808"), &value));
    assert_int_equal(value, INT64_MIN);
    assert_true(str_to_int(S("-0"), &value));
    assert_int_equal(value, 0);
    value = 7;
    const char *const rubbish[] = { "", "-", "+1", " 1", "1 ", "9223372036854775808", "-9223372036854775809", "1.0",
                                    "0x1",
                                    "99999999999999999999999", "--1", "1-" };
    for (size_t i = 0; i < sizeof rubbish / sizeof *rubbish; i++) assert_false(str_to_int(str_of(rubbish[i]), &value));
    assert_int_equal(value, 7);
}

TEST_PURE(str_takes_apart_and_compares_texts) {
    Str before, after;
    assert_true(str_cut(S("key=value=x"), '=', &before, &after));
    assert_true(str_is(before, "key") && str_is(after, "value=x"));
    assert_false(str_cut(S("key"), '=', &before, &after));
    assert_true(str_is(before, "key") && after.len == 0);
    assert_true(str_is(str_trim(S(" \t a b \r\n")), "a b"));
    assert_true(str_is(str_trim(S("  ")), ""));
    assert_true(str_is(str_slice(S("hello"), -3, 99), "hello"));
    assert_true(str_is(str_slice(S("hello"), 4, 2), ""));
    assert_int_equal(str_find(S("abcabd"), S("abd")), 3);
    assert_int_equal(str_find(S("abc"), S("abcd")), -1);
    assert_int_equal(str_find((Str){ 0 }, S("")), 0);
    assert_true(str_starts(S("abc"), S("ab")) && str_ends(S("abc"), S("bc")) && !str_starts(S("a"), S("ab")));
    assert_true(str_compare(S("a"), S("ab")) < 0 && str_compare(S("b"), S("ab")) > 0 &&
                str_compare(S(""), (Str){ 0 }) == 0);
    assert_true(str_equal((Str){ 0 }, S("")));
}

TEST_PURE(str_knows_strict_utf8) {
    const char *const good[] = { "", "abc", "é", "老客", "😀", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF",
                                 "12345678老" };
    const char *const bad[] = { "\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xED\xA0\x80",
                                "\xF0\x8F\xBF\xBF",
                                "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE8\x80", "\xFF", "1234567\xC3",
                                "\xE8\x80\x41" };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) assert_true(str_is_utf8(str_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(str_is_utf8(str_of(bad[i])));
    assert_int_equal(str_chars(S("a老客😀")), 4);
}

TEST_PURE(arena_gives_zeroed_aligned_memory_and_takes_it_back) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    for (int round = 0; round < 50; round++) {
        ArenaMark mark = arena_mark(&a);
        for (int i = 1; i < 200; i++) {
            char *odd = arena_take(&a, i, 1);
            int64_t *numbers = NEW_LIST(&a, int64_t, i);
            assert_int_equal((uintptr_t)numbers % _Alignof(int64_t), 0);
            for (int k = 0; k < i; k++) assert_true(odd[k] == 0 && numbers[k] == 0);
            memset(odd, 0x55, (size_t)i);
            memset(numbers, 0x55, sizeof *numbers * (size_t)i);
        }
        if (round % 3 == 0) arena_back(&a, mark);
        if (round % 7 == 0) arena_reset(&a);
    }
    arena_reset(&a);
    assert_int_equal(a.used, 0);
    arena_free(&a);
}

TEST_PURE(arena_serves_past_its_budget_and_says_so) {
    Arena a;
    arena_init(&a, 1000);
    arena_take(&a, 1000, 1);
    assert_false(arena_is_over(&a));
    ArenaMark mark = arena_mark(&a);
    char *more = arena_take(&a, 100000, 1);
    more[99999] = 1;
    assert_true(arena_is_over(&a));
    arena_back(&a, mark);
    assert_false(arena_is_over(&a));
    arena_free(&a);
}

TEST_PURE(arena_aborts_past_its_hard_limit) {
    pid_t child = fork();
    if (child == 0) {
        Arena a;
        signal(SIGABRT, SIG_DFL);
        if (freopen("/dev/null", "w", stderr) == NULL) _exit(1);
        arena_init(&a, ARENA_BUDGET);
        for (int i = 0; i < 1000; i++) arena_take(&a, ARENA_HARD_MAX / 100, 1);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

TEST_PURE(arena_keeps_old_values_whole_when_chunks_are_added) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    Str first = arena_print(&a, "%s-%d", "first", 1);
    for (int i = 0; i < 100; i++) arena_take(&a, 5000, 8);
    assert_true(str_is(first, "first-1"));
    char wide[600];
    memset(wide, 'w', sizeof wide - 1);
    wide[sizeof wide - 1] = '\0';
    assert_int_equal(arena_print(&a, "%s!", wide).len, sizeof wide);
    arena_free(&a);
}

TEST_PURE(buf_grows_in_the_arena_beside_other_takes) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    Buf b = { .arena = &a };
    int64_t expected = 0;
    for (int i = 0; i < 20000; i++) {
        buf_int(&b, i);
        buf_char(&b, ',');
        if (i % 1000 == 0) NEW(&a, int64_t);
        expected += i < 10 ? 2 : i < 100 ? 3 : i < 1000 ? 4 : i < 10000 ? 5 : 6;
    }
    Str text = buf_str(&b);
    assert_int_equal(text.len, expected);
    for (int64_t i = 0; i < 20000; i++) {
        Str number;
        int64_t value;
        assert_true(str_cut(text, ',', &number, &text) && str_to_int(number, &value) && value == i);
    }
    b = (Buf){ .arena = &a };
    buf_int(&b, INT64_MIN);
    buf_print(&b, "/%s/%d", "x", 5);
    assert_true(str_is(buf_str(&b), "-9223372036854775808/x/5"));
    arena_free(&a);
}

TEST_PURE(arena_hex_goes_there_and_back) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    Bytes bytes = arena_bytes(&a, "\x00\xff\x10\xAb", 4), again;
    assert_true(str_is(arena_hex(&a, bytes), "00ff10ab"));
    assert_true(arena_unhex(&a, S("00FF10aB"), &again) && bytes_equal(bytes, again));
    assert_false(arena_unhex(&a, S("0"), &again) || arena_unhex(&a, S("0g"), &again));
    arena_free(&a);
}

TEST_PURE(fail_keeps_code_words_and_numbers_in_both_languages) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    Ctx c = { .arena = &a };
    fail_number(&c, "short_points", 12);
    assert_int_equal(fail(&c, E_CONFLICT, "x.short", "还差 %d 积分，%s", "%d points short, %s", 12, "abc"), E_CONFLICT);
    assert_string_equal(c.problem.code, "x.short");
    assert_true(str_is(c.problem.zh, "还差 12 积分，abc") && str_is(c.problem.en, "12 points short, abc"));
    assert_int_equal(c.problem.numbers[0].value, 12);
    problem_clear(&c);
    assert_true(c.problem.code == NULL && c.problem.number_count == 0 && complaints_refuse(&c) == OK);
    for (int i = 0; i < 100; i++) {
        complain(&c, S("/a"), "x.bad", "不行 %d", "no %d", i);
    }
    assert_int_equal(c.problem.complaint_count, COMPLAINTS_MAX);
    assert_true(str_is(c.problem.complaints[31].en, "no 31"));
    assert_int_equal(complaints_refuse(&c), E_INVALID);
    assert_string_equal(c.problem.code, "body.invalid");
    arena_free(&a);
}

TEST_PURE(rng_with_one_seed_gives_one_stream_and_other_seeds_others) {
    Rng one = rng_seeded(7), same = rng_seeded(7), other = rng_seeded(8), system = rng_system();
    unsigned char a[100], b[100], c[100], d[100];
    for (int i = 0; i < 20; i++) {
        rng_bytes(&one, a, sizeof a);
        rng_bytes(&same, b, sizeof b);
        rng_bytes(&other, c, sizeof c);
        rng_bytes(&system, d, sizeof d);
        assert_memory_equal(a, b, sizeof a);
        assert_memory_not_equal(a, c, sizeof a);
        assert_memory_not_equal(a, d, sizeof a);
    }
    rng_bytes(&one, b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
}

TEST_PURE(rng_below_is_in_range_and_even) {
    Rng r = rng_seeded(42);
    int64_t hits[10] = { 0 };
    for (int i = 0; i < 100000; i++) {
        int64_t value = rng_below(&r, 10);
        assert_in_range(value, 0, 9);
        hits[value]++;
    }
    /* Each count is binomial with sigma = 95; five sigma either way. */
    for (int i = 0; i < 10; i++) assert_in_range(hits[i], 10000 - 475, 10000 + 475);
    /* A bound of 3/4 * 2^63 shows the bias of a plain modulo: values below 2^61 would come twice as often as the
     * rest. */
    int64_t bound = (INT64_MAX / 4) * 3, low = 0;
    for (int i = 0; i < 30000; i++) low += rng_below(&r, bound) < bound / 3;
    assert_in_range(low, 10000 - 410, 10000 + 410);
    assert_int_equal(rng_below(&r, 1), 0);
    assert_true(rng_chance(&r, 1, 1));
    assert_false(rng_chance(&r, 0, 5));
}
