#include "domain/sale/sale_store.h"
#include "test/sim.h"
#include "test/test.h"

static Err sim_plan(Sim *s) {
    sim_post(s, "/v1/plans",
             "{\"key\":\"p%lld\",\"name\":\"sim\",\"price_fen\":%lld,\"unit\":\"day\",\"unit_count\":%lld,\"trial_"
             "days\":%lld,"
             "\"remind_days\":3,\"full_days\":%lld}",
             (long long)s->step, (long long)(1 + rng_below(s->rng, 9999)), (long long)(1 + rng_below(s->rng, 30)),
             (long long)rng_below(s->rng, 5), (long long)rng_below(s->rng, 4));
    if (sim_was_done(s)) sim_keep(s, "plan", world_int(s->w, "/plan_id"));
    return OK;
}

static Err sim_sell(Sim *s) {
    bool is_plan = rng_chance(s->rng, 1, 2);
    int64_t member = sim_pick(s, "member"), what = sim_pick(s, is_plan ? "plan" : "times.template");
    int64_t count = is_plan ? 1 : 1 + rng_below(s->rng, 3), no = rng_below(s->rng, 100000);
    if (member == 0 || what == 0) return OK;
    sim_post(
        s, "/v1/sales",
        "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"what\":\"%s\",\"what_id\":\"%lld\",\"count\":%lld,\"sale_no\":"
        "\"S%lld\",\"tender\":\"%s\"}",
        (long long)s->w->shop_id, (long long)member, is_plan ? "plan" : "times", (long long)what, (long long)count,
        (long long)no, rng_chance(s->rng, 1, 5) ? "wechat" : "cash");
    if (sim_was_done(s)) sim_keep(s, "sale", world_int(s->w, "/sale_id"));
    return OK;
}

static Err sim_refund(Sim *s) {
    int64_t sale = sim_pick(s, "sale");
    if (sale == 0) return OK;
    sim_post(s, world_path(s->w, "/v1/sales/%lld/refund", (long long)sale), "{\"reason\":\"sim\"}");
    return OK;
}

static Err sim_give_up(Sim *s) {
    int64_t sale = sim_pick(s, "sale");
    if (sale == 0) return OK;
    sim_post(s, world_path(s->w, "/v1/sales/%lld/cancel", (long long)sale), "{}");
    return OK;
}

static Err sim_try(Sim *s) {
    int64_t member = sim_pick(s, "member"), plan = sim_pick(s, "plan");
    if (member == 0 || plan == 0) return OK;
    sim_post(s, world_path(s->w, "/v1/plans/%lld/trials", (long long)plan), "{\"member_id\":\"%lld\"}",
             (long long)member);
    return OK;
}

const SimAction sale_sim[] = {
    { "plan.add", 1, sim_plan },        { "sale.sell", 6, sim_sell }, { "sale.refund", 2, sim_refund },
    { "sale.give_up", 1, sim_give_up }, { "plan.try", 1, sim_try },   { NULL },
};
