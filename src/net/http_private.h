/* http_private - private to src/net: what the files of the HTTP server share.
 *
 * A Loop is a thread with its epoll; a Conn belongs to one Loop for life, and only that thread touches it. A Slot is
 * one request on one Conn: its Call, its arena, and how far it has come. The one thing that other threads do is
 * call_finish(), which hands the Slot back to its Loop. Slots are kept with the first chunk of their arena, so that
 * a small request takes no memory from the system at all. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>
#include "net/http.h"

enum { IN_FIRST = 2 << 10, IN_BODY = 64 << 10,       /* bytes read at once: a head, a body */
       SLOTS_KEPT_MAX = 128, DRAIN_MAX = 4 << 20, BODY_FIRST = 16 << 10,
       RATE_LEAST = 4 << 10,            /* bytes a second that a body or a reply must make on average */
       LINGER_MS = 2000,                /* so long is a closed connection still read from: its answer shall arrive */
       TURNS_MAX = 32,                  /* steps of one connection before the others have theirs */
       EVENTS_MAX = 128, ACCEPTS_MAX = 64, EXPIRED_MAX = 64, IP_TEXT_MAX = 46, DATE_LEN = 29 };
#define SPOOL_TOTAL_MAX ((int64_t)4 * HTTP_UPLOAD_MAX)

/* A refusal of net itself. tools/lists reads these rows into docs/errors.md: status, code, Chinese, English. */
typedef struct HttpRefusal { int status; const char *code, *zh, *en; } HttpRefusal;
extern const HttpRefusal http_malformed, http_host, http_body_too_large, http_headers_too_large, http_no_room,
    http_stopping, http_failed;

typedef struct Loop Loop;
typedef struct Slot Slot;
typedef struct Conn Conn;               /* one client connection */
typedef enum ConnPhase { CONN_HEAD, CONN_BODY, CONN_HANDLED, CONN_REPLY, CONN_LINGER } ConnPhase;
struct Conn {
    Loop *loop;
    int fd;
    bool is_local;                      /* 127.0.0.1 or ::1: a proxy in front of us */
    bool can_read;                      /* the socket may hold more than was read (epoll tells edges) */
    bool is_half;                       /* the client will send no more */
    bool has_turn;                      /* waits in loop->turns */
    ConnPhase phase;
    char *in; int64_t in_room, in_from, in_to;      /* what was read and not yet taken */
    int64_t line_from;                  /* of a head: where its first line that is not yet whole begins in `in` */
    Slot *slot;                         /* none in CONN_HEAD and CONN_LINGER */
    int64_t silent_ms, deadline_ms;     /* ends when nothing moved until the one, or all is not done by the other */
    char ip[IP_TEXT_MAX];
    Conn *next, *before, *next_turn;
};

typedef enum ChunkPhase { CHUNK_SIZE, CHUNK_EXTENSION, CHUNK_DATA, CHUNK_DATA_END, CHUNK_TRAILER } ChunkPhase;
struct Slot {
    Call call;                          /* first: a Call is the Slot it lies in */
    Arena arena;
    Conn *conn;
    int64_t hosts, lengths, encodings, body_len, forwarded;     /* body_len -1: not said */
    bool is_chunked, is_http_10, is_keep_alive, wants_continue, is_counted;
    const HttpRefusal *refusal;         /* answered instead of calling the handler */
    char *body; int64_t body_room, received, body_max, body_began_ms;
    ChunkPhase chunk; int64_t chunk_left, chunk_digits;         /* bytes of data to come, digits that said so */
    int64_t chunk_line, chunk_text;     /* bytes of this line, of all lines */
    char chunk_last;                    /* the byte before, inside a line */
    int spool_fd;
    int64_t spooled;
    Str head, rest;                     /* of the reply, not yet sent */
    int file_fd; int64_t file_left;
    bool is_last;                       /* the connection ends with this reply */
    Slot *next;                         /* free, or finished */
};

struct Loop {
    HttpServer *server;
    int epoll_fd, wake_fd;
    pthread_t thread;
    _Atomic(Slot *) finished;           /* by other threads, newest first */
    _Atomic int64_t conn_count;
    Slot *slots; int64_t slots_kept;
    Conn *turns;                        /* had TURNS_MAX steps and could go on */
    int64_t now_ms, date_s;
    char date[DATE_LEN + 1];            /* of date_s, as replies tell it */
};

typedef enum ServerState { SERVER_OPEN, SERVER_STOPPING, SERVER_CLOSED } ServerState;
struct HttpServer {
    HttpConfig config;
    int listen_fd;
    int64_t port, idle_ms, loop_count;
    Loop *loops;
    pthread_mutex_t lock;               /* the list of connections */
    Conn *conns; int64_t conn_count;
    _Atomic int64_t active;             /* requests whose headers are in and whose reply is not yet out */
    _Atomic ServerState state;
    _Atomic bool is_ending;
    _Atomic int64_t spool_total;
};

int64_t net_clock_ms(void);             /* monotonic, coarse */

/* http_request.c: where the head ends, and what it says. Pure, but for the Slot they fill. */
/* Length of the head that begins at `at`, its empty line included; 0: not whole yet; -1: a line ends in something
 * else than CR LF. `*line_from` is where the search goes on. */
int64_t request_head_len(const char *at, int64_t len, int64_t *line_from);
/* head lies in the arena of the Slot and is written to; fills call.in or s->refusal. */
void request_read(Slot *s, Str head);
/* Takes what it can of a chunked body: 1 it is whole, 0 more is to come, -1 it is no chunked body or too large. */
int request_chunks(Slot *s, const char *at, int64_t len, int64_t *ret_taken);

/* http_body.c */
void body_begin(Slot *s);
bool body_add(Slot *s, const char *data, size_t len);      /* false: hang up */
void body_end(Slot *s);
void body_forget(Slot *s);                                 /* closes and removes the spool file */

/* http_reply.c */
void reply_begin(Slot *s);              /* runs call_complete(); s->head, s->rest, s->file_fd say what is to be sent */

/* http_conn.c: goes on with a connection as far as it can without waiting; may end it. */
void conn_run(Conn *conn);
void conn_end(Conn *conn);
void conn_start(Conn *conn);            /* its times begin */
void conn_answer(Slot *s);              /* finished by another thread */
void slot_free(Slot *s);

/* http_client.c: true for every address that is not reachable as the public Internet. */
struct sockaddr;
bool http_address_is_private(const struct sockaddr *address);
