/* quote: what the promotion engine takes in process, on seeded baskets (src/test/promo_cart.c: near-tie thresholds, all-stackable
 * sets, up to 10 coupons combining), in time of its own thread, and against exhaustive search on sizes where that ends.
 * not_optimal: the search was cut short; not_lowest: what is paid is not proven to be the least either.
 *   bench_quote [CARTS [SEED]] */
#include "test/promo_cart.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* in process: what others do on the machine does not count */
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

typedef struct Case { const char *name; CartShape shape; bool with_oracle; } Case;
static const Case cases[] = {
    { "quote_typical_p50", { .lines = 5, .offers = 10, .coupons = 5, .quantity_max = 4 }, false },
    { "quote_large_stackable", { .lines = 30, .offers = 50, .coupons = 50, .quantity_max = 4, .all_stackable = true, .modest = true }, false },
    { "quote_large_near_tie", { .lines = 30, .offers = 50, .coupons = 50, .quantity_max = 4, .all_stackable = true, .near_tie = true, .modest = true }, false },
    { "quote_large_classes", { .lines = 30, .offers = 50, .coupons = 50, .quantity_max = 4, .modest = true }, false },
    { "quote_large_floors", { .lines = 30, .offers = 50, .coupons = 50, .quantity_max = 4, .all_stackable = true, .floors = true, .modest = true }, false },
    { "quote_large_prices", { .lines = 30, .offers = 50, .coupons = 50, .quantity_max = 4, .all_stackable = true, .near_tie = true, .prices = true, .modest = true }, false },
    { "quote_large_to_the_floor", { .lines = 30, .offers = 50, .coupons = 50, .quantity_max = 4, .all_stackable = true }, false },
    { "quote_exhaustive", { .lines = 5, .offers = 8, .coupons = 8, .quantity_max = 3, .near_tie = true, .all_stackable = true }, true },
};

static void run(const Case *k, int64_t carts, uint64_t seed) {
    double *us = calloc((size_t)carts, sizeof *us), oracle_us = 0, sum = 0;
    int64_t cut = 0, above = 0, most_work = 0, most_coupons = 0;
    Arena a;
    arena_init(&a, ARENA_HARD_MAX);
    for (int64_t i = 0; i < carts; i++) {
        Rng rng = rng_seeded(seed * 1000003 + (uint64_t)i);
        PromoAsk ask;
        PromoDecision d;
        OracleBest best;
        arena_reset(&a);
        promo_cart_make(&a, &rng, &k->shape, &ask);
        Ctx c = { .arena = &a };
        double start = now_us();
        Err err = promo_decide(&c, &ask, &d);
        us[i] = now_us() - start;
        if (err != OK) exit(1);
        sum += us[i];
        cut += !d.optimal;
        above += d.payable_fen > d.bound_fen;
        if (d.work > most_work) most_work = d.work;
        if (d.coupons_used > most_coupons) most_coupons = d.coupons_used;
        start = now_us();
        if (!k->with_oracle) continue;
        if (!promo_oracle(&ask, true, &best) || best.payable_fen != d.payable_fen) exit(1);
        oracle_us += now_us() - start;
    }
    qsort(us, (size_t)carts, sizeof *us, by_size);
    printf("%s %.1f us p99=%.1f max=%.1f work_most=%lld coupons_most=%lld not_optimal=%lld not_lowest=%lld rows=%lld", k->name, us[carts / 2],
           us[carts * 99 / 100], us[carts - 1], (long long)most_work, (long long)most_coupons, (long long)cut, (long long)above, (long long)carts);
    if (k->with_oracle) printf(" ratio=%.1f vs=exhaustive", oracle_us / sum);
    printf("\n");
    fflush(stdout);
    arena_free(&a);
    free(us);
}

int main(int argc, char **argv) {
    int64_t carts = argc > 1 ? atoll(argv[1]) : 2000;
    uint64_t seed = argc > 2 ? (uint64_t)atoll(argv[2]) : 1;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        run(&cases[i], cases[i].with_oracle && carts > 100 ? 100 : carts, seed);
    return 0;
}
