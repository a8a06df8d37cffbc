/* Outgoing HTTP over libcurl. A shop owner may type any URL into a webhook, so an address of this machine or of the
 * network behind it is refused at the moment of connecting, after the name has been looked up: a name that changes
 * its address in between gains nothing. No redirects, no proxies from the environment, http and https only. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "net/http_private.h"

enum { OUT_TIMEOUT_MS = 5000, OUT_RESPONSE_MAX = 1 << 20, OUT_HEADER_BYTES_MAX = 32 << 10 };

typedef struct Range {
    uint32_t net;
    int bits;
} Range;
/* Not reachable as the public Internet (IANA special-purpose registry), among them the metadata services of clouds. */
static const Range private_ranges[] = {
    { 0x00000000, 8 },  { 0x0A000000, 8 },  { 0x64400000, 10 }, { 0x7F000000, 8 },  { 0xA9FE0000, 16 },
    { 0xAC100000, 12 }, { 0xC0000000, 24 }, { 0xC0000200, 24 }, { 0xC0586300, 24 }, { 0xC0A80000, 16 },
    { 0xC6120000, 15 }, { 0xC6336400, 24 }, { 0xCB007100, 24 }, { 0xE0000000, 4 },  { 0xF0000000, 4 },
};

static bool is_private_v4(uint32_t ip) {
    for (size_t i = 0; i < sizeof private_ranges / sizeof private_ranges[0]; i++)
        if ((ip ^ private_ranges[i].net) >> (32 - private_ranges[i].bits) == 0) return true;
    return false;
}

static uint32_t v4_at(const unsigned char *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Of IPv6 only global unicast (2000::/3) is public; what carries an IPv4 address inside is judged by that. */
static bool is_private_v6(const unsigned char ip[16]) {
    static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff }, nat64[12] = { 0x00, 0x64, 0xff, 0x9b };
    if (memcmp(ip, mapped, 12) == 0 || memcmp(ip, nat64, 12) == 0) return is_private_v4(v4_at(ip + 12));
    if (ip[0] == 0x20 && ip[1] == 0x02) return is_private_v4(v4_at(ip + 2));
    if (ip[0] == 0x20 && ip[1] == 0x01 && ip[2] < 0x02) return true; /* Teredo, ORCHID, protocol assignments */
    if (ip[0] == 0x20 && ip[1] == 0x01 && ip[2] == 0x0d && ip[3] == 0xb8) return true; /* documentation */
    return ip[0] >> 5 != 1;
}

bool http_address_is_private(const struct sockaddr *address) {
    if (address->sa_family == AF_INET)
        return is_private_v4(ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
    if (address->sa_family == AF_INET6)
        return is_private_v6(((const struct sockaddr_in6 *)(const void *)address)->sin6_addr.s6_addr);
    return true;
}

typedef struct Trip {
    Arena *arena;
    const HttpOut *out;
    HttpIn *in;
    Buf body;
    int64_t body_max, header_bytes;
    bool was_private, was_too_large;
} Trip;

static curl_socket_t open_socket(void *arg, [[maybe_unused]] curlsocktype purpose, struct curl_sockaddr *address) {
    Trip *trip = arg;
    if (!trip->out->allow_private && http_address_is_private(&address->addr)) {
        trip->was_private = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* Called when the connection stands, just before the first byte of the request. */
static int before_request(void *arg, [[maybe_unused]] char *to, [[maybe_unused]] char *from,
                          [[maybe_unused]] int to_port, [[maybe_unused]] int from_port) {
    Trip *trip = arg;
    trip->in->was_sent = true;
    return CURL_PREREQFUNC_OK;
}

static size_t take_body(char *data, size_t size, size_t count, void *arg) {
    Trip *trip = arg;
    int64_t len = (int64_t)(size * count);
    if (trip->body.len + len > trip->body_max) {
        trip->was_too_large = true;
        return 0;
    }
    buf_add(&trip->body, (Str){ data, len });
    return size * count;
}

static size_t take_header(char *data, size_t size, size_t count, void *arg) {
    Trip *trip = arg;
    HttpIn *in = trip->in;
    Str name, value, line = { data, (int64_t)(size * count) };
    trip->header_bytes += line.len;
    if (trip->header_bytes > OUT_HEADER_BYTES_MAX) {
        trip->was_too_large = true;
        return 0;
    }
    if (str_starts(line, S("HTTP/"))) in->header_count = 0; /* the final answer behind a 100 Continue */
    if (in->header_count == HTTP_HEADERS_MAX || !str_cut(line, ':', &name, &value)) return size * count;
    name = arena_str(trip->arena, str_trim(name));
    for (char *at = (char *)name.at; at < name.at + name.len; at++)
        if (*at >= 'A' && *at <= 'Z') *at = (char)(*at | 0x20);
    in->headers[in->header_count++] = (HttpHeader){ name, arena_str(trip->arena, str_trim(value)) };
    return size * count;
}

static bool has_line_break(Str s) {
    return s.len > 0 && (memchr(s.at, '\r', (size_t)s.len) != NULL || memchr(s.at, '\n', (size_t)s.len) != NULL);
}

static struct curl_slist *header_list(Arena *a, const HttpOut *out) {
    struct curl_slist *list = curl_slist_append(NULL, "Expect:"); /* no waiting for a 100 */
    for (int64_t i = 0; i < out->header_count && list != NULL; i++) {
        Str name = out->headers[i].name, value = out->headers[i].value;
        if (has_line_break(name) || has_line_break(value)) continue;
        Str line = arena_print(a, "%.*s: %.*s", (int)name.len, name.at, (int)value.len, value.at);
        list = curl_slist_append(list, line.at);
    }
    return list;
}

static void set_limits(CURL *curl, Trip *trip) {
    int64_t timeout_ms = trip->out->timeout_ms > 0 ? trip->out->timeout_ms : OUT_TIMEOUT_MS;
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)timeout_ms);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, trip);
    curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, before_request);
    curl_easy_setopt(curl, CURLOPT_PREREQDATA, trip);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, trip);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, trip);
}

static void set_request(CURL *curl, Arena *a, const HttpOut *out, struct curl_slist *headers) {
    curl_easy_setopt(curl, CURLOPT_URL, arena_cstr(a, out->url));
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "laoke");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (out->body.len > 0 || strcmp(out->method, "POST") == 0 || strcmp(out->method, "PUT") == 0) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)out->body.len);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, out->body.len > 0 ? out->body.at : "");
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, out->method);
    if (strcmp(out->method, "HEAD") == 0) curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
}

static Err trip_end(Ctx *c, const Trip *trip, CURLcode code) {
    if (code == CURLE_OK) return OK;
    if (trip->was_private)
        return fail(c, E_INVALID, "http.private_address", "不允许访问内网地址",
                    "Addresses of private networks are not allowed");
    if (trip->was_too_large) return fail(c, E_BUSY, "http.too_large", "对方的回应太大", "The answer is too large");
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
        return fail(c, E_INVALID, "http.bad_url", "网址不正确", "The URL is not valid");
    if (code == CURLE_OPERATION_TIMEDOUT)
        return fail(c, E_BUSY, "http.timeout", "对方没有及时回应", "The other side did not answer in time");
    return fail(c, E_BUSY, "http.unreachable", "连接不上对方服务器", "The other side cannot be reached");
}

Err http_send(Ctx *c, const HttpOut *out, HttpIn *ret_in) {
    *ret_in = (HttpIn){ 0 };
    Trip trip = { .arena = c->arena,
                  .out = out,
                  .in = ret_in,
                  .body = { .arena = c->arena },
                  .body_max = out->response_max > 0 ? out->response_max : OUT_RESPONSE_MAX };
    CURL *curl = curl_easy_init(); /* the first one sets the library up, under its own lock (7.84 and later) */
    struct curl_slist *headers = header_list(c->arena, out);
    CURLcode code = CURLE_OUT_OF_MEMORY;
    if (curl != NULL && headers != NULL) {
        set_limits(curl, &trip);
        set_request(curl, c->arena, out, headers);
        code = curl_easy_perform(curl);
        long status = 0;
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        ret_in->status = (int)status;
        ret_in->body = buf_str(&trip.body);
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return trip_end(c, &trip, code);
}
