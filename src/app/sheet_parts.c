/* Workbook, relations, shared strings and styles of an XLSX package. */
#include "app/sheet_parts.h"
#include "base/day.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct PartsRead {
    SheetXml xml; /* first: see on_doctype() */
    SheetParts *parts;
    Str sheet_name;
    char relation[SHEET_NAME_MAX + 1]; /* id of the wanted sheet */
    bool is_text, is_phonetic, is_in_xfs, is_found;
    bool is_date_format[SHEET_STYLES_MAX]; /* custom number formats by id */
} PartsRead;

static void ignore_text(void *user, const char *at, int len) { (void)user, (void)at, (void)len; }
static void ignore_end(void *user, const char *name) {
    ((PartsRead *)user)->xml.silent = 0;
    (void)name;
}

static void keep_name(char *into, const char *text) { snprintf(into, SHEET_NAME_MAX + 1, "%s", text); }

/* ---- workbook.xml and its relations ---- */

static void on_workbook(void *user, const char *name, const char **attrs) {
    PartsRead *p = user;
    p->xml.silent = 0;
    if (sheet_is(name, "workbookPr")) {
        const char *value = sheet_attr(attrs, "date1904");
        p->parts->is_1904 = value && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
    }
    if (!sheet_is(name, "sheet") || p->is_found) return;
    const char *title = sheet_attr(attrs, "name"), *relation = NULL;
    for (const char **a = attrs; a[0]; a += 2) {
        if (sheet_is(a[0], "id") && strchr(a[0], ':')) relation = a[1];
    }
    if (!relation || (p->sheet_name.len > 0 && (!title || !str_is(p->sheet_name, title)))) return;
    keep_name(p->relation, relation);
    p->is_found = true;
}

static void on_relation(void *user, const char *name, const char **attrs) {
    PartsRead *p = user;
    p->xml.silent = 0;
    if (!sheet_is(name, "Relationship")) return;
    const char *id = sheet_attr(attrs, "Id"), *target = sheet_attr(attrs, "Target");
    if (!id || !target || strcmp(id, p->relation) != 0 || strlen(target) > SHEET_NAME_MAX - 4) return;
    if (target[0] == '/')
        keep_name(p->parts->target, target + 1);
    else
        snprintf(p->parts->target, sizeof p->parts->target, "xl/%.*s", SHEET_NAME_MAX - 4, target);
}

/* ---- shared strings ---- */

static void on_string_start(void *user, const char *name, const char **attrs) {
    (void)attrs;
    PartsRead *p = user;
    p->xml.silent = 0;
    if (sheet_is(name, "t"))
        p->is_text = !p->is_phonetic;
    else if (sheet_is(name, "rPh"))
        p->is_phonetic = true;
}

static void on_string_end(void *user, const char *name) {
    PartsRead *p = user;
    p->xml.silent = 0;
    if (sheet_is(name, "t"))
        p->is_text = false;
    else if (sheet_is(name, "rPh"))
        p->is_phonetic = false;
    if (!sheet_is(name, "si")) return;
    if (p->parts->string_count == SHEET_STRINGS_MAX) {
        sheet_xml_stop(&p->xml, SHEET_TOO_BIG);
        return;
    }
    p->parts->ends[p->parts->string_count++] = (uint32_t)p->parts->text_len;
}

static void on_string_text(void *user, const char *at, int len) {
    PartsRead *p = user;
    SheetParts *parts = p->parts;
    p->xml.silent = 0;
    if (!p->is_text) return;
    if (parts->text_len + len > parts->text_room) {
        sheet_xml_stop(&p->xml, SHEET_TOO_BIG);
        return;
    }
    memcpy(parts->text + parts->text_len, at, (size_t)len);
    parts->text_len += len;
}

/* ---- styles ---- */

/* A format is a date when it has a letter of one outside quotes, brackets and escapes. */
static bool format_is_date(const char *code) {
    for (const char *p = code; *p; p++) {
        if (*p == '"') {
            p = strchr(p + 1, '"');
            if (!p) return false;
        } else if (*p == '[') {
            bool is_elapsed = strchr("hHmMsS", p[1]) && p[1] != 0;
            if (is_elapsed) return true;
            p = strchr(p, ']');
            if (!p) return false;
        } else if ((*p == '\\' || *p == '_' || *p == '*') && p[1]) {
            p++;
        } else if (strchr("yYmMdDhHsS", *p)) {
            return true;
        }
    }
    return false;
}

static bool built_in_is_date(int64_t id) {
    return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
}

static int64_t attr_int(const char **attrs, const char *name) {
    const char *text = sheet_attr(attrs, name);
    int64_t value;
    return text && str_to_int(str_of(text), &value) ? value : -1;
}

static void on_style(void *user, const char *name, const char **attrs) {
    PartsRead *p = user;
    p->xml.silent = 0;
    if (sheet_is(name, "numFmt")) {
        int64_t id = attr_int(attrs, "numFmtId");
        const char *code = sheet_attr(attrs, "formatCode");
        if (id >= 0 && id < SHEET_STYLES_MAX && code) p->is_date_format[id] = format_is_date(code);
    } else if (sheet_is(name, "cellXfs")) {
        p->is_in_xfs = true;
    } else if (sheet_is(name, "xf") && p->is_in_xfs && p->parts->style_count < SHEET_STYLES_MAX) {
        int64_t id = attr_int(attrs, "numFmtId");
        bool is_date = built_in_is_date(id) || (id >= 0 && id < SHEET_STYLES_MAX && p->is_date_format[id]);
        p->parts->is_date[p->parts->style_count++] = is_date;
    }
}

static void on_style_end(void *user, const char *name) {
    PartsRead *p = user;
    p->xml.silent = 0;
    if (sheet_is(name, "cellXfs")) p->is_in_xfs = false;
}

/* ---- all together ---- */

static SheetWhy read_part(zip_t *zip, PartsRead *p, const char *entry, XML_StartElementHandler start,
                          XML_EndElementHandler end, XML_CharacterDataHandler text) {
    SheetWhy why = sheet_xml_open(&p->xml, zip, entry, p, start, end, text);
    if (why == SHEET_FINE) why = sheet_xml_run(&p->xml);
    sheet_xml_close(&p->xml);
    return why;
}

static SheetWhy read_parts(zip_t *zip, PartsRead *p) {
    SheetWhy why = read_part(zip, p, "xl/workbook.xml", on_workbook, ignore_end, ignore_text);
    if (why == SHEET_NO_SHEET) return SHEET_NOT_ZIP;
    if (why != SHEET_FINE) return why;
    if (!p->is_found) return SHEET_NO_SHEET;
    why = read_part(zip, p, "xl/_rels/workbook.xml.rels", on_relation, ignore_end, ignore_text);
    if (why != SHEET_FINE) return why == SHEET_NO_SHEET ? SHEET_BROKEN : why;
    if (p->parts->target[0] == 0) return SHEET_BROKEN;
    why = read_part(zip, p, "xl/styles.xml", on_style, on_style_end, ignore_text);
    if (why != SHEET_FINE && why != SHEET_NO_SHEET) return why;
    why = read_part(zip, p, "xl/sharedStrings.xml", on_string_start, on_string_end, on_string_text);
    return why == SHEET_NO_SHEET ? SHEET_FINE : why; /* both may be absent */
}

SheetWhy sheet_parts_read(zip_t *zip, Str sheet_name, SheetParts *parts) {
    memset(parts, 0, sizeof *parts);
    if (zip_get_num_entries(zip, 0) > SHEET_ENTRIES_MAX) return SHEET_TOO_BIG;
    /* Room is taken whole and only what is filled is ever touched. */
    parts->text_room = SHEET_STRINGS_BYTES_MAX;
    parts->text = malloc((size_t)parts->text_room);
    parts->ends = malloc(SHEET_STRINGS_MAX * sizeof *parts->ends);
    PartsRead *p = calloc(1, sizeof *p);
    if (!parts->text || !parts->ends || !p) {
        free(p);
        return SHEET_TOO_BIG;
    }
    p->parts = parts;
    p->sheet_name = sheet_name;
    SheetWhy why = read_parts(zip, p);
    free(p);
    return why;
}

void sheet_parts_free(SheetParts *parts) {
    free(parts->text);
    free(parts->ends);
    parts->text = NULL;
    parts->ends = NULL;
}

Str sheet_parts_string(const SheetParts *parts, int64_t index) {
    if (index < 0 || index >= parts->string_count) return S("");
    int64_t from = index == 0 ? 0 : parts->ends[index - 1];
    return (Str){ parts->text + from, parts->ends[index] - from };
}

/* ---- dates ---- */

/* Serial 1 is 1900-01-01, and the epoch of 1900 has a 29 February that never was (serial 60). Fractions are parts of a
 * day, read to nine digits and rounded to the second. */
bool sheet_date_text(Str serial, bool is_1904, char *ret_text) {
    Str whole_text, fraction_text;
    int64_t whole, fraction = 0;
    str_cut(serial, '.', &whole_text, &fraction_text);
    if (!str_to_int(whole_text, &whole) || whole < 0 || whole > 2958465) return false;
    for (int64_t i = 0; i < 9; i++) {
        char ch = i < fraction_text.len ? fraction_text.at[i] : '0';
        if (ch < '0' || ch > '9') return false;
        fraction = fraction * 10 + (ch - '0');
    }
    int64_t seconds = (fraction * 86400 + 500000000) / 1000000000;
    whole += seconds / 86400;
    seconds %= 86400;
    int hour = (int)(seconds / 3600), minute = (int)(seconds / 60 % 60), second = (int)(seconds % 60);
    if (whole == 0 && !is_1904) {
        snprintf(ret_text, SHEET_DATE_ROOM, "%02d:%02d:%02d", hour, minute, second);
        return true;
    }
    int64_t day = is_1904 ? day_add(19040101, whole) : day_add(whole < 60 ? 18991231 : 18991230, whole);
    if (day > DAY_MAX) return false;
    int year = (int)day_year(day) % 10000, month = (int)day_month(day) % 100, in_month = (int)day_of_month(day) % 100;
    int len = snprintf(ret_text, SHEET_DATE_ROOM, "%04d-%02d-%02d", year, month, in_month);
    if (seconds != 0)
        snprintf(ret_text + len, (size_t)(SHEET_DATE_ROOM - len), " %02d:%02d:%02d", hour, minute, second);
    return true;
}
