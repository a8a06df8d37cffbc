/* The engine against exhaustive search, and what must hold for any basket. */
#include <string.h>
#include "test/promo_cart.h"
#include "test/test.h"

enum { CARTS = 20000 };
/* Where a class and a block of little room meet, which is seldom. */
static const int64_t more_carts[] = { 121860, 152968, 215279, 316412, 398286, 440973, 676753 };
enum { MORE_CARTS = sizeof more_carts / sizeof more_carts[0] };

static void draw_shape(Rng *r, CartShape *shape) {
    bool is_big = rng_chance(r, 1, 2);
    *shape = (CartShape){ .lines = 1 + rng_below(r, 6),
                          .quantity_max = 1 + rng_below(r, 3),
                          .offers = rng_below(r, is_big ? 7 : 6),
                          .coupons = rng_below(r, is_big ? 9 : 7),
                          .all_stackable = rng_chance(r, 1, 3),
                          .near_tie = rng_chance(r, 1, 2),
                          .floors = rng_chance(r, 1, 4),
                          .prices = rng_chance(r, 1, 4),
                          .hard = rng_chance(r, 1, 2) };
}

static void decide(Arena *a, const PromoAsk *ask, PromoDecision *ret_decision) {
    Ctx c = { .arena = a };
    assert_int_equal(promo_decide(&c, ask, ret_decision), OK);
}

static void check_sums(const PromoAsk *ask, const PromoDecision *d) {
    int64_t amount = 0, payable = 0, off = 0;
    for (int64_t l = 0; l < d->lines.count; l++) {
        const PromoPriced *line = &d->lines.items[l];
        const PromoLine *asked = NULL;
        for (int64_t i = 0; i < ask->lines.count; i++)
            if (ask->lines.items[i].line_no == line->line_no) asked = &ask->lines.items[i];
        assert_non_null(asked);
        int64_t floor = asked->floor_price_fen < asked->unit_price_fen ? asked->floor_price_fen : asked->unit_price_fen;
        assert_true(line->payable_fen >= floor * asked->quantity);
        assert_int_equal(line->amount_fen, asked->unit_price_fen * asked->quantity);
        assert_int_equal(line->payable_fen, line->amount_fen - line->off_fen);
        amount += line->amount_fen;
        payable += line->payable_fen;
    }
    int64_t delivery = d->delivery_fen;
    for (int64_t i = 0; i < d->adjustments.count; i++) {
        const PromoAdjustment *step = &d->adjustments.items[i];
        int64_t sum = 0;
        for (int64_t k = 0; k < step->shares.count; k++) {
            assert_true(step->shares.items[k].off_fen > 0);
            sum += step->shares.items[k].off_fen;
            if (step->shares.items[k].line_no == 0) delivery -= step->shares.items[k].off_fen;
        }
        assert_int_equal(sum, step->off_fen);
        off += sum;
    }
    assert_true(delivery >= 0);
    assert_int_equal(d->amount_fen, amount);
    assert_int_equal(d->off_fen, off);
    assert_int_equal(d->payable_fen, payable + delivery);
    assert_int_equal(d->payable_fen, d->amount_fen + d->delivery_fen - d->off_fen);
}

TEST_PURE(promo_finds_what_exhaustive_search_finds) {
    Arena a;
    arena_init(&a, ARENA_HARD_MAX);
    int64_t combined = 0, sets = 0;
    for (int64_t i = 0; i < CARTS + MORE_CARTS; i++) {
        int64_t seed = i < CARTS ? i + 1 : more_carts[i - CARTS];
        Rng rng = rng_seeded((uint64_t)seed);
        CartShape shape;
        PromoAsk ask;
        PromoDecision d;
        OracleBest best;
        arena_reset(&a);
        draw_shape(&rng, &shape);
        promo_cart_make(&a, &rng, &shape, &ask);
        decide(&a, &ask, &d);
        check_sums(&ask, &d);
        if (!promo_oracle(&ask, true, &best) || !best.is_found) {
            assert_true(promo_oracle(&ask, false, &best));
            if (!d.forced_failed) fail_msg("seed %lld: forced ones cannot all take part", (long long)seed);
        }
        bool is_same = d.optimal && d.payable_fen == best.payable_fen && d.gift_worth_fen == best.worth_fen &&
                       d.life_used_ms == best.life_ms && d.coupons_used == best.coupons;
        if (!is_same)
            fail_msg("seed %lld: engine pays %lld worth %lld life %lld, oracle %lld worth %lld life %lld",
                     (long long)seed, (long long)d.payable_fen, (long long)d.gift_worth_fen, (long long)d.life_used_ms,
                     (long long)best.payable_fen, (long long)best.worth_fen, (long long)best.life_ms);
        combined += d.adjustments.count > 2;
        sets += best.sets;
    }
    print_message("%lld carts use more than two promotions, %lld legal sets tried\n", (long long)combined,
                  (long long)sets);
    assert_true(combined > CARTS / 10 && sets > 20 * CARTS);
    arena_free(&a);
}

static void shuffle(Rng *r, void *items, int64_t count, int64_t size) {
    char spare[sizeof(Promo)], *at = items;
    for (int64_t i = count - 1; i > 0; i--) {
        int64_t k = rng_below(r, i + 1);
        memcpy(spare, at + i * size, (size_t)size);
        memcpy(at + i * size, at + k * size, (size_t)size);
        memcpy(at + k * size, spare, (size_t)size);
    }
}

TEST_PURE(promo_does_not_depend_on_the_order_of_input_nor_on_useless_coupons) {
    Arena a;
    arena_init(&a, ARENA_HARD_MAX);
    for (int64_t seed = 1; seed <= 1000; seed++) {
        Rng rng = rng_seeded((uint64_t)(500000 + seed));
        CartShape shape = { .lines = 8,
                            .offers = 8,
                            .coupons = 8,
                            .quantity_max = 3,
                            .near_tie = seed % 2 == 0,
                            .all_stackable = seed % 3 == 0,
                            .hard = seed % 5 == 0 };
        PromoAsk ask;
        PromoDecision before, after, more;
        arena_reset(&a);
        promo_cart_make(&a, &rng, &shape, &ask);
        decide(&a, &ask, &before);
        shuffle(&rng, ask.lines.items, ask.lines.count, sizeof(PromoLine));
        shuffle(&rng, ask.offers.items, ask.offers.count, sizeof(Promo));
        shuffle(&rng, ask.coupons.items, ask.coupons.count, sizeof(Promo));
        decide(&a, &ask, &after);
        Ctx c = { .arena = &a };
        assert_true(str_equal(before.certificate, after.certificate));
        assert_int_equal(promo_verify(&c, &ask, before.certificate), OK);
        Buf b1 = { .arena = &a }, b2 = { .arena = &a };
        json_print(&b1, &promo_decision_fields, &before);
        json_print(&b2, &promo_decision_fields, &after);
        assert_true(str_equal(buf_str(&b1), buf_str(&b2)));
        ask.coupons.items[ask.coupons.count++] =
            (Promo){ .id = 999, .kind = PROMO_CASH, .off_fen = 100, .threshold_fen = before.amount_fen + 1 };
        decide(&a, &ask, &more);
        assert_int_equal(more.payable_fen, before.payable_fen);
        assert_int_equal(more.life_used_ms, before.life_used_ms);
        assert_int_equal(more.adjustments.count, before.adjustments.count);
    }
    arena_free(&a);
}

TEST_PURE(promo_says_when_it_was_cut_short_and_stays_legal) {
    Arena a;
    int64_t cut = 0;
    arena_init(&a, ARENA_HARD_MAX);
    for (int64_t seed = 1; seed <= 60; seed++) {
        Rng rng = rng_seeded((uint64_t)(900000 + seed));
        CartShape shape = { .lines = 20,
                            .offers = 30,
                            .coupons = 30,
                            .quantity_max = 3,
                            .floors = seed % 2 == 0,
                            .all_stackable = seed % 3 != 0,
                            .hard = seed % 5 == 0 };
        PromoAsk ask;
        PromoDecision d, more;
        arena_reset(&a);
        promo_cart_make(&a, &rng, &shape, &ask);
        ask.work_max = 200;
        decide(&a, &ask, &d);
        check_sums(&ask, &d);
        Ctx c = { .arena = &a };
        assert_int_equal(promo_verify(&c, &ask, d.certificate), OK);
        ask.work_max = 0;
        decide(&a, &ask, &more);
        assert_true(d.bound_fen <= more.payable_fen && d.work < 400);
        assert_true(!d.optimal || d.payable_fen == more.payable_fen);
        cut += !d.optimal;
    }
    assert_true(cut > 10);
    arena_free(&a);
}
