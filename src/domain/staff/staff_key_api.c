#include "domain/staff/staff_api.h"

typedef enum KeyKind { KEY_POS, KEY_PARTNER } KeyKind;
static const char *const key_kind_names[] = { "pos", "partner", NULL };

typedef struct KeyNew {
    Str name;
    KeyKind kind;
    int64_t shop_id, staff_id;
    Str role;
    StrList permissions;
    IntList shop_ids;
    int64_t expires_at;
    bool must_sign;
} KeyNew;
static const Field new_field[] = {
    FIELD(KeyNew, name, .need = true, .max = 60, .about = "till 3, webshop, …"),
    FIELD_ENUM(KeyNew, kind, key_kind_names),
    FIELD_ID(KeyNew, shop_id, .about = "the shop a till stands in"),
    FIELD_ID(KeyNew, staff_id, .about = "the account whose rights the key follows; instead of role and permissions"),
    FIELD(KeyNew, role, .max = 40, .about = "rights of this role; empty with no permissions = cashier"),
    FIELD(KeyNew, permissions, .max = STAFF_PERMISSIONS_MAX, .about = "or single permissions, \"order.*\" allowed"),
    FIELD(KeyNew, shop_ids, .max = LIST_MAX, .about = "empty = every shop"),
    FIELD(KeyNew, expires_at, .about = "unix ms, 0 = never"),
    FIELD(KeyNew, must_sign, .about = "only signed requests are accepted"),
};
const Fields staff_key_new_fields = FIELDS(KeyNew, new_field);

typedef struct KeyRef {
    int64_t key_id;
} KeyRef;
static const Field ref_field[] = { FIELD_ID(KeyRef, key_id, .need = true) };
const Fields staff_key_ref_fields = FIELDS(KeyRef, ref_field);

typedef struct KeyRotate {
    int64_t key_id, keep_ms;
} KeyRotate;
static const Field rotate_field[] = {
    FIELD_ID(KeyRotate, key_id, .need = true),
    FIELD(KeyRotate, keep_ms, .max = KEY_ROTATION_MS_MAX, .about = "how long the old key still works"),
};
const Fields staff_key_rotate_fields = FIELDS(KeyRotate, rotate_field);

typedef struct KeyQuery {
    Str cursor;
    int64_t limit;
} KeyQuery;
static const Field query_field[] = { FIELD(KeyQuery, cursor, .max = 200), FIELD(KeyQuery, limit, .max = PAGE_MAX) };
const Fields staff_key_query_fields = FIELDS(KeyQuery, query_field);
typedef struct KeyPage {
    KeyLines items;
    Str next_cursor;
} KeyPage;
static const Field page_field[] = {
    FIELD_LIST(KeyPage, items, key_line_fields, .max = PAGE_MAX),
    FIELD(KeyPage, next_cursor),
};
const Fields staff_key_page_fields = FIELDS(KeyPage, page_field);

Err staff_get_keys(Ctx *c, const void *body, void *ret) {
    const KeyQuery *in = body;
    KeyPage *out = ret;
    int64_t after_id = 0, unused = 0, limit = in->limit > 0 ? in->limit : PAGE_DEFAULT;
    TRY(page_open(c, in->cursor, &after_id, &unused));
    TRY(auth_key_list(c, after_id, limit, &out->items));
    if (out->items.count == limit) out->next_cursor = page_cursor(c, out->items.items[limit - 1].key_id, 0);
    return OK;
}

static Err grants_of(Ctx *c, const KeyNew *in, Grants *ret_grants) {
    Grants grants = { 0 };
    if (in->staff_id != 0) {
        Staff staff = { 0 };
        TRY(staff_get(c, in->staff_id, &staff));
        TRY(staff_grants(c, staff.role, &staff.shop_ids, &grants));
    } else if (in->permissions.count > 0) {
        TRY(staff_expand(c, &in->permissions, &grants.permissions));
        grants.shop_ids = in->shop_ids;
    } else {
        TRY(staff_grants(c, in->role.len > 0 ? in->role : S("cashier"), &in->shop_ids, &grants));
    }
    *ret_grants = grants;
    return staff_need_within(c, &grants);
}

Err staff_post_key(Ctx *c, const void *body, void *ret) {
    const KeyNew *in = body;
    KeyGiven *out = ret;
    KeyMake make = { .name = in->name,
                     .who = in->kind == KEY_POS ? WHO_POS : WHO_PARTNER,
                     .shop_id = in->shop_id,
                     .staff_id = in->staff_id,
                     .expires_at = in->expires_at,
                     .must_sign = in->must_sign };
    if (in->shop_id != 0) TRY(shop_need(c, in->shop_id));
    TRY(grants_of(c, in, &make.grants));
    TRY(auth_key_make(c, &make, out));
    return audit(c, &(AuditNote){ .action = "key.create",
                                  .subject = "api_key",
                                  .subject_id = out->key_id,
                                  .fields = &staff_key_new_fields,
                                  .after = in });
}

Err staff_post_key_rotate(Ctx *c, const void *body, void *ret) {
    const KeyRotate *in = body;
    KeyGiven *out = ret;
    KeyLine old = { 0 };
    TRY(auth_key_read(c, in->key_id, &old));
    TRY(staff_need_within(c, &old.grants)); /* whoever rotates a key holds the new one in his hands */
    TRY(auth_key_rotate(c, in->key_id, in->keep_ms, out));
    return audit(c, &(AuditNote){ .action = "key.rotate", .subject = "api_key", .subject_id = in->key_id });
}

Err staff_delete_key(Ctx *c, const void *body, void *ret) {
    (void)ret;
    const KeyRef *in = body;
    TRY(auth_key_revoke(c, in->key_id));
    return audit(c, &(AuditNote){ .action = "key.revoke", .subject = "api_key", .subject_id = in->key_id });
}
