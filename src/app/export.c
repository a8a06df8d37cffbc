/* export - 导出: any list route as CSV (UTF-8 with BOM, so that spreadsheets read Chinese) or XLSX: the handler's own
 * pages, one
 * after the other in one snapshot, into a temporary file. Longer lists are the command line's. Errors:
 * export.too_many, export.disk */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "app/ask.h"
#include "app/sheet.h"

typedef struct Export {
    Ask *ask;
    FILE *file;
    SheetWriter *sheet;
    int64_t rows;
} Export;

static Err no_disk(Ctx *c) {
    return fail(c, E_BUSY, "export.disk", "暂时无法写入导出文件", "the export file cannot be written now");
}

static Err csv_line(Export *export, const Fields *fields, const void *obj) {
    Ctx *c = &export->ask->c;
    ArenaMark mark = arena_mark(c->arena);
    Buf line = { .arena = c->arena };
    if (obj == NULL) csv_bom(&line);
    if (obj == NULL)
        csv_head(&line, fields);
    else
        csv_row(&line, fields, obj);
    bool is_written = fwrite(line.at, 1, (size_t)line.len, export->file) == (size_t)line.len;
    arena_back(c->arena, mark);
    return is_written ? OK : no_disk(c);
}

static Err put_row(Export *export, const void *item) {
    Ctx *c = &export->ask->c;
    if (++export->rows > EXPORT_ROWS_MAX) {
        fail_number(c, "rows_max", EXPORT_ROWS_MAX);
        return fail(c, E_INVALID, "export.too_many", "超过 %d 行，请缩小范围，或在服务器上用命令 laoke export 导出",
                    "more than %d rows: narrow the range, or use the command `laoke export` on the server",
                    (int)EXPORT_ROWS_MAX);
    }
    if (export->sheet != NULL) return sheet_add(c, export->sheet, item);
    return csv_line(export, export->ask->way->items_out->of, item);
}

/* Page after page. What a page has put into the arena is forgotten with it; the cursor is kept aside. */
static Err put_pages(Export *export) {
    Ask *ask = export->ask;
    Ctx *c = &ask->c;
    const Way *way = ask->way;
    const Route *route = way->route;
    char cursor[256];
    int64_t most = PAGE_MAX;
    for (;;) {
        ArenaMark mark = arena_mark(c->arena);
        int64_t in_size = route->in == NULL ? 0 : route->in->size;
        char *in = arena_take(c->arena, in_size + 1, 16), *out = arena_take(c->arena, route->out->size, 16);
        if (in_size > 0) memcpy(in, ask->in, (size_t)in_size);
        if (way->limit_in != NULL) memcpy(in + way->limit_in->offset, &most, sizeof most);
        TRY(route->run(c, in, out));
        const ListAny *items = (const void *)(out + way->items_out->offset);
        for (int64_t i = 0; i < items->count; i++) {
            TRY(put_row(export, (const char *)items->items + i * way->items_out->of->size));
        }
        Str next = way->cursor_out == NULL ? (Str){ 0 } : *(const Str *)(const void *)(out + way->cursor_out->offset);
        bool is_more = next.len > 0 && next.len < (int64_t)sizeof cursor && way->cursor_in != NULL;
        if (is_more) memcpy(cursor, next.at, (size_t)next.len);
        arena_back(c->arena, mark);
        if (!is_more) return OK;
        Str kept = { cursor, next.len };
        memcpy((char *)ask->in + way->cursor_in->offset, &kept, sizeof kept);
    }
}

static Err sheet_rows(Ctx *c, SheetWriter *w, void *arg) {
    (void)c;
    Export *export = arg;
    export->sheet = w;
    return put_pages(export);
}

static Err write_csv(Export *export, int fd) {
    Ctx *c = &export->ask->c;
    export->file = fdopen(fd, "w");
    if (export->file == NULL) {
        close(fd);
        return no_disk(c);
    }
    Err err = csv_line(export, export->ask->way->items_out->of, NULL);
    if (err == OK) err = put_pages(export);
    bool is_whole = fclose(export->file) == 0;
    return err == OK && !is_whole ? no_disk(c) : err;
}

Err export_run(Ask *ask) {
    Ctx *c = &ask->c;
    Str dir = ask->app->config.temp_dir;
    if (dir.len == 0) dir = S("/tmp");
    char *path = (char *)arena_cstr(c->arena, arena_print(c->arena, "%.*s/laoke-export-XXXXXX", (int)dir.len, dir.at));
    int fd = mkstemp(path);
    if (fd < 0) return no_disk(c);
    Export export = { .ask = ask };
    Err err;
    if (ask->export_kind == EXPORT_CSV) {
        err = write_csv(&export, fd);
    } else {
        close(fd);
        err = sheet_write(c, str_of(path), ask->way->slice->name, ask->way->items_out->of, sheet_rows, &export);
    }
    if (err != OK) unlink(path);
    ask->export_path = str_of(path);
    return err;
}
