/* points - 积分: a ledger of lots.
 * Owns:   points_entry, points_ghost !owns
 * Units:  whole points
 * Calls:  member !calls
 * Emits:  points.earned, points.lost !emits
 * Holds:  balance == SUM(entries) !holds
 * Errors: points.short !errors */
#pragma once
#include "app/app.h"
