#include <assert.h>
#include "domain/ledger/ledger_book.h"

/* ---- posting ---- */

static Account *account_of(Book *book, Str kind) {
    for (int64_t i = 0; i < book->count; i++)
        if (str_equal(book->accounts[i].kind, kind)) return &book->accounts[i];
    return NULL;
}

static bool is_waiting(const Ctx *c, const LedgerPost *p) { return p->amount > 0 && p->due_at > c->now; }

/* What needs no reading before it is written: a credit into one lot. */
static bool is_plain(const Ctx *c, const LedgerPost *p) {
    return p->amount > 0 && p->of_source == NULL && !is_waiting(c, p);
}

static Err post_pending(Ctx *c, Account *a, const LedgerPost *post, LedgerPosted *ret_posted) {
    LedgerHold hold = { .member_id = post->member_id,
                        .kind = a->kind,
                        .source = str_of(post->source),
                        .source_id = post->source_id,
                        .amount = post->amount,
                        .state = LEDGER_PENDING,
                        .due_at = post->due_at,
                        .detail = post->detail };
    bool is_new = false;
    TRY(hold_insert(c, &hold, &is_new));
    if (is_new) a->pending += post->amount;
    *ret_posted = (LedgerPosted){ .is_duplicate = !is_new, .is_pending = is_new };
    return OK;
}

static Err post_one(Ctx *c, Account *a, const LedgerPost *post, LedgerPosted *ret_posted) {
    *ret_posted = (LedgerPosted){ 0 };
    if (post->amount == 0) return OK;
    if (is_waiting(c, post)) return post_pending(c, a, post, ret_posted);
    Move move;
    if (is_plain(c, post)) {
        move = book_plan_credit(a, post->amount, post->expires_at);
        return book_write(c, post->member_id, a, post, &move, ret_posted);
    }
    /* Whatever reads lots first must know first whether it is a repetition: the second time the lots look different. */
    bool is_there = false;
    TRY(entry_is_there(c, post->member_id, a->kind, str_of(post->source), post->source_id, &is_there));
    if (is_there) {
        ret_posted->is_duplicate = true;
        return OK;
    }
    if (post->amount > 0)
        TRY(book_plan_restore(c, a, post, &move));
    else
        TRY(book_plan_debit(c, post->member_id, a, post, &move));
    return book_write(c, post->member_id, a, post, &move, ret_posted);
}

/* Points and growth of one order: two plain credits on two accounts, one statement for both entries. */
static bool is_pair(const Ctx *c, const LedgerPost *p, const LedgerPost *q) {
    return is_plain(c, p) && is_plain(c, q) && !str_equal(p->kind->name, q->kind->name) && p->reason.len == 0 &&
           q->reason.len == 0 && p->source_id == q->source_id && str_is(str_of(p->source), q->source);
}

static Err post_pair(Ctx *c, Book *book, const LedgerPost *posts, LedgerPosted *ret_posted) {
    LinkedEntry entries[2];
    Move moves[2];
    Account *accounts[2];
    bool is_new[2] = { false, false };
    for (int i = 0; i < 2; i++) {
        accounts[i] = account_of(book, posts[i].kind->name);
        moves[i] = book_plan_credit(accounts[i], posts[i].amount, posts[i].expires_at);
        book_entry(c, book->member_id, accounts[i], &posts[i], &moves[i], &entries[i]);
    }
    TRY(entry_insert_pair(c, &entries[0], &entries[1], &is_new[0], &is_new[1]));
    for (int i = 0; i < 2; i++) {
        ret_posted[i] = (LedgerPosted){ .is_duplicate = !is_new[i] };
        if (is_new[i]) TRY(book_apply(c, book->member_id, accounts[i], &moves[i], &entries[i], &ret_posted[i]));
    }
    return OK;
}

Err ledger_post_many(Ctx *c, const LedgerPost *posts, int64_t count, LedgerPosted *ret_posted) {
    assert(count >= 1 && count <= LEDGER_BATCH_MAX);
    Book book = { .member_id = posts[0].member_id };
    assert(book.member_id != 0);
    for (int64_t i = 0; i < count; i++) {
        const LedgerPost *p = &posts[i];
        assert(p->member_id == book.member_id && p->amount >= -LEDGER_AMOUNT_MAX && p->amount <= LEDGER_AMOUNT_MAX);
        if (account_of(&book, p->kind->name) != NULL) continue;
        book.accounts[book.count++] = (Account){ .kind = p->kind->name, .has_lots = p->kind->has_lots };
    }
    /* Also where nothing moves: whoever shows the answered balance elsewhere shows it under this lock. */
    TRY(account_lock(c, book.member_id, book.accounts, book.count));
    for (int64_t i = 0; i < count; i++) {
        if (i + 1 < count && is_pair(c, &posts[i], &posts[i + 1])) {
            TRY(post_pair(c, &book, &posts[i], &ret_posted[i]));
            i++;
            continue;
        }
        TRY(post_one(c, account_of(&book, posts[i].kind->name), &posts[i], &ret_posted[i]));
    }
    bool has_moved = false;
    for (int64_t i = 0; i < count; i++) has_moved = has_moved || ret_posted[i].seq > 0 || ret_posted[i].is_pending;
    if (has_moved) TRY(book_save(c, &book));
    for (int64_t i = 0; i < count; i++) book_answer(account_of(&book, posts[i].kind->name), &ret_posted[i]);
    return OK;
}

Err ledger_post(Ctx *c, const LedgerPost *post, LedgerPosted *ret_posted) {
    return ledger_post_many(c, post, 1, ret_posted);
}

Err ledger_post_batch(Ctx *c, const LedgerPost *posts, int64_t count, LedgerPosted *ret_posted) {
    /* Locks are taken in the order of member ids, so that two batches never wait for each other crosswise. */
    int64_t *order = NEW_LIST(c->arena, int64_t, count);
    for (int64_t i = 0; i < count; i++) order[i] = i;
    for (int64_t width = 1; width < count; width *= 2) {
        int64_t *merged = NEW_LIST(c->arena, int64_t, count);
        for (int64_t from = 0; from < count; from += 2 * width) {
            int64_t a = from, a_end = from + width < count ? from + width : count;
            int64_t b = a_end, b_end = a_end + width < count ? a_end + width : count;
            for (int64_t at = from; at < b_end; at++) {
                bool is_first = a < a_end && (b >= b_end || posts[order[a]].member_id <= posts[order[b]].member_id);
                merged[at] = is_first ? order[a++] : order[b++];
            }
        }
        order = merged;
    }
    for (int64_t i = 0; i < count; i++) TRY(ledger_post(c, &posts[order[i]], &ret_posted[order[i]]));
    return OK;
}

Err ledger_past_due(Ctx *c, int64_t member_id, const LedgerKind *kind, int64_t *ret_amount) {
    *ret_amount = 0;
    return kind->has_lots ? lots_due_sum(c, member_id, kind->name, c->now, ret_amount) : OK;
}

/* ---- expiry ---- */

Err ledger_expire(Ctx *c, const LedgerKind *kind, int64_t most, LedgerExpiredList *ret_done) {
    LedgerExpiredList due = { 0 };
    TRY(lot_due_list(c, kind->name, c->now, most, &due));
    /* Ascending members, as every unit locks them. */
    for (int64_t i = 1; i < due.count; i++)
        for (int64_t k = i; k > 0 && due.items[k - 1].member_id > due.items[k].member_id; k--) {
            LedgerExpired swap = due.items[k];
            due.items[k] = due.items[k - 1];
            due.items[k - 1] = swap;
        }
    ret_done->items = NEW_LIST(c->arena, LedgerExpired, due.count + 1);
    ret_done->count = 0;
    for (int64_t i = 0; i < due.count; i++) {
        if (i > 0 && due.items[i].member_id == due.items[i - 1].member_id) continue;
        Book book;
        LedgerExpired done = due.items[i];
        int64_t first_at = 0;
        TRY(book_open(c, done.member_id, kind, &book));
        TRY(book_expire(c, done.member_id, &book.accounts[0], &done.amount, &first_at));
        TRY(book_save(c, &book));
        if (done.amount > 0) ret_done->items[ret_done->count++] = done;
    }
    return OK;
}

Err ledger_expiring_list(Ctx *c, const LedgerKind *kind, int64_t until, int64_t after_at, int64_t after_member_id,
                         int64_t most, LedgerExpiredList *ret_list) {
    return lot_expiring_list(c, kind->name, until, after_at, after_member_id, most, ret_list);
}

/* ---- reading ---- */

Err ledger_account(Ctx *c, int64_t member_id, const LedgerKind *kind, LedgerAccount *ret_account) {
    int64_t due = 0;
    TRY(account_find(c, member_id, kind->name, ret_account));
    if (kind->has_lots && ret_account->balance > 0) TRY(lots_due_sum(c, member_id, kind->name, c->now, &due));
    ret_account->balance -= due;
    return OK;
}

Err ledger_account_raw(Ctx *c, int64_t member_id, const LedgerKind *kind, LedgerAccount *ret_account) {
    return account_find(c, member_id, kind->name, ret_account);
}

Err ledger_accounts(Ctx *c, int64_t member_id, LedgerAccounts *ret_list) {
    TRY(account_list(c, member_id, ret_list));
    for (int64_t i = 0; i < ret_list->count; i++) {
        int64_t due = 0;
        TRY(lots_due_sum(c, member_id, ret_list->items[i].kind, c->now, &due));
        ret_list->items[i].balance -= due;
    }
    return OK;
}

Err ledger_expiring(Ctx *c, int64_t member_id, const LedgerKind *kind, int64_t until, int64_t *ret_amount) {
    return lot_expiring_sum(c, member_id, kind->name, c->now, until, ret_amount);
}

Err ledger_lots(Ctx *c, int64_t member_id, const LedgerKind *kind, LedgerLots *ret_list) {
    return lot_list(c, member_id, kind->name, c->now - 1, LIST_MAX, ret_list);
}

Err ledger_entries(Ctx *c, int64_t member_id, const LedgerKind *kind, int64_t before, int64_t most,
                   LedgerEntries *ret_list) {
    return entry_page(c, member_id, kind->name, before, most, ret_list);
}

Err ledger_entry_of(Ctx *c, const LedgerKind *kind, const char *source, int64_t source_id, LedgerEntry *ret_entry,
                    bool *ret_found) {
    return entry_by_source(c, kind->name, str_of(source), source_id, ret_entry, ret_found);
}

Err ledger_why(Ctx *c, int64_t member_id, const LedgerKind *kind, int64_t at, LedgerWhy *ret_why) {
    int64_t last = 0;
    *ret_why = (LedgerWhy){ .at = at > 0 ? at : c->now };
    TRY(entry_last_seq(c, member_id, kind->name, ret_why->at, &last));
    if (last == 0) return OK;
    int64_t first = last > LEDGER_WHY_MAX ? last - LEDGER_WHY_MAX + 1 : 1;
    TRY(entry_range(c, member_id, kind->name, first, last, &ret_why->lines));
    TRY(entry_debt_until(c, member_id, kind->name, last, &ret_why->debt));
    ret_why->before_count = first - 1;
    if (ret_why->lines.count == 0) return OK;
    const LedgerEntry *oldest = &ret_why->lines.items[0], *newest = &ret_why->lines.items[ret_why->lines.count - 1];
    ret_why->before_balance = oldest->balance_after - oldest->delta;
    ret_why->balance = newest->balance_after;
    return OK;
}
