/* ticker - 节拍: what this process must do for itself now and then: renew its node number, write down (once a minute)
 * when
 * sessions and keys were last used. Private to app/; in tests nothing ticks but ticker_once(). */
#pragma once
#include "app/app_state.h"

enum { TICK_MS = 20 * 1000, TICKS_PER_STAMP = 3 };

Err ticker_start(App *app, Arena *a);
void ticker_stop(App *app);
void ticker_once(App *app, Arena *a);
