#include "domain/staff/staff_api.h"

/* ---- accounts ---- */

static const Field staff_field[] = {
    FIELD_ID(Staff, staff_id, .is_out = true),
    FIELD(Staff, login, .need = true, .max = 60),
    FIELD(Staff, name, .max = 60),
    FIELD(Staff, role, .need = true, .max = 40),
    FIELD_ENUM(Staff, status, staff_status_names),
    FIELD(Staff, shop_ids, .max = LIST_MAX, .about = "empty = every shop"),
    FIELD(Staff, has_totp, .is_out = true),
    FIELD(Staff, last_login_at, .is_out = true),
    FIELD(Staff, created_at, .is_out = true),
    FIELD(Staff, updated_at, .is_out = true),
    FIELD(Staff, version, .is_out = true),
};
const Fields staff_fields = FIELDS_GIVEN(Staff, staff_field);

static const Field change_field[] = {
    FIELD_ID(Staff, staff_id, .need = true), FIELD(Staff, name, .max = 60),
    FIELD(Staff, role, .max = 40),           FIELD_ENUM(Staff, status, staff_status_names),
    FIELD(Staff, shop_ids, .max = LIST_MAX), FIELD(Staff, version),
};
static const Fields change_fields = { .name = "StaffChange",
                                      .size = sizeof(Staff),
                                      .field = change_field,
                                      .count = COUNT_OF(change_field),
                                      .given_at = (int64_t)offsetof(Staff, given) };

typedef struct StaffHire {
    Str login, name, role, password;
    IntList shop_ids;
} StaffHire;
static const Field hire_field[] = {
    FIELD(StaffHire, login, .need = true, .max = 60),
    FIELD(StaffHire, name, .max = 60),
    FIELD(StaffHire, role, .need = true, .max = 40),
    FIELD(StaffHire, password, .need = true, .max = STAFF_PASSWORD_MAX, .is_secret = true),
    FIELD(StaffHire, shop_ids, .max = LIST_MAX, .about = "empty = every shop"),
};
static const Fields hire_fields = FIELDS(StaffHire, hire_field);

typedef struct StaffRef {
    int64_t staff_id;
} StaffRef;
static const Field ref_field[] = { FIELD_ID(StaffRef, staff_id, .need = true) };
static const Fields ref_fields = FIELDS(StaffRef, ref_field);

typedef struct StaffQuery {
    Str cursor;
    int64_t limit;
} StaffQuery;
static const Field query_field[] = { FIELD(StaffQuery, cursor, .max = 200), FIELD(StaffQuery, limit, .max = PAGE_MAX) };
static const Fields query_fields = FIELDS(StaffQuery, query_field);

typedef struct StaffPage {
    StaffList items;
    Str next_cursor;
} StaffPage;
static const Field page_field[] = {
    FIELD_LIST(StaffPage, items, staff_fields, .max = PAGE_MAX),
    FIELD(StaffPage, next_cursor),
};
static const Fields page_fields = FIELDS(StaffPage, page_field);

static Err get_staff_list(Ctx *c, const void *body, void *ret) {
    const StaffQuery *in = body;
    StaffPage *out = ret;
    int64_t after_id = 0, unused = 0, limit = in->limit > 0 ? in->limit : PAGE_DEFAULT;
    TRY(page_open(c, in->cursor, &after_id, &unused));
    TRY(staff_list(c, after_id, limit, &out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].staff_id, 0);
    return OK;
}

static Err get_staff(Ctx *c, const void *body, void *ret) {
    const StaffRef *in = body;
    return staff_get(c, in->staff_id, ret);
}

static Err prepare_hire(Ctx *c, const void *body) {
    const StaffHire *in = body;
    Str *hash = NEW(c->arena, Str);
    TRY(staff_password_check(c, in->password, staff_login_form(c->arena, in->login)));
    *hash = password_hash(c->arena, in->password, c->app->config.is_test);
    c->plan = hash;
    return OK;
}

static Err post_hire(Ctx *c, const void *body, void *ret) {
    const StaffHire *in = body;
    Grants grants = { 0 };
    TRY(staff_grants(c, in->role, &in->shop_ids, &grants));
    TRY(staff_need_within(c, &grants));
    return staff_create(c,
                        &(StaffNew){ .login = in->login,
                                     .name = in->name,
                                     .role = in->role,
                                     .shop_ids = in->shop_ids,
                                     .password_hash = *(const Str *)c->plan },
                        ret);
}

static Err patch_staff(Ctx *c, const void *body, void *ret) {
    const Staff *in = body;
    Staff after = { 0 };
    TRY(staff_get(c, in->staff_id, &after));
    int64_t version = field_is_given(&change_fields, in, "version") ? in->version : after.version;
    fields_overlay(&change_fields, in, &staff_fields, &after);
    TRY(fields_check(c, &staff_fields, &after));
    return staff_update(c, &after, version, ret);
}

typedef struct NewPassword {
    int64_t staff_id;
    Str password;
} NewPassword;
static const Field new_password_field[] = {
    FIELD_ID(NewPassword, staff_id, .need = true),
    FIELD(NewPassword, password, .need = true, .max = STAFF_PASSWORD_MAX, .is_secret = true),
};
static const Fields new_password_fields = FIELDS(NewPassword, new_password_field);

static Err prepare_reset(Ctx *c, const void *body) {
    const NewPassword *in = body;
    Str *hash = NEW(c->arena, Str);
    TRY(staff_password_check(c, in->password, (Str){ 0 }));
    *hash = password_hash(c->arena, in->password, c->app->config.is_test);
    c->plan = hash;
    return OK;
}

/* Also takes the second factor away: it is for people who have lost their phone. */
static Err put_password(Ctx *c, const void *body, void *ret) {
    (void)ret;
    const NewPassword *in = body;
    Staff staff = { 0 };
    Grants grants = { 0 };
    TRY(staff_get(c, in->staff_id, &staff));
    TRY(staff_grants(c, staff.role, &staff.shop_ids, &grants));
    TRY(staff_need_within(c, &grants));
    if (staff.has_totp) TRY(staff_totp_disable(c, in->staff_id));
    return staff_set_password(c, in->staff_id, *(const Str *)c->plan);
}

static Err get_sessions(Ctx *c, const void *body, void *ret) {
    const StaffRef *in = body;
    StaffSessionPage *out = ret;
    Staff staff = { 0 };
    TRY(staff_get(c, in->staff_id, &staff));
    return auth_session_list(c, in->staff_id, 0, &out->items);
}

static Err delete_sessions(Ctx *c, const void *body, void *ret) {
    (void)ret;
    const StaffRef *in = body;
    Staff staff = { 0 };
    TRY(staff_get(c, in->staff_id, &staff));
    TRY(auth_sessions_close(c, in->staff_id, 0, 0));
    return audit(c, &(AuditNote){ .action = "staff.sessions_closed", .subject = "staff", .subject_id = in->staff_id });
}

/* ---- roles ---- */

static const Field role_field[] = {
    FIELD(StaffRole, role, .need = true, .max = 40, .about = "key, never changes"),
    FIELD(StaffRole, name, .need = true, .max = 40),
    FIELD(StaffRole, may_all, .is_out = true),
    FIELD(StaffRole, is_preset, .is_out = true),
    FIELD(StaffRole, permissions, .max = STAFF_PERMISSIONS_MAX, .about = "\"order.*\", \"*.read\"; \"!x\" takes away"),
    FIELD(StaffRole, created_at, .is_out = true),
    FIELD(StaffRole, updated_at, .is_out = true),
    FIELD(StaffRole, version, .is_out = true),
};
const Fields staff_role_fields = FIELDS_GIVEN(StaffRole, role_field);

static const Field role_change_field[] = {
    FIELD(StaffRole, role, .need = true, .max = 40),
    FIELD(StaffRole, name, .max = 40),
    FIELD(StaffRole, permissions, .max = STAFF_PERMISSIONS_MAX),
    FIELD(StaffRole, version),
};
static const Fields role_change_fields = { .name = "StaffRoleChange",
                                           .size = sizeof(StaffRole),
                                           .field = role_change_field,
                                           .count = COUNT_OF(role_change_field),
                                           .given_at = (int64_t)offsetof(StaffRole, given) };

typedef struct RoleRef {
    Str role;
} RoleRef;
static const Field role_ref_field[] = { FIELD(RoleRef, role, .need = true, .max = 40) };
static const Fields role_ref_fields = FIELDS(RoleRef, role_ref_field);

typedef struct RolePage {
    StaffRoles items;
    Str next_cursor;
} RolePage;
static const Field role_page_field[] = { FIELD_LIST(RolePage, items, staff_role_fields), FIELD(RolePage, next_cursor) };
static const Fields role_page_fields = FIELDS(RolePage, role_page_field);

static Err get_roles(Ctx *c, const void *body, void *ret) {
    (void)body;
    RolePage *out = ret;
    return staff_role_all(c, &out->items);
}

static Err post_role(Ctx *c, const void *body, void *ret) {
    StaffRole *out = ret;
    *out = *(const StaffRole *)body;
    return staff_role_put(c, out, true);
}

static Err patch_role(Ctx *c, const void *body, void *ret) {
    const StaffRole *in = body;
    StaffRole *out = ret;
    TRY(staff_role_need(c, in->role, out));
    if (out->may_all) {
        return fail(c, E_CONFLICT, "staff.role_fixed", "老板角色拥有全部权限，不能修改",
                    "the owner's role has every right and stays so");
    }
    fields_overlay(&role_change_fields, in, &staff_role_fields, out);
    TRY(fields_check(c, &staff_role_fields, out));
    return staff_role_put(c, out, false);
}

static Err delete_role(Ctx *c, const void *body, void *ret) {
    (void)ret;
    const RoleRef *in = body;
    StaffRole role = { 0 };
    StaffList users = { 0 };
    TRY(staff_role_need(c, in->role, &role));
    TRY(staff_of_role(c, in->role, &users));
    if (role.is_preset || users.count > 0) {
        return fail(c, E_CONFLICT, "staff.role_in_use", "预设角色或还有员工使用的角色不能删除",
                    "a preset role or one that people have cannot be removed");
    }
    TRY(staff_role_delete(c, in->role));
    return audit(c, &(AuditNote){ .action = "role.delete", .subject = "staff_role", .reason = in->role });
}

/* ---- what the slice hands to the house ---- */

static Err hold_roles(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM staff WHERE merchant_id = $1",
        "SELECT s.staff_id AS id, 1 AS want, 0 AS have FROM staff s WHERE s.merchant_id = $1 AND NOT EXISTS (SELECT 1"
        " FROM staff_role r WHERE r.merchant_id = s.merchant_id AND r.role = s.role)");
}
static Err hold_owner(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM staff WHERE merchant_id = $1",
        "SELECT MIN(s.staff_id) AS id, 1 AS want, 0 AS have FROM staff s JOIN staff_role r"
        " ON r.merchant_id = s.merchant_id AND r.role = s.role WHERE s.merchant_id = $1 AND r.may_all = 1"
        " HAVING COUNT(*) > 0 AND SUM(CASE WHEN s.status = 'active' THEN 1 ELSE 0 END) = 0");
}

static const Route routes[] = {
    /* the door */
    { "GET", "/v1/setup", "Is the first owner still to be made", WHO_PUBLIC, NULL, NULL, &staff_setup_state_fields,
      .run = staff_get_setup },
    { "POST", "/v1/setup", "Make the first owner; only while there is no account", WHO_PUBLIC, NULL,
      &staff_setup_fields, &staff_entered_fields, .prepare = staff_prepare_setup, .run = staff_post_setup,
      .flags = ROUTE_SLOW | ROUTE_CREATED },
    { "POST", "/v1/login", "Log staff in", WHO_PUBLIC, NULL, &staff_login_fields, &staff_entered_fields,
      .prepare = staff_prepare_login, .run = staff_post_login, .flags = ROUTE_SLOW },
    { "POST", "/v1/logout", "Log out", WHO_STAFF, "account.use", NULL, NULL, .run = staff_post_logout },
    /* own account */
    { "GET", "/v1/account", "My account and what it may do", WHO_STAFF, "account.use", NULL, &staff_account_fields,
      .run = staff_get_account },
    { "PUT", "/v1/account/password", "Change my password", WHO_STAFF, "account.use", &staff_own_password_fields, NULL,
      .prepare = staff_prepare_own_password, .run = staff_put_own_password, .flags = ROUTE_SLOW },
    { "PUT", "/v1/account/shop", "Stand in another shop; a new token", WHO_STAFF, "account.use", &staff_own_shop_fields,
      &session_given_fields, .run = staff_put_own_shop },
    { "POST", "/v1/account/totp", "Begin the second factor", WHO_STAFF, "account.use", NULL, &staff_totp_enrol_fields,
      .run = staff_post_totp },
    { "POST", "/v1/account/totp/confirm", "Confirm the second factor; shows recovery codes once", WHO_STAFF,
      "account.use", &staff_totp_code_fields, &staff_recovery_fields, .run = staff_post_totp_confirm },
    { "POST", "/v1/account/totp/disable", "End the second factor", WHO_STAFF, "account.use", &staff_totp_off_fields,
      NULL, .prepare = staff_prepare_totp_off, .run = staff_post_totp_off, .flags = ROUTE_SLOW },
    { "GET", "/v1/account/sessions", "Where I am logged in", WHO_STAFF, "account.use", NULL, &staff_session_page_fields,
      .run = staff_get_own_sessions, .flags = ROUTE_LIST },
    { "DELETE", "/v1/account/sessions/{session_id}", "End one of my sessions", WHO_STAFF, "account.use",
      &staff_session_ref_fields, NULL, .run = staff_delete_own_session },
    /* accounts */
    { "GET", "/v1/staff", "List accounts", WHO_STAFF, "staff.read", &query_fields, &page_fields, .run = get_staff_list,
      .flags = ROUTE_LIST },
    { "POST", "/v1/staff", "Make an account", WHO_STAFF, "staff.write", &hire_fields, &staff_fields,
      .prepare = prepare_hire, .run = post_hire, .flags = ROUTE_SLOW | ROUTE_CREATED },
    { "GET", "/v1/staff/{staff_id}", "Read an account", WHO_STAFF, "staff.read", &ref_fields, &staff_fields,
      .run = get_staff, .flags = ROUTE_EDIT },
    { "PATCH", "/v1/staff/{staff_id}", "Change an account", WHO_STAFF, "staff.write", &change_fields, &staff_fields,
      .run = patch_staff, .flags = ROUTE_EDIT },
    { "PUT", "/v1/staff/{staff_id}/password", "Set an account's password; its second factor ends", WHO_STAFF,
      "staff.write", &new_password_fields, NULL, .prepare = prepare_reset, .run = put_password, .flags = ROUTE_SLOW },
    { "GET", "/v1/staff/{staff_id}/sessions", "Where an account is logged in", WHO_STAFF, "staff.read", &ref_fields,
      &staff_session_page_fields, .run = get_sessions, .flags = ROUTE_LIST },
    { "DELETE", "/v1/staff/{staff_id}/sessions", "Log an account out everywhere", WHO_STAFF, "staff.write", &ref_fields,
      NULL, .run = delete_sessions },
    /* roles */
    { "GET", "/v1/roles", "List roles", WHO_STAFF, "role.read", NULL, &role_page_fields, .run = get_roles,
      .flags = ROUTE_LIST },
    { "POST", "/v1/roles", "Make a role", WHO_STAFF, "role.write", &staff_role_fields, &staff_role_fields,
      .run = post_role, .flags = ROUTE_CREATED },
    { "PATCH", "/v1/roles/{role}", "Change a role; effective at once", WHO_STAFF, "role.write", &role_change_fields,
      &staff_role_fields, .run = patch_role, .flags = ROUTE_EDIT },
    { "DELETE", "/v1/roles/{role}", "Remove a role", WHO_STAFF, "role.write", &role_ref_fields, NULL,
      .run = delete_role },
    /* API keys */
    { "GET", "/v1/api-keys", "List API keys", WHO_STAFF, "key.read", &staff_key_query_fields, &staff_key_page_fields,
      .run = staff_get_keys, .flags = ROUTE_LIST },
    { "POST", "/v1/api-keys", "Make an API key; its secret is shown once", WHO_STAFF, "key.write",
      &staff_key_new_fields, &key_given_fields, .run = staff_post_key, .flags = ROUTE_CREATED },
    { "POST", "/v1/api-keys/{key_id}/rotate", "A second key; the first one ends after a while", WHO_STAFF, "key.write",
      &staff_key_rotate_fields, &key_given_fields, .run = staff_post_key_rotate, .flags = ROUTE_CREATED },
    { "DELETE", "/v1/api-keys/{key_id}", "Revoke an API key", WHO_STAFF, "key.write", &staff_key_ref_fields, NULL,
      .run = staff_delete_key },
};
static const Hold holds[] = {
    { "staff.every_account_has_a_role", hold_roles },
    { "staff.one_of_the_owners_is_active", hold_owner },
};
const Slice staff_slice = {
    .name = "staff",
    .routes = routes,
    .route_count = COUNT_OF(routes),
    .holds = holds,
    .hold_count = COUNT_OF(holds),
    .install = staff_install,
};
