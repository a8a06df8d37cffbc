/* Rules of setting.h.
 * Errors: setting.unknown, setting.broken, setting.moved */
#include "app/setting_cache.h"
#include <string.h>

typedef struct SettingRow { Str value; int64_t version; } SettingRow;
static const Field setting_row_field[] = { FIELD_JSON(SettingRow, value), FIELD(SettingRow, version) };
static const Fields setting_row_fields = FIELDS(SettingRow, setting_row_field);

static int64_t field_size(const Field *field) {
    switch (field->kind) {
    case FIELD_INT:
    case FIELD_ID:
    case FIELD_DAY: return sizeof(int64_t);
    case FIELD_BOOL: return sizeof(bool);
    case FIELD_ENUM: return sizeof(int);
    case FIELD_STR:
    case FIELD_JSON: return sizeof(Str);
    case FIELD_BYTES: return sizeof(Bytes);
    case FIELD_OBJECT: return field->of->size;
    case FIELD_LIST:
    case FIELD_STRS:
    case FIELD_IDS: return sizeof(ListAny);
    }
    return 0;
}

/* What `text` says over what `base` holds: members it does not name keep the base's value. */
static Err parse_over(Ctx *c, Str text, const Fields *fields, const void *base, void *ret_value) {
    Fields wide = *fields;
    wide.given_at = (fields->size + 7) / 8 * 8;
    wide.size = wide.given_at + (int64_t)sizeof(uint64_t);
    char *obj = arena_take(c->arena, wide.size, 16);
    TRY(json_parse(c, text, &wide, obj));
    uint64_t given;
    memcpy(&given, obj + wide.given_at, sizeof given);
    for (int64_t i = 0; i < fields->count; i++) {
        const Field *field = &fields->field[i];
        if (given >> i & 1) continue;
        memcpy(obj + field->offset, (const char *)base + field->offset, (size_t)field_size(field));
    }
    memcpy(ret_value, obj, (size_t)fields->size);
    return OK;
}

static void *defaults_new(Arena *a, const Setting *setting) {
    void *obj = arena_take(a, setting->fields->size, 16);
    if (setting->defaults) setting->defaults(obj);
    return obj;
}

/* A stored value that this version cannot read must not silently become the defaults: rules of value would change. */
static Err parse_stored(Ctx *c, const Setting *setting, Str text, void *ret_value) {
    const void *base = defaults_new(c->arena, setting);
    if (text.len == 0) {
        memcpy(ret_value, base, (size_t)setting->fields->size);
        return OK;
    }
    if (parse_over(c, text, setting->fields, base, ret_value) == OK) return OK;
    problem_clear(c);
    return fail(c, E_INTERNAL, "setting.broken", "设置 %s 无法读取", "the stored setting %s cannot be read", setting->name);
}

static Err row_read(Ctx *c, const Setting *setting, SettingRow *ret_row) {
    bool is_found;
    *ret_row = (SettingRow){ 0 };
    return db_find(c, "SELECT value, version FROM setting WHERE merchant_id = $1 AND name = $2", ARGS(setting->name),
                   &setting_row_fields, ret_row, &is_found);
}

/* ---- into the cache ---- */

typedef struct Keep { int64_t merchant_id; const Setting *setting; SettingRow row; } Keep;

static void keep(App *app, int64_t merchant_id, const Setting *setting, const SettingRow *row) {
    SettingValue *value = setting_value_new();
    value->version = row->version;
    value->obj = arena_take(&value->arena, setting->fields->size, 16);
    Ctx c;
    app_ctx(app, &value->arena, merchant_id, (Actor){ 0 }, &c);
    if (parse_stored(&c, setting, arena_str(&value->arena, row->value), value->obj) == OK) {
        setting_cache_put(app, merchant_id, setting, value);
        return;
    }
    arena_free(&value->arena);
    setting_cache_drop(app, merchant_id, setting);
}

static void keep_after(App *app, int64_t at, int64_t unused) {
    (void)unused;
    const Keep *k = (const Keep *)(intptr_t)at;
    keep(app, k->merchant_id, k->setting, &k->row);
}

/* What a unit has read may be its own unfinished work: it reaches the cache only when it is durable. */
static void keep_when_durable(Ctx *c, const Setting *setting, const SettingRow *row) {
    Keep *k = NEW(c->arena, Keep);
    *k = (Keep){ c->merchant_id, setting, { arena_str(c->arena, row->value), row->version } };
    after_commit(c, keep_after, (int64_t)(intptr_t)k, 0);
}

typedef struct Load { const Setting *setting; SettingRow row; } Load;

static Err load(Ctx *c, void *arg) {
    Load *l = arg;
    return row_read(c, l->setting, &l->row);
}

Err setting_get(Ctx *c, const Setting *setting, void *ret_value) {
    if (setting_cache_get(c->app, c->merchant_id, setting, ret_value)) return OK;
    Load l = { .setting = setting };
    TRY(app_read(c, load, &l));
    TRY(parse_stored(c, setting, l.row.value, ret_value));
    if (db_in_unit(c)) keep_when_durable(c, setting, &l.row);
    else keep(c->app, c->merchant_id, setting, &l.row);
    return OK;
}

typedef struct VersionRow { int64_t version; } VersionRow;
static const Field version_row_field[] = { FIELD(VersionRow, version) };
static const Fields version_row_fields = FIELDS(VersionRow, version_row_field);

Err setting_put(Ctx *c, const Setting *setting, const void *value) {
    TRY(fields_check(c, setting->fields, value));
    if (setting->check) TRY(setting->check(c, value));
    TRY(complaints_refuse(c));
    Buf text = { .arena = c->arena };
    json_print(&text, setting->fields, value);
    VersionRow row;
    TRY(db_row(c,
               "INSERT INTO setting (merchant_id, name, value, version, updated_at) VALUES ($1, $2, $3, 1, $4)"
               " ON CONFLICT (merchant_id, name) DO UPDATE SET value = excluded.value, version = setting.version + 1,"
               " updated_at = excluded.updated_at RETURNING version",
               ARGS(setting->name, buf_str(&text), c->now), &version_row_fields, &row));
    setting_cache_drop(c->app, c->merchant_id, setting);        /* this very unit reads what it has written */
    keep_when_durable(c, setting, &(SettingRow){ buf_str(&text), row.version });
    return OK;
}

/* ---- routes ---- */

typedef struct SettingLine { Str name, value, defaults, form; int64_t version; } SettingLine;
static const Field setting_line_field[] = {
    FIELD(SettingLine, name), FIELD(SettingLine, version),
    FIELD_JSON(SettingLine, value, .about = "the current value; secrets are not shown"),
    FIELD_JSON(SettingLine, defaults, .skip_zero = true),
    FIELD_JSON(SettingLine, form, .skip_zero = true, .about = "fields in order: name, kind, limits, choices, about"),
};
static const Fields setting_line_fields = FIELDS(SettingLine, setting_line_field);

typedef struct SettingList { LIST_OF(SettingLine) items; } SettingList;
static const Field setting_list_field[] = { FIELD_LIST(SettingList, items, setting_line_fields, .max = LIST_MAX) };
static const Fields setting_list_fields = FIELDS(SettingList, setting_list_field);

typedef struct SettingRef { Str name; } SettingRef;
static const Field setting_ref_field[] = { FIELD(SettingRef, name, .need = true) };
static const Fields setting_ref_fields = FIELDS(SettingRef, setting_ref_field);

typedef struct SettingPut { Str name, value; int64_t version; } SettingPut;
static const Field setting_put_field[] = {
    FIELD(SettingPut, name, .need = true),
    FIELD_JSON(SettingPut, value, .need = true, .max = HTTP_BODY_MAX,
               .about = "members left out take their default; secrets stay"),
    FIELD(SettingPut, version, .about = "the version that was edited (or If-Match)"),
};
static const Fields setting_put_fields = FIELDS(SettingPut, setting_put_field);

static Err setting_find(Ctx *c, Str name, const Setting **ret_setting) {
    for (int64_t i = 0; i < slice_all_count(); i++)
        for (int64_t j = 0; j < slice_all(i)->setting_count; j++)
            if (str_is(name, slice_all(i)->settings[j]->name)) {
                *ret_setting = slice_all(i)->settings[j];
                return OK;
            }
    return fail(c, E_NOT_FOUND, "setting.unknown", "没有这项设置", "there is no such setting");
}

static Str value_shown(Ctx *c, const Fields *fields, const void *value) {
    Field *open = NEW_LIST(c->arena, Field, fields->count);
    Fields shown = { .name = fields->name, .size = fields->size, .field = open, .given_at = -1 };
    for (int64_t i = 0; i < fields->count; i++)
        if (!fields->field[i].is_secret) open[shown.count++] = fields->field[i];
    Buf b = { .arena = c->arena };
    json_print(&b, &shown, value);
    return buf_str(&b);
}

static const char *kind_word(FieldKind kind) {
    switch (kind) {
    case FIELD_INT: return "int";
    case FIELD_BOOL: return "bool";
    case FIELD_STR: return "text";
    case FIELD_BYTES: return "bytes";
    case FIELD_ID: return "id";
    case FIELD_DAY: return "day";
    case FIELD_ENUM: return "enum";
    case FIELD_OBJECT: return "object";
    case FIELD_LIST: return "list";
    case FIELD_STRS: return "texts";
    case FIELD_IDS: return "ids";
    case FIELD_JSON: return "json";
    }
    return "text";
}

static void form_print(Buf *b, const Fields *fields) {
    buf_cstr(b, "{\"fields\":[");
    for (int64_t i = 0; i < fields->count; i++) {
        const Field *f = &fields->field[i];
        buf_print(b, "%s{\"name\":\"%s\",\"kind\":\"%s\",\"need\":%s,\"secret\":%s,\"min\":%lld,\"max\":%lld",
                  i ? "," : "", f->name, kind_word(f->kind), f->need ? "true" : "false",
                  f->is_secret ? "true" : "false", (long long)f->min, (long long)f->max);
        if (f->about) {
            buf_cstr(b, ",\"about\":");
            json_print_str(b, str_of(f->about));
        }
        if (f->kind == FIELD_ENUM) {
            buf_cstr(b, ",\"choices\":[");
            for (int64_t j = 0; f->choices[j]; j++) buf_print(b, "%s\"%s\"", j ? "," : "", f->choices[j]);
            buf_char(b, ']');
        }
        if (f->of) {
            buf_cstr(b, ",\"of\":");
            form_print(b, f->of);
        }
        buf_char(b, '}');
    }
    buf_cstr(b, "]}");
}

static Err line_read(Ctx *c, const Setting *setting, bool is_whole, SettingLine *ret_line) {
    SettingRow row;
    TRY(row_read(c, setting, &row));
    void *value = arena_take(c->arena, setting->fields->size, 16);
    TRY(parse_stored(c, setting, row.value, value));
    *ret_line = (SettingLine){ .name = str_of(setting->name), .version = row.version,
                               .value = value_shown(c, setting->fields, value) };
    if (!is_whole) return OK;
    ret_line->defaults = value_shown(c, setting->fields, defaults_new(c->arena, setting));
    Buf form = { .arena = c->arena };
    form_print(&form, setting->fields);
    ret_line->form = buf_str(&form);
    return OK;
}

static Err get_settings(Ctx *c, const void *body, void *ret) {
    (void)body;
    SettingList *out = ret;
    out->items.items = NEW_LIST(c->arena, SettingLine, LIST_MAX);
    for (int64_t i = 0; i < slice_all_count(); i++)
        for (int64_t j = 0; j < slice_all(i)->setting_count && out->items.count < LIST_MAX; j++)
            TRY(line_read(c, slice_all(i)->settings[j], false, &out->items.items[out->items.count++]));
    return OK;
}

static Err get_setting(Ctx *c, const void *body, void *ret) {
    const SettingRef *in = body;
    const Setting *setting;
    TRY(setting_find(c, in->name, &setting));
    return line_read(c, setting, true, ret);
}

/* The complaints of the inner parser name places below /value. */
static Err value_parse(Ctx *c, const Setting *setting, Str text, const void *before, void *ret_value) {
    char *base = defaults_new(c->arena, setting);
    for (int64_t i = 0; i < setting->fields->count; i++) {
        const Field *field = &setting->fields->field[i];
        if (field->is_secret)
            memcpy(base + field->offset, (const char *)before + field->offset, (size_t)field_size(field));
    }
    Err err = parse_over(c, text, setting->fields, base, ret_value);
    for (int64_t i = 0; i < c->problem.complaint_count; i++) {
        Str pointer = c->problem.complaints[i].pointer;
        c->problem.complaints[i].pointer = arena_print(c->arena, "/value%.*s", (int)pointer.len, pointer.at);
    }
    return err;
}

static Err put_setting(Ctx *c, const void *body, void *ret) {
    const SettingPut *in = body;
    const Setting *setting;
    TRY(setting_find(c, in->name, &setting));
    SettingRow row;
    TRY(row_read(c, setting, &row));
    if (in->version != 0 && in->version != row.version)         /* 0: If-Match alone says which; dispatch compares */
        return fail(c, E_STALE, "setting.moved", "设置已被别人改过，请重新打开", "somebody else has changed this setting meanwhile");
    void *before = arena_take(c->arena, setting->fields->size, 16);
    void *after = arena_take(c->arena, setting->fields->size, 16);
    TRY(parse_stored(c, setting, row.value, before));
    TRY(value_parse(c, setting, in->value, before, after));
    TRY(setting_put(c, setting, after));
    TRY(audit(c, &(AuditNote){ .action = "setting.put",
                               .subject = arena_cstr(c->arena, arena_print(c->arena, "setting.%s", setting->name)),
                               .fields = setting->fields,
                               .before = before,
                               .after = after }));
    return line_read(c, setting, true, ret);
}

static const Route setting_routes[] = {
    { "GET", "/v1/settings", "All settings with their current values", WHO_STAFF, "setting.read", NULL,
      &setting_list_fields, .run = get_settings },
    { "GET", "/v1/settings/{name}", "One setting: value, defaults, form", WHO_STAFF, "setting.read",
      &setting_ref_fields, &setting_line_fields, .run = get_setting, .flags = ROUTE_EDIT },
    { "PUT", "/v1/settings/{name}", "Change a setting", WHO_STAFF, "setting.write", &setting_put_fields,
      &setting_line_fields, .run = put_setting, .flags = ROUTE_EDIT },
};

const Slice setting_slice = { .name = "setting", .routes = setting_routes, .route_count = COUNT_OF(setting_routes) };
