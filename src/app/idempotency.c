/* idempotency - 幂等: a request that moves value is done once, however often it is sent. The answer is stored in the
 * transaction of
 * the deed, as its last statement; a twin that was slower finds the row taken, leaves no trace, and gets the first
 * one's answer.
 * A refusal is looked at again too: the slower twin may have been refused only because the first one had used up the
 * points.
 * Owns:   once                  Units: day counts days since 1970 (UTC); kept for ONCE_DAYS
 * Errors: idempotency.missing, idempotency.reused, idempotency.twin */
#include <string.h>
#include "app/ask.h"

enum { MIDNIGHT_MS = 60 * 1000, PURGE_ROWS = 2000 };

typedef struct OnceRow {
    int64_t day, status;
    Bytes request_hash;
    Str answer;
} OnceRow;
static const Field once_row_field[] = {
    FIELD(OnceRow, day),
    FIELD(OnceRow, status),
    FIELD(OnceRow, request_hash),
    FIELD_JSON(OnceRow, answer),
};
static const Fields once_row_fields = FIELDS(OnceRow, once_row_field);

static bool is_visible(Str key) {
    for (int64_t i = 0; i < key.len; i++) {
        if (key.at[i] < 0x21 || key.at[i] > 0x7e) return false;
    }
    return key.len > 0 && key.len <= ONCE_KEY_MAX;
}

/* One key belongs to one caller; the request is what the caller asked: method, path, body. */
static void hash_request(Ask *ask, Str key) {
    const Request *in = &ask->call->in;
    unsigned char hash[HASH_LEN];
    Buf b = { .arena = ask->c.arena };
    buf_print(&b, "%d:%lld:", (int)ask->c.actor.kind, (long long)ask->c.actor.id);
    buf_add(&b, key);
    Str who = buf_str(&b);
    sha256(who.at, who.len, hash);
    memcpy(ask->once_key, hash, ONCE_HASH_LEN);
    Buf text = { .arena = ask->c.arena };
    buf_add(&text, in->method);
    buf_char(&text, ' ');
    buf_add(&text, in->path);
    buf_char(&text, '\n');
    buf_add(&text, in->body);
    Str whole = buf_str(&text);
    /* Keyed: a body may hold a PIN, and a plain hash of all but six digits gives them away. */
    mac(&ask->app->keys.lookup, whole.at, whole.len, ask->once_request);
}

static Bytes key_of(const Ask *ask) { return (Bytes){ ask->once_key, ONCE_HASH_LEN }; }

Err once_look(Ask *ask) {
    Ctx *c = &ask->c;
    int64_t today = c->now / DAY_MS;
    OnceRow row = { 0 };
    bool is_found = false;
    TRY(db_find(c,
                "SELECT day, status, request_hash, answer FROM once WHERE merchant_id = $1 AND day IN ($2, $3, $4) "
                "AND key_hash = $5",
                ARGS(today, today - 1, today - 2, key_of(ask)), &once_row_fields, &row, &is_found));
    if (!is_found) return OK;
    if (!bytes_equal(row.request_hash, (Bytes){ ask->once_request, HASH_LEN }))
        return fail(c, E_INVALID, "idempotency.reused", "这个 Idempotency-Key 已用于另一个请求",
                    "this Idempotency-Key was used for another request");
    ask->is_replay = true;
    ask->replay_status = row.status;
    ask->body = row.answer;
    return OK;
}

static Err look_up_run(Ctx *c, void *arg) {
    (void)c;
    return once_look(arg);
}

Err once_open(Ask *ask) {
    Ctx *c = &ask->c;
    Str key = request_header(&ask->call->in, "idempotency-key");
    if (!is_visible(key))
        return fail(c, E_INVALID, "idempotency.missing",
                    "这个操作必须带 Idempotency-Key（1 到 128 个可见字符），重试时不变",
                    "this needs an Idempotency-Key of 1 to 128 visible characters, the same when it is tried again");
    ask->is_once = true;
    hash_request(ask, key);
    return ask->way->route->prepare == NULL ? app_read(c, look_up_run, ask) : OK;
}

static Err twin(Ask *ask) {
    ask->is_twin = true;
    return fail(&ask->c, E_CONFLICT, "idempotency.twin", "同一个请求正在处理",
                "the same request is being done already");
}

Err once_store(Ask *ask) {
    Ctx *c = &ask->c;
    int64_t today = c->now / DAY_MS, changed = 0;
    ask->is_twin = false;
    if (c->now % DAY_MS < MIDNIGHT_MS) { /* a twin may have come just before midnight */
        int64_t count = 0;
        TRY(db_int(c, "SELECT COUNT(*) FROM once WHERE merchant_id = $1 AND day = $2 AND key_hash = $3",
                   ARGS(today - 1, key_of(ask)), &count));
        if (count > 0) return twin(ask);
    }
    TRY(db_change(
        c,
        "INSERT INTO once (merchant_id, day, key_hash, request_hash, status, answer) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        ARGS(today, key_of(ask), ((Bytes){ ask->once_request, HASH_LEN }), (int64_t)ask_status(ask), ask->body),
        &changed));
    return changed == 1 ? OK : twin(ask);
}

Err once_again(Ask *ask) {
    Ctx *c = &ask->c;
    Problem refusal = c->problem;
    problem_clear(c);
    Err err = app_read(c, look_up_run, ask);
    if (err == OK && ask->is_replay) return OK;
    c->problem = refusal;
    return refusal.err;
}

Err once_purge(Ctx *c, [[maybe_unused]] int64_t due_at, bool *ret_more) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "DELETE FROM once WHERE merchant_id = $1 AND day < $2 AND (day, key_hash) IN "
                  "(SELECT o.day, o.key_hash FROM once o WHERE o.merchant_id = $1 AND o.day < $2 LIMIT $3)",
                  ARGS(c->now / DAY_MS - ONCE_DAYS + 1, (int64_t)PURGE_ROWS), &changed));
    *ret_more = changed == PURGE_ROWS;
    return OK;
}
