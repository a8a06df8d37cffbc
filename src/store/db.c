#include "store/db_engine.h"
#include "store/crash.h"
#include <assert.h>
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- open, close ---- */

static bool is_postgres(Str url) {
    return str_starts(url, S("postgresql://")) || str_starts(url, S("postgres://")) || str_find(url, S("host=")) >= 0 ||
           str_find(url, S("dbname=")) >= 0 || str_find(url, S("service=")) >= 0;
}

Err db_open(Arena *a, const DbConfig *config, Db **ret_db, Str *ret_why) {
    if (config->url.len == 0) {
        *ret_why = S("db.missing: no database was named");
        return E_INVALID;
    }
    return is_postgres(config->url) ? postgres_open(a, config, ret_db, ret_why)
                                    : sqlite_open(a, config, ret_db, ret_why);
}

void db_init(Db *db, const DbOps *ops, DbEngine engine, const DbConfig *config) {
    arena_init(&db->arena, ARENA_BUDGET);
    db->ops = ops;
    db->engine = engine;
    db->config = *config;
    db->config.url = arena_str(&db->arena, config->url);
    db->config.crash_point = arena_str(&db->arena, config->crash_point);
    atomic_store(&db->is_writable, true);
    crash_init(db);
}

void db_close(Db *db) { db->ops->close(db); }
DbEngine db_engine(const Db *db) { return db->engine; }
Str db_path(const Db *db) { return db->engine == DB_SQLITE ? db->config.url : (Str){ 0 }; }
bool db_is_ready(Db *db) { return db->ops->is_ready(db); }

DbStats db_stats(const Db *db) {
    return (DbStats){ .units = db->units,
                      .refused = db->refused,
                      .commits = db->commits,
                      .retries = db->retries,
                      .group_units_max = db->group_units_max,
                      .queue_now = db->queue_now,
                      .commit_us_total = db->commit_us_total,
                      .wal_pages = db->wal_pages,
                      .is_writable = db->is_writable };
}

Err db_backup(Db *db, Ctx *c, Str path) {
    assert(c->tx == NULL);
    return db->ops->backup(db, c, path);
}

int64_t db_memory_kib(void) {
    int64_t kib = (int64_t)sysconf(_SC_PHYS_PAGES) * (sysconf(_SC_PAGESIZE) / 1024);
    char text[32] = "";
    int fd = open("/sys/fs/cgroup/memory.max", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return kib;
    ssize_t len = read(fd, text, sizeof text - 1);
    close(fd);
    int64_t bytes = 0;
    bool is_number = len > 0 && str_to_int(str_trim((Str){ text, len }), &bytes);
    return is_number && bytes / 1024 < kib ? bytes / 1024 : kib;
}

/* ---- units ---- */

void db_unit_start(Db *db, Unit *unit) {
    assert(unit->c->tx == NULL); /* units do not nest, and a read snapshot ends before a unit begins */
    db->ops->unit_start(db, unit);
}

static void wake_waiter(Unit *unit) { sem_post(unit->user); }

static Err unit_and_wait(Db *db, Ctx *c, UnitRun run, void *arg, bool is_alone) {
    assert(db->ops->may_wait(db)); /* done() runs on the writer: waiting there for the writer would last for ever */
    sem_t finished;
    sem_init(&finished, 0, 0);
    Unit unit = { .c = c, .run = run, .arg = arg, .done = wake_waiter, .user = &finished, .is_alone = is_alone };
    db_unit_start(db, &unit);
    while (sem_wait(&finished) != 0) {} /* a signal may interrupt the wait */
    sem_destroy(&finished);
    return unit.err;
}

Err db_unit(Db *db, Ctx *c, UnitRun run, void *arg) { return unit_and_wait(db, c, run, arg, false); }
Err db_unit_alone(Db *db, Ctx *c, UnitRun run, void *arg) { return unit_and_wait(db, c, run, arg, true); }

void unit_mark(Unit *u) {
    Ctx *c = u->c;
    u->mark = arena_mark(c->arena);
    u->pending = c->pending;
    u->plan = c->plan;
    u->merchant_id = c->merchant_id;
    u->shop_id = c->shop_id;
    u->actor = c->actor;
    if (c->rng != NULL) u->rng = *c->rng;
}

void unit_wind_back(Unit *u) {
    Ctx *c = u->c;
    arena_back(c->arena, u->mark);
    c->pending = u->pending;
    c->plan = u->plan;
    c->merchant_id = u->merchant_id;
    c->shop_id = u->shop_id;
    c->actor = u->actor;
    if (c->rng != NULL && c->rng->is_seeded)
        *c->rng = u->rng; /* so that a run does not depend on who shared its group */
    problem_clear(c);
}

/* ---- reads ---- */

Err db_read_begin(Db *db, Ctx *c) {
    if (c->tx != NULL) {
        c->tx->depth++;
        return OK;
    }
    TRY(db->ops->read_begin(db, c));
    c->tx->depth = 1;
    return OK;
}

void db_read_end(Db *db, Ctx *c) {
    assert(c->tx != NULL && c->tx->depth > 0);
    if (--c->tx->depth > 0 || c->tx->is_unit) return;
    db->ops->read_end(c);
    c->tx = NULL;
}

Err db_give_way(Ctx *c) {
    assert(db_in_unit(c));
    return c->tx->db->ops->give_way == NULL ? OK : c->tx->db->ops->give_way(c);
}

bool db_in_unit(const Ctx *c) { return c->tx != NULL && c->tx->is_unit; }

/* ---- statements ---- */

static Err broken(Ctx *c, Err err) {
    if (c->tx != NULL) c->tx->broken = err;
    return err;
}

static Err store_too_much(Ctx *c) {
    return broken(c, fail(c, E_INVALID, "store.too_much", "这次要处理的数据太多，请分批",
                          "this is too much data for one go; split it"));
}

/* A loop that reads on and on must end before the arena does, for that would end the process. */
static bool is_far_over(const Arena *a) { return a->used / 8 > a->budget; }

static Err query_run(Ctx *c, Query *q) {
    Tx *tx = c->tx;
    assert(tx != NULL);                              /* db_* outside of a unit and of db_read_begin */
    assert(!q->has_merchant || c->merchant_id != 0); /* a tenant's statement without a tenant */
    if (tx->broken != OK) return tx->broken;
    if (is_far_over(c->arena)) return store_too_much(c);
    if (tx->db->watch != NULL && tx->is_unit) tx->db->watch(tx->db->watch_user, c, q->sql, q->has_merchant, q->args);
    if (tx->is_unit) crash_here(tx->db, "statement");
    return tx->db->ops->query(c, q);
}

void db_watch(Db *db, DbWatch watch, void *user) {
    db->watch = watch;
    db->watch_user = user;
}

Err db_script(Ctx *c, const char *sql) {
    assert(c->tx != NULL && c->tx->is_unit);
    if (c->tx->broken != OK) return c->tx->broken;
    return c->tx->db->ops->script(c, sql);
}

Err db_exec(Ctx *c, const char *sql, DbArgs args) {
    return query_run(c, &(Query){ .sql = sql, .args = args, .has_merchant = true });
}

static Err run_change(Ctx *c, Query *q, int64_t *ret_changed) {
    q->want = WANT_CHANGED;
    TRY(query_run(c, q));
    *ret_changed = q->changed;
    return OK;
}

static Err run_find(Ctx *c, Query *q, bool *ret_found) {
    q->want = WANT_ONE;
    TRY(query_run(c, q));
    *ret_found = q->seen > 0;
    return OK;
}

static Err run_rows(Ctx *c, Query *q, ListAny *ret_list) {
    assert(q->most > 0);
    q->want = WANT_LIST;
    TRY(query_run(c, q));
    *ret_list = q->list;
    return OK;
}

Err db_change(Ctx *c, const char *sql, DbArgs args, int64_t *ret_changed) {
    return run_change(c, &(Query){ .sql = sql, .args = args, .has_merchant = true }, ret_changed);
}

Err db_find(Ctx *c, const char *sql, DbArgs args, const Fields *fields, void *ret_row, bool *ret_found) {
    return run_find(c, &(Query){ .sql = sql, .args = args, .has_merchant = true, .fields = fields, .row = ret_row },
                    ret_found);
}

Err db_row(Ctx *c, const char *sql, DbArgs args, const Fields *fields, void *ret_row) {
    bool is_found;
    TRY(db_find(c, sql, args, fields, ret_row, &is_found));
    return is_found ? OK : fail(c, E_NOT_FOUND, "not_found", "没有找到", "Not found");
}

Err db_rows(Ctx *c, const char *sql, DbArgs args, const Fields *fields, int64_t most, ListAny *ret_list) {
    return run_rows(c, &(Query){ .sql = sql, .args = args, .has_merchant = true, .fields = fields, .most = most },
                    ret_list);
}

Err db_int(Ctx *c, const char *sql, DbArgs args, int64_t *ret_value) {
    Query q = { .sql = sql, .args = args, .has_merchant = true, .want = WANT_INT };
    TRY(query_run(c, &q));
    *ret_value = q.value;
    return OK;
}

Err db_each(Ctx *c, const char *sql, DbArgs args, const Fields *fields, Err (*each)(Ctx *c, void *row, void *arg),
            void *arg) {
    void *row = arena_take(c->arena, fields->size, 16);
    return query_run(c, &(Query){ .sql = sql,
                                  .args = args,
                                  .has_merchant = true,
                                  .want = WANT_EACH,
                                  .fields = fields,
                                  .row = row,
                                  .each = each,
                                  .arg = arg });
}

Err db_system_change(Ctx *c, const char *sql, DbArgs args, int64_t *ret_changed) {
    return run_change(c, &(Query){ .sql = sql, .args = args }, ret_changed);
}

Err db_system_find(Ctx *c, const char *sql, DbArgs args, const Fields *fields, void *ret_row, bool *ret_found) {
    return run_find(c, &(Query){ .sql = sql, .args = args, .fields = fields, .row = ret_row }, ret_found);
}

Err db_system_rows(Ctx *c, const char *sql, DbArgs args, const Fields *fields, int64_t most, ListAny *ret_list) {
    return run_rows(c, &(Query){ .sql = sql, .args = args, .fields = fields, .most = most }, ret_list);
}

/* ---- refusals ---- */

Err store_unavailable(Ctx *c) {
    c->problem.retry_after_s = 5;
    return broken(c, fail(c, E_BUSY, "store.unavailable", "数据库暂时无法写入或连接，请稍后再试",
                          "The database cannot be written or reached at the moment; please try again later"));
}

Err store_busy(Ctx *c) {
    c->problem.retry_after_s = 1;
    return broken(
        c, fail(c, E_BUSY, "store.busy", "系统正忙，请稍后再试", "Too busy to do this in time; please try again"));
}

Err store_constraint(Ctx *c, const char *sql, const char *words) {
    store_log("error", "store.constraint", "%s in: %.160s", words, sql);
    return broken(c, fail(c, E_INTERNAL, "store.constraint", "系统内部错误：数据约束不满足",
                          "Internal error: a constraint of the data was not met"));
}

Err store_defect(Ctx *c, const char *sql, const char *words) {
    store_log("error", "store.defect", "%s in: %.160s", words, sql);
    return broken(c, fail(c, E_INTERNAL, "store.defect", "系统内部错误：数据库语句有误",
                          "Internal error: a database statement is wrong"));
}

/* The store's own JSON line, for it stands below the application's log. Never shows values, only statements and
 * names. */
void store_log(const char *level, const char *event, const char *format, ...) {
    char words[512], line[1280];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    long long at = (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    int len =
        snprintf(line, sizeof line, "{\"at\":%lld,\"level\":\"%s\",\"event\":\"%s\",\"message\":\"", at, level, event);
    for (const char *w = words; *w != 0 && len < (int)sizeof line - 8; w++) {
        if (*w == '"' || *w == '\\') line[len++] = '\\';
        line[len++] = (unsigned char)*w < ' ' ? ' ' : *w;
    }
    len += snprintf(line + len, sizeof line - (size_t)len, "\"}\n");
    fwrite(line, 1, (size_t)len, stderr);
}

int64_t store_now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- crash points ---- */

void crash_init(Db *db) {
    Str name, times;
    int64_t count = 1;
    if (str_cut(db->config.crash_point, ':', &name, &times) && !str_to_int(times, &count)) count = 1;
    db->config.crash_point = name;
    atomic_store(&db->crash_left, count);
}

void crash_now(Db *db, const char *point) {
    if (!str_is(db->config.crash_point, point)) return;
    if (atomic_fetch_sub(&db->crash_left, 1) == 1) kill(getpid(), SIGKILL);
}

/* ---- texts ---- */

/* A literal's address lies between the program's start and its writable data; so two literals never share one, and
 * a text built at run time, whose place may be reused for another, is never taken for one. */
bool is_literal(const char *sql) {
    extern const char __executable_start[], __data_start[];
    return sql >= __executable_start && sql < __data_start;
}

static bool is_word(char ch) {
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || ch == '_';
}

char *sqlite_text_of(const char *sql) {
    size_t len = strlen(sql);
    char *text = malloc(len + 1), *to = text;
    assert(text != NULL);
    for (const char *at = sql; *at != 0;) {
        if (*at == '\'' || *at == '"') {
            char quote = *at;
            do *to++ = *at++;
            while (*at != 0 && *at != quote);
            if (*at != 0) *to++ = *at++;
        } else if (at[0] == '-' && at[1] == '-') {
            while (*at != 0 && *at != '\n') at++;
        } else if (at[0] == '$' && at[1] >= '0' && at[1] <= '9') {
            *to++ = '?';
            at++;
        } else if (strncmp(at, "BYTEA", 5) == 0 && !is_word(at[5]) && (at == sql || !is_word(at[-1]))) {
            memcpy(to, "BLOB", 4);
            to += 4;
            at += 5;
        } else {
            *to++ = *at++;
        }
    }
    *to = 0;
    return text;
}
