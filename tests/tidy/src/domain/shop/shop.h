/* shop - 门店: where things are sold.
 * Owns:   shop
 * Units:  none
 * Calls:  nobody
 * Emits:  nothing
 * Holds:  nothing: a shop is a row that stands by itself
 * Errors: shop.closed, shop.gone !errors */
#pragma once
#include "app/app.h"
Err shop_get(Ctx *c, int64_t shop_id);
