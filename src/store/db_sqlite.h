/* db_sqlite - SQLite: connections, their prepared statements, the one writer. Private to store/. SQLite before
 * 3.51.3 can corrupt a file when two connections commit or checkpoint at the same instant. Therefore exactly one
 * connection of one process does either: the writer's. All others are query_only and never checkpoint, and a lock
 * file keeps a second process away. */
#pragma once
#include <pthread.h>
#include <sqlite3.h>
#include "store/db_known.h"

typedef struct Statement {
    Known known;
    sqlite3_stmt *at;
    int params, columns;
    bool is_write, is_running;
    ColumnMap map;
} Statement;

typedef struct SqliteConn SqliteConn;
struct SqliteConn {
    Tx tx;
    sqlite3 *at;
    KnownStatements known;
    sqlite3_stmt *begin, *commit, *rollback, *savepoint, *release, *rollback_to;
    bool wants_savepoint;       /* writer: open one before this unit's first write */
    bool has_savepoint;
    bool is_lost;               /* writer: the disk refused; the whole group goes back */
    SqliteConn *next_free;
    bool is_kept;               /* reader at rest: its snapshot is open, for whoever comes before the next commit */
    int64_t commits_seen;       /* reader: commits there were when its snapshot began */
    int64_t cache_kib;          /* reader: how large its page cache may grow */
};

typedef struct Writer {
    SqliteConn conn;
    pthread_t thread;
    _Atomic(Unit *) queue;      /* newest first; taken whole */
    _Atomic bool is_sleeping, is_stopping;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    Unit *waiting;              /* taken, oldest first, not yet in a group */
    Unit **group;
    int64_t group_max;
    int64_t savepoint_groups;   /* so many groups still run with savepoints */
    int64_t wal_pages, copied_pages;    /* in the WAL since its restart, and how many of them are in the file */
    bool is_stuck;              /* readers kept the last checkpoint from finishing */
} Writer;

typedef struct SqliteDb {
    Db db;
    int lock_file;
    const char *path;
    Writer writer;
    pthread_mutex_t lock;       /* of the readers' free list */
    pthread_cond_t returned;
    SqliteConn *free_readers;
    int64_t reader_count, reader_most;
    int64_t readers_cache_kib;  /* of all readers together: they share it evenly */
    _Atomic int64_t reading;    /* snapshots open now */
    _Atomic bool is_gated;      /* no new snapshot for a moment, so that the WAL can start over */
} SqliteDb;

/* Readers cache a share of what memory the process may have, within bounds; they take it only as they read. */
enum { READERS_DEFAULT = 16, GROUP_MAX_DEFAULT = 256, WRITER_CACHE_KIB_DEFAULT = 64 << 10,
       READERS_CACHE_PART = 64, READERS_CACHE_KIB_LEAST = 32 << 10, READERS_CACHE_KIB_MOST = 256 << 10,
       BUSY_MS = 5000, LOOKASIDE_BYTES = 512, LOOKASIDE_SLOTS = 128 };

/* ---- db_sqlite.c ---- */
bool sqlite_conn_open(SqliteDb *s, SqliteConn *conn, bool is_writer, Str *ret_why, Arena *a);
void sqlite_conn_close(SqliteConn *conn);
void sqlite_readers_rest(SqliteDb *s);  /* ends the snapshots that resting readers keep: the WAL can start over */
Err sqlite_run(Ctx *c, SqliteConn *conn, const char *sql, sqlite3_stmt *st);    /* one of begin, commit … */

/* ---- db_sqlite_statement.c ---- */
Err sqlite_query(Ctx *c, Query *q);
Err sqlite_script(Ctx *c, const char *sql);
/* Puts an engine's refusal into words and breaks the Tx. */
Err sqlite_refuse(Ctx *c, SqliteConn *conn, int rc, const char *sql);
bool sqlite_is_lost(int rc);            /* disk full, read-only, I/O error */
void sqlite_statements_free(SqliteConn *conn);

/* ---- db_sqlite_writer.c ---- */
bool writer_start(SqliteDb *s, Str *ret_why, Arena *a);
void writer_stop(SqliteDb *s);          /* runs what is queued, checkpoints, closes */
void writer_unit_start(Db *db, Unit *unit);
bool writer_may_wait(Db *db);

/* ---- db_sqlite_backup.c ---- */
Err sqlite_backup(Db *db, Ctx *c, Str path);
