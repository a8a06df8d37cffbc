/* Permissions, sessions and API keys. Who is asking is found out in auth_who.c. */
#include "app/auth_cache.h"
#include <assert.h>
#include <stdlib.h>

enum { STAFF_SESSION_MS = 12 * 3600 * 1000 };
#define MEMBER_SESSION_MS INT64_C(2592000000) /* 30 days */

static const Field grants_field[] = {
    FIELD(Grants, may_all, .about = "may everything (owner)"),
    FIELD(Grants, permissions, .about = "permission strings of the route tables"),
    FIELD(Grants, shop_ids, .about = "shops they hold for; empty = every shop"),
};
const Fields grants_fields = FIELDS(Grants, grants_field);

static const Field session_given_field[] = {
    FIELD_ID(SessionGiven, session_id),
    FIELD(SessionGiven, token, .is_secret = true),
    FIELD(SessionGiven, expires_at),
};
const Fields session_given_fields = FIELDS(SessionGiven, session_given_field);

static const Field session_line_field[] = {
    FIELD_ID(SessionLine, session_id),
    FIELD(SessionLine, device),
    FIELD_ID(SessionLine, shop_id),
    FIELD(SessionLine, created_at),
    FIELD(SessionLine, used_at),
    FIELD(SessionLine, expires_at),
    FIELD(SessionLine, is_this, .about = "the session that asks"),
};
const Fields session_line_fields = FIELDS(SessionLine, session_line_field);

static const Field key_given_field[] = {
    FIELD_ID(KeyGiven, key_id),
    FIELD(KeyGiven, key, .is_secret = true, .about = "bearer token; shown once"),
    FIELD(KeyGiven, sign_id, .about = "X-Laoke-Key of signed requests"),
    FIELD(KeyGiven, secret, .is_secret = true, .about = "HMAC secret of signed requests; shown once"),
};
const Fields key_given_fields = FIELDS(KeyGiven, key_given_field);

static const Field key_line_field[] = {
    FIELD_ID(KeyLine, key_id),
    FIELD(KeyLine, name),
    FIELD(KeyLine, who, .about = "pos or partner"),
    FIELD_ID(KeyLine, shop_id),
    FIELD_ID(KeyLine, staff_id),
    FIELD(KeyLine, sign_id),
    FIELD_OBJECT(KeyLine, grants, grants_fields),
    FIELD(KeyLine, must_sign),
    FIELD(KeyLine, created_at),
    FIELD(KeyLine, used_at),
    FIELD(KeyLine, expires_at),
    FIELD(KeyLine, revoked_at),
};
const Fields key_line_fields = FIELDS(KeyLine, key_line_field);

/* ---- permissions ---- */

static bool has_permission(const StrList *sorted, Str permission) {
    int64_t low = 0, high = sorted->count;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        int order = str_compare(sorted->items[middle], permission);
        if (order == 0) return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

bool auth_may(const Ctx *c, const char *permission) {
    if (c->auth == NULL || c->auth->may_all) return true;
    return has_permission(&c->auth->permissions, str_of(permission));
}

Err auth_need(Ctx *c, const char *permission) {
    if (auth_may(c, permission)) return OK;
    return fail(c, E_DENIED, "auth.denied", "没有权限做这件事（需要 %s）", "this needs the permission %s", permission);
}

Err auth_need_shop(Ctx *c, int64_t shop_id) {
    if (c->auth == NULL || c->auth->shop_ids.count == 0) return OK;
    for (int64_t i = 0; i < c->auth->shop_ids.count; i++) {
        if (c->auth->shop_ids.items[i] == shop_id) return OK;
    }
    return fail(c, E_DENIED, "auth.other_shop", "这家门店不在您的权限范围内",
                "this shop is outside what you may work on");
}

int64_t auth_member(const Ctx *c) {
    assert(c->auth != NULL && c->auth->who == WHO_MEMBER && c->auth->member_id != 0);
    return c->auth->member_id;
}

static int permission_order(const void *a, const void *b) { return str_compare(*(const Str *)a, *(const Str *)b); }

/* Sorted, each once. */
static StrList permissions_sorted(Arena *a, StrList list) {
    Str *items = NEW_LIST(a, Str, list.count > 0 ? list.count : 1);
    for (int64_t i = 0; i < list.count; i++) items[i] = list.items[i];
    qsort(items, (size_t)list.count, sizeof *items, permission_order);
    int64_t count = 0;
    for (int64_t i = 0; i < list.count; i++) {
        if (count == 0 || !str_equal(items[count - 1], items[i])) items[count++] = items[i];
    }
    return (StrList){ items, count };
}

static int64_t also_count(const Slice *slice) {
    int64_t count = 0;
    while (slice->also_may != NULL && slice->also_may[count] != NULL) count++;
    return count;
}

StrList auth_permissions(Ctx *c) {
    int64_t most = 1;
    for (int64_t i = 0; i < slice_all_count(); i++) most += slice_all(i)->route_count + also_count(slice_all(i));
    StrList list = { NEW_LIST(c->arena, Str, most), 0 };
    for (int64_t i = 0; i < slice_all_count(); i++) {
        for (int64_t j = 0; j < slice_all(i)->route_count; j++) {
            const char *may = slice_all(i)->routes[j].may;
            if (may != NULL) list.items[list.count++] = str_of(may);
        }
        for (int64_t j = 0; j < also_count(slice_all(i)); j++)
            list.items[list.count++] = str_of(slice_all(i)->also_may[j]);
    }
    return permissions_sorted(c->arena, list);
}

static Str grants_text(Ctx *c, const Grants *grants) {
    Grants sorted = *grants;
    sorted.permissions = permissions_sorted(c->arena, grants->permissions);
    Buf b = { .arena = c->arena };
    json_print(&b, &grants_fields, &sorted);
    return buf_str(&b);
}

static Bytes token_hash(Arena *a, Str token) {
    unsigned char hash[HASH_LEN];
    sha256(token.at, token.len, hash);
    return arena_bytes(a, hash, HASH_LEN);
}

/* ---- sessions ---- */

static Err session_drop(Ctx *c, int64_t session_id) {
    TRY(session_delete(c, session_id));
    after_commit(c, auth_cache_forget, c->merchant_id, session_id);
    return OK;
}

Err auth_session_open(Ctx *c, const SessionOpen *open, SessionGiven *ret_given) {
    assert((open->staff_id == 0) != (open->member_id == 0));
    SessionKeys old;
    TRY(session_keys(c, open->staff_id, open->member_id, &old));
    for (int64_t i = 0; i + SESSIONS_PER_ACTOR_MAX <= old.count; i++) TRY(session_drop(c, old.items[i].session_id));

    int64_t lasts_ms = open->lasts_ms;
    if (lasts_ms == 0) lasts_ms = open->staff_id != 0 ? STAFF_SESSION_MS : MEMBER_SESSION_MS;
    SessionGiven given = { .session_id = id_new(c), .expires_at = c->now + lasts_ms };
    Str sign_id, secret;
    token_make(c, TOKEN_SESSION, given.session_id, &given.token, &sign_id, &secret);
    TRY(session_insert(c, &(SessionNew){ .session_id = given.session_id,
                                         .open = open,
                                         .token_hash = token_hash(c->arena, given.token),
                                         .grants = grants_text(c, &open->grants),
                                         .expires_at = given.expires_at }));
    *ret_given = given;
    return OK;
}

Err auth_session_rotate(Ctx *c, int64_t shop_id, SessionGiven *ret_given) {
    assert(c->auth != NULL && c->auth->session_id != 0);
    int64_t old_id = c->auth->session_id;
    AuthRow old = { 0 };
    bool is_found = false;
    TRY(auth_row_find(c, TOKEN_SESSION, old_id, &old, &is_found));
    if (!is_found)
        return fail(c, E_UNKNOWN_WHO, "auth.expired", "登录已失效，请重新登录", "the session has ended; log in again");
    SessionGiven given = { .session_id = id_new(c), .expires_at = old.expires_at };
    Str sign_id, secret;
    token_make(c, TOKEN_SESSION, given.session_id, &given.token, &sign_id, &secret);
    SessionOpen open = { .shop_id = shop_id };
    TRY(session_replace(c, old_id,
                        &(SessionNew){ .session_id = given.session_id,
                                       .open = &open,
                                       .token_hash = token_hash(c->arena, given.token) }));
    after_commit(c, auth_cache_forget, c->merchant_id, old_id);
    *ret_given = given;
    return OK;
}

Err auth_session_close(Ctx *c, int64_t session_id, int64_t staff_id, int64_t member_id) {
    SessionKey key = { 0 };
    bool is_found = false;
    TRY(session_find(c, session_id, &key, &is_found));
    if (!is_found || key.staff_id != staff_id || key.member_id != member_id)
        return fail(c, E_NOT_FOUND, "not_found", "没有找到", "Not found");
    return session_drop(c, session_id);
}

Err auth_sessions_close(Ctx *c, int64_t staff_id, int64_t member_id, int64_t but_session_id) {
    SessionKeys keys;
    TRY(session_keys(c, staff_id, member_id, &keys));
    for (int64_t i = 0; i < keys.count; i++) {
        if (keys.items[i].session_id != but_session_id) TRY(session_drop(c, keys.items[i].session_id));
    }
    return OK;
}

Err auth_session_list(Ctx *c, int64_t staff_id, int64_t member_id, SessionLines *ret_lines) {
    TRY(session_lines(c, staff_id, member_id, ret_lines));
    int64_t own = c->auth == NULL ? 0 : c->auth->session_id;
    for (int64_t i = 0; i < ret_lines->count; i++) ret_lines->items[i].is_this = ret_lines->items[i].session_id == own;
    return OK;
}

void auth_cookie(Ctx *c, Str token, int64_t expires_at) {
    if (c->pending == NULL) c->pending = NEW(c->arena, Pending);
    bool is_https = str_starts(c->app->config.public_url, S("https://"));
    int64_t left_s = token.len == 0 ? 0 : (expires_at - c->now) / 1000;
    c->pending->cookie = arena_print(c->arena, "laoke_session=%.*s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Lax%s",
                                     (int)token.len, token.at, (long long)left_s, is_https ? "; Secure" : "");
}

/* ---- API keys ---- */

static Err key_write(Ctx *c, const KeyMake *make, Str who, KeyGiven *ret_given) {
    int64_t living = 0;
    TRY(key_living(c, make->name, &living));
    if (living >= KEYS_PER_NAME_MAX)
        return fail(c, E_CONFLICT, "auth.keys_full", "同名的密钥最多同时有 %d 个有效，请先停用旧的",
                    "at most %d living keys may share a name; revoke an old one first", (int)KEYS_PER_NAME_MAX);
    KeyGiven given = { .key_id = id_new(c) };
    token_make(c, TOKEN_KEY, given.key_id, &given.key, &given.sign_id, &given.secret);
    TRY(key_insert(c,
                   &(KeyNew){ .key_id = given.key_id,
                              .name = make->name,
                              .who = who,
                              .shop_id = make->shop_id,
                              .staff_id = make->staff_id,
                              .token_hash = token_hash(c->arena, given.key),
                              .sealed_secret = seal(c->arena, c->rng, c->app->keys.seal, given.secret, given.sign_id),
                              .grants = grants_text(c, &make->grants),
                              .must_sign = make->must_sign,
                              .expires_at = make->expires_at }));
    *ret_given = given;
    return OK;
}

Err auth_key_make(Ctx *c, const KeyMake *make, KeyGiven *ret_given) {
    assert(make->who == WHO_POS || make->who == WHO_PARTNER);
    assert(make->name.len > 0);
    return key_write(c, make, make->who == WHO_POS ? S("pos") : S("partner"), ret_given);
}

Err auth_key_rotate(Ctx *c, int64_t key_id, int64_t keep_ms, KeyGiven *ret_given) {
    assert(keep_ms >= 0 && keep_ms <= KEY_ROTATION_MS_MAX);
    KeyLine old;
    TRY(key_find(c, key_id, &old));
    if (old.revoked_at != 0 || (old.expires_at != 0 && old.expires_at <= c->now))
        return fail(c, E_NOT_FOUND, "not_found", "没有找到", "Not found");
    TRY(key_end(c, key_id, c->now + keep_ms));
    after_commit(c, auth_cache_forget, c->merchant_id, key_id);
    KeyMake make = { .name = old.name,
                     .shop_id = old.shop_id,
                     .staff_id = old.staff_id,
                     .grants = old.grants,
                     .expires_at = old.expires_at,
                     .must_sign = old.must_sign };
    return key_write(c, &make, old.who, ret_given);
}

Err auth_key_read(Ctx *c, int64_t key_id, KeyLine *ret_line) { return key_find(c, key_id, ret_line); }

Err auth_key_revoke(Ctx *c, int64_t key_id) {
    int64_t changed = 0;
    TRY(key_revoke(c, key_id, &changed));
    if (changed == 0) return fail(c, E_NOT_FOUND, "not_found", "没有找到", "Not found");
    after_commit(c, auth_cache_forget, c->merchant_id, key_id);
    return OK;
}

Err auth_key_list(Ctx *c, int64_t after_key_id, int64_t most, KeyLines *ret_lines) {
    TRY(key_lines(c, after_key_id, most, ret_lines));
    for (int64_t i = 0; i < ret_lines->count; i++) {
        ret_lines->items[i].sign_id = token_sign_id(c, TOKEN_KEY, ret_lines->items[i].key_id);
    }
    return OK;
}

Err auth_grants_put(Ctx *c, int64_t staff_id, const Grants *grants) {
    assert(staff_id != 0);
    Str text = grants_text(c, grants);
    TRY(session_grants(c, staff_id, text));
    TRY(key_grants(c, staff_id, text));
    SessionKeys sessions, keys;
    TRY(session_keys(c, staff_id, 0, &sessions));
    TRY(key_ids_of_staff(c, staff_id, &keys));
    for (int64_t i = 0; i < sessions.count; i++)
        after_commit(c, auth_cache_forget, c->merchant_id, sessions.items[i].session_id);
    for (int64_t i = 0; i < keys.count; i++)
        after_commit(c, auth_cache_forget, c->merchant_id, keys.items[i].session_id);
    return OK;
}
