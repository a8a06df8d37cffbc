/* ctx - 上下文: one request = one arena = one transaction = one instant = one actor.
 * First parameter of every domain function. Domain code never commits, frees, reads a clock or asks for chance: it
 * uses c->now, c->rng, c->actor, c->merchant_id. The owner of a Ctx (app/) fills it before the call and reads the
 * refusal after.
 *
 * Err is coarse enough to be an HTTP status; the stable code, the words and the numbers of a refusal lie in
 * c->problem. */
#pragma once
#include "base/arena.h"
#include "base/rng.h"

typedef enum Err {
    OK,
    E_INVALID,      /* 400/422: the caller's input is wrong */
    E_UNKNOWN_WHO,  /* 401: nobody known is asking */
    E_DENIED,       /* 403: known, but may not */
    E_NOT_FOUND,    /* 404: also for what belongs to another merchant */
    E_CONFLICT,     /* 409: right in form, refused by the state of things */
    E_STALE,        /* 412: what the unit relied on has moved; prepare() runs again, then 412 */
    E_LIMIT,        /* 429: too often; c->problem.retry_after_s says when */
    E_BUSY,         /* 503: not now; nothing happened */
    E_INTERNAL,     /* 500: a defect of ours */
} Err;

#define TRY(call) do { Err err_ = (call); if (err_ != OK) return err_; } while (0)

typedef enum Lang { LANG_ZH, LANG_EN } Lang;

typedef enum ActorKind {
    ACTOR_NOBODY, ACTOR_STAFF, ACTOR_MEMBER, ACTOR_KEY, ACTOR_JOB, ACTOR_EVENT, ACTOR_CLI,
} ActorKind;
typedef struct Actor { ActorKind kind; int64_t id; } Actor;
extern const char *const actor_names[];     /* "nobody", "staff" …: as they are stored, printed, logged */

enum { COMPLAINTS_MAX = 32, PROBLEM_NUMBERS_MAX = 8 };

/* One complaint about one place of a request body. */
typedef struct Complaint { Str pointer; const char *code; Str zh, en; } Complaint;
typedef struct ProblemNumber { const char *name; int64_t value; } ProblemNumber;
typedef struct Problem {
    Err err;
    const char *code;                   /* "points.short": stable, in docs/errors.md; NULL = not put into words */
    Str zh, en;
    int64_t retry_after_s;
    ProblemNumber numbers[PROBLEM_NUMBERS_MAX]; int64_t number_count;   /* the numbers behind the refusal */
    Complaint complaints[COMPLAINTS_MAX]; int64_t complaint_count;      /* all complaints about a body at once */
} Problem;

struct Tx;      /* store/: the connection that serves this Ctx, and whether it may write */
struct App;     /* app/: what lives as long as the process (store, ids, keys, ports, settings, metrics) */
struct Route;   /* app/slice.h */
struct Auth;    /* app/auth.h: roles and scope of the actor */

typedef struct Ctx {
    Arena *arena;
    int64_t now;                        /* unix ms, the same for the whole unit */
    Rng *rng;                           /* a CSPRNG outside tests */
    int64_t merchant_id;
    Actor actor;
    int64_t shop_id;                    /* the shop the actor stands in, 0 = none */
    Lang lang;
    Str request_id;
    /* of a request: nearest untrusted hop; header X-Device-Id (budgets only, never stored plain) */
    Str client_ip, device;
    struct Tx *tx;
    struct App *app;
    const struct Route *route;          /* the row that a request was matched to; NULL for jobs, events, commands */
    const struct Auth *auth;            /* NULL for jobs, events and the command line: they may everything */
    Problem problem;
    struct Pending *pending;            /* app/: events emitted and effects to run once the commit is durable */
    int64_t memo_seen;                  /* app/memo.h: changes there had been when this began */
    void *plan;                         /* what a route's prepare() left for its run() */
    struct RawReply *raw;               /* ROUTE_RAW: filled instead of `out` */
    Str upload;                         /* ROUTE_UPLOAD: path of the spooled body */
} Ctx;

/* Refuses: keeps code and words (both languages take the same arguments in the same order) and returns `err`.
 * tools/lists reads every fail() of the tree into docs/errors.md, so code and formats are literals. */
Err fail(Ctx *c, Err err, const char *code, const char *zh, const char *en, ...)
    __attribute__((format(printf, 4, 6), format(printf, 5, 6)));

/* Adds a number behind the refusal that follows: fail_number(c, "short_points", 12); return fail(…). */
void fail_number(Ctx *c, const char *name, int64_t value);

/* Adds one complaint about the body (pointer is a JSON pointer, "/lines/3/quantity"); json_parse and rules use it.
 * complaints_refuse() turns what was collected into E_INVALID "body.invalid", or OK when there is none. */
void complain(Ctx *c, Str pointer, const char *code, const char *zh, const char *en, ...)
    __attribute__((format(printf, 4, 6), format(printf, 5, 6)));
Err complaints_refuse(Ctx *c);

/* Forget a refusal that the caller has dealt with (only where nothing was written: see store/db.h). */
void problem_clear(Ctx *c);
