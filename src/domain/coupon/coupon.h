/* coupon - 优惠券: what a member may take off a price later: issued, locked, used, given back, given to a friend.
 *
 * Owns:   coupon_template, coupon_rule, coupon_supply, coupon, coupon_entry, coupon_quota, coupon_gift, coupon_run,
 *         coupon_merge
 * Units:  *_fen; *_at unix ms; days shop-local yyyymmdd; rates in basis points (8000 = 8 折)
 * Calls:  shop, approval, tag, member, promo
 * Emits:  coupon.accepted
 * Holds:  a coupon's state is what its entries say; no coupon is used twice; a template's issued_count is its coupons,
 *         never above its stock; nothing of a merged member is left behind
 * Errors: (see docs/errors.md)
 *
 * A template is what the marketer writes; every change makes a new version, and a coupon keeps the version it was
 * issued under. A code is 60 bits of chance with a check character (base/code.h). At the till all of a member's coupons
 * go to the promotion engine as promos (coupon_promos), so each one that is not used gets its reason.
 * Locks: template's supply, then coupons by ascending id; both before ledger accounts. */
#pragma once
#include "domain/member/member.h"
#include "domain/promo/promo.h"

enum { COUPON_ISSUE_MAX = 1000, COUPON_BATCH_MAX = 5000, COUPON_NAME_MAX = 60, COUPONS_PER_MEMBER_MAX = 500,
       COUPON_GIFT_HOURS = 24, COUPON_REASON_MAX = 200 };

/* ---- setting "coupon" ---- */
typedef struct CouponSetting {
    int64_t approval_fen;   /* gifts by hand (coupons, rewards) worth more need a second person; 0 = none do */
    bool approve_runs;      /* so does issuing to many */
} CouponSetting;
extern const Setting coupon_setting;

typedef enum CouponKind {
    COUPON_CASH,            /* off_fen, no threshold */
    COUPON_FULL,            /* 满减: off_fen from threshold_fen on; `every`: for each threshold */
    COUPON_DISCOUNT,        /* rate_bp is what is paid; at most cap_fen off */
    COUPON_FIXED_PRICE,     /* `pieces` of the scope at price_fen each */
    COUPON_EXCHANGE,        /* `pieces` of the scope for nothing: cake, dessert */
    COUPON_GIFT,            /* gift_quantity of gift_item_id on top */
    COUPON_EXPERIENCE,      /* 体验券: redeemed by itself at a till or gate, in no order */
    COUPON_DELIVERY,        /* off_fen of the delivery fee, 0 = all of it */
} CouponKind;
typedef enum CouponStatus {
    COUPON_ISSUED, COUPON_LOCKED, COUPON_USED, COUPON_EXPIRED, COUPON_VOID,
    COUPON_GIVING,          /* on its way to a friend: comes back by itself */
} CouponStatus;
/* What becomes of a used coupon when all is returned. A part of an order returned keeps it used. */
typedef enum CouponBack {
    COUPON_BACK_UNEXPIRED,  /* usable again while it is good */
    COUPON_BACK,            /* usable again; one that ran out meanwhile is good to the end of the day */
    COUPON_BACK_EXTEND,     /* usable again, and good for extend_days from now at least */
    COUPON_BACK_KEEP,       /* used is used */
} CouponBack;
typedef enum CouponClaim { COUPON_CLAIM_NONE, COUPON_CLAIM_OPEN, COUPON_CLAIM_PASSWORD } CouponClaim;
typedef enum CouponState { COUPON_ON, COUPON_PAUSED, COUPON_RETIRED } CouponState;   /* of a template: issuing stops */
extern const char *const coupon_kind_names[], *const coupon_status_names[], *const coupon_back_names[];

typedef struct CouponTemplate {
    int64_t template_id, version; Str name, terms;
    CouponState state;
    /* the rule: coupons keep that of their version */
    CouponKind kind;
    int64_t threshold_fen, threshold_pieces, off_fen, rate_bp, cap_fen, price_fen, pieces, times_max; bool every;
    int64_t gift_item_id, gift_quantity;
    int64_t worth_fen;      /* what one costs the merchant at most, for budgets; 0 = what the rule tells */
    PromoScope scope; PromoWho who; IntList shop_ids; StrList channels;
    PromoWhen when;         /* from_day and to_day are the fixed range of validity; else: */
    int64_t valid_days;     /* N days from the claim, that day included; 0 = by the range */
    int64_t start_days;     /* … beginning so many days after it */
    PromoStack stack; Str stack_class;      /* one coupon of a class an order; "" = the class "coupon" */
    bool is_combinable;     /* any number of them in an order, beside others */
    int64_t rank;
    CouponBack on_refund; int64_t extend_days;
    bool may_give; int64_t give_hours;      /* to a friend; unaccepted it comes back after give_hours, 0 = 24 */
    /* supply: changes touch no coupon that is out; 0 = no limit */
    int64_t stock, most_total, most_day, most_period, period_days;
    PromoWho claim_who;     /* who may claim: tiers, tags, birthday */
    CouponClaim claim; Str password; int64_t claim_from_day, claim_to_day;
    int64_t issued_count, used_count, created_at, updated_at;   /* used_count: of single reads only */
} CouponTemplate;
typedef LIST_OF(CouponTemplate) CouponTemplates;
extern const Fields coupon_template_fields;
/* Refuse coupon.rule (as complaints, all of them). Update: E_STALE coupon.stale unless version is the newest or 0. */
Err coupon_template_create(Ctx *c, const CouponTemplate *in, CouponTemplate *ret_template);
Err coupon_template_update(Ctx *c, const CouponTemplate *in, CouponTemplate *ret_template);
Err coupon_template_read(Ctx *c, int64_t template_id, CouponTemplate *ret_template);  /* E_NOT_FOUND coupon.unknown */
/* What one costs the merchant at most; gift items at their price. */
int64_t coupon_worth_fen(const CouponTemplate *t);

typedef struct Coupon {
    int64_t coupon_id, template_id, version, member_id;         /* member 0: a code nobody has claimed */
    Str code; CouponStatus status;
    int64_t from_at, expires_at;            /* last ms; 0 = never */
    Str source; int64_t source_id;
    int64_t order_id, shop_id, off_fen;     /* of the lock or use; a redemption's id for experience coupons */
    int64_t used_at, issued_at;
} Coupon;
typedef LIST_OF(Coupon) Coupons;
extern const Fields coupon_fields;
Err coupon_read(Ctx *c, int64_t coupon_id, Coupon *ret_coupon);    /* E_NOT_FOUND coupon.unknown */

/* ---- issuing ---- */
typedef struct CouponIssue {
    int64_t member_id, template_id, count;  /* member 0: bearer codes */
    const char *source; int64_t source_id;  /* natural key, for ever: (source, source_id, member, template) */
    bool is_claim;                          /* by the member: gates, claim window and state are asked */
} CouponIssue;
/* Inside the unit. All or none. E_CONFLICT coupon.out_of_stock, coupon.limit, coupon.closed, coupon.gate. The same key
 * again gives the same coupons, issued once (is_duplicate; may be NULL). Grants by rule or hand pass the member's
 * limits only where they leave room. */
Err coupon_issue(Ctx *c, const CouponIssue *issue, Coupons *ret_coupons, bool *ret_is_duplicate);
/* Voids what was issued under the key and is not used yet; says how many were voided and how many are gone (used). */
Err coupon_unissue(Ctx *c, const CouponIssue *issue, Str reason, int64_t *ret_voided, int64_t *ret_gone);
/* Whether the member is one of `who` now: level, tags by name or key, birthday, no order yet. */
Err coupon_is_one_of(Ctx *c, const PromoWho *who, int64_t member_id, bool *ret_is);
/* How many more of it this member could be given now: stock, limits, state and time; 0 = none. */
Err coupon_room(Ctx *c, int64_t template_id, int64_t member_id, int64_t *ret_room);
/* How many of the key are still unused. */
Err coupon_unused(Ctx *c, const CouponIssue *issue, int64_t *ret_unused);

/* ---- pricing: in prepare(), from the snapshot ---- */
typedef LIST_OF(PromoRefusal) CouponRefusals;
/* The member's coupons that are not over, as promos (Promo.id = coupon_id); experience coupons are none. Those that
 * cannot go to the engine (locked by another order, on their way to a friend, right taken away) come with their reason.
 * Locked by `order_id` counts as free. At most PROMO_PROMOS_MAX, those that expire first. */
Err coupon_promos(Ctx *c, int64_t member_id, int64_t shop_id, int64_t order_id, Promos *ret_promos,
                  CouponRefusals *ret_refusals);
/* A code at the till: bearer, or of this very member (member 0 = walk-in). Counts wrong guesses per device, IP, member
 * and till in a unit of its own: E_NOT_FOUND coupon.code_wrong, E_LIMIT limit.reached, E_CONFLICT coupon.other_member,
 * coupon.taken, coupon.expired, coupon.void, coupon.not_yet. */
Err coupon_promo_by_code(Ctx *c, Str code, int64_t member_id, int64_t shop_id, Promo *ret_promo);
/* Coupons of an order as promos again, whatever their state: for re-pricing after a return. */
Err coupon_promos_of(Ctx *c, const IntList *coupon_ids, int64_t shop_id, Promos *ret_promos);

/* ---- in the unit: two statements each; the guard stands in the statement ---- */
typedef struct CouponMove { int64_t coupon_id, member_id, order_id, shop_id, off_fen; } CouponMove;
/* issued -> locked, issued or locked by this order -> used. Refuse coupon.taken, coupon.expired, coupon.not_yet,
 * coupon.void, coupon.other_member. A bearer coupon becomes the member's. */
Err coupon_lock(Ctx *c, const CouponMove *move);
Err coupon_use(Ctx *c, const CouponMove *move);
Err coupon_release(Ctx *c, int64_t order_id);                   /* every one this order locked; again: no effect */
/* After a refund: by the template's policy when the whole order is back; ret_back (may be NULL) says whether it is
 * usable again. Again: no effect. */
Err coupon_return(Ctx *c, int64_t order_id, int64_t coupon_id, int64_t refund_id, bool is_whole, bool *ret_back);
