#include "app/auth.h"
#include "app/lockout.h"
#include "base/code.h"
#include "base/text.h"
#include "domain/member/member_api.h"

enum { PASSWORD_MIN = 8, PASSWORD_MAX = 128 };

static const Field given_field[] = {
    FIELD_ENUM(ConsentGiven, purpose, consent_purpose_names),
    FIELD(ConsentGiven, version),
};
const Fields consent_given_fields = FIELDS(ConsentGiven, given_field);

static const Field enter_field[] = {
    FIELD(MemberEnter, phone, .max = 32, .is_personal = true),
    FIELD(MemberEnter, email, .max = 254, .is_personal = true, .about = "instead of phone"),
    FIELD(MemberEnter, code, .need = true, .max = 12, .is_secret = true, .about = "one-time code, purpose login"),
    FIELD(MemberEnter, name, .max = MEMBER_NAME_MAX, .is_personal = true),
    FIELD(MemberEnter, password, .max = PASSWORD_MAX, .is_secret = true),
    FIELD_ENUM(MemberEnter, gender, member_gender_names),
    FIELD_OBJECT(MemberEnter, birthday, birthday_fields, .is_personal = true),
    FIELD(MemberEnter, region, .max = 80),
    FIELD(MemberEnter, channel, .max = 40, .about = "where the member came from"),
    FIELD(MemberEnter, inviter_no, .max = 20, .about = "member number of the inviter"),
    FIELD(MemberEnter, card, .max = 64, .about = "number of an old card to take over"),
    FIELD_ID(MemberEnter, shop_id),
    FIELD(MemberEnter, device, .max = 120),
    FIELD_LIST(MemberEnter, consents, consent_given_fields, .max = 20),
};
const Fields member_enter_fields = FIELDS(MemberEnter, enter_field);

static const Field entered_field[] = {
    FIELD_ID(MemberEntered, member_id), FIELD(MemberEntered, member_no),
    FIELD(MemberEntered, is_new),       FIELD(MemberEntered, token, .is_secret = true),
    FIELD(MemberEntered, expires_at),
};
const Fields member_entered_fields = FIELDS(MemberEntered, entered_field);

static const Field login_field[] = {
    FIELD(MemberLogin, phone, .max = 32, .is_personal = true),
    FIELD(MemberLogin, email, .max = 254, .is_personal = true),
    FIELD(MemberLogin, member_no, .max = 20),
    FIELD(MemberLogin, code, .max = 12, .is_secret = true, .about = "one-time code, or a password"),
    FIELD(MemberLogin, password, .max = PASSWORD_MAX, .is_secret = true),
    FIELD(MemberLogin, device, .max = 120),
};
const Fields member_login_fields = FIELDS(MemberLogin, login_field);

static const Field reset_field[] = {
    FIELD(MemberReset, phone, .max = 32, .is_personal = true),
    FIELD(MemberReset, email, .max = 254, .is_personal = true),
    FIELD(MemberReset, code, .need = true, .max = 12, .is_secret = true, .about = "purpose reset_password"),
    FIELD(MemberReset, password, .need = true, .max = PASSWORD_MAX, .is_secret = true),
};
const Fields member_reset_fields = FIELDS(MemberReset, reset_field);

static const Field password_field[] = {
    FIELD(PasswordPut, old_password, .max = PASSWORD_MAX, .is_secret = true, .about = "empty when there was none"),
    FIELD(PasswordPut, password, .need = true, .max = PASSWORD_MAX, .is_secret = true),
};
const Fields password_put_fields = FIELDS(PasswordPut, password_field);

static const Field dynamic_code_field[] = {
    FIELD(DynamicCode, code, .is_secret = true, .about = "16 digits for the till's scanner"),
    FIELD(DynamicCode, expires_in_ms),
};
const Fields dynamic_code_fields = FIELDS(DynamicCode, dynamic_code_field);

static const Field card_claim_field[] = { FIELD(CardClaim, card, .need = true, .max = 64) };
const Fields card_claim_fields = FIELDS(CardClaim, card_claim_field);

static const Field erase_confirm_field[] = {
    FIELD(EraseConfirm, member_no, .need = true, .max = 20, .about = "own member number, to be sure"),
};
const Fields erase_confirm_fields = FIELDS(EraseConfirm, erase_confirm_field);

static const Field session_ref_field[] = { FIELD_ID(SessionRef, session_id, .need = true) };
const Fields session_ref_fields = FIELDS(SessionRef, session_ref_field);

typedef struct SessionPage {
    SessionLines items;
    Str next_cursor;
} SessionPage;
static const Field session_page_field[] = {
    FIELD_LIST(SessionPage, items, session_line_fields),
    FIELD(SessionPage, next_cursor),
};
const Fields session_page_fields = FIELDS(SessionPage, session_page_field);

/* ---- shared ---- */

static Err check_password(Ctx *c, Str password) {
    if (str_chars(password) >= PASSWORD_MIN) return OK;
    return fail(c, E_INVALID, "member.password_short", "密码至少 %lld 个字符",
                "a password has at least %lld characters", (long long)PASSWORD_MIN);
}

static CodeProof proof_of(Str phone, Str email, Str code, CodePurpose purpose) {
    bool is_mail = phone.len == 0;
    return (CodeProof){ .kind = is_mail ? IDENTITY_EMAIL : IDENTITY_PHONE,
                        .to = is_mail ? email : phone,
                        .code = code,
                        .purpose = purpose };
}

static Err open_session(Ctx *c, int64_t member_id, Str member_no, bool is_new, Str device, MemberEntered *ret_entered) {
    MemberSetting setting = { 0 };
    SessionGiven given = { 0 };
    TRY(setting_get(c, &member_setting, &setting));
    TRY(auth_session_open(
        c, &(SessionOpen){ .member_id = member_id, .device = device, .lasts_ms = setting.session_days * DAY_MS },
        &given));
    auth_cookie(c, given.token, given.expires_at);
    *ret_entered = (MemberEntered){ .member_id = member_id,
                                    .member_no = member_no,
                                    .is_new = is_new,
                                    .token = given.token,
                                    .expires_at = given.expires_at };
    return OK;
}

/* ---- join (public): phone or e-mail with its code; an old member is recognised, nobody is made twice ---- */

Err member_prepare_enter(Ctx *c, const void *body) {
    const MemberEnter *in = body;
    CodeProof proof = proof_of(in->phone, in->email, in->code, CODE_LOGIN);
    if (in->password.len > 0) TRY(check_password(c, in->password));
    TRY(code_try(c, &proof));
    if (in->password.len == 0) return OK;
    Str *hash = NEW(c->arena, Str);
    *hash = password_hash(c->arena, in->password, c->app->config.is_test);
    c->plan = hash;
    return OK;
}

static Err inviter_of(Ctx *c, Str inviter_no, int64_t *ret_inviter_id) {
    MemberCard card = { 0 };
    if (inviter_no.len == 0) return OK;
    TRY(member_lookup(c, &(MemberLookup){ .member_no = inviter_no }, &card));
    *ret_inviter_id = card.member_id;
    return OK;
}

/* The number of an old card is no proof: it is taken over when its owner has this very phone, or when the shop allows
 * it by number and nobody's phone is bound to it yet. */
static Err may_claim(Ctx *c, Str card_no, int64_t member_id, int64_t *ret_owner_id) {
    MemberSetting setting = { 0 };
    IdentityValue value = { .kind = IDENTITY_CARD, .value = card_no };
    Str phone = { 0 };
    TRY(setting_get(c, &member_setting, &setting));
    TRY(identity_find(c, &value, ret_owner_id));
    if (*ret_owner_id == 0 || *ret_owner_id == member_id) return OK;
    TRY(identity_phone_mask(c, *ret_owner_id, &phone));
    if (setting.card_claim_by_number && phone.len == 0) return OK;
    return fail(c, E_DENIED, "member.claim_in_shop", "请带上实体卡到门店由店员绑定",
                "bring the card to a shop; staff will bind it");
}

Err member_post_enter(Ctx *c, const void *body, void *ret) {
    const MemberEnter *in = body;
    CodeProof proof = proof_of(in->phone, in->email, in->code, CODE_LOGIN);
    MemberJoined joined = { 0 };
    int64_t known_id = 0, owner_id = 0;
    MemberJoin join = { .is_proven = true,
                        .name = in->name,
                        .gender = in->gender,
                        .birthday = in->birthday,
                        .region = in->region,
                        .shop_id = in->shop_id,
                        .channel = in->channel.len > 0 ? in->channel : S("h5") };
    join.identities[join.identity_count++] = (IdentityValue){ .kind = proof.kind, .value = proof.to };
    TRY(code_use(c, &proof));
    TRY(inviter_of(c, in->inviter_no, &join.inviter_id));
    if (in->card.len > 0) {
        TRY(identity_find(c, &join.identities[0], &known_id));
        TRY(may_claim(c, in->card, known_id, &owner_id));
        join.identities[join.identity_count++] = (IdentityValue){ .kind = IDENTITY_CARD, .value = in->card };
    }
    TRY(member_join(c, &join, &joined));
    for (int64_t i = 0; i < in->consents.count; i++) {
        TRY(consent_put(c, &(ConsentChange){ .member_id = joined.member_id,
                                             .purpose = in->consents.items[i].purpose,
                                             .version = in->consents.items[i].version,
                                             .is_granted = true,
                                             .channel = join.channel }));
    }
    if (c->plan != NULL) TRY(member_password_put(c, joined.member_id, *(const Str *)c->plan));
    return open_session(c, joined.member_id, joined.member_no, joined.is_new, in->device, ret);
}

/* ---- log in: code, or password ---- */

typedef struct LoginPlan {
    MemberCard card;
    bool is_found, is_right;
    Str hash;                             /* the password that was looked at */
} LoginPlan;

/* One name however it is spelled: whoever guesses must not begin anew with every blank he puts into a number. */
static Str lockout_key(Ctx *c, const MemberLogin *in) {
    Str who = in->phone.len > 0 ? in->phone : in->email.len > 0 ? in->email : in->member_no, form = { 0 };
    bool is_good = in->phone.len > 0   ? text_phone(c->arena, in->phone, &form)
                   : in->email.len > 0 ? text_email(c->arena, in->email, &form)
                                       : number_code_read(c->arena, in->member_no, &form);
    if (!is_good) form = str_trim(who);
    return arena_print(c->arena, "member\x1f%.*s", (int)form.len, form.at);
}

static Err count_try(Ctx *c, void *arg) {
    const MemberLogin *in = arg;
    if (c->client_ip.len > 0) TRY(budget_take(c, "login.ip", c->client_ip, 100, (int64_t)10 * MINUTE_MS));
    return lockout_try(c, "member", lockout_key(c, in));
}

static Err find_any(Ctx *c, const MemberLogin *in, LoginPlan *plan) {
    int64_t member_id = 0;
    IdentityValue value = { .kind = in->phone.len > 0 ? IDENTITY_PHONE : IDENTITY_EMAIL,
                            .value = in->phone.len > 0 ? in->phone : in->email };
    if (value.value.len > 0) {
        TRY(identity_find(c, &value, &member_id));
        if (member_id != 0) TRY(member_card_read(c, member_id, &plan->card, &plan->is_found));
        return OK;
    }
    Str digits = { 0 };
    if (number_code_read(c->arena, in->member_no, &digits)) {
        TRY(member_card_by_no(c, digits, &plan->card, &plan->is_found));
    }
    return OK;
}

/* Nobody of that name is no refusal here: the answer and the work are the same as for a wrong password. */
static Err find_who(Ctx *c, const MemberLogin *in, LoginPlan *plan) {
    TRY(find_any(c, in, plan));
    if (plan->card.status == MEMBER_MERGED || plan->card.status == MEMBER_ERASED) plan->is_found = false;
    return OK;
}

Err member_prepare_login(Ctx *c, const void *body) {
    const MemberLogin *in = body;
    LoginPlan *plan = NEW(c->arena, LoginPlan);
    c->plan = plan;
    if (in->code.len > 0) {
        CodeProof proof = proof_of(in->phone, in->email, in->code, CODE_LOGIN);
        TRY(code_try(c, &proof));
        return find_who(c, in, plan);
    }
    Str hash = { 0 };
    TRY(app_apart(c, count_try, (void *)(uintptr_t)in));
    TRY(find_who(c, in, plan));
    if (plan->is_found) TRY(member_password_read(c, plan->card.member_id, &hash));
    plan->hash = hash;
    if (hash.len > 0)
        plan->is_right = password_matches(hash, in->password);
    else
        password_hash(c->arena, in->password, c->app->config.is_test);
    return OK;
}

/* What was looked at before the unit must still be so behind the lock of the member, or a session would open that a new
 * password, a merge or an erasure has just closed. */
static Err look_again(Ctx *c, const LoginPlan *plan, Str seen_hash, bool *ret_same) {
    MemberCard now = { 0 };
    Str hash = { 0 };
    *ret_same = false;
    if (!plan->is_found) return OK;
    TRY(member_lock(c, plan->card.member_id, &now));
    if (seen_hash.len > 0) TRY(member_password_read(c, now.member_id, &hash));
    *ret_same = now.status <= MEMBER_FROZEN && str_equal(hash, seen_hash);
    return OK;
}

Err member_post_login(Ctx *c, const void *body, void *ret) {
    const MemberLogin *in = body;
    const LoginPlan *plan = c->plan;
    bool is_same = false;
    if (in->code.len > 0) {
        CodeProof proof = proof_of(in->phone, in->email, in->code, CODE_LOGIN);
        TRY(look_again(c, plan, (Str){ 0 }, &is_same));
        if (!is_same) {
            return fail(c, E_NOT_FOUND, "member.unknown", "这个号码还不是会员，请先入会",
                        "not a member yet; please join");
        }
        TRY(code_use(c, &proof));
    } else {
        if (plan->is_right) TRY(look_again(c, plan, plan->hash, &is_same));
        if (!is_same) return fail(c, E_UNKNOWN_WHO, "member.login_wrong", "账号或密码不对", "wrong account or password");
        TRY(lockout_clear(c, "member", lockout_key(c, in)));
    }
    return open_session(c, plan->card.member_id, plan->card.member_no, false, in->device, ret);
}

Err member_post_logout(Ctx *c, const void *body, void *ret) {
    (void)body, (void)ret;
    auth_cookie(c, (Str){ 0 }, 0);
    return auth_session_close(c, c->auth->session_id, 0, auth_member(c));
}

/* ---- passwords ---- */

typedef struct HashPlan {
    Str old_hash, hash;
    bool is_right;
} HashPlan;

Err member_prepare_reset(Ctx *c, const void *body) {
    const MemberReset *in = body;
    CodeProof proof = proof_of(in->phone, in->email, in->code, CODE_RESET_PASSWORD);
    HashPlan *plan = NEW(c->arena, HashPlan);
    TRY(check_password(c, in->password));
    TRY(code_try(c, &proof));
    plan->hash = password_hash(c->arena, in->password, c->app->config.is_test);
    c->plan = plan;
    return OK;
}

Err member_post_reset(Ctx *c, const void *body, void *ret) {
    (void)ret;
    const MemberReset *in = body;
    const HashPlan *plan = c->plan;
    CodeProof proof = proof_of(in->phone, in->email, in->code, CODE_RESET_PASSWORD);
    MemberCard card = { 0 };
    int64_t member_id = 0;
    TRY(code_use(c, &proof));
    TRY(identity_find(c, &(IdentityValue){ .kind = proof.kind, .value = proof.to }, &member_id));
    if (member_id == 0)
        return fail(c, E_NOT_FOUND, "member.unknown", "这个号码还不是会员，请先入会", "not a member yet; please join");
    TRY(member_lock(c, member_id, &card));
    TRY(member_password_put(c, member_id, plan->hash));
    TRY(auth_sessions_close(c, 0, member_id, 0));
    return audit(c, &(AuditNote){ .action = "member.password_reset", .subject = "member", .subject_id = member_id });
}

/* The old password is guessed no faster by somebody who found a session than at the door. */
static Str own_lockout_key(Ctx *c) { return arena_print(c->arena, "own\x1f%lld", (long long)auth_member(c)); }

static Err count_own(Ctx *c, void *arg) {
    (void)arg;
    return lockout_try(c, "member", own_lockout_key(c));
}

Err member_prepare_password(Ctx *c, const void *body) {
    const PasswordPut *in = body;
    HashPlan *plan = NEW(c->arena, HashPlan);
    Str old = { 0 };
    TRY(check_password(c, in->password));
    TRY(app_apart(c, count_own, NULL));
    TRY(member_password_read(c, auth_member(c), &old));
    plan->old_hash = old;
    plan->is_right = old.len == 0 || password_matches(old, in->old_password);
    plan->hash = password_hash(c->arena, in->password, c->app->config.is_test);
    c->plan = plan;
    return OK;
}

Err member_put_password(Ctx *c, const void *body, void *ret) {
    (void)body, (void)ret;
    const HashPlan *plan = c->plan;
    MemberCard card = { 0 };
    Str now = { 0 };
    TRY(member_lock(c, auth_member(c), &card));
    TRY(member_password_read(c, auth_member(c), &now));
    if (!plan->is_right || !str_equal(now, plan->old_hash))
        return fail(c, E_DENIED, "member.password_wrong", "原密码不对", "the old password is wrong");
    TRY(lockout_clear(c, "member", own_lockout_key(c)));
    TRY(member_password_put(c, auth_member(c), plan->hash));
    TRY(auth_sessions_close(c, 0, auth_member(c), c->auth->session_id));
    return audit(c, &(AuditNote){ .action = "member.password", .subject = "member", .subject_id = auth_member(c) });
}

/* ---- me ---- */

Err member_get_me(Ctx *c, const void *body, void *ret) {
    (void)body;
    MemberRow row = { 0 };
    TRY(member_row(c, auth_member(c), &row));
    return member_detail_of(c, &row, true, ret);
}

Err member_patch_me(Ctx *c, const void *body, void *ret) {
    MemberChange change = *(const MemberChange *)body;
    MemberRow row = { 0 };
    change.member_id = auth_member(c);
    TRY(member_change(c, &member_own_change_fields, &change, &row));
    return member_detail_of(c, &row, true, ret);
}

Err member_get_my_code(Ctx *c, const void *body, void *ret) {
    (void)body;
    MemberCard card = { 0 };
    TRY(member_card(c, auth_member(c), &card));
    *(DynamicCode *)ret = (DynamicCode){ .code = member_code(c, &card, c->now / MEMBER_CODE_STEP_MS),
                                         .expires_in_ms = 2 * MEMBER_CODE_STEP_MS - c->now % MEMBER_CODE_STEP_MS };
    return OK;
}

static Err count_claim(Ctx *c, void *arg) {
    (void)arg;
    return budget_take(c, "card.claim", arena_print(c->arena, "%lld", (long long)auth_member(c)), 10, DAY_MS);
}

/* Guessing card numbers is counted, whatever comes of it. */
Err member_prepare_card(Ctx *c, const void *body) {
    (void)body;
    return app_apart(c, count_claim, NULL);
}

/* An old card of my own: bound when free; its old member is merged into me when the claim is good. */
Err member_post_my_card(Ctx *c, const void *body, void *ret) {
    const CardClaim *in = body;
    MemberDetail *out = ret;
    int64_t me = auth_member(c), owner_id = 0;
    MemberMerge merge = { 0 };
    TRY(may_claim(c, in->card, me, &owner_id));
    if (owner_id != 0 && owner_id != me)
        TRY(member_merge_two(c, owner_id, me, S("card claim"), &merge));
    else
        TRY(identity_bind(c, me, &(IdentityValue){ .kind = IDENTITY_CARD, .value = in->card }, false));
    return member_get_me(c, body, out);
}

Err member_reply_json(Ctx *c, Str json, const char *file_name) {
    RawReply *raw = c->raw;
    raw->status = 200;
    raw->content_type = S("application/json; charset=utf-8");
    raw->body = json;
    raw->headers[raw->header_count++] =
        (HttpHeader){ S("Content-Disposition"), arena_print(c->arena, "attachment; filename=\"%s\"", file_name) };
    return OK;
}

Err member_get_my_export(Ctx *c, const void *body, void *ret) {
    (void)body, (void)ret;
    Str json = { 0 };
    TRY(member_export(c, auth_member(c), &json));
    return member_reply_json(c, json, "my-data.json");
}

Err member_post_my_erase(Ctx *c, const void *body, void *ret) {
    (void)ret;
    const EraseConfirm *in = body;
    MemberCard card = { 0 };
    Str digits = { 0 };
    TRY(member_card(c, auth_member(c), &card));
    if (!number_code_read(c->arena, in->member_no, &digits) || !str_equal(digits, card.member_no)) {
        return fail(c, E_INVALID, "member.confirm_wrong", "请输入自己的会员号确认注销",
                    "type your own member number to confirm");
    }
    auth_cookie(c, (Str){ 0 }, 0);
    return member_erase(c, card.member_id, S("member"));
}

Err member_get_my_sessions(Ctx *c, const void *body, void *ret) {
    (void)body;
    SessionPage *out = ret;
    return auth_session_list(c, 0, auth_member(c), &out->items);
}

Err member_delete_my_session(Ctx *c, const void *body, void *ret) {
    (void)ret;
    const SessionRef *in = body;
    return auth_session_close(c, in->session_id, 0, auth_member(c));
}
