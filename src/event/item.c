#include "event/item.h"

static const Field item_low_stock_field[] = {
    FIELD_ID(ItemLowStock, item_id, .need = true),
    FIELD_ID(ItemLowStock, shop_id, .need = true),
    FIELD(ItemLowStock, left_quantity),
    FIELD(ItemLowStock, low_quantity),
};
static const Fields item_low_stock_fields = FIELDS(ItemLowStock, item_low_stock_field);

const EventType item_low_stock = { "item.low_stock", &item_low_stock_fields };
