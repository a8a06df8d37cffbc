/* SQL of certified devices. */
#include "domain/wallet/wallet_device.h"

static const Field device_field[] = {
    FIELD_ID(WalletDevice, device_id),
    FIELD_ID(WalletDevice, member_id),
    FIELD(WalletDevice, public_key, .max = KEY_LEN),
    FIELD(WalletDevice, name),
    FIELD(WalletDevice, certified_until),
    FIELD(WalletDevice, created_at),
    FIELD(WalletDevice, revoked_at, .skip_zero = true),
    FIELD(WalletDevice, certificate, .max = TOKEN_CERTIFICATE_LEN, .skip_zero = true,
          .about = "goes into every token; see GET /v1/till-keys"),
};
const Fields wallet_device_fields = FIELDS(WalletDevice, device_field);

#define DEVICE_COLUMNS "device_id, member_id, public_key, name, certified_until, created_at, revoked_at"

Err wallet_device_insert(Ctx *c, const WalletDevice *d, bool *ret_new) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "INSERT INTO wallet_device (merchant_id, device_id, member_id, public_key, name, certified_until,"
                  " created_at, revoked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)"
                  " ON CONFLICT (merchant_id, public_key) DO NOTHING",
                  ARGS(d->device_id, d->member_id, d->public_key, d->name, d->certified_until, d->created_at),
                  &changed));
    *ret_new = changed == 1;
    return OK;
}

Err wallet_device_by_key(Ctx *c, Bytes public_key, WalletDevice *ret_device, bool *ret_found) {
    return db_find(c, "SELECT " DEVICE_COLUMNS " FROM wallet_device WHERE merchant_id = $1 AND public_key = $2",
                   ARGS(public_key), &wallet_device_fields, ret_device, ret_found);
}

Err wallet_device_read(Ctx *c, int64_t device_id, WalletDevice *ret_device, bool *ret_found) {
    return db_find(c, "SELECT " DEVICE_COLUMNS " FROM wallet_device WHERE merchant_id = $1 AND device_id = $2",
                   ARGS(device_id), &wallet_device_fields, ret_device, ret_found);
}

Err wallet_device_renew(Ctx *c, const WalletDevice *d) {
    return db_exec(c,
                   "UPDATE wallet_device SET certified_until = $3, name = $4"
                   " WHERE merchant_id = $1 AND device_id = $2 AND revoked_at = 0",
                   ARGS(d->device_id, d->certified_until, d->name));
}

Err wallet_device_list(Ctx *c, int64_t member_id, WalletDevices *ret_list) {
    return db_rows(c,
                   "SELECT " DEVICE_COLUMNS " FROM wallet_device WHERE merchant_id = $1 AND member_id = $2"
                   " AND revoked_at = 0 ORDER BY device_id DESC LIMIT $3",
                   ARGS(member_id, WALLET_DEVICES_MAX), &wallet_device_fields, WALLET_DEVICES_MAX, (ListAny *)ret_list);
}

Err wallet_device_revoke(Ctx *c, int64_t member_id, int64_t device_id, int64_t *ret_count) {
    return db_change(c,
                     "UPDATE wallet_device SET revoked_at = $4 WHERE merchant_id = $1 AND member_id = $2"
                     " AND ($3 = 0 OR device_id = $3) AND revoked_at = 0",
                     ARGS(member_id, device_id, c->now), ret_count);
}

Err wallet_device_revoked(Ctx *c, WalletDevices *ret_list) {
    return db_rows(c,
                   "SELECT d.device_id, d.member_id, d.public_key, d.name, d.certified_until, d.created_at,"
                   " d.revoked_at FROM wallet_device d LEFT JOIN wallet_member m ON m.merchant_id = d.merchant_id"
                   " AND m.member_id = d.member_id WHERE d.merchant_id = $1 AND d.certified_until >= $2"
                   " AND (d.revoked_at > 0 OR m.is_frozen = 1) ORDER BY d.certified_until LIMIT $3",
                   ARGS(c->now, WALLET_REVOKED_MAX), &wallet_device_fields, WALLET_REVOKED_MAX, (ListAny *)ret_list);
}

Err wallet_device_delete(Ctx *c, int64_t member_id) {
    return db_exec(c, "UPDATE wallet_device SET name = '' WHERE merchant_id = $1 AND member_id = $2", ARGS(member_id));
}
