/* table - 数据表: rows of a file, whatever it is: CSV (UTF-8, GBK/GB18030 or UTF-16; comma, semicolon, tab or bar), the
 * same packed by gzip, or XLSX; recognised by content. Streams in bounded memory (< 50 MB whatever the size).
 * Errors: table.open, table.gzip, table.charset, table.csv, and those of sheet.h */
#pragma once
#include "app/sheet.h"
#include "base/text.h"

typedef enum TableKind { TABLE_CSV, TABLE_XLSX } TableKind;
typedef struct TableOpen {
    Str path;
    Str sheet;                       /* XLSX: name of the sheet; empty = first */
    Charset charset;                 /* CSV: CHARSET_AUTO recognises it */
    char separator;                  /* CSV: 0 recognises it */
} TableOpen;
typedef struct TableRow { int64_t line; StrList cells; } TableRow;   /* cells live until the next call */

typedef struct Table Table;
Err table_open(Ctx *c, const TableOpen *open, Table **ret_table);
/* The next row that is not blank; found false at the end. The head line is a row like any other. */
Err table_next(Ctx *c, Table *t, TableRow *ret_row, bool *ret_found);
TableKind table_kind(const Table *t);
Charset table_charset(const Table *t);                               /* as recognised so far */
int64_t table_done_bp(const Table *t);                               /* how far through the file, 0 … 10000 */
void table_close(Table *t);                                          /* NULL is fine */
