/* wallet_notice - what a member hears of his money, by SMS: word of one's own account is service, not marketing, so it
 * asks for no marketing consent. Sent outside any unit under an id of ours. */
#include "base/fen.h"
#include "domain/wallet/wallet_store.h"
#include "event/payment.h"
#include "event/wallet.h"
#include "port/ports.h"

typedef struct Notice {
    int64_t member_id;
    bool is_wanted;
    Str phone;
} Notice;

static Err read_wish(Ctx *c, void *arg) {
    Notice *n = arg;
    WalletSetting setting;
    TRY(setting_get(c, &wallet_setting, &setting));
    if (setting.no_sms) return OK;
    n->is_wanted = true;
    Err err = identity_open(c, n->member_id, IDENTITY_PHONE, &n->phone);
    if (err != E_NOT_FOUND) return err;
    problem_clear(c);
    return OK;
}

static Str moved_text(Ctx *c, const WalletMoved *f, bool is_low) {
    int64_t delta = f->principal_delta_fen + f->gift_delta_fen, left = f->principal_fen + f->gift_fen;
    const char *left_text = fen_text(c->arena, left).at;
    const char *who = f->spender_id != 0 && f->spender_id != f->member_id ? "亲情账户" : "储值";
    if (is_low) return arena_print(c->arena, "储值余额 %s 元，不多了，欢迎到店充值。", left_text);
    return arena_print(c->arena, "%s%s %s 元，余额 %s 元（本金 %s，赠送 %s）。", who, delta >= 0 ? "增加" : "减少",
                       fen_text(c->arena, delta >= 0 ? delta : -delta).at, left_text,
                       fen_text(c->arena, f->principal_fen).at, fen_text(c->arena, f->gift_fen).at);
}

static Err send(Ctx *c, int64_t event_id, const WalletMoved *fact, bool is_low) {
    Notice n = { .member_id = fact->member_id };
    TRY(app_read(c, read_wish, &n));
    if (!n.is_wanted || n.phone.len == 0) return OK;
    Str text = moved_text(c, fact, is_low);
    SmsMessage sms = { .id = arena_print(c->arena, "wallet-%lld", (long long)event_id),
                       .to = n.phone,
                       .template_name = is_low ? S("balance_low") : S("balance"),
                       .text = text,
                       .params = { .items = &text, .count = 1 } };
    PortResult result = c->app->ports->sms.send(c->app->ports->sms.user, c, &sms);
    if (result.outcome != PORT_RETRY) return OK; /* what may have happened is not sent again */
    return fail(c, E_BUSY, "wallet.notice", "短信暂时发不出去", "messages cannot be sent right now");
}

static Err send_moved(Ctx *c, int64_t event_id, const void *payload) { return send(c, event_id, payload, false); }
static Err send_low(Ctx *c, int64_t event_id, const void *payload) { return send(c, event_id, payload, true); }

static Err sent(Ctx *c, int64_t event_id, const void *payload) {
    (void)c, (void)event_id, (void)payload;
    return OK;
}

static bool wants_sms(Ctx *c) {
    WalletSetting setting;
    return setting_get(c, &wallet_setting, &setting) == OK && !setting.no_sms;
}

/* What a recharge waited for has come. */
static Err on_payment_paid(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    const PaymentFact *fact = payload;
    return wallet_recharge_paid(c, fact->order_id);
}

const Handler wallet_handlers[WALLET_HANDLERS] = {
    { .event = &payment_paid, .name = "wallet.on_payment_paid", .run = on_payment_paid },
    { .event = &wallet_moved, .name = "wallet.notice_moved", .run = sent, .prepare = send_moved, .wants = wants_sms },
    { .event = &wallet_low, .name = "wallet.notice_low", .run = sent, .prepare = send_low, .wants = wants_sms },
};
