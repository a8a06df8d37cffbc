/* Reads one request strictly. libmicrohttpd 0.9.75 takes much that two readers can understand differently: lines
 * that end in a bare LF, folded lines, NUL inside a line, two Content-Lengths, spaces before the colon. Behind a
 * proxy each of these can smuggle a second request past it, so here they are refused.
 *
 * What a callback cannot see (NUL, bare LF, folding) shows in the addresses: the library cuts the received bytes in
 * place, so each header must begin exactly two bytes (CR LF) behind the end of the one before, the first behind the
 * version. */
#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include "net/http_private.h"

const HttpRefusal http_malformed = { 400, "http.malformed", "请求格式不正确", "The request is not well-formed HTTP" };
const HttpRefusal http_host = { 400, "http.host", "请求缺少 Host 或有多个",
                                "The request needs exactly one Host header" };
const HttpRefusal http_body_too_large = { 413, "http.body_too_large", "内容太大", "The body is too large" };
const HttpRefusal http_headers_too_large = { 431, "http.headers_too_large", "请求头太大", "The headers are too large" };
const HttpRefusal http_no_room = { 503, "http.no_room", "暂时存不下上传的文件，请稍后再试",
                                   "There is no room for the upload now; try again later" };
const HttpRefusal http_stopping = { 503, "http.stopping", "服务正在停止，请稍后再试",
                                    "The server is stopping; try again" };
const HttpRefusal http_failed = { 500, "http.failed", "内部错误", "Internal error" };

static void refuse(Slot *s, const HttpRefusal *refusal) {
    if (s->refusal == NULL) s->refusal = refusal;
}

static bool is_token_char(unsigned char ch) {
    if (ch >= 'a' && ch <= 'z') return true;
    return isalnum(ch) || (ch != '\0' && strchr("!#$%&'*+-.^_`|~", ch) != NULL);
}

/* The name in lower case: the library's own memory when it is so already. False when it is no token. */
static bool read_name(Slot *s, Str name, Str *ret_name) {
    bool has_upper = false;
    if (name.len == 0) return false;
    for (int64_t i = 0; i < name.len; i++) {
        unsigned char ch = (unsigned char)name.at[i];
        if (!is_token_char(ch)) return false;
        has_upper |= ch >= 'A' && ch <= 'Z';
    }
    *ret_name = name;
    if (!has_upper) return true;
    char *lower = (char *)arena_str(&s->arena, name).at;
    for (int64_t i = 0; i < name.len; i++)
        if (lower[i] >= 'A' && lower[i] <= 'Z') lower[i] = (char)(lower[i] | 0x20);
    ret_name->at = lower;
    return true;
}

static bool is_clean_value(Str value) {
    for (int64_t i = 0; i < value.len; i++) {
        unsigned char ch = (unsigned char)value.at[i];
        if ((ch < 0x20 && ch != '\t') || ch == 0x7f) return false;
    }
    return true;
}

static bool read_length(Str value, int64_t *ret_length) {
    if (value.len == 0 || value.len > 18) return false;
    for (int64_t i = 0; i < value.len; i++)
        if (value.at[i] < '0' || value.at[i] > '9') return false;
    return str_to_int(value, ret_length);
}

static bool is_word(Str value, const char *lower) {
    return value.len == (int64_t)strlen(lower) && strncasecmp(value.at, lower, (size_t)value.len) == 0;
}

/* The headers that decide where this request ends. */
static void note_framing(Slot *s, Str name, Str value, int64_t place) {
    switch (name.len) {
    case 4:
        if (str_is(name, "host")) s->hosts++;
        break;
    case 14:
        if (!str_is(name, "content-length")) break;
        if (s->lengths++ > 0 || !read_length(value, &s->body_len)) refuse(s, &http_malformed);
        break;
    case 17:
        if (!str_is(name, "transfer-encoding")) break;
        if (s->encodings++ > 0 || !is_word(value, "chunked")) refuse(s, &http_malformed);
        s->is_chunked = true;
        break;
    case 15:
        if (str_is(name, "x-forwarded-for")) s->forwarded = place;
        break;
    default:
        break;
    }
}

static enum MHD_Result take_header(void *cls, [[maybe_unused]] enum MHD_ValueKind kind, const char *key,
                                   size_t key_size, const char *value, size_t value_size) {
    Slot *s = cls;
    Request *in = &s->call.in;
    if (value == NULL) value = key + key_size;
    s->head_len += (int64_t)(key_size + value_size) + 4;
    if (in->header_count == HTTP_HEADERS_MAX || s->head_len > HTTP_HEADER_MAX) {
        refuse(s, &http_headers_too_large);
        return MHD_NO;
    }
    Str name, text = str_trim((Str){ value, (int64_t)value_size });
    bool is_next = key == s->expect && s->expect[-1] == '\0';
    s->expect = value + value_size + 2;
    if (!is_next || !is_clean_value(text) || !read_name(s, (Str){ key, (int64_t)key_size }, &name)) {
        refuse(s, &http_malformed);
        return MHD_NO;
    }
    note_framing(s, name, text, in->header_count);
    in->headers[in->header_count++] = (HttpHeader){ name, text };
    return MHD_YES;
}

static int hex_value(char ch) {
    if (ch >= '0' && ch <= '9') return ch - '0';
    if (ch >= 'a' && ch <= 'f') return ch - 'a' + 10;
    if (ch >= 'A' && ch <= 'F') return ch - 'A' + 10;
    return -1;
}

/* "%2F" stays, for it is no separator; everything else is decoded. Control bytes and half escapes are refused. */
static bool decode_path(Slot *s, Str raw) {
    if (raw.len == 0 || raw.at[0] != '/') return false;
    if (memchr(raw.at, '%', (size_t)raw.len) == NULL) {
        s->call.in.path = raw;
        return true;
    }
    char *out = arena_take(&s->arena, raw.len + 1, 1);
    int64_t len = 0;
    for (int64_t i = 0; i < raw.len; i++) {
        if (raw.at[i] != '%') {
            out[len++] = raw.at[i];
            continue;
        }
        int high = i + 2 < raw.len ? hex_value(raw.at[i + 1]) : -1,
            low = i + 2 < raw.len ? hex_value(raw.at[i + 2]) : -1;
        if (high < 0 || low < 0) return false;
        char ch = (char)(high << 4 | low);
        if ((unsigned char)ch < 0x20 || ch == 0x7f) return false;
        if (ch == '/') {
            memcpy(out + len, "%2F", 3);
            len += 3;
        } else {
            out[len++] = ch;
        }
        i += 2;
    }
    s->call.in.path = (Str){ out, len };
    return true;
}

void request_uri(Slot *s, const char *uri) {
    if (uri == NULL) {
        s->is_uri_bad = true;
        return;
    }
    s->uri = uri;
    const char *query = NULL, *at = uri;
    for (; *at != '\0'; at++) {
        if ((unsigned char)*at <= 0x20 || *at == 0x7f || *at == '#') s->is_uri_bad = true;
        if (*at == '?' && query == NULL) query = at;
    }
    s->uri_len = at - uri;
    if (query != NULL) s->call.in.query = arena_str(&s->arena, (Str){ query + 1, at - query - 1 });
    s->call.in.target = query == NULL ? (Str){ uri, at - uri } : arena_str(&s->arena, (Str){ uri, at - uri });
    Str raw = { uri, (query == NULL ? at : query) - uri };
    if (!s->is_uri_bad && !decode_path(s, raw)) s->is_uri_bad = true;
}

/* The last entry is what the nearest proxy saw; entries of our own machine are further proxies. */
static Str forwarded_ip(const Request *in, int64_t place, const char *peer) {
    Str list = in->headers[place].value;
    while (list.len > 0) {
        int64_t cut = list.len;
        while (cut > 0 && list.at[cut - 1] != ',') cut--;
        Str ip = str_trim(str_slice(list, cut, list.len));
        list = str_slice(list, 0, cut - 1);
        char text[IP_TEXT_MAX];
        unsigned char number[16];
        if (ip.len == 0 || ip.len >= IP_TEXT_MAX) break;
        memcpy(text, ip.at, (size_t)ip.len);
        text[ip.len] = '\0';
        if (inet_pton(AF_INET, text, number) != 1 && inet_pton(AF_INET6, text, number) != 1) break;
        if (strcmp(text, "127.0.0.1") != 0 && strcmp(text, "::1") != 0) return ip;
    }
    return str_of(peer);
}

static void check_framing(Slot *s, bool is_http_10) {
    if (s->hosts != 1) refuse(s, &http_host);
    if (s->encodings > 0 && (s->lengths > 0 || is_http_10)) refuse(s, &http_malformed);
}

/* The empty line (CR LF) after the last header is the end of the head, as the library counted it. What lies behind that
 * end is not ours to look at: it may hold anything. */
static bool ends_where_it_must(const Slot *s, const char *method) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(s->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info != NULL && s->expect[-1] == '\0' && s->expect + 2 == method + info->header_size;
}

void request_read(Slot *s, const char *method, const char *path, const char *version) {
    Request *in = &s->call.in;
    size_t method_len = strlen(method), version_len = strlen(version);
    bool is_http_10 = strcmp(version, "HTTP/1.0") == 0;
    if (s->is_uri_bad || path == NULL || (!is_http_10 && strcmp(version, "HTTP/1.1") != 0) || method_len == 0 ||
        method + method_len + 1 != s->uri || s->uri + s->uri_len + 1 != version) {
        refuse(s, &http_malformed);
        return;
    }
    for (size_t i = 0; i < method_len; i++)
        if (!is_token_char((unsigned char)method[i])) refuse(s, &http_malformed);
    in->method = (Str){ method, (int64_t)method_len };
    s->head_len = (int64_t)method_len + s->uri_len + (int64_t)version_len + 4;
    if (s->head_len > HTTP_HEADER_MAX) refuse(s, &http_headers_too_large);
    s->body_len = -1;
    s->forwarded = -1;
    s->expect = version + version_len + 2;
    MHD_get_connection_values_n(s->connection, MHD_HEADER_KIND, take_header, s);
    if (s->refusal != NULL) return;
    if (!ends_where_it_must(s, method)) refuse(s, &http_malformed);
    check_framing(s, is_http_10);
    in->client_ip = str_of(s->conn->ip);
    if (s->conn->is_local && s->forwarded >= 0) in->client_ip = forwarded_ip(in, s->forwarded, s->conn->ip);
}

Str request_header(const Request *r, const char *lower_name) {
    int64_t len = (int64_t)strlen(lower_name);
    for (int64_t i = 0; i < r->header_count; i++) {
        Str name = r->headers[i].name;
        if (name.len == len && memcmp(name.at, lower_name, (size_t)len) == 0) return r->headers[i].value;
    }
    return (Str){ NULL, 0 };
}
