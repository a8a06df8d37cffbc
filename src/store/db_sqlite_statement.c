#include "store/db_sqlite.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { TEXTS_MOST = 256 };

/* ---- refusals ---- */

bool sqlite_is_lost(int rc) {
    switch (rc & 0xff) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
        return true;
    default:
        return false;
    }
}

Err sqlite_refuse(Ctx *c, SqliteConn *conn, int rc, const char *sql) {
    if (sqlite_is_lost(rc)) {
        store_log("error", "store.unavailable", "%s (%d)", sqlite3_errmsg(conn->at), rc);
        conn->is_lost = true;
        return store_unavailable(c);
    }
    switch (rc & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return store_busy(c);
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
        return store_constraint(c, sql, sqlite3_errmsg(conn->at));
    default:
        return store_defect(c, sql, sqlite3_errmsg(conn->at));
    }
}

/* ---- the prepared statements of a connection ---- */

static void forget(Known *entry) {
    Statement *st = (Statement *)entry;
    sqlite3_finalize(st->at);
    column_map_free(&st->map);
}

void sqlite_statements_free(SqliteConn *conn) {
    known_forget(&conn->known.literals, forget);
    known_forget(&conn->known.texts, forget);
}

static bool any_running(const KnownTable *t) {
    for (int64_t i = 0; i < t->room; i++)
        if (t->at[i] != NULL && ((const Statement *)t->at[i])->is_running) return true;
    return false;
}

static Err statement_add(Ctx *c, SqliteConn *conn, const char *sql, Statement **ret_statement) {
    KnownTable *texts = &conn->known.texts;
    if (texts->count >= TEXTS_MOST && !any_running(texts)) known_forget(texts, forget);
    sqlite3_stmt *at = NULL;
    const char *tail = "";
    char *text = sqlite_text_of(sql);
    int rc = sqlite3_prepare_v3(conn->at, text, -1, SQLITE_PREPARE_PERSISTENT, &at, &tail);
    bool has_more = rc == SQLITE_OK && tail[strspn(tail, " \n\t;")] != 0;
    free(text);
    if (rc != SQLITE_OK || at == NULL || has_more) {
        sqlite3_finalize(at);
        return rc != SQLITE_OK ? sqlite_refuse(c, conn, rc, sql) : store_defect(c, sql, "not exactly one statement");
    }
    Statement *st = calloc(1, sizeof *st);
    assert(st != NULL);
    *st = (Statement){ .at = at,
                       .params = sqlite3_bind_parameter_count(at),
                       .columns = sqlite3_column_count(at),
                       .is_write = !sqlite3_stmt_readonly(at) };
    known_add(&conn->known, sql, &st->known);
    *ret_statement = st;
    return OK;
}

static Err statement_get(Ctx *c, SqliteConn *conn, const char *sql, Statement **ret_statement) {
    *ret_statement = (Statement *)known_find(&conn->known, sql);
    return *ret_statement != NULL ? OK : statement_add(c, conn, sql, ret_statement);
}

/* ---- running one ---- */

static int bind_one(sqlite3_stmt *at, int i, const DbValue *v) {
    if (v->kind == DB_INT) return sqlite3_bind_int64(at, i, v->num);
    const char *text = v->text.at == NULL ? "" : v->text.at; /* NULL would be SQL's NULL */
    if (v->kind == DB_TEXT)
        return sqlite3_bind_text64(at, i, text, (sqlite3_uint64)v->text.len, SQLITE_STATIC, SQLITE_UTF8);
    return sqlite3_bind_blob64(at, i, text, (sqlite3_uint64)v->text.len, SQLITE_STATIC);
}

static Err bind_all(Ctx *c, SqliteConn *conn, Statement *st, const Query *q) {
    int first = q->has_merchant ? 2 : 1;
    int want = (int)q->args.count + first - 1;
    if (st->params != want && !(st->params == 0 && q->args.count == 0))
        return store_defect(c, q->sql, "the number of arguments is not the number of parameters");
    int rc = SQLITE_OK;
    if (q->has_merchant && st->params > 0) rc = sqlite3_bind_int64(st->at, 1, c->merchant_id);
    for (int i = 0; rc == SQLITE_OK && i < q->args.count; i++) rc = bind_one(st->at, first + i, &q->args.at[i]);
    return rc == SQLITE_OK ? OK : sqlite_refuse(c, conn, rc, q->sql);
}

static const char *column_name(const void *at, int64_t i) {
    return sqlite3_column_name((sqlite3_stmt *)(uintptr_t)at, (int)i);
}

static DbValue column_value(sqlite3_stmt *at, int i) {
    switch (sqlite3_column_type(at, i)) {
    case SQLITE_INTEGER:
        return db_value_int(sqlite3_column_int64(at, i));
    case SQLITE_TEXT: {
        const char *text = (const char *)sqlite3_column_text(at, i);
        return db_value_str((Str){ text, sqlite3_column_bytes(at, i) });
    }
    case SQLITE_BLOB: {
        const unsigned char *bytes = sqlite3_column_blob(at, i);
        return db_value_bytes((Bytes){ bytes, sqlite3_column_bytes(at, i) });
    }
    default:
        return (DbValue){ 0 };
    }
}

static Err take_row(Ctx *c, Statement *st, Query *q, bool *ret_more) {
    if (q->want == WANT_INT) {
        q->value = sqlite3_column_int64(st->at, 0);
        q->seen = 1;
        *ret_more = false;
        return OK;
    }
    if (st->map.fields != q->fields) TRY(column_map(c, &st->map, q, st->columns, column_name, st->at));
    void *row = query_row(c, q);
    for (int i = 0; i < st->columns; i++) {
        DbValue value = column_value(st->at, i);
        TRY(query_cell(c, q, st->map.field[i], &value, row));
    }
    return query_row_done(c, q, ret_more);
}

/* A write is stepped to its end even when no further row is wanted, for only then has all of it happened. */
static Err step_all(Ctx *c, SqliteConn *conn, Statement *st, Query *q) {
    bool wants_more = q->want > WANT_CHANGED;
    for (;;) {
        int rc = sqlite3_step(st->at);
        if (rc == SQLITE_DONE) return OK;
        if (rc != SQLITE_ROW) return sqlite_refuse(c, conn, rc, q->sql);
        if (wants_more) TRY(take_row(c, st, q, &wants_more));
        if (!wants_more && !st->is_write) return OK;
    }
}

static Err savepoint_open(Ctx *c, SqliteConn *conn) {
    TRY(sqlite_run(c, conn, "SAVEPOINT", conn->savepoint));
    conn->has_savepoint = true;
    return OK;
}

Err sqlite_query(Ctx *c, Query *q) {
    SqliteConn *conn = (SqliteConn *)c->tx;
    Statement *st;
    TRY(statement_get(c, conn, q->sql, &st));
    assert(!st->is_running);                   /* db_each of the same statement */
    assert(!st->is_write || conn->tx.is_unit); /* writing outside of a unit */
    if (st->is_write && conn->wants_savepoint && !conn->has_savepoint) TRY(savepoint_open(c, conn));
    TRY(bind_all(c, conn, st, q));
    st->is_running = true;
    Err err = step_all(c, conn, st, q);
    st->is_running = false;
    sqlite3_reset(st->at);
    if (err == OK && q->want == WANT_CHANGED) q->changed = sqlite3_changes64(conn->at);
    return err;
}

Err sqlite_script(Ctx *c, const char *sql) {
    SqliteConn *conn = (SqliteConn *)c->tx;
    sqlite3_stmt *at = NULL;
    int rc = sqlite3_prepare_v2(conn->at, sql, -1, &at, NULL);
    if (rc != SQLITE_OK) return sqlite_refuse(c, conn, rc, sql);
    while ((rc = sqlite3_step(at)) == SQLITE_ROW) {}
    Err err = rc == SQLITE_DONE ? OK : sqlite_refuse(c, conn, rc, sql);
    sqlite3_finalize(at);
    return err;
}
