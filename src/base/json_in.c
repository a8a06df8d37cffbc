/* JSON in, led by the Field table. A complaint about a value lets the reading go on, so that the caller hears of all
 * of them. */
#include "base/json_read.h"
#include <assert.h>
#include <string.h>

static void wrong_type(Put *p, const Place *place, FieldKind kind) {
    switch (kind) {
    case FIELD_INT: COMPLAIN(p, place, "field.wrong_type", "应当是数字", "must be a number"); return;
    case FIELD_BOOL: COMPLAIN(p, place, "field.wrong_type", "只能是 true 或 false", "must be true or false"); return;
    case FIELD_STR: case FIELD_BYTES: case FIELD_DAY: case FIELD_ENUM:
        COMPLAIN(p, place, "field.wrong_type", "应当是文字，要加引号", "must be a text in quotes");
        return;
    case FIELD_ID:
        COMPLAIN(p, place, "field.wrong_type", "编号要加引号，写成文字", "ids are texts: put the digits in quotes");
        return;
    case FIELD_OBJECT: case FIELD_JSON:
        COMPLAIN(p, place, "field.wrong_type", "应当是一个对象 {…}", "must be an object {…}");
        return;
    case FIELD_LIST: case FIELD_STRS: case FIELD_IDS:
        COMPLAIN(p, place, "field.wrong_type", "应当是一个列表 […]", "must be a list […]");
        return;
    }
}

static bool read_value(Reader *r, const Place *place, const Field *field, void *obj);

/* The row for a key. Bodies mostly keep the order of the table, so the row behind the last one is tried first. */
static inline int64_t find_row(const Fields *fields, Str key, int64_t guess) {
    for (int64_t i = 0; i < fields->count; i++, guess++) {
        if (guess >= fields->count) guess = 0;
        const char *name = fields->field[guess].name;
        if (strncmp(name, key.at, (size_t)key.len) == 0 && name[key.len] == '\0') return guess;
    }
    return -1;
}

static bool read_member(Reader *r, const Place *place, const Fields *fields, int64_t row, uint64_t *seen, void *obj) {
    Put *p = &r->put;
    if (row < 0) {
        if (!p->is_trusted)
            COMPLAIN(p, place, "field.unknown", "没有这一项，请检查名称", "there is no such field; check the name");
        return read_skip(r, place);
    }
    const Field *field = &fields->field[row];
    if ((*seen >> row & 1) != 0) {
        COMPLAIN(p, place, "field.duplicate", "这一项写了两次", "this key is given twice");
        return read_skip(r, place);
    }
    *seen |= (uint64_t)1 << row;
    if (field->is_out && !p->is_trusted) {
        COMPLAIN(p, place, "field.read_only", "这一项由系统给出，不能填写", "this is set by the system and cannot be sent");
        return read_skip(r, place);
    }
    return read_value(r, place, field, obj);
}

static bool read_object(Reader *r, const Place *place, const Fields *fields, void *obj) {
    assert(fields->count <= FIELDS_MAX);
    uint64_t seen = 0;
    int64_t guess = 0;
    bool is_more;
    if (!read_open(r, '}', &is_more)) return false;
    while (is_more) {
        Place here = { .up = place };
        if (!read_key(r, &here.name)) return false;
        int64_t row = find_row(fields, here.name, guess);
        if (row >= 0) guess = row + 1;
        if (!read_member(r, &here, fields, row, &seen, obj) || !read_next(r, '}', &is_more)) return false;
    }
    if (fields->given_at >= 0) memcpy((char *)obj + fields->given_at, &seen, sizeof seen);
    for (int64_t i = 0; i < fields->count && !r->put.is_trusted; i++) {
        Place here = { place, str_of(fields->field[i].name), 0 };
        if (fields->field[i].need && (seen >> i & 1) == 0) put_missing(&r->put, &here);
    }
    return true;
}

/* LIST, STRS, IDS. Items behind the limit are read for their syntax only, with one complaint for all of them. */
static bool read_list(Reader *r, const Place *place, const Field *field, void *obj) {
    Put *p = &r->put;
    bool is_ids = field->kind == FIELD_IDS, is_plain = field->kind != FIELD_LIST, is_full = false, is_more;
    int64_t size = is_ids ? (int64_t)sizeof(int64_t) : is_plain ? (int64_t)sizeof(Str) : field->of->size, room = 0;
    Field item = { .name = "", .kind = FIELD_OBJECT, .of = field->of };
    ListAny list = { 0 };
    if (!read_open(r, ']', &is_more)) return false;
    while (is_more) {
        Place here = { place, { 0 }, list.count };
        if (!is_full && !put_count(p, place, field, list.count + 1)) is_full = true;
        if (!is_full && list.count == room) {
            room = room == 0 ? 4 : room * 2;
            char *more = arena_take(p->arena, room * size, 16);
            if (list.count > 0) memcpy(more, list.items, (size_t)(list.count * size));
            list.items = more;
        }
        void *at = (char *)list.items + list.count * size;
        bool is_read = is_full ? read_skip(r, place)
                               : read_value(r, &here, is_ids ? &field_any_id : is_plain ? &field_any_str : &item, at);
        if (!is_read || !read_next(r, ']', &is_more)) return false;
        if (!is_full) list.count++;
    }
    memcpy(field_at(field, obj), &list, sizeof list);
    return true;
}

static bool read_int(Reader *r, const Place *place, const Field *field, void *obj) {
    NumberKind kind;
    int64_t value = 0;
    if (!read_number(r, &kind, &value)) return false;
    switch (kind) {
    case NUMBER_INT: put_int(&r->put, place, field, value, obj); break;
    case NUMBER_REAL: put_not_integer(&r->put, place); break;
    case NUMBER_TOO_BIG: put_too_big(&r->put, place); break;
    }
    return true;
}

static bool read_bool(Reader *r, const Field *field, void *obj) {
    bool is_true = *r->at == 't';
    if (!read_word(r, is_true ? S("true") : S("false"))) return false;
    memcpy(field_at(field, obj), &is_true, sizeof is_true);
    return true;
}

static bool read_value(Reader *r, const Place *place, const Field *field, void *obj) {
    Put *p = &r->put;
    char ch = read_peek(r);
    if (ch == 'n') {
        if (!read_word(r, S("null"))) return false;
        if (field->need && !p->is_trusted) put_missing(p, place);
        bool is_item = place->up != NULL && place->name.at == NULL; /* a hole in a list is no value */
        if (is_item) wrong_type(p, place, field->kind);
        return true;
    }
    const char *from = r->at;
    Str text;
    switch (field->kind) {
    case FIELD_INT:
        if (ch == '-' || (ch >= '0' && ch <= '9')) return read_int(r, place, field, obj);
        break;
    case FIELD_BOOL:
        if (ch == 't' || ch == 'f') return read_bool(r, field, obj);
        break;
    case FIELD_STR: case FIELD_BYTES: case FIELD_ID: case FIELD_DAY: case FIELD_ENUM:
        if (ch != '"') break;
        if (!read_text(r, &text)) return false;
        put_text(p, place, field, text, obj);
        return true;
    case FIELD_OBJECT:
        if (ch == '{') return read_object(r, place, field->of, field_at(field, obj));
        break;
    case FIELD_LIST: case FIELD_STRS: case FIELD_IDS:
        if (ch == '[') return read_list(r, place, field, obj);
        break;
    case FIELD_JSON:
        if (ch != '{') break;
        if (!read_skip(r, place)) return false;
        put_text(p, place, field, (Str){ from, r->at - from }, obj);
        return true;
    }
    wrong_type(p, place, field->kind);
    return read_skip(r, place);
}

/* ---- the doors ---- */

/* One value and nothing behind it; a NULL field wants any value. False: broken text. */
static bool read_whole(Put *p, const Place *place, const Field *field, Str text, void *obj) {
    OpenKey keys[JSON_KEYS_MAX]; /* left as it is: only its first open_key_count items mean something */
    if (text.at == NULL) text = S("");
    Reader r = { .put = *p, .root = place, .start = text.at, .at = text.at, .end = text.at + text.len,
                 .open_keys = keys };
    if (p->c != NULL) r.complaints_before = p->c->problem.complaint_count;
    bool is_read = str_is_utf8(text) || BREAK(&r, "json.not_utf8", "内容不是 UTF-8 编码", "the text is not UTF-8");
    if (is_read) is_read = field == NULL ? read_skip(&r, place) : read_value(&r, place, field, obj);
    if (is_read && (read_peek(&r) != '\0' || r.at < r.end)) is_read = read_syntax(&r);
    *p = r.put;
    return is_read && !p->is_broken;
}

void put_json(Put *p, const Place *place, const Field *field, Str text, void *obj) {
    read_whole(p, place, field, text, obj);
}

Err json_parse(Ctx *c, Str text, const Fields *fields, void *ret_obj) {
    Field whole = { .name = "", .kind = FIELD_OBJECT, .of = fields, .need = true };
    memset(ret_obj, 0, (size_t)fields->size);
    read_whole(&(Put){ .c = c, .arena = c->arena }, &(Place){ 0 }, &whole, text, ret_obj);
    return complaints_refuse(c);
}

Err json_parse_list(Ctx *c, Str text, const Fields *of, int64_t most, ListAny *ret_list) {
    Field whole = { .name = "", .kind = FIELD_LIST, .of = of, .need = true, .max = most };
    *ret_list = (ListAny){ 0 };
    read_whole(&(Put){ .c = c, .arena = c->arena }, &(Place){ 0 }, &whole, text, ret_list);
    return complaints_refuse(c);
}

bool json_read(Arena *a, Str text, const Fields *fields, void *ret_obj) {
    Field whole = { .name = "", .kind = FIELD_OBJECT, .of = fields };
    memset(ret_obj, 0, (size_t)fields->size);
    return read_whole(&(Put){ .arena = a, .is_trusted = true }, &(Place){ 0 }, &whole, text, ret_obj);
}

bool field_read_json(Arena *a, const Field *field, Str text, void *obj) {
    return text.len == 0 || read_whole(&(Put){ .arena = a, .is_trusted = true }, &(Place){ 0 }, field, text, obj);
}

bool json_is_valid(Str text) {
    Arena a; /* only for keys with escapes: they are compared as what they mean */
    arena_init(&a, ARENA_BUDGET);
    bool is_valid = read_whole(&(Put){ .arena = &a }, &(Place){ 0 }, NULL, text, NULL);
    arena_free(&a);
    return is_valid;
}
