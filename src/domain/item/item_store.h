/* item_store - every SQL statement of the slice; private to the folder. */
#pragma once
#include "domain/item/item.h"
#include "store/db.h"

typedef struct ItemNamed {
    int64_t id, parent_id;
    Str name;
    int64_t position;
} ItemNamed; /* category or brand */
typedef LIST_OF(ItemNamed) ItemNameds;
typedef struct ItemShelf {
    int64_t item_id, shop_id, left_quantity, low_quantity, entry_count;
} ItemShelf;
typedef LIST_OF(ItemShelf) ItemShelves;
typedef struct ItemStockEntry {
    int64_t shop_id, item_id, seq, delta_quantity, left_after, source_id, at;
    Str source;
} ItemStockEntry;
typedef LIST_OF(ItemStockEntry) ItemStockEntries;

Err item_insert(Ctx *c, const Item *item, Str search_text, bool *ret_new);
Err item_write(Ctx *c, const Item *item, Str search_text, int64_t old_version, bool *ret_written);
Err item_by_id(Ctx *c, int64_t item_id, Item *ret_item, bool *ret_found);
Err item_id_by_sku(Ctx *c, Str sku, int64_t *ret_item_id);
Err item_page(Ctx *c, const ItemQuery *query, Str search, int64_t after_at, int64_t after_id, int64_t most,
              Items *ret_items);

Err item_fact_by_id(Ctx *c, int64_t shop_id, int64_t item_id, ItemFact *ret_fact, bool *ret_found);
Err item_fact_by_barcode(Ctx *c, int64_t shop_id, Str barcode, ItemFact *ret_fact, bool *ret_found);
Err item_fact_by_sku(Ctx *c, int64_t shop_id, Str sku, ItemFact *ret_fact, bool *ret_found);

/* Several at once; a key may stand twice. By barcode: the facts say which. */
enum { ITEM_FACTS_AT_ONCE = 8 };
Err item_facts_by_id(Ctx *c, int64_t shop_id, const ItemKey keys[ITEM_FACTS_AT_ONCE], ItemFacts *ret_facts);
Err item_facts_by_barcode(Ctx *c, int64_t shop_id, const ItemKey keys[ITEM_FACTS_AT_ONCE], ItemFacts *ret_facts);

Err item_barcode_insert(Ctx *c, Str barcode, int64_t item_id, bool *ret_new);
Err item_barcodes_delete(Ctx *c, int64_t item_id);
Err item_barcodes_of(Ctx *c, int64_t item_id, StrList *ret_barcodes);

Err item_category_upsert(Ctx *c, const ItemNamed *category, int64_t *ret_category_id);
Err item_category_write(Ctx *c, const ItemNamed *category, bool *ret_written);
Err item_category_taken(Ctx *c, const ItemNamed *category, bool *ret_taken);
Err item_category_exists(Ctx *c, int64_t category_id, bool *ret_exists);
Err item_categories(Ctx *c, int64_t after_id, int64_t most, ItemNameds *ret_list);
Err item_brand_upsert(Ctx *c, const ItemNamed *brand, int64_t *ret_brand_id);
Err item_brand_exists(Ctx *c, int64_t brand_id, bool *ret_exists);
Err item_brands(Ctx *c, int64_t after_id, int64_t most, ItemNameds *ret_list);

Err item_shop_price_put(Ctx *c, int64_t shop_id, int64_t item_id, int64_t price_fen);
Err item_shop_price_delete(Ctx *c, int64_t shop_id, int64_t item_id);

/* The guard stands in the statement: no row changes when the shelf would fall below zero. */
Err item_shelf_move(Ctx *c, int64_t shop_id, const StockMove *move, ItemShelf *ret_after, bool *ret_moved);
Err item_shelf_read(Ctx *c, int64_t shop_id, int64_t item_id, ItemShelf *ret_shelf, bool *ret_found);
Err item_shelf_lock(Ctx *c, int64_t shop_id, int64_t item_id, int64_t low_quantity, ItemShelf *ret_shelf);
Err item_shelf_page(Ctx *c, int64_t shop_id, bool low_only, int64_t after_id, int64_t most, ItemShelves *ret_list);
/* All of one shop, source and instant. */
Err item_stock_entries_insert(Ctx *c, const ItemStockEntry *entries, int64_t count);
Err item_stock_entries(Ctx *c, int64_t shop_id, int64_t item_id, int64_t before_seq, int64_t most,
                       ItemStockEntries *ret_list);

extern const Fields item_fields, item_named_fields, item_shelf_fields, item_stock_entry_fields, item_fact_fields;
