/* Commands that look: check, openapi, events, version; and migrate. */
#include "app/schema.h"
#include "main/house.h"

static const CliOption no_options[] = { { NULL, NULL, NULL, NULL, false } };

/* ---- check ---- */

static CliExit run_check(Cli *cli) {
    Ctx c;
    CheckLines lines = { 0 };
    int64_t broken = 0, checked = 0;
    Err err = app_check(cli->app, cli->arena, &lines);
    if (err != OK) {
        cli_ctx(cli, 0, &c);
        cli_error(cli, "检查没有做完 / the check did not finish");
        return err == E_BUSY ? CLI_STORE : CLI_REFUSED;
    }
    for (int64_t i = 0; i < lines.count; i++) {
        const CheckLine *line = &lines.items[i];
        cli_print(cli, "%-6s %-48.*s %10lld 条 rows %8lld.%03lld ms\n", line->broken == 0 ? "ok" : "BROKEN",
                  (int)line->name.len, line->name.at, (long long)line->checked, (long long)line->us / 1000,
                  (long long)line->us % 1000);
        cli_text(cli, line->findings);
        broken += line->broken;
        checked += line->checked;
    }
    cli_print(cli, "%lld 条恒等式，%lld 条数据，%lld 处不符 / %lld invariants over %lld rows, %lld broken\n",
              (long long)lines.count, (long long)checked, (long long)broken, (long long)lines.count, (long long)checked,
              (long long)broken);
    return broken == 0 ? CLI_OK : CLI_REFUSED;
}

const Command command_check = {
    .name = "check",
    .words = "",
    .zh = "核对账目",
    .en = "prove every invariant on the live data",
    .need = CLI_APP,
    .options = no_options,
    .run = run_check,
    .more = "Exit code 1 when anything is broken. Each finding names the ids and both numbers.",
};

/* ---- openapi, events, version ---- */

static CliExit run_openapi(Cli *cli) {
    Buf b = { .arena = cli->arena };
    openapi_print(&b);
    cli_text(cli, buf_str(&b));
    return CLI_OK;
}

const Command command_openapi = {
    .name = "openapi",
    .words = "",
    .zh = "打印接口说明",
    .en = "print the OpenAPI 3.1 document",
    .need = CLI_NOTHING,
    .options = no_options,
    .run = run_openapi,
};

static CliExit run_events(Cli *cli) {
    Buf b = { .arena = cli->arena };
    events_print(&b);
    cli_text(cli, buf_str(&b));
    return CLI_OK;
}

const Command command_events = {
    .name = "events",
    .words = "",
    .zh = "谁发事件谁听",
    .en = "who announces what, and who listens",
    .need = CLI_NOTHING,
    .options = no_options,
    .run = run_events,
};

static CliExit run_version(Cli *cli) {
    cli_print(cli, "laoke %s\n", LAOKE_VERSION);
    return CLI_OK;
}

const Command command_version = {
    .name = "version",
    .words = "",
    .zh = "版本",
    .en = "print the version",
    .need = CLI_NOTHING,
    .options = no_options,
    .run = run_version,
};

/* ---- migrate ---- */

static const CliOption migrate_options[] = {
    { "dry-run", NULL, "只看不改", "only say what would be done", false },
    { NULL, NULL, NULL, NULL, false },
};

static CliExit migrate_dry(Cli *cli) {
    Ctx c;
    Db *db;
    Str why = S("");
    MigrateReport report = { 0 };
    DbConfig config = { .url = cli->config.value[CONFIG_DB] };
    if (db_open(cli->arena, &config, &db, &why) != OK) {
        cli_error(cli, "%.*s", (int)why.len, why.at);
        return CLI_STORE;
    }
    house_bare_ctx(cli, &c);
    Err err = db_migrate(db, &c, schema, schema_count, true, &report, &why);
    db_close(db);
    if (err != OK)
        cli_error(cli, "%.*s", (int)why.len, why.at);
    else
        cli_print(cli, "已知 %lld 步，要做 %lld 步 / %lld steps known, %lld to do\n", (long long)report.known,
                  (long long)report.applied, (long long)report.known, (long long)report.applied);
    return err == OK ? CLI_OK : CLI_REFUSED;
}

static CliExit run_migrate(Cli *cli) {
    House house;
    if (cli_has(cli, "dry-run")) return migrate_dry(cli);
    CliExit status = house_open(cli, HOUSE_SERVE, &house);
    if (status != CLI_OK) return status;
    cli_print(cli, "已知 %lld 步，做了 %lld 步 / %lld steps known, %lld done\n", (long long)house.migrated.known,
              (long long)house.migrated.applied, (long long)house.migrated.known, (long long)house.migrated.applied);
    house_close(&house);
    return CLI_OK;
}

const Command command_migrate = {
    .name = "migrate",
    .words = "",
    .zh = "升级数据库",
    .en = "bring the schema up to date",
    .need = CLI_OWN,
    .options = migrate_options,
    .run = run_migrate,
    .more = "`laoke serve` does this by itself. An old SQLite file is copied beside itself first.",
};
