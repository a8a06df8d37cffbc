/* insert: a bare loop that writes the rows of one laoke database into another, as a measure of imports: orders in their order with their
 * lines and payments, before them every other table's rows as they ended up. On SQLite ROWS in a durable transaction with the server's
 * pragmas; on PostgreSQL a pipeline of ROWS prepared statements in one transaction.
 *   part_insert SOURCE.db TARGET ROWS      TARGET: a migrated SQLite file, or postgresql://…; prints "rows=N rate=ROWS_PER_S" */
#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COLUMNS_MAX = 64, TABLES_MAX = 400 };

typedef struct Value { int kind, len; int64_t number; char *at; } Value;        /* kind: SQLITE_INTEGER, _TEXT, _BLOB */
typedef struct Table { char *name, *insert; int columns; bool is_order; Oid types[COLUMNS_MAX]; sqlite3_stmt *at; char prepared[8]; } Table;
typedef struct Row { Table *table; Value *values; int64_t order_id; } Row;
typedef struct Rows { Row *items; int64_t count, room; } Rows;

static void die(const char *what, const char *why) {
    fprintf(stderr, "insert: %s: %s\n", what, why);
    exit(1);
}

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- reading the source ---- */

static sqlite3_stmt *ask(sqlite3 *db, const char *sql) {
    sqlite3_stmt *s;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK) die(sql, sqlite3_errmsg(db));
    return s;
}

static void describe(Table *table, sqlite3_stmt *s, bool is_pg) {
    char text[8192];
    int at = snprintf(text, sizeof text, "INSERT %sINTO %s (", is_pg ? "" : "OR IGNORE ", table->name);
    table->columns = sqlite3_column_count(s);
    for (int i = 0; i < table->columns; i++) {
        const char *name = sqlite3_column_name(s, i);
        if (strcmp(name, "order_id") == 0) table->is_order = true;
        at += snprintf(text + at, sizeof text - (size_t)at, "%s%s", i ? ", " : "", name);
    }
    at += snprintf(text + at, sizeof text - (size_t)at, ") VALUES (");
    for (int i = 0; i < table->columns; i++) at += snprintf(text + at, sizeof text - (size_t)at, "%s%c%d", i ? ", " : "", is_pg ? '$' : '?', i + 1);
    snprintf(text + at, sizeof text - (size_t)at, is_pg ? ") ON CONFLICT DO NOTHING" : ")");
    table->insert = strdup(text);
}

static void read_row(Rows *rows, Table *table, sqlite3_stmt *s) {
    if (rows->count == rows->room) rows->items = realloc(rows->items, (size_t)(rows->room = rows->room ? rows->room * 2 : 4096) * sizeof(Row));
    Row *row = &rows->items[rows->count++];
    *row = (Row){ table, calloc((size_t)table->columns, sizeof(Value)), 0 };
    for (int i = 0; i < table->columns; i++) {
        Value *v = &row->values[i];
        v->kind = sqlite3_column_type(s, i);
        if (v->kind == SQLITE_INTEGER) {
            v->number = sqlite3_column_int64(s, i);
            if (table->is_order && strcmp(sqlite3_column_name(s, i), "order_id") == 0) row->order_id = v->number;
            table->types[i] = 20;
            continue;
        }
        v->len = sqlite3_column_bytes(s, i);
        v->at = malloc((size_t)v->len + 1);
        if (v->len > 0) memcpy(v->at, sqlite3_column_blob(s, i), (size_t)v->len);
        table->types[i] = v->kind == SQLITE_TEXT ? 25 : 17;
    }
}

static int by_order(const void *a, const void *b) {
    const Row *x = a, *y = b;
    if (x->order_id != y->order_id) return (x->order_id > y->order_id) - (x->order_id < y->order_id);
    return (x->table > y->table) - (x->table < y->table);       /* an order before its lines: tables stand in the order of the schema */
}

static void read_all(const char *path, bool is_pg, Table *tables, Rows *rows) {
    sqlite3 *db;
    char sql[200];
    int count = 0;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) die("source", path);
    sqlite3_stmt *names = ask(db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY rowid");
    while (sqlite3_step(names) == SQLITE_ROW) {
        Table *table = &tables[count++];
        if (count == TABLES_MAX) die("tables", "too many");
        table->name = strdup((const char *)sqlite3_column_text(names, 0));
        snprintf(table->prepared, sizeof table->prepared, "t%d", count);
        snprintf(sql, sizeof sql, "SELECT * FROM %s", table->name);
        sqlite3_stmt *s = ask(db, sql);
        describe(table, s, is_pg);
        while (sqlite3_step(s) == SQLITE_ROW) read_row(rows, table, s);
        sqlite3_finalize(s);
    }
    sqlite3_finalize(names);
    sqlite3_close(db);
    qsort(rows->items, (size_t)rows->count, sizeof(Row), by_order);
}

/* ---- writing ---- */

static void write_sqlite(const char *path, Table *tables, const Rows *rows, int64_t group) {
    sqlite3 *db;
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) die("target", path);
    sqlite3_exec(db, "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA wal_autocheckpoint=1000;PRAGMA cache_size=-65536;"
                     "PRAGMA secure_delete=OFF;PRAGMA foreign_keys=ON;PRAGMA temp_store=MEMORY;BEGIN IMMEDIATE", NULL, NULL, NULL);
    for (Table *t = tables; t->name != NULL; t++)
        if (sqlite3_prepare_v3(db, t->insert, -1, SQLITE_PREPARE_PERSISTENT, &t->at, NULL) != SQLITE_OK) die(t->insert, sqlite3_errmsg(db));
    for (int64_t i = 0; i < rows->count; i++) {
        const Row *row = &rows->items[i];
        sqlite3_stmt *s = row->table->at;
        for (int k = 0; k < row->table->columns; k++) {
            const Value *v = &row->values[k];
            if (v->kind == SQLITE_INTEGER) sqlite3_bind_int64(s, k + 1, v->number);
            else if (v->kind == SQLITE_TEXT) sqlite3_bind_text(s, k + 1, v->at, v->len, SQLITE_STATIC);
            else sqlite3_bind_blob(s, k + 1, v->at, v->len, SQLITE_STATIC);
        }
        if (sqlite3_step(s) != SQLITE_DONE) die(row->table->insert, sqlite3_errmsg(db));
        sqlite3_reset(s);
        if (i % group == group - 1) sqlite3_exec(db, "COMMIT;BEGIN IMMEDIATE", NULL, NULL, NULL);
    }
    if (sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) die("commit", sqlite3_errmsg(db));
}

static void drain(PGconn *pg, int64_t want) {
    while (want > 0) {
        PGresult *r = PQgetResult(pg);
        if (r == NULL) continue;
        ExecStatusType status = PQresultStatus(r);
        if (status != PGRES_COMMAND_OK && status != PGRES_PIPELINE_SYNC) die("insert", PQerrorMessage(pg));
        want--;
        PQclear(r);
    }
}

static void send_row(PGconn *pg, const Row *row) {
    const char *values[COLUMNS_MAX];
    uint64_t numbers[COLUMNS_MAX];
    int lengths[COLUMNS_MAX], formats[COLUMNS_MAX];
    for (int k = 0; k < row->table->columns; k++) {
        const Value *v = &row->values[k];
        bool is_number = v->kind == SQLITE_INTEGER;
        numbers[k] = __builtin_bswap64((uint64_t)v->number);
        values[k] = is_number ? (const char *)&numbers[k] : v->at;
        lengths[k] = is_number ? 8 : v->len;
        formats[k] = 1;
    }
    if (!PQsendQueryPrepared(pg, row->table->prepared, row->table->columns, values, lengths, formats, 1)) die("send", PQerrorMessage(pg));
}

static void write_postgres(const char *url, Table *tables, const Rows *rows, int64_t group) {
    PGconn *pg = PQconnectdb(url);
    if (PQstatus(pg) != CONNECTION_OK) die("connect", PQerrorMessage(pg));
    for (Table *t = tables; t->name != NULL; t++) {
        PGresult *r = PQprepare(pg, t->prepared, t->insert, t->columns, t->types);
        if (PQresultStatus(r) != PGRES_COMMAND_OK) die(t->insert, PQerrorMessage(pg));
        PQclear(r);
    }
    PQclear(PQexec(pg, "SET plan_cache_mode = force_generic_plan"));
    PQenterPipelineMode(pg);
    int64_t sent = 0;
    for (int64_t i = 0; i < rows->count; i++) {                 /* a sync ends the implicit transaction */
        send_row(pg, &rows->items[i]);
        sent++;
        if (sent < group && i + 1 < rows->count) continue;
        PQpipelineSync(pg);
        drain(pg, sent + 1);
        sent = 0;
    }
    PQfinish(pg);
}

int main(int argc, char **argv) {
    if (argc < 4) die("usage", "part_insert SOURCE.db TARGET ROWS");
    static Table tables[TABLES_MAX];
    Rows rows = { 0 };
    bool is_pg = strstr(argv[2], "://") != NULL;
    int64_t group = atoll(argv[3]);
    read_all(argv[1], is_pg, tables, &rows);
    double start = now_s();
    if (is_pg) write_postgres(argv[2], tables, &rows, group);
    else write_sqlite(argv[2], tables, &rows, group);
    printf("rows=%lld rate=%.0f\n", (long long)rows.count, (double)rows.count / (now_s() - start));
    return 0;
}
