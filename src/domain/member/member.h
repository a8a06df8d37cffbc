/* member - 会员: who the shop knows: number, profile, source, status, rights, stage; found at once, merged, forgotten.
 * Owns:    member, member_card, member_word, member_block, member_field, member_password, member_merge,
 *          member_stage_run
 * Units:   *_at unix ms; spend_fen fen; points and growth whole
 * Calls:   shop, consent, identity, tag
 * Emits:   member.joined, member.updated, member.merged, member.erased, member.stage_changed
 * Holds:   every member has exactly one card; a merged member points at another; an erased one keeps nothing personal
 * Errors:  (see docs/errors.md) */
#pragma once
#include "domain/consent/consent.h"
#include "domain/identity/identity.h"
#include "domain/shop/shop.h"
#include "domain/tag/tag.h"
#include "event/member.h"

enum { MEMBER_JOIN_IDENTITIES = 6, MEMBER_NAME_MAX = 60, MEMBER_ADDRESSES_MAX = 20, MEMBER_HOBBIES_MAX = 30,
       MEMBER_FIELDS_MAX = 50, MEMBER_MERGE_HOPS = 16,
       MEMBER_SEARCH_HITS_MAX = 1000, MEMBER_NO_LEN = 10, MEMBER_CODE_LEN = 16, MEMBER_CODE_STEP_MS = 30 * 1000 };

typedef enum MemberStatus { MEMBER_ACTIVE, MEMBER_FROZEN, MEMBER_MERGED, MEMBER_ERASED } MemberStatus;
typedef enum MemberStage {
    STAGE_VISITOR, STAGE_CUSTOMER, STAGE_MEMBER, STAGE_REGULAR, STAGE_SLEEPING, STAGE_LOST,
} MemberStage;
typedef enum MemberGender { GENDER_UNKNOWN, GENDER_MALE, GENDER_FEMALE, GENDER_OTHER } MemberGender;
extern const char *const member_status_names[], *const member_stage_names[], *const member_gender_names[];

/* Rights that can be taken one by one; bits, may be asked together. */
enum MemberRight {
    RIGHT_BUY = 1, RIGHT_EARN = 2, RIGHT_SPEND_POINTS = 4, RIGHT_USE_COUPONS = 8, RIGHT_USE_BALANCE = 16,
};

/* Month and day in the stated calendar; year 0 = not told. One in a lunar leap month is kept in the plain month. */
typedef struct Birthday { int64_t year, month, day; bool is_lunar; } Birthday;

/* The small hot row of a member: what tills, rules and lists need, in one point read. */
typedef struct MemberCard {
    int64_t member_id;
    Str member_no;
    Str name;                              /* in clear: mask it with member_name_mask() on the way out */
    MemberStatus status;
    MemberStage stage;
    int64_t blocked;                       /* bits of MemberRight that are taken */
    int64_t tier_id;
    Str tier_name;
    int64_t points, growth;                /* available balances; points and growth slices keep them here */
    int64_t orders, spend_fen, first_order_at, last_order_at;     /* completed orders, net of refunds (order slice) */
    int64_t birth_month, birth_day;        /* 0 = unknown */
    bool birth_is_lunar;
    int64_t shop_id;                       /* where the member joined */
    int64_t joined_at;                     /* 0 = visitor or customer who never joined */
    int64_t created_at;
} MemberCard;
typedef LIST_OF(MemberCard) MemberCards;
extern const Fields member_card_fields;

/* E_NOT_FOUND "member.not_found". One statement. */
Err member_card(Ctx *c, int64_t member_id, MemberCard *ret_card);
/* The living member must be allowed all these rights: E_CONFLICT member.frozen, member.merged (number into_id),
 * member.erased, member.blocked. The _card form needs no statement. */
Err member_need_right(Ctx *c, int64_t member_id, unsigned rights);
Err member_card_need_right(Ctx *c, const MemberCard *card, unsigned rights);
/* The same card, locked for the rest of the unit: no merge overtakes what is written for this member. */
Err member_lock(Ctx *c, int64_t member_id, MemberCard *ret_card);
Str member_name_mask(Arena *a, Str name);              /* 张*丰, J*** */
/* Solar day yyyymmdd of the birthday in that year (29 February → 28 in common years; lunar converted); 0 = unknown. */
int64_t member_birthday_in(const MemberCard *card, int64_t year);
bool member_is_birthday(const MemberCard *card, int64_t day);
bool member_is_birthday_month(const MemberCard *card, int64_t day);

/* Written by points, growth, tier and order: one UPDATE whatever is given. */
enum { SUMMARY_POINTS = 1, SUMMARY_GROWTH = 2, SUMMARY_TIER = 4 };
typedef struct MemberSummary {
    unsigned set;                          /* SUMMARY_* bits: which of the next three are written as they stand */
    int64_t points, growth, tier_id;
    Str tier_name;
    int64_t add_points, add_growth;        /* or added (where the bit is not set) */
    int64_t add_orders, add_spend_fen;     /* added, may be negative (refunds) */
    int64_t order_at;                      /* raises last_order_at, lowers first_order_at; 0 = no order */
} MemberSummary;
/* E_CONFLICT member.merged when anything but the level is written: what came in after the merge would be lost with its
 * unit's other writes, so whoever posted value learns it here, under the lock of the card. */
Err member_summary_put(Ctx *c, int64_t member_id, const MemberSummary *summary);
/* The same where status, rights and level are still what was seen (a price was made from them): the guard stands in the
 * statement. ret_is_same false: they have moved, nothing was written. */
Err member_summary_put_as(Ctx *c, const MemberCard *seen, const MemberSummary *summary, bool *ret_is_same);

typedef struct MemberJoin {
    IdentityValue identities[MEMBER_JOIN_IDENTITIES]; int64_t identity_count;     /* none makes a visitor */
    bool is_proven;                        /* the first identity was proven by its owner (code) */
    Str name;
    MemberGender gender;
    Birthday birthday;
    Str region, channel;                   /* channel: source code ("shop", "h5", a partner's code) */
    int64_t shop_id, staff_id, inviter_id;
    Str custom;                            /* JSON object by the merchant's own fields; checked */
    int64_t joined_at;                     /* 0 = now; import may name the past */
    bool is_import;                        /* no welcome: nothing is emitted */
} MemberJoin;
typedef struct MemberJoined { int64_t member_id; Str member_no; bool is_new; } MemberJoined;
/* Finds the member who has one of the identities, else makes one; binds what is missing. Refuses member.two_found when
 * the identities belong to different members (numbers first_id, second_id). */
Err member_join(Ctx *c, const MemberJoin *join, MemberJoined *ret_joined);

/* Bulk for imports: each row ends as new, found (by any identity) or refused (code set, nothing written for it). */
typedef struct MemberImportRow {
    MemberJoin join;
    StrList tags;
    int64_t member_id;                     /* out */
    bool is_new;                           /* out */
    const char *code; Str zh, en;          /* out: refusal of this row; NULL = accepted */
} MemberImportRow;
Err member_import_batch(Ctx *c, MemberImportRow *rows, int64_t count);

/* By an identity, member number or dynamic code: the look-up of the tills. E_NOT_FOUND "member.not_found" if nobody. */
typedef struct MemberLookup { Str phone, card, code, member_no, external, provider; } MemberLookup;
Err member_lookup(Ctx *c, const MemberLookup *lookup, MemberCard *ret_card);
/* Members by id, in that order, for lists of other slices; at most PAGE_MAX. Missing ones are left out. */
Err member_cards(Ctx *c, const IntList *member_ids, MemberCards *ret_cards);
/* The living member behind an id: follows merges. E_NOT_FOUND "member.not_found". */
Err member_living(Ctx *c, int64_t member_id, int64_t *ret_member_id);
/* Members by ascending id above `above_member_id`, for jobs that walk over all (status active). */
Err member_walk(Ctx *c, int64_t above_member_id, int64_t most, MemberCards *ret_cards);
