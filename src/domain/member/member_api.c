#include "base/text.h"
#include "domain/member/member_staff_api.h"

/* ---- shapes ---- */

static const Field birthday_field[] = {
    FIELD(Birthday, year, .max = 2100, .about = "0 = not told"),
    FIELD(Birthday, month, .max = 12),
    FIELD(Birthday, day, .max = 31),
    FIELD(Birthday, is_lunar),
};
const Fields birthday_fields = FIELDS(Birthday, birthday_field);

static const Field address_field[] = {
    FIELD(MemberAddress, label, .max = 20),
    FIELD(MemberAddress, region, .max = 80),
    FIELD(MemberAddress, detail, .need = true, .max = 200),
    FIELD(MemberAddress, is_default),
};
const Fields member_address_fields = FIELDS(MemberAddress, address_field);

static const Field found_field[] = {
    FIELD_ID(MemberFound, member_id),
    FIELD(MemberFound, member_no),
    FIELD(MemberFound, name),
    FIELD(MemberFound, phone),
    FIELD_ENUM(MemberFound, status, member_status_names),
    FIELD_ENUM(MemberFound, stage, member_stage_names),
    FIELD(MemberFound, blocked, .skip_zero = true),
    FIELD_ID(MemberFound, tier_id),
    FIELD(MemberFound, tier_name),
    FIELD(MemberFound, points),
    FIELD(MemberFound, growth),
    FIELD(MemberFound, is_new, .skip_zero = true),
    FIELD(MemberFound, is_birthday, .skip_zero = true),
};
const Fields member_found_fields = FIELDS(MemberFound, found_field);

static const Field detail_field[] = {
    FIELD_ID(MemberDetail, member_id),
    FIELD(MemberDetail, member_no),
    FIELD(MemberDetail, name),
    FIELD(MemberDetail, phone),
    FIELD(MemberDetail, email),
    FIELD_ENUM(MemberDetail, status, member_status_names),
    FIELD_ENUM(MemberDetail, stage, member_stage_names),
    FIELD(MemberDetail, blocked),
    FIELD_ENUM(MemberDetail, gender, member_gender_names),
    FIELD_OBJECT(MemberDetail, birthday, birthday_fields),
    FIELD(MemberDetail, region),
    FIELD(MemberDetail, hobbies),
    FIELD_LIST(MemberDetail, addresses, member_address_fields),
    FIELD_JSON(MemberDetail, custom),
    FIELD(MemberDetail, channel),
    FIELD_ID(MemberDetail, shop_id),
    FIELD_ID(MemberDetail, staff_id),
    FIELD_ID(MemberDetail, inviter_id),
    FIELD_ID(MemberDetail, tier_id),
    FIELD(MemberDetail, tier_name),
    FIELD(MemberDetail, points),
    FIELD(MemberDetail, growth),
    FIELD(MemberDetail, orders),
    FIELD(MemberDetail, spend_fen),
    FIELD(MemberDetail, first_order_at),
    FIELD(MemberDetail, last_order_at),
    FIELD(MemberDetail, order_gap_days, .about = "average days between two orders"),
    FIELD_LIST(MemberDetail, identities, identity_fields),
    FIELD_LIST(MemberDetail, tags, tag_fields),
    FIELD(MemberDetail, is_complete),
    FIELD(MemberDetail, joined_at),
    FIELD(MemberDetail, created_at),
    FIELD(MemberDetail, updated_at),
    FIELD_ID(MemberDetail, merged_into),
    FIELD(MemberDetail, version),
};
const Fields member_detail_fields = FIELDS(MemberDetail, detail_field);

static const Field change_field[] = {
    FIELD_ID(MemberChange, member_id, .need = true),
    FIELD(MemberChange, name, .max = MEMBER_NAME_MAX, .is_personal = true),
    FIELD_ENUM(MemberChange, gender, member_gender_names),
    FIELD_OBJECT(MemberChange, birthday, birthday_fields, .is_personal = true),
    FIELD(MemberChange, region, .max = 80),
    FIELD(MemberChange, hobbies, .max = MEMBER_HOBBIES_MAX),
    FIELD_LIST(MemberChange, addresses, member_address_fields, .max = MEMBER_ADDRESSES_MAX, .is_personal = true),
    FIELD_JSON(MemberChange, custom, .about = "by the merchant's own fields; only what is given changes"),
    FIELD(MemberChange, channel, .max = 40),
    FIELD(MemberChange, version),
};
const Fields member_change_fields = FIELDS_GIVEN(MemberChange, change_field);

static const Field own_change_field[] = {
    FIELD(MemberChange, name, .max = MEMBER_NAME_MAX, .is_personal = true),
    FIELD_ENUM(MemberChange, gender, member_gender_names),
    FIELD_OBJECT(MemberChange, birthday, birthday_fields, .is_personal = true),
    FIELD(MemberChange, region, .max = 80),
    FIELD(MemberChange, hobbies, .max = MEMBER_HOBBIES_MAX),
    FIELD_LIST(MemberChange, addresses, member_address_fields, .max = MEMBER_ADDRESSES_MAX, .is_personal = true),
    FIELD_JSON(MemberChange, custom),
    FIELD(MemberChange, version),
};
const Fields member_own_change_fields = {
    .name = "MemberOwnChange",
    .size = sizeof(MemberChange),
    .field = own_change_field,
    .count = COUNT_OF(own_change_field),
    .given_at = (int64_t)offsetof(MemberChange, given),
};

/* ---- answers ---- */

Err member_found_of(Ctx *c, const MemberCard *card, Str masked_phone, MemberFound *ret_found) {
    MemberFound found = {
        .member_id = card->member_id,
        .member_no = card->member_no,
        .name = member_name_mask(c->arena, card->name),
        .phone = masked_phone,
        .status = card->status,
        .stage = card->stage,
        .tier_id = card->tier_id,
        .tier_name = card->tier_name,
        .points = card->points,
        .growth = card->growth,
    };
    if (card->blocked != 0) found.blocked = member_right_list(c, card->blocked);
    if (card->birth_month != 0) {
        int64_t today = 0;
        TRY(shop_today(c, 0, &today));
        found.is_birthday = member_is_birthday(card, today);
    }
    *ret_found = found;
    return OK;
}

static Err show_private(Ctx *c, const MemberRow *row, MemberDetail *d) {
    d->name = row->card.name;
    d->birthday.year = row->birth_year;
    d->addresses = row->addresses;
    d->custom = row->custom;
    TRY(identity_open(c, row->card.member_id, IDENTITY_PHONE, &d->phone));
    return identity_open(c, row->card.member_id, IDENTITY_EMAIL, &d->email);
}

static Err show_masked(Ctx *c, const MemberRow *row, MemberDetail *d) {
    MemberFields own = { 0 };
    d->name = member_name_mask(c->arena, row->card.name);
    TRY(member_fields_read(c, false, &own));
    d->custom = member_custom_public(c, row->custom, &own);
    for (int64_t i = 0; i < d->identities.count; i++) {
        const Identity *identity = &d->identities.items[i];
        if (!identity->is_main) continue;
        if (identity->kind == IDENTITY_PHONE) d->phone = identity->shown;
        if (identity->kind == IDENTITY_EMAIL) d->email = identity->shown;
    }
    return OK;
}

Err member_detail_of(Ctx *c, const MemberRow *row, bool is_clear, MemberDetail *ret_detail) {
    const MemberCard *card = &row->card;
    MemberDetail d = {
        .member_id = card->member_id,
        .member_no = card->member_no,
        .status = card->status,
        .stage = card->stage,
        .blocked = member_right_list(c, card->blocked),
        .gender = row->gender,
        .birthday = { .month = card->birth_month, .day = card->birth_day, .is_lunar = card->birth_is_lunar },
        .region = row->region,
        .hobbies = row->hobbies,
        .channel = row->channel,
        .shop_id = card->shop_id,
        .staff_id = row->staff_id,
        .inviter_id = row->inviter_id,
        .tier_id = card->tier_id,
        .tier_name = card->tier_name,
        .points = card->points,
        .growth = card->growth,
        .orders = card->orders,
        .spend_fen = card->spend_fen,
        .first_order_at = card->first_order_at,
        .last_order_at = card->last_order_at,
        .is_complete = row->completed_at != 0,
        .joined_at = card->joined_at,
        .created_at = card->created_at,
        .updated_at = row->updated_at,
        .merged_into = row->merged_into,
        .version = row->version,
    };
    if (card->orders > 1) d.order_gap_days = (card->last_order_at - card->first_order_at) / DAY_MS / (card->orders - 1);
    TRY(identity_list(c, card->member_id, &d.identities));
    TRY(tag_list(c, card->member_id, &d.tags));
    TRY(is_clear ? show_private(c, row, &d) : show_masked(c, row, &d));
    *ret_detail = d;
    return OK;
}

/* ---- find ---- */

static const Field lookup_field[] = {
    FIELD(MemberLookup, phone, .max = 32, .is_personal = true),
    FIELD(MemberLookup, card, .max = 64),
    FIELD(MemberLookup, code, .max = 32, .is_secret = true),
    FIELD(MemberLookup, member_no, .max = 20),
    FIELD(MemberLookup, external, .max = 128),
    FIELD(MemberLookup, provider, .max = 20, .about = "whose external id it is, as it was bound"),
};
static const Fields lookup_fields = FIELDS(MemberLookup, lookup_field);

static Err get_lookup(Ctx *c, const void *body, void *ret) {
    const MemberLookup *in = body;
    MemberCard card = { 0 };
    Str phone = { 0 };
    TRY(member_lookup_shown(c, in, &card, &phone));
    return member_found_of(c, &card, phone, ret);
}

typedef struct MemberQuery {
    Str q;
    MemberStatus status;
    MemberStage stage;
    int64_t tag_id, shop_id, tier_id, created_from, created_until, updated_since;
    Str cursor;
    int64_t limit;
    uint64_t given;
} MemberQuery;
static const Field query_field[] = {
    FIELD(MemberQuery, q, .max = 64,
          .about = "phone, its last four digits, name, pinyin, initials, card, member number"),
    FIELD_ENUM(MemberQuery, status, member_status_names),
    FIELD_ENUM(MemberQuery, stage, member_stage_names),
    FIELD_ID(MemberQuery, tag_id),
    FIELD_ID(MemberQuery, shop_id),
    FIELD_ID(MemberQuery, tier_id),
    FIELD_DAY(MemberQuery, created_from),
    FIELD_DAY(MemberQuery, created_until, .about = "this day included"),
    FIELD(MemberQuery, updated_since, .about = "profile or status changed since (unix ms), oldest change first"),
    FIELD(MemberQuery, cursor, .max = 200),
    FIELD(MemberQuery, limit, .max = PAGE_MAX),
};
static const Fields query_fields = FIELDS_GIVEN(MemberQuery, query_field);

typedef struct MemberLine {
    int64_t member_id;
    Str member_no, name, phone;
    MemberStatus status;
    MemberStage stage;
    int64_t tier_id;
    Str tier_name;
    int64_t points, growth, orders, spend_fen, last_order_at, shop_id, joined_at, created_at;
} MemberLine;
static const Field line_field[] = {
    FIELD_ID(MemberLine, member_id),
    FIELD(MemberLine, member_no),
    FIELD(MemberLine, name),
    FIELD(MemberLine, phone),
    FIELD_ENUM(MemberLine, status, member_status_names),
    FIELD_ENUM(MemberLine, stage, member_stage_names),
    FIELD_ID(MemberLine, tier_id),
    FIELD(MemberLine, tier_name),
    FIELD(MemberLine, points),
    FIELD(MemberLine, growth),
    FIELD(MemberLine, orders),
    FIELD(MemberLine, spend_fen),
    FIELD(MemberLine, last_order_at),
    FIELD_ID(MemberLine, shop_id),
    FIELD(MemberLine, joined_at),
    FIELD(MemberLine, created_at),
};
static const Fields line_fields = FIELDS(MemberLine, line_field);
typedef struct LinePage {
    LIST_OF(MemberLine) items;
    Str next_cursor;
} LinePage;
static const Field line_page_field[] = {
    FIELD_LIST(LinePage, items, line_fields, .max = PAGE_MAX),
    FIELD(LinePage, next_cursor),
};
static const Fields line_page_fields = FIELDS(LinePage, line_page_field);

static Err filter_of(Ctx *c, const MemberQuery *in, MemberFilter *ret_filter) {
    MemberFilter f = { .q = in->q,
                       .tag_id = in->tag_id,
                       .shop_id = in->shop_id,
                       .tier_id = in->tier_id,
                       .updated_since = in->updated_since };
    Str zone_name = { 0 };
    if (field_is_given(&query_fields, in, "status")) f.status = str_of(member_status_names[in->status]);
    if (field_is_given(&query_fields, in, "stage")) f.stage = str_of(member_stage_names[in->stage]);
    TRY(shop_zone(c, 0, &zone_name));
    const Zone *zone = app_zone(c, zone_name);
    if (in->created_from != 0) f.created_from = day_start(zone, in->created_from);
    if (in->created_until != 0) f.created_until = day_end(zone, in->created_until) + 1;
    *ret_filter = f;
    return OK;
}

static Err get_members(Ctx *c, const void *body, void *ret) {
    const MemberQuery *in = body;
    LinePage *out = ret;
    MemberFilter filter;
    MemberPage page = { 0 };
    TRY(filter_of(c, in, &filter));
    TRY(member_search(c, &filter, in->cursor, in->limit, &page));
    out->items.items = NEW_LIST(c->arena, MemberLine, page.items.count + 1);
    out->items.count = page.items.count;
    out->next_cursor = page.next_cursor;
    for (int64_t i = 0; i < page.items.count; i++) {
        const MemberCard *card = &page.items.items[i];
        MemberLine *line = &out->items.items[i];
        *line = (MemberLine){
            .member_id = card->member_id,
            .member_no = card->member_no,
            .name = member_name_mask(c->arena, card->name),
            .status = card->status,
            .stage = card->stage,
            .tier_id = card->tier_id,
            .tier_name = card->tier_name,
            .points = card->points,
            .growth = card->growth,
            .orders = card->orders,
            .spend_fen = card->spend_fen,
            .last_order_at = card->last_order_at,
            .shop_id = card->shop_id,
            .joined_at = card->joined_at,
            .created_at = card->created_at,
        };
        TRY(identity_phone_mask(c, card->member_id, &line->phone));
    }
    return OK;
}

static Err get_member(Ctx *c, const void *body, void *ret) {
    const MemberRef *in = body;
    MemberRow row = { 0 };
    TRY(member_row(c, in->member_id, &row));
    return member_detail_of(c, &row, false, ret);
}

/* Names, numbers and addresses in clear: who looked at whom and why stands in the audit trail. */
static Err post_reveal(Ctx *c, const void *body, void *ret) {
    const MemberReason *in = body;
    MemberRow row = { 0 };
    TRY(member_row(c, in->member_id, &row));
    TRY(audit(c,
              &(AuditNote){
                  .action = "member.reveal", .subject = "member", .subject_id = in->member_id, .reason = in->reason }));
    return member_detail_of(c, &row, true, ret);
}

/* ---- join at the till ---- */

typedef struct TillJoin {
    Str phone, card, email, external, provider, name;
    MemberGender gender;
    Birthday birthday;
    Str region, channel, custom, inviter_no;
    int64_t shop_id;
    ConsentsGiven consents;
} TillJoin;
static const Field till_join_field[] = {
    FIELD(TillJoin, phone, .max = 32, .is_personal = true),
    FIELD(TillJoin, card, .max = 64),
    FIELD(TillJoin, email, .max = 254, .is_personal = true),
    FIELD(TillJoin, external, .max = 128),
    FIELD(TillJoin, provider, .max = 20, .about = "whose external id it is"),
    FIELD(TillJoin, name, .max = MEMBER_NAME_MAX, .is_personal = true),
    FIELD_ENUM(TillJoin, gender, member_gender_names),
    FIELD_OBJECT(TillJoin, birthday, birthday_fields, .is_personal = true),
    FIELD(TillJoin, region, .max = 80),
    FIELD(TillJoin, channel, .max = 40, .about = "empty = shop"),
    FIELD_JSON(TillJoin, custom),
    FIELD(TillJoin, inviter_no, .max = 20),
    FIELD_ID(TillJoin, shop_id, .about = "0 = where the till stands"),
    FIELD_LIST(TillJoin, consents, consent_given_fields, .max = 20),
};
static const Fields till_join_fields = FIELDS(TillJoin, till_join_field);

static void add_identity(MemberJoin *join, IdentityKind kind, Str provider, Str value) {
    if (value.len == 0) return;
    join->identities[join->identity_count++] = (IdentityValue){ .kind = kind, .provider = provider, .value = value };
}

static Err post_member(Ctx *c, const void *body, void *ret) {
    const TillJoin *in = body;
    MemberJoined joined = { 0 };
    MemberCard card = { 0 }, inviter = { 0 };
    MemberFound *out = ret;
    if (in->inviter_no.len > 0) TRY(member_lookup(c, &(MemberLookup){ .member_no = in->inviter_no }, &inviter));
    MemberJoin join = {
        .name = in->name,
        .gender = in->gender,
        .birthday = in->birthday,
        .region = in->region,
        .custom = in->custom,
        .channel = in->channel.len > 0 ? in->channel : S("shop"),
        .inviter_id = inviter.member_id,
        .shop_id = in->shop_id != 0 ? in->shop_id : c->shop_id,
        .staff_id = c->actor.kind == ACTOR_STAFF ? c->actor.id : 0,
    };
    add_identity(&join, IDENTITY_PHONE, S(""), in->phone);
    add_identity(&join, IDENTITY_CARD, S(""), in->card);
    add_identity(&join, IDENTITY_EMAIL, S(""), in->email);
    add_identity(&join, IDENTITY_EXTERNAL, in->provider, in->external);
    TRY(member_join(c, &join, &joined));
    for (int64_t i = 0; i < in->consents.count; i++) {
        TRY(consent_put(c, &(ConsentChange){ .member_id = joined.member_id,
                                             .purpose = in->consents.items[i].purpose,
                                             .version = in->consents.items[i].version,
                                             .is_granted = true,
                                             .channel = S("till") }));
    }
    Str phone = member_phone_mask(c, in->phone);
    TRY(member_card(c, joined.member_id, &card));
    if (phone.len == 0) TRY(identity_phone_mask(c, joined.member_id, &phone));
    TRY(member_found_of(c, &card, phone, out));
    out->is_new = joined.is_new;
    return OK;
}

/* Nothing heavy: it makes the unit run again when another till was faster. */
static Err prepare_member(Ctx *c, const void *body) {
    (void)c, (void)body;
    return OK;
}

static Err patch_member(Ctx *c, const void *body, void *ret) {
    MemberRow row = { 0 };
    TRY(member_change(c, &member_change_fields, body, &row));
    return member_detail_of(c, &row, false, ret);
}

/* ---- what the slice hands to the house ---- */

static const Field setting_field[] = {
    FIELD(MemberSetting, regular_orders, .min = 1, .max = 1000, .about = "orders that make a regular"),
    FIELD(MemberSetting, sleeping_days, .max = 3650, .about = "days without an order until asleep, 0 = never"),
    FIELD(MemberSetting, lost_days, .max = 3650, .about = "days without an order until lost, 0 = never"),
    FIELD(MemberSetting, complete_fields, .max = 20, .about = "what a complete profile has"),
    FIELD(MemberSetting, card_claim_by_number, .about = "members may claim an old card by its number alone"),
    FIELD(MemberSetting, session_days, .min = 1, .max = 365, .about = "how long members stay logged in"),
};
static const Fields setting_fields = FIELDS(MemberSetting, setting_field);
static const Str complete_default[] = { S_INIT("name"), S_INIT("gender"), S_INIT("birthday") };
static void setting_defaults(void *ret_value) {
    *(MemberSetting *)ret_value =
        (MemberSetting){ .regular_orders = 3,
                         .sleeping_days = 90,
                         .lost_days = 180,
                         .complete_fields = { (Str *)(uintptr_t)complete_default, COUNT_OF(complete_default) },
                         .session_days = 30 };
}
static Err setting_check(Ctx *c, const void *value) {
    const MemberSetting *s = value;
    if (s->lost_days == 0 || s->sleeping_days == 0 || s->lost_days > s->sleeping_days) return OK;
    return fail(c, E_INVALID, "member.stage_days", "流失天数要大于沉睡天数",
                "lost_days must be more than sleeping_days");
}
const Setting member_setting = {
    .name = "member",
    .fields = &setting_fields,
    .defaults = setting_defaults,
    .check = setting_check,
};

enum { EVERY_HOUSE = WHO_STAFF | WHO_POS | WHO_PARTNER };
static const Route routes[] = {
    /* the till */
    { "GET", "/v1/members/lookup", "Find one member by phone, card, dynamic code, number or external id", EVERY_HOUSE,
      "member.lookup", &lookup_fields, &member_found_fields, .run = get_lookup },
    { "POST", "/v1/members", "Join at the till; an existing member is found instead of made twice", EVERY_HOUSE,
      "member.join", &till_join_fields, &member_found_fields, .prepare = prepare_member, .run = post_member,
      .flags = ROUTE_CREATED },
    { "GET", "/v1/members", "Search members", EVERY_HOUSE, "member.read", &query_fields, &line_page_fields,
      .run = get_members, .flags = ROUTE_LIST },
    { "GET", "/v1/members/{member_id}", "Read a member, personal data masked", EVERY_HOUSE, "member.read",
      &member_ref_fields, &member_detail_fields, .run = get_member, .flags = ROUTE_EDIT },
    { "PATCH", "/v1/members/{member_id}", "Change a member's profile", WHO_STAFF | WHO_PARTNER, "member.write",
      &member_change_fields, &member_detail_fields, .run = patch_member, .flags = ROUTE_EDIT },
    { "POST", "/v1/members/{member_id}/reveal", "Read a member in clear; audited", WHO_STAFF, "member.reveal",
      &member_reason_fields, &member_detail_fields, .run = post_reveal },
    { "POST", "/v1/members/{member_id}/freeze", "Freeze a member or let it go", WHO_STAFF, "member.block",
      &member_freeze_fields, &member_detail_fields, .run = member_post_freeze },
    { "PUT", "/v1/members/{member_id}/blocked-rights", "Take single rights from a member, or give them back", WHO_STAFF,
      "member.block", &member_rights_fields, &member_detail_fields, .run = member_put_rights },
    { "GET", "/v1/members/{member_id}/blocked-rights", "Which rights are taken, and why", WHO_STAFF, "member.read",
      &member_ref_fields, &member_block_page_fields, .run = member_get_rights, .flags = ROUTE_LIST },
    { "POST", "/v1/members/{member_id}/merge", "Merge another member into this one", WHO_STAFF, "member.merge",
      &member_merge_ask_fields, &member_merge_fields, .run = member_post_merge, .flags = ROUTE_ONCE | ROUTE_CREATED },
    { "POST", "/v1/member-merges/{merge_id}/undo", "Undo a merge while what it moved is unspent", WHO_STAFF,
      "member.merge", &member_merge_ref_fields, &member_merge_fields, .run = member_post_merge_undo,
      .flags = ROUTE_ONCE },
    { "GET", "/v1/member-merges", "List merges", WHO_STAFF, "member.read", &member_merge_query_fields,
      &member_merge_page_fields, .run = member_get_merges, .flags = ROUTE_LIST },
    { "POST", "/v1/members/{member_id}/export", "All data of a member; audited", WHO_STAFF, "member.export",
      &member_reason_fields, NULL, .run = member_get_export, .flags = ROUTE_RAW },
    { "POST", "/v1/members/{member_id}/erase", "Forget a member; the ledger stays, anonymous", WHO_STAFF,
      "member.erase", &member_reason_fields, &member_detail_fields, .run = member_post_erase },
    /* identities, consents, tags of a member */
    { "GET", "/v1/members/{member_id}/identities", "Identities of a member, masked", WHO_STAFF, "member.read",
      &member_ref_fields, &member_identity_page_fields, .run = member_get_identities, .flags = ROUTE_LIST },
    { "GET", "/v1/members/{member_id}/identity-history", "What was bound, moved and taken away", WHO_STAFF,
      "member.read", &member_ref_fields, &member_identity_history_fields, .run = member_get_identity_history,
      .flags = ROUTE_LIST },
    { "POST", "/v1/members/{member_id}/identities", "Bind a card, phone or account", EVERY_HOUSE, "identity.write",
      &member_identity_new_fields, &member_identity_page_fields, .run = member_post_identity },
    { "DELETE", "/v1/members/{member_id}/identities/{identity_id}", "Unbind an identity", WHO_STAFF, "identity.write",
      &member_identity_ref_fields, NULL, .run = member_delete_identity },
    { "PUT", "/v1/members/{member_id}/phone", "Change a member's phone, with a reason", WHO_STAFF, "identity.phone",
      &member_phone_put_fields, &member_identity_page_fields, .run = member_put_phone },
    { "GET", "/v1/members/{member_id}/consents", "What a member agreed to", WHO_STAFF, "member.read",
      &member_ref_fields, &member_consent_page_fields, .run = member_get_consents, .flags = ROUTE_LIST },
    { "PUT", "/v1/members/{member_id}/consents", "Note a consent given or withdrawn at the till", EVERY_HOUSE,
      "consent.write", &member_consent_put_fields, &member_consent_page_fields, .run = member_put_consent },
    { "GET", "/v1/members/{member_id}/tags", "Tags of a member", WHO_STAFF | WHO_POS, "member.read", &member_ref_fields,
      &member_tag_page_fields, .run = member_get_member_tags, .flags = ROUTE_LIST },
    { "POST", "/v1/tags/{tag_id}/members", "Give a tag to members", WHO_STAFF | WHO_PARTNER, "tag.assign",
      &member_tag_bulk_fields, &member_tag_bulk_done_fields, .run = member_post_tag_members },
    { "POST", "/v1/tags/{tag_id}/members/remove", "Take a tag from members", WHO_STAFF | WHO_PARTNER, "tag.assign",
      &member_tag_bulk_fields, &member_tag_bulk_done_fields, .run = member_post_tag_members_remove },
    /* the merchant's own fields */
    { "GET", "/v1/member-fields", "List the merchant's own member fields", EVERY_HOUSE, "member.read",
      &member_field_query_fields, &member_field_page_fields, .run = member_get_fields, .flags = ROUTE_LIST },
    { "POST", "/v1/member-fields", "Make an own field", WHO_STAFF, "member.field", &member_field_fields,
      &member_field_fields, .run = member_post_field, .flags = ROUTE_CREATED },
    { "PATCH", "/v1/member-fields/{field_id}", "Change an own field", WHO_STAFF, "member.field",
      &member_field_change_fields, &member_field_fields, .run = member_patch_field, .flags = ROUTE_EDIT },
    /* the member's own */
    { "POST", "/v1/join", "Join or log in with a one-time code", WHO_PUBLIC, NULL, &member_enter_fields,
      &member_entered_fields, .prepare = member_prepare_enter, .run = member_post_enter,
      .flags = ROUTE_SLOW | ROUTE_CREATED },
    { "POST", "/v1/member-login", "Log a member in with a code or a password", WHO_PUBLIC, NULL, &member_login_fields,
      &member_entered_fields, .prepare = member_prepare_login, .run = member_post_login, .flags = ROUTE_SLOW },
    { "POST", "/v1/member-password", "Set a new password with a one-time code", WHO_PUBLIC, NULL, &member_reset_fields,
      NULL, .prepare = member_prepare_reset, .run = member_post_reset, .flags = ROUTE_SLOW },
    { "GET", "/v1/me", "My profile and balances", WHO_MEMBER, NULL, NULL, &member_detail_fields, .run = member_get_me,
      .flags = ROUTE_EDIT },
    { "PATCH", "/v1/me", "Change my profile", WHO_MEMBER, NULL, &member_own_change_fields, &member_detail_fields,
      .run = member_patch_me, .flags = ROUTE_EDIT },
    { "GET", "/v1/me/code", "My dynamic code for the till", WHO_MEMBER, NULL, NULL, &dynamic_code_fields,
      .run = member_get_my_code },
    { "POST", "/v1/me/cards", "Take over an old card of mine", WHO_MEMBER, NULL, &card_claim_fields,
      &member_detail_fields, .prepare = member_prepare_card, .run = member_post_my_card, .flags = ROUTE_SLOW },
    { "PUT", "/v1/me/password", "Set my password", WHO_MEMBER, NULL, &password_put_fields, NULL,
      .prepare = member_prepare_password, .run = member_put_password, .flags = ROUTE_SLOW },
    { "GET", "/v1/me/sessions", "Where I am logged in", WHO_MEMBER, NULL, NULL, &session_page_fields,
      .run = member_get_my_sessions, .flags = ROUTE_LIST },
    { "DELETE", "/v1/me/sessions/{session_id}", "Log one of my sessions out", WHO_MEMBER, NULL, &session_ref_fields,
      NULL, .run = member_delete_my_session },
    { "POST", "/v1/me/logout", "Log me out", WHO_MEMBER, NULL, NULL, NULL, .run = member_post_logout },
    { "POST", "/v1/me/export", "All my data", WHO_MEMBER, NULL, NULL, NULL, .run = member_get_my_export,
      .flags = ROUTE_RAW },
    { "POST", "/v1/me/erase", "Forget me", WHO_MEMBER, NULL, &erase_confirm_fields, NULL, .run = member_post_my_erase },
};
static const Job jobs[] = { { .name = "member.stage", .at_minute = 3 * 60, .run = member_stage_job } };
static const Setting *const settings[] = { &member_setting };
const Slice member_slice = {
    .name = "member",
    .routes = routes,
    .route_count = COUNT_OF(routes),
    .handlers = member_handlers,
    .handler_count = MEMBER_HANDLERS,
    .jobs = jobs,
    .job_count = COUNT_OF(jobs),
    .settings = settings,
    .setting_count = COUNT_OF(settings),
    .holds = member_holds,
    .hold_count = MEMBER_HOLDS,
    .merge = member_own_merge,
    .unmerge = member_own_unmerge,
    .erase = member_own_erase,
    .export_member = member_own_export,
};
