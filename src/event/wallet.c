#include "event/wallet.h"

static const Field moved_field[] = {
    FIELD_ID(WalletMoved, member_id, .need = true),
    FIELD_ID(WalletMoved, shop_id),
    FIELD(WalletMoved, what),
    FIELD_ID(WalletMoved, source_id),
    FIELD(WalletMoved, principal_delta_fen, .min = INT64_MIN),
    FIELD(WalletMoved, gift_delta_fen, .min = INT64_MIN),
    FIELD(WalletMoved, principal_fen),
    FIELD(WalletMoved, gift_fen),
    FIELD_ID(WalletMoved, spender_id),
};
static const Fields moved_fields = FIELDS(WalletMoved, moved_field);
const EventType wallet_moved = { "wallet.moved", &moved_fields };
const EventType wallet_low = { "wallet.low", &moved_fields };

static const Field recharged_field[] = {
    FIELD_ID(WalletRecharged, recharge_id, .need = true),
    FIELD_ID(WalletRecharged, member_id, .need = true),
    FIELD_ID(WalletRecharged, shop_id),
    FIELD_ID(WalletRecharged, package_id),
    FIELD(WalletRecharged, amount_fen),
    FIELD(WalletRecharged, whole_fen),
    FIELD(WalletRecharged, gift_fen),
    FIELD_DAY(WalletRecharged, day),
    FIELD(WalletRecharged, at),
    FIELD_ID(WalletRecharged, refund_id),
};
static const Fields recharged_fields = FIELDS(WalletRecharged, recharged_field);
const EventType wallet_recharged = { "wallet.recharged", &recharged_fields };
const EventType wallet_returned = { "wallet.returned", &recharged_fields };
