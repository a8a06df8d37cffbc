/* The simulator's points: given, taken, given on, also far more than there are. */
#include "test/sim.h"
#include "test/test.h"

static Err sim_grant(Sim *s) {
    int64_t member = sim_pick(s, "member");
    if (member == 0) return OK;
    sim_post(s, "/v1/points/grants", "{\"member_id\":\"%lld\",\"points\":%lld,\"reason\":\"sim\"}", (long long)member,
             (long long)(1 + rng_below(s->rng, 500)));
    return OK;
}

static Err sim_deduct(Sim *s) {
    int64_t member = sim_pick(s, "member");
    if (member == 0) return OK;
    sim_post(s, "/v1/points/deductions", "{\"member_id\":\"%lld\",\"points\":%lld,\"reason\":\"sim\"}", (long long)member,
             (long long)(1 + rng_below(s->rng, 800)));
    return OK;
}

static Err sim_gift(Sim *s) {
    int64_t from = sim_pick(s, "member"), to = sim_pick(s, "member");
    if (from == 0) return OK;
    sim_post(s, "/v1/points/gifts", "{\"from_member_id\":\"%lld\",\"to_member_id\":\"%lld\",\"points\":%lld}",
             (long long)from, (long long)to, (long long)(1 + rng_below(s->rng, 300)));
    return OK;
}

static Err sim_look(Sim *s) {
    int64_t member = sim_pick(s, "member");
    if (member == 0) return OK;
    sim_get(s, "/v1/members/%lld/points", (long long)member);
    if (!sim_was_done(s)) sim_fail(s, "the points of %lld cannot be read", (long long)member);
    return OK;
}

const SimAction points_sim[] = {
    { "points.grant", 6, sim_grant }, { "points.deduct", 4, sim_deduct }, { "points.gift", 3, sim_gift },
    { "points.look", 3, sim_look }, { NULL },
};
