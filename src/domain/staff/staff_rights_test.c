/* Nobody comes to more than was given to him, and what was taken is taken: keys, closed accounts, changed passwords. */
#include "base/crypto.h"
#include "domain/staff/staff.h"
#include "test/test.h"
#include <string.h>

static int64_t hire(World *w, const char *name, const char *role) {
    world_post(w, "/v1/staff", "{\"login\":\"%s\",\"name\":\"小李\",\"role\":\"%s\",\"password\":\"battery-staple\"}",
               name, role);
    assert_int_equal(w->status, 201);
    return world_int(w, "/staff_id");
}

static void enter(World *w, const char *name) {
    world_as(w, S(""));
    world_post(w, "/v1/login", "{\"login\":\"%s\",\"password\":\"battery-staple\"}", name);
    if (w->status == 200) world_as(w, arena_str(&w->arena, world_str(w, "/token")));
}

TEST(nobody_rotates_a_key_that_may_more_than_himself) {
    world_post(w, "/v1/roles", "{\"role\":\"keys\",\"name\":\"管钥匙\",\"permissions\":[\"key.*\"]}");
    assert_int_equal(w->status, 201);
    world_post(w, "/v1/api-keys", "{\"name\":\"webshop\",\"kind\":\"partner\",\"role\":\"manager\"}");
    assert_int_equal(w->status, 201);
    int64_t key_id = world_int(w, "/key_id");
    hire(w, "lili", "keys");
    enter(w, "lili");
    world_post(w, world_path(w, "/v1/api-keys/%lld/rotate", (long long)key_id), "{}");
    assert_int_equal(w->status, 403);
    assert_true(str_is(w->code, "staff.beyond"));
    world_as(w, w->owner_token);
    world_post(w, world_path(w, "/v1/api-keys/%lld/rotate", (long long)key_id), "{}");
    assert_int_equal(w->status, 201);
}

TEST(a_key_that_follows_an_account_may_nothing_once_the_account_is_closed) {
    int64_t staff_id = hire(w, "lili", "cashier");
    world_post(w, "/v1/api-keys", "{\"name\":\"till 1\",\"kind\":\"pos\",\"staff_id\":\"%lld\"}", (long long)staff_id);
    assert_int_equal(w->status, 201);
    Str key = arena_str(&w->arena, world_str(w, "/key"));
    world_as(w, key);
    world_get(w, "/v1/items");
    assert_int_equal(w->status, 200);
    world_as(w, w->owner_token);
    world_header(w, "if-match", "*");
    world_send(w, "PATCH", world_path(w, "/v1/staff/%lld", (long long)staff_id), S("{\"status\":\"left\"}"));
    assert_int_equal(w->status, 200);
    world_as(w, key);
    world_get(w, "/v1/items");
    assert_int_equal(w->status, 403);
    world_as(w, w->owner_token);
    world_header(w, "if-match", "*");
    world_send(w, "PATCH", world_path(w, "/v1/staff/%lld", (long long)staff_id), S("{\"status\":\"active\"}"));
    world_as(w, key);
    world_get(w, "/v1/items");
    assert_int_equal(w->status, 200);
}

/* ---- between the look at a password and the session ---- */

typedef struct Between { World *w; int64_t staff_id; bool is_done; Err err; } Between;

static Err new_password(Ctx *c, void *arg) {
    const Between *b = arg;
    return staff_set_password(c, b->staff_id, password_hash(c->arena, S("a-new-password"), true));
}

static void change_once(void *user, const Ctx *c, const char *sql, bool has_merchant, DbArgs args) {
    (void)c, (void)has_merchant, (void)args;
    Between *b = user;
    bool is_login =
        strncmp(sql, "UPDATE staff SET last_login_at", 30) == 0 || strncmp(sql, "SELECT role, name", 17) == 0;
    if (b->is_done || !is_login) return;
    b->is_done = true;
    b->err = world_unit(b->w, new_password, b);
}

TEST(a_session_never_opens_by_a_password_that_was_changed_meanwhile) {
    if (db_engine(w->db) == DB_SQLITE) return; /* one writer: nothing comes between the statements of a unit */
    Between b = { .w = w, .staff_id = hire(w, "lili", "cashier") };
    db_watch(w->db, change_once, &b);
    enter(w, "lili");
    db_watch(w->db, NULL, NULL);
    assert_true(b.is_done);
    assert_int_equal(b.err, OK);
    assert_int_equal(w->status, 401);
}
