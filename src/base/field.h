/* field - 字段表: one table per struct says how it is parsed and checked, printed as JSON, mapped from SQL rows by
 * column name, described in OpenAPI, headed in CSV. _Generic takes the kind from the C member, so table and struct
 * cannot disagree.
 *
 *   typedef struct PointsEarn { int64_t member_id, points; Str reason; } PointsEarn;
 *   static const Field points_earn_field[] = {
 *       FIELD_ID(PointsEarn, member_id, .need = true),
 *       FIELD(PointsEarn, points, .need = true, .min = 1, .max = POINTS_PER_CALL_MAX),
 *       FIELD(PointsEarn, reason, .max = 200),
 *   };
 *   const Fields points_earn_fields = FIELDS(PointsEarn, points_earn_field);
 *
 * C member     kind          JSON                     SQL
 * int64_t      FIELD_INT     number (exact)           BIGINT
 * bool         FIELD_BOOL    true/false               BIGINT 0/1
 * Str          FIELD_STR     string                   TEXT
 * Bytes        FIELD_BYTES   string of hex digits     BYTEA
 * int64_t      FIELD_ID      string of digits; "" = 0 BIGINT
 * int64_t      FIELD_DAY     "2026-01-31"; "" = 0     BIGINT 20260131
 * enum / int   FIELD_ENUM    one of .choices          TEXT of the choice
 * struct       FIELD_OBJECT  object by .of            TEXT of its JSON
 * LIST_OF(T)   FIELD_LIST    array of objects by .of  TEXT of its JSON
 * StrList      FIELD_STRS    array of strings         TEXT of its JSON
 * IntList      FIELD_IDS     array of id strings      TEXT of its JSON
 * Str          FIELD_JSON    any object, kept as text TEXT
 *
 * Zero is the valid empty value: an absent or null member is left zero, unless .need. Unknown keys are complaints. */
#pragma once
#include "base/ctx.h"

typedef enum FieldKind {
    FIELD_INT = 1, FIELD_BOOL, FIELD_STR, FIELD_BYTES, FIELD_ID, FIELD_DAY, FIELD_ENUM, FIELD_OBJECT, FIELD_LIST,
    FIELD_STRS, FIELD_IDS, FIELD_JSON,
} FieldKind;

typedef struct Fields Fields;
typedef struct Field {
    const char *name;
    FieldKind kind;
    int64_t offset;
    bool need;                       /* must be given (texts: and not empty) */
    bool is_out;                     /* only printed; given in a body it is a complaint "field.read_only" */
    bool is_secret;                  /* never logged, never in the audit trail (password, code, key) */
    bool is_personal;                /* personal data: never logged, masked in the audit trail */
    bool skip_zero;                  /* printed only when not zero / empty */
    /* FIELD_INT: range (max 0 = INT64_MAX; min INT64_MIN must be said); texts: longest in characters (0 = 255,
     * FIELD_JSON 65536; FIELD_BYTES counts bytes); lists: most items (0 = LIST_MAX) */
    int64_t min, max;
    const char *const *choices;      /* FIELD_ENUM: NULL-terminated, index = C value */
    const Fields *of;                /* FIELD_OBJECT, FIELD_LIST */
    const char *about;               /* one line for OpenAPI, English */
} Field;

struct Fields {
    const char *name;                /* the struct's name: schema name in OpenAPI */
    int64_t size;
    const Field *field;
    int64_t count;
    int64_t given_at;                /* offset of a `uint64_t given` that receives which fields were given; -1 = none */
};

enum { LIST_MAX = 500, TEXT_MAX_DEFAULT = 255, JSON_TEXT_MAX_DEFAULT = 64 << 10, JSON_DEPTH_MAX = 16, FIELDS_MAX = 64,
       JSON_KEYS_MAX = 256 /* keys open at once inside a value that is kept or skipped as text */ };

/* The kind of a plain member. Anything else is a compile error. */
#define FIELD_KIND(x) _Generic((x), int64_t: FIELD_INT, bool: FIELD_BOOL, Str: FIELD_STR, Bytes: FIELD_BYTES, \
                               StrList: FIELD_STRS, IntList: FIELD_IDS)
#define FIELD_MEMBER(T, m) (((T *)0)->m)
#define FIELD(T, m, ...) { .name = #m, .kind = FIELD_KIND(FIELD_MEMBER(T, m)), .offset = offsetof(T, m), __VA_ARGS__ }
#define FIELD_ONLY(T, m, C) (offsetof(T, m) + 0 * sizeof(_Generic(FIELD_MEMBER(T, m), C: 1)))
#define FIELD_ID(T, m, ...) { .name = #m, .kind = FIELD_ID, .offset = FIELD_ONLY(T, m, int64_t), __VA_ARGS__ }
#define FIELD_DAY(T, m, ...) { .name = #m, .kind = FIELD_DAY, .offset = FIELD_ONLY(T, m, int64_t), __VA_ARGS__ }
#define FIELD_ENUM(T, m, names, ...) { .name = #m, .kind = FIELD_ENUM, .choices = (names), \
    .offset = offsetof(T, m) + 0 * sizeof(char[sizeof(FIELD_MEMBER(T, m)) == sizeof(int) ? 1 : -1]), __VA_ARGS__ }
#define FIELD_JSON(T, m, ...) { .name = #m, .kind = FIELD_JSON, .offset = FIELD_ONLY(T, m, Str), __VA_ARGS__ }
#define FIELD_OBJECT(T, m, fields, ...) { .name = #m, .kind = FIELD_OBJECT, .of = &(fields), \
    .offset = offsetof(T, m), __VA_ARGS__ }
#define FIELD_LIST(T, m, fields, ...) { .name = #m, .kind = FIELD_LIST, .of = &(fields), \
    .offset = offsetof(T, m) + 0 * sizeof(FIELD_MEMBER(T, m).items) + 0 * sizeof(FIELD_MEMBER(T, m).count), \
    __VA_ARGS__ }

#define FIELDS(T, table) { .name = #T, .size = sizeof(T), .field = (table), \
    .count = (int64_t)(sizeof(table) / sizeof((table)[0])), .given_at = -1 }
/* For PATCH: T has `uint64_t given`; bit i says that table[i] was in the body. */
#define FIELDS_GIVEN(T, table) { .name = #T, .size = sizeof(T), .field = (table), \
    .count = (int64_t)(sizeof(table) / sizeof((table)[0])), .given_at = (int64_t)offsetof(T, given) }

const Field *fields_find(const Fields *fields, Str name);
bool field_is_given(const Fields *fields, const void *obj, const char *name);
bool field_is_zero(const Field *field, const void *obj);
/* A PATCH: copies what was given in `change` into the members of the same name of `obj`; read-only fields are left
 * alone. */
void fields_overlay(const Fields *from, const void *change, const Fields *to, void *obj);

/* JSON in: strict RFC 8259 in strict UTF-8, exact int64, depth <= JSON_DEPTH_MAX, no duplicate keys, no U+0000.
 * A number for FIELD_INT is digits only: 1.0 and 1e3 are refused. null leaves a member zero. Collects complaints into
 * c->problem (all of them, with JSON pointers) and ends with complaints_refuse(). Texts point into `text` where they
 * hold no escapes, so `text` must live as long as `ret_obj`. ret_obj is zeroed first; after a refusal its content
 * means nothing.
 * Codes of complaints
 *   about the text (then the only one; offsets in bytes): json.syntax, json.not_utf8, json.too_deep, json.too_many_keys
 *   about keys: field.unknown, field.duplicate, field.read_only, field.missing
 *   about values: field.wrong_type, field.not_integer, field.too_big (past int64), field.too_small, field.too_large,
 *   field.too_long (text), field.too_many (list), field.bad_choice, field.bad_day, field.bad_id, field.bad_hex,
 *   field.not_utf8 */
Err json_parse(Ctx *c, Str text, const Fields *fields, void *ret_obj);
/* Same for an array of objects (CSV rows, stored lists). */
Err json_parse_list(Ctx *c, Str text, const Fields *of, int64_t most, ListAny *ret_list);
/* Reads back what laoke itself has printed (columns, payloads, stored answers): keys that are gone are skipped,
 * .is_out is read, limits are not checked. False: not JSON, or not of these types. No Ctx, no complaints. */
bool json_read(Arena *a, Str text, const Fields *fields, void *ret_obj);
/* Same for the JSON of one member (OBJECT, LIST, STRS, IDS, JSON columns); an empty text leaves it zero. */
bool field_read_json(Arena *a, const Field *field, Str text, void *obj);
/* True if text is one strict JSON value within the depth limit (FIELD_JSON, stored payloads). */
bool json_is_valid(Str text);

/* One value given as text (query parameter, path part, CSV cell): same checks, complaints under `pointer`. */
void field_parse_text(Ctx *c, const Field *field, Str text, Str pointer, void *obj);
/* The checks that no parser saw (.need, .min, .max) for an object built in C or from CSV cells. */
Err fields_check(Ctx *c, const Fields *fields, const void *obj);

/* JSON out, in the order of the table. */
void json_print(Buf *b, const Fields *fields, const void *obj);
void json_print_list(Buf *b, const Fields *of, ListAny list);
void json_print_str(Buf *b, Str s);               /* quoted and escaped */
Str json_strs(Arena *a, const StrList *list);     /* ["a","b"] */
Str json_ids(Arena *a, const IntList *list);      /* ["1","2"] */
/* One field as the text of a CSV cell (ids and numbers plain, days ISO, lists as JSON). */
void field_print_text(Buf *b, const Field *field, const void *obj);
