/* What people see of the outbox: dead letters, and what to do with them. */
#include "app/outbox.h"

typedef struct DeadLetter {
    int64_t id; Str handler, event; int64_t subject_id; Str payload; int64_t tries, died_at; Str problem;
} DeadLetter;
static const Field dead_letter_field[] = {
    FIELD_ID(DeadLetter, id),
    FIELD(DeadLetter, handler, .about = "who listens"),
    FIELD(DeadLetter, event),
    FIELD_ID(DeadLetter, subject_id, .about = "what it is about: order, member …"),
    FIELD_JSON(DeadLetter, payload),
    FIELD(DeadLetter, tries),
    FIELD(DeadLetter, died_at),
    FIELD(DeadLetter, problem, .about = "code of the last refusal"),
};
static const Fields dead_letter_fields = FIELDS(DeadLetter, dead_letter_field);

typedef struct LetterQuery { Str handler, cursor; int64_t limit; } LetterQuery;
static const Field letter_query_field[] = {
    FIELD(LetterQuery, handler), FIELD(LetterQuery, cursor), FIELD(LetterQuery, limit, .max = PAGE_MAX),
};
static const Fields letter_query_fields = FIELDS(LetterQuery, letter_query_field);

typedef struct LetterPage { LIST_OF(DeadLetter) items; Str next_cursor; } LetterPage;
static const Field letter_page_field[] = {
    FIELD_LIST(LetterPage, items, dead_letter_fields, .max = PAGE_MAX), FIELD(LetterPage, next_cursor),
};
static const Fields letter_page_fields = FIELDS(LetterPage, letter_page_field);

static Err get_letters(Ctx *c, const void *body, void *ret) {
    const LetterQuery *in = body;
    LetterPage *out = ret;
    int64_t after_id, unused, limit = in->limit > 0 ? in->limit : PAGE_DEFAULT;
    TRY(page_open(c, in->cursor, &after_id, &unused));
    TRY(db_rows(c,
                "SELECT id, handler, event, subject_id, payload, tries, died_at, problem FROM dead_letter"
                " WHERE merchant_id = $1 AND id > $2 AND (CAST($3 AS TEXT) = '' OR handler = $3) ORDER BY id LIMIT $4",
                ARGS(after_id, in->handler, limit), &dead_letter_fields, limit, (ListAny *)&out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].id, 0);
    return OK;
}

typedef struct LetterAct { int64_t id; Str reason; } LetterAct;
static const Field letter_act_field[] = { FIELD_ID(LetterAct, id, .need = true), FIELD(LetterAct, reason) };
static const Fields letter_act_fields = FIELDS(LetterAct, letter_act_field);

static Err letter_take(Ctx *c, int64_t id, DeadLetter *ret_letter) {
    bool is_found;
    TRY(db_find(c,
                "DELETE FROM dead_letter WHERE merchant_id = $1 AND id = $2"
                " RETURNING id, handler, event, subject_id, payload, tries, died_at, problem",
                ARGS(id), &dead_letter_fields, ret_letter, &is_found));
    if (!is_found) return fail(c, E_NOT_FOUND, "event.no_letter", "没有这条未送达的消息", "there is no such dead letter");
    return OK;
}

/* Under its old id, so that whoever uses the event id as a source still sees the same event. */
static Err post_retry(Ctx *c, const void *body, void *ret) {
    const LetterAct *in = body;
    DeadLetter *letter = ret;
    TRY(letter_take(c, in->id, letter));
    TRY(db_exec(c,
                "INSERT INTO outbox (merchant_id, id, handler, event, subject_id, payload, tries, next_at, problem)"
                " VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8)",
                ARGS(letter->id, letter->handler, letter->event, letter->subject_id, letter->payload, c->now,
                     letter->problem)));
    TRY(audit(c, &(AuditNote){ .action = "event.retry", .subject = "dead_letter", .subject_id = in->id,
                               .reason = in->reason }));
    after_commit(c, outbox_wake, c->merchant_id, OUTBOX_ALL_LANES);
    return OK;
}

static Err post_drop(Ctx *c, const void *body, void *ret) {
    const LetterAct *in = body;
    DeadLetter *letter = ret;
    TRY(letter_take(c, in->id, letter));
    return audit(c, &(AuditNote){ .action = "event.drop", .subject = "dead_letter", .subject_id = in->id,
                                  .reason = in->reason, .fields = &dead_letter_fields, .before = letter });
}

static const Route outbox_routes[] = {
    { "GET", "/v1/dead-letters", "Events that could not be delivered", WHO_STAFF, "event.read", &letter_query_fields,
      &letter_page_fields, .run = get_letters, .flags = ROUTE_LIST },
    { "POST", "/v1/dead-letters/{id}/retry", "Try to deliver an event once more", WHO_STAFF, "event.retry",
      &letter_act_fields, &dead_letter_fields, .run = post_retry },
    { "POST", "/v1/dead-letters/{id}/drop", "Give up an event that could not be delivered", WHO_STAFF, "event.retry",
      &letter_act_fields, &dead_letter_fields, .run = post_drop },
};

static Err hold_never_both(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report, "SELECT COUNT(*) FROM dead_letter WHERE merchant_id = $1",
                       "SELECT d.id AS id, CAST(0 AS BIGINT) AS want, CAST(1 AS BIGINT) AS have FROM dead_letter d"
                       " JOIN outbox o ON o.merchant_id = d.merchant_id AND o.id = d.id WHERE d.merchant_id = $1");
}

static const Hold outbox_holds[] = { { "event.a_delivery_waits_or_is_dead_never_both", hold_never_both } };

const Slice outbox_slice = {
    .name = "outbox", .routes = outbox_routes, .route_count = COUNT_OF(outbox_routes),
    .holds = outbox_holds, .hold_count = COUNT_OF(outbox_holds),
};
