/* staff - 员工: accounts of people who work here, their roles and shops; log-in with argon2id, growing delay, TOTP.
 * Owns:    staff, staff_role, staff_recovery
 * Units:   *_at unix ms; *_ms milliseconds
 * Calls:   shop
 * Emits:   nobody
 * Holds:   every account has a role that exists; of the owners at least one is active
 * Errors:  (see docs/errors.md) */
#pragma once
#include "domain/shop/shop.h"

enum { STAFF_PASSWORD_MIN = 8, STAFF_PASSWORD_MAX = 128, STAFF_RECOVERY_CODES = 10,
       STAFF_PERMISSIONS_MAX = 200, STAFF_MAX = 5000 };

typedef enum StaffStatus { STAFF_ACTIVE, STAFF_LOCKED, STAFF_LEFT } StaffStatus;
extern const char *const staff_status_names[];

typedef struct Staff {
    int64_t staff_id;
    Str login, name;
    Str role;                             /* owner, manager, marketer, cashier, analyst or the merchant's own */
    StaffStatus status;
    IntList shop_ids;                     /* empty = every shop */
    bool has_totp;
    int64_t last_login_at, created_at, updated_at, version;
    uint64_t given;                       /* in a change: which fields came */
} Staff;
extern const Fields staff_fields;

typedef struct StaffNew {
    Str login, name, role;
    Str password_hash;                    /* made by password_hash() outside the unit */
    IntList shop_ids;
} StaffNew;

/* For `laoke user`, set-up, demo and tests. In a unit; the login name is unique on the whole server.
 * Refuses staff.login_taken, staff.role_unknown. */
Err staff_create(Ctx *c, const StaffNew *staff, Staff *ret_staff);
Err staff_get(Ctx *c, int64_t staff_id, Staff *ret_staff);
/* Name for receipts and lists; empty when there is no such account. */
Err staff_name(Ctx *c, int64_t staff_id, Str *ret_name);
/* True while the merchant has no account at all: only then POST /v1/setup is open. */
Err staff_is_empty(Ctx *c, bool *ret_empty);

/* ---- for `laoke user`; in a unit ---- */
typedef LIST_OF(Staff) StaffList;
Err staff_by_login(Ctx *c, Str login, Staff *ret_staff);            /* E_NOT_FOUND "staff.not_found" */
Err staff_list(Ctx *c, int64_t after_id, int64_t most, StaffList *ret_list);         /* ascending id, every status */
/* Closes its sessions and forgets its wrong guesses too. `password_hash` is made outside the unit. */
Err staff_set_password(Ctx *c, int64_t staff_id, Str password_hash);
/* Closes its sessions when it may not log in any more. Refuses staff.last_owner. */
Err staff_set_status(Ctx *c, int64_t staff_id, StaffStatus status);
