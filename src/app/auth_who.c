/* Who is asking: bearer token, cookie, or a signed request (docs/adr/004-auth-and-idempotency.md). */
#include "app/ask.h"
#include "app/merchant.h"

enum { SKEW_S_MAX = 300, NONCE_KEPT_MS = 600 * 1000, NONCE_LEN_MIN = 16, NONCE_LEN_MAX = 64, SIGNATURE_LEN = 3 + 64 };

static const Auth public_auth = { .who = WHO_PUBLIC };

static Err bad_token(Ctx *c) {
    return fail(c, E_UNKNOWN_WHO, "auth.bad_token", "登录凭证无效，请重新登录",
                "these credentials are not valid; log in again");
}

/* ---- the entry of a token ---- */

typedef struct Loading {
    const TokenHead *head;
    AuthRow row;
    bool is_found;
} Loading;

static Err load_run(Ctx *c, void *arg) {
    Loading *loading = arg;
    return auth_row_find(c, loading->head->kind, loading->head->id, &loading->row, &loading->is_found);
}

/* ret_entry NULL: nobody we know. */
static Err entry_find(Ask *ask, Str token, bool is_head_only, AuthEntry **ret_entry) {
    Ctx *c = &ask->c;
    TokenHead head;
    *ret_entry = NULL;
    if (!token_read(c->arena, token, is_head_only, &head)) return OK;
    /* A whole token is compared by its hash later; of a key's name the MAC is all there is to compare. */
    if (is_head_only && !token_is_ours(&ask->app->keys, &head)) return OK;
    *ret_entry = auth_cache_get(ask->app, &head, c->now);
    if (*ret_entry != NULL || (!is_head_only && !token_is_ours(&ask->app->keys, &head))) return OK;
    Loading loading = { .head = &head };
    c->merchant_id = head.merchant_id;
    Err err = app_read(c, load_run, &loading);
    c->merchant_id = 0;
    if (err != OK) return err;
    if (!loading.is_found || loading.row.revoked_at != 0 || loading.row.token_hash.len != HASH_LEN) return OK;
    Str secret = { 0 }, sign_id = str_slice(token, 0, token.len - (is_head_only ? 0 : TOKEN_SECRET_LEN));
    if (head.kind == TOKEN_KEY && !unseal(c->arena, ask->app->keys.seal, loading.row.sealed_secret, sign_id, &secret)) {
        log_line(c, "error", "auth.unseal", "key %lld cannot be opened with this key file", (long long)head.id);
        return OK;
    }
    *ret_entry = auth_cache_put(ask->app, &head, &loading.row, secret, c->now);
    return OK;
}

static Err entry_take(Ask *ask, AuthEntry *entry) {
    Ctx *c = &ask->c;
    ask->entry = entry;
    if (entry->expires_at != 0 && entry->expires_at <= c->now)
        return fail(c, E_UNKNOWN_WHO, "auth.expired", "登录已失效，请重新登录", "the session has ended; log in again");
    atomic_store_explicit(&entry->used_at, c->now, memory_order_relaxed);
    c->merchant_id = entry->merchant_id;
    c->actor = entry->actor;
    c->shop_id = entry->shop_id;
    c->auth = &entry->auth;
    return OK;
}

static Err who_by_token(Ask *ask, Str token) {
    Ctx *c = &ask->c;
    AuthEntry *entry;
    unsigned char hash[HASH_LEN];
    TRY(entry_find(ask, token, false, &entry));
    if (entry == NULL) return bad_token(c);
    sha256(token.at, token.len, hash);
    if (!crypto_same(hash, entry->hash, HASH_LEN)) {
        auth_entry_release(entry);
        return bad_token(c);
    }
    if (entry->must_sign) {
        auth_entry_release(entry);
        return fail(c, E_UNKNOWN_WHO, "auth.must_sign", "这个密钥只接受签名请求",
                    "this key accepts signed requests only");
    }
    return entry_take(ask, entry);
}

/* ---- signed requests ---- */

static Err bad_signature(Ctx *c) {
    return fail(c, E_UNKNOWN_WHO, "auth.signature", "签名不正确，或密钥不存在",
                "the signature is wrong, or there is no such key");
}

static Str signed_text(Ask *ask, Str timestamp, Str nonce) {
    const Request *in = &ask->call->in;
    unsigned char hash[HASH_LEN];
    sha256(in->body.at, in->body.len, hash);
    Buf b = { .arena = ask->c.arena };
    buf_add(&b, timestamp);
    buf_char(&b, '\n');
    buf_add(&b, nonce);
    buf_char(&b, '\n');
    buf_add(&b, in->method);
    buf_char(&b, '\n');
    if (in->target.len > 0) {
        buf_add(&b, in->target);
    } else {
        buf_add(&b, in->path);
        if (in->query.len > 0) buf_char(&b, '?');
        buf_add(&b, in->query);
    }
    buf_char(&b, '\n');
    buf_add(&b, arena_hex(ask->c.arena, (Bytes){ hash, HASH_LEN }));
    return buf_str(&b);
}

typedef struct NonceTake {
    int64_t key_id;
    Bytes hash;
    bool is_new;
} NonceTake;

static Err nonce_run(Ctx *c, void *arg) {
    NonceTake *take = arg;
    return nonce_insert(c, take->key_id, take->hash, c->now + NONCE_KEPT_MS, &take->is_new);
}

/* In a unit of its own: a refused request must not free its nonce, or a thief could send it again once it would
 * succeed. */
static Err nonce_take(Ask *ask, Str nonce) {
    Ctx *c = &ask->c;
    unsigned char hash[HASH_LEN];
    sha256(nonce.at, nonce.len, hash);
    NonceTake take = { ask->entry->id, arena_bytes(c->arena, hash, ONCE_HASH_LEN), false };
    TRY(app_unit(c, nonce_run, &take));
    if (take.is_new) return OK;
    return fail(c, E_UNKNOWN_WHO, "auth.replay", "这个请求已经发送过（nonce 重复）",
                "this request was sent before (nonce used twice)");
}

static Err check_skew(Ctx *c, Str timestamp) {
    int64_t sent_s;
    if (!str_to_int(timestamp, &sent_s) || sent_s < 0 || sent_s > INT32_MAX * INT64_C(1000)) return bad_signature(c);
    int64_t skew_s = sent_s - c->now / 1000;
    if (skew_s >= -SKEW_S_MAX && skew_s <= SKEW_S_MAX) return OK;
    fail_number(c, "skew_seconds", skew_s);
    return fail(c, E_UNKNOWN_WHO, "auth.skew", "收银机的时钟差了 %lld 秒，请校准时间",
                "the clock of the till is off by %lld seconds", (long long)skew_s);
}

static Err who_by_signature(Ask *ask, Str key_text) {
    Ctx *c = &ask->c;
    const Request *in = &ask->call->in;
    Str timestamp = request_header(in, "x-laoke-timestamp"), nonce = request_header(in, "x-laoke-nonce");
    Str signature = request_header(in, "x-laoke-signature");
    bool is_formed = nonce.len >= NONCE_LEN_MIN && nonce.len <= NONCE_LEN_MAX && signature.len == SIGNATURE_LEN &&
                     str_starts(signature, S("v1=")) && in->body_file.len == 0;
    Bytes given;
    if (!is_formed || !arena_unhex(c->arena, str_slice(signature, 3, signature.len), &given)) return bad_signature(c);
    TRY(check_skew(c, timestamp));
    AuthEntry *entry;
    TRY(entry_find(ask, key_text, true, &entry));
    /* Nobody's key is used where there is none, so that the answer takes as long. */
    MacKey nobody = { 0 };
    unsigned char want[MAC_LEN];
    if (entry == NULL) mac_key((const unsigned char *)"", 0, &nobody);
    Str text = signed_text(ask, timestamp, nonce);
    mac(entry == NULL ? &nobody : &entry->secret, text.at, text.len, want);
    if (!crypto_same(want, given.at, MAC_LEN) || entry == NULL || entry->kind != TOKEN_KEY) {
        auth_entry_release(entry);
        return bad_signature(c);
    }
    TRY(entry_take(ask, entry));
    return nonce_take(ask, nonce);
}

/* ---- cookies ---- */

static Str cookie_of(const Request *in) {
    Str rest = request_header(in, "cookie"), part;
    for (bool is_more = rest.len > 0; is_more;) {
        is_more = str_cut(rest, ';', &part, &rest);
        part = str_trim(part);
        if (str_starts(part, S("laoke_session="))) return str_slice(part, 14, part.len);
    }
    return (Str){ 0 };
}

static Str host_of(Str url) {
    int64_t at = str_find(url, S("://"));
    Str host = at < 0 ? url : str_slice(url, at + 3, url.len), rest;
    str_cut(host, '/', &host, &rest);
    return host;
}

/* A browser sends the cookie along with what other sites make it send; such a request must not change anything. */
static Err check_origin(Ask *ask) {
    const Request *in = &ask->call->in;
    if (str_is(in->method, "GET") || str_is(in->method, "HEAD")) return OK;
    Str site = request_header(in, "sec-fetch-site"), origin = request_header(in, "origin");
    if (str_is(site, "same-origin")) return OK;
    bool is_own = origin.len > 0 && (str_equal(host_of(origin), request_header(in, "host")) ||
                                     str_equal(host_of(origin), host_of(ask->app->config.public_url)));
    if (site.len == 0 && is_own) return OK;
    return fail(&ask->c, E_DENIED, "auth.origin", "请求来自其他网站，已拒绝",
                "this request comes from another site and was refused");
}

/* ---- the door ---- */

/* Public routes: header, query, or the first merchant. The `login` field of a body comes later, in ask_parse(). */
static Err public_merchant(Ask *ask) {
    Ctx *c = &ask->c;
    bool is_given;
    Str code = request_header(&ask->call->in, "laoke-merchant");
    if (code.len == 0) code = request_query(c->arena, &ask->call->in, "merchant", &is_given);
    if (code.len == 0) TRY(merchant_first(c, &c->merchant_id));
    if (code.len == 0 && c->merchant_id == 0 && str_starts(str_of(ask->way->route->path), S("/v1/")))
        return fail(c, E_BUSY, "merchant.none", "服务器上还没有商户", "this server has no merchant yet");
    if (code.len == 0) return OK;
    Merchant merchant;
    TRY(merchant_by_code(c, code, &merchant));
    c->merchant_id = merchant.merchant_id;
    return OK;
}

static Err check_who(Ask *ask) {
    Ctx *c = &ask->c;
    const Route *route = ask->way->route;
    if ((c->auth->who & route->who) == 0 && (route->who & WHO_PUBLIC) == 0)
        return fail(c, E_DENIED, "auth.who", "这个接口不对您这类账号开放", "this is not open to accounts of your kind");
    if (route->may == NULL || c->auth->who == WHO_MEMBER || c->auth->who == WHO_PUBLIC) return OK;
    return auth_need(c, route->may);
}

Err ask_who(Ask *ask) {
    Ctx *c = &ask->c;
    const Request *in = &ask->call->in;
    bool is_public = (ask->way->route->who & WHO_PUBLIC) != 0;
    Str key = request_header(in, "x-laoke-key"), header = request_header(in, "authorization"), cookie = { 0 };
    c->auth = &public_auth;
    if (ask->way->route->who == WHO_PUBLIC) return public_merchant(ask);
    if (key.len > 0) {
        TRY(who_by_signature(ask, key));
        return check_who(ask);
    }
    if (header.len > 0) {
        bool is_bearer = header.len > 7 && (str_starts(header, S("Bearer ")) || str_starts(header, S("bearer ")));
        if (!is_bearer) return bad_token(c);
        TRY(who_by_token(ask, str_trim(str_slice(header, 7, header.len))));
        return check_who(ask);
    }
    cookie = cookie_of(in);
    if (cookie.len > 0 && who_by_token(ask, cookie) == OK) {
        TRY(check_origin(ask));
        return check_who(ask);
    }
    c->auth = &public_auth;
    if (is_public) {
        problem_clear(c);
        return public_merchant(ask);
    }
    if (cookie.len > 0) return c->problem.err;
    return fail(c, E_UNKNOWN_WHO, "auth.needed", "请先登录", "log in first");
}
