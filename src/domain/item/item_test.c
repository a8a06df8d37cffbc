#include "domain/item/item.h"
#include "test/sim.h"
#include "test/test.h"
#include "test/world_trade.h"

static void patch(World *w, int64_t item_id, const char *tag, const char *body) {
    if (tag != NULL) world_header(w, "if-match", tag);
    world_send(w, "PATCH", world_path(w, "/v1/items/%lld", (long long)item_id), str_of(body));
}

static int64_t left(World *w, int64_t item_id) {
    world_get(w, "/v1/shops/%lld/stock", (long long)w->shop_id);
    for (int64_t i = 0; i < world_count(w, "/items"); i++)
        if (world_int(w, world_path(w, "/items/%lld/item_id", (long long)i)) == item_id)
            return world_int(w, world_path(w, "/items/%lld/left_quantity", (long long)i));
    return -1;
}

TEST(an_item_is_created_changed_and_found_by_name_pinyin_sku_and_barcode) {
    world_post(w, "/v1/items",
               "{\"sku\":\"A1\",\"name\":\"鲜牛奶\",\"price_fen\":650,\"barcodes\":[\"6901234567892\"]}");
    assert_int_equal(w->status, 201);
    int64_t item_id = world_int(w, "/item_id");
    static const char *const words[] = { "牛奶", "xnn", "niunai", "A1", "6901234567892" };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        world_get(w, "/v1/items?q=%s", words[i]);
        assert_int_equal(world_count(w, "/items"), 1);
        assert_int_equal(world_int(w, "/items/0/item_id"), item_id);
        assert_true(str_is(world_str(w, "/items/0/barcodes/0"), "6901234567892"));
    }
    world_get(w, "/v1/items?q=100%%25");
    assert_int_equal(world_count(w, "/items"), 0);
}

TEST(an_item_is_edited_only_at_the_version_that_was_read) {
    int64_t item_id = world_item(w, 100);
    patch(w, item_id, NULL, "{\"price_fen\":120}");
    assert_int_equal(w->status, 428);
    patch(w, item_id, "\"v1\"", "{\"price_fen\":120}");
    assert_int_equal(w->status, 200);
    assert_int_equal(world_int(w, "/version"), 2);
    patch(w, item_id, "\"v1\"", "{\"price_fen\":140}");
    assert_int_equal(w->status, 412);
    patch(w, item_id, "*", "{\"price_fen\":130}");
    assert_int_equal(w->status, 200);
    assert_int_equal(world_int(w, "/price_fen"), 130);
    patch(w, item_id, "*", "{\"sku\":\"other\"}");
    assert_int_equal(w->status, 422);
    patch(w, item_id, "*", "{\"category_id\":\"77\"}");
    assert_true(str_is(w->code, "item.category_not_found"));
    patch(w, 77, "*", "{\"price_fen\":1}");
    assert_int_equal(w->status, 404);
}

TEST(a_barcode_belongs_to_one_item_and_a_removed_item_gives_it_back) {
    world_post(w, "/v1/items", "{\"name\":\"a\",\"barcodes\":[\"111\"]}");
    assert_int_equal(w->status, 201);
    int64_t a = world_int(w, "/item_id");
    world_post(w, "/v1/items", "{\"name\":\"b\",\"barcodes\":[\"111\"]}");
    assert_true(str_is(w->code, "item.barcode_taken"));
    patch(w, a, "*", "{\"status\":\"removed\"}");
    assert_int_equal(w->status, 200);
    assert_int_equal(world_count(w, "/barcodes"), 0);
    world_post(w, "/v1/items", "{\"name\":\"b\",\"barcodes\":[\"111\"]}");
    assert_int_equal(w->status, 201);
    world_get(w, "/v1/items");
    assert_int_equal(world_count(w, "/items"), 1);
    world_get(w, "/v1/items?with_removed=true");
    assert_int_equal(world_count(w, "/items"), 2);
    world_holds(w);
}

TEST(a_sku_is_taken_once_and_names_of_categories_and_brands_too) {
    world_post(w, "/v1/items", "{\"sku\":\"X\",\"name\":\"a\"}");
    world_post(w, "/v1/items", "{\"sku\":\"X\",\"name\":\"b\"}");
    assert_true(str_is(w->code, "item.sku_taken"));
    world_post(w, "/v1/item-categories", "{\"name\":\"奶制品\"}");
    assert_int_equal(w->status, 201);
    int64_t id = world_int(w, "/id");
    world_post(w, "/v1/item-categories", "{\"name\":\"奶制品\"}");
    assert_true(str_is(w->code, "item.category_taken"));
    world_post(w, "/v1/item-categories", "{\"name\":\"奶制品\",\"parent_id\":\"%lld\"}", (long long)id);
    assert_int_equal(w->status, 201);
    world_post(w, "/v1/item-brands", "{\"name\":\"老客\"}");
    assert_int_equal(w->status, 201);
    world_post(w, "/v1/item-brands", "{\"name\":\"老客\"}");
    assert_true(str_is(w->code, "item.brand_taken"));
}

TEST(stock_is_counted_sold_and_warned_about_with_an_entry_for_every_move) {
    int64_t item_id = world_item(w, 100);
    world_send(w, "PUT", world_path(w, "/v1/items/%lld/shops/%lld/stock", (long long)item_id, (long long)w->shop_id),
               S("{\"counted_quantity\":3,\"low_quantity\":2}"));
    assert_int_equal(w->status, 200);
    world_sell(w, 0, item_id, 100);
    assert_int_equal(left(w, item_id), 2);
    world_order(
        w,
        "\"settle\":true,\"lines\":[{\"item_id\":\"%lld\",\"quantity\":2},{\"item_id\":\"%lld\",\"quantity\":1}],"
        "\"tenders\":[{\"tender\":\"cash\",\"amount_fen\":300}]",
        (long long)item_id, (long long)item_id);
    assert_int_equal(w->status, 409);
    assert_true(str_is(w->code, "item.out_of_stock"));
    assert_int_equal(world_int(w, "/numbers/left_quantity"), 2);
    assert_int_equal(world_int(w, "/numbers/wanted_quantity"), 3);
    assert_int_equal(left(w, item_id), 2);
    world_get(w, "/v1/items/%lld/shops/%lld/stock-entries", (long long)item_id, (long long)w->shop_id);
    assert_int_equal(world_count(w, "/items"), 2);
    assert_int_equal(world_int(w, "/items/0/delta_quantity"), -1);
    world_holds(w);
}

TEST(a_shops_own_price_counts_there_and_only_there) {
    int64_t item_id = world_item(w, 100);
    const char *path = world_path(w, "/v1/items/%lld/shops/%lld/price", (long long)item_id, (long long)w->shop_id);
    world_send(w, "PUT", path, S("{\"price_fen\":80}"));
    assert_int_equal(w->status, 200);
    world_sell(w, 0, item_id, 80);
    world_send(w, "PUT", path, S("{\"price_fen\":-1}"));
    assert_int_equal(w->status, 200);
    world_sell(w, 0, item_id, 100);
}

typedef struct Batch {
    ItemImports rows;
} Batch;
static Err import(Ctx *c, void *arg) { return item_import_batch(c, ((Batch *)arg)->rows); }

TEST(items_imported_again_change_only_what_the_rows_say) {
    ItemImport rows[] = {
        { .sku = S("1"), .name = S("牛奶"), .category = S("奶"), .price_fen = 500, .barcode = S("b1") },
        { .sku = S("2"), .name = S("酸奶"), .category = S("奶"), .unit = S("杯"), .price_fen = 300 },
    };
    Batch batch = { { rows, 2 } };
    assert_int_equal(world_unit(w, import, &batch), OK);
    assert_true(rows[0].is_new && rows[1].is_new);
    int64_t first = rows[0].item_id;
    assert_int_equal(world_unit(w, import, &batch), OK);
    assert_true(!rows[0].is_new && !rows[0].is_changed && rows[0].item_id == first);
    rows[0] = (ItemImport){ .sku = S("1"), .price_fen = 550 };
    assert_int_equal(world_unit(w, import, &batch), OK);
    assert_true(!rows[0].is_new && rows[0].is_changed && !rows[1].is_changed);
    world_get(w, "/v1/items/%lld", (long long)first);
    assert_true(str_is(world_str(w, "/name"), "牛奶"));
    assert_true(str_is(world_str(w, "/category"), "奶"));
    assert_int_equal(world_int(w, "/price_fen"), 550);
    world_holds(w);
}

/* ---- the simulator's part: goods, prices, stock ---- */

static Err sim_item_create(Sim *s) {
    if (sim_size(s, "item") >= 60) return OK;
    int64_t price_fen = 1 + rng_below(s->rng, 9999);
    sim_post(s, "/v1/items", "{\"name\":\"sim %lld\",\"price_fen\":%lld,\"points_bonus\":%lld}", (long long)s->step,
             (long long)price_fen, (long long)(rng_chance(s->rng, 1, 5) ? rng_below(s->rng, 20) : 0));
    if (sim_was_done(s)) sim_keep(s, "item", world_int(s->w, "/item_id"));
    return OK;
}

static Err sim_item_price(Sim *s) {
    int64_t item = sim_pick(s, "item"), price_fen = 1 + rng_below(s->rng, 9999);
    if (item == 0) return OK;
    world_header(s->w, "if-match", "*");
    world_send(s->w, "PATCH", world_path(s->w, "/v1/items/%lld", (long long)item),
               arena_print(&s->w->arena, "{\"price_fen\":%lld}", (long long)price_fen));
    return OK;
}

const SimAction item_sim[] = { { "item.create", 6, sim_item_create },
                               { "item.price", 2, sim_item_price },
                               { NULL, 0, NULL } };
