/* setting_cache - private to app: parsed settings in memory, read by a lock and a copy.
 * A value that has been replaced is freed only SETTING_GRACE_MS later, for its lists and texts may still be in use by
 * a Ctx. Another process's change is seen within SETTING_TTL_MS (PostgreSQL; one SQLite file has one server). */
#pragma once
#include "app/app_state.h"

enum { SETTING_TTL_MS = 1000, SETTING_GRACE_MS = 300 * 1000 };

typedef struct SettingValue SettingValue;
struct SettingValue { Arena arena; void *obj; int64_t version, loaded_ms, retired_ms; SettingValue *next; };

/* A fresh value into ret_obj; false when it must be read. */
bool setting_cache_get(App *app, int64_t merchant_id, const Setting *setting, void *ret_obj);
SettingValue *setting_value_new(void);                /* its arena and obj are filled by the caller */
/* Takes over `value`, unless a newer version is there already (then it is freed). */
void setting_cache_put(App *app, int64_t merchant_id, const Setting *setting, SettingValue *value);
void setting_cache_drop(App *app, int64_t merchant_id, const Setting *setting);
