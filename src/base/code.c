#include "base/code.h"
#include <assert.h>
#include <string.h>

/* The quasigroup of Damm's thesis, p. 111: totally anti-symmetric, zeros on the diagonal, so the check digit leads
 * back to 0. */
static const unsigned char damm[10][10] = {
    { 0, 3, 1, 7, 5, 9, 8, 6, 4, 2 }, { 7, 0, 9, 2, 1, 5, 4, 8, 6, 3 }, { 4, 2, 0, 6, 8, 7, 1, 3, 5, 9 },
    { 1, 7, 5, 0, 9, 8, 3, 4, 2, 6 }, { 6, 1, 2, 3, 0, 4, 5, 9, 7, 8 }, { 3, 6, 7, 4, 2, 0, 9, 5, 8, 1 },
    { 5, 8, 6, 9, 7, 2, 0, 1, 3, 4 }, { 8, 9, 4, 5, 3, 6, 2, 0, 1, 7 }, { 9, 4, 3, 8, 6, 1, 7, 2, 0, 5 },
    { 2, 5, 8, 1, 4, 3, 6, 7, 9, 0 },
};

static int damm_sum(Str digits) {
    int sum = 0;
    for (int64_t i = 0; i < digits.len; i++) {
        assert(digits.at[i] >= '0' && digits.at[i] <= '9');
        sum = damm[sum][digits.at[i] - '0'];
    }
    return sum;
}

char number_check_digit(Str digits) { return (char)('0' + damm_sum(digits)); }

Str number_code(Arena *a, int64_t number, int64_t width) {
    assert(number >= 0 && width >= 1 && width <= 18);
    Str digits = arena_print(a, "%0*lld", (int)width, (long long)number);
    return arena_print(a, "%.*s%c", (int)digits.len, digits.at, number_check_digit(digits));
}

enum { TYPED_MAX = 64 };

/* Without spaces and dashes, letters in upper case; false if it is longer than anything we hand out. */
static bool clean(Arena *a, Str typed, Str *ret_clean) {
    if (typed.len > TYPED_MAX) return false;
    char *text = arena_take(a, typed.len + 1, 1);
    int64_t len = 0;
    for (int64_t i = 0; i < typed.len; i++) {
        char ch = typed.at[i];
        if (ch == ' ' || ch == '-' || ch == '\t' || ch == '\r' || ch == '\n') continue;
        text[len++] = ch >= 'a' && ch <= 'z' ? (char)(ch - 'a' + 'A') : ch;
    }
    *ret_clean = (Str){ text, len };
    return true;
}

static bool clean_digits(Arena *a, Str typed, Str *ret_digits) {
    Str digits;
    if (!clean(a, typed, &digits)) return false;
    for (int64_t i = 0; i < digits.len; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9') return false;
    }
    *ret_digits = digits;
    return true;
}

bool number_code_read(Arena *a, Str typed, Str *ret_digits) {
    Str digits;
    if (!clean_digits(a, typed, &digits) || digits.len < 2 || damm_sum(digits) != 0) return false;
    *ret_digits = digits;
    return true;
}

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static int value_of(char ch) {
    if (ch == 'O') ch = '0';
    if (ch == 'I' || ch == 'L') ch = '1';
    const char *hit = ch == '\0' ? NULL : strchr(alphabet, ch);
    return hit == NULL ? -1 : (int)(hit - alphabet);
}

/* Twice a value in GF(32) with x^5 = x^2 + 1; 2 generates the field, so its powers 2^0 … 2^12 all differ. */
static int twice(int value) { return value < 16 ? value << 1 : (value << 1 & 31) ^ 5; }

/* Sum of 2^i * c[i], the last character being c[0] (Horner's scheme). */
static int field_sum(const int *values, int64_t count) {
    int sum = 0;
    for (int64_t i = 0; i < count; i++) sum = twice(sum) ^ values[i];
    return sum;
}

Str code_new(Arena *a, Rng *rng) {
    int values[CODE_LEN] = { 0 };
    for (int64_t i = 0; i < CODE_CHANCE; i++) values[i] = (int)rng_below(rng, 32);
    values[CODE_CHANCE] = field_sum(values, CODE_LEN); /* x + x = 0 */
    char *text = arena_take(a, CODE_LEN + 1, 1);
    for (int64_t i = 0; i < CODE_LEN; i++) text[i] = alphabet[values[i]];
    return (Str){ text, CODE_LEN };
}

Str code_show(Arena *a, Str code) {
    assert(code.len == CODE_LEN);
    return arena_print(a, "%.4s-%.4s-%.5s", code.at, code.at + 4, code.at + 8);
}

bool code_read(Arena *a, Str typed, Str *ret_code) {
    Str code;
    int values[CODE_LEN];
    if (!clean(a, typed, &code) || code.len != CODE_LEN) return false;
    char *text = arena_take(a, CODE_LEN + 1, 1);
    for (int64_t i = 0; i < CODE_LEN; i++) {
        values[i] = value_of(code.at[i]);
        if (values[i] < 0) return false;
        text[i] = alphabet[values[i]];
    }
    if (field_sum(values, CODE_LEN) != 0) return false;
    *ret_code = (Str){ text, CODE_LEN };
    return true;
}

char ean_check_digit(Str digits) {
    assert(digits.len == EAN_LEN - 1);
    int sum = 0;
    for (int64_t i = 0; i < digits.len; i++) sum += (digits.at[i] - '0') * (i % 2 == 0 ? 1 : 3);
    return (char)('0' + (10 - sum % 10) % 10);
}

bool ean_read(Arena *a, Str typed, Str *ret_digits) {
    Str digits;
    if (!clean_digits(a, typed, &digits) || digits.len != EAN_LEN) return false;
    if (ean_check_digit(str_slice(digits, 0, EAN_LEN - 1)) != digits.at[EAN_LEN - 1]) return false;
    *ret_digits = digits;
    return true;
}
