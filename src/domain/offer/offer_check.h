/* offer_check - private to the folder: refuses rules that make no sense. */
#pragma once
#include "domain/offer/offer.h"

/* A gift without a worth counts as what it sells for. */
Err offer_check(Ctx *c, Offer *offer);
