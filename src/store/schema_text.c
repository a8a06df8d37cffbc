#include "store/schema_text.h"
#include <string.h>
#include <strings.h>

/* ---- words of a text ---- */

typedef enum TokenKind { TOKEN_END, TOKEN_WORD, TOKEN_QUOTED, TOKEN_COMMENT, TOKEN_SPACE, TOKEN_SIGN } TokenKind;
typedef struct Token {
    TokenKind kind;
    Str text;
} Token;

static bool is_word_char(char ch) {
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || ch == '_' ||
           (unsigned char)ch >= 0x80;
}

static int64_t quoted_len(Str s) {
    for (int64_t i = 1; i < s.len; i++) {
        if (s.at[i] != s.at[0]) continue;
        if (i + 1 == s.len || s.at[i + 1] != s.at[0]) return i + 1; /* a doubled quote is part of the text */
        i++;
    }
    return s.len;
}

static int64_t comment_len(Str s) {
    if (s.at[1] == '*') {
        int64_t end = str_find(str_slice(s, 2, s.len), S("*/"));
        return end < 0 ? s.len : end + 4;
    }
    int64_t end = str_find_char(s, '\n');
    return end < 0 ? s.len : end;
}

static Token token_next(Str *rest) {
    Str s = *rest;
    Token t = { .kind = TOKEN_SIGN };
    int64_t len = 1;
    if (s.len == 0) return (Token){ .kind = TOKEN_END };
    if (s.at[0] == '\'' || s.at[0] == '"') {
        t.kind = TOKEN_QUOTED;
        len = quoted_len(s);
    } else if (str_starts(s, S("--")) || str_starts(s, S("/*"))) {
        t.kind = TOKEN_COMMENT;
        len = comment_len(s);
    } else if (is_word_char(s.at[0])) {
        t.kind = TOKEN_WORD;
        while (len < s.len && is_word_char(s.at[len])) len++;
    } else if (strchr(" \t\r\n", s.at[0]) != NULL) {
        t.kind = TOKEN_SPACE;
    }
    t.text = str_slice(s, 0, len);
    *rest = str_slice(s, len, s.len);
    return t;
}

static bool is(Token t, const char *word) {
    return t.kind == TOKEN_WORD && (int64_t)strlen(word) == t.text.len &&
           strncasecmp(t.text.at, word, (size_t)t.text.len) == 0;
}

static Token word_next(Str *rest) {
    for (;;) {
        Token t = token_next(rest);
        if (t.kind != TOKEN_SPACE && t.kind != TOKEN_COMMENT) return t;
    }
}

static bool is_lean_comment(Token t) {
    return t.kind == TOKEN_COMMENT && str_is(str_trim(str_slice(t.text, 2, t.text.len)), "lean");
}

/* ---- statements ---- */

SchemaStatements schema_split(Arena *a, Str text) {
    int64_t most = 1;
    for (int64_t i = 0; i < text.len; i++) most += text.at[i] == ';';
    SchemaStatements out = { NEW_LIST(a, SchemaStatement, most), 0 };
    Str rest = text, start = text;
    bool has_words = false, is_lean = false, is_after = false; /* is_after: on the line of a semicolon, behind it */
    for (;;) {
        Token t = token_next(&rest);
        bool is_end = t.kind == TOKEN_END || (t.kind == TOKEN_SIGN && t.text.at[0] == ';');
        if (is_end && has_words)
            out.items[out.count++] = (SchemaStatement){
                str_slice(start, 0, (t.kind == TOKEN_END ? text.at + text.len : t.text.at) - start.at), is_lean
            };
        if (t.kind == TOKEN_END) return out;
        if (is_end) {
            start = rest;
            has_words = is_lean = false;
            is_after = true;
            continue;
        }
        if (t.kind == TOKEN_SPACE && t.text.at[0] == '\n') is_after = false;
        if (is_lean_comment(t)) {
            if (is_after && out.count > 0)
                out.items[out.count - 1].is_lean = true;
            else
                is_lean = true;
        }
        if (t.kind != TOKEN_SPACE && t.kind != TOKEN_COMMENT) has_words = true;
    }
}

/* ---- what the engines want ---- */

typedef struct Renamed {
    const char *from, *to;
} Renamed;

/* Comments go; a type keeps its name in a CAST where `but_not_after_as` says so. */
static Str rename_words(Arena *a, Str sql, const Renamed *list, bool but_not_after_as) {
    Buf b = { .arena = a };
    bool is_after_as = false;
    for (Str rest = sql;;) {
        Token t = token_next(&rest);
        if (t.kind == TOKEN_END) return str_trim(buf_str(&b));
        if (t.kind == TOKEN_COMMENT) continue;
        const char *to = NULL;
        for (const Renamed *r = list; r->from != NULL && to == NULL; r++)
            if (is(t, r->from) && !(but_not_after_as && is_after_as)) to = r->to;
        if (to != NULL)
            buf_cstr(&b, to);
        else
            buf_add(&b, t.text);
        if (t.kind != TOKEN_SPACE) is_after_as = is(t, "AS");
    }
}

/* The name after CREATE TABLE [IF NOT EXISTS] or ALTER TABLE; empty for other statements. ret_rest is what follows
 * it. */
static Str table_of(Str sql, const char *verb, Str *ret_rest) {
    *ret_rest = sql;
    if (!is(word_next(ret_rest), verb) || !is(word_next(ret_rest), "TABLE")) return (Str){ 0 };
    Token t = word_next(ret_rest);
    while (is(t, "IF") || is(t, "NOT") || is(t, "EXISTS")) t = word_next(ret_rest);
    return t.text;
}

static int64_t last_paren(Str s) {
    int64_t at = s.len - 1;
    while (at >= 0 && s.at[at] != ')') at--;
    return at;
}

/* "CONSTRAINT name FOREIGN KEY …" becomes one more line of its table. */
static bool fold(Arena *a, StrList *list, Str table, Str constraint) {
    for (int64_t i = 0; i < list->count; i++) {
        Str rest, sql = list->items[i];
        if (!str_equal(table_of(sql, "CREATE", &rest), table)) continue;
        int64_t at = last_paren(sql);
        list->items[i] = arena_print(a, "%.*s, %.*s%.*s", (int)at, sql.at, (int)constraint.len, constraint.at,
                                     (int)(sql.len - at), sql.at + at);
        return true;
    }
    return false;
}

bool schema_for_sqlite(Arena *a, SchemaStatements in, StrList *ret_list, Str *ret_why) {
    const Renamed names[] = { { "BIGINT", "INTEGER" }, { "BYTEA", "BLOB" }, { NULL, NULL } };
    *ret_list = (StrList){ NEW_LIST(a, Str, in.count + 1), 0 };
    for (int64_t i = 0; i < in.count; i++) {
        Str sql = rename_words(a, in.items[i].text, names, false), rest;
        Str table = table_of(sql, "ALTER", &rest);
        Str after = rest;
        if (table.len > 0 && is(word_next(&after), "ADD") && is(word_next(&after), "CONSTRAINT")) {
            Str constraint = str_slice(str_trim(rest), 3, rest.len); /* behind ADD */
            if (fold(a, ret_list, table, str_trim(constraint))) continue;
            *ret_why = arena_print(
                a,
                "SQLite cannot add a constraint to the table %.*s of an earlier version; it needs a .sqlite.sql file",
                (int)table.len, table.at);
            return false;
        }
        if (table_of(sql, "CREATE", &rest).len > 0)
            sql = arena_print(a, "%.*s STRICT%s", (int)sql.len, sql.at, in.items[i].is_lean ? ", WITHOUT ROWID" : "");
        ret_list->items[ret_list->count++] = sql;
    }
    return true;
}

StrList schema_for_postgres(Arena *a, SchemaStatements in) {
    const Renamed collated[] = { { "TEXT", "TEXT COLLATE \"C\"" }, { NULL, NULL } }, none[] = { { NULL, NULL } };
    StrList out = { NEW_LIST(a, Str, in.count + 1), 0 };
    for (int64_t i = 0; i < in.count; i++) {
        Str sql = in.items[i].text, rest;
        bool has_columns = table_of(sql, "CREATE", &rest).len > 0 || table_of(sql, "ALTER", &rest).len > 0;
        out.items[out.count++] = rename_words(a, sql, has_columns ? collated : none, true);
    }
    return out;
}
