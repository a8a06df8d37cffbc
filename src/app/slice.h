/* slice - 切片: what a domain folder hands to the house: one `const Slice NAME_slice` in NAME_api.c.
 * tools/lists finds every slice by scanning src/domain in the order of src/floors.txt; nobody keeps a list by hand. */
#pragma once
#include "app/event.h"
#include "app/holds.h"
#include "app/setting.h"
#include "store/db.h"

/* ---- routes ---- */
/* POS and PARTNER: API keys */
enum Who { WHO_STAFF = 1, WHO_POS = 2, WHO_MEMBER = 4, WHO_PARTNER = 8, WHO_PUBLIC = 16 };
enum RouteFlag {
    ROUTE_ONCE = 1,      /* moves value: Idempotency-Key required; the answer is stored in the same transaction */
    ROUTE_LIST = 2,      /* out is {items, next_cursor}: CSV and XLSX by Accept or ?format= */
    ROUTE_SLOW = 4,      /* prepare() takes long (argon2id, rendering): worker thread */
    ROUTE_UPLOAD = 8,    /* body comes as a file: c->upload */
    ROUTE_READ = 16,     /* a POST that writes nothing (quote, dry run) */
    ROUTE_RAW = 32,      /* run fills c->raw (content type, body or file, headers) instead of `out` */
    ROUTE_CREATED = 64,  /* answers 201 */
    /* editable thing: out has `version`; ETag out, If-Match in (428 when missing, 412 when moved) */
    ROUTE_EDIT = 128,
    ROUTE_PROOF = 512,   /* slow, but only with a "pin" or a "code" in its body */
    ROUTE_PLAIN = 256,   /* a GET that needs no database: answered also while that is gone */
};
typedef struct Route {
    const char *method, *path;            /* "/v1/members/{member_id}": every {name} is a field of `in` */
    const char *summary;                  /* English, one line; OpenAPI */
    unsigned who;
    /* permission, e.g. "points.grant"; NULL only for PUBLIC and MEMBER routes. These strings are the staff screen's
     * list */
    const char *may;
    /* NULL = nothing. GET and DELETE take `in` from path and query, others from path and JSON body */
    const Fields *in, *out;
    /* heavy pure work from a read snapshot, before the unit; leaves c->plan */
    Err (*prepare)(Ctx *c, const void *in);
    Err (*run)(Ctx *c, const void *in, void *out);    /* inside the unit (GET, ROUTE_READ: inside the snapshot) */
    unsigned flags;
} Route;

/* ---- event handlers: run in a Ctx and transaction of their own, exactly one effect; a failure is tried again with
 * growing delay ---- */
typedef struct Handler {
    const EventType *event;
    const char *name;                     /* "tier.on_order_completed": stable, it is stored with waiting deliveries */
    Err (*run)(Ctx *c, int64_t event_id, const void *payload);
    /* Optional: what must not happen inside a unit (an outgoing call, rendering), before it; leaves c->plan for
     * run(). It may be called again after a crash, so an outside effect carries an id of ours. A refusal counts as a
     * failed try. */
    Err (*prepare)(Ctx *c, int64_t event_id, const void *payload);
    /* Asked while the event is emitted, in its unit: false = no delivery is written. Settings only, for it is asked on
     * the busiest ways. NULL = always. */
    bool (*wants)(Ctx *c);
} Handler;

/* ---- jobs: on time, per merchant, under a lease, caught up after a stop ---- */
typedef struct Job {
    const char *name;                     /* "points.expire" */
    int64_t every_ms;                     /* or 0 and at_minute: once a shop-local day */
    int64_t at_minute;                    /* minutes after local midnight */
    Err (*run)(Ctx *c, int64_t due_at, bool *ret_more);   /* one bounded transaction; ret_more = call again at once */
} Job;

/* ---- members' data: member calls these on every slice in floor order, in its own transaction ---- */
typedef struct MergeInfo { int64_t merge_id, from_id, into_id; struct MergeNotes *notes; } MergeInfo;
/* What a hook moved (or could not undo), for the people who read the merge: merge_note(m, "tag", "tags", 3). */
enum { MERGE_NOTES_MAX = 60 };
typedef struct MergeNote { Str slice, what; int64_t count; } MergeNote;
typedef struct MergeNotes { MergeNote items[MERGE_NOTES_MAX]; int64_t count; } MergeNotes;
static inline void merge_note(const MergeInfo *m, const char *slice, const char *what, int64_t count) {
    if (m->notes == NULL || count == 0 || m->notes->count == MERGE_NOTES_MAX) return;
    m->notes->items[m->notes->count++] = (MergeNote){ str_of(slice), str_of(what), count };
}

/* ---- the simulator's actions: cheap, random, legal or illegal; weights add up over all slices. NAME_test.c exports
 * `const SimAction NAME_sim[] = { { "points.grant", 10, sim_points_grant }, …, { NULL } };` (see test/sim.h) ---- */
struct Sim;
typedef struct SimAction { const char *name; int64_t weight; Err (*run)(struct Sim *sim); } SimAction;

struct ApprovalKind;
typedef struct Slice {
    const char *name;                                     /* the folder's name */
    const Route *routes; int64_t route_count;
    /* Asked for inside handlers (auth_may), NULL-terminated: they stand on the staff screen too. */
    const char *const *also_may;
    const Handler *handlers; int64_t handler_count;
    const Job *jobs; int64_t job_count;
    const Setting *const *settings; int64_t setting_count;
    /* kinds of requests that wait for a second person (domain/approval), NULL-terminated */
    const struct ApprovalKind *const *approvals;
    const Hold *holds; int64_t hold_count;                /* the invariants of the header's Holds line */
    Err (*merge)(Ctx *c, const MergeInfo *m);
    Err (*unmerge)(Ctx *c, const MergeInfo *m);
    Err (*erase)(Ctx *c, int64_t member_id);
    Err (*export_member)(Ctx *c, int64_t member_id, Buf *json);   /* appends "name":value pairs of the member's data */
    /* what a new merchant starts with (default tiers, roles); inside a unit */
    Err (*install)(Ctx *c);
} Slice;
#define COUNT_OF(list) ((int64_t)(sizeof(list) / sizeof((list)[0])))

/* generated: the domain in floor order (app's own rooms: app_state.h) */
extern const Slice *const slices[];
extern const int64_t slice_count;
