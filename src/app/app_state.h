/* app_state - private to src/app: what the process keeps between requests, and how the two halves of app/ meet.
 * Each part is declared in a private header of its own and made by its own file; here stand only pointers and the
 * order. */
#pragma once
#include <pthread.h>
#include "app/app.h"

/* ---- effects of a durable commit (after_commit): kept on the Ctx, run in order, equal ones once ---- */
typedef struct Effect Effect;
struct Effect { void (*run)(App *app, int64_t a, int64_t b); int64_t a, b; Effect *next; };
typedef struct Pending { Effect *first, *last; Str cookie; } Pending;     /* cookie: Set-Cookie of the reply */

void pending_run(App *app, Ctx *c);       /* after a durable commit; empties the list */
void pending_drop(Ctx *c);                /* after a refusal */

struct AppState {
    App *app;
    Arena *arena;                         /* lives as long as the process; only app_start writes to it */
    /* of the process: a CSPRNG; every Ctx borrows it (tests: seeded, one thread at a time) */
    Rng rng;
    /* the request half */
    struct Routes *routes;                /* routes.h: compiled path tree over all slices */
    struct AuthCache *auth;               /* auth_cache.h: living sessions and API keys */
    struct MerchantCache *merchants;      /* merchant.c */
    struct Workers *workers;              /* worker.h: threads for slow preparations and for PostgreSQL */
    struct Limits *limits;                /* limit.h: token buckets */
    struct Memo *memo;                    /* memo.h; NULL on PostgreSQL */
    _Atomic(struct ZoneNode *) zones;     /* zone.c: every zone that was asked for, opened once */
    struct Ticker *ticker;                /* ticker.h: once a minute; NULL in tests */
    /* the other half: each made by X_start(app, arena), ended by X_stop(app); NULL until then */
    struct Log *log;                      /* log.h */
    int64_t node_holder;                  /* id.h: the proof that the leased node number is ours */
    struct SettingCache *settings;        /* setting.c */
    struct Metrics *metrics;              /* metrics.h */
    struct Outbox *outbox;                /* outbox.h: wake-up and deliveries of the pump thread */
    struct Jobs *jobs;                    /* job.h */
};

Err merchant_start(App *app, Arena *a);   /* merchant.c: the cache */
void merchant_stop(App *app);
Err memo_start(App *app, Arena *a);
void memo_stop(App *app);
int64_t memo_changes(const App *app);     /* so many until now; a Ctx keeps it before it takes a snapshot */

/* ---- parts of the other half, called by app_start in this order and by app_stop backwards ---- */
Err log_start(App *app, Arena *a);        /* first of all: everything may want to say something */
Err id_start(App *app, Arena *a);         /* leases a node number; E_CONFLICT "id.no_node" when none is free */
Err setting_start(App *app, Arena *a);
Err metrics_start(App *app, Arena *a);
Err outbox_start(App *app, Arena *a);
Err job_start(App *app, Arena *a);
void job_stop(App *app);                  /* ends the pump thread and waits for it */
void outbox_stop(App *app);
void metrics_stop(App *app);
void setting_stop(App *app);
void zone_stop(App *app);                 /* zone.c: frees the opened zones */
void id_stop(App *app);                   /* gives the node number back (the Db is still open) */
void log_stop(App *app);                  /* writes what is left; the last of all */

/* One finished request, for the metrics: route NULL = none matched. Cheap, called on any thread. */
void metrics_request(App *app, const Route *route, int status, int64_t took_us);

/* Its one line in the log: the route's pattern, never the path; the code of a refusal comes from c->problem. */
void log_request(const Ctx *c, const Route *route, int status, int64_t took_us);
/* AppConfig.is_test keeps the log in memory instead of writing it to stderr: tests look for what must not be in it. */
Str log_kept(App *app, Arena *a);

/* ---- every slice: the rooms of the house itself first, then slices[] ----
 * A room of app/ that has routes, handlers, jobs, settings or holds offers them as a Slice of its own:
 * request_slice, setting_slice, outbox_slice, job_slice, audit_slice, budget_slice, metrics_slice (/metrics, /healthz,
 * /readyz). */
int64_t slice_all_count(void);
const Slice *slice_all(int64_t i);

/* ---- clock ---- */
int64_t app_now(const App *app);          /* unix ms from AppConfig.now_ms */

/* ---- threads ---- */
typedef struct Work Work;
struct Work { void (*run)(Work *work); void *user; Work *next; };
/* runs it on a worker thread; `work` lives until run() returns; false = too many wait */
bool worker_put(App *app, Work *work);
