/* The invariants of stored value: what the books say and what this slice has written down must be one story. */
#include "app/merchant.h"
#include "domain/wallet/wallet_store.h"

static Err principal_is_what_was_paid_in(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM wallet_recharge WHERE merchant_id = $1",
        "SELECT 0 AS id, want, have FROM (SELECT"
        " COALESCE((SELECT CAST(SUM(amount_fen) AS BIGINT) FROM wallet_recharge WHERE merchant_id = $1 AND status = "
        "'done'), 0)"
        " + COALESCE((SELECT CAST(SUM(principal_fen) AS BIGINT) FROM wallet_move WHERE merchant_id = $1), 0)"
        " - COALESCE((SELECT CAST(SUM(principal_fen - principal_back_fen) AS BIGINT) FROM wallet_spend WHERE "
        "merchant_id = $1), 0)"
        " - COALESCE((SELECT CAST(SUM(principal_fen) AS BIGINT) FROM wallet_refund WHERE merchant_id = $1"
        " AND status = 'approved'), 0) AS want,"
        " COALESCE((SELECT CAST(SUM(balance) AS BIGINT) FROM ledger_account WHERE merchant_id = $1 AND kind = "
        "'principal'), 0)"
        " AS have) sums WHERE want <> have");
}

static Err gift_is_what_was_given(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report, "SELECT COUNT(*) FROM wallet_recharge WHERE merchant_id = $1",
                       "SELECT 0 AS id, want, have FROM (SELECT"
                       " COALESCE((SELECT CAST(SUM(gift_given_fen) AS BIGINT) FROM wallet_recharge WHERE merchant_id = "
                       "$1 AND status = 'done'), 0)"
                       " + COALESCE((SELECT CAST(SUM(gift_fen) AS BIGINT) FROM wallet_move WHERE merchant_id = $1), 0)"
                       " + COALESCE((SELECT CAST(SUM(delta) AS BIGINT) FROM ledger_entry WHERE merchant_id = $1"
                       " AND kind = 'gift' AND source = 'expire'), 0)"
                       " - COALESCE((SELECT CAST(SUM(gift_fen - gift_back_fen) AS BIGINT) FROM wallet_spend WHERE "
                       "merchant_id = $1), 0)"
                       " - COALESCE((SELECT CAST(SUM(gift_fen) AS BIGINT) FROM wallet_refund WHERE merchant_id = $1"
                       " AND status = 'approved'), 0) AS want,"
                       " COALESCE((SELECT CAST(SUM(balance) AS BIGINT) FROM ledger_account WHERE merchant_id = $1 AND "
                       "kind = 'gift'), 0)"
                       " AS have) sums WHERE want <> have");
}

static Err spends_are_in_the_books(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM wallet_spend WHERE merchant_id = $1",
        "SELECT s.spend_id AS id, s.amount_fen AS want, COALESCE((SELECT CAST(-SUM(e.delta) AS BIGINT) FROM "
        "ledger_entry e"
        " WHERE e.merchant_id = $1 AND e.source_id = s.spend_id AND e.source = 'wallet.spend'"
        " AND e.kind IN ('principal', 'gift')), 0) AS have FROM wallet_spend s WHERE s.merchant_id = $1"
        " AND (s.amount_fen <> s.principal_fen + s.gift_fen OR s.principal_fen <> COALESCE((SELECT CAST(-SUM(e.delta) "
        "AS BIGINT)"
        " FROM ledger_entry e WHERE e.merchant_id = $1 AND e.source_id = s.spend_id AND e.source = 'wallet.spend'"
        " AND e.kind = 'principal'), 0) OR s.gift_fen <> COALESCE((SELECT CAST(-SUM(e.delta) AS BIGINT)"
        " FROM ledger_entry e WHERE e.merchant_id = $1 AND e.source_id = s.spend_id AND e.source = 'wallet.spend'"
        " AND e.kind = 'gift'), 0))");
}

static Err spends_gave_back_their_restores(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM wallet_spend WHERE merchant_id = $1",
        "SELECT s.spend_id AS id, COALESCE(r.principal_fen + r.gift_fen, 0) AS want,"
        " s.principal_back_fen + s.gift_back_fen AS have FROM wallet_spend s"
        " LEFT JOIN (SELECT spend_id, CAST(SUM(principal_fen) AS BIGINT) AS principal_fen,"
        " CAST(SUM(gift_fen) AS BIGINT) AS gift_fen FROM wallet_restore WHERE merchant_id = $1 GROUP BY spend_id) r"
        " ON r.spend_id = s.spend_id WHERE s.merchant_id = $1 AND (s.principal_back_fen <> COALESCE(r.principal_fen, 0)"
        " OR s.gift_back_fen <> COALESCE(r.gift_fen, 0) OR s.principal_back_fen > s.principal_fen"
        " OR s.gift_back_fen > s.gift_fen)");
}

static Err recharges_gave_back_their_payouts(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM wallet_recharge WHERE merchant_id = $1",
        "SELECT r.recharge_id AS id, COALESCE(p.amount_fen, 0) AS want, r.returned_fen AS have FROM wallet_recharge r"
        " LEFT JOIN (SELECT recharge_id, CAST(SUM(amount_fen) AS BIGINT) AS amount_fen FROM wallet_payout"
        " WHERE merchant_id = $1 GROUP BY recharge_id) p ON p.recharge_id = r.recharge_id WHERE r.merchant_id = $1"
        " AND (r.returned_fen <> COALESCE(p.amount_fen, 0) OR r.returned_fen > r.amount_fen)");
}

static Err refunds_are_their_payouts(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM wallet_refund WHERE merchant_id = $1",
        "SELECT r.request_id AS id, COALESCE(p.amount_fen, 0) AS want, r.amount_fen AS have FROM wallet_refund r"
        " LEFT JOIN (SELECT request_id, CAST(SUM(amount_fen) AS BIGINT) AS amount_fen FROM wallet_payout"
        " WHERE merchant_id = $1 GROUP BY request_id) p ON p.request_id = r.request_id WHERE r.merchant_id = $1"
        " AND r.status = 'approved' AND (r.amount_fen <> COALESCE(p.amount_fen, 0) OR r.amount_fen > r.principal_fen)");
}

static Err balance_tenders_are_spends(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM payment WHERE merchant_id = $1 AND tender = 'balance'",
        "SELECT p.order_id AS id, p.amount_fen AS want, COALESCE(s.amount_fen, 0) AS have FROM payment p"
        " LEFT JOIN wallet_spend s ON s.merchant_id = p.merchant_id AND s.kind = 'order'"
        " AND s.spend_no = CAST(p.order_id AS TEXT) || '-' || CAST(p.number AS TEXT)"
        " WHERE p.merchant_id = $1 AND p.tender = 'balance' AND (s.spend_id IS NULL OR s.amount_fen <> p.amount_fen"
        " OR s.principal_back_fen + s.gift_back_fen <> p.refunded_fen)");
}

static Err families_used_what_they_spent(Ctx *c, HoldReport *report) {
    Merchant merchant;
    WalletFamilies list = { 0 };
    int64_t after = 0;
    TRY(merchant_get(c, &merchant));
    const Zone *zone = app_zone(c, merchant.zone);
    do {
        ArenaMark mark = arena_mark(c->arena);
        TRY(wallet_family_all(c, after, PAGE_MAX, &list));
        for (int64_t i = 0; i < list.count; i++) {
            const WalletFamily *f = &list.items[i];
            int64_t spent = 0, from = f->month > 0 ? day_start(zone, f->month * 100 + 1) : f->joined_at;
            after = f->member_id;
            report->checked++;
            if (f->status != FAMILY_ACTIVE) continue; /* who left is counted no more; a merge takes the spends along */
            TRY(wallet_family_spent(c, f->member_id, f->owner_id, from > f->joined_at ? from : f->joined_at, &spent));
            if (f->month_used_fen != spent)
                hold_broken(report, "family member %lld: counted %lld this month, spent %lld", (long long)f->member_id,
                            (long long)f->month_used_fen, (long long)spent);
        }
        arena_back(c->arena, mark);
    } while (list.count == PAGE_MAX);
    return OK;
}

static Err cards_are_as_their_entries_say(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report, "SELECT COUNT(*) FROM wallet_card WHERE merchant_id = $1",
                       "SELECT k.card_id AS id, k.seq AS want, COALESCE(n.entries, 0) AS have FROM wallet_card k"
                       " LEFT JOIN (SELECT card_id, COUNT(*) AS entries FROM wallet_card_entry WHERE merchant_id = $1"
                       " GROUP BY card_id) n ON n.card_id = k.card_id"
                       " LEFT JOIN wallet_card_entry e ON e.merchant_id = k.merchant_id AND e.card_id = k.card_id"
                       " AND e.seq = k.seq WHERE k.merchant_id = $1"
                       " AND (COALESCE(n.entries, 0) <> k.seq OR COALESCE(e.status, '') <> k.status)");
}

static Err redeemed_cards_came_in_once(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM wallet_card WHERE merchant_id = $1",
        "SELECT k.card_id AS id, CASE WHEN k.status = 'redeemed' THEN k.value_fen ELSE 0 END AS want,"
        " COALESCE(r.amount_fen + r.gift_fen, 0) + COALESCE(m.gift_fen, 0) AS have FROM wallet_card k"
        " LEFT JOIN wallet_recharge r ON r.merchant_id = k.merchant_id AND r.recharge_id = k.card_id"
        " LEFT JOIN (SELECT source_id, CAST(SUM(gift_fen) AS BIGINT) AS gift_fen FROM wallet_move"
        " WHERE merchant_id = $1 AND source = 'wallet.card' GROUP BY source_id) m ON m.source_id = k.card_id"
        " WHERE k.merchant_id = $1 AND COALESCE(r.amount_fen + r.gift_fen, 0) + COALESCE(m.gift_fen, 0)"
        " <> CASE WHEN k.status = 'redeemed' THEN k.value_fen ELSE 0 END");
}

const Hold wallet_holds[WALLET_HOLDS] = {
    { "wallet.principal_is_what_was_paid_in", principal_is_what_was_paid_in },
    { "wallet.gift_is_what_was_given", gift_is_what_was_given },
    { "wallet.spends_are_in_the_books", spends_are_in_the_books },
    { "wallet.spends_gave_back_their_restores", spends_gave_back_their_restores },
    { "wallet.recharges_gave_back_their_payouts", recharges_gave_back_their_payouts },
    { "wallet.refunds_are_their_payouts", refunds_are_their_payouts },
    { "wallet.balance_tenders_are_spends", balance_tenders_are_spends },
    { "wallet.families_used_what_they_spent", families_used_what_they_spent },
    { "wallet.cards_are_as_their_entries_say", cards_are_as_their_entries_say },
    { "wallet.redeemed_cards_came_in_once", redeemed_cards_came_in_once },
};
