/* Character sets. A decoder keeps at most three bytes between chunks; ICU's converter is opened for one chunk and
 * closed again, so that a Decoder needs no close. Nothing is guessed away: a malformed byte ends the text. */
#include "base/text.h"
#include <assert.h>
#include <string.h>
#include <strings.h>
#include <unicode/ucnv.h>

const char *const charset_names[] = { "auto", "utf-8", "gb18030", "utf-16le", "utf-16be", NULL };

bool charset_of_name(Str name, Charset *ret_charset) {
    static const struct {
        const char *name;
        Charset charset;
    } known[] = {
        { "auto", CHARSET_AUTO },        { "utf-8", CHARSET_UTF8 },
        { "utf8", CHARSET_UTF8 },        { "gbk", CHARSET_GB18030 },
        { "gb2312", CHARSET_GB18030 },   { "gb18030", CHARSET_GB18030 },
        { "utf-16le", CHARSET_UTF16LE }, { "utf-16be", CHARSET_UTF16BE },
        { "utf-16", CHARSET_UTF16LE },   { "", CHARSET_AUTO },
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strlen(known[i].name) != (size_t)name.len || strncasecmp(known[i].name, name.at, (size_t)name.len) != 0)
            continue;
        *ret_charset = known[i].charset;
        return true;
    }
    return false;
}

/* ---- how far is it well formed? --------------------------------------------------------------------------------- */

/* Bytes of whole, valid sequences at the start of `in`; ret_is_cut: what follows may be a sequence cut by the end. */
typedef struct Extent {
    int64_t len;
    bool is_cut, is_bad, has_other;
} Extent;

static bool utf8_may_go_on(const unsigned char *p, int64_t left) {
    int64_t need = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || left >= need) return false;
    for (int64_t k = 1; k < left; k++) {
        if ((p[k] & 0xc0) != 0x80) return false;
    }
    if (left < 2) return true;
    if (p[0] == 0xe0) return p[1] >= 0xa0;
    if (p[0] == 0xed) return p[1] < 0xa0;
    if (p[0] == 0xf0) return p[1] >= 0x90;
    return p[0] != 0xf4 || p[1] < 0x90;
}

static int64_t ascii_run(Str in, int64_t at) {
    const uint64_t high = 0x8080808080808080u;
    uint64_t eight;
    for (; at + 8 <= in.len; at += 8) {
        memcpy(&eight, in.at + at, 8);
        if (eight & high) break;
    }
    while (at < in.len && (unsigned char)in.at[at] < 0x80) at++;
    return at;
}

static Extent extent_utf8(Str in) {
    Extent e = { 0 };
    while (e.len < in.len) {
        e.len = ascii_run(in, e.len);
        if (e.len == in.len) break;
        if (text_next(in, &e.len) < 0) {
            e.is_cut = utf8_may_go_on((const unsigned char *)in.at + e.len, in.len - e.len);
            e.is_bad = !e.is_cut;
            break;
        }
        e.has_other = true;
    }
    return e;
}

static Extent extent_gb18030(Str in) {
    Extent e = { 0 };
    while (e.len < in.len) {
        e.len = ascii_run(in, e.len);
        if (e.len == in.len) break;
        const unsigned char *p = (const unsigned char *)in.at + e.len;
        int64_t left = in.len - e.len;
        bool is_four = left > 1 && p[1] >= 0x30 && p[1] <= 0x39;
        bool is_lead = p[0] >= 0x81 && p[0] <= 0xfe;
        bool is_second = left < 2 || is_four || (p[1] >= 0x40 && p[1] <= 0xfe && p[1] != 0x7f);
        bool is_third = !is_four || left < 3 || (p[2] >= 0x81 && p[2] <= 0xfe);
        bool is_fourth = !is_four || left < 4 || (p[3] >= 0x30 && p[3] <= 0x39);
        e.is_bad = !is_lead || !is_second || !is_third || !is_fourth;
        e.is_cut = !e.is_bad && left < (is_four ? 4 : 2);
        if (e.is_bad || e.is_cut) break;
        e.len += is_four ? 4 : 2;
        e.has_other = true;
    }
    return e;
}

/* ---- turning it into UTF-8 -------------------------------------------------------------------------------------- */

/* False: a sequence that no character has; ret_good counts the bytes before it. */
static bool add_gb18030(Str in, Buf *out, int64_t *ret_good) {
    *ret_good = 0;
    if (in.len == 0) return true;
    UErrorCode status = U_ZERO_ERROR;
    UConverter *from = ucnv_open("gb18030", &status), *to = ucnv_open("utf-8", &status);
    if (U_FAILURE(status)) {
        ucnv_close(from);
        ucnv_close(to);
        return false;
    }
    ucnv_setToUCallBack(from, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &status);
    ucnv_setFromUCallBack(to, UCNV_FROM_U_CALLBACK_STOP, NULL, NULL, NULL, &status);
    UChar pivot[2048], *pivot_from = pivot, *pivot_to = pivot;
    char piece[4096];
    const char *source = in.at;
    do {
        char *target = piece;
        status = U_ZERO_ERROR;
        ucnv_convertEx(to, from, &target, piece + sizeof piece, &source, in.at + in.len, pivot, &pivot_from, &pivot_to,
                       pivot + 2048, false, true, &status);
        buf_add(out, (Str){ piece, target - piece });
    } while (status == U_BUFFER_OVERFLOW_ERROR);
    ucnv_close(from);
    ucnv_close(to);
    *ret_good = source - in.at;
    return U_SUCCESS(status);
}

/* Whole units only; ret_good stops before an unpaired or cut surrogate. */
static bool add_utf16(Str in, bool is_big, Buf *out, int64_t *ret_good, bool *ret_is_cut) {
    const unsigned char *p = (const unsigned char *)in.at;
    int64_t at = 0;
    *ret_is_cut = false;
    while (at + 2 <= in.len) {
        int32_t unit = is_big ? p[at] << 8 | p[at + 1] : p[at + 1] << 8 | p[at];
        int64_t len = 2;
        if (unit >= 0xd800 && unit <= 0xdbff) {
            if (at + 4 > in.len) break;
            int32_t low = is_big ? p[at + 2] << 8 | p[at + 3] : p[at + 3] << 8 | p[at + 2];
            if (low < 0xdc00 || low > 0xdfff) return *ret_good = at, false;
            unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
            len = 4;
        } else if (unit >= 0xdc00 && unit <= 0xdfff) {
            return *ret_good = at, false;
        }
        buf_code_point(out, unit);
        at += len;
    }
    *ret_good = at;
    *ret_is_cut = at < in.len;
    return true;
}

/* ---- the stream ------------------------------------------------------------------------------------------------- */

void decoder_init(Decoder *d, Charset charset) { *d = (Decoder){ .charset = charset }; }

/* Swallows a byte order mark that fits; in CHARSET_AUTO it also decides. */
static int64_t take_mark(Decoder *d, Str in) {
    static const struct {
        Charset charset;
        Str mark;
    } marks[] = {
        { CHARSET_UTF8, S_INIT("\xef\xbb\xbf") },
        { CHARSET_UTF16LE, S_INIT("\xff\xfe") },
        { CHARSET_UTF16BE, S_INIT("\xfe\xff") },
        { CHARSET_GB18030, S_INIT("\x84\x31\x95\x33") },
    };
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (d->charset != CHARSET_AUTO && d->charset != marks[i].charset) continue;
        if (!str_starts(in, marks[i].mark)) continue;
        d->charset = marks[i].charset;
        return marks[i].mark.len;
    }
    return 0;
}

/* Still undecided: the first bytes that are not ASCII tell, as far as this chunk goes. */
static void decide(Decoder *d, Str in, bool is_last) {
    Extent e = extent_utf8(in);
    bool is_utf8 = e.has_other && !e.is_bad && !(e.is_cut && is_last);
    if (is_utf8) d->charset = CHARSET_UTF8;
    if (e.is_bad || (e.is_cut && is_last)) d->charset = extent_gb18030(in).is_bad ? CHARSET_UTF8 : CHARSET_GB18030;
}

static DecodeResult decode(Decoder *d, Str in, bool is_last, Buf *out) {
    if (d->charset == CHARSET_AUTO) decide(d, in, is_last);
    int64_t good = 0;
    bool is_cut = false, is_fine = true;
    if (d->charset == CHARSET_GB18030) {
        Extent e = extent_gb18030(in);
        is_cut = e.is_cut;
        is_fine = add_gb18030(str_slice(in, 0, e.len), out, &good) && !e.is_bad;
    } else if (d->charset == CHARSET_UTF16LE || d->charset == CHARSET_UTF16BE) {
        is_fine = add_utf16(in, d->charset == CHARSET_UTF16BE, out, &good, &is_cut);
    } else {
        Extent e = extent_utf8(in);
        buf_add(out, str_slice(in, 0, e.len));
        good = e.len;
        is_cut = e.is_cut;
        is_fine = !e.is_bad;
    }
    d->bytes_read += good;
    if (!is_fine || (is_cut && is_last)) return DECODE_MALFORMED;
    d->pending_count = is_cut ? in.len - good : 0;
    assert(d->pending_count < 4);
    memcpy(d->pending, in.at + good, (size_t)d->pending_count);
    return DECODE_OK;
}

DecodeResult decoder_push(Decoder *d, Str in, bool is_last, Buf *out) {
    if (d->pending_count > 0) { /* a copy of the chunk behind what was cut: simple, and rare enough */
        Buf whole = { .arena = out->arena };
        buf_add(&whole, (Str){ (const char *)d->pending, d->pending_count });
        buf_add(&whole, in);
        in = buf_str(&whole);
        d->pending_count = 0;
    }
    if (in.len == 0) return DECODE_OK;
    if (!d->is_begun) {
        if (in.len < 4 && !is_last) { /* too short to tell a mark */
            d->pending_count = in.len;
            memcpy(d->pending, in.at, (size_t)in.len);
            return DECODE_OK;
        }
        int64_t mark = take_mark(d, in);
        d->bytes_read += mark;
        in = str_slice(in, mark, in.len);
        d->is_begun = true;
        if (in.len == 0) return DECODE_OK;
    }
    return decode(d, in, is_last, out);
}

bool text_decode(Arena *a, Str in, Charset charset, Str *ret_utf8) {
    Decoder d;
    Buf out = { .arena = a };
    decoder_init(&d, charset);
    if (decoder_push(&d, in, true, &out) != DECODE_OK) return false;
    *ret_utf8 = buf_str(&out);
    return true;
}

bool text_encode_gb18030(Arena *a, Str utf8, Str *ret_bytes) {
    if (utf8.len > INT32_MAX / 4 || !str_is_utf8(utf8)) return false;
    UErrorCode status = U_ZERO_ERROR;
    char *out = NEW_LIST(a, char, utf8.len * 2 + 4);
    int32_t len = ucnv_convert("gb18030", "utf-8", out, (int32_t)utf8.len * 2 + 4, utf8.at, (int32_t)utf8.len, &status);
    if (U_FAILURE(status)) return false;
    *ret_bytes = (Str){ out, len };
    return true;
}
