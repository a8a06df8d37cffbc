#include "store/db_sqlite.h"
#include "store/crash.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

/* ---- connections ---- */

Err sqlite_run(Ctx *c, SqliteConn *conn, const char *sql, sqlite3_stmt *st) {
    int rc = sqlite3_step(st);
    sqlite3_reset(st);
    return rc == SQLITE_DONE ? OK : sqlite_refuse(c, conn, rc, sql);
}

static bool conn_pragmas(SqliteDb *s, SqliteConn *conn, bool is_writer) {
    const DbConfig *config = &s->db.config;
    int64_t cache_kib = !is_writer              ? conn->cache_kib
                        : config->cache_kib > 0 ? config->cache_kib
                                                : WRITER_CACHE_KIB_DEFAULT;
    char sql[800];
    snprintf(sql, sizeof sql,
             "%sPRAGMA synchronous=%s;PRAGMA wal_autocheckpoint=0;PRAGMA mmap_size=0;PRAGMA cache_size=-%lld;"
             "PRAGMA secure_delete=OFF;PRAGMA foreign_keys=ON;PRAGMA temp_store=MEMORY;PRAGMA case_sensitive_like=ON;"
             "PRAGMA trusted_schema=OFF;PRAGMA journal_size_limit=%d;PRAGMA query_only=%s;",
             is_writer ? "PRAGMA journal_mode=WAL;" : "", config->is_volatile ? "OFF" : "FULL", (long long)cache_kib,
             64 << 20, is_writer ? "OFF" : "ON");
    return sqlite3_exec(conn->at, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static bool conn_prepare(SqliteConn *conn, bool is_writer) {
    const struct {
        const char *sql;
        sqlite3_stmt **at;
    } list[] = {
        { is_writer ? "BEGIN IMMEDIATE" : "BEGIN", &conn->begin },
        { "COMMIT", &conn->commit },
        { "ROLLBACK", &conn->rollback },
        { "SAVEPOINT u", &conn->savepoint },
        { "RELEASE u", &conn->release },
        { "ROLLBACK TO u", &conn->rollback_to },
    };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        if (sqlite3_prepare_v3(conn->at, list[i].sql, -1, SQLITE_PREPARE_PERSISTENT, list[i].at, NULL) != SQLITE_OK)
            return false;
    return true;
}

bool sqlite_conn_open(SqliteDb *s, SqliteConn *conn, bool is_writer, Str *ret_why, Arena *a) {
    *conn = (SqliteConn){ .tx = { .db = &s->db, .is_unit = is_writer }, .cache_kib = conn->cache_kib };
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (is_writer ? SQLITE_OPEN_CREATE : 0);
    bool is_open = sqlite3_open_v2(s->path, &conn->at, flags, NULL) == SQLITE_OK;
    if (is_open) {
        sqlite3_busy_timeout(conn->at, BUSY_MS);
        sqlite3_extended_result_codes(conn->at, 1);
        if (!is_writer) sqlite3_db_config(conn->at, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        sqlite3_db_config(conn->at, SQLITE_DBCONFIG_LOOKASIDE, NULL, LOOKASIDE_BYTES, LOOKASIDE_SLOTS);
        /* Otherwise every statement that might use a partial index is planned anew whenever its arguments change. */
        sqlite3_db_config(conn->at, SQLITE_DBCONFIG_ENABLE_QPSG, 1, NULL);
        is_open = conn_pragmas(s, conn, is_writer) && conn_prepare(conn, is_writer);
    }
    if (is_open) return true;
    *ret_why = arena_print(a, "db.open: cannot open %s: %s", s->path,
                           conn->at == NULL ? "no memory" : sqlite3_errmsg(conn->at));
    sqlite_conn_close(conn);
    return false;
}

void sqlite_conn_close(SqliteConn *conn) {
    sqlite_statements_free(conn);
    sqlite3_stmt *list[] = { conn->begin,     conn->commit,  conn->rollback,
                             conn->savepoint, conn->release, conn->rollback_to };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) sqlite3_finalize(list[i]);
    sqlite3_close(conn->at);
    *conn = (SqliteConn){ 0 };
}

/* ---- readers ---- */

static struct timespec in_ms(int64_t ms) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec += ms / 1000;
    t.tv_nsec += ms % 1000 * 1000000;
    if (t.tv_nsec >= 1000000000) t = (struct timespec){ t.tv_sec + 1, t.tv_nsec - 1000000000 };
    return t;
}

static int64_t readers_cache_kib(void) {
    int64_t kib = db_memory_kib() / READERS_CACHE_PART;
    if (kib < READERS_CACHE_KIB_LEAST) return READERS_CACHE_KIB_LEAST;
    return kib < READERS_CACHE_KIB_MOST ? kib : READERS_CACHE_KIB_MOST;
}

/* More readers, less for each: what one has too much it gives up here. Called with the lock, for a reader at rest. */
static void reader_fit(SqliteDb *s, SqliteConn *conn) {
    int64_t share_kib = s->readers_cache_kib / s->reader_count;
    if (conn->cache_kib == share_kib) return;
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA cache_size=-%lld", (long long)share_kib);
    if (sqlite3_exec(conn->at, sql, NULL, NULL, NULL) == SQLITE_OK) conn->cache_kib = share_kib;
}

/* The reader given back last is lent first: its statements and pages are the warmest. NULL when none came free in
 * time, or ret_is_new when the caller may open one more. */
static SqliteConn *reader_take(SqliteDb *s, bool *ret_is_new) {
    struct timespec until = { 0 };
    *ret_is_new = false;
    pthread_mutex_lock(&s->lock);
    while (s->free_readers == NULL && s->reader_count == s->reader_most) {
        if (until.tv_sec == 0) until = in_ms(BUSY_MS);
        if (pthread_cond_timedwait(&s->returned, &s->lock, &until) == ETIMEDOUT) break;
    }
    SqliteConn *conn = s->free_readers;
    if (conn != NULL) s->free_readers = conn->next_free;
    if (conn == NULL && s->reader_count < s->reader_most) {
        s->reader_count++;
        *ret_is_new = true;
        for (SqliteConn *rest = s->free_readers; rest != NULL; rest = rest->next_free) reader_fit(s, rest);
    }
    pthread_mutex_unlock(&s->lock);
    return conn;
}

static void reader_give(SqliteDb *s, SqliteConn *conn) {
    pthread_mutex_lock(&s->lock);
    reader_fit(s, conn);
    conn->next_free = s->free_readers;
    s->free_readers = conn;
    pthread_cond_signal(&s->returned);
    pthread_mutex_unlock(&s->lock);
}

static SqliteConn *reader_open(SqliteDb *s) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    Str why;
    SqliteConn *conn = calloc(1, sizeof *conn);
    if (conn != NULL) conn->cache_kib = s->readers_cache_kib / s->reader_most; /* reader_give() knows better */
    bool is_open = conn != NULL && sqlite_conn_open(s, conn, false, &why, &a);
    if (!is_open) {
        if (conn != NULL) store_log("error", "store.reader", "%.*s", (int)why.len, why.at);
        free(conn);
        conn = NULL;
        pthread_mutex_lock(&s->lock);
        s->reader_count--;
        pthread_cond_signal(&s->returned);
        pthread_mutex_unlock(&s->lock);
    }
    arena_free(&a);
    return conn;
}

static void snapshot_end(SqliteConn *conn) {
    conn->is_kept = false;
    if (sqlite3_get_autocommit(conn->at)) return;
    sqlite3_step(conn->commit);
    sqlite3_reset(conn->commit);
}

/* Beginning and ending a snapshot costs as much as a point read. So a reader keeps its snapshot when it rests, and the
 * next request reads from it unless something was committed since: what a client was told is there is always seen. */
static Err snapshot_begin(Ctx *c, SqliteDb *s, SqliteConn *conn) {
    int64_t commits = atomic_load(&s->db.commits);
    bool is_fresh = conn->is_kept && conn->commits_seen == commits && !atomic_load(&s->is_gated);
    if (!is_fresh) snapshot_end(conn);
    for (int i = 0; atomic_load(&s->is_gated) && i < 100; i++) usleep(100); /* the writer lets the WAL start over */
    atomic_fetch_add(&s->reading, 1);
    if (is_fresh) return OK;
    conn->commits_seen = atomic_load(&s->db.commits);
    return sqlite_run(c, conn, "BEGIN", conn->begin);
}

void sqlite_readers_rest(SqliteDb *s) {
    pthread_mutex_lock(&s->lock);
    for (SqliteConn *conn = s->free_readers; conn != NULL; conn = conn->next_free)
        if (conn->is_kept) snapshot_end(conn);
    pthread_mutex_unlock(&s->lock);
}

static Err read_begin(Db *db, Ctx *c) {
    SqliteDb *s = (SqliteDb *)db;
    bool is_new;
    SqliteConn *conn = reader_take(s, &is_new);
    if (is_new) conn = reader_open(s);
    if (conn == NULL) return is_new ? store_unavailable(c) : store_busy(c);
    conn->tx.broken = OK;
    c->tx = &conn->tx;
    Err err = snapshot_begin(c, s, conn);
    if (err == OK) return OK;
    atomic_fetch_sub(&s->reading, 1);
    c->tx = NULL;
    reader_give(s, conn);
    return err;
}

static void read_end(Ctx *c) {
    SqliteConn *conn = (SqliteConn *)c->tx;
    SqliteDb *s = (SqliteDb *)conn->tx.db;
    conn->is_kept = conn->tx.broken == OK && !sqlite3_get_autocommit(conn->at) && !atomic_load(&s->is_gated);
    if (!conn->is_kept) snapshot_end(conn);
    atomic_fetch_sub(&s->reading, 1);
    reader_give(s, conn);
}

static bool is_ready(Db *db) {
    SqliteDb *s = (SqliteDb *)db;
    bool is_new;
    SqliteConn *conn = reader_take(s, &is_new);
    if (is_new) conn = reader_open(s);
    if (conn == NULL) return false;
    bool reads = sqlite3_exec(conn->at, "SELECT COUNT(*) FROM sqlite_schema", NULL, NULL, NULL) == SQLITE_OK;
    reader_give(s, conn);
    return reads && atomic_load(&db->is_writable);
}

/* ---- open, close ---- */

/* The lock ends with the process, however it ends; the file itself stays. */
static bool lock_take(SqliteDb *s, Arena *a, Str *ret_why) {
    const char *path = arena_cstr(a, arena_print(a, "%s.lock", s->path));
    s->lock_file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (s->lock_file < 0) {
        *ret_why = arena_print(a, "db.open: cannot open %s: %s", path, strerror(errno));
        return false;
    }
    char pid[32] = "";
    if (flock(s->lock_file, LOCK_EX | LOCK_NB) == 0) {
        int len = snprintf(pid, sizeof pid, "%d\n", (int)getpid());
        if (ftruncate(s->lock_file, 0) == 0)
            (void)!pwrite(s->lock_file, pid, (size_t)len, 0); /* on a full disk it stays nameless */
        return true;
    }
    ssize_t len = pread(s->lock_file, pid, sizeof pid - 1, 0);
    pid[len > 1 ? len - 1 : 0] = 0;
    *ret_why = arena_print(
        a,
        "db.in_use: %s is in use by another process%s%s; only one may open it. Stop that one, or let it do the work.",
        s->path, pid[0] != 0 ? ", pid " : "", pid);
    close(s->lock_file);
    return false;
}

static void close_all(Db *db) {
    SqliteDb *s = (SqliteDb *)db;
    while (s->free_readers != NULL) {
        SqliteConn *conn = s->free_readers;
        s->free_readers = conn->next_free;
        sqlite_conn_close(conn);
        free(conn);
        s->reader_count--;
    }
    assert(s->reader_count == 0); /* a snapshot is still open */
    writer_stop(s);
    close(s->lock_file);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->returned);
    arena_free(&db->arena);
    free(s);
}

static const DbOps sqlite_ops = {
    .close = close_all,
    .unit_start = writer_unit_start,
    .read_begin = read_begin,
    .read_end = read_end,
    .query = sqlite_query,
    .script = sqlite_script,
    .may_wait = writer_may_wait,
    .is_ready = is_ready,
    .backup = sqlite_backup,
};

Err sqlite_open(Arena *a, const DbConfig *config, Db **ret_db, Str *ret_why) {
    if (str_find(config->url, S(":memory:")) >= 0) {
        *ret_why =
            S("db.memory: readers have connections of their own, so the database must be a file; use a temporary one");
        return E_INVALID;
    }
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD); /* both are refused, harmlessly, once the library is in use */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    SqliteDb *s = calloc(1, sizeof *s);
    assert(s != NULL);
    db_init(&s->db, &sqlite_ops, DB_SQLITE, config);
    s->path = arena_cstr(&s->db.arena, config->url);
    s->reader_most = config->readers > 0 ? config->readers : READERS_DEFAULT;
    s->readers_cache_kib = readers_cache_kib();
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->returned, NULL);
    bool is_locked = lock_take(s, a, ret_why);
    if (is_locked && writer_start(s, ret_why, a)) {
        *ret_db = &s->db;
        return OK;
    }
    if (is_locked) close(s->lock_file);
    arena_free(&s->db.arena);
    free(s);
    return is_locked ? E_BUSY : E_CONFLICT;
}
