/* migrate - 升级: brings the schema of an open database to what this binary knows. Each slice ships NAME.sql
 * (version 1), NAME.2.sql, … (NAME.2.sqlite.sql where SQLite needs another way). The migration table keeps slice,
 * version, checksum and time. Refuses (text in ret_why) a file whose text changed after it was applied, and a
 * database that knows a newer version than this binary. Statements are sent one at a time; each version is one
 * transaction. On SQLite the loader rewrites BIGINT to INTEGER, BYTEA to BLOB, adds STRICT (and WITHOUT ROWID
 * where the table's line ends in the comment -- lean), folds "ALTER TABLE x ADD CONSTRAINT … FOREIGN KEY" into the
 * CREATE TABLE. */
#pragma once
#include "store/db.h"

typedef struct Migration {
    const char *slice;
    int64_t version;
    const char *engine;         /* "" = both, "sqlite" = stands in for the common one there */
    Str sql;
} Migration;

typedef struct MigrateReport { int64_t applied, known; } MigrateReport;
/* Floor order is the order of `list`. With is_dry nothing is written and `applied` counts what would be. */
Err db_migrate(Db *db, Ctx *c, const Migration *list, int64_t count, bool is_dry, MigrateReport *ret_report,
               Str *ret_why);
