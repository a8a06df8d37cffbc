#include "event/transfer.h"

static const Field wanted_field[] = { FIELD_ID(TransferWanted, run_id), FIELD(TransferWanted, part) };
static const Fields wanted_fields = FIELDS(TransferWanted, wanted_field);
const EventType transfer_wanted = { "transfer.wanted", &wanted_fields };
