/* The simulator's till: it settles, places, pays, cancels, sends the same order again. */
#include "test/sim.h"
#include "test/test.h"
#include <stdio.h>

enum { LINES_MAX = 5, LOOKS = 40, BODY_BYTES = 1200 };

/* A basket by chance. `member` 0 = nobody; points are what the customer wants to pay with. */
static bool basket(Sim *s, char *body, int64_t *ret_member) {
    if (sim_size(s, "item") == 0) return false;
    int64_t member = rng_chance(s->rng, 3, 4) ? sim_pick(s, "member") : 0, lines = 1 + rng_below(s->rng, LINES_MAX);
    int at =
        snprintf(body, BODY_BYTES, "\"shop_id\":\"%lld\",\"order_no\":\"sim-%lld\",\"member_id\":\"%lld\",\"lines\":[",
                 (long long)s->w->shop_id, (long long)s->step, (long long)member);
    for (int64_t i = 0; i < lines; i++)
        at += snprintf(body + at, (size_t)(BODY_BYTES - at), "%s{\"item_id\":\"%lld\",\"quantity\":%lld}", i ? "," : "",
                       (long long)sim_pick(s, "item"), (long long)(1 + rng_below(s->rng, 4)));
    snprintf(body + at, (size_t)(BODY_BYTES - at), "]");
    *ret_member = member;
    return true;
}

static void keep_order(Sim *s, const char *bag) {
    int64_t order = world_int(s->w, "/order_id");
    sim_keep(s, bag, order);
    sim_set(s, "order.payable", order, world_int(s->w, "/payable_fen"));
}

static Err sim_settle(Sim *s) {
    char body[BODY_BYTES];
    int64_t member;
    if (!basket(s, body, &member)) return OK;
    sim_post(s, "/v1/quotes", "{%s}", body);
    if (!sim_was_done(s)) return OK;
    int64_t payable_fen = world_int(s->w, "/order/payable_fen");
    if (payable_fen == 0) return OK;
    sim_post(s, "/v1/orders", "{%s,\"settle\":true,\"tenders\":[{\"tender\":\"cash\",\"amount_fen\":%lld}]}", body,
             (long long)payable_fen);
    if (sim_was_done(s)) keep_order(s, "order");
    return OK;
}

static Err sim_place(Sim *s) {
    char body[BODY_BYTES];
    int64_t member;
    if (!basket(s, body, &member)) return OK;
    int64_t points = member != 0 && rng_chance(s->rng, 1, 3) ? rng_below(s->rng, 400) : 0;
    sim_post(s, "/v1/orders", "{%s,\"points\":%lld}", body, (long long)points);
    if (!sim_was_done(s)) return OK;
    keep_order(s, "order.open");
    sim_set(s, "order.offset", world_int(s->w, "/order_id"), world_int(s->w, "/offset_fen"));
    return OK;
}

/* In parts, and sometimes too much. */
static Err sim_pay(Sim *s) {
    int64_t order = sim_pick(s, "order.open");
    if (order == 0) return OK;
    int64_t left_fen = sim_number(s, "order.payable", order) - sim_number(s, "order.offset", order) -
                       sim_number(s, "order.paid", order);
    int64_t amount_fen = rng_chance(s->rng, 2, 3) ? left_fen : 1 + rng_below(s->rng, 5000);
    if (amount_fen <= 0) return OK;
    sim_post(s, world_path(s->w, "/v1/orders/%lld/payments", (long long)order),
             "{\"tender\":\"cash\",\"amount_fen\":%lld}", (long long)amount_fen);
    if (str_is(s->w->code, "order.not_open")) sim_drop(s, "order.open", order); /* it expired meanwhile */
    if (!sim_was_done(s)) return OK;
    sim_add(s, "order.paid", order, amount_fen);
    if (!str_is(world_str(s->w, "/status"), "completed")) return OK;
    sim_drop(s, "order.open", order);
    sim_keep(s, "order", order);
    return OK;
}

static Err sim_cancel(Sim *s) {
    int64_t order = sim_pick(s, "order.open");
    if (order == 0) return OK;
    sim_post(s, world_path(s->w, "/v1/orders/%lld/cancel", (long long)order), "{\"reason\":\"不要了\"}");
    if (sim_was_done(s) || s->w->status == 409) sim_drop(s, "order.open", order);
    return OK;
}

/* No acknowledged order is lost, and none is other than it was acknowledged. */
static Err sim_check(Sim *s) {
    for (int i = 0; i < LOOKS && sim_size(s, "order") > 0; i++) {
        int64_t order = sim_pick(s, "order");
        sim_get(s, "/v1/orders/%lld", (long long)order);
        if (!sim_was_done(s)) sim_fail(s, "order %lld was acknowledged and is gone", (long long)order);
        if (!str_is(world_str(s->w, "/status"), "completed"))
            sim_fail(s, "order %lld is not complete", (long long)order);
        if (world_int(s->w, "/payable_fen") != sim_number(s, "order.payable", order) ||
            world_int(s->w, "/refunded_fen") != sim_number(s, "order.refunded", order))
            sim_fail(s, "order %lld: payable %lld, refunded %lld were acknowledged", (long long)order,
                     (long long)sim_number(s, "order.payable", order),
                     (long long)sim_number(s, "order.refunded", order));
    }
    return OK;
}

const SimAction order_sim[] = {
    { "order.settle", 30, sim_settle }, { "order.place", 6, sim_place }, { "order.pay", 6, sim_pay },
    { "order.cancel", 2, sim_cancel },  { "order.check", 0, sim_check }, { NULL },
};
