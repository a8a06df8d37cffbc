#include <assert.h>
#include <string.h>
#include "base/field_put.h"

static int64_t member_size(const Field *field) {
    switch (field->kind) {
    case FIELD_INT:
    case FIELD_ID:
    case FIELD_DAY:
        return (int64_t)sizeof(int64_t);
    case FIELD_BOOL:
        return (int64_t)sizeof(bool);
    case FIELD_STR:
    case FIELD_JSON:
        return (int64_t)sizeof(Str);
    case FIELD_BYTES:
        return (int64_t)sizeof(Bytes);
    case FIELD_ENUM:
        return (int64_t)sizeof(int);
    case FIELD_OBJECT:
        return field->of->size;
    case FIELD_LIST:
    case FIELD_STRS:
    case FIELD_IDS:
        return (int64_t)sizeof(ListAny);
    }
    return 0;
}

void fields_overlay(const Fields *from, const void *change, const Fields *to, void *obj) {
    assert(from->given_at >= 0);
    for (int64_t i = 0; i < from->count; i++) {
        const Field *field = &from->field[i];
        if (field->is_out || !field_is_given(from, change, field->name)) continue;
        const Field *target = fields_find(to, str_of(field->name));
        if (target == NULL) continue;
        assert(target->kind == field->kind);
        memcpy(field_at(target, obj), field_in(field, change), (size_t)member_size(field));
    }
}
