/* SQL of gift cards. */
#include "domain/wallet/wallet_card.h"

const char *const wallet_card_status_names[] = { "waiting", "active", "redeemed", "void", "expired", NULL };

static const Field batch_field[] = {
    FIELD_ID(CardBatch, batch_id, .is_out = true),
    FIELD_ID(CardBatch, shop_id, .need = true),
    FIELD(CardBatch, name, .need = true, .max = 60),
    FIELD(CardBatch, value_fen, .need = true, .min = 1, .max = WALLET_AMOUNT_MAX_FEN),
    FIELD(CardBatch, is_sold, .about = "true: wait for their money, which becomes principal; false: given away, gift"),
    FIELD(CardBatch, gift_days, .max = 3660, .about = "gift is good so many days after it was redeemed; 0 = for ever"),
    FIELD(CardBatch, cards, .need = true, .min = 1, .max = WALLET_CARDS_PER_BATCH_MAX),
    FIELD_DAY(CardBatch, expires_day, .skip_zero = true, .about = "last day to redeem; empty = none"),
    FIELD(CardBatch, expires_at, .is_out = true),
    FIELD(CardBatch, created_at, .is_out = true),
    FIELD(CardBatch, waiting, .is_out = true),
    FIELD(CardBatch, active, .is_out = true),
    FIELD(CardBatch, redeemed, .is_out = true),
    FIELD(CardBatch, void_cards, .is_out = true),
    FIELD(CardBatch, expired, .is_out = true),
    FIELD(CardBatch, open_fen, .is_out = true, .about = "what the active ones are worth: owed"),
};
const Fields wallet_card_batch_fields = FIELDS(CardBatch, batch_field);

static const Field row_field[] = {
    FIELD_ID(WalletCard, card_id),
    FIELD_ID(WalletCard, batch_id),
    FIELD(WalletCard, number),
    FIELD(WalletCard, code_sealed, .max = 200),
    FIELD_ENUM(WalletCard, status, wallet_card_status_names),
    FIELD(WalletCard, seq),
    FIELD(WalletCard, value_fen),
    FIELD(WalletCard, paid_fen),
    FIELD(WalletCard, tender),
    FIELD(WalletCard, gift_days),
    FIELD_ID(WalletCard, shop_id),
    FIELD(WalletCard, expires_at),
    FIELD_ID(WalletCard, redeemed_by),
};
static const Fields row_fields = FIELDS(WalletCard, row_field);

static const Field card_field[] = {
    FIELD_ID(WalletCard, card_id),
    FIELD_ID(WalletCard, batch_id),
    FIELD(WalletCard, number),
    FIELD(WalletCard, code, .is_secret = true, .skip_zero = true),
    FIELD_ENUM(WalletCard, status, wallet_card_status_names),
    FIELD(WalletCard, value_fen),
    FIELD(WalletCard, paid_fen),
    FIELD(WalletCard, tender, .skip_zero = true),
    FIELD_ID(WalletCard, shop_id),
    FIELD(WalletCard, expires_at),
    FIELD_ID(WalletCard, redeemed_by, .skip_zero = true),
    FIELD(WalletCard, principal_left_fen, .skip_zero = true),
    FIELD(WalletCard, gift_left_fen, .skip_zero = true),
    FIELD(WalletCard, duplicate, .skip_zero = true),
};
const Fields wallet_card_fields = {
    .name = "WalletCard", .size = sizeof(WalletCard), .field = card_field, .count = COUNT_OF(card_field), .given_at = -1
};

Err wallet_card_batch_insert(Ctx *c, const CardBatch *b) {
    return db_exec(c,
                   "INSERT INTO wallet_card_batch (merchant_id, batch_id, shop_id, name, value_fen, is_sold, gift_days,"
                   " cards, expires_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                   ARGS(b->batch_id, b->shop_id, b->name, b->value_fen, b->is_sold, b->gift_days, b->cards,
                        b->expires_at, b->created_at));
}

Err wallet_card_batch_read(Ctx *c, int64_t batch_id, CardBatch *ret_batch) {
    return db_row(c,
                  "SELECT batch_id, shop_id, name, value_fen, is_sold, gift_days, cards, expires_at, created_at"
                  " FROM wallet_card_batch WHERE merchant_id = $1 AND batch_id = $2",
                  ARGS(batch_id), &wallet_card_batch_fields, ret_batch);
}

Err wallet_card_batch_page(Ctx *c, int64_t before, int64_t most, CardBatches *ret_list) {
    return db_rows(c,
                   "SELECT b.batch_id, b.shop_id, b.name, b.value_fen, b.is_sold, b.gift_days, b.cards, b.expires_at,"
                   " b.created_at, n.waiting, n.active, n.redeemed, n.void_cards, n.expired, n.open_fen"
                   " FROM wallet_card_batch b JOIN (SELECT batch_id,"
                   " COUNT(CASE WHEN status = 'waiting' THEN 1 END) AS waiting,"
                   " COUNT(CASE WHEN status = 'active' THEN 1 END) AS active,"
                   " COUNT(CASE WHEN status = 'redeemed' THEN 1 END) AS redeemed,"
                   " COUNT(CASE WHEN status = 'void' THEN 1 END) AS void_cards,"
                   " COUNT(CASE WHEN status = 'expired' THEN 1 END) AS expired,"
                   " CAST(SUM(CASE WHEN status = 'active' THEN value_fen ELSE 0 END) AS BIGINT) AS open_fen"
                   " FROM wallet_card WHERE merchant_id = $1 GROUP BY batch_id) n ON n.batch_id = b.batch_id"
                   " WHERE b.merchant_id = $1 AND b.batch_id < $2 ORDER BY b.batch_id DESC LIMIT $3",
                   ARGS(before, most), &wallet_card_batch_fields, most, (ListAny *)ret_list);
}

Err wallet_card_insert(Ctx *c, const WalletCard *k) {
    return db_exec(
        c,
        "INSERT INTO wallet_card (merchant_id, card_id, batch_id, number, code_mac, code_sealed, status, seq,"
        " value_fen, paid_fen, tender, gift_days, shop_id, expires_at, redeemed_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, 0, '', $9, $10, $11, 0)",
        ARGS(k->card_id, k->batch_id, k->number, k->code_mac, k->code_sealed, wallet_card_status_names[k->status],
             k->value_fen, k->gift_days, k->shop_id, k->expires_at));
}

Err wallet_card_entry_insert(Ctx *c, const WalletCard *k, int64_t amount_fen) {
    return db_exec(c,
                   "INSERT INTO wallet_card_entry (merchant_id, card_id, seq, status, amount_fen, actor, actor_id, at)"
                   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                   ARGS(k->card_id, k->seq, wallet_card_status_names[k->status], amount_fen, actor_names[c->actor.kind],
                        c->actor.id, c->now));
}

#define CARD_COLUMNS                                                                                                   \
    "card_id, batch_id, number, code_sealed, status, seq, value_fen, paid_fen, tender, gift_days, shop_id,"            \
    " expires_at, redeemed_by"

Err wallet_card_read(Ctx *c, int64_t card_id, WalletCard *ret_card, bool *ret_found) {
    return db_find(c, "SELECT " CARD_COLUMNS " FROM wallet_card WHERE merchant_id = $1 AND card_id = $2", ARGS(card_id),
                   &row_fields, ret_card, ret_found);
}

Err wallet_card_by_mac(Ctx *c, Bytes code_mac, WalletCard *ret_card, bool *ret_found) {
    return db_find(c, "SELECT " CARD_COLUMNS " FROM wallet_card WHERE merchant_id = $1 AND code_mac = $2",
                   ARGS(code_mac), &row_fields, ret_card, ret_found);
}

Err wallet_card_list(Ctx *c, int64_t batch_id, int64_t after_number, int64_t most, WalletCards *ret_list) {
    return db_rows(c,
                   "SELECT " CARD_COLUMNS " FROM wallet_card WHERE merchant_id = $1 AND batch_id = $2 AND number > $3"
                   " ORDER BY number LIMIT $4",
                   ARGS(batch_id, after_number, most), &row_fields, most, (ListAny *)ret_list);
}

Err wallet_card_due(Ctx *c, int64_t most, WalletCards *ret_list) {
    return db_rows(c,
                   "SELECT " CARD_COLUMNS " FROM wallet_card WHERE merchant_id = $1"
                   " AND status IN ('waiting', 'active') AND expires_at > 0 AND expires_at < $2"
                   " ORDER BY expires_at LIMIT $3",
                   ARGS(c->now, most), &row_fields, most, (ListAny *)ret_list);
}

Err wallet_card_mark(Ctx *c, const WalletCard *k, int64_t seq_before, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE wallet_card SET status = $4, seq = seq + 1, paid_fen = $5, tender = $6, shop_id = $7,"
                  " redeemed_by = $8, expires_at = $9 WHERE merchant_id = $1 AND card_id = $2 AND seq = $3"
                  " AND status NOT IN ('redeemed', 'void')",
                  ARGS(k->card_id, seq_before, wallet_card_status_names[k->status], k->paid_fen, k->tender, k->shop_id,
                       k->redeemed_by, k->expires_at),
                  &changed));
    *ret_done = changed == 1;
    return OK;
}
