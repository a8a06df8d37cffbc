#include "app/outbox.h"
#include "app/id.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PASS_BATCHES_MAX = 16, SET_ROOM_FIRST = 64, AGAIN_AFTER_OUTAGE_MS = 2000, CODE_MAX = 100 };

typedef struct OutboxRow {
    int64_t id;
    Str handler, event;
    int64_t subject_id;
    Str payload;
    int64_t tries, next_at;
} OutboxRow;
static const Field outbox_row_field[] = {
    FIELD_ID(OutboxRow, id), FIELD(OutboxRow, handler), FIELD(OutboxRow, event), FIELD_ID(OutboxRow, subject_id),
    FIELD_JSON(OutboxRow, payload), FIELD(OutboxRow, tries), FIELD(OutboxRow, next_at),
};
static const Fields outbox_row_fields = FIELDS(OutboxRow, outbox_row_field);
typedef LIST_OF(OutboxRow) OutboxRows;

/* One delivery on its way: a Ctx, an arena and a unit of its own. */
typedef struct Delivery {
    Unit unit;
    Work work;
    Ctx c;
    Arena arena;
    Outbox *outbox;
    const OutboxRow *row;
    const Handler *handler;
    void *payload;
} Delivery;

typedef struct WokenMerchant { int64_t merchant_id, at; } WokenMerchant;

struct Outbox {
    App *app;
    Listeners *listeners;
    pthread_mutex_t lock;
    pthread_cond_t news, landed;
    WokenMerchant *woken;                       /* ascending merchant_id; `at`: not before */
    int64_t woken_count, woken_room;
    bool has_news, is_ending;
    int64_t in_flight;
    int64_t sweep_at;
    Rng *disturb;
    Arena pass, batch;
    Delivery *deliveries;                       /* OUTBOX_BATCH, and as many twins for the simulator */
    _Atomic int64_t delivered, failed, died;
};

Listeners *outbox_listeners(Outbox *o) { return o->listeners; }
void outbox_disturb(App *app, Rng *rng) { app->state->outbox->disturb = rng; }

/* ---- who was woken ---- */

static int64_t woken_place(const Outbox *o, int64_t merchant_id) {
    int64_t low = 0, high = o->woken_count;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (o->woken[middle].merchant_id < merchant_id) low = middle + 1;
        else high = middle;
    }
    return low;
}

static void wake_at(Outbox *o, int64_t merchant_id, int64_t at) {
    pthread_mutex_lock(&o->lock);
    int64_t place = woken_place(o, merchant_id);
    if (place < o->woken_count && o->woken[place].merchant_id == merchant_id) {
        if (at < o->woken[place].at) o->woken[place].at = at;
    } else {
        if (o->woken_count == o->woken_room) {
            o->woken_room = o->woken_room ? o->woken_room * 2 : SET_ROOM_FIRST;
            o->woken = realloc(o->woken, (size_t)o->woken_room * sizeof *o->woken);
            if (!o->woken) abort();
        }
        memmove(&o->woken[place + 1], &o->woken[place], (size_t)(o->woken_count - place) * sizeof *o->woken);
        o->woken[place] = (WokenMerchant){ merchant_id, at };
        o->woken_count++;
    }
    if (at == 0 && !o->has_news) {
        o->has_news = true;
        pthread_cond_signal(&o->news);
    }
    pthread_mutex_unlock(&o->lock);
}

void outbox_wake(App *app, int64_t merchant_id, int64_t unused) {
    (void)unused;
    wake_at(app->state->outbox, merchant_id, 0);
}

/* The next merchant behind `after` that may be served now, taken off the list; 0 = none. */
static int64_t woken_take(Outbox *o, int64_t after, int64_t now, int64_t *next_at) {
    int64_t merchant_id = 0;
    pthread_mutex_lock(&o->lock);
    o->has_news = false;
    int64_t i = woken_place(o, after + 1);
    for (; i < o->woken_count; i++) {
        if (o->woken[i].at <= now) break;
        if (o->woken[i].at < *next_at) *next_at = o->woken[i].at;
    }
    if (i < o->woken_count) {
        merchant_id = o->woken[i].merchant_id;
        memmove(&o->woken[i], &o->woken[i + 1], (size_t)(o->woken_count - i - 1) * sizeof *o->woken);
        o->woken_count--;
    }
    pthread_mutex_unlock(&o->lock);
    return merchant_id;
}

void outbox_wait(App *app, int64_t wait_ms) {
    Outbox *o = app->state->outbox;
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + wait_ms % 1000 * 1000000;
    until.tv_sec += (time_t)(wait_ms / 1000 + ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    pthread_mutex_lock(&o->lock);
    while (!o->has_news && !o->is_ending)
        if (pthread_cond_timedwait(&o->news, &o->lock, &until) != 0) break;
    pthread_mutex_unlock(&o->lock);
}

void outbox_end_wait(App *app) {
    Outbox *o = app->state->outbox;
    pthread_mutex_lock(&o->lock);
    o->is_ending = true;
    pthread_cond_broadcast(&o->news);
    pthread_mutex_unlock(&o->lock);
}

/* ---- one delivery ---- */

/* The row goes with its effect: whoever finds it gone has nothing to do, so whatever comes twice has one effect. */
static Err deliver(Ctx *c, void *arg) {
    const Delivery *d = arg;
    int64_t changed;
    TRY(db_change(c, "DELETE FROM outbox WHERE merchant_id = $1 AND id = $2", ARGS(d->row->id), &changed));
    if (changed == 0) return OK;
    return d->handler->run(c, d->row->id, d->payload);
}

static void landed(Unit *unit) {
    Outbox *o = ((Delivery *)unit->user)->outbox;
    pthread_mutex_lock(&o->lock);
    if (--o->in_flight == 0) pthread_cond_signal(&o->landed);
    pthread_mutex_unlock(&o->lock);
}

static void prepare(Outbox *o, Delivery *d, int64_t merchant_id, const OutboxRow *row) {
    arena_reset(&d->arena);
    if (!d->arena.budget) arena_init(&d->arena, ARENA_BUDGET);
    app_ctx(o->app, &d->arena, merchant_id, (Actor){ ACTOR_EVENT, row->id }, &d->c);
    d->outbox = o;
    d->row = row;
    d->handler = listeners_find(o->listeners, row->handler);
    d->unit = (Unit){ .c = &d->c, .run = deliver, .arg = d, .done = landed, .user = d };
    if (!d->handler) {
        d->unit.err = fail(&d->c, E_INTERNAL, "event.unknown_handler", "这个版本没有处理程序 %.*s",
                           "this version has no handler %.*s", (int)row->handler.len, row->handler.at);
        return;
    }
    d->payload = arena_take(&d->arena, d->handler->event->payload->size, 16);
    d->unit.err = json_parse(&d->c, row->payload, d->handler->event->payload, d->payload);
}

static Err handler_prepare(Delivery *d) {
    Db *db = d->outbox->app->db;
    TRY(db_read_begin(db, &d->c));
    Err err = d->handler->prepare(&d->c, d->row->id, d->payload);
    db_read_end(db, &d->c);
    return err;
}

static void work_run(Work *work) {
    Delivery *d = work->user;
    if (d->handler->prepare) d->unit.err = handler_prepare(d);
    if (d->unit.err == OK) db_unit_start(d->outbox->app->db, &d->unit);
    else landed(&d->unit);
}

/* SQLite: all units queue to the writer, which runs them in few commits. PostgreSQL and what prepares: the worker
 * threads take them; in tests there are none, and they run here one after the other. */
static void round_run(Outbox *o, Delivery *list, int64_t count) {
    bool is_postgres = db_engine(o->app->db) == DB_POSTGRES;
    if (o->disturb && count > 1) {                      /* a replay must not depend on how units fall into groups */
        for (int64_t i = 0; i < count; i++) round_run(o, &list[i], 1);
        return;
    }
    o->in_flight = 0;
    for (int64_t i = 0; i < count; i++) o->in_flight += list[i].unit.err == OK;
    for (int64_t i = 0, all = o->in_flight; i < count && all > 0; i++) {
        Delivery *d = &list[i];
        if (d->unit.err != OK) continue;
        d->work = (Work){ .run = work_run, .user = d };
        bool is_long = is_postgres || d->handler->prepare;
        if (is_long && !o->app->config.is_test && worker_put(o->app, &d->work)) continue;
        work_run(&d->work);
    }
    pthread_mutex_lock(&o->lock);
    while (o->in_flight > 0) pthread_cond_wait(&o->landed, &o->lock);
    pthread_mutex_unlock(&o->lock);
}

/* ---- a refused delivery ---- */

typedef struct Refused { const OutboxRow *row; Str problem; int64_t next_at; bool is_dead; } Refused;

static Err refused_write(Ctx *c, void *arg) {
    const Refused *r = arg;
    int64_t changed;
    if (!r->is_dead)
        return db_exec(c,
                       "UPDATE outbox SET tries = tries + 1, next_at = $4, problem = $5"
                       " WHERE merchant_id = $1 AND id = $2 AND tries = $3",
                       ARGS(r->row->id, r->row->tries, r->next_at, r->problem));
    TRY(db_change(c, "DELETE FROM outbox WHERE merchant_id = $1 AND id = $2", ARGS(r->row->id), &changed));
    if (changed == 0) return OK;
    return db_exec(
        c,
        "INSERT INTO dead_letter (merchant_id, id, handler, event, subject_id, payload, tries, died_at, problem)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        ARGS(r->row->id, r->row->handler, r->row->event, r->row->subject_id, r->row->payload, r->row->tries + 1, c->now,
             r->problem));
}

/* E_BUSY comes from the store and is nobody's fault: it costs no try. Gives the instant of the next try, 0 = none
 * (dead). */
static Err refused(Outbox *o, Delivery *d, int64_t *ret_next_at) {
    if (d->unit.err == E_BUSY) return E_BUSY;
    Arena arena;
    arena_init(&arena, ARENA_BUDGET);
    Ctx c;
    app_ctx(o->app, &arena, d->c.merchant_id, d->c.actor, &c);
    Refused r = { .row = d->row, .problem = str_of(d->c.problem.code ? d->c.problem.code : "internal") };
    r.is_dead = d->row->tries + 1 >= OUTBOX_TRIES_MAX;
    r.next_at = c.now + outbox_delay_ms(d->row->id, d->row->tries + 1);
    Err err = app_unit(&c, refused_write, &r);
    log_line(&c, r.is_dead ? "error" : "warn", r.is_dead ? "event.died" : "event.refused", "%.*s: %s (try %lld)",
             (int)d->row->handler.len, d->row->handler.at, d->c.problem.code ? d->c.problem.code : "internal",
             (long long)d->row->tries + 1);
    arena_free(&arena);
    if (err != OK) return err;
    atomic_fetch_add(r.is_dead ? &o->died : &o->failed, 1);
    *ret_next_at = r.is_dead ? 0 : r.next_at;
    return OK;
}

/* ---- one pass over a merchant ---- */

/* The subjects that must wait in this pass, as hashes of (handler, subject); two that share a hash only wait for each
 * other. */
typedef struct KeySet { uint64_t *at; int64_t count, room; } KeySet;

static uint64_t row_key(const OutboxRow *row) {
    uint64_t key = str_hash(row->handler) ^ ((uint64_t)row->subject_id * UINT64_C(0x9E3779B97F4A7C15));
    return key ? key : 1;
}

static uint64_t *set_place(const KeySet *s, uint64_t key) {
    uint64_t i = (key ^ key >> 32) & (uint64_t)(s->room - 1);
    while (s->at[i] != 0 && s->at[i] != key) i = (i + 1) & (uint64_t)(s->room - 1);
    return &s->at[i];
}

static bool set_has(const KeySet *s, uint64_t key) { return s->room > 0 && *set_place(s, key) != 0; }

static void set_add(Arena *a, KeySet *s, uint64_t key) {
    if (s->count * 2 >= s->room) {
        KeySet wide = { .room = s->room ? s->room * 2 : SET_ROOM_FIRST };
        wide.at = NEW_LIST(a, uint64_t, wide.room);
        for (int64_t i = 0; i < s->room; i++)
            if (s->at[i] != 0) *set_place(&wide, s->at[i]) = s->at[i];
        wide.count = s->count;
        *s = wide;
    }
    uint64_t *place = set_place(s, key);
    s->count += *place == 0;
    *place = key;
}

typedef struct Pass {
    Outbox *o;
    int64_t merchant_id, now, after_id, done, next_at;
    KeySet blocked;
    OutboxRows rows;
} Pass;

static Err batch_read(Ctx *c, void *arg) {
    Pass *pass = arg;
    return db_rows(c,
                   "SELECT id, handler, event, subject_id, payload, tries, next_at FROM outbox"
                   " WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT $3",
                   ARGS(pass->after_id, OUTBOX_BATCH), &outbox_row_fields, OUTBOX_BATCH, (ListAny *)&pass->rows);
}

static void shuffle(Rng *rng, int64_t *list, int64_t count) {
    for (int64_t i = count - 1; i > 0; i--) {
        int64_t j = rng_below(rng, i + 1), kept = list[i];
        list[i] = list[j];
        list[j] = kept;
    }
}

/* Picks from the batch what may run side by side: at most one per (handler, subject), none behind a blocked one. */
static int64_t round_pick(Pass *pass, bool *is_over, int64_t *ret_rows) {
    Outbox *o = pass->o;
    KeySet busy = { 0 };
    int64_t count = 0;
    for (int64_t i = 0; i < pass->rows.count; i++) {
        if (is_over[i]) continue;
        const OutboxRow *row = &pass->rows.items[i];
        uint64_t key = row_key(row);
        if (row->next_at > pass->now && !set_has(&pass->blocked, key)) {
            set_add(&o->pass, &pass->blocked, key);
            if (row->next_at < pass->next_at) pass->next_at = row->next_at;
        }
        if (set_has(&pass->blocked, key)) {
            is_over[i] = true;
            continue;
        }
        if (set_has(&busy, key)) continue;
        set_add(&o->batch, &busy, key);
        is_over[i] = true;
        ret_rows[count++] = i;
    }
    if (o->disturb) shuffle(o->disturb, ret_rows, count);
    return count;
}

static Err round_end(Pass *pass, int64_t count) {
    Outbox *o = pass->o;
    Err worst = OK;
    for (int64_t i = 0; i < count; i++) {
        Delivery *d = &o->deliveries[i];
        if (d->unit.err == OK) {
            pending_run(o->app, &d->c);
            atomic_fetch_add(&o->delivered, 1);
            continue;
        }
        pending_drop(&d->c);
        set_add(&o->pass, &pass->blocked, row_key(d->row));
        int64_t next_at = 0;
        Err err = refused(o, d, &next_at);
        if (err != OK) worst = err;
        if (next_at > 0 && next_at < pass->next_at) pass->next_at = next_at;
    }
    return worst;
}

static Err batch_run(Pass *pass) {
    Outbox *o = pass->o;
    bool *is_over = NEW_LIST(&o->batch, bool, pass->rows.count);
    int64_t *rows = NEW_LIST(&o->batch, int64_t, pass->rows.count);
    for (;;) {
        int64_t picked = round_pick(pass, is_over, rows), count = 0;
        if (picked == 0) return OK;
        for (int64_t i = 0; i < picked; i++) {
            const OutboxRow *row = &pass->rows.items[rows[i]];
            prepare(o, &o->deliveries[count++], pass->merchant_id, row);
            if (o->disturb && rng_chance(o->disturb, 1, 16))
                prepare(o, &o->deliveries[count++], pass->merchant_id, row);
        }
        round_run(o, o->deliveries, count);
        pass->done += count;
        TRY(round_end(pass, count));
    }
}

/* ---- the turn of a merchant (PostgreSQL) ---- */

typedef struct Turn { int64_t merchant_id, node, lease_until, changed; } Turn;

static Err turn_write(Ctx *c, void *arg) {
    Turn *turn = arg;
    return db_system_change(
        c,
        "INSERT INTO due (merchant_id, job, due_at, next_at, lease_until, lease_node, tries, ran_at,"
        " problem) VALUES ($1, 'outbox', 9223372036854775807, 9223372036854775807, $2, $3, 0, 0, '')"
        " ON CONFLICT (merchant_id, job) DO UPDATE SET lease_until = excluded.lease_until,"
        " lease_node = excluded.lease_node WHERE due.lease_until < $4 OR due.lease_node = $3",
        ARGS(turn->merchant_id, turn->lease_until, turn->node, c->now), &turn->changed);
}

/* One SQLite file has one server, so nobody else wants the turn there. */
static Err turn_take(Outbox *o, int64_t merchant_id, bool is_end, bool *ret_is_mine) {
    *ret_is_mine = true;
    if (db_engine(o->app->db) == DB_SQLITE) return OK;
    Arena arena;
    arena_init(&arena, ARENA_BUDGET);
    Ctx c;
    app_ctx(o->app, &arena, 0, (Actor){ ACTOR_JOB, 0 }, &c);
    Turn turn = { .merchant_id = merchant_id, .node = o->app->ids.node };
    turn.lease_until = is_end ? 0 : c.now + OUTBOX_TURN_MS;
    Err err = app_unit(&c, turn_write, &turn);
    *ret_is_mine = turn.changed == 1;
    arena_free(&arena);
    return err;
}

static Err pass_run(Outbox *o, Pass *pass) {
    bool is_mine;
    TRY(turn_take(o, pass->merchant_id, false, &is_mine));
    if (!is_mine) {
        pass->next_at = pass->now + OUTBOX_TURN_AGAIN_MS;
        return OK;
    }
    Err err = OK;
    for (int64_t i = 0; err == OK; i++) {
        arena_reset(&o->batch);
        Ctx c;
        app_ctx(o->app, &o->batch, pass->merchant_id, (Actor){ ACTOR_JOB, 0 }, &c);
        err = app_read(&c, batch_read, pass);
        if (err != OK || pass->rows.count == 0) break;
        pass->after_id = pass->rows.items[pass->rows.count - 1].id;
        bool is_last = pass->rows.count < OUTBOX_BATCH;
        err = batch_run(pass);
        if (err != OK || is_last) break;
        if (i >= PASS_BATCHES_MAX) {                    /* the others' turn first */
            pass->next_at = 0;
            break;
        }
        err = turn_take(o, pass->merchant_id, false, &is_mine);
        if (!is_mine) break;
    }
    Err end = turn_take(o, pass->merchant_id, true, &is_mine);
    return err != OK ? err : end;
}

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
        if (is_found) wake_at(arg, row.merchant_id, 0);
    }
    return OK;
}

static Err sweep_when_due(Outbox *o, int64_t now) {
    if (now < o->sweep_at && now > o->sweep_at - 2 * OUTBOX_SWEEP_MS) return OK;
    Arena arena;
    arena_init(&arena, ARENA_BUDGET);
    Ctx c;
    app_ctx(o->app, &arena, 0, (Actor){ ACTOR_JOB, 0 }, &c);
    Err err = app_read(&c, sweep, o);
    if (err == OK) o->sweep_at = now + OUTBOX_SWEEP_MS;
    arena_free(&arena);
    return err;
}

Err outbox_pump(App *app, int64_t *ret_done, int64_t *ret_next_at) {
    Outbox *o = app->state->outbox;
    int64_t now = app_now(app), next_at = now + OUTBOX_SWEEP_MS, done = 0;
    Err err = sweep_when_due(o, now);
    for (int64_t merchant_id = 0; err == OK;) {
        merchant_id = woken_take(o, merchant_id, now, &next_at);
        if (merchant_id == 0) break;
        arena_reset(&o->pass);
        Pass pass = { .o = o, .merchant_id = merchant_id, .now = now, .next_at = INT64_MAX };
        err = pass_run(o, &pass);
        done += pass.done;
        if (err != OK) pass.next_at = now + AGAIN_AFTER_OUTAGE_MS;
        if (pass.next_at < INT64_MAX) wake_at(o, merchant_id, pass.next_at);
        if (pass.next_at < next_at) next_at = pass.next_at;
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
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&o->lock, NULL);
    pthread_cond_init(&o->news, &monotonic);
    pthread_cond_init(&o->landed, NULL);
    pthread_condattr_destroy(&monotonic);
    arena_init(&o->pass, ARENA_BUDGET);
    arena_init(&o->batch, ARENA_BUDGET);
    o->deliveries = calloc(2 * OUTBOX_BATCH, sizeof *o->deliveries);
    if (!o->deliveries) abort();
    app->state->outbox = o;
    return OK;
}

void outbox_stop(App *app) {
    Outbox *o = app->state->outbox;
    if (!o) return;
    for (int64_t i = 0; i < 2 * OUTBOX_BATCH; i++) arena_free(&o->deliveries[i].arena);
    arena_free(&o->pass);
    arena_free(&o->batch);
    pthread_mutex_destroy(&o->lock);
    pthread_cond_destroy(&o->news);
    pthread_cond_destroy(&o->landed);
    free(o->deliveries);
    free(o->woken);
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
