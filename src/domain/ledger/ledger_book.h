/* How an entry is written: private to this folder. A Move is planned on the locked account in memory, then written
 * once. */
#pragma once
#include "domain/ledger/ledger_store.h"

typedef struct Move {
    int64_t delta, delta_debt;
    int64_t lot_at;                         /* the one lot that moves by `delta`; 0 = `parts` say which, or none */
    /* amount signed; debits always have them, so that a give-back finds the lots */
    LedgerParts parts;
    /* parts of an earlier debit that this credit gives back: back_amount = how much now */
    int64_t back_member_id; LedgerParts backs;
} Move;

/* One account of the member, locked; and the whole of what is needed to write it back. */
typedef struct Book { int64_t member_id; Account accounts[LEDGER_BATCH_MAX]; int64_t count; } Book;
Err book_open(Ctx *c, int64_t member_id, const LedgerKind *kind, Book *ret_book);       /* of one kind */
Err book_save(Ctx *c, const Book *book);

/* HMAC over the content (nothing personal: reason stays out), its parts and the link before. */
void book_link(Ctx *c, const LedgerEntry *entry, LedgerParts parts, Bytes before, unsigned char ret_link[LINK_LEN]);

/* Fills the row for `move` on the account as it stands; nothing is written. */
void book_entry(Ctx *c, int64_t member_id, const Account *a, const LedgerPost *post, const Move *move,
                LinkedEntry *ret_entry);
/* After the entry stands: parts, lots, and the account in memory. */
Err book_apply(Ctx *c, int64_t member_id, Account *a, const Move *move, const LinkedEntry *entry,
               LedgerPosted *ret_posted);
/* Entry and what follows from it; is_duplicate when the natural key was there. */
Err book_write(Ctx *c, int64_t member_id, Account *a, const LedgerPost *post, const Move *move,
               LedgerPosted *ret_posted);

Move book_plan_credit(const Account *a, int64_t amount, int64_t expires_at);            /* one lot */
/* Several lots (they come back sorted). The debt is paid first, from the lots that would expire first. */
Move book_plan_credit_lots(Ctx *c, const Account *a, LedgerParts lots);
/* Gives back what the debit (source, id) took: latest expiry first, so that what expires soonest stays used. */
Err book_plan_restore(Ctx *c, const Account *a, const LedgerPost *post, Move *ret_move);
/* Expires what is past its time, then takes from the preferred lot, then earliest expiry first. */
Err book_plan_debit(Ctx *c, int64_t member_id, Account *a, const LedgerPost *post, Move *ret_move);
/* One expire entry per lot past its time. */
Err book_expire(Ctx *c, int64_t member_id, Account *a, int64_t *ret_amount, int64_t *ret_first_at);

void book_answer(const Account *a, LedgerPosted *ret_posted);
