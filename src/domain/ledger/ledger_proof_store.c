/* The invariants of the ledger, as functions over a read snapshot of one merchant. */
#include <string.h>
#include "domain/ledger/ledger_proof.h"
#include "domain/ledger/ledger_book.h"

enum { PROOF_PAGE = 1000 };

/* An entry with what its account says. */
typedef struct ProofRow {
    LedgerEntry e;
    Bytes link, head;
    bool has_lots;
    int64_t balance, debt, entry_count;
} ProofRow;

static const Field proof_field[] = {
    FIELD_ID(LedgerEntry, member_id),
    FIELD(LedgerEntry, kind),
    FIELD(LedgerEntry, seq),
    FIELD(LedgerEntry, delta),
    FIELD(LedgerEntry, delta_debt),
    FIELD(LedgerEntry, balance_after),
    FIELD(LedgerEntry, source),
    FIELD_ID(LedgerEntry, source_id),
    FIELD(LedgerEntry, actor),
    FIELD_ID(LedgerEntry, actor_id),
    FIELD_ID(LedgerEntry, shop_id),
    FIELD(LedgerEntry, at),
    FIELD(LedgerEntry, lot_at),
    FIELD_JSON(LedgerEntry, detail),
    FIELD(ProofRow, link),
    FIELD(ProofRow, head),
    FIELD(ProofRow, has_lots),
    FIELD(ProofRow, balance),
    FIELD(ProofRow, debt),
    FIELD(ProofRow, entry_count),
};
static const Fields proof_fields = FIELDS(ProofRow, proof_field);

/* Where the walk stands inside one account; copied out of the arena, which is emptied between pages. */
typedef struct Walk {
    int64_t member_id, seq, balance, debt;
    char kind[128];
    int64_t kind_len;
    unsigned char link[LINK_LEN], head[LINK_LEN];
    int64_t want_count, want_balance, want_debt;
    bool is_open, is_told; /* is_told: one finding per account about the chain is enough */
} Walk;

static Str walk_kind(const Walk *w) { return (Str){ w->kind, w->kind_len }; }

static void account_ends(HoldReport *report, const Walk *w) {
    if (!w->is_open) return;
    report->checked++;
    long long member = (long long)w->member_id;
    int kind_len = (int)w->kind_len;
    if (w->seq != w->want_count)
        hold_broken(report,
                    "account %lld %.*s: entries removed or added at the end: account counts %lld, last entry is %lld",
                    member, kind_len, w->kind, (long long)w->want_count, (long long)w->seq);
    else if (!crypto_same(w->link, w->head, LINK_LEN) && !w->is_told)
        hold_broken(report, "account %lld %.*s: head is not the link of the last entry %lld", member, kind_len, w->kind,
                    (long long)w->seq);
    if (w->balance != w->want_balance)
        hold_broken(report, "account %lld %.*s: balance %lld, sum of entries %lld", member, kind_len, w->kind,
                    (long long)w->want_balance, (long long)w->balance);
    if (w->debt != w->want_debt)
        hold_broken(report, "account %lld %.*s: debt %lld, sum of entries %lld", member, kind_len, w->kind,
                    (long long)w->want_debt, (long long)w->debt);
}

static void account_starts(Walk *w, const ProofRow *row) {
    static const unsigned char first_link[LINK_LEN];
    *w = (Walk){ .member_id = row->e.member_id,
                 .is_open = true,
                 .want_count = row->entry_count,
                 .want_balance = row->balance,
                 .want_debt = row->debt };
    w->kind_len = row->e.kind.len < (int64_t)sizeof w->kind ? row->e.kind.len : (int64_t)sizeof w->kind;
    memcpy(w->kind, row->e.kind.at, (size_t)w->kind_len);
    memcpy(w->link, first_link, LINK_LEN);
    if (row->head.len == LINK_LEN) memcpy(w->head, row->head.at, LINK_LEN);
}

static Err entry_is_whole(Ctx *c, HoldReport *report, Walk *w, const ProofRow *row) {
    const LedgerEntry *e = &row->e;
    LedgerParts parts = { 0 };
    unsigned char link[LINK_LEN];
    if (row->has_lots && e->lot_at == 0 && e->delta != 0) TRY(part_list(c, e->member_id, e->kind, e->seq, &parts));
    book_link(c, e, parts, (Bytes){ w->link, LINK_LEN }, link);
    bool is_next = e->seq == w->seq + 1;
    bool is_linked = row->link.len == LINK_LEN && crypto_same(link, row->link.at, LINK_LEN);
    w->seq = e->seq;
    w->balance += e->delta;
    w->debt += e->delta_debt;
    if (row->link.len == LINK_LEN) memcpy(w->link, row->link.at, LINK_LEN);
    if (w->is_told) return OK;
    w->is_told = !is_next || !is_linked || e->balance_after != w->balance;
    if (!is_next)
        hold_broken(report, "account %lld %.*s: entry missing before entry %lld", (long long)e->member_id,
                    (int)w->kind_len, w->kind, (long long)e->seq);
    else if (!is_linked)
        hold_broken(report,
                    "account %lld %.*s: chain broken at entry %lld: it, its parts or the link before were changed",
                    (long long)e->member_id, (int)w->kind_len, w->kind, (long long)e->seq);
    else if (e->balance_after != w->balance)
        hold_broken(report, "account %lld %.*s: entry %lld says balance %lld, entries sum to %lld",
                    (long long)e->member_id, (int)w->kind_len, w->kind, (long long)e->seq, (long long)e->balance_after,
                    (long long)w->balance);
    return OK;
}

static Err hold_chain(Ctx *c, HoldReport *report) {
    Walk w = { 0 };
    ListAny rows = { 0 };
    do {
        ArenaMark mark = arena_mark(c->arena);
        TRY(db_rows(
            c,
            "SELECT e.member_id, e.kind, e.seq, e.delta, e.delta_debt, e.balance_after, e.source, e.source_id, e.actor,"
            " e.actor_id, e.shop_id, e.at, e.lot_at, e.detail, e.link, a.head, a.has_lots, a.balance, a.debt, "
            "a.entry_count"
            " FROM ledger_entry e JOIN ledger_account a ON a.merchant_id = e.merchant_id AND a.member_id = e.member_id"
            " AND a.kind = e.kind WHERE e.merchant_id = $1 AND (e.member_id, e.kind, e.seq) > ($2, $3, $4)"
            " ORDER BY e.member_id, e.kind, e.seq LIMIT $5",
            ARGS(w.member_id, walk_kind(&w), w.seq, PROOF_PAGE), &proof_fields, PROOF_PAGE, &rows));
        for (int64_t i = 0; i < rows.count; i++) {
            const ProofRow *row = (const ProofRow *)rows.items + i;
            if (!w.is_open || row->e.member_id != w.member_id || !str_equal(row->e.kind, walk_kind(&w))) {
                account_ends(report, &w);
                account_starts(&w, row);
            }
            TRY(entry_is_whole(c, report, &w, row));
        }
        arena_back(c->arena, mark);
    } while (rows.count == PROOF_PAGE);
    account_ends(report, &w);
    return OK;
}

static Err hold_entries_have_account(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM ledger_account WHERE merchant_id = $1",
        "SELECT a.member_id AS id, a.entry_count AS want, 0 AS have FROM ledger_account a WHERE a.merchant_id = $1"
        " AND (a.entry_count > 0 OR a.balance > 0 OR a.debt > 0) AND NOT EXISTS (SELECT 1 FROM ledger_entry e"
        " WHERE e.merchant_id = a.merchant_id AND e.member_id = a.member_id AND e.kind = a.kind)"
        " UNION ALL SELECT e.member_id AS id, 0 AS want, CAST(COUNT(*) AS BIGINT) AS have FROM ledger_entry e"
        " WHERE e.merchant_id = $1 AND NOT EXISTS (SELECT 1 FROM ledger_account a WHERE a.merchant_id = e.merchant_id"
        " AND a.member_id = e.member_id AND a.kind = e.kind) GROUP BY e.member_id");
}

static Err hold_balance_is_lots(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM ledger_account WHERE merchant_id = $1 AND has_lots = 1",
        "SELECT a.member_id AS id, CAST(COALESCE(l.total, 0) AS BIGINT) AS want, a.balance AS have FROM ledger_account "
        "a"
        " LEFT JOIN (SELECT member_id, kind, SUM(left_amount) AS total FROM ledger_lot WHERE merchant_id = $1"
        " GROUP BY member_id, kind) l ON l.member_id = a.member_id AND l.kind = a.kind"
        " WHERE a.merchant_id = $1 AND a.has_lots = 1 AND a.balance <> COALESCE(l.total, 0)");
}

static Err hold_lots_are_moves(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM ledger_lot WHERE merchant_id = $1",
        "SELECT m.member_id AS id, CAST(SUM(m.moved) AS BIGINT) AS want, CAST(SUM(m.have) AS BIGINT) AS have FROM ("
        "SELECT member_id, kind, expires_at, 0 AS moved, left_amount AS have FROM ledger_lot WHERE merchant_id = $1"
        " UNION ALL SELECT member_id, kind, lot_at, delta, 0 FROM ledger_entry WHERE merchant_id = $1 AND lot_at <> 0"
        " UNION ALL SELECT member_id, kind, expires_at, amount, 0 FROM ledger_part WHERE merchant_id = $1) m"
        " GROUP BY m.member_id, m.kind, m.expires_at HAVING SUM(m.moved) <> SUM(m.have)");
}

static Err hold_reserved_is_holds(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM ledger_hold WHERE merchant_id = $1 AND state IN ('reserved', 'pending')",
        "SELECT m.member_id AS id, CAST(SUM(m.want) AS BIGINT) AS want, CAST(SUM(m.have) AS BIGINT) AS have FROM ("
        "SELECT member_id, kind, 'reserved' AS what, reserved AS have, 0 AS want FROM ledger_account WHERE merchant_id "
        "= $1"
        " UNION ALL SELECT member_id, kind, 'pending', pending, 0 FROM ledger_account WHERE merchant_id = $1"
        " UNION ALL SELECT member_id, kind, state, 0, amount - taken_amount FROM ledger_hold WHERE merchant_id = $1"
        " AND state IN ('reserved', 'pending')) m GROUP BY m.member_id, m.kind, m.what HAVING SUM(m.want) <> "
        "SUM(m.have)");
}

static Err hold_no_balance_beside_debt(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report, "SELECT COUNT(*) FROM ledger_account WHERE merchant_id = $1 AND debt > 0",
                       "SELECT member_id AS id, debt AS want, balance AS have FROM ledger_account"
                       " WHERE merchant_id = $1 AND debt > 0 AND balance > 0");
}

const Hold ledger_holds[LEDGER_HOLD_COUNT] = {
    { "ledger.chain_is_whole_and_sums_to_the_account", hold_chain },
    { "ledger.every_entry_has_its_account", hold_entries_have_account },
    { "ledger.balance_is_sum_of_lots", hold_balance_is_lots },
    { "ledger.lots_are_what_entries_moved", hold_lots_are_moves },
    { "ledger.reserved_and_pending_are_sums_of_open_holds", hold_reserved_is_holds },
    { "ledger.no_balance_beside_a_debt", hold_no_balance_beside_debt },
};
