/* identity_store - every SQL statement of the identity slice; private to the folder. */
#pragma once
#include "domain/identity/identity.h"

enum { IDENTITY_MAC_LEN = 16, IDENTITIES_PER_MEMBER_MAX = 40 };

typedef struct IdentityRow {
    int64_t identity_id, member_id;
    IdentityKind kind;
    Str provider, app;
    Bytes mac, sealed, tail_mac;
    bool is_main;
    int64_t verified_at, created_at;
} IdentityRow;
typedef LIST_OF(IdentityRow) IdentityRows;

Err identity_insert(Ctx *c, const IdentityRow *row, bool *ret_is_new);
Err identity_owner(Ctx *c, Bytes mac, int64_t *ret_member_id);
Err identity_read(Ctx *c, int64_t member_id, int64_t identity_id, IdentityRow *ret_row, bool *ret_found);
Err identity_rows(Ctx *c, int64_t member_id, IdentityRows *ret_rows);
/* The member's identities, for the rest of the unit: which is the main one, and whether one is the last, is
 * decided behind it. */
Err identity_lock(Ctx *c, int64_t member_id);
Err identity_main(Ctx *c, int64_t member_id, IdentityKind kind, IdentityRow *ret_row, bool *ret_found);
Err identity_sealed_phone(Ctx *c, int64_t member_id, Bytes *ret_sealed);      /* of the main one; empty: none */
Err identity_has_main(Ctx *c, int64_t member_id, IdentityKind kind, bool *ret_has);
Err identity_delete(Ctx *c, const IdentityRow *row);
Err identity_delete_all(Ctx *c, int64_t member_id);
Err identity_move(Ctx *c, const IdentityRow *row, int64_t to_member_id, bool is_main);
Err identity_set_main(Ctx *c, const IdentityRow *row, bool is_main);
Err identity_set_verified(Ctx *c, int64_t member_id, Bytes mac);
Err identity_tail_members(Ctx *c, Bytes tail_mac, int64_t below_member_id, int64_t most, IntList *ret_member_ids);

Err identity_entry_insert(Ctx *c, const IdentityRow *row, const char *action, int64_t merge_id, Str reason);
Err identity_entries(Ctx *c, int64_t member_id, IdentityEntries *ret_entries);
Err identity_entries_of_merge(Ctx *c, int64_t member_id, int64_t merge_id, IdentityEntries *ret_entries);
Err identity_entries_blank(Ctx *c, int64_t member_id);
Err identity_changed_at(Ctx *c, int64_t member_id, int64_t *ret_at);      /* newest phone change; 0 = never */

Err identity_code_put(Ctx *c, CodePurpose purpose, Bytes mac, Bytes code_mac, int64_t expires_at);
/* Takes one try of a living code; found false when there is none, it ran out, was used or has no try left. */
Err identity_code_take(Ctx *c, CodePurpose purpose, Bytes mac, Bytes *ret_code_mac, bool *ret_found);
Err identity_code_use(Ctx *c, CodePurpose purpose, Bytes mac, Bytes code_mac, bool *ret_used);
Err identity_code_purge(Ctx *c, int64_t before);

/* ---- rules shared inside the folder, in identity.c ---- */
/* The keyed look-up value; provider and app are part of it. */
Bytes identity_mac(Ctx *c, const IdentityValue *value);
Str identity_unseal(Ctx *c, const IdentityRow *row);
Err identity_merge(Ctx *c, const MergeInfo *m);
Err identity_unmerge(Ctx *c, const MergeInfo *m);
Err identity_erase(Ctx *c, int64_t member_id);
Err identity_export(Ctx *c, int64_t member_id, Buf *json);
