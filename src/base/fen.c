#include "base/fen.h"
#include <assert.h>
#include <stdlib.h>

bool fen_add(int64_t a, int64_t b, int64_t *ret_sum) {
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum)) return false;
    *ret_sum = sum;
    return true;
}

bool fen_sub(int64_t a, int64_t b, int64_t *ret_difference) {
    int64_t difference;
    if (__builtin_sub_overflow(a, b, &difference)) return false;
    *ret_difference = difference;
    return true;
}

bool fen_mul(int64_t amount_fen, int64_t times, int64_t *ret_product) {
    int64_t product;
    if (__builtin_mul_overflow(amount_fen, times, &product)) return false;
    *ret_product = product;
    return true;
}

bool fen_scale(int64_t amount_fen, int64_t part, int64_t whole, Rounding rounding, int64_t *ret_fen) {
    assert(amount_fen >= 0 && part >= 0 && whole > 0);
    __int128 exact = (__int128)amount_fen * part, rounded = 0;
    switch (rounding) {
    case ROUND_HALF_UP: rounded = (2 * exact + whole) / (2 * (__int128)whole); break;
    case ROUND_FLOOR: rounded = exact / whole; break;
    }
    if (rounded > INT64_MAX) return false;
    *ret_fen = (int64_t)rounded;
    return true;
}

bool fen_rate(int64_t amount_fen, int64_t rate_bp, Rounding rounding, int64_t *ret_fen) {
    return fen_scale(amount_fen, rate_bp, RATE_WHOLE_BP, rounding, ret_fen);
}

typedef struct Remainder { __int128 left; int64_t index; } Remainder;

static int by_largest(const void *a, const void *b) {
    const Remainder *x = a, *y = b;
    if (x->left != y->left) return x->left > y->left ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

void fen_share(Arena *a, int64_t amount_fen, const int64_t *weights, int64_t count, int64_t *ret_parts) {
    assert(amount_fen >= 0 && count >= 1);
    __int128 whole = 0;
    for (int64_t i = 0; i < count; i++) {
        assert(weights[i] >= 0);
        whole += weights[i];
    }
    bool is_even = whole == 0;
    if (is_even) whole = count;
    ArenaMark mark = arena_mark(a);
    Remainder *remainders = NEW_LIST(a, Remainder, count);
    int64_t left_fen = amount_fen;
    for (int64_t i = 0; i < count; i++) {
        __int128 exact = (__int128)amount_fen * (is_even ? 1 : weights[i]);
        ret_parts[i] = (int64_t)(exact / whole);
        remainders[i] = (Remainder){ exact % whole, i };
        left_fen -= ret_parts[i];
    }
    /* The remainders sum to left_fen * whole and each is below whole: at least left_fen of them are not zero. */
    assert(left_fen >= 0 && left_fen < count);
    if (left_fen > 0) qsort(remainders, (size_t)count, sizeof *remainders, by_largest);
    for (int64_t i = 0; i < left_fen; i++) ret_parts[remainders[i].index]++;
    arena_back(a, mark);
}

void fen_print(Buf *b, int64_t fen) {
    uint64_t size = fen < 0 ? 0 - (uint64_t)fen : (uint64_t)fen;
    if (fen < 0) buf_char(b, '-');
    buf_int(b, (int64_t)(size / 100));
    buf_char(b, '.');
    buf_char(b, (char)('0' + size / 10 % 10));
    buf_char(b, (char)('0' + size % 10));
}

Str fen_text(Arena *a, int64_t fen) {
    Buf b = { .arena = a };
    fen_print(&b, fen);
    buf_char(&b, 0); /* refusals print it with %s */
    return (Str){ b.at, b.len - 1 };
}

bool fen_of_text(Str text, int64_t *ret_fen) {
    Str yuan_text, fen_part;
    int64_t yuan, fen = 0;
    bool is_minus = str_starts(text, S("-"));
    bool has_point = str_cut(text, '.', &yuan_text, &fen_part);
    if (!str_to_int(yuan_text, &yuan)) return false;
    if (has_point) {
        if (fen_part.len < 1 || fen_part.len > 2 || fen_part.at[0] == '-' || !str_to_int(fen_part, &fen)) return false;
        if (fen_part.len == 1) fen *= 10;
    }
    if (is_minus) fen = -fen;
    return fen_mul(yuan, 100, &yuan) && fen_add(yuan, fen, ret_fen);
}
