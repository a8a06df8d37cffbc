/* till: many tills at once, on one thread. CLIENTS keep-alive connections post one-call settles of five lines, each the next as soon as
 * the last one is answered, until ORDERS were answered or SECONDS have passed.
 *   part_till PORT TOKEN SHOP MEMBERS_FILE CLIENTS ORDERS SECONDS FIRST_NUMBER [ACKNOWLEDGED_FILE]
 * MEMBERS_FILE: a member id a line. SHOP "-": it is a file of requests instead, a line each, "PATH BODY". A 409 is counted as refused.
 * Prints "orders=N seconds=S p50_ms=… p99_ms=… failed=N refused=N". ACKNOWLEDGED_FILE gets the number of every order
 * that was answered with 201; then a connection that breaks ends the run quietly, for somebody kills the server. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ITEMS = 400, LINES = 5, CLIENTS_MAX = 1024, ANSWER_MAX = 32768, BODY_MAX = 4096, LATENCIES_MAX = 4000000 };

typedef struct Client {
    int fd;
    int64_t number;                     /* of the order that is on its way */
    double sent_s;
    char answer[ANSWER_MAX];
    int64_t received;
} Client;
typedef struct Till {
    const char *token, *shop;
    int port;
    int64_t *members, member_count;
    char **requests; int64_t request_count;
    int64_t orders_end, next, answered, failed, refused;
    double until_s;
    uint64_t chance;
    FILE *acknowledged;
    float *latencies_ms;
    int epoll;
} Till;

static void die(const char *what, const char *why) {
    fprintf(stderr, "till: %s: %s\n", what, why);
    exit(1);
}

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int64_t below(Till *t, int64_t n) {
    t->chance ^= t->chance << 13;
    t->chance ^= t->chance >> 7;
    t->chance ^= t->chance << 17;
    return (int64_t)(t->chance % (uint64_t)n);
}

static void read_members(Till *t, const char *path) {
    FILE *file = fopen(path, "r");
    long long id;
    int64_t room = 0;
    if (file == NULL) die("members", path);
    while (fscanf(file, "%lld", &id) == 1) {
        if (t->member_count == room) t->members = realloc(t->members, (size_t)(room = room ? room * 2 : 1024) * sizeof *t->members);
        t->members[t->member_count++] = id;
    }
    fclose(file);
    if (t->member_count == 0) die("members", "none");
}

static void read_requests(Till *t, const char *path) {
    FILE *file = fopen(path, "r");
    int64_t room = 0;
    size_t bytes = 0;
    if (file == NULL) die("requests", path);
    for (char *text = NULL; getline(&text, &bytes, file) > 0; text = NULL, bytes = 0) {
        text[strcspn(text, "\n")] = 0;
        if (t->request_count == room) t->requests = realloc(t->requests, (size_t)(room = room ? room * 2 : 1024) * sizeof *t->requests);
        t->requests[t->request_count++] = text;
    }
    fclose(file);
    if (t->request_count == 0) die("requests", "none");
}

static int64_t write_order(Till *t, int64_t number, char *to, int64_t room) {
    int64_t total = 0, at = 0;
    at += snprintf(to + at, (size_t)(room - at), "{\"shop_id\":\"%s\",\"order_no\":\"B%09lld\",\"member_id\":\"%lld\",\"settle\":true,\"lines\":[",
                   t->shop, (long long)number, (long long)t->members[below(t, t->member_count)]);
    for (int64_t i = 0; i < LINES; i++) {
        int64_t item = below(t, ITEMS);
        total += 100 + 10 * item;
        at += snprintf(to + at, (size_t)(room - at), "%s{\"barcode\":\"69010000%04lld\",\"quantity\":1}", i ? "," : "", (long long)item);
    }
    return at + snprintf(to + at, (size_t)(room - at), "],\"tenders\":[{\"tender\":\"cash\",\"amount_fen\":%lld}]}", (long long)total);
}

/* False when nothing more is to be sent. */
static bool send_next(Till *t, Client *k) {
    char order[BODY_MAX], text[BODY_MAX + 1024];
    if (t->next >= t->orders_end || now_s() >= t->until_s) return false;
    k->number = t->next++;
    const char *path = "/v1/orders", *body = order;
    int path_len = (int)strlen(path);
    if (t->requests != NULL) {
        path = t->requests[k->number % t->request_count];
        path_len = (int)strcspn(path, " ");
        body = path + path_len + 1;
    } else {
        write_order(t, k->number, order, sizeof order);
    }
    int64_t len = (int64_t)strlen(body);
    if (len >= BODY_MAX) die("request", "too long");
    int head = snprintf(text, sizeof text, "POST %.*s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
                        "Idempotency-Key: bench-%lld\r\nContent-Type: application/json\r\nContent-Length: %lld\r\n\r\n",
                        path_len, path, t->token, (long long)k->number, (long long)len);
    memcpy(text + head, body, (size_t)len);
    k->sent_s = now_s();
    k->received = 0;
    return send(k->fd, text, (size_t)(head + len), MSG_NOSIGNAL) == head + len;
}

static void client_open(Till *t, Client *k) {
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)t->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int on = 1;
    k->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(k->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(k->fd, (struct sockaddr *)&to, sizeof to) != 0) die("connect", strerror(errno));
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = k };
    epoll_ctl(t->epoll, EPOLL_CTL_ADD, k->fd, &event);
}

/* Length of the whole answer, 0 while it is not known. */
static int64_t answer_length(const Client *k) {
    const char *end = memmem(k->answer, (size_t)k->received, "\r\n\r\n", 4);
    if (end == NULL) return 0;
    const char *length = strcasestr(k->answer, "\r\nContent-Length: ");
    return end + 4 - k->answer + (length != NULL && length < end ? atoll(length + 18) : 0);
}

static void take_answer(Till *t, Client *k) {
    bool is_good = strncmp(k->answer, "HTTP/1.1 201", 12) == 0;
    if (is_good && t->acknowledged != NULL) fprintf(t->acknowledged, "B%09lld\n", (long long)k->number);
    if (is_good && t->answered < LATENCIES_MAX) t->latencies_ms[t->answered] = (float)((now_s() - k->sent_s) * 1000);
    if (strncmp(k->answer, "HTTP/1.1 409", 12) == 0 && t->requests != NULL) {
        if (t->refused++ == 0 && getenv("VERBOSE") != NULL) fprintf(stderr, "till: %.*s\n", (int)k->received, k->answer);
        return;
    }
    if (!is_good && t->failed == 0) fprintf(stderr, "till: %.*s\n", (int)k->received, k->answer);
    if (is_good) t->answered++;
    else t->failed++;
}

/* False: this connection has nothing more to do. */
static bool client_read(Till *t, Client *k) {
    ssize_t got = recv(k->fd, k->answer + k->received, (size_t)(ANSWER_MAX - 1 - k->received), 0);
    if (got <= 0) {
        if (t->acknowledged == NULL) die("answer", "the connection broke");
        return false;
    }
    k->received += got;
    k->answer[k->received] = 0;
    int64_t length = answer_length(k);
    if (length == 0 || k->received < length) return true;
    take_answer(t, k);
    return send_next(t, k);
}

static int by_size(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void report(Till *t, double seconds) {
    int64_t n = t->answered < LATENCIES_MAX ? t->answered : LATENCIES_MAX;
    qsort(t->latencies_ms, (size_t)n, sizeof *t->latencies_ms, by_size);
    printf("orders=%lld seconds=%.3f p50_ms=%.2f p99_ms=%.2f failed=%lld refused=%lld\n", (long long)t->answered, seconds,
           n ? (double)t->latencies_ms[n / 2] : 0, n ? (double)t->latencies_ms[n * 99 / 100] : 0, (long long)t->failed,
           (long long)t->refused);
}

int main(int argc, char **argv) {
    if (argc < 9) die("usage", "part_till PORT TOKEN SHOP MEMBERS_FILE CLIENTS ORDERS SECONDS FIRST_NUMBER [ACKNOWLEDGED_FILE]");
    Till t = { .port = atoi(argv[1]), .token = argv[2], .shop = argv[3], .next = atoll(argv[8]), .orders_end = atoll(argv[8]) + atoll(argv[6]),
               .chance = 88172645463325252u + (uint64_t)atoll(argv[8]), .epoll = epoll_create1(EPOLL_CLOEXEC) };
    int64_t wanted = atoll(argv[5]), open = 0;
    if (wanted < 1 || wanted > CLIENTS_MAX) die("clients", "1 to 1024");
    if (strcmp(t.shop, "-") == 0) read_requests(&t, argv[4]);
    else read_members(&t, argv[4]);
    if (argc > 9 && (t.acknowledged = fopen(argv[9], "w")) == NULL) die("acknowledged", argv[9]);
    if (t.acknowledged != NULL) setvbuf(t.acknowledged, NULL, _IOLBF, 0);
    Client *clients = calloc((size_t)wanted, sizeof *clients);
    t.latencies_ms = calloc(LATENCIES_MAX, sizeof *t.latencies_ms);
    for (int64_t i = 0; i < wanted; i++) client_open(&t, &clients[i]);
    double start = now_s();
    t.until_s = start + atof(argv[7]);
    for (int64_t i = 0; i < wanted; i++) open += send_next(&t, &clients[i]);
    while (open > 0) {
        struct epoll_event events[CLIENTS_MAX];
        int count = epoll_wait(t.epoll, events, CLIENTS_MAX, 10000);
        if (count <= 0) die("wait", "no answer in ten seconds");
        for (int i = 0; i < count; i++) {
            Client *k = events[i].data.ptr;
            if (client_read(&t, k)) continue;
            epoll_ctl(t.epoll, EPOLL_CTL_DEL, k->fd, NULL);
            close(k->fd);
            open--;
        }
    }
    report(&t, now_s() - start);
    return t.failed > 0;
}
