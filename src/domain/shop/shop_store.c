#include "domain/shop/shop_store.h"

typedef struct IdRow {
    int64_t id;
} IdRow;
static const Field id_row_field[] = { FIELD_ID(IdRow, id) };
static const Fields id_row_fields = FIELDS(IdRow, id_row_field);

static Str hours_json(Ctx *c, const Shop *shop) {
    Buf b = { .arena = c->arena };
    json_print_list(&b, &shop_hours_fields, (ListAny){ shop->hours.items, shop->hours.count });
    return buf_str(&b);
}

Err shop_insert(Ctx *c, const Shop *shop, bool *ret_is_new) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "INSERT INTO shop (merchant_id, shop_id, code, name, status, zone, phone, region, address, till_count, hours,"
        " created_at, updated_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, 1)"
        " ON CONFLICT DO NOTHING",
        ARGS(shop->shop_id, shop->code, shop->name, shop_status_names[shop->status], shop->zone, shop->phone,
             shop->region, shop->address, shop->till_count, hours_json(c, shop), c->now),
        &changed));
    *ret_is_new = changed == 1;
    return OK;
}

Err shop_write(Ctx *c, const Shop *shop, bool *ret_written) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE shop SET code = $3, name = $4, status = $5, zone = $6, phone = $7, region = $8, address = $9,"
                  " till_count = $10, hours = $11, updated_at = $12, version = version + 1"
                  " WHERE merchant_id = $1 AND shop_id = $2 AND version = $13",
                  ARGS(shop->shop_id, shop->code, shop->name, shop_status_names[shop->status], shop->zone, shop->phone,
                       shop->region, shop->address, shop->till_count, hours_json(c, shop), c->now, shop->version),
                  &changed));
    *ret_written = changed == 1;
    return OK;
}

Err shop_code_owner(Ctx *c, Str code, int64_t *ret_shop_id) {
    return db_int(c, "SELECT shop_id FROM shop WHERE merchant_id = $1 AND code = $2", ARGS(code), ret_shop_id);
}

Err shop_read(Ctx *c, int64_t shop_id, Shop *ret_shop, bool *ret_found) {
    return db_find(c,
                   "SELECT shop_id, code, name, status, zone, phone, region, address, till_count, hours, created_at, "
                   "updated_at, version"
                   " FROM shop WHERE merchant_id = $1 AND shop_id = $2",
                   ARGS(shop_id), &shop_fields, ret_shop, ret_found);
}

Err shop_read_all(Ctx *c, ShopList *ret_shops) {
    return db_rows(c,
                   "SELECT shop_id, code, name, status, zone, phone, region, address, till_count, hours, created_at, "
                   "updated_at, version"
                   " FROM shop WHERE merchant_id = $1 ORDER BY code, shop_id",
                   NO_ARGS, &shop_fields, SHOPS_MAX, (ListAny *)ret_shops);
}

Err shop_group_insert(Ctx *c, const ShopGroup *group, bool *ret_is_new) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "INSERT INTO shop_group (merchant_id, group_id, name, created_at, updated_at, version)"
                  " VALUES ($1, $2, $3, $4, $4, 1) ON CONFLICT DO NOTHING",
                  ARGS(group->group_id, group->name, c->now), &changed));
    *ret_is_new = changed == 1;
    return OK;
}

Err shop_group_write(Ctx *c, const ShopGroup *group, bool *ret_written) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE shop_group SET name = $3, updated_at = $4, version = version + 1"
                  " WHERE merchant_id = $1 AND group_id = $2 AND version = $5",
                  ARGS(group->group_id, group->name, c->now, group->version), &changed));
    *ret_written = changed == 1;
    return OK;
}

Err shop_group_name_owner(Ctx *c, Str name, int64_t *ret_group_id) {
    return db_int(c, "SELECT group_id FROM shop_group WHERE merchant_id = $1 AND name = $2", ARGS(name), ret_group_id);
}

Err shop_group_read(Ctx *c, int64_t group_id, ShopGroup *ret_group, bool *ret_found) {
    return db_find(c,
                   "SELECT group_id, name, created_at, updated_at, version FROM shop_group WHERE merchant_id = $1 AND "
                   "group_id = $2",
                   ARGS(group_id), &shop_group_fields, ret_group, ret_found);
}

Err shop_group_read_all(Ctx *c, ShopGroupList *ret_groups) {
    return db_rows(c,
                   "SELECT group_id, name, created_at, updated_at, version FROM shop_group WHERE merchant_id = $1 "
                   "ORDER BY name, group_id",
                   NO_ARGS, &shop_group_fields, SHOP_GROUP_MAX, (ListAny *)ret_groups);
}

Err shop_group_delete(Ctx *c, int64_t group_id, bool *ret_deleted) {
    int64_t changed = 0;
    TRY(shop_group_shops_clear(c, group_id));
    TRY(db_change(c, "DELETE FROM shop_group WHERE merchant_id = $1 AND group_id = $2", ARGS(group_id), &changed));
    *ret_deleted = changed == 1;
    return OK;
}

Err shop_group_shop_add(Ctx *c, int64_t group_id, int64_t shop_id) {
    return db_exec(
        c, "INSERT INTO shop_group_shop (merchant_id, group_id, shop_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        ARGS(group_id, shop_id));
}

Err shop_group_shops_clear(Ctx *c, int64_t group_id) {
    return db_exec(c, "DELETE FROM shop_group_shop WHERE merchant_id = $1 AND group_id = $2", ARGS(group_id));
}

Err shop_group_shops(Ctx *c, int64_t group_id, IntList *ret_shop_ids) {
    LIST_OF(IdRow) rows = { 0 };
    TRY(db_rows(c,
                "SELECT shop_id AS id FROM shop_group_shop WHERE merchant_id = $1 AND group_id = $2 ORDER BY shop_id",
                ARGS(group_id), &id_row_fields, SHOPS_MAX, (ListAny *)&rows));
    ret_shop_ids->items = NEW_LIST(c->arena, int64_t, rows.count + 1);
    ret_shop_ids->count = rows.count;
    for (int64_t i = 0; i < rows.count; i++) ret_shop_ids->items[i] = rows.items[i].id;
    return OK;
}
