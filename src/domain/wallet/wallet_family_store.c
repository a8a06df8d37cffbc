/* SQL of family wallets and of moves. */
#include "domain/wallet/wallet_store.h"

const char *const family_status_names[] = { "invited", "active", "ended", NULL };

static const Field family_field[] = {
    FIELD_ID(WalletFamily, member_id),
    FIELD_ID(WalletFamily, owner_id),
    FIELD(WalletFamily, name, .skip_zero = true, .is_personal = true),
    FIELD_ENUM(WalletFamily, status, family_status_names),
    FIELD(WalletFamily, pays_own, .about = "pays from the own account for the time being"),
    FIELD(WalletFamily, payment_most_fen, .about = "0 = no limit"),
    FIELD(WalletFamily, day_most_fen),
    FIELD(WalletFamily, month_most_fen),
    FIELD_DAY(WalletFamily, day),
    FIELD(WalletFamily, day_used_fen),
    FIELD(WalletFamily, month, .about = "202603"),
    FIELD(WalletFamily, month_used_fen),
    FIELD(WalletFamily, invited_at),
    FIELD(WalletFamily, joined_at),
    FIELD(WalletFamily, ended_at),
};
const Fields wallet_family_fields = FIELDS(WalletFamily, family_field);

Err wallet_family_put(Ctx *c, const WalletFamily *f) {
    return db_exec(c,
                   "INSERT INTO wallet_family (merchant_id, member_id, owner_id, status, pays_own, payment_most_fen,"
                   " day_most_fen, month_most_fen, day, day_used_fen, month, month_used_fen, invited_at, joined_at,"
                   " ended_at) VALUES ($1, $2, $3, $4, 0, $5, $6, $7, 0, 0, 0, 0, $8, 0, 0)"
                   " ON CONFLICT (merchant_id, member_id) DO UPDATE SET owner_id = excluded.owner_id,"
                   " status = excluded.status, pays_own = 0, payment_most_fen = excluded.payment_most_fen,"
                   " day_most_fen = excluded.day_most_fen, month_most_fen = excluded.month_most_fen, day = 0,"
                   " day_used_fen = 0, month = 0, month_used_fen = 0, invited_at = excluded.invited_at, joined_at = 0,"
                   " ended_at = 0 WHERE wallet_family.status <> 'active'",
                   ARGS(f->member_id, f->owner_id, family_status_names[f->status], f->payment_most_fen, f->day_most_fen,
                        f->month_most_fen, f->invited_at));
}

#define FAMILY_COLUMNS                                                                                                 \
    "member_id, owner_id, status, pays_own, payment_most_fen, day_most_fen, month_most_fen, day, day_used_fen, month," \
    " month_used_fen, invited_at, joined_at, ended_at"

Err wallet_family_read(Ctx *c, int64_t member_id, WalletFamily *ret_family, bool *ret_found) {
    return db_find(c, "SELECT " FAMILY_COLUMNS " FROM wallet_family WHERE merchant_id = $1 AND member_id = $2",
                   ARGS(member_id), &wallet_family_fields, ret_family, ret_found);
}

Err wallet_family_list(Ctx *c, int64_t owner_id, WalletFamilies *ret_list) {
    return db_rows(c,
                   "SELECT " FAMILY_COLUMNS " FROM wallet_family WHERE merchant_id = $1 AND owner_id = $2"
                   " AND status <> 'ended' ORDER BY member_id LIMIT $3",
                   ARGS(owner_id, WALLET_FAMILY_MAX), &wallet_family_fields, WALLET_FAMILY_MAX, (ListAny *)ret_list);
}

Err wallet_family_all(Ctx *c, int64_t after_id, int64_t most, WalletFamilies *ret_list) {
    return db_rows(c,
                   "SELECT " FAMILY_COLUMNS " FROM wallet_family WHERE merchant_id = $1 AND member_id > $2"
                   " ORDER BY member_id LIMIT $3",
                   ARGS(after_id, most), &wallet_family_fields, most, (ListAny *)ret_list);
}

Err wallet_family_save(Ctx *c, const WalletFamily *f, FamilyStatus from, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE wallet_family SET status = $5, pays_own = $6, payment_most_fen = $7, day_most_fen = $8,"
                  " month_most_fen = $9, joined_at = $10, ended_at = $11"
                  " WHERE merchant_id = $1 AND member_id = $2 AND owner_id = $3 AND status = $4",
                  ARGS(f->member_id, f->owner_id, family_status_names[from], family_status_names[f->status],
                       f->pays_own, f->payment_most_fen, f->day_most_fen, f->month_most_fen, f->joined_at, f->ended_at),
                  &changed));
    *ret_done = changed == 1;
    return OK;
}

Err wallet_family_count(Ctx *c, const WalletFamily *f, int64_t amount_fen, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE wallet_family SET day_used_fen = CASE WHEN day = $4 THEN day_used_fen ELSE 0 END + $6,"
                  " month_used_fen = CASE WHEN month = $5 THEN month_used_fen ELSE 0 END + $6, day = $4, month = $5"
                  " WHERE merchant_id = $1 AND member_id = $2 AND owner_id = $3 AND status = 'active' AND pays_own = 0"
                  " AND (payment_most_fen = 0 OR $6 <= payment_most_fen)"
                  " AND (day_most_fen = 0 OR CASE WHEN day = $4 THEN day_used_fen ELSE 0 END + $6 <= day_most_fen)"
                  " AND (month_most_fen = 0"
                  " OR CASE WHEN month = $5 THEN month_used_fen ELSE 0 END + $6 <= month_most_fen)",
                  ARGS(f->member_id, f->owner_id, f->day, f->month, amount_fen), &changed));
    *ret_done = changed == 1;
    return OK;
}

Err wallet_family_uncount(Ctx *c, const WalletFamily *f, int64_t amount_fen) {
    return db_exec(c,
                   "UPDATE wallet_family SET"
                   " day_used_fen = CASE WHEN day = $4 THEN day_used_fen - $6 ELSE day_used_fen END,"
                   " month_used_fen = CASE WHEN month = $5 THEN month_used_fen - $6 ELSE month_used_fen END"
                   " WHERE merchant_id = $1 AND member_id = $2 AND owner_id = $3",
                   ARGS(f->member_id, f->owner_id, f->day, f->month, amount_fen));
}

Err wallet_family_end(Ctx *c, int64_t member_id, int64_t *ret_ended) {
    return db_change(c,
                     "UPDATE wallet_family SET status = 'ended', ended_at = $3 WHERE merchant_id = $1"
                     " AND (member_id = $2 OR owner_id = $2) AND status <> 'ended'",
                     ARGS(member_id, c->now), ret_ended);
}

Err wallet_family_spent(Ctx *c, int64_t member_id, int64_t owner_id, int64_t from_at, int64_t *ret_fen) {
    return db_int(c,
                  "SELECT COALESCE(CAST(SUM(amount_fen - principal_back_fen - gift_back_fen) AS BIGINT), 0)"
                  " FROM wallet_spend WHERE merchant_id = $1 AND member_id = $2 AND spender_id = $3 AND at >= $4",
                  ARGS(owner_id, member_id, from_at), ret_fen);
}

/* ---- moves ---- */

static const Field move_field[] = {
    FIELD_ID(WalletMove, move_id),
    FIELD_ID(WalletMove, member_id),
    FIELD_ID(WalletMove, shop_id, .skip_zero = true),
    FIELD(WalletMove, source),
    FIELD_ID(WalletMove, source_id),
    FIELD(WalletMove, principal_fen, .min = INT64_MIN),
    FIELD(WalletMove, gift_fen, .min = INT64_MIN),
    FIELD(WalletMove, at),
    FIELD(WalletMove, principal_left_fen, .skip_zero = true),
    FIELD(WalletMove, gift_left_fen, .skip_zero = true),
    FIELD_ID(WalletMove, approval_id, .skip_zero = true, .about = "nothing moved yet: waits for a second person"),
};
const Fields wallet_move_fields = FIELDS(WalletMove, move_field);

Err wallet_move_insert(Ctx *c, const WalletMove *m) {
    return db_exec(
        c,
        "INSERT INTO wallet_move (merchant_id, move_id, member_id, shop_id, source, source_id,"
        " principal_fen, gift_fen, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        ARGS(m->move_id, m->member_id, m->shop_id, m->source, m->source_id, m->principal_fen, m->gift_fen, m->at));
}
