/* Any bytes as CSV: the rows must not depend on how the bytes are cut into chunks, whatever the character set, and
 * what the writer writes of them must read back as it was. */
#include "base/csv.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>

static void must(bool is_true) {
    if (!is_true) abort();
}

/* The rows as one text with lengths, so that two readings can be compared. */
static Str rows_of(Arena *a, Str text, int64_t step, CsvError *ret_error) {
    Buf out = { .arena = a };
    CsvReader *r = NEW(a, CsvReader);
    csv_reader_init(r, a, ',');
    CsvResult result = CSV_MORE;
    for (int64_t at = 0; at < text.len && result != CSV_BAD; at += step) {
        Str chunk = str_slice(text, at, at + step);
        while ((result = csv_read(r, &chunk)) == CSV_ROW) {
            buf_print(&out, "[%d %d]", (int)r->line, (int)r->cells.count);
            for (int64_t i = 0; i < r->cells.count; i++) {
                buf_int(&out, r->cells.items[i].len);
                buf_add(&out, r->cells.items[i]);
            }
        }
    }
    if (result != CSV_BAD) result = csv_read_end(r);
    if (result == CSV_ROW) buf_print(&out, "[%d %d]", (int)r->line, (int)r->cells.count);
    *ret_error = r->error;
    return buf_str(&out);
}

static void read_back(Arena *a, Str cell) {
    Buf out = { .arena = a };
    csv_text(&out, true, cell);
    csv_row_end(&out);
    CsvReader *r = NEW(a, CsvReader);
    csv_reader_init(r, a, ',');
    Str chunk = buf_str(&out);
    must(csv_read(r, &chunk) == CSV_ROW && r->cells.count == 1);
    must(str_equal(csv_unguard(r->cells.items[0]), cell));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
    if (size < 2 || size > 4096) return 0;
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    int64_t step = data[0] % 16 + 1;
    Str text = { (const char *)data + 2, (int64_t)size - 2 }, whole;
    CsvError one, other;
    Str rows = rows_of(&a, text, text.len + 1, &one), again = rows_of(&a, text, step, &other);
    must(one == other && str_equal(rows, again));
    bool has_mark = str_starts(text, S("\xef\xbb\xbf"));
    if (!has_mark) read_back(&a, text);
    Charset charset = (Charset)(data[1] % 5);
    Decoder d;
    Buf pieces = { .arena = &a };
    decoder_init(&d, charset);
    bool is_whole = text_decode(&a, text, charset, &whole), is_fine = true;
    for (int64_t at = 0; is_fine && at < text.len; at += step) {
        is_fine = decoder_push(&d, str_slice(text, at, at + step), at + step >= text.len, &pieces) == DECODE_OK;
    }
    /* Recognising may differ with less to look at; a set that was told may not. */
    if (charset != CHARSET_AUTO) must(is_fine == is_whole && (!is_fine || str_equal(buf_str(&pieces), whole)));
    if (is_whole) must(str_is_utf8(whole));
    if (is_whole) text_pinyin(&a, text_search_form(&a, whole), true);
    arena_free(&a);
    return 0;
}
