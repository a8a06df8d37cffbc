/* Deliveries: one pass over what waits for a merchant, in rounds of what may run side by side. */
#include "app/outbox_lane.h"
#include <stdatomic.h>
#include <stdlib.h>

enum { PASS_BATCHES_MAX = 16, SET_ROOM_FIRST = 64, ROUND_FAR_MAX = 32 };

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
struct Delivery {
    Unit unit;
    Work work;
    Ctx c;
    Arena arena;
    Lane *lane;
    const OutboxRow *row;
    const Handler *handler;
    void *payload;
};

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
    Lane *o = ((Delivery *)unit->user)->lane;
    pthread_mutex_lock(&o->lock);
    if (--o->in_flight == 0) pthread_cond_signal(&o->landed);
    pthread_mutex_unlock(&o->lock);
}

static void prepare(Lane *o, Delivery *d, int64_t merchant_id, const OutboxRow *row) {
    arena_reset(&d->arena);
    if (!d->arena.budget) arena_init(&d->arena, ARENA_BUDGET);
    app_ctx(o->outbox->app, &d->arena, merchant_id, (Actor){ ACTOR_EVENT, row->id }, &d->c);
    d->lane = o;
    d->row = row;
    d->handler = listeners_find(o->outbox->listeners, row->handler);
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
    Db *db = d->lane->outbox->app->db;
    TRY(db_read_begin(db, &d->c));
    Err err = d->handler->prepare(&d->c, d->row->id, d->payload);
    db_read_end(db, &d->c);
    return err;
}

static void work_run(Work *work) {
    Delivery *d = work->user;
    if (d->handler->prepare) d->unit.err = handler_prepare(d);
    if (d->unit.err == OK) db_unit_start(d->lane->outbox->app->db, &d->unit);
    else landed(&d->unit);
}

/* SQLite: all units queue to the writer, which runs them in few commits. PostgreSQL and what prepares: the worker
 * threads take them; in tests there are none, and they run here one after the other. */
static void round_run(Lane *o, Delivery *list, int64_t count) {
    bool is_postgres = db_engine(o->outbox->app->db) == DB_POSTGRES;
    /* a replay must not depend on how units fall into groups */
    if (o->outbox->disturb && count > 1) {
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
        if (is_long && !o->outbox->app->config.is_test && worker_put(o->outbox->app, &d->work)) continue;
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

/* An outage of the store is nobody's fault and costs no try. Gives the instant of the next try, 0 = none (dead). */
static Err refused(Lane *o, Delivery *d, int64_t *ret_next_at) {
    if (outbox_is_outage(&d->c, d->unit.err)) return E_BUSY;
    Arena arena;
    arena_init(&arena, ARENA_BUDGET);
    Ctx c;
    app_ctx(o->outbox->app, &arena, d->c.merchant_id, d->c.actor, &c);
    Refused r = { .row = d->row, .problem = str_of(d->c.problem.code ? d->c.problem.code : "internal") };
    r.is_dead = d->row->tries + 1 >= OUTBOX_TRIES_MAX;
    r.next_at = c.now + outbox_delay_ms(d->row->id, d->row->tries + 1);
    Err err = app_unit(&c, refused_write, &r);
    log_line(&c, r.is_dead ? "error" : "warn", r.is_dead ? "event.died" : "event.refused", "%.*s: %s (try %lld)",
             (int)d->row->handler.len, d->row->handler.at, d->c.problem.code ? d->c.problem.code : "internal",
             (long long)d->row->tries + 1);
    arena_free(&arena);
    if (err != OK) return err;
    atomic_fetch_add(r.is_dead ? &o->outbox->died : &o->outbox->failed, 1);
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
    Lane *lane;
    int64_t merchant_id, now, after_id, done, next_at, turn_at;
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
    Lane *o = pass->lane;
    KeySet busy = { 0 };
    int64_t count = 0;
    for (int64_t i = 0; i < pass->rows.count; i++) {
        if (is_over[i]) continue;
        const OutboxRow *row = &pass->rows.items[i];
        const Handler *handler = listeners_find(o->outbox->listeners, row->handler);
        bool is_far = handler && handler->prepare;
        if (is_far != o->is_far) {
            is_over[i] = true;
            continue;
        }
        if (count == ROUND_FAR_MAX && is_far) break;
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
    if (o->outbox->disturb) shuffle(o->outbox->disturb, ret_rows, count);
    return count;
}

static Err round_end(Pass *pass, int64_t count) {
    Lane *o = pass->lane;
    Err worst = OK;
    for (int64_t i = 0; i < count; i++) {
        Delivery *d = &o->deliveries[i];
        if (d->unit.err == OK) {
            pending_run(o->outbox->app, &d->c);
            atomic_fetch_add(&o->outbox->delivered, 1);
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

/* ---- the turn of a merchant (PostgreSQL) ---- */

typedef struct Turn { const char *job; int64_t merchant_id, node, lease_until, changed; } Turn;

static Err turn_write(Ctx *c, void *arg) {
    Turn *turn = arg;
    return db_system_change(
        c,
        "INSERT INTO due (merchant_id, job, due_at, next_at, lease_until, lease_node, tries, ran_at,"
        " problem) VALUES ($1, $5, 9223372036854775807, 9223372036854775807, $2, $3, 0, 0, '')"
        " ON CONFLICT (merchant_id, job) DO UPDATE SET lease_until = excluded.lease_until,"
        " lease_node = excluded.lease_node WHERE due.lease_until < $4 OR due.lease_node = $3",
        ARGS(turn->merchant_id, turn->lease_until, turn->node, c->now, turn->job), &turn->changed);
}

/* One SQLite file has one server, so nobody else wants the turn there. */
static Err turn_take(Lane *o, int64_t merchant_id, bool is_end, bool *ret_is_mine) {
    *ret_is_mine = true;
    if (db_engine(o->outbox->app->db) == DB_SQLITE) return OK;
    Arena arena;
    arena_init(&arena, ARENA_BUDGET);
    Ctx c;
    app_ctx(o->outbox->app, &arena, 0, (Actor){ ACTOR_JOB, 0 }, &c);
    Turn turn = { .job = o->is_far ? "outbox.far" : "outbox", .merchant_id = merchant_id,
                  .node = o->outbox->app->ids.node };
    turn.lease_until = is_end ? 0 : c.now + OUTBOX_TURN_MS;
    Err err = app_unit(&c, turn_write, &turn);
    *ret_is_mine = turn.changed == 1;
    arena_free(&arena);
    return err;
}

/* Before each round: a lease that has lost a third of its time is taken anew; lost is lost. */
static Err turn_keep(Pass *pass, bool *ret_is_mine) {
    int64_t now = app_now(pass->lane->outbox->app);
    *ret_is_mine = true;
    if (now - pass->turn_at < OUTBOX_TURN_MS / 3 && now >= pass->turn_at) return OK;
    pass->turn_at = now;
    return turn_take(pass->lane, pass->merchant_id, false, ret_is_mine);
}

static Err batch_run(Pass *pass) {
    Lane *o = pass->lane;
    Outbox *outbox = o->outbox;
    bool *is_over = NEW_LIST(&o->batch, bool, pass->rows.count);
    int64_t *rows = NEW_LIST(&o->batch, int64_t, pass->rows.count);
    for (;;) {
        int64_t picked = round_pick(pass, is_over, rows), count = 0;
        if (picked == 0) return OK;
        bool is_mine;
        TRY(turn_keep(pass, &is_mine));
        if (!is_mine) return OK;
        for (int64_t i = 0; i < picked; i++) {
            const OutboxRow *row = &pass->rows.items[rows[i]];
            prepare(o, &o->deliveries[count++], pass->merchant_id, row);
            if (outbox->disturb && rng_chance(outbox->disturb, 1, 16))
                prepare(o, &o->deliveries[count++], pass->merchant_id, row);
        }
        round_run(o, o->deliveries, count);
        pass->done += count;
        TRY(round_end(pass, count));
    }
}

/* Batches in which nothing could run do not count: a crowd that waits for its next try, or for the other lane, must not
 * hide what stands behind it. */
static Err batches_run(Pass *pass) {
    Lane *o = pass->lane;
    for (int64_t worked = 0, done = 0; worked < PASS_BATCHES_MAX; worked += pass->done > done) {
        done = pass->done;
        arena_reset(&o->batch);
        Ctx c;
        app_ctx(o->outbox->app, &o->batch, pass->merchant_id, (Actor){ ACTOR_JOB, 0 }, &c);
        TRY(app_read(&c, batch_read, pass));
        if (pass->rows.count == 0) return OK;
        pass->after_id = pass->rows.items[pass->rows.count - 1].id;
        TRY(batch_run(pass));
        if (pass->rows.count < OUTBOX_BATCH) return OK;
    }
    pass->next_at = 0;                                  /* the other merchants' turn first */
    return OK;
}

Err lane_pass(Lane *lane, int64_t merchant_id, int64_t now, int64_t *ret_done, int64_t *ret_next_at) {
    bool is_mine;
    arena_reset(&lane->pass);
    TRY(turn_take(lane, merchant_id, false, &is_mine));
    Pass pass = { .lane = lane, .merchant_id = merchant_id, .now = now, .turn_at = now, .next_at = INT64_MAX };
    Err err = OK;
    if (is_mine) {
        err = batches_run(&pass);
        Err end = turn_take(lane, merchant_id, true, &is_mine);
        if (err == OK) err = end;
    } else {
        pass.next_at = now + OUTBOX_TURN_AGAIN_MS;
    }
    *ret_done += pass.done;
    *ret_next_at = pass.next_at;
    return err;
}

void lane_deliveries_make(Lane *lane) {
    lane->deliveries = calloc(2 * OUTBOX_BATCH, sizeof *lane->deliveries);
    if (!lane->deliveries) abort();
}

void lane_deliveries_free(Lane *lane) {
    for (int64_t i = 0; i < 2 * OUTBOX_BATCH; i++) arena_free(&lane->deliveries[i].arena);
    free(lane->deliveries);
}
