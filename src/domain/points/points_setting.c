/* The setting "points": its form, its defaults, what does not fit together. */
#include "base/fen.h"
#include "domain/points/points_rules.h"

static const char *const match_names[] = { "item", "category", "brand", NULL };
static const char *const combine_names[] = { "multiply", "highest", NULL };
static const char *const earn_on_names[] = { "cash", "payable", NULL };
static const char *const wait_names[] = { "at_once", "days", "confirm", NULL };
static const char *const clawback_names[] = { "refuse", "record", "negative", NULL };
static const char *const birthday_names[] = { "day", "week", "month", NULL };

enum { EXPIRY_N_MAX = 3650, NAME_MAX_CHARS = 40, COUNT_MAX = 1000000 };

static const Field type_field[] = {
    FIELD(PointsType, key, .need = true, .max = 20, .about = "points is the default type"),
    FIELD(PointsType, name, .need = true, .max = NAME_MAX_CHARS),
    FIELD(PointsType, name_en, .max = NAME_MAX_CHARS),
    FIELD_ENUM(PointsType, expiry, points_expiry_names),
    FIELD(PointsType, expiry_n, .max = EXPIRY_N_MAX, .about = "days, months or years on"),
    FIELD(PointsType, expiry_mmdd, .max = 1231, .about = "on_day: month * 100 + day"),
    FIELD(PointsType, grace_days, .max = 366),
    FIELD(PointsType, no_offset),
    FIELD(PointsType, no_gift),
};
static const Fields type_fields = FIELDS(PointsType, type_field);

static const Field item_rule_field[] = {
    FIELD(PointsItemRule, name, .max = NAME_MAX_CHARS),
    FIELD_ENUM(PointsItemRule, match, match_names),
    FIELD_ID(PointsItemRule, id, .need = true),
    FIELD(PointsItemRule, multiplier_bp, .max = POINTS_BP_MAX, .about = "20000 = twice; 0 = once"),
    FIELD(PointsItemRule, bonus_points, .max = COUNT_MAX, .about = "extra points a piece"),
    FIELD_DAY(PointsItemRule, from_day),
    FIELD_DAY(PointsItemRule, to_day),
    FIELD(PointsItemRule, no_points, .about = "these goods earn nothing"),
};
static const Fields item_rule_fields = FIELDS(PointsItemRule, item_rule_field);

static const Field channel_rule_field[] = {
    FIELD(PointsChannelRule, channel, .need = true, .max = NAME_MAX_CHARS),
    FIELD(PointsChannelRule, multiplier_bp, .max = POINTS_BP_MAX),
};
static const Fields channel_rule_fields = FIELDS(PointsChannelRule, channel_rule_field);

static const Field day_rule_field[] = {
    FIELD(PointsDayRule, name, .need = true, .max = NAME_MAX_CHARS),
    FIELD(PointsDayRule, weekday, .max = 7, .about = "1 Monday to 7 Sunday; 0 = any"),
    FIELD(PointsDayRule, day_of_month, .max = 31, .about = "0 = any"),
    FIELD_DAY(PointsDayRule, from_day),
    FIELD_DAY(PointsDayRule, to_day),
    FIELD(PointsDayRule, multiplier_bp, .need = true, .min = 1, .max = POINTS_BP_MAX),
};
static const Fields day_rule_fields = FIELDS(PointsDayRule, day_rule_field);

static const Field streak_field[] = {
    FIELD(PointsStreak, days, .need = true, .min = 2, .max = 1000),
    FIELD(PointsStreak, bonus_points, .need = true, .min = 1, .max = COUNT_MAX),
};
static const Fields streak_fields = FIELDS(PointsStreak, streak_field);

static const Field behaviour_field[] = {
    FIELD(PointsBehaviour, name, .need = true, .max = NAME_MAX_CHARS,
          .about = "join, profile, invite, check_in … or your own"),
    FIELD(PointsBehaviour, title, .max = NAME_MAX_CHARS),
    FIELD(PointsBehaviour, title_en, .max = NAME_MAX_CHARS),
    FIELD(PointsBehaviour, type, .max = 20),
    FIELD(PointsBehaviour, points, .max = COUNT_MAX),
    FIELD(PointsBehaviour, day_count, .max = COUNT_MAX, .about = "how often a day it counts; 0 = no limit"),
    FIELD(PointsBehaviour, month_count, .max = COUNT_MAX),
    FIELD(PointsBehaviour, total_count, .max = COUNT_MAX),
    FIELD(PointsBehaviour, by_member, .about = "members may post it for themselves"),
    FIELD_LIST(PointsBehaviour, streaks, streak_fields, .max = POINTS_STREAKS_MAX),
};
static const Fields behaviour_fields = FIELDS(PointsBehaviour, behaviour_field);

static const Field setting_field[] = {
    FIELD_LIST(PointsSetting, types, type_fields, .max = POINTS_TYPES_MAX),
    FIELD(PointsSetting, no_order_points, .about = "orders earn nothing"),
    FIELD(PointsSetting, fen_per_point, .min = 1, .max = 100000000),
    FIELD(PointsSetting, min_order_fen, .max = INT32_MAX),
    FIELD_ENUM(PointsSetting, earn_on, earn_on_names,
               .about = "cash: what is paid with points or gift balance does not earn"),
    FIELD_ENUM(PointsSetting, combine, combine_names, .about = "how tier, birthday, member day and channel meet"),
    FIELD(PointsSetting, order_cap, .max = POINTS_PER_CALL_MAX),
    FIELD(PointsSetting, day_cap, .max = POINTS_PER_CALL_MAX),
    FIELD(PointsSetting, month_cap, .max = POINTS_PER_CALL_MAX),
    FIELD_LIST(PointsSetting, item_rules, item_rule_fields, .max = POINTS_RULES_MAX),
    FIELD_LIST(PointsSetting, channel_rules, channel_rule_fields, .max = POINTS_RULES_MAX),
    FIELD_LIST(PointsSetting, day_rules, day_rule_fields, .max = POINTS_RULES_MAX),
    FIELD(PointsSetting, birthday_bp, .max = POINTS_BP_MAX, .about = "20000 = twice; 0 = once"),
    FIELD_ENUM(PointsSetting, birthday_span, birthday_names),
    FIELD_ENUM(PointsSetting, wait, wait_names,
               .about = "points of orders become available at once, after wait_days, or when confirmed"),
    FIELD(PointsSetting, wait_days, .max = 366),
    FIELD_LIST(PointsSetting, behaviours, behaviour_fields, .max = POINTS_BEHAVIOURS_MAX),
    FIELD_ENUM(PointsSetting, clawback, clawback_names,
               .about = "when returned goods earned points that are spent already"),
    FIELD(PointsSetting, restore_grace_days, .max = 366,
          .about = "expired points given back by a refund are good so long; 0 = stay gone"),
    FIELD(PointsSetting, offset_off, .about = "points do not pay at the till"),
    FIELD(PointsSetting, offset_points, .min = 1, .max = 1000000, .about = "so many points …"),
    FIELD(PointsSetting, offset_fen, .min = 1, .max = 1000000, .about = "… are worth so many fen"),
    FIELD(PointsSetting, offset_min_points, .max = POINTS_PER_CALL_MAX),
    FIELD(PointsSetting, offset_step_points, .max = 1000000),
    FIELD(PointsSetting, offset_share_bp, .max = RATE_WHOLE_BP, .about = "the most of an order that points may pay"),
    FIELD(PointsSetting, offset_min_order_fen, .max = INT32_MAX),
    FIELD(PointsSetting, gift_on, .about = "members may give points to each other"),
    FIELD(PointsSetting, gift_day_cap, .max = POINTS_PER_CALL_MAX),
    FIELD(PointsSetting, approval_points, .max = POINTS_PER_CALL_MAX,
          .about = "changes by hand above it need a second person; 0 = none do"),
    FIELD(PointsSetting, warn_days, .max = 366),
};
static const Fields setting_fields = FIELDS(PointsSetting, setting_field);

static const PointsType default_types[] = {
    { .key = S_INIT("points"),
      .name = S_INIT("积分"),
      .name_en = S_INIT("Points"),
      .expiry = POINTS_YEAR_END,
      .expiry_n = 1 },
};
static const PointsStreak default_streaks[] = { { .days = 7, .bonus_points = 10 }, { .days = 30, .bonus_points = 50 } };
static const PointsBehaviour default_behaviours[] = {
    { .name = S_INIT("join"), .title = S_INIT("注册有礼"), .title_en = S_INIT("Joining"), .total_count = 1 },
    { .name = S_INIT("profile"),
      .title = S_INIT("完善资料"),
      .title_en = S_INIT("Complete profile"),
      .total_count = 1 },
    { .name = S_INIT("profile_update"),
      .title = S_INIT("更新资料"),
      .title_en = S_INIT("Updated profile"),
      .month_count = 1 },
    { .name = S_INIT("check_in"),
      .title = S_INIT("每日签到"),
      .title_en = S_INIT("Daily check-in"),
      .points = 1,
      .day_count = 1,
      .by_member = true,
      .streaks = { (PointsStreak *)default_streaks, 2 } },
    { .name = S_INIT("share"),
      .title = S_INIT("分享朋友圈"),
      .title_en = S_INIT("Sharing"),
      .points = 50,
      .day_count = 1 },
    { .name = S_INIT("invite"), .title = S_INIT("邀请好友"), .title_en = S_INIT("Inviting a friend"), .day_count = 20 },
    { .name = S_INIT("review"),
      .title = S_INIT("商品评价"),
      .title_en = S_INIT("Reviewing goods"),
      .points = 10,
      .day_count = 10 },
    { .name = S_INIT("survey"),
      .title = S_INIT("填写问卷"),
      .title_en = S_INIT("Answering a survey"),
      .points = 20,
      .day_count = 5 },
    { .name = S_INIT("vote"), .title = S_INIT("参与投票"), .title_en = S_INIT("Voting"), .points = 5, .day_count = 5 },
    { .name = S_INIT("post"), .title = S_INIT("社区发帖"), .title_en = S_INIT("Posting"), .points = 5, .day_count = 3 },
    { .name = S_INIT("scan"),
      .title = S_INIT("扫码积分"),
      .title_en = S_INIT("Scanning an item code"),
      .points = 10,
      .day_count = 10 },
};

static void setting_defaults(void *ret_value) {
    PointsSetting *s = ret_value;
    *s = (PointsSetting){
        .types = { (PointsType *)default_types, COUNT_OF(default_types) },
        .fen_per_point = 100,
        .earn_on = POINTS_EARN_CASH,
        .combine = POINTS_MULTIPLY,
        .birthday_bp = RATE_WHOLE_BP,
        .behaviours = { (PointsBehaviour *)default_behaviours, COUNT_OF(default_behaviours) },
        .clawback = POINTS_CLAW_RECORD,
        .restore_grace_days = 30,
        .offset_points = 100,
        .offset_fen = 100,
        .offset_step_points = 1,
        .offset_share_bp = RATE_WHOLE_BP,
        .approval_points = 100000,
        .warn_days = 30,
    };
}

static bool is_key(Str key) {
    for (int64_t i = 0; i < key.len; i++) {
        char ch = key.at[i];
        bool fits = (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '_';
        if (!fits) return false;
    }
    return key.len > 0;
}

static bool has_type(const PointsSetting *s, Str key) {
    for (int64_t i = 0; i < s->types.count; i++)
        if (str_equal(s->types.items[i].key, key)) return true;
    return false;
}

static void check_types(Ctx *c, const PointsSetting *s) {
    if (!has_type(s, S("points")))
        complain(c, S("/types"), "points.default_missing", "要保留默认类型 points",
                 "the default type points must stay");
    for (int64_t i = 0; i < s->types.count; i++) {
        const PointsType *t = &s->types.items[i];
        Str at = arena_print(c->arena, "/types/%lld/key", (long long)i);
        if (!is_key(t->key))
            complain(c, at, "points.key", "代号只用小写字母、数字和下划线",
                     "a key has small letters, digits and underscores only");
        for (int64_t k = 0; k < i; k++)
            if (str_equal(s->types.items[k].key, t->key))
                complain(c, at, "points.key_twice", "代号重复", "this key is there twice");
        if (t->expiry == POINTS_ON_DAY && !day_is_valid(20240000 + t->expiry_mmdd))
            complain(c, arena_print(c->arena, "/types/%lld/expiry_mmdd", (long long)i), "points.mmdd", "不是有效的月日",
                     "not a day of the year");
    }
}

static Err setting_check(Ctx *c, const void *value) {
    const PointsSetting *s = value;
    check_types(c, s);
    for (int64_t i = 0; i < s->behaviours.count; i++) {
        const PointsBehaviour *b = &s->behaviours.items[i];
        if (!is_key(b->name))
            complain(c, arena_print(c->arena, "/behaviours/%lld/name", (long long)i), "points.key",
                     "代号只用小写字母、数字和下划线", "a key has small letters, digits and underscores only");
        for (int64_t k = 0; k < i; k++)
            if (str_equal(s->behaviours.items[k].name, b->name))
                complain(c, arena_print(c->arena, "/behaviours/%lld/name", (long long)i), "points.key_twice",
                         "代号重复", "this key is there twice");
        if (b->type.len > 0 && !has_type(s, b->type))
            complain(c, arena_print(c->arena, "/behaviours/%lld/type", (long long)i), "points.no_such_type",
                     "没有这种积分", "no such type of points");
    }
    return complaints_refuse(c);
}

const Setting points_setting = { "points", &setting_fields, setting_defaults, setting_check };

Err points_setting_read(Ctx *c, PointsSetting *ret_setting) { return setting_get(c, &points_setting, ret_setting); }

const PointsBehaviour *points_behaviour_of(const PointsSetting *s, Str name) {
    for (int64_t i = 0; i < s->behaviours.count; i++)
        if (str_equal(s->behaviours.items[i].name, name)) return &s->behaviours.items[i];
    return NULL;
}
