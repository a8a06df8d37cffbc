#include "port/fake.h"
#include "port/sms/sms.h"

static PortResult send_fake(void *user, Ctx *c, const SmsMessage *message) {
    return fake_keep(user, c, message->id, message->to, message->text);
}

bool sms_open(Arena *a, Str name, SmsPort *ret_port) {
    if (name.len != 0 && !str_is(name, "fake")) return false;
    *ret_port = (SmsPort){ .name = "fake", .user = fake_new(a), .send = send_fake };
    return true;
}

void sms_fake_records(const SmsPort *sms, Arena *a, PortRecords *ret_records) {
    *ret_records = (PortRecords){ 0 };
    if (sms->send == send_fake) fake_records(sms->user, a, ret_records);
}

void sms_fake_fail(const SmsPort *sms, PortOutcome outcome, int64_t times) {
    if (sms->send == send_fake) fake_fail(sms->user, outcome, times);
}
