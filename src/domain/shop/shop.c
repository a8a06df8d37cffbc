#include "app/merchant.h"
#include "base/day.h"
#include "domain/shop/shop_store.h"

const char *const shop_status_names[] = { "open", "paused", "closed", NULL };

static Err not_found(Ctx *c) { return fail(c, E_NOT_FOUND, "shop.not_found", "没有这家门店", "no such shop"); }

Err shop_get(Ctx *c, int64_t shop_id, Shop *ret_shop) {
    bool is_found = false;
    TRY(shop_read(c, shop_id, ret_shop, &is_found));
    return is_found ? OK : not_found(c);
}

Err shop_need(Ctx *c, int64_t shop_id) {
    Shop shop = { 0 };
    return shop_get(c, shop_id, &shop);
}

Err shop_find_code(Ctx *c, Str code, int64_t *ret_shop_id) { return shop_code_owner(c, code, ret_shop_id); }

Err shop_list(Ctx *c, ShopList *ret_shops) { return shop_read_all(c, ret_shops); }

static Err check(Ctx *c, const Shop *shop) {
    if (shop->zone.len > 0 && !zone_is_known(shop->zone)) {
        return fail(c, E_INVALID, "shop.zone", "没有这个时区", "no such time zone");
    }
    for (int64_t i = 0; i < shop->hours.count; i++) {
        const ShopHours *h = &shop->hours.items[i];
        if (h->to_minute <= h->from_minute) {
            return fail(c, E_INVALID, "shop.hours", "营业时间第 %lld 条：结束要晚于开始",
                        "opening hours, line %lld: the end must be later than the beginning", (long long)(i + 1));
        }
    }
    return OK;
}

static Err refuse_code(Ctx *c, Str code) {
    return fail(c, E_CONFLICT, "shop.code_taken", "门店编号 %.*s 已被使用", "shop code %.*s is taken", (int)code.len,
                code.at);
}

Err shop_create(Ctx *c, const Shop *shop, Shop *ret_shop) {
    Shop made = *shop;
    bool is_new = false;
    TRY(check(c, shop));
    made.shop_id = id_new(c);
    if (made.code.len == 0) made.code = arena_print(c->arena, "S%lld", (long long)made.shop_id);
    made.created_at = made.updated_at = c->now;
    made.version = 1;
    TRY(shop_insert(c, &made, &is_new));
    if (!is_new) return refuse_code(c, made.code);
    TRY(audit(c, &(AuditNote){ .action = "shop.create",
                               .subject = "shop",
                               .subject_id = made.shop_id,
                               .fields = &shop_fields,
                               .after = &made }));
    *ret_shop = made;
    return OK;
}

/* The code is asked for before the write: a refused statement would end the unit. */
Err shop_update(Ctx *c, const Shop *after, int64_t version, Shop *ret_shop) {
    Shop before = { 0 }, made = *after;
    int64_t owner = 0;
    bool is_written = false;
    if (after->code.len == 0) complain(c, S("/code"), "field.missing", "这一项必须填写", "this must be given");
    TRY(complaints_refuse(c));
    TRY(check(c, after));
    TRY(shop_get(c, after->shop_id, &before));
    TRY(shop_code_owner(c, after->code, &owner));
    if (owner != 0 && owner != after->shop_id) return refuse_code(c, after->code);
    made.version = version;
    TRY(shop_write(c, &made, &is_written));
    if (!is_written)
        return fail(c, E_STALE, "shop.stale", "门店资料已被别人修改，请刷新", "the shop was changed meanwhile");
    made.version = version + 1;
    made.updated_at = c->now;
    TRY(audit(c, &(AuditNote){ .action = "shop.update",
                               .subject = "shop",
                               .subject_id = made.shop_id,
                               .fields = &shop_fields,
                               .before = &before,
                               .after = &made }));
    *ret_shop = made;
    return OK;
}

static Err check_open(Ctx *c, const Shop *shop, int64_t till_no) {
    if (shop->status != SHOP_OPEN) {
        return fail(c, E_CONFLICT, "shop.closed", "门店 %.*s 没有营业", "shop %.*s is not open for business",
                    (int)shop->name.len, shop->name.at);
    }
    if (till_no < 0 || till_no > shop->till_count) {
        return fail(c, E_INVALID, "shop.till", "门店没有 %lld 号收银台", "the shop has no till %lld",
                    (long long)till_no);
    }
    return OK;
}

static Err zone_of(Ctx *c, const Shop *shop, Str *ret_zone) {
    if (shop->zone.len > 0) {
        *ret_zone = shop->zone;
        return OK;
    }
    Merchant merchant = { 0 };
    TRY(merchant_get(c, &merchant));
    *ret_zone = merchant.zone;
    return OK;
}

Err shop_need_open(Ctx *c, int64_t shop_id, int64_t till_no) {
    Shop shop = { 0 };
    TRY(shop_get(c, shop_id, &shop));
    return check_open(c, &shop, till_no);
}

Err shop_zone(Ctx *c, int64_t shop_id, Str *ret_zone) {
    Shop shop = { 0 };
    if (shop_id != 0) TRY(shop_get(c, shop_id, &shop));
    return zone_of(c, &shop, ret_zone);
}

Err shop_open_zone(Ctx *c, int64_t shop_id, int64_t till_no, Str *ret_zone) {
    Shop shop = { 0 };
    TRY(shop_get(c, shop_id, &shop));
    TRY(check_open(c, &shop, till_no));
    return zone_of(c, &shop, ret_zone);
}

Err shop_today(Ctx *c, int64_t shop_id, int64_t *ret_day) {
    Str name = { 0 };
    TRY(shop_zone(c, shop_id, &name));
    *ret_day = day_at(app_zone(c, name), c->now);
    return OK;
}

bool shop_ids_have(const IntList *shop_ids, int64_t shop_id) {
    for (int64_t i = 0; i < shop_ids->count; i++) {
        if (shop_ids->items[i] == shop_id) return true;
    }
    return false;
}

/* ---- groups ---- */

static Err group_not_found(Ctx *c) {
    return fail(c, E_NOT_FOUND, "shop.group_not_found", "没有这个门店分组", "no such shop group");
}

Err shop_group_get(Ctx *c, int64_t group_id, ShopGroup *ret_group) {
    bool is_found = false;
    TRY(shop_group_read(c, group_id, ret_group, &is_found));
    if (!is_found) return group_not_found(c);
    return shop_group_shops(c, group_id, &ret_group->shop_ids);
}

Err shop_ids_of_group(Ctx *c, int64_t group_id, IntList *ret_shop_ids) {
    ShopGroup group = { 0 };
    TRY(shop_group_get(c, group_id, &group));
    *ret_shop_ids = group.shop_ids;
    return OK;
}

static Err refuse_name(Ctx *c) {
    return fail(c, E_CONFLICT, "shop.group_name_taken", "已有同名分组", "a group of this name exists");
}

Err shop_group_put(Ctx *c, ShopGroup *group, bool is_new) {
    bool is_done = false;
    int64_t owner = 0;
    TRY(shop_group_name_owner(c, group->name, &owner));
    if (owner != 0 && (is_new || owner != group->group_id)) return refuse_name(c);
    if (is_new) {
        group->group_id = id_new(c);
        TRY(shop_group_insert(c, group, &is_done));
        if (!is_done) return refuse_name(c);
        group->version = 1;
        group->created_at = c->now;
    } else {
        TRY(shop_group_write(c, group, &is_done));
        if (!is_done)
            return fail(c, E_STALE, "shop.stale", "分组已被别人修改，请刷新", "the group was changed meanwhile");
        group->version++;
    }
    group->updated_at = c->now;
    TRY(shop_group_shops_clear(c, group->group_id));
    for (int64_t i = 0; i < group->shop_ids.count; i++) {
        TRY(shop_need(c, group->shop_ids.items[i]));
        TRY(shop_group_shop_add(c, group->group_id, group->shop_ids.items[i]));
    }
    return audit(c, &(AuditNote){ .action = is_new ? "shop.group_create" : "shop.group_update",
                                  .subject = "shop_group",
                                  .subject_id = group->group_id,
                                  .fields = &shop_group_fields,
                                  .after = group });
}
