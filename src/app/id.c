#include "app/id.h"
#include <assert.h>
#include <stdatomic.h>

enum { SEQUENCE_BITS = 12, NODE_BITS = 10, SEQUENCE_MAX = (1 << SEQUENCE_BITS) - 1, LEASE_TRIES = 8 };

static uint64_t first_of(int64_t ms, uint64_t node) {
    int64_t since = ms > ID_EPOCH_MS ? ms - ID_EPOCH_MS : 0;
    return ((uint64_t)since << (NODE_BITS + SEQUENCE_BITS)) | node << SEQUENCE_BITS;
}

/* The node number travels inside `last`, so that taking another number is one atomic store too. */
int64_t id_next(IdSource *ids, int64_t now_ms) {
    uint64_t last = atomic_load_explicit(&ids->last, memory_order_relaxed), next;
    do {
        uint64_t node = (last >> SEQUENCE_BITS) & ID_NODE_MAX;
        assert(node != 0);
        next = first_of(now_ms, node);
        if (next <= last) {
            bool is_full = (last & SEQUENCE_MAX) == SEQUENCE_MAX;
            next = is_full ? first_of(id_ms((int64_t)last) + 1, node) : last + 1;
        }
    } while (!atomic_compare_exchange_weak_explicit(&ids->last, &last, next, memory_order_relaxed,
                                                    memory_order_relaxed));
    return (int64_t)next;
}

int64_t id_new(Ctx *c) { return id_next(&c->app->ids, c->now); }

void id_set_node(IdSource *ids, int64_t node, int64_t high_ms) {
    assert(node > 0 && node <= ID_NODE_MAX);
    int64_t last_ms = id_ms((int64_t)atomic_load(&ids->last));
    int64_t from_ms = (last_ms > high_ms ? last_ms : high_ms) + 1;
    ids->node = node;
    atomic_store(&ids->last, first_of(from_ms, (uint64_t)node));
}

int64_t id_ms(int64_t id) { return (id >> (NODE_BITS + SEQUENCE_BITS)) + ID_EPOCH_MS; }

int64_t id_floor(int64_t ms) { return (int64_t)first_of(ms, 0); }

/* ---- the lease ---- */

typedef struct NodeRow { int64_t node, high_ms, lease_until; } NodeRow;
static const Field node_row_field[] = {
    FIELD(NodeRow, node), FIELD(NodeRow, high_ms), FIELD(NodeRow, lease_until),
};
static const Fields node_row_fields = FIELDS(NodeRow, node_row_field);

typedef struct NodeLease {
    int64_t holder;
    NodeRow row;
} NodeLease;

/* A number that was given back is best: high_ms is exact. One whose holder died may have been used up to this very
 * instant,
 * whatever high_ms says (the clock may have leapt since it was written), so it starts a second behind both. */
static Err node_take_over(Ctx *c, NodeLease *lease, bool *ret_taken) {
    NodeRow row = { 0 };
    bool is_found;
    int64_t changed = 0;
    TRY(db_system_find(c,
                       "SELECT node, high_ms, lease_until FROM node WHERE lease_until < $1 ORDER BY lease_until, node"
                       " LIMIT 1",
                       ARGS(c->now), &node_row_fields, &row, &is_found));
    if (is_found)
        TRY(db_system_change(c, "UPDATE node SET holder = $2, lease_until = $3 WHERE node = $1 AND lease_until = $4",
                             ARGS(row.node, lease->holder, c->now + ID_LEASE_MS, row.lease_until), &changed));
    *ret_taken = changed == 1;
    if (changed == 0) return OK;
    if (row.lease_until != 0) row.high_ms = (row.high_ms > c->now ? row.high_ms : c->now) + ID_MARGIN_MS;
    lease->row = row;
    return OK;
}

static Err node_take(Ctx *c, void *arg) {
    NodeLease *lease = arg;
    bool is_found;
    lease->row = (NodeRow){ 0 }; /* a unit may run again: what the first run took was given back with it */
    TRY(node_take_over(c, lease, &is_found));
    if (is_found) return OK;
    NodeRow top = { 0 };
    TRY(db_system_find(c,
                       "SELECT COALESCE(MAX(node), 0) AS node, CAST(0 AS BIGINT) AS high_ms,"
                       " CAST(0 AS BIGINT) AS lease_until FROM node",
                       NO_ARGS, &node_row_fields, &top, &is_found));
    if (top.node >= ID_NODE_MAX)
        return fail(c, E_CONFLICT, "id.no_node", "没有空闲的节点编号：同时运行的服务器太多",
                    "no node number is free: too many servers run on this database");
    int64_t changed;
    TRY(db_system_change(c,
                         "INSERT INTO node (node, holder, lease_until, high_ms) VALUES ($1, $2, $3, 0)"
                         " ON CONFLICT DO NOTHING",
                         ARGS(top.node + 1, lease->holder, c->now + ID_LEASE_MS), &changed));
    if (changed == 1) lease->row = (NodeRow){ .node = top.node + 1 };
    return OK;
}

Err id_start(App *app, Arena *a) {
    (void)a;
    Arena arena;
    arena_init(&arena, ARENA_BUDGET);
    Ctx c;
    app_ctx(app, &arena, 0, (Actor){ ACTOR_JOB, 0 }, &c);
    NodeLease lease = { .holder = rng_below(c.rng, INT64_MAX) };
    Err err = OK;
    /* Two servers that start together may want the same new number: the loser asks again. */
    for (int i = 0; i < LEASE_TRIES && err == OK && lease.row.node == 0; i++) err = app_unit(&c, node_take, &lease);
    if (err == OK && lease.row.node == 0) err = E_BUSY;
    if (err == OK) {
        id_set_node(&app->ids, lease.row.node, lease.row.high_ms);
        app->state->node_holder = lease.holder;
    }
    arena_free(&arena);
    return err;
}

typedef struct NodeKeep { int64_t node, holder, lease_until, high_ms, changed; } NodeKeep;

static Err node_keep(Ctx *c, void *arg) {
    NodeKeep *keep = arg;
    return db_system_change(c, "UPDATE node SET lease_until = $3, high_ms = $4 WHERE node = $1 AND holder = $2",
                            ARGS(keep->node, keep->holder, keep->lease_until, keep->high_ms), &keep->changed);
}

static Err keep_lease(App *app, bool is_end, int64_t *ret_changed) {
    Arena arena;
    arena_init(&arena, ARENA_BUDGET);
    Ctx c;
    app_ctx(app, &arena, 0, (Actor){ ACTOR_JOB, 0 }, &c);
    int64_t last_ms = id_ms((int64_t)atomic_load(&app->ids.last));
    int64_t high_ms = last_ms > c.now ? last_ms : c.now;
    NodeKeep keep = { .node = app->ids.node, .holder = app->state->node_holder };
    keep.lease_until = is_end ? 0 : c.now + ID_LEASE_MS;
    keep.high_ms = is_end ? high_ms : high_ms + ID_LEASE_MS;
    Err err = app_unit(&c, node_keep, &keep);
    if (err == OK) *ret_changed = keep.changed;
    arena_free(&arena);
    return err;
}

Err id_renew(App *app) {
    int64_t changed;
    TRY(keep_lease(app, false, &changed));
    return changed == 1 ? OK : id_start(app, app->state->arena);
}

void id_stop(App *app) {
    int64_t changed;
    (void)keep_lease(app, true, &changed);      /* a database that is gone: the lease runs out by itself */
}
