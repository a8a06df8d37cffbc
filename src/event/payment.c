#include "event/payment.h"

static const Field payment_fact_field[] = {
    FIELD_ID(PaymentFact, order_id, .need = true),
    FIELD(PaymentFact, number),
    FIELD_ID(PaymentFact, refund_id),
    FIELD(PaymentFact, amount_fen),
};
static const Fields payment_fact_fields = FIELDS(PaymentFact, payment_fact_field);

const EventType payment_asked = { "payment.asked", &payment_fact_fields };
const EventType payment_paid = { "payment.paid", &payment_fact_fields };
const EventType payment_doubted = { "payment.doubted", &payment_fact_fields };
const EventType payment_closed = { "payment.closed", &payment_fact_fields };
const EventType payment_refund_asked = { "payment.refund_asked", &payment_fact_fields };
