/* json_read - 读 JSON: private to base: strict RFC 8259 tokens out of text that is known to be UTF-8; no tree, no
 * allocation per key, texts point into the input where they hold no escapes. Every function returns false for broken
 * text (and has complained about it, once): then reading ends, for nothing behind it can be trusted. */
#pragma once
#include "base/field_put.h"

typedef struct OpenKey { uint64_t hash; Str key; } OpenKey;

typedef struct Reader {
    Put put;
    const Place *root; /* where the whole text belongs */
    const char *start, *at, *end;
    int64_t depth, complaints_before;
    OpenKey *open_keys; /* keys of the objects that are being skipped, JSON_KEYS_MAX of them, innermost last */
    int64_t open_key_count;
} Reader;

typedef enum NumberKind { NUMBER_INT, NUMBER_REAL, NUMBER_TOO_BIG } NumberKind;

/* Broken text is the only complaint: what was said about the values of such a text may be nonsense. */
bool read_broken(Reader *r);
#define BREAK(r, ...) (read_broken(r), (r)->put.c == NULL ? (void)0 : \
    complain((r)->put.c, place_pointer((r)->put.arena, (r)->root), __VA_ARGS__), false)

bool read_syntax(Reader *r);                                                 /* "json.syntax" at this byte */
bool read_open(Reader *r, char close, bool *ret_more);                       /* at { or [ */
bool read_next(Reader *r, char close, bool *ret_more);                       /* behind an item */
bool read_word(Reader *r, Str word);
bool read_text(Reader *r, Str *ret_text);
bool read_key(Reader *r, Str *ret_key);                                      /* with its colon */
bool read_number(Reader *r, NumberKind *ret_kind, int64_t *ret_value);       /* at - or a digit */
bool read_skip(Reader *r, const Place *place);                               /* any value, checked just as strictly */

/* The next character behind white space; 0 at the end (a NUL in the text is no valid start of anything either). */
static inline char read_peek(Reader *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t')) r->at++;
    return r->at < r->end ? *r->at : '\0';
}
