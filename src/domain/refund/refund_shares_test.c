/* The properties of docs/adr/006-refund-shares.md: any sequence of partial refunds adds up to the whole, to the fen. */
#include "base/fen.h"
#include "domain/refund/refund_store.h"
#include "test/test.h"
#include "test/world_trade.h"

enum {
    PURE_ORDERS = 2000,
    PURE_SEQUENCES_EACH = 50,
    ENGINE_ORDERS = 1000,
    LINES_MOST = 8,
    TENDERS_MOST = 4,
    STEPS_MOST = 12
};

/* ---- pure ---- */

typedef struct Sums {
    int64_t fen, pieces, points_taken, points_restored, growth;
} Sums;

/* Splits `whole` into n parts by chance, some of them nothing. */
static void split(Rng *r, Arena *a, int64_t whole, int64_t n, int64_t *ret_parts) {
    int64_t weights[LINES_MOST];
    for (int64_t i = 0; i < n; i++) weights[i] = rng_chance(r, 1, 4) ? 0 : rng_below(r, 1000);
    fen_share(a, whole, weights, n, ret_parts);
}

/* A step of single lines, a 满减 and a discount, each asking for about as much as the order has. */
static void random_steps(Rng *r, Arena *a, Order *order) {
    enum { STEPS = 3 };
    static const PromoKind kinds[STEPS] = { PROMO_NTH, PROMO_CASH, PROMO_DISCOUNT };
    order->adjustments = (OrderAdjustments){ NEW_LIST(a, OrderAdjustment, STEPS), STEPS };
    for (int64_t s = 0; s < STEPS; s++) {
        OrderAdjustment *step = &order->adjustments.items[s];
        int64_t n = order->lines.count, parts[LINES_MOST];
        *step = (OrderAdjustment){ .step_no = s + 1, .kind = kinds[s], .off_fen = rng_below(r, 20000) };
        if (s > 0) {
            step->terms = (OrderTerms){ .threshold_fen = 1 + rng_below(r, order->payable_fen + 10000),
                                        .off_fen = step->off_fen,
                                        .rate_bp = 1 + rng_below(r, 9999),
                                        .every = rng_chance(r, 1, 3) };
        }
        split(r, a, step->off_fen, n, parts);
        for (int64_t i = 0; i < n; i++) {
            OrderLine *l = &order->lines.items[i];
            if (l->shares.items == NULL) l->shares.items = NEW_LIST(a, OrderShare, STEPS);
            l->shares.items[l->shares.count++] = (OrderShare){ s + 1, parts[i] };
            l->discount_fen += parts[i];
            l->amount_fen = l->payable_fen + l->discount_fen;
        }
    }
}

static void random_order(Rng *r, Arena *a, Order *order) {
    int64_t n = 1 + rng_below(r, LINES_MOST), parts[LINES_MOST];
    *order = (Order){ .lines = { NEW_LIST(a, OrderLine, n), n }, .status = ORDER_COMPLETED };
    for (int64_t i = 0; i < n; i++) {
        OrderLine *l = &order->lines.items[i];
        *l = (OrderLine){ .line_no = i + 1,
                          .quantity = 1 + rng_below(r, rng_chance(r, 1, 5) ? 1000 : 6),
                          .payable_fen = rng_chance(r, 1, 6) ? rng_below(r, 4) : rng_below(r, 100000) };
        order->payable_fen += l->payable_fen;
    }
    random_steps(r, a, order);
    order->points_earned = rng_below(r, 3000);
    split(r, a, order->points_earned, n, parts);
    for (int64_t i = 0; i < n; i++) order->lines.items[i].points_earned = parts[i];
    order->growth_earned = rng_below(r, 3000);
    int64_t tenders = 1 + rng_below(r, TENDERS_MOST);
    split(r, a, order->payable_fen, tenders, parts);
    order->payments.items = NEW_LIST(a, Payment, tenders);
    for (int64_t i = 0; i < tenders; i++) {
        if (parts[i] == 0) continue;
        bool is_points = order->payments.count == 0 && rng_chance(r, 1, 2);
        order->payments.items[order->payments.count] =
            (Payment){ .number = order->payments.count + 1,
                       .amount_fen = parts[i],
                       .tender = is_points ? S("points") : S("cash"),
                       .points = is_points ? rng_below(r, 2 * parts[i] + 5) : 0,
                       .status = PAYMENT_PAID };
        order->payments.count++;
    }
}

static Order copy_of(Arena *a, const Order *order) {
    Order copy = *order;
    copy.lines.items = NEW_LIST(a, OrderLine, order->lines.count);
    for (int64_t i = 0; i < order->lines.count; i++) copy.lines.items[i] = order->lines.items[i];
    copy.payments.items = NEW_LIST(a, Payment, order->payments.count + 1);
    for (int64_t i = 0; i < order->payments.count; i++) copy.payments.items[i] = order->payments.items[i];
    return copy;
}

/* By lines (pieces, money, whole), by amount, or too much of anything. */
static void random_ask(Rng *r, Arena *a, const Order *order, RefundNew *ask) {
    *ask = (RefundNew){ 0 };
    if (rng_chance(r, 1, 3)) {
        ask->amount_fen = 1 + rng_below(r, order->payable_fen + 2);
        return;
    }
    ask->lines.items = NEW_LIST(a, RefundLine, order->lines.count);
    for (int64_t i = 0; i < order->lines.count; i++) {
        const OrderLine *l = &order->lines.items[i];
        if (rng_chance(r, 1, 2)) continue;
        int64_t kind = rng_below(r, 5);
        ask->lines.items[ask->lines.count++] =
            (RefundLine){ .line_no = l->line_no,
                          .quantity = kind < 3 ? rng_below(r, l->quantity + 1) : 0,
                          .amount_fen = kind == 2 || kind == 3 ? rng_below(r, l->payable_fen / 2 + 2) : 0 };
    }
    if (ask->lines.count == 0) ask->amount_fen = 1 + rng_below(r, order->payable_fen / 3 + 1);
}

/* What the statements would do to the rows; every guard of theirs is an assertion here. */
static void apply(Order *order, const Refund *refund) {
    for (int64_t i = 0; i < refund->lines.count; i++) {
        const RefundLine *part = &refund->lines.items[i];
        OrderLine *l = &order->lines.items[part->line_no - 1];
        assert_true(part->quantity >= 0 && part->amount_fen >= 0 && part->points_taken >= 0);
        l->refunded_quantity += part->quantity;
        l->refunded_fen += part->amount_fen;
        l->points_taken += part->points_taken;
        l->withheld_fen += part->withheld_fen;
        assert_true(l->withheld_fen >= 0 && l->withheld_fen <= l->payable_fen - l->refunded_fen);
        assert_true(l->refunded_quantity <= l->quantity && l->refunded_fen <= l->payable_fen &&
                    l->points_taken <= l->points_earned);
    }
    int64_t through_tenders = 0;
    for (int64_t i = 0; i < refund->tenders.count; i++) {
        const RefundTender *t = &refund->tenders.items[i];
        Payment *p = &order->payments.items[t->number - 1];
        assert_true(t->amount_fen > 0 && t->points >= 0);
        p->refunded_fen += t->amount_fen;
        p->points_refunded += t->points;
        assert_true(p->refunded_fen <= p->amount_fen && p->points_refunded <= p->points);
        through_tenders += t->amount_fen;
    }
    assert_int_equal(through_tenders, refund->amount_fen);
    order->refunded_fen += refund->amount_fen;
    order->points_taken += refund->points_taken;
    order->growth_taken += refund->growth_taken;
    assert_true(order->refunded_fen <= order->payable_fen && order->points_taken <= order->points_earned &&
                order->growth_taken <= order->growth_earned);
}

static void is_whole_back(const Order *order, int64_t last_count) {
    assert_int_equal(order->refunded_fen, order->payable_fen);
    assert_int_equal(order->points_taken, order->points_earned);
    assert_int_equal(order->growth_taken, order->growth_earned);
    for (int64_t i = 0; i < order->lines.count; i++) {
        const OrderLine *l = &order->lines.items[i];
        assert_int_equal(l->refunded_fen, l->payable_fen);
        assert_int_equal(l->refunded_quantity, l->quantity);
        assert_int_equal(l->points_taken, l->points_earned);
    }
    for (int64_t i = 0; i < order->payments.count; i++) {
        assert_int_equal(order->payments.items[i].refunded_fen, order->payments.items[i].amount_fen);
        assert_int_equal(order->payments.items[i].points_refunded, order->payments.items[i].points);
    }
    assert_int_equal(last_count, 1);
}

static bool step(Arena *a, Order *order, const RefundNew *ask, RefundThresholds how, int64_t *last_count) {
    Ctx c = { .arena = a };
    Refund refund = { 0 };
    if (refund_plan(&c, order, ask, how, &refund) != OK) {
        assert_true(str_is(str_of(c.problem.code), "refund.over_left") ||
                    str_is(str_of(c.problem.code), "refund.nothing"));
        return false;
    }
    *last_count += refund_is_last(order, &refund);
    apply(order, &refund);
    return true;
}

TEST_PURE(any_sequence_of_partial_refunds_adds_up_to_the_whole_over_100000_random_sequences) {
    Arena arena;
    arena_init(&arena, ARENA_HARD_MAX);
    Rng r = rng_seeded(20260302);
    int64_t taken = 0, refused = 0;
    for (int64_t i = 0; i < PURE_ORDERS; i++) {
        ArenaMark mark = arena_mark(&arena);
        Order order;
        random_order(&r, &arena, &order);
        for (int64_t k = 0; k < PURE_SEQUENCES_EACH; k++) {
            Order back = copy_of(&arena, &order);
            int64_t last_count = 0;
            RefundThresholds how = k % 2 == 0 ? REFUND_KEEP : REFUND_RECOMPUTE;
            for (int64_t steps = rng_below(&r, STEPS_MOST); steps > 0; steps--) {
                RefundNew ask;
                random_ask(&r, &arena, &back, &ask);
                bool is_taken = step(&arena, &back, &ask, how, &last_count);
                taken += is_taken;
                refused += !is_taken;
            }
            step(&arena, &back, &(RefundNew){ 0 }, how, &last_count);
            is_whole_back(&back, last_count);
        }
        arena_back(&arena, mark);
    }
    assert_true(taken > 2 * PURE_ORDERS * PURE_SEQUENCES_EACH && refused > 0);
    arena_free(&arena);
}

TEST_PURE(pieces_alone_bring_everything_back_whatever_was_withheld_on_the_way) {
    Arena arena;
    arena_init(&arena, ARENA_HARD_MAX);
    Rng r = rng_seeded(7);
    int64_t withheld = 0;
    for (int64_t i = 0; i < PURE_ORDERS; i++) {
        ArenaMark mark = arena_mark(&arena);
        Order order;
        random_order(&r, &arena, &order);
        int64_t pieces = 0, last_count = 0;
        for (int64_t k = 0; k < order.lines.count; k++) {
            if (order.lines.items[k].quantity > 6) order.lines.items[k].quantity = 6;
            pieces += order.lines.items[k].quantity;
        }
        while (pieces > 0) {
            RefundLine one = { .line_no = 1 + rng_below(&r, order.lines.count), .quantity = 1 };
            if (!step(&arena, &order, &(RefundNew){ .lines = { &one, 1 } }, REFUND_RECOMPUTE, &last_count)) continue;
            for (int64_t k = 0; k < order.lines.count; k++) withheld += order.lines.items[k].withheld_fen;
            pieces--;
        }
        assert_int_equal(order.refunded_fen, order.payable_fen);
        arena_back(&arena, mark);
    }
    assert_true(withheld > 0);
    arena_free(&arena);
}

/* 满100减20 on 60 + 60: 100 were paid. One goes back: the other alone costs 60, so 40 come back, not 50; then 60. */
TEST(a_return_that_undercuts_a_threshold_takes_its_share_or_what_is_no_longer_earned) {
    static const struct {
        const char *how;
        int64_t first_fen, withheld_fen, second_fen;
    } ways[] = { { "{\"thresholds\":\"keep\"}", 5000, 0, 5000 },
                 { "{\"thresholds\":\"recompute\"}", 4000, 1000, 6000 } };
    int64_t item = world_item(w, 6000);
    world_post(w, "/v1/offers",
               "{\"name\":\"满100减20\",\"kind\":\"cash\",\"threshold_fen\":10000,\"off_fen\":2000,"
               "\"status\":\"active\"}");
    for (int i = 0; i < 2; i++) {
        world_setting(w, "refund", ways[i].how);
        world_order(w,
                    "\"settle\":true,\"lines\":[{\"item_id\":\"%lld\",\"quantity\":2}],"
                    "\"tenders\":[{\"tender\":\"cash\",\"amount_fen\":10000}]",
                    (long long)item);
        assert_int_equal(w->status, 201);
        const char *path = world_path(w, "/v1/orders/%lld/refunds", (long long)world_int(w, "/order_id"));
        world_post(w, path, "{\"lines\":[{\"line_no\":1,\"quantity\":1}]}");
        assert_int_equal(world_int(w, "/amount_fen"), ways[i].first_fen);
        if (ways[i].withheld_fen > 0) assert_int_equal(world_int(w, "/withheld_fen"), ways[i].withheld_fen);
        world_holds(w);
        world_post(w, path, "{\"lines\":[{\"line_no\":1,\"quantity\":1}]}");
        assert_int_equal(world_int(w, "/amount_fen"), ways[i].second_fen);
        world_post(w, path, "{}");
        assert_true(str_is(w->code, "refund.nothing"));
    }
    world_holds(w);
}

TEST_PURE(a_return_without_an_order_takes_the_newest_line_with_enough_left_else_several) {
    OrderOpenLine lines[] = { { .left_quantity = 2 }, { .left_quantity = 5 }, { .left_quantity = 9 } };
    OrderOpenLines open = { lines, 3 };
    int64_t take[3];
    assert_int_equal(refund_choose(&open, 4, take), 16);
    assert_true(take[0] == 0 && take[1] == 4 && take[2] == 0);
    refund_choose(&open, 1, take);
    assert_true(take[0] == 1 && take[1] == 0 && take[2] == 0);
    refund_choose(&open, 12, take);
    assert_true(take[0] == 2 && take[1] == 5 && take[2] == 5);
    assert_int_equal(refund_choose(&open, 17, take), 16);
    assert_true(take[0] == 0 && take[1] == 0 && take[2] == 0);
}

/* ---- the same through the server ---- */

typedef struct Goods {
    int64_t items[6], prices[6], member;
} Goods;

static int64_t sell(World *w, Rng *r, const Goods *shop, int64_t *ret_lines) {
    Buf lines = { .arena = &w->arena }, tenders = { .arena = &w->arena };
    int64_t n = 1 + rng_below(r, 5), payable_fen = 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t which = rng_below(r, 6), quantity = 1 + rng_below(r, 7);
        buf_print(&lines, "%s{\"item_id\":\"%lld\",\"quantity\":%lld}", i ? "," : "", (long long)shop->items[which],
                  (long long)quantity);
    }
    world_post(w, "/v1/quotes", "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"lines\":[%.*s]}", (long long)w->shop_id,
               (long long)shop->member, (int)lines.len, lines.at);
    payable_fen = world_int(w, "/order/payable_fen");
    int64_t points = payable_fen > 0 && rng_chance(r, 2, 3) ? 1 + rng_below(r, payable_fen) : 0,
            left_fen = payable_fen - points;
    static const char *const codes[] = { "cash", "card", "external" };
    for (int64_t i = 0; left_fen > 0; i++) {
        int64_t part = i == 2 ? left_fen : 1 + rng_below(r, left_fen);
        buf_print(&tenders, "%s{\"tender\":\"%s\",\"amount_fen\":%lld}", i ? "," : "", codes[i], (long long)part);
        left_fen -= part;
    }
    world_order(w, "\"member_id\":\"%lld\",\"settle\":true,\"points\":%lld,\"lines\":[%.*s],\"tenders\":[%.*s]",
                (long long)shop->member, (long long)points, (int)lines.len, lines.at, (int)tenders.len,
                tenders.at == NULL ? "" : tenders.at);
    assert_int_equal(w->status, 201);
    *ret_lines = n;
    return world_int(w, "/order_id");
}

static void give_back(World *w, Rng *r, int64_t order_id, int64_t lines) {
    const char *path = world_path(w, "/v1/orders/%lld/refunds", (long long)order_id);
    for (int64_t steps = rng_below(r, 4); steps > 0; steps--) {
        int64_t line_no = 1 + rng_below(r, lines), kind = rng_below(r, 3), amount = 1 + rng_below(r, 3000);
        if (kind == 0)
            world_post(w, path, "{\"amount_fen\":%lld}", (long long)amount);
        else if (kind == 1)
            world_post(w, path, "{\"lines\":[{\"line_no\":%lld,\"quantity\":1}]}", (long long)line_no);
        else
            world_post(w, path, "{\"lines\":[{\"line_no\":%lld,\"amount_fen\":%lld}]}", (long long)line_no,
                       (long long)amount);
        assert_true(w->status == 201 || w->status == 409);
    }
    world_post(w, path, "{}");
    assert_true(w->status == 201 || str_is(w->code, "refund.nothing"));
    world_get(w, "/v1/orders/%lld", (long long)order_id);
    assert_int_equal(world_int(w, "/refunded_fen"), world_int(w, "/payable_fen"));
    assert_int_equal(world_int(w, "/points_taken"), world_int(w, "/points_earned"));
    assert_int_equal(world_int(w, "/growth_taken"), world_int(w, "/growth_earned"));
    for (int64_t i = 0; world_has(w, "/payments") && i < world_count(w, "/payments"); i++) {
        const char *payment = world_path(w, "/payments/%lld", (long long)i);
        assert_int_equal(world_int(w, world_path(w, "%s/refunded_fen", payment)),
                         world_int(w, world_path(w, "%s/amount_fen", payment)));
    }
}

TEST(orders_sold_and_given_back_at_random_leave_the_member_exactly_as_before) {
    Rng r = rng_seeded(7);
    Goods shop = { .prices = { 1, 99, 333, 1000, 4999, 0 }, .member = world_member(w, "13800000001") };
    for (int i = 0; i < 6; i++) {
        world_post(w, "/v1/items", "{\"name\":\"x\",\"price_fen\":%lld,\"points_bonus\":%d,\"no_discount\":%s}",
                   (long long)shop.prices[i], i % 3, i == 1 ? "true" : "false");
        shop.items[i] = world_int(w, "/item_id");
        world_stock(w, shop.items[i], 100000);
    }
    world_post(w, "/v1/points/grants", "{\"member_id\":\"%lld\",\"points\":100000,\"reason\":\"start\"}",
               (long long)shop.member);
    world_post(w, "/v1/offers",
               "{\"name\":\"a\",\"kind\":\"cash\",\"threshold_fen\":4000,\"off_fen\":700,\"every\":true,\"status\":"
               "\"active\"}");
    world_post(w, "/v1/offers",
               "{\"name\":\"b\",\"kind\":\"discount\",\"threshold_pieces\":5,\"rate_bp\":8700,\"status\":\"active\"}");
    world_post(w, "/v1/offers", "{\"name\":\"c\",\"kind\":\"nth\",\"nth\":3,\"rate_bp\":5000,\"status\":\"active\"}");
    for (int64_t i = 0; i < ENGINE_ORDERS; i++) {
        if (i == ENGINE_ORDERS / 2) world_setting(w, "refund", "{\"thresholds\":\"recompute\"}");
        int64_t lines, order_id = sell(w, &r, &shop, &lines);
        give_back(w, &r, order_id, lines);
        world_settle(w);
    }
    world_get(w, "/v1/members/%lld", (long long)shop.member);
    assert_int_equal(world_int(w, "/points"), 100000);
    assert_int_equal(world_int(w, "/growth"), 0);
    assert_int_equal(world_int(w, "/orders"), 0);
    assert_int_equal(world_int(w, "/spend_fen"), 0);
    world_get(w, "/v1/shops/%lld/stock", (long long)w->shop_id);
    for (int i = 0; i < 6; i++) assert_true(world_int(w, world_path(w, "/items/%d/left_quantity", i)) <= 100000);
    world_holds(w);
}
