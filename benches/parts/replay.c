/* replay: what the same row writes cost without laoke. Settles orders in a World while every write of every unit is noted (order, stock,
 * points, growth, idempotency, and the deliveries that follow), then writes the very same rows into a copy of the database as it was
 * before, in a bare loop of prepared statements: on SQLite GROUP orders in one durable transaction, on PostgreSQL one order in one
 * transaction on each of GROUP connections.
 *   part_replay MEMBERS BEFORE ORDERS COPY [pg] [settle]
 * settle: each order is another member's and has a level's price, a coupon, points, principal and gift in it, beside cash.
 * BEFORE orders come first and are not noted. The database as it is then goes into COPY (a file; with pg a dump: LAOKE_TEST_PG is where the
 * World lives). Prints "orders=N statements=S", then for each line "GROUP DATABASE" of standard input "rate=ORDERS_PER_S cpu_us=PER_ORDER".
 * LAOKE_TAPE=1 tells what an order writes. */
#include "domain/item/item.h"
#include "domain/member/member_inside.h"
#include "test/world.h"
#include <libpq-fe.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ITEMS = 400, LINES = 5, DEAR_ITEMS = 200, COUPON_OFF = 1000, POINTS = 100, BALANCE = 2000, SEED_BATCH = 500, STATEMENTS_MAX = 300, VALUES_MAX = 40 };

typedef struct Step { int64_t statement, count; DbValue *values; } Step;            /* one execution */
typedef struct Statement { const char *sql; bool is_write; char name[12]; } Statement;
typedef struct Tape {
    Arena arena;
    Statement statements[STATEMENTS_MAX]; int64_t statement_count;
    Step *steps; int64_t step_count, step_room;
    int64_t *first; int64_t order_count;                                            /* first step of each order; one more at the end */
} Tape;

static void die(const char *what, const char *why) {
    fprintf(stderr, "replay: %s: %s\n", what, why);
    exit(1);
}

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- the world before ---- */

typedef struct Seed { World *w; int64_t from, count; int64_t *member_ids; } Seed;

static Err seed_members(Ctx *c, void *arg) {
    Seed *seed = arg;
    MemberImportRow *rows = NEW_LIST(c->arena, MemberImportRow, seed->count);
    for (int64_t i = 0; i < seed->count; i++) {
        MemberJoin *join = &rows[i].join;
        join->identities[0] = (IdentityValue){ .kind = IDENTITY_PHONE,
                                               .value = arena_print(c->arena, "139%08lld", (long long)(seed->from + i)) };
        join->identity_count = 1;
        join->shop_id = seed->w->shop_id;
        join->is_import = true;
    }
    TRY(member_import_batch(c, rows, seed->count));
    for (int64_t i = 0; i < seed->count; i++) seed->member_ids[seed->from + i] = rows[i].member_id;
    return OK;
}

static Err seed_items(Ctx *c, void *arg) {
    ItemImport *items = NEW_LIST(c->arena, ItemImport, ITEMS);
    for (int64_t i = 0; i < ITEMS; i++)
        items[i] = (ItemImport){ .sku = arena_print(c->arena, "G%04lld", (long long)i), .price_fen = 100 + 10 * i,
                                 .name = arena_print(c->arena, "商品 %lld", (long long)i),
                                 .barcode = arena_print(c->arena, "69010000%04lld", (long long)i) };
    (void)arg;
    return item_import_batch(c, (ItemImports){ items, ITEMS });
}

/* A till that takes what it reckoned itself. */
static Err put_discounts(Ctx *c, void *arg) {
    const int64_t *discount_bp = arg;
    return db_exec(c, "UPDATE tier SET discount_bp = $2 WHERE merchant_id = $1", ARGS(*discount_bp));
}

static int64_t *seed_world(World *w, int64_t members, int64_t discount_bp) {
    int64_t *ids = calloc((size_t)members, sizeof *ids);
    if (world_unit(w, seed_items, NULL) != OK || world_unit(w, put_discounts, &discount_bp) != OK) die("items", "refused");
    for (int64_t from = 0; from < members; from += SEED_BATCH) {
        ArenaMark mark = arena_mark(&w->arena);
        int64_t count = members - from < SEED_BATCH ? members - from : SEED_BATCH;
        if (world_unit(w, seed_members, &(Seed){ w, from, count, ids }) != OK) die("members", "refused");
        arena_back(&w->arena, mark);
    }
    world_settle(w);
    return ids;
}

static int64_t made(World *w, const char *pointer) {
    if (w->status != 201) die("settle", w->body.at);
    return world_int(w, pointer);
}

/* What each member has to spend: points, principal and gift, a coupon. */
static int64_t *seed_purses(World *w, const int64_t *members, int64_t count) {
    int64_t *coupons = calloc((size_t)count, sizeof *coupons);
    world_post(w, "/v1/wallet/packages", "{\"name\":\"充\",\"pay_fen\":%d,\"gift_fen\":%d}", BALANCE / 2, BALANCE);
    int64_t package = made(w, "/package_id");
    world_post(w, "/v1/coupon-templates", "{\"name\":\"满减\",\"kind\":\"full\",\"threshold_fen\":5000,\"off_fen\":%d,\"valid_days\":30}",
               COUPON_OFF);
    int64_t kind = made(w, "/template_id");
    for (int64_t i = 0; i < count; i++) {
        ArenaMark mark = arena_mark(&w->arena);
        long long member = members[i];
        world_post(w, "/v1/points/grants", "{\"member_id\":\"%lld\",\"points\":%d,\"reason\":\"bench\"}", member, POINTS);
        made(w, "/balance");
        world_post(w, "/v1/wallet/recharges", "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"package_id\":\"%lld\",\"tender\":\"cash\"}",
                   (long long)w->shop_id, member, (long long)package);
        made(w, "/recharge_id");
        world_post(w, "/v1/coupons", "{\"template_id\":\"%lld\",\"member_id\":\"%lld\",\"count\":1,\"reason\":\"bench\"}", (long long)kind, member);
        coupons[i] = made(w, "/items/0/coupon_id");
        if (i % 16 == 15) world_settle(w);
        arena_back(&w->arena, mark);
    }
    world_settle(w);
    return coupons;
}

/* ---- the tape ---- */

static int64_t statement_of(Tape *tape, const char *sql) {
    for (int64_t i = 0; i < tape->statement_count; i++)
        if (tape->statements[i].sql == sql || strcmp(tape->statements[i].sql, sql) == 0) return i;
    if (tape->statement_count == STATEMENTS_MAX) die("tape", "too many statements");
    Statement *s = &tape->statements[tape->statement_count];
    s->sql = sql;
    s->is_write = strncmp(sql, "SELECT", 6) != 0 && strncmp(sql, "WITH", 4) != 0;
    snprintf(s->name, sizeof s->name, "s%d", (int)tape->statement_count);
    return tape->statement_count++;
}

static void note(void *user, const Ctx *c, const char *sql, bool has_merchant, DbArgs args) {
    Tape *tape = user;
    int64_t at = statement_of(tape, sql);
    if (!tape->statements[at].is_write) return;
    if (tape->step_count == tape->step_room) {
        tape->step_room = tape->step_room ? tape->step_room * 2 : 4096;
        tape->steps = realloc(tape->steps, (size_t)tape->step_room * sizeof(Step));
    }
    Step *step = &tape->steps[tape->step_count++];
    *step = (Step){ at, args.count + has_merchant, NEW_LIST(&tape->arena, DbValue, args.count + 1) };
    if (has_merchant) step->values[0] = db_value_int(c->merchant_id);
    for (int64_t i = 0; i < args.count; i++) {
        DbValue *value = &step->values[i + has_merchant];
        *value = args.at[i];
        if (value->kind != DB_INT) value->text = arena_str(&tape->arena, value->text);
    }
}

static void settle_one(World *w, Rng *rng, const int64_t *members, int64_t member_count, int64_t number) {
    Buf body = { .arena = &w->arena };
    int64_t total = 0;
    buf_print(&body, "{\"shop_id\":\"%lld\",\"order_no\":\"B%09lld\",\"member_id\":\"%lld\",\"settle\":true,\"lines\":[",
              (long long)w->shop_id, (long long)number, (long long)members[rng_below(rng, member_count)]);
    for (int64_t i = 0; i < LINES; i++) {
        int64_t item = rng_below(rng, ITEMS);
        total += 100 + 10 * item;
        buf_print(&body, "%s{\"barcode\":\"69010000%04lld\",\"quantity\":1}", i ? "," : "", (long long)item);
    }
    buf_print(&body, "],\"tenders\":[{\"tender\":\"cash\",\"amount_fen\":%lld}]}", (long long)total);
    world_send(w, "POST", "/v1/orders", buf_str(&body));
    if (w->status != 201) die("order", w->body.at);
}

typedef struct Show { int64_t member_id; Str code; } Show;
static Err show_code(Ctx *c, void *arg) {
    Show *show = arg;
    MemberCard card;
    TRY(member_card(c, show->member_id, &card));
    show->code = member_code(c, &card, c->now / MEMBER_CODE_STEP_MS);
    return OK;
}

/* Everything that an order can be paid with, at once. */
static void settle_purses(World *w, Rng *rng, int64_t member, int64_t coupon, int64_t number) {
    Buf body = { .arena = &w->arena };
    Show show = { .member_id = member };
    Ctx c = world_ctx(w, w->merchant_id);
    if (app_read(&c, show_code, &show) != OK) die("code", "refused");
    int64_t total = 0;
    buf_print(&body, "{\"shop_id\":\"%lld\",\"order_no\":\"B%09lld\",\"member_id\":\"%lld\",\"settle\":true,\"points\":%d,\"use_ids\":[\"%lld\"],\"lines\":[",
              (long long)w->shop_id, (long long)number, (long long)member, POINTS, (long long)coupon);
    for (int64_t i = 0; i < LINES; i++) {
        int64_t item = ITEMS - DEAR_ITEMS + rng_below(rng, DEAR_ITEMS);
        total += (100 + 10 * item) / 10 * 9;
        buf_print(&body, "%s{\"barcode\":\"69010000%04lld\",\"quantity\":1}", i ? "," : "", (long long)item);
    }
    buf_print(&body, "],\"tenders\":[{\"tender\":\"balance\",\"amount_fen\":%d,\"code\":\"%.*s\"},{\"tender\":\"cash\",\"amount_fen\":%lld}]}",
              BALANCE, (int)show.code.len, show.code.at, (long long)(total - COUPON_OFF - POINTS - BALANCE));
    world_send(w, "POST", "/v1/orders", buf_str(&body));
    if (w->status != 201) die("order", w->body.at);
}

typedef struct People { const int64_t *members, *coupons; int64_t count; } People;

/* Orders from..to-1; where one begins on the tape is noted. */
static void settle(World *w, Tape *tape, Rng *rng, const People *people, int64_t from, int64_t to) {
    for (int64_t i = from; i < to; i++) {
        ArenaMark mark = arena_mark(&w->arena);
        if (tape != NULL) tape->first[i - from] = tape->step_count;
        if (people->coupons != NULL) settle_purses(w, rng, people->members[i], people->coupons[i], i);
        else settle_one(w, rng, people->members, people->count, i);
        if (i % 16 == 15) world_settle(w);
        arena_back(&w->arena, mark);
        w->now += 100;
    }
    world_settle(w);
}

static void record(World *w, Tape *tape, Rng *rng, const People *people, int64_t before, int64_t orders) {
    arena_init(&tape->arena, INT64_MAX);
    tape->first = calloc((size_t)orders + 1, sizeof *tape->first);
    db_watch(w->db, note, tape);
    settle(w, tape, rng, people, before, before + orders);
    db_watch(w->db, NULL, NULL);
    tape->first[orders] = tape->step_count;
    tape->order_count = orders;
}

/* ---- SQLite ---- */

static char *renumbered(const char *sql) { /* SQLite counts $1 by appearance; ?1 is what is meant */
    char *text = strdup(sql);
    for (char *at = text; *at; at++)
        if (*at == '$' && at[1] >= '0' && at[1] <= '9') *at = '?';
    return text;
}

static void bind_all(sqlite3_stmt *s, const Step *step) {
    for (int64_t i = 0; i < step->count; i++) {
        const DbValue *v = &step->values[i];
        const char *at = v->text.at ? v->text.at : "";
        if (v->kind == DB_INT) sqlite3_bind_int64(s, (int)i + 1, v->num);
        else if (v->kind == DB_TEXT) sqlite3_bind_text(s, (int)i + 1, at, (int)v->text.len, SQLITE_STATIC);
        else sqlite3_bind_blob(s, (int)i + 1, at, (int)v->text.len, SQLITE_STATIC);
    }
}

static double replay_sqlite(const Tape *tape, const char *path, int64_t group) {
    sqlite3 *db;
    sqlite3_stmt *prepared[STATEMENTS_MAX] = { 0 };
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) die("open", path);
    sqlite3_exec(db, "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA wal_autocheckpoint=1000;PRAGMA cache_size=-65536;"
                     "PRAGMA secure_delete=OFF;PRAGMA foreign_keys=ON;PRAGMA temp_store=MEMORY", NULL, NULL, NULL);
    for (int64_t i = 0; i < tape->statement_count; i++)
        if (tape->statements[i].is_write &&
            sqlite3_prepare_v3(db, renumbered(tape->statements[i].sql), -1, SQLITE_PREPARE_PERSISTENT, &prepared[i], NULL) != SQLITE_OK)
            die("prepare", sqlite3_errmsg(db));
    double start = now_s();
    for (int64_t order = 0; order < tape->order_count; order += group) {
        int64_t end = order + group < tape->order_count ? order + group : tape->order_count;
        sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
        for (int64_t i = tape->first[order]; i < tape->first[end]; i++) {
            sqlite3_stmt *s = prepared[tape->steps[i].statement];
            bind_all(s, &tape->steps[i]);
            int rc;
            while ((rc = sqlite3_step(s)) == SQLITE_ROW) {}
            if (rc != SQLITE_DONE) die(tape->statements[tape->steps[i].statement].sql, sqlite3_errmsg(db));
            sqlite3_reset(s);
        }
        if (sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) die("commit", sqlite3_errmsg(db));
    }
    double rate = (double)tape->order_count / (now_s() - start);
    for (int64_t i = 0; i < tape->statement_count; i++) sqlite3_finalize(prepared[i]);
    sqlite3_close(db);
    return rate;
}

/* ---- PostgreSQL ---- */

typedef struct Lane { const Tape *tape; const char *conninfo; _Atomic int64_t *next; pthread_barrier_t *gate; } Lane;

static void execute(PGconn *pg, const Tape *tape, const Step *step) {
    const char *values[VALUES_MAX];
    int lengths[VALUES_MAX], formats[VALUES_MAX];
    uint64_t numbers[VALUES_MAX];
    for (int64_t i = 0; i < step->count; i++) {
        const DbValue *v = &step->values[i];
        formats[i] = 1;
        if (v->kind == DB_INT) {
            numbers[i] = __builtin_bswap64((uint64_t)v->num);
            values[i] = (const char *)&numbers[i];
            lengths[i] = 8;
            continue;
        }
        values[i] = v->text.at ? v->text.at : "";
        lengths[i] = (int)v->text.len;
    }
    PGresult *r = PQexecPrepared(pg, tape->statements[step->statement].name, (int)step->count, values, lengths, formats, 1);
    ExecStatusType status = PQresultStatus(r);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) die(tape->statements[step->statement].sql, PQerrorMessage(pg));
    PQclear(r);
}

static void command(PGconn *pg, const char *sql) {
    PGresult *r = PQexec(pg, sql);
    if (PQresultStatus(r) != PGRES_COMMAND_OK) die(sql, PQerrorMessage(pg));
    PQclear(r);
}

static PGconn *prepared_connection(const Lane *lane) {
    PGconn *pg = PQconnectdb(lane->conninfo);
    if (PQstatus(pg) != CONNECTION_OK) die("connect", PQerrorMessage(pg));
    command(pg, "SET plan_cache_mode = force_generic_plan");
    for (int64_t i = 0; i < lane->tape->statement_count; i++) {
        const Statement *s = &lane->tape->statements[i];
        if (!s->is_write) continue;
        Oid types[VALUES_MAX] = { 0 };
        int64_t count = 0;
        for (int64_t k = 0; k < lane->tape->step_count && count == 0; k++) {
            const Step *step = &lane->tape->steps[k];
            if (step->statement != i) continue;
            count = step->count;
            for (int64_t v = 0; v < count; v++)
                types[v] = step->values[v].kind == DB_INT ? 20 : step->values[v].kind == DB_TEXT ? 25 : 17;
        }
        PGresult *r = PQprepare(pg, s->name, s->sql, (int)count, types);
        if (PQresultStatus(r) != PGRES_COMMAND_OK) die(s->sql, PQerrorMessage(pg));
        PQclear(r);
    }
    return pg;
}

static void *run_lane(void *arg) {
    Lane *lane = arg;
    PGconn *pg = prepared_connection(lane);
    pthread_barrier_wait(lane->gate);
    for (int64_t order; (order = atomic_fetch_add(lane->next, 1)) < lane->tape->order_count;) {
        command(pg, "BEGIN");
        for (int64_t i = lane->tape->first[order]; i < lane->tape->first[order + 1]; i++)
            execute(pg, lane->tape, &lane->tape->steps[i]);
        command(pg, "COMMIT");
    }
    PQfinish(pg);
    return NULL;
}

static double replay_postgres(const Tape *tape, const char *conninfo, int64_t connections) {
    pthread_t threads[64];
    pthread_barrier_t gate;
    _Atomic int64_t next = 0;
    Lane lane = { tape, conninfo, &next, &gate };
    pthread_barrier_init(&gate, NULL, (unsigned)connections + 1);
    for (int64_t i = 0; i < connections; i++) pthread_create(&threads[i], NULL, run_lane, &lane);
    pthread_barrier_wait(&gate);
    double start = now_s();
    for (int64_t i = 0; i < connections; i++) pthread_join(threads[i], NULL);
    return (double)tape->order_count / (now_s() - start);
}

static double cpu_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Each line of standard input: GROUP and the database to write into, as it was before the first order. */
static void serve(const Tape *tape, bool is_pg) {
    char words[600];
    while (fgets(words, sizeof words, stdin) != NULL) {
        char *target = strchr(words, ' ');
        int64_t group = atoll(words);
        if (target == NULL || group < 1) die("line", words);
        target[strcspn(target, "\n")] = 0;
        double before = cpu_s();
        double rate = is_pg ? replay_postgres(tape, target + 1, group < 64 ? group : 64) : replay_sqlite(tape, target + 1, group);
        printf("rate=%.0f cpu_us=%.1f\n", rate, (cpu_s() - before) * 1e6 / (double)tape->order_count);
        fflush(stdout);
    }
}

/* What an order writes, statement by statement, how often on average. */
static void tell(const Tape *tape) {
    for (int64_t i = 0; i < tape->statement_count; i++) {
        int64_t times = 0;
        for (int64_t k = 0; k < tape->step_count; k++) times += tape->steps[k].statement == i;
        fprintf(stderr, "%6.3f  %.150s\n", (double)times / (double)tape->order_count, tape->statements[i].sql);
    }
}

int main(int argc, char **argv) {
    if (argc < 5) die("usage", "part_replay MEMBERS BEFORE ORDERS COPY [pg]");
    int64_t members = atoll(argv[1]), before = atoll(argv[2]), orders = atoll(argv[3]);
    bool is_pg = false, has_purses = false;
    for (int i = 5; i < argc; i++) {
        is_pg = is_pg || strcmp(argv[i], "pg") == 0;
        has_purses = has_purses || strcmp(argv[i], "settle") == 0;
    }
    Rng rng = rng_seeded(7);
    World *w = world_open(is_pg ? DB_POSTGRES : DB_SQLITE, 1);
    People people = { .members = seed_world(w, members, has_purses ? 9000 : 0), .count = members };
    if (has_purses && before + orders > members) die("members", "too few");
    if (has_purses) people.coupons = seed_purses(w, people.members, members);
    settle(w, NULL, &rng, &people, 0, before);
    Ctx c = world_ctx(w, w->merchant_id);
    if (db_backup(w->db, &c, str_of(argv[4])) != OK) die("copy", c.problem.en.at);
    Tape *tape = calloc(1, sizeof *tape);
    record(w, tape, &rng, &people, before, orders);
    world_close(w);
    if (getenv("LAOKE_TAPE") != NULL) tell(tape);
    printf("orders=%lld statements=%.1f\n", (long long)orders, (double)tape->step_count / (double)orders);
    fflush(stdout);
    serve(tape, is_pg);
    return 0;
}
