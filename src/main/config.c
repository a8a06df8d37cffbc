#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "main/config.h"

const ConfigRow config_rows[CONFIG_KEYS] = {
    [CONFIG_DB] = { "db", "LAOKE_DB", "URL", "./data/laoke.db", "数据库：SQLite 文件或 postgresql://…",
                    "database: SQLite file or postgresql://…", false },
    [CONFIG_LISTEN] = { "listen", "LAOKE_LISTEN", "HOST:PORT", "127.0.0.1:8787", "监听地址", "address to serve on",
                        false },
    [CONFIG_PUBLIC_URL] = { "public-url", "LAOKE_PUBLIC_URL", "URL", "", "对外网址（短信里的链接）",
                            "address that links in messages carry", false },
    [CONFIG_KEY_FILE] = { "key-file", "LAOKE_KEY_FILE", "FILE", "", "密钥文件，默认在数据库旁边 (laoke.key)",
                          "key file; laoke.key beside the database by default", false },
    [CONFIG_SOCKET] = { "socket", "LAOKE_SOCKET", "FILE", "", "命令通道，默认 数据库.sock",
                        "command socket; DB.sock by default (SQLite)", false },
    [CONFIG_SPOOL_DIR] = { "spool-dir", "LAOKE_SPOOL_DIR", "DIR", "", "上传暂存目录，默认在数据库旁边",
                           "where uploads wait; beside the database by default", false },
    [CONFIG_WORKERS] = { "workers", "LAOKE_WORKERS", "N", "0", "工作线程，0 为自动", "worker threads, 0 = automatic",
                         true },
    [CONFIG_HTTP_THREADS] = { "http-threads", "LAOKE_HTTP_THREADS", "N", "0", "HTTP 线程，0 为核数",
                              "HTTP threads, 0 = cores", true },
    [CONFIG_CONNECTIONS] = { "connections", "LAOKE_CONNECTIONS", "N", "4096", "最多同时连接",
                             "most simultaneous clients", true },
    [CONFIG_READERS] = { "readers", "LAOKE_READERS", "N", "0", "数据库读连接（PostgreSQL：全部连接）",
                         "read connections (PostgreSQL: all connections)", true },
    [CONFIG_CACHE_KIB] = { "cache-kib", "LAOKE_CACHE_KIB", "KIB", "0", "SQLite 页缓存",
                           "SQLite page cache of the writer", true },
    [CONFIG_SMS] = { "sms", "LAOKE_SMS", "NAME", "", "短信通道", "SMS channel", false },
    [CONFIG_MAIL] = { "mail", "LAOKE_MAIL", "NAME", "", "邮件通道", "mail channel", false },
    [CONFIG_PAY] = { "pay", "LAOKE_PAY", "NAME", "", "支付通道", "payment channel", false },
};

static ConfigKey key_of(Str name) {
    for (int i = 0; i < CONFIG_KEYS; i++)
        if (str_is(name, config_rows[i].name)) return (ConfigKey)i;
    return CONFIG_KEYS;
}

typedef struct Reading {
    Arena *arena;
    Config *config;
    Str why;
} Reading;

static int take_pair(void *user, [[maybe_unused]] const char *section, const char *name, const char *value) {
    Reading *r = user;
    ConfigKey key = key_of(str_of(name));
    if (key == CONFIG_KEYS) {
        if (r->why.len == 0) r->why = arena_print(r->arena, "没有这个配置项 / no such key: %s", name);
        return 0;
    }
    r->config->value[key] = arena_str(r->arena, str_of(value));
    return 1;
}

static bool read_file(Arena *a, Str file, Config *config, Str *ret_why) {
    const char *path = "";
    if (file.len > 0)
        path = arena_cstr(a, file);
    else if (access("./laoke.ini", F_OK) == 0)
        path = "./laoke.ini";
    else if (access("/etc/laoke.ini", F_OK) == 0)
        path = "/etc/laoke.ini";
    if (path[0] == '\0') return true;
    Reading r = { .arena = a, .config = config };
    int line = ini_parse(path, take_pair, &r);
    if (line == 0) return true;
    if (line < 0)
        *ret_why = arena_print(a, "%s: 读不了 / cannot be read", path);
    else
        *ret_why = arena_print(a, "%s:%d: %.*s", path, line, (int)r.why.len, r.why.at);
    if (line > 0 && r.why.len == 0) *ret_why = arena_print(a, "%s:%d: 看不懂 / not understood", path, line);
    return false;
}

bool config_load(Arena *a, ConfigFlags flags, Str file, Config *ret_config, Str *ret_why) {
    for (int i = 0; i < CONFIG_KEYS; i++) ret_config->value[i] = str_of(config_rows[i].standard);
    if (file.len == 0) file = str_of(getenv("LAOKE_CONFIG"));
    if (!read_file(a, file, ret_config, ret_why)) return false;
    for (int i = 0; i < CONFIG_KEYS; i++) {
        const char *value = getenv(config_rows[i].env);
        if (value != NULL && value[0] != '\0') ret_config->value[i] = str_of(value);
    }
    for (int64_t i = 0; i < flags.count; i++) {
        ConfigKey key = key_of(flags.items[i].name);
        if (key != CONFIG_KEYS) ret_config->value[key] = flags.items[i].value;
    }
    for (int i = 0; i < CONFIG_KEYS; i++) {
        int64_t number;
        Str value = ret_config->value[i];
        if (!config_rows[i].is_number || (str_to_int(value, &number) && number >= 0)) continue;
        *ret_why = arena_print(a, "%s: 应为不小于 0 的整数 / must be a whole number, 0 or more: %.*s",
                               config_rows[i].name, (int)value.len, value.at);
        return false;
    }
    return true;
}

int64_t config_number(const Config *config, ConfigKey key) {
    int64_t number = 0;
    str_to_int(config->value[key], &number);
    return number;
}

bool config_is_sqlite(const Config *config) {
    Str url = config->value[CONFIG_DB];
    return !str_starts(url, S("postgresql://")) && !str_starts(url, S("postgres://")) && str_find_char(url, '=') < 0;
}

void config_print(Buf *b) {
    for (int i = 0; i < CONFIG_KEYS; i++) {
        const ConfigRow *row = &config_rows[i];
        int64_t at = b->len;
        buf_print(b, "  --%s %s", row->name, row->value);
        while (b->len - at < 26) buf_char(b, ' ');
        buf_print(b, " %-19s %s / %s", row->env, row->zh, row->en);
        if (row->standard[0] != '\0') buf_print(b, " [%s]", row->standard);
        buf_char(b, '\n');
    }
}
