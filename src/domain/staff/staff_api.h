/* staff_api - what the files of routes share; private to the folder. */
#pragma once
#include "domain/staff/staff_store.h"

typedef struct StaffSessionPage { SessionLines items; Str next_cursor; } StaffSessionPage;

/* ---- own account and log-in, in staff_account_api.c ---- */
extern const Fields staff_setup_fields, staff_setup_state_fields, staff_login_fields, staff_entered_fields;
extern const Fields staff_account_fields, staff_own_password_fields, staff_own_shop_fields, staff_totp_enrol_fields,
    staff_totp_code_fields, staff_recovery_fields, staff_totp_off_fields, staff_session_ref_fields,
    staff_session_page_fields;
Err staff_get_setup(Ctx *c, const void *body, void *ret);
Err staff_prepare_setup(Ctx *c, const void *body);
Err staff_post_setup(Ctx *c, const void *body, void *ret);
Err staff_prepare_login(Ctx *c, const void *body);
Err staff_post_login(Ctx *c, const void *body, void *ret);
Err staff_post_logout(Ctx *c, const void *body, void *ret);
Err staff_get_account(Ctx *c, const void *body, void *ret);
Err staff_prepare_own_password(Ctx *c, const void *body);
Err staff_put_own_password(Ctx *c, const void *body, void *ret);
Err staff_put_own_shop(Ctx *c, const void *body, void *ret);
Err staff_post_totp(Ctx *c, const void *body, void *ret);
Err staff_post_totp_confirm(Ctx *c, const void *body, void *ret);
Err staff_prepare_totp_off(Ctx *c, const void *body);
Err staff_post_totp_off(Ctx *c, const void *body, void *ret);
Err staff_get_own_sessions(Ctx *c, const void *body, void *ret);
Err staff_delete_own_session(Ctx *c, const void *body, void *ret);

/* ---- API keys, in staff_key_api.c ---- */
extern const Fields staff_key_new_fields, staff_key_ref_fields, staff_key_rotate_fields, staff_key_page_fields,
    staff_key_query_fields;
Err staff_get_keys(Ctx *c, const void *body, void *ret);
Err staff_post_key(Ctx *c, const void *body, void *ret);
Err staff_post_key_rotate(Ctx *c, const void *body, void *ret);
Err staff_delete_key(Ctx *c, const void *body, void *ret);
