#include "domain/times/times_test.h"
#include "domain/member/member_inside.h"
#include "domain/wallet/wallet_test.h"
#include "test/test.h"
#include <pthread.h>
#include <stdio.h>

int64_t times_template(World *w, int64_t uses, const char *more) {
    world_post(w, "/v1/times/templates", "{\"name\":\"洗剪吹\",\"uses\":%lld,\"price_fen\":10000%s}", (long long)uses,
               more);
    assert_int_equal(w->status, 201);
    return world_int(w, "/template_id");
}

int64_t times_given(World *w, int64_t member_id, int64_t template_id) {
    world_post(w, "/v1/times/cards", "{\"member_id\":\"%lld\",\"template_id\":\"%lld\",\"reason\":\"赠\"}",
               (long long)member_id, (long long)template_id);
    assert_int_equal(w->status, 201);
    return world_int(w, "/items/0/card_id");
}

void times_try(World *w, int64_t member_id, int64_t count, const char *use_no, const char *more) {
    world_post(w, "/v1/times/uses",
               "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"count\":%lld,\"use_no\":\"%s\",\"pin\":\"274913\"%s}",
               (long long)w->shop_id, (long long)member_id, (long long)count, use_no, more);
}

void times_left(World *w, int64_t member_id, int64_t left_uses) {
    world_get(w, "/v1/members/%lld/times", (long long)member_id);
    assert_int_equal(world_int(w, "/items/0/left_uses"), left_uses);
}

TEST(a_times_card_is_used_with_its_owner_there_once_per_number) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token);
    int64_t card = times_given(w, member, times_template(w, 10, ",\"low_uses\":3"));
    world_post(w, "/v1/times/uses", "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"use_no\":\"U1\"}",
               (long long)w->shop_id, (long long)member);
    wallet_refused(w, 422, "wallet.proof_missing");
    world_post(w, "/v1/times/uses",
               "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"use_no\":\"U1\",\"pin\":\"000000\"}",
               (long long)w->shop_id, (long long)member);
    wallet_refused(w, 403, "wallet.proof_wrong");
    times_try(w, member, 7, "U1", "");
    assert_int_equal(w->status, 201);
    assert_int_equal(world_int(w, "/left_uses"), 3);
    times_try(w, member, 7, "U1", "");
    assert_true(w->status == 200 && world_has(w, "/duplicate"));
    times_try(w, member, 6, "U1", "");
    wallet_refused(w, 409, "times.number_used");
    times_try(w, member, 4, "U2", "");
    wallet_refused(w, 409, "times.short");
    assert_int_equal(world_int(w, "/numbers/left_uses"), 3);
    world_get(w, "/v1/members/%lld/why?account=times:%lld", (long long)member, (long long)card);
    assert_int_equal(world_int(w, "/balance"), 3);
    assert_true(str_is(world_str(w, "/lines/1/words"), "次卡核销"));
    world_as(w, token);
    world_get(w, "/v1/me/times");
    assert_int_equal(world_int(w, "/items/0/left_uses"), 3);
    world_get(w, "/v1/me/times/%lld/uses", (long long)card);
    assert_int_equal(world_int(w, "/items/0/count"), 7);
    world_as(w, w->owner_token);
    Str other;
    wallet_member(w, "13800000002", &other);
    world_as(w, other);
    world_get(w, "/v1/me/times/%lld/uses", (long long)card);
    wallet_refused(w, 404, "times.card_unknown");
    world_as(w, w->owner_token);
    world_holds(w);
}

TEST(a_dynamic_code_uses_a_card_once_and_pays_nothing_afterwards) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token);
    times_given(w, member, times_template(w, 5, ""));
    world_as(w, token);
    world_get(w, "/v1/me/code");
    const char *code = arena_cstr(&w->arena, world_str(w, "/code"));
    world_as(w, w->owner_token);
    for (int i = 0; i < 2; i++) {
        world_post(w, "/v1/times/uses",
                   "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"use_no\":\"C%d\",\"code\":\"%s\"}",
                   (long long)w->shop_id, (long long)member, i, code);
        if (i == 0) assert_int_equal(w->status, 201);
    }
    wallet_refused(w, 409, "wallet.code_used");
    times_left(w, member, 4);
    world_holds(w);
}

TEST(a_card_is_good_for_its_services_and_shops_alone_and_the_one_that_ends_first_is_taken) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token);
    world_post(w, "/v1/shops", "{\"code\":\"S77\",\"name\":\"二店\"}");
    int64_t other = world_int(w, "/shop_id");
    world_post(w, "/v1/item-categories", "{\"name\":\"护理\"}");
    int64_t category = world_int(w, "/id");
    world_post(w, "/v1/items", "{\"name\":\"剪发\",\"price_fen\":3000}");
    int64_t cut = world_int(w, "/item_id");
    world_post(w, "/v1/items", "{\"name\":\"头皮护理\",\"price_fen\":9000,\"category_id\":\"%lld\"}",
               (long long)category);
    int64_t care = world_int(w, "/item_id");
    times_try(w, member, 1, "A", "");
    wallet_refused(w, 409, "times.none");
    const char *limits =
        arena_print(&w->arena, ",\"item_ids\":[\"%lld\"],\"category_ids\":[\"%lld\"],\"shop_ids\":[\"%lld\"]",
                    (long long)cut, (long long)category, (long long)w->shop_id)
            .at;
    int64_t narrow = times_given(w, member, times_template(w, 5, limits));
    int64_t soon = times_given(w, member, times_template(w, 2, ",\"valid_days\":10"));
    times_try(w, member, 1, "B", world_path(w, ",\"card_id\":\"%lld\"", (long long)narrow));
    wallet_refused(w, 409, "times.other_service");
    world_post(
        w, "/v1/times/uses",
        "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"card_id\":\"%lld\",\"item_id\":\"%lld\",\"use_no\":\"B\","
        "\"pin\":\"274913\"}",
        (long long)other, (long long)member, (long long)narrow, (long long)cut);
    wallet_refused(w, 409, "times.other_shop");
    times_try(w, member, 1, "C", world_path(w, ",\"item_id\":\"%lld\"", (long long)care));
    assert_int_equal(world_int(w, "/card_id"), soon);
    times_try(w, member, 3, "D", world_path(w, ",\"item_id\":\"%lld\"", (long long)care));
    assert_int_equal(world_int(w, "/card_id"), narrow);
    times_try(w, member, 2, "E", "");
    wallet_refused(w, 409, "times.short");
    world_get(w, "/v1/members/%lld/times", (long long)member);
    int64_t stranger = world_member(w, "13800000009");
    world_post(w, "/v1/times/uses",
               "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"card_id\":\"%lld\",\"use_no\":\"F\",\"pin\":\"274913\"}",
               (long long)w->shop_id, (long long)stranger, (long long)soon);
    wallet_refused(w, 409, "wallet.pin_none");
    Str second_token;
    int64_t second = wallet_member(w, "13800000008", &second_token);
    times_try(w, second, 1, "G", world_path(w, ",\"card_id\":\"%lld\"", (long long)soon));
    wallet_refused(w, 404, "times.card_unknown");
    world_holds(w);
}

TEST(validity_begins_with_the_first_use_and_what_is_left_then_lapses) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token);
    int64_t card = times_given(w, member, times_template(w, 10, ",\"valid_from\":\"first_use\",\"valid_days\":30"));
    world_pass(w, (int64_t)100 * DAY_MS);
    times_left(w, member, 10);
    times_try(w, member, 1, "U1", "");
    int64_t use = world_int(w, "/use_id");
    world_pass(w, (int64_t)30 * DAY_MS);
    times_try(w, member, 1, "U2", "");
    assert_int_equal(world_int(w, "/left_uses"), 8);
    world_pass(w, DAY_MS);
    times_left(w, member, 0);
    assert_true(str_is(world_str(w, "/items/0/status"), "expired"));
    times_try(w, member, 1, "U3", world_path(w, ",\"card_id\":\"%lld\"", (long long)card));
    wallet_refused(w, 409, "times.expired");
    world_get(w, "/v1/times/report");
    assert_int_equal(world_int(w, "/items/0/expired_uses"), 8);
    /* Undone by the manager after its time: the one use comes back for some days. */
    world_post(w, world_path(w, "/v1/times/uses/%lld/undo", (long long)use), "{\"reason\":\"核错了\"}");
    assert_int_equal(world_int(w, "/left_uses"), 1);
    world_post(w, world_path(w, "/v1/times/uses/%lld/undo", (long long)use), "{\"reason\":\"核错了\"}");
    assert_true(world_has(w, "/duplicate"));
    times_try(w, member, 1, "U4", "");
    assert_int_equal(w->status, 201);
    world_holds(w);
    world_pass(w, (int64_t)8 * DAY_MS);
    times_try(w, member, 1, "U5", "");
    wallet_refused(w, 409, "times.none");
    world_holds(w);
}

TEST(a_use_is_undone_by_who_may_with_a_reason_and_not_after_the_card_was_given_back) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token);
    int64_t card = times_given(w, member, times_template(w, 4, ""));
    times_try(w, member, 2, "U1", "");
    int64_t use = world_int(w, "/use_id");
    const char *undo = world_path(w, "/v1/times/uses/%lld/undo", (long long)use);
    world_post(w, undo, "{}");
    assert_int_equal(w->status, 422);
    world_as(w, world_staff(w, "cashier"));
    world_post(w, undo, "{\"reason\":\"x\"}");
    assert_int_equal(w->status, 403);
    world_as(w, w->owner_token);
    world_post(w, undo, "{\"reason\":\"点错\"}");
    assert_int_equal(world_int(w, "/left_uses"), 4);
    times_try(w, member, 1, "U2", "");
    const char *freeze = world_path(w, "/v1/times/cards/%lld/freeze", (long long)card);
    world_post(w, freeze, "{\"frozen\":true,\"reason\":\"挂失\"}");
    times_try(w, member, 1, "U3", world_path(w, ",\"card_id\":\"%lld\"", (long long)card));
    wallet_refused(w, 409, "times.frozen");
    world_post(w, freeze, "{\"frozen\":false,\"reason\":\"找到\"}");
    world_post(w, world_path(w, "/v1/times/uses/%lld/undo", (long long)999), "{\"reason\":\"x\"}");
    wallet_refused(w, 404, "times.use_unknown");
    world_get(w, "/v1/times/cards/%lld/refund-quote", (long long)card);
    assert_int_equal(world_int(w, "/amount_fen"), 0);
    assert_int_equal(world_int(w, "/uses"), 3);
    world_holds(w);
}

TEST(cards_worth_more_than_one_person_may_give_wait_for_a_second_one) {
    int64_t member = world_member(w, "13800000001"), template = times_template(w, 10, "");
    Str manager = world_staff(w, "manager");
    world_as(w, manager);
    world_post(w, "/v1/times/cards",
               "{\"member_id\":\"%lld\",\"template_id\":\"%lld\",\"count\":11,\"reason\":\"补偿\"}", (long long)member,
               (long long)template);
    wallet_refused(w, 409, "times.needs_approval");
    assert_int_equal(world_int(w, "/numbers/worth_fen"), 110000);
    world_post(w, "/v1/times/cards",
               "{\"member_id\":\"%lld\",\"template_id\":\"%lld\",\"count\":11,\"reason\":\"补偿\",\"ask\":true}",
               (long long)member, (long long)template);
    int64_t approval = world_int(w, "/approval_id");
    const char *approve = world_path(w, "/v1/approvals/%lld/decide", (long long)approval);
    world_post(w, approve, "{\"approve\":true,\"reason\":\"好\"}");
    wallet_refused(w, 403, "approval.own");
    world_as(w, w->owner_token);
    world_get(w, "/v1/members/%lld/times", (long long)member);
    assert_int_equal(world_count(w, "/items"), 0);
    world_post(w, approve, "{\"approve\":true,\"reason\":\"好\"}");
    assert_int_equal(w->status, 200);
    world_get(w, "/v1/members/%lld/times", (long long)member);
    assert_int_equal(world_count(w, "/items"), 11);
    world_holds(w);
}

/* ---- issue, refund, revoke: what other slices call ---- */

typedef struct Given {
    TimesIssue issue;
    TimesCards cards;
    TimesRefund refund;
    int64_t card_id, refund_id, uses;
} Given;
static Err issue_unit(Ctx *c, void *arg) {
    Given *g = arg;
    return times_issue(c, &g->issue, &g->cards);
}
static Err refund_unit(Ctx *c, void *arg) {
    Given *g = arg;
    return times_refund(c, g->card_id, g->refund_id, &g->refund);
}
static Err revoke_unit(Ctx *c, void *arg) {
    Given *g = arg;
    return times_revoke(c, g->issue.member_id, g->issue.source, g->issue.source_id, &g->uses);
}

TEST(cards_are_issued_once_for_one_source_and_share_what_was_paid) {
    int64_t member = world_member(w, "13800000001");
    Given g = { .issue = { .member_id = member,
                           .template_id = times_template(w, 10, ""),
                           .count = 3,
                           .source = "reward",
                           .source_id = 77,
                           .paid_fen = 10000 } };
    for (int i = 0; i < 2; i++) {
        assert_int_equal(world_unit(w, issue_unit, &g), OK);
        assert_int_equal(g.cards.count, 3);
        assert_int_equal(g.cards.items[0].paid_fen + g.cards.items[1].paid_fen + g.cards.items[2].paid_fen, 10000);
        assert_int_equal(g.cards.items[2].duplicate, i == 1);
    }
    world_get(w, "/v1/members/%lld/times", (long long)member);
    assert_int_equal(world_count(w, "/items"), 3);
    assert_int_equal(world_unit(w, revoke_unit, &g), OK);
    assert_int_equal(g.uses, 30);
    assert_int_equal(world_unit(w, revoke_unit, &g), OK);
    assert_int_equal(g.uses, 0);
    world_post(w, world_path(w, "/v1/times/templates/%lld/retire", (long long)g.issue.template_id), "{}");
    g.issue.source_id = 78;
    assert_int_equal(world_unit(w, issue_unit, &g), E_CONFLICT);
    g.issue.template_id = 5;
    assert_int_equal(world_unit(w, issue_unit, &g), E_NOT_FOUND);
    world_holds(w);
}

TEST(a_card_given_back_pays_its_unused_share_and_never_more_than_was_paid) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token);
    Given g = { .issue = { .member_id = member,
                           .template_id = times_template(w, 3, ""),
                           .source = "sale",
                           .source_id = 9,
                           .paid_fen = 10000 },
                .refund_id = 5 };
    assert_int_equal(world_unit(w, issue_unit, &g), OK);
    g.card_id = g.cards.items[0].card_id;
    times_try(w, member, 1, "U1", "");
    int64_t use = world_int(w, "/use_id");
    world_get(w, "/v1/times/cards/%lld/refund-quote", (long long)g.card_id);
    assert_int_equal(world_int(w, "/amount_fen"), 6666);
    assert_int_equal(world_unit(w, refund_unit, &g), OK);
    assert_int_equal(g.refund.amount_fen, 6666);
    g.refund_id = 6;
    assert_int_equal(world_unit(w, refund_unit, &g), E_CONFLICT);
    times_left(w, member, 0);
    times_try(w, member, 1, "U2", world_path(w, ",\"card_id\":\"%lld\"", (long long)g.card_id));
    wallet_refused(w, 409, "times.closed");
    world_post(w, world_path(w, "/v1/times/uses/%lld/undo", (long long)use), "{\"reason\":\"x\"}");
    wallet_refused(w, 409, "times.closed");
    world_post(w, world_path(w, "/v1/times/cards/%lld/freeze", (long long)g.card_id),
               "{\"frozen\":true,\"reason\":\"x\"}");
    wallet_refused(w, 409, "times.closed");
    world_holds(w);
}

static Err to_warn(Ctx *c, void *arg) {
    TimesCards list = { 0 };
    TRY(times_card_to_warn(c, c->now, c->now + (int64_t)14 * DAY_MS, 10, &list));
    *(int64_t *)arg = list.count;
    return OK;
}

TEST(a_card_about_to_end_is_told_of_once) {
    int64_t member = world_member(w, "13800000001"), count = 0;
    times_given(w, member, times_template(w, 5, ",\"valid_days\":30"));
    const int64_t days[] = { 10, 8, 0 }, want[] = { 0, 1, 0 };
    for (int i = 0; i < 3; i++) {
        world_clock(w, w->now + days[i] * DAY_MS);
        assert_int_equal(world_unit(w, to_warn, &count), OK);
        assert_int_equal(count, want[i]);
        world_settle(w);
    }
}

TEST(a_kind_of_card_says_what_it_needs_and_the_preset_has_ten_uses) {
    world_post(w, "/v1/times/templates", "{\"name\":\"x\",\"uses\":1,\"last_day\":\"2020-01-01\"}");
    wallet_refused(w, 422, "times.last_day");
    world_post(w, "/v1/times/templates", "{\"name\":\"x\",\"uses\":1,\"refund_policy\":\"single\"}");
    wallet_refused(w, 422, "times.single_price");
    world_post(w, "/v1/times/templates", "{\"name\":\"x\",\"uses\":1000000000}");
    assert_int_equal(w->status, 422);
    world_post(w, "/v1/times/templates", "{\"name\":\"x\",\"uses\":1,\"shop_ids\":[\"5\"]}");
    wallet_refused(w, 404, "shop.not_found");
    world_post(w, "/v1/times/templates/presets", "{\"preset\":\"eleven\",\"price_fen\":1}");
    wallet_refused(w, 404, "times.preset_unknown");
    world_post(w, "/v1/times/templates/presets", "{\"preset\":\"ten\",\"price_fen\":19900}");
    assert_int_equal(world_int(w, "/uses"), 10);
    world_post(w, "/v1/times/templates/99/retire", "{}");
    wallet_refused(w, 404, "times.template_unknown");
    int64_t over = times_template(w, 1, ",\"last_day\":\"2026-03-03\"");
    world_pass(w, (int64_t)3 * DAY_MS);
    world_post(w, "/v1/times/cards", "{\"member_id\":\"%lld\",\"template_id\":\"%lld\",\"reason\":\"x\"}",
               (long long)world_member(w, "13800000001"), (long long)over);
    wallet_refused(w, 409, "times.over");
}

TEST(cards_follow_a_merge_and_go_back_with_it) {
    Str token;
    int64_t from = wallet_member(w, "13800000001", &token), into = wallet_member(w, "13800000002", &token);
    int64_t card = times_given(w, from, times_template(w, 5, ",\"valid_days\":20"));
    times_try(w, from, 1, "U1", "");
    int64_t use = world_int(w, "/use_id");
    world_post(w, world_path(w, "/v1/members/%lld/merge", (long long)into),
               "{\"from_id\":\"%lld\",\"reason\":\"同一人\"}", (long long)from);
    assert_int_equal(w->status, 201);
    int64_t merge = world_int(w, "/merge_id");
    times_left(w, into, 4);
    world_post(w, world_path(w, "/v1/times/uses/%lld/undo", (long long)use), "{\"reason\":\"错\"}");
    times_left(w, into, 5);
    world_holds(w);
    world_post(w, world_path(w, "/v1/member-merges/%lld/undo", (long long)merge), "{}");
    assert_int_equal(w->status, 200);
    world_get(w, "/v1/members/%lld/times", (long long)from);
    assert_int_equal(world_int(w, "/items/0/card_id"), card);
    world_holds(w);
}

/* ---- parallel ---- */

enum { USERS = 4, USES_EACH = 15 };
typedef struct User {
    World *w;
    int64_t member, number, won, refused;
} User;
typedef struct One {
    int64_t shop, member;
    Str no;
} One;
static Err use_once(Ctx *c, void *arg) {
    const One *one = arg;
    const WalletProven *proven = NULL;
    TimesUse use;
    TRY(wallet_prove(c, one->member, &(WalletProof){ .pin = S("274913") }, &proven));
    return times_use(c, &(TimesUseNew){ one->shop, one->member, 0, 0, 1, one->no }, proven, &use);
}
static void *use_many(void *arg) {
    User *u = arg;
    Arena arena;
    arena_init(&arena, ARENA_HARD_MAX);
    for (int i = 0; i < USES_EACH; i++) {
        Ctx c;
        app_ctx(u->w->app, &arena, u->w->merchant_id, (Actor){ ACTOR_CLI, 0 }, &c);
        char no[40];
        snprintf(no, sizeof no, "%lld-%d", (long long)u->number, i);
        One one = { u->w->shop_id, u->member, str_of(no) };
        Err err = app_unit(&c, use_once, &one);
        if (err == OK) u->won++;
        if (err == E_CONFLICT) u->refused++;
        arena_reset(&arena);
    }
    arena_free(&arena);
    return NULL;
}

TEST(sixty_parallel_uses_of_a_card_with_ten_left_use_exactly_ten) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), won = 0, refused = 0;
    times_given(w, member, times_template(w, 10, ",\"valid_from\":\"first_use\",\"valid_days\":30"));
    User users[USERS];
    pthread_t threads[USERS];
    for (int i = 0; i < USERS; i++) {
        users[i] = (User){ .w = w, .member = member, .number = i };
        assert_int_equal(pthread_create(&threads[i], NULL, use_many, &users[i]), 0);
    }
    for (int i = 0; i < USERS; i++) {
        pthread_join(threads[i], NULL);
        won += users[i].won;
        refused += users[i].refused;
    }
    assert_int_equal(won, 10);
    assert_int_equal(refused, USERS * USES_EACH - 10);
    times_left(w, member, 0);
    world_holds(w);
}

/* ---- pure ---- */

TEST_PURE(what_a_card_pays_back_never_exceeds_what_is_left_of_what_was_paid) {
    Rng rng = rng_seeded(20260303);
    Arena a;
    arena_init(&a, ARENA_HARD_MAX);
    for (int i = 0; i < 20000; i++) {
        TimesTemplate t = { .single_price_fen = rng_below(&rng, 20000),
                            .refund_policy = (TimesPolicy)rng_below(&rng, 3) };
        TimesCard card = { .uses = 1 + rng_below(&rng, 50), .paid_fen = rng_below(&rng, 100000) };
        card.left_uses = rng_below(&rng, card.uses + 1);
        card.returned_fen = rng_below(&rng, 4) == 0 ? rng_below(&rng, card.paid_fen + 1) : 0;
        Steps steps;
        int64_t amount = times_refund_compute(&a, &t, &card, &steps);
        assert_true(amount >= 0 && amount <= card.paid_fen - card.returned_fen);
        assert_true(card.left_uses > 0 || amount == 0);
        assert_true(steps.count >= 3 && steps.items[steps.count - 1].fen == amount);
        arena_reset(&a);
    }
    arena_free(&a);
}

TEST(a_card_closed_after_its_time_and_before_the_job_keeps_nothing) {
    int64_t member = world_member(w, "13800000001");
    Given g = { .issue = { .member_id = member,
                           .template_id = times_template(w, 3, ",\"valid_days\":10"),
                           .source = "sale",
                           .source_id = 9,
                           .paid_fen = 10000 },
                .refund_id = 5 };
    assert_int_equal(world_unit(w, issue_unit, &g), OK);
    g.card_id = g.cards.items[0].card_id;
    world_clock(w, w->now + INT64_C(20) * 86400000);
    assert_int_equal(world_unit(w, refund_unit, &g), OK);
    assert_int_equal(g.refund.amount_fen, 0);
    world_holds(w);
}
