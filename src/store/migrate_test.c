#include "store/schema_text.h"
#include "store/scratch.h"
#include "test/test.h"
#include <string.h>

/* ---- texts ---- */

TEST_PURE(schema_files_split_at_semicolons_outside_quotes_and_comments) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    SchemaStatements list = schema_split(
        &a,
        S("-- a; comment\nINSERT INTO t VALUES ('x;''y');; /* ; */\nCREATE TABLE u (x BIGINT); -- lean\n-- end;\n"));
    assert_int_equal(list.count, 2);
    assert_true(str_ends(list.items[0].text, S("('x;''y')")) && !list.items[0].is_lean);
    assert_true(str_ends(list.items[1].text, S("(x BIGINT)")) && list.items[1].is_lean);
    arena_free(&a);
}

TEST_PURE(sqlite_gets_strict_tables_its_own_types_and_folded_keys) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    SchemaStatements in = schema_split(
        &a, S("CREATE TABLE t ( -- lean\n id BIGINT NOT NULL, x BYTEA NOT NULL, note TEXT DEFAULT 'BIGINT');\n"
              "CREATE INDEX t_x ON t (x);\n"
              "ALTER TABLE t ADD CONSTRAINT t_up FOREIGN KEY (id) REFERENCES up (id);"));
    StrList out;
    Str why;
    assert_true(schema_for_sqlite(&a, in, &out, &why));
    assert_int_equal(out.count, 2);
    assert_true(str_is(out.items[0],
                       "CREATE TABLE t ( \n id INTEGER NOT NULL, x BLOB NOT NULL, note TEXT DEFAULT 'BIGINT', "
                       "CONSTRAINT t_up FOREIGN KEY (id) REFERENCES up (id)) STRICT, WITHOUT ROWID"));
    in = schema_split(&a, S("ALTER TABLE old ADD CONSTRAINT c CHECK (x > 0)"));
    assert_false(schema_for_sqlite(&a, in, &out, &why));
    assert_true(str_find(why, S(".sqlite.sql")) > 0);
    in = schema_split(&a, S("ALTER TABLE old ADD COLUMN y BIGINT NOT NULL DEFAULT 0"));
    assert_true(schema_for_sqlite(&a, in, &out, &why));
    assert_true(str_is(out.items[0], "ALTER TABLE old ADD COLUMN y INTEGER NOT NULL DEFAULT 0"));
    arena_free(&a);
}

TEST_PURE(postgres_texts_are_compared_by_bytes) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    StrList out = schema_for_postgres(
        &a, schema_split(&a, S("CREATE TABLE t (s TEXT NOT NULL CHECK (CAST(s AS TEXT) <> 'TEXT'));")));
    assert_true(
        str_is(out.items[0], "CREATE TABLE t (s TEXT COLLATE \"C\" NOT NULL CHECK (CAST(s AS TEXT) <> 'TEXT'))"));
    arena_free(&a);
}

/* ---- applying ---- */

#define ONE                                                                                                            \
    S_INIT("CREATE TABLE m_one (merchant_id BIGINT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (merchant_id, id));")
#define TWO                                                                                                            \
    S_INIT("CREATE TABLE m_two (merchant_id BIGINT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (merchant_id, id));")

static Scratch *open_bare(World *w) {
    Scratch *s = scratch_place(db_engine(w->db), &(DbConfig){ .is_volatile = true });
    Str why;
    assert_int_equal(db_open(&s->arena, &s->config, &s->db, &why), OK);
    return s;
}

static Err migrate(Scratch *s, const Migration *list, int64_t count, bool is_dry, int64_t *ret_applied, Str *ret_why) {
    MigrateReport report = { 0 };
    problem_clear(&s->c);
    Err err = db_migrate(s->db, &s->c, list, count, is_dry, &report, ret_why);
    *ret_applied = report.applied;
    return err;
}

TEST(migrations_are_applied_once_and_a_dry_run_writes_nothing) {
    Scratch *s = open_bare(w);
    const Migration list[] = { { "one", 1, "", ONE }, { "two", 1, "", TWO } };
    int64_t applied;
    Str why;
    assert_int_equal(migrate(s, list, 2, true, &applied, &why), OK);
    assert_int_equal(applied, 2);
    assert_int_equal(migrate(s, list, 1, false, &applied, &why), OK);
    assert_int_equal(applied, 1);
    assert_int_equal(migrate(s, list, 2, true, &applied, &why), OK);
    assert_int_equal(applied, 1);
    assert_int_equal(migrate(s, list, 2, false, &applied, &why), OK);
    assert_int_equal(applied, 1);
    assert_int_equal(migrate(s, list, 2, false, &applied, &why), OK);
    assert_int_equal(applied, 0);
    assert_int_equal(scratch_int(s, "SELECT COUNT(*) FROM m_two WHERE merchant_id = $1", NO_ARGS), 0);
    scratch_close(s);
}

TEST(a_changed_file_and_a_newer_database_are_refused_with_their_names) {
    Scratch *s = open_bare(w);
    const Migration list[] = { { "one", 1, "", ONE }, { "one", 2, "", TWO } };
    const Migration changed[] = { { "one", 1, "", TWO }, { "one", 2, "", TWO } };
    int64_t applied;
    Str why;
    assert_int_equal(migrate(s, list, 2, false, &applied, &why), OK);
    assert_int_equal(migrate(s, changed, 2, false, &applied, &why), E_CONFLICT);
    assert_true(str_starts(why, S("db.changed:")) && str_find(why, S("one version 1")) > 0);
    assert_int_equal(migrate(s, list, 1, true, &applied, &why), E_CONFLICT);
    assert_true(str_starts(why, S("db.newer:")) && str_find(why, S("one version 2")) > 0);
    scratch_close(s);
}

TEST(a_version_that_fails_leaves_nothing_and_can_be_mended) {
    Scratch *s = open_bare(w);
    const Migration bad[] = {
        { "one", 1, "", ONE },
        { "two", 1, "", S_INIT("CREATE TABLE m_two (id BIGINT NOT NULL); CREATE TABLE m_one (id BIGINT NOT NULL);") }
    };
    const Migration good[] = { { "one", 1, "", ONE }, { "two", 1, "", TWO } };
    int64_t applied;
    Str why;
    assert_int_equal(migrate(s, bad, 2, false, &applied, &why), E_INTERNAL);
    assert_true(str_find(why, S("two version 1")) > 0);
    assert_int_equal(migrate(s, good, 2, false, &applied, &why), OK);
    assert_int_equal(applied, 1);
    scratch_close(s);
}

static Err fill(Ctx *c, void *arg) {
    (void)arg;
    TRY(db_exec(c, "INSERT INTO m_up (merchant_id, id) VALUES ($1, 1)", NO_ARGS));
    return db_exec(c, "INSERT INTO m_down (merchant_id, id, up_id) VALUES ($1, 1, 1)", NO_ARGS);
}

/* What PostgreSQL alters, SQLite rebuilds; foreign keys must not see the table go. */
TEST(sqlite_rebuilds_a_table_by_a_file_of_its_own) {
    Scratch *s = open_bare(w);
    const Migration list[] = {
        { "up", 1, "",
          S_INIT("CREATE TABLE m_up (merchant_id BIGINT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (merchant_id, id));"
                 "CREATE TABLE m_down (merchant_id BIGINT NOT NULL, id BIGINT NOT NULL, up_id BIGINT NOT NULL, PRIMARY "
                 "KEY (merchant_id, id));"
                 "ALTER TABLE m_down ADD CONSTRAINT m_down_up FOREIGN KEY (merchant_id, up_id) REFERENCES m_up "
                 "(merchant_id, id);") },
        { "up", 2, "", S_INIT("ALTER TABLE m_up ADD CONSTRAINT m_up_id CHECK (id > 0);") },
        { "up", 2, "sqlite",
          S_INIT("CREATE TABLE m_new (merchant_id BIGINT NOT NULL, id BIGINT NOT NULL CHECK (id > 0), PRIMARY KEY "
                 "(merchant_id, id));"
                 "INSERT INTO m_new SELECT merchant_id, id FROM m_up; DROP TABLE m_up; ALTER TABLE m_new RENAME TO "
                 "m_up;") },
    };
    int64_t applied;
    Str why;
    assert_int_equal(migrate(s, list, 1, false, &applied, &why), OK);
    assert_int_equal(db_unit(s->db, &s->c, fill, NULL), OK);
    assert_int_equal(migrate(s, list, 3, false, &applied, &why), OK);
    assert_int_equal(applied, 1);
    assert_int_equal(scratch_int(s,
                                 "SELECT COUNT(*) FROM m_down WHERE merchant_id = $1 AND up_id = (SELECT id FROM m_up "
                                 "WHERE merchant_id = $1)",
                                 NO_ARGS),
                     1);
    assert_int_equal(migrate(s, list, 3, false, &applied, &why), OK);
    scratch_close(s);
}
