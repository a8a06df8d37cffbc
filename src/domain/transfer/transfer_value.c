/* Cells as values: strict about what they mean, lenient about how they are dressed. */
#include "domain/transfer/transfer_value.h"

enum { DIGITS_MAX = 15 };

enum { ARTEFACT_DECIMALS = 11 };

typedef struct Decimal {
    bool is_negative;
    int64_t whole, thousandths, digits;
} Decimal;

/* A decimal number with thousands separators and a currency sign, to the third decimal. Further ones are cut, except in
 * what a spreadsheet made of a decimal (2.55 stored as 2.5499999999999998): there they are rounded away. */
static bool read_decimal(Str cell, Decimal *ret_decimal) {
    Decimal d = { 0 };
    int64_t at = 0, decimals = 0;
    Str text = str_trim(cell);
    static const Str signs[] = { S_INIT("¥"), S_INIT("￥"), S_INIT("£"), S_INIT("$"), S_INIT("€") };
    if (text.len > 0 && (text.at[0] == '-' || text.at[0] == '+')) d.is_negative = text.at[at++] == '-';
    for (int64_t i = 0; i < 5; i++) {
        if (str_starts(str_slice(text, at, text.len), signs[i])) at += signs[i].len;
    }
    bool is_behind = false, is_high = false;
    for (; at < text.len; at++) {
        char ch = text.at[at];
        if (ch == ',' && !is_behind) continue;
        if (ch == '.' && !is_behind) {
            is_behind = true;
            continue;
        }
        if (ch < '0' || ch > '9') return false;
        d.digits++;
        if (!is_behind && d.whole > 100000000000000) return false;
        if (!is_behind)
            d.whole = d.whole * 10 + (ch - '0');
        else if (decimals < 3)
            d.thousandths = d.thousandths * 10 + (ch - '0');
        else if (decimals == 3)
            is_high = ch >= '5';
        decimals += is_behind;
    }
    if (decimals >= ARTEFACT_DECIMALS && is_high && ++d.thousandths == 1000) {
        d.whole++;
        d.thousandths = 0;
    }
    for (; decimals < 3; decimals++) d.thousandths *= 10;
    *ret_decimal = d;
    return d.digits > 0;
}

bool value_int(Str cell, int64_t *ret_value) {
    Decimal d;
    if (!read_decimal(cell, &d) || d.thousandths != 0) return false;
    *ret_value = d.is_negative ? -d.whole : d.whole;
    return true;
}

bool value_fen(Str cell, bool is_fen, int64_t *ret_fen) {
    Decimal d;
    if (is_fen) return value_int(cell, ret_fen);
    if (!read_decimal(cell, &d)) return false;
    int64_t fen = d.whole * 100 + (d.thousandths + 5) / 10;
    *ret_fen = d.is_negative ? -fen : fen;
    return true;
}

/* The numbers of a cell in order, with the length of the first; what stands between them must be a usual separator. */
typedef struct Numbers {
    int64_t items[7], count, first_len;
    bool is_utc;
} Numbers;

static bool read_numbers(Str cell, Numbers *n) {
    static const Str between[] = { S_INIT("-"),  S_INIT("/"),  S_INIT("."),  S_INIT(":"),  S_INIT(" "),  S_INIT("T"),
                                   S_INIT("年"), S_INIT("月"), S_INIT("日"), S_INIT("时"), S_INIT("分"), S_INIT("秒") };
    Str text = str_trim(cell);
    *n = (Numbers){ 0 };
    if (text.len > 0 && text.at[text.len - 1] == 'Z') {
        n->is_utc = true;
        text.len--;
    }
    for (int64_t at = 0; at < text.len;) {
        int64_t from = at, value = 0;
        for (; at < text.len && text.at[at] >= '0' && text.at[at] <= '9'; at++) {
            if (at - from == DIGITS_MAX) return false;
            value = value * 10 + (text.at[at] - '0');
        }
        if (at > from) {
            if (n->count == 7) return false;
            if (n->count == 0) n->first_len = at - from;
            n->items[n->count++] = value;
            continue;
        }
        for (int64_t i = 0; i < 12 && at == from; i++) {
            if (str_starts(str_slice(text, at, text.len), between[i])) at += between[i].len;
        }
        if (at == from || n->count == 0) return false;
    }
    return n->count > 0;
}

static bool day_of_numbers(const Numbers *n, Str order, int64_t *ret_day, int64_t *ret_used) {
    const int64_t *v = n->items;
    int64_t day = 0;
    *ret_used = 3;
    if (n->first_len == 8) {
        day = v[0];
        *ret_used = 1;
    } else if (n->count >= 3 && str_is(order, "dmy")) {
        day = day_of(v[2], v[1], v[0]);
    } else if (n->count >= 3 && str_is(order, "mdy")) {
        day = day_of(v[2], v[0], v[1]);
    } else if (n->count >= 3 && n->first_len == 4) {
        day = day_of(v[0], v[1], v[2]);
    }
    if (*ret_used == 3 && n->count >= 3 && (v[0] > 9999 || v[1] > 9999 || v[2] > 9999)) return false;
    if (!day_is_valid(day)) return false;
    *ret_day = day;
    return true;
}

bool value_day(Str cell, Str order, int64_t *ret_day) {
    Numbers n;
    int64_t used;
    return read_numbers(cell, &n) && day_of_numbers(&n, order, ret_day, &used);
}

bool value_time(Str cell, Str order, const Zone *zone, int64_t *ret_at) {
    Numbers n;
    int64_t day, used;
    if (!read_numbers(cell, &n)) return false;
    if (n.count == 1 && n.first_len == 13) {
        *ret_at = n.items[0];
        return true;
    }
    if (!day_of_numbers(&n, order, &day, &used)) return false;
    int64_t hour = used < n.count ? n.items[used] : 0, minute = used + 1 < n.count ? n.items[used + 1] : 0;
    int64_t second = used + 2 < n.count ? n.items[used + 2] : 0;
    if (hour > 23 || minute > 59 || second > 59) return false;
    int64_t at = n.is_utc ? day_number(day) * DAY_MS + (hour * 60 + minute) * MINUTE_MS
                          : instant_at(zone, day, hour * 60 + minute);
    *ret_at = at + second * 1000;
    return true;
}
