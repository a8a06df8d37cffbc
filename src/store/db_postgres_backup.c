#include "store/db_postgres.h"
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ENVIRONMENT_MOST = 512 };

static Err refuse(Ctx *c, const char *words) {
    store_log("error", "store.backup", "%s", words);
    return fail(c, E_BUSY, "store.backup_failed", "备份没有写成：%s", "The backup could not be written: %s", words);
}

static void add_quoted(Buf *b, const char *value) {
    buf_char(b, '\'');
    for (; *value != 0; value++) {
        if (*value == '\'' || *value == '\\') buf_char(b, '\\');
        buf_char(b, *value);
    }
    buf_char(b, '\'');
}

/* The address without its password, which goes by the environment: arguments are seen by everybody on the machine. */
static const char *address(PgDb *g, Arena *a, const char **ret_password) {
    Buf b = { .arena = a };
    *ret_password = NULL;
    for (int64_t i = 0; g->keywords[i] != NULL; i++) {
        if (strcmp(g->keywords[i], "password") == 0) {
            *ret_password = arena_cstr(a, arena_print(a, "PGPASSWORD=%s", g->values[i]));
            continue;
        }
        buf_print(&b, "%s=", g->keywords[i]);
        add_quoted(&b, g->values[i]);
        buf_char(&b, ' ');
    }
    return arena_cstr(a, buf_str(&b));
}

Err postgres_backup(Db *db, Ctx *c, Str path) {
    const char *password, *final = arena_cstr(c->arena, path);
    const char *part = arena_cstr(c->arena, arena_print(c->arena, "%s.part", final));
    const char *to = address((PgDb *)db, c->arena, &password);
    const char *const arguments[] = { "pg_dump",  "-Fc", "--no-owner", "--no-password", "--file", part,
                                      "--dbname", to,    NULL };
    const char *environment[ENVIRONMENT_MOST] = { NULL };
    int64_t count = 0;
    for (; environ[count] != NULL && count < ENVIRONMENT_MOST - 2; count++) environment[count] = environ[count];
    environment[count] = password;
    pid_t pid;
    int status = 0;
    int rc = posix_spawnp(&pid, "pg_dump", NULL, NULL, (char *const *)(uintptr_t)arguments,
                          (char *const *)(uintptr_t)environment);
    if (rc != 0)
        return refuse(c, rc == ENOENT ? "pg_dump was not found; install the client of PostgreSQL" : strerror(rc));
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && rename(part, final) == 0) return OK;
    unlink(part);
    return refuse(c, "pg_dump failed; its own words stand above in the log");
}
