/* backup - 备份: the form of a backup file, and reading and writing it.
 *
 * A backup is a plain tar file (ustar; sizes past 8 GiB in base 256) with
 *   manifest.json   version, engine, schema versions, rows of every table, SHA-256 and size of each part
 *   laoke.db        the SQLite file, or laoke.dump (pg_dump -Fc)
 *   laoke.key       the key file, only when the backup is encrypted
 * Encrypted, the tar is the content of: "LAOKE-BACKUP-1\n", 16 bytes salt, 24 bytes header, then blocks of at most
 * 64 KiB sealed by libsodium's secretstream (XChaCha20-Poly1305) under argon2id(passphrase, salt) (moderate limits);
 * the last block is tagged final, so that a cut-off file is told from a whole one.
 * Errors: words in ret_why */
#pragma once
#include "main/house.h"

enum { BACKUP_BLOCK = 64 << 10, BACKUP_PARTS_MAX = 8, BACKUP_TABLES_MAX = 1000 };

typedef struct BackupPart { Str name; int64_t size; Str sha256; } BackupPart;
typedef LIST_OF(BackupPart) BackupParts;
typedef struct BackupCount { Str table; int64_t rows; } BackupCount;
typedef LIST_OF(BackupCount) BackupCounts;
typedef struct BackupManifest {
    int64_t format;                     /* 1 */
    Str laoke_version, engine, key_print;
    int64_t created_at, schema_steps;
    bool is_counted_live;               /* rows were counted while the shop went on (PostgreSQL): about right */
    BackupParts parts;
    BackupCounts tables;
} BackupManifest;
extern const Fields backup_manifest_fields;

/* ---- writing ---- */
typedef struct BackupWriter BackupWriter;
/* empty passphrase: not encrypted; mode 0600 */
BackupWriter *backup_create(Arena *a, Str path, Str passphrase, Rng *rng, Str *ret_why);
bool backup_put(BackupWriter *w, Str name, Str text);                          /* a small part from memory */
bool backup_put_file(BackupWriter *w, Str name, Str path, int64_t size, void (*step)(void *user, int64_t done),
                     void *user);
bool backup_finish(BackupWriter *w, Str *ret_why); /* durable, then renamed into place; false: nothing is left */

/* ---- reading ---- */
/* Unpacks into `dir` (which exists and is empty). Refuses a wrong passphrase, a cut-off or changed file, strange
 * names. */
bool backup_unpack(Arena *a, Str path, Str passphrase, Str dir, Str *ret_why);
bool backup_is_encrypted(Arena *a, Str path);

bool file_sha256(Arena *a, Str path, int64_t *ret_size, Str *ret_hex);
CliExit backup_prepare(Cli *cli);                       /* reads --passphrase-file where the caller stands */
