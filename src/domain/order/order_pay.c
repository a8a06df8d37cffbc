/* order_pay - what becomes of a placed order: paid part by part, completed, cancelled. Every way begins with its
 * lock. */
#include "domain/order/order_plan.h"
#include <assert.h>

Err order_lock_whole(Ctx *c, int64_t order_id, Order *ret_order) {
    bool found;
    *ret_order = (Order){ 0 };
    TRY(order_lock(c, order_id, ret_order, &found));
    if (!found) return fail(c, E_NOT_FOUND, "order.not_found", "没有这个订单", "no such order");
    c->shop_id = ret_order->shop_id; /* whoever asks: value moves in the shop of the order */
    TRY(order_lines(c, order_id, &ret_order->lines));
    TRY(order_adjustments(c, ret_order));
    return payment_of_order(c, order_id, &ret_order->payments);
}

static Err need_open(Ctx *c, int64_t order_id, Order *ret_order) {
    TRY(order_lock_whole(c, order_id, ret_order));
    TRY(auth_need_shop(c, ret_order->shop_id));
    if (ret_order->status == ORDER_PLACED) return OK;
    return fail(c, E_CONFLICT, "order.not_open", "订单已完成或已取消", "the order is complete or cancelled");
}

/* A tender that the shop has given up meanwhile earns nothing. */
static int64_t cash_part(Ctx *c, const Order *order) {
    int64_t cash_fen = 0;
    for (int64_t i = 0; i < order->payments.count; i++) {
        const Payment *payment = &order->payments.items[i];
        Tender tender;
        if (payment->status != PAYMENT_PAID) continue;
        if (payment_tender(c, payment->tender, &tender) == OK && tender.earns) cash_fen += payment->amount_fen;
        problem_clear(c);
    }
    return cash_fen;
}

static bool is_balance(const Payment *payment) { return str_is(payment->tender, "balance"); }

static WalletTender tender_of(const Order *order, const Payment *payment, int64_t amount_fen) {
    return (WalletTender){ order->shop_id, order->member_id, payment->order_id, payment->number, amount_fen };
}

/* What was paid in earns as money does. */
static Err add_principal(Ctx *c, Order *order) {
    for (int64_t i = 0; i < order->payments.count; i++) {
        const Payment *payment = &order->payments.items[i];
        WalletParts parts;
        if (!is_balance(payment) || payment->status != PAYMENT_PAID) continue;
        WalletTender tender = tender_of(order, payment, payment->amount_fen);
        TRY(wallet_tender_parts(c, &tender, &parts));
        order->cash_fen += parts.principal_fen;
    }
    return OK;
}

/* The whole is paid: earn, count, announce. The lines' shares of the points are written now, for they are known only
 * now. */
static Err complete(Ctx *c, Order *order) {
    OrderPlan *plan = NEW(c->arena, OrderPlan);
    order->cash_fen = cash_part(c, order);
    TRY(add_principal(c, order));
    TRY(order_plan_again(c, order, plan));
    Order *done = &plan->order;
    done->status = ORDER_COMPLETED;
    done->completed_at = c->now;
    done->expires_at = 0;
    TRY(order_use_locked(c, done));
    TRY(order_plan_reward(c, plan));
    TRY(reward_sold(c, done->member_id, done->order_id, plan->reward));
    if (order->points_spent > 0) TRY(points_consume(c, order->order_id));
    TRY(order_post_value(c, plan, false));
    TRY(order_mark_completed(c, done));
    for (int64_t i = 0; i < done->lines.count; i++) {
        const OrderLine *line = &done->lines.items[i];
        if (line->points_earned > 0) TRY(order_line_put_points(c, done->order_id, line->line_no, line->points_earned));
    }
    MemberSummary summary = order_summary(plan);
    if (done->member_id != 0) TRY(member_summary_put(c, done->member_id, &summary));
    *order = *done;
    return order_announce(c, done);
}

static Err add_paid(Ctx *c, Order *order, int64_t amount_fen) {
    bool added;
    TRY(order_add_paid(c, order->order_id, amount_fen, &added));
    assert(added);
    order->paid_fen += amount_fen;
    return order->paid_fen == order->payable_fen ? complete(c, order) : OK;
}

/* Tenders that wait at a channel count as asked: together they never ask for more than the order. */
static int64_t asked_fen(const Order *order) {
    int64_t asked = 0;
    for (int64_t i = 0; i < order->payments.count; i++) {
        PaymentStatus status = order->payments.items[i].status;
        if (status == PAYMENT_PAID || status == PAYMENT_PENDING) asked += order->payments.items[i].amount_fen;
    }
    return asked;
}

static Err spend_balance(Ctx *c, const Order *order, const Payment *payment, int64_t amount_fen,
                         const WalletProven *proven) {
    WalletParts parts;
    WalletTender tender = tender_of(order, payment, amount_fen);
    if (order->member_id == 0 || proven == NULL)
        return fail(c, E_INVALID, "order.balance_member", "余额支付要先认会员", "balance is a member's: say whose");
    TRY(member_living(c, order->member_id, &tender.member_id));
    return wallet_spend_tender(c, &tender, proven, &parts);
}

Err order_pay(Ctx *c, int64_t order_id, const PaymentNew *tender, const WalletProven *proven, Order *ret_order) {
    Order order;
    Tender kind;
    TRY(need_open(c, order_id, &order));
    TRY(order_need_money_tender(c, tender, &kind));
    if (order.payments.count == TENDERS_PER_ORDER_MAX)
        return fail(c, E_CONFLICT, "order.tenders_many", "一笔订单最多 %lld 次支付",
                    "an order takes at most %lld tenders", (long long)TENDERS_PER_ORDER_MAX);
    int64_t asked = asked_fen(&order);
    if (tender->amount_fen > order.payable_fen - asked)
        return order_refuse_tenders(c, order.payable_fen, asked + tender->amount_fen);
    Payment *list = NEW_LIST(c->arena, Payment, order.payments.count + 1);
    for (int64_t i = 0; i < order.payments.count; i++) list[i] = order.payments.items[i];
    order.payments.items = list;
    Payment *added = &list[order.payments.count++];
    bool is_pending = kind.is_channel && tender->external_no.len == 0;
    *added = (Payment){ .order_id = order_id, .number = order.payments.count };
    if (str_is(tender->tender, "balance")) TRY(spend_balance(c, &order, added, tender->amount_fen, proven));
    TRY(payment_add(c, order_id, order.payments.count, tender, is_pending, added));
    if (!is_pending) TRY(add_paid(c, &order, tender->amount_fen));
    *ret_order = order;
    return OK;
}

static Payment *payment_numbered(const Order *order, int64_t number) {
    for (int64_t i = 0; i < order->payments.count; i++)
        if (order->payments.items[i].number == number) return &order->payments.items[i];
    return NULL;
}

Err order_take_payment(Ctx *c, int64_t order_id, int64_t number) {
    Order order;
    TRY(order_lock_whole(c, order_id, &order));
    const Payment *payment = payment_numbered(&order, number);
    assert(payment != NULL && payment->status == PAYMENT_PAID);
    switch (order.status) {
    case ORDER_PLACED:
        return add_paid(c, &order, payment->amount_fen);
    case ORDER_COMPLETED:
        return OK;
    case ORDER_CANCELLED:
        break;
    }
    /* Confirmed while the cancelling unit did not see it yet: what that one gave back is not given back twice. */
    int64_t left_fen = payment->amount_fen - payment->refunded_fen;
    return left_fen > 0 ? payment_refund(c, payment, id_new(c), left_fen, 0) : OK;
}

Err order_drop_payment(Ctx *c, int64_t order_id, int64_t number, Order *ret_order) {
    Order order;
    bool is_closed = false;
    TRY(need_open(c, order_id, &order));
    Payment *payment = payment_numbered(&order, number);
    if (payment != NULL) TRY(payment_close(c, order_id, number, &is_closed));
    if (!is_closed)
        return fail(c, E_CONFLICT, "order.tender_not_waiting", "这笔支付不在等待中", "this tender does not wait");
    payment->status = PAYMENT_CLOSED;
    *ret_order = order;
    return OK;
}

/* ---- cancelling ---- */

static Err put_back(Ctx *c, const Order *order) {
    StockMoves moves = { NEW_LIST(c->arena, StockMove, order->lines.count), 0 };
    for (int64_t i = 0; i < order->lines.count; i++) {
        const OrderLine *line = &order->lines.items[i];
        if (line->item_id != 0) moves.items[moves.count++] = (StockMove){ line->item_id, line->quantity };
    }
    return moves.count > 0 ? item_stock_move(c, order->shop_id, moves, "cancel", order->order_id) : OK;
}

static Err give_back_one(Ctx *c, const Order *order, const Payment *payment) {
    int64_t back_id = id_new(c);
    TRY(payment_refund(c, payment, back_id, payment->amount_fen, payment->points));
    if (!is_balance(payment)) return OK;
    WalletTender tender = tender_of(order, payment, payment->amount_fen);
    return wallet_restore_tender(c, &tender, back_id);
}

/* Money that came in before (half-paid orders) goes back tender by tender; what waits at a channel is given up. */
static Err give_back(Ctx *c, const Order *order) {
    for (int64_t i = 0; i < order->payments.count; i++) {
        const Payment *payment = &order->payments.items[i];
        bool is_closed;
        if (payment->status == PAYMENT_PENDING) TRY(payment_close(c, order->order_id, payment->number, &is_closed));
        if (payment->status == PAYMENT_PAID) TRY(give_back_one(c, order, payment));
    }
    return OK;
}

static Err cancel(Ctx *c, const Order *order, Str reason) {
    bool marked;
    TRY(order_mark_cancelled(c, order->order_id, &marked));
    assert(marked);
    TRY(coupon_release(c, order->order_id));
    if (order->points_spent > 0) TRY(points_release(c, order->order_id));
    TRY(give_back(c, order));
    TRY(put_back(c, order));
    TRY(emit(c, &order_cancelled, order->order_id,
             &(OrderFact){ .order_id = order->order_id,
                           .member_id = order->member_id,
                           .shop_id = order->shop_id,
                           .day = order->day }));
    return audit(
        c,
        &(AuditNote){ .action = "order.cancel", .subject = "order", .subject_id = order->order_id, .reason = reason });
}

Err order_cancel(Ctx *c, int64_t order_id, Str reason, Order *ret_order) {
    Order order;
    TRY(need_open(c, order_id, &order));
    TRY(cancel(c, &order, reason));
    return order_read(c, order_id, ret_order);
}

Err order_expire(Ctx *c, int64_t order_id) {
    Order order;
    TRY(order_lock_whole(c, order_id, &order));
    return order.status == ORDER_PLACED ? cancel(c, &order, S("expired")) : OK;
}
