#include "domain/offer/offer.h"
#include "test/sim.h"
#include "test/test.h"
#include "test/world_trade.h"

#define FULL "{\"name\":\"满100减20\",\"kind\":\"cash\",\"threshold_fen\":10000,\"off_fen\":2000,\"status\":\"active\"}"

TEST(an_offer_lives_as_draft_active_paused_and_ended) {
    world_post(w, "/v1/offers", FULL);
    assert_int_equal(w->status, 201);
    int64_t offer = world_int(w, "/offer_id");
    assert_true(str_is(world_str(w, "/status"), "active"));
    world_post(w, world_path(w, "/v1/offers/%lld/pause", (long long)offer), "{}");
    assert_true(str_is(world_str(w, "/status"), "paused"));
    world_get(w, "/v1/offers?status=active");
    assert_int_equal(world_count(w, "/items"), 0);
    world_post(w, world_path(w, "/v1/offers/%lld/start", (long long)offer), "{}");
    assert_int_equal(world_int(w, "/version"), 3);
    world_header(w, "if-match", "\"v2\"");
    world_send(w, "PATCH", world_path(w, "/v1/offers/%lld", (long long)offer), S("{\"off_fen\":3000}"));
    assert_int_equal(w->status, 412);
    world_header(w, "if-match", "\"v3\"");
    world_send(w, "PATCH", world_path(w, "/v1/offers/%lld", (long long)offer), S("{\"off_fen\":3000}"));
    assert_int_equal(w->status, 200);
    assert_int_equal(world_int(w, "/off_fen"), 3000);
    assert_int_equal(world_int(w, "/threshold_fen"), 10000);
    world_header(w, "if-match", "*");
    world_send(w, "PATCH", world_path(w, "/v1/offers/%lld", (long long)offer), S("{\"off_fen\":1,\"version\":2}"));
    assert_true(str_is(w->code, "offer.moved"));
    world_send(w, "DELETE", world_path(w, "/v1/offers/%lld", (long long)offer), S(""));
    assert_true(w->status < 300);
    world_post(w, world_path(w, "/v1/offers/%lld/start", (long long)offer), "{}");
    assert_true(str_is(w->code, "offer.ended"));
    world_get(w, "/v1/offers/%lld", (long long)offer + 1);
    assert_true(str_is(w->code, "offer.not_found"));
    world_holds(w);
}

TEST(rules_that_make_no_sense_are_refused_with_all_complaints_at_once) {
    static const char *const bad[] = {
        "\"kind\":\"rate\"",
        "\"kind\":\"discount\",\"rate_bp\":10000",
        "\"kind\":\"price\",\"price_fen\":100",
        "\"kind\":\"nth\",\"nth\":1,\"rate_bp\":5000",
        "\"kind\":\"bundle\",\"price_fen\":100,\"parts\":[{\"item_id\":\"1\",\"quantity\":1}]",
        "\"kind\":\"piece\",\"price_fen\":100",
        "\"kind\":\"cash\",\"threshold_fen\":100,\"off_fen\":200",
        "\"kind\":\"cash\",\"off_fen\":100,\"every\":true",
        "\"kind\":\"cash\",\"steps\":[{\"threshold_fen\":200,\"off_fen\":20},{\"threshold_fen\":100,\"off_fen\":30}]",
        "\"kind\":\"gift\",\"gift_quantity\":1",
        "\"kind\":\"delivery\"",
        "\"kind\":\"rate\",\"rate_bp\":9000,\"when\":{\"weekdays\":[\"8\"]}",
        "\"kind\":\"rate\",\"rate_bp\":9000,\"when\":{\"from_day\":\"2026-03-02\",\"to_day\":\"2026-03-01\"}",
        "\"kind\":\"rate\",\"rate_bp\":9000,\"steps\":[{\"threshold_fen\":200,\"off_fen\":20}]",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        world_post(w, "/v1/offers", "{\"name\":\"x\",\"status\":\"active\",%s}", bad[i]);
        if (w->status != 422) fail_msg("%s gave %d", bad[i], w->status);
        assert_true(str_is(world_str(w, "/errors/0/code"), "offer.rule"));
    }
    world_post(w, "/v1/offers",
               "{\"name\":\"x\",\"status\":\"active\",\"kind\":\"nth\",\"rate_bp\":10000,"
               "\"when\":{\"month_days\":[\"32\"]}}");
    assert_int_equal(world_count(w, "/errors"), 3);
    world_post(w, "/v1/offers", "{\"name\":\"x\",\"kind\":\"gift\",\"gift_quantity\":1,\"gift_item_id\":\"5\"}");
    assert_true(str_is(w->code, "offer.item_unknown"));
    world_post(w, "/v1/offers", "{\"name\":\"x\",\"kind\":\"rate\",\"rate_bp\":9000,\"shop_ids\":[\"5\"]}");
    assert_true(str_is(w->code, "offer.shop_unknown"));
    world_as(w, world_staff(w, "cashier"));
    world_post(w, "/v1/offers", FULL);
    assert_int_equal(w->status, 403);
}

TEST(presets_are_drafts_that_start_when_they_are_whole) {
    static const char *const keys[] = { "second_half", "full_100_20", "member_day", "birthday_month" };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        world_post(w, "/v1/offer-presets", "{\"preset\":\"%s\"}", keys[i]);
        assert_int_equal(w->status, 201);
        int64_t offer = world_int(w, "/offer_id");
        assert_true(str_is(world_str(w, "/status"), "draft"));
        world_post(w, world_path(w, "/v1/offers/%lld/start", (long long)offer), "{}");
        assert_int_equal(w->status, 200);
    }
    world_post(w, "/v1/offer-presets", "{\"preset\":\"breakfast\"}");
    int64_t offer = world_int(w, "/offer_id"), a = world_item(w, 500), b = world_item(w, 300);
    world_post(w, world_path(w, "/v1/offers/%lld/start", (long long)offer), "{}");
    assert_int_equal(w->status, 422);
    world_header(w, "if-match", "*");
    world_send(w, "PATCH", world_path(w, "/v1/offers/%lld", (long long)offer),
               arena_print(&w->arena,
                           "{\"status\":\"active\",\"price_fen\":600,\"parts\":[{\"item_id\":\"%lld\",\"quantity\":1},"
                           "{\"item_id\":\"%lld\",\"quantity\":1}]}",
                           (long long)a, (long long)b));
    assert_int_equal(w->status, 200);
    world_post(w, "/v1/offer-presets", "{\"preset\":\"nothing\"}");
    assert_true(str_is(w->code, "offer.preset_unknown"));
    world_get(w, "/v1/offers?status=active");
    assert_int_equal(world_count(w, "/items"), 5);
    world_holds(w);
}

TEST(no_more_offers_are_active_than_the_engine_prices_well) {
    for (int i = 0; i < OFFERS_ACTIVE_MAX; i++) {
        world_post(w, "/v1/offers", FULL);
        assert_int_equal(w->status, 201);
    }
    world_post(w, "/v1/offers", FULL);
    assert_true(str_is(w->code, "offer.many"));
    world_holds(w);
}

/* ---- the simulator's marketer ---- */

static Err sim_offer(Sim *s) {
    static const char *const rules[] = {
        "\"kind\":\"cash\",\"threshold_fen\":3000,\"off_fen\":500",
        "\"kind\":\"cash\",\"threshold_fen\":2000,\"off_fen\":100,\"every\":true",
        "\"kind\":\"cash\","
        "\"steps\":[{\"threshold_fen\":2000,\"off_fen\":200},{\"threshold_fen\":5000,\"off_fen\":900}]",
        "\"kind\":\"nth\",\"nth\":2,\"rate_bp\":5000",
        "\"kind\":\"rate\",\"rate_bp\":9500,\"when\":{\"weekdays\":[\"2\",\"6\"]}",
        "\"kind\":\"discount\",\"rate_bp\":9000,\"cap_fen\":300,\"who\":{\"first_order\":true}",
    };
    if (sim_size(s, "offer") >= 8) return OK;
    sim_post(s, "/v1/offers", "{\"name\":\"sim\",\"status\":\"active\",%s}",
             rules[rng_below(s->rng, (int64_t)(sizeof rules / sizeof rules[0]))]);
    if (sim_was_done(s)) sim_keep(s, "offer", world_int(s->w, "/offer_id"));
    return OK;
}

static Err sim_end(Sim *s) {
    int64_t offer = sim_pick(s, "offer");
    if (offer == 0) return OK;
    sim_post(s, world_path(s->w, "/v1/offers/%lld/%s", (long long)offer, rng_chance(s->rng, 1, 2) ? "pause" : "start"),
             "{}");
    (void)sim_was_done(s);
    return OK;
}

const SimAction offer_sim[] = { { "offer.create", 1, sim_offer }, { "offer.turn", 1, sim_end }, { NULL } };
