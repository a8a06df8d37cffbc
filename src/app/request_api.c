/* What the house itself answers: who am I, what may be done here, the API's description, the demo's codes; and its own
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

/* ---- the demo: what its log-in page shows ---- */

typedef struct DemoCode {
    Str to, text;
    int64_t at;
} DemoCode;
static const Field demo_code_field[] = { FIELD(DemoCode, to, .max = 1000), FIELD(DemoCode, text, .max = 1000),
                                         FIELD(DemoCode, at, .about = "unix ms") };
static const Fields demo_code_fields = FIELDS(DemoCode, demo_code_field);
typedef struct Demo {
    bool is_demo;
    LIST_OF(DemoCode) codes;
} Demo;
static const Field demo_field[] = {
    FIELD(Demo, is_demo),
    FIELD_LIST(Demo, codes, demo_code_fields, .about = "the newest one-time codes; nobody else receives them"),
};
static const Fields demo_fields = FIELDS(Demo, demo_field);

static Err get_demo(Ctx *c, [[maybe_unused]] const void *in, void *ret) {
    Demo *demo = ret;
    const AppConfig *config = &c->app->config;
    if (!config->is_demo) return OK;
    if (config->demo_codes != NULL) {
        Buf json = { .arena = c->arena };
        buf_cstr(&json, "{\"codes\":");
        config->demo_codes(c->app, &json);
        buf_char(&json, '}');
        if (!json_read(c->arena, buf_str(&json), &demo_fields, demo)) *demo = (Demo){ 0 };
    }
    demo->is_demo = true;
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
    { "GET", "/v1/demo", "Is this the demo, and its one-time codes", WHO_PUBLIC, NULL, NULL, &demo_fields, NULL,
      get_demo, 0 },
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
