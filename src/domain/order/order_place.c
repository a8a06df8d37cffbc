/* order_place - the writing half: place, pay, complete, cancel. Runs inside the unit and only writes. */
#include "domain/order/order_plan.h"
#include "domain/order/order_store.h"
#include "base/fen.h"
#include <assert.h>
#include <stdlib.h>

static Err answer_twin(Ctx *c, const OrderPlan *plan, Order *ret_order)
{
    OrderTaken taken = { 0 };
    TRY(order_by_number(c, plan->order.shop_id, plan->order.order_no, plan->order.kind, &taken));
    if (!bytes_equal(taken.content, plan->content)) {
        fail_number(c, "order_id", taken.order_id);
        return fail(c, E_CONFLICT, "order.number_used", "单号 %.*s 已被另一笔内容不同的订单使用",
                    "number %.*s belongs to an order of other content", (int)plan->order.order_no.len, plan->order.order_no.at);
    }
    TRY(order_read(c, taken.order_id, ret_order));
    ret_order->duplicate = true;
    return OK;
}

/* The member may have been frozen, blocked, merged or moved to another tier since the prices were made. */
static Err recheck_member(Ctx *c, const OrderPlan *plan)
{
    if (plan->order.member_id == 0) return OK;
    MemberCard now;
    TRY(member_card(c, plan->order.member_id, &now));
    if (now.status == plan->card.status && now.blocked == plan->card.blocked && now.tier_id == plan->card.tier_id) return OK;
    return fail(c, E_STALE, "order.moved", "会员信息刚刚变动，请重新报价", "the member has changed meanwhile: ask for the price again");
}

static int by_item(const void *a, const void *b)
{
    const StockMove *x = a, *y = b;
    return (x->item_id > y->item_id) - (x->item_id < y->item_id);
}

/* One move per item in ascending order, so that two orders never wait for each other crosswise. */
static Err move_stock(Ctx *c, const Order *order, int64_t sign, const char *source)
{
    StockMoves moves = { NEW_LIST(c->arena, StockMove, order->lines.count), 0 };
    for (int64_t i = 0; i < order->lines.count; i++) {
        const OrderLine *line = &order->lines.items[i];
        if (line->item_id != 0) moves.items[moves.count++] = (StockMove){ line->item_id, sign * line->quantity };
    }
    if (moves.count == 0) return OK;
    qsort(moves.items, (size_t)moves.count, sizeof(StockMove), by_item);
    int64_t kept = 0;
    for (int64_t i = 1; i < moves.count; i++) {
        if (moves.items[i].item_id == moves.items[kept].item_id) moves.items[kept].delta_quantity += moves.items[i].delta_quantity;
        else moves.items[++kept] = moves.items[i];
    }
    moves.count = kept + 1;
    return item_stock_move(c, order->shop_id, moves, source, order->order_id);
}

static Err add_tenders(Ctx *c, const OrderPlan *plan)
{
    for (int64_t i = 0; i < plan->tenders.count; i++)
        TRY(payment_add(c, plan->order.order_id, i + 1, &plan->tenders.items[i], plan->is_pending[i]));
    return OK;
}

Err order_place(Ctx *c, OrderPlan *plan, Order *ret_order)
{
    Order *order = &plan->order;
    order->order_id = id_new(c);
    bool is_whole = order->paid_fen == order->payable_fen;
    order->status = is_whole ? ORDER_COMPLETED : ORDER_PLACED;
    order->completed_at = is_whole ? c->now : 0;
    order->expires_at = is_whole ? 0 : order->expires_at;
    if (!is_whole) order->points_earned = order->growth_earned = 0;     /* known when it is paid */
    int64_t planned_points = order->points_earned;

    bool is_new;
    TRY(order_insert(c, order, plan->content, &is_new));
    if (!is_new) return answer_twin(c, plan, ret_order);
    TRY(recheck_member(c, plan));
    TRY(is_whole ? order_post_value(c, plan, true)
                 : plan->points > 0
                       ? points_reserve(c, order->member_id, order->order_id, plan->points, order->expires_at, &(LedgerPosted){ 0 })
                       : OK);
    for (int64_t i = 0; i < order->lines.count; i++) {
        if (!is_whole) order->lines.items[i].points_earned = 0;
        TRY(order_line_insert(c, order->order_id, &order->lines.items[i]));
    }
    if (order->points_earned != planned_points) TRY(order_mark_completed(c, order));    /* a cap of the day or month */
    TRY(add_tenders(c, plan));
    TRY(move_stock(c, order, -1, "order"));
    if (is_whole) TRY(order_announce(c, order, false));
    TRY(payment_of_order(c, order->order_id, &order->payments));
    *ret_order = *order;
    return OK;
}

/* ---- later payments ---- */

Err order_lock_whole(Ctx *c, int64_t order_id, Order *ret_order)
{
    bool found;
    *ret_order = (Order){ 0 };
    TRY(order_lock(c, order_id, ret_order, &found));
    if (!found) return fail(c, E_NOT_FOUND, "order.not_found", "没有这个订单", "no such order");
    TRY(order_lines(c, order_id, &ret_order->lines));
    return payment_of_order(c, order_id, &ret_order->payments);
}

static Err need_open(Ctx *c, int64_t order_id, Order *ret_order)
{
    TRY(order_lock_whole(c, order_id, ret_order));
    TRY(auth_need_shop(c, ret_order->shop_id));
    if (ret_order->status == ORDER_PLACED) return OK;
    return fail(c, E_CONFLICT, "order.not_open", "订单已完成或已取消", "the order is complete or cancelled");
}

static Err cash_part(Ctx *c, Order *order)
{
    order->cash_fen = 0;
    for (int64_t i = 0; i < order->payments.count; i++) {
        const Payment *payment = &order->payments.items[i];
        Tender tender;
        if (payment->status != PAYMENT_PAID) continue;
        if (payment_tender(c, payment->tender, &tender) == OK && tender.earns) order->cash_fen += payment->amount_fen;
        problem_clear(c);
    }
    return OK;
}

/* The whole is paid: earn, count, announce. The lines' shares of the points are written now, for they are known only now. */
static Err complete(Ctx *c, Order *order)
{
    OrderPlan *plan = NEW(c->arena, OrderPlan);
    TRY(cash_part(c, order));
    TRY(order_plan_again(c, order, plan));
    Order *done = &plan->order;
    done->status = ORDER_COMPLETED;
    done->completed_at = c->now;
    done->expires_at = 0;
    if (order->points_spent > 0) TRY(points_consume(c, order->order_id));
    TRY(order_post_value(c, plan, false));
    TRY(order_mark_completed(c, done));
    for (int64_t i = 0; i < done->lines.count; i++) {
        const OrderLine *line = &done->lines.items[i];
        if (line->points_earned > 0) TRY(order_line_put_points(c, done->order_id, line->line_no, line->points_earned));
    }
    TRY(order_announce(c, done, false));
    *order = *done;
    return OK;
}

Err order_pay(Ctx *c, int64_t order_id, const PaymentNew *tender, Order *ret_order)
{
    Order order = { 0 };
    Tender kind;
    TRY(need_open(c, order_id, &order));
    TRY(payment_tender(c, tender->tender, &kind));
    if (str_is(tender->tender, "points"))
        return fail(c, E_INVALID, "order.points_place", "积分请写在 points 字段", "points to pay with go into the field \"points\"");
    int64_t asked = 0;
    for (int64_t i = 0; i < order.payments.count; i++)
        if (order.payments.items[i].status != PAYMENT_CLOSED) asked += order.payments.items[i].amount_fen;
    if (tender->amount_fen > order.payable_fen - asked) {
        fail_number(c, "missing_fen", order.payable_fen - asked);
        return fail(c, E_CONFLICT, "order.tenders_differ", "应付 %s 元，各种支付合计 %s 元",
                    "payable is %s, the tenders add up to %s", fen_text(c->arena, order.payable_fen).at,
                    fen_text(c->arena, asked + tender->amount_fen).at);
    }
    bool is_pending = kind.is_channel && tender->external_no.len == 0;
    TRY(payment_add(c, order_id, order.payments.count + 1, tender, is_pending));
    if (!is_pending) TRY(order_take_payment(c, order_id, tender->amount_fen));
    return order_read(c, order_id, ret_order);
}

Err order_take_payment(Ctx *c, int64_t order_id, int64_t amount_fen)
{
    Order order = { 0 };
    TRY(need_open(c, order_id, &order));
    bool added;
    TRY(order_add_paid(c, order_id, amount_fen, &added));
    assert(added);
    order.paid_fen += amount_fen;
    return order.paid_fen == order.payable_fen ? complete(c, &order) : OK;
}

Err order_cancel(Ctx *c, int64_t order_id, Str reason, Order *ret_order)
{
    Order order = { 0 };
    bool marked;
    TRY(need_open(c, order_id, &order));
    TRY(order_mark_cancelled(c, order_id, &marked));
    assert(marked);
    if (order.points_spent > 0) TRY(points_release(c, order_id));
    TRY(move_stock(c, &order, 1, "cancel"));
    TRY(payment_close(c, order_id));
    /* Money that came in before (half-paid orders) goes back tender by tender. */
    for (int64_t i = 0; i < order.payments.count; i++) {
        const Payment *payment = &order.payments.items[i];
        if (payment->status == PAYMENT_PAID && !str_is(payment->tender, "points"))
            TRY(payment_refund(c, payment, id_new(c), payment->amount_fen, 0));
    }
    TRY(emit(c, &order_cancelled, order_id, &(OrderFact){ .order_id = order_id, .member_id = order.member_id,
                                                          .shop_id = order.shop_id, .day = order.day }));
    TRY(audit(c, &(AuditNote){ .action = "order.cancel", .subject = "order", .subject_id = order_id, .reason = reason }));
    return order_read(c, order_id, ret_order);
}

/* ---- returns ---- */

Err order_return(Ctx *c, const OrderReturn *back)
{
    bool done;
    TRY(order_head_return(c, back, &done));
    for (int64_t i = 0; done && i < back->lines.count; i++) TRY(order_line_return(c, back->order_id, &back->lines.items[i], &done));
    return done ? OK : fail(c, E_CONFLICT, "order.over_return", "退的比卖的还多", "more would go back than was sold");
}
