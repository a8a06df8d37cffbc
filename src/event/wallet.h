/* wallet - facts about stored value: what a member wants to hear of, and what other slices follow. */
#pragma once
#include "app/event.h"

typedef struct WalletMoved {
    int64_t member_id, shop_id;
    /* "recharge", "part", "spend", "restore", "refund", "give", "take", "adjust", "transfer", "card", "expire" */
    Str what;
    int64_t source_id, principal_delta_fen, gift_delta_fen, principal_fen, gift_fen;
    int64_t spender_id; /* of a family: who spent */
} WalletMoved;
extern const EventType wallet_moved; /* "wallet.moved" */
extern const EventType wallet_low;   /* "wallet.low": a spend took the balance below the merchant's threshold */

/* The money of a recharge is there; what a package gives beside gift and points follows from it. A card refund paid (a
 * part of) it back: amount_fen is that part of whole_fen, refund_id the refund. day: of the recharge. */
typedef struct WalletRecharged {
    int64_t recharge_id, member_id, shop_id, package_id, amount_fen, whole_fen, gift_fen, day, at, refund_id;
} WalletRecharged;
extern const EventType wallet_recharged; /* "wallet.recharged" */
extern const EventType wallet_returned;  /* "wallet.returned" */
