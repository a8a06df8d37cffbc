/* transfer_store - every SQL statement of the slice; private to the folder. */
#pragma once
#include "domain/transfer/transfer.h"

typedef LIST_OF(TransferRun) TransferRuns;

Err run_insert(Ctx *c, const TransferRun *run);
/* Writes how far it came; false when somebody else moved it meanwhile (position `from_lines`, `from_groups` no longer
 * stands). */
Err run_move(Ctx *c, const TransferRun *run, int64_t from_lines, int64_t from_groups, bool *ret_moved);
/* an uploaded run gets its map, shop and report, and is running */
Err run_begin(Ctx *c, const TransferRun *run);
Err run_end(Ctx *c, const TransferRun *run);          /* status, problem, finished_at */
Err run_read(Ctx *c, int64_t run_id, TransferRun *ret_run, bool *ret_found);
/* The newest import of that file in that way that has not ended. */
Err run_unfinished(Ctx *c, const TransferRun *like, TransferRun *ret_run, bool *ret_found);
/* Runs made before `before` that still have files of ours and are not at work. */
Err run_stale(Ctx *c, int64_t before, int64_t most, TransferRuns *ret_runs);
Err run_forget_files(Ctx *c, int64_t run_id);
Err run_page(Ctx *c, int64_t before_id, int64_t most, TransferRuns *ret_runs);
