/* The server: libmicrohttpd's life cycle, slots, connections, the sweeper, the stop. */
#include <assert.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "net/http_private.h"

int64_t net_clock_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- slots ---- */

static void call_suspend_(Call *call) {
    Slot *s = (Slot *)call;
    call->is_suspended = true;
    MHD_suspend_connection(s->connection);
}

static void call_finish_(Call *call) {
    Slot *s = (Slot *)call;
    assert(!call->is_finished);
    call->is_finished = true;
    if (call->is_suspended) MHD_resume_connection(s->connection);
}

static Slot *slot_take(HttpServer *server) {
    pthread_mutex_lock(&server->lock);
    Slot *s = server->slots;
    if (s != NULL) {
        server->slots = s->next;
        server->slots_kept--;
    }
    pthread_mutex_unlock(&server->lock);
    if (s != NULL) return s;
    s = calloc(1, sizeof *s);
    if (s == NULL) return NULL;
    arena_init(&s->arena, ARENA_BUDGET);
    s->server = server;
    s->spool_fd = -1;
    s->call = (Call){ .arena = &s->arena, .suspend = call_suspend_, .finish = call_finish_, .server = server };
    return s;
}

/* Only what the next request could trip over is wiped: the header arrays (3 KiB) are guarded by their counts. */
static void slot_wipe(Slot *s) {
    Call *call = &s->call;
    call->in.method = call->in.path = call->in.query = call->in.body = call->in.body_file = call->in.client_ip =
        (Str){ NULL, 0 };
    call->in.header_count = 0;
    call->out.status = 0;
    call->out.header_count = 0;
    call->out.content_type = call->out.body = call->out.file = (Str){ NULL, 0 };
    call->out.is_file_temporary = call->is_suspended = call->is_finished = false;
    call->in.target = (Str){ NULL, 0 };
    call->user = NULL;
    call->complete = NULL;
    s->connection = NULL;
    s->conn = NULL;
    s->uri = s->expect = NULL;
    s->body = NULL;
    s->uri_len = s->hosts = s->lengths = s->encodings = s->head_len = s->body_len = s->body_room = s->received = 0;
    s->is_chunked = s->is_uri_bad = s->is_counted = false;
    s->refusal = NULL;
    s->phase = SLOT_HEAD;
    arena_reset(&s->arena);
}

static void slot_give(Slot *s) {
    HttpServer *server = s->server;
    body_forget(s);
    bool was_counted = s->is_counted;
    slot_wipe(s);
    pthread_mutex_lock(&server->lock);
    if (was_counted && --server->active == 0 && server->state != SERVER_OPEN) pthread_cond_broadcast(&server->moved);
    bool is_kept = server->slots_kept < SLOTS_KEPT_MAX;
    if (is_kept) {
        s->next = server->slots;
        server->slots = s;
        server->slots_kept++;
    }
    pthread_mutex_unlock(&server->lock);
    if (is_kept) return;
    arena_free(&s->arena);
    free(s);
}

/* ---- connections ---- */

static void ip_text(const struct sockaddr *address, char ret_text[IP_TEXT_MAX]) {
    ret_text[0] = '\0';
    if (address->sa_family == AF_INET) {
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, ret_text, IP_TEXT_MAX);
    } else if (address->sa_family == AF_INET6) {
        const struct in6_addr *ip = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(ip))
            inet_ntop(AF_INET, &ip->s6_addr[12], ret_text, IP_TEXT_MAX);
        else
            inet_ntop(AF_INET6, ip, ret_text, IP_TEXT_MAX);
    }
}

static bool is_own_machine(const char *ip) { return strcmp(ip, "127.0.0.1") == 0 || strcmp(ip, "::1") == 0; }

static enum MHD_Result accept_or_not(void *cls, const struct sockaddr *address, [[maybe_unused]] socklen_t len) {
    HttpServer *server = cls;
    char ip[IP_TEXT_MAX];
    ip_text(address, ip);
    if (is_own_machine(ip)) return MHD_YES;
    int64_t same = 0;
    pthread_mutex_lock(&server->lock);
    for (const Conn *conn = server->conns; conn != NULL; conn = conn->next) same += strcmp(conn->ip, ip) == 0;
    pthread_mutex_unlock(&server->lock);
    return same < server->config.per_ip_max ? MHD_YES : MHD_NO;
}

static void conn_open(HttpServer *server, struct MHD_Connection *connection, void **context) {
    const union MHD_ConnectionInfo *fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    const union MHD_ConnectionInfo *address = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    Conn *conn = calloc(1, sizeof *conn);
    if (conn == NULL || fd == NULL || address == NULL) {
        free(conn);
        return; /* without a Conn its requests are hung up on */
    }
    conn->server = server;
    conn->fd = fd->connect_fd;
    ip_text(address->client_addr, conn->ip);
    conn->is_local = is_own_machine(conn->ip);
    atomic_store(&conn->deadline_ms, net_clock_ms() + 2 * server->idle_ms);
    pthread_mutex_lock(&server->lock);
    conn->next = server->conns;
    if (conn->next != NULL) conn->next->before = conn;
    server->conns = conn;
    pthread_mutex_unlock(&server->lock);
    *context = conn;
}

static void conn_close(HttpServer *server, void **context) {
    Conn *conn = *context;
    if (conn == NULL) return;
    pthread_mutex_lock(
        &server->lock); /* libmicrohttpd closes the socket after this: the sweeper never sees a foreign one */
    if (conn->next != NULL) conn->next->before = conn->before;
    if (conn->before != NULL)
        conn->before->next = conn->next;
    else
        server->conns = conn->next;
    pthread_mutex_unlock(&server->lock);
    free(conn);
    *context = NULL;
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code) {
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        conn_open(cls, connection, context);
    else
        conn_close(cls, context);
}

/* Idle connections are closed by libmicrohttpd. This ends the ones that trickle: a byte now and then keeps them from
 * being idle. */
static void *sweep(void *arg) {
    HttpServer *server = arg;
    pthread_mutex_lock(&server->lock);
    while (server->state != SERVER_CLOSED) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        int64_t pause_ms = server->idle_ms < 4000 ? server->idle_ms / 4 : 1000;
        until.tv_nsec += pause_ms * 1000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&server->moved, &server->lock, &until);
        int64_t now = net_clock_ms();
        for (Conn *conn = server->conns; conn != NULL; conn = conn->next)
            if (atomic_load_explicit(&conn->deadline_ms, memory_order_relaxed) < now) shutdown(conn->fd, SHUT_RDWR);
    }
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

/* ---- the way of a request ---- */

static void *on_uri(void *cls, const char *uri, struct MHD_Connection *connection) {
    HttpServer *server = cls;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    if (info == NULL || info->socket_context == NULL) return NULL;
    Slot *s = slot_take(server);
    if (s == NULL) return NULL;
    s->connection = connection;
    s->conn = info->socket_context;
    request_uri(s, uri);
    return s;
}

/* The query is cut up and decoded by the library whether we want it or not; at least nothing is done twice. */
static size_t leave_escaped([[maybe_unused]] void *cls, [[maybe_unused]] struct MHD_Connection *connection,
                            char *text) {
    return strlen(text);
}

static bool count_in(Slot *s) {
    HttpServer *server = s->server;
    pthread_mutex_lock(&server->lock);
    bool is_open = server->state != SERVER_CLOSED;
    if (is_open) server->active++;
    s->is_counted = is_open;
    pthread_mutex_unlock(&server->lock);
    return is_open;
}

static enum MHD_Result begin(Slot *s, const char *method, const char *path, const char *version) {
    s->phase = SLOT_BODY;
    request_read(s, method, path, version);
    if (s->refusal == NULL && !count_in(s)) s->refusal = &http_stopping;
    if (s->refusal == NULL && (s->body_len > 0 || s->is_chunked)) {
        s->body_began_ms = net_clock_ms();
        body_begin(s);
        bool may_drain = s->refusal == &http_body_too_large && s->body_len <= s->body_max + DRAIN_MAX;
        if (s->refusal == NULL || may_drain) return MHD_YES;
    }
    /* Answering before the body is read makes the library close the connection, which is what a refusal wants. */
    return s->refusal == NULL ? MHD_YES : reply_send(s);
}

static enum MHD_Result handle(Slot *s) {
    HttpServer *server = s->server;
    s->phase = SLOT_HANDLED;
    atomic_store_explicit(&s->conn->deadline_ms, INT64_MAX, memory_order_relaxed);
    server->config.handle(&s->call, server->config.user);
    if (s->call.is_suspended) return MHD_YES;
    assert(s->call.is_finished);
    return reply_send(s);
}

static enum MHD_Result on_request([[maybe_unused]] void *cls, [[maybe_unused]] struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version, const char *data,
                                  size_t *data_size, void **context) {
    Slot *s = *context;
    if (s == NULL) return MHD_NO;
    switch (s->phase) {
    case SLOT_HEAD:
        return begin(s, method, path, version);
    case SLOT_BODY:
        if (*data_size > 0) {
            bool is_going_on = body_add(s, data, *data_size);
            *data_size = 0;
            return is_going_on ? MHD_YES : MHD_NO;
        }
        body_end(s);
        return s->refusal != NULL ? reply_send(s) : handle(s);
    case SLOT_HANDLED:
        return s->call.is_finished ? reply_send(s) : MHD_YES;
    case SLOT_REPLIED:
        return MHD_YES;
    }
    return MHD_NO;
}

static void on_completed([[maybe_unused]] void *cls, [[maybe_unused]] struct MHD_Connection *connection, void **context,
                         [[maybe_unused]] enum MHD_RequestTerminationCode code) {
    Slot *s = *context;
    if (s == NULL) return;
    atomic_store_explicit(&s->conn->deadline_ms, net_clock_ms() + 2 * s->server->idle_ms, memory_order_relaxed);
    slot_give(s);
    *context = NULL;
}

/* ---- start and stop ---- */

static bool split_address(Str listen, char host[128], char port[8]) {
    int64_t colon = listen.len;
    while (colon > 0 && listen.at[colon - 1] != ':') colon--;
    if (colon == 0) return false;
    Str name = str_slice(listen, 0, colon - 1), number = str_slice(listen, colon, listen.len);
    if (name.len >= 2 && name.at[0] == '[' && name.at[name.len - 1] == ']') name = str_slice(name, 1, name.len - 1);
    int64_t value;
    if (name.len >= 128 || number.len >= 8 || !str_to_int(number, &value) || value < 0 || value > 65535) return false;
    snprintf(host, 128, "%.*s", (int)name.len, name.at);
    snprintf(port, 8, "%.*s", (int)number.len, number.at);
    return true;
}

static int listen_on(Arena *a, Str listen_at, int64_t *ret_port, Str *ret_why) {
    char host[128], port[8];
    struct addrinfo *found = NULL,
                    want = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
    if (!split_address(listen_at, host, port) || getaddrinfo(host[0] == '\0' ? NULL : host, port, &want, &found) != 0) {
        *ret_why =
            arena_print(a, "不是可监听的地址 / not an address to listen on: %.*s", (int)listen_at.len, listen_at.at);
        return -1;
    }
    int on = 1, fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    bool is_bound = fd >= 0 && bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, 1024) == 0;
    freeaddrinfo(found);
    struct sockaddr_storage own = { 0 };
    socklen_t own_len = sizeof own;
    if (!is_bound || getsockname(fd, (struct sockaddr *)&own, &own_len) != 0) {
        *ret_why =
            arena_print(a, "不能监听 / cannot listen on %.*s: %s", (int)listen_at.len, listen_at.at, strerror(errno));
        if (fd >= 0) close(fd);
        return -1;
    }
    *ret_port = ntohs(own.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&own)->sin6_port
                                                : ((struct sockaddr_in *)&own)->sin_port);
    return fd;
}

static struct MHD_Daemon *start_daemon(HttpServer *server) {
    const HttpConfig *config = &server->config;
    int64_t threads = config->threads > 0 ? config->threads : sysconf(_SC_NPROCESSORS_ONLN);
    int64_t idle_s = config->idle_s;
    struct MHD_OptionItem more[] = {
        { MHD_OPTION_THREAD_POOL_SIZE, threads, NULL },
        { MHD_OPTION_END, 0, NULL },
    };
    if (threads < 2) more[0] = more[1]; /* a pool of one is refused: one thread is the plain form */
    return MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, accept_or_not, server, on_request, server,
        MHD_OPTION_LISTEN_SOCKET, server->listen_fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)config->connections_max,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_POOL, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)idle_s,
        MHD_OPTION_URI_LOG_CALLBACK, on_uri, server, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, server,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, server, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
        MHD_OPTION_ARRAY, more, MHD_OPTION_END);
}

HttpServer *http_server_start(Arena *a, const HttpConfig *config, Str *ret_why) {
    HttpServer *server = NEW(a, HttpServer);
    server->config = *config;
    if (config->connections_max == 0) server->config.connections_max = 4096;
    if (config->per_ip_max == 0) server->config.per_ip_max = HTTP_PER_IP_MAX;
    if (config->idle_s == 0) server->config.idle_s = HTTP_IDLE_S;
    server->idle_ms = server->config.idle_s * 1000;
    server->listen_fd = listen_on(a, config->listen, &server->port, ret_why);
    if (server->listen_fd < 0) return NULL;
    pthread_mutex_init(&server->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&server->moved, &monotonic);
    pthread_condattr_destroy(&monotonic);
    server->daemon = start_daemon(server);
    if (server->daemon == NULL || pthread_create(&server->sweeper, NULL, sweep, server) != 0) {
        if (server->daemon != NULL) MHD_stop_daemon(server->daemon);
        close(server->listen_fd);
        *ret_why = S("HTTP 服务启动失败 / the HTTP server did not start");
        return NULL;
    }
    return server;
}

int64_t http_server_port(const HttpServer *s) { return s->port; }

/* True when every accepted request has been answered in time. */
static bool wait_for_calls(HttpServer *server) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += HTTP_STOP_MS / 1000;
    int late = 0;
    pthread_mutex_lock(&server->lock);
    server->state = SERVER_STOPPING;
    while (server->active > 0 && late == 0) late = pthread_cond_timedwait(&server->moved, &server->lock, &until);
    bool is_quiet = server->active == 0;
    server->state = SERVER_CLOSED;
    pthread_cond_broadcast(&server->moved);
    pthread_mutex_unlock(&server->lock);
    return is_quiet;
}

void http_server_stop(HttpServer *server) {
    MHD_quiesce_daemon(server->daemon);
    shutdown(server->listen_fd, SHUT_RDWR);
    bool is_quiet = wait_for_calls(server);
    pthread_join(server->sweeper, NULL);
    /* With a suspended call left the library would abort; the process ends anyway, so its threads are left to that. */
    if (!is_quiet) return;
    MHD_stop_daemon(server->daemon);
    close(server->listen_fd);
    while (server->slots != NULL) {
        Slot *s = server->slots;
        server->slots = s->next;
        arena_free(&s->arena);
        free(s);
    }
    pthread_cond_destroy(&server->moved);
    pthread_mutex_destroy(&server->lock);
}
