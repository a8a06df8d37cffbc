/* refund_store - every SQL statement of the slice; private to the folder. */
#pragma once
#include "domain/refund/refund.h"
#include "store/db.h"

typedef struct RefundQuery { int64_t order_id, member_id, shop_id; Str cursor; int64_t limit; } RefundQuery;
typedef struct RefundTaken { int64_t refund_id; Bytes content; } RefundTaken;

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

/* refund.c: everything one return does, given its parts, on an order that is locked; ret_new false = the number was there
 * already and nothing was written. */
typedef struct RefundHow { Bytes content; bool keep_goods, is_import; } RefundHow;
int64_t refund_points_of_part(const OrderLine *line, const RefundLine *part);
Err refund_write(Ctx *c, Order *order, Refund *refund, const RefundHow *how, bool *ret_new);

extern const Fields refund_fields, refund_line_fields;
