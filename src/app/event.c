#include "app/outbox.h"
#include <assert.h>

typedef struct Listener { const EventType *event; const Handler **handlers; int64_t count; } Listener;
struct Listeners {
    Arena *arena;
    int64_t room;
    LIST_OF(Listener) events;
    LIST_OF(const Handler *) handlers;
};

static Listener *listener_of(Listeners *l, const EventType *event) {
    for (int64_t i = 0; i < l->events.count; i++)
        if (l->events.items[i].event == event) return &l->events.items[i];
    l->events.items[l->events.count] = (Listener){ event, NEW_LIST(l->arena, const Handler *, l->room), 0 };
    return &l->events.items[l->events.count++];
}

void listeners_add(Listeners *l, const Handler *handler) {
    assert(l->handlers.count < l->room);
    l->handlers.items[l->handlers.count++] = handler;
    Listener *listener = listener_of(l, handler->event);
    listener->handlers[listener->count++] = handler;
}

Listeners *listeners_make(Arena *a) {
    Listeners *l = NEW(a, Listeners);
    l->arena = a;
    l->room = LISTENERS_ADDED_MAX;
    for (int64_t i = 0; i < slice_all_count(); i++) l->room += slice_all(i)->handler_count;
    l->handlers.items = NEW_LIST(a, const Handler *, l->room);
    l->events.items = NEW_LIST(a, Listener, l->room);
    for (int64_t i = 0; i < slice_all_count(); i++)
        for (int64_t j = 0; j < slice_all(i)->handler_count; j++) listeners_add(l, &slice_all(i)->handlers[j]);
    return l;
}

const Handler *listeners_find(const Listeners *l, Str handler_name) {
    for (int64_t i = 0; i < l->handlers.count; i++)
        if (str_is(handler_name, l->handlers.items[i]->name)) return l->handlers.items[i];
    return NULL;
}

static Err outbox_insert(Ctx *c, const Handler *handler, int64_t subject_id, Str payload) {
    return db_exec(c,
                   "INSERT INTO outbox (merchant_id, id, handler, event, subject_id, payload, tries, next_at, problem)"
                   " VALUES ($1, $2, $3, $4, $5, $6, 0, $7, '')",
                   ARGS(id_new(c), handler->name, handler->event->name, subject_id, payload, c->now));
}

Err emit(Ctx *c, const EventType *event, int64_t subject_id, const void *payload) {
    assert(db_in_unit(c));
    const Listeners *l = outbox_listeners(c->app->state->outbox);
    for (int64_t i = 0; i < l->events.count; i++) {
        const Listener *listener = &l->events.items[i];
        if (listener->event != event) continue;
        Buf text = { .arena = c->arena };
        json_print(&text, event->payload, payload);
        int64_t lanes = 0;
        for (int64_t j = 0; j < listener->count; j++) {
            if (listener->handlers[j]->wants != NULL && !listener->handlers[j]->wants(c)) continue;
            TRY(outbox_insert(c, listener->handlers[j], subject_id, buf_str(&text)));
            lanes |= 1 << (listener->handlers[j]->prepare ? LANE_FAR : LANE_NEAR);
        }
        if (lanes != 0) after_commit(c, outbox_wake, c->merchant_id, lanes);
        return OK;
    }
    return OK;
}

bool outbox_is_outage(const Ctx *c, Err err) {
    return err == E_BUSY && (!c->problem.code || str_starts(str_of(c->problem.code), S("store.")));
}

int64_t outbox_delay_ms(int64_t id, int64_t tries) {
    int64_t delay_ms = OUTBOX_DELAY_MS;
    for (int64_t i = 1; i < tries && delay_ms < OUTBOX_DELAY_MAX_MS; i++) delay_ms *= 2;
    if (delay_ms > OUTBOX_DELAY_MAX_MS) delay_ms = OUTBOX_DELAY_MAX_MS;
    /* Spread by what is at hand, not by chance: a replayed run waits the same. */
    uint64_t mix = ((uint64_t)id ^ (uint64_t)tries << 56) * UINT64_C(0x9E3779B97F4A7C15);
    return delay_ms - delay_ms / 8 + (int64_t)(mix >> 33) % (delay_ms / 4);
}

void events_print(Buf *b) {
    Listeners *l = listeners_make(b->arena);
    for (int64_t i = 0; i < l->events.count; i++) {
        buf_print(b, "%s {", l->events.items[i].event->name);
        const Fields *payload = l->events.items[i].event->payload;
        for (int64_t j = 0; j < payload->count; j++) buf_print(b, "%s%s", j ? ", " : "", payload->field[j].name);
        buf_cstr(b, "}\n");
        for (int64_t j = 0; j < l->events.items[i].count; j++)
            buf_print(b, "    -> %s\n", l->events.items[i].handlers[j]->name);
    }
}
