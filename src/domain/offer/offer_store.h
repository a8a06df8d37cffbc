/* offer_store - every SQL statement of the slice; private to the folder. */
#pragma once
#include "domain/offer/offer.h"
#include "store/db.h"

Err offer_insert(Ctx *c, const Offer *offer);
Err offer_write(Ctx *c, const Offer *offer, int64_t version, bool *ret_written);
Err offer_by_id(Ctx *c, int64_t offer_id, Offer *ret_offer, bool *ret_found);
/* Newest first, below before_id; status "" = all. */
Err offer_page(Ctx *c, Str status, int64_t before_id, int64_t most, Offers *ret_list);
/* The book's row is locked by raising its version, so that changes of several offers come one after the other. */
Err offer_book_lock(Ctx *c, int64_t *ret_version);
Err offer_book_count(Ctx *c, int64_t *ret_active);
Err offer_book_put_count(Ctx *c, int64_t active_count);
