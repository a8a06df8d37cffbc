/* approval - 审批: what weighs more than one person may decide waits until a second one says yes or no.
 *
 * Owns:   approval
 * Units:  amount in the unit of its kind (fen, points …); *_at unix ms
 * Calls:  nobody
 * Emits:  nobody
 * Holds:  what is decided says by whom, and never by who asked; what waits says until when
 * Errors: approval.waiting, approval.not_found, approval.own, approval.decided, approval.expired, approval.not_yours
 *
 * A slice that lets things wait lists its kinds in its Slice (`approvals`); the kind does the work in the very unit of
 * the decision, so that yes and its effect are one, and a refusal of the effect leaves the request waiting. */
#pragma once
#include "app/app.h"

typedef enum ApprovalStatus {
    APPROVAL_WAITING, APPROVAL_APPROVED, APPROVAL_REJECTED, APPROVAL_EXPIRED, APPROVAL_WITHDRAWN,
} ApprovalStatus;
extern const char *const approval_status_names[];

typedef struct Approval {
    int64_t approval_id;
    Str kind, title;                        /* title: in the language of who asks */
    int64_t subject_id, amount, shop_id;    /* subject_id: the member; shop_id 0 = of no shop */
    Str content, reason;                    /* content: JSON object of the kind's own */
    ApprovalStatus status;
    Str asked_by;                           /* actor_names */
    int64_t asked_by_id, decided_by_id;
    Str decided_reason;
    int64_t created_at, expires_at, decided_at;
} Approval;
extern const Fields approval_fields;

typedef struct ApprovalKind {
    const char *name;                       /* "points.grant": stable, it is stored */
    const char *may;                        /* who decides needs it: "points.approve" */
    const char *zh, *en;
    Err (*approved)(Ctx *c, const Approval *a);
    Err (*dropped)(Ctx *c, const Approval *a);      /* rejected, expired or withdrawn; may be NULL */
} ApprovalKind;

typedef struct ApprovalAsk {
    const ApprovalKind *kind;
    int64_t approval_id;                    /* 0 = made here */
    int64_t subject_id, amount, shop_id;
    Str reason, content;
} ApprovalAsk;
/* Of one kind and subject one request waits at a time: E_CONFLICT approval.waiting. */
Err approval_ask(Ctx *c, const ApprovalAsk *ask, int64_t *ret_approval_id);
/* For changes above a limit: where `err` is the refusal `needs_code` (made before anything was written) and `is_asked`
 * says so, the request is made instead. Any other err comes back as it is. */
Err approval_or_ask(Ctx *c, Err err, const char *needs_code, bool is_asked, const ApprovalAsk *ask,
                    int64_t *ret_approval_id);
/* E_NOT_FOUND approval.not_found; E_DENIED approval.own (who asked never decides; staff alone does); E_CONFLICT
 * approval.decided, approval.expired. Runs the kind. */
Err approval_decide(Ctx *c, int64_t approval_id, bool is_approved, Str reason, Approval *ret_approval);
Err approval_read(Ctx *c, int64_t approval_id, Approval *ret_approval);
