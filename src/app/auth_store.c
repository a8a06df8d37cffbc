#include "app/auth_store.h"

enum { AUTH_ROWS_MAX = 10000 };

static const Field auth_row_field[] = {
    FIELD_ID(AuthRow, id),         FIELD_ID(AuthRow, staff_id),
    FIELD_ID(AuthRow, member_id),  FIELD_ID(AuthRow, shop_id),
    FIELD(AuthRow, expires_at),    FIELD(AuthRow, revoked_at),
    FIELD(AuthRow, who),           FIELD(AuthRow, token_hash),
    FIELD(AuthRow, sealed_secret), FIELD_OBJECT(AuthRow, grants, grants_fields),
    FIELD(AuthRow, must_sign),
};
static const Fields auth_row_fields = FIELDS(AuthRow, auth_row_field);

Err auth_row_find(Ctx *c, TokenKind kind, int64_t id, AuthRow *ret_row, bool *ret_found) {
    if (kind == TOKEN_SESSION) {
        return db_find(c,
                       "SELECT session_id AS id, staff_id, member_id, shop_id, expires_at, token_hash, grants "
                       "FROM session WHERE merchant_id = $1 AND session_id = $2",
                       ARGS(id), &auth_row_fields, ret_row, ret_found);
    }
    return db_find(
        c,
        "SELECT key_id AS id, staff_id, shop_id, expires_at, revoked_at, who, token_hash, sealed_secret, grants, "
        "must_sign FROM api_key WHERE merchant_id = $1 AND key_id = $2",
        ARGS(id), &auth_row_fields, ret_row, ret_found);
}

Err auth_used_put(Ctx *c, TokenKind kind, int64_t id, int64_t used_at) {
    if (kind == TOKEN_SESSION) {
        return db_exec(c, "UPDATE session SET used_at = $3 WHERE merchant_id = $1 AND session_id = $2 AND used_at < $3",
                       ARGS(id, used_at));
    }
    return db_exec(c, "UPDATE api_key SET used_at = $3 WHERE merchant_id = $1 AND key_id = $2 AND used_at < $3",
                   ARGS(id, used_at));
}

/* ---- sessions ---- */

static const Field session_key_field[] = {
    FIELD_ID(SessionKey, session_id),
    FIELD_ID(SessionKey, staff_id),
    FIELD_ID(SessionKey, member_id),
};
static const Fields session_key_fields = FIELDS(SessionKey, session_key_field);

Err session_insert(Ctx *c, const SessionNew *session) {
    const SessionOpen *open = session->open;
    return db_exec(
        c,
        "INSERT INTO session (merchant_id, session_id, staff_id, member_id, shop_id, token_hash, grants, device, "
        "created_at, used_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)",
        ARGS(session->session_id, open->staff_id, open->member_id, open->shop_id, session->token_hash, session->grants,
             open->device, c->now, session->expires_at));
}

Err session_replace(Ctx *c, int64_t old_id, const SessionNew *session) {
    TRY(db_exec(
        c,
        "INSERT INTO session (merchant_id, session_id, staff_id, member_id, shop_id, token_hash, grants, device, "
        "created_at, used_at, expires_at) SELECT s.merchant_id, CAST($3 AS BIGINT), s.staff_id, s.member_id, "
        "CAST($4 AS BIGINT), CAST($5 AS BYTEA), s.grants, s.device, s.created_at, CAST($6 AS BIGINT), s.expires_at "
        "FROM session s WHERE s.merchant_id = $1 AND s.session_id = $2",
        ARGS(old_id, session->session_id, session->open->shop_id, session->token_hash, c->now)));
    return session_delete(c, old_id);
}

Err session_delete(Ctx *c, int64_t session_id) {
    return db_exec(c, "DELETE FROM session WHERE merchant_id = $1 AND session_id = $2", ARGS(session_id));
}

Err session_find(Ctx *c, int64_t session_id, SessionKey *ret_key, bool *ret_found) {
    return db_find(c, "SELECT session_id, staff_id, member_id FROM session WHERE merchant_id = $1 AND session_id = $2",
                   ARGS(session_id), &session_key_fields, ret_key, ret_found);
}

Err session_keys(Ctx *c, int64_t staff_id, int64_t member_id, SessionKeys *ret_keys) {
    return db_rows(c,
                   "SELECT session_id, staff_id, member_id FROM session WHERE merchant_id = $1 AND staff_id = $2 "
                   "AND member_id = $3 ORDER BY session_id",
                   ARGS(staff_id, member_id), &session_key_fields, AUTH_ROWS_MAX, (ListAny *)ret_keys);
}

Err session_lines(Ctx *c, int64_t staff_id, int64_t member_id, SessionLines *ret_lines) {
    return db_rows(
        c,
        "SELECT session_id, device, shop_id, created_at, used_at, expires_at FROM session "
        "WHERE merchant_id = $1 AND staff_id = $2 AND member_id = $3 AND expires_at > $4 ORDER BY session_id DESC",
        ARGS(staff_id, member_id, c->now), &session_line_fields, SESSIONS_PER_ACTOR_MAX, (ListAny *)ret_lines);
}

Err session_grants(Ctx *c, int64_t staff_id, Str grants) {
    return db_exec(c, "UPDATE session SET grants = $3 WHERE merchant_id = $1 AND staff_id = $2",
                   ARGS(staff_id, grants));
}

Err session_purge(Ctx *c, int64_t before, int64_t most, int64_t *ret_count) {
    return db_change(c,
                     "DELETE FROM session WHERE merchant_id = $1 AND session_id IN (SELECT s.session_id FROM session s "
                     "WHERE s.merchant_id = $1 AND s.expires_at < $2 ORDER BY s.expires_at LIMIT $3)",
                     ARGS(before, most), ret_count);
}

/* ---- keys ---- */

Err key_insert(Ctx *c, const KeyNew *key) {
    return db_exec(c,
                   "INSERT INTO api_key (merchant_id, key_id, name, who, shop_id, staff_id, token_hash, sealed_secret, "
                   "grants, must_sign, created_at, used_at, expires_at, revoked_at) "
                   "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, 0)",
                   ARGS(key->key_id, key->name, key->who, key->shop_id, key->staff_id, key->token_hash,
                        key->sealed_secret, key->grants, key->must_sign, c->now, key->expires_at));
}

Err key_find(Ctx *c, int64_t key_id, KeyLine *ret_line) {
    return db_row(
        c,
        "SELECT key_id, name, who, shop_id, staff_id, grants, must_sign, created_at, used_at, expires_at, revoked_at "
        "FROM api_key WHERE merchant_id = $1 AND key_id = $2",
        ARGS(key_id), &key_line_fields, ret_line);
}

Err key_lines(Ctx *c, int64_t after_key_id, int64_t most, KeyLines *ret_lines) {
    return db_rows(
        c,
        "SELECT key_id, name, who, shop_id, staff_id, grants, must_sign, created_at, used_at, expires_at, revoked_at "
        "FROM api_key WHERE merchant_id = $1 AND key_id > $2 ORDER BY key_id LIMIT $3",
        ARGS(after_key_id, most), &key_line_fields, most, (ListAny *)ret_lines);
}

Err key_living(Ctx *c, Str name, int64_t *ret_count) {
    return db_int(c,
                  "SELECT COUNT(*) FROM api_key WHERE merchant_id = $1 AND name = $2 AND revoked_at = 0 "
                  "AND (expires_at = 0 OR expires_at > $3)",
                  ARGS(name, c->now), ret_count);
}

Err key_end(Ctx *c, int64_t key_id, int64_t expires_at) {
    return db_exec(c,
                   "UPDATE api_key SET expires_at = $3 WHERE merchant_id = $1 AND key_id = $2 "
                   "AND (expires_at = 0 OR expires_at > $3)",
                   ARGS(key_id, expires_at));
}

Err key_revoke(Ctx *c, int64_t key_id, int64_t *ret_changed) {
    return db_change(c, "UPDATE api_key SET revoked_at = $3 WHERE merchant_id = $1 AND key_id = $2 AND revoked_at = 0",
                     ARGS(key_id, c->now), ret_changed);
}

Err key_grants(Ctx *c, int64_t staff_id, Str grants) {
    return db_exec(c, "UPDATE api_key SET grants = $3 WHERE merchant_id = $1 AND staff_id = $2",
                   ARGS(staff_id, grants));
}

Err key_ids_of_staff(Ctx *c, int64_t staff_id, SessionKeys *ret_keys) {
    return db_rows(
        c,
        "SELECT key_id AS session_id, staff_id FROM api_key WHERE merchant_id = $1 AND staff_id = $2 ORDER BY key_id",
        ARGS(staff_id), &session_key_fields, AUTH_ROWS_MAX, (ListAny *)ret_keys);
}

/* ---- nonces ---- */

Err nonce_insert(Ctx *c, int64_t key_id, Bytes nonce_hash, int64_t expires_at, bool *ret_is_new) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "INSERT INTO key_nonce (merchant_id, key_id, nonce_hash, expires_at) VALUES ($1, $2, $3, $4) "
                  "ON CONFLICT DO NOTHING",
                  ARGS(key_id, nonce_hash, expires_at), &changed));
    *ret_is_new = changed == 1;
    return OK;
}

Err nonce_purge(Ctx *c, int64_t before, int64_t *ret_count) {
    return db_change(c, "DELETE FROM key_nonce WHERE merchant_id = $1 AND expires_at < $2", ARGS(before), ret_count);
}

/* ---- login names ---- */

typedef struct LoginRow {
    int64_t merchant_id;
} LoginRow;
static const Field login_row_field[] = { FIELD_ID(LoginRow, merchant_id) };
static const Fields login_row_fields = FIELDS(LoginRow, login_row_field);

Err login_find(Ctx *c, Str login, int64_t *ret_merchant_id) {
    LoginRow row = { 0 };
    bool is_found = false;
    TRY(db_system_find(c, "SELECT merchant_id FROM login WHERE login = $1", ARGS(login), &login_row_fields, &row,
                       &is_found));
    *ret_merchant_id = is_found ? row.merchant_id : 0;
    return OK;
}

Err login_claim(Ctx *c, Str login, bool *ret_is_mine) {
    int64_t changed = 0, merchant_id = 0;
    TRY(db_system_change(c, "INSERT INTO login (login, merchant_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                         ARGS(login, c->merchant_id), &changed));
    TRY(login_find(c, login, &merchant_id));
    *ret_is_mine = merchant_id == c->merchant_id;
    return OK;
}

Err login_release(Ctx *c, Str login) {
    int64_t changed = 0;
    return db_system_change(c, "DELETE FROM login WHERE login = $1 AND merchant_id = $2", ARGS(login, c->merchant_id),
                            &changed);
}
