#include "domain/benefit/benefit_store.h"
#include "test/sim.h"
#include "test/test.h"

static Err sim_define(Sim *s) {
    if (sim_size(s, "benefit") > 5) return OK;
    sim_post(s, "/v1/benefits", "{\"key\":\"b%lld\",\"name\":\"sim\",\"kind\":\"other\"}", (long long)s->step);
    if (sim_was_done(s)) sim_keep(s, "benefit", world_int(s->w, "/benefit_id"));
    return OK;
}

static Err sim_term(Sim *s) {
    static const char *const periods[] = { "day", "week", "month", "membership", "once" };
    int64_t benefit = sim_pick(s, "benefit");
    if (benefit == 0) return OK;
    sim_get(s, "/v1/tags");
    int64_t count = sim_was_done(s) ? world_count(s->w, "/items") : 0;
    if (count == 0) return OK;
    int64_t tag = world_int(s->w, world_path(s->w, "/items/%lld/tag_id", (long long)rng_below(s->rng, count)));
    sim_post(s, "/v1/benefit-terms", "{\"benefit_id\":\"%lld\",\"tag_id\":\"%lld\",\"quota\":%lld,\"period\":\"%s\"}",
             (long long)benefit, (long long)tag, (long long)rng_below(s->rng, 5), periods[rng_below(s->rng, 5)]);
    return OK;
}

static Err sim_grant(Sim *s) {
    int64_t member = sim_pick(s, "member"), benefit = sim_pick(s, "benefit");
    if (member == 0 || benefit == 0) return OK;
    sim_post(s, "/v1/benefits/grants",
             "{\"member_id\":\"%lld\",\"benefit_id\":\"%lld\",\"count\":%lld,\"ends_at\":%lld,\"reason\":\"sim\"}",
             (long long)member, (long long)benefit, (long long)(1 + rng_below(s->rng, 4)),
             (long long)(rng_chance(s->rng, 1, 2) ? s->w->now + rng_below(s->rng, (int64_t)20 * DAY_MS) : 0));
    return OK;
}

static Err sim_take(Sim *s) {
    int64_t member = sim_pick(s, "member"), benefit = sim_pick(s, "benefit"), no = rng_below(s->rng, 100000);
    if (member == 0 || benefit == 0) return OK;
    sim_post(s, "/v1/benefits/uses",
             "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"benefit_id\":\"%lld\",\"count\":%lld,\"use_no\":\"%lld\"}",
             (long long)s->w->shop_id, (long long)member, (long long)benefit, (long long)(1 + rng_below(s->rng, 3)),
             (long long)no);
    if (sim_was_done(s)) sim_keep(s, "benefit.use", world_int(s->w, "/use_id"));
    return OK;
}

static Err sim_undo(Sim *s) {
    int64_t use = sim_pick(s, "benefit.use");
    if (use == 0) return OK;
    sim_post(s, world_path(s->w, "/v1/benefits/uses/%lld/undo", (long long)use), "{\"reason\":\"sim\"}");
    return OK;
}

const SimAction benefit_sim[] = {
    { "benefit.define", 1, sim_define }, { "benefit.term", 1, sim_term }, { "benefit.grant", 3, sim_grant },
    { "benefit.take", 6, sim_take },     { "benefit.undo", 1, sim_undo }, { NULL },
};
