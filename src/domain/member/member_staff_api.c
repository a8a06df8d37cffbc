#include <stdlib.h>
#include <string.h>
#include "domain/member/member_staff_api.h"

static const Field ref_field[] = { FIELD_ID(MemberRef, member_id, .need = true) };
const Fields member_ref_fields = FIELDS(MemberRef, ref_field);

static const Field reason_field[] = {
    FIELD_ID(MemberReason, member_id, .need = true),
    FIELD(MemberReason, reason, .need = true, .max = 200),
};
const Fields member_reason_fields = FIELDS(MemberReason, reason_field);

static Err detail(Ctx *c, int64_t member_id, void *ret) {
    MemberRow row = { 0 };
    TRY(member_row(c, member_id, &row));
    return member_detail_of(c, &row, false, ret);
}

static Err need_member(Ctx *c, int64_t member_id) {
    MemberCard card = { 0 };
    return member_card(c, member_id, &card);
}

/* ---- status and rights ---- */

typedef struct FreezeAsk {
    int64_t member_id;
    bool is_frozen;
    Str reason;
} FreezeAsk;
static const Field freeze_field[] = {
    FIELD_ID(FreezeAsk, member_id, .need = true),
    FIELD(FreezeAsk, is_frozen),
    FIELD(FreezeAsk, reason, .need = true, .max = 200),
};
const Fields member_freeze_fields = FIELDS(FreezeAsk, freeze_field);

Err member_post_freeze(Ctx *c, const void *body, void *ret) {
    const FreezeAsk *in = body;
    TRY(member_freeze(c, in->member_id, in->is_frozen, in->reason));
    return detail(c, in->member_id, ret);
}

typedef struct RightsPut {
    int64_t member_id;
    StrList blocked;
    Str reason;
} RightsPut;
static const Field rights_field[] = {
    FIELD_ID(RightsPut, member_id, .need = true),
    FIELD(RightsPut, blocked, .max = 5,
          .about = "all rights that are taken: buy, earn, spend_points, use_coupons, use_balance"),
    FIELD(RightsPut, reason, .need = true, .max = 200),
};
const Fields member_rights_fields = FIELDS(RightsPut, rights_field);

Err member_put_rights(Ctx *c, const void *body, void *ret) {
    const RightsPut *in = body;
    TRY(member_block_rights(c, in->member_id, &in->blocked, in->reason));
    return detail(c, in->member_id, ret);
}

typedef struct BlockPage {
    MemberBlocks items;
    Str next_cursor;
} BlockPage;
static const Field block_page_field[] = { FIELD_LIST(BlockPage, items, member_block_fields),
                                          FIELD(BlockPage, next_cursor) };
const Fields member_block_page_fields = FIELDS(BlockPage, block_page_field);

Err member_get_rights(Ctx *c, const void *body, void *ret) {
    const MemberRef *in = body;
    BlockPage *out = ret;
    TRY(need_member(c, in->member_id));
    return member_blocks(c, in->member_id, &out->items);
}

/* ---- merge, export, erase ---- */

typedef struct MergeAsk {
    int64_t member_id, from_id;
    Str reason;
} MergeAsk;
static const Field merge_ask_field[] = {
    FIELD_ID(MergeAsk, member_id, .need = true, .about = "the member that stays"),
    FIELD_ID(MergeAsk, from_id, .need = true, .about = "the member that is merged into it"),
    FIELD(MergeAsk, reason, .need = true, .max = 200),
};
const Fields member_merge_ask_fields = FIELDS(MergeAsk, merge_ask_field);

typedef struct MergeRef {
    int64_t merge_id;
} MergeRef;
static const Field merge_ref_field[] = { FIELD_ID(MergeRef, merge_id, .need = true) };
const Fields member_merge_ref_fields = FIELDS(MergeRef, merge_ref_field);

typedef struct MergeQuery {
    int64_t member_id;
    Str cursor;
    int64_t limit;
} MergeQuery;
static const Field merge_query_field[] = {
    FIELD_ID(MergeQuery, member_id),
    FIELD(MergeQuery, cursor, .max = 200),
    FIELD(MergeQuery, limit, .max = PAGE_MAX),
};
const Fields member_merge_query_fields = FIELDS(MergeQuery, merge_query_field);
typedef struct MergePage {
    MemberMerges items;
    Str next_cursor;
} MergePage;
static const Field merge_page_field[] = {
    FIELD_LIST(MergePage, items, member_merge_fields, .max = PAGE_MAX),
    FIELD(MergePage, next_cursor),
};
const Fields member_merge_page_fields = FIELDS(MergePage, merge_page_field);

Err member_post_merge(Ctx *c, const void *body, void *ret) {
    const MergeAsk *in = body;
    return member_merge_two(c, in->from_id, in->member_id, in->reason, ret);
}

Err member_post_merge_undo(Ctx *c, const void *body, void *ret) {
    const MergeRef *in = body;
    return member_merge_undo(c, in->merge_id, ret);
}

Err member_get_merges(Ctx *c, const void *body, void *ret) {
    const MergeQuery *in = body;
    MergePage *out = ret;
    int64_t below_id = 0, unused = 0, limit = in->limit > 0 ? in->limit : PAGE_DEFAULT;
    TRY(page_open(c, in->cursor, &below_id, &unused));
    TRY(member_merge_page(c, in->member_id, below_id == 0 ? INT64_MAX : below_id, limit, &out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].merge_id, 0);
    return OK;
}

Err member_get_export(Ctx *c, const void *body, void *ret) {
    (void)ret;
    const MemberReason *in = body;
    Str json = { 0 };
    TRY(need_member(c, in->member_id));
    TRY(member_export(c, in->member_id, &json));
    return member_reply_json(c, json, "member-data.json");
}

Err member_post_erase(Ctx *c, const void *body, void *ret) {
    const MemberReason *in = body;
    TRY(member_erase(c, in->member_id, in->reason));
    return detail(c, in->member_id, ret);
}

/* ---- identities ---- */

typedef struct IdentityNew {
    int64_t member_id;
    IdentityKind kind;
    Str provider, app, value;
} IdentityNew;
static const Field identity_new_field[] = {
    FIELD_ID(IdentityNew, member_id, .need = true),
    FIELD_ENUM(IdentityNew, kind, identity_kind_names, .need = true),
    FIELD(IdentityNew, provider, .max = 20),
    FIELD(IdentityNew, app, .max = 64),
    FIELD(IdentityNew, value, .need = true, .max = 254, .is_personal = true),
};
const Fields member_identity_new_fields = FIELDS(IdentityNew, identity_new_field);

typedef struct IdentityRef {
    int64_t member_id, identity_id;
    Str reason;
} IdentityRef;
static const Field identity_ref_field[] = {
    FIELD_ID(IdentityRef, member_id, .need = true),
    FIELD_ID(IdentityRef, identity_id, .need = true),
    FIELD(IdentityRef, reason, .max = 200),
};
const Fields member_identity_ref_fields = FIELDS(IdentityRef, identity_ref_field);

typedef struct IdentityPage {
    IdentityList items;
    Str next_cursor;
} IdentityPage;
static const Field identity_page_field[] = {
    FIELD_LIST(IdentityPage, items, identity_fields),
    FIELD(IdentityPage, next_cursor),
};
const Fields member_identity_page_fields = FIELDS(IdentityPage, identity_page_field);

typedef struct PhonePut {
    int64_t member_id;
    Str phone, reason;
} PhonePut;
static const Field phone_put_field[] = {
    FIELD_ID(PhonePut, member_id, .need = true),
    FIELD(PhonePut, phone, .need = true, .max = 32, .is_personal = true),
    FIELD(PhonePut, reason, .need = true, .max = 200, .about = "staff changes a phone without a code: say why"),
};
const Fields member_phone_put_fields = FIELDS(PhonePut, phone_put_field);

Err member_get_identities(Ctx *c, const void *body, void *ret) {
    const MemberRef *in = body;
    IdentityPage *out = ret;
    TRY(need_member(c, in->member_id));
    return identity_list(c, in->member_id, &out->items);
}

typedef struct HistoryPage {
    IdentityEntries items;
    Str next_cursor;
} HistoryPage;
static const Field history_page_field[] = {
    FIELD_LIST(HistoryPage, items, identity_entry_fields),
    FIELD(HistoryPage, next_cursor),
};
const Fields member_identity_history_fields = FIELDS(HistoryPage, history_page_field);

Err member_get_identity_history(Ctx *c, const void *body, void *ret) {
    const MemberRef *in = body;
    HistoryPage *out = ret;
    TRY(need_member(c, in->member_id));
    return identity_history(c, in->member_id, &out->items);
}

Err member_post_identity(Ctx *c, const void *body, void *ret) {
    const IdentityNew *in = body;
    IdentityPage *out = ret;
    MemberCard card = { 0 };
    /* A phone opens the account: who may bind cards may not yet hand it to another person. */
    if (in->kind == IDENTITY_PHONE) TRY(auth_need(c, "identity.phone"));
    TRY(member_lock(c, in->member_id, &card));
    TRY(member_card_need_right(c, &card, 0));
    TRY(identity_bind(c, in->member_id, &(IdentityValue){ in->kind, in->provider, in->app, in->value }, false));
    TRY(audit(c, &(AuditNote){ .action = "identity.bind",
                               .subject = "member",
                               .subject_id = in->member_id,
                               .reason = str_of(identity_kind_names[in->kind]) }));
    return identity_list(c, in->member_id, &out->items);
}

Err member_delete_identity(Ctx *c, const void *body, void *ret) {
    (void)ret;
    const IdentityRef *in = body;
    MemberCard card = { 0 };
    TRY(member_lock(c, in->member_id, &card));
    TRY(identity_unbind(c, in->member_id, in->identity_id, in->reason));
    return audit(
        c, &(AuditNote){
               .action = "identity.unbind", .subject = "member", .subject_id = in->member_id, .reason = in->reason });
}

Err member_put_phone(Ctx *c, const void *body, void *ret) {
    const PhonePut *in = body;
    IdentityPage *out = ret;
    MemberCard card = { 0 };
    TRY(member_lock(c, in->member_id, &card));
    TRY(member_card_need_right(c, &card, 0));
    TRY(identity_change_phone(c, in->member_id, in->phone, false, in->reason));
    TRY(audit(c, &(AuditNote){ .action = "identity.phone_change",
                               .subject = "member",
                               .subject_id = in->member_id,
                               .reason = in->reason }));
    return identity_list(c, in->member_id, &out->items);
}

/* ---- consents ---- */

typedef struct ConsentPut {
    int64_t member_id;
    ConsentPurpose purpose;
    bool is_granted;
    int64_t version;
} ConsentPut;
static const Field consent_put_field[] = {
    FIELD_ID(ConsentPut, member_id, .need = true),
    FIELD_ENUM(ConsentPut, purpose, consent_purpose_names, .need = true),
    FIELD(ConsentPut, is_granted),
    FIELD(ConsentPut, version),
};
const Fields member_consent_put_fields = FIELDS(ConsentPut, consent_put_field);
typedef struct ConsentPage {
    ConsentList items;
    Str next_cursor;
} ConsentPage;
static const Field consent_page_field[] = {
    FIELD_LIST(ConsentPage, items, consent_fields),
    FIELD(ConsentPage, next_cursor),
};
const Fields member_consent_page_fields = FIELDS(ConsentPage, consent_page_field);

Err member_get_consents(Ctx *c, const void *body, void *ret) {
    const MemberRef *in = body;
    ConsentPage *out = ret;
    TRY(need_member(c, in->member_id));
    return consent_list(c, in->member_id, &out->items);
}

Err member_put_consent(Ctx *c, const void *body, void *ret) {
    const ConsentPut *in = body;
    ConsentPage *out = ret;
    MemberCard card = { 0 };
    TRY(member_lock(c, in->member_id, &card));
    TRY(member_card_need_right(c, &card, 0));
    TRY(consent_put(c, &(ConsentChange){ .member_id = in->member_id,
                                         .purpose = in->purpose,
                                         .version = in->version,
                                         .is_granted = in->is_granted,
                                         .channel = S("till") }));
    return consent_list(c, in->member_id, &out->items);
}

/* ---- tags ---- */

typedef struct TagBulk {
    int64_t tag_id;
    IntList member_ids;
} TagBulk;
static const Field tag_bulk_field[] = {
    FIELD_ID(TagBulk, tag_id, .need = true),
    FIELD(TagBulk, member_ids, .need = true, .max = TAG_BULK_MAX),
};
const Fields member_tag_bulk_fields = FIELDS(TagBulk, tag_bulk_field);
typedef struct TagBulkDone {
    int64_t changed;
} TagBulkDone;
static const Field tag_bulk_done_field[] = { FIELD(TagBulkDone, changed, .about = "how many really changed") };
const Fields member_tag_bulk_done_fields = FIELDS(TagBulkDone, tag_bulk_done_field);
typedef struct TagPage {
    TagList items;
    Str next_cursor;
} TagPage;
static const Field tag_page_field[] = { FIELD_LIST(TagPage, items, tag_fields), FIELD(TagPage, next_cursor) };
const Fields member_tag_page_fields = FIELDS(TagPage, tag_page_field);

Err member_get_member_tags(Ctx *c, const void *body, void *ret) {
    const MemberRef *in = body;
    TagPage *out = ret;
    TRY(need_member(c, in->member_id));
    return tag_list(c, in->member_id, &out->items);
}

static int by_id(const void *a, const void *b) {
    int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;
    return (one > other) - (one < other);
}

/* Behind their locks, or who is being forgotten would keep the tag; in the order of ids, so that two lists never wait
 * for each other crosswise. */
static Err lock_all(Ctx *c, const IntList *member_ids) {
    int64_t *ids = NEW_LIST(c->arena, int64_t, member_ids->count);
    memcpy(ids, member_ids->items, (size_t)member_ids->count * sizeof *ids);
    qsort(ids, (size_t)member_ids->count, sizeof *ids, by_id);
    for (int64_t i = 0; i < member_ids->count; i++) {
        MemberCard card = { 0 };
        TRY(member_lock(c, ids[i], &card));
        TRY(member_card_need_right(c, &card, 0));
    }
    return OK;
}

static Err change_tag(Ctx *c, const TagBulk *in, bool is_add, TagBulkDone *ret_done) {
    TRY(tag_need_manual(c, in->tag_id));
    if (in->member_ids.count > 0) TRY(lock_all(c, &in->member_ids));
    if (is_add)
        TRY(tag_add(c, in->tag_id, &in->member_ids, S("staff"), &ret_done->changed));
    else
        TRY(tag_remove(c, in->tag_id, &in->member_ids, &ret_done->changed));
    return audit(c, &(AuditNote){ .action = is_add ? "tag.assign" : "tag.unassign",
                                  .subject = "tag",
                                  .subject_id = in->tag_id,
                                  .fields = &member_tag_bulk_fields,
                                  .after = in });
}

Err member_post_tag_members(Ctx *c, const void *body, void *ret) { return change_tag(c, body, true, ret); }
Err member_post_tag_members_remove(Ctx *c, const void *body, void *ret) { return change_tag(c, body, false, ret); }

/* ---- the merchant's own fields ---- */

static const Field field_field[] = {
    FIELD_ID(MemberField, field_id, .is_out = true),
    FIELD(MemberField, key, .need = true, .max = 30, .about = "a-z, 0-9 and _; never changes"),
    FIELD(MemberField, label, .need = true, .max = 40),
    FIELD_ENUM(MemberField, kind, member_field_kind_names),
    FIELD(MemberField, choices, .max = 50, .about = "of choice and multi"),
    FIELD(MemberField, is_member_edit, .about = "the member may fill it in"),
    FIELD(MemberField, is_personal, .about = "shown only to staff who may reveal"),
    FIELD(MemberField, is_active),
    FIELD(MemberField, position, .max = 10000),
    FIELD(MemberField, created_at, .is_out = true),
    FIELD(MemberField, updated_at, .is_out = true),
    FIELD(MemberField, version, .is_out = true),
};
const Fields member_field_fields = FIELDS_GIVEN(MemberField, field_field);
static const Field field_change_field[] = {
    FIELD_ID(MemberField, field_id, .need = true),
    FIELD(MemberField, label, .max = 40),
    FIELD(MemberField, choices, .max = 50),
    FIELD(MemberField, is_member_edit),
    FIELD(MemberField, is_personal),
    FIELD(MemberField, is_active),
    FIELD(MemberField, position, .max = 10000),
    FIELD(MemberField, version),
};
const Fields member_field_change_fields = {
    .name = "MemberFieldChange",
    .size = sizeof(MemberField),
    .field = field_change_field,
    .count = COUNT_OF(field_change_field),
    .given_at = (int64_t)offsetof(MemberField, given),
};
typedef struct FieldQuery {
    bool with_inactive;
} FieldQuery;
static const Field field_query_field[] = { FIELD(FieldQuery, with_inactive) };
const Fields member_field_query_fields = FIELDS(FieldQuery, field_query_field);
typedef struct FieldPage {
    MemberFields items;
    Str next_cursor;
} FieldPage;
static const Field field_page_field[] = { FIELD_LIST(FieldPage, items, member_field_fields),
                                          FIELD(FieldPage, next_cursor) };
const Fields member_field_page_fields = FIELDS(FieldPage, field_page_field);

Err member_get_fields(Ctx *c, const void *body, void *ret) {
    const FieldQuery *in = body;
    FieldPage *out = ret;
    return member_fields_read(c, in->with_inactive, &out->items);
}

static bool is_key(Str key) {
    for (int64_t i = 0; i < key.len; i++) {
        char ch = key.at[i];
        bool is_good = (ch >= 'a' && ch <= 'z') || ch == '_' || (ch >= '0' && ch <= '9' && i > 0);
        if (!is_good) return false;
    }
    return key.len > 0;
}

Err member_post_field(Ctx *c, const void *body, void *ret) {
    MemberField *out = ret;
    MemberFields all = { 0 };
    bool is_new = false;
    *out = *(const MemberField *)body;
    if (!is_key(out->key)) {
        return fail(c, E_INVALID, "member.field_key", "字段编码只能用小写字母、数字和下划线",
                    "a key has a-z, 0-9 and _ only");
    }
    TRY(member_fields_read(c, true, &all));
    if (all.count >= MEMBER_FIELDS_MAX) {
        return fail(c, E_CONFLICT, "member.fields_many", "自定义字段最多 %lld 个", "at most %lld own fields",
                    (long long)MEMBER_FIELDS_MAX);
    }
    out->field_id = id_new(c);
    out->is_active = true;
    out->version = 1;
    out->created_at = out->updated_at = c->now;
    TRY(member_field_insert(c, out, &is_new));
    if (!is_new) return fail(c, E_CONFLICT, "member.field_taken", "已有这个字段", "a field of this key exists");
    return audit(c, &(AuditNote){ .action = "member.field_create",
                                  .subject = "member_field",
                                  .subject_id = out->field_id,
                                  .fields = &member_field_fields,
                                  .after = out });
}

Err member_patch_field(Ctx *c, const void *body, void *ret) {
    const MemberField *in = body;
    MemberField *out = ret;
    bool is_done = false;
    TRY(member_field_read(c, in->field_id, out, &is_done));
    if (!is_done) return fail(c, E_NOT_FOUND, "member.field_not_found", "没有这个字段", "no such field");
    fields_overlay(&member_field_change_fields, in, &member_field_fields, out);
    TRY(fields_check(c, &member_field_fields, out));
    TRY(member_field_write(c, out, &is_done));
    if (!is_done)
        return fail(c, E_STALE, "member.field_stale", "字段已被别人修改，请刷新", "the field was changed meanwhile");
    out->version++;
    out->updated_at = c->now;
    return audit(c, &(AuditNote){ .action = "member.field_update",
                                  .subject = "member_field",
                                  .subject_id = out->field_id,
                                  .fields = &member_field_fields,
                                  .after = out });
}
