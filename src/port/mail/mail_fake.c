#include "port/fake.h"
#include "port/mail/mail.h"

static PortResult send_fake(void *user, Ctx *c, const MailMessage *message) {
    return fake_keep(user, c, message->id, message->to, message->text);
}

bool mail_open(Arena *a, Str name, MailPort *ret_port) {
    if (name.len != 0 && !str_is(name, "fake")) return false;
    *ret_port = (MailPort){ .name = "fake", .user = fake_new(a), .send = send_fake };
    return true;
}

void mail_fake_records(const MailPort *mail, Arena *a, PortRecords *ret_records) {
    *ret_records = (PortRecords){ 0 };
    if (mail->send == send_fake) fake_records(mail->user, a, ret_records);
}

void mail_fake_fail(const MailPort *mail, PortOutcome outcome, int64_t times) {
    if (mail->send == send_fake) fake_fail(mail->user, outcome, times);
}
