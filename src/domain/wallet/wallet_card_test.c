/* Gift cards: sold or given, redeemed once, guessed at in vain. */
#include "domain/wallet/wallet_card.h"
#include "base/code.h"
#include "domain/wallet/wallet_test.h"
#include "test/test.h"
#include "test/world_trade.h"
#include <pthread.h>

static int64_t issue(World *w, const char *rest) {
    world_post(w, "/v1/wallet/card-batches",
               "{\"shop_id\":\"%lld\",\"name\":\"中秋卡\",\"value_fen\":10000,\"cards\":3%s}", (long long)w->shop_id,
               rest);
    assert_int_equal(w->status, 201);
    return world_int(w, "/batch_id");
}

/* The code of a card of a batch, as it is printed. */
static const char *code_of(World *w, int64_t batch, int number, int64_t *ret_card) {
    world_post(w, world_path(w, "/v1/wallet/card-batches/%lld/codes", (long long)batch), "{}");
    assert_int_equal(w->status, 200);
    *ret_card = world_int(w, world_path(w, "/items/%d/card_id", number - 1));
    return arena_cstr(&w->arena, world_str(w, world_path(w, "/items/%d/code", number - 1)));
}

static void redeem(World *w, int64_t member, const char *code) {
    world_post(w, "/v1/wallet/cards/redeem", "{\"member_id\":\"%lld\",\"code\":\"%s\"}", (long long)member, code);
}

static void sell(World *w, int64_t card, int64_t price, const char *rest) {
    world_post(w, "/v1/wallet/cards/sell", "{\"shop_id\":\"%lld\",\"card_id\":\"%lld\",\"price_fen\":%lld%s}",
               (long long)w->shop_id, (long long)card, (long long)price, rest);
}

#define CASH ",\"tender\":\"cash\""

TEST(a_sold_gift_card_becomes_principal_for_what_was_paid_once_and_can_be_paid_back) {
    Str token;
    int64_t member = wallet_member(w, "13800000001", &token), other = world_member(w, "13800000002"), card = 0;
    int64_t batch = issue(w, ",\"is_sold\":true");
    const char *code = code_of(w, batch, 1, &card);
    redeem(w, member, code);
    wallet_refused(w, 409, "wallet.card_unsold");
    sell(w, card, 10001, CASH);
    wallet_refused(w, 422, "wallet.card_price");
    sell(w, card, 9000, ",\"tender\":\"wechat\"");
    wallet_refused(w, 422, "wallet.tender");
    sell(w, card, 9000, CASH);
    assert_int_equal(w->status, 200);
    assert_true(str_is(world_str(w, "/status"), "active"));
    sell(w, card, 9000, CASH);
    assert_true(world_has(w, "/duplicate"));
    sell(w, card, 8000, CASH);
    wallet_refused(w, 409, "wallet.card_not_waiting");
    world_get(w, "/v1/wallet/liability");
    assert_int_equal(world_int(w, "/items/0/cards_fen"), 10000);
    world_as(w, token);
    world_post(w, "/v1/me/wallet/cards", "{\"code\":\"%s\"}", code);
    assert_int_equal(w->status, 200);
    assert_int_equal(world_int(w, "/principal_left_fen"), 9000);
    assert_int_equal(world_int(w, "/gift_left_fen"), 1000);
    world_post(w, "/v1/me/wallet/cards", "{\"code\":\"%s\"}", code);
    assert_true(world_has(w, "/duplicate"));
    world_as(w, w->owner_token);
    redeem(w, other, code);
    wallet_refused(w, 409, "wallet.card_used");
    wallet_expect(w, member, 9000, 1000);
    world_get(w, "/v1/members/%lld/wallet/refund-quote", (long long)member);
    assert_int_equal(world_int(w, "/amount_fen"), 9000);
    world_get(w, "/v1/wallet/card-batches");
    assert_int_equal(world_int(w, "/items/0/redeemed"), 1);
    assert_int_equal(world_int(w, "/items/0/waiting"), 2);
    world_settle(w);
    world_holds(w);
}

TEST(a_gift_card_that_was_given_away_becomes_gift_with_days_of_its_own) {
    int64_t member = world_member(w, "13800000001"), card = 0, batch = issue(w, ",\"gift_days\":10");
    redeem(w, member, code_of(w, batch, 2, &card));
    assert_int_equal(w->status, 200);
    wallet_expect(w, member, 0, 10000);
    world_get(w, "/v1/members/%lld/why?account=gift", (long long)member);
    assert_true(str_is(world_str(w, "/lines/0/words"), "礼品卡兑入"));
    world_pass(w, 12 * (int64_t)DAY_MS);
    world_settle(w);
    wallet_expect(w, member, 0, 0);
    world_holds(w);
}

TEST(void_and_expired_gift_cards_are_refused_and_a_sold_ones_money_goes_back) {
    int64_t member = world_member(w, "13800000001"), card = 0;
    world_setting(w, "wallet", "{\"bearer_years\":0}");
    int64_t batch = issue(w, ",\"is_sold\":true,\"expires_day\":\"2026-03-05\"");
    const char *code = code_of(w, batch, 1, &card);
    sell(w, card, 0, CASH);
    const char *path = world_path(w, "/v1/wallet/cards/%lld/void", (long long)card);
    world_post(w, path, "{\"reason\":\"退货\"}");
    assert_int_equal(w->status, 200);
    world_post(w, path, "{\"reason\":\"退货\"}");
    wallet_refused(w, 409, "wallet.card_void");
    redeem(w, member, code);
    wallet_refused(w, 409, "wallet.card_void");
    world_post(w, "/v1/wallet/cards/77/void", "{\"reason\":\"x\"}");
    wallet_refused(w, 404, "wallet.card_unknown");
    code = code_of(w, batch, 2, &card);
    sell(w, card, 0, CASH);
    world_clock(w, w->now + 4 * (int64_t)DAY_MS);
    redeem(w, member, code);
    wallet_refused(w, 409, "wallet.card_expired");
    world_pass(w, DAY_MS);
    redeem(w, member, code);
    wallet_refused(w, 409, "wallet.card_expired");
    world_get(w, "/v1/wallet/card-batches");
    assert_int_equal(world_int(w, "/items/0/expired"), 2);
    world_post(w, "/v1/wallet/card-batches",
               "{\"shop_id\":\"%lld\",\"name\":\"x\",\"value_fen\":1,\"cards\":1,\"expires_day\":\"2026-03-01\"}",
               (long long)w->shop_id);
    wallet_refused(w, 422, "wallet.card_day");
    world_settle(w);
    world_holds(w);
}

TEST(gift_cards_for_sale_keep_the_rules_for_prepaid_cards_and_live_again_when_they_ran_out) {
    int64_t member = world_member(w, "13800000001"), card = 0;
    const char *const form = "{\"shop_id\":\"%lld\",\"name\":\"x\",\"value_fen\":%d,\"cards\":1,"
                             "\"expires_day\":\"%s\",\"is_sold\":true}";
    world_post(w, "/v1/wallet/card-batches", form, (long long)w->shop_id, 100001, "");
    wallet_refused(w, 422, "wallet.card_value");
    world_post(w, "/v1/wallet/card-batches", form, (long long)w->shop_id, 100000, "2029-02-01");
    wallet_refused(w, 422, "wallet.card_years");
    world_post(w, "/v1/wallet/card-batches", form, (long long)w->shop_id, 100000, "2029-03-02");
    assert_int_equal(w->status, 201);
    const char *code = code_of(w, world_int(w, "/batch_id"), 1, &card);
    sell(w, card, 0, CASH);
    const char *path = world_path(w, "/v1/wallet/cards/%lld/reopen", (long long)card);
    world_post(w, path, "{\"expires_day\":\"2032-01-01\",\"reason\":\"x\"}");
    wallet_refused(w, 409, "wallet.card_not_expired");
    world_clock(w, w->now + 1200 * (int64_t)DAY_MS);
    world_pass(w, DAY_MS);
    w->owner_token = world_staff(w, "owner");
    world_as(w, w->owner_token);
    redeem(w, member, code);
    wallet_refused(w, 409, "wallet.card_expired");
    world_post(w, path, "{\"expires_day\":\"2032-01-01\",\"reason\":\"激活\"}");
    assert_true(str_is(world_str(w, "/status"), "active"));
    redeem(w, member, code);
    assert_int_equal(w->status, 200);
    wallet_expect(w, member, 100000, 0);
    world_holds(w);
}

TEST(guessing_gift_cards_takes_longer_each_time_and_a_slip_of_the_finger_costs_nothing) {
    Str token;
    wallet_member(w, "13800000001", &token);
    world_as(w, token);
    for (int i = 0; i < 20; i++) {
        world_post(w, "/v1/me/wallet/cards", "{\"code\":\"ABCDEFGHJKMN%d\"}", i % 10);
        if (w->status == 429) fail_msg("a wrong check digit was counted");
    }
    wallet_refused(w, 403, "wallet.card_wrong");
    int wrong = 0;
    for (; wrong < 12 && w->status != 429; wrong++) {
        Str code = code_new(&w->arena, &w->rng);
        world_post(w, "/v1/me/wallet/cards", "{\"code\":\"%.*s\"}", (int)code.len, code.at);
    }
    wallet_refused(w, 429, "lockout.wait");
    assert_true(wrong <= 7);
    world_as(w, w->owner_token);
    world_holds(w);
}

TEST(the_codes_of_gift_cards_stand_nowhere_in_clear_and_each_look_is_noted) {
    int64_t card = 0, batch = issue(w, "");
    const char *code = code_of(w, batch, 1, &card);
    Str stored;
    assert_true(code_read(&w->arena, str_of(code), &stored));
    assert_int_equal(stored.len, CODE_LEN);
    world_get(w, "/v1/audit?action=wallet.card_codes");
    assert_true(str_find(w->body, S("wallet.card_codes")) >= 0);
    world_as(w, world_staff(w, "cashier"));
    world_post(w, world_path(w, "/v1/wallet/card-batches/%lld/codes", (long long)batch), "{}");
    wallet_refused(w, 403, "auth.denied");
    world_as(w, w->owner_token);
}

/* ---- one card, many hands ---- */

enum { HANDS = 4 };
typedef struct Hand {
    World *w;
    int64_t member, card;
    Err err;
} Hand;

static Err hand_unit(Ctx *c, void *arg) {
    const Hand *h = arg;
    WalletCard card;
    return wallet_card_redeem(c, h->member, h->card, &card);
}

static void *hand_run(void *arg) {
    Hand *h = arg;
    Arena arena;
    Ctx c;
    arena_init(&arena, ARENA_HARD_MAX);
    app_ctx(h->w->app, &arena, h->w->merchant_id, (Actor){ ACTOR_STAFF, 9 }, &c);
    h->err = app_unit(&c, hand_unit, h);
    arena_free(&arena);
    return NULL;
}

TEST(one_gift_card_in_many_hands_comes_in_once) {
    Hand hands[HANDS];
    pthread_t threads[HANDS];
    int64_t card = 0, done = 0, gift = 0;
    code_of(w, issue(w, ""), 1, &card);
    for (int i = 0; i < HANDS; i++) {
        const char *phone = arena_print(&w->arena, "1380000000%d", i).at;
        hands[i] = (Hand){ .w = w, .card = card, .member = world_member(w, phone) };
    }
    for (int i = 0; i < HANDS; i++) assert_int_equal(pthread_create(&threads[i], NULL, hand_run, &hands[i]), 0);
    for (int i = 0; i < HANDS; i++) {
        pthread_join(threads[i], NULL);
        done += hands[i].err == OK;
    }
    assert_int_equal(done, 1);
    for (int i = 0; i < HANDS; i++) {
        world_get(w, "/v1/members/%lld/wallet", (long long)hands[i].member);
        gift += world_int(w, "/gift_fen");
    }
    assert_int_equal(gift, 10000);
    world_holds(w);
}
