/* shop_store - every SQL statement of the shop slice; private to the folder. */
#pragma once
#include "domain/shop/shop.h"

typedef struct ShopGroup {
    int64_t group_id; Str name; IntList shop_ids; int64_t created_at, updated_at, version;
    uint64_t given;
} ShopGroup;
typedef LIST_OF(ShopGroup) ShopGroupList;
extern const Fields shop_group_fields;

Err shop_insert(Ctx *c, const Shop *shop, bool *ret_is_new);
Err shop_write(Ctx *c, const Shop *shop, bool *ret_written);         /* where the version is still shop->version */
Err shop_code_owner(Ctx *c, Str code, int64_t *ret_shop_id);
Err shop_read(Ctx *c, int64_t shop_id, Shop *ret_shop, bool *ret_found);
Err shop_read_all(Ctx *c, ShopList *ret_shops);

Err shop_group_insert(Ctx *c, const ShopGroup *group, bool *ret_is_new);
Err shop_group_write(Ctx *c, const ShopGroup *group, bool *ret_written);
Err shop_group_name_owner(Ctx *c, Str name, int64_t *ret_group_id);
Err shop_group_read(Ctx *c, int64_t group_id, ShopGroup *ret_group, bool *ret_found);   /* without its shops */
Err shop_group_read_all(Ctx *c, ShopGroupList *ret_groups);
Err shop_group_delete(Ctx *c, int64_t group_id, bool *ret_deleted);
Err shop_group_shop_add(Ctx *c, int64_t group_id, int64_t shop_id);
Err shop_group_shops_clear(Ctx *c, int64_t group_id);
Err shop_group_shops(Ctx *c, int64_t group_id, IntList *ret_shop_ids);

/* Private to shop.c and shop_api.c. */
Err shop_update(Ctx *c, const Shop *after, int64_t version, Shop *ret_shop);
Err shop_group_put(Ctx *c, ShopGroup *group, bool is_new);
Err shop_group_get(Ctx *c, int64_t group_id, ShopGroup *ret_group);
