#include "domain/points/points_rules.h"
#include "domain/points/points_store.h"
#include "test/sim.h"
#include "test/test.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MONDAY 20260302

static PointsSetting plain(void) {
    PointsSetting s;
    points_setting.defaults(&s);
    return s;
}

static PointsOrder order_of(const PointsLine *lines, int64_t count, int64_t cash_fen) {
    PointsOrder o = {
        .member_id = 1, .order_id = 2, .day = MONDAY, .lines = lines, .line_count = count, .cash_fen = cash_fen
    };
    for (int64_t i = 0; i < count; i++) o.payable_fen += lines[i].payable_fen;
    return o;
}

static PointsEarned earn(Arena *a, const PointsSetting *s, const PointsOrder *o) {
    PointsEarned e;
    int64_t steps = 0, lines = 0;
    points_compute(a, s, o, &e);
    for (int64_t i = 0; i < e.steps.count; i++) steps += e.steps.items[i].points;
    for (int64_t i = 0; i < e.line_count; i++) lines += e.line_points[i];
    assert_int_equal(steps, e.points);
    assert_int_equal(lines, e.points);
    return e;
}

/* ---- computing ---- */

TEST_PURE(points_one_for_each_yuan_of_cash_rounded_down_once) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    PointsSetting s = plain();
    PointsLine lines[] = { { .item_id = 1, .quantity = 1, .payable_fen = 1990 },
                           { .item_id = 2, .quantity = 1, .payable_fen = 1990 } };
    PointsOrder o = order_of(lines, 2, 3980);
    assert_int_equal(earn(&a, &s, &o).points, 39);
    o.cash_fen = 2000;
    assert_int_equal(earn(&a, &s, &o).points, 20);
    s.earn_on = POINTS_EARN_PAYABLE;
    assert_int_equal(earn(&a, &s, &o).points, 39);
    o.cash_fen = 0;
    s.earn_on = POINTS_EARN_CASH;
    assert_int_equal(earn(&a, &s, &o).points, 0);
    arena_free(&a);
}

TEST_PURE(points_multipliers_meet_as_the_setting_says) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    PointsSetting s = plain();
    PointsDayRule days[] = { { .name = S("周一"), .weekday = 1, .multiplier_bp = 30000 } };
    s.day_rules.items = days;
    s.day_rules.count = 1;
    s.birthday_bp = 20000;
    PointsLine lines[] = { { .item_id = 1, .quantity = 1, .payable_fen = 10000 } };
    PointsOrder o = order_of(lines, 1, 10000);
    o.tier_multiplier_bp = 15000;
    o.birthday_day = MONDAY;
    assert_int_equal(earn(&a, &s, &o).points, 900);
    s.combine = POINTS_HIGHEST;
    assert_int_equal(earn(&a, &s, &o).points, 300);
    o.day = MONDAY + 1;
    assert_int_equal(earn(&a, &s, &o).points, 150);
    s.birthday_span = POINTS_BIRTH_WEEK;
    assert_int_equal(earn(&a, &s, &o).points, 200);
    arena_free(&a);
}

TEST_PURE(points_item_rules_bonus_and_caps_show_as_steps_and_in_their_lines) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    PointsSetting s = plain();
    PointsItemRule rules[] = { { .match = POINTS_CATEGORY, .id = 7, .multiplier_bp = 20000 },
                               { .match = POINTS_BRAND, .id = 9, .no_points = true },
                               { .match = POINTS_ITEM, .id = 1, .bonus_points = 5 } };
    s.item_rules.items = rules;
    s.item_rules.count = 3;
    PointsLine lines[] = { { .item_id = 1, .category_id = 7, .quantity = 2, .payable_fen = 5000, .bonus_points = 1 },
                           { .item_id = 2, .brand_id = 9, .quantity = 1, .payable_fen = 5000 },
                           { .item_id = 3, .quantity = 1, .payable_fen = 5000 } };
    PointsOrder o = order_of(lines, 3, 15000);
    PointsEarned e = earn(&a, &s, &o);
    assert_int_equal(e.points, 100 + 50 + 12);
    assert_int_equal(e.line_points[0], 112);
    assert_int_equal(e.line_points[1], 0);
    s.order_cap = 81;
    e = earn(&a, &s, &o);
    assert_int_equal(e.points, 81);
    assert_int_equal(e.line_points[0], 56);
    s.min_order_fen = 15001;
    assert_int_equal(earn(&a, &s, &o).points, 0);
    arena_free(&a);
}

TEST_PURE(points_of_random_orders_add_up_and_never_exceed_their_rate) {
    enum { CARTS = 5000, LINES = 12 };
    Arena a;
    Rng rng = rng_seeded(11);
    arena_init(&a, ARENA_BUDGET);
    for (int i = 0; i < CARTS; i++) {
        PointsSetting s = plain();
        PointsLine lines[LINES] = { 0 };
        PointsItemRule rule = { .match = POINTS_ITEM,
                                .id = 1 + rng_below(&rng, LINES),
                                .multiplier_bp = rng_below(&rng, 40000) };
        int64_t count = 1 + rng_below(&rng, LINES);
        for (int64_t k = 0; k < count; k++)
            lines[k] = (PointsLine){ .item_id = k + 1,
                                     .quantity = 1 + rng_below(&rng, 3),
                                     .payable_fen = rng_below(&rng, 30000),
                                     .bonus_points = rng_below(&rng, 2) };
        s.item_rules.items = &rule;
        s.item_rules.count = 1;
        s.fen_per_point = 1 + rng_below(&rng, 500);
        s.order_cap = rng_chance(&rng, 1, 4) ? 1 + rng_below(&rng, 400) : 0;
        PointsOrder o = order_of(lines, count, 0);
        o.cash_fen = rng_below(&rng, o.payable_fen + 1);
        o.tier_multiplier_bp = rng_chance(&rng, 1, 2) ? 10000 + rng_below(&rng, 10000) : 0;
        PointsEarned e = earn(&a, &s, &o);
        int64_t most = o.cash_fen * 4 * 2 / s.fen_per_point + 3 * LINES;
        assert_true(e.points >= 0 && e.points <= most);
        for (int64_t k = 0; k < count; k++) assert_true(e.line_points[k] >= 0);
        arena_reset(&a);
    }
    arena_free(&a);
}

TEST_PURE(points_expire_on_the_last_millisecond_of_a_shop_local_day) {
    Zone *zone = calloc(1, sizeof *zone);
    assert_true(zone_open(S("Asia/Shanghai"), zone));
    int64_t at = day_start(zone, 20240131) + 9 * HOUR_MS;
    struct {
        PointsExpiry expiry;
        int64_t n, mmdd, grace, day;
    } const cases[] = {
        { POINTS_AFTER_DAYS, 1, 0, 0, 20240201 }, { POINTS_AFTER_MONTHS, 1, 0, 0, 20240229 },
        { POINTS_MONTH_END, 0, 0, 0, 20240131 },  { POINTS_MONTH_END, 1, 0, 0, 20240229 },
        { POINTS_YEAR_END, 1, 0, 0, 20251231 },   { POINTS_ON_DAY, 0, 331, 0, 20240331 },
        { POINTS_ON_DAY, 1, 229, 0, 20250228 },   { POINTS_ON_DAY, 0, 131, 5, 20240205 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        PointsType type = { .expiry = cases[i].expiry,
                            .expiry_n = cases[i].n,
                            .expiry_mmdd = cases[i].mmdd,
                            .grace_days = cases[i].grace };
        int64_t expires_at = points_expires_at(&type, zone, at);
        assert_int_equal(day_at(zone, expires_at), cases[i].day);
        assert_int_equal(day_at(zone, expires_at + 1), day_add(cases[i].day, 1));
    }
    PointsType never = { .expiry = POINTS_NEVER };
    assert_true(points_expires_at(&never, zone, at) == LEDGER_NEVER);
    free(zone);
}

TEST_PURE(points_offset_takes_no_more_than_share_step_and_balance_allow) {
    PointsSetting s = plain();
    PointsOffset o;
    s.offset_points = 100;
    s.offset_fen = 100;
    s.offset_step_points = 100;
    s.offset_min_points = 200;
    s.offset_share_bp = 5000;
    points_offset_most(&s, 100000, 9999, &o);
    assert_int_equal(o.points, 4900);
    assert_int_equal(o.fen, 4900);
    points_offset_most(&s, 350, 9999, &o);
    assert_int_equal(o.points, 300);
    points_offset_most(&s, 150, 9999, &o);
    assert_int_equal(o.points, 0);
    assert_true(o.why_zh.len > 0 && o.why_en.len > 0);
}

/* ---- through the door ---- */

typedef struct Change {
    void (*change)(Ctx *c, PointsSetting *s);
} Change;

static Err change_run(Ctx *c, void *arg) {
    PointsSetting s;
    TRY(points_setting_read(c, &s));
    ((Change *)arg)->change(c, &s);
    return setting_put(c, &points_setting, &s);
}

static void with(World *w, void (*change)(Ctx *c, PointsSetting *s)) {
    assert_int_equal(world_unit(w, change_run, &(Change){ change }), OK);
}

static void grant(World *w, int64_t member, int64_t points) {
    world_post(w, "/v1/points/grants", "{\"member_id\":\"%lld\",\"points\":%lld,\"reason\":\"测试\"}",
               (long long)member, (long long)points);
    assert_int_equal(w->status, 201);
}

static int64_t balance(World *w, int64_t member) {
    world_get(w, "/v1/members/%lld/points", (long long)member);
    assert_int_equal(w->status, 200);
    return world_int(w, "/balance");
}

TEST(points_granted_by_hand_need_a_reason_and_show_in_ledger_card_and_why) {
    int64_t member = world_member(w, "13800000001");
    world_post(w, "/v1/points/grants", "{\"member_id\":\"%lld\",\"points\":100}", (long long)member);
    assert_int_equal(w->status, 422);
    grant(w, member, 100);
    assert_int_equal(world_int(w, "/balance"), 100);
    world_post(w, "/v1/points/deductions", "{\"member_id\":\"%lld\",\"points\":101,\"reason\":\"x\"}",
               (long long)member);
    assert_int_equal(w->status, 409);
    assert_true(str_is(w->code, "points.short"));
    world_post(w, "/v1/points/deductions", "{\"member_id\":\"%lld\",\"points\":30,\"reason\":\"x\"}",
               (long long)member);
    assert_int_equal(w->status, 201);
    assert_int_equal(balance(w, member), 70);
    world_get(w, "/v1/members/%lld/why?account=points", (long long)member);
    assert_int_equal(world_count(w, "/lines"), 2);
    assert_int_equal(world_int(w, "/lines/1/delta"), -30);
    world_get(w, "/v1/members/%lld/points/entries?limit=1", (long long)member);
    assert_int_equal(world_int(w, "/items/0/delta"), -30);
    assert_true(world_str(w, "/next_cursor").len > 0);
    world_get(w, "/v1/members/%lld/points/lots", (long long)member);
    assert_int_equal(world_int(w, "/items/0/left_amount"), 70);
    world_get(w, "/v1/members/%lld", (long long)member);
    assert_int_equal(world_int(w, "/points"), 70);
    world_holds(w);
}

static void small_limit([[maybe_unused]] Ctx *c, PointsSetting *s) { s->approval_points = 50; }

TEST(points_above_the_limit_need_a_second_person) {
    int64_t member = world_member(w, "13800000001");
    with(w, small_limit);
    world_post(w, "/v1/points/grants", "{\"member_id\":\"%lld\",\"points\":51,\"reason\":\"x\"}", (long long)member);
    assert_int_equal(w->status, 409);
    assert_true(str_is(w->code, "points.needs_approval"));
    assert_int_equal(balance(w, member), 0);
    grant(w, member, 50);
}

TEST(points_expire_after_their_last_day_and_not_a_millisecond_before) {
    int64_t member = world_member(w, "13800000001");
    world_post(w, "/v1/points/grants",
               "{\"member_id\":\"%lld\",\"points\":9,\"reason\":\"x\",\"expires_day\":\"2026-03-04\"}",
               (long long)member);
    assert_int_equal(w->status, 201);
    int64_t midnight = w->now - 10 * HOUR_MS + 3 * (int64_t)DAY_MS; /* the World opens at 10:00 on 2 March */
    w->now = midnight - 1;
    assert_int_equal(balance(w, member), 9);
    w->now = midnight;
    assert_int_equal(balance(w, member), 0);
    world_pass(w, HOUR_MS);
    world_get(w, "/v1/members/%lld/points/entries", (long long)member);
    assert_int_equal(world_count(w, "/items"), 2);
    assert_int_equal(world_int(w, "/items/0/delta"), -9);
    world_holds(w);
}

static void check_in_day(World *w, int64_t member, int64_t points, int64_t streak) {
    world_post(w, "/v1/behaviours", "{\"member_id\":\"%lld\",\"name\":\"check_in\"}", (long long)member);
    assert_int_equal(w->status, 201);
    assert_int_equal(world_int(w, "/points"), points);
    assert_int_equal(world_int(w, "/streak"), streak);
}

TEST(behaviours_count_once_a_day_and_pay_for_streaks) {
    int64_t member = world_member(w, "13800000001");
    for (int i = 1; i <= 7; i++) {
        check_in_day(w, member, i == 7 ? 11 : 1, i);
        world_post(w, "/v1/behaviours", "{\"member_id\":\"%lld\",\"name\":\"check_in\"}", (long long)member);
        assert_true(world_has(w, "/is_duplicate"));
        w->now += DAY_MS;
    }
    w->now += DAY_MS;
    check_in_day(w, member, 1, 1);
    assert_int_equal(balance(w, member), 18);
    world_post(w, "/v1/behaviours", "{\"member_id\":\"%lld\",\"name\":\"flying\"}", (long long)member);
    assert_int_equal(w->status, 404);
    assert_true(str_is(w->code, "points.behaviour_unknown"));
    world_holds(w);
}

TEST(behaviours_past_their_cap_are_recorded_and_give_nothing) {
    int64_t member = world_member(w, "13800000001");
    for (int i = 0; i < 12; i++) {
        world_post(w, "/v1/behaviours", "{\"member_id\":\"%lld\",\"name\":\"review\",\"key\":\"item-%d\"}",
                   (long long)member, i);
        assert_int_equal(w->status, 201);
        assert_int_equal(world_int(w, "/points"), i < 10 ? 10 : 0);
    }
    assert_int_equal(balance(w, member), 100);
    world_holds(w);
}

static void join_gift(Ctx *c, PointsSetting *s) {
    PointsBehaviour *list = NEW_LIST(c->arena, PointsBehaviour, s->behaviours.count);
    memcpy(list, s->behaviours.items, (size_t)s->behaviours.count * sizeof *list);
    s->behaviours.items = list;
    for (int64_t i = 0; i < s->behaviours.count; i++)
        if (str_is(s->behaviours.items[i].name, "join")) s->behaviours.items[i].points = 100;
}

TEST(points_join_gift_comes_once) {
    with(w, join_gift);
    int64_t member = world_member(w, "13800000001");
    world_settle(w);
    assert_int_equal(balance(w, member), 100);
    world_settle(w);
    assert_int_equal(balance(w, member), 100);
    world_holds(w);
}

/* ---- gifts ---- */

static void gifts_on([[maybe_unused]] Ctx *c, PointsSetting *s) { s->gift_on = true; }

enum { GIVERS = 4, GIFTS_EACH = 25 };
typedef struct Giver {
    World *w;
    int64_t from, to, won, refused;
} Giver;

static Err give_run(Ctx *c, void *arg) {
    const Giver *g = arg;
    PointsAnswer answer;
    return points_give(c, &(PointsGift){ .from_member_id = g->from, .to_member_id = g->to, .points = 100 }, &answer);
}

static void *give(void *arg) {
    Giver *g = arg;
    Arena arena;
    arena_init(&arena, ARENA_HARD_MAX);
    for (int i = 0; i < GIFTS_EACH; i++) {
        Ctx c;
        app_ctx(g->w->app, &arena, g->w->merchant_id, (Actor){ ACTOR_CLI, 0 }, &c);
        Err err = app_unit(&c, give_run, g);
        if (err == OK) g->won++;
        if (err == E_CONFLICT) g->refused++;
        arena_reset(&arena);
    }
    arena_free(&arena);
    return NULL;
}

TEST(a_hundred_parallel_gifts_of_a_hundred_from_a_hundred_give_exactly_one) {
    int64_t from = world_member(w, "13800000001"), to = world_member(w, "13800000002"), won = 0, refused = 0;
    world_post(w, "/v1/points/gifts", "{\"from_member_id\":\"%lld\",\"to_member_id\":\"%lld\",\"points\":1}",
               (long long)from, (long long)to);
    assert_true(str_is(w->code, "points.gift_off"));
    with(w, gifts_on);
    grant(w, from, 100);
    Giver givers[GIVERS];
    pthread_t threads[GIVERS];
    for (int i = 0; i < GIVERS; i++) {
        givers[i] = (Giver){ .w = w, .from = from, .to = to };
        assert_int_equal(pthread_create(&threads[i], NULL, give, &givers[i]), 0);
    }
    for (int i = 0; i < GIVERS; i++) {
        pthread_join(threads[i], NULL);
        won += givers[i].won;
        refused += givers[i].refused;
    }
    assert_int_equal(won, 1);
    assert_int_equal(refused, GIVERS * GIFTS_EACH - 1);
    assert_int_equal(balance(w, from), 0);
    assert_int_equal(balance(w, to), 100);
    world_holds(w);
}

/* ---- orders and refunds, as the order slice calls them ---- */

typedef enum OrderVerb { EARN, SPEND, HOLD, CANCEL, USE, RESTORE, TAKE_BACK } OrderVerb;
typedef struct OrderStep {
    OrderVerb verb;
    int64_t member, order, refund, points;
    LedgerPosted posted;
    PointsTaken taken;
} OrderStep;

static Err order_run(Ctx *c, void *arg) {
    OrderStep *s = arg;
    switch (s->verb) {
    case EARN: {
        PointsSetting setting;
        const Zone *zone = NULL;
        LedgerPost p;
        PointsEarned earned;
        TRY(points_setting_read(c, &setting));
        TRY(points_zone(c, &zone));
        PointsLine line = { .item_id = 1, .quantity = 1, .payable_fen = s->points * 100 };
        PointsOrder o = { .member_id = s->member,
                          .order_id = s->order,
                          .zone = zone,
                          .at = c->now,
                          .day = day_at(zone, c->now),
                          .payable_fen = line.payable_fen,
                          .cash_fen = line.payable_fen,
                          .lines = &line,
                          .line_count = 1 };
        points_compute(c->arena, &setting, &o, &earned);
        TRY(points_order_post(c, &setting, &o, &earned, &p));
        TRY(ledger_post(c, &p, &s->posted));
        return points_show(c, &points_kind, s->member, s->posted.balance);
    }
    case SPEND: {
        LedgerPost p;
        points_spend_post(s->member, s->order, s->points, &p);
        TRY(ledger_post(c, &p, &s->posted));
        return points_show(c, &points_kind, s->member, s->posted.balance);
    }
    case HOLD:
        return points_reserve(c, s->member, s->order, s->points, c->now + HOUR_MS, &s->posted);
    case CANCEL:
        return points_release(c, s->order);
    case USE:
        return points_consume(c, s->order);
    case RESTORE:
        return points_restore(c, s->member, s->order, s->refund, s->points, &s->posted);
    case TAKE_BACK:
        return points_take_back(c, s->member, s->order, s->refund, s->points, &s->taken);
    }
    return OK;
}

static Err order_step(World *w, OrderStep *s) { return world_unit(w, order_run, s); }

TEST(points_bought_spent_and_returned_leave_a_shortfall_that_is_paid_first) {
    int64_t member = world_member(w, "13800000001");
    assert_int_equal(order_step(w, &(OrderStep){ EARN, .member = member, .order = 1, .points = 100 }), OK);
    assert_int_equal(order_step(w, &(OrderStep){ SPEND, .member = member, .order = 2, .points = 80 }), OK);
    OrderStep back = { TAKE_BACK, .member = member, .order = 1, .refund = 3, .points = 100 };
    assert_int_equal(order_step(w, &back), OK);
    assert_int_equal(back.taken.taken_points, 20);
    assert_int_equal(back.taken.shortfall_points, 80);
    assert_int_equal(order_step(w, &(OrderStep){ EARN, .member = member, .order = 4, .points = 100 }), OK);
    assert_int_equal(balance(w, member), 20);
    world_holds(w);
}

static void refuse_claw([[maybe_unused]] Ctx *c, PointsSetting *s) { s->clawback = POINTS_CLAW_REFUSE; }
static void negative_claw([[maybe_unused]] Ctx *c, PointsSetting *s) { s->clawback = POINTS_CLAW_NEGATIVE; }

TEST(points_claw_back_refuses_or_goes_negative_as_the_merchant_says) {
    int64_t member = world_member(w, "13800000001");
    with(w, refuse_claw);
    OrderStep back = { TAKE_BACK, .member = member, .order = 1, .refund = 3, .points = 10 };
    assert_int_equal(order_step(w, &back), E_CONFLICT);
    assert_true(str_is(w->code, "points.short"));
    with(w, negative_claw);
    assert_int_equal(order_step(w, &back), OK);
    assert_int_equal(balance(w, member), -10);
    world_holds(w);
}

static void wait_week([[maybe_unused]] Ctx *c, PointsSetting *s) {
    s->wait = POINTS_WAIT_DAYS;
    s->wait_days = 7;
}

TEST(points_wait_until_their_days_are_over_and_refunds_take_them_before) {
    int64_t member = world_member(w, "13800000001");
    with(w, wait_week);
    assert_int_equal(order_step(w, &(OrderStep){ EARN, .member = member, .order = 1, .points = 100 }), OK);
    world_get(w, "/v1/members/%lld/points", (long long)member);
    assert_int_equal(world_int(w, "/balance"), 0);
    assert_int_equal(world_int(w, "/pending"), 100);
    OrderStep back = { TAKE_BACK, .member = member, .order = 1, .refund = 3, .points = 40 };
    assert_int_equal(order_step(w, &back), OK);
    assert_int_equal(back.taken.pending_points, 40);
    world_pass(w, 6 * (int64_t)DAY_MS);
    assert_int_equal(balance(w, member), 0);
    world_pass(w, 2 * (int64_t)DAY_MS);
    assert_int_equal(balance(w, member), 60);
    world_holds(w);
}

TEST(points_frozen_for_an_order_come_back_when_it_is_cancelled) {
    int64_t member = world_member(w, "13800000001");
    grant(w, member, 100);
    assert_int_equal(order_step(w, &(OrderStep){ HOLD, .member = member, .order = 5, .points = 60 }), OK);
    assert_int_equal(balance(w, member), 40);
    assert_int_equal(order_step(w, &(OrderStep){ CANCEL, .order = 5 }), OK);
    assert_int_equal(balance(w, member), 100);
    assert_int_equal(order_step(w, &(OrderStep){ HOLD, .member = member, .order = 6, .points = 60 }), OK);
    assert_int_equal(order_step(w, &(OrderStep){ USE, .order = 6 }), OK);
    assert_int_equal(order_step(w, &(OrderStep){ CANCEL, .order = 6 }), E_CONFLICT);
    OrderStep back = { RESTORE, .member = member, .order = 6, .refund = 7, .points = 25 };
    assert_int_equal(order_step(w, &back), OK);
    assert_int_equal(balance(w, member), 65);
    world_holds(w);
}

TEST(points_reserved_over_the_api_are_released_when_their_time_is_over) {
    int64_t member = world_member(w, "13800000001");
    grant(w, member, 100);
    world_post(w, "/v1/points/reservations", "{\"member_id\":\"%lld\",\"points\":60,\"minutes\":10}",
               (long long)member);
    assert_int_equal(w->status, 201);
    assert_int_equal(world_int(w, "/balance"), 40);
    world_pass(w, HOUR_MS);
    assert_int_equal(balance(w, member), 100);
    world_holds(w);
}

TEST(points_of_another_type_keep_their_own_account) {
    int64_t member = world_member(w, "13800000001");
    world_post(w, "/v1/points/grants", "{\"member_id\":\"%lld\",\"points\":5,\"type\":\"stars\",\"reason\":\"x\"}",
               (long long)member);
    assert_int_equal(w->status, 404);
    assert_true(str_is(w->code, "points.type_unknown"));
}

static Err import_run(Ctx *c, void *arg) {
    PointsOpenings *o = arg;
    return points_import_batch(c, *o);
}

TEST(points_opening_lots_come_once_with_their_expiry) {
    int64_t member = world_member(w, "13800000001");
    PointsOpening rows[] = {
        { .member_id = member, .points = 30, .expires_at = w->now + 5 * (int64_t)DAY_MS, .source_id = 1 },
        { .member_id = member, .points = 70, .source_id = 2 }
    };
    PointsOpenings list = { rows, 2 };
    assert_int_equal(world_unit(w, import_run, &list), OK);
    assert_true(rows[0].is_new && rows[1].is_new);
    assert_int_equal(world_unit(w, import_run, &list), OK);
    assert_false(rows[0].is_new);
    world_get(w, "/v1/members/%lld/points", (long long)member);
    assert_int_equal(world_int(w, "/balance"), 100);
    assert_int_equal(world_int(w, "/expiring_points"), 30);
    world_holds(w);
}

/* ---- simulator: the notebook knows every balance ---- */

static Err sim_grant(Sim *s) {
    int64_t member = sim_pick(s, "member"), points = 1 + rng_below(s->rng, 500);
    if (member == 0) return OK;
    sim_post(s, "/v1/points/grants", "{\"member_id\":\"%lld\",\"points\":%lld,\"reason\":\"sim\"}", (long long)member,
             (long long)points);
    return OK;
}

static Err sim_grant_short_lived(Sim *s) {
    int64_t member = sim_pick(s, "member"), points = 1 + rng_below(s->rng, 200);
    if (member == 0) return OK;
    int64_t day = day_from_number((s->w->now + 8 * HOUR_MS) / DAY_MS + rng_below(s->rng, 20));
    sim_post(s, "/v1/points/grants",
             "{\"member_id\":\"%lld\",\"points\":%lld,\"reason\":\"sim\",\"expires_day\":\"%04lld-%02lld-%02lld\"}",
             (long long)member, (long long)points, (long long)day_year(day), (long long)day_month(day),
             (long long)day_of_month(day));
    return OK;
}

static Err sim_deduct(Sim *s) {
    int64_t member = sim_pick(s, "member"), points = 1 + rng_below(s->rng, 300);
    if (member == 0) return OK;
    sim_post(s, "/v1/points/deductions", "{\"member_id\":\"%lld\",\"points\":%lld,\"reason\":\"sim\"}",
             (long long)member, (long long)points);
    return OK;
}

static Err sim_gift(Sim *s) {
    int64_t from = sim_pick(s, "member"), to = sim_pick(s, "member"), points = 1 + rng_below(s->rng, 100);
    if (from == 0 || to == 0) return OK;
    sim_post(s, "/v1/points/gifts", "{\"from_member_id\":\"%lld\",\"to_member_id\":\"%lld\",\"points\":%lld}",
             (long long)from, (long long)to, (long long)points);
    return OK;
}

static Err sim_behave(Sim *s) {
    static const char *const names[] = { "check_in", "review", "share", "survey", "nonsense" };
    int64_t member = sim_pick(s, "member"), which = rng_below(s->rng, 5), key = rng_below(s->rng, 50);
    if (member == 0) return OK;
    sim_post(s, "/v1/behaviours", "{\"member_id\":\"%lld\",\"name\":\"%s\",\"key\":\"k%lld\"}", (long long)member,
             names[which], (long long)key);
    return OK;
}

static Err sim_reserve(Sim *s) {
    int64_t member = sim_pick(s, "member"), points = 1 + rng_below(s->rng, 150), minutes = 1 + rng_below(s->rng, 600);
    if (member == 0) return OK;
    sim_post(s, "/v1/points/reservations", "{\"member_id\":\"%lld\",\"points\":%lld,\"minutes\":%lld}",
             (long long)member, (long long)points, (long long)minutes);
    if (sim_was_done(s)) sim_keep(s, "reservation", world_int(s->w, "/source_id"));
    return OK;
}

static Err sim_close(Sim *s) {
    int64_t reservation = sim_pick(s, "reservation");
    char path[100];
    if (reservation == 0) return OK;
    snprintf(path, sizeof path, "/v1/points/reservations/%lld/%s", (long long)reservation,
             rng_chance(s->rng, 1, 2) ? "consume" : "release");
    sim_post(s, path, "{}");
    if (rng_chance(s->rng, 1, 3)) sim_drop(s, "reservation", reservation);
    return OK;
}

const SimAction points_sim[] = {
    { "points.grant", 8, sim_grant },   { "points.grant_short_lived", 4, sim_grant_short_lived },
    { "points.deduct", 4, sim_deduct }, { "points.gift", 2, sim_gift },
    { "points.behave", 4, sim_behave }, { "points.reserve", 3, sim_reserve },
    { "points.close", 3, sim_close },   { NULL },
};
