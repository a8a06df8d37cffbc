/* SQL of wallet, and what its files share; private to this folder. */
#pragma once
#include "domain/approval/approval.h"
#include "domain/wallet/wallet.h"

struct WalletProven { int64_t member_id, tries; Str pin_hash, code; }; /* tries: wrong ones before, to be cleared */

/* One movement of both kinds. */
typedef struct WalletPost {
    int64_t member_id; const char *source; int64_t source_id;
    WalletParts delta;
    int64_t expires_at;                     /* of gift that comes in; 0 = never */
    const char *of_source; int64_t of_id, grace_at;     /* gift that goes back into the lots it came from */
    Str detail, reason;
} WalletPost;

typedef struct WalletMember { int64_t member_id; Str pin_hash; bool is_frozen; int64_t home_shop_id; } WalletMember;
Err wallet_member_read(Ctx *c, int64_t member_id, WalletMember *ret_member);       /* zero when there is none */
Err wallet_member_put_pin(Ctx *c, int64_t member_id, Str pin_hash);
Err wallet_member_put_frozen(Ctx *c, int64_t member_id, bool is_frozen);
Err wallet_member_put_home(Ctx *c, int64_t member_id, int64_t shop_id);
Err wallet_member_delete(Ctx *c, int64_t member_id);
/* ret_new false: this code was used before. Forgets older ones. */
Err wallet_code_use(Ctx *c, int64_t member_id, Str code, bool *ret_new);

typedef struct WalletPackage {
    int64_t package_id; Str name; int64_t pay_fen, gift_fen, gift_months, gift_days, points;
    bool is_retired; int64_t created_at;
} WalletPackage;
typedef LIST_OF(WalletPackage) WalletPackages;
extern const Fields wallet_package_fields;
Err wallet_package_insert(Ctx *c, const WalletPackage *package);
Err wallet_package_read(Ctx *c, int64_t package_id, WalletPackage *ret_package, bool *ret_found);
Err wallet_package_list(Ctx *c, bool with_retired, WalletPackages *ret_list);
Err wallet_package_retire(Ctx *c, int64_t package_id, bool *ret_done);

typedef enum RechargeStatus { RECHARGE_WAITING, RECHARGE_DONE, RECHARGE_CANCELLED } RechargeStatus;
extern const char *const recharge_status_names[];
typedef struct WalletRecharge {
    int64_t recharge_id, shop_id; Str recharge_no;
    int64_t member_id, package_id; Str tender; RechargeStatus status;
    int64_t amount_fen, gift_fen, gift_months, gift_days, gift_given_fen, points, points_taken, returned_fen, closed_by;
    int64_t created_at, asked_at, done_at;              /* asked_at: when the channel was asked last how far it is */
    int64_t principal_left_fen, gift_left_fen;          /* the balance afterwards: answers only */
    Str external_no;                                    /* asked with */
    Str pay_url;                                        /* waiting: what the payer opens */
    bool duplicate;
} WalletRecharge;
typedef LIST_OF(WalletRecharge) WalletRecharges;
extern const Fields wallet_recharge_fields;
Err wallet_recharge_insert(Ctx *c, const WalletRecharge *r, bool *ret_new);
Err wallet_recharge_read(Ctx *c, int64_t recharge_id, WalletRecharge *ret_recharge, bool *ret_found);
Err wallet_recharge_by_no(Ctx *c, int64_t shop_id, Str no, WalletRecharge *ret_recharge, bool *ret_found);
/* waiting → done or cancelled; ret_done false: it did not wait */
Err wallet_recharge_mark(Ctx *c, int64_t recharge_id, RechargeStatus status, bool *ret_done);
Err wallet_recharge_waiting(Ctx *c, int64_t member_id, int64_t *ret_count);
/* waiting and not asked about since `before` */
Err wallet_recharge_doubtful(Ctx *c, int64_t before, int64_t most, WalletRecharges *ret_list);
Err wallet_recharge_asked(Ctx *c, int64_t recharge_id);
Err wallet_recharge_give(Ctx *c, int64_t recharge_id, int64_t gift_fen);
Err wallet_recharge_return(Ctx *c, int64_t recharge_id, int64_t amount_fen, int64_t points, bool *ret_done);
Err wallet_recharge_close(Ctx *c, int64_t member_id, int64_t request_id);
/* of a member (0 = any) and shop (0 = any), newest first */
Err wallet_recharge_page(Ctx *c, int64_t member_id, int64_t shop_id, int64_t before, int64_t most,
                         WalletRecharges *ret_list);

/* ---- family wallets ---- */
typedef enum FamilyStatus { FAMILY_INVITED, FAMILY_ACTIVE, FAMILY_ENDED } FamilyStatus;
extern const char *const family_status_names[];
typedef struct WalletFamily {
    int64_t member_id, owner_id; Str name;              /* name: masked, answers only */
    FamilyStatus status; bool pays_own;
    int64_t payment_most_fen, day_most_fen, month_most_fen;     /* 0 = no limit */
    int64_t day, day_used_fen, month, month_used_fen;
    int64_t invited_at, joined_at, ended_at;
} WalletFamily;
typedef LIST_OF(WalletFamily) WalletFamilies;
extern const Fields wallet_family_fields;
Err wallet_family_put(Ctx *c, const WalletFamily *f);   /* anew: a row of the past is written over */
Err wallet_family_read(Ctx *c, int64_t member_id, WalletFamily *ret_family, bool *ret_found);
Err wallet_family_list(Ctx *c, int64_t owner_id, WalletFamilies *ret_list);         /* invited and active */
Err wallet_family_all(Ctx *c, int64_t after_id, int64_t most, WalletFamilies *ret_list);
Err wallet_family_save(Ctx *c, const WalletFamily *f, FamilyStatus from, bool *ret_done);
/* In one statement: within all limits, or ret_done false and nothing counted. */
Err wallet_family_count(Ctx *c, const WalletFamily *f, int64_t amount_fen, bool *ret_done);
Err wallet_family_uncount(Ctx *c, const WalletFamily *f, int64_t amount_fen);
Err wallet_family_end(Ctx *c, int64_t member_id, int64_t *ret_ended);               /* as owner and as member */
Err wallet_family_spent(Ctx *c, int64_t member_id, int64_t owner_id, int64_t from_at, int64_t *ret_fen);
/* Rules (wallet_family.c). Whose account pays: the family's owner's, or his own. */
Err wallet_payer(Ctx *c, int64_t member_id, int64_t *ret_payer_id);
/* E_CONFLICT wallet.family_limit with the numbers. */
Err wallet_family_use(Ctx *c, int64_t member_id, int64_t owner_id, int64_t amount_fen);
Err wallet_family_unuse(Ctx *c, int64_t member_id, int64_t owner_id, int64_t spent_at, int64_t amount_fen);
Err wallet_family_invite(Ctx *c, const WalletFamily *in, WalletFamily *ret_family);
Err wallet_family_answer(Ctx *c, int64_t member_id, bool is_accepted, WalletFamily *ret_family);
Err wallet_family_change(Ctx *c, const WalletFamily *in, WalletFamily *ret_family);
Err wallet_family_choose(Ctx *c, int64_t member_id, bool pays_own, WalletFamily *ret_family);
/* By the member, his owner, or staff (owner_id 0). E_NOT_FOUND wallet.family_none. */
Err wallet_family_leave(Ctx *c, int64_t member_id, int64_t owner_id, WalletFamily *ret_family);

/* ---- moves beside recharges and spends ---- */
typedef struct WalletMove {
    int64_t move_id, member_id, shop_id; Str source; int64_t source_id, principal_fen, gift_fen, at;
    int64_t principal_left_fen, gift_left_fen, approval_id;     /* answers only */
} WalletMove;
typedef LIST_OF(WalletMove) WalletMoves;
extern const Fields wallet_move_fields;
Err wallet_move_insert(Ctx *c, const WalletMove *m);
typedef struct WalletMoveNew {
    const char *what;                       /* of wallet.moved */
    WalletPost post;
    int64_t shop_id;                        /* 0 = the member's home */
} WalletMoveNew;
/* Posts and writes down; ret_new false: this source was there before, nothing moved. */
Err wallet_move(Ctx *c, const WalletMoveNew *in, WalletMove *ret_move, bool *ret_new);
typedef struct WalletAdjust {
    int64_t member_id, shop_id, principal_fen, gift_fen, expires_day; Str reason; bool ask, is_approved;
} WalletAdjust;
extern const Fields wallet_adjust_fields;
extern const ApprovalKind wallet_adjust_kind;
/* By hand, with a reason. E_CONFLICT wallet.needs_approval, wallet.short; E_INVALID wallet.adjust_nothing. */
Err wallet_adjust(Ctx *c, const WalletAdjust *in, WalletMove *ret_move);
typedef struct WalletTransfer {
    int64_t from_member_id, to_member_id, principal_fen, gift_fen; Str reason;
    bool ask, is_approved;
    int64_t transfer_id, approval_id;                           /* answers only */
} WalletTransfer;
extern const ApprovalKind wallet_transfer_kind;
extern const Fields wallet_transfer_fields;
/* Each lot of gift keeps its day. E_INVALID wallet.transfer_self. */
Err wallet_transfer(Ctx *c, const WalletTransfer *in, WalletTransfer *ret_transfer);
Err wallet_job_expire(Ctx *c, int64_t due_at, bool *ret_more);

extern const Fields wallet_spend_fields;
Err wallet_spend_insert(Ctx *c, const WalletSpend *s, bool *ret_new);
Err wallet_spend_read(Ctx *c, int64_t spend_id, WalletSpend *ret_spend, bool *ret_found);
Err wallet_spend_by_no(Ctx *c, int64_t shop_id, Str kind, Str no, WalletSpend *ret_spend, bool *ret_found);
Err wallet_spend_give_back(Ctx *c, const WalletRestore *r, bool *ret_done);
/* of a member (whose money or who spent; 0 = any) and shop (0 = any), newest first */
Err wallet_spend_page(Ctx *c, int64_t member_id, int64_t shop_id, int64_t before, int64_t most, WalletSpends *ret_list);
Err wallet_spends_since(Ctx *c, int64_t member_id, int64_t at, int64_t *ret_fen);
Err wallet_restore_insert(Ctx *c, const WalletRestore *r, bool *ret_new);
Err wallet_restore_read(Ctx *c, int64_t spend_id, Str restore_no, WalletRestore *ret_restore, bool *ret_found);
extern const Fields wallet_restore_fields;

typedef struct WalletStep { Str rule, zh, en; int64_t fen; } WalletStep;
typedef LIST_OF(WalletStep) WalletSteps;
extern const Fields wallet_step_fields;
typedef enum WalletRefundStatus { WALLET_ASKED, WALLET_APPROVED, WALLET_REJECTED } WalletRefundStatus;
extern const char *const wallet_refund_status_names[];
typedef struct WalletPayout { int64_t request_id, recharge_id, amount_fen; Str tender, status; } WalletPayout;
typedef LIST_OF(WalletPayout) WalletPayouts;
extern const Fields wallet_payout_fields;
typedef struct WalletRefund {
    int64_t request_id, member_id, shop_id; WalletRefundStatus status;
    int64_t asked_fen, amount_fen, principal_fen, gift_fen;
    WalletSteps steps;
    Str reason, asked_by; int64_t asked_by_id, decided_by_id; Str decided_reason;
    int64_t created_at, decided_at;
    WalletPayouts payouts;                              /* one request alone */
} WalletRefund;
typedef LIST_OF(WalletRefund) WalletRefunds;
extern const Fields wallet_refund_fields;
Err wallet_refund_insert(Ctx *c, const WalletRefund *r);
Err wallet_refund_read(Ctx *c, int64_t request_id, WalletRefund *ret_refund, bool *ret_found);
/* asked → approved or rejected; ret_done false: somebody was faster */
Err wallet_refund_decide(Ctx *c, const WalletRefund *r, bool *ret_done);
Err wallet_refund_page(Ctx *c, int64_t member_id, Str status, int64_t before, int64_t most, WalletRefunds *ret_list);
Err wallet_refund_blank(Ctx *c, int64_t member_id);
Err wallet_payout_insert(Ctx *c, const WalletPayout *p);
Err wallet_payout_list(Ctx *c, int64_t request_id, WalletPayouts *ret_list);

typedef struct WalletShopLine {
    int64_t shop_id, principal_in_fen, principal_out_fen, gift_in_fen, gift_out_fen, refund_fen;
    int64_t principal_fen, gift_fen, cards_fen;
} WalletShopLine;
typedef LIST_OF(WalletShopLine) WalletShopLines;
extern const Fields wallet_shop_line_fields;
Err wallet_liability(Ctx *c, WalletShopLines *ret_list);
typedef struct WalletBetween { int64_t from_shop_id, to_shop_id, spends, principal_fen, gift_fen; } WalletBetween;
typedef LIST_OF(WalletBetween) WalletBetweens;
extern const Fields wallet_between_fields;
Err wallet_settlement(Ctx *c, int64_t from_at, int64_t to_at, WalletBetweens *ret_list);

Err wallet_merge_move(Ctx *c, const MergeInfo *m, int64_t *ret_moved);
Err wallet_merge_back(Ctx *c, const MergeInfo *m, int64_t *ret_moved);

/* ---- rules (wallet.c, wallet_recharge.c, wallet_proof.c, wallet_refund.c) ---- */
/* Locks principal and gift of a living member for the rest of the unit. */
Err wallet_lock(Ctx *c, int64_t member_id, WalletParts *ret_have);
/* ret_new false: this source was posted before, nothing moved. */
Err wallet_post(Ctx *c, const WalletPost *post, bool *ret_new);
WalletParts wallet_sum(WalletParts a, WalletParts b);
typedef struct WalletTold {
    int64_t shop_id, member_id, spender_id, source_id; WalletParts delta, after;
} WalletTold;
/* Announces a movement, and the low balance that it made. */
Err wallet_tell(Ctx *c, const char *what, const WalletTold *told);
Err wallet_need_open(Ctx *c, int64_t member_id);                    /* E_CONFLICT wallet.frozen */
Err wallet_pin_check(Ctx *c, Str pin);
Err wallet_recharge_make(Ctx *c, const WalletRecharge *in, WalletRecharge *ret_recharge);
Err wallet_need_room(Ctx *c, int64_t total_fen);                   /* E_CONFLICT wallet.over_limit */
/* E_INVALID wallet.tender: money only. ret_waits: it is asked for at a channel. */
Err wallet_need_tender(Ctx *c, Str tender, Str external_no, bool *ret_waits);
/* A recharge whose payment stands under its id already (a gift card). */
Err wallet_recharge_paid_before(Ctx *c, WalletRecharge *recharge);
Err wallet_recharge_paid(Ctx *c, int64_t recharge_id);
Err wallet_recharge_cancel(Ctx *c, int64_t recharge_id, WalletRecharge *ret_recharge);
/* Asks for those whose notice may be lost, and gives up what nobody pays. */
Err wallet_job_waiting(Ctx *c, int64_t due_at, bool *ret_more);
Err wallet_job_parts(Ctx *c, int64_t due_at, bool *ret_more);

typedef struct WalletRefundFacts {
    WalletPolicy policy;
    WalletParts have;                       /* what is there now */
    int64_t paid_fen, given_fen;            /* of all recharges that no refund has closed */
    int64_t fresh_paid_fen, fresh_given_fen;            /* of them: young enough and untouched */
    int64_t payable_fen;                    /* what the payments have left */
} WalletRefundFacts;
/* Pure: what goes back, and each step of the way. Never more than the principal that is there, nor than was paid. */
int64_t wallet_refund_compute(Arena *a, const WalletRefundFacts *facts, WalletSteps *ret_steps);
Err wallet_refund_quote(Ctx *c, int64_t member_id, WalletRefund *ret_refund);
Err wallet_refund_ask(Ctx *c, int64_t member_id, int64_t shop_id, Str reason, WalletRefund *ret_refund);
Err wallet_refund_end(Ctx *c, int64_t request_id, bool is_approved, Str reason, WalletRefund *ret_refund);
extern const ApprovalKind wallet_refund_kind;
enum { WALLET_HOLDS = 10, WALLET_HANDLERS = 3 };
extern const Hold wallet_holds[WALLET_HOLDS];
extern const Handler wallet_handlers[WALLET_HANDLERS];
