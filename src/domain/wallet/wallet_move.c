/* wallet_move - what comes or goes beside recharges and spends: gifts of the merchant, corrections by hand, transfers,
 * gift that is past its day. Each is written down beside its entries, so that the sums can be proved. */
#include "app/merchant.h"
#include "base/fen.h"
#include "domain/wallet/wallet_store.h"
#include <assert.h>

enum { EXPIRE_BATCH = 200 };

Err wallet_move(Ctx *c, const WalletMoveNew *in, WalletMove *ret_move, bool *ret_new) {
    WalletMember member;
    WalletParts have;
    const WalletPost *p = &in->post;
    TRY(wallet_lock(c, p->member_id, &have));
    TRY(wallet_post(c, p, ret_new));
    if (!*ret_new) return OK;
    WalletParts after = wallet_sum(have, p->delta);
    TRY(wallet_member_read(c, p->member_id, &member));
    *ret_move = (WalletMove){ .move_id = id_new(c),
                              .member_id = p->member_id,
                              .shop_id = in->shop_id != 0 ? in->shop_id : member.home_shop_id,
                              .source = str_of(p->source),
                              .source_id = p->source_id,
                              .principal_fen = p->delta.principal_fen,
                              .gift_fen = p->delta.gift_fen,
                              .at = c->now,
                              .principal_left_fen = after.principal_fen,
                              .gift_left_fen = after.gift_fen };
    TRY(wallet_move_insert(c, ret_move));
    return wallet_tell(c, in->what,
                       &(WalletTold){ .shop_id = ret_move->shop_id,
                                      .member_id = p->member_id,
                                      .source_id = p->source_id,
                                      .delta = p->delta,
                                      .after = after });
}

Err wallet_give(Ctx *c, const WalletGift *gift, bool *ret_new) {
    WalletMove move;
    assert(gift->gift_fen > 0 && gift->gift_fen <= WALLET_AMOUNT_MAX_FEN);
    TRY(member_need_right(c, gift->member_id, 0));
    WalletMoveNew in = { .what = "give",
                         .shop_id = gift->shop_id,
                         .post = { .member_id = gift->member_id,
                                   .source = gift->source,
                                   .source_id = gift->source_id,
                                   .delta = { 0, gift->gift_fen },
                                   .expires_at = gift->expires_at,
                                   .reason = gift->reason } };
    return wallet_move(c, &in, &move, ret_new);
}

Err wallet_take(Ctx *c, const WalletGift *take, const char *of_source, int64_t of_id, int64_t *ret_taken_fen) {
    WalletMove move;
    WalletParts have;
    bool is_new = false;
    TRY(wallet_lock(c, take->member_id, &have));
    int64_t taken = take->gift_fen < have.gift_fen ? take->gift_fen : have.gift_fen;
    *ret_taken_fen = 0;
    if (taken == 0) return OK;
    WalletMoveNew in = { .what = "take",
                         .shop_id = take->shop_id,
                         .post = { .member_id = take->member_id,
                                   .source = take->source,
                                   .source_id = take->source_id,
                                   .delta = { 0, -taken },
                                   .of_source = of_source,
                                   .of_id = of_id,
                                   .reason = take->reason } };
    TRY(wallet_move(c, &in, &move, &is_new));
    if (is_new) *ret_taken_fen = taken;
    return OK;
}

/* ---- by hand ---- */

static const Field adjust_field[] = {
    FIELD_ID(WalletAdjust, member_id, .need = true),
    FIELD_ID(WalletAdjust, shop_id),
    FIELD(WalletAdjust, principal_fen, .min = -WALLET_AMOUNT_MAX_FEN, .max = WALLET_AMOUNT_MAX_FEN),
    FIELD(WalletAdjust, gift_fen, .min = -WALLET_AMOUNT_MAX_FEN, .max = WALLET_AMOUNT_MAX_FEN),
    FIELD_DAY(WalletAdjust, expires_day, .about = "last day of gift that comes in; empty = never"),
    FIELD(WalletAdjust, reason, .need = true, .max = 200),
    FIELD(WalletAdjust, ask, .about = "above the limit: wait for a second person instead of being refused"),
};
const Fields wallet_adjust_fields = FIELDS(WalletAdjust, adjust_field);

static Err need_small(Ctx *c, int64_t amount_fen) {
    WalletSetting setting;
    TRY(setting_get(c, &wallet_setting, &setting));
    if (c->auth == NULL || setting.approval_fen == 0 || amount_fen <= setting.approval_fen) return OK;
    fail_number(c, "limit_fen", setting.approval_fen);
    return fail(c, E_CONFLICT, "wallet.needs_approval", "超过 %s 元的人工调整要第二个人审批",
                "corrections by hand above %s need a second person", fen_text(c->arena, setting.approval_fen).at);
}

static Err adjust(Ctx *c, const WalletAdjust *in, WalletMove *ret_move) {
    Merchant merchant;
    bool is_new = false;
    int64_t amount = (in->principal_fen < 0 ? -in->principal_fen : in->principal_fen) +
                     (in->gift_fen < 0 ? -in->gift_fen : in->gift_fen);
    if (amount == 0) return fail(c, E_INVALID, "wallet.adjust_nothing", "请填写要调整的金额", "say by how much");
    TRY(merchant_get(c, &merchant));
    TRY(member_need_right(c, in->member_id, 0));
    if (in->shop_id != 0) TRY(shop_need(c, in->shop_id));
    if (!in->is_approved) TRY(need_small(c, amount));
    const Zone *zone = app_zone(c, merchant.zone);
    WalletMoveNew move = { .what = "adjust",
                           .shop_id = in->shop_id,
                           .post = { .member_id = in->member_id,
                                     .source = "wallet.adjust",
                                     .source_id = id_new(c),
                                     .delta = { in->principal_fen, in->gift_fen },
                                     .expires_at = in->expires_day > 0 ? day_end(zone, in->expires_day) : 0,
                                     .reason = in->reason } };
    TRY(wallet_move(c, &move, ret_move, &is_new));
    return audit(c, &(AuditNote){ .action = "wallet.adjust",
                                  .subject = "member",
                                  .subject_id = in->member_id,
                                  .reason = in->reason,
                                  .fields = &wallet_move_fields,
                                  .after = ret_move });
}

static Err adjust_approved(Ctx *c, const Approval *a) {
    WalletAdjust in = { 0 };
    WalletMove move;
    bool is_read = json_read(c->arena, a->content, &wallet_adjust_fields, &in);
    assert(is_read);
    in.is_approved = true;
    TRY(member_living(c, in.member_id, &in.member_id));
    return adjust(c, &in, &move);
}
const ApprovalKind wallet_adjust_kind = {
    "wallet.adjust", "wallet.approve", "人工调整余额", "correct a balance by hand", adjust_approved, NULL,
};

Err wallet_adjust(Ctx *c, const WalletAdjust *in, WalletMove *ret_move) {
    Err err = adjust(c, in, ret_move);
    Buf content = { .arena = c->arena };
    json_print(&content, &wallet_adjust_fields, in);
    if (err != OK) *ret_move = (WalletMove){ .member_id = in->member_id };
    return approval_or_ask(c, err, "wallet.needs_approval", in->ask,
                           &(ApprovalAsk){ .kind = &wallet_adjust_kind,
                                           .subject_id = in->member_id,
                                           .amount = in->principal_fen + in->gift_fen,
                                           .shop_id = in->shop_id,
                                           .reason = in->reason,
                                           .content = buf_str(&content) },
                           &ret_move->approval_id);
}

/* ---- from one member to another ---- */

static Err move_part(Ctx *c, const WalletTransfer *t, bool is_out, WalletParts parts, int64_t lot, int64_t expires_at) {
    WalletMove move;
    bool is_new = false;
    WalletMoveNew in = { .what = "transfer",
                         .post = { .member_id = is_out ? t->from_member_id : t->to_member_id,
                                   .source_id = t->transfer_id,
                                   .delta = parts,
                                   .expires_at = expires_at,
                                   .reason = t->reason } };
    in.post.source = is_out     ? "wallet.out"
                     : lot == 0 ? "wallet.in"
                                : arena_print(c->arena, "wallet.in.%lld", (long long)lot).at;
    if (is_out) in.post.delta = (WalletParts){ -parts.principal_fen, -parts.gift_fen };
    return wallet_move(c, &in, &move, &is_new);
}

static const Field transfer_field[] = {
    FIELD_ID(WalletTransfer, transfer_id, .is_out = true, .skip_zero = true),
    FIELD_ID(WalletTransfer, from_member_id, .need = true),
    FIELD_ID(WalletTransfer, to_member_id, .need = true),
    FIELD(WalletTransfer, principal_fen, .max = WALLET_AMOUNT_MAX_FEN),
    FIELD(WalletTransfer, gift_fen, .max = WALLET_AMOUNT_MAX_FEN, .about = "its lots keep their days"),
    FIELD(WalletTransfer, reason, .need = true, .max = 200),
    FIELD(WalletTransfer, ask, .about = "above the limit: wait for a second person instead of being refused"),
    FIELD_ID(WalletTransfer, approval_id, .is_out = true, .skip_zero = true,
             .about = "nothing moved yet: waits for a second person"),
};
const Fields wallet_transfer_fields = FIELDS(WalletTransfer, transfer_field);

/* What is taken leaves lot by lot, earliest day first, and arrives with the same days. */
static Err transfer(Ctx *c, const WalletTransfer *in, WalletTransfer *ret_transfer) {
    WalletParts have;
    LedgerLots lots = { 0 };
    bool from_first = in->from_member_id < in->to_member_id;
    if (in->from_member_id == in->to_member_id)
        return fail(c, E_INVALID, "wallet.transfer_self", "转出和转入是同一位会员", "from and to are the same member");
    if (in->principal_fen + in->gift_fen == 0)
        return fail(c, E_INVALID, "wallet.adjust_nothing", "请填写要调整的金额", "say by how much");
    if (!in->is_approved) TRY(need_small(c, in->principal_fen + in->gift_fen));
    TRY(member_need_right(c, in->from_member_id, RIGHT_USE_BALANCE));
    TRY(member_need_right(c, in->to_member_id, 0));
    *ret_transfer = *in;
    ret_transfer->transfer_id = id_new(c);
    TRY(wallet_lock(c, from_first ? in->from_member_id : in->to_member_id, &have));
    TRY(wallet_lock(c, from_first ? in->to_member_id : in->from_member_id, &have));
    TRY(wallet_need_open(c, in->from_member_id));
    TRY(wallet_need_open(c, in->to_member_id));
    TRY(ledger_lots(c, in->from_member_id, &gift_kind, &lots));
    TRY(move_part(c, ret_transfer, true, (WalletParts){ in->principal_fen, in->gift_fen }, 0, 0));
    int64_t left = in->gift_fen, principal = in->principal_fen, lot = 0;
    for (int64_t i = 0; i < lots.count && left > 0; i++) {
        const LedgerLot *from = &lots.items[i];
        int64_t part = from->left_amount < left ? from->left_amount : left;
        if (from->expires_at < c->now) continue;
        TRY(move_part(c, ret_transfer, false, (WalletParts){ principal, part }, lot++,
                      from->expires_at == LEDGER_NEVER ? 0 : from->expires_at));
        left -= part;
        principal = 0;
    }
    if (left > 0 || principal > 0) TRY(move_part(c, ret_transfer, false, (WalletParts){ principal, left }, lot, 0));
    return audit(c, &(AuditNote){ .action = "wallet.transfer",
                                  .subject = "member",
                                  .subject_id = in->from_member_id,
                                  .reason = in->reason });
}

static Err transfer_approved(Ctx *c, const Approval *a) {
    WalletTransfer in = { 0 }, done;
    bool is_read = json_read(c->arena, a->content, &wallet_transfer_fields, &in);
    assert(is_read);
    in.is_approved = true;
    TRY(member_living(c, in.from_member_id, &in.from_member_id));
    TRY(member_living(c, in.to_member_id, &in.to_member_id));
    return transfer(c, &in, &done);
}
const ApprovalKind wallet_transfer_kind = {
    "wallet.transfer", "wallet.approve", "余额转移", "move a balance to another member", transfer_approved, NULL,
};

Err wallet_transfer(Ctx *c, const WalletTransfer *in, WalletTransfer *ret_transfer) {
    Err err = transfer(c, in, ret_transfer);
    Buf content = { .arena = c->arena };
    json_print(&content, &wallet_transfer_fields, in);
    if (err != OK) *ret_transfer = *in;
    return approval_or_ask(c, err, "wallet.needs_approval", in->ask,
                           &(ApprovalAsk){ .kind = &wallet_transfer_kind,
                                           .subject_id = in->from_member_id,
                                           .amount = in->principal_fen + in->gift_fen,
                                           .reason = in->reason,
                                           .content = buf_str(&content) },
                           &ret_transfer->approval_id);
}

/* ---- past its day ---- */

Err wallet_job_expire(Ctx *c, int64_t due_at, bool *ret_more) {
    (void)due_at;
    LedgerExpiredList done = { 0 };
    TRY(ledger_expire(c, &gift_kind, EXPIRE_BATCH, &done));
    for (int64_t i = 0; i < done.count; i++) {
        const LedgerExpired *e = &done.items[i];
        LedgerAccount principal, gift;
        TRY(ledger_account(c, e->member_id, &principal_kind, &principal));
        TRY(ledger_account(c, e->member_id, &gift_kind, &gift));
        TRY(wallet_tell(c, "expire",
                        &(WalletTold){ .member_id = e->member_id,
                                       .source_id = e->expires_at,
                                       .delta = { 0, -e->amount },
                                       .after = { principal.balance, gift.balance } }));
    }
    *ret_more = done.count == EXPIRE_BATCH;
    return OK;
}
