/* offer - 活动: what the shop gives to everyone whom a rule fits: 满减, 满赠, second half price, member day, bundles.
 *
 * Owns:   offer, offer_book
 * Units:  *_fen; rates in basis points (9000 = 9 折); days shop-local yyyymmdd; *_at unix ms
 * Calls:  shop, promo, item
 * Emits:  nothing
 * Holds:  the book counts the offers that are active, and no more than may be
 * Errors: offer.not_found, offer.moved, offer.ended, offer.many, offer.preset_unknown, offer.shop_unknown,
 *         offer.item_unknown
 *
 * An offer is a rule of the promotion engine (promo.h) with a life: draft, active, paused, ended. Those that are active
 * stand together in one cached value per merchant (the book), so that pricing reads no row; its version says whether a
 * price was made from the same offers. */
#pragma once
#include "app/app.h"
#include "domain/promo/promo.h"

enum { OFFERS_ACTIVE_MAX = 200, OFFER_NAME_MAX = 60 };
typedef enum OfferStatus { OFFER_DRAFT, OFFER_ACTIVE, OFFER_PAUSED, OFFER_ENDED } OfferStatus;
extern const char *const offer_status_names[];

typedef struct Offer {
    Promo promo; /* stands first: one table of fields describes both; promo.id is the offer's */
    OfferStatus status;
    int64_t version, created_at, updated_at;
    uint64_t given;
} Offer;
typedef LIST_OF(Offer) Offers;
extern const Fields offer_fields;

/* Refuses a rule that makes no sense with every complaint at once (offer.rule at its place). A draft may lack the items
 * of its bundle or gift. E_CONFLICT offer.many: OFFERS_ACTIVE_MAX are active. */
Err offer_create(Ctx *c, const Offer *offer, Offer *ret_offer);
/* Writes the whole offer as given; version is the one that was read: E_STALE offer.moved. What has ended stays so:
 * E_CONFLICT offer.ended. */
Err offer_update(Ctx *c, const Offer *offer, int64_t version, Offer *ret_offer);
Err offer_read(Ctx *c, int64_t offer_id, Offer *ret_offer); /* E_NOT_FOUND offer.not_found */
/* "second_half", "full_100_20", "member_day", "birthday_month", "breakfast": a rule to begin with, as a draft.
 * E_NOT_FOUND offer.preset_unknown. */
Err offer_preset(Ctx *c, Str preset, Offer *ret_offer);

/* The active offers of that shop, channel and day, for pricing: no statement where the book is cached. What another
 * weekday, hour or member would get is among them, so that the engine can say why not. ret_version: of the book. */
typedef struct OfferAsk {
    int64_t shop_id, day;
    Str channel;
} OfferAsk;
Err offer_active(Ctx *c, const OfferAsk *ask, Promos *ret_offers, int64_t *ret_version);
/* In the unit: the book is still the one a price was made from. No statement where it is cached. */
Err offer_is_current(Ctx *c, int64_t version, bool *ret_current);
