#include "domain/plan/plan_store.h"
#include "domain/sale/sale_test.h"
#include "domain/wallet/wallet_test.h"
#include "test/test.h"

#define CASH ",\"tender\":\"cash\""

static int64_t buy(World *w, int64_t member, int64_t plan, const char *no) {
    sale_try(w, member, "plan", plan, no, CASH);
    assert_int_equal(w->status, 201);
    return world_int(w, "/sale_id");
}

static bool has_tag(World *w, int64_t member, const char *name) {
    world_get(w, "/v1/members/%lld/tags", (long long)member);
    return str_find(w->body, str_of(name)) >= 0;
}

TEST(a_plan_gives_its_tag_while_it_runs_and_renewing_puts_a_month_behind) {
    int64_t member = world_member(w, "13800000001"), plan = sale_plan(w, "vip", "");
    assert_false(has_tag(w, member, "月卡"));
    buy(w, member, plan, "P1");
    assert_int_equal(world_int(w, "/periods/0/ends_at"), 1775145599999); /* the end of 2 April */
    buy(w, member, plan, "P2");
    assert_true(str_is(world_str(w, "/periods/0/status"), "planned"));
    assert_int_equal(world_int(w, "/periods/0/starts_at"), 1775145600000);
    assert_int_equal(world_int(w, "/periods/0/ends_at"), 1777737599999); /* the end of 2 May */
    assert_true(has_tag(w, member, "月卡"));
    world_pass(w, (int64_t)40 * DAY_MS);
    assert_true(has_tag(w, member, "月卡"));
    world_get(w, "/v1/members/%lld/plans", (long long)member);
    assert_true(str_is(world_str(w, "/items/0/status"), "active"));
    assert_true(str_is(world_str(w, "/items/1/status"), "ended"));
    world_holds(w);
    world_pass(w, (int64_t)40 * DAY_MS);
    assert_false(has_tag(w, member, "月卡"));
    world_holds(w);
}

TEST(a_plan_catches_up_after_the_server_stood_still) {
    int64_t member = world_member(w, "13800000001"), plan = sale_plan(w, "vip", "");
    for (int i = 0; i < 3; i++) buy(w, member, plan, world_path(w, "P%d", i));
    world_clock(w, w->now + (int64_t)70 * DAY_MS);
    world_restart(w);
    world_settle(w);
    world_get(w, "/v1/members/%lld/plans", (long long)member);
    assert_true(str_is(world_str(w, "/items/0/status"), "active"));
    assert_true(str_is(world_str(w, "/items/1/status"), "ended"));
    assert_true(str_is(world_str(w, "/items/2/status"), "ended"));
    assert_true(has_tag(w, member, "月卡"));
    world_holds(w);
}

TEST(a_trial_is_free_once_in_a_life_and_not_beside_a_plan_that_runs) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), plan = sale_plan(w, "vip", "");
    int64_t none = sale_plan(w, "none", ",\"full_days\":0");
    world_as(w, token);
    world_post(w, world_path(w, "/v1/me/plans/%lld/trial", (long long)plan), "{}");
    assert_int_equal(w->status, 201);
    assert_int_equal(world_int(w, "/paid_fen"), 0);
    world_post(w, world_path(w, "/v1/me/plans/%lld/trial", (long long)plan), "{}");
    wallet_refused(w, 409, "plan.trial_used");
    world_as(w, w->owner_token);
    assert_true(has_tag(w, member, "月卡"));
    buy(w, member, plan, "P1"); /* the days of the trial are not lost */
    assert_true(str_is(world_str(w, "/periods/0/status"), "planned"));
    buy(w, member, none, "P2");
    world_post(w, world_path(w, "/v1/plans/%lld/trials", (long long)none), "{\"member_id\":\"%lld\"}",
               (long long)member);
    wallet_refused(w, 409, "plan.running");
    world_post(w, "/v1/plans", "{\"key\":\"dry\",\"name\":\"x\",\"price_fen\":1,\"unit_count\":1}");
    int64_t dry = world_int(w, "/plan_id");
    world_post(w, world_path(w, "/v1/plans/%lld/trials", (long long)dry), "{\"member_id\":\"%lld\"}",
               (long long)member);
    wallet_refused(w, 409, "plan.no_trial");
    world_holds(w);
}

TEST(a_plan_is_given_back_whole_at_first_then_by_its_days_the_last_period_first) {
    int64_t member = world_member(w, "13800000001"), plan = sale_plan(w, "vip", ",\"full_days\":7");
    int64_t first = buy(w, member, plan, "P1"), second = buy(w, member, plan, "P2");
    world_post(w, world_path(w, "/v1/sales/%lld/refund", (long long)first), "{\"reason\":\"x\"}");
    wallet_refused(w, 409, "plan.later_first");
    world_post(w, world_path(w, "/v1/sales/%lld/refund", (long long)second), "{\"reason\":\"不用了\"}");
    assert_int_equal(world_int(w, "/amount_fen"), 3000);
    world_pass(w, (int64_t)21 * DAY_MS);
    world_get(w, "/v1/sales/%lld/refund-quote", (long long)first);
    assert_int_equal(world_int(w, "/amount_fen"), 967); /* 3000 x 10 of 31 days */
    assert_true(has_tag(w, member, "月卡"));
    world_post(w, world_path(w, "/v1/sales/%lld/refund", (long long)first), "{\"reason\":\"搬家\"}");
    assert_int_equal(world_int(w, "/amount_fen"), 967);
    assert_false(has_tag(w, member, "月卡"));
    world_get(w, "/v1/members/%lld/plans", (long long)member);
    int64_t period = world_int(w, "/items/0/period_id");
    world_get(w, "/v1/plans/periods/%lld/refund-quote", (long long)period);
    wallet_refused(w, 409, "plan.refunded");
    world_get(w, "/v1/plans/periods/7/refund-quote");
    wallet_refused(w, 404, "plan.period_unknown");
    int64_t third = buy(w, member, plan, "P3");
    world_pass(w, (int64_t)40 * DAY_MS);
    world_post(w, world_path(w, "/v1/sales/%lld/refund", (long long)third), "{\"reason\":\"x\"}");
    wallet_refused(w, 409, "plan.over");
    world_holds(w);
}

TEST(a_plan_that_was_cancelled_runs_to_its_end) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), plan = sale_plan(w, "vip", "");
    world_post(w, "/v1/plans", "{\"key\":\"vip\",\"name\":\"x\",\"price_fen\":1,\"unit_count\":1}");
    wallet_refused(w, 409, "plan.key_taken");
    world_as(w, token);
    world_post(w, world_path(w, "/v1/me/plans/%lld/cancel", (long long)plan), "{}");
    wallet_refused(w, 404, "plan.not_running");
    world_as(w, w->owner_token);
    buy(w, member, plan, "P1");
    world_as(w, token);
    world_post(w, world_path(w, "/v1/me/plans/%lld/cancel", (long long)plan), "{}");
    assert_true(world_int(w, "/items/0/is_cancelled"));
    world_as(w, w->owner_token);
    assert_true(has_tag(w, member, "月卡"));
    buy(w, member, plan, "P2"); /* and buying again takes that back */
    world_get(w, "/v1/members/%lld/plans", (long long)member);
    assert_false(world_int(w, "/items/0/is_cancelled"));
    world_post(w, world_path(w, "/v1/plans/%lld/retire", (long long)plan), "{}");
    sale_try(w, member, "plan", plan, "P3", CASH);
    wallet_refused(w, 409, "sale.not_for_sale");
    world_holds(w);
}

typedef struct Begin {
    PlanStart start;
    PlanPeriod period;
} Begin;
static Err start_unit(Ctx *c, void *arg) {
    Begin *b = arg;
    return plan_start(c, &b->start, &b->period);
}

TEST(a_period_counts_once_for_its_source_and_a_hundred_ahead_are_enough) {
    Begin b = {
        .start = { .member_id = world_member(w, "13800000001"), .plan_id = sale_plan(w, "vip", ""), .source = "gift" }
    };
    for (int64_t i = 0; i < PLAN_PERIODS_MAX; i++) {
        b.start.source_id = 1 + i;
        assert_int_equal(world_unit(w, start_unit, &b), OK);
    }
    assert_int_equal(world_unit(w, start_unit, &b), OK);
    assert_true(b.period.duplicate);
    b.start.source_id = 999;
    assert_int_equal(world_unit(w, start_unit, &b), E_CONFLICT); /* plan.many */
    world_post(w, world_path(w, "/v1/plans/%lld/retire", (long long)b.start.plan_id), "{}");
    b.start.member_id = world_member(w, "13800000002");
    assert_int_equal(world_unit(w, start_unit, &b), E_CONFLICT); /* plan.retired */
    b.start.is_due = true;
    assert_int_equal(world_unit(w, start_unit, &b), OK);
    world_holds(w);
}

TEST(two_members_who_both_paid_lose_no_day_when_they_become_one) {
    int64_t from = world_member(w, "13800000001"), into = world_member(w, "13800000002"), plan = sale_plan(w, "v", "");
    buy(w, from, plan, "A");
    buy(w, into, plan, "B");
    int64_t alone = world_int(w, "/periods/0/ends_at");
    world_post(w, world_path(w, "/v1/members/%lld/merge", (long long)into), "{\"from_id\":\"%lld\",\"reason\":\"同\"}",
               (long long)from);
    assert_int_equal(w->status, 201);
    int64_t merge = world_int(w, "/merge_id");
    world_get(w, "/v1/members/%lld/plans", (long long)into);
    assert_int_equal(world_int(w, "/items/0/ends_at"), alone + (alone - w->now));
    assert_true(has_tag(w, into, "月卡"));
    world_holds(w);
    world_post(w, world_path(w, "/v1/member-merges/%lld/undo", (long long)merge), "{}");
    assert_int_equal(w->status, 200);
    world_get(w, "/v1/members/%lld/plans", (long long)from);
    assert_int_equal(world_int(w, "/items/0/ends_at"), alone);
    assert_true(has_tag(w, from, "月卡"));
    world_holds(w);
    world_post(w, world_path(w, "/v1/members/%lld/erase", (long long)from), "{\"reason\":\"本人要求\"}");
    world_holds(w);
}

static void take(World *w, int64_t member, const char *key, const char *no, int status) {
    world_post(w, "/v1/benefits/uses", "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"key\":\"%s\",\"use_no\":\"%s\"}",
               (long long)w->shop_id, (long long)member, key, no);
    assert_int_equal(w->status, status);
}

TEST(a_benefit_of_each_membership_period_renews_with_it_and_one_of_a_life_does_not) {
    int64_t member = world_member(w, "13800000001"), plan = sale_plan(w, "vip", "");
    world_get(w, "/v1/plans");
    int64_t tag = world_int(w, "/items/0/tag_id");
    static const char *const periods[] = { "membership", "once" };
    for (int i = 0; i < 2; i++) {
        world_post(w, "/v1/benefits", "{\"key\":\"%s\",\"name\":\"x\"}", periods[i]);
        world_post(w, "/v1/benefit-terms",
                   "{\"benefit_id\":\"%lld\",\"tag_id\":\"%lld\",\"quota\":1,\"period\":\"%s\"}",
                   (long long)world_int(w, "/benefit_id"), (long long)tag, periods[i]);
        assert_int_equal(w->status, 201);
    }
    buy(w, member, plan, "P1");
    buy(w, member, plan, "P2");
    take(w, member, "membership", "A1", 201);
    take(w, member, "once", "B1", 201);
    take(w, member, "membership", "A2", 409);
    world_pass(w, (int64_t)40 * DAY_MS);
    take(w, member, "membership", "A3", 201);
    take(w, member, "once", "B2", 409);
    world_holds(w);
}

static Err to_remind(Ctx *c, void *arg) {
    PlanPeriods list = { 0 };
    TRY(plan_period_to_remind(c, 10, &list));
    *(int64_t *)arg = list.count;
    return OK;
}

TEST(a_member_is_reminded_once_ahead_of_the_end_unless_he_renewed_or_cancelled) {
    int64_t plan = sale_plan(w, "vip", ""), members[3], count = 0;
    for (int i = 0; i < 3; i++) {
        members[i] = world_member(w, world_path(w, "1380000000%d", i + 1));
        buy(w, members[i], plan, world_path(w, "P%d", i));
    }
    buy(w, members[1], plan, "P9");
    world_post(w, world_path(w, "/v1/members/%lld/plans/%lld/cancel", (long long)members[2], (long long)plan),
               "{\"reason\":\"不续\"}");
    assert_int_equal(w->status, 200);
    const int64_t days[] = { 20, 8, 0 }, want[] = { 0, 1, 0 };
    for (int i = 0; i < 3; i++) {
        world_clock(w, w->now + days[i] * DAY_MS);
        assert_int_equal(world_unit(w, to_remind, &count), OK);
        assert_int_equal(count, want[i]);
        world_settle(w);
    }
}

TEST_PURE(what_a_plan_pays_back_is_its_share_of_days_and_never_more_than_was_paid) {
    Rng rng = rng_seeded(20260304);
    Arena a;
    arena_init(&a, ARENA_HARD_MAX);
    for (int i = 0; i < 20000; i++) {
        PlanFacts f = { .paid_fen = rng_below(&rng, 1000000),
                        .days = 1 + rng_below(&rng, 366),
                        .is_whole = rng_chance(&rng, 1, 5) };
        f.left_days = rng_below(&rng, f.days + 1);
        f.returned_fen = rng_chance(&rng, 1, 4) ? rng_below(&rng, f.paid_fen + 1) : 0;
        Steps steps;
        int64_t amount = plan_refund_compute(&a, &f, &steps);
        assert_true(amount >= 0 && amount <= f.paid_fen - f.returned_fen);
        assert_true(steps.items[steps.count - 1].fen == amount);
        if (!f.is_whole) assert_true(amount * f.days <= f.paid_fen * f.left_days);
        arena_reset(&a);
    }
    arena_free(&a);
}
