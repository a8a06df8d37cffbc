/* wallet_proof - that the member is there: a PIN only he knows, the short code his phone shows now, or a token that it
 * signed. */
#include "app/lockout.h"
#include "domain/wallet/wallet_device.h"

/* Wrong ones per ten minutes; right ones are not counted: many tills, or a whole chain's, stand behind one address. */
enum { PIN_LEN = 6, WRONG_IP_MAX = 300 };

static Str lockout_key(Ctx *c, int64_t member_id) { return arena_print(c->arena, "wallet %lld", (long long)member_id); }

static Err count_try(Ctx *c, void *arg) {
    const int64_t *member_id = arg;
    if (c->client_ip.len > 0) TRY(budget_look(c, "wallet.ip", c->client_ip, WRONG_IP_MAX));
    return lockout_try(c, "wallet.proof", lockout_key(c, *member_id));
}

static Err count_wrong(Ctx *c, void *arg) {
    (void)arg;
    return c->client_ip.len > 0 ? budget_count(c, "wallet.ip", c->client_ip, (int64_t)10 * MINUTE_MS) : OK;
}

static Err clear_tries(Ctx *c, void *arg) {
    const int64_t *member_id = arg;
    return lockout_clear(c, "wallet.proof", lockout_key(c, *member_id));
}

/* A code is judged by a glance, and is good for a minute: what is right costs no unit of its own. What is wrong is
 * counted after it was judged, so a burst may guess a few times more. */
static Err look_at_tries(Ctx *c, WalletProven *proven) {
    if (c->client_ip.len > 0) TRY(budget_look(c, "wallet.ip", c->client_ip, WRONG_IP_MAX));
    return lockout_look(c, "wallet.proof", lockout_key(c, proven->member_id), &proven->tries);
}

static Err code_is_right(Ctx *c, int64_t member_id, Str code, bool *ret_right) {
    MemberCard card = { 0 };
    Err err = member_lookup(c, &(MemberLookup){ .code = code }, &card);
    if (err != OK && err != E_NOT_FOUND) return err;
    problem_clear(c);
    *ret_right = err == OK && card.member_id == member_id;
    return OK;
}

/* Used up by its nonce: the same token is not taken again, however often it is shown. */
static Err token_is_right(Ctx *c, int64_t member_id, Str text, WalletProven *proven) {
    WalletToken token;
    TRY(wallet_token_prove(c, member_id, text, &token));
    proven->code = arena_print(c->arena, "t%lld.%s", (long long)token.certificate.device_id,
                               arena_hex(c->arena, (Bytes){ token.nonce, TOKEN_NONCE_LEN }).at);
    return OK;
}

static Err pin_is_right(Ctx *c, int64_t member_id, Str pin, WalletProven *proven, bool *ret_right) {
    WalletMember member;
    TRY(wallet_member_read(c, member_id, &member));
    if (member.pin_hash.len == 0)
        return fail(c, E_CONFLICT, "wallet.pin_none", "会员还没有设置支付密码，请出示会员码",
                    "this member has no PIN yet: show the member code");
    *ret_right = password_matches(member.pin_hash, pin);
    proven->pin_hash = member.pin_hash;
    return OK;
}

Err wallet_prove(Ctx *c, int64_t member_id, const WalletProof *proof, const WalletProven **ret_proven) {
    WalletProven *proven = NEW(c->arena, WalletProven);
    bool is_right = false;
    int64_t who = member_id;
    proven->member_id = member_id;
    *ret_proven = proven;
    if (proof->code.len == 0 && proof->pin.len == 0)
        return fail(c, E_INVALID, "wallet.proof_missing", "请会员出示会员码或输入支付密码",
                    "the member shows the code or types the PIN");
    bool is_counted = db_in_unit(c); /* prepared again inside the unit: the tries before were counted */
    bool is_code = proof->code.len > 0;
    if (!is_counted) TRY(is_code ? look_at_tries(c, proven) : app_apart(c, count_try, &who));
    if (wallet_token_is(proof->code)) {
        TRY(token_is_right(c, member_id, proof->code, proven));
        is_right = true;
    } else if (is_code) {
        proven->code = str_trim(proof->code);
        TRY(code_is_right(c, member_id, proven->code, &is_right));
    } else {
        TRY(pin_is_right(c, member_id, proof->pin, proven, &is_right));
    }
    if (is_right) return is_counted || is_code ? OK : app_apart(c, clear_tries, &who);
    if (!is_counted && is_code) TRY(app_apart(c, count_try, &who));
    if (!is_counted) TRY(app_apart(c, count_wrong, NULL));
    return fail(c, E_DENIED, "wallet.proof_wrong", "会员码或支付密码不对", "the code or the PIN is wrong");
}

Err wallet_proof_use(Ctx *c, const WalletProven *proven) {
    bool is_new = false;
    if (proven->code.len > 0) {
        if (proven->tries > 0) TRY(lockout_clear(c, "wallet.proof", lockout_key(c, proven->member_id)));
        TRY(wallet_code_use(c, proven->member_id, proven->code, &is_new));
        return is_new ? OK
                      : fail(c, E_CONFLICT, "wallet.code_used", "这个会员码已用过，请会员刷新",
                             "this code was used before: refresh it");
    }
    WalletMember member;
    TRY(wallet_member_read(c, proven->member_id, &member));
    if (str_equal(member.pin_hash, proven->pin_hash)) return OK;
    return fail(c, E_DENIED, "wallet.proof_wrong", "会员码或支付密码不对", "the code or the PIN is wrong");
}

Err wallet_pin_check(Ctx *c, Str pin) {
    bool is_digits = pin.len == PIN_LEN, is_same = true, is_run = true;
    for (int64_t i = 0; i < pin.len && is_digits; i++) {
        is_digits = pin.at[i] >= '0' && pin.at[i] <= '9';
        is_same = is_same && pin.at[i] == pin.at[0];
        is_run = is_run && (pin.at[i] - pin.at[0] == i || pin.at[0] - pin.at[i] == i);
    }
    if (is_digits && !is_same && !is_run) return OK;
    return fail(c, E_INVALID, "wallet.pin_weak", "支付密码是 6 位数字，不能全相同或连号",
                "a PIN has 6 digits, not all the same nor in a row");
}
