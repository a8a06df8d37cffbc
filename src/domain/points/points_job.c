/* What happens on time: expiry, waiting points, forgotten reservations, warnings. Each call is one bounded batch. */
#include "domain/points/points_rules.h"
#include "domain/points/points_store.h"
#include "event/points.h"

enum { JOB_BATCH = 200 };

Err points_job_expire(Ctx *c, int64_t due_at, bool *ret_more) {
    (void)due_at;
    PointsSetting s;
    TRY(points_setting_read(c, &s));
    for (int64_t i = 0; i < s.types.count; i++) {
        LedgerKind kind;
        LedgerExpiredList done = { 0 };
        TRY(points_kind_of(c, &s, s.types.items[i].key, &kind, NULL));
        TRY(ledger_expire(c, &kind, JOB_BATCH, &done));
        for (int64_t k = 0; k < done.count; k++) {
            const LedgerExpired *e = &done.items[k];
            LedgerAccount account;
            TRY(ledger_account_raw(c, e->member_id, &kind, &account));
            TRY(points_show(c, &kind, e->member_id, account.balance));
            TRY(emit(c, &points_expired, e->member_id,
                     &(PointsExpired){ .member_id = e->member_id,
                                       .type = s.types.items[i].key,
                                       .points = e->amount,
                                       .expires_at = e->expires_at }));
        }
        if (done.count == 0) continue;
        *ret_more = true; /* one type a batch: the next call goes on */
        return OK;
    }
    return OK;
}

static Err mature(Ctx *c, const LedgerKind *kind, const PointsType *type, const Zone *zone, bool *ret_more) {
    LedgerHolds due = { 0 };
    TRY(ledger_holds_due(c, kind, LEDGER_PENDING, JOB_BATCH, &due));
    for (int64_t i = 0; i < due.count; i++) {
        const LedgerHold *h = &due.items[i];
        LedgerPosted posted;
        TRY(ledger_mature(c, kind, arena_cstr(c->arena, h->source), h->source_id, points_expires_at(type, zone, c->now),
                          &posted));
        TRY(points_show(c, kind, h->member_id, posted.balance));
    }
    *ret_more = *ret_more || due.count == JOB_BATCH;
    return OK;
}

/* Reservations of orders are the order's own to release; those made through the API end here. */
static Err release(Ctx *c, const LedgerKind *kind, bool *ret_more) {
    LedgerHolds due = { 0 };
    int64_t released = 0;
    TRY(ledger_holds_due(c, kind, LEDGER_RESERVED, JOB_BATCH, &due));
    for (int64_t i = 0; i < due.count; i++) {
        const LedgerHold *h = &due.items[i];
        LedgerAccount account;
        if (!str_is(h->source, "reserve")) continue;
        TRY(ledger_release(c, kind, "reserve", h->source_id, c->now + DAY_MS));
        TRY(ledger_account_raw(c, h->member_id, kind, &account));
        TRY(points_show(c, kind, h->member_id, account.balance));
        released++;
    }
    *ret_more = *ret_more || released == JOB_BATCH;
    return OK;
}

Err points_job_due(Ctx *c, int64_t due_at, bool *ret_more) {
    (void)due_at;
    PointsSetting s;
    const Zone *zone = NULL;
    TRY(points_setting_read(c, &s));
    TRY(points_zone(c, &zone));
    for (int64_t i = 0; i < s.types.count; i++) {
        LedgerKind kind;
        const PointsType *type = NULL;
        TRY(points_kind_of(c, &s, s.types.items[i].key, &kind, &type));
        TRY(mature(c, &kind, type, zone, ret_more));
        TRY(release(c, &kind, ret_more));
    }
    return OK;
}

/* Walks the lots in the order of their expiry and remembers how far it came: each lot is announced once, however
 * often the job runs. */
Err points_job_warn(Ctx *c, int64_t due_at, bool *ret_more) {
    (void)due_at;
    PointsSetting s;
    const Zone *zone = NULL;
    TRY(points_setting_read(c, &s));
    TRY(points_zone(c, &zone));
    if (s.warn_days == 0) return OK;
    int64_t until = day_end(zone, day_add(day_at(zone, c->now), s.warn_days));
    for (int64_t i = 0; i < s.types.count; i++) {
        LedgerKind kind;
        WarnedRow at;
        LedgerExpiredList list = { 0 };
        Str type = s.types.items[i].key;
        TRY(points_kind_of(c, &s, type, &kind, NULL));
        TRY(warned_find(c, type, &at));
        if (at.expires_at < c->now) at = (WarnedRow){ .expires_at = c->now - 1 };
        TRY(ledger_expiring_list(c, &kind, until, at.expires_at, at.member_id, JOB_BATCH, &list));
        for (int64_t k = 0; k < list.count; k++) {
            const LedgerExpired *e = &list.items[k];
            TRY(emit(c, &points_expiring, e->member_id,
                     &(PointsExpiring){
                         .member_id = e->member_id, .type = type, .points = e->amount, .expires_at = e->expires_at }));
            at = (WarnedRow){ .expires_at = e->expires_at, .member_id = e->member_id };
        }
        if (list.count > 0) TRY(warned_put(c, type, &at));
        *ret_more = *ret_more || list.count == JOB_BATCH;
    }
    return OK;
}
