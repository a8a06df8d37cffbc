/* laoke user: accounts of people who work here, for set-up and for the day somebody is locked out. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "app/auth.h"
#include "app/merchant.h"
#include "domain/staff/staff.h"
#include "main/cli.h"

enum { MADE_PASSWORD_LEN = 16, LIST_PAGE = 200 };

static const CliOption options[] = {
    CLI_MERCHANT_OPTION,
    { "login", "NAME", "登录名", "log-in name", false },
    { "name", "TEXT", "姓名", "the person's name", false },
    { "role", "ROLE", "角色，默认 owner", "owner (default), manager, marketer, cashier, analyst or your own", false },
    { "password-file", "FILE", "口令文件（- 为标准输入）；不给就生成一个",
      "password in FILE (- is standard input); one is made otherwise", false },
    { "merchant-name", "TEXT", "没有商户时新建一个", "makes the merchant when there is none", false },
    { "password", "TEXT", "", "", true },
    { NULL, NULL, NULL, NULL, false },
};

static CliExit prepare(Cli *cli) {
    char text[STAFF_PASSWORD_MAX + 3];
    Str path = cli_option(cli, "password-file");
    if (path.len == 0) return CLI_OK;
    int fd = str_is(path, "-") ? dup(STDIN_FILENO) : open(arena_cstr(cli->arena, path), O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text);
    if (fd >= 0) close(fd);
    Str words = { text, len < 0 ? 0 : len };
    while (words.len > 0 && (words.at[words.len - 1] == '\n' || words.at[words.len - 1] == '\r')) words.len--;
    if (words.len >= STAFF_PASSWORD_MIN && words.len <= STAFF_PASSWORD_MAX && str_is_utf8(words)) {
        cli_add(cli, "password", arena_str(cli->arena, words));
        return CLI_OK;
    }
    cli_error(cli, "口令读不了，或不是 %d 到 %d 个字节 / the password cannot be read, or has not %d to %d bytes",
              STAFF_PASSWORD_MIN, STAFF_PASSWORD_MAX, STAFF_PASSWORD_MIN, STAFF_PASSWORD_MAX);
    return CLI_REFUSED;
}

/* Letters and digits that are not mistaken for one another when read aloud: about 80 bits. */
static Str make_password(Cli *cli) {
    static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
    char *text = arena_take(cli->arena, MADE_PASSWORD_LEN + 1, 1);
    for (int i = 0; i < MADE_PASSWORD_LEN; i++) text[i] = letters[rng_below(&cli->rng, sizeof letters - 1)];
    return (Str){ text, MADE_PASSWORD_LEN };
}

typedef struct Work {
    Cli *cli;
    Str login, password;
    StaffNew make;
    StaffStatus status;
    Staff staff;
    bool is_claimed;
} Work;

static Str take_password(Work *w) {
    Str given = cli_option(w->cli, "password");
    w->password = given.len > 0 ? S("") : make_password(w->cli);
    return password_hash(w->cli->arena, given.len > 0 ? given : w->password, false);
}

static void say_password(const Work *w) {
    if (w->password.len == 0) return;
    cli_print(w->cli, "口令 / password: %.*s\n请登录后改掉 / change it after the first log-in\n", (int)w->password.len,
              w->password.at);
}

/* ---- add ---- */

static Err claim(Ctx *c, void *arg) {
    Work *w = arg;
    return login_claim(c, w->login, &w->is_claimed);
}

static Err release(Ctx *c, void *arg) {
    Work *w = arg;
    return login_release(c, w->login);
}

static Err create(Ctx *c, void *arg) {
    Work *w = arg;
    return staff_create(c, &w->make, &w->staff);
}

typedef struct MerchantAsked {
    Str code;
    int64_t merchant_id;
} MerchantAsked;

static Err find_asked(Ctx *c, void *arg) {
    MerchantAsked *asked = arg;
    Merchant merchant;
    if (asked->code.len == 0) return merchant_first(c, &asked->merchant_id);
    Err err = merchant_by_code(c, asked->code, &merchant);
    if (err == OK) asked->merchant_id = merchant.merchant_id;
    if (err != E_NOT_FOUND) return err;
    problem_clear(c);
    return OK;
}

/* A merchant is made when --merchant names one that is not there, or when the server has none at all. */
static CliExit merchant_for_first(Cli *cli, int64_t *ret_merchant_id) {
    Ctx c;
    Merchant made;
    Str name = cli_option(cli, "merchant-name"),
        code = cli_has(cli, "merchant") ? cli_option(cli, "merchant") : S("main");
    MerchantAsked asked = { .code = cli_option(cli, "merchant") };
    if (name.len == 0) return cli_merchant(cli, ret_merchant_id);
    cli_ctx(cli, 0, &c);
    if (app_read(&c, find_asked, &asked) != OK) return cli_refused(cli, &c);
    *ret_merchant_id = asked.merchant_id;
    if (asked.merchant_id != 0) return CLI_OK;
    cli_ctx(cli, 0, &c);
    if (merchant_create(&c, &(MerchantMake){ .code = code, .name = name }, &made) != OK) return cli_refused(cli, &c);
    *ret_merchant_id = made.merchant_id;
    cli_print(cli, "商户 / merchant: %.*s (%.*s)\n", (int)name.len, name.at, (int)code.len, code.at);
    return CLI_OK;
}

static CliExit run_add(Work *w) {
    Cli *cli = w->cli;
    Ctx c;
    int64_t merchant_id;
    CliExit status = merchant_for_first(cli, &merchant_id);
    if (status != CLI_OK) return status;
    Str role = cli_has(cli, "role") ? cli_option(cli, "role") : S("owner");
    Str name = cli_has(cli, "name") ? cli_option(cli, "name") : w->login;
    w->make = (StaffNew){ .login = w->login, .name = name, .role = role, .password_hash = take_password(w) };
    cli_ctx(cli, merchant_id, &c);
    if (app_unit(&c, claim, w) != OK) return cli_refused(cli, &c);
    cli_ctx(cli, merchant_id, &c);
    if (app_unit(&c, create, w) != OK) {
        Ctx undo;
        cli_ctx(cli, merchant_id, &undo);
        bool is_there = str_is(str_of(c.problem.code), "staff.login_taken");
        if (w->is_claimed && !is_there) app_unit(&undo, release, w); /* the name is free again */
        return cli_refused(cli, &c);
    }
    cli_print(cli, "已建账号 / account made: %.*s (%.*s)\n", (int)w->login.len, w->login.at, (int)role.len, role.at);
    if (!w->is_claimed)
        cli_print(cli, "登录名别的商户也在用，登录时要带商户代码 / another merchant uses this name: log in with the "
                       "merchant code\n");
    say_password(w);
    return CLI_OK;
}

/* ---- list ---- */

static Err read_page(Ctx *c, void *arg) {
    StaffList *list = arg;
    return staff_list(c, list->count == 0 ? 0 : list->items[list->count - 1].staff_id, LIST_PAGE, list);
}

static CliExit run_list(Work *w) {
    Cli *cli = w->cli;
    Ctx c;
    int64_t merchant_id;
    StaffList list = { 0 };
    CliExit status = cli_merchant(cli, &merchant_id);
    if (status != CLI_OK) return status;
    do {
        cli_ctx(cli, merchant_id, &c);
        if (app_read(&c, read_page, &list) != OK) return cli_refused(cli, &c);
        for (int64_t i = 0; i < list.count; i++) {
            const Staff *s = &list.items[i];
            cli_print(cli, "%-20.*s %-10.*s %-8s %.*s%s\n", (int)s->login.len, s->login.at, (int)s->role.len,
                      s->role.at, staff_status_names[s->status], (int)s->name.len, s->name.at,
                      s->has_totp ? " (TOTP)" : "");
        }
    } while (list.count == LIST_PAGE);
    return CLI_OK;
}

/* ---- passwd, disable, enable ---- */

static Err change_password(Ctx *c, void *arg) {
    Work *w = arg;
    TRY(staff_by_login(c, w->login, &w->staff));
    return staff_set_password(c, w->staff.staff_id, w->make.password_hash);
}

static Err change_status(Ctx *c, void *arg) {
    Work *w = arg;
    TRY(staff_by_login(c, w->login, &w->staff));
    return staff_set_status(c, w->staff.staff_id, w->status);
}

static CliExit run_change(Work *w, UnitRun change) {
    Cli *cli = w->cli;
    Ctx c;
    int64_t merchant_id;
    CliExit status = cli_merchant(cli, &merchant_id);
    if (status != CLI_OK) return status;
    if (change == change_password) w->make.password_hash = take_password(w);
    cli_ctx(cli, merchant_id, &c);
    if (app_unit(&c, change, w) != OK) return cli_refused(cli, &c);
    cli_print(cli, "好了，已登录的都要重新登录 / done; open sessions are closed: %.*s\n", (int)w->login.len,
              w->login.at);
    say_password(w);
    return CLI_OK;
}

static CliExit run(Cli *cli) {
    Work w = { .cli = cli, .login = cli_option(cli, "login") };
    Str verb = cli->words.count == 1 ? cli->words.items[0] : S("");
    if (str_is(verb, "list")) return run_list(&w);
    bool is_known = str_is(verb, "add") || str_is(verb, "passwd") || str_is(verb, "disable") || str_is(verb, "enable");
    if (!is_known) return cli_usage(cli, "要写 / say one of: add, list, passwd, disable, enable");
    if (w.login.len == 0) return cli_usage(cli, "要写登录名 / needs --login NAME");
    if (str_is(verb, "add")) return run_add(&w);
    if (str_is(verb, "passwd")) return run_change(&w, change_password);
    w.status = str_is(verb, "enable") ? STAFF_ACTIVE : STAFF_LEFT;
    return run_change(&w, change_status);
}

const Command command_user = {
    .name = "user",
    .words = "add|list|passwd|disable|enable",
    .zh = "员工账号",
    .en = "accounts of people who work here",
    .need = CLI_APP,
    .options = options,
    .prepare = prepare,
    .run = run,
    .more = "laoke user add --login boss --role owner\n"
            "laoke user passwd --login boss --password-file -",
};
