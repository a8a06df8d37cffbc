#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "net/http.h"
#include "test/test.h"

/* A server of its own for each test: /echo tells what it read, /wait answers from another thread, /file sends a
 * file. */
typedef struct Bench {
    Arena arena;
    HttpServer *server;
    char spool[64];
    _Atomic int handled, waiting;
} Bench;

static void pause_ms(int64_t ms) {
    struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
    nanosleep(&t, NULL);
}

static void echo(Call *call) {
    Buf b = { .arena = call->arena };
    const Request *in = &call->in;
    buf_print(&b, "%.*s %.*s ?%.*s from %.*s\n", (int)in->method.len, in->method.at, (int)in->path.len, in->path.at,
              (int)in->query.len, in->query.at, (int)in->client_ip.len, in->client_ip.at);
    for (int64_t i = 0; i < in->header_count; i++)
        buf_print(&b, "%.*s=%.*s\n", (int)in->headers[i].name.len, in->headers[i].name.at,
                  (int)in->headers[i].value.len, in->headers[i].value.at);
    if (in->body_file.len > 0) {
        struct stat info;
        assert_int_equal(stat(in->body_file.at, &info), 0);
        buf_print(&b, "file of %lld\n", (long long)info.st_size);
    }
    buf_print(&b, "body(%lld)=%.*s\n", (long long)in->body.len, in->body.len > 100 ? 100 : (int)in->body.len,
              in->body.at);
    call->out.status = 200;
    call->out.content_type = S("text/plain");
    call->out.body = buf_str(&b);
}

static void *answer_later(void *arg) {
    Call *call = arg;
    Bench *bench = call->user;
    pause_ms(150);
    echo(call);
    bench->waiting--;
    call_finish(call);
    return NULL;
}

static void handle(Call *call, void *user) {
    Bench *bench = user;
    bench->handled++;
    call->user = bench;
    if (str_is(call->in.path, "/wait")) {
        pthread_t thread;
        bench->waiting++;
        call_suspend(call);
        assert_int_equal(pthread_create(&thread, NULL, answer_later, call), 0);
        pthread_detach(thread);
        return;
    }
    echo(call);
    if (str_is(call->in.path, "/file")) {
        Str path = arena_print(call->arena, "%s/reply", bench->spool);
        FILE *f = fopen(path.at, "w");
        fputs("from a file", f);
        fclose(f);
        call->out.file = path;
        call->out.is_file_temporary = true;
    }
    if (str_is(call->in.path, "/bad-header")) reply_header(&call->out, "X-Bad", S("a\r\nSet-Cookie: b"));
    call_finish(call);
}

static bool is_upload([[maybe_unused]] Str method, Str path, [[maybe_unused]] void *user) {
    return str_is(path, "/upload");
}

static Bench *bench_open(int64_t idle_s, int64_t per_ip_max) {
    Bench *bench = calloc(1, sizeof *bench);
    Str why = S("");
    arena_init(&bench->arena, ARENA_BUDGET);
    strcpy(bench->spool, "/tmp/laoke-net-XXXXXX");
    assert_non_null(mkdtemp(bench->spool));
    HttpConfig config = { .listen = S("127.0.0.1:0"),
                          .threads = 2,
                          .handle = handle,
                          .is_upload = is_upload,
                          .user = bench,
                          .spool_dir = str_of(bench->spool),
                          .idle_s = idle_s,
                          .per_ip_max = per_ip_max };
    bench->server = http_server_start(&bench->arena, &config, &why);
    if (bench->server == NULL) fail_msg("%.*s", (int)why.len, why.at);
    return bench;
}

static void bench_close(Bench *bench) {
    http_server_stop(bench->server);
    assert_int_equal(rmdir(bench->spool), 0); /* every spool file is gone */
    arena_free(&bench->arena);
    free(bench);
}

static int dial_from(const Bench *bench, const char *from) {
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)http_server_port(bench->server)) };
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (from != NULL) {
        struct sockaddr_in own = { .sin_family = AF_INET };
        inet_pton(AF_INET, from, &own.sin_addr);
        assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof own), 0);
    }
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static void say(int fd, const char *text, size_t len) {
    while (len > 0) {
        ssize_t done = send(fd, text, len, MSG_NOSIGNAL);
        if (done <= 0) return;
        text += done;
        len -= (size_t)done;
    }
}

/* Everything until the other side closes, or until `wait_ms` pass without a byte. */
static Str hear(Bench *bench, int fd, int wait_ms, bool *ret_closed) {
    Buf b = { .arena = &bench->arena };
    char part[4096];
    *ret_closed = false;
    for (;;) {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        if (poll(&p, 1, wait_ms) <= 0) break;
        ssize_t got = recv(fd, part, sizeof part, 0);
        if (got <= 0) {
            *ret_closed = true;
            break;
        }
        buf_add(&b, (Str){ part, got });
    }
    return arena_str(&bench->arena, buf_str(&b));
}

static Str talk_until(Bench *bench, const char *text, size_t len, int wait_ms, bool *ret_closed) {
    int fd = dial_from(bench, NULL);
    say(fd, text, len);
    Str heard = hear(bench, fd, wait_ms, ret_closed);
    close(fd);
    return heard;
}

static Str talk_raw(Bench *bench, const char *text, size_t len, bool *ret_closed) {
    return talk_until(bench, text, len, 300, ret_closed);
}

static bool says(Str heard, const char *part) { return str_find(heard, str_of(part)) >= 0; }

static void must_be_refused(const char *request, size_t len, const char *status_line) {
    Bench *bench = bench_open(0, 0);
    bool is_closed = false;
    Str heard = { 0 };
    /* A server that closes on bytes it has not read resets the connection; the answer may be dropped with it. */
    for (int tries = 0; tries < 5 && heard.len == 0; tries++) heard = talk_until(bench, request, len, 5000, &is_closed);
    if (!str_starts(heard, str_of(status_line)) || !is_closed || bench->handled != 0)
        fail_msg("%.60s… was answered %.*s (closed: %d, handled: %d)", request, (int)heard.len, heard.at, is_closed,
                 bench->handled);
    bench_close(bench);
}
#define REFUSED(text, status_line) must_be_refused(text, sizeof(text) - 1, status_line)

TEST_PURE(http_request_reaches_the_handler_whole) {
    Bench *bench = bench_open(0, 0);
    bool is_closed;
    static const char text[] =
        "POST /echo/%E8%80%81%2Fb%20c?x=%31&y=a+b&&=3 HTTP/1.1\r\nHost: a\r\nX-Mixed-CASE:  v  \r\nempty:\r\n"
        "Content-Length: 5\r\n\r\nhello";
    Str heard = talk_raw(bench, text, sizeof text - 1, &is_closed);
    assert_true(str_starts(heard, S("HTTP/1.1 200 ")));
    assert_true(says(heard, "POST /echo/老%2Fb c ?x=%31&y=a+b&&=3 from 127.0.0.1\n"));
    assert_true(says(heard, "host=a\nx-mixed-case=v\nempty=\ncontent-length=5\nbody(5)=hello\n"));
    assert_false(is_closed);
    bench_close(bench);
}

TEST_PURE(http_smuggling_is_refused_before_any_handler) {
    REFUSED("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", "HTTP/1.1 400");
    REFUSED("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 30\r\n\r\nabc", "HTTP/1.1 400");
    REFUSED("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 400");
    REFUSED("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 400");
    REFUSED("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 400");
    REFUSED("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 400");
    REFUSED("POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n\r\nabc", "HTTP/1.1 400");
    REFUSED("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc", "HTTP/1.1 400");
    REFUSED("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3\r\n\r\nabc", "HTTP/1.1 400");
    REFUSED("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc", "HTTP/1.1 400");
    REFUSED("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\nabc", "HTTP/1.1 400");
}

TEST_PURE(http_lines_with_two_readings_are_refused) {
    REFUSED("GET / HTTP/1.1\r\nX: y\r\n\r\n", "HTTP/1.1 400");
    REFUSED("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "HTTP/1.1 400");
    REFUSED("GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\nY: d\r\n\r\n", "HTTP/1.1 400");
    REFUSED("GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n", "HTTP/1.1 400");
    REFUSED("GET / HTTP/1.1\r\nHost: a\r\nX: b\1c\r\n\r\n", "HTTP/1.1 400");
    REFUSED("GET / HTTP/1.1\r\nHost: a\r\nX: b\rY: c\r\n\r\n", "HTTP/1.1 400");
    REFUSED("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", "HTTP/1.1 400");
    REFUSED("GET / HTTP/1.1\r\nHost: a\r\nX: b\n\r\n", "HTTP/1.1 400");
    REFUSED("GET / HTTP/1.1\nHost: a\r\n\r\n", "HTTP/1.1 400");
    REFUSED("GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n folded\r\n\r\n", "HTTP/1.1 400");
    REFUSED("GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\tfolded\r\nY: d\r\n\r\n", "HTTP/1.1 400");
    REFUSED("GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", "HTTP/1.1 400");
    REFUSED("GET / HTTP/1.1\r\nHost: a\r\n: nameless\r\n\r\n", "HTTP/1.1 400");
    REFUSED("GET / HTTP/1.1\r\nHost: a\r\nX(y): z\r\n\r\n", "HTTP/1.1 400");
    REFUSED("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 400");
    REFUSED("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 400");
    REFUSED("GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 400");
    REFUSED("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 400");
    REFUSED("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 400");
    REFUSED("GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 400");
    REFUSED("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 400");
    REFUSED("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 400");
}

TEST_PURE(http_request_that_comes_byte_by_byte_is_read_like_any_other) {
    Bench *bench = bench_open(0, 0);
    Buf b = { .arena = &bench->arena };
    bool is_closed;
    buf_cstr(&b, "POST /echo?q=1 HTTP/1.1\r\nHost: a\r\n");
    for (int i = 0; i < 40; i++) buf_print(&b, "X-Header-%02d: %0200d\r\n", i, i);
    buf_cstr(&b, "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\nTrailer: x\r\n\r\n");
    int fd = dial_from(bench, NULL);
    for (int64_t i = 0; i < b.len; i++) {
        say(fd, b.at + i, 1);
        if (i % 512 == 0) pause_ms(1);
    }
    Str heard = hear(bench, fd, 300, &is_closed);
    assert_true(str_starts(heard, S("HTTP/1.1 200 ")));
    assert_true(says(heard, "x-header-39=0000"));
    assert_true(says(heard, "body(6)=hello!\n"));
    assert_false(says(heard, "trailer"));
    close(fd);
    bench_close(bench);
}

TEST_PURE(http_keep_alive_and_pipelined_requests_are_answered_in_order) {
    Bench *bench = bench_open(0, 0);
    bool is_closed;
    static const char text[] =
        "GET /wait?1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /echo?2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
        "GET /wait?3 HTTP/1.1\r\nHost: a\r\n\r\nGET /echo?4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    Str heard = talk_raw(bench, text, sizeof text - 1, &is_closed);
    int64_t one = str_find(heard, S("?1 ")), two = str_find(heard, S("?2 ")), three = str_find(heard, S("?3 ")),
            four = str_find(heard, S("?4 "));
    assert_true(one > 0 && two > one && three > two && four > three);
    assert_true(is_closed);
    bench_close(bench);
}

TEST_PURE(http_client_that_leaves_while_its_work_is_queued_harms_nothing) {
    Bench *bench = bench_open(0, 0);
    bool is_closed;
    for (int i = 0; i < 20; i++) {
        int fd = dial_from(bench, NULL);
        static const char text[] = "POST /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
        say(fd, text, sizeof text - 1);
        if (i % 2 == 0) pause_ms(5);
        if (i % 3 == 0) {
            struct linger at_once = { .l_onoff = 1 };
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        }
        close(fd);
    }
    static const char next[] = "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n";
    assert_true(str_starts(talk_raw(bench, next, sizeof next - 1, &is_closed), S("HTTP/1.1 200 ")));
    bench_close(bench);
}

TEST_PURE(http_limits_answer_413_and_431) {
    Bench *bench = bench_open(0, 0);
    Buf big = { .arena = &bench->arena }, wide = { .arena = &bench->arena }, many = { .arena = &bench->arena };
    bool is_closed;
    buf_print(&big, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", HTTP_BODY_MAX + 1);
    for (int i = 0; i <= HTTP_BODY_MAX; i++) buf_char(&big, 'x');
    Str heard = talk_raw(bench, big.at, (size_t)big.len, &is_closed);
    assert_true(str_starts(heard, S("HTTP/1.1 413 ")) && says(heard, "http.body_too_large") && is_closed);
    buf_print(&wide, "GET /echo HTTP/1.1\r\nHost: a\r\nX: %017000d\r\n\r\n", 0);
    heard = talk_raw(bench, wide.at, (size_t)wide.len, &is_closed);
    assert_true(str_starts(heard, S("HTTP/1.1 431 ")) && is_closed);
    buf_cstr(&many, "GET /echo HTTP/1.1\r\nHost: a\r\n");
    for (int i = 0; i < HTTP_HEADERS_MAX; i++) buf_print(&many, "X%d: y\r\n", i);
    buf_cstr(&many, "\r\n");
    heard = talk_raw(bench, many.at, (size_t)many.len, &is_closed);
    assert_true(str_starts(heard, S("HTTP/1.1 431 ")) && is_closed);
    assert_int_equal(bench->handled, 0);
    bench_close(bench);
}

TEST_PURE(http_largest_body_arrives_said_or_chunked) {
    Bench *bench = bench_open(0, 0);
    Buf said = { .arena = &bench->arena }, chunked = { .arena = &bench->arena };
    bool is_closed;
    buf_print(&said, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", HTTP_BODY_MAX);
    buf_print(&chunked, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n", HTTP_BODY_MAX);
    for (int i = 0; i < HTTP_BODY_MAX; i++) {
        buf_char(&said, 'x');
        buf_char(&chunked, 'y');
    }
    buf_cstr(&chunked, "\r\n0\r\n\r\n");
    assert_true(says(talk_raw(bench, said.at, (size_t)said.len, &is_closed), "body(1048576)=xxx"));
    assert_true(says(talk_raw(bench, chunked.at, (size_t)chunked.len, &is_closed), "body(1048576)=yyy"));
    bench_close(bench);
}

TEST_PURE(http_upload_streams_to_a_file_that_goes_with_the_call) {
    Bench *bench = bench_open(0, 0);
    Buf b = { .arena = &bench->arena };
    bool is_closed;
    buf_print(&b, "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
              HTTP_BODY_MAX + 5);
    for (int i = 0; i < HTTP_BODY_MAX + 5; i++) buf_char(&b, 'x');
    Str heard = talk_raw(bench, b.at, (size_t)b.len, &is_closed);
    assert_true(says(heard, "file of 1048581\nbody(0)="));
    int fd = dial_from(bench, NULL); /* half an upload, then gone */
    say(fd, b.at, (size_t)b.len / 2);
    close(fd);
    pause_ms(50);
    bench_close(bench); /* which looks that no file is left */
}

TEST_PURE(http_file_reply_is_sent_and_removed) {
    Bench *bench = bench_open(0, 0);
    bool is_closed;
    static const char text[] = "GET /file HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    Str heard = talk_raw(bench, text, sizeof text - 1, &is_closed);
    assert_true(str_ends(heard, S("\r\n\r\nfrom a file")));
    bench_close(bench);
}

TEST_PURE(http_reply_that_would_split_becomes_500) {
    Bench *bench = bench_open(0, 0);
    bool is_closed;
    static const char text[] = "GET /bad-header HTTP/1.1\r\nHost: a\r\n\r\n";
    Str heard = talk_raw(bench, text, sizeof text - 1, &is_closed);
    assert_true(str_starts(heard, S("HTTP/1.1 500 ")) && !says(heard, "Set-Cookie"));
    bench_close(bench);
}

TEST_PURE(http_slow_clients_are_dropped_silent_or_trickling) {
    Bench *bench = bench_open(1, 0);
    bool is_closed;
    int silent = dial_from(bench, NULL), trickling = dial_from(bench, NULL), slow_body = dial_from(bench, NULL);
    say(silent, "GET / HTTP/1.1\r\nHost:", 21);
    static const char head[] = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n";
    say(slow_body, head, sizeof head - 1);
    for (int i = 0; i < 12; i++) {
        say(trickling, i < 6 ? "X" : "y", 1);
        say(slow_body, "z", 1);
        pause_ms(300);
    }
    hear(bench, silent, 100, &is_closed);
    assert_true(is_closed);
    hear(bench, trickling, 100, &is_closed);
    assert_true(is_closed);
    hear(bench, slow_body, 100, &is_closed);
    assert_true(is_closed);
    assert_int_equal(bench->handled, 0);
    close(silent);
    close(trickling);
    close(slow_body);
    bench_close(bench);
}

TEST_PURE(http_one_address_gets_only_its_share_of_connections) {
    Bench *bench = bench_open(0, 3);
    int fd[5];
    bool is_closed;
    for (int i = 0; i < 5; i++) {
        fd[i] = dial_from(bench, "127.0.0.2");
        pause_ms(20);
    }
    static const char text[] = "GET /echo HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n";
    for (int i = 0; i < 5; i++) {
        say(fd[i], text, sizeof text - 1);
        Str heard = hear(bench, fd[i], 100, &is_closed);
        if (i < 3)
            assert_true(says(heard, "from 127.0.0.2\n")); /* no proxy of ours: what it forwards does not count */
        else
            assert_true(heard.len == 0 && is_closed);
        close(fd[i]);
    }
    bench_close(bench);
}

TEST_PURE(http_address_behind_a_proxy_is_the_nearest_untrusted_hop) {
    Bench *bench = bench_open(0, 0);
    bool is_closed;
    static const char text[] = "GET /echo HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 9.9.9.9, 1.2.3.4 , 127.0.0.1\r\n\r\n";
    assert_true(says(talk_raw(bench, text, sizeof text - 1, &is_closed), "from 1.2.3.4\n"));
    static const char rubbish[] = "GET /echo HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: <script>\r\n\r\n";
    assert_true(says(talk_raw(bench, rubbish, sizeof rubbish - 1, &is_closed), "from 127.0.0.1\n"));
    bench_close(bench);
}

TEST_PURE(http_stop_finishes_what_was_accepted) {
    Bench *bench = bench_open(0, 0);
    bool is_closed;
    int fd = dial_from(bench, NULL), idle = dial_from(bench, NULL);
    static const char text[] = "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n";
    say(fd, text, sizeof text - 1);
    while (bench->waiting == 0) pause_ms(1);
    http_server_stop(bench->server);
    Str heard = hear(bench, fd, 100, &is_closed);
    assert_true(str_starts(heard, S("HTTP/1.1 200 ")) && says(heard, "Connection: close") && is_closed);
    hear(bench, idle, 100, &is_closed);
    assert_true(is_closed);
    close(fd);
    close(idle);
    rmdir(bench->spool);
    arena_free(&bench->arena);
    free(bench);
}
