/* outbox_lane - the two lanes of the outbox, private to its files. What works inside the house alone goes by the near
 * lane;
 * handlers that prepare (outgoing calls) by the far one, so that a slow partner holds up nobody else. Each lane has
 * its own
 * thread, its own turns, and passes over the other's rows. */
#pragma once
#include "app/outbox.h"

typedef struct Delivery Delivery;
typedef struct WokenMerchant { int64_t merchant_id, at; } WokenMerchant;

typedef struct Lane {
    Outbox *outbox;
    bool is_far;
    pthread_mutex_t lock;
    pthread_cond_t news, landed;
    WokenMerchant *woken;                       /* ascending merchant_id; `at`: not before */
    int64_t woken_count, woken_room;
    bool has_news, is_ending;
    int64_t in_flight;
    int64_t sweep_at;
    Arena pass, batch;
    Delivery *deliveries;                       /* OUTBOX_BATCH, and as many twins for the simulator */
} Lane;

struct Outbox {
    App *app;
    Listeners *listeners;
    Lane lanes[OUTBOX_LANES];
    Rng *disturb;
    _Atomic int64_t delivered, failed, died;
};

/* outbox_wake.c */
void lane_start(Lane *lane, Outbox *outbox, bool is_far);
void lane_stop(Lane *lane);
void lane_wake_at(Lane *lane, int64_t merchant_id, int64_t at);
/* The next merchant behind `after` that may be served now, taken off the list; 0 = none. */
int64_t lane_take(Lane *lane, int64_t after, int64_t now, int64_t *next_at);

/* outbox_pass.c: delivers what is due for one merchant. ret_next_at: when to come again, INT64_MAX = when woken. */
Err lane_pass(Lane *lane, int64_t merchant_id, int64_t now, int64_t *ret_done, int64_t *ret_next_at);
void lane_deliveries_make(Lane *lane);
void lane_deliveries_free(Lane *lane);
