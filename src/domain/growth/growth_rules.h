/* Shared by the rules of this folder; private to it. */
#pragma once
#include "domain/growth/growth.h"

typedef struct GrowthManual {
    int64_t member_id, growth; Str reason;
    bool ask;                               /* above the limit: wait for a second person */
    bool is_approved;                       /* who has said yes */
} GrowthManual;
typedef struct GrowthAnswer { int64_t member_id, source_id, growth, balance, debt, approval_id; } GrowthAnswer;
/* growth > 0 adds, < 0 takes; with a reason, audited. */
Err growth_change_by_hand(Ctx *c, const GrowthManual *in, int64_t growth, GrowthAnswer *ret_answer);
Err growth_of_behaviour(Ctx *c, int64_t member_id, Str name, int64_t behaviour_id);
/* The cards after the ledger has moved the value. */
Err growth_merge(Ctx *c, const MergeInfo *m);
Err growth_unmerge(Ctx *c, const MergeInfo *m);
