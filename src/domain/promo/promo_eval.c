/* What a set of deals costs, and whether it is legal: the one evaluation that search, explanation and verification
 * share. */
#include <assert.h>
#include <string.h>
#include "domain/promo/promo_plan.h"

int score_compare(const Score *a, const Score *b) {
    if (a->payable_fen != b->payable_fen) return a->payable_fen < b->payable_fen ? -1 : 1;
    if (a->worth_fen != b->worth_fen) return a->worth_fen > b->worth_fen ? -1 : 1;
    if (a->life_ms != b->life_ms) return a->life_ms < b->life_ms ? -1 : 1;
    if (a->coupons != b->coupons) return a->coupons < b->coupons ? -1 : 1;
    return 0;
}

void goods_new(const Plan *plan, Goods *ret_goods) {
    int64_t *all = NEW_LIST(plan->arena, int64_t, 5 * (plan->line_count + 1)), n = plan->line_count + 1;
    *ret_goods = (Goods){ all, all + n, all + 2 * n, all + 3 * n, all + 4 * n, 0 };
}

void goods_price(const Plan *plan, const bool *in, Goods *goods) {
    int64_t n = plan->line_count, i = 0;
    for (int64_t l = 0; l < n; l++) {
        goods->unit[l] = plan->lines[l].unit_price_fen;
        goods->off[l] = goods->taken[l] = 0;
        goods->by[l] = -1;
    }
    for (; i < plan->deal_count && plan->deals[i].action->stage == STAGE_PRICE; i++) {
        if (!in[i]) continue;
        const Deal *deal = &plan->deals[i];
        for (int64_t k = 0; k < deal->line_count; k++)
            if (deal->unit[k] < goods->unit[deal->lines[k]]) {
                goods->unit[deal->lines[k]] = deal->unit[k];
                goods->by[deal->lines[k]] = i;
            }
    }
    for (; i < plan->deal_count && plan->deals[i].action->stage == STAGE_PIECES; i++)
        if (in[i]) plan->deals[i].action->take(plan, &plan->deals[i], goods, goods->off);
    goods->total_fen = 0;
    for (int64_t l = 0; l < n; l++) {
        int64_t amount = goods->unit[l] * plan->lines[l].quantity - goods->off[l];
        goods->room[l] = amount - plan->floor[l] * plan->lines[l].quantity;
        goods->total_fen += amount;
        assert(goods->room[l] >= 0);
    }
    goods->room[n] = plan->ask->delivery_fen;
}

void piece_gains_add(PieceGains *gains, PieceGain gain) {
    int64_t at = gains->count++;
    for (; at > 0 && gains->items[at - 1].fen < gain.fen; at--) gains->items[at] = gains->items[at - 1];
    gains->items[at] = gain;
}

int64_t piece_gains_sum(const PieceGains *gains, const bool *only) {
    int64_t sum = 0, left = gains->pieces;
    for (int64_t i = 0; i < gains->count; i++) left -= gains->items[i].least;
    for (int64_t i = 0; i < gains->count; i++) {
        const PieceGain *g = &gains->items[i];
        int64_t more = g->many - g->least < left ? g->many - g->least : left;
        if (only != NULL && !only[g->line]) continue;
        sum += g->fen * (g->least + more);
        left -= more;
    }
    return sum;
}

void sort_by_price(const int64_t *unit, int64_t *order, int64_t count) {
    for (int64_t i = 1; i < count; i++) {
        int64_t l = order[i], at = i;
        for (; at > 0; at--) {
            int64_t before = order[at - 1];
            if (unit[before] < unit[l] || (unit[before] == unit[l] && before < l)) break;
            order[at] = before;
        }
        order[at] = l;
    }
}

int64_t deal_most(const Plan *plan, const Deal *deal, const PriceBox *box) {
    if (deal->action->most != NULL) return deal->action->most(plan, deal, box);
    ArenaMark mark = arena_mark(plan->arena);
    PieceGains gains = { .items = NEW_LIST(plan->arena, PieceGain, deal->line_count) };
    deal->action->spread(plan, deal, box, &gains);
    int64_t sum = piece_gains_sum(&gains, NULL);
    arena_back(plan->arena, mark);
    return sum;
}

bool line_is_discounted(const Plan *plan, const Goods *goods, int64_t line) {
    return plan->lines[line].discounted || goods->off[line] > 0 || goods->unit[line] < plan->lines[line].unit_price_fen;
}

void goods_scope(const Plan *plan, const Deal *deal, const Goods *goods, int64_t *ret_fen, int64_t *ret_pieces,
                 int64_t *ret_room_fen) {
    int64_t fen = 0, pieces = 0, room = 0;
    bool skips = deal->promo->scope.skips_discounted;
    for (int64_t k = 0; k < deal->line_count; k++) {
        int64_t l = deal->lines[k];
        if (skips && line_is_discounted(plan, goods, l)) continue;
        fen += goods->unit[l] * plan->lines[l].quantity - goods->off[l];
        pieces += plan->lines[l].quantity;
        room += goods->room[l];
    }
    *ret_fen = fen;
    *ret_pieces = pieces;
    *ret_room_fen = deal->action->group == GROUP_SHIPPING ? plan->ask->delivery_fen : room;
}

/* As fen_share, for amounts that fit: this is what most of the time of a search near the floors goes into. */
static void share(Arena *arena, int64_t amount_fen, const int64_t *weights, int64_t sum, int64_t count,
                  int64_t *parts) {
    int64_t product, left = amount_fen;
    if (__builtin_mul_overflow(amount_fen, sum, &product)) {
        fen_share(arena, amount_fen, weights, count, parts);
        return;
    }
    int64_t *rests = NEW_LIST(arena, int64_t, count);
    for (int64_t k = 0; k < count; k++) {
        parts[k] = amount_fen * weights[k] / sum;
        rests[k] = amount_fen * weights[k] % sum;
        left -= parts[k];
    }
    for (; left > 0; left--) {
        int64_t best = 0;
        for (int64_t k = 1; k < count; k++)
            if (rests[k] > rests[best]) best = k;
        parts[best]++;
        rests[best] = -1;
    }
}

int64_t order_take(const Plan *plan, const Deal *deal, const Goods *goods, int64_t want_fen, int64_t *room,
                   int64_t *ret_off) {
    int64_t n = plan->line_count, sum = 0, count = 0;
    if (deal->action->group == GROUP_SHIPPING) {
        int64_t some = want_fen < room[n] ? want_fen : room[n];
        room[n] -= some;
        if (ret_off != NULL) ret_off[n] += some;
        return some;
    }
    ArenaMark mark = arena_mark(plan->arena);
    int64_t *weights = NEW_LIST(plan->arena, int64_t, 2 * deal->line_count + 1), *parts = weights + deal->line_count;
    for (int64_t k = 0; k < deal->line_count; k++) {
        int64_t l = deal->lines[k];
        bool is_skipped = deal->promo->scope.skips_discounted && line_is_discounted(plan, goods, l);
        weights[count++] = is_skipped ? 0 : room[l];
        sum += weights[k];
    }
    int64_t some = want_fen < sum ? want_fen : sum;
    if (some > 0) {
        share(plan->arena, some, weights, sum, count, parts);
        for (int64_t k = 0; k < count; k++) {
            room[deal->lines[k]] -= parts[k];
            if (ret_off != NULL) ret_off[deal->lines[k]] += parts[k];
        }
    }
    arena_back(plan->arena, mark);
    return some;
}

static bool share_line(const Deal *a, const Deal *b) {
    for (int64_t i = 0, k = 0; i < a->line_count && k < b->line_count;) {
        if (a->lines[i] == b->lines[k]) return true;
        if (a->lines[i] < b->lines[k]) i++;
        else k++;
    }
    return false;
}

const char *deals_clash(const Deal *a, const Deal *b) {
    bool is_group = a->action->group == b->action->group;
    if (a->promo->stack == PROMO_ALONE || b->promo->stack == PROMO_ALONE) return "stack.alone";
    if (is_group && (a->promo->stack == PROMO_GROUP_ALONE || b->promo->stack == PROMO_GROUP_ALONE))
        return "stack.group_alone";
    if (a->class_no != 0 && a->class_no == b->class_no) return "stack.class";
    if (a->action->stage == STAGE_DISCOUNT && b->action->stage == STAGE_DISCOUNT) return "stack.discount";
    if (a->action->stage == STAGE_PIECES && b->action->stage == STAGE_PIECES &&
        (a->action->owns_lines || b->action->owns_lines) && share_line(a, b))
        return "stack.lines";
    return NULL;
}

const char *deal_clash(const Plan *plan, const bool *in, int64_t deal) {
    int64_t coupons = 0;
    for (int64_t i = 0; i < plan->deal_count; i++) {
        const char *code = in[i] && i != deal ? deals_clash(&plan->deals[i], &plan->deals[deal]) : NULL;
        if (code != NULL) return code;
        coupons += in[i] && i != deal && plan->deals[i].is_coupon;
    }
    return plan->deals[deal].is_coupon && coupons >= plan->coupons_max ? "stack.coupons_max" : NULL;
}

bool set_is_legal(const Plan *plan, const bool *in) {
    for (int64_t i = 0; i < plan->deal_count; i++) {
        if (in[i] && (plan->deals[i].is_out || deal_clash(plan, in, i) != NULL)) return false;
        if (!in[i] && plan->is_forced && plan->deals[i].promo->forced) return false;
    }
    return true;
}

int64_t deal_worth(const Deal *deal, int64_t scope_fen, int64_t scope_pieces) {
    int64_t worth;
    if (deal->action->times == NULL) return 0;
    int64_t times = deal->action->times(deal->promo, scope_fen, scope_pieces);
    int64_t quantity = deal->promo->gift_quantity < 1 ? 1 : deal->promo->gift_quantity;
    bool fits = fen_mul(times, quantity, &worth) && fen_mul(worth, deal->promo->gift_worth_fen, &worth);
    return !fits || worth > PROMO_AMOUNT_MAX_FEN ? PROMO_AMOUNT_MAX_FEN : worth;
}

static void add_step(const Plan *plan, const Deal *deal, const int64_t *off, int64_t sum, PromoDecision *out) {
    static const char *const names[] = { "price", "pieces", "order", "order", "shipping" };
    PromoAdjustment *step = &out->adjustments.items[out->adjustments.count++];
    *step = (PromoAdjustment){ .id = deal->promo->id, .coupon = deal->is_coupon, .name = deal->promo->name,
                               .group = str_of(names[deal->action->stage]), .off_fen = sum };
    step->shares.items = NEW_LIST(plan->arena, PromoShare, plan->line_count + 1);
    for (int64_t l = 0; l <= plan->line_count; l++) {
        if (off[l] == 0) continue;
        int64_t line_no = l == plan->line_count ? 0 : plan->lines[l].line_no;
        step->shares.items[step->shares.count++] = (PromoShare){ line_no, off[l] };
        if (l < plan->line_count) out->lines.items[l].off_fen += off[l];
    }
}

/* Step 1 and 2 once more, deal by deal, for the steps that are shown and stored. */
static void tell_goods(const Plan *plan, const bool *in, const Goods *goods, PromoDecision *out) {
    Goods again;
    bool *none = NEW_LIST(plan->arena, bool, plan->deal_count + 1);
    goods_new(plan, &again);
    goods_price(plan, none, &again);
    for (int64_t l = 0; l < plan->line_count; l++) again.unit[l] = goods->unit[l];
    for (int64_t i = 0; i < plan->deal_count && plan->deals[i].action->group == GROUP_LINE; i++) {
        int64_t *off = NEW_LIST(plan->arena, int64_t, plan->line_count + 1), sum = 0;
        if (!in[i]) continue;
        for (int64_t l = 0; plan->deals[i].unit != NULL && l < plan->line_count; l++)
            if (goods->by[l] == i) off[l] = (plan->lines[l].unit_price_fen - goods->unit[l]) * plan->lines[l].quantity;
        if (plan->deals[i].action->take != NULL) plan->deals[i].action->take(plan, &plan->deals[i], &again, off);
        for (int64_t l = 0; l < plan->line_count; l++) sum += off[l];
        if (sum > 0) add_step(plan, &plan->deals[i], off, sum, out);
    }
}

bool set_price(const Plan *plan, const bool *in, Score *ret_score, PromoDecision *out) {
    Goods goods;
    ArenaMark mark = arena_mark(plan->arena);
    int64_t n = plan->line_count, fen, pieces, room_fen;
    Score score = { 0 };
    goods_new(plan, &goods);
    goods_price(plan, in, &goods);
    int64_t *room = NEW_LIST(plan->arena, int64_t, n + 1);
    memcpy(room, goods.room, sizeof(int64_t) * (size_t)(n + 1));
    if (out != NULL) tell_goods(plan, in, &goods, out);
    score.payable_fen = goods.total_fen + plan->ask->delivery_fen;
    bool is_reached = true;
    for (int64_t i = 0; i < plan->deal_count && is_reached; i++) {
        const Deal *deal = &plan->deals[i];
        if (!in[i]) continue;
        score.life_ms += deal->life_ms;
        score.coupons += deal->is_coupon;
        if (deal->action->group == GROUP_LINE) continue;
        goods_scope(plan, deal, &goods, &fen, &pieces, &room_fen);
        int64_t short_fen, short_pieces, *off = out == NULL ? NULL : NEW_LIST(plan->arena, int64_t, n + 1);
        is_reached = promo_threshold_reached(deal->promo, fen, pieces, &short_fen, &short_pieces);
        if (!is_reached) break;
        int64_t worth = deal_worth(deal, fen, pieces);
        int64_t sum = order_take(plan, deal, &goods, deal->action->off(deal->promo, fen, room_fen), room, off);
        score.payable_fen -= sum;
        score.worth_fen += worth;
        if (out == NULL || (sum == 0 && deal->action->times == NULL)) continue;
        add_step(plan, deal, off, sum, out);
        if (deal->action->times == NULL) continue;
        PromoAdjustment *step = &out->adjustments.items[out->adjustments.count - 1];
        step->gift_item_id = deal->promo->gift_item_id;
        step->gift_quantity = deal->action->times(deal->promo, fen, pieces) *
                              (deal->promo->gift_quantity < 1 ? 1 : deal->promo->gift_quantity);
    }
    if (out == NULL) arena_back(plan->arena, mark);
    *ret_score = score;
    return is_reached;
}
