#include "domain/identity/identity_api.h"
#include "domain/identity/identity_store.h"

static const Field identity_field[] = {
    FIELD_ID(Identity, identity_id),
    FIELD_ENUM(Identity, kind, identity_kind_names),
    FIELD(Identity, provider, .skip_zero = true),
    FIELD(Identity, app, .skip_zero = true),
    FIELD(Identity, shown, .about = "masked: 138****0001"),
    FIELD(Identity, is_main),
    FIELD(Identity, verified_at),
    FIELD(Identity, created_at),
};
const Fields identity_fields = FIELDS(Identity, identity_field);

static const Field shown_entry_field[] = {
    FIELD_ID(IdentityEntry, entry_id),
    FIELD_ENUM(IdentityEntry, kind, identity_kind_names),
    FIELD(IdentityEntry, action, .about = "bound, unbound, changed, merged, unmerged, erased"),
    FIELD(IdentityEntry, shown, .about = "masked"),
    FIELD_ID(IdentityEntry, merge_id),
    FIELD(IdentityEntry, actor),
    FIELD_ID(IdentityEntry, actor_id),
    FIELD(IdentityEntry, reason),
    FIELD(IdentityEntry, at),
};
const Fields identity_entry_fields = FIELDS(IdentityEntry, shown_entry_field);

static const Field setting_field[] = {
    FIELD(IdentitySetting, phone_change_days, .max = 365, .about = "days between two phone changes of a member"),
    FIELD(IdentitySetting, code_wait_s, .min = 1, .max = 3600, .about = "seconds between two codes to one number"),
    FIELD(IdentitySetting, codes_a_day, .min = 1, .max = 1000, .about = "codes to one number a day"),
    FIELD(IdentitySetting, codes_an_hour_ip, .min = 1, .max = 100000, .about = "codes from one IP address an hour"),
    FIELD(IdentitySetting, codes_a_day_device, .min = 1, .max = 100000, .about = "codes from one device a day"),
};
static const Fields setting_fields = FIELDS(IdentitySetting, setting_field);
static void setting_defaults(void *ret_value) {
    *(IdentitySetting *)ret_value = (IdentitySetting){
        .phone_change_days = 30, .code_wait_s = 60, .codes_a_day = 10, .codes_an_hour_ip = 30, .codes_a_day_device = 20
    };
}
const Setting identity_setting = { .name = "identity", .fields = &setting_fields, .defaults = setting_defaults };

/* ---- one-time codes ---- */

typedef struct CodeAsk {
    Str phone, email;
    CodePurpose purpose;
    Str device;
} CodeAsk;
static const Field ask_field[] = {
    FIELD(CodeAsk, phone, .max = 32, .is_personal = true),
    FIELD(CodeAsk, email, .max = 254, .is_personal = true, .about = "instead of phone"),
    FIELD_ENUM(CodeAsk, purpose, code_purpose_names),
    FIELD(CodeAsk, device, .max = 64),
};
static const Fields ask_fields = FIELDS(CodeAsk, ask_field);

typedef struct CodeAsked {
    int64_t expires_in_s, wait_s;
} CodeAsked;
static const Field asked_field[] = { FIELD(CodeAsked, expires_in_s), FIELD(CodeAsked, wait_s) };
static const Fields asked_fields = FIELDS(CodeAsked, asked_field);

static Err prepare_code(Ctx *c, const void *body) {
    const CodeAsk *in = body;
    bool is_mail = in->phone.len == 0 && in->email.len > 0;
    return code_send(c, &(CodeSend){ .kind = is_mail ? IDENTITY_EMAIL : IDENTITY_PHONE,
                                     .device = in->device,
                                     .to = is_mail ? in->email : in->phone,
                                     .purpose = in->purpose });
}

static Err post_code(Ctx *c, const void *body, void *ret) {
    (void)body;
    IdentitySetting setting = { 0 };
    TRY(setting_get(c, &identity_setting, &setting));
    *(CodeAsked *)ret = (CodeAsked){ .expires_in_s = CODE_LIFE_MS / 1000, .wait_s = setting.code_wait_s };
    return OK;
}

/* ---- the member's own ---- */

typedef struct IdentityPage {
    IdentityList items;
    Str next_cursor;
} IdentityPage;
static const Field page_field[] = { FIELD_LIST(IdentityPage, items, identity_fields),
                                    FIELD(IdentityPage, next_cursor) };
static const Fields page_fields = FIELDS(IdentityPage, page_field);

static Err get_mine(Ctx *c, const void *body, void *ret) {
    (void)body;
    IdentityPage *out = ret;
    return identity_list(c, auth_member(c), &out->items);
}

typedef struct PhoneChange {
    Str phone, code;
} PhoneChange;
static const Field phone_change_field[] = {
    FIELD(PhoneChange, phone, .need = true, .max = 32, .is_personal = true, .about = "the new number"),
    FIELD(PhoneChange, code, .need = true, .max = 12, .is_secret = true,
          .about = "sent to the new number, purpose change_phone"),
};
static const Fields phone_change_fields = FIELDS(PhoneChange, phone_change_field);

static CodeProof proof_of(const PhoneChange *in) {
    return (CodeProof){ .kind = IDENTITY_PHONE, .to = in->phone, .code = in->code, .purpose = CODE_CHANGE_PHONE };
}

static Err prepare_phone(Ctx *c, const void *body) {
    CodeProof proof = proof_of(body);
    return code_try(c, &proof);
}

static Err put_my_phone(Ctx *c, const void *body, void *ret) {
    const PhoneChange *in = body;
    IdentityPage *out = ret;
    CodeProof proof = proof_of(in);
    TRY(code_use(c, &proof));
    TRY(identity_change_phone(c, auth_member(c), in->phone, true, (Str){ 0 }));
    TRY(audit(c, &(AuditNote){ .action = "identity.phone_change", .subject = "member", .subject_id = auth_member(c) }));
    return identity_list(c, auth_member(c), &out->items);
}

typedef struct EmailBind {
    Str email, code;
} EmailBind;
static const Field email_bind_field[] = {
    FIELD(EmailBind, email, .need = true, .max = 254, .is_personal = true),
    FIELD(EmailBind, code, .need = true, .max = 12, .is_secret = true, .about = "sent to that address, purpose bind"),
};
static const Fields email_bind_fields = FIELDS(EmailBind, email_bind_field);

static CodeProof mail_proof_of(const EmailBind *in) {
    return (CodeProof){ .kind = IDENTITY_EMAIL, .to = in->email, .code = in->code, .purpose = CODE_BIND };
}

static Err prepare_email(Ctx *c, const void *body) {
    CodeProof proof = mail_proof_of(body);
    return code_try(c, &proof);
}

static Err put_my_email(Ctx *c, const void *body, void *ret) {
    const EmailBind *in = body;
    IdentityPage *out = ret;
    CodeProof proof = mail_proof_of(in);
    TRY(code_use(c, &proof));
    TRY(identity_bind(c, auth_member(c), &(IdentityValue){ .kind = IDENTITY_EMAIL, .value = in->email }, true));
    return identity_list(c, auth_member(c), &out->items);
}

typedef struct IdentityRef {
    int64_t identity_id;
} IdentityRef;
static const Field ref_field[] = { FIELD_ID(IdentityRef, identity_id, .need = true) };
static const Fields ref_fields = FIELDS(IdentityRef, ref_field);

static Err delete_mine(Ctx *c, const void *body, void *ret) {
    (void)ret;
    const IdentityRef *in = body;
    return identity_unbind(c, auth_member(c), in->identity_id, S("member"));
}

/* ---- what the slice hands to the house ---- */

static Err purge_codes(Ctx *c, int64_t due_at, bool *ret_more) {
    (void)due_at;
    *ret_more = false;
    return identity_code_purge(c, c->now - DAY_MS);
}

static Err hold_entries(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM identity WHERE merchant_id = $1",
        "SELECT i.identity_id AS id, 1 AS want, 0 AS have FROM identity i WHERE i.merchant_id = $1 AND NOT EXISTS"
        " (SELECT 1 FROM identity_entry e WHERE e.merchant_id = i.merchant_id AND e.member_id = i.member_id"
        " AND e.identity_id = i.identity_id AND e.action IN ('bound', 'merged', 'unmerged'))");
}

static Err hold_one_main(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM identity WHERE merchant_id = $1",
        "SELECT member_id AS id, 1 AS want, CAST(SUM(is_main) AS BIGINT) AS have FROM identity WHERE merchant_id = $1"
        " GROUP BY member_id, kind HAVING SUM(is_main) <> 1");
}

/* Both ways: each identity is found by its key, and no key leads to a member who no longer has it. */
static Err hold_owners(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM identity_owner WHERE merchant_id = $1",
        "SELECT i.identity_id AS id, i.member_id AS want, COALESCE(o.member_id, 0) AS have FROM identity i"
        " LEFT JOIN identity_owner o ON o.merchant_id = i.merchant_id AND o.mac = i.mac"
        " WHERE i.merchant_id = $1 AND COALESCE(o.member_id, 0) <> i.member_id"
        " UNION ALL SELECT o.member_id AS id, 0 AS want, 1 AS have FROM identity_owner o WHERE o.merchant_id = $1"
        " AND NOT EXISTS (SELECT 1 FROM identity i WHERE i.merchant_id = o.merchant_id AND i.member_id = o.member_id"
        " AND i.mac = o.mac)");
}

static const Route routes[] = {
    { "POST", "/v1/codes", "Send a one-time code", WHO_PUBLIC | WHO_MEMBER, NULL, &ask_fields, &asked_fields,
      .prepare = prepare_code, .run = post_code, .flags = ROUTE_SLOW | ROUTE_READ },
    { "GET", "/v1/me/identities", "My phone, e-mail, cards and accounts", WHO_MEMBER, NULL, NULL, &page_fields,
      .run = get_mine, .flags = ROUTE_LIST },
    { "PUT", "/v1/me/phone", "Change my phone number", WHO_MEMBER, NULL, &phone_change_fields, &page_fields,
      .prepare = prepare_phone, .run = put_my_phone, .flags = ROUTE_SLOW },
    { "PUT", "/v1/me/email", "Bind an e-mail address, proven by a code", WHO_MEMBER, NULL, &email_bind_fields,
      &page_fields, .prepare = prepare_email, .run = put_my_email, .flags = ROUTE_SLOW },
    { "DELETE", "/v1/me/identities/{identity_id}", "Unbind one of mine", WHO_MEMBER, NULL, &ref_fields, NULL,
      .run = delete_mine },
};
static const Job jobs[] = { { .name = "identity.purge_codes", .at_minute = 4 * 60 + 10, .run = purge_codes } };
static const Setting *const settings[] = { &identity_setting };
static const Hold holds[] = {
    { "identity.every_living_one_has_its_entry", hold_entries },
    { "identity.every_living_one_has_its_owner", hold_owners },
    { "identity.of_each_kind_one_is_main", hold_one_main },
};
const Slice identity_slice = {
    .name = "identity",
    .routes = routes,
    .route_count = COUNT_OF(routes),
    .jobs = jobs,
    .job_count = COUNT_OF(jobs),
    .settings = settings,
    .setting_count = COUNT_OF(settings),
    .holds = holds,
    .hold_count = COUNT_OF(holds),
    .merge = identity_merge,
    .unmerge = identity_unmerge,
    .erase = identity_erase,
    .export_member = identity_export,
};
