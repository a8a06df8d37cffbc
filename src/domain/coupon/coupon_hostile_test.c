#include "base/code.h"
#include "domain/coupon/coupon_store.h"
#include "domain/wallet/wallet_test.h"
#include "test/test.h"
#include <stdio.h>

static int64_t template_of(World *w, const char *rule) {
    world_post(w, "/v1/coupon-templates", "{\"name\":\"券\",\"valid_days\":30,%s}", rule);
    assert_int_equal(w->status, 201);
    return world_int(w, "/template_id");
}

static int64_t given(World *w, int64_t template_id, int64_t member_id) {
    world_post(w, "/v1/coupons", "{\"template_id\":\"%lld\",\"member_id\":\"%lld\",\"reason\":\"test\"}",
               (long long)template_id, (long long)member_id);
    assert_int_equal(w->status, 201);
    return world_int(w, "/items/0/coupon_id");
}

#define CASH "\"kind\":\"cash\",\"off_fen\":500"

typedef struct ByCode {
    int64_t coupon_id, member_id;
    Promo promo;
    const char *code;
} ByCode;
static Err by_code(Ctx *c, void *arg) {
    ByCode *b = arg;
    Coupon k;
    TRY(coupon_read(c, b->coupon_id, &k));
    return coupon_promo_by_code(c, code_show(c->arena, k.code), b->member_id, 0, &b->promo);
}
static void expect_code(World *w, int64_t coupon_id, int64_t member_id, const char *code) {
    Ctx c = world_ctx(w, w->merchant_id);
    ByCode b = { coupon_id, member_id, { 0 }, NULL };
    Err err = app_read(&c, by_code, &b);
    const char *got = err == OK ? "" : c.problem.code;
    if (!str_is(str_of(got), code)) fail_msg("expected '%s', got '%s'", code, got);
    if (err == OK) assert_int_equal(b.promo.id, coupon_id);
}

typedef struct Use {
    CouponMove move;
    bool is_lock;
} Use;
static Err use_it(Ctx *c, void *arg) {
    const Use *u = arg;
    return u->is_lock ? coupon_lock(c, &u->move) : coupon_use(c, &u->move);
}

TEST(a_code_at_the_till_is_taken_for_what_it_is_or_refused_in_words) {
    int64_t a = world_member(w, "13800000001"), b = world_member(w, "13800000002"), cash = template_of(w, CASH);
    int64_t mine = given(w, cash, a), gone = given(w, cash, a), locked = given(w, cash, a);
    int64_t spa = given(w, template_of(w, "\"kind\":\"experience\""), a);
    int64_t later = given(w, template_of(w, CASH ",\"start_days\":3"), a);
    expect_code(w, mine, a, "");
    expect_code(w, mine, b, "coupon.other_member");
    expect_code(w, mine, 0, "coupon.other_member");
    expect_code(w, spa, a, "coupon.not_in_order");
    expect_code(w, later, a, "coupon.not_yet");
    world_post(w, world_path(w, "/v1/coupons/%lld/void", (long long)gone), "{\"reason\":\"x\"}");
    expect_code(w, gone, a, "coupon.void");
    assert_int_equal(world_unit(w, use_it, &(Use){ { locked, a, 5, 0, 100 }, true }), OK);
    expect_code(w, locked, a, "coupon.taken");
    world_post(w, "/v1/coupon-codes", "{\"template_id\":\"%lld\",\"count\":1,\"reason\":\"x\"}", (long long)cash);
    world_get(w, "/v1/coupon-templates/%lld/codes?batch_id=%lld", (long long)cash,
              (long long)world_int(w, "/batch_id"));
    int64_t bearer = world_int(w, "/items/0/coupon_id");
    expect_code(w, bearer, 0, "");
    expect_code(w, bearer, b, "");
    assert_int_equal(world_unit(w, use_it, &(Use){ { bearer, b, 6, 0, 100 }, false }), OK);
    world_send(w, "PUT", world_path(w, "/v1/members/%lld/blocked-rights", (long long)a),
               S("{\"blocked\":[\"use_coupons\"],\"reason\":\"x\"}"));
    expect_code(w, mine, a, "member.blocked_coupons");
    world_send(w, "PUT", world_path(w, "/v1/members/%lld/blocked-rights", (long long)a),
               S("{\"blocked\":[],\"reason\":\"x\"}"));
    expect_code(w, bearer, a, "coupon.other_member"); /* it has become the member's */
    expect_code(w, bearer, b, "coupon.taken");
    world_pass(w, (int64_t)40 * DAY_MS);
    expect_code(w, mine, a, "coupon.expired");
    world_holds(w);
}

TEST(more_than_is_left_is_refused_whole) {
    int64_t id = template_of(w, CASH ",\"stock\":5"), member = world_member(w, "13800000001");
    const char *const form = "{\"template_id\":\"%lld\",\"member_id\":\"%lld\",\"count\":%d,\"reason\":\"x\"}";
    world_post(w, "/v1/coupons", form, (long long)id, (long long)member, 3);
    assert_int_equal(w->status, 201);
    world_post(w, "/v1/coupons", form, (long long)id, (long long)member, 3);
    wallet_refused(w, 409, "coupon.out_of_stock");
    assert_int_equal(world_int(w, "/numbers/left_count"), 2);
    world_post(w, "/v1/coupons", form, (long long)id, (long long)member, -1);
    assert_int_equal(w->status, 422);
    world_post(w, "/v1/coupons", form, (long long)id, (long long)member, 1000000000);
    assert_int_equal(w->status, 422);
    world_post(w, "/v1/coupon-templates", "{\"name\":\"x\",\"kind\":\"cash\",\"off_fen\":-5,\"valid_days\":3}");
    assert_int_equal(w->status, 422);
    world_post(w, "/v1/coupon-templates",
               "{\"name\":\"x\",\"kind\":\"cash\",\"off_fen\":99999999999999,\"valid_days\":3}");
    assert_int_equal(w->status, 422);
    world_get(w, "/v1/coupon-templates/%lld", (long long)id);
    assert_int_equal(world_int(w, "/issued_count"), 3);
    world_holds(w);
}

TEST(coupons_of_another_merchant_do_not_exist) {
    int64_t member = world_member(w, "13800000001"), id = template_of(w, CASH), coupon = given(w, id, member);
    world_merchant(w, "other");
    world_as(w, world_other_token(w));
    world_get(w, "/v1/coupons/%lld", (long long)coupon);
    wallet_refused(w, 404, "coupon.unknown");
    world_get(w, "/v1/coupon-templates/%lld", (long long)id);
    wallet_refused(w, 404, "coupon.unknown");
    world_post(w, world_path(w, "/v1/coupons/%lld/void", (long long)coupon), "{\"reason\":\"x\"}");
    wallet_refused(w, 404, "coupon.unknown");
    world_as(w, w->owner_token);
    world_holds(w);
}

TEST(a_forgotten_member_leaves_no_coupon_that_could_be_used) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), id = template_of(w, CASH ",\"may_give\":true");
    int64_t open = given(w, id, member), giving = given(w, id, member);
    world_as(w, token);
    world_post(w, world_path(w, "/v1/me/coupons/%lld/gift", (long long)giving), "{}");
    const char *code = arena_cstr(&w->arena, world_str(w, "/code"));
    world_get(w, "/v1/me/export");
    if (w->status == 200) assert_true(str_find(w->body, S("\"coupons\"")) >= 0);
    world_as(w, w->owner_token);
    world_post(w, world_path(w, "/v1/members/%lld/erase", (long long)member), "{\"reason\":\"asked\"}");
    if (w->status >= 300) fail_msg("erase: %d %.*s", w->status, (int)w->body.len, w->body.at);
    world_get(w, "/v1/coupons/%lld", (long long)open);
    assert_true(str_is(world_str(w, "/coupon/status"), "void"));
    world_get(w, "/v1/coupons/%lld", (long long)giving);
    assert_true(str_is(world_str(w, "/coupon/status"), "void"));
    Str other;
    wallet_member(w, "13800000002", &other);
    world_as(w, other);
    world_post(w, "/v1/me/coupon-gifts/accept", "{\"code\":\"%s\"}", code);
    wallet_refused(w, 409, "coupon.gift_over");
    world_as(w, w->owner_token);
    world_holds(w);
}

TEST(who_edits_an_old_version_of_a_template_or_a_rule_is_told) {
    int64_t id = template_of(w, CASH);
    const char *path = world_path(w, "/v1/coupon-templates/%lld", (long long)id);
    Str body = S("{\"name\":\"x\",\"kind\":\"cash\",\"off_fen\":5,\"valid_days\":3,\"version\":7}");
    world_header(w, "If-Match", "*");
    world_send(w, "PUT", path, body);
    wallet_refused(w, 412, "coupon.stale");
    world_post(w, "/v1/reward-rules",
               "{\"name\":\"x\",\"event\":\"join\",\"gifts\":[{\"kind\":\"points\",\"amount\":5}]}");
    path = world_path(w, "/v1/reward-rules/%lld", (long long)world_int(w, "/rule_id"));
    body = S("{\"name\":\"x\",\"event\":\"join\",\"gifts\":[{\"kind\":\"points\",\"amount\":5}],\"version\":7}");
    world_header(w, "If-Match", "*");
    world_send(w, "PUT", path, body);
    wallet_refused(w, 412, "reward.stale");
}
