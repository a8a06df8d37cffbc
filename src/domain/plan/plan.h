/* plan - 付费会员: membership that is paid for by the period: tag, benefits and gifts while it lasts, and back by share.
 *
 * Owns:   plan, plan_period, plan_merge
 * Units:  *_fen; days shop-local; *_at unix ms
 * Calls:  member, tag, reward
 * Emits:  plan.started, plan.ended, plan.expiring, plan.gift_due, plan.refunded
 * Holds:  who has a period that runs carries the plan's tag, nobody else does; periods of one member and plan that were
 *         bought one after the other do not overlap; never more goes back than was paid
 * Errors: (see docs/errors.md)
 *
 * Each purchase is a period; bought again while one runs, it is put behind the last one. Gates of coupons, benefits and
 * offers read the plan's tag ("plan:KEY") and nothing of this slice. A plan that is on sale never changes: it is
 * retired and replaced, so that everybody keeps the terms he paid for. */
#pragma once
#include "base/step.h"
#include "domain/reward/reward.h"

enum { PLANS_MAX = 100, PLAN_PERIODS_MAX = 100, PLAN_COUNT_MAX = 3660 };
#define PLAN_PRICE_MAX_FEN 100000000

typedef enum PlanUnit { PLAN_DAY, PLAN_MONTH, PLAN_YEAR } PlanUnit;
typedef struct Plan {
    int64_t plan_id; Str key, name, about;
    int64_t price_fen;
    PlanUnit unit; int64_t unit_count;      /* a period is so many days, months, years */
    int64_t trial_days;                     /* once per member, free; 0 = none */
    int64_t remind_days;                    /* plan.expiring so many days ahead; 0 = never */
    int64_t full_days;                      /* given back whole so long after the purchase */
    RewardGifts welcome_gifts;              /* with the first paid period of a member's life */
    RewardGifts gifts; int64_t gift_months; /* with the beginning of each paid period, and every so many months in it */
    int64_t tag_id; bool is_retired; int64_t created_at;
} Plan;
typedef LIST_OF(Plan) Plans;
extern const Fields plan_fields;
/* E_NOT_FOUND plan.unknown; a retired one is found too. */
Err plan_read(Ctx *c, int64_t plan_id, Plan *ret_plan);

typedef enum PlanStatus { PLAN_PLANNED, PLAN_ACTIVE, PLAN_ENDED, PLAN_REFUNDED } PlanStatus;
typedef struct PlanPeriod {
    int64_t period_id, plan_id; Str key, name;
    int64_t member_id; Str source; int64_t source_id, shop_id;
    bool is_trial, is_cancelled;
    int64_t paid_fen, returned_fen, starts_at, ends_at, shift_ms;
    PlanStatus status; int64_t created_at;
    int64_t gift_number, next_gift_at;      /* periodic gifts so far, and when the next one comes; 0 = none */
    bool duplicate;
} PlanPeriod;
typedef LIST_OF(PlanPeriod) PlanPeriods;
extern const Fields plan_period_fields;

/* Gives one period under the natural key (source, source_id, member, plan): at once, or behind the last one that is
 * there. The very same again is a duplicate without effect. E_NOT_FOUND plan.unknown, E_CONFLICT plan.retired,
 * plan.many; member.* as member_need_right. */
typedef struct PlanStart {
    int64_t member_id, plan_id; const char *source; int64_t source_id, paid_fen, shop_id;
    bool is_due;                            /* the money is here: no retirement, no lost right stands in its way */
} PlanStart;
Err plan_start(Ctx *c, const PlanStart *start, PlanPeriod *ret_period);
/* E_CONFLICT plan.no_trial, plan.trial_used, plan.running. */
Err plan_try(Ctx *c, int64_t member_id, int64_t plan_id, PlanPeriod *ret_period);
/* Runs to its end and is not reminded of; buying again takes that back. E_NOT_FOUND plan.not_running. */
Err plan_cancel(Ctx *c, int64_t member_id, int64_t plan_id, Str reason);

/* What a period would pay back now, step by step: whole before it begins and in its first days, else the share of the
 * days that are left, floor. E_CONFLICT plan.later_first: of several, the last one goes first. */
typedef struct PlanRefund { int64_t period_id, amount_fen; Steps steps; } PlanRefund;
Err plan_refund_quote(Ctx *c, int64_t period_id, PlanRefund *ret_refund);
/* Ends the period; the money is the caller's. E_CONFLICT plan.refunded, plan.over. */
Err plan_refund(Ctx *c, int64_t period_id, PlanRefund *ret_refund);
Err plan_period_of(Ctx *c, const char *source, int64_t source_id, PlanPeriod *ret_period, bool *ret_found);
