/* times_use - a card is used with its owner there, and a use is undone by a manager. */
#include "app/merchant.h"
#include "domain/item/item.h"
#include "domain/times/times_store.h"
#include <assert.h>

enum { CHOICE_MAX = 100 };

static Err refuse_none(Ctx *c) {
    return fail(c, E_CONFLICT, "times.none", "会员没有可用于这项服务的次卡", "the member has no card good for this");
}

/* ---- what a card is good for ---- */

static bool ids_have(const IntList *ids, int64_t id) {
    for (int64_t i = 0; i < ids->count; i++)
        if (ids->items[i] == id) return true;
    return false;
}

static bool is_at_home(const TimesTemplate *t, int64_t shop_id) {
    return t->shop_ids.count == 0 || ids_have(&t->shop_ids, shop_id);
}

static bool serves(const TimesTemplate *t, const Item *item) {
    if (t->item_ids.count == 0 && t->category_ids.count == 0) return true;
    return item->item_id != 0 && (ids_have(&t->item_ids, item->item_id) ||
                                  (item->category_id != 0 && ids_have(&t->category_ids, item->category_id)));
}

static Err need_good(Ctx *c, const TimesCard *card, const TimesUseNew *in, const Item *item) {
    TimesTemplate t;
    TRY(times_template_read(c, card->template_id, &t));
    if (!is_at_home(&t, in->shop_id))
        return fail(c, E_CONFLICT, "times.other_shop", "这张次卡不能在本店使用", "this card is not for this shop");
    if (!serves(&t, item))
        return fail(c, E_CONFLICT, "times.other_service", "这张次卡不包含这项服务",
                    "this card is not for this service");
    return OK;
}

static Err need_running(Ctx *c, const TimesCard *card) {
    if (card->status == TIMES_CLOSED)
        return fail(c, E_CONFLICT, "times.closed", "这张次卡已退", "this card was given back");
    if (card->status == TIMES_FROZEN) return fail(c, E_CONFLICT, "times.frozen", "次卡已冻结", "this card is frozen");
    if (card->status == TIMES_EXPIRED || (card->expires_at > 0 && card->expires_at < c->now)) {
        fail_number(c, "expires_at", card->expires_at);
        return fail(c, E_CONFLICT, "times.expired", "次卡已过期", "this card is over");
    }
    return OK;
}

/* Of the cards that are good for it and have enough left, the one that expires first. */
static Err choose(Ctx *c, const TimesUseNew *in, const Item *item, int64_t *ret_card_id) {
    TimesCards cards = { 0 };
    int64_t most = 0;
    TRY(times_card_list_good(c, in->member_id, CHOICE_MAX, &cards));
    TRY(times_fill_left(c, cards));
    for (int64_t i = 0; i < cards.count; i++) {
        const TimesCard *card = &cards.items[i];
        TimesTemplate t;
        TRY(times_template_read(c, card->template_id, &t));
        if (!is_at_home(&t, in->shop_id) || !serves(&t, item)) continue;
        if (card->left_uses >= in->count) {
            *ret_card_id = card->card_id;
            return OK;
        }
        if (card->left_uses > most) most = card->left_uses;
    }
    if (most == 0) return refuse_none(c);
    fail_number(c, "left_uses", most);
    fail_number(c, "count", in->count);
    return times_kind(c, 0).refuse_short(c, in->count, most);
}

/* ---- using ---- */

static Err answer_twin(Ctx *c, const TimesUseNew *in, TimesUse *ret_use) {
    bool found = false;
    int64_t living_id = 0;
    TimesCard card;
    TRY(times_use_by_no(c, in->shop_id, in->use_no, ret_use, &found));
    assert(found);
    TRY(member_living(c, in->member_id, &living_id));
    bool is_same = ret_use->member_id == living_id && ret_use->count == in->count && ret_use->item_id == in->item_id &&
                   (in->card_id == 0 || ret_use->card_id == in->card_id);
    if (!is_same) {
        fail_number(c, "use_id", ret_use->use_id);
        return fail(c, E_CONFLICT, "times.number_used", "单号 %.*s 已被另一笔内容不同的业务使用",
                    "number %.*s belongs to something of other content", (int)in->use_no.len, in->use_no.at);
    }
    TRY(times_card_read(c, ret_use->card_id, &card));
    ret_use->left_uses = card.left_uses;
    ret_use->duplicate = true;
    return OK;
}

/* Validity counts from now on: what is left moves into a lot that ends. */
static Err start(Ctx *c, TimesCard *card) {
    TimesTemplate t;
    LedgerPosted posted;
    TRY(times_template_read(c, card->template_id, &t));
    int64_t expires_at = card->expires_at;
    if (t.valid_from == TIMES_FROM_FIRST_USE && t.valid_days > 0) TRY(times_end(c, &t, &expires_at));
    if (expires_at != card->expires_at) {
        LedgerKind kind = times_kind(c, card->card_id);
        LedgerPost out = { .kind = &kind,
                           .member_id = card->member_id,
                           .amount = -card->left_uses,
                           .source = "times.start.out",
                           .source_id = card->card_id };
        LedgerPost in = { .kind = &kind,
                          .member_id = card->member_id,
                          .amount = card->left_uses,
                          .source = "times.start.in",
                          .source_id = card->card_id,
                          .expires_at = expires_at };
        TRY(ledger_post(c, &out, &posted));
        TRY(ledger_post(c, &in, &posted));
    }
    card->expires_at = expires_at;
    return times_card_start(c, card->card_id, expires_at);
}

static Err tell(Ctx *c, const TimesCard *card, const TimesUse *use, int64_t count) {
    TimesFact fact = { .member_id = card->member_id,
                       .card_id = card->card_id,
                       .use_id = use->use_id,
                       .shop_id = use->shop_id,
                       .count = count,
                       .left_uses = use->left_uses,
                       .expires_at = card->expires_at };
    TimesTemplate t;
    TRY(emit(c, &times_used, card->member_id, &fact));
    TRY(times_template_read(c, card->template_id, &t));
    bool is_crossed = count > 0 && use->left_uses <= t.low_uses && use->left_uses + count > t.low_uses;
    return is_crossed && t.low_uses > 0 ? emit(c, &times_low, card->member_id, &fact) : OK;
}

Err times_use(Ctx *c, const TimesUseNew *in, const WalletProven *proven, TimesUse *ret_use) {
    TimesCard card;
    TimesUse known;
    Item item = { 0 };
    LedgerPosted posted;
    bool is_new = false, is_known = false;
    int64_t card_id = in->card_id;
    assert(in->count > 0);
    TRY(times_use_by_no(c, in->shop_id, in->use_no, &known, &is_known));
    if (is_known) return answer_twin(c, in, ret_use);
    TRY(member_need_right(c, in->member_id, RIGHT_USE_BALANCE));
    if (in->item_id != 0) TRY(item_read(c, in->item_id, &item));
    if (card_id == 0) TRY(choose(c, in, &item, &card_id));
    TRY(times_lock(c, card_id, &card));
    if (card.member_id != in->member_id)
        return fail(c, E_NOT_FOUND, "times.card_unknown", "没有这张次卡", "no such times card");
    TRY(need_running(c, &card));
    TRY(need_good(c, &card, in, &item));
    if (card.left_uses < in->count) {
        fail_number(c, "left_uses", card.left_uses);
        fail_number(c, "count", in->count);
        return times_kind(c, card_id).refuse_short(c, in->count, card.left_uses);
    }
    *ret_use = (TimesUse){ .use_id = id_new(c),
                           .shop_id = in->shop_id,
                           .use_no = in->use_no,
                           .card_id = card_id,
                           .member_id = in->member_id,
                           .item_id = in->item_id,
                           .count = in->count,
                           .at = c->now };
    TRY(times_use_insert(c, ret_use, &is_new));
    if (!is_new) return answer_twin(c, in, ret_use);
    TRY(wallet_proof_use(c, proven));
    if (card.first_used_at == 0) TRY(start(c, &card));
    LedgerKind kind = times_kind(c, card_id);
    TRY(ledger_post(c,
                    &(LedgerPost){ .kind = &kind,
                                   .member_id = card.member_id,
                                   .amount = -in->count,
                                   .source = "times.use",
                                   .source_id = ret_use->use_id },
                    &posted));
    ret_use->left_uses = posted.balance;
    return tell(c, &card, ret_use, in->count);
}

/* ---- undoing ---- */

static Err grace(Ctx *c, int64_t *ret_at) {
    TimesSetting setting;
    Merchant merchant;
    TRY(setting_get(c, &times_setting, &setting));
    TRY(merchant_get(c, &merchant));
    const Zone *zone = app_zone(c, merchant.zone);
    *ret_at = day_end(zone, day_add(day_at(zone, c->now), setting.undo_days));
    return OK;
}

static Err use_need(Ctx *c, int64_t use_id, TimesUse *ret_use) {
    bool found = false;
    TRY(times_use_find(c, use_id, ret_use, &found));
    return found ? OK : fail(c, E_NOT_FOUND, "times.use_unknown", "没有这笔核销", "no such use");
}

Err times_undo(Ctx *c, int64_t use_id, Str reason, TimesUse *ret_use) {
    TimesCard card;
    LedgerPosted posted;
    bool done = false;
    int64_t grace_at = 0;
    TRY(use_need(c, use_id, ret_use));
    TRY(auth_need_shop(c, ret_use->shop_id));
    TRY(times_lock(c, ret_use->card_id, &card));
    TRY(use_need(c, use_id, ret_use));
    ret_use->left_uses = card.left_uses;
    ret_use->duplicate = ret_use->undone_at != 0;
    if (ret_use->duplicate) return OK;
    if (card.status == TIMES_CLOSED)
        return fail(c, E_CONFLICT, "times.closed", "这张次卡已退", "this card was given back");
    bool is_over = card.expires_at > 0 && card.expires_at < c->now;
    if (is_over && card.status != TIMES_EXPIRED) TRY(times_run_out(c, card.card_id));
    ret_use->undone_at = c->now;
    ret_use->undone_by_id = c->actor.id;
    ret_use->undo_reason = reason;
    TRY(times_use_undo(c, ret_use, &done));
    assert(done);
    TRY(grace(c, &grace_at));
    LedgerKind kind = times_kind(c, card.card_id);
    TRY(ledger_post(c,
                    &(LedgerPost){ .kind = &kind,
                                   .member_id = card.member_id,
                                   .amount = ret_use->count,
                                   .source = "times.undo",
                                   .source_id = use_id,
                                   .of_source = "times.use",
                                   .of_id = use_id,
                                   .grace_at = grace_at,
                                   .reason = reason },
                    &posted));
    if (is_over) {
        card.expires_at = grace_at;
        TRY(times_card_put_status(c, card.card_id, card.status == TIMES_FROZEN ? TIMES_FROZEN : TIMES_ACTIVE,
                                  grace_at));
    }
    ret_use->left_uses = posted.balance;
    TRY(tell(c, &card, ret_use, -ret_use->count));
    return audit(
        c, &(AuditNote){ .action = "times.undo", .subject = "times_use", .subject_id = use_id, .reason = reason });
}
