/* auth - 身份: who is asking: sessions of staff and members, API keys of tills and partners, and what each may.
 * Owns:   session, api_key, key_nonce, login
 * Units:  *_at are unix ms, *_ms durations; shop_id 0 = no shop
 * Calls:  nobody
 * Emits:  nothing
 * Holds:  a secret is stored only hashed (API keys: also sealed, for signed requests); revoked is refused within 1 s
 * Errors: auth.needed, auth.bad_token, auth.expired, auth.denied, auth.other_shop, auth.origin, auth.signature,
 *         auth.must_sign, auth.who, auth.skew,
 *         auth.replay, auth.keys_full, merchant.unknown
 *
 * Tokens carry their merchant and row id under a MAC, so a look-up needs no global table and a forged one no look-up:
 *   session  lks_<32 characters: merchant, id, MAC><32 characters: secret>     bearer, or cookie laoke_session
 *   API key  lk_live_<32 characters><32 characters>; the first 40 characters are the key id of signed requests
 * A public route learns its merchant from header Laoke-Merchant, query ?merchant=, or the `login` field of its body
 * (login_find);
 * without any of them it is the first merchant. */
#pragma once
#include "app/app.h"

/* What a session or key may do; kept with it as JSON. Permission strings are those of the route tables. */
/* shop_ids empty = every shop */
typedef struct Grants { bool may_all; StrList permissions; IntList shop_ids; } Grants;
extern const Fields grants_fields;

enum { SESSIONS_PER_ACTOR_MAX = 20, KEYS_PER_NAME_MAX = 2, KEY_ROTATION_MS_MAX = 7 * 24 * 3600 * 1000 };

/* ---- sessions ---- */
typedef struct SessionOpen {
    int64_t staff_id, member_id;        /* exactly one of them */
    int64_t shop_id;                    /* the shop the staff member stands in */
    Grants grants;                      /* staff only */
    int64_t lasts_ms;                   /* 0 = default: staff 12 h, members 30 days */
    Str device;                         /* shown in the list of sessions: user agent, till number */
} SessionOpen;
typedef struct SessionGiven { int64_t session_id; Str token; int64_t expires_at; } SessionGiven;
typedef struct SessionLine {
    int64_t session_id; Str device; int64_t shop_id, created_at, used_at, expires_at; bool is_this;
} SessionLine;
typedef LIST_OF(SessionLine) SessionLines;
extern const Fields session_given_fields, session_line_fields;

/* Inside a unit. The oldest session is closed when an actor has SESSIONS_PER_ACTOR_MAX. */
Err auth_session_open(Ctx *c, const SessionOpen *open, SessionGiven *ret_given);
/* A new token for the session that asks (after a password change, to move to another shop: shop_id); the old token is
 * dead. */
Err auth_session_rotate(Ctx *c, int64_t shop_id, SessionGiven *ret_given);
/* Closes one session of this staff account or member; E_NOT_FOUND when it is not theirs. */
Err auth_session_close(Ctx *c, int64_t session_id, int64_t staff_id, int64_t member_id);
/* Closes all of a staff account or member, but `but_session_id` (0 = really all): password change, account closed,
 * erasure. */
Err auth_sessions_close(Ctx *c, int64_t staff_id, int64_t member_id, int64_t but_session_id);
Err auth_session_list(Ctx *c, int64_t staff_id, int64_t member_id, SessionLines *ret_lines);
/* The reply also sets (or with an empty token removes) the HttpOnly SameSite=Lax cookie laoke_session. */
void auth_cookie(Ctx *c, Str token, int64_t expires_at);

/* ---- API keys ---- */
typedef struct KeyMake {
    Str name;                           /* "till 3"; KEYS_PER_NAME_MAX living keys may share a name */
    unsigned who;                       /* WHO_POS or WHO_PARTNER */
    int64_t shop_id;                    /* the shop the till stands in; 0 = none */
    int64_t staff_id;                   /* the account whose grants the key follows; 0 = its own grants */
    Grants grants;
    int64_t expires_at;                 /* 0 = never */
    bool must_sign;                     /* only signed requests are accepted */
} KeyMake;
/* shown once; sign_id is X-Laoke-Key */
typedef struct KeyGiven { int64_t key_id; Str key, sign_id, secret; } KeyGiven;
typedef struct KeyLine {
    int64_t key_id; Str name, who; int64_t shop_id, staff_id; Str sign_id; Grants grants;
    bool must_sign; int64_t created_at, used_at, expires_at, revoked_at;
} KeyLine;
typedef LIST_OF(KeyLine) KeyLines;
extern const Fields key_given_fields, key_line_fields;

/* Inside a unit. Refuses a third living key of one name: E_CONFLICT "auth.keys_full". */
Err auth_key_make(Ctx *c, const KeyMake *make, KeyGiven *ret_given);
Err auth_key_read(Ctx *c, int64_t key_id, KeyLine *ret_line);                          /* E_NOT_FOUND "not_found" */
/* A second key with the same name and grants; the first one ends after keep_ms (at most KEY_ROTATION_MS_MAX, 0 = at
 * once). */
Err auth_key_rotate(Ctx *c, int64_t key_id, int64_t keep_ms, KeyGiven *ret_given);
Err auth_key_revoke(Ctx *c, int64_t key_id);
Err auth_key_list(Ctx *c, int64_t after_key_id, int64_t most, KeyLines *ret_lines);      /* ascending key_id */

/* Writes new grants into living sessions and following keys of a staff account; effective at once. In a unit. */
Err auth_grants_put(Ctx *c, int64_t staff_id, const Grants *grants);

/* ---- every permission of the route tables, sorted (the staff screen's list) ---- */
StrList auth_permissions(Ctx *c);

/* ---- login names, unique over all merchants of the server, so that a log-in form needs no merchant ---- */
/* Idempotent. ret_is_mine false: another merchant has this name; then its log-ins must name the merchant. */
Err login_claim(Ctx *c, Str login, bool *ret_is_mine);
Err login_release(Ctx *c, Str login);
Err login_find(Ctx *c, Str login, int64_t *ret_merchant_id);       /* 0 = unknown */
