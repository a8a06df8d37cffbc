#include "domain/wallet/wallet_api.h"
#include "domain/wallet/wallet_device.h"

typedef struct DeviceAsk {
    int64_t member_id, device_id;
    Bytes public_key;
    Str name, token, reason;
} DeviceAsk;
#define ASK(name_text, table)                                                                                          \
    { .name = name_text, .size = sizeof(DeviceAsk), .field = (table), .count = COUNT_OF(table), .given_at = -1 }
static const Field new_field[] = {
    FIELD(DeviceAsk, public_key, .need = true, .max = 64, .about = "Ed25519, 64 hex digits"),
    FIELD(DeviceAsk, name, .max = 60, .about = "which phone it is"),
};
const Fields wallet_device_new_fields = ASK("WalletDeviceNew", new_field);
static const Field ref_field[] = { FIELD_ID(DeviceAsk, device_id, .need = true) };
const Fields wallet_device_ref_fields = ASK("WalletDeviceRef", ref_field);
static const Field revoke_field[] = { FIELD_ID(DeviceAsk, member_id, .need = true),
                                      FIELD(DeviceAsk, reason, .need = true, .max = 200) };
const Fields wallet_devices_revoke_fields = ASK("WalletDevicesRevoke", revoke_field);
static const Field token_field[] = {
    FIELD(DeviceAsk, token, .need = true, .max = WALLET_PROOF_MAX, .is_secret = true),
};
const Fields wallet_token_ask_fields = ASK("WalletTokenAsk", token_field);

typedef struct WalletDevicePage {
    WalletDevices items;
    Str next_cursor;
} WalletDevicePage;
static const Field page_field[] = { FIELD_LIST(WalletDevicePage, items, wallet_device_fields),
                                    FIELD(WalletDevicePage, next_cursor) };
const Fields wallet_device_page_fields = FIELDS(WalletDevicePage, page_field);

typedef struct TokenSeen {
    int64_t member_id, device_id, at;
} TokenSeen;
static const Field seen_field[] = { FIELD_ID(TokenSeen, member_id), FIELD_ID(TokenSeen, device_id),
                                    FIELD(TokenSeen, at) };
const Fields wallet_token_seen_fields = FIELDS(TokenSeen, seen_field);

typedef struct TillKeys {
    int64_t merchant_id, at, fresh_ms, early_ms;
    Bytes public_key;
    IntList revoked;
} TillKeys;
static const Field keys_field[] = {
    FIELD_ID(TillKeys, merchant_id),
    FIELD(TillKeys, public_key, .max = KEY_LEN, .about = "Ed25519: certificates of devices are signed with it"),
    FIELD(TillKeys, at, .about = "the server's clock"),
    FIELD(TillKeys, fresh_ms, .about = "a token is good so long"),
    FIELD(TillKeys, early_ms, .about = "and may come from so far in the future"),
    FIELD(TillKeys, revoked, .max = WALLET_REVOKED_MAX, .about = "devices whose tokens are not to be believed"),
};
const Fields wallet_till_keys_fields = FIELDS(TillKeys, keys_field);

Err wallet_get_till_keys(Ctx *c, const void *body, void *ret) {
    (void)body;
    TillKeys *out = ret;
    WalletDevices list = { 0 };
    TRY(wallet_device_revoked(c, &list));
    *out = (TillKeys){ .merchant_id = c->merchant_id,
                       .at = c->now,
                       .fresh_ms = TOKEN_FRESH_MS,
                       .early_ms = TOKEN_EARLY_MS,
                       .public_key = { c->app->keys.sign_public, KEY_LEN },
                       .revoked = { NEW_LIST(c->arena, int64_t, list.count + 1), list.count } };
    for (int64_t i = 0; i < list.count; i++) out->revoked.items[i] = list.items[i].device_id;
    return OK;
}

Err wallet_get_my_devices(Ctx *c, const void *body, void *ret) {
    (void)body;
    return wallet_device_list(c, auth_member(c), &((WalletDevicePage *)ret)->items);
}

Err wallet_post_my_device(Ctx *c, const void *body, void *ret) {
    const DeviceAsk *in = body;
    return wallet_device_certify(c, auth_member(c), in->public_key, in->name, ret);
}

static Err revoke(Ctx *c, int64_t member_id, int64_t device_id, Str reason) {
    int64_t count = 0;
    TRY(wallet_device_revoke(c, member_id, device_id, &count));
    if (count == 0) return fail(c, E_NOT_FOUND, "wallet.device_unknown", "没有这台设备", "no such device");
    return audit(
        c, &(AuditNote){
               .action = "wallet.device_revoke", .subject = "member", .subject_id = member_id, .reason = reason });
}

Err wallet_post_my_device_revoke(Ctx *c, const void *body, void *ret) {
    (void)ret;
    return revoke(c, auth_member(c), ((const DeviceAsk *)body)->device_id, (Str){ 0 });
}

Err wallet_post_devices_revoke(Ctx *c, const void *body, void *ret) {
    const DeviceAsk *in = body;
    (void)ret;
    return revoke(c, in->member_id, 0, in->reason);
}

Err wallet_post_token_read(Ctx *c, const void *body, void *ret) {
    WalletToken token;
    TRY(wallet_token_read(c, ((const DeviceAsk *)body)->token, &token));
    *(TokenSeen *)ret = (TokenSeen){ token.certificate.member_id, token.certificate.device_id, token.at };
    return OK;
}
