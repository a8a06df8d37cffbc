#include "app/id.h"
#include "app/outbox_lane.h"
#include <stdatomic.h>
#include <stdlib.h>

enum { AGAIN_AFTER_OUTAGE_MS = 2000 };

Listeners *outbox_listeners(Outbox *o) { return o->listeners; }
void outbox_disturb(App *app, Rng *rng) { app->state->outbox->disturb = rng; }

/* ---- the pump ---- */

typedef struct SweepRow { int64_t merchant_id; } SweepRow;
static const Field sweep_row_field[] = { FIELD_ID(SweepRow, merchant_id) };
static const Fields sweep_row_fields = FIELDS(SweepRow, sweep_row_field);

/* Every merchant that has something waiting, one index step each: also what another process left, or a wake-up that
 * was lost. */
static Err sweep(Ctx *c, void *arg) {
    SweepRow row = { 0 };
    for (bool is_found = true; is_found;) {
        TRY(db_system_find(c, "SELECT merchant_id FROM outbox WHERE merchant_id > $1 ORDER BY merchant_id LIMIT 1",
                           ARGS(row.merchant_id), &sweep_row_fields, &row, &is_found));
        if (is_found) lane_wake_at(arg, row.merchant_id, 0);
    }
    return OK;
}

static Err sweep_when_due(Lane *o, int64_t now) {
    if (now < o->sweep_at && now > o->sweep_at - 2 * OUTBOX_SWEEP_MS) return OK;
    Arena arena;
    arena_init(&arena, ARENA_BUDGET);
    Ctx c;
    app_ctx(o->outbox->app, &arena, 0, (Actor){ ACTOR_JOB, 0 }, &c);
    Err err = app_read(&c, sweep, o);
    if (err == OK) o->sweep_at = now + OUTBOX_SWEEP_MS;
    arena_free(&arena);
    return err;
}

Err outbox_pump(App *app, int64_t lane_no, int64_t *ret_done, int64_t *ret_next_at) {
    Lane *lane = &app->state->outbox->lanes[lane_no];
    int64_t now = app_now(app), next_at = now + OUTBOX_SWEEP_MS, done = 0;
    Err err = sweep_when_due(lane, now);
    for (int64_t merchant_id = 0; err == OK;) {
        merchant_id = lane_take(lane, merchant_id, now, &next_at);
        if (merchant_id == 0) break;
        int64_t again_at = INT64_MAX;
        err = lane_pass(lane, merchant_id, now, &done, &again_at);
        if (err != OK) again_at = now + AGAIN_AFTER_OUTAGE_MS;
        if (again_at < INT64_MAX) lane_wake_at(lane, merchant_id, again_at);
        if (again_at < next_at) next_at = again_at;
    }
    *ret_done = done;
    *ret_next_at = next_at;
    return err;
}

/* ---- stand and state ---- */

Err outbox_start(App *app, Arena *a) {
    Outbox *o = calloc(1, sizeof *o);
    if (!o) abort();
    o->app = app;
    o->listeners = listeners_make(a);
    for (int64_t i = 0; i < OUTBOX_LANES; i++) lane_start(&o->lanes[i], o, i == LANE_FAR);
    app->state->outbox = o;
    return OK;
}

void outbox_stop(App *app) {
    Outbox *o = app->state->outbox;
    if (!o) return;
    for (int64_t i = 0; i < OUTBOX_LANES; i++) lane_stop(&o->lanes[i]);
    free(o);
    app->state->outbox = NULL;
}

typedef struct Waiting { int64_t waiting, dead, oldest_id; } Waiting;
static const Field waiting_field[] = { FIELD(Waiting, waiting), FIELD(Waiting, dead), FIELD(Waiting, oldest_id) };
static const Fields waiting_fields = FIELDS(Waiting, waiting_field);

Err outbox_stats(Ctx *c, OutboxStats *ret_stats) {
    const Outbox *o = c->app->state->outbox;
    Waiting w = { 0 };
    bool is_found;
    TRY(db_system_find(c,
                       "SELECT COUNT(*) AS waiting, COALESCE(MIN(id), 0) AS oldest_id,"
                       " (SELECT COUNT(*) FROM dead_letter) AS dead FROM outbox",
                       NO_ARGS, &waiting_fields, &w, &is_found));
    *ret_stats = (OutboxStats){ .delivered = o->delivered, .failed = o->failed, .died = o->died,
                                .waiting = w.waiting, .dead = w.dead };
    if (w.oldest_id > 0 && c->now > id_ms(w.oldest_id)) ret_stats->lag_ms = c->now - id_ms(w.oldest_id);
    return OK;
}
