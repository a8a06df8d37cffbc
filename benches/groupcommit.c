/* groupcommit: durable units through the store against a bare loop of prepared statements that writes the same rows with the same
 * group size, schema, pragmas and checkpoint rhythm. 64 clients, each with one unit on its way. Both sides alternate in one run; the
 * median of the rounds counts.
 *   bench_groupcommit [SECONDS_PER_ROUND [ROUNDS]]      LAOKE_TEST_PG names a PostgreSQL for the .pg lines */
#include "store/migrate.h"
#include <libpq-fe.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS = 64, CONNECTIONS = 16, ROUNDS_MOST = 15, CHECKPOINT_PAGES = 1000, CACHE_KIB = 64 << 10 };

#define SCHEMA                                                                                                         \
    "CREATE TABLE bench_row ( -- lean\n merchant_id BIGINT NOT NULL, client_id BIGINT NOT NULL, id BIGINT NOT NULL, "  \
    "delta BIGINT NOT NULL, note TEXT NOT NULL, PRIMARY KEY (merchant_id, client_id, id));"                            \
    "CREATE TABLE bench_balance ( -- lean\n merchant_id BIGINT NOT NULL, client_id BIGINT NOT NULL, points BIGINT "    \
    "NOT NULL "                                                                                                        \
    "CHECK (points >= 0), PRIMARY KEY (merchant_id, client_id));"
#define INSERT "INSERT INTO bench_row (merchant_id, client_id, id, delta, note) VALUES ($1, $2, $3, $4, $5)"
#define UPSERT                                                                                                         \
    "INSERT INTO bench_balance (merchant_id, client_id, points) VALUES ($1, $2, $3) ON CONFLICT (merchant_id, "        \
    "client_id) "                                                                                                      \
    "DO UPDATE SET points = bench_balance.points + $3"
#define SELECT "SELECT points FROM bench_balance WHERE merchant_id = $1 AND client_id = $2"
static const char note[] = "a note of thirty-two characters.";

/* What one unit does: `rows` inserts; a till's unit also locks, reads and writes a balance now and then. */
typedef struct Work {
    const char *name;
    int64_t rows, balances, reads;
} Work;
static const Work works[] = { { "one_row", 1, 0, 0 }, { "ten_rows", 10, 0, 0 }, { "till_20", 10, 5, 5 } };

static void die(const char *what, const char *why) {
    fprintf(stderr, "groupcommit: %s: %s\n", what, why);
    exit(1);
}

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double median(double *list, int64_t count) {
    for (int64_t i = 1; i < count; i++)
        for (int64_t j = i; j > 0 && list[j] < list[j - 1]; j--) {
            double t = list[j];
            list[j] = list[j - 1];
            list[j - 1] = t;
        }
    return list[count / 2];
}

/* ---- through the store ---- */

typedef struct Client {
    Unit unit;
    Ctx c;
    Arena arena;
    Rng rng;
    int64_t id, next;
    struct Run *run;
} Client;
typedef struct Run {
    Db *db;
    const Work *work;
    double until;
    Client clients[CLIENTS];
    _Atomic int64_t left, units;
} Run;

static Err work_unit(Ctx *c, void *arg) {
    Client *k = arg;
    const Work *work = k->run->work;
    int64_t points;
    for (int64_t i = 0; i < work->rows; i++)
        TRY(db_exec(c, INSERT, ARGS(k->id, k->next + i, 5, ((Str){ note, (int64_t)sizeof note - 1 }))));
    for (int64_t i = 0; i < work->balances; i++) TRY(db_exec(c, UPSERT, ARGS(k->id, 5)));
    for (int64_t i = 0; i < work->reads; i++) TRY(db_int(c, SELECT, ARGS(k->id), &points));
    return OK;
}

static void client_done(Unit *u) {
    Client *k = u->user;
    if (u->err != OK) die("unit", k->c.problem.code);
    k->next += k->run->work->rows;
    arena_reset(&k->arena);
    atomic_fetch_add(&k->run->units, 1);
    if (now_s() < k->run->until)
        db_unit_start(k->run->db, u);
    else
        atomic_fetch_sub(&k->run->left, 1);
}

static void client_init(Run *r, int64_t i) {
    Client *k = &r->clients[i];
    *k = (Client){ .id = i + 1, .next = 1, .run = r };
    arena_init(&k->arena, ARENA_BUDGET);
    k->rng = rng_system();
    k->c = (Ctx){ .arena = &k->arena, .rng = &k->rng, .merchant_id = 7 };
    k->unit = (Unit){ .c = &k->c, .run = work_unit, .arg = k, .done = client_done, .user = k };
}

static void *client_thread(void *arg) { /* PostgreSQL runs a unit on the calling thread */
    Client *k = arg;
    while (now_s() < k->run->until) {
        if (db_unit(k->run->db, &k->c, work_unit, k) != OK) die("unit", k->c.problem.code);
        k->next += k->run->work->rows;
        arena_reset(&k->arena);
        atomic_fetch_add(&k->run->units, 1);
    }
    return NULL;
}

static Db *store_open(const char *url) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    Db *db;
    Str why;
    MigrateReport report;
    Rng rng = rng_system();
    Ctx c = { .arena = &a, .rng = &rng };
    const Migration list[] = { { "bench", 1, "", S_INIT(SCHEMA) } };
    if (db_open(&a, &(DbConfig){ .url = str_of(url), .cache_kib = CACHE_KIB, .readers = CONNECTIONS }, &db, &why) !=
            OK ||
        db_migrate(db, &c, list, 1, false, &report, &why) != OK)
        die("open", arena_cstr(&a, why));
    arena_free(&a);
    return db;
}

static double store_round(const char *url, const Work *work, double seconds) {
    Run *r = calloc(1, sizeof *r);
    r->db = store_open(url);
    r->work = work;
    for (int64_t i = 0; i < CLIENTS; i++) client_init(r, i);
    r->left = CLIENTS;
    double start = now_s();
    r->until = start + seconds;
    pthread_t threads[CLIENTS];
    bool is_threaded = db_engine(r->db) == DB_POSTGRES;
    for (int64_t i = 0; i < CLIENTS; i++) {
        if (!is_threaded)
            db_unit_start(r->db, &r->clients[i].unit);
        else if (pthread_create(&threads[i], NULL, client_thread, &r->clients[i]) != 0)
            die("thread", "cannot start");
    }
    for (int64_t i = 0; is_threaded && i < CLIENTS; i++) pthread_join(threads[i], NULL);
    while (!is_threaded && atomic_load(&r->left) > 0) usleep(1000);
    double rate = (double)r->units / (now_s() - start);
    for (int64_t i = 0; i < CLIENTS; i++) arena_free(&r->clients[i].arena);
    db_close(r->db);
    free(r);
    return rate;
}

/* ---- the bare loop on SQLite ---- */

typedef struct Bare {
    sqlite3 *at;
    sqlite3_stmt *begin, *commit, *insert, *upsert, *select;
    int wal_pages, copied;
} Bare;

static int bare_pages(void *user, sqlite3 *at, const char *name, int pages) {
    (void)at, (void)name;
    Bare *b = user;
    if (pages < b->wal_pages) b->copied = 0;
    b->wal_pages = pages;
    return SQLITE_OK;
}

static void bare_open(Bare *b, const char *path) {
    char sql[900];
    snprintf(sql, sizeof sql,
             "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA wal_autocheckpoint=0;PRAGMA cache_size=-%d;PRAGMA "
             "secure_delete=OFF;"
             "PRAGMA foreign_keys=ON;"
             "CREATE TABLE bench_row (merchant_id INTEGER NOT NULL, client_id INTEGER NOT NULL, id INTEGER NOT NULL, "
             "delta INTEGER NOT NULL, "
             "note TEXT NOT NULL, PRIMARY KEY (merchant_id, client_id, id)) STRICT, WITHOUT ROWID;"
             "CREATE TABLE bench_balance (merchant_id INTEGER NOT NULL, client_id INTEGER NOT NULL, points INTEGER NOT "
             "NULL CHECK (points >= 0), "
             "PRIMARY KEY (merchant_id, client_id)) STRICT, WITHOUT ROWID;",
             CACHE_KIB);
    if (sqlite3_open_v2(path, &b->at, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) !=
            SQLITE_OK ||
        sqlite3_exec(b->at, sql, NULL, NULL, NULL) != SQLITE_OK)
        die("bare", sqlite3_errmsg(b->at));
    sqlite3_wal_hook(b->at, bare_pages, b);
    const struct {
        const char *sql;
        sqlite3_stmt **st;
    } list[] = {
        { "BEGIN IMMEDIATE", &b->begin },
        { "COMMIT", &b->commit },
        { "INSERT INTO bench_row (merchant_id, client_id, id, delta, note) VALUES (?1, ?2, ?3, ?4, ?5)", &b->insert },
        { "INSERT INTO bench_balance (merchant_id, client_id, points) VALUES (?1, ?2, ?3) ON CONFLICT (merchant_id, "
          "client_id) "
          "DO UPDATE SET points = bench_balance.points + ?3",
          &b->upsert },
        { "SELECT points FROM bench_balance WHERE merchant_id = ?1 AND client_id = ?2", &b->select },
    };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        if (sqlite3_prepare_v3(b->at, list[i].sql, -1, SQLITE_PREPARE_PERSISTENT, list[i].st, NULL) != SQLITE_OK)
            die("bare", sqlite3_errmsg(b->at));
}

static void bare_run(Bare *b, sqlite3_stmt *st, int want) {
    if (sqlite3_step(st) != want) die("bare", sqlite3_errmsg(b->at));
    sqlite3_reset(st);
}

static void bare_unit(Bare *b, const Work *work, int64_t client, int64_t next) {
    for (int64_t i = 0; i < work->rows; i++) {
        sqlite3_bind_int64(b->insert, 1, 7);
        sqlite3_bind_int64(b->insert, 2, client);
        sqlite3_bind_int64(b->insert, 3, next + i);
        sqlite3_bind_int64(b->insert, 4, 5);
        sqlite3_bind_text(b->insert, 5, note, (int)sizeof note - 1, SQLITE_STATIC);
        bare_run(b, b->insert, SQLITE_DONE);
    }
    for (int64_t i = 0; i < work->balances; i++) {
        sqlite3_bind_int64(b->upsert, 1, 7);
        sqlite3_bind_int64(b->upsert, 2, client);
        sqlite3_bind_int64(b->upsert, 3, 5);
        bare_run(b, b->upsert, SQLITE_DONE);
    }
    for (int64_t i = 0; i < work->reads; i++) {
        sqlite3_bind_int64(b->select, 1, 7);
        sqlite3_bind_int64(b->select, 2, client);
        bare_run(b, b->select, SQLITE_ROW);
    }
}

static double bare_round(const char *path, const Work *work, double seconds) {
    Bare b = { 0 };
    bare_open(&b, path);
    int64_t units = 0;
    double start = now_s(), until = start + seconds;
    for (int64_t group = 0; now_s() < until; group++) {
        bare_run(&b, b.begin, SQLITE_DONE);
        for (int64_t i = 0; i < CLIENTS; i++, units++) bare_unit(&b, work, i + 1, 1 + group * work->rows);
        bare_run(&b, b.commit, SQLITE_DONE);
        if (b.wal_pages - b.copied < CHECKPOINT_PAGES) continue;
        int in_wal, copied;
        sqlite3_wal_checkpoint_v2(b.at, "main", SQLITE_CHECKPOINT_PASSIVE, &in_wal, &copied);
        b.copied = copied;
    }
    double rate = (double)units / (now_s() - start);
    sqlite3_stmt *list[] = { b.begin, b.commit, b.insert, b.upsert, b.select };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) sqlite3_finalize(list[i]);
    sqlite3_close(b.at);
    return rate;
}

/* ---- the bare loop on PostgreSQL: one pipeline a unit, as many connections as the store's pool ---- */

typedef struct PgLoop {
    const char *url;
    const Work *work;
    double until;
    int64_t id, units;
} PgLoop;

static void pg_check(PGconn *at, bool is_ok) {
    if (!is_ok) die("libpq", PQerrorMessage(at));
}

static void pg_send(PGconn *at, const char *name, int count, const int64_t *numbers) {
    uint64_t wire[4];
    const char *values[5];
    int lengths[5], formats[5];
    for (int i = 0; i < count; i++) {
        bool is_note = i == 4;
        if (!is_note) wire[i] = __builtin_bswap64((uint64_t)numbers[i]);
        values[i] = is_note ? note : (const char *)&wire[i];
        lengths[i] = is_note ? (int)sizeof note - 1 : 8;
        formats[i] = 1;
    }
    pg_check(at, PQsendQueryPrepared(at, name, count, values, lengths, formats, 1));
}

static void pg_drain(PGconn *at, int64_t sent) {
    for (int64_t seen = 0; seen <= sent;) {
        PGresult *res = PQgetResult(at);
        if (res == NULL) continue;
        ExecStatusType status = PQresultStatus(res);
        pg_check(at, status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_PIPELINE_SYNC);
        seen++;
        PQclear(res);
    }
}

static void pg_prepare(PGconn *at, const char *name, const char *sql, int count) {
    const Oid types[5] = { 20, 20, 20, 20, 25 };
    PGresult *res = PQprepare(at, name, sql, count, types);
    pg_check(at, PQresultStatus(res) == PGRES_COMMAND_OK);
    PQclear(res);
}

static void *pg_loop(void *arg) {
    PgLoop *p = arg;
    PGconn *at = PQconnectdb(p->url);
    pg_check(at, PQstatus(at) == CONNECTION_OK);
    PQclear(PQexec(at, "SET plan_cache_mode=force_generic_plan"));
    pg_prepare(at, "b", "BEGIN", 0);
    pg_prepare(at, "c", "COMMIT", 0);
    pg_prepare(at, "i", INSERT, 5);
    pg_prepare(at, "u", UPSERT, 3);
    pg_prepare(at, "s", SELECT, 2);
    PQenterPipelineMode(at);
    for (int64_t next = 1; now_s() < p->until; next += p->work->rows, p->units++) {
        pg_send(at, "b", 0, NULL);
        for (int64_t i = 0; i < p->work->rows; i++) pg_send(at, "i", 5, (int64_t[]){ 7, p->id, next + i, 5 });
        for (int64_t i = 0; i < p->work->balances; i++) pg_send(at, "u", 3, (int64_t[]){ 7, p->id, 5 });
        int64_t sent = 1 + p->work->rows + p->work->balances;
        for (int64_t i = 0; i < p->work->reads; i++) { /* its answer is needed before the next step */
            pg_send(at, "s", 2, (int64_t[]){ 7, p->id });
            PQsendFlushRequest(at);
            pg_drain(at, sent);
            sent = 0;
        }
        pg_send(at, "c", 0, NULL);
        PQpipelineSync(at);
        pg_drain(at, sent + 1);
    }
    PQfinish(at);
    return NULL;
}

/* A schema of its own in whatever database was named. */
static void pg_fresh(const char *url) {
    PGconn *at = PQconnectdb(url);
    pg_check(at, PQstatus(at) == CONNECTION_OK);
    PQclear(PQexec(at, "SET client_min_messages=warning"));
    PQclear(PQexec(at, "DROP SCHEMA IF EXISTS groupcommit CASCADE"));
    PQclear(PQexec(at, "CREATE SCHEMA groupcommit"));
    PQfinish(at);
}

static const char *pg_url(Arena *a, const char *base) {
    if (base == NULL) return NULL;
    if (strstr(base, "://") == NULL)
        return arena_cstr(a, arena_print(a, "%s options='-c search_path=groupcommit'", base));
    char join = strchr(base, '?') != NULL ? '&' : '?';
    return arena_cstr(a, arena_print(a, "%s%coptions=-c%%20search_path%%3Dgroupcommit", base, join));
}

static double pg_bare_round(const char *url, const Work *work, double seconds) {
    pg_fresh(url);
    db_close(store_open(url)); /* the same schema */
    PgLoop loops[CONNECTIONS];
    pthread_t threads[CONNECTIONS];
    double start = now_s();
    int64_t units = 0;
    for (int64_t i = 0; i < CONNECTIONS; i++) {
        loops[i] = (PgLoop){ .url = url, .work = work, .until = start + seconds, .id = i + 1 };
        if (pthread_create(&threads[i], NULL, pg_loop, &loops[i]) != 0) die("thread", "cannot start");
    }
    for (int64_t i = 0; i < CONNECTIONS; i++) {
        pthread_join(threads[i], NULL);
        units += loops[i].units;
    }
    return (double)units / (now_s() - start);
}

/* ---- rounds ---- */

static void remove_file(const char *path) {
    static const char *const ends[] = { "", "-wal", "-shm", ".lock" };
    char name[400];
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

static void report(const char *end, const Work *work, double *store, double *bare, double seconds, int64_t rounds) {
    double rate = median(store, rounds), reference = median(bare, rounds);
    int64_t rows = (int64_t)(rate * seconds) * (work->rows + work->balances);
    printf("groupcommit.%s%s %.0f units/s ratio=%.2f vs=%s rows=%lld\n", work->name, end, rate, rate / reference,
           end[0] == 0 ? "bare_sqlite_loop" : "libpq_pipeline_loop", (long long)rows);
    fflush(stdout);
}

int main(int argc, char **argv) {
    double seconds = argc > 1 ? atof(argv[1]) : 2;
    int64_t rounds = argc > 2 ? atoi(argv[2]) : 3;
    if (rounds < 1 || rounds > ROUNDS_MOST) die("rounds", "1 to 15");
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD); /* as the store does, for both sides alike */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    const char *url = pg_url(&a, getenv("LAOKE_TEST_PG"));
    char dir[] = "build/bench-XXXXXX", path[100];
    if (mkdtemp(dir) == NULL) die("build", "run it from the root of the tree");
    snprintf(path, sizeof path, "%s/a.db", dir);
    double store[ROUNDS_MOST], bare[ROUNDS_MOST];
    for (size_t i = 0; i < sizeof works / sizeof works[0]; i++) {
        for (int64_t n = 0; n < rounds; n++) {
            bare[n] = bare_round(path, &works[i], seconds);
            remove_file(path);
            store[n] = store_round(path, &works[i], seconds);
            remove_file(path);
        }
        report("", &works[i], store, bare, seconds, rounds);
        for (int64_t n = 0; url != NULL && n < rounds; n++) {
            bare[n] = pg_bare_round(url, &works[i], seconds);
            pg_fresh(url);
            store[n] = store_round(url, &works[i], seconds);
            pg_fresh(url);
        }
        if (url != NULL) report(".pg", &works[i], store, bare, seconds, rounds);
    }
    if (url == NULL) printf("# groupcommit.*.pg left out: LAOKE_TEST_PG is not set\n");
    rmdir(dir);
    arena_free(&a);
    return 0;
}
