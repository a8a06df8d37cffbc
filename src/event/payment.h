/* payment - facts about money that moves through an outside channel. */
#pragma once
#include "app/event.h"

/* A tender of a channel waits to be ordered there, was paid, is given up, or has to be given back there. */
typedef struct PaymentFact { int64_t order_id, number, refund_id, amount_fen; } PaymentFact;
extern const EventType payment_asked;       /* "payment.asked": create it at the channel */
extern const EventType payment_paid;        /* "payment.paid": the order may go on */
extern const EventType payment_doubted;     /* "payment.doubted": its notice may be lost, ask the channel */
extern const EventType payment_closed;      /* "payment.closed": nobody may pay it there any more */
extern const EventType payment_refund_asked;/* "payment.refund_asked": send the money back through the channel */
