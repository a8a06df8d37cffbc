#include "domain/staff/staff_api.h"

/* ---- first owner ---- */

typedef struct SetupState {
    bool is_open;
} SetupState;
static const Field setup_state_field[] = { FIELD(SetupState, is_open, .about = "nobody has an account yet") };
const Fields staff_setup_state_fields = FIELDS(SetupState, setup_state_field);

typedef struct Setup {
    Str login, password, name, shop_name;
} Setup;
static const Field setup_field[] = {
    FIELD(Setup, login, .need = true, .max = 60),
    FIELD(Setup, password, .need = true, .max = STAFF_PASSWORD_MAX, .is_secret = true),
    FIELD(Setup, name, .max = 60, .is_personal = true),
    FIELD(Setup, shop_name, .max = 60, .about = "the first shop; empty = none yet"),
};
const Fields staff_setup_fields = FIELDS(Setup, setup_field);

Err staff_get_setup(Ctx *c, const void *body, void *ret) {
    (void)body;
    SetupState *out = ret;
    return staff_is_empty(c, &out->is_open);
}

static Err need_empty(Ctx *c) {
    bool is_empty = false;
    TRY(staff_is_empty(c, &is_empty));
    return is_empty ? OK
                    : fail(c, E_DENIED, "setup.done", "系统已完成初始化，请直接登录", "set-up has been done; log in");
}

Err staff_prepare_setup(Ctx *c, const void *body) {
    const Setup *in = body;
    Str *hash = NEW(c->arena, Str);
    TRY(need_empty(c));
    TRY(staff_password_check(c, in->password, staff_login_form(c->arena, in->login)));
    *hash = password_hash(c->arena, in->password, c->app->config.is_test);
    c->plan = hash;
    return OK;
}

/* Asked again in the unit, behind a lock: of two who race, one becomes the owner. */
Err staff_post_setup(Ctx *c, const void *body, void *ret) {
    const Setup *in = body;
    Staff staff = { 0 };
    StaffEntered *out = ret;
    SessionGiven given = { 0 };
    TRY(staff_setup_lock(c));
    TRY(need_empty(c));
    c->auth = NULL; /* nobody is there yet who could lend the owner his permissions */
    TRY(staff_create(c,
                     &(StaffNew){ .login = in->login,
                                  .name = in->name.len > 0 ? in->name : in->login,
                                  .role = S("owner"),
                                  .password_hash = *(const Str *)c->plan },
                     &staff));
    if (in->shop_name.len > 0) {
        Shop shop = { 0 };
        TRY(shop_create(c, &(Shop){ .name = in->shop_name, .code = S("S01"), .till_count = 1 }, &shop));
        out->shop_id = shop.shop_id;
    }
    c->actor = (Actor){ ACTOR_STAFF, staff.staff_id };
    TRY(auth_session_open(
        c, &(SessionOpen){ .staff_id = staff.staff_id, .shop_id = out->shop_id, .grants.may_all = true }, &given));
    auth_cookie(c, given.token, given.expires_at);
    out->staff = staff;
    out->token = given.token;
    out->expires_at = given.expires_at;
    return OK;
}

/* ---- log in ---- */

static const Field login_field[] = {
    FIELD(StaffLogin, login, .need = true, .max = 60),
    FIELD(StaffLogin, password, .need = true, .max = STAFF_PASSWORD_MAX, .is_secret = true),
    FIELD(StaffLogin, totp, .max = 24, .is_secret = true, .about = "TOTP code or a recovery code, where it is on"),
    FIELD_ID(StaffLogin, shop_id, .about = "the shop to stand in"),
    FIELD(StaffLogin, device, .max = 120),
};
const Fields staff_login_fields = FIELDS(StaffLogin, login_field);

static const Field entered_field[] = {
    FIELD(StaffEntered, token, .is_secret = true),
    FIELD(StaffEntered, expires_at),
    FIELD_OBJECT(StaffEntered, staff, staff_fields),
    FIELD_ID(StaffEntered, shop_id),
};
const Fields staff_entered_fields = FIELDS(StaffEntered, entered_field);

Err staff_prepare_login(Ctx *c, const void *body) { return staff_login_prepare(c, body); }
Err staff_post_login(Ctx *c, const void *body, void *ret) { return staff_login_run(c, body, ret); }

Err staff_post_logout(Ctx *c, const void *body, void *ret) {
    (void)body, (void)ret;
    auth_cookie(c, (Str){ 0 }, 0);
    return auth_session_close(c, c->auth->session_id, c->auth->staff_id, 0);
}

/* ---- own account ---- */

typedef struct Account {
    Staff staff;
    int64_t shop_id;
    bool may_all;
    StrList permissions;
} Account;
static const Field account_field[] = {
    FIELD_OBJECT(Account, staff, staff_fields),
    FIELD_ID(Account, shop_id),
    FIELD(Account, may_all),
    FIELD(Account, permissions, .about = "every permission this account has"),
};
const Fields staff_account_fields = FIELDS(Account, account_field);

Err staff_get_account(Ctx *c, const void *body, void *ret) {
    (void)body;
    Account *out = ret;
    TRY(staff_get(c, c->auth->staff_id, &out->staff));
    out->shop_id = c->shop_id;
    out->may_all = c->auth->may_all;
    out->permissions = c->auth->may_all ? auth_permissions(c) : c->auth->permissions;
    return OK;
}

typedef struct OwnPassword {
    Str old_password, password;
} OwnPassword;
static const Field own_password_field[] = {
    FIELD(OwnPassword, old_password, .need = true, .max = STAFF_PASSWORD_MAX, .is_secret = true),
    FIELD(OwnPassword, password, .need = true, .max = STAFF_PASSWORD_MAX, .is_secret = true),
};
const Fields staff_own_password_fields = FIELDS(OwnPassword, own_password_field);

typedef struct PasswordPlan {
    bool is_right;
    Str old_hash, hash;
} PasswordPlan;

/* Guessing the old password in an open session is a try like any other. */
static Err count_own(Ctx *c, void *arg) {
    (void)arg;
    return budget_take(c, "staff.own_password", arena_print(c->arena, "%lld", (long long)c->auth->staff_id), 10,
                       HOUR_MS);
}

static Err own_password(Ctx *c, Str given, PasswordPlan *ret_plan) {
    StaffSecret secret = { 0 };
    bool is_found = false;
    TRY(app_apart(c, count_own, NULL));
    TRY(staff_secret_read(c, c->auth->staff_id, &secret, &is_found));
    ret_plan->old_hash = secret.password_hash;
    ret_plan->is_right = is_found && password_matches(secret.password_hash, given);
    return OK;
}

Err staff_prepare_own_password(Ctx *c, const void *body) {
    const OwnPassword *in = body;
    PasswordPlan *plan = NEW(c->arena, PasswordPlan);
    TRY(staff_password_check(c, in->password, (Str){ 0 }));
    TRY(own_password(c, in->old_password, plan));
    plan->hash = password_hash(c->arena, in->password, c->app->config.is_test);
    c->plan = plan;
    return OK;
}

static Err refuse_password(Ctx *c) {
    return fail(c, E_DENIED, "staff.password_wrong", "原密码不对", "the password is wrong");
}

Err staff_put_own_password(Ctx *c, const void *body, void *ret) {
    (void)body, (void)ret;
    const PasswordPlan *plan = c->plan;
    bool is_replaced = false;
    if (plan->is_right) TRY(staff_password_replace(c, c->auth->staff_id, plan->old_hash, plan->hash, &is_replaced));
    if (!is_replaced) return refuse_password(c);
    TRY(auth_sessions_close(c, c->auth->staff_id, 0, c->auth->session_id));
    return audit(c, &(AuditNote){ .action = "staff.password", .subject = "staff", .subject_id = c->auth->staff_id });
}

typedef struct OwnShop {
    int64_t shop_id;
} OwnShop;
static const Field own_shop_field[] = { FIELD_ID(OwnShop, shop_id, .need = true) };
const Fields staff_own_shop_fields = FIELDS(OwnShop, own_shop_field);

Err staff_put_own_shop(Ctx *c, const void *body, void *ret) {
    const OwnShop *in = body;
    SessionGiven *out = ret;
    TRY(shop_need(c, in->shop_id));
    TRY(auth_need_shop(c, in->shop_id));
    TRY(auth_session_rotate(c, in->shop_id, out));
    auth_cookie(c, out->token, out->expires_at);
    return OK;
}

/* ---- second factor ---- */

static const Field enrol_field[] = {
    FIELD(TotpEnrol, secret, .is_secret = true),
    FIELD(TotpEnrol, url, .is_secret = true, .about = "for the QR code"),
};
const Fields staff_totp_enrol_fields = FIELDS(TotpEnrol, enrol_field);

typedef struct TotpCode {
    Str code;
} TotpCode;
static const Field totp_code_field[] = { FIELD(TotpCode, code, .need = true, .max = 12, .is_secret = true) };
const Fields staff_totp_code_fields = FIELDS(TotpCode, totp_code_field);

typedef struct Recovery {
    StrList codes;
} Recovery;
static const Field recovery_field[] = { FIELD(Recovery, codes, .is_secret = true,
                                              .about = "shown once; each works once") };
const Fields staff_recovery_fields = FIELDS(Recovery, recovery_field);

typedef struct TotpOff {
    Str password;
} TotpOff;
static const Field totp_off_field[] = {
    FIELD(TotpOff, password, .need = true, .max = STAFF_PASSWORD_MAX, .is_secret = true),
};
const Fields staff_totp_off_fields = FIELDS(TotpOff, totp_off_field);

Err staff_post_totp(Ctx *c, const void *body, void *ret) {
    (void)body;
    return staff_totp_enrol(c, c->auth->staff_id, ret);
}

Err staff_post_totp_confirm(Ctx *c, const void *body, void *ret) {
    const TotpCode *in = body;
    Recovery *out = ret;
    return staff_totp_confirm(c, c->auth->staff_id, in->code, &out->codes);
}

Err staff_prepare_totp_off(Ctx *c, const void *body) {
    const TotpOff *in = body;
    PasswordPlan *plan = NEW(c->arena, PasswordPlan);
    c->plan = plan;
    return own_password(c, in->password, plan);
}

Err staff_post_totp_off(Ctx *c, const void *body, void *ret) {
    (void)body, (void)ret;
    const PasswordPlan *plan = c->plan;
    if (!plan->is_right) return refuse_password(c);
    return staff_totp_disable(c, c->auth->staff_id);
}

/* ---- sessions ---- */

typedef struct SessionRef {
    int64_t session_id;
} SessionRef;
static const Field session_ref_field[] = { FIELD_ID(SessionRef, session_id, .need = true) };
const Fields staff_session_ref_fields = FIELDS(SessionRef, session_ref_field);

static const Field session_page_field[] = {
    FIELD_LIST(StaffSessionPage, items, session_line_fields),
    FIELD(StaffSessionPage, next_cursor),
};
const Fields staff_session_page_fields = FIELDS(StaffSessionPage, session_page_field);

Err staff_get_own_sessions(Ctx *c, const void *body, void *ret) {
    (void)body;
    StaffSessionPage *out = ret;
    return auth_session_list(c, c->auth->staff_id, 0, &out->items);
}

Err staff_delete_own_session(Ctx *c, const void *body, void *ret) {
    (void)ret;
    const SessionRef *in = body;
    return auth_session_close(c, in->session_id, c->auth->staff_id, 0);
}
