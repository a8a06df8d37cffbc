#include "domain/sale/sale_store.h"

static const char *const what_names[] = { "times", "plan", NULL };
static const char *const status_names[] = { "waiting", "done", "cancelled", NULL };

static const Field sale_field[] = {
    FIELD_ID(Sale, sale_id, .is_out = true),
    FIELD_ID(Sale, shop_id, .need = true),
    FIELD(Sale, sale_no, .max = SALE_NO_MAX, .about = "the till's; unique per shop for ever"),
    FIELD_ID(Sale, member_id, .need = true),
    FIELD_ENUM(Sale, what, what_names),
    FIELD_ID(Sale, what_id, .need = true, .about = "the kind of times card, or the plan"),
    FIELD(Sale, count, .max = SALE_COUNT_MAX, .about = "times cards: so many; 0 = one"),
    FIELD(Sale, tender, .need = true, .max = 40),
    FIELD(Sale, amount_fen, .max = WALLET_AMOUNT_MAX_FEN, .about = "if given, it must be the price"),
    FIELD(Sale, external_no, .max = 80, .skip_zero = true, .about = "the channel's, when it was paid there already"),
    FIELD(Sale, code, .max = 40, .is_secret = true, .skip_zero = true, .about = "balance: the member's dynamic code"),
    FIELD(Sale, pin, .max = 12, .is_secret = true, .skip_zero = true, .about = "balance: or the PIN"),
    FIELD(Sale, name, .is_out = true),
    FIELD_ENUM(Sale, status, status_names, .is_out = true),
    FIELD(Sale, returned_fen, .is_out = true),
    FIELD(Sale, created_at, .is_out = true),
    FIELD(Sale, done_at, .is_out = true),
    FIELD(Sale, pay_url, .is_out = true, .skip_zero = true),
    FIELD_LIST(Sale, cards, times_card_fields, .is_out = true, .skip_zero = true),
    FIELD_LIST(Sale, periods, plan_period_fields, .is_out = true, .skip_zero = true),
    FIELD(Sale, duplicate, .is_out = true, .skip_zero = true),
};
const Fields sale_fields = FIELDS(Sale, sale_field);

Err sale_insert(Ctx *c, const Sale *s, bool *ret_new) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "INSERT INTO sale (merchant_id, sale_id, shop_id, sale_no, member_id, what, what_id, count, tender,"
                  " status, amount_fen, returned_fen, created_at, done_at)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, $13)"
                  " ON CONFLICT (merchant_id, shop_id, sale_no) DO NOTHING",
                  ARGS(s->sale_id, s->shop_id, s->sale_no, s->member_id, what_names[s->what], s->what_id, s->count,
                       s->tender, status_names[s->status], s->amount_fen, s->created_at, s->done_at),
                  &changed));
    *ret_new = changed == 1;
    return OK;
}

#define SALE_SELECT                                                                                                    \
    "SELECT s.sale_id, s.shop_id, s.sale_no, s.member_id, s.what, s.what_id, s.count, s.tender, s.status,"             \
    " s.amount_fen, s.returned_fen, s.created_at, s.done_at, COALESCE(t.name, p.name, '') AS name FROM sale s"         \
    " LEFT JOIN times_template t ON t.merchant_id = s.merchant_id AND t.template_id = s.what_id"                       \
    " LEFT JOIN plan p ON p.merchant_id = s.merchant_id AND p.plan_id = s.what_id WHERE s.merchant_id = $1"

Err sale_find(Ctx *c, int64_t sale_id, Sale *ret_sale, bool *ret_found) {
    return db_find(c, SALE_SELECT " AND s.sale_id = $2", ARGS(sale_id), &sale_fields, ret_sale, ret_found);
}

Err sale_by_no(Ctx *c, int64_t shop_id, Str sale_no, Sale *ret_sale, bool *ret_found) {
    return db_find(c, SALE_SELECT " AND s.shop_id = $2 AND s.sale_no = $3", ARGS(shop_id, sale_no), &sale_fields,
                   ret_sale, ret_found);
}

Err sale_page(Ctx *c, int64_t member_id, int64_t shop_id, int64_t before, int64_t most, Sales *ret_list) {
    ListAny *list = (ListAny *)ret_list;
    if (member_id != 0)
        return db_rows(c,
                       SALE_SELECT " AND s.member_id = $2 AND s.sale_id < $3 AND ($4 = 0 OR s.shop_id = $4)"
                                   " ORDER BY s.sale_id DESC LIMIT $5",
                       ARGS(member_id, before, shop_id, most), &sale_fields, most, list);
    return db_rows(c, SALE_SELECT " AND s.sale_id < $2 AND ($3 = 0 OR s.shop_id = $3) ORDER BY s.sale_id DESC LIMIT $4",
                   ARGS(before, shop_id, most), &sale_fields, most, list);
}

Err sale_stale(Ctx *c, int64_t until, int64_t most, Sales *ret_list) {
    return db_rows(c, SALE_SELECT " AND s.status = 'waiting' AND s.created_at < $2 ORDER BY s.created_at LIMIT $3",
                   ARGS(until, most), &sale_fields, most, (ListAny *)ret_list);
}

Err sale_mark(Ctx *c, int64_t sale_id, SaleStatus status, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE sale SET status = $3, done_at = $4"
                  " WHERE merchant_id = $1 AND sale_id = $2 AND status = 'waiting'",
                  ARGS(sale_id, status_names[status], c->now), &changed));
    *ret_done = changed == 1;
    return OK;
}

/* ---- refunds ---- */

static const Field refund_field[] = {
    FIELD_ID(SaleRefund, refund_id),
    FIELD_ID(SaleRefund, sale_id),
    FIELD(SaleRefund, amount_fen),
    FIELD_LIST(SaleRefund, steps, step_fields, .max = STEPS_MAX),
    FIELD(SaleRefund, reason, .is_personal = true),
    FIELD(SaleRefund, at),
    FIELD(SaleRefund, state, .skip_zero = true, .about = "of the money: done, sending, stuck"),
};
const Fields sale_refund_fields = FIELDS(SaleRefund, refund_field);

Err sale_give_back(Ctx *c, const SaleRefund *r, bool *ret_done) {
    int64_t changed = 0;
    Buf steps = { .arena = c->arena };
    json_print_list(&steps, &step_fields, (ListAny){ r->steps.items, r->steps.count });
    TRY(db_change(c,
                  "UPDATE sale SET returned_fen = returned_fen + $3 WHERE merchant_id = $1 AND sale_id = $2"
                  " AND status = 'done' AND returned_fen + $3 <= amount_fen",
                  ARGS(r->sale_id, r->amount_fen), &changed));
    *ret_done = changed == 1;
    return db_exec(c,
                   "INSERT INTO sale_refund (merchant_id, refund_id, sale_id, amount_fen, steps, reason, at)"
                   " VALUES ($1, $2, $3, $4, $5, $6, $7)",
                   ARGS(r->refund_id, r->sale_id, r->amount_fen, buf_str(&steps), r->reason, r->at));
}

Err sale_blank(Ctx *c, int64_t member_id) {
    return db_exec(c,
                   "UPDATE sale_refund SET reason = '' WHERE merchant_id = $1 AND sale_id IN"
                   " (SELECT sale_id FROM sale WHERE merchant_id = $1 AND member_id = $2)",
                   ARGS(member_id));
}

/* ---- merge ---- */

Err sale_move(Ctx *c, const MergeInfo *m, int64_t *ret_moved) {
    TRY(db_exec(c,
                "INSERT INTO sale_merge (merchant_id, merge_id, sale_id) SELECT merchant_id, CAST($2 AS BIGINT),"
                " sale_id FROM sale WHERE merchant_id = $1 AND member_id = $3",
                ARGS(m->merge_id, m->from_id)));
    return db_change(c, "UPDATE sale SET member_id = $3 WHERE merchant_id = $1 AND member_id = $2",
                     ARGS(m->from_id, m->into_id), ret_moved);
}

Err sale_move_back(Ctx *c, const MergeInfo *m, int64_t *ret_moved) {
    TRY(db_change(c,
                  "UPDATE sale SET member_id = $3 WHERE merchant_id = $1 AND sale_id IN"
                  " (SELECT sale_id FROM sale_merge WHERE merchant_id = $1 AND merge_id = $2)",
                  ARGS(m->merge_id, m->from_id), ret_moved));
    return db_exec(c, "DELETE FROM sale_merge WHERE merchant_id = $1 AND merge_id = $2", ARGS(m->merge_id));
}

/* ---- holds ---- */

static Err a_sale_gave_what_was_paid_for(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM sale WHERE merchant_id = $1",
        "SELECT s.sale_id AS id, CASE WHEN s.status = 'done' THEN s.amount_fen ELSE 0 END AS want,"
        " COALESCE(g.paid_fen, 0) AS have FROM sale s LEFT JOIN (SELECT source_id, CAST(SUM(paid_fen) AS BIGINT) AS"
        " paid_fen FROM (SELECT source_id, paid_fen FROM times_card WHERE merchant_id = $1 AND source = 'sale' UNION"
        " ALL SELECT source_id, paid_fen FROM plan_period WHERE merchant_id = $1 AND source = 'sale') given"
        " GROUP BY source_id) g ON g.source_id = s.sale_id WHERE s.merchant_id = $1"
        " AND CASE WHEN s.status = 'done' THEN s.amount_fen ELSE 0 END <> COALESCE(g.paid_fen, 0)");
}

static Err what_went_back_is_one_story(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM sale WHERE merchant_id = $1",
        "SELECT s.sale_id AS id, s.returned_fen AS want, COALESCE(g.returned_fen, 0) AS have FROM sale s"
        " LEFT JOIN (SELECT source_id, CAST(SUM(returned_fen) AS BIGINT) AS returned_fen FROM (SELECT source_id,"
        " returned_fen FROM times_card WHERE merchant_id = $1 AND source = 'sale' UNION ALL SELECT source_id,"
        " returned_fen FROM plan_period WHERE merchant_id = $1 AND source = 'sale') given GROUP BY source_id) g"
        " ON g.source_id = s.sale_id LEFT JOIN (SELECT sale_id, CAST(SUM(amount_fen) AS BIGINT) AS amount_fen"
        " FROM sale_refund WHERE merchant_id = $1 GROUP BY sale_id) r ON r.sale_id = s.sale_id WHERE s.merchant_id = $1"
        " AND (s.returned_fen <> COALESCE(g.returned_fen, 0) OR s.returned_fen <> COALESCE(r.amount_fen, 0))");
}

static Err payments_are_the_sales(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report, "SELECT COUNT(*) FROM sale WHERE merchant_id = $1",
                       "SELECT s.sale_id AS id, s.amount_fen AS want, COALESCE(p.amount_fen, 0) AS have FROM sale s"
                       " LEFT JOIN payment p ON p.merchant_id = s.merchant_id AND p.order_id = s.sale_id"
                       " AND p.number = 1 WHERE s.merchant_id = $1 AND (p.amount_fen IS NULL"
                       " OR p.amount_fen <> s.amount_fen OR (s.status = 'done' AND (p.status <> 'paid'"
                       " OR p.refunded_fen <> s.returned_fen)))");
}

const Hold sale_holds[SALE_HOLDS] = {
    { "sale.a_sale_gave_what_was_paid_for", a_sale_gave_what_was_paid_for },
    { "sale.what_went_back_is_one_story", what_went_back_is_one_story },
    { "sale.payments_are_the_sales", payments_are_the_sales },
};
