#include "domain/tag/tag.h"
#include "test/sim.h"
#include "test/test.h"

static int64_t make(World *w, const char *name) {
    world_post(w, "/v1/tags", "{\"name\":\"%s\",\"group_name\":\"喜好\"}", name);
    assert_int_equal(w->status, 201);
    return world_int(w, "/tag_id");
}

TEST(tags_are_given_and_taken_in_bulk_and_count_what_changed) {
    int64_t a = world_member(w, "13800000001"), b = world_member(w, "13800000002"), tag = make(w, "爱喝茶");
    const char *path = world_path(w, "/v1/tags/%lld/members", (long long)tag);
    world_post(w, path, "{\"member_ids\":[\"%lld\",\"%lld\"]}", (long long)a, (long long)b);
    assert_int_equal(w->status, 200);
    assert_int_equal(world_int(w, "/changed"), 2);
    world_post(w, path, "{\"member_ids\":[\"%lld\"]}", (long long)a);
    assert_int_equal(world_int(w, "/changed"), 0);
    world_get(w, "/v1/tags/%lld", (long long)tag);
    assert_int_equal(world_int(w, "/members"), 2);
    world_get(w, "/v1/members?tag_id=%lld", (long long)tag);
    assert_int_equal(world_count(w, "/items"), 2);
    world_post(w, world_path(w, "/v1/tags/%lld/members/remove", (long long)tag), "{\"member_ids\":[\"%lld\"]}",
               (long long)a);
    assert_int_equal(world_int(w, "/changed"), 1);
    world_get(w, "/v1/members/%lld/tags", (long long)b);
    assert_int_equal(world_count(w, "/items"), 1);
    world_holds(w);
}

TEST(a_tag_for_a_member_that_does_not_exist_changes_nothing) {
    int64_t a = world_member(w, "13800000003"), tag = make(w, "新客");
    world_post(w, world_path(w, "/v1/tags/%lld/members", (long long)tag), "{\"member_ids\":[\"%lld\",\"99\"]}",
               (long long)a);
    assert_int_equal(w->status, 404);
    world_get(w, "/v1/members/%lld/tags", (long long)a);
    assert_int_equal(world_count(w, "/items"), 0);
}

typedef struct SystemTag {
    int64_t member_id, tag_id, again_id;
} SystemTag;
static Err make_system(Ctx *c, void *arg) {
    SystemTag *s = arg;
    TRY(tag_system(c, S("tier:1"), S("金卡"), &s->tag_id));
    TRY(tag_system(c, S("tier:1"), S("金卡会员"), &s->again_id));
    return tag_swap(c, s->member_id, 0, s->tag_id, S("tier"));
}

TEST(system_tags_belong_to_their_slice_and_not_to_hands) {
    SystemTag s = { .member_id = world_member(w, "13800000004") };
    assert_int_equal(world_unit(w, make_system, &s), OK);
    assert_int_equal(s.tag_id, s.again_id);
    world_get(w, "/v1/tags/%lld", (long long)s.tag_id);
    assert_true(str_is(world_str(w, "/name"), "金卡会员"));
    world_post(w, world_path(w, "/v1/tags/%lld/members/remove", (long long)s.tag_id), "{\"member_ids\":[\"%lld\"]}",
               (long long)s.member_id);
    assert_true(str_is(w->code, "tag.is_system"));
    world_header(w, "if-match", "*");
    world_send(w, "PATCH", world_path(w, "/v1/tags/%lld", (long long)s.tag_id), S("{\"name\":\"x\"}"));
    assert_true(str_is(w->code, "tag.is_system"));
    world_holds(w);
}

TEST(two_tags_never_share_a_name) {
    int64_t first = make(w, "茶"), second = make(w, "咖啡");
    world_post(w, "/v1/tags", "{\"name\":\"茶\"}");
    assert_true(str_is(w->code, "tag.name_taken"));
    world_header(w, "if-match", "*");
    world_send(w, "PATCH", world_path(w, "/v1/tags/%lld", (long long)second), S("{\"name\":\"茶\"}"));
    assert_true(str_is(w->code, "tag.name_taken"));
    world_send(w, "DELETE", world_path(w, "/v1/tags/%lld", (long long)first), S(""));
    assert_in_range(w->status, 200, 204);
    world_header(w, "if-match", "*");
    world_send(w, "PATCH", world_path(w, "/v1/tags/%lld", (long long)second), S("{\"name\":\"茶\"}"));
    assert_int_equal(w->status, 200);
}

/* ---- simulator ---- */

static Err sim_make(Sim *s) {
    sim_post(s, "/v1/tags", "{\"name\":\"标签%lld\"}", (long long)rng_below(s->rng, 40));
    if (sim_was_done(s)) sim_keep(s, "tag", world_int(s->w, "/tag_id"));
    return OK;
}

static Err sim_assign(Sim *s) {
    int64_t member = sim_pick(s, "member"), tag = sim_pick(s, "tag");
    if (member == 0 || tag == 0) return OK;
    bool is_add = rng_chance(s->rng, 2, 3);
    sim_post(s, world_path(s->w, "/v1/tags/%lld/members%s", (long long)tag, is_add ? "" : "/remove"),
             "{\"member_ids\":[\"%lld\"]}", (long long)member);
    return OK;
}

const SimAction tag_sim[] = { { "tag.make", 2, sim_make }, { "tag.assign", 6, sim_assign }, { NULL } };
