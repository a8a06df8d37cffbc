/* promo_search: the state of one search, and its bounds; private to the folder. */
#pragma once
#include "domain/promo/promo_plan.h"

typedef struct Candidate {                  /* an order or shipping deal against fixed goods, or a bound of it */
    const Deal *deal;
    PromoGroup group;
    bool is_discount, is_alone;
    int64_t off_fen, worth_fen, room_fen;
} Candidate;

typedef struct Search {
    Plan *plan;
    bool *in, *best, has_best; Score best_score;
    int64_t floor_fen, order_from;
    const Deal **line_deals; int64_t line_deal_count;  /* in the order of decision: great savings first, prices first */
    int64_t *clique;                        /* per line deal: of those that share lines pairwise at most one is in */
    int64_t clique_count, *clique_most;
    Goods goods;
    int64_t *low;                           /* lowest unit prices that are still possible */
    bool *used_class; int64_t *seen_offer, *seen_coupon, stamp;
    int64_t coupons, line_life_ms;
    /* of the inner search */
    Candidate *candidates, *reached; int64_t candidate_count;
    int64_t *want, *room;
    bool has_discount, has_alone[PROMO_GROUPS]; int64_t joined[PROMO_GROUPS];
    Score sum;
} Search;

void search_start(Search *s);
bool is_hopeless(const Search *s, const Score *bound);      /* nothing below can beat the best set so far */
/* Adds in the order of desire: much off, much worth, little life, then the order of evaluation. */
void search_add(Candidate *list, int64_t *count, const Deal *deal, int64_t off_fen, int64_t worth_fen,
                int64_t room_fen);
/* score: of what is chosen; becomes a score that no legal choice among the candidates can beat. */
void search_relax(Search *s, const Candidate *list, int64_t count, int64_t floor_fen, Score *score);
/* The same over everything below a node where line_deals[depth…] are undecided; s->goods are those of the decided.
 * Ends as soon as the branch is not hopeless: below the best set so far it is a bound, above it only says so. */
void search_bound(Search *s, int64_t depth, Score *ret_bound);
