#include "test/test.h"
#include "app/job.h"
#include <stdlib.h>

#define DAY INT64_C(86400000)

TEST_PURE(a_job_by_interval_is_due_at_the_next_multiple) {
    Job job = { .name = "x", .every_ms = 1000 };
    assert_int_equal(job_next(&job, NULL, 5000, 5000), 6000);
    assert_int_equal(job_next(&job, NULL, 5000, 9999), 10000);
    assert_int_equal(job_next(&job, NULL, 5000, 4000), 5000);
}

TEST_PURE(a_daily_job_is_due_at_its_local_minute) {
    Zone *zone = calloc(1, sizeof *zone);
    assert_true(zone_open(S("Asia/Shanghai"), zone));
    Job job = { .name = "x", .at_minute = 150 };
    int64_t at = instant_at(zone, 20260302, 150);
    assert_int_equal(job_next(&job, zone, 0, at - 1), at);
    assert_int_equal(job_next(&job, zone, at, at), instant_at(zone, 20260303, 150));
    assert_int_equal(job_next(&job, zone, at, at + 40 * DAY), instant_at(zone, 20260412, 150));
    free(zone);
}

/* A job of the tests: each run leaves an audit entry with the instant it ran for; refuses in the first minute of the
 * World. */
static Err toll(Ctx *c, int64_t due_at, bool *ret_more) {
    TRY(audit(c, &(AuditNote){ .action = "test.tolled", .subject = "bell", .subject_id = due_at }));
    *ret_more = false;
    return OK;
}
static const Job toll_job = { .name = "test.toll", .every_ms = 3600 * 1000, .run = toll };

static Err jam(Ctx *c, int64_t due_at, bool *ret_more) {
    (void)due_at, (void)ret_more;
    return fail(c, E_CONFLICT, "test.jammed", "卡住了", "jammed");
}
static const Job jam_job = { .name = "test.jam", .every_ms = 3600 * 1000, .run = jam };

/* Many small transactions: one entry each, until there are 200. */
static Err peal(Ctx *c, int64_t due_at, bool *ret_more) {
    int64_t count;
    TRY(audit(c, &(AuditNote){ .action = "test.tolled", .subject = "bell", .subject_id = due_at }));
    TRY(db_int(c, "SELECT COUNT(*) FROM audit WHERE merchant_id = $1 AND action = 'test.tolled'", NO_ARGS, &count));
    *ret_more = count < 200;
    return OK;
}
static const Job peal_job = { .name = "test.peal", .every_ms = 3600 * 1000, .run = peal };

static Err count_tolled(Ctx *c, void *arg) {
    return db_int(c, "SELECT COUNT(*) FROM audit WHERE merchant_id = $1 AND action = 'test.tolled'", NO_ARGS, arg);
}

static Err last_tolled(Ctx *c, void *arg) {
    return db_int(c, "SELECT MAX(subject_id) FROM audit WHERE merchant_id = $1 AND action = 'test.tolled'", NO_ARGS,
                  arg);
}

static int64_t number(World *w, UnitRun run) {
    int64_t value = -1;
    assert_int_equal(world_unit(w, run, &value), OK);
    return value;
}

static const char *job_pointer(World *w, const char *name, const char *field) {
    world_get(w, "/v1/jobs");
    assert_int_equal(w->status, 200);
    for (int64_t i = 0; i < world_count(w, "/items"); i++)
        if (str_is(world_str(w, world_path(w, "/items/%lld/job", (long long)i)), name))
            return world_path(w, "/items/%lld/%s", (long long)i, field);
    return "/missing";
}

TEST(a_job_runs_on_time_and_not_before) {
    int64_t start = w->now;
    assert_int_equal(job_add(w->app, w->merchant_id, &toll_job), OK);
    world_pass(w, 3599 * 1000);
    assert_int_equal(number(w, count_tolled), 0);
    world_pass(w, 1000);
    assert_int_equal(number(w, count_tolled), 1);
    assert_int_equal(number(w, last_tolled), start + 3600 * 1000);
    world_settle(w);
    assert_int_equal(number(w, count_tolled), 1);
}

TEST(after_a_stop_a_job_runs_once_for_all_it_missed_with_the_oldest_instant) {
    int64_t start = w->now;
    assert_int_equal(job_add(w->app, w->merchant_id, &toll_job), OK);
    world_pass(w, 10 * DAY);
    assert_int_equal(number(w, count_tolled), 1);
    assert_int_equal(number(w, last_tolled), start + 3600 * 1000);
    world_pass(w, 3600 * 1000);
    assert_int_equal(number(w, count_tolled), 2);
    assert_int_equal(number(w, last_tolled), start + 10 * DAY + 3600 * 1000);
}

TEST(a_job_with_more_to_do_goes_on_in_further_transactions) {
    assert_int_equal(job_add(w->app, w->merchant_id, &peal_job), OK);
    world_pass(w, 3600 * 1000);
    assert_int_equal(number(w, count_tolled), 200);
}

TEST(a_refused_job_is_shown_and_tried_again_with_delay) {
    assert_int_equal(job_add(w->app, w->merchant_id, &jam_job), OK);
    world_pass(w, 3600 * 1000);
    int64_t due_at = world_int(w, job_pointer(w, "test.jam", "due_at"));
    assert_true(str_is(world_str(w, job_pointer(w, "test.jam", "problem")), "test.jammed"));
    assert_int_equal(world_int(w, job_pointer(w, "test.jam", "tries")), 1);
    world_pass(w, 3000);
    assert_int_equal(world_int(w, job_pointer(w, "test.jam", "tries")), 2);
    assert_int_equal(world_int(w, job_pointer(w, "test.jam", "due_at")), due_at);
}

TEST(every_merchant_has_every_job_in_its_due_list) {
    world_get(w, "/v1/jobs");
    assert_int_equal(w->status, 200);
    assert_true(world_count(w, "/items") > 0);
    world_pass(w, 400 * DAY);
    for (int64_t i = 0; i < world_count(w, "/items"); i++)
        assert_int_equal(world_int(w, world_path(w, "/items/%lld/tries", (long long)i)), 0);
    world_get(w, "/v1/jobs");
    for (int64_t i = 0; i < world_count(w, "/items"); i++)
        assert_true(world_int(w, world_path(w, "/items/%lld/next_at", (long long)i)) > w->now);
    world_holds(w);
}
