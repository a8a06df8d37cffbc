/* Path, query and body of a request into `in`, by the route's Field table. */
#include "app/ask.h"
#include "app/auth.h"
#include <string.h>

enum { REQUEST_ID_MAX = 64, QUERY_PAIRS_MAX = 100 };

static const Fields no_fields = { .name = "Nothing", .size = 0, .field = NULL, .count = 0, .given_at = -1 };

/* The first of zh and en in the order of the client's weights; Chinese when it does not say. */
Lang request_lang(const Request *r) {
    Str rest = request_header(r, "accept-language"), item;
    int64_t best = -1;
    Lang lang = LANG_ZH;
    for (bool is_more = rest.len > 0; is_more;) {
        is_more = str_cut(rest, ',', &item, &rest);
        Str tag, weight;
        int64_t thousandths = 1000;
        if (str_cut(str_trim(item), ';', &tag, &weight)) {
            int64_t at = str_find(weight, S("q=0"));
            if (at >= 0) {
                Str digits = str_slice(weight, at + 4, weight.len);
                thousandths = 0;
                for (int64_t i = 0, place = 100; i < digits.len && i < 3; i++, place /= 10)
                    if (digits.at[i] >= '0' && digits.at[i] <= '9') thousandths += (digits.at[i] - '0') * place;
            }
        }
        tag = str_trim(tag);
        bool is_zh = str_starts(tag, S("zh")), is_en = str_starts(tag, S("en"));
        if ((!is_zh && !is_en) || thousandths <= best || thousandths == 0) continue;
        best = thousandths;
        lang = is_zh ? LANG_ZH : LANG_EN;
    }
    return lang;
}

/* The caller's own id when it is plain enough to stand in a log, else a new one. */
Str request_id_of(Ctx *c, const Request *r) {
    Str given = request_header(r, "x-request-id");
    bool is_sane = given.len > 0 && given.len <= REQUEST_ID_MAX;
    for (int64_t i = 0; i < given.len && is_sane; i++) {
        char ch = given.at[i];
        is_sane = (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '-' ||
                  ch == '_' || ch == '.' || ch == ':';
    }
    if (is_sane) return given;
    static const char digits[] = "0123456789abcdef";
    uint64_t id = (uint64_t)id_new(c);
    char *at = arena_take(c->arena, 21, 1);
    memcpy(at, "req_", 4);
    for (int i = 0; i < 16; i++) at[4 + i] = digits[id >> (60 - 4 * i) & 15];
    return (Str){ at, 20 };
}

/* ---- query ---- */

static int hex_of(char ch) {
    if (ch >= '0' && ch <= '9') return ch - '0';
    if (ch >= 'a' && ch <= 'f') return ch - 'a' + 10;
    return ch >= 'A' && ch <= 'F' ? ch - 'A' + 10 : -1;
}

/* "%41+b" as "A b"; a half escape stays as it is. `is_plus` says whether "+" is a space (queries) or itself (paths). */
static Str unescape(Arena *a, Str text, bool is_plus) {
    if (str_find_char(text, '%') < 0 && (!is_plus || str_find_char(text, '+') < 0)) return text;
    char *at = arena_take(a, text.len + 1, 1);
    int64_t len = 0;
    for (int64_t i = 0; i < text.len; i++) {
        char ch = text.at[i];
        int high = ch == '%' && i + 2 < text.len ? hex_of(text.at[i + 1]) : -1;
        int low = high >= 0 ? hex_of(text.at[i + 2]) : -1;
        if (low >= 0) {
            ch = (char)(high << 4 | low);
            i += 2;
        } else if (ch == '+' && is_plus) {
            ch = ' ';
        }
        at[len++] = ch;
    }
    return (Str){ at, len };
}

static bool query_next(Arena *a, Str *rest, Str *ret_name, Str *ret_value) {
    while (rest->len > 0) {
        Str pair;
        str_cut(*rest, '&', &pair, rest);
        if (pair.len == 0) continue;
        str_cut(pair, '=', ret_name, ret_value);
        *ret_name = unescape(a, *ret_name, true);
        *ret_value = unescape(a, *ret_value, true);
        return true;
    }
    return false;
}

Str request_query(Arena *a, const Request *r, const char *name, bool *ret_given) {
    Str rest = r->query, key, value;
    *ret_given = false;
    while (query_next(a, &rest, &key, &value)) {
        if (!str_is(key, name)) continue;
        *ret_given = true;
        return value;
    }
    return (Str){ 0 };
}

ExportKind request_export(Arena *a, const Request *r, const Way *way) {
    if ((way->route->flags & ROUTE_LIST) == 0 || way->verb != VERB_GET) return EXPORT_NONE;
    bool is_given = false;
    Str format = request_query(a, r, "format", &is_given), accept = request_header(r, "accept");
    if (str_is(format, "csv") || (!is_given && str_starts(accept, S("text/csv")))) return EXPORT_CSV;
    bool is_xlsx = str_starts(accept, S("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"));
    return str_is(format, "xlsx") || (!is_given && is_xlsx) ? EXPORT_XLSX : EXPORT_NONE;
}

static bool is_reserved(const Ask *ask, Str name) {
    if (str_is(name, "merchant")) return true;
    return str_is(name, "format") && (ask->way->route->flags & ROUTE_LIST) != 0;
}

static bool is_format(Str value) { return str_is(value, "json") || str_is(value, "csv") || str_is(value, "xlsx"); }

static Str pointer_of(Ctx *c, Str name) {
    Str part;
    Buf b = { .arena = c->arena };
    if (!str_is_utf8(name) || str_find_char(name, '\0') >= 0) name = S("");
    for (bool is_more = true; is_more;) { /* RFC 6901 */
        buf_char(&b, '/');
        is_more = str_cut(name, '~', &part, &name);
        buf_add(&b, part);
        if (is_more) buf_cstr(&b, "~0");
        if (!is_more) break;
    }
    return buf_str(&b);
}

/* Query parameters are fields of `in` where there is no body; anything else in a query is a complaint, not silence. */
static void parse_query(Ask *ask, const Fields *fields, uint64_t *ret_seen) {
    Ctx *c = &ask->c;
    Str rest = ask->call->in.query, name, value;
    int64_t pairs = 0;
    while (query_next(c->arena, &rest, &name, &value)) {
        const Field *field = fields_find(fields, name);
        if (++pairs > QUERY_PAIRS_MAX) {
            complain(c, S(""), "query.too_many", "查询参数太多", "too many query parameters");
            return;
        }
        if (field == NULL) {
            if (!is_reserved(ask, name))
                complain(c, pointer_of(c, name), "field.unknown", "没有这个查询参数",
                         "there is no such query parameter");
            else if (str_is(name, "format") && !is_format(value))
                complain(c, S("/format"), "field.bad_choice", "只能是 json、csv 或 xlsx", "must be json, csv or xlsx");
            continue;
        }
        uint64_t bit = UINT64_C(1) << (field - fields->field);
        if ((*ret_seen & bit) != 0) {
            complain(c, pointer_of(c, name), "field.duplicate", "同一个参数给了两次", "this parameter was given twice");
            continue;
        }
        *ret_seen |= bit;
        field_parse_text(c, field, value, pointer_of(c, name), ask->in);
    }
}

/* ---- path ---- */

/* "%2F" is the one escape that net leaves in a path. */
static Str path_value(Arena *a, Str segment) {
    return str_find(segment, S("%2F")) < 0 ? segment : unescape(a, segment, false);
}

static void parse_path(Ask *ask, uint64_t *ret_seen) {
    Ctx *c = &ask->c;
    for (int64_t i = 0; i < ask->way->param_count; i++) {
        const Field *field = ask->way->params[i].field;
        *ret_seen |= UINT64_C(1) << (field - ask->way->route->in->field);
        Str value = path_value(c->arena, ask->match.segments[ask->way->params[i].segment]);
        Field open = *field;
        open.is_out = false;
        field_parse_text(c, &open, value, pointer_of(c, str_of(field->name)), ask->in);
    }
}

/* A place in a path that is no id at all names nothing: 404, as for an id that does not exist. */
static Err path_refusal(Ask *ask) {
    Ctx *c = &ask->c;
    if (c->problem.complaint_count == 0) return OK;
    return fail(c, E_NOT_FOUND, "not_found", "没有找到", "Not found");
}

static void need_given(Ask *ask, const Fields *fields, uint64_t seen) {
    Ctx *c = &ask->c;
    for (int64_t i = 0; i < fields->count; i++) {
        if (!fields->field[i].need || (seen >> i & 1) != 0) continue;
        complain(c, pointer_of(c, str_of(fields->field[i].name)), "field.missing", "这一项必须填写",
                 "this must be given");
    }
    if (fields->given_at >= 0) memcpy((char *)ask->in + fields->given_at, &seen, sizeof seen);
}

/* ---- body ---- */

static bool is_json(Str type) {
    Str kind, rest;
    str_cut(type, ';', &kind, &rest);
    kind = str_trim(kind);
    static const char want[] = "application/json";
    if (kind.len != (int64_t)sizeof want - 1) return false;
    for (int64_t i = 0; i < kind.len; i++) {
        if ((kind.at[i] | 0x20) != (want[i] | 0x20)) return false;
    }
    return true;
}

static Err parse_body(Ask *ask, const Fields *fields) {
    Ctx *c = &ask->c;
    const Request *in = &ask->call->in;
    if (in->body.len > HTTP_BODY_MAX)
        return fail(c, E_INVALID, "body.too_large", "内容超过 %lld 字节的上限", "the body is larger than %lld bytes",
                    (long long)HTTP_BODY_MAX);
    if (in->body.len > 0 && !is_json(request_header(in, "content-type")))
        return fail(c, E_INVALID, "body.not_json", "内容类型必须是 application/json",
                    "the content type must be application/json");
    return json_parse(c, in->body.len > 0 ? in->body : S("{}"), fields, ask->in);
}

/* ---- If-Match ---- */

/* "v12", also as a weak tag; "*" is any. */
static Err parse_if_match(Ask *ask) {
    Ctx *c = &ask->c;
    ask->if_match = -1;
    bool is_edit = (ask->way->route->flags & ROUTE_EDIT) != 0 && ask->way->is_write && ask->way->verb != VERB_POST;
    if (!is_edit) return OK;
    Str tag = request_header(&ask->call->in, "if-match");
    const Field *field = ask->way->version_in;
    if (tag.len == 0 && field != NULL && !field_is_zero(field, ask->in)) { /* said in the body instead */
        memcpy(&ask->if_match, (const char *)ask->in + field->offset, sizeof ask->if_match);
        return OK;
    }
    if (tag.len == 0)
        return fail(c, E_INVALID, "edit.if_match_missing", "修改前请先读取，并带上 If-Match",
                    "read it first and send its ETag as If-Match");
    if (str_is(tag, "*")) return OK;
    if (str_starts(tag, S("W/"))) tag = str_slice(tag, 2, tag.len);
    bool is_ours = tag.len > 3 && str_starts(tag, S("\"v")) && str_ends(tag, S("\""));
    if (!is_ours || !str_to_int(str_slice(tag, 2, tag.len - 1), &ask->if_match) || ask->if_match < 0)
        return fail(c, E_STALE, "edit.moved", "内容已被别人修改，请重新读取",
                    "it was changed meanwhile; read it again");
    if (field != NULL) memcpy((char *)ask->in + field->offset, &ask->if_match, sizeof ask->if_match);
    return OK;
}

Err ask_parse(Ask *ask) {
    Ctx *c = &ask->c;
    const Way *way = ask->way;
    const Fields *fields = way->route->in == NULL ? &no_fields : way->route->in;
    ask->in = arena_take(c->arena, fields->size > 0 ? fields->size : 1, 16);
    uint64_t seen = 0;
    if (way->has_body) {
        TRY(parse_body(ask, way->body == NULL ? &no_fields : way->body));
        parse_path(ask, &seen);
        TRY(path_refusal(ask));
        parse_query(ask, &no_fields, &seen);
    } else {
        parse_path(ask, &seen);
        TRY(path_refusal(ask));
        parse_query(ask, fields, &seen);
        need_given(ask, fields, seen);
    }
    TRY(complaints_refuse(c));
    c->upload = ask->call->in.body_file;
    ask->export_kind = request_export(c->arena, &ask->call->in, way);
    return parse_if_match(ask);
}
