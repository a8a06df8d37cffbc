/* item - 商品: what a shop sells, with its categories, brands, barcodes, prices and stock per shop.
 *
 * Owns:   item, item_barcode, item_category, item_brand, item_shop_price, item_stock, item_stock_entry
 * Units:  price_fen per piece; quantity is a whole number of pieces; *_at unix ms
 * Calls:  shop
 * Emits:  item.low_stock
 * Holds:  stock.left_quantity == SUM(entry.delta_quantity) for tracked stock; every barcode names an item that is sold
 * Errors: item.not_found, item.barcode_taken, item.sku_taken, item.out_of_stock, item.category_not_found,
 *         item.category_taken, item.brand_taken, item.brand_not_found, item.moved */
#pragma once
#include "base/ctx.h"

enum { ITEM_BARCODES_MAX = 20, ITEM_NAME_MAX = 120, ITEM_ONLY_TAGS_MAX = 20 };
typedef enum ItemStatus { ITEM_ON_SALE, ITEM_PAUSED, ITEM_REMOVED } ItemStatus;
extern const char *const item_status_names[];

/* What pricing needs of an item: small, read from a snapshot. */
typedef struct ItemFact {
    int64_t item_id, category_id, brand_id;
    Str sku, name;
    int64_t price_fen;        /* of the asked shop where it has its own price */
    int64_t member_price_fen; /* 0 = none */
    int64_t points_bonus;     /* extra points a piece (D2) */
    bool is_tracked;          /* stock is counted in the asked shop … */
    int64_t left_quantity;    /* … and so much is left, as the snapshot saw it */
    bool no_discount;         /* no discount, offer or coupon touches it, and it counts for no threshold */
    int64_t floor_price_fen;  /* no discount, offer or coupon sells it below; 0 = none */
    int64_t most_per_member;  /* so many a member may buy in all; 0 = any number */
    StrList only_tags;        /* only who carries one of these tags may buy it; empty = everybody */
    ItemStatus status;
    Str barcode; /* by which it was found, else empty */
} ItemFact;
typedef LIST_OF(ItemFact) ItemFacts;

/* The whole of an item, as the console edits it. */
typedef struct Item {
    int64_t item_id;
    Str sku, name;
    int64_t category_id, brand_id;
    Str category, brand; /* names, for reading */
    Str unit;            /* 件, 瓶, 500g … as printed on the shelf */
    int64_t price_fen, member_price_fen, points_bonus;
    bool no_discount;
    int64_t floor_price_fen, most_per_member;
    StrList only_tags;
    ItemStatus status;
    StrList barcodes;
    int64_t version, created_at, updated_at;
    uint64_t given; /* which fields an edit carries */
} Item;
typedef LIST_OF(Item) Items;
Err item_create(Ctx *c, const Item *item, Item *ret_item); /* sku "" = one is made; barcodes must be free */
/* Writes what change->given names. change->version is the version that was read (0 = any): E_STALE item.moved.
 * A removed item gives its barcodes back. */
Err item_update(Ctx *c, const Item *change, Item *ret_item);
Err item_read(Ctx *c, int64_t item_id, Item *ret_item);

typedef struct ItemQuery {
    Str q;
    int64_t category_id, updated_since;
    bool with_removed;
    Str cursor;
    int64_t limit;
} ItemQuery;
Err item_list(Ctx *c, const ItemQuery *query, Items *ret_items, Str *ret_next_cursor);

/* Ascending item_id, without barcodes; for exports and jobs. */
Err item_walk(Ctx *c, int64_t after_item_id, int64_t most, Items *ret_items);
Err item_find_sku(Ctx *c, Str sku, int64_t *ret_item_id); /* 0 = none */

/* One key per line: item_id, or barcode, or sku (the first that is given). What is unknown or not for sale is a
 * complaint at /lines/LINE; all complaints at once. */
typedef struct ItemKey {
    int64_t item_id;
    Str barcode, sku;
    int64_t line;
} ItemKey;
typedef LIST_OF(ItemKey) ItemKeys;
Err item_facts(Ctx *c, int64_t shop_id, ItemKeys keys, ItemFacts *ret_facts);

/* Refuses item.out_of_stock where lines of one item together want more than the snapshot saw. The shelf itself is
 * asked by item_stock_move; this spares it those who come too late. quantities: one per fact. */
Err item_need_stock(Ctx *c, ItemFacts facts, const int64_t *quantities);

/* Bonus points a piece of items by id, in the order of the keys; an item that is gone gives 0. */
Err item_points_bonus(Ctx *c, ItemKeys keys, IntList *ret_bonus);

/* Stock moves, with an entry each; untracked items pass. Never below zero: item.out_of_stock names item and left.
 * All moves of one order go in one call: they are summed per item and made by ascending item, so that two orders never
 * wait for each other crosswise. `source` is "order", "refund", "cancel". Sorts `moves` in place. */
typedef struct StockMove {
    int64_t item_id, delta_quantity;
} StockMove;
typedef LIST_OF(StockMove) StockMoves;
Err item_stock_move(Ctx *c, int64_t shop_id, StockMoves moves, const char *source, int64_t source_id);

/* The category of that name at the top of the tree; made when there is none. */
Err item_category_named(Ctx *c, Str name, int64_t *ret_category_id);

/* Counts a shop's stock of an item afresh (stock-taking); from then on it is tracked there. The difference is an
 * entry. */
Err item_stock_count(Ctx *c, int64_t shop_id, int64_t item_id, int64_t counted_quantity, int64_t low_quantity);

/* For imports, inside a unit: creates or changes by sku. An existing item keeps what the row leaves empty (price 0 is
 * empty). A barcode that belongs to another item stays there (is_barcode_taken). Fills item_id and the
 * bools. */
typedef struct ItemImport {
    Str sku, name, category, brand, barcode, unit;
    int64_t price_fen;
    int64_t item_id;
    bool is_new, is_changed, is_barcode_taken;
} ItemImport;
typedef LIST_OF(ItemImport) ItemImports;
Err item_import_batch(Ctx *c, ItemImports items);
