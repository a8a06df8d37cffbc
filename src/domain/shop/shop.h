/* shop - 门店: the shops of a merchant, their groups, opening hours, zone and tills.
 * Owns:    shop, shop_group, shop_group_shop
 * Units:   minutes after local midnight; *_at unix ms
 * Calls:   nobody
 * Emits:   nobody
 * Holds:   every place in a group is a shop of the same merchant; every shop has a name and a code
 * Errors:  shop.not_found, shop.code_taken, shop.hours, shop.zone, shop.closed, shop.till, shop.group_not_found,
 *          shop.group_name_taken, shop.stale */
#pragma once
#include "app/app.h"

enum { SHOPS_MAX = 5000, SHOP_HOURS_MAX = 28, SHOP_TILLS_MAX = 200, SHOP_GROUP_MAX = 500 };

typedef enum ShopStatus { SHOP_OPEN, SHOP_PAUSED, SHOP_CLOSED } ShopStatus;
extern const char *const shop_status_names[];

/* One opening period: weekday 1 (Monday) to 7; to_minute may pass midnight (up to 2880). */
typedef struct ShopHours { int64_t weekday, from_minute, to_minute; } ShopHours;
extern const Fields shop_hours_fields;

typedef struct Shop {
    int64_t shop_id;
    Str code, name;                       /* code: short, unique within the merchant ("S01") */
    ShopStatus status;
    Str zone;                             /* empty = the merchant's */
    Str phone, region, address;
    int64_t till_count;                   /* tills are numbered 1 … till_count */
    LIST_OF(ShopHours) hours;             /* empty = always open */
    int64_t created_at, updated_at, version;
    uint64_t given;                       /* in a change: which fields came */
} Shop;
typedef LIST_OF(Shop) ShopList;
extern const Fields shop_fields;

/* Setting "shop": what receipts and pages say about the merchant (name, zone and currency: app/merchant.h). */
typedef struct ShopSetting { Str slogan, phone, receipt_note; } ShopSetting;
extern const Setting shop_setting;

/* E_NOT_FOUND "shop.not_found", also for shops of other merchants. */
Err shop_get(Ctx *c, int64_t shop_id, Shop *ret_shop);
Err shop_need(Ctx *c, int64_t shop_id);                              /* the same, when only existence matters */
Err shop_find_code(Ctx *c, Str code, int64_t *ret_shop_id);          /* 0 when there is none */
Err shop_list(Ctx *c, ShopList *ret_shops);                          /* all, by code */
/* Refuses shop.code_taken, shop.hours, shop.zone. */
Err shop_create(Ctx *c, const Shop *shop, Shop *ret_shop);
/* The shop may sell: exists, not closed; till_no 0 = no till. Refuses shop.closed, shop.till. */
Err shop_need_open(Ctx *c, int64_t shop_id, int64_t till_no);
/* The shop's zone name, the merchant's where it has none of its own or shop_id is 0. */
Err shop_zone(Ctx *c, int64_t shop_id, Str *ret_zone);
/* shop_need_open and shop_zone in one look. */
Err shop_open_zone(Ctx *c, int64_t shop_id, int64_t till_no, Str *ret_zone);
/* Shop-local day (yyyymmdd) of c->now. */
Err shop_today(Ctx *c, int64_t shop_id, int64_t *ret_day);
/* Shops of a group; E_NOT_FOUND "shop.group_not_found". */
Err shop_ids_of_group(Ctx *c, int64_t group_id, IntList *ret_shop_ids);
bool shop_ids_have(const IntList *shop_ids, int64_t shop_id);
