/* Shared by the rules of this folder; private to it. */
#pragma once
#include "domain/points/points.h"

/* The zone days are counted by: the merchant's. */
Err points_zone(Ctx *c, const Zone **ret_zone);
/* Writes the balance of the default type on the member's card. */
Err points_show(Ctx *c, const LedgerKind *kind, int64_t member_id, int64_t balance);
/* Cuts what an order earns down to `most`, in steps and lines alike. */
void points_cap(Arena *a, PointsEarned *earned, Str rule, int64_t most);
const PointsBehaviour *points_behaviour_of(const PointsSetting *s, Str name);
Err points_merge(Ctx *c, const MergeInfo *m);
Err points_unmerge(Ctx *c, const MergeInfo *m);

/* Routes' own rules. */
typedef struct PointsGift { int64_t from_member_id, to_member_id, points; Str type, words; } PointsGift;
typedef struct PointsAnswer {
    int64_t member_id, source_id, points, balance, debt, pending, approval_id; Str type; bool duplicate;
} PointsAnswer;
typedef struct PointsManual {
    int64_t member_id, points; Str type, reason; int64_t expires_day;
    bool ask;                               /* above the limit: wait for a second person */
    bool is_approved;                       /* who has said yes */
} PointsManual;
Err points_grant_by_hand(Ctx *c, const PointsManual *in, PointsAnswer *ret_answer);
Err points_deduct_by_hand(Ctx *c, const PointsManual *in, PointsAnswer *ret_answer);
Err points_give(Ctx *c, const PointsGift *gift, PointsAnswer *ret_answer);
Err points_confirm(Ctx *c, int64_t order_id, PointsAnswer *ret_answer);

/* Jobs; each one bounded batch. */
Err points_job_expire(Ctx *c, int64_t due_at, bool *ret_more);
Err points_job_due(Ctx *c, int64_t due_at, bool *ret_more);
Err points_job_warn(Ctx *c, int64_t due_at, bool *ret_more);
