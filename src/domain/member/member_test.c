#include "domain/member/member.h"
#include "app/auth.h"
#include "test/sim.h"
#include "test/test.h"

static int64_t join(World *w, const char *body) {
    world_post(w, "/v1/members", "%s", body);
    assert_true(w->status == (world_has(w, "/is_new") ? 201 : 200));
    return world_int(w, "/member_id");
}

static void patch(World *w, int64_t member_id, const char *body) {
    world_header(w, "if-match", "*");
    world_send(w, "PATCH", world_path(w, "/v1/members/%lld", (long long)member_id), str_of(body));
}

static int64_t found(World *w, const char *query) {
    world_get(w, "/v1/members?q=%s", query);
    assert_int_equal(w->status, 200);
    return world_count(w, "/items");
}

TEST(joining_twice_with_one_phone_finds_the_first_member) {
    int64_t first = join(w, "{\"phone\":\"138 0000 0001\",\"name\":\"张三丰\"}");
    assert_true(world_has(w, "/is_new"));
    assert_true(str_is(world_str(w, "/phone"), "138****0001"));
    assert_true(str_is(world_str(w, "/name"), "张**"));
    int64_t again = join(w, "{\"phone\":\"+8613800000001\"}");
    assert_int_equal(first, again);
    assert_false(world_has(w, "/is_new"));
    world_holds(w);
}

TEST(the_till_finds_a_member_by_phone_number_card_and_code) {
    int64_t id = join(w, "{\"phone\":\"13800000002\",\"card\":\"K100\",\"external\":\"CRM-7\",\"name\":\"李雷\"}");
    Str no = arena_str(&w->arena, world_str(w, "/member_no"));
    assert_int_equal(no.len, MEMBER_NO_LEN);
    const char *const queries[] = { "phone=13800000002", "card=k-100", "external=CRM-7",
                                    world_path(w, "member_no=%.*s", (int)no.len, no.at) };
    for (int i = 0; i < 4; i++) {
        world_get(w, "/v1/members/lookup?%s", queries[i]);
        assert_int_equal(w->status, 200);
        assert_int_equal(world_int(w, "/member_id"), id);
        assert_true(str_is(world_str(w, "/phone"), "138****0002"));
    }
    world_get(w, "/v1/members/lookup?phone=13999999999");
    assert_true(str_is(w->code, "member.not_found"));
    world_get(w, "/v1/members/lookup?member_no=1234567890");
    assert_true(w->status == 400 || w->status == 422 || w->status == 404);
    world_get(w, "/v1/members/lookup");
    assert_true(str_is(w->code, "member.lookup_what"));
}

/* Each is asked for twice: what the second answer comes from must know of every change. */
static void till_sees(World *w, const char *query, const char *pointer, const char *text) {
    for (int i = 0; i < 2; i++) {
        world_get(w, "/v1/members/lookup?%s", query);
        if (!str_is(world_str(w, pointer), text)) fail_msg("%s %s: %.*s", query, pointer, (int)w->body.len, w->body.at);
    }
}

TEST(a_cashier_hands_no_account_to_another_phone) {
    world_post(w, "/v1/members", "{\"phone\":\"13800000068\",\"name\":\"王\"}");
    int64_t id = world_int(w, "/member_id");
    world_as(w, world_staff(w, "cashier"));
    world_send(w, "PUT", world_path(w, "/v1/members/%lld/phone", (long long)id),
               S("{\"phone\":\"13800000069\",\"reason\":\"换号\"}"));
    assert_int_equal(w->status, 403);
    world_post(w, world_path(w, "/v1/members/%lld/identities", (long long)id),
               "{\"kind\":\"phone\",\"value\":\"13800000069\"}");
    assert_int_equal(w->status, 403);
}

TEST(what_a_till_was_shown_goes_with_every_change) {
    int64_t id = join(w, "{\"phone\":\"13800000061\",\"card\":\"M1\",\"name\":\"李雷\"}");
    int64_t into = join(w, "{\"phone\":\"13800000063\",\"name\":\"韩梅梅\"}");
    till_sees(w, "card=m1", "/name", "李**");
    till_sees(w, "phone=13800000061", "/status", "active");
    patch(w, id, "{\"name\":\"王小明\"}");
    till_sees(w, "card=m1", "/name", "王**");
    world_post(w, world_path(w, "/v1/members/%lld/freeze", (long long)id), "{\"is_frozen\":true,\"reason\":\"x\"}");
    till_sees(w, "phone=13800000061", "/status", "frozen");
    world_post(w, world_path(w, "/v1/members/%lld/freeze", (long long)id), "{\"is_frozen\":false,\"reason\":\"x\"}");
    till_sees(w, "card=m1", "/status", "active");
    world_send(w, "PUT", world_path(w, "/v1/members/%lld/phone", (long long)id),
               S("{\"phone\":\"13800000062\",\"reason\":\"换号\"}"));
    assert_true(w->status < 300);
    till_sees(w, "card=m1", "/phone", "138****0062");
    world_get(w, "/v1/members/lookup?phone=13800000061");
    assert_true(str_is(w->code, "member.not_found"));
    world_post(w, world_path(w, "/v1/members/%lld/merge", (long long)into), "{\"from_id\":\"%lld\",\"reason\":\"x\"}",
               (long long)id);
    till_sees(w, "card=m1", "/phone", "138****0063");
    world_post(w, world_path(w, "/v1/members/%lld/erase", (long long)into), "{\"reason\":\"x\"}");
    world_get(w, "/v1/members/lookup?card=m1");
    assert_true(str_is(w->code, "member.not_found"));
    world_holds(w);
}

TEST(members_are_followed_by_what_changed_since) {
    int64_t id[3];
    for (int i = 0; i < 3; i++) {
        id[i] = join(w, arena_cstr(&w->arena, arena_print(&w->arena, "{\"phone\":\"1380000200%d\"}", i)));
        world_pass(w, 1000);
    }
    int64_t since = w->now;
    world_pass(w, 1000);
    patch(w, id[1], "{\"region\":\"上海\"}");
    world_pass(w, 1000);
    world_post(w, world_path(w, "/v1/members/%lld/freeze", (long long)id[0]), "{\"is_frozen\":true,\"reason\":\"x\"}");
    world_get(w, "/v1/members?updated_since=%lld&limit=1", (long long)since);
    assert_int_equal(world_int(w, "/items/0/member_id"), id[1]);
    Str cursor = arena_str(&w->arena, world_str(w, "/next_cursor"));
    world_get(w, "/v1/members?updated_since=%lld&limit=1&cursor=%.*s", (long long)since, (int)cursor.len, cursor.at);
    assert_int_equal(world_int(w, "/items/0/member_id"), id[0]);
    world_get(w, "/v1/members?updated_since=%lld&status=frozen", (long long)since);
    assert_int_equal(world_count(w, "/items"), 1);
    world_get(w, "/v1/members?updated_since=1");
    assert_int_equal(world_count(w, "/items"), 3);
    world_get(w, "/v1/members?updated_since=%lld&q=1234", (long long)since);
    assert_true(str_is(w->code, "member.search_followed"));
}

TEST(members_are_searched_by_name_pinyin_initials_tail_and_number) {
    join(w, "{\"phone\":\"13811112222\",\"name\":\"张三丰\"}");
    Str no = arena_str(&w->arena, world_str(w, "/member_no"));
    join(w, "{\"phone\":\"13911113333\",\"name\":\"张无忌\",\"card\":\"VIP888\"}");
    join(w, "{\"phone\":\"13711112222\",\"name\":\"Anna Smith\"}");
    assert_int_equal(found(w, "%E5%BC%A0"), 2);
    assert_int_equal(found(w, "%E4%B8%89%E4%B8%B0"), 1);
    assert_int_equal(found(w, "zhangsan"), 1);
    assert_int_equal(found(w, "zsf"), 1);
    assert_int_equal(found(w, "zhang"), 2);
    assert_int_equal(found(w, "smith"), 1);
    assert_int_equal(found(w, "2222"), 2);
    assert_int_equal(found(w, "13911113333"), 1);
    assert_int_equal(found(w, "vip888"), 1);
    assert_int_equal(found(w, world_path(w, "%.*s", (int)no.len, no.at)), 1);
    assert_int_equal(found(w, "nobody"), 0);
    world_get(w, "/v1/members?q=zhang&limit=1");
    assert_int_equal(world_count(w, "/items"), 1);
    Str next = arena_str(&w->arena, world_str(w, "/next_cursor"));
    world_get(w, "/v1/members?q=zhang&limit=1&cursor=%.*s", (int)next.len, next.at);
    assert_int_equal(world_count(w, "/items"), 1);
    assert_true(str_find(w->body, S("13911113333")) < 0);
}

TEST(lists_are_paged_and_filtered) {
    for (int i = 0; i < 7; i++)
        join(w, arena_cstr(&w->arena, arena_print(&w->arena, "{\"phone\":\"1380000100%d\"}", i)));
    world_get(w, "/v1/members?limit=3");
    assert_int_equal(world_count(w, "/items"), 3);
    int64_t seen = 0;
    Str cursor = { 0 };
    do {
        world_get(w, "/v1/members?limit=3&cursor=%.*s", (int)cursor.len, cursor.at ? cursor.at : "");
        seen += world_count(w, "/items");
        cursor = world_has(w, "/next_cursor") ? arena_str(&w->arena, world_str(w, "/next_cursor")) : (Str){ 0 };
    } while (cursor.len > 0);
    assert_int_equal(seen, 7);
    world_get(w, "/v1/members?status=frozen");
    assert_int_equal(world_count(w, "/items"), 0);
    world_get(w, "/v1/members?stage=member&created_from=2026-03-02&created_until=2026-03-02");
    assert_int_equal(world_count(w, "/items"), 7);
    world_get(w, "/v1/members?created_until=2026-03-01");
    assert_int_equal(world_count(w, "/items"), 0);
}

TEST(a_profile_is_masked_until_somebody_with_the_right_reveals_it_with_a_reason) {
    int64_t id =
        join(w, "{\"phone\":\"13800000003\",\"name\":\"王小明\",\"birthday\":{\"year\":1990,\"month\":5,\"day\":1}}");
    patch(w, id, "{\"addresses\":[{\"label\":\"家\",\"detail\":\"人民路1号\"}],\"hobbies\":[\"茶\"]}");
    assert_int_equal(w->status, 200);
    world_get(w, "/v1/members/%lld", (long long)id);
    assert_true(str_find(w->body, S("13800000003")) < 0 && str_find(w->body, S("小明")) < 0);
    assert_true(str_find(w->body, S("人民路")) < 0 && str_find(w->body, S("1990")) < 0);
    const char *path = world_path(w, "/v1/members/%lld/reveal", (long long)id);
    world_as(w, world_staff(w, "cashier"));
    world_post(w, path, "{\"reason\":\"好奇\"}");
    assert_int_equal(w->status, 403);
    world_as(w, w->owner_token);
    world_post(w, path, "{}");
    assert_true(w->status == 400 || w->status == 422);
    world_post(w, path, "{\"reason\":\"会员来电核对\"}");
    assert_true(str_is(world_str(w, "/phone"), "13800000003"));
    assert_true(str_is(world_str(w, "/name"), "王小明"));
    assert_int_equal(world_int(w, "/birthday/year"), 1990);
    world_get(w, "/v1/audit?limit=20");
    assert_true(str_find(w->body, S("member.reveal")) >= 0);
    assert_true(str_find(w->body, S("13800000003")) < 0 && str_find(w->body, S("王小明")) < 0);
}

TEST(own_fields_are_typed_and_only_what_is_given_changes) {
    world_post(w, "/v1/member-fields",
               "{\"key\":\"pet\",\"label\":\"宠物\",\"kind\":\"choice\",\"choices\":[\"猫\",\"狗\"]}");
    assert_int_equal(w->status, 201);
    world_post(w, "/v1/member-fields", "{\"key\":\"kids\",\"label\":\"孩子\",\"kind\":\"number\"}");
    world_post(w, "/v1/member-fields", "{\"key\":\"since\",\"label\":\"日期\",\"kind\":\"day\"}");
    world_post(w, "/v1/member-fields",
               "{\"key\":\"likes\",\"label\":\"口味\",\"kind\":\"multi\",\"choices\":[\"甜\",\"咸\"]}");
    world_post(w, "/v1/member-fields", "{\"key\":\"Bad Key\",\"label\":\"x\"}");
    assert_true(str_is(w->code, "member.field_key"));
    int64_t id = world_member(w, "13800000004");
    patch(w, id, "{\"custom\":{\"pet\":\"猫\",\"kids\":2,\"since\":\"2024-02-29\",\"likes\":[\"甜\"]}}");
    assert_int_equal(w->status, 200);
    patch(w, id, "{\"custom\":{\"kids\":3}}");
    assert_int_equal(world_int(w, "/custom/kids"), 3);
    assert_true(str_is(world_str(w, "/custom/pet"), "猫"));
    patch(w, id, "{\"custom\":{\"pet\":\"象\"}}");
    assert_true(str_is(w->code, "body.invalid"));
    assert_true(str_find(w->body, S("/custom/pet")) >= 0);
    patch(w, id, "{\"custom\":{\"kids\":\"many\",\"since\":\"2024-02-30\",\"unknown\":1}}");
    assert_true(str_find(w->body, S("/custom/kids")) >= 0 && str_find(w->body, S("/custom/since")) >= 0 &&
                str_find(w->body, S("/custom/unknown")) >= 0);
    world_holds(w);
}

TEST(a_birthday_must_be_a_day_of_its_calendar) {
    int64_t id = world_member(w, "13800000005");
    patch(w, id, "{\"birthday\":{\"month\":2,\"day\":30}}");
    assert_true(str_is(w->code, "member.birthday"));
    patch(w, id, "{\"birthday\":{\"month\":2,\"day\":30,\"is_lunar\":true}}");
    assert_int_equal(w->status, 200);
    patch(w, id, "{\"birthday\":{\"year\":2000,\"month\":2,\"day\":29}}");
    assert_int_equal(w->status, 200);
}

TEST_PURE(birthdays_fall_on_the_days_that_people_keep) {
    MemberCard leap = { .birth_month = 2, .birth_day = 29 },
               spring = { .birth_month = 1, .birth_day = 1, .birth_is_lunar = true };
    assert_true(member_birthday_in(&leap, 2024) == 20240229);
    assert_true(member_birthday_in(&leap, 2025) == 20250228);
    assert_true(member_birthday_in(&spring, 2026) == 20260217);
    assert_true(member_is_birthday(&spring, 20260217) && !member_is_birthday(&spring, 20260101));
    MemberCard year_end = { .birth_month = 12, .birth_day = 8, .birth_is_lunar = true };
    assert_true(member_birthday_in(&year_end, 2026) == 20260126);
    assert_true(member_is_birthday_month(&year_end, 20260103));
    assert_true(member_birthday_in(&(MemberCard){ 0 }, 2026) == 0);
}

TEST(a_frozen_member_and_one_without_a_right_are_refused_in_words) {
    int64_t id = world_member(w, "13800000006");
    world_post(w, world_path(w, "/v1/members/%lld/freeze", (long long)id), "{\"is_frozen\":true,\"reason\":\"盗用\"}");
    assert_true(str_is(world_str(w, "/status"), "frozen"));
    Ctx c = world_ctx(w, w->merchant_id);
    db_read_begin(w->db, &c);
    assert_int_equal(member_need_right(&c, id, RIGHT_BUY), E_CONFLICT);
    assert_string_equal(c.problem.code, "member.frozen");
    db_read_end(w->db, &c);
    world_post(w, world_path(w, "/v1/members/%lld/freeze", (long long)id), "{\"is_frozen\":false,\"reason\":\"误会\"}");
    const char *rights = world_path(w, "/v1/members/%lld/blocked-rights", (long long)id);
    world_send(w, "PUT", rights, S("{\"blocked\":[\"spend_points\",\"fly\"],\"reason\":\"套利\"}"));
    assert_true(str_is(w->code, "member.right_unknown"));
    world_send(w, "PUT", rights, S("{\"blocked\":[\"spend_points\"],\"reason\":\"套利\"}"));
    assert_true(str_is(world_str(w, "/blocked/0"), "spend_points"));
    c = world_ctx(w, w->merchant_id);
    db_read_begin(w->db, &c);
    assert_int_equal(member_need_right(&c, id, RIGHT_BUY | RIGHT_EARN), OK);
    assert_int_equal(member_need_right(&c, id, RIGHT_SPEND_POINTS), E_CONFLICT);
    db_read_end(w->db, &c);
    world_holds(w);
    world_send(w, "PUT", rights, S("{\"blocked\":[],\"reason\":\"已说明\"}"));
    assert_int_equal(world_count(w, "/blocked"), 0);
    world_holds(w);
}

TEST(two_members_become_one_and_part_again) {
    int64_t into = join(w, "{\"phone\":\"13800000011\"}");
    int64_t from = join(w, "{\"phone\":\"13800000012\",\"card\":\"OLD1\",\"name\":\"赵云\"}");
    world_post(w, "/v1/members", "{\"phone\":\"13800000011\",\"card\":\"OLD1\"}");
    assert_true(str_is(w->code, "member.two_found"));
    world_post(w, world_path(w, "/v1/members/%lld/merge", (long long)into),
               "{\"from_id\":\"%lld\",\"reason\":\"同一人\"}", (long long)from);
    assert_int_equal(w->status, 201);
    int64_t merge = world_int(w, "/merge_id");
    assert_true(str_find(w->body, S("identities")) >= 0);
    world_holds(w);
    world_get(w, "/v1/members/lookup?card=OLD1");
    assert_int_equal(world_int(w, "/member_id"), into);
    world_get(w, "/v1/members/lookup?phone=13800000012");
    assert_int_equal(world_int(w, "/member_id"), into);
    world_get(w, "/v1/members/%lld", (long long)from);
    assert_int_equal(world_int(w, "/merged_into"), into);
    assert_int_equal(found(w, "zhaoyun"), 1);
    world_post(w, world_path(w, "/v1/member-merges/%lld/undo", (long long)merge), "{}");
    assert_int_equal(w->status, 200);
    world_holds(w);
    world_get(w, "/v1/members/lookup?phone=13800000012");
    assert_int_equal(world_int(w, "/member_id"), from);
    assert_int_equal(found(w, "zhaoyun"), 1);
    world_post(w, world_path(w, "/v1/member-merges/%lld/undo", (long long)merge), "{}");
    assert_true(str_is(w->code, "member.merge_undone"));
}

TEST(merges_are_undone_in_the_order_they_were_made) {
    int64_t a = world_member(w, "13800000013"), b = world_member(w, "13800000014"), c = world_member(w, "13800000015");
    world_post(w, world_path(w, "/v1/members/%lld/merge", (long long)b), "{\"from_id\":\"%lld\",\"reason\":\"x\"}",
               (long long)a);
    int64_t first = world_int(w, "/merge_id");
    world_post(w, world_path(w, "/v1/members/%lld/merge", (long long)c), "{\"from_id\":\"%lld\",\"reason\":\"x\"}",
               (long long)b);
    int64_t second = world_int(w, "/merge_id");
    Ctx x = world_ctx(w, w->merchant_id);
    int64_t living = 0;
    db_read_begin(w->db, &x);
    assert_int_equal(member_living(&x, a, &living), OK);
    db_read_end(w->db, &x);
    assert_int_equal(living, c);
    world_post(w, world_path(w, "/v1/member-merges/%lld/undo", (long long)first), "{}");
    assert_true(str_is(w->code, "member.merge_deeper"));
    world_post(w, world_path(w, "/v1/member-merges/%lld/undo", (long long)second), "{}");
    assert_int_equal(w->status, 200);
    world_post(w, world_path(w, "/v1/member-merges/%lld/undo", (long long)first), "{}");
    assert_int_equal(w->status, 200);
    world_post(w, world_path(w, "/v1/members/%lld/merge", (long long)c), "{\"from_id\":\"%lld\",\"reason\":\"x\"}",
               (long long)c);
    assert_true(str_is(w->code, "member.merge_same"));
    world_holds(w);
}

TEST(a_forgotten_member_leaves_nothing_personal_and_the_phone_is_free) {
    int64_t id = join(w, "{\"phone\":\"13800000021\",\"name\":\"孙权\",\"card\":\"Z9\"}");
    world_post(w, world_path(w, "/v1/members/%lld/erase", (long long)id), "{\"reason\":\"本人要求\"}");
    assert_int_equal(w->status, 200);
    assert_true(str_is(world_str(w, "/status"), "erased"));
    world_holds(w);
    assert_int_equal(found(w, "sunquan"), 0);
    assert_int_equal(found(w, "0021"), 0);
    assert_int_not_equal(world_member(w, "13800000021"), id);
    world_post(w, world_path(w, "/v1/members/%lld/erase", (long long)id), "{\"reason\":\"again\"}");
    assert_true(str_is(w->code, "member.not_living"));
}

TEST(my_data_holds_everything_about_me) {
    int64_t id = join(w, "{\"phone\":\"13800000022\",\"name\":\"周瑜\"}");
    world_post(w, world_path(w, "/v1/members/%lld/export", (long long)id), "{\"reason\":\"本人要求\"}");
    assert_int_equal(w->status, 200);
    assert_true(json_is_valid(w->body));
    assert_true(str_find(w->body, S("周瑜")) >= 0 && str_find(w->body, S("13800000022")) >= 0);
}

typedef struct Spent {
    int64_t member_id;
    MemberSummary summary;
} Spent;
static Err put_summary(Ctx *c, void *arg) {
    const Spent *s = arg;
    return member_summary_put(c, s->member_id, &s->summary);
}

TEST(stages_follow_what_members_do_once_a_day) {
    int64_t busy = world_member(w, "13800000031"), quiet = world_member(w, "13800000032");
    Spent spent = {
        busy, { .add_orders = 3, .add_spend_fen = 12345, .order_at = w->now, .set = SUMMARY_POINTS, .points = 12 }
    };
    assert_int_equal(world_unit(w, put_summary, &spent), OK);
    world_pass(w, (int64_t)24 * 3600 * 1000);
    world_get(w, "/v1/members/%lld", (long long)busy);
    assert_true(str_is(world_str(w, "/stage"), "regular"));
    assert_int_equal(world_int(w, "/spend_fen"), 12345);
    assert_int_equal(world_int(w, "/points"), 12);
    world_get(w, "/v1/members/%lld", (long long)quiet);
    assert_true(str_is(world_str(w, "/stage"), "member"));
    world_clock(w, w->now + (int64_t)95 * 24 * 3600 * 1000);
    world_pass(w, (int64_t)24 * 3600 * 1000);
    world_get(w, "/v1/members/%lld", (long long)quiet);
    assert_true(str_is(world_str(w, "/stage"), "sleeping"));
    world_clock(w, w->now + (int64_t)95 * 24 * 3600 * 1000);
    world_pass(w, (int64_t)24 * 3600 * 1000);
    world_get(w, "/v1/members?stage=lost");
    assert_int_equal(world_count(w, "/items"), 2);
}

static Err import_some(Ctx *c, void *arg) {
    MemberImportRow *rows = arg;
    return member_import_batch(c, rows, 3);
}

TEST(a_batch_says_of_each_row_whether_it_is_new_known_or_refused) {
    int64_t known = world_member(w, "13800000041");
    MemberImportRow rows[3] = { 0 };
    rows[0].join = (MemberJoin){ .name = S("新人"), .identity_count = 1, .joined_at = w->now - 1000 };
    rows[0].join.identities[0] = (IdentityValue){ .kind = IDENTITY_EXTERNAL, .value = S("17850") };
    Str tag = S("老客");
    rows[0].tags = (StrList){ &tag, 1 };
    rows[1].join.identity_count = 1;
    rows[1].join.identities[0] = (IdentityValue){ .kind = IDENTITY_PHONE, .value = S("138-0000-0041") };
    rows[2].join.identity_count = 1;
    rows[2].join.identities[0] = (IdentityValue){ .kind = IDENTITY_PHONE, .value = S("abc") };
    assert_int_equal(world_unit(w, import_some, rows), OK);
    assert_true(rows[0].is_new && rows[0].code == NULL);
    assert_true(!rows[1].is_new && rows[1].member_id == known);
    assert_string_equal(rows[2].code, "identity.phone");
    world_get(w, "/v1/members/%lld/tags", (long long)rows[0].member_id);
    assert_int_equal(world_count(w, "/items"), 1);
    world_holds(w);
}

TEST(another_merchants_members_do_not_exist) {
    int64_t id = world_member(w, "13800000051");
    world_merchant(w, "other-member-owner");
    world_as(w, world_other_token(w));
    world_get(w, "/v1/members/%lld", (long long)id);
    assert_int_equal(w->status, 404);
    world_get(w, "/v1/members/lookup?phone=13800000051");
    assert_int_equal(w->status, 404);
    assert_int_equal(found(w, "0051"), 0);
    assert_int_not_equal(world_member(w, "13800000051"), id);
}

/* ---- simulator ---- */

static Err sim_join(Sim *s) {
    sim_post(s, "/v1/members", "{\"phone\":\"139%08lld\",\"name\":\"张%lld\"}", (long long)rng_below(s->rng, 3000),
             (long long)rng_below(s->rng, 90));
    if (sim_was_done(s) && world_has(s->w, "/is_new")) sim_keep(s, "member", world_int(s->w, "/member_id"));
    return OK;
}

static Err sim_find(Sim *s) {
    sim_get(s, "/v1/members/lookup?phone=139%08lld", (long long)rng_below(s->rng, 3000));
    return OK;
}

static Err sim_change(Sim *s) {
    int64_t id = sim_pick(s, "member");
    if (id == 0) return OK;
    sim_post(s, world_path(s->w, "/v1/members/%lld/freeze", (long long)id), "{\"is_frozen\":%s,\"reason\":\"sim\"}",
             rng_chance(s->rng, 1, 4) ? "true" : "false");
    return OK;
}

static Err sim_merge(Sim *s) {
    int64_t into = sim_pick(s, "member"), from = sim_pick(s, "member");
    if (into == 0) return OK;
    sim_post(s, world_path(s->w, "/v1/members/%lld/merge", (long long)into),
             "{\"from_id\":\"%lld\",\"reason\":\"sim\"}", (long long)from);
    if (sim_was_done(s)) sim_keep(s, "member.merge", world_int(s->w, "/merge_id"));
    return OK;
}

static Err sim_unmerge(Sim *s) {
    int64_t merge = sim_pick(s, "member.merge");
    if (merge == 0) return OK;
    sim_post(s, world_path(s->w, "/v1/member-merges/%lld/undo", (long long)merge), "{}");
    if (sim_was_done(s)) sim_drop(s, "member.merge", merge);
    return OK;
}

static Err sim_erase(Sim *s) {
    int64_t id = sim_pick(s, "member");
    if (id == 0 || sim_size(s, "member") < 50) return OK;
    sim_post(s, world_path(s->w, "/v1/members/%lld/erase", (long long)id), "{\"reason\":\"sim\"}");
    if (sim_was_done(s)) sim_drop(s, "member", id);
    return OK;
}

const SimAction member_sim[] = {
    { "member.join", 20, sim_join },
    { "member.find", 20, sim_find },
    { "member.freeze", 3, sim_change },
    { "member.merge", 1, sim_merge },
    { "member.unmerge", 1, sim_unmerge },
    { "member.erase", 1, sim_erase },
    { NULL },
};
