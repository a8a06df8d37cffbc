/* SQL of approval; private to this folder. */
#pragma once
#include "domain/approval/approval.h"

typedef LIST_OF(Approval) Approvals;
Err approval_insert(Ctx *c, const Approval *a, bool *ret_new);      /* ret_new false: one waits already */
Err approval_find(Ctx *c, int64_t approval_id, Approval *ret_approval, bool *ret_found);
Err approval_waiting_of(Ctx *c, Str kind, int64_t subject_id, int64_t *ret_approval_id);
/* waiting → status; ret_done false: it did not wait any more */
Err approval_mark(Ctx *c, const Approval *a, bool *ret_done);
typedef struct ApprovalFilter { int64_t subject_id; Str kind, status; int64_t shop_id, before, limit; } ApprovalFilter;
Err approval_page(Ctx *c, const ApprovalFilter *f, Approvals *ret_list);
Err approval_due(Ctx *c, int64_t most, Approvals *ret_list);
Err approval_blank(Ctx *c, int64_t subject_id);

extern const Setting approval_setting;
Err approval_withdraw(Ctx *c, int64_t approval_id, Approval *ret_approval);
Err approval_forget(Ctx *c, int64_t subject_id);
Err approval_job_expire(Ctx *c, int64_t due_at, bool *ret_more);
void approval_title(const Ctx *c, Approval *a);
