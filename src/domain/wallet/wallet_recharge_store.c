/* SQL of recharges and card refunds. */
#include "domain/wallet/wallet_store.h"

const char *const recharge_status_names[] = { "waiting", "done", "cancelled", NULL };
const char *const wallet_refund_status_names[] = { "asked", "approved", "rejected", NULL };

static const Field recharge_field[] = {
    FIELD_ID(WalletRecharge, recharge_id),
    FIELD_ID(WalletRecharge, shop_id),
    FIELD(WalletRecharge, recharge_no),
    FIELD_ID(WalletRecharge, member_id),
    FIELD_ID(WalletRecharge, package_id),
    FIELD(WalletRecharge, tender),
    FIELD_ENUM(WalletRecharge, status, recharge_status_names),
    FIELD(WalletRecharge, amount_fen),
    FIELD(WalletRecharge, gift_fen),
    FIELD(WalletRecharge, gift_months),
    FIELD(WalletRecharge, gift_days, .skip_zero = true),
    FIELD(WalletRecharge, gift_given_fen, .about = "what of the gift has arrived"),
    FIELD(WalletRecharge, points),
    FIELD(WalletRecharge, points_taken, .skip_zero = true),
    FIELD(WalletRecharge, returned_fen, .about = "paid back by card refunds"),
    FIELD_ID(WalletRecharge, closed_by, .skip_zero = true, .about = "the card refund that closed it"),
    FIELD(WalletRecharge, created_at),
    FIELD(WalletRecharge, asked_at, .skip_zero = true),
    FIELD(WalletRecharge, done_at),
    FIELD(WalletRecharge, principal_left_fen),
    FIELD(WalletRecharge, gift_left_fen),
    FIELD(WalletRecharge, pay_url, .skip_zero = true),
    FIELD(WalletRecharge, duplicate, .skip_zero = true),
};
const Fields wallet_recharge_fields = FIELDS(WalletRecharge, recharge_field);

Err wallet_recharge_insert(Ctx *c, const WalletRecharge *r, bool *ret_new) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "INSERT INTO wallet_recharge (merchant_id, recharge_id, shop_id, recharge_no, member_id, package_id,"
                  " tender, status, amount_fen, gift_fen, gift_months, gift_days, gift_given_fen, points,"
                  " points_taken, returned_fen, closed_by, created_at, asked_at, done_at)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $13, 0, 0, 0, $14, $14, $15)"
                  " ON CONFLICT (merchant_id, shop_id, recharge_no) DO NOTHING",
                  ARGS(r->recharge_id, r->shop_id, r->recharge_no, r->member_id, r->package_id, r->tender,
                       recharge_status_names[r->status], r->amount_fen, r->gift_fen, r->gift_months, r->gift_days,
                       r->points, r->created_at, r->done_at),
                  &changed));
    *ret_new = changed == 1;
    return OK;
}

#define RECHARGE_COLUMNS                                                                                               \
    "recharge_id, shop_id, recharge_no, member_id, package_id, tender, status, amount_fen, gift_fen, gift_months,"     \
    " gift_days, gift_given_fen, points, points_taken, returned_fen, closed_by, created_at, asked_at, done_at"

Err wallet_recharge_read(Ctx *c, int64_t recharge_id, WalletRecharge *ret_recharge, bool *ret_found) {
    return db_find(c, "SELECT " RECHARGE_COLUMNS " FROM wallet_recharge WHERE merchant_id = $1 AND recharge_id = $2",
                   ARGS(recharge_id), &wallet_recharge_fields, ret_recharge, ret_found);
}

Err wallet_recharge_by_no(Ctx *c, int64_t shop_id, Str no, WalletRecharge *ret_recharge, bool *ret_found) {
    return db_find(c,
                   "SELECT " RECHARGE_COLUMNS " FROM wallet_recharge"
                   " WHERE merchant_id = $1 AND shop_id = $2 AND recharge_no = $3",
                   ARGS(shop_id, no), &wallet_recharge_fields, ret_recharge, ret_found);
}

Err wallet_recharge_mark(Ctx *c, int64_t recharge_id, RechargeStatus status, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE wallet_recharge SET status = $3, done_at = $4"
                  " WHERE merchant_id = $1 AND recharge_id = $2 AND status = 'waiting'",
                  ARGS(recharge_id, recharge_status_names[status], c->now), &changed));
    *ret_done = changed == 1;
    return OK;
}

Err wallet_recharge_waiting(Ctx *c, int64_t member_id, int64_t *ret_count) {
    return db_int(
        c, "SELECT COUNT(*) FROM wallet_recharge WHERE merchant_id = $1 AND member_id = $2 AND status = 'waiting'",
        ARGS(member_id), ret_count);
}

Err wallet_recharge_doubtful(Ctx *c, int64_t before, int64_t most, WalletRecharges *ret_list) {
    return db_rows(c,
                   "SELECT " RECHARGE_COLUMNS " FROM wallet_recharge WHERE merchant_id = $1 AND status = 'waiting'"
                   " AND asked_at < $2 ORDER BY asked_at LIMIT $3",
                   ARGS(before, most), &wallet_recharge_fields, most, (ListAny *)ret_list);
}

Err wallet_recharge_asked(Ctx *c, int64_t recharge_id) {
    return db_exec(c,
                   "UPDATE wallet_recharge SET asked_at = $3 WHERE merchant_id = $1 AND recharge_id = $2"
                   " AND status = 'waiting'",
                   ARGS(recharge_id, c->now));
}

Err wallet_recharge_give(Ctx *c, int64_t recharge_id, int64_t gift_fen) {
    return db_exec(c,
                   "UPDATE wallet_recharge SET gift_given_fen = gift_given_fen + $3"
                   " WHERE merchant_id = $1 AND recharge_id = $2",
                   ARGS(recharge_id, gift_fen));
}

Err wallet_recharge_return(Ctx *c, int64_t recharge_id, int64_t amount_fen, int64_t points, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE wallet_recharge SET returned_fen = returned_fen + $3, points_taken = points_taken + $4"
                  " WHERE merchant_id = $1 AND recharge_id = $2 AND status = 'done'"
                  " AND returned_fen + $3 <= amount_fen AND points_taken + $4 <= points",
                  ARGS(recharge_id, amount_fen, points), &changed));
    *ret_done = changed == 1;
    return OK;
}

Err wallet_recharge_close(Ctx *c, int64_t member_id, int64_t request_id) {
    return db_exec(c,
                   "UPDATE wallet_recharge SET closed_by = $3"
                   " WHERE merchant_id = $1 AND member_id = $2 AND closed_by = 0 AND status = 'done'",
                   ARGS(member_id, request_id));
}

Err wallet_recharge_page(Ctx *c, int64_t member_id, int64_t shop_id, int64_t before, int64_t most,
                         WalletRecharges *ret_list) {
    ListAny *list = (ListAny *)ret_list;
    if (member_id != 0)
        return db_rows(c,
                       "SELECT " RECHARGE_COLUMNS " FROM wallet_recharge WHERE merchant_id = $1 AND member_id = $2"
                       " AND recharge_id < $3 AND ($4 = 0 OR shop_id = $4) ORDER BY recharge_id DESC LIMIT $5",
                       ARGS(member_id, before, shop_id, most), &wallet_recharge_fields, most, list);
    return db_rows(c,
                   "SELECT " RECHARGE_COLUMNS " FROM wallet_recharge WHERE merchant_id = $1 AND recharge_id < $2"
                   " AND ($3 = 0 OR shop_id = $3) ORDER BY recharge_id DESC LIMIT $4",
                   ARGS(before, shop_id, most), &wallet_recharge_fields, most, list);
}

/* ---- card refunds ---- */

static const Field step_field[] = {
    FIELD(WalletStep, rule),
    FIELD(WalletStep, zh),
    FIELD(WalletStep, en),
    FIELD(WalletStep, fen),
};
const Fields wallet_step_fields = FIELDS(WalletStep, step_field);

static const Field payout_field[] = {
    FIELD_ID(WalletPayout, request_id),
    FIELD_ID(WalletPayout, recharge_id),
    FIELD(WalletPayout, amount_fen),
    FIELD(WalletPayout, tender),
    FIELD(WalletPayout, status, .about = "done, sending, stuck (POST /v1/payment-refunds/resend)"),
};
const Fields wallet_payout_fields = FIELDS(WalletPayout, payout_field);

static const Field refund_field[] = {
    FIELD_ID(WalletRefund, request_id),
    FIELD_ID(WalletRefund, member_id),
    FIELD_ID(WalletRefund, shop_id),
    FIELD_ENUM(WalletRefund, status, wallet_refund_status_names),
    FIELD(WalletRefund, asked_fen, .about = "what the calculator said when it was asked"),
    FIELD(WalletRefund, amount_fen, .about = "what goes back: computed anew when approved"),
    FIELD(WalletRefund, principal_fen, .about = "taken from the principal"),
    FIELD(WalletRefund, gift_fen, .about = "gift that lapses"),
    FIELD_LIST(WalletRefund, steps, wallet_step_fields, .max = WALLET_STEPS_MAX),
    FIELD(WalletRefund, reason, .is_personal = true),
    FIELD(WalletRefund, asked_by),
    FIELD_ID(WalletRefund, asked_by_id),
    FIELD_ID(WalletRefund, decided_by_id),
    FIELD(WalletRefund, decided_reason),
    FIELD(WalletRefund, created_at),
    FIELD(WalletRefund, decided_at),
    FIELD_LIST(WalletRefund, payouts, wallet_payout_fields, .skip_zero = true),
};
const Fields wallet_refund_fields = FIELDS(WalletRefund, refund_field);

static Str steps_json(Ctx *c, const WalletSteps *steps) {
    Buf b = { .arena = c->arena };
    json_print_list(&b, &wallet_step_fields, (ListAny){ steps->items, steps->count });
    return buf_str(&b);
}

Err wallet_refund_insert(Ctx *c, const WalletRefund *r) {
    return db_exec(c,
                   "INSERT INTO wallet_refund (merchant_id, request_id, member_id, shop_id, status, asked_fen,"
                   " amount_fen, principal_fen, gift_fen, steps, reason, asked_by, asked_by_id, decided_by_id,"
                   " decided_reason, created_at, decided_at)"
                   " VALUES ($1, $2, $3, $4, 'asked', $5, 0, 0, 0, $6, $7, $8, $9, 0, '', $10, 0)",
                   ARGS(r->request_id, r->member_id, r->shop_id, r->asked_fen, steps_json(c, &r->steps), r->reason,
                        r->asked_by, r->asked_by_id, r->created_at));
}

#define REFUND_COLUMNS                                                                                                 \
    "request_id, member_id, shop_id, status, asked_fen, amount_fen, principal_fen, gift_fen, steps, reason, asked_by," \
    " asked_by_id, decided_by_id, decided_reason, created_at, decided_at"

Err wallet_refund_read(Ctx *c, int64_t request_id, WalletRefund *ret_refund, bool *ret_found) {
    return db_find(c, "SELECT " REFUND_COLUMNS " FROM wallet_refund WHERE merchant_id = $1 AND request_id = $2",
                   ARGS(request_id), &wallet_refund_fields, ret_refund, ret_found);
}

Err wallet_refund_decide(Ctx *c, const WalletRefund *r, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "UPDATE wallet_refund SET status = $3, amount_fen = $4, principal_fen = $5, gift_fen = $6, steps = $7,"
        " decided_by_id = $8, decided_reason = $9, decided_at = $10"
        " WHERE merchant_id = $1 AND request_id = $2 AND status = 'asked'",
        ARGS(r->request_id, wallet_refund_status_names[r->status], r->amount_fen, r->principal_fen, r->gift_fen,
             steps_json(c, &r->steps), r->decided_by_id, r->decided_reason, r->decided_at),
        &changed));
    *ret_done = changed == 1;
    return OK;
}

Err wallet_refund_page(Ctx *c, int64_t member_id, Str status, int64_t before, int64_t most, WalletRefunds *ret_list) {
    return db_rows(c,
                   "SELECT " REFUND_COLUMNS " FROM wallet_refund WHERE merchant_id = $1"
                   " AND ($2 = 0 OR member_id = $2) AND ($3 = '' OR status = $3) AND request_id < $4"
                   " ORDER BY request_id DESC LIMIT $5",
                   ARGS(member_id, status, before, most), &wallet_refund_fields, most, (ListAny *)ret_list);
}

Err wallet_refund_blank(Ctx *c, int64_t member_id) {
    return db_exec(c, "UPDATE wallet_refund SET reason = '' WHERE merchant_id = $1 AND member_id = $2",
                   ARGS(member_id));
}

Err wallet_payout_insert(Ctx *c, const WalletPayout *p) {
    return db_exec(
        c, "INSERT INTO wallet_payout (merchant_id, request_id, recharge_id, amount_fen) VALUES ($1, $2, $3, $4)",
        ARGS(p->request_id, p->recharge_id, p->amount_fen));
}

Err wallet_payout_list(Ctx *c, int64_t request_id, WalletPayouts *ret_list) {
    return db_rows(c,
                   "SELECT p.request_id, p.recharge_id, p.amount_fen, r.tender FROM wallet_payout p"
                   " JOIN wallet_recharge r ON r.merchant_id = p.merchant_id AND r.recharge_id = p.recharge_id"
                   " WHERE p.merchant_id = $1 AND p.request_id = $2 ORDER BY p.recharge_id DESC",
                   ARGS(request_id), &wallet_payout_fields, LIST_MAX, (ListAny *)ret_list);
}
