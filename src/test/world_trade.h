/* world_trade - common starts of tests that sell; each fails the test when it is refused. */
#pragma once
#include "test/world.h"

/* An item at that price; its sku is "I" and a number. */
int64_t world_item(World *w, int64_t price_fen);
/* counts it in w->shop_id: from now on it is tracked */
void world_stock(World *w, int64_t item_id, int64_t quantity);
/* Sells one piece for cash in one call; member 0 = a walk-in. Gives the order. */
int64_t world_sell(World *w, int64_t member_id, int64_t item_id, int64_t price_fen);
/* Any order, whatever comes of it; order_no is made. `rest` is JSON behind it: "\"lines\":[…],…" */
void world_order(World *w, const char *rest_format, ...) __attribute__((format(printf, 2, 3)));
void world_setting(World *w, const char *name, const char *value_json); /* PUT /v1/settings/NAME */
