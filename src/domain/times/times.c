/* times - templates, issuing, freezing, taking back, and what the clock does to cards. */
#include "app/merchant.h"
#include "base/fen.h"
#include "domain/times/times_store.h"
#include <assert.h>

enum { JOB_BATCH = 100, CARDS_PER_ISSUE_MAX = 100 };

static Err refuse_short(Ctx *c, int64_t need, int64_t have) {
    return fail(c, E_CONFLICT, "times.short", "次卡只剩 %lld 次，不够 %lld 次", "%lld uses are left, %lld are wanted",
                (long long)have, (long long)need);
}

LedgerKind times_kind(Ctx *c, int64_t card_id) {
    return (LedgerKind){ .name = arena_print(c->arena, "times:%lld", (long long)card_id),
                         .has_lots = true,
                         .refuse_short = refuse_short };
}

/* ---- templates ---- */

static Err template_need(Ctx *c, int64_t template_id, TimesTemplate *ret_template) {
    bool found = false;
    TRY(times_template_find(c, template_id, ret_template, &found));
    return found ? OK : fail(c, E_NOT_FOUND, "times.template_unknown", "没有这种次卡", "no such kind of times card");
}

Err times_template_read(Ctx *c, int64_t template_id, TimesTemplate *ret_template) {
    return template_need(c, template_id, ret_template);
}

Err times_end(Ctx *c, const TimesTemplate *t, int64_t *ret_expires_at) {
    Merchant merchant;
    TRY(merchant_get(c, &merchant));
    const Zone *zone = app_zone(c, merchant.zone);
    int64_t last = t->valid_days > 0 ? day_add(day_at(zone, c->now), t->valid_days) : 0;
    if (t->last_day > 0 && (last == 0 || t->last_day < last)) last = t->last_day;
    *ret_expires_at = last > 0 ? day_end(zone, last) : 0;
    return OK;
}

Err times_add_template(Ctx *c, const TimesTemplate *in, TimesTemplate *ret_template) {
    TimesTemplate t = *in;
    int64_t end = 0;
    t.template_id = id_new(c);
    t.created_at = c->now;
    t.is_retired = false;
    for (int64_t i = 0; i < t.shop_ids.count; i++) TRY(shop_need(c, t.shop_ids.items[i]));
    TRY(times_end(c, &t, &end));
    if (end != 0 && end < c->now)
        return fail(c, E_INVALID, "times.last_day", "截止日期已经过去", "the last day is over already");
    if (t.refund_policy == TIMES_REFUND_SINGLE && t.single_price_fen == 0)
        return fail(c, E_INVALID, "times.single_price", "按单次原价退需要填单次价格",
                    "this refund policy needs the price of a single use");
    TRY(times_template_insert(c, &t));
    *ret_template = t;
    return audit(c, &(AuditNote){ .action = "times.template",
                                  .subject = "times_template",
                                  .subject_id = t.template_id,
                                  .fields = &times_template_fields,
                                  .after = &t });
}

/* ---- reading ---- */

static Err card_need(Ctx *c, int64_t card_id, TimesCard *ret_card) {
    bool found = false;
    TRY(times_card_find(c, card_id, ret_card, &found));
    return found ? OK : fail(c, E_NOT_FOUND, "times.card_unknown", "没有这张次卡", "no such times card");
}

Err times_fill_left(Ctx *c, TimesCards list) {
    for (int64_t i = 0; i < list.count; i++) {
        LedgerKind kind = times_kind(c, list.items[i].card_id);
        LedgerAccount account;
        TRY(ledger_account(c, list.items[i].member_id, &kind, &account));
        list.items[i].left_uses = account.balance;
    }
    return OK;
}

Err times_card_read(Ctx *c, int64_t card_id, TimesCard *ret_card) {
    TRY(card_need(c, card_id, ret_card));
    return times_fill_left(c, (TimesCards){ ret_card, 1 });
}

Err times_cards_of(Ctx *c, const char *source, int64_t source_id, TimesCards *ret_cards) {
    TRY(times_card_list_of_source(c, str_of(source), source_id, ret_cards));
    return times_fill_left(c, *ret_cards);
}

/* A posting of nothing takes the account's lock; the card is read behind it. */
Err times_lock(Ctx *c, int64_t card_id, TimesCard *ret_card) {
    LedgerPosted posted;
    int64_t member_id = 0;
    LedgerKind kind = times_kind(c, card_id);
    TRY(card_need(c, card_id, ret_card));
    member_id = ret_card->member_id;
    TRY(ledger_post(c, &(LedgerPost){ .kind = &kind, .member_id = member_id, .source = "times.look" }, &posted));
    TRY(card_need(c, card_id, ret_card));
    if (ret_card->member_id != member_id)
        return fail(c, E_BUSY, "times.member_moving", "会员正在合并，请稍后再试",
                    "the member is being merged; try again");
    return times_fill_left(c, (TimesCards){ ret_card, 1 });
}

static Err post(Ctx *c, const TimesCard *card, int64_t amount, const char *source, int64_t source_id,
                int64_t expires_at) {
    LedgerPosted posted;
    LedgerKind kind = times_kind(c, card->card_id);
    return ledger_post(c,
                       &(LedgerPost){ .kind = &kind,
                                      .member_id = card->member_id,
                                      .amount = amount,
                                      .source = source,
                                      .source_id = source_id,
                                      .expires_at = expires_at },
                       &posted);
}

/* ---- giving and taking back ---- */

static Err issue_one(Ctx *c, const TimesIssue *issue, const TimesTemplate *t, int64_t number, int64_t paid_fen,
                     TimesCard *ret_card) {
    bool is_new = false, found = false;
    TimesCard card = { .card_id = id_new(c),
                       .template_id = t->template_id,
                       .name = t->name,
                       .member_id = issue->member_id,
                       .source = str_of(issue->source),
                       .source_id = issue->source_id,
                       .shop_id = issue->shop_id,
                       .uses = issue->uses > 0 ? issue->uses : t->uses,
                       .paid_fen = paid_fen,
                       .created_at = c->now };
    card.account = times_kind(c, card.card_id).name;
    card.left_uses = card.uses;
    switch (t->valid_from) {
    case TIMES_FROM_ISSUE:
        TRY(times_end(c, t, &card.expires_at));
        break;
    case TIMES_FROM_FIRST_USE:
        TRY(times_end(c, &(TimesTemplate){ .last_day = t->last_day }, &card.expires_at));
        break;
    }
    bool is_over = card.expires_at != 0 && card.expires_at < c->now;
    if (is_over && issue->is_due) TRY(times_end(c, &(TimesTemplate){ .valid_days = 1 }, &card.expires_at));
    if (is_over && !issue->is_due)
        return fail(c, E_CONFLICT, "times.over", "这种次卡已过截止日期", "the last day of this card is over");
    TRY(times_card_insert(c, &card, number, &is_new));
    if (is_new) {
        *ret_card = card;
        TRY(post(c, &card, card.uses, "times.issue", card.card_id, card.expires_at));
        /* Value must not come to rest with a member who was merged meanwhile: his card knows, behind its lock. */
        return member_summary_put(c, card.member_id, &(MemberSummary){ 0 });
    }
    TRY(times_card_of_issue(c, issue, number, ret_card, &found));
    assert(found);
    TRY(times_fill_left(c, (TimesCards){ ret_card, 1 }));
    ret_card->duplicate = true;
    return OK;
}

Err times_issue(Ctx *c, const TimesIssue *issue, TimesCards *ret_cards) {
    TimesTemplate t;
    TimesCard first;
    bool is_known = false;
    int64_t count = issue->count > 0 ? issue->count : 1;
    assert(count <= CARDS_PER_ISSUE_MAX && issue->uses <= TIMES_USES_MAX && issue->source != NULL &&
           issue->paid_fen >= 0);
    TRY(template_need(c, issue->template_id, &t));
    TRY(times_card_of_issue(c, issue, 1, &first, &is_known));
    if (!is_known && t.is_retired && !issue->is_due)
        return fail(c, E_CONFLICT, "times.template_retired", "这种次卡已下架", "this kind of card is retired");
    if (!is_known && !issue->is_due) TRY(member_need_right(c, issue->member_id, 0));
    TimesCards cards = { NEW_LIST(c->arena, TimesCard, count), count };
    int64_t *weights = NEW_LIST(c->arena, int64_t, count), *parts = NEW_LIST(c->arena, int64_t, count);
    for (int64_t i = 0; i < count; i++) weights[i] = 1;
    fen_share(c->arena, issue->paid_fen, weights, count, parts);
    for (int64_t i = 0; i < count; i++) TRY(issue_one(c, issue, &t, i + 1, parts[i], &cards.items[i]));
    if (ret_cards != NULL) *ret_cards = cards;
    return OK;
}

static Err close_card(Ctx *c, TimesCard *card, const char *source, int64_t source_id, int64_t paid_back_fen) {
    bool done = false;
    int64_t left = card->left_uses;
    bool is_over = card->expires_at > 0 && card->expires_at < c->now;
    /* What ran out before the job came by is no longer to be taken, and must not stay behind in a closed card. */
    if (is_over && (card->status == TIMES_ACTIVE || card->status == TIMES_FROZEN)) TRY(times_run_out(c, card->card_id));
    TRY(times_card_close(c, card->card_id, left, paid_back_fen, &done));
    if (!done) return fail(c, E_CONFLICT, "times.closed", "这张次卡已退", "this card was given back");
    TRY(post(c, card, -left, source, source_id, 0));
    card->status = TIMES_CLOSED;
    card->taken_uses += left;
    card->returned_fen += paid_back_fen;
    card->left_uses = 0;
    return OK;
}

Err times_revoke(Ctx *c, int64_t member_id, const char *source, int64_t source_id, int64_t *ret_uses) {
    TimesCards cards = { 0 };
    *ret_uses = 0;
    TRY(times_card_list_of_source(c, str_of(source), source_id, &cards));
    for (int64_t i = 0; i < cards.count; i++) {
        TimesCard card;
        if (cards.items[i].member_id != member_id || cards.items[i].status == TIMES_CLOSED) continue;
        TRY(times_lock(c, cards.items[i].card_id, &card));
        *ret_uses += card.left_uses;
        TRY(close_card(c, &card, "times.revoke", card.card_id, 0));
    }
    return OK;
}

Err times_freeze(Ctx *c, int64_t card_id, bool is_frozen, Str reason, TimesCard *ret_card) {
    TRY(times_lock(c, card_id, ret_card));
    TimesStatus from = is_frozen ? TIMES_ACTIVE : TIMES_FROZEN, to = is_frozen ? TIMES_FROZEN : TIMES_ACTIVE;
    if (ret_card->status == to) return OK;
    if (ret_card->status != from)
        return fail(c, E_CONFLICT, "times.closed", "这张次卡已退或已过期", "this card was given back or is over");
    TRY(times_card_put_status(c, card_id, to, ret_card->expires_at));
    ret_card->status = to;
    return audit(c, &(AuditNote){ .action = is_frozen ? "times.freeze" : "times.unfreeze",
                                  .subject = "times_card",
                                  .subject_id = card_id,
                                  .reason = reason });
}

/* ---- what a card pays back ---- */

int64_t times_refund_compute(Arena *a, const TimesTemplate *t, const TimesCard *card, Steps *ret_steps) {
    Steps steps = steps_start(a);
    int64_t used = card->uses - card->left_uses, amount = 0, most = card->paid_fen - card->returned_fen;
    steps_add(a, &steps, "paid", "这张卡实付", "paid for the card", card->paid_fen);
    switch (card->left_uses > 0 ? t->refund_policy : TIMES_REFUND_NONE) {
    case TIMES_REFUND_SHARE: {
        bool fits = fen_scale(card->paid_fen, card->left_uses, card->uses, ROUND_FLOOR, &amount);
        assert(fits);
        steps_add(a, &steps, "share",
                  arena_print(a, "实付 × 剩余 %lld 次 ÷ 共 %lld 次，舍去零头", (long long)card->left_uses,
                              (long long)card->uses)
                      .at,
                  arena_print(a, "paid x %lld left / %lld in all, rounded down", (long long)card->left_uses,
                              (long long)card->uses)
                      .at,
                  amount);
        break;
    }
    case TIMES_REFUND_SINGLE:
        amount = card->paid_fen - used * t->single_price_fen;
        steps_add(a, &steps, "single", arena_print(a, "实付减去已用 %lld 次的单次价", (long long)used).at,
                  arena_print(a, "paid less %lld used ones at their single price", (long long)used).at, amount);
        if (amount >= 0) break;
        amount = 0;
        steps_add(a, &steps, "zero", "用掉的已超过实付", "what was used is worth more than was paid", 0);
        break;
    case TIMES_REFUND_NONE:
        steps_add(a, &steps, "none", card->left_uses > 0 ? "这种卡不退" : "没有剩余次数",
                  card->left_uses > 0 ? "this kind of card is not given back" : "nothing is left", 0);
        break;
    }
    if (amount > most) {
        amount = most;
        steps_add(a, &steps, "cap", "不超过实付未退的金额", "never more than what is left of what was paid", amount);
    }
    steps_add(a, &steps, "result", "应退", "goes back", amount);
    *ret_steps = steps;
    return amount;
}

static Err compute(Ctx *c, const TimesCard *card, TimesRefund *ret_refund) {
    TimesTemplate t;
    TRY(template_need(c, card->template_id, &t));
    *ret_refund = (TimesRefund){ .card_id = card->card_id, .uses = card->left_uses };
    ret_refund->amount_fen =
        card->status == TIMES_CLOSED ? 0 : times_refund_compute(c->arena, &t, card, &ret_refund->steps);
    return OK;
}

Err times_refund_quote(Ctx *c, int64_t card_id, TimesRefund *ret_refund) {
    TimesCard card;
    TRY(times_card_read(c, card_id, &card));
    return compute(c, &card, ret_refund);
}

Err times_refund(Ctx *c, int64_t card_id, int64_t refund_id, TimesRefund *ret_refund) {
    TimesCard card;
    TRY(times_lock(c, card_id, &card));
    TRY(compute(c, &card, ret_refund));
    return close_card(c, &card, "times.refund", refund_id, ret_refund->amount_fen);
}

/* ---- the clock ---- */

Err times_run_out(Ctx *c, int64_t card_id) {
    LedgerExpiredList done = { 0 };
    LedgerKind kind = times_kind(c, card_id);
    TRY(ledger_expire(c, &kind, 1, &done));
    return times_card_expire(c, card_id);
}

Err times_job_expire(Ctx *c, int64_t due_at, bool *ret_more) {
    (void)due_at;
    TimesCards due = { 0 };
    TRY(times_card_due(c, c->now, JOB_BATCH, &due));
    for (int64_t i = 0; i < due.count; i++) {
        TimesCard card;
        TRY(times_lock(c, due.items[i].card_id, &card));
        TRY(times_run_out(c, card.card_id));
    }
    *ret_more = due.count == JOB_BATCH;
    return OK;
}

Err times_job_warn(Ctx *c, int64_t due_at, bool *ret_more) {
    (void)due_at;
    TimesSetting setting;
    TimesCards list = { 0 };
    TRY(setting_get(c, &times_setting, &setting));
    *ret_more = false;
    if (setting.warn_days == 0) return OK;
    TRY(times_card_to_warn(c, c->now, c->now + setting.warn_days * DAY_MS, JOB_BATCH, &list));
    TRY(times_fill_left(c, list));
    for (int64_t i = 0; i < list.count; i++) {
        const TimesCard *card = &list.items[i];
        TRY(times_card_mark_warned(c, card->card_id));
        if (card->left_uses == 0) continue;
        TRY(emit(c, &times_expiring, card->member_id,
                 &(TimesFact){ .member_id = card->member_id,
                               .card_id = card->card_id,
                               .left_uses = card->left_uses,
                               .expires_at = card->expires_at }));
    }
    *ret_more = list.count == JOB_BATCH;
    return OK;
}
