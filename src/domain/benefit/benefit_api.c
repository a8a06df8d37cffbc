#include "domain/benefit/benefit_store.h"

static const Field view_field[] = {
    FIELD_ID(BenefitView, benefit_id),
    FIELD(BenefitView, key),
    FIELD(BenefitView, name),
    FIELD_ENUM(BenefitView, kind, benefit_kind_names),
    FIELD(BenefitView, unit),
    FIELD(BenefitView, about),
    FIELD(BenefitView, is_unlimited),
    FIELD(BenefitView, quota, .about = "of the periods that run now, and of gifts"),
    FIELD(BenefitView, used),
    FIELD(BenefitView, left),
    FIELD(BenefitView, renews_at, .about = "when the next period begins; 0 = not by itself"),
    FIELD(BenefitView, ends_at, .about = "until when the first of the gifts must be used; 0 = none ends"),
};
const Fields benefit_view_fields = FIELDS(BenefitView, view_field);

typedef struct Ask {
    int64_t member_id, benefit_id, term_id, tag_id, use_id, shop_id, count, ends_at, limit;
    Str key, preset, reason, use_no, cursor;
    bool with_retired;
} Ask;
#define ASK(name_text, table)                                                                                          \
    { .name = name_text, .size = sizeof(Ask), .field = (table), .count = COUNT_OF(table), .given_at = -1 }
#define ASK_PAGE FIELD(Ask, cursor, .max = 400), FIELD(Ask, limit, .max = PAGE_MAX)
static const Field list_ask_field[] = { FIELD(Ask, with_retired) };
static const Fields list_ask_fields = ASK("BenefitsAsk", list_ask_field);
static const Field ref_field[] = { FIELD_ID(Ask, benefit_id, .need = true) };
static const Fields ref_fields = ASK("BenefitRef", ref_field);
static const Field terms_ask_field[] = { FIELD_ID(Ask, benefit_id) };
static const Fields terms_ask_fields = ASK("BenefitTermsAsk", terms_ask_field);
static const Field term_ref_field[] = { FIELD_ID(Ask, term_id, .need = true) };
static const Fields term_ref_fields = ASK("BenefitTermRef", term_ref_field);
static const Field preset_field[] = { FIELD(Ask, preset, .need = true, .max = 20, .about = "parking"),
                                      FIELD_ID(Ask, tag_id, .need = true) };
static const Fields preset_fields = ASK("BenefitPreset", preset_field);
static const Field grant_field[] = { FIELD_ID(Ask, member_id, .need = true), FIELD_ID(Ask, benefit_id, .need = true),
                                     FIELD(Ask, count, .need = true, .min = 1, .max = BENEFIT_COUNT_MAX),
                                     FIELD(Ask, ends_at, .about = "unix ms; 0 = until used"),
                                     FIELD(Ask, reason, .need = true, .max = 200) };
static const Fields grant_fields = ASK("BenefitGrantNew", grant_field);
static const Field member_ask_field[] = { FIELD_ID(Ask, member_id, .need = true) };
static const Fields member_ask_fields = ASK("BenefitMemberAsk", member_ask_field);
static const Field uses_ask_field[] = { FIELD_ID(Ask, member_id), ASK_PAGE };
static const Fields uses_ask_fields = ASK("BenefitUsesAsk", uses_ask_field);
static const Field my_uses_field[] = { ASK_PAGE };
static const Fields my_uses_fields = ASK("MyBenefitUsesAsk", my_uses_field);
static const Field take_field[] = {
    FIELD_ID(Ask, shop_id, .need = true),
    FIELD(Ask, use_no, .need = true, .max = BENEFIT_NO_MAX, .about = "the till's or gate's; unique per shop for ever"),
    FIELD_ID(Ask, member_id, .need = true),
    FIELD_ID(Ask, benefit_id),
    FIELD(Ask, key, .max = 40, .about = "or by its key"),
    FIELD(Ask, count, .max = BENEFIT_COUNT_MAX, .about = "0 = one"),
};
static const Fields take_fields = ASK("BenefitUseNew", take_field);
static const Field undo_field[] = { FIELD_ID(Ask, use_id, .need = true), FIELD(Ask, reason, .need = true, .max = 200) };
static const Fields undo_fields = ASK("BenefitUndo", undo_field);

#define PAGE_OF(name, list_type, of)                                                                                   \
    typedef struct name {                                                                                              \
        list_type items;                                                                                               \
        Str next_cursor;                                                                                               \
    } name;                                                                                                            \
    static const Field name##_field[] = { FIELD_LIST(name, items, of), FIELD(name, next_cursor) };                     \
    static const Fields name##_fields = FIELDS(name, name##_field)
PAGE_OF(BenefitPage, Benefits, benefit_fields);
PAGE_OF(BenefitTermPage, BenefitTerms, benefit_term_fields);
PAGE_OF(BenefitViewPage, BenefitViews, benefit_view_fields);
PAGE_OF(BenefitUsePage, BenefitUses, benefit_use_fields);

/* ---- definitions and terms ---- */

static Err post_benefit(Ctx *c, const void *body, void *ret) { return benefit_add(c, body, ret); }

static Err get_benefits(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    BenefitPage *out = ret;
    return benefit_list(c, in->with_retired, &out->items);
}

static Err post_retire(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    Benefit benefit;
    bool done = false;
    (void)ret;
    TRY(benefit_read(c, in->benefit_id, &benefit));
    TRY(benefit_retire(c, in->benefit_id, &done));
    return audit(c, &(AuditNote){ .action = "benefit.retire", .subject = "benefit", .subject_id = in->benefit_id });
}

static Err post_term(Ctx *c, const void *body, void *ret) { return benefit_term_put(c, body, ret); }

static Err get_terms(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    BenefitTermPage *out = ret;
    return benefit_term_list(c, in->benefit_id, &out->items);
}

static Err post_term_end(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    bool done = false;
    (void)ret;
    TRY(benefit_term_end(c, in->term_id, &done));
    if (!done) return fail(c, E_NOT_FOUND, "benefit.term_unknown", "没有这条权益规则", "no such term of a benefit");
    return audit(c, &(AuditNote){ .action = "benefit.term_end", .subject = "benefit_term", .subject_id = in->term_id });
}

/* Free parking, two hours a month. */
static Err post_preset(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    Benefit parking = { 0 };
    bool found = false;
    if (!str_is(in->preset, "parking"))
        return fail(c, E_NOT_FOUND, "benefit.preset_unknown", "没有这套预设", "no such preset");
    TRY(benefit_find(c, 0, S("parking"), &parking, &found));
    if (!found)
        TRY(benefit_add(c,
                        &(Benefit){ .key = S("parking"),
                                    .name = S("免费停车"),
                                    .kind = BENEFIT_PARKING,
                                    .unit = S("小时"),
                                    .about = S("每月免费停车 2 小时") },
                        &parking));
    return benefit_term_put(
        c,
        &(BenefitTerm){ .benefit_id = parking.benefit_id, .tag_id = in->tag_id, .quota = 2, .period = BENEFIT_MONTH },
        ret);
}

/* ---- members ---- */

static Err post_grant(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    BenefitViewPage *out = ret;
    bool is_duplicate = false;
    TRY(member_need_right(c, in->member_id, 0));
    TRY(benefit_grant(c,
                      &(BenefitGrant){ .member_id = in->member_id,
                                       .benefit_id = in->benefit_id,
                                       .count = in->count,
                                       .ends_at = in->ends_at,
                                       .source = "grant",
                                       .source_id = id_new(c) },
                      &is_duplicate));
    TRY(audit(c, &(AuditNote){ .action = "benefit.grant",
                               .subject = "member",
                               .subject_id = in->member_id,
                               .reason = in->reason,
                               .fields = &grant_fields,
                               .after = in }));
    return benefit_list_of(c, in->member_id, &out->items);
}

static Err get_member(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    BenefitViewPage *out = ret;
    MemberCard card;
    TRY(member_card(c, in->member_id, &card));
    return benefit_list_of(c, in->member_id, &out->items);
}

static Err get_mine(Ctx *c, const void *body, void *ret) {
    (void)body;
    BenefitViewPage *out = ret;
    return benefit_list_of(c, auth_member(c), &out->items);
}

static Err uses(Ctx *c, int64_t member_id, const Ask *in, BenefitUsePage *out) {
    int64_t before = 0, unused = 0, limit = in->limit > 0 ? in->limit : PAGE_DEFAULT;
    TRY(page_open(c, in->cursor, &before, &unused));
    TRY(benefit_use_page(c, member_id, before == 0 ? INT64_MAX : before, limit, &out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].use_id, 0);
    return OK;
}

static Err get_uses(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    MemberCard card;
    TRY(member_card(c, in->member_id, &card));
    return uses(c, in->member_id, in, ret);
}

static Err get_my_uses(Ctx *c, const void *body, void *ret) { return uses(c, auth_member(c), body, ret); }

static Err post_use(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    Benefit benefit = { .benefit_id = in->benefit_id };
    bool found = true;
    TRY(auth_need_shop(c, in->shop_id));
    TRY(shop_need(c, in->shop_id));
    if (in->benefit_id == 0) TRY(benefit_find(c, 0, in->key, &benefit, &found));
    if (!found) return fail(c, E_NOT_FOUND, "benefit.unknown", "没有这项权益", "no such benefit");
    return benefit_take(
        c, &(BenefitTake){ in->shop_id, in->member_id, benefit.benefit_id, in->count > 0 ? in->count : 1, in->use_no },
        ret);
}

static Err post_undo(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    return benefit_undo(c, in->use_id, in->reason, ret);
}

/* ---- members' data ---- */

static Err merge(Ctx *c, const MergeInfo *m) {
    int64_t moved = 0;
    TRY(benefit_move(c, m, &moved));
    merge_note(m, "benefit", "allowances", moved);
    return OK;
}

static Err unmerge(Ctx *c, const MergeInfo *m) {
    int64_t moved = 0;
    TRY(benefit_move_back(c, m, &moved));
    merge_note(m, "benefit", "allowances", moved);
    return OK;
}

static Err export_member(Ctx *c, int64_t member_id, Buf *json) {
    BenefitViews views = { 0 };
    BenefitUses list = { 0 };
    TRY(benefit_list_of(c, member_id, &views));
    TRY(benefit_use_page(c, member_id, INT64_MAX, LIST_MAX, &list));
    buf_cstr(json, "\"benefits\":");
    json_print_list(json, &benefit_view_fields, (ListAny){ views.items, views.count });
    buf_cstr(json, ",\"benefit_uses\":");
    json_print_list(json, &benefit_use_fields, (ListAny){ list.items, list.count });
    return OK;
}

enum { TILL = WHO_STAFF | WHO_POS | WHO_PARTNER };
static const Route routes[] = {
    { "GET", "/v1/benefits", "Benefits that may be given", TILL, "benefit.read", &list_ask_fields, &BenefitPage_fields,
      NULL, get_benefits, ROUTE_LIST },
    { "POST", "/v1/benefits", "Define a benefit", WHO_STAFF, "benefit.write", &benefit_fields, &benefit_fields, NULL,
      post_benefit, ROUTE_ONCE | ROUTE_CREATED },
    { "POST", "/v1/benefits/{benefit_id}/retire", "Retire a benefit and end its terms; gifts stay", WHO_STAFF,
      "benefit.write", &ref_fields, NULL, NULL, post_retire, 0 },
    { "GET", "/v1/benefit-terms", "Which tags entitle to what", TILL, "benefit.read", &terms_ask_fields,
      &BenefitTermPage_fields, NULL, get_terms, ROUTE_LIST },
    { "POST", "/v1/benefit-terms", "Who carries this tag has this benefit, so often in each period", WHO_STAFF,
      "benefit.write", &benefit_term_fields, &benefit_term_fields, NULL, post_term, ROUTE_CREATED },
    { "POST", "/v1/benefit-terms/{term_id}/end", "End a term", WHO_STAFF, "benefit.write", &term_ref_fields, NULL, NULL,
      post_term_end, 0 },
    { "POST", "/v1/benefits/presets", "A ready one: two hours of free parking a month", WHO_STAFF, "benefit.write",
      &preset_fields, &benefit_term_fields, NULL, post_preset, ROUTE_CREATED },
    { "POST", "/v1/benefits/grants", "Give a member a benefit, with a reason", WHO_STAFF, "benefit.grant",
      &grant_fields, &BenefitViewPage_fields, NULL, post_grant, ROUTE_ONCE | ROUTE_CREATED },
    { "GET", "/v1/members/{member_id}/benefits", "What a member may use, what is left, when it renews", TILL,
      "benefit.read", &member_ask_fields, &BenefitViewPage_fields, NULL, get_member, ROUTE_LIST },
    { "GET", "/v1/me/benefits", "What I may use, what is left, when it renews", WHO_MEMBER, NULL, NULL,
      &BenefitViewPage_fields, NULL, get_mine, ROUTE_LIST },
    { "GET", "/v1/members/{member_id}/benefits/uses", "What a member used, newest first", TILL, "benefit.read",
      &uses_ask_fields, &BenefitUsePage_fields, NULL, get_uses, ROUTE_LIST },
    { "GET", "/v1/me/benefits/uses", "What I used, newest first", WHO_MEMBER, NULL, &my_uses_fields,
      &BenefitUsePage_fields, NULL, get_my_uses, ROUTE_LIST },
    { "POST", "/v1/benefits/uses", "Use a benefit at a till or gate", TILL, "benefit.take", &take_fields,
      &benefit_use_fields, NULL, post_use, ROUTE_ONCE | ROUTE_CREATED },
    { "POST", "/v1/benefits/uses/{use_id}/undo", "Undo a use, with a reason", WHO_STAFF, "benefit.undo", &undo_fields,
      &benefit_use_fields, NULL, post_undo, ROUTE_ONCE },
};

const Slice benefit_slice = {
    .name = "benefit",
    .routes = routes,
    .route_count = COUNT_OF(routes),
    .holds = benefit_holds,
    .hold_count = BENEFIT_HOLDS,
    .merge = merge,
    .unmerge = unmerge,
    .erase = benefit_use_blank,
    .export_member = export_member,
};
