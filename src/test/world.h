/* world - 测试世界: a merchant of its own in a migrated database, a stopped clock, seeded chance, fake ports, in-process
 * HTTP.
 *
 *   TEST(points_earned_twice_for_one_source_counts_once) {
 *       int64_t member = world_member(w, "13800000001");
 *       world_post(w, "/v1/points/grants", "{\"member_id\":\"%lld\",\"points\":100,\"reason\":\"x\"}", member);
 *       assert_int_equal(w->status, 201);
 *       assert_int_equal(world_int(w, "/balance"), 100);
 *       world_holds(w);
 *   }
 */
#pragma once
#include "app/app.h"

typedef struct World {
    App *app;
    Db *db;
    Arena arena;
    Rng rng;
    int64_t now;                        /* the stopped clock, unix ms; starts at 2026-03-02 10:00 Asia/Shanghai */
    int64_t merchant_id, shop_id;       /* a merchant with one shop */
    Str token;                          /* sent as bearer: the owner at first; world_as() changes it */
    Str owner_token;
    int status;                         /* of the last call */
    Str body;                           /* of the last call */
    Str code;                           /* problem code of the last call, empty when it succeeded */
    Reply reply;
    int64_t calls;
} World;

/* also used by stories, simulator, fuzzers and in-process benches */
World *world_open(DbEngine engine, uint64_t seed);
void world_close(World *w);
/* PostgreSQL worlds need LAOKE_TEST_PG, the conninfo of a database of their own (system tables are emptied by
 * world_open). */
bool world_has_postgres(void);
void world_dir_remove(void);                           /* at the end of a program: the files of its Worlds */
Str world_file(World *w, const char *name);            /* of a file beside the World's own; goes with it */

/* In-process HTTP through app_handle(). Value-moving POSTs get a fresh Idempotency-Key unless world_key() set one for
 * the next call. */
void world_get(World *w, const char *path_format, ...) __attribute__((format(printf, 2, 3), nonnull));
void world_post(World *w, const char *path, const char *body_format, ...)
    __attribute__((format(printf, 3, 4), nonnull));
void world_send(World *w, const char *method, const char *path, Str body);      /* any method; body sent as it is */
/* a path with ids in it */
const char *world_path(World *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* for the next call only; "" = none at all */
void world_key(World *w, const char *idempotency_key);
void world_header(World *w, const char *name, const char *value);               /* for the next call only */
void world_as(World *w, Str token);                                             /* "" = nobody */

/* Reads from the last body by JSON pointer; a missing place fails the test with the body printed. Ids (strings) read
 * as int too. */
int64_t world_int(World *w, const char *pointer);
Str world_str(World *w, const char *pointer);
bool world_has(World *w, const char *pointer);
int64_t world_count(World *w, const char *pointer);    /* items of an array */

void world_clock(World *w, int64_t now);               /* sets the clock, forward or back; nothing runs */
void world_pass(World *w, int64_t ms);                 /* the clock moves; due jobs and waiting events run */
void world_settle(World *w);                           /* deliver events and due jobs until nothing is left */
/* every Hold of every slice, or the test fails with the findings */
void world_holds(World *w);
Ctx world_ctx(World *w, int64_t merchant_id);          /* for calls through headers; its arena is w->arena */
Err world_unit(World *w, UnitRun run, void *arg);      /* a unit as ACTOR_CLI of w->merchant_id */
/* one more merchant on the same server, with a shop and an owner */
int64_t world_merchant(World *w, const char *code);
Str world_other_token(const World *w);                 /* that owner's */

/* The server stops and starts again on the same data; sessions and clock go on. */
void world_restart(World *w);

/* For worlds that outlive a process (simulator): what a later world_reopen() needs to go on where this one was. */
typedef struct WorldSeat {
    DbEngine engine;
    uint64_t seed;
    int64_t now, merchant_id, shop_id, calls, starts;
    char url[400], token[200], crash_point[40];
} WorldSeat;
void world_seat(const World *w, WorldSeat *ret_seat);
World *world_reopen(const WorldSeat *seat);
void world_leave(World *w);                            /* closes it, but the data stays for world_reopen() */

/* Common starts; each fails the test when it is refused. */
int64_t world_member(World *w, const char *phone);     /* POST /v1/members */
Str world_staff(World *w, const char *role);           /* a new account with that role, logged in: its token */
