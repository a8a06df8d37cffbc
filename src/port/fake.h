/* fake - 替身: what the fakes of sms and mail share: a fixed ring of the newest messages, and what to answer next.
 * Guarantee: safe from any thread; the same message id again is PORT_DUP and kept once. */
#pragma once
#include <pthread.h>
#include "port/ports.h"

typedef struct PortFake {
    pthread_mutex_t lock;
    PortRecord ring[PORT_RING]; int64_t count;       /* of all ever kept; newest at (count - 1) % PORT_RING */
    PortOutcome fail_with; int64_t fail_times;
} PortFake;

PortFake *fake_new(Arena *a);
PortResult fake_keep(PortFake *fake, Ctx *c, Str id, Str to, Str text);
void fake_records(PortFake *fake, Arena *a, PortRecords *ret_records);
void fake_fail(PortFake *fake, PortOutcome outcome, int64_t times);
