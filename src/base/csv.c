/* The reader copies each cell into one row buffer: simple, and memcpy of short runs is not what parsing costs. */
#include "base/csv.h"
#include <assert.h>
#include <string.h>

enum State { AT_CELL, IN_PLAIN, IN_QUOTES, AT_QUOTE, AT_LINE_FEED, IS_BAD };

enum { ROW_ROOM_FIRST = 4096 };

void csv_reader_init(CsvReader *r, Arena *a, char separator) {
    memset(r, 0, offsetof(CsvReader, ends));
    r->cell_count = 0;
    r->arena = a;
    r->separator = separator == 0 ? ',' : separator;
    r->line_now = r->line = 1;
    r->row_room = ROW_ROOM_FIRST;
    r->row = NEW_LIST(a, char, r->row_room);
    r->state = AT_CELL;
    r->mark_len = 0;
    r->has_quotes = false;
}

static CsvResult bad(CsvReader *r, CsvError error) {
    r->error = error;
    r->line = r->line_now;
    r->state = IS_BAD;
    return CSV_BAD;
}

static bool keep(CsvReader *r, const char *at, int64_t len) {
    if (r->row_len - r->cell_at + len > CSV_CELL_MAX) {
        bad(r, CSV_CELL_LONG);
        return false;
    }
    if (r->row_len + len > CSV_ROW_MAX) {
        bad(r, CSV_ROW_LONG);
        return false;
    }
    if (r->row_len + len > r->row_room) {
        int64_t room = r->row_room * 2;
        while (room < r->row_len + len) room *= 2;
        char *row = NEW_LIST(r->arena, char, room);
        memcpy(row, r->row, (size_t)r->row_len);
        r->row = row;
        r->row_room = room;
    }
    memcpy(r->row + r->row_len, at, (size_t)len);
    r->row_len += len;
    return true;
}

static bool cell_end(CsvReader *r) {
    if (r->cell_count == CSV_CELLS_MAX) {
        bad(r, CSV_CELLS_MANY);
        return false;
    }
    r->ends[r->cell_count++] = r->cell_at = r->row_len;
    r->state = AT_CELL;
    return true;
}

/* True when a row stands; a blank line is no row. */
static bool row_end(CsvReader *r) {
    bool is_blank = r->cell_count == 1 && r->row_len == 0 && !r->has_quotes;
    int64_t from = 0;
    for (int64_t i = 0; i < r->cell_count; i++) {
        r->texts[i] = (Str){ r->row + from, r->ends[i] - from };
        from = r->ends[i];
    }
    r->cells.items = r->texts;
    r->cells.count = r->cell_count;
    r->cell_count = r->row_len = r->cell_at = 0;
    r->has_quotes = false;
    return !is_blank;
}

/* Runs of characters that mean nothing, the hot loops. */
static const char *plain_end(const char *at, const char *end, char separator) {
    while (at < end && *at != separator && *at != '\n' && *at != '\r') at++;
    return at;
}
static const char *quoted_end(CsvReader *r, const char *at, const char *end) {
    for (; at < end && *at != '"'; at++) r->line_now += *at == '\n';
    return at;
}

/* A byte order mark, perhaps cut by the end of the chunk. Bytes that only looked like one are given back as text. */
static bool take_mark(CsvReader *r, const char **at, const char *end) {
    static const char mark[] = "\xef\xbb\xbf";
    while (r->mark_len >= 0 && r->mark_len < 3 && *at < end) {
        if (**at != mark[r->mark_len]) {
            int64_t seen = r->mark_len;
            r->mark_len = -1;
            if (seen > 0) {
                r->state = IN_PLAIN;
                return keep(r, mark, seen);
            }
            return true;
        }
        r->mark_len++;
        ++*at;
    }
    return true;
}

/* One step: reads at least one byte. CSV_ROW, CSV_BAD, or CSV_MORE = go on. */
static CsvResult step(CsvReader *r, const char **at, const char *end) {
    const char *p = *at;
    switch ((enum State)r->state) {
    case AT_LINE_FEED:
        r->state = AT_CELL;
        if (*p == '\n') *at = p + 1;
        return CSV_MORE;
    case AT_CELL:
        if (r->cell_count == 0 && r->row_len == 0) r->line = r->line_now;
        if (*p == '"') {
            r->state = IN_QUOTES;
            r->has_quotes = true;
            *at = p + 1;
            return CSV_MORE;
        }
        r->state = IN_PLAIN;
        return CSV_MORE;
    case IN_PLAIN:
        *at = plain_end(p, end, r->separator);
        if (!keep(r, p, *at - p)) return CSV_BAD;
        break;
    case IN_QUOTES:
        *at = quoted_end(r, p, end);
        if (!keep(r, p, *at - p)) return CSV_BAD;
        if (*at < end) {
            r->state = AT_QUOTE;
            ++*at;
        }
        return CSV_MORE;
    case AT_QUOTE:
        if (*p == '"') {
            r->state = IN_QUOTES;
            *at = p + 1;
            return keep(r, "\"", 1) ? CSV_MORE : CSV_BAD;
        }
        if (*p != r->separator && *p != '\n' && *p != '\r') return bad(r, CSV_QUOTE_STRAY);
        break;
    case IS_BAD:
        return CSV_BAD;
    }
    if (*at == end) return CSV_MORE; /* the cell may go on in the next chunk */
    char stop = *(*at)++;
    if (!cell_end(r)) return CSV_BAD;
    if (stop == r->separator) {
        if (r->cell_count == CSV_CELLS_MAX) return bad(r, CSV_CELLS_MANY);
        return CSV_MORE;
    }
    r->line_now++;
    if (stop == '\r') r->state = AT_LINE_FEED;
    return row_end(r) ? CSV_ROW : CSV_MORE;
}

CsvResult csv_read(CsvReader *r, Str *chunk) {
    const char *at = chunk->at, *end = chunk->at + chunk->len;
    CsvResult result = CSV_MORE;
    if (r->mark_len >= 0 && r->mark_len < 3 && !take_mark(r, &at, end)) result = CSV_BAD;
    while (at < end && result == CSV_MORE) result = step(r, &at, end);
    *chunk = (Str){ at, end - at };
    return result;
}

CsvResult csv_read_end(CsvReader *r) {
    if (r->state == IS_BAD) return CSV_BAD;
    if (r->state == IN_QUOTES) return bad(r, CSV_QUOTE_OPEN);
    if (r->state == AT_LINE_FEED || (r->state == AT_CELL && r->cell_count == 0)) return CSV_MORE;
    if (!cell_end(r)) return CSV_BAD;
    return row_end(r) ? CSV_ROW : CSV_MORE;
}

const char *csv_error_zh(CsvError error) {
    switch (error) {
    case CSV_FINE:
        return "";
    case CSV_QUOTE_OPEN:
        return "引号没有结束";
    case CSV_QUOTE_STRAY:
        return "引号后面还有文字";
    case CSV_CELL_LONG:
        return "单元格太长";
    case CSV_ROW_LONG:
        return "一行太长";
    case CSV_CELLS_MANY:
        return "列太多";
    }
    return "";
}

const char *csv_error_en(CsvError error) {
    switch (error) {
    case CSV_FINE:
        return "";
    case CSV_QUOTE_OPEN:
        return "a quoted cell does not end";
    case CSV_QUOTE_STRAY:
        return "text behind a closing quote";
    case CSV_CELL_LONG:
        return "a cell is too long";
    case CSV_ROW_LONG:
        return "a row is too long";
    case CSV_CELLS_MANY:
        return "too many columns";
    }
    return "";
}

char csv_guess_separator(Str head) {
    static const char known[] = ",;\t|";
    int64_t counts[4] = { 0 }, best = 0;
    bool is_quoted = false;
    for (int64_t i = 0; i < head.len; i++) {
        char ch = head.at[i];
        if (ch == '"') is_quoted = !is_quoted;
        if (is_quoted) continue;
        if (ch == '\n' || ch == '\r') break;
        for (int64_t k = 0; k < 4; k++) counts[k] += ch == known[k];
    }
    for (int64_t k = 1; k < 4; k++) {
        if (counts[k] > counts[best]) best = k;
    }
    return known[best];
}

/* ---- out -------------------------------------------------------------------------------------------------------- */

void csv_bom(Buf *b) { buf_add(b, S("\xef\xbb\xbf")); }
void csv_row_end(Buf *b) { buf_add(b, S("\r\n")); }

/* What a spreadsheet would run; apostrophes in front of it count as guards, or reading back would take the text's own
 * off. */
static bool is_formula(Str cell) {
    int64_t at = 0;
    while (at < cell.len && cell.at[at] == '\'') at++;
    return at < cell.len && cell.at[at] != 0 && strchr("=+-@\t\r", cell.at[at]) != NULL;
}
static Str guard_of(Str cell) { return is_formula(cell) ? S("'") : S(""); }

/* Blanks at the ends survive programs that trim; an empty first cell alone would make the row a blank line. */
static bool needs_quotes(bool is_first, Str cell) {
    if (cell.len == 0) return is_first;
    if (cell.at[0] == ' ' || cell.at[cell.len - 1] == ' ') return true;
    for (int64_t i = 0; i < cell.len; i++) {
        char ch = cell.at[i];
        if (ch == ',' || ch == '"' || ch == '\n' || ch == '\r' || ch == ';' || ch == '\t' || ch == '|') return true;
    }
    return false;
}

static void add_quoted(Buf *b, Str guard, Str cell) {
    buf_char(b, '"');
    buf_add(b, guard);
    Str before, after = cell;
    while (str_find_char(after, '"') >= 0) {
        str_cut(after, '"', &before, &after);
        buf_add(b, before);
        buf_add(b, S("\"\""));
    }
    buf_add(b, after);
    buf_char(b, '"');
}

static void add_cell(Buf *b, bool is_first, Str guard, Str cell) {
    if (!is_first) buf_char(b, ',');
    if (needs_quotes(is_first, cell)) {
        add_quoted(b, guard, cell);
        return;
    }
    buf_add(b, guard);
    buf_add(b, cell);
}

void csv_text(Buf *b, bool is_first, Str cell) { add_cell(b, is_first, guard_of(cell), cell); }
void csv_plain(Buf *b, bool is_first, Str cell) { add_cell(b, is_first, S(""), cell); }

Str csv_unguard(Str cell) {
    bool is_guarded = cell.len > 1 && cell.at[0] == '\'' && is_formula(cell);
    return is_guarded ? str_slice(cell, 1, cell.len) : cell;
}

void csv_head(Buf *b, const Fields *fields) {
    for (int64_t i = 0; i < fields->count; i++) csv_text(b, i == 0, str_of(fields->field[i].name));
    csv_row_end(b);
}

static bool is_text(FieldKind kind) {
    switch (kind) {
    case FIELD_STR:
    case FIELD_ENUM:
    case FIELD_OBJECT:
    case FIELD_LIST:
    case FIELD_STRS:
    case FIELD_IDS:
    case FIELD_JSON:
        return true;
    case FIELD_INT:
    case FIELD_BOOL:
    case FIELD_BYTES:
    case FIELD_ID:
    case FIELD_DAY:
        return false;
    }
    return true;
}

/* A cell is printed where it goes; the few that need quotes are written again behind it and moved down. */
void csv_row(Buf *b, const Fields *fields, const void *obj) {
    for (int64_t i = 0; i < fields->count; i++) {
        const Field *field = &fields->field[i];
        if (i > 0) buf_char(b, ',');
        int64_t from = b->len;
        field_print_text(b, field, obj);
        Str cell = { b->at == NULL ? "" : b->at + from, b->len - from };
        Str guard = is_text(field->kind) ? guard_of(cell) : S("");
        if (guard.len == 0 && !needs_quotes(i == 0, cell)) continue;
        int64_t quoted_from = b->len;
        add_quoted(b, guard, cell);
        memmove(b->at + from, b->at + quoted_from, (size_t)(b->len - quoted_from));
        b->len -= quoted_from - from;
    }
    csv_row_end(b);
}
