/* The way of a request, through in-process HTTP. The routes tried here are the test's own and those of the house; the
 * rows that
 * they write are nonces of a key that does not exist. */
#include "app/ask.h"
#include "app/assets.h"
#include "test/test.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TRY_KEY = 77, TRY_STALE_MOST = 10 };

typedef struct TryIn {
    int64_t thing_id, size, count;
    Str name, cursor;
    int64_t limit;
    bool is_short;
    IntList ids;
} TryIn;
static const Field try_in_field[] = {
    FIELD_ID(TryIn, thing_id),
    FIELD(TryIn, size, .min = 0, .max = 100),
    FIELD(TryIn, name, .need = true, .max = 10),
    FIELD(TryIn, is_short),
    FIELD(TryIn, ids),
};
static const Fields try_in_fields = FIELDS(TryIn, try_in_field);
static const Field try_list_in_field[] = {
    FIELD(TryIn, count),
    FIELD(TryIn, cursor),
    FIELD(TryIn, limit, .min = 0, .max = PAGE_MAX),
    FIELD(TryIn, ids),
};
static const Fields try_list_in_fields = FIELDS(TryIn, try_list_in_field);
static const Field try_path_field[] = { FIELD_ID(TryIn, thing_id, .need = true), FIELD(TryIn, name) };
static const Fields try_path_fields = FIELDS(TryIn, try_path_field);

typedef struct TryOut {
    int64_t thing_id, count;
    Str name;
} TryOut;
static const Field try_out_field[] = { FIELD_ID(TryOut, thing_id), FIELD(TryOut, count), FIELD(TryOut, name) };
static const Fields try_out_fields = FIELDS(TryOut, try_out_field);
typedef struct TryPage {
    LIST_OF(TryOut) items;
    Str next_cursor;
} TryPage;
static const Field try_page_field[] = { FIELD_LIST(TryPage, items, try_out_fields), FIELD(TryPage, next_cursor) };
static const Fields try_page_fields = FIELDS(TryPage, try_page_field);

static Err count_things(Ctx *c, int64_t *ret_count) {
    return db_int(c, "SELECT COUNT(*) FROM key_nonce WHERE merchant_id = $1 AND key_id = $2", ARGS((int64_t)TRY_KEY),
                  ret_count);
}

static Err post_thing(Ctx *c, const void *body, void *ret) {
    const TryIn *in = body;
    TryOut *out = ret;
    bool is_new;
    out->thing_id = id_new(c);
    out->name = in->name;
    TRY(nonce_insert(c, TRY_KEY, arena_bytes(c->arena, &out->thing_id, 8), INT64_MAX, &is_new));
    if (in->is_short) return fail(c, E_CONFLICT, "try.short", "不够", "too short");
    return count_things(c, &out->count);
}

/* As a slice would: the second of two twins would be refused, for the first one took what there was. */
static Err post_last(Ctx *c, const void *body, void *ret) {
    int64_t count;
    TRY(count_things(c, &count));
    if (count > 0) return fail(c, E_CONFLICT, "try.none_left", "没有了", "none left");
    return post_thing(c, body, ret);
}

static Err get_count(Ctx *c, [[maybe_unused]] const void *in, void *ret) {
    TryOut *out = ret;
    return count_things(c, &out->count);
}

/* Lists `count` numbers. */
static Err get_things(Ctx *c, const void *query, void *ret) {
    const TryIn *in = query;
    TryPage *page = ret;
    int64_t from, limit = in->limit == 0 ? PAGE_DEFAULT : in->limit;
    TRY(page_open(c, in->cursor, &from, NULL));
    page->items.items = NEW_LIST(c->arena, TryOut, limit);
    while (page->items.count < limit && from < in->count) {
        from++;
        page->items.items[page->items.count++] =
            (TryOut){ from, from, arena_print(c->arena, "第%lld个", (long long)from) };
    }
    if (from < in->count) page->next_cursor = page_cursor(c, from, 0);
    return OK;
}

static Err post_wordless(Ctx *c, const void *in, void *ret) {
    TRY(post_thing(c, in, ret));
    return E_CONFLICT;
}

static Err post_hungry(Ctx *c, const void *in, void *ret) {
    TRY(post_thing(c, in, ret));
    memset(arena_take(c->arena, ARENA_BUDGET + 1, 1), 1, 1);
    return OK;
}

/* Stale as often as the body says. The plan counts how often prepare ran; a plan inside the unit ends it. */
typedef struct TryPlan {
    int64_t prepared;
    bool is_inside;
} TryPlan;
static Err prepare_stale(Ctx *c, [[maybe_unused]] const void *body) {
    TryPlan *plan = NEW(c->arena, TryPlan);
    plan->is_inside = db_in_unit(c);
    c->plan = plan;
    return OK;
}
static Err post_stale(Ctx *c, const void *body, void *ret) {
    const TryIn *in = body;
    const TryPlan *plan = c->plan;
    TryOut *out = ret;
    out->count = plan->is_inside;
    if (in->size >= TRY_STALE_MOST || !plan->is_inside) return fail(c, E_STALE, "try.moved", "变了", "moved");
    return OK;
}

static const Route try_routes[] = {
    { "POST", "/v1/try/things", "t", WHO_STAFF | WHO_POS, "try.write", &try_in_fields, &try_out_fields, NULL,
      post_thing, ROUTE_ONCE | ROUTE_CREATED },
    { "POST", "/v1/try/last", "t", WHO_STAFF, "try.write", &try_in_fields, &try_out_fields, NULL, post_last,
      ROUTE_ONCE },
    { "POST", "/v1/try/plain", "t", WHO_STAFF, "try.write", &try_in_fields, &try_out_fields, NULL, post_thing, 0 },
    { "POST", "/v1/try/things/{thing_id}", "t", WHO_STAFF, "try.write", &try_in_fields, &try_out_fields, NULL,
      post_thing, 0 },
    { "GET", "/v1/try/things/{thing_id}", "t", WHO_STAFF, "try.read", &try_path_fields, &try_out_fields, NULL,
      get_count, 0 },
    { "GET", "/v1/try/things", "t", WHO_STAFF, "try.read", &try_list_in_fields, &try_page_fields, NULL, get_things,
      ROUTE_LIST },
    { "GET", "/v1/try/count", "t", WHO_STAFF, "try.read", NULL, &try_out_fields, NULL, get_count, 0 },
    { "POST", "/v1/try/wordless", "t", WHO_STAFF, "try.write", &try_in_fields, &try_out_fields, NULL, post_wordless,
      0 },
    { "POST", "/v1/try/hungry", "t", WHO_STAFF, "try.write", &try_in_fields, &try_out_fields, NULL, post_hungry, 0 },
    { "POST", "/v1/try/stale", "t", WHO_STAFF, "try.write", &try_in_fields, &try_out_fields, prepare_stale, post_stale,
      0 },
    { "DELETE", "/v1/try/things", "t", WHO_STAFF, "try.write", &try_list_in_fields, NULL, NULL, get_count, 0 },
};
static const Slice try_slice = { .name = "try", .routes = try_routes, .route_count = COUNT_OF(try_routes) };

static void try_open(World *w) { routes_add(w->app, w->app->state->arena, &try_slice); }

static int64_t things(World *w) {
    world_get(w, "/v1/try/count");
    assert_int_equal(w->status, 200);
    return world_int(w, "/count");
}

static Str header(World *w, const char *name) {
    for (int64_t i = 0; i < w->reply.header_count; i++) {
        if (str_is(w->reply.headers[i].name, name)) return w->reply.headers[i].value;
    }
    return S("");
}

static void assert_code(World *w, int status, const char *code) {
    if (w->status != status || !str_is(w->code, code))
        fail_msg("want %d %s, have %d %.*s", status, code, w->status, (int)w->body.len, w->body.at);
    assert_true(str_is(w->reply.content_type, "application/problem+json"));
}

/* The complaint about `pointer` has `code`. */
static void assert_complaint(World *w, const char *pointer, const char *code) {
    for (int64_t i = 0; i < world_count(w, "/errors"); i++) {
        char at[60];
        snprintf(at, sizeof at, "/errors/%d/pointer", (int)i);
        if (!str_is(world_str(w, at), pointer)) continue;
        snprintf(at, sizeof at, "/errors/%d/code", (int)i);
        if (str_is(world_str(w, at), code)) return;
    }
    fail_msg("no complaint %s about %s: %.*s", code, pointer, (int)w->body.len, w->body.at);
}

/* ---- addresses ---- */

TEST(addresses_and_methods_that_do_not_exist_are_told_apart) {
    try_open(w);
    world_get(w, "/v1/nothing");
    assert_code(w, 404, "route.not_found");
    world_get(w, "/v1/try/things/");
    assert_code(w, 404, "route.not_found");
    world_send(w, "PATCH", "/v1/try/things", S("{}"));
    assert_code(w, 405, "route.method");
    assert_string_equal(arena_cstr(&w->arena, header(w, "Allow")), "GET, HEAD, POST, DELETE, OPTIONS");
    world_send(w, "OPTIONS", "/v1/try/things", S(""));
    assert_int_equal(w->status, 204);
    assert_string_equal(arena_cstr(&w->arena, header(w, "Allow")), "GET, HEAD, POST, DELETE, OPTIONS");
    world_send(w, "BREW", "/v1/try/things", S(""));
    assert_code(w, 405, "route.method");
    world_send(w, "HEAD", "/v1/try/count", S(""));
    assert_int_equal(w->status, 200);
    world_get(w, "/v1/try/things/%d?name=x", 5);
    assert_int_equal(w->status, 200);
    world_get(w, "/v1/try/things/abc?name=x");
    assert_code(w, 404, "not_found");
    world_get(w, "/v1/try/things/99999999999999999999?name=x");
    assert_code(w, 404, "not_found");
    world_get(w, "/v1/try/things/1%%2F2?name=x");
    assert_code(w, 404, "not_found");
}

TEST(every_reply_carries_its_headers) {
    try_open(w);
    world_header(w, "x-request-id", "till-3.77_A");
    world_get(w, "/v1/try/count");
    assert_string_equal(arena_cstr(&w->arena, header(w, "X-Request-Id")), "till-3.77_A");
    assert_string_equal(arena_cstr(&w->arena, header(w, "Cache-Control")), "no-store");
    assert_string_equal(arena_cstr(&w->arena, header(w, "X-Content-Type-Options")), "nosniff");
    assert_true(header(w, "RateLimit").len > 0 && header(w, "RateLimit-Policy").len > 0);
    world_header(w, "x-request-id", "a b\"");
    world_get(w, "/v1/nothing");
    Str id = header(w, "X-Request-Id");
    assert_true(str_starts(id, S("req_")) && id.len == 20);
    assert_true(str_equal(id, world_str(w, "/request_id")));
    assert_string_equal(arena_cstr(&w->arena, header(w, "Cache-Control")), "no-store");
}

TEST(refusals_speak_the_language_that_was_asked_for) {
    world_get(w, "/v1/nothing");
    assert_string_equal(arena_cstr(&w->arena, world_str(w, "/detail")), "没有这个地址");
    world_header(w, "accept-language", "fr, en-US;q=0.8, zh;q=0.5");
    world_get(w, "/v1/nothing");
    assert_string_equal(arena_cstr(&w->arena, world_str(w, "/detail")), "there is nothing at this address");
    assert_string_equal(arena_cstr(&w->arena, world_str(w, "/title")), "Not found");
    world_header(w, "accept-language", "en;q=0, de");
    world_get(w, "/v1/nothing");
    assert_string_equal(arena_cstr(&w->arena, header(w, "Content-Language")), "zh");
}

/* ---- bodies ---- */

TEST(all_complaints_about_a_body_come_at_once) {
    try_open(w);
    world_send(w, "POST", "/v1/try/plain",
               S("{\"size\":101,\"colour\":1,\"is_short\":\"yes\",\"thing_id\":\"x\",\"ids\":[\"1\",2]}"));
    assert_code(w, 422, "body.invalid");
    assert_complaint(w, "/size", "field.too_large");
    assert_complaint(w, "/colour", "field.unknown");
    assert_complaint(w, "/is_short", "field.wrong_type");
    assert_complaint(w, "/thing_id", "field.bad_id");
    assert_complaint(w, "/name", "field.missing");
    world_send(w, "POST", "/v1/try/plain", S("{\"name\":\"a\",\"size\":9223372036854775808}"));
    assert_code(w, 422, "body.invalid");
    assert_complaint(w, "/size", "field.too_big");
    world_send(w, "POST", "/v1/try/plain", S("{\"name\":\"a\",\"size\":1.5}"));
    assert_complaint(w, "/size", "field.not_integer");
    assert_int_equal(things(w), 0);
}

TEST(bodies_that_are_no_json_are_refused_before_anything_happens) {
    try_open(w);
    world_send(w, "POST", "/v1/try/plain", S("{\"name\":\"\xff\xfe\"}"));
    assert_code(w, 400, "body.invalid");
    world_send(w, "POST", "/v1/try/plain", S("{\"name\":\"a\""));
    assert_code(w, 400, "body.invalid");
    world_send(w, "POST", "/v1/try/plain", S("[]"));
    assert_int_equal(w->status, 422);
    Buf bomb = { .arena = &w->arena };
    for (int i = 0; i < 50000; i++) buf_cstr(&bomb, "{\"a\":");
    world_send(w, "POST", "/v1/try/plain", buf_str(&bomb));
    assert_code(w, 400, "body.invalid");
    world_header(w, "content-type", "text/plain");
    world_send(w, "POST", "/v1/try/plain", S("{\"name\":\"a\"}"));
    assert_code(w, 415, "body.not_json");
    world_header(w, "content-type", "Application/JSON; charset=utf-8");
    world_send(w, "POST", "/v1/try/plain", S("{\"name\":\"a\"}"));
    assert_int_equal(w->status, 200);
    char *big = arena_take(&w->arena, HTTP_BODY_MAX + 2, 1);
    memset(big, ' ', HTTP_BODY_MAX + 1);
    world_send(w, "POST", "/v1/try/plain", (Str){ big, HTTP_BODY_MAX + 1 });
    assert_code(w, 413, "body.too_large");
    world_send(w, "POST", "/v1/try/plain", S(""));
    assert_code(w, 422, "body.invalid");
    assert_complaint(w, "/name", "field.missing");
    assert_int_equal(things(w), 1);
}

TEST(what_the_path_says_cannot_be_said_again_in_the_body) {
    try_open(w);
    world_send(w, "POST", "/v1/try/things/5", S("{\"name\":\"a\",\"thing_id\":\"6\"}"));
    assert_code(w, 422, "body.invalid");
    assert_complaint(w, "/thing_id", "field.read_only");
    world_send(w, "POST", "/v1/try/things/5?name=b", S("{\"name\":\"a\"}"));
    assert_complaint(w, "/name", "field.unknown");
    world_send(w, "POST", "/v1/try/things/5", S("{\"name\":\"a\"}"));
    assert_int_equal(w->status, 200);
}

TEST(unknown_and_repeated_query_parameters_are_complaints) {
    try_open(w);
    world_get(w, "/v1/try/things?count=3&colour=1&count=4");
    assert_code(w, 422, "body.invalid");
    assert_complaint(w, "/colour", "field.unknown");
    assert_complaint(w, "/count", "field.duplicate");
    world_get(w, "/v1/try/things?count=%%33&ids=1,2&format=json");
    assert_int_equal(w->status, 200);
    assert_int_equal(world_count(w, "/items"), 3);
    world_get(w, "/v1/try/things?limit=201");
    assert_complaint(w, "/limit", "field.too_large");
    world_get(w, "/v1/try/things?ids=1,%%ff");
    assert_code(w, 422, "body.invalid");
}

/* ---- refusals ---- */

TEST(a_refused_unit_leaves_no_trace_and_a_refusal_without_words_is_a_defect) {
    try_open(w);
    world_post(w, "/v1/try/plain", "{\"name\":\"a\",\"is_short\":true}");
    assert_code(w, 409, "try.short");
    world_post(w, "/v1/try/wordless", "{\"name\":\"a\"}");
    assert_code(w, 500, "internal");
    world_post(w, "/v1/try/hungry", "{\"name\":\"a\"}");
    assert_code(w, 413, "request.too_large");
    assert_int_equal(things(w), 0);
}

TEST(stale_plans_are_made_again_and_at_last_inside_the_unit) {
    try_open(w);
    world_post(w, "/v1/try/stale", "{\"name\":\"a\",\"size\":0}");
    assert_int_equal(w->status, 200);
    assert_int_equal(world_int(w, "/count"), 1);
    world_post(w, "/v1/try/stale", "{\"name\":\"a\",\"size\":%d}", (int)TRY_STALE_MOST);
    assert_code(w, 412, "try.moved");
}

/* ---- once ---- */

TEST(the_same_request_with_the_same_key_is_done_once_and_answered_alike) {
    try_open(w);
    world_key(w, "k-1");
    world_post(w, "/v1/try/things", "{\"name\":\"a\"}");
    assert_int_equal(w->status, 201);
    Str first = arena_str(&w->arena, w->body);
    assert_int_equal(header(w, "Idempotency-Replayed").len, 0);
    world_pass(w, 2 * DAY_MS);
    world_key(w, "k-1");
    world_post(w, "/v1/try/things", "{\"name\":\"a\"}");
    assert_int_equal(w->status, 201);
    assert_true(str_equal(first, w->body));
    assert_true(str_is(header(w, "Idempotency-Replayed"), "true"));
    assert_int_equal(things(w), 1);
    world_key(w, "k-1");
    world_post(w, "/v1/try/things", "{\"name\":\"b\"}");
    assert_code(w, 422, "idempotency.reused");
    world_key(w, "k-2");
    world_post(w, "/v1/try/things", "{\"name\":\"a\"}");
    assert_int_equal(w->status, 201);
    assert_int_equal(things(w), 2);
}

TEST(a_key_is_needed_and_refusals_do_not_use_it_up) {
    try_open(w);
    world_key(w, "");
    world_post(w, "/v1/try/things", "{\"name\":\"a\"}");
    assert_code(w, 400, "idempotency.missing");
    world_key(w, "not visible");
    world_post(w, "/v1/try/things", "{\"name\":\"a\"}");
    assert_code(w, 400, "idempotency.missing");
    world_key(w, "k");
    world_post(w, "/v1/try/things", "{\"name\":\"a\",\"is_short\":true}");
    assert_code(w, 409, "try.short");
    world_key(w, "k");
    world_post(w, "/v1/try/things", "{\"name\":\"a\"}");
    assert_int_equal(w->status, 201);
    assert_int_equal(things(w), 1);
}

TEST(a_refused_second_try_gets_the_answer_of_the_first) {
    try_open(w);
    world_key(w, "k");
    world_post(w, "/v1/try/last", "{\"name\":\"a\"}");
    assert_int_equal(w->status, 200);
    world_key(w, "k");
    world_post(w, "/v1/try/last", "{\"name\":\"a\"}");
    assert_int_equal(w->status, 200);
    assert_true(str_is(header(w, "Idempotency-Replayed"), "true"));
    world_key(w, "other");
    world_post(w, "/v1/try/last", "{\"name\":\"a\"}");
    assert_code(w, 409, "try.none_left");
}

/* ---- twins: many callers at the same instant ---- */

enum { TWINS = 8 };
typedef struct Twin {
    World *w;
    pthread_t thread;
    int status;
    Str body;
    Arena arena;
    pthread_mutex_t lock;
    pthread_cond_t end;
    bool is_done;
} Twin;

static void twin_suspend(Call *call) { call->is_suspended = true; }
static void twin_finish(Call *call) {
    Twin *twin = call->server;
    pthread_mutex_lock(&twin->lock);
    twin->is_done = true;
    pthread_cond_signal(&twin->end);
    pthread_mutex_unlock(&twin->lock);
}

static void *twin_main(void *arg) {
    Twin *twin = arg;
    Call *call = NEW(&twin->arena, Call);
    *call = (Call){ .arena = &twin->arena, .suspend = twin_suspend, .finish = twin_finish, .server = twin };
    call->in = (Request){
        .method = S("POST"), .path = S("/v1/try/things"), .body = S("{\"name\":\"twin\"}"), .client_ip = S("::1")
    };
    call->in.headers[0] = (HttpHeader){ S("authorization"), arena_print(&twin->arena, "Bearer %.*s",
                                                                        (int)twin->w->token.len, twin->w->token.at) };
    call->in.headers[1] = (HttpHeader){ S("content-type"), S("application/json") };
    call->in.headers[2] = (HttpHeader){ S("idempotency-key"), S("twins") };
    call->in.header_count = 3;
    app_handle(call, twin->w->app);
    pthread_mutex_lock(&twin->lock);
    while (!twin->is_done) pthread_cond_wait(&twin->end, &twin->lock);
    pthread_mutex_unlock(&twin->lock);
    call_complete(call);
    twin->status = call->out.status;
    twin->body = call->out.body;
    return NULL;
}

TEST(twins_that_come_at_the_same_instant_are_done_once) {
    try_open(w);
    Twin twins[TWINS];
    for (int i = 0; i < TWINS; i++) {
        twins[i] = (Twin){ .w = w };
        arena_init(&twins[i].arena, ARENA_BUDGET);
        pthread_mutex_init(&twins[i].lock, NULL);
        pthread_cond_init(&twins[i].end, NULL);
        assert_int_equal(pthread_create(&twins[i].thread, NULL, twin_main, &twins[i]), 0);
    }
    for (int i = 0; i < TWINS; i++) pthread_join(twins[i].thread, NULL);
    for (int i = 0; i < TWINS; i++) {
        assert_int_equal(twins[i].status, 201);
        assert_true(str_equal(twins[i].body, twins[0].body));
    }
    for (int i = 0; i < TWINS; i++) arena_free(&twins[i].arena);
    assert_int_equal(things(w), 1);
}

/* ---- lists ---- */

TEST(cursors_lead_through_a_list_and_cannot_be_made_up) {
    try_open(w);
    world_get(w, "/v1/try/things?count=120&limit=50");
    assert_int_equal(world_count(w, "/items"), 50);
    Str cursor = world_str(w, "/next_cursor");
    world_get(w, "/v1/try/things?count=120&limit=50&cursor=%.*s", (int)cursor.len, cursor.at);
    assert_int_equal(world_int(w, "/items/0/count"), 51);
    char forged[64];
    snprintf(forged, sizeof forged, "%.*s", (int)cursor.len, cursor.at);
    forged[10] = forged[10] == 'A' ? 'B' : 'A';
    world_get(w, "/v1/try/things?count=120&cursor=%s", forged);
    assert_code(w, 400, "page.cursor");
    world_get(w, "/v1/audit?cursor=%.*s", (int)cursor.len, cursor.at);      /* one list's place is none in another */
    assert_code(w, 400, "page.cursor");
    world_get(w, "/v1/try/things?count=120&cursor=%%00");
    assert_int_equal(w->status, 422);
}

static Str file_text(World *w, Str path) {
    FILE *file = fopen(arena_cstr(&w->arena, path), "r");
    assert_non_null(file);
    char *at = arena_take(&w->arena, 1 << 20, 1);
    int64_t len = (int64_t)fread(at, 1, 1 << 20, file);
    fclose(file);
    unlink(arena_cstr(&w->arena, path));
    return (Str){ at, len };
}

TEST(any_list_leaves_whole_as_csv_and_xlsx) {
    try_open(w);
    world_get(w, "/v1/try/things?count=450&format=csv");
    assert_int_equal(w->status, 200);
    assert_true(str_starts(w->reply.content_type, S("text/csv")));
    Str text = file_text(w, w->reply.file);
    assert_true(str_starts(text, S("\xef\xbb\xbfthing_id,count,name\r\n1,1,第1个\r\n")));
    assert_true(str_ends(text, S("450,450,第450个\r\n")));
    world_header(w, "accept", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    world_get(w, "/v1/try/things?count=450");
    assert_int_equal(w->status, 200);
    assert_true(str_starts(file_text(w, w->reply.file), S("PK")));
    world_get(w, "/v1/try/things?count=450&format=pdf");
    assert_code(w, 422, "body.invalid");
    world_get(w, "/v1/try/things?count=%d&format=csv", (int)EXPORT_ROWS_MAX + 1);
    assert_code(w, 422, "export.too_many");
    assert_int_equal(world_int(w, "/numbers/rows_max"), EXPORT_ROWS_MAX);
}

/* ---- limits ---- */

TEST(too_many_changes_are_slowed_down_but_lookups_go_on) {
    try_open(w);
    w->app->config.is_unlimited = false;
    int refused = 0;
    for (int i = 0; i < 1000 && refused == 0; i++) {
        world_post(w, "/v1/try/plain", "{\"name\":\"a\",\"is_short\":true}");
        refused = w->status == 429;
    }
    assert_code(w, 429, "limit.rate");
    assert_true(header(w, "Retry-After").len > 0);
    assert_int_equal(world_int(w, "/retryable"), 1);
    things(w);
    world_pass(w, 1000);
    world_post(w, "/v1/try/plain", "{\"name\":\"a\",\"is_short\":true}");
    assert_code(w, 409, "try.short");
}

/* ---- documents ---- */

TEST(the_api_describes_itself) {
    world_as(w, S(""));
    world_get(w, "/openapi.json");
    assert_int_equal(w->status, 200);
    assert_true(str_is(world_str(w, "/openapi"), "3.1.0"));
    assert_true(world_has(w, "/paths/~1v1~1whoami") || w->body.len > 1000);
    Buf again = { .arena = &w->arena };
    openapi_print(&again);
    assert_true(str_equal(buf_str(&again), w->body));
    for (int64_t i = 0; i < routes_count(w->app); i++) {
        const Route *route = routes_at(w->app, i)->route;
        assert_true(str_find(w->body, arena_print(&w->arena, "\"%s\":{", route->path)) >= 0);
    }
    if (assets_count == 0) return;
    world_get(w, "/docs");
    assert_int_equal(w->status, 200);
    assert_true(str_find(header(w, "Content-Security-Policy"), S("script-src 'self'")) > 0);
    world_get(w, "/docs/errors");
    assert_true(str_find(w->body, S("<tr id=\"route.not_found\">")) > 0);
}

TEST(a_browser_gets_a_page_and_a_program_a_refusal) {
    if (assets_count == 0) return;
    world_as(w, S(""));
    world_get(w, "/");
    assert_int_equal(w->status, 200);
    assert_true(str_starts(w->reply.content_type, S("text/html")));
    assert_true(str_find(header(w, "Content-Security-Policy"), S("script-src 'self'")) > 0);
    Str console = w->body;
    world_header(w, "accept", "text/html,*/*");
    world_get(w, "/members/1");
    assert_true(w->status == 200 && str_equal(w->body, console));
    world_header(w, "accept", "text/html,*/*");
    world_get(w, "/till");
    assert_true(w->status == 200 && !str_equal(w->body, console));
    world_get(w, "/members/1");
    assert_int_equal(w->status, 404);
    for (int64_t i = 0; i < assets_count; i++) {
        Str path = str_of(assets_table[i].path);
        if (!str_starts(path, S("/assets/")) || !str_ends(path, S(".js.gz"))) continue;
        path = str_slice(path, 0, path.len - 3);
        world_header(w, "accept-encoding", "gzip");
        world_get(w, "%.*s", (int)path.len, path.at);
        assert_true(str_is(header(w, "Content-Encoding"), "gzip") && w->body.len == assets_table[i].len);
        assert_true(str_find(header(w, "Cache-Control"), S("immutable")) > 0);
        world_get(w, "%.*s", (int)path.len, path.at);
        assert_true(header(w, "Content-Encoding").len == 0 && w->body.len > assets_table[i].len);
        return;
    }
}
