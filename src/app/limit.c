#include "app/limit.h"
#include <stdlib.h>

enum { SETS = 8192, WAYS = 4, LOCKS = 64, WINDOW_S = 60 };

/* A bucket holds credits: one request costs WINDOW_S * 1000 of them and `most` flow in every millisecond, so all is
 * exact. */
typedef struct Bucket {
    uint64_t key;
    int64_t credits, at;
} Bucket;
typedef struct Limits Limits;
struct Limits {
    pthread_mutex_t locks[LOCKS];
    Bucket sets[SETS][WAYS];
};

typedef struct LimitRow {
    unsigned who;
    int64_t most[3];
} LimitRow; /* per minute, by LimitClass */
static const LimitRow limit_rows[] = {
    { WHO_POS, { 60000, 20000, 60 } }, { WHO_PARTNER, { 60000, 20000, 60 } }, { WHO_STAFF, { 3000, 900, 60 } },
    { WHO_MEMBER, { 600, 120, 60 } },  { WHO_PUBLIC, { 600, 120, 60 } },
};
static const char *const class_names[] = { "lookup", "change", "refused" };

Err limit_start(App *app, [[maybe_unused]] Arena *a) {
    Limits *limits = calloc(1, sizeof *limits);
    if (limits == NULL) return E_BUSY;
    for (int64_t i = 0; i < LOCKS; i++) pthread_mutex_init(&limits->locks[i], NULL);
    app->state->limits = limits;
    return OK;
}

void limit_stop(App *app) {
    Limits *limits = app->state->limits;
    if (limits == NULL) return;
    for (int64_t i = 0; i < LOCKS; i++) pthread_mutex_destroy(&limits->locks[i]);
    free(limits);
    app->state->limits = NULL;
}

/* The bucket of `key`; a new one takes the place of the one that has rested longest (a full one, if there is any rest
 * at all). */
static Bucket *bucket_find(Bucket *set, uint64_t key, int64_t full, int64_t now) {
    Bucket *oldest = &set[0];
    for (int64_t i = 0; i < WAYS; i++) {
        if (set[i].key == key) return &set[i];
        if (set[i].at < oldest->at) oldest = &set[i];
    }
    *oldest = (Bucket){ key, full, now };
    return oldest;
}

LimitState limit_take(App *app, unsigned who, uint64_t id, LimitClass class, int64_t now) {
    const LimitRow *row = &limit_rows[COUNT_OF(limit_rows) - 1];
    for (int64_t i = 0; i < COUNT_OF(limit_rows); i++) {
        if (limit_rows[i].who == who) row = &limit_rows[i];
    }
    LimitState state = { .name = class_names[class], .most = row->most[class], .window_s = WINDOW_S };
    uint64_t key = (id ^ ((uint64_t)who << 56 | (uint64_t) class << 48)) * UINT64_C(0x9e3779b97f4a7c15);
    key = (key ^ (key >> 32)) | 1;
    int64_t price = WINDOW_S * 1000, full = state.most * price;
    Limits *limits = app->state->limits;
    uint64_t place = key >> 8;
    pthread_mutex_t *lock = &limits->locks[place % LOCKS];
    pthread_mutex_lock(lock);
    Bucket *bucket = bucket_find(limits->sets[place % SETS], key, full, now);
    int64_t passed = now > bucket->at ? now - bucket->at : 0;
    if (passed > price) passed = price;
    bucket->credits += passed * state.most;
    if (bucket->credits > full) bucket->credits = full;
    if (now > bucket->at) bucket->at = now;
    state.is_over = bucket->credits < price;
    if (!state.is_over) bucket->credits -= price;
    int64_t credits = bucket->credits;
    pthread_mutex_unlock(lock);
    state.left = credits / price;
    int64_t missing = state.is_over ? price - credits : full - credits;
    state.reset_s = (missing + state.most * 1000 - 1) / (state.most * 1000);
    if (app->config.is_unlimited) state.is_over = false;
    return state;
}
