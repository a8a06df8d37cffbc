#include "test/world_trade.h"
#include "test/test.h"
#include "test/world_more.h"
#include <stdio.h>

static void must_be(World *w, const char *what) {
    if (w->status == 200 || w->status == 201) return;
    world_stop("%s: %d %.*s", what, w->status, (int)w->body.len, w->body.at);
}

int64_t world_item(World *w, int64_t price_fen) {
    world_post(w, "/v1/items", "{\"sku\":\"I%lld\",\"name\":\"货%lld\",\"price_fen\":%lld}", (long long)w->calls,
               (long long)w->calls, (long long)price_fen);
    must_be(w, "item");
    return world_int(w, "/item_id");
}

void world_stock(World *w, int64_t item_id, int64_t quantity) {
    const char *path = world_path(w, "/v1/items/%lld/shops/%lld/stock", (long long)item_id, (long long)w->shop_id);
    world_send(w, "PUT", path, arena_print(&w->arena, "{\"counted_quantity\":%lld}", (long long)quantity));
    must_be(w, "stock");
}

void world_order(World *w, const char *rest_format, ...) {
    ArenaMark mark = arena_mark(&w->arena);
    va_list args;
    va_start(args, rest_format);
    Str rest = arena_print_args(&w->arena, rest_format, args);
    va_end(args);
    world_post(w, "/v1/orders", "{\"shop_id\":\"%lld\",\"order_no\":\"N%lld\",%s}", (long long)w->shop_id,
               (long long)w->calls, rest.at);
    arena_back(&w->arena, mark);
}

int64_t world_sell(World *w, int64_t member_id, int64_t item_id, int64_t price_fen) {
    world_order(w,
                "\"member_id\":\"%lld\",\"settle\":true,\"lines\":[{\"item_id\":\"%lld\",\"quantity\":1}],"
                "\"tenders\":[{\"tender\":\"cash\",\"amount_fen\":%lld}]",
                (long long)member_id, (long long)item_id, (long long)price_fen);
    must_be(w, "sale");
    return world_int(w, "/order_id");
}

void world_setting(World *w, const char *name, const char *value_json) {
    world_header(w, "if-match", "*");
    world_send(w, "PUT", world_path(w, "/v1/settings/%s", name), arena_print(&w->arena, "{\"value\":%s}", value_json));
    must_be(w, name);
}
