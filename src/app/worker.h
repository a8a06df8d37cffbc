/* worker - 工作线程: threads for what must not hold an HTTP thread: slow preparations, uploads, exports, and on PostgreSQL
 * every
 * request. First come, first served. Private to app/. */
#pragma once
#include "app/app_state.h"

enum { WORKERS_MAX = 64, WORKERS_SQLITE = 2, WORKERS_POSTGRES = 16, WORK_WAITING_MAX = 8192 };

Err workers_start(App *app, Arena *a);
void workers_stop(App *app);              /* runs what was accepted, then ends the threads */

/* app_state.h declares worker_put: false when WORK_WAITING_MAX works wait already or the process is stopping. */
