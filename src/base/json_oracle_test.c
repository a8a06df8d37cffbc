/* Our reader against jansson, on random and damaged documents.
 * Stated differences, all of them: nesting over JSON_DEPTH_MAX and more than JSON_KEYS_MAX open keys are refused by
 * us alone, and so is a NUL byte (jansson takes one outside of texts for the end); whole numbers past int64 and reals
 * past double are refused by jansson alone (we keep them as text, never as numbers). */
#include "test/test.h"
#include "test/sample.h"
#include <jansson.h>
#include <string.h>

static json_t *oracle(Str text, json_error_t *ret_error) {
    return json_loadb(text.at, (size_t)text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, ret_error);
}

/* ---- random documents ---- */

static void random_space(Rng *r, Buf *b) {
    while (rng_chance(r, 1, 8)) buf_char(b, " \n\r\t"[rng_below(r, 4)]);
}

static void random_text(Rng *r, Buf *b) {
    static const char *const parts[] = { "a", "Z", "0", " ", "/", "老", "客", "é", "😀", "\\n", "\\\"", "\\\\", "\\/",
                                         "\\u0041", "\\u00e9",
                                         "\\ud83d\\ude00", "\\u5BA2", "\\t", "\\b", "plain text of some length",
                                         "\x7f" };
    buf_char(b, '"');
    for (int64_t i = rng_below(r, 6); i > 0; i--) buf_cstr(b, parts[rng_below(r, COUNT_OF(parts))]);
    buf_char(b, '"');
}

static void random_number(Rng *r, Buf *b) {
    static const char *const numbers[] = { "0", "-0", "1", "-1", "9223372036854775807", "-9223372036854775808",
                                           "9223372036854775808",
                                           "1.5", "1e3", "1.0", "-0.0", "1E-2", "1e400", "99999999999999999999",
                                           "123456789012345678" };
    if (rng_chance(r, 1, 3)) buf_cstr(b, numbers[rng_below(r, COUNT_OF(numbers))]);
    else buf_int(b, rng_below(r, 20000) - 100);
}

static void random_any(Rng *r, Buf *b, int64_t depth) {
    static const char *const words[] = { "true", "false", "null" };
    int64_t kind = rng_below(r, depth > 4 ? 4 : 6);
    random_space(r, b);
    if (kind == 0) buf_cstr(b, words[rng_below(r, 3)]);
    if (kind == 1) random_number(r, b);
    if (kind == 2 || kind == 3) random_text(r, b);
    if (kind >= 4) buf_char(b, kind == 4 ? '[' : '{');
    int64_t count = kind >= 4 ? rng_below(r, 4) : 0;
    for (int64_t i = 0; i < count; i++) {
        if (i > 0) buf_char(b, ',');
        random_space(r, b);
        if (kind == 5) random_text(r, b);
        if (kind == 5) random_space(r, b);
        if (kind == 5) buf_char(b, ':');
        random_any(r, b, depth + 1);
    }
    if (kind >= 4) buf_char(b, kind == 4 ? ']' : '}');
    random_space(r, b);
}

static void random_object(Rng *r, Buf *b, const Fields *fields, int64_t depth);

/* Mostly a value that the field takes. */
static void random_value(Rng *r, Buf *b, const Field *field, int64_t depth) {
    static const char *const days[] = { "\"2026-03-02\"", "\"\"", "\"2024-02-29\"", "\"2026-02-30\"" };
    static const char *const hashes[] = { "\"00ff\"", "\"\"", "\"ABcd\"", "\"0\"" };
    static const char *const colours[] = { "\"red\"", "\"green\"", "\"\"", "\"blue\"" };
    int64_t count = rng_below(r, 6), kind = rng_chance(r, 1, 40) ? 0 : (int64_t)field->kind;
    switch (kind) {
    case FIELD_INT:
        buf_int(b, rng_chance(r, 1, 8) ? (rng_chance(r, 1, 2) ? INT64_MAX : INT64_MIN) : 1 + rng_below(r, 9999));
        return;
    case FIELD_BOOL: buf_cstr(b, rng_chance(r, 1, 2) ? "true" : "false"); return;
    case FIELD_STR: random_text(r, b); return;
    case FIELD_BYTES: buf_cstr(b, hashes[rng_below(r, 4)]); return;
    case FIELD_DAY: buf_cstr(b, days[rng_below(r, 4)]); return;
    case FIELD_ENUM: buf_cstr(b, colours[rng_below(r, 4)]); return;
    case FIELD_ID: buf_print(b, "\"%lld\"", (long long)(1 + rng_below(r, INT64_MAX))); return;
    case FIELD_OBJECT: random_object(r, b, field->of, depth); return;
    case FIELD_JSON:
        buf_cstr(b, "{\"x\":");
        random_any(r, b, depth + 1);
        buf_char(b, '}');
        return;
    case FIELD_LIST: case FIELD_STRS: case FIELD_IDS:
        buf_char(b, '[');
        for (int64_t i = 0; i < count; i++) {
            if (i > 0) buf_char(b, ',');
            random_space(r, b);
            if (field->kind == FIELD_LIST) random_object(r, b, field->of, depth + 1);
            if (field->kind == FIELD_STRS) random_text(r, b);
            if (field->kind == FIELD_IDS) buf_print(b, "\"%lld\"", (long long)(1 + rng_below(r, 1000)));
        }
        buf_char(b, ']');
        return;
    default: random_any(r, b, depth); return;
    }
}

static void random_object(Rng *r, Buf *b, const Fields *fields, int64_t depth) {
    bool is_first = true;
    buf_char(b, '{');
    int64_t start = rng_chance(r, 1, 3) ? rng_below(r, fields->count) : 0; /* not always in the order of the table */
    for (int64_t i = 0; i < fields->count; i++) {
        const Field *field = &fields->field[(start + i) % fields->count];
        if (field->is_out || (!field->need && rng_chance(r, 1, 4)) || rng_chance(r, 1, 60)) continue;
        if (!is_first) buf_char(b, ',');
        random_space(r, b);
        buf_print(b, "\"%s\"", field->name);
        random_space(r, b);
        buf_char(b, ':');
        random_space(r, b);
        random_value(r, b, field, depth + 1);
        is_first = false;
    }
    random_space(r, b);
    buf_char(b, '}');
}

/* A few bytes dropped, doubled, swapped for others or moved. */
static Str damaged(Rng *r, Arena *a, Str text) {
    static const char pool[] = "{}[]\",:\\/0123456789-+.eEuntrfals \n\t\x01\x7f\x80\xbf\xc3\xed\xa0\xf0\xff\0";
    char *at = arena_take(a, text.len + 8, 1);
    int64_t len = text.len;
    memcpy(at, text.at, (size_t)len);
    for (int64_t i = 1 + rng_below(r, 3); i > 0 && len > 1; i--) {
        int64_t place = rng_below(r, len), other = rng_below(r, len);
        char ch = pool[rng_below(r, sizeof pool)];
        switch (rng_below(r, 5)) {
        case 0: memmove(at + place, at + place + 1, (size_t)(len - place - 1)); len--; break;
        case 1: memmove(at + place + 1, at + place, (size_t)(len - place)); at[place] = ch; len++; break;
        case 2: at[place] = ch; break;
        case 3: ch = at[place]; at[place] = at[other]; at[other] = ch; break;
        default: len = rng_chance(r, 1, 4) ? place + 1 : len; break;
        }
    }
    return (Str){ at, len };
}

/* ---- comparing ---- */

static bool same_text(const json_t *json, Str text) {
    return json_is_string(json) && str_equal((Str){ json_string_value(json), (int64_t)json_string_length(json) }, text);
}

static bool same_object(Arena *a, const json_t *json, const Fields *fields, const void *obj);

static bool same_member(Arena *a, const json_t *json, const Field *field, const void *obj) {
    const void *at = (const char *)obj + field->offset;
    const ListAny *list = at;
    Buf b = { .arena = a };
    json_error_t error;
    bool is_same = true;
    if (json == NULL || json_is_null(json)) return field_is_zero(field, obj);
    switch (field->kind) {
    case FIELD_INT: return json_is_integer(json) && json_integer_value(json) == *(const int64_t *)at;
    case FIELD_BOOL: return json_is_boolean(json) && json_is_true(json) == *(const bool *)at;
    case FIELD_STR: return same_text(json, *(const Str *)at);
    case FIELD_BYTES: return (int64_t)json_string_length(json) == 2 * ((const Bytes *)at)->len;
    case FIELD_ID: case FIELD_DAY: case FIELD_ENUM:
        field_print_text(&b, field, obj);
        return same_text(json, buf_str(&b)) || (json_string_length(json) == 1 && field_is_zero(field, obj));
    case FIELD_OBJECT: return same_object(a, json, field->of, at);
    case FIELD_JSON: {
        json_t *again = oracle(*(const Str *)at, &error);
        is_same = again != NULL && json_equal(again, json) == 1;
        json_decref(again);
        return is_same;
    }
    case FIELD_LIST: case FIELD_STRS: case FIELD_IDS:
        if ((int64_t)json_array_size(json) != list->count) return false;
        for (int64_t i = 0; i < list->count; i++) {
            const json_t *item = json_array_get(json, (size_t)i);
            const int64_t *ids = list->items;
            Str id = field->kind == FIELD_IDS ? arena_print(a, "%lld", (long long)ids[i]) : S("");
            if (field->kind == FIELD_IDS) is_same = is_same && same_text(item, id);
            if (field->kind == FIELD_STRS) is_same = is_same && same_text(item, ((const Str *)list->items)[i]);
            if (field->kind != FIELD_LIST) continue;
            is_same = is_same && same_object(a, item, field->of, (const char *)list->items + i * field->of->size);
        }
        return is_same;
    }
    return false;
}

static bool same_object(Arena *a, const json_t *json, const Fields *fields, const void *obj) {
    if (!json_is_object(json)) return false;
    for (int64_t i = 0; i < fields->count; i++) {
        const Field *field = &fields->field[i];
        if (!same_member(a, json_object_get(json, field->name), field, obj)) return false;
    }
    return true;
}

static bool jansson_cannot_hold(const json_error_t *error) {
    enum json_error_code code = json_error_code(error);
    return code == json_error_numeric_overflow;
}

TEST_PURE(json_is_valid_agrees_with_jansson_on_30000_documents) {
    Arena a;
    Rng r = rng_seeded(1);
    int64_t taken = 0, refused = 0;
    arena_init(&a, ARENA_BUDGET);
    for (int round = 0; round < 30000; round++) {
        Buf b = { .arena = &a };
        random_any(&r, &b, 0);
        Str text = rng_chance(&r, 1, 2) ? damaged(&r, &a, buf_str(&b)) : buf_str(&b);
        json_error_t error;
        json_t *json = oracle(text, &error);
        bool is_valid = json_is_valid(text);
        bool has_nul = str_find_char(text, '\0') >= 0;
        bool is_agreed = has_nul ? !is_valid : is_valid == (json != NULL) || (is_valid && jansson_cannot_hold(&error));
        if (!is_agreed)
            fail_msg("ours %d, jansson %d (%s): %.*s", is_valid, json != NULL, error.text, (int)text.len, text.at);
        taken += is_valid;
        refused += !is_valid;
        json_decref(json);
        arena_reset(&a);
    }
    assert_true(taken > 5000 && refused > 5000);
    arena_free(&a);
}

TEST_PURE(json_parse_gives_the_values_that_jansson_gives_on_30000_bodies) {
    Arena a;
    Rng r = rng_seeded(2);
    int64_t taken = 0, broken = 0;
    arena_init(&a, ARENA_BUDGET);
    for (int round = 0; round < 30000; round++) {
        Buf b = { .arena = &a };
        Ctx c = { .arena = &a };
        Sample sample;
        json_error_t error;
        random_object(&r, &b, &sample_fields, 0);
        Str text = rng_chance(&r, 1, 3) ? damaged(&r, &a, buf_str(&b)) : buf_str(&b);
        Err err = json_parse(&c, text, &sample_fields, &sample);
        json_t *json = oracle(text, &error);
        bool is_number_lost = json == NULL && jansson_cannot_hold(&error);
        if (err == OK && !is_number_lost && !same_object(&a, json, &sample_fields, &sample)) {
            fail_msg("values differ (%s): %.*s", error.text, (int)text.len, text.at);
        }
        const char *code = c.problem.complaint_count > 0 ? c.problem.complaints[0].code : "";
        bool is_broken = strncmp(code, "json.", 5) == 0;
        bool has_nul = str_find_char(text, '\0') >= 0;
        if (has_nul) assert_true(is_broken);
        if (is_broken && json != NULL && !has_nul)
            fail_msg("%s, but jansson reads: %.*s", code, (int)text.len, text.at);
        if (!is_broken && json == NULL && !is_number_lost && strcmp(code, "field.duplicate") != 0) {
            bool is_duplicate = json_error_code(&error) == json_error_duplicate_key; /* another complaint came first */
            if (!is_duplicate) fail_msg("jansson: %s, ours '%s': %.*s", error.text, code, (int)text.len, text.at);
        }
        taken += err == OK;
        broken += is_broken;
        json_decref(json);
        arena_reset(&a);
    }
    assert_true(taken > 3000 && broken > 3000);
    arena_free(&a);
}

TEST_PURE(json_printed_is_json_read_over_20000_random_structs) {
    Arena a;
    Rng r = rng_seeded(3);
    int64_t taken = 0;
    arena_init(&a, ARENA_BUDGET);
    for (int round = 0; round < 20000; round++) {
        Buf b = { .arena = &a }, once = { .arena = &a }, twice = { .arena = &a };
        Ctx c = { .arena = &a };
        Sample sample, again;
        json_error_t error;
        random_object(&r, &b, &sample_fields, 0);
        if (json_parse(&c, buf_str(&b), &sample_fields, &sample) == OK) {
            json_print(&once, &sample_fields, &sample);
            assert_int_equal(json_parse(&c, buf_str(&once), &sample_fields, &again), OK);
            json_print(&twice, &sample_fields, &again);
            assert_true(str_equal(buf_str(&once), buf_str(&twice)));
            json_t *json = oracle(buf_str(&once), &error);
            assert_true(json != NULL || jansson_cannot_hold(&error));
            json_decref(json);
            taken++;
        }
        arena_reset(&a);
    }
    assert_true(taken > 3000);
    arena_free(&a);
}
