#include "test/test.h"
#include "app/auth.h"
#include "domain/staff/staff_store.h"
#include "test/world_more.h"

int64_t world_member(World *w, const char *phone) {
    world_post(w, "/v1/members", "{\"phone\":\"%s\"}", phone);
    if (w->status != 201 && w->status != 200)
        world_stop("member %s: %d %.*s", phone, w->status, (int)w->body.len, w->body.at);
    return world_int(w, "/member_id");
}

typedef struct Hire { const char *role; int64_t shop_id; Str token; } Hire;

static Err hire(Ctx *c, void *arg) {
    Hire *h = arg;
    SessionGiven given;
    SessionOpen open = { .staff_id = id_new(c), .shop_id = h->shop_id };
    c->actor = (Actor){ ACTOR_STAFF, open.staff_id };
    TRY(staff_grants(c, str_of(h->role), &(IntList){ 0 }, &open.grants));
    TRY(auth_session_open(c, &open, &given));
    h->token = given.token;
    return OK;
}

Str world_staff(World *w, const char *role) {
    Hire h = { .role = role, .shop_id = w->shop_id };
    if (world_unit(w, hire, &h) != OK) world_stop("staff %s: %.*s", role, (int)w->code.len, w->code.at);
    return arena_str(&w->arena, h.token);
}
