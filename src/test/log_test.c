/* A whole story, then the log is searched for everything that must never be in it. */
#include "app/app_state.h"
#include "domain/identity/identity.h"
#include "port/ports.h"
#include "test/test.h"
#include "test/world_more.h"
#include "test/world_trade.h"
#include <string.h>

enum { SECRETS_MAX = 40, PART_LEN = 12 };

typedef struct Secrets {
    Str items[SECRETS_MAX];
    int64_t count;
} Secrets;

static void keep(World *w, Secrets *s, Str secret) {
    assert_true(s->count < SECRETS_MAX && secret.len >= 6);
    s->items[s->count++] = arena_str(&w->arena, secret);
}

/* Of a long token any part of it is too much. */
static void keep_token(World *w, Secrets *s, Str token) {
    assert_true(token.len >= 4 * PART_LEN);
    keep(w, s, str_slice(token, 8, 8 + PART_LEN));
    keep(w, s, str_slice(token, token.len - PART_LEN, token.len));
}

static Str code_of(World *w, const char *phone) {
    PortRecords records = { 0 };
    sms_fake_records(&w->app->ports->sms, &w->arena, &records);
    for (int64_t i = 0; i < records.count; i++) {
        if (strcmp(records.items[i].to, phone) != 0) continue;
        for (const char *at = records.items[i].text; *at; at++)
            if (strspn(at, "0123456789") >= CODE_DIGITS) return arena_str(&w->arena, (Str){ at, CODE_DIGITS });
    }
    world_stop("no code was sent to %s", phone);
}

static void member_story(World *w, Secrets *s) {
    world_as(w, S(""));
    world_post(w, "/v1/codes", "{\"phone\":\"13911112222\",\"purpose\":\"login\"}");
    Str code = code_of(w, "13911112222");
    keep(w, s, code);
    world_post(w, "/v1/join", "{\"phone\":\"13911112222\",\"code\":\"%.*s\",\"name\":\"欧阳娜娜\"}", (int)code.len,
               code.at);
    assert_int_equal(w->status, 201);
    Str token = world_str(w, "/token");
    keep_token(w, s, token);
    world_as(w, token);
    world_send(w, "PUT", "/v1/me/password", S("{\"password\":\"swordfish-77\"}"));
    world_get(w, "/v1/me");
    world_as(w, S(""));
    world_post(w, "/v1/member-login", "{\"phone\":\"13911112222\",\"password\":\"swordfish-77\"}");
    world_post(w, "/v1/member-login", "{\"phone\":\"13911112222\",\"password\":\"wrongfish-88\"}");
    world_post(w, "/v1/member-login", "{\"phone\":13911112222,\"pass\"");
}

static void till_story(World *w, Secrets *s) {
    world_as(w, w->owner_token);
    world_post(w, "/v1/api-keys",
               "{\"name\":\"till 1\",\"kind\":\"pos\",\"permissions\":[\"member.read\",\"order.place\"]}");
    assert_int_equal(w->status, 201);
    keep_token(w, s, world_str(w, "/key"));
    Str cashier = world_staff(w, "cashier");
    keep_token(w, s, cashier);
    int64_t item = world_item(w, 1990);
    world_as(w, cashier);
    int64_t member = world_member(w, "13800000001");
    world_get(w, "/v1/members/lookup?phone=13800000001");
    world_get(w, "/v1/members?q=13800000001");
    world_get(w, "/v1/members/13800000001");
    world_get(w, "/v1/no/such/13800000001");
    world_sell(w, member, item, 1990);
    world_as(w, w->owner_token);
    world_post(w, world_path(w, "/v1/members/%lld/reveal", (long long)member),
               "{\"reason\":\"给客人 13800000001 回电\"}");
    world_post(w, world_path(w, "/v1/members/%lld/erase", (long long)member), "{\"reason\":\"客人要求\"}");
}

TEST(the_log_of_a_whole_story_holds_no_secret_and_nothing_personal) {
    Secrets secrets = { 0 };
    static const char *const planted[] = { "13911112222",  "13800000001",    "欧阳娜娜", "swordfish-77",
                                           "wrongfish-88", "battery-staple", "回电" };
    for (size_t i = 0; i < sizeof planted / sizeof planted[0]; i++) keep(w, &secrets, str_of(planted[i]));
    keep_token(w, &secrets, w->owner_token);
    member_story(w, &secrets);
    till_story(w, &secrets);
    world_pass(w, INT64_C(40) * 86400 * 1000);

    Str log = log_kept(w->app, &w->arena);
    assert_true(str_find(log, S("\"route\":\"/v1/members/{member_id}/reveal\"")) >= 0);
    for (int64_t i = 0; i < secrets.count; i++)
        if (str_find(log, secrets.items[i]) >= 0)
            world_stop("the log holds %.*s", (int)secrets.items[i].len, secrets.items[i].at);
}
