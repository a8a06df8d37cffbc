/* schema_text - 模式文本: splits a schema file into statements and turns each into what the engine wants. Private to
 * store/. The files are written for PostgreSQL's names of types. SQLite gets INTEGER and BLOB, STRICT tables,
 * WITHOUT ROWID where a comment says lean, and constraints folded into CREATE TABLE, for it cannot add them later.
 * PostgreSQL gets the byte order of texts (COLLATE "C"), which is SQLite's, so that lists and ranges come out the
 * same on both. */
#pragma once
#include "store/db.h"

typedef struct SchemaStatement { Str text; bool is_lean; } SchemaStatement;
typedef LIST_OF(SchemaStatement) SchemaStatements;

/* By semicolons outside quotes and comments; empty statements are left out. */
SchemaStatements schema_split(Arena *a, Str text);
/* False and ret_why where SQLite needs a file of its own: NAME.n.sqlite.sql. */
bool schema_for_sqlite(Arena *a, SchemaStatements in, StrList *ret_list, Str *ret_why);
StrList schema_for_postgres(Arena *a, SchemaStatements in);
