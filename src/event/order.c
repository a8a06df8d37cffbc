#include "event/order.h"

static const Field order_fact_field[] = {
    FIELD_ID(OrderFact, order_id, .need = true),
    FIELD_ID(OrderFact, refund_id),
    FIELD_ID(OrderFact, member_id),
    FIELD_ID(OrderFact, shop_id),
    FIELD_DAY(OrderFact, day),
    FIELD(OrderFact, spend_fen, .min = INT64_MIN),
    FIELD(OrderFact, orders, .min = -1, .max = 1),
    FIELD(OrderFact, is_import),
};
const Fields order_fact_fields = FIELDS(OrderFact, order_fact_field);

const EventType order_completed = { "order.completed", &order_fact_fields };
const EventType order_refunded = { "order.refunded", &order_fact_fields };
const EventType order_cancelled = { "order.cancelled", &order_fact_fields };
