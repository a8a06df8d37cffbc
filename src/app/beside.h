/* beside - 旁路: what stands beside the requests of one process: ids, log, metrics, outbox pump, due jobs, cache of settings.
 * app_start() and app_stop() call this once each; dispatch calls request_done() once for every request. */
#pragma once
#include "app/app.h"

typedef struct Beside Beside;           /* App.beside */

/* After db, config and keys of the App are set: opens the log, leases a node number (refuses when none is free), gives every
 * merchant its due rows. No thread is started here: see app_pump_start(). */
Err beside_start(App *app, Arena *a, Str *ret_why);
/* Ends the pump, gives the node number back, writes what the log still holds. */
void beside_stop(App *app);

/* A new merchant: its jobs enter the due list. Inside the unit that creates it, with c->merchant_id set. */
Err beside_merchant_new(Ctx *c);

/* The one log line of a request, and its metrics. `route` NULL = no route matched; status as sent; us since it was accepted. */
void request_done(const Ctx *c, const Route *route, int status, int64_t us);

/* Prometheus text; for /metrics. */
void metrics_print(App *app, Buf *b);

/* Everything the log has written so far (AppConfig.is_test keeps it in memory instead of stderr); empty otherwise. */
Str log_kept(App *app, Arena *a);
