/* What is missing, what is kept, what would be lost: in words for the member and the cashier. */
#include "base/fen.h"
#include "domain/benefit/benefit.h"
#include "domain/tier/tier_rules.h"

static void money(Buf *b, int64_t fen) { fen_print(b, fen); }

typedef struct Asked {
    const char *measure;
    int64_t have, need;
} Asked;

static int64_t asked_of(const Tier *t, const Progress *p, Asked ret_list[4]) {
    const Asked all[] = { { "growth", p->growth, t->growth_min },
                          { "spend_fen", p->spend_fen, t->spend_min_fen },
                          { "orders", p->orders, t->orders_min },
                          { "recharge_fen", p->recharge_fen, t->recharge_min_fen } };
    int64_t count = 0;
    for (int i = 0; i < 4; i++)
        if (all[i].need > 0) ret_list[count++] = all[i];
    return count;
}

static void one_gap(Buf *b, const TierMeasure *m, bool is_zh) {
    bool is_money = str_ends(m->measure, S("_fen")), is_recharge = str_is(m->measure, "recharge_fen");
    if (is_money) {
        buf_cstr(b, is_zh ? (is_recharge ? "再充值 " : "再消费 ") : (is_recharge ? "top up " : "spend "));
        money(b, m->gap);
        buf_cstr(b, is_zh ? " 元" : " yuan more");
        return;
    }
    bool is_orders = str_is(m->measure, "orders");
    buf_cstr(b, is_zh ? (is_orders ? "再消费 " : "再获得 ") : (is_orders ? "buy " : "earn "));
    buf_int(b, m->gap);
    buf_cstr(b, is_zh ? (is_orders ? " 次" : " 成长值") : (is_orders ? " more times" : " more growth"));
}

static Str gap_words(Ctx *c, const Ladder *l, const TierMeasures *measures, const Tier *next, bool is_zh) {
    Buf b = { .arena = c->arena };
    bool is_all = l->setting.need == TIER_ALL, is_first = true;
    for (int64_t i = 0; i < measures->count; i++) {
        if (measures->items[i].gap == 0) continue;
        if (!is_first) buf_cstr(&b, is_zh ? (is_all ? "，并且" : "，或") : (is_all ? " and " : " or "));
        one_gap(&b, &measures->items[i], is_zh);
        is_first = false;
    }
    if (is_first) return S("");
    buf_cstr(&b, is_zh ? "，升为" : " to reach ");
    buf_add(&b, is_zh || next->name_en.len == 0 ? next->name : next->name_en);
    return buf_str(&b);
}

/* 9000 is 9 折, 8800 is 88 折; in English 10% off, 12% off. */
static void discount_words(Buf *b, int64_t discount_bp, bool is_zh) {
    int64_t percent = discount_bp / 100;
    if (is_zh)
        buf_int(b, percent % 10 == 0 ? percent / 10 : percent);
    else
        buf_int(b, 100 - percent);
    buf_cstr(b, is_zh ? " 折" : "% off");
}

static void lost_words(Buf *b, const Tier *t, const Tier *below, bool is_zh) {
    const char *comma = is_zh ? "、" : ", ";
    bool is_first = true;
    if (t->discount_bp > 0 && t->discount_bp < RATE_WHOLE_BP && t->discount_bp != below->discount_bp) {
        discount_words(b, t->discount_bp, is_zh);
        is_first = false;
    }
    if (t->points_multiplier_bp > RATE_WHOLE_BP && t->points_multiplier_bp != below->points_multiplier_bp) {
        if (!is_first) buf_cstr(b, comma);
        buf_print(b, is_zh ? "%lld.%lld 倍积分" : "%lld.%lld times the points",
                  (long long)(t->points_multiplier_bp / 10000), (long long)(t->points_multiplier_bp / 1000 % 10));
        is_first = false;
    }
    for (int64_t i = 0; i < t->benefits.count; i++, is_first = false) {
        if (!is_first) buf_cstr(b, comma);
        buf_add(b, t->benefits.items[i]);
    }
    if (is_first) buf_cstr(b, is_zh ? "无" : "nothing");
}

static void day_words(Buf *b, int64_t day) {
    buf_print(b, "%04lld-%02lld-%02lld", (long long)day_year(day), (long long)day_month(day),
              (long long)day_of_month(day));
}

static Str keep_words(Ctx *c, const Ladder *l, const Level *level, const TierMember *row, const Progress *p,
                      bool is_zh) {
    Buf b = { .arena = c->arena };
    const Tier *t = &level->tier;
    if (level == l->levels.items) return S("");
    if (row->until_day == 0 && (row->is_manual || l->setting.down == TIER_STAY))
        return is_zh ? S("等级长期保留") : S("This level is kept for good");
    const Level *met = ladder_met(l, p);
    const Level *low = l->setting.down == TIER_TO_MET && met < level ? met : ladder_below(l, level);
    Str name = is_zh || t->name_en.len == 0 ? t->name : t->name_en;
    Str low_name = is_zh || low->tier.name_en.len == 0 ? low->tier.name : low->tier.name_en;
    buf_add(&b, name);
    if (row->until_day > 0) {
        buf_cstr(&b, is_zh ? "保留到 " : " is kept until ");
        day_words(&b, row->until_day);
        if (l->setting.grace_days > 0)
            buf_print(&b, is_zh ? "，宽限 %lld 天" : ", %lld days of grace", (long long)l->setting.grace_days);
    } else
        buf_cstr(&b, is_zh ? "按条件保留" : " is kept while its terms are met");
    if (met >= level) buf_cstr(&b, is_zh ? "；目前已达标" : "; its terms are met now");
    buf_cstr(&b, is_zh ? "；未达标将降为" : "; else you fall to ");
    buf_add(&b, low_name);
    buf_cstr(&b, is_zh ? "，失去：" : " and lose: ");
    lost_words(&b, t, &low->tier, is_zh);
    return buf_str(&b);
}

void tier_words(Ctx *c, const Ladder *l, const Level *level, const TierMember *row, const Progress *p, TierView *view) {
    const Level *next = ladder_next(l, level);
    while (next != NULL && !level_asks(&next->tier)) next = ladder_next(l, next);
    view->keep_zh = keep_words(c, l, level, row, p, true);
    view->keep_en = keep_words(c, l, level, row, p, false);
    if (next == NULL) {
        view->gap_zh = S("已是最高等级");
        view->gap_en = S("You are at the top");
        return;
    }
    Asked asked[4];
    int64_t count = asked_of(&next->tier, p, asked);
    view->next_tier_id = next->tier.tier_id;
    view->next_name = c->lang == LANG_EN && next->tier.name_en.len > 0 ? next->tier.name_en : next->tier.name;
    view->measures.items = NEW_LIST(c->arena, TierMeasure, count + 1);
    view->measures.count = count;
    for (int64_t i = 0; i < count; i++) {
        int64_t gap = asked[i].need > asked[i].have ? asked[i].need - asked[i].have : 0;
        view->measures.items[i] =
            (TierMeasure){ str_of(asked[i].measure), asked[i].have, asked[i].need, gap, gap == 0 };
    }
    view->gap_zh = gap_words(c, l, &view->measures, &next->tier, true);
    view->gap_en = gap_words(c, l, &view->measures, &next->tier, false);
}

/* What stands on the tags of the levels, behind the merchant's own words. */
static Err add_benefits(Ctx *c, Ladder *l) {
    BenefitWords words = { 0 };
    TRY(benefit_words(c, &words));
    for (int64_t i = 0; i < l->levels.count && words.count > 0; i++) {
        Tier *t = &l->levels.items[i].tier;
        StrList all = { NEW_LIST(c->arena, Str, t->benefits.count + words.count), 0 };
        for (int64_t k = 0; k < t->benefits.count; k++) all.items[all.count++] = t->benefits.items[k];
        for (int64_t k = 0; k < words.count; k++)
            if (words.items[k].tag_id == t->tag_id) all.items[all.count++] = words.items[k].words;
        t->benefits = all;
    }
    return OK;
}

Err tier_view(Ctx *c, int64_t member_id, TierView *ret_view) {
    Ladder ladder;
    TierMember row;
    Progress progress;
    TRY(ladder_read(c, &ladder));
    TRY(add_benefits(c, &ladder));
    TRY(tier_member_find(c, member_id, &row));
    TRY(progress_of(c, &ladder, &row, &progress));
    *ret_view = (TierView){ .member_id = member_id };
    const Level *level = ladder_level(&ladder, row.tier_id);
    if (level == NULL) return OK;
    const Tier *t = &level->tier;
    *ret_view = (TierView){ .member_id = member_id,
                            .tier_id = t->tier_id,
                            .rank = t->rank,
                            .key = t->key,
                            .name = t->name,
                            .name_en = t->name_en,
                            .discount_bp = t->discount_bp,
                            .points_multiplier_bp = t->points_multiplier_bp,
                            .benefits = t->benefits,
                            .since_at = row.since_at,
                            .until_day = row.until_day,
                            .is_manual = row.is_manual };
    tier_words(c, &ladder, level, &row, &progress, ret_view);
    return OK;
}
