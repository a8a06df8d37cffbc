/* order - 订单: quote, place, pay, complete, cancel; or all in one call at the till.
 *
 * Owns:   shop_order, order_line
 * Units:  *_fen; quantity in pieces; points whole
 * Calls:  shop, member, item, points, growth, tier, payment
 * Emits:  order.completed, order.cancelled
 * Holds:  order.payable_fen == SUM(line.payable_fen); tenders of a completed order add up to payable_fen;
 *         every share of a line adds up to its order's; refunded parts never exceed the whole
 * Errors: order.duplicate, order.tenders_differ, order.not_open, order.not_found, order.line_price, order.too_large, order.expired
 *
 * Natural key: (shop, order_no, kind), unique for ever. The same content again answers 200 with "duplicate": true, other content 409. */
#pragma once
#include "domain/payment/payment.h"
#include "domain/item/item.h"

enum { ORDER_LINES_MAX = 2000, ORDER_AMOUNT_MAX_FEN = 100000000000, ORDER_QUANTITY_MAX = 1000000 };
typedef enum OrderStatus { ORDER_PLACED, ORDER_PAID, ORDER_COMPLETED, ORDER_CANCELLED } OrderStatus;
extern const char *const order_status_names[];

typedef struct OrderLine {
    int64_t line_no;                        /* 1, 2, … as the till sent them */
    int64_t item_id, category_id, brand_id;
    Str name;
    int64_t quantity, weight_g, unit_price_fen;
    int64_t amount_fen;                     /* before discounts: unit price x quantity, or what the scale printed */
    int64_t tier_discount_fen, points_offset_fen;
    int64_t payable_fen;                    /* amount - tier discount; the offset is a tender, its share stored per line */
    int64_t points_earned;                  /* this line's share of the order's points */
    int64_t refunded_quantity, refunded_fen;
} OrderLine;
typedef LIST_OF(OrderLine) OrderLines;

typedef struct Order {
    int64_t order_id, shop_id, member_id;
    Str order_no, kind, channel;
    OrderStatus status;
    int64_t amount_fen, tier_discount_fen, payable_fen, points_offset_fen, refunded_fen;
    int64_t points_spent, points_earned, growth_earned;
    int64_t placed_at, completed_at, expires_at, day;
    OrderLines lines;
    Payments payments;
} Order;

Err order_read(Ctx *c, int64_t order_id, Order *ret_order);          /* with lines and payments; E_NOT_FOUND order.not_found */

/* What a refund writes on the order it returns; guarded, so that no line ever gives back more than it was. */
typedef struct OrderLineReturn { int64_t line_no, quantity, amount_fen; } OrderLineReturn;
typedef LIST_OF(OrderLineReturn) OrderLineReturns;
Err order_return_lines(Ctx *c, int64_t order_id, OrderLineReturns returns, int64_t amount_fen);

/* ---- past orders (import, demo): complete orders in bulk, one unit many orders, few statements ----
 * Natural key as above: an order that is there already is skipped (is_new false; order_id set). Points only when `earn`. */
typedef struct OrderImportLine { int64_t item_id, category_id; Str name; int64_t quantity, unit_price_fen, amount_fen; } OrderImportLine;
typedef struct OrderImport {
    int64_t shop_id, member_id; Str order_no, channel, tender; int64_t completed_at;
    LIST_OF(OrderImportLine) lines;
    int64_t order_id; bool is_new;          /* set by the call */
} OrderImport;
typedef LIST_OF(OrderImport) OrderImports;
Err order_import_batch(Ctx *c, OrderImports orders, bool earn);
