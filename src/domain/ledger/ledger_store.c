#include "domain/ledger/ledger_store.h"
#include <assert.h>

#define ACCOUNT_COLUMNS "member_id, kind, balance, debt, reserved, pending, entry_count, updated_at"
#define ENTRY_COLUMNS \
    "member_id, kind, seq, delta, delta_debt, balance_after, source, source_id, actor, actor_id, shop_id, at, lot_at," \
    " detail, reason"
#define HOLD_COLUMNS \
    "member_id, kind, source, source_id, amount, taken_amount, state, due_at, at, entry_member_id, entry_seq, detail"

const char *const ledger_hold_states[] = {
    "reserved", "consumed", "released", "pending", "matured", "cancelled", NULL
};

static const Field account_field[] = {
    FIELD(Account, kind),     FIELD(Account, has_lots), FIELD(Account, balance),     FIELD(Account, debt),
    FIELD(Account, reserved), FIELD(Account, pending),  FIELD(Account, entry_count), FIELD(Account, head),
};
static const Fields account_fields = FIELDS(Account, account_field);

static const Field ledger_account_field[] = {
    FIELD_ID(LedgerAccount, member_id), FIELD(LedgerAccount, kind),       FIELD(LedgerAccount, balance),
    FIELD(LedgerAccount, debt),         FIELD(LedgerAccount, reserved),   FIELD(LedgerAccount, pending),
    FIELD(LedgerAccount, entry_count),  FIELD(LedgerAccount, updated_at),
};
const Fields ledger_account_fields = FIELDS(LedgerAccount, ledger_account_field);

#define ENTRY_FIELDS                                                                                                   \
    FIELD_ID(LedgerEntry, member_id), FIELD(LedgerEntry, kind), FIELD(LedgerEntry, seq), FIELD(LedgerEntry, delta),    \
        FIELD(LedgerEntry, delta_debt, .skip_zero = true), FIELD(LedgerEntry, balance_after),                          \
        FIELD(LedgerEntry, source), FIELD_ID(LedgerEntry, source_id), FIELD(LedgerEntry, actor),                       \
        FIELD_ID(LedgerEntry, actor_id, .skip_zero = true), FIELD_ID(LedgerEntry, shop_id, .skip_zero = true),         \
        FIELD(LedgerEntry, at),                                                                                        \
        FIELD(LedgerEntry, lot_at, .skip_zero = true, .about = "expiry of the lot this entry moved, when it is one"),  \
        FIELD_JSON(LedgerEntry, detail, .skip_zero = true),                                                            \
        FIELD(LedgerEntry, reason, .skip_zero = true, .is_personal = true)
static const Field ledger_entry_field[] = { ENTRY_FIELDS };
const Fields ledger_entry_fields = FIELDS(LedgerEntry, ledger_entry_field);

/* The entry stands first in LinkedEntry, so its offsets hold there too. */
static const Field linked_entry_field[] = { ENTRY_FIELDS, FIELD(LinkedEntry, link) };
const Fields linked_entry_fields = FIELDS(LinkedEntry, linked_entry_field);

static const Field ledger_lot_field[] = {
    FIELD(LedgerLot, expires_at, .about = "9223372036854775807 = never"),
    FIELD(LedgerLot, given_amount),
    FIELD(LedgerLot, left_amount),
    FIELD(LedgerLot, first_at),
};
const Fields ledger_lot_fields = FIELDS(LedgerLot, ledger_lot_field);

static const Field ledger_part_field[] = {
    FIELD(LedgerPart, seq),
    FIELD(LedgerPart, expires_at),
    FIELD(LedgerPart, amount),
    FIELD(LedgerPart, back_amount),
};
const Fields ledger_part_fields = FIELDS(LedgerPart, ledger_part_field);

static const Field ledger_hold_field[] = {
    FIELD_ID(LedgerHold, member_id),
    FIELD(LedgerHold, kind),
    FIELD(LedgerHold, source),
    FIELD_ID(LedgerHold, source_id),
    FIELD(LedgerHold, amount),
    FIELD(LedgerHold, taken_amount),
    FIELD_ENUM(LedgerHold, state, ledger_hold_states),
    FIELD(LedgerHold, due_at),
    FIELD(LedgerHold, at),
    FIELD_ID(LedgerHold, entry_member_id, .skip_zero = true),
    FIELD(LedgerHold, entry_seq, .skip_zero = true),
    FIELD_JSON(LedgerHold, detail, .skip_zero = true),
};
const Fields ledger_hold_fields = FIELDS(LedgerHold, ledger_hold_field);

static const Field expired_field[] = {
    FIELD_ID(LedgerExpired, member_id),
    FIELD(LedgerExpired, kind),
    FIELD(LedgerExpired, expires_at),
    FIELD(LedgerExpired, amount),
};
static const Fields expired_fields = FIELDS(LedgerExpired, expired_field);

/* ---- accounts ---- */

static const unsigned char first_link[LINK_LEN];

static Bytes link_before_all(void) { return (Bytes){ first_link, LINK_LEN }; }

/* One statement locks or creates, on both engines; two accounts of a member go in one. */
Err account_lock(Ctx *c, int64_t member_id, Account *accounts, int64_t count) {
    if (count == 2) {
        ListAny rows = { 0 };
        TRY(db_rows(
            c,
            "INSERT INTO ledger_account (merchant_id, member_id, kind, has_lots, balance, debt, reserved, pending,"
            " entry_count, head, updated_at)"
            " VALUES ($1, $2, $3, $4, 0, 0, 0, 0, 0, $7, $8), ($1, $2, $5, $6, 0, 0, 0, 0, 0, $7, $8)"
            " ON CONFLICT (merchant_id, member_id, kind) DO UPDATE SET balance = ledger_account.balance"
            " RETURNING kind, has_lots, balance, debt, reserved, pending, entry_count, head",
            ARGS(member_id, accounts[0].kind, accounts[0].has_lots, accounts[1].kind, accounts[1].has_lots,
                 link_before_all(), c->now),
            &account_fields, 2, &rows));
        assert(rows.count == 2);
        const Account *row = rows.items;
        bool is_swapped = !str_equal(row[0].kind, accounts[0].kind);
        accounts[0] = row[is_swapped];
        accounts[1] = row[!is_swapped];
        return OK;
    }
    for (int64_t i = 0; i < count; i++)
        TRY(db_row(
            c,
            "INSERT INTO ledger_account (merchant_id, member_id, kind, has_lots, balance, debt, reserved, pending,"
            " entry_count, head, updated_at) VALUES ($1, $2, $3, $4, 0, 0, 0, 0, 0, $5, $6)"
            " ON CONFLICT (merchant_id, member_id, kind) DO UPDATE SET balance = ledger_account.balance"
            " RETURNING kind, has_lots, balance, debt, reserved, pending, entry_count, head",
            ARGS(member_id, accounts[i].kind, accounts[i].has_lots, link_before_all(), c->now), &account_fields,
            &accounts[i]));
    return OK;
}

Err account_save(Ctx *c, int64_t member_id, const Account *accounts, int64_t count) {
    const Account *a = accounts, *b = accounts + 1;
    if (count == 2)
        return db_exec(
            c,
            "INSERT INTO ledger_account (merchant_id, member_id, kind, has_lots, balance, debt, reserved, pending,"
            " entry_count, head, updated_at) VALUES ($1, $2, $4, $5, $6, $7, $8, $9, $10, $11, $3),"
            " ($1, $2, $12, $13, $14, $15, $16, $17, $18, $19, $3)"
            " ON CONFLICT (merchant_id, member_id, kind) DO UPDATE SET balance = excluded.balance,"
            " debt = excluded.debt, reserved = excluded.reserved, pending = excluded.pending,"
            " entry_count = excluded.entry_count, head = excluded.head, updated_at = excluded.updated_at",
            ARGS(member_id, c->now, a->kind, a->has_lots, a->balance, a->debt, a->reserved, a->pending, a->entry_count,
                 a->head, b->kind, b->has_lots, b->balance, b->debt, b->reserved, b->pending, b->entry_count, b->head));
    for (int64_t i = 0; i < count; i++, a++)
        TRY(db_exec(
            c,
            "UPDATE ledger_account SET balance = $4, debt = $5, reserved = $6, pending = $7, entry_count = $8, head = "
            "$9,"
            " updated_at = $10 WHERE merchant_id = $1 AND member_id = $2 AND kind = $3",
            ARGS(member_id, a->kind, a->balance, a->debt, a->reserved, a->pending, a->entry_count, a->head, c->now)));
    return OK;
}

Err account_find(Ctx *c, int64_t member_id, Str kind, LedgerAccount *ret_account) {
    bool found = false;
    *ret_account = (LedgerAccount){ .member_id = member_id, .kind = kind };
    return db_find(
        c,
        "SELECT " ACCOUNT_COLUMNS " FROM ledger_account"
        " WHERE merchant_id = $1 AND member_id = $2 AND kind = $3",
        ARGS(member_id, kind), &ledger_account_fields, ret_account, &found);
}

Err account_list(Ctx *c, int64_t member_id, LedgerAccounts *ret_list) {
    ListAny rows = { 0 };
    TRY(db_rows(c,
                "SELECT " ACCOUNT_COLUMNS " FROM ledger_account"
                " WHERE merchant_id = $1 AND member_id = $2 ORDER BY kind",
                ARGS(member_id), &ledger_account_fields, LIST_MAX, &rows));
    ret_list->items = rows.items;
    ret_list->count = rows.count;
    return OK;
}

Err account_kinds(Ctx *c, int64_t member_id, ListAny *ret_accounts) {
    return db_rows(c,
                   "SELECT kind, has_lots, balance, debt, reserved, pending, entry_count, head FROM ledger_account"
                   " WHERE merchant_id = $1 AND member_id = $2 ORDER BY kind DESC",
                   ARGS(member_id), &account_fields, LIST_MAX, ret_accounts);
}

Err lots_due_sum(Ctx *c, int64_t member_id, Str kind, int64_t now, int64_t *ret_sum) {
    return db_int(c,
                  "SELECT CAST(COALESCE(SUM(left_amount), 0) AS BIGINT) FROM ledger_lot"
                  " WHERE merchant_id = $1 AND member_id = $2 AND kind = $3 AND expires_at < $4",
                  ARGS(member_id, kind, now), ret_sum);
}

/* ---- entries ---- */

Err entry_insert(Ctx *c, const LinkedEntry *entry, bool *ret_new) {
    const LedgerEntry *e = &entry->e;
    int64_t changed = 0;
    TRY(db_change(
        c,
        "INSERT INTO ledger_entry (merchant_id, member_id, kind, seq, delta, delta_debt, balance_after, source,"
        " source_id, actor, actor_id, shop_id, at, lot_at, detail, reason, link)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
        " ON CONFLICT (merchant_id, source_id, kind, source, member_id) DO NOTHING",
        ARGS(e->member_id, e->kind, e->seq, e->delta, e->delta_debt, e->balance_after, e->source, e->source_id,
             e->actor, e->actor_id, e->shop_id, e->at, e->lot_at, e->detail, e->reason, entry->link),
        &changed));
    *ret_new = changed == 1;
    return OK;
}

typedef struct KindRow {
    Str kind;
} KindRow;
static const Field kind_field[] = { FIELD(KindRow, kind) };
static const Fields kind_fields = FIELDS(KindRow, kind_field);

Err entry_insert_pair(Ctx *c, const LinkedEntry *first, const LinkedEntry *second, bool *ret_new_first,
                      bool *ret_new_second) {
    const LedgerEntry *e = &first->e, *f = &second->e;
    assert(str_equal(e->source, f->source) && e->source_id == f->source_id && e->member_id == f->member_id);
    ListAny rows = { 0 };
    TRY(db_rows(c,
                "INSERT INTO ledger_entry (merchant_id, member_id, kind, seq, delta, delta_debt, balance_after, source,"
                " source_id, actor, actor_id, shop_id, at, lot_at, detail, reason, link)"
                " VALUES ($1, $2, $9, $10, $11, $12, $13, $3, $4, $5, $6, $7, $8, $14, $15, '', $16),"
                " ($1, $2, $17, $18, $19, $20, $21, $3, $4, $5, $6, $7, $8, $22, $23, '', $24)"
                " ON CONFLICT (merchant_id, source_id, kind, source, member_id) DO NOTHING RETURNING kind",
                ARGS(e->member_id, e->source, e->source_id, e->actor, e->actor_id, e->shop_id, e->at, e->kind, e->seq,
                     e->delta, e->delta_debt, e->balance_after, e->lot_at, e->detail, first->link, f->kind, f->seq,
                     f->delta, f->delta_debt, f->balance_after, f->lot_at, f->detail, second->link),
                &kind_fields, 2, &rows));
    *ret_new_first = *ret_new_second = false;
    for (int64_t i = 0; i < rows.count; i++) {
        bool is_first = str_equal(((const KindRow *)rows.items)[i].kind, e->kind);
        *(is_first ? ret_new_first : ret_new_second) = true;
    }
    return OK;
}

Err entry_is_there(Ctx *c, int64_t member_id, Str kind, Str source, int64_t source_id, bool *ret_there) {
    int64_t seq = 0;
    TRY(db_int(c,
               "SELECT seq FROM ledger_entry WHERE merchant_id = $1 AND source_id = $2 AND kind = $3 AND source = $4"
               " AND member_id = $5",
               ARGS(source_id, kind, source, member_id), &seq));
    *ret_there = seq > 0;
    return OK;
}

Err entry_by_source(Ctx *c, Str kind, Str source, int64_t source_id, LedgerEntry *ret_entry, bool *ret_found) {
    return db_find(
        c,
        "SELECT " ENTRY_COLUMNS " FROM ledger_entry"
        " WHERE merchant_id = $1 AND source_id = $2 AND kind = $3 AND source = $4 ORDER BY at, member_id LIMIT 1",
        ARGS(source_id, kind, source), &ledger_entry_fields, ret_entry, ret_found);
}

static Err entries_into(const ListAny *rows, LedgerEntries *ret_list) {
    ret_list->items = rows->items;
    ret_list->count = rows->count;
    return OK;
}

Err entry_page(Ctx *c, int64_t member_id, Str kind, int64_t before, int64_t most, LedgerEntries *ret_list) {
    ListAny rows = { 0 };
    TRY(db_rows(c,
                "SELECT " ENTRY_COLUMNS " FROM ledger_entry"
                " WHERE merchant_id = $1 AND member_id = $2 AND kind = $3 AND seq < $4 ORDER BY seq DESC LIMIT $5",
                ARGS(member_id, kind, before > 0 ? before : INT64_MAX, most), &ledger_entry_fields, most, &rows));
    return entries_into(&rows, ret_list);
}

Err entry_last_seq(Ctx *c, int64_t member_id, Str kind, int64_t at, int64_t *ret_seq) {
    return db_int(c,
                  "SELECT seq FROM ledger_entry WHERE merchant_id = $1 AND member_id = $2 AND kind = $3 AND at <= $4"
                  " ORDER BY seq DESC LIMIT 1",
                  ARGS(member_id, kind, at), ret_seq);
}

Err entry_range(Ctx *c, int64_t member_id, Str kind, int64_t from_seq, int64_t to_seq, LedgerEntries *ret_list) {
    ListAny rows = { 0 };
    TRY(db_rows(c,
                "SELECT " ENTRY_COLUMNS " FROM ledger_entry WHERE merchant_id = $1 AND member_id = $2 AND kind = $3"
                " AND seq >= $4 AND seq <= $5 ORDER BY seq",
                ARGS(member_id, kind, from_seq, to_seq), &ledger_entry_fields, LEDGER_WHY_MAX, &rows));
    return entries_into(&rows, ret_list);
}

Err entry_debt_until(Ctx *c, int64_t member_id, Str kind, int64_t to_seq, int64_t *ret_debt) {
    return db_int(c,
                  "SELECT CAST(COALESCE(SUM(delta_debt), 0) AS BIGINT) FROM ledger_entry"
                  " WHERE merchant_id = $1 AND member_id = $2 AND kind = $3 AND seq <= $4",
                  ARGS(member_id, kind, to_seq), ret_debt);
}

Err entry_blank_reasons(Ctx *c, int64_t member_id) {
    return db_exec(c, "UPDATE ledger_entry SET reason = '' WHERE merchant_id = $1 AND member_id = $2 AND reason <> ''",
                   ARGS(member_id));
}

Err entry_each(Ctx *c, Err (*each)(Ctx *c, void *row, void *arg), void *arg) {
    return db_each(
        c,
        "SELECT " ENTRY_COLUMNS ", link FROM ledger_entry WHERE merchant_id = $1 ORDER BY member_id, kind, seq",
        NO_ARGS, &linked_entry_fields, each, arg);
}

/* ---- parts ---- */

Err part_insert(Ctx *c, int64_t member_id, Str kind, const LedgerPart *part) {
    return db_exec(c,
                   "INSERT INTO ledger_part (merchant_id, member_id, kind, seq, expires_at, amount, back_amount)"
                   " VALUES ($1, $2, $3, $4, $5, $6, 0)",
                   ARGS(member_id, kind, part->seq, part->expires_at, part->amount));
}

Err part_list(Ctx *c, int64_t member_id, Str kind, int64_t seq, LedgerParts *ret_list) {
    ListAny rows = { 0 };
    TRY(db_rows(c,
                "SELECT seq, expires_at, amount, back_amount FROM ledger_part"
                " WHERE merchant_id = $1 AND member_id = $2 AND kind = $3 AND seq = $4 ORDER BY expires_at DESC",
                ARGS(member_id, kind, seq), &ledger_part_fields, INT64_MAX, &rows));
    ret_list->items = rows.items;
    ret_list->count = rows.count;
    return OK;
}

Err part_give_back(Ctx *c, int64_t member_id, Str kind, int64_t seq, int64_t expires_at, int64_t amount) {
    return db_exec(c,
                   "UPDATE ledger_part SET back_amount = back_amount + $6"
                   " WHERE merchant_id = $1 AND member_id = $2 AND kind = $3 AND seq = $4 AND expires_at = $5",
                   ARGS(member_id, kind, seq, expires_at, amount));
}

/* ---- lots ---- */

Err lot_put(Ctx *c, int64_t member_id, Str kind, int64_t expires_at, int64_t amount) {
    return db_exec(
        c,
        "INSERT INTO ledger_lot (merchant_id, member_id, kind, expires_at, given_amount, left_amount, first_at)"
        " VALUES ($1, $2, $3, $4, $5, $5, $6) ON CONFLICT (merchant_id, member_id, kind, expires_at) DO UPDATE"
        " SET given_amount = ledger_lot.given_amount + excluded.given_amount,"
        " left_amount = ledger_lot.left_amount + excluded.left_amount",
        ARGS(member_id, kind, expires_at, amount, c->now));
}

Err lot_take(Ctx *c, int64_t member_id, Str kind, int64_t expires_at, int64_t amount) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE ledger_lot SET left_amount = left_amount - $5"
                  " WHERE merchant_id = $1 AND member_id = $2 AND kind = $3 AND expires_at = $4 AND left_amount >= $5",
                  ARGS(member_id, kind, expires_at, amount), &changed));
    if (changed != 1)
        return fail(c, E_INTERNAL, "ledger.books", "账目不符，请联系管理员", "the books do not agree; see laoke check");
    return OK;
}

static Err lots_into(const ListAny *rows, LedgerLots *ret_list) {
    ret_list->items = rows->items;
    ret_list->count = rows->count;
    return OK;
}

Err lot_list(Ctx *c, int64_t member_id, Str kind, int64_t after, int64_t most, LedgerLots *ret_list) {
    ListAny rows = { 0 };
    TRY(db_rows(c,
                "SELECT expires_at, given_amount, left_amount, first_at FROM ledger_lot"
                " WHERE merchant_id = $1 AND member_id = $2 AND kind = $3 AND expires_at > $4 AND left_amount > 0"
                " ORDER BY expires_at LIMIT $5",
                ARGS(member_id, kind, after, most), &ledger_lot_fields, most, &rows));
    return lots_into(&rows, ret_list);
}

Err lot_find(Ctx *c, int64_t member_id, Str kind, int64_t expires_at, LedgerLot *ret_lot, bool *ret_found) {
    return db_find(c,
                   "SELECT expires_at, given_amount, left_amount, first_at FROM ledger_lot"
                   " WHERE merchant_id = $1 AND member_id = $2 AND kind = $3 AND expires_at = $4",
                   ARGS(member_id, kind, expires_at), &ledger_lot_fields, ret_lot, ret_found);
}

Err lot_expiring_sum(Ctx *c, int64_t member_id, Str kind, int64_t now, int64_t until, int64_t *ret_sum) {
    return db_int(c,
                  "SELECT CAST(COALESCE(SUM(left_amount), 0) AS BIGINT) FROM ledger_lot"
                  " WHERE merchant_id = $1 AND member_id = $2 AND kind = $3 AND expires_at >= $4 AND expires_at <= $5",
                  ARGS(member_id, kind, now, until), ret_sum);
}

static Err expired_into(const ListAny *rows, LedgerExpiredList *ret_list) {
    ret_list->items = rows->items;
    ret_list->count = rows->count;
    return OK;
}

Err lot_due_list(Ctx *c, Str kind, int64_t now, int64_t most, LedgerExpiredList *ret_list) {
    ListAny rows = { 0 };
    TRY(db_rows(c,
                "SELECT member_id, kind, expires_at, left_amount AS amount FROM ledger_lot"
                " WHERE merchant_id = $1 AND kind = $2 AND expires_at < $3 AND left_amount > 0"
                " AND expires_at < 9223372036854775807 ORDER BY expires_at, member_id LIMIT $4",
                ARGS(kind, now, most), &expired_fields, most, &rows));
    return expired_into(&rows, ret_list);
}

Err lot_expiring_list(Ctx *c, Str kind, int64_t until, int64_t after_at, int64_t after_member_id, int64_t most,
                      LedgerExpiredList *ret_list) {
    ListAny rows = { 0 };
    TRY(db_rows(c,
                "SELECT member_id, kind, expires_at, left_amount AS amount FROM ledger_lot"
                " WHERE merchant_id = $1 AND kind = $2 AND expires_at <= $3 AND (expires_at, member_id) > ($4, $5)"
                " AND left_amount > 0 AND expires_at < 9223372036854775807 ORDER BY expires_at, member_id LIMIT $6",
                ARGS(kind, until, after_at, after_member_id, most), &expired_fields, most, &rows));
    return expired_into(&rows, ret_list);
}

/* ---- holds ---- */

Err hold_insert(Ctx *c, const LedgerHold *hold, bool *ret_new) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "INSERT INTO ledger_hold (merchant_id, source_id, kind, source, member_id, amount, taken_amount, "
                  "state, due_at, at,"
                  " entry_member_id, entry_seq, merge_id, detail) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $10, "
                  "$11, 0, $12)"
                  " ON CONFLICT (merchant_id, source_id, kind, source, member_id) DO NOTHING",
                  ARGS(hold->source_id, hold->kind, hold->source, hold->member_id, hold->amount,
                       ledger_hold_states[hold->state], hold->due_at, c->now, hold->entry_member_id, hold->entry_seq,
                       hold->detail),
                  &changed));
    *ret_new = changed == 1;
    return OK;
}

Err hold_find(Ctx *c, Str kind, Str source, int64_t source_id, LedgerHold *ret_hold, bool *ret_found) {
    return db_find(c,
                   "SELECT " HOLD_COLUMNS
                   " FROM ledger_hold WHERE merchant_id = $1 AND source_id = $2 AND kind = $3 AND source = $4"
                   " ORDER BY member_id LIMIT 1",
                   ARGS(source_id, kind, source), &ledger_hold_fields, ret_hold, ret_found);
}

Err hold_move(Ctx *c, const LedgerHold *hold, LedgerHoldState to, int64_t taken_more, bool *ret_moved) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "UPDATE ledger_hold SET state = $7, taken_amount = taken_amount + $8 WHERE merchant_id = $1 AND source_id = $2"
        " AND kind = $3 AND source = $4 AND member_id = $5 AND state = $6 AND taken_amount = $9",
        ARGS(hold->source_id, hold->kind, hold->source, hold->member_id, ledger_hold_states[hold->state],
             ledger_hold_states[to], taken_more, hold->taken_amount),
        &changed));
    *ret_moved = changed == 1;
    return OK;
}

static Err holds_into(const ListAny *rows, LedgerHolds *ret_list) {
    ret_list->items = rows->items;
    ret_list->count = rows->count;
    return OK;
}

Err hold_list_open(Ctx *c, int64_t member_id, Str kind, LedgerHolds *ret_list) {
    ListAny rows = { 0 };
    TRY(db_rows(c,
                "SELECT " HOLD_COLUMNS " FROM ledger_hold WHERE merchant_id = $1 AND member_id = $2 AND kind = $3"
                " AND state IN ('reserved', 'pending') ORDER BY due_at, source_id LIMIT $4",
                ARGS(member_id, kind, LIST_MAX), &ledger_hold_fields, LIST_MAX, &rows));
    return holds_into(&rows, ret_list);
}

Err hold_list_due(Ctx *c, Str kind, LedgerHoldState state, int64_t now, int64_t most, LedgerHolds *ret_list) {
    ListAny rows = { 0 };
    TRY(db_rows(c,
                "SELECT " HOLD_COLUMNS " FROM ledger_hold WHERE merchant_id = $1 AND kind = $2 AND due_at <= $3"
                " AND state IN ('reserved', 'pending') AND state = $4 ORDER BY due_at LIMIT $5",
                ARGS(kind, now, ledger_hold_states[state], most), &ledger_hold_fields, most, &rows));
    return holds_into(&rows, ret_list);
}

static const Field hold_sums_field[] = { FIELD(HoldSums, reserved), FIELD(HoldSums, pending) };
static const Fields hold_sums_fields = FIELDS(HoldSums, hold_sums_field);

Err hold_change_hands(Ctx *c, int64_t from_id, int64_t into_id, Str kind, int64_t only_merge_id, int64_t set_merge_id,
                      HoldSums *ret_sums) {
    TRY(db_row(
        c,
        "SELECT CAST(COALESCE(SUM(CASE WHEN state = 'reserved' THEN amount ELSE 0 END), 0) AS BIGINT) AS reserved,"
        " CAST(COALESCE(SUM(CASE WHEN state = 'pending' THEN amount - taken_amount ELSE 0 END), 0) AS BIGINT) AS "
        "pending"
        " FROM ledger_hold WHERE merchant_id = $1 AND member_id = $2 AND kind = $3 AND state IN ('reserved', 'pending')"
        " AND (CAST($4 AS BIGINT) = 0 OR merge_id = $4)",
        ARGS(from_id, kind, only_merge_id), &hold_sums_fields, ret_sums));
    return db_exec(
        c,
        "UPDATE ledger_hold SET member_id = $5, merge_id = $6 WHERE merchant_id = $1 AND member_id = $2 AND kind = $3"
        " AND state IN ('reserved', 'pending') AND (CAST($4 AS BIGINT) = 0 OR merge_id = $4)",
        ARGS(from_id, kind, only_merge_id, into_id, set_merge_id));
}
