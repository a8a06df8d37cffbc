/* world_more - what a World has behind its open part; private to src/test. */
#pragma once
#include "test/world.h"
#include <jansson.h>
#include <pthread.h>

typedef struct WorldMore {
    World w;                            /* first: a World * is a WorldMore * */
    DbEngine engine;
    uint64_t seed;
    int64_t starts;
    char url[400], crash_point[40];
    Str other_token;
    Arena server;                       /* what the running server keeps */
    Arena answer;                       /* of the last call */
    /* the next call */
    Str next_key;
    bool has_next_key;
    HttpHeader next_headers[8]; int64_t next_header_count;
    /* waiting for an answer that another thread finishes */
    pthread_mutex_t lock;
    pthread_cond_t finished;
    json_t *json;                       /* of the last body, parsed when first asked for */
} WorldMore;

void world_json_forget(WorldMore *m);
json_t *world_json(World *w);           /* the last body; fails the test when it is not JSON */
Str world_text(World *w, const char *pointer);          /* a text or a number, as text; until the next call */
_Noreturn void world_stop(const char *format, ...) __attribute__((format(printf, 1, 2)));
