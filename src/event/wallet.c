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
};
static const Fields moved_fields = FIELDS(WalletMoved, moved_field);
const EventType wallet_moved = { "wallet.moved", &moved_fields };
const EventType wallet_low = { "wallet.low", &moved_fields };
