#include "store/db_postgres.h"
#include "store/crash.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TRIES_MOST = 7, PAUSE_FIRST_US = 2000, GIVING_TRIES_MOST = 60, GIVING_PAUSE_US = 10000,
       FETCH_ROWS = 500, REFUSED_US = 5000000 };
enum { OID_BOOL = 16, OID_BYTEA = 17, OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23, OID_NUMERIC = 1700 };

/* ---- results ---- */

static const char *column_name(const void *res, int64_t i) { return PQfname(res, (int)i); }

static int64_t number(const char *at, int len) {
    int64_t v = (signed char)at[0];
    for (int i = 1; i < len; i++) v = (int64_t)((uint64_t)v << 8 | (unsigned char)at[i]);
    return v;
}

static Err value_of(Ctx *c, const Query *q, const PGresult *res, int row, int column, DbValue *ret_value) {
    *ret_value = (DbValue){ 0 };
    if (PQgetisnull(res, row, column)) return OK;
    const char *at = PQgetvalue(res, row, column);
    int len = PQgetlength(res, row, column);
    switch (PQftype(res, column)) {
    case OID_INT8:
    case OID_INT4:
    case OID_INT2:
    case OID_BOOL:
        *ret_value = db_value_int(number(at, len));
        return OK;
    case OID_BYTEA:
        *ret_value = db_value_bytes((Bytes){ (const unsigned char *)at, len });
        return OK;
    case OID_NUMERIC:
        return store_defect(c, q->sql, "a SUM of BIGINT is numeric: CAST(SUM(x) AS BIGINT)");
    default:
        *ret_value = db_value_str((Str){ at, len });
        return OK;
    }
}

static Err take_row(Ctx *c, Query *q, const PGresult *res, int row, const ColumnMap *map, bool *ret_more) {
    void *into = query_row(c, q);
    for (int i = 0; i < map->count; i++) {
        DbValue value;
        TRY(value_of(c, q, res, row, i, &value));
        TRY(query_cell(c, q, map->field[i], &value, into));
    }
    return query_row_done(c, q, ret_more);
}

static Err take_rows(Ctx *c, Query *q, const PGresult *res, ColumnMap *map) {
    int rows = PQntuples(res);
    if (rows == 0) return OK;
    TRY(column_map(c, map, q, PQnfields(res), column_name, res));
    bool wants_more = true;
    for (int i = 0; i < rows && wants_more; i++) TRY(take_row(c, q, res, i, map, &wants_more));
    return OK;
}

static Err take_result(Ctx *c, Query *q, const PGresult *res, PgStatement *st) {
    if (q->want == WANT_CHANGED) {
        if (!str_to_int(str_of(PQcmdTuples((PGresult *)(uintptr_t)res)), &q->changed)) q->changed = 0;
        return OK;
    }
    if (q->want == WANT_INT) {
        if (PQntuples(res) == 0) return OK;
        DbValue value;
        TRY(value_of(c, q, res, 0, 0, &value));
        q->value = value.num;
        return OK;
    }
    if (st != NULL) return take_rows(c, q, res, &st->map);
    ColumnMap once = { 0 };
    Err err = take_rows(c, q, res, &once);
    column_map_free(&once);
    return err;
}

/* ---- statements ---- */

/* BEGIN travels with the first statement. */
static Err begin(Ctx *c, PgConn *p) {
    if (p->is_begun) return OK;
    TRY(pipe_send_text(c, p,
                       p->tx.is_unit ? "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
                                     : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
    p->is_begun = true;
    return OK;
}

static Err one_text(Ctx *c, PgConn *p, const Query *q, PGresult **ret_result) {
    PgStatement *st;
    TRY(pipe_send(c, p, q, &st));
    return pipe_collect(c, p, ret_result);
}

static Err fetch_all(Ctx *c, PgConn *p, Query *q, Str cursor, ColumnMap *map) {
    const char *fetch = arena_cstr(
        c->arena, arena_print(c->arena, "FETCH FORWARD %d FROM %.*s", FETCH_ROWS, (int)cursor.len, cursor.at));
    for (int rows = FETCH_ROWS; rows == FETCH_ROWS;) {
        PGresult *res = NULL;
        TRY(one_text(c, p, &(Query){ .sql = fetch }, &res));
        rows = PQntuples(res);
        Err err = take_rows(c, q, res, map);
        PQclear(res);
        TRY(err);
    }
    return OK;
}

/* By a cursor, so that memory stays small and other statements may run between the rows. */
static Err each_row(Ctx *c, PgConn *p, Query *q) {
    Str cursor = arena_print(c->arena, "e%lld", (long long)++p->cursors);
    const char *declare = arena_cstr(
        c->arena, arena_print(c->arena, "DECLARE %.*s NO SCROLL CURSOR FOR %s", (int)cursor.len, cursor.at, q->sql));
    TRY(one_text(c, p, &(Query){ .sql = declare, .args = q->args, .has_merchant = q->has_merchant }, NULL));
    ColumnMap map = { 0 };
    Err err = fetch_all(c, p, q, cursor, &map);
    column_map_free(&map);
    if (p->tx.broken != OK) return err != OK ? err : p->tx.broken;
    Err closed = one_text(
        c, p, &(Query){ .sql = arena_cstr(c->arena, arena_print(c->arena, "CLOSE %.*s", (int)cursor.len, cursor.at)) },
        NULL);
    return err != OK ? err : closed;
}

static Err query(Ctx *c, Query *q) {
    PgConn *p = (PgConn *)c->tx;
    assert(p->tx.is_unit || q->want > WANT_CHANGED); /* writing outside of a unit */
    TRY(begin(c, p));
    if (q->want == WANT_EACH) return each_row(c, p, q);
    PgStatement *st;
    TRY(pipe_send(c, p, q, &st));
    if (q->want == WANT_NOTHING) return OK;
    PGresult *res = NULL;
    TRY(pipe_collect(c, p, &res));
    Err err = take_result(c, q, res, st);
    PQclear(res);
    return err;
}

static Err script(Ctx *c, const char *sql) {
    PgConn *p = (PgConn *)c->tx;
    TRY(begin(c, p));
    return one_text(c, p, &(Query){ .sql = arena_cstr(c->arena, str_of(sql)) }, NULL);
}

/* Shorter than the server looks for a circle (1 s), so that it is never another unit that is ended. */
static Err give_way(Ctx *c) {
    PgConn *p = (PgConn *)c->tx;
    TRY(begin(c, p));
    p->gives_way = true;
    return pipe_send_text(c, p, "SET LOCAL lock_timeout = 50");
}

/* ---- ends ---- */

static Err commit(Ctx *c, PgConn *p) {
    if (!p->is_begun) return OK;
    int64_t start = store_now_us();
    crash_here(p->tx.db, "before_commit");
    TRY(pipe_send_text(c, p, "COMMIT")); /* behind what was only sent: if that refuses, the server skips the COMMIT */
    p->is_committing = true;
    if (!pipe_sync(p)) return pipe_lost(c, p, PQerrorMessage(p->at));
    PGresult *res = NULL;
    TRY(pipe_collect(c, p, &res));
    bool is_committed = strcmp(PQcmdStatus(res), "COMMIT") == 0;
    PQclear(res);
    p->is_begun = false;
    if (!is_committed) return store_defect(c, "COMMIT", "rolled back instead");
    crash_here(p->tx.db, "after_commit");
    atomic_fetch_add_explicit(&p->tx.db->commit_us_total, store_now_us() - start, memory_order_relaxed);
    return OK;
}

/* Sent and not waited for: whoever borrows the connection next reads the answer. */
static void abandon(Ctx *c, PgConn *p) {
    if (p->at == NULL || !p->is_begun) return;
    Tx kept = p->tx;
    Problem problem = c->problem;
    if (pipe_send_text(c, p, "ROLLBACK") == OK && !pipe_sync(p)) pool_disconnect(p);
    c->problem = problem;
    p->tx = kept;
    p->is_begun = false;
}

typedef enum Again { AGAIN_NO, AGAIN_CONFLICT, AGAIN_GIVES_WAY } Again;

static Err try_unit(PgDb *g, Unit *u, Again *ret_again) {
    Ctx *c = u->c;
    PgConn *p;
    *ret_again = AGAIN_NO;
    TRY(pool_lend(g, c, &p));
    p->tx.is_unit = true;
    c->tx = &p->tx;
    Err err = u->run(c, u->arg);
    if (p->tx.broken != OK) err = p->tx.broken;
    crash_here(&g->db, "unit");
    if (err == OK) err = commit(c, p);
    if (err != OK)
        abandon(c, p);
    else
        atomic_store(&g->db.is_writable, true);
    c->tx = NULL;
    /* When a connection is lost under COMMIT nobody knows whether it took place: running again might do it twice. */
    bool is_again = err != OK && (p->is_conflict || (p->is_lost && !p->is_committing));
    if (is_again) *ret_again = p->gives_way ? AGAIN_GIVES_WAY : AGAIN_CONFLICT;
    pool_give(g, p);
    return err;
}

static void unit_start(Db *db, Unit *u) {
    PgDb *g = (PgDb *)db;
    Again again;
    unit_mark(u);
    u->err = try_unit(g, u, &again);
    for (int tries = 1; again != AGAIN_NO; tries++) {
        bool gives_way = again == AGAIN_GIVES_WAY;
        if (tries >= (gives_way ? GIVING_TRIES_MOST : TRIES_MOST)) break;
        unsigned spread = (unsigned)store_now_us() % PAUSE_FIRST_US; /* two that met shall not meet again */
        usleep((gives_way ? (unsigned)GIVING_PAUSE_US : (unsigned)PAUSE_FIRST_US << tries) + spread);
        atomic_fetch_add_explicit(&db->retries, 1, memory_order_relaxed);
        unit_wind_back(u);
        u->err = try_unit(g, u, &again);
    }
    atomic_fetch_add_explicit(&db->units, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(u->err == OK ? &db->commits : &db->refused, 1, memory_order_relaxed);
    u->done(u);
}

static Err read_begin(Db *db, Ctx *c) {
    PgConn *p;
    TRY(pool_lend((PgDb *)db, c, &p));
    c->tx = &p->tx;
    return OK;
}

static void read_end(Ctx *c) {
    PgConn *p = (PgConn *)c->tx;
    abandon(c, p);
    pool_give((PgDb *)p->tx.db, p);
}

static bool may_wait(Db *db) { return db != NULL; } /* every thread runs its own units */

/* After a write that the disk refused, the server counts as ready again some seconds later, so that somebody tries. */
static bool may_be_writable(Db *db) {
    return atomic_load(&db->is_writable) || store_now_us() - atomic_load(&db->refused_at_us) > REFUSED_US;
}

static bool is_ready(Db *db) {
    PgDb *g = (PgDb *)db;
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    Ctx c = { .arena = &a };
    PgConn *p;
    bool is_ok = pool_lend(g, &c, &p) == OK;
    if (is_ok) {
        c.tx = &p->tx;
        p->answer_ms = PG_MOMENT_MS;
        is_ok = begin(&c, p) == OK && one_text(&c, p, &(Query){ .sql = "SELECT 1" }, NULL) == OK;
        read_end(&c);
    }
    arena_free(&a);
    return is_ok && may_be_writable(db);
}

/* ---- open, close ---- */

static void close_all(Db *db) {
    PgDb *g = (PgDb *)db;
    pool_free(g);
    arena_free(&db->arena);
    free(g);
}

static const DbOps postgres_ops = {
    .close = close_all,
    .unit_start = unit_start,
    .read_begin = read_begin,
    .read_end = read_end,
    .query = query,
    .script = script,
    .give_way = give_way,
    .may_wait = may_wait,
    .is_ready = is_ready,
    .backup = postgres_backup,
};

Err postgres_open(Arena *a, const DbConfig *config, Db **ret_db, Str *ret_why) {
    PgDb *g = calloc(1, sizeof *g);
    assert(g != NULL);
    db_init(&g->db, &postgres_ops, DB_POSTGRES, config);
    if (!pool_init(g, a, ret_why)) {
        close_all(&g->db);
        return E_BUSY;
    }
    *ret_db = &g->db;
    return OK;
}
