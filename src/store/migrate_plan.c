/* Assumed statistics for SQLite's planner. Without any it takes the first column of every index for selective, and
 * ours is
 * the merchant: it would rather walk a whole table by (merchant_id) of its primary key than look up four columns in
 * another index. Measured ones would be no better on a young database, and plans would change under a running shop. So
 * every index is described as it will be in a merchant with a million rows: the merchant says nothing, ids nearly all,
 * kinds and states little. */
#include "store/db_engine.h"
#include "store/migrate_plan.h"

enum { ROWS = 1000000, ROWS_PARTIAL = 10000, INDEXES_MAX = 4096 };

typedef struct IndexRow {
    Str tbl, idx, columns;
    bool is_unique, is_partial;
} IndexRow;
static const Field index_row_field[] = {
    FIELD(IndexRow, tbl),       FIELD(IndexRow, idx),        FIELD(IndexRow, columns, .max = 2000),
    FIELD(IndexRow, is_unique), FIELD(IndexRow, is_partial),
};
static const Fields index_row_fields = FIELDS(IndexRow, index_row_field);

static bool is_one_of(Str name, const char *const *list) {
    for (; *list != NULL; list++)
        if (str_is(name, *list)) return true;
    return false;
}

/* How many of `rows` rows share one value of this column. */
static int64_t rows_of_one(Str column, int64_t rows) {
    static const char *const few[] = { "shop_id", "tier_id", "staff_id", "category_id", "brand_id", "kind", "status",
                                       "state",   "source",  "type",     "name",        "action",   "subject",
                                       "purpose", "role",    "actor",    "merge_id",    NULL };
    static const char *const nearly_all[] = { "code", "key", "barcode", "sku", "login", "seq", "external_no", NULL };
    if (str_is(column, "merchant_id")) return rows;
    if (is_one_of(column, few)) return rows / 10 + 1;
    bool is_key = str_ends(column, S("_id")) || str_is(column, "id") || str_ends(column, S("_no")) ||
                  str_ends(column, S("_mac")) || str_ends(column, S("_hash")) || is_one_of(column, nearly_all);
    if (is_key) return rows > 1000 ? 20 : rows / 10 + 1;
    return rows / 100 + 1;
}

/* "1000000 1000000 20 1": rows, and for each column how many rows share the values up to it. */
static Str stat_of(Arena *a, const IndexRow *index) {
    Buf b = { .arena = a };
    int64_t rows = index->is_partial ? ROWS_PARTIAL : ROWS;
    buf_int(&b, rows);
    Str column, rest = index->columns;
    for (bool has_more = true; has_more;) {
        has_more = str_cut(rest, ',', &column, &rest);
        rows = has_more || !index->is_unique ? rows_of_one(column, rows) : 1;
        buf_char(&b, ' ');
        buf_int(&b, rows);
    }
    return buf_str(&b);
}

Err migrate_assume_plan(Ctx *c, void *unused) {
    (void)unused;
    ListAny rows = { 0 };
    int64_t changed;
    TRY(db_script(c, "ANALYZE sqlite_schema"));                 /* makes sqlite_stat1 where it is missing */
    TRY(db_system_change(c, "DELETE FROM sqlite_stat1", NO_ARGS, &changed));
    /* The primary key of a table without rowid goes by the table's name. */
    TRY(db_system_rows(c,
                       "SELECT t.name AS tbl, CASE WHEN i.origin = 'pk' AND t.sql LIKE '%WITHOUT ROWID%' THEN t.name"
                       " ELSE i.name END AS idx, i.\"unique\" AS is_unique, i.partial AS is_partial,"
                       " (SELECT group_concat(k.name) FROM pragma_index_info(i.name) k) AS columns"
                       " FROM sqlite_schema t, pragma_index_list(t.name) i WHERE t.type = 'table'"
                       " AND t.name NOT LIKE 'sqlite%'",
                       NO_ARGS, &index_row_fields, INDEXES_MAX, &rows));
    const IndexRow *index = rows.items;
    for (int64_t i = 0; i < rows.count; i++)
        TRY(db_system_change(c, "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ($1, $2, $3)",
                             ARGS(index[i].tbl, index[i].idx, stat_of(c->arena, &index[i])), &changed));
    return db_script(c, "ANALYZE sqlite_schema");               /* and reads it again */
}
