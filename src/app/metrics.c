/* metrics - 指标: counters of the process as Prometheus text at /metrics; /healthz (the process answers) and /readyz
 * (it may be given traffic). Counting is a few relaxed atomic additions.
 * Owns:   nothing in the database
 * Units:  seconds in the text, as Prometheus asks
 * Calls:  nobody
 * Emits:  nothing
 * Holds:  labels are route patterns and codes, never values
 * Errors: metrics.private */
#include "app/id.h"
#include "app/job.h"
#include "app/log.h"
#include "app/outbox.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const int statuses[] = { 200, 201, 204, 206, 301, 302, 304, 400, 401, 403, 404, 405, 406, 408,
                                409, 412, 413, 414, 415, 422, 428, 429, 431, 500, 501, 503, 504, 0 };
static const int64_t edges_us[] = { 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 5000000 };
enum { STATUS_COUNT = sizeof statuses / sizeof statuses[0], EDGE_COUNT = sizeof edges_us / sizeof edges_us[0] };

typedef struct RouteCount {
    const Route *route;                                 /* NULL: requests that no route matched */
    _Atomic int64_t by_status[STATUS_COUNT], by_edge[EDGE_COUNT + 1], us;
} RouteCount;
typedef struct SliceRange { const Route *from, *to; RouteCount *at; } SliceRange;
struct Metrics {
    RouteCount *counts; int64_t count;
    SliceRange *ranges; int64_t range_count;
    int64_t started_ms;
};
typedef struct Metrics Metrics;

Err metrics_start(App *app, Arena *a) {
    Metrics *m = NEW(a, Metrics);
    int64_t routes = 0;
    for (int64_t i = 0; i < slice_all_count(); i++) routes += slice_all(i)->route_count;
    m->counts = calloc((size_t)routes + 1, sizeof *m->counts);
    if (!m->counts) abort();
    m->ranges = NEW_LIST(a, SliceRange, slice_all_count());
    m->count = 1;                                       /* the first is for what no route matched */
    for (int64_t i = 0; i < slice_all_count(); i++) {
        const Slice *slice = slice_all(i);
        if (slice->route_count == 0) continue;
        m->ranges[m->range_count++] =
            (SliceRange){ slice->routes, slice->routes + slice->route_count, &m->counts[m->count] };
        for (int64_t j = 0; j < slice->route_count; j++) m->counts[m->count++].route = &slice->routes[j];
    }
    m->started_ms = app_now(app);
    app->state->metrics = m;
    return OK;
}

void metrics_stop(App *app) {
    if (!app->state->metrics) return;
    free(app->state->metrics->counts);
    app->state->metrics = NULL;
}

static RouteCount *count_of(const Metrics *m, const Route *route) {
    for (int64_t i = 0; route && i < m->range_count; i++)
        if (route >= m->ranges[i].from && route < m->ranges[i].to) return m->ranges[i].at + (route - m->ranges[i].from);
    return &m->counts[0];
}

static void add(_Atomic int64_t *counter, int64_t value) {
    atomic_fetch_add_explicit(counter, value, memory_order_relaxed);
}

void metrics_request(App *app, const Route *route, int status, int64_t took_us) {
    RouteCount *count = count_of(app->state->metrics, route);
    int64_t s = 0, e = 0;
    while (statuses[s] != 0 && statuses[s] != status) s++;
    while (e < EDGE_COUNT && took_us > edges_us[e]) e++;
    add(&count->by_status[s], 1);
    add(&count->by_edge[e], 1);
    add(&count->us, took_us);
}

/* ---- the text ---- */

static void head(Buf *b, const char *name, const char *kind, const char *help) {
    buf_print(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

static void one(Buf *b, const char *name, const char *kind, const char *help, int64_t value) {
    head(b, name, kind, help);
    buf_print(b, "%s %lld\n", name, (long long)value);
}

/* Micro- and milliseconds as seconds, without floating point. */
static void seconds(Buf *b, const char *name, const char *kind, const char *help, int64_t us) {
    head(b, name, kind, help);
    buf_print(b, "%s %lld.%06lld\n", name, (long long)(us / 1000000), (long long)(us % 1000000));
}

static void label(Buf *b, const char *name, const Route *route) {
    buf_print(b, "%s{method=\"%s\",route=\"%s\"", name, route ? route->method : "", route ? route->path : "");
}

static void requests_print(const Metrics *m, Buf *b) {
    head(b, "laoke_requests_total", "counter", "Requests by route and status");
    for (int64_t i = 0; i < m->count; i++)
        for (int64_t s = 0; s < STATUS_COUNT; s++) {
            int64_t value = m->counts[i].by_status[s];
            if (value == 0) continue;
            label(b, "laoke_requests_total", m->counts[i].route);
            buf_print(b, ",status=\"%d\"} %lld\n", statuses[s], (long long)value);
        }
    head(b, "laoke_request_seconds", "histogram", "Time from the last byte of a request to its answer");
    for (int64_t i = 0; i < m->count; i++) {
        const RouteCount *count = &m->counts[i];
        int64_t total = 0, all = 0;
        for (int64_t e = 0; e <= EDGE_COUNT; e++) all += count->by_edge[e];
        if (all == 0) continue;
        for (int64_t e = 0; e < EDGE_COUNT; e++) {
            total += count->by_edge[e];
            label(b, "laoke_request_seconds_bucket", count->route);
            buf_print(b, ",le=\"%lld.%06lld\"} %lld\n", (long long)(edges_us[e] / 1000000),
                      (long long)(edges_us[e] % 1000000), (long long)total);
        }
        label(b, "laoke_request_seconds_bucket", count->route);
        buf_print(b, ",le=\"+Inf\"} %lld\n", (long long)all);
        label(b, "laoke_request_seconds_sum", count->route);
        buf_print(b, "} %lld.%06lld\n", (long long)(count->us / 1000000), (long long)(count->us % 1000000));
        label(b, "laoke_request_seconds_count", count->route);
        buf_print(b, "} %lld\n", (long long)all);
    }
}

static void store_print(App *app, Buf *b) {
    DbStats s = db_stats(app->db);
    one(b, "laoke_db_ready", "gauge", "1: reads work and the disk takes writes", db_is_ready(app->db));
    one(b, "laoke_db_writable", "gauge", "0 while the disk refuses writes", s.is_writable);
    one(b, "laoke_units_total", "counter", "Units of work that were run", s.units);
    one(b, "laoke_units_refused_total", "counter", "Units that were refused", s.refused);
    one(b, "laoke_units_retried_total", "counter", "Units that were run again", s.retries);
    one(b, "laoke_commits_total", "counter", "Commits; units divided by commits is the mean group", s.commits);
    one(b, "laoke_group_units_max", "gauge", "Most units in one commit", s.group_units_max);
    one(b, "laoke_queue_units", "gauge", "Units that wait for the writer", s.queue_now);
    one(b, "laoke_wal_pages", "gauge", "Pages in the write-ahead log", s.wal_pages);
    seconds(b, "laoke_commit_seconds_total", "counter", "Time spent in commits", s.commit_us_total);
}

static Err beside_print(Ctx *c, void *arg) {
    Buf *b = arg;
    OutboxStats o;
    JobStats j;
    TRY(outbox_stats(c, &o));
    TRY(job_stats(c, &j));
    one(b, "laoke_outbox_waiting", "gauge", "Deliveries that wait", o.waiting);
    one(b, "laoke_outbox_dead", "gauge", "Dead letters", o.dead);
    seconds(b, "laoke_outbox_lag_seconds", "gauge", "Age of the oldest waiting delivery", o.lag_ms * 1000);
    one(b, "laoke_outbox_delivered_total", "counter", "Deliveries with effect", o.delivered);
    one(b, "laoke_outbox_refused_total", "counter", "Refused deliveries", o.failed);
    one(b, "laoke_outbox_died_total", "counter", "Deliveries that became dead letters", o.died);
    one(b, "laoke_jobs_ran_total", "counter", "Runs of jobs", j.ran);
    one(b, "laoke_jobs_refused_total", "counter", "Refused runs of jobs", j.failed);
    one(b, "laoke_jobs_due", "gauge", "Jobs that are due", j.waiting);
    return OK;
}

static int64_t resident_bytes(void) {
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file) return 0;
    long long size = 0, resident = 0;
    if (fscanf(file, "%lld %lld", &size, &resident) != 2) resident = 0;
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE);
}

static void process_print(App *app, Buf *b) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    int64_t cpu_us = (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec +
                     usage.ru_stime.tv_usec;
    seconds(b, "process_cpu_seconds_total", "counter", "Processor time of this process", cpu_us);
    one(b, "process_resident_memory_bytes", "gauge", "Resident memory", resident_bytes());
    one(b, "process_start_time_seconds", "gauge", "Start of the process, unix time",
        app->state->metrics->started_ms / 1000);
    int64_t ahead_ms = id_ms((int64_t)atomic_load(&app->ids.last)) - app_now(app);
    one(b, "laoke_id_node", "gauge", "Node number of this process", app->ids.node);
    one(b, "laoke_id_ahead_ms", "gauge", "How far ids run ahead of the clock", ahead_ms > 0 ? ahead_ms : 0);
    one(b, "laoke_log_dropped_total", "counter", "Log lines dropped",
        app->state->log ? log_dropped(app->state->log) : 0);
}

/* ---- routes ---- */

static bool is_near(Str ip) { return ip.len == 0 || str_starts(ip, S("127.")) || str_is(ip, "::1"); }

static Err get_metrics(Ctx *c, const void *body, void *ret) {
    (void)body, (void)ret;
    if (!is_near(c->client_ip) && !(c->auth && auth_may(c, "metrics.read")))
        return fail(c, E_DENIED, "metrics.private", "指标只对本机或有权限的账号开放",
                    "metrics are for this machine or with permission metrics.read");
    Buf b = { .arena = c->arena };
    requests_print(c->app->state->metrics, &b);
    store_print(c->app, &b);
    TRY(app_read(c, beside_print, &b));
    process_print(c->app, &b);
    c->raw->status = 200;
    c->raw->content_type = S("text/plain; version=0.0.4; charset=utf-8");
    c->raw->body = buf_str(&b);
    return OK;
}

static Err get_healthz(Ctx *c, const void *body, void *ret) {
    (void)body, (void)ret;
    c->raw->status = 200;
    c->raw->content_type = S("text/plain; charset=utf-8");
    c->raw->body = S("ok\n");
    return OK;
}

static Err get_readyz(Ctx *c, const void *body, void *ret) {
    (void)body, (void)ret;
    bool is_ready = db_is_ready(c->app->db);
    c->raw->status = is_ready ? 200 : 503;
    c->raw->content_type = S("text/plain; charset=utf-8");
    c->raw->body = is_ready ? S("ready\n") : S("the database does not take writes\n");
    return OK;
}

static const Route metrics_routes[] = {
    { "GET", "/metrics", "Prometheus metrics", WHO_PUBLIC | WHO_STAFF | WHO_PARTNER, NULL, NULL, NULL,
      .run = get_metrics, .flags = ROUTE_RAW },
    { "GET", "/healthz", "The process answers", WHO_PUBLIC, NULL, NULL, NULL, .run = get_healthz,
      .flags = ROUTE_RAW | ROUTE_PLAIN },
    { "GET", "/readyz", "The server can be given traffic", WHO_PUBLIC, NULL, NULL, NULL, .run = get_readyz,
      .flags = ROUTE_RAW | ROUTE_PLAIN | ROUTE_SLOW },
};
const Slice metrics_slice = { .name = "metrics", .routes = metrics_routes, .route_count = COUNT_OF(metrics_routes) };
