#include "domain/wallet/wallet_api.h"

typedef struct SpendsAsk {
    int64_t member_id, shop_id, limit;
    Str cursor;
} SpendsAsk;
static const Field spends_ask_field[] = {
    FIELD_ID(SpendsAsk, member_id, .about = "whose money, or who paid"),
    FIELD_ID(SpendsAsk, shop_id),
    FIELD(SpendsAsk, cursor, .max = 400),
    FIELD(SpendsAsk, limit, .max = PAGE_MAX),
};
const Fields wallet_spends_ask_fields = FIELDS(SpendsAsk, spends_ask_field);
static const Field my_page_field[] = { FIELD(SpendsAsk, cursor, .max = 400), FIELD(SpendsAsk, limit, .max = PAGE_MAX) };
const Fields wallet_my_page_ask_fields = { .name = "MyWalletPageAsk",
                                           .size = sizeof(SpendsAsk),
                                           .field = my_page_field,
                                           .count = COUNT_OF(my_page_field),
                                           .given_at = -1 };
static const Field page_field[] = { FIELD_LIST(WalletSpendPage, items, wallet_spend_fields),
                                    FIELD(WalletSpendPage, next_cursor) };
const Fields WalletSpendPage_fields = FIELDS(WalletSpendPage, page_field);

static Err spends(Ctx *c, int64_t member_id, int64_t shop_id, const SpendsAsk *in, WalletSpendPage *out) {
    int64_t before = 0, unused = 0, limit = in->limit > 0 ? in->limit : PAGE_DEFAULT;
    TRY(page_open(c, in->cursor, &before, &unused));
    TRY(wallet_spend_page(c, member_id, shop_id, before == 0 ? INT64_MAX : before, limit, &out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].spend_id, 0);
    return OK;
}

Err wallet_get_spends(Ctx *c, const void *body, void *ret) {
    const SpendsAsk *in = body;
    int64_t shop_id = in->shop_id;
    if (shop_id == 0 && c->auth != NULL && c->auth->shop_ids.count > 0) shop_id = c->auth->shop_ids.items[0];
    if (shop_id != 0) TRY(auth_need_shop(c, shop_id));
    return spends(c, in->member_id, shop_id, in, ret);
}

Err wallet_get_my_spends(Ctx *c, const void *body, void *ret) { return spends(c, auth_member(c), 0, body, ret); }

Err wallet_get_my_recharges(Ctx *c, const void *body, void *ret) {
    const SpendsAsk *in = body;
    WalletRechargePage *out = ret;
    int64_t before = 0, unused = 0, limit = in->limit > 0 ? in->limit : PAGE_DEFAULT;
    TRY(page_open(c, in->cursor, &before, &unused));
    TRY(wallet_recharge_page(c, auth_member(c), 0, before == 0 ? INT64_MAX : before, limit, &out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].recharge_id, 0);
    return OK;
}

Err wallet_post_adjust(Ctx *c, const void *body, void *ret) { return wallet_adjust(c, body, ret); }

Err wallet_post_transfer(Ctx *c, const void *body, void *ret) { return wallet_transfer(c, body, ret); }
