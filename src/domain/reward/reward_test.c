#include "domain/coupon/coupon_store.h"
#include "domain/reward/reward_store.h"
#include "domain/wallet/wallet_test.h"
#include "event/tier.h"
#include "test/sim.h"
#include "test/test.h"
#include "test/world_trade.h"
#include <stdio.h>

static int64_t template_of(World *w, const char *rule) {
    world_post(
        w, "/v1/coupon-templates",
        "{\"name\":\"满50减10\",\"kind\":\"full\",\"threshold_fen\":5000,\"off_fen\":1000,\"valid_days\":30%s%s}",
        rule[0] != '\0' ? "," : "", rule);
    assert_int_equal(w->status, 201);
    return world_int(w, "/template_id");
}

static int64_t rule_of(World *w, const char *event, const char *gifts, const char *more) {
    world_post(w, "/v1/reward-rules", "{\"name\":\"rule\",\"event\":\"%s\",\"gifts\":[%s]%s%s}", event, gifts,
               more[0] != '\0' ? "," : "", more);
    if (w->status != 201) fail_msg("rule: %.*s", (int)w->body.len, w->body.at);
    return world_int(w, "/rule_id");
}

static const char *coupon_gift(World *w, int64_t template_id, int64_t count) {
    return world_path(w, "{\"kind\":\"coupon\",\"what_id\":\"%lld\",\"amount\":%lld}", (long long)template_id,
                      (long long)count);
}

static int64_t coupons(World *w, int64_t member) {
    world_get(w, "/v1/members/%lld/coupons?state=usable", (long long)member);
    return world_count(w, "/items");
}

static int64_t points(World *w, int64_t member) {
    world_get(w, "/v1/members/%lld/points", (long long)member);
    return world_int(w, "/balance");
}

typedef struct Try {
    enum { GIVE, BACK, SOLD, UNSOLD } what;
    RewardGive give;
    RewardBack back;
    RewardSold line;
    RewardUnsold unsold;
    RewardGiven given;
    int64_t member, order;
    const char *code;
} Try;

static Err try_it(Ctx *c, void *arg) {
    Try *t = arg;
    const RewardPlan *plan;
    switch (t->what) {
    case GIVE:
        return reward_give(c, &t->give, &t->given);
    case BACK:
        return reward_take_back(c, &t->back);
    case SOLD:
        TRY(reward_plan_sold(c, &(RewardSolds){ &t->line, 1 }, &plan));
        return reward_sold(c, t->member, t->order, plan);
    case UNSOLD:
        return reward_unsold(c, &t->unsold);
    }
    return OK;
}

static void expect_try(World *w, Try *t, const char *code) {
    Ctx c = world_ctx(w, w->merchant_id);
    c.actor.kind = ACTOR_CLI;
    c.shop_id = w->shop_id;
    Err err = app_unit(&c, try_it, t);
    const char *got = err == OK ? "" : c.problem.code;
    if (!str_is(str_of(got), code)) fail_msg("expected '%s', got '%s'", code, got);
}

TEST(a_reward_gives_all_of_its_gifts_once_for_its_source_or_nothing) {
    int64_t member = world_member(w, "13800000001"), id = template_of(w, "\"stock\":3");
    RewardGift gifts[] = { { REWARD_POINTS, 100, 0, 0 },
                           { REWARD_GROWTH, 20, 0, 0 },
                           { REWARD_GIFT_BALANCE, 500, 0, 0 },
                           { REWARD_COUPON, 2, id, 0 } };
    Try t = { .give = { .member_id = member, .source = "test", .source_id = 7, .gifts = { gifts, 4 } } };
    expect_try(w, &t, "");
    assert_false(t.given.is_duplicate);
    expect_try(w, &t, "");
    assert_true(t.given.is_duplicate);
    assert_int_equal(points(w, member), 100);
    assert_int_equal(coupons(w, member), 2);
    wallet_expect(w, member, 0, 500);
    t.give.source_id = 8; /* one coupon is left: nothing of the list is given */
    expect_try(w, &t, "coupon.out_of_stock");
    assert_int_equal(points(w, member), 100);
    wallet_expect(w, member, 0, 500);
    world_get(w, "/v1/members/%lld/rewards", (long long)member);
    assert_int_equal(world_count(w, "/items"), 1);
    world_holds(w);
}

TEST(a_budget_ends_by_worth_by_count_and_by_member) {
    int64_t a = world_member(w, "13800000001"), b = world_member(w, "13800000002"), id = template_of(w, "");
    world_post(w, "/v1/reward-budgets",
               "{\"name\":\"开业\",\"most_fen\":3000,\"most_count\":10,\"most_per_member\":2}");
    assert_int_equal(w->status, 201);
    int64_t budget = world_int(w, "/budget_id");
    RewardGift gift = { REWARD_COUPON, 1, id, 0 };
    Try t = { .give = {
                  .member_id = a, .source = "test", .source_id = 1, .budget_id = budget, .gifts = { &gift, 1 } } };
    expect_try(w, &t, "");
    assert_int_equal(t.given.worth_fen, 1000);
    t.give.source_id = 2;
    expect_try(w, &t, "");
    t.give.source_id = 3;
    expect_try(w, &t, "reward.member_limit");
    t.give.member_id = b;
    expect_try(w, &t, "");
    t.give.source_id = 4;
    expect_try(w, &t, "reward.budget_spent");
    t.give.budget_id = 1;
    expect_try(w, &t, "reward.budget_unknown");
    world_get(w, "/v1/reward-budgets/%lld", (long long)budget);
    assert_int_equal(world_int(w, "/used_fen"), 3000);
    assert_int_equal(world_int(w, "/used_count"), 3);
    const char *path = world_path(w, "/v1/reward-budgets/%lld", (long long)budget);
    world_header(w, "If-Match", "\"v1\"");
    world_send(w, "PUT", path, S("{\"name\":\"开业\",\"most_fen\":2000}"));
    wallet_refused(w, 409, "reward.budget_below");
    world_header(w, "If-Match", "\"v1\"");
    world_send(w, "PUT", path, S("{\"name\":\"开业\",\"most_fen\":4000}"));
    assert_int_equal(w->status, 200);
    t.give.budget_id = budget;
    expect_try(w, &t, "");
    world_get(w, "/v1/reward-budgets/1");
    wallet_refused(w, 404, "reward.budget_unknown");
    world_get(w, "/v1/reward-budgets");
    assert_int_equal(world_count(w, "/items"), 1);
    world_holds(w);
}

TEST(rules_are_checked_edited_by_version_and_found) {
    world_post(w, "/v1/reward-rules",
               "{\"name\":\"x\",\"event\":\"join\",\"min_fen\":5,\"about_id\":\"3\",\"gifts\":[]}");
    wallet_refused(w, 422, "body.invalid");
    world_post(w, "/v1/reward-rules",
               "{\"name\":\"x\",\"event\":\"join\",\"gifts\":[{\"kind\":\"points\"},{\"kind\":\"coupon\"},"
               "{\"kind\":\"item\",\"what_id\":\"4\",\"amount\":300},{\"kind\":\"points\",\"amount\":2}]}");
    wallet_refused(w, 422, "body.invalid");
    assert_int_equal(world_count(w, "/errors"), 4);
    world_post(w, "/v1/reward-rules",
               "{\"name\":\"x\",\"event\":\"join\",\"gifts\":[{\"kind\":\"coupon\",\"what_id\":\"5\"}]}");
    wallet_refused(w, 404, "coupon.unknown");
    world_post(
        w, "/v1/reward-rules",
        "{\"name\":\"x\",\"event\":\"join\",\"budget_id\":\"5\",\"gifts\":[{\"kind\":\"points\",\"amount\":1}]}");
    wallet_refused(w, 404, "reward.budget_unknown");
    int64_t rule = rule_of(w, "join", "{\"kind\":\"points\",\"amount\":5}", "");
    const char *path = world_path(w, "/v1/reward-rules/%lld", (long long)rule);
    Str off = S("{\"name\":\"x\",\"event\":\"join\",\"state\":\"off\",\"gifts\":[{\"kind\":\"points\",\"amount\":5}]}");
    world_header(w, "If-Match", "\"v1\"");
    world_send(w, "PUT", path, off);
    assert_int_equal(world_int(w, "/version"), 2);
    world_header(w, "If-Match", "\"v1\"");
    world_send(w, "PUT", path, off);
    assert_int_equal(w->status, 412);
    int64_t member = world_member(w, "13800000001");
    world_settle(w);
    assert_int_equal(points(w, member), 0);
    world_get(w, "/v1/reward-rules/1");
    wallet_refused(w, 404, "reward.rule_unknown");
    world_get(w, "/v1/reward-rules");
    assert_int_equal(world_count(w, "/items"), 1);
    world_post(w, "/v1/reward-presets", "{\"preset\":\"nothing\"}");
    wallet_refused(w, 404, "reward.preset_unknown");
    world_holds(w);
}

TEST(a_campaign_stops_itself_when_its_budget_is_spent) {
    world_post(w, "/v1/reward-budgets", "{\"name\":\"开业\",\"most_count\":2}");
    char more[80];
    snprintf(more, sizeof more, "\"budget_id\":\"%lld\"", (long long)world_int(w, "/budget_id"));
    int64_t rule = rule_of(w, "join", "{\"kind\":\"points\",\"amount\":5}", more), member[3];
    for (int i = 0; i < 3; i++) {
        char phone[20];
        snprintf(phone, sizeof phone, "1380000000%d", i);
        member[i] = world_member(w, phone);
        world_settle(w);
    }
    assert_int_equal(points(w, member[1]), 5);
    assert_int_equal(points(w, member[2]), 0);
    world_get(w, "/v1/reward-rules/%lld", (long long)rule);
    assert_true(str_is(world_str(w, "/state"), "budget_spent"));
    world_holds(w);
}

TEST(an_order_gives_a_coupon_for_next_time_and_its_return_takes_it_back) {
    int64_t id = template_of(w, ""), member = world_member(w, "13800000001");
    rule_of(w, "order", coupon_gift(w, id, 1), "\"min_fen\":10000");
    int64_t big = world_sell(w, member, world_item(w, 10000), 10000);
    world_sell(w, member, world_item(w, 9999), 9999);
    world_settle(w);
    assert_int_equal(coupons(w, member), 1);
    world_post(w, world_path(w, "/v1/orders/%lld/refunds", (long long)big), "{\"reason\":\"x\"}");
    if (w->status >= 300) fail_msg("refund: %.*s", (int)w->body.len, w->body.at);
    world_settle(w);
    assert_int_equal(coupons(w, member), 0);
    world_holds(w);
}

TEST(goods_that_give_take_back_what_is_unused_and_refuse_what_is_used) {
    int64_t member = world_member(w, "13800000001"), id = template_of(w, ""), item = world_item(w, 9900);
    const char *path = world_path(w, "/v1/items/%lld/gifts", (long long)item);
    world_get(w, "/v1/items/%lld/gifts", (long long)item);
    assert_int_equal(world_int(w, "/version"), 0);
    const char *body = world_path(w, "{\"gifts\":[%s,{\"kind\":\"points\",\"amount\":7}]}", coupon_gift(w, id, 2));
    world_header(w, "If-Match", "\"v0\"");
    world_send(w, "PUT", path, str_of(body));
    assert_int_equal(w->status, 200);
    world_header(w, "If-Match", "\"v9\"");
    world_send(w, "PUT", path, str_of(body));
    assert_int_equal(w->status, 412);
    Try t = { .what = SOLD, .line = { 1, item, 3 }, .order = 11 };
    expect_try(w, &t, "reward.needs_member");
    t.member = member;
    expect_try(w, &t, "");
    expect_try(w, &t, "");
    assert_int_equal(coupons(w, member), 6);
    assert_int_equal(points(w, member), 21);
    Try back = { .what = UNSOLD, .unsold = { member, 11, 1, 91, 1, 3 } };
    expect_try(w, &back, "");
    expect_try(w, &back, ""); /* the same refund again */
    assert_int_equal(coupons(w, member), 4);
    assert_int_equal(points(w, member), 14);
    world_get(w, "/v1/members/%lld/coupons?state=usable", (long long)member);
    int64_t used = world_int(w, "/items/0/coupon_id");
    world_post(w, world_path(w, "/v1/coupons/%lld/void", (long long)used), "{\"reason\":\"gone\"}");
    back.unsold.refund_id = 92;
    back.unsold.quantity = 2;
    expect_try(w, &back, "reward.used");
    assert_int_equal(coupons(w, member), 3);
    back.unsold.quantity = 1;
    expect_try(w, &back, "");
    assert_int_equal(coupons(w, member), 1);
    Try many = { .what = SOLD, .line = { 2, item, 100000000 }, .order = 12, .member = member };
    expect_try(w, &many, "reward.too_many");
    world_holds(w);
}

TEST(what_cannot_be_taken_back_is_recorded_where_nothing_was_sold) {
    int64_t member = world_member(w, "13800000001"), id = template_of(w, "");
    RewardGift gifts[] = { { REWARD_GIFT_BALANCE, 500, 0, 0 }, { REWARD_COUPON, 2, id, 0 } };
    Try t = { .give = { .member_id = member, .source = "test", .source_id = 7, .gifts = { gifts, 2 } } };
    expect_try(w, &t, "");
    world_get(w, "/v1/members/%lld/coupons?state=usable", (long long)member);
    world_post(w, world_path(w, "/v1/coupons/%lld/void", (long long)world_int(w, "/items/0/coupon_id")),
               "{\"reason\":\"gone\"}");
    Try back = { .what = BACK, .back = { member, "test", 7, 0, 5, 1, 1, false, (Str){ 0 } } };
    expect_try(w, &back, "");
    assert_int_equal(coupons(w, member), 0);
    wallet_expect(w, member, 0, 0);
    world_holds(w);
}

TEST(one_who_may_not_earn_is_given_nothing_and_two_who_become_one_are_not_given_twice) {
    int64_t a = world_member(w, "13800000001"), b = world_member(w, "13800000002");
    RewardGift gift = { REWARD_POINTS, 10, 0, 0 };
    Try t = { .give = { .member_id = a, .source = "test", .source_id = 7, .gifts = { &gift, 1 } } };
    expect_try(w, &t, "");
    world_post(w, world_path(w, "/v1/members/%lld/merge", (long long)b), "{\"from_id\":\"%lld\",\"reason\":\"x\"}",
               (long long)a);
    int64_t merge = world_int(w, "/merge_id");
    t.give.member_id = b;
    expect_try(w, &t, "");
    assert_true(t.given.is_duplicate);
    world_holds(w);
    world_post(w, world_path(w, "/v1/member-merges/%lld/undo", (long long)merge), "{}");
    expect_try(w, &t, "");
    assert_false(t.given.is_duplicate);
    world_send(w, "PUT", world_path(w, "/v1/members/%lld/blocked-rights", (long long)b),
               S("{\"blocked\":[\"earn\"],\"reason\":\"x\"}"));
    t.give.source_id = 8;
    expect_try(w, &t, "member.blocked_earn");
    world_post(w, "/v1/rewards",
               "{\"member_id\":\"%lld\",\"reason\":\"x\",\"gifts\":[{\"kind\":\"points\",\"amount\":3}]}",
               (long long)a);
    assert_int_equal(w->status, 201);
    world_holds(w);
}

static Err import_level(Ctx *c, void *arg) {
    const int64_t *member = arg;
    return emit(
        c, &tier_changed, *member,
        &(TierChanged){ .member_id = *member, .to_rank = 2, .to_tier_id = 5, .cause = S("import"), .is_up = true });
}

TEST(a_level_is_celebrated_once_and_not_when_it_came_with_an_import) {
    world_post(w, "/v1/tiers/presets", "{\"preset\":\"discounts\"}");
    assert_int_equal(w->status, 200);
    rule_of(w, "tier", "{\"kind\":\"points\",\"amount\":50}", "");
    int64_t member = world_member(w, "13800000001"), other = world_member(w, "13800000002");
    world_settle(w);
    world_get(w, "/v1/members/%lld/rewards", (long long)member);
    int64_t before = world_count(w, "/items"), had = points(w, member);
    for (int i = 0; i < 2; i++) {
        world_post(w, "/v1/growth/grants", "{\"member_id\":\"%lld\",\"growth\":150,\"reason\":\"x\"}",
                   (long long)member);
        world_settle(w);
        if (i == 0) assert_int_equal(points(w, member) - had, 50);
        world_post(w, "/v1/growth/deductions", "{\"member_id\":\"%lld\",\"growth\":150,\"reason\":\"x\"}",
                   (long long)member);
        world_pass(w, (int64_t)400 * DAY_MS);
    }
    world_get(w, "/v1/members/%lld/rewards", (long long)member);
    assert_int_equal(world_count(w, "/items"), before + 1);
    /* a level that an import brought, and those below it */
    world_unit(w, import_level, &other);
    world_settle(w);
    world_get(w, "/v1/members/%lld/rewards", (long long)other);
    int64_t kept = world_count(w, "/items");
    world_post(w, "/v1/growth/grants", "{\"member_id\":\"%lld\",\"growth\":150,\"reason\":\"x\"}", (long long)other);
    world_settle(w);
    world_get(w, "/v1/members/%lld/rewards", (long long)other);
    assert_int_equal(world_count(w, "/items"), kept);
    world_holds(w);
}

TEST(a_birthday_coupon_comes_once_a_year_on_its_day_or_in_its_month) {
    int64_t member = world_member(w, "13800000001");
    world_header(w, "if-match", "*");
    world_send(w, "PATCH", world_path(w, "/v1/members/%lld", (long long)member),
               S("{\"birthday\":{\"month\":4,\"day\":10}}"));
    assert_int_equal(w->status, 200);
    world_post(w, "/v1/reward-presets", "{\"preset\":\"birthday_month\"}");
    assert_int_equal(w->status, 201);
    world_post(w, "/v1/reward-presets", "{\"preset\":\"cake\"}");
    assert_int_equal(w->status, 201);
    world_pass(w, (int64_t)20 * DAY_MS); /* 22 March */
    assert_int_equal(coupons(w, member), 0);
    world_pass(w, (int64_t)10 * DAY_MS); /* 1 April */
    assert_int_equal(coupons(w, member), 1);
    assert_true(str_is(world_str(w, "/items/0/kind"), "discount"));
    for (int i = 0; i < 12; i++) world_pass(w, DAY_MS);
    assert_int_equal(coupons(w, member), 2);
    assert_true(str_is(world_str(w, "/items/0/kind"), "exchange"));
    for (int i = 0; i < 12; i++) world_pass(w, DAY_MS);
    assert_int_equal(coupons(w, member), 2);
    world_holds(w);
}

TEST(joining_gives_points_and_a_coupon_once_by_one_preset) {
    world_post(w, "/v1/reward-presets", "{\"preset\":\"join_gift\"}");
    assert_int_equal(w->status, 201);
    int64_t member = world_member(w, "13800000001");
    world_settle(w);
    assert_int_equal(points(w, member), 100);
    assert_int_equal(coupons(w, member), 1);
    assert_true(str_is(world_str(w, "/items/0/name"), "满50减10"));
    world_member(w, "13800000001");
    world_settle(w);
    assert_int_equal(points(w, member), 100);
    world_holds(w);
}

TEST(who_shares_a_coupon_is_rewarded_when_the_friend_takes_it) {
    Str ann, bob;
    int64_t a = wallet_member(w, "13800000001", &ann);
    wallet_member(w, "13800000002", &bob);
    int64_t id = template_of(w, "\"may_give\":true");
    char more[60];
    snprintf(more, sizeof more, "\"about_id\":\"%lld\"", (long long)id);
    rule_of(w, "coupon_shared", "{\"kind\":\"points\",\"amount\":30}", more);
    world_post(w, "/v1/coupons", "{\"template_id\":\"%lld\",\"member_id\":\"%lld\",\"reason\":\"x\"}", (long long)id,
               (long long)a);
    int64_t coupon = world_int(w, "/items/0/coupon_id");
    world_settle(w);
    int64_t before = points(w, a);
    world_as(w, ann);
    world_post(w, world_path(w, "/v1/me/coupons/%lld/gift", (long long)coupon), "{}");
    const char *code = arena_cstr(&w->arena, world_str(w, "/code"));
    world_as(w, bob);
    world_post(w, "/v1/me/coupon-gifts/accept", "{\"code\":\"%s\"}", code);
    assert_int_equal(w->status, 201);
    world_as(w, w->owner_token);
    world_settle(w);
    assert_int_equal(points(w, a) - before, 30);
    world_holds(w);
}

TEST(a_recharge_package_gives_what_its_rule_says_and_a_card_refund_takes_its_share_back) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), package = wallet_package(w, 10000, 0, 1);
    char more[80];
    snprintf(more, sizeof more, "\"about_id\":\"%lld\",\"min_fen\":5000", (long long)package);
    rule_of(w, "recharge", "{\"kind\":\"growth\",\"amount\":80}", more);
    rule_of(w, "recharge", coupon_gift(w, template_of(w, ""), 2), more);
    wallet_recharge(w, member, wallet_package(w, 20000, 0, 1)); /* another package */
    world_settle(w);
    assert_int_equal(coupons(w, member), 0);
    int64_t recharge = wallet_recharge(w, member, package);
    world_settle(w);
    world_settle(w);
    assert_int_equal(coupons(w, member), 2);
    world_get(w, "/v1/members/%lld/growth", (long long)member);
    assert_int_equal(world_int(w, "/balance"), 80);
    assert_true(recharge != 0);
    world_as(w, token);
    world_post(w, "/v1/me/wallet/refund-requests", "{}");
    int64_t request = world_int(w, "/request_id");
    world_as(w, world_staff(w, "manager"));
    world_post(w, world_path(w, "/v1/wallet/refund-requests/%lld/approve", (long long)request), "{}");
    assert_int_equal(w->status, 200);
    world_as(w, w->owner_token);
    world_settle(w);
    assert_int_equal(coupons(w, member), 0);
    world_get(w, "/v1/members/%lld/growth", (long long)member);
    assert_int_equal(world_int(w, "/balance"), 0);
    world_holds(w);
}

TEST(times_cards_and_benefits_go_through_the_same_door_and_come_back_one_by_one) {
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 9900);
    world_post(w, "/v1/times/templates",
               "{\"name\":\"洗车 10 次\",\"uses\":10,\"price_fen\":20000,\"valid_days\":365}");
    assert_int_equal(w->status, 201);
    int64_t times = world_int(w, "/template_id");
    world_post(w, "/v1/benefits", "{\"key\":\"parking\",\"name\":\"停车\",\"kind\":\"parking\",\"unit\":\"小时\"}");
    assert_int_equal(w->status, 201);
    int64_t benefit = world_int(w, "/benefit_id");
    const char *body = world_path(
        w, "{\"gifts\":[{\"kind\":\"times\",\"what_id\":\"%lld\"},{\"kind\":\"benefit\",\"what_id\":\"%lld\"}]}",
        (long long)times, (long long)benefit);
    world_header(w, "If-Match", "\"v0\"");
    world_send(w, "PUT", world_path(w, "/v1/items/%lld/gifts", (long long)item), str_of(body));
    assert_int_equal(w->status, 200);
    Try t = { .what = SOLD, .line = { 1, item, 2 }, .order = 11, .member = member };
    expect_try(w, &t, "");
    Try back = { .what = UNSOLD, .unsold = { member, 11, 1, 91, 1, 2 } };
    expect_try(w, &back, "");
    back.unsold.refund_id = 92;
    expect_try(w, &back, "");
    back.unsold.refund_id = 93;
    expect_try(w, &back, ""); /* nothing is left to take */
    world_holds(w);
}

TEST(who_falls_asleep_is_sent_a_coupon_each_time_once) {
    int64_t member = world_member(w, "13800000001"), id = template_of(w, "");
    rule_of(w, "asleep", coupon_gift(w, id, 1), "");
    for (int i = 0; i < 5; i++) world_pass(w, (int64_t)40 * DAY_MS);
    world_get(w, "/v1/members/%lld/coupons", (long long)member);
    assert_int_equal(world_count(w, "/items"), 1);
    world_sell(w, member, world_item(w, 1000), 1000);
    world_pass(w, (int64_t)2 * DAY_MS);
    for (int i = 0; i < 5; i++) world_pass(w, (int64_t)40 * DAY_MS);
    world_get(w, "/v1/members/%lld/coupons", (long long)member);
    assert_int_equal(world_count(w, "/items"), 2);
    world_holds(w);
}
