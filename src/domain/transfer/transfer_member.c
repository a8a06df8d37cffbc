/* Members: one row each, found by any identity. Opening points become a lot with its own last day; one lot per member
 * and day, so that the same file again adds nothing, and a member may stand on several rows with points of several
 * days. */
#include "domain/transfer/transfer_work.h"
#include "domain/member/member.h"
#include "domain/tier/tier.h"

enum { TAGS_MAX_ROW = 20, REGION_CHARS_MAX = 60, OPENING_POLICY = 1 };

typedef struct Person {
    MemberImportRow row;
    int64_t points, growth, points_until; /* points_until: day, 0 = by policy */
    Str shop, tier;
} Person;
typedef struct Work {
    Person *people;
} Work;

static void begin(Transfer *t) {
    Work *w = NEW(&t->batch, Work);
    w->people = NEW_LIST(&t->batch, Person, TRANSFER_BATCH_ROWS * 2 + 1);
    t->work = w;
}

static bool may_end(const Transfer *t, const TableRow *row) {
    (void)t, (void)row;
    return true;
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

static Str cell(Transfer *t, const TableRow *row, MapField field) {
    return work_str(t, column_cell(&t->columns, row, field));
}

static void take_identities(Transfer *t, const TableRow *row, MemberJoin *join) {
    static const struct {
        MapField field;
        IdentityKind kind;
    } known[] = {
        { MAP_PHONE, IDENTITY_PHONE },
        { MAP_CARD, IDENTITY_CARD },
        { MAP_EMAIL, IDENTITY_EMAIL },
        { MAP_EXTERNAL, IDENTITY_EXTERNAL },
    };
    Str provider = t->run.map.provider.len > 0 ? t->run.map.provider : S("import");
    for (int64_t i = 0; i < COUNT_OF(known); i++) {
        Str value = cell(t, row, known[i].field);
        if (value.len == 0) continue;
        join->identities[join->identity_count++] = (IdentityValue){
            .kind = known[i].kind,
            .value = value,
            .provider = known[i].kind == IDENTITY_EXTERNAL ? provider : S(""),
        };
    }
}

static MemberGender gender_of(Arena *a, Str text) {
    static const char *const male[] = { "男", "m", "male", "1", "先生" }, *const female[] = { "女", "f", "female", "2",
                                                                                              "女士" };
    Str form = text_search_form(a, text);
    for (int64_t i = 0; i < 5; i++) {
        if (str_is(form, male[i])) return GENDER_MALE;
        if (str_is(form, female[i])) return GENDER_FEMALE;
    }
    return GENDER_UNKNOWN;
}

/* "1990-05-20", "5-20", "05/20", and with 农历 in front the same in the lunar calendar. */
static bool read_birthday(const Transfer *t, Str text, Birthday *ret_birthday) {
    Birthday b = { 0 };
    int64_t day, month, in_month;
    Str rest, tail;
    b.is_lunar = str_starts(text, S("农历"));
    rest = str_trim(b.is_lunar ? str_slice(text, 6, text.len) : text);
    if (value_day(rest, t->run.map.day_order, &day)) {
        *ret_birthday = (Birthday){ day_year(day), day_month(day), day_of_month(day), b.is_lunar };
        return true;
    }
    bool is_cut = str_cut(rest, '-', &text, &tail) || str_cut(rest, '/', &text, &tail);
    if (!is_cut || !str_to_int(text, &month) || !str_to_int(tail, &in_month)) return false;
    int64_t longest = b.is_lunar ? 30 : month >= 1 && month <= 12 ? month_length(2024, month) : 0;
    if (month < 1 || month > 12 || in_month < 1 || in_month > longest) return false;
    *ret_birthday = (Birthday){ 0, month, in_month, b.is_lunar };
    return true;
}

static void take_tags(Transfer *t, Str text, StrList *ret_tags) {
    ret_tags->items = NEW_LIST(&t->batch, Str, TAGS_MAX_ROW);
    int64_t from = 0;
    for (int64_t at = 0; at <= text.len && ret_tags->count < TAGS_MAX_ROW; at++) {
        bool is_wide = str_starts(str_slice(text, at, text.len), S("、"));
        bool is_end = at == text.len || text.at[at] == ';' || text.at[at] == ',' || text.at[at] == '|' || is_wide;
        if (!is_end) continue;
        Str tag = str_trim(str_slice(text, from, at));
        if (tag.len > 0) ret_tags->items[ret_tags->count++] = tag;
        from = at + (is_wide ? 3 : 1);
        at = from - 1;
    }
}

static const char *read_numbers(Transfer *t, const TableRow *row, Person *p) {
    Str points = cell(t, row, MAP_POINTS), growth = cell(t, row, MAP_GROWTH), until = cell(t, row, MAP_POINTS_EXPIRY);
    Str joined = cell(t, row, MAP_JOINED), birthday = cell(t, row, MAP_BIRTHDAY);
    if (points.len > 0 && (!value_int(points, &p->points) || p->points < 0 || p->points > POINTS_PER_CALL_MAX))
        return "row.number";
    if (growth.len > 0 && (!value_int(growth, &p->growth) || p->growth < 0 || p->growth > POINTS_PER_CALL_MAX))
        return "row.number";
    if (until.len > 0 && !value_day(until, t->run.map.day_order, &p->points_until)) return "row.day";
    if (joined.len > 0 && !value_time(joined, t->run.map.day_order, t->zone, &p->row.join.joined_at)) return "row.time";
    if (birthday.len > 0 && !read_birthday(t, birthday, &p->row.join.birthday)) return "row.day";
    return NULL;
}

static const char *read_person(Transfer *t, const TableRow *row, Person *p) {
    MemberJoin *join = &p->row.join;
    *p = (Person){ 0 };
    take_identities(t, row, join);
    if (join->identity_count == 0) return "row.no_key";
    join->name = cell(t, row, MAP_NAME);
    join->region = cell(t, row, MAP_REGION);
    join->channel = cell(t, row, MAP_CHANNEL);
    if (join->channel.len == 0) join->channel = S("import");
    join->gender = gender_of(&t->batch, cell(t, row, MAP_GENDER));
    join->is_import = true;
    p->shop = cell(t, row, MAP_SHOP);
    p->tier = cell(t, row, MAP_TIER);
    take_tags(t, cell(t, row, MAP_TAGS), &p->row.tags);
    if (str_chars(join->name) > MEMBER_NAME_MAX || str_chars(join->region) > REGION_CHARS_MAX) return "row.long";
    return read_numbers(t, row, p);
}

static Err take(Ctx *c, Transfer *t, const TableRow *row) {
    Work *w = t->work;
    Person *p = &w->people[t->group_count];
    const char *code = read_person(t, row, p);
    bool is_past = p->points > 0 && p->points_until != 0 && p->points_until < day_at(t->zone, c->now);
    if (!code && is_past) code = "row.expired";
    row_add(t, row->line, t->group_count++, code ? ROW_LISTED : ROW_ACCEPTED, code ? code : "");
    return OK;
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

/* Shops first: a row with an unknown one is listed and leaves the batch. */
static Err gather(Ctx *c, Transfer *t, int64_t from, int64_t to, MemberImportRow *rows, int64_t *index,
                  int64_t *ret_count) {
    Work *w = t->work;
    *ret_count = 0;
    for (int64_t i = from; i < to; i++) {
        Person *p = &w->people[i];
        if (t->rows[i].read_end == ROW_LISTED) continue;
        int64_t shop_id;
        TRY(work_shop(c, t, p->shop, &shop_id));
        if (shop_id == 0) {
            row_set(t, i, ROW_LISTED, "row.shop", S(""), S(""));
            continue;
        }
        p->row.join.shop_id = shop_id;
        rows[*ret_count] = p->row;
        index[(*ret_count)++] = i;
    }
    return OK;
}

static Err give_points(Ctx *c, Transfer *t, const int64_t *index, int64_t count) {
    Work *w = t->work;
    PointsOpenings points = { NEW_LIST(c->arena, PointsOpening, count), 0 };
    GrowthOpenings growth = { NEW_LIST(c->arena, GrowthOpening, count), 0 };
    for (int64_t i = 0; i < count; i++) {
        const Person *p = &w->people[index[i]];
        if (p->row.code) continue;
        int64_t until = p->points_until, source_id = until == 0 ? OPENING_POLICY : until;
        if (p->points > 0) {
            points.items[points.count++] = (PointsOpening){ .member_id = p->row.member_id,
                                                            .points = p->points,
                                                            .expires_at = until == 0 ? 0 : day_end(t->zone, until),
                                                            .source_id = source_id };
        }
        if (p->growth > 0) {
            growth.items[growth.count++] =
                (GrowthOpening){ .member_id = p->row.member_id, .growth = p->growth, .source_id = OPENING_POLICY };
        }
    }
    if (points.count > 0) TRY(points_import_batch(c, points));
    return growth.count > 0 ? growth_import_batch(c, growth) : OK;
}

static Str find_tier(const Tiers *tiers, Str name) {
    for (int64_t i = 0; i < tiers->count; i++) {
        const Tier *tier = &tiers->items[i];
        bool is_it = str_equal(tier->key, name) || str_equal(tier->name, name) || str_equal(tier->name_en, name);
        if (is_it) return tier->key;
    }
    return S("");
}

/* A level the row names is set; else the opening growth may have earned one. */
static Err give_tiers(Ctx *c, Transfer *t, const int64_t *index, int64_t count) {
    Work *w = t->work;
    Tiers tiers = { 0 };
    for (int64_t i = 0; i < count; i++) {
        const Person *p = &w->people[index[i]];
        if (p->row.code) continue;
        if (p->tier.len == 0) {
            if (p->growth > 0) TRY(tier_evaluate(c, p->row.member_id, true));
            continue;
        }
        if (tiers.count == 0) TRY(tier_list(c, &tiers));
        Str key = find_tier(&tiers, p->tier);
        if (key.len == 0) return fail(c, E_INVALID, "row.tier", "没有这个等级", "there is no such level");
        TRY(tier_import(c, p->row.member_id, key));
    }
    return OK;
}

static Err write(Ctx *c, Transfer *t, int64_t from, int64_t to) {
    Work *w = t->work;
    MemberImportRow *rows = NEW_LIST(c->arena, MemberImportRow, to - from);
    int64_t *index = NEW_LIST(c->arena, int64_t, to - from), count;
    TRY(gather(c, t, from, to, rows, index, &count));
    if (count == 0) return OK;
    TRY(member_import_batch(c, rows, count));
    for (int64_t i = 0; i < count; i++) {
        Person *p = &w->people[index[i]];
        p->row.member_id = rows[i].member_id;
        p->row.code = rows[i].code;
        if (rows[i].code)
            row_set(t, index[i], ROW_LISTED, rows[i].code, rows[i].zh, rows[i].en);
        else if (!rows[i].is_new)
            row_set(t, index[i], ROW_MERGED, "member.exists", S(""), S(""));
    }
    TRY(give_points(c, t, index, count));
    return give_tiers(c, t, index, count);
}

const Importer member_importer = { begin, take, may_end, write };
