#include "domain/benefit/benefit_store.h"
#include "test/test.h"
#include <pthread.h>
#include <stdio.h>

static void refused(const World *w, int status, const char *code) {
    if (w->status != status || !str_is(w->code, code)) print_error("%.*s\n", (int)w->body.len, w->body.at);
    assert_int_equal(w->status, status);
    assert_true(str_is(w->code, code));
}

static int64_t benefit(World *w, const char *key, const char *kind) {
    world_post(w, "/v1/benefits", "{\"key\":\"%s\",\"name\":\"%s\",\"kind\":\"%s\",\"unit\":\"次\"}", key, key, kind);
    assert_int_equal(w->status, 201);
    return world_int(w, "/benefit_id");
}

static int64_t tag_with(World *w, const char *name, int64_t member) {
    world_post(w, "/v1/tags", "{\"name\":\"%s\"}", name);
    int64_t tag = world_int(w, "/tag_id");
    world_post(w, world_path(w, "/v1/tags/%lld/members", (long long)tag), "{\"member_ids\":[\"%lld\"]}",
               (long long)member);
    assert_int_equal(w->status, 200);
    return tag;
}

static int64_t term(World *w, int64_t of, int64_t tag, int64_t quota, const char *period) {
    world_post(w, "/v1/benefit-terms", "{\"benefit_id\":\"%lld\",\"tag_id\":\"%lld\",\"quota\":%lld,\"period\":\"%s\"}",
               (long long)of, (long long)tag, (long long)quota, period);
    assert_int_equal(w->status, 201);
    return world_int(w, "/term_id");
}

static void take(World *w, int64_t member, int64_t of, int64_t count, const char *no) {
    world_post(w, "/v1/benefits/uses",
               "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"benefit_id\":\"%lld\",\"count\":%lld,\"use_no\":\"%s\"}",
               (long long)w->shop_id, (long long)member, (long long)of, (long long)count, no);
}

static void give(World *w, int64_t member, int64_t of, int64_t count, int64_t ends_at) {
    world_post(w, "/v1/benefits/grants",
               "{\"member_id\":\"%lld\",\"benefit_id\":\"%lld\",\"count\":%lld,\"ends_at\":%lld,\"reason\":\"补偿\"}",
               (long long)member, (long long)of, (long long)count, (long long)ends_at);
    assert_int_equal(w->status, 201);
}

TEST(parking_of_two_hours_a_month_is_used_refused_and_renews_on_the_first) {
    int64_t member = world_member(w, "13800000001"), tag = tag_with(w, "金卡", member);
    world_post(w, "/v1/benefits/presets", "{\"preset\":\"garage\",\"tag_id\":\"%lld\"}", (long long)tag);
    refused(w, 404, "benefit.preset_unknown");
    for (int i = 0; i < 2; i++) {
        world_post(w, "/v1/benefits/presets", "{\"preset\":\"parking\",\"tag_id\":\"%lld\"}", (long long)tag);
        assert_int_equal(world_int(w, "/quota"), 2);
    }
    int64_t parking = world_int(w, "/benefit_id");
    world_post(w, "/v1/benefits/uses",
               "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"key\":\"parking\",\"use_no\":\"G1\"}",
               (long long)w->shop_id, (long long)member);
    assert_int_equal(w->status, 201);
    assert_int_equal(world_int(w, "/left"), 1);
    assert_int_equal(world_int(w, "/renews_at"), 1774972800000); /* 1 April 2026 */
    take(w, member, parking, 1, "G1");
    assert_true(w->status == 200 && world_has(w, "/duplicate"));
    take(w, member, parking, 2, "G1");
    refused(w, 409, "benefit.number_used");
    take(w, member, parking, 2, "G2");
    refused(w, 409, "benefit.short");
    assert_int_equal(world_int(w, "/numbers/left"), 1);
    take(w, member, parking, 1, "G3");
    int64_t third = world_int(w, "/use_id");
    world_pass(w, (int64_t)31 * DAY_MS);
    world_get(w, "/v1/members/%lld/benefits", (long long)member);
    assert_int_equal(world_int(w, "/items/0/left"), 2);
    /* Undone later it comes back to its own month, which is over. */
    for (int i = 0; i < 2; i++) {
        world_post(w, world_path(w, "/v1/benefits/uses/%lld/undo", (long long)third), "{\"reason\":\"没停\"}");
        assert_int_equal(w->status, 200);
        assert_int_equal(world_has(w, "/duplicate"), i == 1);
        assert_int_equal(world_int(w, "/left"), 2);
    }
    world_holds(w);
}

TEST(a_benefit_lasts_as_long_as_the_tag_and_gifts_until_their_end) {
    int64_t member = world_member(w, "13800000001"), tag = tag_with(w, "咖啡组", member);
    int64_t cake = benefit(w, "cake", "free_item"), queue = benefit(w, "queue", "priority_service");
    term(w, queue, tag, 0, "day");
    int64_t cake_term = term(w, cake, tag, 1, "week");
    take(w, member, queue, 100, "Q1");
    assert_int_equal(world_int(w, "/left"), -1);
    give(w, member, cake, 2, w->now + (int64_t)2 * DAY_MS);
    world_get(w, "/v1/members/%lld/benefits", (long long)member);
    assert_int_equal(world_int(w, "/items/0/left"), 3);
    /* The gift ends before the week does: it goes first, then the week's. */
    take(w, member, cake, 3, "C1");
    assert_int_equal(w->status, 201);
    assert_int_equal(world_int(w, "/left"), 0);
    give(w, member, cake, 5, w->now + (int64_t)2 * DAY_MS);
    world_pass(w, (int64_t)3 * DAY_MS);
    take(w, member, cake, 1, "C2");
    refused(w, 409, "benefit.short");
    world_pass(w, (int64_t)5 * DAY_MS);
    take(w, member, cake, 1, "C2");
    assert_int_equal(w->status, 201);
    world_post(w, world_path(w, "/v1/benefit-terms/%lld/end", (long long)cake_term), "{}");
    assert_int_equal(w->status, 204);
    world_post(w, world_path(w, "/v1/benefit-terms/%lld/end", (long long)cake_term), "{}");
    refused(w, 404, "benefit.term_unknown");
    take(w, member, cake, 1, "C3");
    refused(w, 409, "benefit.none");
    world_send(w, "DELETE", world_path(w, "/v1/tags/%lld", (long long)tag), (Str){ 0 });
    take(w, member, queue, 1, "Q2");
    refused(w, 409, "benefit.none");
    world_holds(w);
}

TEST(benefits_say_what_they_refuse) {
    int64_t member = world_member(w, "13800000001"), tag = tag_with(w, "组", member);
    int64_t wrap = benefit(w, "wrap", "gift_wrap");
    world_post(w, "/v1/benefits", "{\"key\":\"wrap\",\"name\":\"x\"}");
    refused(w, 409, "benefit.key_taken");
    world_post(w, "/v1/benefit-terms", "{\"benefit_id\":\"%lld\",\"tag_id\":\"7\"}", (long long)wrap);
    refused(w, 404, "tag.not_found");
    world_post(w, "/v1/benefit-terms", "{\"benefit_id\":\"7\",\"tag_id\":\"%lld\"}", (long long)tag);
    refused(w, 404, "benefit.unknown");
    world_post(w, "/v1/benefits/uses",
               "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"key\":\"nothing\",\"use_no\":\"1\"}",
               (long long)w->shop_id, (long long)member);
    refused(w, 404, "benefit.unknown");
    take(w, member, wrap, -1, "N");
    assert_int_equal(w->status, 422);
    world_post(w, "/v1/benefits/uses/9/undo", "{\"reason\":\"x\"}");
    refused(w, 404, "benefit.use_unknown");
    give(w, member, wrap, 1, 0);
    world_post(w, world_path(w, "/v1/benefits/%lld/retire", (long long)wrap), "{}");
    assert_int_equal(w->status, 204);
    world_post(w, "/v1/benefit-terms", "{\"benefit_id\":\"%lld\",\"tag_id\":\"%lld\"}", (long long)wrap,
               (long long)tag);
    refused(w, 409, "benefit.retired");
    take(w, member, wrap, 1, "W"); /* what was given stays */
    assert_int_equal(w->status, 201);
    world_post(w, world_path(w, "/v1/members/%lld/freeze", (long long)member), "{\"is_frozen\":true,\"reason\":\"x\"}");
    take(w, member, wrap, 1, "X");
    refused(w, 409, "member.frozen");
    world_holds(w);
}

typedef struct Gift {
    BenefitGrant grant;
    bool is_duplicate;
    int64_t count;
} Gift;
static Err grant_unit(Ctx *c, void *arg) {
    Gift *g = arg;
    return benefit_grant(c, &g->grant, &g->is_duplicate);
}
static Err revoke_unit(Ctx *c, void *arg) {
    Gift *g = arg;
    return benefit_revoke(c, g->grant.member_id, g->grant.source, g->grant.source_id, &g->count);
}

TEST(a_gift_counts_once_for_its_source_and_what_is_unused_of_it_goes_back) {
    int64_t member = world_member(w, "13800000001"), seat = benefit(w, "seat", "event_seat");
    Gift g = { .grant = { .member_id = member, .benefit_id = seat, .count = 3, .source = "reward", .source_id = 5 } };
    assert_int_equal(world_unit(w, grant_unit, &g), OK);
    assert_false(g.is_duplicate);
    assert_int_equal(world_unit(w, grant_unit, &g), OK);
    assert_true(g.is_duplicate);
    take(w, member, seat, 1, "S1");
    assert_int_equal(world_unit(w, revoke_unit, &g), OK);
    assert_int_equal(g.count, 2);
    assert_int_equal(world_unit(w, revoke_unit, &g), OK);
    assert_int_equal(g.count, 0);
    take(w, member, seat, 1, "S2");
    refused(w, 409, "benefit.short");
    world_holds(w);
}

TEST(two_members_who_become_one_have_not_twice_the_quota_and_part_with_their_own) {
    int64_t from = world_member(w, "13800000001"), into = world_member(w, "13800000002");
    int64_t parking = benefit(w, "parking", "parking"), tag = tag_with(w, "停车", from);
    world_post(w, world_path(w, "/v1/tags/%lld/members", (long long)tag), "{\"member_ids\":[\"%lld\"]}",
               (long long)into);
    term(w, parking, tag, 3, "month");
    take(w, from, parking, 2, "A");
    int64_t use = world_int(w, "/use_id");
    take(w, into, parking, 1, "B");
    world_post(w, world_path(w, "/v1/members/%lld/merge", (long long)into), "{\"from_id\":\"%lld\",\"reason\":\"同\"}",
               (long long)from);
    assert_int_equal(w->status, 201);
    int64_t merge = world_int(w, "/merge_id");
    take(w, into, parking, 1, "C");
    refused(w, 409, "benefit.short");
    world_post(w, world_path(w, "/v1/benefits/uses/%lld/undo", (long long)use), "{\"reason\":\"错\"}");
    assert_int_equal(world_int(w, "/left"), 2);
    take(w, into, parking, 1, "C");
    assert_int_equal(w->status, 201);
    world_post(w, world_path(w, "/v1/member-merges/%lld/undo", (long long)merge), "{}");
    assert_int_equal(w->status, 200);
    world_get(w, "/v1/members/%lld/benefits", (long long)from);
    assert_int_equal(world_int(w, "/items/0/left"), 3);
    world_get(w, "/v1/members/%lld/benefits", (long long)into);
    assert_int_equal(world_int(w, "/items/0/left"), 1);
    world_holds(w);
}

/* ---- parallel ---- */

enum { GATES = 5, TRIES_EACH = 10 };
typedef struct Gate {
    World *w;
    int64_t member, benefit, number, won, refused;
} Gate;
typedef struct Try {
    BenefitTake take;
} Try;
static Err take_once(Ctx *c, void *arg) {
    const Try *t = arg;
    BenefitUse use;
    return benefit_take(c, &t->take, &use);
}
static void *take_many(void *arg) {
    Gate *g = arg;
    Arena arena;
    arena_init(&arena, ARENA_HARD_MAX);
    for (int i = 0; i < TRIES_EACH; i++) {
        Ctx c;
        app_ctx(g->w->app, &arena, g->w->merchant_id, (Actor){ ACTOR_CLI, 0 }, &c);
        char no[40];
        snprintf(no, sizeof no, "%lld-%d", (long long)g->number, i);
        Try t = { { g->w->shop_id, g->member, g->benefit, 1, str_of(no) } };
        Err err = app_unit(&c, take_once, &t);
        if (err == OK) g->won++;
        if (err == E_CONFLICT && str_is(str_of(c.problem.code), "benefit.short")) g->refused++;
        arena_reset(&arena);
    }
    arena_free(&arena);
    return NULL;
}

TEST(fifty_parallel_uses_of_a_benefit_with_one_left_use_exactly_one) {
    int64_t member = world_member(w, "13800000001"), parking = benefit(w, "parking", "parking"), won = 0, no = 0;
    term(w, parking, tag_with(w, "停车", member), 1, "month");
    Gate gates[GATES];
    pthread_t threads[GATES];
    for (int i = 0; i < GATES; i++) {
        gates[i] = (Gate){ .w = w, .member = member, .benefit = parking, .number = i };
        assert_int_equal(pthread_create(&threads[i], NULL, take_many, &gates[i]), 0);
    }
    for (int i = 0; i < GATES; i++) {
        pthread_join(threads[i], NULL);
        won += gates[i].won;
        no += gates[i].refused;
    }
    assert_int_equal(won, 1);
    assert_int_equal(no, GATES * TRIES_EACH - 1);
    world_holds(w);
}
