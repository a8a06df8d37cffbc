#include "domain/identity/identity.h"
#include "port/ports.h"
#include "test/sim.h"
#include "test/test.h"
#include <stdio.h>
#include <string.h>

/* The newest code that went to this number. */
static Str code_of(World *w, const char *to) {
    PortRecords records = { 0 };
    sms_fake_records(&w->app->ports->sms, &w->arena, &records);
    for (int64_t i = 0; i < records.count; i++) {
        if (strcmp(records.items[i].to, to) != 0) continue;
        Str text = str_of(records.items[i].text);
        for (int64_t at = 0; at + CODE_DIGITS <= text.len; at++) {
            int64_t digits = 0;
            while (digits < CODE_DIGITS && text.at[at + digits] >= '0' && text.at[at + digits] <= '9') digits++;
            if (digits == CODE_DIGITS) return arena_str(&w->arena, str_slice(text, at, at + CODE_DIGITS));
        }
    }
    fail_msg("no code was sent to %s", to);
    return (Str){ 0 };
}

static void ask_code(World *w, const char *phone, const char *purpose) {
    world_as(w, S(""));
    world_post(w, "/v1/codes", "{\"phone\":\"%s\",\"purpose\":\"%s\"}", phone, purpose);
}

static void join(World *w, const char *phone, const char *code) {
    world_as(w, S(""));
    world_post(w, "/v1/join", "{\"phone\":\"%s\",\"code\":\"%s\",\"name\":\"王芳\"}", phone, code);
}

static const char *cstr(World *w, Str s) { return arena_cstr(&w->arena, s); }

TEST(a_member_joins_with_a_code_that_works_once) {
    ask_code(w, "13800000001", "login");
    assert_int_equal(w->status, 200);
    Str code = code_of(w, "13800000001");
    join(w, "13800000001", cstr(w, code));
    assert_int_equal(w->status, 201);
    assert_true(world_has(w, "/token"));
    world_as(w, arena_str(&w->arena, world_str(w, "/token")));
    world_get(w, "/v1/me");
    assert_true(str_is(world_str(w, "/phone"), "13800000001"));
    assert_true(str_is(world_str(w, "/name"), "王芳"));
    join(w, "13800000001", cstr(w, code));
    assert_true(str_is(w->code, "code.wrong"));
    world_holds(w);
}

TEST(a_wrong_code_uses_up_tries_even_though_it_is_refused) {
    ask_code(w, "13800000002", "login");
    Str code = code_of(w, "13800000002");
    for (int i = 0; i < CODE_TRIES_MAX; i++) {
        join(w, "13800000002", "000000x");
        assert_true(str_is(w->code, "code.wrong"));
    }
    join(w, "13800000002", cstr(w, code));
    assert_true(str_is(w->code, "code.wrong"));
}

TEST(a_code_is_dead_after_five_minutes) {
    ask_code(w, "13800000003", "login");
    Str code = code_of(w, "13800000003");
    world_clock(w, w->now + CODE_LIFE_MS + 1);
    join(w, "13800000003", cstr(w, code));
    assert_true(str_is(w->code, "code.wrong"));
}

TEST(codes_cost_money_so_they_are_budgeted_per_number) {
    ask_code(w, "13800000004", "login");
    ask_code(w, "13800000004", "login");
    assert_int_equal(w->status, 429);
    assert_true(str_is(w->code, "limit.reached"));
    for (int i = 1; i < 10; i++) {
        world_clock(w, w->now + 61 * 1000);
        ask_code(w, "+86 138 0000 0004", "login");
        assert_int_equal(w->status, 200);
    }
    world_clock(w, w->now + 61 * 1000);
    ask_code(w, "13800000004", "login");
    assert_int_equal(w->status, 429);
}

TEST(a_code_for_one_purpose_is_none_for_another) {
    ask_code(w, "13800000005", "reset_password");
    Str code = code_of(w, "13800000005");
    join(w, "13800000005", cstr(w, code));
    assert_true(str_is(w->code, "code.wrong"));
}

TEST(an_sms_channel_that_is_down_says_so_and_makes_no_member) {
    sms_fake_fail(&w->app->ports->sms, PORT_CONFIG, 1);
    ask_code(w, "13800000006", "login");
    assert_int_equal(w->status, 503);
    assert_true(str_is(w->code, "code.unavailable"));
    ask_code(w, "not a phone", "login");
    assert_true(str_is(w->code, "identity.phone"));
}

TEST(known_and_unknown_numbers_get_the_same_answer) {
    world_member(w, "13800000007");
    ask_code(w, "13800000007", "login");
    Str known = arena_str(&w->arena, w->body);
    ask_code(w, "13800000008", "login");
    assert_true(str_equal(known, w->body));
}

TEST(one_phone_belongs_to_one_member) {
    int64_t first = world_member(w, "13800000011"), second = world_member(w, "13800000012");
    assert_int_equal(world_member(w, "+86-138-0000-0011"), first);
    world_post(w, world_path(w, "/v1/members/%lld/identities", (long long)second),
               "{\"kind\":\"phone\",\"value\":\"13800000011\"}");
    assert_int_equal(w->status, 409);
    assert_true(str_is(w->code, "identity.taken"));
    world_holds(w);
}

TEST(cards_are_found_however_they_are_typed) {
    int64_t member = world_member(w, "13800000013");
    world_post(w, world_path(w, "/v1/members/%lld/identities", (long long)member),
               "{\"kind\":\"card\",\"value\":\"vip 0001-22\"}");
    assert_int_equal(w->status, 200);
    world_get(w, "/v1/members/lookup?card=VIP000122");
    assert_int_equal(world_int(w, "/member_id"), member);
    world_get(w, "/v1/members/%lld/identities", (long long)member);
    assert_int_equal(world_count(w, "/items"), 2);
    assert_true(str_find(w->body, S("13800000013")) < 0);
    world_holds(w);
}

TEST(the_last_identity_stays) {
    int64_t member = world_member(w, "13800000014");
    world_get(w, "/v1/members/%lld/identities", (long long)member);
    int64_t identity = world_int(w, "/items/0/identity_id");
    const char *path = world_path(w, "/v1/members/%lld/identities/%lld", (long long)member, (long long)identity);
    world_send(w, "DELETE", path, S(""));
    assert_true(str_is(w->code, "identity.last_one"));
    world_post(w, world_path(w, "/v1/members/%lld/identities", (long long)member),
               "{\"kind\":\"card\",\"value\":\"C1\"}");
    world_send(w, "DELETE", path, S(""));
    assert_in_range(w->status, 200, 204);
    assert_int_not_equal(world_member(w, "13800000014"), member);
    world_holds(w);
}

TEST(a_member_changes_the_phone_with_a_code_sent_to_the_new_one_and_then_waits) {
    ask_code(w, "13800000021", "login");
    join(w, "13800000021", cstr(w, code_of(w, "13800000021")));
    Str token = arena_str(&w->arena, world_str(w, "/token"));
    int64_t member = world_int(w, "/member_id");
    ask_code(w, "13800000022", "change_phone");
    world_as(w, token);
    world_send(w, "PUT", "/v1/me/phone", S("{\"phone\":\"13800000022\",\"code\":\"12345\"}"));
    assert_true(str_is(w->code, "code.wrong"));
    world_send(
        w, "PUT", "/v1/me/phone",
        arena_print(&w->arena, "{\"phone\":\"13800000022\",\"code\":\"%s\"}", cstr(w, code_of(w, "13800000022"))));
    assert_int_equal(w->status, 200);
    ask_code(w, "13800000023", "change_phone");
    world_as(w, token);
    world_send(
        w, "PUT", "/v1/me/phone",
        arena_print(&w->arena, "{\"phone\":\"13800000023\",\"code\":\"%s\"}", cstr(w, code_of(w, "13800000023"))));
    assert_int_equal(w->status, 409);
    assert_true(str_is(w->code, "identity.cool_down"));
    world_as(w, w->owner_token);
    world_get(w, "/v1/members/lookup?phone=13800000022");
    assert_int_equal(world_int(w, "/member_id"), member);
    world_get(w, "/v1/members/lookup?phone=13800000021");
    assert_int_equal(w->status, 404);
    world_send(w, "PUT", world_path(w, "/v1/members/%lld/phone", (long long)member),
               S("{\"phone\":\"13800000024\",\"reason\":\"本人到店，手机丢失\"}"));
    assert_int_equal(w->status, 200);
    world_holds(w);
}

typedef struct Row {
    int64_t count;
} Row;
static const Field row_field[] = { FIELD(Row, count) };
static const Fields row_fields = FIELDS(Row, row_field);
TEST(no_phone_stands_in_the_database_in_clear) {
    int64_t member = world_member(w, "13800000031");
    Ctx c = world_ctx(w, w->merchant_id);
    Row row = { 0 };
    bool is_found = false;
    assert_int_equal(db_read_begin(w->db, &c), OK);
    assert_int_equal(db_find(&c, "SELECT COUNT(*) AS count FROM identity WHERE merchant_id = $1 AND member_id = $2",
                             ARGS(member), &row_fields, &row, &is_found),
                     OK);
    IdentityList list = { 0 };
    assert_int_equal(identity_list(&c, member, &list), OK);
    db_read_end(w->db, &c);
    assert_int_equal(row.count, 1);
    assert_true(str_is(list.items[0].shown, "138****0031"));
    if (db_path(w->db).len == 0) return;
    /* SQLite: neither the file nor its log holds the digits. */
    static const char *const ends[] = { "", "-wal" };
    for (int i = 0; i < 2; i++) {
        const char *path = cstr(w, arena_print(&w->arena, "%s%s", cstr(w, db_path(w->db)), ends[i]));
        FILE *file = fopen(path, "rb");
        if (file == NULL) continue;
        char *text = arena_take(&w->arena, 8 << 20, 1);
        int64_t len = (int64_t)fread(text, 1, 8 << 20, file);
        fclose(file);
        assert_true(str_find((Str){ text, len }, S("13800000031")) < 0);
    }
}

/* ---- simulator ---- */

static Err sim_bind(Sim *s) {
    int64_t member = sim_pick(s, "member");
    if (member == 0) return OK;
    sim_post(s, world_path(s->w, "/v1/members/%lld/identities", (long long)member),
             "{\"kind\":\"card\",\"value\":\"SIM%lld\"}", (long long)rng_below(s->rng, 2000));
    return OK;
}

static Err sim_look(Sim *s) {
    sim_get(s, "/v1/members/lookup?card=sim%lld", (long long)rng_below(s->rng, 2000));
    return OK;
}

const SimAction identity_sim[] = { { "identity.bind", 4, sim_bind }, { "identity.look", 4, sim_look }, { NULL } };
