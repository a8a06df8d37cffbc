/* tier - 等级: a ladder of named levels by growth, spend, purchases, recharge or a combination; window, retention,
 * grace, downgrade.
 *
 * Owns:   tier, tier_member, tier_history, tier_gift, tier_day, tier_walk
 * Units:  *_fen; *_bp (discount_bp is what is paid: 9000 = 9 折); days shop-local yyyymmdd; *_at unix ms
 * Calls:  member, tag, ledger, growth, benefit, reward
 * Emits:  tier.changed
 * Holds:  a member's level is the last of his history; life totals == SUM(tier_day); one gift per member and level;
 *         ranks of living levels are distinct
 * Errors: tier.unknown, tier.key_taken, tier.rank_taken, tier.in_use, tier.lowest, tier.stale, tier.preset_unknown,
 *         tier.many, tier.member_moving
 *
 * A level asks for thresholds; 0 = not asked. The ladder says whether all of them or any must be met. The lowest
 * level asks for nothing. Upward: at once, when a fact arrives. Downward: never before until_day (retention) plus
 * grace; then one step or to the level that is met. */
#pragma once
#include "domain/growth/growth.h"

enum { TIERS_MAX = 30, TIER_NAME_MAX = 40 };

/* growth is always the balance; spend, orders, recharge by window */
typedef enum TierWindow { TIER_LIFE, TIER_ROLLING, TIER_YEAR } TierWindow;
typedef enum TierNeed { TIER_ANY, TIER_ALL } TierNeed;
typedef enum TierDown { TIER_STAY, TIER_ONE_STEP, TIER_TO_MET } TierDown;
typedef struct TierSetting {
    TierWindow window; int64_t window_days;
    TierNeed need;
    TierDown down;
    int64_t retention_days, grace_days;     /* a level reached is kept at least so long; 0 days = judged at once */
    /* else a level that a refund took the ground from falls at once, retention or not */
    bool keep_on_refund;
    Str preset;                             /* which preset a new merchant got; information only */
} TierSetting;
extern const Setting tier_setting;

typedef struct Tier {
    int64_t tier_id, rank;                  /* rank 0 = the lowest */
    Str key, name, name_en;
    int64_t growth_min, spend_min_fen, orders_min, recharge_min_fen;
    int64_t discount_bp;                    /* 0 or 10000 = full price */
    int64_t points_multiplier_bp;           /* 0 or 10000 = x1 */
    int64_t gift_points;                    /* once per member and level */
    StrList benefits;                       /* plain words, a line each; terms of benefits stand on its tag */
    Str color;
    int64_t version, tag_id;
} Tier;
typedef LIST_OF(Tier) Tiers;
extern const Fields tier_fields;

/* What a level does to a price: one indexed read, made for quotes. A member without a level has the lowest one; no
 * ladder: all zero. */
typedef struct TierEffect {
    int64_t tier_id, rank, discount_bp, points_multiplier_bp; Str key, name, name_en;
} TierEffect;
extern const Fields tier_effect_fields;
Err tier_of(Ctx *c, int64_t member_id, TierEffect *ret_effect);
Err tier_list(Ctx *c, Tiers *ret_tiers);                              /* ascending rank */

/* A level set from outside. Import: the level only, no gift now nor later for this level and those below; kept like
 * any reached level. */
Err tier_import(Ctx *c, int64_t member_id, Str key);
/* manual; 0 = until a rule moves it up */
Err tier_set(Ctx *c, int64_t member_id, int64_t tier_id, int64_t until_day, Str reason);

/* Facts for the windows. Orders bring them by event; bulk imports call this directly: few statements, the levels are
 * judged by the next run of the tier.evaluate job (or at once by tier_evaluate). Without gifts where is_import. */
typedef struct TierFact { int64_t member_id, day, spend_fen, orders, recharge_fen; } TierFact;
typedef LIST_OF(TierFact) TierFacts;
Err tier_add_facts(Ctx *c, TierFacts facts, bool is_import);
Err tier_evaluate(Ctx *c, int64_t member_id, bool no_gifts);

/* "What is missing?" in plain words, for the member and the cashier. */
/* "growth", "spend_fen", "orders", "recharge_fen" */
typedef struct TierMeasure { Str measure; int64_t have, need, gap; bool is_met; } TierMeasure;
typedef LIST_OF(TierMeasure) TierMeasures;
typedef struct TierView {
    int64_t member_id, tier_id, rank; Str key, name, name_en;
    int64_t discount_bp, points_multiplier_bp;
    StrList benefits;
    int64_t since_at, until_day; bool is_manual;
    int64_t next_tier_id; Str next_name;
    TierMeasures measures;                  /* towards the next level */
    Str gap_zh, gap_en;                     /* "再消费 88.00 元升为金卡" */
    Str keep_zh, keep_en;                   /* what keeps the level, until when, and what would be lost */
} TierView;
extern const Fields tier_view_fields;
Err tier_view(Ctx *c, int64_t member_id, TierView *ret_view);
