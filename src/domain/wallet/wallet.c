#include "base/fen.h"
#include "domain/wallet/wallet_store.h"
#include "event/wallet.h"
#include <assert.h>

static Err refuse_short(Ctx *c, int64_t need, int64_t have) {
    fail_number(c, "need_fen", need);
    fail_number(c, "have_fen", have);
    return fail(c, E_CONFLICT, "wallet.short", "余额不足，还差 %s 元", "the balance is %s short",
                fen_text(c->arena, need - have).at);
}

const LedgerKind principal_kind = { S_INIT("principal"), .refuse_short = refuse_short };
const LedgerKind gift_kind = { S_INIT("gift"), .has_lots = true, .refuse_short = refuse_short };

/* ---- setting ---- */

static const char *const spend_order_names[] = { "principal_first", "gift_first", "in_proportion", NULL };
static const char *const policy_names[] = { "principal", "share", NULL };

static const Field setting_field[] = {
    FIELD_ENUM(WalletSetting, spend_order, spend_order_names, .about = "what a payment takes first"),
    FIELD(WalletSetting, most_fen, .max = WALLET_AMOUNT_MAX_FEN,
          .about = "most on one named card, principal and gift; 0 = no limit"),
    FIELD(WalletSetting, low_fen, .max = WALLET_AMOUNT_MAX_FEN, .about = "low-balance notice below it; 0 = never"),
    FIELD_ENUM(WalletSetting, refund_policy, policy_names,
               .about = "card refund: the principal that is left, or its share paid / (paid + gift)"),
    FIELD(WalletSetting, refund_free_fen, .max = WALLET_AMOUNT_MAX_FEN,
          .about = "card refunds that staff ask for need no second person up to it; 0 = every one does"),
    FIELD(WalletSetting, full_days, .max = 366,
          .about = "a recharge of which nothing was spent goes back whole so many days"),
    FIELD(WalletSetting, no_sms, .about = "no notices by SMS"),
    FIELD(WalletSetting, approval_fen, .max = WALLET_AMOUNT_MAX_FEN,
          .about = "corrections by hand above it need a second person; 0 = none do"),
    FIELD(WalletSetting, gift_grace_days, .max = 366, .about = "gift that comes back after its day lives so long"),
    FIELD(WalletSetting, bearer_most_fen, .max = WALLET_AMOUNT_MAX_FEN,
          .about = "most that a gift card for sale is worth; 0 = no limit"),
    FIELD(WalletSetting, bearer_years, .max = 100, .about = "and how many years it is good at least"),
    FIELD(WalletSetting, wait_minutes, .max = 525600, .about = "unpaid recharges are given up after it; 0 = never"),
    FIELD(WalletSetting, family_most, .max = WALLET_FAMILY_MAX,
          .about = "members that one owner may share with; 0 = no family wallets"),
};
static const Fields setting_fields = FIELDS(WalletSetting, setting_field);

static void setting_defaults(void *ret_value) {
    *(WalletSetting *)ret_value = (WalletSetting){ .most_fen = 500000,
                                                   .low_fen = 2000,
                                                   .full_days = 7,
                                                   .approval_fen = 20000,
                                                   .gift_grace_days = 7,
                                                   .bearer_most_fen = 100000,
                                                   .bearer_years = 3,
                                                   .wait_minutes = 120,
                                                   .family_most = 5 };
}
const Setting wallet_setting = { "wallet", &setting_fields, setting_defaults, NULL };

/* ---- pure ---- */

WalletParts wallet_share(WalletParts left, int64_t amount_fen) {
    int64_t all = left.principal_fen + left.gift_fen, principal = left.principal_fen;
    assert(amount_fen >= 0 && amount_fen <= all);
    if (amount_fen < all) {
        bool fits = fen_scale(left.principal_fen, amount_fen, all, ROUND_FLOOR, &principal);
        assert(fits);
    }
    return (WalletParts){ principal, amount_fen - principal };
}

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

WalletParts wallet_split(WalletOrder how, WalletParts have, int64_t amount_fen) {
    assert(amount_fen >= 0 && amount_fen <= have.principal_fen + have.gift_fen);
    int64_t first = 0;
    switch (how) {
    case WALLET_PRINCIPAL_FIRST:
        first = smaller(have.principal_fen, amount_fen);
        return (WalletParts){ first, amount_fen - first };
    case WALLET_GIFT_FIRST:
        first = smaller(have.gift_fen, amount_fen);
        return (WalletParts){ amount_fen - first, first };
    case WALLET_IN_PROPORTION:
        break;
    }
    return wallet_share(have, amount_fen);
}

/* ---- the books ---- */

static Err post_both(Ctx *c, const WalletPost *p, LedgerPosted *ret_posted) {
    LedgerPost posts[2];
    for (int i = 0; i < 2; i++)
        posts[i] = (LedgerPost){ .kind = i == 0 ? &principal_kind : &gift_kind,
                                 .member_id = p->member_id,
                                 .amount = i == 0 ? p->delta.principal_fen : p->delta.gift_fen,
                                 .source = p->source,
                                 .source_id = p->source_id,
                                 .expires_at = i == 0 ? 0 : p->expires_at,
                                 .of_source = i == 0 ? NULL : p->of_source,
                                 .of_id = i == 0 ? 0 : p->of_id,
                                 .grace_at = i == 0 ? 0 : p->grace_at,
                                 .detail = p->detail,
                                 .reason = p->reason };
    return ledger_post_many(c, posts, 2, ret_posted);
}

Err wallet_post(Ctx *c, const WalletPost *p, bool *ret_new) {
    LedgerPosted posted[2] = { 0 };
    TRY(post_both(c, p, posted));
    *ret_new = !posted[0].is_duplicate && !posted[1].is_duplicate;
    /* Money must not come to rest with a member who was merged meanwhile: his card knows, behind its lock. */
    bool comes_in = p->delta.principal_fen > 0 || p->delta.gift_fen > 0;
    return comes_in ? member_summary_put(c, p->member_id, &(MemberSummary){ 0 }) : OK;
}

/* Gift that is past its day is there until somebody sweeps it, but nobody's to spend. */
Err wallet_lock(Ctx *c, int64_t member_id, WalletParts *ret_have) {
    LedgerPosted posted[2] = { 0 };
    int64_t due_fen = 0;
    TRY(post_both(c, &(WalletPost){ .member_id = member_id, .source = "wallet.look" }, posted));
    *ret_have = (WalletParts){ posted[0].balance, posted[1].balance };
    if (ret_have->gift_fen > 0) TRY(ledger_past_due(c, member_id, &gift_kind, &due_fen));
    ret_have->gift_fen -= due_fen;
    return OK;
}

WalletParts wallet_sum(WalletParts a, WalletParts b) {
    return (WalletParts){ a.principal_fen + b.principal_fen, a.gift_fen + b.gift_fen };
}

Err wallet_tell(Ctx *c, const char *what, const WalletTold *t) {
    WalletMoved fact = { .member_id = t->member_id,
                         .shop_id = t->shop_id,
                         .what = str_of(what),
                         .source_id = t->source_id,
                         .principal_delta_fen = t->delta.principal_fen,
                         .gift_delta_fen = t->delta.gift_fen,
                         .principal_fen = t->after.principal_fen,
                         .gift_fen = t->after.gift_fen,
                         .spender_id = t->spender_id };
    TRY(emit(c, &wallet_moved, t->member_id, &fact));
    WalletSetting setting;
    TRY(setting_get(c, &wallet_setting, &setting));
    int64_t now = t->after.principal_fen + t->after.gift_fen, before = now - t->delta.principal_fen - t->delta.gift_fen;
    bool is_crossed = now < setting.low_fen && before >= setting.low_fen;
    return is_crossed ? emit(c, &wallet_low, t->member_id, &fact) : OK;
}

static Err refuse_frozen(Ctx *c) {
    return fail(c, E_CONFLICT, "wallet.frozen", "储值账户已冻结", "this wallet is frozen");
}

Err wallet_need_open(Ctx *c, int64_t member_id) {
    WalletMember member;
    TRY(wallet_member_read(c, member_id, &member));
    return member.is_frozen ? refuse_frozen(c) : OK;
}

/* ---- spending ---- */

static Err answer_twin(Ctx *c, const WalletSpendNew *in, WalletSpend *ret_spend) {
    bool found = false;
    int64_t living_id = 0, spender_id = 0, owner_id = 0;
    TRY(wallet_spend_by_no(c, in->shop_id, in->kind, in->spend_no, ret_spend, &found));
    assert(found);
    TRY(member_living(c, in->member_id, &living_id));
    TRY(member_living(c, ret_spend->spender_id, &spender_id));
    if (ret_spend->amount_fen != in->amount_fen || spender_id != living_id) {
        fail_number(c, "spend_id", ret_spend->spend_id);
        return fail(c, E_CONFLICT, "wallet.number_used", "单号 %.*s 已被另一笔内容不同的业务使用",
                    "number %.*s belongs to something of other content", (int)in->spend_no.len, in->spend_no.at);
    }
    WalletParts have;
    TRY(member_living(c, ret_spend->member_id, &owner_id));
    TRY(wallet_lock(c, owner_id, &have));
    ret_spend->principal_left_fen = have.principal_fen;
    ret_spend->gift_left_fen = have.gift_fen;
    ret_spend->duplicate = true;
    return OK;
}

/* Whose money it is, and that it may be spent: the account locked, the family's limits taken. */
static Err open_account(Ctx *c, const WalletSpendNew *in, WalletSpend *spend, WalletParts *ret_have) {
    WalletMember member;
    TRY(member_need_right(c, in->member_id, RIGHT_USE_BALANCE));
    TRY(wallet_payer(c, in->member_id, &spend->member_id));
    if (spend->member_id != in->member_id) TRY(member_need_right(c, spend->member_id, RIGHT_USE_BALANCE));
    TRY(wallet_lock(c, spend->member_id, ret_have));
    TRY(wallet_member_read(c, spend->member_id, &member));
    if (member.is_frozen) return refuse_frozen(c);
    spend->home_shop_id = member.home_shop_id != 0 ? member.home_shop_id : in->shop_id;
    if (in->amount_fen > ret_have->principal_fen + ret_have->gift_fen)
        return refuse_short(c, in->amount_fen, ret_have->principal_fen + ret_have->gift_fen);
    return spend->member_id != in->member_id ? wallet_family_use(c, in->member_id, spend->member_id, in->amount_fen)
                                             : OK;
}

Err wallet_spend(Ctx *c, const WalletSpendNew *in, const WalletProven *proven, WalletSpend *ret_spend) {
    WalletSetting setting;
    WalletParts have;
    WalletSpend known;
    bool is_new = false, is_known = false;
    assert(in->amount_fen > 0);
    TRY(wallet_spend_by_no(c, in->shop_id, in->kind, in->spend_no, &known, &is_known));
    if (is_known) return answer_twin(c, in, ret_spend);
    TRY(setting_get(c, &wallet_setting, &setting));
    *ret_spend = (WalletSpend){ .spend_id = id_new(c),
                                .shop_id = in->shop_id,
                                .spender_id = in->member_id,
                                .kind = in->kind,
                                .spend_no = in->spend_no,
                                .amount_fen = in->amount_fen,
                                .at = c->now };
    Err err = open_account(c, in, ret_spend, &have);
    if (err == E_CONFLICT) { /* its twin may have taken the money while this one waited for the account */
        bool is_twin = false;
        TRY(wallet_spend_by_no(c, in->shop_id, in->kind, in->spend_no, &known, &is_twin));
        if (is_twin) problem_clear(c);
        if (is_twin) return answer_twin(c, in, ret_spend);
    }
    if (err != OK) return err;
    WalletParts parts = wallet_split(setting.spend_order, have, in->amount_fen);
    ret_spend->principal_fen = parts.principal_fen;
    ret_spend->gift_fen = parts.gift_fen;
    TRY(wallet_spend_insert(c, ret_spend, &is_new));
    if (!is_new) {
        if (ret_spend->member_id != in->member_id)
            TRY(wallet_family_unuse(c, in->member_id, ret_spend->member_id, c->now, in->amount_fen));
        return answer_twin(c, in, ret_spend);
    }
    TRY(wallet_proof_use(c, proven));
    WalletPost post = { .member_id = ret_spend->member_id,
                        .source = "wallet.spend",
                        .source_id = ret_spend->spend_id,
                        .delta = { -parts.principal_fen, -parts.gift_fen } };
    if (ret_spend->spender_id != ret_spend->member_id)
        post.detail = arena_print(c->arena, "{\"spender_id\":\"%lld\"}", (long long)ret_spend->spender_id);
    TRY(wallet_post(c, &post, &is_new));
    WalletParts after = wallet_sum(have, post.delta);
    ret_spend->principal_left_fen = after.principal_fen;
    ret_spend->gift_left_fen = after.gift_fen;
    return wallet_tell(c, "spend",
                       &(WalletTold){ .shop_id = in->shop_id,
                                      .member_id = ret_spend->member_id,
                                      .spender_id = ret_spend->spender_id,
                                      .source_id = ret_spend->spend_id,
                                      .delta = post.delta,
                                      .after = after });
}

static Err restore_twin(Ctx *c, WalletRestore *r) {
    WalletRestore known;
    bool found = false;
    TRY(wallet_restore_read(c, r->spend_id, r->restore_no, &known, &found));
    if (!found) return OK;
    if (r->amount_fen != 0 && r->amount_fen != known.amount_fen)
        return fail(c, E_CONFLICT, "wallet.number_used", "单号 %.*s 已被另一笔内容不同的业务使用",
                    "number %.*s belongs to something of other content", (int)r->restore_no.len, r->restore_no.at);
    *r = known;
    r->duplicate = true;
    return OK;
}

/* The account's lock makes the row that is read here stand still. */
Err wallet_restore(Ctx *c, WalletRestore *r) {
    WalletSpend spend;
    WalletSetting setting;
    WalletParts have;
    int64_t living_id = 0;
    bool found = false, done = false;
    TRY(setting_get(c, &wallet_setting, &setting));
    TRY(wallet_spend_read(c, r->spend_id, &spend, &found));
    if (!found) return fail(c, E_NOT_FOUND, "wallet.spend_unknown", "没有这笔余额支付", "no such payment with balance");
    TRY(member_living(c, spend.member_id, &living_id));
    TRY(wallet_lock(c, living_id, &have));
    TRY(restore_twin(c, r));
    if (r->duplicate) return OK;
    TRY(wallet_spend_read(c, r->spend_id, &spend, &found));
    WalletParts left = { spend.principal_fen - spend.principal_back_fen, spend.gift_fen - spend.gift_back_fen };
    int64_t left_fen = left.principal_fen + left.gift_fen, amount_fen = r->amount_fen > 0 ? r->amount_fen : left_fen;
    if (amount_fen > left_fen || left_fen == 0) {
        fail_number(c, "left_fen", left_fen);
        return fail(c, E_CONFLICT, "wallet.over_spend", "这笔余额支付只剩 %s 元可退", "only %s is left of this payment",
                    fen_text(c->arena, left_fen).at);
    }
    WalletParts parts = wallet_share(left, amount_fen);
    r->amount_fen = amount_fen;
    r->restore_id = id_new(c);
    r->principal_fen = parts.principal_fen;
    r->gift_fen = parts.gift_fen;
    TRY(wallet_restore_insert(c, r, &done));
    assert(done);
    TRY(wallet_spend_give_back(c, r, &done));
    assert(done);
    if (spend.spender_id != spend.member_id)
        TRY(wallet_family_unuse(c, spend.spender_id, spend.member_id, spend.at, amount_fen));
    WalletPost post = { .member_id = living_id,
                        .source = "wallet.restore",
                        .source_id = r->restore_id,
                        .delta = parts,
                        .of_source = "wallet.spend",
                        .of_id = spend.spend_id,
                        .grace_at = c->now + (setting.gift_grace_days > 0 ? setting.gift_grace_days : 1) * DAY_MS };
    TRY(wallet_post(c, &post, &done));
    return wallet_tell(c, "restore",
                       &(WalletTold){ .shop_id = spend.shop_id,
                                      .member_id = living_id,
                                      .spender_id = spend.spender_id,
                                      .source_id = r->restore_id,
                                      .delta = parts,
                                      .after = wallet_sum(have, parts) });
}

/* ---- reading ---- */

Err wallet_view(Ctx *c, int64_t member_id, WalletView *ret_view) {
    LedgerAccount principal, gift;
    WalletMember member;
    TRY(ledger_account(c, member_id, &principal_kind, &principal));
    TRY(ledger_account(c, member_id, &gift_kind, &gift));
    int64_t payer_id = 0, expiring_fen = 0;
    TRY(wallet_member_read(c, member_id, &member));
    TRY(wallet_payer(c, member_id, &payer_id));
    TRY(ledger_expiring(c, member_id, &gift_kind, c->now + (int64_t)30 * DAY_MS, &expiring_fen));
    *ret_view = (WalletView){ .member_id = member_id,
                              .principal_fen = principal.balance,
                              .gift_fen = gift.balance,
                              .total_fen = principal.balance + gift.balance,
                              .gift_pending_fen = gift.pending,
                              .home_shop_id = member.home_shop_id,
                              .gift_expiring_fen = expiring_fen,
                              .family_owner_id = payer_id == member_id ? 0 : payer_id,
                              .is_frozen = member.is_frozen,
                              .has_pin = member.pin_hash.len > 0 };
    return OK;
}
