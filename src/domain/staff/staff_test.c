#include "domain/staff/staff.h"
#include "app/auth.h"
#include "base/crypto.h"
#include "test/sim.h"
#include "test/test.h"
#include <string.h>

static void setup(World *w) {
    world_as(w, S(""));
    world_post(w, "/v1/setup", "{\"login\":\"Boss\",\"password\":\"correct-horse\",\"name\":\"老板\"}");
    assert_int_equal(w->status, 201);
    world_as(w, arena_str(&w->arena, world_str(w, "/token")));
}

static void login(World *w, const char *name, const char *password, const char *totp) {
    world_as(w, S(""));
    world_post(w, "/v1/login", "{\"login\":\"%s\",\"password\":\"%s\",\"totp\":\"%s\"}", name, password, totp);
}

static Str token(World *w) { return arena_str(&w->arena, world_str(w, "/token")); }

static int64_t hire(World *w, const char *name, const char *role) {
    world_post(w, "/v1/staff", "{\"login\":\"%s\",\"name\":\"小李\",\"role\":\"%s\",\"password\":\"battery-staple\"}",
               name, role);
    assert_int_equal(w->status, 201);
    return world_int(w, "/staff_id");
}

TEST(the_first_owner_is_made_once) {
    world_as(w, S(""));
    world_get(w, "/v1/setup");
    assert_true(str_find(w->body, S("true")) >= 0);
    world_post(w, "/v1/setup", "{\"login\":\"boss\",\"password\":\"short\"}");
    assert_true(str_is(w->code, "staff.password_short"));
    setup(w);
    Str first = w->token;
    world_get(w, "/v1/account");
    assert_true(str_is(world_str(w, "/staff/login"), "boss"));
    assert_true(str_is(world_str(w, "/staff/role"), "owner"));
    world_as(w, S(""));
    world_get(w, "/v1/setup");
    assert_true(str_find(w->body, S("false")) >= 0);
    world_post(w, "/v1/setup", "{\"login\":\"thief\",\"password\":\"correct-horse\"}");
    assert_int_equal(w->status, 403);
    assert_true(str_is(w->code, "setup.done"));
    world_as(w, first);
    world_holds(w);
}

TEST(log_in_needs_the_right_password_and_says_the_same_about_unknown_names) {
    setup(w);
    login(w, "boss", "wrong-password", "");
    assert_int_equal(w->status, 401);
    Str known = arena_str(&w->arena, w->code);
    login(w, "nobody-here", "wrong-password", "");
    assert_int_equal(w->status, 401);
    assert_true(str_equal(known, w->code));
    login(w, " BOSS ", "correct-horse", "");
    assert_int_equal(w->status, 200);
    world_as(w, token(w));
    world_get(w, "/v1/account");
    assert_int_equal(w->status, 200);
    world_post(w, "/v1/logout", "{}");
    world_get(w, "/v1/account");
    assert_int_equal(w->status, 401);
}

TEST(failed_log_ins_wait_longer_each_time_for_names_that_exist_and_names_that_do_not) {
    setup(w);
    static const char *const names[] = { "boss", "ghost" };
    for (int n = 0; n < 2; n++) {
        for (int i = 0; i < 4; i++) {
            login(w, names[n], "wrong-password", "");
            assert_int_equal(w->status, 401);
        }
        login(w, names[n], "wrong-password", "");
        assert_int_equal(w->status, 429);
        assert_true(str_is(w->code, "lockout.wait"));
        world_clock(w, w->now + 1001);
        login(w, names[n], "wrong-password", "");
        assert_int_equal(w->status, 401);
        world_clock(w, w->now + 1001);
        login(w, names[n], "wrong-password", "");
        assert_int_equal(w->status, 429);
    }
    login(w, "ghost", "correct-horse", "");
    assert_int_equal(w->status, 429);
    world_clock(w, w->now + 2000);
    login(w, "boss", "correct-horse", "");
    assert_int_equal(w->status, 200);
    login(w, "boss", "correct-horse", "");
    assert_int_equal(w->status, 200);
}

static bool unbase32(Str text, unsigned char out[20]) {
    uint32_t bits = 0;
    int count = 0;
    int64_t len = 0;
    for (int64_t i = 0; i < text.len && len < 20; i++) {
        char ch = text.at[i];
        int value = ch >= 'A' && ch <= 'Z' ? ch - 'A' : ch >= '2' && ch <= '7' ? ch - '2' + 26 : -1;
        if (value < 0) return false;
        bits = bits << 5 | (uint32_t)value;
        count += 5;
        if (count < 8) continue;
        count -= 8;
        out[len++] = (unsigned char)(bits >> count);
    }
    return len == 20;
}

static const char *totp_now(World *w, const unsigned char *secret) {
    int64_t code = totp_code((Bytes){ secret, 20 }, w->now / 30000);
    return arena_cstr(&w->arena, arena_print(&w->arena, "%06lld", (long long)code));
}

TEST(the_second_factor_is_asked_for_and_each_code_works_once) {
    unsigned char secret[20];
    setup(w);
    world_post(w, "/v1/account/totp", "{}");
    assert_true(unbase32(world_str(w, "/secret"), secret));
    world_post(w, "/v1/account/totp/confirm", "{\"code\":\"000000\"}");
    assert_true(str_is(w->code, "staff.totp_unconfirmed"));
    world_post(w, "/v1/account/totp/confirm", "{\"code\":\"%s\"}", totp_now(w, secret));
    assert_int_equal(world_count(w, "/codes"), STAFF_RECOVERY_CODES);
    const char *spare = arena_cstr(&w->arena, world_str(w, "/codes/0"));
    login(w, "boss", "correct-horse", "");
    assert_true(str_is(w->code, "staff.totp_needed"));
    login(w, "boss", "correct-horse", totp_now(w, secret));
    assert_true(str_is(w->code, "staff.totp_wrong"));
    world_clock(w, w->now + 30000);
    login(w, "boss", "correct-horse", totp_now(w, secret));
    assert_int_equal(w->status, 200);
    login(w, "boss", "correct-horse", totp_now(w, secret));
    assert_true(str_is(w->code, "staff.totp_wrong"));
    login(w, "boss", "correct-horse", spare);
    assert_int_equal(w->status, 200);
    Str session = token(w);
    login(w, "boss", "correct-horse", spare);
    assert_true(str_is(w->code, "staff.totp_wrong"));
    world_as(w, session);
    world_post(w, "/v1/account/totp/disable", "{\"password\":\"nope-nope\"}");
    assert_true(str_is(w->code, "staff.password_wrong"));
    world_post(w, "/v1/account/totp/disable", "{\"password\":\"correct-horse\"}");
    assert_in_range(w->status, 200, 204);
    login(w, "boss", "correct-horse", "");
    assert_int_equal(w->status, 200);
}

TEST(a_cashier_may_what_a_cashier_does_and_nothing_else) {
    setup(w);
    Str owner = w->token;
    int64_t id = hire(w, "li", "cashier");
    world_as(w, owner);
    world_post(w, "/v1/staff", "{\"login\":\"LI\",\"role\":\"cashier\",\"password\":\"battery-staple\"}");
    assert_true(str_is(w->code, "staff.login_taken"));
    login(w, "li", "battery-staple", "");
    Str cashier = token(w);
    world_as(w, cashier);
    world_post(w, "/v1/members", "{\"phone\":\"13800000001\"}");
    assert_int_equal(w->status, 201);
    world_get(w, "/v1/staff");
    assert_int_equal(w->status, 403);
    world_get(w, "/v1/account");
    assert_int_equal(w->status, 200);
    world_as(w, owner);
    world_header(w, "if-match", "*");
    world_send(w, "PATCH", world_path(w, "/v1/staff/%lld", (long long)id), S("{\"role\":\"analyst\"}"));
    assert_int_equal(w->status, 200);
    world_as(w, cashier);
    world_post(w, "/v1/members", "{\"phone\":\"13800000002\"}");
    assert_int_equal(w->status, 403);
    world_as(w, owner);
    world_header(w, "if-match", "*");
    world_send(w, "PATCH", world_path(w, "/v1/staff/%lld", (long long)id), S("{\"status\":\"left\"}"));
    assert_int_equal(w->status, 200);
    world_as(w, cashier);
    world_get(w, "/v1/account");
    assert_int_equal(w->status, 401);
    login(w, "li", "battery-staple", "");
    assert_true(str_is(w->code, "staff.not_active"));
    world_as(w, owner);
    world_holds(w);
}

TEST(nobody_gives_more_than_he_has) {
    setup(w);
    Str owner = w->token;
    world_post(w, "/v1/roles", "{\"role\":\"hr\",\"name\":\"人事\",\"permissions\":[\"staff.*\",\"role.read\"]}");
    assert_int_equal(w->status, 201);
    world_post(w, "/v1/roles", "{\"role\":\"typo\",\"name\":\"x\",\"permissions\":[\"stafff.*\"]}");
    assert_true(str_is(w->code, "staff.permission_unknown"));
    hire(w, "hr", "hr");
    login(w, "hr", "battery-staple", "");
    world_as(w, token(w));
    world_post(w, "/v1/staff", "{\"login\":\"boss2\",\"role\":\"owner\",\"password\":\"battery-staple\"}");
    assert_int_equal(w->status, 403);
    assert_true(str_is(w->code, "staff.beyond"));
    world_post(w, "/v1/staff", "{\"login\":\"hr2\",\"role\":\"hr\",\"password\":\"battery-staple\"}");
    assert_int_equal(w->status, 201);
    world_as(w, owner);
    world_get(w, "/v1/account");
    int64_t boss = world_int(w, "/staff/staff_id");
    world_header(w, "if-match", "*");
    world_send(w, "PATCH", world_path(w, "/v1/staff/%lld", (long long)boss), S("{\"status\":\"left\"}"));
    assert_true(str_is(w->code, "staff.last_owner"));
    world_holds(w);
}

TEST(a_changed_role_is_effective_in_open_sessions) {
    setup(w);
    Str owner = w->token;
    world_post(w, "/v1/roles", "{\"role\":\"door\",\"name\":\"门口\",\"permissions\":[\"member.lookup\"]}");
    hire(w, "door", "door");
    login(w, "door", "battery-staple", "");
    Str door = token(w);
    world_as(w, door);
    world_get(w, "/v1/tags");
    assert_int_equal(w->status, 403);
    world_as(w, owner);
    world_header(w, "if-match", "*");
    world_send(w, "PATCH", "/v1/roles/door", S("{\"permissions\":[\"member.lookup\",\"tag.read\"]}"));
    assert_int_equal(w->status, 200);
    world_as(w, door);
    world_get(w, "/v1/tags");
    assert_int_equal(w->status, 200);
    world_as(w, owner);
    world_send(w, "DELETE", "/v1/roles/door", S(""));
    assert_true(str_is(w->code, "staff.role_in_use"));
    world_header(w, "if-match", "*");
    world_send(w, "PATCH", "/v1/roles/owner", S("{\"permissions\":[]}"));
    assert_true(str_is(w->code, "staff.role_fixed"));
}

TEST(a_new_password_ends_the_other_sessions) {
    setup(w);
    Str first = w->token;
    login(w, "boss", "correct-horse", "");
    Str second = token(w);
    world_as(w, first);
    world_send(w, "PUT", "/v1/account/password", S("{\"old_password\":\"wrong\",\"password\":\"tr0ubador-3\"}"));
    assert_true(str_is(w->code, "staff.password_wrong"));
    world_send(w, "PUT", "/v1/account/password",
               S("{\"old_password\":\"correct-horse\",\"password\":\"tr0ubador-3\"}"));
    assert_in_range(w->status, 200, 204);
    world_get(w, "/v1/account");
    assert_int_equal(w->status, 200);
    world_as(w, second);
    world_get(w, "/v1/account");
    assert_int_equal(w->status, 401);
    login(w, "boss", "correct-horse", "");
    assert_int_equal(w->status, 401);
    login(w, "boss", "tr0ubador-3", "");
    assert_int_equal(w->status, 200);
}

TEST(a_till_works_with_its_key_until_it_is_revoked) {
    world_post(w, "/v1/api-keys", "{\"name\":\"till 1\",\"kind\":\"pos\",\"shop_id\":\"%lld\"}", (long long)w->shop_id);
    assert_int_equal(w->status, 201);
    Str key = arena_str(&w->arena, world_str(w, "/key"));
    int64_t id = world_int(w, "/key_id");
    world_as(w, key);
    world_post(w, "/v1/members", "{\"phone\":\"13800000001\"}");
    assert_int_equal(w->status, 201);
    world_get(w, "/v1/members/lookup?phone=13800000001");
    assert_int_equal(w->status, 200);
    world_as(w, w->owner_token);
    world_get(w, "/v1/api-keys");
    assert_int_equal(world_count(w, "/items"), 1);
    assert_true(str_find(w->body, key) < 0);
    world_get(w, "/v1/members?limit=1");
    world_post(w, world_path(w, "/v1/api-keys/%lld/rotate", (long long)id), "{\"keep_ms\":0}");
    assert_int_equal(w->status, 201);
    Str next = arena_str(&w->arena, world_str(w, "/key"));
    int64_t next_id = world_int(w, "/key_id");
    world_as(w, key);
    world_get(w, "/v1/members/lookup?phone=13800000001");
    assert_int_equal(w->status, 401);
    world_as(w, next);
    world_get(w, "/v1/members/lookup?phone=13800000001");
    assert_int_equal(w->status, 200);
    world_as(w, w->owner_token);
    world_send(w, "DELETE", world_path(w, "/v1/api-keys/%lld", (long long)next_id), S(""));
    assert_in_range(w->status, 200, 204);
    world_as(w, next);
    world_get(w, "/v1/members/lookup?phone=13800000001");
    assert_int_equal(w->status, 401);
}

/* ---- simulator: people who know the password and people who do not ---- */

static Err sim_login(Sim *s) {
    sim_post(s, "/v1/login", "{\"login\":\"sim%lld\",\"password\":\"%s\"}", (long long)rng_below(s->rng, 5),
             rng_chance(s->rng, 1, 2) ? "battery-staple" : "wrong-password");
    return OK;
}

static Err sim_hire(Sim *s) {
    sim_post(s, "/v1/staff", "{\"login\":\"sim%lld\",\"role\":\"cashier\",\"password\":\"battery-staple\"}",
             (long long)rng_below(s->rng, 5));
    return OK;
}

const SimAction staff_sim[] = { { "staff.login", 1, sim_login }, { "staff.hire", 1, sim_hire }, { NULL } };
