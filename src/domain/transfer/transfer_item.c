/* Items: one row each, by number. What a row leaves empty stays as it is. */
#include "domain/transfer/transfer_work.h"
#include "domain/item/item.h"

enum { ITEM_TEXT_CHARS_MAX = 60, ITEM_SKU_MAX = 64, ITEM_BARCODE_MAX = 64 };
#define ITEM_PRICE_MAX_FEN 100000000

typedef struct Work {
    ItemImport *items;
} Work;

static void begin(Transfer *t) {
    Work *w = NEW(&t->batch, Work);
    w->items = NEW_LIST(&t->batch, ItemImport, TRANSFER_BATCH_ROWS * 2 + 1);
    t->work = w;
}

static bool may_end(const Transfer *t, const TableRow *row) {
    (void)t, (void)row;
    return true;
}

static const char *read_item(Transfer *t, const TableRow *row, ItemImport *item) {
    Str price = column_cell(&t->columns, row, MAP_PRICE);
    *item = (ItemImport){
        .sku = work_str(t, column_cell(&t->columns, row, MAP_SKU)),
        .name = work_str(t, column_cell(&t->columns, row, MAP_ITEM)),
        .category = work_str(t, column_cell(&t->columns, row, MAP_CATEGORY)),
        .brand = work_str(t, column_cell(&t->columns, row, MAP_BRAND)),
        .barcode = work_str(t, column_cell(&t->columns, row, MAP_BARCODE)),
    };
    if (item->name.len == 0) item->name = work_str(t, column_cell(&t->columns, row, MAP_NAME));
    if (item->sku.len == 0) return "row.no_item";
    bool is_long = item->sku.len > ITEM_SKU_MAX || item->barcode.len > ITEM_BARCODE_MAX ||
                   str_chars(item->name) > ITEM_NAME_MAX || str_chars(item->category) > ITEM_TEXT_CHARS_MAX ||
                   str_chars(item->brand) > ITEM_TEXT_CHARS_MAX;
    if (is_long) return "row.long";
    if (price.len > 0 && !value_fen(price, str_is(t->run.map.money, "fen"), &item->price_fen)) return "row.price";
    return item->price_fen < 0 || item->price_fen > ITEM_PRICE_MAX_FEN ? "row.price" : NULL;
}

static Err take(Ctx *c, Transfer *t, const TableRow *row) {
    (void)c;
    Work *w = t->work;
    const char *code = read_item(t, row, &w->items[t->group_count]);
    row_add(t, row->line, t->group_count++, code ? ROW_LISTED : ROW_ACCEPTED, code ? code : "");
    return OK;
}

static Err write(Ctx *c, Transfer *t, int64_t from, int64_t to) {
    Work *w = t->work;
    for (int64_t i = from; i < to; i++) {
        if (t->rows[i].read_end == ROW_LISTED) continue;
        TRY(item_import_batch(c, (ItemImports){ &w->items[i], 1 }));
        if (w->items[i].is_barcode_taken) {
            Str barcode = w->items[i].barcode;
            return fail(c, E_CONFLICT, "item.barcode_taken", "条码 %.*s 已属于另一商品",
                        "barcode %.*s belongs to another item", (int)barcode.len, barcode.at);
        }
        if (!w->items[i].is_new) row_set(t, i, ROW_MERGED, "item.exists", S(""), S(""));
    }
    return OK;
}

const Importer item_importer = { begin, take, may_end, write };
