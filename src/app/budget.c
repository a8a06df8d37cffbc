/* budget - 限次: windowed counters in the database: one-time codes, wrong guesses, log-ins. Declared in app.h.
 * Owns:   budget
 * Units:  window_ms milliseconds, until_at unix ms
 * Calls:  nobody
 * Emits:  nothing
 * Holds:  no key is stored in clear
 * Errors: limit.reached */
#include "app/app_state.h"

enum { PURGE_ROWS = 2000, PURGE_EVERY_MS = 3600 * 1000 };

typedef struct BudgetRow { int64_t used, until_at; } BudgetRow;
static const Field budget_row_field[] = { FIELD(BudgetRow, used), FIELD(BudgetRow, until_at) };
static const Fields budget_row_fields = FIELDS(BudgetRow, budget_row_field);

static Err refuse(Ctx *c, const BudgetRow *row, int64_t most) {
    c->problem.retry_after_s = (row->until_at - c->now + 999) / 1000;
    fail_number(c, "most", most);
    fail_number(c, "retry_after_s", c->problem.retry_after_s);
    return fail(c, E_LIMIT, "limit.reached", "操作太频繁，请 %lld 秒后再试", "too often; try again in %lld s",
                (long long)c->problem.retry_after_s);
}

static Bytes mac_of(Ctx *c, Str key) {
    unsigned char out[MAC_LEN];
    mac(&c->app->keys.lookup, key.at, key.len, out);
    return arena_bytes(c->arena, out, MAC_LEN);
}

/* The window opens with the first take and closes window_ms later, whatever is taken in between. */
static Err add(Ctx *c, const char *name, Str key, int64_t window_ms, BudgetRow *ret_row) {
    return db_row(c,
                  "INSERT INTO budget (merchant_id, name, key_mac, until_at, used) VALUES ($1, $2, $3, $4, 1)"
                  " ON CONFLICT (merchant_id, name, key_mac) DO UPDATE SET"
                  " used = CASE WHEN budget.until_at <= $5 THEN 1 ELSE budget.used + 1 END,"
                  " until_at = CASE WHEN budget.until_at <= $5 THEN excluded.until_at ELSE budget.until_at END"
                  " RETURNING used, until_at",
                  ARGS(name, mac_of(c, key), c->now + window_ms, c->now), &budget_row_fields, ret_row);
}

Err budget_take(Ctx *c, const char *name, Str key, int64_t most, int64_t window_ms) {
    BudgetRow row;
    TRY(add(c, name, key, window_ms, &row));
    return row.used <= most ? OK : refuse(c, &row, most);
}

Err budget_count(Ctx *c, const char *name, Str key, int64_t window_ms) {
    BudgetRow row;
    return add(c, name, key, window_ms, &row);
}

Err budget_look(Ctx *c, const char *name, Str key, int64_t most) {
    BudgetRow row = { 0 };
    bool found = false;
    TRY(db_find(c,
                "SELECT used, until_at FROM budget WHERE merchant_id = $1 AND name = $2 AND key_mac = $3"
                " AND until_at > $4",
                ARGS(name, mac_of(c, key), c->now), &budget_row_fields, &row, &found));
    return !found || row.used < most ? OK : refuse(c, &row, most);
}

static Err budget_purge(Ctx *c, int64_t due_at, bool *ret_more) {
    (void)due_at;
    int64_t changed;
    TRY(db_change(c,
                  "DELETE FROM budget WHERE merchant_id = $1 AND (name, key_mac) IN (SELECT name, key_mac FROM budget"
                  " WHERE merchant_id = $1 AND until_at < $2 ORDER BY until_at LIMIT $3)",
                  ARGS(c->now, PURGE_ROWS), &changed));
    *ret_more = changed == PURGE_ROWS;
    return OK;
}

static const Job budget_jobs[] = { { "budget.purge", .every_ms = PURGE_EVERY_MS, .run = budget_purge } };
const Slice budget_slice = { .name = "budget", .jobs = budget_jobs, .job_count = COUNT_OF(budget_jobs) };
