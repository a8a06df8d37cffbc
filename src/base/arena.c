#include "base/arena.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Under AddressSanitizer the free part of every chunk is poisoned and takes are set apart, so that writing past a
 * value or reading after arena_back() is found. In the product these are nothing. */
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_WATCHED 1
#endif
#endif
#ifdef ARENA_WATCHED
#include <sanitizer/asan_interface.h>
enum { RED_ZONE = 16 };
#else
#define ASAN_POISON_MEMORY_REGION(at, len) ((void)(at), (void)(len))
#define ASAN_UNPOISON_MEMORY_REGION(at, len) ((void)(at), (void)(len))
enum { RED_ZONE = 0 };
#endif

enum { CHUNK_FIRST = 16 << 10, CHUNK_MOST = 1 << 20 };

struct ArenaChunk { ArenaChunk *older; int64_t size; _Alignas(16) char data[]; };

void arena_init(Arena *a, int64_t budget) { *a = (Arena){ .budget = budget }; }

static void use_chunk(Arena *a, ArenaChunk *chunk, char *at) {
    a->chunks = chunk;
    a->at = at;
    a->end = chunk->data + chunk->size;
    ASAN_POISON_MEMORY_REGION(at, (size_t)(a->end - at));
}

static void drop_newest(Arena *a) {
    ArenaChunk *chunk = a->chunks;
    a->chunks = chunk->older;
    ASAN_UNPOISON_MEMORY_REGION(chunk->data, (size_t)chunk->size);
    free(chunk);
}

void arena_reset(Arena *a) {
    if (a->chunks == NULL) return;
    while (a->chunks->older != NULL) drop_newest(a);
    a->used = 0;
    use_chunk(a, a->chunks, a->chunks->data);
}

void arena_free(Arena *a) {
    while (a->chunks != NULL) drop_newest(a);
    *a = (Arena){ .budget = a->budget };
}

bool arena_is_over(const Arena *a) { return a->used > a->budget; }

ArenaMark arena_mark(const Arena *a) { return (ArenaMark){ a->chunks, a->at, a->used }; }

void arena_back(Arena *a, ArenaMark mark) {
    if (mark.chunk == NULL) {
        arena_reset(a); /* the mark was set before the first chunk came */
        return;
    }
    while (a->chunks != mark.chunk) drop_newest(a);
    a->used = mark.used;
    use_chunk(a, mark.chunk, mark.at);
}

/* Chunks double, so that a big request makes few of them; the first stays small and is kept for the next request. */
static void add_chunk(Arena *a, int64_t need) {
    int64_t size = a->chunks == NULL ? CHUNK_FIRST : a->chunks->size * 2;
    if (size > CHUNK_MOST) size = CHUNK_MOST;
    if (size < need) size = need;
    ArenaChunk *chunk = malloc(sizeof *chunk + (size_t)size);
    if (chunk == NULL) {
        fprintf(stderr, "arena: out of memory\n");
        abort();
    }
    chunk->older = a->chunks;
    chunk->size = size;
    use_chunk(a, chunk, chunk->data);
}

static void *take_raw(Arena *a, int64_t size, int64_t align) {
    assert(size >= 0 && align >= 1 && align <= 16 && (align & (align - 1)) == 0);
    if (size > ARENA_HARD_MAX - a->used) {
        fprintf(stderr, "arena: %lld bytes wanted on top of %lld, past the hard limit\n", (long long)size,
                (long long)a->used);
        abort();
    }
    int64_t gap = (int64_t)(-(uintptr_t)a->at & (uintptr_t)(align - 1));
    if (a->chunks == NULL || size + gap + RED_ZONE > a->end - a->at) {
        add_chunk(a, size + RED_ZONE); /* its data is aligned for all */
        gap = 0;
    }
    char *at = a->at + gap;
    a->at = at + size + RED_ZONE;
    a->used += size + gap;
    ASAN_UNPOISON_MEMORY_REGION(at, (size_t)size);
    return at;
}

void *arena_take(Arena *a, int64_t size, int64_t align) {
    void *at = take_raw(a, size, align);
    return size == 0 ? at : memset(at, 0, (size_t)size);
}

Bytes arena_bytes(Arena *a, const void *at, int64_t len) {
    if (len == 0) return (Bytes){ 0 };
    return (Bytes){ memcpy(take_raw(a, len, 1), at, (size_t)len), len };
}

Str arena_str(Arena *a, Str s) {
    char *copy = take_raw(a, s.len + 1, 1);
    if (s.len > 0) memcpy(copy, s.at, (size_t)s.len);
    copy[s.len] = '\0';
    return (Str){ copy, s.len };
}

const char *arena_cstr(Arena *a, Str s) { return arena_str(a, s).at; }

Str arena_print_args(Arena *a, const char *format, va_list args) {
    char shortly[256]; /* most texts fit, and then one pass is enough */
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(shortly, sizeof shortly, format, args);
    assert(len >= 0);
    if ((size_t)len < sizeof shortly) {
        va_end(again);
        return arena_str(a, (Str){ shortly, len });
    }
    char *at = take_raw(a, len + 1, 1);
    vsnprintf(at, (size_t)len + 1, format, again);
    va_end(again);
    return (Str){ at, len };
}

Str arena_print(Arena *a, const char *format, ...) {
    va_list args;
    va_start(args, format);
    Str text = arena_print_args(a, format, args);
    va_end(args);
    return text;
}

Str arena_join(Arena *a, const Str *parts, int64_t count) {
    int64_t len = 0;
    for (int64_t i = 0; i < count; i++) len += parts[i].len;
    char *text = take_raw(a, len + 1, 1), *to = text;
    for (int64_t i = 0; i < count; i++) {
        if (parts[i].len > 0) memcpy(to, parts[i].at, (size_t)parts[i].len);
        to += parts[i].len;
    }
    *to = '\0';
    return (Str){ text, len };
}

Str arena_int(Arena *a, int64_t value) {
    char digits[20], *at = digits + sizeof digits;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do *--at = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (value < 0) *--at = '-';
    return arena_str(a, (Str){ at, digits + sizeof digits - at });
}

Str arena_hex(Arena *a, Bytes b) {
    char *at = take_raw(a, b.len * 2 + 1, 1);
    for (int64_t i = 0; i < b.len; i++) {
        at[2 * i] = "0123456789abcdef"[b.at[i] >> 4];
        at[2 * i + 1] = "0123456789abcdef"[b.at[i] & 15];
    }
    at[b.len * 2] = '\0';
    return (Str){ at, b.len * 2 };
}

static int hex_digit(char ch) {
    if (ch >= '0' && ch <= '9') return ch - '0';
    if (ch >= 'a' && ch <= 'f') return ch - 'a' + 10;
    if (ch >= 'A' && ch <= 'F') return ch - 'A' + 10;
    return -1;
}

bool arena_unhex(Arena *a, Str s, Bytes *ret_bytes) {
    if (s.len % 2 != 0) return false;
    unsigned char *at = take_raw(a, s.len / 2, 1);
    for (int64_t i = 0; i < s.len / 2; i++) {
        int high = hex_digit(s.at[2 * i]), low = hex_digit(s.at[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        at[i] = (unsigned char)(high << 4 | low);
    }
    *ret_bytes = (Bytes){ at, s.len / 2 };
    return true;
}

enum { BUF_FIRST = 256 };

/* Grows in place where nothing was taken from the arena since; copies otherwise. */
static char *buf_need(Buf *b, int64_t more) {
    if (more <= b->room - b->len) return b->at + b->len;
    int64_t room = b->room * 2 < BUF_FIRST ? BUF_FIRST : b->room * 2;
    if (room < b->len + more) room = b->len + more;
    Arena *a = b->arena;
    if (b->at != NULL && b->at + b->room + RED_ZONE == a->at && room - b->room + RED_ZONE <= a->end - a->at) {
        ASAN_UNPOISON_MEMORY_REGION(b->at + b->room, (size_t)(room - b->room));
        a->at += room - b->room;
        a->used += room - b->room;
    } else {
        char *at = take_raw(a, room, 1);
        if (b->len > 0) memcpy(at, b->at, (size_t)b->len);
        b->at = at;
    }
    b->room = room;
    return b->at + b->len;
}

void buf_add(Buf *b, Str s) {
    if (s.len == 0) return;
    memcpy(buf_need(b, s.len), s.at, (size_t)s.len);
    b->len += s.len;
}

void buf_char(Buf *b, char ch) {
    *buf_need(b, 1) = ch;
    b->len++;
}

void buf_int(Buf *b, int64_t value) {
    char digits[20], *at = digits + sizeof digits;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        *--at = (char)('0' + left % 10);
        left /= 10;
    } while (left != 0);
    if (value < 0) *--at = '-';
    buf_add(b, (Str){ at, digits + sizeof digits - at });
}

void buf_cstr(Buf *b, const char *cstr) { buf_add(b, str_of(cstr)); }

void buf_print(Buf *b, const char *format, ...) {
    char shortly[256];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(shortly, sizeof shortly, format, args);
    assert(len >= 0);
    if ((size_t)len < sizeof shortly) {
        buf_add(b, (Str){ shortly, len });
    } else {
        vsnprintf(buf_need(b, len + 1), (size_t)len + 1, format, again);
        b->len += len;
    }
    va_end(again);
    va_end(args);
}

Str buf_str(const Buf *b) { return (Str){ b->at, b->len }; }
