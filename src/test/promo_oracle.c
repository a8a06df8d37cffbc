/* Exhaustive search, written from the rules and not from the engine: every piece is a number of its own, every set is
 * priced from the start. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "test/promo_cart.h"

typedef struct Piece {
    int64_t line, price, floor;
    bool is_used;
} Piece;
typedef struct Entry {
    const Promo *p;
    bool is_coupon;
    int step;
    uint64_t lines;
    int64_t list_fen, count;
} Entry;
typedef struct Table {
    const PromoAsk *ask;
    int64_t line_count, piece_count;
    PromoLine lines[ORACLE_LINES_MAX];
    Piece pieces[ORACLE_PIECES_MAX];
    Entry entries[ORACLE_PROMOS_MAX];
    int64_t entry_count;
} Table;

static bool listed(IntList list, int64_t id) {
    for (int64_t i = 0; i < list.count; i++)
        if (list.items[i] == id) return true;
    return false;
}

static int64_t rate(int64_t x, int64_t bp) { return (x * bp + 5000) / 10000; }

static int step_of(PromoKind kind) {
    if (kind == PROMO_RATE || kind == PROMO_PRICE || kind == PROMO_MEMBER_PRICE) return 1;
    if (kind == PROMO_NTH || kind == PROMO_BUNDLE || kind == PROMO_PIECE) return 2;
    return kind == PROMO_DISCOUNT ? 3 : kind == PROMO_DELIVERY ? 5 : 4;
}

static int group_of(int step) { return step <= 2 ? 1 : step <= 4 ? 2 : 3; }

/* The generator's carts use no tags, channels, shops or hours: table tests hold those. */
static bool lets_in(const PromoAsk *ask, const Promo *p) {
    int64_t month_day = ask->day % 100, month = ask->day / 100 % 100;
    if (p->forbidden || (p->expires_at > 0 && p->expires_at < ask->now)) return false;
    for (int64_t i = 0; i < p->when.not_days.count; i++) {
        PromoDays not = p->when.not_days.items[i];
        bool is_in = not.to_day == 0 ? ask->day == not.from_day : ask->day >= not.from_day && ask->day <= not.to_day;
        if (is_in) return false;
    }
    if (p->when.weekdays.count > 0 && !listed(p->when.weekdays, ask->weekday)) return false;
    if (p->when.month_days.count > 0 && !listed(p->when.month_days, month_day)) return false;
    if (p->who.tier_ids.count > 0 && !listed(p->who.tier_ids, ask->member.tier_id)) return false;
    if (p->who.birthday == PROMO_BIRTHDAY_MONTH && ask->member.birthday / 100 != month) return false;
    return !p->who.first_order || ask->member.order_count == 0;
}

static bool touches(const Promo *p, const PromoLine *line) {
    bool is_part = p->kind != PROMO_BUNDLE;
    if (line->no_promo || (p->scope.skips_discounted && line->discounted)) return false;
    for (int64_t i = 0; i < p->parts.count; i++) is_part = is_part || p->parts.items[i].item_id == line->item_id;
    const PromoScope *s = &p->scope;
    return is_part && (s->item_ids.count == 0 || listed(s->item_ids, line->item_id)) &&
           (s->category_ids.count == 0 || listed(s->category_ids, line->category_id)) &&
           (s->brand_ids.count == 0 || listed(s->brand_ids, line->brand_id)) &&
           !listed(s->not_category_ids, line->category_id) && (p->kind != PROMO_MEMBER_PRICE || true);
}

static int64_t foot(const Promo *p) {
    int64_t least = p->threshold_fen;
    if (p->steps.count > 0) {
        least = INT64_MAX;
        for (int64_t i = 0; i < p->steps.count; i++)
            if (p->steps.items[i].threshold_fen < least) least = p->steps.items[i].threshold_fen;
        if (least < p->threshold_fen) least = p->threshold_fen;
    }
    return least;
}

static int by_order(const void *x, const void *y) {
    const Entry *a = x, *b = y;
    if (a->step != b->step) return a->step - b->step;
    if (a->p->rank != b->p->rank) return a->p->rank < b->p->rank ? -1 : 1;
    if (a->is_coupon != b->is_coupon) return a->is_coupon - b->is_coupon;
    return a->p->id < b->p->id ? -1 : 1;
}

static bool clashes(const Entry *a, const Entry *b) {
    bool is_same = group_of(a->step) == group_of(b->step);
    if (a->p->stack == PROMO_ALONE || b->p->stack == PROMO_ALONE) return true;
    if (is_same && (a->p->stack == PROMO_GROUP_ALONE || b->p->stack == PROMO_GROUP_ALONE)) return true;
    if (a->p->stack_class.len > 0 && str_equal(a->p->stack_class, b->p->stack_class)) return true;
    if (a->step == 3 && b->step == 3) return true;
    bool is_owner = a->p->kind != PROMO_PIECE || b->p->kind != PROMO_PIECE;
    return a->step == 2 && b->step == 2 && is_owner && (a->lines & b->lines) != 0;
}

/* Hamilton's method with exact fractions, one fen after the other. */
static void split(int64_t amount, const int64_t *weight, int64_t n, int64_t *part) {
    int64_t sum = 0, given = 0;
    bool has_one[ORACLE_LINES_MAX] = { false };
    for (int64_t i = 0; i < n; i++) sum += weight[i];
    for (int64_t i = 0; i < n; i++) given += part[i] = sum == 0 ? 0 : amount * weight[i] / sum;
    for (; sum > 0 && given < amount; given++) {
        int64_t best = -1;
        for (int64_t i = 0; i < n; i++)
            if (!has_one[i] && (best < 0 || amount * weight[i] % sum > amount * weight[best] % sum)) best = i;
        has_one[best] = true;
        part[best]++;
    }
}

static int64_t max_of(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t min_of(int64_t a, int64_t b) { return a < b ? a : b; }

static void price_pieces(const Table *t, uint64_t set, Piece *pieces) {
    memcpy(pieces, t->pieces, sizeof(Piece) * (size_t)t->piece_count);
    for (int64_t e = 0; e < t->entry_count; e++) {
        const Promo *p = t->entries[e].p;
        if (!(set >> e & 1) || t->entries[e].step != 1) continue;
        for (int64_t i = 0; i < t->piece_count; i++) {
            const PromoLine *line = &t->lines[pieces[i].line];
            if (!(t->entries[e].lines >> pieces[i].line & 1)) continue;
            int64_t to = p->kind == PROMO_RATE ? rate(line->unit_price_fen, p->rate_bp) : p->price_fen;
            if (p->kind == PROMO_MEMBER_PRICE) to = line->member_price_fen;
            if (p->kind == PROMO_MEMBER_PRICE && to == 0) continue;
            pieces[i].price = min_of(pieces[i].price, max_of(to, pieces[i].floor));
        }
    }
}

static void take_nth(const Table *t, const Entry *e, const Piece *pieces, int64_t *off) {
    int64_t cheap = e->count / max_of(e->p->nth, 1);
    bool done[ORACLE_PIECES_MAX] = { false };
    if (e->p->times_max > 0) cheap = min_of(cheap, e->p->times_max);
    for (; cheap > 0; cheap--) {
        int64_t best = -1;
        for (int64_t i = 0; i < t->piece_count; i++)
            if (!done[i] && (e->lines >> pieces[i].line & 1) && (best < 0 || pieces[i].price < pieces[best].price))
                best = i;
        done[best] = true;
        off[pieces[best].line] +=
            pieces[best].price -
            min_of(pieces[best].price, max_of(pieces[best].floor, rate(pieces[best].price, e->p->rate_bp)));
    }
}

static void take_pieces(const Table *t, const Entry *e, Piece *pieces, int64_t *off) {
    for (int64_t round = 0; round < max_of(e->p->pieces, 1); round++) {
        int64_t best = -1, most = 0;
        for (int64_t i = 0; i < t->piece_count; i++) {
            int64_t gain = pieces[i].price - max_of(e->p->price_fen, pieces[i].floor);
            if (pieces[i].is_used || !(e->lines >> pieces[i].line & 1) || gain <= most) continue;
            best = i;
            most = gain;
        }
        if (best < 0) return;
        pieces[best].is_used = true;
        off[pieces[best].line] += most;
    }
}

static void take_bundle(const Table *t, const Entry *e, const Piece *pieces, int64_t *off) {
    int64_t sets = e->p->times_max > 0 ? e->p->times_max : INT64_MAX, cost = 0, room = 0;
    int64_t weight[ORACLE_LINES_MAX] = { 0 }, part[ORACLE_LINES_MAX];
    bool done[ORACLE_PIECES_MAX] = { false };
    for (int64_t k = 0; k < e->p->parts.count; k++) {
        int64_t have = 0;
        for (int64_t i = 0; i < t->piece_count; i++)
            have +=
                (e->lines >> pieces[i].line & 1) && t->lines[pieces[i].line].item_id == e->p->parts.items[k].item_id;
        sets = min_of(sets, have / e->p->parts.items[k].quantity);
    }
    for (int64_t k = 0; k < e->p->parts.count; k++)
        for (int64_t left = sets * e->p->parts.items[k].quantity; left > 0; left--) {
            int64_t best = -1;
            for (int64_t i = 0; i < t->piece_count; i++)
                if (!done[i] && (e->lines >> pieces[i].line & 1) &&
                    t->lines[pieces[i].line].item_id == e->p->parts.items[k].item_id &&
                    (best < 0 || pieces[i].price > pieces[best].price))
                    best = i;
            done[best] = true;
            cost += pieces[best].price;
            weight[pieces[best].line] += pieces[best].price - pieces[best].floor;
            room += pieces[best].price - pieces[best].floor;
        }
    split(min_of(room, max_of(0, cost - sets * e->p->price_fen)), weight, t->line_count, part);
    for (int64_t l = 0; l < t->line_count; l++) off[l] += part[l];
}

static int64_t cash_off(const Promo *p, int64_t scope) {
    int64_t off = p->off_fen, top = -1;
    if (p->every && p->threshold_fen > 0) {
        int64_t times = scope / p->threshold_fen;
        off *= p->times_max > 0 ? min_of(times, p->times_max) : times;
    }
    for (int64_t i = 0; i < p->steps.count; i++)
        if (p->steps.items[i].threshold_fen <= scope && p->steps.items[i].threshold_fen > top) {
            top = p->steps.items[i].threshold_fen;
            off = p->steps.items[i].off_fen;
        }
    return off;
}

/* One set from the start; false when a threshold is not reached. */
static bool price_set(const Table *t, uint64_t set, OracleBest *out) {
    Piece pieces[ORACLE_PIECES_MAX];
    int64_t off[ORACLE_LINES_MAX] = { 0 }, entry[ORACLE_LINES_MAX] = { 0 }, left[ORACLE_LINES_MAX] = { 0 };
    bool is_cheaper[ORACLE_LINES_MAX];
    int64_t fee = t->ask->delivery_fen, total = 0;
    *out = (OracleBest){ .is_found = true };
    price_pieces(t, set, pieces);
    for (int64_t e = 0; e < t->entry_count; e++) {
        if (!(set >> e & 1) || t->entries[e].step != 2) continue;
        if (t->entries[e].p->kind == PROMO_NTH) take_nth(t, &t->entries[e], pieces, off);
        if (t->entries[e].p->kind == PROMO_PIECE) take_pieces(t, &t->entries[e], pieces, off);
        if (t->entries[e].p->kind == PROMO_BUNDLE) take_bundle(t, &t->entries[e], pieces, off);
    }
    for (int64_t i = 0; i < t->piece_count; i++) {
        entry[pieces[i].line] += pieces[i].price;
        left[pieces[i].line] += pieces[i].price - pieces[i].floor;
    }
    for (int64_t l = 0; l < t->line_count; l++) {
        entry[l] -= off[l];
        left[l] -= off[l];
        is_cheaper[l] = t->lines[l].discounted || entry[l] < t->lines[l].unit_price_fen * t->lines[l].quantity;
        assert(left[l] >= 0);
    }
    for (int64_t e = 0; e < t->entry_count; e++) {
        const Promo *p = t->entries[e].p;
        int64_t scope = 0, count = 0, weight[ORACLE_LINES_MAX] = { 0 }, part[ORACLE_LINES_MAX], room = 0, want = 0;
        if (!(set >> e & 1)) continue;
        if (t->entries[e].is_coupon) {
            int64_t life = p->expires_at == 0 ? PROMO_LIFE_MAX_MS : p->expires_at - t->ask->now;
            out->life_ms += min_of(max_of(life, 1), PROMO_LIFE_MAX_MS);
            out->coupons++;
        }
        if (t->entries[e].step <= 2) continue;
        for (int64_t l = 0; l < t->line_count; l++) {
            if (!(t->entries[e].lines >> l & 1) || (p->scope.skips_discounted && is_cheaper[l])) continue;
            scope += entry[l];
            count += t->lines[l].quantity;
            weight[l] = left[l];
            room += left[l];
        }
        if (scope < foot(p) || count < p->threshold_pieces) return false;
        if (p->kind == PROMO_GIFT) {
            int64_t times = p->every && p->threshold_fen > 0 ? scope / p->threshold_fen : 1;
            if (p->every && p->threshold_pieces > 0) times = min_of(times, count / p->threshold_pieces);
            out->worth_fen += times * p->gift_quantity * p->gift_worth_fen;
        }
        if (p->kind == PROMO_DELIVERY) fee -= p->off_fen == 0 ? fee : min_of(fee, p->off_fen);
        if (p->kind == PROMO_DISCOUNT) want = max_of(0, scope - rate(scope, p->rate_bp));
        if (p->kind == PROMO_DISCOUNT && p->cap_fen > 0) want = min_of(want, p->cap_fen);
        if (p->kind == PROMO_CASH) want = cash_off(p, scope);
        split(min_of(want, room), weight, t->line_count, part);
        for (int64_t l = 0; l < t->line_count; l++) left[l] -= part[l];
    }
    for (int64_t l = 0; l < t->line_count; l++) total += left[l];
    for (int64_t i = 0; i < t->piece_count; i++) total += t->pieces[i].floor;
    out->payable_fen = total + fee;
    return true;
}

static bool is_better(const OracleBest *a, const OracleBest *b) {
    if (!b->is_found || a->payable_fen != b->payable_fen) return !b->is_found || a->payable_fen < b->payable_fen;
    if (a->worth_fen != b->worth_fen) return a->worth_fen > b->worth_fen;
    return a->life_ms != b->life_ms ? a->life_ms < b->life_ms : a->coupons < b->coupons;
}

static bool is_allowed(const Table *t, const uint64_t *clash, uint64_t set) {
    int64_t coupons = 0, most = t->ask->coupons_max > 0 ? t->ask->coupons_max : PROMO_COUPONS_MAX;
    for (int64_t e = 0; e < t->entry_count; e++) {
        if (!(set >> e & 1)) continue;
        if ((clash[e] & set) != 0) return false;
        coupons += t->entries[e].is_coupon;
    }
    return coupons <= most;
}

static bool add_entries(Table *t, Promos list, bool is_coupon, bool with_forced) {
    for (int64_t i = 0; i < list.count; i++) {
        Entry e = { .p = &list.items[i], .is_coupon = is_coupon, .step = step_of(list.items[i].kind) };
        for (int64_t l = 0; l < t->line_count; l++)
            if (touches(e.p, &t->lines[l])) {
                e.lines |= (uint64_t)1 << l;
                e.list_fen += t->lines[l].unit_price_fen * t->lines[l].quantity;
                e.count += t->lines[l].quantity;
            }
        bool is_in = lets_in(t->ask, e.p) && e.lines != 0 && (e.step != 5 || t->ask->delivery_fen > 0);
        if (e.step <= 2) is_in = is_in && e.list_fen >= foot(e.p) && e.count >= e.p->threshold_pieces;
        if (e.p->kind == PROMO_MEMBER_PRICE) {
            bool has_price = false;
            for (int64_t l = 0; l < t->line_count; l++)
                has_price = has_price || ((e.lines >> l & 1) && t->lines[l].member_price_fen > 0);
            is_in = is_in && has_price;
        }
        if (!is_in && with_forced && e.p->forced) return false;
        if (is_in && t->entry_count == ORACLE_PROMOS_MAX) return false;
        if (is_in) t->entries[t->entry_count++] = e;
    }
    return true;
}

bool promo_oracle(const PromoAsk *ask, bool with_forced, OracleBest *ret_best) {
    Table t = { .ask = ask, .line_count = ask->lines.count };
    uint64_t clash[ORACLE_PROMOS_MAX] = { 0 }, forced = 0;
    OracleBest one;
    *ret_best = (OracleBest){ 0 };
    assert(ask->lines.count <= ORACLE_LINES_MAX);
    for (int64_t i = 0; i < ask->lines.count; i++) t.lines[ask->lines.items[i].line_no - 1] = ask->lines.items[i];
    for (int64_t l = 0; l < t.line_count; l++)
        for (int64_t k = 0; k < t.lines[l].quantity; k++) {
            assert(t.piece_count < ORACLE_PIECES_MAX);
            int64_t price = t.lines[l].unit_price_fen;
            t.pieces[t.piece_count++] = (Piece){ l, price, min_of(price, t.lines[l].floor_price_fen), false };
        }
    if (!add_entries(&t, ask->offers, false, with_forced) || !add_entries(&t, ask->coupons, true, with_forced))
        return false;
    qsort(t.entries, (size_t)t.entry_count, sizeof(Entry), by_order);
    for (int64_t i = 0; i < t.entry_count; i++) {
        for (int64_t k = 0; k < t.entry_count; k++)
            if (i != k && clashes(&t.entries[i], &t.entries[k])) clash[i] |= (uint64_t)1 << k;
        if (with_forced && t.entries[i].p->forced) forced |= (uint64_t)1 << i;
    }
    for (uint64_t set = 0; set < (uint64_t)1 << t.entry_count; set++) {
        if ((set & forced) != forced || !is_allowed(&t, clash, set) || !price_set(&t, set, &one)) continue;
        ret_best->sets++;
        one.sets = ret_best->sets;
        if (is_better(&one, ret_best))
            *ret_best = one;
        else
            ret_best->sets = one.sets;
    }
    return true;
}
