/* arena - 内存区: one bump allocator per request, job run or event delivery; everything dies with it.
 * Guarantee: NEW and friends return zeroed memory, never NULL. Past `budget` the arena still serves (up to
 *            ARENA_HARD_MAX, then it aborts), but arena_is_over() turns true and the dispatcher refuses the request.
 * Ownership: the caller of arena_init() calls arena_free(); nobody else frees. */
#pragma once
#include "base/str.h"
#include <stdarg.h>

enum { ARENA_BUDGET = 8 << 20, ARENA_HARD_MAX = 256 << 20 };

typedef struct ArenaChunk ArenaChunk;
typedef struct Arena {
    ArenaChunk *chunks;      /* newest first */
    char *at, *end;          /* free part of the newest chunk */
    int64_t used, budget;
} Arena;
typedef struct ArenaMark { ArenaChunk *chunk; char *at; int64_t used; } ArenaMark;

void arena_init(Arena *a, int64_t budget);
void arena_reset(Arena *a);                      /* empty again; keeps its first chunk */
void arena_free(Arena *a);
bool arena_is_over(const Arena *a);
ArenaMark arena_mark(const Arena *a);
void arena_back(Arena *a, ArenaMark mark);       /* forget all that came after the mark */

void *arena_take(Arena *a, int64_t size, int64_t align);
#define NEW(a, T) ((T *)arena_take((a), (int64_t)sizeof(T), (int64_t)_Alignof(T)))
#define NEW_LIST(a, T, n) ((T *)arena_take((a), (int64_t)sizeof(T) * (n), (int64_t)_Alignof(T)))

Str arena_str(Arena *a, Str s);                  /* a copy (also NUL-terminated behind its end) */
Bytes arena_bytes(Arena *a, const void *at, int64_t len);
const char *arena_cstr(Arena *a, Str s);
Str arena_print(Arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
Str arena_print_args(Arena *a, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
/* For the ways that every request takes, where printing is too slow: texts side by side, a number as text. */
#define ARENA_JOIN(a, ...) \
    arena_join((a), (const Str[]){ __VA_ARGS__ }, (int64_t)(sizeof((const Str[]){ __VA_ARGS__ }) / sizeof(Str)))
Str arena_join(Arena *a, const Str *parts, int64_t count);
Str arena_int(Arena *a, int64_t value);
Str arena_hex(Arena *a, Bytes b);
bool arena_unhex(Arena *a, Str s, Bytes *ret_bytes);

/* Buf: text that grows inside an arena. */
typedef struct Buf { Arena *arena; char *at; int64_t len, room; } Buf;
void buf_add(Buf *b, Str s);
void buf_char(Buf *b, char ch);
void buf_int(Buf *b, int64_t value);
void buf_cstr(Buf *b, const char *cstr);
void buf_print(Buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
Str buf_str(const Buf *b);

/* Lists are {items, count} pairs; LIST_OF(Line) Lines; declares one, ListAny is what generic code sees of it. */
#define LIST_OF(T) struct { T *items; int64_t count; }
typedef struct ListAny { void *items; int64_t count; } ListAny;
typedef LIST_OF(Str) StrList;
typedef LIST_OF(int64_t) IntList;
