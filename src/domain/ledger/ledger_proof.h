/* The Holds of the slice; private to this folder. */
#pragma once
#include "domain/ledger/ledger.h"

enum { LEDGER_HOLD_COUNT = 6 };
extern const Hold ledger_holds[LEDGER_HOLD_COUNT];
