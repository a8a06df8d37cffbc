#include "app/holds.h"
#include "store/db.h"
#include <stdarg.h>
#include <stdio.h>

enum { FINDINGS_KEPT = 100, FINDING_BYTES = 300 };

void hold_broken(HoldReport *report, const char *format, ...) {
    if (report->broken++ >= FINDINGS_KEPT || !report->findings.arena) return;
    char line[FINDING_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    buf_cstr(&report->findings, line);
    buf_char(&report->findings, '\n');
}

typedef struct BrokenRow { int64_t id, want, have; } BrokenRow;
static const Field broken_row_field[] = { FIELD(BrokenRow, id), FIELD(BrokenRow, want), FIELD(BrokenRow, have) };
static const Fields broken_row_fields = FIELDS(BrokenRow, broken_row_field);

static Err broken_row(Ctx *c, void *row, void *arg) {
    (void)c;
    const BrokenRow *broken = row;
    hold_broken(arg, "%lld: want %lld, have %lld", (long long)broken->id, (long long)broken->want,
                (long long)broken->have);
    return OK;
}

Err hold_by_sql(Ctx *c, HoldReport *report, const char *count_sql, const char *sql) {
    int64_t checked;
    TRY(db_int(c, count_sql, NO_ARGS, &checked));
    report->checked += checked;
    return db_each(c, sql, NO_ARGS, &broken_row_fields, broken_row, report);
}
