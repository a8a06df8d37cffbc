/* config - 配置: what a server is told from outside. Every key can be given as a flag (--key VALUE), as an environment
 * variable (LAOKE_KEY) and in an ini file; a flag beats the environment, the environment beats the file. One table
 * says them all, and
 * `laoke --help` prints it.
 * Calls:  nobody        Errors: none (words in ret_why) */
#pragma once
#include "base/arena.h"

typedef enum ConfigKey {
    CONFIG_DB, CONFIG_LISTEN, CONFIG_PUBLIC_URL, CONFIG_KEY_FILE, CONFIG_SOCKET, CONFIG_SPOOL_DIR, CONFIG_WORKERS,
    CONFIG_HTTP_THREADS, CONFIG_CONNECTIONS, CONFIG_READERS, CONFIG_CACHE_KIB,
    CONFIG_SMS, CONFIG_MAIL, CONFIG_PAY, CONFIG_KEYS,
} ConfigKey;

typedef struct ConfigRow { const char *name, *env, *value, *standard, *zh, *en; bool is_number; } ConfigRow;
extern const ConfigRow config_rows[CONFIG_KEYS];

typedef struct Config { Str value[CONFIG_KEYS]; } Config;
typedef struct ConfigFlag { Str name, value; } ConfigFlag; /* what stood on the command line, without the dashes */
typedef LIST_OF(ConfigFlag) ConfigFlags;

/* `file` empty: ./laoke.ini, else /etc/laoke.ini, else none. Flags that are no keys are not looked at.
 * Refuses an unreadable file, an unknown key in it, a number that is none. */
bool config_load(Arena *a, ConfigFlags flags, Str file, Config *ret_config, Str *ret_why);
int64_t config_number(const Config *config, ConfigKey key);
bool config_is_sqlite(const Config *config);
void config_print(Buf *b);                     /* the table as text for --help */
