#include "domain/consent/consent.h"
#include "test/sim.h"
#include "test/test.h"

static void put(World *w, int64_t member_id, const char *purpose, bool is_granted, int64_t version) {
    world_send(w, "PUT", world_path(w, "/v1/members/%lld/consents", (long long)member_id),
               arena_print(&w->arena, "{\"purpose\":\"%s\",\"is_granted\":%s,\"version\":%lld}", purpose,
                           is_granted ? "true" : "false", (long long)version));
}

static bool has(World *w, int64_t member_id, ConsentPurpose purpose) {
    Ctx c = world_ctx(w, w->merchant_id);
    bool is_granted = false;
    assert_int_equal(db_read_begin(w->db, &c), OK);
    assert_int_equal(consent_has(&c, member_id, purpose, &is_granted), OK);
    db_read_end(w->db, &c);
    return is_granted;
}

TEST(no_consent_was_given_until_the_member_gave_it) {
    int64_t member = world_member(w, "13800000001");
    assert_false(has(w, member, CONSENT_MARKETING_SMS));
    put(w, member, "marketing_sms", true, 0);
    assert_int_equal(w->status, 200);
    assert_true(has(w, member, CONSENT_MARKETING_SMS));
    assert_false(has(w, member, CONSENT_MARKETING_WECHAT));
    world_pass(w, 60 * 1000);
    put(w, member, "marketing_sms", false, 0);
    assert_false(has(w, member, CONSENT_MARKETING_SMS));
    world_holds(w);
}

TEST(a_consent_names_the_text_version_that_was_shown) {
    int64_t member = world_member(w, "13800000002");
    world_post(w, "/v1/consent-texts", "{\"purpose\":\"privacy\",\"title\":\"隐私条款\",\"body\":\"第一版\"}");
    assert_int_equal(w->status, 201);
    assert_int_equal(world_int(w, "/version"), 1);
    put(w, member, "privacy", true, 2);
    assert_true(str_is(w->code, "consent.no_text"));
    put(w, member, "privacy", true, 1);
    world_post(w, "/v1/consent-texts", "{\"purpose\":\"privacy\",\"title\":\"隐私条款\",\"body\":\"第二版\"}");
    assert_int_equal(world_int(w, "/version"), 2);
    world_get(w, "/v1/members/%lld/consents", (long long)member);
    assert_int_equal(world_int(w, "/items/0/version"), 1);
    world_get(w, "/v1/consent-texts");
    assert_int_equal(world_count(w, "/items"), 1);
    assert_int_equal(world_int(w, "/items/0/version"), 2);
    world_get(w, "/v1/consent-texts?all_versions=true");
    assert_int_equal(world_count(w, "/items"), 2);
    world_holds(w);
}

TEST(a_consent_for_nobody_is_refused) {
    put(w, 12345, "privacy", true, 0);
    assert_int_equal(w->status, 404);
}

/* ---- simulator ---- */

static Err sim_put(Sim *s) {
    static const char *const purposes[] = { "privacy", "profile", "marketing_sms", "marketing_wechat" };
    int64_t member = sim_pick(s, "member"), version = 1 + rng_below(s->rng, 3);
    if (member == 0) return OK;
    if (rng_chance(s->rng, 1, 10)) {
        sim_post(s, "/v1/consent-texts", "{\"purpose\":\"%s\",\"title\":\"条款\",\"body\":\"正文\"}",
                 purposes[rng_below(s->rng, 4)]);
        return OK;
    }
    world_send(s->w, "PUT", world_path(s->w, "/v1/members/%lld/consents", (long long)member),
               arena_print(&s->w->arena, "{\"purpose\":\"%s\",\"is_granted\":%s,\"version\":%lld}",
                           purposes[rng_below(s->rng, 4)], rng_chance(s->rng, 2, 3) ? "true" : "false",
                           (long long)version));
    return OK;
}

const SimAction consent_sim[] = { { "consent.put", 3, sim_put }, { NULL } };
