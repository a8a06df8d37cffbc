#include "domain/item/item.h"
#include "domain/member/member.h"
#include "domain/order/order.h"
#include "domain/refund/refund.h"
#include "domain/transfer/transfer_value.h"
#include "domain/transfer/transfer.h"
#include "test/test.h"
#include "base/text.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* ---- helpers ---- */

static Str put_file(World *w, const char *name, Str text) {
    Str path = world_file(w, name);
    FILE *file = fopen(path.at, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text.at, 1, (size_t)text.len, file), text.len);
    fclose(file);
    return path;
}

static Str read_whole(World *w, Str path) {
    FILE *file = fopen(arena_cstr(&w->arena, path), "rb");
    assert_non_null(file);
    char *text = NEW_LIST(&w->arena, char, 1 << 20);
    size_t got = fread(text, 1, 1 << 20, file);
    fclose(file);
    return (Str){ text, (int64_t)got };
}

typedef struct Result {
    Err err;
    Str code, report;
    TransferRun run;
    TransferFindings findings;
    bool is_resumed;
} Result;

/* steps 0 = to the end; else so many and then it is left, as a kill would leave it. */
static Result run_steps(World *w, TransferStart start, const char *map, int64_t steps) {
    Result r = { 0 };
    Ctx c = world_ctx(w, w->merchant_id);
    Str report = arena_print(&w->arena, "%.*s.report", (int)start.path.len, start.path.at);
    start.report_path = report;
    r.err = transfer_map_read(&c, str_of(map), &start.map);
    Transfer *t = NULL;
    if (r.err == OK) r.err = transfer_open(&c, &start, &t);
    bool is_more = r.err == OK;
    for (int64_t i = 0; is_more && r.err == OK && (steps == 0 || i < steps); i++)
        r.err = transfer_step(&c, t, &is_more);
    if (t) {
        r.run = *transfer_run(t);
        r.findings = transfer_findings(t);
        r.is_resumed = transfer_is_resumed(t);
        TransferCode *codes = NEW_LIST(&w->arena, TransferCode, r.run.codes.count);
        for (int64_t i = 0; i < r.run.codes.count; i++) {
            codes[i] = (TransferCode){ arena_str(&w->arena, r.run.codes.items[i].code), r.run.codes.items[i].rows };
        }
        r.run.codes.items = codes;
        TransferFinding *findings = NEW_LIST(&w->arena, TransferFinding, r.findings.count);
        for (int64_t i = 0; i < r.findings.count; i++) {
            findings[i] = r.findings.items[i];
            findings[i].code = arena_str(&w->arena, findings[i].code);
        }
        r.findings.items = findings;
        r.report = read_whole(w, report);
        r.run.report_path = report;
    }
    r.code = c.problem.code ? str_of(c.problem.code) : S("");
    transfer_close(t);
    return r;
}

static Result run_import(World *w, TransferKind kind, Str path, const char *map) {
    return run_steps(w, (TransferStart){ .kind = kind, .path = path }, map, 0);
}

static int64_t code_rows(const Result *r, const char *code) {
    for (int64_t i = 0; i < r->run.codes.count; i++) {
        if (str_is(r->run.codes.items[i].code, code)) return r->run.codes.items[i].rows;
    }
    return 0;
}

#define assert_ended(r, accepted, merged, listed)                                                                      \
    do {                                                                                                               \
        if ((r).err != OK) fail_msg("refused: %.*s", (int)(r).code.len, (r).code.at);                                  \
        assert_int_equal((r).run.accepted_rows, accepted);                                                             \
        assert_int_equal((r).run.merged_rows, merged);                                                                 \
        assert_int_equal((r).run.listed_rows, listed);                                                                 \
        assert_int_equal((r).run.rows, (accepted) + (merged) + (listed));                                              \
    } while (0)

typedef struct Find {
    const char *phone;
    int64_t member_id;
    MemberCard card;
} Find;
static Err find_card(Ctx *c, void *arg) {
    Find *find = arg;
    return member_lookup(c, &(MemberLookup){ .phone = str_of(find->phone) }, &find->card);
}
static MemberCard card_of(World *w, const char *phone) {
    Find find = { .phone = phone };
    Ctx c = world_ctx(w, w->merchant_id);
    assert_int_equal(app_read(&c, find_card, &find), OK);
    return find.card;
}

/* ---- values ---- */

TEST_PURE(cells_of_other_systems_are_understood) {
    int64_t value;
    Zone zone;
    assert_true(zone_open(S(""), &zone));
    assert_true(value_int(S(" 1,200 "), &value) && value == 1200);
    assert_true(value_int(S("-3.0"), &value) && value == -3);
    assert_false(value_int(S("1.5"), &value));
    assert_false(value_int(S(""), &value));
    assert_false(value_int(S("12a"), &value));
    assert_true(value_fen(S("2.55"), false, &value) && value == 255);
    assert_true(value_fen(S("2.5499999999999998"), false, &value) && value == 255);
    assert_true(value_fen(S("¥1,234.5"), false, &value) && value == 123450);
    assert_true(value_fen(S("0.005"), false, &value) && value == 1);
    assert_true(value_fen(S("2.5446"), false, &value) && value == 254);
    assert_true(value_fen(S("-11062.06"), false, &value) && value == -1106206);
    assert_true(value_fen(S("255"), true, &value) && value == 255);
    assert_false(value_fen(S("1e5"), false, &value));
    assert_true(value_day(S("2010年12月1日"), S(""), &value) && value == 20101201);
    assert_true(value_day(S("20101201"), S(""), &value) && value == 20101201);
    assert_true(value_day(S("1/12/2010"), S("dmy"), &value) && value == 20101201);
    assert_true(value_day(S("12/1/2010"), S("mdy"), &value) && value == 20101201);
    assert_false(value_day(S("2010-02-30"), S(""), &value));
    assert_false(value_day(S("12/1/2010"), S(""), &value));
    assert_true(value_time(S("2010-12-01 08:26:30"), S(""), &zone, &value));
    assert_int_equal(value, INT64_C(1291163190000));
    assert_true(value_time(S("2010-12-01T00:26:30Z"), S(""), &zone, &value));
    assert_int_equal(value, INT64_C(1291163190000));
    assert_true(value_time(S("1291163190000"), S(""), &zone, &value));
    assert_false(value_time(S("2010-12-01 25:00"), S(""), &zone, &value));
}

/* ---- members ---- */

TEST(members_come_in_from_gbk_with_points_that_expire_and_again_change_nothing) {
    Str text = S("手机号,姓名,性别,生日,积分,积分有效期,成长值,标签\r\n"
                 "138-0000-0001,张三,男,1990-05-20,100,2027-06-30,50,常客;喝茶\r\n"
                 "+86 13800000002,李四,女,农历8-15,20,2026-12-31,0,\r\n"
                 "13800000001,张三,男,1990-05-20,30,2026-12-31,0,\r\n"
                 "12345,王五,,,,,,\r\n"
                 ",无名,,,,,,\r\n"
                 "13800000006,赵六,,1990-02-31,,,,\r\n"
                 "13800000007,过期,,,5,2020-01-01,,\r\n"),
        gbk;
    assert_true(text_encode_gb18030(&w->arena, text, &gbk));
    Str path = put_file(w, "members.csv", gbk);
    Result r = run_import(w, TRANSFER_MEMBERS, path, "");
    assert_ended(r, 2, 1, 4);
    assert_int_equal(code_rows(&r, "row.no_key"), 1);
    assert_int_equal(code_rows(&r, "row.day"), 1);
    assert_int_equal(code_rows(&r, "row.expired"), 1);
    assert_int_equal(code_rows(&r, "identity.phone"), 1);
    MemberCard card = card_of(w, "13800000001");
    assert_true(str_is(card.name, "张三"));
    assert_int_equal(card.points, 130);
    assert_int_equal(card.birth_month, 5);
    assert_int_equal(card_of(w, "13800000002").points, 20);
    assert_true(card_of(w, "13800000002").birth_is_lunar);
    world_holds(w);
    Result again = run_import(w, TRANSFER_MEMBERS, path, "");
    assert_ended(again, 0, 3, 4);
    assert_int_equal(card_of(w, "13800000001").points, 130);
    world_holds(w);
}

/* ---- items ---- */

TEST(items_come_in_by_number_and_keep_what_a_row_leaves_empty) {
    Str path = put_file(w, "items.csv",
                        S("sku,item,category,brand,barcode,price\nA1,绿茶,饮料,山里,6901234567892,3.50\n"
                          "A2,红茶,饮料,,,abc\n,无号,,,,1\nA3,花茶,饮料,,6901234567892,2\n"));
    Result r = run_import(w, TRANSFER_ITEMS, path, "");
    assert_ended(r, 1, 0, 3);
    assert_int_equal(code_rows(&r, "row.price"), 1);
    assert_int_equal(code_rows(&r, "row.no_item"), 1);
    assert_int_equal(code_rows(&r, "item.barcode_taken"), 1);
    Result again = run_import(w, TRANSFER_ITEMS, put_file(w, "items2.csv", S("sku,price\nA1,4\n")), "");
    assert_ended(again, 0, 1, 0);
    world_holds(w);
}

/* ---- orders ---- */

static const char orders_csv[] = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
                                 "1001,A,\"TEA, GREEN\",6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n"
                                 "1001,B,CUP,2,2010-12-01 08:26:00,1.00,17850,United Kingdom\n"
                                 "1001,A,\"TEA, GREEN\",4,2010-12-01 08:26:00,2.55,17850,United Kingdom\n"
                                 "1002,A,\"TEA, GREEN\",3,2010-12-02 09:00:00,2.55,17850,United Kingdom\n"
                                 "C1003,A,\"TEA, GREEN\",-3,2010-12-03 09:00:00,2.55,17850,United Kingdom\n"
                                 "C1003,A,\"TEA, GREEN\",-12,2010-12-03 09:00:00,2.55,17850,United Kingdom\n"
                                 "C1003,B,CUP,-5,2010-12-03 09:00:00,1.00,17850,United Kingdom\n"
                                 "C1003,Z,NEVER SOLD,-1,2010-12-03 09:00:00,1.00,17850,United Kingdom\n"
                                 "C1004,A,\"TEA, GREEN\",-1,2010-12-03 09:00:00,2.55,NA,United Kingdom\n"
                                 "1005,A,\"TEA, GREEN\",-9,2010-12-03 09:00:00,0,NA,United Kingdom\n"
                                 "1006,D,FREE GIFT,1,2010-12-04 09:00:00,0,NA,United Kingdom\n"
                                 "1007,A,\"TEA, GREEN\",1,2010-13-04 09:00:00,2.55,17850,United Kingdom\n"
                                 "A1008,B,Adjust bad debt,1,2010-12-04 09:00:00,-10.50,NA,United Kingdom\n"
                                 ",B,CUP,1,2010-12-04 09:00:00,1.00,17850,United Kingdom\n"
                                 "C0001,A,\"TEA, GREEN\",-1,2010-11-03 09:00:00,2.55,17850,United Kingdom\n";

static Err find_external(Ctx *c, void *arg) {
    Find *find = arg;
    IdentityValue value = { .kind = IDENTITY_EXTERNAL, .provider = S("online_retail"), .value = str_of(find->phone) };
    TRY(identity_find(c, &value, &find->member_id));
    return member_card(c, find->member_id, &find->card);
}

TEST(orders_come_in_with_credit_notes_matched_and_every_row_ends_somewhere) {
    Str path = put_file(w, "orders.csv", str_of(orders_csv));
    Result r = run_import(w, TRANSFER_ORDERS, path, "online_retail");
    assert_ended(r, 5, 1, 9);
    assert_int_equal(code_rows(&r, "line.merged"), 1);
    assert_int_equal(code_rows(&r, "refund.over"), 2);      /* 12 of the 10 that are left; 5 of 2 cups */
    assert_int_equal(code_rows(&r, "refund.no_origin"), 2); /* never sold; returned before it was bought */
    assert_int_equal(code_rows(&r, "refund.no_member"), 1);
    assert_int_equal(code_rows(&r, "order.negative"), 1);
    assert_int_equal(code_rows(&r, "order.price_negative"), 1);
    assert_int_equal(code_rows(&r, "row.time"), 1);
    assert_int_equal(code_rows(&r, "row.no_number"), 1);
    assert_true(str_find(r.report, S("4,merged,line.merged,")) > 0);
    assert_true(str_find(r.report, S("7,listed,refund.over,")) > 0);
    Find find = { .phone = "17850" };
    Ctx c = world_ctx(w, w->merchant_id);
    assert_int_equal(app_read(&c, find_external, &find), OK);
    assert_int_equal(find.card.orders, 1); /* the second went back whole */
    assert_int_equal(find.card.spend_fen, 10 * 255 + 2 * 100 + 3 * 255 - 3 * 255);
    assert_int_equal(find.card.points, 0);
    assert_true(find.card.growth > 0);
    world_settle(w);
    world_holds(w);
    Result again = run_import(w, TRANSFER_ORDERS, path, "online_retail");
    assert_ended(again, 0, 6, 9);
    int64_t growth = find.card.growth;
    assert_int_equal(app_read(&c, find_external, &find), OK);
    assert_int_equal(find.card.growth, growth);
    assert_int_equal(find.card.orders, 1); /* the second went back whole */
    world_settle(w);
    world_holds(w);
}

TEST(orders_pay_out_points_only_when_asked) {
    Str path =
        put_file(w, "earn.csv", S("order_no,item,quantity,time,amount,phone\n1,茶,1,2025-01-02,100.00,13800000001\n"));
    Result r = run_steps(w, (TransferStart){ .kind = TRANSFER_ORDERS, .path = path, .does_earn = true }, "", 0);
    assert_ended(r, 1, 0, 0);
    assert_int_equal(card_of(w, "13800000001").points, 100);
    world_holds(w);
}

TEST(another_order_under_a_taken_number_is_listed) {
    run_import(w, TRANSFER_ORDERS,
               put_file(w, "one.csv", S("order_no,item,quantity,time,amount\n1,茶,1,2025-01-02,10\n")), "");
    Result r = run_import(w, TRANSFER_ORDERS,
                          put_file(w, "two.csv", S("order_no,item,quantity,time,amount\n1,茶,1,2025-01-02,11\n")), "");
    assert_ended(r, 0, 0, 1);
    assert_int_equal(code_rows(&r, "order.differs"), 1);
}

/* Many small orders, so that there are several batches. */
static Str many_orders(World *w, int64_t orders, const char *name) {
    Buf b = { .arena = &w->arena };
    buf_cstr(&b, "order_no,sku,item,quantity,time,price,phone\n");
    for (int64_t i = 0; i < orders; i++) {
        for (int64_t k = 0; k < 5; k++) {
            buf_print(&b, "%d,S%d,Item %d,%d,2025-03-%02d 10:00,%d.%02d,138%08d\n", (int)i, (int)((i + k) % 50),
                      (int)((i + k) % 50), (int)(k + 1), (int)(i % 28 + 1), (int)(k + 1), (int)(i % 100),
                      (int)(i % 200));
        }
    }
    return put_file(w, name, buf_str(&b));
}

TEST(a_stopped_import_goes_on_where_it_was_and_ends_like_one_that_was_not) {
    Str path = many_orders(w, 2000, "many.csv");
    TransferStart start = { .kind = TRANSFER_ORDERS, .path = path };
    Result first = run_steps(w, start, "", 1);
    assert_int_equal(first.err, OK);
    assert_true(first.run.rows > 0 && first.run.rows < 10000);
    /* What a killed process had written to the report beyond its last commit is cut off. */
    FILE *file = fopen(arena_cstr(&w->arena, first.run.report_path), "ab");
    fputs("9999,accep", file);
    fclose(file);
    Result r = run_steps(w, start, "", 0);
    assert_true(r.is_resumed);
    assert_ended(r, 10000, 0, 0);
    assert_int_equal(r.run.run_id, first.run.run_id);
    int64_t lines = 0;
    for (int64_t i = 0; i < r.report.len; i++) lines += r.report.at[i] == '\n';
    assert_int_equal(lines, 10001);
    assert_int_equal(str_find(r.report, S("9999,accep9")), -1);
    world_holds(w);
    Result again = run_import(w, TRANSFER_ORDERS, path, "");
    assert_false(again.is_resumed);
    assert_ended(again, 0, 10000, 0);
    world_holds(w);
}

TEST(a_dry_run_says_what_would_happen_and_writes_nothing) {
    Str path = put_file(w, "dry.csv", S("手机,姓名\n13800000001,张三\n123,李四\n"));
    Result r = run_steps(w, (TransferStart){ .kind = TRANSFER_MEMBERS, .path = path, .is_dry = true }, "", 0);
    assert_ended(r, 1, 0, 1);
    assert_int_equal(r.findings.count, 1);
    assert_int_equal(r.findings.items[0].line, 3);
    Find find = { .phone = "13800000001" };
    Ctx c = world_ctx(w, w->merchant_id);
    assert_int_equal(app_read(&c, find_card, &find), E_NOT_FOUND);
    Result real = run_import(w, TRANSFER_MEMBERS, path, "");
    assert_ended(real, 1, 0, 1);
}

TEST(a_dry_run_leaves_the_origin_of_returns_open) {
    Str path = put_file(w, "dry-orders.csv", str_of(orders_csv));
    TransferStart start = { .kind = TRANSFER_ORDERS, .path = path, .is_dry = true };
    Result r = run_steps(w, start, "online_retail", 0);
    assert_ended(r, 9, 1, 5);
    assert_int_equal(code_rows(&r, "refund.unchecked"), 4);
    world_holds(w);
}

TEST(files_and_maps_that_cannot_be_read_are_refused_with_the_reason) {
    static const struct {
        const char *text, *map, *code;
    } bad[] = {
        { "a,b\n1,2\n", "", "transfer.head" },
        { "phone\n1\n", "phone=Handy", "transfer.column" },
        { "phone\n1\n", "nonsense", "transfer.preset" },
        { "phone\n1\n", "nonsense=1", "transfer.map" },
        { "phone\n1\n", "{\"phone\":7}", "body.invalid" },
        { "phone\n1\n", "money=dollar", "transfer.map" },
        { "", "", "transfer.head" },
        { "phone\n\"1\"2\n", "", "table.csv" },
    };
    for (int64_t i = 0; i < COUNT_OF(bad); i++) {
        Result r = run_import(w, TRANSFER_MEMBERS, put_file(w, "bad.csv", str_of(bad[i].text)), bad[i].map);
        if (!str_is(r.code, bad[i].code)) fail_msg("%d: %.*s", (int)i, (int)r.code.len, r.code.at);
    }
    Result none = run_import(w, TRANSFER_MEMBERS, S("/nowhere/file.csv"), "");
    assert_true(str_is(none.code, "transfer.file"));
}

/* ---- out ---- */

TEST(what_came_in_goes_out_again) {
    run_import(w, TRANSFER_ORDERS, put_file(w, "out.csv", str_of(orders_csv)), "online_retail");
    static const struct {
        TransferKind kind;
        const char *name;
        int64_t rows;
    } known[] = {
        { TRANSFER_MEMBERS, "members.csv", 1 },
        { TRANSFER_ITEMS, "items.xlsx", 3 },
        { TRANSFER_ORDERS, "orders.csv", 4 },
        { TRANSFER_ENTRIES, "entries.csv", 3 },
    };
    for (int64_t i = 0; i < COUNT_OF(known); i++) {
        Ctx c = world_ctx(w, w->merchant_id);
        Str path = world_file(w, known[i].name);
        int64_t rows = 0;
        assert_int_equal(transfer_export(&c, &(TransferExport){ .kind = known[i].kind, .path = path }, &rows), OK);
        if (rows != known[i].rows) fail_msg("%s: %d rows", known[i].name, (int)rows);
        unlink(path.at);
    }
}

/* ---- the real file, where it lies beside the repository ---- */

enum { REAL_ROWS = 60000 };

/* Its first rows, unpacked: enough for every kind of row, and quick enough for every run. */
static bool real_rows(World *w, Str *ret_path) {
    gzFile file = gzopen("../shared/data/retail/online_retail.csv.gz", "rb");
    if (!file) return false;
    Buf text = { .arena = &w->arena };
    char line[4096];
    for (int64_t i = 0; i <= REAL_ROWS && gzgets(file, line, sizeof line); i++) buf_cstr(&text, line);
    gzclose(file);
    *ret_path = put_file(w, "real.csv", buf_str(&text));
    return true;
}

TEST(the_rows_of_a_real_shop_all_end_somewhere) {
    Str path;
    if (!real_rows(w, &path)) {
        print_message("skipped: ../shared/data/retail is not here\n");
        return;
    }
    TransferStart start = { .kind = TRANSFER_ORDERS, .path = path };
    run_steps(w, start, "online_retail", 5);
    Result r = run_steps(w, start, "online_retail", 0);
    assert_true(r.is_resumed);
    assert_ended(r, 58299, 1061, 640);
    assert_int_equal(code_rows(&r, "refund.no_origin"), 492);
    assert_int_equal(code_rows(&r, "refund.over"), 2);
    assert_int_equal(code_rows(&r, "refund.no_member"), 45);
    assert_int_equal(code_rows(&r, "order.negative"), 101);
    Result again = run_steps(w, start, "online_retail", 0);
    assert_ended(again, 0, 59360, 640);
    world_settle(w);
    /* PostgreSQL has not counted these tables yet and would take minutes for what SQLite proves at once. */
    if (db_engine(w->db) == DB_SQLITE) world_holds(w);
}

/* ---- over HTTP ---- */

TEST(a_file_is_uploaded_checked_imported_and_reported_over_http) {
    world_send(w, "POST", "/v1/transfers/files?kind=members&file_name=m.csv",
               S("手机,姓名,积分\n13800000001,张三,10\n123,李四,\n"));
    assert_int_equal(w->status, 201);
    int64_t run = world_int(w, "/run_id");
    assert_int_equal(world_count(w, "/rows"), 3);
    assert_true(str_is(world_str(w, "/rows/1/cells/1"), "张三"));
    world_post(w, world_path(w, "/v1/transfers/%lld/check", (long long)run), "{\"map\":{\"phone\":\"手机\"}}");
    assert_int_equal(w->status, 200);
    assert_int_equal(world_int(w, "/run/accepted_rows"), 1);
    assert_int_equal(world_int(w, "/findings/0/line"), 3);
    assert_true(str_is(world_str(w, "/findings/0/code"), "identity.phone"));
    world_post(w, world_path(w, "/v1/transfers/%lld/start", (long long)run), "{\"map\":{\"phone\":\"Handy\"}}");
    assert_true(str_is(w->code, "transfer.column"));
    world_post(w, world_path(w, "/v1/transfers/%lld/start", (long long)run), "{\"map\":{}}");
    assert_int_equal(w->status, 200);
    assert_true(str_is(world_str(w, "/status"), "running"));
    world_settle(w);
    world_get(w, "/v1/transfers/%lld", (long long)run);
    assert_true(str_is(world_str(w, "/status"), "done"));
    assert_int_equal(world_int(w, "/accepted_rows"), 1);
    assert_int_equal(world_int(w, "/listed_rows"), 1);
    assert_int_equal(world_int(w, "/done_bp"), 10000);
    assert_int_equal(card_of(w, "13800000001").points, 10);
    world_get(w, "/v1/transfers/%lld/file", (long long)run);
    assert_int_equal(w->status, 200);
    world_post(w, world_path(w, "/v1/transfers/%lld/start", (long long)run), "{\"map\":{}}");
    assert_true(str_is(w->code, "transfer.not_ready"));
    world_get(w, "/v1/transfers");
    assert_int_equal(world_count(w, "/items"), 1);
    assert_false(world_has(w, "/items/0/file_path"));
    world_get(w, "/v1/transfers/1");
    assert_true(str_is(w->code, "transfer.not_found"));
    world_post(w, "/v1/exports", "{\"kind\":\"members\"}");
    assert_int_equal(w->status, 201);
    int64_t export = world_int(w, "/run_id");
    world_settle(w);
    world_get(w, "/v1/transfers/%lld", (long long)export);
    assert_true(str_is(world_str(w, "/status"), "done"));
    assert_int_equal(world_int(w, "/rows"), 1);
    world_get(w, "/v1/transfers/%lld/file", (long long)export);
    assert_int_equal(w->status, 200);
    world_pass(w, (TRANSFER_KEEP_DAYS + 1) * (int64_t)DAY_MS);
    world_settle(w);
    world_get(w, "/v1/transfers/%lld/file", (long long)export);
    assert_true(str_is(w->code, "transfer.no_file"));
    world_holds(w);
}

TEST(a_long_import_over_http_goes_in_parts) {
    Str path = many_orders(w, 20000, "parts.csv");
    Str text = { NEW_LIST(&w->arena, char, 8 << 20), 0 };
    FILE *file = fopen(arena_cstr(&w->arena, path), "rb");
    text.len = (int64_t)fread((char *)(uintptr_t)text.at, 1, 8 << 20, file);
    fclose(file);
    world_send(w, "POST", "/v1/transfers/files?kind=orders", text);
    assert_int_equal(w->status, 201);
    int64_t run = world_int(w, "/run_id");
    world_post(w, world_path(w, "/v1/transfers/%lld/start", (long long)run), "{\"map\":{}}");
    world_settle(w);
    world_get(w, "/v1/transfers/%lld", (long long)run);
    assert_true(str_is(world_str(w, "/status"), "done"));
    assert_int_equal(world_int(w, "/accepted_rows"), 100000);
}

TEST(files_of_all_shops_are_not_for_who_works_in_one) {
    world_post(w, "/v1/staff",
               "{\"login\":\"nan\",\"name\":\"南\",\"role\":\"manager\",\"password\":\"long-enough-1\","
               "\"shop_ids\":[\"%lld\"]}",
               (long long)w->shop_id);
    assert_int_equal(w->status, 201);
    world_post(w, "/v1/login", "{\"login\":\"nan\",\"password\":\"long-enough-1\"}");
    world_as(w, world_str(w, "/token"));
    world_get(w, "/v1/orders");
    assert_int_equal(w->status, 200);
    world_post(w, "/v1/exports", "{\"kind\":\"orders\"}");
    assert_int_equal(w->status, 403);
    world_get(w, "/v1/transfers");
    assert_int_equal(w->status, 403);
    world_send(w, "POST", "/v1/transfers/files?kind=members", S("a\n"));
    assert_int_equal(w->status, 403);
}

TEST(strangers_and_cashiers_may_not_import) {
    world_as(w, S(""));
    world_send(w, "POST", "/v1/transfers/files?kind=members", S("a\n"));
    assert_int_equal(w->status, 401);
    world_as(w, world_staff(w, "cashier"));
    world_send(w, "POST", "/v1/transfers/files?kind=members", S("a\n"));
    assert_int_equal(w->status, 403);
}
