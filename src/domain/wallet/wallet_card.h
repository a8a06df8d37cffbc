/* wallet_card - 礼品卡: bearer gift cards: issued in batches, sold or given away, redeemed into a wallet once.
 *
 * Cards to be sold wait until their money is there; what was paid becomes principal when they are redeemed (then the
 * card is a recharge like others, its money can go back), the rest of the value is gift. Cards that are given away are
 * good at once and become gift. A code is 60 bits of chance and a check digit; the database keeps its HMAC, and the
 * code itself sealed. Each change of a card is an entry. Private to this folder. */
#pragma once
#include "domain/wallet/wallet_store.h"

enum { WALLET_CARDS_PER_BATCH_MAX = 500 };

typedef enum CardStatus { CARD_WAITING, CARD_ACTIVE, CARD_REDEEMED, CARD_VOID, CARD_EXPIRED } CardStatus;
extern const char *const wallet_card_status_names[];

typedef struct CardBatch {
    int64_t batch_id, shop_id; Str name; int64_t value_fen; bool is_sold; int64_t gift_days, cards, expires_day;
    int64_t expires_at, created_at;
    int64_t waiting, active, redeemed, void_cards, expired, open_fen;   /* answers only */
} CardBatch;
typedef LIST_OF(CardBatch) CardBatches;
extern const Fields wallet_card_batch_fields;

typedef struct WalletCard {
    int64_t card_id, batch_id, number; Bytes code_mac, code_sealed; Str code;
    CardStatus status; int64_t seq, value_fen, paid_fen; Str tender;
    int64_t gift_days, shop_id, expires_at, redeemed_by;
    int64_t principal_left_fen, gift_left_fen; bool duplicate;          /* answers only */
} WalletCard;
typedef LIST_OF(WalletCard) WalletCards;
extern const Fields wallet_card_fields;

typedef struct CardSale { int64_t shop_id, card_id, price_fen; Str code, tender, external_no; } CardSale;
typedef struct CardPlan CardPlan;

/* E_INVALID wallet.card_day, wallet.card_value, wallet.card_years: what the rules for prepaid cards ask of those for
 * sale (setting: bearer_most_fen, bearer_years). */
Err wallet_card_issue(Ctx *c, const CardBatch *in, CardBatch *ret_batch);
/* With their codes in clear; audited. */
Err wallet_card_codes(Ctx *c, int64_t batch_id, int64_t after_number, int64_t most, WalletCards *ret_list);
/* E_CONFLICT wallet.card_not_waiting; E_INVALID wallet.card_price, wallet.tender. The same again: duplicate. */
Err wallet_card_sell(Ctx *c, const CardSale *sale, WalletCard *ret_card);
/* In prepare(): counts wrong guesses per member, address and device; E_DENIED wallet.card_wrong, E_LIMIT. */
Err wallet_card_prove(Ctx *c, int64_t member_id, Str typed, WalletCard *ret_card);
/* E_CONFLICT wallet.card_used, wallet.card_unsold, wallet.card_void, wallet.card_expired. By the same member again: a
 * duplicate. */
Err wallet_card_redeem(Ctx *c, int64_t member_id, int64_t card_id, WalletCard *ret_card);
/* What was paid goes back by the payment that brought it. */
Err wallet_card_void(Ctx *c, int64_t card_id, Str reason, WalletCard *ret_card);
/* A card that has run out is good again until the new day: E_CONFLICT wallet.card_not_expired. */
Err wallet_card_reopen(Ctx *c, int64_t card_id, int64_t expires_day, Str reason, WalletCard *ret_card);
Err wallet_card_job_expire(Ctx *c, int64_t due_at, bool *ret_more);

/* ---- SQL (wallet_card_store.c) ---- */
Err wallet_card_batch_insert(Ctx *c, const CardBatch *b);
Err wallet_card_batch_read(Ctx *c, int64_t batch_id, CardBatch *ret_batch);
Err wallet_card_batch_page(Ctx *c, int64_t before, int64_t most, CardBatches *ret_list);
Err wallet_card_insert(Ctx *c, const WalletCard *card);
Err wallet_card_entry_insert(Ctx *c, const WalletCard *card, int64_t amount_fen);
Err wallet_card_read(Ctx *c, int64_t card_id, WalletCard *ret_card, bool *ret_found);
Err wallet_card_by_mac(Ctx *c, Bytes code_mac, WalletCard *ret_card, bool *ret_found);
Err wallet_card_list(Ctx *c, int64_t batch_id, int64_t after_number, int64_t most, WalletCards *ret_list);
Err wallet_card_due(Ctx *c, int64_t most, WalletCards *ret_list);
/* from its seq and status as read; ret_done false: somebody was faster */
Err wallet_card_mark(Ctx *c, const WalletCard *card, int64_t seq_before, bool *ret_done);
