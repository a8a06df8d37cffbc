/* check: every Hold of every slice for every merchant, each in a snapshot of its own; for `laoke check`, tests,
 * simulator. */
#include "app/app_state.h"
#include "app/merchant.h"
#include <time.h>

typedef struct CheckRun { const Hold *hold; HoldReport report; } CheckRun;

static Err hold_run(Ctx *c, void *arg) {
    CheckRun *run = arg;
    return run->hold->run(c, &run->report);
}

static int64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static Err check_hold(App *app, Arena *a, const Merchants *merchants, const Hold *hold, CheckLine *ret_line) {
    CheckRun run = { .hold = hold, .report.findings.arena = a };
    int64_t start_us = now_us();
    for (int64_t i = 0; i < merchants->count; i++) {
        Arena arena;
        arena_init(&arena, ARENA_BUDGET);
        Ctx c;
        app_ctx(app, &arena, merchants->items[i].merchant_id, (Actor){ ACTOR_CLI, 0 }, &c);
        Err err = app_read(&c, hold_run, &run);
        if (err != OK)
            hold_broken(&run.report, "merchant %lld: could not be looked at: %s",
                        (long long)merchants->items[i].merchant_id, c.problem.code ? c.problem.code : "internal");
        arena_free(&arena);
        if (err == E_BUSY) return err;
    }
    *ret_line = (CheckLine){ .name = str_of(hold->name), .checked = run.report.checked, .broken = run.report.broken,
                             .us = now_us() - start_us, .findings = buf_str(&run.report.findings) };
    return OK;
}

static Err merchants_read(Ctx *c, void *arg) { return merchant_list(c, arg); }

Err app_check(App *app, Arena *a, CheckLines *ret_lines) {
    Ctx c;
    app_ctx(app, a, 0, (Actor){ ACTOR_CLI, 0 }, &c);
    Merchants merchants = { 0 };
    TRY(app_read(&c, merchants_read, &merchants));
    int64_t most = 0;
    for (int64_t i = 0; i < slice_all_count(); i++) most += slice_all(i)->hold_count;
    CheckLines lines = { .items = NEW_LIST(a, CheckLine, most + 1) };
    for (int64_t i = 0; i < slice_all_count(); i++)
        for (int64_t j = 0; j < slice_all(i)->hold_count; j++)
            TRY(check_hold(app, a, &merchants, &slice_all(i)->holds[j], &lines.items[lines.count++]));
    *ret_lines = lines;
    return OK;
}
