/* Rows of a file. zlib's gz reader passes on what is not packed, so that plain and packed CSV take one way. */
#include "app/table.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

enum { TABLE_PIECE = 64 << 10 };

struct Table {
    TableKind kind;
    SheetReader *sheet;
    gzFile file;
    int64_t file_size;
    char separator;
    bool is_begun, is_over; /* the reader knows its separator; the file has no more bytes */
    Decoder decoder;
    CsvReader csv;
    Str chunk;         /* decoded, not yet read */
    Arena keep, piece; /* rows of the reader; the chunk, dropped with the next one */
    char raw[TABLE_PIECE];
};

static Err cannot_open(Ctx *c) {
    return fail(c, E_INVALID, "table.open", "打不开这个文件", "the file cannot be opened");
}

/* The first bytes tell a zip (XLSX); all else is text, perhaps packed. */
static Err look(Ctx *c, const char *path, Table *t) {
    struct stat info;
    FILE *file = fopen(path, "rbe");
    if (!file) return cannot_open(c);
    char head[4] = { 0 };
    size_t got = fread(head, 1, sizeof head, file);
    bool is_file = fstat(fileno(file), &info) == 0 && S_ISREG(info.st_mode);
    fclose(file);
    if (!is_file) return cannot_open(c);
    t->file_size = info.st_size;
    t->kind = got == sizeof head && memcmp(head, "PK\3\4", sizeof head) == 0 ? TABLE_XLSX : TABLE_CSV;
    return OK;
}

static Err open_file(Ctx *c, const TableOpen *open, Table *t) {
    const char *path = arena_cstr(c->arena, open->path);
    TRY(look(c, path, t));
    if (t->kind == TABLE_XLSX) return sheet_open(c, open->path, S(""), open->sheet, &t->sheet);
    t->file = gzopen(path, "rbe");
    if (!t->file) return cannot_open(c);
    gzbuffer(t->file, TABLE_PIECE);
    t->separator = open->separator;
    decoder_init(&t->decoder, open->charset);
    return OK;
}

Err table_open(Ctx *c, const TableOpen *open, Table **ret_table) {
    Table *t = calloc(1, sizeof *t);
    if (!t) return cannot_open(c);
    arena_init(&t->keep, ARENA_BUDGET);
    arena_init(&t->piece, ARENA_BUDGET);
    Err err = open_file(c, open, t);
    if (err != OK) {
        table_close(t);
        return err;
    }
    *ret_table = t;
    return OK;
}

static Err bad_charset(Ctx *c, const Table *t, Str decoded) {
    int64_t line = t->is_begun ? t->csv.line_now : 1;
    for (int64_t i = 0; i < decoded.len; i++) line += decoded.at[i] == '\n';
    fail_number(c, "line", line);
    return fail(c, E_INVALID, "table.charset", "第 %lld 行附近的文字编码不对：请存为 UTF-8 或 GBK",
                "malformed text near line %lld: save the file as UTF-8 or GBK", (long long)line);
}

static Err bad_csv(Ctx *c, const Table *t) {
    fail_number(c, "line", t->csv.line);
    const char *words = c->lang == LANG_ZH ? csv_error_zh(t->csv.error) : csv_error_en(t->csv.error);
    return fail(c, E_INVALID, "table.csv", "第 %lld 行读不懂：%s", "line %lld cannot be read: %s",
                (long long)t->csv.line, words);
}

/* The next piece of the file into t->chunk, decoded. */
static Err refill(Ctx *c, Table *t) {
    arena_reset(&t->piece);
    int got = gzread(t->file, t->raw, sizeof t->raw), code = Z_OK;
    gzerror(t->file, &code);
    bool is_bad = got < 0 || (got == 0 && code == Z_BUF_ERROR);
    if (is_bad)
        return fail(c, E_INVALID, "table.gzip", "压缩文件不完整或已损坏", "the packed file is cut short or broken");
    t->is_over = got == 0;
    Buf out = { .arena = &t->piece };
    DecodeResult result = decoder_push(&t->decoder, (Str){ t->raw, got }, t->is_over, &out);
    t->chunk = buf_str(&out);
    if (result != DECODE_OK || str_find_char(t->chunk, '\0') >= 0) return bad_charset(c, t, t->chunk);
    if (!t->is_begun && (t->chunk.len > 0 || t->is_over)) {
        char separator = t->separator != 0 ? t->separator : csv_guess_separator(t->chunk);
        csv_reader_init(&t->csv, &t->keep, separator);
        t->is_begun = true;
    }
    return OK;
}

static bool is_blank(StrList cells) {
    for (int64_t i = 0; i < cells.count; i++) {
        if (cells.items[i].len > 0) return false;
    }
    return true;
}

static Err next_csv(Ctx *c, Table *t, TableRow *ret_row, bool *ret_found) {
    *ret_found = false;
    for (;;) {
        CsvResult result = CSV_MORE;
        if (t->is_begun)
            result = t->is_over && t->chunk.len == 0 ? csv_read_end(&t->csv) : csv_read(&t->csv, &t->chunk);
        if (result == CSV_BAD) return bad_csv(c, t);
        if (result == CSV_ROW && is_blank(t->csv.cells)) continue;
        if (result == CSV_ROW) {
            *ret_row = (TableRow){ t->csv.line, t->csv.cells };
            *ret_found = true;
            return OK;
        }
        if (t->is_over && t->chunk.len == 0) return OK;
        if (t->is_over) continue;
        TRY(refill(c, t));
    }
}

Err table_next(Ctx *c, Table *t, TableRow *ret_row, bool *ret_found) {
    if (t->kind == TABLE_XLSX) return sheet_next(c, t->sheet, &ret_row->line, &ret_row->cells, ret_found);
    return next_csv(c, t, ret_row, ret_found);
}

TableKind table_kind(const Table *t) { return t->kind; }
Charset table_charset(const Table *t) { return t->kind == TABLE_XLSX ? CHARSET_UTF8 : t->decoder.charset; }

int64_t table_done_bp(const Table *t) {
    if (t->kind == TABLE_XLSX) return sheet_done_bp(t->sheet);
    if (t->file_size == 0 || t->is_over) return 10000;
    return gzoffset(t->file) * 10000 / t->file_size;
}

void table_close(Table *t) {
    if (!t) return;
    sheet_close(t->sheet);
    if (t->file) gzclose(t->file);
    arena_free(&t->keep);
    arena_free(&t->piece);
    free(t);
}
