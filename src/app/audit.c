/* audit - 审计: who did what to what, when, why; append-only. audit() is declared in app.h.
 * Owns:   audit
 * Units:  at, from, to unix ms
 * Calls:  nobody
 * Emits:  nothing
 * Holds:  every entry has an action and an instant
 * Errors: none of its own */
#include "app/app_state.h"
#include <assert.h>

/* ---- what changed ---- */

static void value_print(Buf *b, const Field *field, const char *obj);

static void fields_print(Buf *b, const Fields *fields, const char *obj) {
    buf_char(b, '{');
    bool is_first = true;
    for (int64_t i = 0; i < fields->count; i++) {
        const Field *field = &fields->field[i];
        if (field->is_secret || field_is_zero(field, obj)) continue;
        if (!is_first) buf_char(b, ',');
        is_first = false;
        json_print_str(b, str_of(field->name));
        buf_char(b, ':');
        value_print(b, field, obj);
    }
    buf_char(b, '}');
}

/* One value; personal data is only said to be there. */
static void value_print(Buf *b, const Field *field, const char *obj) {
    if (field->is_personal) {
        buf_cstr(b, "\"***\"");
        return;
    }
    if (field->kind == FIELD_OBJECT) {
        fields_print(b, field->of, obj + field->offset);
        return;
    }
    if (field->kind == FIELD_LIST) {
        const ListAny *list = (const ListAny *)(const void *)(obj + field->offset);
        buf_char(b, '[');
        for (int64_t i = 0; i < list->count; i++) {
            if (i > 0) buf_char(b, ',');
            fields_print(b, field->of, (const char *)list->items + i * field->of->size);
        }
        buf_char(b, ']');
        return;
    }
    Field plain = *field;
    plain.skip_zero = false;
    const Fields one = { .name = "Value", .size = 0, .field = &plain, .count = 1, .given_at = -1 };
    Buf text = { .arena = b->arena };
    json_print(&text, &one, obj);
    Str whole = buf_str(&text);                         /* {"name":value} */
    int64_t colon = str_find_char(whole, ':');
    buf_add(b, str_slice(whole, colon + 1, whole.len - 1));
}

static Str value_text(Ctx *c, const Field *field, const char *obj) {
    Buf b = { .arena = c->arena };
    const Fields one = { .name = "Value", .size = 0, .field = field, .count = 1, .given_at = -1 };
    json_print(&b, &one, obj);
    return buf_str(&b);
}

/* Both sides known: only the fields that differ, as two objects. */
static void changes_print(Ctx *c, const AuditNote *note, Buf *before, Buf *after) {
    buf_char(before, '{');
    buf_char(after, '{');
    bool is_first = true;
    for (int64_t i = 0; i < note->fields->count; i++) {
        const Field *field = &note->fields->field[i];
        if (str_equal(value_text(c, field, note->before), value_text(c, field, note->after))) continue;
        for (int side = 0; side < 2; side++) {
            Buf *b = side ? after : before;
            if (!is_first) buf_char(b, ',');
            json_print_str(b, str_of(field->name));
            buf_char(b, ':');
            if (field->is_secret) buf_cstr(b, "\"***\"");
            else value_print(b, field, side ? note->after : note->before);
        }
        is_first = false;
    }
    buf_char(before, '}');
    buf_char(after, '}');
}

Err audit(Ctx *c, const AuditNote *note) {
    assert(note->action && note->subject);
    Buf before = { .arena = c->arena }, after = { .arena = c->arena };
    if (note->fields && note->before && note->after) {
        changes_print(c, note, &before, &after);
    } else if (note->fields) {
        if (note->before) fields_print(&before, note->fields, note->before);
        if (note->after) fields_print(&after, note->fields, note->after);
    }
    return db_exec(
        c,
        "INSERT INTO audit (merchant_id, id, at, actor, actor_id, action, subject, subject_id, shop_id, reason,"
        " request_id, before, after) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        ARGS(id_new(c), c->now, actor_names[c->actor.kind], c->actor.id, note->action, note->subject, note->subject_id,
             c->shop_id, note->reason, c->request_id, buf_str(&before), buf_str(&after)));
}

/* ---- GET /v1/audit ---- */

typedef struct AuditLine {
    int64_t id, at; int actor; int64_t actor_id; Str action, subject; int64_t subject_id, shop_id;
    Str reason, request_id, before, after;
} AuditLine;
static const Field audit_line_field[] = {
    FIELD_ID(AuditLine, id), FIELD(AuditLine, at), FIELD_ENUM(AuditLine, actor, actor_names),
    FIELD_ID(AuditLine, actor_id), FIELD(AuditLine, action), FIELD(AuditLine, subject), FIELD_ID(AuditLine, subject_id),
    FIELD_ID(AuditLine, shop_id), FIELD(AuditLine, reason), FIELD(AuditLine, request_id),
    FIELD_JSON(AuditLine, before, .skip_zero = true, .about = "what was; secrets left out, personal data masked"),
    FIELD_JSON(AuditLine, after, .skip_zero = true, .about = "what is"),
};
static const Fields audit_line_fields = FIELDS(AuditLine, audit_line_field);

typedef struct AuditQuery {
    int actor; int64_t actor_id; Str action, subject; int64_t subject_id, from, to; Str cursor; int64_t limit;
} AuditQuery;
static const char *const actor_choices[] = { "", "staff", "member", "key", "job", "event", "cli", NULL };
static const Field audit_query_field[] = {
    FIELD_ENUM(AuditQuery, actor, actor_choices, .about = "who: kind of actor"),
    FIELD_ID(AuditQuery, actor_id, .about = "who: staff account, member, key"),
    FIELD(AuditQuery, action, .about = "\"points.grant\"; or a beginning with a star: \"points.*\""),
    FIELD(AuditQuery, subject, .about = "what kind of thing"),
    FIELD_ID(AuditQuery, subject_id),
    FIELD(AuditQuery, from, .about = "not before, unix ms"),
    FIELD(AuditQuery, to, .about = "before, unix ms; 0 = now"),
    FIELD(AuditQuery, cursor), FIELD(AuditQuery, limit, .max = PAGE_MAX),
};
static const Fields audit_query_fields = FIELDS(AuditQuery, audit_query_field);

typedef struct AuditPage { LIST_OF(AuditLine) items; Str next_cursor; } AuditPage;
static const Field audit_page_field[] = {
    FIELD_LIST(AuditPage, items, audit_line_fields, .max = PAGE_MAX), FIELD(AuditPage, next_cursor),
};
static const Fields audit_page_fields = FIELDS(AuditPage, audit_page_field);

/* Newest first. The three texts are alike but for the index that carries them. */
static Err audit_read(Ctx *c, const AuditQuery *q, int64_t before_id, int64_t limit, ListAny *ret_list) {
    bool is_prefix = str_ends(q->action, S("*"));
    Str action = is_prefix ? str_slice(q->action, 0, q->action.len - 1) : q->action;
    int64_t to = q->to > 0 ? q->to : INT64_MAX;
    DbArgs args = ARGS(before_id, q->from, to, action, is_prefix ? str_chars(action) : (int64_t)0, q->subject,
                       q->subject_id, actor_choices[q->actor], q->actor_id, limit);
    if (q->subject.len > 0 && q->subject_id != 0)
        return db_rows(
            c,
            "SELECT id, at, actor, actor_id, action, subject, subject_id, shop_id, reason, request_id, before,"
            " after FROM audit WHERE merchant_id = $1 AND subject = $7 AND subject_id = $8 AND id < $2"
            " AND at >= $3 AND at < $4 AND (CAST($5 AS TEXT) = '' OR action = $5"
            " OR SUBSTR(action, 1, CAST($6 AS INTEGER)) = $5)"
            " AND (CAST($9 AS TEXT) = '' OR actor = $9) AND (CAST($10 AS BIGINT) = 0 OR actor_id = $10)"
            " ORDER BY id DESC LIMIT $11",
            args, &audit_line_fields, limit, ret_list);
    if (q->actor != 0 && q->actor_id != 0)
        return db_rows(
            c,
            "SELECT id, at, actor, actor_id, action, subject, subject_id, shop_id, reason, request_id, before,"
            " after FROM audit WHERE merchant_id = $1 AND actor = $9 AND actor_id = $10 AND id < $2"
            " AND at >= $3 AND at < $4 AND (CAST($5 AS TEXT) = '' OR action = $5"
            " OR SUBSTR(action, 1, CAST($6 AS INTEGER)) = $5)"
            " AND (CAST($7 AS TEXT) = '' OR subject = $7) AND (CAST($8 AS BIGINT) = 0 OR subject_id = $8)"
            " ORDER BY id DESC LIMIT $11",
            args, &audit_line_fields, limit, ret_list);
    return db_rows(
        c,
        "SELECT id, at, actor, actor_id, action, subject, subject_id, shop_id, reason, request_id, before, after"
        " FROM audit WHERE merchant_id = $1 AND id < $2 AND at >= $3 AND at < $4"
        " AND (CAST($5 AS TEXT) = '' OR action = $5 OR SUBSTR(action, 1, CAST($6 AS INTEGER)) = $5)"
        " AND (CAST($7 AS TEXT) = '' OR subject = $7) AND (CAST($8 AS BIGINT) = 0 OR subject_id = $8)"
        " AND (CAST($9 AS TEXT) = '' OR actor = $9) AND (CAST($10 AS BIGINT) = 0 OR actor_id = $10)"
        " ORDER BY id DESC LIMIT $11",
        args, &audit_line_fields, limit, ret_list);
}

static Err get_audit(Ctx *c, const void *body, void *ret) {
    const AuditQuery *in = body;
    AuditPage *out = ret;
    int64_t before_id, unused, limit = in->limit > 0 ? in->limit : PAGE_DEFAULT;
    TRY(page_open(c, in->cursor, &before_id, &unused));
    TRY(audit_read(c, in, before_id > 0 ? before_id : INT64_MAX, limit, (ListAny *)&out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].id, 0);
    return OK;
}

static const Route audit_routes[] = {
    { "GET", "/v1/audit", "Who did what, newest first", WHO_STAFF, "audit.read", &audit_query_fields,
      &audit_page_fields, .run = get_audit, .flags = ROUTE_LIST },
};

static Err hold_entries_are_whole(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report, "SELECT COUNT(*) FROM audit WHERE merchant_id = $1",
                       "SELECT id, CAST(1 AS BIGINT) AS want, CAST(0 AS BIGINT) AS have FROM audit"
                       " WHERE merchant_id = $1 AND (action = '' OR at <= 0)");
}

static const Hold audit_holds[] = { { "audit.every_entry_has_action_and_instant", hold_entries_are_whole } };

const Slice audit_slice = { .name = "audit", .routes = audit_routes, .route_count = COUNT_OF(audit_routes),
                            .holds = audit_holds, .hold_count = COUNT_OF(audit_holds) };
