/* reward_store - the rows of rewards; private to the folder. */
#pragma once
#include "base/day.h"
#include "domain/points/points.h"
#include "domain/reward/reward.h"

typedef struct RewardRow {
    int64_t reward_id, member_id, given_to; Str source; int64_t source_id, part, budget_id, worth_fen, at;
} RewardRow;
typedef LIST_OF(RewardRow) RewardRows;
extern const Fields reward_row_fields;
/* is_new false: the key is taken, by this member or by one who was merged into him; ret_reward_id is then that one. */
Err reward_insert(Ctx *c, const RewardRow *row, bool *ret_new);
Err reward_delete(Ctx *c, int64_t reward_id);                   /* of this very unit: nobody has seen it */
Err reward_find(Ctx *c, int64_t member_id, const char *source, int64_t source_id, int64_t part, RewardRow *ret_row,
                bool *ret_found);
Err reward_page(Ctx *c, int64_t member_id, int64_t below_id, int64_t most, RewardRows *ret_list);

typedef struct RewardPart {
    int64_t number, piece_id; RewardKind kind; int64_t what_id, amount, taken_amount, gone_amount;
} RewardPart;
typedef LIST_OF(RewardPart) RewardParts;
Err reward_part_insert(Ctx *c, int64_t reward_id, const RewardPart *part);
Err reward_part_take(Ctx *c, int64_t reward_id, int64_t number, int64_t amount, int64_t gone, bool *ret_done);
Err reward_parts_of(Ctx *c, int64_t reward_id, RewardParts *ret_list);
Err reward_take_insert(Ctx *c, int64_t reward_id, int64_t take_id, int64_t back_id, bool *ret_new);

typedef struct RewardBudget {
    int64_t budget_id, version; Str name;
    int64_t most_fen, most_count, most_per_member, used_fen, used_count, created_at;
} RewardBudget;
typedef LIST_OF(RewardBudget) RewardBudgets;
extern const Fields reward_budget_fields;
Err reward_budget_insert(Ctx *c, const RewardBudget *b);
Err reward_budget_write(Ctx *c, const RewardBudget *b, bool *ret_done);
Err reward_budget_find(Ctx *c, int64_t budget_id, RewardBudget *ret_budget, bool *ret_found);
Err reward_budget_list(Ctx *c, RewardBudgets *ret_list);
/* worth_fen and one more; the guards stand in the statements. sign -1 gives back. */
Err reward_budget_use(Ctx *c, int64_t budget_id, int64_t worth_fen, int64_t sign, bool *ret_done);
Err reward_budget_use_member(Ctx *c, int64_t budget_id, int64_t member_id, int64_t most, bool *ret_done);

typedef enum RewardEvent {
    REWARD_ON_JOIN, REWARD_ON_TIER, REWARD_ON_BIRTHDAY_DAY, REWARD_ON_BIRTHDAY_MONTH, REWARD_ON_ORDER,
    REWARD_ON_COUPON_SHARED, REWARD_ON_RECHARGE, REWARD_ON_ASLEEP /* became a sleeping member */,
} RewardEvent;
typedef enum RewardState { REWARD_RULE_ON, REWARD_RULE_OFF, REWARD_RULE_SPENT } RewardState;
typedef struct RewardRule {
    int64_t rule_id, version; Str name; RewardEvent event; RewardState state;
    int64_t about_id, min_fen, from_day, to_day; PromoWho who; RewardGifts gifts; int64_t budget_id, created_at;
} RewardRule;
typedef LIST_OF(RewardRule) RewardRules;
extern const Fields reward_rule_fields, reward_rule_new_fields, reward_rule_edit_fields;
Err reward_rule_insert(Ctx *c, const RewardRule *r);
Err reward_rule_write(Ctx *c, const RewardRule *r, bool *ret_done);     /* where version is one below */
Err reward_rule_find(Ctx *c, int64_t rule_id, RewardRule *ret_rule, bool *ret_found);
Err reward_rule_list(Ctx *c, RewardRules *ret_list);
Err reward_rules_on(Ctx *c, RewardEvent event, RewardRules *ret_list);
Err reward_rule_stop(Ctx *c, int64_t rule_id, bool *ret_done);

typedef struct RewardItem { int64_t item_id, version; RewardGifts gifts; } RewardItem;
typedef LIST_OF(RewardItem) RewardItems;
extern const Fields reward_item_fields;
enum { REWARD_ITEM_SLOTS = 8 };
Err reward_item_put(Ctx *c, const RewardItem *item, RewardItem *ret_item);
Err reward_items_of(Ctx *c, const int64_t *item_ids, RewardItems *ret_list);    /* REWARD_ITEM_SLOTS ids, 0 = none */

/* The highest level (rank + 1) that an import gave; 0 = none. */
Err reward_imported_rank(Ctx *c, int64_t member_id, int64_t *ret_rank);
Err reward_walk_read(Ctx *c, int64_t due_at, int64_t *ret_above_id);
Err reward_walk_write(Ctx *c, int64_t due_at, int64_t above_id);
Err reward_walk_purge(Ctx *c, int64_t before);
Err reward_merge_move(Ctx *c, const MergeInfo *m, int64_t *ret_moved);
Err reward_merge_back(Ctx *c, const MergeInfo *m, int64_t *ret_moved);
extern const Hold reward_holds[];
enum { REWARD_HOLDS = 4 };

/* Kept by itself: whether any rule follows orders, so that a shop without one pays nothing for it. */
typedef struct RewardSetting { bool follows_orders; } RewardSetting;
extern const Setting reward_setting;
Err reward_follow(Ctx *c);

/* Rules. */
typedef struct RewardOccasion { RewardEvent event; int64_t member_id, about_id, part, spend_fen; } RewardOccasion;
Err reward_occasion(Ctx *c, const RewardOccasion *o);       /* every rule of the event gives what it says, once */
Err reward_rule_check(Ctx *c, const RewardRule *r);
Err reward_job_birthdays(Ctx *c, int64_t due_at, bool *ret_more);
Err reward_recharge_back(Ctx *c, const RewardBack *share);
Err reward_order_back(Ctx *c, int64_t member_id, int64_t order_id, int64_t refund_id);
Err reward_preset(Ctx *c, Str preset, RewardRules *ret_rules);
Err reward_worth(Ctx *c, const RewardGift *gift, int64_t *ret_fen);
