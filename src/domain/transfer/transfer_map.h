/* transfer_map - which column is which: found once per file, private to the folder. */
#pragma once
#include "domain/transfer/transfer.h"
#include "app/table.h"

/* The fields a column can hold, in the order of TransferMap. */
typedef enum MapField {
    MAP_EXTERNAL, MAP_PHONE, MAP_CARD, MAP_EMAIL, MAP_NAME, MAP_GENDER, MAP_BIRTHDAY, MAP_REGION, MAP_CHANNEL,
    MAP_JOINED, MAP_POINTS, MAP_POINTS_EXPIRY, MAP_GROWTH, MAP_TIER, MAP_TAGS, MAP_SKU, MAP_ITEM, MAP_CATEGORY,
    MAP_BRAND, MAP_BARCODE, MAP_PRICE, MAP_ORDER_NO, MAP_QUANTITY, MAP_AMOUNT, MAP_TIME, MAP_SHOP, MAP_TENDER,
    MAP_COLUMNS,
} MapField;

/* Column numbers by field, -1 = the file has none. */
typedef struct Columns { int64_t at[MAP_COLUMNS]; Str none; } Columns;
/* Refuses transfer.column (a named column is not there, or two names want one) and transfer.head (what the kind cannot
 * do without). */
Err columns_find(Ctx *c, const TransferMap *map, TransferKind kind, StrList head, Columns *ret_columns);
/* The cell of a field, trimmed and unguarded; empty when there is none or it holds the word for nothing. */
Str column_cell(const Columns *columns, const TableRow *row, MapField field);
