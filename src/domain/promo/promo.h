/* promo - 促销: the pure price engine: a snapshot in, the best legal combination of offers and coupons out.
 *
 * Owns:   nothing
 * Units:  *_fen; quantity in pieces; rates in basis points; days shop-local yyyymmdd; *_at unix ms
 * Calls:  nobody
 * Emits:  nothing
 * Holds:  nothing
 * Errors: promo.amount, promo.certificate
 *
 * No SQL, no clock, no memory but the arena's.
 *
 * Order of evaluation (what is chosen is the set; the order is fixed):
 *   1 price     each line takes the lowest of the chosen prices: tier, member, category, flash
 *   2 pieces    N-th item, bundle, exchange and fixed price of pieces, from the prices of step 1
 *   3 order     discount (at most one), then 满减 and cash
 *   4 shipping  off the delivery fee
 * Thresholds of price and pieces look at list prices; those of order and shipping at what the goods cost after step 2,
 * so that one coupon never takes away the condition of another. Within a step: rank, offers before coupons, id.
 * Legal: no two of one class; an exclusive one is alone in its group (1 and 2 are one group) or alone at all; at most
 * coupons_max coupons; N-th item and bundle share no line with another one of step 2; every forced one takes part.
 * Best: lowest payable, then most worth in gifts, then the least life of coupons used up (how long they were still
 * good, so what expires later is kept), then fewer coupons, then a fixed order of keys. */
#pragma once
#include "base/ctx.h"
#include "base/fen.h"
#include "base/field.h"

enum { PROMO_LINES_MAX = 2000, PROMO_PROMOS_MAX = 500, PROMO_QUANTITY_MAX = 1000000, PROMO_COUPONS_MAX = 10,
       PROMO_WORK_MAX = 5000 /* less than 5 ms; then the answer says optimal: false */ };
#define PROMO_AMOUNT_MAX_FEN 100000000000
#define PROMO_LIFE_MAX_MS (3650 * 86400000LL)   /* a coupon without an end counts as good for ten years */

typedef enum PromoKind {
    PROMO_RATE,             /* price: rate_bp of the list price (tier, weekday x category, birthday, member day) */
    PROMO_PRICE,            /* price: price_fen a piece (flash price) */
    PROMO_MEMBER_PRICE,     /* price: the line's member_price_fen */
    PROMO_NTH,              /* pieces: of every `nth` pieces the cheapest at rate_bp (second half price: 2, 5000) */
    PROMO_BUNDLE,           /* pieces: the parts together for price_fen */
    PROMO_PIECE,            /* pieces: the dearest `pieces` at price_fen each (exchange: 0) */
    PROMO_DISCOUNT,         /* order: rate_bp of the scope, at most cap_fen off */
    PROMO_CASH,             /* order: off_fen; `every`: for each threshold; or the highest step reached */
    PROMO_GIFT,             /* order: gift_quantity of gift_item_id, worth gift_worth_fen each; `every` as above */
    PROMO_DELIVERY,         /* shipping: off_fen off the fee, 0 = all of it */
} PromoKind;
typedef enum PromoStack { PROMO_STACKABLE, PROMO_GROUP_ALONE, PROMO_ALONE } PromoStack;
typedef enum PromoBirthday { PROMO_BIRTHDAY_ANY, PROMO_BIRTHDAY_DAY, PROMO_BIRTHDAY_MONTH } PromoBirthday;
extern const char *const promo_kind_names[], *const promo_stack_names[];

typedef struct PromoScope {                  /* all empty = every line; within a kind any, between kinds all */
    IntList item_ids, category_ids, brand_ids; StrList tags;
    IntList not_item_ids, not_category_ids, not_brand_ids; StrList not_tags;
    bool skips_discounted;                   /* not what step 1 and 2 made cheaper, or came in as discounted */
} PromoScope;
typedef struct PromoDays { int64_t from_day, to_day; } PromoDays;
typedef struct PromoWhen {
    int64_t from_day, to_day;                /* 0 = open */
    LIST_OF(PromoDays) not_days;             /* blackouts: from … to, both included */
    IntList weekdays;                        /* 1 = Monday … 7 */
    IntList month_days;                      /* member day: the 8th, 18th, 28th */
    int64_t from_minute, to_minute;          /* of the day; to 0 = midnight; from > to goes over midnight */
} PromoWhen;
typedef struct PromoWho {
    IntList tier_ids; StrList tags;
    PromoBirthday birthday;
    bool first_order, members_only;
} PromoWho;
typedef struct PromoStep { int64_t threshold_fen, off_fen; } PromoStep;
typedef struct PromoPart { int64_t item_id, quantity; } PromoPart;

typedef struct Promo {
    int64_t id; Str name;
    PromoKind kind;
    PromoStack stack; Str stack_class; int64_t rank;
    bool forced, forbidden;                  /* by the cashier */
    int64_t expires_at;                      /* coupons: how long it is still good; 0 = no end */
    PromoScope scope; PromoWhen when; PromoWho who;
    IntList shop_ids; StrList channels;
    int64_t threshold_fen, threshold_pieces; /* in the scope */
    bool every;
    int64_t rate_bp, off_fen, price_fen, cap_fen;
    int64_t nth, pieces, times_max;          /* times_max 0 = no limit */
    LIST_OF(PromoStep) steps;
    LIST_OF(PromoPart) parts;
    int64_t gift_item_id, gift_quantity, gift_worth_fen;
} Promo;
typedef LIST_OF(Promo) Promos;

typedef struct PromoLine {
    int64_t line_no, item_id, category_id, brand_id; StrList tags;
    int64_t quantity, unit_price_fen;        /* weighed goods: one piece at what the scale printed */
    int64_t floor_price_fen;                 /* never cheaper a piece */
    int64_t member_price_fen;                /* 0 = none */
    bool no_promo;                           /* takes no part in anything, nor in thresholds */
    bool discounted;                         /* the till made it cheaper already */
} PromoLine;
typedef struct PromoMember { int64_t member_id, tier_id, birthday /* mmdd */, order_count; StrList tags; } PromoMember;

typedef struct PromoAsk {
    LIST_OF(PromoLine) lines;
    int64_t delivery_fen;
    PromoMember member;
    int64_t shop_id; Str channel;
    int64_t now, day, weekday, minute;       /* the instant and what it is at the shop */
    Promos offers, coupons;
    int64_t coupons_max;                     /* 0 = PROMO_COUPONS_MAX */
    int64_t work_max;                        /* 0 = PROMO_WORK_MAX */
} PromoAsk;

typedef struct PromoShare { int64_t line_no /* 0 = delivery */, off_fen; } PromoShare;
typedef struct PromoAdjustment {             /* one step, in the order of evaluation */
    int64_t id; bool coupon; Str name, group;
    int64_t off_fen;
    int64_t gift_item_id, gift_quantity;
    LIST_OF(PromoShare) shares;              /* sum to off_fen */
} PromoAdjustment;
typedef struct PromoRefusal {                /* why one is not used, and the least that would change it */
    int64_t id; bool coupon; Str name;
    Str code;                                /* "threshold.amount", "stack.excluded", …: promo_reason_codes */
    int64_t short_fen, short_pieces;
    Str zh, en;                              /* "再买 12.00 元可用 满50减10" */
} PromoRefusal;
typedef struct PromoPriced { int64_t line_no, amount_fen, off_fen, payable_fen; } PromoPriced;

typedef struct PromoDecision {
    int64_t amount_fen, delivery_fen, off_fen, payable_fen;
    int64_t gift_worth_fen, coupons_used;
    int64_t life_used_ms;                    /* what the used coupons were still good for, summed */
    bool optimal;
    int64_t bound_fen;                       /* no legal combination pays less */
    bool forced_failed;                      /* forced ones cannot all take part; decided without force */
    int64_t work;                            /* what the search took, as work_max counts */
    LIST_OF(PromoPriced) lines;
    LIST_OF(PromoAdjustment) adjustments;
    LIST_OF(PromoRefusal) refusals;
    Str certificate;
} PromoDecision;

/* E_INVALID promo.amount: amounts or quantities negative or past the limits, too many lines. */
Err promo_decide(Ctx *c, const PromoAsk *ask, PromoDecision *ret_decision);
/* Re-checks a certificate against the same snapshot: the set is legal and pays what it says, and a search that starts
 * from it finds nothing better. E_CONFLICT promo.certificate with what differs. */
Err promo_verify(Ctx *c, const PromoAsk *ask, Str certificate);
extern const Fields promo_ask_fields, promo_decision_fields;
/* The parts of a rule, for the slices that keep some. */
extern const Fields promo_fields, promo_scope_fields, promo_when_fields, promo_who_fields, promo_step_fields,
    promo_part_fields, promo_refusal_fields;
