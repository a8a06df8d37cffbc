/* step - 计算步骤: one line of a calculation that people may read: what was done, and what it came to. */
#pragma once
#include "base/field.h"

enum { STEPS_MAX = 100 };
typedef struct Step { Str rule, zh, en; int64_t fen; } Step;
typedef LIST_OF(Step) Steps;
extern const Fields step_fields;
Steps steps_start(Arena *a);
void steps_add(Arena *a, Steps *steps, const char *rule, const char *zh, const char *en, int64_t fen);
