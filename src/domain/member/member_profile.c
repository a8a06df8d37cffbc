#include "base/day.h"
#include "base/text.h"
#include "domain/member/member_inside.h"

Err member_row(Ctx *c, int64_t member_id, MemberRow *ret_row) {
    bool is_found = false;
    TRY(member_row_read(c, member_id, ret_row, &is_found));
    return is_found ? OK : fail(c, E_NOT_FOUND, "member.not_found", "没有这位会员", "no such member");
}

/* ---- birthday ---- */

Err birthday_check(Ctx *c, const Birthday *b) {
    if (b->month == 0 && b->day == 0 && b->year == 0) return OK;
    int64_t most = 30;
    if (!b->is_lunar)
        most = b->month >= 1 && b->month <= 12 ? month_length(b->year == 0 ? 2000 : b->year, b->month) : 0;
    bool is_good = b->month >= 1 && b->month <= 12 && b->day >= 1 && b->day <= most;
    bool is_past = b->year == 0 || (b->year >= 1900 && b->year <= 2100);
    if (is_good && is_past) return OK;
    return fail(c, E_INVALID, "member.birthday", "生日不是一个正确的日期", "this birthday is no day of that calendar");
}

/* ---- the merchant's own fields ----
 * A Field table is made at run time, a slot of 16 bytes each, so that the JSON reader checks them like any other. */

enum { SLOT = 16 };

static FieldKind kind_of(MemberFieldKind kind) {
    switch (kind) {
    case OWN_TEXT:
    case OWN_CHOICE:
        return FIELD_STR;
    case OWN_NUMBER:
        return FIELD_INT;
    case OWN_DAY:
        return FIELD_DAY;
    case OWN_MULTI:
        break;
    }
    return FIELD_STRS;
}

static Fields *table_of(Ctx *c, const MemberFields *own, bool is_strict) {
    Field *field = NEW_LIST(c->arena, Field, own->count + 1);
    for (int64_t i = 0; i < own->count; i++) {
        const MemberField *f = &own->items[i];
        field[i] = (Field){ .name = arena_cstr(c->arena, f->key),
                            .kind = kind_of(f->kind),
                            .offset = SLOT * (i + 1),
                            .skip_zero = !is_strict,
                            .min = f->kind == OWN_NUMBER ? INT64_MIN : 0,
                            .max = f->kind == OWN_TEXT ? 500 : 0 };
    }
    Fields *fields = NEW(c->arena, Fields);
    *fields = (Fields){
        .name = "MemberCustom", .size = SLOT * (own->count + 1), .field = field, .count = own->count, .given_at = 0
    };
    return fields;
}

static bool is_choice(const MemberField *f, Str value) {
    for (int64_t i = 0; i < f->choices.count; i++) {
        if (str_equal(f->choices.items[i], value)) return true;
    }
    return value.len == 0;
}

static void check_choices(Ctx *c, const MemberFields *own, const Fields *fields, const char *slots) {
    for (int64_t i = 0; i < own->count; i++) {
        const MemberField *f = &own->items[i];
        const void *at = slots + fields->field[i].offset;
        bool is_good = true;
        if (f->kind == OWN_CHOICE) is_good = is_choice(f, *(const Str *)at);
        if (f->kind == OWN_MULTI) {
            const StrList *list = at;
            for (int64_t k = 0; k < list->count; k++) is_good = is_good && is_choice(f, list->items[k]);
        }
        if (is_good) continue;
        complain(c, arena_print(c->arena, "/%.*s", (int)f->key.len, f->key.at), "field.bad_choice", "不在可选范围内",
                 "is not one of the choices");
    }
}

/* The reader speaks of places inside the object; the body's own place is put before them. */
static Err under_custom(Ctx *c, Err err) {
    for (int64_t i = 0; i < c->problem.complaint_count; i++) {
        Complaint *complaint = &c->problem.complaints[i];
        complaint->pointer = arena_print(c->arena, "/custom%.*s", (int)complaint->pointer.len, complaint->pointer.at);
    }
    return err;
}

Err member_custom_put(Ctx *c, Str now, Str given, bool by_member, Str *ret_custom) {
    MemberFields own = { 0 };
    TRY(member_fields_read(c, false, &own));
    if (by_member) {
        int64_t kept = 0;
        for (int64_t i = 0; i < own.count; i++) {
            if (own.items[i].is_member_edit) own.items[kept++] = own.items[i];
        }
        own.count = kept;
    }
    Fields *strict = table_of(c, &own, true);
    char *change = arena_take(c->arena, strict->size, 16);
    Err err = json_parse(c, given, strict, change);
    if (err != OK) return under_custom(c, err);
    check_choices(c, &own, strict, change);
    err = complaints_refuse(c);
    if (err != OK) return under_custom(c, err);
    MemberFields all = { 0 };
    TRY(member_fields_read(c, true, &all));
    Fields *fields = table_of(c, &all, false);
    char *slots = arena_take(c->arena, fields->size, 16);
    json_read(c->arena, now, fields, slots);
    fields_overlay(strict, change, fields, slots);
    Buf b = { .arena = c->arena };
    json_print(&b, fields, slots);
    *ret_custom = buf_str(&b);
    return OK;
}

Str member_custom_public(Ctx *c, Str custom, const MemberFields *own) {
    MemberFields open = { .items = NEW_LIST(c->arena, MemberField, own->count + 1) };
    for (int64_t i = 0; i < own->count; i++) {
        if (!own->items[i].is_personal && own->items[i].is_active) open.items[open.count++] = own->items[i];
    }
    Fields *fields = table_of(c, &open, false);
    char *slots = arena_take(c->arena, fields->size, 16);
    json_read(c->arena, custom, fields, slots);
    Buf b = { .arena = c->arena };
    json_print(&b, fields, slots);
    return buf_str(&b);
}

/* ---- completion ---- */

static bool has_custom(Ctx *c, const MemberRow *row, const MemberFields *own, Str key) {
    Fields *fields = table_of(c, own, false);
    char *slots = arena_take(c->arena, fields->size, 16);
    const Field *field = fields_find(fields, key);
    if (field == NULL) return true; /* a field that is gone cannot be asked for */
    json_read(c->arena, row->custom, fields, slots);
    return !field_is_zero(field, slots);
}

Err member_is_complete(Ctx *c, const MemberRow *row, bool *ret_complete) {
    MemberSetting setting = { 0 };
    MemberFields own = { 0 };
    bool is_complete = true;
    TRY(setting_get(c, &member_setting, &setting));
    TRY(member_fields_read(c, false, &own));
    for (int64_t i = 0; i < setting.complete_fields.count; i++) {
        Str key = setting.complete_fields.items[i];
        bool has = true;
        if (str_is(key, "name"))
            has = row->card.name.len > 0;
        else if (str_is(key, "gender"))
            has = row->gender != GENDER_UNKNOWN;
        else if (str_is(key, "birthday"))
            has = row->card.birth_month != 0;
        else if (str_is(key, "region"))
            has = row->region.len > 0;
        else if (str_is(key, "hobbies"))
            has = row->hobbies.count > 0;
        else if (str_is(key, "addresses"))
            has = row->addresses.count > 0;
        else
            has = has_custom(c, row, &own, key);
        is_complete = is_complete && has;
    }
    *ret_complete = is_complete && setting.complete_fields.count > 0;
    return OK;
}

/* ---- change ---- */

/* Members have fewer fields than staff. */
static bool is_given(const Fields *fields, const MemberChange *change, const char *name) {
    return fields_find(fields, str_of(name)) != NULL && field_is_given(fields, change, name);
}

static Err take_over(Ctx *c, const Fields *fields, const MemberChange *change, MemberRow *row) {
    if (is_given(fields, change, "name")) row->card.name = str_trim(change->name);
    if (is_given(fields, change, "gender")) row->gender = change->gender;
    if (is_given(fields, change, "region")) row->region = change->region;
    if (is_given(fields, change, "hobbies")) row->hobbies = change->hobbies;
    if (is_given(fields, change, "addresses")) row->addresses = change->addresses;
    if (is_given(fields, change, "channel")) row->channel = change->channel;
    if (is_given(fields, change, "birthday")) {
        TRY(birthday_check(c, &change->birthday));
        row->birth_year = change->birthday.year;
        row->card.birth_month = change->birthday.month;
        row->card.birth_day = change->birthday.day;
        row->card.birth_is_lunar = change->birthday.is_lunar;
    }
    if (!is_given(fields, change, "custom")) return OK;
    return member_custom_put(c, row->custom, change->custom, c->actor.kind == ACTOR_MEMBER, &row->custom);
}

/* What the audit trail keeps of a profile: that it changed, with personal values masked. */
typedef struct ProfileNote {
    Str name, gender, region, channel;
    int64_t birth_year, birth_month, birth_day;
} ProfileNote;
static const Field note_field[] = {
    FIELD(ProfileNote, name, .is_personal = true),
    FIELD(ProfileNote, gender),
    FIELD(ProfileNote, region),
    FIELD(ProfileNote, channel),
    FIELD(ProfileNote, birth_year, .is_personal = true),
    FIELD(ProfileNote, birth_month, .is_personal = true),
    FIELD(ProfileNote, birth_day, .is_personal = true),
};
static const Fields note_fields = FIELDS(ProfileNote, note_field);

static ProfileNote note_of(const MemberRow *row) {
    return (ProfileNote){ row->card.name,     str_of(member_gender_names[row->gender]),
                          row->region,        row->channel,
                          row->birth_year,    row->card.birth_month,
                          row->card.birth_day };
}

Err member_change(Ctx *c, const Fields *fields, const MemberChange *change, MemberRow *ret_row) {
    MemberRow before = { 0 };
    MemberCard locked = { 0 };
    TRY(member_lock(c, change->member_id, &locked));
    TRY(member_row(c, change->member_id, &before));
    if (before.card.status == MEMBER_MERGED || before.card.status == MEMBER_ERASED) {
        return fail(c, E_CONFLICT, "member.not_living", "会员已合并或注销，不能再改",
                    "this member was merged or erased");
    }
    MemberRow after = before;
    bool is_complete = false, is_written = false;
    int64_t version = is_given(fields, change, "version") ? change->version : before.version;
    TRY(take_over(c, fields, change, &after));
    TRY(member_is_complete(c, &after, &is_complete));
    bool is_first = is_complete && before.completed_at == 0;
    if (is_first) after.completed_at = c->now;
    TRY(member_profile_write(c, &after, version, &is_written));
    if (!is_written)
        return fail(c, E_STALE, "member.stale", "会员资料已被别人修改，请刷新", "the member was changed meanwhile");
    if (!str_equal(before.card.name, after.card.name)) {
        TRY(member_words_forget(c, change->member_id, before.card.name));
        TRY(member_words_keep(c, change->member_id, after.card.name));
    }
    after.version = version + 1;
    after.updated_at = c->now;
    ProfileNote note_before = note_of(&before), note_after = note_of(&after);
    TRY(audit(c, &(AuditNote){ .action = "member.update",
                               .subject = "member",
                               .subject_id = change->member_id,
                               .fields = &note_fields,
                               .before = &note_before,
                               .after = &note_after }));
    TRY(emit(c, &member_updated, change->member_id, &(MemberUpdatedEvent){ change->member_id, is_first }));
    *ret_row = after;
    return OK;
}
