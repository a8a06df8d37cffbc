/* Any bytes as a request to the whole application: every answer is complete, every refusal is problem+json with a code, and none is
 * a defect of ours (500).
 *   first line: METHOD PATH?QUERY; then header lines "name: value"; an empty line; the body
 * "authorization: owner" stands for the owner's token, so that what lies behind the door is tried too. */
#include "test/world.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Waiting { pthread_mutex_t lock; pthread_cond_t end; bool is_done; } Waiting;

static World *world;
static Waiting waiting;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    world = world_open(DB_SQLITE, 1);
    pthread_mutex_init(&waiting.lock, NULL);
    pthread_cond_init(&waiting.end, NULL);
    return 0;
}

static void on_suspend(Call *call) { call->is_suspended = true; }

static void on_finish(Call *call) {
    Waiting *w = call->server;
    pthread_mutex_lock(&w->lock);
    w->is_done = true;
    pthread_cond_signal(&w->end);
    pthread_mutex_unlock(&w->lock);
}

static void must(bool is_true, const char *what, const Call *call) {
    if (is_true) return;
    fprintf(stderr, "%s: status %d: %.*s\n", what, call->out.status, (int)call->out.body.len, call->out.body.at);
    abort();
}

static void lower(Str name) {
    for (int64_t i = 0; i < name.len; i++) {
        char *at = (char *)name.at + i;
        if (*at >= 'A' && *at <= 'Z') *at = (char)(*at | 0x20);
    }
}

static void fill(Arena *a, Str text, Request *r) {
    Str line, target, name, value;
    str_cut(text, '\n', &line, &text);
    str_cut(line, ' ', &r->method, &target);
    str_cut(target, '?', &r->path, &r->query);
    while (str_cut(text, '\n', &line, &text) && line.len > 0) {
        if (!str_cut(line, ':', &name, &value) || r->header_count == HTTP_HEADERS_MAX) continue;
        lower(name);
        value = str_trim(value);
        bool is_owner = str_is(name, "authorization") && str_is(value, "owner");
        if (is_owner) value = arena_print(a, "Bearer %.*s", (int)world->owner_token.len, world->owner_token.at);
        r->headers[r->header_count++] = (HttpHeader){ name, value };
    }
    r->body = line.len == 0 ? text : (Str){ 0 };
    r->client_ip = S("192.0.2.1");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    Call *call = NEW(&a, Call);
    *call = (Call){ .arena = &a, .suspend = on_suspend, .finish = on_finish, .server = &waiting };
    fill(&a, arena_str(&a, (Str){ (const char *)data, (int64_t)size }), &call->in);
    waiting.is_done = false;
    app_handle(call, world->app);
    pthread_mutex_lock(&waiting.lock);
    while (!waiting.is_done) pthread_cond_wait(&waiting.end, &waiting.lock);
    pthread_mutex_unlock(&waiting.lock);
    call_complete(call);
    must(call->out.status >= 200 && call->out.status < 500, "a defect", call);
    if (call->out.status >= 400) {
        must(json_is_valid(call->out.body), "a refusal that is not JSON", call);
        must(str_find(call->out.body, S("\"code\":\"")) > 0, "a refusal without a code", call);
    }
    if (call->out.file.len > 0 && call->out.is_file_temporary) unlink(arena_cstr(&a, call->out.file));
    arena_free(&a);
    return 0;
}
