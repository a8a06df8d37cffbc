/* csv - CSV: RFC 4180 in and out, streaming, in bounded memory.
 * In:  quoted cells with doubled quotes and embedded line ends; CRLF, LF or CR; blank lines are skipped; a quote inside
 *      an unquoted cell is a plain character; a byte order mark at the start is swallowed. Bytes are passed on as they
 *      are: make them UTF-8 first (base/text.h Decoder).
 * Out: UTF-8; text cells that a spreadsheet would run as a formula (= + - @ TAB CR first) get an apostrophe. */
#pragma once
#include "base/field.h"

/* cells in a row, bytes in a cell, in a row */
enum { CSV_CELLS_MAX = 512, CSV_CELL_MAX = 256 << 10, CSV_ROW_MAX = 1 << 20 };

typedef enum CsvResult { CSV_ROW, CSV_MORE, CSV_BAD } CsvResult;
typedef enum CsvError {
    CSV_FINE,
    CSV_QUOTE_OPEN,                  /* the file ends inside a quoted cell */
    CSV_QUOTE_STRAY,                 /* text behind the closing quote */
    CSV_CELL_LONG, CSV_ROW_LONG, CSV_CELLS_MANY,
} CsvError;

typedef struct CsvReader {
    StrList cells;                   /* CSV_ROW: the row; its texts live until the next call */
    int64_t line;                    /* CSV_ROW: on which the row begins; CSV_BAD: of the error; 1-based */
    CsvError error;                  /* CSV_BAD: why; the reader stays bad */
    char separator;
    /* the reader's own */
    Arena *arena;
    char *row; int64_t row_len, row_room, cell_at, line_now;
    int64_t ends[CSV_CELLS_MAX]; int64_t cell_count;
    Str texts[CSV_CELLS_MAX];
    int state, mark_len; bool has_quotes;
} CsvReader;
void csv_reader_init(CsvReader *r, Arena *a, char separator);     /* 0 = ',' */
/* Reads on from *chunk, which is shortened by what was read. CSV_ROW: a row stands in r->cells, call again with the
 * rest; CSV_MORE: the chunk is used up, call with the next one. */
CsvResult csv_read(CsvReader *r, Str *chunk);
/* After the last chunk: CSV_ROW for a last row without line end, then CSV_MORE: nothing is left. */
CsvResult csv_read_end(CsvReader *r);
const char *csv_error_zh(CsvError error);
const char *csv_error_en(CsvError error);
/* The separator that the first line uses most (outside quotes): ',' ';' TAB or '|'; ',' when none. */
char csv_guess_separator(Str head);

/* ---- out ---- */
void csv_bom(Buf *b);
void csv_text(Buf *b, bool is_first, Str cell);                   /* guarded and quoted as needed */
/* numbers, days, ids: quoted as needed, never guarded */
void csv_plain(Buf *b, bool is_first, Str cell);
void csv_row_end(Buf *b);                                         /* CRLF */
void csv_head(Buf *b, const Fields *fields);                      /* names of the Field table as one row */
void csv_row(Buf *b, const Fields *fields, const void *obj);      /* one object as one row */
/* takes the apostrophe off again: what we wrote reads back as it was */
Str csv_unguard(Str cell);
