/* member_store - every SQL statement of the member slice; private to the folder. */
#pragma once
#include "domain/member/member.h"

typedef struct MemberAddress { Str label, region, detail; bool is_default; } MemberAddress;
typedef LIST_OF(MemberAddress) MemberAddresses;
extern const Fields member_address_fields, birthday_fields;

/* Card and profile together, as they stand. */
typedef struct MemberRow {
    MemberCard card;
    MemberGender gender;
    int64_t birth_year;
    Str region;
    StrList hobbies;
    MemberAddresses addresses;
    Str custom, channel;
    int64_t staff_id, inviter_id, completed_at, updated_at, version, merged_into;
} MemberRow;

typedef struct MemberWords { Bytes words[4]; int64_t count; } MemberWords;

/* false: the number is taken (or, with an id chosen twice, the member exists): nothing was written. */
Err member_card_insert(Ctx *c, const MemberCard *card, bool *ret_is_new);
Err member_insert(Ctx *c, const MemberRow *row);
Err member_words_insert(Ctx *c, int64_t member_id, const MemberWords *words);
Err member_words_delete(Ctx *c, int64_t member_id, const MemberWords *words);

Err member_card_read(Ctx *c, int64_t member_id, MemberCard *ret_card, bool *ret_found);
Err member_card_by_no(Ctx *c, Str member_no, MemberCard *ret_card, bool *ret_found);
/* By identity_key(): whose it is and the card in one statement, and where it is shown the sealed phone too. */
Err member_card_by_key(Ctx *c, Bytes key, MemberCard *ret_card, bool *ret_found);
Err member_found_by_key(Ctx *c, Bytes key, MemberCard *ret_card, Bytes *ret_sealed_phone, bool *ret_found);
Err member_row_read(Ctx *c, int64_t member_id, MemberRow *ret_row, bool *ret_found);
Err member_merged_into(Ctx *c, int64_t member_id, int64_t *ret_into_id, bool *ret_found);

/* Both halves of the profile; false when the version has moved. */
Err member_profile_write(Ctx *c, const MemberRow *row, int64_t version, bool *ret_written);
Err member_joined_write(Ctx *c, int64_t member_id, int64_t joined_at, MemberStage stage);
Err member_status_write(Ctx *c, int64_t member_id, MemberStatus status, int64_t merged_into);
Err member_blocked_write(Ctx *c, int64_t member_id, int64_t blocked);
Err member_stage_write(Ctx *c, int64_t member_id, MemberStage stage);
Err member_erase_write(Ctx *c, int64_t member_id);
/* Locks the card for the rest of the unit: whatever reads a member and then writes what it makes of it begins so. */
Err member_card_lock(Ctx *c, int64_t member_id, MemberCard *ret_card, bool *ret_found);
/* Its value has gone over to into_id, so the card shows none. */
Err member_merged_write(Ctx *c, int64_t member_id, int64_t into_id);

/* Not written: no such member, or a merged one that would get value. */
Err member_summary_write(Ctx *c, int64_t member_id, const MemberSummary *summary, bool *ret_written);

/* ---- lists ---- */
typedef struct MemberFilter {
    Str q;
    Str status, stage;                    /* empty = any */
    int64_t tag_id, shop_id, tier_id;
    int64_t created_from, created_until;  /* unix ms; until is exclusive, 0 = open */
    int64_t updated_since;                /* oldest change first: who follows misses nothing; 0 = newest first */
} MemberFilter;
/* The first form takes every stage, the second the one that the filter names. */
Err member_page(Ctx *c, const MemberFilter *filter, int64_t below_id, int64_t most, MemberCards *ret_cards);
Err member_page_of_stage(Ctx *c, const MemberFilter *filter, int64_t below_id, int64_t most, MemberCards *ret_cards);
/* Profile or status changed: from (after_at, after_id) on, oldest change first, into ret_cards' room for `most`. */
Err member_page_of_updates(Ctx *c, const MemberFilter *filter, int64_t after_at, int64_t after_id, int64_t most,
                           MemberCards *ret_cards, int64_t *ret_last_at);
/* By the prefix of a search word: among the first MEMBER_SEARCH_HITS_MAX hits. */
Err member_page_of_word(Ctx *c, const MemberFilter *filter, Bytes from, Bytes until, int64_t below_id, int64_t most,
                        MemberCards *ret_cards);

/* ---- blocked rights ---- */
typedef struct MemberBlock { Str right_name; int64_t right_bit; Str reason; int64_t staff_id, created_at; } MemberBlock;
typedef LIST_OF(MemberBlock) MemberBlocks;
extern const Fields member_block_fields;
Err member_block_put(Ctx *c, int64_t member_id, const MemberBlock *block);
Err member_block_delete(Ctx *c, int64_t member_id, Str right_name);
Err member_blocks(Ctx *c, int64_t member_id, MemberBlocks *ret_blocks);
Err member_blocks_blank(Ctx *c, int64_t member_id);

/* ---- the merchant's own fields ---- */
typedef enum MemberFieldKind { OWN_TEXT, OWN_NUMBER, OWN_DAY, OWN_CHOICE, OWN_MULTI } MemberFieldKind;
typedef struct MemberField {
    int64_t field_id; Str key, label; MemberFieldKind kind; StrList choices;
    bool is_member_edit, is_personal, is_active; int64_t position, created_at, updated_at, version;
    uint64_t given;
} MemberField;
typedef LIST_OF(MemberField) MemberFields;
extern const Fields member_field_fields;
extern const char *const member_field_kind_names[];
Err member_field_insert(Ctx *c, const MemberField *field, bool *ret_is_new);
Err member_field_write(Ctx *c, const MemberField *field, bool *ret_written);     /* at version field->version */
Err member_field_read(Ctx *c, int64_t field_id, MemberField *ret_field, bool *ret_found);
Err member_fields_read(Ctx *c, bool with_inactive, MemberFields *ret_fields);

/* ---- passwords ---- */
Err member_password_put(Ctx *c, int64_t member_id, Str hash);
Err member_password_read(Ctx *c, int64_t member_id, Str *ret_hash);              /* empty when there is none */
Err member_password_delete(Ctx *c, int64_t member_id);

/* ---- merges (member_merge_store.c) ---- */
typedef struct MemberMerge {
    int64_t merge_id, from_id, into_id; Str reason; int64_t staff_id; LIST_OF(MergeNote) moved; StrList filled;
    int64_t from_orders, from_spend_fen, created_at, undone_at, undone_by;
} MemberMerge;
typedef LIST_OF(MemberMerge) MemberMerges;
extern const Fields member_merge_fields, merge_note_fields;
Err member_merge_insert(Ctx *c, const MemberMerge *merge);
Err member_merge_read(Ctx *c, int64_t merge_id, MemberMerge *ret_merge, bool *ret_found);
Err member_merge_undo_write(Ctx *c, int64_t merge_id, bool *ret_written);
Err member_merge_page(Ctx *c, int64_t member_id, int64_t below_id, int64_t most, MemberMerges *ret_merges);
/* Puts the orders of one card on top of another (sign -1 takes them away again). */
Err member_orders_add(Ctx *c, int64_t into_id, const MemberCard *from, int64_t sign);

/* ---- the daily walk (member_merge_store.c) ---- */
Err member_stage_run_read(Ctx *c, int64_t due_at, int64_t *ret_above_id);
Err member_stage_run_write(Ctx *c, int64_t due_at, int64_t above_id, int64_t changed);
Err member_stage_run_purge(Ctx *c, int64_t before);
