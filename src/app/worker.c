#include "app/worker.h"
#include <assert.h>

typedef struct Workers Workers;
struct Workers {
    pthread_mutex_t lock;
    pthread_cond_t has_work;
    Work *first, *last;
    int64_t waiting, count;
    bool is_stopping;
    pthread_t threads[WORKERS_MAX];
};

static void *worker_main(void *arg) {
    Workers *w = arg;
    for (;;) {
        pthread_mutex_lock(&w->lock);
        while (w->first == NULL && !w->is_stopping) pthread_cond_wait(&w->has_work, &w->lock);
        Work *work = w->first;
        if (work != NULL) {
            w->first = work->next;
            if (w->first == NULL) w->last = NULL;
            w->waiting--;
        }
        pthread_mutex_unlock(&w->lock);
        if (work == NULL) return NULL; /* stopping, and nothing is left */
        work->run(work);
    }
}

Err workers_start(App *app, Arena *a) {
    Workers *w = NEW(a, Workers);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->has_work, NULL);
    app->state->workers = w;
    int64_t want = app->config.workers;
    if (want <= 0) want = db_engine(app->db) == DB_POSTGRES ? WORKERS_POSTGRES : WORKERS_SQLITE;
    if (want > WORKERS_MAX) want = WORKERS_MAX;
    for (int64_t i = 0; i < want; i++) {
        if (pthread_create(&w->threads[i], NULL, worker_main, w) != 0) break;
        w->count++;
    }
    return w->count > 0 ? OK : E_BUSY;
}

void workers_stop(App *app) {
    Workers *w = app->state->workers;
    if (w == NULL) return;
    pthread_mutex_lock(&w->lock);
    w->is_stopping = true;
    pthread_cond_broadcast(&w->has_work);
    pthread_mutex_unlock(&w->lock);
    for (int64_t i = 0; i < w->count; i++) pthread_join(w->threads[i], NULL);
    pthread_cond_destroy(&w->has_work);
    pthread_mutex_destroy(&w->lock);
    app->state->workers = NULL;
}

bool worker_put(App *app, Work *work) {
    Workers *w = app->state->workers;
    assert(work->run != NULL);
    work->next = NULL;
    pthread_mutex_lock(&w->lock);
    bool is_taken = !w->is_stopping && w->waiting < WORK_WAITING_MAX;
    if (is_taken) {
        if (w->last != NULL)
            w->last->next = work;
        else
            w->first = work;
        w->last = work;
        w->waiting++;
        pthread_cond_signal(&w->has_work);
    }
    pthread_mutex_unlock(&w->lock);
    return is_taken;
}
