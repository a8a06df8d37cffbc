/* str - 字符串: text as a pointer and a length; never owned, never NUL-terminated by promise.
 * Zero ({NULL, 0}) is the valid empty text. Whoever needs a C string copies it with arena_cstr(). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Str { const char *at; int64_t len; } Str;

/* Binary content (BYTEA in SQL, hex in JSON): same layout, another type, so that the two cannot be mixed up. */
typedef struct Bytes { const unsigned char *at; int64_t len; } Bytes;

/* S("literal") in code, S_INIT("literal") in static tables. */
#define S(literal) ((Str){ ("" literal), (int64_t)sizeof(literal) - 1 })
#define S_INIT(literal) { ("" literal), (int64_t)sizeof(literal) - 1 }

Str str_of(const char *cstr);                     /* NULL gives the empty text */
Str str_slice(Str s, int64_t from, int64_t to);   /* clamped to the text */
bool str_equal(Str a, Str b);
bool str_is(Str a, const char *cstr);
bool str_starts(Str s, Str prefix);
bool str_ends(Str s, Str suffix);
int str_compare(Str a, Str b);                    /* bytewise: <0, 0, >0 */
int64_t str_find(Str s, Str part);                /* first position, -1 if absent */
int64_t str_find_char(Str s, char ch);
Str str_trim(Str s);                              /* ASCII white space at both ends */
bool str_cut(Str s, char at, Str *ret_before, Str *ret_after); /* false: no such char, before = s, after = empty */
bool str_to_int(Str s, int64_t *ret_value);       /* whole text, decimal, optional minus, exact; or false */
uint64_t str_hash(Str s);                         /* FNV-1a, for in-process tables only */
bool str_is_utf8(Str s);                          /* strict: no surrogates, no overlong forms */
int64_t str_chars(Str s);                         /* code points of valid UTF-8 */

bool bytes_equal(Bytes a, Bytes b);
