/* wallet - facts about stored value: what a member wants to hear of, and what other slices follow. */
#pragma once
#include "app/event.h"

typedef struct WalletMoved {
    int64_t member_id, shop_id;
    Str what; /* "recharge", "part", "spend", "restore", "refund" */
    int64_t source_id, principal_delta_fen, gift_delta_fen, principal_fen, gift_fen;
} WalletMoved;
extern const EventType wallet_moved; /* "wallet.moved" */
extern const EventType wallet_low;   /* "wallet.low": a spend took the balance below the merchant's threshold */
