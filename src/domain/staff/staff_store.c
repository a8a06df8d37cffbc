#include "domain/staff/staff_store.h"

static const Field secret_field[] = {
    FIELD_ID(StaffSecret, staff_id),
    FIELD(StaffSecret, login),
    FIELD(StaffSecret, role),
    FIELD_ENUM(StaffSecret, status, staff_status_names),
    FIELD(StaffSecret, shop_ids),
    FIELD(StaffSecret, password_hash, .is_secret = true),
    FIELD(StaffSecret, totp_sealed, .is_secret = true),
    FIELD(StaffSecret, totp_pending, .is_secret = true),
    FIELD(StaffSecret, totp_step),
};
static const Fields secret_fields = FIELDS(StaffSecret, secret_field);

static Str ids_json(Ctx *c, const IntList *ids) {
    Buf b = { .arena = c->arena };
    buf_char(&b, '[');
    for (int64_t i = 0; i < ids->count; i++) buf_print(&b, "%s\"%lld\"", i > 0 ? "," : "", (long long)ids->items[i]);
    buf_char(&b, ']');
    return buf_str(&b);
}

/* ---- accounts ---- */

Err staff_insert(Ctx *c, const Staff *staff, Str password_hash, bool *ret_is_new) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "INSERT INTO staff (merchant_id, staff_id, login, name, role, status, shop_ids, password_hash, totp_sealed,"
        " totp_pending, totp_step, last_login_at, created_at, updated_at, version)"
        " VALUES ($1, $2, $3, $4, $5, 'active', $6, $7, $8, $8, 0, 0, $9, $9, 1) ON CONFLICT DO NOTHING",
        ARGS(staff->staff_id, staff->login, staff->name, staff->role, ids_json(c, &staff->shop_ids), password_hash,
             ((Bytes){ 0 }), c->now),
        &changed));
    *ret_is_new = changed == 1;
    return OK;
}

Err staff_write(Ctx *c, const Staff *staff, bool *ret_written) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "UPDATE staff SET name = $3, role = $4, status = $5, shop_ids = $6, updated_at = $7, version = version + 1"
        " WHERE merchant_id = $1 AND staff_id = $2 AND version = $8",
        ARGS(staff->staff_id, staff->name, staff->role, staff_status_names[staff->status],
             ids_json(c, &staff->shop_ids), c->now, staff->version),
        &changed));
    *ret_written = changed == 1;
    return OK;
}

Err staff_read(Ctx *c, int64_t staff_id, Staff *ret_staff, bool *ret_found) {
    return db_find(
        c,
        "SELECT staff_id, login, name, role, status, shop_ids, CASE WHEN totp_sealed = $3 THEN 0 ELSE 1 END AS "
        "has_totp,"
        " last_login_at, created_at, updated_at, version FROM staff WHERE merchant_id = $1 AND staff_id = $2",
        ARGS(staff_id, ((Bytes){ 0 })), &staff_fields, ret_staff, ret_found);
}

Err staff_list(Ctx *c, int64_t after_id, int64_t most, StaffList *ret_list) {
    return db_rows(c,
                   "SELECT staff_id, login, name, role, status, shop_ids, CASE WHEN totp_sealed = $4 THEN 0 ELSE 1 END "
                   "AS has_totp,"
                   " last_login_at, created_at, updated_at, version FROM staff WHERE merchant_id = $1 AND staff_id > $2"
                   " ORDER BY staff_id LIMIT $3",
                   ARGS(after_id, most, ((Bytes){ 0 })), &staff_fields, most, (ListAny *)ret_list);
}

Err staff_of_role(Ctx *c, Str role, StaffList *ret_list) {
    return db_rows(c,
                   "SELECT staff_id, login, name, role, status, shop_ids, last_login_at, created_at, updated_at, "
                   "version FROM staff"
                   " WHERE merchant_id = $1 AND role = $2 ORDER BY staff_id",
                   ARGS(role), &staff_fields, STAFF_MAX, (ListAny *)ret_list);
}

Err staff_count(Ctx *c, int64_t *ret_count) {
    return db_int(c, "SELECT COUNT(*) FROM staff WHERE merchant_id = $1", NO_ARGS, ret_count);
}

Err staff_owner_count(Ctx *c, int64_t but_staff_id, int64_t *ret_count) {
    return db_int(c,
                  "SELECT COUNT(*) FROM staff s JOIN staff_role r ON r.merchant_id = s.merchant_id AND r.role = s.role"
                  " WHERE s.merchant_id = $1 AND s.staff_id <> $2 AND s.status = 'active' AND r.may_all = 1",
                  ARGS(but_staff_id), ret_count);
}

Err staff_owners_lock(Ctx *c) {
    return db_exec(c,
                   "UPDATE staff SET status = status WHERE merchant_id = $1 AND role IN"
                   " (SELECT r.role FROM staff_role r WHERE r.merchant_id = $1 AND r.may_all = 1)",
                   NO_ARGS);
}

Err staff_secret_by_login(Ctx *c, Str login, StaffSecret *ret_secret, bool *ret_found) {
    return db_find(
        c,
        "SELECT staff_id, login, role, status, shop_ids, password_hash, totp_sealed, totp_pending, totp_step FROM staff"
        " WHERE merchant_id = $1 AND login = $2",
        ARGS(login), &secret_fields, ret_secret, ret_found);
}

Err staff_secret_read(Ctx *c, int64_t staff_id, StaffSecret *ret_secret, bool *ret_found) {
    return db_find(
        c,
        "SELECT staff_id, login, role, status, shop_ids, password_hash, totp_sealed, totp_pending, totp_step FROM staff"
        " WHERE merchant_id = $1 AND staff_id = $2",
        ARGS(staff_id), &secret_fields, ret_secret, ret_found);
}

Err staff_login_write(Ctx *c, int64_t staff_id) {
    return db_exec(c, "UPDATE staff SET last_login_at = $3 WHERE merchant_id = $1 AND staff_id = $2",
                   ARGS(staff_id, c->now));
}

Err staff_password_write(Ctx *c, int64_t staff_id, Str hash) {
    return db_exec(c, "UPDATE staff SET password_hash = $3, updated_at = $4 WHERE merchant_id = $1 AND staff_id = $2",
                   ARGS(staff_id, hash, c->now));
}

Err staff_password_replace(Ctx *c, int64_t staff_id, Str old_hash, Str hash, bool *ret_replaced) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE staff SET password_hash = $4, updated_at = $5"
                  " WHERE merchant_id = $1 AND staff_id = $2 AND password_hash = $3",
                  ARGS(staff_id, old_hash, hash, c->now), &changed));
    *ret_replaced = changed == 1;
    return OK;
}

Err staff_totp_write(Ctx *c, int64_t staff_id, Bytes sealed, Bytes pending) {
    return db_exec(c, "UPDATE staff SET totp_sealed = $3, totp_pending = $4 WHERE merchant_id = $1 AND staff_id = $2",
                   ARGS(staff_id, sealed, pending));
}

Err staff_totp_step_take(Ctx *c, int64_t staff_id, int64_t step, bool *ret_taken) {
    int64_t changed = 0;
    TRY(db_change(c, "UPDATE staff SET totp_step = $3 WHERE merchant_id = $1 AND staff_id = $2 AND totp_step < $3",
                  ARGS(staff_id, step), &changed));
    *ret_taken = changed == 1;
    return OK;
}

Err staff_recovery_insert(Ctx *c, int64_t staff_id, Bytes code_mac) {
    return db_exec(c, "INSERT INTO staff_recovery (merchant_id, staff_id, code_mac) VALUES ($1, $2, $3)",
                   ARGS(staff_id, code_mac));
}

Err staff_recovery_clear(Ctx *c, int64_t staff_id) {
    return db_exec(c, "DELETE FROM staff_recovery WHERE merchant_id = $1 AND staff_id = $2", ARGS(staff_id));
}

Err staff_recovery_take(Ctx *c, int64_t staff_id, Bytes code_mac, bool *ret_taken) {
    int64_t changed = 0;
    TRY(db_change(c, "DELETE FROM staff_recovery WHERE merchant_id = $1 AND staff_id = $2 AND code_mac = $3",
                  ARGS(staff_id, code_mac), &changed));
    *ret_taken = changed == 1;
    return OK;
}

/* ---- roles ---- */

Err staff_role_insert(Ctx *c, const StaffRole *role, bool *ret_is_new) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "INSERT INTO staff_role (merchant_id, role, name, may_all, is_preset, permissions, created_at, updated_at, "
        "version)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 1) ON CONFLICT DO NOTHING",
        ARGS(role->role, role->name, role->may_all, role->is_preset, json_strs(c->arena, &role->permissions), c->now),
        &changed));
    *ret_is_new = changed == 1;
    return OK;
}

Err staff_role_write(Ctx *c, const StaffRole *role, bool *ret_written) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE staff_role SET name = $3, permissions = $4, updated_at = $5, version = version + 1"
                  " WHERE merchant_id = $1 AND role = $2 AND version = $6",
                  ARGS(role->role, role->name, json_strs(c->arena, &role->permissions), c->now, role->version),
                  &changed));
    *ret_written = changed == 1;
    return OK;
}

Err staff_role_read(Ctx *c, Str role, StaffRole *ret_role, bool *ret_found) {
    return db_find(c,
                   "SELECT role, name, may_all, is_preset, permissions, created_at, updated_at, version FROM staff_role"
                   " WHERE merchant_id = $1 AND role = $2",
                   ARGS(role), &staff_role_fields, ret_role, ret_found);
}

Err staff_role_all(Ctx *c, StaffRoles *ret_roles) {
    return db_rows(c,
                   "SELECT role, name, may_all, is_preset, permissions, created_at, updated_at, version FROM staff_role"
                   " WHERE merchant_id = $1 ORDER BY is_preset DESC, created_at, role",
                   NO_ARGS, &staff_role_fields, LIST_MAX, (ListAny *)ret_roles);
}

Err staff_role_delete(Ctx *c, Str role) {
    return db_exec(c, "DELETE FROM staff_role WHERE merchant_id = $1 AND role = $2 AND is_preset = 0", ARGS(role));
}

Err staff_setup_lock(Ctx *c) {
    return db_exec(c, "UPDATE staff_role SET version = version WHERE merchant_id = $1 AND role = 'owner'", NO_ARGS);
}
