/* refund - 退货退款: by line and quantity, or by amount; each tender restored in its own kind, points and growth taken
 * back.
 *
 * Owns:   refund, refund_line
 * Units:  *_fen; quantity in pieces; points whole
 * Calls:  shop, member, item, ledger, points, growth, tier, payment, wallet, coupon, reward, order
 * Emits:  order.refunded
 * Holds:  order.refunded_fen == SUM(refund.amount_fen); line.refunded_* and withheld == SUM(refund_line.*);
 *         a refund is the sum of its lines and of what went back through the tenders; a member's card counts the orders
 *         and the money that stayed
 * Errors: refund.over_left, refund.nothing, refund.number_used, refund.not_completed, refund.not_found,
 *         refund.line_unknown, refund.line_twice, refund.amount_twice
 *
 * Shares (docs/adr/006-refund-shares.md): a part is split over WHAT IS LEFT of each share (tenders, points, growth).
 * Since the weights are the remainders themselves, no share goes below zero and any sequence of partial refunds adds
 * up to the whole, to the fen.
 *
 * A discount of the whole order that asked for a threshold (满减, discount from so much on): the goods that come back
 * take their share of it with them (keep, the default). Or, by setting, the threshold is asked again for the goods that
 * are kept (recompute): what they would no longer earn is withheld from this refund, never more than it, and comes back
 * with what is returned later; with the last piece everything is back.
 * Goods that a step gave on top are lines of their own: they come back when they are named. */
#pragma once
#include "domain/order/order.h"

typedef enum RefundThresholds { REFUND_KEEP, REFUND_RECOMPUTE } RefundThresholds;
typedef struct RefundSetting {
    RefundThresholds thresholds;
} RefundSetting;
extern const Setting refund_setting;

typedef struct RefundLine {
    int64_t line_no, quantity, amount_fen, points_taken;
    int64_t withheld_fen; /* kept back of this line, or, negative, what was kept back before and goes now */
} RefundLine;
typedef LIST_OF(RefundLine) RefundLines;
typedef struct RefundNew {
    int64_t order_id;
    Str refund_no;      /* natural key with the shop; "" = one is made */
    RefundLines lines;  /* quantity or amount_fen; both 0 = all that is left of the line */
    int64_t amount_fen; /* without lines: so much, spread over the lines' remainders; 0 = all left */
    bool keep_goods;    /* the goods do not go back on the shelf */
    Str reason;
} RefundNew;

typedef struct RefundTender {
    int64_t number;
    Str tender;
    int64_t amount_fen, points;
} RefundTender;
typedef struct Refund {
    int64_t refund_id, order_id, shop_id, member_id;
    Str refund_no, reason;
    int64_t amount_fen, withheld_fen, points_restored, points_taken, points_shortfall, growth_taken;
    int64_t created_at, day;
    RefundLines lines;
    LIST_OF(RefundTender) tenders; /* what went back through each tender */
    int64_t points_balance;        /* answers of the making call only */
    bool duplicate;
} Refund;
typedef LIST_OF(Refund) Refunds;

Err refund_make(Ctx *c, const RefundNew *refund, Refund *ret_refund);
Err refund_read(Ctx *c, int64_t refund_id, Refund *ret_refund);

/* ---- pure: how a part divides over what is left ---- */
/* What of `left` belongs to `part` of `whole_left`: floor(left * part / whole_left), all of it when part ==
 * whole_left. */
int64_t refund_share(int64_t left, int64_t part, int64_t whole_left);
/* What the order's threshold discounts gave to so many pieces of each line (kept[i] of lines.items[i]) beyond what
 * those alone would have earned. */
int64_t refund_unearned(const Order *order, const int64_t *kept);

/* How much of each open line (newest first) a return of `quantity` takes: the newest line with enough left, else
 * several, newest first. Gives the sum of what is left; less than `quantity`: nothing is taken. */
int64_t refund_choose(const OrderOpenLines *open, int64_t quantity, int64_t *ret_take);

/* Credit notes of imports that do not name the order they return: matched against the same member's earlier lines of
 * the same item. Not matched and not over: there is no origin; over: less is left than is returned. amount_fen is
 * what was given back then (0 = at the order's price), never more than is left of the lines. No events; tier facts
 * directly. */
typedef struct RefundImport {
    int64_t shop_id, member_id;
    Str refund_no;
    int64_t item_id, quantity, amount_fen, at;
    int64_t line_in_note; /* position in the credit note: part of the natural key */
    int64_t refund_id;
    bool is_new, is_matched, is_over;
    int64_t left_quantity; /* set by the call */
} RefundImport;
typedef LIST_OF(RefundImport) RefundImports;
Err refund_import_batch(Ctx *c, RefundImports notes);
