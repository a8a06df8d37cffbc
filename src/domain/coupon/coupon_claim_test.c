#include "base/code.h"
#include "domain/coupon/coupon_store.h"
#include "domain/wallet/wallet_test.h"
#include "test/test.h"
#include <stdio.h>

static int64_t template_of(World *w, const char *rule) {
    world_post(w, "/v1/coupon-templates", "{\"name\":\"蛋糕券\",\"valid_days\":30%s%s}", rule[0] != '\0' ? "," : "",
               rule);
    assert_int_equal(w->status, 201);
    return world_int(w, "/template_id");
}

static void claim(World *w, int64_t template_id) {
    world_post(w, "/v1/me/coupon-claims", "{\"template_id\":\"%lld\"}", (long long)template_id);
}

static int64_t claimed(World *w, int64_t template_id) {
    claim(w, template_id);
    assert_int_equal(w->status, 201);
    return world_int(w, "/coupon_id");
}

#define CASH "\"kind\":\"cash\",\"off_fen\":500"

TEST(the_claim_centre_says_what_one_may_have_and_why_not) {
    Str token;
    wallet_member(w, "13800000001", &token);
    int64_t open = template_of(w, CASH ",\"claim\":\"open\",\"most_total\":1");
    int64_t gate = template_of(w, CASH ",\"claim\":\"open\",\"claim_who\":{\"tags\":[\"钻石\"]}");
    int64_t early = template_of(w, CASH ",\"claim\":\"open\",\"claim_from_day\":\"2026-03-09\"");
    int64_t over = template_of(w, CASH ",\"claim\":\"open\",\"claim_to_day\":\"2026-03-01\"");
    int64_t closed = template_of(w, CASH), paused = template_of(w, CASH ",\"claim\":\"open\",\"state\":\"paused\"");
    int64_t gone = template_of(w, CASH ",\"claim\":\"open\",\"stock\":1");
    world_post(w, "/v1/coupons", "{\"template_id\":\"%lld\",\"member_id\":\"%lld\",\"reason\":\"x\"}", (long long)gone,
               (long long)world_member(w, "13800000002"));
    world_as(w, token);
    world_get(w, "/v1/me/coupon-centre");
    assert_int_equal(world_count(w, "/items"), 5);
    const char *const why[] = { "coupon.out_of_stock", "coupon.claim_over", "coupon.claim_early", "coupon.gate" };
    for (int i = 0; i < 4; i++) {
        char at[40];
        snprintf(at, sizeof at, "/items/%d/why_not_code", i);
        assert_true(str_is(world_str(w, at), why[i]));
    }
    assert_false(world_has(w, "/items/4/why_not_code"));
    claimed(w, open);
    claim(w, open);
    wallet_refused(w, 409, "coupon.limit");
    const int64_t refused[] = { gate, early, over, closed, paused, gone };
    const char *const codes[] = { "coupon.gate",          "coupon.claim_early", "coupon.claim_over",
                                  "coupon.not_claimable", "coupon.closed",      "coupon.out_of_stock" };
    for (int i = 0; i < 6; i++) {
        claim(w, refused[i]);
        wallet_refused(w, 409, codes[i]);
    }
    claim(w, 1);
    wallet_refused(w, 404, "coupon.unknown");
    world_as(w, w->owner_token);
    world_holds(w);
}

TEST(a_password_opens_a_coupon_and_guessing_ends) {
    Str token;
    wallet_member(w, "13800000001", &token);
    template_of(w, CASH ",\"claim\":\"password\",\"password\":\"芝麻开门\"");
    world_as(w, token);
    world_post(w, "/v1/me/coupon-claims", "{\"password\":\"芝麻开门\"}");
    assert_int_equal(w->status, 201);
    for (int i = 0; i < 10; i++) {
        world_post(w, "/v1/me/coupon-claims", "{\"password\":\"guess%d\"}", i);
        wallet_refused(w, 404, "coupon.code_wrong");
    }
    world_post(w, "/v1/me/coupon-claims", "{\"password\":\"芝麻开门\"}"); /* a right one does not help any more */
    wallet_refused(w, 429, "limit.reached");
    world_pass(w, HOUR_MS);
    world_post(w, "/v1/me/coupon-claims", "{\"password\":\"芝麻开门\"}");
    assert_int_equal(w->status, 201);
    world_as(w, w->owner_token);
    world_holds(w);
}

static Str first_code(World *w, int64_t template_id, int64_t count) {
    world_as(w, w->owner_token);
    world_post(w, "/v1/coupon-codes", "{\"template_id\":\"%lld\",\"count\":%lld,\"reason\":\"flyer\"}",
               (long long)template_id, (long long)count);
    assert_int_equal(w->status, 201);
    int64_t batch = world_int(w, "/batch_id");
    world_get(w, "/v1/coupon-templates/%lld/codes?batch_id=%lld", (long long)template_id, (long long)batch);
    assert_int_equal(world_count(w, "/items"), count);
    return arena_str(&w->arena, world_str(w, "/items/0/code"));
}

TEST(a_code_belongs_to_whoever_claims_it_first_and_then_to_nobody_else) {
    Str ann, bob;
    wallet_member(w, "13800000001", &ann);
    wallet_member(w, "13800000002", &bob);
    int64_t id = template_of(w, CASH ",\"most_total\":1");
    Str code = first_code(w, id, 3);
    assert_int_equal(code.len, 15);
    const char *text = arena_cstr(&w->arena, code);
    world_as(w, ann);
    world_post(w, "/v1/me/coupon-codes", "{\"code\":\"%s\"}", text);
    assert_int_equal(w->status, 201);
    world_as(w, bob);
    world_post(w, "/v1/me/coupon-codes", "{\"code\":\"%s\"}", text);
    wallet_refused(w, 409, "coupon.other_member");
    world_post(w, "/v1/me/coupon-codes", "{\"code\":\"7K3M9QXTB2R5X\"}");
    wallet_refused(w, 422, "coupon.code_typo");
    world_as(w, ann);
    world_post(w, "/v1/me/coupon-codes", "{\"code\":\"%s\"}", text);
    wallet_refused(w, 409, "coupon.limit");
    world_as(w, w->owner_token);
    world_holds(w);
}

/* Chance gives each World other codes: one that is right in form and unknown here is made with the same function. */
static const char *strange_code(World *w) {
    Rng rng = rng_seeded(4711);
    return arena_cstr(&w->arena, code_new(&w->arena, &rng));
}

TEST(wrong_codes_at_the_till_are_counted_even_though_they_are_refused) {
    int64_t id = template_of(w, "\"kind\":\"experience\"");
    Str code = first_code(w, id, 1);
    const char *strange = strange_code(w), *right = arena_cstr(&w->arena, code);
    for (int i = 0; i < 60; i++) {
        world_post(w, "/v1/coupon-lookups", "{\"code\":\"%s\",\"shop_id\":\"%lld\"}", strange, (long long)w->shop_id);
        wallet_refused(w, 404, "coupon.code_wrong");
    }
    world_post(w, "/v1/coupon-lookups", "{\"code\":\"%s\",\"shop_id\":\"%lld\"}", right, (long long)w->shop_id);
    wallet_refused(w, 429, "limit.reached");
    world_pass(w, HOUR_MS);
    world_post(w, "/v1/coupon-lookups", "{\"code\":\"%s\",\"shop_id\":\"%lld\"}", right, (long long)w->shop_id);
    assert_int_equal(w->status, 200);
    assert_true(str_is(world_str(w, "/kind"), "experience"));
}

TEST(an_experience_is_redeemed_once_at_its_hours_and_undone_with_a_reason) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token);
    int64_t id = template_of(w, "\"kind\":\"experience\",\"when\":{\"from_minute\":840,\"to_minute\":1080}");
    int64_t cash = template_of(w, CASH);
    Str code = first_code(w, id, 1), wrong_kind = first_code(w, cash, 1);
    const char *text = arena_cstr(&w->arena, code);
    const char *const form = "{\"shop_id\":\"%lld\",\"code\":\"%s\"}";
    world_post(w, "/v1/coupon-redemptions", form, (long long)w->shop_id, text);
    wallet_refused(w, 409, "coupon.not_now");
    world_clock(w, w->now + (int64_t)5 * HOUR_MS);
    world_post(w, "/v1/coupon-redemptions", form, (long long)w->shop_id, arena_cstr(&w->arena, wrong_kind));
    wallet_refused(w, 409, "coupon.not_experience");
    world_post(w, "/v1/coupon-redemptions", form, (long long)w->shop_id, text);
    assert_int_equal(w->status, 201);
    int64_t coupon = world_int(w, "/coupon_id");
    world_post(w, "/v1/coupon-redemptions", form, (long long)w->shop_id, text);
    wallet_refused(w, 409, "coupon.taken");
    const char *undo = world_path(w, "/v1/coupons/%lld/redeem-undo", (long long)coupon);
    world_post(w, undo, "{\"reason\":\"选错了\"}");
    assert_int_equal(w->status, 200);
    world_post(w, undo, "{\"reason\":\"选错了\"}");
    wallet_refused(w, 409, "coupon.not_redeemed");
    world_post(w, "/v1/coupons", "{\"template_id\":\"%lld\",\"member_id\":\"%lld\",\"reason\":\"x\"}", (long long)id,
               (long long)member);
    coupon = world_int(w, "/items/0/coupon_id");
    world_post(w, "/v1/coupon-redemptions", "{\"shop_id\":\"%lld\",\"coupon_id\":\"%lld\",\"member_id\":\"5\"}",
               (long long)w->shop_id, (long long)coupon);
    wallet_refused(w, 409, "coupon.other_member");
    world_post(w, "/v1/coupon-redemptions", "{\"shop_id\":\"%lld\",\"coupon_id\":\"%lld\",\"member_id\":\"%lld\"}",
               (long long)w->shop_id, (long long)coupon, (long long)member);
    assert_int_equal(w->status, 201);
    world_holds(w);
}

TEST(a_coupon_given_to_a_friend_changes_its_code_and_comes_back_by_itself) {
    Str ann, bob;
    int64_t a = wallet_member(w, "13800000001", &ann), b = wallet_member(w, "13800000002", &bob);
    int64_t id = template_of(w, CASH ",\"may_give\":true,\"most_total\":2,\"claim\":\"open\"");
    int64_t plain = template_of(w, CASH ",\"claim\":\"open\"");
    (void)a;
    world_as(w, ann);
    int64_t k = claimed(w, id), kept = claimed(w, plain), second = claimed(w, id);
    world_post(w, world_path(w, "/v1/me/coupons/%lld/gift", (long long)kept), "{}");
    wallet_refused(w, 409, "coupon.not_giveable");
    world_post(w, world_path(w, "/v1/me/coupons/%lld/gift", (long long)k), "{}");
    assert_int_equal(w->status, 201);
    const char *code = arena_cstr(&w->arena, world_str(w, "/code"));
    world_post(w, "/v1/me/coupon-gifts/accept", "{\"code\":\"%s\"}", code);
    wallet_refused(w, 409, "coupon.gift_own");
    world_post(w, world_path(w, "/v1/me/coupons/%lld/gift-back", (long long)k), "{}");
    assert_int_equal(w->status, 200);
    world_post(w, world_path(w, "/v1/me/coupons/%lld/gift-back", (long long)k), "{}");
    wallet_refused(w, 409, "coupon.gift_over");
    world_as(w, bob);
    world_post(w, "/v1/me/coupon-gifts/accept", "{\"code\":\"%s\"}", code);
    wallet_refused(w, 409, "coupon.gift_over");
    world_as(w, ann);
    world_post(w, world_path(w, "/v1/me/coupons/%lld/gift", (long long)k), "{}");
    code = arena_cstr(&w->arena, world_str(w, "/code"));
    world_as(w, bob);
    world_post(w, "/v1/me/coupon-gifts/accept", "{\"code\":\"%s\"}", code);
    assert_int_equal(w->status, 201);
    assert_int_equal(world_int(w, "/to_id"), b);
    world_get(w, "/v1/me/coupons");
    assert_int_equal(world_count(w, "/items"), 1);
    /* it counts in the limits of the receiver */
    claimed(w, id);
    claim(w, id);
    wallet_refused(w, 409, "coupon.limit");
    world_as(w, ann);
    world_post(w, world_path(w, "/v1/me/coupons/%lld/gift", (long long)second), "{}");
    assert_int_equal(w->status, 201);
    world_pass(w, (int64_t)25 * HOUR_MS);
    world_get(w, "/v1/me/coupon-gifts");
    assert_true(str_is(world_str(w, "/items/0/status"), "back"));
    world_get(w, "/v1/me/coupons?state=usable");
    assert_true(world_has(w, "/items/0/is_usable"));
    world_as(w, w->owner_token);
    world_holds(w);
}

TEST(coupons_go_with_their_member_when_two_become_one_and_part_again) {
    Str token;
    int64_t a = wallet_member(w, "13800000001", &token), b = world_member(w, "13800000002");
    int64_t id = template_of(w, CASH ",\"claim\":\"open\",\"most_total\":1,\"may_give\":true");
    world_as(w, token);
    int64_t k = claimed(w, id);
    world_post(w, world_path(w, "/v1/me/coupons/%lld/gift", (long long)k), "{}");
    world_as(w, w->owner_token);
    world_post(w, world_path(w, "/v1/members/%lld/merge", (long long)b),
               "{\"from_id\":\"%lld\",\"reason\":\"same person\"}", (long long)a);
    assert_true(w->status == 200 || w->status == 201);
    int64_t merge = world_int(w, "/merge_id");
    world_holds(w);
    world_post(w, "/v1/coupons", "{\"template_id\":\"%lld\",\"member_id\":\"%lld\",\"reason\":\"x\"}", (long long)id,
               (long long)b);
    wallet_refused(w, 409, "coupon.limit");
    world_get(w, "/v1/members/%lld/coupons", (long long)b);
    assert_int_equal(world_count(w, "/items"), 1);
    world_post(w, world_path(w, "/v1/member-merges/%lld/undo", (long long)merge), "{}");
    assert_true(w->status == 200 || w->status == 201);
    world_get(w, "/v1/members/%lld/coupons", (long long)a);
    assert_int_equal(world_count(w, "/items"), 1);
    world_post(w, "/v1/coupons", "{\"template_id\":\"%lld\",\"member_id\":\"%lld\",\"reason\":\"x\"}", (long long)id,
               (long long)b);
    assert_int_equal(w->status, 201);
    world_holds(w);
}
