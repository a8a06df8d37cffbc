#include "app/table.h"
#include "test/test.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>
#include <zlib.h>

typedef struct Desk {
    Arena arena;
    Ctx c;
    char path[64];
} Desk;

static void desk_open(Desk *d, const char *suffix) {
    memset(d, 0, sizeof *d);
    arena_init(&d->arena, ARENA_HARD_MAX);
    d->c = (Ctx){ .arena = &d->arena };
    snprintf(d->path, sizeof d->path, "/tmp/laoke-table-%d.%s", (int)getpid(), suffix);
}
static void desk_close(Desk *d) {
    unlink(d->path);
    arena_free(&d->arena);
}
static void put(Desk *d, Str text) {
    FILE *file = fopen(d->path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text.at, 1, (size_t)text.len, file), text.len);
    fclose(file);
}

/* The whole table as "1:a|b/2:c|d/", or the code of its refusal. */
static Str read_table(Desk *d, TableOpen open) {
    Buf out = { .arena = &d->arena };
    Table *t = NULL;
    open.path = str_of(d->path);
    Err err = table_open(&d->c, &open, &t);
    for (bool is_found = true; err == OK && is_found;) {
        TableRow row;
        err = table_next(&d->c, t, &row, &is_found);
        if (err != OK || !is_found) break;
        buf_print(&out, "%d:", (int)row.line);
        for (int64_t i = 0; i < row.cells.count; i++) {
            if (i > 0) buf_char(&out, '|');
            buf_add(&out, row.cells.items[i]);
        }
        buf_char(&out, '/');
    }
    table_close(t);
    return err == OK ? buf_str(&out) : str_of(d->c.problem.code);
}
#define assert_table(d, open, want)                                                                                    \
    do {                                                                                                               \
        Str have_ = read_table((d), (TableOpen)open);                                                                  \
        if (!str_is(have_, want)) fail_msg("have %.*s, want %s", (int)have_.len, have_.at, want);                      \
    } while (0)

TEST_PURE(tables_read_csv_of_any_charset_and_separator) {
    Desk d;
    desk_open(&d, "csv");
    Str gbk;
    put(&d, S("姓名,手机\n张三,1\n\n,,\n李四,2"));
    assert_table(&d, { 0 }, "1:姓名|手机/2:张三|1/5:李四|2/");
    assert_true(text_encode_gb18030(&d.arena, S("姓名;手机\n张三;1\n"), &gbk));
    put(&d, gbk);
    assert_table(&d, { 0 }, "1:姓名|手机/2:张三|1/");
    put(&d, S("\xff\xfe"
              "a\0\t\0b\0\n\0"));
    assert_table(&d, { 0 }, "1:a|b/");
    put(&d, S(""));
    assert_table(&d, { 0 }, "");
    desk_close(&d);
}

TEST_PURE(tables_refuse_what_they_cannot_read_and_say_where) {
    Desk d;
    desk_open(&d, "csv");
    assert_table(&d, { 0 }, "table.open");
    put(&d, S("a,b\n1,\xff\n"));
    assert_table(&d, { 0 }, "table.charset");
    assert_int_equal(d.c.problem.numbers[0].value, 2);
    put(&d, S("a,b\n1,\0\n"));
    assert_table(&d, { 0 }, "table.charset");
    put(&d, S("a,b\n\"1\"x,2\n"));
    assert_table(&d, { 0 }, "table.csv");
    put(&d, S("PK\3\4 is no zip"));
    assert_table(&d, { 0 }, "sheet.zip");
    desk_close(&d);
}

TEST_PURE(tables_read_packed_csv_and_notice_when_it_is_cut) {
    Desk d;
    desk_open(&d, "csv.gz");
    gzFile file = gzopen(d.path, "wb");
    Buf want = { .arena = &d.arena };
    for (int i = 1; i <= 20000; i++) {
        gzprintf(file, "%d,行%d\r\n", i, i);
        buf_print(&want, "%d:%d|行%d/", i, i, i);
    }
    gzclose(file);
    assert_true(str_equal(read_table(&d, (TableOpen){ 0 }), buf_str(&want)));
    assert_int_equal(truncate(d.path, 30000), 0);
    assert_table(&d, { 0 }, "table.gzip");
    desk_close(&d);
}

typedef struct Thing {
    int64_t id, amount_fen, day;
    Str name;
} Thing;
static const Field thing_field[] = { FIELD_ID(Thing, id), FIELD(Thing, name), FIELD(Thing, amount_fen),
                                     FIELD_DAY(Thing, day) };
static const Fields thing_fields = FIELDS(Thing, thing_field);

TEST_PURE(sheets_that_were_written_read_back_as_they_were) {
    Desk d;
    desk_open(&d, "xlsx");
    Thing things[] = {
        { .id = INT64_C(9007199254740993), .name = S("张三 & <b>"), .amount_fen = -1234, .day = 20260131 },
        { .name = S("=1+1") },
        { .id = 5, .name = S("two\nlines"), .amount_fen = INT64_C(9007199254740993), .day = 19000101 },
    };
    ListAny list = { things, COUNT_OF(things) };
    assert_int_equal(sheet_write_list(&d.c, str_of(d.path), "members", &thing_fields, list), OK);
    Str have = read_table(&d, (TableOpen){ 0 });
    Str want = S("1:id|name|amount_fen|day/2:9007199254740993|张三 & <b>|-1234|2026-01-31/3:|=1+1|0/"
                 "4:5|two\nlines|9007199254740993|1900-01-01/");
    if (!str_equal(have, want)) fail_msg("%.*s", (int)have.len, have.at);
    assert_table(&d, { .sheet = S_INIT("members") },
                 "1:id|name|amount_fen|day/2:9007199254740993|张三 & <b>|-1234|2026-01-31/3:|=1+1|0/"
                 "4:5|two\nlines|9007199254740993|1900-01-01/");
    assert_table(&d, { .sheet = S_INIT("other") }, "sheet.no_sheet");
    desk_close(&d);
}

/* ---- packages made by hand ---- */

#define WORKBOOK                                                                                                       \
    "<workbook xmlns:r='x'><workbookPr date1904='%s'/><sheets><sheet name='A' sheetId='1' "                            \
    "r:id='rId1'/></sheets></workbook>"
#define RELATIONS "<Relationships><Relationship Id='rId1' Target='worksheets/sheet1.xml'/></Relationships>"
#define STYLES                                                                                                         \
    "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='yyyy\"年\"m\"月\"'/>"                                   \
    "<numFmt numFmtId='165' formatCode='0.00\"day\"'/></numFmts><cellStyleXfs><xf numFmtId='14'/></cellStyleXfs>"      \
    "<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='164'/><xf numFmtId='165'/></cellXfs></styleSheet>"

static void add_part(zip_t *zip, const char *name, const char *text) {
    zip_source_t *source = zip_source_buffer(zip, text, strlen(text), 0);
    assert_true(zip_file_add(zip, name, source, ZIP_FL_OVERWRITE) >= 0);
}

static void package(Desk *d, const char *date1904, const char *strings, const char *rows) {
    unlink(d->path);
    zip_t *zip = zip_open(d->path, ZIP_CREATE, NULL);
    assert_non_null(zip);
    add_part(zip, "xl/workbook.xml", arena_print(&d->arena, WORKBOOK, date1904).at);
    add_part(zip, "xl/_rels/workbook.xml.rels", RELATIONS);
    add_part(zip, "xl/styles.xml", STYLES);
    if (strings) add_part(zip, "xl/sharedStrings.xml", strings);
    add_part(zip, "xl/worksheets/sheet1.xml",
             arena_print(&d->arena, "<x:worksheet><x:sheetData>%s</x:sheetData></x:worksheet>", rows).at);
    assert_int_equal(zip_close(zip), 0);
}

TEST_PURE(sheets_of_others_are_read_with_shared_strings_gaps_and_dates) {
    Desk d;
    desk_open(&d, "xlsx");
    package(&d, "0", "<sst><si><t>姓名</t></si><si><r><t>A</t></r><r><t>B</t></r><rPh><t>no</t></rPh></si></sst>",
            "<row r='2'><c r='B2' t='s'><v>0</v></c><c t='s'><v>1</v></c><c r='E2' "
            "t='inlineStr'><is><t>in</t></is></c></row>"
            "<row r='3'/><row r='5'><c r='A5' s='1'><v>46023</v></c><c s='2'><v>46023.354166666664</v></c><c "
            "s='3'><v>46023.5</v></c>"
            "<c s='1'><v>0.5</v></c><c s='1'><v>59</v></c><c s='1'><v>61</v></c></row>"
            "<row><c><v>1.38E10</v></c><c><v>2.5499999999999998</v></c><c t='b'><v>1</v></c><c t='e'><v>#N/A</v></c><c "
            "t='str'><v>f</v></c>"
            "<c t='s'><v>99</v></c><c><v>1.5E-3</v></c></row>");
    assert_table(&d, { 0 },
                 "2:|姓名|AB||in/5:2026-01-01|2026-01-01 08:30:00|46023.5|12:00:00|1900-02-28|1900-03-01/"
                 "6:13800000000|2.5499999999999998|1||f||1.5E-3/");
    package(&d, "1", NULL, "<row><c s='1'><v>44561</v></c></row>");
    assert_table(&d, { 0 }, "1:2026-01-01/");
    desk_close(&d);
}

TEST_PURE(sheets_that_attack_are_refused) {
    Desk d;
    desk_open(&d, "xlsx");
    package(&d, "0", "<!DOCTYPE a [<!ENTITY b 'c'>]><sst><si><t>&b;</t></si></sst>",
            "<row><c t='s'><v>0</v></c></row>");
    assert_table(&d, { 0 }, "sheet.broken");
    package(&d, "0", NULL, "<row><c r='ZZZ1'><v>1</v></c></row>");
    assert_table(&d, { 0 }, "sheet.limit");
    package(&d, "0", NULL, "<row><c><v>1</v></row>");
    assert_table(&d, { 0 }, "sheet.broken");
    char *big = NEW_LIST(&d.arena, char, SHEET_TOKEN_MAX + (1 << 20));
    memset(big, 'x', SHEET_TOKEN_MAX + (1 << 20) - 1);
    package(&d, "0", NULL, arena_print(&d.arena, "<row a='%s'></row>", big).at);
    assert_table(&d, { 0 }, "sheet.limit");
    package(&d, "0", NULL, arena_print(&d.arena, "<row><c><v>%.*s</v></c></row>", CSV_CELL_MAX + 1, big).at);
    assert_table(&d, { 0 }, "sheet.limit");
    zip_t *zip = zip_open(d.path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    add_part(zip, "other.txt", "x");
    assert_int_equal(zip_close(zip), 0);
    assert_table(&d, { 0 }, "sheet.zip");
    desk_close(&d);
}
