/* memo - 记忆: small answers kept in memory until what they tell of changes; the way a till finds a regular at once.
 * An answer has a subject (a member). Whoever changes the subject says so in its unit; from the commit on, before its
 * reply leaves, nothing that was read earlier is given again. Only where one process alone writes: on PostgreSQL
 * nothing is kept. Room is a share of the machine's memory, taken as it fills; what has no room any more is read again.
 * Units: *_kib                    Calls: nobody */
#pragma once
#include "app/app.h"

enum { MEMO_KEY_LEN = 16, MEMO_VALUE_MAX = 101 };

/* False when it is not known, or may have changed. `key` is MEMO_KEY_LEN bytes that nobody can choose (a MAC). */
bool memo_find(Ctx *c, Bytes key, Bytes *ret_value);
/* What a read snapshot said; a longer value than MEMO_VALUE_MAX is not kept. Nothing is kept inside a unit. */
void memo_keep(Ctx *c, Bytes key, int64_t subject_id, Bytes value);
void memo_forget(Ctx *c, int64_t subject_id);
