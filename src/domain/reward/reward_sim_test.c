#include "domain/reward/reward_store.h"
#include "test/sim.h"
#include "test/test.h"

static Err sim_budget(Sim *s) {
    if (sim_size(s, "reward.budget") >= 3) return OK;
    sim_post(s, "/v1/reward-budgets", "{\"name\":\"sim\",\"most_fen\":%lld,\"most_per_member\":4}",
             (long long)(2000 + rng_below(s->rng, 20000)));
    if (sim_was_done(s)) sim_keep(s, "reward.budget", world_int(s->w, "/budget_id"));
    return OK;
}

static Err sim_give(Sim *s) {
    int64_t member = sim_pick(s, "member"), budget = rng_chance(s->rng, 1, 2) ? sim_pick(s, "reward.budget") : 0;
    int64_t template_id = sim_pick(s, "coupon.template"), amount = 1 + rng_below(s->rng, 60);
    if (member == 0 || template_id == 0) return OK;
    sim_post(
        s, "/v1/rewards",
        "{\"member_id\":\"%lld\",\"budget_id\":\"%lld\",\"reason\":\"sim\",\"gifts\":[{\"kind\":\"points\","
        "\"amount\":%lld},{\"kind\":\"gift_balance\",\"amount\":%lld},{\"kind\":\"coupon\",\"what_id\":\"%lld\"}]}",
        (long long)member, (long long)budget, (long long)amount, (long long)amount, (long long)template_id);
    return OK;
}

static Err sim_rule(Sim *s) {
    int64_t template_id = sim_pick(s, "coupon.template"), budget = sim_pick(s, "reward.budget");
    if (template_id == 0 || sim_size(s, "reward.rule") >= 3) return OK;
    sim_post(s, "/v1/reward-rules",
             "{\"name\":\"sim\",\"event\":\"%s\",\"budget_id\":\"%lld\",\"gifts\":[{\"kind\":\"growth\",\"amount\":3},"
             "{\"kind\":\"coupon\",\"what_id\":\"%lld\"}]}",
             rng_chance(s->rng, 1, 2) ? "order" : "join", (long long)budget, (long long)template_id);
    if (sim_was_done(s)) sim_keep(s, "reward.rule", world_int(s->w, "/rule_id"));
    return OK;
}

const SimAction reward_sim[] = {
    { "reward.budget", 1, sim_budget },
    { "reward.give", 3, sim_give },
    { "reward.rule", 1, sim_rule },
    { NULL },
};
