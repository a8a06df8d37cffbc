#include "domain/approval/approval.h"
#include "domain/item/item.h"
#include "domain/growth/growth.h"
#include "domain/reward/reward_store.h"
#include "event/coupon.h"
#include "event/order.h"
#include "event/tier.h"
#include <assert.h>
#include "event/wallet.h"

/* ---- shapes ---- */

typedef struct Ask {
    int64_t rule_id, budget_id, item_id, member_id, limit;
    Str preset, cursor, reason;
    RewardGifts gifts;
    bool ask;
} Ask;
#define OVER(name_text, T, table)                                                                                      \
    { .name = name_text, .size = sizeof(T), .field = (table), .count = COUNT_OF(table), .given_at = -1 }
#define SHAPE(name_text, shape, ...)                                                                                   \
    static const Field shape##_field[] = { __VA_ARGS__ };                                                              \
    static const Fields shape##_fields = OVER(name_text, Ask, shape##_field)
SHAPE("RewardRuleRef", rule_ref, FIELD_ID(Ask, rule_id, .need = true));
SHAPE("RewardBudgetRef", budget_ref, FIELD_ID(Ask, budget_id, .need = true));
SHAPE("RewardItemRef", item_ref, FIELD_ID(Ask, item_id, .need = true));
SHAPE("RewardPresetNew", preset_new,
      FIELD(Ask, preset, .need = true, .max = 20, .about = "join_gift, birthday_month, cake"));
SHAPE("RewardGiveNew", give_new, FIELD_ID(Ask, member_id, .need = true), FIELD_ID(Ask, budget_id),
      FIELD_LIST(Ask, gifts, reward_gift_fields, .need = true, .max = REWARD_GIFTS_MAX),
      FIELD(Ask, reason, .need = true, .max = 200),
      FIELD(Ask, ask, .about = "above the limit: ask a second person instead of refusing"));
SHAPE("RewardsAsk", rewards_ask, FIELD_ID(Ask, member_id), FIELD(Ask, cursor, .max = 400),
      FIELD(Ask, limit, .max = PAGE_MAX));

static const Field budget_new_field[] = {
    FIELD(RewardBudget, name, .need = true, .max = REWARD_NAME_MAX),
    FIELD(RewardBudget, most_fen, .max = PROMO_AMOUNT_MAX_FEN, .about = "worth of all that is given; 0 = no limit"),
    FIELD(RewardBudget, most_count, .max = 1000000000),
    FIELD(RewardBudget, most_per_member, .max = 1000000),
};
static const Fields budget_new_fields = OVER("RewardBudgetNew", RewardBudget, budget_new_field);
static const Field budget_edit_field[] = {
    FIELD_ID(RewardBudget, budget_id, .need = true),
    FIELD(RewardBudget, name, .need = true, .max = REWARD_NAME_MAX),
    FIELD(RewardBudget, most_fen, .max = PROMO_AMOUNT_MAX_FEN, .about = "worth of all that is given; 0 = no limit"),
    FIELD(RewardBudget, most_count, .max = 1000000000),
    FIELD(RewardBudget, most_per_member, .max = 1000000),
    FIELD(RewardBudget, version, .about = "or If-Match"),
};
static const Fields budget_edit_fields = OVER("RewardBudgetEdit", RewardBudget, budget_edit_field);

#define PAGE_OF(name, list_type, of)                                                                                   \
    typedef struct name {                                                                                              \
        list_type items;                                                                                               \
        Str next_cursor;                                                                                               \
    } name;                                                                                                            \
    static const Field name##_field[] = { FIELD_LIST(name, items, of), FIELD(name, next_cursor) };                     \
    static const Fields name##_fields = FIELDS(name, name##_field)
PAGE_OF(RewardRulePage, RewardRules, reward_rule_fields);
PAGE_OF(RewardBudgetPage, RewardBudgets, reward_budget_fields);
PAGE_OF(RewardPage, RewardRows, reward_row_fields);

/* ---- rules ---- */

static Err note(Ctx *c, const char *action, const char *subject, int64_t id, Str reason) {
    return audit(c, &(AuditNote){ .action = action, .subject = subject, .subject_id = id, .reason = reason });
}

static Err find_rule(Ctx *c, int64_t rule_id, RewardRule *ret_rule) {
    bool found = false;
    TRY(reward_rule_find(c, rule_id, ret_rule, &found));
    return found ? OK : fail(c, E_NOT_FOUND, "reward.rule_unknown", "没有这条规则", "no such rule");
}

static Err get_rules(Ctx *c, const void *body, void *ret) {
    (void)body;
    RewardRulePage *out = ret;
    return reward_rule_list(c, &out->items);
}

static Err get_rule(Ctx *c, const void *body, void *ret) { return find_rule(c, ((const Ask *)body)->rule_id, ret); }

static Err note_rule(Ctx *c, const char *action, const RewardRule *before, const RewardRule *after) {
    return audit(c, &(AuditNote){ .action = action,
                                  .subject = "reward_rule",
                                  .subject_id = after->rule_id,
                                  .fields = &reward_rule_fields,
                                  .before = before,
                                  .after = after });
}

static Err post_rule(Ctx *c, const void *body, void *ret) {
    RewardRule r = *(const RewardRule *)body;
    TRY(reward_rule_check(c, &r));
    r.rule_id = id_new(c);
    TRY(reward_rule_insert(c, &r));
    TRY(reward_follow(c));
    TRY(find_rule(c, r.rule_id, ret));
    return note_rule(c, "reward.rule_create", NULL, ret);
}

static Err put_rule(Ctx *c, const void *body, void *ret) {
    RewardRule r = *(const RewardRule *)body, old;
    bool done = false;
    TRY(reward_rule_check(c, &r));
    TRY(find_rule(c, r.rule_id, &old));
    if (r.version == 0 || r.version == old.version) {
        r.version = old.version + 1;
        TRY(reward_rule_write(c, &r, &done));
    }
    if (!done) return fail(c, E_STALE, "reward.stale", "刚被别人修改，请刷新", "somebody else changed it");
    TRY(reward_follow(c));
    TRY(find_rule(c, r.rule_id, ret));
    return note_rule(c, "reward.rule_change", &old, ret);
}

static Err post_preset(Ctx *c, const void *body, void *ret) {
    RewardRulePage *out = ret;
    TRY(reward_preset(c, ((const Ask *)body)->preset, &out->items));
    return note_rule(c, "reward.preset", NULL, &out->items.items[0]);
}

/* ---- budgets ---- */

static Err find_budget(Ctx *c, int64_t budget_id, RewardBudget *ret_budget) {
    bool found = false;
    TRY(reward_budget_find(c, budget_id, ret_budget, &found));
    return found ? OK : fail(c, E_NOT_FOUND, "reward.budget_unknown", "没有这个预算", "no such budget");
}

static Err get_budgets(Ctx *c, const void *body, void *ret) {
    (void)body;
    RewardBudgetPage *out = ret;
    return reward_budget_list(c, &out->items);
}

static Err get_budget(Ctx *c, const void *body, void *ret) {
    return find_budget(c, ((const Ask *)body)->budget_id, ret);
}

static Err post_budget(Ctx *c, const void *body, void *ret) {
    RewardBudget b = *(const RewardBudget *)body;
    b.budget_id = id_new(c);
    TRY(reward_budget_insert(c, &b));
    TRY(find_budget(c, b.budget_id, ret));
    return note(c, "reward.budget_create", "reward_budget", b.budget_id, b.name);
}

static Err put_budget(Ctx *c, const void *body, void *ret) {
    RewardBudget b = *(const RewardBudget *)body, old;
    bool done = false;
    TRY(find_budget(c, b.budget_id, &old));
    if (b.version != 0 && b.version != old.version)
        return fail(c, E_STALE, "reward.stale", "刚被别人修改，请刷新", "somebody else changed it");
    b.version = old.version;
    TRY(reward_budget_write(c, &b, &done));
    if (!done) {
        fail_number(c, "used_fen", old.used_fen);
        fail_number(c, "used_count", old.used_count);
        return fail(c, E_CONFLICT, "reward.budget_below", "预算不能少于已用的", "more than that is used already");
    }
    TRY(find_budget(c, b.budget_id, ret));
    return audit(c, &(AuditNote){ .action = "reward.budget_change",
                                  .subject = "reward_budget",
                                  .subject_id = b.budget_id,
                                  .fields = &reward_budget_fields,
                                  .before = &old,
                                  .after = ret });
}

/* ---- goods that give, gifts by hand ---- */

static Err get_item_gifts(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    RewardItem *out = ret;
    RewardItems items = { 0 };
    Item item;
    TRY(item_read(c, in->item_id, &item));
    TRY(reward_items_of(c, (const int64_t[REWARD_ITEM_SLOTS]){ in->item_id }, &items));
    *out = items.count > 0 ? items.items[0] : (RewardItem){ .item_id = in->item_id };
    return OK;
}

static Err put_item_gifts(Ctx *c, const void *body, void *ret) {
    const RewardItem *in = body;
    RewardItems items = { 0 };
    Item item;
    TRY(item_read(c, in->item_id, &item));
    TRY(reward_gifts_check(c, &in->gifts));
    TRY(reward_items_of(c, (const int64_t[REWARD_ITEM_SLOTS]){ in->item_id }, &items));
    int64_t version = items.count > 0 ? items.items[0].version : 0;
    if (in->version != 0 && in->version != version)
        return fail(c, E_STALE, "reward.stale", "刚被别人修改，请刷新", "somebody else changed it");
    TRY(reward_item_put(c, in, ret));
    return audit(c, &(AuditNote){ .action = "reward.item_gifts",
                                  .subject = "item",
                                  .subject_id = in->item_id,
                                  .fields = &reward_item_fields,
                                  .before = items.count > 0 ? items.items : NULL,
                                  .after = ret });
}

typedef struct RewardByHand {
    int64_t reward_id, worth_fen, approval_id;
} RewardByHand;
static const Field by_hand_field[] = {
    FIELD_ID(RewardByHand, reward_id, .skip_zero = true),
    FIELD(RewardByHand, worth_fen),
    FIELD_ID(RewardByHand, approval_id, .skip_zero = true, .about = "nothing moved yet: waits for a second person"),
};
static const Fields by_hand_fields = FIELDS(RewardByHand, by_hand_field);

/* What a gift is worth is not for the giver to say. Growth has no worth in money, but a limit of its own. */
static Err weigh_by_hand(Ctx *c, const RewardGifts *gifts, int64_t limit_fen, int64_t *ret_worth_fen,
                         bool *ret_is_heavy) {
    GrowthSetting growth;
    TRY(growth_setting_read(c, &growth));
    *ret_worth_fen = 0;
    *ret_is_heavy = false;
    for (int64_t i = 0; i < gifts->count; i++) {
        RewardGift *gift = &gifts->items[i];
        int64_t worth;
        gift->worth_fen = 0;
        TRY(reward_worth(c, gift, &worth));
        *ret_worth_fen += worth;
        bool is_much = growth.approval_growth > 0 && gift->amount > growth.approval_growth;
        if (gift->kind == REWARD_GROWTH && is_much) *ret_is_heavy = true;
    }
    if (limit_fen > 0 && *ret_worth_fen > limit_fen) *ret_is_heavy = true;
    return OK;
}

static Err give_by_hand(Ctx *c, const Ask *in, bool is_approved, RewardByHand *out) {
    CouponSetting setting;
    RewardGiven given;
    bool is_heavy;
    TRY(reward_gifts_check(c, &in->gifts));
    TRY(setting_get(c, &coupon_setting, &setting));
    TRY(weigh_by_hand(c, &in->gifts, setting.approval_fen, &out->worth_fen, &is_heavy));
    if (!is_approved && is_heavy) {
        fail_number(c, "limit_fen", setting.approval_fen);
        fail_number(c, "worth_fen", out->worth_fen);
        return fail(c, E_CONFLICT, "reward.needs_approval", "这份礼价值 %s 元，要第二个人审批",
                    "worth %s: this needs a second person", fen_text(c->arena, out->worth_fen).at);
    }
    TRY(reward_give(c,
                    &(RewardGive){ .member_id = in->member_id,
                                   .source = "staff",
                                   .source_id = id_new(c),
                                   .budget_id = in->budget_id,
                                   .gifts = in->gifts },
                    &given));
    out->reward_id = given.reward_id;
    return note(c, "reward.give", "member", in->member_id, in->reason);
}

static Err give_approved(Ctx *c, const Approval *a) {
    Ask in = { 0 };
    RewardByHand done;
    bool is_read = json_read(c->arena, a->content, &give_new_fields, &in);
    assert(is_read);
    TRY(member_living(c, in.member_id, &in.member_id));
    return give_by_hand(c, &in, true, &done);
}
static const ApprovalKind give_kind = {
    "reward.give", "reward.approve", "人工送礼", "give by hand", give_approved, NULL
};

static Err post_reward(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    RewardByHand *out = ret;
    Buf content = { .arena = c->arena };
    json_print(&content, &give_new_fields, in);
    Err err = give_by_hand(c, in, false, out);
    return approval_or_ask(c, err, "reward.needs_approval", in->ask,
                           &(ApprovalAsk){ .kind = &give_kind,
                                           .subject_id = in->member_id,
                                           .amount = out->worth_fen,
                                           .reason = in->reason,
                                           .content = buf_str(&content) },
                           &out->approval_id);
}

static Err get_rewards(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    RewardPage *out = ret;
    MemberCard card;
    int64_t below = 0, unused, limit = in->limit > 0 ? in->limit : PAGE_DEFAULT;
    TRY(member_card(c, in->member_id, &card));
    TRY(page_open(c, in->cursor, &below, &unused));
    TRY(reward_page(c, in->member_id, below == 0 ? INT64_MAX : below, limit, &out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].reward_id, 0);
    return OK;
}

/* ---- what happens elsewhere ---- */

static Err on_joined(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    const MemberJoinedEvent *e = payload;
    if (e->is_import) return OK;
    c->shop_id = e->shop_id;
    return reward_occasion(c, &(RewardOccasion){ .event = REWARD_ON_JOIN, .member_id = e->member_id });
}

/* A level that came with an import, and those below it, are not celebrated later either. */
static Err on_tier(Ctx *c, int64_t event_id, const void *payload) {
    const TierChanged *e = payload;
    int64_t rank = 0, member_id;
    bool is_new;
    TRY(member_living(c, e->member_id, &member_id));
    if (str_is(e->cause, "import"))
        return reward_insert(c,
                             &(RewardRow){ .reward_id = event_id,
                                           .member_id = member_id,
                                           .source = S("tier.import"),
                                           .source_id = e->to_rank + 1 },
                             &is_new);
    if (!e->is_up || str_is(e->cause, "merge")) return OK;
    TRY(reward_imported_rank(c, member_id, &rank));
    if (rank > e->to_rank) return OK;
    return reward_occasion(
        c, &(RewardOccasion){
               .event = REWARD_ON_TIER, .member_id = member_id, .about_id = e->to_tier_id, .part = e->to_tier_id });
}

static bool follows_orders(Ctx *c) {
    RewardSetting setting;
    return setting_get(c, &reward_setting, &setting) == OK && setting.follows_orders;
}

static Err on_order(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    const OrderFact *e = payload;
    if (e->member_id == 0 || e->is_import) return OK;
    c->shop_id = e->shop_id;
    return reward_occasion(
        c, &(RewardOccasion){
               .event = REWARD_ON_ORDER, .member_id = e->member_id, .part = e->order_id, .spend_fen = e->spend_fen });
}

static Err on_refund(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    const OrderFact *e = payload;
    if (e->member_id == 0 || e->is_import || e->orders == 0) return OK; /* a part of it: the gift stays */
    return reward_order_back(c, e->member_id, e->order_id, e->refund_id);
}

static Err on_shared(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    const CouponAccepted *e = payload;
    return reward_occasion(c, &(RewardOccasion){ .event = REWARD_ON_COUPON_SHARED,
                                                 .member_id = e->from_id,
                                                 .about_id = e->template_id,
                                                 .part = e->gift_id });
}

static Err on_recharged(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    const WalletRecharged *e = payload;
    c->shop_id = e->shop_id;
    return reward_occasion(c, &(RewardOccasion){ .event = REWARD_ON_RECHARGE,
                                                 .member_id = e->member_id,
                                                 .about_id = e->package_id,
                                                 .part = e->recharge_id,
                                                 .spend_fen = e->amount_fen });
}

static Err on_returned(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    const WalletRecharged *e = payload;
    return reward_recharge_back(c, &(RewardBack){ .member_id = e->member_id,
                                                  .part = e->recharge_id,
                                                  .take_id = e->refund_id,
                                                  .share = e->amount_fen,
                                                  .whole = e->whole_fen,
                                                  .reason = S("refund") });
}

/* Once for each time somebody falls asleep: the day is part of the key. */
static Err on_stage(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    const MemberStageEvent *e = payload;
    if (!str_is(e->to_stage, "sleeping")) return OK;
    return reward_occasion(
        c, &(RewardOccasion){ .event = REWARD_ON_ASLEEP, .member_id = e->member_id, .part = c->now / DAY_MS });
}

/* ---- members' data ---- */

static Err merge(Ctx *c, const MergeInfo *m) {
    int64_t moved = 0;
    TRY(reward_merge_move(c, m, &moved));
    merge_note(m, "reward", "rewards", moved);
    return OK;
}

static Err unmerge(Ctx *c, const MergeInfo *m) {
    int64_t moved = 0;
    TRY(reward_merge_back(c, m, &moved));
    merge_note(m, "reward", "rewards", moved);
    return OK;
}

static Err erase(Ctx *c, int64_t member_id) {
    (void)c;
    (void)member_id; /* ids and amounts alone, and the budgets are proved by them */
    return OK;
}

static Err export_member(Ctx *c, int64_t member_id, Buf *json) {
    RewardRows rows = { 0 };
    TRY(reward_page(c, member_id, INT64_MAX, EXPORT_ROWS_MAX, &rows));
    buf_cstr(json, "\"rewards\":");
    json_print_list(json, &reward_row_fields, (ListAny){ rows.items, rows.count });
    return OK;
}

static const Route routes[] = {
    { "GET", "/v1/reward-rules",
      "What is given by itself: joining, levels, birthdays, orders, recharges, waking up, shared coupons", WHO_STAFF,
      "reward.read", NULL, &RewardRulePage_fields, NULL, get_rules, ROUTE_LIST },
    { "POST", "/v1/reward-rules", "Add a rule", WHO_STAFF, "reward.write", &reward_rule_new_fields, &reward_rule_fields,
      NULL, post_rule, ROUTE_ONCE | ROUTE_CREATED },
    { "GET", "/v1/reward-rules/{rule_id}", "A rule", WHO_STAFF, "reward.read", &rule_ref_fields, &reward_rule_fields,
      NULL, get_rule, ROUTE_EDIT },
    { "PUT", "/v1/reward-rules/{rule_id}", "Change, stop or restart a rule", WHO_STAFF, "reward.write",
      &reward_rule_edit_fields, &reward_rule_fields, NULL, put_rule, ROUTE_EDIT },
    { "POST", "/v1/reward-presets", "A ready-made gift in one call: its coupon and its rule", WHO_STAFF, "reward.write",
      &preset_new_fields, &RewardRulePage_fields, NULL, post_preset, ROUTE_ONCE | ROUTE_CREATED },
    { "GET", "/v1/reward-budgets", "Budgets of campaigns, and how much of them is used", WHO_STAFF, "reward.read", NULL,
      &RewardBudgetPage_fields, NULL, get_budgets, ROUTE_LIST },
    { "POST", "/v1/reward-budgets", "Make a budget", WHO_STAFF, "reward.budget", &budget_new_fields,
      &reward_budget_fields, NULL, post_budget, ROUTE_ONCE | ROUTE_CREATED },
    { "GET", "/v1/reward-budgets/{budget_id}", "A budget", WHO_STAFF, "reward.read", &budget_ref_fields,
      &reward_budget_fields, NULL, get_budget, ROUTE_EDIT },
    { "PUT", "/v1/reward-budgets/{budget_id}", "Change a budget; never below what is used", WHO_STAFF, "reward.budget",
      &budget_edit_fields, &reward_budget_fields, NULL, put_budget, ROUTE_EDIT },
    { "GET", "/v1/items/{item_id}/gifts", "What buying an item gives", WHO_STAFF, "reward.read", &item_ref_fields,
      &reward_item_fields, NULL, get_item_gifts, ROUTE_EDIT },
    { "PUT", "/v1/items/{item_id}/gifts", "Say what buying an item gives: coupons, balance, times, points", WHO_STAFF,
      "reward.write", &reward_item_fields, &reward_item_fields, NULL, put_item_gifts, ROUTE_EDIT },
    { "POST", "/v1/rewards", "Give a list of gifts by hand, with a reason", WHO_STAFF | WHO_PARTNER, "reward.give",
      &give_new_fields, &by_hand_fields, NULL, post_reward, ROUTE_ONCE | ROUTE_CREATED },
    { "GET", "/v1/members/{member_id}/rewards", "What a member was given, newest first", WHO_STAFF, "reward.read",
      &rewards_ask_fields, &RewardPage_fields, NULL, get_rewards, ROUTE_LIST },
};

static const Handler handlers[] = {
    { .event = &member_joined, .name = "reward.on_member_joined", .run = on_joined },
    { .event = &tier_changed, .name = "reward.on_tier_changed", .run = on_tier },
    { .event = &order_completed, .name = "reward.on_order_completed", .run = on_order, .wants = follows_orders },
    { .event = &order_refunded, .name = "reward.on_order_refunded", .run = on_refund, .wants = follows_orders },
    { .event = &member_stage_changed, .name = "reward.on_member_stage_changed", .run = on_stage },
    { .event = &wallet_recharged, .name = "reward.on_wallet_recharged", .run = on_recharged },
    { .event = &wallet_returned, .name = "reward.on_wallet_returned", .run = on_returned },
    { .event = &coupon_accepted, .name = "reward.on_coupon_accepted", .run = on_shared },
};
static const Job jobs[] = { { .name = "reward.birthdays", .at_minute = 5, .run = reward_job_birthdays } };
static const Setting *const settings[] = { &reward_setting };
static const ApprovalKind *const approvals[] = { &give_kind, NULL };

const Slice reward_slice = {
    .name = "reward",
    .routes = routes,
    .route_count = COUNT_OF(routes),
    .handlers = handlers,
    .handler_count = COUNT_OF(handlers),
    .jobs = jobs,
    .job_count = COUNT_OF(jobs),
    .settings = settings,
    .setting_count = COUNT_OF(settings),
    .approvals = approvals,
    .holds = reward_holds,
    .hold_count = REWARD_HOLDS,
    .merge = merge,
    .unmerge = unmerge,
    .erase = erase,
    .export_member = export_member,
};
