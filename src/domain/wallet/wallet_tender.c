/* wallet_tender - the tender "balance" of orders, on top of spends. */
#include "domain/points/points.h"
#include "domain/wallet/wallet_store.h"
#include <assert.h>

static WalletSpendNew spend_of(Ctx *c, const WalletTender *t) {
    return (WalletSpendNew){ .shop_id = t->shop_id,
                             .member_id = t->member_id,
                             .amount_fen = t->amount_fen,
                             .kind = S("order"),
                             .spend_no =
                                 arena_print(c->arena, "%lld-%lld", (long long)t->order_id, (long long)t->number) };
}

Err wallet_foresee(Ctx *c, int64_t member_id, int64_t amount_fen, WalletParts *ret_parts) {
    WalletSetting setting;
    LedgerAccount principal, gift;
    int64_t payer_id = 0;
    TRY(setting_get(c, &wallet_setting, &setting));
    TRY(wallet_payer(c, member_id, &payer_id));
    TRY(wallet_need_open(c, payer_id));
    TRY(ledger_account(c, payer_id, &principal_kind, &principal));
    TRY(ledger_account(c, payer_id, &gift_kind, &gift));
    int64_t total = principal.balance + gift.balance;
    if (amount_fen > total) return principal_kind.refuse_short(c, amount_fen, total);
    *ret_parts = wallet_split(setting.spend_order, (WalletParts){ principal.balance, gift.balance }, amount_fen);
    return OK;
}

Err wallet_spend_tender(Ctx *c, const WalletTender *t, const WalletProven *proven, WalletParts *ret_parts) {
    LedgerPosted points;
    WalletSpend spend;
    WalletSpendNew asked = spend_of(c, t);
    assert(proven != NULL);
    /* Who proved himself before a merge is somebody else now. */
    if (proven->member_id != t->member_id)
        return fail(c, E_CONFLICT, "wallet.proof_moved", "会员刚被合并，请重新出示会员码",
                    "the member was merged meanwhile: ask for the code again");
    TRY(ledger_post(c, &(LedgerPost){ .kind = &points_kind, .member_id = t->member_id, .source = "wallet.look" },
                    &points));
    TRY(wallet_spend(c, &asked, proven, &spend));
    *ret_parts = (WalletParts){ spend.principal_fen, spend.gift_fen };
    return OK;
}

static Err find(Ctx *c, const WalletTender *t, WalletSpend *ret_spend) {
    bool found = false;
    WalletSpendNew asked = spend_of(c, t);
    TRY(wallet_spend_by_no(c, asked.shop_id, asked.kind, asked.spend_no, ret_spend, &found));
    assert(found);
    return OK;
}

Err wallet_tender_parts(Ctx *c, const WalletTender *t, WalletParts *ret_parts) {
    WalletSpend spend;
    TRY(find(c, t, &spend));
    *ret_parts = (WalletParts){ spend.principal_fen, spend.gift_fen };
    return OK;
}

Err wallet_restore_tender(Ctx *c, const WalletTender *t, int64_t refund_id) {
    WalletSpend spend;
    TRY(find(c, t, &spend));
    WalletRestore back = { .spend_id = spend.spend_id,
                           .restore_no = arena_print(c->arena, "%lld", (long long)refund_id),
                           .amount_fen = t->amount_fen };
    return wallet_restore(c, &back);
}
