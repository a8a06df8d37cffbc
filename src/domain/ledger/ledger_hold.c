#include <assert.h>
#include "domain/ledger/ledger_book.h"

/* Reads the hold, locks its account, and reads again: between the two another unit may have closed it or changed its
 * owner. */
static Err hold_open(Ctx *c, const LedgerKind *kind, const char *source, int64_t source_id, Book *book,
                     LedgerHold *ret_hold, bool *ret_found) {
    enum { TRIES = 3 };
    for (int i = 0; i < TRIES; i++) {
        TRY(hold_find(c, kind->name, str_of(source), source_id, ret_hold, ret_found));
        if (!*ret_found) return OK;
        int64_t owner = ret_hold->member_id;
        TRY(book_open(c, owner, kind, book));
        TRY(hold_find(c, kind->name, str_of(source), source_id, ret_hold, ret_found));
        if (*ret_found && ret_hold->member_id == owner) return OK;
    }
    return fail(c, E_BUSY, "ledger.hold_moving", "会员正在合并，请稍后再试", "the member is being merged; try again");
}

static Err refuse_unknown(Ctx *c) {
    return fail(c, E_NOT_FOUND, "ledger.hold_unknown", "没有这笔冻结或待入账", "no such reservation or pending grant");
}

static Err refuse_closed(Ctx *c, const LedgerHold *hold) {
    return fail(c, E_CONFLICT, "ledger.hold_closed", "这笔冻结或待入账已结束（%s）", "already closed: %s",
                ledger_hold_states[hold->state]);
}

static Err move_or_busy(Ctx *c, const LedgerHold *hold, LedgerHoldState to, int64_t taken_more) {
    bool moved = false;
    TRY(hold_move(c, hold, to, taken_more, &moved));
    if (!moved)
        return fail(c, E_BUSY, "ledger.hold_moving", "会员正在合并，请稍后再试",
                    "the member is being merged; try again");
    return OK;
}

Err ledger_reserve(Ctx *c, const LedgerPost *post, int64_t due_at, LedgerPosted *ret_posted) {
    assert(post->amount < 0 && post->on_short == LEDGER_REFUSE);
    Book book;
    Move move;
    bool is_there = false, is_new = false;
    TRY(book_open(c, post->member_id, post->kind, &book));
    Account *a = &book.accounts[0];
    TRY(entry_is_there(c, post->member_id, a->kind, str_of(post->source), post->source_id, &is_there));
    *ret_posted = (LedgerPosted){ .is_duplicate = is_there };
    if (!is_there) {
        TRY(book_plan_debit(c, post->member_id, a, post, &move));
        TRY(book_write(c, post->member_id, a, post, &move, ret_posted));
        LedgerHold hold = { .member_id = post->member_id,
                            .kind = a->kind,
                            .source = str_of(post->source),
                            .source_id = post->source_id,
                            .amount = -post->amount,
                            .state = LEDGER_RESERVED,
                            .due_at = due_at,
                            .entry_member_id = post->member_id,
                            .entry_seq = ret_posted->seq,
                            .detail = post->detail };
        TRY(hold_insert(c, &hold, &is_new));
        if (!is_new) return refuse_closed(c, &hold);
        a->reserved += -post->amount;
        TRY(book_save(c, &book));
    }
    book_answer(a, ret_posted);
    return OK;
}

Err ledger_consume(Ctx *c, const LedgerKind *kind, const char *source, int64_t source_id) {
    Book book;
    LedgerHold hold;
    bool found = false;
    TRY(hold_open(c, kind, source, source_id, &book, &hold, &found));
    if (!found) return refuse_unknown(c);
    if (hold.state == LEDGER_CONSUMED) return OK;
    if (hold.state != LEDGER_RESERVED) return refuse_closed(c, &hold);
    TRY(move_or_busy(c, &hold, LEDGER_CONSUMED, 0));
    book.accounts[0].reserved -= hold.amount;
    return book_save(c, &book);
}

Err ledger_release(Ctx *c, const LedgerKind *kind, const char *source, int64_t source_id, int64_t grace_at) {
    Book book;
    LedgerHold hold;
    LedgerPosted posted;
    Move move;
    bool found = false;
    TRY(hold_open(c, kind, source, source_id, &book, &hold, &found));
    if (!found) return refuse_unknown(c);
    if (hold.state == LEDGER_RELEASED) return OK;
    if (hold.state != LEDGER_RESERVED) return refuse_closed(c, &hold);
    TRY(move_or_busy(c, &hold, LEDGER_RELEASED, 0));
    Account *a = &book.accounts[0];
    Str name = arena_print(c->arena, "%s.release", source);
    LedgerPost post = { .kind = kind,
                        .member_id = hold.member_id,
                        .amount = hold.amount,
                        .source = name.at,
                        .source_id = source_id,
                        .of_source = source,
                        .of_id = source_id,
                        .grace_at = grace_at };
    if (a->has_lots)
        TRY(book_plan_restore(c, a, &post, &move));
    else
        move = book_plan_credit(a, hold.amount, 0);
    a->reserved -= hold.amount;
    TRY(book_write(c, hold.member_id, a, &post, &move, &posted));
    return book_save(c, &book);
}

Err ledger_mature(Ctx *c, const LedgerKind *kind, const char *source, int64_t source_id, int64_t expires_at,
                  LedgerPosted *ret_posted) {
    Book book;
    LedgerHold hold;
    bool found = false;
    TRY(hold_open(c, kind, source, source_id, &book, &hold, &found));
    if (!found) return refuse_unknown(c);
    Account *a = &book.accounts[0];
    if (hold.state == LEDGER_MATURED) {
        *ret_posted = (LedgerPosted){ .is_duplicate = true };
        book_answer(a, ret_posted);
        return OK;
    }
    if (hold.state != LEDGER_PENDING) return refuse_closed(c, &hold);
    TRY(move_or_busy(c, &hold, LEDGER_MATURED, 0));
    int64_t amount = hold.amount - hold.taken_amount;
    LedgerPost post = { .kind = kind,
                        .member_id = hold.member_id,
                        .amount = amount,
                        .source = source,
                        .source_id = source_id,
                        .expires_at = expires_at,
                        .detail = hold.detail };
    Move move = book_plan_credit(a, amount, expires_at);
    a->pending -= amount;
    TRY(book_write(c, hold.member_id, a, &post, &move, ret_posted));
    TRY(book_save(c, &book));
    book_answer(a, ret_posted);
    return OK;
}

Err ledger_pending_take(Ctx *c, const LedgerKind *kind, const char *source, int64_t source_id, int64_t amount,
                        int64_t *ret_taken) {
    assert(amount > 0);
    Book book;
    LedgerHold hold;
    bool found = false;
    /* Nearly always there is none: look without a lock first. What is not pending now will never be. */
    TRY(hold_find(c, kind->name, str_of(source), source_id, &hold, &found));
    *ret_taken = 0;
    if (!found || hold.state != LEDGER_PENDING) return OK;
    TRY(hold_open(c, kind, source, source_id, &book, &hold, &found));
    if (!found || hold.state != LEDGER_PENDING) return OK;
    int64_t left = hold.amount - hold.taken_amount;
    int64_t taken = amount < left ? amount : left;
    TRY(move_or_busy(c, &hold, taken == left ? LEDGER_CANCELLED : LEDGER_PENDING, taken));
    book.accounts[0].pending -= taken;
    *ret_taken = taken;
    return book_save(c, &book);
}

Err ledger_hold_read(Ctx *c, const LedgerKind *kind, const char *source, int64_t source_id, LedgerHold *ret_hold) {
    bool found = false;
    TRY(hold_find(c, kind->name, str_of(source), source_id, ret_hold, &found));
    return found ? OK : refuse_unknown(c);
}

Err ledger_holds_open(Ctx *c, int64_t member_id, const LedgerKind *kind, LedgerHolds *ret_list) {
    return hold_list_open(c, member_id, kind->name, ret_list);
}

Err ledger_holds_due(Ctx *c, const LedgerKind *kind, LedgerHoldState state, int64_t most, LedgerHolds *ret_list) {
    return hold_list_due(c, kind->name, state, c->now, most, ret_list);
}
