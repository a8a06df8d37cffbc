/* limit - 限流: how often one key, session or address may ask, in buckets of this process's memory; look-ups and changes
 * apart, so
 * that reports never stop a till. Guesses of passwords and codes are counted in the database instead (budget_take).
 * Private to app/.
 * Units: *_s seconds */
#pragma once
#include "app/app_state.h"

/* REFUSED: credentials that were wrong */
typedef enum LimitClass { LIMIT_LOOKUP, LIMIT_CHANGE, LIMIT_REFUSED } LimitClass;
typedef struct LimitState { const char *name; int64_t most, window_s, left, reset_s; bool is_over; } LimitState;

Err limit_start(App *app, Arena *a);
void limit_stop(App *app);
/* Takes one. `who` is one bit of enum Who, `id` the key, session or hashed address. */
LimitState limit_take(App *app, unsigned who, uint64_t id, LimitClass class, int64_t now);
