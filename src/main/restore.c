/* laoke restore: unpacks, proves the checksums, puts the database in place, opens it and runs every check. What was
 * there before is kept beside it, so that a restore of the wrong file can be undone. */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "main/backup.h"
#include "app/schema.h"

extern char **environ;

static const CliOption options[] = {
    { "force", NULL, "目标已有数据也恢复（旧的改名留着）",
      "also where data is: the old file is kept under another name", false },
    { "passphrase-file", "FILE", "加密备份的口令", "passphrase of an encrypted backup", false },
    { "passphrase", "TEXT", "", "", true },
    { NULL, NULL, NULL, NULL, false },
};

typedef struct Restore {
    Cli *cli;
    Str dir;
    BackupManifest manifest;
    bool is_sqlite;
    Str db;
} Restore;

static CliExit refused(Cli *cli, Str why) {
    cli_error(cli, "%.*s", (int)why.len, why.at);
    return CLI_REFUSED;
}

static Str in_dir(Restore *r, const char *name) {
    return arena_print(r->cli->arena, "%.*s/%s", (int)r->dir.len, r->dir.at, name);
}

static Str read_text(Arena *a, Str path, int64_t most) {
    FILE *file = fopen(arena_cstr(a, path), "re");
    if (file == NULL) return S("");
    char *text = arena_take(a, most, 1);
    size_t len = fread(text, 1, (size_t)most, file);
    fclose(file);
    return (Str){ text, (int64_t)len };
}

static CliExit prove_parts(Restore *r) {
    Cli *cli = r->cli;
    Ctx c;
    house_bare_ctx(cli, &c);
    Str text = read_text(cli->arena, in_dir(r, "manifest.json"), 1 << 20);
    if (json_parse(&c, str_trim(text), &backup_manifest_fields, &r->manifest) != OK || r->manifest.format != 1)
        return refused(cli, S("备份的清单看不懂 / the manifest of the backup is not understood"));
    for (int64_t i = 0; i < r->manifest.parts.count; i++) {
        const BackupPart *part = &r->manifest.parts.items[i];
        int64_t size;
        Str hash;
        bool is_same = file_sha256(cli->arena, in_dir(r, arena_cstr(cli->arena, part->name)), &size, &hash) &&
                       size == part->size && str_equal(hash, part->sha256);
        if (!is_same)
            return refused(cli,
                           arena_print(cli->arena, "备份损坏，校验和不符 / damaged backup, the checksum differs: %.*s",
                                       (int)part->name.len, part->name.at));
    }
    bool is_same_engine = str_is(r->manifest.engine, r->is_sqlite ? "sqlite" : "postgres");
    if (!is_same_engine)
        return refused(cli,
                       arena_print(cli->arena, "备份来自 %.*s，目标不是 / the backup is of %.*s, the target is not",
                                   (int)r->manifest.engine.len, r->manifest.engine.at, (int)r->manifest.engine.len,
                                   r->manifest.engine.at));
    return CLI_OK;
}

/* ---- the key ---- */

static CliExit place_key(Restore *r) {
    Cli *cli = r->cli;
    Str why, path = house_key_path(cli->arena, &cli->config), packed = in_dir(r, "laoke.key");
    unsigned char there[KEY_LEN], ours[KEY_LEN];
    bool is_packed = access(packed.at, F_OK) == 0, is_there = access(arena_cstr(cli->arena, path), F_OK) == 0;
    if (is_there) {
        if (!key_read(cli->arena, path, there, &why)) return refused(cli, why);
        if (str_equal(key_print(cli->arena, there), r->manifest.key_print)) return CLI_OK;
        return refused(cli, arena_print(cli->arena,
                                        "已有的密钥文件不属于这份备份，请先移走 / the key file there belongs to "
                                        "another database, move it away first: %.*s",
                                        (int)path.len, path.at));
    }
    if (!is_packed)
        return refused(cli, arena_print(cli->arena,
                                        "请先把这份备份的密钥文件放到 / first put the key file of this backup at %.*s",
                                        (int)path.len, path.at));
    if (!key_read(cli->arena, packed, ours, &why) || !key_write(cli->arena, path, ours, &why)) return refused(cli, why);
    return CLI_OK;
}

/* ---- SQLite ---- */

static void move_aside(Cli *cli, Str path, const char *ending, int64_t now_s) {
    Str from = arena_print(cli->arena, "%.*s%s", (int)path.len, path.at, ending);
    Str to = arena_print(cli->arena, "%.*s.replaced-%lld%s", (int)path.len, path.at, (long long)now_s, ending);
    if (rename(from.at, to.at) == 0 && ending[0] == '\0')
        cli_print(cli, "旧的留在 / the old one is kept at %.*s\n", (int)to.len, to.at);
}

static CliExit place_sqlite(Restore *r) {
    Cli *cli = r->cli;
    int64_t now_s = house_now(NULL) / 1000;
    move_aside(cli, r->db, "-wal", now_s);
    move_aside(cli, r->db, "-shm", now_s);
    move_aside(cli, r->db, "", now_s);
    if (rename(in_dir(r, "laoke.db").at, arena_cstr(cli->arena, r->db)) == 0) return CLI_OK;
    return refused(cli, arena_print(cli->arena, "放不到位 / cannot be put in place: %s", strerror(errno)));
}

/* ---- PostgreSQL ---- */

/* The password of a URL goes to the child in its environment, where no list of processes shows it. */
static Str without_password(Arena *a, Str url, const char **ret_password) {
    int64_t start = str_find(url, S("://")), at = -1, colon = -1;
    *ret_password = NULL;
    for (int64_t i = start < 0 ? url.len : start + 3; i < url.len && url.at[i] != '/'; i++) {
        if (url.at[i] == ':' && colon < 0) colon = i;
        if (url.at[i] == '@') at = i;
    }
    if (at < 0 || colon < 0 || colon > at || str_find_char(str_slice(url, colon, at), '%') >= 0) return url;
    *ret_password = arena_cstr(a, str_slice(url, colon + 1, at));
    return arena_print(a, "%.*s%.*s", (int)colon, url.at, (int)(url.len - at), url.at + at);
}

static CliExit place_postgres(Restore *r) {
    Cli *cli = r->cli;
    const char *password;
    const char *url = arena_cstr(cli->arena, without_password(cli->arena, r->db, &password));
    const char *words[] = { "pg_restore",
                            "--exit-on-error",
                            "--single-transaction",
                            "--no-owner",
                            "-d",
                            url,
                            in_dir(r, "laoke.dump").at,
                            NULL,
                            NULL,
                            NULL };
    if (cli_has(cli, "force")) {
        words[7] = "--clean";
        words[8] = "--if-exists";
    }
    if (password != NULL) setenv("PGPASSWORD", password, 1);
    pid_t pid;
    int status = 0;
    int rc = posix_spawnp(&pid, "pg_restore", NULL, NULL, (char **)words, environ);
    if (rc != 0)
        return refused(
            cli, arena_print(cli->arena,
                             "没有 pg_restore，请装 postgresql-client / pg_restore is missing (postgresql-client): %s",
                             strerror(rc)));
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return CLI_OK;
    return refused(cli, S("pg_restore 没有成功，数据库没有变 / pg_restore failed; the database is unchanged"));
}

/* ---- the target ---- */

/* True when nothing would be lost there. Opening also proves that no server holds the file. */
static CliExit look_at_target(Restore *r) {
    Cli *cli = r->cli;
    Ctx c;
    Db *db;
    Str why = S("");
    MigrateReport report = { 0 };
    int status;
    Str socket = house_socket_path(cli->arena, &cli->config);
    StrList nothing = { (Str[]){ S("version") }, 1 };
    if (socket.len > 0 && local_send(socket, nothing, STDERR_FILENO, &status))
        return refused(cli, S("服务正在用这个数据库，请先停下它 / a server holds this database, stop it first"));
    if (r->is_sqlite) {
        struct stat info;
        if (stat(arena_cstr(cli->arena, r->db), &info) != 0 || info.st_size == 0 || cli_has(cli, "force"))
            return CLI_OK;
        return refused(cli, S("目标已有数据库；确定要换就加 --force / there is a database already; --force puts this "
                              "one in its place"));
    }
    DbConfig config = { .url = r->db, .readers = 2 };
    if (db_open(cli->arena, &config, &db, &why) != OK) {
        cli_error(cli, "%.*s", (int)why.len, why.at);
        return CLI_STORE;
    }
    house_bare_ctx(cli, &c);
    Err err = db_migrate(db, &c, schema, schema_count, true, &report, &why);
    db_close(db);
    bool is_empty = err == OK && report.applied == report.known;
    if (is_empty || cli_has(cli, "force")) return CLI_OK;
    return refused(
        cli,
        S("目标已有数据库；确定要换就加 --force / there is a database already; --force puts this one in its place"));
}

/* ---- afterwards ---- */

static CliExit open_and_check(Restore *r) {
    Cli *cli = r->cli;
    House house;
    CliExit status = house_open(cli, HOUSE_SERVE, &house); /* an older backup is brought up to date */
    if (status != CLI_OK) return status;
    status = cli_find(S("check"))->run(cli);
    house_close(&house);
    return status;
}

static void clear_dir(Restore *r) {
    static const char *const names[] = { "manifest.json", "laoke.db", "laoke.dump", "laoke.key" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) unlink(in_dir(r, names[i]).at);
    rmdir(r->dir.at);
}

static CliExit run(Cli *cli) {
    if (cli->words.count != 1) return cli_usage(cli, "要一个备份文件 / needs one backup file");
    Str why = S(""), home = house_dir(cli->arena, &cli->config);
    Restore r = { .cli = cli, .is_sqlite = config_is_sqlite(&cli->config), .db = cli->config.value[CONFIG_DB] };
    CliExit status = look_at_target(&r);
    if (status != CLI_OK) return status;
    if (mkdir(arena_cstr(cli->arena, home), 0700) != 0 && errno != EEXIST)
        return refused(cli, arena_print(cli->arena, "建不了目录 / cannot make the folder %.*s: %s", (int)home.len,
                                        home.at, strerror(errno)));
    r.dir = arena_print(cli->arena, "%.*s/restore-XXXXXX", (int)home.len,
                        home.at); /* the same disk: put in place by a rename */
    if (mkdtemp((char *)r.dir.at) == NULL)
        return refused(cli, arena_print(cli->arena, "%s: %s", r.dir.at, strerror(errno)));
    bool is_unpacked = backup_unpack(cli->arena, cli->words.items[0], cli_option(cli, "passphrase"), r.dir, &why);
    status = is_unpacked ? prove_parts(&r) : refused(cli, why);
    if (status == CLI_OK) status = place_key(&r);
    if (status == CLI_OK) status = r.is_sqlite ? place_sqlite(&r) : place_postgres(&r);
    clear_dir(&r);
    return status == CLI_OK ? open_and_check(&r) : status;
}

const Command command_restore = {
    .name = "restore",
    .words = "FILE",
    .zh = "恢复备份",
    .en = "put a backup in place, then check it",
    .need = CLI_OWN,
    .options = options,
    .prepare = backup_prepare,
    .run = run,
    .more = "Proves every checksum before anything changes. Refuses where a database is, unless --force.",
};
