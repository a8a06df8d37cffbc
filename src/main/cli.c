/* The table of commands, and how one is run: read the words, ask the server that holds the database, or open it here.
 *
 * Options are read by a few lines of our own instead of getopt_long(), because inside a server several commands may
 * be read at the same time and getopt_long() keeps its place in globals. */
#include <assert.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "app/merchant.h"
#include "main/house.h"

enum { FLAGS_MAX = 64, BAR_WIDTH = 30 };

/* In the order of --help. A new command is one line here. */
static const Command *const commands[] = {
    &command_serve,
    &command_demo,
    &command_user,
    &command_import,
    &command_export,
    &command_quote,
    &command_check,
    &command_backup,
    &command_restore,
    &command_migrate,
    &command_openapi,
    &command_events,
    &command_version,
};

static const CliOption common_options[] = {
    { "config", "FILE", "配置文件", "configuration file (ini)", false },
    { "help", NULL, "显示帮助", "this help", false },
    { NULL, NULL, NULL, NULL, false },
};

const Command *cli_find(Str name) {
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (str_is(name, commands[i]->name)) return commands[i];
    return NULL;
}

/* ---- what a command uses ---- */

Str cli_option(const Cli *cli, const char *name) {
    for (int64_t i = cli->flags.count; i-- > 0;)
        if (str_is(cli->flags.items[i].name, name)) return cli->flags.items[i].value;
    return S("");
}

bool cli_has(const Cli *cli, const char *name) {
    for (int64_t i = 0; i < cli->flags.count; i++)
        if (str_is(cli->flags.items[i].name, name)) return true;
    return false;
}

void cli_add(Cli *cli, const char *name, Str value) {
    assert(cli->flags.count < FLAGS_MAX);
    cli->flags.items[cli->flags.count++] = (ConfigFlag){ str_of(name), value };
}

bool cli_number(Cli *cli, const char *name, int64_t least, int64_t most, int64_t standard, int64_t *ret_number) {
    *ret_number = standard;
    if (!cli_has(cli, name)) return true;
    if (str_to_int(cli_option(cli, name), ret_number) && *ret_number >= least && *ret_number <= most) return true;
    cli_error(cli, "--%s: 应为 %lld 到 %lld 的整数 / must be a whole number from %lld to %lld", name, (long long)least,
              (long long)most, (long long)least, (long long)most);
    return false;
}

Str cli_path(Cli *cli, Str path) {
    if (path.len == 0 || path.at[0] == '/' || !cli->is_inside) return arena_str(cli->arena, path);
    return arena_print(cli->arena, "%.*s/%.*s", (int)cli->cwd.len, cli->cwd.at, (int)path.len, path.at);
}

static void put(int fd, Str text) {
    while (text.len > 0) {
        ssize_t done = write(fd, text.at, (size_t)text.len);
        if (done <= 0) return; /* the reader has gone; the command goes on */
        text = str_slice(text, done, text.len);
    }
}

void cli_text(Cli *cli, Str text) { put(cli->out_fd, text); }

__attribute__((format(printf, 2, 0)))
static Str print_args(Cli *cli, const char *format, va_list args) {
    return arena_print_args(cli->arena, format, args);
}

void cli_print(Cli *cli, const char *format, ...) {
    ArenaMark mark = arena_mark(cli->arena);
    va_list args;
    va_start(args, format);
    put(cli->out_fd, print_args(cli, format, args));
    va_end(args);
    arena_back(cli->arena, mark);
}

void cli_error(Cli *cli, const char *format, ...) {
    va_list args;
    cli_progress_end(cli);
    va_start(args, format);
    Str text = print_args(cli, format, args);
    va_end(args);
    put(cli->error_fd, arena_print(cli->arena, "laoke: %.*s\n", (int)text.len, text.at));
}

CliExit cli_usage(Cli *cli, const char *format, ...) {
    va_list args;
    va_start(args, format);
    Str text = print_args(cli, format, args);
    va_end(args);
    cli_error(cli, "%.*s", (int)text.len, text.at);
    const char *name = cli->command == NULL ? "" : cli->command->name;
    cli_error(cli, "用法 / usage: laoke %s%s--help", name, name[0] == '\0' ? "" : " ");
    return CLI_USAGE;
}

CliExit cli_refused(Cli *cli, const Ctx *c) {
    const Problem *p = &c->problem;
    cli_error(cli, "%.*s / %.*s [%s]", (int)p->zh.len, p->zh.at, (int)p->en.len, p->en.at,
              p->code == NULL ? "internal" : p->code);
    for (int64_t i = 0; i < p->complaint_count; i++) {
        const Complaint *w = &p->complaints[i];
        cli_error(cli, "  %.*s: %.*s / %.*s", (int)w->pointer.len, w->pointer.at, (int)w->zh.len, w->zh.at,
                  (int)w->en.len, w->en.at);
    }
    return p->err == E_BUSY ? CLI_STORE : CLI_REFUSED;
}

/* While a server runs, signals are held for its main thread: what waits there is what somebody wants. */
bool cli_is_stopped(const Cli *cli) {
    sigset_t waiting;
    if (cli->is_stopping != NULL) return atomic_load(cli->is_stopping);
    return sigpending(&waiting) == 0 && (sigismember(&waiting, SIGTERM) == 1 || sigismember(&waiting, SIGINT) == 1);
}

void cli_progress(Cli *cli, const char *what, int64_t done, int64_t total) {
    if (!isatty(cli->error_fd) || total <= 0) return;
    int64_t permille = done >= total ? 1000 : done * 1000 / total;
    if (permille == cli->drawn_permille) return;
    cli->drawn_permille = permille;
    char bar[BAR_WIDTH * 3 + 1] = "", line[512];
    for (int i = 0; i < BAR_WIDTH; i++) strcat(bar, permille * BAR_WIDTH >= (i + 1) * 1000 ? "█" : "░");
    int len = snprintf(line, sizeof line, "\r%s %s %3lld%% %lld/%lld\033[K", what, bar, (long long)permille / 10,
                       (long long)done, (long long)total);
    put(cli->error_fd, (Str){ line, len });
}

void cli_progress_end(Cli *cli) {
    if (cli->drawn_permille == 0) return;
    cli->drawn_permille = 0;
    put(cli->error_fd, S("\r\033[K"));
}

void cli_ctx(Cli *cli, int64_t merchant_id, Ctx *ret_ctx) {
    assert(cli->app != NULL);
    app_ctx(cli->app, cli->arena, merchant_id, (Actor){ ACTOR_CLI, 0 }, ret_ctx);
}

typedef struct MerchantAsked { Str code; int64_t merchant_id; } MerchantAsked;

static Err find_merchant(Ctx *c, void *arg) {
    MerchantAsked *asked = arg;
    if (asked->code.len == 0) return merchant_first(c, &asked->merchant_id);
    Merchant merchant;
    TRY(merchant_by_code(c, asked->code, &merchant));
    asked->merchant_id = merchant.merchant_id;
    return OK;
}

CliExit cli_merchant(Cli *cli, int64_t *ret_merchant_id) {
    Ctx c;
    MerchantAsked asked = { .code = cli_option(cli, "merchant") };
    cli_ctx(cli, 0, &c);
    if (app_read(&c, find_merchant, &asked) != OK) return cli_refused(cli, &c);
    if (asked.merchant_id == 0) {
        cli_error(cli, "还没有商户，先建一个 / no merchant yet, make one: laoke user add --login NAME --merchant-name NAME");
        return CLI_REFUSED;
    }
    *ret_merchant_id = asked.merchant_id;
    return CLI_OK;
}

/* ---- help ---- */

static void print_options(Buf *b, const CliOption *options) {
    for (; options != NULL && options->name != NULL; options++) {
        if (options->is_hidden) continue;
        int64_t at = b->len;
        buf_print(b, "  --%s %s", options->name, options->value == NULL ? "" : options->value);
        while (b->len - at < 26) buf_char(b, ' ');
        buf_print(b, " %s / %s\n", options->zh, options->en);
    }
}

static CliExit help_all(Cli *cli) {
    Buf b = { .arena = cli->arena };
    buf_print(&b, "laoke 老客 %s: 自托管会员系统 / a self-hosted membership system for shops\n\n", LAOKE_VERSION);
    buf_cstr(&b, "laoke COMMAND [OPTIONS]        laoke COMMAND --help\n\n命令 / Commands\n");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        buf_print(&b, "  %-9s %s / %s\n", commands[i]->name, commands[i]->zh, commands[i]->en);
    buf_cstr(&b, "\n配置 / Configuration: --flag, environment, then ./laoke.ini or /etc/laoke.ini (name = value)\n");
    config_print(&b);
    print_options(&b, common_options);
    buf_cstr(&b, "\n退出码 / Exit codes: 0 ok, 1 refused or findings, 2 usage, 3 database unavailable\n");
    cli_text(cli, buf_str(&b));
    return CLI_OK;
}

static CliExit help_one(Cli *cli) {
    const Command *command = cli->command;
    Buf b = { .arena = cli->arena };
    buf_print(&b, "laoke %s %s\n%s / %s\n", command->name, command->words, command->zh, command->en);
    if (command->more != NULL) buf_print(&b, "\n%s\n", command->more);
    buf_cstr(&b, "\n选项 / Options\n");
    print_options(&b, command->options);
    print_options(&b, common_options);
    if (command->need != CLI_NOTHING)
        buf_cstr(&b, "  --db URL …               其余配置见 / all other keys: laoke --help\n");
    cli_text(cli, buf_str(&b));
    return CLI_OK;
}

/* ---- reading the words ---- */

/* The value's name when the option is known and takes one, "" for a switch, NULL when it is unknown. */
static const char *value_name(const Command *command, Str name) {
    for (int i = 0; i < CONFIG_KEYS; i++)
        if (str_is(name, config_rows[i].name)) return config_rows[i].value;
    for (int round = 0; round < 2; round++) {
        const CliOption *options = round == 0 ? command->options : common_options;
        for (; options != NULL && options->name != NULL; options++)
            if (str_is(name, options->name)) return options->value == NULL ? "" : options->value;
    }
    return NULL;
}

static CliExit read_words(Cli *cli, StrList argv) {
    cli->words = (StrList){ NEW_LIST(cli->arena, Str, argv.count + 1), 0 };
    cli->flags = (ConfigFlags){ NEW_LIST(cli->arena, ConfigFlag, FLAGS_MAX), 0 };
    bool is_words_only = false;
    for (int64_t i = 1; i < argv.count; i++) {
        Str word = argv.items[i], name, value = S("");
        if (is_words_only || !str_starts(word, S("--"))) {
            if (!is_words_only && word.len > 1 && word.at[0] == '-' && !str_is(word, "-h"))
                return cli_usage(cli, "没有这个选项 / no such option: %.*s", (int)word.len, word.at);
            if (str_is(word, "-h"))
                cli_add(cli, "help", S(""));
            else
                cli->words.items[cli->words.count++] = word;
            continue;
        }
        if (word.len == 2) {
            is_words_only = true;
            continue;
        }
        bool has_value = str_cut(str_slice(word, 2, word.len), '=', &name, &value);
        const char *takes = value_name(cli->command, name);
        if (takes == NULL) return cli_usage(cli, "没有这个选项 / no such option: --%.*s", (int)name.len, name.at);
        if (takes[0] == '\0' && has_value)
            return cli_usage(cli, "这个选项不带值 / takes no value: --%.*s", (int)name.len, name.at);
        if (takes[0] != '\0' && !has_value) {
            if (++i == argv.count)
                return cli_usage(cli, "缺少值 / needs a value: --%.*s %s", (int)name.len, name.at, takes);
            value = argv.items[i];
        }
        if (cli->flags.count >= FLAGS_MAX / 2) return cli_usage(cli, "选项太多 / too many options");
        cli->flags.items[cli->flags.count++] = (ConfigFlag){ name, value };
    }
    return CLI_OK;
}

/* ---- running ---- */

static CliExit run_here(Cli *cli) {
    House house;
    CliExit status = house_open(cli, HOUSE_COMMAND, &house);
    if (status != CLI_OK) return status;
    status = cli->command->run(cli);
    cli_progress_end(cli);
    house_close(&house);
    return status;
}

/* All words again, for the server: options as --name=value, so that it reads exactly what was understood here. */
static StrList words_for_server(Cli *cli) {
    StrList out = { NEW_LIST(cli->arena, Str, cli->words.count + cli->flags.count + 2), 0 };
    out.items[out.count++] = str_of(cli->command->name);
    for (int64_t i = 0; i < cli->flags.count; i++) {
        ConfigFlag flag = cli->flags.items[i];
        const char *takes = value_name(cli->command, flag.name);
        bool is_switch = takes != NULL && takes[0] == '\0';
        out.items[out.count++] = arena_print(cli->arena, is_switch ? "--%.*s" : "--%.*s=%.*s", (int)flag.name.len,
                                             flag.name.at, (int)flag.value.len, flag.value.at);
    }
    out.items[out.count++] = S("--");
    for (int64_t i = 0; i < cli->words.count; i++) out.items[out.count++] = cli->words.items[i];
    return out;
}

static CliExit run_from_outside(Cli *cli) {
    Str why = S("");
    int status;
    if (!config_load(cli->arena, cli->flags, cli_option(cli, "config"), &cli->config, &why))
        return cli_usage(cli, "%.*s", (int)why.len, why.at);
    if (cli->command->prepare != NULL) {
        CliExit prepared = cli->command->prepare(cli);
        if (prepared != CLI_OK) return prepared;
    }
    if (cli->command->need != CLI_APP) return cli->command->run(cli);
    Str socket = house_socket_path(cli->arena, &cli->config);
    if (socket.len > 0 && local_send(socket, words_for_server(cli), cli->out_fd, &status)) return (CliExit)status;
    return run_here(cli);
}

static CliExit run(Cli *cli, StrList argv) {
    Str name = argv.count > 0 ? argv.items[0] : S("--help");
    cli->rng = rng_system();
    if (str_is(name, "--help") || str_is(name, "-h") || str_is(name, "help")) return help_all(cli);
    if (str_is(name, "--version")) name = S("version");
    cli->command = cli_find(name);
    if (cli->command == NULL) return cli_usage(cli, "没有这个命令 / no such command: %.*s", (int)name.len, name.at);
    CliExit status = read_words(cli, argv);
    if (status != CLI_OK) return status;
    if (cli_has(cli, "help")) return help_one(cli);
    if (cli->is_inside && cli->command->need != CLI_APP)
        return cli_usage(cli, "这个命令不能在服务里运行 / not for a running server: %s", cli->command->name);
    status = cli->is_inside ? cli->command->run(cli) : run_from_outside(cli);
    cli_progress_end(cli);
    return status;
}

int cli_main(int argc, char **argv) {
    Arena arena;
    char cwd[4096];
    arena_init(&arena, ARENA_HARD_MAX);
    umask(077); /* database, exports and backups hold personal data */
    Cli cli = { .arena = &arena, .out_fd = STDOUT_FILENO, .error_fd = STDERR_FILENO };
    if (getcwd(cwd, sizeof cwd) != NULL) cli.cwd = str_of(cwd);
    StrList words = { NEW_LIST(&arena, Str, argc), 0 };
    for (int i = 1; i < argc; i++) words.items[words.count++] = str_of(argv[i]);
    CliExit status = run(&cli, words);
    arena_free(&arena);
    return (int)status;
}

int cli_serve_call(LocalCall *call, void *host) {
    Arena arena;
    arena_init(&arena, ARENA_HARD_MAX);
    const CliHost *h = host;
    Cli cli = { .arena = &arena,
                .out_fd = call->fd,
                .error_fd = call->error_fd,
                .cwd = call->cwd,
                .is_inside = true,
                .config = *h->config,
                .is_stopping = &h->is_stopping,
                .app = h->app,
                .db = h->app->db };
    CliExit status = run(&cli, call->argv);
    arena_free(&arena);
    return (int)status;
}
