/* ledger - 账本: the one mechanism under points, growth, principal, gift and times: account, lot, entry, each of a
 * kind.
 *
 * Owns:   ledger_account, ledger_entry, ledger_part, ledger_lot, ledger_hold
 * Units:  amounts in the unit of their kind (points, fen, times), whole; *_at unix ms; a lot that never expires has
 *         LEDGER_NEVER
 * Calls:  nobody
 * Emits:  nothing
 * Holds:  account.balance == SUM(entry.delta) == SUM(lot.left_amount); account.debt == SUM(entry.delta_debt); a lot
 *         is what its entries put in and took out; reserved and pending == SUM of open holds; no balance beside a
 *         debt; every link of the chain is the HMAC of its entry and the link before, the last one is the account's
 *         head
 * Errors: ledger.short, ledger.restore_over, ledger.hold_closed, ledger.hold_unknown, ledger.hold_moving,
 *         ledger.merge_spent, ledger.books
 *
 * Nothing is overwritten: every value moves by an appended entry whose natural key (source, source_id) is unique per
 * account for ever, so a thing counts once however often it is posted. Balance, lots and open holds are caches that
 * the Holds prove.
 *
 * The slices above hold rules only: what a kind is called, when it earns, what a shortfall means. A shortfall: what
 * a claw-back could not find in the balance becomes debt; every later credit pays the debt first, as part of its own
 * entry. So balance and debt are never both above zero, and "allow negative" is the same debt shown with a minus. */
#pragma once
#include "app/app.h"

#define LEDGER_NEVER INT64_MAX
enum { LEDGER_BATCH_MAX = 4, LEDGER_WHY_MAX = 500, LEDGER_SOURCE_MAX = 40 };
#define LEDGER_AMOUNT_MAX 1000000000000

/* What a kind of value is. Given by the slice above; `refuse_short` puts a shortfall into that slice's words (NULL:
 * ledger.short). */
typedef struct LedgerKind {
    /* stored with every row: "points", "growth"; further point types "points:KEY" */
    Str name;
    bool has_lots;                          /* values expire and are spent lot by lot */
    Err (*refuse_short)(Ctx *c, int64_t need, int64_t have);
    /* Told when a debit met lots past their time before the job came by, and expired them; NULL: nobody hears. What
     * the job does comes back from ledger_expire(). */
    Err (*expired)(Ctx *c, Str kind, int64_t member_id, int64_t expires_at, int64_t amount);
} LedgerKind;

typedef enum LedgerShort {
    LEDGER_REFUSE,                          /* a debit beyond the balance is refused */
    LEDGER_RECORD,                          /* clamp at zero, the rest becomes debt that later credits absorb */
} LedgerShort;

/* One movement. amount > 0 credits, < 0 debits; 0 posts nothing and answers with the account as it stands, locked. */
typedef struct LedgerPost {
    const LedgerKind *kind;
    int64_t member_id, amount;
    const char *source; int64_t source_id;  /* natural key within the account: "order.earn" + order id */
    int64_t expires_at;                     /* credit: its lot; 0 = never */
    /* credit: > c->now makes it pending (no entry yet); LEDGER_NEVER = until ledger_mature() */
    int64_t due_at;
    LedgerShort on_short;                   /* debit */
    /* credit: give back what that debit took, into the very lots; debit: take first from the lot this credit gave */
    const char *of_source; int64_t of_id;
    /* credit with of_source: lots that expired meanwhile come back until then; 0 = they stay gone */
    int64_t grace_at;
    Str detail;                             /* JSON object: rule breakdown. In the chain, so nothing personal */
    Str reason;                             /* a person's words. Outside the chain; blanked by erasure */
} LedgerPost;

typedef struct LedgerPosted {
    bool is_duplicate;                      /* this natural key was posted before; nothing moved now */
    bool is_pending;                        /* became a pending grant */
    int64_t seq;                            /* number of the entry in its account; 0 = none */
    int64_t delta, delta_debt;              /* amount == delta - delta_debt for credits and recorded shortfalls */
    int64_t balance, debt, reserved, pending;   /* of the account afterwards */
} LedgerPosted;

/* The one posting function. Atomic with the unit; locks the account first. Kinds of one member are posted together
 * in few statements: list them in a fixed order (points before growth) so that two units never wait for each other
 * crosswise. Refuses a debit beyond the balance (LEDGER_REFUSE) by kind->refuse_short. Lots that are past their time
 * are expired on touch. Posts of different members in one call are refused by assertion: order such calls by
 * ascending member id. */
Err ledger_post(Ctx *c, const LedgerPost *post, LedgerPosted *ret_posted);
Err ledger_post_many(Ctx *c, const LedgerPost *posts, int64_t count, LedgerPosted *ret_posted);

/* ---- reservations and pending grants ---- */
typedef enum LedgerHoldState {
    LEDGER_RESERVED, LEDGER_CONSUMED, LEDGER_RELEASED,      /* taken out of lots for an unpaid order */
    LEDGER_PENDING, LEDGER_MATURED, LEDGER_CANCELLED,       /* promised, not in the balance yet */
} LedgerHoldState;
extern const char *const ledger_hold_states[];
typedef struct LedgerHold {
    int64_t member_id; Str kind; Str source; int64_t source_id;
    int64_t amount, taken_amount;           /* taken_amount: part of a pending grant taken back before it matured */
    LedgerHoldState state;
    int64_t due_at, at, entry_member_id, entry_seq;
    Str detail;
} LedgerHold;
typedef LIST_OF(LedgerHold) LedgerHolds;

/* Takes `-post->amount` out of the lots now (an entry) and keeps it until consume or release; due_at says until
 * when. */
Err ledger_reserve(Ctx *c, const LedgerPost *post, int64_t due_at, LedgerPosted *ret_posted);
/* Spent for good; adds nothing. Again: OK and no effect. E_CONFLICT ledger.hold_closed when it was released. */
Err ledger_consume(Ctx *c, const LedgerKind *kind, const char *source, int64_t source_id);
/* Gives back to the very lots; expired ones come back until grace_at (0: they stay gone). Again: OK and no effect. */
Err ledger_release(Ctx *c, const LedgerKind *kind, const char *source, int64_t source_id, int64_t grace_at);
/* The waiting time is over: posts the entry under the hold's natural key. Again: OK, is_duplicate. */
Err ledger_mature(Ctx *c, const LedgerKind *kind, const char *source, int64_t source_id, int64_t expires_at,
                  LedgerPosted *ret_posted);
/* Takes up to `amount` from a pending grant (all of it: cancelled); ret_taken says how much, 0 when there is no
 * pending grant of that key. */
Err ledger_pending_take(Ctx *c, const LedgerKind *kind, const char *source, int64_t source_id, int64_t amount,
                        int64_t *ret_taken);
/* E_NOT_FOUND ledger.hold_unknown */
Err ledger_hold_read(Ctx *c, const LedgerKind *kind, const char *source, int64_t source_id, LedgerHold *ret_hold);
Err ledger_holds_open(Ctx *c, int64_t member_id, const LedgerKind *kind, LedgerHolds *ret_list);
/* Open ones of that state (pending or reserved) whose time has come, at most `most`. What reserved for an order
 * releases it itself. */
Err ledger_holds_due(Ctx *c, const LedgerKind *kind, LedgerHoldState state, int64_t most, LedgerHolds *ret_list);

/* ---- reading ---- */
typedef struct LedgerAccount {
    int64_t member_id; Str kind;
    /* what can be spent now: lots past their time are not counted, even before the job came by */
    int64_t balance;
    int64_t debt, reserved, pending, entry_count, updated_at;
} LedgerAccount;
typedef LIST_OF(LedgerAccount) LedgerAccounts;
/* all zero when there is none */
Err ledger_account(Ctx *c, int64_t member_id, const LedgerKind *kind, LedgerAccount *ret_account);
/* The same as it stands in the books: lots past their time are counted until they are expired. */
Err ledger_account_raw(Ctx *c, int64_t member_id, const LedgerKind *kind, LedgerAccount *ret_account);
/* What of the balance is past its time and not expired yet: for who holds the lock and knows the balance. */
Err ledger_past_due(Ctx *c, int64_t member_id, const LedgerKind *kind, int64_t *ret_amount);
Err ledger_accounts(Ctx *c, int64_t member_id, LedgerAccounts *ret_list);
Err ledger_expiring(Ctx *c, int64_t member_id, const LedgerKind *kind, int64_t until, int64_t *ret_amount);

typedef struct LedgerLot { int64_t expires_at, given_amount, left_amount, first_at; } LedgerLot;
typedef LIST_OF(LedgerLot) LedgerLots;
/* with something left, earliest first */
Err ledger_lots(Ctx *c, int64_t member_id, const LedgerKind *kind, LedgerLots *ret_list);

typedef struct LedgerEntry {
    int64_t member_id; Str kind;
    int64_t seq, delta, delta_debt, balance_after;
    Str source; int64_t source_id;
    Str actor; int64_t actor_id, shop_id, at, lot_at;
    Str detail, reason;
} LedgerEntry;
typedef LIST_OF(LedgerEntry) LedgerEntries;
extern const Fields ledger_entry_fields, ledger_account_fields, ledger_lot_fields, ledger_hold_fields;
/* Newest first, before seq `before` (0 = from the newest). */
Err ledger_entries(Ctx *c, int64_t member_id, const LedgerKind *kind, int64_t before, int64_t most,
                   LedgerEntries *ret_list);
/* The entry of a natural key, whoever holds the account now; found false when there is none. */
Err ledger_entry_of(Ctx *c, const LedgerKind *kind, const char *source, int64_t source_id, LedgerEntry *ret_entry,
                    bool *ret_found);

/* "Why is my balance 327?" Every line up to `at` (0 = now), oldest first, the running balance with it. Past
 * LEDGER_WHY_MAX lines the older ones are summed into `before`. */
typedef struct LedgerWhy { int64_t at, before_count, before_balance, balance, debt; LedgerEntries lines; } LedgerWhy;
Err ledger_why(Ctx *c, int64_t member_id, const LedgerKind *kind, int64_t at, LedgerWhy *ret_why);

/* ---- expiry: one bounded batch; one expire entry per lot; source "expire" ---- */
typedef struct LedgerExpired { int64_t member_id; Str kind; int64_t expires_at, amount; } LedgerExpired;
typedef LIST_OF(LedgerExpired) LedgerExpiredList;
/* Expires at most `most` lots of `kind` whose time is past; what it did comes back for events. */
Err ledger_expire(Ctx *c, const LedgerKind *kind, int64_t most, LedgerExpiredList *ret_done);
/* Lots with something left that expire up to `until`, after the position (after_at, after_member_id); for warnings. */
Err ledger_expiring_list(Ctx *c, const LedgerKind *kind, int64_t until, int64_t after_at, int64_t after_member_id,
                         int64_t most, LedgerExpiredList *ret_list);

/* ---- opening balances (imports) ---- */
/* Any members and kinds; posted in the order of member ids, so that two batches never wait for each other crosswise. */
Err ledger_post_batch(Ctx *c, const LedgerPost *posts, int64_t count, LedgerPosted *ret_posted);
