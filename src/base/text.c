/* Search form, phones, mail addresses, masks. Plain ASCII never reaches ICU: it is most of what tills send. */
#include "base/text.h"
#include <assert.h>
#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

enum { EMAIL_MAX = 254, EMAIL_LOCAL_MAX = 64, PHONE_DIGITS_MAX = 15, PHONE_TEXT_MAX = 40 };

int32_t text_next(Str s, int64_t *at) {
    int64_t i = *at;
    if (i >= s.len) return -1;
    const unsigned char *p = (const unsigned char *)s.at + i;
    int64_t left = s.len - i;
    if (p[0] < 0x80) {
        *at = i + 1;
        return p[0];
    }
    int64_t len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || left < len) return -1;
    int32_t code = p[0] & (0x7f >> len);
    for (int64_t k = 1; k < len; k++) {
        if ((p[k] & 0xc0) != 0x80) return -1;
        code = code << 6 | (p[k] & 0x3f);
    }
    static const int32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    if (code < least[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return -1;
    *at = i + len;
    return code;
}

void buf_code_point(Buf *b, int32_t code) {
    assert(code >= 0 && code <= 0x10ffff);
    char out[4];
    if (code < 0x80) {
        buf_char(b, (char)code);
        return;
    }
    int64_t len = code >= 0x10000 ? 4 : code >= 0x800 ? 3 : 2;
    for (int64_t k = len - 1; k > 0; k--, code >>= 6) out[k] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)((0xf00 >> len & 0xff) | code);
    buf_add(b, (Str){ out, len });
}

Str text_head(Str s, int64_t most) {
    int64_t at = 0;
    for (int64_t i = 0; i < most; i++) {
        if (text_next(s, &at) < 0) break;
    }
    return str_slice(s, 0, at);
}

/* ---- search form ------------------------------------------------------------------------------------------------ */

static bool is_ascii(Str s) {
    for (int64_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.at[i] >= 0x80) return false;
    }
    return true;
}

static bool is_blank(int32_t code) {
    return code == ' ' || (code >= '\t' && code <= '\r') || code == 0x85 || code == 0xa0 || code == 0x1680 ||
           (code >= 0x2000 && code <= 0x200b) || code == 0x2028 || code == 0x2029 || code == 0x202f || code == 0x205f ||
           code == 0x3000 || code == 0xfeff;
}

/* Folded by NFKC_Casefold, which also drops what cannot be seen (soft hyphens, joiners). Empty when not UTF-8. */
static Str fold(Arena *a, Str s) {
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *folding = unorm2_getNFKCCasefoldInstance(&status);
    if (U_FAILURE(status) || s.len > INT32_MAX / 8) return S("");
    UChar *wide = NEW_LIST(a, UChar, s.len + 1);
    int32_t wide_len = 0;
    u_strFromUTF8(wide, (int32_t)s.len + 1, &wide_len, s.at, (int32_t)s.len, &status);
    if (U_FAILURE(status)) return S("");
    int32_t room = wide_len * 18 + 1; /* the longest compatibility decomposition has 18 units */
    UChar *folded = NEW_LIST(a, UChar, room);
    int32_t folded_len = unorm2_normalize(folding, wide, wide_len, folded, room, &status);
    if (U_FAILURE(status)) return S("");
    char *out = NEW_LIST(a, char, (int64_t)folded_len * 3 + 1);
    int32_t out_len = 0;
    u_strToUTF8(out, folded_len * 3 + 1, &out_len, folded, folded_len, &status);
    return U_SUCCESS(status) ? (Str){ out, out_len } : S("");
}

static Str fold_ascii(Arena *a, Str s) {
    char *out = NEW_LIST(a, char, s.len + 1);
    for (int64_t i = 0; i < s.len; i++) out[i] = (char)(s.at[i] >= 'A' && s.at[i] <= 'Z' ? s.at[i] + 32 : s.at[i]);
    return (Str){ out, s.len };
}

Str text_search_form(Arena *a, Str s) {
    if (s.len == 0) return s;
    Str folded = is_ascii(s) ? fold_ascii(a, s) : fold(a, s);
    char *out = NEW_LIST(a, char, folded.len + 1);
    int64_t len = 0;
    bool is_gap = false;
    for (int64_t at = 0; at < folded.len;) {
        int64_t from = at;
        int32_t code = text_next(folded, &at);
        if (code < 0) return S("");
        if (is_blank(code)) {
            is_gap = len > 0;
            continue;
        }
        if (is_gap) out[len++] = ' ';
        is_gap = false;
        memcpy(out + len, folded.at + from, (size_t)(at - from));
        len += at - from;
    }
    return (Str){ out, len };
}

/* ---- phones ----------------------------------------------------------------------------------------------------- */

static bool is_digit(char ch) { return ch >= '0' && ch <= '9'; }

bool text_phone_is_mobile(Str s) {
    if (s.len != 11 || s.at[0] != '1' || s.at[1] < '3') return false;
    for (int64_t i = 0; i < s.len; i++) {
        if (!is_digit(s.at[i])) return false;
    }
    return true;
}

/* Digits only; a plus in front becomes ret_is_foreign (so does 00). False: holds something that is no phone number. */
static bool phone_digits(Str s, char *at, int64_t *ret_len, bool *ret_is_foreign) {
    int64_t len = 0;
    bool has_plus = false;
    for (int64_t i = 0; i < s.len; i++) {
        char ch = s.at[i];
        if (is_digit(ch)) {
            if (len == PHONE_DIGITS_MAX + 2) return false;
            at[len++] = ch;
        } else if (ch == '+' && len == 0 && !has_plus) {
            has_plus = true;
        } else if (!strchr(" -().\t", ch) || ch == 0) {
            return false;
        }
    }
    if (!has_plus && len > 2 && at[0] == '0' && at[1] == '0') {
        memmove(at, at + 2, (size_t)(len - 2));
        len -= 2;
        has_plus = true;
    }
    *ret_len = len;
    *ret_is_foreign = has_plus;
    return len > 0;
}

bool text_phone(Arena *a, Str s, Str *ret_phone) {
    char at[PHONE_DIGITS_MAX + 2];
    int64_t len;
    bool is_foreign;
    if (s.len > PHONE_TEXT_MAX) return false;
    Str form = is_ascii(s) ? s : text_search_form(a, s); /* digits of full width, dashes of every kind */
    if (!phone_digits(form, at, &len, &is_foreign)) return false;
    Str digits = { at, len };
    bool is_mainland = len > 2 && at[0] == '8' && at[1] == '6';
    Str national = str_slice(digits, 2, len);
    if (is_mainland && text_phone_is_mobile(national) && (is_foreign || len == 13)) {
        *ret_phone = arena_str(a, national);
        return true;
    }
    if (is_foreign && is_mainland) { /* +86 10 1234 5678: the 0 of the area code comes back */
        if (national.len < 9 || national.len > 11 || national.at[0] == '0') return false;
        *ret_phone = arena_print(a, "0%.*s", (int)national.len, national.at);
        return true;
    }
    if (is_foreign) {
        if (len < 7 || len > PHONE_DIGITS_MAX || at[0] == '0') return false;
        *ret_phone = arena_print(a, "+%.*s", (int)len, at);
        return true;
    }
    bool is_landline = at[0] == '0' && len >= 10 && len <= 12;
    bool is_service = len == 10 && (str_starts(digits, S("400")) || str_starts(digits, S("800")));
    if (!text_phone_is_mobile(digits) && !is_landline && !is_service) return false;
    *ret_phone = arena_str(a, digits);
    return true;
}

/* ---- mail ------------------------------------------------------------------------------------------------------- */

static bool is_alnum(char ch) { return is_digit(ch) || (ch >= 'a' && ch <= 'z'); }

static bool domain_is_fine(Str domain) {
    int64_t label = 0, dots = 0;
    for (int64_t i = 0; i < domain.len; i++) {
        char ch = domain.at[i];
        if (ch == '.') {
            if (label == 0 || domain.at[i - 1] == '-') return false;
            label = 0;
            dots++;
            continue;
        }
        if (!is_alnum(ch) && (ch != '-' || label == 0)) return false;
        if (++label > 63) return false;
    }
    return dots > 0 && label > 1 && domain.at[domain.len - 1] != '-';
}

bool text_email(Arena *a, Str s, Str *ret_email) {
    Str trimmed = str_trim(s), local, domain;
    if (trimmed.len > EMAIL_MAX || !is_ascii(trimmed)) return false;
    Str folded = fold_ascii(a, trimmed);
    if (!str_cut(folded, '@', &local, &domain) || local.len == 0 || local.len > EMAIL_LOCAL_MAX) return false;
    for (int64_t i = 0; i < local.len; i++) {
        char ch = local.at[i];
        if (ch == '.' && (i == 0 || i == local.len - 1 || local.at[i - 1] == '.')) return false;
        if (!is_alnum(ch) && (ch == 0 || !strchr(".!#$%&'*+/=?^_`{|}~-", ch))) return false;
    }
    if (!domain_is_fine(domain)) return false;
    *ret_email = folded;
    return true;
}

/* ---- masks ------------------------------------------------------------------------------------------------------ */

Str text_mask_phone(Arena *a, Str s) {
    if (s.len == 0) return s;
    if (s.len < 8) return text_mask_tail(a, s, 2);
    return ARENA_JOIN(a, (Str){ s.at, 3 }, S("****"), (Str){ s.at + s.len - 4, 4 });
}

Str text_mask_name(Arena *a, Str name) {
    Str first = text_head(name, 1);
    if (first.len == 0) return S("");
    return ARENA_JOIN(a, first, S("**"));
}

Str text_mask_email(Arena *a, Str email) {
    Str local, domain;
    if (!str_cut(email, '@', &local, &domain)) return text_mask_name(a, email);
    Str first = text_head(local, 1);
    return arena_print(a, "%.*s***@%.*s", (int)first.len, first.at, (int)domain.len, domain.at);
}

/* Short texts show at most a third, so that a mask never gives the whole away. */
Str text_mask_tail(Arena *a, Str s, int64_t keep) {
    if (s.len == 0) return s;
    int64_t chars = str_chars(s), shown = keep * 3 > chars ? chars / 3 : keep;
    Str hidden = text_head(s, chars - shown);
    return arena_print(a, "****%.*s", (int)(s.len - hidden.len), s.at + hidden.len);
}
