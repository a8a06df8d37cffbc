/* wallet_refund - 退卡: asked, approved by another person, paid. The calculator is pure, its steps are kept; the ledger
 * leg comes first, in one unit; the money leg follows through the payments that brought the money, by their outbox. */
#include "app/merchant.h"
#include "base/fen.h"
#include "domain/points/points.h"
#include "domain/wallet/wallet_store.h"
#include "event/wallet.h"
#include <assert.h>

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

static void add_step(Arena *a, WalletSteps *steps, const char *rule, const char *zh, const char *en, int64_t fen) {
    assert(steps->count < WALLET_STEPS_MAX);
    steps->items[steps->count++] =
        (WalletStep){ str_of(rule), arena_str(a, str_of(zh)), arena_str(a, str_of(en)), fen };
}

/* What the recharges that are not whole any more are worth. */
static int64_t worn_part(Arena *a, const WalletRefundFacts *f, WalletParts rest, WalletSteps *steps) {
    int64_t paid = f->paid_fen - f->fresh_paid_fen, given = f->given_fen - f->fresh_given_fen,
            share = rest.principal_fen;
    switch (f->policy) {
    case WALLET_REFUND_PRINCIPAL:
        add_step(a, steps, "principal", "退剩余本金，赠送金作废", "the principal that is left; gift lapses", share);
        return share;
    case WALLET_REFUND_SHARE:
        break;
    }
    if (paid + given > 0) {
        bool fits = fen_scale(rest.principal_fen + rest.gift_fen, paid, paid + given, ROUND_HALF_UP, &share);
        assert(fits);
    }
    add_step(a, steps, "share", "剩余总额 × 实付 ÷（实付 + 赠送）", "what is left x paid / (paid + gift)", share);
    if (share <= rest.principal_fen) return share;
    add_step(a, steps, "principal_cap", "不超过剩余本金", "never more than the principal that is left",
             rest.principal_fen);
    return rest.principal_fen;
}

int64_t wallet_refund_compute(Arena *a, const WalletRefundFacts *f, WalletSteps *ret_steps) {
    WalletSteps steps = { NEW_LIST(a, WalletStep, WALLET_STEPS_MAX), 0 };
    WalletParts rest = f->have;
    int64_t amount = 0;
    add_step(a, &steps, "have.principal", "现有本金", "principal now", rest.principal_fen);
    add_step(a, &steps, "have.gift", "现有赠送金（不退现）", "gift now (never paid out)", rest.gift_fen);
    if (f->fresh_paid_fen > 0) {
        amount = smaller(f->fresh_paid_fen, rest.principal_fen);
        rest.principal_fen -= amount;
        rest.gift_fen -= smaller(f->fresh_given_fen, rest.gift_fen);
        add_step(a, &steps, "untouched", "期限内充值且未使用，本金全退", "recharged lately and untouched: whole",
                 amount);
    }
    if (rest.principal_fen > 0) amount += worn_part(a, f, rest, &steps);
    if (amount > f->payable_fen) {
        amount = f->payable_fen;
        add_step(a, &steps, "paid_cap", "不超过实付未退的金额", "never more than what is left of what was paid",
                 amount);
    }
    add_step(a, &steps, "result", "应退", "goes back", amount);
    *ret_steps = steps;
    return amount;
}

/* ---- what it computes from ---- */

static Err gather(Ctx *c, int64_t member_id, WalletParts have, WalletRefundFacts *ret_facts,
                  WalletRecharges *ret_list) {
    WalletSetting setting;
    WalletRefundFacts facts = { .have = have };
    TRY(setting_get(c, &wallet_setting, &setting));
    TRY(wallet_recharge_page(c, member_id, 0, INT64_MAX, LIST_MAX, ret_list));
    int64_t since = c->now - setting.full_days * DAY_MS, oldest_fresh = c->now, spent = 0;
    facts.policy = setting.refund_policy;
    for (int64_t i = 0; i < ret_list->count; i++) {
        const WalletRecharge *r = &ret_list->items[i];
        if (r->status != RECHARGE_DONE) continue;
        facts.payable_fen += r->amount_fen - r->returned_fen;
        if (r->closed_by != 0) continue;
        facts.paid_fen += r->amount_fen;
        facts.given_fen += r->gift_given_fen;
        if (r->done_at < since) continue;
        facts.fresh_paid_fen += r->amount_fen;
        facts.fresh_given_fen += r->gift_given_fen;
        oldest_fresh = smaller(oldest_fresh, r->done_at);
    }
    TRY(wallet_spends_since(c, member_id, oldest_fresh, &spent));
    if (spent > 0) facts.fresh_paid_fen = facts.fresh_given_fen = 0;
    *ret_facts = facts;
    return OK;
}

static Err compute(Ctx *c, int64_t member_id, WalletParts have, WalletRefund *refund, WalletRecharges *ret_list) {
    WalletRefundFacts facts;
    TRY(gather(c, member_id, have, &facts, ret_list));
    refund->amount_fen = wallet_refund_compute(c->arena, &facts, &refund->steps);
    refund->principal_fen = have.principal_fen;
    refund->gift_fen = have.gift_fen;
    return OK;
}

static Err refuse_nothing(Ctx *c) {
    return fail(c, E_CONFLICT, "wallet.nothing_left", "没有可退的金额", "nothing is left to pay back");
}

Err wallet_refund_quote(Ctx *c, int64_t member_id, WalletRefund *ret_refund) {
    WalletView view;
    WalletRecharges list;
    TRY(wallet_view(c, member_id, &view));
    *ret_refund = (WalletRefund){ .member_id = member_id, .shop_id = view.home_shop_id };
    return compute(c, member_id, (WalletParts){ view.principal_fen, view.gift_fen }, ret_refund, &list);
}

/* ---- deciding: the request itself waits in approval ---- */

static Err decide(Ctx *c, WalletRefund *r, WalletRefundStatus status, int64_t by_id, Str reason) {
    bool done = false;
    r->status = status;
    r->decided_by_id = by_id;
    r->decided_reason = reason;
    r->decided_at = c->now;
    TRY(wallet_refund_decide(c, r, &done));
    assert(done);
    return audit(c,
                 &(AuditNote){ .action = status == WALLET_APPROVED ? "wallet.refund_approve" : "wallet.refund_reject",
                               .subject = "member",
                               .subject_id = r->member_id,
                               .reason = reason });
}

/* Points that came with the recharge go back with its money; what was spent meanwhile becomes a shortfall. */
static Err take_points(Ctx *c, const WalletRefund *r, const WalletRecharge *from, int64_t points) {
    LedgerPosted posted;
    if (points == 0) return OK;
    TRY(ledger_post(c,
                    &(LedgerPost){ .kind = &points_kind,
                                   .member_id = r->member_id,
                                   .amount = -points,
                                   .source = arena_print(c->arena, "wallet.points.%lld", (long long)r->request_id).at,
                                   .source_id = from->recharge_id,
                                   .on_short = LEDGER_RECORD,
                                   .of_source = "wallet.points",
                                   .of_id = from->recharge_id },
                    &posted));
    return member_summary_put(c, r->member_id, &(MemberSummary){ .set = SUMMARY_POINTS, .points = posted.balance });
}

/* The money leg: back through the payments that brought it, newest first. */
static Err pay_out(Ctx *c, const WalletRefund *r, const WalletRecharges *list, const int64_t *parts) {
    Merchant merchant;
    TRY(merchant_get(c, &merchant));
    for (int64_t i = 0; i < list->count; i++) {
        const WalletRecharge *from = &list->items[i];
        Payments payments = { 0 };
        bool done = false;
        int64_t points = 0, left = from->amount_fen - from->returned_fen,
                points_left = from->points - from->points_taken;
        if (parts[i] == 0) continue;
        bool fits = fen_scale(points_left, parts[i], left, ROUND_FLOOR, &points);
        assert(fits);
        TRY(wallet_recharge_return(c, from->recharge_id, parts[i], points, &done));
        assert(done);
        TRY(payment_of_order(c, from->recharge_id, &payments));
        assert(payments.count == 1);
        TRY(payment_refund(c, &payments.items[0], r->request_id, parts[i], 0));
        TRY(wallet_payout_insert(c, &(WalletPayout){ r->request_id, from->recharge_id, parts[i], { 0 }, { 0 } }));
        TRY(take_points(c, r, from, points));
        TRY(emit(c, &wallet_returned, r->member_id,
                 &(WalletRecharged){ .recharge_id = from->recharge_id,
                                     .member_id = r->member_id,
                                     .shop_id = from->shop_id,
                                     .package_id = from->package_id,
                                     .amount_fen = parts[i],
                                     .whole_fen = from->amount_fen,
                                     .gift_fen = from->gift_given_fen,
                                     .day = day_at(app_zone(c, merchant.zone), from->done_at),
                                     .at = c->now,
                                     .refund_id = r->request_id }));
    }
    return OK;
}

static void share_out(const WalletRecharges *list, int64_t amount_fen, int64_t *ret_parts) {
    for (int64_t i = 0; i < list->count; i++) {
        const WalletRecharge *r = &list->items[i];
        ret_parts[i] = r->status == RECHARGE_DONE ? smaller(amount_fen, r->amount_fen - r->returned_fen) : 0;
        amount_fen -= ret_parts[i];
    }
    assert(amount_fen == 0);
}

/* Gift that was still to come lapses with the rest. */
static Err drop_pending(Ctx *c, int64_t member_id) {
    LedgerHolds open = { 0 };
    TRY(ledger_holds_open(c, member_id, &gift_kind, &open));
    for (int64_t i = 0; i < open.count; i++) {
        int64_t taken = 0;
        if (open.items[i].state != LEDGER_PENDING) continue;
        TRY(ledger_pending_take(c, &gift_kind, arena_cstr(c->arena, open.items[i].source), open.items[i].source_id,
                                open.items[i].amount, &taken));
    }
    return OK;
}

static Err pay_back(Ctx *c, WalletRefund *r, Str reason) {
    WalletParts have;
    WalletRecharges list = { 0 };
    LedgerPosted points;
    bool is_new = false;
    TRY(member_living(c, r->member_id, &r->member_id));
    TRY(ledger_post(c, &(LedgerPost){ .kind = &points_kind, .member_id = r->member_id, .source = "wallet.look" },
                    &points));
    TRY(wallet_lock(c, r->member_id, &have));
    TRY(wallet_need_open(c, r->member_id));
    TRY(compute(c, r->member_id, have, r, &list));
    if (r->amount_fen == 0) return refuse_nothing(c);
    TRY(decide(c, r, WALLET_APPROVED, c->actor.id, reason));
    WalletPost post = { .member_id = r->member_id,
                        .source = "wallet.card_refund",
                        .source_id = r->request_id,
                        .delta = { -have.principal_fen, -have.gift_fen } };
    TRY(wallet_post(c, &post, &is_new));
    assert(is_new);
    TRY(drop_pending(c, r->member_id));
    int64_t *parts = NEW_LIST(c->arena, int64_t, list.count + 1);
    share_out(&list, r->amount_fen, parts);
    TRY(pay_out(c, r, &list, parts));
    TRY(wallet_recharge_close(c, r->member_id, r->request_id));
    TRY(wallet_payout_list(c, r->request_id, &r->payouts));
    return wallet_tell(
        c, "refund",
        &(WalletTold){
            .shop_id = r->shop_id, .member_id = r->member_id, .source_id = r->request_id, .delta = post.delta });
}

static Err need_request(Ctx *c, int64_t request_id, WalletRefund *ret_refund) {
    bool found = false;
    TRY(wallet_refund_read(c, request_id, ret_refund, &found));
    return found ? OK : fail(c, E_NOT_FOUND, "wallet.request_unknown", "没有这个退卡申请", "no such request");
}

static Err approved(Ctx *c, const Approval *a) {
    WalletRefund r;
    TRY(need_request(c, a->approval_id, &r));
    return pay_back(c, &r, a->decided_reason);
}

static Err dropped(Ctx *c, const Approval *a) {
    WalletRefund r;
    TRY(need_request(c, a->approval_id, &r));
    return decide(c, &r, WALLET_REJECTED, a->decided_by_id, a->decided_reason);
}

const ApprovalKind wallet_refund_kind = {
    "wallet.refund", "wallet.refund_approve", "退卡", "refund of a card", approved, dropped,
};

Err wallet_refund_end(Ctx *c, int64_t request_id, bool is_approved, Str reason, WalletRefund *ret_refund) {
    Approval a;
    TRY(need_request(c, request_id, ret_refund));
    TRY(approval_decide(c, request_id, is_approved, reason, &a));
    TRY(need_request(c, request_id, ret_refund));
    return wallet_payout_list(c, request_id, &ret_refund->payouts);
}

/* ---- asking ---- */

Err wallet_refund_ask(Ctx *c, int64_t member_id, int64_t shop_id, Str reason, WalletRefund *ret_refund) {
    WalletParts have;
    WalletMember member;
    WalletSetting setting;
    WalletRecharges list;
    int64_t approval_id = 0;
    TRY(setting_get(c, &wallet_setting, &setting));
    TRY(member_need_right(c, member_id, 0));
    TRY(wallet_lock(c, member_id, &have));
    TRY(wallet_need_open(c, member_id));
    TRY(wallet_member_read(c, member_id, &member));
    WalletRefund r = { .request_id = id_new(c),
                       .member_id = member_id,
                       .shop_id = member.home_shop_id != 0 ? member.home_shop_id : shop_id,
                       .reason = reason,
                       .asked_by = str_of(actor_names[c->actor.kind]),
                       .asked_by_id = c->actor.id,
                       .created_at = c->now };
    TRY(compute(c, member_id, have, &r, &list));
    if (r.amount_fen == 0) return refuse_nothing(c);
    r.asked_fen = r.amount_fen;
    r.amount_fen = r.principal_fen = r.gift_fen = 0; /* known when it is approved */
    *ret_refund = r;
    bool is_small = c->actor.kind == ACTOR_STAFF && r.asked_fen <= setting.refund_free_fen;
    TRY(wallet_refund_insert(c, &r));
    if (is_small) return pay_back(c, ret_refund, reason);
    return approval_ask(c,
                        &(ApprovalAsk){ .kind = &wallet_refund_kind,
                                        .approval_id = r.request_id,
                                        .subject_id = member_id,
                                        .amount = r.asked_fen,
                                        .shop_id = r.shop_id,
                                        .reason = reason },
                        &approval_id);
}
