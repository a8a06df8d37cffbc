#include "domain/identity/identity_store.h"
#include "app/memo.h"

static const Field row_field[] = {
    FIELD_ID(IdentityRow, identity_id),
    FIELD_ID(IdentityRow, member_id),
    FIELD_ENUM(IdentityRow, kind, identity_kind_names),
    FIELD(IdentityRow, provider),
    FIELD(IdentityRow, app),
    FIELD(IdentityRow, mac),
    FIELD(IdentityRow, sealed),
    FIELD(IdentityRow, tail_mac),
    FIELD(IdentityRow, is_main),
    FIELD(IdentityRow, verified_at),
    FIELD(IdentityRow, created_at),
};
static const Fields row_fields = FIELDS(IdentityRow, row_field);

static const Field entry_field[] = {
    FIELD_ID(IdentityEntry, entry_id),
    FIELD_ID(IdentityEntry, identity_id),
    FIELD_ENUM(IdentityEntry, kind, identity_kind_names),
    FIELD(IdentityEntry, action),
    FIELD(IdentityEntry, sealed),
    FIELD_ID(IdentityEntry, merge_id),
    FIELD(IdentityEntry, actor),
    FIELD_ID(IdentityEntry, actor_id),
    FIELD(IdentityEntry, reason),
    FIELD(IdentityEntry, at),
};
static const Fields entry_fields = FIELDS(IdentityEntry, entry_field);

typedef struct IdRow {
    int64_t id;
} IdRow;
static const Field id_row_field[] = { FIELD_ID(IdRow, id) };
static const Fields id_row_fields = FIELDS(IdRow, id_row_field);

/* Only who gets the key writes the rest. */
Err identity_insert(Ctx *c, const IdentityRow *row, bool *ret_is_new) {
    memo_forget(c, row->member_id);
    int64_t changed = 0;
    TRY(db_change(
        c, "INSERT INTO identity_owner (merchant_id, mac, member_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        ARGS(row->mac, row->member_id), &changed));
    *ret_is_new = changed == 1;
    if (changed == 0) return OK;
    return db_exec(
        c,
        "INSERT INTO identity (merchant_id, member_id, identity_id, kind, mac, provider, app, sealed, tail_mac,"
        " is_main, verified_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        ARGS(row->member_id, row->identity_id, identity_kind_names[row->kind], row->mac, row->provider, row->app,
             row->sealed, row->tail_mac, row->is_main, row->verified_at, c->now));
}

Err identity_owner(Ctx *c, Bytes mac, int64_t *ret_member_id) {
    return db_int(c, IDENTITY_OWNER_SQL "$2", ARGS(mac), ret_member_id);
}

#define COLUMNS \
    "identity_id, member_id, kind, provider, app, mac, sealed, tail_mac, is_main, verified_at, created_at FROM identity"

Err identity_read(Ctx *c, int64_t member_id, int64_t identity_id, IdentityRow *ret_row, bool *ret_found) {
    return db_find(c, "SELECT " COLUMNS " WHERE merchant_id = $1 AND member_id = $2 AND identity_id = $3",
                   ARGS(member_id, identity_id), &row_fields, ret_row, ret_found);
}

Err identity_rows(Ctx *c, int64_t member_id, IdentityRows *ret_rows) {
    return db_rows(c, "SELECT " COLUMNS " WHERE merchant_id = $1 AND member_id = $2 ORDER BY kind, identity_id",
                   ARGS(member_id), &row_fields, IDENTITIES_PER_MEMBER_MAX, (ListAny *)ret_rows);
}

Err identity_lock(Ctx *c, int64_t member_id) {
    return db_exec(c, "UPDATE identity SET is_main = is_main WHERE merchant_id = $1 AND member_id = $2",
                   ARGS(member_id));
}

Err identity_main(Ctx *c, int64_t member_id, IdentityKind kind, IdentityRow *ret_row, bool *ret_found) {
    return db_find(c, "SELECT " COLUMNS " WHERE merchant_id = $1 AND member_id = $2 AND kind = $3 AND is_main = 1",
                   ARGS(member_id, identity_kind_names[kind]), &row_fields, ret_row, ret_found);
}

Err identity_sealed_phone(Ctx *c, int64_t member_id, Bytes *ret_sealed) {
    typedef struct Row { Bytes sealed; } Row;
    static const Field sealed_field[] = { FIELD(Row, sealed) };
    static const Fields sealed_fields = FIELDS(Row, sealed_field);
    Row row = { 0 };
    bool is_found = false;
    TRY(db_find(c, IDENTITY_PHONE_SQL "$2", ARGS(member_id), &sealed_fields, &row, &is_found));
    *ret_sealed = row.sealed;
    return OK;
}

Err identity_has_main(Ctx *c, int64_t member_id, IdentityKind kind, bool *ret_has) {
    int64_t count = 0;
    TRY(db_int(c,
               "SELECT COUNT(*) FROM identity WHERE merchant_id = $1 AND member_id = $2 AND kind = $3 AND is_main = 1",
               ARGS(member_id, identity_kind_names[kind]), &count));
    *ret_has = count > 0;
    return OK;
}

Err identity_delete(Ctx *c, const IdentityRow *row) {
    memo_forget(c, row->member_id);
    TRY(db_exec(c, "DELETE FROM identity_owner WHERE merchant_id = $1 AND mac = $2", ARGS(row->mac)));
    return db_exec(c, "DELETE FROM identity WHERE merchant_id = $1 AND member_id = $2 AND identity_id = $3",
                   ARGS(row->member_id, row->identity_id));
}

Err identity_delete_all(Ctx *c, int64_t member_id) {
    memo_forget(c, member_id);
    TRY(db_exec(c,
                "DELETE FROM identity_owner WHERE merchant_id = $1 AND mac IN (SELECT mac FROM identity"
                " WHERE merchant_id = $1 AND member_id = $2)",
                ARGS(member_id)));
    return db_exec(c, "DELETE FROM identity WHERE merchant_id = $1 AND member_id = $2", ARGS(member_id));
}

Err identity_move(Ctx *c, const IdentityRow *row, int64_t to_member_id, bool is_main) {
    memo_forget(c, row->member_id);
    TRY(db_exec(c, "UPDATE identity_owner SET member_id = $3 WHERE merchant_id = $1 AND mac = $2",
                ARGS(row->mac, to_member_id)));
    return db_exec(
        c,
        "UPDATE identity SET member_id = $4, is_main = $5 WHERE merchant_id = $1 AND member_id = $2"
        " AND identity_id = $3",
        ARGS(row->member_id, row->identity_id, to_member_id, is_main));
}

Err identity_set_main(Ctx *c, const IdentityRow *row, bool is_main) {
    memo_forget(c, row->member_id);
    return db_exec(c, "UPDATE identity SET is_main = $4 WHERE merchant_id = $1 AND member_id = $2 AND identity_id = $3",
                   ARGS(row->member_id, row->identity_id, is_main));
}

Err identity_set_verified(Ctx *c, int64_t member_id, Bytes mac) {
    return db_exec(c,
                   "UPDATE identity SET verified_at = $4 WHERE merchant_id = $1 AND member_id = $2 AND mac = $3"
                   " AND verified_at = 0",
                   ARGS(member_id, mac, c->now));
}

Err identity_tail_members(Ctx *c, Bytes tail_mac, int64_t below_member_id, int64_t most, IntList *ret_member_ids) {
    LIST_OF(IdRow) rows = { 0 };
    TRY(db_rows(c,
                "SELECT member_id AS id FROM identity WHERE merchant_id = $1 AND kind = 'phone' AND tail_mac = $2"
                " AND member_id < $3 ORDER BY member_id DESC LIMIT $4",
                ARGS(tail_mac, below_member_id == 0 ? INT64_MAX : below_member_id, most), &id_row_fields, most,
                (ListAny *)&rows));
    ret_member_ids->items = NEW_LIST(c->arena, int64_t, rows.count + 1);
    ret_member_ids->count = 0;
    for (int64_t i = 0; i < rows.count; i++) {
        bool is_same = i > 0 && rows.items[i].id == rows.items[i - 1].id; /* two phones with the same end */
        if (!is_same) ret_member_ids->items[ret_member_ids->count++] = rows.items[i].id;
    }
    return OK;
}

/* ---- entries ---- */

Err identity_entry_insert(Ctx *c, const IdentityRow *row, const char *action, int64_t merge_id, Str reason) {
    return db_exec(c,
                   "INSERT INTO identity_entry (merchant_id, member_id, entry_id, identity_id, kind, action, sealed, "
                   "merge_id, actor,"
                   " actor_id, reason, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                   ARGS(row->member_id, id_new(c), row->identity_id, identity_kind_names[row->kind], action,
                        row->sealed, merge_id, actor_names[c->actor.kind], c->actor.id, reason, c->now));
}

Err identity_entries(Ctx *c, int64_t member_id, IdentityEntries *ret_entries) {
    return db_rows(
        c,
        "SELECT entry_id, identity_id, kind, action, sealed, merge_id, actor, actor_id, reason, at FROM identity_entry"
        " WHERE merchant_id = $1 AND member_id = $2 ORDER BY entry_id DESC",
        ARGS(member_id), &entry_fields, LIST_MAX, (ListAny *)ret_entries);
}

Err identity_entries_of_merge(Ctx *c, int64_t member_id, int64_t merge_id, IdentityEntries *ret_entries) {
    return db_rows(
        c,
        "SELECT entry_id, identity_id, kind, action, sealed, merge_id, actor, actor_id, reason, at FROM identity_entry"
        " WHERE merchant_id = $1 AND member_id = $2 AND merge_id = $3 AND action = 'merged' ORDER BY entry_id",
        ARGS(member_id, merge_id), &entry_fields, IDENTITIES_PER_MEMBER_MAX, (ListAny *)ret_entries);
}

Err identity_entries_blank(Ctx *c, int64_t member_id) {
    return db_exec(c, "UPDATE identity_entry SET sealed = $3, reason = '' WHERE merchant_id = $1 AND member_id = $2",
                   ARGS(member_id, ((Bytes){ 0 })));
}

Err identity_changed_at(Ctx *c, int64_t member_id, int64_t *ret_at) {
    return db_int(c,
                  "SELECT COALESCE(MAX(at), 0) FROM identity_entry WHERE merchant_id = $1 AND member_id = $2 AND "
                  "action = 'changed'",
                  ARGS(member_id), ret_at);
}

/* ---- one-time codes ---- */

Err identity_code_put(Ctx *c, CodePurpose purpose, Bytes mac, Bytes code_mac, int64_t expires_at) {
    return db_exec(
        c,
        "INSERT INTO identity_code (merchant_id, purpose, mac, code_mac, sent_at, expires_at, tries, used_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, 0, 0) ON CONFLICT (merchant_id, purpose, mac) DO UPDATE SET"
        " code_mac = excluded.code_mac, sent_at = excluded.sent_at, expires_at = excluded.expires_at, tries = 0,"
        " used_at = 0",
        ARGS(code_purpose_names[purpose], mac, code_mac, c->now, expires_at));
}

typedef struct CodeRow {
    Bytes code_mac;
} CodeRow;
static const Field code_row_field[] = { FIELD(CodeRow, code_mac) };
static const Fields code_row_fields = FIELDS(CodeRow, code_row_field);

Err identity_code_take(Ctx *c, CodePurpose purpose, Bytes mac, Bytes *ret_code_mac, bool *ret_found) {
    CodeRow row = { 0 };
    TRY(db_find(c,
                "UPDATE identity_code SET tries = tries + 1 WHERE merchant_id = $1 AND purpose = $2 AND mac = $3"
                " AND tries < $4 AND used_at = 0 AND expires_at > $5 RETURNING code_mac",
                ARGS(code_purpose_names[purpose], mac, CODE_TRIES_MAX, c->now), &code_row_fields, &row, ret_found));
    *ret_code_mac = row.code_mac;
    return OK;
}

Err identity_code_use(Ctx *c, CodePurpose purpose, Bytes mac, Bytes code_mac, bool *ret_used) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "UPDATE identity_code SET used_at = $5 WHERE merchant_id = $1 AND purpose = $2 AND mac = $3 AND code_mac = $4"
        " AND used_at = 0",
        ARGS(code_purpose_names[purpose], mac, code_mac, c->now), &changed));
    *ret_used = changed == 1;
    return OK;
}

Err identity_code_purge(Ctx *c, int64_t before) {
    return db_exec(c, "DELETE FROM identity_code WHERE merchant_id = $1 AND expires_at < $2", ARGS(before));
}
