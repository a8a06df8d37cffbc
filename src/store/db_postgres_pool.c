#include "store/db_postgres.h"
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LEND_WAIT_S = 8, DOWN_US = 500000, SETTINGS_MOST = 8 };

/* ---- where to connect ---- */

static bool names(const PQconninfoOption *options, const char *keyword) {
    for (; options->keyword != NULL; options++)
        if (strcmp(options->keyword, keyword) == 0) return options->val != NULL;
    return false;
}

/* What the operator wrote, and our own wishes where nothing was written. */
static bool settings_read(PgDb *g, Arena *a, Str *ret_why) {
    const char *const own[][2] = { { "target_session_attrs", "read-write" }, { "connect_timeout", "5" },
                                   { "application_name", "laoke" },          { "client_encoding", "UTF8" },
                                   { "tcp_user_timeout", "10000" },          { "keepalives_idle", "30" } };
    char *why = NULL;
    PQconninfoOption *options = PQconninfoParse(arena_cstr(a, g->db.config.url), &why);
    if (options == NULL) {
        *ret_why = arena_print(a, "db.open: this is no PostgreSQL address: %s", why);
        PQfreemem(why);
        return false;
    }
    int64_t count = 0, at = 0;
    for (PQconninfoOption *o = options; o->keyword != NULL; o++) count++;
    g->keywords = NEW_LIST(&g->db.arena, char *, count + SETTINGS_MOST);
    g->values = NEW_LIST(&g->db.arena, char *, count + SETTINGS_MOST);
    for (PQconninfoOption *o = options; o->keyword != NULL; o++) {
        if (o->val == NULL) continue;
        g->keywords[at] = (char *)(uintptr_t)arena_cstr(&g->db.arena, str_of(o->keyword));
        g->values[at++] = (char *)(uintptr_t)arena_cstr(&g->db.arena, str_of(o->val));
    }
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (names(options, own[i][0])) continue;
        g->keywords[at] = (char *)(uintptr_t)own[i][0];
        g->values[at++] = (char *)(uintptr_t)own[i][1];
    }
    PQconninfoFree(options);
    return true;
}

static void silent(void *user, const PGresult *res) { (void)user, (void)res; }

/* Every statement of ours has its index, and plans are kept. One that was made while a table was empty would walk
 * through a million rows later: so walking counts as the last resort, and an index page as cheap as it is in memory. */
#define SETTINGS                                                                                                       \
    "SET plan_cache_mode=force_generic_plan; SET enable_seqscan=off; SET random_page_cost=1.1; SET jit=off; "          \
    "SET lock_timeout='8s'; SET standard_conforming_strings=on"

bool pool_connect(PgDb *g, PgConn *p, Arena *a, Str *ret_why) {
    p->at = PQconnectdbParams((const char *const *)g->keywords, (const char *const *)g->values, 0);
    bool is_open = PQstatus(p->at) == CONNECTION_OK;
    if (is_open) {
        PQsetNoticeReceiver(p->at, silent, NULL);
        PGresult *res = PQexec(p->at, g->db.config.is_volatile ? SETTINGS "; SET synchronous_commit=off" : SETTINGS);
        is_open = PQresultStatus(res) == PGRES_COMMAND_OK && PQenterPipelineMode(p->at);
        PQclear(res);
    }
    if (is_open) return true;
    Str words = str_trim(str_of(PQerrorMessage(p->at)));
    *ret_why = arena_print(a, "db.open: cannot reach PostgreSQL: %.*s", (int)words.len, words.at);
    pool_disconnect(p);
    return false;
}

static void forget(Known *entry) { column_map_free(&((PgStatement *)entry)->map); }

void pool_disconnect(PgConn *p) {
    if (p->at != NULL) PQfinish(p->at);
    p->at = NULL;
    p->wait_first = p->wait_count = 0;
    p->is_begun = false;
    known_forget(&p->known.literals, forget);
}

/* ---- the pool ---- */

bool pool_init(PgDb *g, Arena *a, Str *ret_why) {
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->returned, NULL);
    g->count = g->db.config.readers > 0 ? g->db.config.readers : PG_CONNECTIONS_DEFAULT;
    g->conns = calloc((size_t)g->count, sizeof *g->conns);
    assert(g->conns != NULL);
    for (int64_t i = g->count; i-- > 0;) {
        g->conns[i].tx.db = &g->db;
        g->conns[i].next_free = g->free;
        g->free = &g->conns[i];
    }
    return settings_read(g, a, ret_why) && pool_connect(g, g->free, a, ret_why);
}

void pool_free(PgDb *g) {
    assert(g->lent == 0);
    for (int64_t i = 0; i < g->count; i++) pool_disconnect(&g->conns[i]);
    free(g->conns);
    pthread_mutex_destroy(&g->lock);
    pthread_cond_destroy(&g->returned);
}

/* The one given back last is lent first: its statements are prepared and its backend is warm. One that lost its server
 * is lent last: the others may still have theirs. */
static PgConn *take(PgDb *g) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += LEND_WAIT_S;
    pthread_mutex_lock(&g->lock);
    while (g->free == NULL && pthread_cond_timedwait(&g->returned, &g->lock, &until) != ETIMEDOUT) {}
    PgConn *p = g->free;
    if (p != NULL) {
        g->free = p->next_free;
        g->lent++;
    }
    pthread_mutex_unlock(&g->lock);
    return p;
}

void pool_give(PgDb *g, PgConn *p) {
    pthread_mutex_lock(&g->lock);
    PgConn **place = &g->free;
    while (p->at == NULL && *place != NULL) place = &(*place)->next_free;
    p->next_free = *place;
    *place = p;
    g->lent--;
    pthread_cond_signal(&g->returned);
    pthread_mutex_unlock(&g->lock);
}

/* A connection that lay idle may have been closed from the other side: then something is readable that nobody
 * asked for, a farewell before the end; whatever it is, a new connection costs less than a request. */
static bool is_alive(PgConn *p) {
    p->answer_ms = PG_MOMENT_MS;
    if (!pipe_drain(p)) return false;
    struct pollfd fd = { .fd = PQsocket(p->at), .events = POLLIN };
    return poll(&fd, 1, 0) == 0;
}

void pool_down(PgDb *g) { atomic_store(&g->down_until_us, store_now_us() + DOWN_US); }

void pool_up(PgDb *g) {
    if (atomic_load_explicit(&g->down_until_us, memory_order_relaxed) != 0) atomic_store(&g->down_until_us, 0);
}

static bool reconnect(PgDb *g, PgConn *p) {
    if (store_now_us() < atomic_load(&g->down_until_us)) return false;
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    Str why;
    bool is_open = pool_connect(g, p, &a, &why);
    if (!is_open) {
        store_log("error", "store.unavailable", "%.*s", (int)why.len, why.at);
        pool_down(g);
    }
    arena_free(&a);
    return is_open;
}

Err pool_lend(PgDb *g, Ctx *c, PgConn **ret_conn) {
    PgConn *p = take(g);
    if (p == NULL) return store_busy(c);
    if (p->at != NULL && !is_alive(p)) pool_disconnect(p);
    if (p->at == NULL && !reconnect(g, p)) {
        pool_give(g, p);
        return store_unavailable(c);
    }
    p->tx = (Tx){ .db = &g->db };
    p->is_begun = p->is_committing = p->is_lost = p->is_conflict = p->gives_way = false;
    p->cursors = 0;
    p->answer_ms = c->request_id.len > 0 ? PG_ANSWER_MS : 0;
    *ret_conn = p;
    return OK;
}
