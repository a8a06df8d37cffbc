/* Audit trail, budgets, metrics, log, check. */
#include "test/test.h"
#include "app/app_state.h"
#include <string.h>

/* ---- audit ---- */

typedef struct Card { Str phone, pin, name; int64_t points; LIST_OF(struct Card) friends; } Card;
static const Field friend_field[] = { FIELD(Card, phone, .is_personal = true), FIELD(Card, points) };
static const Fields friend_fields = FIELDS(Card, friend_field);
static const Field card_field[] = {
    FIELD(Card, phone, .is_personal = true),
    FIELD(Card, pin, .is_secret = true),
    FIELD(Card, name),
    FIELD(Card, points),
    FIELD_LIST(Card, friends, friend_fields),
};
static const Fields card_fields = FIELDS(Card, card_field);

static Err note_change(Ctx *c, void *arg) {
    (void)arg;
    Card friend = { .phone = S("13900000009"), .points = 7 };
    Card before = { .phone = S("13800000001"), .pin = S("1234"), .name = S("金卡"), .points = 10 };
    Card after = { .phone = S("13800000002"), .pin = S("9876"), .name = S("金卡"), .points = 25 };
    after.friends.items = (void *)&friend;
    after.friends.count = 1;
    TRY(audit(c, &(AuditNote){ .action = "card.change", .subject = "card", .subject_id = 5, .reason = S("改卡"),
                               .fields = &card_fields, .before = &before, .after = &after }));
    return audit(c, &(AuditNote){ .action = "card.make", .subject = "card", .subject_id = 6, .fields = &card_fields,
                                  .after = &before });
}

TEST(the_audit_trail_says_what_changed_without_secrets_and_personal_data) {
    assert_int_equal(world_unit(w, note_change, NULL), OK);
    world_get(w, "/v1/audit?subject=card&subject_id=5");
    assert_int_equal(w->status, 200);
    assert_int_equal(world_count(w, "/items"), 1);
    assert_true(str_is(world_str(w, "/items/0/action"), "card.change"));
    assert_true(str_is(world_str(w, "/items/0/reason"), "改卡"));
    assert_true(str_is(world_str(w, "/items/0/actor"), "cli"));
    assert_int_equal(world_int(w, "/items/0/before/points"), 10);
    assert_int_equal(world_int(w, "/items/0/after/points"), 25);
    assert_int_equal(world_int(w, "/items/0/after/friends/0/points"), 7);
    assert_true(str_is(world_str(w, "/items/0/after/phone"), "***"));
    assert_false(world_has(w, "/items/0/after/name"));                      /* did not change */
    static const char *const hidden[] = { "1380000000", "13900000009", "1234", "9876" };
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) assert_true(str_find(w->body, str_of(hidden[i])) < 0);
}

TEST(the_audit_trail_is_found_by_who_what_action_and_time) {
    assert_int_equal(world_unit(w, note_change, NULL), OK);
    int64_t first = w->now;
    w->now += 1000;
    assert_int_equal(world_unit(w, note_change, NULL), OK);
    world_get(w, "/v1/audit?action=card.*");
    assert_int_equal(world_count(w, "/items"), 4);
    assert_true(world_int(w, "/items/0/at") > world_int(w, "/items/3/at"));
    world_get(w, "/v1/audit?action=card.make");
    assert_int_equal(world_count(w, "/items"), 2);
    world_get(w, "/v1/audit?action=card.*&actor=cli&to=%lld", (long long)first + 1);
    assert_int_equal(world_count(w, "/items"), 2);
    world_get(w, "/v1/audit?action=card.*&from=%lld", (long long)first + 1);
    assert_int_equal(world_count(w, "/items"), 2);
    world_get(w, "/v1/audit?action=card.*&actor=member&actor_id=77");
    assert_int_equal(world_count(w, "/items"), 0);
    world_get(w, "/v1/audit?action=card.*&limit=3");
    assert_int_equal(world_count(w, "/items"), 3);
    world_get(w, "/v1/audit?action=card.*&limit=3&cursor=%s", arena_cstr(&w->arena, world_str(w, "/next_cursor")));
    assert_int_equal(world_count(w, "/items"), 1);
    world_holds(w);
}

TEST(nobody_reads_the_audit_trail_without_permission) {
    world_as(w, S(""));
    world_get(w, "/v1/audit");
    assert_int_equal(w->status, 401);
}

/* ---- budgets ---- */

typedef struct Take { Str key; int64_t retry_after_s; } Take;

static Err take(Ctx *c, void *arg) {
    Take *t = arg;
    Err err = budget_take(c, "test.code", t->key, 3, 60000);
    t->retry_after_s = c->problem.retry_after_s;
    return err;
}

TEST(a_budget_gives_so_many_per_window_and_says_when_again) {
    Take one = { .key = S("13800000001") }, other = { .key = S("13800000002") };
    for (int i = 0; i < 3; i++) assert_int_equal(world_unit(w, take, &one), OK);
    w->now += 20000;
    assert_int_equal(world_unit(w, take, &one), E_LIMIT);
    assert_true(str_is(w->code, "limit.reached"));
    assert_int_equal(one.retry_after_s, 40);
    assert_int_equal(world_unit(w, take, &other), OK);
    w->now += 40000;
    assert_int_equal(world_unit(w, take, &one), OK);
}

static Err count_budgets(Ctx *c, void *arg) {
    return db_int(c, "SELECT COUNT(*) FROM budget WHERE merchant_id = $1 AND name = 'test.code'", NO_ARGS, arg);
}

TEST(used_up_windows_are_swept) {
    assert_int_equal(world_unit(w, take, &(Take){ .key = S("x") }), OK);
    int64_t count;
    world_pass(w, INT64_C(2) * 3600 * 1000);
    assert_int_equal(world_unit(w, count_budgets, &count), OK);
    assert_int_equal(count, 0);
}

/* ---- metrics ---- */

static bool body_has(const World *w, const char *text) { return str_find(w->body, str_of(text)) >= 0; }

TEST(metrics_count_requests_by_route_and_status) {
    world_get(w, "/v1/jobs");
    world_get(w, "/v1/no-such-thing");
    world_as(w, S(""));
    world_get(w, "/metrics");
    assert_int_equal(w->status, 200);
    assert_true(body_has(w, "laoke_requests_total{method=\"GET\",route=\"/v1/jobs\",status=\"200\"} 1\n"));
    assert_true(body_has(w, "laoke_requests_total{method=\"\",route=\"\",status=\"404\"} 1\n"));
    assert_true(body_has(w, "laoke_request_seconds_bucket{method=\"GET\",route=\"/v1/jobs\",le=\"+Inf\"} 1\n"));
    static const char *const names[] = { "laoke_units_total",        "laoke_outbox_waiting",
                                         "laoke_outbox_lag_seconds", "laoke_jobs_due",
                                         "laoke_db_ready 1",         "process_resident_memory_bytes",
                                         "process_cpu_seconds_total" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) assert_true(body_has(w, names[i]));
}

TEST(metrics_are_for_this_machine_or_with_permission) {
    world_as(w, S(""));
    world_header(w, "x-test-client-ip", "203.0.113.7");
    world_get(w, "/metrics");
    assert_int_equal(w->status, 403);
    world_as(w, w->owner_token);
    world_header(w, "x-test-client-ip", "203.0.113.7");
    world_get(w, "/metrics");
    assert_int_equal(w->status, 200);
}

TEST(a_healthy_server_says_so) {
    world_as(w, S(""));
    world_get(w, "/healthz");
    assert_int_equal(w->status, 200);
    world_get(w, "/readyz");
    assert_int_equal(w->status, 200);
}

/* ---- log ---- */

TEST(the_log_has_a_line_per_request_with_the_route_and_no_token) {
    world_get(w, "/v1/settings/no_such_13800000001");
    Str log = log_kept(w->app, &w->arena);
    assert_true(str_find(log, S("\"route\":\"/v1/settings/{name}\"")) >= 0);
    assert_true(str_find(log, S("\"code\":\"setting.unknown\"")) >= 0);
    assert_true(str_find(log, S("\"status\":404")) >= 0);
    assert_true(str_find(log, S("13800000001")) < 0);
    assert_true(str_find(log, str_slice(w->owner_token, 4, w->owner_token.len)) < 0);
    Str line, rest = log;
    while (str_cut(rest, '\n', &line, &rest)) assert_true(json_is_valid(line));
}

/* ---- check ---- */

TEST(check_runs_every_hold_of_every_slice) {
    CheckLines lines;
    assert_int_equal(app_check(w->app, &w->arena, &lines), OK);
    int64_t holds = 0;
    for (int64_t i = 0; i < slice_all_count(); i++) holds += slice_all(i)->hold_count;
    assert_int_equal(lines.count, holds);
    for (int64_t i = 0; i < lines.count; i++) assert_int_equal(lines.items[i].broken, 0);
}

TEST_PURE(a_broken_hold_keeps_its_first_findings) {
    Arena arena;
    arena_init(&arena, ARENA_BUDGET);
    HoldReport report = { .findings.arena = &arena };
    for (int i = 0; i < 1000; i++) hold_broken(&report, "%d: want 1, have 2", i);
    assert_int_equal(report.broken, 1000);
    Str text = buf_str(&report.findings);
    assert_true(str_find(text, S("99: want")) >= 0);
    assert_true(str_find(text, S("100: want")) < 0);
    arena_free(&arena);
}
