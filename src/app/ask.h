/* ask - 请求: one request on its way through app/: from the bytes of a Call to the reply. Private to app/.
 *
 *   dispatch.c     the way itself: route, who, limits, parse, once, prepare, unit or snapshot, reply
 *   auth_who.c     who is asking            request.c      path, query, body → `in`
 *   idempotency.c  ROUTE_ONCE               export.c       lists as CSV and XLSX
 *   reply.c        problem+json, headers
 *
 * Owns: once (answers of ROUTE_ONCE)
 * An Ask lives in the Call's arena. It has one owner at a time: the HTTP thread, a worker, or the writer. */
#pragma once
#include "app/auth_cache.h"
#include "app/limit.h"
#include "app/routes.h"

enum { REQUEST_MS = 10000, STALE_RUNS_MAX = 3, ONCE_KEY_MAX = 128, ONCE_HASH_LEN = 16, ONCE_DAYS = 3 };

typedef enum ExportKind { EXPORT_NONE, EXPORT_CSV, EXPORT_XLSX } ExportKind;

typedef struct Ask {
    Call *call;
    App *app;
    Ctx c;
    RouteMatch match;
    const Way *way;
    void *in, *out;
    AuthEntry *entry;                   /* c.auth points into it; given back before the reply */
    bool is_on_worker;
    bool is_stale_last;                 /* prepare runs inside the unit */
    bool is_answered;                   /* call->out is complete: nothing is left to print */
    int64_t stale_runs;
    int64_t began_us;
    int64_t if_match;                   /* ROUTE_EDIT: -1 = any */
    ExportKind export_kind;
    Str export_path;
    LimitState limit;
    Str body;                           /* printed answer, when something needed it early */
    /* ROUTE_ONCE */
    bool is_once, is_twin, is_replay;
    unsigned char once_key[ONCE_HASH_LEN], once_request[HASH_LEN];
    int64_t replay_status;
    Err err;
    Unit unit;
    Work work;
} Ask;

/* auth_who.c: c.auth, actor, merchant, shop; E_UNKNOWN_WHO, E_DENIED. Outside a unit. */
Err ask_who(Ask *ask);

/* request.c */
Lang request_lang(const Request *r);
Str request_id_of(Ctx *c, const Request *r);
Str request_query(Arena *a, const Request *r, const char *name, bool *ret_given);      /* one decoded query value */
ExportKind request_export(Arena *a, const Request *r, const Way *way);
Err ask_parse(Ask *ask);                /* `in`, If-Match, format; all complaints at once */

/* idempotency.c */
/* Reads the key; is_replay when this request was answered before. With a prepare() the look is left to its snapshot. */
Err once_open(Ask *ask);
Err once_look(Ask *ask);                /* in a snapshot: is_replay when this request was answered before */
Err once_store(Ask *ask);               /* inside the unit, last; is_twin and a refusal when a twin was quicker */
Err once_again(Ask *ask);               /* after a refusal: is_replay when a twin has done it meanwhile */
Err once_purge(Ctx *c, int64_t due_at, bool *ret_more);            /* a Job */

/* export.c: writes the whole list to a temporary file (export_path). Inside a snapshot. */
Err export_run(Ask *ask);

/* reply.c */
int ask_status(const Ask *ask);         /* of a success */
void reply_success(Ask *ask);
void reply_problem(Ctx *c, Reply *out, Err err);
void reply_common(Ask *ask);            /* headers that every reply has */
int problem_status(const Ctx *c, Err err);
