#include "port/mail/mail.h"
#include "port/pay/pay.h"
#include "port/sms/sms.h"

const char *const port_outcome_names[] = { "ok", "dup", "retry", "unknown", "rejected", "config", NULL };
const char *const pay_state_names[] = { "none", "waiting", "paid", "closed", "refunding", "refunded", "failed", NULL };

static Err refuse_name(Arena *a, const char *port, Str name, Str *ret_why) {
    *ret_why = arena_print(a, "no %s channel is called \"%.*s\"", port, (int)name.len, name.at);
    return E_INVALID;
}

Err ports_open(Arena *a, Str sms_name, Str mail_name, Str pay_name, Ports *ret_ports, Str *ret_why) {
    *ret_ports = (Ports){ 0 };
    if (!sms_open(a, sms_name, &ret_ports->sms)) return refuse_name(a, "sms", sms_name, ret_why);
    if (!mail_open(a, mail_name, &ret_ports->mail)) return refuse_name(a, "mail", mail_name, ret_why);
    if (!pay_open(a, pay_name, &ret_ports->pay)) return refuse_name(a, "pay", pay_name, ret_why);
    return OK;
}

void ports_demo_codes(App *app, Buf *json) {
    const char *mark = "";
    buf_char(json, '[');
    for (int round = 0; round < 2; round++) {
        PortRecords records;
        if (round == 0)
            sms_fake_records(&app->ports->sms, json->arena, &records);
        else
            mail_fake_records(&app->ports->mail, json->arena, &records);
        for (int64_t i = 0; i < records.count && i < 20; i++) {
            buf_print(json, "%s{\"to\":", mark);
            json_print_str(json, str_of(records.items[i].to));
            buf_print(json, ",\"text\":");
            json_print_str(json, str_of(records.items[i].text));
            buf_print(json, ",\"at\":%lld}", (long long)records.items[i].at);
            mark = ",";
        }
    }
    buf_char(json, ']');
}
