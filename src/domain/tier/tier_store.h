/* SQL of tier; private to this folder. */
#pragma once
#include "domain/tier/tier.h"

typedef struct Level { Tier tier; } Level;
typedef LIST_OF(Level) Levels;

typedef struct TierMember {
    int64_t member_id, tier_id, since_at, until_day; bool is_manual, no_gift;
    int64_t check_day, life_spend_fen, life_orders, life_recharge_fen;
} TierMember;
typedef LIST_OF(TierMember) TierMembers;

typedef struct TierHistory {
    int64_t history_id, member_id, from_tier_id, to_tier_id; Str cause, reason, actor;
    int64_t actor_id, merge_id, until_day, at;
} TierHistory;
typedef LIST_OF(TierHistory) TierHistories;
extern const Fields tier_history_fields;

Err level_list(Ctx *c, Levels *ret_levels);                         /* living, ascending rank */
Err level_insert(Ctx *c, const Level *level, bool *ret_new);        /* false: the key is taken */
Err level_update(Ctx *c, const Level *level, int64_t version, bool *ret_written);
Err level_remove(Ctx *c, int64_t tier_id);
Err level_members(Ctx *c, int64_t tier_id, int64_t *ret_count);     /* 0, or at least one */
Err effect_of(Ctx *c, int64_t member_id, TierEffect *ret_effect, bool *ret_found);
Err effect_lowest(Ctx *c, TierEffect *ret_effect, bool *ret_found);

/* Locks the row, making it when it is missing, and adds the fact. */
Err tier_member_lock(Ctx *c, const TierFact *add, bool is_import, TierMember *ret_row);
Err tier_member_find(Ctx *c, int64_t member_id, TierMember *ret_row);    /* zeroes when there is none */
/* Nothing to look at until the next fact: a merged member's. */
Err tier_member_rest(Ctx *c, int64_t member_id);
Err tier_member_save(Ctx *c, const TierMember *row);
Err tier_member_mark(Ctx *c, const TierFact *add, bool is_import, int64_t check_day);      /* bulk: no answer needed */
Err tier_member_due(Ctx *c, int64_t today, int64_t most, IntList *ret_member_ids);
Err tier_member_walk(Ctx *c, int64_t after_member_id, int64_t most, IntList *ret_member_ids);
Err day_put(Ctx *c, const TierFact *add);
typedef struct DaySums { int64_t spend_fen, orders, recharge_fen; } DaySums;
Err day_sums(Ctx *c, int64_t member_id, int64_t from_day, DaySums *ret_sums);
Err day_copy(Ctx *c, int64_t from_id, int64_t into_id, int64_t sign);    /* merge +1, unmerge -1 */

Err history_insert(Ctx *c, const TierHistory *row);
Err history_list(Ctx *c, int64_t member_id, int64_t before, int64_t most, TierHistories *ret_list);
Err history_of_merge(Ctx *c, int64_t member_id, int64_t merge_id, TierHistory *ret_row, bool *ret_found);
Err history_blank(Ctx *c, int64_t member_id);

Err gift_insert(Ctx *c, int64_t member_id, int64_t tier_id, int64_t gift_id, int64_t points, bool *ret_new);
Err gift_copy(Ctx *c, int64_t from_id, int64_t into_id, int64_t merge_id);
Err gift_uncopy(Ctx *c, int64_t into_id, int64_t merge_id);

typedef struct TierWalk { int64_t after_member_id; bool is_running; } TierWalk;
Err walk_find(Ctx *c, TierWalk *ret_walk);
Err walk_put(Ctx *c, const TierWalk *walk);

enum { TIER_HOLD_COUNT = 4 };
extern const Hold tier_holds[TIER_HOLD_COUNT];
