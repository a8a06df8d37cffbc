/* order_plan - what prepare() leaves for the unit: the priced order and all it relied on; private to the folder. */
#pragma once
#include "domain/order/order.h"

struct OrderPlan {
    Order order;                            /* priced: lines, discounts, shares, planned points and growth */
    PaymentNews tenders;                    /* with the points tender at its place */
    const bool *is_pending;                 /* per tender: waits for the payment channel */
    int64_t points;                         /* points to spend */
    bool settle;
    Bytes content;                          /* what the natural key is compared by */
    MemberCard card;                        /* as the prices were made; zero without a member */
    TierEffect tier;
    PointsSetting points_setting;
    PointsOrder points_order;
    PointsEarned earned;
    const Zone *zone;
};

/* Earning of the order as it stands in plan->order (cash part, lines): pure, from the settings. order_earn.c */
Err order_plan_earning(Ctx *c, OrderPlan *plan);
/* Posts spending, points and growth of a completing order in one go; fills points_earned, growth_earned, balances. In the unit. */
Err order_post_value(Ctx *c, OrderPlan *plan, bool spend_now);
/* Announces a completed order and keeps the member's summary. In the unit. */
Err order_announce(Ctx *c, const Order *order, bool is_import);
/* The snapshot side of completing an order that was placed earlier: member, tier, settings. */
Err order_plan_again(Ctx *c, const Order *order, OrderPlan *ret_plan);
