#include "app/merchant.h"
#include "domain/approval/approval.h"
#include "domain/member/member.h"
#include "domain/points/points_rules.h"
#include "domain/points/points_store.h"
#include "event/member.h"
#include "event/points.h"
#include <assert.h>

/* ---- shapes ---- */

static const Field step_field[] = {
    FIELD(PointsStep, rule),
    FIELD(PointsStep, base_fen, .skip_zero = true),
    FIELD(PointsStep, rate_bp, .skip_zero = true),
    FIELD(PointsStep, points, .min = INT64_MIN),
};
const Fields points_step_fields = FIELDS(PointsStep, step_field);

static const Field offset_field[] = {
    FIELD(PointsOffset, balance),
    FIELD(PointsOffset, points, .about = "the most that can be used"),
    FIELD(PointsOffset, fen),
    FIELD(PointsOffset, step_points),
    FIELD(PointsOffset, min_points),
    FIELD(PointsOffset, rate_points),
    FIELD(PointsOffset, rate_fen),
    FIELD(PointsOffset, why_zh, .skip_zero = true),
    FIELD(PointsOffset, why_en, .skip_zero = true),
};
const Fields points_offset_fields = FIELDS(PointsOffset, offset_field);

static const Field view_field[] = {
    FIELD_ID(PointsView, member_id),
    FIELD(PointsView, type),
    FIELD(PointsView, name),
    FIELD(PointsView, balance),
    FIELD(PointsView, debt, .about = "recorded shortfall that later earnings pay first"),
    FIELD(PointsView, reserved),
    FIELD(PointsView, pending),
    FIELD(PointsView, expiring_points, .about = "within 30 days"),
    FIELD(PointsView, expiring_at),
    FIELD(PointsView, worth_fen),
};
const Fields points_view_fields = FIELDS(PointsView, view_field);

static const Field answer_field[] = {
    FIELD_ID(PointsAnswer, member_id),
    FIELD_ID(PointsAnswer, source_id),
    FIELD(PointsAnswer, type),
    FIELD(PointsAnswer, points),
    FIELD(PointsAnswer, balance),
    FIELD(PointsAnswer, debt),
    FIELD(PointsAnswer, pending),
    FIELD(PointsAnswer, duplicate, .skip_zero = true),
    FIELD_ID(PointsAnswer, approval_id, .skip_zero = true, .about = "nothing moved yet: waits for a second person"),
};
static const Fields answer_fields = FIELDS(PointsAnswer, answer_field);

static const Field manual_field[] = {
    FIELD_ID(PointsManual, member_id, .need = true),
    FIELD(PointsManual, points, .need = true, .min = 1, .max = POINTS_PER_CALL_MAX),
    FIELD(PointsManual, type, .max = 20),
    FIELD(PointsManual, reason, .need = true, .max = 200),
    FIELD_DAY(PointsManual, expires_day, .about = "last day they are good; empty = by the type's policy"),
    FIELD(PointsManual, ask, .about = "above the limit: wait for a second person instead of being refused"),
};
static const Fields manual_fields = FIELDS(PointsManual, manual_field);
static const Field deduct_field[] = {
    FIELD_ID(PointsManual, member_id, .need = true),
    FIELD(PointsManual, points, .need = true, .min = 1, .max = POINTS_PER_CALL_MAX),
    FIELD(PointsManual, type, .max = 20),
    FIELD(PointsManual, reason, .need = true, .max = 200),
    FIELD(PointsManual, ask, .about = "above the limit: wait for a second person instead of being refused"),
};
static const Fields deduct_fields = { .name = "PointsDeduct",
                                      .size = sizeof(PointsManual),
                                      .field = deduct_field,
                                      .count = COUNT_OF(deduct_field),
                                      .given_at = -1 };

static const Field gift_field[] = {
    FIELD_ID(PointsGift, from_member_id, .need = true),
    FIELD_ID(PointsGift, to_member_id, .need = true),
    FIELD(PointsGift, points, .need = true, .min = 1, .max = POINTS_PER_CALL_MAX),
    FIELD(PointsGift, type, .max = 20),
    FIELD(PointsGift, words, .max = 100),
};
static const Fields gift_fields = FIELDS(PointsGift, gift_field);

typedef struct MyGift {
    Str to_member_no, type, words;
    int64_t points;
} MyGift;
static const Field my_gift_field[] = {
    FIELD(MyGift, to_member_no, .need = true, .max = 40),
    FIELD(MyGift, points, .need = true, .min = 1, .max = POINTS_PER_CALL_MAX),
    FIELD(MyGift, type, .max = 20),
    FIELD(MyGift, words, .max = 100),
};
static const Fields my_gift_fields = FIELDS(MyGift, my_gift_field);

typedef struct PointsAsk {
    int64_t member_id, payable_fen, limit;
    Str type, cursor;
} PointsAsk;
#define ASK_TYPE FIELD(PointsAsk, type, .max = 20, .about = "empty = points")
#define ASK_PAGE FIELD(PointsAsk, cursor, .max = 400), FIELD(PointsAsk, limit, .max = PAGE_MAX)
#define ASK(name_text, table)                                                                                          \
    { .name = name_text, .size = sizeof(PointsAsk), .field = (table), .count = COUNT_OF(table), .given_at = -1 }
static const Field ask_field[] = { FIELD_ID(PointsAsk, member_id), ASK_TYPE };
static const Fields ask_fields = ASK("PointsAsk", ask_field);
static const Field my_ask_field[] = { ASK_TYPE };
static const Fields my_ask_fields = ASK("MyPointsAsk", my_ask_field);
static const Field page_ask_field[] = { FIELD_ID(PointsAsk, member_id), ASK_TYPE, ASK_PAGE };
static const Fields page_ask_fields = ASK("PointsPageAsk", page_ask_field);
static const Field my_page_ask_field[] = { ASK_TYPE, ASK_PAGE };
static const Fields my_page_ask_fields = ASK("MyPointsPageAsk", my_page_ask_field);
static const Field offset_ask_field[] = {
    FIELD_ID(PointsAsk, member_id),
    FIELD(PointsAsk, payable_fen, .need = true, .min = 1, .max = 100000000000),
};
static const Fields offset_ask_fields = ASK("PointsOffsetAsk", offset_ask_field);

typedef struct EntryPage {
    LedgerEntries items;
    Str next_cursor;
} EntryPage;
static const Field entry_page_field[] = { FIELD_LIST(EntryPage, items, ledger_entry_fields),
                                          FIELD(EntryPage, next_cursor) };
static const Fields entry_page_fields = FIELDS(EntryPage, entry_page_field);
typedef struct LotPage {
    LedgerLots items;
    Str next_cursor;
} LotPage;
static const Field lot_page_field[] = { FIELD_LIST(LotPage, items, ledger_lot_fields), FIELD(LotPage, next_cursor) };
static const Fields lot_page_fields = FIELDS(LotPage, lot_page_field);
typedef struct HoldPage {
    LedgerHolds items;
    Str next_cursor;
} HoldPage;
static const Field hold_page_field[] = { FIELD_LIST(HoldPage, items, ledger_hold_fields),
                                         FIELD(HoldPage, next_cursor) };
static const Fields hold_page_fields = FIELDS(HoldPage, hold_page_field);

/* ---- reading ---- */

static Err kind_of(Ctx *c, Str type, LedgerKind *ret_kind) {
    PointsSetting s;
    TRY(points_setting_read(c, &s));
    return points_kind_of(c, &s, type, ret_kind, NULL);
}

static Err need_member(Ctx *c, int64_t member_id) {
    MemberCard card;
    return member_card(c, member_id, &card);
}

static Err get_points(Ctx *c, const void *body, void *ret) {
    const PointsAsk *in = body;
    TRY(need_member(c, in->member_id));
    return points_view(c, in->member_id, in->type, ret);
}

static Err get_my_points(Ctx *c, const void *body, void *ret) {
    const PointsAsk *in = body;
    return points_view(c, auth_member(c), in->type, ret);
}

static Err entry_page(Ctx *c, int64_t member_id, const PointsAsk *in, EntryPage *out) {
    LedgerKind kind;
    int64_t before = 0, unused = 0, limit = in->limit > 0 ? in->limit : PAGE_DEFAULT;
    TRY(kind_of(c, in->type, &kind));
    TRY(page_open(c, in->cursor, &before, &unused));
    TRY(ledger_entries(c, member_id, &kind, before, limit, &out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].seq, 0);
    return OK;
}

static Err get_entries(Ctx *c, const void *body, void *ret) {
    const PointsAsk *in = body;
    TRY(need_member(c, in->member_id));
    return entry_page(c, in->member_id, in, ret);
}

static Err get_my_entries(Ctx *c, const void *body, void *ret) { return entry_page(c, auth_member(c), body, ret); }

static Err get_lots(Ctx *c, const void *body, void *ret) {
    const PointsAsk *in = body;
    LotPage *out = ret;
    LedgerKind kind;
    TRY(need_member(c, in->member_id));
    TRY(kind_of(c, in->type, &kind));
    return ledger_lots(c, in->member_id, &kind, &out->items);
}

static Err get_holds(Ctx *c, const void *body, void *ret) {
    const PointsAsk *in = body;
    HoldPage *out = ret;
    LedgerKind kind;
    TRY(need_member(c, in->member_id));
    TRY(kind_of(c, in->type, &kind));
    return ledger_holds_open(c, in->member_id, &kind, &out->items);
}

static Err get_offset(Ctx *c, const void *body, void *ret) {
    const PointsAsk *in = body;
    PointsSetting s;
    LedgerAccount account;
    TRY(need_member(c, in->member_id));
    TRY(points_setting_read(c, &s));
    TRY(ledger_account(c, in->member_id, &points_kind, &account));
    points_offset_most(&s, account.balance, in->payable_fen, ret);
    return OK;
}

/* ---- moving ---- */

static Err run_approved(Ctx *c, const Approval *a, Err (*run)(Ctx *c, const PointsManual *in, PointsAnswer *ret)) {
    PointsManual in = { 0 };
    PointsAnswer done;
    bool is_read = json_read(c->arena, a->content, &manual_fields, &in);
    assert(is_read);
    in.is_approved = true;
    TRY(member_living(c, in.member_id, &in.member_id));
    return run(c, &in, &done);
}
static Err grant_approved(Ctx *c, const Approval *a) { return run_approved(c, a, points_grant_by_hand); }
static Err deduct_approved(Ctx *c, const Approval *a) { return run_approved(c, a, points_deduct_by_hand); }
static const ApprovalKind grant_kind = {
    "points.grant", "points.approve", "人工增加积分", "grant points by hand", grant_approved, NULL,
};
static const ApprovalKind deduct_kind = {
    "points.deduct", "points.approve", "人工扣减积分", "deduct points by hand", deduct_approved, NULL,
};

static Err or_ask(Ctx *c, Err err, const ApprovalKind *kind, const PointsManual *in, PointsAnswer *out) {
    Buf content = { .arena = c->arena };
    json_print(&content, &manual_fields, in);
    out->member_id = in->member_id;
    return approval_or_ask(c, err, "points.needs_approval", in->ask,
                           &(ApprovalAsk){ .kind = kind,
                                           .subject_id = in->member_id,
                                           .amount = in->points,
                                           .reason = in->reason,
                                           .content = buf_str(&content) },
                           &out->approval_id);
}

static Err post_grant(Ctx *c, const void *body, void *ret) {
    return or_ask(c, points_grant_by_hand(c, body, ret), &grant_kind, body, ret);
}

static Err post_deduction(Ctx *c, const void *body, void *ret) {
    return or_ask(c, points_deduct_by_hand(c, body, ret), &deduct_kind, body, ret);
}

static Err post_gift(Ctx *c, const void *body, void *ret) { return points_give(c, body, ret); }

static Err post_my_gift(Ctx *c, const void *body, void *ret) {
    const MyGift *in = body;
    MemberCard to;
    TRY(member_lookup(c, &(MemberLookup){ .member_no = in->to_member_no }, &to));
    return points_give(c,
                       &(PointsGift){ .from_member_id = auth_member(c),
                                      .to_member_id = to.member_id,
                                      .points = in->points,
                                      .type = in->type,
                                      .words = in->words },
                       ret);
}

typedef struct BehaviourIn {
    int64_t member_id, at;
    Str name, key;
} BehaviourIn;
static const Field behaviour_in_field[] = {
    FIELD_ID(BehaviourIn, member_id, .need = true),
    FIELD(BehaviourIn, name, .need = true, .max = 40),
    FIELD(BehaviourIn, key, .max = 80, .about = "what it was about (a review's id): counts once; empty = once a day"),
    FIELD(BehaviourIn, at, .about = "when it happened; 0 = now"),
};
static const Fields behaviour_in_fields = FIELDS(BehaviourIn, behaviour_in_field);
static const Field my_behaviour_field[] = { FIELD(BehaviourIn, name, .need = true, .max = 40) };
static const Fields my_behaviour_fields = { .name = "MyBehaviour",
                                            .size = sizeof(BehaviourIn),
                                            .field = my_behaviour_field,
                                            .count = COUNT_OF(my_behaviour_field),
                                            .given_at = -1 };
static const Field done_field[] = {
    FIELD_ID(BehaviourDone, behaviour_id),
    FIELD(BehaviourDone, points),
    FIELD(BehaviourDone, streak),
    FIELD(BehaviourDone, streak_points, .skip_zero = true),
    FIELD(BehaviourDone, balance),
    FIELD(BehaviourDone, duplicate, .skip_zero = true),
    FIELD(BehaviourDone, capped_zh, .skip_zero = true),
    FIELD(BehaviourDone, capped_en, .skip_zero = true),
};
static const Fields done_fields = FIELDS(BehaviourDone, done_field);

static Err post_behaviour(Ctx *c, const void *body, void *ret) {
    const BehaviourIn *in = body;
    return behaviour_record(
        c,
        &(BehaviourPost){
            .member_id = in->member_id, .name = in->name, .key = in->key, .at = in->at, .shop_id = c->shop_id },
        ret);
}

/* Members post only what the merchant lets them, and at most once a day: the key is the day, whatever they send. */
static Err post_my_behaviour(Ctx *c, const void *body, void *ret) {
    const BehaviourIn *in = body;
    PointsSetting s;
    TRY(points_setting_read(c, &s));
    const PointsBehaviour *b = points_behaviour_of(&s, in->name);
    if (b == NULL || !b->by_member)
        return fail(c, E_DENIED, "points.behaviour_not_yours", "这种行为不能自己登记",
                    "you cannot post this for yourself");
    return behaviour_record(c, &(BehaviourPost){ .member_id = auth_member(c), .name = in->name }, ret);
}

typedef struct ConfirmIn {
    int64_t order_id;
} ConfirmIn;
static const Field confirm_field[] = { FIELD_ID(ConfirmIn, order_id, .need = true) };
static const Fields confirm_fields = FIELDS(ConfirmIn, confirm_field);

static Err post_confirmation(Ctx *c, const void *body, void *ret) {
    const ConfirmIn *in = body;
    return points_confirm(c, in->order_id, ret);
}

/* ---- two phases for systems outside (a mall, a machine): reserve, then consume or release ---- */

typedef struct ReserveIn {
    int64_t member_id, points, minutes, reservation_id;
    Str type;
} ReserveIn;
static const Field reserve_field[] = {
    FIELD_ID(ReserveIn, member_id, .need = true),
    FIELD(ReserveIn, points, .need = true, .min = 1, .max = POINTS_PER_CALL_MAX),
    FIELD(ReserveIn, minutes, .max = 43200, .about = "released by itself afterwards; 0 = 30"),
};
static const Fields reserve_fields = FIELDS(ReserveIn, reserve_field);
static const Field reservation_field[] = { FIELD_ID(ReserveIn, reservation_id, .need = true) };
static const Fields reservation_fields = { .name = "ReservationRef",
                                           .size = sizeof(ReserveIn),
                                           .field = reservation_field,
                                           .count = COUNT_OF(reservation_field),
                                           .given_at = -1 };

enum { RESERVE_MINUTES_DEFAULT = 30 };

static Err answer_account(Ctx *c, int64_t member_id, int64_t source_id, int64_t points, PointsAnswer *out) {
    LedgerAccount account;
    TRY(ledger_account_raw(c, member_id, &points_kind, &account));
    TRY(points_show(c, &points_kind, member_id, account.balance));
    *out = (PointsAnswer){ .member_id = member_id,
                           .source_id = source_id,
                           .type = points_kind.name,
                           .points = points,
                           .balance = account.balance,
                           .debt = account.debt,
                           .pending = account.pending };
    return OK;
}

static Err post_reservation(Ctx *c, const void *body, void *ret) {
    const ReserveIn *in = body;
    LedgerPosted posted;
    TRY(member_need_right(c, in->member_id, RIGHT_SPEND_POINTS));
    LedgerPost p = { .kind = &points_kind,
                     .member_id = in->member_id,
                     .amount = -in->points,
                     .source = "reserve",
                     .source_id = id_new(c) };
    int64_t minutes = in->minutes > 0 ? in->minutes : RESERVE_MINUTES_DEFAULT;
    TRY(ledger_reserve(c, &p, c->now + minutes * MINUTE_MS, &posted));
    return answer_account(c, in->member_id, p.source_id, -in->points, ret);
}

static Err post_consume(Ctx *c, const void *body, void *ret) {
    const ReserveIn *in = body;
    LedgerHold hold;
    TRY(ledger_consume(c, &points_kind, "reserve", in->reservation_id));
    TRY(ledger_hold_read(c, &points_kind, "reserve", in->reservation_id, &hold));
    return answer_account(c, hold.member_id, hold.source_id, 0, ret);
}

static Err post_release(Ctx *c, const void *body, void *ret) {
    const ReserveIn *in = body;
    LedgerHold hold;
    TRY(ledger_release(c, &points_kind, "reserve", in->reservation_id, c->now + DAY_MS));
    TRY(ledger_hold_read(c, &points_kind, "reserve", in->reservation_id, &hold));
    return answer_account(c, hold.member_id, hold.source_id, hold.amount, ret);
}

/* ---- what members do elsewhere ---- */

static Err record_if_set(Ctx *c, int64_t member_id, Str name, Str key, int64_t shop_id) {
    PointsSetting s;
    MemberCard card;
    BehaviourDone done;
    TRY(points_setting_read(c, &s));
    if (points_behaviour_of(&s, name) == NULL) return OK;
    TRY(member_living(c, member_id, &member_id));
    TRY(member_card(c, member_id, &card));
    if (card.status != MEMBER_ACTIVE || (card.blocked & RIGHT_EARN) != 0) return OK;
    return behaviour_record(c, &(BehaviourPost){ .member_id = member_id, .name = name, .key = key, .shop_id = shop_id },
                            &done);
}

static Err on_joined(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    const MemberJoinedEvent *e = payload;
    if (e->is_import) return OK;
    TRY(record_if_set(c, e->member_id, S("join"), S("join"), e->shop_id));
    if (e->inviter_id == 0) return OK;
    Str key = arena_print(c->arena, "%lld", (long long)e->member_id);
    return record_if_set(c, e->inviter_id, S("invite"), key, e->shop_id);
}

static Err on_updated(Ctx *c, int64_t event_id, const void *payload) {
    const MemberUpdatedEvent *e = payload;
    if (e->is_completed) return record_if_set(c, e->member_id, S("profile"), S("profile"), 0);
    return record_if_set(c, e->member_id, S("profile_update"), arena_print(c->arena, "%lld", (long long)event_id), 0);
}

/* ---- members' data, and what must be true ---- */

static Err export_behaviours(Ctx *c, int64_t member_id, Buf *json) {
    BehaviourRows rows = { 0 };
    TRY(behaviour_list(c, member_id, 0, EXPORT_ROWS_MAX, &rows));
    buf_cstr(json, "\"behaviours\":");
    json_print_list(json, &behaviour_row_fields, (ListAny){ rows.items, rows.count });
    return OK;
}

static Err gave_what_the_ledger_says(Ctx *c, HoldReport *report) {
    PointsSetting s;
    BehaviourRows rows = { 0 };
    int64_t after = 0;
    TRY(points_setting_read(c, &s));
    do {
        ArenaMark mark = arena_mark(c->arena);
        TRY(behaviour_walk(c, after, PAGE_MAX, &rows));
        for (int64_t i = 0; i < rows.count; i++) {
            const BehaviourRow *row = &rows.items[i];
            const PointsBehaviour *b = points_behaviour_of(&s, row->name);
            LedgerKind kind;
            LedgerEntry entry = { 0 };
            bool found = false;
            after = row->behaviour_id;
            if (b == NULL || points_kind_of(c, &s, b->type, &kind, NULL) != OK) continue;
            TRY(ledger_entry_of(c, &kind, "behaviour", row->behaviour_id, &entry, &found));
            report->checked++;
            if (entry.delta - entry.delta_debt != row->points)
                hold_broken(report, "behaviour %lld of member %lld: says %lld points, the ledger %lld",
                            (long long)row->behaviour_id, (long long)row->member_id, (long long)row->points,
                            (long long)(entry.delta - entry.delta_debt));
        }
        arena_back(c->arena, mark);
    } while (rows.count == PAGE_MAX);
    return OK;
}

static Err cards_show_the_balance(Ctx *c, HoldReport *report) {
    MemberCards cards = { 0 };
    int64_t above = 0;
    do {
        ArenaMark mark = arena_mark(c->arena);
        TRY(member_walk(c, above, PAGE_MAX, &cards));
        for (int64_t i = 0; i < cards.count; i++) {
            const MemberCard *card = &cards.items[i];
            LedgerAccount account;
            above = card->member_id;
            TRY(ledger_account_raw(c, card->member_id, &points_kind, &account));
            report->checked++;
            if (account.balance != card->points)
                hold_broken(report, "member %lld: the card shows %lld points, the books %lld",
                            (long long)card->member_id, (long long)card->points, (long long)account.balance);
        }
        arena_back(c->arena, mark);
    } while (cards.count == PAGE_MAX);
    return OK;
}

/* Of every kind: what reached a merged member's account would be seen by nobody. */
static Err merged_members_hold_nothing(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM member_card WHERE merchant_id = $1 AND status = 'merged'",
        "SELECT a.member_id AS id, CAST(0 AS BIGINT) AS want, a.balance + a.debt + a.reserved + a.pending"
        " AS have FROM ledger_account a WHERE a.merchant_id = $1"
        " AND (a.balance > 0 OR a.debt > 0 OR a.reserved > 0 OR a.pending > 0) AND EXISTS (SELECT 1"
        " FROM member_card m WHERE m.merchant_id = $1 AND m.member_id = a.member_id"
        " AND m.status = 'merged')");
}

/* ---- tables ---- */

enum { COUNTER = WHO_STAFF | WHO_POS | WHO_PARTNER };

static const Route routes[] = {
    { "GET", "/v1/members/{member_id}/points",
      "Points of a member: available, pending, reserved, expiring within 30 days", COUNTER, "points.read", &ask_fields,
      &points_view_fields, NULL, get_points, 0 },
    { "GET", "/v1/members/{member_id}/points/entries", "The ledger of a member's points, newest first", COUNTER,
      "points.read", &page_ask_fields, &entry_page_fields, NULL, get_entries, ROUTE_LIST },
    { "GET", "/v1/members/{member_id}/points/lots", "What expires when, earliest first", COUNTER, "points.read",
      &ask_fields, &lot_page_fields, NULL, get_lots, ROUTE_LIST },
    { "GET", "/v1/members/{member_id}/points/pending", "Waiting grants and open reservations", COUNTER, "points.read",
      &ask_fields, &hold_page_fields, NULL, get_holds, ROUTE_LIST },
    { "GET", "/v1/members/{member_id}/points/offset", "The most that points can pay of an amount, and why not more",
      COUNTER, "points.read", &offset_ask_fields, &points_offset_fields, NULL, get_offset, 0 },
    { "POST", "/v1/points/grants", "Grant points by hand, with a reason", WHO_STAFF | WHO_PARTNER, "points.grant",
      &manual_fields, &answer_fields, NULL, post_grant, ROUTE_ONCE | ROUTE_CREATED },
    { "POST", "/v1/points/deductions", "Deduct points by hand, with a reason", WHO_STAFF | WHO_PARTNER, "points.deduct",
      &deduct_fields, &answer_fields, NULL, post_deduction, ROUTE_ONCE | ROUTE_CREATED },
    { "POST", "/v1/points/gifts", "Move points from one member to another", COUNTER, "points.gift", &gift_fields,
      &answer_fields, NULL, post_gift, ROUTE_ONCE | ROUTE_CREATED },
    { "POST", "/v1/points/confirmations", "Make the waiting points of an order available now", COUNTER,
      "points.confirm", &confirm_fields, &answer_fields, NULL, post_confirmation, ROUTE_ONCE },
    { "POST", "/v1/points/reservations", "Freeze points until they are consumed or released", COUNTER, "points.reserve",
      &reserve_fields, &answer_fields, NULL, post_reservation, ROUTE_ONCE | ROUTE_CREATED },
    { "POST", "/v1/points/reservations/{reservation_id}/consume", "Spend what was frozen", COUNTER, "points.reserve",
      &reservation_fields, &answer_fields, NULL, post_consume, ROUTE_ONCE },
    { "POST", "/v1/points/reservations/{reservation_id}/release", "Give back what was frozen", COUNTER,
      "points.reserve", &reservation_fields, &answer_fields, NULL, post_release, ROUTE_ONCE },
    { "POST", "/v1/behaviours", "Record that a member did something; points by its rule, once per key", COUNTER,
      "points.record", &behaviour_in_fields, &done_fields, NULL, post_behaviour, ROUTE_ONCE | ROUTE_CREATED },
    { "GET", "/v1/me/points", "My points", WHO_MEMBER, NULL, &my_ask_fields, &points_view_fields, NULL, get_my_points,
      0 },
    { "GET", "/v1/me/points/entries", "My points, line by line", WHO_MEMBER, NULL, &my_page_ask_fields,
      &entry_page_fields, NULL, get_my_entries, ROUTE_LIST },
    { "POST", "/v1/me/points/gifts", "Give points to a friend", WHO_MEMBER, NULL, &my_gift_fields, &answer_fields, NULL,
      post_my_gift, ROUTE_ONCE | ROUTE_CREATED },
    { "POST", "/v1/me/behaviours", "Check in, and what else the merchant lets members post", WHO_MEMBER, NULL,
      &my_behaviour_fields, &done_fields, NULL, post_my_behaviour, ROUTE_ONCE | ROUTE_CREATED },
};

static const Handler handlers[] = {
    { .event = &member_joined, .name = "points.on_member_joined", .run = on_joined },
    { .event = &member_updated, .name = "points.on_member_updated", .run = on_updated },
};

static const Job jobs[] = {
    { .name = "points.expire", .at_minute = 1, .run = points_job_expire },
    { .name = "points.due", .every_ms = 5 * MINUTE_MS, .run = points_job_due },
    { .name = "points.warn", .at_minute = 9 * 60, .run = points_job_warn },
};

static const Setting *const settings[] = { &points_setting };

static const Hold holds[] = {
    { "points.behaviours_gave_what_the_ledger_says", gave_what_the_ledger_says },
    { "points.cards_show_the_balance_of_the_books", cards_show_the_balance },
    { "points.merged_members_hold_nothing", merged_members_hold_nothing },
};

static const ApprovalKind *const approvals[] = { &grant_kind, &deduct_kind, NULL };
static const char *const also_may[] = { "points.approve", NULL };

const Slice points_slice = {
    .name = "points",
    .approvals = approvals,
    .also_may = also_may,
    .routes = routes,
    .route_count = COUNT_OF(routes),
    .handlers = handlers,
    .handler_count = COUNT_OF(handlers),
    .jobs = jobs,
    .job_count = COUNT_OF(jobs),
    .settings = settings,
    .setting_count = COUNT_OF(settings),
    .holds = holds,
    .hold_count = COUNT_OF(holds),
    .merge = points_merge,
    .unmerge = points_unmerge,
    .erase = behaviour_erase,
    .export_member = export_behaviours,
};
