/* Which merchants have something to deliver, and the pump's pauses. */
#include "app/outbox_lane.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WOKEN_ROOM_FIRST = 64 };

static int64_t woken_place(const Lane *lane, int64_t merchant_id) {
    int64_t low = 0, high = lane->woken_count;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (lane->woken[middle].merchant_id < merchant_id) low = middle + 1;
        else high = middle;
    }
    return low;
}

void lane_wake_at(Lane *lane, int64_t merchant_id, int64_t at) {
    pthread_mutex_lock(&lane->lock);
    int64_t place = woken_place(lane, merchant_id);
    if (place < lane->woken_count && lane->woken[place].merchant_id == merchant_id) {
        if (at < lane->woken[place].at) lane->woken[place].at = at;
    } else {
        if (lane->woken_count == lane->woken_room) {
            lane->woken_room = lane->woken_room ? lane->woken_room * 2 : WOKEN_ROOM_FIRST;
            lane->woken = realloc(lane->woken, (size_t)lane->woken_room * sizeof *lane->woken);
            if (!lane->woken) abort();
        }
        memmove(&lane->woken[place + 1], &lane->woken[place],
                (size_t)(lane->woken_count - place) * sizeof *lane->woken);
        lane->woken[place] = (WokenMerchant){ merchant_id, at };
        lane->woken_count++;
    }
    if (at == 0 && !lane->has_news) {
        lane->has_news = true;
        pthread_cond_signal(&lane->news);
    }
    pthread_mutex_unlock(&lane->lock);
}

void outbox_wake(App *app, int64_t merchant_id, int64_t lanes) {
    for (int64_t i = 0; i < OUTBOX_LANES; i++)
        if (lanes >> i & 1) lane_wake_at(&app->state->outbox->lanes[i], merchant_id, 0);
}

int64_t lane_take(Lane *lane, int64_t after, int64_t now, int64_t *next_at) {
    int64_t merchant_id = 0;
    pthread_mutex_lock(&lane->lock);
    lane->has_news = false;
    int64_t i = woken_place(lane, after + 1);
    for (; i < lane->woken_count; i++) {
        if (lane->woken[i].at <= now) break;
        if (lane->woken[i].at < *next_at) *next_at = lane->woken[i].at;
    }
    if (i < lane->woken_count) {
        merchant_id = lane->woken[i].merchant_id;
        memmove(&lane->woken[i], &lane->woken[i + 1], (size_t)(lane->woken_count - i - 1) * sizeof *lane->woken);
        lane->woken_count--;
    }
    pthread_mutex_unlock(&lane->lock);
    return merchant_id;
}

void outbox_wait(App *app, int64_t lane_no, int64_t wait_ms) {
    Lane *lane = &app->state->outbox->lanes[lane_no];
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + wait_ms % 1000 * 1000000;
    until.tv_sec += (time_t)(wait_ms / 1000 + ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    pthread_mutex_lock(&lane->lock);
    while (!lane->has_news && !lane->is_ending)
        if (pthread_cond_timedwait(&lane->news, &lane->lock, &until) != 0) break;
    pthread_mutex_unlock(&lane->lock);
}

void outbox_end_wait(App *app) {
    for (int64_t i = 0; i < OUTBOX_LANES; i++) {
        Lane *lane = &app->state->outbox->lanes[i];
        pthread_mutex_lock(&lane->lock);
        lane->is_ending = true;
        pthread_cond_broadcast(&lane->news);
        pthread_mutex_unlock(&lane->lock);
    }
}

void lane_start(Lane *lane, Outbox *outbox, bool is_far) {
    lane->outbox = outbox;
    lane->is_far = is_far;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&lane->lock, NULL);
    pthread_cond_init(&lane->news, &monotonic);
    pthread_cond_init(&lane->landed, NULL);
    pthread_condattr_destroy(&monotonic);
    arena_init(&lane->pass, ARENA_BUDGET);
    arena_init(&lane->batch, ARENA_BUDGET);
    lane_deliveries_make(lane);
}

void lane_stop(Lane *lane) {
    lane_deliveries_free(lane);
    arena_free(&lane->pass);
    arena_free(&lane->batch);
    pthread_mutex_destroy(&lane->lock);
    pthread_cond_destroy(&lane->news);
    pthread_cond_destroy(&lane->landed);
    free(lane->woken);
}
