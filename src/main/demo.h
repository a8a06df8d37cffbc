/* demo - 演示店: 老客超市, made through the same domain functions as real traffic, deterministic but for ids, keys and the
 * day it ends.
 * 3 shops, 400 goods, 2 000 members, about 40 000 orders over 18 months that end yesterday: weekdays, seasons and
 * hours have
 * their shape; members come often, seldom, sleep or are lost; points are earned, spent and taken back.
 * Money in fen, instants unix ms. */
#pragma once
#include "domain/refund/refund.h"
#include "main/cli.h"
#include <stdatomic.h>

enum {
    DEMO_SHOPS = 3,
    DEMO_ITEMS = 400,
    DEMO_MEMBERS = 2000,
    DEMO_DAYS = 548,
    DEMO_ORDERS_A_DAY = 73,
    DEMO_BATCH = 100,
    DEMO_STAFF = 7
};

/* weight: how often it lands in a basket */
typedef struct DemoItem {
    int64_t item_id, price_fen, weight;
} DemoItem;
typedef struct DemoMember {
    int64_t member_id, joined_at;
    int64_t visits_a_year; /* how often this person comes */
    int64_t appetite;      /* how many lines more than others */
    int64_t gone_day;      /* number of the day after which the visits stop; DEMO_DAYS = still comes */
    int64_t shop;          /* the shop nearby */
} DemoMember;

typedef struct Demo {
    Cli *cli;
    Arena arena; /* lives as long as the making */
    Rng rng;
    Ctx *c;                /* of the unit that runs now */
    _Atomic int64_t clock; /* what the process takes for now while the past is made */
    int64_t merchant_id, first_day;
    const Zone *zone;
    Str password_hashes[DEMO_STAFF]; /* made outside the unit: argon2id is slow on purpose */
    int64_t shop_ids[DEMO_SHOPS], cashier_ids[DEMO_SHOPS];
    DemoItem items[DEMO_ITEMS];
    int64_t item_weight; /* sum of the items' weights */
    DemoMember members[DEMO_MEMBERS];
    int64_t joined_count;
    int64_t order_count, refund_count;
} Demo;

/* Goods: demo_goods.c; people: demo_people.c; what they buy: demo_sales.c. All inside a unit of demo->c. */
Err demo_goods_make(Demo *demo);
Err demo_stock_count(Demo *demo);
/* Today's offers, and coupons for every fifth member. demo_offers.c */
Err demo_offers_make(Demo *demo);
Str demo_name(Demo *demo, MemberGender *ret_gender);
/* The members who join on the day of that number (0 = the first). */
Err demo_members_join(Demo *demo, int64_t day_number);
typedef struct DemoDay {
    Demo *demo;
    int64_t day_number, orders_left;
} DemoDay;
int64_t demo_orders_of_day(Demo *demo, int64_t day_number);
/* At most DEMO_BATCH orders of the day, in one unit. */
Err demo_sell(Ctx *c, void *demo_day);
int64_t demo_instant(const Demo *demo, int64_t day_number, int64_t minute);
