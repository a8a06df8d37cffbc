/* demo_offers - what the demo shop advertises today, and the coupons its members hold, so that a till has reasons to
 * show. Made after the past: what was sold before was sold without. */
#include "domain/coupon/coupon.h"
#include "main/demo.h"

enum { COUPON_EVERY = 5 /* every fifth member holds one */ };

static Err category_scope(Demo *demo, const char *category, PromoScope *ret_scope) {
    int64_t *id = NEW(demo->c->arena, int64_t);
    TRY(item_category_named(demo->c, str_of(category), id));
    *ret_scope = (PromoScope){ .category_ids = { id, 1 } };
    return OK;
}

static Err make_offers(Demo *demo) {
    int64_t tuesday[] = { 2 }, member_days[] = { 8, 18, 28 };
    struct {
        const char *category;
        Promo promo;
    } offers[] = {
        { NULL, { .name = S("满100减12"), .kind = PROMO_CASH, .threshold_fen = 10000, .off_fen = 1200 } },
        { "零食", { .name = S("零食第二件半价"), .kind = PROMO_NTH, .nth = 2, .rate_bp = 5000 } },
        { "水产",
          { .name = S("周二水产八八折"),
            .kind = PROMO_RATE,
            .rate_bp = 8800,
            .who = { .members_only = true },
            .when = { .weekdays = { tuesday, 1 } } } },
        { "日用清洁",
          { .name = S("会员日日用九折"),
            .kind = PROMO_RATE,
            .rate_bp = 9000,
            .who = { .members_only = true },
            .when = { .month_days = { member_days, 3 } } } },
        { "烘焙",
          { .name = S("生日当月烘焙八折"),
            .kind = PROMO_RATE,
            .rate_bp = 8000,
            .who = { .birthday = PROMO_BIRTHDAY_MONTH } } },
        { NULL,
          { .name = S("首单满50减8"),
            .kind = PROMO_CASH,
            .threshold_fen = 5000,
            .off_fen = 800,
            .who = { .first_order = true } } },
    };
    for (int64_t i = 0; i < COUNT_OF(offers); i++) {
        Offer made, offer = { .promo = offers[i].promo, .status = OFFER_ACTIVE };
        if (offers[i].category != NULL) TRY(category_scope(demo, offers[i].category, &offer.promo.scope));
        TRY(offer_create(demo->c, &offer, &made));
    }
    return OK;
}

static Err make_coupons(Demo *demo) {
    CouponTemplate made, template = { .name = S("老客券 满80减10"),
                                      .kind = COUPON_FULL,
                                      .threshold_fen = 8000,
                                      .off_fen = 1000,
                                      .valid_days = 90,
                                      .may_give = true };
    TRY(coupon_template_create(demo->c, &template, &made));
    for (int64_t i = 0; i < demo->joined_count; i += COUPON_EVERY) {
        Coupons coupons = { 0 };
        TRY(coupon_issue(demo->c,
                         &(CouponIssue){ .member_id = demo->members[i].member_id,
                                         .template_id = made.template_id,
                                         .count = 1,
                                         .source = "demo",
                                         .source_id = i + 1 },
                         &coupons, NULL));
    }
    return OK;
}

Err demo_offers_make(Demo *demo) {
    TRY(make_offers(demo));
    return make_coupons(demo);
}
