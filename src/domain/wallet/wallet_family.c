/* wallet_family - 亲情账户: an owner lets others pay from his account, each with his own proof and within his limits. */
#include "app/merchant.h"
#include "base/fen.h"
#include "domain/wallet/wallet_store.h"

static Err zone_of(Ctx *c, const Zone **ret_zone) {
    Merchant merchant;
    TRY(merchant_get(c, &merchant));
    *ret_zone = app_zone(c, merchant.zone);
    return OK;
}

/* ---- paying ---- */

static Err refuse_none(Ctx *c) {
    return fail(c, E_NOT_FOUND, "wallet.family_none", "没有这位亲情成员或邀请", "no such family member or invitation");
}

Err wallet_payer(Ctx *c, int64_t member_id, int64_t *ret_payer_id) {
    WalletFamily f;
    bool found = false;
    TRY(wallet_family_read(c, member_id, &f, &found));
    *ret_payer_id = found && f.status == FAMILY_ACTIVE && !f.pays_own ? f.owner_id : member_id;
    return OK;
}

static Err refuse_limit(Ctx *c, const WalletFamily *f, int64_t day, int64_t month, int64_t amount_fen) {
    int64_t left = INT64_MAX;
    int64_t day_left = f->day_most_fen - (f->day == day ? f->day_used_fen : 0);
    int64_t month_left = f->month_most_fen - (f->month == month ? f->month_used_fen : 0);
    if (f->payment_most_fen > 0) left = f->payment_most_fen;
    if (f->day_most_fen > 0 && day_left < left) left = day_left;
    if (f->month_most_fen > 0 && month_left < left) left = month_left;
    if (left < 0) left = 0;
    fail_number(c, "left_fen", left);
    fail_number(c, "need_fen", amount_fen);
    return fail(c, E_CONFLICT, "wallet.family_limit", "超出亲情账户限额，还可用 %s 元",
                "over the limit of the family wallet: %s may still be paid", fen_text(c->arena, left).at);
}

Err wallet_family_use(Ctx *c, int64_t member_id, int64_t owner_id, int64_t amount_fen) {
    const Zone *zone = NULL;
    WalletFamily f = { 0 };
    bool done = false, found = false;
    TRY(zone_of(c, &zone));
    int64_t day = day_at(zone, c->now);
    TRY(wallet_family_count(
        c, &(WalletFamily){ .member_id = member_id, .owner_id = owner_id, .day = day, .month = day / 100 }, amount_fen,
        &done));
    if (done) return OK;
    TRY(wallet_family_read(c, member_id, &f, &found));
    if (f.status != FAMILY_ACTIVE || f.owner_id != owner_id || f.pays_own) return refuse_none(c); /* just now */
    return refuse_limit(c, &f, day, day / 100, amount_fen);
}

Err wallet_family_unuse(Ctx *c, int64_t member_id, int64_t owner_id, int64_t spent_at, int64_t amount_fen) {
    const Zone *zone = NULL;
    WalletFamily f;
    bool found = false;
    TRY(wallet_family_read(c, member_id, &f, &found));
    if (!found || f.owner_id != owner_id || spent_at < f.joined_at) return OK; /* another family's by now */
    TRY(zone_of(c, &zone));
    f.day = day_at(zone, spent_at);
    f.month = f.day / 100;
    return wallet_family_uncount(c, &f, amount_fen);
}

/* ---- who belongs ---- */

static Err note(Ctx *c, const char *action, const WalletFamily *f) {
    return audit(c, &(AuditNote){ .action = action,
                                  .subject = "member",
                                  .subject_id = f->member_id,
                                  .fields = &wallet_family_fields,
                                  .after = f });
}

/* The owner's account is locked: two invitations at once cannot both be the last one. */
Err wallet_family_invite(Ctx *c, const WalletFamily *in, WalletFamily *ret_family) {
    WalletSetting setting;
    WalletParts have;
    WalletFamily other;
    WalletFamilies mine = { 0 }, his = { 0 };
    bool found = false, owner_found = false;
    TRY(setting_get(c, &wallet_setting, &setting));
    if (setting.family_most == 0)
        return fail(c, E_CONFLICT, "wallet.family_off", "本店没有亲情账户", "there are no family wallets here");
    if (in->member_id == in->owner_id)
        return fail(c, E_INVALID, "wallet.family_self", "不能邀请自己", "you cannot invite yourself");
    TRY(member_need_right(c, in->owner_id, RIGHT_USE_BALANCE));
    TRY(member_need_right(c, in->member_id, 0));
    TRY(wallet_lock(c, in->owner_id, &have));
    TRY(wallet_family_read(c, in->member_id, &other, &found));
    TRY(wallet_family_list(c, in->member_id, &his));
    if ((found && other.status == FAMILY_ACTIVE) || his.count > 0)
        return fail(c, E_CONFLICT, "wallet.family_taken", "对方已在一个亲情账户里", "this member has a family already");
    TRY(wallet_family_read(c, in->owner_id, &other, &owner_found));
    if (owner_found && other.status != FAMILY_ENDED)
        return fail(c, E_CONFLICT, "wallet.family_nested", "您自己在用别人的亲情账户，不能再邀请",
                    "you belong to a family yourself: leave it first");
    TRY(wallet_family_list(c, in->owner_id, &mine));
    if (mine.count >= setting.family_most) {
        fail_number(c, "most", setting.family_most);
        return fail(c, E_CONFLICT, "wallet.family_full", "亲情账户最多 %lld 人", "at most %lld may share",
                    (long long)setting.family_most);
    }
    *ret_family = *in;
    ret_family->status = FAMILY_INVITED;
    ret_family->invited_at = c->now;
    TRY(wallet_family_put(c, ret_family));
    return note(c, "wallet.family_invite", ret_family);
}

static Err save(Ctx *c, WalletFamily *f, FamilyStatus from, const char *action) {
    bool done = false;
    TRY(wallet_family_save(c, f, from, &done));
    if (!done) return refuse_none(c);
    return note(c, action, f);
}

Err wallet_family_answer(Ctx *c, int64_t member_id, bool is_accepted, WalletFamily *ret_family) {
    WalletFamily *f = ret_family;
    WalletFamilies his = { 0 };
    bool found = false;
    TRY(wallet_family_read(c, member_id, f, &found));
    if (!found || f->status != FAMILY_INVITED) return refuse_none(c);
    TRY(wallet_family_list(c, member_id, &his));
    if (is_accepted && his.count > 0)
        return fail(c, E_CONFLICT, "wallet.family_taken", "对方已在一个亲情账户里", "this member has a family already");
    f->status = is_accepted ? FAMILY_ACTIVE : FAMILY_ENDED;
    f->joined_at = is_accepted ? c->now : 0;
    f->ended_at = is_accepted ? 0 : c->now;
    return save(c, f, FAMILY_INVITED, is_accepted ? "wallet.family_join" : "wallet.family_decline");
}

static Err of_owner(Ctx *c, int64_t member_id, int64_t owner_id, WalletFamily *ret_family) {
    bool found = false;
    TRY(wallet_family_read(c, member_id, ret_family, &found));
    bool is_his = found && ret_family->status != FAMILY_ENDED;
    return is_his && (owner_id == 0 || ret_family->owner_id == owner_id) ? OK : refuse_none(c);
}

Err wallet_family_change(Ctx *c, const WalletFamily *in, WalletFamily *ret_family) {
    TRY(of_owner(c, in->member_id, in->owner_id, ret_family));
    ret_family->payment_most_fen = in->payment_most_fen;
    ret_family->day_most_fen = in->day_most_fen;
    ret_family->month_most_fen = in->month_most_fen;
    return save(c, ret_family, ret_family->status, "wallet.family_change");
}

Err wallet_family_choose(Ctx *c, int64_t member_id, bool pays_own, WalletFamily *ret_family) {
    TRY(of_owner(c, member_id, 0, ret_family));
    ret_family->pays_own = pays_own;
    return save(c, ret_family, ret_family->status, "wallet.family_choose");
}

Err wallet_family_leave(Ctx *c, int64_t member_id, int64_t owner_id, WalletFamily *ret_family) {
    TRY(of_owner(c, member_id, owner_id, ret_family));
    FamilyStatus from = ret_family->status;
    ret_family->status = FAMILY_ENDED;
    ret_family->ended_at = c->now;
    return save(c, ret_family, from, "wallet.family_leave");
}
