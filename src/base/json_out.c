/* JSON out, straight from the Field table in its order: no tree between a struct and its text. */
#include "base/field.h"
#include <assert.h>
#include <string.h>

static const void *member(const Field *field, const void *obj) { return (const char *)obj + field->offset; }

/* Escapes only what RFC 8259 asks for; UTF-8 passes as it is. */
void json_print_str(Buf *b, Str s) {
    buf_char(b, '"');
    int64_t from = 0;
    for (int64_t i = 0; i < s.len; i++) {
        unsigned char ch = (unsigned char)s.at[i];
        if (ch >= 0x20 && ch != '"' && ch != '\\') continue;
        buf_add(b, (Str){ s.at + from, i - from });
        from = i + 1;
        switch (ch) {
        case '"': buf_add(b, S("\\\"")); break;
        case '\\': buf_add(b, S("\\\\")); break;
        case '\n': buf_add(b, S("\\n")); break;
        case '\r': buf_add(b, S("\\r")); break;
        case '\t': buf_add(b, S("\\t")); break;
        default: buf_add(b, S("\\u00")); buf_char(b, "01"[ch >> 4]); buf_char(b, "0123456789abcdef"[ch & 15]); break;
        }
    }
    if (from < s.len) buf_add(b, (Str){ s.at + from, s.len - from });
    buf_char(b, '"');
}

static void print_digits(Buf *b, int64_t value, int64_t count) {
    char digits[8];
    assert(count <= (int64_t)sizeof digits);
    for (int64_t i = count - 1; i >= 0; i--, value /= 10) digits[i] = (char)('0' + value % 10);
    buf_add(b, (Str){ digits, count });
}

/* 20260131 as 2026-01-31; 0 as nothing. */
static void print_day(Buf *b, int64_t day) {
    if (day == 0) return;
    assert(day >= 10101 && day <= 99991231);
    print_digits(b, day / 10000, 4);
    buf_char(b, '-');
    print_digits(b, day / 100 % 100, 2);
    buf_char(b, '-');
    print_digits(b, day % 100, 2);
}

static void print_id(Buf *b, int64_t id) {
    if (id != 0) buf_int(b, id);
}

static void print_hex(Buf *b, Bytes bytes) {
    for (int64_t i = 0; i < bytes.len; i++) {
        buf_char(b, "0123456789abcdef"[bytes.at[i] >> 4]);
        buf_char(b, "0123456789abcdef"[bytes.at[i] & 15]);
    }
}

static const char *choice(const Field *field, const void *at) {
    int value = *(const int *)at;
    for (int i = 0; i < value; i++) assert(field->choices[i] != NULL);
    assert(value >= 0 && field->choices[value] != NULL);
    return field->choices[value];
}

static void print_strs(Buf *b, const StrList *list) {
    buf_char(b, '[');
    for (int64_t i = 0; i < list->count; i++) {
        if (i > 0) buf_char(b, ',');
        json_print_str(b, list->items[i]);
    }
    buf_char(b, ']');
}

static void print_ids(Buf *b, const IntList *list) {
    buf_char(b, '[');
    for (int64_t i = 0; i < list->count; i++) {
        if (i > 0) buf_char(b, ',');
        buf_char(b, '"');
        print_id(b, list->items[i]);
        buf_char(b, '"');
    }
    buf_char(b, ']');
}

static void print_value(Buf *b, const Field *field, const void *obj) {
    const void *at = member(field, obj);
    switch (field->kind) {
    case FIELD_INT: buf_int(b, *(const int64_t *)at); return;
    case FIELD_BOOL: buf_add(b, *(const bool *)at ? S("true") : S("false")); return;
    case FIELD_STR: json_print_str(b, *(const Str *)at); return;
    case FIELD_ENUM: json_print_str(b, str_of(choice(field, at))); return;
    case FIELD_BYTES: case FIELD_ID: case FIELD_DAY:
        buf_char(b, '"');
        field_print_text(b, field, obj);
        buf_char(b, '"');
        return;
    case FIELD_OBJECT: json_print(b, field->of, at); return;
    case FIELD_LIST: json_print_list(b, field->of, *(const ListAny *)at); return;
    case FIELD_STRS: print_strs(b, at); return;
    case FIELD_IDS: print_ids(b, at); return;
    case FIELD_JSON: buf_add(b, ((const Str *)at)->len == 0 ? S("{}") : *(const Str *)at); return;
    }
    assert(false && "a Field row without a kind");
}

void json_print(Buf *b, const Fields *fields, const void *obj) {
    char before = '{';
    for (int64_t i = 0; i < fields->count; i++) {
        const Field *field = &fields->field[i];
        if (field->skip_zero && field_is_zero(field, obj)) continue;
        buf_char(b, before);
        buf_char(b, '"');
        buf_cstr(b, field->name);
        buf_add(b, S("\":"));
        print_value(b, field, obj);
        before = ',';
    }
    if (before == '{') buf_char(b, '{');
    buf_char(b, '}');
}

void json_print_list(Buf *b, const Fields *of, ListAny list) {
    buf_char(b, '[');
    for (int64_t i = 0; i < list.count; i++) {
        if (i > 0) buf_char(b, ',');
        json_print(b, of, (const char *)list.items + i * of->size);
    }
    buf_char(b, ']');
}

Str json_strs(Arena *a, const StrList *list) {
    Buf b = { .arena = a };
    buf_char(&b, '[');
    for (int64_t i = 0; i < list->count; i++) {
        if (i > 0) buf_char(&b, ',');
        json_print_str(&b, list->items[i]);
    }
    buf_char(&b, ']');
    return buf_str(&b);
}

Str json_ids(Arena *a, const IntList *list) {
    Buf b = { .arena = a };
    buf_char(&b, '[');
    for (int64_t i = 0; i < list->count; i++)
        buf_print(&b, i > 0 ? ",\"%lld\"" : "\"%lld\"", (long long)list->items[i]);
    buf_char(&b, ']');
    return buf_str(&b);
}

void field_print_text(Buf *b, const Field *field, const void *obj) {
    const void *at = member(field, obj);
    switch (field->kind) {
    case FIELD_STR: buf_add(b, *(const Str *)at); return;
    case FIELD_ENUM: buf_cstr(b, choice(field, at)); return;
    case FIELD_ID: print_id(b, *(const int64_t *)at); return;
    case FIELD_DAY: print_day(b, *(const int64_t *)at); return;
    case FIELD_BYTES: print_hex(b, *(const Bytes *)at); return;
    case FIELD_INT:
    case FIELD_BOOL:
    case FIELD_OBJECT:
    case FIELD_LIST:
    case FIELD_STRS:
    case FIELD_IDS:
    case FIELD_JSON:
        print_value(b, field, obj);
        return;
    }
    assert(false && "a Field row without a kind");
}
