/* benefit - who may use what: terms of the member's tags and grants, each with what is left of it. */
#include "app/merchant.h"
#include "domain/benefit/benefit_store.h"
#include "event/benefit.h"
#include <assert.h>

Err benefit_read(Ctx *c, int64_t benefit_id, Benefit *ret_benefit) {
    bool found = false;
    TRY(benefit_find(c, benefit_id, (Str){ 0 }, ret_benefit, &found));
    return found ? OK : fail(c, E_NOT_FOUND, "benefit.unknown", "没有这项权益", "no such benefit");
}

Err benefit_add(Ctx *c, const Benefit *in, Benefit *ret_benefit) {
    bool is_new = false;
    *ret_benefit = *in;
    ret_benefit->benefit_id = id_new(c);
    ret_benefit->created_at = c->now;
    TRY(benefit_insert(c, ret_benefit, &is_new));
    if (!is_new) return fail(c, E_CONFLICT, "benefit.key_taken", "代号已被占用", "the key is taken");
    return audit(c, &(AuditNote){ .action = "benefit.add",
                                  .subject = "benefit",
                                  .subject_id = ret_benefit->benefit_id,
                                  .fields = &benefit_fields,
                                  .after = ret_benefit });
}

Err benefit_term_put(Ctx *c, const BenefitTerm *in, BenefitTerm *ret_term) {
    BenefitTerm term = *in;
    Benefit benefit;
    Tag tag = { 0 };
    TRY(benefit_read(c, term.benefit_id, &benefit));
    if (benefit.is_retired) return fail(c, E_CONFLICT, "benefit.retired", "这项权益已停用", "this benefit is retired");
    TRY(tag_need(c, term.tag_id, &tag));
    term.term_id = id_new(c);
    term.created_at = c->now;
    TRY(benefit_term_upsert(c, &term, ret_term));
    return audit(c, &(AuditNote){ .action = "benefit.term",
                                  .subject = "benefit",
                                  .subject_id = term.benefit_id,
                                  .fields = &benefit_term_fields,
                                  .after = ret_term });
}

/* ---- periods ---- */

typedef struct Span {
    int64_t starts_at, ends_at; /* ends_at: last millisecond; 0 = never by itself */
} Span;

/* Pure. `since_at`: when the tag came. */
static Span span_of(const Zone *zone, int64_t now, BenefitPeriod period, int64_t since_at) {
    int64_t today = day_at(zone, now), first = today, next = today;
    switch (period) {
    case BENEFIT_DAY:
        next = day_add(today, 1);
        break;
    case BENEFIT_WEEK:
        first = day_add(today, 1 - day_weekday(today));
        next = day_add(first, 7);
        break;
    case BENEFIT_MONTH:
        first = day_month_start(today);
        next = day_add_months(first, 1);
        break;
    case BENEFIT_YEAR:
        first = day_of(day_year(today), 1, 1);
        next = day_of(day_year(today) + 1, 1, 1);
        break;
    case BENEFIT_MEMBERSHIP:
        return (Span){ since_at, 0 };
    case BENEFIT_ONCE:
        return (Span){ 0, 0 };
    }
    return (Span){ day_start(zone, first), day_start(zone, next) - 1 };
}

/* ---- what a member may use ---- */

static bool is_term(const Allowance *a) { return str_is(a->source, benefit_term_source); }

/* The term's own row if there is one; what came with a merge counts as used. */
static Allowance of_term(const BenefitTerm *t, Span span, const Allowances *rows) {
    Allowance right = { .benefit_id = t->benefit_id,
                        .source = str_of(benefit_term_source),
                        .source_id = t->term_id,
                        .starts_at = span.starts_at,
                        .ends_at = span.ends_at,
                        .quota = t->quota > 0 ? t->quota : BENEFIT_NO_LIMIT };
    for (int64_t i = 0; i < rows->count; i++) {
        const Allowance *row = &rows->items[i];
        if (!is_term(row) || row->source_id != t->term_id || row->starts_at != span.starts_at) continue;
        if (row->is_own) {
            right.allowance_id = row->allowance_id;
            right.used = row->used;
        } else {
            right.quota = right.quota > row->used ? right.quota - row->used : 0;
        }
    }
    return right;
}

/* What lapses first is used first; what has no limit before everything. */
static bool is_before(const Allowance *a, const Allowance *b) {
    bool a_free = a->quota == BENEFIT_NO_LIMIT, b_free = b->quota == BENEFIT_NO_LIMIT;
    if (a_free != b_free) return a_free;
    if ((a->ends_at == 0) != (b->ends_at == 0)) return b->ends_at == 0;
    return a->ends_at < b->ends_at;
}

static Err rights_of(Ctx *c, int64_t member_id, int64_t benefit_id, Allowances *ret_rights) {
    Merchant merchant;
    BenefitTerms terms = { 0 };
    MemberTags tags = { 0 };
    Allowances rows = { 0 };
    TRY(merchant_get(c, &merchant));
    const Zone *zone = app_zone(c, merchant.zone);
    TRY(benefit_term_list(c, benefit_id, &terms));
    TRY(member_tags(c, member_id, &tags));
    TRY(benefit_allowance_list(c, member_id, benefit_id, &rows));
    Allowances rights = { NEW_LIST(c->arena, Allowance, terms.count + rows.count + 1), 0 };
    for (int64_t i = 0; i < terms.count; i++)
        for (int64_t k = 0; k < tags.count; k++) {
            if (tags.items[k].tag_id != terms.items[i].tag_id) continue;
            Span span = span_of(zone, c->now, terms.items[i].period, tags.items[k].created_at);
            rights.items[rights.count++] = of_term(&terms.items[i], span, &rows);
        }
    for (int64_t i = 0; i < rows.count; i++)
        if (!is_term(&rows.items[i])) rights.items[rights.count++] = rows.items[i];
    for (int64_t i = 1; i < rights.count; i++)
        for (int64_t k = i; k > 0 && is_before(&rights.items[k], &rights.items[k - 1]); k--) {
            Allowance swap = rights.items[k];
            rights.items[k] = rights.items[k - 1];
            rights.items[k - 1] = swap;
        }
    *ret_rights = rights;
    return OK;
}

static int64_t left_of(const Allowance *a) { return a->used < a->quota ? a->quota - a->used : 0; }

static void add_right(BenefitView *view, const Allowance *a) {
    int64_t renews_at = is_term(a) && a->ends_at > 0 ? a->ends_at + 1 : 0;
    if (renews_at > 0 && (view->renews_at == 0 || renews_at < view->renews_at)) view->renews_at = renews_at;
    if (!is_term(a) && a->ends_at > 0 && left_of(a) > 0 && (view->ends_at == 0 || a->ends_at < view->ends_at))
        view->ends_at = a->ends_at;
    if (a->quota == BENEFIT_NO_LIMIT) {
        view->is_unlimited = true;
        return;
    }
    view->quota += a->quota;
    view->used += a->used < a->quota ? a->used : a->quota;
    view->left += left_of(a);
}

static BenefitView view_of(const Benefit *b, const Allowances *rights, int64_t *ret_count) {
    BenefitView view = {
        .benefit_id = b->benefit_id, .key = b->key, .name = b->name, .kind = b->kind, .unit = b->unit, .about = b->about
    };
    *ret_count = 0;
    for (int64_t i = 0; i < rights->count; i++) {
        if (rights->items[i].benefit_id != b->benefit_id) continue;
        add_right(&view, &rights->items[i]);
        ++*ret_count;
    }
    return view;
}

Err benefit_list_of(Ctx *c, int64_t member_id, BenefitViews *ret_list) {
    Allowances rights = { 0 };
    Benefits all = { 0 };
    TRY(benefit_list(c, true, &all));
    TRY(rights_of(c, member_id, 0, &rights));
    ret_list->items = NEW_LIST(c->arena, BenefitView, all.count + 1);
    ret_list->count = 0;
    for (int64_t i = 0; i < all.count; i++) {
        int64_t count = 0;
        BenefitView view = view_of(&all.items[i], &rights, &count);
        if (count > 0) ret_list->items[ret_list->count++] = view;
    }
    return OK;
}

/* ---- in words ---- */

static Str term_words(Ctx *c, const Benefit *b, const BenefitTerm *t) {
    static const char *const zh[] = { "每天", "每周", "每月", "每年", "每期", "共" };
    static const char *const en[] = { "a day", "a week", "a month", "a year", "a period", "in all" };
    if (t->quota == 0) return b->name;
    if (c->lang == LANG_ZH)
        return arena_print(c->arena, "%.*s：%s %lld %.*s", (int)b->name.len, b->name.at, zh[t->period],
                           (long long)t->quota, (int)b->unit.len, b->unit.at);
    return arena_print(c->arena, "%.*s: %lld %.*s %s", (int)b->name.len, b->name.at, (long long)t->quota,
                       (int)b->unit.len, b->unit.at, en[t->period]);
}

Err benefit_words(Ctx *c, BenefitWords *ret_list) {
    Benefits all = { 0 };
    BenefitTerms terms = { 0 };
    ret_list->count = 0;
    TRY(benefit_term_list(c, 0, &terms));
    if (terms.count == 0) return OK;
    TRY(benefit_list(c, false, &all));
    ret_list->items = NEW_LIST(c->arena, BenefitWord, terms.count);
    for (int64_t i = 0; i < terms.count; i++)
        for (int64_t k = 0; k < all.count; k++)
            if (all.items[k].benefit_id == terms.items[i].benefit_id)
                ret_list->items[ret_list->count++] =
                    (BenefitWord){ terms.items[i].tag_id, term_words(c, &all.items[k], &terms.items[i]) };
    return OK;
}

/* ---- giving ---- */

/* The member's card is the lock of everything he may use, and knows whether he was merged meanwhile. */
static Err lock(Ctx *c, int64_t member_id) { return member_summary_put(c, member_id, &(MemberSummary){ 0 }); }

Err benefit_grant(Ctx *c, const BenefitGrant *g, bool *ret_duplicate) {
    Benefit benefit;
    bool is_new = false;
    assert(g->source != NULL && !str_is(str_of(g->source), benefit_term_source));
    assert(g->count > 0 && g->count <= BENEFIT_COUNT_MAX);
    TRY(benefit_read(c, g->benefit_id, &benefit));
    TRY(lock(c, g->member_id));
    TRY(benefit_allowance_grant(c, g->member_id,
                                &(Allowance){ .allowance_id = id_new(c),
                                              .benefit_id = g->benefit_id,
                                              .source = str_of(g->source),
                                              .source_id = g->source_id,
                                              .ends_at = g->ends_at,
                                              .quota = g->count },
                                &is_new));
    *ret_duplicate = !is_new;
    return OK;
}

Err benefit_revoke(Ctx *c, int64_t member_id, const char *source, int64_t source_id, int64_t *ret_count) {
    TRY(lock(c, member_id));
    return benefit_allowance_close(c, member_id, str_of(source), source_id, ret_count);
}

/* ---- using ---- */

static Err fill_left(Ctx *c, BenefitUse *use) {
    Allowances rights = { 0 };
    Benefit benefit = { .benefit_id = use->benefit_id };
    int64_t count = 0;
    TRY(rights_of(c, use->member_id, use->benefit_id, &rights));
    BenefitView view = view_of(&benefit, &rights, &count);
    use->left = view.is_unlimited ? -1 : view.left;
    use->renews_at = view.renews_at;
    return OK;
}

static Err answer_twin(Ctx *c, const BenefitTake *in, BenefitUse *ret_use) {
    bool found = false;
    int64_t living_id = 0;
    TRY(benefit_use_by_no(c, in->shop_id, in->use_no, ret_use, &found));
    assert(found);
    TRY(member_living(c, in->member_id, &living_id));
    if (ret_use->member_id != living_id || ret_use->benefit_id != in->benefit_id || ret_use->count != in->count) {
        fail_number(c, "use_id", ret_use->use_id);
        return fail(c, E_CONFLICT, "benefit.number_used", "单号 %.*s 已被另一笔内容不同的业务使用",
                    "number %.*s belongs to something of other content", (int)in->use_no.len, in->use_no.at);
    }
    ret_use->duplicate = true;
    return fill_left(c, ret_use);
}

static Err refuse_short(Ctx *c, const BenefitView *view, int64_t count) {
    fail_number(c, "left", view->left);
    fail_number(c, "count", count);
    if (view->renews_at > 0) fail_number(c, "renews_at", view->renews_at);
    return fail(c, E_CONFLICT, "benefit.short", "“%.*s”只剩 %lld %.*s", "of \"%.*s\" %lld %.*s are left",
                (int)view->name.len, view->name.at, (long long)view->left, (int)view->unit.len, view->unit.at);
}

static Err use_up(Ctx *c, int64_t member_id, const Allowance *a, int64_t count, int64_t use_id,
                  const BenefitView *view) {
    int64_t id = a->allowance_id;
    bool done = false;
    if (is_term(a)) {
        TRY(benefit_allowance_use_term(c, member_id, a, count, &id));
        done = id != 0;
    } else {
        TRY(benefit_allowance_use(c, id, count, &done));
    }
    if (!done) return refuse_short(c, view, count);
    return benefit_part_insert(c, use_id, &(Part){ id, count });
}

static Err tell(Ctx *c, const BenefitUse *use, int64_t count) {
    return emit(c, &benefit_used, use->member_id,
                &(BenefitFact){ .member_id = use->member_id,
                                .benefit_id = use->benefit_id,
                                .use_id = use->use_id,
                                .shop_id = use->shop_id,
                                .count = count,
                                .left = use->left });
}

Err benefit_take(Ctx *c, const BenefitTake *in, BenefitUse *ret_use) {
    Benefit benefit;
    BenefitUse known;
    Allowances rights = { 0 };
    bool is_known = false, is_new = false;
    int64_t count = 0, wanted = in->count;
    assert(in->count > 0);
    TRY(benefit_use_by_no(c, in->shop_id, in->use_no, &known, &is_known));
    if (is_known) return answer_twin(c, in, ret_use);
    TRY(benefit_read(c, in->benefit_id, &benefit));
    TRY(member_need_right(c, in->member_id, 0));
    TRY(lock(c, in->member_id));
    TRY(rights_of(c, in->member_id, in->benefit_id, &rights));
    BenefitView view = view_of(&benefit, &rights, &count);
    if (count == 0)
        return fail(c, E_CONFLICT, "benefit.none", "会员没有“%.*s”这项权益", "the member has no benefit \"%.*s\"",
                    (int)benefit.name.len, benefit.name.at);
    if (!view.is_unlimited && view.left < in->count) return refuse_short(c, &view, in->count);
    *ret_use = (BenefitUse){ .use_id = id_new(c),
                             .shop_id = in->shop_id,
                             .use_no = in->use_no,
                             .benefit_id = in->benefit_id,
                             .name = benefit.name,
                             .unit = benefit.unit,
                             .member_id = in->member_id,
                             .count = in->count,
                             .at = c->now };
    TRY(benefit_use_insert(c, ret_use, &is_new));
    if (!is_new) return answer_twin(c, in, ret_use);
    for (int64_t i = 0; i < rights.count && wanted > 0; i++) {
        int64_t left = left_of(&rights.items[i]), part = left < wanted ? left : wanted;
        if (part == 0) continue;
        TRY(use_up(c, in->member_id, &rights.items[i], part, ret_use->use_id, &view));
        wanted -= part;
    }
    assert(wanted == 0);
    ret_use->left = view.is_unlimited ? -1 : view.left - in->count;
    ret_use->renews_at = view.renews_at;
    return tell(c, ret_use, in->count);
}

static Err use_need(Ctx *c, int64_t use_id, BenefitUse *ret_use) {
    bool found = false;
    TRY(benefit_use_find(c, use_id, ret_use, &found));
    return found ? OK : fail(c, E_NOT_FOUND, "benefit.use_unknown", "没有这笔权益使用", "no such use of a benefit");
}

Err benefit_undo(Ctx *c, int64_t use_id, Str reason, BenefitUse *ret_use) {
    Parts parts = { 0 };
    bool done = false;
    TRY(use_need(c, use_id, ret_use));
    TRY(auth_need_shop(c, ret_use->shop_id));
    TRY(lock(c, ret_use->member_id));
    TRY(benefit_use_undo(c, use_id, reason, &done));
    ret_use->duplicate = !done;
    if (!done) return fill_left(c, ret_use);
    TRY(benefit_part_list(c, use_id, &parts));
    for (int64_t i = 0; i < parts.count; i++) {
        TRY(benefit_allowance_use(c, parts.items[i].allowance_id, -parts.items[i].count, &done));
        assert(done);
    }
    ret_use->undone_at = c->now;
    TRY(fill_left(c, ret_use));
    TRY(tell(c, ret_use, -ret_use->count));
    return audit(
        c, &(AuditNote){ .action = "benefit.undo", .subject = "benefit_use", .subject_id = use_id, .reason = reason });
}
