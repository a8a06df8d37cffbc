#include <assert.h>
#include <string.h>
#include "domain/ledger/ledger_book.h"

/* ---- the chain ---- */

typedef struct Content {
    unsigned char *at;
    int64_t len;
} Content;

static void put_int(Content *t, int64_t value) {
    for (int i = 0; i < 8; i++) t->at[t->len++] = (unsigned char)((uint64_t)value >> (8 * i));
}

static void put_text(Content *t, Str s) {
    put_int(t, s.len);
    if (s.len > 0) memcpy(t->at + t->len, s.at, (size_t)s.len);
    t->len += s.len;
}

/* Every text goes with its length, so no two contents read alike. */
void book_link(Ctx *c, const LedgerEntry *e, LedgerParts parts, Bytes before, unsigned char ret_link[LINK_LEN]) {
    enum { NUMBERS = 12 };
    int64_t most = 8 * (NUMBERS + 4 + 1 + 2 * parts.count) + e->kind.len + e->source.len + e->actor.len +
                   e->detail.len + before.len;
    ArenaMark mark = arena_mark(c->arena);
    Content t = { arena_take(c->arena, most, 8), 0 };
    put_int(&t, c->merchant_id);
    put_int(&t, e->member_id);
    put_text(&t, e->kind);
    put_int(&t, e->seq);
    put_int(&t, e->delta);
    put_int(&t, e->delta_debt);
    put_int(&t, e->balance_after);
    put_text(&t, e->source);
    put_int(&t, e->source_id);
    put_text(&t, e->actor);
    put_int(&t, e->actor_id);
    put_int(&t, e->shop_id);
    put_int(&t, e->at);
    put_int(&t, e->lot_at);
    put_text(&t, e->detail);
    put_int(&t, parts.count);
    for (int64_t i = 0; i < parts.count; i++) {
        put_int(&t, parts.items[i].expires_at);
        put_int(&t, parts.items[i].amount);
    }
    memcpy(t.at + t.len, before.at, (size_t)before.len);
    t.len += before.len;
    assert(t.len <= most);
    mac(&c->app->keys.chain, t.at, t.len, ret_link);
    arena_back(c->arena, mark);
}

/* ---- opening and closing ---- */

Err book_open(Ctx *c, int64_t member_id, const LedgerKind *kind, Book *ret_book) {
    *ret_book = (Book){ .member_id = member_id, .count = 1 };
    ret_book->accounts[0] = (Account){ .kind = kind->name, .has_lots = kind->has_lots };
    return account_lock(c, member_id, ret_book->accounts, 1);
}

Err book_save(Ctx *c, const Book *book) { return account_save(c, book->member_id, book->accounts, book->count); }

void book_answer(const Account *a, LedgerPosted *ret_posted) {
    ret_posted->balance = a->balance;
    ret_posted->debt = a->debt;
    ret_posted->reserved = a->reserved;
    ret_posted->pending = a->pending;
}

/* ---- writing ---- */

void book_entry(Ctx *c, int64_t member_id, const Account *a, const LedgerPost *post, const Move *move,
                LinkedEntry *ret_entry) {
    ret_entry->e = (LedgerEntry){
        .member_id = member_id,
        .kind = a->kind,
        .seq = a->entry_count + 1,
        .delta = move->delta,
        .delta_debt = move->delta_debt,
        .balance_after = a->balance + move->delta,
        .source = str_of(post->source),
        .source_id = post->source_id,
        .actor = str_of(actor_names[c->actor.kind]),
        .actor_id = c->actor.id,
        .shop_id = c->shop_id,
        .at = c->now,
        .lot_at = move->lot_at,
        .detail = post->detail,
        .reason = post->reason,
    };
    unsigned char *link = arena_take(c->arena, LINK_LEN, 8);
    book_link(c, &ret_entry->e, move->parts, a->head, link);
    ret_entry->link = (Bytes){ link, LINK_LEN };
}

static Err lot_change(Ctx *c, int64_t member_id, Str kind, int64_t expires_at, int64_t amount) {
    if (amount > 0) return lot_put(c, member_id, kind, expires_at, amount);
    return lot_take(c, member_id, kind, expires_at, -amount);
}

Err book_apply(Ctx *c, int64_t member_id, Account *a, const Move *move, const LinkedEntry *entry,
               LedgerPosted *ret_posted) {
    const LedgerEntry *e = &entry->e;
    if (move->lot_at != 0) TRY(lot_change(c, member_id, a->kind, move->lot_at, move->delta));
    for (int64_t i = 0; i < move->parts.count; i++) {
        LedgerPart part = move->parts.items[i];
        part.seq = e->seq;
        TRY(part_insert(c, member_id, a->kind, &part));
        TRY(lot_change(c, member_id, a->kind, part.expires_at, part.amount));
    }
    for (int64_t i = 0; i < move->backs.count; i++) {
        const LedgerPart *back = &move->backs.items[i];
        TRY(part_give_back(c, move->back_member_id, a->kind, back->seq, back->expires_at, back->back_amount));
    }
    a->balance = e->balance_after;
    a->debt += move->delta_debt;
    a->entry_count = e->seq;
    a->head = entry->link;
    assert(a->balance >= 0 && a->debt >= 0);
    *ret_posted = (LedgerPosted){ .seq = e->seq, .delta = move->delta, .delta_debt = move->delta_debt };
    return OK;
}

Err book_write(Ctx *c, int64_t member_id, Account *a, const LedgerPost *post, const Move *move,
               LedgerPosted *ret_posted) {
    LinkedEntry entry;
    bool is_new = false;
    book_entry(c, member_id, a, post, move, &entry);
    TRY(entry_insert(c, &entry, &is_new));
    if (is_new) return book_apply(c, member_id, a, move, &entry, ret_posted);
    *ret_posted = (LedgerPosted){ .is_duplicate = true };
    return OK;
}

/* ---- credits ---- */

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

Move book_plan_credit(const Account *a, int64_t amount, int64_t expires_at) {
    int64_t absorbed = smaller(a->debt, amount);
    Move move = { .delta = amount - absorbed, .delta_debt = -absorbed };
    if (a->has_lots && move.delta > 0) move.lot_at = expires_at > 0 ? expires_at : LEDGER_NEVER;
    return move;
}

/* The chain reads parts in the order in which part_list() gives them back: latest expiry first. */
static void parts_sort(LedgerParts *parts) {
    for (int64_t i = 1; i < parts->count; i++)
        for (int64_t k = i; k > 0 && parts->items[k - 1].expires_at < parts->items[k].expires_at; k--) {
            LedgerPart swap = parts->items[k];
            parts->items[k] = parts->items[k - 1];
            parts->items[k - 1] = swap;
        }
}

Move book_plan_credit_lots(Ctx *c, const Account *a, LedgerParts lots) {
    Move move = { .parts = { NEW_LIST(c->arena, LedgerPart, lots.count + 1), 0 } };
    int64_t debt = a->debt;
    parts_sort(&lots);
    for (int64_t i = lots.count - 1; i >= 0; i--) {
        LedgerPart part = { .expires_at = lots.items[i].expires_at, .amount = lots.items[i].amount };
        int64_t absorbed = smaller(debt, part.amount);
        debt -= absorbed;
        part.amount -= absorbed;
        move.delta_debt -= absorbed;
        move.delta += part.amount;
        if (part.amount > 0) move.parts.items[move.parts.count++] = part;
    }
    if (!a->has_lots) move.parts.count = 0;
    parts_sort(&move.parts);
    if (move.parts.count == 1) {
        move.lot_at = move.parts.items[0].expires_at;
        move.parts.count = 0;
    }
    return move;
}

/* Lots may hold the same expiry twice after expired ones were moved to the grace day: they are brought together. */
static void lots_add(LedgerParts *lots, int64_t expires_at, int64_t amount) {
    for (int64_t i = 0; i < lots->count; i++)
        if (lots->items[i].expires_at == expires_at) {
            lots->items[i].amount += amount;
            return;
        }
    lots->items[lots->count++] = (LedgerPart){ .expires_at = expires_at, .amount = amount };
}

Err book_plan_restore(Ctx *c, const Account *a, const LedgerPost *post, Move *ret_move) {
    LedgerEntry taken;
    bool found = false;
    TRY(entry_by_source(c, a->kind, str_of(post->of_source), post->of_id, &taken, &found));
    LedgerParts parts = { 0 };
    if (found) TRY(part_list(c, taken.member_id, a->kind, taken.seq, &parts));
    LedgerParts lots = { NEW_LIST(c->arena, LedgerPart, parts.count + 1), 0 };
    LedgerParts backs = { NEW_LIST(c->arena, LedgerPart, parts.count + 1), 0 };
    int64_t left = post->amount;
    for (int64_t i = 0; i < parts.count && left > 0; i++) {
        LedgerPart part = parts.items[i];
        int64_t now = smaller(-part.amount - part.back_amount, left);
        if (now <= 0) continue;
        left -= now;
        part.back_amount = now;
        backs.items[backs.count++] = part;
        int64_t expires_at = part.expires_at >= c->now ? part.expires_at : post->grace_at;
        if (expires_at > 0) lots_add(&lots, expires_at, now);
    }
    if (left > 0) {
        fail_number(c, "over", left);
        return fail(c, E_CONFLICT, "ledger.restore_over", "退回的比当时用掉的多 %lld", "%lld more than was taken then",
                    (long long)left);
    }
    *ret_move = book_plan_credit_lots(c, a, lots);
    ret_move->back_member_id = taken.member_id;
    ret_move->backs = backs;
    return OK;
}

/* ---- debits ---- */

Err book_expire(Ctx *c, int64_t member_id, Account *a, int64_t *ret_amount, int64_t *ret_first_at) {
    LedgerLots lots = { 0 };
    *ret_first_at = 0;
    int64_t sum = 0;
    do {
        TRY(lot_list(c, member_id, a->kind, 0, LOTS_AT_ONCE, &lots));
        for (int64_t i = 0; i < lots.count && lots.items[i].expires_at < c->now; i++) {
            const LedgerLot *lot = &lots.items[i];
            LedgerPost post = { .source = "expire",
                                .source_id = id_new(c),
                                .detail = arena_print(c->arena, "{\"expires_at\":%lld}", (long long)lot->expires_at) };
            Move move = { .delta = -lot->left_amount, .lot_at = lot->expires_at };
            LedgerPosted posted;
            TRY(book_write(c, member_id, a, &post, &move, &posted));
            if (sum == 0) *ret_first_at = lot->expires_at;
            sum += lot->left_amount;
        }
    } while (lots.count == LOTS_AT_ONCE && lots.items[lots.count - 1].expires_at < c->now);
    *ret_amount = sum;
    return OK;
}

static void part_take(Ctx *c, LedgerParts *parts, int64_t *room, const LedgerLot *lot, int64_t *left) {
    int64_t amount = smaller(lot->left_amount, *left);
    if (amount <= 0) return;
    if (parts->count == *room) {
        int64_t more = *room == 0 ? 4 : *room * 2;
        LedgerPart *items = NEW_LIST(c->arena, LedgerPart, more);
        if (parts->count > 0) memcpy(items, parts->items, (size_t)parts->count * sizeof *items);
        parts->items = items;
        *room = more;
    }
    parts->items[parts->count++] = (LedgerPart){ .expires_at = lot->expires_at, .amount = -amount };
    *left -= amount;
}

static Err plan_lots(Ctx *c, int64_t member_id, const Account *a, const LedgerPost *post, int64_t take, Move *move) {
    int64_t room = 0, left = take, preferred = 0;
    if (post->of_source != NULL) {
        LedgerEntry given;
        LedgerLot lot;
        bool found = false;
        TRY(entry_by_source(c, a->kind, str_of(post->of_source), post->of_id, &given, &found));
        if (found && given.lot_at != 0) {
            preferred = given.lot_at;
            TRY(lot_find(c, member_id, a->kind, preferred, &lot, &found));
            if (found) part_take(c, &move->parts, &room, &lot, &left);
        }
    }
    int64_t after = 0;
    while (left > 0) {
        LedgerLots lots = { 0 };
        TRY(lot_list(c, member_id, a->kind, after, LOTS_AT_ONCE, &lots));
        if (lots.count == 0)
            return fail(c, E_INTERNAL, "ledger.books", "账目不符，请联系管理员",
                        "the books do not agree; see laoke check");
        for (int64_t i = 0; i < lots.count && left > 0; i++)
            if (lots.items[i].expires_at != preferred) part_take(c, &move->parts, &room, &lots.items[i], &left);
        after = lots.items[lots.count - 1].expires_at;
    }
    parts_sort(&move->parts);
    return OK;
}

Err book_plan_debit(Ctx *c, int64_t member_id, Account *a, const LedgerPost *post, Move *ret_move) {
    int64_t need = -post->amount, expired = 0, first_at = 0;
    if (a->has_lots) TRY(book_expire(c, member_id, a, &expired, &first_at));
    if (expired > 0 && post->kind != NULL && post->kind->expired != NULL)
        TRY(post->kind->expired(c, a->kind, member_id, first_at, expired));
    int64_t take = smaller(need, a->balance);
    if (take < need && post->on_short == LEDGER_REFUSE) {
        fail_number(c, "need", need);
        fail_number(c, "have", a->balance);
        fail_number(c, "short", need - a->balance);
        if (post->kind != NULL && post->kind->refuse_short != NULL)
            return post->kind->refuse_short(c, need, a->balance);
        return fail(c, E_CONFLICT, "ledger.short", "余额不足，还差 %lld", "%lld short", (long long)(need - a->balance));
    }
    *ret_move = (Move){ .delta = -take, .delta_debt = need - take };
    if (a->has_lots && take > 0) TRY(plan_lots(c, member_id, a, post, take, ret_move));
    return OK;
}
