#include "app/routes.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Branch Branch;
struct Branch {
    Str segment;                      /* of this branch; "{}" for a parameter */
    Branch *first, *parameter, *next; /* literal children (a list: a segment has few), the parameter child, sibling */
    const Way *ways[5];               /* by verb_place() */
    unsigned verbs;
};
typedef struct Routes Routes;
struct Routes {
    Branch root;
    Way **ways;
    int64_t count, room;
};

static int verb_place(Verb verb) {
    switch (verb) {
    case VERB_GET:
        return 0;
    case VERB_POST:
        return 1;
    case VERB_PUT:
        return 2;
    case VERB_PATCH:
        return 3;
    case VERB_DELETE:
        return 4;
    }
    return 0;
}

static Verb verb_of(Str method) {
    if (str_is(method, "GET") || str_is(method, "HEAD")) return VERB_GET;
    if (str_is(method, "POST")) return VERB_POST;
    if (str_is(method, "PUT")) return VERB_PUT;
    if (str_is(method, "PATCH")) return VERB_PATCH;
    return str_is(method, "DELETE") ? VERB_DELETE : 0;
}

static void route_defect(const Route *route, const char *why) {
    fprintf(stderr, "routes: %s %s: %s\n", route->method, route->path, why);
    abort();
}

/* Segments of "/a/b" without the leading slash; -1 when there are too many. */
static int64_t split_path(Str path, Str ret_segments[PATH_SEGMENTS_MAX]) {
    int64_t count = 0;
    if (path.len == 0 || path.at[0] != '/') return -1;
    Str rest = str_slice(path, 1, path.len);
    if (rest.len == 0) return 0;
    for (bool is_more = true; is_more;) {
        if (count == PATH_SEGMENTS_MAX) return -1;
        is_more = str_cut(rest, '/', &ret_segments[count], &rest);
        count++;
    }
    return count;
}

static Branch *branch_take(Arena *a, Branch *from, Str segment, bool is_parameter) {
    if (is_parameter) {
        if (from->parameter == NULL) from->parameter = NEW(a, Branch);
        return from->parameter;
    }
    for (Branch *b = from->first; b != NULL; b = b->next) {
        if (str_equal(b->segment, segment)) return b;
    }
    Branch *made = NEW(a, Branch);
    made->segment = segment;
    made->next = from->first;
    from->first = made;
    return made;
}

static const Field *field_of(const Route *route, const Fields *fields, const char *name, FieldKind kind) {
    const Field *field = fields == NULL ? NULL : fields_find(fields, str_of(name));
    if (field != NULL && field->kind != kind) route_defect(route, name);
    return field;
}

static bool is_from_body(const Route *route, Verb verb) {
    return verb != VERB_GET && verb != VERB_DELETE && (route->flags & ROUTE_UPLOAD) == 0;
}

/* The body's table: the same rows, but what the path says cannot be said again, and need not be. */
static const Fields *body_fields(Arena *a, const Way *way) {
    const Fields *in = way->route->in;
    if (in == NULL || way->param_count == 0) return in;
    Field *rows = NEW_LIST(a, Field, in->count);
    memcpy(rows, in->field, (size_t)in->count * sizeof *rows);
    for (int64_t i = 0; i < way->param_count; i++) {
        Field *row = &rows[way->params[i].field - in->field];
        row->is_out = true;
        row->need = false;
    }
    Fields *fields = NEW(a, Fields);
    *fields = *in;
    fields->field = rows;
    return fields;
}

static void way_make(Arena *a, Way *way, const Str *segments, int64_t count) {
    const Route *route = way->route;
    way->verb = verb_of(str_of(route->method));
    if (way->verb == 0) route_defect(route, "method");
    if (route->who == 0) route_defect(route, "nobody may call it");
    way->is_write = way->verb != VERB_GET && (route->flags & ROUTE_READ) == 0;
    way->has_body = is_from_body(route, way->verb);
    for (int64_t i = 0; i < count; i++) {
        Str s = segments[i];
        if (s.len < 2 || s.at[0] != '{') continue;
        Str name = str_slice(s, 1, s.len - 1);
        const Field *field = route->in == NULL ? NULL : fields_find(route->in, name);
        if (field == NULL || way->param_count == PATH_PARAMS_MAX)
            route_defect(route, "a path parameter is no field of `in`");
        way->params[way->param_count].segment = i;
        way->params[way->param_count++].field = field;
    }
    way->body = body_fields(a, way);
    if ((route->flags & ROUTE_EDIT) != 0) {
        way->version_in = field_of(route, route->in, "version", FIELD_INT);
        way->version_out = field_of(route, route->out, "version", FIELD_INT);
    }
    if ((route->flags & ROUTE_LIST) != 0) {
        way->cursor_in = field_of(route, route->in, "cursor", FIELD_STR);
        way->limit_in = field_of(route, route->in, "limit", FIELD_INT);
        way->items_out = field_of(route, route->out, "items", FIELD_LIST);
        way->cursor_out = field_of(route, route->out, "next_cursor", FIELD_STR);
        if (way->items_out == NULL) route_defect(route, "a list without items");
    }
    if ((route->flags & ROUTE_CREATED) != 0) {
        way->duplicate_out = field_of(route, route->out, "duplicate", FIELD_BOOL);
        way->new_out = field_of(route, route->out, "is_new", FIELD_BOOL);
    }
    if ((route->who & WHO_PUBLIC) != 0) way->login_in = field_of(route, route->in, "login", FIELD_STR);
}

static void way_plant(Arena *a, Routes *routes, Way *way) {
    Str segments[PATH_SEGMENTS_MAX];
    int64_t count = split_path(str_of(way->route->path), segments);
    if (count < 0) route_defect(way->route, "path");
    way_make(a, way, segments, count);
    Branch *at = &routes->root;
    for (int64_t s = 0; s < count; s++) at = branch_take(a, at, segments[s], segments[s].at[0] == '{');
    int place = verb_place(way->verb);
    if (at->ways[place] != NULL) route_defect(way->route, "two routes for one path and method");
    at->ways[place] = way;
    at->verbs |= way->verb;
}

void routes_add(App *app, Arena *a, const Slice *slice) {
    Routes *routes = app->state->routes;
    for (int64_t i = 0; i < slice->route_count; i++) {
        if (routes->count == routes->room) {
            int64_t room = routes->room == 0 ? 64 : routes->room * 2;
            Way **ways = NEW_LIST(a, Way *, room);
            if (routes->count > 0) memcpy(ways, routes->ways, (size_t)routes->count * sizeof *ways);
            routes->ways = ways;
            routes->room = room;
        }
        Way *way = NEW(a, Way);
        *way = (Way){ .route = &slice->routes[i], .slice = slice };
        way_plant(a, routes, way);
        routes->ways[routes->count++] = way;
    }
}

Err routes_start(App *app, Arena *a) {
    app->state->routes = NEW(a, Routes);
    for (int64_t i = 0; i < slice_all_count(); i++) routes_add(app, a, slice_all(i));
    return OK;
}

/* Literal segments win over parameters; where the literal way ends nowhere, the parameter is tried. */
static const Branch *walk(const Branch *at, const Str *segments, int64_t count) {
    if (count == 0) return at->verbs != 0 ? at : NULL;
    for (const Branch *b = at->first; b != NULL; b = b->next) {
        if (!str_equal(b->segment, segments[0])) continue;
        const Branch *found = walk(b, segments + 1, count - 1);
        if (found != NULL) return found;
        break;
    }
    if (at->parameter == NULL || segments[0].len == 0) return NULL;
    return walk(at->parameter, segments + 1, count - 1);
}

void routes_match(const App *app, Str method, Str path, RouteMatch *ret_match) {
    ret_match->way = NULL;
    ret_match->verbs = 0;
    ret_match->segment_count = split_path(path, ret_match->segments);
    if (ret_match->segment_count < 0) return;
    const Branch *found = walk(&app->state->routes->root, ret_match->segments, ret_match->segment_count);
    if (found == NULL) return;
    ret_match->verbs = found->verbs;
    Verb verb = verb_of(method);
    if (verb != 0) ret_match->way = found->ways[verb_place(verb)];
}

Str routes_allow(Arena *a, unsigned verbs) {
    static const struct {
        Verb verb;
        const char *words;
    } names[] = {
        { VERB_GET, "GET, HEAD" }, { VERB_POST, "POST" },     { VERB_PUT, "PUT" },
        { VERB_PATCH, "PATCH" },   { VERB_DELETE, "DELETE" },
    };
    Buf b = { .arena = a };
    for (int64_t i = 0; i < COUNT_OF(names); i++) {
        if ((verbs & names[i].verb) != 0) buf_print(&b, "%s, ", names[i].words);
    }
    buf_cstr(&b, "OPTIONS");
    return buf_str(&b);
}

int64_t routes_count(const App *app) { return app->state->routes->count; }
const Way *routes_at(const App *app, int64_t i) { return app->state->routes->ways[i]; }
