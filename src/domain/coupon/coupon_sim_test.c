#include "domain/coupon/coupon_store.h"
#include "test/sim.h"
#include "test/test.h"
#include <stdio.h>

static const char *const rules[] = {
    "\"kind\":\"cash\",\"off_fen\":300,\"valid_days\":3,\"stock\":40",
    "\"kind\":\"full\",\"threshold_fen\":2000,\"off_fen\":700,\"valid_days\":10,\"may_give\":true,\"on_refund\":"
    "\"return\"",
    "\"kind\":\"discount\",\"rate_bp\":8500,\"cap_fen\":900,\"valid_days\":40,\"is_combinable\":true,\"most_total\":5",
    "\"kind\":\"experience\",\"valid_days\":20",
};

static Err sim_template(Sim *s) {
    if (sim_size(s, "coupon.template") >= 6) return OK;
    sim_post(s, "/v1/coupon-templates", "{\"name\":\"sim\",%s}", rules[rng_below(s->rng, COUNT_OF(rules))]);
    if (sim_was_done(s)) sim_keep(s, "coupon.template", world_int(s->w, "/template_id"));
    return OK;
}

static Err sim_issue(Sim *s) {
    int64_t template_id = sim_pick(s, "coupon.template"), member = sim_pick(s, "member");
    if (template_id == 0 || member == 0) return OK;
    sim_post(s, "/v1/coupons", "{\"template_id\":\"%lld\",\"member_id\":\"%lld\",\"count\":%lld,\"reason\":\"sim\"}",
             (long long)template_id, (long long)member, (long long)(1 + rng_below(s->rng, 3)));
    if (sim_was_done(s)) sim_keep(s, "coupon", world_int(s->w, "/items/0/coupon_id"));
    return OK;
}

static Err sim_void(Sim *s) {
    int64_t coupon = sim_pick(s, "coupon");
    char path[80];
    if (coupon == 0) return OK;
    snprintf(path, sizeof path, "/v1/coupons/%lld/void", (long long)coupon);
    sim_post(s, path, "{\"reason\":\"sim\"}");
    if (sim_was_done(s)) sim_drop(s, "coupon", coupon);
    return OK;
}

static Err sim_redeem(Sim *s) {
    int64_t coupon = sim_pick(s, "coupon"), member = sim_pick(s, "member");
    if (coupon == 0 || member == 0) return OK;
    sim_post(s, "/v1/coupon-redemptions", "{\"shop_id\":\"%lld\",\"coupon_id\":\"%lld\",\"member_id\":\"%lld\"}",
             (long long)s->w->shop_id, (long long)coupon, (long long)member);
    if (sim_was_done(s)) sim_keep(s, "coupon.redeemed", coupon);
    return OK;
}

static Err sim_undo(Sim *s) {
    int64_t coupon = sim_pick(s, "coupon.redeemed");
    char path[80];
    if (coupon == 0) return OK;
    snprintf(path, sizeof path, "/v1/coupons/%lld/redeem-undo", (long long)coupon);
    sim_post(s, path, "{\"reason\":\"sim\"}");
    if (sim_was_done(s)) sim_drop(s, "coupon.redeemed", coupon);
    return OK;
}

static Err sim_run(Sim *s) {
    int64_t template_id = sim_pick(s, "coupon.template");
    if (template_id == 0) return OK;
    sim_post(s, "/v1/coupon-runs", "{\"template_id\":\"%lld\",\"stage\":\"member\",\"reason\":\"sim\"}",
             (long long)template_id);
    return OK;
}

const SimAction coupon_sim[] = {
    { "coupon.template", 1, sim_template },
    { "coupon.issue", 6, sim_issue },
    { "coupon.void", 1, sim_void },
    { "coupon.redeem", 3, sim_redeem },
    { "coupon.undo", 1, sim_undo },
    { "coupon.run", 1, sim_run },
    { NULL },
};
