/* mail - 邮件: the senders of the mail port, one file each; mail_open() finds one by name. */
#pragma once
#include "port/ports.h"

bool mail_open(Arena *a, Str name, MailPort *ret_port);        /* false: no sender of that name */
