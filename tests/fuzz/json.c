/* Any bytes as a request body: what is taken must print to a text that is taken again with the same meaning, one
 * value read as text must hold to its checks too, and json_is_valid() must take whatever json_parse() takes. */
#include "test/sample.h"
#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void each_field_as_text(Arena *a, Str text) {
    for (int64_t i = 0; i < sample_fields.count; i++) {
        const Field *field = &sample_field[i];
        Ctx c = { .arena = a };
        Sample sample = { 0 }, again = { 0 };
        Buf once = { .arena = a }, twice = { .arena = a };
        field_parse_text(&c, field, text, S("/x"), &sample);
        if (c.problem.complaint_count > 0 || field_is_zero(field, &sample)) continue;
        field_print_text(&once, field, &sample);
        field_parse_text(&c, field, buf_str(&once), S("/x"), &again);
        assert(c.problem.complaint_count == 0);
        field_print_text(&twice, field, &again);
        assert(str_equal(buf_str(&once), buf_str(&twice)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    Ctx c = { .arena = &a };
    Str text = { (const char *)data, (int64_t)size };
    Sample sample, again;
    Buf once = { .arena = &a }, twice = { .arena = &a };
    bool is_valid = json_is_valid(text);
    if (json_parse(&c, text, &sample_fields, &sample) == OK) {
        assert(is_valid);
        json_print(&once, &sample_fields, &sample);
        Err err = json_parse(&c, buf_str(&once), &sample_fields, &again);
        assert(err == OK);
        json_print(&twice, &sample_fields, &again);
        assert(str_equal(buf_str(&once), buf_str(&twice)));
        assert(json_read(&a, text, &sample_fields, &again));
        assert(fields_check(&c, &sample_fields, &sample) == OK);
    } else {
        assert(c.problem.complaint_count > 0 && c.problem.complaint_count <= COMPLAINTS_MAX);
        for (int64_t i = 0; i < c.problem.complaint_count; i++) {
            bool is_broken = strncmp(c.problem.complaints[i].code, "json.", 5) == 0;
            assert(!is_broken || c.problem.complaint_count == 1);
            assert(str_is_utf8(c.problem.complaints[i].pointer));
        }
    }
    each_field_as_text(&a, text);
    arena_free(&a);
    return 0;
}
