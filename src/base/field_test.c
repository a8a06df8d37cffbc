#include "test/test.h"
#include "test/sample.h"
#include <string.h>

TEST_PURE(field_given_says_what_was_in_the_body) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    Ctx c = { .arena = &a };
    Sample sample;
    assert_int_equal(json_parse(&c, S("{\"member_id\":\"1\",\"name\":\"\",\"day\":null}"), &sample_fields, &sample),
                     OK);
    assert_true(field_is_given(&sample_fields, &sample, "name") && field_is_given(&sample_fields, &sample, "day"));
    assert_false(field_is_given(&sample_fields, &sample, "points") || field_is_given(&sample_fields, &sample, "lines"));
    assert_true(fields_find(&sample_fields, S("tags"))->kind == FIELD_STRS);
    assert_null(fields_find(&sample_fields, S("tag")));
    for (int64_t i = 1; i < sample_fields.count; i++) assert_true(field_is_zero(&sample_field[i], &sample));
    assert_false(field_is_zero(&sample_field[0], &sample));
    sample.first.name = S("x");
    assert_false(field_is_zero(fields_find(&sample_fields, S("first")), &sample));
    arena_free(&a);
}

/* One text for one field of a Sample: the code of its complaint, or "" and the text that it prints. */
static void takes(const char *name, Str text, const char *code, const char *printed) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    Ctx c = { .arena = &a };
    Sample sample = { 0 };
    Buf b = { .arena = &a };
    const Field *field = fields_find(&sample_fields, str_of(name));
    field_parse_text(&c, field, text, S("/query/x"), &sample);
    if (c.problem.complaint_count == 0) {
        assert_string_equal(code, "");
        field_print_text(&b, field, &sample);
        if (!str_is(buf_str(&b), printed)) fail_msg("%s printed %.*s", name, (int)b.len, b.at);
    } else {
        assert_string_equal(c.problem.complaints[0].code, code);
        assert_true(str_starts(c.problem.complaints[0].pointer, S("/query/x")));
    }
    arena_free(&a);
}

TEST_PURE(field_texts_are_checked_like_json) {
    takes("points", S("-5"), "", "-5");
    takes("points", S(""), "", "0");
    takes("points", S("1.5"), "field.not_integer", NULL);
    takes("points", S("-"), "field.not_integer", NULL);
    takes("points", S("99999999999999999999"), "field.too_big", NULL);
    takes("member_id", S("12"), "", "12");
    takes("member_id", S(""), "field.missing", NULL);
    takes("member_id", S("1a"), "field.bad_id", NULL);
    takes("made_id", S("1"), "field.read_only", NULL);
    takes("day", S("2026-03-02"), "", "2026-03-02");
    takes("day", S("2026-02-30"), "field.bad_day", NULL);
    takes("is_new", S("true"), "", "true");
    takes("is_new", S("0"), "", "false");
    takes("is_new", S("yes"), "field.wrong_type", NULL);
    takes("colour", S("red"), "", "red");
    takes("colour", S("blue"), "field.bad_choice", NULL);
    takes("name", S("老客"), "", "老客");
    takes("name", S("\xC0\x80"), "field.not_utf8", NULL);
    takes("name", S("a\0b"), "field.not_utf8", NULL);
    takes("hash", S("00FF"), "", "00ff");
    takes("tags", S("a, b ,c"), "", "[\"a\",\"b\",\"c\"]");
    takes("tags", S("[\"a,b\"]"), "", "[\"a,b\"]");
    takes("coupon_ids", S("1,2"), "", "[\"1\",\"2\"]");
    takes("coupon_ids", S("1,x"), "field.bad_id", NULL);
    takes("first", S("{\"item_id\":\"1\",\"quantity\":1}"), "", "{\"item_id\":\"1\",\"quantity\":1,\"name\":\"\"}");
    takes("first", S("{\"item_id\":\"1\"}"), "field.missing", NULL);
    takes("extra", S("{\"a\":1}"), "", "{\"a\":1}");
    takes("lines", S("[}"), "json.syntax", NULL);
}

static void checks(const Sample *sample, const char *pointer, const char *code) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    Ctx c = { .arena = &a };
    Err err = fields_check(&c, &sample_fields, sample);
    assert_int_equal(err, code == NULL ? OK : E_INVALID);
    assert_int_equal(c.problem.complaint_count, code == NULL ? 0 : 1);
    if (code != NULL) assert_string_equal(c.problem.complaints[0].code, code);
    if (code != NULL) assert_true(str_is(c.problem.complaints[0].pointer, pointer));
    arena_free(&a);
}

TEST_PURE(fields_check_finds_what_no_parser_saw) {
    SampleLine few[] = { { 1, 1, S_INIT("") }, { 2, 10000, S_INIT("") } };
    Str long_tag = S("0123456789012345678901234567890123456789012345678901");
    checks(&(Sample){ .member_id = 1 }, NULL, NULL);
    checks(&(Sample){ .points = 1 }, "/member_id", "field.missing");
    checks(&(Sample){ .member_id = 1, .day = 20260230 }, "/day", "field.bad_day");
    checks(&(Sample){ .member_id = 1, .colour = (SampleColour)3 }, "/colour", "field.bad_choice");
    checks(&(Sample){ .member_id = 1, .name = long_tag }, "/name", "field.too_long");
    checks(&(Sample){ .member_id = 1, .lines = { few, 2 } }, "/lines/1/quantity", "field.too_large");
    checks(&(Sample){ .member_id = 1, .first = { .quantity = 1 } }, "/first/item_id", "field.missing");
    checks(&(Sample){ .member_id = 1, .lines = { few, 41 } }, "/lines", "field.too_many");
}
