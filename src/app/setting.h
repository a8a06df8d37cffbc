/* setting - 设置: a slice's settings are a struct with a Field table, stored as JSON per merchant, cached, versioned.
 * Every setting is read and written by GET/PUT /v1/settings/{name} (permission "setting.read" / "setting.write"),
 * with its form drawn from the table. Numbers never hide in code: what a shop may want to change is a setting.
 * Owns: setting */
#pragma once
#include "base/field.h"

typedef struct Setting {
    const char *name;                              /* "points" */
    const Fields *fields;
    void (*defaults)(void *ret_value);             /* fills static defaults; lists may point to static memory */
    Err (*check)(Ctx *c, const void *value);       /* rules beyond the table; may be NULL */
} Setting;

/* The current value (defaults where the merchant has none); lists live in c->arena or in the cache until the Ctx
 * ends. */
Err setting_get(Ctx *c, const Setting *setting, void *ret_value);
Err setting_put(Ctx *c, const Setting *setting, const void *value);
