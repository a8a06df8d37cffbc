#include "domain/order/order_store.h"

static const Field line_row_field[] = { ORDER_LINE_FIELDS, FIELD(OrderLine, step_no, .min = ORDER_STEPS) };
static const Fields line_row_fields = FIELDS(OrderLine, line_row_field);

Err order_insert(Ctx *c, const Order *o, Bytes content, bool *ret_new) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "INSERT INTO shop_order (merchant_id, order_id, shop_id, till_no, member_id, staff_id, order_no, kind, channel,"
        " status, amount_fen, discount_fen, payable_fen, offset_fen, cash_fen, paid_fen, refunded_fen, points_spent,"
        " points_earned, points_taken, growth_earned, growth_taken, tier_id, content, occurred_at, placed_at,"
        " completed_at, expires_at, day) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,"
        " 0, $17, $18, 0, $19, 0, $20, $21, $22, $23, $24, $25, $26)"
        " ON CONFLICT (merchant_id, shop_id, order_no, kind) DO NOTHING",
        ARGS(o->order_id, o->shop_id, o->till_no, o->member_id, o->staff_id, o->order_no, o->kind, o->channel,
             order_status_names[o->status], o->amount_fen, o->discount_fen, o->payable_fen, o->offset_fen, o->cash_fen,
             o->paid_fen, o->points_spent, o->points_earned, o->growth_earned, o->tier_id, content, o->occurred_at,
             o->placed_at, o->completed_at, o->expires_at, o->day),
        &changed));
    *ret_new = changed == 1;
    return OK;
}

#define INSERT_LINE                                                                                                    \
    "INSERT INTO order_line (merchant_id, order_id, line_no, item_id, category_id, brand_id, name, quantity, "         \
    "weight_g,"                                                                                                        \
    " unit_price_fen, amount_fen, discount_fen, step_no, gift_step, payable_fen, offset_fen, points_earned,"           \
    " refunded_quantity, refunded_fen, withheld_fen, points_taken)"                                                    \
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 0, 0, 0, 0)"
#define LINE_ARGS(l)                                                                                                   \
    (l)->item_id, (l)->category_id, (l)->brand_id, (l)->name, (l)->quantity, (l)->weight_g, (l)->unit_price_fen,       \
        (l)->amount_fen, (l)->discount_fen, (l)->step_no, (l)->gift_step, (l)->payable_fen, (l)->offset_fen,           \
        (l)->points_earned

/* Two in one: on PostgreSQL a statement costs more than a row. */
Err order_lines_insert(Ctx *c, int64_t order_id, const OrderLine *lines, int64_t count) {
    int64_t at = 0;
    for (; at + 2 <= count; at += 2)
        TRY(db_exec(c,
                    INSERT_LINE ", ($1, $2, $3 + 1, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30,"
                                " $31, 0, 0, 0, 0)",
                    ARGS(order_id, lines[at].line_no, LINE_ARGS(&lines[at]), LINE_ARGS(&lines[at + 1]))));
    if (at == count) return OK;
    return db_exec(c, INSERT_LINE, ARGS(order_id, lines[at].line_no, LINE_ARGS(&lines[at])));
}

#define IMPORT_LINE                                                                                                    \
    "INSERT INTO order_line (merchant_id, order_id, line_no, item_id, category_id, name, quantity, unit_price_fen,"    \
    " payable_fen, points_earned, brand_id, weight_g, discount_fen, step_no, gift_step, offset_fen,"                   \
    " refunded_quantity, refunded_fen, withheld_fen, points_taken, amount_fen) VALUES "

static Err import_one_line(Ctx *c, int64_t order_id, const OrderLine *l) {
    return db_exec(c, IMPORT_LINE "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, $9)",
                   ARGS(order_id, l->line_no, l->item_id, l->category_id, l->name, l->quantity, l->unit_price_fen,
                        l->payable_fen, l->points_earned));
}

/* Four in one: on PostgreSQL a statement costs more than a row, and past orders have twenty lines and more. */
static Err import_four_lines(Ctx *c, int64_t order_id, const OrderLine l[4]) {
    return db_exec(c,
                   IMPORT_LINE "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, $9),"
                               " ($1, $2, $3 + 1, $11, $12, $13, $14, $15, $16, $17,"
                               " 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, $16),"
                               " ($1, $2, $3 + 2, $18, $19, $20, $21, $22, $23, $24,"
                               " 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, $23),"
                               " ($1, $2, $3 + 3, $25, $26, $27, $28, $29, $30, $31,"
                               " 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, $30)",
                   ARGS(order_id, l[0].line_no, l[0].item_id, l[0].category_id, l[0].name, l[0].quantity,
                        l[0].unit_price_fen, l[0].payable_fen, l[0].points_earned, l[1].item_id, l[1].category_id,
                        l[1].name, l[1].quantity, l[1].unit_price_fen, l[1].payable_fen, l[1].points_earned,
                        l[2].item_id, l[2].category_id, l[2].name, l[2].quantity, l[2].unit_price_fen, l[2].payable_fen,
                        l[2].points_earned, l[3].item_id, l[3].category_id, l[3].name, l[3].quantity,
                        l[3].unit_price_fen, l[3].payable_fen, l[3].points_earned));
}

Err order_lines_import(Ctx *c, int64_t order_id, const OrderLine *lines, int64_t count) {
    int64_t at = 0;
    for (; at + 4 <= count; at += 4) TRY(import_four_lines(c, order_id, lines + at));
    for (; at < count; at++) TRY(import_one_line(c, order_id, lines + at));
    return OK;
}

/* ---- what came off, and where ---- */

static const Field terms_field[] = {
    FIELD(OrderTerms, threshold_fen, .skip_zero = true),
    FIELD(OrderTerms, threshold_pieces, .skip_zero = true),
    FIELD(OrderTerms, off_fen, .skip_zero = true),
    FIELD(OrderTerms, rate_bp, .skip_zero = true),
    FIELD(OrderTerms, cap_fen, .skip_zero = true),
    FIELD(OrderTerms, times_max, .skip_zero = true),
    FIELD(OrderTerms, every, .skip_zero = true),
    FIELD_LIST(OrderTerms, steps, promo_step_fields, .skip_zero = true),
};
static const Fields terms_fields = FIELDS(OrderTerms, terms_field);
static const Field adjustment_row_field[] = {
    FIELD(OrderAdjustment, step_no),
    FIELD(OrderAdjustment, rule),
    FIELD_ID(OrderAdjustment, source_id),
    FIELD_ENUM(OrderAdjustment, kind, promo_kind_names),
    FIELD(OrderAdjustment, name),
    FIELD(OrderAdjustment, off_fen),
    FIELD_OBJECT(OrderAdjustment, terms, terms_fields),
};
static const Fields adjustment_row_fields = FIELDS(OrderAdjustment, adjustment_row_field);

static Str terms_text(Ctx *c, const OrderTerms *t) {
    Buf text = { .arena = c->arena };
    if (t->threshold_fen == 0 && t->threshold_pieces == 0 && t->steps.count == 0) return (Str){ 0 };
    json_print(&text, &terms_fields, t);
    return buf_str(&text);
}

#define INSERT_ADJUSTMENT                                                                                              \
    "INSERT INTO order_adjustment (merchant_id, order_id, step_no, rule, source_id, kind, name, off_fen, terms)"       \
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
#define ADJUSTMENT_ARGS(a)                                                                                             \
    (a)->rule, (a)->source_id, promo_kind_names[(a)->kind], (a)->name, (a)->off_fen, terms_text(c, &(a)->terms)

Err order_adjustments_insert(Ctx *c, int64_t order_id, const OrderAdjustments *list) {
    const OrderAdjustment *a = list->items, *end = a + list->count;
    for (; a + 2 <= end; a += 2)
        TRY(db_exec(c, INSERT_ADJUSTMENT ", ($1, $2, $3 + 1, $10, $11, $12, $13, $14, $15)",
                    ARGS(order_id, a->step_no, ADJUSTMENT_ARGS(a), ADJUSTMENT_ARGS(a + 1))));
    return a == end ? OK : db_exec(c, INSERT_ADJUSTMENT, ARGS(order_id, a->step_no, ADJUSTMENT_ARGS(a)));
}

typedef struct ShareRow {
    int64_t line_no, step_no, off_fen;
} ShareRow;

static Err insert_share(Ctx *c, int64_t order_id, const ShareRow *s) {
    return db_exec(c,
                   "INSERT INTO order_share (merchant_id, order_id, line_no, step_no, off_fen)"
                   " VALUES ($1, $2, $3, $4, $5)",
                   ARGS(order_id, s->line_no, s->step_no, s->off_fen));
}

static Err insert_four_shares(Ctx *c, int64_t order_id, const ShareRow s[4]) {
    return db_exec(c,
                   "INSERT INTO order_share (merchant_id, order_id, line_no, step_no, off_fen) VALUES"
                   " ($1, $2, $3, $4, $5), ($1, $2, $6, $7, $8), ($1, $2, $9, $10, $11), ($1, $2, $12, $13, $14)",
                   ARGS(order_id, s[0].line_no, s[0].step_no, s[0].off_fen, s[1].line_no, s[1].step_no, s[1].off_fen,
                        s[2].line_no, s[2].step_no, s[2].off_fen, s[3].line_no, s[3].step_no, s[3].off_fen));
}

Err order_shares_insert(Ctx *c, const Order *order) {
    ShareRow rows[4];
    int64_t count = 0;
    for (int64_t i = 0; i < order->lines.count; i++) {
        const OrderLine *line = &order->lines.items[i];
        for (int64_t k = 0; line->step_no == ORDER_STEPS && k < line->shares.count; k++) {
            rows[count++] = (ShareRow){ line->line_no, line->shares.items[k].step_no, line->shares.items[k].off_fen };
            if (count < 4) continue;
            TRY(insert_four_shares(c, order->order_id, rows));
            count = 0;
        }
    }
    for (int64_t i = 0; i < count; i++) TRY(insert_share(c, order->order_id, &rows[i]));
    return OK;
}

/* Rows come by line, as the lines stand: each line takes the rows that follow. */
static void give_shares(Ctx *c, OrderLines *lines, ListAny rows) {
    const ShareRow *row = rows.items, *end = row + rows.count;
    for (int64_t i = 0; i < lines->count; i++) {
        OrderLine *line = &lines->items[i];
        if (line->step_no == 0) continue;
        int64_t count = 0;
        while (row + count < end && row[count].line_no == line->line_no) count++;
        line->shares = (OrderShares){ NEW_LIST(c->arena, OrderShare, count + 1), count };
        for (int64_t k = 0; k < count; k++) line->shares.items[k] = (OrderShare){ row[k].step_no, row[k].off_fen };
        row += count;
        if (line->step_no != ORDER_STEPS)
            line->shares.items[line->shares.count++] = (OrderShare){ line->step_no, line->discount_fen };
    }
}

Err order_adjustments(Ctx *c, Order *order) {
    static const Field share_field[] = { FIELD(ShareRow, line_no), FIELD(ShareRow, step_no), FIELD(ShareRow, off_fen) };
    static const Fields share_fields = FIELDS(ShareRow, share_field);
    ListAny rows = { 0 };
    bool has_shares = false;
    TRY(db_rows(c,
                "SELECT step_no, rule, source_id, kind, name, off_fen, terms FROM order_adjustment"
                " WHERE merchant_id = $1 AND order_id = $2 ORDER BY step_no",
                ARGS(order->order_id), &adjustment_row_fields, ORDER_ADJUSTMENTS_MAX, (ListAny *)&order->adjustments));
    for (int64_t i = 0; i < order->lines.count; i++)
        has_shares = has_shares || order->lines.items[i].step_no == ORDER_STEPS;
    if (has_shares)
        TRY(db_rows(c,
                    "SELECT line_no, step_no, off_fen FROM order_share WHERE merchant_id = $1 AND order_id = $2"
                    " ORDER BY line_no, step_no",
                    ARGS(order->order_id), &share_fields, INT32_MAX, &rows));
    give_shares(c, &order->lines, rows);
    return OK;
}

Err order_bought(Ctx *c, int64_t member_id, int64_t item_id, int64_t *ret_quantity) {
    return db_int(c,
                  "SELECT CAST(SUM(l.quantity - l.refunded_quantity) AS BIGINT) FROM shop_order o"
                  " CROSS JOIN order_line l WHERE o.merchant_id = $1 AND o.member_id = $2 AND o.status <> 'cancelled'"
                  " AND l.merchant_id = o.merchant_id AND l.order_id = o.order_id AND l.item_id = $3",
                  ARGS(member_id, item_id), ret_quantity);
}

Err order_by_number(Ctx *c, int64_t shop_id, Str order_no, Str kind, OrderTaken *ret_taken, bool *ret_found) {
    static const Field taken_field[] = { FIELD_ID(OrderTaken, order_id), FIELD(OrderTaken, amount_fen),
                                         FIELD(OrderTaken, content) };
    static const Fields taken_fields = FIELDS(OrderTaken, taken_field);
    return db_find(c,
                   "SELECT order_id, amount_fen, content FROM shop_order"
                   " WHERE merchant_id = $1 AND shop_id = $2 AND order_no = $3 AND kind = $4",
                   ARGS(shop_id, order_no, kind), &taken_fields, ret_taken, ret_found);
}

#define ORDER_COLUMNS                                                                                                  \
    "order_id, shop_id, till_no, member_id, staff_id, order_no, kind, channel, status, amount_fen, discount_fen,"      \
    " payable_fen, offset_fen, cash_fen, paid_fen, refunded_fen, points_spent, points_earned, points_taken,"           \
    " growth_earned, growth_taken, tier_id, occurred_at, placed_at, completed_at, expires_at, day"

Err order_head(Ctx *c, int64_t order_id, Order *ret_order, bool *ret_found) {
    return db_find(c, "SELECT " ORDER_COLUMNS " FROM shop_order WHERE merchant_id = $1 AND order_id = $2",
                   ARGS(order_id), &order_fields, ret_order, ret_found);
}

/* An UPDATE that changes nothing takes the row lock on PostgreSQL; SQLite has one writer anyway. */
Err order_lock(Ctx *c, int64_t order_id, Order *ret_order, bool *ret_found) {
    return db_find(
        c, "UPDATE shop_order SET status = status WHERE merchant_id = $1 AND order_id = $2 RETURNING " ORDER_COLUMNS,
        ARGS(order_id), &order_fields, ret_order, ret_found);
}

Err order_lines(Ctx *c, int64_t order_id, OrderLines *ret_lines) {
    return db_rows(
        c,
        "SELECT line_no, item_id, category_id, brand_id, name, quantity, weight_g, unit_price_fen, amount_fen,"
        " discount_fen, step_no, gift_step, payable_fen, offset_fen, points_earned, refunded_quantity,"
        " refunded_fen, withheld_fen, points_taken FROM order_line WHERE merchant_id = $1 AND order_id = $2"
        " ORDER BY line_no",
        ARGS(order_id), &line_row_fields, ORDER_LINES_MAX + ORDER_ADJUSTMENTS_MAX, (ListAny *)ret_lines);
}

int64_t order_page_key(const OrderQuery *q, const Order *order) {
    return q->member_id != 0 ? order->occurred_at : order->day;
}

Err order_page(Ctx *c, const OrderQuery *q, int64_t before_key, int64_t before_id, int64_t most, Orders *ret_list) {
    ListAny *list = (ListAny *)ret_list;
    if (q->member_id != 0)
        return db_rows(
            c,
            "SELECT " ORDER_COLUMNS " FROM shop_order WHERE merchant_id = $1 AND member_id = $2"
            " AND (occurred_at, order_id) < ($3, $4) AND ($5 = 0 OR shop_id = $5) AND day >= $6 AND day <= $7"
            " AND ($8 = '' OR status = $8) AND ($9 = '' OR order_no = $9)"
            " ORDER BY occurred_at DESC, order_id DESC LIMIT $10",
            ARGS(q->member_id, before_key, before_id, q->shop_id, q->from_day, q->to_day, q->status, q->order_no, most),
            &order_fields, most, list);
    if (q->shop_id != 0 && q->order_no.len > 0)
        return db_rows(c,
                       "SELECT " ORDER_COLUMNS
                       " FROM shop_order WHERE merchant_id = $1 AND shop_id = $2 AND order_no = $3"
                       " AND (day, order_id) < ($4, $5) ORDER BY day DESC, order_id DESC LIMIT $6",
                       ARGS(q->shop_id, q->order_no, before_key, before_id, most), &order_fields, most, list);
    return db_rows(c,
                   "SELECT " ORDER_COLUMNS " FROM shop_order WHERE merchant_id = $1 AND (day, order_id) < ($2, $3)"
                   " AND day >= $4 AND day <= $5 AND ($6 = 0 OR shop_id = $6) AND ($7 = '' OR status = $7)"
                   " AND ($8 = '' OR order_no = $8) ORDER BY day DESC, order_id DESC LIMIT $9",
                   ARGS(before_key, before_id, q->from_day, q->to_day, q->shop_id, q->status, q->order_no, most),
                   &order_fields, most, list);
}

Err order_walk(Ctx *c, int64_t above_id, int64_t most, Orders *ret_list) {
    return db_rows(c,
                   "SELECT " ORDER_COLUMNS
                   " FROM shop_order WHERE merchant_id = $1 AND order_id > $2 ORDER BY order_id LIMIT $3",
                   ARGS(above_id, most), &order_fields, most, (ListAny *)ret_list);
}

Err order_read_lines(Ctx *c, int64_t order_id, OrderLines *ret_lines) { return order_lines(c, order_id, ret_lines); }

Err order_add_paid(Ctx *c, int64_t order_id, int64_t amount_fen, bool *ret_added) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "UPDATE shop_order SET paid_fen = paid_fen + $3 WHERE merchant_id = $1 AND order_id = $2 AND status = 'placed'"
        " AND paid_fen + $3 <= payable_fen",
        ARGS(order_id, amount_fen), &changed));
    *ret_added = changed == 1;
    return OK;
}

Err order_mark_completed(Ctx *c, const Order *o) {
    return db_exec(c,
                   "UPDATE shop_order SET status = 'completed', cash_fen = $3, points_earned = $4, growth_earned = $5,"
                   " completed_at = $6, expires_at = 0 WHERE merchant_id = $1 AND order_id = $2",
                   ARGS(o->order_id, o->cash_fen, o->points_earned, o->growth_earned, o->completed_at));
}

Err order_line_put_points(Ctx *c, int64_t order_id, int64_t line_no, int64_t points_earned) {
    return db_exec(c,
                   "UPDATE order_line SET points_earned = $4 WHERE merchant_id = $1 AND order_id = $2 AND line_no = $3",
                   ARGS(order_id, line_no, points_earned));
}

Err order_mark_cancelled(Ctx *c, int64_t order_id, bool *ret_marked) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE shop_order SET status = 'cancelled', expires_at = 0"
                  " WHERE merchant_id = $1 AND order_id = $2 AND status = 'placed'",
                  ARGS(order_id), &changed));
    *ret_marked = changed == 1;
    return OK;
}

Err order_overdue(Ctx *c, int64_t most, IntList *ret_order_ids) {
    typedef struct Row {
        int64_t order_id;
    } Row;
    static const Field row_field[] = { FIELD_ID(Row, order_id) };
    static const Fields row_fields = FIELDS(Row, row_field);
    ListAny rows = { 0 };
    TRY(db_rows(c,
                "SELECT order_id FROM shop_order WHERE merchant_id = $1 AND status = 'placed' AND expires_at <= $2"
                " ORDER BY expires_at LIMIT $3",
                ARGS(c->now, most), &row_fields, most, &rows));
    *ret_order_ids = (IntList){ NEW_LIST(c->arena, int64_t, rows.count), rows.count };
    for (int64_t i = 0; i < rows.count; i++) ret_order_ids->items[i] = ((Row *)rows.items)[i].order_id;
    return OK;
}

Err order_line_return(Ctx *c, int64_t order_id, const OrderReturnLine *l, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE order_line SET refunded_quantity = refunded_quantity + $4, refunded_fen = refunded_fen + $5,"
                  " points_taken = points_taken + $6, withheld_fen = withheld_fen + $7"
                  " WHERE merchant_id = $1 AND order_id = $2 AND line_no = $3"
                  " AND refunded_quantity + $4 <= quantity AND refunded_fen + $5 <= payable_fen"
                  " AND points_taken + $6 <= points_earned",
                  ARGS(order_id, l->line_no, l->quantity, l->amount_fen, l->points, l->withheld_fen), &changed));
    *ret_done = changed == 1;
    return OK;
}

Err order_head_return(Ctx *c, const OrderReturn *back, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE shop_order SET refunded_fen = refunded_fen + $3, points_taken = points_taken + $4,"
                  " growth_taken = growth_taken + $5 WHERE merchant_id = $1 AND order_id = $2 AND status = 'completed'"
                  " AND refunded_fen + $3 <= payable_fen AND points_taken + $4 <= points_earned"
                  " AND growth_taken + $5 <= growth_earned",
                  ARGS(back->order_id, back->amount_fen, back->points_taken, back->growth_taken), &changed));
    *ret_done = changed == 1;
    return OK;
}

/* CROSS JOIN: SQLite without statistics would walk every line of the merchant; so it goes by the member's orders. */
Err order_open_lines(Ctx *c, const OrderOpenAsk *ask, OrderOpenLines *ret_lines) {
    static const Field open_field[] = {
        FIELD_ID(OrderOpenLine, order_id), FIELD(OrderOpenLine, line_no),     FIELD(OrderOpenLine, left_quantity),
        FIELD(OrderOpenLine, left_fen),    FIELD(OrderOpenLine, occurred_at),
    };
    static const Fields open_fields = FIELDS(OrderOpenLine, open_field);
    return db_rows(c,
                   "SELECT o.order_id, l.line_no, l.quantity - l.refunded_quantity AS left_quantity,"
                   " l.payable_fen - l.refunded_fen AS left_fen, o.occurred_at FROM shop_order o"
                   " CROSS JOIN order_line l WHERE l.merchant_id = o.merchant_id AND l.order_id = o.order_id"
                   " AND o.merchant_id = $1 AND o.member_id = $2 AND o.occurred_at <= $3 AND o.status = 'completed'"
                   " AND ($4 = 0 OR o.shop_id = $4) AND l.item_id = $5 AND l.refunded_quantity < l.quantity"
                   " ORDER BY o.occurred_at DESC, o.order_id DESC, l.line_no LIMIT $6",
                   ARGS(ask->member_id, ask->before_at, ask->shop_id, ask->item_id, ask->most), &open_fields, ask->most,
                   (ListAny *)ret_lines);
}

/* ---- merged members ---- */

/* What an order counts for on its member's card: 1 while anything of it is sold, and the money that stayed. */
#define STANDS                                                                                                         \
    "CASE WHEN o.status <> 'completed' THEN 0 WHEN o.payable_fen > 0 THEN"                                             \
    " CASE WHEN o.refunded_fen < o.payable_fen THEN 1 ELSE 0 END"                                                      \
    " WHEN EXISTS (SELECT 1 FROM order_line l WHERE l.merchant_id = o.merchant_id AND l.order_id = o.order_id"         \
    " AND l.refunded_quantity < l.quantity) THEN 1 ELSE 0 END"
#define STAYED                                                                                                         \
    "CASE WHEN o.status <> 'completed' THEN 0 ELSE o.payable_fen - o.offset_fen - COALESCE("                           \
    "(SELECT CAST(SUM(p.refunded_fen) AS BIGINT) FROM payment p WHERE p.merchant_id = o.merchant_id"                   \
    " AND p.order_id = o.order_id AND p.tender <> 'points' AND p.status = 'paid'), 0) END"

Err order_merge_move(Ctx *c, int64_t merge_id, int64_t from_id, int64_t into_id, int64_t *ret_moved) {
    TRY(db_exec(c,
                "INSERT INTO order_merge (merchant_id, merge_id, order_id, orders, spend_fen)"
                " SELECT o.merchant_id, CAST($2 AS BIGINT), o.order_id, " STANDS ", " STAYED
                " FROM shop_order o WHERE o.merchant_id = $1 AND o.member_id = $3",
                ARGS(merge_id, from_id)));
    return db_change(c, "UPDATE shop_order SET member_id = $3 WHERE merchant_id = $1 AND member_id = $2",
                     ARGS(from_id, into_id), ret_moved);
}

Err order_merge_since(Ctx *c, int64_t merge_id, OrderSince *ret_since) {
    static const Field since_field[] = {
        FIELD(OrderSince, orders, .min = INT64_MIN),
        FIELD(OrderSince, spend_fen, .min = INT64_MIN),
    };
    static const Fields since_fields = FIELDS(OrderSince, since_field);
    return db_row(c,
                  "SELECT CAST(COALESCE(SUM(" STANDS " - m.orders), 0) AS BIGINT) AS orders,"
                  " CAST(COALESCE(SUM(" STAYED " - m.spend_fen), 0) AS BIGINT) AS spend_fen"
                  " FROM order_merge m JOIN shop_order o ON o.merchant_id = m.merchant_id AND o.order_id = m.order_id"
                  " WHERE m.merchant_id = $1 AND m.merge_id = $2",
                  ARGS(merge_id), &since_fields, ret_since);
}

Err order_merge_back(Ctx *c, int64_t merge_id, int64_t from_id, int64_t *ret_moved) {
    TRY(db_change(c,
                  "UPDATE shop_order SET member_id = $3 WHERE merchant_id = $1 AND order_id IN"
                  " (SELECT order_id FROM order_merge WHERE merchant_id = $1 AND merge_id = $2)",
                  ARGS(merge_id, from_id), ret_moved));
    return db_exec(c, "DELETE FROM order_merge WHERE merchant_id = $1 AND merge_id = $2", ARGS(merge_id));
}
