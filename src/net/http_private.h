/* http_private - private to src/net: what the files of the HTTP server share.
 *
 * A Slot is one request on one connection: its Call, its arena, and how far it has come. Slots are kept on a free
 * list with the first chunk of their arena, so that a small request takes no memory from the system at all.
 * libmicrohttpd calls us only on the thread that owns the connection; the one thing that other threads do is
 * http_finish(). */
#pragma once
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include "net/http.h"

/* libmicrohttpd's memory per connection: headers, their index, and the reply's head */
enum { CONNECTION_POOL = 24 << 10,
       SLOTS_KEPT_MAX = 512, DRAIN_MAX = 4 << 20, BODY_FIRST = 16 << 10,
       RATE_LEAST = 4 << 10,            /* bytes a second that a body or a reply must make on average */
       IP_TEXT_MAX = 46 };
#define SPOOL_TOTAL_MAX ((int64_t)4 * HTTP_UPLOAD_MAX)

/* A refusal of net itself. tools/lists reads these rows into docs/errors.md: status, code, Chinese, English. */
typedef struct HttpRefusal { int status; const char *code, *zh, *en; } HttpRefusal;
extern const HttpRefusal http_malformed, http_host, http_body_too_large, http_headers_too_large, http_no_room,
    http_stopping, http_failed;

typedef struct Conn Conn;               /* one client connection */
struct Conn {
    HttpServer *server;
    int fd;
    bool is_local;                      /* 127.0.0.1 or ::1: a proxy in front of us */
    char ip[IP_TEXT_MAX];
    _Atomic int64_t deadline_ms; /* the sweeper shuts the connection down after this; INT64_MAX while a handler works */
    Conn *next, *before;
};

typedef enum SlotPhase { SLOT_HEAD, SLOT_BODY, SLOT_HANDLED, SLOT_REPLIED } SlotPhase;
typedef struct Slot Slot;
struct Slot {
    Call call;                          /* first: a Call is the Slot it lies in */
    Arena arena;
    HttpServer *server;
    struct MHD_Connection *connection;
    Conn *conn;
    const char *uri; int64_t uri_len;   /* as it came, in libmicrohttpd's memory */
    const char *expect;                 /* where the next header line must begin (see http_request.c) */
    int64_t hosts, lengths, encodings, head_len, body_len, forwarded;   /* body_len -1: not said */
    bool is_chunked, is_uri_bad, is_counted;
    const HttpRefusal *refusal;         /* answered instead of calling the handler */
    SlotPhase phase;
    char *body; int64_t body_room, received, body_max, body_began_ms;
    int spool_fd;
    int64_t spooled;
    Slot *next;
};

typedef enum ServerState { SERVER_OPEN, SERVER_STOPPING, SERVER_CLOSED } ServerState;
struct HttpServer {
    HttpConfig config;
    struct MHD_Daemon *daemon;
    int listen_fd;
    int64_t port, idle_ms;
    pthread_mutex_t lock;               /* free slots, connections, active, state */
    pthread_cond_t moved;               /* active fell to 0, or state changed; CLOCK_MONOTONIC */
    Slot *slots; int64_t slots_kept;
    Conn *conns;
    int64_t active;                     /* requests whose headers are in and whose reply is not yet out */
    _Atomic ServerState state;
    _Atomic int64_t spool_total;
    pthread_t sweeper;
};

int64_t net_clock_ms(void);             /* monotonic, coarse */

/* http_request.c: the strict reading that libmicrohttpd does not do. */
void request_uri(Slot *s, const char *uri);                                      /* before libmicrohttpd cuts it up */
void request_read(Slot *s, const char *method, const char *path, const char *version); /* fills call.in or s->refusal */

/* http_body.c */
void body_begin(Slot *s);
bool body_add(Slot *s, const char *data, size_t len);      /* false: hang up */
void body_end(Slot *s);
void body_forget(Slot *s);                                 /* closes and removes the spool file */

/* http_reply.c */
enum MHD_Result reply_send(Slot *s);

/* http_client.c: true for every address that is not reachable as the public Internet. */
struct sockaddr;
bool http_address_is_private(const struct sockaddr *address);
