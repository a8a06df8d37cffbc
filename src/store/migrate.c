#include "store/migrate.h"
#include "store/migrate_plan.h"
#include "store/db_engine.h"
#include "store/schema_text.h"
#include "base/crypto.h"
#include <assert.h>
#include <string.h>

enum { MIGRATIONS_MAX = 4096 };

typedef struct Applied {
    Str slice;
    int64_t version;
    Str checksum;
} Applied;
static const Field applied_field[] = { FIELD(Applied, slice), FIELD(Applied, version), FIELD(Applied, checksum) };
static const Fields applied_fields = FIELDS(Applied, applied_field);
typedef struct Count {
    int64_t n;
} Count;
static const Field count_field[] = { FIELD(Count, n) };
static const Fields count_fields = FIELDS(Count, count_field);

static Str checksum_of(Arena *a, Str sql) {
    unsigned char hash[HASH_LEN];
    sha256(sql.at, sql.len, hash);
    return arena_hex(a, (Bytes){ hash, HASH_LEN });
}

static int64_t count_of(Ctx *c, const char *sql, Err *ret_err) {
    Count count = { 0 };
    bool is_found;
    Err err = db_system_find(c, sql, NO_ARGS, &count_fields, &count, &is_found);
    if (err != OK) *ret_err = err;
    return count.n;
}

/* ---- what is there ---- */

static bool has_table(Db *db, Ctx *c, Err *ret_err) {
    if (db_engine(db) == DB_SQLITE)
        return count_of(c, "SELECT COUNT(*) AS n FROM sqlite_schema WHERE name = 'migration'", ret_err) > 0;
    return count_of(
               c, "SELECT COUNT(*) AS n FROM pg_tables WHERE tablename = 'migration' AND schemaname = current_schema()",
               ret_err) > 0;
}

static Err read_applied(Db *db, Ctx *c, ListAny *ret_list) {
    *ret_list = (ListAny){ 0 };
    TRY(db_read_begin(db, c));
    Err err = OK;
    if (has_table(db, c, &err) && err == OK)
        err = db_system_rows(c, "SELECT slice, version, checksum FROM migration ORDER BY slice, version", NO_ARGS,
                             &applied_fields, MIGRATIONS_MAX, ret_list);
    db_read_end(db, c);
    return err;
}

/* ---- what is known ---- */

/* A file for SQLite alone stands in for the common one of its version. */
static bool is_for(Db *db, const Migration *list, int64_t count, int64_t i) {
    const Migration *m = &list[i];
    if (db_engine(db) == DB_POSTGRES) return m->engine[0] == 0;
    if (m->engine[0] != 0) return true;
    for (int64_t j = 0; j < count; j++)
        if (list[j].engine[0] != 0 && list[j].version == m->version && strcmp(list[j].slice, m->slice) == 0)
            return false;
    return true;
}

static const Migration *known(Db *db, const Migration *list, int64_t count, const Applied *a) {
    for (int64_t i = 0; i < count; i++)
        if (str_is(a->slice, list[i].slice) && list[i].version == a->version && is_for(db, list, count, i))
            return &list[i];
    return NULL;
}

static bool is_applied(ListAny applied, const Migration *m) {
    const Applied *a = applied.items;
    for (int64_t i = 0; i < applied.count; i++)
        if (str_is(a[i].slice, m->slice) && a[i].version == m->version) return true;
    return false;
}

static Err check_applied(Db *db, Ctx *c, const Migration *list, int64_t count, ListAny applied, Str *ret_why) {
    const Applied *at = applied.items;
    for (int64_t i = 0; i < applied.count; i++) {
        const Applied *a = &at[i];
        const Migration *m = known(db, list, count, a);
        if (m == NULL) {
            *ret_why = arena_print(c->arena,
                                   "db.newer: the database knows %.*s version %lld, this program does not. "
                                   "It was opened by a newer version; use that one.",
                                   (int)a->slice.len, a->slice.at, (long long)a->version);
            return E_CONFLICT;
        }
        if (str_equal(a->checksum, checksum_of(c->arena, m->sql))) continue;
        *ret_why = arena_print(c->arena,
                               "db.changed: the schema file of %s version %lld is not the one that was applied to this "
                               "database. Released files are never edited; add a new version.",
                               m->slice, (long long)m->version);
        return E_CONFLICT;
    }
    return OK;
}

/* ---- applying one ---- */

typedef struct Step {
    Db *db;
    const Migration *m;
    StrList statements;
    int64_t applied;
} Step;

/* Two servers that start at once on PostgreSQL apply one after the other; on SQLite there is only one. */
static Err lock_others(Ctx *c, Db *db) {
    if (db_engine(db) == DB_SQLITE) return OK;
    return db_script(c, "SELECT pg_advisory_xact_lock(7022345)");
}

static Err make_table(Ctx *c, void *arg) {
    Db *db = arg;
    TRY(lock_others(c, db));
    return db_script(c, db_engine(db) == DB_SQLITE ? "CREATE TABLE IF NOT EXISTS migration (slice TEXT NOT NULL, "
                                                     "version INTEGER NOT NULL, checksum TEXT NOT NULL, "
                                                     "applied_at INTEGER NOT NULL, PRIMARY KEY (slice, version)) STRICT"
                                                   : "CREATE TABLE IF NOT EXISTS migration (slice TEXT NOT NULL, "
                                                     "version BIGINT NOT NULL, checksum TEXT NOT NULL, "
                                                     "applied_at BIGINT NOT NULL, PRIMARY KEY (slice, version))");
}

static Err apply(Ctx *c, void *arg) {
    Step *s = arg;
    int64_t is_mine;
    s->applied = 0;
    TRY(lock_others(c, s->db));
    TRY(db_system_change(
        c,
        "INSERT INTO migration (slice, version, checksum, applied_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        ARGS(s->m->slice, s->m->version, checksum_of(c->arena, s->m->sql), c->now), &is_mine));
    if (is_mine == 0) return OK; /* another server was faster */
    for (int64_t i = 0; i < s->statements.count; i++) TRY(db_script(c, arena_cstr(c->arena, s->statements.items[i])));
    Err err = OK;
    if (db_engine(s->db) == DB_SQLITE && s->m->engine[0] != 0 &&
        count_of(c, "SELECT COUNT(*) AS n FROM pragma_foreign_key_check", &err) > 0)
        return store_constraint(c, s->m->slice, "rows without their parents are left");
    s->applied = 1;
    return err;
}

static Err apply_one(Db *db, Ctx *c, const Migration *m, MigrateReport *report, Str *ret_why) {
    Step step = { .db = db, .m = m };
    SchemaStatements split = schema_split(c->arena, m->sql);
    Str why = { 0 };
    if (db_engine(db) == DB_POSTGRES)
        step.statements = schema_for_postgres(c->arena, split);
    else if (!schema_for_sqlite(c->arena, split, &step.statements, &why)) {
        *ret_why = arena_print(c->arena, "db.migration: %s version %lld: %.*s", m->slice, (long long)m->version,
                               (int)why.len, why.at);
        return E_INTERNAL;
    }
    Err err = db_unit_alone(db, c, apply, &step);
    if (err == OK)
        report->applied += step.applied;
    else
        *ret_why = arena_print(c->arena,
                               "db.migration: %s version %lld was not applied, nothing of it stays; the log says why",
                               m->slice, (long long)m->version);
    return err;
}

Err db_migrate(Db *db, Ctx *c, const Migration *list, int64_t count, bool is_dry, MigrateReport *ret_report,
               Str *ret_why) {
    assert(c->tx == NULL);
    MigrateReport report = { 0 };
    ListAny applied;
    *ret_why = S("db.migration: the list of applied versions cannot be read; the log says why");
    TRY(read_applied(db, c, &applied));
    TRY(check_applied(db, c, list, count, applied, ret_why));
    if (!is_dry) TRY(db_unit_alone(db, c, make_table, db));
    for (int64_t i = 0; i < count; i++) {
        if (!is_for(db, list, count, i)) continue;
        report.known++;
        if (is_applied(applied, &list[i])) continue;
        if (is_dry)
            report.applied++;
        else
            TRY(apply_one(db, c, &list[i], &report, ret_why));
    }
    if (db_engine(db) == DB_SQLITE && !is_dry && report.applied > 0)
        TRY(db_unit_alone(db, c, migrate_assume_plan, NULL));
    *ret_why = (Str){ 0 };
    *ret_report = report;
    return OK;
}
