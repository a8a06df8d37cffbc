/* test - 测试: TEST(sentence_that_must_be_true) { … } is found by scanning (tools/lists) and run on SQLite and on
 * PostgreSQL, with a World of its own; TEST_PURE needs no database and runs once (w is NULL). Assertions are
 * cmocka's. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#undef fail                     /* ours is base/ctx.h: cmocka's macro of that name would swallow its declaration */
#undef fail_msg                 /* cmocka's is made of the macro above */
#define fail_msg(message, ...)                                                                                         \
    do {                                                                                                               \
        print_error("ERROR: " message "\n", ##__VA_ARGS__);                                                            \
        _fail(__FILE__, __LINE__);                                                                                     \
    } while (0)
#include "test/world.h"

#define TEST(name) void name(World *w); void name(World *w)
#define TEST_PURE(name) void name(World *w); void name(World *w __attribute__((unused)))

typedef struct Test { const char *name, *path; void (*run)(World *w); bool is_pure; } Test;
extern const Test tests[];
extern const int64_t test_count;
