/* id - 编号: 63 bits = 41 ms since 2024-01-01 · 10 node · 12 sequence; private to app (others call id_new()).
 * Owns:   node (system table: node numbers under a lease)
 * Units:  *_ms are unix ms
 * Holds:  ids of one process only grow, whatever the clock does: a stopped or backward clock is bridged by borrowing
 *         from the future; what was borrowed is remembered with the node number, so that a restart continues behind it.
 * Errors: id.no_node */
#pragma once
#include "app/app_state.h"

enum { ID_NODE_MAX = 1023, ID_LEASE_MS = 60000, ID_RENEW_MS = 20000, ID_MARGIN_MS = 1000 };
#define ID_EPOCH_MS INT64_C(1704067200000)              /* 2024-01-01T00:00:00Z */

int64_t id_next(IdSource *ids, int64_t now_ms);         /* atomic; never 0, never repeats */
/* from now on ids carry `node` and lie behind high_ms */
void id_set_node(IdSource *ids, int64_t node, int64_t high_ms);
int64_t id_ms(int64_t id);                              /* the instant in an id (about when it was made) */
/* the smallest id of that instant: time filters on id-ordered tables */
int64_t id_floor(int64_t ms);

Err id_renew(App *app);                                 /* keeps the lease; takes another number if it was lost */
/* id_start(), id_stop(): app_state.h */
