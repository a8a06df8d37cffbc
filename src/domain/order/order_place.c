/* order_place - the writing half of placing: runs inside the unit and only writes. */
#include "domain/order/order_plan.h"
#include <string.h>

static Err answer_twin(Ctx *c, int64_t order_id, Order *ret_order) {
    TRY(order_read(c, order_id, ret_order));
    ret_order->duplicate = true;
    return OK;
}

static Err find_twin(Ctx *c, const OrderPlan *plan, Order *ret_order) {
    OrderTaken taken = { 0 };
    bool found;
    TRY(order_by_number(c, plan->order.shop_id, plan->order.order_no, plan->order.kind, &taken, &found));
    if (!found || !bytes_equal(taken.content, plan->content)) return order_refuse_number(c, plan, &taken);
    return answer_twin(c, taken.order_id, ret_order);
}

static Err refuse_moved(Ctx *c) {
    return fail(c, E_STALE, "order.moved", "会员信息或活动刚刚变动，请重新报价",
                "the member or an offer has changed meanwhile: ask for the price again");
}

/* The member may have been frozen, blocked, merged or moved to another tier since the prices were made: the card is
 * only written where it still is what the price saw, and from then on it is locked. */
static Err put_on_card(Ctx *c, const OrderPlan *plan, const MemberSummary *summary) {
    bool is_same;
    if (plan->order.member_id == 0) return OK;
    TRY(member_summary_put_as(c, &plan->card, summary, &is_same));
    return is_same ? OK : refuse_moved(c);
}

static Err write_lines(Ctx *c, const Order *order) {
    TRY(order_lines_insert(c, order->order_id, order->lines.items, order->lines.count));
    TRY(order_adjustments_insert(c, order->order_id, &order->adjustments));
    return order_shares_insert(c, order);
}

/* Somebody paused or changed an offer between the price and this unit. */
static Err need_same_offers(Ctx *c, const OrderPlan *plan) {
    bool is_current = true;
    if (plan->offer_version != 0) TRY(offer_is_current(c, plan->offer_version, &is_current));
    return is_current ? OK : refuse_moved(c);
}

/* Behind the lock of the member's card, so two orders of one member are counted one after the other. */
static Err need_within_limits(Ctx *c, const OrderPlan *plan) {
    const Order *order = &plan->order;
    for (int64_t i = 0; plan->has_limits && i < order->lines.count; i++) {
        const ItemFact *item = &plan->facts.items[i];
        int64_t bought = 0;
        if (item->most_per_member == 0) continue;
        TRY(order_bought(c, order->member_id, item->item_id, &bought));
        if (bought <= item->most_per_member) continue;
        fail_number(c, "item_id", item->item_id);
        fail_number(c, "most", item->most_per_member);
        fail_number(c, "bought_before", bought - order->lines.items[i].quantity);
        return fail(c, E_CONFLICT, "order.over_limit", "%.*s 每位会员限购 %lld 件", "%.*s: at most %lld a member",
                    (int)item->name.len, item->name.at, (long long)item->most_per_member);
    }
    return OK;
}

static Err write_tenders(Ctx *c, const OrderPlan *plan, Order *order) {
    order->payments = (Payments){ NEW_LIST(c->arena, Payment, plan->tenders.count + 1), plan->tenders.count };
    for (int64_t i = 0; i < plan->tenders.count; i++)
        TRY(payment_add(c, order->order_id, i + 1, &plan->tenders.items[i], plan->is_pending[i],
                        &order->payments.items[i]));
    return OK;
}

/* What nobody counted when the prices were made is not asked for again. */
static Err take_stock(Ctx *c, const OrderPlan *plan) {
    const Order *order = &plan->order;
    StockMoves moves = { NEW_LIST(c->arena, StockMove, order->lines.count), 0 };
    for (int64_t i = 0; i < order->lines.count; i++) {
        const OrderLine *line = &order->lines.items[i];
        if (plan->facts.items[i].is_tracked) moves.items[moves.count++] = (StockMove){ line->item_id, -line->quantity };
    }
    return moves.count > 0 ? item_stock_move(c, order->shop_id, moves, "order", order->order_id) : OK;
}

/* Spent in this unit, with the proof. Where it was split otherwise than foreseen, other points are earned. */
static Err spend_balance(Ctx *c, OrderPlan *plan, bool earns) {
    Order *order = &plan->order;
    WalletParts parts;
    if (plan->balance_fen == 0) return OK;
    WalletTender tender = { order->shop_id, order->member_id, order->order_id, plan->balance_number,
                            plan->balance_fen };
    TRY(wallet_spend_tender(c, &tender, plan->proven, &parts));
    if (!earns || parts.principal_fen == plan->balance_principal_fen) return OK;
    order->cash_fen += parts.principal_fen - plan->balance_principal_fen;
    return order_plan_earning(c, plan);
}

/* All in one call: value, lines, tenders, the member's card (which also proves that the member is as the price saw
 * it). */
static Err settle(Ctx *c, OrderPlan *plan) {
    Order *order = &plan->order;
    int64_t planned_points = order->points_earned, planned_fen = order->cash_fen;
    TRY(order_take_coupons(c, plan, true));
    TRY(reward_sold(c, order->member_id, order->order_id, plan->reward));
    TRY(spend_balance(c, plan, true));
    TRY(order_post_value(c, plan, true));
    TRY(write_lines(c, order));
    /* a cap of the day or month, or the balance was split otherwise */
    bool is_as_planned = order->points_earned == planned_points && order->cash_fen == planned_fen;
    if (!is_as_planned) TRY(order_mark_completed(c, order));
    TRY(write_tenders(c, plan, order));
    MemberSummary summary = order_summary(plan);
    TRY(put_on_card(c, plan, &summary));
    TRY(need_within_limits(c, plan));
    TRY(take_stock(c, plan));
    return order_announce(c, order);
}

/* To be paid later: points are put aside, stock is taken, nothing is earned yet. */
static Err reserve(Ctx *c, OrderPlan *plan) {
    Order *order = &plan->order;
    LedgerPosted posted;
    TRY(order_take_coupons(c, plan, false));
    if (plan->points > 0)
        TRY(points_reserve(c, order->member_id, order->order_id, plan->points, order->expires_at, &posted));
    TRY(spend_balance(c, plan, false));
    TRY(write_lines(c, order));
    TRY(write_tenders(c, plan, order));
    TRY(put_on_card(c, plan, &(MemberSummary){ 0 }));
    TRY(need_within_limits(c, plan));
    return take_stock(c, plan);
}

static bool is_whole(const Order *order) { return order->paid_fen == order->payable_fen; }

/* A unit may run more than once, so the plan of the prepare stays as it is and the unit works on a copy. */
static OrderPlan *copy_of(Ctx *c, const OrderPlan *seen) {
    OrderPlan *plan = NEW(c->arena, OrderPlan);
    *plan = *seen;
    Order *order = &plan->order;
    order->lines.items = NEW_LIST(c->arena, OrderLine, order->lines.count);
    memcpy(order->lines.items, seen->order.lines.items, (size_t)order->lines.count * sizeof(OrderLine));
    order->order_id = id_new(c);
    if (is_whole(order)) {
        order->status = ORDER_COMPLETED;
        order->completed_at = c->now;
        order->expires_at = 0;
        return plan;
    }
    order->status = ORDER_PLACED;
    order->points_earned = order->growth_earned = 0; /* known when it is paid */
    for (int64_t i = 0; i < order->lines.count; i++) order->lines.items[i].points_earned = 0;
    return plan;
}

Err order_place(Ctx *c, const OrderPlan *seen, Order *ret_order) {
    if (seen->twin_id != 0) return answer_twin(c, seen->twin_id, ret_order);
    OrderPlan *plan = copy_of(c, seen);
    bool is_new;
    TRY(need_same_offers(c, plan));
    c->shop_id = plan->order.shop_id; /* whoever sells: value moves in the shop where it is sold */
    TRY(order_insert(c, &plan->order, plan->content, &is_new));
    if (!is_new) return find_twin(c, plan, ret_order);
    TRY(is_whole(&plan->order) ? settle(c, plan) : reserve(c, plan));
    *ret_order = plan->order;
    return OK;
}

/* ---- returns ---- */

Err order_return(Ctx *c, const OrderReturn *back) {
    bool done;
    TRY(order_head_return(c, back, &done));
    for (int64_t i = 0; done && i < back->lines.count; i++)
        TRY(order_line_return(c, back->order_id, &back->lines.items[i], &done));
    return done ? OK : fail(c, E_CONFLICT, "order.over_return", "退的比卖的还多", "more would go back than was sold");
}
