/* points - 积分: what earns how much, when it expires, what it is worth at the till; the ledger keeps it.
 *
 * Owns:   points_behaviour, points_quota, points_warned
 * Units:  *_points whole points; *_bp basis points (10000 = x1); *_fen; *_at unix ms; days shop-local yyyymmdd
 * Calls:  approval, member, ledger
 * Emits:  points.expiring, points.expired, points.moved, behaviour.recorded
 * Holds:  a behaviour gave what its ledger entry says; a member's card shows the balance of the books; merged members
 *         hold no value of any kind
 * Errors: points.short, points.type_unknown, points.offset_off, points.offset_minimum, points.offset_step,
 *         points.offset_share, points.offset_order, points.gift_off, points.gift_self, points.gift_cap,
 *         points.needs_approval, points.behaviour_unknown, points.behaviour_not_yours, points.order_unknown,
 *         points.expires_past
 *
 * The member's card (member.h) shows the default type's balance: every function here that posts writes it; who posts
 * by ledger_post_many himself writes posted.balance with SUMMARY_POINTS.
 *
 * Order of a computation (points_compute, pure): base = fen of the cash part / fen_per_point; item, category and
 * brand multipliers per line (the highest matching one); then the order's multipliers (tier, birthday, member day,
 * channel), multiplied or the highest alone; floor once, at the end; fixed bonus points per piece are added after
 * it; then the caps. Steps add up to the total, lines too. */
#pragma once
#include "base/day.h"
#include "domain/ledger/ledger.h"

enum { POINTS_TYPES_MAX = 20, POINTS_RULES_MAX = 200, POINTS_BEHAVIOURS_MAX = 100, POINTS_STREAKS_MAX = 20,
       POINTS_BP_MAX = 1000000, POINTS_EXPIRING_DAYS = 30 };
#define POINTS_PER_CALL_MAX 1000000000

/* ---- settings ("points") ---- */
typedef enum PointsExpiry {                 /* when a grant expires; always the last millisecond of a shop-local day */
    POINTS_NEVER,
    POINTS_AFTER_DAYS,                      /* n days after the grant */
    POINTS_AFTER_MONTHS,                    /* n months after the grant */
    POINTS_MONTH_END,                       /* end of the month, n months on */
    POINTS_YEAR_END,                        /* end of the year, n years on */
    POINTS_ON_DAY,                          /* the next mmdd, n years on */
} PointsExpiry;
extern const char *const points_expiry_names[];
typedef struct PointsType {
    Str key, name, name_en;                 /* key "points" is the default type; others are kept under "points:KEY" */
    PointsExpiry expiry; int64_t expiry_n, expiry_mmdd, grace_days;
    bool no_offset, no_gift;                /* this type does not pay at the till / is not given to friends */
} PointsType;
typedef enum PointsMatch { POINTS_ITEM, POINTS_CATEGORY, POINTS_BRAND } PointsMatch;
typedef struct PointsItemRule {             /* 0 in from_day / to_day = open */
    PointsMatch match; int64_t id, multiplier_bp, bonus_points, from_day, to_day; bool no_points; Str name;
} PointsItemRule;
typedef struct PointsChannelRule { Str channel; int64_t multiplier_bp; } PointsChannelRule;
typedef struct PointsDayRule {              /* member day: all that are given must fit */
    Str name; int64_t weekday, day_of_month, from_day, to_day, multiplier_bp;
} PointsDayRule;
typedef struct PointsStreak { int64_t days, bonus_points; } PointsStreak;
typedef struct PointsBehaviour {
    Str name, title, title_en, type;        /* type "" = default */
    int64_t points;
    int64_t day_count, month_count, total_count;            /* how often it counts; 0 = no limit */
    bool by_member;                         /* the member may post it for himself (check-in) */
    LIST_OF(PointsStreak) streaks;          /* daily behaviours: extra points when the run of days reaches `days` */
} PointsBehaviour;
typedef enum PointsCombine { POINTS_MULTIPLY, POINTS_HIGHEST } PointsCombine;
typedef enum PointsEarnOn { POINTS_EARN_CASH, POINTS_EARN_PAYABLE } PointsEarnOn;
typedef enum PointsWait { POINTS_AT_ONCE, POINTS_WAIT_DAYS, POINTS_WAIT_CONFIRM } PointsWait;
typedef enum PointsClawback { POINTS_CLAW_REFUSE, POINTS_CLAW_RECORD, POINTS_CLAW_NEGATIVE } PointsClawback;
typedef enum PointsBirthday { POINTS_BIRTH_DAY, POINTS_BIRTH_WEEK, POINTS_BIRTH_MONTH } PointsBirthday;

typedef struct PointsSetting {
    LIST_OF(PointsType) types;
    bool no_order_points;                   /* orders earn nothing */
    int64_t fen_per_point, min_order_fen;
    PointsEarnOn earn_on;
    PointsCombine combine;
    int64_t order_cap, day_cap, month_cap;  /* points of orders; 0 = none */
    LIST_OF(PointsItemRule) item_rules;
    LIST_OF(PointsChannelRule) channel_rules;
    LIST_OF(PointsDayRule) day_rules;
    int64_t birthday_bp; PointsBirthday birthday_span;
    PointsWait wait; int64_t wait_days;
    LIST_OF(PointsBehaviour) behaviours;
    PointsClawback clawback; int64_t restore_grace_days;
    bool offset_off;
    int64_t offset_points, offset_fen;      /* so many points are worth so many fen */
    int64_t offset_min_points, offset_step_points, offset_share_bp, offset_min_order_fen;
    bool gift_on; int64_t gift_day_cap;
    /* manual grants and deductions above it need a second person; 0 = none do */
    int64_t approval_points;
    int64_t warn_days;                      /* points.expiring is announced so many days ahead; 0 = never */
} PointsSetting;
extern const Setting points_setting;
/* once per request, in prepare() where there is one */
Err points_setting_read(Ctx *c, PointsSetting *ret_setting);

/* The kind of the default type, and of any type of the settings (E_NOT_FOUND points.type_unknown). */
extern const LedgerKind points_kind;
Err points_kind_of(Ctx *c, const PointsSetting *s, Str type, LedgerKind *ret_kind, const PointsType **ret_type);
/* Pure. The last millisecond on which a grant made at `at` is good; LEDGER_NEVER where it never expires. */
int64_t points_expires_at(const PointsType *type, const Zone *zone, int64_t at);

/* ---- what an order earns ---- */
/* bonus per piece */
typedef struct PointsLine { int64_t item_id, category_id, brand_id, quantity, payable_fen, bonus_points; } PointsLine;
typedef struct PointsOrder {
    int64_t member_id, order_id;
    const Zone *zone; int64_t at, day;      /* the shop's zone and its local day */
    Str channel;
    int64_t tier_multiplier_bp;             /* 0 = x1 */
    int64_t birthday_day;                   /* the member's birthday nearest to `day` (yyyymmdd), 0 = unknown */
    int64_t payable_fen, cash_fen;          /* cash_fen: the part not paid with points or gift balance */
    const PointsLine *lines; int64_t line_count;
} PointsOrder;
/* rule "base", "items", "tier", "birthday", "day:NAME", "channel", "bonus", "cap.order" … */
typedef struct PointsStep { Str rule; int64_t base_fen, rate_bp, points; } PointsStep;
typedef LIST_OF(PointsStep) PointsSteps;
typedef struct PointsEarned {
    int64_t points;
    PointsSteps steps;                      /* add up to points */
    const int64_t *line_points;             /* add up to points; shares by largest remainder */
    int64_t line_count;
} PointsEarned;
extern const Fields points_step_fields;
/* Pure: no I/O, no clock; the same for quote and completion. Day and month caps are not known here. */
void points_compute(Arena *a, const PointsSetting *s, const PointsOrder *o, PointsEarned *ret_earned);
/* Inside the unit: applies day and month caps (only where set, two statements each) and fills the posting for
 * ledger_post_many; it becomes a pending grant by itself where the setting waits. points 0: a posting of amount 0,
 * which posts nothing. `earned` is what compute gave. */
Err points_order_post(Ctx *c, const PointsSetting *s, const PointsOrder *o, PointsEarned *earned, LedgerPost *ret_post);

/* ---- paying with points ---- */
typedef struct PointsOffset {
    int64_t balance, points, fen;           /* the most that can be used now, and its worth */
    int64_t step_points, min_points, rate_points, rate_fen;
    Str why_zh, why_en;                     /* why nothing (or no more) can be used; empty when everything can */
} PointsOffset;
extern const Fields points_offset_fields;
/* pure */
void points_offset_most(const PointsSetting *s, int64_t balance, int64_t payable_fen, PointsOffset *ret_offset);
/* Refuses a number of points that rate, step, minimum or share do not allow; ret_fen is what it pays (never more
 * than payable). */
Err points_offset_check(Ctx *c, const PointsSetting *s, int64_t points, int64_t payable_fen, int64_t *ret_fen);
/* Fills a posting that spends for an order in one call (settle), for ledger_post_many; refused with points.short. */
void points_spend_post(int64_t member_id, int64_t order_id, int64_t points, LedgerPost *ret_post);
/* Two phases: reserve at placing, consume at completion, release at cancel or expiry. Each again: no second effect. */
Err points_reserve(Ctx *c, int64_t member_id, int64_t order_id, int64_t points, int64_t due_at,
                   LedgerPosted *ret_posted);
Err points_consume(Ctx *c, int64_t order_id);
Err points_release(Ctx *c, int64_t order_id);

/* ---- refunds: exact numbers come from the refund (shares over what is left), natural key (refund_id) ---- */
/* Spent points go back to the very lots; expired ones come back for restore_grace_days. Never more than was spent. */
Err points_restore(Ctx *c, int64_t member_id, int64_t order_id, int64_t refund_id, int64_t points,
                   LedgerPosted *ret_posted);
/* the three add up to what was asked */
typedef struct PointsTaken { int64_t taken_points, pending_points, shortfall_points, balance; } PointsTaken;
/* Earned points are taken back: from what still waits, then from the lot they gave, then earliest expiry first; the
 * rest by the claw-back policy: refused with points.short, or recorded as debt. */
Err points_take_back(Ctx *c, int64_t member_id, int64_t order_id, int64_t refund_id, int64_t points,
                     PointsTaken *ret_taken);

/* ---- other ways in and out ---- */
typedef struct PointsGrant {
    int64_t member_id, points; Str type, reason; const char *source; int64_t source_id, expires_at; Str detail;
} PointsGrant;
/* A gift of a slice above (tier, later reward): expiry by the type's policy unless given. Again: is_duplicate. */
Err points_grant(Ctx *c, const PointsGrant *grant, LedgerPosted *ret_posted);

/* key "" = shop-local day */
typedef struct BehaviourPost { int64_t member_id; Str name, key; int64_t shop_id, at; } BehaviourPost;
typedef struct BehaviourDone {
    int64_t behaviour_id, points, streak, streak_points, balance; bool duplicate; Str capped_zh, capped_en;
} BehaviourDone;
/* Records that it happened (once per (member, name, key)) and grants what the setting says, within its caps; past a
 * cap it is recorded with 0 points. Refuses names that no setting knows: points.behaviour_unknown. */
Err behaviour_record(Ctx *c, const BehaviourPost *post, BehaviourDone *ret_done);

/* ---- reading ---- */
typedef struct PointsView {
    int64_t member_id; Str type, name;
    int64_t balance;                        /* shown with a minus under the "negative" policy */
    /* within POINTS_EXPIRING_DAYS; first day of it */
    int64_t debt, reserved, pending, expiring_points, expiring_at;
    int64_t worth_fen;
} PointsView;
extern const Fields points_view_fields;
Err points_view(Ctx *c, int64_t member_id, Str type, PointsView *ret_view);

/* ---- opening balances of imports: one lot each, natural key ("opening", source_id) ---- */
/* expires_at 0 = by policy */
typedef struct PointsOpening { int64_t member_id, points, expires_at, source_id; Str type; bool is_new; } PointsOpening;
typedef LIST_OF(PointsOpening) PointsOpenings;
Err points_import_batch(Ctx *c, PointsOpenings openings);
