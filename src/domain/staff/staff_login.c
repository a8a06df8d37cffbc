#include "app/lockout.h"
#include "base/code.h"
#include "domain/staff/staff_store.h"

enum { TOTP_SECRET_LEN = 20, LOGINS_IP_MAX = 100, RECOVERY_MAC_LEN = 16 };

/* ---- log in ----
 * A try is counted in a unit of its own before anything is looked at; then the password is hashed on a worker thread,
 * also for names that do not exist; the unit only judges. So answer and time are the same whoever asks for whom. */

typedef struct LoginPlan {
    StaffSecret secret;
    bool is_found, is_right;
} LoginPlan;

Str staff_lockout_key(Ctx *c, Str login) {
    Str form = staff_login_form(c->arena, login);
    return arena_print(c->arena, "staff\x1f%.*s", (int)form.len, form.at);
}

static Err count_try(Ctx *c, void *arg) {
    const StaffLogin *in = arg;
    if (c->client_ip.len > 0) TRY(budget_take(c, "login.ip", c->client_ip, LOGINS_IP_MAX, (int64_t)10 * MINUTE_MS));
    return lockout_try(c, "staff", staff_lockout_key(c, in->login));
}

Err staff_login_prepare(Ctx *c, const StaffLogin *in) {
    LoginPlan *plan = NEW(c->arena, LoginPlan);
    StaffLogin asked = *in;
    c->plan = plan;
    TRY(app_apart(c, count_try, &asked));
    TRY(staff_secret_by_login(c, staff_login_form(c->arena, in->login), &plan->secret, &plan->is_found));
    if (plan->is_found)
        plan->is_right = password_matches(plan->secret.password_hash, in->password);
    else
        password_hash(c->arena, in->password, c->app->config.is_test);
    return OK;
}

static Str seal_about(Ctx *c, int64_t staff_id) {
    return arena_print(c->arena, "totp/%lld/%lld", (long long)c->merchant_id, (long long)staff_id);
}

static Bytes recovery_mac(Ctx *c, int64_t staff_id, Str code) {
    unsigned char out[MAC_LEN];
    Str text = arena_print(c->arena, "recovery\x1f%lld\x1f%lld\x1f%.*s", (long long)c->merchant_id, (long long)staff_id,
                           (int)code.len, code.at);
    mac(&c->app->keys.lookup, text.at, text.len, out);
    return arena_bytes(c->arena, out, RECOVERY_MAC_LEN);
}

static bool totp_is_right(Ctx *c, int64_t staff_id, Bytes sealed, Str code, int64_t *ret_step) {
    Str secret = { 0 };
    if (!unseal(c->arena, c->app->keys.seal, sealed, seal_about(c, staff_id), &secret)) return false;
    return totp_matches((Bytes){ (const unsigned char *)secret.at, secret.len }, c->now, str_trim(code), ret_step);
}

/* The second factor: a code whose time step was not used before, or one of the recovery codes, once. */
static Err check_second(Ctx *c, const StaffSecret *secret, Str given) {
    int64_t step = 0;
    bool is_taken = false;
    Str code = { 0 };
    if (secret->totp_sealed.len == 0) return OK;
    if (given.len == 0) {
        return fail(c, E_UNKNOWN_WHO, "staff.totp_needed", "请输入动态验证码",
                    "the second factor is needed: give a TOTP code");
    }
    if (totp_is_right(c, secret->staff_id, secret->totp_sealed, given, &step)) {
        TRY(staff_totp_step_take(c, secret->staff_id, step, &is_taken));
        if (is_taken) return OK;
    } else if (code_read(c->arena, given, &code)) {
        TRY(staff_recovery_take(c, secret->staff_id, recovery_mac(c, secret->staff_id, code), &is_taken));
        if (is_taken) return OK;
    }
    return fail(c, E_UNKNOWN_WHO, "staff.totp_wrong", "动态验证码不对或已用过",
                "this TOTP code is wrong or was used already");
}

static Err choose_shop(Ctx *c, const StaffSecret *secret, int64_t wanted, int64_t *ret_shop_id) {
    bool is_scoped = secret->shop_ids.count > 0;
    if (wanted == 0 && secret->shop_ids.count == 1) wanted = secret->shop_ids.items[0];
    if (wanted != 0) TRY(shop_need(c, wanted));
    if (wanted != 0 && is_scoped && !shop_ids_have(&secret->shop_ids, wanted)) {
        return fail(c, E_DENIED, "staff.other_shop", "您不在这家门店工作", "this account does not work in that shop");
    }
    *ret_shop_id = wanted;
    return OK;
}

/* The password was looked at before the unit, and hashing takes its time: behind the lock of the account it must still
 * be the same, or a session would open that a new password has just closed. */
static Err look_again(Ctx *c, const LoginPlan *plan, StaffSecret *ret_now, bool *ret_same) {
    bool is_found = false;
    TRY(staff_login_write(c, plan->secret.staff_id));
    TRY(staff_secret_read(c, plan->secret.staff_id, ret_now, &is_found));
    *ret_same = is_found && str_equal(ret_now->password_hash, plan->secret.password_hash);
    return OK;
}

Err staff_login_run(Ctx *c, const StaffLogin *in, StaffEntered *ret_entered) {
    const LoginPlan *plan = c->plan;
    StaffSecret now = plan->secret, *secret = &now;
    SessionOpen open = { .staff_id = secret->staff_id, .device = in->device };
    SessionGiven given = { 0 };
    bool is_right = plan->is_right;
    if (is_right) TRY(look_again(c, plan, &now, &is_right));
    if (!is_right) {
        return fail(c, E_UNKNOWN_WHO, "staff.login_wrong", "登录名或密码不对", "wrong login name or password");
    }
    if (secret->status != STAFF_ACTIVE) {
        return fail(c, E_DENIED, "staff.not_active", "账号已停用，请联系管理员", "this account is not active");
    }
    TRY(check_second(c, secret, in->totp));
    TRY(choose_shop(c, secret, in->shop_id, &open.shop_id));
    TRY(staff_grants(c, secret->role, &secret->shop_ids, &open.grants));
    TRY(lockout_clear(c, "staff", staff_lockout_key(c, in->login)));
    c->actor = (Actor){ ACTOR_STAFF, secret->staff_id };
    TRY(auth_session_open(c, &open, &given));
    auth_cookie(c, given.token, given.expires_at);
    *ret_entered = (StaffEntered){ .token = given.token, .expires_at = given.expires_at, .shop_id = open.shop_id };
    TRY(staff_get(c, secret->staff_id, &ret_entered->staff));
    return audit(c, &(AuditNote){ .action = "staff.login", .subject = "staff", .subject_id = secret->staff_id });
}

/* ---- second factor: enrol, confirm, disable ---- */

static Err secret_of(Ctx *c, int64_t staff_id, StaffSecret *ret_secret) {
    bool is_found = false;
    TRY(staff_secret_read(c, staff_id, ret_secret, &is_found));
    return is_found ? OK : fail(c, E_NOT_FOUND, "staff.not_found", "没有这个员工账号", "no such staff account");
}

Err staff_totp_enrol(Ctx *c, int64_t staff_id, TotpEnrol *ret_enrol) {
    StaffSecret secret = { 0 };
    unsigned char raw[TOTP_SECRET_LEN];
    TRY(secret_of(c, staff_id, &secret));
    if (secret.totp_sealed.len > 0) {
        return fail(c, E_CONFLICT, "staff.totp_on", "动态验证码已开启，请先关闭",
                    "the second factor is on already; switch it off first");
    }
    rng_bytes(c->rng, raw, TOTP_SECRET_LEN);
    Str text = arena_str(c->arena, (Str){ (const char *)raw, TOTP_SECRET_LEN });
    Bytes pending = seal(c->arena, c->rng, c->app->keys.seal, text, seal_about(c, staff_id));
    ret_enrol->secret = totp_secret_base32(c->arena, (Bytes){ (const unsigned char *)text.at, text.len });
    ret_enrol->url = arena_print(c->arena, "otpauth://totp/laoke:%.*s?secret=%.*s&issuer=laoke", (int)secret.login.len,
                                 secret.login.at, (int)ret_enrol->secret.len, ret_enrol->secret.at);
    return staff_totp_write(c, staff_id, (Bytes){ 0 }, pending);
}

Err staff_totp_confirm(Ctx *c, int64_t staff_id, Str code, StrList *ret_recovery) {
    StaffSecret secret = { 0 };
    int64_t step = 0;
    bool is_taken = false;
    TRY(secret_of(c, staff_id, &secret));
    bool is_right = secret.totp_pending.len > 0 && totp_is_right(c, staff_id, secret.totp_pending, code, &step);
    if (is_right) TRY(staff_totp_step_take(c, staff_id, step, &is_taken));
    if (!is_taken) {
        return fail(c, E_INVALID, "staff.totp_unconfirmed", "验证码不对，请重新扫码",
                    "this code does not fit; scan again");
    }
    TRY(staff_totp_write(c, staff_id, secret.totp_pending, (Bytes){ 0 }));
    TRY(staff_recovery_clear(c, staff_id));
    ret_recovery->items = NEW_LIST(c->arena, Str, STAFF_RECOVERY_CODES);
    ret_recovery->count = 0;
    for (int i = 0; i < STAFF_RECOVERY_CODES; i++) {
        Str one = code_new(c->arena, c->rng);
        TRY(staff_recovery_insert(c, staff_id, recovery_mac(c, staff_id, one)));
        ret_recovery->items[ret_recovery->count++] = code_show(c->arena, one);
    }
    return audit(c, &(AuditNote){ .action = "staff.totp_on", .subject = "staff", .subject_id = staff_id });
}

Err staff_totp_disable(Ctx *c, int64_t staff_id) {
    TRY(staff_totp_write(c, staff_id, (Bytes){ 0 }, (Bytes){ 0 }));
    TRY(staff_recovery_clear(c, staff_id));
    return audit(c, &(AuditNote){ .action = "staff.totp_off", .subject = "staff", .subject_id = staff_id });
}
