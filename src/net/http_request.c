/* Reads one request strictly: what two readers could understand differently is refused, for behind a proxy it can
 * smuggle a second request past it. Lines end in CR LF and nothing else, are not folded and hold no control bytes;
 * names are tokens up to the colon; one Host; one Content-Length of digits, or chunked, never both. */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>
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

/* What a token may hold, upper case as its lower case; 0: no token. */
static const char token_char[256] = {
    ['!'] = '!', ['#'] = '#', ['$'] = '$', ['%'] = '%', ['&'] = '&', ['\''] = '\'', ['*'] = '*', ['+'] = '+',
    ['-'] = '-', ['.'] = '.', ['^'] = '^', ['_'] = '_', ['`'] = '`',  ['|'] = '|',   ['~'] = '~', ['0'] = '0',
    ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4', ['5'] = '5',  ['6'] = '6',   ['7'] = '7', ['8'] = '8',
    ['9'] = '9', ['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd',  ['e'] = 'e',   ['f'] = 'f', ['g'] = 'g',
    ['h'] = 'h', ['i'] = 'i', ['j'] = 'j', ['k'] = 'k', ['l'] = 'l',  ['m'] = 'm',   ['n'] = 'n', ['o'] = 'o',
    ['p'] = 'p', ['q'] = 'q', ['r'] = 'r', ['s'] = 's', ['t'] = 't',  ['u'] = 'u',   ['v'] = 'v', ['w'] = 'w',
    ['x'] = 'x', ['y'] = 'y', ['z'] = 'z', ['A'] = 'a', ['B'] = 'b',  ['C'] = 'c',   ['D'] = 'd', ['E'] = 'e',
    ['F'] = 'f', ['G'] = 'g', ['H'] = 'h', ['I'] = 'i', ['J'] = 'j',  ['K'] = 'k',   ['L'] = 'l', ['M'] = 'm',
    ['N'] = 'n', ['O'] = 'o', ['P'] = 'p', ['Q'] = 'q', ['R'] = 'r',  ['S'] = 's',   ['T'] = 't', ['U'] = 'u',
    ['V'] = 'v', ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y', ['Z'] = 'z',
};

/* ---- where the head ends ---- */

int64_t request_head_len(const char *at, int64_t len, int64_t *line_from) {
    for (;;) {
        const char *line = at + *line_from;
        const char *end = memchr(line, '\n', (size_t)(len - *line_from));
        if (end == NULL) return 0;
        if (end == line || end[-1] != '\r') return -1;
        *line_from = end + 1 - at;
        if (end == line + 1) return *line_from;
    }
}

/* ---- headers ---- */

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

static void note_connection(Slot *s, Str value) {
    Str word;
    for (bool is_more = true; is_more;) {
        is_more = str_cut(value, ',', &word, &value);
        if (is_word(str_trim(word), "close")) s->is_keep_alive = false;
        if (s->is_http_10 && is_word(str_trim(word), "keep-alive")) s->is_keep_alive = true;
    }
}

/* The headers that decide where this request ends, and what becomes of its connection. */
static void note_framing(Slot *s, Str name, Str value, int64_t place) {
    switch (name.len) {
    case 4:
        if (str_is(name, "host")) s->hosts++;
        break;
    case 6:
        if (str_is(name, "expect")) s->wants_continue = is_word(value, "100-continue");
        break;
    case 10:
        if (str_is(name, "connection")) note_connection(s, value);
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

/* One line without its CR LF; its name becomes lower case where it lies. */
static void take_header(Slot *s, char *line, int64_t len) {
    Request *in = &s->call.in;
    int64_t name_len = 0;
    for (; name_len < len; name_len++) {
        char lower = token_char[(unsigned char)line[name_len]];
        if (lower == 0) break;
        line[name_len] = lower;
    }
    if (name_len == 0 || name_len == len || line[name_len] != ':') {
        refuse(s, &http_malformed);
        return;
    }
    Str name = { line, name_len }, value = { line + name_len + 1, len - name_len - 1 };
    if (!is_clean_value(value)) refuse(s, &http_malformed);
    value = str_trim(value);
    if (in->header_count == HTTP_HEADERS_MAX) refuse(s, &http_headers_too_large);
    if (s->refusal != NULL) return;
    note_framing(s, name, value, in->header_count);
    in->headers[in->header_count++] = (HttpHeader){ name, value };
}

/* ---- the first line ---- */

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

static bool read_target(Slot *s, Str target) {
    for (int64_t i = 0; i < target.len; i++) {
        unsigned char ch = (unsigned char)target.at[i];
        if (ch <= 0x20 || ch == 0x7f || ch == '#') return false;
    }
    int64_t query = str_find_char(target, '?');
    s->call.in.target = target;
    if (query >= 0) s->call.in.query = str_slice(target, query + 1, target.len);
    return decode_path(s, query < 0 ? target : str_slice(target, 0, query));
}

static bool read_first_line(Slot *s, Str line) {
    enum { VERSION_LEN = 8 };
    int64_t method_len = 0, target_end = line.len - VERSION_LEN - 1;
    while (method_len < line.len && token_char[(unsigned char)line.at[method_len]] != 0) method_len++;
    if (method_len == 0 || target_end <= method_len || line.at[method_len] != ' ' || line.at[target_end] != ' ')
        return false;
    Str version = str_slice(line, target_end + 1, line.len);
    s->is_http_10 = str_is(version, "HTTP/1.0");
    s->is_keep_alive = !s->is_http_10;
    if (!s->is_http_10 && !str_is(version, "HTTP/1.1")) return false;
    s->call.in.method = str_slice(line, 0, method_len);
    return read_target(s, str_slice(line, method_len + 1, target_end));
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

static void check_framing(Slot *s) {
    if (s->hosts != 1) refuse(s, &http_host);
    if (s->encodings > 0 && (s->lengths > 0 || s->is_http_10)) refuse(s, &http_malformed);
}

void request_read(Slot *s, Str head) {
    Request *in = &s->call.in;
    char *at = (char *)(uintptr_t)head.at, *end = at + head.len - 2;
    s->body_len = -1;
    s->forwarded = -1;
    if (head.len > HTTP_HEADER_MAX) refuse(s, &http_headers_too_large);
    char *line_end = memchr(at, '\n', (size_t)head.len);
    if (!read_first_line(s, (Str){ at, line_end - 1 - at })) refuse(s, &http_malformed);
    for (at = line_end + 1; at < end && s->refusal == NULL; at = line_end + 1) {
        line_end = memchr(at, '\n', (size_t)(end - at));
        take_header(s, at, line_end - 1 - at);
    }
    if (s->refusal != NULL) return;
    check_framing(s);
    in->client_ip = str_of(s->conn->ip);
    if (s->conn->is_local && s->forwarded >= 0) in->client_ip = forwarded_ip(in, s->forwarded, s->conn->ip);
}

/* ---- chunks ---- */

/* The lines of one chunk, and the trailers, may be as long as a head. */
static bool chunk_line_byte(Slot *s, char ch) {
    bool is_first = s->chunk_last == '\0' || s->chunk_last == '\n';
    bool is_bad = ch == '\n' ? s->chunk_last != '\r' : s->chunk_last == '\r';
    if (is_first && ch == '\n') is_bad = true;
    if ((unsigned char)ch < 0x20 && ch != '\t' && ch != '\r' && ch != '\n') is_bad = true;
    s->chunk_last = ch;
    return !is_bad && ++s->chunk_text <= HTTP_HEADER_MAX;
}

/* The number of bytes to come, in hexadecimal; digits counts them. */
static bool chunk_size_byte(Slot *s, char ch) {
    int digit = hex_value(ch);
    if (digit >= 0) {
        s->chunk_left = s->chunk_left * 16 + digit;
        s->chunk_digits++;
        return s->chunk_digits <= 8;
    }
    s->chunk = CHUNK_EXTENSION;
    return s->chunk_digits > 0 && (ch == ';' || ch == '\r');
}

/* After a whole line: data, or, behind the last chunk, trailers until an empty line. */
static int chunk_line_end(Slot *s) {
    bool is_empty = s->chunk_line == 2;
    s->chunk_line = 0;
    switch (s->chunk) {
    case CHUNK_EXTENSION:
        s->chunk = s->chunk_left == 0 ? CHUNK_TRAILER : CHUNK_DATA;
        return 0;
    case CHUNK_DATA_END:
        s->chunk = CHUNK_SIZE;
        s->chunk_left = s->chunk_digits = s->chunk_text = 0;
        return is_empty ? 0 : -1;
    case CHUNK_TRAILER:
        return is_empty ? 1 : 0;
    case CHUNK_SIZE:
    case CHUNK_DATA:
        break;
    }
    return -1;
}

static int chunk_byte(Slot *s, char ch) {
    if (!chunk_line_byte(s, ch)) return -1;
    s->chunk_line++;
    if (s->chunk == CHUNK_SIZE && !chunk_size_byte(s, ch)) return -1;
    if (s->chunk == CHUNK_DATA_END && ch != '\r' && ch != '\n') return -1;
    return ch == '\n' ? chunk_line_end(s) : 0;
}

int request_chunks(Slot *s, const char *at, int64_t len, int64_t *ret_taken) {
    int64_t from = 0;
    int state = 0;
    while (from < len && state == 0) {
        if (s->chunk != CHUNK_DATA) {
            state = chunk_byte(s, at[from++]);
            continue;
        }
        int64_t part = len - from < s->chunk_left ? len - from : s->chunk_left;
        if (!body_add(s, at + from, (size_t)part)) return -1;
        from += part;
        s->chunk_left -= part;
        if (s->chunk_left == 0) s->chunk = CHUNK_DATA_END;
    }
    *ret_taken = from;
    return state;
}

Str request_header(const Request *r, const char *lower_name) {
    int64_t len = (int64_t)strlen(lower_name);
    for (int64_t i = 0; i < r->header_count; i++) {
        Str name = r->headers[i].name;
        if (name.len == len && memcmp(name.at, lower_name, (size_t)len) == 0) return r->headers[i].value;
    }
    return (Str){ NULL, 0 };
}
