/* scratch - 试验台: a database of its own for the tests and benches of the store, with a few tables and a Ctx built
 * by hand. */
#pragma once
#include "store/migrate.h"

typedef struct Scratch {
    Db *db;
    DbConfig config;
    Arena arena;
    Rng rng;
    Ctx c;                      /* merchant 7 */
    char url[600], dir[300];
} Scratch;


/* `wish` may leave out url. Fails the test when the engine cannot be had. */
Scratch *scratch_place(DbEngine engine, const DbConfig *wish);      /* a fresh place, nothing opened */
void scratch_connect(Scratch *s);                                   /* opens and migrates */
Scratch *scratch_open(DbEngine engine, const DbConfig *wish);       /* both */
void scratch_close(Scratch *s);                                     /* and removes it */
void scratch_ctx(Arena *a, Rng *rng, Ctx *ret_c);
/* One number from a snapshot of its own. */
int64_t scratch_int(Scratch *s, const char *sql, DbArgs args);
/* An account with so many points. */
void scratch_account(Scratch *s, int64_t id, int64_t points);
int64_t scratch_points(Scratch *s, int64_t id);
