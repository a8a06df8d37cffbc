/* SQL of rewards. */
#include "domain/reward/reward_store.h"

const char *const reward_kind_names[] = {
    "points", "growth", "gift_balance", "coupon", "times", "benefit", "item", NULL
};
static const char *const event_names[] = { "join",           "tier",   "birthday_day",
                                           "birthday_month", "order",  "coupon_shared",
                                           "recharge",       "asleep", NULL };
static const char *const state_names[] = { "on", "off", "budget_spent", NULL };

static const Field gift_field[] = {
    FIELD_ENUM(RewardGift, kind, reward_kind_names, .need = true),
    FIELD(RewardGift, amount, .max = POINTS_PER_CALL_MAX, .about = "points, growth, fen of gift balance, or how many"),
    FIELD_ID(RewardGift, what_id, .about = "coupon template, times template, benefit or item"),
    FIELD(RewardGift, worth_fen, .max = PROMO_AMOUNT_MAX_FEN, .about = "of one, for budgets; 0 = what it says itself"),
};
const Fields reward_gift_fields = FIELDS(RewardGift, gift_field);

/* ---- what was given ---- */

static const Field row_field[] = {
    FIELD_ID(RewardRow, reward_id),
    FIELD_ID(RewardRow, member_id),
    FIELD_ID(RewardRow, given_to),
    FIELD(RewardRow, source),
    FIELD_ID(RewardRow, source_id),
    FIELD(RewardRow, part),
    FIELD_ID(RewardRow, budget_id, .skip_zero = true),
    FIELD(RewardRow, worth_fen),
    FIELD(RewardRow, at),
};
const Fields reward_row_fields = FIELDS(RewardRow, row_field);

Err reward_insert(Ctx *c, const RewardRow *r, bool *ret_new) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "INSERT INTO reward_given (merchant_id, reward_id, member_id, given_to, source, source_id, part,"
        " budget_id, worth_fen, at) VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9)"
        " ON CONFLICT (merchant_id, source, source_id, part, given_to) DO NOTHING",
        ARGS(r->reward_id, r->member_id, r->source, r->source_id, r->part, r->budget_id, r->worth_fen, c->now),
        &changed));
    *ret_new = changed == 1;
    return OK;
}

Err reward_delete(Ctx *c, int64_t reward_id) {
    return db_exec(c, "DELETE FROM reward_given WHERE merchant_id = $1 AND reward_id = $2", ARGS(reward_id));
}

#define REWARD_ROW                                                                                                     \
    "SELECT reward_id, member_id, given_to, source, source_id, part, budget_id, worth_fen, at FROM reward_given"       \
    " WHERE merchant_id = $1"

Err reward_find(Ctx *c, int64_t member_id, const char *source, int64_t source_id, int64_t part, RewardRow *ret_row,
                bool *ret_found) {
    return db_find(c,
                   REWARD_ROW " AND source = $2 AND source_id = $3 AND part = $4 AND (given_to = $5 OR member_id = $5)"
                              " ORDER BY reward_id LIMIT 1",
                   ARGS(source, source_id, part, member_id), &reward_row_fields, ret_row, ret_found);
}

Err reward_page(Ctx *c, int64_t member_id, int64_t below_id, int64_t most, RewardRows *ret_list) {
    return db_rows(c, REWARD_ROW " AND member_id = $2 AND reward_id < $3 ORDER BY reward_id DESC LIMIT $4",
                   ARGS(member_id, below_id, most), &reward_row_fields, most, (ListAny *)ret_list);
}

static const Field part_field[] = {
    FIELD(RewardPart, number),      FIELD_ID(RewardPart, piece_id), FIELD_ENUM(RewardPart, kind, reward_kind_names),
    FIELD_ID(RewardPart, what_id),  FIELD(RewardPart, amount),      FIELD(RewardPart, taken_amount),
    FIELD(RewardPart, gone_amount),
};
static const Fields part_fields = FIELDS(RewardPart, part_field);

Err reward_part_insert(Ctx *c, int64_t reward_id, const RewardPart *p) {
    return db_exec(c,
                   "INSERT INTO reward_part (merchant_id, reward_id, number, piece_id, kind, what_id, amount,"
                   " taken_amount, gone_amount) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0)",
                   ARGS(reward_id, p->number, p->piece_id, reward_kind_names[p->kind], p->what_id, p->amount));
}

Err reward_part_take(Ctx *c, int64_t reward_id, int64_t number, int64_t amount, int64_t gone, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE reward_part SET taken_amount = taken_amount + $4, gone_amount = gone_amount + $5"
                  " WHERE merchant_id = $1 AND reward_id = $2 AND number = $3 AND taken_amount + $4 <= amount",
                  ARGS(reward_id, number, amount, gone), &changed));
    *ret_done = changed == 1;
    return OK;
}

Err reward_parts_of(Ctx *c, int64_t reward_id, RewardParts *ret_list) {
    return db_rows(c,
                   "SELECT number, piece_id, kind, what_id, amount, taken_amount, gone_amount FROM reward_part"
                   " WHERE merchant_id = $1 AND reward_id = $2 ORDER BY number LIMIT $3",
                   ARGS(reward_id, (int64_t)EXPORT_ROWS_MAX), &part_fields, EXPORT_ROWS_MAX, (ListAny *)ret_list);
}

Err reward_take_insert(Ctx *c, int64_t reward_id, int64_t take_id, int64_t back_id, bool *ret_new) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "INSERT INTO reward_take (merchant_id, reward_id, take_id, back_id, at) VALUES ($1, $2, $3, $4, $5)"
                  " ON CONFLICT (merchant_id, reward_id, take_id) DO NOTHING",
                  ARGS(reward_id, take_id, back_id, c->now), &changed));
    *ret_new = changed == 1;
    return OK;
}

/* ---- budgets ---- */

static const Field budget_field[] = {
    FIELD_ID(RewardBudget, budget_id),
    FIELD(RewardBudget, version),
    FIELD(RewardBudget, name, .need = true, .max = REWARD_NAME_MAX),
    FIELD(RewardBudget, most_fen, .max = PROMO_AMOUNT_MAX_FEN, .about = "worth of all that is given; 0 = no limit"),
    FIELD(RewardBudget, most_count, .max = 1000000000),
    FIELD(RewardBudget, most_per_member, .max = 1000000),
    FIELD(RewardBudget, used_fen, .is_out = true),
    FIELD(RewardBudget, used_count, .is_out = true),
    FIELD(RewardBudget, created_at, .is_out = true),
};
const Fields reward_budget_fields = FIELDS(RewardBudget, budget_field);

Err reward_budget_insert(Ctx *c, const RewardBudget *b) {
    return db_exec(c,
                   "INSERT INTO reward_budget (merchant_id, budget_id, name, most_fen, most_count, most_per_member,"
                   " used_fen, used_count, version, created_at) VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 1, $7)",
                   ARGS(b->budget_id, b->name, b->most_fen, b->most_count, b->most_per_member, c->now));
}

Err reward_budget_write(Ctx *c, const RewardBudget *b, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE reward_budget SET name = $3, most_fen = $4, most_count = $5, most_per_member = $6,"
                  " version = version + 1 WHERE merchant_id = $1 AND budget_id = $2 AND version = $7"
                  " AND ($4 = 0 OR used_fen <= $4) AND ($5 = 0 OR used_count <= $5)",
                  ARGS(b->budget_id, b->name, b->most_fen, b->most_count, b->most_per_member, b->version), &changed));
    *ret_done = changed == 1;
    return OK;
}

#define BUDGET_ROW                                                                                                     \
    "SELECT budget_id, version, name, most_fen, most_count, most_per_member, used_fen, used_count, created_at"         \
    " FROM reward_budget WHERE merchant_id = $1"

Err reward_budget_find(Ctx *c, int64_t budget_id, RewardBudget *ret_budget, bool *ret_found) {
    return db_find(c, BUDGET_ROW " AND budget_id = $2", ARGS(budget_id), &reward_budget_fields, ret_budget, ret_found);
}

Err reward_budget_list(Ctx *c, RewardBudgets *ret_list) {
    return db_rows(c, BUDGET_ROW " ORDER BY budget_id DESC LIMIT $2", ARGS((int64_t)LIST_MAX), &reward_budget_fields,
                   LIST_MAX, (ListAny *)ret_list);
}

Err reward_budget_use(Ctx *c, int64_t budget_id, int64_t worth_fen, int64_t sign, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE reward_budget SET used_fen = used_fen + $3, used_count = used_count + $4"
                  " WHERE merchant_id = $1 AND budget_id = $2 AND (most_fen = 0 OR used_fen + $3 <= most_fen)"
                  " AND (most_count = 0 OR used_count + $4 <= most_count)",
                  ARGS(budget_id, sign * worth_fen, sign), &changed));
    *ret_done = changed == 1;
    return OK;
}

Err reward_budget_use_member(Ctx *c, int64_t budget_id, int64_t member_id, int64_t most, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "INSERT INTO reward_budget_member (merchant_id, budget_id, member_id, used_count)"
                  " VALUES ($1, $2, $3, 1) ON CONFLICT (merchant_id, budget_id, member_id) DO UPDATE"
                  " SET used_count = reward_budget_member.used_count + 1 WHERE reward_budget_member.used_count < $4",
                  ARGS(budget_id, member_id, most > 0 ? most : INT64_MAX), &changed));
    *ret_done = changed == 1;
    return OK;
}

/* ---- what buying an item gives ---- */

static const Field item_field[] = {
    FIELD_ID(RewardItem, item_id, .need = true),
    FIELD(RewardItem, version, .about = "or If-Match; 0 = there was none"),
    FIELD_LIST(RewardItem, gifts, reward_gift_fields, .max = REWARD_GIFTS_MAX),
};
const Fields reward_item_fields = FIELDS(RewardItem, item_field);

static Str gifts_text(Ctx *c, const RewardGifts *gifts) {
    Buf b = { .arena = c->arena };
    json_print_list(&b, &reward_gift_fields, (ListAny){ gifts->items, gifts->count });
    return buf_str(&b);
}

Err reward_item_put(Ctx *c, const RewardItem *item, RewardItem *ret_item) {
    bool found = false;
    TRY(db_find(
        c,
        "INSERT INTO reward_item (merchant_id, item_id, gifts, version, updated_at) VALUES ($1, $2, $3, 1, $4)"
        " ON CONFLICT (merchant_id, item_id) DO UPDATE SET gifts = excluded.gifts,"
        " version = reward_item.version + 1, updated_at = excluded.updated_at RETURNING item_id, version, gifts",
        ARGS(item->item_id, gifts_text(c, &item->gifts), c->now), &reward_item_fields, ret_item, &found));
    return OK;
}

Err reward_items_of(Ctx *c, const int64_t *id, RewardItems *ret_list) {
    return db_rows(c,
                   "SELECT item_id, version, gifts FROM reward_item WHERE merchant_id = $1"
                   " AND item_id IN ($2, $3, $4, $5, $6, $7, $8, $9) LIMIT $10",
                   ARGS(id[0], id[1], id[2], id[3], id[4], id[5], id[6], id[7], (int64_t)REWARD_ITEM_SLOTS),
                   &reward_item_fields, REWARD_ITEM_SLOTS, (ListAny *)ret_list);
}

/* ---- rules ---- */

#define RULE                                                                                                           \
    FIELD(RewardRule, name, .need = true, .max = REWARD_NAME_MAX),                                                     \
        FIELD_ENUM(RewardRule, event, event_names, .need = true), FIELD_ENUM(RewardRule, state, state_names),          \
        FIELD_ID(RewardRule, about_id,                                                                                 \
                 .about = "tier: the level; coupon_shared: the template; recharge: the package; 0 = any"),             \
        FIELD(RewardRule, min_fen, .max = PROMO_AMOUNT_MAX_FEN, .about = "order: what was spent at least"),            \
        FIELD_DAY(RewardRule, from_day), FIELD_DAY(RewardRule, to_day),                                                \
        FIELD_OBJECT(RewardRule, who, promo_who_fields),                                                               \
        FIELD_LIST(RewardRule, gifts, reward_gift_fields, .need = true, .max = REWARD_GIFTS_MAX),                      \
        FIELD_ID(RewardRule, budget_id)
static const Field rule_new_field[] = { RULE };
static const Field rule_edit_field[] = { FIELD_ID(RewardRule, rule_id, .need = true), RULE,
                                         FIELD(RewardRule, version, .about = "or If-Match") };
static const Field rule_field[] = { FIELD_ID(RewardRule, rule_id), FIELD(RewardRule, version), RULE,
                                    FIELD(RewardRule, created_at) };
const Fields reward_rule_fields = FIELDS(RewardRule, rule_field);
const Fields reward_rule_new_fields = { .name = "RewardRuleNew",
                                        .size = sizeof(RewardRule),
                                        .field = rule_new_field,
                                        .count = COUNT_OF(rule_new_field),
                                        .given_at = -1 };
const Fields reward_rule_edit_fields = { .name = "RewardRuleEdit",
                                         .size = sizeof(RewardRule),
                                         .field = rule_edit_field,
                                         .count = COUNT_OF(rule_edit_field),
                                         .given_at = -1 };

static Str who_text(Ctx *c, const PromoWho *who) {
    Buf b = { .arena = c->arena };
    json_print(&b, &promo_who_fields, who);
    return buf_str(&b);
}

Err reward_rule_insert(Ctx *c, const RewardRule *r) {
    return db_exec(c,
                   "INSERT INTO reward_rule (merchant_id, rule_id, version, name, event, state, about_id, min_fen,"
                   " from_day, to_day, who, gifts, budget_id, created_at)"
                   " VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
                   ARGS(r->rule_id, r->name, event_names[r->event], state_names[r->state], r->about_id, r->min_fen,
                        r->from_day, r->to_day, who_text(c, &r->who), gifts_text(c, &r->gifts), r->budget_id, c->now));
}

Err reward_rule_write(Ctx *c, const RewardRule *r, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE reward_rule SET version = $3, name = $4, event = $5, state = $6, about_id = $7, min_fen = $8,"
                  " from_day = $9, to_day = $10, who = $11, gifts = $12, budget_id = $13"
                  " WHERE merchant_id = $1 AND rule_id = $2 AND version = $3 - 1",
                  ARGS(r->rule_id, r->version, r->name, event_names[r->event], state_names[r->state], r->about_id,
                       r->min_fen, r->from_day, r->to_day, who_text(c, &r->who), gifts_text(c, &r->gifts),
                       r->budget_id),
                  &changed));
    *ret_done = changed == 1;
    return OK;
}

#define RULE_ROW                                                                                                       \
    "SELECT rule_id, version, name, event, state, about_id, min_fen, from_day, to_day, who, gifts, budget_id,"         \
    " created_at FROM reward_rule WHERE merchant_id = $1"

Err reward_rule_find(Ctx *c, int64_t rule_id, RewardRule *ret_rule, bool *ret_found) {
    return db_find(c, RULE_ROW " AND rule_id = $2", ARGS(rule_id), &reward_rule_fields, ret_rule, ret_found);
}

Err reward_rule_list(Ctx *c, RewardRules *ret_list) {
    return db_rows(c, RULE_ROW " ORDER BY rule_id LIMIT $2", ARGS((int64_t)REWARD_RULES_MAX), &reward_rule_fields,
                   REWARD_RULES_MAX, (ListAny *)ret_list);
}

Err reward_rules_on(Ctx *c, RewardEvent event, RewardRules *ret_list) {
    return db_rows(c, RULE_ROW " AND event = $2 AND state = 'on' ORDER BY rule_id LIMIT $3",
                   ARGS(event_names[event], (int64_t)REWARD_RULES_MAX), &reward_rule_fields, REWARD_RULES_MAX,
                   (ListAny *)ret_list);
}

Err reward_rule_stop(Ctx *c, int64_t rule_id, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE reward_rule SET state = 'budget_spent', version = version + 1"
                  " WHERE merchant_id = $1 AND rule_id = $2 AND state = 'on'",
                  ARGS(rule_id), &changed));
    *ret_done = changed == 1;
    return OK;
}

Err reward_imported_rank(Ctx *c, int64_t member_id, int64_t *ret_rank) {
    return db_int(c,
                  "SELECT COALESCE(MAX(source_id), 0) FROM reward_given WHERE merchant_id = $1 AND member_id = $2"
                  " AND source = 'tier.import'",
                  ARGS(member_id), ret_rank);
}

Err reward_walk_read(Ctx *c, int64_t due_at, int64_t *ret_above_id) {
    return db_int(c, "SELECT above_member_id FROM reward_walk WHERE merchant_id = $1 AND due_at = $2", ARGS(due_at),
                  ret_above_id);
}

Err reward_walk_write(Ctx *c, int64_t due_at, int64_t above_id) {
    return db_exec(c,
                   "INSERT INTO reward_walk (merchant_id, due_at, above_member_id) VALUES ($1, $2, $3)"
                   " ON CONFLICT (merchant_id, due_at) DO UPDATE SET above_member_id = excluded.above_member_id",
                   ARGS(due_at, above_id));
}

Err reward_walk_purge(Ctx *c, int64_t before) {
    return db_exec(c, "DELETE FROM reward_walk WHERE merchant_id = $1 AND due_at < $2", ARGS(before));
}

/* ---- members' data ---- */

Err reward_merge_move(Ctx *c, const MergeInfo *m, int64_t *ret_moved) {
    TRY(db_exec(c,
                "INSERT INTO reward_merge (merchant_id, merge_id, reward_id)"
                " SELECT merchant_id, CAST($2 AS BIGINT), reward_id FROM reward_given"
                " WHERE merchant_id = $1 AND member_id = $3",
                ARGS(m->merge_id, m->from_id)));
    TRY(db_exec(c,
                "INSERT INTO reward_budget_member (merchant_id, budget_id, member_id, used_count)"
                " SELECT merchant_id, budget_id, CAST($3 AS BIGINT), used_count FROM reward_budget_member"
                " WHERE merchant_id = $1 AND member_id = $2"
                " ON CONFLICT (merchant_id, budget_id, member_id) DO UPDATE"
                " SET used_count = reward_budget_member.used_count + excluded.used_count",
                ARGS(m->from_id, m->into_id)));
    return db_change(c, "UPDATE reward_given SET member_id = $3 WHERE merchant_id = $1 AND member_id = $2",
                     ARGS(m->from_id, m->into_id), ret_moved);
}

Err reward_merge_back(Ctx *c, const MergeInfo *m, int64_t *ret_moved) {
    TRY(db_change(c,
                  "UPDATE reward_given SET member_id = $3 WHERE merchant_id = $1 AND reward_id IN"
                  " (SELECT reward_id FROM reward_merge WHERE merchant_id = $1 AND merge_id = $2)",
                  ARGS(m->merge_id, m->from_id), ret_moved));
    TRY(db_exec(c,
                "UPDATE reward_budget_member SET used_count = used_count - (SELECT f.used_count"
                " FROM reward_budget_member f WHERE f.merchant_id = $1 AND f.member_id = $2"
                " AND f.budget_id = reward_budget_member.budget_id) WHERE merchant_id = $1 AND member_id = $3"
                " AND EXISTS (SELECT 1 FROM reward_budget_member f WHERE f.merchant_id = $1 AND f.member_id = $2"
                " AND f.budget_id = reward_budget_member.budget_id)",
                ARGS(m->from_id, m->into_id)));
    return db_exec(c, "DELETE FROM reward_merge WHERE merchant_id = $1 AND merge_id = $2", ARGS(m->merge_id));
}

/* ---- Holds ---- */

static Err budget_is_what_was_given(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report, "SELECT COUNT(*) FROM reward_budget WHERE merchant_id = $1",
                       "SELECT b.budget_id AS id, COALESCE(g.worth_fen, 0) AS want, b.used_fen AS have"
                       " FROM reward_budget b LEFT JOIN (SELECT budget_id, CAST(SUM(worth_fen) AS BIGINT) AS worth_fen,"
                       " COUNT(*) AS count FROM reward_given WHERE merchant_id = $1 AND budget_id > 0"
                       " GROUP BY budget_id) g ON g.budget_id = b.budget_id WHERE b.merchant_id = $1"
                       " AND (b.used_fen <> COALESCE(g.worth_fen, 0) OR b.used_count <> COALESCE(g.count, 0)"
                       " OR (b.most_fen > 0 AND b.used_fen > b.most_fen))");
}

static Err coupons_are_there(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report, "SELECT COUNT(*) FROM reward_part WHERE merchant_id = $1 AND kind = 'coupon'",
                       "SELECT p.reward_id AS id, p.amount AS want, COALESCE(k.count, 0) AS have FROM"
                       " (SELECT reward_id, what_id, CAST(SUM(amount) AS BIGINT) AS amount FROM reward_part"
                       " WHERE merchant_id = $1 AND kind = 'coupon' GROUP BY reward_id, what_id) p"
                       " LEFT JOIN (SELECT source_id, template_id, COUNT(*) AS count FROM coupon"
                       " WHERE merchant_id = $1 AND source = 'reward' GROUP BY source_id, template_id) k"
                       " ON k.source_id = p.reward_id AND k.template_id = p.what_id"
                       " WHERE COALESCE(k.count, 0) <> p.amount");
}

static Err value_is_in_the_books(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report,
                       "SELECT COUNT(*) FROM reward_part WHERE merchant_id = $1 AND kind IN ('points', 'growth')",
                       "SELECT p.reward_id AS id, p.amount AS want, COALESCE(e.delta, 0) AS have FROM reward_part p"
                       " LEFT JOIN (SELECT source_id, kind, CAST(SUM(delta - delta_debt) AS BIGINT) AS delta"
                       " FROM ledger_entry WHERE merchant_id = $1 AND source = 'reward' GROUP BY source_id, kind) e"
                       " ON e.source_id = p.reward_id AND e.kind = p.kind WHERE p.merchant_id = $1"
                       " AND p.kind IN ('points', 'growth') AND COALESCE(e.delta, 0) <> p.amount");
}

static Err merged_members_have_none(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report, "SELECT COUNT(*) FROM member_card WHERE merchant_id = $1 AND status = 'merged'",
                       "SELECT g.reward_id AS id, CAST(0 AS BIGINT) AS want, CAST(1 AS BIGINT) AS have"
                       " FROM reward_given g JOIN member_card m ON m.merchant_id = $1 AND m.member_id = g.member_id"
                       " WHERE g.merchant_id = $1 AND m.status = 'merged'");
}

const Hold reward_holds[REWARD_HOLDS] = {
    { "reward.budgets_are_what_was_given", budget_is_what_was_given },
    { "reward.coupons_given_are_there", coupons_are_there },
    { "reward.value_given_is_in_the_books", value_is_in_the_books },
    { "reward.merged_members_have_none", merged_members_have_none },
};
