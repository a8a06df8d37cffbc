/* order_store - every SQL statement of the slice; private to the folder. */
#pragma once
#include "domain/order/order.h"
#include "store/db.h"

/* Of a line: what its table and its JSON have in common. */
#define ORDER_LINE_FIELDS                                                                                              \
    FIELD(OrderLine, line_no), FIELD_ID(OrderLine, item_id), FIELD_ID(OrderLine, category_id),                         \
        FIELD_ID(OrderLine, brand_id), FIELD(OrderLine, name), FIELD(OrderLine, quantity),                             \
        FIELD(OrderLine, weight_g, .skip_zero = true), FIELD(OrderLine, unit_price_fen), FIELD(OrderLine, amount_fen), \
        FIELD(OrderLine, discount_fen),                                                                                \
        FIELD(OrderLine, gift_step, .skip_zero = true, .about = "given on top by that step"),                          \
        FIELD(OrderLine, payable_fen), FIELD(OrderLine, offset_fen), FIELD(OrderLine, points_earned),                  \
        FIELD(OrderLine, refunded_quantity), FIELD(OrderLine, refunded_fen),                                           \
        FIELD(OrderLine, withheld_fen, .skip_zero = true), FIELD(OrderLine, points_taken)

typedef struct OrderQuery {
    int64_t member_id, shop_id, from_day, to_day;
    Str order_no, status, cursor;
    int64_t limit;
} OrderQuery;

/* false: the natural key is taken; then order_by_number says by whom and with which content. */
Err order_insert(Ctx *c, const Order *order, Bytes content, bool *ret_new);
/* How many of the item the member has bought and kept, in all his orders that are not cancelled. */
Err order_bought(Ctx *c, int64_t member_id, int64_t item_id, int64_t *ret_quantity);
Err order_adjustments_insert(Ctx *c, int64_t order_id, const OrderAdjustments *adjustments);
/* Only of lines with several steps: the share of a single one is the whole discount of its line. */
Err order_shares_insert(Ctx *c, const Order *order);
/* Steps and shares of an order whose lines are read. */
Err order_adjustments(Ctx *c, Order *order);
/* Numbered one after the other. */
Err order_lines_insert(Ctx *c, int64_t order_id, const OrderLine *lines, int64_t count);
typedef struct OrderTaken {
    int64_t order_id, amount_fen;
    Bytes content;
} OrderTaken;
Err order_by_number(Ctx *c, int64_t shop_id, Str order_no, Str kind, OrderTaken *ret_taken, bool *ret_found);
/* Lines of a past order: no discounts, no brands, nothing given back. All lines of one order in one call. */
Err order_lines_import(Ctx *c, int64_t order_id, const OrderLine *lines, int64_t count);

Err order_head(Ctx *c, int64_t order_id, Order *ret_order, bool *ret_found);
Err order_lines(Ctx *c, int64_t order_id, OrderLines *ret_lines);
/* Locks the order for the rest of the unit and reads its head. */
Err order_lock(Ctx *c, int64_t order_id, Order *ret_order, bool *ret_found);
/* Newest first, from before (key, order_id) on. A member's orders are keyed by occurred_at, all others by day. */
Err order_page(Ctx *c, const OrderQuery *query, int64_t before_key, int64_t before_id, int64_t most, Orders *ret_list);
int64_t order_page_key(const OrderQuery *query, const Order *order);

Err order_add_paid(Ctx *c, int64_t order_id, int64_t amount_fen, bool *ret_added);
Err order_mark_completed(Ctx *c, const Order *order);
Err order_line_put_points(Ctx *c, int64_t order_id, int64_t line_no, int64_t points_earned);
Err order_mark_cancelled(Ctx *c, int64_t order_id, bool *ret_marked);
Err order_overdue(Ctx *c, int64_t most, IntList *ret_order_ids);

Err order_line_return(Ctx *c, int64_t order_id, const OrderReturnLine *line, bool *ret_done);
Err order_head_return(Ctx *c, const OrderReturn *back, bool *ret_done);

/* Merged members: the orders go to the one who lives on, and what went is remembered for the way back. */
Err order_merge_move(Ctx *c, int64_t merge_id, int64_t from_id, int64_t into_id, int64_t *ret_moved);
/* What became of them since, as their member's card counts it: refunds, and orders completed only now. */
typedef struct OrderSince {
    int64_t orders, spend_fen;
} OrderSince;
Err order_merge_since(Ctx *c, int64_t merge_id, OrderSince *ret_since);
Err order_merge_back(Ctx *c, int64_t merge_id, int64_t from_id, int64_t *ret_moved);

/* Holds over what other slices wrote for an order (order_books.c). */
Err order_points_are_in_the_books(Ctx *c, HoldReport *report);
Err order_stock_moves_are_of_orders(Ctx *c, HoldReport *report);
