#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "main/backup.h"

static const char magic[] = "LAOKE-BACKUP-1\n";
enum {
    MAGIC_LEN = sizeof magic - 1,
    SALT_LEN = crypto_pwhash_SALTBYTES,
    HEAD_LEN = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
    SEAL_LEN = crypto_secretstream_xchacha20poly1305_ABYTES,
    TAR_BLOCK = 512
};
typedef crypto_secretstream_xchacha20poly1305_state SealState;

static bool derive(Str passphrase, const unsigned char salt[SALT_LEN], unsigned char ret_key[KEY_LEN]) {
    return crypto_pwhash(ret_key, KEY_LEN, passphrase.at, (unsigned long long)passphrase.len, salt,
                         crypto_pwhash_OPSLIMIT_MODERATE, crypto_pwhash_MEMLIMIT_MODERATE,
                         crypto_pwhash_ALG_ARGON2ID13) == 0;
}

bool file_sha256(Arena *a, Str path, int64_t *ret_size, Str *ret_hex) {
    unsigned char block[16 << 10], hash[HASH_LEN];
    crypto_hash_sha256_state state;
    int fd = open(arena_cstr(a, path), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    crypto_hash_sha256_init(&state);
    *ret_size = 0;
    ssize_t len;
    while ((len = read(fd, block, sizeof block)) > 0) {
        crypto_hash_sha256_update(&state, block, (unsigned long long)len);
        *ret_size += len;
    }
    close(fd);
    crypto_hash_sha256_final(&state, hash);
    *ret_hex = arena_hex(a, (Bytes){ hash, HASH_LEN });
    return len == 0;
}

/* ---- writing ---- */

struct BackupWriter {
    Arena *arena;
    const char *path, *part;
    FILE *file;
    bool is_sealed, is_bad;
    SealState seal;
    unsigned char block[BACKUP_BLOCK];
    int64_t block_len, now_s;
};

static void put_block(BackupWriter *w, bool is_last) {
    unsigned char sealed[BACKUP_BLOCK + SEAL_LEN];
    const unsigned char *at = w->block;
    size_t len = (size_t)w->block_len;
    if (w->is_sealed) {
        unsigned long long sealed_len = 0;
        unsigned char tag = is_last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0;
        crypto_secretstream_xchacha20poly1305_push(&w->seal, sealed, &sealed_len, w->block, len, NULL, 0, tag);
        at = sealed;
        len = (size_t)sealed_len;
    }
    if (fwrite(at, 1, len, w->file) != len) w->is_bad = true;
    w->block_len = 0;
}

static void put_bytes(BackupWriter *w, const void *at, int64_t len) {
    const unsigned char *from = at;
    while (len > 0) {
        if (w->block_len == BACKUP_BLOCK) put_block(w, false);
        int64_t step = BACKUP_BLOCK - w->block_len < len ? BACKUP_BLOCK - w->block_len : len;
        memcpy(w->block + w->block_len, from, (size_t)step);
        w->block_len += step;
        from += step;
        len -= step;
    }
}

static void put_size(char field[12], int64_t size) {
    if (size < INT64_C(0x200000000)) {
        snprintf(field, 12, "%011llo", (unsigned long long)size);
        return;
    }
    memset(field, 0, 12);
    field[0] = (char)0x80; /* base 256, as GNU tar and libarchive read it */
    for (int i = 11; i > 3; i--, size >>= 8) field[i] = (char)(size & 0xff);
}

static void put_head(BackupWriter *w, Str name, int64_t size) {
    char head[TAR_BLOCK] = { 0 };
    memcpy(head, name.at, (size_t)(name.len < 99 ? name.len : 99));
    memcpy(head + 100, "0000600", 8);
    memcpy(head + 108, "0000000", 8);
    memcpy(head + 116, "0000000", 8);
    put_size(head + 124, size);
    snprintf(head + 136, 12, "%011llo", (unsigned long long)w->now_s);
    memset(head + 148, ' ', 8);
    head[156] = '0';
    memcpy(head + 257, "ustar\00000", 8);
    unsigned sum = 0;
    for (int i = 0; i < TAR_BLOCK; i++) sum += (unsigned char)head[i];
    snprintf(head + 148, 8, "%06o", sum);
    put_bytes(w, head, TAR_BLOCK);
}

static void pad(BackupWriter *w, int64_t size) {
    static const char zeros[TAR_BLOCK] = { 0 };
    if (size % TAR_BLOCK != 0) put_bytes(w, zeros, TAR_BLOCK - size % TAR_BLOCK);
}

BackupWriter *backup_create(Arena *a, Str path, Str passphrase, Rng *rng, Str *ret_why) {
    BackupWriter *w = NEW(a, BackupWriter);
    w->arena = a;
    w->path = arena_cstr(a, path);
    w->part = arena_print(a, "%s.part", w->path).at;
    w->now_s = house_now(NULL) / 1000;
    int fd = open(w->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    w->file = fd < 0 ? NULL : fdopen(fd, "w");
    if (w->file == NULL) {
        *ret_why = arena_print(a, "写不了 / cannot write %s: %s", w->part, strerror(errno));
        return NULL;
    }
    if (passphrase.len == 0) return w;
    unsigned char salt[SALT_LEN], key[KEY_LEN], head[HEAD_LEN];
    rng_bytes(rng, salt, SALT_LEN);
    w->is_sealed = true;
    w->is_bad = !derive(passphrase, salt, key);
    crypto_secretstream_xchacha20poly1305_init_push(&w->seal, head, key);
    sodium_memzero(key, sizeof key);
    if (fwrite(magic, 1, MAGIC_LEN, w->file) != MAGIC_LEN || fwrite(salt, 1, SALT_LEN, w->file) != SALT_LEN ||
        fwrite(head, 1, HEAD_LEN, w->file) != HEAD_LEN)
        w->is_bad = true;
    return w;
}

bool backup_put(BackupWriter *w, Str name, Str text) {
    put_head(w, name, text.len);
    put_bytes(w, text.at, text.len);
    pad(w, text.len);
    return !w->is_bad;
}

bool backup_put_file(BackupWriter *w, Str name, Str path, int64_t size, void (*step)(void *user, int64_t done),
                     void *user) {
    char block[16 << 10];
    int fd = open(arena_cstr(w->arena, path), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    put_head(w, name, size);
    int64_t done = 0;
    while (done < size && !w->is_bad) {
        ssize_t len = read(fd, block, size - done < (int64_t)sizeof block ? (size_t)(size - done) : sizeof block);
        if (len <= 0) break;
        put_bytes(w, block, len);
        done += len;
        if (step != NULL) step(user, done);
    }
    close(fd);
    pad(w, size);
    if (done != size) w->is_bad = true;
    return !w->is_bad;
}

bool backup_finish(BackupWriter *w, Str *ret_why) {
    static const char end[2 * TAR_BLOCK] = { 0 };
    put_bytes(w, end, sizeof end);
    put_block(w, true);
    bool is_good = !w->is_bad && fflush(w->file) == 0 && fsync(fileno(w->file)) == 0;
    is_good &= fclose(w->file) == 0;
    is_good = is_good && rename(w->part, w->path) == 0;
    if (is_good) return true;
    *ret_why = arena_print(w->arena, "备份没写成 / the backup was not written: %s: %s", w->path, strerror(errno));
    unlink(w->part);
    return false;
}

/* ---- reading ---- */

typedef struct Reader {
    FILE *file;
    bool is_sealed, is_bad, is_last;
    SealState seal;
    unsigned char block[BACKUP_BLOCK];
    int64_t block_len, block_at;
} Reader;

/* The next block of plain bytes. A sealed file must end with a block that says so. */
static bool next_block(Reader *r) {
    unsigned char sealed[BACKUP_BLOCK + SEAL_LEN], tag = 0;
    r->block_at = r->block_len = 0;
    if (r->is_last || r->is_bad) return false;
    if (!r->is_sealed) {
        r->block_len = (int64_t)fread(r->block, 1, BACKUP_BLOCK, r->file);
        return r->block_len > 0;
    }
    size_t got = fread(sealed, 1, sizeof sealed, r->file);
    unsigned long long len = 0;
    r->is_bad = got < SEAL_LEN ||
                crypto_secretstream_xchacha20poly1305_pull(&r->seal, r->block, &len, &tag, sealed, got, NULL, 0) != 0;
    if (r->is_bad) return false;
    r->is_last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    r->block_len = (int64_t)len;
    return true;
}

static bool get_bytes(Reader *r, void *at, int64_t len) {
    unsigned char *to = at;
    while (len > 0) {
        if (r->block_at == r->block_len && !next_block(r)) return false;
        int64_t step = r->block_len - r->block_at < len ? r->block_len - r->block_at : len;
        memcpy(to, r->block + r->block_at, (size_t)step);
        r->block_at += step;
        to += step;
        len -= step;
    }
    return true;
}

static bool open_reader(Arena *a, Str path, Str passphrase, Reader *r, Str *ret_why) {
    unsigned char head[MAGIC_LEN + SALT_LEN + HEAD_LEN], key[KEY_LEN];
    r->file = fopen(arena_cstr(a, path), "re");
    if (r->file == NULL) {
        *ret_why = arena_print(a, "读不了 / cannot read %.*s: %s", (int)path.len, path.at, strerror(errno));
        return false;
    }
    size_t got = fread(head, 1, sizeof head, r->file);
    r->is_sealed = got == sizeof head && memcmp(head, magic, MAGIC_LEN) == 0;
    if (!r->is_sealed) {
        rewind(r->file);
        return true;
    }
    if (passphrase.len == 0) {
        *ret_why = S("备份是加密的，请用 --passphrase-file 给出口令 / the backup is encrypted: give --passphrase-file");
        return false;
    }
    bool is_good = derive(passphrase, head + MAGIC_LEN, key) &&
                   crypto_secretstream_xchacha20poly1305_init_pull(&r->seal, head + MAGIC_LEN + SALT_LEN, key) == 0;
    sodium_memzero(key, sizeof key);
    if (!is_good || !next_block(r)) {
        *ret_why = S("口令不对，或备份已损坏 / wrong passphrase, or a damaged backup");
        return false;
    }
    return true;
}

static int64_t get_size(const char field[12]) {
    int64_t size = 0;
    if ((unsigned char)field[0] == 0x80) {
        for (int i = 4; i < 12; i++) size = size << 8 | (unsigned char)field[i];
        return size;
    }
    for (int i = 0; i < 11; i++) {
        if (field[i] < '0' || field[i] > '7') return -1;
        size = size << 3 | (field[i] - '0');
    }
    return size;
}

static bool is_known_name(const char *name) {
    static const char *const names[] = { "manifest.json", "laoke.db", "laoke.dump", "laoke.key" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0) return true;
    return false;
}

static bool take_part(Arena *a, Reader *r, const char *name, int64_t size, Str dir) {
    char block[16 << 10];
    int fd =
        open(arena_print(a, "%.*s/%s", (int)dir.len, dir.at, name).at, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool is_good = fd >= 0;
    for (int64_t left = size; left > 0 && is_good;) {
        int64_t step = left < (int64_t)sizeof block ? left : (int64_t)sizeof block;
        is_good = get_bytes(r, block, step) && write(fd, block, (size_t)step) == step;
        left -= step;
    }
    if (fd >= 0) close(fd);
    return is_good && (size % TAR_BLOCK == 0 || get_bytes(r, block, TAR_BLOCK - size % TAR_BLOCK));
}

static bool take_all(Arena *a, Reader *r, Str dir) {
    char head[TAR_BLOCK];
    static const char zeros[TAR_BLOCK] = { 0 };
    for (int parts = 0; parts <= BACKUP_PARTS_MAX; parts++) {
        if (!get_bytes(r, head, TAR_BLOCK)) return false;
        if (memcmp(head, zeros, TAR_BLOCK) == 0) {
            while (r->is_sealed && !r->is_last)
                if (!next_block(r)) return false;
            return true;
        }
        head[99] = '\0';
        int64_t size = get_size(head + 124);
        if (memcmp(head + 257, "ustar", 5) != 0 || !is_known_name(head) || size < 0 ||
            !take_part(a, r, head, size, dir))
            return false;
    }
    return false;
}

bool backup_unpack(Arena *a, Str path, Str passphrase, Str dir, Str *ret_why) {
    Reader *r = NEW(a, Reader);
    bool is_good = open_reader(a, path, passphrase, r, ret_why);
    if (is_good) {
        is_good = take_all(a, r, dir);
        if (!is_good)
            *ret_why =
                arena_print(a, "不是完整的 laoke 备份 / not a whole backup of laoke: %.*s", (int)path.len, path.at);
    }
    if (r->file != NULL) fclose(r->file);
    return is_good;
}

bool backup_is_encrypted(Arena *a, Str path) {
    char head[MAGIC_LEN];
    int fd = open(arena_cstr(a, path), O_RDONLY | O_CLOEXEC);
    bool is_so = fd >= 0 && read(fd, head, MAGIC_LEN) == MAGIC_LEN && memcmp(head, magic, MAGIC_LEN) == 0;
    if (fd >= 0) close(fd);
    return is_so;
}
