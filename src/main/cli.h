/* cli - 命令行: one table of commands, run by `laoke NAME …` or, when a server holds the database, inside that server
 * with the caller's output (net/http.h, local_send).
 *
 * A command is one `const Command command_NAME` in a file of src/main; its line in cli.c is all the wiring. It
 * prints with cli_print() (results) and cli_error() (words for people, on the caller's error output), reads its
 * options by name, and returns a CliExit. A CLI_APP command works through cli->app like any route handler:
 * cli_ctx(), app_unit(), app_read().
 * Calls: app, and slices through their headers */
#pragma once
#include "app/app.h"
#include "main/config.h"

typedef enum CliExit {
    CLI_OK = 0,
    CLI_REFUSED = 1,        /* refused by the state of things, or a check with findings */
    CLI_USAGE = 2,          /* the command line was not understood */
    CLI_STORE = 3,          /* the database cannot be opened, read or written now */
} CliExit;

typedef enum CliNeed {
    CLI_NOTHING,            /* needs no database */
    CLI_APP,                /* cli->app stands: the server's own, or opened for this command */
    CLI_OWN,                /* opens and closes by itself (serve, migrate, restore); never run inside a server */
} CliNeed;

/* value NULL: a switch. is_hidden: given from one process to the other, not by people. */
typedef struct CliOption { const char *name, *value, *zh, *en; bool is_hidden; } CliOption;

typedef struct Cli Cli;
typedef struct Command {
    const char *name;                   /* "backup"; `user add` is one command with a verb as first word */
    const char *words;                  /* "FILE …", what stands beside options; "" = nothing */
    const char *zh, *en;                /* one line each */
    const char *more;                   /* what --help adds; may be NULL */
    CliNeed need;
    const CliOption *options;           /* ends with a row whose name is NULL */
    /* in the caller's process, before a server is asked: reads password files, prompts; may be NULL */
    CliExit (*prepare)(Cli *cli);
    CliExit (*run)(Cli *cli);
} Command;

struct Cli {
    Arena *arena;
    const Command *command;
    StrList words;                      /* what stood beside the options, in order */
    ConfigFlags flags;                  /* options as given; read them with cli_option() */
    Config config;
    Str cwd;                            /* the caller's: cli_path() */
    int out_fd, error_fd;
    bool is_inside;                     /* runs in a server, next to its requests */
    App *app;                           /* CLI_APP */
    Db *db;
    int64_t drawn_permille;             /* progress bar */
    const _Atomic bool *is_stopping;    /* is_inside: the server's; read it with cli_is_stopped() */
    Rng rng;
};

int cli_main(int argc, char **argv);                    /* the whole of main() */
typedef struct CliHost { App *app; const Config *config; _Atomic bool is_stopping; } CliHost;
int cli_serve_call(LocalCall *call, void *host); /* LocalServer's run: a command from outside; host is a CliHost */

/* ---- for commands ---- */
Str cli_option(const Cli *cli, const char *name);       /* the last one given; empty when none */
bool cli_has(const Cli *cli, const char *name);
void cli_add(Cli *cli, const char *name, Str value);    /* for prepare(): goes on to the server */
/* The number of an option, or `standard` when it is not given; false (and said) when it is no number from `least` to
 * `most`. */
bool cli_number(Cli *cli, const char *name, int64_t least, int64_t most, int64_t standard, int64_t *ret_number);
Str cli_path(Cli *cli, Str path);                       /* relative to where the caller stands */

void cli_print(Cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
void cli_text(Cli *cli, Str text);                      /* as it is, of any length */
void cli_error(Cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));   /* one line */
/* says it, and where help is */
CliExit cli_usage(Cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
CliExit cli_refused(Cli *cli, const Ctx *c);            /* prints the problem of c; CLI_STORE when it was E_BUSY */

/* Whether whoever runs this wants it to end: the server is stopping, or Ctrl-C. Long work asks between its units. */
bool cli_is_stopped(const Cli *cli);

/* A bar on the caller's terminal ("导入 ███░ 61% 330564/541909"), nothing when error output is no terminal. */
void cli_progress(Cli *cli, const char *what, int64_t done, int64_t total);
void cli_progress_end(Cli *cli);

void cli_ctx(Cli *cli, int64_t merchant_id, Ctx *ret_ctx);
/* The merchant of --merchant CODE, or the first one. */
CliExit cli_merchant(Cli *cli, int64_t *ret_merchant_id);

extern const Command command_serve, command_demo, command_user, command_check, command_backup, command_restore,
    command_migrate, command_import, command_export, command_quote, command_openapi, command_events, command_version;
const Command *cli_find(Str name);                      /* NULL when there is none */
#define CLI_MERCHANT_OPTION { "merchant", "CODE", "商户代码，默认第一个", "merchant code; the first one by default", false }
