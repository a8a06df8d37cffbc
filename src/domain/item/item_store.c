#include "domain/item/item_store.h"

static const Field item_fact_field[] = {
    FIELD_ID(ItemFact, item_id),
    FIELD_ID(ItemFact, category_id),
    FIELD_ID(ItemFact, brand_id),
    FIELD(ItemFact, sku),
    FIELD(ItemFact, name),
    FIELD(ItemFact, price_fen),
    FIELD(ItemFact, member_price_fen),
    FIELD(ItemFact, points_bonus),
    FIELD(ItemFact, is_tracked),
    FIELD(ItemFact, left_quantity),
    FIELD(ItemFact, no_discount),
    FIELD(ItemFact, floor_price_fen),
    FIELD(ItemFact, most_per_member),
    FIELD(ItemFact, only_tags),
    FIELD_ENUM(ItemFact, status, item_status_names),
    FIELD(ItemFact, barcode),
};
const Fields item_fact_fields = FIELDS(ItemFact, item_fact_field);

typedef struct IdRow {
    int64_t id;
} IdRow;
static const Field id_row_field[] = { FIELD_ID(IdRow, id) };
static const Fields id_row_fields = FIELDS(IdRow, id_row_field);

/* ---- items ---- */

Err item_insert(Ctx *c, const Item *item, Str search_text, bool *ret_new) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "INSERT INTO item (merchant_id, item_id, sku, name, search_text, category_id, brand_id, unit, price_fen,"
        " member_price_fen, points_bonus, no_discount, status, version, created_at, updated_at,"
        " floor_price_fen, most_per_member, only_tags)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, $14, $14, $15, $16, $17)"
        " ON CONFLICT (merchant_id, sku) DO NOTHING",
        ARGS(item->item_id, item->sku, item->name, search_text, item->category_id, item->brand_id, item->unit,
             item->price_fen, item->member_price_fen, item->points_bonus, item->no_discount,
             item_status_names[item->status], c->now, item->floor_price_fen, item->most_per_member,
             json_strs(c->arena, &item->only_tags)),
        &changed));
    *ret_new = changed == 1;
    return OK;
}

Err item_write(Ctx *c, const Item *item, Str search_text, int64_t old_version, bool *ret_written) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "UPDATE item SET name = $3, search_text = $4, category_id = $5, brand_id = $6, unit = $7, price_fen = $8,"
        " member_price_fen = $9, points_bonus = $10, no_discount = $11, status = $12, version = version + 1,"
        " updated_at = $13, floor_price_fen = $15, most_per_member = $16, only_tags = $17"
        " WHERE merchant_id = $1 AND item_id = $2 AND version = $14",
        ARGS(item->item_id, item->name, search_text, item->category_id, item->brand_id, item->unit, item->price_fen,
             item->member_price_fen, item->points_bonus, item->no_discount, item_status_names[item->status], c->now,
             old_version, item->floor_price_fen, item->most_per_member, json_strs(c->arena, &item->only_tags)),
        &changed));
    *ret_written = changed == 1;
    return OK;
}

Err item_by_id(Ctx *c, int64_t item_id, Item *ret_item, bool *ret_found) {
    return db_find(c,
                   "SELECT i.item_id, i.sku, i.name, i.category_id, i.brand_id, COALESCE(g.name, '') AS category,"
                   " COALESCE(b.name, '') AS brand, i.unit, i.price_fen, i.member_price_fen, i.points_bonus,"
                   " i.no_discount, i.floor_price_fen, i.most_per_member, i.only_tags,"
                   " i.status, i.version, i.created_at, i.updated_at FROM item i"
                   " LEFT JOIN item_category g ON g.merchant_id = i.merchant_id AND g.category_id = i.category_id"
                   " LEFT JOIN item_brand b ON b.merchant_id = i.merchant_id AND b.brand_id = i.brand_id"
                   " WHERE i.merchant_id = $1 AND i.item_id = $2",
                   ARGS(item_id), &item_fields, ret_item, ret_found);
}

Err item_id_by_sku(Ctx *c, Str sku, int64_t *ret_item_id) {
    return db_int(c, "SELECT item_id FROM item WHERE merchant_id = $1 AND sku = $2", ARGS(sku), ret_item_id);
}

/* Oldest change first, so that who follows by updated_since misses nothing; a search looks through all names. */
Err item_page(Ctx *c, const ItemQuery *query, Str search, int64_t after_at, int64_t after_id, int64_t most,
              Items *ret_items) {
    return db_rows(
        c,
        "SELECT i.item_id, i.sku, i.name, i.category_id, i.brand_id, COALESCE(g.name, '') AS category,"
        " COALESCE(b.name, '') AS brand, i.unit, i.price_fen, i.member_price_fen, i.points_bonus,"
        " i.no_discount, i.floor_price_fen, i.most_per_member, i.only_tags,"
        " i.status, i.version, i.created_at, i.updated_at FROM item i"
        " LEFT JOIN item_category g ON g.merchant_id = i.merchant_id AND g.category_id = i.category_id"
        " LEFT JOIN item_brand b ON b.merchant_id = i.merchant_id AND b.brand_id = i.brand_id"
        " WHERE i.merchant_id = $1 AND (i.updated_at > $2 OR (i.updated_at = $2 AND i.item_id > $3))"
        " AND i.updated_at >= $4 AND ($5 = 0 OR i.category_id = $5) AND ($6 = 1 OR i.status <> 'removed')"
        " AND ($7 = '' OR i.search_text LIKE $7 ESCAPE '!' OR i.sku = $8 OR EXISTS (SELECT 1 FROM item_barcode c"
        " WHERE c.merchant_id = $1 AND c.barcode = $8 AND c.item_id = i.item_id))"
        " ORDER BY i.updated_at, i.item_id LIMIT $9",
        ARGS(after_at, after_id, query->updated_since, query->category_id, query->with_removed, search, query->q, most),
        &item_fields, most, (ListAny *)ret_items);
}

Err item_walk(Ctx *c, int64_t after_item_id, int64_t most, Items *ret_items) {
    return db_rows(c,
                   "SELECT i.item_id, i.sku, i.name, i.category_id, i.brand_id, COALESCE(g.name, '') AS category,"
                   " COALESCE(b.name, '') AS brand, i.unit, i.price_fen, i.member_price_fen, i.points_bonus,"
                   " i.no_discount, i.floor_price_fen, i.most_per_member, i.only_tags,"
                   " i.status, i.version, i.created_at, i.updated_at FROM item i"
                   " LEFT JOIN item_category g ON g.merchant_id = i.merchant_id AND g.category_id = i.category_id"
                   " LEFT JOIN item_brand b ON b.merchant_id = i.merchant_id AND b.brand_id = i.brand_id"
                   " WHERE i.merchant_id = $1 AND i.item_id > $2 ORDER BY i.item_id LIMIT $3",
                   ARGS(after_item_id, most), &item_fields, most, (ListAny *)ret_items);
}

/* ---- what pricing needs: one statement a line ---- */

#define ITEM_FACT                                                                                                      \
    "SELECT i.item_id, i.category_id, i.brand_id, i.sku, i.name, COALESCE(p.price_fen, i.price_fen) AS price_fen,"     \
    " i.member_price_fen, i.points_bonus, CASE WHEN s.item_id IS NULL THEN 0 ELSE 1 END AS is_tracked,"                \
    " COALESCE(s.left_quantity, 0) AS left_quantity, i.no_discount, i.floor_price_fen, i.most_per_member,"             \
    " i.only_tags, i.status"
#define ITEM_FACT_SHOP                                                                                                 \
    " LEFT JOIN item_shop_price p ON p.merchant_id = $1 AND p.shop_id = $2 AND p.item_id = i.item_id"                  \
    " LEFT JOIN item_stock s ON s.merchant_id = $1 AND s.shop_id = $2 AND s.item_id = i.item_id"

Err item_fact_by_id(Ctx *c, int64_t shop_id, int64_t item_id, ItemFact *ret_fact, bool *ret_found) {
    return db_find(c, ITEM_FACT " FROM item i" ITEM_FACT_SHOP " WHERE i.merchant_id = $1 AND i.item_id = $3",
                   ARGS(shop_id, item_id), &item_fact_fields, ret_fact, ret_found);
}

Err item_fact_by_barcode(Ctx *c, int64_t shop_id, Str barcode, ItemFact *ret_fact, bool *ret_found) {
    return db_find(
        c,
        ITEM_FACT
        " FROM item i JOIN item_barcode b ON b.merchant_id = i.merchant_id AND b.item_id = i.item_id" ITEM_FACT_SHOP
        " WHERE b.merchant_id = $1 AND b.barcode = $3",
        ARGS(shop_id, barcode), &item_fact_fields, ret_fact, ret_found);
}

Err item_fact_by_sku(Ctx *c, int64_t shop_id, Str sku, ItemFact *ret_fact, bool *ret_found) {
    return db_find(c, ITEM_FACT " FROM item i" ITEM_FACT_SHOP " WHERE i.merchant_id = $1 AND i.sku = $3",
                   ARGS(shop_id, sku), &item_fact_fields, ret_fact, ret_found);
}

#define EIGHT(k, m) k[0].m, k[1].m, k[2].m, k[3].m, k[4].m, k[5].m, k[6].m, k[7].m

Err item_facts_by_id(Ctx *c, int64_t shop_id, const ItemKey k[ITEM_FACTS_AT_ONCE], ItemFacts *ret_facts) {
    return db_rows(c,
                   ITEM_FACT " FROM item i" ITEM_FACT_SHOP
                             " WHERE i.merchant_id = $1 AND i.item_id IN ($3, $4, $5, $6, $7, $8, $9, $10)",
                   ARGS(shop_id, EIGHT(k, item_id)), &item_fact_fields, ITEM_FACTS_AT_ONCE, (ListAny *)ret_facts);
}

Err item_facts_by_barcode(Ctx *c, int64_t shop_id, const ItemKey k[ITEM_FACTS_AT_ONCE], ItemFacts *ret_facts) {
    return db_rows(c,
                   ITEM_FACT
                   ", b.barcode FROM item i JOIN item_barcode b ON b.merchant_id = i.merchant_id AND b.item_id ="
                   " i.item_id" ITEM_FACT_SHOP
                   " WHERE b.merchant_id = $1 AND b.barcode IN ($3, $4, $5, $6, $7, $8, $9, $10)",
                   ARGS(shop_id, EIGHT(k, barcode)), &item_fact_fields, ITEM_FACTS_AT_ONCE, (ListAny *)ret_facts);
}

/* ---- barcodes ---- */

Err item_barcode_insert(Ctx *c, Str barcode, int64_t item_id, bool *ret_new) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "INSERT INTO item_barcode (merchant_id, barcode, item_id) VALUES ($1, $2, $3)"
                  " ON CONFLICT (merchant_id, barcode) DO NOTHING",
                  ARGS(barcode, item_id), &changed));
    *ret_new = changed == 1;
    return OK;
}

Err item_barcodes_delete(Ctx *c, int64_t item_id) {
    return db_exec(c, "DELETE FROM item_barcode WHERE merchant_id = $1 AND item_id = $2", ARGS(item_id));
}

Err item_barcodes_of(Ctx *c, int64_t item_id, StrList *ret_barcodes) {
    typedef struct Row {
        Str barcode;
    } Row;
    static const Field row_field[] = { FIELD(Row, barcode) };
    static const Fields row_fields = FIELDS(Row, row_field);
    ListAny rows = { 0 };
    TRY(db_rows(c, "SELECT barcode FROM item_barcode WHERE merchant_id = $1 AND item_id = $2 ORDER BY barcode",
                ARGS(item_id), &row_fields, ITEM_BARCODES_MAX, &rows));
    *ret_barcodes = (StrList){ NEW_LIST(c->arena, Str, rows.count), rows.count };
    for (int64_t i = 0; i < rows.count; i++) ret_barcodes->items[i] = ((Row *)rows.items)[i].barcode;
    return OK;
}

/* ---- categories and brands ---- */

Err item_category_upsert(Ctx *c, const ItemNamed *category, int64_t *ret_category_id) {
    IdRow row = { 0 };
    bool found;
    TRY(db_find(
        c,
        "INSERT INTO item_category (merchant_id, category_id, parent_id, name, position) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (merchant_id, parent_id, name) DO UPDATE SET name = item_category.name RETURNING"
        " category_id AS id",
        ARGS(category->id, category->parent_id, category->name, category->position), &id_row_fields, &row, &found));
    *ret_category_id = row.id;
    return OK;
}

Err item_category_write(Ctx *c, const ItemNamed *category, bool *ret_written) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "UPDATE item_category SET parent_id = $3, name = $4, position = $5 WHERE merchant_id = $1 AND category_id = $2",
        ARGS(category->id, category->parent_id, category->name, category->position), &changed));
    *ret_written = changed == 1;
    return OK;
}

Err item_category_taken(Ctx *c, const ItemNamed *category, bool *ret_taken) {
    int64_t id = 0;
    TRY(db_int(c, "SELECT category_id FROM item_category WHERE merchant_id = $1 AND parent_id = $2 AND name = $3",
               ARGS(category->parent_id, category->name), &id));
    *ret_taken = id != 0 && id != category->id;
    return OK;
}

Err item_category_exists(Ctx *c, int64_t category_id, bool *ret_exists) {
    int64_t count = 0;
    TRY(db_int(c, "SELECT COUNT(*) FROM item_category WHERE merchant_id = $1 AND category_id = $2", ARGS(category_id),
               &count));
    *ret_exists = count == 1;
    return OK;
}

Err item_categories(Ctx *c, int64_t after_id, int64_t most, ItemNameds *ret_list) {
    return db_rows(c,
                   "SELECT category_id AS id, parent_id, name, position FROM item_category"
                   " WHERE merchant_id = $1 AND category_id > $2 ORDER BY category_id LIMIT $3",
                   ARGS(after_id, most), &item_named_fields, most, (ListAny *)ret_list);
}

Err item_brand_upsert(Ctx *c, const ItemNamed *brand, int64_t *ret_brand_id) {
    IdRow row = { 0 };
    bool found;
    TRY(db_find(c,
                "INSERT INTO item_brand (merchant_id, brand_id, name) VALUES ($1, $2, $3)"
                " ON CONFLICT (merchant_id, name) DO UPDATE SET name = item_brand.name RETURNING brand_id AS id",
                ARGS(brand->id, brand->name), &id_row_fields, &row, &found));
    *ret_brand_id = row.id;
    return OK;
}

Err item_brand_exists(Ctx *c, int64_t brand_id, bool *ret_exists) {
    int64_t count = 0;
    TRY(db_int(c, "SELECT COUNT(*) FROM item_brand WHERE merchant_id = $1 AND brand_id = $2", ARGS(brand_id), &count));
    *ret_exists = count == 1;
    return OK;
}

Err item_brands(Ctx *c, int64_t after_id, int64_t most, ItemNameds *ret_list) {
    return db_rows(
        c,
        "SELECT brand_id AS id, name FROM item_brand WHERE merchant_id = $1 AND brand_id > $2 ORDER BY brand_id"
        " LIMIT $3",
        ARGS(after_id, most), &item_named_fields, most, (ListAny *)ret_list);
}

/* ---- prices of one shop ---- */

Err item_shop_price_put(Ctx *c, int64_t shop_id, int64_t item_id, int64_t price_fen) {
    return db_exec(c,
                   "INSERT INTO item_shop_price (merchant_id, shop_id, item_id, price_fen) VALUES ($1, $2, $3, $4)"
                   " ON CONFLICT (merchant_id, shop_id, item_id) DO UPDATE SET price_fen = $4",
                   ARGS(shop_id, item_id, price_fen));
}

Err item_shop_price_delete(Ctx *c, int64_t shop_id, int64_t item_id) {
    return db_exec(c, "DELETE FROM item_shop_price WHERE merchant_id = $1 AND shop_id = $2 AND item_id = $3",
                   ARGS(shop_id, item_id));
}

/* ---- stock ---- */

Err item_shelf_move(Ctx *c, int64_t shop_id, const StockMove *move, ItemShelf *ret_after, bool *ret_moved) {
    return db_find(c,
                   "UPDATE item_stock SET left_quantity = left_quantity + $4, entry_count = entry_count + 1"
                   " WHERE merchant_id = $1 AND shop_id = $2 AND item_id = $3 AND left_quantity + $4 >= 0"
                   " RETURNING item_id, shop_id, left_quantity, low_quantity, entry_count",
                   ARGS(shop_id, move->item_id, move->delta_quantity), &item_shelf_fields, ret_after, ret_moved);
}

Err item_shelf_read(Ctx *c, int64_t shop_id, int64_t item_id, ItemShelf *ret_shelf, bool *ret_found) {
    return db_find(c,
                   "SELECT item_id, shop_id, left_quantity, low_quantity, entry_count FROM item_stock"
                   " WHERE merchant_id = $1 AND shop_id = $2 AND item_id = $3",
                   ARGS(shop_id, item_id), &item_shelf_fields, ret_shelf, ret_found);
}

/* Creates the shelf when there is none, sets its mark, and locks it for the rest of the unit. */
Err item_shelf_lock(Ctx *c, int64_t shop_id, int64_t item_id, int64_t low_quantity, ItemShelf *ret_shelf) {
    return db_row(c,
                  "INSERT INTO item_stock (merchant_id, shop_id, item_id, left_quantity, low_quantity, entry_count)"
                  " VALUES ($1, $2, $3, 0, $4, 0)"
                  " ON CONFLICT (merchant_id, shop_id, item_id) DO UPDATE SET low_quantity = $4"
                  " RETURNING item_id, shop_id, left_quantity, low_quantity, entry_count",
                  ARGS(shop_id, item_id, low_quantity), &item_shelf_fields, ret_shelf);
}

Err item_shelf_page(Ctx *c, int64_t shop_id, bool low_only, int64_t after_id, int64_t most, ItemShelves *ret_list) {
    return db_rows(
        c,
        "SELECT item_id, shop_id, left_quantity, low_quantity, entry_count FROM item_stock"
        " WHERE merchant_id = $1 AND shop_id = $2 AND item_id > $3 AND ($4 = 0 OR left_quantity <= low_quantity)"
        " ORDER BY item_id LIMIT $5",
        ARGS(shop_id, after_id, low_only, most), &item_shelf_fields, most, (ListAny *)ret_list);
}

static Err stock_entry_insert(Ctx *c, const ItemStockEntry *e) {
    return db_exec(
        c,
        "INSERT INTO item_stock_entry (merchant_id, shop_id, item_id, seq, delta_quantity, left_after, source,"
        " source_id, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        ARGS(e->shop_id, e->item_id, e->seq, e->delta_quantity, e->left_after, e->source, e->source_id, e->at));
}

/* Five entries of one cause in one statement: most baskets are small. */
static Err stock_entry_insert_five(Ctx *c, const ItemStockEntry e[5]) {
    return db_exec(
        c,
        "INSERT INTO item_stock_entry (merchant_id, shop_id, item_id, seq, delta_quantity, left_after, source,"
        " source_id, at)"
        " VALUES ($1, $2, $6, $7, $8, $9, $3, $4, $5), ($1, $2, $10, $11, $12, $13, $3, $4, $5),"
        " ($1, $2, $14, $15, $16, $17, $3, $4, $5), ($1, $2, $18, $19, $20, $21, $3, $4, $5),"
        " ($1, $2, $22, $23, $24, $25, $3, $4, $5)",
        ARGS(e->shop_id, e->source, e->source_id, e->at, e[0].item_id, e[0].seq, e[0].delta_quantity, e[0].left_after,
             e[1].item_id, e[1].seq, e[1].delta_quantity, e[1].left_after, e[2].item_id, e[2].seq, e[2].delta_quantity,
             e[2].left_after, e[3].item_id, e[3].seq, e[3].delta_quantity, e[3].left_after, e[4].item_id, e[4].seq,
             e[4].delta_quantity, e[4].left_after));
}

Err item_stock_entries_insert(Ctx *c, const ItemStockEntry *entries, int64_t count) {
    int64_t at = 0;
    for (; at + 5 <= count; at += 5) TRY(stock_entry_insert_five(c, entries + at));
    for (; at < count; at++) TRY(stock_entry_insert(c, entries + at));
    return OK;
}

Err item_stock_entries(Ctx *c, int64_t shop_id, int64_t item_id, int64_t before_seq, int64_t most,
                       ItemStockEntries *ret_list) {
    return db_rows(
        c,
        "SELECT shop_id, item_id, seq, delta_quantity, left_after, source, source_id, at FROM item_stock_entry"
        " WHERE merchant_id = $1 AND shop_id = $2 AND item_id = $3 AND seq < $4 ORDER BY seq DESC LIMIT $5",
        ARGS(shop_id, item_id, before_seq, most), &item_stock_entry_fields, most, (ListAny *)ret_list);
}
