#include <assert.h>
#include "app/merchant.h"
#include "domain/member/member.h"
#include "domain/reward/reward.h"
#include "domain/tier/tier_rules.h"
#include "event/tier.h"

/* ---- the ladder, pure ---- */

const Level *ladder_level(const Ladder *l, int64_t tier_id) {
    for (int64_t i = 0; i < l->levels.count; i++)
        if (l->levels.items[i].tier.tier_id == tier_id) return &l->levels.items[i];
    return l->levels.count > 0 ? &l->levels.items[0] : NULL;
}

const Level *ladder_next(const Ladder *l, const Level *level) {
    const Level *end = l->levels.items + l->levels.count;
    return level != NULL && level + 1 < end ? level + 1 : NULL;
}

const Level *ladder_below(const Ladder *l, const Level *level) { return level > l->levels.items ? level - 1 : level; }

bool level_asks(const Tier *t) {
    return t->growth_min > 0 || t->spend_min_fen > 0 || t->orders_min > 0 || t->recharge_min_fen > 0;
}

bool level_is_met(const Ladder *l, const Tier *t, const Progress *p) {
    const int64_t need[] = { t->growth_min, t->spend_min_fen, t->orders_min, t->recharge_min_fen };
    const int64_t have[] = { p->growth, p->spend_fen, p->orders, p->recharge_fen };
    bool all = true, any = false;
    for (int i = 0; i < 4; i++) {
        if (need[i] == 0) continue;
        if (have[i] >= need[i])
            any = true;
        else
            all = false;
    }
    return l->setting.need == TIER_ALL ? all : any;
}

const Level *ladder_met(const Ladder *l, const Progress *p) {
    for (int64_t i = l->levels.count - 1; i > 0; i--) {
        const Tier *t = &l->levels.items[i].tier;
        if (level_asks(t) && level_is_met(l, t, p)) return &l->levels.items[i];
    }
    return l->levels.count > 0 ? &l->levels.items[0] : NULL;
}

/* ---- reading ---- */

Err ladder_read(Ctx *c, Ladder *ret_ladder) {
    Merchant merchant;
    TRY(level_list(c, &ret_ladder->levels));
    TRY(setting_get(c, &tier_setting, &ret_ladder->setting));
    TRY(merchant_get(c, &merchant));
    ret_ladder->today = day_at(app_zone(c, merchant.zone), c->now);
    return OK;
}

Err progress_of(Ctx *c, const Ladder *l, const TierMember *row, Progress *ret_progress) {
    DaySums sums = { row->life_spend_fen, row->life_orders, row->life_recharge_fen };
    switch (l->setting.window) {
    case TIER_LIFE:
        break;
    case TIER_ROLLING:
        TRY(day_sums(c, row->member_id, day_add(l->today, 1 - l->setting.window_days), &sums));
        break;
    case TIER_YEAR:
        TRY(day_sums(c, row->member_id, day_of(day_year(l->today), 1, 1), &sums));
        break;
    }
    *ret_progress = (Progress){ .spend_fen = sums.spend_fen, .orders = sums.orders, .recharge_fen = sums.recharge_fen };
    return growth_balance(c, row->member_id, &ret_progress->growth);
}

Err tier_of(Ctx *c, int64_t member_id, TierEffect *ret_effect) {
    bool found = false;
    *ret_effect = (TierEffect){ 0 };
    TRY(effect_of(c, member_id, ret_effect, &found));
    return found ? OK : effect_lowest(c, ret_effect, &found);
}

Err tier_list(Ctx *c, Tiers *ret_tiers) {
    Levels levels = { 0 };
    TRY(level_list(c, &levels));
    ret_tiers->items = NEW_LIST(c->arena, Tier, levels.count + 1);
    ret_tiers->count = levels.count;
    for (int64_t i = 0; i < levels.count; i++) ret_tiers->items[i] = levels.items[i].tier;
    return OK;
}

/* ---- changing a level ---- */

/* Every level passed on the way up gives its gift once in a member's life; import and merge only mark them as had. */
static Err give_gifts(Ctx *c, const Ladder *l, int64_t member_id, int64_t from_rank, const Level *to, bool no_gifts) {
    for (const Level *level = l->levels.items; level <= to; level++) {
        const Tier *t = &level->tier;
        bool is_new = false;
        if (t->rank <= from_rank && !no_gifts) continue;
        if (t->gift_points == 0 && !no_gifts) continue;
        int64_t gift_id = id_new(c), points = no_gifts ? 0 : t->gift_points;
        RewardGift gift = { .kind = REWARD_POINTS, .amount = points };
        RewardGiven given;
        TRY(gift_insert(c, member_id, t->tier_id, gift_id, points, &is_new));
        if (!is_new || points == 0) continue;
        TRY(reward_give(
            c,
            &(RewardGive){ .member_id = member_id, .source = "tier.gift", .source_id = gift_id, .gifts = { &gift, 1 } },
            &given));
    }
    return OK;
}

static int64_t kept_until(const Ladder *l) {
    return l->setting.retention_days > 0 ? day_add(l->today, l->setting.retention_days) : 0;
}

/* The next day on which this level may have to go; 0 = only facts can move it. */
static int64_t next_check(const Ladder *l, const TierMember *row, const Level *level) {
    if (row->is_manual) return row->until_day > 0 ? day_add(row->until_day, 1) : 0;
    if (row->until_day > 0) return day_add(row->until_day, l->setting.grace_days + 1);
    if (level == l->levels.items) return 0;
    switch (l->setting.window) {
    case TIER_LIFE:
        return 0;
    case TIER_ROLLING:
        return day_add(l->today, 1);
    case TIER_YEAR:
        return day_of(day_year(l->today) + 1, 1, 1);
    }
    return 0;
}

Err tier_change(Ctx *c, const Ladder *l, TierMember *row, const Level *to, const TierCause *cause) {
    const Level *from = row->tier_id != 0 ? ladder_level(l, row->tier_id) : NULL;
    int64_t from_rank = from != NULL ? from->tier.rank : -1;
    TierHistory line = { .history_id = id_new(c),
                         .member_id = row->member_id,
                         .from_tier_id = row->tier_id,
                         .to_tier_id = to->tier.tier_id,
                         .cause = str_of(cause->cause),
                         .reason = cause->reason,
                         .actor = str_of(actor_names[c->actor.kind]),
                         .actor_id = c->actor.id,
                         .merge_id = cause->merge_id,
                         .until_day = row->until_day,
                         .at = c->now };
    row->tier_id = to->tier.tier_id;
    row->since_at = c->now;
    TRY(history_insert(c, &line));
    TRY(tag_swap(c, row->member_id, from != NULL ? from->tier.tag_id : 0, to->tier.tag_id, S("tier")));
    /* Gifts first: everybody locks a ledger account before the card. */
    TRY(give_gifts(c, l, row->member_id, from_rank, to, cause->no_gifts));
    TRY(member_summary_put(
        c, row->member_id,
        &(MemberSummary){ .set = SUMMARY_TIER, .tier_id = to->tier.tier_id, .tier_name = to->tier.name }));
    if (from == NULL && to == l->levels.items) return OK; /* a newcomer's lowest level is no news */
    return emit(c, &tier_changed, row->member_id,
                &(TierChanged){ .member_id = row->member_id,
                                .from_tier_id = line.from_tier_id,
                                .to_tier_id = line.to_tier_id,
                                .from_rank = from_rank < 0 ? 0 : from_rank,
                                .to_rank = to->tier.rank,
                                .cause = line.cause,
                                .is_up = to->tier.rank > from_rank });
}

/* Where the member falls to, or stays: `level` itself. */
static const Level *fall(const Ladder *l, const TierMember *row, const Level *level, const Level *met,
                         const TierCause *cause) {
    bool lost_by_refund = cause->is_refund && !l->setting.keep_on_refund && ladder_met(l, &cause->before) >= level;
    if (lost_by_refund) return met;
    if (row->until_day > 0 && l->today <= day_add(row->until_day, l->setting.grace_days)) return level;
    switch (l->setting.down) {
    case TIER_STAY:
        return level;
    case TIER_ONE_STEP:
        return ladder_below(l, level);
    case TIER_TO_MET:
        return met;
    }
    return level;
}

Err tier_judge(Ctx *c, const Ladder *l, TierMember *row, const Progress *p, const TierCause *cause) {
    const Level *level = ladder_level(l, row->tier_id), *met = ladder_met(l, p), *to = level;
    TierMember before = *row;
    if (level == NULL) return OK;
    bool is_over = row->until_day > 0 && l->today > row->until_day;
    if (row->is_manual && is_over) {
        row->is_manual = false;
        row->until_day = 0;
        is_over = false;
    }
    if (met > level)
        to = met;
    else if (met < level && !row->is_manual)
        to = fall(l, row, level, met, cause);
    if (to > level) row->is_manual = false;
    /* Reached, reached again at the end of its time, or fallen to: a level starts its retention anew. */
    bool starts = to != level || (is_over && to == level && (met >= level || l->setting.down == TIER_STAY));
    if (starts && !row->is_manual) row->until_day = to == l->levels.items ? 0 : kept_until(l);
    bool no_gifts = cause->no_gifts || row->no_gift;
    TierCause final = *cause;
    final.no_gifts = no_gifts;
    if (to != level || row->tier_id == 0) TRY(tier_change(c, l, row, to, &final));
    row->no_gift = false;
    row->check_day = next_check(l, row, to);
    bool has_changed = row->tier_id != before.tier_id || row->until_day != before.until_day ||
                       row->is_manual != before.is_manual || row->no_gift != before.no_gift ||
                       row->check_day != before.check_day;
    return has_changed ? tier_member_save(c, row) : OK;
}

/* ---- facts ---- */

/* Progress as it would stand without the refund: what the refund took is added again. */
static Err before_refund(Ctx *c, const TierFact *fact, int64_t refund_id, const Progress *now, Progress *ret_before) {
    LedgerEntry taken;
    bool found = false;
    *ret_before = *now;
    ret_before->spend_fen -= fact->spend_fen;
    ret_before->orders -= fact->orders;
    ret_before->recharge_fen -= fact->recharge_fen;
    TRY(ledger_entry_of(c, &growth_kind, "refund.take_back", refund_id, &taken, &found));
    if (found) ret_before->growth -= taken.delta;
    return OK;
}

/* A fact of a member who was merged meanwhile counts for the one he became. Asked behind the lock of the level: whoever
 * merges has either not come to it yet and will carry the fact over, or shows here. */
static Err lock_living(Ctx *c, const TierFact *fact, bool is_import, TierFact *ret_fact, TierMember *ret_row) {
    int64_t living_id = 0;
    *ret_fact = *fact;
    TRY(member_living(c, fact->member_id, &ret_fact->member_id));
    TRY(tier_member_lock(c, ret_fact, is_import, ret_row));
    TRY(member_living(c, ret_fact->member_id, &living_id));
    if (living_id == ret_fact->member_id) return OK;
    return fail(c, E_BUSY, "tier.member_moving", "会员正在合并，请稍后再试", "the member is being merged; try again");
}

Err tier_on_fact(Ctx *c, const TierFact *of, int64_t refund_id, bool is_import) {
    TierFact found, *fact = &found;
    Ladder ladder;
    TierMember row;
    MemberCard card;
    Progress progress;
    TierCause cause = { .cause = refund_id != 0 ? "refund" : "rule",
                        .no_gifts = is_import,
                        .is_refund = refund_id != 0 };
    TRY(ladder_read(c, &ladder));
    TRY(lock_living(c, of, is_import, fact, &row));
    if (fact->day != 0) TRY(day_put(c, fact));
    TRY(member_card(c, fact->member_id, &card));
    if (card.status == MEMBER_ERASED) return OK; /* what happened before counts, but who is forgotten climbs no more */
    TRY(progress_of(c, &ladder, &row, &progress));
    if (cause.is_refund) TRY(before_refund(c, fact, refund_id, &progress, &cause.before));
    return tier_judge(c, &ladder, &row, &progress, &cause);
}

Err tier_evaluate(Ctx *c, int64_t member_id, bool no_gifts) {
    return tier_on_fact(c, &(TierFact){ .member_id = member_id }, 0, no_gifts);
}

Err tier_add_facts(Ctx *c, TierFacts facts, bool is_import) {
    Merchant merchant;
    TRY(merchant_get(c, &merchant));
    int64_t today = day_at(app_zone(c, merchant.zone), c->now);
    for (int64_t i = 0; i < facts.count; i++) {
        TRY(day_put(c, &facts.items[i]));
        TRY(tier_member_mark(c, &facts.items[i], is_import, today));
    }
    return OK;
}

/* ---- set from outside ---- */

Err tier_set(Ctx *c, int64_t member_id, int64_t tier_id, int64_t until_day, Str reason) {
    Ladder ladder;
    TierMember row;
    MemberCard card;
    TRY(member_card(c, member_id, &card));
    TRY(ladder_read(c, &ladder));
    const Level *to = ladder_level(&ladder, tier_id);
    if (to == NULL || to->tier.tier_id != tier_id)
        return fail(c, E_NOT_FOUND, "tier.unknown", "没有这个等级", "no such level");
    TRY(tier_member_lock(c, &(TierFact){ .member_id = member_id }, false, &row));
    row.is_manual = true;
    row.until_day = until_day;
    row.check_day = next_check(&ladder, &row, to);
    if (row.tier_id != tier_id)
        TRY(tier_change(c, &ladder, &row, to, &(TierCause){ .cause = "manual", .reason = reason }));
    return tier_member_save(c, &row);
}

Err tier_import(Ctx *c, int64_t member_id, Str key) {
    Ladder ladder;
    TierMember row;
    const Level *to = NULL;
    TRY(ladder_read(c, &ladder));
    for (int64_t i = 0; i < ladder.levels.count; i++) {
        const Tier *t = &ladder.levels.items[i].tier;
        if (str_equal(t->key, key) || str_equal(t->name, key) || str_equal(t->name_en, key))
            to = &ladder.levels.items[i];
    }
    if (to == NULL) return fail(c, E_NOT_FOUND, "tier.unknown", "没有这个等级", "no such level");
    TRY(tier_member_lock(c, &(TierFact){ .member_id = member_id }, true, &row));
    if (row.tier_id == to->tier.tier_id) return OK;
    /* Kept as if set by hand: the facts that earned it are in the old system, so no rule may take it before its
     * time. */
    row.until_day = to == ladder.levels.items ? 0 : kept_until(&ladder);
    row.is_manual = to != ladder.levels.items;
    TRY(tier_change(c, &ladder, &row, to, &(TierCause){ .cause = "import", .no_gifts = true }));
    row.check_day = next_check(&ladder, &row, to);
    return tier_member_save(c, &row);
}

/* ---- on time ---- */

enum { JOB_BATCH = 100 };

static Err evaluate_all(Ctx *c, const IntList *member_ids) {
    for (int64_t i = 0; i < member_ids->count; i++) {
        int64_t member_id = member_ids->items[i], living_id = 0;
        TRY(member_living(c, member_id, &living_id));
        TRY(living_id == member_id ? tier_evaluate(c, member_id, false) : tier_member_rest(c, member_id));
    }
    return OK;
}

Err tier_job_evaluate(Ctx *c, int64_t due_at, bool *ret_more) {
    (void)due_at;
    Ladder ladder;
    TierWalk walk;
    IntList ids = { 0 };
    TRY(ladder_read(c, &ladder));
    TRY(tier_member_due(c, ladder.today, JOB_BATCH, &ids));
    TRY(evaluate_all(c, &ids));
    *ret_more = ids.count == JOB_BATCH;
    if (ids.count > 0) return OK;
    TRY(walk_find(c, &walk));
    if (!walk.is_running) return OK;
    TRY(tier_member_walk(c, walk.after_member_id, JOB_BATCH, &ids));
    TRY(evaluate_all(c, &ids));
    walk.is_running = ids.count == JOB_BATCH;
    walk.after_member_id = ids.count > 0 ? ids.items[ids.count - 1] : 0;
    *ret_more = walk.is_running;
    return walk_put(c, &walk);
}

/* ---- merge ---- */

Err tier_merge(Ctx *c, const MergeInfo *m) {
    Ladder ladder;
    TierMember from, into;
    TRY(ladder_read(c, &ladder));
    TRY(tier_member_lock(c, &(TierFact){ .member_id = m->from_id }, false, &from));
    TRY(tier_member_rest(c, m->from_id));
    TRY(tier_member_lock(c,
                         &(TierFact){ .member_id = m->into_id,
                                      .spend_fen = from.life_spend_fen,
                                      .orders = from.life_orders,
                                      .recharge_fen = from.life_recharge_fen },
                         false, &into));
    TRY(day_copy(c, m->from_id, m->into_id, 1));
    TRY(gift_copy(c, m->from_id, m->into_id, m->merge_id));
    const Level *low = ladder_level(&ladder, into.tier_id), *high = ladder_level(&ladder, from.tier_id);
    TierCause cause = { .cause = "merge", .merge_id = m->merge_id, .no_gifts = true };
    if (high > low) {
        into.until_day = from.until_day;
        into.is_manual = from.is_manual;
        TRY(tier_change(c, &ladder, &into, high, &cause));
        into.check_day = next_check(&ladder, &into, high);
        TRY(tier_member_save(c, &into));
        merge_note(m, "tier", "level", 1);
    }
    Progress progress;
    TRY(progress_of(c, &ladder, &into, &progress));
    return tier_judge(c, &ladder, &into, &progress, &cause);
}

Err tier_unmerge(Ctx *c, const MergeInfo *m) {
    Ladder ladder;
    TierMember from, into;
    TierHistory line;
    Progress progress;
    bool found = false;
    TRY(ladder_read(c, &ladder));
    TRY(tier_member_lock(c, &(TierFact){ .member_id = m->from_id }, false, &from));
    from.check_day = ladder.today;
    TRY(tier_member_save(c, &from));
    TRY(tier_member_lock(c,
                         &(TierFact){ .member_id = m->into_id,
                                      .spend_fen = -from.life_spend_fen,
                                      .orders = -from.life_orders,
                                      .recharge_fen = -from.life_recharge_fen },
                         false, &into));
    TRY(day_copy(c, m->from_id, m->into_id, -1));
    TRY(gift_uncopy(c, m->into_id, m->merge_id));
    TRY(history_of_merge(c, m->into_id, m->merge_id, &line, &found));
    TierCause cause = { .cause = "unmerge", .merge_id = m->merge_id, .no_gifts = true };
    if (found && line.to_tier_id == into.tier_id && line.from_tier_id != 0) {
        const Level *back = ladder_level(&ladder, line.from_tier_id);
        into.until_day = back == ladder.levels.items ? 0 : kept_until(&ladder);
        into.is_manual = false;
        TRY(tier_change(c, &ladder, &into, back, &cause));
        into.check_day = next_check(&ladder, &into, back);
        TRY(tier_member_save(c, &into));
    }
    TRY(progress_of(c, &ladder, &into, &progress));
    return tier_judge(c, &ladder, &into, &progress, &cause);
}
