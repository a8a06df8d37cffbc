/* The choice among deals of order and shipping whose gains are fixed: how much it can be worth at most, beside what is
 * in already (docs/adr/011-promotion-search.md). */
#include <assert.h>
#include <string.h>
#include "domain/promo/promo_search.h"

Gain gain_of(const Deal *deal, int64_t off_fen, int64_t worth_fen) {
    assert(worth_fen >= 0 && deal->life_ms <= PROMO_LIFE_MAX_MS);
    return (Gain){ off_fen, ((__int128)worth_fen << 58) - ((__int128)deal->life_ms << 10) - deal->is_coupon };
}

Gain gain_from_score(const Score *score) {
    __int128 tie = ((__int128)score->worth_fen << 58) - ((__int128)score->life_ms << 10) - score->coupons;
    return (Gain){ -score->payable_fen, tie };
}

Gain gain_sum(Gain a, Gain b) { return (Gain){ a.off_fen + b.off_fen, a.tie + b.tie }; }
Gain gain_less(Gain a, Gain b) { return (Gain){ a.off_fen - b.off_fen, a.tie - b.tie }; }

int gain_compare(const Gain *a, const Gain *b) {
    if (a->off_fen != b->off_fen) return a->off_fen > b->off_fen ? 1 : -1;
    return (a->tie > b->tie) - (a->tie < b->tie);
}

static Gain gain_best(Gain a, Gain b) { return gain_compare(&a, &b) >= 0 ? a : b; }

void search_sort(Candidate **list, int64_t count) {
    for (int64_t i = 1; i < count; i++) { /* from node to node the order changes little */
        Candidate *k = list[i];
        int64_t at = i;
        for (; at > 0; at--) {
            int by = gain_compare(&k->gain, &list[at - 1]->gain);
            if (by < 0 || (by == 0 && k->deal > list[at - 1]->deal)) break;
            list[at] = list[at - 1];
        }
        list[at] = k;
    }
}

bool search_may_join(const Search *s, const Candidate *k) {
    if (k->is_in || k->turn < s->turn || (k->deal->class_no != 0 && s->used_class[k->deal->class_no])) return false;
    if (k->deal->is_coupon && s->coupons >= s->plan->coupons_max) return false;
    if (k->is_discount && s->has_discount) return false;
    return !s->has_alone[k->group] && (!k->is_alone || s->joined[k->group] == 0);
}

/* Blocks: scopes that share no line and in which more is wanted than there is room for. */
void search_find_blocks(Search *s, Candidate *const *list, int64_t count) {
    int64_t *want = s->scope_want, n = s->scope_count;
    memset(want, 0, sizeof(int64_t) * (size_t)(n + 1));
    for (int64_t i = 0; i < count; i++)
        if (list[i]->scope >= 0 && !list[i]->is_alone && !list[i]->is_discount)
            want[list[i]->scope] += list[i]->gain.off_fen;
    s->block_count = 0;
    for (int64_t i = 0; i < n; i++) s->scopes[i].block = -1;
    for (int64_t i = 0; i < n; i++) { /* scopes stand by size: the narrow ones first */
        int64_t sum = 0;
        bool is_free = !s->scopes[i].skips;
        for (int64_t k = 0; k < n; k++)
            if (s->holds[i * n + k]) sum += want[k];
        if (!is_free || sum <= s->scopes[i].room_fen) continue;
        for (int64_t b = 0; b < s->block_count && is_free; b++) is_free = !s->overlaps[i * n + s->block_scope[b]];
        if (!is_free) continue;
        for (int64_t k = 0; k < n; k++)
            if (s->holds[i * n + k]) s->scopes[k].block = s->block_count;
        s->block_scope[s->block_count++] = i;
    }
    for (int64_t b = 0; b < s->block_count; b++) s->block_left[b] = s->scopes[s->block_scope[b]].room_fen;
    s->block_left[s->block_count] = s->plan->ask->delivery_fen;
}

int64_t search_block(const Search *s, const Candidate *k) {
    return k->scope < 0 ? s->block_count : s->scopes[k->scope].block;
}

bool search_is_sole(const Search *s, const Candidate *k) { return k->deal->class_no != 0 && search_block(s, k) < 0; }

/* Offers first, as they take no coupon's place; then coupons by what the room of their block leaves of them. In one
 * block that falls with each coupon, so taking the greatest is exact for this question. It allows more than is legal:
 * an offer and a coupon of one class do not see each other, discounts stand beside classes and blocks, and who takes
 * room of a block keeps nobody of its class out, who might leave that room to others. */
typedef struct Marginals { int64_t whole, slots; int64_t *left; } Marginals;

static Gain cut_to_room(const Search *s, const Candidate *k, int64_t *left, bool *is_cut) {
    int64_t block = search_block(s, k), room_fen = k->limit_fen;
    Gain gain = k->gain;
    if (block >= 0 && left[block] < room_fen) room_fen = left[block];
    *is_cut = gain.off_fen > room_fen;
    if (*is_cut) gain = (Gain){ room_fen, 0 };
    if (block >= 0) left[block] -= gain.off_fen;
    return gain;
}

void search_add_marginal(Search *s, Gain gain) {
    int64_t at = s->marginal_count++;
    for (; at > 0 && gain_compare(&gain, &s->marginals[at - 1]) > 0; at--) s->marginals[at] = s->marginals[at - 1];
    s->marginals[at] = gain;
}

static void choose_coupons(Search *s, Candidate *const *list, int64_t count, Marginals *m, Choice *c) {
    const Gain none = { 0 };
    s->marginal_count = 0;
    for (int64_t i = 0; i < count && m->whole < m->slots; i++) {
        const Candidate *k = list[i];
        int64_t class_no = k->deal->class_no;
        if (!k->deal->is_coupon || k->is_alone || k->is_discount || !search_may_join(s, k)) continue;
        if (gain_compare(&k->gain, &none) <= 0 || (class_no != 0 && s->seen[2 * class_no + 1] == s->stamp)) continue;
        bool is_cut = false;
        Gain gain = cut_to_room(s, k, m->left, &is_cut);
        c->is_cut = c->is_cut || is_cut;
        if (is_cut && gain.off_fen == 0) continue;
        if (!is_cut && search_is_sole(s, k)) s->seen[2 * class_no + 1] = s->stamp;
        m->whole += !is_cut;
        search_add_marginal(s, gain);
    }
    if (s->marginal_count >= m->slots && m->slots > 0 && gain_compare(&s->marginals[m->slots - 1], &c->slot) > 0)
        c->slot = s->marginals[m->slots - 1];
    for (int64_t i = 0; i < m->slots; i++) {
        bool is_worth = i < s->marginal_count && gain_compare(&s->marginals[i], &c->slot) > 0;
        c->sum = gain_sum(c->sum, is_worth ? s->marginals[i] : c->slot);
    }
}

void search_choose(Search *s, Candidate *const *list, int64_t count, Choice *c) {
    Gain alone[PROMO_GROUPS] = { 0 }, discount[2] = { 0 };
    const Gain none = { 0 };
    Marginals m = { .slots = s->plan->coupons_max - s->coupons, .left = s->block_rest };
    *c = (Choice){ .slot = c->slot };
    s->stamp++;
    memcpy(m.left, s->block_left, sizeof(int64_t) * (size_t)(s->block_count + 1));
    for (int64_t i = 0; i < count; i++) {
        const Candidate *k = list[i];
        int64_t class_no = k->deal->class_no;
        if (gain_compare(&k->gain, &none) <= 0 || !search_may_join(s, k)) continue;
        if (k->group == GROUP_SHIPPING) c->shipping_fen += k->gain.off_fen;
        if (k->is_alone) alone[k->group] = gain_best(alone[k->group], k->gain);
        else if (k->is_discount) discount[k->deal->is_coupon] = gain_best(discount[k->deal->is_coupon], k->gain);
        else if (!k->deal->is_coupon && (class_no == 0 || s->seen[2 * class_no] != s->stamp)) {
            bool is_cut = false;
            c->sum = gain_sum(c->sum, cut_to_room(s, k, m.left, &is_cut));
            if (!is_cut && search_is_sole(s, k)) s->seen[2 * class_no] = s->stamp;
            c->is_cut = c->is_cut || is_cut;
        }
    }
    choose_coupons(s, list, count, &m, c);
    c->discount = discount[0];
    if (m.slots > 0) c->discount = gain_best(c->discount, gain_less(discount[1], c->slot));
    c->sum = gain_sum(c->sum, c->discount);
    c->alone_order = alone[GROUP_ORDER];
    c->alone_shipping = alone[GROUP_SHIPPING];
    c->has_alone = gain_compare(&c->alone_order, &none) > 0 || gain_compare(&c->alone_shipping, &none) > 0;
}

/* ---- where the room ends ---- */

typedef struct Cover { int64_t off_fen, life_ms; } Cover;

/* The least life that takes `need_fen` off, parts of coupons allowed; INT64_MAX: not even all of them. */
static int64_t cover_life(Cover *covers, int64_t count, int64_t need_fen) {
    __int128 life = 0;
    for (int64_t i = 1; i < count; i++) { /* least life a fen first */
        Cover one = covers[i];
        int64_t at = i;
        for (; at > 0 && (__int128)one.life_ms * covers[at - 1].off_fen <
                             (__int128)covers[at - 1].life_ms * one.off_fen; at--)
            covers[at] = covers[at - 1];
        covers[at] = one;
    }
    for (int64_t i = 0; i < count && need_fen > 0; i++) {
        int64_t some = covers[i].off_fen < need_fen ? covers[i].off_fen : need_fen;
        bool is_part = some < covers[i].off_fen; /* only the last one, rounded up: whole sets have whole lives */
        life += is_part ? ((__int128)covers[i].life_ms * some + covers[i].off_fen - 1) / covers[i].off_fen
                        : covers[i].life_ms;
        need_fen -= some;
    }
    return need_fen > 0 ? INT64_MAX : (int64_t)life;
}

static int64_t cover_count(const Cover *covers, int64_t count, int64_t need_fen, bool *used) {
    int64_t coupons = 0;
    memset(used, 0, sizeof(bool) * (size_t)count);
    for (; need_fen > 0 && coupons < count; coupons++) {
        int64_t best = -1;
        for (int64_t i = 0; i < count; i++)
            if (!used[i] && (best < 0 || covers[i].off_fen > covers[best].off_fen)) best = i;
        used[best] = true;
        need_fen -= covers[best].off_fen;
    }
    return coupons;
}

/* Life and number of the coupons that cover what offers leave, where `k` is the discount among them. */
static bool cover_beside(const Search *s, const Candidate *k, Cover *covers, int64_t count, int64_t need_fen,
                         __int128 *ret_tie) {
    int64_t coupons = 0, life = 0, slots = s->plan->coupons_max - s->coupons;
    bool *used = NEW_LIST(s->plan->arena, bool, count + 1);
    if (k != NULL) need_fen -= k->limit_fen;
    if (k != NULL && k->deal->is_coupon) {
        coupons = 1;
        life = k->deal->life_ms;
    }
    s->plan->work += count / 16;
    int64_t more = cover_life(covers, count, need_fen);
    coupons += cover_count(covers, count, need_fen, used);
    if (more == INT64_MAX || coupons > slots) return false;
    *ret_tie = -((__int128)(life + more) << 10) - coupons;
    return true;
}

bool search_tie_limit(Search *s, Candidate *const *list, int64_t count, int64_t need_fen, __int128 *ret_tie) {
    ArenaMark mark = arena_mark(s->plan->arena);
    Cover *covers = NEW_LIST(s->plan->arena, Cover, count + 1);
    int64_t covers_count = 0, worth = 0;
    const Candidate *free_discount = NULL;
    for (int64_t i = 0; i < count; i++) {
        const Candidate *k = list[i];
        if (!search_may_join(s, k)) continue;
        worth += k->worth_fen;
        if (k->limit_fen <= 0) continue;
        bool is_more = free_discount == NULL || k->limit_fen > free_discount->limit_fen;
        if (k->is_discount && !k->deal->is_coupon && is_more) free_discount = k;
        if (k->is_discount) continue;
        if (k->deal->is_coupon) covers[covers_count++] = (Cover){ k->limit_fen, k->deal->life_ms };
        else need_fen -= k->limit_fen;
    }
    __int128 tie = 0, other;
    bool is_covered = cover_beside(s, free_discount, covers, covers_count, need_fen, &tie);
    for (int64_t i = 0; i < count; i++) { /* one discount at most */
        const Candidate *k = list[i];
        if (!k->is_discount || !k->deal->is_coupon || !search_may_join(s, k)) continue;
        if (!cover_beside(s, k, covers, covers_count, need_fen, &other)) continue;
        if (!is_covered || other > tie) tie = other;
        is_covered = true;
    }
    arena_back(s->plan->arena, mark);
    *ret_tie = tie + ((__int128)worth << 58);
    return is_covered;
}
