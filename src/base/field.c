#include "base/field_put.h"
#include "base/day.h"
#include <assert.h>
#include <string.h>

const Field field_any_str = { .name = "", .kind = FIELD_STR };
const Field field_any_id = { .name = "", .kind = FIELD_ID };

const Field *fields_find(const Fields *fields, Str name) {
    for (int64_t i = 0; i < fields->count; i++) {
        if (str_is(name, fields->field[i].name)) return &fields->field[i];
    }
    return NULL;
}

bool field_is_given(const Fields *fields, const void *obj, const char *name) {
    assert(fields->given_at >= 0);
    const Field *field = fields_find(fields, str_of(name));
    assert(field != NULL);
    uint64_t given;
    memcpy(&given, (const char *)obj + fields->given_at, sizeof given);
    return (given >> (field - fields->field) & 1) != 0;
}

static bool is_all_zero(const Fields *fields, const void *obj) {
    for (int64_t i = 0; i < fields->count; i++) {
        if (!field_is_zero(&fields->field[i], obj)) return false;
    }
    return true;
}

bool field_is_zero(const Field *field, const void *obj) {
    const void *at = field_in(field, obj);
    switch (field->kind) {
    case FIELD_INT: case FIELD_ID: case FIELD_DAY: return *(const int64_t *)at == 0;
    case FIELD_BOOL: return !*(const bool *)at;
    case FIELD_STR: case FIELD_JSON: return ((const Str *)at)->len == 0;
    case FIELD_BYTES: return ((const Bytes *)at)->len == 0;
    case FIELD_ENUM: return *(const int *)at == 0;
    case FIELD_OBJECT: return is_all_zero(field->of, at);
    case FIELD_LIST: case FIELD_STRS: case FIELD_IDS: return ((const ListAny *)at)->count == 0;
    }
    assert(false && "a Field row without a kind");
    return true;
}

/* RFC 6901: "~" is written "~0", "/" is written "~1". */
static void pointer_add(Buf *b, const Place *place) {
    if (place == NULL) return;
    pointer_add(b, place->up);
    if (place->up == NULL) {
        buf_add(b, place->name); /* the root is a pointer already */
        return;
    }
    buf_char(b, '/');
    if (place->name.at == NULL) {
        buf_int(b, place->index);
        return;
    }
    for (int64_t i = 0; i < place->name.len; i++) {
        char ch = place->name.at[i];
        if (ch == '~') buf_cstr(b, "~0");
        else if (ch == '/') buf_cstr(b, "~1");
        else buf_char(b, ch);
    }
}

Str place_pointer(Arena *a, const Place *place) {
    Buf b = { .arena = a };
    pointer_add(&b, place);
    return buf_str(&b);
}

void put_missing(Put *p, const Place *place) {
    COMPLAIN(p, place, "field.missing", "这一项必须填写", "this must be given");
}

void put_too_big(Put *p, const Place *place) {
    COMPLAIN(p, place, "field.too_big", "数字太大，系统存不下", "this number is too big to be stored");
}

void put_not_integer(Put *p, const Place *place) {
    COMPLAIN(p, place, "field.not_integer", "要填整数，不能有小数点（金额以分为单位）",
             "must be a whole number without a decimal point (money is counted in fen)");
}

void put_int(Put *p, const Place *place, const Field *field, int64_t value, void *obj) {
    int64_t max = field->max == 0 ? INT64_MAX : field->max;
    if (!p->is_trusted && value < field->min) {
        COMPLAIN(p, place, "field.too_small", "不能小于 %lld", "must not be less than %lld", (long long)field->min);
        return;
    }
    if (!p->is_trusted && value > max) {
        COMPLAIN(p, place, "field.too_large", "不能大于 %lld", "must not be more than %lld", (long long)max);
        return;
    }
    memcpy(field_at(field, obj), &value, sizeof value);
}

bool put_count(Put *p, const Place *place, const Field *field, int64_t count) {
    int64_t most = field->max == 0 ? LIST_MAX : field->max;
    if (p->is_trusted || count <= most) return true;
    COMPLAIN(p, place, "field.too_many", "最多 %lld 项", "at most %lld items", (long long)most);
    return false;
}

/* False and a complaint when a text is longer than the row allows. */
static bool fits(Put *p, const Place *place, const Field *field, int64_t most_default, int64_t len, Str text) {
    int64_t most = field->max == 0 ? most_default : field->max;
    if (p->is_trusted || len <= most || (text.at != NULL && str_chars(text) <= most)) return true;
    COMPLAIN(p, place, "field.too_long", "最多 %lld 个字", "at most %lld characters", (long long)most);
    return false;
}

static int64_t two(const char *at) { return (at[0] - '0') * 10 + (at[1] - '0'); }

/* "2026-01-31" as 20260131, whether there is such a day or not; 0 for anything else. */
static int64_t day_digits(Str text) {
    if (text.len != 10 || text.at[4] != '-' || text.at[7] != '-') return 0;
    for (int64_t i = 0; i < 10; i++) {
        if (i != 4 && i != 7 && (text.at[i] < '0' || text.at[i] > '9')) return 0;
    }
    return two(text.at) * 1000000 + two(text.at + 2) * 10000 + two(text.at + 5) * 100 + two(text.at + 8);
}

static void put_day(Put *p, const Place *place, const Field *field, int64_t day, void *obj) {
    if (day_is_valid(day)) {
        memcpy(field_at(field, obj), &day, sizeof day);
        return;
    }
    COMPLAIN(p, place, "field.bad_day", "没有这一天，日期要写成 2026-01-31 这样",
             "there is no such day; write it like 2026-01-31");
}

static void put_id(Put *p, const Place *place, const Field *field, Str text, void *obj) {
    int64_t id;
    bool is_plain = text.len > 0 && text.at[0] != '-' && (text.at[0] != '0' || text.len == 1);
    if (!is_plain || !str_to_int(text, &id)) {
        COMPLAIN(p, place, "field.bad_id", "编号不对，应当是一串数字", "this is not an id; ids are digits only");
        return;
    }
    if (id == 0 && field->need && !p->is_trusted) {
        put_missing(p, place);
        return;
    }
    memcpy(field_at(field, obj), &id, sizeof id);
}

static void bad_choice(Put *p, const Place *place, const Field *field) {
    Buf b = { .arena = p->arena };
    for (int64_t i = 0; field->choices[i] != NULL; i++) {
        if (field->choices[i][0] == '\0') continue;
        if (b.len > 0) buf_cstr(&b, ", ");
        buf_cstr(&b, field->choices[i]);
    }
    Str list = buf_str(&b);
    COMPLAIN(p, place, "field.bad_choice", "只能是其中之一：%.*s", "must be one of: %.*s", (int)list.len, list.at);
}

static void put_choice(Put *p, const Place *place, const Field *field, Str text, void *obj) {
    for (int i = 0; field->choices[i] != NULL; i++) {
        if (!str_is(text, field->choices[i])) continue;
        memcpy(field_at(field, obj), &i, sizeof i);
        return;
    }
    bad_choice(p, place, field);
}

static void put_hex(Put *p, const Place *place, const Field *field, Str text, void *obj) {
    if (!fits(p, place, field, TEXT_MAX_DEFAULT, text.len / 2, (Str){ 0 })) return;
    if (arena_unhex(p->arena, text, field_at(field, obj))) return;
    COMPLAIN(p, place, "field.bad_hex", "应当是成对的十六进制数字", "must be pairs of hexadecimal digits");
}

void put_text(Put *p, const Place *place, const Field *field, Str text, void *obj) {
    if (text.len == 0) {
        bool is_choice = field->kind == FIELD_ENUM && field->choices[0][0] != '\0';
        if (is_choice) bad_choice(p, place, field);
        else if (field->need && !p->is_trusted) put_missing(p, place);
        return; /* the empty text is the member's zero */
    }
    switch (field->kind) {
    case FIELD_STR:
        if (fits(p, place, field, TEXT_MAX_DEFAULT, text.len, text)) memcpy(field_at(field, obj), &text, sizeof text);
        return;
    case FIELD_BYTES: put_hex(p, place, field, text, obj); return;
    case FIELD_ID: put_id(p, place, field, text, obj); return;
    case FIELD_DAY: put_day(p, place, field, day_digits(text), obj); return;
    case FIELD_ENUM: put_choice(p, place, field, text, obj); return;
    case FIELD_JSON:
        if (fits(p, place, field, JSON_TEXT_MAX_DEFAULT, text.len, text))
            memcpy(field_at(field, obj), &text, sizeof text);
        return;
    case FIELD_INT: case FIELD_BOOL: case FIELD_OBJECT: case FIELD_LIST: case FIELD_STRS: case FIELD_IDS: break;
    }
    assert(false && "put_text: not the kind of a text");
}

/* ---- one value given as text ---- */

static void parse_int(Put *p, const Place *place, const Field *field, Str text, void *obj) {
    int64_t value;
    if (str_to_int(text, &value)) {
        put_int(p, place, field, value, obj);
        return;
    }
    bool is_digits = true;
    for (int64_t i = text.at[0] == '-' && text.len > 1 ? 1 : 0; i < text.len; i++) {
        is_digits = is_digits && text.at[i] >= '0' && text.at[i] <= '9';
    }
    if (is_digits) put_too_big(p, place);
    else put_not_integer(p, place);
}

static void parse_bool(Put *p, const Place *place, const Field *field, Str text, void *obj) {
    bool is_true = str_is(text, "true") || str_is(text, "1");
    if (!is_true && !str_is(text, "false") && !str_is(text, "0")) {
        COMPLAIN(p, place, "field.wrong_type", "只能是 true 或 false", "must be true or false");
        return;
    }
    memcpy(field_at(field, obj), &is_true, sizeof is_true);
}

/* "a,b,c" into a StrList or IntList; white space around the parts does not count. */
static void parse_parts(Put *p, const Place *place, const Field *field, Str text, void *obj) {
    int64_t most = 1, count = 0;
    for (int64_t i = 0; i < text.len; i++) most += text.at[i] == ',';
    if (!put_count(p, place, field, most)) return;
    bool is_strs = field->kind == FIELD_STRS;
    Str *strs = is_strs ? NEW_LIST(p->arena, Str, most) : NULL;
    int64_t *ids = is_strs ? NULL : NEW_LIST(p->arena, int64_t, most);
    for (bool is_more = true; is_more; count++) {
        Str part;
        is_more = str_cut(text, ',', &part, &text);
        put_text(p, &(Place){ place, { 0 }, count }, is_strs ? &field_any_str : &field_any_id, str_trim(part),
                 is_strs ? (void *)&strs[count] : (void *)&ids[count]);
    }
    ListAny list = { is_strs ? (void *)strs : (void *)ids, count };
    memcpy(field_at(field, obj), &list, sizeof list);
}

void field_parse_text(Ctx *c, const Field *field, Str text, Str pointer, void *obj) {
    Put put = { .c = c, .arena = c->arena }, *p = &put;
    Place root = { .name = pointer };
    if (field->is_out) {
        COMPLAIN(p, &root, "field.read_only", "这一项由系统给出，不能填写", "this is set by the system and cannot be sent");
        return;
    }
    if (!str_is_utf8(text) || str_find_char(text, '\0') >= 0) {
        COMPLAIN(p, &root, "field.not_utf8", "文字不是 UTF-8 编码", "the text is not UTF-8");
        return;
    }
    bool is_list = field->kind == FIELD_STRS || field->kind == FIELD_IDS;
    if (text.len == 0 && field->kind != FIELD_STR) {
        if (field->need) put_missing(p, &root);
        return;
    }
    switch (field->kind) {
    case FIELD_INT: parse_int(p, &root, field, text, obj); return;
    case FIELD_BOOL: parse_bool(p, &root, field, text, obj); return;
    case FIELD_STR: case FIELD_BYTES: case FIELD_ID: case FIELD_DAY: case FIELD_ENUM:
        put_text(p, &root, field, text, obj);
        return;
    case FIELD_STRS: case FIELD_IDS: case FIELD_OBJECT: case FIELD_LIST: case FIELD_JSON:
        if (is_list && text.at[0] != '[') parse_parts(p, &root, field, text, obj);
        else put_json(p, &root, field, text, obj);
        return;
    }
}

/* ---- an object that no parser saw ---- */

static void check_fields(Put *p, const Place *place, const Fields *fields, const void *obj);

static void check_list(Put *p, const Place *place, const Field *field, const ListAny *list) {
    if (!put_count(p, place, field, list->count)) return;
    for (int64_t i = 0; i < list->count; i++) {
        Place here = { place, { 0 }, i };
        if (field->kind == FIELD_LIST) {
            check_fields(p, &here, field->of, (const char *)list->items + i * field->of->size);
        } else if (field->kind == FIELD_STRS) {
            Str copy;
            put_text(p, &here, &field_any_str, ((const Str *)list->items)[i], &copy);
        }
    }
}

static void check_choice(Put *p, const Place *place, const Field *field, int value) {
    int count = 0;
    while (field->choices[count] != NULL) count++;
    if (value < 0 || value >= count) bad_choice(p, place, field);
    else if (field->need && field->choices[value][0] == '\0') put_missing(p, place);
}

static void check_field(Put *p, const Place *place, const Field *field, const void *obj) {
    Field alone = *field; /* put_* write the value that they pass: into a copy, for obj is not ours to touch */
    alone.offset = 0;
    const void *at = field_in(field, obj);
    bool is_plain_number = field->kind == FIELD_INT || field->kind == FIELD_BOOL || field->kind == FIELD_ENUM;
    if (field_is_zero(field, obj) && !is_plain_number) {
        bool is_list = field->kind == FIELD_LIST || field->kind == FIELD_STRS || field->kind == FIELD_IDS;
        if (field->need && !is_list) put_missing(p, place);
        return;
    }
    union { int64_t number; Str text; } copy;
    switch (field->kind) {
    case FIELD_INT:
        if (field->need || *(const int64_t *)at != 0) put_int(p, place, &alone, *(const int64_t *)at, &copy);
        return;
    case FIELD_STR: case FIELD_JSON: put_text(p, place, &alone, *(const Str *)at, &copy); return;
    case FIELD_BYTES: fits(p, place, field, TEXT_MAX_DEFAULT, ((const Bytes *)at)->len, (Str){ 0 }); return;
    case FIELD_DAY: put_day(p, place, &alone, *(const int64_t *)at, &copy); return;
    case FIELD_ENUM:
        check_choice(p, place, field, *(const int *)at);
        return;
    case FIELD_OBJECT: check_fields(p, place, field->of, at); return;
    case FIELD_LIST: case FIELD_STRS: case FIELD_IDS: check_list(p, place, field, at); return;
    case FIELD_BOOL: case FIELD_ID: return;
    }
}

static void check_fields(Put *p, const Place *place, const Fields *fields, const void *obj) {
    for (int64_t i = 0; i < fields->count; i++) {
        Place here = { place, str_of(fields->field[i].name), 0 };
        check_field(p, &here, &fields->field[i], obj);
    }
}

Err fields_check(Ctx *c, const Fields *fields, const void *obj) {
    Put put = { .c = c, .arena = c->arena };
    check_fields(&put, &(Place){ 0 }, fields, obj);
    return complaints_refuse(c);
}
