#include "app/app.h"
#include "domain/item/item_store.h"
#include "domain/shop/shop.h"

static const Field item_field[] = {
    FIELD_ID(Item, item_id),
    FIELD(Item, sku, .max = 64, .about = "the item's number in the shop; made when empty, never changes"),
    FIELD(Item, name, .need = true, .max = ITEM_NAME_MAX),
    FIELD_ID(Item, category_id),
    FIELD_ID(Item, brand_id),
    FIELD(Item, category, .is_out = true),
    FIELD(Item, brand, .is_out = true),
    FIELD(Item, unit, .max = 20),
    FIELD(Item, price_fen, .max = 100000000),
    FIELD(Item, member_price_fen, .max = 100000000, .about = "price for members, 0 = none"),
    FIELD(Item, points_bonus, .max = 1000000, .about = "extra points a piece"),
    FIELD(Item, no_discount, .about = "no discount, offer or coupon touches it, and it counts for no threshold"),
    FIELD(Item, floor_price_fen, .max = 100000000, .about = "offers and coupons never sell it below"),
    FIELD(Item, most_per_member, .max = 1000000, .about = "so many a member may buy in all; 0 = any number"),
    FIELD(Item, only_tags, .max = ITEM_ONLY_TAGS_MAX, .about = "only who carries one of these tags may buy it"),
    FIELD_ENUM(Item, status, item_status_names),
    FIELD(Item, barcodes, .max = ITEM_BARCODES_MAX),
    FIELD(Item, version),
    FIELD(Item, created_at, .is_out = true),
    FIELD(Item, updated_at, .is_out = true),
};
const Fields item_fields = FIELDS_GIVEN(Item, item_field);

/* The same struct as a change: nothing must be given but the item. */
static const Field item_change_field[] = {
    FIELD_ID(Item, item_id, .need = true),
    FIELD(Item, sku, .is_out = true),
    FIELD(Item, name, .max = ITEM_NAME_MAX),
    FIELD_ID(Item, category_id),
    FIELD_ID(Item, brand_id),
    FIELD(Item, category, .is_out = true),
    FIELD(Item, brand, .is_out = true),
    FIELD(Item, unit, .max = 20),
    FIELD(Item, price_fen, .max = 100000000),
    FIELD(Item, member_price_fen, .max = 100000000),
    FIELD(Item, points_bonus, .max = 1000000),
    FIELD(Item, no_discount),
    FIELD(Item, floor_price_fen, .max = 100000000),
    FIELD(Item, most_per_member, .max = 1000000),
    FIELD(Item, only_tags, .max = ITEM_ONLY_TAGS_MAX),
    FIELD_ENUM(Item, status, item_status_names),
    FIELD(Item, barcodes, .max = ITEM_BARCODES_MAX),
    FIELD(Item, version),
};
static const Fields item_change_fields = { .name = "ItemChange",
                                           .size = sizeof(Item),
                                           .field = item_change_field,
                                           .count = COUNT_OF(item_change_field),
                                           .given_at = (int64_t)offsetof(Item, given) };

static const Field item_named_field[] = {
    FIELD_ID(ItemNamed, id),
    FIELD_ID(ItemNamed, parent_id),
    FIELD(ItemNamed, name, .need = true, .max = 60),
    FIELD(ItemNamed, position, .max = 100000),
};
const Fields item_named_fields = FIELDS(ItemNamed, item_named_field);

static const Field item_shelf_field[] = {
    FIELD_ID(ItemShelf, item_id),   FIELD_ID(ItemShelf, shop_id),  FIELD(ItemShelf, left_quantity),
    FIELD(ItemShelf, low_quantity), FIELD(ItemShelf, entry_count),
};
const Fields item_shelf_fields = FIELDS(ItemShelf, item_shelf_field);

static const Field item_stock_entry_field[] = {
    FIELD_ID(ItemStockEntry, shop_id),     FIELD_ID(ItemStockEntry, item_id), FIELD(ItemStockEntry, seq),
    FIELD(ItemStockEntry, delta_quantity), FIELD(ItemStockEntry, left_after), FIELD(ItemStockEntry, source),
    FIELD_ID(ItemStockEntry, source_id),   FIELD(ItemStockEntry, at),
};
const Fields item_stock_entry_fields = FIELDS(ItemStockEntry, item_stock_entry_field);

/* ---- items ---- */

typedef struct ItemRef {
    int64_t item_id;
} ItemRef;
static const Field item_ref_field[] = { FIELD_ID(ItemRef, item_id, .need = true) };
static const Fields item_ref_fields = FIELDS(ItemRef, item_ref_field);

static const Field item_query_field[] = {
    FIELD(ItemQuery, q, .max = 60, .about = "part of the name, pinyin, initials; whole sku or barcode"),
    FIELD_ID(ItemQuery, category_id),
    FIELD(ItemQuery, updated_since),
    FIELD(ItemQuery, with_removed),
    FIELD(ItemQuery, cursor),
    FIELD(ItemQuery, limit, .max = PAGE_MAX),
};
static const Fields item_query_fields = FIELDS(ItemQuery, item_query_field);

typedef struct ItemPage {
    Items items;
    Str next_cursor;
} ItemPage;
static const Field item_page_field[] = {
    FIELD_LIST(ItemPage, items, item_fields, .max = PAGE_MAX),
    FIELD(ItemPage, next_cursor),
};
static const Fields item_page_fields = FIELDS(ItemPage, item_page_field);

static Err post_item(Ctx *c, const void *body, void *ret) { return item_create(c, body, ret); }
static Err patch_item(Ctx *c, const void *body, void *ret) { return item_update(c, body, ret); }
static Err get_item(Ctx *c, const void *body, void *ret) {
    const ItemRef *in = body;
    return item_read(c, in->item_id, ret);
}
static Err get_items(Ctx *c, const void *body, void *ret) {
    ItemPage *out = ret;
    return item_list(c, body, &out->items, &out->next_cursor);
}

/* ---- categories and brands ---- */

typedef struct NamedQuery {
    Str cursor;
    int64_t limit;
} NamedQuery;
static const Field named_query_field[] = { FIELD(NamedQuery, cursor), FIELD(NamedQuery, limit, .max = PAGE_MAX) };
static const Fields named_query_fields = FIELDS(NamedQuery, named_query_field);

typedef struct ItemNamedPage {
    ItemNameds items;
    Str next_cursor;
} ItemNamedPage;
static const Field item_named_page_field[] = {
    FIELD_LIST(ItemNamedPage, items, item_named_fields, .max = PAGE_MAX),
    FIELD(ItemNamedPage, next_cursor),
};
static const Fields item_named_page_fields = FIELDS(ItemNamedPage, item_named_page_field);

static int64_t limit_of(int64_t limit) { return limit > 0 ? limit : PAGE_DEFAULT; }

static Str named_cursor(Ctx *c, const ItemNameds *list, int64_t limit) {
    return list->count < limit ? (Str){ 0 } : page_cursor(c, list->items[list->count - 1].id, 0);
}

static Err get_categories(Ctx *c, const void *body, void *ret) {
    const NamedQuery *in = body;
    ItemNamedPage *out = ret;
    int64_t after = 0, unused = 0, limit = limit_of(in->limit);
    TRY(page_open(c, in->cursor, &after, &unused));
    TRY(item_categories(c, after, limit, &out->items));
    out->next_cursor = named_cursor(c, &out->items, limit);
    return OK;
}

static Err get_brands(Ctx *c, const void *body, void *ret) {
    const NamedQuery *in = body;
    ItemNamedPage *out = ret;
    int64_t after = 0, unused = 0, limit = limit_of(in->limit);
    TRY(page_open(c, in->cursor, &after, &unused));
    TRY(item_brands(c, after, limit, &out->items));
    out->next_cursor = named_cursor(c, &out->items, limit);
    return OK;
}

static Err post_category(Ctx *c, const void *body, void *ret) {
    const ItemNamed *in = body;
    ItemNamed *out = ret;
    bool is_there = true;
    if (in->parent_id != 0) TRY(item_category_exists(c, in->parent_id, &is_there));
    if (!is_there) return fail(c, E_INVALID, "item.category_not_found", "没有这个上级分类", "no such parent category");
    *out = *in;
    out->id = id_new(c);
    int64_t made = out->id;
    TRY(item_category_upsert(c, out, &made));
    if (made != out->id)
        return fail(c, E_CONFLICT, "item.category_taken", "已有同名分类", "a category of this name exists");
    return OK;
}

static Err put_category(Ctx *c, const void *body, void *ret) {
    const ItemNamed *in = body;
    ItemNamed *out = ret;
    bool taken, written;
    TRY(item_category_taken(c, in, &taken));
    if (taken) return fail(c, E_CONFLICT, "item.category_taken", "已有同名分类", "a category of this name exists");
    TRY(item_category_write(c, in, &written));
    if (!written) return fail(c, E_NOT_FOUND, "item.category_not_found", "没有这个分类", "no such category");
    *out = *in;
    return OK;
}

static Err post_brand(Ctx *c, const void *body, void *ret) {
    const ItemNamed *in = body;
    ItemNamed *out = ret;
    *out = *in;
    out->id = id_new(c);
    int64_t made = out->id;
    TRY(item_brand_upsert(c, out, &made));
    if (made != out->id) return fail(c, E_CONFLICT, "item.brand_taken", "已有同名品牌", "a brand of this name exists");
    return OK;
}

/* ---- shop prices and stock ---- */

typedef struct ShopPrice {
    int64_t item_id, shop_id, price_fen;
} ShopPrice;
static const Field shop_price_field[] = {
    FIELD_ID(ShopPrice, item_id, .need = true),
    FIELD_ID(ShopPrice, shop_id, .need = true),
    FIELD(ShopPrice, price_fen, .min = -1, .max = 100000000, .about = "-1 takes the shop's own price away"),
};
static const Fields shop_price_fields = FIELDS(ShopPrice, shop_price_field);

static Err put_shop_price(Ctx *c, const void *body, void *ret) {
    const ShopPrice *in = body;
    Item item;
    TRY(auth_need_shop(c, in->shop_id));
    Shop shop;
    TRY(shop_get(c, in->shop_id, &shop));
    TRY(item_read(c, in->item_id, &item));
    TRY(in->price_fen < 0 ? item_shop_price_delete(c, in->shop_id, in->item_id)
                          : item_shop_price_put(c, in->shop_id, in->item_id, in->price_fen));
    *(ShopPrice *)ret = *in;
    return audit(c, &(AuditNote){ .action = "item.shop_price",
                                  .subject = "item",
                                  .subject_id = in->item_id,
                                  .fields = &shop_price_fields,
                                  .after = in });
}

typedef struct StockCount {
    int64_t item_id, shop_id, counted_quantity, low_quantity;
} StockCount;
static const Field stock_count_field[] = {
    FIELD_ID(StockCount, item_id, .need = true),
    FIELD_ID(StockCount, shop_id, .need = true),
    FIELD(StockCount, counted_quantity, .max = 1000000000),
    FIELD(StockCount, low_quantity, .max = 1000000, .about = "warn when the shelf falls to this, 0 = never"),
};
static const Fields stock_count_fields = FIELDS(StockCount, stock_count_field);

static Err post_stock_count(Ctx *c, const void *body, void *ret) {
    const StockCount *in = body;
    TRY(auth_need_shop(c, in->shop_id));
    Shop shop;
    TRY(shop_get(c, in->shop_id, &shop));
    TRY(item_stock_count(c, in->shop_id, in->item_id, in->counted_quantity, in->low_quantity));
    bool found;
    TRY(item_shelf_read(c, in->shop_id, in->item_id, ret, &found));
    return audit(c, &(AuditNote){ .action = "item.stock_count",
                                  .subject = "item",
                                  .subject_id = in->item_id,
                                  .fields = &stock_count_fields,
                                  .after = in });
}

typedef struct ShelfQuery {
    int64_t shop_id;
    bool low_only;
    Str cursor;
    int64_t limit;
} ShelfQuery;
static const Field shelf_query_field[] = {
    FIELD_ID(ShelfQuery, shop_id, .need = true),
    FIELD(ShelfQuery, low_only),
    FIELD(ShelfQuery, cursor),
    FIELD(ShelfQuery, limit, .max = PAGE_MAX),
};
static const Fields shelf_query_fields = FIELDS(ShelfQuery, shelf_query_field);

typedef struct ItemShelfPage {
    ItemShelves items;
    Str next_cursor;
} ItemShelfPage;
static const Field item_shelf_page_field[] = {
    FIELD_LIST(ItemShelfPage, items, item_shelf_fields, .max = PAGE_MAX),
    FIELD(ItemShelfPage, next_cursor),
};
static const Fields item_shelf_page_fields = FIELDS(ItemShelfPage, item_shelf_page_field);

static Err get_shelves(Ctx *c, const void *body, void *ret) {
    const ShelfQuery *in = body;
    ItemShelfPage *out = ret;
    int64_t after = 0, unused = 0, limit = limit_of(in->limit);
    TRY(auth_need_shop(c, in->shop_id));
    TRY(page_open(c, in->cursor, &after, &unused));
    TRY(item_shelf_page(c, in->shop_id, in->low_only, after, limit, &out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].item_id, 0);
    return OK;
}

typedef struct StockEntryQuery {
    int64_t item_id, shop_id;
    Str cursor;
    int64_t limit;
} StockEntryQuery;
static const Field stock_entry_query_field[] = {
    FIELD_ID(StockEntryQuery, item_id, .need = true),
    FIELD_ID(StockEntryQuery, shop_id, .need = true),
    FIELD(StockEntryQuery, cursor),
    FIELD(StockEntryQuery, limit, .max = PAGE_MAX),
};
static const Fields stock_entry_query_fields = FIELDS(StockEntryQuery, stock_entry_query_field);

typedef struct StockEntryPage {
    ItemStockEntries items;
    Str next_cursor;
} StockEntryPage;
static const Field stock_entry_page_field[] = {
    FIELD_LIST(StockEntryPage, items, item_stock_entry_fields, .max = PAGE_MAX),
    FIELD(StockEntryPage, next_cursor),
};
static const Fields stock_entry_page_fields = FIELDS(StockEntryPage, stock_entry_page_field);

static Err get_stock_entries(Ctx *c, const void *body, void *ret) {
    const StockEntryQuery *in = body;
    StockEntryPage *out = ret;
    int64_t before = 0, unused = 0, limit = limit_of(in->limit);
    TRY(auth_need_shop(c, in->shop_id));
    TRY(page_open(c, in->cursor, &before, &unused));
    TRY(item_stock_entries(c, in->shop_id, in->item_id, before == 0 ? INT64_MAX : before, limit, &out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].seq, 0);
    return OK;
}

/* ---- invariants ---- */

static Err stock_is_sum_of_entries(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM item_stock WHERE merchant_id = $1",
        "SELECT s.item_id AS id, COALESCE((SELECT CAST(SUM(e.delta_quantity) AS BIGINT) FROM item_stock_entry e"
        " WHERE e.merchant_id = s.merchant_id AND e.shop_id = s.shop_id AND e.item_id = s.item_id), 0) AS want,"
        " s.left_quantity AS have FROM item_stock s WHERE s.merchant_id = $1 AND s.left_quantity <>"
        " COALESCE((SELECT CAST(SUM(e.delta_quantity) AS BIGINT) FROM item_stock_entry e"
        " WHERE e.merchant_id = s.merchant_id AND e.shop_id = s.shop_id AND e.item_id = s.item_id), 0)");
}

static Err barcode_names_an_item(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM item_barcode WHERE merchant_id = $1",
        "SELECT b.item_id AS id, 1 AS want, 0 AS have FROM item_barcode b WHERE b.merchant_id = $1 AND NOT EXISTS"
        " (SELECT 1 FROM item i WHERE i.merchant_id = b.merchant_id AND i.item_id = b.item_id AND i.status <>"
        " 'removed')");
}

static const Hold holds[] = {
    { "item.stock_is_sum_of_entries", stock_is_sum_of_entries },
    { "item.barcode_names_an_item", barcode_names_an_item },
};

static const Route routes[] = {
    { "GET", "/v1/items", "List and search items", WHO_STAFF | WHO_POS | WHO_PARTNER, "item.read", &item_query_fields,
      &item_page_fields, NULL, get_items, ROUTE_LIST },
    { "POST", "/v1/items", "Create an item", WHO_STAFF | WHO_PARTNER, "item.write", &item_fields, &item_fields, NULL,
      post_item, ROUTE_CREATED },
    { "GET", "/v1/items/{item_id}", "Read an item", WHO_STAFF | WHO_POS | WHO_PARTNER, "item.read", &item_ref_fields,
      &item_fields, NULL, get_item, 0 },
    { "PATCH", "/v1/items/{item_id}", "Change an item", WHO_STAFF | WHO_PARTNER, "item.write", &item_change_fields,
      &item_fields, NULL, patch_item, ROUTE_EDIT },
    { "PUT", "/v1/items/{item_id}/shops/{shop_id}/price", "Give an item its own price in one shop",
      WHO_STAFF | WHO_PARTNER, "item.write", &shop_price_fields, &shop_price_fields, NULL, put_shop_price, 0 },
    { "PUT", "/v1/items/{item_id}/shops/{shop_id}/stock", "Count the stock of an item in one shop",
      WHO_STAFF | WHO_POS | WHO_PARTNER, "item.stock", &stock_count_fields, &item_shelf_fields, NULL, post_stock_count,
      0 },
    { "GET", "/v1/items/{item_id}/shops/{shop_id}/stock-entries",
      "Every move of an item's stock in one shop, newest first", WHO_STAFF | WHO_PARTNER, "item.read",
      &stock_entry_query_fields, &stock_entry_page_fields, NULL, get_stock_entries, ROUTE_LIST },
    { "GET", "/v1/shops/{shop_id}/stock", "Stock of a shop", WHO_STAFF | WHO_POS | WHO_PARTNER, "item.read",
      &shelf_query_fields, &item_shelf_page_fields, NULL, get_shelves, ROUTE_LIST },
    { "GET", "/v1/item-categories", "List categories", WHO_STAFF | WHO_POS | WHO_PARTNER, "item.read",
      &named_query_fields, &item_named_page_fields, NULL, get_categories, ROUTE_LIST },
    { "POST", "/v1/item-categories", "Create a category", WHO_STAFF | WHO_PARTNER, "item.write", &item_named_fields,
      &item_named_fields, NULL, post_category, ROUTE_CREATED },
    { "PUT", "/v1/item-categories/{id}", "Rename or move a category", WHO_STAFF | WHO_PARTNER, "item.write",
      &item_named_fields, &item_named_fields, NULL, put_category, 0 },
    { "GET", "/v1/item-brands", "List brands", WHO_STAFF | WHO_POS | WHO_PARTNER, "item.read", &named_query_fields,
      &item_named_page_fields, NULL, get_brands, ROUTE_LIST },
    { "POST", "/v1/item-brands", "Create a brand", WHO_STAFF | WHO_PARTNER, "item.write", &item_named_fields,
      &item_named_fields, NULL, post_brand, ROUTE_CREATED },
};

const Slice item_slice = {
    .name = "item",
    .routes = routes,
    .route_count = COUNT_OF(routes),
    .holds = holds,
    .hold_count = COUNT_OF(holds),
};
