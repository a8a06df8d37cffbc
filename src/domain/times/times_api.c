#include "base/fen.h"
#include "domain/approval/approval.h"
#include "domain/times/times_store.h"
#include <assert.h>

/* ---- setting ---- */

static const Field setting_field[] = {
    FIELD(TimesSetting, warn_days, .max = 366, .about = "times.expiring so many days ahead; 0 = never"),
    FIELD(TimesSetting, approval_fen, .max = WALLET_AMOUNT_MAX_FEN,
          .about = "cards given by hand that are worth more need a second person; 0 = never"),
    FIELD(TimesSetting, undo_days, .max = 366, .about = "how long an undone use of an expired card can be used"),
};
static const Fields setting_fields = FIELDS(TimesSetting, setting_field);
static void setting_defaults(void *ret_value) {
    *(TimesSetting *)ret_value = (TimesSetting){ .warn_days = 14, .undo_days = 7, .approval_fen = 100000 };
}
const Setting times_setting = { "times", &setting_fields, setting_defaults, NULL };

/* ---- shapes ---- */

typedef struct UseAsk {
    TimesUseNew use;
    Str code, pin;
} UseAsk;
#define USE_FIELD(member_name, kind_name, ...)                                                                         \
    { .name = #member_name, .kind = kind_name, .offset = offsetof(UseAsk, use.member_name), __VA_ARGS__ }
static const Field use_ask_field[] = {
    USE_FIELD(shop_id, FIELD_ID, .need = true),
    USE_FIELD(use_no, FIELD_STR, .need = true, .max = TIMES_NO_MAX, .about = "the till's; unique per shop for ever"),
    USE_FIELD(member_id, FIELD_ID, .need = true),
    USE_FIELD(card_id, FIELD_ID, .about = "none = the card that fits and expires first"),
    USE_FIELD(item_id, FIELD_ID, .about = "the service"),
    USE_FIELD(count, FIELD_INT, .max = TIMES_USES_MAX, .about = "0 = one"),
    FIELD(UseAsk, code, .max = 40, .is_secret = true, .about = "the member's dynamic code"),
    FIELD(UseAsk, pin, .max = 12, .is_secret = true, .about = "or the PIN"),
};
static const Fields use_ask_fields = { .name = "TimesUseNew",
                                       .size = sizeof(UseAsk),
                                       .field = use_ask_field,
                                       .count = COUNT_OF(use_ask_field),
                                       .given_at = -1 };

typedef struct Ask {
    int64_t member_id, template_id, card_id, use_id, count, price_fen, shop_id, limit;
    Str reason, preset, cursor;
    bool frozen, with_retired, ask;
} Ask;
#define ASK(name_text, table)                                                                                          \
    { .name = name_text, .size = sizeof(Ask), .field = (table), .count = COUNT_OF(table), .given_at = -1 }
#define ASK_PAGE FIELD(Ask, cursor, .max = 400), FIELD(Ask, limit, .max = PAGE_MAX)
static const Field templates_ask_field[] = { FIELD(Ask, with_retired) };
static const Fields templates_ask_fields = ASK("TimesTemplatesAsk", templates_ask_field);
static const Field template_ref_field[] = { FIELD_ID(Ask, template_id, .need = true) };
static const Fields template_ref_fields = ASK("TimesTemplateRef", template_ref_field);
static const Field preset_field[] = { FIELD(Ask, preset, .need = true, .max = 20, .about = "ten"),
                                      FIELD(Ask, price_fen, .need = true, .min = 1, .max = WALLET_AMOUNT_MAX_FEN) };
static const Fields preset_fields = ASK("TimesPreset", preset_field);
static const Field grant_field[] = { FIELD_ID(Ask, member_id, .need = true),
                                     FIELD_ID(Ask, template_id, .need = true),
                                     FIELD(Ask, count, .max = 20),
                                     FIELD_ID(Ask, shop_id),
                                     FIELD(Ask, reason, .need = true, .max = 200),
                                     FIELD(Ask, ask, .about = "where a second person must say yes: ask for it") };
static const Fields grant_fields = ASK("TimesGrant", grant_field);
static const Field member_ask_field[] = { FIELD_ID(Ask, member_id, .need = true), ASK_PAGE };
static const Fields member_ask_fields = ASK("TimesCardsAsk", member_ask_field);
static const Field my_ask_field[] = { ASK_PAGE };
static const Fields my_ask_fields = ASK("MyTimesCardsAsk", my_ask_field);
static const Field card_ref_field[] = { FIELD_ID(Ask, card_id, .need = true) };
static const Fields card_ref_fields = ASK("TimesCardRef", card_ref_field);
static const Field card_uses_field[] = { FIELD_ID(Ask, card_id, .need = true), ASK_PAGE };
static const Fields card_uses_fields = ASK("TimesUsesAsk", card_uses_field);
static const Field freeze_field[] = { FIELD_ID(Ask, card_id, .need = true), FIELD(Ask, frozen),
                                      FIELD(Ask, reason, .need = true, .max = 200) };
static const Fields freeze_fields = ASK("TimesFreeze", freeze_field);
static const Field undo_field[] = { FIELD_ID(Ask, use_id, .need = true), FIELD(Ask, reason, .need = true, .max = 200) };
static const Fields undo_fields = ASK("TimesUndo", undo_field);

#define PAGE_OF(name, list_type, of)                                                                                   \
    typedef struct name {                                                                                              \
        list_type items;                                                                                               \
        Str next_cursor;                                                                                               \
    } name;                                                                                                            \
    static const Field name##_field[] = { FIELD_LIST(name, items, of), FIELD(name, next_cursor) };                     \
    static const Fields name##_fields = FIELDS(name, name##_field)
PAGE_OF(TimesTemplatePage, TimesTemplates, times_template_fields);
PAGE_OF(TimesCardPage, TimesCards, times_card_fields);
PAGE_OF(TimesUsePage, TimesUses, times_use_fields);
PAGE_OF(TimesReportPage, TimesLines, times_line_fields);

typedef struct GrantAnswer {
    TimesCards items;
    int64_t approval_id;
} GrantAnswer;
static const Field grant_answer_field[] = {
    FIELD_LIST(GrantAnswer, items, times_card_fields),
    FIELD_ID(GrantAnswer, approval_id, .skip_zero = true, .about = "nothing given yet: waits for a second person"),
};
static const Fields grant_answer_fields = { .name = "TimesGrantAnswer",
                                            .size = sizeof(GrantAnswer),
                                            .field = grant_answer_field,
                                            .count = COUNT_OF(grant_answer_field),
                                            .given_at = -1 };

static const Field times_refund_field[] = {
    FIELD_ID(TimesRefund, card_id),
    FIELD(TimesRefund, uses, .about = "that would go"),
    FIELD(TimesRefund, amount_fen),
    FIELD_LIST(TimesRefund, steps, step_fields, .max = STEPS_MAX),
};
static const Fields times_refund_fields = FIELDS(TimesRefund, times_refund_field);

/* ---- templates ---- */

static Err post_template(Ctx *c, const void *body, void *ret) { return times_add_template(c, body, ret); }

/* 次卡 10 次: any service, a year from the first use, pro rata. */
static Err post_preset(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    if (!str_is(in->preset, "ten"))
        return fail(c, E_NOT_FOUND, "times.preset_unknown", "没有这套预设", "no such preset");
    TimesTemplate ten = { .name = S("10 次卡"),
                          .uses = 10,
                          .price_fen = in->price_fen,
                          .valid_from = TIMES_FROM_FIRST_USE,
                          .valid_days = 365,
                          .low_uses = 2 };
    return times_add_template(c, &ten, ret);
}

static Err get_templates(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    TimesTemplatePage *out = ret;
    return times_template_list(c, in->with_retired, &out->items);
}

static Err get_my_templates(Ctx *c, const void *body, void *ret) {
    (void)body;
    TimesTemplatePage *out = ret;
    TRY(times_template_list(c, false, &out->items));
    int64_t kept = 0;
    for (int64_t i = 0; i < out->items.count; i++)
        if (out->items.items[i].price_fen > 0) out->items.items[kept++] = out->items.items[i];
    out->items.count = kept;
    return OK;
}

static Err post_retire(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    bool done = false;
    (void)ret;
    TRY(times_template_retire(c, in->template_id, &done));
    if (!done) return fail(c, E_NOT_FOUND, "times.template_unknown", "没有这种次卡", "no such kind of times card");
    return audit(
        c,
        &(AuditNote){ .action = "times.template_retire", .subject = "times_template", .subject_id = in->template_id });
}

/* ---- cards ---- */

/* Worth what the card costs; one that is not sold, what its uses cost one by one. */
static Err need_approval(Ctx *c, const Ask *in) {
    TimesSetting setting;
    TimesTemplate t;
    TRY(setting_get(c, &times_setting, &setting));
    TRY(times_template_read(c, in->template_id, &t));
    int64_t worth_fen = (t.price_fen > 0 ? t.price_fen : t.uses * t.single_price_fen) * (in->count > 0 ? in->count : 1);
    if (setting.approval_fen == 0 || worth_fen <= setting.approval_fen) return OK;
    fail_number(c, "worth_fen", worth_fen);
    fail_number(c, "limit_fen", setting.approval_fen);
    return fail(c, E_CONFLICT, "times.needs_approval", "人工送卡超过 %s 元要第二个人审批",
                "cards worth more than %s need a second person", fen_text(c->arena, setting.approval_fen).at);
}

static Err grant(Ctx *c, const Ask *in, TimesCards *ret_cards) {
    TimesIssue issue = { .member_id = in->member_id,
                         .template_id = in->template_id,
                         .count = in->count,
                         .source = "grant",
                         .source_id = id_new(c),
                         .shop_id = in->shop_id };
    TRY(times_issue(c, &issue, ret_cards));
    return audit(c, &(AuditNote){ .action = "times.grant",
                                  .subject = "member",
                                  .subject_id = in->member_id,
                                  .reason = in->reason,
                                  .fields = &grant_fields,
                                  .after = in });
}

static Err grant_approved(Ctx *c, const Approval *a) {
    Ask in = { 0 };
    TimesCards given = { 0 };
    bool is_read = json_read(c->arena, a->content, &grant_fields, &in);
    assert(is_read);
    TRY(member_living(c, in.member_id, &in.member_id));
    return grant(c, &in, &given);
}
static const ApprovalKind grant_kind = {
    "times.grant", "times.approve", "人工送次卡", "give times cards by hand", grant_approved, NULL,
};

static Err post_grant(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    GrantAnswer *out = ret;
    Buf content = { .arena = c->arena };
    if (in->shop_id != 0) TRY(auth_need_shop(c, in->shop_id));
    Err err = need_approval(c, in);
    if (err == OK) return grant(c, in, &out->items);
    json_print(&content, &grant_fields, in);
    return approval_or_ask(c, err, "times.needs_approval", in->ask,
                           &(ApprovalAsk){ .kind = &grant_kind,
                                           .subject_id = in->member_id,
                                           .amount = in->count > 0 ? in->count : 1,
                                           .shop_id = in->shop_id,
                                           .reason = in->reason,
                                           .content = buf_str(&content) },
                           &out->approval_id);
}

static Err cards(Ctx *c, int64_t member_id, const Ask *in, TimesCardPage *out) {
    int64_t before = 0, unused = 0, limit = in->limit > 0 ? in->limit : PAGE_DEFAULT;
    TRY(page_open(c, in->cursor, &before, &unused));
    TRY(times_card_page(c, member_id, before == 0 ? INT64_MAX : before, limit, &out->items));
    TRY(times_fill_left(c, out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].card_id, 0);
    return OK;
}

static Err get_cards(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    MemberCard card;
    TRY(member_card(c, in->member_id, &card));
    return cards(c, in->member_id, in, ret);
}

static Err get_my_cards(Ctx *c, const void *body, void *ret) { return cards(c, auth_member(c), body, ret); }

static Err get_uses(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    TimesUsePage *out = ret;
    TimesCard card;
    int64_t before = 0, unused = 0, limit = in->limit > 0 ? in->limit : PAGE_DEFAULT;
    TRY(times_card_read(c, in->card_id, &card));
    if (c->auth != NULL && c->auth->who == WHO_MEMBER && card.member_id != auth_member(c))
        return fail(c, E_NOT_FOUND, "times.card_unknown", "没有这张次卡", "no such times card");
    TRY(page_open(c, in->cursor, &before, &unused));
    TRY(times_use_page(c, in->card_id, before == 0 ? INT64_MAX : before, limit, &out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].use_id, 0);
    return OK;
}

static Err post_freeze(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    return times_freeze(c, in->card_id, in->frozen, in->reason, ret);
}

static Err get_refund_quote(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    return times_refund_quote(c, in->card_id, ret);
}

/* ---- uses ---- */

/* A till that repeats itself hears of what it did, also when the code has run out meanwhile. */
static Err prepare_use(Ctx *c, const void *body) {
    const UseAsk *in = body;
    const WalletProven *proven = NULL;
    TimesUse known;
    bool found = false;
    TRY(auth_need_shop(c, in->use.shop_id));
    TRY(times_use_by_no(c, in->use.shop_id, in->use.use_no, &known, &found));
    if (!found) TRY(wallet_prove(c, in->use.member_id, &(WalletProof){ in->code, in->pin }, &proven));
    c->plan = (void *)(uintptr_t)proven;
    return OK;
}

static Err post_use(Ctx *c, const void *body, void *ret) {
    TimesUseNew use = ((const UseAsk *)body)->use;
    if (use.count == 0) use.count = 1;
    TRY(shop_need_open(c, use.shop_id, 0));
    return times_use(c, &use, c->plan, ret);
}

static Err post_undo(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    return times_undo(c, in->use_id, in->reason, ret);
}

static Err get_report(Ctx *c, const void *body, void *ret) {
    (void)body;
    TimesReportPage *out = ret;
    return times_report(c, &out->items);
}

/* ---- members' data ---- */

static Err merge(Ctx *c, const MergeInfo *m) {
    int64_t moved = 0;
    TRY(times_move(c, m, &moved));
    merge_note(m, "times", "cards", moved);
    return OK;
}

static Err unmerge(Ctx *c, const MergeInfo *m) {
    int64_t moved = 0;
    TRY(times_move_back(c, m, &moved));
    merge_note(m, "times", "cards", moved);
    return OK;
}

static Err export_member(Ctx *c, int64_t member_id, Buf *json) {
    TimesCards list = { 0 };
    TRY(times_card_page(c, member_id, INT64_MAX, LIST_MAX, &list));
    TRY(times_fill_left(c, list));
    buf_cstr(json, "\"times_cards\":");
    json_print_list(json, &times_card_fields, (ListAny){ list.items, list.count });
    return OK;
}

enum { TILL = WHO_STAFF | WHO_POS | WHO_PARTNER };
static const Route routes[] = {
    { "GET", "/v1/times/templates", "Kinds of times cards", TILL, "times.read", &templates_ask_fields,
      &TimesTemplatePage_fields, NULL, get_templates, ROUTE_LIST },
    { "POST", "/v1/times/templates", "Offer a times card: n uses of listed services", WHO_STAFF, "times.template",
      &times_template_fields, &times_template_fields, NULL, post_template, ROUTE_ONCE | ROUTE_CREATED },
    { "POST", "/v1/times/templates/presets", "Offer a ready one at your price: ten uses", WHO_STAFF, "times.template",
      &preset_fields, &times_template_fields, NULL, post_preset, ROUTE_ONCE | ROUTE_CREATED },
    { "POST", "/v1/times/templates/{template_id}/retire", "Take a times card off sale; sold ones keep their terms",
      WHO_STAFF, "times.template", &template_ref_fields, NULL, NULL, post_retire, 0 },
    { "GET", "/v1/me/times/templates", "Times cards on sale", WHO_MEMBER, NULL, NULL, &TimesTemplatePage_fields, NULL,
      get_my_templates, ROUTE_LIST },
    { "POST", "/v1/times/cards", "Give a member a times card, with a reason", WHO_STAFF, "times.grant", &grant_fields,
      &grant_answer_fields, NULL, post_grant, ROUTE_ONCE | ROUTE_CREATED },
    { "GET", "/v1/members/{member_id}/times", "A member's times cards, newest first", TILL, "times.read",
      &member_ask_fields, &TimesCardPage_fields, NULL, get_cards, ROUTE_LIST },
    { "GET", "/v1/me/times", "My times cards", WHO_MEMBER, NULL, &my_ask_fields, &TimesCardPage_fields, NULL,
      get_my_cards, ROUTE_LIST },
    { "GET", "/v1/times/cards/{card_id}/uses", "What a card was used for, newest first", TILL, "times.read",
      &card_uses_fields, &TimesUsePage_fields, NULL, get_uses, ROUTE_LIST },
    { "GET", "/v1/me/times/{card_id}/uses", "What my card was used for", WHO_MEMBER, NULL, &card_uses_fields,
      &TimesUsePage_fields, NULL, get_uses, ROUTE_LIST },
    { "POST", "/v1/times/cards/{card_id}/freeze", "Freeze or unfreeze a card", WHO_STAFF, "times.freeze",
      &freeze_fields, &times_card_fields, NULL, post_freeze, 0 },
    { "GET", "/v1/times/cards/{card_id}/refund-quote", "What a card would pay back, step by step", TILL, "times.read",
      &card_ref_fields, &times_refund_fields, NULL, get_refund_quote, 0 },
    { "POST", "/v1/times/uses", "Use a card, with the member's code or PIN", TILL, "times.use", &use_ask_fields,
      &times_use_fields, prepare_use, post_use, ROUTE_ONCE | ROUTE_CREATED | ROUTE_SLOW },
    { "POST", "/v1/times/uses/{use_id}/undo", "Undo a use, with a reason", WHO_STAFF, "times.undo", &undo_fields,
      &times_use_fields, NULL, post_undo, ROUTE_ONCE },
    { "GET", "/v1/times/report", "What times cards were sold, are owed and lapsed", WHO_STAFF, "times.report", NULL,
      &TimesReportPage_fields, NULL, get_report, ROUTE_LIST },
};

static const Job jobs[] = {
    { .name = "times.expire", .every_ms = (int64_t)30 * MINUTE_MS, .run = times_job_expire },
    { .name = "times.warn", .at_minute = 9 * 60, .run = times_job_warn },
};
static const Setting *const settings[] = { &times_setting };
static const ApprovalKind *const approvals[] = { &grant_kind, NULL };
static const char *const also_may[] = { "times.approve", NULL };

const Slice times_slice = {
    .name = "times",
    .routes = routes,
    .route_count = COUNT_OF(routes),
    .jobs = jobs,
    .job_count = COUNT_OF(jobs),
    .also_may = also_may,
    .approvals = approvals,
    .settings = settings,
    .setting_count = COUNT_OF(settings),
    .holds = times_holds,
    .hold_count = TIMES_HOLDS,
    .merge = merge,
    .unmerge = unmerge,
    .erase = times_use_blank,
    .export_member = export_member,
};
