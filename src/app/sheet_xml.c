/* The XML under a sheet: pieces of a zip entry go through expat; no DTD, no entities, no token without end. */
#include "app/sheet_parts.h"
#include <string.h>

enum { PIECE = 64 << 10 };
static const int64_t RATIO_FROM = (int64_t)64 << 20; /* small files may be as repetitive as they like */

const char *sheet_local(const char *name) {
    const char *colon = strrchr(name, ':');
    return colon ? colon + 1 : name;
}
bool sheet_is(const char *name, const char *local_name) { return strcmp(sheet_local(name), local_name) == 0; }

const char *sheet_attr(const char **attrs, const char *local_name) {
    for (; attrs[0]; attrs += 2) {
        if (sheet_is(attrs[0], local_name)) return attrs[1];
    }
    return NULL;
}

void sheet_xml_stop(SheetXml *x, SheetWhy why) {
    x->why = why;
    XML_StopParser(x->parser, XML_FALSE);
}
void sheet_xml_pause(SheetXml *x) { XML_StopParser(x->parser, XML_TRUE); }

/* Expat hands its own parser to the handlers (XML_UseParserAsHandlerArg would hide the user), so the user begins with
 * a SheetXml. */
static void on_doctype(void *user, const char *name, const char *system, const char *public, int has_subset) {
    (void)name, (void)system, (void)public, (void)has_subset;
    sheet_xml_stop(user, SHEET_BROKEN);
}

SheetWhy sheet_xml_open(SheetXml *x, zip_t *zip, const char *entry, void *user, XML_StartElementHandler start,
                        XML_EndElementHandler end, XML_CharacterDataHandler text) {
    zip_stat_t stat;
    memset(x, 0, sizeof *x);
    if (zip_stat(zip, entry, ZIP_FL_NOCASE, &stat) != 0 || !(stat.valid & ZIP_STAT_INDEX)) return SHEET_NO_SHEET;
    if (!(stat.valid & ZIP_STAT_SIZE) || !(stat.valid & ZIP_STAT_COMP_SIZE)) return SHEET_BROKEN;
    if ((int64_t)stat.size > SHEET_UNPACKED_MAX) return SHEET_TOO_BIG;
    if ((int64_t)stat.size > RATIO_FROM && stat.size / SHEET_RATIO_MAX > stat.comp_size) return SHEET_TOO_BIG;
    x->size = (int64_t)stat.size;
    x->file = zip_fopen_index(zip, stat.index, 0);
    if (!x->file) return SHEET_BROKEN;
    x->parser = XML_ParserCreate(NULL);
    if (!x->parser) return SHEET_BROKEN;
    XML_SetUserData(x->parser, user);
    XML_SetElementHandler(x->parser, start, end);
    XML_SetCharacterDataHandler(x->parser, text);
    XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
    return SHEET_FINE;
}

static enum XML_Status feed(SheetXml *x) {
    void *piece = XML_GetBuffer(x->parser, PIECE);
    if (!piece) return XML_STATUS_ERROR;
    zip_int64_t got = zip_fread(x->file, piece, PIECE);
    if (got < 0) return XML_STATUS_ERROR;
    x->read += got;
    x->silent += got;
    if (x->read > SHEET_UNPACKED_MAX || x->silent > SHEET_TOKEN_MAX) {
        x->why = SHEET_TOO_BIG;
        return XML_STATUS_ERROR;
    }
    if (got == 0) x->is_done = true;
    return XML_ParseBuffer(x->parser, (int)got, got == 0);
}

SheetWhy sheet_xml_run(SheetXml *x) {
    for (;;) {
        if (x->is_done && !x->is_suspended) return x->why;
        enum XML_Status status = x->is_suspended ? XML_ResumeParser(x->parser) : feed(x);
        x->is_suspended = status == XML_STATUS_SUSPENDED;
        if (x->is_suspended) return x->why;
        if (status == XML_STATUS_ERROR) return x->why == SHEET_FINE ? (x->why = SHEET_BROKEN) : x->why;
    }
}

void sheet_xml_close(SheetXml *x) {
    if (x->parser) XML_ParserFree(x->parser);
    if (x->file) zip_fclose(x->file);
    memset(x, 0, sizeof *x);
}
