#include "app/merchant.h"
#include "domain/offer/offer_store.h"

#define AMOUNT .max = PROMO_AMOUNT_MAX_FEN, .skip_zero = true
#define COUNT .max = PROMO_QUANTITY_MAX, .skip_zero = true
#define RULE                                                                                                           \
    FIELD_ENUM(Promo, stack, promo_stack_names, .about = "group_alone: nothing else of its group; alone: nothing"),    \
        FIELD(Promo, stack_class, .max = 40, .skip_zero = true, .about = "one of a class an order"),                   \
        FIELD(Promo, rank, .min = -1000, .max = 1000, .skip_zero = true, .about = "within a step: lower first"),       \
        FIELD_OBJECT(Promo, scope, promo_scope_fields, .skip_zero = true, .about = "empty = all goods"),               \
        FIELD_OBJECT(Promo, when, promo_when_fields, .skip_zero = true),                                               \
        FIELD_OBJECT(Promo, who, promo_who_fields, .skip_zero = true), FIELD(Promo, shop_ids, .skip_zero = true),      \
        FIELD(Promo, channels, .skip_zero = true), FIELD(Promo, threshold_fen, AMOUNT),                                \
        FIELD(Promo, threshold_pieces, COUNT), FIELD(Promo, every, .skip_zero = true, .about = "for each threshold"),  \
        FIELD(Promo, rate_bp, .max = RATE_WHOLE_BP, .skip_zero = true, .about = "what is paid: 9000 = 10 % off"),      \
        FIELD(Promo, off_fen, AMOUNT), FIELD(Promo, price_fen, AMOUNT), FIELD(Promo, cap_fen, AMOUNT),                 \
        FIELD(Promo, nth, COUNT), FIELD(Promo, pieces, COUNT), FIELD(Promo, times_max, COUNT),                         \
        FIELD_LIST(Promo, steps, promo_step_fields, .max = 20, .skip_zero = true),                                     \
        FIELD_LIST(Promo, parts, promo_part_fields, .max = 20, .skip_zero = true),                                     \
        FIELD_ID(Promo, gift_item_id, .skip_zero = true), FIELD(Promo, gift_quantity, COUNT),                          \
        FIELD(Promo, gift_worth_fen, AMOUNT, .about = "decides between gifts of equal price")
#define OFFER_ID .name = "offer_id", .kind = FIELD_ID, .offset = offsetof(Promo, id)

static const Field offer_field[] = {
    { OFFER_ID, .is_out = true },
    FIELD(Promo, name, .need = true, .max = OFFER_NAME_MAX),
    FIELD_ENUM(Promo, kind, promo_kind_names, .need = true),
    FIELD_ENUM(Offer, status, offer_status_names),
    RULE,
    FIELD(Offer, version, .is_out = true),
    FIELD(Offer, created_at, .is_out = true),
    FIELD(Offer, updated_at, .is_out = true),
};
const Fields offer_fields = FIELDS(Offer, offer_field);

static const Field change_field[] = {
    { OFFER_ID, .need = true },
    FIELD(Promo, name, .max = OFFER_NAME_MAX),
    FIELD_ENUM(Promo, kind, promo_kind_names),
    FIELD_ENUM(Offer, status, offer_status_names),
    RULE,
    FIELD(Offer, version, .about = "or If-Match"),
};
static const Fields change_fields = { .name = "OfferChange",
                                      .size = sizeof(Offer),
                                      .field = change_field,
                                      .count = COUNT_OF(change_field),
                                      .given_at = (int64_t)offsetof(Offer, given) };

typedef struct OfferQuery {
    int64_t offer_id, limit;
    Str status, cursor, preset;
} OfferQuery;
static const Field ref_field[] = { FIELD_ID(OfferQuery, offer_id, .need = true) };
static const Fields ref_fields = {
    .name = "OfferRef", .size = sizeof(OfferQuery), .field = ref_field, .count = COUNT_OF(ref_field), .given_at = -1
};
static const Field query_field[] = { FIELD(OfferQuery, status, .max = 16), FIELD(OfferQuery, cursor),
                                     FIELD(OfferQuery, limit, .max = PAGE_MAX) };
static const Fields query_fields = FIELDS(OfferQuery, query_field);
static const Field preset_field[] = { FIELD(OfferQuery, preset, .need = true, .max = 20,
                                            .about =
                                                "second_half, full_100_20, member_day, birthday_month, breakfast") };
static const Fields preset_fields = { .name = "OfferPreset",
                                      .size = sizeof(OfferQuery),
                                      .field = preset_field,
                                      .count = COUNT_OF(preset_field),
                                      .given_at = -1 };
typedef struct OfferPage {
    Offers items;
    Str next_cursor;
} OfferPage;
static const Field page_field[] = { FIELD_LIST(OfferPage, items, offer_fields, .max = PAGE_MAX),
                                    FIELD(OfferPage, next_cursor) };
static const Fields page_fields = FIELDS(OfferPage, page_field);

/* ---- routes ---- */

static Err post_offer(Ctx *c, const void *body, void *ret) { return offer_create(c, body, ret); }

static Err post_preset(Ctx *c, const void *body, void *ret) {
    const OfferQuery *in = body;
    return offer_preset(c, in->preset, ret);
}

static Err get_offer(Ctx *c, const void *body, void *ret) {
    const OfferQuery *in = body;
    return offer_read(c, in->offer_id, ret);
}

static Err get_offers(Ctx *c, const void *body, void *ret) {
    const OfferQuery *in = body;
    OfferPage *out = ret;
    int64_t before = 0, unused = 0, limit = in->limit > 0 ? in->limit : PAGE_DEFAULT;
    TRY(page_open(c, in->cursor, &before, &unused));
    TRY(offer_page(c, in->status, before == 0 ? INT64_MAX : before, limit, &out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].promo.id, 0);
    return OK;
}

static Err patch_offer(Ctx *c, const void *body, void *ret) {
    const Offer *in = body;
    Offer after = { 0 };
    TRY(offer_read(c, in->promo.id, &after));
    int64_t version = in->version > 0 ? in->version : after.version;
    fields_overlay(&change_fields, in, &offer_fields, &after);
    TRY(fields_check(c, &offer_fields, &after));
    return offer_update(c, &after, version, ret);
}

static Err change_status(Ctx *c, const void *body, OfferStatus status, Offer *ret_offer) {
    const OfferQuery *in = body;
    Offer after = { 0 };
    TRY(offer_read(c, in->offer_id, &after));
    after.status = status;
    return offer_update(c, &after, after.version, ret_offer);
}

static Err post_start(Ctx *c, const void *body, void *ret) { return change_status(c, body, OFFER_ACTIVE, ret); }
static Err post_pause(Ctx *c, const void *body, void *ret) { return change_status(c, body, OFFER_PAUSED, ret); }
static Err delete_offer(Ctx *c, const void *body, void *ret) {
    Offer ended;
    (void)ret;
    return change_status(c, body, OFFER_ENDED, &ended);
}

static const Route routes[] = {
    { "GET", "/v1/offers", "List offers, newest first", WHO_STAFF | WHO_POS | WHO_PARTNER, "offer.read", &query_fields,
      &page_fields, NULL, get_offers, ROUTE_LIST },
    { "POST", "/v1/offers", "Make an offer: 满减, 满赠, N-th piece, bundle, rate, price", WHO_STAFF, "offer.write",
      &offer_fields, &offer_fields, NULL, post_offer, ROUTE_CREATED },
    { "POST", "/v1/offer-presets", "Make a draft of a common offer", WHO_STAFF, "offer.write", &preset_fields,
      &offer_fields, NULL, post_preset, ROUTE_CREATED },
    { "GET", "/v1/offers/{offer_id}", "Read an offer", WHO_STAFF | WHO_POS | WHO_PARTNER, "offer.read", &ref_fields,
      &offer_fields, NULL, get_offer, ROUTE_EDIT },
    { "PATCH", "/v1/offers/{offer_id}", "Change an offer", WHO_STAFF, "offer.write", &change_fields, &offer_fields,
      NULL, patch_offer, ROUTE_EDIT },
    { "POST", "/v1/offers/{offer_id}/start", "Start an offer, or go on after a pause", WHO_STAFF, "offer.write",
      &ref_fields, &offer_fields, NULL, post_start, 0 },
    { "POST", "/v1/offers/{offer_id}/pause", "Pause an offer at once", WHO_STAFF, "offer.write", &ref_fields,
      &offer_fields, NULL, post_pause, 0 },
    { "DELETE", "/v1/offers/{offer_id}", "End an offer for good", WHO_STAFF, "offer.write", &ref_fields, NULL, NULL,
      delete_offer, 0 },
};

/* ---- invariants ---- */

static Err book_counts_active(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report, "SELECT COUNT(*) FROM offer_book WHERE merchant_id = $1",
                       "SELECT b.merchant_id AS id, (SELECT COUNT(*) FROM offer o WHERE o.merchant_id = b.merchant_id"
                       " AND o.status = 'active') AS want, b.active_count AS have FROM offer_book b"
                       " WHERE b.merchant_id = $1 AND b.active_count <> (SELECT COUNT(*) FROM offer o"
                       " WHERE o.merchant_id = b.merchant_id AND o.status = 'active')");
}
static const Hold holds[] = { { "offer.book_counts_active", book_counts_active } };

const Slice offer_slice = {
    .name = "offer",
    .routes = routes,
    .route_count = COUNT_OF(routes),
    .holds = holds,
    .hold_count = COUNT_OF(holds),
};
