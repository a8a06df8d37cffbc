#include "domain/ledger/ledger.h"
#include "test/sim.h"
#include "test/test.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define DAY INT64_C(86400000)
static const LedgerKind coins = { S_INIT("coins"), .has_lots = true };
static const LedgerKind growth_like = { S_INIT("height"), .has_lots = false };

/* Whoever posts leaves a place for what he is told. */
static Err note_expired(Ctx *c, Str kind, int64_t member_id, int64_t expires_at, int64_t amount) {
    (void)kind, (void)member_id, (void)expires_at;
    *(int64_t *)c->plan += amount;
    return OK;
}
static const LedgerKind told = { S_INIT("coins"), .has_lots = true, .expired = note_expired };

/* ---- one call through the header, in a unit of its own ---- */

typedef enum Verb {
    POST,
    POST_TWO,
    RESERVE,
    CONSUME,
    RELEASE,
    MATURE,
    PENDING_TAKE,
    EXPIRE,
    MERGE,
    UNMERGE,
    READ
} Verb;
typedef struct Step {
    Verb verb;
    LedgerPost post, second;
    int64_t due_at, grace_at, taken, expired;
    LedgerPosted posted[2];
    LedgerAccount account;
    MergeInfo merge;
} Step;

extern const Slice ledger_slice;

static Err step_run(Ctx *c, void *arg) {
    Step *s = arg;
    const LedgerPost *p = &s->post;
    switch (s->verb) {
    case POST:
        c->plan = &s->expired;
        return ledger_post(c, p, s->posted);
    case POST_TWO:
        return ledger_post_many(c, (LedgerPost[]){ s->post, s->second }, 2, s->posted);
    case RESERVE:
        return ledger_reserve(c, p, s->due_at, s->posted);
    case CONSUME:
        return ledger_consume(c, p->kind, p->source, p->source_id);
    case RELEASE:
        return ledger_release(c, p->kind, p->source, p->source_id, s->grace_at);
    case MATURE:
        return ledger_mature(c, p->kind, p->source, p->source_id, p->expires_at, s->posted);
    case PENDING_TAKE:
        return ledger_pending_take(c, p->kind, p->source, p->source_id, p->amount, &s->taken);
    case EXPIRE: {
        LedgerExpiredList done = { 0 };
        TRY(ledger_expire(c, p->kind, 100, &done));
        for (int64_t i = 0; i < done.count; i++) s->expired += done.items[i].amount;
        return OK;
    }
    case MERGE:
        return ledger_slice.merge(c, &s->merge);
    case UNMERGE:
        return ledger_slice.unmerge(c, &s->merge);
    case READ:
        return ledger_account_raw(c, p->member_id, p->kind, &s->account);
    }
    return OK;
}

static Err run(World *w, Step *s) {
    ArenaMark mark = arena_mark(&w->arena);
    Err err = world_unit(w, step_run, s);
    arena_back(&w->arena, mark);
    return err;
}

static LedgerPost coin(int64_t member, int64_t amount, const char *source, int64_t id, int64_t expires_at) {
    return (LedgerPost){ .kind = &coins,
                         .member_id = member,
                         .amount = amount,
                         .source = source,
                         .source_id = id,
                         .expires_at = expires_at };
}

static LedgerPosted post(World *w, LedgerPost p) {
    Step s = { .verb = POST, .post = p };
    assert_int_equal(run(w, &s), OK);
    return s.posted[0];
}

static LedgerAccount account(World *w, int64_t member) {
    Step s = { .verb = READ, .post = coin(member, 0, "", 0, 0) };
    assert_int_equal(run(w, &s), OK);
    return s.account;
}

static int64_t left_in(World *w, int64_t member, int64_t expires_at) {
    Ctx c = world_ctx(w, w->merchant_id);
    int64_t left = 0;
    assert_int_equal(db_read_begin(w->db, &c), OK);
    assert_int_equal(db_int(&c,
                            "SELECT left_amount FROM ledger_lot WHERE merchant_id = $1 AND member_id = $2 AND kind = "
                            "'coins' AND expires_at = $3",
                            ARGS(member, expires_at), &left),
                     OK);
    db_read_end(w->db, &c);
    return left;
}

/* ---- what it guarantees ---- */

TEST(ledger_counts_a_thing_once_however_often_it_is_posted) {
    assert_int_equal(post(w, coin(1, 100, "order.earn", 7, 0)).balance, 100);
    LedgerPosted again = post(w, coin(1, 100, "order.earn", 7, 0));
    assert_true(again.is_duplicate);
    assert_int_equal(again.balance, 100);
    assert_int_equal(post(w, coin(1, -30, "order.spend", 7, 0)).balance, 70);
    assert_true(post(w, coin(1, -30, "order.spend", 7, 0)).is_duplicate);
    assert_true(post(w, coin(1, -500, "order.earn", 7, 0)).is_duplicate);
    assert_int_equal(account(w, 1).entry_count, 2);
    world_holds(w);
}

TEST(ledger_posts_two_kinds_of_one_order_together_and_each_once) {
    Step s = { .verb = POST_TWO, .post = coin(1, 50, "order.earn", 9, 0), .second = coin(1, 80, "order.earn", 9, 0) };
    s.second.kind = &growth_like;
    assert_int_equal(run(w, &s), OK);
    assert_int_equal(s.posted[0].balance, 50);
    assert_int_equal(s.posted[1].balance, 80);
    Step only = { .verb = POST, .post = coin(1, 5, "order.earn", 10, 0) };
    assert_int_equal(run(w, &only), OK);
    s.post.source_id = s.second.source_id = 10;
    assert_int_equal(run(w, &s), OK);
    assert_true(s.posted[0].is_duplicate);
    assert_false(s.posted[1].is_duplicate);
    assert_int_equal(s.posted[0].balance, 55);
    assert_int_equal(s.posted[1].balance, 160);
    world_holds(w);
}

TEST(ledger_spends_what_expires_first_and_gives_back_the_very_lots) {
    int64_t near = w->now + 10 * DAY, far = w->now + 90 * DAY;
    post(w, coin(1, 60, "a", 1, far));
    post(w, coin(1, 40, "a", 2, near));
    post(w, coin(1, 10, "a", 3, 0));
    assert_int_equal(post(w, coin(1, -70, "order.spend", 4, 0)).balance, 40);
    assert_int_equal(left_in(w, 1, near), 0);
    assert_int_equal(left_in(w, 1, far), 30);
    LedgerPost back = coin(1, 50, "refund.restore", 5, 0);
    back.of_source = "order.spend";
    back.of_id = 4;
    post(w, back);
    assert_int_equal(left_in(w, 1, far), 60);
    assert_int_equal(left_in(w, 1, near), 20);
    back.source_id = 6;
    back.amount = 21;
    Step over = { .verb = POST, .post = back };
    assert_int_equal(run(w, &over), E_CONFLICT);
    assert_string_equal(w->code.at, "ledger.restore_over");
    back.amount = 20;
    assert_int_equal(post(w, back).balance, 110);
    assert_int_equal(left_in(w, 1, near), 40);
    world_holds(w);
}

TEST(ledger_expires_each_lot_once_and_gives_grace_to_what_comes_back_late) {
    int64_t near = w->now + 10 * DAY;
    post(w, coin(1, 100, "a", 1, near));
    post(w, coin(1, -30, "order.spend", 2, 0));
    w->now += 11 * DAY;
    Step expire = { .verb = EXPIRE, .post = coin(1, 0, "", 0, 0) };
    assert_int_equal(run(w, &expire), OK);
    assert_int_equal(expire.expired, 70);
    Step again = { .verb = EXPIRE, .post = coin(1, 0, "", 0, 0) };
    assert_int_equal(run(w, &again), OK);
    assert_int_equal(again.expired, 0);
    LedgerPost back = coin(1, 30, "refund.restore", 3, 0);
    back.of_source = "order.spend";
    back.of_id = 2;
    back.grace_at = w->now + 30 * DAY;
    assert_int_equal(post(w, back).balance, 30);
    assert_int_equal(left_in(w, 1, back.grace_at), 30);
    world_holds(w);
}

TEST(ledger_never_spends_a_lot_past_its_time_even_before_the_job_came_by) {
    post(w, coin(1, 100, "a", 1, w->now + DAY));
    post(w, coin(1, 5, "a", 2, w->now + 9 * DAY));
    w->now += 2 * DAY;
    Step s = { .verb = POST, .post = coin(1, -6, "order.spend", 3, 0) };
    assert_int_equal(run(w, &s), E_CONFLICT);
    assert_string_equal(w->code.at, "ledger.short");
    assert_int_equal(post(w, coin(1, -5, "order.spend", 4, 0)).balance, 0);
    assert_int_equal(account(w, 1).entry_count, 4);
    world_holds(w);
}

TEST(ledger_tells_what_a_debit_found_expired_once) {
    post(w, coin(1, 100, "a", 1, w->now + DAY));
    post(w, coin(1, 50, "a", 2, w->now + 9 * DAY));
    w->now += 2 * DAY;
    Step s = { .verb = POST, .post = coin(1, -6, "order.spend", 3, 0) };
    s.post.kind = &told;
    assert_int_equal(run(w, &s), OK);
    assert_int_equal(s.expired, 100);
    s.post.source_id = 4;
    assert_int_equal(run(w, &s), OK);
    assert_int_equal(s.expired, 100);
    world_holds(w);
}

TEST(ledger_records_a_shortfall_that_later_credits_pay_first) {
    post(w, coin(1, 100, "order.earn", 1, 0));
    post(w, coin(1, -90, "order.spend", 2, 0));
    LedgerPost take = coin(1, -100, "refund.take_back", 3, 0);
    take.on_short = LEDGER_RECORD;
    LedgerPosted taken = post(w, take);
    assert_int_equal(taken.balance, 0);
    assert_int_equal(taken.debt, 90);
    assert_int_equal(post(w, coin(1, 60, "order.earn", 4, 0)).balance, 0);
    LedgerPosted paid = post(w, coin(1, 60, "order.earn", 5, 0));
    assert_int_equal(paid.balance, 30);
    assert_int_equal(paid.debt, 0);
    world_holds(w);
}

TEST(ledger_reserves_once_consumes_or_releases_once) {
    post(w, coin(1, 100, "a", 1, 0));
    Step reserve = { .verb = RESERVE, .post = coin(1, -80, "order.spend", 2, 0), .due_at = w->now + DAY };
    assert_int_equal(run(w, &reserve), OK);
    assert_int_equal(reserve.posted[0].balance, 20);
    assert_int_equal(reserve.posted[0].reserved, 80);
    assert_int_equal(run(w, &reserve), OK);
    assert_true(reserve.posted[0].is_duplicate);
    Step release = { .verb = RELEASE, .post = reserve.post };
    assert_int_equal(run(w, &release), OK);
    assert_int_equal(run(w, &release), OK);
    assert_int_equal(account(w, 1).balance, 100);
    Step consume = { .verb = CONSUME, .post = reserve.post };
    assert_int_equal(run(w, &consume), E_CONFLICT);
    assert_string_equal(w->code.at, "ledger.hold_closed");
    reserve.post.source_id = consume.post.source_id = 3;
    assert_int_equal(run(w, &reserve), OK);
    assert_int_equal(run(w, &consume), OK);
    assert_int_equal(run(w, &consume), OK);
    assert_int_equal(account(w, 1).balance, 20);
    assert_int_equal(account(w, 1).reserved, 0);
    consume.post.source_id = 99;
    assert_int_equal(run(w, &consume), E_NOT_FOUND);
    world_holds(w);
}

TEST(ledger_keeps_pending_grants_apart_until_they_mature) {
    LedgerPost p = coin(1, 100, "order.earn", 1, 0);
    p.due_at = w->now + 7 * DAY;
    LedgerPosted posted = post(w, p);
    assert_true(posted.is_pending);
    assert_int_equal(posted.balance, 0);
    assert_int_equal(posted.pending, 100);
    assert_true(post(w, p).is_duplicate);
    Step take = { .verb = PENDING_TAKE, .post = coin(1, 30, "order.earn", 1, 0) };
    assert_int_equal(run(w, &take), OK);
    assert_int_equal(take.taken, 30);
    Step mature = { .verb = MATURE, .post = coin(1, 0, "order.earn", 1, w->now + 90 * DAY) };
    assert_int_equal(run(w, &mature), OK);
    assert_int_equal(mature.posted[0].balance, 70);
    assert_int_equal(mature.posted[0].pending, 0);
    assert_int_equal(run(w, &mature), OK);
    assert_true(mature.posted[0].is_duplicate);
    assert_int_equal(run(w, &take), OK);
    assert_int_equal(take.taken, 0);
    world_holds(w);
}

TEST(ledger_merge_moves_lots_and_holds_and_unmerge_brings_them_back) {
    int64_t near = w->now + 10 * DAY;
    post(w, coin(1, 100, "a", 1, near));
    post(w, coin(1, 50, "a", 2, 0));
    post(w, coin(2, 10, "a", 3, 0));
    Step reserve = { .verb = RESERVE, .post = coin(1, -20, "order.spend", 4, 0), .due_at = w->now + DAY };
    assert_int_equal(run(w, &reserve), OK);
    Step merge = { .verb = MERGE, .merge = { .merge_id = 77, .from_id = 1, .into_id = 2 } };
    assert_int_equal(run(w, &merge), OK);
    assert_int_equal(account(w, 1).balance, 0);
    assert_int_equal(account(w, 2).balance, 140);
    assert_int_equal(account(w, 2).reserved, 20);
    assert_int_equal(left_in(w, 2, near), 80);
    world_holds(w);
    Step unmerge = { .verb = UNMERGE, .merge = merge.merge };
    assert_int_equal(run(w, &unmerge), OK);
    assert_int_equal(account(w, 1).balance, 130);
    assert_int_equal(account(w, 1).reserved, 20);
    assert_int_equal(account(w, 2).balance, 10);
    assert_int_equal(left_in(w, 1, near), 80);
    Step release = { .verb = RELEASE, .post = reserve.post };
    assert_int_equal(run(w, &release), OK);
    assert_int_equal(account(w, 1).balance, 150);
    world_holds(w);
}

TEST(ledger_unmerge_says_what_is_spent) {
    post(w, coin(1, 100, "a", 1, 0));
    Step merge = { .verb = MERGE, .merge = { .merge_id = 78, .from_id = 1, .into_id = 2 } };
    assert_int_equal(run(w, &merge), OK);
    post(w, coin(2, -30, "order.spend", 5, 0));
    Step unmerge = { .verb = UNMERGE, .merge = merge.merge };
    assert_int_equal(run(w, &unmerge), E_CONFLICT);
    assert_string_equal(w->code.at, "ledger.merge_spent");
    world_holds(w);
}

TEST(ledger_merge_lets_a_debt_be_paid_and_unmerge_undoes_that_too) {
    LedgerPost take = coin(1, -40, "refund.take_back", 1, 0);
    take.on_short = LEDGER_RECORD;
    post(w, take);
    post(w, coin(2, 100, "a", 2, 0));
    Step merge = { .verb = MERGE, .merge = { .merge_id = 79, .from_id = 1, .into_id = 2 } };
    assert_int_equal(run(w, &merge), OK);
    assert_int_equal(account(w, 2).balance, 60);
    assert_int_equal(account(w, 1).debt, 0);
    world_holds(w);
    Step unmerge = { .verb = UNMERGE, .merge = merge.merge };
    assert_int_equal(run(w, &unmerge), OK);
    assert_int_equal(account(w, 2).balance, 100);
    assert_int_equal(account(w, 1).debt, 40);
    world_holds(w);
}

typedef struct WhyArg {
    int64_t member, at;
    LedgerWhy why;
} WhyArg;
static Err why_run(Ctx *c, void *arg) {
    WhyArg *a = arg;
    return ledger_why(c, a->member, &coins, a->at, &a->why);
}

TEST(ledger_says_why_line_by_line_for_any_past_moment) {
    int64_t start = w->now;
    post(w, coin(1, 400, "order.earn", 1, 0));
    w->now += DAY;
    post(w, coin(1, -73, "order.spend", 2, 0));
    w->now += DAY;
    post(w, coin(1, 10, "order.earn", 3, 0));
    WhyArg a = { .member = 1, .at = start + DAY };
    assert_int_equal(world_unit(w, why_run, &a), OK);
    assert_int_equal(a.why.lines.count, 2);
    assert_int_equal(a.why.balance, 327);
    a.at = 0;
    assert_int_equal(world_unit(w, why_run, &a), OK);
    assert_int_equal(a.why.balance, 337);
    assert_int_equal(a.why.lines.items[1].delta, -73);
    a.at = start - 1;
    assert_int_equal(world_unit(w, why_run, &a), OK);
    assert_int_equal(a.why.lines.count, 0);
}

/* ---- races, through the store ---- */

enum { RACERS = 4, TRIES_EACH = 30, RACE_BALANCE = 50 };
typedef struct Racer {
    World *w;
    int64_t first_id, won, lost, other;
} Racer;

static void *race(void *arg) {
    Racer *r = arg;
    Arena arena;
    arena_init(&arena, ARENA_HARD_MAX);
    for (int64_t i = 0; i < TRIES_EACH; i++) {
        Ctx c;
        app_ctx(r->w->app, &arena, r->w->merchant_id, (Actor){ ACTOR_CLI, 0 }, &c);
        Step s = { .verb = POST, .post = coin(1, -1, "order.spend", r->first_id + i, 0) };
        Err err = app_unit(&c, step_run, &s);
        if (err == OK)
            r->won++;
        else if (err == E_CONFLICT)
            r->lost++;
        else
            r->other++;
        arena_reset(&arena);
    }
    arena_free(&arena);
    return NULL;
}

TEST(ledger_gives_out_exactly_what_is_there_however_many_ask_at_once) {
    post(w, coin(1, RACE_BALANCE, "a", 1, 0));
    Racer racers[RACERS];
    pthread_t threads[RACERS];
    int64_t won = 0, other = 0;
    for (int i = 0; i < RACERS; i++) {
        racers[i] = (Racer){ .w = w, .first_id = 1000 * (i + 1) };
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < RACERS; i++) {
        pthread_join(threads[i], NULL);
        won += racers[i].won;
        other += racers[i].other;
    }
    assert_int_equal(won, RACE_BALANCE);
    assert_int_equal(other, 0);
    assert_int_equal(account(w, 1).balance, 0);
    world_holds(w);
}

/* ---- simulator: what is shown, is what the lines add up to ---- */

static Err sim_why(Sim *s) {
    int64_t member = sim_pick(s, "member"), sum = 0;
    if (member == 0) return OK;
    sim_get(s, "/v1/members/%lld/why?account=points", (long long)member);
    if (!sim_was_done(s)) return OK;
    sum = world_int(s->w, "/before_balance");
    for (int64_t i = 0; i < world_count(s->w, "/lines"); i++) {
        char at[60];
        snprintf(at, sizeof at, "/lines/%lld/delta", (long long)i);
        sum += world_int(s->w, at);
        snprintf(at, sizeof at, "/lines/%lld/balance_after", (long long)i);
        if (world_int(s->w, at) != sum) sim_fail(s, "line %lld does not run on", (long long)i);
    }
    if (sum != world_int(s->w, "/balance")) sim_fail(s, "lines sum to %lld", (long long)sum);
    return OK;
}

const SimAction ledger_sim[] = { { "ledger.why", 2, sim_why }, { NULL } };
