/* growth - growth moved by something else than an order (orders are announced by order.completed and
 * order.refunded). */
#pragma once
#include "app/event.h"

typedef struct GrowthMoved {
    int64_t member_id;
    Str source;
    int64_t source_id, delta_growth, balance;
    bool is_import;
} GrowthMoved;
extern const EventType growth_moved; /* "growth.moved" */
