/* The server: its threads, the sharing out of connections, the sweeping of idle ones, start and stop. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "net/http_private.h"

int64_t net_clock_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- new connections ---- */

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

/* Into the list of all, when neither the whole nor this address has too many. */
static bool conn_admit(HttpServer *server, Conn *conn) {
    int64_t same = 0;
    pthread_mutex_lock(&server->lock);
    for (const Conn *other = server->conns; !conn->is_local && other != NULL; other = other->next)
        same += strcmp(conn->ip, other->ip) == 0;
    bool is_in = same < server->config.per_ip_max && server->conn_count < server->config.connections_max;
    if (is_in) {
        conn->next = server->conns;
        if (conn->next != NULL) conn->next->before = conn;
        server->conns = conn;
        server->conn_count++;
    }
    pthread_mutex_unlock(&server->lock);
    return is_in;
}

static Loop *loop_of_fewest(HttpServer *server) {
    Loop *least = &server->loops[0];
    for (int64_t i = 1; i < server->loop_count; i++)
        if (atomic_load(&server->loops[i].conn_count) < atomic_load(&least->conn_count)) least = &server->loops[i];
    return least;
}

/* The thread that took the connection from the system gives it to the one that has fewest. */
static void conn_open(HttpServer *server, int fd, const struct sockaddr *address) {
    int on = 1;
    Conn *conn = calloc(1, sizeof *conn);
    if (conn == NULL) {
        close(fd);
        return;
    }
    conn->fd = fd;
    conn->loop = loop_of_fewest(server);
    ip_text(address, conn->ip);
    conn->is_local = is_own_machine(conn->ip);
    conn_start(conn);
    if (!conn_admit(server, conn)) {
        close(fd);
        free(conn);
        return;
    }
    atomic_fetch_add(&conn->loop->conn_count, 1);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event want = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = conn };
    if (epoll_ctl(conn->loop->epoll_fd, EPOLL_CTL_ADD, fd, &want) != 0) conn_end(conn); /* nobody else knows it yet */
}

static void accept_some(HttpServer *server) {
    for (int i = 0; i < ACCEPTS_MAX && atomic_load(&server->state) == SERVER_OPEN; i++) {
        struct sockaddr_storage address = { 0 };
        socklen_t len = sizeof address;
        int fd = accept4(server->listen_fd, (struct sockaddr *)&address, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            conn_open(server, fd, (const struct sockaddr *)&address);
            continue;
        }
        if (errno == EINTR || errno == ECONNABORTED) continue;
        if (errno == EMFILE || errno == ENFILE) usleep(10000); /* else this would spin until a descriptor comes free */
        return;
    }
}

/* ---- a thread ---- */

static void run_turns(Loop *loop) {
    Conn *conn = loop->turns;
    loop->turns = NULL;
    while (conn != NULL) {
        Conn *next = conn->next_turn;
        conn->has_turn = false;
        conn_run(conn);
        conn = next;
    }
}

/* Oldest first. */
static void run_finished(Loop *loop) {
    Slot *newest = atomic_exchange(&loop->finished, NULL), *oldest = NULL;
    while (newest != NULL) {
        Slot *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    while (oldest != NULL) {
        Slot *next = oldest->next;
        conn_answer(oldest);
        oldest = next;
    }
}

/* Ends connections of this thread whose time is over; how many. */
static int64_t sweep(Loop *loop, int64_t now_ms) {
    Conn *expired[EXPIRED_MAX];
    int64_t count = 0;
    pthread_mutex_lock(&loop->server->lock);
    for (Conn *conn = loop->server->conns; conn != NULL && count < EXPIRED_MAX; conn = conn->next)
        if (conn->loop == loop && (conn->silent_ms < now_ms || conn->deadline_ms < now_ms)) expired[count++] = conn;
    pthread_mutex_unlock(&loop->server->lock);
    for (int64_t i = 0; i < count; i++) conn_end(expired[i]);
    return count;
}

static void on_event(Loop *loop, const struct epoll_event *event) {
    eventfd_t unused;
    if (event->data.ptr == loop) {
        eventfd_read(loop->wake_fd, &unused);
    } else if (event->data.ptr == loop->server) {
        accept_some(loop->server);
    } else {
        Conn *conn = event->data.ptr;
        if ((event->events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) conn->can_read = true;
        if ((event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) conn->is_half = true;
        conn_run(conn);
    }
}

static void *loop_run(void *arg) {
    Loop *loop = arg;
    HttpServer *server = loop->server;
    int64_t pause_ms = server->idle_ms < 4000 ? server->idle_ms / 4 : 1000, swept_ms = net_clock_ms();
    pthread_setname_np(pthread_self(), "laoke-http");
    while (!atomic_load(&server->is_ending)) {
        struct epoll_event events[EVENTS_MAX];
        int count = epoll_wait(loop->epoll_fd, events, EVENTS_MAX, loop->turns != NULL ? 0 : (int)pause_ms);
        loop->now_ms = net_clock_ms();
        run_turns(loop);
        for (int i = 0; i < count; i++) on_event(loop, &events[i]);
        run_finished(loop);
        if (loop->now_ms - swept_ms < pause_ms) continue;
        swept_ms = loop->now_ms;
        sweep(loop, swept_ms);
    }
    while (sweep(loop, INT64_MAX) > 0) {}
    return NULL;
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

static bool loop_start(HttpServer *server, Loop *loop) {
    loop->server = server;
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event wake = { .events = EPOLLIN, .data.ptr = loop },
                       door = { .events = EPOLLIN | EPOLLEXCLUSIVE, .data.ptr = server };
    return loop->epoll_fd >= 0 && loop->wake_fd >= 0 &&
           epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->wake_fd, &wake) == 0 &&
           epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, server->listen_fd, &door) == 0 &&
           pthread_create(&loop->thread, NULL, loop_run, loop) == 0;
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
    int64_t wanted = config->threads > 0 ? config->threads : sysconf(_SC_NPROCESSORS_ONLN);
    server->loops = NEW_LIST(a, Loop, wanted);
    bool is_good = true;
    while (is_good && server->loop_count < wanted) {
        is_good = loop_start(server, &server->loops[server->loop_count]);
        if (is_good) server->loop_count++;
    }
    if (is_good) return server;
    *ret_why = S("HTTP 服务启动失败 / the HTTP server did not start");
    http_server_stop(server);
    return NULL;
}

int64_t http_server_port(const HttpServer *s) { return s->port; }

/* True when every accepted request has been answered in time. */
static bool wait_for_calls(HttpServer *server) {
    int64_t until_ms = net_clock_ms() + HTTP_STOP_MS;
    atomic_store(&server->state, SERVER_STOPPING);
    while (atomic_load(&server->active) > 0 && net_clock_ms() < until_ms) usleep(2000);
    atomic_store(&server->state, SERVER_CLOSED);
    return atomic_load(&server->active) == 0;
}

void http_server_stop(HttpServer *server) {
    for (int64_t i = 0; i < server->loop_count; i++)
        epoll_ctl(server->loops[i].epoll_fd, EPOLL_CTL_DEL, server->listen_fd, NULL);
    shutdown(server->listen_fd, SHUT_RDWR); /* closed when nobody can be accepting any more */
    /* A suspended call may still be finished by its thread; the process ends anyway, so all is left to that. */
    if (!wait_for_calls(server)) return;
    atomic_store(&server->is_ending, true);
    for (int64_t i = 0; i < server->loop_count; i++) eventfd_write(server->loops[i].wake_fd, 1);
    for (int64_t i = 0; i < server->loop_count; i++) pthread_join(server->loops[i].thread, NULL);
    for (int64_t i = 0; i < server->loop_count; i++) {
        Loop *loop = &server->loops[i];
        for (Slot *s = loop->slots, *next; s != NULL; s = next) {
            next = s->next;
            slot_free(s);
        }
        close(loop->epoll_fd);
        close(loop->wake_fd);
    }
    close(server->listen_fd);
    pthread_mutex_destroy(&server->lock);
}
