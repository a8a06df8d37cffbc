/* refund_store - every SQL statement of the slice; private to the folder. */
#pragma once
#include "domain/refund/refund.h"
#include "store/db.h"

typedef struct RefundQuery {
    int64_t order_id, member_id, shop_id;
    Str cursor;
    int64_t limit;
} RefundQuery;
typedef struct RefundTaken {
    int64_t refund_id;
    Bytes content;
} RefundTaken;

Err refund_insert(Ctx *c, const Refund *refund, Bytes content, bool *ret_new);
Err refund_line_insert(Ctx *c, const Refund *refund, const RefundLine *line);
Err refund_by_number(Ctx *c, int64_t shop_id, Str refund_no, RefundTaken *ret_taken, bool *ret_found);
Err refund_head(Ctx *c, int64_t refund_id, Refund *ret_refund, bool *ret_found);
Err refund_lines(Ctx *c, int64_t refund_id, RefundLines *ret_lines);
Err refund_page(Ctx *c, const RefundQuery *query, int64_t before_id, int64_t most, Refunds *ret_list);
/* Known only at the end: what the claw-back did not find. */
Err refund_put_shortfall(Ctx *c, const Refund *refund);
/* After a merge or its undoing: every refund of these two members names the member of its order. */
Err refund_follow_orders(Ctx *c, int64_t from_id, int64_t into_id);
Err refund_blank_reasons(Ctx *c, int64_t member_id);

/* refund_shares.c: pure. refund_plan fills lines, tenders and sums of `refund` from what is asked; refund_complete
 * from its lines. E_CONFLICT refund.over_left, refund.nothing; E_INVALID refund.line_unknown, refund.line_twice. */
Err refund_plan(Ctx *c, const Order *order, const RefundNew *in, RefundThresholds how, Refund *refund);
void refund_complete(Ctx *c, const Order *order, Refund *refund);
/* refund_withhold.c: pure. Keeps back, or gives back, of the parts of lines; what a person named stands (asked). */
void refund_withhold(Ctx *c, const Order *order, const RefundLines *asked, RefundThresholds how, RefundLines *parts);
int64_t refund_points_of_part(const OrderLine *line, const RefundLine *part);
const OrderLine *refund_line_of(const Order *order, int64_t line_no); /* NULL = none */
/* With it the last of the order goes back: the last fen, of a free order the last piece. True once in an order's
 * life. */
bool refund_is_last(const Order *order, const Refund *refund);

/* refund.c: writes a planned refund of an order that is locked; ret_new false = the number was there already and
 * nothing was written. */
typedef struct RefundHow {
    Bytes content;
    bool keep_goods, is_import;
} RefundHow;
Err refund_write(Ctx *c, const Order *order, Refund *refund, const RefundHow *how, bool *ret_new);

extern const Fields refund_fields, refund_line_fields;
