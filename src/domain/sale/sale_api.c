#include "domain/sale/sale_store.h"
#include "event/payment.h"

/* ---- setting ---- */

static const Field setting_field[] = {
    FIELD(SaleSetting, wait_minutes, .need = true, .min = 5, .max = 10080,
          .about = "so long a sale waits for its money before it is given up"),
};
static const Fields setting_fields = FIELDS(SaleSetting, setting_field);
static void setting_defaults(void *ret_value) { *(SaleSetting *)ret_value = (SaleSetting){ .wait_minutes = 120 }; }
const Setting sale_setting = { "sale", &setting_fields, setting_defaults, NULL };

/* ---- shapes ---- */

typedef struct Ask {
    int64_t sale_id, member_id, shop_id, limit;
    Str reason, cursor;
} Ask;
#define ASK(name_text, table)                                                                                          \
    { .name = name_text, .size = sizeof(Ask), .field = (table), .count = COUNT_OF(table), .given_at = -1 }
static const Field ref_field[] = { FIELD_ID(Ask, sale_id, .need = true) };
static const Fields ref_fields = ASK("SaleRef", ref_field);
static const Field refund_ask_field[] = { FIELD_ID(Ask, sale_id, .need = true),
                                          FIELD(Ask, reason, .need = true, .max = 200) };
static const Fields refund_ask_fields = ASK("SaleRefundNew", refund_ask_field);
static const Field list_ask_field[] = { FIELD_ID(Ask, member_id), FIELD_ID(Ask, shop_id),
                                        FIELD(Ask, cursor, .max = 400), FIELD(Ask, limit, .max = PAGE_MAX) };
static const Fields list_ask_fields = ASK("SalesAsk", list_ask_field);

static const char *const what_names[] = { "times", "plan", NULL };
static const Field my_sale_field[] = {
    FIELD_ID(Sale, shop_id, .need = true, .about = "where it counts as sold"),
    FIELD(Sale, sale_no, .max = SALE_NO_MAX, .about = "one of the app's own; unique per shop for ever"),
    FIELD_ENUM(Sale, what, what_names),
    FIELD_ID(Sale, what_id, .need = true),
    FIELD(Sale, count, .max = SALE_COUNT_MAX),
    FIELD(Sale, tender, .need = true, .max = 40, .about = "one that leads to a channel, or balance with the PIN"),
    FIELD(Sale, amount_fen, .max = WALLET_AMOUNT_MAX_FEN),
    FIELD(Sale, pin, .max = 12, .is_secret = true),
};
static const Fields my_sale_fields = {
    .name = "MySale", .size = sizeof(Sale), .field = my_sale_field, .count = COUNT_OF(my_sale_field), .given_at = -1
};

typedef struct SalePage {
    Sales items;
    Str next_cursor;
} SalePage;
static const Field page_field[] = { FIELD_LIST(SalePage, items, sale_fields), FIELD(SalePage, next_cursor) };
static const Fields page_fields = FIELDS(SalePage, page_field);

/* Whoever repeats himself hears of what he did, also when the code has run out meanwhile. */
static Err prove(Ctx *c, const Sale *in, int64_t member_id) {
    const WalletProven *proven = NULL;
    Sale known;
    bool found = false;
    if (in->sale_no.len > 0) TRY(sale_by_no(c, in->shop_id, in->sale_no, &known, &found));
    if (!found && str_is(in->tender, "balance"))
        TRY(wallet_prove(c, member_id, &(WalletProof){ in->code, in->pin }, &proven));
    c->plan = (void *)(uintptr_t)proven;
    return OK;
}

static Err prepare_sale(Ctx *c, const void *body) {
    const Sale *in = body;
    TRY(auth_need_shop(c, in->shop_id));
    return prove(c, in, in->member_id);
}

static Err prepare_my_sale(Ctx *c, const void *body) { return prove(c, body, auth_member(c)); }

static Err post_sale(Ctx *c, const void *body, void *ret) { return sale_make(c, body, c->plan, ret); }

static Err post_my_sale(Ctx *c, const void *body, void *ret) {
    Sale sale = *(const Sale *)body;
    sale.member_id = auth_member(c);
    return sale_make(c, &sale, c->plan, ret);
}

static Err with_pay_url(Ctx *c, Sale *s) {
    Payments payments = { 0 };
    if (s->status != SALE_WAITING) return OK;
    TRY(payment_of_order(c, s->sale_id, &payments));
    if (payments.count > 0) s->pay_url = payments.items[0].pay_url;
    return OK;
}

static Err get_sale(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    Sale *out = ret;
    TRY(sale_read(c, in->sale_id, out));
    if (c->auth->who == WHO_MEMBER) {
        if (out->member_id != auth_member(c))
            return fail(c, E_NOT_FOUND, "sale.unknown", "没有这笔售卡", "no such sale");
    } else {
        TRY(auth_need_shop(c, out->shop_id));
    }
    return with_pay_url(c, out);
}

static Err sales(Ctx *c, int64_t member_id, int64_t shop_id, const Ask *in, SalePage *out) {
    int64_t before = 0, unused = 0, limit = in->limit > 0 ? in->limit : PAGE_DEFAULT;
    TRY(page_open(c, in->cursor, &before, &unused));
    TRY(sale_page(c, member_id, shop_id, before == 0 ? INT64_MAX : before, limit, &out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].sale_id, 0);
    return OK;
}

static Err get_sales(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    int64_t shop_id = in->shop_id;
    if (shop_id == 0 && c->auth->shop_ids.count > 0) shop_id = c->auth->shop_ids.items[0];
    if (shop_id != 0) TRY(auth_need_shop(c, shop_id));
    return sales(c, in->member_id, shop_id, in, ret);
}

static Err get_my_sales(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    return sales(c, auth_member(c), 0, in, ret);
}

static Err need_mine(Ctx *c, int64_t sale_id) {
    Sale sale;
    TRY(sale_read(c, sale_id, &sale));
    return auth_need_shop(c, sale.shop_id);
}

static Err post_cancel(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    TRY(need_mine(c, in->sale_id));
    return sale_cancel(c, in->sale_id, ret);
}

/* In case a notice was lost: the channel is asked before the unit. */
static Err prepare_query(Ctx *c, const void *body) {
    const Ask *in = body;
    PaymentAsked *asked = NEW(c->arena, PaymentAsked);
    TRY(need_mine(c, in->sale_id));
    c->plan = asked;
    return payment_query(c, in->sale_id, 1, asked);
}

static Err post_query(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    const PaymentAsked *asked = c->plan;
    TRY(payment_record(c, asked));
    if (asked->is_paid) TRY(sale_paid(c, in->sale_id));
    return sale_read(c, in->sale_id, ret);
}

static Err get_quote(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    TRY(need_mine(c, in->sale_id));
    return sale_refund_quote(c, in->sale_id, ret);
}

static Err post_refund(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    TRY(need_mine(c, in->sale_id));
    return sale_refund(c, in->sale_id, in->reason, ret);
}

static Err on_payment_paid(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    const PaymentFact *fact = payload;
    return sale_paid(c, fact->order_id);
}

/* ---- members' data ---- */

static Err merge(Ctx *c, const MergeInfo *m) {
    int64_t moved = 0;
    TRY(sale_move(c, m, &moved));
    merge_note(m, "sale", "sales", moved);
    return OK;
}

static Err unmerge(Ctx *c, const MergeInfo *m) {
    int64_t moved = 0;
    TRY(sale_move_back(c, m, &moved));
    merge_note(m, "sale", "sales", moved);
    return OK;
}

static Err export_member(Ctx *c, int64_t member_id, Buf *json) {
    Sales list = { 0 };
    TRY(sale_page(c, member_id, 0, INT64_MAX, LIST_MAX, &list));
    buf_cstr(json, "\"sales\":");
    json_print_list(json, &sale_fields, (ListAny){ list.items, list.count });
    return OK;
}

enum { TILL = WHO_STAFF | WHO_POS | WHO_PARTNER };
static const Route routes[] = {
    { "POST", "/v1/sales", "Sell a times card or a plan: tender and card in one", TILL, "sale.create", &sale_fields,
      &sale_fields, prepare_sale, post_sale, ROUTE_ONCE | ROUTE_CREATED | ROUTE_PROOF },
    { "GET", "/v1/sales", "Sales of cards and plans, newest first", TILL, "sale.read", &list_ask_fields, &page_fields,
      NULL, get_sales, ROUTE_LIST },
    { "GET", "/v1/sales/{sale_id}", "One sale with what it gave", TILL, "sale.read", &ref_fields, &sale_fields, NULL,
      get_sale, 0 },
    { "POST", "/v1/sales/{sale_id}/cancel", "Give up a sale that waits for its money", TILL, "sale.create", &ref_fields,
      &sale_fields, NULL, post_cancel, ROUTE_ONCE },
    { "POST", "/v1/sales/{sale_id}/query", "Ask the channel how far the money is", TILL, "sale.create", &ref_fields,
      &sale_fields, prepare_query, post_query, ROUTE_SLOW },
    { "GET", "/v1/sales/{sale_id}/refund-quote", "What would go back, step by step", TILL, "sale.read", &ref_fields,
      &sale_refund_fields, NULL, get_quote, 0 },
    { "POST", "/v1/sales/{sale_id}/refund", "Take back what is unused and pay its share, with a reason", WHO_STAFF,
      "sale.refund", &refund_ask_fields, &sale_refund_fields, NULL, post_refund, ROUTE_ONCE | ROUTE_CREATED },
    { "POST", "/v1/me/sales", "Buy a times card or a plan", WHO_MEMBER, NULL, &my_sale_fields, &sale_fields,
      prepare_my_sale, post_my_sale, ROUTE_ONCE | ROUTE_CREATED | ROUTE_PROOF },
    { "GET", "/v1/me/sales", "Cards and plans I bought", WHO_MEMBER, NULL, &list_ask_fields, &page_fields, NULL,
      get_my_sales, ROUTE_LIST },
    { "GET", "/v1/me/sales/{sale_id}", "One purchase of mine, with where to pay", WHO_MEMBER, NULL, &ref_fields,
      &sale_fields, NULL, get_sale, 0 },
};
static const Handler handlers[] = {
    { .event = &payment_paid, .name = "sale.on_payment_paid", .run = on_payment_paid },
};

static const Job jobs[] = { { .name = "sale.expire", .every_ms = (int64_t)10 * MINUTE_MS, .run = sale_job_expire } };
static const Setting *const settings[] = { &sale_setting };

const Slice sale_slice = {
    .name = "sale",
    .routes = routes,
    .route_count = COUNT_OF(routes),
    .handlers = handlers,
    .handler_count = COUNT_OF(handlers),
    .jobs = jobs,
    .job_count = COUNT_OF(jobs),
    .settings = settings,
    .setting_count = COUNT_OF(settings),
    .holds = sale_holds,
    .hold_count = SALE_HOLDS,
    .merge = merge,
    .unmerge = unmerge,
    .erase = sale_blank,
    .export_member = export_member,
};
