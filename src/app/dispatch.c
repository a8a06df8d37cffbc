/* dispatch - 分发: the one way every request takes. Read ask_go() first.
 *
 * On SQLite reads run where they arrive, on the HTTP thread; writes are parsed and prepared there and then queue to
 * the writer.
 * Slow preparations, uploads, exports, signed requests (their nonce is a unit of its own), and on PostgreSQL
 * everything under
 * /v1, run on a worker thread. Answers are printed by whoever owns the Call, never by the writer, except where the
 * transaction stores them (ROUTE_ONCE). */
#include <string.h>
#include <time.h>
#include "app/ask.h"
#include "app/assets.h"
#include "app/auth.h"

enum { SLOW_LOG_US = 300 * 1000 };

static int64_t clock_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- the end ---- */

/* Writes call->out; runs on whichever thread owns the Call. */
static void ask_print(Call *call) {
    Ask *ask = call->user;
    Ctx *c = &ask->c;
    if (ask->err != OK && ask->is_once && !ask->is_replay && ask->err != E_BUSY) ask->err = once_again(ask);
    if (!ask->is_answered) {
        if (ask->err == OK)
            reply_success(ask);
        else
            reply_problem(c, &call->out, ask->err);
    }
    reply_common(ask);
    int64_t took_us = clock_us() - ask->began_us;
    const Route *route = ask->way == NULL ? NULL : ask->way->route;
    metrics_request(ask->app, route, call->out.status, took_us);
    bool is_worth_a_line = call->out.status >= 400 || took_us > SLOW_LOG_US || (ask->way != NULL && ask->way->is_write);
    if (is_worth_a_line) log_request(c, route, call->out.status, took_us);
}

static void ask_end(Ask *ask, Err err) {
    ask->err = err;
    ask->c.auth = NULL;
    auth_entry_release(ask->entry);
    ask->entry = NULL;
    ask->call->complete = ask_print;
    if (!ask->call->is_suspended || ask->is_on_worker) call_complete(ask->call);
    call_finish(ask->call);
}

/* ---- the deed ---- */

static Err check_deadline(Ask *ask) {
    if (app_now(ask->app) - ask->c.now <= REQUEST_MS) return OK;
    ask->c.problem.retry_after_s = 2;
    return fail(&ask->c, E_BUSY, "request.timeout", "系统太忙，这次没有处理，请重试",
                "too busy: nothing was done in time; try again");
}

static Err check_arena(Ctx *c) {
    if (c->arena->used <= ARENA_BUDGET) return OK;
    return fail(c, E_INVALID, "request.too_large", "这个请求要处理的内容太多，请分批",
                "this request asks for too much at once; split it");
}

static Err moved(Ctx *c) {
    return fail(c, E_STALE, "edit.moved", "内容已被别人修改，请重新读取", "it was changed meanwhile; read it again");
}

/* An edit raises the version by one, or changes nothing: anything else: the caller had read another version. */
static Err check_version(Ask *ask) {
    const Way *way = ask->way;
    if (way->version_out == NULL || ask->if_match < 0) return OK;
    int64_t version;
    memcpy(&version, (const char *)ask->out + way->version_out->offset, sizeof version);
    return version == ask->if_match + 1 || version == ask->if_match ? OK : moved(&ask->c);
}

static Err run_route(Ask *ask) {
    Ctx *c = &ask->c;
    const Route *route = ask->way->route;
    int64_t size = route->out == NULL ? 1 : route->out->size;
    ask->out = arena_take(c->arena, size, 16);
    if ((route->flags & ROUTE_RAW) != 0) c->raw = NEW(c->arena, RawReply);
    TRY(route->run(c, ask->in, ask->out));
    return check_arena(c);
}

static Err unit_run(Ctx *c, void *arg) {
    Ask *ask = arg;
    const Route *route = ask->way->route;
    ask->body = (Str){ 0 };
    TRY(check_deadline(ask));
    if (ask->is_stale_last && route->prepare != NULL) TRY(route->prepare(c, ask->in));
    TRY(run_route(ask));
    TRY(check_version(ask));
    if (!ask->is_once) return OK;
    Buf b = { .arena = c->arena };
    if (route->out != NULL) json_print(&b, route->out, ask->out);
    ask->body = buf_str(&b);
    return once_store(ask);
}

static Err prepare_run(Ctx *c, void *arg) {
    Ask *ask = arg;
    if (ask->is_once) TRY(once_look(ask));
    return ask->is_replay ? OK : ask->way->route->prepare(c, ask->in);
}

static Err ask_prepare(Ask *ask) {
    if (ask->way->route->prepare == NULL || ask->is_stale_last) return OK;
    TRY(app_read(&ask->c, prepare_run, ask));
    return check_arena(&ask->c);
}

static Err read_run(Ctx *c, void *arg) {
    Ask *ask = arg;
    if (ask->way->route->prepare != NULL) TRY(ask->way->route->prepare(c, ask->in));
    if (ask->export_kind != EXPORT_NONE) return export_run(ask);
    return run_route(ask);
}

static void start_unit(Ask *ask);

/* What the unit relied on has moved: prepare again from what stands now; the last time inside the unit, where nothing
 * moves. */
static void prepare_again(Work *work) {
    Ask *ask = work->user;
    ask->is_on_worker = true;
    problem_clear(&ask->c);
    ask->c.plan = NULL;
    ask->is_stale_last = ++ask->stale_runs >= STALE_RUNS_MAX;
    Err err = ask_prepare(ask);
    if (err != OK || ask->is_replay)
        ask_end(ask, err);
    else
        start_unit(ask);
}

static void after_unit(Ask *ask, Err err) {
    if (err == OK)
        pending_run(ask->app, &ask->c);
    else
        pending_drop(&ask->c);
    bool is_again = err == E_STALE && ask->way->route->prepare != NULL && !ask->is_stale_last && ask->if_match < 0;
    if (!is_again) {
        ask_end(ask, err);
        return;
    }
    if (!ask->call->is_suspended) call_suspend(ask->call); /* PostgreSQL in-process: still on the caller's thread */
    ask->is_on_worker = false;
    ask->work = (Work){ .run = prepare_again, .user = ask };
    if (!worker_put(ask->app, &ask->work)) ask_end(ask, err);
}

static void unit_done(Unit *unit) {
    Ask *ask = unit->user;
    after_unit(ask, unit->err);
}

static void start_unit(Ask *ask) {
    ask->unit = (Unit){ .c = &ask->c, .run = unit_run, .arg = ask, .done = unit_done, .user = ask };
    if (ask->is_on_worker && db_engine(ask->app->db) == DB_POSTGRES) {
        after_unit(ask, db_unit(ask->app->db, &ask->c, unit_run, ask));
        return;
    }
    ask->is_on_worker = false; /* the writer answers: this thread prepares the next, so that commits stay shared */
    if (!ask->call->is_suspended) call_suspend(ask->call);
    db_unit_start(ask->app->db, &ask->unit); /* from here on the Ask may be gone already */
}

/* ---- the way ---- */

static Err over_limit(Ask *ask) {
    ask->c.problem.retry_after_s = ask->limit.reset_s > 0 ? ask->limit.reset_s : 1;
    fail_number(&ask->c, "limit", ask->limit.most);
    fail_number(&ask->c, "window_s", ask->limit.window_s);
    return fail(&ask->c, E_LIMIT, "limit.rate", "请求太频繁，每 %lld 秒最多 %lld 次",
                "too many requests; %lld seconds allow %lld", (long long)ask->limit.window_s,
                (long long)ask->limit.most);
}

static uint64_t caller_id(const Ask *ask) {
    const Auth *auth = ask->c.auth;
    if (auth->key_id != 0) return (uint64_t)auth->key_id;
    if (auth->session_id != 0) return (uint64_t)auth->session_id;
    return str_hash(ask->call->in.client_ip);
}

/* Who, and how often. Wrong credentials are counted by address, so that guessing is slow even without a look-up. */
static Err ask_door(Ask *ask) {
    Ctx *c = &ask->c;
    Err err = ask_who(ask);
    if (err == E_UNKNOWN_WHO && c->problem.code != NULL && !str_is(str_of(c->problem.code), "auth.needed")) {
        ask->limit = limit_take(ask->app, WHO_PUBLIC, str_hash(ask->call->in.client_ip), LIMIT_REFUSED, c->now);
        if (ask->limit.is_over) {
            problem_clear(c);
            return over_limit(ask);
        }
    }
    TRY(err);
    if (!str_starts(ask->call->in.path, S("/v1/"))) return OK;
    LimitClass class = ask->way->is_write ? LIMIT_CHANGE : LIMIT_LOOKUP;
    ask->limit = limit_take(ask->app, c->auth->who, caller_id(ask), class, c->now);
    return ask->limit.is_over ? over_limit(ask) : OK;
}

/* A log-in form names no merchant: the login name does. */
static Err find_login(Ctx *c, void *arg) {
    Ask *ask = arg;
    const Str *login = (const void *)((const char *)ask->in + ask->way->login_in->offset);
    int64_t merchant_id = 0;
    TRY(login_find(c, *login, &merchant_id));
    if (merchant_id != 0) c->merchant_id = merchant_id;
    return OK;
}

static Err ask_open(Ask *ask) {
    TRY(ask_door(ask));
    TRY(ask_parse(ask));
    bool is_named =
        request_header(&ask->call->in, "laoke-merchant").len > 0 || str_find(ask->call->in.query, S("merchant=")) >= 0;
    if (ask->way->login_in != NULL && ask->c.auth->who == WHO_PUBLIC && !is_named)
        TRY(app_read(&ask->c, find_login, ask));
    if ((ask->way->route->flags & ROUTE_ONCE) != 0) TRY(once_open(ask));
    return OK;
}

static void ask_go(Ask *ask) {
    Err err = ask_open(ask);
    if (err != OK || ask->is_replay) {
        ask_end(ask, err);
        return;
    }
    if ((ask->way->route->flags & ROUTE_PLAIN) != 0) {
        ask_end(ask, run_route(ask));
        return;
    }
    if (!ask->way->is_write) {
        ask_end(ask, app_read(&ask->c, read_run, ask));
        return;
    }
    err = ask_prepare(ask);
    if (err != OK || ask->is_replay)
        ask_end(ask, err);
    else
        start_unit(ask);
}

static void ask_work(Work *work) {
    Ask *ask = work->user;
    ask->is_on_worker = true;
    Err late = check_deadline(ask);
    if (late != OK)
        ask_end(ask, late);
    else
        ask_go(ask);
}

static bool needs_worker(Ask *ask) {
    const Route *route = ask->way->route;
    const Request *in = &ask->call->in;
    if ((route->flags & (ROUTE_SLOW | ROUTE_UPLOAD)) != 0) return true;
    bool may_prove = (route->flags & ROUTE_PROOF) != 0;
    if (may_prove && (str_find(in->body, S("\"pin\"")) >= 0 || str_find(in->body, S("\"code\"")) >= 0)) return true;
    if (db_engine(ask->app->db) == DB_POSTGRES) return str_starts(in->path, S("/v1/"));
    if (request_header(in, "x-laoke-key").len > 0) return true;
    return request_export(ask->c.arena, in, ask->way) != EXPORT_NONE;
}

/* ---- what no route serves ---- */

static Str asset_type(Str path) {
    static const struct {
        const char *end, *type;
    } types[] = {
        { ".html", "text/html; charset=utf-8" },
        { ".js", "text/javascript; charset=utf-8" },
        { ".css", "text/css; charset=utf-8" },
        { ".svg", "image/svg+xml" },
        { ".png", "image/png" },
        { ".ico", "image/x-icon" },
        { ".json", "application/json" },
        { ".woff2", "font/woff2" },
        { ".txt", "text/plain; charset=utf-8" },
        { ".webmanifest", "application/manifest+json" },
    };
    for (int64_t i = 0; i < COUNT_OF(types); i++) {
        if (str_ends(path, str_of(types[i].end))) return str_of(types[i].type);
    }
    return S("application/octet-stream");
}

static const Asset *asset_find(Str path, const char *ending) {
    for (int64_t i = 0; i < assets_count; i++) {
        Str have = str_of(assets_table[i].path);
        if (have.len != path.len + (int64_t)strlen(ending) || !str_starts(have, path)) continue;
        if (str_ends(have, str_of(ending))) return &assets_table[i];
    }
    return NULL;
}

/* The pages of console and till find their way by themselves: what a browser opens is answered with the page whose part
 * of the address it is. Programs do not ask for HTML, and are told that there is nothing. */
static Str page_of(const Request *in) {
    Str path = in->path;
    if (str_is(path, "/docs") || str_is(path, "/docs/")) return S("/docs/index.html");
    if (str_is(path, "/docs/errors")) return S("/docs/errors.html");      /* `type` of a refusal */
    if (str_is(path, "/")) return S("/index.html");
    bool is_file = str_starts(path, S("/v1/")) || str_starts(path, S("/assets/")) || str_find_char(path, '.') >= 0;
    if (is_file || str_find(request_header(in, "accept"), S("text/html")) < 0) return path;
    return str_is(path, "/till") || str_starts(path, S("/till/")) ? S("/till.html") : S("/index.html");
}

/* Packed at build time beside the file: NAME.br, NAME.gz. */
static const Asset *asset_packed(Ask *ask, Str path, const Asset *plain) {
    Str accepts = request_header(&ask->call->in, "accept-encoding");
    const Asset *br = asset_find(path, ".br"), *gz = asset_find(path, ".gz");
    if (br == NULL && gz == NULL) return plain;
    reply_header(&ask->call->out, "Vary", S("Accept-Encoding"));
    bool is_br = br != NULL && str_find(accepts, S("br")) >= 0;
    if (!is_br && (gz == NULL || str_find(accepts, S("gzip")) < 0)) return plain;
    reply_header(&ask->call->out, "Content-Encoding", is_br ? S("br") : S("gzip"));
    return is_br ? br : gz;
}

static bool serve_asset(Ask *ask) {
    const Request *in = &ask->call->in;
    Reply *out = &ask->call->out;
    if (!str_is(in->method, "GET") && !str_is(in->method, "HEAD")) return false;
    Str path = page_of(in);
    const Asset *asset = asset_find(path, "");
    if (asset == NULL) return false;
    asset = asset_packed(ask, path, asset);
    out->status = 200;
    out->body = (Str){ (const char *)asset->at, asset->len };
    out->content_type = asset_type(path);
    bool is_hashed = str_starts(path, S("/assets/")), is_docs = str_starts(path, S("/docs/"));
    Str keep = is_hashed ? S("public, max-age=31536000, immutable") : S("no-cache");
    if (is_docs && !str_ends(path, S(".html"))) keep = S("public, max-age=3600");
    reply_header(out, "Cache-Control", keep);
    reply_header(out, "Referrer-Policy", S("same-origin"));
    reply_header(out, "X-Frame-Options", S("DENY"));
    reply_header(
        out, "Content-Security-Policy",
        S("default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
          "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"));
    ask->is_answered = true;
    return true;
}

/* No route: a file of ours, OPTIONS, another method, or nothing. */
static Err no_way(Ask *ask) {
    Ctx *c = &ask->c;
    if (serve_asset(ask)) return OK;
    if (ask->match.verbs == 0)
        return fail(c, E_NOT_FOUND, "route.not_found", "没有这个地址", "there is nothing at this address");
    Str allow = routes_allow(c->arena, ask->match.verbs);
    reply_header(&ask->call->out, "Allow", allow);
    if (!str_is(ask->call->in.method, "OPTIONS"))
        return fail(c, E_INVALID, "route.method", "这个地址不支持这种方法，可用：%s",
                    "this address does not know this method; it knows %s", arena_cstr(c->arena, allow));
    ask->call->out.status = 204;
    ask->is_answered = true;
    return OK;
}

void app_handle(Call *call, void *user) {
    App *app = user;
    Ask *ask = NEW(call->arena, Ask);
    Ctx *c = &ask->c;
    ask->call = call;
    ask->app = app;
    ask->if_match = -1;
    ask->began_us = clock_us();
    call->user = ask;
    app_ctx(app, call->arena, 0, (Actor){ ACTOR_NOBODY, 0 }, c);
    c->lang = request_lang(&call->in);
    c->request_id = request_id_of(c, &call->in);
    c->client_ip = call->in.client_ip;
    c->device = request_header(&call->in, "x-device-id");
    routes_match(app, call->in.method, call->in.path, &ask->match);
    ask->way = ask->match.way;
    if (ask->way == NULL) {
        ask_end(ask, no_way(ask));
        return;
    }
    c->route = ask->way->route;
    if (!needs_worker(ask)) {
        ask_go(ask);
        return;
    }
    call_suspend(call);
    ask->work = (Work){ .run = ask_work, .user = ask };
    if (worker_put(app, &ask->work)) return;
    c->problem.retry_after_s = 1;
    ask_end(ask, fail(c, E_BUSY, "server.busy", "服务器正忙，请稍后再试", "the server is busy; try again"));
}

bool app_is_upload(Str method, Str path, void *user) {
    RouteMatch match;
    routes_match(user, method, path, &match);
    return match.way != NULL && (match.way->route->flags & ROUTE_UPLOAD) != 0;
}
