#include "domain/shop/shop.h"
#include "domain/shop/shop_store.h"
#include "domain/points/points.h" /* !floor */
Err shop_get(Ctx *c, int64_t shop_id) {
    return fail(c, E_CONFLICT, "shop.closed", "关门了", "closed");
}
