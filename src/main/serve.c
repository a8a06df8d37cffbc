/* laoke serve: opens the house, serves until SIGTERM or SIGINT, finishes what it accepted. */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "app/merchant.h"
#include "main/house.h"

static const CliOption options[] = {
    { "port", "N", "监听 127.0.0.1 的这个端口", "listen on this port of 127.0.0.1", false },
    { "empty", NULL, "新数据库不放演示店", "a new database gets no demo shop", false },
    { NULL, NULL, NULL, NULL, false },
};

typedef struct Server {
    House house;
    HttpServer *http;
    LocalServer *local;
    CliHost host;
} Server;

/* Every thread inherits the mask, so that signals come to sigwait() in the main thread and nowhere else. */
static void hold_signals(sigset_t *ret_set) {
    sigemptyset(ret_set);
    sigaddset(ret_set, SIGTERM);
    sigaddset(ret_set, SIGINT);
    pthread_sigmask(SIG_BLOCK, ret_set, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
}

static void raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* Uploads that a crash left behind belong to nobody. */
static bool clear_spool(Cli *cli, Str dir) {
    const char *path = arena_cstr(cli->arena, dir);
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        cli_error(cli, "建不了目录 / cannot make the folder %s: %s", path, strerror(errno));
        return false;
    }
    DIR *entries = opendir(path);
    for (struct dirent *entry; entries != NULL && (entry = readdir(entries)) != NULL;)
        if (strncmp(entry->d_name, "upload-", 7) == 0) unlinkat(dirfd(entries), entry->d_name, 0);
    if (entries != NULL) closedir(entries);
    return true;
}

static Str spool_dir(Cli *cli, const House *house) {
    Str dir = cli->config.value[CONFIG_SPOOL_DIR];
    if (dir.len > 0) return dir;
    return arena_print(cli->arena, "%.*s/spool", (int)house->data_dir.len, house->data_dir.at);
}

static CliExit open_doors(Cli *cli, Server *s) {
    const Config *config = &cli->config;
    Str why = S(""), dir = spool_dir(cli, &s->house), socket = house_socket_path(cli->arena, config);
    if (!clear_spool(cli, dir)) return CLI_REFUSED;
    HttpConfig http = { .listen = config->value[CONFIG_LISTEN],
                        .threads = config_number(config, CONFIG_HTTP_THREADS),
                        .connections_max = config_number(config, CONFIG_CONNECTIONS),
                        .handle = app_handle,
                        .is_upload = app_is_upload,
                        .user = s->house.app,
                        .spool_dir = dir };
    s->http = http_server_start(cli->arena, &http, &why);
    s->host.app = s->house.app;
    s->host.config = config;
    if (s->http != NULL && socket.len > 0)
        s->local = local_server_start(cli->arena, socket, cli_serve_call, &s->host, &why);
    if (s->http == NULL || (socket.len > 0 && s->local == NULL)) {
        cli_error(cli, "%.*s", (int)why.len, why.at);
        return CLI_REFUSED;
    }
    return CLI_OK;
}

static void close_doors(Server *s) {
    atomic_store(&s->host.is_stopping, true);
    if (s->http != NULL) http_server_stop(s->http);
    if (s->local != NULL) local_server_stop(s->local);
    house_close(&s->house);
}

/* ---- what the one who started it sees ---- */

static void say_where(Cli *cli, const Server *s) {
    Str listen = cli->config.value[CONFIG_LISTEN], db = cli->config.value[CONFIG_DB];
    int64_t colon = listen.len;
    while (colon > 0 && listen.at[colon - 1] != ':') colon--;
    Str host = colon <= 1 ? S("127.0.0.1") : str_slice(listen, 0, colon - 1);
    Str url = arena_print(cli->arena, "http://%.*s:%lld", (int)host.len, host.at, (long long)http_server_port(s->http));
    bool is_sqlite = db_engine(s->house.db) == DB_SQLITE;
    cli_print(cli, "老客 laoke %s\n", LAOKE_VERSION);
    cli_print(cli, "  地址 address   %.*s/\n", (int)url.len, url.at);
    cli_print(cli, "  接口 API       %.*s/docs\n", (int)url.len, url.at);
    if (is_sqlite)
        cli_print(cli, "  数据 data      %.*s (SQLite)\n", (int)db.len, db.at);
    else
        cli_print(cli, "  数据 data      PostgreSQL\n");
    if (s->house.is_key_new)
        cli_print(cli,
                  "  密钥 key       %.*s  新建，请另存一份：没有它打不开手机号 / new, keep a copy elsewhere: phone "
                  "numbers are sealed with it\n",
                  (int)s->house.key_path.len, s->house.key_path.at);
}

/* An empty server still has a merchant, so that its first owner can be made over HTTP as well as from the command line;
 * it stands before the doors open. */
static CliExit make_first_merchant(Cli *cli) {
    Ctx c;
    Merchant made;
    cli_ctx(cli, 0, &c);
    bool is_made = merchant_create(&c, &(MerchantMake){ .code = S("main"), .name = S("我的店") }, &made) == OK;
    return is_made ? CLI_OK : cli_refused(cli, &c);
}

static void say_first_owner(Cli *cli) {
    cli_print(cli, "\n空店已建好，还没有账号。建第一个店主 / an empty shop, no account yet. Make the first owner:\n"
                   "  laoke user add --login boss --role owner\n"
                   "  或 / or: POST /v1/setup {\"login\": …, \"password\": …, \"shop_name\": …}\n");
}

/* ---- the demo shop ---- */

typedef struct Standing {
    int64_t first_id;
    bool has_demo;
} Standing;

static Err look(Ctx *c, void *arg) {
    Standing *standing = arg;
    Merchant demo;
    TRY(merchant_first(c, &standing->first_id));
    Err err = merchant_by_code(c, S("demo"), &demo);
    standing->has_demo = err == OK;
    if (err == E_NOT_FOUND) problem_clear(c);
    return err == E_NOT_FOUND ? OK : err;
}

/* Said to app before the doors open: in demo mode one-time codes are shown on the console page. */
static CliExit look_for_demo(Cli *cli, House *house, Standing *ret_standing) {
    Ctx c;
    cli_ctx(cli, 0, &c);
    if (app_read(&c, look, ret_standing) != OK) return cli_refused(cli, &c);
    bool is_fresh = ret_standing->first_id == 0 && !cli_has(cli, "empty");
    house->app->config.is_demo = cli_find(S("demo")) != NULL && (ret_standing->has_demo || is_fresh);
    return CLI_OK;
}

/* The demo command makes the shop in an empty database, and in one that has it already it only tells the log-ins. */
static CliExit make_or_tell_demo(Cli *cli, const House *house, const Standing *standing) {
    if (!house->app->config.is_demo) {
        if (standing->first_id == 0) say_first_owner(cli);
        return CLI_OK;
    }
    Cli inner = *cli;
    inner.command = cli_find(S("demo"));
    CliExit status = inner.command->run(&inner);
    cli_progress_end(&inner);
    return status;
}

/* ---- the command ---- */

static CliExit prepare(Cli *cli) {
    int64_t port;
    if (cli->words.count > 0)
        return cli_usage(cli, "多余的词 / unexpected word: %.*s", (int)cli->words.items[0].len, cli->words.items[0].at);
    if (!cli_has(cli, "port")) return CLI_OK;
    if (!cli_number(cli, "port", 0, 65535, 0, &port)) return CLI_USAGE;
    cli->config.value[CONFIG_LISTEN] = arena_print(cli->arena, "127.0.0.1:%lld", (long long)port);
    return CLI_OK;
}

static CliExit run(Cli *cli) {
    Server server = { 0 };
    Standing standing = { 0 };
    sigset_t signals;
    int which;
    hold_signals(&signals);
    raise_descriptor_limit();
    CliExit status = house_open(cli, HOUSE_SERVE, &server.house);
    if (status != CLI_OK) return status;
    status = look_for_demo(cli, &server.house, &standing);
    if (status == CLI_OK && standing.first_id == 0 && !server.house.app->config.is_demo)
        status = make_first_merchant(cli);
    if (status == CLI_OK) status = open_doors(cli, &server);
    if (status == CLI_OK) {
        say_where(cli, &server);
        status = make_or_tell_demo(cli, &server.house, &standing);
    }
    if (status == CLI_OK) {
        app_pump_start(server.house.app);
        cli_print(cli, "\n按 Ctrl-C 停止 / Ctrl-C to stop\n");
        sigwait(&signals, &which);
        pthread_sigmask(SIG_UNBLOCK, &signals, NULL); /* a second one ends at once */
        cli_error(cli, "正在停止，先做完已接下的请求 / stopping: finishing what was accepted");
    }
    close_doors(&server);
    return status;
}

const Command command_serve = {
    .name = "serve",
    .words = "",
    .zh = "启动服务",
    .en = "serve until stopped",
    .need = CLI_OWN,
    .options = options,
    .prepare = prepare,
    .run = run,
};
