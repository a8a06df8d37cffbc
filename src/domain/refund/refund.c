#include "base/fen.h"
#include "domain/refund/refund_store.h"
#include <assert.h>

/* ---- writing ---- */

static const Payment *payment_numbered(const Order *order, int64_t number) {
    const Payment *payment = order->payments.items;
    while (payment->number != number) payment++;
    return payment;
}

static Err restore_tenders(Ctx *c, const Order *order, const Refund *refund) {
    for (int64_t i = 0; i < refund->tenders.count; i++) {
        const RefundTender *t = &refund->tenders.items[i];
        TRY(payment_refund(c, payment_numbered(order, t->number), refund->refund_id, t->amount_fen, t->points));
    }
    return OK;
}

/* Balance goes back to principal and gift as it was split; after the points, whose account is locked first. */
static Err restore_balance(Ctx *c, const Order *order, const Refund *refund) {
    for (int64_t i = 0; i < refund->tenders.count; i++) {
        const RefundTender *t = &refund->tenders.items[i];
        if (!str_is(t->tender, "balance")) continue;
        WalletTender tender = { order->shop_id, refund->member_id, order->order_id, t->number, t->amount_fen };
        TRY(wallet_restore_tender(c, &tender, refund->refund_id));
    }
    return OK;
}

/* Spent points come back before earned ones are taken, so that what was taken together nets out without a shortfall. */
static Err take_value_back(Ctx *c, const Order *order, Refund *refund) {
    LedgerPosted restored = { 0 };
    PointsTaken taken = { 0 };
    int64_t grown = 0;
    TRY(member_living(c, order->member_id, &refund->member_id));
    int64_t member_id = refund->member_id;
    if (refund->points_restored > 0)
        TRY(points_restore(c, member_id, order->order_id, refund->refund_id, refund->points_restored, &restored));
    if (refund->points_taken > 0)
        TRY(points_take_back(c, member_id, order->order_id, refund->refund_id, refund->points_taken, &taken));
    if (refund->growth_taken > 0)
        TRY(growth_take_back(c, member_id, order->order_id, refund->refund_id, refund->growth_taken, &grown));
    refund->points_shortfall = taken.shortfall_points;
    if (refund->points_shortfall > 0) TRY(refund_put_shortfall(c, refund));
    LedgerAccount account;
    TRY(ledger_account(c, member_id, &points_kind, &account));
    refund->points_balance = account.balance;
    return OK;
}

/* What the refund takes off the member's counts: the order itself with the last of it. */
static OrderFact fact_of(const Order *order, const Refund *refund) {
    int64_t points_fen = 0;
    for (int64_t i = 0; i < refund->tenders.count; i++)
        if (str_is(refund->tenders.items[i].tender, "points")) points_fen += refund->tenders.items[i].amount_fen;
    return (OrderFact){ .order_id = order->order_id,
                        .refund_id = refund->refund_id,
                        .member_id = refund->member_id,
                        .shop_id = order->shop_id,
                        .day = order->day,
                        .spend_fen = -(refund->amount_fen - points_fen),
                        .orders = refund_is_last(order, refund) ? -1 : 0 };
}

static Err count_on_member(Ctx *c, const Order *order, const Refund *refund, bool is_import) {
    OrderFact fact = fact_of(order, refund);
    if (refund->member_id != 0)
        TRY(member_summary_put(c, refund->member_id,
                               &(MemberSummary){ .add_orders = fact.orders, .add_spend_fen = fact.spend_fen }));
    if (!is_import)
        return emit(c, &order_refunded, refund->member_id != 0 ? refund->member_id : order->order_id, &fact);
    if (refund->member_id == 0) return OK;
    TierFact tier = {
        .member_id = refund->member_id, .day = order->day, .spend_fen = fact.spend_fen, .orders = fact.orders
    };
    return tier_add_facts(c, (TierFacts){ &tier, 1 }, true);
}

static Err put_goods_back(Ctx *c, const Order *order, const Refund *refund) {
    StockMoves moves = { NEW_LIST(c->arena, StockMove, refund->lines.count), 0 };
    for (int64_t i = 0; i < refund->lines.count; i++) {
        const OrderLine *line = refund_line_of(order, refund->lines.items[i].line_no);
        int64_t quantity = refund->lines.items[i].quantity;
        if (line->item_id != 0 && quantity > 0) moves.items[moves.count++] = (StockMove){ line->item_id, quantity };
    }
    return moves.count > 0 ? item_stock_move(c, order->shop_id, moves, "refund", refund->refund_id) : OK;
}

/* The order's own counts: guarded by its statements, so even a defect above could not give back more than was paid. */
static Err count_on_order(Ctx *c, const Refund *refund) {
    OrderReturn back = { .order_id = refund->order_id,
                         .amount_fen = refund->amount_fen,
                         .points_taken = refund->points_taken,
                         .growth_taken = refund->growth_taken };
    back.lines.items = NEW_LIST(c->arena, OrderReturnLine, refund->lines.count);
    back.lines.count = refund->lines.count;
    for (int64_t i = 0; i < refund->lines.count; i++) {
        const RefundLine *l = &refund->lines.items[i];
        back.lines.items[i] =
            (OrderReturnLine){ l->line_no, l->quantity, l->amount_fen, l->points_taken, l->withheld_fen };
    }
    return order_return(c, &back);
}

/* Goods that gave something to their buyer take it with them, or are not taken back. */
static Err take_rewards_back(Ctx *c, const Order *order, const Refund *refund) {
    RewardUnsold unsold = { .order_id = order->order_id, .refund_id = refund->refund_id };
    TRY(member_living(c, order->member_id, &unsold.member_id));
    for (int64_t i = 0; i < refund->lines.count; i++) {
        const OrderLine *line = refund_line_of(order, refund->lines.items[i].line_no);
        unsold.line_no = line->line_no;
        unsold.quantity = refund->lines.items[i].quantity;
        unsold.sold = line->quantity;
        if (line->item_id != 0 && unsold.quantity > 0) TRY(reward_unsold(c, &unsold));
    }
    return OK;
}

/* When all of it is back, each coupon as its template says; before that they stay used. */
static Err return_coupons(Ctx *c, const Order *order, const Refund *refund) {
    for (int64_t i = 0; i < order->adjustments.count; i++) {
        const OrderAdjustment *a = &order->adjustments.items[i];
        if (!str_is(a->rule, "coupon")) continue;
        TRY(coupon_return(c, order->order_id, a->source_id, refund->refund_id, true, NULL));
    }
    return OK;
}

Err refund_write(Ctx *c, const Order *order, Refund *refund, const RefundHow *how, bool *ret_new) {
    TRY(refund_insert(c, refund, how->content, ret_new));
    if (!*ret_new) return OK;
    for (int64_t i = 0; i < refund->lines.count; i++) TRY(refund_line_insert(c, refund, &refund->lines.items[i]));
    TRY(count_on_order(c, refund));
    if (refund_is_last(order, refund)) TRY(return_coupons(c, order, refund));
    if (!how->is_import && order->member_id != 0) TRY(take_rewards_back(c, order, refund));
    TRY(restore_tenders(c, order, refund));
    if (order->member_id != 0) TRY(take_value_back(c, order, refund));
    TRY(restore_balance(c, order, refund));
    TRY(count_on_member(c, order, refund, how->is_import));
    return how->keep_goods ? OK : put_goods_back(c, order, refund);
}

/* ---- asking for one ---- */

static Bytes content_of(Ctx *c, const RefundNew *in) {
    Buf text = { .arena = c->arena };
    buf_print(&text, "%lld %lld %d", (long long)in->order_id, (long long)in->amount_fen, in->keep_goods);
    for (int64_t i = 0; i < in->lines.count; i++)
        buf_print(&text, " %lld:%lld:%lld", (long long)in->lines.items[i].line_no,
                  (long long)in->lines.items[i].quantity, (long long)in->lines.items[i].amount_fen);
    unsigned char *hash = NEW_LIST(c->arena, unsigned char, HASH_LEN);
    sha256(text.at, text.len, hash);
    return (Bytes){ hash, 16 };
}

static Err find_twin(Ctx *c, const Order *order, const RefundNew *in, Bytes content, Refund *ret_refund,
                     bool *ret_found) {
    RefundTaken taken = { 0 };
    TRY(refund_by_number(c, order->shop_id, in->refund_no, &taken, ret_found));
    if (!*ret_found) return OK;
    if (!bytes_equal(taken.content, content)) {
        fail_number(c, "refund_id", taken.refund_id);
        return fail(c, E_CONFLICT, "refund.number_used", "退款单号 %.*s 已被另一笔内容不同的退款使用",
                    "number %.*s belongs to a refund of other content", (int)in->refund_no.len, in->refund_no.at);
    }
    TRY(refund_read(c, taken.refund_id, ret_refund));
    ret_refund->duplicate = true;
    return OK;
}

Err refund_make(Ctx *c, const RefundNew *in, Refund *ret_refund) {
    Order order = { 0 };
    if (in->lines.count > 0 && in->amount_fen > 0)
        return fail(c, E_INVALID, "refund.amount_twice", "按行退就不要再写总金额", "lines or one amount, not both");
    TRY(order_lock_whole(c, in->order_id, &order));
    TRY(auth_need_shop(c, order.shop_id));
    Bytes content = content_of(c, in);
    bool is_twin = false, is_new = false;
    if (in->refund_no.len > 0) TRY(find_twin(c, &order, in, content, ret_refund, &is_twin));
    if (is_twin) return OK;
    if (order.status != ORDER_COMPLETED)
        return fail(c, E_CONFLICT, "refund.not_completed", "订单未完成，请取消订单而不是退款",
                    "the order is not complete: cancel it instead");

    Str zone_name;
    TRY(shop_zone(c, order.shop_id, &zone_name));
    Refund refund = { .refund_id = id_new(c),
                      .order_id = order.order_id,
                      .shop_id = order.shop_id,
                      .member_id = order.member_id,
                      .refund_no = in->refund_no,
                      .reason = in->reason,
                      .created_at = c->now,
                      .day = day_at(app_zone(c, zone_name), c->now) };
    if (refund.refund_no.len == 0) refund.refund_no = arena_print(c->arena, "#%lld", (long long)refund.refund_id);
    RefundSetting setting;
    TRY(setting_get(c, &refund_setting, &setting));
    TRY(refund_plan(c, &order, in, setting.thresholds, &refund));
    TRY(refund_write(c, &order, &refund, &(RefundHow){ .content = content, .keep_goods = in->keep_goods }, &is_new));
    if (!is_new)
        return fail(c, E_CONFLICT, "refund.number_used", "退款单号 %.*s 已被另一笔内容不同的退款使用",
                    "number %.*s belongs to a refund of other content", (int)in->refund_no.len, in->refund_no.at);
    TRY(audit(c, &(AuditNote){ .action = "refund.make",
                               .subject = "order",
                               .subject_id = order.order_id,
                               .reason = in->reason,
                               .fields = &refund_fields,
                               .after = &refund }));
    *ret_refund = refund;
    return OK;
}

Err refund_read(Ctx *c, int64_t refund_id, Refund *ret_refund) {
    Refund refund = { 0 };
    Payments payments = { 0 };
    bool found;
    TRY(refund_head(c, refund_id, &refund, &found));
    if (!found) return fail(c, E_NOT_FOUND, "refund.not_found", "没有这笔退款", "no such refund");
    TRY(refund_lines(c, refund_id, &refund.lines));
    TRY(payment_refunds_of(c, refund.order_id, refund_id, &payments));
    refund.tenders.items = NEW_LIST(c->arena, RefundTender, payments.count);
    for (int64_t i = 0; i < payments.count; i++) {
        const Payment *p = &payments.items[i];
        refund.tenders.items[refund.tenders.count++] =
            (RefundTender){ p->number, p->tender, p->refunded_fen, p->points_refunded };
    }
    *ret_refund = refund;
    return OK;
}
