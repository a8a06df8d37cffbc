#include "domain/shop/shop.h"
#include "test/test.h"

static void patch(World *w, const char *path, const char *body) {
    world_header(w, "if-match", "*");
    world_send(w, "PATCH", path, str_of(body));
}

TEST(a_shop_is_opened_changed_and_read_back) {
    world_post(w, "/v1/shops",
               "{\"code\":\"S77\",\"name\":\"河西店\",\"till_count\":2,"
               "\"hours\":[{\"weekday\":1,\"from_minute\":480,\"to_minute\":1320}]}");
    assert_int_equal(w->status, 201);
    int64_t shop_id = world_int(w, "/shop_id");
    assert_int_equal(world_int(w, "/version"), 1);
    patch(w, world_path(w, "/v1/shops/%lld", (long long)shop_id), "{\"name\":\"河西新店\"}");
    assert_int_equal(w->status, 200);
    world_get(w, "/v1/shops/%lld", (long long)shop_id);
    assert_true(str_is(world_str(w, "/name"), "河西新店"));
    assert_true(str_is(world_str(w, "/code"), "S77"));
    assert_int_equal(world_int(w, "/till_count"), 2);
    assert_int_equal(world_int(w, "/hours/0/to_minute"), 1320);
    assert_int_equal(world_int(w, "/version"), 2);
    world_holds(w);
}

TEST(a_shop_with_bad_hours_zone_or_a_taken_code_is_refused) {
    world_post(w, "/v1/shops",
               "{\"code\":\"A\",\"name\":\"a\",\"hours\":[{\"weekday\":1,\"from_minute\":900,\"to_minute\":800}]}");
    assert_true(str_is(w->code, "shop.hours"));
    world_post(w, "/v1/shops", "{\"code\":\"A\",\"name\":\"a\",\"zone\":\"Mars/Base\"}");
    assert_true(str_is(w->code, "shop.zone"));
    world_post(w, "/v1/shops", "{\"code\":\"A\",\"name\":\"a\",\"zone\":\"Europe/Berlin\"}");
    assert_int_equal(w->status, 201);
    world_post(w, "/v1/shops", "{\"code\":\"A\",\"name\":\"b\"}");
    assert_int_equal(w->status, 409);
    assert_true(str_is(w->code, "shop.code_taken"));
    patch(w, world_path(w, "/v1/shops/%lld", (long long)w->shop_id), "{\"code\":\"A\"}");
    assert_true(str_is(w->code, "shop.code_taken"));
}

TEST(a_change_on_top_of_an_old_version_is_refused) {
    const char *path = world_path(w, "/v1/shops/%lld", (long long)w->shop_id);
    world_send(w, "PATCH", path, S("{\"phone\":\"1\",\"version\":1}"));
    assert_int_equal(w->status, 200);
    world_send(w, "PATCH", path, S("{\"phone\":\"2\",\"version\":1}"));
    assert_int_equal(w->status, 412);
}

TEST(another_merchants_shop_does_not_exist) {
    int64_t mine = w->shop_id;
    world_merchant(w, "other-shop-owner");
    world_as(w, world_other_token(w));
    world_get(w, "/v1/shops/%lld", (long long)mine);
    assert_int_equal(w->status, 404);
    assert_true(str_is(w->code, "shop.not_found"));
}

TEST(a_group_names_shops_of_the_same_merchant_only) {
    world_post(w, "/v1/shop-groups", "{\"name\":\"市区\",\"shop_ids\":[\"%lld\"]}", (long long)w->shop_id);
    assert_int_equal(w->status, 201);
    int64_t group_id = world_int(w, "/group_id");
    world_post(w, "/v1/shop-groups", "{\"name\":\"市区\"}");
    assert_true(str_is(w->code, "shop.group_name_taken"));
    world_post(w, "/v1/shop-groups", "{\"name\":\"郊区\",\"shop_ids\":[\"5\"]}");
    assert_true(str_is(w->code, "shop.not_found"));
    world_get(w, "/v1/shop-groups");
    assert_int_equal(world_count(w, "/items"), 1);
    assert_int_equal(world_count(w, "/items/0/shop_ids"), 1);
    Ctx c = world_ctx(w, w->merchant_id);
    IntList ids = { 0 };
    assert_int_equal(db_read_begin(w->db, &c), OK);
    assert_int_equal(shop_ids_of_group(&c, group_id, &ids), OK);
    db_read_end(w->db, &c);
    assert_true(shop_ids_have(&ids, w->shop_id));
    world_send(w, "DELETE", world_path(w, "/v1/shop-groups/%lld", (long long)group_id), S(""));
    assert_in_range(w->status, 200, 204);
    world_holds(w);
}

TEST(the_day_of_a_shop_is_counted_in_its_zone) {
    world_post(w, "/v1/shops", "{\"code\":\"NY\",\"name\":\"纽约\",\"zone\":\"America/New_York\"}");
    int64_t shop_id = world_int(w, "/shop_id"), here = 0, there = 0;
    Ctx c = world_ctx(w, w->merchant_id);
    assert_int_equal(db_read_begin(w->db, &c), OK);
    assert_int_equal(shop_today(&c, w->shop_id, &here), OK);
    assert_int_equal(shop_today(&c, shop_id, &there), OK);
    db_read_end(w->db, &c);
    assert_int_equal(here, 20260302);
    assert_int_equal(there, 20260301);
}
