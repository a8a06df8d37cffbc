#include "domain/reward/reward.h"
#include "domain/benefit/benefit.h"
#include "domain/growth/growth.h"
#include "domain/item/item.h"
#include "domain/reward/reward_store.h"
#include "domain/times/times.h"
#include "domain/wallet/wallet.h"
#include <assert.h>

enum { REWARD_PIECES_MAX = 200 };
static const char *const SOURCE = "reward", *const SOURCE_BACK = "reward.back";

static int64_t amount_of(const RewardGift *g) { return g->amount > 0 ? g->amount : 1; }

/* Cards and benefits are things of their own, so that one of three can go back. */
static bool is_single(RewardKind kind) { return kind == REWARD_TIMES || kind == REWARD_BENEFIT; }

/* ---- what a list of gifts may say ---- */

static Err price_of(Ctx *c, int64_t item_id, int64_t *ret_fen) {
    Item item;
    TRY(item_read(c, item_id, &item));
    *ret_fen = item.price_fen;
    return OK;
}

Err reward_worth(Ctx *c, const RewardGift *g, int64_t *ret_fen) {
    CouponTemplate coupon;
    TimesTemplate times;
    PointsSetting points;
    if (!fen_mul(g->worth_fen, amount_of(g), ret_fen))
        return fail(c, E_INVALID, "reward.too_many", "一次送得太多了", "too much at once");
    switch (g->kind) {
    case REWARD_POINTS:
        TRY(points_setting_read(c, &points));
        if (g->worth_fen == 0 && points.offset_points > 0)
            *ret_fen = g->amount * points.offset_fen / points.offset_points;
        return OK;
    case REWARD_GIFT_BALANCE:
        *ret_fen = g->amount;
        return OK;
    case REWARD_COUPON:
        TRY(coupon_template_read(c, g->what_id, &coupon));
        if (g->worth_fen > 0) return OK;
        if (coupon.kind == COUPON_GIFT && coupon.worth_fen == 0) {
            TRY(price_of(c, coupon.gift_item_id, ret_fen));
            *ret_fen *= coupon.gift_quantity * amount_of(g);
        } else {
            *ret_fen = coupon_worth_fen(&coupon) * amount_of(g);
        }
        return OK;
    case REWARD_TIMES:
        TRY(times_template_read(c, g->what_id, &times));
        if (g->worth_fen == 0) *ret_fen = times.price_fen * amount_of(g);
        return OK;
    case REWARD_ITEM:
        if (g->worth_fen == 0) {
            TRY(price_of(c, g->what_id, ret_fen));
            *ret_fen *= amount_of(g);
        }
        return OK;
    case REWARD_GROWTH:
    case REWARD_BENEFIT:
        break;
    }
    return OK;
}

static bool needs_amount(RewardKind kind) {
    return kind == REWARD_POINTS || kind == REWARD_GROWTH || kind == REWARD_GIFT_BALANCE;
}

Err reward_gifts_check(Ctx *c, const RewardGifts *gifts) {
    for (int64_t i = 0; i < gifts->count; i++) {
        const RewardGift *g = &gifts->items[i];
        Str at = arena_print(c->arena, "/gifts/%lld", (long long)i);
        int64_t worth;
        if (needs_amount(g->kind) && g->amount == 0) complain(c, at, "reward.amount", "请写数量", "say how much");
        if (needs_amount(g->kind) != (g->what_id == 0))
            complain(c, at, "reward.what", "请写送哪一个（券、次卡、权益、商品）", "say which one is given");
        if (!needs_amount(g->kind) && g->amount > REWARD_PIECES_MAX)
            complain(c, at, "reward.amount", "一次最多送 200 个", "200 at most");
        for (int64_t k = 0; k < i; k++)
            if (gifts->items[k].kind == g->kind && gifts->items[k].what_id == g->what_id)
                complain(c, at, "reward.twice", "同一种礼品请合成一行", "one line for each kind of gift");
        if (c->problem.complaint_count == 0 && g->kind != REWARD_BENEFIT) TRY(reward_worth(c, g, &worth));
    }
    return complaints_refuse(c);
}

/* ---- giving ---- */

static Err need_budget(Ctx *c, const RewardGive *give, int64_t reward_id, int64_t worth_fen) {
    RewardBudget b;
    bool found = false, done = false, member_done = false;
    if (give->budget_id == 0) return OK;
    TRY(reward_budget_find(c, give->budget_id, &b, &found));
    if (!found) return fail(c, E_NOT_FOUND, "reward.budget_unknown", "没有这个预算", "no such budget");
    TRY(reward_budget_use(c, give->budget_id, worth_fen, 1, &done));
    if (done) {
        TRY(reward_budget_use_member(c, give->budget_id, give->member_id, b.most_per_member, &member_done));
        if (member_done) return OK;
        TRY(reward_budget_use(c, give->budget_id, worth_fen, -1, &member_done));
    }
    TRY(reward_delete(c, reward_id));
    fail_number(c, "most_fen", b.most_fen);
    fail_number(c, "used_fen", b.used_fen);
    fail_number(c, "worth_fen", worth_fen);
    if (done)
        return fail(c, E_CONFLICT, "reward.member_limit", "该会员在这个活动里已领满",
                    "this member has had all that this campaign gives one");
    return fail(c, E_CONFLICT, "reward.budget_spent", "活动预算已用完", "the budget of the campaign is spent");
}

static Err give_pieces(Ctx *c, const RewardGive *give, const RewardGift *g, int64_t piece_id, int64_t count) {
    CouponIssue coupon = {
        .member_id = give->member_id, .template_id = g->what_id, .count = count, .source = SOURCE, .source_id = piece_id
    };
    Coupons coupons = { 0 };
    LedgerPosted posted;
    StockMove move = { g->what_id, -count };
    bool flag = false;
    switch (g->kind) {
    case REWARD_POINTS:
        return points_grant(
            c, &(PointsGrant){ .member_id = give->member_id, .points = count, .source = SOURCE, .source_id = piece_id },
            &posted);
    case REWARD_GROWTH:
        return growth_grant(c, give->member_id, count, SOURCE, piece_id);
    case REWARD_GIFT_BALANCE:
        return wallet_give(c,
                           &(WalletGift){ .member_id = give->member_id,
                                          .shop_id = c->shop_id,
                                          .gift_fen = count,
                                          .source = SOURCE,
                                          .source_id = piece_id },
                           &flag);
    case REWARD_COUPON:
        return coupon_issue(c, &coupon, &coupons, &flag);
    case REWARD_TIMES:
        return times_issue(c,
                           &(TimesIssue){ .member_id = give->member_id,
                                          .template_id = g->what_id,
                                          .count = 1,
                                          .source = SOURCE,
                                          .source_id = piece_id,
                                          .shop_id = c->shop_id },
                           NULL);
    case REWARD_BENEFIT:
        return benefit_grant(c,
                             &(BenefitGrant){ .member_id = give->member_id,
                                              .benefit_id = g->what_id,
                                              .count = 1,
                                              .source = SOURCE,
                                              .source_id = piece_id },
                             &flag);
    case REWARD_ITEM:
        return c->shop_id == 0 ? OK : item_stock_move(c, c->shop_id, (StockMoves){ &move, 1 }, SOURCE, piece_id);
    }
    return OK;
}

/* In the order of the kinds: ledger accounts first, so that nobody waits for another crosswise. */
static Err give_all(Ctx *c, const RewardGive *give, int64_t reward_id) {
    int64_t number = 0, times = give->times > 0 ? give->times : 1;
    for (RewardKind kind = REWARD_POINTS; kind <= REWARD_ITEM; kind++) {
        for (int64_t i = 0; i < give->gifts.count; i++) {
            const RewardGift *g = &give->gifts.items[i];
            if (g->kind != kind) continue;
            int64_t amount = amount_of(g) * times, rows = is_single(kind) ? amount : 1;
            if (rows > REWARD_PIECES_MAX || amount > POINTS_PER_CALL_MAX ||
                (kind == REWARD_COUPON && amount > COUPON_ISSUE_MAX))
                return fail(c, E_CONFLICT, "reward.too_many", "一次送得太多了", "too much at once");
            for (int64_t k = 0; k < rows; k++) {
                RewardPart part = { .number = ++number, .kind = kind, .what_id = g->what_id, .amount = amount / rows };
                part.piece_id = is_single(kind) ? id_new(c) : reward_id;
                TRY(reward_part_insert(c, reward_id, &part));
                TRY(give_pieces(c, give, g, part.piece_id, part.amount));
            }
        }
    }
    return OK;
}

Err reward_give(Ctx *c, const RewardGive *give, RewardGiven *ret_given) {
    assert(give->member_id != 0 && give->source != NULL);
    RewardRow row, known;
    bool found = false, is_new = false;
    int64_t worth, times = give->times > 0 ? give->times : 1;
    row = (RewardRow){ .member_id = give->member_id,
                       .source = str_of(give->source),
                       .source_id = give->source_id,
                       .part = give->part,
                       .budget_id = give->budget_id };
    TRY(reward_find(c, give->member_id, give->source, give->source_id, give->part, &known, &found));
    if (!found) {
        TRY(member_need_right(c, give->member_id, give->is_bought ? 0 : RIGHT_EARN));
        for (int64_t i = 0; i < give->gifts.count; i++) {
            TRY(reward_worth(c, &give->gifts.items[i], &worth));
            row.worth_fen += worth * times;
        }
        row.reward_id = id_new(c);
        TRY(reward_insert(c, &row, &is_new));
        if (!is_new) TRY(reward_find(c, give->member_id, give->source, give->source_id, give->part, &known, &found));
    }
    if (!is_new) {
        *ret_given = (RewardGiven){ known.reward_id, known.worth_fen, true };
        return OK;
    }
    TRY(need_budget(c, give, row.reward_id, row.worth_fen));
    TRY(give_all(c, give, row.reward_id));
    *ret_given = (RewardGiven){ row.reward_id, row.worth_fen, false };
    return OK;
}

/* ---- taking back ---- */

/* One part of a reward: how much of `want` could really be taken. */
static Err take_pieces(Ctx *c, const RewardBack *back, const RewardRow *row, int64_t back_id, const RewardPart *p,
                       int64_t want, int64_t *ret_taken) {
    int64_t gone = 0, count = 0;
    PointsTaken points;
    TimesCards cards = { 0 };
    *ret_taken = want;
    switch (p->kind) {
    case REWARD_POINTS:
        TRY(points_take_back(c, row->member_id, row->reward_id, back_id, want, &points));
        return OK;
    case REWARD_GROWTH:
        return growth_take_back(c, row->member_id, row->reward_id, back_id, want, &count);
    case REWARD_GIFT_BALANCE:
        return wallet_take(c,
                           &(WalletGift){ .member_id = row->member_id,
                                          .shop_id = c->shop_id,
                                          .gift_fen = want,
                                          .source = SOURCE_BACK,
                                          .source_id = back_id,
                                          .reason = back->reason },
                           SOURCE, p->piece_id, ret_taken);
    case REWARD_COUPON:
        return coupon_unissue(c,
                              &(CouponIssue){ .member_id = row->given_to,
                                              .template_id = p->what_id,
                                              .count = want,
                                              .source = SOURCE,
                                              .source_id = p->piece_id },
                              back->reason, ret_taken, &gone);
    case REWARD_TIMES:
        TRY(times_cards_of(c, SOURCE, p->piece_id, &cards));
        TRY(times_revoke(c, row->member_id, SOURCE, p->piece_id, &count));
        *ret_taken = cards.count == 1 && cards.items[0].uses == count ? want : 0;
        return OK;
    case REWARD_BENEFIT:
        TRY(benefit_revoke(c, row->member_id, SOURCE, p->piece_id, &count));
        *ret_taken = count < want ? count : want;
        return OK;
    case REWARD_ITEM:
        return OK;
    }
    return OK;
}

static Err refuse_used(Ctx *c, const RewardPart *p, int64_t want, int64_t taken) {
    fail_number(c, "used", want - taken);
    fail_number(c, "what_id", p->what_id);
    return fail(c, E_CONFLICT, "reward.used", "随商品给的权益已用掉 %lld 份，不能退",
                "%lld of what the goods gave are used: they cannot go back", (long long)(want - taken));
}

static Err take_part(Ctx *c, const RewardBack *back, const RewardRow *row, int64_t back_id, const RewardPart *p,
                     int64_t want) {
    int64_t taken = 0;
    bool done = false;
    if (want > p->amount - p->taken_amount) want = p->amount - p->taken_amount;
    if (want <= 0) return OK;
    TRY(take_pieces(c, back, row, back_id, p, want, &taken));
    if (taken < want && back->must_be_whole) return refuse_used(c, p, want, taken);
    return reward_part_take(c, row->reward_id, p->number, want, want - taken, &done);
}

/* Singles of one kind and thing stand side by side: so many of them go, those that are left first. */
static int64_t run_of(const RewardParts *parts, int64_t first) {
    int64_t end = first + 1;
    const RewardPart *p = &parts->items[first];
    while (is_single(p->kind) && end < parts->count && parts->items[end].kind == p->kind &&
           parts->items[end].what_id == p->what_id)
        end++;
    return end;
}

static Err is_untouched(Ctx *c, const RewardPart *p, bool *ret_is) {
    TimesCards cards = { 0 };
    *ret_is = true;
    if (p->kind != REWARD_TIMES) return OK;
    TRY(times_cards_of(c, SOURCE, p->piece_id, &cards));
    for (int64_t i = 0; i < cards.count; i++) *ret_is = *ret_is && cards.items[i].left_uses == cards.items[i].uses;
    return OK;
}

/* Of cards, those that nobody has used go first. */
static Err take_run(Ctx *c, const RewardBack *back, const RewardRow *row, int64_t back_id, RewardPart *parts,
                    int64_t count) {
    int64_t whole = 0, want;
    for (int64_t i = 0; i < count; i++) whole += parts[i].amount;
    want = whole * back->share / back->whole;
    for (int64_t pass = 0; pass < 2; pass++) {
        for (int64_t i = 0; i < count && want > 0; i++) {
            RewardPart *p = &parts[i];
            bool is_ready = true;
            int64_t left = p->amount - p->taken_amount, here = left < want ? left : want;
            if (here == 0) continue;
            if (pass == 0) TRY(is_untouched(c, p, &is_ready));
            if (!is_ready) continue;
            TRY(take_part(c, back, row, back_id, p, here));
            p->taken_amount += here;
            want -= here;
        }
    }
    return OK;
}

static Err take_all(Ctx *c, const RewardBack *back, const RewardRow *row, int64_t back_id) {
    RewardParts parts = { 0 };
    TRY(reward_parts_of(c, row->reward_id, &parts));
    for (int64_t i = 0, end; i < parts.count; i = end) {
        end = run_of(&parts, i);
        TRY(take_run(c, back, row, back_id, &parts.items[i], end - i));
    }
    return OK;
}

Err reward_take_back(Ctx *c, const RewardBack *back) {
    assert(back->share >= 0 && back->whole >= back->share && back->whole >= 1 && back->take_id != 0);
    RewardRow row;
    bool found = false, is_new = false;
    TRY(reward_find(c, back->member_id, back->source, back->source_id, back->part, &row, &found));
    if (!found) return OK;
    int64_t back_id = id_new(c);
    TRY(reward_take_insert(c, row.reward_id, back->take_id, back_id, &is_new));
    return is_new ? take_all(c, back, &row, back_id) : OK;
}

/* ---- goods that give ---- */

typedef struct PlanLine {
    int64_t line_no, quantity;
    RewardGifts gifts;
} PlanLine;
struct RewardPlan {
    LIST_OF(PlanLine) lines;
};

Err reward_plan_sold(Ctx *c, const RewardSolds *lines, const RewardPlan **ret_plan) {
    RewardPlan *plan = NEW(c->arena, RewardPlan);
    plan->lines.items = NEW_LIST(c->arena, PlanLine, lines->count + 1);
    *ret_plan = NULL;
    for (int64_t first = 0; first < lines->count; first += REWARD_ITEM_SLOTS) {
        int64_t ids[REWARD_ITEM_SLOTS] = { 0 }, end = first + REWARD_ITEM_SLOTS;
        RewardItems items = { 0 };
        if (end > lines->count) end = lines->count;
        for (int64_t i = first; i < end; i++) ids[i - first] = lines->items[i].item_id;
        TRY(reward_items_of(c, ids, &items));
        for (int64_t i = first; i < end; i++)
            for (int64_t k = 0; k < items.count; k++)
                if (items.items[k].item_id == lines->items[i].item_id && items.items[k].gifts.count > 0)
                    plan->lines.items[plan->lines.count++] =
                        (PlanLine){ lines->items[i].line_no, lines->items[i].quantity, items.items[k].gifts };
    }
    if (plan->lines.count > 0) *ret_plan = plan;
    return OK;
}

static const char *const SOLD = "sale";

Err reward_sold(Ctx *c, int64_t member_id, int64_t order_id, const RewardPlan *plan) {
    RewardGiven given;
    if (plan == NULL) return OK;
    if (member_id == 0)
        return fail(c, E_CONFLICT, "reward.needs_member", "这些商品要记在会员名下，请先登记会员",
                    "these goods need a member: their value is kept under his name");
    for (int64_t i = 0; i < plan->lines.count; i++) {
        const PlanLine *line = &plan->lines.items[i];
        TRY(reward_give(c,
                        &(RewardGive){ .member_id = member_id,
                                       .source = SOLD,
                                       .source_id = order_id,
                                       .part = line->line_no,
                                       .is_bought = true,
                                       .times = line->quantity,
                                       .gifts = line->gifts },
                        &given));
    }
    return OK;
}

Err reward_unsold(Ctx *c, const RewardUnsold *u) {
    if (u->quantity == 0) return OK;
    return reward_take_back(c, &(RewardBack){ .member_id = u->member_id,
                                              .source = SOLD,
                                              .source_id = u->order_id,
                                              .part = u->line_no,
                                              .take_id = u->refund_id,
                                              .share = u->quantity,
                                              .whole = u->sold,
                                              .must_be_whole = true,
                                              .reason = S("refund") });
}
