/* order - facts about orders that other slices follow (tier, later commission and messages).
 * Both carry deltas, so that a listener needs no second look: a refund's deltas are negative. */
#pragma once
#include "app/event.h"

typedef struct OrderFact {
    int64_t order_id, refund_id; /* refund_id 0 for a completed order */
    int64_t member_id, shop_id;
    int64_t day; /* shop-local day of the order (also for its refunds), yyyymmdd */
    /* what counts as spend: the part not paid with points; negative for a refund */
    int64_t spend_fen;
    int64_t orders; /* +1 completed, -1 when the refund took back the last of it, else 0 */
    bool is_import; /* past orders: history without gifts and messages */
} OrderFact;
extern const Fields order_fact_fields;

extern const EventType order_completed; /* "order.completed" */
extern const EventType order_refunded;  /* "order.refunded" */
extern const EventType order_cancelled; /* "order.cancelled" */
