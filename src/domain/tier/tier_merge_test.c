/* What reaches a member's level after he has become another one. */
#include "domain/tier/tier.h"
#include "test/test.h"
#include "test/world_trade.h"

static int64_t merge(World *w, int64_t from_id, int64_t into_id) {
    world_post(w, world_path(w, "/v1/members/%lld/merge", (long long)into_id),
               "{\"from_id\":\"%lld\",\"reason\":\"x\"}", (long long)from_id);
    assert_int_equal(w->status, 201);
    return world_int(w, "/merge_id");
}

static Str level_of(World *w, int64_t member_id) {
    world_get(w, "/v1/members/%lld", (long long)member_id);
    assert_int_equal(w->status, 200);
    return arena_str(&w->arena, world_str(w, "/tier_name"));
}

static void ladder_by_spend(World *w) {
    world_post(w, "/v1/tiers",
               "{\"rank\":9,\"key\":\"top\",\"name\":\"顶级\",\"spend_min_fen\":100000,\"gift_points\":7}");
    assert_int_equal(w->status, 201);
}

TEST(an_order_told_after_a_merge_counts_for_the_level_of_the_living) {
    ladder_by_spend(w);
    int64_t one = world_member(w, "13800000001"), two = world_member(w, "13800000002"), item = world_item(w, 60000);
    world_settle(w);
    world_sell(w, one, item, 60000);
    world_sell(w, two, item, 60000);
    merge(w, one, two); /* the events of both orders still wait */
    world_settle(w);
    assert_true(str_is(level_of(w, two), "顶级"));
    world_holds(w);
}

TEST(the_job_of_levels_leaves_merged_members_alone_and_goes_on) {
    int64_t one = world_member(w, "13800000001"), two = world_member(w, "13800000002"), item = world_item(w, 150000);
    world_sell(w, one, item, 150000);
    world_settle(w);
    int64_t merge_id = merge(w, one, two);
    world_settle(w);
    ladder_by_spend(w); /* a changed ladder is walked over by every member */
    world_pass(w, HOUR_MS);
    assert_true(str_is(level_of(w, two), "顶级"));
    world_get(w, "/v1/members/%lld/points", (long long)one);
    assert_int_equal(world_int(w, "/balance"), 0);
    world_holds(w);
    world_post(w, world_path(w, "/v1/member-merges/%lld/undo", (long long)merge_id), "{}");
    world_pass(w, HOUR_MS);
    assert_true(str_is(level_of(w, one), "顶级"));
    world_holds(w);
}
