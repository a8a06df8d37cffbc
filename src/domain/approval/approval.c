#include "domain/approval/approval_store.h"
#include <assert.h>
#include <string.h>

typedef struct ApprovalSetting {
    int64_t wait_days;
} ApprovalSetting;

static const Field setting_field[] = {
    FIELD(ApprovalSetting, wait_days, .min = 1, .max = 366, .about = "a request that nobody decided lapses after it"),
};
static const Fields setting_fields = FIELDS(ApprovalSetting, setting_field);
static void setting_defaults(void *ret_value) { *(ApprovalSetting *)ret_value = (ApprovalSetting){ .wait_days = 14 }; }
const Setting approval_setting = { "approval", &setting_fields, setting_defaults, NULL };

enum { EXPIRE_BATCH = 100 };

static const ApprovalKind *kind_of(Str name) {
    for (int64_t i = 0; i < slice_count; i++)
        for (int64_t k = 0; slices[i]->approvals != NULL && slices[i]->approvals[k] != NULL; k++)
            if (str_is(name, slices[i]->approvals[k]->name)) return slices[i]->approvals[k];
    return NULL;
}

void approval_title(const Ctx *c, Approval *a) {
    const ApprovalKind *kind = kind_of(a->kind);
    if (kind != NULL) a->title = str_of(c->lang == LANG_ZH ? kind->zh : kind->en);
}

static Err note(Ctx *c, const Approval *a, const char *action, Str reason) {
    return audit(c, &(AuditNote){ .action = action,
                                  .subject = "approval",
                                  .subject_id = a->approval_id,
                                  .reason = reason,
                                  .fields = &approval_fields,
                                  .after = a });
}

Err approval_ask(Ctx *c, const ApprovalAsk *ask, int64_t *ret_approval_id) {
    ApprovalSetting setting;
    bool is_new = false;
    assert(kind_of(str_of(ask->kind->name)) == ask->kind);
    TRY(setting_get(c, &approval_setting, &setting));
    Approval a = { .approval_id = ask->approval_id != 0 ? ask->approval_id : id_new(c),
                   .kind = str_of(ask->kind->name),
                   .subject_id = ask->subject_id,
                   .amount = ask->amount,
                   .shop_id = ask->shop_id,
                   .content = ask->content.len > 0 ? ask->content : S("{}"),
                   .reason = ask->reason,
                   .asked_by = str_of(actor_names[c->actor.kind]),
                   .asked_by_id = c->actor.id,
                   .created_at = c->now,
                   .expires_at = c->now + setting.wait_days * DAY_MS };
    TRY(approval_insert(c, &a, &is_new));
    if (!is_new) {
        int64_t waiting = 0;
        TRY(approval_waiting_of(c, a.kind, a.subject_id, &waiting));
        fail_number(c, "approval_id", waiting);
        return fail(c, E_CONFLICT, "approval.waiting", "已有同样的申请在等待审批",
                    "a request of this kind waits for approval already");
    }
    *ret_approval_id = a.approval_id;
    return note(c, &a, "approval.ask", a.reason);
}

Err approval_or_ask(Ctx *c, Err err, const char *needs_code, bool is_asked, const ApprovalAsk *ask,
                    int64_t *ret_approval_id) {
    if (err == OK || !is_asked || c->problem.code == NULL || strcmp(c->problem.code, needs_code) != 0) return err;
    problem_clear(c);
    return approval_ask(c, ask, ret_approval_id);
}

Err approval_read(Ctx *c, int64_t approval_id, Approval *ret_approval) {
    bool found = false;
    TRY(approval_find(c, approval_id, ret_approval, &found));
    if (!found) return fail(c, E_NOT_FOUND, "approval.not_found", "没有这个审批申请", "no such request");
    approval_title(c, ret_approval);
    return ret_approval->shop_id != 0 ? auth_need_shop(c, ret_approval->shop_id) : OK;
}

/* The row is marked first: of two who decide at once the second waits here and then learns that it is decided. */
static Err end(Ctx *c, Approval *a, ApprovalStatus status, Str reason) {
    bool done = false;
    const ApprovalKind *kind = kind_of(a->kind);
    a->status = status;
    a->decided_by_id = c->actor.kind == ACTOR_STAFF ? c->actor.id : 0;
    a->decided_reason = reason;
    a->decided_at = c->now;
    TRY(approval_mark(c, a, &done));
    if (!done) return fail(c, E_CONFLICT, "approval.decided", "这个申请已处理", "this request was decided before");
    if (kind == NULL) return OK; /* of a slice that is gone */
    if (status == APPROVAL_APPROVED) return kind->approved(c, a);
    return kind->dropped != NULL ? kind->dropped(c, a) : OK;
}

Err approval_decide(Ctx *c, int64_t approval_id, bool is_approved, Str reason, Approval *ret_approval) {
    Approval *a = ret_approval;
    TRY(approval_read(c, approval_id, a));
    const ApprovalKind *kind = kind_of(a->kind);
    if (kind != NULL) TRY(auth_need(c, kind->may));
    if (c->actor.kind != ACTOR_STAFF || (str_is(a->asked_by, "staff") && a->asked_by_id == c->actor.id))
        return fail(c, E_DENIED, "approval.own", "不能审批自己提交的申请", "somebody else decides this request");
    if (a->status == APPROVAL_WAITING && a->expires_at <= c->now)
        return fail(c, E_CONFLICT, "approval.expired", "这个申请已过期，请重新提交",
                    "this request has lapsed: ask anew");
    TRY(end(c, a, is_approved ? APPROVAL_APPROVED : APPROVAL_REJECTED, reason));
    return note(c, a, is_approved ? "approval.approve" : "approval.reject", reason);
}

Err approval_withdraw(Ctx *c, int64_t approval_id, Approval *ret_approval) {
    TRY(approval_read(c, approval_id, ret_approval));
    if (!str_is(ret_approval->asked_by, actor_names[c->actor.kind]) || ret_approval->asked_by_id != c->actor.id)
        return fail(c, E_DENIED, "approval.not_yours", "只能撤回自己提交的申请", "only who asked withdraws it");
    TRY(end(c, ret_approval, APPROVAL_WITHDRAWN, (Str){ 0 }));
    return note(c, ret_approval, "approval.withdraw", (Str){ 0 });
}

/* What waits is done with nobody's word; what is kept of a person is blanked. */
Err approval_forget(Ctx *c, int64_t subject_id) {
    Approvals waiting = { 0 };
    TRY(approval_page(
        c,
        &(ApprovalFilter){ .subject_id = subject_id, .status = S("waiting"), .before = INT64_MAX, .limit = LIST_MAX },
        &waiting));
    for (int64_t i = 0; i < waiting.count; i++) TRY(end(c, &waiting.items[i], APPROVAL_EXPIRED, (Str){ 0 }));
    return approval_blank(c, subject_id);
}

Err approval_job_expire(Ctx *c, int64_t due_at, bool *ret_more) {
    (void)due_at;
    Approvals due = { 0 };
    TRY(approval_due(c, EXPIRE_BATCH, &due));
    for (int64_t i = 0; i < due.count; i++) TRY(end(c, &due.items[i], APPROVAL_EXPIRED, (Str){ 0 }));
    *ret_more = due.count == EXPIRE_BATCH;
    return OK;
}
