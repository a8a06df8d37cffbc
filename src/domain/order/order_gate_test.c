#include "test/test.h"

TEST(goods_for_a_level_alone_are_sold_to_who_carries_its_tag) {
    int64_t member = world_member(w, "13800000001");
    world_settle(w);
    world_post(w, "/v1/items", "{\"name\":\"限量公仔\",\"price_fen\":9900,\"only_tags\":[\"金卡会员\",\"老友\"]}");
    assert_int_equal(w->status, 201);
    int64_t item = world_int(w, "/item_id");
    const int64_t who[] = { 0, member, member };
    for (int i = 0; i < 3; i++) {
        if (i == 2) {
            world_post(w, "/v1/tags", "{\"name\":\"老友\"}");
            world_post(w, world_path(w, "/v1/tags/%lld/members", (long long)world_int(w, "/tag_id")),
                       "{\"member_ids\":[\"%lld\"]}", (long long)member);
        }
        world_post(
            w, "/v1/orders",
            "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"order_no\":\"L1\",\"settle\":true,\"lines\":[{\"item_id\":"
            "\"%lld\",\"quantity\":1}],\"tenders\":[{\"tender\":\"cash\",\"amount_fen\":9900}]}",
            (long long)w->shop_id, (long long)who[i], (long long)item);
        assert_int_equal(w->status, i == 2 ? 201 : 409);
        if (i < 2) assert_true(str_is(w->code, "order.not_for_all"));
    }
    world_header(w, "If-Match", "*");
    world_send(w, "PATCH", world_path(w, "/v1/items/%lld", (long long)item), S("{\"only_tags\":[]}"));
    assert_int_equal(w->status, 200);
    assert_int_equal(world_count(w, "/only_tags"), 0);
    world_holds(w);
}
