/* SQL of templates, their versions and their supply. */
#include "domain/coupon/coupon_store.h"
#include <assert.h>

enum { TEMPLATES_CLAIMABLE_MAX = 200 };
#define AMOUNT .max = PROMO_AMOUNT_MAX_FEN
#define COUNT .max = PROMO_QUANTITY_MAX

const char *const coupon_kind_names[] = { "cash", "full",       "discount", "fixed_price", "exchange",
                                          "gift", "experience", "delivery", NULL };
const char *const coupon_back_names[] = { "unexpired", "return", "extend", "keep", NULL };
const char *const coupon_state_names[] = { "on", "paused", "retired", NULL };
static const char *const claim_names[] = { "none", "open", "password", NULL };

/* What a version says. */
#define CONTENT                                                                                                        \
    FIELD(CouponTemplate, name, .need = true, .max = COUPON_NAME_MAX),                                                 \
        FIELD(CouponTemplate, terms, .max = 1000, .about = "small print, for members"),                                \
        FIELD_ENUM(CouponTemplate, kind, coupon_kind_names, .need = true),                                             \
        FIELD(CouponTemplate, threshold_fen, AMOUNT), FIELD(CouponTemplate, threshold_pieces, COUNT),                  \
        FIELD(CouponTemplate, every, .about = "off_fen for each whole threshold"),                                     \
        FIELD(CouponTemplate, off_fen, AMOUNT),                                                                        \
        FIELD(CouponTemplate, rate_bp, .max = RATE_WHOLE_BP, .about = "what is paid: 8000 = 8 折"),                    \
        FIELD(CouponTemplate, cap_fen, AMOUNT), FIELD(CouponTemplate, price_fen, AMOUNT),                              \
        FIELD(CouponTemplate, pieces, COUNT), FIELD(CouponTemplate, times_max, COUNT),                                 \
        FIELD_ID(CouponTemplate, gift_item_id, .skip_zero = true), FIELD(CouponTemplate, gift_quantity, COUNT),        \
        FIELD(CouponTemplate, worth_fen, AMOUNT, .about = "most one costs; 0 = what the rule tells"),                  \
        FIELD_OBJECT(CouponTemplate, scope, promo_scope_fields), FIELD_OBJECT(CouponTemplate, who, promo_who_fields),  \
        FIELD(CouponTemplate, shop_ids), FIELD(CouponTemplate, channels),                                              \
        FIELD_OBJECT(CouponTemplate, when, promo_when_fields, .about = "from_day, to_day: the range of validity"),     \
        FIELD(CouponTemplate, valid_days, .max = 3650, .about = "days from the claim; 0 = by the range"),              \
        FIELD(CouponTemplate, start_days, .max = 3650), FIELD_ENUM(CouponTemplate, stack, promo_stack_names),          \
        FIELD(CouponTemplate, stack_class, .max = 40, .about = "one of a class an order; empty = coupon"),             \
        FIELD(CouponTemplate, is_combinable, .about = "any number in an order"),                                       \
        FIELD(CouponTemplate, rank, .max = 1000), FIELD_ENUM(CouponTemplate, on_refund, coupon_back_names),            \
        FIELD(CouponTemplate, extend_days, .max = 365), FIELD(CouponTemplate, may_give),                               \
        FIELD(CouponTemplate, give_hours, .max = 720), FIELD(CouponTemplate, stock, .max = 100000000),                 \
        FIELD(CouponTemplate, most_total, COUNT), FIELD(CouponTemplate, most_day, COUNT),                              \
        FIELD(CouponTemplate, most_period, COUNT), FIELD(CouponTemplate, period_days, .max = 366),                     \
        FIELD_OBJECT(CouponTemplate, claim_who, promo_who_fields), FIELD_ENUM(CouponTemplate, claim, claim_names),     \
        FIELD(CouponTemplate, password, .max = 40, .is_secret = true), FIELD_DAY(CouponTemplate, claim_from_day),      \
        FIELD_DAY(CouponTemplate, claim_to_day)

static const Field content_field[] = { CONTENT };
static const Fields content_fields = COUPON_ASK("CouponContent", CouponTemplate, content_field);
static const Field new_field[] = { CONTENT, FIELD_ENUM(CouponTemplate, state, coupon_state_names) };
const Fields coupon_template_new_fields = COUPON_ASK("CouponTemplateNew", CouponTemplate, new_field);
static const Field edit_field[] = { FIELD_ID(CouponTemplate, template_id, .need = true), CONTENT,
                                    FIELD_ENUM(CouponTemplate, state, coupon_state_names),
                                    FIELD(CouponTemplate, version, .about = "or If-Match") };
const Fields coupon_template_edit_fields = COUPON_ASK("CouponTemplateEdit", CouponTemplate, edit_field);
static const Field template_field[] = {
    FIELD_ID(CouponTemplate, template_id),
    FIELD(CouponTemplate, version),
    FIELD_ENUM(CouponTemplate, state, coupon_state_names),
    CONTENT,
    FIELD(CouponTemplate, issued_count),
    FIELD(CouponTemplate, used_count, .skip_zero = true),
    FIELD(CouponTemplate, created_at),
    FIELD(CouponTemplate, updated_at),
};
const Fields coupon_template_fields = FIELDS(CouponTemplate, template_field);

typedef struct TemplateRow {
    CouponTemplate t;
    Str content;
} TemplateRow;
static const Field row_field[] = {
    FIELD_ID(CouponTemplate, template_id),
    FIELD(CouponTemplate, version),
    FIELD_ENUM(CouponTemplate, state, coupon_state_names),
    FIELD(CouponTemplate, issued_count),
    FIELD(CouponTemplate, created_at),
    FIELD(CouponTemplate, updated_at),
    FIELD(TemplateRow, content),
};
static const Fields row_fields = COUPON_ASK("CouponTemplateRow", TemplateRow, row_field);

static void open_row(Ctx *c, const TemplateRow *row, CouponTemplate *ret_template) {
    CouponTemplate t;
    bool is_read = json_read(c->arena, row->content, &content_fields, &t);
    assert(is_read && "what was printed is read back");
    t.template_id = row->t.template_id;
    t.version = row->t.version;
    t.state = row->t.state;
    t.issued_count = row->t.issued_count;
    t.created_at = row->t.created_at;
    t.updated_at = row->t.updated_at;
    *ret_template = t;
}

static Err rule_insert(Ctx *c, const CouponTemplate *t) {
    Buf content = { .arena = c->arena };
    json_print(&content, &content_fields, t);
    return db_exec(c,
                   "INSERT INTO coupon_rule (merchant_id, template_id, version, content, at)"
                   " VALUES ($1, $2, $3, $4, $5)",
                   ARGS(t->template_id, t->version, buf_str(&content), c->now));
}

Err coupon_template_insert(Ctx *c, const CouponTemplate *t) {
    TRY(db_exec(
        c,
        "INSERT INTO coupon_template (merchant_id, template_id, version, state, claim, password, created_at,"
        " updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
        ARGS(t->template_id, t->version, coupon_state_names[t->state], claim_names[t->claim], t->password, c->now)));
    TRY(db_exec(c, "INSERT INTO coupon_supply (merchant_id, template_id, stock, issued_count) VALUES ($1, $2, $3, 0)",
                ARGS(t->template_id, t->stock)));
    return rule_insert(c, t);
}

Err coupon_template_write(Ctx *c, const CouponTemplate *t, bool *ret_done) {
    int64_t changed = 0;
    *ret_done = false;
    TRY(db_change(c,
                  "UPDATE coupon_supply SET stock = $3 WHERE merchant_id = $1 AND template_id = $2"
                  " AND ($3 = 0 OR issued_count <= $3)",
                  ARGS(t->template_id, t->stock), &changed));
    if (changed == 0) return OK;
    TRY(db_change(
        c,
        "UPDATE coupon_template SET version = $3, state = $4, claim = $5, password = $6, updated_at = $7"
        " WHERE merchant_id = $1 AND template_id = $2 AND version = $3 - 1",
        ARGS(t->template_id, t->version, coupon_state_names[t->state], claim_names[t->claim], t->password, c->now),
        &changed));
    if (changed == 0) return fail(c, E_STALE, "coupon.stale", "券模板刚被别人修改，请刷新", "somebody else changed it");
    *ret_done = true;
    return rule_insert(c, t);
}

#define TEMPLATE_ROW                                                                                                   \
    "SELECT t.template_id, t.version, t.state, s.issued_count, t.created_at, t.updated_at, r.content"                  \
    " FROM coupon_template t JOIN coupon_supply s ON s.merchant_id = t.merchant_id"                                    \
    " AND s.template_id = t.template_id JOIN coupon_rule r ON r.merchant_id = t.merchant_id"                           \
    " AND r.template_id = t.template_id AND r.version = t.version WHERE t.merchant_id = $1"

Err coupon_template_find(Ctx *c, int64_t template_id, CouponTemplate *ret_template, bool *ret_found) {
    TemplateRow row;
    TRY(db_find(c, TEMPLATE_ROW " AND t.template_id = $2", ARGS(template_id), &row_fields, &row, ret_found));
    if (*ret_found) open_row(c, &row, ret_template);
    return OK;
}

Err coupon_template_version(Ctx *c, int64_t template_id, int64_t version, CouponTemplate *ret_template) {
    TemplateRow row;
    TRY(db_row(c,
               "SELECT template_id, version, content FROM coupon_rule"
               " WHERE merchant_id = $1 AND template_id = $2 AND version = $3",
               ARGS(template_id, version), &row_fields, &row));
    open_row(c, &row, ret_template);
    return OK;
}

typedef LIST_OF(TemplateRow) TemplateRows;
static void open_rows(Ctx *c, const TemplateRows *rows, CouponTemplates *ret_list) {
    *ret_list = (CouponTemplates){ NEW_LIST(c->arena, CouponTemplate, rows->count + 1), rows->count };
    for (int64_t i = 0; i < rows->count; i++) open_row(c, &rows->items[i], &ret_list->items[i]);
}

Err coupon_template_versions(Ctx *c, int64_t member_id, int64_t most, CouponTemplates *ret_list) {
    TemplateRows rows = { 0 };
    TRY(db_rows(c,
                "SELECT r.template_id, r.version, r.content FROM (SELECT DISTINCT template_id, version FROM coupon"
                " WHERE merchant_id = $1 AND member_id = $2 AND member_id > 0"
                " AND status IN ('issued', 'locked', 'giving') AND (expires_at = 0 OR expires_at >= $3)) k"
                " JOIN coupon_rule r ON r.merchant_id = $1 AND r.template_id = k.template_id AND r.version = k.version"
                " LIMIT $4",
                ARGS(member_id, c->now, most), &row_fields, most, (ListAny *)&rows));
    open_rows(c, &rows, ret_list);
    return OK;
}

Err coupon_template_page(Ctx *c, int64_t below_id, int64_t most, CouponTemplates *ret_list) {
    TemplateRows rows = { 0 };
    TRY(db_rows(c, TEMPLATE_ROW " AND t.template_id < $2 ORDER BY t.template_id DESC LIMIT $3", ARGS(below_id, most),
                &row_fields, most, (ListAny *)&rows));
    open_rows(c, &rows, ret_list);
    return OK;
}

Err coupon_template_claimable(Ctx *c, CouponTemplates *ret_list) {
    TemplateRows rows = { 0 };
    TRY(db_rows(c, TEMPLATE_ROW " AND t.state = 'on' AND t.claim <> 'none' ORDER BY t.template_id DESC LIMIT $2",
                ARGS((int64_t)TEMPLATES_CLAIMABLE_MAX), &row_fields, TEMPLATES_CLAIMABLE_MAX, (ListAny *)&rows));
    open_rows(c, &rows, ret_list);
    return OK;
}

Err coupon_template_by_password(Ctx *c, Str password, int64_t *ret_template_id) {
    return db_int(c,
                  "SELECT template_id FROM coupon_template WHERE merchant_id = $1 AND state = 'on'"
                  " AND claim = 'password' AND password = $2 ORDER BY template_id DESC LIMIT 1",
                  ARGS(password), ret_template_id);
}

Err coupon_template_counts(Ctx *c, int64_t template_id, int64_t *ret_used) {
    return db_int(c, "SELECT COUNT(*) FROM coupon WHERE merchant_id = $1 AND template_id = $2 AND status = 'used'",
                  ARGS(template_id), ret_used);
}

Err coupon_supply_take(Ctx *c, int64_t template_id, int64_t count, bool *ret_done) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE coupon_supply SET issued_count = issued_count + $3 WHERE merchant_id = $1"
                  " AND template_id = $2 AND (stock = 0 OR issued_count + $3 <= stock)",
                  ARGS(template_id, count), &changed));
    *ret_done = changed == 1;
    return OK;
}
