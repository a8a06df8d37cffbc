/* ports - 外部世界: narrow interfaces to what lies outside (SMS, mail, pay …), each a table of functions with its user
 * pointer, each with a fake that keeps what it was given. Never called inside a unit.
 *
 * Outcome is what the caller must know to go on, whatever the vendor said:
 *   OK        done                          DUP       was already done (same id)
 *   RETRY     surely not done, try later    UNKNOWN   may have happened: ask, never send again under a new id
 *   REJECTED  our data is wrong             CONFIG    secret, balance, permission: stop the channel and tell people */
#pragma once
#include "app/app.h"

typedef enum PortOutcome { PORT_OK, PORT_DUP, PORT_RETRY, PORT_UNKNOWN, PORT_REJECTED, PORT_CONFIG } PortOutcome;
extern const char *const port_outcome_names[];

typedef struct PortResult {
    PortOutcome outcome;
    Str code;                              /* the vendor's own, for the log */
    Str ref;                               /* the vendor's id of what was done */
    int64_t retry_after_ms;
} PortResult;

/* ---- sms ---- */
typedef struct SmsMessage {
    Str id;                                /* ours; the same id again is the same message */
    Str to;                                /* "13800000001" or "+4915…" */
    Str template_name;                     /* "code", "balance" …; vendors map it to their template id */
    Str text;                              /* whole text, for fakes and vendors without templates */
    StrList params;                        /* for vendors with templates, in order */
} SmsMessage;
typedef struct SmsPort {
    const char *name; void *user;
    PortResult (*send)(void *user, Ctx *c, const SmsMessage *message);
} SmsPort;

/* ---- mail ---- */
typedef struct MailMessage { Str id, to, subject, text, html, unsubscribe_url; } MailMessage;
typedef struct MailPort {
    const char *name; void *user;
    PortResult (*send)(void *user, Ctx *c, const MailMessage *message);
} MailPort;

/* ---- pay ---- */
typedef struct PayOrder {
    Str id; int64_t amount_fen; Str method, auth_code, payer, subject; int64_t expires_at;
} PayOrder;
typedef enum PayState {
    PAY_NONE, PAY_WAITING, PAY_PAID, PAY_CLOSED, PAY_REFUNDING, PAY_REFUNDED, PAY_FAILED,
} PayState;
extern const char *const pay_state_names[];
typedef struct PayAnswer { PayState state; int64_t paid_fen, refunded_fen, paid_at; Str ref, pay_url; } PayAnswer;
typedef struct PayRefund { Str id, pay_id; int64_t amount_fen, total_fen; Str reason; } PayRefund;
/* What a channel tells us by itself. Genuine: signed by the channel over all of these; nothing else of it is
 * believed. */
typedef struct PayNotice { Str id, ref; int64_t amount_fen, at; Str signature; } PayNotice;
typedef struct PayPort {
    const char *name; void *user;
    PortResult (*create)(void *user, Ctx *c, const PayOrder *order, PayAnswer *ret_answer);
    PortResult (*query)(void *user, Ctx *c, Str pay_id, PayAnswer *ret_answer);
    PortResult (*close)(void *user, Ctx *c, Str pay_id);
    PortResult (*refund)(void *user, Ctx *c, const PayRefund *refund, PayAnswer *ret_answer);
    PortResult (*query_refund)(void *user, Ctx *c, Str refund_id, PayAnswer *ret_answer);
    bool (*notice_is_genuine)(void *user, Ctx *c, const PayNotice *notice);
} PayPort;

struct Ports { SmsPort sms; MailPort mail; PayPort pay; };

/* What the fakes of a process keep: the newest PORT_RING messages of each kind, and what to answer next. */
enum { PORT_RING = 64, PORT_TEXT_MAX = 500 };
typedef struct PortRecord { int64_t at; char id[80], to[160], text[PORT_TEXT_MAX + 1]; } PortRecord;
typedef struct PortFake PortFake;

/* Opens each port by name (empty = "fake"); what it keeps lives in `a` (the process's or the World's arena). Refuses
 * with words in ret_why when there is no such channel. */
Err ports_open(Arena *a, Str sms_name, Str mail_name, Str pay_name, Ports *ret_ports, Str *ret_why);
/* Newest first, copied into `a`; for the console page in demo mode and for tests. Empty when the port is no fake. */
typedef LIST_OF(PortRecord) PortRecords;
void sms_fake_records(const SmsPort *sms, Arena *a, PortRecords *ret_records);
void mail_fake_records(const MailPort *mail, Arena *a, PortRecords *ret_records);
/* The next `times` sends answer `outcome` (tests). */
void sms_fake_fail(const SmsPort *sms, PortOutcome outcome, int64_t times);
void mail_fake_fail(const MailPort *mail, PortOutcome outcome, int64_t times);
void pay_fake_fail(const PayPort *pay, PortOutcome outcome, int64_t times);
/* The customer pays an order that waits at the fake; false when there is none. */
bool pay_fake_pay(const PayPort *pay, Str pay_id, int64_t at);
/* The signature that the fake puts under a notice of its own. */
Str pay_fake_sign(App *app, Arena *a, const PayNotice *notice);
/* AppConfig.demo_codes: the newest messages of the sms and mail fakes as a JSON array [{"to","text","at"}]. */
void ports_demo_codes(App *app, Buf *json);
