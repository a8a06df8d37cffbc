#include "base/ctx.h"
#include <assert.h>
#include <stdarg.h>

const char *const actor_names[] = { "nobody", "staff", "member", "key", "job", "event", "cli", NULL };

Err fail(Ctx *c, Err err, const char *code, const char *zh, const char *en, ...) {
    assert(err != OK && code != NULL);
    va_list args, again;
    va_start(args, en);
    va_copy(again, args);
    c->problem.err = err;
    c->problem.code = code;
    c->problem.zh = arena_print_args(c->arena, zh, args);
    c->problem.en = arena_print_args(c->arena, en, again);
    va_end(again);
    va_end(args);
    return err;
}

void fail_number(Ctx *c, const char *name, int64_t value) {
    Problem *p = &c->problem;
    assert(p->number_count < PROBLEM_NUMBERS_MAX);
    p->numbers[p->number_count++] = (ProblemNumber){ name, value };
}

void complain(Ctx *c, Str pointer, const char *code, const char *zh, const char *en, ...) {
    Problem *p = &c->problem;
    if (p->complaint_count == COMPLAINTS_MAX) return; /* nobody mends more than that in one go */
    va_list args, again;
    va_start(args, en);
    va_copy(again, args);
    p->complaints[p->complaint_count++] = (Complaint){
        .pointer = arena_str(c->arena, pointer),
        .code = code,
        .zh = arena_print_args(c->arena, zh, args),
        .en = arena_print_args(c->arena, en, again),
    };
    va_end(again);
    va_end(args);
}

Err complaints_refuse(Ctx *c) {
    if (c->problem.complaint_count == 0) return OK;
    return fail(c, E_INVALID, "body.invalid", "提交的内容有 %lld 处需要修改", "%lld things in what was sent need a change",
                (long long)c->problem.complaint_count);
}

void problem_clear(Ctx *c) { c->problem = (Problem){ 0 }; }
