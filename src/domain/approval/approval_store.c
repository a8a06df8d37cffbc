#include "domain/approval/approval_store.h"

const char *const approval_status_names[] = { "waiting", "approved", "rejected", "expired", "withdrawn", NULL };

static const Field approval_field[] = {
    FIELD_ID(Approval, approval_id),
    FIELD(Approval, kind),
    FIELD(Approval, title, .skip_zero = true),
    FIELD_ID(Approval, subject_id, .about = "the member it is about"),
    FIELD(Approval, amount, .min = INT64_MIN),
    FIELD_ID(Approval, shop_id, .skip_zero = true),
    FIELD_JSON(Approval, content, .is_personal = true),
    FIELD(Approval, reason, .is_personal = true),
    FIELD_ENUM(Approval, status, approval_status_names),
    FIELD(Approval, asked_by),
    FIELD_ID(Approval, asked_by_id),
    FIELD_ID(Approval, decided_by_id),
    FIELD(Approval, decided_reason),
    FIELD(Approval, created_at),
    FIELD(Approval, expires_at),
    FIELD(Approval, decided_at),
};
const Fields approval_fields = FIELDS(Approval, approval_field);

Err approval_insert(Ctx *c, const Approval *a, bool *ret_new) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "INSERT INTO approval (merchant_id, approval_id, kind, subject_id, amount, shop_id, content, reason,"
                  " status, asked_by, asked_by_id, decided_by_id, decided_reason, created_at, expires_at, decided_at)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9, $10, 0, '', $11, $12, 0)"
                  " ON CONFLICT (merchant_id, kind, subject_id) WHERE status = 'waiting' DO NOTHING",
                  ARGS(a->approval_id, a->kind, a->subject_id, a->amount, a->shop_id, a->content, a->reason,
                       a->asked_by, a->asked_by_id, a->created_at, a->expires_at),
                  &changed));
    *ret_new = changed == 1;
    return OK;
}

#define COLUMNS                                                                                                        \
    "approval_id, kind, subject_id, amount, shop_id, content, reason, status, asked_by, asked_by_id, decided_by_id,"   \
    " decided_reason, created_at, expires_at, decided_at"

Err approval_find(Ctx *c, int64_t approval_id, Approval *ret_approval, bool *ret_found) {
    return db_find(c, "SELECT " COLUMNS " FROM approval WHERE merchant_id = $1 AND approval_id = $2", ARGS(approval_id),
                   &approval_fields, ret_approval, ret_found);
}

Err approval_waiting_of(Ctx *c, Str kind, int64_t subject_id, int64_t *ret_approval_id) {
    return db_int(c,
                  "SELECT approval_id FROM approval WHERE merchant_id = $1 AND kind = $2 AND subject_id = $3"
                  " AND status = 'waiting'",
                  ARGS(kind, subject_id), ret_approval_id);
}

Err approval_mark(Ctx *c, const Approval *a, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "UPDATE approval SET status = $3, decided_by_id = $4, decided_reason = $5, decided_at = $6"
        " WHERE merchant_id = $1 AND approval_id = $2 AND status = 'waiting'",
        ARGS(a->approval_id, approval_status_names[a->status], a->decided_by_id, a->decided_reason, a->decided_at),
        &changed));
    *ret_done = changed == 1;
    return OK;
}

Err approval_page(Ctx *c, const ApprovalFilter *f, Approvals *ret_list) {
    return db_rows(c,
                   "SELECT " COLUMNS " FROM approval WHERE merchant_id = $1 AND ($2 = 0 OR subject_id = $2)"
                   " AND ($3 = '' OR kind = $3) AND ($4 = '' OR status = $4) AND ($5 = 0 OR shop_id IN (0, $5))"
                   " AND approval_id < $6 ORDER BY approval_id DESC LIMIT $7",
                   ARGS(f->subject_id, f->kind, f->status, f->shop_id, f->before, f->limit), &approval_fields, f->limit,
                   (ListAny *)ret_list);
}

Err approval_due(Ctx *c, int64_t most, Approvals *ret_list) {
    return db_rows(c,
                   "SELECT " COLUMNS " FROM approval WHERE merchant_id = $1 AND status = 'waiting' AND expires_at <= $2"
                   " ORDER BY expires_at LIMIT $3",
                   ARGS(c->now, most), &approval_fields, most, (ListAny *)ret_list);
}

Err approval_blank(Ctx *c, int64_t subject_id) {
    return db_exec(c, "UPDATE approval SET reason = '', content = '{}' WHERE merchant_id = $1 AND subject_id = $2",
                   ARGS(subject_id));
}
