/* Any bytes from a socket: a head is found at the same place whole and byte by byte; what is taken of it lies inside it
 * and is clean; a chunked body is the same whole and in pieces, and never longer than what carried it. */
#include "net/http_private.h"
#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static HttpServer server = { .config = { .spool_dir = { 0 } }, .idle_ms = 1000 };
static Loop loop = { .server = &server };
static Conn conn = { .loop = &loop, .is_local = true, .ip = "127.0.0.1" };

static void must_be_clean(Str text, Str head) {
    if (text.len == 0) return;
    for (int64_t i = 0; i < text.len; i++) assert((unsigned char)text.at[i] >= 0x20 || text.at[i] == '\t');
    assert(text.len <= head.len);
}

/* How far it came: 1 whole, 0 not yet, -1 refused; the body's length in ret_len. */
static int read_chunks(Arena *a, const char *at, int64_t len, int64_t piece, int64_t *ret_len) {
    Slot *s = NEW(a, Slot);
    arena_init(&s->arena, ARENA_BUDGET);
    s->conn = &conn;
    s->spool_fd = -1;
    s->body_len = -1;
    s->body_max = HTTP_BODY_MAX;
    int state = 0;
    for (int64_t from = 0, taken = 0; from < len && state == 0; from += taken)
        state = request_chunks(s, at + from, len - from < piece ? len - from : piece, &taken);
    *ret_len = s->received;
    assert(s->received <= len);
    arena_free(&s->arena);
    return state;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    const char *at = (const char *)data;
    int64_t len = (int64_t)size, from = 0, slow_from = 0, slow = 0, whole_len = 0, slow_len = 0;
    int64_t head_len = size == 0 ? 0 : request_head_len(at, len, &from);
    for (int64_t have = 1; have <= len && slow == 0; have++) slow = request_head_len(at, have, &slow_from);
    assert(slow == head_len);
    if (head_len > 2) {
        Slot *s = NEW(&a, Slot);
        arena_init(&s->arena, ARENA_BUDGET);
        s->conn = &conn;
        Str head = arena_str(&s->arena, (Str){ at, head_len });
        request_read(s, head);
        const Request *in = &s->call.in;
        if (s->refusal == NULL) {
            assert(in->method.len > 0 && in->path.len > 0 && in->path.at[0] == '/' && s->hosts == 1);
            assert(s->lengths + s->encodings <= 1 && s->body_len >= -1 && in->client_ip.len > 0);
            for (int64_t i = 0; i < in->header_count; i++) {
                must_be_clean(in->headers[i].name, head);
                must_be_clean(in->headers[i].value, head);
            }
            must_be_clean(in->query, head);
        }
        arena_free(&s->arena);
    }
    int whole = read_chunks(&a, at, len, len + 1, &whole_len), pieces = read_chunks(&a, at, len, 1, &slow_len);
    assert(whole == pieces && (whole < 0 || whole_len == slow_len));
    arena_free(&a);
    return 0;
}
