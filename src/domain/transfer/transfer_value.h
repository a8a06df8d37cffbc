/* transfer_value - cells of other people's files as values of ours; pure, private to the folder. */
#pragma once
#include "base/day.h"

/* "6", "-3", "1,200", "6.0"; false when it is no whole number. */
bool value_int(Str cell, int64_t *ret_value);
/* "2.55", "¥1,234.50", "-0.5" in yuan (rounded half up to the fen), or whole fen. */
bool value_fen(Str cell, bool is_fen, int64_t *ret_fen);
/* Year first ("2010-12-01", "2010/12/1", "2010年12月1日", "20101201"), or as `order` says ("dmy", "mdy"). */
bool value_day(Str cell, Str order, int64_t *ret_day);
/* A day with or without a time ("2010-12-01 08:26:00", "2010-12-01T00:26:00Z"), or unix ms of 13 digits. */
bool value_time(Str cell, Str order, const Zone *zone, int64_t *ret_at);
