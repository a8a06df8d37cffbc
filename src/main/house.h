/* house - 打开: what serve and the commands do before any work: open the database, look whether its key is there,
 * bring the schema up to date, start app. The reverse at the end. */
#pragma once
#include "main/cli.h"
#include "port/ports.h"
#include "store/migrate.h"

typedef enum HouseMode {
    HOUSE_SERVE, /* makes what is missing: folder, key file, schema; copies an old SQLite file before it changes it */
    HOUSE_COMMAND,          /* refuses a database that is empty or whose schema is old */
} HouseMode;

typedef struct House {
    Arena *arena;
    Db *db;
    App *app;
    Ports ports;
    Str key_path, data_dir;
    MigrateReport migrated;
    bool is_new, is_key_new;
} House;

CliExit house_open(Cli *cli, HouseMode mode, House *ret_house);     /* what is wrong has been said */
void house_close(House *house);

/* Folder of the database file; ./data for PostgreSQL. */
Str house_dir(Arena *a, const Config *config);
Str house_key_path(Arena *a, const Config *config);
Str house_socket_path(Arena *a, const Config *config);

/* A Ctx before there is an App: for opening and migrating. */
void house_bare_ctx(Cli *cli, Ctx *ret_ctx);
int64_t house_now(void *user);                                      /* the clock of the process, unix ms */

/* ---- key file (key_file.c): "laoke-key-1 " and 64 hex digits, mode 0600 ---- */
bool key_read(Arena *a, Str path, unsigned char ret_master[KEY_LEN], Str *ret_why);
bool key_write(Arena *a, Str path, const unsigned char master[KEY_LEN], Str *ret_why); /* never over an existing file */
Str key_text(Arena *a, const unsigned char master[KEY_LEN]);
/* 16 characters that identify a key and tell nothing else */
Str key_print(Arena *a, const unsigned char master[KEY_LEN]);
