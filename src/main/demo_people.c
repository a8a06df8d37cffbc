/* demo_people - who shops in the demo: names, phones, habits. No name is taken from a real person: both halves are
 * drawn apart. */
#include "main/demo.h"
#include "domain/consent/consent.h"

static const char *const families[] = {
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周",   "徐",   "孙", "马", "朱", "胡", "郭", "何",
    "林", "高", "罗", "郑", "梁", "谢", "宋", "唐", "许", "邓",   "冯",   "韩", "曹", "曾", "彭", "萧", "蔡",
    "潘", "田", "董", "袁", "于", "余", "叶", "蒋", "杜", "苏",   "魏",   "程", "吕", "丁", "沈", "任", "姚",
    "卢", "傅", "钟", "姜", "崔", "谭", "廖", "范", "汪", "陆",   "金",   "石", "戴", "贾", "韦", "夏", "邱",
    "方", "侯", "邹", "熊", "孟", "秦", "白", "江", "阎", "薛",   "尹",   "段", "雷", "黎", "史", "龙", "陶",
    "贺", "顾", "毛", "郝", "龚", "邵", "万", "钱", "严", "欧阳", "上官", "单", "仇",
};
static const char *const women[] = { "秀英", "桂兰", "丽", "芳",   "敏",   "静",   "婷",   "雪",   "燕",   "玲",
                                     "娜",   "洁",   "梅", "欣怡", "梓涵", "雨桐", "诗涵", "佳怡", "晓红", "海燕",
                                     "丹",   "慧",   "莉", "倩",   "颖",   "春梅", "玉兰", "凤英", "思雨", "可欣" };
static const char *const men[] = { "伟",   "强",   "磊",   "军",   "勇",   "杰",   "涛",   "明",   "超",   "建国",
                                   "志强", "浩然", "子轩", "宇航", "俊杰", "文博", "家豪", "海涛", "国强", "德华",
                                   "鹏",   "飞",   "斌",   "波",   "辉",   "刚",   "建军", "天宇", "一鸣", "嘉伟" };

Str demo_name(Demo *demo, MemberGender *ret_gender) {
    bool is_woman = rng_chance(&demo->rng, 62, 100); /* who carries the shopping bags of a supermarket */
    const char *family = families[rng_below(&demo->rng, COUNT_OF(families))];
    const char *given =
        is_woman ? women[rng_below(&demo->rng, COUNT_OF(women))] : men[rng_below(&demo->rng, COUNT_OF(men))];
    *ret_gender = is_woman ? GENDER_FEMALE : GENDER_MALE;
    return arena_print(demo->c->arena, "%s%s", family, given);
}

/* 30 % regulars, 40 % monthly, the rest now and then; a sixth sleeps, a tenth is lost. */
static void draw_habits(Demo *demo, DemoMember *member, int64_t day_number) {
    int64_t kind = rng_below(&demo->rng, 100), leaves = rng_below(&demo->rng, 100), left = DEMO_DAYS - day_number;
    member->appetite = kind < 3 ? 6 : kind < 8 ? 2 : 0;
    member->visits_a_year = kind < 3    ? 150 + rng_below(&demo->rng, 60)
                            : kind < 8  ? 90 + rng_below(&demo->rng, 60)
                            : kind < 30 ? 30 + rng_below(&demo->rng, 30)
                            : kind < 70 ? 10 + rng_below(&demo->rng, 12)
                                        : 2 + rng_below(&demo->rng, 6);
    member->gone_day = DEMO_DAYS;
    if (leaves < 10 && left > 320) member->gone_day = day_number + rng_below(&demo->rng, left - 310); /* lost */
    if (leaves >= 10 && leaves < 27 && left > 200) member->gone_day = DEMO_DAYS - 90 - rng_below(&demo->rng, 100);
    member->shop = rng_below(&demo->rng, 10) < 5 ? 0 : 1 + rng_below(&demo->rng, 2);
}

/* A third is there from the first day, the others come over the months; the invented numbers begin with 199. */
static int64_t joins_until(int64_t day_number) {
    return DEMO_MEMBERS / 3 + (DEMO_MEMBERS - DEMO_MEMBERS / 3) * (day_number + 1) / DEMO_DAYS;
}

static Err join_one(Demo *demo, int64_t index, int64_t day_number) {
    static const char *const channels[] = { "shop", "shop", "shop", "poster", "wechat", "friend" };
    Ctx *c = demo->c;
    DemoMember *member = &demo->members[index];
    draw_habits(demo, member, day_number);
    c->now = demo_instant(demo, day_number, 8 * 60 + rng_below(&demo->rng, 30));
    c->shop_id = demo->shop_ids[member->shop];
    MemberJoin join = { .is_proven = true,
                        .shop_id = c->shop_id,
                        .staff_id = demo->cashier_ids[member->shop],
                        .channel = str_of(channels[rng_below(&demo->rng, COUNT_OF(channels))]) };
    join.name = demo_name(demo, &join.gender);
    join.identities[0] =
        (IdentityValue){ .kind = IDENTITY_PHONE,
                         .value = arena_print(c->arena, "199%08lld", (long long)((index * 7919 + 10007) % 100000000)) };
    join.identity_count = 1;
    if (rng_chance(&demo->rng, 70, 100))
        join.birthday = (Birthday){ 1955 + rng_below(&demo->rng, 50), 1 + rng_below(&demo->rng, 12),
                                    1 + rng_below(&demo->rng, 28), rng_chance(&demo->rng, 1, 10) };
    if (index > 50 && rng_chance(&demo->rng, 8, 100))
        join.inviter_id = demo->members[rng_below(&demo->rng, index)].member_id;
    MemberJoined joined;
    TRY(member_join(c, &join, &joined));
    member->member_id = joined.member_id;
    member->joined_at = c->now;
    return OK;
}

Err demo_members_join(Demo *demo, int64_t day_number) {
    int64_t until = joins_until(day_number);
    int64_t before = demo->joined_count;
    for (int64_t i = before; i < until; i++) TRY(join_one(demo, i, day_number));
    demo->joined_count = until;
    return OK;
}
