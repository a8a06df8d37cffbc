/* threshold: so many fen and so many pieces in the scope; steps of a ladder count as thresholds. */
#include "domain/promo/promo_plan.h"

static int64_t least_fen(const Promo *p) {
    if (p->steps.count == 0) return p->threshold_fen;
    int64_t least = p->steps.items[0].threshold_fen;
    for (int64_t i = 1; i < p->steps.count; i++)
        if (p->steps.items[i].threshold_fen < least) least = p->steps.items[i].threshold_fen;
    return least > p->threshold_fen ? least : p->threshold_fen;
}

bool promo_threshold_reached(const Promo *p, int64_t scope_fen, int64_t scope_pieces, int64_t *ret_fen,
                             int64_t *ret_pieces) {
    int64_t fen = least_fen(p) - scope_fen, pieces = p->threshold_pieces - scope_pieces;
    *ret_fen = fen > 0 ? fen : 0;
    *ret_pieces = pieces > 0 ? pieces : 0;
    return fen <= 0 && pieces <= 0;
}

int64_t promo_threshold_times(const Promo *p, int64_t scope_fen, int64_t scope_pieces) {
    int64_t times = INT64_MAX;
    if (!p->every || (p->threshold_fen == 0 && p->threshold_pieces == 0)) return 1;
    if (p->threshold_fen > 0) times = scope_fen / p->threshold_fen;
    if (p->threshold_pieces > 0 && scope_pieces / p->threshold_pieces < times)
        times = scope_pieces / p->threshold_pieces;
    return p->times_max > 0 && times > p->times_max ? p->times_max : times;
}

int64_t promo_threshold_next(const Promo *p, int64_t scope_fen, int64_t scope_pieces) {
    int64_t next = INT64_MAX, missing = least_fen(p) - scope_fen;
    if (scope_pieces < p->threshold_pieces) return INT64_MAX; /* pieces do not change with prices */
    if (missing > 0) next = missing;
    for (int64_t i = 0; i < p->steps.count; i++) {
        int64_t gap = p->steps.items[i].threshold_fen - scope_fen;
        if (gap > 0 && gap < next) next = gap;
    }
    if (p->every && p->threshold_fen > 0) {
        int64_t gap = p->threshold_fen - scope_fen % p->threshold_fen;
        if (gap < next) next = gap;
    }
    return next;
}
