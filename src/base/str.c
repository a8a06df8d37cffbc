#include "base/str.h"
#include <string.h>

Str str_of(const char *cstr) { return (Str){ cstr, cstr == NULL ? 0 : (int64_t)strlen(cstr) }; }

Str str_slice(Str s, int64_t from, int64_t to) {
    if (from < 0) from = 0;
    if (to > s.len) to = s.len;
    if (from >= to) return (Str){ 0 };
    return (Str){ s.at + from, to - from };
}

/* memcmp and friends must not see NULL, not even for a length of zero: the empty text is {NULL, 0}. */
static bool is_same(const void *a, const void *b, int64_t len) { return len == 0 || memcmp(a, b, (size_t)len) == 0; }

bool str_equal(Str a, Str b) { return a.len == b.len && is_same(a.at, b.at, a.len); }

bool str_is(Str a, const char *cstr) { return str_equal(a, str_of(cstr)); }

bool str_starts(Str s, Str prefix) { return s.len >= prefix.len && is_same(s.at, prefix.at, prefix.len); }

bool str_ends(Str s, Str suffix) {
    return s.len >= suffix.len && (suffix.len == 0 || is_same(s.at + s.len - suffix.len, suffix.at, suffix.len));
}

int str_compare(Str a, Str b) {
    int64_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.at, b.at, (size_t)common);
    if (order != 0) return order;
    return (a.len > b.len) - (a.len < b.len);
}

int64_t str_find(Str s, Str part) {
    if (part.len == 0) return 0;
    if (part.len > s.len) return -1;
    const char *hit = memmem(s.at, (size_t)s.len, part.at, (size_t)part.len);
    return hit == NULL ? -1 : hit - s.at;
}

int64_t str_find_char(Str s, char ch) {
    if (s.len == 0) return -1;
    const char *hit = memchr(s.at, ch, (size_t)s.len);
    return hit == NULL ? -1 : hit - s.at;
}

static bool is_space(char ch) { return ch == ' ' || (ch >= '\t' && ch <= '\r'); }

Str str_trim(Str s) {
    while (s.len > 0 && is_space(s.at[0])) s = (Str){ s.at + 1, s.len - 1 };
    while (s.len > 0 && is_space(s.at[s.len - 1])) s.len--;
    return s;
}

bool str_cut(Str s, char at, Str *ret_before, Str *ret_after) {
    int64_t pos = str_find_char(s, at);
    if (pos < 0) {
        *ret_before = s;
        *ret_after = (Str){ 0 };
        return false;
    }
    *ret_before = str_slice(s, 0, pos);
    *ret_after = str_slice(s, pos + 1, s.len);
    return true;
}

bool str_to_int(Str s, int64_t *ret_value) {
    bool is_minus = s.len > 0 && s.at[0] == '-';
    int64_t at = is_minus ? 1 : 0, value = 0;
    if (at == s.len) return false;
    /* Counted downwards, because INT64_MIN has no positive twin. */
    for (; at < s.len; at++) {
        if (s.at[at] < '0' || s.at[at] > '9') return false;
        if (__builtin_mul_overflow(value, 10, &value)) return false;
        if (__builtin_sub_overflow(value, (int64_t)(s.at[at] - '0'), &value)) return false;
    }
    if (!is_minus && __builtin_sub_overflow((int64_t)0, value, &value)) return false;
    *ret_value = value;
    return true;
}

uint64_t str_hash(Str s) {
    uint64_t hash = 0xcbf29ce484222325U;
    for (int64_t i = 0; i < s.len; i++) hash = (hash ^ (unsigned char)s.at[i]) * 0x100000001b3U;
    return hash;
}

/* Length of the well-formed sequence at `at` (Unicode 15, table 3-7), 0 if there is none. */
static int64_t utf8_len(const unsigned char *at, int64_t left) {
    unsigned char first = at[0];
    if (first < 0x80) return 1;
    if (first < 0xC2 || first > 0xF4) return 0;
    int64_t len = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (left < len) return 0;
    unsigned char low = 0x80, high = 0xBF;
    if (first == 0xE0) low = 0xA0;  /* shorter forms exist */
    if (first == 0xED) high = 0x9F; /* surrogates */
    if (first == 0xF0) low = 0x90;  /* shorter forms exist */
    if (first == 0xF4) high = 0x8F; /* past U+10FFFF */
    if (at[1] < low || at[1] > high) return 0;
    for (int64_t i = 2; i < len; i++) {
        if ((at[i] & 0xC0) != 0x80) return 0;
    }
    return len;
}

bool str_is_utf8(Str s) {
    const unsigned char *at = (const unsigned char *)s.at;
    for (int64_t i = 0; i < s.len;) {
        uint64_t eight;
        if (s.len - i >= 8 && (memcpy(&eight, at + i, 8), (eight & 0x8080808080808080U) == 0)) {
            i += 8; /* most text of a request is ASCII */
            continue;
        }
        int64_t len = utf8_len(at + i, s.len - i);
        if (len == 0) return false;
        i += len;
    }
    return true;
}

int64_t str_chars(Str s) {
    int64_t count = 0;
    for (int64_t i = 0; i < s.len; i++) count += (s.at[i] & 0xC0) != 0x80;
    return count;
}

bool bytes_equal(Bytes a, Bytes b) { return a.len == b.len && is_same(a.at, b.at, a.len); }
