/* Recharges by phone: asked at the channel, found out by its notice, by a query, or by the job that asks for those
 * whose notice got lost. */
#include "domain/wallet/wallet_api.h"

static const Field my_recharge_field[] = {
    FIELD_ID(WalletRecharge, shop_id, .about = "empty = where the member recharged last, else the first shop"),
    FIELD(WalletRecharge, recharge_no, .max = WALLET_NO_MAX, .about = "the app's number; unique per shop for ever"),
    FIELD_ID(WalletRecharge, package_id),
    FIELD(WalletRecharge, amount_fen, .max = WALLET_AMOUNT_MAX_FEN, .about = "without a package"),
    FIELD(WalletRecharge, tender, .need = true, .max = 40, .about = "one that a channel takes"),
};
const Fields wallet_my_recharge_fields = { .name = "MyRechargeNew",
                                           .size = sizeof(WalletRecharge),
                                           .field = my_recharge_field,
                                           .count = COUNT_OF(my_recharge_field),
                                           .given_at = -1 };
typedef struct RechargeRef {
    int64_t recharge_id;
} RechargeRef;
static const Field ref_field[] = { FIELD_ID(RechargeRef, recharge_id, .need = true) };
const Fields wallet_my_recharge_ref_fields = FIELDS(RechargeRef, ref_field);

static Err home_shop(Ctx *c, int64_t member_id, int64_t *ret_shop_id) {
    WalletMember member;
    ShopList shops = { 0 };
    TRY(wallet_member_read(c, member_id, &member));
    *ret_shop_id = member.home_shop_id;
    if (member.home_shop_id != 0) return OK;
    TRY(shop_list(c, &shops));
    for (int64_t i = shops.count - 1; i >= 0; i--)
        if (shops.items[i].status == SHOP_OPEN) *ret_shop_id = shops.items[i].shop_id;
    return OK;
}

Err wallet_post_my_recharge(Ctx *c, const void *body, void *ret) {
    WalletRecharge r = *(const WalletRecharge *)body;
    bool waits = false;
    int64_t waiting = 0;
    r.member_id = auth_member(c);
    TRY(wallet_need_tender(c, r.tender, r.external_no, &waits));
    if (!waits) return fail(c, E_INVALID, "wallet.tender_online", "请选择在线支付方式", "choose a way to pay on line");
    TRY(wallet_recharge_waiting(c, r.member_id, &waiting));
    if (waiting >= WALLET_WAITING_MAX)
        return fail(c, E_CONFLICT, "wallet.many_waiting", "有 %lld 笔充值在等待付款，请先付款或取消",
                    "%lld recharges wait for money: pay or give up one", (long long)waiting);
    if (r.shop_id == 0) TRY(home_shop(c, r.member_id, &r.shop_id));
    return wallet_recharge_make(c, &r, ret);
}

static Err find(Ctx *c, int64_t recharge_id, int64_t member_id, WalletRecharge *ret_recharge) {
    Payments payments = { 0 };
    bool found = false;
    TRY(wallet_recharge_read(c, recharge_id, ret_recharge, &found));
    if (!found || (member_id != 0 && ret_recharge->member_id != member_id))
        return fail(c, E_NOT_FOUND, "wallet.recharge_unknown", "没有这笔充值", "no such recharge");
    TRY(payment_of_order(c, recharge_id, &payments));
    if (ret_recharge->status == RECHARGE_WAITING && payments.count > 0)
        ret_recharge->pay_url = payments.items[0].pay_url;
    return OK;
}

Err wallet_get_my_recharge(Ctx *c, const void *body, void *ret) {
    return find(c, ((const RechargeRef *)body)->recharge_id, auth_member(c), ret);
}

Err wallet_post_my_recharge_cancel(Ctx *c, const void *body, void *ret) {
    const RechargeRef *in = body;
    TRY(find(c, in->recharge_id, auth_member(c), ret));
    return wallet_recharge_cancel(c, in->recharge_id, ret);
}

/* ---- how far it is ---- */

static Err prepare(Ctx *c, int64_t recharge_id, int64_t member_id) {
    WalletRecharge r;
    PaymentAsked *asked = NEW(c->arena, PaymentAsked);
    TRY(find(c, recharge_id, member_id, &r));
    TRY(auth_need_shop(c, r.shop_id));
    c->plan = NULL;
    if (r.status != RECHARGE_WAITING) return OK; /* answered as it stands */
    TRY(payment_query(c, recharge_id, 1, asked));
    c->plan = asked;
    return OK;
}

Err wallet_prepare_recharge_query(Ctx *c, const void *body) {
    return prepare(c, ((const RechargeRef *)body)->recharge_id, 0);
}

Err wallet_prepare_my_recharge_query(Ctx *c, const void *body) {
    return prepare(c, ((const RechargeRef *)body)->recharge_id, auth_member(c));
}

/* The event that follows from the payment finds the work done. */
Err wallet_post_recharge_query(Ctx *c, const void *body, void *ret) {
    const RechargeRef *in = body;
    const PaymentAsked *asked = c->plan;
    if (asked != NULL) TRY(payment_record(c, asked));
    if (asked != NULL && asked->is_paid) TRY(wallet_recharge_paid(c, in->recharge_id));
    return find(c, in->recharge_id, 0, ret);
}
