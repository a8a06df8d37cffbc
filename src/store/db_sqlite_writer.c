/* The writer: one thread, one connection, the only one that commits and checkpoints.
 *
 * Units arrive on a lock-free stack; the writer takes the whole stack, restores its order, and runs up to
 * group_max of them in one transaction: many units, one fsync. A refused unit must leave no trace among the
 * others. Most units are not refused, and most refusals come before the first write, so a group runs without
 * savepoints at first; when a unit refuses after it has written, the group is rolled back, every Ctx is wound
 * back, and the group runs again with a savepoint before each unit's first write. Such a group is a sign of more
 * to come, so savepoints stay on for the next SAVEPOINT_GROUPS groups. */
#include "store/db_sqlite.h"
#include "store/crash.h"
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    SAVEPOINT_GROUPS = 32,
    CHECKPOINT_PAGES = 1000,    /* copied at most about so many pages between two groups: bounds how long one waits */
    CHECKPOINT_IDLE_PAGES = 64, /* with nothing else to do, a smaller rest is worth copying */
    WAL_GATE_PAGES = 16000,     /* past this, new snapshots wait a moment so that the WAL can start over */
    GATE_US = 3000,
    IDLE_MS = 50,
    PROBE_MS = 1000,
};

/* ---- the queue ---- */

void writer_unit_start(Db *db, Unit *unit) {
    Writer *w = &((SqliteDb *)db)->writer;
    atomic_fetch_add_explicit(&db->queue_now, 1, memory_order_relaxed);
    Unit *newest = atomic_load_explicit(&w->queue, memory_order_relaxed);
    do unit->next = newest;
    while (!atomic_compare_exchange_weak(&w->queue, &newest, unit));
    if (!atomic_load(&w->is_sleeping)) return;
    pthread_mutex_lock(&w->lock);
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
}

bool writer_may_wait(Db *db) { return !pthread_equal(pthread_self(), ((SqliteDb *)db)->writer.thread); }

/* Sleeping is announced before the queue is looked at again, and the queue is filled before the announcement is
 * looked at: one of the two sides always sees the other. */
static void wait_for_units(Writer *w, int64_t ms) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) until = (struct timespec){ until.tv_sec + 1, until.tv_nsec - 1000000000 };
    pthread_mutex_lock(&w->lock);
    atomic_store(&w->is_sleeping, true);
    int rc = 0;
    while (rc != ETIMEDOUT && atomic_load(&w->queue) == NULL && !atomic_load(&w->is_stopping))
        rc = ms == 0 ? pthread_cond_wait(&w->wake, &w->lock) : pthread_cond_timedwait(&w->wake, &w->lock, &until);
    atomic_store(&w->is_sleeping, false);
    pthread_mutex_unlock(&w->lock);
}

static void take_queue(Writer *w) {
    Unit *newest = atomic_exchange(&w->queue, NULL), *oldest = NULL;
    while (newest != NULL) {
        Unit *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    Unit **end = &w->waiting;
    while (*end != NULL) end = &(*end)->next;
    *end = oldest;
}

/* The next group in order of arrival; a unit that runs alone makes a group of its own. */
static int64_t take_group(Writer *w) {
    if (w->waiting == NULL || atomic_load_explicit(&w->queue, memory_order_relaxed) != NULL) take_queue(w);
    int64_t count = 0;
    while (w->waiting != NULL && count < w->group_max) {
        if (w->waiting->is_alone && count > 0) break;
        Unit *u = w->waiting;
        w->waiting = u->next;
        w->group[count++] = u;
        if (u->is_alone) break;
    }
    return count;
}

/* ---- one unit ---- */

typedef enum Outcome { UNIT_DONE, UNIT_REFUSED_CLEAN, UNIT_REFUSED_DIRTY, UNIT_LOST } Outcome;

static bool step(SqliteConn *conn, sqlite3_stmt *st) {
    int rc = sqlite3_step(st);
    sqlite3_reset(st);
    if (rc == SQLITE_DONE) return true;
    store_log("error", "store.unavailable", "%s: %s (%d)", sqlite3_sql(st), sqlite3_errmsg(conn->at), rc);
    return false;
}

static Outcome run_unit(Writer *w, Unit *u, bool with_savepoint) {
    SqliteConn *conn = &w->conn;
    conn->tx.broken = OK;
    conn->tx.depth = 0;
    conn->wants_savepoint = with_savepoint;
    conn->has_savepoint = false;
    int64_t before = sqlite3_total_changes64(conn->at);
    u->c->tx = &conn->tx;
    u->err = u->run(u->c, u->arg);
    u->c->tx = NULL;
    if (conn->tx.broken != OK) u->err = conn->tx.broken;
    if (conn->is_lost || sqlite3_get_autocommit(conn->at)) return UNIT_LOST;
    bool has_written = sqlite3_total_changes64(conn->at) != before;
    if (conn->has_savepoint) {
        if (u->err != OK && has_written && !step(conn, conn->rollback_to)) return UNIT_LOST;
        if (!step(conn, conn->release)) return UNIT_LOST;
    }
    if (u->err == OK) return UNIT_DONE;
    return has_written && !conn->has_savepoint ? UNIT_REFUSED_DIRTY : UNIT_REFUSED_CLEAN;
}

/* ---- one group ---- */

typedef enum GroupEnd { GROUP_DONE, GROUP_AGAIN, GROUP_LOST } GroupEnd;

static void rollback(Writer *w) {
    if (!sqlite3_get_autocommit(w->conn.at)) step(&w->conn, w->conn.rollback);
}

static bool commit(SqliteDb *s) {
    Writer *w = &s->writer;
    int64_t start = store_now_us();
    crash_here(&s->db, "before_commit");
    if (!step(&w->conn, w->conn.commit)) return false;
    crash_here(&s->db, "after_commit");
    atomic_fetch_add_explicit(&s->db.commit_us_total, store_now_us() - start, memory_order_relaxed);
    return true;
}

static GroupEnd try_group(SqliteDb *s, int64_t count, bool with_savepoints, bool is_again) {
    Writer *w = &s->writer;
    w->conn.is_lost = false;
    if (!step(&w->conn, w->conn.begin)) return GROUP_LOST;
    for (int64_t i = 0; i < count; i++) {
        if (is_again) unit_wind_back(w->group[i]);
        Outcome outcome = run_unit(w, w->group[i], with_savepoints);
        crash_here(&s->db, "unit");
        if (outcome == UNIT_LOST) {
            rollback(w);
            return GROUP_LOST;
        }
        if (outcome != UNIT_REFUSED_DIRTY) continue;
        rollback(w);
        return count == 1 ? GROUP_DONE : GROUP_AGAIN; /* alone, its rollback hurts nobody */
    }
    if (sqlite3_get_autocommit(w->conn.at)) return GROUP_DONE;
    if (commit(s)) return GROUP_DONE;
    rollback(w);
    return GROUP_LOST;
}

static void refuse_all(SqliteDb *s, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        Unit *u = s->writer.group[i];
        unit_wind_back(u);
        u->err = store_unavailable(u->c);
    }
}

static void note_writable(SqliteDb *s, bool is_writable) {
    if (atomic_exchange(&s->db.is_writable, is_writable) == is_writable) return;
    store_log(is_writable ? "info" : "error", is_writable ? "store.writable" : "store.not_writable", "%s", s->path);
}

/* SQLite rebuilds a table by dropping it, which foreign keys must not see: in a migration they are checked as a
 * whole before the commit. The pragma is ignored inside a transaction, so it stands around it. */
static void foreign_keys(Writer *w, bool is_on) {
    sqlite3_exec(w->conn.at, is_on ? "PRAGMA foreign_keys=ON" : "PRAGMA foreign_keys=OFF", NULL, NULL, NULL);
}

static void tell_all(SqliteDb *s, int64_t count) {
    Writer *w = &s->writer;
    int64_t refused = 0;
    for (int64_t i = 0; i < count; i++) refused += w->group[i]->err != OK;
    atomic_fetch_add_explicit(&s->db.units, count, memory_order_relaxed);
    atomic_fetch_add_explicit(&s->db.refused, refused, memory_order_relaxed);
    atomic_fetch_add_explicit(&s->db.commits, 1, memory_order_relaxed);
    atomic_fetch_sub_explicit(&s->db.queue_now, count, memory_order_relaxed);
    if (count > atomic_load_explicit(&s->db.group_units_max, memory_order_relaxed))
        atomic_store(&s->db.group_units_max, count);
    atomic_store_explicit(&s->db.wal_pages, w->wal_pages, memory_order_relaxed);
    for (int64_t i = 0; i < count; i++) w->group[i]->done(w->group[i]); /* the Unit may be gone after this */
}

static void run_group(SqliteDb *s, int64_t count) {
    Writer *w = &s->writer;
    bool is_alone = w->group[0]->is_alone;
    if (is_alone) foreign_keys(w, false);
    for (int64_t i = 0; i < count; i++) unit_mark(w->group[i]);
    GroupEnd end = try_group(s, count, w->savepoint_groups > 0, false);
    if (w->savepoint_groups > 0) w->savepoint_groups--;
    if (end == GROUP_AGAIN) {
        atomic_fetch_add_explicit(&s->db.retries, 1, memory_order_relaxed);
        w->savepoint_groups = SAVEPOINT_GROUPS;
        end = try_group(s, count, true, true);
        assert(end != GROUP_AGAIN);
    }
    if (end == GROUP_LOST) refuse_all(s, count);
    note_writable(s, end != GROUP_LOST);
    if (is_alone) foreign_keys(w, true);
    tell_all(s, count);
}

/* ---- checkpoints ---- */

static int count_pages(void *user, sqlite3 *at, const char *name, int pages) {
    (void)at, (void)name;
    Writer *w = user;
    if (pages < w->wal_pages) w->copied_pages = 0; /* it has started over */
    w->wal_pages = pages;
    return SQLITE_OK;
}

static void checkpoint(SqliteDb *s) {
    Writer *w = &s->writer;
    int in_wal = 0, copied = 0;
    sqlite_readers_rest(s);
    int rc = sqlite3_wal_checkpoint_v2(w->conn.at, "main", SQLITE_CHECKPOINT_PASSIVE, &in_wal, &copied);
    if (rc != SQLITE_OK) {
        store_log("warning", "store.checkpoint", "%s (%d)", sqlite3_errmsg(w->conn.at), rc);
        w->copied_pages = w->wal_pages; /* try again after some more pages */
        return;
    }
    w->is_stuck = copied < in_wal;
    w->copied_pages = w->is_stuck ? w->wal_pages : copied;
}

/* The WAL starts over only at an instant when all of it is copied and nobody reads from it. Under steady reading
 * that instant may not come by itself. */
static void checkpoint_gated(SqliteDb *s) {
    atomic_store(&s->is_gated, true);
    for (int64_t end = store_now_us() + GATE_US; atomic_load(&s->reading) > 0 && store_now_us() < end;) usleep(50);
    checkpoint(s); /* snapshots that begin after a whole copy read the file, and do not hold the WAL */
    atomic_store(&s->is_gated, false);
}

static void checkpoint_between(SqliteDb *s) {
    Writer *w = &s->writer;
    if (w->wal_pages - w->copied_pages < CHECKPOINT_PAGES) return;
    if (w->wal_pages > WAL_GATE_PAGES)
        checkpoint_gated(s);
    else
        checkpoint(s);
}

/* ---- the thread ---- */

/* A disk that was full is tried again with the smallest write there is. */
static void probe(SqliteDb *s) {
    checkpoint(s); /* a copied WAL starts over in the space it has */
    int rc = sqlite3_exec(s->writer.conn.at, "BEGIN IMMEDIATE;PRAGMA user_version=1;COMMIT", NULL, NULL, NULL);
    if (rc != SQLITE_OK) rollback(&s->writer);
    note_writable(s, rc == SQLITE_OK);
}

static void *writer_main(void *arg) {
    SqliteDb *s = arg;
    Writer *w = &s->writer;
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL); /* signals are for the main thread */
    for (;;) {
        int64_t count = take_group(w);
        if (count > 0) {
            run_group(s, count);
            checkpoint_between(s);
            continue;
        }
        if (atomic_load(&w->is_stopping)) return NULL;
        bool has_rest = w->wal_pages - w->copied_pages > CHECKPOINT_IDLE_PAGES;
        bool is_writable = atomic_load(&s->db.is_writable);
        wait_for_units(w, !is_writable ? PROBE_MS : has_rest ? IDLE_MS : 0);
        if (atomic_load(&w->queue) != NULL || atomic_load(&w->is_stopping)) continue;
        if (!is_writable)
            probe(s);
        else if (has_rest)
            checkpoint(s);
    }
}

static int is_wal(void *user, int columns, char **values, char **names) {
    (void)names;
    *(bool *)user = columns == 1 && strcmp(values[0], "wal") == 0;
    return 0;
}

bool writer_start(SqliteDb *s, Str *ret_why, Arena *a) {
    Writer *w = &s->writer;
    *w = (Writer){ .group_max = s->db.config.group_max > 0 ? s->db.config.group_max : GROUP_MAX_DEFAULT };
    if (!sqlite_conn_open(s, &w->conn, true, ret_why, a)) return false;
    bool has_wal = false;
    sqlite3_exec(w->conn.at, "PRAGMA journal_mode", is_wal, &has_wal, NULL);
    if (!has_wal) {
        *ret_why =
            arena_print(a, "db.open: %s lies on a file system without the shared memory that WAL needs", s->path);
        sqlite_conn_close(&w->conn);
        return false;
    }
    sqlite3_wal_hook(w->conn.at, count_pages, w);
    w->group = calloc((size_t)w->group_max, sizeof *w->group);
    assert(w->group != NULL);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->wake, NULL);
    int rc = pthread_create(&w->thread, NULL, writer_main, s);
    assert(rc == 0);
    pthread_setname_np(w->thread, "writer");
    return true;
}

void writer_stop(SqliteDb *s) {
    Writer *w = &s->writer;
    pthread_mutex_lock(&w->lock);
    atomic_store(&w->is_stopping, true);
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    sqlite3_wal_checkpoint_v2(w->conn.at, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite_conn_close(&w->conn);
    free(w->group);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->wake);
}
