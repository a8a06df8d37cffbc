/* Turns call.out into bytes. The body is not copied: it lives in the arena until the reply is out. */
#include <assert.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "net/http_private.h"

void reply_header(Reply *r, const char *name, Str value) {
    assert(r->header_count < HTTP_REPLY_HEADERS_MAX);
    r->headers[r->header_count++] = (HttpHeader){ str_of(name), value };
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

static struct MHD_Response *from_file(Slot *s) {
    const char *path = arena_cstr(&s->arena, s->call.out.file);
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (s->call.out.is_file_temporary) unlink(path);
    if (fd < 0) return NULL;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        close(fd);
        return NULL;
    }
    return MHD_create_response_from_fd64((uint64_t)info.st_size, fd);
}

static struct MHD_Response *from_body(const Reply *out) {
    return MHD_create_response_from_buffer((size_t)out->body.len, (void *)out->body.at, MHD_RESPMEM_PERSISTENT);
}

static bool add_headers(Slot *s, struct MHD_Response *response) {
    const Reply *out = &s->call.out;
    bool is_good = true;
    if (out->content_type.len > 0)
        is_good &=
            MHD_add_response_header(response, "Content-Type", arena_cstr(&s->arena, out->content_type)) == MHD_YES;
    for (int64_t i = 0; i < out->header_count; i++)
        is_good &= MHD_add_response_header(response, out->headers[i].name.at,
                                           arena_cstr(&s->arena, out->headers[i].value)) == MHD_YES;
    if (s->refusal != NULL || atomic_load_explicit(&s->server->state, memory_order_relaxed) != SERVER_OPEN)
        is_good &= MHD_add_response_header(response, "Connection", "close") == MHD_YES;
    return is_good;
}

enum MHD_Result reply_send(Slot *s) {
    if (s->refusal != NULL)
        fill_refusal(s);
    else
        call_complete(&s->call);
    Reply *out = &s->call.out;
    bool has_file = out->file.len > 0;
    struct MHD_Response *response = out->status < 200 ? NULL : has_file ? from_file(s) : from_body(out);
    if (response == NULL || !add_headers(s, response)) {
        /* No status, a line break in a header, a file that is gone: our defect. */
        if (response != NULL) MHD_destroy_response(response);
        s->refusal = &http_failed;
        fill_refusal(s);
        has_file = false;
        response = from_body(out);
        if (response == NULL || !add_headers(s, response)) return MHD_NO;
    }
    int64_t len = has_file ? HTTP_UPLOAD_MAX : out->body.len;
    int64_t deadline_ms = net_clock_ms() + 2 * s->server->idle_ms + len / RATE_LEAST * 1000;
    atomic_store_explicit(&s->conn->deadline_ms, deadline_ms, memory_order_relaxed);
    enum MHD_Result result = MHD_queue_response(s->connection, (unsigned)out->status, response);
    MHD_destroy_response(response);
    s->phase = SLOT_REPLIED;
    return result;
}
