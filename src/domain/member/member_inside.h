/* member_inside - what the files of the member slice share beyond the store: setting, own fields, profile, search.
 * Private to the folder. */
#pragma once
#include "domain/member/member_store.h"

typedef struct MemberSetting {
    int64_t regular_orders;               /* orders that make a regular */
    int64_t sleeping_days, lost_days;     /* without order or joining; 0 = never */
    StrList complete_fields;              /* what a complete profile has: name, gender, birthday, region, hobbies, … */
    bool card_claim_by_number;            /* a member may claim an old card by its number alone */
    int64_t session_days;
} MemberSetting;
extern const Setting member_setting;

/* ---- stages (member_stage.c) ---- */
MemberStage member_stage_wanted(const MemberCard *card, const MemberSetting *setting, int64_t now);
Err member_stage_job(Ctx *c, int64_t due_at, bool *ret_more);

/* ---- names (member_search.c) ---- */
void member_words_of(Arena *a, Str name, MemberWords *ret_words);
Err member_words_keep(Ctx *c, int64_t member_id, Str name);
Err member_words_forget(Ctx *c, int64_t member_id, Str name);     /* the name they were made of */
typedef struct MemberPage { MemberCards items; Str next_cursor; } MemberPage;
Err member_search(Ctx *c, const MemberFilter *filter, Str cursor, int64_t limit, MemberPage *ret_page);

/* ---- profile (member_profile.c) ---- */
typedef struct MemberChange {
    int64_t member_id;
    Str name; MemberGender gender; Birthday birthday; Str region; StrList hobbies; MemberAddresses addresses;
    Str custom, channel;
    int64_t version;
    uint64_t given;
} MemberChange;
extern const Fields member_change_fields, member_own_change_fields;
Err member_row(Ctx *c, int64_t member_id, MemberRow *ret_row);       /* E_NOT_FOUND "member.not_found" */
Err member_change(Ctx *c, const Fields *fields, const MemberChange *change, MemberRow *ret_row);
Err birthday_check(Ctx *c, const Birthday *birthday);
/* Merges `given` (a JSON object) over `now` by the merchant's own fields; complaints under /custom. */
Err member_custom_put(Ctx *c, Str now, Str given, bool by_member, Str *ret_custom);
Str member_custom_public(Ctx *c, Str custom, const MemberFields *own);          /* without personal ones */
Err member_is_complete(Ctx *c, const MemberRow *row, bool *ret_complete);

/* ---- status, rights, merge, erase (member_right.c, member_merge.c) ---- */
/* member_lock of both, in the order of their ids. */
Err member_lock_two(Ctx *c, int64_t one_id, int64_t other_id);
extern const char *const member_right_names[];
Err member_freeze(Ctx *c, int64_t member_id, bool is_frozen, Str reason);
Err member_block_rights(Ctx *c, int64_t member_id, const StrList *rights, Str reason);
StrList member_right_list(Ctx *c, int64_t blocked);
Err member_merge_two(Ctx *c, int64_t from_id, int64_t into_id, Str reason, MemberMerge *ret_merge);
Err member_merge_undo(Ctx *c, int64_t merge_id, MemberMerge *ret_merge);
Err member_erase(Ctx *c, int64_t member_id, Str reason);
Err member_export(Ctx *c, int64_t member_id, Str *ret_json);
Err member_own_merge(Ctx *c, const MergeInfo *m);
Err member_own_unmerge(Ctx *c, const MergeInfo *m);
Err member_own_erase(Ctx *c, int64_t member_id);
Err member_own_export(Ctx *c, int64_t member_id, Buf *json);

/* ---- invariants (member_holds.c) ---- */
enum { MEMBER_HOLDS = 6 };
extern const Hold member_holds[MEMBER_HOLDS];
enum { MEMBER_HANDLERS = 1 };
extern const Handler member_handlers[MEMBER_HANDLERS];

/* ---- the look-up as it is shown, with the phone masked (member_recall.c); of the card only what is shown ---- */
Err member_lookup_shown(Ctx *c, const MemberLookup *lookup, MemberCard *ret_card, Str *ret_phone);
Str member_phone_mask(Ctx *c, Str typed);
bool member_lookup_identity(const MemberLookup *in, IdentityValue *ret_value);     /* false: by something else */
Err member_not_found(Ctx *c);

/* ---- dynamic code (member.c): member number + 6 digits, good for MEMBER_CODE_STEP_MS and the step before ---- */
Str member_code(Ctx *c, const MemberCard *card, int64_t step);
