/* times - facts about times cards: what a member wants to hear of. */
#pragma once
#include "app/event.h"

typedef struct TimesFact {
    int64_t member_id, card_id, use_id, shop_id;
    int64_t count, left_uses, expires_at; /* count: negative when a use was undone */
} TimesFact;
extern const EventType times_used;     /* "times.used" */
extern const EventType times_low;      /* "times.low": a use took the card to its mark */
extern const EventType times_expiring; /* "times.expiring": once per card, some days ahead (setting warn_days) */
