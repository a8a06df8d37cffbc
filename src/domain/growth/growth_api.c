#include "domain/approval/approval.h"
#include "domain/growth/growth_rules.h"
#include "domain/member/member.h"
#include "event/points.h"
#include <assert.h>

/* ---- setting ---- */

static const char *const earn_on_names[] = { "cash", "payable", NULL };

static const Field behaviour_field[] = {
    FIELD(GrowthBehaviour, name, .need = true, .max = 40),
    FIELD(GrowthBehaviour, growth, .need = true, .min = 1, .max = 1000000),
};
static const Fields behaviour_fields = FIELDS(GrowthBehaviour, behaviour_field);

static const Field setting_field[] = {
    FIELD(GrowthSetting, no_order_growth, .about = "orders give no growth"),
    FIELD(GrowthSetting, fen_per_growth, .min = 1, .max = 100000000),
    FIELD(GrowthSetting, min_order_fen, .max = INT32_MAX),
    FIELD(GrowthSetting, order_cap, .max = POINTS_PER_CALL_MAX),
    FIELD_ENUM(GrowthSetting, earn_on, earn_on_names),
    FIELD_LIST(GrowthSetting, behaviours, behaviour_fields, .max = GROWTH_BEHAVIOURS_MAX),
    FIELD(GrowthSetting, approval_growth, .max = POINTS_PER_CALL_MAX,
          .about = "changes by hand above it need a second person"),
};
static const Fields setting_fields = FIELDS(GrowthSetting, setting_field);

static void setting_defaults(void *ret_value) {
    *(GrowthSetting *)ret_value =
        (GrowthSetting){ .fen_per_growth = 100, .earn_on = POINTS_EARN_CASH, .approval_growth = 100000 };
}

const Setting growth_setting = { "growth", &setting_fields, setting_defaults, NULL };

Err growth_setting_read(Ctx *c, GrowthSetting *ret_setting) { return setting_get(c, &growth_setting, ret_setting); }

/* ---- routes ---- */

typedef struct GrowthAsk {
    int64_t member_id, limit;
    Str cursor;
} GrowthAsk;
#define ASK(name_text, table)                                                                                          \
    { .name = name_text, .size = sizeof(GrowthAsk), .field = (table), .count = COUNT_OF(table), .given_at = -1 }
static const Field ask_field[] = { FIELD_ID(GrowthAsk, member_id) };
static const Fields ask_fields = ASK("GrowthAsk", ask_field);
static const Field page_ask_field[] = {
    FIELD_ID(GrowthAsk, member_id),
    FIELD(GrowthAsk, cursor, .max = 400),
    FIELD(GrowthAsk, limit, .max = PAGE_MAX),
};
static const Fields page_ask_fields = ASK("GrowthPageAsk", page_ask_field);
static const Field my_page_ask_field[] = { FIELD(GrowthAsk, cursor, .max = 400),
                                           FIELD(GrowthAsk, limit, .max = PAGE_MAX) };
static const Fields my_page_ask_fields = ASK("MyGrowthPageAsk", my_page_ask_field);

static const Field answer_field[] = {
    FIELD_ID(GrowthAnswer, member_id),
    FIELD_ID(GrowthAnswer, source_id, .skip_zero = true),
    FIELD(GrowthAnswer, growth, .min = INT64_MIN, .skip_zero = true),
    FIELD(GrowthAnswer, balance),
    FIELD(GrowthAnswer, debt),
    FIELD_ID(GrowthAnswer, approval_id, .skip_zero = true, .about = "nothing moved yet: waits for a second person"),
};
static const Fields answer_fields = FIELDS(GrowthAnswer, answer_field);

static const Field manual_field[] = {
    FIELD_ID(GrowthManual, member_id, .need = true),
    FIELD(GrowthManual, growth, .need = true, .min = 1, .max = POINTS_PER_CALL_MAX),
    FIELD(GrowthManual, reason, .need = true, .max = 200),
    FIELD(GrowthManual, ask, .about = "above the limit: wait for a second person instead of being refused"),
};
static const Fields manual_fields = FIELDS(GrowthManual, manual_field);

typedef struct EntryPage {
    LedgerEntries items;
    Str next_cursor;
} EntryPage;
static const Field entry_page_field[] = { FIELD_LIST(EntryPage, items, ledger_entry_fields),
                                          FIELD(EntryPage, next_cursor) };
static const Fields entry_page_fields = FIELDS(EntryPage, entry_page_field);

static Err answer_of(Ctx *c, int64_t member_id, GrowthAnswer *out) {
    LedgerAccount account;
    TRY(ledger_account(c, member_id, &growth_kind, &account));
    *out = (GrowthAnswer){ .member_id = member_id, .balance = account.balance, .debt = account.debt };
    return OK;
}

static Err get_growth(Ctx *c, const void *body, void *ret) {
    const GrowthAsk *in = body;
    MemberCard card;
    TRY(member_card(c, in->member_id, &card));
    return answer_of(c, in->member_id, ret);
}

static Err get_my_growth(Ctx *c, const void *body, void *ret) {
    (void)body;
    return answer_of(c, auth_member(c), ret);
}

static Err entry_page(Ctx *c, int64_t member_id, const GrowthAsk *in, EntryPage *out) {
    int64_t before = 0, unused = 0, limit = in->limit > 0 ? in->limit : PAGE_DEFAULT;
    TRY(page_open(c, in->cursor, &before, &unused));
    TRY(ledger_entries(c, member_id, &growth_kind, before, limit, &out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].seq, 0);
    return OK;
}

static Err get_entries(Ctx *c, const void *body, void *ret) {
    const GrowthAsk *in = body;
    MemberCard card;
    TRY(member_card(c, in->member_id, &card));
    return entry_page(c, in->member_id, in, ret);
}

static Err get_my_entries(Ctx *c, const void *body, void *ret) { return entry_page(c, auth_member(c), body, ret); }

static Err run_approved(Ctx *c, const Approval *a) {
    GrowthManual in = { 0 };
    GrowthAnswer done;
    bool is_read = json_read(c->arena, a->content, &manual_fields, &in);
    assert(is_read);
    in.is_approved = true;
    TRY(member_living(c, in.member_id, &in.member_id));
    return growth_change_by_hand(c, &in, a->amount, &done);
}
static const ApprovalKind change_kind = {
    "growth.change", "growth.approve", "人工调整成长值", "change growth by hand", run_approved, NULL,
};

static Err change(Ctx *c, const GrowthManual *in, int64_t growth, GrowthAnswer *out) {
    Err err = growth_change_by_hand(c, in, growth, out);
    Buf content = { .arena = c->arena };
    json_print(&content, &manual_fields, in);
    out->member_id = in->member_id;
    return approval_or_ask(c, err, "growth.needs_approval", in->ask,
                           &(ApprovalAsk){ .kind = &change_kind,
                                           .subject_id = in->member_id,
                                           .amount = growth,
                                           .reason = in->reason,
                                           .content = buf_str(&content) },
                           &out->approval_id);
}

static Err post_grant(Ctx *c, const void *body, void *ret) {
    const GrowthManual *in = body;
    return change(c, in, in->growth, ret);
}

static Err post_deduction(Ctx *c, const void *body, void *ret) {
    const GrowthManual *in = body;
    return change(c, in, -in->growth, ret);
}

static Err on_behaviour(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    const BehaviourFact *e = payload;
    return e->is_capped ? OK : growth_of_behaviour(c, e->member_id, e->name, e->behaviour_id);
}

static Err cards_show_the_growth(Ctx *c, HoldReport *report) {
    MemberCards cards = { 0 };
    int64_t above = 0;
    do {
        ArenaMark mark = arena_mark(c->arena);
        TRY(member_walk(c, above, PAGE_MAX, &cards));
        for (int64_t i = 0; i < cards.count; i++) {
            LedgerAccount account;
            above = cards.items[i].member_id;
            TRY(ledger_account_raw(c, above, &growth_kind, &account));
            report->checked++;
            if (account.balance != cards.items[i].growth)
                hold_broken(report, "member %lld: the card shows %lld growth, the books %lld", (long long)above,
                            (long long)cards.items[i].growth, (long long)account.balance);
        }
        arena_back(c->arena, mark);
    } while (cards.count == PAGE_MAX);
    return OK;
}

static const Hold holds[] = { { "growth.cards_show_the_growth_of_the_books", cards_show_the_growth } };

enum { COUNTER = WHO_STAFF | WHO_POS | WHO_PARTNER };

static const Route routes[] = {
    { "GET", "/v1/members/{member_id}/growth", "Growth of a member", COUNTER, "growth.read", &ask_fields,
      &answer_fields, NULL, get_growth, 0 },
    { "GET", "/v1/members/{member_id}/growth/entries", "The ledger of a member's growth, newest first", COUNTER,
      "growth.read", &page_ask_fields, &entry_page_fields, NULL, get_entries, ROUTE_LIST },
    { "POST", "/v1/growth/grants", "Add growth by hand, with a reason", WHO_STAFF | WHO_PARTNER, "growth.grant",
      &manual_fields, &answer_fields, NULL, post_grant, ROUTE_ONCE | ROUTE_CREATED },
    { "POST", "/v1/growth/deductions", "Take growth by hand, with a reason", WHO_STAFF | WHO_PARTNER, "growth.deduct",
      &manual_fields, &answer_fields, NULL, post_deduction, ROUTE_ONCE | ROUTE_CREATED },
    { "GET", "/v1/me/growth", "My growth", WHO_MEMBER, NULL, NULL, &answer_fields, NULL, get_my_growth, 0 },
    { "GET", "/v1/me/growth/entries", "My growth, line by line", WHO_MEMBER, NULL, &my_page_ask_fields,
      &entry_page_fields, NULL, get_my_entries, ROUTE_LIST },
};

static const Handler handlers[] = {
    { .event = &behaviour_recorded, .name = "growth.on_behaviour", .run = on_behaviour },
};
static const Setting *const settings[] = { &growth_setting };

static const ApprovalKind *const approvals[] = { &change_kind, NULL };
static const char *const also_may[] = { "growth.approve", NULL };

const Slice growth_slice = {
    .name = "growth",
    .approvals = approvals,
    .also_may = also_may,
    .routes = routes,
    .route_count = COUNT_OF(routes),
    .handlers = handlers,
    .handler_count = COUNT_OF(handlers),
    .settings = settings,
    .setting_count = COUNT_OF(settings),
    .holds = holds,
    .hold_count = COUNT_OF(holds),
    .merge = growth_merge,
    .unmerge = growth_unmerge,
};
