#include "base/code.h"
#include "domain/coupon/coupon_store.h"
#include "domain/wallet/wallet_test.h"
#include "test/sim.h"
#include "test/test.h"
#include <stdio.h>

static int64_t template_of(World *w, const char *rule) {
    world_post(
        w, "/v1/coupon-templates",
        "{\"name\":\"满50减10\",\"kind\":\"full\",\"threshold_fen\":5000,\"off_fen\":1000,\"valid_days\":30%s%s}",
        rule[0] != '\0' ? "," : "", rule);
    assert_int_equal(w->status, 201);
    return world_int(w, "/template_id");
}

static int64_t given(World *w, int64_t template_id, int64_t member_id) {
    world_post(w, "/v1/coupons", "{\"template_id\":\"%lld\",\"member_id\":\"%lld\",\"reason\":\"test\"}",
               (long long)template_id, (long long)member_id);
    assert_int_equal(w->status, 201);
    return world_int(w, "/items/0/coupon_id");
}

typedef struct Try {
    CouponMove move;
    enum { LOCK, USE, RELEASE, RETURN, READ, CODE, ISSUE, UNISSUE, PROMOS } what;
    bool is_whole, back;
    Coupon coupon;
    Promo promo;
    Str text;
    const char *code;
    CouponIssue issue;
    Coupons list;
    int64_t voided, gone;
    Promos promos;
    CouponRefusals refusals;
} Try;

static Err try_it(Ctx *c, void *arg) {
    Try *t = arg;
    switch (t->what) {
    case LOCK:
        return coupon_lock(c, &t->move);
    case USE:
        return coupon_use(c, &t->move);
    case RELEASE:
        return coupon_release(c, t->move.order_id);
    case RETURN:
        return coupon_return(c, t->move.order_id, t->move.coupon_id, 77, t->is_whole, &t->back);
    case READ:
        return coupon_read(c, t->move.coupon_id, &t->coupon);
    case CODE:
        return coupon_promo_by_code(c, t->text, t->move.member_id, t->move.shop_id, &t->promo);
    case ISSUE:
        return coupon_issue(c, &t->issue, &t->list, &t->back);
    case UNISSUE:
        return coupon_unissue(c, &t->issue, S("test"), &t->voided, &t->gone);
    case PROMOS:
        return coupon_promos(c, t->move.member_id, t->move.shop_id, t->move.order_id, &t->promos, &t->refusals);
    }
    return OK;
}

static Err run_try(World *w, Try *t) {
    Ctx c = world_ctx(w, w->merchant_id);
    c.actor.kind = ACTOR_CLI;
    Err err = t->what == CODE ? app_read(&c, try_it, t) : app_unit(&c, try_it, t);
    t->code = err == OK ? "" : c.problem.code;
    return err;
}

static void expect_try(World *w, Try t, const char *code) {
    run_try(w, &t);
    if (!str_is(str_of(t.code), code)) fail_msg("expected %s, got %s", code, t.code);
}

static Coupon coupon_now(World *w, int64_t coupon_id) {
    Try t = { .what = READ, .move = { .coupon_id = coupon_id } };
    assert_int_equal(run_try(w, &t), OK);
    return t.coupon;
}

static void expect_status(World *w, int64_t coupon_id, CouponStatus status) {
    assert_int_equal(coupon_now(w, coupon_id).status, status);
}

#define MOVE(coupon, member, order)                                                                                    \
    { .coupon_id = (coupon), .member_id = (member), .order_id = (order), .off_fen = 1000 }

/* ---- templates ---- */

TEST(a_coupon_template_is_checked_versioned_and_edited_with_if_match) {
    world_post(w, "/v1/coupon-templates",
               "{\"name\":\"x\",\"kind\":\"full\",\"start_days\":3,\"claim\":\"password\",\"on_refund\":\"extend\","
               "\"most_period\":2,\"when\":{\"from_day\":\"2026-05-01\",\"to_day\":\"2026-04-01\",\"weekdays\":[\"8\"],"
               "\"not_days\":[{\"from_day\":\"2026-05-03\",\"to_day\":\"2026-05-01\"}]}}");
    wallet_refused(w, 422, "body.invalid");
    assert_int_equal(world_count(w, "/errors"), 9);
    int64_t id = template_of(w, "");
    world_post(w, "/v1/coupon-templates",
               "{\"name\":\"x\",\"kind\":\"cash\",\"threshold_fen\":100,\"off_fen\":100,\"valid_days\":3}");
    wallet_refused(w, 422, "body.invalid");
    world_get(w, "/v1/coupon-templates/%lld", (long long)id);
    assert_int_equal(world_int(w, "/version"), 1);
    const char *path = world_path(w, "/v1/coupon-templates/%lld", (long long)id);
    Str body = S("{\"name\":\"满50减20\",\"kind\":\"full\",\"threshold_fen\":5000,\"off_fen\":2000,\"valid_days\":30,"
                 "\"stock\":1}");
    int64_t member = world_member(w, "13800000001"), old = given(w, id, member), other = given(w, id, member);
    world_header(w, "If-Match", "\"v1\"");
    world_send(w, "PUT", path, body);
    wallet_refused(w, 409, "coupon.stock_below");
    body = S("{\"name\":\"满50减20\",\"kind\":\"full\",\"threshold_fen\":5000,\"off_fen\":2000,\"valid_days\":30}");
    world_header(w, "If-Match", "\"v1\"");
    world_send(w, "PUT", path, body);
    assert_int_equal(world_int(w, "/version"), 2);
    world_header(w, "If-Match", "\"v1\"");
    world_send(w, "PUT", path, body);
    assert_int_equal(w->status, 412);
    world_send(w, "PUT", path,
               S("{\"name\":\"x\",\"kind\":\"full\",\"threshold_fen\":5000,\"off_fen\":2000,"
                 "\"valid_days\":30,\"version\":1}"));
    assert_true(w->status == 412 || w->status == 428);
    /* who has one keeps what it said */
    Try t = { .what = PROMOS, .move = { .member_id = member } };
    given(w, id, member);
    assert_int_equal(run_try(w, &t), OK);
    assert_int_equal(t.promos.count, 3);
    for (int64_t i = 0; i < 3; i++) {
        bool is_old = t.promos.items[i].id == old || t.promos.items[i].id == other;
        assert_int_equal(t.promos.items[i].off_fen, is_old ? 1000 : 2000);
    }
    world_get(w, "/v1/coupon-templates");
    assert_int_equal(world_count(w, "/items"), 1);
    world_get(w, "/v1/coupon-templates/1");
    wallet_refused(w, 404, "coupon.unknown");
    world_holds(w);
}

/* ---- issuing ---- */

TEST(coupons_stop_at_stock_and_at_what_one_member_may_have) {
    int64_t id = template_of(w, "\"stock\":3,\"most_total\":2"), a = world_member(w, "13800000001");
    int64_t b = world_member(w, "13800000002");
    given(w, id, a);
    given(w, id, a);
    world_post(w, "/v1/coupons", "{\"template_id\":\"%lld\",\"member_id\":\"%lld\",\"reason\":\"x\"}", (long long)id,
               (long long)a);
    wallet_refused(w, 409, "coupon.limit");
    given(w, id, b);
    world_post(w, "/v1/coupons", "{\"template_id\":\"%lld\",\"member_id\":\"%lld\",\"reason\":\"x\"}", (long long)id,
               (long long)b);
    wallet_refused(w, 409, "coupon.out_of_stock");
    world_get(w, "/v1/coupon-templates/%lld", (long long)id);
    assert_int_equal(world_int(w, "/issued_count"), 3);
    int64_t day = template_of(w, "\"most_day\":1,\"most_period\":2,\"period_days\":7");
    given(w, day, a);
    world_post(w, "/v1/coupons", "{\"template_id\":\"%lld\",\"member_id\":\"%lld\",\"reason\":\"x\"}", (long long)day,
               (long long)a);
    wallet_refused(w, 409, "coupon.limit");
    world_pass(w, DAY_MS);
    given(w, day, a);
    world_pass(w, DAY_MS);
    world_post(w, "/v1/coupons", "{\"template_id\":\"%lld\",\"member_id\":\"%lld\",\"reason\":\"x\"}", (long long)day,
               (long long)a);
    wallet_refused(w, 409, "coupon.limit");
    world_pass(w, (int64_t)6 * DAY_MS);
    given(w, day, a);
    world_holds(w);
}

TEST(the_same_source_issues_once_for_ever_and_what_is_unused_can_be_taken_back) {
    int64_t id = template_of(w, ""), member = world_member(w, "13800000001");
    Try t = { .what = ISSUE, .issue = { member, id, 3, "test", 7, false } };
    assert_int_equal(run_try(w, &t), OK);
    assert_false(t.back);
    int64_t first = t.list.items[0].coupon_id;
    assert_int_equal(run_try(w, &t), OK);
    assert_true(t.back);
    assert_int_equal(t.list.count, 3);
    assert_int_equal(t.list.items[0].coupon_id, first);
    expect_try(w, (Try){ .what = USE, .move = MOVE(first, member, 5) }, "");
    t.what = UNISSUE;
    assert_int_equal(run_try(w, &t), OK);
    assert_int_equal(t.voided, 2);
    assert_int_equal(t.gone, 1);
    world_holds(w);
}

TEST(a_coupon_is_good_from_and_until_what_its_template_says) {
    int64_t member = world_member(w, "13800000001");
    int64_t later = given(w, template_of(w, "\"start_days\":2"), member);
    Coupon k = coupon_now(w, later);
    assert_int_equal(k.expires_at - k.from_at, (int64_t)30 * DAY_MS - 1);
    expect_try(w, (Try){ .what = USE, .move = MOVE(later, member, 5) }, "coupon.not_yet");
    world_pass(w, (int64_t)2 * DAY_MS);
    expect_try(w, (Try){ .what = USE, .move = MOVE(later, member, 5) }, "");
    world_post(w, "/v1/coupon-templates",
               "{\"name\":\"清明\",\"kind\":\"cash\",\"off_fen\":500,\"when\":{\"from_day\":\"2026-04-04\","
               "\"to_day\":\"2026-04-06\"}}");
    int64_t fixed = world_int(w, "/template_id"), coupon = given(w, fixed, member);
    expect_try(w, (Try){ .what = USE, .move = MOVE(coupon, member, 6) }, "coupon.not_yet");
    world_pass(w, (int64_t)60 * DAY_MS);
    expect_status(w, coupon, COUPON_EXPIRED);
    expect_try(w, (Try){ .what = USE, .move = MOVE(coupon, member, 6) }, "coupon.expired");
    world_post(w, "/v1/coupons", "{\"template_id\":\"%lld\",\"member_id\":\"%lld\",\"reason\":\"x\"}", (long long)fixed,
               (long long)member);
    wallet_refused(w, 409, "coupon.range_over");
    world_holds(w);
}

TEST(coupons_go_to_everybody_with_a_tag_or_in_a_stage_once_each) {
    int64_t id = template_of(w, "\"stock\":3"), members[3];
    char phone[20];
    for (int i = 0; i < 3; i++) {
        snprintf(phone, sizeof phone, "1380000000%d", i);
        members[i] = world_member(w, phone);
    }
    world_post(w, "/v1/tags", "{\"name\":\"睡着的\"}");
    int64_t tag = world_int(w, "/tag_id");
    world_post(w, world_path(w, "/v1/tags/%lld/members", (long long)tag), "{\"member_ids\":[\"%lld\",\"%lld\"]}",
               (long long)members[0], (long long)members[1]);
    world_post(w, "/v1/coupon-runs", "{\"template_id\":\"%lld\",\"tag_id\":\"%lld\",\"reason\":\"唤醒\"}",
               (long long)id, (long long)tag);
    assert_int_equal(w->status, 201);
    assert_int_equal(world_int(w, "/members"), 2);
    assert_true(str_is(world_str(w, "/status"), "done"));
    int64_t run = world_int(w, "/run_id");
    world_post(w, "/v1/coupon-runs", "{\"template_id\":\"%lld\",\"stage\":\"member\",\"reason\":\"all\"}",
               (long long)id);
    assert_true(str_is(world_str(w, "/status"), "out_of_stock"));
    assert_int_equal(world_int(w, "/members"), 1);
    world_post(w, "/v1/coupon-runs", "{\"template_id\":\"%lld\",\"reason\":\"all\"}", (long long)id);
    wallet_refused(w, 422, "coupon.run_whom");
    world_get(w, "/v1/coupon-runs/%lld", (long long)run);
    assert_int_equal(w->status, 200);
    world_get(w, "/v1/coupon-runs/1");
    wallet_refused(w, 404, "coupon.run_unknown");
    world_get(w, "/v1/coupon-runs");
    assert_int_equal(world_count(w, "/items"), 2);
    world_holds(w);
}

/* ---- lock, use, release, return ---- */

TEST(one_coupon_is_locked_and_used_by_one_order_alone) {
    int64_t id = template_of(w, ""), a = world_member(w, "13800000001"), b = world_member(w, "13800000002");
    int64_t k = given(w, id, a);
    expect_try(w, (Try){ .what = LOCK, .move = MOVE(k, b, 5) }, "coupon.other_member");
    expect_try(w, (Try){ .what = LOCK, .move = MOVE(k, a, 5) }, "");
    expect_try(w, (Try){ .what = USE, .move = MOVE(k, a, 6) }, "coupon.taken");
    expect_try(w, (Try){ .what = RELEASE, .move = { .order_id = 5 } }, "");
    expect_try(w, (Try){ .what = RELEASE, .move = { .order_id = 5 } }, "");
    expect_status(w, k, COUPON_ISSUED);
    expect_try(w, (Try){ .what = LOCK, .move = MOVE(k, a, 7) }, "");
    expect_try(w, (Try){ .what = USE, .move = MOVE(k, a, 7) }, "");
    expect_try(w, (Try){ .what = USE, .move = MOVE(k, a, 8) }, "coupon.taken");
    expect_try(w, (Try){ .what = USE, .move = MOVE(1, a, 8) }, "coupon.unknown");
    world_get(w, "/v1/coupons/%lld", (long long)k);
    assert_int_equal(world_count(w, "/entries"), 5);
    int64_t voided = given(w, id, a);
    world_post(w, world_path(w, "/v1/coupons/%lld/void", (long long)voided), "{\"reason\":\"发错了\"}");
    assert_int_equal(w->status, 200);
    expect_try(w, (Try){ .what = USE, .move = MOVE(voided, a, 9) }, "coupon.void");
    world_post(w, world_path(w, "/v1/coupons/%lld/void", (long long)k), "{\"reason\":\"x\"}");
    wallet_refused(w, 409, "coupon.taken");
    world_holds(w);
}

static int64_t used_coupon(World *w, const char *rule, int64_t member, int64_t order) {
    int64_t k = given(w, template_of(w, rule), member);
    expect_try(w, (Try){ .what = USE, .move = MOVE(k, member, order) }, "");
    return k;
}

TEST(a_returned_order_gives_its_coupon_back_as_the_template_says) {
    int64_t m = world_member(w, "13800000001");
    const char *const rules[] = { "", "\"on_refund\":\"return\"", "\"on_refund\":\"extend\",\"extend_days\":10",
                                  "\"on_refund\":\"keep\"" };
    int64_t k[4], late[4];
    for (int i = 0; i < 4; i++) {
        k[i] = used_coupon(w, rules[i], m, 100 + i);
        late[i] = used_coupon(w, rules[i], m, 200 + i);
    }
    const CouponStatus soon[] = { COUPON_ISSUED, COUPON_ISSUED, COUPON_ISSUED, COUPON_USED };
    const CouponStatus then[] = { COUPON_USED, COUPON_ISSUED, COUPON_ISSUED, COUPON_USED };
    expect_try(w, (Try){ .what = RETURN, .move = MOVE(k[0], m, 100) }, ""); /* a part of the order: stays used */
    expect_status(w, k[0], COUPON_USED);
    for (int i = 0; i < 4; i++) {
        expect_try(w, (Try){ .what = RETURN, .move = MOVE(k[i], m, 100 + i), .is_whole = true }, "");
        expect_try(w, (Try){ .what = RETURN, .move = MOVE(k[i], m, 100 + i), .is_whole = true }, "");
        expect_status(w, k[i], soon[i]);
    }
    world_clock(w, w->now + (int64_t)40 * DAY_MS);
    for (int i = 0; i < 4; i++) {
        expect_try(w, (Try){ .what = RETURN, .move = MOVE(late[i], m, 200 + i), .is_whole = true }, "");
        expect_status(w, late[i], then[i]);
    }
    assert_true(coupon_now(w, late[1]).expires_at > w->now);
    assert_true(coupon_now(w, late[2]).expires_at > w->now + (int64_t)9 * DAY_MS);
    expect_try(w, (Try){ .what = USE, .move = MOVE(k[1], m, 9) }, "coupon.expired");
    world_holds(w);
}

TEST(what_cannot_go_to_the_engine_says_why) {
    int64_t id = template_of(w, "\"may_give\":true");
    Str token;
    int64_t a = wallet_member(w, "13800000001", &token);
    int64_t locked = given(w, id, a), giving = given(w, id, a);
    given(w, id, a);
    expect_try(w, (Try){ .what = LOCK, .move = MOVE(locked, a, 5) }, "");
    world_as(w, token);
    world_post(w, world_path(w, "/v1/me/coupons/%lld/gift", (long long)giving), "{}");
    assert_int_equal(w->status, 201);
    world_as(w, w->owner_token);
    Try t = { .what = PROMOS, .move = { .member_id = a } };
    assert_int_equal(run_try(w, &t), OK);
    assert_int_equal(t.promos.count, 1);
    assert_int_equal(t.refusals.count, 2);
    for (int64_t i = 0; i < 2; i++)
        assert_true(
            str_is(t.refusals.items[i].code, t.refusals.items[i].id == locked ? "coupon.taken" : "coupon.giving"));
    t.move.order_id = 5; /* for the order that has it, it is free */
    assert_int_equal(run_try(w, &t), OK);
    assert_int_equal(t.promos.count, 2);
    world_send(w, "PUT", world_path(w, "/v1/members/%lld/blocked-rights", (long long)a),
               S("{\"blocked\":[\"use_coupons\"],\"reason\":\"x\"}"));
    assert_int_equal(w->status, 200);
    assert_int_equal(run_try(w, &t), OK);
    assert_int_equal(t.promos.count, 0);
    assert_true(str_is(t.refusals.items[0].code, "coupon.right"));
    expect_try(w, (Try){ .what = USE, .move = MOVE(giving, a, 6) }, "coupon.giving");
    world_get(w, "/v1/members/%lld/coupons?state=usable", (long long)a);
    assert_int_equal(world_count(w, "/items"), 3);
    world_holds(w);
}

TEST(a_member_sees_what_is_usable_used_and_expired_and_why_not_now) {
    Str token;
    int64_t a = wallet_member(w, "13800000001", &token);
    given(w, template_of(w, "\"terms\":\"plain\""), a);
    given(w, template_of(w, "\"when\":{\"weekdays\":[\"6\",\"7\"]}"), a);
    given(w, template_of(w, "\"when\":{\"not_days\":[{\"from_day\":\"2026-03-02\"}]}"), a);
    given(w, template_of(w, "\"start_days\":5"), a);
    used_coupon(w, "", a, 9);
    world_as(w, token);
    world_get(w, "/v1/me/coupons?state=usable");
    assert_int_equal(world_count(w, "/items"), 4);
    const char *const why[] = { "when.early", "when.blackout", "when.weekday" };
    for (int i = 0; i < 3; i++) {
        char at[40];
        snprintf(at, sizeof at, "/items/%d/why_not_code", i);
        assert_true(str_is(world_str(w, at), why[i]));
    }
    assert_false(world_has(w, "/items/3/why_not_code"));
    world_get(w, "/v1/me/coupons?state=used");
    assert_int_equal(world_count(w, "/items"), 1);
    world_get(w, "/v1/me/coupons?state=expired");
    assert_int_equal(world_count(w, "/items"), 0);
    world_as(w, w->owner_token);
    world_pass(w, (int64_t)60 * DAY_MS);
    world_get(w, "/v1/members/%lld/coupons?state=expired", (long long)a);
    assert_int_equal(world_count(w, "/items"), 4);
    world_holds(w);
}
