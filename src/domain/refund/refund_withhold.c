/* refund_withhold - what the goods kept no longer earn: pure. */
#include "base/fen.h"
#include "domain/refund/refund_store.h"
#include <assert.h>

static bool asks(const OrderTerms *t) { return t->threshold_fen > 0 || t->threshold_pieces > 0 || t->steps.count > 0; }

static bool is_of_order(PromoKind kind) {
    return kind == PROMO_DISCOUNT || kind == PROMO_CASH || kind == PROMO_GIFT || kind == PROMO_DELIVERY;
}

/* What a step of the whole order takes off goods of so much; the same words as promo/actions. */
static int64_t earned(const OrderAdjustment *a, int64_t fen, int64_t pieces) {
    const OrderTerms *t = &a->terms;
    int64_t off = t->off_fen, reached = -1, pay = fen;
    if (fen < t->threshold_fen || pieces < t->threshold_pieces) return 0;
    if (a->kind == PROMO_DISCOUNT) {
        bool fits = fen_rate(fen, t->rate_bp, ROUND_HALF_UP, &pay);
        assert(fits);
        off = fen - pay;
        return t->cap_fen > 0 && off > t->cap_fen ? t->cap_fen : off;
    }
    if (t->every && t->threshold_fen > 0) {
        int64_t times = fen / t->threshold_fen;
        if (t->times_max > 0 && times > t->times_max) times = t->times_max;
        if (!fen_mul(off, times, &off)) off = fen;
    }
    for (int64_t i = 0; i < t->steps.count; i++)
        if (t->steps.items[i].threshold_fen <= fen && t->steps.items[i].threshold_fen > reached) {
            reached = t->steps.items[i].threshold_fen;
            off = t->steps.items[i].off_fen;
        }
    if (t->steps.count > 0 && reached < 0) off = 0;
    return off < fen ? off : fen;
}

/* A line before the steps of the whole order, and its share of one of them. */
static int64_t before_order_steps(const Order *order, const OrderLine *line, int64_t step_no, int64_t *ret_off) {
    int64_t fen = line->amount_fen;
    *ret_off = 0;
    for (int64_t i = 0; i < line->shares.count; i++) {
        const OrderShare *share = &line->shares.items[i];
        if (!is_of_order(order->adjustments.items[share->step_no - 1].kind)) fen -= share->off_fen;
        if (share->step_no == step_no) *ret_off = share->off_fen;
    }
    return fen;
}

/* Of the lines that a step made cheaper: others may have stood in its scope, but it gave them nothing. */
static int64_t unearned_of(const Order *order, const OrderAdjustment *a, const int64_t *kept) {
    int64_t fen = 0, pieces = 0, had = 0, off;
    for (int64_t i = 0; i < order->lines.count; i++) {
        const OrderLine *line = &order->lines.items[i];
        int64_t whole = before_order_steps(order, line, a->step_no, &off);
        if (off == 0) continue;
        fen += refund_share(whole, kept[i], line->quantity);
        had += refund_share(off, kept[i], line->quantity);
        pieces += kept[i];
    }
    int64_t now = earned(a, fen, pieces);
    return had > now ? had - now : 0;
}

int64_t refund_unearned(const Order *order, const int64_t *kept) {
    int64_t sum = 0;
    for (int64_t i = 0; i < order->adjustments.count; i++)
        if (asks(&order->adjustments.items[i].terms)) sum += unearned_of(order, &order->adjustments.items[i], kept);
    return sum;
}

/* How much should be kept back once the parts are gone: nothing when no piece is left, nor for what the whole order
 * already had beyond its terms. */
static int64_t should_withhold(Ctx *c, const Order *order, const RefundLines *parts) {
    int64_t n = order->lines.count, pieces = 0;
    int64_t *kept = NEW_LIST(c->arena, int64_t, n), *all = NEW_LIST(c->arena, int64_t, n);
    for (int64_t i = 0; i < n; i++) {
        all[i] = order->lines.items[i].quantity;
        kept[i] = all[i] - order->lines.items[i].refunded_quantity;
        for (int64_t k = 0; k < parts->count; k++)
            if (parts->items[k].line_no == order->lines.items[i].line_no) kept[i] -= parts->items[k].quantity;
        pieces += kept[i];
    }
    if (pieces == 0) return 0;
    int64_t more = refund_unearned(order, kept) - refund_unearned(order, all);
    return more > 0 ? more : 0;
}

/* Off the parts whose amounts follow from the order; what a person named stands. */
static void keep_back(Ctx *c, const RefundLines *asked, int64_t amount_fen, RefundLines *parts) {
    int64_t n = parts->count, most = 0;
    int64_t *weights = NEW_LIST(c->arena, int64_t, n), *shares = NEW_LIST(c->arena, int64_t, n);
    for (int64_t i = 0; i < n; i++) {
        weights[i] = asked->items[i].amount_fen == 0 ? parts->items[i].amount_fen : 0;
        most += weights[i];
    }
    if (amount_fen > most) amount_fen = most;
    if (amount_fen == 0) return;
    fen_share(c->arena, amount_fen, weights, n, shares);
    for (int64_t i = 0; i < n; i++) {
        parts->items[i].amount_fen -= shares[i];
        parts->items[i].withheld_fen += shares[i];
    }
}

static RefundLine *part_of(RefundLines *parts, int64_t line_no) {
    for (int64_t i = 0; i < parts->count; i++)
        if (parts->items[i].line_no == line_no) return &parts->items[i];
    parts->items[parts->count] = (RefundLine){ .line_no = line_no };
    return &parts->items[parts->count++];
}

/* From the lines where it lies, also those that are back already. */
static void give_back(Ctx *c, const Order *order, int64_t amount_fen, RefundLines *parts) {
    int64_t n = order->lines.count;
    int64_t *weights = NEW_LIST(c->arena, int64_t, n), *shares = NEW_LIST(c->arena, int64_t, n);
    for (int64_t i = 0; i < n; i++) weights[i] = order->lines.items[i].withheld_fen;
    fen_share(c->arena, amount_fen, weights, n, shares);
    for (int64_t i = 0; i < n; i++) {
        const OrderLine *line = &order->lines.items[i];
        if (shares[i] == 0) continue;
        RefundLine *part = part_of(parts, line->line_no);
        int64_t room = line->payable_fen - line->refunded_fen - part->amount_fen;
        if (shares[i] > room) shares[i] = room;
        part->amount_fen += shares[i];
        part->withheld_fen -= shares[i];
    }
}

void refund_withhold(Ctx *c, const Order *order, const RefundLines *asked, RefundThresholds how, RefundLines *parts) {
    int64_t held = 0, pieces = 0;
    for (int64_t i = 0; i < order->lines.count; i++) held += order->lines.items[i].withheld_fen;
    for (int64_t i = 0; i < parts->count; i++) pieces += parts->items[i].quantity;
    if (pieces == 0) return;
    int64_t should = how == REFUND_RECOMPUTE ? should_withhold(c, order, parts) : 0;
    if (should > held) keep_back(c, asked, should - held, parts);
    if (should < held) give_back(c, order, held - should, parts);
}
