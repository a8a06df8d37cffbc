/* app - 应用: what lives as long as the process, and the one door every request, job, event and command goes through. */
#pragma once
#include "app/slice.h"
#include "base/crypto.h"
#include "base/day.h"
#include "net/http.h"

struct Auth {                 /* who is asking, resolved by app/auth.c before the route runs */
    unsigned who;                       /* exactly one bit of enum Who */
    int64_t staff_id, key_id, member_id, session_id;
    bool may_all;                       /* owner */
    StrList permissions;                /* sorted */
    IntList shop_ids;                   /* empty = every shop */
};
typedef struct Auth Auth;

struct RawReply {
    int status; Str content_type, body, file; bool is_file_temporary;
    HttpHeader headers[4]; int64_t header_count;
};
typedef struct RawReply RawReply;

typedef struct Ports Ports;             /* port/ports.h: sms, mail, wechat, pay, hook, each with its fake */
typedef struct IdSource { _Atomic uint64_t last; int64_t node; } IdSource;

struct App;
typedef struct AppConfig {
    bool is_demo;                       /* demo mode: one-time codes are shown on the console page */
    bool is_test;                       /* stopped clock, seeded chance, cheap argon2id */
    Str public_url;                     /* "https://shop.example" for links in messages */
    int64_t workers;                    /* worker threads (slow preparations; everything on PostgreSQL); 0 = default */
    int64_t (*now_ms)(void *user); void *now_user;         /* the only clock */
    uint64_t seed;                      /* is_test: seed of the chance that Ctx gets; outside tests a CSPRNG */
    Str temp_dir;                       /* export files on their way to a client; empty = /tmp */
    /* demo mode: appends a JSON array [{"to","text","at"}] of recent one-time codes; NULL = none */
    void (*demo_codes)(struct App *app, Buf *json);
    bool is_unlimited;                  /* tests, simulator, benches: no rate limits */
} AppConfig;

typedef struct App App;
struct App {
    Db *db;
    AppConfig config;
    Keys keys;                          /* base/crypto.h: sealing, look-up, chain keys; kept outside the database */
    IdSource ids;
    Ports *ports;
    struct AppState *state;             /* app's own: caches, workers, metrics, outbox pump */
};

/* The process's pieces in order: db_open, db_migrate, app_start (leases a node number), then http_server_start with
 * app_handle. */
Err app_start(Arena *a, const AppConfig *config, Db *db, const Keys *keys, Ports *ports, App **ret_app, Str *ret_why);
void app_stop(App *app);                /* lets running work end; the Db stays open */
void app_handle(Call *call, void *app); /* HttpConfig.handle */
bool app_is_upload(Str method, Str path, void *app);

/* A Ctx for work that is no request: job, event, command, test. merchant_id 0 = none yet (only system statements). */
void app_ctx(App *app, Arena *arena, int64_t merchant_id, Actor actor, Ctx *ret_ctx);
Err app_unit(Ctx *c, UnitRun run, void *arg);           /* db_unit + what follows a commit (caches, outbox wake-up) */
Err app_read(Ctx *c, UnitRun run, void *arg);           /* read snapshot around run */
/* In prepare(): a unit of its own, durable before this returns, whatever becomes of the request: for counters that
 * a refusal must not give back (wrong codes, log-in tries). The snapshot of the prepare is taken anew afterwards. */
Err app_apart(Ctx *c, UnitRun run, void *arg);
/* In prepare(): an outgoing call, with no snapshot held while it takes its time. */
Err app_outside(Ctx *c, void (*run)(Ctx *c, void *arg), void *arg);

/* Ids: 63 bits = 41 ms time · 10 node · 12 sequence. Time-ordered, unique over all nodes. */
int64_t id_new(Ctx *c);

/* Effects that may only happen once the commit is durable (cache invalidation, wake-ups). Run by app_unit; dropped on
 * refusal. */
void after_commit(Ctx *c, void (*run)(App *app, int64_t a, int64_t b), int64_t a, int64_t b);

/* The zone of that IANA name, opened once per process (opening takes a millisecond); an unknown name gives
 * Asia/Shanghai. */
const Zone *app_zone(Ctx *c, Str name);

/* ---- permissions ---- */
bool auth_may(const Ctx *c, const char *permission);
Err auth_need(Ctx *c, const char *permission);          /* E_DENIED "auth.denied" */
Err auth_need_shop(Ctx *c, int64_t shop_id);            /* E_DENIED "auth.other_shop" unless the actor's scope has it */
int64_t auth_member(const Ctx *c);                      /* the member who asks (asserts WHO_MEMBER) */

/* ---- audit trail ---- */
typedef struct AuditNote {
    const char *action, *subject; int64_t subject_id; Str reason;
    const Fields *fields; const void *before, *after;
} AuditNote;
/* Actor, instant, shop, request id come from c; secret fields are left out, personal ones masked. Owns: audit */
Err audit(Ctx *c, const AuditNote *note);

/* ---- lists: ORDER BY a unique key; the cursor is opaque (sealed position) ---- */
enum { PAGE_DEFAULT = 50, PAGE_MAX = 200, EXPORT_ROWS_MAX = 10000 };
typedef struct Page { int64_t limit; Str cursor; } Page;         /* in-structs embed: Str cursor; int64_t limit; */
/* Reads the cursor ("" = start) into up to two numbers; E_INVALID "page.cursor". limit 0 becomes PAGE_DEFAULT, more
 * than PAGE_MAX is refused by the Field table. */
Err page_open(Ctx *c, Str cursor, int64_t *ret_key1, int64_t *ret_key2);
Str page_cursor(Ctx *c, int64_t key1, int64_t key2);

/* ---- budgets (windowed counters in the database: codes, wrong guesses, log-ins) ---- */
/* Takes one from (name, key) within window_ms; E_LIMIT "limit.reached" with retry_after when `most` is used up. Inside
 * a unit. Owns: budget */
Err budget_take(Ctx *c, const char *name, Str key, int64_t most, int64_t window_ms);
/* The same in two halves, where only what went wrong counts: look refuses when `most` is used up and counts nothing
 * (also in a snapshot); count counts one more and never refuses. */
Err budget_look(Ctx *c, const char *name, Str key, int64_t most);
Err budget_count(Ctx *c, const char *name, Str key, int64_t window_ms);

/* ---- log: JSON lines to stderr; only what is named here gets in, never bodies, never personal data ---- */
void log_line(const Ctx *c, const char *level, const char *event, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* ---- what runs beside requests ---- */
/* deliver waiting events, run due jobs: tests call it, the server has a thread */
Err app_pump_once(App *app, int64_t *ret_done);
void app_pump_start(App *app);

/* ---- documents made from the tables ---- */
void openapi_print(Buf *b);
void events_print(Buf *b);                               /* who emits, who listens: `laoke events` */
typedef struct CheckLine { Str name; int64_t checked, broken, us; Str findings; } CheckLine;
typedef LIST_OF(CheckLine) CheckLines;
Err app_check(App *app, Arena *a, CheckLines *ret_lines);   /* every Hold of every slice for every merchant */
