/* The simulator's members: they join, come back under the same phone, become one. */
#include "test/sim.h"
#include "test/test.h"

enum { PHONES = 4000 };

static Err sim_join(Sim *s) {
    int64_t number = rng_below(s->rng, PHONES);
    sim_post(s, "/v1/members", "{\"phone\":\"138%08lld\",\"name\":\"会员%lld\"}", (long long)number, (long long)number);
    if (!sim_was_done(s)) return OK;
    int64_t member = world_int(s->w, "/member_id"), before = sim_number(s, "phone", number);
    if (before != 0 && sim_number(s, "merged", before) == 0 && before != member)
        sim_fail(s, "phone %lld belonged to %lld, now to %lld", (long long)number, (long long)before, (long long)member);
    if (before == 0) sim_keep(s, "member", member);
    if (before == 0) sim_set(s, "phone", number, member);
    return OK;
}

static Err sim_find(Sim *s) {
    int64_t number = rng_below(s->rng, PHONES), known = sim_number(s, "phone", number);
    sim_get(s, "/v1/members/lookup?phone=138%08lld", (long long)number);
    if (known != 0 && !sim_was_done(s)) sim_fail(s, "the member with phone %lld is gone", (long long)number);
    return OK;
}

static Err sim_merge(Sim *s) {
    int64_t from = sim_pick(s, "member"), into = sim_pick(s, "member");
    if (from == into) return OK;
    sim_post(s, world_path(s->w, "/v1/members/%lld/merge", (long long)into), "{\"from_id\":\"%lld\",\"reason\":\"同一个人\"}",
             (long long)from);
    if (!sim_was_done(s)) return OK;
    sim_drop(s, "member", from);
    sim_set(s, "merged", from, into);
    return OK;
}

const SimAction member_sim[] = {
    { "member.join", 10, sim_join }, { "member.find", 10, sim_find }, { "member.merge", 1, sim_merge }, { NULL },
};
