#include "base/json_read.h"
#include <string.h>

bool read_broken(Reader *r) {
    r->put.is_broken = true;
    if (r->put.c != NULL) r->put.c->problem.complaint_count = r->complaints_before;
    return false;
}

bool read_syntax(Reader *r) {
    return BREAK(r, "json.syntax", "第 %lld 个字节处不是正确的 JSON", "not valid JSON at byte %lld",
                 (long long)(r->at - r->start));
}

bool read_open(Reader *r, char close, bool *ret_more) {
    if (r->depth == JSON_DEPTH_MAX) {
        return BREAK(r, "json.too_deep", "嵌套超过 %d 层", "nested deeper than %d levels", JSON_DEPTH_MAX);
    }
    r->depth++;
    r->at++;
    *ret_more = read_peek(r) != close;
    if (!*ret_more) r->at++;
    if (!*ret_more) r->depth--;
    return true;
}

bool read_next(Reader *r, char close, bool *ret_more) {
    char ch = read_peek(r);
    if (ch != ',' && ch != close) return read_syntax(r);
    r->at++;
    *ret_more = ch == ',';
    if (ch == close) r->depth--;
    return !r->put.is_broken;
}

bool read_word(Reader *r, Str word) {
    if (!str_starts((Str){ r->at, r->end - r->at }, word)) return read_syntax(r);
    r->at += word.len;
    return true;
}

/* ---- texts ---- */

/* Moves `at` to the first quote, backslash or control character; eight bytes at a time. */
static const char *plain_end(const char *at, const char *end) {
    const uint64_t ones = 0x0101010101010101U, tops = ones << 7;
    while (end - at >= 8) {
        uint64_t x;
        memcpy(&x, at, 8);
        uint64_t quote = x ^ ones * '"', slash = x ^ ones * '\\';
        uint64_t hits = ((quote - ones) & ~quote) | ((slash - ones) & ~slash) | ((x - ones * 0x20) & ~x);
        if ((hits & tops) != 0) break;
        at += 8;
    }
    while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20) at++;
    return at;
}

static bool read_hex4(Reader *r, uint32_t *ret_unit) {
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++, r->at++) {
        if (r->at == r->end) return read_syntax(r);
        char ch = *r->at;
        uint32_t digit = ch >= '0' && ch <= '9'   ? (uint32_t)(ch - '0')
                         : ch >= 'a' && ch <= 'f' ? (uint32_t)(ch - 'a' + 10)
                         : ch >= 'A' && ch <= 'F' ? (uint32_t)(ch - 'A' + 10)
                                                  : 16;
        if (digit == 16) return read_syntax(r);
        unit = unit << 4 | digit;
    }
    *ret_unit = unit;
    return true;
}

static char *put_utf8(char *out, uint32_t ch) {
    if (ch < 0x80) {
        *out++ = (char)ch;
        return out;
    }
    if (ch >= 0x10000) {
        *out++ = (char)(0xF0 | ch >> 18);
        *out++ = (char)(0x80 | (ch >> 12 & 0x3F));
    } else if (ch >= 0x800) {
        *out++ = (char)(0xE0 | ch >> 12);
    }
    *out++ = (char)(ch >= 0x800 ? 0x80 | (ch >> 6 & 0x3F) : 0xC0 | ch >> 6);
    *out++ = (char)(0x80 | (ch & 0x3F));
    return out;
}

/* Behind a backslash. Half a surrogate pair is no character, and U+0000 would end texts in places that are written in
 * C. */
static bool read_escape(Reader *r, char **out) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char ch = r->at < r->end ? *r->at : '\0';
    const char *hit = ch == '\0' ? NULL : memchr(from, ch, sizeof from - 1);
    if (hit != NULL) {
        *(*out)++ = to[hit - from];
        r->at++;
        return true;
    }
    if (ch != 'u') return read_syntax(r);
    uint32_t unit, low;
    r->at++;
    if (!read_hex4(r, &unit)) return false;
    if (unit == 0 || (unit >= 0xDC00 && unit <= 0xDFFF)) return read_syntax(r);
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        if (!read_word(r, S("\\u")) || !read_hex4(r, &low)) return false;
        if (low < 0xDC00 || low > 0xDFFF) return read_syntax(r);
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }
    *out = put_utf8(*out, unit);
    return true;
}

/* Behind the opening quote, at the first escape: copies what came before, then translates. */
static bool read_escaped(Reader *r, const char *from, Str *ret_text) {
    const char *end = r->at;
    while (end < r->end && *end != '"') end += *end == '\\' ? 2 : 1;
    if (end >= r->end) end = r->end; /* unterminated: found below, with its place */
    char *text = arena_take(r->put.arena, end - from + 1, 1), *out = text;
    r->at = from;
    for (;;) {
        const char *stop = plain_end(r->at, r->end);
        memcpy(out, r->at, (size_t)(stop - r->at));
        out += stop - r->at;
        r->at = stop;
        if (stop == r->end || (*stop != '"' && *stop != '\\')) return read_syntax(r);
        r->at++;
        if (*stop == '"') break;
        if (!read_escape(r, &out)) return false;
    }
    *ret_text = (Str){ text, out - text };
    return true;
}

bool read_text(Reader *r, Str *ret_text) {
    if (read_peek(r) != '"') return read_syntax(r);
    const char *from = ++r->at;
    r->at = plain_end(from, r->end);
    if (r->at == r->end || (unsigned char)*r->at < 0x20) return read_syntax(r);
    if (*r->at == '\\') return read_escaped(r, from, ret_text);
    *ret_text = (Str){ from, r->at++ - from };
    return true;
}

bool read_key(Reader *r, Str *ret_key) {
    if (!read_text(r, ret_key)) return false;
    if (read_peek(r) != ':') return read_syntax(r);
    r->at++;
    return true;
}

/* ---- numbers ---- */

static bool skip_digits(Reader *r) {
    const char *from = r->at;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9') r->at++;
    return r->at > from || read_syntax(r);
}

bool read_number(Reader *r, NumberKind *ret_kind, int64_t *ret_value) {
    const char *from = r->at;
    if (*r->at == '-') r->at++;
    bool is_zero = r->at < r->end && *r->at == '0';
    if (is_zero) r->at++;
    else if (!skip_digits(r)) return false;
    Str digits = { from, r->at - from };
    bool is_real = false;
    if (r->at < r->end && *r->at == '.') {
        is_real = true;
        r->at++;
        if (!skip_digits(r)) return false;
    }
    if (r->at < r->end && (*r->at == 'e' || *r->at == 'E')) {
        is_real = true;
        r->at++;
        if (r->at < r->end && (*r->at == '+' || *r->at == '-')) r->at++;
        if (!skip_digits(r)) return false;
    }
    *ret_kind = is_real ? NUMBER_REAL : str_to_int(digits, ret_value) ? NUMBER_INT : NUMBER_TOO_BIG;
    return true;
}

/* ---- what no table wants to have: checked just as strictly, then passed over ---- */

static bool open_key(Reader *r, const Place *place, int64_t first, Str key) {
    if (r->open_key_count == JSON_KEYS_MAX) {
        return BREAK(r, "json.too_many_keys", "一个对象里的项超过 %d 个", "more than %d keys in one object", JSON_KEYS_MAX);
    }
    uint64_t hash = str_hash(key);
    for (int64_t i = first; i < r->open_key_count; i++) {
        if (r->open_keys[i].hash != hash || !str_equal(r->open_keys[i].key, key)) continue;
        COMPLAIN(&r->put, place, "field.duplicate", "这一项写了两次", "this key is given twice");
        return !r->put.is_broken;
    }
    r->open_keys[r->open_key_count++] = (OpenKey){ hash, key };
    return true;
}

static bool skip_inside(Reader *r, const Place *place, char close) {
    int64_t first = r->open_key_count;
    bool is_more;
    if (!read_open(r, close, &is_more)) return false;
    while (is_more) {
        Str key;
        if (close == '}' && (!read_key(r, &key) || !open_key(r, place, first, key))) return false;
        if (!read_skip(r, place) || !read_next(r, close, &is_more)) return false;
    }
    r->open_key_count = first;
    return true;
}

bool read_skip(Reader *r, const Place *place) {
    NumberKind kind;
    int64_t value;
    Str text;
    switch (read_peek(r)) {
    case '{': return skip_inside(r, place, '}');
    case '[': return skip_inside(r, place, ']');
    case '"': return read_text(r, &text);
    case 't': return read_word(r, S("true"));
    case 'f': return read_word(r, S("false"));
    case 'n': return read_word(r, S("null"));
    case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
        return read_number(r, &kind, &value);
    default: return read_syntax(r);
    }
}
