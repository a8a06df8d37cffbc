#include "store/scratch.h"
#include "store/db_engine.h"
#include "test/test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char scratch_sql[] =
    "-- accounts; nothing here's real\n"
    "CREATE TABLE scratch_account (\n"
    "    merchant_id BIGINT NOT NULL, id BIGINT NOT NULL, points BIGINT NOT NULL CHECK (points >= 0), name TEXT NOT "
    "NULL,\n"
    "    PRIMARY KEY (merchant_id, id)\n"
    ");\n"
    "CREATE TABLE scratch_entry (   -- lean\n"
    "    merchant_id BIGINT NOT NULL, account_id BIGINT NOT NULL, id BIGINT NOT NULL, delta_points BIGINT NOT NULL,\n"
    "    PRIMARY KEY (merchant_id, account_id, id)\n"
    ");\n"
    "ALTER TABLE scratch_entry ADD CONSTRAINT scratch_entry_account\n"
    "    FOREIGN KEY (merchant_id, account_id) REFERENCES scratch_account (merchant_id, id);\n"
    "CREATE TABLE scratch_thing (\n"
    "    merchant_id BIGINT NOT NULL, id BIGINT NOT NULL, count BIGINT NOT NULL, is_open BIGINT NOT NULL, name TEXT "
    "NOT NULL,\n"
    "    picture BYTEA NOT NULL, color TEXT NOT NULL, day BIGINT NOT NULL, words TEXT NOT NULL, ids TEXT NOT NULL,\n"
    "    parts TEXT NOT NULL, extra TEXT NOT NULL, PRIMARY KEY (merchant_id, id)\n"
    ");\n";

void scratch_ctx(Arena *a, Rng *rng, Ctx *ret_c) {
    arena_init(a, ARENA_BUDGET);
    *rng = rng_seeded(7);
    *ret_c = (Ctx){ .arena = a, .rng = rng, .merchant_id = 7, .now = 1700000000000 };
}

static Err empty_schema(Ctx *c, void *arg) {
    const char *name = arg;
    TRY(db_script(c, arena_cstr(c->arena, arena_print(c->arena, "DROP SCHEMA IF EXISTS %s CASCADE", name))));
    return db_script(c, arena_cstr(c->arena, arena_print(c->arena, "CREATE SCHEMA %s", name)));
}

static Err drop_schema(Ctx *c, void *arg) {
    return db_script(
        c, arena_cstr(c->arena, arena_print(c->arena, "DROP SCHEMA IF EXISTS %s CASCADE", (const char *)arg)));
}

/* On PostgreSQL the place is a schema of its own, reached by search_path. */
static void on_postgres(Scratch *s, UnitRun run, const char *schema) {
    Db *db;
    Str why = { 0 };
    if (db_open(&s->arena, &(DbConfig){ .url = str_of(getenv("LAOKE_TEST_PG")), .readers = 1 }, &db, &why) != OK)
        fail_msg("%.*s", (int)why.len, why.at);
    assert_int_equal(db_unit(db, &s->c, run, (char *)(uintptr_t)schema), OK);
    db_close(db);
}

Scratch *scratch_place(DbEngine engine, const DbConfig *wish) {
    Scratch *s = calloc(1, sizeof *s);
    assert_non_null(s);
    scratch_ctx(&s->arena, &s->rng, &s->c);
    if (wish != NULL) s->config = *wish;
    if (engine == DB_POSTGRES) {
        snprintf(s->dir, sizeof s->dir, "scratch_%d", (int)getpid());
        const char *base = getenv("LAOKE_TEST_PG");
        if (strstr(base, "://") == NULL)
            snprintf(s->url, sizeof s->url, "%s options='-c search_path=%s'", base, s->dir);
        else
            snprintf(s->url, sizeof s->url, "%s%coptions=-c%%20search_path%%3D%s", base,
                     strchr(base, '?') != NULL ? '&' : '?', s->dir);
        on_postgres(s, empty_schema, s->dir);
    } else if (s->config.url.len > 0) {
        snprintf(s->url, sizeof s->url, "%.*s", (int)s->config.url.len, s->config.url.at);
    } else {
        const char *dir = getenv("LAOKE_TEST_DIR");
        snprintf(s->dir, sizeof s->dir, "%s/scratch-XXXXXX", dir != NULL ? dir : "/tmp");
        assert_non_null(mkdtemp(s->dir));
        snprintf(s->url, sizeof s->url, "%s/a.db", s->dir);
    }
    s->config.url = str_of(s->url);
    return s;
}

void scratch_connect(Scratch *s) {
    Str why = { 0 };
    if (db_open(&s->arena, &s->config, &s->db, &why) != OK) fail_msg("%.*s", (int)why.len, why.at);
    Migration list[] = { { "scratch", 1, "", str_of(scratch_sql) } };
    MigrateReport report;
    if (db_migrate(s->db, &s->c, list, 1, false, &report, &why) != OK) fail_msg("%.*s", (int)why.len, why.at);
}

Scratch *scratch_open(DbEngine engine, const DbConfig *wish) {
    DbConfig config = wish != NULL ? *wish : (DbConfig){ 0 };
    config.is_volatile = true;
    Scratch *s = scratch_place(engine, &config);
    scratch_connect(s);
    return s;
}

void scratch_close(Scratch *s) {
    bool is_postgres = s->dir[0] != '/' && s->dir[0] != 0;
    if (s->db != NULL) db_close(s->db);
    if (is_postgres) on_postgres(s, drop_schema, s->dir);
    if (!is_postgres && s->dir[0] != 0) {
        char command[400];
        snprintf(command, sizeof command, "rm -rf '%s'", s->dir);
        assert_int_equal(system(command), 0);
    }
    arena_free(&s->arena);
    free(s);
}

int64_t scratch_int(Scratch *s, const char *sql, DbArgs args) {
    int64_t value = 0;
    assert_int_equal(db_read_begin(s->db, &s->c), OK);
    assert_int_equal(db_int(&s->c, sql, args, &value), OK);
    db_read_end(s->db, &s->c);
    return value;
}

typedef struct Account {
    int64_t id, points;
} Account;

static Err account_add(Ctx *c, void *arg) {
    const Account *a = arg;
    return db_exec(c, "INSERT INTO scratch_account (merchant_id, id, points, name) VALUES ($1, $2, $3, '')",
                   ARGS(a->id, a->points));
}

void scratch_account(Scratch *s, int64_t id, int64_t points) {
    assert_int_equal(db_unit(s->db, &s->c, account_add, &(Account){ id, points }), OK);
}

int64_t scratch_points(Scratch *s, int64_t id) {
    return scratch_int(s, "SELECT points FROM scratch_account WHERE merchant_id = $1 AND id = $2", ARGS(id));
}
