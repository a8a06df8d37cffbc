/* XLSX out. In constant memory mode libxlsxwriter keeps one row and a temporary file per sheet. */
#include "app/sheet.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>

struct SheetWriter {
    lxw_workbook *book;
    lxw_worksheet *sheet;
    const Fields *fields;
    int64_t row_count;
};

enum { SHEET_CELL_CHARS_MAX = 32767 };
static const int64_t EXACT_MAX = (int64_t)1 << 53; /* what a spreadsheet's number holds without rounding */

static Err write_failed(Ctx *c) {
    return fail(c, E_BUSY, "sheet.write", "表格文件写不进去", "the sheet cannot be written");
}

static lxw_error write_text(Ctx *c, SheetWriter *w, lxw_row_t row, lxw_col_t column, Str text) {
    Str shown = str_chars(text) > SHEET_CELL_CHARS_MAX / 2 ? str_slice(text, 0, SHEET_CELL_CHARS_MAX / 2) : text;
    return worksheet_write_string(w->sheet, row, column, arena_cstr(c->arena, shown), NULL);
}

static lxw_error write_cell(Ctx *c, SheetWriter *w, lxw_row_t row, lxw_col_t column, const Field *field,
                            const void *obj) {
    const char *at = (const char *)obj + field->offset;
    if (field->kind == FIELD_INT) {
        int64_t value = *(const int64_t *)at;
        if (value >= -EXACT_MAX && value <= EXACT_MAX)
            return worksheet_write_number(w->sheet, row, column, (double)value, NULL);
    }
    Buf text = { .arena = c->arena };
    field_print_text(&text, field, obj);
    return text.len == 0 ? LXW_NO_ERROR : write_text(c, w, row, column, buf_str(&text));
}

Err sheet_add(Ctx *c, SheetWriter *w, const void *obj) {
    if (w->row_count + 1 >= SHEET_ROWS_MAX) {
        return fail(c, E_CONFLICT, "sheet.rows", "表格最多 %d 行，请用 CSV", "a sheet holds at most %d rows: take CSV",
                    SHEET_ROWS_MAX);
    }
    ArenaMark mark = arena_mark(c->arena);
    lxw_row_t row = (lxw_row_t)++w->row_count;
    lxw_error error = LXW_NO_ERROR;
    for (int64_t i = 0; i < w->fields->count && error == LXW_NO_ERROR; i++) {
        error = write_cell(c, w, row, (lxw_col_t)i, &w->fields->field[i], obj);
    }
    arena_back(c->arena, mark);
    return error == LXW_NO_ERROR ? OK : write_failed(c);
}

static Err write_head(Ctx *c, SheetWriter *w) {
    lxw_format *bold = workbook_add_format(w->book);
    if (!bold) return write_failed(c);
    format_set_bold(bold);
    for (int64_t i = 0; i < w->fields->count; i++) {
        const Field *field = &w->fields->field[i];
        if (worksheet_write_string(w->sheet, 0, (lxw_col_t)i, field->name, bold) != LXW_NO_ERROR)
            return write_failed(c);
    }
    worksheet_freeze_panes(w->sheet, 1, 0);
    worksheet_set_column(w->sheet, 0, (lxw_col_t)(w->fields->count - 1), 16, NULL);
    return OK;
}

Err sheet_write(Ctx *c, Str path, const char *title, const Fields *fields,
                Err (*rows)(Ctx *c, SheetWriter *w, void *arg), void *arg) {
    const char *file = arena_cstr(c->arena, path);
    lxw_workbook_options options = { .constant_memory = LXW_TRUE };
    SheetWriter w = { .book = workbook_new_opt(file, &options), .fields = fields };
    if (!w.book) return write_failed(c);
    w.sheet = workbook_add_worksheet(w.book, title);
    Err err = w.sheet ? write_head(c, &w) : write_failed(c);
    if (err == OK) err = rows(c, &w, arg);
    if (workbook_close(w.book) != LXW_NO_ERROR && err == OK) err = write_failed(c);
    if (err != OK) unlink(file);
    return err;
}

typedef struct ListRows {
    ListAny list;
    int64_t size;
} ListRows;

static Err add_list(Ctx *c, SheetWriter *w, void *arg) {
    const ListRows *rows = arg;
    for (int64_t i = 0; i < rows->list.count; i++)
        TRY(sheet_add(c, w, (const char *)rows->list.items + i * rows->size));
    return OK;
}

Err sheet_write_list(Ctx *c, Str path, const char *title, const Fields *fields, ListAny list) {
    return sheet_write(c, path, title, fields, add_list, &(ListRows){ list, fields->size });
}
