/* laoke import, laoke export: files in and out, with a bar on terminals and a few lines at the end. */
#include <stdio.h>
#include <unistd.h>
#include "domain/shop/shop.h"
#include "domain/transfer/transfer.h"
#include "main/cli.h"

static const CliOption import_options[] = {
    CLI_MERCHANT_OPTION,
    { "map", "MAP", "列对应：预设名、ours=theirs,… 或 JSON（可为文件）",
      "preset name, ours=theirs,…, or JSON (also as a file)", false },
    { "dry-run", NULL, "只检查，不写入", "says what would happen, writes nothing", false },
    { "earn", NULL, "历史订单也发积分", "past orders pay out points as well", false },
    { "shop", "CODE", "没有门店列时用的门店，默认第一家", "the shop of rows that name none; the first one by default",
      false },
    { "report", "FILE", "逐行结果写到哪里", "where the report goes, row by row", false },
    { NULL, NULL, NULL, NULL, false },
};

static const char import_more[] =
    "members: phone card email external name gender birthday region channel joined points points_expiry growth tier "
    "tags shop\n"
    "items:   sku item category brand barcode price\n"
    "orders:  order_no sku item quantity price|amount time external|phone|card|email shop channel tender\n"
    "其他 / beside columns: provider none return_prefix money=yuan|fen day_order=ymd|dmy|mdy preset=online_retail\n"
    "再导入同一文件不会重复；中断后用同一命令继续。\n"
    "The same file again changes nothing; after a stop the same command goes on.\n"
    "例 / e.g. laoke import orders sales.csv.gz --map "
    "order_no=单号,sku=货号,quantity=数量,price=单价,time=时间,phone=手机";

static bool kind_of(Str word, bool is_export, TransferKind *ret_kind) {
    for (int i = 0; transfer_kind_names[i]; i++) {
        if (!str_is(word, transfer_kind_names[i]) || (i == TRANSFER_ENTRIES && !is_export)) continue;
        *ret_kind = (TransferKind)i;
        return true;
    }
    return false;
}

/* The map may stand in a file: read by the caller's process, for a server may not see it. */
static CliExit import_prepare(Cli *cli) {
    Str map = cli_option(cli, "map");
    bool is_path = map.len > 0 && str_find_char(map, '=') < 0 && map.at[0] != '{';
    FILE *file = is_path ? fopen(arena_cstr(cli->arena, map), "rbe") : NULL;
    if (!file) return CLI_OK;
    char *text = arena_take(cli->arena, 65537, 1);
    size_t got = fread(text, 1, 65536, file);
    fclose(file);
    cli_add(cli, "map", (Str){ text, (int64_t)got });
    return CLI_OK;
}

typedef struct ShopAsk {
    Str code;
    int64_t shop_id;
} ShopAsk;

static Err find_shop(Ctx *c, void *arg) {
    ShopAsk *ask = arg;
    return shop_find_code(c, ask->code, &ask->shop_id);
}

static CliExit read_start(Cli *cli, Ctx *c, TransferStart *ret_start) {
    TransferStart start = { .path = cli_path(cli, cli->words.items[1]),
                            .does_earn = cli_has(cli, "earn"),
                            .is_dry = cli_has(cli, "dry-run"),
                            .report_path = cli_path(cli, cli_option(cli, "report")) };
    if (!kind_of(cli->words.items[0], false, &start.kind)) return cli_usage(cli, "members, items, orders?");
    if (transfer_map_read(c, cli_option(cli, "map"), &start.map) != OK) return cli_refused(cli, c);
    ShopAsk ask = { cli_option(cli, "shop"), 0 };
    if (ask.code.len > 0) {
        if (app_read(c, find_shop, &ask) != OK) return cli_refused(cli, c);
        if (ask.shop_id == 0) {
            cli_error(cli, "没有门店 %.*s / there is no shop %.*s", (int)ask.code.len, ask.code.at, (int)ask.code.len,
                      ask.code.at);
            return CLI_REFUSED;
        }
    }
    start.shop_id = ask.shop_id;
    *ret_start = start;
    return CLI_OK;
}

static void say_result(Cli *cli, const TransferRun *run) {
    cli_print(cli, "行 / rows      %lld\n新增 / accepted %lld\n已有 / merged   %lld\n列出 / listed   %lld\n",
              (long long)run->rows, (long long)run->accepted_rows, (long long)run->merged_rows,
              (long long)run->listed_rows);
    for (int64_t i = 0; i < run->codes.count; i++) {
        const TransferCode *code = &run->codes.items[i];
        const char *zh, *en;
        transfer_words(code->code, &zh, &en);
        cli_print(cli, "  %-24.*s %8lld  %s / %s\n", (int)code->code.len, code->code.at, (long long)code->rows, zh, en);
    }
    if (run->report_path.len > 0)
        cli_print(cli, "报告 / report   %.*s\n", (int)run->report_path.len, run->report_path.at);
}

/* Beside a server its own thread does what follows (levels after refunds); alone, this process does it at the end. */
static CliExit settle(Cli *cli, const Ctx *c) {
    int64_t done = cli->is_inside ? 0 : 1;
    while (done > 0) {
        if (app_pump_once(cli->app, &done) != OK) return cli_refused(cli, c);
    }
    return CLI_OK;
}

static CliExit import_run(Cli *cli) {
    Ctx c;
    TransferStart start;
    int64_t merchant_id;
    if (cli->words.count != 2) return cli_usage(cli, "import KIND FILE");
    CliExit done = cli_merchant(cli, &merchant_id);
    if (done != CLI_OK) return done;
    cli_ctx(cli, merchant_id, &c);
    done = read_start(cli, &c, &start);
    if (done != CLI_OK) return done;
    Transfer *t;
    if (transfer_open(&c, &start, &t) != OK) return cli_refused(cli, &c);
    const TransferRun *run = transfer_run(t);
    if (transfer_is_resumed(t)) {
        cli_print(cli, "从第 %lld 行后继续 / going on after line %lld\n", (long long)run->lines_done,
                  (long long)run->lines_done);
    }
    Err err = OK;
    for (bool is_more = true; err == OK && is_more;) {
        cli_ctx(cli, merchant_id, &c); /* each batch at its own instant */
        err = transfer_step(&c, t, &is_more);
        cli_progress(cli, "导入 / import", run->done_bp, 10000);
    }
    cli_progress_end(cli);
    if (err == OK)
        say_result(cli, run);
    else
        done = cli_refused(cli, &c);
    transfer_close(t);
    return err != OK || start.is_dry ? done : settle(cli, &c);
}

const Command command_import = {
    "import",
    "members|items|orders FILE",
    "导入会员、商品、历史订单（CSV、.gz、XLSX；UTF-8 或 GBK）",
    "imports members, items or past orders (CSV, .gz, XLSX; UTF-8 or GBK)",
    import_more,
    CLI_APP,
    import_options,
    import_prepare,
    import_run,
};

/* ---- export ---- */

static const CliOption export_options[] = {
    CLI_MERCHANT_OPTION,
    { "reveal", NULL, "手机号不打码", "phone numbers in clear", false },
    { NULL, NULL, NULL, NULL, false },
};

static void say_rows(void *user, int64_t rows) {
    Cli *cli = user;
    if (isatty(cli->error_fd) && rows % 10000 < 200) cli_progress(cli, "导出 / export", rows % 1000000, 1000000);
}

static CliExit export_run_command(Cli *cli) {
    Ctx c;
    int64_t merchant_id, rows;
    TransferExport export = { .does_reveal = cli_has(cli, "reveal"), .progress = say_rows, .user = cli };
    if (cli->words.count != 2 || !kind_of(cli->words.items[0], true, &export.kind))
        return cli_usage(cli, "export KIND FILE");
    CliExit done = cli_merchant(cli, &merchant_id);
    if (done != CLI_OK) return done;
    export.path = cli_path(cli, cli->words.items[1]);
    cli_ctx(cli, merchant_id, &c);
    Err err = transfer_export(&c, &export, &rows);
    cli_progress_end(cli);
    if (err != OK) return cli_refused(cli, &c);
    cli_print(cli, "%lld 行 / rows  %.*s\n", (long long)rows, (int)export.path.len, export.path.at);
    return CLI_OK;
}

const Command command_export = {
    "export",
    "members|items|orders|entries FILE",
    "导出会员、商品、订单、积分与成长值流水（.xlsx 或 CSV）",
    "exports members, items, orders or ledger entries (.xlsx, else CSV)",
    NULL,
    CLI_APP,
    export_options,
    NULL,
    export_run_command,
};
