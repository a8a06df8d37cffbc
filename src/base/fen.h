/* fen - 分: money as whole fen in int64, and the only three things done to it: exact sums, a named rounding, a fair
 * split.
 * Refuses: whatever does not fit in int64 returns false and leaves the result untouched; what a caller promised (no
 *          negative amounts where a share or a rate is taken) is asserted.
 * Units:   *_fen, rates in basis points (1 bp = 1/10000). */
#pragma once
#include "base/arena.h"

/* How a fraction of a fen becomes a fen; every place that rounds names its way: prices HALF_UP, points earned FLOOR. */
typedef enum Rounding {
    ROUND_HALF_UP, /* floor(x + 1/2) */
    ROUND_FLOOR,   /* floor(x) */
} Rounding;

enum { RATE_WHOLE_BP = 10000 };

bool fen_add(int64_t a, int64_t b, int64_t *ret_sum);
bool fen_sub(int64_t a, int64_t b, int64_t *ret_difference);
bool fen_mul(int64_t amount_fen, int64_t times, int64_t *ret_product);

/* round(amount * part / whole), the product exact in 128 bits. amount, part >= 0, whole > 0. */
bool fen_scale(int64_t amount_fen, int64_t part, int64_t whole, Rounding rounding, int64_t *ret_fen);
/* round(amount * rate_bp / 10000): 88 折 is rate_bp 8800. */
bool fen_rate(int64_t amount_fen, int64_t rate_bp, Rounding rounding, int64_t *ret_fen);

/* Splits amount over weights by largest remainder (Hamilton's method): part i = floor(amount * w[i] / sum of w), and
 * the fen that are left go one each to the largest remainders, ties to the earlier. Guarantees: the parts sum to
 * amount exactly; each is within one fen of its exact share; a zero weight gets nothing, unless all weights are zero:
 * then all count alike. amount, weights >= 0, count >= 1. Scratch memory is given back to the arena. */
void fen_share(Arena *a, int64_t amount_fen, const int64_t *weights, int64_t count, int64_t *ret_parts);

/* "12.34", "-0.05": yuan with two decimals. */
void fen_print(Buf *b, int64_t fen);
Str fen_text(Arena *a, int64_t fen); /* also NUL-terminated */
/* "12", "12.3", "12.34", with a minus or not; nothing else. */
bool fen_of_text(Str text, int64_t *ret_fen);
