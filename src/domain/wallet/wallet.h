/* wallet - 储值: principal and gift money that members keep with the shop: recharged, spent with proof, given back.
 *
 * Owns:   wallet_member, wallet_code, wallet_package, wallet_recharge, wallet_move, wallet_spend, wallet_family,
 *         wallet_restore, wallet_refund, wallet_payout, wallet_merge, wallet_card_batch, wallet_card,
 *         wallet_card_entry, wallet_device
 * Units:  *_fen; points whole; *_at unix ms
 * Calls:  shop, approval, identity, member, ledger, points, payment
 * Emits:  wallet.moved, wallet.low, wallet.recharged, wallet.returned
 * Holds:  principal == what was paid in - spent + given back - taken by card refunds + moved by hand, gift likewise
 *         less what expired; a spend is the sum of its parts and its ledger entries; what a recharge gave back is its
 *         payouts and never more than was paid; what a family member used of his limits is what he spent; a gift card
 *         is as its entries say, a redeemed one came in once
 * Errors: (see docs/errors.md)
 *
 * Two kinds on the one ledger: "principal" (paid in) and "gift" (given on top, never paid out). Each spend stores how
 * it was split, and what goes back is shared over what is left of that split: any sequence adds up to the whole, each
 * fen in its own kind. Spending needs proof of presence: the member's dynamic code (once) or a PIN.
 * Who belongs to a family wallet pays from its owner's account with his own proof, within his limits, unless he chose
 * to pay from his own: nobody else has to ask whose money it is.
 * Locks: ledger accounts (points before principal and gift) before this slice's rows. */
#pragma once
#include "domain/ledger/ledger.h"
#include "domain/member/member.h"
#include "domain/payment/payment.h"

enum { WALLET_MONTHS_MAX = 36, WALLET_PACKAGES_MAX = 100, WALLET_STEPS_MAX = 12, WALLET_NO_MAX = 64,
       WALLET_FAMILY_MAX = 20, WALLET_PROOF_MAX = 400, WALLET_WAITING_MAX = 5 };
#define WALLET_AMOUNT_MAX_FEN 100000000000
extern const LedgerKind principal_kind, gift_kind;

/* ---- setting "wallet" ---- */
typedef enum WalletOrder { WALLET_PRINCIPAL_FIRST, WALLET_GIFT_FIRST, WALLET_IN_PROPORTION } WalletOrder;
typedef enum WalletPolicy { WALLET_REFUND_PRINCIPAL, WALLET_REFUND_SHARE } WalletPolicy;
typedef struct WalletSetting {
    WalletOrder spend_order;
    int64_t most_fen;                       /* principal and gift of one named card; 0 = no limit */
    int64_t low_fen;                        /* wallet.low below it; 0 = never */
    WalletPolicy refund_policy;
    int64_t refund_free_fen;                /* card refunds up to it need no second person; 0 = every one does */
    int64_t full_days;                      /* a recharge that nobody touched goes back whole so long */
    bool no_sms;
    int64_t approval_fen;                   /* corrections by hand above it need a second person; 0 = none do */
    int64_t gift_grace_days;                /* gift that comes back after its day lives so long */
    int64_t bearer_most_fen, bearer_years;  /* gift cards that are sold: worth at most, good for at least; 0 = free */
    int64_t wait_minutes;                   /* a recharge that nobody pays is given up after it; 0 = never */
    int64_t family_most;                    /* members that one owner may share with; 0 = no family wallets */
} WalletSetting;
extern const Setting wallet_setting;

/* ---- spending ---- */
typedef struct WalletParts { int64_t principal_fen, gift_fen; } WalletParts;
/* Pure. amount_fen <= principal + gift of `have`. */
WalletParts wallet_split(WalletOrder how, WalletParts have, int64_t amount_fen);
/* Pure. A part of what is `left` of a spend, in its own kinds; the last part takes the rest. */
WalletParts wallet_share(WalletParts left, int64_t amount_fen);

/* One of the two. code: what the phone shows, the short code or the signed token (wallet_token.h). */
typedef struct WalletProof { Str code, pin; } WalletProof;
typedef struct WalletProven WalletProven;
/* In prepare(): counts the try (lock-out with growing delay), then judges it. E_INVALID wallet.proof_missing, E_DENIED
 * wallet.proof_wrong, wallet.token_bad, wallet.token_stale, wallet.device_revoked, wallet.pin_none, E_LIMIT
 * lockout.wait. */
Err wallet_prove(Ctx *c, int64_t member_id, const WalletProof *proof, const WalletProven **ret_proven);
/* In the unit that the proof is for: uses it up. E_CONFLICT wallet.code_used, E_DENIED wallet.proof_wrong. */
Err wallet_proof_use(Ctx *c, const WalletProven *proven);

/* kind and spend_no are unique with the shop for ever; member_id is who pays, maybe from a family's account */
typedef struct WalletSpendNew { int64_t shop_id, member_id, amount_fen; Str kind, spend_no; } WalletSpendNew;
typedef struct WalletSpend {
    int64_t spend_id, shop_id, member_id, spender_id, home_shop_id;     /* member_id: whose money it was */
    Str kind, spend_no;
    int64_t amount_fen, principal_fen, gift_fen, principal_back_fen, gift_back_fen, at;
    int64_t principal_left_fen, gift_left_fen;      /* the balance afterwards: answers only */
    bool duplicate;
} WalletSpend;
typedef LIST_OF(WalletSpend) WalletSpends;
/* In the unit. Uses the proof up (a code counts once). E_CONFLICT wallet.short, wallet.frozen, wallet.code_used,
 * wallet.number_used; the very same spend again: duplicate. */
Err wallet_spend(Ctx *c, const WalletSpendNew *spend, const WalletProven *proven, WalletSpend *ret_spend);
/* Gives a part of a spend back, split as it was; amount_fen 0 = all that is left. E_CONFLICT wallet.over_spend.
 * restore_no is unique with the spend: again is a duplicate. */
typedef struct WalletRestore {
    int64_t spend_id, restore_id; Str restore_no; int64_t amount_fen, principal_fen, gift_fen; bool duplicate;
} WalletRestore;
Err wallet_restore(Ctx *c, WalletRestore *restore);

/* A tender of an order: spent under the order's number and the tender's, split and given back like any spend. */
typedef struct WalletTender { int64_t shop_id, member_id, order_id, number, amount_fen; } WalletTender;
/* How it would be split as things stand now; E_CONFLICT wallet.short, wallet.frozen. */
Err wallet_foresee(Ctx *c, int64_t member_id, int64_t amount_fen, WalletParts *ret_parts);
/* The points accounts are locked before, so that two units never wait for each other crosswise. */
Err wallet_spend_tender(Ctx *c, const WalletTender *tender, const WalletProven *proven, WalletParts *ret_parts);
Err wallet_tender_parts(Ctx *c, const WalletTender *tender, WalletParts *ret_parts);
/* refund_id is the natural key; amount_fen > 0. */
Err wallet_restore_tender(Ctx *c, const WalletTender *tender, int64_t refund_id);

/* ---- what comes beside recharges ---- */
/* Gift balance out of the merchant's pocket (reward, a gift to wake up who sleeps). source and source_id count once per
 * member for ever: again moves nothing, ret_new false. expires_at 0 = never. Never turned away for the card's limit. */
typedef struct WalletGift {
    int64_t member_id, shop_id, gift_fen; const char *source; int64_t source_id, expires_at; Str reason;
} WalletGift;
Err wallet_give(Ctx *c, const WalletGift *gift, bool *ret_new);
/* Takes up to gift_fen back (source and source_id of `take` are the natural key of the taking), first from what
 * wallet_give() gave under of_source and of_id. ret_taken_fen: what was still there; 0 where it was taken before. */
Err wallet_take(Ctx *c, const WalletGift *take, const char *of_source, int64_t of_id, int64_t *ret_taken_fen);

/* ---- reading ---- */
typedef struct WalletView {
    int64_t member_id, principal_fen, gift_fen, total_fen, gift_pending_fen, home_shop_id;
    int64_t gift_expiring_fen;              /* within 30 days */
    bool is_frozen, has_pin;
    int64_t family_owner_id;                /* pays from that member's account; 0 = from his own */
} WalletView;
Err wallet_view(Ctx *c, int64_t member_id, WalletView *ret_view);
