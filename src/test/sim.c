#include "test/test.h"
#include "test/sim.h"
#include "test/world_more.h"
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { NAME_BYTES = 32, BAGS_MAX = 64, NUMBERS_ROOM = 1 << 20, STAGED_MAX = 4096 };
#define POOL_IDS ((int64_t)8 << 20)

typedef struct Bag { char name[NAME_BYTES]; int64_t from, count, room; } Bag;
typedef struct Number { uint64_t key; int64_t value; } Number;
typedef enum StageKind { STAGE_KEEP, STAGE_DROP, STAGE_ADD, STAGE_SET } StageKind;
typedef struct Stage { StageKind kind; char name[NAME_BYTES]; int64_t id, value; } Stage;

struct SimModel {
    Bag bags[BAGS_MAX]; int64_t bag_count;
    int64_t pool_used;
    int64_t number_count;
    Stage staged[STAGED_MAX]; int64_t staged_count;
    Number numbers[NUMBERS_ROOM];
    int64_t pool[POOL_IDS];
};
typedef struct SimModel SimModel;

SimModel *sim_model_new(void) {
    void *at = mmap(NULL, sizeof(SimModel), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) world_stop("no memory for the model");
    return at;
}

void sim_model_free(SimModel *model) { munmap(model, sizeof *model); }

_Noreturn void sim_fail(const Sim *s, const char *format, ...) {
    char text[2000];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    world_stop("step %lld (%s): %s\n  answer %d: %.*s", (long long)s->step, s->action ? s->action : "", text,
               s->w->status, (int)s->w->body.len, s->w->body.at);
}

/* ---- calls ---- */

static void must_be_worded(const Sim *s) {
    if (s->w->status >= 500) sim_fail(s, "a refusal that nobody put into words");
}

__attribute__((format(printf, 4, 0)))
static void send(Sim *s, const char *method, const char *path, const char *format, va_list args) {
    char body[8192], key[80];
    int len = vsnprintf(body, sizeof body, format, args);
    if (len < 0 || len >= (int)sizeof body) sim_fail(s, "a body of %d bytes", len);
    snprintf(key, sizeof key, "sim-%lld-%lld", (long long)s->step, (long long)s->calls++);
    world_key(s->w, key);
    world_send(s->w, method, path, (Str){ body, len });
    must_be_worded(s);
}

void sim_post(Sim *s, const char *path, const char *body_format, ...) {
    va_list args;
    va_start(args, body_format);
    send(s, "POST", path, body_format, args);
    va_end(args);
}

void sim_send(Sim *s, const char *method, const char *path, const char *body_format, ...) {
    va_list args;
    va_start(args, body_format);
    send(s, method, path, body_format, args);
    va_end(args);
}

void sim_get(Sim *s, const char *path_format, ...) {
    char path[1000];
    va_list args;
    va_start(args, path_format);
    vsnprintf(path, sizeof path, path_format, args);
    va_end(args);
    world_send(s->w, "GET", path, S(""));
    must_be_worded(s);
}

bool sim_was_done(const Sim *s) { return s->w->status >= 200 && s->w->status < 300; }

/* ---- the model ---- */

static void stage(Sim *s, StageKind kind, const char *name, int64_t id, int64_t value) {
    SimModel *m = s->model;
    if (m->staged_count == STAGED_MAX) sim_fail(s, "more than %d changes of the model in a step", STAGED_MAX);
    Stage *one = &m->staged[m->staged_count++];
    *one = (Stage){ .kind = kind, .id = id, .value = value };
    snprintf(one->name, sizeof one->name, "%s", name);
}

void sim_keep(Sim *s, const char *bag, int64_t id) { stage(s, STAGE_KEEP, bag, id, 0); }
void sim_drop(Sim *s, const char *bag, int64_t id) { stage(s, STAGE_DROP, bag, id, 0); }
void sim_add(Sim *s, const char *what, int64_t id, int64_t delta) { stage(s, STAGE_ADD, what, id, delta); }
void sim_set(Sim *s, const char *what, int64_t id, int64_t value) { stage(s, STAGE_SET, what, id, value); }
void sim_step_drop(Sim *s) { s->model->staged_count = 0; }

static Bag *bag_find(const SimModel *m, const char *name) {
    for (int64_t i = 0; i < m->bag_count; i++)
        if (strcmp(m->bags[i].name, name) == 0) return (Bag *)(uintptr_t)&m->bags[i];
    return NULL;
}

static void bag_add(Sim *s, const char *name, int64_t id) {
    SimModel *m = s->model;
    Bag *bag = bag_find(m, name);
    if (!bag) {
        if (m->bag_count == BAGS_MAX) sim_fail(s, "more than %d bags", BAGS_MAX);
        bag = &m->bags[m->bag_count++];
        *bag = (Bag){ 0 };
        snprintf(bag->name, sizeof bag->name, "%s", name);
    }
    if (bag->count == bag->room) {
        int64_t room = bag->room ? bag->room * 2 : 64;
        if (m->pool_used + room > POOL_IDS) sim_fail(s, "the bags are full");
        memcpy(&m->pool[m->pool_used], &m->pool[bag->from], (size_t)bag->count * sizeof m->pool[0]);
        bag->from = m->pool_used;
        bag->room = room;
        m->pool_used += room;
    }
    m->pool[bag->from + bag->count++] = id;
}

static void bag_remove(SimModel *m, const char *name, int64_t id) {
    Bag *bag = bag_find(m, name);
    for (int64_t i = 0; bag && i < bag->count; i++)
        if (m->pool[bag->from + i] == id) {
            m->pool[bag->from + i] = m->pool[bag->from + --bag->count];
            return;
        }
}

static Number *number_place(const SimModel *m, const char *what, int64_t id) {
    uint64_t key = (str_hash(str_of(what)) ^ (uint64_t)id) * UINT64_C(0x9E3779B97F4A7C15) | 1;
    uint64_t i = key >> 40;
    while (m->numbers[i & (NUMBERS_ROOM - 1)].key != 0 && m->numbers[i & (NUMBERS_ROOM - 1)].key != key) i++;
    Number *place = (Number *)(uintptr_t)&m->numbers[i & (NUMBERS_ROOM - 1)];
    if (place->key == 0 && m->number_count < NUMBERS_ROOM / 2) place->key = key;
    return place;
}

void sim_step_end(Sim *s) {
    SimModel *m = s->model;
    for (int64_t i = 0; i < m->staged_count; i++) {
        const Stage *one = &m->staged[i];
        switch (one->kind) {
        case STAGE_KEEP: bag_add(s, one->name, one->id); break;
        case STAGE_DROP: bag_remove(m, one->name, one->id); break;
        case STAGE_ADD: number_place(m, one->name, one->id)->value += one->value; break;
        case STAGE_SET: number_place(m, one->name, one->id)->value = one->value; break;
        }
    }
    m->staged_count = 0;
}

int64_t sim_size(const Sim *s, const char *bag) {
    const Bag *found = bag_find(s->model, bag);
    return found ? found->count : 0;
}

int64_t sim_at(const Sim *s, const char *bag, int64_t i) { return s->model->pool[bag_find(s->model, bag)->from + i]; }

int64_t sim_pick(Sim *s, const char *bag) {
    int64_t count = sim_size(s, bag);
    return count == 0 ? 0 : sim_at(s, bag, rng_below(s->rng, count));
}

int64_t sim_number(const Sim *s, const char *what, int64_t id) { return number_place(s->model, what, id)->value; }
