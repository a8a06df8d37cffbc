/* job - 定时: what runs on time, per merchant, under a lease, caught up after a stop; private to app (slices see Job in
 * slice.h).
 * Owns:   due (system table)
 * Units:  *_at unix ms
 * Calls:  nobody
 * Emits:  nothing
 * Holds:  every job of every merchant has its row in the due list
 * Errors: none of its own
 *
 * A run may be repeated (a process that ends between the work and the note that it is done), so jobs are written to
 * be: their work is bounded transactions that find what is left to do in the database. */
#pragma once
#include "app/app_state.h"

enum { JOB_CLAIM = 16, JOB_LEASE_MS = 120 * 1000, JOB_ROUNDS = 64, JOB_LOOK_MS = 1000, JOBS_ADDED_MAX = 4 };

typedef struct JobStats { int64_t ran, failed, waiting; } JobStats;

/* The first instant after `now` at which a job that was due at due_at is due again. */
int64_t job_next(const Job *job, const Zone *zone, int64_t due_at, int64_t now);
Err job_pump(App *app, int64_t *ret_done);
Err job_stats(Ctx *c, JobStats *ret_stats);
Err job_add(App *app, int64_t merchant_id, const Job *job);             /* for tests: one more job, for one merchant */
