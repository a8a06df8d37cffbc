/* crash - 崩溃点: where the simulator and the kill tests may end the process as a crash would (SIGKILL to itself).
 * DbConfig.crash_point names the place, optionally with ":N" for the N-th time it is passed:
 *   "statement"      in the middle of a unit, before its next statement
 *   "unit"           a unit has run, its group or transaction is not committed
 *   "before_commit"  all units of the group have run
 *   "after_commit"   durable, but nobody has been told */
#pragma once
#include "store/db_engine.h"

void crash_init(Db *db);
void crash_now(Db *db, const char *point);

static inline void crash_here(Db *db, const char *point) {
    if (db->config.crash_point.len != 0) crash_now(db, point);
}
