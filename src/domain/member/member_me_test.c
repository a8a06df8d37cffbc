/* The member's own way: join by code, password, dynamic code, old card, forget me. */
#include "domain/member/member.h"
#include "port/ports.h"
#include "test/test.h"
#include <string.h>

static const char *code_sent(World *w, const char *to) {
    PortRecords sms = { 0 }, mail = { 0 };
    sms_fake_records(&w->app->ports->sms, &w->arena, &sms);
    mail_fake_records(&w->app->ports->mail, &w->arena, &mail);
    for (int64_t i = 0; i < sms.count + mail.count; i++) {
        const PortRecord *record = i < sms.count ? &sms.items[i] : &mail.items[i - sms.count];
        if (strcmp(record->to, to) != 0) continue;
        for (const char *at = record->text; *at != '\0'; at++) {
            if (strspn(at, "0123456789") >= CODE_DIGITS) {
                return arena_cstr(&w->arena, arena_str(&w->arena, (Str){ at, CODE_DIGITS }));
            }
        }
    }
    fail_msg("no code was sent to %s", to);
    return "";
}

static const char *new_code(World *w, const char *kind, const char *to, const char *purpose) {
    world_clock(w, w->now + 61 * 1000);
    world_as(w, S(""));
    world_post(w, "/v1/codes", "{\"%s\":\"%s\",\"purpose\":\"%s\"}", kind, to, purpose);
    assert_int_equal(w->status, 200);
    return code_sent(w, to);
}

static int64_t enter(World *w, const char *phone, const char *more) {
    const char *code = new_code(w, "phone", phone, "login");
    world_post(w, "/v1/join", "{\"phone\":\"%s\",\"code\":\"%s\"%s}", phone, code, more);
    if (w->status != 201 && w->status != 200) return 0;
    int64_t id = world_int(w, "/member_id");
    world_as(w, arena_str(&w->arena, world_str(w, "/token")));
    return id;
}

TEST(joining_by_mail_and_with_an_inviter_records_where_the_member_came_from) {
    int64_t inviter = world_member(w, "13800000001");
    const char *no = arena_cstr(&w->arena, world_str(w, "/member_no"));
    const char *code = new_code(w, "email", "fang@example.com", "login");
    world_post(w, "/v1/join",
               "{\"email\":\"Fang@Example.com\",\"code\":\"%s\",\"inviter_no\":\"%s\",\"channel\":\"poster-3\","
               "\"consents\":[{\"purpose\":\"privacy\"}]}",
               code, no);
    assert_int_equal(w->status, 201);
    world_as(w, arena_str(&w->arena, world_str(w, "/token")));
    world_get(w, "/v1/me");
    assert_int_equal(world_int(w, "/inviter_id"), inviter);
    assert_true(str_is(world_str(w, "/channel"), "poster-3"));
    assert_true(str_is(world_str(w, "/email"), "fang@example.com"));
    world_get(w, "/v1/me/consents");
    assert_int_equal(world_count(w, "/items"), 1);
    world_holds(w);
}

TEST(a_password_set_at_joining_opens_the_door_and_wrong_ones_wait) {
    enter(w, "13800000002", ",\"password\":\"sesame-open\"");
    world_as(w, S(""));
    for (int i = 0; i < 4; i++) {
        world_post(w, "/v1/member-login", "{\"phone\":\"13800000002\",\"password\":\"wrong-one\"}");
        assert_true(str_is(w->code, "member.login_wrong"));
    }
    world_post(w, "/v1/member-login", "{\"phone\":\"13800000002\",\"password\":\"sesame-open\"}");
    assert_true(str_is(w->code, "lockout.wait"));
    world_clock(w, w->now + 2000);
    world_post(w, "/v1/member-login", "{\"phone\":\"13800000002\",\"password\":\"sesame-open\"}");
    assert_int_equal(w->status, 200);
    world_post(w, "/v1/member-login", "{\"phone\":\"13899999999\",\"password\":\"sesame-open\"}");
    assert_true(str_is(w->code, "member.login_wrong"));
}

TEST(guesses_count_together_however_the_name_is_spelled) {
    static const char *const spellings[] = { "13800000002", "138 0000 0002", "138-0000-0002", "+86 13800000002",
                                             "1380000 0002" };
    enter(w, "13800000002", ",\"password\":\"sesame-open\"");
    Str session = w->token;
    world_as(w, S(""));
    for (int i = 0; i < 5; i++)
        world_post(w, "/v1/member-login", "{\"phone\":\"%s\",\"password\":\"wrong-one\"}", spellings[i]);
    assert_true(str_is(w->code, "lockout.wait"));
    world_as(w, session);
    for (int i = 0; i < 5; i++)
        world_send(w, "PUT", "/v1/me/password", S("{\"old_password\":\"wrong-one\",\"password\":\"sesame-shut\"}"));
    assert_true(str_is(w->code, "lockout.wait"));
}

TEST(a_forgotten_password_is_set_anew_with_a_code_and_ends_every_session) {
    enter(w, "13800000003", ",\"password\":\"sesame-open\"");
    Str session = w->token;
    const char *code = new_code(w, "phone", "13800000003", "reset_password");
    world_post(w, "/v1/member-password", "{\"phone\":\"13800000003\",\"code\":\"%s\",\"password\":\"new-sesame\"}",
               code);
    assert_in_range(w->status, 200, 204);
    world_as(w, session);
    world_get(w, "/v1/me");
    assert_int_equal(w->status, 401);
    world_as(w, S(""));
    world_post(w, "/v1/member-login", "{\"phone\":\"13800000003\",\"password\":\"new-sesame\"}");
    assert_int_equal(w->status, 200);
}

TEST(a_login_code_for_a_number_that_is_no_member_says_join_and_can_still_be_used_to_join) {
    const char *code = new_code(w, "phone", "13800000004", "login");
    world_post(w, "/v1/member-login", "{\"phone\":\"13800000004\",\"code\":\"%s\"}", code);
    assert_true(str_is(w->code, "member.unknown"));
    world_post(w, "/v1/join", "{\"phone\":\"13800000004\",\"code\":\"%s\"}", code);
    assert_int_equal(w->status, 201);
}

TEST(a_merged_member_logs_in_no_more_but_the_printed_number_leads_on) {
    int64_t from = enter(w, "13800000041", ",\"password\":\"sesame-open\"");
    world_get(w, "/v1/me");
    const char *no = arena_cstr(&w->arena, world_str(w, "/member_no"));
    world_as(w, w->owner_token);
    int64_t into = world_member(w, "13800000042");
    world_post(w, world_path(w, "/v1/members/%lld/merge", (long long)into), "{\"from_id\":\"%lld\",\"reason\":\"x\"}",
               (long long)from);
    assert_int_equal(w->status, 201);
    world_get(w, "/v1/members/lookup?member_no=%s", no);
    assert_int_equal(world_int(w, "/member_id"), into);
    world_get(w, "/v1/members/%lld/identity-history", (long long)into);
    assert_true(str_is(world_str(w, "/items/0/action"), "merged"));
    assert_true(str_find(w->body, S("13800000041")) < 0 && str_find(w->body, S("138****0041")) >= 0);
    world_as(w, S(""));
    world_post(w, "/v1/member-login", "{\"member_no\":\"%s\",\"password\":\"sesame-open\"}", no);
    assert_true(str_is(w->code, "member.login_wrong"));
}

TEST(an_address_for_mail_is_bound_with_its_code) {
    enter(w, "13800000043", "");
    Str me = w->token;
    const char *code = new_code(w, "email", "me@example.com", "bind");
    world_as(w, me);
    world_send(w, "PUT", "/v1/me/email", S("{\"email\":\"me@example.com\",\"code\":\"111\"}"));
    assert_true(str_is(w->code, "code.wrong"));
    world_send(w, "PUT", "/v1/me/email",
               arena_print(&w->arena, "{\"email\":\"me@example.com\",\"code\":\"%s\"}", code));
    assert_int_equal(world_count(w, "/items"), 2);
    world_holds(w);
}

TEST(the_dynamic_code_opens_the_member_at_the_till_for_a_short_time) {
    int64_t id = enter(w, "13800000005", "");
    world_get(w, "/v1/me/code");
    const char *code = arena_cstr(&w->arena, world_str(w, "/code"));
    assert_int_equal(strlen(code), MEMBER_CODE_LEN);
    world_as(w, w->owner_token);
    world_get(w, "/v1/members/lookup?code=%s", code);
    assert_int_equal(world_int(w, "/member_id"), id);
    char forged[MEMBER_CODE_LEN + 1];
    memcpy(forged, code, sizeof forged);
    forged[MEMBER_CODE_LEN - 1] = forged[MEMBER_CODE_LEN - 1] == '9' ? '0' : (char)(forged[MEMBER_CODE_LEN - 1] + 1);
    world_get(w, "/v1/members/lookup?code=%s", forged);
    assert_true(str_is(w->code, "member.code_wrong"));
    world_clock(w, w->now + 61 * 1000);
    world_get(w, "/v1/members/lookup?code=%s", code);
    assert_true(str_is(w->code, "member.code_wrong"));
}

TEST(a_complete_profile_is_told_once_and_members_fill_only_their_fields) {
    world_post(w, "/v1/member-fields", "{\"key\":\"note\",\"label\":\"备注\"}");
    world_post(w, "/v1/member-fields", "{\"key\":\"taste\",\"label\":\"口味\",\"is_member_edit\":true}");
    enter(w, "13800000006", "");
    world_header(w, "if-match", "*");
    world_send(w, "PATCH", "/v1/me", S("{\"custom\":{\"note\":\"x\"}}"));
    assert_true(str_is(w->code, "body.invalid"));
    world_header(w, "if-match", "*");
    world_send(w, "PATCH", "/v1/me", S("{\"name\":\"阿方\",\"gender\":\"female\",\"custom\":{\"taste\":\"甜\"}}"));
    assert_int_equal(w->status, 200);
    assert_true(str_find(w->body, S("\"is_complete\":false")) >= 0);
    world_header(w, "if-match", "*");
    world_send(w, "PATCH", "/v1/me", S("{\"birthday\":{\"month\":8,\"day\":8}}"));
    assert_true(str_find(w->body, S("\"is_complete\":true")) >= 0);
    world_holds(w);
}

TEST(an_old_card_is_recognised_when_its_owner_comes_with_the_same_phone_and_guessed_ones_are_not) {
    world_post(w, "/v1/members", "{\"phone\":\"13800000007\",\"card\":\"OLD7\",\"name\":\"老王\"}");
    int64_t old = world_int(w, "/member_id");
    world_post(w, "/v1/members", "{\"card\":\"OLD8\",\"name\":\"老李\"}");
    assert_int_equal(enter(w, "13800000007", ",\"card\":\"OLD7\""), old);
    world_post(w, "/v1/me/cards", "{\"card\":\"OLD8\"}");
    assert_int_equal(w->status, 403);
    assert_true(str_is(w->code, "member.claim_in_shop"));
    for (int i = 0; i < 10 && w->status == 403; i++) world_post(w, "/v1/me/cards", "{\"card\":\"OLD8\"}");
    assert_int_equal(w->status, 429);
    world_as(w, w->owner_token);
    world_get(w, "/v1/settings/member");
    assert_int_equal(w->status, 200);
    world_holds(w);
}

TEST(a_member_sees_and_ends_sessions_and_can_be_forgotten) {
    int64_t id = enter(w, "13800000009", ",\"name\":\"阿九\"");
    world_get(w, "/v1/me/sessions");
    assert_int_equal(world_count(w, "/items"), 1);
    world_post(w, "/v1/me/export", "{}");
    assert_true(json_is_valid(w->body) && str_find(w->body, S("阿九")) >= 0);
    world_post(w, "/v1/me/erase", "{\"member_no\":\"1234567897\"}");
    assert_true(str_is(w->code, "member.confirm_wrong"));
    world_get(w, "/v1/me");
    const char *no = arena_cstr(&w->arena, world_str(w, "/member_no"));
    world_post(w, "/v1/me/erase", "{\"member_no\":\"%s\"}", no);
    assert_in_range(w->status, 200, 204);
    world_get(w, "/v1/me");
    assert_int_equal(w->status, 401);
    world_as(w, w->owner_token);
    world_get(w, "/v1/members/%lld", (long long)id);
    assert_true(str_is(world_str(w, "/status"), "erased"));
    world_holds(w);
}
