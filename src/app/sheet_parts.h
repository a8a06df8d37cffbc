/* sheet_parts - what the XLSX reader knows of the package beside the rows; private to sheet_*.c. */
#pragma once
#include "app/sheet.h"
#include <expat.h>
#include <zip.h>

typedef enum SheetWhy { SHEET_FINE, SHEET_NOT_ZIP, SHEET_TOO_BIG, SHEET_BROKEN, SHEET_NO_SHEET } SheetWhy;

/* Parts of the package, read whole before the first row. */
typedef struct SheetParts {
    char *text; int64_t text_len, text_room;           /* shared strings, one behind the other */
    uint32_t *ends; int64_t string_count;              /* where each of them ends */
    bool is_date[SHEET_STYLES_MAX]; int64_t style_count;
    bool is_1904;
    char target[SHEET_NAME_MAX + 1];                   /* entry name of the sheet */
} SheetParts;
SheetWhy sheet_parts_read(zip_t *zip, Str sheet_name, SheetParts *ret_parts);
void sheet_parts_free(SheetParts *parts);
Str sheet_parts_string(const SheetParts *parts, int64_t index);

/* One XML entry through expat in pieces. Handlers set *why to stop. */
typedef struct SheetXml {
    XML_Parser parser;
    zip_file_t *file;
    SheetWhy why;
    int64_t read, size, silent;                        /* bytes so far, in all, since a handler last heard something */
    bool is_suspended, is_done;
} SheetXml;
SheetWhy sheet_xml_open(SheetXml *x, zip_t *zip, const char *entry, void *user, XML_StartElementHandler start,
                        XML_EndElementHandler end, XML_CharacterDataHandler text);
SheetWhy sheet_xml_run(SheetXml *x);                   /* until the end, an error or sheet_xml_pause() */
void sheet_xml_pause(SheetXml *x);
void sheet_xml_stop(SheetXml *x, SheetWhy why);
void sheet_xml_close(SheetXml *x);

const char *sheet_local(const char *name);             /* "x:row" → "row" */
const char *sheet_attr(const char **attrs, const char *local_name);   /* NULL when absent */
bool sheet_is(const char *name, const char *local_name);
/* A serial day number in the text of a cell as a date; false when it is no number in range. `ret_text` has
 * SHEET_DATE_ROOM bytes. */
enum { SHEET_DATE_ROOM = 48 };
bool sheet_date_text(Str serial, bool is_1904, char *ret_text);
