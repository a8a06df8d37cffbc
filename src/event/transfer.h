/* transfer - an import or export wants (more) work: each delivery does a part of it outside of units and says it again
 * until all is done, so that a stopped server goes on where it was. */
#pragma once
#include "app/event.h"

typedef struct TransferWanted { int64_t run_id, part; } TransferWanted;
extern const EventType transfer_wanted;     /* "transfer.wanted" */
