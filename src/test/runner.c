/* runner: every TEST on SQLite and on PostgreSQL, every TEST_PURE once, every story on both.
 *   laoke_test [--sqlite] [--pg] [--pure] [NAME…]      NAME: part of a test's name or of its file's path
 * LAOKE_TEST_PG: conninfo of a private PostgreSQL database (tests/pg starts one); without it those tests are left
 * out, and said. */
#include "test/test.h"
#include "test/story.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEST_SECONDS_MAX = 300, NAME_BYTES = 240 };

typedef enum Kind { KIND_PURE, KIND_SQLITE, KIND_PG } Kind;
typedef struct Case { const Test *test; const char *story; Kind kind; World *w; char name[NAME_BYTES]; } Case;

static const char *kind_word(Kind kind) {
    switch (kind) {
    case KIND_PURE: return "pure";
    case KIND_SQLITE: return "sqlite";
    case KIND_PG: return "pg";
    }
    return "";
}

static int case_open(void **state) {
    Case *one = *state;
    alarm(TEST_SECONDS_MAX);                            /* a hang ends the run: the last [ RUN ] line names it */
    if (one->kind == KIND_PURE) return 0;
    one->w = world_open(one->kind == KIND_PG ? DB_POSTGRES : DB_SQLITE, str_hash(str_of(one->name)) >> 16);
    return 0;
}

static int case_close(void **state) {
    Case *one = *state;
    if (one->w) world_close(one->w);
    one->w = NULL;
    alarm(0);
    return 0;
}

static void case_run(void **state) {
    Case *one = *state;
    if (one->story) story_run(one->w, one->story);
    else one->test->run(one->w);
}

static bool is_wanted(const char *name, const char *path, int count, char **parts) {
    for (int i = 0; i < count; i++)
        if (strstr(name, parts[i]) || strstr(path, parts[i])) return true;
    return count == 0;
}

typedef struct Plan { Case *at; size_t count; bool kinds[3]; int part_count; char **parts; } Plan;

static void plan_add(Plan *plan, const Test *test, const char *story, Kind kind) {
    if (!plan->kinds[kind]) return;
    plan->at = realloc(plan->at, (plan->count + 1) * sizeof *plan->at);
    if (!plan->at) abort();
    Case *one = &plan->at[plan->count++];
    *one = (Case){ .test = test, .story = story, .kind = kind };
    snprintf(one->name, sizeof one->name, "%s%s (%s)", story ? "story " : "", story ? story : test->name,
             kind_word(kind));
}

static void plan_fill(Plan *plan, const StoryList *stories) {
    for (int64_t i = 0; i < test_count; i++) {
        if (!is_wanted(tests[i].name, tests[i].path, plan->part_count, plan->parts)) continue;
        plan_add(plan, &tests[i], NULL, tests[i].is_pure ? KIND_PURE : KIND_SQLITE);
        if (!tests[i].is_pure) plan_add(plan, &tests[i], NULL, KIND_PG);
    }
    for (int64_t i = 0; i < stories->count; i++) {
        char path[NAME_BYTES];
        snprintf(path, sizeof path, "tests/stories/%s.story", stories->items[i]);
        if (!is_wanted(stories->items[i], path, plan->part_count, plan->parts)) continue;
        plan_add(plan, NULL, stories->items[i], KIND_SQLITE);
        if (!getenv("UPDATE")) plan_add(plan, NULL, stories->items[i], KIND_PG);
    }
}

int main(int argc, char **argv) {
    Plan plan = { .part_count = 0 };
    bool is_limited = false;
    plan.parts = argv + 1;
    for (int i = 1; i < argc; i++) {
        Kind kind = KIND_PURE;
        if (strcmp(argv[i], "--sqlite") == 0) kind = KIND_SQLITE;
        else if (strcmp(argv[i], "--pg") == 0) kind = KIND_PG;
        else if (strcmp(argv[i], "--pure") != 0) {
            plan.parts[plan.part_count++] = argv[i];
            continue;
        }
        plan.kinds[kind] = is_limited = true;
    }
    for (int kind = 0; kind < 3; kind++) plan.kinds[kind] |= !is_limited;
    bool is_pg_missing = plan.kinds[KIND_PG] && !world_has_postgres();
    if (is_pg_missing) plan.kinds[KIND_PG] = false;

    StoryList stories = story_list();
    plan_fill(&plan, &stories);
    struct CMUnitTest *cases = calloc(plan.count + 1, sizeof *cases);
    if (!cases) abort();
    for (size_t i = 0; i < plan.count; i++)
        cases[i] = (struct CMUnitTest){ plan.at[i].name, case_run, case_open, case_close, &plan.at[i] };
    int failed = plan.count == 0 ? 0 : _cmocka_run_group_tests("laoke", cases, plan.count, NULL, NULL);
    world_dir_remove();
    if (is_pg_missing) printf("PostgreSQL skipped: LAOKE_TEST_PG is not set (tests/pg start)\n");
    printf("%zu passed, %d failed\n", plan.count - (size_t)failed, failed);
    free(cases);
    free(plan.at);
    story_list_free(&stories);
    return failed == 0 ? 0 : 1;
}
