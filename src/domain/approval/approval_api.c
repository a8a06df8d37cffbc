#include "domain/approval/approval_store.h"

typedef struct ApprovalIn {
    int64_t approval_id, subject_id, limit;
    bool approve;
    Str kind, status, reason, cursor;
} ApprovalIn;
#define IN(name_text, table)                                                                                           \
    { .name = name_text, .size = sizeof(ApprovalIn), .field = (table), .count = COUNT_OF(table), .given_at = -1 }
static const Field list_field[] = {
    FIELD_ID(ApprovalIn, subject_id),
    FIELD(ApprovalIn, kind, .max = 40),
    FIELD(ApprovalIn, status, .max = 20, .about = "waiting, approved, rejected, expired, withdrawn"),
    FIELD(ApprovalIn, cursor, .max = 400),
    FIELD(ApprovalIn, limit, .max = PAGE_MAX),
};
static const Fields list_fields = IN("ApprovalsAsk", list_field);
static const Field ref_field[] = { FIELD_ID(ApprovalIn, approval_id, .need = true) };
static const Fields ref_fields = IN("ApprovalRef", ref_field);
static const Field decision_field[] = {
    FIELD_ID(ApprovalIn, approval_id, .need = true),
    FIELD(ApprovalIn, approve, .about = "false = reject"),
    FIELD(ApprovalIn, reason, .max = 200),
};
static const Fields decision_fields = IN("ApprovalDecision", decision_field);

typedef struct ApprovalPage {
    Approvals items;
    Str next_cursor;
} ApprovalPage;
static const Field page_field[] = { FIELD_LIST(ApprovalPage, items, approval_fields),
                                    FIELD(ApprovalPage, next_cursor) };
static const Fields page_fields = FIELDS(ApprovalPage, page_field);

static Err get_list(Ctx *c, const void *body, void *ret) {
    const ApprovalIn *in = body;
    ApprovalPage *out = ret;
    int64_t before = 0, unused = 0;
    ApprovalFilter filter = { .subject_id = in->subject_id,
                              .kind = in->kind,
                              .status = in->status,
                              .limit = in->limit > 0 ? in->limit : PAGE_DEFAULT };
    if (c->auth != NULL && c->auth->shop_ids.count > 0) filter.shop_id = c->auth->shop_ids.items[0];
    TRY(page_open(c, in->cursor, &before, &unused));
    filter.before = before == 0 ? INT64_MAX : before;
    TRY(approval_page(c, &filter, &out->items));
    for (int64_t i = 0; i < out->items.count; i++) approval_title(c, &out->items.items[i]);
    if (out->items.count == filter.limit)
        out->next_cursor = page_cursor(c, out->items.items[filter.limit - 1].approval_id, 0);
    return OK;
}

static Err get_one(Ctx *c, const void *body, void *ret) {
    return approval_read(c, ((const ApprovalIn *)body)->approval_id, ret);
}

static Err post_decision(Ctx *c, const void *body, void *ret) {
    const ApprovalIn *in = body;
    return approval_decide(c, in->approval_id, in->approve, in->reason, ret);
}

static Err post_withdraw(Ctx *c, const void *body, void *ret) {
    return approval_withdraw(c, ((const ApprovalIn *)body)->approval_id, ret);
}

static Err erase(Ctx *c, int64_t member_id) { return approval_forget(c, member_id); }

static Err export_member(Ctx *c, int64_t member_id, Buf *json) {
    Approvals list = { 0 };
    TRY(approval_page(c, &(ApprovalFilter){ .subject_id = member_id, .before = INT64_MAX, .limit = LIST_MAX }, &list));
    buf_cstr(json, "\"approvals\":");
    json_print_list(json, &approval_fields, (ListAny){ list.items, list.count });
    return OK;
}

static Err decided_by_another(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report, "SELECT COUNT(*) FROM approval WHERE merchant_id = $1",
                       "SELECT approval_id AS id, asked_by_id AS want, decided_by_id AS have FROM approval"
                       " WHERE merchant_id = $1 AND ((status = 'approved' AND (decided_by_id = 0 OR decided_at = 0"
                       " OR (asked_by = 'staff' AND asked_by_id = decided_by_id)))"
                       " OR (status = 'waiting' AND (decided_at <> 0 OR expires_at <= created_at)))");
}
static const Hold holds[] = { { "approval.decided_by_another_than_who_asked", decided_by_another } };

static const Route routes[] = {
    { "GET", "/v1/approvals", "What waits for a second person, and what was decided; newest first", WHO_STAFF,
      "approval.read", &list_fields, &page_fields, NULL, get_list, ROUTE_LIST },
    { "GET", "/v1/approvals/{approval_id}", "One request", WHO_STAFF, "approval.read", &ref_fields, &approval_fields,
      NULL, get_one, 0 },
    { "POST", "/v1/approvals/{approval_id}/decide", "Say yes or no; yes does what was asked at once", WHO_STAFF,
      "approval.decide", &decision_fields, &approval_fields, NULL, post_decision, ROUTE_ONCE },
    { "POST", "/v1/approvals/{approval_id}/withdraw", "Take back a request of one's own", WHO_STAFF,
      "approval.withdraw", &ref_fields, &approval_fields, NULL, post_withdraw, 0 },
};
static const Job jobs[] = { { .name = "approval.expire", .every_ms = HOUR_MS, .run = approval_job_expire } };
static const Setting *const settings[] = { &approval_setting };

const Slice approval_slice = {
    .name = "approval",
    .routes = routes,
    .route_count = COUNT_OF(routes),
    .jobs = jobs,
    .job_count = COUNT_OF(jobs),
    .settings = settings,
    .setting_count = COUNT_OF(settings),
    .holds = holds,
    .hold_count = COUNT_OF(holds),
    .erase = erase,
    .export_member = export_member,
};
