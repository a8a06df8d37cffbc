/* The ledger against a model small enough to be seen through: random operations, compared after every step. And
 * planted damage: each kind must be found by name. */
#include "domain/ledger/ledger.h"
#include "test/test.h"
#include <stdio.h>
#include <string.h>

#define DAY INT64_C(86400000)
enum { STEPS = 2500, MEMBERS = 3, LOTS = 64, DEBITS = 400, PENDINGS = 200, LOOK_AT_LOTS = 50, HOLDS_EVERY = 625 };

static const LedgerKind coins = { S_INIT("coins"), .has_lots = true };

/* ---- the model ---- */

typedef struct Lot {
    int64_t at, left;
} Lot;
typedef struct Book {
    Lot lots[LOTS];
    int64_t count, debt, reserved, pending;
} Book;
typedef struct Part {
    int64_t at, amount, back;
} Part;
typedef enum State { SPENT, RESERVED, CONSUMED, RELEASED } State;
typedef struct Debit {
    int64_t member, id, amount;
    State state;
    Part parts[LOTS];
    int64_t count;
} Debit;
typedef struct Pending {
    int64_t member, id, left;
    bool is_open;
} Pending;
typedef struct Model {
    World *w;
    Book books[MEMBERS];
    Debit debits[DEBITS];
    int64_t debit_count;
    Pending pendings[PENDINGS];
    int64_t pending_count;
    int64_t next_id, done, refused;
} Model;

static int64_t sum(const Book *b) {
    int64_t total = 0;
    for (int64_t i = 0; i < b->count; i++) total += b->lots[i].left;
    return total;
}

static void lot_in(Book *b, int64_t at, int64_t amount) {
    int64_t i = 0;
    if (amount == 0) return;
    while (i < b->count && b->lots[i].at < at) i++;
    if (i == b->count || b->lots[i].at != at) {
        assert_true(b->count < LOTS);
        memmove(&b->lots[i + 1], &b->lots[i], (size_t)(b->count - i) * sizeof(Lot));
        b->lots[i] = (Lot){ at, 0 };
        b->count++;
    }
    b->lots[i].left += amount;
}

static void drop_empty(Book *b) {
    int64_t kept = 0;
    for (int64_t i = 0; i < b->count; i++)
        if (b->lots[i].left > 0) b->lots[kept++] = b->lots[i];
    b->count = kept;
}

static void drop_due(Book *b, int64_t now) {
    for (int64_t i = 0; i < b->count; i++)
        if (b->lots[i].at < now) b->lots[i].left = 0;
    drop_empty(b);
}

static int64_t pay_debt(Book *b, int64_t amount) {
    int64_t paid = amount < b->debt ? amount : b->debt;
    b->debt -= paid;
    return amount - paid;
}

/* Earliest expiry first; what was taken from where goes into `d`. */
static void lot_out(Book *b, int64_t amount, Debit *d) {
    for (int64_t i = 0; i < b->count && amount > 0; i++) {
        int64_t n = b->lots[i].left < amount ? b->lots[i].left : amount;
        if (d != NULL && n > 0) d->parts[d->count++] = (Part){ b->lots[i].at, n, 0 };
        b->lots[i].left -= n;
        amount -= n;
    }
    drop_empty(b);
}

/* Latest first back into their lots, or to the grace day; a debt is paid from what would expire first. */
static void give_back(Book *b, Debit *d, int64_t amount, int64_t now, int64_t grace_at) {
    Book back = { 0 };
    for (int64_t i = d->count - 1; i >= 0 && amount > 0; i--) {
        int64_t left = d->parts[i].amount - d->parts[i].back, n = left < amount ? left : amount;
        d->parts[i].back += n;
        amount -= n;
        lot_in(&back, d->parts[i].at >= now ? d->parts[i].at : grace_at, n);
    }
    for (int64_t i = 0; i < back.count; i++) lot_in(b, back.lots[i].at, pay_debt(b, back.lots[i].left));
}

static int64_t can_come_back(const Debit *d) {
    int64_t left = 0;
    for (int64_t i = 0; i < d->count; i++) left += d->parts[i].amount - d->parts[i].back;
    return left;
}

/* ---- the ledger's side ---- */

typedef enum Verb { POST, RESERVE, CONSUME, RELEASE, MATURE, TAKE, EXPIRE, READ, LOTS_OF } Verb;
typedef struct Ask {
    Verb verb;
    LedgerPost post;
    int64_t due_at, grace_at, taken;
    LedgerPosted posted;
    LedgerAccount account;
    LedgerLots lots;
} Ask;

static Err call_run(Ctx *c, void *arg) {
    Ask *s = arg;
    const LedgerPost *p = &s->post;
    LedgerExpiredList done = { 0 };
    switch (s->verb) {
    case POST:
        return ledger_post(c, p, &s->posted);
    case RESERVE:
        return ledger_reserve(c, p, s->due_at, &s->posted);
    case CONSUME:
        return ledger_consume(c, p->kind, p->source, p->source_id);
    case RELEASE:
        return ledger_release(c, p->kind, p->source, p->source_id, s->grace_at);
    case MATURE:
        return ledger_mature(c, p->kind, p->source, p->source_id, p->expires_at, &s->posted);
    case TAKE:
        return ledger_pending_take(c, p->kind, p->source, p->source_id, p->amount, &s->taken);
    case EXPIRE:
        return ledger_expire(c, p->kind, 1000, &done);
    case READ:
        return ledger_account_raw(c, p->member_id, p->kind, &s->account);
    case LOTS_OF:
        return ledger_lots(c, p->member_id, p->kind, &s->lots);
    }
    return OK;
}

static Err call(Model *m, Ask *s) {
    s->post.kind = &coins;
    return world_unit(m->w, call_run, s);
}

static int64_t some(Model *m, int64_t bound) { return rng_below(&m->w->rng, bound); }

static int64_t some_expiry(Model *m) {
    return rng_chance(&m->w->rng, 1, 6) ? LEDGER_NEVER : (m->w->now / DAY + 1 + some(m, 12)) * DAY - 1;
}

/* ---- operations: each does the same on both sides ---- */

static void op_credit(Model *m) {
    int64_t member = some(m, MEMBERS), amount = 1 + some(m, 200), expires_at = some_expiry(m), id = m->next_id++;
    Ask s = {
        POST,
        { .member_id = member + 1, .amount = amount, .source = "order.earn", .source_id = id, .expires_at = expires_at }
    };
    assert_int_equal(call(m, &s), OK);
    lot_in(&m->books[member], expires_at, pay_debt(&m->books[member], amount));
    if (!rng_chance(&m->w->rng, 1, 5)) return;
    assert_int_equal(call(m, &s), OK);
    assert_true(s.posted.is_duplicate);
}

static void op_debit(Model *m, Verb verb) {
    int64_t member = some(m, MEMBERS), amount = 1 + some(m, 250);
    Book *b = &m->books[member];
    if (m->debit_count == DEBITS) return;
    Ask s = { verb,
              { .member_id = member + 1, .amount = -amount, .source = "order.spend", .source_id = m->next_id++ },
              .due_at = m->w->now + DAY };
    Err err = call(m, &s);
    Book due = *b;
    drop_due(&due, m->w->now);
    if (sum(&due) < amount) {
        assert_int_equal(err, E_CONFLICT);
        m->refused++;
        return;
    }
    assert_int_equal(err, OK);
    *b = due;
    Debit *d = &m->debits[m->debit_count++];
    *d = (Debit){
        .member = member, .id = s.post.source_id, .amount = amount, .state = verb == RESERVE ? RESERVED : SPENT
    };
    lot_out(b, amount, d);
    if (verb == RESERVE) b->reserved += amount;
}

static void op_take_back(Model *m) {
    int64_t member = some(m, MEMBERS), amount = 1 + some(m, 300);
    Book *b = &m->books[member];
    Ask s = { POST,
              { .member_id = member + 1,
                .amount = -amount,
                .source = "refund.take_back",
                .source_id = m->next_id++,
                .on_short = LEDGER_RECORD } };
    assert_int_equal(call(m, &s), OK);
    drop_due(b, m->w->now);
    int64_t have = sum(b), taken = have < amount ? have : amount;
    lot_out(b, taken, NULL);
    b->debt += amount - taken;
}

static void op_restore(Model *m) {
    if (m->debit_count == 0) return;
    Debit *d = &m->debits[some(m, m->debit_count)];
    int64_t amount = 1 + some(m, 100), grace_at = (m->w->now / DAY + 3) * DAY - 1;
    if (d->state == RESERVED || d->state == RELEASED) return;
    Ask s = { POST,
              { .member_id = d->member + 1,
                .amount = amount,
                .source = "refund.restore",
                .source_id = m->next_id++,
                .of_source = "order.spend",
                .of_id = d->id,
                .grace_at = grace_at } };
    Err err = call(m, &s);
    if (can_come_back(d) < amount) {
        assert_int_equal(err, E_CONFLICT);
        m->refused++;
        return;
    }
    assert_int_equal(err, OK);
    give_back(&m->books[d->member], d, amount, m->w->now, grace_at);
}

static void op_close(Model *m, Verb verb) {
    if (m->debit_count == 0) return;
    Debit *d = &m->debits[some(m, m->debit_count)];
    Book *b = &m->books[d->member];
    State to = verb == CONSUME ? CONSUMED : RELEASED;
    Ask s = { verb, { .source = "order.spend", .source_id = d->id }, .grace_at = (m->w->now / DAY + 3) * DAY - 1 };
    Err err = call(m, &s);
    if (d->state == SPENT)
        assert_int_equal(err, E_NOT_FOUND);
    else if (d->state != RESERVED)
        assert_int_equal(err, d->state == to ? OK : E_CONFLICT);
    else {
        assert_int_equal(err, OK);
        d->state = to;
        b->reserved -= d->amount;
        if (to == RELEASED) give_back(b, d, d->amount, m->w->now, s.grace_at);
    }
}

static void op_pending(Model *m) {
    if (m->pending_count == PENDINGS) return;
    Pending *p = &m->pendings[m->pending_count++];
    *p = (Pending){ .member = some(m, MEMBERS), .id = m->next_id++, .left = 1 + some(m, 100), .is_open = true };
    Ask s = { POST,
              { .member_id = p->member + 1,
                .amount = p->left,
                .source = "order.earn",
                .source_id = p->id,
                .due_at = LEDGER_NEVER } };
    assert_int_equal(call(m, &s), OK);
    m->books[p->member].pending += p->left;
}

static void op_pending_end(Model *m) {
    if (m->pending_count == 0) return;
    Pending *p = &m->pendings[some(m, m->pending_count)];
    Book *b = &m->books[p->member];
    int64_t amount = 1 + some(m, 60), expires_at = some_expiry(m);
    if (rng_chance(&m->w->rng, 1, 2)) {
        Ask s = { TAKE, { .amount = amount, .source = "order.earn", .source_id = p->id } };
        assert_int_equal(call(m, &s), OK);
        int64_t taken = !p->is_open ? 0 : amount < p->left ? amount : p->left;
        assert_int_equal(s.taken, taken);
        p->left -= taken;
        b->pending -= taken;
        if (p->left == 0) p->is_open = false;
        return;
    }
    Ask s = { MATURE, { .source = "order.earn", .source_id = p->id, .expires_at = expires_at } };
    Err err = call(m, &s);
    if (!p->is_open) return;
    assert_int_equal(err, OK);
    p->is_open = false;
    b->pending -= p->left;
    lot_in(b, expires_at, pay_debt(b, p->left));
}

static void op_time(Model *m) {
    m->w->now += some(m, 30) * (DAY / 24);
    if (!rng_chance(&m->w->rng, 1, 3)) return;
    Ask s = { EXPIRE };
    assert_int_equal(call(m, &s), OK);
    for (int i = 0; i < MEMBERS; i++) drop_due(&m->books[i], m->w->now);
}

static void compare(Model *m, bool with_lots) {
    for (int64_t i = 0; i < MEMBERS; i++) {
        const Book *b = &m->books[i];
        Ask s = { READ, { .member_id = i + 1 } };
        assert_int_equal(call(m, &s), OK);
        assert_int_equal(s.account.balance, sum(b));
        assert_int_equal(s.account.debt, b->debt);
        assert_int_equal(s.account.reserved, b->reserved);
        assert_int_equal(s.account.pending, b->pending);
        if (!with_lots) continue;
        Book live = *b;
        drop_due(&live, m->w->now);
        Ask l = { LOTS_OF, { .member_id = i + 1 } };
        assert_int_equal(call(m, &l), OK);
        assert_int_equal(l.lots.count, live.count);
        for (int64_t k = 0; k < live.count; k++) {
            assert_true(l.lots.items[k].expires_at == live.lots[k].at);
            assert_int_equal(l.lots.items[k].left_amount, live.lots[k].left);
        }
    }
}

TEST(ledger_does_what_a_tiny_model_does_through_thousands_of_random_steps) {
    Model *m = NEW(&w->arena, Model);
    *m = (Model){ .w = w, .next_id = 1 };
    for (int64_t step = 0; step < STEPS; step++) {
        ArenaMark mark = arena_mark(&w->arena);
        switch (some(m, 14)) {
        case 0:
        case 1:
        case 2:
            op_credit(m);
            break;
        case 3:
        case 4:
            op_debit(m, POST);
            break;
        case 5:
            op_debit(m, RESERVE);
            break;
        case 6:
            op_take_back(m);
            break;
        case 7:
        case 8:
            op_restore(m);
            break;
        case 9:
            op_close(m, CONSUME);
            break;
        case 10:
            op_close(m, RELEASE);
            break;
        case 11:
            op_pending(m);
            break;
        case 12:
            op_pending_end(m);
            break;
        default:
            op_time(m);
            break;
        }
        compare(m, step % LOOK_AT_LOTS == 0);
        arena_back(&w->arena, mark);
        if (step % HOLDS_EVERY == HOLDS_EVERY - 1) world_holds(w);
    }
    assert_true(m->refused > 50);
    world_holds(w);
}

/* ---- planted damage ---- */

typedef struct Damage {
    const char *sql;
    const char *hold;
    const char *words;
} Damage;

static const Damage damages[] = {
    { "UPDATE ledger_entry SET delta = delta + 1 WHERE merchant_id = $1 AND member_id = 1 AND seq = 2",
      "ledger.chain_is_whole_and_sums_to_the_account", "chain broken at entry 2" },
    { "UPDATE ledger_entry SET detail = '{\"a\":1}' WHERE merchant_id = $1 AND member_id = 1 AND seq = 3",
      "ledger.chain_is_whole_and_sums_to_the_account", "chain broken at entry 3" },
    { "UPDATE ledger_part SET amount = amount - 1 WHERE merchant_id = $1 AND member_id = 1",
      "ledger.chain_is_whole_and_sums_to_the_account", "chain broken at entry 3" },
    { "DELETE FROM ledger_entry WHERE merchant_id = $1 AND member_id = 1 AND seq = 2",
      "ledger.chain_is_whole_and_sums_to_the_account", "entry missing before entry 3" },
    { "DELETE FROM ledger_entry WHERE merchant_id = $1 AND member_id = 1 AND seq = 4",
      "ledger.chain_is_whole_and_sums_to_the_account", "entries removed or added at the end" },
    { "DELETE FROM ledger_entry WHERE merchant_id = $1 AND member_id = 2", "ledger.every_entry_has_its_account",
      "want 1, have 0" },
    { "UPDATE ledger_account SET head = (SELECT link FROM ledger_entry WHERE merchant_id = $1 AND member_id = 1 AND "
      "seq = 3)"
      " WHERE merchant_id = $1 AND member_id = 1",
      "ledger.chain_is_whole_and_sums_to_the_account", "head is not the link" },
    { "UPDATE ledger_account SET balance = balance + 1 WHERE merchant_id = $1 AND member_id = 1",
      "ledger.chain_is_whole_and_sums_to_the_account", "balance 131, sum of entries 130" },
    { "UPDATE ledger_account SET balance = balance + 1 WHERE merchant_id = $1 AND member_id = 1",
      "ledger.balance_is_sum_of_lots", "want 130, have 131" },
    { "DELETE FROM ledger_lot WHERE merchant_id = $1 AND member_id = 1 AND expires_at = 9223372036854775807",
      "ledger.lots_are_what_entries_moved", "want 100, have 0" },
    { "UPDATE ledger_account SET pending = 5 WHERE merchant_id = $1 AND member_id = 1",
      "ledger.reserved_and_pending_are_sums_of_open_holds", "want 0, have 5" },
    { "UPDATE ledger_account SET debt = 5 WHERE merchant_id = $1 AND member_id = 1", "ledger.no_balance_beside_a_debt",
      "want 5" },
};

static Err damage_run(Ctx *c, void *arg) { return db_exec(c, ((const Damage *)arg)->sql, NO_ARGS); }

static void lay_books(Model *m) {
    const struct {
        int64_t member, amount, id, expires_at;
        const char *source;
    } posts[] = {
        { 1, 50, 1, m->w->now + DAY, "order.earn" }, { 1, 100, 2, 0, "order.earn" }, { 1, -30, 3, 0, "order.spend" },
        { 1, 10, 4, m->w->now + DAY, "order.earn" }, { 2, 9, 5, 0, "order.earn" },
    };
    for (size_t i = 0; i < sizeof posts / sizeof posts[0]; i++) {
        Ask s = { POST,
                  { .member_id = posts[i].member,
                    .amount = posts[i].amount,
                    .source = posts[i].source,
                    .source_id = posts[i].id,
                    .expires_at = posts[i].expires_at } };
        assert_int_equal(call(m, &s), OK);
    }
}

/* A World of its own for every damage: nothing has to be mended. */
TEST(ledger_damage_is_found_by_name) {
    Model m = { .w = w };
    lay_books(&m);
    world_holds(w);
    int64_t first = w->merchant_id;
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        char code[40];
        snprintf(code, sizeof code, "damage-%lld-%zu", (long long)(first % 100000000), i);
        w->merchant_id = world_merchant(w, code);
        lay_books(&m);
        assert_int_equal(world_unit(w, damage_run, (void *)&damages[i]), OK);
        CheckLines lines;
        assert_int_equal(app_check(w->app, &w->arena, &lines), OK);
        bool is_found = false;
        for (int64_t k = 0; k < lines.count; k++)
            if (str_is(lines.items[k].name, damages[i].hold))
                is_found = str_find(lines.items[k].findings, str_of(damages[i].words)) >= 0;
        if (!is_found) fail_msg("not found: %s (%s)", damages[i].words, damages[i].sql);
    }
}
