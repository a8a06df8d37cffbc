#include "domain/wallet/wallet_store.h"

static const Field member_field[] = {
    FIELD_ID(WalletMember, member_id),
    FIELD(WalletMember, pin_hash, .is_secret = true),
    FIELD(WalletMember, is_frozen),
    FIELD_ID(WalletMember, home_shop_id),
};
static const Fields member_fields = FIELDS(WalletMember, member_field);

Err wallet_member_read(Ctx *c, int64_t member_id, WalletMember *ret_member) {
    bool found = false;
    *ret_member = (WalletMember){ .member_id = member_id };
    return db_find(c,
                   "SELECT member_id, pin_hash, is_frozen, home_shop_id FROM wallet_member"
                   " WHERE merchant_id = $1 AND member_id = $2",
                   ARGS(member_id), &member_fields, ret_member, &found);
}

Err wallet_member_put_pin(Ctx *c, int64_t member_id, Str pin_hash) {
    return db_exec(c,
                   "INSERT INTO wallet_member (merchant_id, member_id, pin_hash, is_frozen, home_shop_id)"
                   " VALUES ($1, $2, $3, 0, 0)"
                   " ON CONFLICT (merchant_id, member_id) DO UPDATE SET pin_hash = excluded.pin_hash",
                   ARGS(member_id, pin_hash));
}

Err wallet_member_put_frozen(Ctx *c, int64_t member_id, bool is_frozen) {
    return db_exec(c,
                   "INSERT INTO wallet_member (merchant_id, member_id, pin_hash, is_frozen, home_shop_id)"
                   " VALUES ($1, $2, '', $3, 0)"
                   " ON CONFLICT (merchant_id, member_id) DO UPDATE SET is_frozen = excluded.is_frozen",
                   ARGS(member_id, is_frozen));
}

Err wallet_member_put_home(Ctx *c, int64_t member_id, int64_t shop_id) {
    return db_exec(c,
                   "INSERT INTO wallet_member (merchant_id, member_id, pin_hash, is_frozen, home_shop_id)"
                   " VALUES ($1, $2, '', 0, $3)"
                   " ON CONFLICT (merchant_id, member_id) DO UPDATE SET home_shop_id = excluded.home_shop_id",
                   ARGS(member_id, shop_id));
}

Err wallet_member_delete(Ctx *c, int64_t member_id) {
    TRY(db_exec(c, "DELETE FROM wallet_code WHERE merchant_id = $1 AND member_id = $2", ARGS(member_id)));
    return db_exec(c, "UPDATE wallet_member SET pin_hash = '' WHERE merchant_id = $1 AND member_id = $2",
                   ARGS(member_id));
}

Err wallet_code_use(Ctx *c, int64_t member_id, Str code, bool *ret_new) {
    int64_t changed = 0;
    TRY(db_exec(c, "DELETE FROM wallet_code WHERE merchant_id = $1 AND member_id = $2 AND used_at < $3",
                ARGS(member_id, c->now - (int64_t)10 * MEMBER_CODE_STEP_MS)));
    TRY(db_change(c,
                  "INSERT INTO wallet_code (merchant_id, member_id, code, used_at) VALUES ($1, $2, $3, $4)"
                  " ON CONFLICT (merchant_id, member_id, code) DO NOTHING",
                  ARGS(member_id, code, c->now), &changed));
    *ret_new = changed == 1;
    return OK;
}

/* ---- packages ---- */

static const Field package_field[] = {
    FIELD_ID(WalletPackage, package_id, .is_out = true),
    FIELD(WalletPackage, name, .need = true, .max = 60),
    FIELD(WalletPackage, pay_fen, .need = true, .min = 1, .max = WALLET_AMOUNT_MAX_FEN),
    FIELD(WalletPackage, gift_fen, .max = WALLET_AMOUNT_MAX_FEN, .about = "given on top"),
    FIELD(WalletPackage, gift_months, .max = WALLET_MONTHS_MAX, .about = "in so many monthly parts; 0 or 1 = at once"),
    FIELD(WalletPackage, gift_days, .max = 3660, .about = "good so many days after it arrived; 0 = for ever"),
    FIELD(WalletPackage, points, .max = 1000000000, .about = "points given as well"),
    FIELD(WalletPackage, is_retired, .is_out = true),
    FIELD(WalletPackage, created_at, .is_out = true),
};
const Fields wallet_package_fields = FIELDS(WalletPackage, package_field);

Err wallet_package_insert(Ctx *c, const WalletPackage *p) {
    return db_exec(
        c,
        "INSERT INTO wallet_package (merchant_id, package_id, name, pay_fen, gift_fen, gift_months, gift_days,"
        " points, is_retired, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9)",
        ARGS(p->package_id, p->name, p->pay_fen, p->gift_fen, p->gift_months, p->gift_days, p->points, p->created_at));
}

Err wallet_package_read(Ctx *c, int64_t package_id, WalletPackage *ret_package, bool *ret_found) {
    return db_find(c,
                   "SELECT package_id, name, pay_fen, gift_fen, gift_months, gift_days, points, is_retired, created_at"
                   " FROM wallet_package WHERE merchant_id = $1 AND package_id = $2",
                   ARGS(package_id), &wallet_package_fields, ret_package, ret_found);
}

Err wallet_package_list(Ctx *c, bool with_retired, WalletPackages *ret_list) {
    return db_rows(c,
                   "SELECT package_id, name, pay_fen, gift_fen, gift_months, gift_days, points, is_retired, created_at"
                   " FROM wallet_package WHERE merchant_id = $1 AND is_retired <= $2 ORDER BY package_id DESC LIMIT $3",
                   ARGS(with_retired, WALLET_PACKAGES_MAX), &wallet_package_fields, WALLET_PACKAGES_MAX,
                   (ListAny *)ret_list);
}

Err wallet_package_retire(Ctx *c, int64_t package_id, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c, "UPDATE wallet_package SET is_retired = 1 WHERE merchant_id = $1 AND package_id = $2",
                  ARGS(package_id), &changed));
    *ret_done = changed == 1;
    return OK;
}

/* ---- spends ---- */

static const Field spend_field[] = {
    FIELD_ID(WalletSpend, spend_id),
    FIELD_ID(WalletSpend, shop_id),
    FIELD_ID(WalletSpend, member_id),
    FIELD_ID(WalletSpend, spender_id, .about = "who paid; member_id is whose money it was (a family's owner)"),
    FIELD_ID(WalletSpend, home_shop_id),
    FIELD(WalletSpend, kind),
    FIELD(WalletSpend, spend_no),
    FIELD(WalletSpend, amount_fen),
    FIELD(WalletSpend, principal_fen),
    FIELD(WalletSpend, gift_fen),
    FIELD(WalletSpend, principal_back_fen),
    FIELD(WalletSpend, gift_back_fen),
    FIELD(WalletSpend, at),
    FIELD(WalletSpend, principal_left_fen),
    FIELD(WalletSpend, gift_left_fen),
    FIELD(WalletSpend, duplicate, .skip_zero = true),
};
const Fields wallet_spend_fields = FIELDS(WalletSpend, spend_field);

Err wallet_spend_insert(Ctx *c, const WalletSpend *s, bool *ret_new) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "INSERT INTO wallet_spend (merchant_id, spend_id, shop_id, kind, spend_no, member_id, spender_id,"
                  " home_shop_id, amount_fen, principal_fen, gift_fen, principal_back_fen, gift_back_fen, at)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, $12)"
                  " ON CONFLICT (merchant_id, shop_id, kind, spend_no) DO NOTHING",
                  ARGS(s->spend_id, s->shop_id, s->kind, s->spend_no, s->member_id, s->spender_id, s->home_shop_id,
                       s->amount_fen, s->principal_fen, s->gift_fen, s->at),
                  &changed));
    *ret_new = changed == 1;
    return OK;
}

#define SPEND_COLUMNS                                                                                                  \
    "spend_id, shop_id, kind, spend_no, member_id, spender_id, home_shop_id, amount_fen, principal_fen, gift_fen,"     \
    " principal_back_fen, gift_back_fen, at"

Err wallet_spend_read(Ctx *c, int64_t spend_id, WalletSpend *ret_spend, bool *ret_found) {
    return db_find(c, "SELECT " SPEND_COLUMNS " FROM wallet_spend WHERE merchant_id = $1 AND spend_id = $2",
                   ARGS(spend_id), &wallet_spend_fields, ret_spend, ret_found);
}

Err wallet_spend_by_no(Ctx *c, int64_t shop_id, Str kind, Str no, WalletSpend *ret_spend, bool *ret_found) {
    return db_find(c,
                   "SELECT " SPEND_COLUMNS " FROM wallet_spend"
                   " WHERE merchant_id = $1 AND shop_id = $2 AND kind = $3 AND spend_no = $4",
                   ARGS(shop_id, kind, no), &wallet_spend_fields, ret_spend, ret_found);
}

Err wallet_spend_give_back(Ctx *c, const WalletRestore *r, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE wallet_spend SET principal_back_fen = principal_back_fen + $3,"
                  " gift_back_fen = gift_back_fen + $4 WHERE merchant_id = $1 AND spend_id = $2"
                  " AND principal_back_fen + $3 <= principal_fen AND gift_back_fen + $4 <= gift_fen",
                  ARGS(r->spend_id, r->principal_fen, r->gift_fen), &changed));
    *ret_done = changed == 1;
    return OK;
}

Err wallet_spend_page(Ctx *c, int64_t member_id, int64_t shop_id, int64_t before, int64_t most,
                      WalletSpends *ret_list) {
    return db_rows(c,
                   "SELECT " SPEND_COLUMNS " FROM wallet_spend WHERE merchant_id = $1 AND spend_id < $2"
                   " AND ($3 = 0 OR member_id = $3 OR spender_id = $3) AND ($4 = 0 OR shop_id = $4)"
                   " ORDER BY spend_id DESC LIMIT $5",
                   ARGS(before, member_id, shop_id, most), &wallet_spend_fields, most, (ListAny *)ret_list);
}

Err wallet_spends_since(Ctx *c, int64_t member_id, int64_t at, int64_t *ret_fen) {
    return db_int(c,
                  "SELECT COALESCE(CAST(SUM(amount_fen - principal_back_fen - gift_back_fen) AS BIGINT), 0)"
                  " FROM wallet_spend WHERE merchant_id = $1 AND member_id = $2 AND at >= $3",
                  ARGS(member_id, at), ret_fen);
}

static const Field restore_field[] = {
    FIELD_ID(WalletRestore, spend_id),
    FIELD_ID(WalletRestore, restore_id),
    FIELD(WalletRestore, restore_no),
    FIELD(WalletRestore, amount_fen),
    FIELD(WalletRestore, principal_fen),
    FIELD(WalletRestore, gift_fen),
    FIELD(WalletRestore, duplicate, .skip_zero = true),
};
const Fields wallet_restore_fields = FIELDS(WalletRestore, restore_field);

Err wallet_restore_insert(Ctx *c, const WalletRestore *r, bool *ret_new) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "INSERT INTO wallet_restore (merchant_id, spend_id, restore_no, restore_id, principal_fen, gift_fen,"
                  " at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (merchant_id, spend_id, restore_no) DO NOTHING",
                  ARGS(r->spend_id, r->restore_no, r->restore_id, r->principal_fen, r->gift_fen, c->now), &changed));
    *ret_new = changed == 1;
    return OK;
}

Err wallet_restore_read(Ctx *c, int64_t spend_id, Str restore_no, WalletRestore *ret_restore, bool *ret_found) {
    return db_find(c,
                   "SELECT spend_id, restore_id, restore_no, principal_fen + gift_fen AS amount_fen, principal_fen,"
                   " gift_fen FROM wallet_restore WHERE merchant_id = $1 AND spend_id = $2 AND restore_no = $3",
                   ARGS(spend_id, restore_no), &wallet_restore_fields, ret_restore, ret_found);
}

/* ---- reports: recharged at a shop, spent at the cost of the shop where the member recharged last ---- */

static const Field shop_line_field[] = {
    FIELD_ID(WalletShopLine, shop_id),
    FIELD(WalletShopLine, principal_in_fen, .about = "paid in here"),
    FIELD(WalletShopLine, principal_out_fen, .about = "spent by its members, net of returns; and moved away"),
    FIELD(WalletShopLine, gift_in_fen),
    FIELD(WalletShopLine, gift_out_fen, .about = "likewise, and expired"),
    FIELD(WalletShopLine, refund_fen, .about = "paid back by card refunds"),
    FIELD(WalletShopLine, principal_fen, .min = INT64_MIN, .about = "what the shop still owes"),
    FIELD(WalletShopLine, gift_fen, .min = INT64_MIN),
    FIELD(WalletShopLine, cards_fen, .about = "gift cards that are good and nobody has redeemed: owed besides"),
};
const Fields wallet_shop_line_fields = FIELDS(WalletShopLine, shop_line_field);

Err wallet_liability(Ctx *c, WalletShopLines *ret_list) {
    return db_rows(
        c,
        "SELECT shop_id, CAST(SUM(p_in) AS BIGINT) AS principal_in_fen, CAST(SUM(p_out) AS BIGINT) AS "
        "principal_out_fen,"
        " CAST(SUM(g_in) AS BIGINT) AS gift_in_fen, CAST(SUM(g_out) AS BIGINT) AS gift_out_fen,"
        " CAST(SUM(paid_back) AS BIGINT) AS refund_fen,"
        " CAST(SUM(p_in - p_out - p_refund) AS BIGINT) AS principal_fen,"
        " CAST(SUM(g_in - g_out - g_refund) AS BIGINT) AS gift_fen, CAST(SUM(cards) AS BIGINT) AS cards_fen FROM ("
        "SELECT shop_id, amount_fen AS p_in, 0 AS p_out, gift_given_fen AS g_in, 0 AS g_out, 0 AS paid_back,"
        " 0 AS p_refund, 0 AS g_refund, 0 AS cards FROM wallet_recharge WHERE merchant_id = $1 AND status = 'done'"
        " UNION ALL SELECT home_shop_id, 0, principal_fen - principal_back_fen, 0, gift_fen - gift_back_fen, 0, 0, 0, 0"
        " FROM wallet_spend WHERE merchant_id = $1"
        " UNION ALL SELECT shop_id, 0, 0, 0, 0, amount_fen, principal_fen, gift_fen, 0 FROM wallet_refund"
        " WHERE merchant_id = $1 AND status = 'approved'"
        " UNION ALL SELECT shop_id, CASE WHEN principal_fen > 0 THEN principal_fen ELSE 0 END,"
        " CASE WHEN principal_fen < 0 THEN -principal_fen ELSE 0 END, CASE WHEN gift_fen > 0 THEN gift_fen ELSE 0 END,"
        " CASE WHEN gift_fen < 0 THEN -gift_fen ELSE 0 END, 0, 0, 0, 0 FROM wallet_move WHERE merchant_id = $1"
        " UNION ALL SELECT COALESCE(m.home_shop_id, 0), 0, 0, 0, -e.delta, 0, 0, 0, 0 FROM ledger_entry e"
        " LEFT JOIN wallet_member m ON m.merchant_id = e.merchant_id AND m.member_id = e.member_id"
        " WHERE e.merchant_id = $1 AND e.kind = 'gift' AND e.source = 'expire'"
        " UNION ALL SELECT shop_id, 0, 0, 0, 0, 0, 0, 0, value_fen FROM wallet_card"
        " WHERE merchant_id = $1 AND status = 'active') moves GROUP BY shop_id ORDER BY "
        "shop_id LIMIT 5000",
        NO_ARGS, &wallet_shop_line_fields, 5000, (ListAny *)ret_list);
}

static const Field between_field[] = {
    FIELD_ID(WalletBetween, from_shop_id, .about = "recharged here: owes"),
    FIELD_ID(WalletBetween, to_shop_id, .about = "spent there: is owed"),
    FIELD(WalletBetween, spends),
    FIELD(WalletBetween, principal_fen),
    FIELD(WalletBetween, gift_fen),
};
const Fields wallet_between_fields = FIELDS(WalletBetween, between_field);

Err wallet_settlement(Ctx *c, int64_t from_at, int64_t to_at, WalletBetweens *ret_list) {
    return db_rows(c,
                   "SELECT home_shop_id AS from_shop_id, shop_id AS to_shop_id, COUNT(*) AS spends,"
                   " CAST(SUM(principal_fen - principal_back_fen) AS BIGINT) AS principal_fen,"
                   " CAST(SUM(gift_fen - gift_back_fen) AS BIGINT) AS gift_fen FROM wallet_spend"
                   " WHERE merchant_id = $1 AND home_shop_id <> shop_id AND at >= $2 AND at < $3"
                   " GROUP BY home_shop_id, shop_id ORDER BY home_shop_id, shop_id LIMIT 5000",
                   ARGS(from_at, to_at), &wallet_between_fields, 5000, (ListAny *)ret_list);
}

/* ---- merged members ---- */

Err wallet_merge_move(Ctx *c, const MergeInfo *m, int64_t *ret_moved) {
    int64_t spends = 0, moves = 0;
    TRY(db_exec(c,
                "INSERT INTO wallet_merge (merchant_id, merge_id, row_id)"
                " SELECT merchant_id, CAST($2 AS BIGINT), recharge_id FROM wallet_recharge"
                " WHERE merchant_id = $1 AND member_id = $3"
                " UNION ALL SELECT merchant_id, CAST($2 AS BIGINT), spend_id FROM wallet_spend"
                " WHERE merchant_id = $1 AND member_id = $3"
                " UNION ALL SELECT merchant_id, CAST($2 AS BIGINT), move_id FROM wallet_move"
                " WHERE merchant_id = $1 AND member_id = $3",
                ARGS(m->merge_id, m->from_id)));
    TRY(db_change(c, "UPDATE wallet_move SET member_id = $3 WHERE merchant_id = $1 AND member_id = $2",
                  ARGS(m->from_id, m->into_id), &moves));
    TRY(db_change(c, "UPDATE wallet_spend SET member_id = $3 WHERE merchant_id = $1 AND member_id = $2",
                  ARGS(m->from_id, m->into_id), &spends));
    TRY(db_change(c, "UPDATE wallet_recharge SET member_id = $3 WHERE merchant_id = $1 AND member_id = $2",
                  ARGS(m->from_id, m->into_id), ret_moved));
    *ret_moved += spends + moves;
    return OK;
}

Err wallet_merge_back(Ctx *c, const MergeInfo *m, int64_t *ret_moved) {
    int64_t spends = 0, moves = 0;
    TRY(db_change(c,
                  "UPDATE wallet_move SET member_id = $3 WHERE merchant_id = $1 AND move_id IN"
                  " (SELECT row_id FROM wallet_merge WHERE merchant_id = $1 AND merge_id = $2)",
                  ARGS(m->merge_id, m->from_id), &moves));
    TRY(db_change(c,
                  "UPDATE wallet_spend SET member_id = $3 WHERE merchant_id = $1 AND spend_id IN"
                  " (SELECT row_id FROM wallet_merge WHERE merchant_id = $1 AND merge_id = $2)",
                  ARGS(m->merge_id, m->from_id), &spends));
    TRY(db_change(c,
                  "UPDATE wallet_recharge SET member_id = $3 WHERE merchant_id = $1 AND recharge_id IN"
                  " (SELECT row_id FROM wallet_merge WHERE merchant_id = $1 AND merge_id = $2)",
                  ARGS(m->merge_id, m->from_id), ret_moved));
    *ret_moved += spends + moves;
    return db_exec(c, "DELETE FROM wallet_merge WHERE merchant_id = $1 AND merge_id = $2", ARGS(m->merge_id));
}
