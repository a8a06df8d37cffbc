/* item - facts about goods. */
#pragma once
#include "app/event.h"

typedef struct ItemLowStock {
    int64_t item_id, shop_id, left_quantity, low_quantity;
} ItemLowStock;
extern const EventType item_low_stock; /* "item.low_stock": once, when the shelf falls to its mark */
