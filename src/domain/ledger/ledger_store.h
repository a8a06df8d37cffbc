/* SQL of the ledger; private to this folder. Every write of an account happens while its row is locked by
 * account_lock(). */
#pragma once
#include "domain/ledger/ledger.h"

enum { LINK_LEN = MAC_LEN, LOTS_AT_ONCE = 64 };

/* The account as the unit sees and changes it; written back once by account_save(). */
typedef struct Account {
    Str kind; bool has_lots;
    int64_t balance, debt, reserved, pending, entry_count;
    Bytes head;
} Account;

/* One lot's share of an entry: + put in, - taken out. `back_amount`: how much of what was taken has been given back
 * since. */
typedef struct LedgerPart { int64_t seq, expires_at, amount, back_amount; } LedgerPart;
typedef LIST_OF(LedgerPart) LedgerParts;
extern const Fields ledger_part_fields;

/* The row with its link, as the chain sees it. */
typedef struct LinkedEntry { LedgerEntry e; Bytes link; } LinkedEntry;
extern const Fields linked_entry_fields;

/* Locks the accounts of one member, making the missing ones; `accounts` hold kind and has_lots and are filled. */
Err account_lock(Ctx *c, int64_t member_id, Account *accounts, int64_t count);
Err account_save(Ctx *c, int64_t member_id, const Account *accounts, int64_t count);
Err account_find(Ctx *c, int64_t member_id, Str kind, LedgerAccount *ret_account);
Err account_list(Ctx *c, int64_t member_id, LedgerAccounts *ret_list);
/* Account rows, unlocked, in the order in which everybody locks them: points before growth. */
Err account_kinds(Ctx *c, int64_t member_id, ListAny *ret_accounts);
Err lots_due_sum(Ctx *c, int64_t member_id, Str kind, int64_t now, int64_t *ret_sum);

Err entry_insert(Ctx *c, const LinkedEntry *entry, bool *ret_new);
/* Two accounts of one member at once; same source, instant, actor. */
Err entry_insert_pair(Ctx *c, const LinkedEntry *first, const LinkedEntry *second, bool *ret_new_first,
                      bool *ret_new_second);
Err entry_is_there(Ctx *c, int64_t member_id, Str kind, Str source, int64_t source_id, bool *ret_there);
Err entry_by_source(Ctx *c, Str kind, Str source, int64_t source_id, LedgerEntry *ret_entry, bool *ret_found);
Err entry_page(Ctx *c, int64_t member_id, Str kind, int64_t before, int64_t most, LedgerEntries *ret_list);
Err entry_last_seq(Ctx *c, int64_t member_id, Str kind, int64_t at, int64_t *ret_seq);
Err entry_range(Ctx *c, int64_t member_id, Str kind, int64_t from_seq, int64_t to_seq, LedgerEntries *ret_list);
Err entry_debt_until(Ctx *c, int64_t member_id, Str kind, int64_t to_seq, int64_t *ret_debt);
Err entry_blank_reasons(Ctx *c, int64_t member_id);
Err entry_each(Ctx *c, Err (*each)(Ctx *c, void *row, void *arg), void *arg);  /* all of the merchant, in chain order */

Err part_insert(Ctx *c, int64_t member_id, Str kind, const LedgerPart *part);
Err part_list(Ctx *c, int64_t member_id, Str kind, int64_t seq, LedgerParts *ret_list);        /* latest expiry first */
Err part_give_back(Ctx *c, int64_t member_id, Str kind, int64_t seq, int64_t expires_at, int64_t amount);

Err lot_put(Ctx *c, int64_t member_id, Str kind, int64_t expires_at, int64_t amount);
Err lot_take(Ctx *c, int64_t member_id, Str kind, int64_t expires_at, int64_t amount);
Err lot_list(Ctx *c, int64_t member_id, Str kind, int64_t after, int64_t most, LedgerLots *ret_list);
Err lot_find(Ctx *c, int64_t member_id, Str kind, int64_t expires_at, LedgerLot *ret_lot, bool *ret_found);
Err lot_expiring_sum(Ctx *c, int64_t member_id, Str kind, int64_t now, int64_t until, int64_t *ret_sum);
Err lot_due_list(Ctx *c, Str kind, int64_t now, int64_t most, LedgerExpiredList *ret_list);
Err lot_expiring_list(Ctx *c, Str kind, int64_t until, int64_t after_at, int64_t after_member_id, int64_t most,
                      LedgerExpiredList *ret_list);

Err hold_insert(Ctx *c, const LedgerHold *hold, bool *ret_new);
Err hold_find(Ctx *c, Str kind, Str source, int64_t source_id, LedgerHold *ret_hold, bool *ret_found);
/* Moves the state (and adds to taken_amount) if it is still `hold->state`; moved false when another unit was first. */
Err hold_move(Ctx *c, const LedgerHold *hold, LedgerHoldState to, int64_t taken_more, bool *ret_moved);
Err hold_list_open(Ctx *c, int64_t member_id, Str kind, LedgerHolds *ret_list);
Err hold_list_due(Ctx *c, Str kind, LedgerHoldState state, int64_t now, int64_t most, LedgerHolds *ret_list);
/* Open ones change hands; merge_id marks them for the way back (only_merge_id 0 = all). The sums of what moved come
 * back. */
typedef struct HoldSums { int64_t reserved, pending; } HoldSums;
Err hold_change_hands(Ctx *c, int64_t from_id, int64_t into_id, Str kind, int64_t only_merge_id, int64_t set_merge_id,
                      HoldSums *ret_sums);
