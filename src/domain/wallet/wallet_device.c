#include "domain/wallet/wallet_device.h"
#include <string.h>

static Err note(Ctx *c, const char *action, const WalletDevice *d) {
    return audit(c, &(AuditNote){ .action = action, .subject = "member", .subject_id = d->member_id });
}

static Err refuse_taken(Ctx *c) {
    return fail(c, E_CONFLICT, "wallet.device_taken", "这把设备密钥已被登记过，请重新生成",
                "this key was registered before: make a new one");
}

static void certify(Ctx *c, WalletDevice *d) {
    WalletCertificate certificate = { .merchant_id = c->merchant_id,
                                      .member_id = d->member_id,
                                      .device_id = d->device_id,
                                      .expires_at = d->certified_until };
    memcpy(certificate.device_public, d->public_key.at, KEY_LEN);
    d->certificate = wallet_certificate_make(c->arena, &c->app->keys, &certificate);
}

Err wallet_device_certify(Ctx *c, int64_t member_id, Bytes public_key, Str name, WalletDevice *ret_device) {
    WalletDevice *d = ret_device;
    WalletDevices mine = { 0 };
    WalletParts have;
    bool found = false, is_new = false;
    if (public_key.len != KEY_LEN)
        return fail(c, E_INVALID, "wallet.device_key", "设备公钥是 32 字节的 Ed25519 公钥",
                    "an Ed25519 public key has 32 bytes");
    TRY(member_need_right(c, member_id, RIGHT_USE_BALANCE));
    TRY(wallet_lock(c, member_id, &have)); /* one after the other: the count below holds */
    TRY(wallet_device_by_key(c, public_key, d, &found));
    if (found && (d->member_id != member_id || d->revoked_at > 0)) return refuse_taken(c);
    if (!found) {
        TRY(wallet_device_list(c, member_id, &mine));
        if (mine.count == WALLET_DEVICES_MAX)
            return fail(c, E_CONFLICT, "wallet.devices_full", "最多登记 %lld 台设备，请先停用一台",
                        "at most %lld devices: revoke one first", (long long)WALLET_DEVICES_MAX);
        *d = (WalletDevice){
            .device_id = id_new(c), .member_id = member_id, .public_key = public_key, .created_at = c->now
        };
    }
    d->name = name;
    d->certified_until = c->now + (int64_t)WALLET_CERTIFIED_DAYS * DAY_MS;
    if (found) TRY(wallet_device_renew(c, d));
    if (!found) {
        TRY(wallet_device_insert(c, d, &is_new));
        if (!is_new) return refuse_taken(c);
    }
    certify(c, d);
    return note(c, "wallet.device", d);
}

static Err refuse_token(Ctx *c, TokenFault fault) {
    switch (fault) {
    case TOKEN_STALE:
    case TOKEN_EARLY:
    case TOKEN_CERTIFICATE_OVER:
        return fail(c, E_DENIED, "wallet.token_stale", "付款码已过期，请会员刷新（%s）",
                    "this code is not fresh: refresh it (%s)", token_fault_names[fault]);
    case TOKEN_GOOD:
    case TOKEN_MALFORMED:
    case TOKEN_OTHER_MERCHANT:
    case TOKEN_FORGED:
        break;
    }
    return fail(c, E_DENIED, "wallet.token_bad", "付款码无效（%s）", "this code is not genuine (%s)",
                token_fault_names[fault]);
}

Err wallet_token_read(Ctx *c, Str text, WalletToken *ret_token) {
    WalletDevice device = { 0 };
    bool found = false;
    TokenFault fault = wallet_token_check(c->arena, c->app->keys.sign_public, c->merchant_id, text, c->now, ret_token);
    if (fault != TOKEN_GOOD) return refuse_token(c, fault);
    TRY(wallet_device_read(c, ret_token->certificate.device_id, &device, &found));
    if (!found || device.revoked_at > 0)
        return fail(c, E_DENIED, "wallet.device_revoked", "这台设备已停用", "this device was revoked");
    ret_token->certificate.member_id = device.member_id;
    return OK;
}

Err wallet_token_prove(Ctx *c, int64_t member_id, Str text, WalletToken *ret_token) {
    TRY(wallet_token_read(c, text, ret_token));
    return ret_token->certificate.member_id == member_id ? OK : refuse_token(c, TOKEN_FORGED);
}
