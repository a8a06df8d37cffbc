/* refund - 退货退款: by line and quantity, or by amount; each tender restored in its own kind, points and growth taken back.
 *
 * Owns:   refund, refund_line
 * Units:  *_fen; quantity in pieces; points whole
 * Calls:  member, item, points, growth, payment, order
 * Emits:  order.refunded
 * Holds:  order.refunded_fen == SUM(refund.amount_fen); line.refunded_* == SUM(refund_line.*); tenders likewise
 * Errors: refund.over_left, refund.nothing, refund.duplicate, refund.no_origin, refund.not_completed
 *
 * Shares: a part is split over WHAT IS LEFT of each share (tenders, points, growth) by largest remainder. Since the weights are the
 * remainders themselves, no share goes below zero and any sequence of partial refunds adds up to the whole, to the fen. */
#pragma once
#include "domain/order/order.h"

typedef struct RefundLine { int64_t line_no, quantity, amount_fen; } RefundLine;   /* quantity or amount; 0, 0 = all that is left */
typedef LIST_OF(RefundLine) RefundLines;
typedef struct RefundNew {
    int64_t order_id;
    Str refund_no;                          /* natural key with the shop; "" = none */
    RefundLines lines;                      /* none and amount_fen 0 = everything left */
    int64_t amount_fen;                     /* by amount, spread over the lines' remainders */
    bool to_stock;                          /* goods go back on the shelf */
    Str reason;
} RefundNew;
typedef struct Refund {
    int64_t refund_id, order_id, shop_id, member_id; Str refund_no, reason;
    int64_t amount_fen, points_restored, points_taken, points_shortfall, growth_taken, created_at;
    RefundLines lines;
    Payments payments;                      /* what went back through each tender: amount_fen, points */
} Refund;
Err refund_make(Ctx *c, const RefundNew *refund, Refund *ret_refund);

/* Credit notes of imports that do not name the order they return: matched against the same member's past lines of the same item, the
 * newest line with enough left, else several lines; `is_matched` false = refund.no_origin. Bulk, natural key (shop, refund_no). */
typedef struct RefundImport {
    int64_t shop_id, member_id; Str refund_no; int64_t item_id, quantity, amount_fen, at;
    int64_t line_in_note;                   /* position in the credit note: part of the natural key */
    int64_t refund_id; bool is_new, is_matched, is_over; int64_t matched_quantity;
} RefundImport;
typedef LIST_OF(RefundImport) RefundImports;
Err refund_import_batch(Ctx *c, RefundImports notes);
