/* reward - 奖励: the one door for giving: points, growth, gift balance, coupons, times, benefits, items; within budgets.
 *
 * Owns:   reward_given, reward_part, reward_take, reward_budget, reward_budget_member, reward_rule, reward_item,
 *         reward_walk, reward_merge
 * Units:  *_fen; points and growth whole; *_at unix ms
 * Calls:  approval, member, item, points, growth, wallet, coupon, times, benefit
 * Emits:  reward.stopped
 * Holds:  a budget's use is what was given under it, never above it; coupons, points and growth that were given stand
 *         in their own books; nothing of a merged member is left behind
 * Errors: (see docs/errors.md)
 *
 * Everything that is given carries source "reward" and the reward's id in the books below, so a gift counts once and is
 * taken back from what it gave. Rules (joining, a level, a birthday, an order, a shared coupon) give by themselves.
 * Locks: budget, ledger accounts, member's card, then supplies of coupons. */
#pragma once
#include "domain/coupon/coupon.h"

enum { REWARD_GIFTS_MAX = 20, REWARD_NAME_MAX = 60, REWARD_RULES_MAX = 200 };

typedef enum RewardKind {
    REWARD_POINTS, REWARD_GROWTH, REWARD_GIFT_BALANCE, REWARD_COUPON, REWARD_TIMES, REWARD_BENEFIT, REWARD_ITEM,
} RewardKind;
extern const char *const reward_kind_names[];

typedef struct RewardGift {
    RewardKind kind;
    int64_t amount;         /* points, growth, fen of gift balance; how many coupons, cards, items: 0 = 1 */
    int64_t what_id;        /* coupon template, times card, benefit, item */
    int64_t worth_fen;      /* of one, for budgets; 0 = what its slice says */
} RewardGift;
typedef LIST_OF(RewardGift) RewardGifts;
extern const Fields reward_gift_fields;
Err reward_gifts_check(Ctx *c, const RewardGifts *gifts);       /* all complaints: kinds, amounts, things that exist */

typedef struct RewardGive {
    int64_t member_id;
    const char *source; int64_t source_id, part;    /* natural key with the member, for ever; part: line of an order */
    int64_t budget_id;                              /* 0 = none */
    int64_t times;                                  /* the whole list so many times (pieces bought); 0 = once */
    bool is_bought;                                 /* paid for: also for a member who may not earn */
    RewardGifts gifts;
} RewardGive;
typedef struct RewardGiven { int64_t reward_id, worth_fen; bool is_duplicate; } RewardGiven;
/* All or nothing, in the caller's unit. The key again: is_duplicate, nothing moves. E_CONFLICT reward.budget_spent
 * leaves no trace (the caller may go on), member.* where the member may not earn; and what the slices below refuse. */
Err reward_give(Ctx *c, const RewardGive *give, RewardGiven *ret_given);

/* Takes back the share part/whole of what was given under the key: unused coupons are voided, points and growth taken
 * (a shortfall becomes debt), gift balance taken. must_be_whole: what is used refuses the return with reward.used
 * (goods that were sold), else it is recorded as gone. take_id is the natural key (a refund's id). */
typedef struct RewardBack {
    int64_t member_id; const char *source; int64_t source_id, part, take_id; int64_t share, whole; bool must_be_whole;
    Str reason;
} RewardBack;
Err reward_take_back(Ctx *c, const RewardBack *back);

/* ---- what buying an item gives: recharge cards, plans, times cards, coupon packs are goods like others ---- */
typedef struct RewardSold { int64_t line_no, item_id, quantity; } RewardSold;
typedef LIST_OF(RewardSold) RewardSolds;
typedef struct RewardPlan RewardPlan;
/* In prepare(): which of the items give something; NULL when none does (the usual case: one statement). */
Err reward_plan_sold(Ctx *c, const RewardSolds *lines, const RewardPlan **ret_plan);
/* In the unit that completes the order; needs a member: E_CONFLICT reward.needs_member. plan NULL: nothing. */
Err reward_sold(Ctx *c, int64_t member_id, int64_t order_id, const RewardPlan *plan);
/* In the unit of a refund: of `sold` pieces of the line `quantity` come back. E_CONFLICT reward.used. */
typedef struct RewardUnsold { int64_t member_id, order_id, line_no, refund_id, quantity, sold; } RewardUnsold;
Err reward_unsold(Ctx *c, const RewardUnsold *unsold);
