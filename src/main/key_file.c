#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "main/house.h"

static const char prefix[] = "laoke-key-1 ";
enum { KEY_TEXT_LEN = sizeof prefix - 1 + 2 * KEY_LEN };

Str key_text(Arena *a, const unsigned char master[KEY_LEN]) {
    Str hex = arena_hex(a, (Bytes){ master, KEY_LEN });
    return arena_print(a, "%s%.*s\n", prefix, (int)hex.len, hex.at);
}

Str key_print(Arena *a, const unsigned char master[KEY_LEN]) {
    unsigned char text[KEY_LEN + 16] = "laoke key print", hash[HASH_LEN];
    memcpy(text + 16, master, KEY_LEN);
    sha256(text, sizeof text, hash);
    return arena_hex(a, (Bytes){ hash, 8 });
}

bool key_read(Arena *a, Str path, unsigned char ret_master[KEY_LEN], Str *ret_why) {
    char text[KEY_TEXT_LEN + 2];
    struct stat info;
    int fd = open(arena_cstr(a, path), O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text);
    bool is_open_to_others = fd >= 0 && fstat(fd, &info) == 0 && (info.st_mode & 077) != 0;
    if (fd >= 0) close(fd);
    if (len < 0) {
        *ret_why = arena_print(a, "密钥文件读不了 / the key file cannot be read: %.*s: %s", (int)path.len, path.at,
                               strerror(errno));
        return false;
    }
    if (is_open_to_others) {
        *ret_why =
            arena_print(a, "密钥文件别人也能读，请先执行 / others can read the key file, first run: chmod 600 %.*s",
                        (int)path.len, path.at);
        return false;
    }
    Str line = str_trim((Str){ text, len });
    Bytes master;
    bool is_good = line.len == KEY_TEXT_LEN && str_starts(line, str_of(prefix)) &&
                   arena_unhex(a, str_slice(line, sizeof prefix - 1, line.len), &master);
    if (is_good)
        memcpy(ret_master, master.at, KEY_LEN);
    else
        *ret_why = arena_print(a, "不是 laoke 的密钥文件 / not a key file of laoke: %.*s", (int)path.len, path.at);
    return is_good;
}

bool key_write(Arena *a, Str path, const unsigned char master[KEY_LEN], Str *ret_why) {
    Str text = key_text(a, master);
    int fd = open(arena_cstr(a, path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool is_written = fd >= 0 && write(fd, text.at, (size_t)text.len) == text.len && fsync(fd) == 0;
    if (!is_written)
        *ret_why = arena_print(a, "密钥文件写不成 / the key file cannot be written: %.*s: %s", (int)path.len, path.at,
                               strerror(errno));
    if (fd >= 0) close(fd);
    if (!is_written && fd >= 0) unlink(arena_cstr(a, path));
    return is_written;
}
