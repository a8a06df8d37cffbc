/* The simulator's returns: by line, by amount, whole, twice, too much. */
#include "test/sim.h"
#include "test/test.h"

static Err sim_refund(Sim *s) {
    int64_t order = sim_pick(s, "order");
    if (order == 0) return OK;
    const char *path = world_path(s->w, "/v1/orders/%lld/refunds", (long long)order);
    int64_t kind = rng_below(s->rng, 4), amount_fen = 1 + rng_below(s->rng, 30000), line = 1 + rng_below(s->rng, 3);
    if (kind == 0)
        sim_post(s, path, "{\"refund_no\":\"sim-%lld\",\"reason\":\"不要了\"}", (long long)s->step);
    else if (kind == 1)
        sim_post(s, path, "{\"refund_no\":\"sim-%lld\",\"amount_fen\":%lld}", (long long)s->step,
                 (long long)amount_fen);
    else
        sim_post(s, path, "{\"refund_no\":\"sim-%lld\",\"lines\":[{\"line_no\":%lld,\"quantity\":1}]}",
                 (long long)s->step, (long long)line);
    if (!sim_was_done(s)) return OK;
    sim_add(s, "order.refunded", order, world_int(s->w, "/amount_fen"));
    if (sim_number(s, "order.refunded", order) + world_int(s->w, "/amount_fen") > sim_number(s, "order.payable", order))
        sim_fail(s, "more went back than was paid");
    return OK;
}

/* The shop changes its mind about thresholds, also between two refunds of one order. */
static Err sim_thresholds(Sim *s) {
    world_header(s->w, "if-match", "*");
    sim_send(s, "PUT", "/v1/settings/refund", "{\"value\":{\"thresholds\":\"%s\"}}",
             rng_chance(s->rng, 1, 2) ? "keep" : "recompute");
    return OK;
}

const SimAction refund_sim[] = { { "refund.make", 8, sim_refund },
                                 { "refund.thresholds", 1, sim_thresholds },
                                 { NULL } };
