#include "test/test.h"
#include "app/id.h"

enum { IDS = 20000 };

TEST_PURE(ids_only_grow_while_the_clock_stands) {
    IdSource ids = { 0 };
    id_set_node(&ids, 7, 0);
    int64_t last = 0, now = INT64_C(1772416800000);
    for (int i = 0; i < IDS; i++) {
        int64_t id = id_next(&ids, now);
        assert_true(id > last);
        assert_int_equal((id >> 12) & ID_NODE_MAX, 7);
        last = id;
    }
    /* borrowed from the future, no more than needed */
    assert_true(id_ms(last) >= now && id_ms(last) <= now + IDS / 4096 + 1);
}

TEST_PURE(ids_only_grow_when_the_clock_is_set_back) {
    IdSource ids = { 0 };
    id_set_node(&ids, 1023, 0);
    int64_t now = INT64_C(1772416800000), first = id_next(&ids, now);
    assert_int_equal(id_ms(first), now);
    assert_true(id_next(&ids, now - 86400000) > first);
    int64_t later = id_next(&ids, now + 5);
    assert_int_equal(id_ms(later), now + 5);
    assert_true(id_next(&ids, 0) > later);
}

TEST_PURE(ids_of_a_node_taken_over_lie_behind_those_of_the_former_holder) {
    IdSource ids = { 0 };
    int64_t now = INT64_C(1772416800000);
    id_set_node(&ids, 3, now + 1000);
    assert_true(id_ms(id_next(&ids, now)) > now + 1000);
    assert_true(id_floor(now) < id_next(&ids, now));
}

TEST(ids_go_on_behind_the_old_ones_after_a_restart) {
    Ctx c = world_ctx(w, w->merchant_id);
    int64_t before = id_new(&c);
    world_clock(w, w->now - 3600000);
    world_restart(w);
    c = world_ctx(w, w->merchant_id);
    assert_true(id_new(&c) > before);
}

/* The clock leaps, ids are made, the process dies before it could write down how far it came; the next one starts
 * within
 * the same millisecond and takes over the same number. */
static Err forget_other_nodes(Ctx *c, void *arg) {
    int64_t changed;
    return db_system_change(c, "DELETE FROM node WHERE node <> $1", ARGS(*(const int64_t *)arg), &changed);
}

TEST(ids_of_a_dead_holder_are_not_made_again_after_a_leap_of_the_clock) {
    int64_t node = w->app->ids.node;
    assert_int_equal(world_unit(w, forget_other_nodes, &node), OK); /* what former tests left on this database */
    world_clock(w, w->now + INT64_C(40) * 86400 * 1000);
    Ctx c = world_ctx(w, w->merchant_id);
    int64_t last = 0;
    for (int i = 0; i < 5000; i++) last = id_new(&c);
    w->app->ids.last = 0; /* the next process knows nothing of the last one */
    /* as the next process would: the lease has run out by the clock */
    assert_int_equal(id_start(w->app, NULL), OK);
    assert_int_equal(w->app->ids.node, node);
    assert_true(id_new(&c) > last);
}
