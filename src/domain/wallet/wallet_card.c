#include "domain/wallet/wallet_card.h"
#include "app/lockout.h"
#include "app/merchant.h"
#include "base/code.h"
#include "base/fen.h"
#include <assert.h>

enum { TRIES_PER_WINDOW_MAX = 60, EXPIRE_BATCH = 200 };

/* ---- codes ---- */

static Bytes mac_of(Ctx *c, Str code) {
    unsigned char *at = NEW_LIST(c->arena, unsigned char, MAC_LEN);
    Str text = arena_print(c->arena, "wallet card %lld %.*s", (long long)c->merchant_id, (int)code.len, code.at);
    mac(&c->app->keys.lookup, text.at, text.len, at);
    return (Bytes){ at, MAC_LEN };
}

static Str place_of(Ctx *c, int64_t card_id) {
    return arena_print(c->arena, "wallet card %lld %lld", (long long)c->merchant_id, (long long)card_id);
}

/* ---- issuing ---- */

/* The last millisecond of the day; 0 = for ever. */
static Err end_of(Ctx *c, int64_t day, int64_t *ret_at) {
    Merchant merchant;
    TRY(merchant_get(c, &merchant));
    *ret_at = day > 0 ? day_end(app_zone(c, merchant.zone), day) : 0;
    if (day == 0 || *ret_at >= c->now) return OK;
    return fail(c, E_INVALID, "wallet.card_day", "到期日已经过去", "the last day is past");
}

/* Prepaid cards without a name: the law knows their worth and their life (单用途商业预付卡管理办法). */
static Err need_lawful(Ctx *c, const CardBatch *b) {
    WalletSetting setting;
    TRY(setting_get(c, &wallet_setting, &setting));
    if (setting.bearer_most_fen > 0 && b->value_fen > setting.bearer_most_fen) {
        fail_number(c, "most_fen", setting.bearer_most_fen);
        return fail(c, E_INVALID, "wallet.card_value", "出售的不记名卡面值最多 %s 元",
                    "a card for sale is worth at most %s", fen_text(c->arena, setting.bearer_most_fen).at);
    }
    int64_t least_at = c->now + (setting.bearer_years * 365 - 1) * DAY_MS;
    if (b->expires_at == 0 || setting.bearer_years == 0 || b->expires_at >= least_at) return OK;
    fail_number(c, "years", setting.bearer_years);
    return fail(c, E_INVALID, "wallet.card_years", "出售的不记名卡有效期不少于 %lld 年",
                "a card for sale is good for at least %lld years", (long long)setting.bearer_years);
}

Err wallet_card_issue(Ctx *c, const CardBatch *in, CardBatch *ret_batch) {
    CardBatch *b = ret_batch;
    TRY(auth_need_shop(c, in->shop_id));
    TRY(shop_need(c, in->shop_id));
    *b = *in;
    b->batch_id = id_new(c);
    b->created_at = c->now;
    TRY(end_of(c, in->expires_day, &b->expires_at));
    if (b->is_sold) TRY(need_lawful(c, b));
    TRY(wallet_card_batch_insert(c, b));
    for (int64_t i = 1; i <= b->cards; i++) {
        Str code = code_new(c->arena, c->rng);
        WalletCard card = { .card_id = id_new(c),
                            .batch_id = b->batch_id,
                            .number = i,
                            .code_mac = mac_of(c, code),
                            .status = b->is_sold ? CARD_WAITING : CARD_ACTIVE,
                            .seq = 1,
                            .value_fen = b->value_fen,
                            .gift_days = b->gift_days,
                            .shop_id = b->shop_id,
                            .expires_at = b->expires_at };
        card.code_sealed = seal(c->arena, c->rng, c->app->keys.seal, code, place_of(c, card.card_id));
        TRY(wallet_card_insert(c, &card));
        TRY(wallet_card_entry_insert(c, &card, card.value_fen));
    }
    *(b->is_sold ? &b->waiting : &b->active) = b->cards;
    b->open_fen = b->is_sold ? 0 : b->cards * b->value_fen;
    return audit(c, &(AuditNote){ .action = "wallet.card_issue",
                                  .subject = "card_batch",
                                  .subject_id = b->batch_id,
                                  .fields = &wallet_card_batch_fields,
                                  .after = b });
}

Err wallet_card_codes(Ctx *c, int64_t batch_id, int64_t after_number, int64_t most, WalletCards *ret_list) {
    TRY(wallet_card_list(c, batch_id, after_number, most, ret_list));
    for (int64_t i = 0; i < ret_list->count; i++) {
        WalletCard *card = &ret_list->items[i];
        Str code = { 0 };
        bool is_ours = unseal(c->arena, c->app->keys.seal, card->code_sealed, place_of(c, card->card_id), &code);
        if (is_ours) card->code = code_show(c->arena, code);
    }
    return audit(c, &(AuditNote){ .action = "wallet.card_codes", .subject = "card_batch", .subject_id = batch_id });
}

/* ---- changing ---- */

static Err refuse_wrong(Ctx *c) {
    return fail(c, E_DENIED, "wallet.card_wrong", "卡号不对，请核对后再输", "there is no such card: look again");
}

static Err find_typed(Ctx *c, Str typed, WalletCard *ret_card, bool *ret_found) {
    Str code = { 0 };
    *ret_found = false;
    return code_read(c->arena, typed, &code) ? wallet_card_by_mac(c, mac_of(c, code), ret_card, ret_found) : OK;
}

static Err need_card(Ctx *c, int64_t card_id, WalletCard *ret_card) {
    bool found = false;
    TRY(wallet_card_read(c, card_id, ret_card, &found));
    return found ? OK : fail(c, E_NOT_FOUND, "wallet.card_unknown", "没有这张卡", "no such card");
}

/* The guard stands in the statement: of two at once the second learns what the first made of it. */
static Err change(Ctx *c, WalletCard *card, CardStatus status, int64_t amount_fen) {
    bool done = false;
    card->status = status;
    TRY(wallet_card_mark(c, card, card->seq, &done));
    if (!done) return fail(c, E_CONFLICT, "wallet.card_used", "这张卡已被使用", "this card was used");
    card->seq++;
    return wallet_card_entry_insert(c, card, amount_fen);
}

Err wallet_card_sell(Ctx *c, const CardSale *in, WalletCard *ret_card) {
    WalletCard *card = ret_card;
    Payment payment;
    bool waits = false, found = in->card_id != 0;
    TRY(auth_need_shop(c, in->shop_id));
    TRY(shop_need_open(c, in->shop_id, 0));
    if (in->card_id != 0) TRY(need_card(c, in->card_id, card));
    if (in->card_id == 0) TRY(find_typed(c, in->code, card, &found));
    if (!found) return refuse_wrong(c);
    int64_t price = in->price_fen > 0 ? in->price_fen : card->value_fen;
    if (price > card->value_fen) {
        fail_number(c, "value_fen", card->value_fen);
        return fail(c, E_INVALID, "wallet.card_price", "售价不能超过面值", "a card is not sold above its value");
    }
    TRY(wallet_need_tender(c, in->tender, in->external_no, &waits));
    if (waits)
        return fail(c, E_INVALID, "wallet.tender", "请先在渠道收款，再填写渠道单号",
                    "take the money at the channel first, then give its number");
    card->duplicate = card->status == CARD_ACTIVE && card->paid_fen == price && card->shop_id == in->shop_id &&
                      str_equal(card->tender, in->tender);
    if (card->duplicate) return OK;
    if (card->status != CARD_WAITING)
        return fail(c, E_CONFLICT, "wallet.card_not_waiting", "这张卡不在待售状态", "this card is not for sale");
    card->paid_fen = price;
    card->tender = in->tender;
    card->shop_id = in->shop_id;
    TRY(change(c, card, CARD_ACTIVE, price));
    TRY(payment_add(c, card->card_id, 1,
                    &(PaymentNew){ .tender = in->tender, .amount_fen = price, .external_no = in->external_no }, false,
                    &payment));
    return audit(c, &(AuditNote){ .action = "wallet.card_sell", .subject = "card", .subject_id = card->card_id });
}

/* ---- redeeming ---- */

static Str guesser(Ctx *c, int64_t member_id) { return arena_print(c->arena, "card %lld", (long long)member_id); }

static Err count_try(Ctx *c, void *arg) {
    const int64_t window_ms = (int64_t)10 * MINUTE_MS;
    if (c->client_ip.len > 0) TRY(budget_take(c, "wallet.card_ip", c->client_ip, TRIES_PER_WINDOW_MAX, window_ms));
    if (c->device.len > 0) TRY(budget_take(c, "wallet.card_device", c->device, TRIES_PER_WINDOW_MAX, window_ms));
    return lockout_try(c, "wallet.card", guesser(c, *(const int64_t *)arg));
}

static Err clear_tries(Ctx *c, void *arg) { return lockout_clear(c, "wallet.card", guesser(c, *(const int64_t *)arg)); }

Err wallet_card_prove(Ctx *c, int64_t member_id, Str typed, WalletCard *ret_card) {
    Str code = { 0 };
    bool found = false, is_counted = db_in_unit(c);
    if (!code_read(c->arena, typed, &code)) return refuse_wrong(c); /* a slip of the finger tells nothing */
    if (!is_counted) TRY(app_apart(c, count_try, &member_id));
    TRY(find_typed(c, typed, ret_card, &found));
    if (!found) return refuse_wrong(c);
    return is_counted ? OK : app_apart(c, clear_tries, &member_id);
}

static Err need_active(Ctx *c, const WalletCard *card) {
    if ((card->status == CARD_WAITING || card->status == CARD_ACTIVE) && card->expires_at > 0 &&
        card->expires_at < c->now)
        return fail(c, E_CONFLICT, "wallet.card_expired", "这张卡已过期", "this card has expired");
    switch (card->status) {
    case CARD_ACTIVE:
        return OK;
    case CARD_WAITING:
        return fail(c, E_CONFLICT, "wallet.card_unsold", "这张卡还没有售出", "this card was not sold yet");
    case CARD_REDEEMED:
        return fail(c, E_CONFLICT, "wallet.card_used", "这张卡已被使用", "this card was used");
    case CARD_VOID:
        return fail(c, E_CONFLICT, "wallet.card_void", "这张卡已作废", "this card is void");
    case CARD_EXPIRED:
        break;
    }
    return fail(c, E_CONFLICT, "wallet.card_expired", "这张卡已过期", "this card has expired");
}

/* Money that was paid comes in as the recharge it is, so that it can go back the way it came. */
static Err put_in(Ctx *c, int64_t member_id, const WalletCard *card) {
    WalletMove move;
    bool is_new = false;
    if (card->paid_fen > 0) {
        WalletRecharge r = { .recharge_id = card->card_id,
                             .shop_id = card->shop_id,
                             .recharge_no = arena_print(c->arena, "K%lld", (long long)card->card_id),
                             .member_id = member_id,
                             .tender = card->tender,
                             .status = RECHARGE_DONE,
                             .amount_fen = card->paid_fen,
                             .gift_fen = card->value_fen - card->paid_fen,
                             .gift_months = 1,
                             .gift_days = card->gift_days };
        return wallet_recharge_paid_before(c, &r);
    }
    Merchant merchant;
    TRY(merchant_get(c, &merchant));
    const Zone *zone = app_zone(c, merchant.zone);
    WalletMoveNew in = {
        .what = "card",
        .shop_id = card->shop_id,
        .post = { .member_id = member_id,
                  .source = "wallet.card",
                  .source_id = card->card_id,
                  .delta = { 0, card->value_fen },
                  .expires_at =
                      card->gift_days > 0 ? day_end(zone, day_add(day_at(zone, c->now), card->gift_days)) : 0 },
    };
    TRY(wallet_move(c, &in, &move, &is_new));
    assert(is_new);
    return OK;
}

Err wallet_card_redeem(Ctx *c, int64_t member_id, int64_t card_id, WalletCard *ret_card) {
    WalletCard *card = ret_card;
    WalletParts have;
    int64_t holder_id = 0;
    TRY(member_need_right(c, member_id, 0));
    TRY(wallet_lock(c, member_id, &have));
    TRY(wallet_need_open(c, member_id));
    TRY(need_card(c, card_id, card));
    if (card->redeemed_by != 0) TRY(member_living(c, card->redeemed_by, &holder_id));
    card->duplicate = holder_id == member_id;
    if (!card->duplicate) {
        TRY(need_active(c, card));
        TRY(wallet_need_room(c, have.principal_fen + have.gift_fen + card->value_fen));
        card->redeemed_by = member_id;
        TRY(change(c, card, CARD_REDEEMED, card->value_fen));
        TRY(put_in(c, member_id, card));
        TRY(wallet_lock(c, member_id, &have));
    }
    card->principal_left_fen = have.principal_fen;
    card->gift_left_fen = have.gift_fen;
    return OK;
}

/* ---- void, expired ---- */

Err wallet_card_void(Ctx *c, int64_t card_id, Str reason, WalletCard *ret_card) {
    Payments payments = { 0 };
    TRY(need_card(c, card_id, ret_card));
    TRY(auth_need_shop(c, ret_card->shop_id));
    if (ret_card->status != CARD_WAITING) TRY(need_active(c, ret_card));
    TRY(change(c, ret_card, CARD_VOID, ret_card->paid_fen));
    if (ret_card->paid_fen > 0) {
        TRY(payment_of_order(c, card_id, &payments));
        assert(payments.count == 1);
        TRY(payment_refund(c, &payments.items[0], id_new(c), ret_card->paid_fen, 0));
    }
    return audit(c, &(AuditNote){ .action = "wallet.card_void",
                                  .subject = "card",
                                  .subject_id = card_id,
                                  .reason = reason,
                                  .fields = &wallet_card_fields,
                                  .after = ret_card });
}

Err wallet_card_reopen(Ctx *c, int64_t card_id, int64_t expires_day, Str reason, WalletCard *ret_card) {
    CardBatch batch = { 0 };
    TRY(need_card(c, card_id, ret_card));
    TRY(auth_need_shop(c, ret_card->shop_id));
    if (ret_card->status != CARD_EXPIRED)
        return fail(c, E_CONFLICT, "wallet.card_not_expired", "这张卡没有过期", "this card has not expired");
    TRY(end_of(c, expires_day, &ret_card->expires_at));
    TRY(wallet_card_batch_read(c, ret_card->batch_id, &batch));
    bool is_unsold = batch.is_sold && ret_card->paid_fen == 0;
    TRY(change(c, ret_card, is_unsold ? CARD_WAITING : CARD_ACTIVE, ret_card->value_fen));
    return audit(
        c, &(AuditNote){ .action = "wallet.card_reopen", .subject = "card", .subject_id = card_id, .reason = reason });
}

Err wallet_card_job_expire(Ctx *c, int64_t due_at, bool *ret_more) {
    (void)due_at;
    WalletCards due = { 0 };
    TRY(wallet_card_due(c, EXPIRE_BATCH, &due));
    for (int64_t i = 0; i < due.count; i++) TRY(change(c, &due.items[i], CARD_EXPIRED, due.items[i].value_fen));
    *ret_more = due.count == EXPIRE_BATCH;
    return OK;
}
