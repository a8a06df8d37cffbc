/* wallet_recharge - money comes in: the tender is recorded, principal and gift are posted, points given; one unit. */
#include "app/merchant.h"
#include "base/fen.h"
#include "domain/points/points.h"
#include "domain/wallet/wallet_store.h"
#include "event/wallet.h"
#include <assert.h>

enum { JOB_BATCH = 200, DOUBT_MS = 5 * MINUTE_MS };

static Err by_package(Ctx *c, WalletRecharge *r) {
    WalletPackage package;
    bool found = false;
    r->gift_months = 1;
    if (r->package_id == 0) {
        if (r->amount_fen > 0) return OK;
        return fail(c, E_INVALID, "wallet.amount_missing", "请选择充值套餐或输入金额", "say a package or an amount");
    }
    TRY(wallet_package_read(c, r->package_id, &package, &found));
    if (!found || package.is_retired)
        return fail(c, E_NOT_FOUND, "wallet.package_unknown", "没有这个充值套餐，或已下架",
                    "no such package, or it is no longer sold");
    if (r->amount_fen != 0 && r->amount_fen != package.pay_fen) {
        fail_number(c, "pay_fen", package.pay_fen);
        return fail(c, E_INVALID, "wallet.package_price", "套餐金额是 %s 元", "the package costs %s",
                    fen_text(c->arena, package.pay_fen).at);
    }
    r->amount_fen = package.pay_fen;
    r->gift_fen = package.gift_fen;
    r->gift_months = package.gift_months;
    r->gift_days = package.gift_days;
    r->points = package.points;
    return OK;
}

Err wallet_need_tender(Ctx *c, Str code, Str external_no, bool *ret_waits) {
    Tender tender;
    if (str_is(code, "points") || str_is(code, "balance"))
        return fail(c, E_INVALID, "wallet.tender", "充值只收真实货币", "a recharge is paid with money");
    TRY(payment_tender(c, code, &tender));
    *ret_waits = tender.is_channel && external_no.len == 0;
    return OK;
}

static const char *part_source(Ctx *c, int64_t part) {
    return part == 0 ? "wallet.recharge" : arena_print(c->arena, "wallet.part.%lld", (long long)part + 1).at;
}

static int64_t gift_end(const Zone *zone, const WalletRecharge *r, int64_t at) {
    return r->gift_days > 0 ? day_end(zone, day_add(day_at(zone, at), r->gift_days)) : 0;
}

/* The first part is there at once; the others wait in the ledger, each for its month. */
static Err give_gift(Ctx *c, const Zone *zone, const WalletRecharge *r, int64_t *ret_first) {
    int64_t n = r->gift_months, today = day_at(zone, c->now);
    int64_t *weights = NEW_LIST(c->arena, int64_t, n), *parts = NEW_LIST(c->arena, int64_t, n);
    for (int64_t i = 0; i < n; i++) weights[i] = 1;
    fen_share(c->arena, r->gift_fen, weights, n, parts);
    *ret_first = parts[0];
    for (int64_t i = 1; i < n; i++) {
        LedgerPosted posted;
        if (parts[i] == 0) continue;
        TRY(ledger_post(c,
                        &(LedgerPost){ .kind = &gift_kind,
                                       .member_id = r->member_id,
                                       .amount = parts[i],
                                       .source = part_source(c, i),
                                       .source_id = r->recharge_id,
                                       .due_at = day_start(zone, day_add_months(today, i)) },
                        &posted));
    }
    return OK;
}

Err wallet_need_room(Ctx *c, int64_t total_fen) {
    WalletSetting setting;
    TRY(setting_get(c, &wallet_setting, &setting));
    if (setting.most_fen == 0 || total_fen <= setting.most_fen) return OK;
    fail_number(c, "most_fen", setting.most_fen);
    fail_number(c, "total_fen", total_fen);
    return fail(c, E_CONFLICT, "wallet.over_limit", "充值后超过单卡上限 %s 元", "more than %s would be on the card",
                fen_text(c->arena, setting.most_fen).at);
}

/* The money is here: everything that follows from it. */
static Err credit(Ctx *c, WalletRecharge *r, bool may_exceed) {
    WalletParts have;
    LedgerPosted posted;
    Merchant merchant;
    int64_t first = 0;
    bool is_new = false;
    TRY(merchant_get(c, &merchant));
    const Zone *zone = app_zone(c, merchant.zone);
    if (r->points > 0)
        TRY(points_grant(c,
                         &(PointsGrant){ .member_id = r->member_id,
                                         .points = r->points,
                                         .source = "wallet.points",
                                         .source_id = r->recharge_id },
                         &posted));
    TRY(wallet_lock(c, r->member_id, &have));
    if (!may_exceed) {
        TRY(wallet_need_open(c, r->member_id));
        TRY(wallet_need_room(c, have.principal_fen + have.gift_fen + r->amount_fen + r->gift_fen));
    }
    TRY(give_gift(c, zone, r, &first));
    WalletPost post = { .member_id = r->member_id,
                        .source = "wallet.recharge",
                        .source_id = r->recharge_id,
                        .delta = { r->amount_fen, first },
                        .expires_at = gift_end(zone, r, c->now) };
    WalletParts after = wallet_sum(have, post.delta);
    TRY(wallet_post(c, &post, &is_new));
    assert(is_new);
    TRY(wallet_recharge_give(c, r->recharge_id, first));
    TRY(wallet_member_put_home(c, r->member_id, r->shop_id));
    r->gift_given_fen = first;
    r->principal_left_fen = after.principal_fen;
    r->gift_left_fen = after.gift_fen;
    TRY(emit(c, &wallet_recharged, r->member_id,
             &(WalletRecharged){ .recharge_id = r->recharge_id,
                                 .member_id = r->member_id,
                                 .shop_id = r->shop_id,
                                 .package_id = r->package_id,
                                 .amount_fen = r->amount_fen,
                                 .whole_fen = r->amount_fen,
                                 .gift_fen = r->gift_fen,
                                 .day = day_at(zone, c->now),
                                 .at = c->now }));
    return wallet_tell(c, "recharge",
                       &(WalletTold){ .shop_id = r->shop_id,
                                      .member_id = r->member_id,
                                      .source_id = r->recharge_id,
                                      .delta = post.delta,
                                      .after = after });
}

static Err answer_twin(Ctx *c, const WalletRecharge *in, WalletRecharge *ret_recharge) {
    bool found = false;
    int64_t living_id = 0;
    TRY(wallet_recharge_by_no(c, in->shop_id, in->recharge_no, ret_recharge, &found));
    assert(found);
    TRY(member_living(c, in->member_id, &living_id));
    bool is_same = ret_recharge->member_id == living_id && ret_recharge->package_id == in->package_id &&
                   (in->amount_fen == 0 || ret_recharge->amount_fen == in->amount_fen) &&
                   str_equal(ret_recharge->tender, in->tender);
    if (!is_same) {
        fail_number(c, "recharge_id", ret_recharge->recharge_id);
        return fail(c, E_CONFLICT, "wallet.number_used", "单号 %.*s 已被另一笔内容不同的业务使用",
                    "number %.*s belongs to something of other content", (int)in->recharge_no.len, in->recharge_no.at);
    }
    WalletView view;
    TRY(wallet_view(c, living_id, &view));
    ret_recharge->principal_left_fen = view.principal_fen;
    ret_recharge->gift_left_fen = view.gift_fen;
    ret_recharge->duplicate = true;
    return OK;
}

Err wallet_recharge_make(Ctx *c, const WalletRecharge *in, WalletRecharge *ret_recharge) {
    WalletRecharge r = *in, known;
    Payment payment;
    bool waits = false, is_new = false, is_known = false;
    TRY(auth_need_shop(c, r.shop_id));
    r.recharge_id = id_new(c);
    if (r.recharge_no.len == 0) r.recharge_no = arena_print(c->arena, "R%lld", (long long)r.recharge_id);
    TRY(wallet_recharge_by_no(c, r.shop_id, r.recharge_no, &known, &is_known));
    if (is_known) return answer_twin(c, in, ret_recharge);
    TRY(shop_need_open(c, r.shop_id, 0));
    TRY(member_need_right(c, r.member_id, 0));
    TRY(by_package(c, &r));
    TRY(wallet_need_tender(c, r.tender, r.external_no, &waits));
    r.status = waits ? RECHARGE_WAITING : RECHARGE_DONE;
    r.created_at = c->now;
    r.done_at = waits ? 0 : c->now;
    TRY(wallet_recharge_insert(c, &r, &is_new));
    if (!is_new) return answer_twin(c, in, ret_recharge);
    TRY(payment_add(c, r.recharge_id, 1,
                    &(PaymentNew){ .tender = r.tender, .amount_fen = r.amount_fen, .external_no = r.external_no },
                    waits, &payment));
    if (waits) {
        WalletParts have;
        TRY(wallet_lock(c, r.member_id, &have));
        TRY(wallet_need_open(c, r.member_id));
        TRY(wallet_need_room(c, have.principal_fen + have.gift_fen + r.amount_fen + r.gift_fen));
    } else {
        TRY(credit(c, &r, false));
    }
    *ret_recharge = r;
    return OK;
}

Err wallet_recharge_paid_before(Ctx *c, WalletRecharge *r) {
    bool is_new = false;
    r->created_at = r->done_at = c->now;
    TRY(wallet_recharge_insert(c, r, &is_new));
    assert(is_new);
    return credit(c, r, true);
}

/* Money that has arrived is never turned away for a limit or a freeze that came later. */
Err wallet_recharge_paid(Ctx *c, int64_t recharge_id) {
    WalletRecharge r;
    bool found = false, done = false;
    TRY(wallet_recharge_read(c, recharge_id, &r, &found));
    if (!found) return OK; /* a tender of an order */
    TRY(wallet_recharge_mark(c, recharge_id, RECHARGE_DONE, &done));
    if (!done) return OK;
    TRY(member_living(c, r.member_id, &r.member_id));
    return credit(c, &r, true);
}

Err wallet_recharge_cancel(Ctx *c, int64_t recharge_id, WalletRecharge *ret_recharge) {
    bool found = false, closed = false, done = false;
    TRY(wallet_recharge_read(c, recharge_id, ret_recharge, &found));
    if (!found) return fail(c, E_NOT_FOUND, "wallet.recharge_unknown", "没有这笔充值", "no such recharge");
    TRY(auth_need_shop(c, ret_recharge->shop_id));
    TRY(payment_close(c, recharge_id, 1, &closed));
    if (closed) TRY(wallet_recharge_mark(c, recharge_id, RECHARGE_CANCELLED, &done));
    if (!done)
        return fail(c, E_CONFLICT, "wallet.not_waiting", "这笔充值不在等待付款",
                    "this recharge does not wait for money");
    ret_recharge->status = RECHARGE_CANCELLED;
    return OK;
}

/* A notice may be lost: the channel is asked from the outbox. What is closed here and was paid there meanwhile comes
 * back as late, and goes back by itself. */
Err wallet_job_waiting(Ctx *c, int64_t due_at, bool *ret_more) {
    (void)due_at;
    WalletSetting setting;
    WalletRecharges list = { 0 };
    TRY(setting_get(c, &wallet_setting, &setting));
    TRY(wallet_recharge_doubtful(c, c->now - DOUBT_MS, JOB_BATCH, &list));
    for (int64_t i = 0; i < list.count; i++) {
        const WalletRecharge *r = &list.items[i];
        bool is_over = setting.wait_minutes > 0 && r->created_at < c->now - setting.wait_minutes * MINUTE_MS;
        bool closed = false, done = false;
        if (is_over) TRY(payment_close(c, r->recharge_id, 1, &closed));
        if (closed) TRY(wallet_recharge_mark(c, r->recharge_id, RECHARGE_CANCELLED, &done));
        if (!closed) TRY(payment_doubt(c, r->recharge_id, 1));
        TRY(wallet_recharge_asked(c, r->recharge_id));
    }
    *ret_more = list.count == JOB_BATCH;
    return OK;
}

Err wallet_job_parts(Ctx *c, int64_t due_at, bool *ret_more) {
    (void)due_at;
    LedgerHolds due = { 0 };
    Merchant merchant;
    TRY(merchant_get(c, &merchant));
    const Zone *zone = app_zone(c, merchant.zone);
    TRY(ledger_holds_due(c, &gift_kind, LEDGER_PENDING, JOB_BATCH, &due));
    for (int64_t i = 0; i < due.count; i++) {
        const LedgerHold *h = &due.items[i];
        LedgerPosted posted;
        LedgerAccount principal;
        WalletRecharge r = { 0 };
        bool found = false;
        TRY(wallet_recharge_read(c, h->source_id, &r, &found));
        int64_t end = gift_end(zone, &r, h->due_at);
        TRY(ledger_mature(c, &gift_kind, arena_cstr(c->arena, h->source), h->source_id, end > 0 ? end : LEDGER_NEVER,
                          &posted));
        if (posted.is_duplicate || posted.delta == 0) continue;
        TRY(wallet_recharge_give(c, h->source_id, posted.delta));
        TRY(ledger_account(c, h->member_id, &principal_kind, &principal));
        TRY(wallet_tell(c, "part",
                        &(WalletTold){ .shop_id = r.shop_id,
                                       .member_id = h->member_id,
                                       .source_id = h->source_id,
                                       .delta = { 0, posted.delta },
                                       .after = { principal.balance, posted.balance } }));
    }
    *ret_more = due.count == JOB_BATCH;
    return OK;
}
