/* http - HTTP: bytes on one side, Call on the other; knows no route. The only folder that names a socket.
 *
 * A Call is one request and its reply. The handler runs on an HTTP thread and either calls call_finish() before it
 * returns, or calls call_suspend() first and lets another thread call call_finish() exactly once. Everything a Call
 * points to lives in call->arena until the reply has been sent, even when the client has gone away meanwhile.
 * Refused here, before any handler (400 and close): a repeated or conflicting Content-Length, Content-Length
 * together with Transfer-Encoding, a missing or repeated Host, control bytes in header values; 413 past the body
 * limit, 431 past 16 KiB of headers; a slow client is dropped after HTTP_IDLE_S.
 * Units:  *_s are seconds, *_ms milliseconds, *_max bytes or counts        Calls: nobody
 * Errors: http.unreachable, http.timeout, http.private_address, http.bad_url, http.too_large (http_send);
 *         http.malformed, http.host, http.body_too_large, http.headers_too_large, http.no_room, http.stopping,
 *         http.failed (answered before any handler or instead of its reply, as problem+json) */
#pragma once
#include "base/ctx.h"

enum { HTTP_BODY_MAX = 1 << 20, HTTP_UPLOAD_MAX = 256 << 20, HTTP_HEADER_MAX = 16 << 10, HTTP_IDLE_S = 15,
       HTTP_HEADERS_MAX = 64, HTTP_REPLY_HEADERS_MAX = 16, HTTP_PER_IP_MAX = 256, HTTP_STOP_MS = 10000 };

typedef struct HttpHeader { Str name, value; } HttpHeader;
typedef struct Request {
    Str method, path, query;            /* path is percent-decoded except for "%2F"; query is raw */
    Str target; /* path and query as they were sent: what signatures cover; empty in-process: path?query */
    Str body;                           /* empty when the body was spooled to body_file */
    Str body_file;                      /* uploads only; removed when the call ends */
    HttpHeader headers[HTTP_HEADERS_MAX]; int64_t header_count;   /* names in lower case */
    Str client_ip; /* of the nearest untrusted hop: X-Forwarded-For counts only from a trusted proxy (loopback) */
} Request;
typedef struct Reply {
    int status;
    HttpHeader headers[HTTP_REPLY_HEADERS_MAX]; int64_t header_count;
    Str content_type, body;
    Str file; /* path of a file to send instead of body; removed afterwards when is_file_temporary */
    bool is_file_temporary;
} Reply;

typedef struct Call Call;
struct Call {
    Arena *arena;
    Request in;
    Reply out;
    void *user;                         /* the handler's */
    void (*suspend)(Call *call);
    void (*finish)(Call *call);
    /* The handler's: set before call_finish(), it writes `out`; whoever owns the Call runs it by call_complete() on a
     * thread of its own before reading `out` (printing away from the writer). */
    void (*complete)(Call *call);
    void *server;                       /* net's */
    bool is_suspended, is_finished;
};
static inline void call_suspend(Call *call) { call->suspend(call); }
static inline void call_finish(Call *call) { call->finish(call); }
static inline void call_complete(Call *call) {
    void (*complete)(Call *call) = call->complete;
    call->complete = NULL;
    if (complete != NULL) complete(call);
}

Str request_header(const Request *r, const char *lower_name);       /* empty when absent */
void reply_header(Reply *r, const char *name, Str value);

typedef struct HttpConfig {
    Str listen;                                        /* "127.0.0.1:8787"; port 0 = any free one */
    int64_t threads;                                   /* 0 = number of cores */
    int64_t connections_max;                           /* 0 = 4096 */
    int64_t per_ip_max; /* 0 = HTTP_PER_IP_MAX; 127.0.0.1 and ::1 (a proxy in front) have no such limit */
    int64_t idle_s; /* 0 = HTTP_IDLE_S; a request that trickles in is dropped after twice that */
    void (*handle)(Call *call, void *user);
    bool (*is_upload)(Str method, Str path, void *user);   /* body goes to a spool file of up to HTTP_UPLOAD_MAX */
    void *user;
    Str spool_dir;
} HttpConfig;
typedef struct HttpServer HttpServer;
HttpServer *http_server_start(Arena *a, const HttpConfig *config, Str *ret_why);      /* NULL and why on failure */
int64_t http_server_port(const HttpServer *s);
void http_server_stop(HttpServer *s);     /* stops accepting, finishes what was accepted (up to 10 s), then ends */

/* ---- outgoing ---- */
typedef struct HttpOut {
    const char *method; Str url; const HttpHeader *headers; int64_t header_count; Str body;
    int64_t timeout_ms;                                /* 0 = 5000 */
    int64_t response_max;                              /* 0 = 1 MiB */
    bool allow_private; /* false: private, loopback, link-local addresses are refused (SSRF) */
} HttpOut;
typedef struct HttpIn {
    int status; Str body; HttpHeader headers[HTTP_HEADERS_MAX]; int64_t header_count; bool was_sent;
} HttpIn;
/* was_sent false: surely never left this machine, safe to try again. E_BUSY "http.unreachable" / "http.timeout".
 * Never inside a unit. */
Err http_send(Ctx *c, const HttpOut *out, HttpIn *ret_in);

/* ---- the Unix socket of a live database (command line to server) ---- */
typedef struct LocalServer LocalServer;
/* the caller's own output and error output */
typedef struct LocalCall { StrList argv; Str cwd; int fd, error_fd; } LocalCall;
/* One thread per command; `run` writes text to call->fd and returns the exit status. Socket mode 0600; only the same
 * user or root. */
LocalServer *local_server_start(Arena *a, Str path, int (*run)(LocalCall *call, void *user), void *user, Str *ret_why);
void local_server_stop(LocalServer *s);
/* Client side: sends argv with out_fd and error output, waits for the exit status (3 when the server died); false
 * when nobody listens. */
bool local_send(Str path, StrList argv, int out_fd, int *ret_status);
