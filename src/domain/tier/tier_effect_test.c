#include "domain/tier/tier_rules.h"
#include "domain/wallet/wallet_test.h"
#include "test/test.h"

static void window_of(World *w, const char *need) {
    world_header(w, "If-Match", "*");
    world_send(w, "PUT", "/v1/settings/tier",
               arena_print(&w->arena,
                           "{\"value\":{\"window\":\"life\",\"window_days\":365,\"need\":\"%s\",\"down\":\"to_met\"}}",
                           need));
    assert_int_equal(w->status, 200);
}

/* Silver: 500 yuan recharged, or 3 purchases (or both, as the setting says). */
static int64_t silver_by_recharge(World *w) {
    world_get(w, "/v1/tiers");
    int64_t silver = world_int(w, "/items/1/tier_id"), tag = world_int(w, "/items/1/tag_id");
    world_header(w, "If-Match", "*");
    world_send(w, "PUT", world_path(w, "/v1/tiers/%lld", (long long)silver),
               S("{\"rank\":1,\"name\":\"银卡会员\",\"recharge_min_fen\":50000,\"orders_min\":3,\"gift_points\":66}"));
    assert_int_equal(w->status, 200);
    return tag;
}

static void recharge(World *w, int64_t member, int64_t amount_fen) {
    world_post(w, "/v1/wallet/recharges",
               "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"amount_fen\":%lld,\"tender\":\"cash\"}",
               (long long)w->shop_id, (long long)member, (long long)amount_fen);
    assert_int_equal(w->status, 201);
    world_settle(w);
}

static void buy(World *w, int64_t member, const char *no) {
    world_post(
        w, "/v1/orders",
        "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"order_no\":\"%s\",\"settle\":true,\"lines\":[{\"name\":\"x\","
        "\"quantity\":1,\"unit_price_fen\":100}],\"tenders\":[{\"tender\":\"cash\",\"amount_fen\":100}]}",
        (long long)w->shop_id, (long long)member, no);
    assert_int_equal(w->status, 201);
    world_settle(w);
}

static bool is_level(World *w, int64_t member, const char *key) {
    world_get(w, "/v1/members/%lld/tier", (long long)member);
    return str_is(world_str(w, "/key"), key);
}

TEST(tier_by_recharge_is_reached_at_once_and_lost_when_the_money_goes_back) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token);
    silver_by_recharge(w);
    window_of(w, "any");
    recharge(w, member, 30000);
    assert_true(is_level(w, member, "normal"));
    assert_int_equal(world_int(w, "/measures/1/gap"), 20000);
    recharge(w, member, 20000);
    assert_true(is_level(w, member, "silver"));
    world_get(w, "/v1/members/%lld/points", (long long)member);
    assert_int_equal(world_int(w, "/balance"), 66);
    world_as(w, world_staff(w, "manager"));
    world_post(w, "/v1/wallet/refund-requests", "{\"member_id\":\"%lld\",\"reason\":\"搬家\"}", (long long)member);
    int64_t request = world_int(w, "/request_id");
    world_as(w, w->owner_token);
    world_post(w, world_path(w, "/v1/wallet/refund-requests/%lld/approve", (long long)request), "{\"reason\":\"好\"}");
    assert_int_equal(w->status, 200);
    world_settle(w);
    assert_true(is_level(w, member, "normal"));
    world_holds(w);
}

TEST(tier_by_a_combination_asks_for_all_when_the_merchant_says_so) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token);
    silver_by_recharge(w);
    window_of(w, "all");
    recharge(w, member, 90000);
    assert_true(is_level(w, member, "normal"));
    for (int i = 0; i < 3; i++) buy(w, member, world_path(w, "O%d", i));
    assert_true(is_level(w, member, "silver"));
    world_holds(w);
}

TEST(a_level_entitles_to_its_benefits_while_it_is_held_and_names_them) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), tag = silver_by_recharge(w);
    world_post(w, "/v1/benefits/presets", "{\"preset\":\"parking\",\"tag_id\":\"%lld\"}", (long long)tag);
    assert_int_equal(w->status, 201);
    window_of(w, "any");
    world_as(w, token);
    world_get(w, "/v1/me/benefits");
    assert_int_equal(world_count(w, "/items"), 0);
    world_as(w, w->owner_token);
    recharge(w, member, 50000);
    world_as(w, token);
    world_get(w, "/v1/me/benefits");
    assert_int_equal(world_int(w, "/items/0/left"), 2);
    world_get(w, "/v1/me/tier");
    assert_true(str_is(world_str(w, "/benefits/0"), "免费停车：每月 2 小时"));
    assert_true(str_find(world_str(w, "/keep_zh"), S("免费停车：每月 2 小时")) >= 0);
    world_as(w, w->owner_token);
    world_holds(w);
}
