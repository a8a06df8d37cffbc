/* benefit - 权益: what a level, a plan, a group or a gift entitles to, with a quota per period; each use is an entry.
 *
 * Owns:   benefit, benefit_term, benefit_allowance, benefit_use, benefit_part, benefit_merge
 * Units:  quotas and counts in the benefit's own unit, whole; *_at unix ms
 * Calls:  shop, member, tag
 * Emits:  benefit.used
 * Holds:  allowance.used == SUM(part.count) of living uses, never above its quota; a use is the sum of its parts
 * Errors: (see docs/errors.md)
 *
 * Terms hang on tags: whoever carries the tag of a level, a plan or a group has the benefit, with that quota in each
 * period. So a level is reached or lost without a row being written here. Gifts come as grants with an end of their
 * own. A use takes first what lapses first. */
#pragma once
#include "domain/member/member.h"

enum { BENEFIT_NAME_MAX = 60, BENEFITS_MAX = 200, BENEFIT_TERMS_MAX = 500, BENEFIT_NO_MAX = 64 };
#define BENEFIT_COUNT_MAX 1000000

typedef enum BenefitKind {
    BENEFIT_PARKING, BENEFIT_GIFT_WRAP, BENEFIT_PRIORITY_SERVICE, BENEFIT_PRIORITY_DELIVERY, BENEFIT_FREE_DELIVERY,
    BENEFIT_EARLY_PURCHASE, BENEFIT_EVENT_SEAT, BENEFIT_FREE_ITEM, BENEFIT_OTHER,
} BenefitKind;
extern const char *const benefit_kind_names[];
typedef struct Benefit {
    int64_t benefit_id; Str key, name; BenefitKind kind;
    Str unit, about;                         /* "小时", and a line of plain words */
    bool is_retired; int64_t created_at;
} Benefit;
typedef LIST_OF(Benefit) Benefits;
extern const Fields benefit_fields;
/* E_NOT_FOUND benefit.unknown; a retired one is found too. */
Err benefit_read(Ctx *c, int64_t benefit_id, Benefit *ret_benefit);

/* membership: since the tag came (a plan's period, a level held); once: one time in a member's life */
typedef enum BenefitPeriod {
    BENEFIT_DAY, BENEFIT_WEEK, BENEFIT_MONTH, BENEFIT_YEAR, BENEFIT_MEMBERSHIP, BENEFIT_ONCE,
} BenefitPeriod;
extern const char *const benefit_period_names[];
/* Who carries the tag may use `quota` of it per period; quota 0 = as often as he likes. */
typedef struct BenefitTerm {
    int64_t term_id, benefit_id, tag_id, quota; BenefitPeriod period; bool is_ended; int64_t created_at;
} BenefitTerm;
typedef LIST_OF(BenefitTerm) BenefitTerms;
extern const Fields benefit_term_fields;
/* Ties a benefit to a tag; one term per pair: put again changes quota and period. E_NOT_FOUND benefit.unknown,
 * tag.not_found. */
Err benefit_term_put(Ctx *c, const BenefitTerm *term, BenefitTerm *ret_term);

/* What a tag entitles to, a line each, in the language of who asks: "免费停车：每月 2 小时". */
typedef struct BenefitWord { int64_t tag_id; Str words; } BenefitWord;
typedef LIST_OF(BenefitWord) BenefitWords;
Err benefit_words(Ctx *c, BenefitWords *ret_list);

/* Gives `count` of a benefit until ends_at (0 = until used), under the natural key (source, source_id, member,
 * benefit): the very same again is a duplicate without effect. E_NOT_FOUND benefit.unknown. */
typedef struct BenefitGrant {
    int64_t member_id, benefit_id, count, ends_at; const char *source; int64_t source_id;
} BenefitGrant;
Err benefit_grant(Ctx *c, const BenefitGrant *grant, bool *ret_duplicate);
/* Takes back what is unused of what was given under that source; ret_count 0 the second time. */
Err benefit_revoke(Ctx *c, int64_t member_id, const char *source, int64_t source_id, int64_t *ret_count);

/* use_no is unique with the shop for ever */
typedef struct BenefitTake { int64_t shop_id, member_id, benefit_id, count; Str use_no; } BenefitTake;
typedef struct BenefitUse {
    int64_t use_id, shop_id; Str use_no;
    int64_t benefit_id; Str name, unit;
    int64_t member_id, count, at, undone_at;
    int64_t left;                           /* afterwards, in this period: answers only; -1 = without limit */
    int64_t renews_at;                      /* when more comes; 0 = not by itself */
    bool duplicate;
} BenefitUse;
typedef LIST_OF(BenefitUse) BenefitUses;
extern const Fields benefit_use_fields;
/* The quota's guard is in the statement. E_CONFLICT benefit.none (not entitled), benefit.short (numbers left,
 * renews_at), benefit.number_used; the very same again: duplicate. */
Err benefit_take(Ctx *c, const BenefitTake *take, BenefitUse *ret_use);
Err benefit_undo(Ctx *c, int64_t use_id, Str reason, BenefitUse *ret_use);

/* What a member may use now, with what is left and when it renews. */
typedef struct BenefitView {
    int64_t benefit_id; Str key, name; BenefitKind kind; Str unit, about;
    bool is_unlimited; int64_t quota, used, left, renews_at, ends_at;
} BenefitView;
typedef LIST_OF(BenefitView) BenefitViews;
extern const Fields benefit_view_fields;
Err benefit_list_of(Ctx *c, int64_t member_id, BenefitViews *ret_list);
