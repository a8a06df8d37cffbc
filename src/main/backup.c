/* laoke backup: a consistent copy while the shop goes on, with a manifest that restore proves. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "app/schema.h"
#include "main/backup.h"

static const Field part_field[] = { FIELD(BackupPart, name), FIELD(BackupPart, size), FIELD(BackupPart, sha256) };
static const Fields part_fields = FIELDS(BackupPart, part_field);
static const Field count_field[] = { FIELD(BackupCount, table), FIELD(BackupCount, rows) };
static const Fields count_fields = FIELDS(BackupCount, count_field);
static const Field manifest_field[] = {
    FIELD(BackupManifest, format, .need = true),
    FIELD(BackupManifest, laoke_version, .need = true),
    FIELD(BackupManifest, engine, .need = true),
    FIELD(BackupManifest, key_print),
    FIELD(BackupManifest, created_at),
    FIELD(BackupManifest, schema_steps),
    FIELD(BackupManifest, is_counted_live),
    FIELD_LIST(BackupManifest, parts, part_fields, .need = true, .max = BACKUP_PARTS_MAX),
    FIELD_LIST(BackupManifest, tables, count_fields, .max = BACKUP_TABLES_MAX),
};
const Fields backup_manifest_fields = FIELDS(BackupManifest, manifest_field);

static const CliOption options[] = {
    { "passphrase-file", "FILE", "用文件里的口令加密（也装进密钥文件）",
      "encrypt with the passphrase in FILE; then the key file goes in too", false },
    { "passphrase", "TEXT", "", "", true },
    { NULL, NULL, NULL, NULL, false },
};

CliExit backup_prepare(Cli *cli) {
    char text[1026];
    Str path = cli_option(cli, "passphrase-file");
    if (path.len == 0) return CLI_OK;
    int fd = open(arena_cstr(cli->arena, path), O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text);
    if (fd >= 0) close(fd);
    Str words = str_trim((Str){ text, len < 0 ? 0 : len });
    if (words.len < 8 || words.len > 1024) {
        cli_error(cli,
                  "口令文件读不了，或口令不是 8 到 1024 个字节 / the passphrase file cannot be read, or holds not 8 to "
                  "1024 bytes: %.*s",
                  (int)path.len, path.at);
        return CLI_REFUSED;
    }
    cli_add(cli, "passphrase", arena_str(cli->arena, words));
    return CLI_OK;
}

/* ---- what is in it ---- */

typedef struct Number {
    int64_t n;
} Number;
static const Field number_field[] = { FIELD(Number, n) };
static const Fields number_fields = FIELDS(Number, number_field);

/* Every table that the schema makes, by reading its own text: a new slice is counted without a word here. */
static Err count_tables(Ctx *c, void *arg) {
    BackupCounts *counts = arg;
    counts->items = NEW_LIST(c->arena, BackupCount, BACKUP_TABLES_MAX);
    for (int64_t i = 0; i < schema_count; i++) {
        Str rest = schema[i].sql, head = S("CREATE TABLE ");
        for (int64_t at = str_find(rest, head); at >= 0 && counts->count < BACKUP_TABLES_MAX;
             at = str_find(rest, head)) {
            rest = str_slice(rest, at + head.len, rest.len);
            int64_t len = 0;
            while (len < rest.len && rest.at[len] != ' ' && rest.at[len] != '(') len++;
            Number number = { 0 };
            bool is_found;
            Str table = str_slice(rest, 0, len),
                sql = arena_print(c->arena, "SELECT COUNT(*) AS n FROM %.*s", (int)len, rest.at);
            TRY(db_system_find(c, sql.at, NO_ARGS, &number_fields, &number, &is_found));
            counts->items[counts->count++] = (BackupCount){ table, number.n };
        }
    }
    return OK;
}

/* SQLite: in the copy itself, which then is exactly what was counted. PostgreSQL: beside the dump. */
static CliExit count_rows(Cli *cli, Str copy, BackupManifest *manifest) {
    Ctx c;
    Str why = S("");
    Db *db = cli->db;
    bool is_copy = db_engine(cli->db) == DB_SQLITE;
    DbConfig config = { .url = copy, .readers = 1, .cache_kib = 4096 };
    if (is_copy && db_open(cli->arena, &config, &db, &why) != OK) {
        cli_error(cli, "%.*s", (int)why.len, why.at);
        return CLI_STORE;
    }
    house_bare_ctx(cli, &c);
    Err err = db_read_begin(db, &c);
    if (err == OK) err = count_tables(&c, &manifest->tables);
    db_read_end(db, &c);
    manifest->is_counted_live = !is_copy;
    if (is_copy) {
        db_close(db);
        unlink(arena_print(cli->arena, "%.*s.lock", (int)copy.len, copy.at).at);
    }
    return err == OK ? CLI_OK : cli_refused(cli, &c);
}

/* ---- writing ---- */

typedef struct Steps {
    Cli *cli;
    int64_t total;
} Steps;
static void step(void *user, int64_t done) {
    Steps *steps = user;
    cli_progress(steps->cli, "备份 backup", done, steps->total);
}

static CliExit failed(Cli *cli, Str why) {
    cli_error(cli, "%.*s", (int)why.len, why.at);
    return CLI_STORE;
}

static CliExit write_file(Cli *cli, Str out, Str copy, BackupManifest *manifest) {
    Str why = S("备份没写成 / the backup was not written"), passphrase = cli_option(cli, "passphrase");
    Str key_path = house_key_path(cli->arena, &cli->config), key = S("");
    unsigned char master[KEY_LEN];
    bool has_key = key_path.len > 0 && key_read(cli->arena, key_path, master, &why);
    if (!has_key) return failed(cli, why);
    manifest->key_print = key_print(cli->arena, master);
    BackupPart *parts = NEW_LIST(cli->arena, BackupPart, 2);
    parts[0].name = db_engine(cli->db) == DB_SQLITE ? S("laoke.db") : S("laoke.dump");
    if (!file_sha256(cli->arena, copy, &parts[0].size, &parts[0].sha256)) return failed(cli, why);
    manifest->parts.items = parts;
    manifest->parts.count = 1;
    if (passphrase.len > 0) {
        unsigned char hash[HASH_LEN];
        key = key_text(cli->arena, master);
        sha256(key.at, key.len, hash);
        parts[manifest->parts.count++] =
            (BackupPart){ S("laoke.key"), key.len, arena_hex(cli->arena, (Bytes){ hash, HASH_LEN }) };
    }
    Buf text = { .arena = cli->arena };
    json_print(&text, &backup_manifest_fields, manifest);
    buf_char(&text, '\n');
    Steps steps = { cli, parts[0].size };
    BackupWriter *w = backup_create(cli->arena, out, passphrase, &cli->rng, &why);
    if (w == NULL) return failed(cli, why);
    backup_put(w, S("manifest.json"), buf_str(&text));
    if (key.len > 0) backup_put(w, S("laoke.key"), key);
    backup_put_file(w, parts[0].name, copy, parts[0].size, step, &steps);
    return backup_finish(w, &why) ? CLI_OK : failed(cli, why);
}

static Str standard_name(Cli *cli) {
    char stamp[32];
    time_t now_s = (time_t)(house_now(NULL) / 1000);
    struct tm t;
    localtime_r(&now_s, &t);
    strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &t);
    bool is_sealed = cli_option(cli, "passphrase").len > 0;
    return arena_print(cli->arena, "laoke-%s.%s", stamp, is_sealed ? "laoke" : "tar");
}

static CliExit run(Cli *cli) {
    if (cli->words.count > 1) return cli_usage(cli, "只要一个文件名 / one file name only");
    Str out = cli_path(cli, cli->words.count == 1 ? cli->words.items[0] : standard_name(cli));
    Str copy = arena_print(cli->arena, "%.*s.copy", (int)out.len, out.at);
    if (access(out.at, F_OK) == 0) {
        cli_error(cli, "文件已经在了 / the file is there already: %.*s", (int)out.len, out.at);
        return CLI_REFUSED;
    }
    Ctx c;
    BackupManifest manifest = {
        .format = 1, .laoke_version = S(LAOKE_VERSION), .created_at = house_now(NULL), .schema_steps = schema_count
    };
    manifest.engine = db_engine(cli->db) == DB_SQLITE ? S("sqlite") : S("postgres");
    house_bare_ctx(cli, &c);
    CliExit status = db_backup(cli->db, &c, copy) == OK ? CLI_OK : cli_refused(cli, &c);
    if (status == CLI_OK) status = count_rows(cli, copy, &manifest);
    if (status == CLI_OK) status = write_file(cli, out, copy, &manifest);
    unlink(copy.at);
    if (status != CLI_OK) return status;
    cli_progress_end(cli);
    int64_t rows = 0;
    for (int64_t i = 0; i < manifest.tables.count; i++) rows += manifest.tables.items[i].rows;
    cli_print(cli, "%.*s  %lld 张表 %lld 行 / %lld tables, %lld rows\n", (int)out.len, out.at,
              (long long)manifest.tables.count, (long long)rows, (long long)manifest.tables.count, (long long)rows);
    if (cli_option(cli, "passphrase").len == 0)
        cli_print(cli, "密钥文件不在里面，请另外保存 / the key file is not in it, keep it too: %s\n",
                  house_key_path(cli->arena, &cli->config).at);
    return CLI_OK;
}

const Command command_backup = {
    .name = "backup",
    .words = "[FILE]",
    .zh = "备份",
    .en = "write a backup while the shop goes on",
    .need = CLI_APP,
    .options = options,
    .prepare = backup_prepare,
    .run = run,
    .more =
        "FILE is laoke-DATE-TIME.tar (encrypted: .laoke) by default. The plain form is a tar file with manifest.json "
        "and laoke.db\n"
        "(PostgreSQL: laoke.dump, by pg_dump). Without the key file (laoke.key) phone numbers cannot be opened again.",
};
