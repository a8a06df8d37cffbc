#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "app/schema.h"
#include "main/house.h"

int64_t house_now([[maybe_unused]] void *user) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- where things lie ---- */

Str house_dir(Arena *a, const Config *config) {
    Str path = config->value[CONFIG_DB];
    if (!config_is_sqlite(config)) return S("./data");
    while (path.len > 0 && path.at[path.len - 1] != '/') path.len--;
    return path.len == 0 ? S(".") : arena_str(a, str_slice(path, 0, path.len > 1 ? path.len - 1 : 1));
}

Str house_key_path(Arena *a, const Config *config) {
    if (config->value[CONFIG_KEY_FILE].len > 0) return config->value[CONFIG_KEY_FILE];
    Str dir = house_dir(a, config);
    return arena_print(a, "%.*s/laoke.key", (int)dir.len, dir.at);
}

Str house_socket_path(Arena *a, const Config *config) {
    if (config->value[CONFIG_SOCKET].len > 0) return config->value[CONFIG_SOCKET];
    if (!config_is_sqlite(config)) return S("");
    return arena_print(a, "%.*s.sock", (int)config->value[CONFIG_DB].len, config->value[CONFIG_DB].at);
}

void house_bare_ctx(Cli *cli, Ctx *ret_ctx) {
    *ret_ctx = (Ctx){ .arena = cli->arena, .now = house_now(NULL), .rng = &cli->rng, .actor = { ACTOR_CLI, 0 } };
}

/* ---- the key ---- */

typedef struct KeyRow {
    Str print;
} KeyRow;
static const Field key_row_field[] = { FIELD(KeyRow, print) };
static const Fields key_row_fields = FIELDS(KeyRow, key_row_field);

typedef struct KeyCheck {
    Str print;
    bool is_same;
    Str stored;
} KeyCheck;

/* The first key that a database meets is its key from then on. */
static Err keep_print(Ctx *c, void *arg) {
    KeyCheck *check = arg;
    int64_t changed;
    KeyRow row;
    bool is_found;
    TRY(db_system_change(c,
                         "INSERT INTO key_print (id, print, created_at) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING",
                         ARGS(check->print, c->now), &changed));
    TRY(db_system_find(c, "SELECT print FROM key_print WHERE id = $1", ARGS((int64_t)1), &key_row_fields, &row,
                       &is_found));
    check->is_same = is_found && str_equal(row.print, check->print);
    check->stored = is_found ? row.print : S("");
    return OK;
}

static CliExit check_print(Cli *cli, House *house, const unsigned char master[KEY_LEN]) {
    Ctx c;
    KeyCheck check = { .print = key_print(cli->arena, master) };
    house_bare_ctx(cli, &c);
    if (db_unit(house->db, &c, keep_print, &check) != OK) return cli_refused(cli, &c);
    if (check.is_same) return CLI_OK;
    cli_error(cli,
              "密钥不对：%.*s 不是这个数据库的密钥 / wrong key: %.*s (print %.*s) does not belong to this database "
              "(print %.*s)",
              (int)house->key_path.len, house->key_path.at, (int)house->key_path.len, house->key_path.at,
              (int)check.print.len, check.print.at, (int)check.stored.len, check.stored.at);
    return CLI_REFUSED;
}

static CliExit take_key(Cli *cli, House *house, HouseMode mode, unsigned char ret_master[KEY_LEN]) {
    Str why, path = house->key_path;
    bool is_there = access(arena_cstr(cli->arena, path), F_OK) == 0;
    if (!is_there && !house->is_new) {
        cli_error(cli,
                  "找不到密钥文件 %.*s。数据库已有数据，没有原来的密钥就打不开手机号等资料；请从备份取回，或用 "
                  "--key-file 指明 / the key file is "
                  "missing. This database holds data sealed with it: bring it back from a backup, or say where it is "
                  "with --key-file",
                  (int)path.len, path.at);
        return CLI_REFUSED;
    }
    if (!is_there && mode == HOUSE_SERVE) {
        rng_bytes(&cli->rng, ret_master, KEY_LEN);
        house->is_key_new = key_write(cli->arena, path, ret_master, &why);
        if (house->is_key_new) return CLI_OK;
    } else if (key_read(cli->arena, path, ret_master, &why)) {
        return CLI_OK;
    }
    cli_error(cli, "%.*s", (int)why.len, why.at);
    return CLI_REFUSED;
}

/* ---- the schema ---- */

static CliExit say_why(Cli *cli, Str why, CliExit status) {
    cli_error(cli, "%.*s", (int)why.len, why.at);
    return status;
}

/* An upgrade that goes wrong must not cost the data: the old state is copied beside the file first. */
static CliExit copy_before_upgrade(Cli *cli, House *house) {
    if (house->is_new || db_engine(house->db) != DB_SQLITE) return CLI_OK;
    Ctx c;
    Str path = db_path(house->db);
    house_bare_ctx(cli, &c);
    path = arena_print(cli->arena, "%.*s.before-%s", (int)path.len, path.at, LAOKE_VERSION);
    if (db_backup(house->db, &c, path) != OK) return cli_refused(cli, &c);
    cli_error(cli, "升级前已备份到 / copied before the upgrade to %.*s", (int)path.len, path.at);
    return CLI_OK;
}

static CliExit look_at_schema(Cli *cli, House *house, HouseMode mode) {
    Ctx c;
    Str why = S("");
    house_bare_ctx(cli, &c);
    if (db_migrate(house->db, &c, schema, schema_count, true, &house->migrated, &why) != OK)
        return say_why(cli, why, CLI_STORE);
    house->is_new = house->migrated.applied == house->migrated.known;
    if (mode == HOUSE_SERVE || house->migrated.applied == 0) return CLI_OK;
    if (house->is_new)
        return say_why(cli, S("数据库是空的，请先启动一次 / the database is empty; start it once: laoke serve"),
                       CLI_REFUSED);
    return say_why(cli, S("数据库要先升级 / the database must be upgraded first: laoke migrate"), CLI_REFUSED);
}

static CliExit bring_up_to_date(Cli *cli, House *house) {
    Ctx c;
    Str why = S("");
    if (house->migrated.applied == 0) return CLI_OK;
    CliExit status = copy_before_upgrade(cli, house);
    if (status != CLI_OK) return status;
    house_bare_ctx(cli, &c);
    if (db_migrate(house->db, &c, schema, schema_count, false, &house->migrated, &why) != OK)
        return say_why(cli, why, CLI_STORE);
    return CLI_OK;
}

/* ---- open and close ---- */

static CliExit open_store(Cli *cli, House *house, HouseMode mode) {
    const Config *config = &cli->config;
    Str why = S("");
    if (config_is_sqlite(config)) {
        const char *file = arena_cstr(cli->arena, config->value[CONFIG_DB]);
        if (mode == HOUSE_COMMAND && access(file, F_OK) != 0)
            return say_why(cli, arena_print(cli->arena, "没有这个数据库 / no such database: %s", file), CLI_STORE);
    }
    const char *dir = arena_cstr(cli->arena, house->data_dir);
    if (mode == HOUSE_SERVE && mkdir(dir, 0700) != 0 && errno != EEXIST)
        return say_why(cli, arena_print(cli->arena, "建不了目录 / cannot make the folder %s: %s", dir, strerror(errno)),
                       CLI_STORE);
    DbConfig db = { .url = config->value[CONFIG_DB],
                    .readers = config_number(config, CONFIG_READERS),
                    .cache_kib = config_number(config, CONFIG_CACHE_KIB) };
    return db_open(house->arena, &db, &house->db, &why) == OK ? CLI_OK : say_why(cli, why, CLI_STORE);
}

static CliExit start_app(Cli *cli, House *house, const unsigned char master[KEY_LEN]) {
    const Config *config = &cli->config;
    Keys keys;
    Str why = S("");
    keys_derive(master, &keys);
    AppConfig app = { .public_url = config->value[CONFIG_PUBLIC_URL],
                      .workers = config_number(config, CONFIG_WORKERS),
                      .now_ms = house_now,
                      .temp_dir = house->data_dir,
                      .demo_codes = ports_demo_codes,
                      .is_unlimited = getenv("LAOKE_UNLIMITED") != NULL }; /* for benches and load tests alone */
    if (ports_open(house->arena, config->value[CONFIG_SMS], config->value[CONFIG_MAIL], config->value[CONFIG_PAY],
                   &house->ports, &why) != OK)
        return say_why(cli, why, CLI_USAGE);
    if (app_start(house->arena, &app, house->db, &keys, &house->ports, &house->app, &why) != OK)
        return say_why(cli, why, CLI_STORE);
    cli->app = house->app;
    cli->db = house->db;
    return CLI_OK;
}

CliExit house_open(Cli *cli, HouseMode mode, House *house) {
    unsigned char master[KEY_LEN];
    *house = (House){ .arena = cli->arena,
                      .data_dir = house_dir(cli->arena, &cli->config),
                      .key_path = house_key_path(cli->arena, &cli->config) };
    CliExit status = open_store(cli, house, mode);
    if (status == CLI_OK) status = look_at_schema(cli, house, mode);
    if (status == CLI_OK)
        status =
            take_key(cli, house, mode, master); /* before the first table: a database never stands without its key */
    if (status == CLI_OK) status = bring_up_to_date(cli, house);
    if (status == CLI_OK) status = check_print(cli, house, master);
    if (status == CLI_OK) status = start_app(cli, house, master);
    if (status != CLI_OK) house_close(house);
    return status;
}

void house_close(House *house) {
    if (house->app != NULL) app_stop(house->app);
    if (house->db != NULL) db_close(house->db);
    house->app = NULL;
    house->db = NULL;
}
