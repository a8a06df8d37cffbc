#include "domain/tier/tier_rules.h"
#include "test/sim.h"
#include "test/test.h"
#include <stdio.h>

/* ---- helpers ---- */

typedef struct SettingArg {
    TierSetting s;
} SettingArg;
static Err setting_run(Ctx *c, void *arg) { return setting_put(c, &tier_setting, &((SettingArg *)arg)->s); }

static void with(World *w, TierSetting s) { assert_int_equal(world_unit(w, setting_run, &(SettingArg){ s }), OK); }

static void use_preset(World *w, const char *preset) {
    world_post(w, "/v1/tiers/presets", "{\"preset\":\"%s\"}", preset);
    assert_int_equal(w->status, 200);
}

static int64_t new_member(World *w, const char *phone) {
    int64_t member = world_member(w, phone);
    world_settle(w);
    return member;
}

static void is_at(World *w, int64_t member, const char *key) {
    world_get(w, "/v1/members/%lld/tier", (long long)member);
    assert_int_equal(w->status, 200);
    if (!str_is(world_str(w, "/key"), key)) fail_msg("%s expected: %.*s", key, (int)w->body.len, w->body.at);
}

static void grow(World *w, int64_t member, int64_t growth) {
    world_post(w, growth > 0 ? "/v1/growth/grants" : "/v1/growth/deductions",
               "{\"member_id\":\"%lld\",\"growth\":%lld,\"reason\":\"x\"}", (long long)member,
               (long long)(growth > 0 ? growth : -growth));
    assert_int_equal(w->status, 201);
    world_settle(w);
}

typedef struct FactArg {
    TierFact fact;
    int64_t refund_id;
    bool is_import;
} FactArg;
static Err fact_run(Ctx *c, void *arg) {
    FactArg *f = arg;
    return tier_on_fact(c, &f->fact, f->refund_id, f->is_import);
}

static void fact(World *w, TierFact f, int64_t refund_id) {
    assert_int_equal(world_unit(w, fact_run, &(FactArg){ f, refund_id, false }), OK);
}

static int64_t points(World *w, int64_t member) {
    world_get(w, "/v1/members/%lld/points", (long long)member);
    return world_int(w, "/balance");
}

static int64_t tier_id(World *w, const char *key) {
    world_get(w, "/v1/tiers");
    for (int64_t i = 0; i < world_count(w, "/items"); i++) {
        char at[40];
        snprintf(at, sizeof at, "/items/%lld/key", (long long)i);
        if (!str_is(world_str(w, at), key)) continue;
        snprintf(at, sizeof at, "/items/%lld/tier_id", (long long)i);
        return world_int(w, at);
    }
    fail_msg("no level %s", key);
    return 0;
}

/* ---- climbing ---- */

TEST(tier_ladder_by_growth_gives_nine_eight_and_seven_tenths) {
    int64_t member = new_member(w, "13800000001");
    use_preset(w, "discounts");
    world_settle(w);
    world_get(w, "/v1/members/%lld/tier", (long long)member);
    assert_int_equal(world_int(w, "/discount_bp"), 9000);
    assert_true(str_is(world_str(w, "/gap_zh"), "再获得 101 成长值，升为八折会员"));
    grow(w, member, 100);
    world_get(w, "/v1/members/%lld/tier", (long long)member);
    assert_int_equal(world_int(w, "/discount_bp"), 9000);
    grow(w, member, 1);
    is_at(w, member, "d8");
    assert_int_equal(world_int(w, "/discount_bp"), 8000);
    assert_int_equal(world_int(w, "/measures/0/gap"), 200);
    grow(w, member, 400);
    is_at(w, member, "d7");
    assert_true(str_is(world_str(w, "/gap_zh"), "已是最高等级"));
    assert_true(str_find(world_str(w, "/keep_zh"), S("失去：7 折")) >= 0);
    world_get(w, "/v1/members/%lld", (long long)member);
    assert_true(str_is(world_str(w, "/tier_name"), "七折会员"));
    world_get(w, "/v1/members/%lld/tier/history", (long long)member);
    assert_int_equal(world_count(w, "/items"), 3);
    world_holds(w);
}

TEST(tier_by_spend_or_purchases_whichever_comes_first) {
    int64_t member = new_member(w, "13800000001");
    use_preset(w, "numbers");
    for (int i = 0; i < 2; i++)
        fact(w, (TierFact){ .member_id = member, .day = 20260302 + i, .spend_fen = 10000, .orders = 1 }, 0);
    is_at(w, member, "normal");
    assert_true(str_is(world_str(w, "/gap_zh"), "再消费 300.00 元，或再消费 1 次，升为V2"));
    assert_true(str_is(world_str(w, "/gap_en"), "spend 300.00 yuan more or buy 1 more times to reach V2"));
    fact(w, (TierFact){ .member_id = member, .day = 20260304, .spend_fen = 100, .orders = 1 }, 0);
    is_at(w, member, "v2");
    world_holds(w);
}

TEST(tier_that_a_refund_took_the_ground_from_falls_at_once_else_retention_keeps_it) {
    int64_t member = new_member(w, "13800000001");
    use_preset(w, "numbers");
    with(w,
         (TierSetting){
             .window = TIER_ROLLING, .window_days = 30, .down = TIER_ONE_STEP, .retention_days = 60, .grace_days = 5 });
    fact(w, (TierFact){ .member_id = member, .day = 20260302, .spend_fen = 300000, .orders = 1 }, 0);
    is_at(w, member, "v3");
    fact(w, (TierFact){ .member_id = member, .day = 20260302, .spend_fen = -290000 }, 99);
    is_at(w, member, "normal");
    fact(w, (TierFact){ .member_id = member, .day = 20260303, .spend_fen = 300000, .orders = 1 }, 0);
    is_at(w, member, "v3");
    assert_true(str_is(world_str(w, "/until_day"), "2026-05-01"));
    world_pass(w, 64 * (int64_t)DAY_MS);
    is_at(w, member, "v3");
    fact(w, (TierFact){ .member_id = member, .day = 20260303, .spend_fen = -100 }, 100);
    is_at(w, member, "v3");
    world_pass(w, 3 * (int64_t)DAY_MS);
    is_at(w, member, "v2");
    assert_true(str_is(world_str(w, "/until_day"), "2026-07-07"));
    world_pass(w, 100 * (int64_t)DAY_MS);
    is_at(w, member, "normal");
    world_holds(w);
}

TEST(tier_reached_again_at_the_end_of_its_time_is_kept) {
    int64_t member = new_member(w, "13800000001");
    use_preset(w, "numbers");
    with(w, (TierSetting){ .window = TIER_ROLLING, .window_days = 30, .down = TIER_TO_MET, .retention_days = 40 });
    fact(w, (TierFact){ .member_id = member, .day = 20260302, .spend_fen = 60000, .orders = 1 }, 0);
    world_pass(w, 35 * (int64_t)DAY_MS);
    fact(w, (TierFact){ .member_id = member, .day = 20260406, .spend_fen = 60000, .orders = 1 }, 0);
    world_pass(w, 10 * (int64_t)DAY_MS);
    is_at(w, member, "v2");
    assert_true(str_is(world_str(w, "/until_day"), "2026-05-22") || str_is(world_str(w, "/until_day"), "2026-05-26"));
    world_pass(w, 60 * (int64_t)DAY_MS);
    is_at(w, member, "normal");
    world_holds(w);
}

/* ---- gifts ---- */

static void gift_for(World *w, const char *key, int64_t gift) {
    char path[60];
    int64_t id = tier_id(w, key);
    snprintf(path, sizeof path, "/v1/tiers/%lld", (long long)id);
    world_get(w, "%s", path);
    Str body =
        arena_print(&w->arena,
                    "{\"rank\":%lld,\"name\":\"银卡\",\"growth_min\":1000,\"discount_bp\":9800,\"gift_points\":%lld,"
                    "\"version\":%lld}",
                    (long long)world_int(w, "/rank"), (long long)gift, (long long)world_int(w, "/version"));
    world_send(w, "PUT", path, body);
    assert_int_equal(w->status, 200);
}

TEST(tier_gift_comes_once_in_a_members_life) {
    int64_t member = new_member(w, "13800000001");
    gift_for(w, "silver", 88);
    grow(w, member, 1200);
    is_at(w, member, "silver");
    assert_int_equal(points(w, member), 88);
    grow(w, member, -300);
    is_at(w, member, "normal");
    grow(w, member, 300);
    is_at(w, member, "silver");
    assert_int_equal(points(w, member), 88);
    world_holds(w);
}

static Err import_run(Ctx *c, void *arg) { return tier_import(c, *(int64_t *)arg, S("silver")); }

TEST(tier_imported_gives_no_gift_then_or_later) {
    int64_t member = new_member(w, "13800000001");
    gift_for(w, "silver", 88);
    assert_int_equal(world_unit(w, import_run, &member), OK);
    is_at(w, member, "silver");
    grow(w, member, 1200);
    is_at(w, member, "silver");
    assert_int_equal(points(w, member), 0);
    world_holds(w);
}

/* ---- by hand, in bulk, merged ---- */

TEST(tier_set_by_hand_stands_until_its_day) {
    int64_t member = new_member(w, "13800000001"), gold = tier_id(w, "gold");
    char path[60];
    snprintf(path, sizeof path, "/v1/members/%lld/tier", (long long)member);
    world_post(w, path, "{\"tier_id\":\"%lld\",\"until_day\":\"2026-03-10\"}", (long long)gold);
    assert_int_equal(w->status, 422);
    world_post(w, path, "{\"tier_id\":\"%lld\",\"until_day\":\"2026-03-10\",\"reason\":\"老客户\"}", (long long)gold);
    assert_int_equal(w->status, 200);
    is_at(w, member, "gold");
    grow(w, member, 1500);
    is_at(w, member, "gold");
    world_pass(w, 8 * (int64_t)DAY_MS);
    is_at(w, member, "gold");
    world_pass(w, 2 * (int64_t)DAY_MS);
    is_at(w, member, "silver");
    world_holds(w);
}

static Err facts_run(Ctx *c, void *arg) { return tier_add_facts(c, *(TierFacts *)arg, true); }

TEST(tier_facts_in_bulk_are_judged_by_the_job_without_gifts) {
    int64_t member = new_member(w, "13800000001");
    use_preset(w, "numbers");
    TierFact rows[] = { { .member_id = member, .day = 20250101, .spend_fen = 200000, .orders = 2 },
                        { .member_id = member, .day = 20250102, .spend_fen = 200000, .orders = 2 } };
    TierFacts list = { rows, 2 };
    assert_int_equal(world_unit(w, facts_run, &list), OK);
    world_pass(w, HOUR_MS);
    is_at(w, member, "v3");
    world_holds(w);
}

TEST(tier_of_merged_members_is_the_better_one_and_parts_again) {
    int64_t from = new_member(w, "13800000001"), into = new_member(w, "13800000002");
    gift_for(w, "silver", 88);
    grow(w, from, 1200);
    char path[80];
    snprintf(path, sizeof path, "/v1/members/%lld/merge", (long long)into);
    world_post(w, path, "{\"from_id\":\"%lld\",\"reason\":\"同一人\"}", (long long)from);
    assert_true(w->status == 200 || w->status == 201);
    int64_t merge = world_int(w, "/merge_id");
    world_settle(w);
    is_at(w, into, "silver");
    assert_int_equal(points(w, into), 88);
    world_holds(w);
    snprintf(path, sizeof path, "/v1/member-merges/%lld/undo", (long long)merge);
    world_post(w, path, "{}");
    assert_true(w->status == 200 || w->status == 201);
    world_settle(w);
    is_at(w, into, "normal");
    is_at(w, from, "silver");
    assert_int_equal(points(w, into), 0);
    assert_int_equal(points(w, from), 88);
    world_holds(w);
}

/* ---- the ladder ---- */

TEST(tier_levels_are_edited_by_version_and_removed_when_nobody_has_them) {
    int64_t member = new_member(w, "13800000001"), silver = tier_id(w, "silver");
    char path[60];
    snprintf(path, sizeof path, "/v1/tiers/%lld", (long long)silver);
    gift_for(w, "silver", 1);
    world_send(w, "PUT", path, S("{\"rank\":1,\"name\":\"银\",\"growth_min\":900,\"version\":1}"));
    assert_int_equal(w->status, 412);
    world_send(w, "PUT", path, S("{\"rank\":2,\"name\":\"银\",\"growth_min\":900,\"version\":2}"));
    assert_true(str_is(w->code, "tier.rank_taken"));
    world_post(w, "/v1/tiers", "{\"key\":\"silver\",\"rank\":9,\"name\":\"x\"}");
    assert_true(str_is(w->code, "tier.key_taken"));
    grow(w, member, 1200);
    world_send(w, "DELETE", path, S(""));
    assert_true(str_is(w->code, "tier.in_use"));
    grow(w, member, -1200);
    world_send(w, "DELETE", path, S(""));
    assert_true(w->status == 200 || w->status == 204);
    grow(w, member, 1200);
    is_at(w, member, "normal");
    world_holds(w);
}

TEST(tier_threshold_moved_judges_everybody_again) {
    int64_t member = new_member(w, "13800000001");
    grow(w, member, 950);
    is_at(w, member, "normal");
    char path[60];
    snprintf(path, sizeof path, "/v1/tiers/%lld", (long long)tier_id(w, "silver"));
    world_send(w, "PUT", path, S("{\"rank\":1,\"name\":\"银\",\"growth_min\":900,\"version\":1}"));
    assert_int_equal(w->status, 200);
    world_pass(w, HOUR_MS);
    is_at(w, member, "silver");
    world_holds(w);
}

/* ---- simulator ---- */

static Err sim_level(Sim *s) {
    int64_t member = sim_pick(s, "member");
    if (member == 0) return OK;
    int64_t wanted = rng_below(s->rng, 4);
    sim_get(s, "/v1/tiers");
    if (!sim_was_done(s) || wanted >= world_count(s->w, "/items")) return OK;
    char at[40], path[60];
    snprintf(at, sizeof at, "/items/%lld/tier_id", (long long)wanted);
    int64_t tier = world_int(s->w, at);
    snprintf(path, sizeof path, "/v1/members/%lld/tier", (long long)member);
    sim_post(s, path, "{\"tier_id\":\"%lld\",\"reason\":\"sim\"}", (long long)tier);
    return OK;
}

static Err sim_look_at(Sim *s) {
    int64_t member = sim_pick(s, "member");
    if (member != 0) sim_get(s, "/v1/members/%lld/tier", (long long)member);
    return OK;
}

const SimAction tier_sim[] = { { "tier.set", 1, sim_level }, { "tier.look", 1, sim_look_at }, { NULL } };
