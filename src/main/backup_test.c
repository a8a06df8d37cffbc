#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "main/backup.h"
#include "test/test.h"

typedef struct Desk {
    Arena arena;
    Rng rng;
    Str dir, from, file, to;
    int64_t size;
} Desk;

static Str in(Desk *d, const char *name) { return arena_print(&d->arena, "%.*s/%s", (int)d->dir.len, d->dir.at, name); }

static void desk_open(Desk *d, int64_t size) {
    *d = (Desk){ .rng = rng_seeded(5), .size = size };
    arena_init(&d->arena, ARENA_HARD_MAX);
    d->dir = arena_str(&d->arena, S("/tmp/laoke-backup-XXXXXX"));
    assert_non_null(mkdtemp((char *)d->dir.at));
    d->from = in(d, "from");
    d->file = in(d, "backup");
    d->to = in(d, "to");
    assert_int_equal(mkdir(d->to.at, 0700), 0);
    FILE *file = fopen(d->from.at, "w");
    for (int64_t i = 0; i < size; i++) fputc((int)(i * 7 % 251), file);
    fclose(file);
}

static void clear(Desk *d) {
    static const char *const names[] = { "manifest.json", "laoke.db", "laoke.key" };
    for (size_t i = 0; i < 3; i++) unlink(arena_print(&d->arena, "%s/%s", d->to.at, names[i]).at);
}

static void desk_close(Desk *d) {
    clear(d);
    unlink(d->from.at);
    unlink(d->file.at);
    assert_int_equal(rmdir(d->to.at), 0);
    assert_int_equal(rmdir(d->dir.at), 0); /* no half file is left either */
    arena_free(&d->arena);
}

static void write_backup(Desk *d, const char *passphrase) {
    Str why = S("");
    BackupWriter *w = backup_create(&d->arena, d->file, str_of(passphrase), &d->rng, &why);
    assert_non_null(w);
    assert_true(backup_put(w, S("manifest.json"), S("{\"format\":1}")));
    assert_true(backup_put_file(w, S("laoke.db"), d->from, d->size, NULL, NULL));
    assert_true(backup_finish(w, &why));
}

static bool unpacks(Desk *d, const char *passphrase) {
    Str why = S("");
    clear(d);
    bool is_good = backup_unpack(&d->arena, d->file, str_of(passphrase), d->to, &why);
    assert_true(is_good || why.len > 0);
    return is_good;
}

static void must_be_same(Desk *d) {
    int64_t size1, size2;
    Str hash1, hash2;
    assert_true(file_sha256(&d->arena, d->from, &size1, &hash1));
    assert_true(file_sha256(&d->arena, arena_print(&d->arena, "%s/laoke.db", d->to.at), &size2, &hash2));
    assert_true(size1 == size2 && str_equal(hash1, hash2));
}

TEST_PURE(backup_comes_back_byte_for_byte_plain_and_encrypted) {
    static const int64_t sizes[] = { 0, 1, 511, 512, BACKUP_BLOCK - 2048, BACKUP_BLOCK, 3 * BACKUP_BLOCK + 17 };
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        Desk d;
        desk_open(&d, sizes[i]);
        write_backup(&d, "");
        assert_true(unpacks(&d, ""));
        must_be_same(&d);
        assert_false(backup_is_encrypted(&d.arena, d.file));
        desk_close(&d);
    }
    Desk d;
    desk_open(&d, 3 * BACKUP_BLOCK);
    write_backup(&d, "a long passphrase");
    assert_true(backup_is_encrypted(&d.arena, d.file));
    assert_true(unpacks(&d, "a long passphrase"));
    must_be_same(&d);
    assert_false(unpacks(&d, "another passphrase"));
    assert_false(unpacks(&d, ""));
    desk_close(&d);
}

TEST_PURE(backup_that_was_cut_or_changed_is_refused) {
    Desk d;
    struct stat info;
    desk_open(&d, 2 * BACKUP_BLOCK);
    write_backup(&d, "a long passphrase");
    assert_int_equal(stat(d.file.at, &info), 0);
    FILE *file = fopen(d.file.at, "r+");
    fseek(file, info.st_size / 2, SEEK_SET);
    int byte = fgetc(file);
    fseek(file, info.st_size / 2, SEEK_SET);
    fputc(byte ^ 1, file);
    fclose(file);
    assert_false(unpacks(&d, "a long passphrase"));
    write_backup(&d, "a long passphrase");
    assert_int_equal(truncate(d.file.at, 64 + 15 + BACKUP_BLOCK), 0);
    assert_false(unpacks(&d, "a long passphrase"));
    write_backup(&d, "");
    assert_int_equal(truncate(d.file.at, info.st_size / 2), 0);
    assert_false(unpacks(&d, ""));
    desk_close(&d);
}

TEST_PURE(backup_with_a_strange_name_inside_is_refused) {
    Desk d;
    Str why = S("");
    desk_open(&d, 10);
    BackupWriter *writer = backup_create(&d.arena, d.file, S(""), &d.rng, &why);
    assert_true(backup_put(writer, S("../escaped"), S("x")));
    assert_true(backup_finish(writer, &why));
    assert_false(unpacks(&d, ""));
    desk_close(&d);
}

TEST_PURE(key_file_is_private_and_never_overwritten) {
    Desk d;
    Str why = S("");
    struct stat info;
    unsigned char master[KEY_LEN] = { 1, 2, 3 }, again[KEY_LEN] = { 0 };
    desk_open(&d, 0);
    Str path = in(&d, "laoke.key");
    assert_true(key_write(&d.arena, path, master, &why));
    assert_int_equal(stat(path.at, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_false(key_write(&d.arena, path, again, &why));
    assert_true(key_read(&d.arena, path, again, &why));
    assert_memory_equal(master, again, KEY_LEN);
    assert_int_equal(chmod(path.at, 0644), 0);
    assert_false(key_read(&d.arena, path, again, &why));
    assert_true(str_find(why, S("chmod 600")) > 0);
    unlink(path.at);
    desk_close(&d);
}

TEST_PURE(config_flag_beats_environment_beats_file) {
    Arena arena;
    Config config;
    Str why = S("");
    arena_init(&arena, ARENA_BUDGET);
    char path[] = "/tmp/laoke-ini-XXXXXX";
    int fd = mkstemp(path);
    dprintf(fd, "db = /a.db\nlisten = 1.1.1.1:1\nworkers = 3\n");
    close(fd);
    setenv("LAOKE_LISTEN", "2.2.2.2:2", 1);
    setenv("LAOKE_WORKERS", "4", 1);
    ConfigFlags flags = { (ConfigFlag[]){ { S("workers"), S("5") }, { S("other"), S("x") } }, 2 };
    assert_true(config_load(&arena, flags, str_of(path), &config, &why));
    assert_true(str_is(config.value[CONFIG_DB], "/a.db") && str_is(config.value[CONFIG_LISTEN], "2.2.2.2:2"));
    assert_int_equal(config_number(&config, CONFIG_WORKERS), 5);
    setenv("LAOKE_WORKERS", "-4", 1);
    assert_false(config_load(&arena, (ConfigFlags){ 0 }, str_of(path), &config, &why));
    unsetenv("LAOKE_WORKERS");
    unsetenv("LAOKE_LISTEN");
    FILE *file = fopen(path, "a");
    fputs("workres = 3\n", file);
    fclose(file);
    assert_false(config_load(&arena, (ConfigFlags){ 0 }, str_of(path), &config, &why));
    assert_true(str_find(why, S("workres")) > 0 && str_find(why, S(":4:")) > 0);
    unlink(path);
    arena_free(&arena);
}
