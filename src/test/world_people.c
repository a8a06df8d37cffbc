#include "test/test.h"
#include "domain/staff/staff.h"
#include "domain/staff/staff_store.h"
#include "test/world_more.h"

int64_t world_member(World *w, const char *phone) {
    world_post(w, "/v1/members", "{\"phone\":\"%s\"}", phone);
    if (w->status != 201 && w->status != 200)
        world_stop("member %s: %d %.*s", phone, w->status, (int)w->body.len, w->body.at);
    return world_int(w, "/member_id");
}

typedef struct Hire {
    Str login, role;
} Hire;

/* Accounts begin with an owner: the World's own owner is a session without an account, so that POST /v1/setup stays
 * open
 * for who wants to try it. */
static Err hire(Ctx *c, void *arg) {
    const Hire *h = arg;
    Str hash = password_hash(c->arena, S("battery-staple"), true);
    bool is_empty;
    Staff staff;
    TRY(staff_is_empty(c, &is_empty));
    if (is_empty)
        TRY(staff_create(c,
                         &(StaffNew){ .login = arena_print(c->arena, "boss-%.*s", (int)h->login.len, h->login.at),
                                      .name = S("老板"),
                                      .role = S("owner"),
                                      .password_hash = hash },
                         &staff));
    return staff_create(c, &(StaffNew){ .login = h->login, .name = S("小李"), .role = h->role, .password_hash = hash },
                        &staff);
}

Str world_staff(World *w, const char *role) {
    Hire h = { .role = str_of(role) };
    h.login = arena_print(&w->arena, "%s-%lld-%lld", role, (long long)w->merchant_id, (long long)w->calls);
    if (world_unit(w, hire, &h) != OK) world_stop("staff %s: %.*s", role, (int)w->code.len, w->code.at);
    Str before = w->token;
    world_as(w, S(""));
    world_post(w, "/v1/login", "{\"login\":\"%.*s\",\"password\":\"battery-staple\"}", (int)h.login.len, h.login.at);
    if (w->status != 200) world_stop("login %s: %d %.*s", role, w->status, (int)w->body.len, w->body.at);
    Str token = world_str(w, "/token");
    world_as(w, before);
    return token;
}
