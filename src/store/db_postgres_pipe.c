#include "store/db_postgres.h"
#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OID_INT8 = 20, OID_TEXT = 25, OID_BYTEA = 17 };

/* ---- refusals ---- */

Err pipe_lost(Ctx *c, PgConn *p, const char *words) {
    store_log("warning", "store.connection_lost", "%.200s", words);
    p->is_lost = true;
    pool_disconnect(p);
    return store_unavailable(c);
}

/* The next one would wait as long: not again, and for a moment nobody else. */
static Err pipe_silent(Ctx *c, PgConn *p) {
    Err err = pipe_lost(c, p, "the server does not answer");
    p->is_lost = false;
    pool_down((PgDb *)p->tx.db);
    return err;
}

static bool in_class(const char *state, const char *class) { return strncmp(state, class, 2) == 0; }

static bool is_one_of(const char *state, const char *list) { return strlen(state) == 5 && strstr(list, state) != NULL; }

/* The primary message names statements and constraints; the detail, which holds values, is left out. */
static Err refuse(Ctx *c, PgConn *p, const PGresult *res, const char *sql) {
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE),
               *constraint = PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME);
    const char *primary = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    char words[300];
    snprintf(words, sizeof words, "%s %s%s%s", state != NULL ? state : "?????",
             primary != NULL ? primary : PQerrorMessage(p->at), constraint != NULL ? ", constraint " : "",
             constraint != NULL ? constraint : "");
    if (state == NULL || PQstatus(p->at) == CONNECTION_BAD) return pipe_lost(c, p, words);
    if (is_one_of(state, "40001 40P01") || (p->gives_way && is_one_of(state, "55P03"))) {
        p->is_conflict = true;
        return store_busy(c);
    }
    /* Shut down, or no longer the primary (08P01 is a defect of ours: wrong number of arguments): another
     * connection finds the one that is. */
    if ((in_class(state, "08") && !is_one_of(state, "08P01")) || is_one_of(state, "57P01 57P02 57P03") ||
        (p->tx.is_unit && is_one_of(state, "25006")))
        return pipe_lost(c, p, words);
    assert(!is_one_of(state, "25006")); /* writing outside of a unit */
    if (is_one_of(state, "55P03 57014")) return store_busy(c);
    if (in_class(state, "53") || in_class(state, "58")) {
        atomic_store(&p->tx.db->is_writable, false);
        atomic_store(&p->tx.db->refused_at_us, store_now_us());
        store_log("error", "store.unavailable", "%s", words);
        return store_unavailable(c);
    }
    return in_class(state, "22") || in_class(state, "23") ? store_constraint(c, sql, words)
                                                          : store_defect(c, sql, words);
}

/* ---- sending ---- */

typedef struct Params {
    int count;
    Oid types[PG_ARGS_MOST];
    const char *values[PG_ARGS_MOST];
    int lengths[PG_ARGS_MOST], formats[PG_ARGS_MOST];
    uint64_t numbers[PG_ARGS_MOST];
} Params;

static void add_int(Params *p, int64_t value) {
    int i = p->count++;
    p->numbers[i] = __builtin_bswap64((uint64_t)value);
    p->types[i] = OID_INT8;
    p->values[i] = (const char *)&p->numbers[i];
    p->lengths[i] = 8;
    p->formats[i] = 1;
}

static void add_value(Params *p, const DbValue *v) {
    if (v->kind == DB_INT) {
        add_int(p, v->num);
        return;
    }
    int i = p->count++;
    p->types[i] = v->kind == DB_TEXT ? OID_TEXT : OID_BYTEA;
    p->values[i] = v->text.at == NULL ? "" : v->text.at; /* NULL would be SQL's NULL */
    p->lengths[i] = (int)v->text.len;
    p->formats[i] = 1;
}

static void params_fill(Params *p, const Ctx *c, const Query *q) {
    assert(q->args.count < PG_ARGS_MOST);
    p->count = 0;
    if (q->has_merchant) add_int(p, c->merchant_id);
    for (int64_t i = 0; i < q->args.count; i++) add_value(p, &q->args.at[i]);
}

static void wait_for(PgConn *p, PgWaitKind kind, PgStatement *st, const char *sql) {
    assert(p->wait_count < PG_WAIT_ROOM);
    p->waits[(p->wait_first + p->wait_count++) % PG_WAIT_ROOM] = (PgWait){ kind, st, sql };
}

/* Prepares on first use; both travel together. */
static Err prepared(Ctx *c, PgConn *p, const char *sql, int params, const Oid *types, PgStatement **ret_statement) {
    PgStatement *st = (PgStatement *)known_find(&p->known, sql);
    if (st == NULL) {
        st = calloc(1, sizeof *st);
        assert(st != NULL);
        snprintf(st->name, sizeof st->name, "s%lld", (long long)++p->names);
        known_add(&p->known, sql, &st->known);
    }
    if (st->state == PG_NEW) {
        if (!PQsendPrepare(p->at, st->name, sql, params, types)) return pipe_lost(c, p, PQerrorMessage(p->at));
        wait_for(p, PG_WAIT_PREPARE, st, sql);
        st->state = PG_SENT;
    }
    *ret_statement = st;
    return OK;
}

Err pipe_send(Ctx *c, PgConn *p, const Query *q, PgStatement **ret_statement) {
    Params params;
    params_fill(&params, c, q);
    *ret_statement = NULL;
    if (p->wait_count >= PG_WAIT_MOST) TRY(pipe_collect(c, p, NULL)); /* neither side may fill the other's buffer */
    bool is_sent;
    if (is_literal(q->sql)) {
        TRY(prepared(c, p, q->sql, params.count, params.types, ret_statement));
        is_sent = PQsendQueryPrepared(p->at, (*ret_statement)->name, params.count, params.values, params.lengths,
                                      params.formats, 1);
    } else {
        is_sent = PQsendQueryParams(p->at, q->sql, params.count, params.types, params.values, params.lengths,
                                    params.formats, 1);
    }
    if (!is_sent) return pipe_lost(c, p, PQerrorMessage(p->at));
    wait_for(p, PG_WAIT_RUN, NULL, q->sql);
    return OK;
}

Err pipe_send_text(Ctx *c, PgConn *p, const char *literal) {
    PgStatement *st;
    return pipe_send(c, p, &(Query){ .sql = literal }, &st);
}

bool pipe_sync(PgConn *p) {
    if (!PQpipelineSync(p->at)) return false;
    wait_for(p, PG_WAIT_SYNC, NULL, "");
    return true;
}

/* ---- receiving ---- */

static PgWait wait_pop(PgConn *p) {
    PgWait w = p->waits[p->wait_first];
    p->wait_first = (p->wait_first + 1) % PG_WAIT_ROOM;
    p->wait_count--;
    return w;
}

static bool has_sync(const PgConn *p) {
    return p->wait_count > 0 && p->waits[(p->wait_first + p->wait_count - 1) % PG_WAIT_ROOM].kind == PG_WAIT_SYNC;
}

/* Sends what waits and reads until PQgetResult() has something to give. False: the time is over. A server that is
 * paused, or behind a network that swallows everything, would keep its caller for ever. */
static bool arrives(PgConn *p) {
    int64_t until_us = store_now_us() + p->answer_ms * 1000;
    while (PQstatus(p->at) == CONNECTION_OK && PQisBusy(p->at)) {
        int64_t left_ms = (until_us - store_now_us()) / 1000;
        if (left_ms <= 0) return false;
        int flushed = PQflush(p->at);
        if (flushed < 0) return true; /* PQgetResult() says what is wrong */
        struct pollfd fd = { .fd = PQsocket(p->at), .events = (short)(flushed == 0 ? POLLIN : POLLIN | POLLOUT) };
        int ready = poll(&fd, 1, (int)left_ms);
        if (ready > 0 && (fd.revents & ~POLLOUT) != 0 && !PQconsumeInput(p->at)) return true;
    }
    return true;
}

static PGresult *next_result(PgConn *p) {
    return p->answer_ms == 0 || arrives(p) ? PQgetResult(p->at) : NULL;
}

/* The answer to the oldest statement; NULL when the connection is gone or silent. */
static PGresult *answer(PgConn *p, PgWait *ret_wait) {
    PGresult *res = next_result(p);
    if (res == NULL) return NULL;
    *ret_wait = wait_pop(p);
    ExecStatusType status = PQresultStatus(res);
    bool is_ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (ret_wait->kind == PG_WAIT_PREPARE) ret_wait->statement->state = is_ok ? PG_READY : PG_NEW;
    if (ret_wait->kind == PG_WAIT_SYNC) return res; /* no end mark follows */
    for (PGresult *end = next_result(p); end != NULL; end = next_result(p)) PQclear(end);
    return res;
}

Err pipe_collect(Ctx *c, PgConn *p, PGresult **ret_last) {
    Err err = OK;
    PGresult *last = NULL;
    if (!has_sync(p) && !PQsendFlushRequest(p->at)) return pipe_lost(c, p, PQerrorMessage(p->at));
    while (p->wait_count > 0) {
        PgWait wait;
        PGresult *res = answer(p, &wait);
        if (res == NULL) {
            PQclear(last);
            return PQstatus(p->at) == CONNECTION_OK ? pipe_silent(c, p) : pipe_lost(c, p, PQerrorMessage(p->at));
        }
        ExecStatusType status = PQresultStatus(res);
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
            if (wait.kind == PG_WAIT_RUN) {
                PQclear(last);
                last = res;
                continue;
            }
        } else if (status != PGRES_PIPELINE_SYNC && status != PGRES_PIPELINE_ABORTED && err == OK) {
            err = refuse(c, p, res, wait.sql);
            if (p->at != NULL && !has_sync(p) && !pipe_sync(p))
                err = pipe_lost(c, p, PQerrorMessage(p->at)); /* ends the abort */
        }
        PQclear(res);
        if (p->at == NULL) break;
    }
    if (p->at != NULL) pool_up((PgDb *)p->tx.db);
    if (err == OK && ret_last != NULL)
        *ret_last = last;
    else
        PQclear(last);
    return err;
}

bool pipe_drain(PgConn *p) {
    while (p->wait_count > 0) {
        PgWait wait;
        PGresult *res = answer(p, &wait);
        if (res == NULL) return false;
        PQclear(res);
    }
    return PQstatus(p->at) == CONNECTION_OK;
}
