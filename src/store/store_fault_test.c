/* What befalls the store from outside: a killed process, a second one, a full disk, a server that goes away. */
#include "store/db_engine.h"
#include "store/scratch.h"
#include "test/test.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- killed ---- */

enum { WRITERS = 4, ACKNOWLEDGED_MOST = 100000, NUMBERS_EACH = 1000000 };

typedef struct Acknowledger {
    Scratch *s;
    int64_t first;
    int pipe;
} Acknowledger;

/* An account and its entry in two statements: half of it would show. */
static Err add_pair(Ctx *c, void *arg) {
    const int64_t *n = arg;
    TRY(db_exec(c, "INSERT INTO scratch_account (merchant_id, id, points, name) VALUES ($1, $2, 1, '')", ARGS(*n)));
    return db_exec(c, "INSERT INTO scratch_entry (merchant_id, account_id, id, delta_points) VALUES ($1, $2, 1, 1)",
                   ARGS(*n));
}

static void *acknowledge(void *arg) {
    const Acknowledger *p = arg;
    Arena a;
    Rng rng;
    Ctx c;
    scratch_ctx(&a, &rng, &c);
    for (int64_t n = p->first;; n++) {
        if (db_unit(p->s->db, &c, add_pair, &n) != OK) _exit(3);
        if (write(p->pipe, &n, sizeof n) != (ssize_t)sizeof n) _exit(4);
    }
}

_Noreturn static void child_main(Scratch *s, int pipe) {
    scratch_connect(s);
    pthread_t thread;
    Acknowledger list[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        list[i] = (Acknowledger){ s, 1 + (int64_t)i * NUMBERS_EACH, pipe };
        if (pthread_create(&thread, NULL, acknowledge, &list[i]) != 0) _exit(5);
    }
    for (;;) pause();
}

/* Runs a child until it has acknowledged `most` units (then kills it) or dies by itself; gives what it acknowledged. */
static int64_t run_and_kill(Scratch *s, int64_t most, int64_t *ret_numbers) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) child_main(s, ends[1]);
    close(ends[1]);
    int64_t count = 0;
    while (count < ACKNOWLEDGED_MOST &&
           read(ends[0], &ret_numbers[count], sizeof(int64_t)) == (ssize_t)sizeof(int64_t)) {
        count++;
        if (count == most) kill(pid, SIGKILL); /* and read on what it said before it died */
    }
    int status;
    waitpid(pid, &status, 0);
    close(ends[0]);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return count;
}

static void expect_whole(Scratch *s, const int64_t *numbers, int64_t count) {
    scratch_connect(s); /* the dead one's lock is gone with it */
    for (int64_t i = 0; i < count; i++) assert_int_equal(scratch_points(s, numbers[i]), 1);
    int64_t accounts = scratch_int(s, "SELECT COUNT(*) FROM scratch_account WHERE merchant_id = $1", NO_ARGS);
    assert_int_equal(scratch_int(s, "SELECT COUNT(*) FROM scratch_entry WHERE merchant_id = $1", NO_ARGS), accounts);
    assert_true(accounts >= count && accounts <= count + WRITERS); /* at most one unit each was not yet told */
}

TEST_PURE(kill_9_loses_no_acknowledged_unit_and_leaves_no_half_one) {
    int64_t *numbers = calloc(ACKNOWLEDGED_MOST, sizeof *numbers);
    const char *const points[] = { "", "statement:77", "unit:50", "before_commit:20", "after_commit:20" };
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        Scratch *s = scratch_place(DB_SQLITE, &(DbConfig){ .crash_point = str_of(points[i]) });
        int64_t count = run_and_kill(s, i == 0 ? 400 : ACKNOWLEDGED_MOST, numbers);
        assert_true(count > 5);
        s->config.crash_point = (Str){ 0 };
        expect_whole(s, numbers, count);
        scratch_close(s);
    }
    free(numbers);
}

/* ---- a second process ---- */

TEST_PURE(a_second_process_on_the_same_file_is_refused_with_the_first_ones_pid) {
    Scratch *s = scratch_open(DB_SQLITE, NULL);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        Db *db;
        Str why = { 0 };
        char mine[32];
        snprintf(mine, sizeof mine, "pid %d;", (int)getppid());
        Err err = db_open(&s->arena, &s->config, &db, &why);
        _exit(err == E_CONFLICT && str_starts(why, S("db.in_use:")) && str_find(why, str_of(mine)) > 0 ? 0 : 1);
    }
    int status;
    waitpid(pid, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    Db *db;
    Str why;
    assert_int_equal(db_open(&s->arena, &(DbConfig){ .url = S(":memory:") }, &db, &why), E_INVALID);
    scratch_close(s);
}

/* ---- a full disk ---- */

typedef struct Blob {
    int64_t id;
    Str text;
} Blob;

static Err add_blob(Ctx *c, void *arg) {
    const Blob *b = arg;
    return db_exec(c, "INSERT INTO scratch_account (merchant_id, id, points, name) VALUES ($1, $2, 1, $3)",
                   ARGS(b->id, b->text));
}

typedef struct Disk {
    const char *dir;
    bool is_mounted;
} Disk;

static void disk_fill(const Disk *d) {
    if (!d->is_mounted) {
        struct rlimit limit = { 600 << 10, RLIM_INFINITY }; /* files may not grow past this: as good as full */
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        return;
    }
    char path[400];
    snprintf(path, sizeof path, "%s/ballast", d->dir);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    static const char zeros[4096];
    while (write(fd, zeros, sizeof zeros) > 0) {}
    assert_int_equal(errno, ENOSPC);
    close(fd);
}

static void disk_free(const Disk *d) {
    if (!d->is_mounted) {
        struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        return;
    }
    char path[400];
    snprintf(path, sizeof path, "%s/ballast", d->dir);
    assert_int_equal(unlink(path), 0);
}

static void expect_full_and_recovery(Scratch *s, const Disk *d) {
    char text[16000];
    memset(text, 'x', sizeof text);
    Blob b = { .id = 1, .text = { text, sizeof text } };
    for (; b.id <= 5; b.id++) assert_int_equal(db_unit(s->db, &s->c, add_blob, &b), OK);
    disk_fill(d);
    Err err = OK;
    for (; err == OK && b.id < 2000; b.id++) err = db_unit(s->db, &s->c, add_blob, &b);
    assert_int_equal(err, E_BUSY);
    assert_string_equal(s->c.problem.code, "store.unavailable");
    assert_true(s->c.problem.retry_after_s > 0);
    int64_t kept = b.id - 2; /* the last one tried was refused */
    assert_false(db_is_ready(s->db));
    assert_false(db_stats(s->db).is_writable);
    assert_int_equal(scratch_int(s, "SELECT COUNT(*) FROM scratch_account WHERE merchant_id = $1", NO_ARGS), kept);
    disk_free(d);
    for (int i = 0; i < 60 && !db_is_ready(s->db); i++) usleep(50000); /* nobody writes: it finds out by itself */
    assert_true(db_is_ready(s->db));
    problem_clear(&s->c);
    assert_int_equal(db_unit(s->db, &s->c, add_blob, &b), OK);
    assert_int_equal(scratch_int(s, "SELECT COUNT(*) FROM scratch_account WHERE merchant_id = $1", NO_ARGS), kept + 1);
}

/* In a child, for limits and mounts are the process's own affair. A real full disk where mounting is allowed, else
 * a limit. */
static int full_disk_child(bool wants_mount) {
    char dir[] = "/tmp/laoke-full-XXXXXX", url[64];
    assert_non_null(mkdtemp(dir));
    Disk d = { .dir = dir };
    d.is_mounted = wants_mount && mount("tmpfs", dir, "tmpfs", 0, "size=1500k") == 0;
    signal(SIGXFSZ, SIG_IGN);
    snprintf(url, sizeof url, "%s/a.db", dir);
    Scratch *s = scratch_place(DB_SQLITE, &(DbConfig){ .url = str_of(url) });
    scratch_connect(s);
    expect_full_and_recovery(s, &d);
    scratch_close(s);
    if (d.is_mounted && umount2(dir, MNT_DETACH) != 0) return 1;
    char command[100];
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return system(command);
}

static void in_child(int (*run)(bool), bool arg) {
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGABRT, SIG_DFL);
        exit(run(arg));
    }
    int status;
    waitpid(pid, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST_PURE(a_full_disk_refuses_writes_keeps_reads_and_recovers_by_itself) { in_child(full_disk_child, true); }
TEST_PURE(a_file_that_may_not_grow_refuses_writes_and_recovers_by_itself) { in_child(full_disk_child, false); }

/* ---- a server that goes away ---- */

typedef struct Cut {
    Scratch *s;
    int64_t runs;
} Cut;

static Err cut_others(Ctx *c, void *arg) {
    (void)arg;
    return db_script(c, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
                        "application_name = 'laoke'");
}

/* The first run loses its connection in the middle; the second must find a clean Ctx and do the whole. */
static Err cut_once(Ctx *c, void *arg) {
    Cut *cut = arg;
    cut->runs++;
    assert_null(c->problem.code);
    TRY(db_exec(c, "UPDATE scratch_account SET points = points + 1 WHERE merchant_id = $1 AND id = 1", NO_ARGS));
    int64_t points;
    TRY(db_int(c, "SELECT points FROM scratch_account WHERE merchant_id = $1 AND id = 1", NO_ARGS, &points));
    if (cut->runs == 1) {
        Arena a;
        Rng rng;
        Ctx other;
        scratch_ctx(&a, &rng, &other);
        assert_int_equal(db_unit(cut->s->db, &other, cut_others, NULL), OK);
        arena_free(&a);
    }
    return db_int(c, "SELECT points FROM scratch_account WHERE merchant_id = $1 AND id = 1", NO_ARGS, &points);
}

TEST(a_unit_whose_connection_is_lost_runs_again_from_the_start) {
    if (db_engine(w->db) == DB_SQLITE) return; /* there is no connection to lose */
    Scratch *s = scratch_open(DB_POSTGRES, NULL);
    scratch_account(s, 1, 0);
    Cut cut = { .s = s };
    assert_int_equal(db_unit(s->db, &s->c, cut_once, &cut), OK);
    assert_int_equal(cut.runs, 2);
    assert_int_equal(scratch_points(s, 1), 1);
    scratch_close(s);
}

typedef struct Crossing {
    Scratch *s;
    int64_t from, to;
    Err err;
} Crossing;

static Err cross(Ctx *c, void *arg) {
    const Crossing *x = arg;
    int64_t changed;
    const char *sql = "UPDATE scratch_account SET points = points + 1 WHERE merchant_id = $1 AND id = $2";
    TRY(db_change(c, sql, ARGS(x->from), &changed));
    usleep(50000);
    return db_change(c, sql, ARGS(x->to), &changed);
}

static void *crossing(void *arg) {
    Crossing *x = arg;
    Arena a;
    Rng rng;
    Ctx c;
    scratch_ctx(&a, &rng, &c);
    x->err = db_unit(x->s->db, &c, cross, x);
    arena_free(&a);
    return NULL;
}

TEST(two_units_that_lock_each_other_out_both_succeed) {
    Scratch *s = scratch_open(db_engine(w->db), NULL);
    scratch_account(s, 1, 0);
    scratch_account(s, 2, 0);
    Crossing x[2] = { { s, 1, 2, OK }, { s, 2, 1, OK } };
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, crossing, &x[i]);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    assert_true(x[0].err == OK && x[1].err == OK);
    assert_true(scratch_points(s, 1) == 2 && scratch_points(s, 2) == 2);
    if (db_engine(s->db) == DB_POSTGRES) assert_true(db_stats(s->db).retries > 0);
    scratch_close(s);
}

/* ---- a server that restarts ---- */

static bool postgres_command(const char *dir, const char *what) {
    char command[600];
    snprintf(command, sizeof command,
             "%s $(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)/pg_ctl -D '%s/data' -l '%s/log' -w -t 30 %s "
             ">/dev/null 2>&1",
             geteuid() == 0 ? "cd / && runuser -u postgres --" : "", dir, dir, what);
    return system(command) == 0;
}

static bool postgres_create(const char *dir) {
    char command[900];
    const char *as = geteuid() == 0 ? "runuser -u postgres --" : "";
    snprintf(command, sizeof command,
             "cd / && %s $(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)/initdb -D '%s/data' -A trust -U laoke "
             "-E UTF8 --locale=C "
             "--no-sync >/dev/null 2>&1 && printf "
             "\"listen_addresses=''\\nunix_socket_directories='%s'\\nfsync=off\\n\" >>'%s/data/postgresql.conf'",
             as, dir, dir, dir);
    return system(command) == 0;
}

TEST_PURE(a_server_that_is_gone_is_said_so_and_found_again_when_it_returns) {
    if (getenv("LAOKE_TEST_PG") == NULL) return; /* no PostgreSQL here */
    char dir[] = "/tmp/laoke-gone-XXXXXX", url[100], command[100];
    assert_non_null(mkdtemp(dir));
    snprintf(command, sizeof command, "chmod 777 '%s'", dir);
    assert_int_equal(system(command), 0);
    assert_true(postgres_create(dir) && postgres_command(dir, "start"));
    snprintf(url, sizeof url, "host=%s user=laoke dbname=postgres", dir);
    Scratch *s = scratch_place(DB_SQLITE, &(DbConfig){ .url = str_of(url), .readers = 3 });
    scratch_connect(s);
    scratch_account(s, 1, 10);
    assert_true(postgres_command(dir, "-m immediate stop"));
    assert_false(db_is_ready(s->db));
    Cut cut = { .s = s, .runs = 5 };
    assert_int_equal(db_unit(s->db, &s->c, cut_once, &cut), E_BUSY);
    assert_string_equal(s->c.problem.code, "store.unavailable");
    assert_true(s->c.problem.retry_after_s > 0);
    problem_clear(&s->c);
    assert_int_equal(db_read_begin(s->db, &s->c), E_BUSY);
    problem_clear(&s->c);
    assert_true(postgres_command(dir, "start"));
    usleep(600000);
    assert_true(db_is_ready(s->db));
    assert_int_equal(db_unit(s->db, &s->c, cut_once, &cut), OK);
    assert_int_equal(scratch_points(s, 1), 11);
    assert_true(postgres_command(dir, "-m fast restart")); /* unnoticed between two calls */
    assert_int_equal(scratch_points(s, 1), 11);
    assert_true(postgres_command(dir, "-m immediate stop"));
    scratch_close(s);
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    assert_int_equal(system(command), 0);
}
