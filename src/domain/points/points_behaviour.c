/* Behaviours: named things a member does. Each counts once per (member, name, key), gives what the setting says,
 * within its caps. */
#include <assert.h>
#include "domain/member/member.h"
#include "domain/points/points_rules.h"
#include "domain/points/points_store.h"
#include "event/points.h"

typedef struct Cap {
    int64_t period, most;
} Cap;

/* Takes one from each of the three counters, or says which of them is used up. */
static Err take_counts(Ctx *c, const BehaviourRow *row, const PointsBehaviour *b, BehaviourDone *done) {
    const Cap caps[] = { { row->day, b->day_count }, { row->day / 100, b->month_count }, { 0, b->total_count } };
    static const char *const zh[] = { "今天的次数已满", "本月的次数已满", "次数已满" };
    static const char *const en[] = { "today's limit is reached", "this month's limit is reached",
                                      "the limit is reached" };
    int64_t used[3] = { 0 };
    for (int i = 0; i < 3; i++) {
        if (caps[i].most == 0) continue;
        TRY(quota_lock(c, row->member_id, row->name, caps[i].period, &used[i]));
        if (used[i] < caps[i].most) continue;
        done->capped_zh = str_of(zh[i]);
        done->capped_en = str_of(en[i]);
        return OK;
    }
    for (int i = 0; i < 3; i++)
        if (caps[i].most > 0) TRY(quota_add(c, row->member_id, row->name, caps[i].period, 1));
    return OK;
}

static Err streak_of(Ctx *c, BehaviourRow *row) {
    BehaviourRow last;
    bool found = false;
    row->streak = 1;
    TRY(behaviour_last(c, row->member_id, row->name, row->day, &last, &found));
    if (!found) return OK;
    if (last.day == row->day)
        row->streak = last.streak;
    else if (last.day == day_add(row->day, -1))
        row->streak = last.streak + 1;
    return OK;
}

/* A day of a streak pays once, however many things of that name are done on it. */
static Err streak_bonus(Ctx *c, const PointsBehaviour *b, const BehaviourRow *row, int64_t *ret_bonus) {
    int64_t bonus = 0, used = 0;
    for (int64_t i = 0; i < b->streaks.count; i++)
        if (b->streaks.items[i].days == row->streak) bonus = b->streaks.items[i].bonus_points;
    *ret_bonus = 0;
    if (bonus == 0) return OK;
    Str name = arena_print(c->arena, "#streak:%.*s", (int)b->name.len, b->name.at);
    TRY(quota_lock(c, row->member_id, name, row->day, &used));
    if (used > 0) return OK;
    *ret_bonus = bonus;
    return quota_add(c, row->member_id, name, row->day, 1);
}

static Err give(Ctx *c, const PointsSetting *s, const PointsBehaviour *b, BehaviourRow *row, BehaviourDone *done) {
    LedgerKind kind;
    LedgerAccount account;
    TRY(points_kind_of(c, s, b->type, &kind, NULL));
    TRY(take_counts(c, row, b, done));
    if (done->capped_zh.len == 0) {
        TRY(streak_bonus(c, b, row, &done->streak_points));
        done->points = b->points + done->streak_points;
    }
    if (done->points > 0) {
        LedgerPosted posted;
        PointsGrant grant = {
            .member_id = row->member_id,
            .points = done->points,
            .type = b->type,
            .source = "behaviour",
            .source_id = row->behaviour_id,
            .detail = arena_print(c->arena, "{\"behaviour\":\"%.*s\",\"streak\":%lld,\"streak_points\":%lld}",
                                  (int)b->name.len, b->name.at, (long long)row->streak, (long long)done->streak_points)
        };
        TRY(points_grant(c, &grant, &posted));
        row->points = done->points;
        TRY(behaviour_set_points(c, row));
    }
    TRY(ledger_account(c, row->member_id, &kind, &account));
    done->balance = account.balance;
    return OK;
}

Err behaviour_record(Ctx *c, const BehaviourPost *post, BehaviourDone *ret_done) {
    PointsSetting s;
    const Zone *zone = NULL;
    bool is_new = false, found = false;
    TRY(points_setting_read(c, &s));
    TRY(points_zone(c, &zone));
    const PointsBehaviour *b = points_behaviour_of(&s, post->name);
    if (b == NULL)
        return fail(c, E_NOT_FOUND, "points.behaviour_unknown", "没有设置这种行为",
                    "no such behaviour in the settings");
    TRY(member_need_right(c, post->member_id, RIGHT_EARN));
    int64_t at = post->at > 0 && post->at < c->now ? post->at : c->now;
    BehaviourRow row = { .behaviour_id = id_new(c),
                         .member_id = post->member_id,
                         .shop_id = post->shop_id,
                         .day = day_at(zone, at),
                         .at = at,
                         .name = b->name,
                         .key = post->key };
    if (row.key.len == 0) row.key = arena_print(c->arena, "%lld", (long long)row.day);
    *ret_done = (BehaviourDone){ .behaviour_id = row.behaviour_id };
    TRY(streak_of(c, &row));
    TRY(behaviour_insert(c, &row, &is_new));
    if (!is_new) {
        LedgerKind kind;
        LedgerAccount account;
        TRY(behaviour_find(c, row.member_id, row.name, row.key, &row, &found));
        TRY(points_kind_of(c, &s, b->type, &kind, NULL));
        TRY(ledger_account(c, row.member_id, &kind, &account));
        *ret_done = (BehaviourDone){ .behaviour_id = row.behaviour_id,
                                     .points = row.points,
                                     .streak = row.streak,
                                     .balance = account.balance,
                                     .duplicate = true };
        return OK;
    }
    ret_done->streak = row.streak;
    TRY(give(c, &s, b, &row, ret_done));
    return emit(c, &behaviour_recorded, row.member_id,
                &(BehaviourFact){ .behaviour_id = row.behaviour_id,
                                  .member_id = row.member_id,
                                  .shop_id = row.shop_id,
                                  .name = row.name,
                                  .day = row.day,
                                  .streak = row.streak,
                                  .points = row.points,
                                  .is_capped = ret_done->capped_zh.len > 0 });
}
