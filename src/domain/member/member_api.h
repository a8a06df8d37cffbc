/* member_api - what the two files of routes share: shapes of answers and handlers. Private to the folder. */
#pragma once
#include "domain/member/member_inside.h"

/* The small answer of look-up and join: names and numbers masked. */
typedef struct MemberFound {
    int64_t member_id; Str member_no, name, phone;
    MemberStatus status; MemberStage stage; StrList blocked;
    int64_t tier_id; Str tier_name; int64_t points, growth;
    bool is_new, is_birthday;
} MemberFound;
extern const Fields member_found_fields;
Err member_found_of(Ctx *c, const MemberCard *card, Str masked_phone, MemberFound *ret_found);

/* The whole member: for staff masked, for the member itself in clear. */
typedef struct MemberDetail {
    int64_t member_id; Str member_no, name, phone, email;
    MemberStatus status; MemberStage stage; StrList blocked;
    MemberGender gender; Birthday birthday; Str region; StrList hobbies; MemberAddresses addresses; Str custom;
    Str channel; int64_t shop_id, staff_id, inviter_id;
    int64_t tier_id; Str tier_name;
    int64_t points, growth, orders, spend_fen, first_order_at, last_order_at, order_gap_days;
    IdentityList identities; TagList tags;
    bool is_complete;
    int64_t joined_at, created_at, updated_at, merged_into, version;
} MemberDetail;
extern const Fields member_detail_fields;
Err member_detail_of(Ctx *c, const MemberRow *row, bool is_clear, MemberDetail *ret_detail);

/* ---- the member's own and public routes, in member_me_api.c ---- */
typedef struct MemberEntered {
    int64_t member_id; Str member_no; bool is_new; Str token; int64_t expires_at;
} MemberEntered;
extern const Fields member_entered_fields;

typedef struct ConsentGiven { ConsentPurpose purpose; int64_t version; } ConsentGiven;
typedef LIST_OF(ConsentGiven) ConsentsGiven;
extern const Fields consent_given_fields;
typedef struct MemberEnter {
    Str phone, email, code, name, password; MemberGender gender; Birthday birthday;
    Str region, channel, inviter_no, card; int64_t shop_id; Str device; ConsentsGiven consents;
} MemberEnter;
extern const Fields member_enter_fields;
typedef struct MemberLogin { Str phone, email, member_no, code, password, device; } MemberLogin;
extern const Fields member_login_fields;
typedef struct MemberReset { Str phone, email, code, password; } MemberReset;
extern const Fields member_reset_fields;
typedef struct PasswordPut { Str old_password, password; } PasswordPut;
extern const Fields password_put_fields;
typedef struct DynamicCode { Str code; int64_t expires_in_ms; } DynamicCode;
extern const Fields dynamic_code_fields;
typedef struct CardClaim { Str card; } CardClaim;
extern const Fields card_claim_fields;
typedef struct EraseConfirm { Str member_no; } EraseConfirm;
extern const Fields erase_confirm_fields;
typedef struct SessionRef { int64_t session_id; } SessionRef;
extern const Fields session_ref_fields, session_page_fields;

Err member_prepare_enter(Ctx *c, const void *body);
Err member_post_enter(Ctx *c, const void *body, void *ret);
Err member_prepare_login(Ctx *c, const void *body);
Err member_post_login(Ctx *c, const void *body, void *ret);
Err member_post_logout(Ctx *c, const void *body, void *ret);
Err member_prepare_reset(Ctx *c, const void *body);
Err member_post_reset(Ctx *c, const void *body, void *ret);
Err member_prepare_password(Ctx *c, const void *body);
Err member_put_password(Ctx *c, const void *body, void *ret);
Err member_get_me(Ctx *c, const void *body, void *ret);
Err member_patch_me(Ctx *c, const void *body, void *ret);
Err member_get_my_code(Ctx *c, const void *body, void *ret);
Err member_prepare_card(Ctx *c, const void *body);
Err member_post_my_card(Ctx *c, const void *body, void *ret);
Err member_get_my_export(Ctx *c, const void *body, void *ret);
Err member_post_my_erase(Ctx *c, const void *body, void *ret);
Err member_get_my_sessions(Ctx *c, const void *body, void *ret);
Err member_delete_my_session(Ctx *c, const void *body, void *ret);
Err member_reply_json(Ctx *c, Str json, const char *file_name);
