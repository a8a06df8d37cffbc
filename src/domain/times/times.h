/* times - 次卡: a card good for n uses of listed services, sold or given; used with proof, undone, given back by share.
 *
 * Owns:   times_template, times_card, times_use, times_merge
 * Units:  uses whole; *_fen; valid_days days; *_day shop-local yyyymmdd; *_at unix ms
 * Calls:  approval, shop, member, item, ledger, wallet
 * Emits:  times.used, times.low, times.expiring
 * Holds:  what a card has left is its account on the ledger; uses given == used + expired + taken + left; a card never
 *         gives back more than was paid for it
 * Errors: (see docs/errors.md)
 *
 * The uses of a card are an account of the one ledger, of the kind "times:CARD_ID", so "why has my card 7 left?" is
 * answered like any balance. A template that is on sale never changes: it is retired and replaced, so that every card
 * keeps the terms under which it was sold. */
#pragma once
#include "base/step.h"
#include "domain/wallet/wallet.h"

enum { TIMES_USES_MAX = 10000, TIMES_SERVICES_MAX = 100, TIMES_SHOPS_MAX = 200, TIMES_TEMPLATES_MAX = 200,
       TIMES_NO_MAX = 64, TIMES_DAYS_MAX = 3660, TIMES_KIND_MAX = 40 };

typedef enum TimesStart { TIMES_FROM_ISSUE, TIMES_FROM_FIRST_USE } TimesStart;
/* share: the unused share of what was paid, floor; single: what was paid less the used ones at their single price */
typedef enum TimesPolicy { TIMES_REFUND_SHARE, TIMES_REFUND_SINGLE, TIMES_REFUND_NONE } TimesPolicy;
typedef struct TimesTemplate {
    int64_t template_id; Str name;
    int64_t uses, price_fen, single_price_fen;
    IntList item_ids, category_ids;         /* services it is good for; both empty = whatever the shop does */
    IntList shop_ids;                       /* empty = every shop */
    TimesStart valid_from;
    int64_t valid_days;                     /* so many whole days after that day; 0 = no such limit */
    int64_t last_day;                       /* a fixed last day; 0 = none */
    int64_t low_uses;                       /* times.low when a use takes what is left to this or below; 0 = never */
    TimesPolicy refund_policy;
    bool is_retired; int64_t created_at;
} TimesTemplate;
typedef LIST_OF(TimesTemplate) TimesTemplates;
extern const Fields times_template_fields;
/* E_NOT_FOUND times.template_unknown; a retired one is found too. */
Err times_template_read(Ctx *c, int64_t template_id, TimesTemplate *ret_template);

/* closed: given back or taken back */
typedef enum TimesStatus { TIMES_ACTIVE, TIMES_FROZEN, TIMES_EXPIRED, TIMES_CLOSED } TimesStatus;
typedef struct TimesCard {
    int64_t card_id, template_id; Str name;
    int64_t member_id; Str account;         /* of the ledger: "times:CARD_ID" */
    Str source; int64_t source_id, shop_id;
    int64_t uses, left_uses, expired_uses, taken_uses, paid_fen, returned_fen;
    TimesStatus status;
    int64_t first_used_at, expires_at;      /* 0 = never, or not yet */
    int64_t created_at;
    bool duplicate;
} TimesCard;
typedef LIST_OF(TimesCard) TimesCards;
extern const Fields times_card_fields;

/* Gives `count` cards of one template (0 = 1) under the natural key (source, source_id, member, template, number of the
 * card): the very same again is a duplicate without effect. paid_fen is for all of them together, shared over them.
 * `uses` 0 = as the template says. E_NOT_FOUND times.template_unknown, E_CONFLICT times.template_retired;
 * member.* as member_need_right. ret_cards may be NULL. */
typedef struct TimesIssue {
    int64_t member_id, template_id, count; const char *source; int64_t source_id, paid_fen, shop_id, uses;
    bool is_due;                            /* the money is here: no retirement, no lost right stands in its way */
} TimesIssue;
Err times_issue(Ctx *c, const TimesIssue *issue, TimesCards *ret_cards);
/* Takes back what is unused of the cards that were given under (source, source_id): closed, nothing is paid.
 * ret_uses: how many uses went; 0 the second time. */
Err times_revoke(Ctx *c, int64_t member_id, const char *source, int64_t source_id, int64_t *ret_uses);

/* kind of a use is "times.use"; use_no is unique with the shop for ever */
typedef struct TimesUseNew {
    int64_t shop_id, member_id, card_id, item_id, count; Str use_no;
} TimesUseNew;
typedef struct TimesUse {
    int64_t use_id, shop_id; Str use_no;
    int64_t card_id, member_id, item_id, count, at;
    int64_t undone_at, undone_by_id; Str undo_reason;
    int64_t left_uses;                      /* of the card afterwards: answers only */
    bool duplicate;
} TimesUse;
typedef LIST_OF(TimesUse) TimesUses;
extern const Fields times_use_fields;
/* In the unit, with a proof from wallet_prove(). card_id 0: of the member's cards that are good for it and have enough
 * left, the one that expires first. E_CONFLICT times.short, times.frozen, times.expired, times.other_shop,
 * times.other_service, times.none, times.number_used; the very same use again: duplicate. */
Err times_use(Ctx *c, const TimesUseNew *use, const WalletProven *proven, TimesUse *ret_use);
/* By a manager: the uses come back into their lot, also when it ran out meanwhile. Again: duplicate. */
Err times_undo(Ctx *c, int64_t use_id, Str reason, TimesUse *ret_use);

/* What a card would pay back now, step by step; never more than is left of what was paid. */
typedef struct TimesRefund { int64_t card_id, uses, amount_fen; Steps steps; } TimesRefund;
Err times_refund_quote(Ctx *c, int64_t card_id, TimesRefund *ret_refund);
/* Takes what is left of the uses and closes the card; the money is the caller's. refund_id is the natural key.
 * E_CONFLICT times.closed. */
Err times_refund(Ctx *c, int64_t card_id, int64_t refund_id, TimesRefund *ret_refund);

Err times_card_read(Ctx *c, int64_t card_id, TimesCard *ret_card);      /* E_NOT_FOUND times.card_unknown */
/* The cards of one source: what a sale gave. */
Err times_cards_of(Ctx *c, const char *source, int64_t source_id, TimesCards *ret_cards);
