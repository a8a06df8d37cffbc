#include "app/lockout.h"

typedef struct LockoutRow {
    int64_t tries, tried_at, wait_until;
} LockoutRow;
static const Field row_field[] = {
    FIELD(LockoutRow, tries),
    FIELD(LockoutRow, tried_at),
    FIELD(LockoutRow, wait_until),
};
static const Fields row_fields = FIELDS(LockoutRow, row_field);

static Bytes key_mac(Ctx *c, Str key) {
    unsigned char out[MAC_LEN];
    mac(&c->app->keys.lookup, key.at, key.len, out);
    return arena_bytes(c->arena, out, MAC_LEN / 2);
}

static int64_t wait_after(int64_t tries) {
    if (tries < LOCKOUT_FREE_TRIES) return 0;
    int64_t steps = tries - LOCKOUT_FREE_TRIES;
    int64_t wait_ms = steps > 20 ? LOCKOUT_WAIT_MAX_MS : (int64_t)1000 << steps;
    return wait_ms > LOCKOUT_WAIT_MAX_MS ? LOCKOUT_WAIT_MAX_MS : wait_ms;
}

static Err need_no_wait(Ctx *c, const LockoutRow *row) {
    if (row->wait_until <= c->now) return OK;
    c->problem.retry_after_s = (row->wait_until - c->now + 999) / 1000;
    return fail(c, E_LIMIT, "lockout.wait", "失败次数过多，请在 %lld 秒后再试",
                "Too many failures, try again in %lld s", (long long)c->problem.retry_after_s);
}

Err lockout_look(Ctx *c, const char *name, Str key, int64_t *ret_tries) {
    LockoutRow row = { 0 };
    bool is_found = false;
    TRY(db_find(c,
                "SELECT tries, tried_at, wait_until FROM lockout"
                " WHERE merchant_id = $1 AND name = $2 AND key_mac = $3",
                ARGS(name, key_mac(c, key)), &row_fields, &row, &is_found));
    *ret_tries = row.tries;
    return need_no_wait(c, &row);
}

Err lockout_try(Ctx *c, const char *name, Str key) {
    Bytes where = key_mac(c, key);
    LockoutRow row = { 0 };
    bool is_found = false;
    /* Locks the row, or makes it: two tries at once are counted one after the other. */
    TRY(db_find(
        c,
        "INSERT INTO lockout (merchant_id, name, key_mac, tries, tried_at, wait_until) VALUES ($1, $2, $3, 1, $4, 0)"
        " ON CONFLICT (merchant_id, name, key_mac) DO UPDATE SET"
        " tries = CASE WHEN lockout.wait_until > $4 THEN lockout.tries"
        " WHEN lockout.tried_at < $5 THEN 1 ELSE lockout.tries + 1 END,"
        " tried_at = CASE WHEN lockout.wait_until > $4 THEN lockout.tried_at ELSE $4 END"
        " RETURNING tries, tried_at, wait_until",
        ARGS(name, where, c->now, c->now - LOCKOUT_FORGET_MS), &row_fields, &row, &is_found));
    TRY(need_no_wait(c, &row));
    int64_t wait_ms = wait_after(row.tries);
    if (wait_ms == 0) return OK;
    return db_exec(c, "UPDATE lockout SET wait_until = $4 WHERE merchant_id = $1 AND name = $2 AND key_mac = $3",
                   ARGS(name, where, c->now + wait_ms));
}

Err lockout_clear(Ctx *c, const char *name, Str key) {
    return db_exec(c, "DELETE FROM lockout WHERE merchant_id = $1 AND name = $2 AND key_mac = $3",
                   ARGS(name, key_mac(c, key)));
}

static Err forget_old(Ctx *c, int64_t due_at, bool *ret_more) {
    (void)due_at;
    *ret_more = false;
    return db_exec(c, "DELETE FROM lockout WHERE merchant_id = $1 AND tried_at < $2", ARGS(c->now - LOCKOUT_FORGET_MS));
}

static const Job jobs[] = { { .name = "lockout.forget", .at_minute = 4 * 60, .run = forget_old } };
const Slice lockout_slice = { .name = "lockout", .jobs = jobs, .job_count = COUNT_OF(jobs) };
