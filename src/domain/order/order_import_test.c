#include "domain/order/order.h"
#include "domain/refund/refund.h"
#include "test/test.h"
#include "test/world_trade.h"

typedef struct Import {
    OrderImports orders;
    bool earn;
} Import;
static Err import(Ctx *c, void *arg) { return order_import_batch(c, ((Import *)arg)->orders, ((Import *)arg)->earn); }
static Err import_notes(Ctx *c, void *arg) { return refund_import_batch(c, *(RefundImports *)arg); }

static OrderImport past(World *w, int64_t member, const char *no, int64_t days_ago, OrderImportLine *lines,
                        int64_t count) {
    return (OrderImport){ .shop_id = w->shop_id,
                          .member_id = member,
                          .order_no = str_of(no),
                          .completed_at = w->now - days_ago * 86400000,
                          .lines = { lines, count } };
}

static OrderImportLine line(int64_t item, int64_t quantity, int64_t price_fen) {
    return (OrderImportLine){ .item_id = item,
                              .name = S("x"),
                              .quantity = quantity,
                              .unit_price_fen = price_fen,
                              .amount_fen = quantity * price_fen };
}

static void read_member(World *w, int64_t member) { world_get(w, "/v1/members/%lld", (long long)member); }

TEST(past_orders_bring_history_growth_and_counts_but_no_points_unless_asked) {
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 500);
    OrderImportLine lines[11];
    for (int i = 0; i < 11; i++) lines[i] = line(item, i + 1, 100);
    OrderImport orders[] = { past(w, member, "P1", 400, lines, 11), past(w, member, "P2", 400, lines, 3),
                             past(w, 0, "P3", 5, lines, 1) };
    Import batch = { { orders, 3 }, false };
    assert_int_equal(world_unit(w, import, &batch), OK);
    assert_true(orders[0].is_new && orders[1].is_new && orders[2].is_new);
    world_settle(w);
    read_member(w, member);
    assert_int_equal(world_int(w, "/orders"), 2);
    assert_int_equal(world_int(w, "/spend_fen"), 7200);
    assert_int_equal(world_int(w, "/growth"), 72);
    assert_int_equal(world_int(w, "/points"), 0);
    world_get(w, "/v1/orders/%lld", (long long)orders[0].order_id);
    assert_int_equal(world_count(w, "/lines"), 11);
    assert_int_equal(world_int(w, "/lines/10/quantity"), 11);
    assert_int_equal(world_int(w, "/lines/10/line_no"), 11);
    assert_true(str_is(world_str(w, "/payments/0/tender"), "external"));
    assert_true(str_is(world_str(w, "/channel"), "import"));
    assert_int_equal(world_int(w, "/occurred_at"), orders[0].completed_at);
    world_holds(w);

    /* Once more: nothing moves, and who asks hears what stands there. */
    orders[0].lines.count = 1;
    assert_int_equal(world_unit(w, import, &batch), OK);
    assert_true(!orders[0].is_new && orders[0].found_fen == 6600);
    read_member(w, member);
    assert_int_equal(world_int(w, "/orders"), 2);
    assert_int_equal(world_int(w, "/growth"), 72);
    world_holds(w);
}

TEST(past_orders_may_earn_within_caps_and_are_found_beside_the_tills_orders) {
    world_setting(w, "points", "{\"day_cap\":15}");
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 500);
    OrderImportLine lines[] = { line(item, 1, 1000), line(item, 1, 0) };
    OrderImport orders[] = { past(w, member, "P1", 3, lines, 2), past(w, member, "P2", 3, lines, 1) };
    Import batch = { { orders, 2 }, true };
    assert_int_equal(world_unit(w, import, &batch), OK);
    world_settle(w);
    read_member(w, member);
    assert_int_equal(world_int(w, "/points"), 15);
    world_get(w, "/v1/orders/%lld", (long long)orders[1].order_id);
    assert_int_equal(world_int(w, "/points_earned"), 5);
    world_post(w, "/v1/orders",
               "{\"shop_id\":\"%lld\",\"order_no\":\"P1\",\"lines\":[{\"item_id\":\"%lld\",\"quantity\":1}]}",
               (long long)w->shop_id, (long long)item);
    assert_true(str_is(w->code, "order.number_used"));
    world_holds(w);
}

TEST(credit_notes_without_an_order_find_the_newest_line_with_enough_left) {
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 500), other = world_item(w, 100);
    OrderImportLine five = line(item, 5, 100), two = line(item, 2, 90), later = line(item, 50, 100);
    OrderImport orders[] = { past(w, member, "A", 30, &five, 1), past(w, member, "B", 20, &two, 1),
                             past(w, member, "C", 5, &later, 1) };
    Import batch = { { orders, 3 }, true };
    assert_int_equal(world_unit(w, import, &batch), OK);
    int64_t at = w->now - 10 * 86400000LL;
    RefundImport notes[] = {
        { .shop_id = w->shop_id,
          .member_id = member,
          .refund_no = S("C1"),
          .item_id = item,
          .quantity = 3,
          .amount_fen = 300,
          .at = at,
          .line_in_note = 1 },
        { .shop_id = w->shop_id,
          .member_id = member,
          .refund_no = S("C1"),
          .item_id = item,
          .quantity = 4,
          .at = at,
          .line_in_note = 2 },
        { .shop_id = w->shop_id,
          .member_id = member,
          .refund_no = S("C2"),
          .item_id = item,
          .quantity = 1,
          .at = at,
          .line_in_note = 1 },
        { .shop_id = w->shop_id,
          .member_id = member,
          .refund_no = S("C3"),
          .item_id = other,
          .quantity = 1,
          .at = at,
          .line_in_note = 1 },
    };
    RefundImports list = { notes, 4 };
    assert_int_equal(world_unit(w, import_notes, &list), OK);
    assert_true(notes[0].is_new && notes[0].is_matched); /* 3 of A: B has only 2 */
    assert_true(notes[1].is_new && notes[1].is_matched); /* the 2 of B and the last 2 of A */
    assert_true(!notes[2].is_matched && !notes[2].is_over && notes[2].left_quantity == 0); /* C was sold later */
    assert_true(!notes[3].is_matched);
    assert_int_equal(world_unit(w, import_notes, &list), OK);
    assert_true(!notes[0].is_new && notes[0].is_matched && !notes[1].is_new);
    world_settle(w);
    world_get(w, "/v1/refunds?member_id=%lld", (long long)member);
    assert_int_equal(world_count(w, "/items"), 3);
    world_get(w, "/v1/orders/%lld", (long long)orders[0].order_id);
    assert_int_equal(world_int(w, "/refunded_fen"), 500);
    read_member(w, member);
    assert_int_equal(world_int(w, "/orders"), 1);
    assert_int_equal(world_int(w, "/spend_fen"), 5000);
    assert_int_equal(world_int(w, "/growth"), 50);
    world_holds(w);
}

TEST(a_note_that_returns_more_than_is_left_is_said_to_be_over) {
    int64_t member = world_member(w, "13800000001"), item = world_item(w, 500);
    OrderImportLine five = line(item, 5, 100);
    OrderImport orders[] = { past(w, member, "A", 30, &five, 1) };
    Import batch = { { orders, 1 }, false };
    assert_int_equal(world_unit(w, import, &batch), OK);
    RefundImport note = { .shop_id = w->shop_id,
                          .member_id = member,
                          .refund_no = S("C1"),
                          .item_id = item,
                          .quantity = 6,
                          .amount_fen = 600,
                          .at = w->now,
                          .line_in_note = 1 };
    RefundImports list = { &note, 1 };
    assert_int_equal(world_unit(w, import_notes, &list), OK);
    assert_true(note.is_over && !note.is_matched && note.left_quantity == 5);
    note.quantity = 5; /* the same number, put right: it counts */
    assert_int_equal(world_unit(w, import_notes, &list), OK);
    assert_true(note.is_matched && note.is_new);
    world_get(w, "/v1/orders/%lld", (long long)orders[0].order_id);
    assert_int_equal(world_int(w, "/refunded_fen"), 500); /* never more than was paid */
    world_holds(w);
}
