/* What the house itself answers: who am I, what may be done here, the API's description, the landing page; and its own
 * jobs. */
#include "app/ask.h"
#include "app/auth.h"
#include "app/merchant.h"

typedef struct Me {
    Str who;
    int64_t staff_id, member_id, key_id, session_id, shop_id, merchant_id;
    Str merchant_code, merchant_name, zone, currency, lang;
    bool may_all;
    StrList permissions;
    IntList shop_ids;
    int64_t server_time;
} Me;
static const Field me_field[] = {
    FIELD(Me, who, .about = "staff, pos, partner or member"),
    FIELD_ID(Me, staff_id, .skip_zero = true),
    FIELD_ID(Me, member_id, .skip_zero = true),
    FIELD_ID(Me, key_id, .skip_zero = true),
    FIELD_ID(Me, session_id, .skip_zero = true),
    FIELD_ID(Me, shop_id, .about = "the shop one stands in; empty = none"),
    FIELD_ID(Me, merchant_id),
    FIELD(Me, merchant_code),
    FIELD(Me, merchant_name),
    FIELD(Me, zone, .about = "days are counted in this time zone"),
    FIELD(Me, currency),
    FIELD(Me, lang),
    FIELD(Me, may_all, .about = "owner: everything"),
    FIELD(Me, permissions),
    FIELD(Me, shop_ids, .about = "empty = every shop"),
    FIELD(Me, server_time, .about = "unix ms"),
};
static const Fields me_fields = FIELDS(Me, me_field);

typedef struct PermissionLine {
    Str permission;
    bool is_mine;
    StrList routes;
} PermissionLine;
static const Field permission_line_field[] = {
    FIELD(PermissionLine, permission),
    FIELD(PermissionLine, is_mine, .about = "the caller has it"),
    FIELD(PermissionLine, routes, .about = "summaries of what it opens"),
};
static const Fields permission_line_fields = FIELDS(PermissionLine, permission_line_field);
typedef struct PermissionList {
    LIST_OF(PermissionLine) items;
} PermissionList;
static const Field permission_list_field[] = { FIELD_LIST(PermissionList, items, permission_line_fields) };
static const Fields permission_list_fields = FIELDS(PermissionList, permission_list_field);

static Str who_word(unsigned who) {
    if (who == WHO_STAFF) return S("staff");
    if (who == WHO_POS) return S("pos");
    if (who == WHO_PARTNER) return S("partner");
    return who == WHO_MEMBER ? S("member") : S("public");
}

static Err get_me(Ctx *c, [[maybe_unused]] const void *in, void *ret) {
    Me *me = ret;
    Merchant merchant;
    TRY(merchant_get(c, &merchant));
    const Auth *auth = c->auth;
    *me = (Me){
        .who = who_word(auth->who),
        .staff_id = auth->staff_id,
        .member_id = auth->member_id,
        .key_id = auth->key_id,
        .session_id = auth->session_id,
        .shop_id = c->shop_id,
        .merchant_id = c->merchant_id,
        .merchant_code = merchant.code,
        .merchant_name = merchant.name,
        .zone = merchant.zone,
        .currency = merchant.currency,
        .lang = merchant.lang,
        .may_all = auth->may_all,
        .permissions = auth->may_all ? auth_permissions(c) : auth->permissions,
        .shop_ids = auth->shop_ids,
        .server_time = c->now,
    };
    return OK;
}

static StrList summaries_of(Ctx *c, Str permission) {
    int64_t count = 0;
    for (int pass = 0; pass < 2; pass++) {
        StrList list = { pass == 0 ? NULL : NEW_LIST(c->arena, Str, count > 0 ? count : 1), 0 };
        for (int64_t i = 0; i < routes_count(c->app); i++) {
            const Route *route = routes_at(c->app, i)->route;
            if (route->may == NULL || !str_is(permission, route->may)) continue;
            if (pass == 1) list.items[list.count] = str_of(route->summary);
            list.count++;
        }
        count = list.count;
        if (pass == 1) return list;
    }
    return (StrList){ 0 };
}

static Err get_permissions(Ctx *c, [[maybe_unused]] const void *in, void *ret) {
    PermissionList *out = ret;
    StrList all = auth_permissions(c);
    out->items.items = NEW_LIST(c->arena, PermissionLine, all.count > 0 ? all.count : 1);
    for (int64_t i = 0; i < all.count; i++) {
        out->items.items[out->items.count++] =
            (PermissionLine){ all.items[i], auth_may(c, arena_cstr(c->arena, all.items[i])),
                              summaries_of(c, all.items[i]) };
    }
    return OK;
}

static Err get_openapi(Ctx *c, [[maybe_unused]] const void *in, [[maybe_unused]] void *ret) {
    Buf b = { .arena = c->arena };
    openapi_print(&b);
    c->raw->content_type = S("application/json");
    c->raw->body = buf_str(&b);
    return OK;
}

/* ---- landing page: until the console stands, it says where things are ---- */

static void html_text(Buf *b, Str text) {
    for (int64_t i = 0; i < text.len; i++) {
        switch (text.at[i]) {
        case '&':
            buf_cstr(b, "&amp;");
            break;
        case '<':
            buf_cstr(b, "&lt;");
            break;
        case '>':
            buf_cstr(b, "&gt;");
            break;
        case '"':
            buf_cstr(b, "&quot;");
            break;
        default:
            buf_char(b, text.at[i]);
        }
    }
}

static const char landing_head[] =
    "<!doctype html><html lang=\"zh\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
    "content=\"width=device-width\">"
    "<title>laoke 老客</title><style>body{font:16px/1.6 sans-serif;margin:2rem auto;max-width:44rem;padding:0 1rem}"
    "pre{background:#f4f4f4;padding:1rem}td{padding:.2rem 1rem .2rem 0}</style></head><body><main><h1>laoke 老客</h1>"
    "<p>会员系统正在运行。 The membership system is running.</p><ul>"
    "<li><a href=\"/docs\">API 文档 API reader</a></li><li><a href=\"/openapi.json\">OpenAPI 3.1</a></li>"
    "<li><a href=\"/healthz\">/healthz</a> · <a href=\"/readyz\">/readyz</a></li></ul>";

typedef struct DemoCode {
    Str to, text;
    int64_t at;
} DemoCode;
static const Field demo_code_field[] = { FIELD(DemoCode, to, .max = 1000), FIELD(DemoCode, text, .max = 1000),
                                         FIELD(DemoCode, at) };
static const Fields demo_code_fields = FIELDS(DemoCode, demo_code_field);
typedef struct DemoCodes {
    LIST_OF(DemoCode) codes;
} DemoCodes;
static const Field demo_codes_field[] = { FIELD_LIST(DemoCodes, codes, demo_code_fields) };
static const Fields demo_codes_fields = FIELDS(DemoCodes, demo_codes_field);

static void landing_demo(Ctx *c, Buf *b) {
    const AppConfig *config = &c->app->config;
    if (!config->is_demo) return;
    if (config->demo_logins.len > 0) {
        buf_cstr(b, "<h2>演示账号 Demo log-ins</h2><pre>");
        html_text(b, config->demo_logins);
        buf_cstr(b, "</pre>");
    }
    if (config->demo_codes == NULL) return;
    Buf json = { .arena = c->arena };
    DemoCodes codes = { 0 };
    buf_cstr(&json, "{\"codes\":");
    config->demo_codes(c->app, &json);
    buf_char(&json, '}');
    if (!json_read(c->arena, buf_str(&json), &demo_codes_fields, &codes)) return;
    buf_cstr(b, "<h2>最近的验证码 Recent one-time codes</h2><table>");
    for (int64_t i = 0; i < codes.codes.count; i++) {
        buf_cstr(b, "<tr><td>");
        html_text(b, codes.codes.items[i].to);
        buf_cstr(b, "</td><td>");
        html_text(b, codes.codes.items[i].text);
        buf_cstr(b, "</td></tr>");
    }
    buf_cstr(b, "</table>");
}

static Err get_landing(Ctx *c, [[maybe_unused]] const void *in, [[maybe_unused]] void *ret) {
    Buf b = { .arena = c->arena };
    buf_cstr(&b, landing_head);
    landing_demo(c, &b);
    buf_cstr(&b, "</main></body></html>\n");
    RawReply *raw = c->raw;
    raw->content_type = S("text/html; charset=utf-8");
    raw->body = buf_str(&b);
    raw->headers[raw->header_count++] =
        (HttpHeader){ S("Content-Security-Policy"),
                      S("default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'") };
    raw->headers[raw->header_count++] = (HttpHeader){ S("Referrer-Policy"), S("same-origin") };
    return OK;
}

/* ---- jobs ---- */

enum { PURGE_SESSIONS = 1000, SESSION_KEPT_MS = 24 * 3600 * 1000 };

static Err purge_sessions(Ctx *c, [[maybe_unused]] int64_t due_at, bool *ret_more) {
    int64_t sessions = 0, nonces = 0;
    TRY(session_purge(c, c->now - SESSION_KEPT_MS, PURGE_SESSIONS, &sessions));
    TRY(nonce_purge(c, c->now, &nonces));
    *ret_more = sessions == PURGE_SESSIONS;
    return OK;
}

static const Route request_routes[] = {
    { "GET", "/v1/whoami", "Who is asking, and what they may", WHO_STAFF | WHO_POS | WHO_MEMBER | WHO_PARTNER, NULL,
      NULL, &me_fields, NULL, get_me, 0 },
    { "GET", "/v1/permissions", "Every permission and what it opens", WHO_STAFF, "role.read", NULL,
      &permission_list_fields, NULL, get_permissions, 0 },
    { "GET", "/openapi.json", "This API as OpenAPI 3.1", WHO_PUBLIC, NULL, NULL, NULL, NULL, get_openapi,
      ROUTE_RAW | ROUTE_PLAIN },
    { "GET", "/", "Landing page", WHO_PUBLIC, NULL, NULL, NULL, NULL, get_landing, ROUTE_RAW },
};
static const Job request_jobs[] = {
    { .name = "once.purge", .at_minute = 4 * 60, .run = once_purge },
    { .name = "session.purge", .every_ms = 600 * 1000, .run = purge_sessions },
};
const Slice request_slice = {
    .name = "request",
    .routes = request_routes,
    .route_count = COUNT_OF(request_routes),
    .jobs = request_jobs,
    .job_count = COUNT_OF(request_jobs),
};
