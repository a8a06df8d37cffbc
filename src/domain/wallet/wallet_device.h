/* wallet_device - 付款设备: the phones whose keys the server has certified. Private to this folder. */
#pragma once
#include "domain/wallet/wallet_store.h"
#include "domain/wallet/wallet_token.h"

enum { WALLET_DEVICES_MAX = 5, WALLET_CERTIFIED_DAYS = 30, WALLET_REVOKED_MAX = 5000 };

typedef struct WalletDevice {
    int64_t device_id, member_id; Bytes public_key; Str name; int64_t certified_until, created_at, revoked_at;
    Bytes certificate;                                  /* answers only */
} WalletDevice;
typedef LIST_OF(WalletDevice) WalletDevices;
extern const Fields wallet_device_fields;

/* The same key again: a fresh certificate. E_INVALID wallet.device_key; E_CONFLICT wallet.device_taken,
 * wallet.devices_full. */
Err wallet_device_certify(Ctx *c, int64_t member_id, Bytes public_key, Str name, WalletDevice *ret_device);
/* device_id 0 = all of the member's. ret_count: how many stood. */
Err wallet_device_revoke(Ctx *c, int64_t member_id, int64_t device_id, int64_t *ret_count);
/* A token as proof: E_DENIED wallet.token_bad, wallet.token_stale, wallet.device_revoked. */
Err wallet_token_prove(Ctx *c, int64_t member_id, Str text, WalletToken *ret_token);
/* Who shows it, for tills that do not know yet. */
Err wallet_token_read(Ctx *c, Str text, WalletToken *ret_token);

/* ---- SQL (wallet_device_store.c) ---- */
Err wallet_device_insert(Ctx *c, const WalletDevice *d, bool *ret_new);
Err wallet_device_by_key(Ctx *c, Bytes public_key, WalletDevice *ret_device, bool *ret_found);
Err wallet_device_read(Ctx *c, int64_t device_id, WalletDevice *ret_device, bool *ret_found);
Err wallet_device_renew(Ctx *c, const WalletDevice *d);
Err wallet_device_list(Ctx *c, int64_t member_id, WalletDevices *ret_list);         /* those that stand */
Err wallet_device_revoked(Ctx *c, WalletDevices *ret_list);     /* with a certificate that has not run out */
Err wallet_device_delete(Ctx *c, int64_t member_id);
