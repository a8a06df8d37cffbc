/* event - 事件 and outbox: down is a call, up is an event. emit() writes one outbox row per listening handler, in the
 * transaction of the fact; it is delivered at least once with exactly one effect, tried again with growing delay, and
 * kept as a dead letter (GET /v1/dead-letters, retry) after OUTBOX_TRIES_MAX. An event nobody listens to writes
 * nothing.
 * Owns:   outbox        Holds: no delivery is both done and waiting (done rows are deleted with their effect) */
#pragma once
#include "base/field.h"

enum { OUTBOX_TRIES_MAX = 12 };

/* Declared in src/event/NAME.h: extern const EventType order_completed; with its payload struct and Fields. */
typedef struct EventType { const char *name; const Fields *payload; } EventType;

/* subject_id: the thing it is about (order id, member id): deliveries of one handler for one subject keep their
 * order. */
Err emit(Ctx *c, const EventType *event, int64_t subject_id, const void *payload);
