#include "domain/points/points_rules.h"
#include "domain/points/points_store.h"
#include "test/sim.h"
#include "test/test.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>

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
        assert_true(world_has(w, "/duplicate"));
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

static void stars_too([[maybe_unused]] Ctx *c, PointsSetting *s) {
    PointsType *list = NEW_LIST(c->arena, PointsType, 2);
    list[0] = s->types.items[0];
    list[1] = (PointsType){ .key = S("stars"), .name = S("星星"), .expiry = POINTS_NEVER, .no_offset = true };
    s->types.items = list;
    s->types.count = 2;
}

TEST(points_of_several_types_expire_and_are_spent_apart) {
    int64_t member = world_member(w, "13800000001");
    with(w, stars_too);
    grant(w, member, 7);
    world_post(w, "/v1/points/grants", "{\"member_id\":\"%lld\",\"points\":5,\"type\":\"stars\",\"reason\":\"x\"}",
               (long long)member);
    assert_int_equal(w->status, 201);
    assert_int_equal(balance(w, member), 7);
    world_get(w, "/v1/members/%lld/points?type=stars", (long long)member);
    assert_int_equal(world_int(w, "/balance"), 5);
    world_pass(w, 800 * (int64_t)DAY_MS);
    assert_int_equal(balance(w, member), 0);
    world_get(w, "/v1/members/%lld/why?account=points:stars", (long long)member);
    assert_int_equal(world_int(w, "/balance"), 5);
    world_holds(w);
}

TEST(points_setting_is_edited_as_a_form_and_refuses_what_does_not_fit) {
    world_get(w, "/v1/settings/points");
    assert_int_equal(w->status, 200);
    assert_int_equal(world_int(w, "/value/behaviours/3/streaks/0/days"), 7);
    world_header(w, "If-Match", "\"v0\"");
    world_send(w, "PUT", "/v1/settings/points",
               S("{\"value\":{\"fen_per_point\":1000,\"types\":[{\"key\":\"Sterne\",\"name\":\"x\"}],"
                 "\"behaviours\":[{\"name\":\"a\",\"type\":\"none\"},{\"name\":\"a\"}]}}"));
    assert_int_equal(w->status, 422);
    assert_int_equal(world_count(w, "/errors"), 4);
    world_header(w, "If-Match", "\"v0\"");
    world_send(w, "PUT", "/v1/settings/points", S("{\"value\":{\"fen_per_point\":1000}}"));
    assert_int_equal(w->status, 200);
    assert_int_equal(world_int(w, "/value/fen_per_point"), 1000);
}

static int64_t warned_at(World *w) {
    Ctx c = world_ctx(w, w->merchant_id);
    int64_t at = 0;
    assert_int_equal(db_read_begin(w->db, &c), OK);
    assert_int_equal(
        db_int(&c, "SELECT expires_at FROM points_warned WHERE merchant_id = $1 AND type = 'points'", NO_ARGS, &at),
        OK);
    db_read_end(w->db, &c);
    return at;
}

TEST(points_about_to_expire_are_announced_once_thirty_days_ahead) {
    int64_t member = world_member(w, "13800000001");
    world_post(w, "/v1/points/grants",
               "{\"member_id\":\"%lld\",\"points\":9,\"reason\":\"x\",\"expires_day\":\"2026-04-10\"}",
               (long long)member);
    world_pass(w, 5 * (int64_t)DAY_MS);
    assert_int_equal(warned_at(w), 0);
    world_pass(w, 6 * (int64_t)DAY_MS);
    int64_t first = warned_at(w);
    assert_true(first > 0);
    world_pass(w, 2 * (int64_t)DAY_MS);
    assert_true(warned_at(w) == first);
    world_holds(w);
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
