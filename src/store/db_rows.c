#include "store/db_engine.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Err column_map(Ctx *c, ColumnMap *map, const Query *q, int64_t columns,
               const char *(*name)(const void *source, int64_t i), const void *source) {
    if (map->fields == q->fields && map->count == columns) return OK;
    const Field **field = realloc(map->field, (size_t)columns * sizeof *field);
    assert(field != NULL || columns == 0);
    *map = (ColumnMap){ .field = field };
    for (int64_t i = 0; i < columns; i++) {
        field[i] = fields_find(q->fields, str_of(name(source, i)));
        if (field[i] != NULL) continue;
        char words[200];
        snprintf(words, sizeof words, "column %s is no field of %s", name(source, i), q->fields->name);
        return store_defect(c, q->sql, words);
    }
    map->fields = q->fields;
    map->count = columns;
    return OK;
}

void column_map_free(ColumnMap *map) {
    free(map->field);
    *map = (ColumnMap){ 0 };
}

enum { ROOM_FIRST = 16 };

void *query_row(Ctx *c, Query *q) {
    if (q->want != WANT_LIST) return memset(q->row, 0, (size_t)q->fields->size);
    if (q->seen == q->room) {
        int64_t room = q->room == 0 ? ROOM_FIRST : q->room * 4;
        if (room > q->most) room = q->most;
        char *items = arena_take(c->arena, room * q->fields->size, 16);
        if (q->seen > 0) memcpy(items, q->list.items, (size_t)(q->seen * q->fields->size));
        q->list.items = items;
        q->room = room;
    }
    return (char *)q->list.items + q->seen * q->fields->size;
}

Err query_row_done(Ctx *c, Query *q, bool *ret_more) {
    q->seen++;
    *ret_more = true;
    if (q->want == WANT_EACH) return q->each(c, q->row, q->arg);
    if (q->want == WANT_LIST) q->list.count = q->seen;
    *ret_more = q->want == WANT_LIST && q->seen < q->most;
    return OK;
}

static Err wrong_kind(Ctx *c, const Query *q, const Field *field, const char *why) {
    char words[200];
    snprintf(words, sizeof words, "column %s %s", field->name, why);
    return store_defect(c, q->sql, words);
}

static int64_t size_of(const Field *field) {
    if (field->kind == FIELD_OBJECT) return field->of->size;
    return (int64_t)sizeof(ListAny);
}

/* A structure kept as JSON text is read as the one member of an object, for the parser knows objects only. */
static Err structure_cell(Ctx *c, const Query *q, const Field *field, Str text, char *at) {
    if (text.len == 0) return OK;
    Buf b = { .arena = c->arena };
    buf_cstr(&b, "{\"v\":");
    buf_add(&b, text);
    buf_char(&b, '}');
    Field inner = *field;
    inner.name = "v";
    inner.offset = 0;
    const Fields outer = { .name = "stored", .size = size_of(field), .field = &inner, .count = 1, .given_at = -1 };
    void *value = arena_take(c->arena, outer.size, 16);
    if (!json_read(c->arena, buf_str(&b), &outer, value))
        return wrong_kind(c, q, field, "holds JSON that its fields refuse");
    memcpy(at, value, (size_t)outer.size);
    return OK;
}

static Err enum_cell(Ctx *c, const Query *q, const Field *field, Str text, char *at) {
    for (int i = 0; field->choices[i] != NULL; i++) {
        if (!str_is(text, field->choices[i])) continue;
        memcpy(at, &i, sizeof i);
        return OK;
    }
    return wrong_kind(c, q, field, "holds a text that is none of its choices");
}

static Err text_cell(Ctx *c, const Query *q, const Field *field, const DbValue *value, char *at) {
    switch (field->kind) {
    case FIELD_STR:
    case FIELD_JSON:
        *(Str *)(void *)at = q->want == WANT_EACH ? value->text : arena_str(c->arena, value->text);
        return OK;
    case FIELD_ENUM:
        return enum_cell(c, q, field, value->text, at);
    case FIELD_OBJECT:
    case FIELD_LIST:
    case FIELD_STRS:
    case FIELD_IDS:
        return structure_cell(c, q, field, value->text, at);
    case FIELD_INT:
    case FIELD_BOOL:
    case FIELD_BYTES:
    case FIELD_ID:
    case FIELD_DAY:
        break;
    }
    return wrong_kind(c, q, field, "is TEXT, but its field is not");
}

Err query_cell(Ctx *c, const Query *q, const Field *field, const DbValue *value, void *row) {
    char *at = (char *)row + field->offset;
    if (value->kind == DB_INT) {
        switch (field->kind) {
        case FIELD_INT:
        case FIELD_ID:
        case FIELD_DAY:
            *(int64_t *)(void *)at = value->num;
            return OK;
        case FIELD_BOOL:
            *(bool *)at = value->num != 0;
            return OK;
        case FIELD_STR:
        case FIELD_BYTES:
        case FIELD_ENUM:
        case FIELD_OBJECT:
        case FIELD_LIST:
        case FIELD_STRS:
        case FIELD_IDS:
        case FIELD_JSON:
            return wrong_kind(c, q, field, "is BIGINT, but its field is not");
        }
    }
    if (value->kind == DB_TEXT) return text_cell(c, q, field, value, at);
    if (value->kind == DB_BLOB) {
        if (field->kind != FIELD_BYTES) return wrong_kind(c, q, field, "is BYTEA, but its field is not");
        const unsigned char *bytes = (const unsigned char *)value->text.at;
        *(Bytes *)(void *)at =
            q->want == WANT_EACH ? (Bytes){ bytes, value->text.len } : arena_bytes(c->arena, bytes, value->text.len);
    }
    return OK; /* NULL (an outer join, MAX over nothing) is the zero value */
}
