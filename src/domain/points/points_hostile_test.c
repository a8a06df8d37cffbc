/* What a hostile or hasty till may send: numbers at the edge, many keys on one day. */
#include "domain/points/points.h"
#include "test/test.h"
#include "test/world_trade.h"

TEST(a_streak_is_paid_once_however_many_things_are_done_that_day) {
    int64_t member = world_member(w, "13800000001");
    world_setting(
        w, "points",
        "{\"behaviours\":[{\"name\":\"review\",\"points\":1,\"streaks\":[{\"days\":2,\"bonus_points\":50}]}]}");
    world_post(w, "/v1/behaviours", "{\"member_id\":\"%lld\",\"name\":\"review\",\"key\":\"a\"}", (long long)member);
    w->now += DAY_MS;
    world_post(w, "/v1/behaviours", "{\"member_id\":\"%lld\",\"name\":\"review\",\"key\":\"b\"}", (long long)member);
    assert_int_equal(world_int(w, "/points"), 51);
    world_post(w, "/v1/behaviours", "{\"member_id\":\"%lld\",\"name\":\"review\",\"key\":\"c\"}", (long long)member);
    assert_int_equal(world_int(w, "/streak"), 2);
    assert_int_equal(world_int(w, "/points"), 1);
    world_holds(w);
}

TEST(bonus_points_of_a_monstrous_basket_stay_within_what_one_call_may_give) {
    int64_t member = world_member(w, "13800000001");
    world_setting(w, "points", "{}");
    world_post(w, "/v1/items", "{\"name\":\"大奖\",\"price_fen\":1,\"points_bonus\":1000000}");
    assert_int_equal(w->status, 201);
    int64_t item = world_int(w, "/item_id");
    world_order(w, "\"member_id\":\"%lld\",\"settle\":true,\"lines\":[{\"item_id\":\"%lld\",\"quantity\":1000000},"
                "{\"item_id\":\"%lld\",\"quantity\":1000000},{\"item_id\":\"%lld\",\"quantity\":1000000}],"
                "\"tenders\":[{\"tender\":\"cash\",\"amount_fen\":3000000}]",
                (long long)member, (long long)item, (long long)item, (long long)item);
    assert_int_equal(w->status, 201);
    assert_int_equal(world_int(w, "/points_earned"), POINTS_PER_CALL_MAX);
    world_post(w, world_path(w, "/v1/orders/%lld/refunds", (long long)world_int(w, "/order_id")), "{}");
    assert_int_equal(w->status, 201);
    world_holds(w);
}
