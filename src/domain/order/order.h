/* order - 订单: quote, place, pay, complete, cancel; or all in one call at the till.
 *
 * Owns:   shop_order, order_line, order_adjustment, order_share, order_merge
 * Units:  *_fen; quantity in pieces; points whole; days shop-local yyyymmdd
 * Calls:  shop, tag, member, promo, item, ledger, points, growth, payment, wallet, coupon, reward, offer, tier
 * Emits:  order.completed, order.cancelled
 * Holds:  an order's amounts and points are the sums of its lines'; its discount is the sum of its adjustments, each
 *         the sum of its shares, and a line's discount the sum of its own; the tenders of a completed order add up to
 *         payable_fen, those of a cancelled one went back; nothing gives back more than it was; points and growth
 *         are what the books gave, stock is what the lines moved
 * Errors: order.number_missing, order.number_used, order.tenders_differ, order.tenders_many, order.not_open,
 *         order.not_found, order.too_large, order.backdated, order.future, order.points_need_member,
 *         order.points_place, order.over_return, order.moved, order.tender_not_waiting,
 *         order.balance_member, order.balance_twice, order.promo_unusable, order.promo_unknown,
 *         order.limit_member, order.not_for_all, order.over_limit
 *
 * Natural key: (shop, order_no, kind), unique for ever. The same content again is answered with "duplicate": true, even
 * when prices or the member have changed meanwhile; other content is refused.
 * A line's price: the shop's, unless the till names another one (permission order.price). What comes off is decided by
 * the promotion engine (promo.h): tier price, member price, offers and the member's coupons, the best legal combination
 * unless the till says what must or must not take part: a member's coupons are used by themselves where they make the
 * order cheaper; points and balance never are. Prices are rounded once, a piece at a time, by the engine; each
 * step and every line's share of it is stored. Points are a tender, spent only when asked: their worth is shared over
 * the lines by largest remainder and stored.
 * Goods that give something (recharge cards, times cards, coupon packs) give it when the order is complete (reward.h).
 * Locks are taken in one order everywhere: order, coupons, ledger accounts, member's card, shelves by item. */
#pragma once
#include "domain/coupon/coupon.h"
#include "domain/item/item.h"
#include "domain/member/member.h"
#include "domain/offer/offer.h"
#include "domain/payment/payment.h"
#include "domain/reward/reward.h"
#include "domain/tier/tier.h"
#include "domain/wallet/wallet.h"
#include "event/order.h"

enum { ORDER_LINES_MAX = 2000, ORDER_QUANTITY_MAX = 1000000, ORDER_FUTURE_MS = 5 * 60 * 1000 };
#define ORDER_AMOUNT_MAX_FEN 100000000000
typedef enum OrderStatus { ORDER_PLACED, ORDER_COMPLETED, ORDER_CANCELLED } OrderStatus;
extern const char *const order_status_names[];

typedef struct OrderSetting {
    int64_t expire_minutes; /* an unpaid order cancels itself */
    int64_t backdate_days;  /* how old an order of an off-line till may be */
} OrderSetting;
extern const Setting order_setting;

/* ---- what comes in ---- */
typedef struct OrderLineNew {
    int64_t item_id;
    Str barcode, sku; /* the first that is given; none = a line without an item: name and price */
    Str name;
    int64_t quantity, weight_g;
    int64_t unit_price_fen; /* 0 = the shop's price */
    int64_t amount_fen;     /* weighed goods: what the scale printed, 0 = price x quantity */
    bool free;              /* given away: nothing to pay; a named price */
} OrderLineNew;
typedef struct OrderNew {
    int64_t shop_id, till_no, member_id;
    Str order_no, channel; /* channel "" = "till" */
    int64_t occurred_at;   /* 0 = now; off-line tills say when */
    int64_t points;        /* points to pay with */
    IntList use_ids;       /* offers and coupons that must take part */
    IntList skip_ids;      /* offers and coupons that must not */
    StrList coupon_codes;  /* codes at the till: must take part */
    bool no_coupons;       /* none but those that are named */
    bool settle;           /* all in one call: the tenders must pay the whole */
    LIST_OF(OrderLineNew) lines;
    PaymentNews tenders;
} OrderNew;
extern const Fields order_new_fields;

/* ---- what stands ---- */
enum { ORDER_STEPS = -1, ORDER_ADJUSTMENTS_MAX = 250 };
typedef struct OrderShare {
    int64_t step_no, off_fen;
} OrderShare;
typedef LIST_OF(OrderShare) OrderShares;
/* What a refund needs to ask an order step again for fewer goods; empty where it asks for nothing. */
typedef struct OrderTerms {
    int64_t threshold_fen, threshold_pieces, off_fen, rate_bp, cap_fen, times_max;
    bool every;
    LIST_OF(PromoStep) steps;
} OrderTerms;
typedef struct OrderAdjustment {
    int64_t step_no; /* 1, 2, … in the order of evaluation */
    Str rule;        /* "tier", "member_price", "offer", "coupon" */
    int64_t source_id;
    PromoKind kind;
    Str name;
    int64_t off_fen;
    OrderTerms terms;
} OrderAdjustment;
typedef LIST_OF(OrderAdjustment) OrderAdjustments;

typedef struct OrderLine {
    int64_t line_no; /* 1, 2, … as the till sent them */
    int64_t item_id, category_id, brand_id;
    Str name;
    int64_t quantity, weight_g, unit_price_fen;
    int64_t amount_fen; /* before discounts */
    int64_t discount_fen;
    int64_t step_no;       /* the one step that made it cheaper; 0 = none, ORDER_STEPS = several: all in shares */
    OrderShares shares;    /* sum to discount_fen */
    int64_t gift_step;     /* goods that this step gave on top: nothing to pay */
    int64_t payable_fen;   /* amount - discount */
    int64_t offset_fen;    /* this line's share of what points paid */
    int64_t points_earned; /* this line's share of the order's points */
    int64_t refunded_quantity, refunded_fen, points_taken;
    int64_t withheld_fen; /* of what is left: kept back for a discount that the goods kept no longer earn */
} OrderLine;
typedef LIST_OF(OrderLine) OrderLines;

typedef struct Order {
    int64_t order_id, shop_id, till_no, member_id, staff_id;
    Str order_no, kind, channel; /* kind "sale"; past orders carry channel "import" */
    OrderStatus status;
    int64_t amount_fen, discount_fen, payable_fen, offset_fen, cash_fen; /* cash: the part that earns */
    int64_t paid_fen, refunded_fen;
    int64_t points_spent, points_earned, points_taken, growth_earned, growth_taken;
    int64_t tier_id;
    int64_t occurred_at, placed_at, completed_at, expires_at, day;
    OrderLines lines;
    OrderAdjustments adjustments;
    Payments payments;
    PointsSteps points_steps;               /* answers only: why so many points */
    int64_t points_balance, growth_balance; /* answers of completing calls only */
    bool duplicate;                         /* this very order was there already; nothing happened now */
} Order;
typedef LIST_OF(Order) Orders;
extern const Fields order_fields, order_line_fields;

Err order_read(Ctx *c, int64_t order_id, Order *ret_order); /* with lines and payments; E_NOT_FOUND order.not_found */

/* What a quote says: the order as it would be, and what the person may decide. Nothing is written. */
typedef struct Quote {
    Order order;
    TierEffect tier;
    PointsOffset offset; /* the most that points can pay, and why not more */
    LIST_OF(PromoRefusal)
    refusals;           /* each offer and coupon that is not used: why, what would change it */
    bool optimal;       /* no legal combination is cheaper; certificate says how to check that */
    bool forced_failed; /* what must take part cannot: priced without that wish */
    Str certificate;
} Quote;

/* Two steps, so that the writer only writes: prepare reads, prices and computes from a snapshot; the second, in the
 * unit, writes, and refuses with E_STALE order.moved when the member or the offers have changed. */
typedef struct OrderPlan OrderPlan;
Err order_prepare(Ctx *c, const OrderNew *order, OrderPlan **ret_plan);
Err order_prepare_quote(Ctx *c, const OrderNew *order, OrderPlan **ret_plan); /* tenders need not pay the whole */
/* Whatever the tenders leave open counts as paid with money. Refuses points that the member does not have. */
Err order_quote(Ctx *c, OrderPlan *plan, Quote *ret_quote);
Err order_place(Ctx *c, const OrderPlan *plan, Order *ret_order); /* settles when the order says so */
/* Completes when all is paid. proven: of the tender "balance" (wallet_prove), else NULL. */
Err order_pay(Ctx *c, int64_t order_id, const PaymentNew *tender, const WalletProven *proven, Order *ret_order);
/* Money that was confirmed later (a channel's notice): adds it, and completes the order when the whole is paid. On an
 * order that was cancelled meanwhile it goes back. */
Err order_take_payment(Ctx *c, int64_t order_id, int64_t number);
/* Gives up a tender that waits at the channel, so that another one may pay; money that still comes goes back by
 * itself. */
Err order_drop_payment(Ctx *c, int64_t order_id, int64_t number, Order *ret_order);
Err order_cancel(Ctx *c, int64_t order_id, Str reason, Order *ret_order);

/* What a refund writes on the order it returns; the guards stand in the statements. E_CONFLICT order.over_return. */
typedef struct OrderReturnLine {
    int64_t line_no, quantity, amount_fen, points, withheld_fen; /* withheld: may be negative */
} OrderReturnLine;
typedef struct OrderReturn {
    int64_t order_id, amount_fen, points_taken, growth_taken;
    LIST_OF(OrderReturnLine) lines;
} OrderReturn;
Err order_return(Ctx *c, const OrderReturn *back);
/* Locks the order for the rest of the unit and reads it whole. E_NOT_FOUND order.not_found. */
Err order_lock_whole(Ctx *c, int64_t order_id, Order *ret_order);

/* ---- past orders (import, demo): complete orders in bulk, one unit many orders, few statements ----
 * Natural key as above: an order that is there already is left alone (is_new false; order_id and found_fen are its
 * own). Growth, counts and tier progress follow, points only when `earn`; no gifts, no messages, no stock. Lines need
 * no item. Amounts are sums of the lines; the whole was paid with `tender` ("" = "external"). */
typedef struct OrderImportLine {
    int64_t item_id, category_id;
    Str name;
    int64_t quantity, unit_price_fen, amount_fen;
} OrderImportLine;
typedef struct OrderImport {
    int64_t shop_id, member_id;    /* member 0 = a walk-in */
    Str order_no, channel, tender; /* channel "" = "import" */
    int64_t completed_at;
    int64_t points_at; /* `earn`: from when the life of its points counts; 0 = completed_at */
    LIST_OF(OrderImportLine) lines;
    int64_t order_id;
    bool is_new;       /* set by the call */
    int64_t found_fen; /* set by the call when not is_new: amount of the order that is there */
} OrderImport;
typedef LIST_OF(OrderImport) OrderImports;
Err order_import_batch(Ctx *c, OrderImports orders, bool earn);
Err order_find_no(Ctx *c, int64_t shop_id, Str order_no, int64_t *ret_order_id); /* 0 = none */
/* Heads by ascending id above `above_id`, for exports; order_read_lines gives the lines of one. */
Err order_walk(Ctx *c, int64_t above_id, int64_t most, Orders *ret_list);
Err order_read_lines(Ctx *c, int64_t order_id, OrderLines *ret_lines);

/* Lines of a member's completed orders of one item that still have something to give back, sold up to before_at, newest
 * first (for returns that name no order). shop_id 0 = any shop. Walks the member's orders from the newest and stops at
 * `most` lines. */
typedef struct OrderOpenLine {
    int64_t order_id, line_no, left_quantity, left_fen, occurred_at;
} OrderOpenLine;
typedef LIST_OF(OrderOpenLine) OrderOpenLines;
typedef struct OrderOpenAsk {
    int64_t shop_id, member_id, item_id, before_at, most;
} OrderOpenAsk;
Err order_open_lines(Ctx *c, const OrderOpenAsk *ask, OrderOpenLines *ret_lines);
