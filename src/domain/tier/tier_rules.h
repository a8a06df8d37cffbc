/* Shared by the rules of this folder; private to it. */
#pragma once
#include "domain/tier/tier_store.h"

/* What a member has towards the levels, by the window of the setting. */
typedef struct Progress { int64_t growth, spend_fen, orders, recharge_fen; } Progress;
typedef struct Ladder { Levels levels; TierSetting setting; int64_t today; } Ladder;
Err ladder_read(Ctx *c, Ladder *ret_ladder);
/* the lowest for 0 or unknown; NULL without levels */
const Level *ladder_level(const Ladder *l, int64_t tier_id);
const Level *ladder_next(const Ladder *l, const Level *level);        /* NULL at the top */
const Level *ladder_below(const Ladder *l, const Level *level);       /* itself at the bottom */

/* Pure: the highest level that is met. A level above the lowest that asks for nothing is never met by rule. */
const Level *ladder_met(const Ladder *l, const Progress *p);
bool level_asks(const Tier *t);
bool level_is_met(const Ladder *l, const Tier *t, const Progress *p);
Err progress_of(Ctx *c, const Ladder *l, const TierMember *row, Progress *ret_progress);

/* The words of tier_view(): gap to the next level, what keeps this one and what would be lost. */
void tier_words(Ctx *c, const Ladder *l, const Level *level, const TierMember *row, const Progress *p, TierView *view);

typedef struct TierCause {
    const char *cause; Str reason; int64_t merge_id; bool no_gifts, is_refund; Progress before;
} TierCause;
/* Judges the locked row: up at once, down by retention, grace and policy; writes what changed. */
Err tier_judge(Ctx *c, const Ladder *l, TierMember *row, const Progress *p, const TierCause *cause);
/* Sets the level of the locked row, whatever the rules say. */
Err tier_change(Ctx *c, const Ladder *l, TierMember *row, const Level *to, const TierCause *cause);

Err tier_on_fact(Ctx *c, const TierFact *fact, int64_t refund_id, bool is_import);
Err tier_job_evaluate(Ctx *c, int64_t due_at, bool *ret_more);
Err tier_merge(Ctx *c, const MergeInfo *m);
Err tier_unmerge(Ctx *c, const MergeInfo *m);

/* Ladder by the merchant's hand; every change of a threshold starts a walk over all members. */
Err tier_add(Ctx *c, const Tier *tier, Tier *ret_tier);
Err tier_edit(Ctx *c, const Tier *tier, int64_t version, Tier *ret_tier);
Err tier_get(Ctx *c, int64_t tier_id, Tier *ret_tier);
Err tier_remove(Ctx *c, int64_t tier_id);
Err tier_use_preset(Ctx *c, Str preset);
Err tier_install(Ctx *c);
extern const char *const tier_preset_names[];
