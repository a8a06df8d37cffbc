#include "domain/plan/plan_store.h"

typedef struct Ask {
    int64_t plan_id, member_id, period_id;
    Str reason;
    bool with_retired;
} Ask;
#define ASK(name_text, table)                                                                                          \
    { .name = name_text, .size = sizeof(Ask), .field = (table), .count = COUNT_OF(table), .given_at = -1 }
static const Field list_ask_field[] = { FIELD(Ask, with_retired) };
static const Fields list_ask_fields = ASK("PlansAsk", list_ask_field);
static const Field ref_field[] = { FIELD_ID(Ask, plan_id, .need = true) };
static const Fields ref_fields = ASK("PlanRef", ref_field);
static const Field member_ref_field[] = { FIELD_ID(Ask, plan_id, .need = true),
                                          FIELD_ID(Ask, member_id, .need = true) };
static const Fields member_ref_fields = ASK("PlanTrial", member_ref_field);
static const Field member_ask_field[] = { FIELD_ID(Ask, member_id, .need = true) };
static const Fields member_ask_fields = ASK("PlanPeriodsAsk", member_ask_field);
static const Field cancel_field[] = { FIELD_ID(Ask, member_id, .need = true), FIELD_ID(Ask, plan_id, .need = true),
                                      FIELD(Ask, reason, .need = true, .max = 200) };
static const Fields cancel_fields = ASK("PlanCancel", cancel_field);
static const Field my_cancel_field[] = { FIELD_ID(Ask, plan_id, .need = true), FIELD(Ask, reason, .max = 200) };
static const Fields my_cancel_fields = ASK("MyPlanCancel", my_cancel_field);
static const Field period_ref_field[] = { FIELD_ID(Ask, period_id, .need = true) };
static const Fields period_ref_fields = ASK("PlanPeriodRef", period_ref_field);

#define PAGE_OF(name, list_type, of)                                                                                   \
    typedef struct name {                                                                                              \
        list_type items;                                                                                               \
        Str next_cursor;                                                                                               \
    } name;                                                                                                            \
    static const Field name##_field[] = { FIELD_LIST(name, items, of), FIELD(name, next_cursor) };                     \
    static const Fields name##_fields = FIELDS(name, name##_field)
PAGE_OF(PlanPage, Plans, plan_fields);
PAGE_OF(PlanPeriodPage, PlanPeriods, plan_period_fields);

static const Field plan_refund_field[] = {
    FIELD_ID(PlanRefund, period_id),
    FIELD(PlanRefund, amount_fen),
    FIELD_LIST(PlanRefund, steps, step_fields, .max = STEPS_MAX),
};
static const Fields plan_refund_fields = FIELDS(PlanRefund, plan_refund_field);

static Err post_plan(Ctx *c, const void *body, void *ret) { return plan_add(c, body, ret); }

static Err get_plans(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    PlanPage *out = ret;
    return plan_list(c, in->with_retired, &out->items);
}

static Err get_my_offers(Ctx *c, const void *body, void *ret) {
    (void)body;
    PlanPage *out = ret;
    return plan_list(c, false, &out->items);
}

static Err post_retire(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    bool done = false;
    (void)ret;
    TRY(plan_retire(c, in->plan_id, &done));
    if (!done) return fail(c, E_NOT_FOUND, "plan.unknown", "没有这种付费会员", "no such plan");
    return audit(c, &(AuditNote){ .action = "plan.retire", .subject = "plan", .subject_id = in->plan_id });
}

static Err post_trial(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    return plan_try(c, in->member_id, in->plan_id, ret);
}

static Err post_my_trial(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    return plan_try(c, auth_member(c), in->plan_id, ret);
}

static Err get_periods(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    PlanPeriodPage *out = ret;
    MemberCard card;
    TRY(member_card(c, in->member_id, &card));
    return plan_period_list(c, in->member_id, 0, false, &out->items);
}

static Err get_my_periods(Ctx *c, const void *body, void *ret) {
    (void)body;
    PlanPeriodPage *out = ret;
    return plan_period_list(c, auth_member(c), 0, false, &out->items);
}

static Err post_cancel(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    PlanPeriodPage *out = ret;
    TRY(plan_cancel(c, in->member_id, in->plan_id, in->reason));
    return plan_period_list(c, in->member_id, in->plan_id, true, &out->items);
}

static Err post_my_cancel(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    PlanPeriodPage *out = ret;
    TRY(plan_cancel(c, auth_member(c), in->plan_id, in->reason));
    return plan_period_list(c, auth_member(c), in->plan_id, true, &out->items);
}

static Err get_refund_quote(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    return plan_refund_quote(c, in->period_id, ret);
}

/* ---- members' data ---- */

/* Whoever is forgotten has no plan any more; nothing is paid back by that. */
static Err erase(Ctx *c, int64_t member_id) {
    PlanPeriods living = { 0 };
    bool done = false;
    TRY(plan_period_list(c, member_id, 0, true, &living));
    for (int64_t i = 0; i < living.count; i++)
        TRY(plan_period_mark(c, living.items[i].period_id, living.items[i].status, PLAN_ENDED, &done));
    return OK;
}

static Err export_member(Ctx *c, int64_t member_id, Buf *json) {
    PlanPeriods list = { 0 };
    TRY(plan_period_list(c, member_id, 0, false, &list));
    buf_cstr(json, "\"plans\":");
    json_print_list(json, &plan_period_fields, (ListAny){ list.items, list.count });
    return OK;
}

enum { TILL = WHO_STAFF | WHO_POS | WHO_PARTNER };
static const Route routes[] = {
    { "GET", "/v1/plans", "Paid memberships", TILL, "plan.read", &list_ask_fields, &PlanPage_fields, NULL, get_plans,
      ROUTE_LIST },
    { "POST", "/v1/plans", "Offer a paid membership; its tag opens benefits, coupons and offers", WHO_STAFF,
      "plan.write", &plan_fields, &plan_fields, NULL, post_plan, ROUTE_ONCE | ROUTE_CREATED },
    { "POST", "/v1/plans/{plan_id}/retire", "Take a plan off sale; bought periods keep their terms", WHO_STAFF,
      "plan.write", &ref_fields, NULL, NULL, post_retire, 0 },
    { "POST", "/v1/plans/{plan_id}/trials", "Start a member's free trial, once in a life", TILL, "plan.trial",
      &member_ref_fields, &plan_period_fields, NULL, post_trial, ROUTE_ONCE | ROUTE_CREATED },
    { "GET", "/v1/members/{member_id}/plans", "A member's periods, newest end first", TILL, "plan.read",
      &member_ask_fields, &PlanPeriodPage_fields, NULL, get_periods, ROUTE_LIST },
    { "POST", "/v1/members/{member_id}/plans/{plan_id}/cancel", "Let a member's plan run out at its end", WHO_STAFF,
      "plan.cancel", &cancel_fields, &PlanPeriodPage_fields, NULL, post_cancel, 0 },
    { "GET", "/v1/plans/periods/{period_id}/refund-quote", "What a period would pay back, step by step", TILL,
      "plan.read", &period_ref_fields, &plan_refund_fields, NULL, get_refund_quote, 0 },
    { "GET", "/v1/me/plans/offers", "Paid memberships on sale", WHO_MEMBER, NULL, NULL, &PlanPage_fields, NULL,
      get_my_offers, ROUTE_LIST },
    { "GET", "/v1/me/plans", "My periods, newest end first", WHO_MEMBER, NULL, NULL, &PlanPeriodPage_fields, NULL,
      get_my_periods, ROUTE_LIST },
    { "POST", "/v1/me/plans/{plan_id}/trial", "Start my free trial", WHO_MEMBER, NULL, &ref_fields, &plan_period_fields,
      NULL, post_my_trial, ROUTE_ONCE | ROUTE_CREATED },
    { "POST", "/v1/me/plans/{plan_id}/cancel", "Let my plan run out at its end", WHO_MEMBER, NULL, &my_cancel_fields,
      &PlanPeriodPage_fields, NULL, post_my_cancel, 0 },
};

static const Job jobs[] = {
    { .name = "plan.roll", .every_ms = (int64_t)5 * MINUTE_MS, .run = plan_job_roll },
    { .name = "plan.gifts", .every_ms = (int64_t)10 * MINUTE_MS, .run = plan_job_gifts },
    { .name = "plan.remind", .every_ms = HOUR_MS, .run = plan_job_remind },
};

static const Handler handlers[] = {
    { .event = &plan_gift_due, .name = "plan.on_gift_due", .run = plan_on_gift_due },
    { .event = &plan_refunded, .name = "plan.on_refunded", .run = plan_on_refunded },
};

const Slice plan_slice = {
    .name = "plan",
    .routes = routes,
    .route_count = COUNT_OF(routes),
    .handlers = handlers,
    .handler_count = COUNT_OF(handlers),
    .jobs = jobs,
    .job_count = COUNT_OF(jobs),
    .holds = plan_holds,
    .hold_count = PLAN_HOLDS,
    .merge = plan_merge,
    .unmerge = plan_unmerge,
    .erase = erase,
    .export_member = export_member,
};
