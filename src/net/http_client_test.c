#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "net/http_private.h"
#include "test/test.h"

static void answer(Call *call, [[maybe_unused]] void *user) {
    Buf b = { .arena = call->arena };
    if (str_is(call->in.path, "/slow")) nanosleep(&(struct timespec){ .tv_nsec = 600000000 }, NULL);
    if (str_is(call->in.path, "/big"))
        for (int i = 0; i < 5000; i++) buf_char(&b, 'x');
    Str signature = request_header(&call->in, "x-signature");
    buf_print(&b, "%.*s %.*s %.*s", (int)call->in.method.len, call->in.method.at, (int)signature.len, signature.at,
              (int)call->in.body.len, call->in.body.at);
    call->out.status = str_is(call->in.path, "/moved") ? 302 : 200;
    if (call->out.status == 302) reply_header(&call->out, "Location", S("/elsewhere"));
    reply_header(&call->out, "X-Answer", S("yes"));
    call->out.body = buf_str(&b);
    call_finish(call);
}

typedef struct Trip {
    Arena arena;
    Ctx c;
    HttpServer *server;
} Trip;

static void trip_open(Trip *t) {
    Str why;
    *t = (Trip){ 0 };
    arena_init(&t->arena, ARENA_BUDGET);
    t->c = (Ctx){ .arena = &t->arena };
    HttpConfig config = { .listen = S("127.0.0.1:0"), .threads = 1, .handle = answer };
    t->server = http_server_start(&t->arena, &config, &why);
    assert_non_null(t->server);
}

static void trip_close(Trip *t) {
    http_server_stop(t->server);
    arena_free(&t->arena);
}

static Str url_of(Trip *t, const char *path) {
    return arena_print(&t->arena, "http://127.0.0.1:%lld%s", (long long)http_server_port(t->server), path);
}

TEST_PURE(http_client_sends_and_reads_an_answer) {
    Trip t;
    HttpIn in;
    trip_open(&t);
    HttpHeader header = { S("X-Signature"), S("abc") };
    HttpOut out = { .method = "POST",
                    .url = url_of(&t, "/hook"),
                    .headers = &header,
                    .header_count = 1,
                    .body = S("{}"),
                    .allow_private = true };
    assert_int_equal(http_send(&t.c, &out, &in), OK);
    assert_int_equal(in.status, 200);
    assert_true(str_is(in.body, "POST abc {}") && in.was_sent);
    bool is_found = false;
    for (int64_t i = 0; i < in.header_count; i++)
        is_found |= str_is(in.headers[i].name, "x-answer") && str_is(in.headers[i].value, "yes");
    assert_true(is_found);
    trip_close(&t);
}

TEST_PURE(http_client_does_not_follow_redirects) {
    Trip t;
    HttpIn in;
    trip_open(&t);
    HttpOut out = { .method = "GET", .url = url_of(&t, "/moved"), .allow_private = true };
    assert_int_equal(http_send(&t.c, &out, &in), OK);
    assert_int_equal(in.status, 302);
    trip_close(&t);
}

TEST_PURE(http_client_refuses_private_addresses_whatever_their_spelling) {
    Trip t;
    HttpIn in;
    trip_open(&t);
    long long port = (long long)http_server_port(t.server);
    const char *hosts[] = {
        "127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"
    };
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        HttpOut out = { .method = "GET", .url = arena_print(&t.arena, "http://%s:%lld/", hosts[i], port) };
        assert_int_equal(http_send(&t.c, &out, &in), E_INVALID);
        assert_string_equal(t.c.problem.code, "http.private_address");
        assert_false(in.was_sent);
        problem_clear(&t.c);
    }
    HttpOut file = { .method = "GET", .url = S("file:///etc/passwd"), .allow_private = true };
    assert_int_equal(http_send(&t.c, &file, &in), E_INVALID);
    assert_string_equal(t.c.problem.code, "http.bad_url");
    trip_close(&t);
}

TEST_PURE(http_private_addresses_are_told_from_public_ones) {
    static const struct {
        const char *ip;
        bool is_private;
    } table[] = {
        { "10.1.2.3", true },       { "100.64.0.1", true },      { "100.100.100.200", true }, { "100.128.0.1", false },
        { "127.9.9.9", true },      { "169.254.169.254", true }, { "172.15.0.1", false },     { "172.16.0.1", true },
        { "172.31.255.255", true }, { "172.32.0.1", false },     { "192.168.1.1", true },     { "192.169.0.1", false },
        { "198.18.0.1", true },     { "224.0.0.1", true },       { "255.255.255.255", true }, { "8.8.8.8", false },
        { "223.5.5.5", false },
    };
    static const struct {
        const char *ip;
        bool is_private;
    } table6[] = {
        { "::1", true },
        { "::", true },
        { "fe80::1", true },
        { "fd00::1", true },
        { "ff02::1", true },
        { "2400:3200::1", false },
        { "::ffff:10.0.0.1", true },
        { "::ffff:8.8.8.8", false },
        { "64:ff9b::10.0.0.1", true },
        { "64:ff9b::8.8.8.8", false },
        { "2002:7f00:1::", true },
        { "2001:db8::1", true },
        { "2001::1", true },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct sockaddr_in to = { .sin_family = AF_INET };
        assert_int_equal(inet_pton(AF_INET, table[i].ip, &to.sin_addr), 1);
        if (http_address_is_private((struct sockaddr *)&to) != table[i].is_private) fail_msg("%s", table[i].ip);
    }
    for (size_t i = 0; i < sizeof table6 / sizeof table6[0]; i++) {
        struct sockaddr_in6 to = { .sin6_family = AF_INET6 };
        assert_int_equal(inet_pton(AF_INET6, table6[i].ip, &to.sin6_addr), 1);
        if (http_address_is_private((struct sockaddr *)&to) != table6[i].is_private) fail_msg("%s", table6[i].ip);
    }
}

TEST_PURE(http_client_says_what_went_wrong_and_whether_it_was_sent) {
    Trip t;
    HttpIn in;
    trip_open(&t);
    HttpOut slow = { .method = "GET", .url = url_of(&t, "/slow"), .timeout_ms = 200, .allow_private = true };
    assert_int_equal(http_send(&t.c, &slow, &in), E_BUSY);
    assert_string_equal(t.c.problem.code, "http.timeout");
    assert_true(in.was_sent);
    problem_clear(&t.c);
    HttpOut big = { .method = "GET", .url = url_of(&t, "/big"), .response_max = 1000, .allow_private = true };
    assert_int_equal(http_send(&t.c, &big, &in), E_BUSY);
    assert_string_equal(t.c.problem.code, "http.too_large");
    problem_clear(&t.c);
    Str nobody = url_of(&t, "/");
    trip_close(&t);
    Arena arena;
    arena_init(&arena, ARENA_BUDGET);
    Ctx c = { .arena = &arena };
    HttpOut out = { .method = "GET", .url = S("http://127.0.0.1:1/"), .allow_private = true };
    assert_true(nobody.len > 0);
    assert_int_equal(http_send(&c, &out, &in), E_BUSY);
    assert_string_equal(c.problem.code, "http.unreachable");
    assert_false(in.was_sent);
    arena_free(&arena);
}

static int run_words(LocalCall *call, void *user) {
    *(_Atomic int *)user += 1;
    dprintf(call->fd, "%lld words in %.*s:", (long long)call->argv.count, (int)call->cwd.len, call->cwd.at);
    for (int64_t i = 0; i < call->argv.count; i++)
        dprintf(call->fd, " [%.*s]", (int)call->argv.items[i].len, call->argv.items[i].at);
    return (int)call->argv.count;
}

TEST_PURE(local_socket_runs_a_command_with_the_callers_output) {
    Arena arena;
    arena_init(&arena, ARENA_BUDGET);
    char dir[] = "/tmp/laoke-local-XXXXXX", text[512] = { 0 }, cwd[256];
    assert_non_null(mkdtemp(dir));
    Str path = arena_print(&arena, "%s/laoke.sock", dir), why;
    _Atomic int runs = 0;
    int status = -1, out[2];
    StrList words = { (Str[]){ S("check"), S(""), S("--db=老客") }, 3 };
    assert_false(local_send(path, words, 1, &status)); /* nobody listens yet */
    LocalServer *server = local_server_start(&arena, path, run_words, &runs, &why);
    assert_non_null(server);
    struct stat info;
    assert_int_equal(stat(path.at, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(pipe(out), 0);
    assert_true(local_send(path, words, out[1], &status));
    close(out[1]);
    assert_true(read(out[0], text, sizeof text - 1) > 0);
    close(out[0]);
    assert_int_equal(status, 3);
    assert_string_equal(text, arena_print(&arena, "3 words in %s: [check] [] [--db=老客]", getcwd(cwd, sizeof cwd)).at);
    local_server_stop(server);
    assert_false(local_send(path, words, 1, &status));
    assert_int_equal(runs, 1);
    assert_int_equal(rmdir(dir), 0);
    arena_free(&arena);
}
