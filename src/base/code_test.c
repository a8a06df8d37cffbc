#include "test/test.h"
#include "base/code.h"
#include <string.h>

TEST_PURE(number_codes_notice_every_wrong_digit_and_every_swap_of_neighbours) {
    Arena a;
    Rng r = rng_seeded(1);
    arena_init(&a, ARENA_BUDGET);
    assert_int_equal(number_check_digit(S("572")), '4'); /* the example of Damm's thesis */
    assert_true(str_is(number_code(&a, 42, 7), number_code(&a, 42, 7).at) && number_code(&a, 42, 7).len == 8);
    for (int round = 0; round < 2000; round++) {
        Str code = number_code(&a, rng_below(&r, 100000000), 8), read;
        char wrong[16];
        assert_true(number_code_read(&a, code, &read) && str_equal(code, read));
        for (int64_t i = 0; i < code.len; i++) {
            memcpy(wrong, code.at, (size_t)code.len);
            for (char digit = '0'; digit <= '9'; digit++) {
                wrong[i] = digit;
                if (digit != code.at[i]) assert_false(number_code_read(&a, (Str){ wrong, code.len }, &read));
            }
            if (i + 1 == code.len || code.at[i] == code.at[i + 1]) continue;
            wrong[i] = code.at[i + 1];
            wrong[i + 1] = code.at[i];
            assert_false(number_code_read(&a, (Str){ wrong, code.len }, &read));
        }
        arena_reset(&a);
    }
    arena_free(&a);
}

TEST_PURE(codes_notice_every_wrong_character_and_every_swap) {
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    Arena a;
    Rng r = rng_seeded(2);
    arena_init(&a, ARENA_BUDGET);
    for (int round = 0; round < 300; round++) {
        Str code = code_new(&a, &r), read;
        char wrong[CODE_LEN];
        assert_int_equal(code.len, CODE_LEN);
        assert_true(code_read(&a, code, &read) && str_equal(code, read));
        for (int64_t i = 0; i < CODE_LEN; i++) {
            memcpy(wrong, code.at, CODE_LEN);
            for (int k = 0; k < 32; k++) {
                wrong[i] = alphabet[k];
                if (alphabet[k] != code.at[i]) assert_false(code_read(&a, (Str){ wrong, CODE_LEN }, &read));
            }
            for (int64_t j = i + 1; j < CODE_LEN; j++) {
                if (code.at[i] == code.at[j]) continue;
                memcpy(wrong, code.at, CODE_LEN);
                wrong[i] = code.at[j];
                wrong[j] = code.at[i];
                assert_false(code_read(&a, (Str){ wrong, CODE_LEN }, &read));
            }
        }
        arena_reset(&a);
    }
    arena_free(&a);
}

TEST_PURE(codes_are_read_however_people_type_them) {
    Arena a;
    Rng r = rng_seeded(3);
    arena_init(&a, ARENA_BUDGET);
    for (int round = 0; round < 200; round++) {
        Str code = code_new(&a, &r), shown = code_show(&a, code), read;
        char *typed = arena_take(&a, shown.len, 1);
        for (int64_t i = 0; i < shown.len; i++) {
            char ch = shown.at[i];
            typed[i] = ch == '-'                ? ' '
                       : ch == '0'              ? 'o'
                       : ch == '1'              ? 'l'
                       : ch >= 'A' && ch <= 'Z' ? (char)(ch + 32)
                                                : ch;
        }
        assert_true(code_read(&a, shown, &read) && str_equal(code, read));
        assert_true(code_read(&a, (Str){ typed, shown.len }, &read) && str_equal(code, read));
    }
    Str read;
    const char *const bad[] = { "", "-", "0000-0000-00000-0", "UUUU-UUUU-UUUUU", "老客老客老客老客老", "0000 0000 0000" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(code_read(&a, str_of(bad[i]), &read));
    arena_free(&a);
}

TEST_PURE(ean_13_is_checked_as_gs1_says) {
    Arena a;
    Str read;
    arena_init(&a, ARENA_BUDGET);
    assert_true(ean_read(&a, S("4006381333931"), &read));
    assert_true(ean_read(&a, S(" 6 901234-567892 "), &read) && str_is(read, "6901234567892"));
    assert_false(ean_read(&a, S("4006381333932"), &read) || ean_read(&a, S("400638133393"), &read));
    assert_false(ean_read(&a, S("40063813339315"), &read) || ean_read(&a, S("400638133393X"), &read));
    arena_free(&a);
}
