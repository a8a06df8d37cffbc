/* pay - 支付渠道: the payment channels of the pay port, one file each; pay_open() finds one by name. */
#pragma once
#include "port/ports.h"

bool pay_open(Arena *a, Str name, PayPort *ret_port);        /* false: no channel of that name */
