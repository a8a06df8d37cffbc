/* promo_cart - 随机购物篮: seeded baskets with offers and coupons for tests and benches of the promotion engine, and an
 * oracle that finds the best combination by trying all of them. The oracle has an evaluator of its own: it works on
 * single pieces and shares no code with domain/promo. */
#pragma once
#include "domain/promo/promo.h"

typedef struct CartShape {
    int64_t lines, offers, coupons, quantity_max;
    bool all_stackable;                      /* nothing excludes anything: up to coupons_max combine */
    bool near_tie;                           /* thresholds within a few fen of what the basket costs on some way */
    bool modest;                             /* each takes off 0.5 to 3 % of its threshold, not 3 to 15 */
    bool floors;                             /* every line has a floor at 60 to 90 % of its price */
    bool prices;                             /* every second offer is a price of its own */
    bool hard;                               /* forced, forbidden, alone, floors near prices, tiny amounts */
} CartShape;
void promo_cart_make(Arena *a, Rng *rng, const CartShape *shape, PromoAsk *ret_ask);

typedef struct OracleBest { bool is_found; int64_t payable_fen, worth_fen, life_ms, coupons, sets; } OracleBest;
enum { ORACLE_PROMOS_MAX = 22, ORACLE_PIECES_MAX = 512, ORACLE_LINES_MAX = 64 };
/* All 2^n sets of what the rules let in; false: more than ORACLE_PROMOS_MAX of them. */
bool promo_oracle(const PromoAsk *ask, bool with_forced, OracleBest *ret_best);
