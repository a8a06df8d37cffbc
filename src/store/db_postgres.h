/* db_postgres - PostgreSQL: a pool of connections, each lent for the length of a unit or a snapshot. Private to
 * store/. Statements travel in pipeline mode: BEGIN and writes whose row count nobody asked for wait in the buffer
 * until an answer is needed, so a unit pays round trips for its questions and one for its COMMIT. */
#pragma once
#include <libpq-fe.h>
#include <pthread.h>
#include "store/db_known.h"

typedef enum PgState { PG_NEW, PG_SENT, PG_READY } PgState;
typedef struct PgStatement { Known known; char name[24]; PgState state; ColumnMap map; } PgStatement;

/* What was sent and not yet answered, in order. */
typedef enum PgWaitKind { PG_WAIT_RUN, PG_WAIT_PREPARE, PG_WAIT_SYNC } PgWaitKind;
typedef struct PgWait { PgWaitKind kind; PgStatement *statement; const char *sql; } PgWait;

/* How long a request waits for one answer: past lock_timeout, which says more, and within the 10 s that a request has.
 * Jobs, checks and migrations wait as long as it takes; what only asks whether the server is there waits a moment. */
enum { PG_WAIT_MOST = 64, PG_WAIT_ROOM = PG_WAIT_MOST + 16, PG_ARGS_MOST = 40, PG_CONNECTIONS_DEFAULT = 16,
       PG_ANSWER_MS = 9000, PG_MOMENT_MS = 2000 };

typedef struct PgConn PgConn;
struct PgConn {
    Tx tx;
    PGconn *at;                     /* NULL: not connected */
    KnownStatements known;          /* literals only; other texts are parsed each time */
    int64_t names;
    PgWait waits[PG_WAIT_ROOM];
    int64_t wait_first, wait_count;
    int64_t answer_ms;              /* longest wait for one answer; 0 = as long as it takes */
    bool is_begun, is_committing;
    bool is_lost, is_conflict;      /* the unit may run again */
    bool gives_way;                 /* it waits for a row only a moment, and then runs again */
    int64_t cursors;
    PgConn *next_free;
};

typedef struct PgDb {
    Db db;
    pthread_mutex_t lock;
    pthread_cond_t returned;
    PgConn *conns, *free;
    int64_t count, lent;
    char **keywords, **values;      /* of the connection, NULL-terminated */
    _Atomic int64_t down_until_us;  /* after a failed connect the next ones fail at once for a moment */
} PgDb;

/* ---- db_postgres_pool.c ---- */
bool pool_init(PgDb *g, Arena *a, Str *ret_why);
void pool_free(PgDb *g);
bool pool_connect(PgDb *g, PgConn *p, Arena *a, Str *ret_why);
void pool_disconnect(PgConn *p);
/* E_BUSY store.busy when none came free in time, store.unavailable when the server cannot be reached. */
Err pool_lend(PgDb *g, Ctx *c, PgConn **ret_conn);
void pool_give(PgDb *g, PgConn *p);
void pool_down(PgDb *g);            /* for a moment nobody tries to connect */
void pool_up(PgDb *g);              /* the server has answered */

/* ---- db_postgres_pipe.c ---- */
/* Queues one statement; ARGS as in q. */
Err pipe_send(Ctx *c, PgConn *p, const Query *q, PgStatement **ret_statement);
Err pipe_send_text(Ctx *c, PgConn *p, const char *literal);
/* Reads all answers; ret_last is the last statement's result, to be cleared by the caller (may be NULL). The first
 * refusal breaks the Tx. */
Err pipe_collect(Ctx *c, PgConn *p, PGresult **ret_last);
bool pipe_sync(PgConn *p);
/* Reads and forgets what is still on its way. False when the connection is gone. */
bool pipe_drain(PgConn *p);
Err pipe_lost(Ctx *c, PgConn *p, const char *words);

/* ---- db_postgres_backup.c ---- */
Err postgres_backup(Db *db, Ctx *c, Str path);
