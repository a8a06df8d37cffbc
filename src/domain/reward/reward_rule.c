/* Rules: what is given when somebody joins, climbs, has his birthday, buys, or shares a coupon; and ready-made ones. */
#include "app/merchant.h"
#include "domain/item/item.h"
#include "domain/reward/reward_store.h"
#include "event/reward.h"

enum { WALK_BATCH = 200, PRESET_JOIN_POINTS = 100 };
static const char *const SOURCE_RULE = "rule";

/* ---- the setting that keeps itself ---- */

static const Field setting_field[] = { FIELD(RewardSetting, follows_orders,
                                             .about = "whether a rule gives for orders; kept by itself") };
static const Fields setting_fields = FIELDS(RewardSetting, setting_field);
static void setting_defaults(void *ret_value) { *(RewardSetting *)ret_value = (RewardSetting){ 0 }; }
const Setting reward_setting = { "reward", &setting_fields, setting_defaults, NULL };

Err reward_follow(Ctx *c) {
    RewardRules rules = { 0 };
    RewardSetting now;
    TRY(reward_rules_on(c, REWARD_ON_ORDER, &rules));
    TRY(setting_get(c, &reward_setting, &now));
    if (now.follows_orders || rules.count == 0) return OK; /* once on it stays: refunds look back */
    now.follows_orders = true;
    return setting_put(c, &reward_setting, &now);
}

Err reward_rule_check(Ctx *c, const RewardRule *r) {
    RewardBudget budget;
    bool found = true;
    if (r->gifts.count == 0) complain(c, S("/gifts"), "reward.no_gifts", "请写送什么", "say what is given");
    if (r->min_fen > 0 && r->event != REWARD_ON_ORDER && r->event != REWARD_ON_RECHARGE)
        complain(c, S("/min_fen"), "reward.rule", "只有消费和充值类规则有最低金额",
                 "min_fen belongs to orders and recharges");
    bool is_about = r->event == REWARD_ON_TIER || r->event == REWARD_ON_COUPON_SHARED || r->event == REWARD_ON_RECHARGE;
    if (r->about_id != 0 && !is_about)
        complain(c, S("/about_id"), "reward.rule", "这种规则不指定对象", "this event is about nothing in particular");
    TRY(complaints_refuse(c));
    if (r->budget_id != 0) TRY(reward_budget_find(c, r->budget_id, &budget, &found));
    if (!found) return fail(c, E_NOT_FOUND, "reward.budget_unknown", "没有这个预算", "no such budget");
    return reward_gifts_check(c, &r->gifts);
}

/* ---- occasions ---- */

static Err today_of(Ctx *c, int64_t *ret_day) {
    Merchant merchant;
    TRY(merchant_get(c, &merchant));
    *ret_day = day_at(app_zone(c, merchant.zone), c->now);
    return OK;
}

/* A coupon that has run out holds back the whole list, so that nobody gets half of what was promised. */
static Err has_room(Ctx *c, const RewardRule *r, int64_t member_id, bool *ret_has) {
    *ret_has = true;
    for (int64_t i = 0; i < r->gifts.count; i++) {
        const RewardGift *g = &r->gifts.items[i];
        int64_t room = 0;
        if (g->kind != REWARD_COUPON) continue;
        TRY(coupon_room(c, g->what_id, member_id, &room));
        *ret_has = *ret_has && room >= (g->amount > 0 ? g->amount : 1);
    }
    if (!*ret_has) log_line(c, "warn", "reward.no_room", "rule_id=%lld", (long long)r->rule_id);
    return OK;
}

static Err give_by(Ctx *c, const RewardRule *r, const RewardOccasion *o) {
    RewardGiven given;
    bool is_one = false, has = false, done = false;
    TRY(coupon_is_one_of(c, &r->who, o->member_id, &is_one));
    if (is_one) TRY(has_room(c, r, o->member_id, &has));
    if (!has) return OK;
    Err err = reward_give(c,
                          &(RewardGive){ .member_id = o->member_id,
                                         .source = SOURCE_RULE,
                                         .source_id = r->rule_id,
                                         .part = o->part,
                                         .budget_id = r->budget_id,
                                         .gifts = r->gifts },
                          &given);
    bool is_spent = err == E_CONFLICT && str_is(str_of(c->problem.code), "reward.budget_spent");
    bool is_full = err == E_CONFLICT && str_is(str_of(c->problem.code), "reward.member_limit");
    if (!is_spent && !is_full) return err;
    problem_clear(c); /* both leave no trace behind */
    if (is_spent) TRY(reward_rule_stop(c, r->rule_id, &done));
    return done ? emit(c, &reward_stopped, r->rule_id, &(RewardStopped){ r->rule_id, r->budget_id }) : OK;
}

Err reward_occasion(Ctx *c, const RewardOccasion *in) {
    RewardOccasion o = *in;
    RewardRules rules = { 0 };
    MemberCard card;
    int64_t today;
    TRY(reward_rules_on(c, o.event, &rules));
    if (rules.count == 0) return OK;
    TRY(member_living(c, o.member_id, &o.member_id));
    TRY(member_card(c, o.member_id, &card));
    if (card.status != MEMBER_ACTIVE || (card.blocked & RIGHT_EARN) != 0) return OK;
    TRY(today_of(c, &today));
    for (int64_t i = 0; i < rules.count; i++) {
        const RewardRule *r = &rules.items[i];
        bool is_time = (r->from_day == 0 || today >= r->from_day) && (r->to_day == 0 || today <= r->to_day);
        bool is_about = r->about_id == 0 || r->about_id == o.about_id;
        if (is_time && is_about && o.spend_fen >= r->min_fen) TRY(give_by(c, r, &o));
    }
    return OK;
}

/* All of an order came back: what it had earned by rules goes back as far as it is there. */
Err reward_order_back(Ctx *c, int64_t member_id, int64_t order_id, int64_t refund_id) {
    RewardRules rules = { 0 };
    TRY(reward_rule_list(c, &rules));
    for (int64_t i = 0; i < rules.count; i++)
        if (rules.items[i].event == REWARD_ON_ORDER)
            TRY(reward_take_back(c, &(RewardBack){ .member_id = member_id,
                                                   .source = SOURCE_RULE,
                                                   .source_id = rules.items[i].rule_id,
                                                   .part = order_id,
                                                   .take_id = refund_id,
                                                   .share = 1,
                                                   .whole = 1,
                                                   .reason = S("refund") }));
    return OK;
}

/* A card refund paid a recharge back: what its package had given goes back by the same share, as far as it is there. */
Err reward_recharge_back(Ctx *c, const RewardBack *share) {
    RewardRules rules = { 0 };
    TRY(reward_rule_list(c, &rules));
    for (int64_t i = 0; i < rules.count; i++) {
        RewardBack back = *share;
        back.source = SOURCE_RULE;
        back.source_id = rules.items[i].rule_id;
        if (rules.items[i].event == REWARD_ON_RECHARGE) TRY(reward_take_back(c, &back));
    }
    return OK;
}

/* Every day over all members; a year's birthday counts once, so a day that was missed is made up for within a month. */
Err reward_job_birthdays(Ctx *c, int64_t due_at, bool *ret_more) {
    RewardRules days = { 0 }, months = { 0 };
    MemberCards cards = { 0 };
    int64_t above = 0, today;
    *ret_more = false;
    TRY(reward_rules_on(c, REWARD_ON_BIRTHDAY_DAY, &days));
    TRY(reward_rules_on(c, REWARD_ON_BIRTHDAY_MONTH, &months));
    if (days.count + months.count == 0) return OK;
    TRY(today_of(c, &today));
    TRY(reward_walk_read(c, due_at, &above));
    TRY(member_walk(c, above, WALK_BATCH, &cards));
    for (int64_t i = 0; i < cards.count; i++) {
        RewardOccasion o = { .member_id = cards.items[i].member_id, .part = day_year(today) };
        o.event = REWARD_ON_BIRTHDAY_DAY;
        if (days.count > 0 && member_is_birthday(&cards.items[i], today)) TRY(reward_occasion(c, &o));
        o.event = REWARD_ON_BIRTHDAY_MONTH;
        if (months.count > 0 && member_is_birthday_month(&cards.items[i], today)) TRY(reward_occasion(c, &o));
    }
    *ret_more = cards.count == WALK_BATCH;
    if (!*ret_more) return reward_walk_purge(c, due_at + 1);
    return reward_walk_write(c, due_at, cards.items[cards.count - 1].member_id);
}

/* ---- presets ---- */

static Err coupon_gift(Ctx *c, const CouponTemplate *t, RewardGift *ret_gift) {
    CouponTemplate made;
    TRY(coupon_template_create(c, t, &made));
    *ret_gift = (RewardGift){ .kind = REWARD_COUPON, .amount = 1, .what_id = made.template_id };
    return OK;
}

/* The points slice may give for joining already: then this rule does not do it a second time. */
static Err join_points(Ctx *c, int64_t *ret_points) {
    PointsSetting s;
    *ret_points = PRESET_JOIN_POINTS;
    TRY(points_setting_read(c, &s));
    for (int64_t i = 0; i < s.behaviours.count; i++)
        if (str_is(s.behaviours.items[i].name, "join") && s.behaviours.items[i].points > 0) *ret_points = 0;
    return OK;
}

static Err preset_join(Ctx *c, RewardRule *r) {
    CouponTemplate t = { .name = S("满50减10"),
                         .kind = COUPON_FULL,
                         .threshold_fen = 5000,
                         .off_fen = 1000,
                         .valid_days = 30,
                         .most_total = 1 };
    int64_t points;
    *r = (RewardRule){ .name = S("入会礼：100 积分 + 满50减10"), .event = REWARD_ON_JOIN };
    TRY(join_points(c, &points));
    r->gifts = (RewardGifts){ NEW_LIST(c->arena, RewardGift, 2), 0 };
    if (points > 0) r->gifts.items[r->gifts.count++] = (RewardGift){ .kind = REWARD_POINTS, .amount = points };
    return coupon_gift(c, &t, &r->gifts.items[r->gifts.count++]);
}

static Err preset_birthday(Ctx *c, RewardRule *r) {
    CouponTemplate t = { .name = S("生日月八折"),
                         .kind = COUPON_DISCOUNT,
                         .rate_bp = 8000,
                         .valid_days = 31,
                         .who = { .birthday = PROMO_BIRTHDAY_MONTH } };
    *r = (RewardRule){ .name = S("生日月八折"), .event = REWARD_ON_BIRTHDAY_MONTH };
    r->gifts = (RewardGifts){ NEW_LIST(c->arena, RewardGift, 1), 1 };
    return coupon_gift(c, &t, &r->gifts.items[0]);
}

/* The cake is the item with the sku CAKE; where there is none, it is made, and the shop renames and prices it. */
static Err preset_cake(Ctx *c, RewardRule *r) {
    Item cake = { .sku = S("CAKE"), .name = S("生日蛋糕"), .price_fen = 8800, .unit = S("个") };
    CouponTemplate t = { .name = S("蛋糕兑换券"),
                         .kind = COUPON_EXCHANGE,
                         .pieces = 1,
                         .valid_days = 31,
                         .may_give = true,
                         .worth_fen = 8800 };
    int64_t item_id = 0;
    TRY(item_find_sku(c, cake.sku, &item_id));
    if (item_id == 0) {
        TRY(item_create(c, &cake, &cake));
        item_id = cake.item_id;
    }
    t.scope.item_ids = (IntList){ NEW(c->arena, int64_t), 1 };
    t.scope.item_ids.items[0] = item_id;
    *r = (RewardRule){ .name = S("生日送蛋糕"), .event = REWARD_ON_BIRTHDAY_DAY };
    r->gifts = (RewardGifts){ NEW_LIST(c->arena, RewardGift, 1), 1 };
    return coupon_gift(c, &t, &r->gifts.items[0]);
}

typedef struct Preset {
    const char *name;
    Err (*make)(Ctx *c, RewardRule *rule);
} Preset;
static const Preset presets[] = { { "join_gift", preset_join },
                                  { "birthday_month", preset_birthday },
                                  { "cake", preset_cake } };

Err reward_preset(Ctx *c, Str name, RewardRules *ret_rules) {
    for (int64_t i = 0; i < COUNT_OF(presets); i++) {
        RewardRule *r = NEW(c->arena, RewardRule);
        if (!str_is(name, presets[i].name)) continue;
        TRY(presets[i].make(c, r));
        r->rule_id = id_new(c);
        r->version = 1;
        TRY(reward_rule_insert(c, r));
        *ret_rules = (RewardRules){ r, 1 };
        return OK;
    }
    return fail(c, E_NOT_FOUND, "reward.preset_unknown", "没有这个预设", "no such preset");
}
