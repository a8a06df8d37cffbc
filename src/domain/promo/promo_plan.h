/* promo_plan: what rules, actions, evaluation and search share; private to the folder.
 * A Deal is an offer or coupon seen against this basket: its lines, its group, whether it may take part at all. Deals
 * stand in the order of evaluation, lines in the order of line_no; a set of deals is a list of ascending positions. */
#pragma once
#include "domain/promo/promo.h"

typedef enum PromoGroup { GROUP_LINE, GROUP_ORDER, GROUP_SHIPPING, PROMO_GROUPS } PromoGroup;
typedef enum PromoStage { STAGE_PRICE, STAGE_PIECES, STAGE_DISCOUNT, STAGE_CASH, STAGE_SHIPPING } PromoStage;

typedef struct PromoAction PromoAction;
typedef struct Deal {
    const Promo *promo;
    const PromoAction *action;
    bool is_coupon;
    int64_t class_no;                       /* 0 = none */
    int64_t *lines, line_count;             /* positions of the lines in scope */
    int64_t *unit;                          /* STAGE_PRICE: price a piece, per line in scope */
    int64_t life_ms;                        /* coupons: how long still good, at least 1 */
    bool is_out;                            /* refused by a rule before any search */
    const char *code; int64_t short_fen, short_pieces;
} Deal;

typedef struct Plan {
    const PromoAsk *ask;
    const PromoLine *lines; int64_t line_count;
    Deal *deals; int64_t deal_count;
    int64_t *floor;                         /* per line, a piece: never above the list price */
    int64_t amount_fen, coupons_max, work_max, work;
    bool is_over;                           /* the work limit was hit */
    bool is_forced;                         /* forced ones must take part */
    Arena *arena;
} Plan;

/* Prices after step 1 and 2. */
typedef struct Goods {
    int64_t *unit, *off, *taken, *room;     /* per line; off: of step 2; room: what may still come off */
    int64_t *by;                            /* which deal made the price, -1 = none */
    int64_t total_fen;
} Goods;

/* Unit prices that are still possible, per line, those among them to look at, and the lines by price and number. */
typedef struct PriceBox { const int64_t *low, *high, *at, *by_low, *by_high; } PriceBox;
/* What one piece of a line gains by a deal of step 2, and how many of them at least and at most do so wherever in the
 * box prices are. A gain grows with the price `at`, but never faster. */
typedef struct PieceGain { int64_t line, fen, least, many; } PieceGain;
typedef struct PieceGains { PieceGain *items; int64_t count, pieces; } PieceGains; /* pieces: of all lines together */
/* The most they come to, counting only lines that are in (NULL: all). */
int64_t piece_gains_sum(const PieceGains *gains, const bool *only);
void piece_gains_add(PieceGains *gains, PieceGain gain);                                /* great ones first */

/* What an action reduces: step 2 works on Goods and says per line what comes off. */
struct PromoAction {
    PromoGroup group;
    PromoStage stage;
    bool (*unit)(const Promo *p, const PromoLine *line, int64_t *ret_unit_fen);             /* STAGE_PRICE */
    int64_t (*take)(const Plan *plan, const Deal *deal, Goods *goods, int64_t *off);         /* STAGE_PIECES */
    void (*spread)(const Plan *plan, const Deal *deal, const PriceBox *box, PieceGains *ret_gains);
    int64_t (*most)(const Plan *plan, const Deal *deal, const PriceBox *box);   /* for those that cannot say by piece */
    bool owns_lines;    /* shares no line in step 2 */
    int64_t (*off)(const Promo *p, int64_t scope_fen, int64_t room_fen);                     /* order and shipping */
    int64_t (*times)(const Promo *p, int64_t scope_fen, int64_t scope_pieces);               /* gifts */
};
extern const PromoAction *const promo_actions[];

/* A rule says by code why a promotion cannot take part, or NULL. Static: looks at facts, not at prices. */
typedef struct PromoRule { const char *(*check)(const PromoAsk *ask, const Promo *p); } PromoRule;
extern const PromoRule promo_rule_when, promo_rule_who, promo_rule_birthday, promo_rule_first_order, promo_rule_place;
bool promo_scope_has(const PromoScope *scope, const PromoLine *line);
/* Whether amount and pieces reach; tells what is missing. */
bool promo_threshold_reached(const Promo *p, int64_t scope_fen, int64_t scope_pieces, int64_t *ret_fen,
                             int64_t *ret_pieces);
/* How often the threshold fits: 1, or for `every` whole times (at most times_max). */
int64_t promo_threshold_times(const Promo *p, int64_t scope_fen, int64_t scope_pieces);
/* How much more the scope needs until the outcome changes upwards; INT64_MAX = never. */
int64_t promo_threshold_next(const Promo *p, int64_t scope_fen, int64_t scope_pieces);
bool promo_has_int(IntList list, int64_t value);
bool promo_has_str(StrList list, Str value);

/* promo_plan.c */
Err promo_plan_make(Ctx *c, const PromoAsk *ask, Plan *ret_plan);
/* promo_eval.c */
void goods_new(const Plan *plan, Goods *ret_goods);
void goods_price(const Plan *plan, const bool *in, Goods *ret_goods);       /* steps 1 and 2 of the deals that are in */
void goods_scope(const Plan *plan, const Deal *deal, const Goods *goods, int64_t *ret_fen, int64_t *ret_pieces,
                 int64_t *ret_room_fen);
void sort_by_price(const int64_t *unit, int64_t *order, int64_t count);     /* fast where little has changed */
int64_t deal_most(const Plan *plan, const Deal *deal, const PriceBox *box);  /* upper bound of what step 2 takes */
bool line_is_discounted(const Plan *plan, const Goods *goods, int64_t line);
typedef struct Score { int64_t payable_fen, worth_fen, life_ms, coupons; } Score;
int score_compare(const Score *a, const Score *b);                          /* < 0: a is better */
/* Shares of one deal of order or shipping out of room[]; the last place of room[] is delivery. */
int64_t order_take(const Plan *plan, const Deal *deal, const Goods *goods, int64_t want_fen, int64_t *room,
                   int64_t *ret_off);
bool set_is_legal(const Plan *plan, const bool *in);
const char *deals_clash(const Deal *a, const Deal *b);                      /* why not both, or NULL */
const char *deal_clash(const Plan *plan, const bool *in, int64_t deal);      /* why it cannot join the set, or NULL */
int64_t deal_worth(const Deal *deal, int64_t scope_fen, int64_t scope_pieces);
/* The whole set by the order of evaluation. False: a member's threshold is not reached. out may be NULL. */
bool set_price(const Plan *plan, const bool *in, Score *ret_score, PromoDecision *ret_out);
/* promo_search.c: best[] is the start when has_start, and receives the best set. */
bool promo_search(Plan *plan, bool *best, bool has_start, Score *ret_score, int64_t *ret_bound_fen);
