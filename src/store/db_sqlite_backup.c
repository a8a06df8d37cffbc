#include "store/db_sqlite.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BACKUP_PAGES = 512, BACKUP_PAUSE_US = 500 }; /* a short rest between bites, so that serving goes on */

static Err refuse(Ctx *c, const char *path, const char *words) {
    store_log("error", "store.backup", "%s: %s", path, words);
    return fail(c, E_BUSY, "store.backup_failed", "备份没有写成：%s", "The backup could not be written: %s", words);
}

/* The source is held in one read transaction, so every bite is of the same instant, whatever the writer does
 * meanwhile. */
static int copy(sqlite3 *to, sqlite3 *from) {
    if (sqlite3_exec(from, "BEGIN; SELECT COUNT(*) FROM sqlite_schema", NULL, NULL, NULL) != SQLITE_OK)
        return sqlite3_errcode(from);
    sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
    int rc = SQLITE_OK;
    while (b != NULL && rc == SQLITE_OK) {
        rc = sqlite3_backup_step(b, BACKUP_PAGES);
        if (rc == SQLITE_OK) usleep(BACKUP_PAUSE_US);
    }
    if (b != NULL) rc = sqlite3_backup_finish(b);
    sqlite3_exec(from, "COMMIT", NULL, NULL, NULL);
    return b == NULL ? sqlite3_errcode(to) : rc;
}

/* Written beside and renamed into place, so that a half copy never bears the name of a whole one. */
Err sqlite_backup(Db *db, Ctx *c, Str path) {
    SqliteDb *s = (SqliteDb *)db;
    const char *final = arena_cstr(c->arena, path),
               *part = arena_cstr(c->arena, arena_print(c->arena, "%s.part", final));
    unlink(part);
    SqliteConn from;
    Str why;
    if (!sqlite_conn_open(s, &from, false, &why, c->arena)) return refuse(c, final, arena_cstr(c->arena, why));
    sqlite3 *to = NULL;
    int rc = sqlite3_open_v2(part, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK) rc = copy(to, from.at);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(to, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL); /* one file, nothing beside it */
    Err err = rc == SQLITE_OK ? OK : refuse(c, final, sqlite3_errstr(rc));
    sqlite3_close(to);
    sqlite_conn_close(&from);
    if (err == OK && rename(part, final) != 0) err = refuse(c, final, "cannot rename");
    if (err != OK) unlink(part);
    return err;
}
