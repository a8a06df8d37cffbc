/* field_put - 填入: private to base: one value is checked by its Field row and put into its member. The JSON reader,
 * the text parser and fields_check() share it, so a limit means the same whichever way a value comes in. */
#pragma once
#include "base/field.h"

/* Where we are in a body; the pointer text is only made when there is something to complain about. */
typedef struct Place { const struct Place *up; Str name; int64_t index; } Place; /* name.at NULL: item number `index` */
Str place_pointer(Arena *a, const Place *place);

typedef struct Put {
    Ctx *c;          /* who hears complaints, up to COMPLAINTS_MAX; NULL: the first one breaks off */
    Arena *arena;
    bool is_trusted; /* what laoke wrote itself: limits may have changed since, so they are not checked */
    bool is_broken;  /* nothing more can be read */
} Put;

#define COMPLAIN(p, place, ...) do { \
    if ((p)->c == NULL || (p)->c->problem.complaint_count == COMPLAINTS_MAX) (p)->is_broken = true; \
    else complain((p)->c, place_pointer((p)->c->arena, (place)), __VA_ARGS__); \
} while (0)

void put_missing(Put *p, const Place *place);
void put_too_big(Put *p, const Place *place);
void put_not_integer(Put *p, const Place *place);
void put_int(Put *p, const Place *place, const Field *field, int64_t value, void *obj);
void put_text(Put *p, const Place *place, const Field *field, Str text, void *obj);    /* STR, BYTES, ID, DAY, ENUM */
bool put_count(Put *p, const Place *place, const Field *field, int64_t count);         /* false: the list is too long */
extern const Field field_any_str, field_any_id;                      /* items of StrList and IntList */

/* json_in.c: one whole JSON text into the member; an empty text or null leaves it zero. */
void put_json(Put *p, const Place *place, const Field *field, Str text, void *obj);

static inline void *field_at(const Field *field, void *obj) { return (char *)obj + field->offset; }
static inline const void *field_in(const Field *field, const void *obj) { return (const char *)obj + field->offset; }
