/* db_engine - 引擎: what the two engines share behind db.h: the table of operations, a query and where its rows go.
 * Private to store/. */
#pragma once
#include <stdatomic.h>
#include "store/db.h"

/* What serves a Ctx: the first member of each engine's connection, so that c->tx leads back to it. */
struct Tx {
    Db *db;
    bool is_unit;               /* may write */
    int64_t depth;              /* db_read_begin calls not yet ended */
    Err broken;                 /* what every later call returns after an engine's error: only the end is allowed */
};

typedef enum QueryWant { WANT_NOTHING, WANT_CHANGED, WANT_INT, WANT_ONE, WANT_LIST, WANT_EACH } QueryWant;

/* One call of a db_* function on its way to an engine. */
typedef struct Query {
    const char *sql;
    DbArgs args;
    bool has_merchant;          /* $1 is c->merchant_id, args begin at $2 */
    QueryWant want;
    int64_t changed;            /* out: rows written */
    int64_t value;              /* out: WANT_INT */
    const Fields *fields;       /* of the rows; WANT_ONE, WANT_LIST, WANT_EACH */
    void *row;                  /* WANT_ONE: the caller's struct; WANT_EACH: the reused one */
    ListAny list;               /* out: WANT_LIST */
    int64_t most, room;         /* WANT_LIST: rows to keep, rows there is memory for */
    int64_t seen;               /* out: rows taken so far */
    Err (*each)(Ctx *c, void *row, void *arg);
    void *arg;
} Query;

/* Which Field each result column goes to; kept beside a prepared statement for the Fields it was last read with. */
typedef struct ColumnMap { const Fields *fields; const Field **field; int64_t count; } ColumnMap;

typedef struct DbOps {
    void (*close)(Db *db);
    void (*unit_start)(Db *db, Unit *unit);
    Err (*read_begin)(Db *db, Ctx *c);
    void (*read_end)(Ctx *c);
    Err (*query)(Ctx *c, Query *q);
    Err (*script)(Ctx *c, const char *sql);         /* one statement of a migration: prepared, run, forgotten */
    Err (*give_way)(Ctx *c);                        /* NULL: units run one after the other */
    bool (*may_wait)(Db *db);                       /* false on the thread that others wait for */
    bool (*is_ready)(Db *db);
    Err (*backup)(Db *db, Ctx *c, Str path);
} DbOps;

struct Db {
    const DbOps *ops;
    DbEngine engine;
    DbConfig config;            /* texts copied into arena */
    Arena arena;                /* as long as the Db */
    _Atomic int64_t units, refused, commits, retries, group_units_max, queue_now, commit_us_total, wal_pages;
    _Atomic bool is_writable;
    _Atomic int64_t refused_at_us;  /* when it last became false */
    _Atomic int64_t crash_left; /* store/crash.h */
    DbWatch watch;              /* db_watch */
    void *watch_user;
};

Err sqlite_open(Arena *a, const DbConfig *config, Db **ret_db, Str *ret_why);
Err postgres_open(Arena *a, const DbConfig *config, Db **ret_db, Str *ret_why);
void db_init(Db *db, const DbOps *ops, DbEngine engine, const DbConfig *config);

/* A unit that runs alone, with foreign keys checked at its end instead of statement by statement: migrations. */
Err db_unit_alone(Db *db, Ctx *c, UnitRun run, void *arg);
Err db_script(Ctx *c, const char *sql);

/* The instant before the first run, and back to it. */
void unit_mark(Unit *u);
void unit_wind_back(Unit *u);

/* Refusals of the engines; each breaks the Tx. The words of the engine go to the log, never to the caller. */
Err store_unavailable(Ctx *c);
Err store_busy(Ctx *c);
Err store_constraint(Ctx *c, const char *sql, const char *words);    /* E_INTERNAL "store.constraint" */
Err store_defect(Ctx *c, const char *sql, const char *words);        /* E_INTERNAL "store.defect" */
void store_log(const char *level, const char *event, const char *format, ...) __attribute__((format(printf, 3, 4)));
int64_t store_now_us(void);                         /* monotonic */

/* ---- rows (db_rows.c) ---- */
/* name(i) gives the i-th column's name. E_INTERNAL "store.defect" when the Fields have no such member. */
Err column_map(Ctx *c, ColumnMap *map, const Query *q, int64_t columns,
               const char *(*name)(const void *source, int64_t i), const void *source);
void column_map_free(ColumnMap *map);
/* Where the next row goes, zeroed. */
void *query_row(Ctx *c, Query *q);
/* One value into its member; texts are copied into the arena unless the query streams (WANT_EACH). kind 0 is NULL. */
Err query_cell(Ctx *c, const Query *q, const Field *field, const DbValue *value, void *row);
/* The row is complete: streams it on; ret_more is false when no further row is wanted. */
Err query_row_done(Ctx *c, Query *q, bool *ret_more);

/* ---- literals ---- */
/* True for texts that lie in the program itself, whose address may stand for their content. */
bool is_literal(const char *sql);
/* $1, $2 … become ?1, ?2 …, BYTEA becomes BLOB, outside quotes and comments. NUL-terminated, malloc'ed. */
char *sqlite_text_of(const char *sql);
