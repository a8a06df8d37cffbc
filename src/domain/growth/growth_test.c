#include "domain/growth/growth_rules.h"
#include "test/sim.h"
#include "test/test.h"

TEST_PURE(growth_of_an_order_counts_cash_unless_told_otherwise) {
    GrowthSetting s;
    growth_setting.defaults(&s);
    assert_int_equal(growth_compute(&s, 10000, 5050), 50);
    s.earn_on = POINTS_EARN_PAYABLE;
    assert_int_equal(growth_compute(&s, 10000, 5050), 100);
    s.order_cap = 30;
    assert_int_equal(growth_compute(&s, 10000, 5050), 30);
    s.min_order_fen = 10001;
    assert_int_equal(growth_compute(&s, 10000, 5050), 0);
}

TEST(growth_changed_by_hand_needs_a_reason_and_is_never_below_zero) {
    int64_t member = world_member(w, "13800000001");
    world_post(w, "/v1/growth/grants", "{\"member_id\":\"%lld\",\"growth\":10}", (long long)member);
    assert_int_equal(w->status, 422);
    world_post(w, "/v1/growth/grants", "{\"member_id\":\"%lld\",\"growth\":10,\"reason\":\"补录\"}", (long long)member);
    assert_int_equal(w->status, 201);
    assert_int_equal(world_int(w, "/balance"), 10);
    world_post(w, "/v1/growth/deductions", "{\"member_id\":\"%lld\",\"growth\":11,\"reason\":\"x\"}",
               (long long)member);
    assert_int_equal(w->status, 409);
    assert_true(str_is(w->code, "growth.short"));
    world_get(w, "/v1/members/%lld/growth/entries", (long long)member);
    assert_int_equal(world_count(w, "/items"), 1);
    world_get(w, "/v1/members/%lld/why?account=growth", (long long)member);
    assert_int_equal(world_int(w, "/balance"), 10);
    world_holds(w);
}

static Err behaviours_run(Ctx *c, void *arg) {
    (void)arg;
    GrowthSetting s;
    GrowthBehaviour list[] = { { .name = S("check_in"), .growth = 2 } };
    TRY(growth_setting_read(c, &s));
    s.behaviours.items = list;
    s.behaviours.count = 1;
    return setting_put(c, &growth_setting, &s);
}

TEST(growth_follows_behaviours_with_their_caps) {
    int64_t member = world_member(w, "13800000001");
    assert_int_equal(world_unit(w, behaviours_run, NULL), OK);
    for (int i = 0; i < 2; i++) {
        world_post(w, "/v1/behaviours", "{\"member_id\":\"%lld\",\"name\":\"check_in\"}", (long long)member);
        world_settle(w);
        world_get(w, "/v1/members/%lld/growth", (long long)member);
        assert_int_equal(world_int(w, "/balance"), 2);
    }
    world_holds(w);
}

typedef struct Take {
    int64_t member, taken;
} Take;
static Err take_run(Ctx *c, void *arg) {
    Take *t = arg;
    return growth_take_back(c, t->member, 1, 2, 30, &t->taken);
}

TEST(growth_taken_back_beyond_what_is_there_is_paid_by_what_comes_next) {
    int64_t member = world_member(w, "13800000001");
    world_post(w, "/v1/growth/grants", "{\"member_id\":\"%lld\",\"growth\":10,\"reason\":\"x\"}", (long long)member);
    Take take = { .member = member };
    assert_int_equal(world_unit(w, take_run, &take), OK);
    assert_int_equal(take.taken, 30);
    world_post(w, "/v1/growth/grants", "{\"member_id\":\"%lld\",\"growth\":25,\"reason\":\"x\"}", (long long)member);
    assert_int_equal(world_int(w, "/balance"), 5);
    world_holds(w);
}

/* ---- simulator ---- */

static Err sim_grant(Sim *s) {
    int64_t member = sim_pick(s, "member"), growth = 1 + rng_below(s->rng, 300);
    if (member == 0) return OK;
    sim_post(s, "/v1/growth/grants", "{\"member_id\":\"%lld\",\"growth\":%lld,\"reason\":\"sim\"}", (long long)member,
             (long long)growth);
    return OK;
}

static Err sim_deduct(Sim *s) {
    int64_t member = sim_pick(s, "member"), growth = 1 + rng_below(s->rng, 200);
    if (member == 0) return OK;
    sim_post(s, "/v1/growth/deductions", "{\"member_id\":\"%lld\",\"growth\":%lld,\"reason\":\"sim\"}",
             (long long)member, (long long)growth);
    return OK;
}

const SimAction growth_sim[] = { { "growth.grant", 4, sim_grant }, { "growth.deduct", 2, sim_deduct }, { NULL } };
