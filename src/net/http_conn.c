/* A connection and its requests, one after the other: read a head, read a body, let it be handled, send the reply. Each
 * step goes as far as it can without waiting; conn_run() takes steps until one has to wait. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include "net/http_private.h"

typedef enum Step { STEP_ON, STEP_WAIT, STEP_END } Step;

/* ---- slots ---- */

static void call_suspend_(Call *call) { call->is_suspended = true; }

/* By any thread. A handler that did not suspend is still running on the loop's own, which looks by itself. */
static void call_finish_(Call *call) {
    Slot *s = (Slot *)call;
    assert(!call->is_finished);
    call->is_finished = true;
    if (!call->is_suspended) return;
    Loop *loop = s->conn->loop; /* of the server, so it outlives the Slot */
    Slot *newest = atomic_load(&loop->finished);
    do s->next = newest;
    while (!atomic_compare_exchange_weak(&loop->finished, &newest, s));
    if (newest == NULL) eventfd_write(loop->wake_fd, 1);
}

static Slot *slot_take(Conn *conn) {
    Loop *loop = conn->loop;
    Slot *s = loop->slots;
    if (s != NULL) {
        loop->slots = s->next;
        loop->slots_kept--;
    } else {
        s = calloc(1, sizeof *s);
        if (s == NULL) return NULL;
        arena_init(&s->arena, ARENA_BUDGET);
        s->spool_fd = s->file_fd = -1;
        s->call = (Call){
            .arena = &s->arena, .suspend = call_suspend_, .finish = call_finish_, .server = loop->server
        };
    }
    s->conn = conn;
    conn->slot = s;
    return s;
}

void slot_free(Slot *s) {
    arena_free(&s->arena);
    free(s);
}

/* Only what the next request could trip over is wiped: the header arrays (3 KiB) are guarded by their counts. */
static void slot_wipe(Slot *s) {
    Call *call = &s->call;
    call->in.method = call->in.path = call->in.query = call->in.target = call->in.body = call->in.body_file =
        call->in.client_ip = (Str){ NULL, 0 };
    call->in.header_count = call->out.header_count = 0;
    call->out.status = 0;
    call->out.content_type = call->out.body = call->out.file = (Str){ NULL, 0 };
    call->out.is_file_temporary = call->is_suspended = call->is_finished = false;
    call->user = NULL;
    call->complete = NULL;
    size_t from = offsetof(Slot, conn); /* net's own part, whole */
    memset((char *)s + from, 0, sizeof *s - from);
    s->spool_fd = s->file_fd = -1;
    arena_reset(&s->arena);
}

static void slot_give(Conn *conn) {
    Slot *s = conn->slot;
    Loop *loop = conn->loop;
    conn->slot = NULL;
    if (s == NULL) return;
    body_forget(s);
    if (s->file_fd >= 0) close(s->file_fd);
    if (s->is_counted) atomic_fetch_sub(&loop->server->active, 1);
    slot_wipe(s);
    if (loop->slots_kept >= SLOTS_KEPT_MAX) {
        slot_free(s);
        return;
    }
    s->next = loop->slots;
    loop->slots = s;
    loop->slots_kept++;
}

/* ---- the end of a connection ---- */

void conn_end(Conn *conn) {
    Loop *loop = conn->loop;
    HttpServer *server = loop->server;
    slot_give(conn);
    for (Conn **at = &loop->turns; conn->has_turn && *at != NULL; at = &(*at)->next_turn) {
        if (*at != conn) continue;
        *at = conn->next_turn;
        break;
    }
    pthread_mutex_lock(&server->lock);
    if (conn->next != NULL) conn->next->before = conn->before;
    if (conn->before != NULL)
        conn->before->next = conn->next;
    else
        server->conns = conn->next;
    server->conn_count--;
    pthread_mutex_unlock(&server->lock);
    atomic_fetch_sub(&loop->conn_count, 1);
    close(conn->fd);
    free(conn->in);
    free(conn);
}

/* A socket that is closed with bytes unread resets the connection, and the answer may be lost with it. So only our
 * side ends, and what still comes is thrown away for a while. */
static Step linger_begin(Conn *conn) {
    slot_give(conn);
    if (shutdown(conn->fd, SHUT_WR) != 0) return STEP_END;
    conn->phase = CONN_LINGER;
    conn->silent_ms = conn->deadline_ms = conn->loop->now_ms + LINGER_MS;
    return STEP_ON;
}

/* ---- reading ---- */

/* So that at least one more byte has room; a buffer that is empty again is let go when it was large. */
static bool make_room(Conn *conn, int64_t most) {
    int64_t have = conn->in_to - conn->in_from;
    if (have == 0 && conn->in_room > IN_FIRST && most <= IN_FIRST) {
        free(conn->in);
        conn->in = NULL;
        conn->in_room = 0;
    }
    if (have > 0 && conn->in_from > 0) memmove(conn->in, conn->in + conn->in_from, (size_t)have);
    conn->line_from -= conn->in_from;
    conn->in_from = 0;
    conn->in_to = have;
    if (have < conn->in_room && conn->in_room >= most) return true;
    int64_t room = conn->in_room == 0 ? IN_FIRST : have < conn->in_room ? conn->in_room : conn->in_room * 2;
    if (room < most) room = most;
    char *in = realloc(conn->in, (size_t)room);
    if (in == NULL) return false;
    conn->in = in;
    conn->in_room = room;
    return true;
}

/* One read. Less than was asked for means that the socket is empty, unless the client has ended its side. */
static Step fill(Conn *conn, int64_t most) {
    if (!conn->can_read) return STEP_WAIT;
    if (conn->in_to == conn->in_room || most > conn->in_room || conn->in_from == conn->in_to)
        if (!make_room(conn, most)) return STEP_END;
    int64_t room = conn->in_room - conn->in_to;
    ssize_t got = recv(conn->fd, conn->in + conn->in_to, (size_t)room, 0);
    if (got < 0 && errno == EINTR) return STEP_ON;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        conn->can_read = false;
        return STEP_WAIT;
    }
    if (got <= 0) return STEP_END;
    conn->in_to += got;
    if (got < room && !conn->is_half) conn->can_read = false;
    conn->silent_ms = conn->loop->now_ms + conn->loop->server->idle_ms;
    return STEP_ON;
}

static Step answer(Conn *conn) {
    reply_begin(conn->slot);
    conn->phase = CONN_REPLY;
    return STEP_ON;
}

static Step refuse(Conn *conn, const HttpRefusal *why) {
    Slot *s = conn->slot != NULL ? conn->slot : slot_take(conn);
    if (s == NULL) return STEP_END;
    if (s->refusal == NULL) s->refusal = why;
    return answer(conn);
}

static Step handle(Conn *conn) {
    Slot *s = conn->slot;
    HttpServer *server = conn->loop->server;
    conn->phase = CONN_HANDLED;
    conn->silent_ms = conn->deadline_ms = INT64_MAX;
    server->config.handle(&s->call, server->config.user);
    if (s->call.is_suspended) return STEP_WAIT;
    assert(s->call.is_finished);
    return answer(conn);
}

static bool count_in(Slot *s) {
    HttpServer *server = s->conn->loop->server;
    atomic_fetch_add(&server->active, 1);
    s->is_counted = true;
    return atomic_load(&server->state) != SERVER_CLOSED;
}

/* Nothing is done twice when this cannot be sent at once: the client waits a moment and sends its body all the same. */
static void tell_continue(const Conn *conn) {
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    (void)!send(conn->fd, go_on, sizeof go_on - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static Step begin(Conn *conn, int64_t head_len) {
    Slot *s = slot_take(conn);
    if (s == NULL) return STEP_END;
    Str head = arena_str(&s->arena, (Str){ conn->in + conn->in_from, head_len });
    conn->in_from += head_len;
    request_read(s, head);
    if (s->refusal == NULL && !count_in(s)) s->refusal = &http_stopping;
    if (s->refusal != NULL) return answer(conn);
    if (s->body_len <= 0 && !s->is_chunked) return handle(conn);
    s->body_began_ms = conn->loop->now_ms;
    conn->deadline_ms = s->body_began_ms + 2 * conn->loop->server->idle_ms;
    body_begin(s);
    bool may_drain = s->refusal == &http_body_too_large && s->body_len <= s->body_max + DRAIN_MAX;
    if (s->refusal != NULL && !may_drain) return answer(conn);
    conn->phase = CONN_BODY;
    if (s->wants_continue && s->refusal == NULL && conn->in_from == conn->in_to) tell_continue(conn);
    return STEP_ON;
}

static Step step_head(Conn *conn) {
    int64_t have = conn->in_to - conn->in_from, line_from = conn->line_from - conn->in_from;
    if (have == 0) return fill(conn, 0);
    int64_t len = request_head_len(conn->in + conn->in_from, have, &line_from);
    conn->line_from = conn->in_from + line_from;
    if (len == 0 && have <= HTTP_HEADER_MAX) return fill(conn, 0);
    if (len == 0) return refuse(conn, &http_headers_too_large);
    if (len < 0) return refuse(conn, &http_malformed);
    if (len > 2) return begin(conn, len);
    conn->in_from += len; /* an empty line between two requests, which some clients send */
    return STEP_ON;
}

static Step step_body(Conn *conn) {
    Slot *s = conn->slot;
    int64_t have = conn->in_to - conn->in_from;
    const char *at = conn->in + conn->in_from;
    bool is_whole = false;
    if (have == 0) return fill(conn, IN_BODY);
    if (s->is_chunked) {
        int64_t taken = 0;
        int state = request_chunks(s, at, have, &taken);
        if (state < 0 && s->refusal == NULL) return refuse(conn, &http_malformed);
        if (state < 0) return STEP_END;
        conn->in_from += taken;
        is_whole = state > 0;
    } else {
        int64_t part = have < s->body_len - s->received ? have : s->body_len - s->received;
        if (!body_add(s, at, (size_t)part)) return STEP_END;
        conn->in_from += part;
        is_whole = s->received == s->body_len;
    }
    if (!is_whole) return STEP_ON;
    conn->line_from = conn->in_from;
    body_end(s);
    return s->refusal != NULL ? answer(conn) : handle(conn);
}

/* ---- sending ---- */

static void cut(Str *text, size_t *sent) {
    size_t part = *sent < (size_t)text->len ? *sent : (size_t)text->len;
    *text = (Str){ text->at + part, text->len - (int64_t)part };
    *sent -= part;
}

static Step next_request(Conn *conn) {
    if (conn->slot->is_last) return linger_begin(conn);
    slot_give(conn);
    conn->phase = CONN_HEAD;
    conn->line_from = conn->in_from;
    conn->silent_ms = conn->loop->now_ms + conn->loop->server->idle_ms;
    conn->deadline_ms = conn->silent_ms + conn->loop->server->idle_ms;
    return STEP_ON;
}

static Step step_reply(Conn *conn) {
    Slot *s = conn->slot;
    size_t sent;
    if (s->head.len + s->rest.len > 0) {
        struct iovec part[2] = { { (void *)(uintptr_t)s->head.at, (size_t)s->head.len },
                                 { (void *)(uintptr_t)s->rest.at, (size_t)s->rest.len } };
        struct msghdr message = { .msg_iov = part, .msg_iovlen = s->rest.len > 0 ? 2 : 1 };
        ssize_t done = sendmsg(conn->fd, &message, MSG_NOSIGNAL | (s->file_left > 0 ? MSG_MORE : 0));
        if (done < 0) return errno == EINTR ? STEP_ON : errno == EAGAIN ? STEP_WAIT : STEP_END;
        sent = (size_t)done;
        cut(&s->head, &sent);
        cut(&s->rest, &sent);
    } else if (s->file_left > 0) {
        ssize_t done = sendfile(conn->fd, s->file_fd, NULL, s->file_left < 1 << 20 ? (size_t)s->file_left : 1 << 20);
        if (done < 0) return errno == EINTR ? STEP_ON : errno == EAGAIN ? STEP_WAIT : STEP_END;
        if (done == 0) return STEP_END; /* the file became shorter than we said */
        s->file_left -= done;
    }
    conn->silent_ms = conn->loop->now_ms + conn->loop->server->idle_ms;
    return s->head.len + s->rest.len + s->file_left > 0 ? STEP_ON : next_request(conn);
}

static Step step_linger(Conn *conn) {
    conn->in_from = conn->in_to = conn->line_from = 0;
    int64_t silent_ms = conn->silent_ms;
    Step step = fill(conn, 0);
    conn->silent_ms = silent_ms;
    return step;
}

/* ---- going on ---- */

static Step step_of(Conn *conn) {
    switch (conn->phase) {
    case CONN_HEAD:
        return step_head(conn);
    case CONN_BODY:
        return step_body(conn);
    case CONN_HANDLED:
        return STEP_WAIT;
    case CONN_REPLY:
        return step_reply(conn);
    case CONN_LINGER:
        break;
    }
    return step_linger(conn);
}

void conn_run(Conn *conn) {
    for (int turn = 0; turn < TURNS_MAX; turn++) {
        Step step = step_of(conn);
        if (step == STEP_WAIT) return;
        if (step == STEP_ON) continue;
        conn_end(conn);
        return;
    }
    if (conn->has_turn) return;
    conn->has_turn = true;
    conn->next_turn = conn->loop->turns;
    conn->loop->turns = conn;
}

/* What a handler on another thread has finished. */
void conn_answer(Slot *s) {
    Conn *conn = s->conn;
    assert(conn->phase == CONN_HANDLED);
    answer(conn);
    conn_run(conn);
}

void conn_start(Conn *conn) {
    const HttpServer *server = conn->loop->server;
    conn->silent_ms = net_clock_ms() + server->idle_ms;
    conn->deadline_ms = conn->silent_ms + server->idle_ms;
}
