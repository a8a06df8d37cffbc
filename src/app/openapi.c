/* openapi - the description of the API, printed from the route and Field tables: it cannot say anything else than the
 * code does.
 * Deterministic: the order of slices and tables. `docs/openapi.json` is this text; ./test compares. */
#include <stdio.h>
#include <string.h>
#include "app/app_state.h"

enum { SCHEMAS_MAX = 2000 };

/* One schema: a struct as it goes in or as it comes out. A struct used both ways gets two names. */
typedef struct Schema {
    const Fields *fields;
    bool is_in;
    Str name;
} Schema;
typedef struct Schemas {
    Arena *arena;
    Schema *items;
    int64_t count;
} Schemas;

/* ---- which schemas there are ---- */

static Schema *schema_find(const Schemas *s, const Fields *fields, bool is_in) {
    for (int64_t i = 0; i < s->count; i++) {
        if (s->items[i].fields == fields && s->items[i].is_in == is_in) return &s->items[i];
    }
    return NULL;
}

static bool is_name_taken(const Schemas *s, Str name) {
    for (int64_t i = 0; i < s->count; i++) {
        if (str_equal(s->items[i].name, name)) return true;
    }
    return false;
}

/* "Query" of slice points becomes "PointsQuery" when another slice was first. */
static Str schema_name(Schemas *s, const Slice *slice, const Fields *fields, bool is_in) {
    Str name = str_of(fields->name);
    if (is_in && schema_find(s, fields, false) != NULL) name = arena_print(s->arena, "%sInput", fields->name);
    if (!is_name_taken(s, name)) return name;
    char first = slice->name[0] >= 'a' && slice->name[0] <= 'z' ? (char)(slice->name[0] - 32) : slice->name[0];
    Str longer = arena_print(s->arena, "%c%s%.*s", first, slice->name + 1, (int)name.len, name.at);
    for (int n = 2; is_name_taken(s, longer); n++)
        longer = arena_print(s->arena, "%c%s%.*s%d", first, slice->name + 1, (int)name.len, name.at, n);
    return longer;
}

static void schema_add(Schemas *s, const Slice *slice, const Fields *fields, bool is_in) {
    if (fields == NULL || s->count == SCHEMAS_MAX || schema_find(s, fields, is_in) != NULL) return;
    Str name = schema_name(s, slice, fields, is_in);
    s->items[s->count++] = (Schema){ fields, is_in, name };
    for (int64_t i = 0; i < fields->count; i++) schema_add(s, slice, fields->field[i].of, is_in);
}

static bool has_body(const Route *route) {
    bool is_plain = strcmp(route->method, "GET") == 0 || strcmp(route->method, "DELETE") == 0;
    return route->in != NULL && !is_plain && (route->flags & ROUTE_UPLOAD) == 0;
}

/* A body whose path says a part of it is printed in place, so only what it holds is a schema of its own. */
static void body_add(Schemas *s, const Slice *slice, const Route *route) {
    if (strchr(route->path, '{') == NULL) {
        schema_add(s, slice, route->in, true);
        return;
    }
    for (int64_t i = 0; i < route->in->count; i++) schema_add(s, slice, route->in->field[i].of, true);
}

static Schemas schemas_collect(Arena *a) {
    Schemas s = { a, NEW_LIST(a, Schema, SCHEMAS_MAX), 0 };
    for (int pass = 0; pass < 2; pass++) {
        for (int64_t i = 0; i < slice_all_count(); i++) {
            const Slice *slice = slice_all(i);
            for (int64_t j = 0; j < slice->route_count; j++) {
                const Route *route = &slice->routes[j];
                if (pass == 0)
                    schema_add(&s, slice, route->out, false);
                else if (has_body(route))
                    body_add(&s, slice, route);
            }
            /* Settings travel as plain JSON; the pages that draw their forms want to know what is in them. */
            for (int64_t j = 0; j < slice->setting_count && pass == 0; j++)
                schema_add(&s, slice, slice->settings[j]->fields, false);
        }
    }
    return s;
}

/* ---- fields ---- */

static bool is_in_path(const Route *route, const char *name) {
    char part[80];
    int len = snprintf(part, sizeof part, "{%s}", name);
    return len < (int)sizeof part && strstr(route->path, part) != NULL;
}

static void print_quoted(Buf *b, const char *text) { json_print_str(b, str_of(text)); }

static void print_ref(Buf *b, const Schemas *s, const Fields *of, bool is_in) {
    const Schema *schema = schema_find(s, of, is_in);
    if (schema == NULL)
        buf_cstr(b, "{\"type\":\"object\"}");
    else
        buf_print(b, "{\"$ref\":\"#/components/schemas/%.*s\"}", (int)schema->name.len, schema->name.at);
}

static void print_about(Buf *b, const Field *field, bool is_in) {
    if (field->about != NULL) {
        buf_cstr(b, ",\"description\":");
        print_quoted(b, field->about);
    }
    if (field->is_out && is_in) buf_cstr(b, ",\"readOnly\":true");
    if (field->is_secret && is_in) buf_cstr(b, ",\"format\":\"password\"");
    buf_char(b, '}');
}

static void print_range(Buf *b, const Field *field, bool is_in) {
    if (!is_in) return;
    if (field->min != INT64_MIN) buf_print(b, ",\"minimum\":%lld", (long long)field->min);
    if (field->max != 0) buf_print(b, ",\"maximum\":%lld", (long long)field->max);
}

static int64_t most_of(const Field *field, int64_t most_default) { return field->max == 0 ? most_default : field->max; }

static void print_choices(Buf *b, const Field *field) {
    buf_cstr(b, "{\"type\":\"string\",\"enum\":[");
    for (int i = 0; field->choices[i] != NULL; i++) {
        if (i > 0) buf_char(b, ',');
        print_quoted(b, field->choices[i]);
    }
    buf_char(b, ']');
}

static void print_field(Buf *b, const Schemas *s, const Field *field, bool is_in) {
    switch (field->kind) {
    case FIELD_INT:
        buf_cstr(b, "{\"type\":\"integer\",\"format\":\"int64\"");
        print_range(b, field, is_in);
        break;
    case FIELD_BOOL:
        buf_cstr(b, "{\"type\":\"boolean\"");
        break;
    case FIELD_STR:
        buf_cstr(b, "{\"type\":\"string\"");
        if (is_in) buf_print(b, ",\"maxLength\":%lld", (long long)most_of(field, TEXT_MAX_DEFAULT));
        if (is_in && field->need) buf_cstr(b, ",\"minLength\":1");
        break;
    case FIELD_BYTES:
        buf_cstr(b, "{\"type\":\"string\",\"pattern\":\"^([0-9a-fA-F]{2})*$\"");
        break;
    case FIELD_ID:
        buf_cstr(b, "{\"type\":\"string\",\"pattern\":\"^[0-9]{0,19}$\"");
        break;
    case FIELD_DAY:
        buf_cstr(b, "{\"type\":\"string\",\"pattern\":\"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$\"");
        break;
    case FIELD_ENUM:
        print_choices(b, field);
        break;
    case FIELD_OBJECT:
        print_ref(b, s, field->of, is_in);
        if (field->about == NULL && !field->is_out) return;
        b->len--;
        break;
    case FIELD_LIST:
        buf_cstr(b, "{\"type\":\"array\",\"items\":");
        print_ref(b, s, field->of, is_in);
        if (is_in) buf_print(b, ",\"maxItems\":%lld", (long long)most_of(field, LIST_MAX));
        break;
    case FIELD_STRS:
        buf_cstr(b, "{\"type\":\"array\",\"items\":{\"type\":\"string\"}");
        break;
    case FIELD_IDS:
        buf_cstr(b, "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"pattern\":\"^[0-9]{1,19}$\"}");
        break;
    case FIELD_JSON:
        buf_cstr(b, "{\"type\":[\"object\",\"array\",\"string\",\"number\",\"boolean\",\"null\"]");
        break;
    }
    print_about(b, field, is_in);
}

static void print_object(Buf *b, const Schemas *s, const Fields *fields, bool is_in, const Route *route) {
    bool is_first = true;
    buf_cstr(b, "{\"type\":\"object\",\"properties\":{");
    for (int64_t i = 0; i < fields->count; i++) {
        const Field *field = &fields->field[i];
        if (route != NULL && is_in_path(route, field->name)) continue;
        if (!is_first) buf_char(b, ',');
        is_first = false;
        print_quoted(b, field->name);
        buf_char(b, ':');
        print_field(b, s, field, is_in);
    }
    buf_char(b, '}');
    is_first = true;
    for (int64_t i = 0; i < fields->count; i++) {
        const Field *field = &fields->field[i];
        bool is_required = is_in ? field->need : !field->skip_zero;
        if (!is_required || (route != NULL && is_in_path(route, field->name))) continue;
        buf_cstr(b, is_first ? ",\"required\":[" : ",");
        is_first = false;
        print_quoted(b, field->name);
    }
    if (!is_first) buf_char(b, ']');
    if (is_in) buf_cstr(b, ",\"additionalProperties\":false");
    buf_char(b, '}');
}

/* ---- routes ---- */

static void print_parameter(Buf *b, const Schemas *s, const Field *field, bool is_path, bool *is_first) {
    buf_cstr(b, *is_first ? "{\"name\":" : ",{\"name\":");
    *is_first = false;
    print_quoted(b, field->name);
    bool is_required = is_path || field->need;
    buf_print(b, ",\"in\":\"%s\",\"required\":%s", is_path ? "path" : "query", is_required ? "true" : "false");
    bool is_nested = field->kind == FIELD_OBJECT || field->kind == FIELD_LIST || field->kind == FIELD_JSON;
    bool is_parts = field->kind == FIELD_STRS || field->kind == FIELD_IDS;
    if (is_parts) buf_cstr(b, ",\"style\":\"form\",\"explode\":false");
    buf_cstr(b, is_nested ? ",\"content\":{\"application/json\":{\"schema\":" : ",\"schema\":");
    print_field(b, s, field, true);
    buf_cstr(b, is_nested ? "}}}" : "}");
}

static void print_named_parameter(Buf *b, const char *name, bool *is_first) {
    buf_print(b, "%s{\"$ref\":\"#/components/parameters/%s\"}", *is_first ? "" : ",", name);
    *is_first = false;
}

static void print_parameters(Buf *b, const Schemas *s, const Route *route) {
    bool is_first = true;
    bool is_write = strcmp(route->method, "GET") != 0;
    buf_cstr(b, ",\"parameters\":[");
    for (int64_t i = 0; route->in != NULL && i < route->in->count; i++) {
        const Field *field = &route->in->field[i];
        bool is_path = is_in_path(route, field->name);
        if (is_path || (!has_body(route) && !field->is_out)) print_parameter(b, s, field, is_path, &is_first);
    }
    if ((route->flags & ROUTE_LIST) != 0 && !is_write) print_named_parameter(b, "format", &is_first);
    if ((route->flags & ROUTE_ONCE) != 0) print_named_parameter(b, "IdempotencyKey", &is_first);
    if ((route->flags & ROUTE_EDIT) != 0 && is_write && strcmp(route->method, "POST") != 0)
        print_named_parameter(b, "IfMatch", &is_first);
    if ((route->who & WHO_PUBLIC) != 0) print_named_parameter(b, "Merchant", &is_first);
    buf_char(b, ']');
}

static void print_body(Buf *b, const Schemas *s, const Route *route) {
    if ((route->flags & ROUTE_UPLOAD) != 0) {
        buf_cstr(b, ",\"requestBody\":{\"required\":true,\"content\":{\"application/octet-stream\":{}}}");
        return;
    }
    if (!has_body(route)) return;
    buf_cstr(b, ",\"requestBody\":{\"required\":true,\"content\":{\"application/json\":{\"schema\":");
    bool has_path = strchr(route->path, '{') != NULL;
    if (has_path)
        print_object(b, s, route->in, true, route);
    else
        print_ref(b, s, route->in, true);
    buf_cstr(b, "}}}");
}

static void print_responses(Buf *b, const Schemas *s, const Route *route) {
    bool is_created = (route->flags & ROUTE_CREATED) != 0, is_raw = (route->flags & ROUTE_RAW) != 0;
    int status = is_created ? 201 : route->out == NULL && !is_raw ? 204 : 200;
    buf_print(b, ",\"responses\":{\"%d\":{\"description\":\"%s\"", status, is_created ? "Created" : "Done");
    if ((route->flags & ROUTE_EDIT) != 0) buf_cstr(b, ",\"headers\":{\"ETag\":{\"schema\":{\"type\":\"string\"}}}");
    if (is_raw) buf_cstr(b, ",\"content\":{\"*/*\":{}}");
    if (!is_raw && route->out != NULL) {
        buf_cstr(b, ",\"content\":{\"application/json\":{\"schema\":");
        print_ref(b, s, route->out, false);
        buf_char(b, '}');
        if ((route->flags & ROUTE_LIST) != 0)
            buf_cstr(b, ",\"text/csv\":{},\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet\":{}");
        buf_char(b, '}');
    }
    buf_char(b, '}');
    bool may_be_there = is_created && route->out != NULL && (fields_find(route->out, S("duplicate")) != NULL ||
                                                             fields_find(route->out, S("is_new")) != NULL);
    if (may_be_there) {
        buf_cstr(b,
                 ",\"200\":{\"description\":\"It was there already\",\"content\":{\"application/json\":{\"schema\":");
        print_ref(b, s, route->out, false);
        buf_cstr(b, "}}}");
    }
    buf_cstr(b, ",\"default\":{\"$ref\":\"#/components/responses/Problem\"}}");
}

static void print_security(Buf *b, const Route *route) {
    buf_cstr(b, ",\"security\":[");
    const char *comma = "";
    if ((route->who & WHO_PUBLIC) != 0) {
        buf_cstr(b, "{}");
        comma = ",";
    }
    if ((route->who & (WHO_STAFF | WHO_MEMBER)) != 0) {
        buf_print(b, "%s{\"session\":[]},{\"cookie\":[]}", comma);
        comma = ",";
    }
    if ((route->who & (WHO_POS | WHO_PARTNER)) != 0) buf_print(b, "%s{\"key\":[]},{\"signature\":[]}", comma);
    buf_char(b, ']');
    static const struct {
        unsigned who;
        const char *word;
    } words[] = {
        { WHO_STAFF, "staff" },     { WHO_POS, "pos" },       { WHO_MEMBER, "member" },
        { WHO_PARTNER, "partner" }, { WHO_PUBLIC, "public" },
    };
    buf_cstr(b, ",\"x-who\":[");
    comma = "";
    for (int64_t i = 0; i < COUNT_OF(words); i++) {
        if ((route->who & words[i].who) == 0) continue;
        buf_print(b, "%s\"%s\"", comma, words[i].word);
        comma = ",";
    }
    buf_char(b, ']');
    if (route->may != NULL) buf_print(b, ",\"x-permission\":\"%s\"", route->may);
}

/* "post_v1_members_member_id": stable, and readable in generated clients. */
static void print_operation_id(Buf *b, const Route *route) {
    for (const char *at = route->method; *at != '\0'; at++) buf_char(b, (char)(*at | 0x20));
    bool was_plain = true;
    for (const char *at = route->path; *at != '\0'; at++) {
        bool is_plain =
            (*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9') || *at == '_' || (*at >= 'A' && *at <= 'Z');
        if (is_plain && (!was_plain || at == route->path)) buf_char(b, '_');
        if (is_plain) buf_char(b, *at);
        was_plain = is_plain;
    }
}

static void print_route(Buf *b, const Schemas *s, const Slice *slice, const Route *route) {
    buf_char(b, '"');
    for (const char *at = route->method; *at != '\0'; at++) buf_char(b, (char)(*at | 0x20));
    buf_cstr(b, "\":{\"operationId\":\"");
    print_operation_id(b, route);
    buf_cstr(b, "\",\"summary\":");
    print_quoted(b, route->summary);
    buf_print(b, ",\"tags\":[\"%s\"]", slice->name);
    print_security(b, route);
    print_parameters(b, s, route);
    print_body(b, s, route);
    print_responses(b, s, route);
    buf_char(b, '}');
}

/* Routes of one path stand together, wherever their tables lie. */
static bool is_path_seen(int64_t slice_at, int64_t route_at) {
    const char *path = slice_all(slice_at)->routes[route_at].path;
    for (int64_t i = 0; i <= slice_at; i++) {
        int64_t count = i == slice_at ? route_at : slice_all(i)->route_count;
        for (int64_t j = 0; j < count; j++) {
            if (strcmp(slice_all(i)->routes[j].path, path) == 0) return true;
        }
    }
    return false;
}

static void print_path(Buf *b, const Schemas *s, int64_t slice_at, const char *path) {
    bool is_first = true;
    print_quoted(b, path);
    buf_cstr(b, ":{");
    for (int64_t i = slice_at; i < slice_all_count(); i++) {
        for (int64_t j = 0; j < slice_all(i)->route_count; j++) {
            const Route *route = &slice_all(i)->routes[j];
            if (strcmp(route->path, path) != 0) continue;
            if (!is_first) buf_cstr(b, ",\n");
            is_first = false;
            print_route(b, s, slice_all(i), route);
        }
    }
    buf_char(b, '}');
}

static const char openapi_head[] =
    "{\"openapi\":\"3.1.0\",\n\"info\":{\"title\":\"laoke\",\"version\":\"1\",\"license\":{\"name\":\"Apache-2.0\","
    "\"identifier\":\"Apache-2.0\"},\"description\":\"Membership for shops. Ids are strings; *_fen are whole fen; *_at "
    "are unix "
    "milliseconds; days are YYYY-MM-DD in the merchant's zone. Unknown keys in a body are refused, unknown keys in an "
    "answer are "
    "to be ignored. Refusals are problem+json with a stable code (docs/errors.md); their words follow "
    "Accept-Language.\"},\n"
    "\"servers\":[{\"url\":\"/\"}],\n\"paths\":{\n";

static const char openapi_tail[] =
    "\"Problem\":{\"type\":\"object\",\"properties\":{\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
    "\"status\":{\"type\":\"integer\"},\"code\":{\"type\":\"string\"},\"detail\":{\"type\":\"string\"},"
    "\"request_id\":{\"type\":\"string\"},\"retryable\":{\"type\":\"boolean\"},\"retry_after_s\":{\"type\":\"integer\"}"
    ","
    "\"server_time\":{\"type\":\"integer\",\"format\":\"int64\"},\"skew_seconds\":{\"type\":\"integer\"},"
    "\"numbers\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"}},"
    "\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"pointer\":{\"type\":\"string\"},"
    "\"code\":{\"type\":\"string\"},\"message\":{\"type\":\"string\"}},\"required\":[\"pointer\",\"code\",\"message\"]}"
    "}},"
    "\"required\":[\"type\",\"title\",\"status\",\"code\",\"detail\",\"request_id\",\"retryable\"]}},\n"
    "\"responses\":{\"Problem\":{\"description\":\"Refused; nothing was "
    "done\",\"headers\":{\"X-Request-Id\":{\"schema\":"
    "{\"type\":\"string\"}},\"Retry-After\":{\"schema\":{\"type\":\"integer\"}}},\"content\":{\"application/"
    "problem+json\":"
    "{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}},\n"
    "\"parameters\":{\"IdempotencyKey\":{\"name\":\"Idempotency-Key\",\"in\":\"header\",\"required\":true,"
    "\"description\":\"1 to 128 visible characters; the same when the request is tried again, another for another "
    "deed\","
    "\"schema\":{\"type\":\"string\",\"pattern\":\"^[!-~]{1,128}$\"}},"
    "\"IfMatch\":{\"name\":\"If-Match\",\"in\":\"header\",\"required\":true,\"description\":\"the ETag that was read\","
    "\"schema\":{\"type\":\"string\"}},"
    "\"Merchant\":{\"name\":\"Laoke-Merchant\",\"in\":\"header\",\"required\":false,"
    "\"description\":\"code of the merchant; without it the first one of the "
    "server\",\"schema\":{\"type\":\"string\"}},"
    "\"format\":{\"name\":\"format\",\"in\":\"query\",\"required\":false,\"description\":\"the whole list as a file\","
    "\"schema\":{\"type\":\"string\",\"enum\":[\"json\",\"csv\",\"xlsx\"]}}},\n"
    "\"securitySchemes\":{\"session\":{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":\"lks_… of a log-in\"},"
    "\"cookie\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"laoke_session\"},"
    "\"key\":{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":\"API key lk_live_…\"},"
    "\"signature\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"X-Laoke-Key\",\"description\":\"with "
    "X-Laoke-Timestamp, "
    "X-Laoke-Nonce and X-Laoke-Signature: v1=hex(hmac_sha256(secret, timestamp LF nonce LF method LF path?query LF "
    "hex(sha256(body))))\"}}}}\n";

void openapi_print(Buf *b) {
    Schemas s = schemas_collect(b->arena);
    bool is_first = true;
    buf_cstr(b, openapi_head);
    for (int64_t i = 0; i < slice_all_count(); i++) {
        for (int64_t j = 0; j < slice_all(i)->route_count; j++) {
            if (is_path_seen(i, j)) continue;
            if (!is_first) buf_cstr(b, ",\n");
            is_first = false;
            print_path(b, &s, i, slice_all(i)->routes[j].path);
        }
    }
    buf_cstr(b, "},\n\"components\":{\"schemas\":{\n");
    for (int64_t i = 0; i < s.count; i++) {
        json_print_str(b, s.items[i].name);
        buf_char(b, ':');
        print_object(b, &s, s.items[i].fields, s.items[i].is_in, NULL);
        buf_cstr(b, ",\n");
    }
    buf_cstr(b, openapi_tail);
}
