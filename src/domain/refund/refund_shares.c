/* refund_shares - how a part divides over what is left: pure. It reads an order in memory and writes nothing. */
#include "base/fen.h"
#include "domain/refund/refund_store.h"
#include <assert.h>

int64_t refund_share(int64_t left, int64_t part, int64_t whole_left) {
    assert(left >= 0 && part >= 0 && part <= whole_left);
    if (part == whole_left) return left;
    int64_t share = 0;
    bool fits = fen_scale(left, part, whole_left, ROUND_FLOOR, &share);
    assert(fits);
    return share;
}

const OrderLine *refund_line_of(const Order *order, int64_t line_no) {
    for (int64_t i = 0; i < order->lines.count; i++)
        if (order->lines.items[i].line_no == line_no) return &order->lines.items[i];
    return NULL;
}

static int64_t left_fen(const OrderLine *line) { return line->payable_fen - line->refunded_fen; }
static int64_t left_quantity(const OrderLine *line) { return line->quantity - line->refunded_quantity; }

/* The line's points go with its money; where it was free, with its pieces. */
int64_t refund_points_of_part(const OrderLine *line, const RefundLine *part) {
    int64_t left = line->points_earned - line->points_taken;
    if (left_fen(line) > 0) return refund_share(left, part->amount_fen, left_fen(line));
    return left_quantity(line) > 0 ? refund_share(left, part->quantity, left_quantity(line)) : 0;
}

static Err refuse_over(Ctx *c, const OrderLine *line) {
    fail_number(c, "line_no", line->line_no);
    fail_number(c, "left_quantity", left_quantity(line));
    fail_number(c, "left_fen", left_fen(line));
    fail_number(c, "refunded_fen", line->refunded_fen);
    return fail(c, E_CONFLICT, "refund.over_left", "第 %lld 行只剩 %lld 件、%s 元可退",
                "line %lld has only %lld pieces and %s left", (long long)line->line_no, (long long)left_quantity(line),
                fen_text(c->arena, left_fen(line)).at);
}

/* One asked line becomes a part: quantity, amount and points that go back. */
static Err part_of_line(Ctx *c, const OrderLine *line, const RefundLine *asked, RefundLine *ret_part) {
    RefundLine part = { .line_no = line->line_no, .quantity = asked->quantity, .amount_fen = asked->amount_fen };
    if (part.quantity == 0 && part.amount_fen == 0) {
        part.quantity = left_quantity(line);
        part.amount_fen = left_fen(line) - line->withheld_fen;
    }
    if (part.quantity > left_quantity(line)) return refuse_over(c, line);
    if (part.amount_fen == 0 && part.quantity > 0)
        part.amount_fen = refund_share(left_fen(line) - line->withheld_fen, part.quantity, left_quantity(line));
    if (part.amount_fen > left_fen(line)) return refuse_over(c, line);
    *ret_part = part;
    return OK;
}

static Err parts_by_line(Ctx *c, const Order *order, const RefundNew *in, RefundThresholds how,
                         RefundLines *ret_parts) {
    RefundLines parts = { NEW_LIST(c->arena, RefundLine, in->lines.count + order->lines.count), 0 };
    for (int64_t i = 0; i < in->lines.count; i++) {
        const RefundLine *asked = &in->lines.items[i];
        const OrderLine *line = refund_line_of(order, asked->line_no);
        if (line == NULL)
            return fail(c, E_INVALID, "refund.line_unknown", "订单没有第 %lld 行", "the order has no line %lld",
                        (long long)asked->line_no);
        for (int64_t k = 0; k < parts.count; k++)
            if (parts.items[k].line_no == line->line_no)
                return fail(c, E_INVALID, "refund.line_twice", "第 %lld 行写了两次", "line %lld is listed twice",
                            (long long)line->line_no);
        TRY(part_of_line(c, line, asked, &parts.items[parts.count++]));
    }
    refund_withhold(c, order, &in->lines, how, &parts);
    *ret_parts = parts;
    return OK;
}

/* By amount alone: spread over what is left of the lines; goods stay with the customer. Everything: lines whole. */
static Err parts_by_amount(Ctx *c, const Order *order, int64_t amount_fen, RefundLines *ret_parts) {
    int64_t n = order->lines.count, left = order->payable_fen - order->refunded_fen;
    if (amount_fen > left) {
        fail_number(c, "left_fen", left);
        fail_number(c, "refunded_fen", order->refunded_fen);
        return fail(c, E_CONFLICT, "refund.over_left", "这笔订单只剩 %s 元可退（已退 %s 元）",
                    "only %s is left of this order (%s refunded)", fen_text(c->arena, left).at,
                    fen_text(c->arena, order->refunded_fen).at);
    }
    int64_t *weights = NEW_LIST(c->arena, int64_t, n), *shares = NEW_LIST(c->arena, int64_t, n);
    for (int64_t i = 0; i < n; i++) weights[i] = left_fen(&order->lines.items[i]);
    if (amount_fen > 0) fen_share(c->arena, amount_fen, weights, n, shares);
    RefundLines parts = { NEW_LIST(c->arena, RefundLine, n), 0 };
    for (int64_t i = 0; i < n; i++) {
        const OrderLine *line = &order->lines.items[i];
        bool is_whole = amount_fen == 0;
        if (is_whole ? left_fen(line) == 0 && left_quantity(line) == 0 : shares[i] == 0) continue;
        RefundLine part = { .line_no = line->line_no,
                            .quantity = is_whole ? left_quantity(line) : 0,
                            .amount_fen = is_whole ? left_fen(line) : shares[i] };
        parts.items[parts.count++] = part;
    }
    *ret_parts = parts;
    return OK;
}

/* ---- what follows from the parts ---- */

bool refund_is_last(const Order *order, const Refund *refund) {
    int64_t fen_left = order->payable_fen - order->refunded_fen, pieces = 0, pieces_left = 0;
    if (order->payable_fen > 0) return fen_left > 0 && refund->amount_fen == fen_left;
    for (int64_t i = 0; i < refund->lines.count; i++) pieces += refund->lines.items[i].quantity;
    for (int64_t i = 0; i < order->lines.count; i++) pieces_left += left_quantity(&order->lines.items[i]);
    return pieces > 0 && pieces == pieces_left;
}

/* Growth goes with the money; of an order that cost nothing with its last piece. */
static int64_t growth_of(const Order *order, const Refund *refund) {
    int64_t left = order->payable_fen - order->refunded_fen, growth_left = order->growth_earned - order->growth_taken;
    if (left > 0) return refund_share(growth_left, refund->amount_fen, left);
    return refund_is_last(order, refund) ? growth_left : 0;
}

/* The money side: the amount over what is left of each tender; of points as many as that share is worth of what is
 * left. */
static void share_tenders(Ctx *c, const Order *order, Refund *refund) {
    int64_t n = order->payments.count;
    refund->tenders.items = NEW_LIST(c->arena, RefundTender, n + 1);
    if (refund->amount_fen == 0) return;
    int64_t *weights = NEW_LIST(c->arena, int64_t, n), *shares = NEW_LIST(c->arena, int64_t, n);
    for (int64_t i = 0; i < n; i++) {
        const Payment *p = &order->payments.items[i];
        weights[i] = p->status == PAYMENT_PAID ? p->amount_fen - p->refunded_fen : 0;
    }
    fen_share(c->arena, refund->amount_fen, weights, n, shares);
    for (int64_t i = 0; i < n; i++) {
        const Payment *p = &order->payments.items[i];
        if (shares[i] == 0) continue;
        int64_t points = refund_share(p->points - p->points_refunded, shares[i], weights[i]);
        refund->points_restored += points;
        refund->tenders.items[refund->tenders.count++] = (RefundTender){ p->number, p->tender, shares[i], points };
    }
}

void refund_complete(Ctx *c, const Order *order, Refund *refund) {
    for (int64_t i = 0; i < refund->lines.count; i++) {
        RefundLine *part = &refund->lines.items[i];
        const OrderLine *line = refund_line_of(order, part->line_no);
        int64_t left_after = left_fen(line) - part->amount_fen;
        if (line->withheld_fen + part->withheld_fen > left_after) part->withheld_fen = left_after - line->withheld_fen;
        part->points_taken = refund_points_of_part(line, part);
        refund->amount_fen += part->amount_fen;
        refund->withheld_fen += part->withheld_fen;
        refund->points_taken += part->points_taken;
    }
    refund->growth_taken = growth_of(order, refund);
    share_tenders(c, order, refund);
}

Err refund_plan(Ctx *c, const Order *order, const RefundNew *in, RefundThresholds how, Refund *refund) {
    TRY(in->lines.count > 0 ? parts_by_line(c, order, in, how, &refund->lines)
                            : parts_by_amount(c, order, in->amount_fen, &refund->lines));
    int64_t pieces = 0;
    for (int64_t i = 0; i < refund->lines.count; i++) pieces += refund->lines.items[i].quantity;
    refund_complete(c, order, refund);
    if (pieces > 0 || refund->amount_fen > 0) return OK;
    fail_number(c, "refunded_fen", order->refunded_fen);
    return fail(c, E_CONFLICT, "refund.nothing", "已全部退完（共退 %s 元）", "all of it was refunded before (%s)",
                fen_text(c->arena, order->refunded_fen).at);
}
