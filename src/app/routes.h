/* routes - 路由: every route of every slice, compiled once at the start into a tree of path segments. Private to app/. */
#pragma once
#include "app/app_state.h"

enum { PATH_SEGMENTS_MAX = 12, PATH_PARAMS_MAX = 6 };

typedef enum Verb { VERB_GET = 1, VERB_POST = 2, VERB_PUT = 4, VERB_PATCH = 8, VERB_DELETE = 16 } Verb;

/* A route, and what the dispatcher would otherwise look up by name in every request. */
typedef struct Way {
    const Route *route;
    const Slice *slice;
    Verb verb;
    bool is_write;                          /* runs in a unit */
    bool has_body;                          /* `in` comes from a JSON body */
    int64_t param_count;
    struct { int64_t segment; const Field *field; } params[PATH_PARAMS_MAX];
    const Fields *body;                     /* `in` with the path's fields read-only */
    const Field *version_in, *version_out;  /* ROUTE_EDIT */
    const Field *cursor_in, *limit_in, *items_out, *cursor_out;      /* ROUTE_LIST */
    const Field *login_in;                  /* PUBLIC: names the merchant (auth.h) */
    /* ROUTE_CREATED: `duplicate` true or `is_new` false in the answer = it was there already, so 200 */
    const Field *duplicate_out, *new_out;
} Way;

typedef struct RouteMatch {
    const Way *way;                         /* NULL: no such path, or not this method */
    unsigned verbs;                         /* what the path knows; 0 = no such path */
    Str segments[PATH_SEGMENTS_MAX];
    int64_t segment_count;
} RouteMatch;

/* Every route of slice_all(). One that contradicts itself or another ends the process: a defect of the build. */
Err routes_start(App *app, Arena *a);
/* before any request runs (tests bring routes of their own) */
void routes_add(App *app, Arena *a, const Slice *slice);
void routes_match(const App *app, Str method, Str path, RouteMatch *ret_match);
Str routes_allow(Arena *a, unsigned verbs);                        /* "GET, HEAD, POST" */
int64_t routes_count(const App *app);
const Way *routes_at(const App *app, int64_t i);                   /* in the order of the slices' tables */
