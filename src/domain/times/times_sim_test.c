#include "domain/member/member_inside.h"
#include "domain/times/times_store.h"
#include "test/sim.h"
#include "test/test.h"

static Err sim_template(Sim *s) {
    sim_post(s, "/v1/times/templates", "{\"name\":\"sim\",\"uses\":%lld,\"price_fen\":5000,\"valid_days\":%lld%s}",
             (long long)(1 + rng_below(s->rng, 12)), (long long)rng_below(s->rng, 40),
             rng_chance(s->rng, 1, 2) ? ",\"valid_from\":\"first_use\"" : "");
    if (sim_was_done(s)) sim_keep(s, "times.template", world_int(s->w, "/template_id"));
    return OK;
}

static Err sim_give(Sim *s) {
    int64_t member = sim_pick(s, "member"), template = sim_pick(s, "times.template");
    if (member == 0 || template == 0) return OK;
    sim_post(s, "/v1/times/cards",
             "{\"member_id\":\"%lld\",\"template_id\":\"%lld\",\"count\":%lld,\"reason\":\"sim\"}", (long long)member,
             (long long)template, (long long)rng_below(s->rng, 3));
    if (sim_was_done(s)) sim_keep(s, "times.card", world_int(s->w, "/items/0/card_id"));
    return OK;
}

typedef struct Show {
    int64_t member;
    Str code;
} Show;
static Err show_code(Ctx *c, void *arg) {
    Show *show = arg;
    MemberCard card;
    TRY(member_card(c, show->member, &card));
    show->code = member_code(c, &card, c->now / MEMBER_CODE_STEP_MS);
    return OK;
}

static Err sim_use(Sim *s) {
    Show show = { .member = sim_pick(s, "member") };
    int64_t count = 1 + rng_below(s->rng, 4), no = rng_below(s->rng, 100000);
    if (show.member == 0) return OK;
    Ctx c = world_ctx(s->w, s->w->merchant_id);
    if (app_read(&c, show_code, &show) != OK) return OK;
    sim_post(s, "/v1/times/uses",
             "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"count\":%lld,\"use_no\":\"T%lld\",\"code\":\"%.*s\"}",
             (long long)s->w->shop_id, (long long)show.member, (long long)count, (long long)no, (int)show.code.len,
             show.code.at);
    if (sim_was_done(s)) sim_keep(s, "times.use", world_int(s->w, "/use_id"));
    return OK;
}

static Err sim_undo(Sim *s) {
    int64_t use = sim_pick(s, "times.use");
    if (use == 0) return OK;
    sim_post(s, world_path(s->w, "/v1/times/uses/%lld/undo", (long long)use), "{\"reason\":\"sim\"}");
    return OK;
}

static Err sim_freeze(Sim *s) {
    int64_t card = sim_pick(s, "times.card");
    if (card == 0) return OK;
    sim_post(s, world_path(s->w, "/v1/times/cards/%lld/freeze", (long long)card), "{\"frozen\":%s,\"reason\":\"sim\"}",
             rng_chance(s->rng, 1, 3) ? "true" : "false");
    return OK;
}

const SimAction times_sim[] = {
    { "times.template", 1, sim_template }, { "times.give", 4, sim_give },     { "times.use", 8, sim_use },
    { "times.undo", 2, sim_undo },         { "times.freeze", 1, sim_freeze }, { NULL },
};
