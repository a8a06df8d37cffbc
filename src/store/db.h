/* store - 存储: one SQL, two engines. The only folder that names SQLite or PostgreSQL.
 *
 * Rules that callers live by (docs/sql.md):
 *  - SQL texts are literals in *_store.c; $1 is ALWAYS the merchant and is bound here from c->merchant_id, so ARGS
 *    start
 *    at $2. System tables (merchant, login, node, migration, due) are reached by db_system_*, where $1 is the
 *    first of ARGS.
 *  - Column types are BIGINT, TEXT, BYTEA, all NOT NULL. Results are mapped to a struct by column name through its
 *    Fields; the struct is zeroed first, and a NULL (an outer join) leaves its zero.
 *  - "Try and see" = ON CONFLICT DO NOTHING + changed rows. After an engine error only the end of the unit is
 *    allowed:
 *    every later call of this unit returns the same error.
 *  - Outside a unit only SELECTs are served (read snapshot). Writing there is an assertion.
 *
 * Units:  one unit of work = one transaction. SQLite: units queue to one writer thread, which runs many of them in
 *         one
 *         transaction with one fsync (group commit), each isolated: a refused unit leaves no trace. PostgreSQL: a
 *         connection lent to the calling thread, READ COMMITTED. A unit may run more than once (a group that goes
 *         back, 40001, 40P01, a connection lost before its COMMIT was sent): its Ctx is wound back each time
 *         (arena, problem, pending, plan, merchant, seeded chance), so a unit function must depend on its
 *         arguments and the database only, and must set what it hands out anew.
 * Errors: store.too_much (413: eight times the arena's budget was read together), store.unavailable (503: disk full,
 *         read-only, engine gone; retryable), store.busy (503: could not be run
 *         in
 *         time), store.constraint and store.defect (500: a defect of ours; the log names constraint and
 *         statement). */
#pragma once
#include "base/field.h"

typedef struct Db Db;
typedef struct Tx Tx;

typedef enum DbEngine { DB_SQLITE, DB_POSTGRES } DbEngine;

typedef struct DbConfig {
    Str url;                    /* a file's path (":memory:" is refused), or postgresql://… or host=… conninfo */
    int64_t readers;            /* most read connections at once (SQLite) or connections in all (PostgreSQL); 0 = 16 */
    int64_t group_max;          /* SQLite: most units in one commit; 0 = default 256 */
    int64_t cache_kib;          /* SQLite page cache of the writer; 0 = default */
    bool is_volatile;           /* tests only: synchronous=OFF / synchronous_commit=off */
    Str crash_point;            /* simulator only: "", "unit", "before_commit", "after_commit", ":N"; store/crash.h */
} DbConfig;

/* Opens, takes the lock file (SQLite: a second process is refused with db.in_use), does not migrate.
 * Refusals come back as text in ret_why (in `a`), for there is no Ctx yet. */
Err db_open(Arena *a, const DbConfig *config, Db **ret_db, Str *ret_why);
void db_close(Db *db);          /* waits for queued units, checkpoints */
DbEngine db_engine(const Db *db);
Str db_path(const Db *db);      /* SQLite file, empty for PostgreSQL */

/* ---- units of work ---------------------------------------------------------------------------------------------- */

typedef Err (*UnitRun)(Ctx *c, void *arg);
/* Runs `run` in one transaction and waits until it is durable. The Ctx must not be inside a unit already. */
Err db_unit(Db *db, Ctx *c, UnitRun run, void *arg);

/* The same without waiting (SQLite: queued to the writer; PostgreSQL: run at once on the calling thread). `done` is
 * called once, on whichever thread finished it, after the commit is durable or the unit refused; on SQLite that is the
 * writer, so it only hands on. The Unit lives in the caller's memory until then. */
typedef struct Unit Unit;
struct Unit {
    Ctx *c;
    UnitRun run;
    void *arg;
    void (*done)(Unit *unit);
    void *user;
    Err err;                    /* set before done() */
    Unit *next;                 /* the rest is store's: the queue, and the Ctx as it was before the first run */
    bool is_alone;
    ArenaMark mark;
    struct Pending *pending; void *plan;
    int64_t merchant_id, shop_id; Actor actor; Rng rng;
};
void db_unit_start(Db *db, Unit *unit);

/* Lends c a read connection until db_read_end: one snapshot, SELECTs only. db_read_begin may nest inside a unit
 * (no-op). */
Err db_read_begin(Db *db, Ctx *c);
void db_read_end(Db *db, Ctx *c);
bool db_in_unit(const Ctx *c);
/* First thing in a unit that takes rows in another order than the others do (a merge): where it would wait longer than
 * a moment it lets go of all it holds and runs anew, so that nobody waits in a circle because of it. */
Err db_give_way(Ctx *c);

/* ---- statements ------------------------------------------------------------------------------------------------- */

typedef enum DbKind { DB_INT = 1, DB_TEXT, DB_BLOB } DbKind;
typedef struct DbValue { DbKind kind; int64_t num; Str text; } DbValue;
typedef struct DbArgs { const DbValue *at; int64_t count; } DbArgs;

static inline DbValue db_value_int(int64_t v) { return (DbValue){ .kind = DB_INT, .num = v }; }
static inline DbValue db_value_bool(bool v) { return (DbValue){ .kind = DB_INT, .num = v }; }
static inline DbValue db_value_str(Str v) { return (DbValue){ .kind = DB_TEXT, .text = v }; }
static inline DbValue db_value_cstr(const char *v) { return (DbValue){ .kind = DB_TEXT, .text = str_of(v) }; }
static inline DbValue db_value_bytes(Bytes v) {
    return (DbValue){ .kind = DB_BLOB, .text = { (const char *)v.at, v.len } };
}
#define DB_VALUE(x) _Generic((x), int64_t: db_value_int, int: db_value_int, bool: db_value_bool, Str: db_value_str, \
                             const char *: db_value_cstr, char *: db_value_cstr, Bytes: db_value_bytes)(x)

/* ARGS(a, b, …): up to 32 values, bound to $2, $3, …  NO_ARGS for none. C enums are stored as their names: pass the
 * text. */
#define NO_ARGS ((DbArgs){ NULL, 0 })
#define ARGS(...) ((DbArgs){ (const DbValue[]){ ARGS_MAP(__VA_ARGS__) }, ARGS_COUNT(__VA_ARGS__) })
#include "store/args.h"

/* db_exec: a write whose row count does not matter (PostgreSQL pipelines it: its error shows at a later call or at the
 *          commit).
 * db_change: a write, and how many rows it changed.
 * db_find: the first row into ret_row; ret_found false when none (ret_row untouched). With RETURNING also for writes.
 * db_row: as db_find, but no row is E_NOT_FOUND "not_found".
 * db_rows: all rows into a list in c->arena, at most `most` (further rows are not read).
 * db_int: one integer of one row; no row, or a NULL, gives 0. */
Err db_exec(Ctx *c, const char *sql, DbArgs args);
Err db_change(Ctx *c, const char *sql, DbArgs args, int64_t *ret_changed);
Err db_find(Ctx *c, const char *sql, DbArgs args, const Fields *fields, void *ret_row, bool *ret_found);
Err db_row(Ctx *c, const char *sql, DbArgs args, const Fields *fields, void *ret_row);
Err db_rows(Ctx *c, const char *sql, DbArgs args, const Fields *fields, int64_t most, ListAny *ret_list);
Err db_int(Ctx *c, const char *sql, DbArgs args, int64_t *ret_value);
/* Streams rows through `each` without keeping them: `row` is reused, and its texts live until the next one. Other
 * statements may run inside `each`, the same one may not. What `each` refuses ends the stream and is returned. */
Err db_each(Ctx *c, const char *sql, DbArgs args, const Fields *fields, Err (*each)(Ctx *c, void *row, void *arg),
            void *arg);

/* The same on system tables: $1 is the first of ARGS, no merchant is bound. */
Err db_system_change(Ctx *c, const char *sql, DbArgs args, int64_t *ret_changed);
Err db_system_find(Ctx *c, const char *sql, DbArgs args, const Fields *fields, void *ret_row, bool *ret_found);
Err db_system_rows(Ctx *c, const char *sql, DbArgs args, const Fields *fields, int64_t most,
                   ListAny *ret_list);

/* Benches only: `watch` is told of every statement of every unit before it runs (NULL ends it). Set while nothing
 * runs. */
typedef void (*DbWatch)(void *user, const Ctx *c, const char *sql, bool has_merchant, DbArgs args);
void db_watch(Db *db, DbWatch watch, void *user);

/* ---- state, backup ---------------------------------------------------------------------------------------------- */

typedef struct DbStats {
    int64_t units, refused, commits;        /* commits: of groups on SQLite */
    int64_t retries;                        /* groups or units that ran again */
    int64_t group_units_max, queue_now, commit_us_total, wal_pages;
    bool is_writable;
} DbStats;
DbStats db_stats(const Db *db);
int64_t db_memory_kib(void); /* what this process may use: the machine's, or less where a container says so */
bool db_is_ready(Db *db);       /* a trivial read works and the last write was not refused by the disk */
/* SQLite: a copy of one instant to `path` while serving. PostgreSQL: pg_dump -Fc. E_BUSY store.backup_failed. The path
 * holds the whole or is not touched. */
Err db_backup(Db *db, Ctx *c, Str path);
