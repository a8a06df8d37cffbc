/* Answers: problem+json (RFC 9457), and the headers that every answer has. The one place where Err becomes a status. */
#include "app/ask.h"

typedef struct CodeStatus {
    const char *code;
    int status;
} CodeStatus;
/* Refusals whose status says more than their class. */
static const CodeStatus code_statuses[] = {
    { "body.not_json", 415 }, { "body.too_large", 413 },      { "request.too_large", 413 },
    { "store.too_much", 413 },
    { "route.method", 405 },  { "idempotency.missing", 400 }, { "edit.if_match_missing", 428 },
    { "page.cursor", 400 },
};

/* A body that is no JSON at all is 400; one that is JSON but says something wrong is 422. */
static bool is_malformed(const Ctx *c) {
    for (int64_t i = 0; i < c->problem.complaint_count; i++) {
        if (str_starts(str_of(c->problem.complaints[i].code), S("json."))) return true;
    }
    return false;
}

int problem_status(const Ctx *c, Err err) {
    if (c->problem.code == NULL) return 500; /* a refusal that nobody put into words is a defect */
    for (int64_t i = 0; i < COUNT_OF(code_statuses); i++) {
        if (str_is(str_of(c->problem.code), code_statuses[i].code)) return code_statuses[i].status;
    }
    switch (err) {
    case OK:
        return 500;
    case E_INVALID:
        return is_malformed(c) ? 400 : 422;
    case E_UNKNOWN_WHO:
        return 401;
    case E_DENIED:
        return 403;
    case E_NOT_FOUND:
        return 404;
    case E_CONFLICT:
        return 409;
    case E_STALE:
        return 412;
    case E_LIMIT:
        return 429;
    case E_BUSY:
        return 503;
    case E_INTERNAL:
        return 500;
    }
    return 500;
}

static const char *title_of(int status, Lang lang) {
    bool is_zh = lang == LANG_ZH;
    switch (status) {
    case 400:
        return is_zh ? "请求有误" : "Bad request";
    case 401:
        return is_zh ? "需要登录" : "Not logged in";
    case 403:
        return is_zh ? "没有权限" : "Not allowed";
    case 404:
        return is_zh ? "没有找到" : "Not found";
    case 405:
        return is_zh ? "不支持这种操作" : "Method not allowed";
    case 409:
        return is_zh ? "现在不能这样做" : "Conflict";
    case 412:
        return is_zh ? "内容已变化" : "Changed meanwhile";
    case 413:
        return is_zh ? "内容太大" : "Too large";
    case 415:
        return is_zh ? "内容类型不对" : "Unsupported content type";
    case 422:
        return is_zh ? "内容需要修改" : "Not acceptable as sent";
    case 428:
        return is_zh ? "请先读取" : "Read it first";
    case 429:
        return is_zh ? "太频繁了" : "Too many requests";
    case 503:
        return is_zh ? "暂时不可用" : "Not available now";
    default:
        return is_zh ? "系统内部错误" : "Internal error";
    }
}

static void print_member(Buf *b, const char *name, Str text) {
    buf_print(b, ",\"%s\":", name);
    json_print_str(b, text);
}

static void print_complaints(Ctx *c, Buf *b) {
    if (c->problem.complaint_count == 0) return;
    buf_cstr(b, ",\"errors\":[");
    for (int64_t i = 0; i < c->problem.complaint_count; i++) {
        const Complaint *complaint = &c->problem.complaints[i];
        buf_cstr(b, i == 0 ? "{\"pointer\":" : ",{\"pointer\":");
        json_print_str(b, complaint->pointer);
        print_member(b, "code", str_of(complaint->code));
        print_member(b, "message", c->lang == LANG_ZH ? complaint->zh : complaint->en);
        buf_char(b, '}');
    }
    buf_char(b, ']');
}

static void print_numbers(Ctx *c, Buf *b, int status) {
    if (c->problem.number_count > 0) {
        buf_cstr(b, ",\"numbers\":{");
        for (int64_t i = 0; i < c->problem.number_count; i++) {
            if (i > 0) buf_char(b, ',');
            json_print_str(b, str_of(c->problem.numbers[i].name));
            buf_char(b, ':');
            /* Ids are texts in JSON everywhere: past 2^53 a browser would change them. */
            const char *quote = str_ends(str_of(c->problem.numbers[i].name), S("_id")) ? "\"" : "";
            buf_print(b, "%s%lld%s", quote, (long long)c->problem.numbers[i].value, quote);
        }
        buf_char(b, '}');
    }
    if (status != 401) return;
    /* A till whose clock is off can set it by this. */
    buf_print(b, ",\"server_time\":%lld", (long long)c->now);
    for (int64_t i = 0; i < c->problem.number_count; i++) {
        if (str_is(str_of(c->problem.numbers[i].name), "skew_seconds"))
            buf_print(b, ",\"skew_seconds\":%lld", (long long)c->problem.numbers[i].value);
    }
}

void reply_problem(Ctx *c, Reply *out, Err err) {
    int status = problem_status(c, err);
    if (c->problem.code == NULL) {
        log_line(c, "error", "internal", "a refusal of class %d without words", (int)err);
        fail(c, E_INTERNAL, "internal", "系统内部错误，我们已记录", "Internal error; it has been logged");
    }
    bool is_retryable = status == 429 || status == 503;
    int64_t after_s = c->problem.retry_after_s;
    if (is_retryable && after_s <= 0) after_s = 1;
    Buf b = { .arena = c->arena };
    buf_print(&b, "{\"type\":\"/docs/errors#%s\",\"title\":\"%s\",\"status\":%d", c->problem.code,
              title_of(status, c->lang), status);
    print_member(&b, "code", str_of(c->problem.code));
    print_member(&b, "detail", c->lang == LANG_ZH ? c->problem.zh : c->problem.en);
    print_member(&b, "request_id", c->request_id);
    buf_cstr(&b, is_retryable ? ",\"retryable\":true" : ",\"retryable\":false");
    if (after_s > 0) buf_print(&b, ",\"retry_after_s\":%lld", (long long)after_s);
    print_numbers(c, &b, status);
    print_complaints(c, &b);
    buf_char(&b, '}');
    out->status = status;
    out->content_type = S("application/problem+json");
    out->body = buf_str(&b);
    out->file = (Str){ 0 };
    if (after_s > 0) reply_header(out, "Retry-After", arena_print(c->arena, "%lld", (long long)after_s));
    if (status == 401) reply_header(out, "WWW-Authenticate", S("Bearer realm=\"laoke\""));
    reply_header(out, "Content-Language", c->lang == LANG_ZH ? S("zh") : S("en"));
}

/* ---- successes ---- */

static int64_t version_of(const Ask *ask) {
    return *(const int64_t *)(const void *)((const char *)ask->out + ask->way->version_out->offset);
}

static void raw_reply(Ask *ask) {
    Reply *out = &ask->call->out;
    const RawReply *raw = ask->c.raw;
    out->status = raw->status == 0 ? 200 : raw->status;
    out->content_type = raw->content_type;
    out->body = raw->body;
    out->file = raw->file;
    out->is_file_temporary = raw->is_file_temporary;
    for (int64_t i = 0; i < raw->header_count; i++) reply_header(out, raw->headers[i].name.at, raw->headers[i].value);
}

static void export_reply(Ask *ask) {
    Reply *out = &ask->call->out;
    bool is_csv = ask->export_kind == EXPORT_CSV;
    out->status = 200;
    out->content_type =
        is_csv ? S("text/csv; charset=utf-8") : S("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    out->file = ask->export_path;
    out->is_file_temporary = true;
    reply_header(
        out, "Content-Disposition",
        arena_print(ask->c.arena, "attachment; filename=\"%s.%s\"", ask->way->slice->name, is_csv ? "csv" : "xlsx"));
}

int ask_status(const Ask *ask) {
    const Route *route = ask->way->route;
    const Field *duplicate = ask->way->duplicate_out, *is_new = ask->way->new_out;
    const bool *out = ask->out;
    if (out != NULL && ((duplicate != NULL && out[duplicate->offset]) || (is_new != NULL && !out[is_new->offset])))
        return 200;
    if ((route->flags & ROUTE_CREATED) != 0) return 201;
    return route->out == NULL ? 204 : 200;
}

static void edit_headers(Ask *ask) {
    Reply *out = &ask->call->out;
    Str tag = arena_print(ask->c.arena, "\"v%lld\"", (long long)version_of(ask));
    reply_header(out, "ETag", tag);
    Str known = request_header(&ask->call->in, "if-none-match");
    if (ask->way->verb != VERB_GET || known.len == 0 || str_find(known, tag) < 0) return;
    out->status = 304;
    out->body = (Str){ 0 };
    out->content_type = (Str){ 0 };
}

void reply_success(Ask *ask) {
    Reply *out = &ask->call->out;
    const Route *route = ask->way->route;
    if (ask->is_replay) {
        out->status = (int)ask->replay_status;
        out->body = ask->body;
        if (ask->body.len > 0) out->content_type = S("application/json");
        reply_header(out, "Idempotency-Replayed", S("true"));
        return;
    }
    if (ask->export_kind != EXPORT_NONE) {
        export_reply(ask);
        return;
    }
    if ((route->flags & ROUTE_RAW) != 0) {
        raw_reply(ask);
        return;
    }
    out->status = ask_status(ask);
    if (route->out == NULL) return;
    if (ask->body.at == NULL) {
        Buf b = { .arena = ask->c.arena };
        json_print(&b, route->out, ask->out);
        ask->body = buf_str(&b);
    }
    out->body = ask->body;
    out->content_type = S("application/json");
    if (ask->way->version_out != NULL) edit_headers(ask);
}

static bool has_header(const Reply *out, const char *name) {
    for (int64_t i = 0; i < out->header_count; i++) {
        if (str_is(out->headers[i].name, name)) return true;
    }
    return false;
}

static void browser_headers(Reply *out) {
    reply_header(out, "X-Content-Type-Options", S("nosniff"));
    if (!has_header(out, "Content-Security-Policy"))
        reply_header(out, "Content-Security-Policy", S("default-src 'none'; frame-ancestors 'none'"));
}

void reply_common(Ask *ask) {
    Reply *out = &ask->call->out;
    Ctx *c = &ask->c;
    reply_header(out, "X-Request-Id", c->request_id);
    if (!has_header(out, "Cache-Control")) reply_header(out, "Cache-Control", S("no-store"));
    if (c->actor.kind != ACTOR_KEY) browser_headers(out); /* a till is no browser, and asks ten times as often */
    if (c->pending != NULL && c->pending->cookie.len > 0) reply_header(out, "Set-Cookie", c->pending->cookie);
    const LimitState *limit = &ask->limit;
    if (limit->name == NULL) return;
    Arena *arena = c->arena;
    Str name = str_of(limit->name), head = S("\""), window = arena_int(arena, limit->window_s);
    reply_header(out, "RateLimit-Policy",
                 ARENA_JOIN(arena, head, name, S("\";q="), arena_int(arena, limit->most), S(";w="), window));
    reply_header(out, "RateLimit",
                 ARENA_JOIN(arena, head, name, S("\";r="), arena_int(arena, limit->left), S(";t="),
                            arena_int(arena, limit->reset_s)));
}
