#include "store/db_engine.h"
#include "store/scratch.h"
#include "test/test.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static Scratch *open_like(World *w) { return scratch_open(db_engine(w->db), NULL); }

/* ---- arguments and rows ---- */

typedef enum Color { COLOR_NONE, COLOR_RED, COLOR_BLUE } Color;
static const char *const color_names[] = { "none", "red", "blue", NULL };
typedef struct Part {
    int64_t n;
    Str s;
} Part;
static const Field part_field[] = { FIELD(Part, n), FIELD(Part, s, .is_out = true) };
static const Fields part_fields = FIELDS(Part, part_field);
typedef struct Thing {
    int64_t id, count, day;
    bool is_open;
    Str name;
    Bytes picture;
    int color;
    StrList words;
    IntList ids;
    LIST_OF(Part) parts;
    Str extra;
} Thing;
static const Field thing_field[] = {
    FIELD_ID(Thing, id),
    FIELD(Thing, count),
    FIELD_DAY(Thing, day),
    FIELD(Thing, is_open),
    FIELD(Thing, name),
    FIELD(Thing, picture),
    FIELD_ENUM(Thing, color, color_names),
    FIELD(Thing, words),
    FIELD(Thing, ids),
    FIELD_LIST(Thing, parts, part_fields),
    FIELD_JSON(Thing, extra),
};
static const Fields thing_fields = FIELDS(Thing, thing_field);

static Err thing_add(Ctx *c, void *arg) {
    const int64_t *id = arg;
    const Bytes picture = { (const unsigned char *)"\0\xff\x01", 3 };
    return db_exec(c,
                   "INSERT INTO scratch_thing (merchant_id, parts, extra, ids, words, day, color, picture, name, "
                   "is_open, count, id) "
                   "VALUES ($1, $12, $11, $10, $9, $8, $7, $6, $5, $4, $3, $2)",
                   ARGS(*id, INT64_MIN, true, "老客's \"shop\"", picture, color_names[COLOR_BLUE], 20260228,
                        "[\"a\",\"b\"]", "[\"12\",\"9007199254740993\"]", "{\"x\":1}", "[{\"n\":5,\"s\":\"五\"}]"));
}

TEST(arguments_bind_by_number_and_every_kind_comes_back_as_it_was) {
    Scratch *s = open_like(w);
    Ctx *c = &s->c;
    int64_t id = INT64_MAX;
    assert_int_equal(db_unit(s->db, c, thing_add, &id), OK);
    Thing t;
    memset(&t, 0x55, sizeof t);
    assert_int_equal(db_read_begin(s->db, c), OK);
    assert_int_equal(
        db_row(c,
               "SELECT extra, parts, ids, words, color, picture, name, is_open, day, count, id FROM scratch_thing "
               "WHERE id = $2 AND merchant_id = $1",
               ARGS(id), &thing_fields, &t),
        OK);
    db_read_end(s->db, c);
    assert_true(t.id == INT64_MAX && t.count == INT64_MIN && t.day == 20260228 && t.is_open && t.color == COLOR_BLUE);
    assert_true(str_is(t.name, "老客's \"shop\"") &&
                bytes_equal(t.picture, (Bytes){ (const unsigned char *)"\0\xff\x01", 3 }));
    assert_true(t.words.count == 2 && str_is(t.words.items[1], "b"));
    assert_true(t.ids.count == 2 && t.ids.items[1] == 9007199254740993);
    assert_true(t.parts.count == 1 && t.parts.items[0].n == 5 && str_is(t.parts.items[0].s, "五") &&
                str_is(t.extra, "{\"x\":1}"));
    scratch_close(s);
}

typedef struct Account {
    int64_t id, points;
    Str name;
} Account;
static const Field account_field[] = { FIELD_ID(Account, id), FIELD(Account, points), FIELD(Account, name) };
static const Fields account_fields = FIELDS(Account, account_field);

static Err accounts_add(Ctx *c, void *arg) {
    const int64_t *count = arg;
    for (int64_t i = 1; i <= *count; i++)
        TRY(db_exec(c, "INSERT INTO scratch_account (merchant_id, id, points, name) VALUES ($1, $2, $3, $4)",
                    ARGS(i, i * 10, arena_print(c->arena, "account %lld", (long long)i))));
    return OK;
}

typedef struct Sums {
    int64_t rows, points, inner;
    Str last;
} Sums;

static Err add_up(Ctx *c, void *row, void *arg) {
    const Account *a = row;
    Sums *sums = arg;
    int64_t same;
    sums->rows++;
    sums->points += a->points;
    TRY(db_int(c, "SELECT points FROM scratch_account WHERE merchant_id = $1 AND id = $2", ARGS(a->id), &same));
    sums->inner += same;
    return sums->rows == 1500 ? fail(c, E_CONFLICT, "test.enough", "够了", "enough") : OK;
}

TEST(rows_come_as_lists_as_streams_and_one_by_one) {
    Scratch *s = open_like(w);
    Ctx *c = &s->c;
    int64_t count = 1200;
    assert_int_equal(db_unit(s->db, c, accounts_add, &count), OK);
    assert_int_equal(db_read_begin(s->db, c), OK);
    const char *all = "SELECT id, points, name FROM scratch_account WHERE merchant_id = $1 ORDER BY id";
    ListAny list;
    assert_int_equal(db_rows(c, all, NO_ARGS, &account_fields, 700, &list), OK);
    const Account *a = list.items;
    assert_true(list.count == 700 && a[699].points == 7000 && str_is(a[699].name, "account 700"));
    Sums sums = { 0 };
    assert_int_equal(db_each(c, all, NO_ARGS, &account_fields, add_up, &sums), OK);
    assert_true(sums.rows == 1200 && sums.points == 1200 * 1201 / 2 * 10 && sums.inner == sums.points);
    sums.rows = 1400;
    assert_int_equal(db_each(c, all, NO_ARGS, &account_fields, add_up, &sums), E_CONFLICT);
    problem_clear(c);
    Account one = { .id = 5 };
    bool is_found = true;
    assert_int_equal(db_find(c, all, NO_ARGS, &account_fields, &one, &is_found), OK);
    assert_true(is_found && one.id == 1);
    one.id = 5;
    const char *by_id = "SELECT id FROM scratch_account WHERE merchant_id = $1 AND id = $2";
    assert_int_equal(db_find(c, by_id, ARGS(-1), &account_fields, &one, &is_found), OK);
    assert_true(!is_found && one.id == 5);
    assert_int_equal(db_row(c, by_id, ARGS(-1), &account_fields, &one), E_NOT_FOUND);
    assert_string_equal(c->problem.code, "not_found");
    int64_t n = 9;
    assert_int_equal(
        db_int(c, "SELECT MAX(points) FROM scratch_account WHERE merchant_id = $1 AND id < $2", ARGS(0), &n), OK);
    assert_int_equal(n, 0);
    db_read_end(s->db, c);
    scratch_close(s);
}

TEST(texts_compare_by_bytes_and_like_minds_the_case_on_both_engines) {
    Scratch *s = open_like(w);
    Ctx *c = &s->c;
    assert_int_equal(db_read_begin(s->db, c), OK);
    int64_t n;
    assert_int_equal(
        db_int(c, "SELECT COUNT(*) FROM scratch_account WHERE merchant_id = $1 AND name < $2", ARGS("Z"), &n), OK);
    db_read_end(s->db, c);
    scratch_account(s, 1, 0);
    assert_int_equal(
        scratch_int(s,
                    "SELECT CASE WHEN name || 'B' < $2 THEN 1 ELSE 0 END FROM scratch_account WHERE merchant_id = $1",
                    ARGS("a")),
        1);
    assert_int_equal(
        scratch_int(s,
                    "SELECT COUNT(*) FROM scratch_account WHERE merchant_id = $1 AND name || 'Ab' LIKE $2 ESCAPE '!'",
                    ARGS("a%")),
        0);
    scratch_close(s);
}

TEST(texts_built_at_run_time_are_found_by_content) {
    Scratch *s = open_like(w);
    Ctx *c = &s->c;
    char sql[64];
    assert_int_equal(db_read_begin(s->db, c), OK);
    for (int i = 0; i < 600; i++) {
        int64_t n = -1;
        snprintf(sql, sizeof sql, "SELECT CAST($1 AS BIGINT) + %d", i); /* always at the same address */
        assert_int_equal(db_int(c, sql, NO_ARGS, &n), OK);
        assert_int_equal(n, 7 + i);
    }
    db_read_end(s->db, c);
    scratch_close(s);
}

/* ---- units ---- */

typedef struct Load {
    Unit unit;
    Ctx c;
    Arena arena;
    Rng rng;
    int64_t n;
    Str text;
    int64_t chance;
    _Atomic int64_t *left;
} Load;

static void load_done(Unit *u) { atomic_fetch_sub(((Load *)u->user)->left, 1); }

/* Starts all, then waits. */
static void loads_run(Scratch *s, Load *loads, int64_t count, UnitRun run) {
    _Atomic int64_t left = count;
    for (int64_t i = 0; i < count; i++) {
        Load *j = &loads[i];
        scratch_ctx(&j->arena, &j->rng, &j->c);
        j->rng = rng_seeded((uint64_t)i);
        j->n = i + 1;
        j->left = &left;
        j->unit = (Unit){ .c = &j->c, .run = run, .arg = j, .done = load_done, .user = j };
    }
    for (int64_t i = 0; i < count; i++) db_unit_start(s->db, &loads[i].unit);
    while (atomic_load(&left) > 0) usleep(200);
}

static void loads_free(Load *loads, int64_t count) {
    for (int64_t i = 0; i < count; i++) arena_free(&loads[i].arena);
}

static Err write_or_refuse(Ctx *c, void *arg) {
    Load *j = arg;
    j->chance = rng_below(c->rng, 1000000);
    TRY(db_exec(c, "UPDATE scratch_account SET points = points + 1 WHERE merchant_id = $1 AND id = 1", NO_ARGS));
    int64_t points;
    TRY(db_int(c, "SELECT points FROM scratch_account WHERE merchant_id = $1 AND id = 1", NO_ARGS, &points));
    TRY(db_exec(c, "INSERT INTO scratch_entry (merchant_id, account_id, id, delta_points) VALUES ($1, 1, $2, $3)",
                ARGS(j->n, points)));
    j->text = arena_print(c->arena, "load %lld at %lld", (long long)j->n, (long long)points);
    if (j->n % 7 == 0) return fail(c, E_CONFLICT, "test.seventh", "第七个", "the seventh");
    return OK;
}

enum { LOADS = 60 };

TEST(a_refused_unit_leaves_no_trace_among_the_others_of_its_group) {
    Scratch *s = open_like(w);
    scratch_account(s, 1, 0);
    Load loads[LOADS] = { 0 };
    loads_run(s, loads, LOADS, write_or_refuse);
    int64_t accepted = 0;
    for (int64_t i = 0; i < LOADS; i++) {
        bool is_seventh = loads[i].n % 7 == 0;
        assert_int_equal(loads[i].unit.err, is_seventh ? E_CONFLICT : OK);
        if (is_seventh) {
            assert_string_equal(loads[i].c.problem.code, "test.seventh");
            continue;
        }
        accepted++;
        assert_null(loads[i].c.problem.code);
        /* Every unit saw exactly the accepted ones before it, whether its group ran once or again, and drew the
         * same chance. */
        char want[40];
        snprintf(want, sizeof want, "load %lld at %lld", (long long)loads[i].n, (long long)accepted);
        assert_true(str_is(loads[i].text, want));
        Rng again = rng_seeded((uint64_t)i);
        assert_int_equal(loads[i].chance, rng_below(&again, 1000000));
    }
    assert_int_equal(scratch_points(s, 1), accepted);
    assert_int_equal(scratch_int(s, "SELECT COUNT(*) FROM scratch_entry WHERE merchant_id = $1", NO_ARGS), accepted);
    DbStats stats = db_stats(s->db);
    assert_int_equal(stats.refused, LOADS / 7);
    if (db_engine(s->db) == DB_SQLITE) assert_true(stats.group_units_max > 1 && stats.retries > 0);
    loads_free(loads, LOADS);
    scratch_close(s);
}

static Err refuse_unwritten(Ctx *c, void *arg) {
    Load *j = arg;
    if (j->n % 2 == 0) return fail(c, E_CONFLICT, "test.even", "偶数", "even");
    return db_exec(c, "UPDATE scratch_account SET points = points + 1 WHERE merchant_id = $1 AND id = 1", NO_ARGS);
}

TEST(a_unit_refused_before_it_wrote_costs_its_group_nothing) {
    Scratch *s = open_like(w);
    scratch_account(s, 1, 0);
    Load loads[LOADS] = { 0 };
    loads_run(s, loads, LOADS, refuse_unwritten);
    assert_int_equal(scratch_points(s, 1), LOADS / 2);
    assert_int_equal(db_stats(s->db).retries, 0);
    loads_free(loads, LOADS);
    scratch_close(s);
}

typedef struct Spender {
    Scratch *s;
    int64_t succeeded;
} Spender;

/* Lock-or-create, then a guarded update: the two statements every account uses. */
static Err spend_one(Ctx *c, void *arg) {
    (void)arg;
    int64_t changed;
    TRY(db_exec(c,
                "INSERT INTO scratch_account (merchant_id, id, points, name) VALUES ($1, 1, 0, '') "
                "ON CONFLICT (merchant_id, id) DO UPDATE SET points = scratch_account.points",
                NO_ARGS));
    TRY(db_change(c,
                  "UPDATE scratch_account SET points = points - $2 WHERE merchant_id = $1 AND id = 1 AND points >= $2",
                  ARGS(1), &changed));
    return changed == 1 ? OK : fail(c, E_CONFLICT, "test.short", "不足", "short");
}

static void *spender(void *arg) {
    Spender *p = arg;
    Arena a;
    Rng rng;
    Ctx c;
    scratch_ctx(&a, &rng, &c);
    for (int i = 0; i < 100; i++) {
        if (db_unit(p->s->db, &c, spend_one, NULL) == OK) p->succeeded++;
        problem_clear(&c);
    }
    arena_free(&a);
    return NULL;
}

TEST(eight_spenders_of_one_hundred_get_exactly_the_five_hundred_there_are) {
    Scratch *s = open_like(w);
    scratch_account(s, 1, 500);
    pthread_t threads[8];
    Spender spenders[8] = { 0 };
    for (int i = 0; i < 8; i++) {
        spenders[i].s = s;
        assert_int_equal(pthread_create(&threads[i], NULL, spender, &spenders[i]), 0);
    }
    int64_t succeeded = 0;
    for (int i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
        succeeded += spenders[i].succeeded;
    }
    assert_int_equal(succeeded, 500);
    assert_int_equal(scratch_points(s, 1), 0);
    scratch_close(s);
}

static Err set_points(Ctx *c, void *arg) {
    const int64_t *points = arg;
    Account after;
    bool is_found;
    TRY(db_find(c, "UPDATE scratch_account SET points = $2 WHERE merchant_id = $1 AND id = 1 RETURNING points, id",
                ARGS(*points), &account_fields, &after, &is_found));
    return is_found && after.points == *points ? OK
                                               : fail(c, E_INTERNAL, "test.returning", "没有返回", "nothing returned");
}

TEST(a_snapshot_does_not_see_what_is_committed_after_it) {
    Scratch *s = open_like(w);
    scratch_account(s, 1, 10);
    Arena a;
    Rng rng;
    Ctx reader;
    scratch_ctx(&a, &rng, &reader);
    const char *sql = "SELECT points FROM scratch_account WHERE merchant_id = $1 AND id = 1";
    int64_t n, eleven = 11;
    assert_int_equal(db_read_begin(s->db, &reader), OK);
    assert_int_equal(db_int(&reader, sql, NO_ARGS, &n), OK);
    assert_int_equal(db_unit(s->db, &s->c, set_points, &eleven), OK);
    assert_int_equal(db_read_begin(s->db, &reader), OK); /* nests */
    assert_int_equal(db_int(&reader, sql, NO_ARGS, &n), OK);
    db_read_end(s->db, &reader);
    assert_int_equal(n, 10);
    db_read_end(s->db, &reader);
    assert_null(reader.tx);
    assert_int_equal(scratch_points(s, 1), 11);
    arena_free(&a);
    scratch_close(s);
}

/* ---- refusals of the engine ---- */

static Err swallow(Ctx *c, void *arg) {
    const char *bad = arg;
    TRY(db_exec(c, "UPDATE scratch_account SET points = 77 WHERE merchant_id = $1 AND id = 1", NO_ARGS));
    int64_t n = -5;
    Err first = db_change(c, bad, NO_ARGS, &n);
    assert_int_equal(first, E_INTERNAL);
    problem_clear(c);
    assert_int_equal(db_int(c, "SELECT points FROM scratch_account WHERE merchant_id = $1", NO_ARGS, &n), first);
    assert_int_equal(n, -5);
    return OK; /* the error is hidden, yet the unit must not be kept */
}

TEST(after_an_engines_error_the_unit_is_refused_whatever_it_says) {
    Scratch *s = open_like(w);
    scratch_account(s, 1, 10);
    const char *const bad[] = {
        "UPDATE scratch_account SET points = -1 WHERE merchant_id = $1",
        "INSERT INTO scratch_account (merchant_id, id, points, name) VALUES ($1, 1, 1, '')",
        "INSERT INTO scratch_account (merchant_id, id, points) VALUES ($1, 2, 1)",
        "INSERT INTO scratch_entry (merchant_id, account_id, id, delta_points) VALUES ($1, 99, 1, 1)",
        "UPDATE scratch_account SET points = 9223372036854775807 + id WHERE merchant_id = $1",
        "UPDATE scratch_account SET nothing = 1 WHERE merchant_id = $1",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(db_unit(s->db, &s->c, swallow, (char *)(uintptr_t)bad[i]), E_INTERNAL);
        assert_int_equal(scratch_points(s, 1), 10);
    }
    scratch_close(s);
}

static Err queue_bad(Ctx *c, void *arg) {
    const char *bad = arg;
    TRY(db_exec(c, "UPDATE scratch_account SET points = 88 WHERE merchant_id = $1 AND id = 1", NO_ARGS));
    return db_exec(c, bad, NO_ARGS); /* on PostgreSQL it is refused only when the COMMIT is sent */
}

TEST(a_constraint_that_no_slice_guarded_is_a_defect_with_its_own_code) {
    Scratch *s = open_like(w);
    scratch_account(s, 1, 10);
    const char *bad = "UPDATE scratch_account SET points = points - 100 WHERE merchant_id = $1 AND id = 1";
    assert_int_equal(db_unit(s->db, &s->c, queue_bad, (char *)(uintptr_t)bad), E_INTERNAL);
    assert_string_equal(s->c.problem.code, "store.constraint");
    assert_int_equal(scratch_points(s, 1), 10);
    scratch_close(s);
}

static Err count_arguments(Ctx *c, void *arg) {
    (void)arg;
    return db_exec(c, "UPDATE scratch_account SET points = 1 WHERE merchant_id = $1 AND id = $2", NO_ARGS);
}

TEST(a_missing_argument_is_a_defect) {
    Scratch *s = open_like(w);
    assert_int_equal(db_unit(s->db, &s->c, count_arguments, NULL), E_INTERNAL);
    assert_string_equal(s->c.problem.code, "store.defect");
    scratch_close(s);
}

static Err many_writes(Ctx *c, void *arg) {
    (void)arg;
    int64_t changed;
    for (int64_t i = 0; i < 1000; i++)
        TRY(db_exec(
            c,
            "INSERT INTO scratch_account (merchant_id, id, points, name) VALUES ($1, $2, 0, '') ON CONFLICT DO NOTHING",
            ARGS(i % 500)));
    TRY(db_change(
        c, "INSERT INTO scratch_account (merchant_id, id, points, name) VALUES ($1, 3, 0, '') ON CONFLICT DO NOTHING",
        NO_ARGS, &changed));
    if (changed != 0) return fail(c, E_INTERNAL, "test.changed", "不该改", "changed");
    return db_change(c, "UPDATE scratch_account SET points = 2 WHERE merchant_id = $1 AND id < 10", NO_ARGS, &changed);
}

TEST(a_thousand_writes_of_one_unit_all_count) {
    Scratch *s = open_like(w);
    assert_int_equal(db_unit(s->db, &s->c, many_writes, NULL), OK);
    assert_int_equal(
        scratch_int(s, "SELECT CAST(SUM(points) AS BIGINT) FROM scratch_account WHERE merchant_id = $1", NO_ARGS), 20);
    assert_int_equal(scratch_int(s, "SELECT COUNT(*) FROM scratch_account WHERE merchant_id = $1", NO_ARGS), 500);
    assert_true(db_is_ready(s->db));
    scratch_close(s);
}

/* ---- backup ---- */

typedef struct Adder {
    Scratch *s;
    _Atomic bool is_over;
    int64_t added;
} Adder;

static Err add_pair(Ctx *c, void *arg) {
    const int64_t *n = arg;
    TRY(db_exec(c, "INSERT INTO scratch_account (merchant_id, id, points, name) VALUES ($1, $2, 1, '')", ARGS(*n)));
    return db_exec(c, "INSERT INTO scratch_entry (merchant_id, account_id, id, delta_points) VALUES ($1, $2, 1, 1)",
                   ARGS(*n));
}

static void *adder(void *arg) {
    Adder *p = arg;
    Arena a;
    Rng rng;
    Ctx c;
    scratch_ctx(&a, &rng, &c);
    for (int64_t n = 1; !p->is_over; n++) {
        assert_int_equal(db_unit(p->s->db, &c, add_pair, &n), OK);
        p->added = n;
    }
    arena_free(&a);
    return NULL;
}

TEST(a_backup_taken_while_serving_is_of_one_instant) {
    Scratch *s = open_like(w);
    Adder p = { .s = s };
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, adder, &p), 0);
    usleep(30000);
    char path[] = "/tmp/laoke-backup-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    Err err = db_backup(s->db, &s->c, str_of(path));
    p.is_over = true;
    pthread_join(thread, NULL);
    assert_int_equal(err, OK);
    if (db_engine(s->db) == DB_SQLITE) {
        Scratch *copy = scratch_place(DB_SQLITE, &(DbConfig){ .url = str_of(path) });
        scratch_connect(copy);
        int64_t accounts = scratch_int(copy, "SELECT COUNT(*) FROM scratch_account WHERE merchant_id = $1", NO_ARGS);
        assert_true(accounts > 0 && accounts <= p.added);
        assert_int_equal(scratch_int(copy, "SELECT COUNT(*) FROM scratch_entry WHERE merchant_id = $1", NO_ARGS),
                         accounts);
        scratch_close(copy);
        char lock[64];
        snprintf(lock, sizeof lock, "%s.lock", path);
        unlink(lock);
    }
    unlink(path);
    scratch_close(s);
}

/* ---- bounds ---- */

static Err read_one(Ctx *c, void *arg) {
    return db_int(c, "SELECT COUNT(*) FROM scratch_account WHERE merchant_id = $1", NO_ARGS, arg);
}

TEST(a_loop_that_reads_far_past_its_memory_is_refused_before_the_process_must_end) {
    Scratch *s = open_like(w);
    int64_t count = 0;
    arena_take(s->c.arena, INT64_C(9) * ARENA_BUDGET, 1);
    assert_int_equal(db_unit(s->db, &s->c, read_one, &count), E_INVALID);
    assert_string_equal(s->c.problem.code, "store.too_much");
    scratch_close(s);
}
