#include "app/job.h"
#include "app/id.h"
#include "app/log.h"
#include "app/merchant.h"
#include "app/outbox.h"
#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

struct Jobs {
    App *app;
    const Job **list; int64_t count;            /* of every slice */
    pthread_t thread, far_thread;
    bool has_thread;
    _Atomic bool is_ending;
    int64_t renew_at;
    _Atomic int64_t ran, failed;
};
typedef struct Jobs Jobs;

static const Job *job_find(const Jobs *jobs, Str name) {
    for (int64_t i = 0; i < jobs->count; i++)
        if (str_is(name, jobs->list[i]->name)) return jobs->list[i];
    return NULL;
}

int64_t job_next(const Job *job, const Zone *zone, int64_t due_at, int64_t now) {
    if (job->every_ms > 0) return due_at > now ? due_at : due_at + ((now - due_at) / job->every_ms + 1) * job->every_ms;
    int64_t day = day_at(zone, now);
    int64_t at = instant_at(zone, day, job->at_minute);
    return at > now ? at : instant_at(zone, day_add(day, 1), job->at_minute);
}

static Err zone_of(Ctx *c, const Zone **ret_zone) {
    Merchant merchant;
    TRY(merchant_get(c, &merchant));
    *ret_zone = app_zone(c, merchant.zone);
    return OK;
}

/* ---- the due list ---- */

static Err due_insert(Ctx *c, const Job *job, int64_t due_at) {
    int64_t changed;
    return db_system_change(
        c,
        "INSERT INTO due (merchant_id, job, due_at, next_at, lease_until, lease_node, tries, ran_at,"
        " problem) VALUES ($1, $2, $3, $3, 0, 0, 0, 0, '') ON CONFLICT DO NOTHING",
        ARGS(c->merchant_id, job->name, due_at), &changed);
}

static Err due_fill(Ctx *c, void *arg) {
    const Jobs *jobs = arg;
    const Zone *zone;
    TRY(zone_of(c, &zone));
    for (int64_t i = 0; i < jobs->count; i++) {
        const Job *job = jobs->list[i];
        int64_t first_at = job->every_ms > 0 ? c->now + job->every_ms : job_next(job, zone, c->now, c->now);
        TRY(due_insert(c, job, first_at));
    }
    return OK;
}

/* A new merchant's jobs enter the list in the unit that creates it. */
static Err job_install(Ctx *c) { return due_fill(c, c->app->state->jobs); }

typedef struct MerchantRow { int64_t merchant_id; } MerchantRow;
static const Field merchant_row_field[] = { FIELD_ID(MerchantRow, merchant_id) };
static const Fields merchant_row_fields = FIELDS(MerchantRow, merchant_row_field);
typedef LIST_OF(MerchantRow) MerchantRows;
typedef struct Missing { const Job *job; MerchantRows rows; } Missing;

static Err missing_read(Ctx *c, void *arg) {
    Missing *m = arg;
    return db_system_rows(c,
                          "SELECT m.merchant_id FROM merchant m WHERE NOT EXISTS (SELECT 1 FROM due d"
                          " WHERE d.merchant_id = m.merchant_id AND d.job = $1) ORDER BY m.merchant_id",
                          ARGS(m->job->name), &merchant_row_fields, MERCHANTS_MAX, (ListAny *)&m->rows);
}

/* Jobs that this version brings are added for the merchants that were there before it. */
static Err due_fill_missing(App *app) {
    const Jobs *jobs = app->state->jobs;
    Err err = OK;
    for (int64_t i = 0; i < jobs->count && err == OK; i++) {
        Arena arena;
        arena_init(&arena, ARENA_BUDGET);
        Ctx c;
        app_ctx(app, &arena, 0, (Actor){ ACTOR_JOB, 0 }, &c);
        Missing missing = { .job = jobs->list[i] };
        err = app_read(&c, missing_read, &missing);
        for (int64_t j = 0; j < missing.rows.count && err == OK; j++) {
            app_ctx(app, &arena, missing.rows.items[j].merchant_id, (Actor){ ACTOR_JOB, 0 }, &c);
            err = app_unit(&c, due_fill, app->state->jobs);
        }
        arena_free(&arena);
    }
    return err;
}

/* ---- claims ---- */

typedef struct DueRow { int64_t merchant_id; Str job; int64_t due_at, next_at, tries, ran_at; Str problem; } DueRow;
static const Field due_row_field[] = {
    FIELD_ID(DueRow, merchant_id), FIELD(DueRow, job), FIELD(DueRow, due_at), FIELD(DueRow, next_at),
    FIELD(DueRow, tries), FIELD(DueRow, ran_at), FIELD(DueRow, problem),
};
static const Fields due_row_fields = FIELDS(DueRow, due_row_field);
typedef struct Claim { LIST_OF(DueRow) rows; } Claim;

static Err due_look(Ctx *c, void *arg) {
    Claim *claim = arg;
    return db_system_rows(c,
                          "SELECT merchant_id, job, due_at, next_at, tries, ran_at, problem FROM due"
                          " WHERE next_at <= $1 AND lease_until < $1 ORDER BY next_at LIMIT 1",
                          ARGS(c->now), &due_row_fields, 1, (ListAny *)&claim->rows);
}

static Err due_claim(Ctx *c, void *arg) {
    Claim *claim = arg;
    return db_system_rows(c,
                          "UPDATE due SET lease_until = $2, lease_node = $3 WHERE (merchant_id, job) IN"
                          " (SELECT d.merchant_id, d.job FROM due d WHERE d.next_at <= $1 AND d.lease_until < $1"
                          " ORDER BY d.next_at, d.merchant_id, d.job LIMIT $4) AND lease_until < $1"
                          " RETURNING merchant_id, job, due_at, next_at, tries, ran_at, problem",
                          ARGS(c->now, c->now + JOB_LEASE_MS, c->app->ids.node, JOB_CLAIM), &due_row_fields, JOB_CLAIM,
                          (ListAny *)&claim->rows);
}

static int by_due(const void *a, const void *b) {
    const DueRow *left = a, *right = b;
    if (left->due_at != right->due_at) return left->due_at < right->due_at ? -1 : 1;
    if (left->merchant_id != right->merchant_id) return left->merchant_id < right->merchant_id ? -1 : 1;
    return str_compare(left->job, right->job);
}

/* Always under the same lease: whoever lost it must not move the row. */
static Err due_end(Ctx *c, void *arg) {
    const DueRow *row = arg;
    int64_t changed;
    return db_system_change(c,
                            "UPDATE due SET due_at = $3, next_at = $4, tries = $5, ran_at = $6, problem = $7,"
                            " lease_until = 0 WHERE merchant_id = $1 AND job = $2 AND lease_node = $8",
                            ARGS(row->merchant_id, row->job, row->due_at, row->next_at, row->tries, row->ran_at,
                                 row->problem, c->app->ids.node), &changed);
}

/* ---- runs ---- */

typedef struct Run { const Job *job; int64_t due_at; bool has_more; } Run;

static Err run_once(Ctx *c, void *arg) {
    Run *run = arg;
    run->has_more = false;
    return run->job->run(c, run->due_at, &run->has_more);
}

/* At most JOB_ROUNDS transactions; a job with more to do comes back behind the others (and behind the outbox). */
static Err run_rounds(Jobs *jobs, const Job *job, DueRow *row) {
    Arena arena;
    arena_init(&arena, ARENA_BUDGET);
    Run run = { .job = job, .due_at = row->due_at, .has_more = true };
    Ctx c = { 0 };
    Err err = OK;
    for (int64_t i = 0; i < JOB_ROUNDS && run.has_more && err == OK; i++) {
        arena_reset(&arena);
        app_ctx(jobs->app, &arena, row->merchant_id, (Actor){ ACTOR_JOB, 0 }, &c);
        err = app_unit(&c, run_once, &run);
    }
    row->ran_at = c.now;
    row->next_at = c.now;
    if (outbox_is_outage(&c, err)) {                    /* costs no try */
        row->next_at = c.now + OUTBOX_DELAY_MS;
    } else if (err != OK) {
        row->tries++;
        row->problem = str_of(c.problem.code ? c.problem.code : "internal");
        row->next_at = c.now + outbox_delay_ms(row->merchant_id ^ row->due_at, row->tries);
        log_line(&c, "error", "job.refused", "%s: %s (try %lld)", job->name,
                 c.problem.code ? c.problem.code : "internal", (long long)row->tries);
    } else if (!run.has_more) {
        const Zone *zone;
        err = zone_of(&c, &zone);
        row->tries = 0;
        row->problem = S("");
        if (err == OK) row->due_at = row->next_at = job_next(job, zone, row->due_at, c.now);
    }
    atomic_fetch_add(err == OK ? &jobs->ran : &jobs->failed, 1);
    arena_free(&arena);
    return err;
}

static Err run_claimed(Jobs *jobs, DueRow *row) {
    const Job *job = job_find(jobs, row->job);
    if (job) (void)run_rounds(jobs, job, row);          /* what it came to stands in the row */
    else row->next_at = INT64_MAX;                      /* a job of another version: not ours to run */
    Arena arena;
    arena_init(&arena, ARENA_BUDGET);
    Ctx c;
    app_ctx(jobs->app, &arena, 0, (Actor){ ACTOR_JOB, 0 }, &c);
    Err err = app_unit(&c, due_end, row);
    arena_free(&arena);
    return err;
}

Err job_pump(App *app, int64_t *ret_done) {
    *ret_done = 0;
    Arena arena;
    arena_init(&arena, ARENA_BUDGET);
    Ctx c;
    app_ctx(app, &arena, 0, (Actor){ ACTOR_JOB, 0 }, &c);
    Claim claim = { 0 };
    Err err = app_read(&c, due_look, &claim);           /* most looks find nothing: they cost no write */
    if (err == OK && claim.rows.count > 0) err = app_unit(&c, due_claim, &claim);
    if (err == OK && claim.rows.count > 1) qsort(claim.rows.items, (size_t)claim.rows.count, sizeof(DueRow), by_due);
    for (int64_t i = 0; i < claim.rows.count && err == OK; i++) {
        err = run_claimed(app->state->jobs, &claim.rows.items[i]);
        ++*ret_done;
    }
    arena_free(&arena);
    return err;
}

/* ---- the pump ---- */

static void renew_when_due(App *app) {
    Jobs *jobs = app->state->jobs;
    int64_t now = app_now(app);
    if (now < jobs->renew_at && now > jobs->renew_at - 2 * ID_RENEW_MS) return;
    if (id_renew(app) == OK) jobs->renew_at = now + ID_RENEW_MS;
}

Err app_pump_once(App *app, int64_t *ret_done) {
    int64_t delivered, sent, ran, next_at;
    renew_when_due(app);
    TRY(outbox_pump(app, LANE_NEAR, &delivered, &next_at));
    TRY(outbox_pump(app, LANE_FAR, &sent, &next_at));
    TRY(job_pump(app, &ran));
    *ret_done = delivered + sent + ran;
    return OK;
}

static void *pump_run(void *arg) {
    App *app = arg;
    Jobs *jobs = app->state->jobs;
    int64_t look_at = 0;
    while (!jobs->is_ending) {
        int64_t delivered = 0, ran = 0, next_at = 0;
        bool is_well = outbox_pump(app, LANE_NEAR, &delivered, &next_at) == OK;
        int64_t now = app_now(app);
        if (now >= look_at || look_at > now + JOB_LOOK_MS) {
            renew_when_due(app);
            is_well &= job_pump(app, &ran) == OK;
            look_at = ran > 0 ? 0 : now + JOB_LOOK_MS;
        }
        int64_t wait_ms = is_well ? (next_at < look_at ? next_at : look_at) - now : JOB_LOOK_MS;
        if (wait_ms > 0) outbox_wait(app, LANE_NEAR, wait_ms < JOB_LOOK_MS ? wait_ms : JOB_LOOK_MS);
    }
    return NULL;
}

/* Outgoing calls may take their time: they have a thread of their own. */
static void *far_run(void *arg) {
    App *app = arg;
    while (!app->state->jobs->is_ending) {
        int64_t sent = 0, next_at = 0;
        bool is_well = outbox_pump(app, LANE_FAR, &sent, &next_at) == OK;
        int64_t wait_ms = is_well ? next_at - app_now(app) : JOB_LOOK_MS;
        if (wait_ms > 0) outbox_wait(app, LANE_FAR, wait_ms < JOB_LOOK_MS ? wait_ms : JOB_LOOK_MS);
    }
    return NULL;
}

void app_pump_start(App *app) {
    Jobs *jobs = app->state->jobs;
    if (jobs->has_thread) return;
    log_thread_start(app->state->log);                  /* a server that serves writes its log aside */
    jobs->has_thread = pthread_create(&jobs->thread, NULL, pump_run, app) == 0 &&
                       pthread_create(&jobs->far_thread, NULL, far_run, app) == 0;
    assert(jobs->has_thread);
}

Err job_start(App *app, Arena *a) {
    Jobs *jobs = NEW(a, Jobs);
    jobs->app = app;
    for (int64_t i = 0; i < slice_all_count(); i++) jobs->count += slice_all(i)->job_count;
    jobs->list = NEW_LIST(a, const Job *, jobs->count + JOBS_ADDED_MAX);
    int64_t count = 0;
    for (int64_t i = 0; i < slice_all_count(); i++)
        for (int64_t j = 0; j < slice_all(i)->job_count; j++) jobs->list[count++] = &slice_all(i)->jobs[j];
    app->state->jobs = jobs;
    return due_fill_missing(app);
}

Err job_add(App *app, int64_t merchant_id, const Job *job) {
    Jobs *jobs = app->state->jobs;
    jobs->list[jobs->count++] = job;
    Arena arena;
    arena_init(&arena, ARENA_BUDGET);
    Ctx c;
    app_ctx(app, &arena, merchant_id, (Actor){ ACTOR_JOB, 0 }, &c);
    Err err = app_unit(&c, due_fill, jobs);
    arena_free(&arena);
    return err;
}

void job_stop(App *app) {
    Jobs *jobs = app->state->jobs;
    if (!jobs) return;
    jobs->is_ending = true;
    if (jobs->has_thread) {
        outbox_end_wait(app);
        pthread_join(jobs->thread, NULL);
        pthread_join(jobs->far_thread, NULL);
        jobs->has_thread = false;
    }
}

/* ---- GET /v1/jobs ---- */

typedef struct JobLine { Str job; int64_t due_at, next_at, ran_at, tries; Str problem; bool is_running; } JobLine;
static const Field job_line_field[] = {
    FIELD(JobLine, job),
    FIELD(JobLine, due_at, .about = "the instant it runs for"),
    FIELD(JobLine, next_at, .about = "when it runs"),
    FIELD(JobLine, ran_at, .about = "last run, 0 = never"),
    FIELD(JobLine, tries, .about = "refused runs in a row"),
    FIELD(JobLine, problem, .about = "code of the last refusal"),
    FIELD(JobLine, is_running),
};
static const Fields job_line_fields = FIELDS(JobLine, job_line_field);
typedef struct JobList { LIST_OF(JobLine) items; } JobList;
static const Field job_list_field[] = { FIELD_LIST(JobList, items, job_line_fields, .max = LIST_MAX) };
static const Fields job_list_fields = FIELDS(JobList, job_list_field);

static Err get_jobs(Ctx *c, const void *body, void *ret) {
    (void)body;
    JobList *out = ret;
    return db_system_rows(c,
                          "SELECT job, due_at, next_at, ran_at, tries, problem,"
                          " CASE WHEN lease_until > $2 THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END AS is_running"
                          " FROM due WHERE merchant_id = $1 AND job NOT IN ('outbox', 'outbox.far') ORDER BY job",
                          ARGS(c->merchant_id, c->now), &job_line_fields, LIST_MAX, (ListAny *)&out->items);
}

Err job_stats(Ctx *c, JobStats *ret_stats) {
    const Jobs *jobs = c->app->state->jobs;
    *ret_stats = (JobStats){ .ran = jobs->ran, .failed = jobs->failed };
    MerchantRow row = { 0 };
    bool is_found;
    TRY(db_system_find(c, "SELECT COUNT(*) AS merchant_id FROM due WHERE next_at <= $1", ARGS(c->now),
                       &merchant_row_fields, &row, &is_found));
    ret_stats->waiting = row.merchant_id;
    return OK;
}

static Err hold_every_job_is_listed(Ctx *c, HoldReport *report) {
    const Jobs *jobs = c->app->state->jobs;
    for (int64_t i = 0; i < jobs->count; i++) {
        MerchantRow row = { 0 };
        bool is_found;
        TRY(db_system_find(c, "SELECT merchant_id FROM due WHERE merchant_id = $1 AND job = $2",
                           ARGS(c->merchant_id, jobs->list[i]->name), &merchant_row_fields, &row, &is_found));
        report->checked++;
        if (!is_found) hold_broken(report, "%s is not in the due list", jobs->list[i]->name);
    }
    return OK;
}

static const Route job_routes[] = {
    { "GET", "/v1/jobs", "What runs on time: last run, next run, what went wrong", WHO_STAFF, "job.read", NULL,
      &job_list_fields, .run = get_jobs },
};
static const Hold job_holds[] = { { "job.every_job_stands_in_the_due_list", hold_every_job_is_listed } };
const Slice job_slice = { .name = "job", .routes = job_routes, .route_count = COUNT_OF(job_routes),
                          .holds = job_holds, .hold_count = COUNT_OF(job_holds), .install = job_install };
