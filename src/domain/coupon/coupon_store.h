/* coupon_store - the rows of coupons; private to the folder. */
#pragma once
#include "app/merchant.h"
#include "base/day.h"
#include "domain/coupon/coupon.h"
#include "event/coupon.h"

#define COUPON_ASK(name_text, T, table)                                                                                \
    { .name = name_text, .size = sizeof(T), .field = (table), .count = COUNT_OF(table), .given_at = -1 }
#define COUPON_PAGE(name, list_type, of)                                                                               \
    typedef struct name {                                                                                              \
        list_type items;                                                                                               \
        Str next_cursor;                                                                                               \
    } name;                                                                                                            \
    static const Field name##_field[] = { FIELD_LIST(name, items, of), FIELD(name, next_cursor) };                     \
    static const Fields name##_fields = FIELDS(name, name##_field)

/* ---- templates ---- */
extern const Fields coupon_template_new_fields, coupon_template_edit_fields;
extern const char *const coupon_state_names[];
Err coupon_template_insert(Ctx *c, const CouponTemplate *t);
/* stock below what is out already: ret_done false and nothing is written. */
Err coupon_template_write(Ctx *c, const CouponTemplate *t, bool *ret_done);
Err coupon_template_find(Ctx *c, int64_t template_id, CouponTemplate *ret_template, bool *ret_found);
/* One version, as coupons of it keep it; supply and state are not filled. */
Err coupon_template_version(Ctx *c, int64_t template_id, int64_t version, CouponTemplate *ret_template);
/* The versions of all coupons of a member that are not over, in one look; at most `most`. */
Err coupon_template_versions(Ctx *c, int64_t member_id, int64_t most, CouponTemplates *ret_list);
Err coupon_template_page(Ctx *c, int64_t below_id, int64_t most, CouponTemplates *ret_list);
/* Open to claims: what a member may find. */
Err coupon_template_claimable(Ctx *c, CouponTemplates *ret_list);
Err coupon_template_by_password(Ctx *c, Str password, int64_t *ret_template_id);
Err coupon_template_counts(Ctx *c, int64_t template_id, int64_t *ret_used);
Err coupon_supply_take(Ctx *c, int64_t template_id, int64_t count, bool *ret_done);    /* count < 0 gives back */
Err coupon_template_check(Ctx *c, const CouponTemplate *t);                            /* the rule's complaints */

/* ---- coupons ---- */
typedef struct CouponEntry {
    int64_t coupon_id, number; Str action; CouponStatus status;
    int64_t member_id, order_id, off_fen, shop_id; Str actor; int64_t actor_id; Str reason; int64_t at;
} CouponEntry;
typedef LIST_OF(CouponEntry) CouponEntries;
extern const Fields coupon_entry_fields;
/* number: 1, 2, … within its natural key */
Err coupon_insert(Ctx *c, const Coupon *coupon, int64_t issued_to, int64_t number, bool *ret_new);
Err coupon_find(Ctx *c, int64_t coupon_id, Coupon *ret_coupon, bool *ret_found);
Err coupon_find_code(Ctx *c, Str code, Coupon *ret_coupon, bool *ret_found);
Err coupons_of_source(Ctx *c, const CouponIssue *issue, Coupons *ret_list);
Err coupons_open(Ctx *c, int64_t member_id, int64_t most, Coupons *ret_list);   /* not over, first to expire first */
Err coupons_of_member(Ctx *c, int64_t member_id, Str state, int64_t below_id, int64_t most, Coupons *ret_list);
/* What was made for whoever has the code; source_id 0 = every batch. */
Err coupons_of_batch(Ctx *c, int64_t template_id, int64_t source_id, int64_t after_id, int64_t most,
                        Coupons *ret_list);
Err coupons_of_order(Ctx *c, int64_t order_id, Coupons *ret_list);              /* those it locks */
Err coupons_due(Ctx *c, int64_t most, Coupons *ret_list);
/* The guards of their moves stand in the statements. */
Err coupon_mark_locked(Ctx *c, const CouponMove *move, bool *ret_done);
Err coupon_mark_used(Ctx *c, const CouponMove *move, bool *ret_done);
Err coupon_mark_free(Ctx *c, int64_t coupon_id, CouponStatus from, int64_t order_id, int64_t expires_at,
                     bool *ret_done);
Err coupon_mark_over(Ctx *c, int64_t coupon_id, CouponStatus from, CouponStatus to, bool *ret_done);
/* giving -> issued, of another member and under another code. */
Err coupon_mark_owner(Ctx *c, const Coupon *coupon, CouponStatus from, bool *ret_done);
Err coupon_entry_insert(Ctx *c, const Coupon *coupon, const char *action, Str reason);
Err coupon_entries_of(Ctx *c, int64_t coupon_id, CouponEntries *ret_list);

/* ---- what a member got ---- */
Err coupon_quota_add(Ctx *c, int64_t member_id, int64_t template_id, int64_t day, int64_t count, int64_t most,
              bool *ret_done);
Err coupon_quota_sum(Ctx *c, int64_t member_id, int64_t template_id, int64_t from_day, int64_t *ret_count);
/* Takes the room for `count` more, or says what is full: E_CONFLICT coupon.limit; nothing was written then. */
Err coupon_quota_take(Ctx *c, const CouponTemplate *t, int64_t member_id, int64_t count, int64_t today);
/* Looks only: 0 = no more. INT64_MAX = no limit. */
Err coupon_quota_room(Ctx *c, const CouponTemplate *t, int64_t member_id, int64_t today, int64_t *ret_room);

/* ---- gifts to friends, runs ---- */
typedef enum GiftStatus { GIFT_WAITING, GIFT_ACCEPTED, GIFT_BACK } GiftStatus;
typedef struct CouponGift {
    int64_t gift_id, coupon_id, from_id, to_id; Str code, link; GiftStatus status; int64_t until_at, created_at;
} CouponGift;
typedef LIST_OF(CouponGift) CouponGifts;
extern const Fields coupon_gift_fields;
Err coupon_gift_insert(Ctx *c, const CouponGift *gift);
Err coupon_gift_by_code(Ctx *c, Str code, CouponGift *ret_gift, bool *ret_found);
Err coupon_gift_of_coupon(Ctx *c, int64_t coupon_id, CouponGift *ret_gift, bool *ret_found);   /* the waiting one */
Err coupon_gift_mark(Ctx *c, int64_t gift_id, GiftStatus status, int64_t to_id, bool *ret_done);
Err coupon_gifts_of_member(Ctx *c, int64_t member_id, CouponGifts *ret_list);
Err coupon_gifts_due(Ctx *c, int64_t most, CouponGifts *ret_list);

typedef enum RunStatus { RUN_RUNNING, RUN_DONE, RUN_OUT_OF_STOCK } RunStatus;
typedef struct CouponRun {
    int64_t run_id, template_id, count, tag_id; Str stage; RunStatus status; int64_t at_member_id, members, skipped;
    Str reason; int64_t actor_id, created_at;
    int64_t approval_id; bool ask, is_approved;     /* of the request alone */
} CouponRun;
typedef LIST_OF(CouponRun) CouponRuns;
extern const Fields coupon_run_fields;
Err coupon_run_insert(Ctx *c, const CouponRun *run);
Err coupon_run_write(Ctx *c, const CouponRun *run, int64_t was_at);
Err coupon_run_find(Ctx *c, int64_t run_id, CouponRun *ret_run, bool *ret_found);
Err coupon_runs_open(Ctx *c, CouponRuns *ret_list);
Err coupon_run_page(Ctx *c, int64_t below_id, int64_t most, CouponRuns *ret_list);

/* ---- members' data ---- */
Err coupon_merge_move(Ctx *c, const MergeInfo *m, int64_t *ret_moved);
Err coupon_merge_back(Ctx *c, const MergeInfo *m, int64_t *ret_moved);
Err coupon_reasons_blank(Ctx *c, int64_t member_id);
extern const Hold coupon_holds[];
enum { COUPON_HOLDS = 5 };

/* ---- rules that several files of the folder share ---- */
Err coupon_today(Ctx *c, int64_t shop_id, const Zone **ret_zone, int64_t *ret_day);
Err coupon_unknown(Ctx *c);
Err coupon_refuse(Ctx *c, const Coupon *coupon, const CouponMove *move);        /* why it cannot be used now */
Err coupon_need_gate(Ctx *c, const CouponTemplate *t, int64_t member_id);       /* E_CONFLICT coupon.gate */
void coupon_promo(Ctx *c, const Coupon *coupon, const CouponTemplate *t, const Zone *zone, Promo *ret_promo);
/* Wrong codes are counted per member, device, address and till; see coupon_promo_by_code. In prepare(). */
Err coupon_guess(Ctx *c, Str typed, int64_t member_id, Coupon *ret_coupon);
Err coupon_guess_look(Ctx *c, int64_t member_id);                               /* E_LIMIT when used up */
Err coupon_guess_wrong(Ctx *c, int64_t member_id);                              /* counts, and refuses */

/* ---- what a member sees ---- */
typedef struct CouponView {
    int64_t coupon_id, template_id; Str name, terms; CouponKind kind; Str code; CouponStatus status;
    int64_t from_at, expires_at, used_at, order_id, off_fen;
    int64_t threshold_fen, rate_bp, cap_fen, price_fen, template_off_fen;
    bool may_give, is_usable; Str why_not_code, why_not_zh, why_not_en;
} CouponView;
typedef LIST_OF(CouponView) CouponViews;
extern const Fields coupon_view_fields;
Err coupon_views(Ctx *c, int64_t member_id, int64_t shop_id, const Coupons *coupons, CouponViews *ret_views);

typedef struct ClaimView {
    int64_t template_id; Str name, terms; CouponKind kind; bool needs_password, may_claim;
    int64_t left_count, my_room; Str why_not_code, why_not_zh, why_not_en;
} ClaimView;
typedef LIST_OF(ClaimView) ClaimViews;
extern const Fields coupon_claim_view_fields;
Err coupon_not_now(Ctx *c, const CouponView *view);     /* E_CONFLICT coupon.not_now, in the view's words */
Err coupon_claim_centre(Ctx *c, int64_t member_id, ClaimViews *ret_views);
Err coupon_claim(Ctx *c, int64_t member_id, int64_t template_id, Str password, Coupon *ret_coupon);
Err coupon_take_code(Ctx *c, int64_t member_id, const Coupon *seen, Coupon *ret_coupon);   /* a bearer code */

Err coupon_void(Ctx *c, int64_t coupon_id, Str reason, Coupon *ret_coupon);
typedef struct CouponRedeem { int64_t shop_id, coupon_id, member_id; Str code; } CouponRedeem;
Err coupon_redeem(Ctx *c, const CouponRedeem *redeem, Coupon *coupon);
Err coupon_redeem_undo(Ctx *c, int64_t coupon_id, Str reason, Coupon *ret_coupon);
Err coupon_give(Ctx *c, int64_t member_id, int64_t coupon_id, CouponGift *ret_gift);
Err coupon_give_back(Ctx *c, int64_t member_id, int64_t coupon_id, CouponGift *ret_gift);
Err coupon_accept(Ctx *c, int64_t member_id, Str code, CouponGift *ret_gift);
Err coupon_run_start(Ctx *c, const CouponRun *run, CouponRun *ret_run);
Err coupon_job_runs(Ctx *c, int64_t due_at, bool *ret_more);
Err coupon_job_gifts(Ctx *c, int64_t due_at, bool *ret_more);
Err coupon_job_expire(Ctx *c, int64_t due_at, bool *ret_more);
