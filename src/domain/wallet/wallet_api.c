#include "domain/wallet/wallet_api.h"
#include "domain/wallet/wallet_card.h"
#include "domain/wallet/wallet_device.h"

/* ---- shapes ---- */

static const Field view_field[] = {
    FIELD_ID(WalletView, member_id),
    FIELD(WalletView, principal_fen),
    FIELD(WalletView, gift_fen),
    FIELD(WalletView, total_fen),
    FIELD(WalletView, gift_pending_fen, .about = "gift that comes in monthly parts"),
    FIELD(WalletView, gift_expiring_fen, .about = "within 30 days"),
    FIELD_ID(WalletView, home_shop_id, .about = "where the member recharged last"),
    FIELD(WalletView, is_frozen),
    FIELD(WalletView, has_pin),
    FIELD_ID(WalletView, family_owner_id, .skip_zero = true, .about = "pays from this member's account"),
};
static const Fields view_fields = FIELDS(WalletView, view_field);

static const Field recharge_new_field[] = {
    FIELD_ID(WalletRecharge, shop_id, .need = true),
    FIELD(WalletRecharge, recharge_no, .max = WALLET_NO_MAX, .about = "the till's number; unique per shop for ever"),
    FIELD_ID(WalletRecharge, member_id, .need = true),
    FIELD_ID(WalletRecharge, package_id),
    FIELD(WalletRecharge, amount_fen, .max = WALLET_AMOUNT_MAX_FEN, .about = "without a package"),
    FIELD(WalletRecharge, tender, .need = true, .max = 40),
    FIELD(WalletRecharge, external_no, .max = 80, .about = "the channel's number, when it was paid there already"),
};
static const Fields recharge_new_fields = { .name = "WalletRechargeNew",
                                            .size = sizeof(WalletRecharge),
                                            .field = recharge_new_field,
                                            .count = COUNT_OF(recharge_new_field),
                                            .given_at = -1 };

typedef struct SpendAsk {
    int64_t shop_id, member_id, amount_fen;
    Str spend_no, code, pin;
} SpendAsk;
static const Field spend_ask_field[] = {
    FIELD_ID(SpendAsk, shop_id, .need = true),
    FIELD(SpendAsk, spend_no, .need = true, .max = WALLET_NO_MAX,
          .about = "the till's number; unique per shop for ever"),
    FIELD_ID(SpendAsk, member_id, .need = true),
    FIELD(SpendAsk, amount_fen, .need = true, .min = 1, .max = WALLET_AMOUNT_MAX_FEN),
    FIELD(SpendAsk, code, .max = WALLET_PROOF_MAX, .is_secret = true,
          .about = "what the member's phone shows: the dynamic code or the signed token"),
    FIELD(SpendAsk, pin, .max = 12, .is_secret = true, .about = "or the PIN"),
};
static const Fields spend_ask_fields = FIELDS(SpendAsk, spend_ask_field);

static const Field restore_ask_field[] = {
    FIELD_ID(WalletRestore, spend_id, .need = true),
    FIELD(WalletRestore, restore_no, .need = true, .max = WALLET_NO_MAX, .about = "unique with the spend"),
    FIELD(WalletRestore, amount_fen, .max = WALLET_AMOUNT_MAX_FEN, .about = "0 = all that is left"),
};
static const Fields restore_ask_fields = { .name = "WalletRestoreNew",
                                           .size = sizeof(WalletRestore),
                                           .field = restore_ask_field,
                                           .count = COUNT_OF(restore_ask_field),
                                           .given_at = -1 };

typedef struct Ask {
    int64_t member_id, shop_id, package_id, recharge_id, request_id, from_at, to_at, limit;
    Str account, status, reason, pin, old_pin, cursor;
    bool frozen, with_retired;
} Ask;
#define ASK(name_text, table)                                                                                          \
    { .name = name_text, .size = sizeof(Ask), .field = (table), .count = COUNT_OF(table), .given_at = -1 }
#define ASK_PAGE FIELD(Ask, cursor, .max = 400), FIELD(Ask, limit, .max = PAGE_MAX)
static const Field member_ask_field[] = { FIELD_ID(Ask, member_id, .need = true) };
static const Fields member_ask_fields = ASK("WalletAsk", member_ask_field);
static const Field entries_ask_field[] = { FIELD_ID(Ask, member_id),
                                           FIELD(Ask, account, .max = 20, .about = "principal (default) or gift"),
                                           ASK_PAGE };
static const Fields entries_ask_fields = ASK("WalletEntriesAsk", entries_ask_field);
static const Field my_entries_ask_field[] = { FIELD(Ask, account, .max = 20, .about = "principal (default) or gift"),
                                              ASK_PAGE };
static const Fields my_entries_ask_fields = ASK("MyWalletEntriesAsk", my_entries_ask_field);
static const Field packages_ask_field[] = { FIELD(Ask, with_retired) };
static const Fields packages_ask_fields = ASK("WalletPackagesAsk", packages_ask_field);
static const Field package_ref_field[] = { FIELD_ID(Ask, package_id, .need = true) };
static const Fields package_ref_fields = ASK("WalletPackageRef", package_ref_field);
static const Field recharges_ask_field[] = { FIELD_ID(Ask, member_id), FIELD_ID(Ask, shop_id), ASK_PAGE };
static const Fields recharges_ask_fields = ASK("WalletRechargesAsk", recharges_ask_field);
static const Field recharge_ref_field[] = { FIELD_ID(Ask, recharge_id, .need = true) };
static const Fields recharge_ref_fields = ASK("WalletRechargeRef", recharge_ref_field);
static const Field freeze_field[] = { FIELD_ID(Ask, member_id, .need = true), FIELD(Ask, frozen),
                                      FIELD(Ask, reason, .need = true, .max = 200) };
static const Fields freeze_fields = ASK("WalletFreeze", freeze_field);
static const Field pin_reset_field[] = { FIELD_ID(Ask, member_id, .need = true),
                                         FIELD(Ask, reason, .need = true, .max = 200) };
static const Fields pin_reset_fields = ASK("WalletPinReset", pin_reset_field);
static const Field pin_field[] = { FIELD(Ask, pin, .need = true, .max = 12, .is_secret = true, .about = "6 digits"),
                                   FIELD(Ask, old_pin, .max = 12, .is_secret = true) };
static const Fields pin_fields = ASK("WalletPin", pin_field);
static const Field refund_ask_field[] = { FIELD_ID(Ask, member_id, .need = true), FIELD_ID(Ask, shop_id),
                                          FIELD(Ask, reason, .need = true, .max = 200) };
static const Fields refund_ask_fields = ASK("WalletRefundAsk", refund_ask_field);
static const Field my_refund_ask_field[] = { FIELD(Ask, reason, .max = 200) };
static const Fields my_refund_ask_fields = ASK("MyWalletRefundAsk", my_refund_ask_field);
static const Field refunds_ask_field[] = { FIELD_ID(Ask, member_id), FIELD(Ask, status, .max = 20), ASK_PAGE };
static const Fields refunds_ask_fields = ASK("WalletRefundsAsk", refunds_ask_field);
static const Field refund_ref_field[] = { FIELD_ID(Ask, request_id, .need = true), FIELD(Ask, reason, .max = 200) };
static const Fields refund_ref_fields = ASK("WalletRefundRef", refund_ref_field);
static const Field span_field[] = { FIELD(Ask, from_at), FIELD(Ask, to_at, .about = "unix ms, exclusive; 0 = now") };
static const Fields span_fields = ASK("WalletSpan", span_field);

#define PAGE_OF(name, list_type, of)                                                                                   \
    typedef struct name {                                                                                              \
        list_type items;                                                                                               \
        Str next_cursor;                                                                                               \
    } name;                                                                                                            \
    static const Field name##_field[] = { FIELD_LIST(name, items, of), FIELD(name, next_cursor) };                     \
    static const Fields name##_fields = FIELDS(name, name##_field)
PAGE_OF(WalletEntryPage, LedgerEntries, ledger_entry_fields);
PAGE_OF(WalletPackagePage, WalletPackages, wallet_package_fields);
static const Field recharge_page_field[] = { FIELD_LIST(WalletRechargePage, items, wallet_recharge_fields),
                                             FIELD(WalletRechargePage, next_cursor) };
const Fields WalletRechargePage_fields = FIELDS(WalletRechargePage, recharge_page_field);
PAGE_OF(WalletRefundPage, WalletRefunds, wallet_refund_fields);
PAGE_OF(WalletShopPage, WalletShopLines, wallet_shop_line_fields);
PAGE_OF(WalletBetweenPage, WalletBetweens, wallet_between_fields);

/* ---- packages ---- */

static Err post_package(Ctx *c, const void *body, void *ret) {
    WalletPackage *out = ret;
    *out = *(const WalletPackage *)body;
    out->package_id = id_new(c);
    out->created_at = c->now;
    out->is_retired = false;
    if (out->gift_months == 0) out->gift_months = 1;
    TRY(wallet_package_insert(c, out));
    return audit(c, &(AuditNote){ .action = "wallet.package",
                                  .subject = "package",
                                  .subject_id = out->package_id,
                                  .fields = &wallet_package_fields,
                                  .after = out });
}

static Err get_packages(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    WalletPackagePage *out = ret;
    return wallet_package_list(c, in->with_retired, &out->items);
}

static Err get_my_packages(Ctx *c, const void *body, void *ret) {
    (void)body;
    WalletPackagePage *out = ret;
    return wallet_package_list(c, false, &out->items);
}

static Err post_retire(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    bool done = false;
    (void)ret;
    TRY(wallet_package_retire(c, in->package_id, &done));
    if (!done)
        return fail(c, E_NOT_FOUND, "wallet.package_unknown", "没有这个充值套餐，或已下架",
                    "no such package, or it is no longer sold");
    return audit(c,
                 &(AuditNote){ .action = "wallet.package_retire", .subject = "package", .subject_id = in->package_id });
}

/* ---- recharges, spends ---- */

static Err post_recharge(Ctx *c, const void *body, void *ret) { return wallet_recharge_make(c, body, ret); }

static Err post_recharge_cancel(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    return wallet_recharge_cancel(c, in->recharge_id, ret);
}

static Err get_recharges(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    WalletRechargePage *out = ret;
    int64_t before = 0, unused = 0, limit = in->limit > 0 ? in->limit : PAGE_DEFAULT, shop_id = in->shop_id;
    if (shop_id == 0 && c->auth != NULL && c->auth->shop_ids.count > 0) shop_id = c->auth->shop_ids.items[0];
    if (shop_id != 0) TRY(auth_need_shop(c, shop_id));
    TRY(page_open(c, in->cursor, &before, &unused));
    TRY(wallet_recharge_page(c, in->member_id, shop_id, before == 0 ? INT64_MAX : before, limit, &out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].recharge_id, 0);
    return OK;
}

/* A till that repeats itself hears of what it did, also when the code has run out meanwhile. */
static Err prepare_spend(Ctx *c, const void *body) {
    const SpendAsk *in = body;
    const WalletProven *proven = NULL;
    WalletSpend known;
    bool found = false;
    TRY(auth_need_shop(c, in->shop_id));
    TRY(wallet_spend_by_no(c, in->shop_id, S("till"), in->spend_no, &known, &found));
    if (!found) TRY(wallet_prove(c, in->member_id, &(WalletProof){ in->code, in->pin }, &proven));
    c->plan = (void *)(uintptr_t)proven;
    return OK;
}

static Err post_spend(Ctx *c, const void *body, void *ret) {
    const SpendAsk *in = body;
    TRY(shop_need_open(c, in->shop_id, 0));
    return wallet_spend(c, &(WalletSpendNew){ in->shop_id, in->member_id, in->amount_fen, S("till"), in->spend_no },
                        c->plan, ret);
}

static Err post_restore(Ctx *c, const void *body, void *ret) {
    WalletSpend spend;
    bool found = false;
    *(WalletRestore *)ret = *(const WalletRestore *)body;
    TRY(wallet_spend_read(c, ((const WalletRestore *)body)->spend_id, &spend, &found));
    if (found) TRY(auth_need_shop(c, spend.shop_id));
    if (found && !str_is(spend.kind, "till"))
        return fail(c, E_CONFLICT, "wallet.spend_of_order", "这笔储值付的是订单或售卡，请在原单上退",
                    "this paid an order or a sale: give it back there");
    return wallet_restore(c, ret);
}

/* ---- a member's wallet ---- */

static Err get_wallet(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    MemberCard card;
    TRY(member_card(c, in->member_id, &card));
    return wallet_view(c, in->member_id, ret);
}

static Err get_my_wallet(Ctx *c, const void *body, void *ret) {
    (void)body;
    return wallet_view(c, auth_member(c), ret);
}

static Err entries(Ctx *c, int64_t member_id, const Ask *in, WalletEntryPage *out) {
    int64_t before = 0, unused = 0, limit = in->limit > 0 ? in->limit : PAGE_DEFAULT;
    const LedgerKind *kind = str_is(in->account, "gift") ? &gift_kind : &principal_kind;
    TRY(page_open(c, in->cursor, &before, &unused));
    TRY(ledger_entries(c, member_id, kind, before, limit, &out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].seq, 0);
    return OK;
}

static Err get_entries(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    MemberCard card;
    TRY(member_card(c, in->member_id, &card));
    return entries(c, in->member_id, in, ret);
}

static Err get_my_entries(Ctx *c, const void *body, void *ret) { return entries(c, auth_member(c), body, ret); }

static Err post_freeze(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    WalletParts have;
    TRY(member_need_right(c, in->member_id, 0));
    TRY(wallet_lock(c, in->member_id, &have));
    TRY(wallet_member_put_frozen(c, in->member_id, in->frozen));
    TRY(audit(c, &(AuditNote){ .action = in->frozen ? "wallet.freeze" : "wallet.unfreeze",
                               .subject = "member",
                               .subject_id = in->member_id,
                               .reason = in->reason }));
    return wallet_view(c, in->member_id, ret);
}

static Err post_pin_reset(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    TRY(member_need_right(c, in->member_id, 0));
    TRY(wallet_member_put_pin(c, in->member_id, (Str){ 0 }));
    TRY(audit(
        c, &(AuditNote){
               .action = "wallet.pin_reset", .subject = "member", .subject_id = in->member_id, .reason = in->reason }));
    return wallet_view(c, in->member_id, ret);
}

typedef struct PinPlan {
    Str hash;
    const WalletProven *old;
} PinPlan;

static Err prepare_pin(Ctx *c, const void *body) {
    const Ask *in = body;
    PinPlan *plan = NEW(c->arena, PinPlan);
    WalletMember member;
    TRY(wallet_pin_check(c, in->pin));
    TRY(wallet_member_read(c, auth_member(c), &member));
    if (member.pin_hash.len > 0) TRY(wallet_prove(c, auth_member(c), &(WalletProof){ .pin = in->old_pin }, &plan->old));
    plan->hash = password_hash(c->arena, in->pin, c->app->config.is_test);
    c->plan = plan;
    return OK;
}

static Err put_pin(Ctx *c, const void *body, void *ret) {
    (void)body;
    const PinPlan *plan = c->plan;
    WalletProven none = { .member_id = auth_member(c) };
    TRY(wallet_proof_use(c, plan->old != NULL ? plan->old : &none));
    TRY(wallet_member_put_pin(c, auth_member(c), plan->hash));
    TRY(audit(c, &(AuditNote){ .action = "wallet.pin", .subject = "member", .subject_id = auth_member(c) }));
    return wallet_view(c, auth_member(c), ret);
}

/* ---- card refunds ---- */

static Err get_quote(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    MemberCard card;
    TRY(member_card(c, in->member_id, &card));
    return wallet_refund_quote(c, in->member_id, ret);
}

static Err post_request(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    return wallet_refund_ask(c, in->member_id, in->shop_id, in->reason, ret);
}

static Err post_my_request(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    return wallet_refund_ask(c, auth_member(c), 0, in->reason, ret);
}

static Err get_requests(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    WalletRefundPage *out = ret;
    int64_t before = 0, unused = 0, limit = in->limit > 0 ? in->limit : PAGE_DEFAULT;
    TRY(page_open(c, in->cursor, &before, &unused));
    TRY(wallet_refund_page(c, in->member_id, in->status, before == 0 ? INT64_MAX : before, limit, &out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].request_id, 0);
    return OK;
}

static Err with_payouts(Ctx *c, WalletRefund *r) {
    TRY(wallet_payout_list(c, r->request_id, &r->payouts));
    for (int64_t i = 0; i < r->payouts.count; i++) {
        WalletPayout *p = &r->payouts.items[i];
        TRY(payment_refund_state(c, p->recharge_id, 1, p->request_id, &p->status));
    }
    return OK;
}

static Err get_request(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    bool found = false;
    TRY(wallet_refund_read(c, in->request_id, ret, &found));
    if (!found) return fail(c, E_NOT_FOUND, "wallet.request_unknown", "没有这个退卡申请", "no such request");
    return with_payouts(c, ret);
}

static Err post_approve(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    TRY(wallet_refund_end(c, in->request_id, true, in->reason, ret));
    return with_payouts(c, ret);
}

static Err post_reject(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    return wallet_refund_end(c, in->request_id, false, in->reason, ret);
}

/* ---- reports ---- */

static Err get_liability(Ctx *c, const void *body, void *ret) {
    (void)body;
    WalletShopPage *out = ret;
    return wallet_liability(c, &out->items);
}

static Err get_settlement(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    WalletBetweenPage *out = ret;
    return wallet_settlement(c, in->from_at, in->to_at > 0 ? in->to_at : INT64_MAX, &out->items);
}

/* ---- members' data ---- */

static Err merge(Ctx *c, const MergeInfo *m) {
    WalletMember from, into;
    int64_t moved = 0, ended = 0, devices = 0;
    TRY(wallet_merge_move(c, m, &moved));
    TRY(wallet_family_end(c, m->from_id, &ended));
    TRY(wallet_device_revoke(c, m->from_id, 0, &devices));
    TRY(wallet_member_read(c, m->from_id, &from));
    TRY(wallet_member_read(c, m->into_id, &into));
    if (from.is_frozen) TRY(wallet_member_put_frozen(c, m->into_id, true));
    if (into.home_shop_id == 0 && from.home_shop_id != 0) TRY(wallet_member_put_home(c, m->into_id, from.home_shop_id));
    merge_note(m, "wallet", "moves", moved);
    merge_note(m, "wallet", "families_ended", ended);
    merge_note(m, "wallet", "devices_revoked", devices);
    return OK;
}

static Err unmerge(Ctx *c, const MergeInfo *m) {
    int64_t moved = 0;
    TRY(wallet_merge_back(c, m, &moved));
    merge_note(m, "wallet", "moves", moved);
    return OK;
}

static Err erase(Ctx *c, int64_t member_id) {
    int64_t ended = 0;
    TRY(wallet_family_end(c, member_id, &ended));
    TRY(wallet_device_revoke(c, member_id, 0, &ended));
    TRY(wallet_device_delete(c, member_id));
    TRY(wallet_member_delete(c, member_id));
    return wallet_refund_blank(c, member_id);
}

static Err export_member(Ctx *c, int64_t member_id, Buf *json) {
    WalletView view;
    WalletRecharges recharges = { 0 };
    WalletRefunds refunds = { 0 };
    WalletSpends spends = { 0 };
    WalletFamilies families = { 0 };
    TRY(wallet_spend_page(c, member_id, 0, INT64_MAX, LIST_MAX, &spends));
    WalletDevices devices = { 0 };
    TRY(wallet_device_list(c, member_id, &devices));
    TRY(wallet_family_list(c, member_id, &families));
    TRY(wallet_view(c, member_id, &view));
    TRY(wallet_recharge_page(c, member_id, 0, INT64_MAX, LIST_MAX, &recharges));
    TRY(wallet_refund_page(c, member_id, (Str){ 0 }, INT64_MAX, LIST_MAX, &refunds));
    buf_cstr(json, "\"wallet\":");
    json_print(json, &view_fields, &view);
    buf_cstr(json, ",\"wallet_recharges\":");
    json_print_list(json, &wallet_recharge_fields, (ListAny){ recharges.items, recharges.count });
    buf_cstr(json, ",\"wallet_spends\":");
    json_print_list(json, &wallet_spend_fields, (ListAny){ spends.items, spends.count });
    buf_cstr(json, ",\"wallet_devices\":");
    json_print_list(json, &wallet_device_fields, (ListAny){ devices.items, devices.count });
    buf_cstr(json, ",\"wallet_family\":");
    json_print_list(json, &wallet_family_fields, (ListAny){ families.items, families.count });
    buf_cstr(json, ",\"wallet_refunds\":");
    json_print_list(json, &wallet_refund_fields, (ListAny){ refunds.items, refunds.count });
    return OK;
}

enum { TILL = WHO_STAFF | WHO_POS | WHO_PARTNER };
static const Route routes[] = {
    { "GET", "/v1/wallet/packages", "Recharge packages", TILL, "wallet.read", &packages_ask_fields,
      &WalletPackagePage_fields, NULL, get_packages, ROUTE_LIST },
    { "POST", "/v1/wallet/packages", "Offer a recharge package: pay X, get Y on top", WHO_STAFF, "wallet.package",
      &wallet_package_fields, &wallet_package_fields, NULL, post_package, ROUTE_ONCE | ROUTE_CREATED },
    { "POST", "/v1/wallet/packages/{package_id}/retire", "Take a package off sale", WHO_STAFF, "wallet.package",
      &package_ref_fields, NULL, NULL, post_retire, 0 },
    { "GET", "/v1/me/wallet/packages", "Recharge packages on sale", WHO_MEMBER, NULL, NULL, &WalletPackagePage_fields,
      NULL, get_my_packages, ROUTE_LIST },
    { "POST", "/v1/wallet/recharges", "Recharge: tender, principal, gift and points in one", TILL, "wallet.recharge",
      &recharge_new_fields, &wallet_recharge_fields, NULL, post_recharge, ROUTE_ONCE | ROUTE_CREATED },
    { "GET", "/v1/wallet/recharges", "List recharges, newest first", TILL, "wallet.read", &recharges_ask_fields,
      &WalletRechargePage_fields, NULL, get_recharges, ROUTE_LIST },
    { "POST", "/v1/wallet/recharges/{recharge_id}/cancel", "Give up a recharge that waits for its money", TILL,
      "wallet.recharge", &recharge_ref_fields, &wallet_recharge_fields, NULL, post_recharge_cancel, ROUTE_ONCE },
    { "POST", "/v1/wallet/spends", "Pay with balance, with the member's code or PIN", TILL, "wallet.spend",
      &spend_ask_fields, &wallet_spend_fields, prepare_spend, post_spend, ROUTE_ONCE | ROUTE_CREATED | ROUTE_SLOW },
    { "POST", "/v1/wallet/spends/{spend_id}/returns",
      "Give back a payment with balance, or a part of it, as it was split", TILL, "wallet.restore", &restore_ask_fields,
      &wallet_restore_fields, NULL, post_restore, ROUTE_ONCE | ROUTE_CREATED },
    { "GET", "/v1/wallet/spends", "Payments with balance, newest first", TILL, "wallet.read", &wallet_spends_ask_fields,
      &WalletSpendPage_fields, NULL, wallet_get_spends, ROUTE_LIST },
    { "GET", "/v1/me/wallet/spends", "My payments with balance, and those of my family", WHO_MEMBER, NULL,
      &wallet_my_page_ask_fields, &WalletSpendPage_fields, NULL, wallet_get_my_spends, ROUTE_LIST },
    { "POST", "/v1/members/{member_id}/wallet/adjustments", "Correct a balance by hand, or give gift; with a reason",
      WHO_STAFF, "wallet.adjust", &wallet_adjust_fields, &wallet_move_fields, NULL, wallet_post_adjust,
      ROUTE_ONCE | ROUTE_CREATED },
    { "POST", "/v1/wallet/transfers", "Move stored value from one member to another", WHO_STAFF, "wallet.transfer",
      &wallet_transfer_fields, &wallet_transfer_fields, NULL, wallet_post_transfer, ROUTE_ONCE | ROUTE_CREATED },
    { "GET", "/v1/me/wallet/family", "Whom I share my stored value with, and whose family I belong to", WHO_MEMBER,
      NULL, NULL, &WalletFamilyPage_fields, NULL, wallet_get_my_family, ROUTE_LIST },
    { "POST", "/v1/me/wallet/family", "Invite somebody to pay from my account, within limits", WHO_MEMBER, NULL,
      &wallet_family_invite_fields, &wallet_family_fields, NULL, wallet_post_my_family, ROUTE_CREATED },
    { "PUT", "/v1/me/wallet/family/{member_id}", "Other limits", WHO_MEMBER, NULL, &wallet_family_change_fields,
      &wallet_family_fields, NULL, wallet_put_my_family, 0 },
    { "POST", "/v1/me/wallet/family/{member_id}/remove", "Share no longer", WHO_MEMBER, NULL, &wallet_family_ask_fields,
      &wallet_family_fields, NULL, wallet_post_my_family_remove, 0 },
    { "POST", "/v1/me/wallet/family/answer", "Accept or decline an invitation", WHO_MEMBER, NULL,
      &wallet_family_answer_fields, &wallet_family_fields, NULL, wallet_post_my_family_answer, 0 },
    { "POST", "/v1/me/wallet/family/choice", "Pay from my own account, or from the family's", WHO_MEMBER, NULL,
      &wallet_family_choice_fields, &wallet_family_fields, NULL, wallet_post_my_family_choice, 0 },
    { "POST", "/v1/me/wallet/family/leave", "Leave the family", WHO_MEMBER, NULL, NULL, &wallet_family_fields, NULL,
      wallet_post_my_family_leave, 0 },
    { "GET", "/v1/members/{member_id}/wallet/family", "A member's family wallet", WHO_STAFF, "wallet.read",
      &wallet_family_ask_fields, &WalletFamilyPage_fields, NULL, wallet_get_family, ROUTE_LIST },
    { "POST", "/v1/members/{member_id}/wallet/family/remove", "Take a member out of the family he belongs to",
      WHO_STAFF, "wallet.freeze", &wallet_family_staff_fields, &wallet_family_fields, NULL, wallet_post_family_remove,
      0 },
    { "GET", "/v1/members/{member_id}/wallet", "A member's stored value", TILL, "wallet.read", &member_ask_fields,
      &view_fields, NULL, get_wallet, 0 },
    { "GET", "/v1/members/{member_id}/wallet/entries", "Entries of principal or gift, newest first", TILL,
      "wallet.read", &entries_ask_fields, &WalletEntryPage_fields, NULL, get_entries, ROUTE_LIST },
    { "POST", "/v1/members/{member_id}/wallet/freeze", "Freeze or unfreeze a wallet", WHO_STAFF, "wallet.freeze",
      &freeze_fields, &view_fields, NULL, post_freeze, 0 },
    { "POST", "/v1/members/{member_id}/wallet/pin-reset", "Take a forgotten PIN away", WHO_STAFF, "wallet.pin_reset",
      &pin_reset_fields, &view_fields, NULL, post_pin_reset, 0 },
    { "GET", "/v1/members/{member_id}/wallet/refund-quote", "What a card refund would pay back, step by step",
      WHO_STAFF, "wallet.read", &member_ask_fields, &wallet_refund_fields, NULL, get_quote, 0 },
    { "POST", "/v1/wallet/refund-requests", "Ask for a card refund", TILL, "wallet.refund_ask", &refund_ask_fields,
      &wallet_refund_fields, NULL, post_request, ROUTE_ONCE | ROUTE_CREATED },
    { "GET", "/v1/wallet/refund-requests", "Card refunds, newest first", WHO_STAFF, "wallet.read", &refunds_ask_fields,
      &WalletRefundPage_fields, NULL, get_requests, ROUTE_LIST },
    { "GET", "/v1/wallet/refund-requests/{request_id}", "A card refund with its steps and how far the money is",
      WHO_STAFF, "wallet.read", &refund_ref_fields, &wallet_refund_fields, NULL, get_request, 0 },
    { "POST", "/v1/wallet/refund-requests/{request_id}/approve", "Approve: takes the value, sends the money", WHO_STAFF,
      "wallet.refund_approve", &refund_ref_fields, &wallet_refund_fields, NULL, post_approve, ROUTE_ONCE },
    { "POST", "/v1/wallet/refund-requests/{request_id}/reject", "Reject a card refund", WHO_STAFF,
      "wallet.refund_approve", &refund_ref_fields, &wallet_refund_fields, NULL, post_reject, ROUTE_ONCE },
    { "GET", "/v1/wallet/card-batches", "Gift cards by batch: how many are open, redeemed, void", WHO_STAFF,
      "wallet.read", &wallet_cards_ask_fields, &wallet_card_batch_page_fields, NULL, wallet_get_batches, ROUTE_LIST },
    { "POST", "/v1/wallet/card-batches", "Issue gift cards, to be sold or given away", WHO_STAFF, "wallet.card_issue",
      &wallet_card_batch_fields, &wallet_card_batch_fields, NULL, wallet_post_batch, ROUTE_ONCE | ROUTE_CREATED },
    { "POST", "/v1/wallet/card-batches/{batch_id}/codes", "The cards of a batch with their codes; audited", WHO_STAFF,
      "wallet.card_codes", &wallet_codes_ask_fields, &wallet_card_page_fields, NULL, wallet_post_codes, 0 },
    { "POST", "/v1/wallet/cards/sell", "Sell a gift card: its money is here, it is good from now on", TILL,
      "wallet.card_sell", &wallet_card_sale_fields, &wallet_card_fields, NULL, wallet_post_card_sale, ROUTE_ONCE },
    { "POST", "/v1/wallet/cards/redeem", "Redeem a gift card into a member's wallet", TILL, "wallet.card_redeem",
      &wallet_card_redeem_fields, &wallet_card_fields, wallet_prepare_redeem, wallet_post_redeem,
      ROUTE_ONCE | ROUTE_SLOW },
    { "POST", "/v1/wallet/cards/{card_id}/void", "Make a gift card void; what was paid goes back", WHO_STAFF,
      "wallet.card_void", &wallet_card_void_fields, &wallet_card_fields, NULL, wallet_post_card_void, ROUTE_ONCE },
    { "POST", "/v1/wallet/cards/{card_id}/reopen", "Make a gift card good again that has run out", WHO_STAFF,
      "wallet.card_void", &wallet_card_reopen_fields, &wallet_card_fields, NULL, wallet_post_card_reopen, ROUTE_ONCE },
    { "POST", "/v1/me/wallet/cards", "Redeem a gift card into my wallet", WHO_MEMBER, NULL, &wallet_my_card_fields,
      &wallet_card_fields, wallet_prepare_my_card, wallet_post_my_card, ROUTE_ONCE | ROUTE_SLOW },
    { "POST", "/v1/wallet/recharges/{recharge_id}/query", "Ask the channel how far a waiting recharge is", TILL,
      "wallet.recharge", &wallet_my_recharge_ref_fields, &wallet_recharge_fields, wallet_prepare_recharge_query,
      wallet_post_recharge_query, ROUTE_SLOW },
    { "POST", "/v1/me/recharges", "Recharge by phone: answers where to pay", WHO_MEMBER, NULL,
      &wallet_my_recharge_fields, &wallet_recharge_fields, NULL, wallet_post_my_recharge, ROUTE_ONCE | ROUTE_CREATED },
    { "GET", "/v1/me/recharges", "My recharges, newest first", WHO_MEMBER, NULL, &wallet_my_page_ask_fields,
      &WalletRechargePage_fields, NULL, wallet_get_my_recharges, ROUTE_LIST },
    { "GET", "/v1/me/recharges/{recharge_id}", "One of my recharges; pay_url while it waits", WHO_MEMBER, NULL,
      &wallet_my_recharge_ref_fields, &wallet_recharge_fields, NULL, wallet_get_my_recharge, 0 },
    { "POST", "/v1/me/recharges/{recharge_id}/query", "I have paid: ask the channel", WHO_MEMBER, NULL,
      &wallet_my_recharge_ref_fields, &wallet_recharge_fields, wallet_prepare_my_recharge_query,
      wallet_post_recharge_query, ROUTE_SLOW },
    { "POST", "/v1/me/recharges/{recharge_id}/cancel", "Give up a recharge that waits", WHO_MEMBER, NULL,
      &wallet_my_recharge_ref_fields, &wallet_recharge_fields, NULL, wallet_post_my_recharge_cancel, ROUTE_ONCE },
    { "GET", "/v1/till-keys", "What a till without network needs to check signed codes", TILL, "wallet.spend", NULL,
      &wallet_till_keys_fields, NULL, wallet_get_till_keys, 0 },
    { "POST", "/v1/wallet/tokens", "Whose signed code it is", TILL, "wallet.spend", &wallet_token_ask_fields,
      &wallet_token_seen_fields, NULL, wallet_post_token_read, ROUTE_READ },
    { "GET", "/v1/me/wallet/devices", "My phones that may pay", WHO_MEMBER, NULL, NULL, &wallet_device_page_fields,
      NULL, wallet_get_my_devices, ROUTE_LIST },
    { "POST", "/v1/me/wallet/devices", "Certify this phone's key, or renew its certificate", WHO_MEMBER, NULL,
      &wallet_device_new_fields, &wallet_device_fields, NULL, wallet_post_my_device, ROUTE_CREATED },
    { "POST", "/v1/me/wallet/devices/{device_id}/revoke", "This phone pays no longer", WHO_MEMBER, NULL,
      &wallet_device_ref_fields, NULL, NULL, wallet_post_my_device_revoke, 0 },
    { "POST", "/v1/members/{member_id}/wallet/devices/revoke", "A lost phone: none of the member's pays any longer",
      WHO_STAFF, "wallet.freeze", &wallet_devices_revoke_fields, NULL, NULL, wallet_post_devices_revoke, 0 },
    { "GET", "/v1/wallet/liability", "What each shop owes its members, principal and gift", WHO_STAFF, "wallet.report",
      NULL, &WalletShopPage_fields, NULL, get_liability, ROUTE_LIST },
    { "GET", "/v1/wallet/settlement", "Recharged at one shop, spent at another", WHO_STAFF, "wallet.report",
      &span_fields, &WalletBetweenPage_fields, NULL, get_settlement, ROUTE_LIST },
    { "GET", "/v1/me/wallet", "My stored value", WHO_MEMBER, NULL, NULL, &view_fields, NULL, get_my_wallet, 0 },
    { "GET", "/v1/me/wallet/entries", "Entries of my principal or gift", WHO_MEMBER, NULL, &my_entries_ask_fields,
      &WalletEntryPage_fields, NULL, get_my_entries, ROUTE_LIST },
    { "PUT", "/v1/me/wallet/pin", "Set or change my PIN", WHO_MEMBER, NULL, &pin_fields, &view_fields, prepare_pin,
      put_pin, ROUTE_SLOW },
    { "POST", "/v1/me/wallet/refund-requests", "Ask for my money back", WHO_MEMBER, NULL, &my_refund_ask_fields,
      &wallet_refund_fields, NULL, post_my_request, ROUTE_ONCE | ROUTE_CREATED },
};

static const Job jobs[] = {
    { .name = "wallet.parts", .every_ms = (int64_t)10 * MINUTE_MS, .run = wallet_job_parts },
    { .name = "wallet.expire", .at_minute = 3, .run = wallet_job_expire },
    { .name = "wallet.waiting", .every_ms = (int64_t)2 * MINUTE_MS, .run = wallet_job_waiting },
    { .name = "wallet.cards", .at_minute = 4, .run = wallet_card_job_expire },
};

static const Setting *const settings[] = { &wallet_setting };
static const ApprovalKind *const approvals[] = { &wallet_refund_kind, &wallet_adjust_kind, &wallet_transfer_kind,
                                                 NULL };
static const char *const also_may[] = { "wallet.approve", NULL };

const Slice wallet_slice = {
    .name = "wallet",
    .routes = routes,
    .route_count = COUNT_OF(routes),
    .handlers = wallet_handlers,
    .handler_count = WALLET_HANDLERS,
    .jobs = jobs,
    .job_count = COUNT_OF(jobs),
    .approvals = approvals,
    .also_may = also_may,
    .settings = settings,
    .setting_count = COUNT_OF(settings),
    .holds = wallet_holds,
    .hold_count = WALLET_HOLDS,
    .merge = merge,
    .unmerge = unmerge,
    .erase = erase,
    .export_member = export_member,
};
