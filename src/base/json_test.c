#include "test/test.h"
#include "test/sample.h"
#include <stdio.h>
#include <string.h>

static const char *const accepted[] = {
    "[]", "[[]   ]", "[\"\"]", "[\"a\"]", "[false]", "[null, 1, \"1\", {}]", "[null]", "[1\n]", " [1]",
    "[1,null,null,null,2]",
    "[2] ", "[0e+1]", "[0e1]", "[ 4]", "[-0]", "[-0.0]", "[-123]", "[-1]", "[1E22]", "[1E-2]", "[1E+2]", "[123e45]",
    "[123.456e78]", "[1e-2]", "[1e+2]", "[123]", "[123.456789]", "{\"asd\":\"sdf\", \"dfg\":\"fgh\"}",
    "{\"asd\":\"sdf\"}",
    "{}", "{\"\":0}", "{\"foo\\u002fbar\": 42}", "{ \"min\": -1.0e+28, \"max\": 1.0e+28 }", "{\"a\":[]}",
    "{\n\"a\": \"b\"\n}",
    "[\"\\u0060\\u012a\\u12AB\"]", "[\"\\uD801\\udc37\"]", "[\"\\ud83d\\ude39\\ud83d\\udc8d\"]",
    "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]",
    "[\"\\\\u0000\"]", "[\"\\\"\"]", "[\"a/*b*/c/*d//e\"]", "[\"\\\\a\"]", "[\"\\u0012\"]", "[\"\\uFFFF\"]",
    "[\"asd\"]",
    "[ \"asd\"]", "[\"\\uDBFF\\uDFFF\"]", "[\"new\\u00A0line\"]", "[\"\xF4\x8F\xBF\xBF\"]", "[\"\xEF\xBF\xBF\"]",
    "[\"\\u002c\"]",
    "[\"π\"]", "[\"\xF0\x9B\xBF\xBF\"]", "[\"asd \"]", "\" \"", "[\"\\u0821\"]", "[\"\\u0123\"]",
    "[\"\xE2\x80\xA8\xE2\x80\xA9\"]",
    "[\"\\u0061\\u30af\\u30EA\\u30b9\"]", "[\"new\\u000Aline\"]", "[\"\x7F\"]", "[\"\\uA66D\"]", "[\"⍂㈴⍂\"]",
    "[\"\\u005C\"]",
    "[\"\\u0022\"]", "[\"\\uD83F\\uDFFE\"]", "[\"\\u200B\"]", "[\"\\u2064\"]", "[\"\\uFDD0\"]", "[\"€𝄞\"]",
    ("[\"a\x7F" "a\"]"),
    "false", "42", "-0.1", "null", "\"asd\"", "true", "\"\"", "[\"a\"]\n", "[true]", " [] ",
    "{\"a\":\"b\",\"b\":{\"a\":\"b\"}}",
    "\t\n\r [1 , 2]\r\n", "123456789012345678901234567890", "1e400", "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]",
};
static const char *const refused[] = {
    "", " ", "[1 true]", "[a\xE5]", "[\"\": 1]", "[\"\"],", "[,1]", "[1,,2]", "[\"x\",,]", "[\"x\"]]", "[\"\",]",
    "[\"x\"", "[x",
    "[3[4]]", "[\xFF]", "[1:2]", "[,]", "[-]", "[   , \"\"]", "[\"a\",\n4\n,1,", "[1,]", "[1,,]", "[\"\va\"\\f]",
    "[*]", "[\"\"",
    "[1,", "[1,\n1\n,1", "[{}", "[fals]", "[nul]", "[tru]", "[++1234]", "[+1]", "[+Inf]", "[-01]", "[-1.0.]", "[-2.]",
    "[-NaN]",
    "[.-1]", "[.2e-3]", "[0.1.2]", "[0.3e+]", "[0.3e]", "[0.e1]", "[0E+]", "[0E]", "[0e+]", "[0e]", "[1.0e+]",
    "[1.0e-]",
    "[1.0e]", "[1 000.0]", "[1eE2]", "[2.e+3]", "[2.e-3]", "[2.e3]", "[9.e+]", "[Inf]", "[NaN]", "[\xEF\xBC\x91]",
    "[1+2]",
    "[0x1]", "[0x42]", "[Infinity]", "[0e+-1]", "[-123.123foo]", "[123\xE5]", "[1e1\xE5]", "[0\xE5]", "[-Infinity]",
    "[-foo]",
    "[- 1]", "[-012]", "[-.123]", "[-1x]", "[1ea]", "[1e\xE5]", "[1.]", "[.123]", "[1.2a-3]",
    "[1.8011670033376514H-308]",
    "[012]", "01", "{\"a\":01}x", "[\"x\", truth]", "{[: \"x\"}\n", "{\"x\", null}", "{\"x\"::\"b\"}",
    "{\"a\":\"a\" 123}",
    "{key: 'value'}", "{\"\xB9\":\"0\",}", "{\"a\" b}", "{:\"b\"}", "{\"a\" \"b\"}", "{\"a\":", "{\"a\"", "{1:1}",
    "{9999E9999:1}", "{null:null,null:null}", "{\"id\":0,,,,,}", "{'a':0}", "{\"id\":0,}", "{\"a\":\"b\"}/**/",
    "{\"a\":\"b\"}//",
    "{\"a\":\"b\",,\"c\":\"d\"}", "{a: \"b\"}", "{\"a\":\"a", "{ \"foo\" : \"bar\", \"a\" }", "{\"a\":\"b\"}#",
    "[\"\\uD800\\\"]",
    "[\"\\uD800\\u\"]", "[\"\\uD800\\u1\"]", "[\"\\uD800\\u1x\"]", "[é]", "[\"\\\\\\\"]", "[\"\\\"]",
    "[\"\\uD834\\uDd\"]",
    "[\"\\uD800\"]", "[\"\\uDC00\"]", "[\"\\uD800\\uD800\"]", "[\"\\uDD1E\\uD834\"]", "[\"\\uD800abc\"]",
    "[\"\\ud800\\n\"]",
    "[\"\\x00\"]", "[\"\\\t\"]", "[\"\\🌀\"]", "[\"\\\"", "[\"\\uqqqq\"]", "[\"\\\xE5\"]", "[\\u0020\"asd\"]", "[\\n]",
    "\"",
    "['single quote']", "abc", "[\"\\", "[\"new\nline\"]", "[\"\t\"]", "[\"\x1F\"]", "\"\\UA66D\"", "\"\"x",
    "[\"\\u00A\"]",
    "[\"\\u0000\"]", "{\"\\u0000\":1}", "<.>", "[<null>]", "[1]x", "[1]]", "[\"asd]", "a\xC3\xA5", "[True]", "1]",
    "{\"x\": true,",
    "[][]", "]", "\xEF\xBB\xBF{}", "\xE5", "[", "{", "{]", "[}", "[\"a", "{\"a\":/*comment*/\"b\"}",
    "{\"a\": true} \"x\"",
    "['", "[,", "{\"", "{,", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "*", "[\xE2\x81\xA0]", "\f[]", "[\v1]",
    "2@", "nulll",
    "[\"\xC0\x80\"]", "[\"\xED\xA0\x80\"]", "[\"\xF4\x90\x80\x80\"]", "[\"\xE8\x80\"]", "[\"\xFF\"]",
    "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", "[\"\\ud83d\"\"\\ude00\"]", "--1", "-", "1.5.", "tru", "t", "\xC2\xA0[]",
    "{\"a\":{\"b\":1,\"b\":1}}",
};

TEST_PURE(json_takes_what_rfc_8259_allows_and_nothing_else) {
    for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
        if (!json_is_valid(str_of(accepted[i]))) fail_msg("refused: %s", accepted[i]);
    }
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        if (json_is_valid(str_of(refused[i]))) fail_msg("accepted: %s", refused[i]);
    }
    assert_false(json_is_valid((Str){ "[1]\0", 4 }));
    assert_false(json_is_valid((Str){ "[\"a\0b\"]", 7 }));
    assert_false(json_is_valid((Str){ "{\"a\0b\":1}", 9 }));
}

TEST_PURE(json_is_never_read_past_its_end) {
    for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
        for (size_t len = strlen(accepted[i]); len > 0; len--) {
            char *exact = test_malloc(len); /* AddressSanitizer and cmocka both watch its end */
            memcpy(exact, accepted[i], len);
            json_is_valid((Str){ exact, (int64_t)len });
            test_free(exact);
        }
    }
}

TEST_PURE(json_refuses_more_open_keys_than_it_can_compare) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    for (int count = JSON_KEYS_MAX; count <= JSON_KEYS_MAX + 1; count++) {
        Buf b = { .arena = &a };
        for (int i = 0; i < count; i++) buf_print(&b, "%s\"k%d\":%d", i == 0 ? "{" : ",", i, i);
        buf_char(&b, '}');
        assert_int_equal(json_is_valid(buf_str(&b)), count == JSON_KEYS_MAX);
    }
    assert_true(json_is_valid(S("[{\"a\":1},{\"a\":1},{\"b\":{\"a\":1},\"a\":1}]"))); /* same name, other objects */
    arena_free(&a);
}

/* Parses `body` as a Sample and compares the complaints with "pointer code" pairs. */
static void hears(const char *body, const char *expected) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    Ctx c = { .arena = &a };
    Sample sample;
    Buf got = { .arena = &a };
    Err err = json_parse(&c, str_of(body), &sample_fields, &sample);
    for (int64_t i = 0; i < c.problem.complaint_count; i++) {
        const Complaint *one = &c.problem.complaints[i];
        if (i > 0) buf_cstr(&got, "; ");
        buf_print(&got, "%.*s %s", (int)one->pointer.len, one->pointer.at, one->code);
        assert_true(one->zh.len > 0 && one->en.len > 0);
    }
    if (!str_is(buf_str(&got), expected)) fail_msg("%s\n   gave %.*s", body, (int)got.len, got.at);
    assert_int_equal(err, got.len == 0 ? OK : E_INVALID);
    arena_free(&a);
}

TEST_PURE(json_complaints_name_place_and_kind) {
    hears("{\"member_id\":\"1\"}", "");
    hears("{}", "/member_id field.missing");
    hears("{\"member_id\":null}", "/member_id field.missing");
    hears("{\"member_id\":\"\"}", "/member_id field.missing");
    hears("{\"member_id\":\"0\"}", "/member_id field.missing");
    hears("{\"member_id\":\"1\",\"nick\":[1,{\"a\":2}]}", "/nick field.unknown");
    hears("{\"member_id\":\"1\",\"a/b~c\":1,\"\":2}", "/a~1b~0c field.unknown; / field.unknown");
    hears("{\"member_id\":\"1\",\"member_id\":\"1\"}", "/member_id field.duplicate");
    hears("{\"member_id\":\"1\",\"member\\u005fid\":\"1\"}", "/member_id field.duplicate");
    hears("{\"member_id\":\"1\",\"made_id\":\"2\"}", "/made_id field.read_only");
    hears("{\"member_id\":\"1\",\"points\":1.0}", "/points field.not_integer");
    hears("{\"member_id\":\"1\",\"points\":1e3}", "/points field.not_integer");
    hears("{\"member_id\":\"1\",\"points\":9223372036854775808}", "/points field.too_big");
    hears("{\"member_id\":\"1\",\"points\":-9223372036854775809}", "/points field.too_big");
    hears("{\"member_id\":\"1\",\"points\":\"1\"}", "/points field.wrong_type");
    hears("{\"member_id\":1}", "/member_id field.wrong_type");
    hears("{\"member_id\":\"-1\"}", "/member_id field.bad_id");
    hears("{\"member_id\":\"01\"}", "/member_id field.bad_id");
    hears("{\"member_id\":\"9223372036854775808\"}", "/member_id field.bad_id");
    hears("{\"member_id\":\"1\",\"colour\":\"blue\",\"is_new\":0}",
          "/colour field.bad_choice; /is_new field.wrong_type");
    hears("{\"member_id\":\"1\",\"hash\":\"abc\"}", "/hash field.bad_hex");
    hears("{\"member_id\":\"1\",\"extra\":[]}", "/extra field.wrong_type");
    hears("{\"member_id\":\"1\",\"extra\":{\"a\":1,\"b\":{\"c\":1,\"c\":2}}}", "/extra field.duplicate");
    hears("{\"member_id\":\"1\",\"tags\":[\"a\",null,3],\"coupon_ids\":[\"x\",5]}",
          "/tags/1 field.wrong_type; /tags/2 field.wrong_type; /coupon_ids/0 field.bad_id; /coupon_ids/1 "
          "field.wrong_type");
    hears(
        "{\"member_id\":\"1\","
        "\"lines\":[{\"item_id\":\"1\",\"quantity\":1},{\"item_id\":\"2\",\"quantity\":0},7,{},null]}",
        "/lines/1/quantity field.too_small; /lines/2 field.wrong_type; /lines/3/item_id field.missing; "
        "/lines/3/quantity field.missing; /lines/4 field.wrong_type");
    hears("{\"member_id\":\"1\",\"lines\":[{\"item_id\":\"1\",\"quantity\":10000,\"name\":\"一二三四五六七八九十一二三四五六七八九十\"}]}",
          "/lines/0/quantity field.too_large");
    hears("{\"member_id\":\"1\",\"first\":{\"item_id\":\"1\",\"quantity\":1,\"name\":\"一二三四五六七八九十一二三四五六七八九十百\"}}",
          "/first/name field.too_long");
    hears("[]", " field.wrong_type");
    hears("null", " field.missing");
}

TEST_PURE(json_broken_text_is_one_complaint) {
    hears("", " json.syntax");
    hears("{\"nick\":1,\"points\":1.5,\"member_id\":\"1\"", " json.syntax");
    hears("{\"member_id\":\"1\"} x", " json.syntax");
    hears("{\"member_id\":\"\\ud800\"}", " json.syntax");
    hears("{\"member_id\":\"\\u0000\"}", " json.syntax");
    hears("{\"member_id\":\"\xC0\x80\"}", " json.not_utf8");
    hears("{\"extra\":{\"a\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}}", " json.too_deep");
}

TEST_PURE(json_days_are_checked_against_the_calendar) {
    const char *const bad[] = { "2026-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "2026-04-31", "1900-02-29",
                                "0000-01-01",
                                "2026-1-1", "20260101", "2026-01-011", "2026/01/01", "2026-01-0a", "+026-01-01" };
    char body[100];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(body, sizeof body, "{\"member_id\":\"1\",\"day\":\"%s\"}", bad[i]);
        hears(body, "/day field.bad_day");
    }
    hears("{\"member_id\":\"1\",\"day\":\"2024-02-29\"}", "");
    hears("{\"member_id\":\"1\",\"day\":\"2000-02-29\"}", "");
    hears("{\"member_id\":\"1\",\"day\":\"\"}", "");
}

TEST_PURE(json_lists_and_complaints_have_limits) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    Buf b = { .arena = &a };
    buf_cstr(&b, "{\"member_id\":\"1\",\"tags\":[");
    for (int i = 0; i < 41; i++) buf_cstr(&b, i == 0 ? "\"t\"" : ",\"t\"");
    buf_cstr(&b, "]}");
    hears(arena_cstr(&a, buf_str(&b)), "/tags field.too_many");
    b = (Buf){ .arena = &a };
    for (int i = 0; i < 100000; i++) buf_print(&b, "%s\"x%d\":1", i == 0 ? "{" : ",", i);
    Ctx c = { .arena = &a };
    Sample sample;
    assert_int_equal(json_parse(&c, buf_str(&b), &sample_fields, &sample), E_INVALID);
    assert_int_equal(c.problem.complaint_count, COMPLAINTS_MAX);
    arena_free(&a);
}

TEST_PURE(json_prints_every_kind_and_reads_it_back) {
    static const char text[] =
        "{\"member_id\":\"9223372036854775807\",\"points\":-9223372036854775808,\"day\":\"2026-01-31\",\"is_new\":true,"
        "\"colour\":\"green\",\"name\":\"a\\\"b\\\\c\\n\\r\\t\\u0001/"
        "老客😀\",\"extra\":{\"a\":[1,2.5,null]},\"hash\":\"00ff\","
        "\"first\":{\"item_id\":\"1\",\"quantity\":2,\"name\":\"\"},\"lines\":[{\"item_id\":\"3\",\"quantity\":4,"
        "\"name\":\"x\"}],"
        "\"tags\":[\"a\",\"\"],\"coupon_ids\":[\"5\",\"6\"]}";
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    Ctx c = { .arena = &a };
    Sample sample;
    Buf b = { .arena = &a };
    assert_int_equal(json_parse(&c, str_of(text), &sample_fields, &sample), OK);
    assert_true(sample.member_id == INT64_MAX && sample.points == INT64_MIN && sample.day == 20260131 && sample.is_new);
    assert_true(sample.colour == SAMPLE_GREEN && sample.first.quantity == 2 && sample.lines.count == 1);
    assert_true(str_is(sample.name, "a\"b\\c\n\r\t\x01/老客😀") && str_is(sample.extra, "{\"a\":[1,2.5,null]}"));
    assert_true(sample.tags.count == 2 && sample.coupon_ids.items[1] == 6 &&
                bytes_equal(sample.hash, (Bytes){ (const unsigned char *)"\x00\xff", 2 }));
    json_print(&b, &sample_fields, &sample);
    assert_true(str_is(buf_str(&b), text));
    sample.made_id = 8;
    b = (Buf){ .arena = &a };
    json_print(&b, &sample_fields, &sample);
    Sample again;
    assert_int_equal(json_parse(&c, buf_str(&b), &sample_fields, &again), E_INVALID); /* made_id is for printing only */
    assert_true(json_read(&a, buf_str(&b), &sample_fields, &again) && again.made_id == 8);
    b = (Buf){ .arena = &a };
    json_print(&b, &sample_fields, &(Sample){ 0 });
    assert_true(str_is(buf_str(&b),
                       "{\"member_id\":\"\",\"points\":0,\"day\":\"\",\"is_new\":false,\"colour\":\"\",\"name\":\"\","
                       "\"extra\":{},\"hash\":\"\",\"lines\":[],\"tags\":[],\"coupon_ids\":[]}"));
    arena_free(&a);
}

TEST_PURE(json_read_forgives_what_time_changes_and_nothing_else) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    Sample sample;
    SampleLines lines = { 0 };
    assert_true(json_read(&a, S("{\"gone\":{\"x\":1},\"hash\":\"\",\"points\":5}"), &sample_fields, &sample));
    assert_int_equal(sample.points, 5);
    assert_true(json_read(&a, S("{\"lines\":[{\"quantity\":123456}]}"), &sample_fields, &sample));
    assert_int_equal(sample.lines.items[0].quantity, 123456);
    assert_false(json_read(&a, S("{\"points\":\"5\"}"), &sample_fields, &sample));
    assert_false(json_read(&a, S("{\"points\":5"), &sample_fields, &sample));
    assert_false(json_read(&a, S("{\"points\":5,\"points\":5}"), &sample_fields, &sample));
    const Field list = { .name = "lines", .kind = FIELD_LIST, .of = &sample_line_fields };
    assert_true(field_read_json(&a, &list, S("[{\"item_id\":\"1\"},{\"item_id\":\"2\"}]"), &lines));
    assert_true(lines.count == 2 && lines.items[1].item_id == 2);
    assert_true(field_read_json(&a, &list, S(""), &lines));
    assert_false(field_read_json(&a, &list, S("{}"), &lines));
    arena_free(&a);
}

TEST_PURE(json_parse_list_takes_up_to_so_many_objects) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    Ctx c = { .arena = &a };
    ListAny list;
    Str three =
        S("[{\"item_id\":\"1\",\"quantity\":1},{\"item_id\":\"2\",\"quantity\":2},{\"item_id\":\"3\",\"quantity\":3}]");
    assert_int_equal(json_parse_list(&c, three, &sample_line_fields, 3, &list), OK);
    assert_true(list.count == 3 && ((SampleLine *)list.items)[2].quantity == 3);
    assert_int_equal(json_parse_list(&c, three, &sample_line_fields, 2, &list), E_INVALID);
    problem_clear(&c);
    assert_int_equal(json_parse_list(&c, S("[{\"item_id\":\"1\"}]"), &sample_line_fields, 0, &list), E_INVALID);
    assert_true(str_is(c.problem.complaints[0].pointer, "/0/quantity"));
    arena_free(&a);
}
