/* What an order earns: pure, whole numbers, floor once at the end. */
#include "base/fen.h"
#include "domain/points/points.h"

#define MULTIPLIER_MAX_BP 1000000000 /* all multipliers together: keeps every product within 128 bits */

typedef struct Weigh {
    int64_t plain, weighed; /* fen; fen * bp */
    const int64_t *lines;   /* fen * bp, per line */
    int64_t *bonus;
    int64_t bonus_sum;
} Weigh;

static bool rule_fits(const PointsItemRule *rule, const PointsLine *line, int64_t day) {
    if (rule->from_day > day || (rule->to_day != 0 && rule->to_day < day)) return false;
    switch (rule->match) {
    case POINTS_ITEM:
        return rule->id == line->item_id;
    case POINTS_CATEGORY:
        return rule->id == line->category_id;
    case POINTS_BRAND:
        return rule->id == line->brand_id;
    }
    return false;
}

/* The highest multiplier that fits the line; 0 when a rule shuts it out. Bonus points of every fitting rule add up. */
static int64_t line_bp(const PointsSetting *s, const PointsOrder *o, const PointsLine *line, int64_t *ret_bonus) {
    int64_t best = 0;
    *ret_bonus = line->bonus_points;
    for (int64_t i = 0; i < s->item_rules.count; i++) {
        const PointsItemRule *rule = &s->item_rules.items[i];
        if (!rule_fits(rule, line, o->day)) continue;
        if (rule->no_points) {
            *ret_bonus = 0;
            return 0;
        }
        if (rule->multiplier_bp > best) best = rule->multiplier_bp;
        *ret_bonus += rule->bonus_points;
    }
    return best > 0 ? best : RATE_WHOLE_BP;
}

static Weigh weigh(Arena *a, const PointsSetting *s, const PointsOrder *o) {
    int64_t *lines = NEW_LIST(a, int64_t, o->line_count + 1);
    Weigh w = { .lines = lines, .bonus = NEW_LIST(a, int64_t, o->line_count + 1) };
    for (int64_t i = 0; i < o->line_count; i++) {
        const PointsLine *line = &o->lines[i];
        int64_t bonus = 0;
        int64_t bp = line_bp(s, o, line, &bonus);
        lines[i] = line->payable_fen * bp;
        w.plain += line->payable_fen;
        w.weighed += lines[i];
        w.bonus[i] = bonus * line->quantity;
        w.bonus_sum += w.bonus[i];
    }
    return w;
}

/* floor(weighed * cash / payable * multiplier / fen_per_point), bp taken out twice. */
static int64_t points_at(const PointsSetting *s, const PointsOrder *o, int64_t weighed, int64_t multiplier_bp) {
    __int128 top = (__int128)weighed * multiplier_bp;
    __int128 bottom = (__int128)s->fen_per_point * RATE_WHOLE_BP * RATE_WHOLE_BP;
    if (s->earn_on == POINTS_EARN_CASH) {
        top *= o->cash_fen;
        bottom *= o->payable_fen;
    }
    __int128 points = bottom > 0 ? top / bottom : 0;
    return points > POINTS_PER_CALL_MAX ? POINTS_PER_CALL_MAX : (int64_t)points;
}

static bool is_birthday(const PointsSetting *s, const PointsOrder *o) {
    if (o->birthday_day == 0) return false;
    switch (s->birthday_span) {
    case POINTS_BIRTH_DAY:
        return o->birthday_day == o->day;
    case POINTS_BIRTH_MONTH:
        return day_month(o->birthday_day) == day_month(o->day);
    case POINTS_BIRTH_WEEK: {
        int64_t monday = day_add(o->day, 1 - day_weekday(o->day));
        return o->birthday_day >= monday && o->birthday_day <= day_add(monday, 6);
    }
    }
    return false;
}

static const PointsDayRule *day_rule(const PointsSetting *s, int64_t day) {
    const PointsDayRule *best = NULL;
    for (int64_t i = 0; i < s->day_rules.count; i++) {
        const PointsDayRule *r = &s->day_rules.items[i];
        bool fits = (r->weekday == 0 || r->weekday == day_weekday(day)) &&
                    (r->day_of_month == 0 || r->day_of_month == day_of_month(day)) && r->from_day <= day &&
                    (r->to_day == 0 || r->to_day >= day);
        if (fits && (best == NULL || r->multiplier_bp > best->multiplier_bp)) best = r;
    }
    return best;
}

enum { STEPS_MAX = 11, MULTIPLIERS_MAX = 4 };
typedef struct Multiplier {
    Str rule;
    int64_t bp;
} Multiplier;

static int64_t multipliers(Arena *a, const PointsSetting *s, const PointsOrder *o,
                           Multiplier ret_list[MULTIPLIERS_MAX]) {
    int64_t count = 0;
    const PointsDayRule *day = day_rule(s, o->day);
    if (o->tier_multiplier_bp > 0) ret_list[count++] = (Multiplier){ S("tier"), o->tier_multiplier_bp };
    if (s->birthday_bp > 0 && is_birthday(s, o)) ret_list[count++] = (Multiplier){ S("birthday"), s->birthday_bp };
    if (day != NULL)
        ret_list[count++] =
            (Multiplier){ arena_print(a, "day:%.*s", (int)day->name.len, day->name.at), day->multiplier_bp };
    for (int64_t i = 0; i < s->channel_rules.count; i++)
        if (str_equal(s->channel_rules.items[i].channel, o->channel)) {
            ret_list[count++] = (Multiplier){ S("channel"), s->channel_rules.items[i].multiplier_bp };
            break;
        }
    int64_t kept = 0;
    for (int64_t i = 0; i < count; i++)
        if (ret_list[i].bp != RATE_WHOLE_BP) ret_list[kept++] = ret_list[i];
    if (s->combine == POINTS_MULTIPLY || kept < 2) return kept;
    for (int64_t i = 1; i < kept; i++)
        if (ret_list[i].bp > ret_list[0].bp) ret_list[0] = ret_list[i];
    return 1;
}

static void add_step(PointsEarned *e, Str rule, int64_t base_fen, int64_t rate_bp, int64_t points) {
    e->steps.items[e->steps.count++] = (PointsStep){ rule, base_fen, rate_bp, points };
    e->points += points;
}

/* Lines add up to the points of the order: shares by largest remainder, bonuses where they belong. */
static void share_lines(Arena *a, const Weigh *w, int64_t line_count, PointsEarned *e) {
    int64_t *parts = NEW_LIST(a, int64_t, line_count + 1);
    int64_t multiplied = 0;
    for (int64_t i = 0; i < e->steps.count; i++)
        if (!str_starts(e->steps.items[i].rule, S("cap.")) && !str_is(e->steps.items[i].rule, "bonus"))
            multiplied += e->steps.items[i].points;
    if (line_count > 0) {
        fen_share(a, multiplied, w->lines, line_count, parts);
        for (int64_t i = 0; i < line_count; i++) parts[i] += w->bonus[i];
        if (e->points != multiplied + w->bonus_sum) {
            int64_t *cut = NEW_LIST(a, int64_t, line_count + 1);
            fen_share(a, e->points, parts, line_count, cut);
            parts = cut;
        }
    }
    e->line_points = parts;
    e->line_count = line_count;
}

void points_compute(Arena *a, const PointsSetting *s, const PointsOrder *o, PointsEarned *ret_earned) {
    *ret_earned = (PointsEarned){ .steps = { NEW_LIST(a, PointsStep, STEPS_MAX), 0 },
                                  .line_points = NEW_LIST(a, int64_t, o->line_count + 1),
                                  .line_count = o->line_count };
    int64_t base_fen = s->earn_on == POINTS_EARN_CASH ? o->cash_fen : o->payable_fen;
    if (s->no_order_points || o->payable_fen <= 0 || base_fen <= 0 || base_fen < s->min_order_fen) return;

    Weigh w = weigh(a, s, o);
    int64_t multiplier = RATE_WHOLE_BP, so_far = points_at(s, o, w.plain * RATE_WHOLE_BP, multiplier);
    add_step(ret_earned, S("base"), base_fen, RATE_WHOLE_BP, so_far);
    if (w.weighed != w.plain * RATE_WHOLE_BP) {
        int64_t now = points_at(s, o, w.weighed, multiplier);
        add_step(ret_earned, S("items"), base_fen, w.plain > 0 ? w.weighed / w.plain : 0, now - so_far);
        so_far = now;
    }
    Multiplier list[MULTIPLIERS_MAX + 1];
    int64_t count = multipliers(a, s, o, list);
    for (int64_t i = 0; i < count; i++) {
        multiplier = multiplier * list[i].bp / RATE_WHOLE_BP;
        if (multiplier > MULTIPLIER_MAX_BP) multiplier = MULTIPLIER_MAX_BP;
        int64_t now = points_at(s, o, w.weighed, multiplier);
        add_step(ret_earned, list[i].rule, base_fen, list[i].bp, now - so_far);
        so_far = now;
    }
    if (w.bonus_sum > 0) add_step(ret_earned, S("bonus"), 0, 0, w.bonus_sum);
    if (s->order_cap > 0 && ret_earned->points > s->order_cap)
        add_step(ret_earned, S("cap.order"), 0, 0, s->order_cap - ret_earned->points);
    if (ret_earned->points > POINTS_PER_CALL_MAX)
        add_step(ret_earned, S("cap.most"), 0, 0, POINTS_PER_CALL_MAX - ret_earned->points);
    share_lines(a, &w, o->line_count, ret_earned);
}

void points_cap(Arena *a, PointsEarned *earned, Str rule, int64_t most) {
    if (earned->points <= most) return;
    PointsStep *steps = NEW_LIST(a, PointsStep, earned->steps.count + 1);
    for (int64_t i = 0; i < earned->steps.count; i++) steps[i] = earned->steps.items[i];
    earned->steps.items = steps;
    int64_t *parts = NEW_LIST(a, int64_t, earned->line_count + 1);
    add_step(earned, rule, 0, 0, most - earned->points);
    if (earned->line_count > 0) fen_share(a, earned->points, earned->line_points, earned->line_count, parts);
    earned->line_points = parts;
}

/* ---- what points are worth at the till ---- */

static int64_t worth(const PointsSetting *s, int64_t points) {
    __int128 fen = (__int128)points * s->offset_fen / s->offset_points;
    return fen > INT64_MAX ? INT64_MAX : (int64_t)fen;
}

static int64_t share_fen(const PointsSetting *s, int64_t payable_fen) {
    return (int64_t)((__int128)payable_fen * s->offset_share_bp / RATE_WHOLE_BP);
}

/* The fewest points that are worth `fen`, never more: the whole order can be paid to the last fen. */
static int64_t points_for(const PointsSetting *s, int64_t fen) {
    return (int64_t)((__int128)fen * s->offset_points / s->offset_fen);
}

void points_offset_most(const PointsSetting *s, int64_t balance, int64_t payable_fen, PointsOffset *ret_offset) {
    PointsOffset o = { .balance = balance,
                       .step_points = s->offset_step_points > 0 ? s->offset_step_points : 1,
                       .min_points = s->offset_min_points,
                       .rate_points = s->offset_points,
                       .rate_fen = s->offset_fen };
    int64_t most = points_for(s, share_fen(s, payable_fen));
    if (s->offset_off) {
        o.why_zh = S("本店暂不支持积分抵现");
        o.why_en = S("points do not pay here");
        most = 0;
    } else if (payable_fen < s->offset_min_order_fen) {
        o.why_zh = S("订单金额未达到积分抵现的起用金额");
        o.why_en = S("the order is below the amount from which points pay");
        most = 0;
    } else if (most > balance) {
        o.why_zh = S("积分余额不够抵更多");
        o.why_en = S("the balance does not cover more");
        most = balance;
    } else if (s->offset_share_bp < RATE_WHOLE_BP) {
        o.why_zh = S("已达到每单可抵比例上限");
        o.why_en = S("the share of an order that points may pay is reached");
    }
    most -= most % o.step_points;
    if (most > 0 && most < s->offset_min_points) {
        o.why_zh = S("可用积分少于最低起用数");
        o.why_en = S("fewer points than the least that can be used");
        most = 0;
    }
    o.fen = worth(s, most);
    o.points = o.fen > 0 ? most : 0;
    *ret_offset = o;
}

Err points_offset_check(Ctx *c, const PointsSetting *s, int64_t points, int64_t payable_fen, int64_t *ret_fen) {
    int64_t step = s->offset_step_points > 0 ? s->offset_step_points : 1,
            most = points_for(s, share_fen(s, payable_fen));
    if (s->offset_off)
        return fail(c, E_CONFLICT, "points.offset_off", "本店暂不支持积分抵现", "points do not pay here");
    if (payable_fen < s->offset_min_order_fen) {
        fail_number(c, "short_fen", s->offset_min_order_fen - payable_fen);
        return fail(c, E_CONFLICT, "points.offset_order", "满 %lld 分的订单才能用积分抵现",
                    "points pay only for orders from %lld fen", (long long)s->offset_min_order_fen);
    }
    if (points < s->offset_min_points || worth(s, points) < 1) {
        fail_number(c, "min_points", s->offset_min_points);
        return fail(c, E_CONFLICT, "points.offset_minimum", "至少要用 %lld 积分", "at least %lld points must be used",
                    (long long)(s->offset_min_points > 0 ? s->offset_min_points : points_for(s, 1) + 1));
    }
    if (points % step != 0) {
        fail_number(c, "step_points", step);
        return fail(c, E_CONFLICT, "points.offset_step", "积分要按 %lld 的整数倍使用",
                    "points are used in steps of %lld", (long long)step);
    }
    if (points > most) {
        fail_number(c, "most_points", most);
        return fail(c, E_CONFLICT, "points.offset_share", "这单最多可用 %lld 积分",
                    "at most %lld points for this order", (long long)most);
    }
    *ret_fen = worth(s, points);
    return OK;
}
