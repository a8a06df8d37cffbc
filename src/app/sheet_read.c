/* XLSX in: rows of one sheet, pulled one at a time; expat is paused at the end of each row. */
#include "app/sheet_parts.h"
#include <stdlib.h>
#include <string.h>

typedef enum CellKind { CELL_NUMBER, CELL_SHARED, CELL_TEXT, CELL_ERROR } CellKind;

struct SheetReader {
    SheetXml xml; /* first: see on_doctype() */
    zip_t *zip;
    SheetParts parts;
    Str texts[CSV_CELLS_MAX];
    int64_t starts[CSV_CELLS_MAX], ends[CSV_CELLS_MAX];
    int64_t cell_count, row_line, column; /* column of the cell being read */
    char *row;
    int64_t row_len; /* CSV_ROW_MAX bytes */
    int64_t value_from;
    CellKind kind;
    bool is_date, is_value, is_phonetic, is_row, has_text;
};

/* "AB12" → 27; -1 when there are no letters. */
static int64_t column_of(const char *reference) {
    int64_t column = 0;
    const char *p = reference;
    for (; (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z'); p++) {
        column = column * 26 + ((*p | 32) - 'a' + 1);
        if (column > 1 << 20) return -1;
    }
    return column - 1;
}

static void begin_row(SheetReader *r, const char **attrs) {
    const char *line = sheet_attr(attrs, "r");
    int64_t value;
    r->row_line = line && str_to_int(str_of(line), &value) && value > 0 ? value : r->row_line + 1;
    r->cell_count = r->row_len = 0;
    r->column = -1;
    r->has_text = false;
    r->is_row = true;
}

static void begin_cell(SheetReader *r, const char **attrs) {
    const char *reference = sheet_attr(attrs, "r"), *type = sheet_attr(attrs, "t"), *style = sheet_attr(attrs, "s");
    int64_t column = reference ? column_of(reference) : -1, index;
    r->column = column >= 0 ? column : r->column + 1;
    if (r->column >= CSV_CELLS_MAX) {
        sheet_xml_stop(&r->xml, SHEET_TOO_BIG);
        return;
    }
    for (; r->cell_count <= r->column; r->cell_count++) r->starts[r->cell_count] = r->ends[r->cell_count] = r->row_len;
    r->value_from = r->row_len;
    r->kind = CELL_NUMBER;
    if (type && strcmp(type, "s") == 0)
        r->kind = CELL_SHARED;
    else if (type && (strcmp(type, "inlineStr") == 0 || strcmp(type, "str") == 0 || strcmp(type, "d") == 0))
        r->kind = CELL_TEXT;
    else if (type && strcmp(type, "e") == 0)
        r->kind = CELL_ERROR;
    bool is_number = r->kind == CELL_NUMBER && (!type || strcmp(type, "n") == 0);
    r->is_date = is_number && style && str_to_int(str_of(style), &index) && index >= 0 &&
                 index < r->parts.style_count && r->parts.is_date[index];
}

static void on_start(void *user, const char *name, const char **attrs) {
    SheetReader *r = user;
    r->xml.silent = 0;
    const char *local = sheet_local(name);
    if (strcmp(local, "row") == 0)
        begin_row(r, attrs);
    else if (!r->is_row)
        return;
    else if (strcmp(local, "c") == 0)
        begin_cell(r, attrs);
    else if (strcmp(local, "rPh") == 0)
        r->is_phonetic = true;
    else if (strcmp(local, "v") == 0 || strcmp(local, "t") == 0)
        r->is_value = !r->is_phonetic && r->column >= 0;
}

static void add_text(SheetReader *r, const char *at, int64_t len) {
    if (r->row_len + len > CSV_ROW_MAX || r->row_len + len - r->value_from > CSV_CELL_MAX) {
        sheet_xml_stop(&r->xml, SHEET_TOO_BIG);
        return;
    }
    memcpy(r->row + r->row_len, at, (size_t)len);
    r->row_len += len;
}

static void on_text(void *user, const char *at, int len) {
    SheetReader *r = user;
    r->xml.silent = 0;
    if (r->is_value) add_text(r, at, len);
}

/* 1.38E10 → 13800000000: phones and card numbers that somebody's program stored so. What has a fraction left stays as
 * it is. */
static void write_out_exponent(SheetReader *r) {
    char digits[40];
    int64_t len = 0, point = -1, exponent = 0, i = r->value_from;
    for (; i < r->row_len && (r->row[i] | 32) != 'e'; i++) {
        char ch = r->row[i];
        if (ch == '.' && point < 0)
            point = len;
        else if (ch >= '0' && ch <= '9' && len < 20)
            digits[len++] = ch;
        else
            return;
    }
    if (i == r->row_len || len == 0) return;
    Str power = { r->row + i + 1, r->row_len - i - 1 };
    if (power.len > 0 && power.at[0] == '+') power = str_slice(power, 1, power.len);
    if (!str_to_int(power, &exponent) || exponent < 0 || exponent > 18) return;
    int64_t zeros = exponent - (point < 0 ? 0 : len - point);
    if (zeros < 0 || len + zeros > 20) return;
    for (; zeros > 0; zeros--) digits[len++] = '0';
    r->row_len = r->value_from;
    add_text(r, digits, len);
}

static void end_cell(SheetReader *r) {
    if (r->column < 0 || r->column >= CSV_CELLS_MAX) return;
    Str value = { r->row + r->value_from, r->row_len - r->value_from };
    char date[SHEET_DATE_ROOM];
    int64_t index;
    switch (r->kind) {
    case CELL_SHARED:
        r->row_len = r->value_from;
        if (str_to_int(str_trim(value), &index)) {
            Str text = sheet_parts_string(&r->parts, index);
            add_text(r, text.at, text.len);
        }
        break;
    case CELL_ERROR:
        r->row_len = r->value_from;
        break;
    case CELL_NUMBER:
        if (r->is_date && sheet_date_text(value, r->parts.is_1904, date)) {
            r->row_len = r->value_from;
            add_text(r, date, (int64_t)strlen(date));
        } else {
            write_out_exponent(r);
        }
        break;
    case CELL_TEXT:
        break;
    }
    r->starts[r->column] = r->value_from;
    r->ends[r->column] = r->row_len;
    r->has_text |= r->row_len > r->value_from;
}

static void on_end(void *user, const char *name) {
    SheetReader *r = user;
    r->xml.silent = 0;
    const char *local = sheet_local(name);
    if (strcmp(local, "v") == 0 || strcmp(local, "t") == 0)
        r->is_value = false;
    else if (strcmp(local, "rPh") == 0)
        r->is_phonetic = false;
    else if (strcmp(local, "c") == 0 && r->is_row)
        end_cell(r);
    else if (strcmp(local, "row") == 0 && r->is_row) {
        r->is_row = false;
        if (r->has_text && r->xml.why == SHEET_FINE) sheet_xml_pause(&r->xml);
    }
}

static Err refuse(Ctx *c, SheetWhy why) {
    switch (why) {
    case SHEET_FINE:
        return OK;
    case SHEET_NOT_ZIP:
        return fail(c, E_INVALID, "sheet.zip", "不是 XLSX 文件", "not an XLSX file");
    case SHEET_TOO_BIG:
        return fail(c, E_INVALID, "sheet.limit", "XLSX 文件太大或太复杂，请另存为 CSV",
                    "the XLSX file is too big or too complex: save it as CSV");
    case SHEET_BROKEN:
        return fail(c, E_INVALID, "sheet.broken", "XLSX 文件已损坏", "the XLSX file is broken");
    case SHEET_NO_SHEET:
        return fail(c, E_INVALID, "sheet.no_sheet", "没有这个工作表", "there is no such sheet");
    }
    return OK;
}

static zip_t *zip_of(Ctx *c, Str path, Str memory) {
    int code = 0;
    if (path.len > 0) return zip_open(arena_cstr(c->arena, path), ZIP_RDONLY, &code);
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(memory.at, (zip_uint64_t)memory.len, 0, &error);
    zip_t *zip = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
    if (!zip && source) zip_source_free(source);
    zip_error_fini(&error);
    return zip;
}

Err sheet_open(Ctx *c, Str path, Str memory, Str sheet_name, SheetReader **ret_reader) {
    SheetReader *r = calloc(1, sizeof *r);
    if (!r) return refuse(c, SHEET_TOO_BIG);
    r->row = malloc(CSV_ROW_MAX);
    r->zip = zip_of(c, path, memory);
    SheetWhy why = !r->row ? SHEET_TOO_BIG : !r->zip ? SHEET_NOT_ZIP : sheet_parts_read(r->zip, sheet_name, &r->parts);
    if (why == SHEET_FINE) why = sheet_xml_open(&r->xml, r->zip, r->parts.target, r, on_start, on_end, on_text);
    if (why != SHEET_FINE) {
        sheet_close(r);
        return refuse(c, why);
    }
    *ret_reader = r;
    return OK;
}

Err sheet_next(Ctx *c, SheetReader *r, int64_t *ret_line, StrList *ret_cells, bool *ret_found) {
    SheetWhy why = r->xml.why == SHEET_FINE ? sheet_xml_run(&r->xml) : r->xml.why;
    if (why != SHEET_FINE) return refuse(c, why);
    *ret_found = r->xml.is_suspended;
    if (!r->xml.is_suspended) return OK;
    for (int64_t i = 0; i < r->cell_count; i++) r->texts[i] = (Str){ r->row + r->starts[i], r->ends[i] - r->starts[i] };
    *ret_line = r->row_line;
    ret_cells->items = r->texts;
    ret_cells->count = r->cell_count;
    return OK;
}

int64_t sheet_done_bp(const SheetReader *r) {
    if (r->xml.size <= 0) return 10000;
    int64_t done = r->xml.read * 10000 / r->xml.size;
    return done > 10000 ? 10000 : done;
}

void sheet_close(SheetReader *r) {
    if (!r) return;
    sheet_xml_close(&r->xml);
    sheet_parts_free(&r->parts);
    if (r->zip) zip_discard(r->zip);
    free(r->row);
    free(r);
}
