/* How snapshots and decisions look in JSON. */
#include "domain/promo/promo.h"

const char *const promo_kind_names[] = { "rate",     "price", "member_price", "nth",      "bundle", "piece",
                                         "discount", "cash",  "gift",         "delivery", NULL };
const char *const promo_stack_names[] = { "stackable", "group_alone", "alone", NULL };
static const char *const birthday_names[] = { "any", "day", "month", NULL };

#define AMOUNT .min = 0, .max = PROMO_AMOUNT_MAX_FEN
#define COUNT .min = 0, .max = PROMO_QUANTITY_MAX

static const Field scope_field[] = {
    FIELD(PromoScope, item_ids, .skip_zero = true),         FIELD(PromoScope, category_ids, .skip_zero = true),
    FIELD(PromoScope, brand_ids, .skip_zero = true),        FIELD(PromoScope, tags, .skip_zero = true),
    FIELD(PromoScope, not_item_ids, .skip_zero = true),     FIELD(PromoScope, not_category_ids, .skip_zero = true),
    FIELD(PromoScope, not_brand_ids, .skip_zero = true),    FIELD(PromoScope, not_tags, .skip_zero = true),
    FIELD(PromoScope, skips_discounted, .skip_zero = true),
};
const Fields promo_scope_fields = FIELDS(PromoScope, scope_field);

static const Field days_field[] = { FIELD_DAY(PromoDays, from_day, .need = true), FIELD_DAY(PromoDays, to_day) };
static const Fields days_fields = FIELDS(PromoDays, days_field);
static const Field when_field[] = {
    FIELD_DAY(PromoWhen, from_day, .skip_zero = true),
    FIELD_DAY(PromoWhen, to_day, .skip_zero = true),
    FIELD_LIST(PromoWhen, not_days, days_fields, .max = 100, .skip_zero = true),
    FIELD(PromoWhen, weekdays, .skip_zero = true, .about = "1 = Monday"),
    FIELD(PromoWhen, month_days, .skip_zero = true),
    FIELD(PromoWhen, from_minute, .skip_zero = true, .min = 0, .max = 1440),
    FIELD(PromoWhen, to_minute, .skip_zero = true, .min = 0, .max = 1440),
};
const Fields promo_when_fields = FIELDS(PromoWhen, when_field);

static const Field who_field[] = {
    FIELD(PromoWho, tier_ids, .skip_zero = true),
    FIELD(PromoWho, tags, .skip_zero = true),
    FIELD_ENUM(PromoWho, birthday, birthday_names, .skip_zero = true),
    FIELD(PromoWho, first_order, .skip_zero = true),
    FIELD(PromoWho, members_only, .skip_zero = true),
};
const Fields promo_who_fields = FIELDS(PromoWho, who_field);

static const Field step_field[] = { FIELD(PromoStep, threshold_fen, AMOUNT), FIELD(PromoStep, off_fen, AMOUNT) };
const Fields promo_step_fields = FIELDS(PromoStep, step_field);
static const Field part_field[] = { FIELD_ID(PromoPart, item_id, .need = true), FIELD(PromoPart, quantity, COUNT) };
const Fields promo_part_fields = FIELDS(PromoPart, part_field);

static const Field promo_field[] = {
    FIELD_ID(Promo, id, .need = true),
    FIELD(Promo, name),
    FIELD_ENUM(Promo, kind, promo_kind_names, .need = true),
    FIELD_ENUM(Promo, stack, promo_stack_names),
    FIELD(Promo, stack_class, .skip_zero = true),
    FIELD(Promo, rank, .min = INT64_MIN, .skip_zero = true),
    FIELD(Promo, forced, .skip_zero = true),
    FIELD(Promo, forbidden, .skip_zero = true),
    FIELD(Promo, expires_at, .skip_zero = true),
    FIELD_OBJECT(Promo, scope, promo_scope_fields, .skip_zero = true),
    FIELD_OBJECT(Promo, when, promo_when_fields, .skip_zero = true),
    FIELD_OBJECT(Promo, who, promo_who_fields, .skip_zero = true),
    FIELD(Promo, shop_ids, .skip_zero = true),
    FIELD(Promo, channels, .skip_zero = true),
    FIELD(Promo, threshold_fen, AMOUNT, .skip_zero = true),
    FIELD(Promo, threshold_pieces, COUNT, .skip_zero = true),
    FIELD(Promo, every, .skip_zero = true),
    FIELD(Promo, rate_bp, .min = 0, .max = RATE_WHOLE_BP, .skip_zero = true),
    FIELD(Promo, off_fen, AMOUNT, .skip_zero = true),
    FIELD(Promo, price_fen, AMOUNT, .skip_zero = true),
    FIELD(Promo, cap_fen, AMOUNT, .skip_zero = true),
    FIELD(Promo, nth, COUNT, .skip_zero = true),
    FIELD(Promo, pieces, COUNT, .skip_zero = true),
    FIELD(Promo, times_max, COUNT, .skip_zero = true),
    FIELD_LIST(Promo, steps, promo_step_fields, .max = 20, .skip_zero = true),
    FIELD_LIST(Promo, parts, promo_part_fields, .max = 20, .skip_zero = true),
    FIELD_ID(Promo, gift_item_id, .skip_zero = true),
    FIELD(Promo, gift_quantity, COUNT, .skip_zero = true),
    FIELD(Promo, gift_worth_fen, AMOUNT, .skip_zero = true),
};
const Fields promo_fields = FIELDS(Promo, promo_field);

static const Field line_field[] = {
    FIELD(PromoLine, line_no, .need = true, .min = 1),
    FIELD_ID(PromoLine, item_id),
    FIELD_ID(PromoLine, category_id),
    FIELD_ID(PromoLine, brand_id),
    FIELD(PromoLine, tags),
    FIELD(PromoLine, quantity, .need = true, .min = 1, .max = PROMO_QUANTITY_MAX),
    FIELD(PromoLine, unit_price_fen, .need = true, AMOUNT),
    FIELD(PromoLine, floor_price_fen, AMOUNT),
    FIELD(PromoLine, member_price_fen, AMOUNT),
    FIELD(PromoLine, no_promo),
    FIELD(PromoLine, discounted),
};
static const Fields line_fields = FIELDS(PromoLine, line_field);

static const Field member_field[] = {
    FIELD_ID(PromoMember, member_id), FIELD_ID(PromoMember, tier_id),
    FIELD(PromoMember, tags),         FIELD(PromoMember, birthday, .min = 0, .max = 1231, .about = "mmdd"),
    FIELD(PromoMember, order_count),
};
static const Fields member_fields = FIELDS(PromoMember, member_field);

static const Field ask_field[] = {
    FIELD_LIST(PromoAsk, lines, line_fields, .need = true, .max = PROMO_LINES_MAX),
    FIELD(PromoAsk, delivery_fen, AMOUNT),
    FIELD_OBJECT(PromoAsk, member, member_fields),
    FIELD_ID(PromoAsk, shop_id),
    FIELD(PromoAsk, channel),
    FIELD(PromoAsk, now),
    FIELD_DAY(PromoAsk, day),
    FIELD(PromoAsk, weekday, .min = 0, .max = 7),
    FIELD(PromoAsk, minute, .min = 0, .max = 1439),
    FIELD_LIST(PromoAsk, offers, promo_fields, .max = PROMO_PROMOS_MAX),
    FIELD_LIST(PromoAsk, coupons, promo_fields, .max = PROMO_PROMOS_MAX),
    FIELD(PromoAsk, coupons_max, .min = 0, .max = PROMO_PROMOS_MAX),
    FIELD(PromoAsk, work_max, .min = 0),
};
const Fields promo_ask_fields = FIELDS(PromoAsk, ask_field);

static const Field share_field[] = { FIELD(PromoShare, line_no), FIELD(PromoShare, off_fen) };
static const Fields share_fields = FIELDS(PromoShare, share_field);
static const Field adjustment_field[] = {
    FIELD_ID(PromoAdjustment, id),
    FIELD(PromoAdjustment, coupon),
    FIELD(PromoAdjustment, name),
    FIELD(PromoAdjustment, group),
    FIELD(PromoAdjustment, off_fen),
    FIELD_ID(PromoAdjustment, gift_item_id, .skip_zero = true),
    FIELD(PromoAdjustment, gift_quantity, .skip_zero = true),
    FIELD_LIST(PromoAdjustment, shares, share_fields),
};
static const Fields adjustment_fields = FIELDS(PromoAdjustment, adjustment_field);
static const Field refusal_field[] = {
    FIELD_ID(PromoRefusal, id),
    FIELD(PromoRefusal, coupon),
    FIELD(PromoRefusal, name),
    FIELD(PromoRefusal, code),
    FIELD(PromoRefusal, short_fen, .skip_zero = true),
    FIELD(PromoRefusal, short_pieces, .skip_zero = true),
    FIELD(PromoRefusal, zh),
    FIELD(PromoRefusal, en),
};
const Fields promo_refusal_fields = FIELDS(PromoRefusal, refusal_field);
static const Field priced_field[] = {
    FIELD(PromoPriced, line_no),
    FIELD(PromoPriced, amount_fen),
    FIELD(PromoPriced, off_fen),
    FIELD(PromoPriced, payable_fen),
};
static const Fields priced_fields = FIELDS(PromoPriced, priced_field);
static const Field decision_field[] = {
    FIELD(PromoDecision, amount_fen),
    FIELD(PromoDecision, delivery_fen),
    FIELD(PromoDecision, off_fen),
    FIELD(PromoDecision, payable_fen),
    FIELD(PromoDecision, gift_worth_fen),
    FIELD(PromoDecision, coupons_used),
    FIELD(PromoDecision, life_used_ms),
    FIELD(PromoDecision, optimal),
    FIELD(PromoDecision, bound_fen),
    FIELD(PromoDecision, forced_failed),
    FIELD(PromoDecision, work),
    FIELD_LIST(PromoDecision, lines, priced_fields),
    FIELD_LIST(PromoDecision, adjustments, adjustment_fields),
    FIELD_LIST(PromoDecision, refusals, promo_refusal_fields),
    FIELD(PromoDecision, certificate),
};
const Fields promo_decision_fields = FIELDS(PromoDecision, decision_field);
