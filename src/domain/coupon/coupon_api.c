#include "base/code.h"
#include "domain/approval/approval.h"
#include "domain/coupon/coupon_store.h"
#include <assert.h>

/* ---- shapes ---- */

typedef struct Ask {
    int64_t template_id, coupon_id, member_id, shop_id, run_id, batch_id, tag_id, count, limit;
    Str code, state, reason, cursor, password;
    bool ask;
} Ask;
#define ASK_SECOND "above the limit: ask a second person instead of refusing"
#define ASK_PAGE FIELD(Ask, cursor, .max = 400), FIELD(Ask, limit, .max = PAGE_MAX)
#define REASON FIELD(Ask, reason, .need = true, .max = COUPON_REASON_MAX)
#define CODE FIELD(Ask, code, .need = true, .max = 60, .is_secret = true)
#define SHAPE(name_text, name, ...)                                                                                    \
    static const Field name##_field[] = { __VA_ARGS__ };                                                               \
    static const Fields name##_fields = COUPON_ASK(name_text, Ask, name##_field)
SHAPE("CouponPageAsk", page_ask, ASK_PAGE);
SHAPE("CouponTemplateRef", template_ref, FIELD_ID(Ask, template_id, .need = true));
SHAPE("CouponIssueNew", issue_new, FIELD_ID(Ask, template_id, .need = true), FIELD_ID(Ask, member_id, .need = true),
      FIELD(Ask, count, .max = 100, .about = "0 = 1"), REASON, FIELD(Ask, ask, .about = ASK_SECOND));
SHAPE("CouponCodesNew", codes_new, FIELD_ID(Ask, template_id, .need = true),
      FIELD(Ask, count, .need = true, .min = 1, .max = COUPON_ISSUE_MAX), REASON);
SHAPE("CouponCodesAsk", codes_ask, FIELD_ID(Ask, template_id), FIELD_ID(Ask, batch_id), ASK_PAGE);
SHAPE("CouponRunRef", run_ref, FIELD_ID(Ask, run_id, .need = true));
SHAPE("CouponRef", coupon_ref, FIELD_ID(Ask, coupon_id, .need = true));
SHAPE("CouponVoid", void_ask, FIELD_ID(Ask, coupon_id, .need = true), REASON);
SHAPE("CouponsOfMember", member_ask, FIELD_ID(Ask, member_id),
      FIELD(Ask, state, .max = 10, .about = "usable, used, expired; empty = all"), FIELD_ID(Ask, shop_id), ASK_PAGE);
SHAPE("MyCouponsAsk", my_ask, FIELD(Ask, state, .max = 10, .about = "usable, used, expired; empty = all"),
      FIELD_ID(Ask, shop_id), ASK_PAGE);
SHAPE("CouponLookup", lookup, CODE, FIELD_ID(Ask, member_id), FIELD_ID(Ask, shop_id, .need = true));
SHAPE("CouponRedeemNew", redeem, FIELD_ID(Ask, shop_id, .need = true),
      FIELD(Ask, code, .max = 60, .is_secret = true, .about = "read at the till or gate"),
      FIELD_ID(Ask, coupon_id, .about = "or a coupon of a member who is present"), FIELD_ID(Ask, member_id));
SHAPE("CouponClaimNew", claim, FIELD_ID(Ask, template_id, .about = "from the claim centre"),
      FIELD(Ask, password, .max = 40, .is_secret = true, .about = "or by password"));
SHAPE("CouponCodeNew", my_code, CODE);

static const Field run_new_field[] = {
    FIELD_ID(CouponRun, template_id, .need = true),
    FIELD(CouponRun, count, .max = 10, .about = "each; 0 = 1"),
    FIELD_ID(CouponRun, tag_id),
    FIELD(CouponRun, stage, .max = 20, .about = "sleeping, lost …: or by stage of life"),
    FIELD(CouponRun, reason, .need = true, .max = COUPON_REASON_MAX),
    FIELD(CouponRun, ask, .about = ASK_SECOND),
};
static const Fields run_new_fields = COUPON_ASK("CouponRunNew", CouponRun, run_new_field);

COUPON_PAGE(CouponTemplatePage, CouponTemplates, coupon_template_fields);
COUPON_PAGE(CouponPage, Coupons, coupon_fields);
COUPON_PAGE(CouponRunPage, CouponRuns, coupon_run_fields);
COUPON_PAGE(CouponViewPage, CouponViews, coupon_view_fields);
COUPON_PAGE(CouponClaimPage, ClaimViews, coupon_claim_view_fields);
COUPON_PAGE(CouponGiftPage, CouponGifts, coupon_gift_fields);

typedef struct CouponDetail {
    Coupon coupon;
    CouponEntries entries;
} CouponDetail;
static const Field detail_field[] = { FIELD_OBJECT(CouponDetail, coupon, coupon_fields),
                                      FIELD_LIST(CouponDetail, entries, coupon_entry_fields) };
static const Fields detail_fields = FIELDS(CouponDetail, detail_field);

typedef struct CouponCodes {
    int64_t batch_id, count;
} CouponCodes;
static const Field codes_field[] = { FIELD_ID(CouponCodes, batch_id), FIELD(CouponCodes, count) };
static const Fields codes_fields = FIELDS(CouponCodes, codes_field);

static int64_t limit_of(const Ask *in) { return in->limit > 0 ? in->limit : PAGE_DEFAULT; }
static Err below_of(Ctx *c, const Ask *in, int64_t *ret_below) {
    int64_t unused;
    TRY(page_open(c, in->cursor, ret_below, &unused));
    if (*ret_below == 0) *ret_below = INT64_MAX;
    return OK;
}

/* ---- templates ---- */

/* Whoever may not write templates need not know how one is claimed. */
static void hide_password(Ctx *c, CouponTemplate *t) {
    if (!auth_may(c, "coupon.write")) t->password = (Str){ 0 };
}

static Err get_templates(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    CouponTemplatePage *out = ret;
    int64_t below, limit = limit_of(in);
    TRY(below_of(c, in, &below));
    TRY(coupon_template_page(c, below, limit, &out->items));
    for (int64_t i = 0; i < out->items.count; i++) hide_password(c, &out->items.items[i]);
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].template_id, 0);
    return OK;
}

static Err get_template(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    CouponTemplate *out = ret;
    TRY(coupon_template_read(c, in->template_id, out));
    hide_password(c, out);
    return coupon_template_counts(c, in->template_id, &out->used_count);
}

static Err post_template(Ctx *c, const void *body, void *ret) { return coupon_template_create(c, body, ret); }
static Err put_template(Ctx *c, const void *body, void *ret) { return coupon_template_update(c, body, ret); }

/* ---- issuing ---- */

static Err note(Ctx *c, const char *action, const char *subject, int64_t id, Str reason) {
    return audit(c, &(AuditNote){ .action = action, .subject = subject, .subject_id = id, .reason = reason });
}

typedef struct CouponIssued {
    Coupons items;
    int64_t approval_id;
} CouponIssued;
static const Field issued_field[] = {
    FIELD_LIST(CouponIssued, items, coupon_fields),
    FIELD_ID(CouponIssued, approval_id, .skip_zero = true, .about = "nothing moved yet: waits for a second person"),
};
static const Fields issued_fields = FIELDS(CouponIssued, issued_field);

static Err issue_by_hand(Ctx *c, const Ask *in, bool is_approved, CouponIssued *out) {
    CouponSetting setting;
    CouponTemplate t;
    int64_t count = in->count > 0 ? in->count : 1;
    TRY(coupon_template_read(c, in->template_id, &t));
    TRY(setting_get(c, &coupon_setting, &setting));
    if (!is_approved && setting.approval_fen > 0 && coupon_worth_fen(&t) * count > setting.approval_fen) {
        fail_number(c, "limit_fen", setting.approval_fen);
        return fail(c, E_CONFLICT, "coupon.needs_approval", "要第二个人审批", "this needs a second person");
    }
    TRY(coupon_issue(c,
                     &(CouponIssue){ .member_id = in->member_id,
                                     .template_id = in->template_id,
                                     .count = count,
                                     .source = "staff",
                                     .source_id = id_new(c) },
                     &out->items, NULL));
    return note(c, "coupon.issue", "member", in->member_id, in->reason);
}

static Err issue_approved(Ctx *c, const Approval *a) {
    Ask in = { 0 };
    CouponIssued done = { 0 };
    bool is_read = json_read(c->arena, a->content, &issue_new_fields, &in);
    assert(is_read);
    TRY(member_living(c, in.member_id, &in.member_id));
    return issue_by_hand(c, &in, true, &done);
}

static Err run_approved(Ctx *c, const Approval *a) {
    CouponRun in = { 0 }, done;
    bool is_read = json_read(c->arena, a->content, &run_new_fields, &in);
    assert(is_read);
    in.is_approved = true;
    return coupon_run_start(c, &in, &done);
}

static const ApprovalKind issue_kind = { "coupon.issue",          "coupon.approve", "人工发券",
                                         "issue coupons by hand", issue_approved,   NULL };
static const ApprovalKind run_kind = { "coupon.run", "coupon.approve",
                                       "批量发券",   "issue a coupon to many",
                                       run_approved, NULL };

static Str as_text(Ctx *c, const Fields *fields, const void *body) {
    Buf text = { .arena = c->arena };
    json_print(&text, fields, body);
    return buf_str(&text);
}

static Err post_issue(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    CouponIssued *out = ret;
    return approval_or_ask(c, issue_by_hand(c, in, false, out), "coupon.needs_approval", in->ask,
                           &(ApprovalAsk){ .kind = &issue_kind,
                                           .subject_id = in->member_id,
                                           .amount = in->count > 0 ? in->count : 1,
                                           .reason = in->reason,
                                           .content = as_text(c, &issue_new_fields, in) },
                           &out->approval_id);
}

static Err post_codes(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    CouponCodes *out = ret;
    Coupons list = { 0 };
    *out = (CouponCodes){ id_new(c), in->count };
    TRY(coupon_issue(
        c,
        &(CouponIssue){
            .template_id = in->template_id, .count = in->count, .source = "codes", .source_id = out->batch_id },
        &list, NULL));
    return note(c, "coupon.codes", "coupon_template", in->template_id, in->reason);
}

static Err get_codes(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    CouponPage *out = ret;
    int64_t after = 0, unused, limit = limit_of(in);
    TRY(page_open(c, in->cursor, &after, &unused));
    TRY(coupons_of_batch(c, in->template_id, in->batch_id, after, limit, &out->items));
    for (int64_t i = 0; i < out->items.count; i++)
        out->items.items[i].code = code_show(c->arena, out->items.items[i].code);
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].coupon_id, 0);
    return OK;
}

static Err post_run(Ctx *c, const void *body, void *ret) {
    const CouponRun *in = body;
    CouponRun *out = ret;
    return approval_or_ask(c, coupon_run_start(c, in, out), "coupon.needs_approval", in->ask,
                           &(ApprovalAsk){ .kind = &run_kind,
                                           .subject_id = in->template_id,
                                           .amount = 1,
                                           .reason = in->reason,
                                           .content = as_text(c, &run_new_fields, in) },
                           &out->approval_id);
}

static Err get_runs(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    CouponRunPage *out = ret;
    int64_t below, limit = limit_of(in);
    TRY(below_of(c, in, &below));
    TRY(coupon_run_page(c, below, limit, &out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].run_id, 0);
    return OK;
}

static Err get_run(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    bool found = false;
    TRY(coupon_run_find(c, in->run_id, ret, &found));
    return found ? OK : fail(c, E_NOT_FOUND, "coupon.run_unknown", "没有这次发券", "no such run");
}

/* ---- coupons ---- */

static Err views(Ctx *c, int64_t member_id, const Ask *in, CouponViewPage *out) {
    Coupons list = { 0 };
    int64_t below, limit = limit_of(in);
    TRY(below_of(c, in, &below));
    TRY(coupons_of_member(c, member_id, in->state, below, limit, &list));
    TRY(coupon_views(c, member_id, in->shop_id, &list, &out->items));
    if (list.count == limit) out->next_cursor = page_cursor(c, list.items[limit - 1].coupon_id, 0);
    return OK;
}

static Err get_member_coupons(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    CouponViewPage *out = ret;
    MemberCard card;
    TRY(member_card(c, in->member_id, &card));
    TRY(views(c, in->member_id, in, out));
    for (int64_t i = 0; i < out->items.count; i++) out->items.items[i].code = (Str){ 0 }; /* the member shows it */
    return OK;
}

static Err get_my_coupons(Ctx *c, const void *body, void *ret) { return views(c, auth_member(c), body, ret); }

static Err get_coupon(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    CouponDetail *out = ret;
    TRY(coupon_read(c, in->coupon_id, &out->coupon));
    out->coupon.code = (Str){ 0 };
    return coupon_entries_of(c, in->coupon_id, &out->entries);
}

static Err post_void(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    Coupon *out = ret;
    TRY(coupon_void(c, in->coupon_id, in->reason, out));
    out->code = (Str){ 0 };
    return note(c, "coupon.void", "coupon", in->coupon_id, in->reason);
}

/* ---- at the till ---- */

static Err prepare_code(Ctx *c, const void *body) {
    const Ask *in = body;
    Coupon *k = NEW(c->arena, Coupon);
    if (in->shop_id != 0) TRY(auth_need_shop(c, in->shop_id));
    if (in->code.len > 0) TRY(coupon_guess(c, in->code, in->member_id, k));
    c->plan = k;
    return OK;
}

static Err post_lookup(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    Coupon *k = c->plan;
    CouponViews list = { 0 };
    TRY(coupon_views(c, k->member_id != 0 ? k->member_id : in->member_id, in->shop_id, &(Coupons){ k, 1 }, &list));
    *(CouponView *)ret = list.items[0];
    return OK;
}

static Err post_redeem(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    Coupon *out = ret;
    *out = *(const Coupon *)c->plan;
    if (in->code.len == 0) {
        TRY(coupon_read(c, in->coupon_id, out));
        if (in->member_id == 0 || out->member_id != in->member_id)
            return coupon_refuse(c, out, &(CouponMove){ .member_id = -1 });
    }
    TRY(coupon_redeem(c, &(CouponRedeem){ .shop_id = in->shop_id }, out));
    out->code = (Str){ 0 };
    return OK;
}

static Err post_undo(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    Coupon *out = ret;
    TRY(coupon_redeem_undo(c, in->coupon_id, in->reason, out));
    out->code = (Str){ 0 };
    return note(c, "coupon.redeem_undo", "coupon", in->coupon_id, in->reason);
}

/* ---- a member's own ---- */

static Err get_centre(Ctx *c, const void *body, void *ret) {
    (void)body;
    CouponClaimPage *out = ret;
    return coupon_claim_centre(c, auth_member(c), &out->items);
}

static Err prepare_claim(Ctx *c, const void *body) {
    const Ask *in = body;
    Ask *found = NEW(c->arena, Ask);
    *found = *in;
    c->plan = found;
    if (in->password.len == 0 || in->template_id != 0) return OK;
    TRY(coupon_guess_look(c, auth_member(c)));
    TRY(coupon_template_by_password(c, in->password, &found->template_id));
    return found->template_id != 0 ? OK : coupon_guess_wrong(c, auth_member(c));
}

static Err post_claim(Ctx *c, const void *body, void *ret) {
    (void)body;
    const Ask *in = c->plan;
    return coupon_claim(c, auth_member(c), in->template_id, in->password, ret);
}

static Err post_my_code(Ctx *c, const void *body, void *ret) {
    (void)body;
    return coupon_take_code(c, auth_member(c), c->plan, ret);
}

static Err post_gift(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    return coupon_give(c, auth_member(c), in->coupon_id, ret);
}

static Err post_gift_back(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    return coupon_give_back(c, auth_member(c), in->coupon_id, ret);
}

static Err prepare_accept(Ctx *c, const void *body) {
    const Ask *in = body;
    CouponGift *gift = NEW(c->arena, CouponGift);
    Str code;
    bool found = false;
    TRY(coupon_guess_look(c, auth_member(c)));
    if (!code_read(c->arena, in->code, &code))
        return fail(c, E_INVALID, "coupon.code_typo", "券码输错了，请再看一遍", "the code was mistyped");
    TRY(coupon_gift_by_code(c, code, gift, &found));
    c->plan = gift;
    return found ? OK : coupon_guess_wrong(c, auth_member(c));
}

static Err post_accept(Ctx *c, const void *body, void *ret) {
    (void)body;
    const CouponGift *seen = c->plan;
    CouponGift *out = ret;
    TRY(coupon_accept(c, auth_member(c), seen->code, out));
    out->from_id = 0;
    return OK;
}

static Err get_my_gifts(Ctx *c, const void *body, void *ret) {
    (void)body;
    CouponGiftPage *out = ret;
    return coupon_gifts_of_member(c, auth_member(c), &out->items);
}

/* ---- members' data ---- */

static Err merge(Ctx *c, const MergeInfo *m) {
    int64_t moved = 0;
    TRY(coupon_merge_move(c, m, &moved));
    merge_note(m, "coupon", "coupons", moved);
    return OK;
}

static Err unmerge(Ctx *c, const MergeInfo *m) {
    int64_t moved = 0;
    TRY(coupon_merge_back(c, m, &moved));
    merge_note(m, "coupon", "coupons", moved);
    return OK;
}

static Err erase(Ctx *c, int64_t member_id) {
    Coupons list = { 0 };
    Coupon voided;
    TRY(coupons_open(c, member_id, COUPONS_PER_MEMBER_MAX, &list));
    for (int64_t i = 0; i < list.count; i++)
        if (list.items[i].status != COUPON_LOCKED) TRY(coupon_void(c, list.items[i].coupon_id, S("erased"), &voided));
    return coupon_reasons_blank(c, member_id);
}

static Err export_member(Ctx *c, int64_t member_id, Buf *json) {
    Coupons list = { 0 };
    CouponGifts gifts = { 0 };
    TRY(coupons_of_member(c, member_id, (Str){ 0 }, INT64_MAX, EXPORT_ROWS_MAX, &list));
    TRY(coupon_gifts_of_member(c, member_id, &gifts));
    buf_cstr(json, "\"coupons\":");
    json_print_list(json, &coupon_fields, (ListAny){ list.items, list.count });
    buf_cstr(json, ",\"coupon_gifts\":");
    json_print_list(json, &coupon_gift_fields, (ListAny){ gifts.items, gifts.count });
    return OK;
}

enum { TILL = WHO_STAFF | WHO_POS | WHO_PARTNER };
static const Route routes[] = {
    { "GET", "/v1/coupon-templates", "Coupon templates, newest first", TILL, "coupon.read", &page_ask_fields,
      &CouponTemplatePage_fields, NULL, get_templates, ROUTE_LIST },
    { "POST", "/v1/coupon-templates", "Make a coupon template", WHO_STAFF, "coupon.write", &coupon_template_new_fields,
      &coupon_template_fields, NULL, post_template, ROUTE_ONCE | ROUTE_CREATED },
    { "GET", "/v1/coupon-templates/{template_id}", "A coupon template", TILL, "coupon.read", &template_ref_fields,
      &coupon_template_fields, NULL, get_template, ROUTE_EDIT },
    { "PUT", "/v1/coupon-templates/{template_id}", "Change a template: a new version; coupons that are out keep theirs",
      WHO_STAFF, "coupon.write", &coupon_template_edit_fields, &coupon_template_fields, NULL, put_template,
      ROUTE_EDIT },
    { "POST", "/v1/coupons", "Issue coupons to a member, with a reason", WHO_STAFF | WHO_PARTNER, "coupon.issue",
      &issue_new_fields, &issued_fields, NULL, post_issue, ROUTE_ONCE | ROUTE_CREATED },
    { "POST", "/v1/coupon-runs", "Issue a coupon to everybody with a tag or in a stage of life", WHO_STAFF,
      "coupon.issue_many", &run_new_fields, &coupon_run_fields, NULL, post_run, ROUTE_ONCE | ROUTE_CREATED },
    { "GET", "/v1/coupon-runs", "Issuing runs, newest first", WHO_STAFF, "coupon.read", &page_ask_fields,
      &CouponRunPage_fields, NULL, get_runs, ROUTE_LIST },
    { "GET", "/v1/coupon-runs/{run_id}", "How far an issuing run is", WHO_STAFF, "coupon.read", &run_ref_fields,
      &coupon_run_fields, NULL, get_run, 0 },
    { "POST", "/v1/coupon-codes", "Make a batch of codes that belong to whoever has them", WHO_STAFF, "coupon.codes",
      &codes_new_fields, &codes_fields, NULL, post_codes, ROUTE_ONCE | ROUTE_CREATED },
    { "GET", "/v1/coupon-templates/{template_id}/codes", "Codes of a template, or of one batch", WHO_STAFF,
      "coupon.codes", &codes_ask_fields, &CouponPage_fields, NULL, get_codes, ROUTE_LIST },
    { "GET", "/v1/members/{member_id}/coupons", "A member's coupons, and why one cannot be used now", TILL,
      "coupon.read", &member_ask_fields, &CouponViewPage_fields, NULL, get_member_coupons, ROUTE_LIST },
    { "GET", "/v1/coupons/{coupon_id}", "A coupon with all its moves", TILL, "coupon.read", &coupon_ref_fields,
      &detail_fields, NULL, get_coupon, 0 },
    { "POST", "/v1/coupons/{coupon_id}/void", "Void a coupon, with a reason", WHO_STAFF, "coupon.void",
      &void_ask_fields, &coupon_fields, NULL, post_void, ROUTE_ONCE },
    { "POST", "/v1/coupon-lookups", "What a code at the till is; wrong guesses are counted", TILL, "coupon.redeem",
      &lookup_fields, &coupon_view_fields, prepare_code, post_lookup, ROUTE_READ },
    { "POST", "/v1/coupon-redemptions", "Redeem an experience coupon at a till or gate", TILL, "coupon.redeem",
      &redeem_fields, &coupon_fields, prepare_code, post_redeem, ROUTE_ONCE | ROUTE_CREATED },
    { "POST", "/v1/coupons/{coupon_id}/redeem-undo", "Undo a redemption, with a reason", WHO_STAFF,
      "coupon.redeem_undo", &void_ask_fields, &coupon_fields, NULL, post_undo, ROUTE_ONCE },
    { "GET", "/v1/me/coupons", "My coupons: usable, used, expired; and why one cannot be used now", WHO_MEMBER, NULL,
      &my_ask_fields, &CouponViewPage_fields, NULL, get_my_coupons, ROUTE_LIST },
    { "GET", "/v1/me/coupon-centre", "Coupons I can claim, and why not", WHO_MEMBER, NULL, NULL,
      &CouponClaimPage_fields, NULL, get_centre, ROUTE_LIST },
    { "POST", "/v1/me/coupon-claims", "Claim a coupon from the centre or by password", WHO_MEMBER, NULL, &claim_fields,
      &coupon_fields, prepare_claim, post_claim, ROUTE_ONCE | ROUTE_CREATED },
    { "POST", "/v1/me/coupon-codes", "Claim the coupon of a code", WHO_MEMBER, NULL, &my_code_fields, &coupon_fields,
      prepare_code, post_my_code, ROUTE_ONCE | ROUTE_CREATED },
    { "POST", "/v1/me/coupons/{coupon_id}/gift", "Give a coupon to a friend: a code that is good for a while",
      WHO_MEMBER, NULL, &coupon_ref_fields, &coupon_gift_fields, NULL, post_gift, ROUTE_ONCE | ROUTE_CREATED },
    { "POST", "/v1/me/coupons/{coupon_id}/gift-back", "Take a gift back that nobody has taken", WHO_MEMBER, NULL,
      &coupon_ref_fields, &coupon_gift_fields, NULL, post_gift_back, ROUTE_ONCE },
    { "POST", "/v1/me/coupon-gifts/accept", "Take a coupon that a friend gives", WHO_MEMBER, NULL, &my_code_fields,
      &coupon_gift_fields, prepare_accept, post_accept, ROUTE_ONCE | ROUTE_CREATED },
    { "GET", "/v1/me/coupon-gifts", "Coupons I gave to friends", WHO_MEMBER, NULL, NULL, &CouponGiftPage_fields, NULL,
      get_my_gifts, ROUTE_LIST },
};

static const Job jobs[] = {
    { .name = "coupon.gifts", .every_ms = 5 * MINUTE_MS, .run = coupon_job_gifts },
    { .name = "coupon.expire", .every_ms = (int64_t)15 * MINUTE_MS, .run = coupon_job_expire },
    { .name = "coupon.runs", .every_ms = MINUTE_MS, .run = coupon_job_runs },
};

static const Field setting_field[] = {
    FIELD(CouponSetting, approval_fen, .max = PROMO_AMOUNT_MAX_FEN,
          .about = "gifts by hand worth more need a second person; 0 = none do"),
    FIELD(CouponSetting, approve_runs, .about = "so does issuing to many"),
};
static const Fields setting_fields = FIELDS(CouponSetting, setting_field);
static void setting_defaults(void *ret_value) {
    *(CouponSetting *)ret_value = (CouponSetting){ .approval_fen = 50000 };
}
const Setting coupon_setting = { "coupon", &setting_fields, setting_defaults, NULL };
static const Setting *const settings[] = { &coupon_setting };
static const ApprovalKind *const approvals[] = { &issue_kind, &run_kind, NULL };

const Slice coupon_slice = {
    .name = "coupon",
    .routes = routes,
    .route_count = COUNT_OF(routes),
    .jobs = jobs,
    .job_count = COUNT_OF(jobs),
    .settings = settings,
    .setting_count = COUNT_OF(settings),
    .approvals = approvals,
    .holds = coupon_holds,
    .hold_count = COUPON_HOLDS,
    .merge = merge,
    .unmerge = unmerge,
    .erase = erase,
    .export_member = export_member,
};
