/* Turns call.out into bytes. Neither body nor file is copied: the body lives in the arena until the reply is out. */
#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "net/http_private.h"

enum { HEAD_ROOM = 512 };

void reply_header(Reply *r, const char *name, Str value) {
    assert(r->header_count < HTTP_REPLY_HEADERS_MAX);
    r->headers[r->header_count++] = (HttpHeader){ str_of(name), value };
}

static const char *reason_of(int status) {
    static const struct { int status; const char *reason; } reasons[] = {
        { 200, "OK" },
        { 201, "Created" },
        { 202, "Accepted" },
        { 204, "No Content" },
        { 302, "Found" },
        { 303, "See Other" },
        { 304, "Not Modified" },
        { 400, "Bad Request" },
        { 401, "Unauthorized" },
        { 403, "Forbidden" },
        { 404, "Not Found" },
        { 405, "Method Not Allowed" },
        { 409, "Conflict" },
        { 412, "Precondition Failed" },
        { 413, "Content Too Large" },
        { 415, "Unsupported Media Type" },
        { 422, "Unprocessable Content" },
        { 428, "Precondition Required" },
        { 429, "Too Many Requests" },
        { 431, "Request Header Fields Too Large" },
        { 500, "Internal Server Error" },
        { 503, "Service Unavailable" },
    };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].status == status) return reasons[i].reason;
    return "Unknown"; /* a client reads the number */
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110), made once a second. */
static Str date_of(Loop *loop) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (loop->date_s != now.tv_sec) {
        struct tm t;
        loop->date_s = now.tv_sec;
        strftime(loop->date, sizeof loop->date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now.tv_sec, &t));
    }
    return (Str){ loop->date, DATE_LEN };
}

static void fill_refusal(Slot *s) {
    const HttpRefusal *why = s->refusal;
    bool is_retryable = why->status == 503;
    s->call.out = (Reply){ .status = why->status, .content_type = S("application/problem+json") };
    s->call.out.body =
        arena_print(&s->arena,
                    "{\"type\":\"/docs/errors#%s\",\"title\":\"%s\",\"status\":%d,\"code\":\"%s\",\"detail\":"
                    "\"%s\",\"retryable\":%s}",
                    why->code, why->zh, why->status, why->code, why->en, is_retryable ? "true" : "false");
    if (is_retryable) reply_header(&s->call.out, "Retry-After", S("2"));
}

static bool open_file(Slot *s) {
    const char *path = arena_cstr(&s->arena, s->call.out.file);
    struct stat info;
    s->file_fd = open(path, O_RDONLY | O_CLOEXEC);
    if (s->call.out.is_file_temporary) unlink(path);
    if (s->file_fd < 0 || fstat(s->file_fd, &info) != 0 || !S_ISREG(info.st_mode)) return false;
    s->file_left = info.st_size;
    return true;
}

/* A line break in a value would begin a header, or an answer, of somebody else's. */
static bool is_one_line(Str value) {
    return memchr(value.at, '\r', (size_t)value.len) == NULL && memchr(value.at, '\n', (size_t)value.len) == NULL &&
           memchr(value.at, '\0', (size_t)value.len) == NULL;
}

static void put(char **at, Str text) {
    memcpy(*at, text.at, (size_t)text.len);
    *at += text.len;
}

static void put_number(char **at, int64_t number) {
    char digits[20];
    int from = sizeof digits;
    do digits[--from] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    put(at, (Str){ digits + from, (int64_t)sizeof digits - from });
}

static bool put_header(char **at, Str name, Str value) {
    if (value.len > 0 && !is_one_line(value)) return false;
    put(at, name);
    put(at, S(": "));
    put(at, value);
    put(at, S("\r\n"));
    return true;
}

/* False: a value holds a line break. */
static bool print_head(Slot *s, int64_t body_len) {
    const Reply *out = &s->call.out;
    int64_t room = HEAD_ROOM + out->content_type.len;
    for (int64_t i = 0; i < out->header_count; i++) room += out->headers[i].name.len + out->headers[i].value.len + 4;
    char *head = arena_take(&s->arena, room, 1), *at = head;
    bool is_good = true, has_body = out->status != 204 && out->status != 304;
    put(&at, S("HTTP/1.1 "));
    put_number(&at, out->status);
    put(&at, S(" "));
    put(&at, str_of(reason_of(out->status)));
    put(&at, S("\r\nDate: "));
    put(&at, date_of(s->conn->loop));
    put(&at, S("\r\n"));
    if (out->content_type.len > 0) is_good &= put_header(&at, S("Content-Type"), out->content_type);
    for (int64_t i = 0; i < out->header_count; i++)
        is_good &= put_header(&at, out->headers[i].name, out->headers[i].value);
    if (s->is_last) put(&at, S("Connection: close\r\n"));
    if (!s->is_last && s->is_http_10) put(&at, S("Connection: keep-alive\r\n"));
    if (has_body) {
        put(&at, S("Content-Length: "));
        put_number(&at, body_len);
        put(&at, S("\r\n"));
    }
    put(&at, S("\r\n"));
    assert(at - head <= room);
    s->head = (Str){ head, at - head };
    return is_good;
}

/* No status, a line break in a header, a file that is gone: our defect. */
static void become_failed(Slot *s) {
    s->refusal = &http_failed;
    s->is_last = true;
    s->file_left = 0;
    fill_refusal(s);
    print_head(s, s->call.out.body.len);
}

void reply_begin(Slot *s) {
    Reply *out = &s->call.out;
    HttpServer *server = s->conn->loop->server;
    if (s->refusal == NULL)
        call_complete(&s->call);
    else
        fill_refusal(s);
    s->is_last = s->refusal != NULL || !s->is_keep_alive || atomic_load(&server->state) != SERVER_OPEN;
    bool has_file = out->file.len > 0, is_good = out->status >= 200 && (!has_file || open_file(s));
    if (!is_good || !print_head(s, has_file ? s->file_left : out->body.len)) become_failed(s);
    bool is_head_only = str_is(s->call.in.method, "HEAD") || out->status == 204 || out->status == 304;
    if (is_head_only) s->file_left = 0;
    s->rest = is_head_only || s->file_left > 0 ? (Str){ 0 } : out->body;
    if (has_file && s->refusal == NULL) s->rest = (Str){ 0 };
    int64_t now_ms = s->conn->loop->now_ms, len = out->body.len + s->file_left;
    s->conn->silent_ms = now_ms + server->idle_ms;
    s->conn->deadline_ms = now_ms + 2 * server->idle_ms + len / RATE_LEAST * 1000;
}
