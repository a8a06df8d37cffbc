#include "main/demo.h"
#include "app/auth.h"
#include "app/merchant.h"
#include "domain/staff/staff.h"

#define DEMO_PASSWORD "laoke-demo"

typedef struct DemoStaff {
    const char *login, *name, *role;
    int64_t shop;
} DemoStaff; /* shop -1 = every shop */
static const DemoStaff people[] = {
    { "boss", "老板", "owner", -1 },          { "manager", "店长", "manager", 0 },
    { "marketer", "运营", "marketer", -1 },   { "cashier", "收银一号", "cashier", 0 },
    { "cashier2", "收银二号", "cashier", 1 }, { "cashier3", "收银三号", "cashier", 2 },
    { "analyst", "分析", "analyst", -1 },
};

int64_t demo_instant(const Demo *demo, int64_t day_number, int64_t minute) {
    return instant_at(demo->zone, day_add(demo->first_day, day_number), minute);
}

/* ---- the shop and who works there ---- */

static Err make_shops(Demo *demo) {
    static const char *const names[DEMO_SHOPS] = { "老客超市·总店", "老客超市·河西店", "老客超市·大学城店" };
    static const char *const regions[DEMO_SHOPS] = { "江城市江东区", "江城市河西区", "江城市大学城" };
    for (int64_t i = 0; i < DEMO_SHOPS; i++) {
        ShopHours hours[7];
        for (int64_t day = 0; day < 7; day++) hours[day] = (ShopHours){ day + 1, 8 * 60, 22 * 60 };
        Shop made, shop = { .code = arena_print(demo->c->arena, "S%02d", (int)i + 1),
                            .name = str_of(names[i]),
                            .region = str_of(regions[i]),
                            .till_count = 3 };
        shop.hours.items = hours;
        shop.hours.count = 7;
        TRY(shop_create(demo->c, &shop, &made));
        demo->shop_ids[i] = made.shop_id;
    }
    return OK;
}

static Err make_staff(Demo *demo) {
    int64_t cashiers = 0;
    for (int64_t i = 0; i < COUNT_OF(people); i++) {
        const DemoStaff *who = &people[i];
        Staff made;
        IntList shops = { who->shop >= 0 ? &demo->shop_ids[who->shop] : NULL, who->shop >= 0 };
        TRY(staff_create(demo->c,
                         &(StaffNew){ .login = str_of(who->login),
                                      .name = str_of(who->name),
                                      .role = str_of(who->role),
                                      .shop_ids = shops,
                                      .password_hash = demo->password_hashes[i] },
                         &made));
        if (str_is(str_of(who->role), "cashier")) demo->cashier_ids[cashiers++] = made.staff_id;
    }
    return OK;
}

/* What a shop would switch on in its first week: a gift for joining and for a filled-in profile, friends' gifts. */
static Err make_rules(Demo *demo) {
    PointsSetting points;
    TRY(points_setting_read(demo->c, &points));
    PointsBehaviour *behaviours = NEW_LIST(demo->c->arena, PointsBehaviour, points.behaviours.count);
    for (int64_t i = 0; i < points.behaviours.count; i++) {
        behaviours[i] = points.behaviours.items[i];
        if (str_is(behaviours[i].name, "join")) behaviours[i].points = 100;
        if (str_is(behaviours[i].name, "profile")) behaviours[i].points = 50;
        if (str_is(behaviours[i].name, "check_in")) behaviours[i].points = 2;
    }
    points.behaviours.items = behaviours;
    points.gift_on = true;
    return setting_put(demo->c, &points_setting, &points);
}

static Err make_base(Ctx *c, void *arg) {
    Demo *demo = arg;
    demo->c = c;
    c->now = demo_instant(demo, 0, 7 * 60);
    TRY(make_shops(demo));
    TRY(make_staff(demo));
    TRY(make_rules(demo));
    TRY(demo_goods_make(demo));
    return demo_stock_count(demo);
}

/* ---- one day after the other ---- */

static Err join_of_day(Ctx *c, void *arg) {
    DemoDay *day = arg;
    day->demo->c = c;
    return demo_members_join(day->demo, day->day_number);
}

static Err last_stock(Ctx *c, void *arg) {
    Demo *demo = arg;
    demo->c = c;
    c->now = demo_instant(demo, DEMO_DAYS, 0);
    TRY(demo_offers_make(demo));
    return demo_stock_count(demo);
}

/* Each unit has an arena of its own: 18 months do not fit into one. */
static Err run_unit(Demo *demo, UnitRun run, void *arg, Ctx *ret_c) {
    arena_reset(&demo->arena);
    app_ctx(demo->cli->app, &demo->arena, demo->merchant_id, (Actor){ ACTOR_CLI, 0 }, ret_c);
    ret_c->rng = &demo->rng;
    Rng before = demo->rng;
    Err err = app_unit(ret_c, run, arg);
    if (err != OK) demo->rng = before;
    return err;
}

/* What follows from the facts (gifts, tiers, stages, expiry) happens week by week, as it would have. */
static Err deliver(Demo *demo, int64_t now) {
    int64_t done = 1;
    atomic_store(&demo->clock, now);
    while (done > 0) TRY(app_pump_once(demo->cli->app, &done));
    return OK;
}

static Err make_days(Demo *demo, Ctx *c) {
    for (int64_t number = 0; number < DEMO_DAYS; number++) {
        DemoDay day = { .demo = demo, .day_number = number };
        TRY(run_unit(demo, join_of_day, &day, c));
        day.orders_left = demo_orders_of_day(demo, number);
        while (day.orders_left > 0) TRY(run_unit(demo, demo_sell, &day, c));
        if (number % 7 == 6) TRY(deliver(demo, demo_instant(demo, number, 23 * 60)));
        if (cli_is_stopped(demo->cli))
            return fail(c, E_CONFLICT, "demo.stopped", "演示店只做了一半；要完整的请删掉数据库再来",
                        "the demo shop is only half made; for a whole one remove the database and start again");
        cli_progress(demo->cli, "演示店 / demo shop", number + 1, DEMO_DAYS);
    }
    return run_unit(demo, last_stock, demo, c);
}

static int64_t demo_now(void *user) { return atomic_load(&((Demo *)user)->clock); }

static void tell(Cli *cli) {
    cli_print(cli, "演示店 老客超市 / demo shop\n  登录名 / log-ins (password " DEMO_PASSWORD "):");
    for (int64_t i = 0; i < COUNT_OF(people); i++) cli_print(cli, " %s", people[i].login);
    cli_print(cli, "\n");
}

/* The past is made under the past's clock, so that jobs and deliveries happen in their time. */
static CliExit make_past(Demo *demo) {
    Cli *cli = demo->cli;
    Merchant merchant;
    Ctx c, unit;
    cli_ctx(cli, 0, &c);
    if (merchant_create(&c, &(MerchantMake){ .code = S("demo"), .name = S("老客超市") }, &merchant) != OK)
        return cli_refused(cli, &c);
    demo->merchant_id = merchant.merchant_id;
    arena_init(&demo->arena, ARENA_BUDGET);
    Err err = run_unit(demo, make_base, demo, &unit);
    if (err == OK) err = make_days(demo, &unit);
    cli_progress_end(cli);
    CliExit status = err == OK ? CLI_OK : cli_refused(cli, &unit);
    arena_free(&demo->arena);
    return status;
}

static CliExit make(Cli *cli, Ctx *c) {
    Demo *demo = NEW(cli->arena, Demo);
    App *app = cli->app;
    AppConfig real = app->config;
    demo->cli = cli;
    for (int64_t i = 0; i < COUNT_OF(people); i++)
        demo->password_hashes[i] = password_hash(cli->arena, S(DEMO_PASSWORD), cli->app->config.is_test);
    demo->rng = rng_seeded(20260301);
    demo->zone = app_zone(c, S("Asia/Shanghai"));
    demo->first_day = day_add(day_at(demo->zone, c->now), -DEMO_DAYS);
    atomic_store(&demo->clock, demo_instant(demo, 0, 6 * 60));
    app->config.now_user = demo;
    app->config.now_ms = demo_now;
    CliExit status = make_past(demo);
    bool is_made = status == CLI_OK && deliver(demo, real.now_ms(real.now_user)) == OK;
    app->config.now_ms = real.now_ms;
    app->config.now_user = real.now_user;
    if (!is_made) return status == CLI_OK ? CLI_STORE : status;
    cli_print(cli, "%d members, %d goods, %lld orders, %lld refunds\n", DEMO_MEMBERS, DEMO_ITEMS,
              (long long)demo->order_count, (long long)demo->refund_count);
    return CLI_OK;
}

typedef struct Found {
    bool is_there;
    int64_t first_id;
} Found;
static Err look(Ctx *c, void *arg) {
    Found *found = arg;
    Merchant merchant;
    TRY(merchant_first(c, &found->first_id));
    Err err = merchant_by_code(c, S("demo"), &merchant);
    found->is_there = err == OK;
    if (err != E_NOT_FOUND) return err;
    problem_clear(c);
    return OK;
}

static CliExit run(Cli *cli) {
    Ctx c;
    Found found = { 0 };
    cli_ctx(cli, 0, &c);
    if (app_read(&c, look, &found) != OK) return cli_refused(cli, &c);
    if (!found.is_there && found.first_id != 0) {
        cli_error(
            cli,
            "这个数据库已有商户，不再放演示店 / this database has a merchant already: no demo shop is put beside it");
        return CLI_REFUSED;
    }
    CliExit status = found.is_there ? CLI_OK : make(cli, &c);
    if (status == CLI_OK) tell(cli);
    return status;
}

static const CliOption options[] = { { NULL, NULL, NULL, NULL, false } };
const Command command_demo = {
    .name = "demo",
    .words = "",
    .need = CLI_APP,
    .options = options,
    .run = run,
    .zh = "在空数据库中生成演示店：3 家店、400 种商品、2000 名会员、18 个月订单",
    .en = "fill an empty database with a demo shop: 3 shops, 400 goods, 2 000 members, 18 months of orders",
};
