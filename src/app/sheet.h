/* sheet - 表格: XLSX out (libxlsxwriter, constant memory) and in (own SAX reader on libzip and expat, with limits).
 * Out: first row = names of the Field table, bold and frozen; ids and numbers past 2^53 are written as text, so nothing
 *      is rounded. Text cells are text: nothing in them is run.
 * In:  the first sheet or one by name; shared and inline strings; numbers as stored (1.38E10 as 13800000000); dates (by
 *      cell style, epochs 1900 and 1904) as "2026-01-31", "2026-01-31 08:30:00" or "08:30:00"; booleans as 1 and 0;
 *      errors (#N/A) as empty cells. Rows that the file skips are skipped; cells it skips are empty.
 * Refuses: what is no zip, holds too many entries, unpacks to more than SHEET_UNPACKED_MAX or (past 64 MiB) by more
 *      than SHEET_RATIO_MAX, has a DOCTYPE (so no entities), more shared text than SHEET_STRINGS_BYTES_MAX, more than
 *      CSV_CELLS_MAX columns.
 * Errors: sheet.write, sheet.rows, sheet.zip, sheet.limit, sheet.broken, sheet.no_sheet */
#pragma once
#include "base/csv.h"

enum { SHEET_ENTRIES_MAX = 2000, SHEET_RATIO_MAX = 200, SHEET_ROWS_MAX = 1048576, SHEET_STRINGS_MAX = 1 << 20,
       SHEET_STRINGS_BYTES_MAX = 24 << 20, SHEET_STYLES_MAX = 16384, SHEET_NAME_MAX = 255, SHEET_TOKEN_MAX = 4 << 20 };
#define SHEET_UNPACKED_MAX ((int64_t)2 << 30)

typedef struct SheetWriter SheetWriter;
/* Writes a file at `path`: `rows` is called once and gives each row to sheet_add(). On refusal the file is removed. */
Err sheet_write(Ctx *c, Str path, const char *title, const Fields *fields,
                Err (*rows)(Ctx *c, SheetWriter *w, void *arg), void *arg);
Err sheet_add(Ctx *c, SheetWriter *w, const void *obj);
Err sheet_write_list(Ctx *c, Str path, const char *title, const Fields *fields, ListAny list);

typedef struct SheetReader SheetReader;
/* From a file, or from memory that lives until the reader is closed (path empty). The reader has memory of its own. */
Err sheet_open(Ctx *c, Str path, Str memory, Str sheet_name, SheetReader **ret_reader);
/* The next row into ret_cells (texts live until the next call) and its number in the file; found false at the end. */
Err sheet_next(Ctx *c, SheetReader *r, int64_t *ret_line, StrList *ret_cells, bool *ret_found);
int64_t sheet_done_bp(const SheetReader *r);                      /* how far, 0 … 10000 */
void sheet_close(SheetReader *r);                                 /* NULL is fine */
