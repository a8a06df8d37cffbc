/* An import whose unit runs again: what the first run made was rolled back, and must not be remembered. On PostgreSQL a
 * connection lost in the middle makes it so; on SQLite it is a neighbour in the same commit who refuses late. */
#include "domain/transfer/transfer.h"
#include "test/test.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char csv[] = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
                          "1,A,Kettle,2,2010-12-01 08:26:00,5.00,NA,United Kingdom\n"
                          "2,B,Mug,1,2010-12-01 08:27:00,3.00,NA,United Kingdom\n";

typedef struct Cut { World *w; bool is_done; int64_t lost; } Cut;

typedef struct Lost { int64_t n; } Lost;
static const Field lost_field[] = { FIELD(Lost, n) };
static const Fields lost_fields = FIELDS(Lost, lost_field);

static Err cut_others(Ctx *c, void *arg) {
    Lost lost = { 0 };
    bool is_found;
    TRY(db_system_find(c,
                       "SELECT COUNT(pg_terminate_backend(pid)) AS n FROM pg_stat_activity"
                       " WHERE pid <> pg_backend_pid() AND datname = current_database()",
                       NO_ARGS, &lost_fields, &lost, &is_found));
    *(int64_t *)arg = lost.n;
    return OK;
}

static void cut_once(void *user, const Ctx *c, const char *sql, bool has_merchant, DbArgs args) {
    (void)c, (void)has_merchant, (void)args;
    Cut *cut = user;
    if (cut->is_done || strncmp(sql, "INSERT INTO shop_order", 22) != 0) return;
    cut->is_done = true;
    Ctx other = world_ctx(cut->w, cut->w->merchant_id);
    assert_int_equal(app_read(&other, cut_others, &cut->lost), OK);
}

static Err import_all(World *w, const char *path) {
    Ctx c = world_ctx(w, w->merchant_id);
    TransferStart start = { .kind = TRANSFER_ORDERS, .path = str_of(path),
                            .report_path = arena_print(&w->arena, "%s.report", path) };
    Transfer *t = NULL;
    TRY(transfer_map_read(&c, S("online_retail"), &start.map));
    TRY(transfer_open(&c, &start, &t));
    Err err = OK;
    for (bool is_more = true; is_more && err == OK;) err = transfer_step(&c, t, &is_more);
    if (err == OK && transfer_run(t)->accepted_rows != 2) err = E_INTERNAL;
    transfer_close(t);
    return err;
}

TEST(an_import_whose_unit_runs_again_remembers_nothing_of_the_first_run) {
    const char *path = world_file(w, "again.csv").at;
    Cut cut = { .w = w };
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(csv, file);
    fclose(file);
    if (db_engine(w->db) == DB_POSTGRES) db_watch(w->db, cut_once, &cut);
    Err err = import_all(w, path);
    db_watch(w->db, NULL, NULL);
    unlink(path);
    assert_int_equal(err, OK);
    if (db_engine(w->db) == DB_POSTGRES) assert_true(cut.lost > 0 && db_stats(w->db).retries > 0);
    world_get(w, "/v1/items");
    assert_int_equal(world_count(w, "/items"), 2);
    int64_t made[] = { world_int(w, "/items/0/item_id"), world_int(w, "/items/1/item_id") };
    world_get(w, "/v1/orders");
    assert_int_equal(world_count(w, "/items"), 2);
    world_get(w, "/v1/orders/%lld", (long long)world_int(w, "/items/0/order_id"));
    int64_t sold = world_int(w, "/lines/0/item_id");
    assert_true(sold == made[0] || sold == made[1]);
    world_holds(w);
}
