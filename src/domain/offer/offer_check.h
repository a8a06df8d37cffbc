/* offer_check - private to the folder: refuses rules that make no sense. */
#pragma once
#include "domain/offer/offer.h"

Err offer_check(Ctx *c, const Offer *offer);
