#include <string.h>
#include "base/text.h"
#include "domain/identity/identity_api.h"
#include "domain/identity/identity_store.h"

const char *const identity_kind_names[] = { "phone", "email", "card", "openid", "unionid", "external", NULL };

/* ---- the one form of a value ---- */

static Err refuse_value(Ctx *c, IdentityKind kind) {
    switch (kind) {
    case IDENTITY_PHONE:
        return fail(c, E_INVALID, "identity.phone", "手机号不正确", "this is not a phone number");
    case IDENTITY_EMAIL:
        return fail(c, E_INVALID, "identity.email", "邮箱不正确", "this is not an e-mail address");
    case IDENTITY_CARD:
    case IDENTITY_OPENID:
    case IDENTITY_UNIONID:
    case IDENTITY_EXTERNAL:
        break;
    }
    return fail(c, E_INVALID, "identity.value", "卡号或外部编号不正确", "this is not a card number or outside id");
}

/* Cards are read out and typed: blanks and dashes do not count, case neither. */
static Str card_form(Arena *a, Str in) {
    Buf b = { .arena = a };
    for (int64_t i = 0; i < in.len; i++) {
        char ch = in.at[i];
        if (ch == ' ' || ch == '-') continue;
        buf_char(&b, ch >= 'a' && ch <= 'z' ? (char)(ch - 'a' + 'A') : ch);
    }
    return buf_str(&b);
}

Err identity_normalise(Ctx *c, const IdentityValue *in, IdentityValue *ret_value) {
    IdentityValue out = *in;
    bool is_good = true;
    switch (in->kind) {
    case IDENTITY_PHONE:
        is_good = text_phone(c->arena, in->value, &out.value);
        break;
    case IDENTITY_EMAIL:
        is_good = text_email(c->arena, in->value, &out.value);
        break;
    case IDENTITY_CARD:
        out.value = card_form(c->arena, in->value);
        break;
    case IDENTITY_OPENID:
    case IDENTITY_UNIONID:
    case IDENTITY_EXTERNAL:
        out.value = str_trim(in->value);
        break;
    }
    if (in->kind == IDENTITY_PHONE || in->kind == IDENTITY_EMAIL || in->kind == IDENTITY_CARD) {
        out.provider = out.app = (Str){ 0 };
    }
    if (!is_good || out.value.len == 0 || out.value.len > IDENTITY_VALUE_MAX) return refuse_value(c, in->kind);
    *ret_value = out;
    return OK;
}

Str identity_mask(Arena *a, IdentityKind kind, Str normalised) {
    switch (kind) {
    case IDENTITY_PHONE:
        return text_mask_phone(a, normalised);
    case IDENTITY_EMAIL:
        return text_mask_email(a, normalised);
    case IDENTITY_CARD:
    case IDENTITY_OPENID:
    case IDENTITY_UNIONID:
    case IDENTITY_EXTERNAL:
        break;
    }
    return text_mask_tail(a, normalised, 4);
}

/* ---- keyed and sealed forms ---- */

static Bytes mac_of(Ctx *c, Str text) {
    unsigned char out[MAC_LEN];
    mac(&c->app->keys.lookup, text.at, text.len, out);
    return arena_bytes(c->arena, out, IDENTITY_MAC_LEN);
}

/* The merchant is part of it: the same phone at two merchants shows no relation. */
Bytes identity_mac(Ctx *c, const IdentityValue *value) {
    Str apart = S("\x1f"), kind = str_of(identity_kind_names[value->kind]);
    return mac_of(c, ARENA_JOIN(c->arena, arena_int(c->arena, c->merchant_id), apart, kind, apart, value->provider,
                                apart, value->app, apart, value->value));
}

static Bytes tail_mac(Ctx *c, Str four_digits) {
    return mac_of(c, arena_print(c->arena, "%lld\x1ftail\x1f%.*s", (long long)c->merchant_id, (int)four_digits.len,
                                 four_digits.at));
}

static Str sealed_about(Ctx *c, IdentityKind kind) {
    return ARENA_JOIN(c->arena, S("identity/"), arena_int(c->arena, c->merchant_id), S("/"),
                      str_of(identity_kind_names[kind]));
}

Str identity_unseal(Ctx *c, const IdentityRow *row) {
    Str plain = { 0 };
    if (row->sealed.len == 0) return plain;
    if (!unseal(c->arena, c->app->keys.seal, row->sealed, sealed_about(c, row->kind), &plain)) return (Str){ 0 };
    return plain;
}

/* ---- finding ---- */

Err identity_key(Ctx *c, const IdentityValue *value, Bytes *ret_key) {
    IdentityValue norm;
    TRY(identity_normalise(c, value, &norm));
    *ret_key = identity_mac(c, &norm);
    return OK;
}

Err identity_find(Ctx *c, const IdentityValue *value, int64_t *ret_member_id) {
    Bytes key = { 0 };
    TRY(identity_key(c, value, &key));
    return identity_owner(c, key, ret_member_id);
}

Err identity_find_tail(Ctx *c, Str four_digits, int64_t below_member_id, int64_t most, IntList *ret_member_ids) {
    return identity_tail_members(c, tail_mac(c, four_digits), below_member_id, most, ret_member_ids);
}

static Identity identity_of(Ctx *c, const IdentityRow *row) {
    return (Identity){
        .identity_id = row->identity_id,
        .member_id = row->member_id,
        .kind = row->kind,
        .provider = row->provider,
        .app = row->app,
        .shown = identity_mask(c->arena, row->kind, identity_unseal(c, row)),
        .is_main = row->is_main,
        .verified_at = row->verified_at,
        .created_at = row->created_at,
    };
}

Err identity_list(Ctx *c, int64_t member_id, IdentityList *ret_list) {
    IdentityRows rows = { 0 };
    TRY(identity_rows(c, member_id, &rows));
    ret_list->items = NEW_LIST(c->arena, Identity, rows.count + 1);
    ret_list->count = rows.count;
    for (int64_t i = 0; i < rows.count; i++) ret_list->items[i] = identity_of(c, &rows.items[i]);
    return OK;
}

Err identity_history(Ctx *c, int64_t member_id, IdentityEntries *ret_entries) {
    TRY(identity_entries(c, member_id, ret_entries));
    for (int64_t i = 0; i < ret_entries->count; i++) {
        IdentityEntry *entry = &ret_entries->items[i];
        IdentityRow row = { .kind = entry->kind, .sealed = entry->sealed };
        entry->shown = identity_mask(c->arena, entry->kind, identity_unseal(c, &row));
        entry->sealed = (Bytes){ 0 };
    }
    return OK;
}

Str identity_sealed_phone_mask(Ctx *c, Bytes sealed) {
    if (sealed.len == 0) return (Str){ 0 };
    return text_mask_phone(c->arena, identity_unseal(c, &(IdentityRow){ .kind = IDENTITY_PHONE, .sealed = sealed }));
}

Err identity_phone_mask(Ctx *c, int64_t member_id, Str *ret_mask) {
    Bytes sealed = { 0 };
    TRY(identity_sealed_phone(c, member_id, &sealed));
    *ret_mask = identity_sealed_phone_mask(c, sealed);
    return OK;
}

Err identity_open(Ctx *c, int64_t member_id, IdentityKind kind, Str *ret_value) {
    IdentityRow row = { 0 };
    bool is_found = false;
    bool is_staff = c->actor.kind == ACTOR_STAFF || c->actor.kind == ACTOR_KEY;
    if (is_staff) TRY(auth_need(c, "member.reveal"));
    TRY(identity_main(c, member_id, kind, &row, &is_found));
    *ret_value = is_found ? identity_unseal(c, &row) : (Str){ 0 };
    if (!is_staff || !is_found) return OK;
    return audit(c, &(AuditNote){ .action = "identity.open",
                                  .subject = "member",
                                  .subject_id = member_id,
                                  .reason = str_of(identity_kind_names[kind]) });
}

/* ---- binding ---- */

static Err claim(Ctx *c, int64_t member_id, const IdentityValue *value, bool is_verified, bool is_main,
                 bool *ret_is_new) {
    IdentityRow row = {
        .identity_id = id_new(c),
        .member_id = member_id,
        .kind = value->kind,
        .provider = value->provider,
        .app = value->app,
        .mac = identity_mac(c, value),
        .is_main = is_main,
        .sealed = seal(c->arena, c->rng, c->app->keys.seal, value->value, sealed_about(c, value->kind)),
        .verified_at = is_verified ? c->now : 0,
    };
    if (value->kind == IDENTITY_PHONE && value->value.len >= 4) {
        row.tail_mac = tail_mac(c, str_slice(value->value, value->value.len - 4, value->value.len));
    }
    TRY(identity_insert(c, &row, ret_is_new));
    return *ret_is_new ? identity_entry_insert(c, &row, "bound", 0, (Str){ 0 }) : OK;
}

static Err refuse_taken(Ctx *c, IdentityKind kind) {
    if (kind == IDENTITY_PHONE) {
        return fail(c, E_CONFLICT, "identity.taken", "这个手机号已属于另一位会员，可先合并",
                    "this phone belongs to another member; merge the two first");
    }
    return fail(c, E_CONFLICT, "identity.taken_other", "这张卡或账号已属于另一位会员，可先合并",
                "this card or account belongs to another member; merge the two first");
}

Err identity_bind_new(Ctx *c, int64_t member_id, const IdentityValue *value, bool is_verified, bool is_main) {
    bool is_new = false;
    TRY(claim(c, member_id, value, is_verified, is_main, &is_new));
    return is_new ? OK : refuse_taken(c, value->kind);
}

Err identity_bind(Ctx *c, int64_t member_id, const IdentityValue *value, bool is_verified) {
    IdentityValue norm;
    bool is_new = false, has_main = false;
    int64_t owner = 0;
    TRY(identity_normalise(c, value, &norm));
    TRY(identity_lock(c, member_id));
    TRY(identity_has_main(c, member_id, norm.kind, &has_main));
    TRY(claim(c, member_id, &norm, is_verified, !has_main, &is_new));
    if (is_new) return OK;
    TRY(identity_owner(c, identity_mac(c, &norm), &owner));
    if (owner != member_id) return refuse_taken(c, norm.kind);
    return is_verified ? identity_set_verified(c, member_id, identity_mac(c, &norm)) : OK;
}

/* The oldest of what is left becomes the main one of its kind. */
static Err choose_main(Ctx *c, int64_t member_id, IdentityKind kind) {
    IdentityRows rows = { 0 };
    TRY(identity_rows(c, member_id, &rows));
    const IdentityRow *first = NULL;
    for (int64_t i = 0; i < rows.count; i++) {
        if (rows.items[i].kind != kind) continue;
        if (rows.items[i].is_main) return OK;
        if (first == NULL) first = &rows.items[i];
    }
    return first == NULL ? OK : identity_set_main(c, first, true);
}

static Err take_away(Ctx *c, const IdentityRow *row, const char *action, Str reason) {
    TRY(identity_delete(c, row));
    TRY(identity_entry_insert(c, row, action, 0, reason));
    return choose_main(c, row->member_id, row->kind);
}

Err identity_unbind(Ctx *c, int64_t member_id, int64_t identity_id, Str reason) {
    IdentityRows rows = { 0 };
    IdentityRow row = { 0 };
    bool is_found = false;
    TRY(identity_lock(c, member_id));
    TRY(identity_read(c, member_id, identity_id, &row, &is_found));
    if (!is_found) return fail(c, E_NOT_FOUND, "identity.not_found", "没有这个绑定", "no such identity");
    TRY(identity_rows(c, member_id, &rows));
    if (rows.count == 1) {
        return fail(c, E_CONFLICT, "identity.last_one", "这是会员唯一的身份，解绑后将无法找到会员",
                    "this is the only way to find the member; bind another one first");
    }
    return take_away(c, &row, "unbound", reason);
}

static Err need_cool(Ctx *c, int64_t member_id) {
    IdentitySetting setting = { 0 };
    int64_t changed_at = 0;
    TRY(setting_get(c, &identity_setting, &setting));
    TRY(identity_changed_at(c, member_id, &changed_at));
    int64_t free_at = changed_at + setting.phone_change_days * DAY_MS;
    if (changed_at == 0 || c->now >= free_at) return OK;
    int64_t days = (free_at - c->now + DAY_MS - 1) / DAY_MS;
    fail_number(c, "days", days);
    return fail(c, E_CONFLICT, "identity.cool_down", "手机号刚更换过，%lld 天后才能再换",
                "the phone was changed lately; again in %lld days", (long long)days);
}

Err identity_change_phone(Ctx *c, int64_t member_id, Str new_phone, bool is_proven, Str reason) {
    IdentityValue norm;
    IdentityRow old = { 0 };
    bool has_old = false, is_new = false;
    int64_t owner = 0;
    bool may_pass = c->actor.kind != ACTOR_MEMBER && reason.len > 0;
    TRY(identity_normalise(c, &(IdentityValue){ .kind = IDENTITY_PHONE, .value = new_phone }, &norm));
    TRY(identity_lock(c, member_id));
    TRY(identity_owner(c, identity_mac(c, &norm), &owner));
    if (owner == member_id) return OK;
    if (owner != 0) return refuse_taken(c, IDENTITY_PHONE);
    TRY(identity_main(c, member_id, IDENTITY_PHONE, &old, &has_old));
    if (has_old && !may_pass) TRY(need_cool(c, member_id));
    if (has_old) {
        TRY(identity_delete(c, &old));
        TRY(identity_entry_insert(c, &old, "changed", 0, reason));
    }
    TRY(claim(c, member_id, &norm, is_proven, true, &is_new));
    return is_new ? OK : refuse_taken(c, IDENTITY_PHONE);
}

/* ---- members' data ---- */

Err identity_merge(Ctx *c, const MergeInfo *m) {
    IdentityRows rows = { 0 };
    TRY(identity_rows(c, m->from_id, &rows));
    for (int64_t i = 0; i < rows.count; i++) {
        IdentityRow row = rows.items[i];
        bool has_main = false;
        TRY(identity_has_main(c, m->into_id, row.kind, &has_main));
        TRY(identity_move(c, &row, m->into_id, !has_main));
        row.member_id = m->into_id;
        TRY(identity_entry_insert(c, &row, "merged", m->merge_id, (Str){ 0 }));
    }
    merge_note(m, "identity", "identities", rows.count);
    return OK;
}

/* What has been unbound or moved on since stays where it is. */
Err identity_unmerge(Ctx *c, const MergeInfo *m) {
    IdentityEntries entries = { 0 };
    int64_t moved = 0;
    TRY(identity_entries_of_merge(c, m->into_id, m->merge_id, &entries));
    for (int64_t i = 0; i < entries.count; i++) {
        IdentityRow row = { 0 };
        bool is_there = false, has_main = false;
        TRY(identity_read(c, m->into_id, entries.items[i].identity_id, &row, &is_there));
        if (!is_there) continue;
        TRY(identity_has_main(c, m->from_id, row.kind, &has_main));
        TRY(identity_move(c, &row, m->from_id, !has_main));
        TRY(choose_main(c, m->into_id, row.kind));
        row.member_id = m->from_id;
        TRY(identity_entry_insert(c, &row, "unmerged", m->merge_id, (Str){ 0 }));
        moved++;
    }
    merge_note(m, "identity", "identities", moved);
    return OK;
}

Err identity_erase(Ctx *c, int64_t member_id) {
    TRY(identity_delete_all(c, member_id));
    TRY(identity_entries_blank(c, member_id));
    return identity_entry_insert(c, &(IdentityRow){ .member_id = member_id }, "erased", 0, (Str){ 0 });
}

Err identity_export(Ctx *c, int64_t member_id, Buf *json) {
    IdentityRows rows = { 0 };
    TRY(identity_rows(c, member_id, &rows));
    buf_cstr(json, "\"identities\":[");
    for (int64_t i = 0; i < rows.count; i++) {
        buf_print(json, "%s{\"kind\":\"%s\",\"value\":", i > 0 ? "," : "", identity_kind_names[rows.items[i].kind]);
        json_print_str(json, identity_unseal(c, &rows.items[i]));
        buf_print(json, ",\"verified_at\":%lld,\"created_at\":%lld}", (long long)rows.items[i].verified_at,
                  (long long)rows.items[i].created_at);
    }
    buf_char(json, ']');
    return OK;
}
