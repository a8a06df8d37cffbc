#include "domain/item/item.h"
#include "app/app.h"
#include "base/text.h"
#include "domain/item/item_store.h"
#include "event/item.h"
#include <assert.h>
#include <stdlib.h>

const char *const item_status_names[] = { "on_sale", "paused", "removed", NULL };

/* Name, pinyin and initials in one text, so that "nn", "niunai" and "牛奶" find the same bottle. */
static Str search_text(Ctx *c, const Item *item) {
    Pinyin pinyin = text_pinyin(c->arena, item->name, false);
    Str name = text_search_form(c->arena, item->name);
    return arena_print(c->arena, "%.*s %.*s %.*s", (int)name.len, name.at, (int)pinyin.full.len, pinyin.full.at,
                       (int)pinyin.initials.len, pinyin.initials.at);
}

static Err check_names(Ctx *c, const Item *item) {
    bool exists = true;
    if (item->category_id != 0) TRY(item_category_exists(c, item->category_id, &exists));
    if (!exists) return fail(c, E_INVALID, "item.category_not_found", "没有这个分类", "no such category");
    if (item->brand_id != 0) TRY(item_brand_exists(c, item->brand_id, &exists));
    if (!exists) return fail(c, E_INVALID, "item.brand_not_found", "没有这个品牌", "no such brand");
    return OK;
}

static Err put_barcodes(Ctx *c, int64_t item_id, StrList barcodes) {
    TRY(item_barcodes_delete(c, item_id));
    for (int64_t i = 0; i < barcodes.count; i++) {
        bool is_new;
        TRY(item_barcode_insert(c, barcodes.items[i], item_id, &is_new));
        if (!is_new)
            return fail(c, E_CONFLICT, "item.barcode_taken", "条码 %.*s 已属于另一商品",
                        "barcode %.*s belongs to another item", (int)barcodes.items[i].len, barcodes.items[i].at);
    }
    return OK;
}

Err item_read(Ctx *c, int64_t item_id, Item *ret_item) {
    Item item = { 0 };
    bool found;
    TRY(item_by_id(c, item_id, &item, &found));
    if (!found) return fail(c, E_NOT_FOUND, "item.not_found", "没有这个商品", "no such item");
    TRY(item_barcodes_of(c, item_id, &item.barcodes));
    *ret_item = item;
    return OK;
}

Err item_create(Ctx *c, const Item *new_item, Item *ret_item) {
    Item item = *new_item;
    item.item_id = id_new(c);
    if (item.sku.len == 0) item.sku = arena_print(c->arena, "%lld", (long long)item.item_id);
    TRY(check_names(c, &item));
    bool is_new;
    TRY(item_insert(c, &item, search_text(c, &item), &is_new));
    if (!is_new)
        return fail(c, E_CONFLICT, "item.sku_taken", "货号 %.*s 已存在", "sku %.*s is taken", (int)item.sku.len,
                    item.sku.at);
    TRY(put_barcodes(c, item.item_id, item.barcodes));
    TRY(item_read(c, item.item_id, ret_item));
    return audit(c, &(AuditNote){ .action = "item.create",
                                  .subject = "item",
                                  .subject_id = item.item_id,
                                  .fields = &item_fields,
                                  .after = ret_item });
}

/* Lays the given fields of `change` over `item`; the sku is the item's name to other systems and stays. */
static void overlay(Item *item, const Item *change) {
    const Fields *f = &item_fields;
    if (field_is_given(f, change, "name")) item->name = change->name;
    if (field_is_given(f, change, "category_id")) item->category_id = change->category_id;
    if (field_is_given(f, change, "brand_id")) item->brand_id = change->brand_id;
    if (field_is_given(f, change, "unit")) item->unit = change->unit;
    if (field_is_given(f, change, "price_fen")) item->price_fen = change->price_fen;
    if (field_is_given(f, change, "member_price_fen")) item->member_price_fen = change->member_price_fen;
    if (field_is_given(f, change, "points_bonus")) item->points_bonus = change->points_bonus;
    if (field_is_given(f, change, "no_discount")) item->no_discount = change->no_discount;
    if (field_is_given(f, change, "floor_price_fen")) item->floor_price_fen = change->floor_price_fen;
    if (field_is_given(f, change, "most_per_member")) item->most_per_member = change->most_per_member;
    if (field_is_given(f, change, "only_tags")) item->only_tags = change->only_tags;
    if (field_is_given(f, change, "status")) item->status = change->status;
    if (field_is_given(f, change, "barcodes")) item->barcodes = change->barcodes;
}

Err item_update(Ctx *c, const Item *change, Item *ret_item) {
    Item before, after;
    TRY(item_read(c, change->item_id, &before));
    after = before;
    overlay(&after, change);
    if (after.status == ITEM_REMOVED) after.barcodes = (StrList){ 0 };
    TRY(check_names(c, &after));
    bool written;
    TRY(item_write(c, &after, search_text(c, &after), change->version > 0 ? change->version : before.version,
                   &written));
    if (!written)
        return fail(c, E_STALE, "item.moved", "商品刚被他人改过，请刷新后再改",
                    "the item was changed meanwhile: read it again");
    bool has_barcodes =
        field_is_given(&item_fields, change, "barcodes") || after.barcodes.count != before.barcodes.count;
    if (has_barcodes) TRY(put_barcodes(c, after.item_id, after.barcodes));
    TRY(item_read(c, after.item_id, ret_item));
    return audit(c, &(AuditNote){ .action = "item.update",
                                  .subject = "item",
                                  .subject_id = after.item_id,
                                  .fields = &item_fields,
                                  .before = &before,
                                  .after = ret_item });
}

/* "%" and "_" of the typed words are meant as they stand. */
static Str like_any(Ctx *c, Str words) {
    Str form = text_search_form(c->arena, words);
    if (form.len == 0) return form;
    Buf b = { .arena = c->arena };
    buf_char(&b, '%');
    for (int64_t i = 0; i < form.len; i++) {
        if (form.at[i] == '%' || form.at[i] == '_' || form.at[i] == '!') buf_char(&b, '!');
        buf_char(&b, form.at[i]);
    }
    buf_char(&b, '%');
    return buf_str(&b);
}

Err item_list(Ctx *c, const ItemQuery *query, Items *ret_items, Str *ret_next_cursor) {
    int64_t after_at = 0, after_id = 0, limit = query->limit > 0 ? query->limit : PAGE_DEFAULT;
    TRY(page_open(c, query->cursor, &after_at, &after_id));
    TRY(item_page(c, query, like_any(c, query->q), after_at, after_id, limit, ret_items));
    for (int64_t i = 0; i < ret_items->count; i++)
        TRY(item_barcodes_of(c, ret_items->items[i].item_id, &ret_items->items[i].barcodes));
    *ret_next_cursor = (Str){ 0 };
    if (ret_items->count < limit) return OK;
    const Item *last = &ret_items->items[ret_items->count - 1];
    *ret_next_cursor = page_cursor(c, last->updated_at, last->item_id);
    return OK;
}

/* ---- what pricing needs ---- */

static Err find_fact(Ctx *c, int64_t shop_id, const ItemKey *key, ItemFact *ret_fact) {
    bool found;
    if (key->item_id != 0) return item_fact_by_id(c, shop_id, key->item_id, ret_fact, &found);
    if (key->barcode.len > 0) return item_fact_by_barcode(c, shop_id, key->barcode, ret_fact, &found);
    return item_fact_by_sku(c, shop_id, key->sku, ret_fact, &found);
}

/* What one statement found for the keys at[0 … count): each key takes its row. */
static void take_facts(const ItemKey *keys, const int64_t *at, int64_t count, const ItemFacts *found,
                       ItemFact *ret_facts) {
    for (int64_t i = 0; i < count; i++)
        for (int64_t k = 0; k < found->count; k++) {
            const ItemKey *key = &keys[at[i]];
            const ItemFact *fact = &found->items[k];
            bool is_it = key->item_id != 0 ? fact->item_id == key->item_id : str_equal(fact->barcode, key->barcode);
            if (is_it) ret_facts[at[i]] = *fact;
        }
}

/* Ids and barcodes are asked ITEM_FACTS_AT_ONCE at a time: on PostgreSQL every statement is a way there and back. */
static Err find_many(Ctx *c, int64_t shop_id, ItemKeys keys, bool by_id, ItemFact *ret_facts) {
    int64_t at[ITEM_FACTS_AT_ONCE], count = 0;
    for (int64_t i = 0; i < keys.count; i++) {
        const ItemKey *key = &keys.items[i];
        bool is_ours = by_id ? key->item_id != 0 : key->item_id == 0 && key->barcode.len > 0;
        if (is_ours) at[count++] = i;
        bool is_full = count == ITEM_FACTS_AT_ONCE || i + 1 == keys.count;
        if (count == 0 || !is_full) continue;
        ItemKey asked[ITEM_FACTS_AT_ONCE];
        for (int64_t k = 0; k < ITEM_FACTS_AT_ONCE; k++) asked[k] = keys.items[at[k < count ? k : count - 1]];
        ItemFacts found = { 0 };
        TRY(by_id ? item_facts_by_id(c, shop_id, asked, &found) : item_facts_by_barcode(c, shop_id, asked, &found));
        take_facts(keys.items, at, count, &found, ret_facts);
        count = 0;
    }
    return OK;
}

static Err find_facts(Ctx *c, int64_t shop_id, ItemKeys keys, ItemFact *ret_facts) {
    if (keys.count == 1) return find_fact(c, shop_id, &keys.items[0], &ret_facts[0]);
    TRY(find_many(c, shop_id, keys, true, ret_facts));
    TRY(find_many(c, shop_id, keys, false, ret_facts));
    for (int64_t i = 0; i < keys.count; i++) {
        const ItemKey *key = &keys.items[i];
        if (key->item_id == 0 && key->barcode.len == 0) TRY(find_fact(c, shop_id, key, &ret_facts[i]));
    }
    return OK;
}

Err item_facts(Ctx *c, int64_t shop_id, ItemKeys keys, ItemFacts *ret_facts) {
    ItemFacts facts = { NEW_LIST(c->arena, ItemFact, keys.count + 1), keys.count };
    TRY(find_facts(c, shop_id, keys, facts.items));
    for (int64_t i = 0; i < keys.count; i++) {
        const ItemFact *fact = &facts.items[i];
        if (fact->item_id != 0 && fact->status == ITEM_ON_SALE) continue;
        Str place = arena_print(c->arena, "/lines/%lld", (long long)keys.items[i].line);
        if (fact->item_id == 0)
            complain(c, place, "item.not_found", "没有这个商品", "no such item");
        else
            complain(c, place, "item.not_for_sale", "商品已停售", "the item is not for sale");
    }
    *ret_facts = facts;
    return complaints_refuse(c);
}

Err item_points_bonus(Ctx *c, ItemKeys keys, IntList *ret_bonus) {
    *ret_bonus = (IntList){ NEW_LIST(c->arena, int64_t, keys.count), keys.count };
    for (int64_t i = 0; i < keys.count; i++) {
        ItemFact fact = { 0 };
        bool found;
        TRY(item_fact_by_id(c, 0, keys.items[i].item_id, &fact, &found));
        ret_bonus->items[i] = fact.points_bonus;
    }
    return OK;
}

/* ---- stock ---- */

static int by_item(const void *a, const void *b) {
    const StockMove *x = a, *y = b;
    return (x->item_id > y->item_id) - (x->item_id < y->item_id);
}

/* One move per item in ascending order; moves that cancel out are gone. */
static void sum_moves(StockMoves *moves) {
    if (moves->count == 0) return;
    qsort(moves->items, (size_t)moves->count, sizeof(StockMove), by_item);
    int64_t kept = 0;
    for (int64_t i = 1; i < moves->count; i++) {
        StockMove *last = &moves->items[kept];
        if (moves->items[i].item_id == last->item_id) {
            last->delta_quantity += moves->items[i].delta_quantity;
            continue;
        }
        if (last->delta_quantity != 0) kept++;
        moves->items[kept] = moves->items[i];
    }
    moves->count = kept + (moves->items[kept].delta_quantity != 0);
}

static Err refuse_stock(Ctx *c, const ItemFact *item, int64_t wanted_quantity) {
    fail_number(c, "item_id", item->item_id);
    fail_number(c, "left_quantity", item->left_quantity);
    fail_number(c, "wanted_quantity", wanted_quantity);
    return fail(c, E_CONFLICT, "item.out_of_stock", "%.*s 库存不足，只剩 %lld 件", "%.*s is out of stock, %lld left",
                (int)item->name.len, item->name.at, (long long)item->left_quantity);
}

Err item_need_stock(Ctx *c, ItemFacts facts, const int64_t *quantities) {
    StockMoves wants = { NEW_LIST(c->arena, StockMove, facts.count + 1), 0 };
    for (int64_t i = 0; i < facts.count; i++)
        if (facts.items[i].is_tracked)
            wants.items[wants.count++] = (StockMove){ facts.items[i].item_id, quantities[i] };
    sum_moves(&wants);
    for (int64_t i = 0; i < facts.count && wants.count > 0; i++) {
        const ItemFact *fact = &facts.items[i];
        if (!fact->is_tracked) continue;
        const StockMove *want =
            bsearch(&(StockMove){ fact->item_id, 0 }, wants.items, (size_t)wants.count, sizeof *want, by_item);
        if (want != NULL && want->delta_quantity > fact->left_quantity)
            return refuse_stock(c, fact, want->delta_quantity);
    }
    return OK;
}

/* The shelf did not move: either nobody counts it, or there is too little on it. */
static Err refuse_short(Ctx *c, int64_t shop_id, const StockMove *move) {
    ItemFact fact = { 0 };
    bool found;
    if (move->delta_quantity > 0) return OK;
    TRY(item_fact_by_id(c, shop_id, move->item_id, &fact, &found));
    return found && fact.is_tracked ? refuse_stock(c, &fact, -move->delta_quantity) : OK;
}

static Err warn_when_low(Ctx *c, const ItemShelf *shelf, int64_t delta_quantity) {
    bool is_low = shelf->left_quantity <= shelf->low_quantity;
    bool was_low = shelf->left_quantity - delta_quantity <= shelf->low_quantity;
    if (!is_low || was_low || shelf->low_quantity == 0) return OK;
    return emit(c, &item_low_stock, shelf->item_id,
                &(ItemLowStock){ shelf->item_id, shelf->shop_id, shelf->left_quantity, shelf->low_quantity });
}

Err item_stock_move(Ctx *c, int64_t shop_id, StockMoves moves, const char *source, int64_t source_id) {
    sum_moves(&moves);
    ItemStockEntry *entries = NEW_LIST(c->arena, ItemStockEntry, moves.count + 1);
    int64_t count = 0;
    for (int64_t i = 0; i < moves.count; i++) {
        const StockMove *move = &moves.items[i];
        ItemShelf shelf = { 0 };
        bool moved;
        TRY(item_shelf_move(c, shop_id, move, &shelf, &moved));
        if (!moved) {
            TRY(refuse_short(c, shop_id, move));
            continue;
        }
        entries[count++] = (ItemStockEntry){ .shop_id = shop_id,
                                             .item_id = shelf.item_id,
                                             .seq = shelf.entry_count,
                                             .delta_quantity = move->delta_quantity,
                                             .left_after = shelf.left_quantity,
                                             .source = str_of(source),
                                             .source_id = source_id,
                                             .at = c->now };
        TRY(warn_when_low(c, &shelf, move->delta_quantity));
    }
    return item_stock_entries_insert(c, entries, count);
}

Err item_stock_count(Ctx *c, int64_t shop_id, int64_t item_id, int64_t counted_quantity, int64_t low_quantity) {
    Item item = { 0 };
    TRY(item_read(c, item_id, &item));
    ItemShelf shelf = { 0 };
    TRY(item_shelf_lock(c, shop_id, item_id, low_quantity, &shelf));
    int64_t delta = counted_quantity - shelf.left_quantity;
    if (delta == 0) return OK;
    bool moved;
    TRY(item_shelf_move(c, shop_id, &(StockMove){ item_id, delta }, &shelf, &moved));
    assert(moved);
    ItemStockEntry entry = { .shop_id = shop_id,
                             .item_id = item_id,
                             .seq = shelf.entry_count,
                             .delta_quantity = delta,
                             .left_after = shelf.left_quantity,
                             .source = S("count"),
                             .source_id = id_new(c),
                             .at = c->now };
    return item_stock_entries_insert(c, &entry, 1);
}

Err item_category_named(Ctx *c, Str name, int64_t *ret_category_id) {
    return item_category_upsert(c, &(ItemNamed){ .id = id_new(c), .name = name }, ret_category_id);
}

/* ---- import ---- */

typedef struct ImportNames {
    Str category, brand;
    int64_t category_id, brand_id;
} ImportNames;

/* Rows of one category mostly follow each other: what the row before was told is not asked again. */
static Err import_names(Ctx *c, const ItemImport *row, ImportNames *last) {
    if (row->category.len == 0)
        last->category_id = 0;
    else if (last->category_id == 0 || !str_equal(row->category, last->category))
        TRY(item_category_upsert(c, &(ItemNamed){ .id = id_new(c), .name = row->category }, &last->category_id));
    if (row->brand.len == 0)
        last->brand_id = 0;
    else if (last->brand_id == 0 || !str_equal(row->brand, last->brand))
        TRY(item_brand_upsert(c, &(ItemNamed){ .id = id_new(c), .name = row->brand }, &last->brand_id));
    last->category = row->category;
    last->brand = row->brand;
    return OK;
}

static Err import_change(Ctx *c, ItemImport *row, const ImportNames *names) {
    Item before, item;
    TRY(item_id_by_sku(c, row->sku, &row->item_id));
    TRY(item_read(c, row->item_id, &before));
    item = before;
    if (row->name.len > 0) item.name = row->name;
    if (row->unit.len > 0) item.unit = row->unit;
    if (names->category_id != 0) item.category_id = names->category_id;
    if (names->brand_id != 0) item.brand_id = names->brand_id;
    if (row->price_fen != 0) item.price_fen = row->price_fen;
    row->is_changed = !str_equal(before.name, item.name) || !str_equal(before.unit, item.unit) ||
                      before.category_id != item.category_id || before.brand_id != item.brand_id ||
                      before.price_fen != item.price_fen;
    bool written = true;
    if (row->is_changed) TRY(item_write(c, &item, search_text(c, &item), item.version, &written));
    return written ? OK
                   : fail(c, E_STALE, "item.moved", "商品刚被他人改过，请刷新后再改",
                          "the item was changed meanwhile: read it again");
}

static Err import_one(Ctx *c, ItemImport *row, ImportNames *names) {
    TRY(import_names(c, row, names));
    Item item = { .item_id = id_new(c),
                  .sku = row->sku,
                  .name = row->name.len > 0 ? row->name : row->sku,
                  .category_id = names->category_id,
                  .brand_id = names->brand_id,
                  .unit = row->unit,
                  .price_fen = row->price_fen };
    TRY(item_insert(c, &item, search_text(c, &item), &row->is_new));
    row->item_id = item.item_id;
    row->is_changed = false;
    if (!row->is_new) TRY(import_change(c, row, names));
    if (row->barcode.len == 0) return OK;
    bool is_new_barcode;
    TRY(item_barcode_insert(c, row->barcode, row->item_id, &is_new_barcode));
    row->is_changed |= is_new_barcode && !row->is_new;
    if (is_new_barcode) return OK;
    StrList own;
    TRY(item_barcodes_of(c, row->item_id, &own));
    row->is_barcode_taken = true;
    for (int64_t i = 0; i < own.count; i++) row->is_barcode_taken &= !str_equal(own.items[i], row->barcode);
    return OK;
}

Err item_import_batch(Ctx *c, ItemImports items) {
    ImportNames names = { 0 };
    for (int64_t i = 0; i < items.count; i++) TRY(import_one(c, &items.items[i], &names));
    return OK;
}

Err item_find_sku(Ctx *c, Str sku, int64_t *ret_item_id) {
    *ret_item_id = 0;
    return item_id_by_sku(c, sku, ret_item_id);
}
