/* The merge hooks of the slice; private to this folder. */
#pragma once
#include "domain/ledger/ledger.h"

Err ledger_merge(Ctx *c, const MergeInfo *m);
/* Refuses ledger.merge_spent when the value that moved is not there any more, and says how much is spent. */
Err ledger_unmerge(Ctx *c, const MergeInfo *m);
