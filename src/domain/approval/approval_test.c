/* A second person: over the kinds that points, growth and wallet bring. */
#include "domain/approval/approval_store.h"
#include "test/sim.h"
#include "test/test.h"
#include "test/world_trade.h"
#include <pthread.h>
#include <stdio.h>

static void refused(const World *w, int status, const char *code) {
    if (w->status != status || !str_is(w->code, code))
        fail_msg("expected %d %s: %d %.*s", status, code, w->status, (int)w->body.len, w->body.at);
}

static int64_t balance(World *w, int64_t member) {
    world_get(w, "/v1/members/%lld/points", (long long)member);
    return world_int(w, "/balance");
}

/* Asked by a manager who may not decide it himself; 100 points are the limit. */
static int64_t ask(World *w, Str asker, int64_t member, const char *what, int64_t points) {
    world_as(w, asker);
    world_post(w, world_path(w, "/v1/points/%s", what),
               "{\"member_id\":\"%lld\",\"points\":%lld,\"reason\":\"补偿\",\"ask\":true}", (long long)member,
               (long long)points);
    if (w->status != 201) return 0;
    return world_has(w, "/approval_id") ? world_int(w, "/approval_id") : 0;
}

static void decide(World *w, Str who, int64_t approval, bool approve) {
    world_as(w, who);
    world_post(w, world_path(w, "/v1/approvals/%lld/decide", (long long)approval),
               "{\"approve\":%s,\"reason\":\"看过\"}", approve ? "true" : "false");
}

TEST(what_is_above_the_limit_waits_for_a_second_person_and_then_happens_once) {
    int64_t member = world_member(w, "13800000001");
    world_setting(w, "points", "{\"approval_points\":100}");
    Str one = world_staff(w, "manager"), two = world_staff(w, "manager"), cashier = world_staff(w, "cashier");
    assert_int_equal(ask(w, one, member, "grants", 100), 0); /* up to the limit nobody waits */
    assert_int_equal(balance(w, member), 100);
    int64_t approval = ask(w, one, member, "grants", 500);
    assert_true(approval != 0);
    assert_int_equal(balance(w, member), 100);
    world_get(w, "/v1/approvals?status=waiting");
    assert_int_equal(world_count(w, "/items"), 1);
    assert_int_equal(world_int(w, "/items/0/content/points"), 500);
    assert_true(str_is(world_str(w, "/items/0/title"), "人工增加积分"));
    ask(w, one, member, "grants", 300);
    refused(w, 409, "approval.waiting");
    decide(w, one, approval, true);
    refused(w, 403, "approval.own");
    decide(w, cashier, approval, true);
    refused(w, 403, "auth.denied");
    decide(w, two, 77, true);
    refused(w, 404, "approval.not_found");
    decide(w, two, approval, true);
    assert_int_equal(w->status, 200);
    assert_true(str_is(world_str(w, "/status"), "approved"));
    decide(w, two, approval, true);
    refused(w, 409, "approval.decided");
    assert_int_equal(balance(w, member), 600);
    world_as(w, w->owner_token);
    world_holds(w);
}

TEST(a_rejected_a_withdrawn_and_a_lapsed_request_move_nothing) {
    int64_t member = world_member(w, "13800000001");
    world_setting(w, "points", "{\"approval_points\":100}");
    world_setting(w, "approval", "{\"wait_days\":3}");
    Str one = world_staff(w, "manager"), two = world_staff(w, "manager");
    int64_t approval = ask(w, one, member, "grants", 500);
    decide(w, two, approval, false);
    assert_true(str_is(world_str(w, "/status"), "rejected"));
    approval = ask(w, one, member, "grants", 500);
    world_as(w, two);
    world_post(w, world_path(w, "/v1/approvals/%lld/withdraw", (long long)approval), "{}");
    refused(w, 403, "approval.not_yours");
    world_as(w, one);
    world_post(w, world_path(w, "/v1/approvals/%lld/withdraw", (long long)approval), "{}");
    assert_true(str_is(world_str(w, "/status"), "withdrawn"));
    approval = ask(w, one, member, "grants", 500);
    world_clock(w, w->now + 3 * (int64_t)DAY_MS);
    two = world_staff(w, "manager");
    decide(w, two, approval, true);
    refused(w, 409, "approval.expired");
    world_pass(w, 2 * HOUR_MS);
    world_get(w, "/v1/approvals/%lld", (long long)approval);
    assert_true(str_is(world_str(w, "/status"), "expired"));
    world_as(w, w->owner_token);
    assert_int_equal(balance(w, member), 0);
    world_holds(w);
}

TEST(an_effect_that_is_refused_leaves_the_request_waiting) {
    int64_t member = world_member(w, "13800000001");
    world_setting(w, "points", "{\"approval_points\":100}");
    Str one = world_staff(w, "manager"), two = world_staff(w, "manager");
    ask(w, one, member, "grants", 100);
    int64_t approval = ask(w, one, member, "deductions", 150);
    decide(w, two, approval, true);
    refused(w, 409, "points.short");
    world_get(w, "/v1/approvals/%lld", (long long)approval);
    assert_true(str_is(world_str(w, "/status"), "waiting"));
    ask(w, one, member, "grants", 60);
    decide(w, two, approval, true);
    assert_int_equal(w->status, 200);
    assert_int_equal(balance(w, member), 10);
    world_as(w, w->owner_token);
    world_holds(w);
}

TEST(growth_above_the_limit_waits_too_and_the_forgotten_are_asked_for_nothing) {
    int64_t member = world_member(w, "13800000001");
    world_setting(w, "growth", "{\"approval_growth\":100,\"fen_per_growth\":100}");
    Str one = world_staff(w, "manager"), two = world_staff(w, "manager");
    for (int i = 0; i < 2; i++) {
        world_as(w, one);
        world_post(w, "/v1/growth/grants", "{\"member_id\":\"%lld\",\"growth\":500,\"reason\":\"x\",\"ask\":true}",
                   (long long)member);
        assert_int_equal(w->status, 201);
        int64_t approval = world_int(w, "/approval_id");
        if (i == 0) decide(w, two, approval, true);
    }
    world_as(w, w->owner_token);
    world_get(w, "/v1/members/%lld/growth", (long long)member);
    assert_int_equal(world_int(w, "/balance"), 500);
    world_post(w, world_path(w, "/v1/members/%lld/erase", (long long)member), "{\"reason\":\"x\"}");
    if (w->status >= 300) fail_msg("%d %.*s", w->status, (int)w->body.len, w->body.at);
    world_get(w, "/v1/approvals?status=waiting");
    assert_int_equal(world_count(w, "/items"), 0);
    world_holds(w);
}

/* ---- two say yes at once ---- */

typedef struct Yes {
    World *w;
    int64_t approval, who;
    Err err;
} Yes;

static Err yes_unit(Ctx *c, void *arg) {
    Approval a;
    return approval_decide(c, ((const Yes *)arg)->approval, true, S("x"), &a);
}

static void *yes_run(void *arg) {
    Yes *yes = arg;
    Arena arena;
    Ctx c;
    arena_init(&arena, ARENA_HARD_MAX);
    app_ctx(yes->w->app, &arena, yes->w->merchant_id, (Actor){ ACTOR_STAFF, yes->who }, &c);
    yes->err = app_unit(&c, yes_unit, yes);
    arena_free(&arena);
    return NULL;
}

TEST(of_two_who_say_yes_at_once_one_is_heard) {
    int64_t member = world_member(w, "13800000001");
    world_setting(w, "points", "{\"approval_points\":100}");
    Yes yes[4];
    pthread_t threads[4];
    int64_t approval = ask(w, world_staff(w, "manager"), member, "grants", 500), heard = 0;
    for (int i = 0; i < 4; i++) {
        yes[i] = (Yes){ .w = w, .approval = approval, .who = 90 + i };
        assert_int_equal(pthread_create(&threads[i], NULL, yes_run, &yes[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        heard += yes[i].err == OK;
    }
    assert_int_equal(heard, 1);
    world_as(w, w->owner_token);
    assert_int_equal(balance(w, member), 500);
    world_holds(w);
}

/* ---- simulator: the owner asks, and is not let to decide ---- */

static Err sim_ask(Sim *s) {
    int64_t member = sim_pick(s, "member"), points = 100001 + rng_below(s->rng, 1000);
    if (member == 0) return OK;
    sim_post(s, "/v1/points/grants", "{\"member_id\":\"%lld\",\"points\":%lld,\"reason\":\"sim\",\"ask\":true}",
             (long long)member, (long long)points);
    if (sim_was_done(s) && world_has(s->w, "/approval_id")) sim_keep(s, "approval", world_int(s->w, "/approval_id"));
    return OK;
}

static Err sim_decide(Sim *s) {
    int64_t approval = sim_pick(s, "approval");
    char path[90];
    bool approve = rng_below(s->rng, 2) == 1;
    if (approval == 0) return OK;
    snprintf(path, sizeof path, "/v1/approvals/%lld/decide", (long long)approval);
    sim_post(s, path, "{\"approve\":%s}", approve ? "true" : "false");
    if (sim_was_done(s)) sim_fail(s, "who asked has decided");
    return OK;
}

static Err sim_withdraw(Sim *s) {
    int64_t approval = sim_pick(s, "approval");
    char path[90];
    if (approval == 0) return OK;
    snprintf(path, sizeof path, "/v1/approvals/%lld/withdraw", (long long)approval);
    sim_post(s, path, "{}");
    if (sim_was_done(s)) sim_drop(s, "approval", approval);
    return OK;
}

const SimAction approval_sim[] = {
    { "approval.ask", 2, sim_ask },
    { "approval.decide", 1, sim_decide },
    { "approval.withdraw", 1, sim_withdraw },
    { NULL },
};
