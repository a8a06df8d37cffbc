/* holds - 恒等式: invariants as functions, run by tests, by the simulator, by `laoke check` on a live database. */
#pragma once
#include "base/ctx.h"

/* findings: one line each, at most 100 kept */
typedef struct HoldReport { int64_t checked, broken; Buf findings; } HoldReport;
typedef struct Hold {
    /* "points.balance_is_sum_of_entries": the sentence that must be true */
    const char *name;
    Err (*run)(Ctx *c, HoldReport *report);        /* read snapshot of one merchant */
} Hold;
/* Says what is wrong, with ids and both numbers; no personal data. */
void hold_broken(HoldReport *report, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A usual form: `sql` selects only broken rows as (id BIGINT, want BIGINT, have BIGINT); `count_sql` the rows looked
 * at. Needs store. */
Err hold_by_sql(Ctx *c, HoldReport *report, const char *count_sql, const char *sql);
