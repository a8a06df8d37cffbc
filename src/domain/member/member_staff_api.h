/* member_staff_api - routes of staff around one member: rights, merges, identities, consents, tags, own fields.
 * Private to the folder. */
#pragma once
#include "domain/member/member_api.h"

extern const Fields member_freeze_fields, member_rights_fields, member_reason_fields, member_ref_fields;
extern const Fields member_merge_ask_fields, member_merge_ref_fields, member_merge_query_fields,
    member_merge_page_fields;
extern const Fields member_identity_new_fields, member_identity_ref_fields, member_identity_page_fields,
    member_phone_put_fields, member_identity_history_fields;
extern const Fields member_consent_put_fields, member_consent_page_fields;
extern const Fields member_tag_bulk_fields, member_tag_bulk_done_fields, member_tag_page_fields,
    member_block_page_fields;
extern const Fields member_field_change_fields, member_field_query_fields, member_field_page_fields;

typedef struct MemberRef { int64_t member_id; } MemberRef;
typedef struct MemberReason { int64_t member_id; Str reason; } MemberReason;

Err member_post_freeze(Ctx *c, const void *body, void *ret);
Err member_put_rights(Ctx *c, const void *body, void *ret);
Err member_get_rights(Ctx *c, const void *body, void *ret);
Err member_post_merge(Ctx *c, const void *body, void *ret);
Err member_post_merge_undo(Ctx *c, const void *body, void *ret);
Err member_get_merges(Ctx *c, const void *body, void *ret);
Err member_get_export(Ctx *c, const void *body, void *ret);
Err member_post_erase(Ctx *c, const void *body, void *ret);
Err member_get_identities(Ctx *c, const void *body, void *ret);
Err member_get_identity_history(Ctx *c, const void *body, void *ret);
Err member_post_identity(Ctx *c, const void *body, void *ret);
Err member_delete_identity(Ctx *c, const void *body, void *ret);
Err member_put_phone(Ctx *c, const void *body, void *ret);
Err member_get_consents(Ctx *c, const void *body, void *ret);
Err member_put_consent(Ctx *c, const void *body, void *ret);
Err member_get_member_tags(Ctx *c, const void *body, void *ret);
Err member_post_tag_members(Ctx *c, const void *body, void *ret);
Err member_post_tag_members_remove(Ctx *c, const void *body, void *ret);
Err member_get_fields(Ctx *c, const void *body, void *ret);
Err member_post_field(Ctx *c, const void *body, void *ret);
Err member_patch_field(Ctx *c, const void *body, void *ret);
