#include "domain/growth/growth_rules.h"
#include "domain/member/member.h"
#include "event/growth.h"

static Err refuse_short(Ctx *c, int64_t need, int64_t have) {
    return fail(c, E_CONFLICT, "growth.short", "成长值不够，还差 %lld", "%lld growth short", (long long)(need - have));
}

const LedgerKind growth_kind = { S_INIT("growth"), .has_lots = false, .refuse_short = refuse_short };

int64_t growth_compute(const GrowthSetting *s, int64_t payable_fen, int64_t cash_fen) {
    int64_t base_fen = s->earn_on == POINTS_EARN_CASH ? cash_fen : payable_fen;
    if (s->no_order_growth || base_fen <= 0 || base_fen < s->min_order_fen) return 0;
    int64_t growth = base_fen / s->fen_per_growth;
    return s->order_cap > 0 && growth > s->order_cap ? s->order_cap : growth;
}

void growth_order_post(int64_t member_id, int64_t order_id, int64_t growth, LedgerPost *ret_post) {
    *ret_post = (LedgerPost){
        .kind = &growth_kind, .member_id = member_id, .amount = growth, .source = "order.earn", .source_id = order_id
    };
}

static Err show(Ctx *c, int64_t member_id, int64_t balance) {
    return member_summary_put(c, member_id, &(MemberSummary){ .set = SUMMARY_GROWTH, .growth = balance });
}

Err growth_take_back(Ctx *c, int64_t member_id, int64_t order_id, int64_t refund_id, int64_t growth,
                     int64_t *ret_taken) {
    LedgerPosted posted;
    LedgerPost p = { .kind = &growth_kind,
                     .member_id = member_id,
                     .amount = -growth,
                     .source = "refund.take_back",
                     .source_id = refund_id,
                     .on_short = LEDGER_RECORD,
                     .detail = arena_print(c->arena, "{\"order_id\":\"%lld\"}", (long long)order_id) };
    *ret_taken = 0;
    if (growth == 0) return OK;
    TRY(ledger_post(c, &p, &posted));
    *ret_taken = posted.delta_debt - posted.delta;
    return posted.is_duplicate ? OK : show(c, member_id, posted.balance);
}

Err growth_balance(Ctx *c, int64_t member_id, int64_t *ret_growth) {
    LedgerAccount account;
    TRY(ledger_account(c, member_id, &growth_kind, &account));
    *ret_growth = account.balance;
    return OK;
}

static Err announce(Ctx *c, const LedgerPost *p, const LedgerPosted *posted, bool is_import) {
    return emit(c, &growth_moved, p->member_id,
                &(GrowthMoved){ .member_id = p->member_id,
                                .source = str_of(p->source),
                                .source_id = p->source_id,
                                .delta_growth = posted->delta,
                                .balance = posted->balance,
                                .is_import = is_import });
}

/* ---- by hand ---- */

static const Field audit_field[] = {
    FIELD_ID(GrowthAnswer, member_id),
    FIELD(GrowthAnswer, growth),
    FIELD(GrowthAnswer, balance),
};
static const Fields audit_fields = FIELDS(GrowthAnswer, audit_field);

Err growth_change_by_hand(Ctx *c, const GrowthManual *in, int64_t growth, GrowthAnswer *ret_answer) {
    GrowthSetting s;
    MemberCard card;
    LedgerPosted posted;
    TRY(growth_setting_read(c, &s));
    TRY(member_card(c, in->member_id, &card));
    bool is_free = c->auth == NULL || in->is_approved || s.approval_growth == 0;
    if (!is_free && (growth > s.approval_growth || -growth > s.approval_growth)) {
        fail_number(c, "limit_growth", s.approval_growth);
        return fail(c, E_CONFLICT, "growth.needs_approval", "超过 %lld 成长值的人工调整要第二个人审批",
                    "changes by hand above %lld growth need a second person", (long long)s.approval_growth);
    }
    LedgerPost p = { .kind = &growth_kind,
                     .member_id = in->member_id,
                     .amount = growth,
                     .source = growth > 0 ? "grant" : "deduct",
                     .source_id = id_new(c),
                     .reason = in->reason };
    TRY(ledger_post(c, &p, &posted));
    TRY(show(c, in->member_id, posted.balance));
    TRY(announce(c, &p, &posted, false));
    *ret_answer = (GrowthAnswer){ .member_id = in->member_id,
                                  .source_id = p.source_id,
                                  .growth = growth,
                                  .balance = posted.balance,
                                  .debt = posted.debt };
    return audit(c, &(AuditNote){ .action = growth > 0 ? "growth.grant" : "growth.deduct",
                                  .subject = "member",
                                  .subject_id = in->member_id,
                                  .reason = in->reason,
                                  .fields = &audit_fields,
                                  .after = ret_answer });
}

Err growth_grant(Ctx *c, int64_t member_id, int64_t growth, const char *source, int64_t source_id) {
    LedgerPosted posted;
    LedgerPost p = { .kind = &growth_kind,
                     .member_id = member_id,
                     .amount = growth,
                     .source = source,
                     .source_id = source_id };
    TRY(ledger_post(c, &p, &posted));
    if (posted.seq == 0) return OK;
    TRY(show(c, member_id, posted.balance));
    return announce(c, &p, &posted, false);
}

/* ---- behaviours, imports, merges ---- */

Err growth_of_behaviour(Ctx *c, int64_t member_id, Str name, int64_t behaviour_id) {
    GrowthSetting s;
    LedgerPosted posted;
    TRY(growth_setting_read(c, &s));
    TRY(member_living(c, member_id, &member_id));
    for (int64_t i = 0; i < s.behaviours.count; i++) {
        if (!str_equal(s.behaviours.items[i].name, name)) continue;
        LedgerPost p = { .kind = &growth_kind,
                         .member_id = member_id,
                         .amount = s.behaviours.items[i].growth,
                         .source = "behaviour",
                         .source_id = behaviour_id };
        TRY(ledger_post(c, &p, &posted));
        if (posted.seq == 0) return OK;
        TRY(show(c, member_id, posted.balance));
        return announce(c, &p, &posted, false);
    }
    return OK;
}

Err growth_import_batch(Ctx *c, GrowthOpenings openings) {
    LedgerPost *posts = NEW_LIST(c->arena, LedgerPost, openings.count + 1);
    LedgerPosted *posted = NEW_LIST(c->arena, LedgerPosted, openings.count + 1);
    for (int64_t i = 0; i < openings.count; i++)
        posts[i] = (LedgerPost){ .kind = &growth_kind,
                                 .member_id = openings.items[i].member_id,
                                 .amount = openings.items[i].growth,
                                 .source = "opening",
                                 .source_id = openings.items[i].source_id };
    TRY(ledger_post_batch(c, posts, openings.count, posted));
    for (int64_t i = 0; i < openings.count; i++) {
        openings.items[i].is_new = posted[i].seq > 0;
        if (posted[i].seq == 0) continue;
        TRY(show(c, openings.items[i].member_id, posted[i].balance));
        TRY(announce(c, &posts[i], &posted[i], true));
    }
    return OK;
}

static Err show_books(Ctx *c, int64_t member_id) {
    LedgerAccount account;
    TRY(ledger_account_raw(c, member_id, &growth_kind, &account));
    return show(c, member_id, account.balance);
}

Err growth_merge(Ctx *c, const MergeInfo *m) { return show_books(c, m->into_id); }

Err growth_unmerge(Ctx *c, const MergeInfo *m) {
    TRY(show_books(c, m->from_id));
    return show_books(c, m->into_id);
}
