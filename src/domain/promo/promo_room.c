/* Where more is wanted than there is room for: what any set can leave at least, and the order of decision for that
 * (docs/adr/011-promotion-search.md). */
#include <string.h>
#include "domain/promo/promo_search.h"

enum { PART_BITS = 10 }; /* rooms are counted in parts of a fen, rounded down */

static int64_t turn_class(const Candidate *k) {
    if (k->is_alone) return 0;
    if (k->is_discount) return 1;
    if (k->worth_fen > 0) return 2;
    return k->deal->is_coupon ? 3 : 4;
}

/* By falling gain; where it is crowded: discounts, of which only one can be in, coupons, and then offers, which cost
 * nothing, so that whoever is left at the end is nearly always in. */
void search_take_turns(Search *s) {
    int64_t want_fen = 0, count = 0;
    for (int64_t i = 0; i < s->candidate_count; i++)
        if (s->candidates[i]->scope >= 0 && !s->candidates[i]->is_discount) want_fen += s->candidates[i]->gain.off_fen;
    s->is_crowded = s->block_count > 0 || want_fen > s->room_fen;
    s->turn = 0;
    s->offers_from = s->candidate_count;
    for (int64_t class = 0; class < 5; class++) {
        if (s->is_crowded && class == 4) s->offers_from = count;
        for (int64_t i = 0; i < s->candidate_count; i++) {
            Candidate *k = s->candidates[i];
            if (s->is_crowded ? turn_class(k) != class : class > 0) continue;
            k->turn = count;
            s->turns[count++] = k;
        }
    }
}

/* Whoever takes proportionally leaves no less on a line where it finds more on any line; so those who take leave the
 * least together, and leaving some out never leaves less, whole fen apart: rounding moves at most a quarter of a fen a
 * line from one line to another, and what is moved in all does not grow with those who come after. */
static int64_t take_part(Search *s, const Candidate *k) {
    const Scope *scope = &s->scopes[k->scope];
    int64_t sum = 0, count = 0, want = k->gain.off_fen << PART_BITS;
    for (int64_t i = 0; i < scope->line_count; i++) {
        if (scope->skips && line_is_discounted(s->plan, &s->goods, scope->lines[i])) continue;
        sum += s->rest[scope->lines[i]];
        count++;
    }
    int64_t left = sum > want ? sum - want : 0;
    for (int64_t i = 0; i < scope->line_count && sum > 0; i++) {
        int64_t l = scope->lines[i];
        if (scope->skips && line_is_discounted(s->plan, &s->goods, l)) continue;
        s->rest[l] = left == 0 ? 0 : (int64_t)((__int128)s->rest[l] * left / sum);
    }
    return left > 0 && count > 1 ? count << (PART_BITS - 2) : 0;
}

static int64_t least_beside(Search *s, const Candidate *discount) {
    const Plan *plan = s->plan;
    int64_t payable_fen = 0, fee_fen = plan->ask->delivery_fen, left = 0, moved = 0;
    for (int64_t l = 0; l < plan->line_count; l++) {
        payable_fen += plan->floor[l] * plan->lines[l].quantity;
        s->rest[l] = s->goods.room[l] << PART_BITS;
    }
    for (int64_t i = 0; i < s->candidate_count; i++) {
        const Candidate *k = s->evaluated[i];
        if (!k->is_in && (k->is_discount ? k != discount : !k->works)) continue;
        if (k->scope >= 0) moved += take_part(s, k);
        else fee_fen -= k->gain.off_fen;
    }
    s->plan->work += s->candidate_count / 16;
    for (int64_t l = 0; l < plan->line_count; l++) left += s->rest[l];
    left = left > moved ? left - moved : 0;
    return payable_fen + ((left + ((int64_t)1 << PART_BITS) - 1) >> PART_BITS) + (fee_fen > 0 ? fee_fen : 0);
}

static int64_t least_payable(Search *s, bool ties_only) {
    int64_t worth = 0, least_fen = INT64_MAX;
    bool has_discount = false;
    for (int64_t i = 0; i < s->candidate_count; i++) {
        Candidate *k = s->evaluated[i];
        k->works = !k->is_in && search_may_join(s, k);
        if (k->works) worth += k->worth_fen;
    }
    __int128 tie_left = s->best_gain.tie - s->sum.tie - ((__int128)worth << 58); /* life is negative */
    for (int64_t i = 0; i < s->candidate_count; i++) {
        Candidate *k = s->evaluated[i];
        k->works = k->works && !(ties_only && gain_of(k->deal, 0, 0).tie <= tie_left);
    }
    for (int64_t i = 0; i < s->candidate_count; i++) {
        const Candidate *k = s->evaluated[i];
        if (!k->works || !k->is_discount) continue;
        int64_t fen = least_beside(s, k);
        has_discount = true;
        if (fen < least_fen) least_fen = fen;
        if (least_fen < -s->best_gain.off_fen) return least_fen;
    }
    return has_discount ? least_fen : least_beside(s, NULL);
}

bool search_has_room(Search *s, bool ties_only) {
    int64_t best_fen = -s->best_gain.off_fen, least_fen = ties_only ? best_fen : least_payable(s, false);
    if (least_fen != best_fen) return least_fen < best_fen;
    return least_payable(s, true) <= best_fen;
}
