/* code - 编码: numbers and codes that people read out, type and scan; a wrong key is noticed before anything is looked
 * up. Reading is tolerant: spaces, dashes and case do not count, O is 0, I and L are 1 (in codes). False: not such a
 * code.
 *
 * Digit numbers (member numbers, pick-up numbers): the check digit of H. M. Damm, "Total anti-symmetrische
 *   Quasigruppen" (Marburg, 2004): every wrong digit and every swap of neighbours is noticed. A leading zero changes
 *   nothing, so the width of a number is not part of it.
 * Codes (gift cards, tickets, coupons handed out): Crockford's base 32 (no I, L, O, U), 12 characters of chance = 60
 *   bits, and a 13th that makes the sum of 2^i * c[i] zero in GF(32), polynomial x^5 + x^2 + 1: every wrong character
 *   and every swap of any two of its 13 characters is noticed. ISO 7064 MOD 37,36 was weighed: it misses some swaps
 *   of neighbours (28 of 17 856 pairs and states over this alphabet), and its check characters include the letters
 *   that this alphabet avoids.
 * Goods: EAN-13, GS1 General Specifications 7.9; it misses swaps of neighbours that differ by 5. */
#pragma once
#include "base/arena.h"
#include "base/rng.h"

enum { CODE_LEN = 13, CODE_CHANCE = 12, EAN_LEN = 13 };

char number_check_digit(Str digits);                             /* Damm, of digits only */
/* 42 with width 7 gives "00000422": `width` digits (more if it needs them) and the check digit. number >= 0. */
Str number_code(Arena *a, int64_t number, int64_t width);
bool number_code_read(Arena *a, Str typed, Str *ret_digits);     /* cleaned, check digit still on it */

Str code_new(Arena *a, Rng *rng);                                /* 13 characters, the form that is stored */
Str code_show(Arena *a, Str code);                               /* "7K3M-9QXT-B2R5V": the form for people */
bool code_read(Arena *a, Str typed, Str *ret_code);              /* the stored form */

char ean_check_digit(Str digits);                                /* of the first 12 digits */
bool ean_read(Arena *a, Str typed, Str *ret_digits);
