/* Two members become one, and may part again: value moves by paired entries under the merge id, never by rewriting
 * rows. */
#include "domain/ledger/ledger_book.h"
#include "domain/ledger/ledger_merge.h"

static LedgerPost post_of(const MergeInfo *m, const char *source) {
    return (LedgerPost){ .source = source, .source_id = m->merge_id };
}

/* Both accounts of one kind, locked in the order of member ids. */
static Err open_both(Ctx *c, const MergeInfo *m, const LedgerKind *kind, Book *from, Book *into) {
    if (m->from_id < m->into_id) TRY(book_open(c, m->from_id, kind, from));
    TRY(book_open(c, m->into_id, kind, into));
    if (m->from_id > m->into_id) TRY(book_open(c, m->from_id, kind, from));
    return OK;
}

static Err lots_of(Ctx *c, int64_t member_id, Str kind, LedgerParts *ret_lots) {
    LedgerLots lots = { 0 };
    TRY(lot_list(c, member_id, kind, 0, INT32_MAX, &lots));
    ret_lots->items = NEW_LIST(c->arena, LedgerPart, lots.count + 1);
    for (ret_lots->count = 0; ret_lots->count < lots.count; ret_lots->count++) {
        const LedgerLot *lot = &lots.items[ret_lots->count];
        ret_lots->items[ret_lots->count] = (LedgerPart){ .expires_at = lot->expires_at, .amount = lot->left_amount };
    }
    return OK;
}

static LedgerParts negated(Ctx *c, LedgerParts parts) {
    LedgerParts out = { NEW_LIST(c->arena, LedgerPart, parts.count + 1), parts.count };
    for (int64_t i = 0; i < parts.count; i++) { /* latest expiry first, as the chain wants them */
        out.items[i] = parts.items[parts.count - 1 - i];
        out.items[i].amount = -out.items[i].amount;
    }
    return out;
}

static Err merge_value(Ctx *c, const MergeInfo *m, Book *from, Book *into) {
    Account *a = &from->accounts[0], *b = &into->accounts[0];
    int64_t expired = 0, first_at = 0, debt = a->debt;
    LedgerParts lots = { 0 };
    LedgerPosted posted;
    if (a->has_lots) {
        TRY(book_expire(c, m->from_id, a, &expired, &first_at));
        TRY(lots_of(c, m->from_id, a->kind, &lots));
    }
    int64_t balance = a->balance;
    if (balance == 0 && debt == 0) return OK;
    LedgerPost out = post_of(m, "merge.out"), in = post_of(m, "merge.in");
    Move leave = { .delta = -balance, .delta_debt = -debt, .parts = negated(c, lots) };
    TRY(book_write(c, m->from_id, a, &out, &leave, &posted));
    Move enter;
    in.amount = balance - debt;
    in.on_short = LEDGER_RECORD;
    if (in.amount < 0)
        TRY(book_plan_debit(c, m->into_id, b, &in, &enter));
    else if (b->has_lots)
        enter = book_plan_credit_lots(c, b, lots);
    else
        enter = book_plan_credit(b, balance, 0);
    TRY(book_write(c, m->into_id, b, &in, &enter, &posted));
    merge_note(m, "ledger", arena_cstr(c->arena, a->kind), balance - debt);
    return OK;
}

Err ledger_merge(Ctx *c, const MergeInfo *m) {
    ListAny kinds = { 0 };
    TRY(account_kinds(c, m->from_id, &kinds));
    for (int64_t i = 0; i < kinds.count; i++) {
        const Account *account = (const Account *)kinds.items + i;
        LedgerKind kind = { .name = account->kind, .has_lots = account->has_lots };
        Book from, into;
        HoldSums sums;
        TRY(open_both(c, m, &kind, &from, &into));
        TRY(merge_value(c, m, &from, &into));
        TRY(hold_change_hands(c, m->from_id, m->into_id, kind.name, 0, m->merge_id, &sums));
        from.accounts[0].reserved -= sums.reserved;
        from.accounts[0].pending -= sums.pending;
        into.accounts[0].reserved += sums.reserved;
        into.accounts[0].pending += sums.pending;
        TRY(book_save(c, &from));
        TRY(book_save(c, &into));
    }
    return OK;
}

/* ---- and back ---- */

typedef struct Moved {
    LedgerEntry out, in;
    bool found_out, found_in;
} Moved;

/* What went in must still be there, save what paid a debt: that debt comes back. */
static Err need_unspent(Ctx *c, const Moved *moved, const Account *into) {
    int64_t value = -moved->out.delta, absorbed = moved->in.delta >= 0 ? -moved->in.delta_debt : 0;
    int64_t short_by = value - absorbed - into->balance;
    if (short_by <= 0) return OK;
    fail_number(c, "moved", value);
    fail_number(c, "spent", short_by);
    return fail(c, E_CONFLICT, "ledger.merge_spent", "并入的 %lld 已用掉 %lld，不能拆分",
                "of the %lld that moved %lld are spent", (long long)value, (long long)short_by);
}

static Err back_from_into(Ctx *c, const MergeInfo *m, const Moved *moved, Account *b) {
    int64_t value = -moved->out.delta, debt = -moved->out.delta_debt;
    LedgerPost post = post_of(m, "unmerge.out");
    LedgerPosted posted;
    Move move;
    post.amount = debt - value;
    post.on_short = LEDGER_RECORD;
    post.of_source = "merge.in";
    post.of_id = m->merge_id;
    post.grace_at = c->now;
    if (post.amount < 0)
        TRY(book_plan_debit(c, m->into_id, b, &post, &move));
    else {
        /* A debt leaves again: first the part that still stands, then what the balance had paid for it goes back to
         * its lots. */
        int64_t standing = debt < b->debt ? debt : b->debt;
        post.amount = debt - standing;
        move = (Move){ 0 };
        b->debt -= standing; /* what goes back to the lots must not pay the part that leaves */
        if (post.amount > 0 && b->has_lots)
            TRY(book_plan_restore(c, b, &post, &move));
        else
            move.delta = post.amount;
        b->debt += standing;
        move.delta_debt -= standing;
    }
    return book_write(c, m->into_id, b, &post, &move, &posted);
}

static Err back_to_from(Ctx *c, const MergeInfo *m, const Moved *moved, Account *a) {
    LedgerPost post = post_of(m, "unmerge.in");
    LedgerPosted posted;
    LedgerParts parts = { 0 };
    Move move = { .delta = -moved->out.delta };
    if (moved->out.delta != 0 && a->has_lots) {
        TRY(part_list(c, moved->out.member_id, a->kind, moved->out.seq, &parts));
        for (int64_t i = 0; i < parts.count; i++) {
            parts.items[i].amount = -parts.items[i].amount;
            parts.items[i].back_amount = 0;
        }
        move = book_plan_credit_lots(c, a, parts);
    }
    move.delta_debt += -moved->out.delta_debt;
    return book_write(c, m->from_id, a, &post, &move, &posted);
}

Err ledger_unmerge(Ctx *c, const MergeInfo *m) {
    ListAny kinds = { 0 };
    TRY(account_kinds(c, m->from_id, &kinds));
    for (int64_t i = 0; i < kinds.count; i++) {
        const Account *account = (const Account *)kinds.items + i;
        LedgerKind kind = { .name = account->kind, .has_lots = account->has_lots };
        Book from, into;
        Moved moved;
        HoldSums sums;
        TRY(open_both(c, m, &kind, &from, &into));
        TRY(entry_by_source(c, kind.name, S("merge.out"), m->merge_id, &moved.out, &moved.found_out));
        TRY(entry_by_source(c, kind.name, S("merge.in"), m->merge_id, &moved.in, &moved.found_in));
        if (moved.found_out && moved.found_in) {
            TRY(need_unspent(c, &moved, &into.accounts[0]));
            TRY(back_from_into(c, m, &moved, &into.accounts[0]));
            TRY(back_to_from(c, m, &moved, &from.accounts[0]));
            merge_note(m, "ledger", arena_cstr(c->arena, kind.name), -moved.out.delta + moved.out.delta_debt);
        }
        TRY(hold_change_hands(c, m->into_id, m->from_id, kind.name, m->merge_id, 0, &sums));
        into.accounts[0].reserved -= sums.reserved;
        into.accounts[0].pending -= sums.pending;
        from.accounts[0].reserved += sums.reserved;
        from.accounts[0].pending += sums.pending;
        TRY(book_save(c, &from));
        TRY(book_save(c, &into));
    }
    return OK;
}
