/* migrate_plan - 查询计划: what SQLite's planner is told about our indexes; private to store/. */
#pragma once
#include "store/db.h"

/* Inside a unit, on SQLite, after a migration has changed the schema. */
Err migrate_assume_plan(Ctx *c, void *unused);
