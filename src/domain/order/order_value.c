/* order_value - what an order earns, and the one place where its points and growth are posted. */
#include "domain/order/order_plan.h"
#include <assert.h>

/* The birthday nearest to the order's day, so that a birthday week over New Year is found. */
static int64_t nearest_birthday(const MemberCard *card, int64_t day) {
    int64_t best = 0;
    for (int64_t year = day_year(day) - 1; year <= day_year(day) + 1; year++) {
        int64_t birthday = member_birthday_in(card, year);
        if (birthday == 0) continue;
        int64_t away = day_difference(birthday, day), best_away = best == 0 ? 0 : day_difference(best, day);
        if (best == 0 || (away < 0 ? -away : away) < (best_away < 0 ? -best_away : best_away)) best = birthday;
    }
    return best;
}

static bool may_earn(const OrderPlan *plan) {
    return plan->order.member_id != 0 && plan->card.status == MEMBER_ACTIVE && (plan->card.blocked & RIGHT_EARN) == 0;
}

Err order_plan_earning(Ctx *c, OrderPlan *plan) {
    Order *order = &plan->order;
    PointsOrder *points = &plan->points_order;
    points->member_id = order->member_id;
    points->zone = plan->zone;
    points->at = order->occurred_at;
    points->day = order->day;
    points->channel = order->channel;
    points->tier_multiplier_bp = plan->tier.points_multiplier_bp;
    points->order_id = order->order_id;
    points->birthday_day = order->member_id != 0 ? nearest_birthday(&plan->card, order->day) : 0;
    points->payable_fen = order->payable_fen;
    points->cash_fen = order->cash_fen;
    plan->earned = (PointsEarned){ 0 };
    order->points_earned = order->growth_earned = 0;
    if (!may_earn(plan)) return OK;

    points_compute(c->arena, &plan->points_setting, points, &plan->earned);
    GrowthSetting growth;
    TRY(growth_setting_read(c, &growth));
    order->growth_earned = growth_compute(&growth, order->payable_fen, order->cash_fen);
    order->points_earned = plan->earned.points;
    for (int64_t i = 0; i < plan->earned.line_count; i++)
        order->lines.items[i].points_earned = plan->earned.line_points[i];
    return OK;
}

/* Caps of the day and month are only known inside the unit: they may take points off what was planned. */
static Err final_points(Ctx *c, OrderPlan *plan, LedgerPost *ret_post) {
    Order *order = &plan->order;
    plan->points_order.order_id = order->order_id;
    TRY(points_order_post(c, &plan->points_setting, &plan->points_order, &plan->earned, ret_post));
    order->points_earned = plan->earned.points;
    order->points_steps = plan->earned.steps;
    for (int64_t i = 0; i < plan->earned.line_count; i++)
        order->lines.items[i].points_earned = plan->earned.line_points[i];
    return OK;
}

Err order_post_value(Ctx *c, OrderPlan *plan, bool spend_now) {
    Order *order = &plan->order;
    if (order->member_id == 0) return OK;
    enum { SPEND, EARN, GROW, POSTS };
    LedgerPost posts[POSTS] = { 0 };
    LedgerPosted posted[POSTS] = { 0 };
    int64_t first = EARN, end = EARN;
    if (spend_now && plan->points > 0) {
        points_spend_post(order->member_id, order->order_id, plan->points, &posts[SPEND]);
        first = SPEND;
    }
    if (may_earn(plan)) {
        TRY(final_points(c, plan, &posts[EARN]));
        growth_order_post(order->member_id, order->order_id, order->growth_earned, &posts[GROW]);
        end = POSTS;
    }
    order->points_balance = plan->card.points;
    order->growth_balance = plan->card.growth;
    if (first == end) return OK;
    TRY(ledger_post_many(c, posts + first, end - first, posted + first));
    order->points_balance = posted[end == POSTS ? EARN : SPEND].balance;
    plan->posted = SUMMARY_POINTS;
    if (end == EARN) return OK;
    order->growth_balance = posted[GROW].balance;
    plan->posted |= SUMMARY_GROWTH;
    return OK;
}

static int64_t spend_of(const Order *order) { return order->payable_fen - order->offset_fen; }

MemberSummary order_summary(const OrderPlan *plan) {
    const Order *order = &plan->order;
    return (MemberSummary){ .set = plan->posted,
                            .points = order->points_balance,
                            .growth = order->growth_balance,
                            .add_orders = 1,
                            .add_spend_fen = spend_of(order),
                            .order_at = order->occurred_at };
}

Err order_announce(Ctx *c, const Order *order) {
    return emit(c, &order_completed, order->member_id != 0 ? order->member_id : order->order_id,
                &(OrderFact){ .order_id = order->order_id,
                              .member_id = order->member_id,
                              .shop_id = order->shop_id,
                              .day = order->day,
                              .spend_fen = spend_of(order),
                              .orders = 1 });
}

Err order_plan_again(Ctx *c, const Order *order, OrderPlan *ret_plan) {
    OrderPlan *plan = ret_plan;
    plan->order = *order;
    plan->points = order->points_spent;
    Str zone_name;
    TRY(shop_zone(c, order->shop_id, &zone_name));
    plan->zone = app_zone(c, zone_name);
    TRY(points_setting_read(c, &plan->points_setting));
    if (order->member_id != 0) {
        TRY(member_living(c, order->member_id, &plan->order.member_id));
        TRY(member_card(c, plan->order.member_id, &plan->card));
        TRY(tier_of(c, plan->order.member_id, &plan->tier));
    }
    PointsLine *lines = NEW_LIST(c->arena, PointsLine, order->lines.count);
    ItemKeys keys = { NEW_LIST(c->arena, ItemKey, order->lines.count), 0 };
    int64_t *line_of = NEW_LIST(c->arena, int64_t, order->lines.count);
    for (int64_t i = 0; i < order->lines.count; i++) {
        const OrderLine *l = &order->lines.items[i];
        lines[i] = (PointsLine){ l->item_id, l->category_id, l->brand_id, l->quantity, l->payable_fen, 0 };
        if (l->item_id == 0 || l->gift_step != 0) continue;
        line_of[keys.count] = i;
        keys.items[keys.count++] = (ItemKey){ .item_id = l->item_id, .line = i };
    }
    IntList bonus = { 0 };
    TRY(item_points_bonus(c, keys, &bonus));
    for (int64_t i = 0; i < bonus.count; i++) lines[line_of[i]].bonus_points = bonus.items[i];
    plan->points_order.lines = lines;
    plan->points_order.line_count = order->lines.count;
    return order_plan_earning(c, plan);
}
