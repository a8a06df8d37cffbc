#include "test/test.h"
#include "test/world_more.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the next call ---- */

void world_key(World *w, const char *idempotency_key) {
    WorldMore *m = (WorldMore *)w;
    m->next_key = arena_str(&w->arena, str_of(idempotency_key));
    m->has_next_key = true;
}

void world_header(World *w, const char *name, const char *value) {
    WorldMore *m = (WorldMore *)w;
    assert_true(m->next_header_count < (int64_t)(sizeof m->next_headers / sizeof m->next_headers[0]));
    char *lower = arena_take(&w->arena, (int64_t)strlen(name) + 1, 1);
    for (int64_t i = 0; name[i]; i++) lower[i] = (char)tolower((unsigned char)name[i]);
    m->next_headers[m->next_header_count++] = (HttpHeader){ str_of(lower), arena_str(&w->arena, str_of(value)) };
}

void world_as(World *w, Str token) { w->token = arena_str(&w->arena, token); }

__attribute__((format(printf, 2, 0)))
static Str text_of(World *w, const char *format, va_list args) {
    if (!format) format = "";
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *at = arena_take(&w->arena, len + 1, 1);
    vsnprintf(at, (size_t)len + 1, format, args);
    return (Str){ at, len };
}

const char *world_path(World *w, const char *format, ...) {
    va_list args;
    va_start(args, format);
    Str text = text_of(w, format, args);
    va_end(args);
    return text.at;
}

/* ---- in-process HTTP ---- */

static void on_suspend(Call *call) { call->is_suspended = true; }

static void on_finish(Call *call) {
    WorldMore *m = call->server;
    pthread_mutex_lock(&m->lock);
    call->is_finished = true;
    pthread_cond_signal(&m->finished);
    pthread_mutex_unlock(&m->lock);
}

static void add_header(Request *r, Str name, Str value) {
    assert_true(r->header_count < HTTP_HEADERS_MAX);
    r->headers[r->header_count++] = (HttpHeader){ name, value };
}

static void fill_request(WorldMore *m, Request *r, Arena *a, const char *method, const char *path, Str body) {
    World *w = &m->w;
    r->method = arena_str(a, str_of(method));
    str_cut(arena_str(a, str_of(path)), '?', &r->path, &r->query);
    r->body = arena_str(a, body);
    r->client_ip = S("127.0.0.1");
    add_header(r, S("host"), S("shop.example"));
    if (w->token.len > 0)
        add_header(r, S("authorization"), arena_print(a, "Bearer %.*s", (int)w->token.len, w->token.at));
    bool has_type = false;
    for (int64_t i = 0; i < m->next_header_count; i++) {
        if (str_is(m->next_headers[i].name, "x-test-client-ip")) r->client_ip = m->next_headers[i].value;
        else add_header(r, m->next_headers[i].name, m->next_headers[i].value);
        has_type |= str_is(m->next_headers[i].name, "content-type");
    }
    if (body.len > 0 && !has_type) add_header(r, S("content-type"), S("application/json"));
    Str key =
        m->has_next_key ? m->next_key : arena_print(a, "test-%lld-%lld", (long long)m->starts, (long long)w->calls);
    if (strcmp(method, "POST") == 0 && key.len > 0) add_header(r, S("idempotency-key"), key);
    m->has_next_key = false;
    m->next_header_count = 0;
}

/* What the answer was, kept for the readers below. */
static void keep_answer(WorldMore *m, const Reply *reply) {
    World *w = &m->w;
    arena_reset(&m->answer);
    w->status = reply->status;
    w->reply = *reply;
    for (int64_t i = 0; i < reply->header_count; i++) {
        w->reply.headers[i].name = arena_str(&m->answer, reply->headers[i].name);
        w->reply.headers[i].value = arena_str(&m->answer, reply->headers[i].value);
    }
    w->reply.content_type = arena_str(&m->answer, reply->content_type);
    w->reply.file = arena_str(&m->answer, reply->file);
    w->body = w->reply.body = arena_str(&m->answer, reply->body);
    w->code = S("");
    world_json_forget(m);
    if (w->status >= 400 && world_has(w, "/code")) w->code = world_text(w, "/code");
}

/* The body of an upload route comes as a file, as net/ would spool it. */
static void spool(World *w, Request *r) {
    if (r->body.len == 0 || !app_is_upload(r->method, r->path, w->app)) return;
    char name[] = "/tmp/laoke-upload-XXXXXX";
    int fd = mkstemp(name);
    bool is_kept = fd >= 0 && write(fd, r->body.at, (size_t)r->body.len) == r->body.len;
    if (fd >= 0) close(fd);
    if (!is_kept) world_stop("the upload cannot be spooled to %s", name);
    r->body_file = arena_str(&w->arena, str_of(name));
    r->body = S("");
}

void world_send(World *w, const char *method, const char *path, Str body) {
    WorldMore *m = (WorldMore *)w;
    Arena arena;
    arena_init(&arena, ARENA_HARD_MAX);
    Call *call = NEW(&arena, Call);
    *call = (Call){ .arena = &arena, .suspend = on_suspend, .finish = on_finish, .server = m };
    w->calls++;
    fill_request(m, &call->in, &arena, method, path, body);
    spool(w, &call->in);
    app_handle(call, w->app);
    pthread_mutex_lock(&m->lock);
    while (!call->is_finished) pthread_cond_wait(&m->finished, &m->lock);
    pthread_mutex_unlock(&m->lock);
    call_complete(call);
    keep_answer(m, &call->out);
    if (call->in.body_file.len > 0) unlink(call->in.body_file.at);
    arena_free(&arena);
}

void world_get(World *w, const char *path_format, ...) {
    ArenaMark mark = arena_mark(&w->arena);
    va_list args;
    va_start(args, path_format);
    Str path = text_of(w, path_format, args);
    va_end(args);
    world_send(w, "GET", path.at, S(""));
    arena_back(&w->arena, mark);
}

void world_post(World *w, const char *path, const char *body_format, ...) {
    ArenaMark mark = arena_mark(&w->arena);
    va_list args;
    va_start(args, body_format);
    Str body = text_of(w, body_format, args);
    va_end(args);
    world_send(w, "POST", path, body);
    arena_back(&w->arena, mark);
}

/* ---- reading the answer ---- */

void world_json_forget(WorldMore *m) {
    if (m->json) json_decref(m->json);
    m->json = NULL;
}

static json_t *json_of(World *w) {
    WorldMore *m = (WorldMore *)w;
    json_error_t error;
    if (!m->json) m->json = json_loadb(w->body.at, (size_t)w->body.len, JSON_DECODE_ANY, &error);
    return m->json;
}

json_t *world_json(World *w) {
    json_t *json = json_of(w);
    if (!json) world_stop("the answer (%d) is not JSON: %.*s", w->status, (int)w->body.len, w->body.at);
    return json;
}

/* RFC 6901, without the escapes (our names hold neither ~ nor /). */
static json_t *at_pointer(json_t *json, const char *pointer) {
    char name[200];
    while (json && *pointer == '/') {
        const char *end = strchrnul(++pointer, '/');
        snprintf(name, sizeof name, "%.*s", (int)(end - pointer), pointer);
        json =
            json_is_array(json) ? json_array_get(json, (size_t)strtoull(name, NULL, 10)) : json_object_get(json, name);
        pointer = end;
    }
    return json;
}

static json_t *must_have(World *w, const char *pointer) {
    json_t *json = at_pointer(world_json(w), pointer);
    if (!json) world_stop("no %s in the answer (%d): %.*s", pointer, w->status, (int)w->body.len, w->body.at);
    return json;
}

bool world_has(World *w, const char *pointer) {
    json_t *json = json_of(w);
    return json && at_pointer(json, pointer) != NULL;
}

int64_t world_int(World *w, const char *pointer) {
    json_t *json = must_have(w, pointer);
    if (json_is_integer(json)) return json_integer_value(json);
    if (json_is_boolean(json)) return json_is_true(json);
    int64_t value = 0;
    if (json_is_string(json) && str_to_int(str_of(json_string_value(json)), &value)) return value;
    world_stop("%s is no number: %.*s", pointer, (int)w->body.len, w->body.at);
}

Str world_str(World *w, const char *pointer) {
    json_t *json = must_have(w, pointer);
    if (!json_is_string(json)) world_stop("%s is no text: %.*s", pointer, (int)w->body.len, w->body.at);
    return arena_str(&w->arena, str_of(json_string_value(json)));
}

Str world_text(World *w, const char *pointer) {
    const json_t *json = must_have(w, pointer);
    Arena *a = &((WorldMore *)w)->answer;
    if (json_is_string(json)) return arena_str(a, str_of(json_string_value(json)));
    return arena_print(a, "%lld", (long long)world_int(w, pointer));
}

int64_t world_count(World *w, const char *pointer) {
    json_t *json = must_have(w, pointer);
    if (!json_is_array(json)) world_stop("%s is no list: %.*s", pointer, (int)w->body.len, w->body.at);
    return (int64_t)json_array_size(json);
}
