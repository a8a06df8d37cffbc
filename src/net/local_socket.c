/* The Unix socket beside a database. One connection is one command: the client hands over its output and error
 * output as descriptors (SCM_RIGHTS), so what the command prints goes straight to the caller's terminal, file or
 * pipe; the socket itself carries only the words of the command and, at the end, the exit status.
 *
 *   client → server   u32 length of all that follows, with the two descriptors; then texts, each u32 length + bytes:
 *   cwd, argv… server → client   i32 exit status */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "net/http.h"

enum { MESSAGE_MAX = 256 << 10, COMMANDS_MAX = 8, ARGUMENTS_MAX = 256 };

struct LocalServer {
    int listen_fd, wake[2];
    Str path;
    int (*run)(LocalCall *call, void *user);
    void *user;
    pthread_t acceptor;
    pthread_mutex_t lock;
    pthread_cond_t idle;
    int64_t running;
};
typedef struct LocalJob {
    LocalServer *server;
    int fd;
} LocalJob;

static bool put_all(int fd, const void *at, size_t len) {
    for (const char *from = at; len > 0;) {
        ssize_t done = send(fd, from, len, MSG_NOSIGNAL);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        from += done;
        len -= (size_t)done;
    }
    return true;
}

static bool get_all(int fd, void *at, size_t len) {
    for (char *to = at; len > 0;) {
        ssize_t done = recv(fd, to, len, 0);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        to += done;
        len -= (size_t)done;
    }
    return true;
}

static bool fill_address(Str path, struct sockaddr_un *ret_address) {
    *ret_address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    if (path.len == 0 || path.len >= (int64_t)sizeof ret_address->sun_path) return false;
    memcpy(ret_address->sun_path, path.at, (size_t)path.len);
    return true;
}

/* ---- server ---- */

static bool is_own_user(int fd) {
    struct ucred who;
    socklen_t len = sizeof who;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 && (who.uid == geteuid() || who.uid == 0);
}

static bool get_descriptors(int fd, uint32_t *ret_len, int ret_fds[2]) {
    union {
        char room[CMSG_SPACE(2 * sizeof(int))];
        struct cmsghdr align;
    } control = { 0 };
    struct iovec part = { ret_len, sizeof *ret_len };
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room
    };
    ssize_t got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_WAITALL);
    struct cmsghdr *header = got < 0 ? NULL : CMSG_FIRSTHDR(&message);
    if (header == NULL || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) return false;
    int64_t count = (int64_t)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    memcpy(ret_fds, CMSG_DATA(header), (size_t)(count > 2 ? 2 : count) * sizeof(int));
    if (count != 2) return false;
    return got == (ssize_t)sizeof *ret_len;
}

static bool cut_text(Str *rest, Str *ret_text) {
    uint32_t len;
    if (rest->len < (int64_t)sizeof len) return false;
    memcpy(&len, rest->at, sizeof len);
    *rest = str_slice(*rest, sizeof len, rest->len);
    if (len > rest->len) return false;
    *ret_text = str_slice(*rest, 0, len);
    *rest = str_slice(*rest, len, rest->len);
    return true;
}

static bool read_call(int fd, Arena *a, LocalCall *ret_call) {
    uint32_t len = 0;
    int fds[2] = { -1, -1 };
    bool is_got = get_descriptors(fd, &len, fds);
    ret_call->fd = fds[0];
    ret_call->error_fd = fds[1];
    if (!is_got || len > MESSAGE_MAX) return false;
    char *text = arena_take(a, len, 1);
    if (!get_all(fd, text, len)) return false;
    Str rest = { text, len }, *items = NEW_LIST(a, Str, ARGUMENTS_MAX);
    if (!cut_text(&rest, &ret_call->cwd)) return false;
    int64_t count = 0;
    while (rest.len > 0) {
        if (count == ARGUMENTS_MAX || !cut_text(&rest, &items[count])) return false;
        items[count] = arena_str(a, items[count]);
        count++;
    }
    ret_call->argv = (StrList){ items, count };
    return true;
}

static void *serve_one(void *arg) {
    LocalJob job = *(LocalJob *)arg;
    free(arg);
    Arena arena;
    arena_init(&arena, ARENA_BUDGET);
    LocalCall call = { .fd = -1, .error_fd = -1 };
    if (read_call(job.fd, &arena, &call)) {
        int32_t status = job.server->run(&call, job.server->user);
        put_all(job.fd, &status, sizeof status);
    }
    if (call.fd >= 0) close(call.fd);
    if (call.error_fd >= 0) close(call.error_fd);
    close(job.fd);
    arena_free(&arena);
    pthread_mutex_lock(&job.server->lock);
    if (--job.server->running == 0) pthread_cond_broadcast(&job.server->idle);
    pthread_mutex_unlock(&job.server->lock);
    return NULL;
}

static void start_one(LocalServer *s, int fd) {
    struct timeval patience = { .tv_sec = 5 };
    pthread_t thread;
    LocalJob *job = malloc(sizeof *job);
    pthread_mutex_lock(&s->lock);
    bool is_taken = job != NULL && s->running < COMMANDS_MAX && is_own_user(fd);
    if (is_taken) {
        *job = (LocalJob){ s, fd };
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        is_taken = pthread_create(&thread, NULL, serve_one, job) == 0;
        if (is_taken) {
            pthread_detach(thread);
            s->running++;
        }
    }
    pthread_mutex_unlock(&s->lock);
    if (is_taken) return;
    close(fd);
    free(job);
}

static void *accept_all(void *arg) {
    LocalServer *s = arg;
    for (;;) {
        struct pollfd wait[2] = { { .fd = s->listen_fd, .events = POLLIN }, { .fd = s->wake[0], .events = POLLIN } };
        if (poll(wait, 2, -1) < 0 && errno != EINTR) return NULL;
        if (wait[1].revents != 0) return NULL;
        int fd = accept4(s->listen_fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            start_one(s, fd);
        else if (errno != EAGAIN)
            usleep(10000); /* out of descriptors: no busy loop */
    }
}

static bool listen_at(LocalServer *s) {
    struct sockaddr_un address;
    if (!fill_address(s->path, &address)) {
        errno = ENAMETOOLONG;
        return false;
    }
    s->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s->listen_fd < 0) return false;
    unlink(address.sun_path); /* a leftover: the lock file of the database says that no other server lives */
    /* The mode of the socket's inode at bind(): nobody else gets in between creation and chmod. */
    if (fchmod(s->listen_fd, 0600) != 0 || bind(s->listen_fd, (struct sockaddr *)&address, sizeof address) != 0)
        return false;
    return chmod(address.sun_path, 0600) == 0 && listen(s->listen_fd, 16) == 0;
}

LocalServer *local_server_start(Arena *a, Str path, int (*run)(LocalCall *call, void *user), void *user, Str *ret_why) {
    LocalServer *s = NEW(a, LocalServer);
    *s = (LocalServer){ .listen_fd = -1, .wake = { -1, -1 }, .path = arena_str(a, path), .run = run, .user = user };
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->idle, NULL);
    if (listen_at(s) && pipe2(s->wake, O_CLOEXEC) == 0 && pthread_create(&s->acceptor, NULL, accept_all, s) == 0)
        return s;
    *ret_why = arena_print(a, "不能打开命令通道 / cannot open the command socket %s: %s", s->path.at, strerror(errno));
    if (s->listen_fd >= 0) close(s->listen_fd);
    return NULL;
}

void local_server_stop(LocalServer *s) {
    while (write(s->wake[1], "x", 1) != 1 && errno == EINTR) continue;
    pthread_join(s->acceptor, NULL);
    unlink(s->path.at);
    close(s->listen_fd);
    pthread_mutex_lock(&s->lock);
    while (s->running > 0) pthread_cond_wait(&s->idle, &s->lock);
    pthread_mutex_unlock(&s->lock);
    close(s->wake[0]);
    close(s->wake[1]);
    pthread_cond_destroy(&s->idle);
    pthread_mutex_destroy(&s->lock);
}

/* ---- client ---- */

static bool put_descriptors(int fd, uint32_t len, int out_fd) {
    union {
        char room[CMSG_SPACE(2 * sizeof(int))];
        struct cmsghdr align;
    } control = { 0 };
    struct iovec part = { &len, sizeof len };
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room
    };
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    int fds[2] = { out_fd, STDERR_FILENO };
    header->cmsg_len = CMSG_LEN(sizeof fds);
    memcpy(CMSG_DATA(header), fds, sizeof fds);
    return sendmsg(fd, &message, MSG_NOSIGNAL) == (ssize_t)sizeof len;
}

static void add_text(Buf *b, Str text) {
    uint32_t len = (uint32_t)text.len;
    buf_add(b, (Str){ (const char *)&len, sizeof len });
    buf_add(b, text);
}

bool local_send(Str path, StrList argv, int out_fd, int *ret_status) {
    struct sockaddr_un address;
    if (!fill_address(path, &address)) return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        if (fd >= 0) close(fd);
        return false;
    }
    Arena arena;
    arena_init(&arena, ARENA_BUDGET);
    Buf b = { .arena = &arena };
    char cwd[4096];
    add_text(&b, str_of(getcwd(cwd, sizeof cwd)));
    for (int64_t i = 0; i < argv.count; i++) add_text(&b, argv.items[i]);
    int32_t status = 1;
    bool is_done = put_descriptors(fd, (uint32_t)b.len, out_fd) && put_all(fd, b.at, (size_t)b.len) &&
                   get_all(fd, &status, sizeof status);
    *ret_status = is_done ? status : 3; /* it listened, and then it was gone: the store is unavailable */
    close(fd);
    arena_free(&arena);
    return true;
}
