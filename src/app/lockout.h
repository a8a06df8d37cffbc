/* lockout - 锁定: a delay that grows with every failed log-in: free tries first, then 1 s, 2 s, 4 s …
 * up to LOCKOUT_WAIT_MAX_MS.
 * A try is counted before it is judged, in a unit of its own (app_apart), so that neither a refusal nor a race
 * gives it back;
 * success clears it. Keys are kept as HMAC: names that do not exist are counted like those that do.
 * Owns:   lockout
 * Errors: lockout.wait */
#pragma once
#include "app/app.h"

enum { LOCKOUT_FREE_TRIES = 4, LOCKOUT_FORGET_MS = 24 * 3600 * 1000, LOCKOUT_WAIT_MAX_MS = 15 * 60 * 1000 };

/* Inside a unit. E_LIMIT "lockout.wait" with retry_after while the delay of the last failure runs. */
Err lockout_try(Ctx *c, const char *name, Str key);
/* For proofs that cost nothing to judge: refuses like a try while the delay runs, and counts nothing (also in a
 * snapshot); what turns out wrong is counted then, by lockout_try. ret_tries: counted so far. */
Err lockout_look(Ctx *c, const char *name, Str key, int64_t *ret_tries);
Err lockout_clear(Ctx *c, const char *name, Str key);
