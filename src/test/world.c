#include "test/test.h"
#include "app/app_state.h"
#include "app/auth.h"
#include "app/merchant.h"
#include "app/schema.h"
#include "domain/shop/shop.h"
#include "port/ports.h"
#include "test/world_more.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_BYTES = 1 << 16, PUMPS_MAX = 100000, PATH_BYTES = 600 };
#define WORLD_START_MS INT64_C(1772416800000)            /* 2026-03-02 10:00 Asia/Shanghai */

_Noreturn void world_stop(const char *format, ...) {
    va_list args;
    va_start(args, format);
    char text[4000];
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    print_error("%s\n", text);
    _fail("world", 0);
    abort();
}

/* ---- the database ---- */

static void copy_file(const char *from, const char *to) {
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (in < 0 || out < 0) world_stop("cannot copy %s to %s", from, to);
    char *at = malloc(COPY_BYTES);
    if (!at) abort();
    for (ssize_t len; (len = read(in, at, COPY_BYTES)) > 0;)
        if (write(out, at, (size_t)len) != len) world_stop("cannot write %s", to);
    free(at);
    close(in);
    close(out);
}

static const char *test_dir(void) {
    const char *dir = getenv("LAOKE_TEST_DIR");
    if (dir) return dir;
    char made[] = "/tmp/laoke-test-XXXXXX";
    if (!mkdtemp(made)) world_stop("cannot make a directory in /tmp");
    setenv("LAOKE_TEST_DIR", made, 1);
    setenv("LAOKE_TEST_DIR_MADE", "1", 1);
    return getenv("LAOKE_TEST_DIR");
}

Str world_file(World *w, const char *name) {
    return arena_print(&w->arena, "%s/%d-%s", test_dir(), (int)getpid(), name);
}

/* Only what world_open has made itself: with LAOKE_TEST_DIR from outside the directory is somebody else's. */
void world_dir_remove(void) {
    const char *dir = getenv("LAOKE_TEST_DIR");
    if (!dir || !getenv("LAOKE_TEST_DIR_MADE")) return;
    char path[PATH_BYTES];
    DIR *open = opendir(dir);
    for (struct dirent *entry; open && (entry = readdir(open));) {
        snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
        unlink(path);
    }
    if (open) closedir(open);
    rmdir(dir);
}

bool world_has_postgres(void) { return getenv("LAOKE_TEST_PG") != NULL; }

static Db *db_at(WorldMore *m) {
    DbConfig config = { .url = str_of(m->url), .is_volatile = true, .readers = 4, .cache_kib = 8192,
                        .crash_point = str_of(m->crash_point) };
    Db *db;
    Str why;
    if (db_open(&m->server, &config, &db, &why) != OK) world_stop("cannot open %s: %.*s", m->url, (int)why.len, why.at);
    return db;
}

static void migrate(WorldMore *m, Db *db) {
    Ctx c = { .arena = &m->w.arena, .now = m->w.now, .rng = &m->w.rng };
    MigrateReport report;
    Str why = { 0 };
    if (db_migrate(db, &c, schema, schema_count, false, &report, &why) != OK)
        world_stop("cannot migrate: %.*s", (int)why.len, why.at);
}

/* The schema is laid once per process, into a file that every World copies. */
static void sqlite_place(WorldMore *m) {
    char template_path[300], making_path[320];
    snprintf(template_path, sizeof template_path, "%s/template.db", test_dir());
    if (access(template_path, R_OK) != 0) {
        snprintf(making_path, sizeof making_path, "%s/making-%d.db", test_dir(), (int)getpid());
        snprintf(m->url, sizeof m->url, "%s", making_path);
        Db *db = db_at(m);
        migrate(m, db);
        db_close(db);
        if (rename(making_path, template_path) != 0) world_stop("cannot rename %s", making_path);
    }
    snprintf(m->url, sizeof m->url, "%s/world-XXXXXX", test_dir());
    int fd = mkstemp(m->url);
    if (fd < 0) world_stop("cannot make a file in %s", test_dir());
    close(fd);
    copy_file(template_path, m->url);
}

static Err empty_system(Ctx *c, void *arg) {
    (void)arg;
    int64_t changed;
    TRY(db_system_change(c, "DELETE FROM due", NO_ARGS, &changed));
    TRY(db_system_change(c, "DELETE FROM outbox", NO_ARGS, &changed));
    TRY(db_system_change(c, "DELETE FROM login", NO_ARGS, &changed));
    return db_system_change(c, "DELETE FROM merchant", NO_ARGS, &changed);
}

/* One PostgreSQL database serves one World after the other: the former ones' merchants are forgotten, their rows stay
 * behind. */
static void postgres_place(WorldMore *m) {
    if (!world_has_postgres()) world_stop("LAOKE_TEST_PG is not set");
    snprintf(m->url, sizeof m->url, "%s", getenv("LAOKE_TEST_PG"));
    Db *db = db_at(m);
    const char *ready = getenv("LAOKE_TEST_PG_READY");
    if (!ready || strcmp(ready, m->url) != 0) migrate(m, db);
    setenv("LAOKE_TEST_PG_READY", m->url, 1);
    Ctx c = { .arena = &m->w.arena, .now = m->w.now, .rng = &m->w.rng };
    if (db_unit(db, &c, empty_system, NULL) != OK) world_stop("cannot empty the system tables");
    db_close(db);
}

/* ---- the server ---- */

static int64_t world_now(void *user) { return ((World *)user)->now; }

static void server_start(WorldMore *m) {
    World *w = &m->w;
    m->starts++;
    w->db = db_at(m);
    AppConfig config = { .is_test = true, .is_unlimited = true, .now_ms = world_now, .now_user = w, .workers = 2,
                         .seed = m->seed + (uint64_t)m->starts * UINT64_C(0x9E3779B97F4A7C15),
                         .public_url = S("https://shop.example"), .temp_dir = str_of(test_dir()) };
    unsigned char master[KEY_LEN];
    memset(master, 7, sizeof master);
    Keys *keys = NEW(&m->server, Keys);
    keys_derive(master, keys);
    Ports *ports = NEW(&m->server, Ports);
    Str why = { 0 };
    if (ports_open(&m->server, S(""), S(""), S(""), ports, &why) != OK) world_stop("ports: %.*s", (int)why.len, why.at);
    if (app_start(&m->server, &config, w->db, keys, ports, &w->app, &why) != OK)
        world_stop("cannot start: %.*s", (int)why.len, why.at);
}

static void server_stop(WorldMore *m) {
    if (m->w.app) app_stop(m->w.app);
    m->w.app = NULL;
    if (m->w.db) db_close(m->w.db);
    m->w.db = NULL;
    arena_free(&m->server);
}

static WorldMore *more_new(uint64_t seed) {
    WorldMore *m = calloc(1, sizeof *m);
    if (!m) abort();
    m->seed = seed;
    m->w.now = WORLD_START_MS;
    m->w.rng = rng_seeded(seed ^ UINT64_C(0xC0FFEE));
    arena_init(&m->w.arena, ARENA_HARD_MAX);
    arena_init(&m->server, ARENA_HARD_MAX);
    arena_init(&m->answer, ARENA_HARD_MAX);
    pthread_mutex_init(&m->lock, NULL);
    pthread_cond_init(&m->finished, NULL);
    return m;
}

typedef struct Owner { int64_t shop_id; Str login; SessionGiven session; } Owner;

static Err owner_make(Ctx *c, void *arg) {
    Owner *owner = arg;
    Shop shop;
    TRY(shop_create(c, &(Shop){ .code = S("S01"), .name = S("总店") }, &shop));
    owner->shop_id = shop.shop_id;
    c->actor = (Actor){ ACTOR_STAFF, id_new(c) };
    return auth_session_open(c,
                             &(SessionOpen){ .staff_id = c->actor.id,
                                             .grants.may_all = true,
                                             .shop_id = shop.shop_id,
                                             .lasts_ms = INT64_C(60) * 366 * 24 * 3600 * 1000 },
                             &owner->session);
}

/* A merchant with a shop and an owner who is logged in. */
static int64_t merchant_make(World *w, const char *code, Owner *ret_owner) {
    Ctx c;
    app_ctx(w->app, &w->arena, 0, (Actor){ ACTOR_CLI, 0 }, &c);
    Merchant merchant;
    if (merchant_create(&c, &(MerchantMake){ .code = str_of(code), .name = S("老客测试店") }, &merchant) != OK)
        world_stop("merchant: %s", c.problem.code ? c.problem.code : "?");
    app_ctx(w->app, &w->arena, merchant.merchant_id, (Actor){ ACTOR_CLI, 0 }, &c);
    ret_owner->login = arena_print(&w->arena, "owner-%s", code);
    if (app_unit(&c, owner_make, ret_owner) != OK) world_stop("owner: %s", c.problem.code ? c.problem.code : "?");
    return merchant.merchant_id;
}

World *world_open(DbEngine engine, uint64_t seed) {
    WorldMore *m = more_new(seed);
    m->engine = engine;
    if (engine == DB_SQLITE) sqlite_place(m);
    else postgres_place(m);
    server_start(m);
    World *w = &m->w;
    Owner owner = { 0 };
    char code[40];
    snprintf(code, sizeof code, "w%llx", (unsigned long long)seed);
    w->merchant_id = merchant_make(w, code, &owner);
    w->shop_id = owner.shop_id;
    w->owner_token = arena_str(&w->arena, owner.session.token);
    w->token = w->owner_token;
    return w;
}

int64_t world_merchant(World *w, const char *code) {
    Owner owner = { 0 };
    int64_t merchant_id = merchant_make(w, code, &owner);
    ((WorldMore *)w)->other_token = arena_str(&w->arena, owner.session.token);
    return merchant_id;
}

Str world_other_token(const World *w) { return ((const WorldMore *)w)->other_token; }

static void sqlite_remove(const char *path) {
    static const char *const ends[] = { "", "-wal", "-shm", ".lock", "-lock", "-journal" };
    char file[440];
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(file, sizeof file, "%s%s", path, ends[i]);
        unlink(file);
    }
}

void world_leave(World *w) {
    WorldMore *m = (WorldMore *)w;
    server_stop(m);
    world_json_forget(m);
    arena_free(&m->answer);
    arena_free(&w->arena);
    pthread_mutex_destroy(&m->lock);
    pthread_cond_destroy(&m->finished);
    free(m);
}

void world_close(World *w) {
    WorldMore *m = (WorldMore *)w;
    char path[sizeof m->url];
    memcpy(path, m->url, sizeof path);
    bool is_file = m->engine == DB_SQLITE;
    world_leave(w);
    if (is_file) sqlite_remove(path);
}

void world_restart(World *w) {
    WorldMore *m = (WorldMore *)w;
    server_stop(m);
    server_start(m);
}

void world_seat(const World *w, WorldSeat *ret_seat) {
    const WorldMore *m = (const WorldMore *)w;
    *ret_seat = (WorldSeat){ .engine = m->engine, .seed = m->seed, .now = w->now, .merchant_id = w->merchant_id,
                             .shop_id = w->shop_id, .calls = w->calls, .starts = m->starts };
    snprintf(ret_seat->url, sizeof ret_seat->url, "%s", m->url);
    snprintf(ret_seat->token, sizeof ret_seat->token, "%.*s", (int)w->owner_token.len, w->owner_token.at);
}

World *world_reopen(const WorldSeat *seat) {
    WorldMore *m = more_new(seat->seed);
    m->engine = seat->engine;
    m->starts = seat->starts;
    snprintf(m->url, sizeof m->url, "%s", seat->url);
    snprintf(m->crash_point, sizeof m->crash_point, "%s", seat->crash_point);
    World *w = &m->w;
    w->now = seat->now;
    w->merchant_id = seat->merchant_id;
    w->shop_id = seat->shop_id;
    w->calls = seat->calls;
    server_start(m);
    w->owner_token = arena_str(&w->arena, str_of(seat->token));
    w->token = w->owner_token;
    return w;
}

/* ---- clock, pump, holds ---- */

void world_clock(World *w, int64_t now) { w->now = now; }

void world_settle(World *w) {
    int64_t done = 1;
    for (int64_t i = 0; done > 0; i++) {
        if (app_pump_once(w->app, &done) != OK) world_stop("the pump failed");
        if (i >= PUMPS_MAX) world_stop("events and jobs never come to an end");
    }
}

void world_pass(World *w, int64_t ms) {
    w->now += ms;
    world_settle(w);
}

void world_holds(World *w) {
    Arena arena;
    arena_init(&arena, ARENA_HARD_MAX);
    CheckLines lines;
    Err err = app_check(w->app, &arena, &lines);
    if (err != OK) world_stop("check: could not run (%d)", (int)err);
    for (int64_t i = 0; i < lines.count; i++)
        if (lines.items[i].broken > 0)
            world_stop("does not hold: %.*s (%lld)\n%.*s", (int)lines.items[i].name.len, lines.items[i].name.at,
                       (long long)lines.items[i].broken, (int)lines.items[i].findings.len, lines.items[i].findings.at);
    arena_free(&arena);
}

Ctx world_ctx(World *w, int64_t merchant_id) {
    Ctx c;
    app_ctx(w->app, &w->arena, merchant_id, (Actor){ ACTOR_CLI, 0 }, &c);
    return c;
}

Err world_unit(World *w, UnitRun run, void *arg) {
    Ctx c = world_ctx(w, w->merchant_id);
    Err err = app_unit(&c, run, arg);
    w->code = str_of(err == OK ? "" : c.problem.code ? c.problem.code : "internal");
    return err;
}
