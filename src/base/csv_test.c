#include "base/csv.h"
#include "test/test.h"
#include <string.h>

/* Reads the whole text in chunks of `step` bytes and writes rows as "a|b/c|d/", with the line before each row when
 * asked. */
static Str read_all(Arena *a, Str text, int64_t step, bool with_lines, CsvReader *r) {
    Buf out = { .arena = a };
    csv_reader_init(r, a, 0);
    CsvResult result = CSV_MORE;
    for (int64_t at = 0; result != CSV_BAD;) {
        Str chunk = str_slice(text, at, at + step);
        bool is_end = at >= text.len;
        while ((result = is_end ? csv_read_end(r) : csv_read(r, &chunk)) == CSV_ROW) {
            if (with_lines) buf_print(&out, "%d:", (int)r->line);
            for (int64_t i = 0; i < r->cells.count; i++) {
                if (i > 0) buf_char(&out, '|');
                buf_add(&out, r->cells.items[i]);
            }
            buf_char(&out, '/');
        }
        if (is_end) break;
        at += step;
    }
    return buf_str(&out);
}

TEST_PURE(csv_reads_what_rfc_4180_says_in_chunks_of_any_size) {
    static const struct {
        const char *text, *want;
    } known[] = {
        { "a,b\r\nc,d\r\n", "a|b/c|d/" },
        { "a,b\nc,d", "a|b/c|d/" },
        { "a,b\rc,d\r", "a|b/c|d/" },
        { "\"a,1\",\"b\"\"c\"\n", "a,1|b\"c/" },
        { "\"x\r\ny\",z\n", "x\r\ny|z/" },
        { ",,\n", "||/" },
        { "\n\n a \n\n", " a /" },
        { "\"\"\n", "/" },
        { "", "" },
        { "\xef\xbb\xbf"
          "a,b\n",
          "a|b/" },
        { "\xef\xbb\xbf\"a\",b\n", "a|b/" },
        { "\xef\xbbz\n", "\xef\xbbz/" },
        { "a\"b,c\n", "a\"b|c/" },
        { "a,", "a|/" },
        { "\"a\"", "a/" },
        { "1,\"\"\n", "1|/" },
    };
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    for (int64_t i = 0; i < COUNT_OF(known); i++) {
        for (int64_t step = 1; step < 12; step++) {
            CsvReader r;
            Str have = read_all(&a, str_of(known[i].text), step, false, &r);
            if (!str_is(have, known[i].want)) fail_msg("%d by %d: %.*s", (int)i, (int)step, (int)have.len, have.at);
            assert_int_equal(r.error, CSV_FINE);
        }
    }
    arena_free(&a);
}

TEST_PURE(csv_rows_know_their_line) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    CsvReader r;
    Str have = read_all(&a, S("h\r\n\r\n\"x\r\ny\"\r\nz\n\nw"), 3, true, &r);
    assert_true(str_is(have, "1:h/3:x\r\ny/5:z/7:w/"));
    arena_free(&a);
}

TEST_PURE(csv_refuses_with_line_and_reason) {
    Arena a;
    arena_init(&a, ARENA_HARD_MAX);
    CsvReader r;
    read_all(&a, S("a,b\n\"c\"d,e\n"), 4, false, &r);
    assert_int_equal(r.error, CSV_QUOTE_STRAY);
    assert_int_equal(r.line, 2);
    read_all(&a, S("a\n\"b\n\nc"), 4, false, &r);
    assert_int_equal(r.error, CSV_QUOTE_OPEN);
    char *big = NEW_LIST(&a, char, CSV_ROW_MAX * 2);
    memset(big, 'x', CSV_ROW_MAX * 2);
    read_all(&a, (Str){ big, CSV_CELL_MAX + 1 }, 4096, false, &r);
    assert_int_equal(r.error, CSV_CELL_LONG);
    for (int64_t i = 1000; i < CSV_ROW_MAX * 2; i += 100000) big[i] = ',';
    read_all(&a, (Str){ big, CSV_ROW_MAX + 100 }, 4096, false, &r);
    assert_int_equal(r.error, CSV_ROW_LONG);
    memset(big, ',', 4096);
    read_all(&a, (Str){ big, CSV_CELLS_MAX - 1 }, 4096, false, &r);
    assert_int_equal(r.error, CSV_FINE);
    read_all(&a, (Str){ big, CSV_CELLS_MAX }, 4096, false, &r);
    assert_int_equal(r.error, CSV_CELLS_MANY);
    arena_free(&a);
}

TEST_PURE(csv_separator_is_guessed_from_the_first_line) {
    assert_int_equal(csv_guess_separator(S("a;b;c\n1,2,3,4,5")), ';');
    assert_int_equal(csv_guess_separator(S("a\tb\n")), '\t');
    assert_int_equal(csv_guess_separator(S("\"a;b;c\",d")), ',');
    assert_int_equal(csv_guess_separator(S("a|b")), '|');
    assert_int_equal(csv_guess_separator(S("")), ',');
}

TEST_PURE(csv_cells_that_look_like_formulas_are_guarded_and_read_back) {
    static const char *const cells[] = { "=1+1", "+86", "-1",   "@x",  "\tx",    "'=1",  "plain",
                                         "",     "a,b", "q\"q", " x ", "两\n行", "''=1", "'" };
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    Buf out = { .arena = &a };
    for (int64_t i = 0; i < COUNT_OF(cells); i++) csv_text(&out, i == 0, str_of(cells[i]));
    csv_row_end(&out);
    csv_plain(&out, true, S("-12"));
    csv_plain(&out, false, S(""));
    csv_row_end(&out);
    assert_true(str_starts(buf_str(&out), S("'=1+1,'+86,'-1,'@x,\"'\tx\",''=1,plain,,\"a,b\",\"q\"\"q\",")));
    CsvReader r;
    Str chunk = buf_str(&out);
    csv_reader_init(&r, &a, ',');
    assert_int_equal(csv_read(&r, &chunk), CSV_ROW);
    assert_int_equal(r.cells.count, COUNT_OF(cells));
    for (int64_t i = 0; i < COUNT_OF(cells); i++) assert_true(str_is(csv_unguard(r.cells.items[i]), cells[i]));
    assert_int_equal(csv_read(&r, &chunk), CSV_ROW);
    assert_true(str_is(r.cells.items[0], "-12"));
    arena_free(&a);
}

typedef struct Thing {
    int64_t id, amount_fen, day;
    Str name;
    bool is_new;
} Thing;
static const Field thing_field[] = {
    FIELD_ID(Thing, id), FIELD(Thing, name), FIELD(Thing, amount_fen), FIELD_DAY(Thing, day), FIELD(Thing, is_new),
};
static const Fields thing_fields = FIELDS(Thing, thing_field);

TEST_PURE(csv_rows_follow_the_field_table) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    Buf out = { .arena = &a };
    csv_head(&out, &thing_fields);
    csv_row(&out, &thing_fields,
            &(Thing){ .id = 7, .name = S("=你,好"), .amount_fen = -5, .day = 20260131, .is_new = true });
    csv_row(&out, &thing_fields, &(Thing){ 0 });
    Str text = buf_str(&out), want = S("id,name,amount_fen,day,is_new\r\n7,\"'=你,好\",-5,2026-01-31,");
    if (!str_starts(text, want)) fail_msg("%.*s", (int)text.len, text.at);
    arena_free(&a);
}
