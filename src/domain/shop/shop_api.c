#include "domain/shop/shop_store.h"

static const Field hours_field[] = {
    FIELD(ShopHours, weekday, .need = true, .min = 1, .max = 7, .about = "1 Monday to 7 Sunday"),
    FIELD(ShopHours, from_minute, .max = 1439, .about = "minutes after midnight"),
    FIELD(ShopHours, to_minute, .need = true, .min = 1, .max = 2880, .about = "past 1440 = after midnight"),
};
const Fields shop_hours_fields = FIELDS(ShopHours, hours_field);

static const Field shop_field[] = {
    FIELD_ID(Shop, shop_id),
    FIELD(Shop, code, .max = 20, .about = "short and unique; made when empty"),
    FIELD(Shop, name, .need = true, .max = 60),
    FIELD_ENUM(Shop, status, shop_status_names),
    FIELD(Shop, zone, .max = 63, .about = "IANA name; empty = the merchant's"),
    FIELD(Shop, phone, .max = 40),
    FIELD(Shop, region, .max = 80),
    FIELD(Shop, address, .max = 200),
    FIELD(Shop, till_count, .max = SHOP_TILLS_MAX),
    FIELD_LIST(Shop, hours, shop_hours_fields, .max = SHOP_HOURS_MAX, .about = "empty = always open"),
    FIELD(Shop, created_at, .is_out = true),
    FIELD(Shop, updated_at, .is_out = true),
    FIELD(Shop, version, .is_out = true),
};
const Fields shop_fields = FIELDS_GIVEN(Shop, shop_field);

static const Field change_field[] = {
    FIELD_ID(Shop, shop_id, .need = true),
    FIELD(Shop, code, .max = 20),
    FIELD(Shop, name, .max = 60),
    FIELD_ENUM(Shop, status, shop_status_names),
    FIELD(Shop, zone, .max = 63),
    FIELD(Shop, phone, .max = 40),
    FIELD(Shop, region, .max = 80),
    FIELD(Shop, address, .max = 200),
    FIELD(Shop, till_count, .max = SHOP_TILLS_MAX),
    FIELD_LIST(Shop, hours, shop_hours_fields, .max = SHOP_HOURS_MAX),
    FIELD(Shop, version),
};
static const Fields change_fields = { .name = "ShopChange",
                                      .size = sizeof(Shop),
                                      .field = change_field,
                                      .count = COUNT_OF(change_field),
                                      .given_at = (int64_t)offsetof(Shop, given) };

typedef struct ShopRef {
    int64_t shop_id;
} ShopRef;
static const Field ref_field[] = { FIELD_ID(ShopRef, shop_id, .need = true) };
static const Fields ref_fields = FIELDS(ShopRef, ref_field);

typedef struct ShopPage {
    ShopList items;
    Str next_cursor;
} ShopPage;
static const Field page_field[] = {
    FIELD_LIST(ShopPage, items, shop_fields, .max = SHOPS_MAX),
    FIELD(ShopPage, next_cursor),
};
static const Fields page_fields = FIELDS(ShopPage, page_field);

static Err post_shop(Ctx *c, const void *body, void *ret) { return shop_create(c, body, ret); }

static Err get_shop(Ctx *c, const void *body, void *ret) {
    const ShopRef *in = body;
    return shop_get(c, in->shop_id, ret);
}

static Err patch_shop(Ctx *c, const void *body, void *ret) {
    const Shop *in = body;
    Shop after = { 0 };
    TRY(auth_need_shop(c, in->shop_id));
    TRY(shop_get(c, in->shop_id, &after));
    int64_t version = field_is_given(&change_fields, in, "version") ? in->version : after.version;
    fields_overlay(&change_fields, in, &shop_fields, &after);
    TRY(fields_check(c, &shop_fields, &after));
    return shop_update(c, &after, version, ret);
}

/* Staff of some shops see those; the list is short, so it comes whole. */
static Err get_shops(Ctx *c, const void *body, void *ret) {
    (void)body;
    ShopPage *out = ret;
    TRY(shop_list(c, &out->items));
    if (c->auth == NULL || c->auth->shop_ids.count == 0) return OK;
    int64_t kept = 0;
    for (int64_t i = 0; i < out->items.count; i++) {
        if (shop_ids_have(&c->auth->shop_ids, out->items.items[i].shop_id))
            out->items.items[kept++] = out->items.items[i];
    }
    out->items.count = kept;
    return OK;
}

/* ---- groups ---- */

static const Field group_field[] = {
    FIELD_ID(ShopGroup, group_id),
    FIELD(ShopGroup, name, .need = true, .max = 60),
    FIELD(ShopGroup, shop_ids, .max = LIST_MAX),
    FIELD(ShopGroup, created_at, .is_out = true),
    FIELD(ShopGroup, updated_at, .is_out = true),
    FIELD(ShopGroup, version, .is_out = true),
};
const Fields shop_group_fields = FIELDS_GIVEN(ShopGroup, group_field);

static const Field group_change_field[] = {
    FIELD_ID(ShopGroup, group_id, .need = true),
    FIELD(ShopGroup, name, .max = 60),
    FIELD(ShopGroup, shop_ids, .max = LIST_MAX),
    FIELD(ShopGroup, version),
};
static const Fields group_change_fields = { .name = "ShopGroupChange",
                                            .size = sizeof(ShopGroup),
                                            .field = group_change_field,
                                            .count = COUNT_OF(group_change_field),
                                            .given_at = (int64_t)offsetof(ShopGroup, given) };

typedef struct GroupRef {
    int64_t group_id;
} GroupRef;
static const Field group_ref_field[] = { FIELD_ID(GroupRef, group_id, .need = true) };
static const Fields group_ref_fields = FIELDS(GroupRef, group_ref_field);

typedef struct GroupPage {
    ShopGroupList items;
    Str next_cursor;
} GroupPage;
static const Field group_page_field[] = {
    FIELD_LIST(GroupPage, items, shop_group_fields),
    FIELD(GroupPage, next_cursor),
};
static const Fields group_page_fields = FIELDS(GroupPage, group_page_field);

static Err post_group(Ctx *c, const void *body, void *ret) {
    ShopGroup *out = ret;
    *out = *(const ShopGroup *)body;
    return shop_group_put(c, out, true);
}

static Err patch_group(Ctx *c, const void *body, void *ret) {
    const ShopGroup *in = body;
    ShopGroup *out = ret;
    TRY(shop_group_get(c, in->group_id, out));
    fields_overlay(&group_change_fields, in, &shop_group_fields, out);
    TRY(fields_check(c, &shop_group_fields, out));
    return shop_group_put(c, out, false);
}

static Err get_group(Ctx *c, const void *body, void *ret) {
    const GroupRef *in = body;
    return shop_group_get(c, in->group_id, ret);
}

static Err delete_group(Ctx *c, const void *body, void *ret) {
    (void)ret;
    const GroupRef *in = body;
    bool is_deleted = false;
    TRY(shop_group_delete(c, in->group_id, &is_deleted));
    if (!is_deleted) return fail(c, E_NOT_FOUND, "shop.group_not_found", "没有这个门店分组", "no such shop group");
    return audit(c, &(AuditNote){ .action = "shop.group_delete", .subject = "shop_group", .subject_id = in->group_id });
}

static Err get_groups(Ctx *c, const void *body, void *ret) {
    (void)body;
    GroupPage *out = ret;
    TRY(shop_group_read_all(c, &out->items));
    for (int64_t i = 0; i < out->items.count; i++) {
        ShopGroup *group = &out->items.items[i];
        TRY(shop_group_shops(c, group->group_id, &group->shop_ids));
    }
    return OK;
}

/* ---- what the slice hands to the house ---- */

static const Field setting_field[] = {
    FIELD(ShopSetting, slogan, .max = 100),
    FIELD(ShopSetting, phone, .max = 40, .about = "service line on receipts and pages"),
    FIELD(ShopSetting, receipt_note, .max = 300),
};
static const Fields setting_fields = FIELDS(ShopSetting, setting_field);
static void setting_defaults(void *ret_value) { *(ShopSetting *)ret_value = (ShopSetting){ 0 }; }
const Setting shop_setting = { .name = "shop", .fields = &setting_fields, .defaults = setting_defaults };

static Err hold_groups(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report, "SELECT COUNT(*) FROM shop_group_shop WHERE merchant_id = $1",
                       "SELECT g.group_id AS id, g.shop_id AS want, 0 AS have FROM shop_group_shop g WHERE "
                       "g.merchant_id = $1 AND NOT EXISTS"
                       " (SELECT 1 FROM shop s WHERE s.merchant_id = g.merchant_id AND s.shop_id = g.shop_id)");
}
static Err hold_named(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM shop WHERE merchant_id = $1",
        "SELECT shop_id AS id, 1 AS want, 0 AS have FROM shop WHERE merchant_id = $1 AND (name = '' OR code = '')");
}

static const Route routes[] = {
    { "GET", "/v1/shops", "List shops", WHO_STAFF | WHO_POS | WHO_PARTNER, "shop.read", NULL, &page_fields,
      .run = get_shops, .flags = ROUTE_LIST },
    { "POST", "/v1/shops", "Open a shop", WHO_STAFF, "shop.write", &shop_fields, &shop_fields, .run = post_shop,
      .flags = ROUTE_CREATED },
    { "GET", "/v1/shops/{shop_id}", "Read a shop", WHO_STAFF | WHO_POS | WHO_PARTNER, "shop.read", &ref_fields,
      &shop_fields, .run = get_shop, .flags = ROUTE_EDIT },
    { "PATCH", "/v1/shops/{shop_id}", "Change a shop", WHO_STAFF, "shop.write", &change_fields, &shop_fields,
      .run = patch_shop, .flags = ROUTE_EDIT },
    { "GET", "/v1/shop-groups", "List shop groups", WHO_STAFF, "shop.read", NULL, &group_page_fields, .run = get_groups,
      .flags = ROUTE_LIST },
    { "POST", "/v1/shop-groups", "Make a shop group", WHO_STAFF, "shop.write", &shop_group_fields, &shop_group_fields,
      .run = post_group, .flags = ROUTE_CREATED },
    { "GET", "/v1/shop-groups/{group_id}", "Read a shop group", WHO_STAFF, "shop.read", &group_ref_fields,
      &shop_group_fields, .run = get_group, .flags = ROUTE_EDIT },
    { "PATCH", "/v1/shop-groups/{group_id}", "Change a shop group", WHO_STAFF, "shop.write", &group_change_fields,
      &shop_group_fields, .run = patch_group, .flags = ROUTE_EDIT },
    { "DELETE", "/v1/shop-groups/{group_id}", "Remove a shop group", WHO_STAFF, "shop.write", &group_ref_fields, NULL,
      .run = delete_group },
};
static const Setting *const settings[] = { &shop_setting };
static const Hold holds[] = {
    { "shop.places_in_groups_are_shops", hold_groups },
    { "shop.every_shop_has_name_and_code", hold_named },
};
const Slice shop_slice = {
    .name = "shop",
    .routes = routes,
    .route_count = COUNT_OF(routes),
    .settings = settings,
    .setting_count = COUNT_OF(settings),
    .holds = holds,
    .hold_count = COUNT_OF(holds),
};
