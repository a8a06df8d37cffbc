/* The simulator's goods: some of them counted, so that shelves run empty. */
#include "test/sim.h"
#include "test/test.h"

enum { ITEMS = 60 };

static Err sim_create(Sim *s) {
    if (sim_size(s, "item") >= ITEMS) return OK;
    sim_post(s, "/v1/items", "{\"name\":\"货%lld\",\"sku\":\"SIM%lld\",\"price_fen\":%lld}", (long long)s->step,
             (long long)s->step, (long long)(1 + rng_below(s->rng, 20000)));
    if (sim_was_done(s)) sim_keep(s, "item", world_int(s->w, "/item_id"));
    return OK;
}

static Err sim_count(Sim *s) {
    int64_t item = sim_pick(s, "item");
    if (item == 0) return OK;
    sim_send(s, "PUT", world_path(s->w, "/v1/items/%lld/shops/%lld/stock", (long long)item, (long long)s->w->shop_id),
             "{\"counted_quantity\":%lld}", (long long)rng_below(s->rng, 40));
    return OK;
}

const SimAction item_sim[] = { { "item.create", 4, sim_create }, { "item.count", 4, sim_count }, { NULL } };
