#include "app/merchant.h"
#include "base/fen.h"
#include "domain/member/member.h"
#include "domain/tier/tier_rules.h"
#include "event/growth.h"
#include "event/member.h"
#include "event/order.h"
#include "event/wallet.h"

/* ---- setting ---- */

static const char *const window_names[] = { "life", "rolling", "year", NULL };
static const char *const need_names[] = { "any", "all", NULL };
static const char *const down_names[] = { "stay", "one_step", "to_met", NULL };

static const Field setting_field[] = {
    FIELD_ENUM(TierSetting, window, window_names,
               .about = "which spend, purchases and recharges count; growth always counts whole"),
    FIELD(TierSetting, window_days, .max = 3660, .about = "rolling: so many days, today included"),
    FIELD_ENUM(TierSetting, need, need_names, .about = "of a level's thresholds"),
    FIELD_ENUM(TierSetting, down, down_names, .about = "when a level is not met any more"),
    FIELD(TierSetting, retention_days, .max = 3660, .about = "a level reached is kept so long; 0 = judged at once"),
    FIELD(TierSetting, grace_days, .max = 366),
    FIELD(TierSetting, keep_on_refund, .about = "a level that a refund took the ground from is kept until its time"),
    FIELD(TierSetting, preset, .max = 20),
};
static const Fields setting_fields = FIELDS(TierSetting, setting_field);

static void setting_defaults(void *ret_value) {
    *(TierSetting *)ret_value = (TierSetting){
        .window = TIER_LIFE, .window_days = 365, .need = TIER_ANY, .down = TIER_TO_MET, .preset = S("metals")
    };
}

static Err setting_check(Ctx *c, const void *value) {
    const TierSetting *s = value;
    if (s->window == TIER_ROLLING && s->window_days < 1)
        complain(c, S("/window_days"), "tier.window_days", "滚动窗口至少 1 天",
                 "a rolling window has at least one day");
    return complaints_refuse(c);
}

const Setting tier_setting = { "tier", &setting_fields, setting_defaults, setting_check };

/* ---- shapes ---- */

static const Field measure_field[] = {
    FIELD(TierMeasure, measure), FIELD(TierMeasure, have),   FIELD(TierMeasure, need),
    FIELD(TierMeasure, gap),     FIELD(TierMeasure, is_met),
};
static const Fields measure_fields = FIELDS(TierMeasure, measure_field);
static const Field view_field[] = {
    FIELD_ID(TierView, member_id),
    FIELD_ID(TierView, tier_id),
    FIELD(TierView, rank),
    FIELD(TierView, key),
    FIELD(TierView, name),
    FIELD(TierView, name_en),
    FIELD(TierView, discount_bp),
    FIELD(TierView, points_multiplier_bp),
    FIELD(TierView, benefits),
    FIELD(TierView, since_at),
    FIELD_DAY(TierView, until_day),
    FIELD(TierView, is_manual),
    FIELD_ID(TierView, next_tier_id),
    FIELD(TierView, next_name),
    FIELD_LIST(TierView, measures, measure_fields),
    FIELD(TierView, gap_zh),
    FIELD(TierView, gap_en),
    FIELD(TierView, keep_zh),
    FIELD(TierView, keep_en),
};
const Fields tier_view_fields = FIELDS(TierView, view_field);

typedef struct TierRef {
    int64_t tier_id;
} TierRef;
static const Field ref_field[] = { FIELD_ID(TierRef, tier_id, .need = true) };
static const Fields ref_fields = FIELDS(TierRef, ref_field);

static const Field edit_field[] = {
    FIELD_ID(Tier, tier_id, .need = true),
    FIELD(Tier, rank, .max = 1000),
    FIELD(Tier, name, .need = true, .max = TIER_NAME_MAX),
    FIELD(Tier, name_en, .max = TIER_NAME_MAX),
    FIELD(Tier, growth_min),
    FIELD(Tier, spend_min_fen),
    FIELD(Tier, orders_min),
    FIELD(Tier, recharge_min_fen),
    FIELD(Tier, discount_bp, .max = RATE_WHOLE_BP),
    FIELD(Tier, points_multiplier_bp, .max = POINTS_BP_MAX),
    FIELD(Tier, gift_points, .max = POINTS_PER_CALL_MAX),
    FIELD(Tier, benefits, .max = 30),
    FIELD(Tier, color, .max = 20),
    FIELD(Tier, version, .about = "or If-Match"),
};
static const Fields edit_fields = {
    .name = "TierEdit", .size = sizeof(Tier), .field = edit_field, .count = COUNT_OF(edit_field), .given_at = -1
};

typedef struct TierPage {
    Tiers items;
    Str next_cursor;
} TierPage;
static const Field page_field[] = { FIELD_LIST(TierPage, items, tier_fields), FIELD(TierPage, next_cursor) };
static const Fields page_fields = FIELDS(TierPage, page_field);

typedef struct PresetIn {
    Str preset;
} PresetIn;
static const Field preset_field[] = { FIELD(PresetIn, preset, .need = true, .max = 20,
                                            .about = "metals, discounts, numbers") };
static const Fields preset_fields = FIELDS(PresetIn, preset_field);

typedef struct TierAsk {
    int64_t member_id, limit;
    Str cursor;
} TierAsk;
static const Field ask_field[] = { FIELD_ID(TierAsk, member_id) };
static const Fields ask_fields = FIELDS(TierAsk, ask_field);
static const Field history_ask_field[] = {
    FIELD_ID(TierAsk, member_id),
    FIELD(TierAsk, cursor, .max = 400),
    FIELD(TierAsk, limit, .max = PAGE_MAX),
};
static const Fields history_ask_fields = { .name = "TierHistoryAsk",
                                           .size = sizeof(TierAsk),
                                           .field = history_ask_field,
                                           .count = COUNT_OF(history_ask_field),
                                           .given_at = -1 };
typedef struct HistoryPage {
    TierHistories items;
    Str next_cursor;
} HistoryPage;
static const Field history_page_field[] = { FIELD_LIST(HistoryPage, items, tier_history_fields),
                                            FIELD(HistoryPage, next_cursor) };
static const Fields history_page_fields = FIELDS(HistoryPage, history_page_field);

typedef struct TierSetIn {
    int64_t member_id, tier_id, until_day;
    Str reason;
} TierSetIn;
static const Field set_field[] = {
    FIELD_ID(TierSetIn, member_id, .need = true),
    FIELD_ID(TierSetIn, tier_id, .need = true),
    FIELD_DAY(TierSetIn, until_day, .about = "last day it stands; empty = until a rule lifts the member higher"),
    FIELD(TierSetIn, reason, .need = true, .max = 200),
};
static const Fields set_fields = FIELDS(TierSetIn, set_field);

/* ---- routes ---- */

static Err get_tiers(Ctx *c, const void *body, void *ret) {
    (void)body;
    TierPage *out = ret;
    return tier_list(c, &out->items);
}

static Err get_tier(Ctx *c, const void *body, void *ret) {
    const TierRef *in = body;
    return tier_get(c, in->tier_id, ret);
}

static Err post_tier(Ctx *c, const void *body, void *ret) { return tier_add(c, body, ret); }

static Err put_tier(Ctx *c, const void *body, void *ret) {
    const Tier *in = body;
    return tier_edit(c, in, in->version, ret);
}

static Err delete_tier(Ctx *c, const void *body, void *ret) {
    (void)ret;
    const TierRef *in = body;
    return tier_remove(c, in->tier_id);
}

static Err post_preset(Ctx *c, const void *body, void *ret) {
    const PresetIn *in = body;
    TierPage *out = ret;
    TRY(tier_use_preset(c, in->preset));
    return tier_list(c, &out->items);
}

static Err get_member_tier(Ctx *c, const void *body, void *ret) {
    const TierAsk *in = body;
    MemberCard card;
    TRY(member_card(c, in->member_id, &card));
    return tier_view(c, in->member_id, ret);
}

static Err get_my_tier(Ctx *c, const void *body, void *ret) {
    (void)body;
    return tier_view(c, auth_member(c), ret);
}

static Err get_history(Ctx *c, const void *body, void *ret) {
    const TierAsk *in = body;
    HistoryPage *out = ret;
    MemberCard card;
    int64_t before = 0, unused = 0, limit = in->limit > 0 ? in->limit : PAGE_DEFAULT;
    TRY(member_card(c, in->member_id, &card));
    TRY(page_open(c, in->cursor, &before, &unused));
    TRY(history_list(c, in->member_id, before, limit, &out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].history_id, 0);
    return OK;
}

static Err post_member_tier(Ctx *c, const void *body, void *ret) {
    const TierSetIn *in = body;
    TRY(tier_set(c, in->member_id, in->tier_id, in->until_day, in->reason));
    TRY(audit(c, &(AuditNote){ .action = "tier.set",
                               .subject = "member",
                               .subject_id = in->member_id,
                               .reason = in->reason,
                               .fields = &set_fields,
                               .after = in }));
    return tier_view(c, in->member_id, ret);
}

/* ---- facts from below ---- */

static Err on_order(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    const OrderFact *e = payload;
    if (e->member_id == 0) return OK;
    return tier_on_fact(
        c, &(TierFact){ .member_id = e->member_id, .day = e->day, .spend_fen = e->spend_fen, .orders = e->orders },
        e->refund_id, e->is_import);
}

/* Money that was recharged counts on its day; what a card refund pays back of it counts there no more. */
static Err count_recharge(Ctx *c, const WalletRecharged *e, int64_t sign) {
    return tier_on_fact(c,
                        &(TierFact){ .member_id = e->member_id, .day = e->day, .recharge_fen = sign * e->amount_fen },
                        e->refund_id, false);
}

static Err on_recharged(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    return count_recharge(c, payload, 1);
}

static Err on_returned(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    return count_recharge(c, payload, -1);
}

static Err on_growth(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    const GrowthMoved *e = payload;
    return tier_evaluate(c, e->member_id, e->is_import);
}

static Err on_joined(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    const MemberJoinedEvent *e = payload;
    return tier_evaluate(c, e->member_id, e->is_import);
}

static Err export_tier(Ctx *c, int64_t member_id, Buf *json) {
    TierView view;
    TierHistories list = { 0 };
    TRY(tier_view(c, member_id, &view));
    TRY(history_list(c, member_id, 0, PAGE_MAX, &list));
    buf_cstr(json, "\"tier\":");
    json_print(json, &tier_view_fields, &view);
    buf_cstr(json, ",\"tier_history\":");
    json_print_list(json, &tier_history_fields, (ListAny){ list.items, list.count });
    return OK;
}

enum { COUNTER = WHO_STAFF | WHO_POS | WHO_PARTNER };

static const Route routes[] = {
    { "GET", "/v1/tiers", "The ladder, lowest level first", COUNTER, "tier.read", NULL, &page_fields, NULL, get_tiers,
      ROUTE_LIST },
    { "GET", "/v1/me/tiers", "The ladder I can climb", WHO_MEMBER, NULL, NULL, &page_fields, NULL, get_tiers,
      ROUTE_LIST },
    { "GET", "/v1/tiers/{tier_id}", "One level", COUNTER, "tier.read", &ref_fields, &tier_fields, NULL, get_tier,
      ROUTE_EDIT },
    { "POST", "/v1/tiers", "Add a level", WHO_STAFF, "tier.write", &tier_fields, &tier_fields, NULL, post_tier,
      ROUTE_CREATED },
    { "PUT", "/v1/tiers/{tier_id}", "Change a level; everybody is judged again", WHO_STAFF, "tier.write", &edit_fields,
      &tier_fields, NULL, put_tier, ROUTE_EDIT },
    { "DELETE", "/v1/tiers/{tier_id}", "Remove a level nobody has", WHO_STAFF, "tier.write", &ref_fields, NULL, NULL,
      delete_tier, 0 },
    { "POST", "/v1/tiers/presets", "Replace a ladder nobody has climbed by a preset", WHO_STAFF, "tier.write",
      &preset_fields, &page_fields, NULL, post_preset, 0 },
    { "GET", "/v1/members/{member_id}/tier",
      "A member's level: what is missing to the next, what keeps it, what would be lost", COUNTER, "tier.read",
      &ask_fields, &tier_view_fields, NULL, get_member_tier, 0 },
    { "GET", "/v1/me/tier", "My level", WHO_MEMBER, NULL, NULL, &tier_view_fields, NULL, get_my_tier, 0 },
    { "GET", "/v1/members/{member_id}/tier/history", "How the level came about, newest first", COUNTER, "tier.read",
      &history_ask_fields, &history_page_fields, NULL, get_history, ROUTE_LIST },
    { "POST", "/v1/members/{member_id}/tier", "Set a level by hand, with a reason", WHO_STAFF | WHO_PARTNER, "tier.set",
      &set_fields, &tier_view_fields, NULL, post_member_tier, ROUTE_ONCE },
};

static const Handler handlers[] = {
    { .event = &order_completed, .name = "tier.on_order_completed", .run = on_order },
    { .event = &order_refunded, .name = "tier.on_order_refunded", .run = on_order },
    { .event = &wallet_recharged, .name = "tier.on_wallet_recharged", .run = on_recharged },
    { .event = &wallet_returned, .name = "tier.on_wallet_returned", .run = on_returned },
    { .event = &growth_moved, .name = "tier.on_growth_moved", .run = on_growth },
    { .event = &member_joined, .name = "tier.on_member_joined", .run = on_joined },
};
static const Job jobs[] = { { .name = "tier.evaluate", .every_ms = 5 * MINUTE_MS, .run = tier_job_evaluate } };
static const Setting *const settings[] = { &tier_setting };

const Slice tier_slice = {
    .name = "tier",
    .routes = routes,
    .route_count = COUNT_OF(routes),
    .handlers = handlers,
    .handler_count = COUNT_OF(handlers),
    .jobs = jobs,
    .job_count = COUNT_OF(jobs),
    .settings = settings,
    .setting_count = COUNT_OF(settings),
    .holds = tier_holds,
    .hold_count = TIER_HOLD_COUNT,
    .merge = tier_merge,
    .unmerge = tier_unmerge,
    .erase = history_blank,
    .export_member = export_tier,
    .install = tier_install,
};
