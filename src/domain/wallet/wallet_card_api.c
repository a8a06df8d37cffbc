#include "domain/wallet/wallet_api.h"
#include "domain/wallet/wallet_card.h"

typedef struct CardAsk {
    int64_t member_id, card_id, batch_id, shop_id, price_fen, expires_day, limit;
    Str code, tender, external_no, reason, cursor;
} CardAsk;
#define ASK(name_text, table)                                                                                          \
    { .name = name_text, .size = sizeof(CardAsk), .field = (table), .count = COUNT_OF(table), .given_at = -1 }
#define CODE FIELD(CardAsk, code, .need = true, .max = 40, .is_secret = true, .about = "as printed on the card")
#define PAGE FIELD(CardAsk, cursor, .max = 400), FIELD(CardAsk, limit, .max = PAGE_MAX)
static const Field page_ask_field[] = { PAGE };
const Fields wallet_cards_ask_fields = ASK("WalletCardBatchesAsk", page_ask_field);
static const Field codes_ask_field[] = { FIELD_ID(CardAsk, batch_id, .need = true), PAGE };
const Fields wallet_codes_ask_fields = ASK("WalletCardCodesAsk", codes_ask_field);
static const Field sale_field[] = {
    FIELD_ID(CardAsk, shop_id, .need = true),
    FIELD_ID(CardAsk, card_id),
    FIELD(CardAsk, code, .max = 40, .is_secret = true, .about = "or card_id"),
    FIELD(CardAsk, price_fen, .max = WALLET_AMOUNT_MAX_FEN, .about = "0 = its value; what is paid becomes principal"),
    FIELD(CardAsk, tender, .need = true, .max = 40),
    FIELD(CardAsk, external_no, .max = 80),
};
const Fields wallet_card_sale_fields = ASK("WalletCardSale", sale_field);
static const Field redeem_field[] = { FIELD_ID(CardAsk, member_id, .need = true), CODE };
const Fields wallet_card_redeem_fields = ASK("WalletCardRedeem", redeem_field);
static const Field my_redeem_field[] = { CODE };
const Fields wallet_my_card_fields = ASK("MyWalletCard", my_redeem_field);
static const Field void_field[] = { FIELD_ID(CardAsk, card_id, .need = true),
                                    FIELD(CardAsk, reason, .need = true, .max = 200) };
const Fields wallet_card_void_fields = ASK("WalletCardVoid", void_field);

static const Field reopen_field[] = { FIELD_ID(CardAsk, card_id, .need = true),
                                      FIELD_DAY(CardAsk, expires_day, .need = true, .about = "the new last day"),
                                      FIELD(CardAsk, reason, .need = true, .max = 200) };
const Fields wallet_card_reopen_fields = ASK("WalletCardReopen", reopen_field);

typedef struct WalletCardBatchPage {
    CardBatches items;
    Str next_cursor;
} WalletCardBatchPage;
static const Field batch_page_field[] = { FIELD_LIST(WalletCardBatchPage, items, wallet_card_batch_fields),
                                          FIELD(WalletCardBatchPage, next_cursor) };
const Fields wallet_card_batch_page_fields = FIELDS(WalletCardBatchPage, batch_page_field);
typedef struct WalletCardPage {
    WalletCards items;
    Str next_cursor;
} WalletCardPage;
static const Field card_page_field[] = { FIELD_LIST(WalletCardPage, items, wallet_card_fields),
                                         FIELD(WalletCardPage, next_cursor) };
const Fields wallet_card_page_fields = FIELDS(WalletCardPage, card_page_field);

Err wallet_get_batches(Ctx *c, const void *body, void *ret) {
    const CardAsk *in = body;
    WalletCardBatchPage *out = ret;
    int64_t before = 0, unused = 0, limit = in->limit > 0 ? in->limit : PAGE_DEFAULT;
    TRY(page_open(c, in->cursor, &before, &unused));
    TRY(wallet_card_batch_page(c, before == 0 ? INT64_MAX : before, limit, &out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].batch_id, 0);
    return OK;
}

Err wallet_post_batch(Ctx *c, const void *body, void *ret) { return wallet_card_issue(c, body, ret); }

Err wallet_post_codes(Ctx *c, const void *body, void *ret) {
    const CardAsk *in = body;
    WalletCardPage *out = ret;
    int64_t after = 0, unused = 0, limit = in->limit > 0 ? in->limit : PAGE_DEFAULT;
    TRY(page_open(c, in->cursor, &after, &unused));
    TRY(wallet_card_codes(c, in->batch_id, after, limit, &out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].number, 0);
    return OK;
}

Err wallet_post_card_sale(Ctx *c, const void *body, void *ret) {
    const CardAsk *in = body;
    CardSale sale = { .shop_id = in->shop_id,
                      .card_id = in->card_id,
                      .price_fen = in->price_fen,
                      .code = in->code,
                      .tender = in->tender,
                      .external_no = in->external_no };
    return wallet_card_sell(c, &sale, ret);
}

static Err prepare(Ctx *c, int64_t member_id, Str code) {
    WalletCard *card = NEW(c->arena, WalletCard);
    TRY(wallet_card_prove(c, member_id, code, card));
    c->plan = card;
    return OK;
}

Err wallet_prepare_redeem(Ctx *c, const void *body) {
    return prepare(c, ((const CardAsk *)body)->member_id, ((const CardAsk *)body)->code);
}

Err wallet_prepare_my_card(Ctx *c, const void *body) {
    return prepare(c, auth_member(c), ((const CardAsk *)body)->code);
}

Err wallet_post_redeem(Ctx *c, const void *body, void *ret) {
    return wallet_card_redeem(c, ((const CardAsk *)body)->member_id, ((const WalletCard *)c->plan)->card_id, ret);
}

Err wallet_post_my_card(Ctx *c, const void *body, void *ret) {
    (void)body;
    return wallet_card_redeem(c, auth_member(c), ((const WalletCard *)c->plan)->card_id, ret);
}

Err wallet_post_card_void(Ctx *c, const void *body, void *ret) {
    const CardAsk *in = body;
    return wallet_card_void(c, in->card_id, in->reason, ret);
}

Err wallet_post_card_reopen(Ctx *c, const void *body, void *ret) {
    const CardAsk *in = body;
    return wallet_card_reopen(c, in->card_id, in->expires_day, in->reason, ret);
}
