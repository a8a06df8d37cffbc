#include "app/ticker.h"
#include <errno.h>
#include <time.h>
#include "app/auth_cache.h"
#include "app/id.h"

typedef struct Ticker {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool is_stopping;
    App *app;
} Ticker;

void ticker_once(App *app, Arena *a) { auth_used_flush(app, a); }

static void *ticker_main(void *arg) {
    Ticker *t = arg;
    int64_t beats = 0;
    for (;;) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += TICK_MS / 1000;
        pthread_mutex_lock(&t->lock);
        int rc = 0;
        while (!t->is_stopping && rc != ETIMEDOUT) rc = pthread_cond_timedwait(&t->wake, &t->lock, &until);
        bool is_stopping = t->is_stopping;
        pthread_mutex_unlock(&t->lock);
        if (is_stopping) return NULL;
        Arena a;
        arena_init(&a, ARENA_BUDGET);
        Ctx c;
        app_ctx(t->app, &a, 0, (Actor){ ACTOR_JOB, 0 }, &c);
        if (id_renew(t->app) != OK)
            log_line(&c, "warn", "node.lease", "the lease of node %lld was not renewed", (long long)t->app->ids.node);
        if (++beats % TICKS_PER_STAMP == 0) ticker_once(t->app, &a);
        arena_free(&a);
    }
}

Err ticker_start(App *app, Arena *a) {
    Ticker *t = NEW(a, Ticker);
    t->app = app;
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->wake, NULL);
    if (pthread_create(&t->thread, NULL, ticker_main, t) != 0) return E_BUSY;
    app->state->ticker = t;
    return OK;
}

void ticker_stop(App *app) {
    Ticker *t = app->state->ticker;
    if (t == NULL) return;
    pthread_mutex_lock(&t->lock);
    t->is_stopping = true;
    pthread_cond_signal(&t->wake);
    pthread_mutex_unlock(&t->lock);
    pthread_join(t->thread, NULL);
    pthread_cond_destroy(&t->wake);
    pthread_mutex_destroy(&t->lock);
    app->state->ticker = NULL;
}
