#include "test/test.h"
#include "app/app_state.h"

/* A setting of the tests, read and written by C; the routes are tried on one that a slice has. */
typedef struct Bell { int64_t loudness; bool is_golden; Str name, secret; LIST_OF(struct BellTone) tones; } Bell;
typedef struct BellTone { int64_t hertz; } BellTone;
static const Field bell_tone_field[] = { FIELD(BellTone, hertz, .min = 1, .max = 20000) };
static const Fields bell_tone_fields = FIELDS(BellTone, bell_tone_field);
static const Field bell_field[] = {
    FIELD(Bell, loudness, .max = 10), FIELD(Bell, is_golden), FIELD(Bell, name, .max = 20),
    FIELD(Bell, secret, .is_secret = true), FIELD_LIST(Bell, tones, bell_tone_fields, .max = 5),
};
static const Fields bell_fields = FIELDS(Bell, bell_field);
static const BellTone default_tones[] = { { 440 }, { 880 } };

static void bell_defaults(void *ret_value) {
    *(Bell *)ret_value = (Bell){ .loudness = 3, .name = S("小铃") };
    ((Bell *)ret_value)->tones.items = (void *)(uintptr_t)default_tones;
    ((Bell *)ret_value)->tones.count = 2;
}

static Err bell_check(Ctx *c, const void *value) {
    const Bell *bell = value;
    if (bell->is_golden && bell->loudness > 5) complain(c, S("/loudness"), "bell.too_loud", "金铃不能太响", "too loud");
    return OK;
}
static const Setting bell_setting = {
    .name = "test_bell", .fields = &bell_fields, .defaults = bell_defaults, .check = bell_check
};

static Err bell_put(Ctx *c, void *arg) { return setting_put(c, &bell_setting, arg); }

static Err bell_put_and_get(Ctx *c, void *arg) {
    TRY(setting_put(c, &bell_setting, arg));
    Bell now;
    TRY(setting_get(c, &bell_setting, &now));
    assert_int_equal(now.loudness, ((Bell *)arg)->loudness);
    return OK;
}

static Err bell_put_and_refuse(Ctx *c, void *arg) {
    TRY(bell_put_and_get(c, arg));
    return fail(c, E_CONFLICT, "test.no", "不", "no");
}

static int64_t loudness(World *w) {
    Ctx c = world_ctx(w, w->merchant_id);
    Bell bell;
    assert_int_equal(setting_get(&c, &bell_setting, &bell), OK);
    return bell.loudness;
}

TEST(a_setting_nobody_changed_has_its_defaults) {
    Ctx c = world_ctx(w, w->merchant_id);
    Bell bell;
    assert_int_equal(setting_get(&c, &bell_setting, &bell), OK);
    assert_int_equal(bell.loudness, 3);
    assert_true(str_is(bell.name, "小铃"));
    assert_int_equal(bell.tones.count, 2);
}

TEST(a_changed_setting_is_seen_at_once_and_after_a_restart) {
    assert_int_equal(loudness(w), 3);
    assert_int_equal(world_unit(w, bell_put, &(Bell){ .loudness = 5, .name = S("大铃") }), OK);
    assert_int_equal(loudness(w), 5);
    world_restart(w);
    assert_int_equal(loudness(w), 5);
    assert_int_equal(world_unit(w, bell_put_and_get, &(Bell){ .loudness = 6 }), OK);
    assert_int_equal(loudness(w), 6);
}

TEST(a_refused_change_of_a_setting_leaves_the_old_value) {
    assert_int_equal(world_unit(w, bell_put, &(Bell){ .loudness = 5 }), OK);
    assert_int_equal(world_unit(w, bell_put_and_refuse, &(Bell){ .loudness = 7 }), E_CONFLICT);
    assert_int_equal(loudness(w), 5);
    assert_int_equal(world_unit(w, bell_put, &(Bell){ .loudness = 11 }), E_INVALID);
    assert_int_equal(world_unit(w, bell_put, &(Bell){ .loudness = 9, .is_golden = true }), E_INVALID);
    assert_int_equal(loudness(w), 5);
}

TEST(a_setting_belongs_to_one_merchant) {
    assert_int_equal(world_unit(w, bell_put, &(Bell){ .loudness = 5 }), OK);
    Ctx c = world_ctx(w, world_merchant(w, "other"));
    Bell bell;
    assert_int_equal(setting_get(&c, &bell_setting, &bell), OK);
    assert_int_equal(bell.loudness, 3);
}

TEST(settings_are_read_and_changed_over_http_with_version_and_audit) {
    world_get(w, "/v1/settings");
    assert_int_equal(w->status, 200);
    assert_true(world_count(w, "/items") > 0);
    const char *path = world_path(w, "/v1/settings/%s", arena_cstr(&w->arena, world_str(w, "/items/0/name")));
    world_get(w, "%s", path);
    assert_int_equal(w->status, 200);
    assert_int_equal(world_int(w, "/version"), 0);
    assert_true(world_has(w, "/value") && world_has(w, "/defaults") && world_count(w, "/form/fields") > 0);

    world_send(w, "PUT", path, S("{\"value\":{}}"));
    assert_int_equal(w->status, 428);
    world_header(w, "if-match", "\"v0\"");
    world_send(w, "PUT", path, S("{\"value\":{\"no_such_thing\":1}}"));
    assert_true(w->status == 400 || w->status == 422);
    assert_true(str_is(world_str(w, "/errors/0/pointer"), "/value/no_such_thing"));
    world_header(w, "if-match", "\"v0\"");
    world_send(w, "PUT", path, S("{\"value\":{}}"));
    assert_int_equal(w->status, 200);
    assert_int_equal(world_int(w, "/version"), 1);
    world_header(w, "if-match", "\"v0\"");
    world_send(w, "PUT", path, S("{\"value\":{}}"));
    assert_int_equal(w->status, 412);

    world_get(w, "/v1/audit?action=setting.put");
    assert_int_equal(world_count(w, "/items"), 1);
    world_get(w, "/v1/settings/no_such_setting");
    assert_int_equal(w->status, 404);
}
