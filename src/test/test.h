/* test - 测试: TEST(sentence_that_must_be_true) { … } is found by scanning (tools/lists) and run on SQLite and on PostgreSQL,
 * with a World of its own; TEST_PURE needs no database and runs once (w is NULL). Assertions are cmocka's. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#undef fail                     /* ours is base/ctx.h: cmocka's macro of that name would swallow its declaration */
#include "test/world.h"

#define TEST(name) void name(World *w); void name(World *w)
#define TEST_PURE(name) void name([[maybe_unused]] World *w); void name([[maybe_unused]] World *w)

typedef struct Test { const char *name, *path; void (*run)(World *w); bool is_pure; } Test;
extern const Test tests[];
extern const int64_t test_count;
