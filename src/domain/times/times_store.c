#include "domain/times/times_store.h"

static const char *const start_names[] = { "issue", "first_use", NULL };
static const char *const policy_names[] = { "share", "single", "none", NULL };
static const char *const status_names[] = { "active", "frozen", "expired", "closed", NULL };

static const Field template_field[] = {
    FIELD_ID(TimesTemplate, template_id, .is_out = true),
    FIELD(TimesTemplate, name, .need = true, .max = 60),
    FIELD(TimesTemplate, uses, .need = true, .min = 1, .max = TIMES_USES_MAX),
    FIELD(TimesTemplate, price_fen, .max = WALLET_AMOUNT_MAX_FEN, .about = "of the card; 0 = not sold, only given"),
    FIELD(TimesTemplate, single_price_fen, .max = WALLET_AMOUNT_MAX_FEN,
          .about = "of one use without a card: refund policy single counts used ones by it"),
    FIELD(TimesTemplate, item_ids, .max = TIMES_SERVICES_MAX, .about = "services it is good for"),
    FIELD(TimesTemplate, category_ids, .max = TIMES_SERVICES_MAX, .about = "or their categories; both empty = any"),
    FIELD(TimesTemplate, shop_ids, .max = TIMES_SHOPS_MAX, .about = "empty = every shop"),
    FIELD_ENUM(TimesTemplate, valid_from, start_names),
    FIELD(TimesTemplate, valid_days, .max = TIMES_DAYS_MAX, .about = "whole days after that day; 0 = no such limit"),
    FIELD_DAY(TimesTemplate, last_day, .about = "a fixed last day"),
    FIELD(TimesTemplate, low_uses, .max = TIMES_USES_MAX, .about = "the member hears when so few are left"),
    FIELD_ENUM(TimesTemplate, refund_policy, policy_names,
               .about = "share: unused share of what was paid; single: less the used ones at their single price"),
    FIELD(TimesTemplate, is_retired, .is_out = true),
    FIELD(TimesTemplate, created_at, .is_out = true),
};
const Fields times_template_fields = FIELDS(TimesTemplate, template_field);

#define TEMPLATE_COLUMNS                                                                                               \
    "template_id, name, uses, price_fen, single_price_fen, item_ids, category_ids, shop_ids, valid_from, valid_days,"  \
    " last_day, low_uses, refund_policy, is_retired, created_at"

Err times_template_insert(Ctx *c, const TimesTemplate *t) {
    return db_exec(c,
                   "INSERT INTO times_template (merchant_id, " TEMPLATE_COLUMNS ")"
                   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, $15)",
                   ARGS(t->template_id, t->name, t->uses, t->price_fen, t->single_price_fen,
                        json_ids(c->arena, &t->item_ids), json_ids(c->arena, &t->category_ids),
                        json_ids(c->arena, &t->shop_ids), start_names[t->valid_from], t->valid_days, t->last_day,
                        t->low_uses, policy_names[t->refund_policy], t->created_at));
}

Err times_template_find(Ctx *c, int64_t template_id, TimesTemplate *ret_template, bool *ret_found) {
    return db_find(c, "SELECT " TEMPLATE_COLUMNS " FROM times_template WHERE merchant_id = $1 AND template_id = $2",
                   ARGS(template_id), &times_template_fields, ret_template, ret_found);
}

Err times_template_list(Ctx *c, bool with_retired, TimesTemplates *ret_list) {
    return db_rows(c,
                   "SELECT " TEMPLATE_COLUMNS " FROM times_template WHERE merchant_id = $1 AND is_retired <= $2"
                   " ORDER BY template_id DESC LIMIT $3",
                   ARGS(with_retired, TIMES_TEMPLATES_MAX), &times_template_fields, TIMES_TEMPLATES_MAX,
                   (ListAny *)ret_list);
}

Err times_template_retire(Ctx *c, int64_t template_id, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c, "UPDATE times_template SET is_retired = 1 WHERE merchant_id = $1 AND template_id = $2",
                  ARGS(template_id), &changed));
    *ret_done = changed == 1;
    return OK;
}

/* ---- cards ---- */

static const Field card_field[] = {
    FIELD_ID(TimesCard, card_id),
    FIELD_ID(TimesCard, template_id),
    FIELD(TimesCard, name),
    FIELD_ID(TimesCard, member_id),
    FIELD(TimesCard, account, .about = "for /why"),
    FIELD(TimesCard, source),
    FIELD_ID(TimesCard, source_id),
    FIELD_ID(TimesCard, shop_id),
    FIELD(TimesCard, uses),
    FIELD(TimesCard, left_uses),
    FIELD(TimesCard, expired_uses, .skip_zero = true),
    FIELD(TimesCard, taken_uses, .skip_zero = true, .about = "given back for money, or taken back"),
    FIELD(TimesCard, paid_fen),
    FIELD(TimesCard, returned_fen),
    FIELD_ENUM(TimesCard, status, status_names),
    FIELD(TimesCard, first_used_at),
    FIELD(TimesCard, expires_at, .about = "0 = never, or not yet known"),
    FIELD(TimesCard, created_at),
    FIELD(TimesCard, duplicate, .skip_zero = true),
};
const Fields times_card_fields = FIELDS(TimesCard, card_field);

Err times_card_insert(Ctx *c, const TimesCard *card, int64_t number, bool *ret_new) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "INSERT INTO times_card (merchant_id, card_id, template_id, member_id, given_to, source, source_id,"
                  " number, shop_id, uses, expired_uses, taken_uses, paid_fen, returned_fen, status, first_used_at,"
                  " expires_at, is_warned, created_at)"
                  " VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, 0, 0, $10, 0, 'active', 0, $11, 0, $12)"
                  " ON CONFLICT (merchant_id, source_id, source, given_to, template_id, number) DO NOTHING",
                  ARGS(card->card_id, card->template_id, card->member_id, card->source, card->source_id, number,
                       card->shop_id, card->uses, card->paid_fen, card->expires_at, card->created_at),
                  &changed));
    *ret_new = changed == 1;
    return OK;
}

#define CARD_SELECT                                                                                                    \
    "SELECT k.card_id, k.template_id, t.name, k.member_id, 'times:' || CAST(k.card_id AS TEXT) AS account, k.source,"  \
    " k.source_id, k.shop_id, k.uses, k.expired_uses, k.taken_uses, k.paid_fen, k.returned_fen, k.status,"             \
    " k.first_used_at, k.expires_at, k.created_at FROM times_card k"                                                   \
    " JOIN times_template t ON t.merchant_id = k.merchant_id AND t.template_id = k.template_id"                        \
    " WHERE k.merchant_id = $1"

Err times_card_find(Ctx *c, int64_t card_id, TimesCard *ret_card, bool *ret_found) {
    return db_find(c, CARD_SELECT " AND k.card_id = $2", ARGS(card_id), &times_card_fields, ret_card, ret_found);
}

Err times_card_of_issue(Ctx *c, const TimesIssue *issue, int64_t number, TimesCard *ret_card, bool *ret_found) {
    return db_find(c,
                   CARD_SELECT " AND k.source_id = $2 AND k.source = $3 AND k.given_to = $4 AND k.template_id = $5"
                               " AND k.number = $6",
                   ARGS(issue->source_id, issue->source, issue->member_id, issue->template_id, number),
                   &times_card_fields, ret_card, ret_found);
}

Err times_card_list_of_source(Ctx *c, Str source, int64_t source_id, TimesCards *ret_list) {
    return db_rows(c, CARD_SELECT " AND k.source_id = $2 AND k.source = $3 ORDER BY k.card_id LIMIT $4",
                   ARGS(source_id, source, LIST_MAX), &times_card_fields, LIST_MAX, (ListAny *)ret_list);
}

Err times_card_page(Ctx *c, int64_t member_id, int64_t before, int64_t most, TimesCards *ret_list) {
    return db_rows(c, CARD_SELECT " AND k.member_id = $2 AND k.card_id < $3 ORDER BY k.card_id DESC LIMIT $4",
                   ARGS(member_id, before, most), &times_card_fields, most, (ListAny *)ret_list);
}

Err times_card_list_good(Ctx *c, int64_t member_id, int64_t most, TimesCards *ret_list) {
    return db_rows(c,
                   CARD_SELECT " AND k.member_id = $2 AND k.status = 'active' AND (k.expires_at = 0 OR k.expires_at >="
                               " $3) ORDER BY CASE WHEN k.expires_at = 0 THEN 1 ELSE 0 END, k.expires_at, k.card_id"
                               " LIMIT $4",
                   ARGS(member_id, c->now, most), &times_card_fields, most, (ListAny *)ret_list);
}

Err times_card_start(Ctx *c, int64_t card_id, int64_t expires_at) {
    return db_exec(c,
                   "UPDATE times_card SET first_used_at = $3, expires_at = $4 WHERE merchant_id = $1 AND card_id = $2",
                   ARGS(card_id, c->now, expires_at));
}

Err times_card_put_status(Ctx *c, int64_t card_id, TimesStatus status, int64_t expires_at) {
    return db_exec(c, "UPDATE times_card SET status = $3, expires_at = $4 WHERE merchant_id = $1 AND card_id = $2",
                   ARGS(card_id, status_names[status], expires_at));
}

Err times_card_close(Ctx *c, int64_t card_id, int64_t uses, int64_t returned_fen, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE times_card SET status = 'closed', taken_uses = taken_uses + $3, returned_fen = returned_fen"
                  " + $4 WHERE merchant_id = $1 AND card_id = $2 AND status <> 'closed'"
                  " AND returned_fen + $4 <= paid_fen",
                  ARGS(card_id, uses, returned_fen), &changed));
    *ret_done = changed == 1;
    return OK;
}

Err times_card_due(Ctx *c, int64_t now, int64_t most, TimesCards *ret_list) {
    return db_rows(c,
                   CARD_SELECT " AND k.expires_at > 0 AND k.expires_at < $2 AND k.status IN ('active', 'frozen')"
                               " ORDER BY k.expires_at LIMIT $3",
                   ARGS(now, most), &times_card_fields, most, (ListAny *)ret_list);
}

Err times_card_expire(Ctx *c, int64_t card_id) {
    return db_exec(c,
                   "UPDATE times_card SET status = 'expired', expired_uses = uses - taken_uses - COALESCE((SELECT"
                   " CAST(SUM(u.count) AS BIGINT) FROM times_use u WHERE u.merchant_id = $1 AND u.card_id = $2"
                   " AND u.undone_at = 0), 0) WHERE merchant_id = $1 AND card_id = $2",
                   ARGS(card_id));
}

Err times_card_to_warn(Ctx *c, int64_t now, int64_t until, int64_t most, TimesCards *ret_list) {
    return db_rows(c,
                   CARD_SELECT " AND k.expires_at >= $2 AND k.expires_at <= $3 AND k.expires_at > 0"
                               " AND k.status IN ('active', 'frozen') AND k.is_warned = 0 ORDER BY k.expires_at LIMIT"
                               " $4",
                   ARGS(now, until, most), &times_card_fields, most, (ListAny *)ret_list);
}

Err times_card_mark_warned(Ctx *c, int64_t card_id) {
    return db_exec(c, "UPDATE times_card SET is_warned = 1 WHERE merchant_id = $1 AND card_id = $2", ARGS(card_id));
}

/* ---- uses ---- */

static const Field use_field[] = {
    FIELD_ID(TimesUse, use_id),
    FIELD_ID(TimesUse, shop_id),
    FIELD(TimesUse, use_no),
    FIELD_ID(TimesUse, card_id),
    FIELD_ID(TimesUse, member_id),
    FIELD_ID(TimesUse, item_id),
    FIELD(TimesUse, count),
    FIELD(TimesUse, at),
    FIELD(TimesUse, undone_at, .skip_zero = true),
    FIELD_ID(TimesUse, undone_by_id, .skip_zero = true),
    FIELD(TimesUse, undo_reason, .skip_zero = true, .is_personal = true),
    FIELD(TimesUse, left_uses),
    FIELD(TimesUse, duplicate, .skip_zero = true),
};
const Fields times_use_fields = FIELDS(TimesUse, use_field);

Err times_use_insert(Ctx *c, const TimesUse *u, bool *ret_new) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "INSERT INTO times_use (merchant_id, use_id, shop_id, use_no, card_id, item_id, count, at, undone_at,"
                  " undone_by_id, undo_reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, '')"
                  " ON CONFLICT (merchant_id, shop_id, use_no) DO NOTHING",
                  ARGS(u->use_id, u->shop_id, u->use_no, u->card_id, u->item_id, u->count, u->at), &changed));
    *ret_new = changed == 1;
    return OK;
}

#define USE_SELECT                                                                                                     \
    "SELECT u.use_id, u.shop_id, u.use_no, u.card_id, k.member_id, u.item_id, u.count, u.at, u.undone_at,"             \
    " u.undone_by_id, u.undo_reason FROM times_use u"                                                                  \
    " JOIN times_card k ON k.merchant_id = u.merchant_id AND k.card_id = u.card_id WHERE u.merchant_id = $1"

Err times_use_find(Ctx *c, int64_t use_id, TimesUse *ret_use, bool *ret_found) {
    return db_find(c, USE_SELECT " AND u.use_id = $2", ARGS(use_id), &times_use_fields, ret_use, ret_found);
}

Err times_use_by_no(Ctx *c, int64_t shop_id, Str use_no, TimesUse *ret_use, bool *ret_found) {
    return db_find(c, USE_SELECT " AND u.shop_id = $2 AND u.use_no = $3", ARGS(shop_id, use_no), &times_use_fields,
                   ret_use, ret_found);
}

Err times_use_undo(Ctx *c, const TimesUse *u, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE times_use SET undone_at = $3, undone_by_id = $4, undo_reason = $5"
                  " WHERE merchant_id = $1 AND use_id = $2 AND undone_at = 0",
                  ARGS(u->use_id, u->undone_at, u->undone_by_id, u->undo_reason), &changed));
    *ret_done = changed == 1;
    return OK;
}

Err times_use_page(Ctx *c, int64_t card_id, int64_t before, int64_t most, TimesUses *ret_list) {
    return db_rows(c, USE_SELECT " AND u.card_id = $2 AND u.use_id < $3 ORDER BY u.use_id DESC LIMIT $4",
                   ARGS(card_id, before, most), &times_use_fields, most, (ListAny *)ret_list);
}

Err times_use_blank(Ctx *c, int64_t member_id) {
    return db_exec(c,
                   "UPDATE times_use SET undo_reason = '' WHERE merchant_id = $1 AND undone_at > 0 AND card_id IN"
                   " (SELECT card_id FROM times_card WHERE merchant_id = $1 AND member_id = $2)",
                   ARGS(member_id));
}

/* ---- merge ---- */

Err times_move(Ctx *c, const MergeInfo *m, int64_t *ret_moved) {
    TRY(db_exec(c,
                "INSERT INTO times_merge (merchant_id, merge_id, card_id) SELECT merchant_id, CAST($2 AS BIGINT),"
                " card_id FROM times_card WHERE merchant_id = $1 AND member_id = $3",
                ARGS(m->merge_id, m->from_id)));
    return db_change(c, "UPDATE times_card SET member_id = $3 WHERE merchant_id = $1 AND member_id = $2",
                     ARGS(m->from_id, m->into_id), ret_moved);
}

Err times_move_back(Ctx *c, const MergeInfo *m, int64_t *ret_moved) {
    TRY(db_change(c,
                  "UPDATE times_card SET member_id = $3 WHERE merchant_id = $1 AND card_id IN"
                  " (SELECT card_id FROM times_merge WHERE merchant_id = $1 AND merge_id = $2)",
                  ARGS(m->merge_id, m->from_id), ret_moved));
    return db_exec(c, "DELETE FROM times_merge WHERE merchant_id = $1 AND merge_id = $2", ARGS(m->merge_id));
}

/* ---- report ---- */

static const Field line_field[] = {
    FIELD_ID(TimesLine, template_id),
    FIELD(TimesLine, name),
    FIELD(TimesLine, cards),
    FIELD(TimesLine, uses),
    FIELD(TimesLine, left_uses),
    FIELD(TimesLine, expired_uses),
    FIELD(TimesLine, paid_fen),
    FIELD(TimesLine, returned_fen),
    FIELD(TimesLine, liability_fen, .about = "what was paid for uses that are still to come"),
    FIELD(TimesLine, breakage_fen, .about = "what was paid for uses that lapsed"),
};
const Fields times_line_fields = FIELDS(TimesLine, line_field);

Err times_report(Ctx *c, TimesLines *ret_list) {
    return db_rows(
        c,
        "SELECT t.template_id, t.name, COUNT(k.card_id) AS cards, CAST(SUM(k.uses) AS BIGINT) AS uses,"
        " CAST(SUM(k.left_uses) AS BIGINT) AS left_uses, CAST(SUM(k.expired_uses) AS BIGINT) AS expired_uses,"
        " CAST(SUM(k.paid_fen) AS BIGINT) AS paid_fen, CAST(SUM(k.returned_fen) AS BIGINT) AS returned_fen,"
        " CAST(SUM(k.paid_fen * k.left_uses / k.uses) AS BIGINT) AS liability_fen,"
        " CAST(SUM(k.paid_fen * k.expired_uses / k.uses) AS BIGINT) AS breakage_fen"
        " FROM times_template t JOIN (SELECT c.merchant_id, c.card_id, c.template_id, c.uses, c.expired_uses,"
        " c.paid_fen, c.returned_fen, COALESCE(a.balance, 0) AS left_uses FROM times_card c"
        " LEFT JOIN ledger_account a ON a.merchant_id = c.merchant_id AND a.member_id = c.member_id"
        " AND a.kind = 'times:' || CAST(c.card_id AS TEXT) WHERE c.merchant_id = $1) k"
        " ON k.merchant_id = t.merchant_id AND k.template_id = t.template_id WHERE t.merchant_id = $1"
        " GROUP BY t.template_id, t.name ORDER BY t.template_id DESC LIMIT $2",
        ARGS(LIST_MAX), &times_line_fields, LIST_MAX, (ListAny *)ret_list);
}

/* ---- holds ---- */

static Err cards_are_their_accounts(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM times_card WHERE merchant_id = $1",
        "SELECT k.card_id AS id, k.uses - k.taken_uses - COALESCE(u.used, 0) - COALESCE(e.expired, 0) AS want,"
        " COALESCE(a.balance, 0) AS have FROM times_card k"
        " LEFT JOIN (SELECT card_id, CAST(SUM(count) AS BIGINT) AS used FROM times_use WHERE merchant_id = $1"
        " AND undone_at = 0 GROUP BY card_id) u ON u.card_id = k.card_id"
        " LEFT JOIN (SELECT kind, CAST(-SUM(delta) AS BIGINT) AS expired FROM ledger_entry WHERE merchant_id = $1"
        " AND kind LIKE 'times:%' ESCAPE '!' AND source = 'expire' GROUP BY kind) e"
        " ON e.kind = 'times:' || CAST(k.card_id AS TEXT)"
        " LEFT JOIN (SELECT kind, CAST(SUM(balance) AS BIGINT) AS balance FROM ledger_account WHERE merchant_id = $1"
        " AND kind LIKE 'times:%' ESCAPE '!' GROUP BY kind) a ON a.kind = 'times:' || CAST(k.card_id AS TEXT)"
        " WHERE k.merchant_id = $1 AND k.uses - k.taken_uses - COALESCE(u.used, 0) - COALESCE(e.expired, 0)"
        " <> COALESCE(a.balance, 0)");
}

static Err uses_are_in_the_books(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM times_use WHERE merchant_id = $1",
        "SELECT u.use_id AS id, CASE WHEN u.undone_at = 0 THEN u.count ELSE 0 END AS want,"
        " COALESCE((SELECT CAST(-SUM(e.delta) AS BIGINT) FROM ledger_entry e WHERE e.merchant_id = $1"
        " AND e.source_id = u.use_id AND e.kind = 'times:' || CAST(u.card_id AS TEXT)), 0) AS have FROM times_use u"
        " WHERE u.merchant_id = $1 AND CASE WHEN u.undone_at = 0 THEN u.count ELSE 0 END <> COALESCE((SELECT"
        " CAST(-SUM(e.delta) AS BIGINT) FROM ledger_entry e WHERE e.merchant_id = $1 AND e.source_id = u.use_id"
        " AND e.kind = 'times:' || CAST(u.card_id AS TEXT)), 0)");
}

static Err closed_cards_are_empty(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report, "SELECT COUNT(*) FROM times_card WHERE merchant_id = $1 AND status = 'closed'",
                       "SELECT k.card_id AS id, 0 AS want, a.balance AS have FROM times_card k JOIN ledger_account a"
                       " ON a.merchant_id = k.merchant_id AND a.member_id = k.member_id"
                       " AND a.kind = 'times:' || CAST(k.card_id AS TEXT) WHERE k.merchant_id = $1"
                       " AND k.status = 'closed' AND a.balance <> 0");
}

const Hold times_holds[TIMES_HOLDS] = {
    { "times.cards_are_their_accounts", cards_are_their_accounts },
    { "times.uses_are_in_the_books", uses_are_in_the_books },
    { "times.closed_cards_are_empty", closed_cards_are_empty },
};
