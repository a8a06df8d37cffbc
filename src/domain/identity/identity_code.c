#include "domain/identity/identity_api.h"
#include "domain/identity/identity_store.h"
#include "port/ports.h"

const char *const code_purpose_names[] = { "login", "change_phone", "reset_password", "bind", NULL };

enum { CODE_TRIES_IP_MAX = 60 };
#define CODE_TRIES_IP_MS ((int64_t)10 * 60 * 1000)

static Bytes code_mac(Ctx *c, CodePurpose purpose, Bytes target, Str code) {
    unsigned char out[MAC_LEN];
    Str text =
        arena_print(c->arena, "%s\x1f%.*s\x1f%.*s", code_purpose_names[purpose], (int)arena_hex(c->arena, target).len,
                    arena_hex(c->arena, target).at, (int)code.len, code.at);
    mac(&c->app->keys.lookup, text.at, text.len, out);
    return arena_bytes(c->arena, out, IDENTITY_MAC_LEN);
}

static Err target_of(Ctx *c, IdentityKind kind, Str to, IdentityValue *ret_norm, Bytes *ret_target) {
    TRY(identity_normalise(c, &(IdentityValue){ .kind = kind, .value = to }, ret_norm));
    *ret_target = identity_mac(c, ret_norm);
    return OK;
}

/* ---- sending ---- */

typedef struct Sending {
    const CodeSend *send;
    IdentityValue to;
    Bytes target;
    Str code;
    PortResult result;
} Sending;

/* All budgets and the code in one unit: a refusal by one budget takes nothing from the others. */
static Err keep_code(Ctx *c, void *arg) {
    Sending *s = arg;
    IdentitySetting setting = { 0 };
    TRY(setting_get(c, &identity_setting, &setting));
    TRY(budget_take(c, "code.wait", s->to.value, 1, setting.code_wait_s * 1000));
    TRY(budget_take(c, "code.day", s->to.value, setting.codes_a_day, DAY_MS));
    if (c->client_ip.len > 0) TRY(budget_take(c, "code.ip", c->client_ip, setting.codes_an_hour_ip, HOUR_MS));
    Str device = s->send->device.len > 0 ? s->send->device : c->device;
    if (device.len > 0) TRY(budget_take(c, "code.device", device, setting.codes_a_day_device, DAY_MS));
    return identity_code_put(c, s->send->purpose, s->target, code_mac(c, s->send->purpose, s->target, s->code),
                             c->now + CODE_LIFE_MS);
}

static Str code_text(Ctx *c, Str code) {
    return arena_print(c->arena,
                       c->lang == LANG_EN ? "Your code is %.*s. It is valid for 5 minutes; tell it to nobody."
                                          : "验证码 %.*s，5 分钟内有效，请勿告诉他人。",
                       (int)code.len, code.at);
}

static void send_now(Ctx *c, void *arg) {
    Sending *s = arg;
    Str id = arena_print(c->arena, "code-%lld-%.*s", (long long)c->now, (int)arena_hex(c->arena, s->target).len,
                         arena_hex(c->arena, s->target).at);
    if (s->to.kind == IDENTITY_EMAIL) {
        MailMessage mail = { .id = id,
                             .to = s->to.value,
                             .subject = c->lang == LANG_EN ? S("Your code") : S("验证码"),
                             .text = code_text(c, s->code) };
        s->result = c->app->ports->mail.send(c->app->ports->mail.user, c, &mail);
        return;
    }
    SmsMessage sms = { .id = id,
                       .to = s->to.value,
                       .template_name = S("code"),
                       .text = code_text(c, s->code),
                       .params = { .items = &s->code, .count = 1 } };
    s->result = c->app->ports->sms.send(c->app->ports->sms.user, c, &sms);
}

static Err answer_of(Ctx *c, const Sending *s) {
    switch (s->result.outcome) {
    case PORT_OK:
    case PORT_DUP:
    case PORT_UNKNOWN:
        return OK; /* unknown: it may arrive, and asking again is free */
    case PORT_REJECTED:
        return fail(c, E_INVALID, "code.rejected", "号码无法接收验证码", "codes cannot be sent to this address");
    case PORT_RETRY:
    case PORT_CONFIG:
        break;
    }
    log_line(c, "error", "code.unsent", "outcome=%s", port_outcome_names[s->result.outcome]);
    c->problem.retry_after_s = 60;
    return fail(c, E_BUSY, "code.unavailable", "验证码暂时发不出去，请稍后再试",
                "codes cannot be sent right now, try again later");
}

Err code_send(Ctx *c, const CodeSend *send) {
    Sending s = { .send = send };
    TRY(target_of(c, send->kind, send->to, &s.to, &s.target));
    s.code = arena_print(c->arena, "%0*lld", CODE_DIGITS, (long long)rng_below(c->rng, 1000000));
    TRY(app_apart(c, keep_code, &s));
    TRY(app_outside(c, send_now, &s));
    return answer_of(c, &s);
}

/* ---- proving ---- */

typedef struct Trying {
    const CodeProof *proof;
    Bytes target, kept;
    bool is_found;
} Trying;

static Err take_try(Ctx *c, void *arg) {
    Trying *t = arg;
    if (c->client_ip.len > 0) TRY(budget_take(c, "code.try_ip", c->client_ip, CODE_TRIES_IP_MAX, CODE_TRIES_IP_MS));
    return identity_code_take(c, t->proof->purpose, t->target, &t->kept, &t->is_found);
}

Err code_try(Ctx *c, const CodeProof *proof) {
    Trying t = { .proof = proof };
    IdentityValue norm;
    TRY(target_of(c, proof->kind, proof->to, &norm, &t.target));
    TRY(app_apart(c, take_try, &t));
    Bytes given = code_mac(c, proof->purpose, t.target, str_trim(proof->code));
    bool is_right = t.is_found && t.kept.len == given.len && crypto_same(t.kept.at, given.at, given.len);
    if (is_right) return OK;
    return fail(c, E_INVALID, "code.wrong", "验证码不对或已过期", "the code is wrong or has expired");
}

Err code_use(Ctx *c, const CodeProof *proof) {
    IdentityValue norm;
    Bytes target;
    bool is_used = false;
    TRY(target_of(c, proof->kind, proof->to, &norm, &target));
    TRY(identity_code_use(c, proof->purpose, target, code_mac(c, proof->purpose, target, str_trim(proof->code)),
                          &is_used));
    return is_used ? OK : fail(c, E_CONFLICT, "code.used_up", "验证码已被使用", "the code has been used already");
}
