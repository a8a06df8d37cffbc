#include "base/step.h"
#include <assert.h>

static const Field step_field[] = { FIELD(Step, rule), FIELD(Step, zh), FIELD(Step, en),
                                    FIELD(Step, fen, .min = INT64_MIN) };
const Fields step_fields = FIELDS(Step, step_field);

Steps steps_start(Arena *a) { return (Steps){ NEW_LIST(a, Step, STEPS_MAX), 0 }; }

void steps_add(Arena *a, Steps *steps, const char *rule, const char *zh, const char *en, int64_t fen) {
    assert(steps->count < STEPS_MAX);
    steps->items[steps->count++] = (Step){ str_of(rule), arena_str(a, str_of(zh)), arena_str(a, str_of(en)), fen };
}
