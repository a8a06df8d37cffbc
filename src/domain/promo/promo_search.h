/* promo_search: the state of one search, its bounds and the choice inside them; private to the folder. */
#pragma once
#include "domain/promo/promo_plan.h"

/* What a set is worth, compared as a whole: fen first, then `tie`, which packs worth, life and coupons so that sums and
 * differences of gains are gains. Of a whole set off_fen is what is paid, negative. */
typedef struct Gain { int64_t off_fen; __int128 tie; } Gain;
Gain gain_of(const Deal *deal, int64_t off_fen, int64_t worth_fen);
Gain gain_from_score(const Score *score);
Gain gain_sum(Gain a, Gain b);
Gain gain_less(Gain a, Gain b);
int gain_compare(const Gain *a, const Gain *b);         /* > 0: a is better */

typedef struct Scope {                                  /* lines that deals of order look at */
    const int64_t *lines; int64_t line_count;
    bool skips, *outside;                               /* outside: per line */
    int64_t fen, pieces, room_fen;                      /* of s->goods */
    int64_t reach_fen;                                  /* the most it can cost where all goods cost the least */
    int64_t block;                                      /* which block it lies in, -1 = none */
    uint64_t inside, crossing;                          /* deals of step 2 with all, with some of their lines in it */
} Scope;

typedef struct Seen { int64_t fen, high_fen, room_fen, pieces; } Seen;
typedef struct Candidate {                  /* an order or shipping deal against goods, or against a bound of them */
    const Deal *deal;
    int64_t scope;                          /* -1 = delivery */
    PromoGroup group;
    bool is_discount, is_alone, is_in, works;
    Gain gain;
    int64_t room_fen, worth_fen;
    int64_t most_fen;                       /* off at the highest prices, at least that of gain */
    int64_t limit_fen;                      /* what the room leaves of it, at most */
    int64_t turn;                           /* when it is decided */
    Seen seen; Gain least; bool is_reached; /* of a bound: what was seen last, and what it came to */
} Candidate;

typedef struct Choice {                     /* see search_choose */
    Gain sum, discount, slot;               /* discount: its part of the sum; slot: what one coupon more is worth */
    Gain alone_order, alone_shipping; bool has_alone;   /* other ways: the best deal that is alone in its group */
    int64_t shipping_fen;                   /* off the fee by all together */
    bool is_cut;                            /* a block's room ended: the tie of sum says nothing */
} Choice;

/* A threshold above the least that the goods can cost: reached where they cost rise_fen more. */
typedef struct Rise { int64_t rise_fen; Gain more; } Rise;
typedef struct Most {                       /* what a deal of step 2 takes off at most, and at which prices */
    int64_t low, high, offer, weight, *units;
    bool has_high, has_offer;               /* worked out when asked for */
    PieceGains gains;                       /* at the lowest prices; none: it cannot say by piece */
} Most;

typedef struct Search {
    Plan *plan;
    bool *in, *best, has_best; Gain best_gain;
    int64_t order_from;
    const Deal **line_deals; int64_t line_deal_count, pieces_from;   /* as decided: prices first, great savings first */
    bool *clashes; int64_t *blocked;        /* line deal x line deal; how many of those in exclude it */
    uint64_t *conflicts;                    /* the same among the first 64 of step 2 */
    Most *most;                             /* of step 2 */
    Goods goods;
    int64_t *low, *offer_low;               /* lowest unit prices that are still possible; those without coupons */
    int64_t *by_low, *by_high;              /* lines by s->low and s->goods.unit */
    int64_t more_fen;                       /* of a bound: what all goods cost at least above the lowest */
    bool *is_covered;                       /* per line: something but a price can make it cheaper */
    Scope *scopes; int64_t scope_count, *scope_of, *scope_want, *scope_taken; bool *overlaps, *holds;
    int64_t block_count, *block_scope, *block_left, *block_rest;    /* the last place: delivery */
    bool *used_class; int64_t *seen, stamp; /* seen: per class, of offers and of coupons */
    int64_t coupons, joined[PROMO_GROUPS];
    bool has_discount, has_alone[PROMO_GROUPS];
    Gain line_gain;                         /* life and number of the line deals that are in */
    Gain sum;                               /* of the inner search, off_fen as if there were room for all */
    Candidate **listed; int64_t deal_total, listed_count;       /* all there are, and those of a bound */
    Candidate **candidates, *all; int64_t candidate_count;      /* of the inner search */
    Candidate **turns, **evaluated, **limited;  /* the same as decided, in the order of evaluation, by limits */
    int64_t turn, offers_from;              /* turns before this one are over; the first turn of a plain offer */
    bool is_crowded;                        /* more is wanted than there is room for */
    Candidate **chosen; int64_t chosen_count;
    Gain *marginals; int64_t marginal_count;
    Rise *rises; int64_t rise_count, rise_max;
    int64_t *want, *room, *rest, room_fen, fee_taken, *block_room;
    bool *works, is_stopped; int64_t stop_at;   /* work at which it stops */
} Search;

/* promo_start.c */
void search_start(Search *s);
/* promo_choice.c: lists stand by falling gain. */
void search_sort(Candidate **list, int64_t count);
bool search_may_join(const Search *s, const Candidate *k);
void search_find_blocks(Search *s, Candidate *const *list, int64_t count);
int64_t search_block(const Search *s, const Candidate *k);
/* Whether it is never worse than one of its class that gains less: it has a class and takes no room from others. */
bool search_is_sole(const Search *s, const Candidate *k);
/* No legal choice among list beside what is in is worth more than sum, alone ones aside; s->block_left: what room is
 * left; choice->slot: the least that a coupon's place is worth elsewhere. */
void search_choose(Search *s, Candidate *const *list, int64_t count, Choice *choice);
void search_add_marginal(Search *s, Gain gain);
/* Best tie of any choice among list that takes need_fen off. False: none can. */
bool search_tie_limit(Search *s, Candidate *const *list, int64_t count, int64_t need_fen,
                      __int128 *ret_tie);
/* promo_room.c: whether any set of what is in and those whose turn comes can pay less than the best one, or, ties_only,
 * as little with a better tie. */
bool search_has_room(Search *s, bool ties_only);
void search_take_turns(Search *s);
/* promo_bound.c */
void search_scopes(Search *s);              /* after a change of goods */
/* Whether something below the node where line_deals[depth…] are undecided can beat the best set so far. */
bool search_is_open(Search *s, int64_t depth);
int64_t search_root_fen(Search *s);         /* no stackable set pays less */
