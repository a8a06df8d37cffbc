/* outbox - 发件箱: the waiting deliveries of events; private to app (slices see event.h).
 * Owns:   outbox, dead_letter
 * Units:  *_at, *_ms are unix ms and durations
 * Calls:  nobody
 * Emits:  nothing
 * Holds:  a delivery waits or is a dead letter, never both; done ones are gone with their effect
 * Errors: event.unknown_handler, event.no_letter
 *
 * Order:  deliveries of one handler for one subject keep their order; a dead letter steps aside and does not hold up
 *         those behind it.
 * Turns:  on PostgreSQL several processes may serve one database; whoever delivers for a merchant holds its turn (a
 *         lease in `due`). */
#pragma once
#include "app/app_state.h"

enum { LANE_NEAR, LANE_FAR, OUTBOX_LANES, OUTBOX_ALL_LANES = (1 << OUTBOX_LANES) - 1 };
enum { OUTBOX_BATCH = 256, OUTBOX_SWEEP_MS = 30000, OUTBOX_TURN_MS = 60000, OUTBOX_TURN_AGAIN_MS = 300,
       OUTBOX_DELAY_MS = 2000, OUTBOX_DELAY_MAX_MS = 3600 * 1000,
       LISTENERS_ADDED_MAX = 8 };

typedef struct OutboxStats {
    int64_t delivered, failed, died;            /* since the start of the process */
    int64_t waiting, dead, lag_ms;              /* now, over all merchants; lag of the oldest one that waits */
} OutboxStats;

/* Delivers what is due in one lane for the merchants that were woken (every OUTBOX_SWEEP_MS: for all that have
 * something
 * waiting). ret_done: deliveries that were run, whatever came of them. ret_next_at: when it should be called again at
 * the latest. The far lane has the handlers that prepare (outgoing calls): a slow partner holds up nobody else. */
Err outbox_pump(App *app, int64_t lane, int64_t *ret_done, int64_t *ret_next_at);
/* an effect: see after_commit(); `lanes` as bits */
void outbox_wake(App *app, int64_t merchant_id, int64_t lanes);
/* until something is woken in that lane; its thread's pause */
void outbox_wait(App *app, int64_t lane, int64_t wait_ms);
/* lets outbox_wait() return for good */
void outbox_end_wait(App *app);
Err outbox_stats(Ctx *c, OutboxStats *ret_stats);

/* For the simulator: deliveries of different subjects come in another order, and some come twice. NULL ends it. */
void outbox_disturb(App *app, Rng *rng);

/* event.c: who listens. Handlers come from every slice, resolved once. */
typedef struct Listeners Listeners;
Listeners *listeners_make(Arena *a);
void listeners_add(Listeners *l, const Handler *handler);                /* for tests: up to LISTENERS_ADDED_MAX more */
const Handler *listeners_find(const Listeners *l, Str handler_name);     /* NULL: this binary has no such handler */
/* after so many tries: 2 s … 1 h, spread by a quarter */
int64_t outbox_delay_ms(int64_t id, int64_t tries);

typedef struct Outbox Outbox;
Listeners *outbox_listeners(Outbox *o);

/* The store could not serve: no refusal, and no partner who cannot be reached either. */
bool outbox_is_outage(const Ctx *c, Err err);
