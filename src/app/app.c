#include <assert.h>
#include <string.h>
#include "app/app_state.h"
#include "app/auth_cache.h"
#include "app/limit.h"
#include "app/merchant.h"
#include "app/routes.h"
#include "app/ticker.h"
#include "app/worker.h"

extern const Slice request_slice, setting_slice, outbox_slice, job_slice, audit_slice, budget_slice, lockout_slice;
extern const Slice metrics_slice;
static const Slice *const house_slices[] = {
    &request_slice, &setting_slice, &outbox_slice,  &job_slice,
    &audit_slice,   &budget_slice,  &lockout_slice, &metrics_slice,
};

int64_t slice_all_count(void) { return COUNT_OF(house_slices) + slice_count; }

const Slice *slice_all(int64_t i) {
    assert(i >= 0 && i < slice_all_count());
    return i < COUNT_OF(house_slices) ? house_slices[i] : slices[i - COUNT_OF(house_slices)];
}

int64_t app_now(const App *app) { return app->config.now_ms(app->config.now_user); }

static Err refuse_start(const char *what, Arena *a, Str *ret_why) {
    *ret_why = arena_print(a, "cannot start: %s", what);
    return E_BUSY;
}

Err app_start(Arena *a, const AppConfig *config, Db *db, const Keys *keys, Ports *ports, App **ret_app, Str *ret_why) {
    assert(config->now_ms != NULL);
    App *app = NEW(a, App);
    *app = (App){ .db = db, .config = *config, .keys = *keys, .ports = ports, .state = NEW(a, struct AppState) };
    struct AppState *state = app->state;
    state->app = app;
    state->arena = a;
    state->rng = config->is_test ? rng_seeded(config->seed) : rng_system();
    if (log_start(app, a) != OK) return refuse_start("log", a, ret_why);
    if (metrics_start(app, a) != OK) return refuse_start("metrics", a, ret_why);
    if (setting_start(app, a) != OK) return refuse_start("settings", a, ret_why);
    if (merchant_start(app, a) != OK) return refuse_start("merchants", a, ret_why);
    if (auth_cache_start(app, a) != OK) return refuse_start("sessions", a, ret_why);
    if (limit_start(app, a) != OK) return refuse_start("limits", a, ret_why);
    if (memo_start(app, a) != OK) return refuse_start("memo", a, ret_why);
    if (routes_start(app, a) != OK) return refuse_start("routes", a, ret_why);
    if (id_start(app, a) != OK) return refuse_start("no node number could be leased from the database", a, ret_why);
    if (outbox_start(app, a) != OK) return refuse_start("outbox", a, ret_why);
    if (job_start(app, a) != OK) return refuse_start("jobs", a, ret_why);
    if (workers_start(app, a) != OK) return refuse_start("no worker threads", a, ret_why);
    if (!config->is_test && ticker_start(app, a) != OK) return refuse_start("no ticker thread", a, ret_why);
    *ret_app = app;
    return OK;
}

void app_stop(App *app) {
    ticker_stop(app);
    job_stop(app); /* its threads give work to the workers, and wait for it */
    workers_stop(app);
    outbox_stop(app);
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    ticker_once(app, &a); /* last-used stamps reach the database */
    arena_free(&a);
    id_stop(app);
    memo_stop(app);
    limit_stop(app);
    auth_cache_stop(app);
    merchant_stop(app);
    setting_stop(app);
    metrics_stop(app);
    zone_stop(app);
    log_stop(app);
}

void app_ctx(App *app, Arena *arena, int64_t merchant_id, Actor actor, Ctx *ret_ctx) {
    *ret_ctx = (Ctx){
        .arena = arena,
        .now = app_now(app),
        .rng = &app->state->rng,
        .merchant_id = merchant_id,
        .actor = actor,
        .app = app,
        .memo_seen = memo_changes(app),
    };
}

Err app_unit(Ctx *c, UnitRun run, void *arg) {
    Err err = db_unit(c->app->db, c, run, arg);
    if (err == OK)
        pending_run(c->app, c);
    else
        pending_drop(c);
    return err;
}

Err app_read(Ctx *c, UnitRun run, void *arg) {
    if (c->tx != NULL) return run(c, arg); /* a unit or a snapshot is open already */
    TRY(db_read_begin(c->app->db, c));
    Err err = run(c, arg);
    if (c->tx != NULL) db_read_end(c->app->db, c); /* app_apart() inside may have lost it */
    return err;
}

/* ---- effects of a durable commit ---- */

void after_commit(Ctx *c, void (*run)(App *app, int64_t a, int64_t b), int64_t a, int64_t b) {
    if (c->pending == NULL) c->pending = NEW(c->arena, Pending);
    Pending *pending = c->pending;
    for (Effect *e = pending->first; e != NULL; e = e->next) {
        if (e->run == run && e->a == a && e->b == b) return;
    }
    Effect *effect = NEW(c->arena, Effect);
    *effect = (Effect){ run, a, b, NULL };
    if (pending->last != NULL)
        pending->last->next = effect;
    else
        pending->first = effect;
    pending->last = effect;
}

void pending_run(App *app, Ctx *c) {
    if (c->pending == NULL) return;
    Effect *effect = c->pending->first;
    c->pending->first = c->pending->last = NULL;
    for (; effect != NULL; effect = effect->next) effect->run(app, effect->a, effect->b);
}

void pending_drop(Ctx *c) { c->pending = NULL; }
