/* staff_store - every SQL statement of the staff slice; private to the folder. */
#pragma once
#include "app/auth.h"
#include "domain/staff/staff.h"

typedef struct StaffRole {
    Str role, name; bool may_all, is_preset; StrList permissions; int64_t created_at, updated_at, version;
    uint64_t given;
} StaffRole;
typedef LIST_OF(StaffRole) StaffRoles;
extern const Fields staff_role_fields;

/* What a log-in needs; never leaves the slice. */
typedef struct StaffSecret {
    int64_t staff_id; Str login, role; StaffStatus status; IntList shop_ids; Str password_hash;
    Bytes totp_sealed, totp_pending; int64_t totp_step;
} StaffSecret;

Err staff_insert(Ctx *c, const Staff *staff, Str password_hash, bool *ret_is_new);
Err staff_write(Ctx *c, const Staff *staff, bool *ret_written);          /* where the version is still staff->version */
Err staff_read(Ctx *c, int64_t staff_id, Staff *ret_staff, bool *ret_found);
Err staff_of_role(Ctx *c, Str role, StaffList *ret_list);
Err staff_count(Ctx *c, int64_t *ret_count);
Err staff_owners_lock(Ctx *c);                  /* every account that may everything, for the rest of the unit */
Err staff_owner_count(Ctx *c, int64_t but_staff_id, int64_t *ret_count);  /* active accounts whose role may all */
Err staff_secret_by_login(Ctx *c, Str login, StaffSecret *ret_secret, bool *ret_found);
Err staff_secret_read(Ctx *c, int64_t staff_id, StaffSecret *ret_secret, bool *ret_found);
Err staff_login_write(Ctx *c, int64_t staff_id);
/* Only over the password that was looked at; replaced false: it has been changed meanwhile. */
Err staff_password_replace(Ctx *c, int64_t staff_id, Str old_hash, Str hash, bool *ret_replaced);
Err staff_password_write(Ctx *c, int64_t staff_id, Str hash);
Err staff_totp_write(Ctx *c, int64_t staff_id, Bytes sealed, Bytes pending);
/* A step is used once: false when this one or a later one was used before. */
Err staff_totp_step_take(Ctx *c, int64_t staff_id, int64_t step, bool *ret_taken);
Err staff_recovery_insert(Ctx *c, int64_t staff_id, Bytes code_mac);
Err staff_recovery_clear(Ctx *c, int64_t staff_id);
Err staff_recovery_take(Ctx *c, int64_t staff_id, Bytes code_mac, bool *ret_taken);

Err staff_role_insert(Ctx *c, const StaffRole *role, bool *ret_is_new);
Err staff_role_write(Ctx *c, const StaffRole *role, bool *ret_written);
Err staff_role_read(Ctx *c, Str role, StaffRole *ret_role, bool *ret_found);
Err staff_role_all(Ctx *c, StaffRoles *ret_roles);
Err staff_role_delete(Ctx *c, Str role);
/* Whoever sets up first holds the owner's role row until the end of the unit. */
Err staff_setup_lock(Ctx *c);

/* ---- rules shared inside the folder ---- */
Str staff_login_form(Arena *a, Str login);                               /* trimmed, lower case */
Err staff_role_need(Ctx *c, Str role, StaffRole *ret_role);
Err staff_grants(Ctx *c, Str role, const IntList *shop_ids, Grants *ret_grants);
Err staff_expand(Ctx *c, const StrList *patterns, StrList *ret_permissions);
/* Nobody gives what he does not have: E_DENIED staff.beyond. */
Err staff_need_within(Ctx *c, const Grants *grants);
Str staff_lockout_key(Ctx *c, Str login);
Err staff_update(Ctx *c, const Staff *after, int64_t version, Staff *ret_staff);
Err staff_role_put(Ctx *c, StaffRole *role, bool is_new);
Err staff_password_check(Ctx *c, Str password, Str login);
Err staff_install(Ctx *c);

/* ---- log-in and second factor, in staff_login.c ---- */
typedef struct StaffLogin { Str login, password, totp; int64_t shop_id; Str device; } StaffLogin;
typedef struct StaffEntered { Str token; int64_t expires_at; Staff staff; int64_t shop_id; } StaffEntered;
Err staff_login_prepare(Ctx *c, const StaffLogin *in);
Err staff_login_run(Ctx *c, const StaffLogin *in, StaffEntered *ret_entered);
typedef struct TotpEnrol { Str secret, url; } TotpEnrol;
Err staff_totp_enrol(Ctx *c, int64_t staff_id, TotpEnrol *ret_enrol);
Err staff_totp_confirm(Ctx *c, int64_t staff_id, Str code, StrList *ret_recovery);
Err staff_totp_disable(Ctx *c, int64_t staff_id);
