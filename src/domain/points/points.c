#include <assert.h>
#include "app/merchant.h"
#include "domain/member/member.h"
#include "domain/points/points_rules.h"
#include "domain/points/points_store.h"
#include "event/points.h"

static Err refuse_short(Ctx *c, int64_t need, int64_t have) {
    return fail(c, E_CONFLICT, "points.short", "积分不够，还差 %lld", "%lld points short", (long long)(need - have));
}

/* Whoever spends, returns or gives before the job came by hears of what ran out all the same. */
static Err tell_expired(Ctx *c, Str kind, int64_t member_id, int64_t expires_at, int64_t points) {
    Str key = str_starts(kind, S("points:")) ? str_slice(kind, S("points:").len, kind.len) : S("points");
    return emit(
        c, &points_expired, member_id,
        &(PointsExpired){ .member_id = member_id, .type = key, .points = points, .expires_at = expires_at });
}

const LedgerKind points_kind = {
    S_INIT("points"), .has_lots = true, .refuse_short = refuse_short, .expired = tell_expired
};

Err points_kind_of(Ctx *c, const PointsSetting *s, Str type, LedgerKind *ret_kind, const PointsType **ret_type) {
    Str key = type.len > 0 ? type : S("points");
    for (int64_t i = 0; i < s->types.count; i++) {
        const PointsType *t = &s->types.items[i];
        if (!str_equal(t->key, key)) continue;
        *ret_kind = points_kind;
        if (!str_is(key, "points")) ret_kind->name = arena_print(c->arena, "points:%.*s", (int)key.len, key.at);
        if (ret_type != NULL) *ret_type = t;
        return OK;
    }
    return fail(c, E_NOT_FOUND, "points.type_unknown", "没有这种积分", "no such type of points");
}

Err points_zone(Ctx *c, const Zone **ret_zone) {
    Merchant merchant;
    TRY(merchant_get(c, &merchant));
    *ret_zone = app_zone(c, merchant.zone);
    return OK;
}

Err points_show(Ctx *c, const LedgerKind *kind, int64_t member_id, int64_t balance) {
    bool is_shown = str_is(kind->name, "points"); /* other types only learn here whether the member still lives */
    return member_summary_put(c, member_id,
                              &(MemberSummary){ .set = is_shown ? SUMMARY_POINTS : 0, .points = balance });
}

static Err post(Ctx *c, const LedgerPost *p, LedgerPosted *ret_posted) {
    TRY(ledger_post(c, p, ret_posted));
    return ret_posted->is_duplicate ? OK : points_show(c, p->kind, p->member_id, ret_posted->balance);
}

/* ---- orders ---- */

/* The part of `want` that the period's cap still allows; what is used is counted in the same unit. */
static Err take_quota(Ctx *c, int64_t member_id, int64_t period, int64_t cap, int64_t want, int64_t *ret_allowed) {
    int64_t used = 0;
    TRY(quota_lock(c, member_id, S("#order"), period, &used));
    int64_t left = cap > used ? cap - used : 0;
    *ret_allowed = want < left ? want : left;
    return *ret_allowed > 0 ? quota_add(c, member_id, S("#order"), period, *ret_allowed) : OK;
}

static Err apply_caps(Ctx *c, const PointsSetting *s, const PointsOrder *o, PointsEarned *earned) {
    int64_t allowed = 0;
    if (s->day_cap > 0 && earned->points > 0) {
        TRY(take_quota(c, o->member_id, o->day, s->day_cap, earned->points, &allowed));
        points_cap(c->arena, earned, S("cap.day"), allowed);
    }
    if (s->month_cap > 0 && earned->points > 0) {
        TRY(take_quota(c, o->member_id, o->day / 100, s->month_cap, earned->points, &allowed));
        points_cap(c->arena, earned, S("cap.month"), allowed);
    }
    return OK;
}

static int64_t due_of(const PointsSetting *s, const PointsOrder *o) {
    switch (s->wait) {
    case POINTS_AT_ONCE:
        return 0;
    case POINTS_WAIT_DAYS:
        return s->wait_days > 0 ? day_end(o->zone, day_add(o->day, s->wait_days)) : 0;
    case POINTS_WAIT_CONFIRM:
        return LEDGER_NEVER;
    }
    return 0;
}

static Str steps_json(Ctx *c, const PointsSteps *steps) {
    Buf b = { .arena = c->arena };
    buf_cstr(&b, "{\"steps\":");
    json_print_list(&b, &points_step_fields, (ListAny){ steps->items, steps->count });
    buf_char(&b, '}');
    return buf_str(&b);
}

Err points_order_post(Ctx *c, const PointsSetting *s, const PointsOrder *o, PointsEarned *earned,
                      LedgerPost *ret_post) {
    LedgerKind kind;
    const PointsType *type = NULL;
    TRY(points_kind_of(c, s, S(""), &kind, &type));
    TRY(apply_caps(c, s, o, earned));
    *ret_post = (LedgerPost){ .kind = &points_kind,
                              .member_id = o->member_id,
                              .amount = earned->points,
                              .source = "order.earn",
                              .source_id = o->order_id };
    if (earned->points == 0) return OK;
    ret_post->expires_at = points_expires_at(type, o->zone, o->at);
    ret_post->due_at = due_of(s, o);
    ret_post->detail = steps_json(c, &earned->steps);
    return OK;
}

void points_spend_post(int64_t member_id, int64_t order_id, int64_t points, LedgerPost *ret_post) {
    *ret_post = (LedgerPost){
        .kind = &points_kind, .member_id = member_id, .amount = -points, .source = "order.spend", .source_id = order_id
    };
}

Err points_reserve(Ctx *c, int64_t member_id, int64_t order_id, int64_t points, int64_t due_at,
                   LedgerPosted *ret_posted) {
    LedgerPost p;
    points_spend_post(member_id, order_id, points, &p);
    TRY(ledger_reserve(c, &p, due_at, ret_posted));
    return ret_posted->is_duplicate ? OK : points_show(c, &points_kind, member_id, ret_posted->balance);
}

Err points_consume(Ctx *c, int64_t order_id) { return ledger_consume(c, &points_kind, "order.spend", order_id); }

/* The last moment of the day until which expired points that come back are good; 0 = they stay gone. */
static Err grace_of(Ctx *c, const PointsSetting *s, int64_t *ret_grace_at) {
    const Zone *zone = NULL;
    *ret_grace_at = 0;
    if (s->restore_grace_days == 0) return OK;
    TRY(points_zone(c, &zone));
    *ret_grace_at = day_end(zone, day_add(day_at(zone, c->now), s->restore_grace_days));
    return OK;
}

Err points_release(Ctx *c, int64_t order_id) {
    PointsSetting s;
    LedgerHold hold;
    LedgerAccount account;
    int64_t grace_at = 0;
    TRY(points_setting_read(c, &s));
    TRY(grace_of(c, &s, &grace_at));
    TRY(ledger_release(c, &points_kind, "order.spend", order_id, grace_at));
    TRY(ledger_hold_read(c, &points_kind, "order.spend", order_id, &hold));
    TRY(ledger_account_raw(c, hold.member_id, &points_kind, &account));
    return points_show(c, &points_kind, hold.member_id, account.balance);
}

/* ---- refunds ---- */

Err points_restore(Ctx *c, int64_t member_id, int64_t order_id, int64_t refund_id, int64_t points,
                   LedgerPosted *ret_posted) {
    PointsSetting s;
    TRY(points_setting_read(c, &s));
    LedgerPost p = { .kind = &points_kind,
                     .member_id = member_id,
                     .amount = points,
                     .source = "refund.restore",
                     .source_id = refund_id,
                     .of_source = "order.spend",
                     .of_id = order_id };
    TRY(grace_of(c, &s, &p.grace_at));
    return post(c, &p, ret_posted);
}

Err points_take_back(Ctx *c, int64_t member_id, int64_t order_id, int64_t refund_id, int64_t points,
                     PointsTaken *ret_taken) {
    PointsSetting s;
    LedgerPosted posted;
    *ret_taken = (PointsTaken){ 0 };
    TRY(points_setting_read(c, &s));
    if (points > 0)
        TRY(ledger_pending_take(c, &points_kind, "order.earn", order_id, points, &ret_taken->pending_points));
    LedgerPost p = { .kind = &points_kind,
                     .member_id = member_id,
                     .amount = ret_taken->pending_points - points,
                     .source = "refund.take_back",
                     .source_id = refund_id,
                     .of_source = "order.earn",
                     .of_id = order_id,
                     .on_short = s.clawback == POINTS_CLAW_REFUSE ? LEDGER_REFUSE : LEDGER_RECORD };
    TRY(post(c, &p, &posted));
    ret_taken->taken_points = -posted.delta;
    ret_taken->shortfall_points = posted.delta_debt;
    ret_taken->balance = posted.balance;
    return OK;
}

/* ---- grants, deductions, gifts ---- */

Err points_grant(Ctx *c, const PointsGrant *grant, LedgerPosted *ret_posted) {
    PointsSetting s;
    LedgerKind kind;
    const PointsType *type = NULL;
    const Zone *zone = NULL;
    assert(grant->points >= 0 && grant->points <= POINTS_PER_CALL_MAX);
    TRY(points_setting_read(c, &s));
    TRY(points_kind_of(c, &s, grant->type, &kind, &type));
    TRY(points_zone(c, &zone));
    LedgerPost p = { .kind = &kind,
                     .member_id = grant->member_id,
                     .amount = grant->points,
                     .source = grant->source,
                     .source_id = grant->source_id,
                     .detail = grant->detail,
                     .reason = grant->reason,
                     .expires_at = grant->expires_at > 0 ? grant->expires_at : points_expires_at(type, zone, c->now) };
    TRY(post(c, &p, ret_posted));
    if (ret_posted->seq == 0) return OK;
    return emit(c, &points_moved, grant->member_id,
                &(PointsMoved){ .member_id = grant->member_id,
                                .type = type->key,
                                .source = str_of(grant->source),
                                .source_id = grant->source_id,
                                .delta_points = ret_posted->delta,
                                .balance = ret_posted->balance });
}

static Err need_approval(Ctx *c, const PointsSetting *s, const PointsManual *in) {
    if (c->auth == NULL || in->is_approved || s->approval_points == 0 || in->points <= s->approval_points) return OK;
    fail_number(c, "limit_points", s->approval_points);
    return fail(c, E_CONFLICT, "points.needs_approval", "超过 %lld 积分的人工调整要第二个人审批",
                "changes by hand above %lld points need a second person", (long long)s->approval_points);
}

static const Field audit_field[] = {
    FIELD_ID(PointsAnswer, member_id),
    FIELD(PointsAnswer, type),
    FIELD(PointsAnswer, points),
    FIELD(PointsAnswer, balance),
};
static const Fields audit_fields = FIELDS(PointsAnswer, audit_field);

static PointsAnswer answer_of(int64_t member_id, Str type, int64_t source_id, const LedgerPosted *posted) {
    return (PointsAnswer){ .member_id = member_id,
                           .type = type,
                           .source_id = source_id,
                           .points = posted->delta - posted->delta_debt,
                           .balance = posted->balance,
                           .debt = posted->debt,
                           .pending = posted->pending,
                           .duplicate = posted->is_duplicate };
}

static Err note(Ctx *c, const char *action, Str reason, const PointsAnswer *answer) {
    return audit(c, &(AuditNote){ .action = action,
                                  .subject = "member",
                                  .subject_id = answer->member_id,
                                  .reason = reason,
                                  .fields = &audit_fields,
                                  .after = answer });
}

Err points_grant_by_hand(Ctx *c, const PointsManual *in, PointsAnswer *ret_answer) {
    PointsSetting s;
    LedgerKind kind;
    LedgerPosted posted;
    MemberCard card;
    const PointsType *type = NULL;
    const Zone *zone = NULL;
    TRY(points_setting_read(c, &s));
    TRY(points_kind_of(c, &s, in->type, &kind, &type));
    TRY(member_card(c, in->member_id, &card));
    TRY(member_card_need_right(c, &card, 0));
    TRY(need_approval(c, &s, in));
    TRY(points_zone(c, &zone));
    PointsGrant grant = { .member_id = in->member_id,
                          .points = in->points,
                          .type = type->key,
                          .reason = in->reason,
                          .source = "grant",
                          .source_id = id_new(c) };
    if (in->expires_day != 0) grant.expires_at = day_end(zone, in->expires_day);
    if (grant.expires_at != 0 && grant.expires_at < c->now)
        return fail(c, E_INVALID, "points.expires_past", "到期日已经过去", "the day of expiry is past");
    TRY(points_grant(c, &grant, &posted));
    *ret_answer = answer_of(in->member_id, type->key, grant.source_id, &posted);
    return note(c, "points.grant", in->reason, ret_answer);
}

Err points_deduct_by_hand(Ctx *c, const PointsManual *in, PointsAnswer *ret_answer) {
    PointsSetting s;
    LedgerKind kind;
    LedgerPosted posted;
    MemberCard card;
    const PointsType *type = NULL;
    TRY(points_setting_read(c, &s));
    TRY(points_kind_of(c, &s, in->type, &kind, &type));
    TRY(member_card(c, in->member_id, &card));
    TRY(need_approval(c, &s, in));
    LedgerPost p = { .kind = &kind,
                     .member_id = in->member_id,
                     .amount = -in->points,
                     .source = "deduct",
                     .source_id = id_new(c),
                     .reason = in->reason };
    TRY(post(c, &p, &posted));
    *ret_answer = answer_of(in->member_id, type->key, p.source_id, &posted);
    TRY(emit(c, &points_moved, in->member_id,
             &(PointsMoved){ .member_id = in->member_id,
                             .type = type->key,
                             .source = S("deduct"),
                             .source_id = p.source_id,
                             .delta_points = posted.delta,
                             .balance = posted.balance }));
    return note(c, "points.deduct", in->reason, ret_answer);
}

static Err gift_allowed(Ctx *c, const PointsSetting *s, const PointsType *type, const PointsGift *gift) {
    int64_t used = 0;
    const Zone *zone = NULL;
    if (!s->gift_on || type->no_gift)
        return fail(c, E_CONFLICT, "points.gift_off", "本店不支持转赠积分", "points are not given to others here");
    if (gift->from_member_id == gift->to_member_id)
        return fail(c, E_INVALID, "points.gift_self", "不能转赠给自己", "you cannot give to yourself");
    TRY(member_need_right(c, gift->from_member_id, RIGHT_SPEND_POINTS));
    TRY(member_need_right(c, gift->to_member_id, RIGHT_EARN));
    if (s->gift_day_cap == 0) return OK;
    TRY(points_zone(c, &zone));
    int64_t today = day_at(zone, c->now);
    TRY(quota_lock(c, gift->from_member_id, S("#gift"), today, &used));
    if (used + gift->points > s->gift_day_cap) {
        fail_number(c, "left_points", s->gift_day_cap - used);
        return fail(c, E_CONFLICT, "points.gift_cap", "今天还能转赠 %lld 积分", "%lld points can still be given today",
                    (long long)(s->gift_day_cap > used ? s->gift_day_cap - used : 0));
    }
    return quota_add(c, gift->from_member_id, S("#gift"), today, gift->points);
}

/* Locks both accounts in the order of member ids. The receiver's lot keeps the policy of its type: a gift is no way
 * to make points live longer than new ones would, and no way to hand over expired ones. */
Err points_give(Ctx *c, const PointsGift *gift, PointsAnswer *ret_answer) {
    PointsSetting s;
    LedgerKind kind;
    LedgerPosted out, in;
    const PointsType *type = NULL;
    const Zone *zone = NULL;
    TRY(points_setting_read(c, &s));
    TRY(points_kind_of(c, &s, gift->type, &kind, &type));
    TRY(gift_allowed(c, &s, type, gift));
    TRY(points_zone(c, &zone));
    int64_t gift_id = id_new(c);
    LedgerPost take = { .kind = &kind,
                        .member_id = gift->from_member_id,
                        .amount = -gift->points,
                        .source = "gift.out",
                        .source_id = gift_id,
                        .reason = gift->words };
    LedgerPost put = { .kind = &kind,
                       .member_id = gift->to_member_id,
                       .amount = gift->points,
                       .source = "gift.in",
                       .source_id = gift_id,
                       .reason = gift->words,
                       .expires_at = points_expires_at(type, zone, c->now) };
    if (take.member_id < put.member_id) TRY(post(c, &take, &out));
    TRY(post(c, &put, &in));
    if (take.member_id > put.member_id) TRY(post(c, &take, &out));
    *ret_answer = answer_of(gift->from_member_id, type->key, gift_id, &out);
    TRY(emit(c, &points_moved, put.member_id,
             &(PointsMoved){ .member_id = put.member_id,
                             .type = type->key,
                             .source = S("gift.in"),
                             .source_id = gift_id,
                             .delta_points = in.delta,
                             .balance = in.balance }));
    return emit(c, &points_moved, take.member_id,
                &(PointsMoved){ .member_id = take.member_id,
                                .type = type->key,
                                .source = S("gift.out"),
                                .source_id = gift_id,
                                .delta_points = out.delta,
                                .balance = out.balance });
}

/* ---- waiting points, opening balances ---- */

Err points_confirm(Ctx *c, int64_t order_id, PointsAnswer *ret_answer) {
    PointsSetting s;
    LedgerKind kind;
    LedgerHold hold;
    LedgerPosted posted;
    const PointsType *type = NULL;
    const Zone *zone = NULL;
    TRY(points_setting_read(c, &s));
    TRY(points_kind_of(c, &s, S(""), &kind, &type));
    TRY(points_zone(c, &zone));
    Err err = ledger_hold_read(c, &points_kind, "order.earn", order_id, &hold);
    if (err != OK && err != E_NOT_FOUND) return err;
    if (err == E_NOT_FOUND)
        return fail(c, E_NOT_FOUND, "points.order_unknown", "这笔订单没有待入账的积分",
                    "no points of this order are waiting");
    TRY(ledger_mature(c, &points_kind, "order.earn", order_id, points_expires_at(type, zone, c->now), &posted));
    if (!posted.is_duplicate) TRY(points_show(c, &points_kind, hold.member_id, posted.balance));
    *ret_answer = answer_of(hold.member_id, type->key, order_id, &posted);
    return OK;
}

Err points_import_batch(Ctx *c, PointsOpenings openings) {
    PointsSetting s;
    const Zone *zone = NULL;
    TRY(points_setting_read(c, &s));
    TRY(points_zone(c, &zone));
    LedgerPost *posts = NEW_LIST(c->arena, LedgerPost, openings.count + 1);
    LedgerKind *kinds = NEW_LIST(c->arena, LedgerKind, openings.count + 1);
    LedgerPosted *posted = NEW_LIST(c->arena, LedgerPosted, openings.count + 1);
    for (int64_t i = 0; i < openings.count; i++) {
        const PointsOpening *o = &openings.items[i];
        const PointsType *type = NULL;
        TRY(points_kind_of(c, &s, o->type, &kinds[i], &type));
        posts[i] =
            (LedgerPost){ .kind = &kinds[i],
                          .member_id = o->member_id,
                          .amount = o->points,
                          .source = "opening",
                          .source_id = o->source_id,
                          .expires_at = o->expires_at > 0 ? o->expires_at : points_expires_at(type, zone, c->now) };
    }
    TRY(ledger_post_batch(c, posts, openings.count, posted));
    for (int64_t i = 0; i < openings.count; i++) {
        openings.items[i].is_new = posted[i].seq > 0;
        if (posted[i].seq > 0) TRY(points_show(c, &kinds[i], openings.items[i].member_id, posted[i].balance));
    }
    return OK;
}

/* ---- reading ---- */

Err points_view(Ctx *c, int64_t member_id, Str type_key, PointsView *ret_view) {
    PointsSetting s;
    LedgerKind kind;
    LedgerAccount account;
    LedgerLots lots = { 0 };
    const PointsType *type = NULL;
    TRY(points_setting_read(c, &s));
    TRY(points_kind_of(c, &s, type_key, &kind, &type));
    TRY(ledger_account(c, member_id, &kind, &account));
    TRY(ledger_lots(c, member_id, &kind, &lots));
    *ret_view = (PointsView){ .member_id = member_id,
                              .type = type->key,
                              .name = type->name,
                              .debt = account.debt,
                              .balance = account.balance,
                              .reserved = account.reserved,
                              .pending = account.pending };
    if (c->lang == LANG_EN && type->name_en.len > 0) ret_view->name = type->name_en;
    for (int64_t i = 0; i < lots.count && lots.items[i].expires_at <= c->now + (int64_t)POINTS_EXPIRING_DAYS * DAY_MS;
         i++) {
        ret_view->expiring_points += lots.items[i].left_amount;
        if (ret_view->expiring_at == 0) ret_view->expiring_at = lots.items[i].expires_at;
    }
    if (!s.offset_off && !type->no_offset)
        ret_view->worth_fen = (int64_t)((__int128)account.balance * s.offset_fen / s.offset_points);
    if (s.clawback == POINTS_CLAW_NEGATIVE) ret_view->balance -= account.debt;
    return OK;
}

/* ---- merge ---- */

static Err show_books(Ctx *c, int64_t member_id) {
    LedgerAccount account;
    TRY(ledger_account_raw(c, member_id, &points_kind, &account));
    return points_show(c, &points_kind, member_id, account.balance);
}

Err points_merge(Ctx *c, const MergeInfo *m) {
    TRY(behaviour_copy(c, m->from_id, m->into_id, m->merge_id));
    TRY(quota_copy(c, m->from_id, m->into_id));
    return show_books(c, m->into_id);
}

Err points_unmerge(Ctx *c, const MergeInfo *m) {
    TRY(behaviour_uncopy(c, m->into_id, m->merge_id));
    TRY(quota_uncopy(c, m->from_id, m->into_id));
    TRY(show_books(c, m->from_id));
    return show_books(c, m->into_id);
}
