#include "app/log.h"
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LOG_ROOM = 1 << 20, LOG_KEPT_ROOM = 32 << 20, LOG_EVERY_MS = 50, LOG_LINE_MAX = 2000 };

struct Log {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    char *at, *other;           /* lines are added to `at` while the thread writes `other` */
    int64_t len, room, dropped;
    int fd;
    bool is_kept, has_thread, is_ending;
};

Log *log_open(int fd, bool is_kept) {
    Log *log = calloc(1, sizeof *log);
    if (!log) abort();
    log->room = is_kept ? LOG_KEPT_ROOM : LOG_ROOM;
    log->fd = fd;
    log->is_kept = is_kept;
    log->at = malloc((size_t)log->room);
    log->other = is_kept ? NULL : malloc((size_t)log->room);
    if (!log->at || (!is_kept && !log->other)) abort();
    pthread_mutex_init(&log->lock, NULL);
    pthread_cond_init(&log->wake, NULL);
    return log;
}

static void write_all(int fd, const char *at, int64_t len) {
    while (len > 0) {
        ssize_t done = write(fd, at, (size_t)len);
        if (done <= 0) return;                  /* nobody reads the log: the server goes on */
        at += done;
        len -= done;
    }
}

/* Called by the thread with the lock held; gives it back while it writes. */
static void flush(Log *log) {
    char *full = log->at;
    int64_t len = log->len;
    log->at = log->other;
    log->other = full;
    log->len = 0;
    pthread_mutex_unlock(&log->lock);
    write_all(log->fd, full, len);
    pthread_mutex_lock(&log->lock);
}

static void *log_run(void *arg) {
    Log *log = arg;
    pthread_mutex_lock(&log->lock);
    while (!log->is_ending) {
        if (log->len == 0) pthread_cond_wait(&log->wake, &log->lock);
        if (log->is_ending) break;
        pthread_mutex_unlock(&log->lock);
        /* collect: one write for many lines */
        nanosleep(&(struct timespec){ .tv_nsec = LOG_EVERY_MS * 1000000L }, NULL);
        pthread_mutex_lock(&log->lock);
        if (log->len > 0) flush(log);
    }
    pthread_mutex_unlock(&log->lock);
    return NULL;
}

void log_thread_start(Log *log) {
    if (log->is_kept || log->has_thread) return;
    log->has_thread = pthread_create(&log->thread, NULL, log_run, log) == 0;
}

void log_close(Log *log) {
    pthread_mutex_lock(&log->lock);
    log->is_ending = true;
    pthread_cond_signal(&log->wake);
    pthread_mutex_unlock(&log->lock);
    if (log->has_thread) pthread_join(log->thread, NULL);
    if (!log->is_kept) write_all(log->fd, log->at, log->len);
    pthread_mutex_destroy(&log->lock);
    pthread_cond_destroy(&log->wake);
    free(log->at);
    free(log->other);
    free(log);
}

void log_add(Log *log, Str line) {
    pthread_mutex_lock(&log->lock);
    if (log->len + line.len + 1 > log->room) {
        log->dropped++;
    } else {
        memcpy(log->at + log->len, line.at, (size_t)line.len);
        log->len += line.len;
        log->at[log->len++] = '\n';
    }
    if (log->is_kept) {
        pthread_mutex_unlock(&log->lock);
        return;
    }
    if (log->has_thread) {
        pthread_cond_signal(&log->wake);
    } else {
        write_all(log->fd, log->at, log->len);
        log->len = 0;
    }
    pthread_mutex_unlock(&log->lock);
}

int64_t log_dropped(Log *log) {
    pthread_mutex_lock(&log->lock);
    int64_t dropped = log->dropped;
    pthread_mutex_unlock(&log->lock);
    return dropped;
}

Str log_text(Log *log, Arena *a) {
    pthread_mutex_lock(&log->lock);
    Str text = arena_str(a, (Str){ log->at, log->is_kept ? log->len : 0 });
    pthread_mutex_unlock(&log->lock);
    return text;
}

/* ---- lines ---- */

void log_head(Buf *b, const Ctx *c, const char *level, const char *event) {
    time_t second = (time_t)(c->now / 1000);
    struct tm utc;
    gmtime_r(&second, &utc);
    char at[32];
    strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%S", &utc);
    buf_print(b, "{\"at\":\"%s.%03dZ\",\"level\":\"%s\",\"event\":\"%s\"", at, (int)(c->now % 1000), level, event);
    if (c->request_id.len > 0) {
        buf_cstr(b, ",\"request_id\":");
        json_print_str(b, c->request_id);
    }
    if (c->merchant_id != 0) buf_print(b, ",\"merchant_id\":\"%lld\"", (long long)c->merchant_id);
    if (c->actor.kind != ACTOR_NOBODY)
        buf_print(b, ",\"actor\":\"%s:%lld\"", actor_names[c->actor.kind], (long long)c->actor.id);
}

void log_send(const Ctx *c, Buf *b) {
    buf_char(b, '}');
    log_add(c->app->state->log, buf_str(b));
}

void log_line(const Ctx *c, const char *level, const char *event, const char *format, ...) {
    /* before the start is done there is nowhere to write */
    if (!c->app->state || !c->app->state->log) return;
    char text[LOG_LINE_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    ArenaMark mark = arena_mark(c->arena);
    Buf b = { .arena = c->arena };
    log_head(&b, c, level, event);
    buf_cstr(&b, ",\"message\":");
    json_print_str(&b, str_of(text));
    log_send(c, &b);
    arena_back(c->arena, mark);
}

void log_request(const Ctx *c, const Route *route, int status, int64_t took_us) {
    if (!c->app->state->log) return;
    ArenaMark mark = arena_mark(c->arena);
    Buf b = { .arena = c->arena };
    log_head(&b, c, status >= 500 ? "error" : "info", "request");
    if (route) buf_print(&b, ",\"method\":\"%s\",\"route\":\"%s\"", route->method, route->path);
    buf_print(&b, ",\"status\":%d,\"us\":%lld", status, (long long)took_us);
    if (status >= 400 && c->problem.code) buf_print(&b, ",\"code\":\"%s\"", c->problem.code);
    log_send(c, &b);
    arena_back(c->arena, mark);
}

Err log_start(App *app, Arena *a) {
    (void)a;
    app->state->log = log_open(STDERR_FILENO, app->config.is_test);
    return OK;
}

void log_stop(App *app) {
    if (app->state->log) log_close(app->state->log);
    app->state->log = NULL;
}

Str log_kept(App *app, Arena *a) { return log_text(app->state->log, a); }
