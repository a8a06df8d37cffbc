/* sms - 短信: the vendors of the sms port, one file each; sms_open() finds one by name. */
#pragma once
#include "port/ports.h"

bool sms_open(Arena *a, Str name, SmsPort *ret_port);        /* false: no vendor of that name */
