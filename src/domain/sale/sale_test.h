/* sale_test - what the tests of sales and plans start from. */
#pragma once
#include "domain/sale/sale_store.h"

typedef struct World World; /* test/world.h */

/* A plan of a month for 30 yuan, with a week of trial; `more` are further JSON members, each with a comma before it. */
int64_t sale_plan(World *w, const char *key, const char *more);
/* Whatever comes of it; what: "times", "plan". */
void sale_try(World *w, int64_t member_id, const char *what, int64_t what_id, const char *sale_no, const char *more);
