/* auth_store - private to app/: every statement on session, api_key, key_nonce, login. */
#pragma once
#include "app/auth.h"
#include "app/token.h"

/* A session or an API key as the door sees it. */
typedef struct AuthRow {
    int64_t id, staff_id, member_id, shop_id, expires_at, revoked_at;
    Str who;                                /* keys: "pos", "partner" */
    Bytes token_hash, sealed_secret;
    Grants grants;
    bool must_sign;
} AuthRow;
Err auth_row_find(Ctx *c, TokenKind kind, int64_t id, AuthRow *ret_row, bool *ret_found);
Err auth_used_put(Ctx *c, TokenKind kind, int64_t id, int64_t used_at);

typedef struct SessionNew {
    int64_t session_id; const SessionOpen *open; Bytes token_hash; Str grants; int64_t expires_at;
} SessionNew;
Err session_insert(Ctx *c, const SessionNew *session);
/* staff, member, grants, device of the old one */
Err session_replace(Ctx *c, int64_t old_id, const SessionNew *session);
Err session_delete(Ctx *c, int64_t session_id);
typedef struct SessionKey { int64_t session_id, staff_id, member_id; } SessionKey;
typedef LIST_OF(SessionKey) SessionKeys;
Err session_find(Ctx *c, int64_t session_id, SessionKey *ret_key, bool *ret_found);
Err session_keys(Ctx *c, int64_t staff_id, int64_t member_id, SessionKeys *ret_keys);      /* oldest first */
Err session_lines(Ctx *c, int64_t staff_id, int64_t member_id, SessionLines *ret_lines);
Err session_grants(Ctx *c, int64_t staff_id, Str grants);
Err session_purge(Ctx *c, int64_t before, int64_t most, int64_t *ret_count);

typedef struct KeyNew {
    int64_t key_id; Str name, who; int64_t shop_id, staff_id; Bytes token_hash, sealed_secret; Str grants;
    bool must_sign; int64_t expires_at;
} KeyNew;
Err key_insert(Ctx *c, const KeyNew *key);
Err key_find(Ctx *c, int64_t key_id, KeyLine *ret_line);                    /* E_NOT_FOUND "not_found" */
Err key_lines(Ctx *c, int64_t after_key_id, int64_t most, KeyLines *ret_lines);
Err key_living(Ctx *c, Str name, int64_t *ret_count);
Err key_end(Ctx *c, int64_t key_id, int64_t expires_at);                    /* the sooner of what stands and this */
Err key_revoke(Ctx *c, int64_t key_id, int64_t *ret_changed);
Err key_grants(Ctx *c, int64_t staff_id, Str grants);
Err key_ids_of_staff(Ctx *c, int64_t staff_id, SessionKeys *ret_keys);      /* session_id holds the key's id */

Err nonce_insert(Ctx *c, int64_t key_id, Bytes nonce_hash, int64_t expires_at, bool *ret_is_new);
Err nonce_purge(Ctx *c, int64_t before, int64_t *ret_count);
