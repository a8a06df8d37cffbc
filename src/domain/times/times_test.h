/* times_test - what the tests of times cards start from. */
#pragma once
#include "domain/times/times_store.h"

typedef struct World World; /* test/world.h */

/* A kind of card: n uses for 100 yuan; `more` are further JSON members, each with a comma before it. */
int64_t times_template(World *w, int64_t uses, const char *more);
int64_t times_given(World *w, int64_t member_id, int64_t template_id); /* by hand: its card_id */
/* With the PIN of wallet_member(), whatever comes of it. */
void times_try(World *w, int64_t member_id, int64_t count, const char *use_no, const char *more);
void times_left(World *w, int64_t member_id, int64_t left_uses); /* of the newest card */
