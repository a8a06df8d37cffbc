#include "app/lockout.h"
#include "domain/staff/staff_store.h"

const char *const staff_status_names[] = { "active", "locked", "left", NULL };

/* ---- roles ---- */

typedef struct Preset {
    const char *role, *name;
    bool may_all;
    const char *patterns[40];
} Preset;
/* Patterns over the permissions of the route tables: "order.*", "*.read", "*"; "!x" takes away again. New slices are
 * covered without a change here. */
static const Preset presets[] = {
    { "owner", "老板", true, { "*" } },
    { "manager", "店长", false, { "*", "!role.write", "!key.*", "!member.erase", "!event.*", "!setting.write" } },
    { "marketer",
      "运营",
      false,
      { "*.read", "tag.*", "campaign.*", "coupon.*", "segment.*", "journey.*", "message.*", "survey.*", "page.*",
        "member.lookup", "points.grant", "points.record", "consent.text", "benefit.write", "benefit.grant",
        "plan.write", "times.template", "times.grant", "!audit.read", "!staff.read", "!role.read", "!key.read",
        "!event.read", "!job.read" } },
    { "cashier",
      "收银员",
      false,
      { "member.lookup", "member.join", "member.read", "consent.write", "identity.write", "shop.read", "item.read",
        "tag.read", "tier.read", "points.read", "growth.read", "order.*", "payment.*", "refund.read", "refund.create",
        "wallet.read", "wallet.recharge", "wallet.spend", "wallet.refund_ask", "wallet.card_sell", "wallet.card_redeem",
        "coupon.read", "coupon.redeem",
        "approval.withdraw", "times.read",
        "times.use", "benefit.read", "benefit.take", "plan.read", "sale.read", "sale.create", "!order.price" } },
    { "analyst",
      "分析员",
      false,
      { "*.read", "insight.*", "report.*", "!audit.read", "!staff.read", "!role.read", "!key.read", "!event.read",
        "!job.read" } },
};

static StrList patterns_of(Ctx *c, const Preset *preset) {
    StrList list = { .items = NEW_LIST(c->arena, Str, COUNT_OF(preset->patterns)) };
    for (int64_t i = 0; i < COUNT_OF(preset->patterns) && preset->patterns[i] != NULL; i++) {
        list.items[list.count++] = str_of(preset->patterns[i]);
    }
    return list;
}

Err staff_install(Ctx *c) {
    for (int64_t i = 0; i < COUNT_OF(presets); i++) {
        StaffRole role = { .role = str_of(presets[i].role),
                           .name = str_of(presets[i].name),
                           .may_all = presets[i].may_all,
                           .is_preset = true,
                           .permissions = patterns_of(c, &presets[i]) };
        bool is_new = false;
        TRY(staff_role_insert(c, &role, &is_new));
    }
    return OK;
}

Err staff_role_need(Ctx *c, Str role, StaffRole *ret_role) {
    bool is_found = false;
    TRY(staff_role_read(c, role, ret_role, &is_found));
    if (is_found) return OK;
    return fail(c, E_INVALID, "staff.role_unknown", "没有这个角色：%.*s", "no such role: %.*s", (int)role.len, role.at);
}

static bool matches(Str pattern, Str permission) {
    if (str_is(pattern, "*")) return true;
    if (str_ends(pattern, S(".*"))) return str_starts(permission, str_slice(pattern, 0, pattern.len - 1));
    if (str_starts(pattern, S("*."))) return str_ends(permission, str_slice(pattern, 1, pattern.len));
    return str_equal(pattern, permission);
}

/* What everybody with an account may: see himself, change his password. */
static const char own_permission[] = "account.use";

Err staff_expand(Ctx *c, const StrList *patterns, StrList *ret_permissions) {
    StrList all = auth_permissions(c), out = { .items = NEW_LIST(c->arena, Str, all.count + 1) };
    for (int64_t i = 0; i < all.count; i++) {
        bool is_in = str_is(all.items[i], own_permission);
        for (int64_t k = 0; k < patterns->count; k++) {
            Str pattern = patterns->items[k];
            bool is_away = str_starts(pattern, S("!"));
            if (is_away && matches(str_slice(pattern, 1, pattern.len), all.items[i])) is_in = false;
            if (!is_away && matches(pattern, all.items[i])) is_in = true;
        }
        if (is_in) out.items[out.count++] = all.items[i];
    }
    *ret_permissions = out;
    return OK;
}

Err staff_grants(Ctx *c, Str role_key, const IntList *shop_ids, Grants *ret_grants) {
    StaffRole role = { 0 };
    TRY(staff_role_need(c, role_key, &role));
    *ret_grants = (Grants){ .may_all = role.may_all, .shop_ids = *shop_ids };
    return role.may_all ? OK : staff_expand(c, &role.permissions, &ret_grants->permissions);
}

static Err refuse_beyond(Ctx *c) {
    return fail(c, E_DENIED, "staff.beyond", "不能授予超出自己的权限或门店",
                "nobody can give more than he has himself");
}

Err staff_need_within(Ctx *c, const Grants *grants) {
    if (c->auth == NULL) return OK;
    if (!c->auth->may_all) {
        if (grants->may_all) return refuse_beyond(c);
        for (int64_t i = 0; i < grants->permissions.count; i++) {
            if (!auth_may(c, arena_cstr(c->arena, grants->permissions.items[i]))) return refuse_beyond(c);
        }
    }
    if (c->auth->shop_ids.count == 0) return OK;
    if (grants->shop_ids.count == 0) return refuse_beyond(c);
    for (int64_t i = 0; i < grants->shop_ids.count; i++) {
        if (!shop_ids_have(&c->auth->shop_ids, grants->shop_ids.items[i])) return refuse_beyond(c);
    }
    return OK;
}

/* Every pattern must mean something, so that a typing error does not stay unseen. */
static Err check_patterns(Ctx *c, const StaffRole *role) {
    StrList all = auth_permissions(c);
    for (int64_t k = 0; k < role->permissions.count; k++) {
        Str pattern = role->permissions.items[k];
        if (str_starts(pattern, S("!"))) pattern = str_slice(pattern, 1, pattern.len);
        bool is_used = false;
        for (int64_t i = 0; i < all.count && !is_used; i++) is_used = matches(pattern, all.items[i]);
        if (is_used) continue;
        return fail(c, E_INVALID, "staff.permission_unknown", "没有这项权限：%.*s", "no such permission: %.*s",
                    (int)pattern.len, pattern.at);
    }
    return OK;
}

/* Everybody of this role has the new rights at once, also in sessions that are open. */
static Err spread(Ctx *c, Str role) {
    StaffList list = { 0 };
    TRY(staff_of_role(c, role, &list));
    for (int64_t i = 0; i < list.count; i++) {
        Grants grants = { 0 };
        TRY(staff_grants(c, role, &list.items[i].shop_ids, &grants));
        TRY(auth_grants_put(c, list.items[i].staff_id, &grants));
    }
    return OK;
}

Err staff_role_put(Ctx *c, StaffRole *role, bool is_new) {
    bool is_done = false;
    Grants grants = { 0 };
    TRY(check_patterns(c, role));
    TRY(staff_expand(c, &role->permissions, &grants.permissions));
    if (c->auth != NULL) grants.shop_ids = c->auth->shop_ids;
    TRY(staff_need_within(c, &grants));
    if (is_new)
        TRY(staff_role_insert(c, role, &is_done));
    else
        TRY(staff_role_write(c, role, &is_done));
    if (!is_done && is_new) return fail(c, E_CONFLICT, "staff.role_taken", "已有这个角色", "a role of this key exists");
    if (!is_done) return fail(c, E_STALE, "staff.stale", "角色已被别人修改，请刷新", "the role was changed meanwhile");
    role->version = is_new ? 1 : role->version + 1;
    role->updated_at = c->now;
    if (is_new) role->created_at = c->now;
    if (!is_new) TRY(spread(c, role->role));
    return audit(c, &(AuditNote){ .action = is_new ? "role.create" : "role.update",
                                  .subject = "staff_role",
                                  .reason = role->role,
                                  .fields = &staff_role_fields,
                                  .after = role });
}

/* ---- accounts ---- */

Str staff_login_form(Arena *a, Str login) {
    Buf b = { .arena = a };
    Str trimmed = str_trim(login);
    for (int64_t i = 0; i < trimmed.len; i++) {
        char ch = trimmed.at[i];
        buf_char(&b, ch >= 'A' && ch <= 'Z' ? (char)(ch - 'A' + 'a') : ch);
    }
    return buf_str(&b);
}

Err staff_password_check(Ctx *c, Str password, Str login) {
    if (str_chars(password) < STAFF_PASSWORD_MIN) {
        return fail(c, E_INVALID, "staff.password_short", "密码至少 %lld 个字符",
                    "a password has at least %lld characters", (long long)STAFF_PASSWORD_MIN);
    }
    if (!str_equal(staff_login_form(c->arena, password), login)) return OK;
    return fail(c, E_INVALID, "staff.password_is_login", "密码不能和登录名相同",
                "the password must differ from the login name");
}

Err staff_get(Ctx *c, int64_t staff_id, Staff *ret_staff) {
    bool is_found = false;
    TRY(staff_read(c, staff_id, ret_staff, &is_found));
    return is_found ? OK : fail(c, E_NOT_FOUND, "staff.not_found", "没有这个员工账号", "no such staff account");
}

Err staff_name(Ctx *c, int64_t staff_id, Str *ret_name) {
    Staff staff = { 0 };
    bool is_found = false;
    TRY(staff_read(c, staff_id, &staff, &is_found));
    *ret_name = staff.name;
    return OK;
}

Err staff_is_empty(Ctx *c, bool *ret_empty) {
    int64_t count = 0;
    TRY(staff_count(c, &count));
    *ret_empty = count == 0;
    return OK;
}

static Err check_shops(Ctx *c, const IntList *shop_ids) {
    for (int64_t i = 0; i < shop_ids->count; i++) TRY(shop_need(c, shop_ids->items[i]));
    return OK;
}

static Err refuse_login(Ctx *c, Str login) {
    return fail(c, E_CONFLICT, "staff.login_taken", "登录名 %.*s 已被使用", "the login name %.*s is taken",
                (int)login.len, login.at);
}

/* The claim of the name is idempotent and has a table of its own, keyed by the name. */
Err staff_create(Ctx *c, const StaffNew *in, Staff *ret_staff) {
    Staff staff = { .staff_id = id_new(c),
                    .login = staff_login_form(c->arena, in->login),
                    .name = in->name,
                    .role = in->role,
                    .shop_ids = in->shop_ids,
                    .created_at = c->now,
                    .updated_at = c->now,
                    .version = 1 };
    Grants grants = { 0 };
    bool is_mine = false, is_new = false;
    if (staff.login.len == 0) complain(c, S("/login"), "field.missing", "这一项必须填写", "this must be given");
    TRY(complaints_refuse(c));
    TRY(staff_grants(c, staff.role, &staff.shop_ids, &grants));
    TRY(check_shops(c, &staff.shop_ids));
    TRY(login_claim(c, staff.login, &is_mine));
    if (!is_mine) return refuse_login(c, staff.login);
    TRY(staff_insert(c, &staff, in->password_hash, &is_new));
    if (!is_new) return refuse_login(c, staff.login);
    *ret_staff = staff;
    return audit(c, &(AuditNote){ .action = "staff.create",
                                  .subject = "staff",
                                  .subject_id = staff.staff_id,
                                  .fields = &staff_fields,
                                  .after = &staff });
}

static Err need_owner_left(Ctx *c, const Staff *before, const Staff *after, const Grants *grants) {
    StaffRole role = { 0 };
    int64_t others = 0;
    TRY(staff_role_need(c, before->role, &role));
    bool was = role.may_all && before->status == STAFF_ACTIVE, is = grants->may_all && after->status == STAFF_ACTIVE;
    if (!was || is) return OK;
    TRY(staff_owners_lock(c)); /* two owners who close each other's account at once must see each other */
    TRY(staff_owner_count(c, before->staff_id, &others));
    if (others > 0) return OK;
    return fail(c, E_CONFLICT, "staff.last_owner", "至少要保留一个老板账号", "at least one owner account must remain");
}

Err staff_update(Ctx *c, const Staff *after, int64_t version, Staff *ret_staff) {
    Staff before = { 0 }, made = *after;
    Grants old_grants = { 0 }, grants = { 0 };
    bool is_written = false;
    TRY(staff_get(c, after->staff_id, &before));
    TRY(staff_grants(c, before.role, &before.shop_ids, &old_grants));
    TRY(staff_grants(c, made.role, &made.shop_ids, &grants));
    TRY(staff_need_within(c, &old_grants));
    TRY(staff_need_within(c, &grants));
    TRY(check_shops(c, &made.shop_ids));
    TRY(need_owner_left(c, &before, &made, &grants));
    made.version = version;
    TRY(staff_write(c, &made, &is_written));
    if (!is_written)
        return fail(c, E_STALE, "staff.stale", "员工资料已被别人修改，请刷新", "the account was changed meanwhile");
    /* The keys that follow a closed account stay, and may nothing until it is opened again. */
    bool is_active = made.status == STAFF_ACTIVE;
    TRY(auth_grants_put(c, made.staff_id, is_active ? &grants : &(Grants){ 0 }));
    if (!is_active) TRY(auth_sessions_close(c, made.staff_id, 0, 0));
    made.version = version + 1;
    made.updated_at = c->now;
    *ret_staff = made;
    return audit(c, &(AuditNote){ .action = "staff.update",
                                  .subject = "staff",
                                  .subject_id = made.staff_id,
                                  .fields = &staff_fields,
                                  .before = &before,
                                  .after = &made });
}

/* ---- for the command line ---- */

Err staff_by_login(Ctx *c, Str login, Staff *ret_staff) {
    StaffSecret secret = { 0 };
    bool is_found = false;
    TRY(staff_secret_by_login(c, staff_login_form(c->arena, login), &secret, &is_found));
    if (!is_found) return fail(c, E_NOT_FOUND, "staff.not_found", "没有这个员工账号", "no such staff account");
    return staff_get(c, secret.staff_id, ret_staff);
}

Err staff_set_password(Ctx *c, int64_t staff_id, Str password_hash) {
    Staff staff = { 0 };
    TRY(staff_get(c, staff_id, &staff));
    TRY(staff_password_write(c, staff_id, password_hash));
    TRY(auth_sessions_close(c, staff_id, 0, 0));
    TRY(lockout_clear(c, "staff", staff_lockout_key(c, staff.login)));
    return audit(c, &(AuditNote){ .action = "staff.password_reset", .subject = "staff", .subject_id = staff_id });
}

Err staff_set_status(Ctx *c, int64_t staff_id, StaffStatus status) {
    Staff staff = { 0 };
    TRY(staff_get(c, staff_id, &staff));
    staff.status = status;
    return staff_update(c, &staff, staff.version, &staff);
}
