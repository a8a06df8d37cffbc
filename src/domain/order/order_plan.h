/* order_plan - what prepare() leaves for the unit: the priced order and all it relied on; private to the folder. */
#pragma once
#include "domain/order/order_store.h"

enum { ORDER_CONTENT_LEN = 16 };

typedef LIST_OF(CouponMove) CouponMoves;

struct OrderPlan {
    Order order;                         /* priced: lines, discounts, shares, planned points and growth */
    PaymentNews tenders;                 /* with the points tender at its place */
    const bool *is_pending;              /* per tender: waits for the payment channel */
    int64_t tender_fen;                  /* sum of the tenders */
    int64_t balance_number, balance_fen; /* the tender "balance", 0 = none */
    int64_t balance_principal_fen;       /* what of it was paid in, as the snapshot foresees: it earns */
    WalletProof proof;
    const WalletProven *proven;
    int64_t points; /* points to spend */
    bool settle;
    Bytes content;                  /* what the natural key is compared by */
    int64_t twin_id;                /* the very same order stands already; nothing else of the plan counts */
    ItemFacts facts;                /* per line */
    PromoDecision decision;         /* why each step, and why not the others */
    int64_t offer_version;          /* the offers the price was made from; 0 = it used none */
    const RewardPlan *reward;       /* goods that give something; NULL = the usual case */
    bool has_limits;                /* an item with a limit per member */
    CouponRefusals coupon_refusals; /* those that could not even be asked for */
    CouponMoves coupons;            /* that take part, by ascending id, without the order's id */
    IntList named_ids;              /* offers and coupons that must take part */
    const bool *is_named; /* per coupon: the till named it, so its refusal is told and no other is taken instead */
    MemberCard card;      /* as the prices were made; zero without a member */
    TierEffect tier;
    PointsSetting points_setting;
    PointsOrder points_order;
    PointsEarned earned;
    unsigned posted; /* SUMMARY_* bits of the balances that this unit posted, so under their lock */
    const Zone *zone;
};

Err order_need_money_tender(Ctx *c, const PaymentNew *tender, Tender *ret_kind); /* known, and not points */
Err order_refuse_tenders(Ctx *c, int64_t payable_fen, int64_t tender_fen);
Err order_refuse_number(Ctx *c, const OrderPlan *plan, const OrderTaken *taken);
/* Asks the promotion engine: steps, shares, goods given on top. order_promo.c */
Err order_plan_promo(Ctx *c, const OrderNew *in, OrderPlan *plan);
/* Which of the lines' goods give something to their buyer. */
Err order_plan_reward(Ctx *c, OrderPlan *plan);
/* In the unit, before any account is locked: the coupons of the order, used or locked. */
Err order_take_coupons(Ctx *c, const OrderPlan *plan, bool is_paid);
/* The same of an order that was placed before and is paid now. */
Err order_use_locked(Ctx *c, const Order *order);
/* The till named its own price. */
bool order_names_price(const OrderLineNew *in, const ItemFact *item);
/* Earning of the order as it stands in plan->order (cash part, lines): pure, from the settings. order_value.c */
Err order_plan_earning(Ctx *c, OrderPlan *plan);
/* The snapshot side of completing an order that was placed earlier: member, tier, settings. */
Err order_plan_again(Ctx *c, const Order *order, OrderPlan *ret_plan);
/* Posts spending, points and growth of a completing order in one go; fills points_earned and balances. In the unit. */
Err order_post_value(Ctx *c, OrderPlan *plan, bool spend_now);
/* What a completed order adds to its member's card. Balances only where they were posted in this unit: those that the
 * price saw may have moved since. */
MemberSummary order_summary(const OrderPlan *plan);
Err order_announce(Ctx *c, const Order *order);
Err order_expire(Ctx *c, int64_t order_id); /* cancels it unless it was paid meanwhile */
