#include "test/test.h"
#include "app/outbox.h"
#include "test/sim.h"
#include <string.h>
#include <unistd.h>

/* An event of the tests, and who listens: refuses until fail_until, and leaves an audit entry as its effect. */
typedef struct Rung { int64_t bell, fail_until; Str words; } Rung;
static const Field rung_field[] = { FIELD_ID(Rung, bell), FIELD(Rung, fail_until), FIELD(Rung, words) };
static const Fields rung_fields = FIELDS(Rung, rung_field);
static const EventType rung = { "test.rung", &rung_fields };

static Err on_rung(Ctx *c, int64_t event_id, const void *payload) {
    const Rung *in = payload;
    TRY(audit(c,
              &(AuditNote){ .action = "test.heard", .subject = "bell", .subject_id = in->bell, .reason = in->words }));
    if (c->now < in->fail_until) return fail(c, E_CONFLICT, "test.deaf", "听不见", "cannot hear");
    assert_true(event_id > 0);
    return OK;
}
static const Handler on_rung_handler = { &rung, "test.on_rung", on_rung };

static Err ring(Ctx *c, void *arg) {
    const Rung *in = arg;
    return emit(c, &rung, in->bell, in);
}

static Err ring_and_refuse(Ctx *c, void *arg) {
    TRY(ring(c, arg));
    return fail(c, E_CONFLICT, "test.no", "不", "no");
}

static Err count_heard(Ctx *c, void *arg) {
    return db_int(c, "SELECT COUNT(*) FROM audit WHERE merchant_id = $1 AND action = 'test.heard'", NO_ARGS, arg);
}

static Err count_waiting(Ctx *c, void *arg) {
    return db_int(c, "SELECT COUNT(*) FROM outbox WHERE merchant_id = $1", NO_ARGS, arg);
}

static int64_t heard(World *w) {
    int64_t count = -1;
    assert_int_equal(world_unit(w, count_heard, &count), OK);
    return count;
}

static int64_t waiting(World *w) {
    int64_t count = -1;
    assert_int_equal(world_unit(w, count_waiting, &count), OK);
    return count;
}

static void listen_to(World *w) { listeners_add(outbox_listeners(w->app->state->outbox), &on_rung_handler); }

static void ring_bell(World *w, int64_t bell, int64_t fail_until) {
    assert_int_equal(world_unit(w, ring, &(Rung){ .bell = bell, .fail_until = fail_until, .words = S("叮") }), OK);
}

TEST(an_event_is_delivered_once_with_its_effect) {
    listen_to(w);
    ring_bell(w, 1, 0);
    assert_int_equal(waiting(w), 1);
    assert_int_equal(heard(w), 0);
    world_settle(w);
    assert_int_equal(waiting(w), 0);
    assert_int_equal(heard(w), 1);
    world_settle(w);
    assert_int_equal(heard(w), 1);
    world_holds(w);
}

TEST(a_refused_unit_announces_nothing) {
    listen_to(w);
    assert_int_equal(world_unit(w, ring_and_refuse, &(Rung){ .bell = 1 }), E_CONFLICT);
    assert_int_equal(waiting(w), 0);
    world_settle(w);
    assert_int_equal(heard(w), 0);
}

TEST(an_event_nobody_listens_to_writes_nothing) {
    ring_bell(w, 1, 0);
    assert_int_equal(waiting(w), 0);
}

TEST(a_refused_delivery_leaves_no_trace_and_is_tried_again_later) {
    listen_to(w);
    ring_bell(w, 1, w->now + 3000);
    world_settle(w);
    assert_int_equal(heard(w), 0);
    assert_int_equal(waiting(w), 1);
    world_pass(w, 1000);
    assert_int_equal(waiting(w), 1);
    world_pass(w, 30000);
    assert_int_equal(waiting(w), 0);
    assert_int_equal(heard(w), 1);
}

TEST(deliveries_for_one_subject_keep_their_order_and_others_do_not_wait) {
    listen_to(w);
    ring_bell(w, 1, w->now + 60000);
    ring_bell(w, 1, 0);
    ring_bell(w, 2, 0);
    world_settle(w);
    assert_int_equal(heard(w), 1);
    assert_int_equal(waiting(w), 2);
    for (int i = 0; i < 20 && waiting(w) > 0; i++) world_pass(w, 60000);
    assert_int_equal(heard(w), 3);
}

enum { CROWD = 5000 };

static Err ring_a_crowd_for_later(Ctx *c, void *arg) {
    (void)arg;
    for (int64_t i = 0; i < CROWD; i++) TRY(ring(c, &(Rung){ .bell = 1000 + i, .words = S("叮") }));
    return db_exec(c, "UPDATE outbox SET next_at = $2 WHERE merchant_id = $1", ARGS(c->now + HOUR_MS));
}

TEST(a_crowd_that_waits_for_its_next_try_holds_up_nobody_behind_it) {
    int64_t done = 0, next_at = 0;
    listen_to(w);
    assert_int_equal(world_unit(w, ring_a_crowd_for_later, NULL), OK);
    ring_bell(w, 1, 0);
    assert_int_equal(outbox_pump(w->app, LANE_NEAR, &done, &next_at), OK);
    assert_int_equal(outbox_pump(w->app, LANE_NEAR, &done, &next_at), OK);
    assert_int_equal(heard(w), 1);
    assert_int_equal(waiting(w), CROWD);
    assert_true(next_at > w->now); /* and nobody turns in circles meanwhile */
}

/* A handler that asks the world outside before its unit: goes by the far lane, in an order of its own. */
static Err ask_far(Ctx *c, int64_t event_id, const void *payload) {
    const Rung *in = payload;
    assert_false(db_in_unit(c));
    if (c->now < in->fail_until) return fail(c, E_BUSY, "test.unreachable", "联系不上", "unreachable");
    int64_t *answer = NEW(c->arena, int64_t);
    *answer = event_id;
    c->plan = answer;
    return OK;
}

static Err on_far_answer(Ctx *c, int64_t event_id, const void *payload) {
    assert_int_equal(*(int64_t *)c->plan, event_id);
    return on_rung(c, event_id, payload);
}
static const Handler far_handler = { &rung, "test.on_rung_far", on_far_answer, ask_far };

TEST(a_handler_that_prepares_outside_does_so_before_its_unit) {
    listen_to(w);
    listeners_add(outbox_listeners(w->app->state->outbox), &far_handler);
    ring_bell(w, 1, 0);
    world_settle(w);
    assert_int_equal(heard(w), 2);
    ring_bell(w, 2, w->now + 60000);
    world_settle(w);
    assert_int_equal(heard(w), 2);
    assert_int_equal(waiting(w), 2);
    for (int i = 0; i < 20 && waiting(w) > 0; i++) world_pass(w, 60000);
    assert_int_equal(heard(w), 4);
}

TEST(waiting_deliveries_are_found_after_a_restart) {
    listen_to(w);
    ring_bell(w, 1, 0);
    world_restart(w);
    listen_to(w);
    world_settle(w);
    assert_int_equal(heard(w), 1);
}

TEST(a_delivery_that_comes_twice_has_one_effect) {
    listen_to(w);
    Rng rng = rng_seeded(5);
    outbox_disturb(w->app, &rng);
    for (int64_t i = 0; i < 100; i++) ring_bell(w, 1 + i % 40, 0);
    world_settle(w);
    outbox_disturb(w->app, NULL);
    assert_int_equal(heard(w), 100);
}

static Err ring_many(Ctx *c, void *arg) {
    for (int64_t i = 0; i < 600; i++) TRY(emit(c, &rung, i % 200, &(Rung){ .bell = i % 200 }));
    (void)arg;
    return OK;
}

TEST(more_events_than_a_batch_are_all_delivered) {
    listen_to(w);
    assert_int_equal(world_unit(w, ring_many, NULL), OK);
    world_settle(w);
    assert_int_equal(heard(w), 600);
}

TEST(the_pump_thread_delivers_by_itself_and_ends_with_the_server) {
    listen_to(w);
    app_pump_start(w->app);
    for (int64_t i = 0; i < 50; i++) ring_bell(w, i, 0);
    for (int i = 0; i < 1000 && waiting(w) > 0; i++) usleep(5000);
    assert_int_equal(heard(w), 50);
}

/* Two servers on one database, both delivering and both running jobs. SQLite refuses the second one. */
TEST(two_servers_on_one_database_deliver_every_event_once) {
    if (db_engine(w->db) == DB_SQLITE) return;
    WorldSeat seat;
    world_seat(w, &seat);
    seat.starts += 7;
    World *second = world_reopen(&seat);
    assert_int_not_equal(second->app->ids.node, w->app->ids.node);
    listen_to(w);
    listen_to(second);
    app_pump_start(w->app);
    app_pump_start(second->app);
    for (int64_t i = 0; i < 100; i++) {
        ring_bell(w, i % 10, 0);
        ring_bell(second, i % 10, 0);
    }
    for (int i = 0; i < 2000 && waiting(w) > 0; i++) usleep(5000);
    assert_int_equal(waiting(w), 0);
    assert_int_equal(heard(w), 200);
    world_leave(second);
}

static void let_die(World *w) {
    ring_bell(w, 9, INT64_MAX);
    world_settle(w);
    for (int i = 0; i < 3 * OUTBOX_TRIES_MAX && waiting(w) > 0; i++) world_pass(w, OUTBOX_DELAY_MAX_MS);
    assert_int_equal(waiting(w), 0);
}

TEST(after_too_many_tries_an_event_is_a_dead_letter_that_can_be_tried_again_or_dropped) {
    listen_to(w);
    let_die(w);
    world_get(w, "/v1/dead-letters");
    assert_int_equal(w->status, 200);
    assert_int_equal(world_count(w, "/items"), 1);
    assert_int_equal(world_int(w, "/items/0/tries"), OUTBOX_TRIES_MAX);
    assert_true(str_is(world_str(w, "/items/0/problem"), "test.deaf"));
    int64_t id = world_int(w, "/items/0/id");
    world_holds(w);

    world_post(w, world_path(w, "/v1/dead-letters/%lld/retry", (long long)id), "{}");
    assert_int_equal(w->status, 200);
    assert_int_equal(waiting(w), 1);
    for (int i = 0; i < 3 * OUTBOX_TRIES_MAX && waiting(w) > 0; i++) world_pass(w, OUTBOX_DELAY_MAX_MS);

    world_post(w, world_path(w, "/v1/dead-letters/%lld/drop", (long long)id), "{\"reason\":\"旧机器\"}");
    assert_int_equal(w->status, 200);
    world_get(w, "/v1/dead-letters");
    assert_int_equal(world_count(w, "/items"), 0);
    world_post(w, world_path(w, "/v1/dead-letters/%lld/drop", (long long)id), "{}");
    assert_int_equal(w->status, 404);
    assert_true(str_is(w->code, "event.no_letter"));
}

TEST(dead_letters_of_another_merchant_do_not_exist) {
    listen_to(w);
    let_die(w);
    world_get(w, "/v1/dead-letters");
    int64_t id = world_int(w, "/items/0/id");
    (void)world_merchant(w, "other");
    world_as(w, world_other_token(w));
    world_get(w, "/v1/dead-letters");
    assert_int_equal(world_count(w, "/items"), 0);
    world_post(w, world_path(w, "/v1/dead-letters/%lld/retry", (long long)id), "{}");
    assert_int_equal(w->status, 404);
}

TEST_PURE(the_delay_between_tries_grows_from_seconds_to_an_hour) {
    for (int64_t tries = 1; tries <= OUTBOX_TRIES_MAX; tries++) {
        int64_t delay_ms = outbox_delay_ms(12345678, tries), plain_ms = INT64_C(2000) << (tries - 1);
        if (plain_ms > OUTBOX_DELAY_MAX_MS) plain_ms = OUTBOX_DELAY_MAX_MS;
        assert_in_range(delay_ms, plain_ms - plain_ms / 8, plain_ms + plain_ms / 8);
    }
}

/* ---- the simulator: every fact that was written is heard once, whatever the power cuts ---- */

typedef struct Once { int64_t step; Rung rung; bool is_new; } Once;

/* What a route with an Idempotency-Key does, without a route: a step that is played again writes nothing. */
static Err ring_once(Ctx *c, void *arg) {
    Once *once = arg;
    unsigned char key[MAC_LEN] = { 0 };
    int64_t changed;
    memcpy(key, &once->step, sizeof once->step);
    TRY(db_change(c,
                  "INSERT INTO budget (merchant_id, name, key_mac, until_at, used) VALUES ($1, 'test.once', $2, $3, 1)"
                  " ON CONFLICT DO NOTHING",
                  ARGS(((Bytes){ key, MAC_LEN }), INT64_MAX), &changed));
    return changed == 1 ? ring(c, &once->rung) : OK;
}

static void listen_in_sim(Sim *s) {
    if (!listeners_find(outbox_listeners(s->w->app->state->outbox), str_of(on_rung_handler.name))) listen_to(s->w);
}

static Err sim_ring(Sim *s) {
    listen_in_sim(s);
    int64_t fails_ms = rng_chance(s->rng, 1, 20) ? rng_below(s->rng, 600000) : 0;
    Once once = { .step = s->step, .rung = { .bell = rng_below(s->rng, 30), .fail_until = s->w->now + fails_ms } };
    if (world_unit(s->w, ring_once, &once) != OK) sim_fail(s, "the bell could not be rung");
    sim_add(s, "bell.rung", 0, 1);
    return OK;
}

static Err count_dead(Ctx *c, void *arg) {
    return db_int(c, "SELECT COUNT(*) FROM dead_letter WHERE merchant_id = $1 AND handler = 'test.on_rung'", NO_ARGS,
                  arg);
}

static Err count_bells(Ctx *c, void *arg) {
    return db_int(c, "SELECT COUNT(*) FROM outbox WHERE merchant_id = $1 AND handler = 'test.on_rung'", NO_ARGS, arg);
}

static Err sim_check_bells(Sim *s) {
    listen_in_sim(s);
    int64_t dead = 0, waits = 0;
    if (world_unit(s->w, count_dead, &dead) != OK || world_unit(s->w, count_bells, &waits) != OK)
        sim_fail(s, "the bells could not be counted");
    if (heard(s->w) + waits + dead != sim_number(s, "bell.rung", 0))
        sim_fail(s, "rung %lld, heard %lld, waiting %lld, dead %lld", (long long)sim_number(s, "bell.rung", 0),
                 (long long)heard(s->w), (long long)waits, (long long)dead);
    return OK;
}

const SimAction outbox_sim[] = { { "bell.ring", 5, sim_ring }, { "bell.check", 0, sim_check_bells }, { NULL } };
