/* sim: the simulator's loop.
 *   laoke_sim [--sqlite | --pg]       STEPS=100000 SEED=1 ENGINE=sqlite|pg CHECK=1000 TRACE=1 from the environment
 * One child process lives the steps; power cuts kill it at the store's crash points, and the next child goes on with
 * the same files, the same clock, the same chance and the model in shared memory. A seed replays byte for byte: the
 * last line but one carries a sum over all answers. */
#include "test/sim.h"
#include "app/outbox.h"
#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern const SimAction *const sim_actions[];

enum { ACTIONS_MAX = 400, STEPS_MAX = 10000000, FRAMES = 40 };
#define DAY INT64_C(86400000)

typedef struct Shared {
    WorldSeat seat;
    Rng rng;                             /* at the beginning of `step` */
    int64_t step, checks, crashes, jumps;
    uint64_t sum;                        /* over all answers */
    int64_t by_action[ACTIONS_MAX], done_by_action[ACTIONS_MAX];
} Shared;

typedef struct Loop {
    Shared *shared;
    struct SimModel *model;
    const SimAction *actions[ACTIONS_MAX]; int64_t action_count, weight;
    int64_t steps, check_every;
    uint64_t seed;
    bool is_traced;
} Loop;

static int64_t number_from(const char *name, int64_t otherwise) {
    const char *text = getenv(name);
    int64_t value;
    return text && str_to_int(str_of(text), &value) ? value : otherwise;
}

static void collect(Loop *l) {
    for (int64_t i = 0; sim_actions[i]; i++)
        for (const SimAction *action = sim_actions[i]; action->name && l->action_count < ACTIONS_MAX; action++) {
            l->actions[l->action_count++] = action;
            l->weight += action->weight;
        }
}

/* ---- one step ---- */

static void add_to_sum(Shared *shared, const World *w) {
    shared->sum = (shared->sum ^ str_hash(w->body) ^ (uint64_t)w->status ^ (uint64_t)w->now) * UINT64_C(0x100000001B3);
}

/* Days and months at once, now and then: month ends, year ends, expiries; sometimes the clock of the machine is set
 * back. */
static void jump(Sim *s) {
    static const int64_t leaps[] = { DAY / 24, DAY, DAY, 3 * DAY, 31 * DAY, 92 * DAY, 366 * DAY, -DAY / 48 };
    int64_t leap = leaps[rng_below(s->rng, (int64_t)(sizeof leaps / sizeof leaps[0]))];
    if (leap >= 31 * DAY && !rng_chance(s->rng, 1, 12)) leap = DAY;
    world_clock(s->w, s->w->now + leap);
}

/* Jobs and deliveries try again by themselves: what they were refused must not go unseen. */
static void check_beside(Sim *s) {
    s->action = "jobs";
    sim_get(s, "/v1/jobs");
    for (int64_t i = 0; i < world_count(s->w, "/items"); i++)
        if (world_int(s->w, world_path(s->w, "/items/%lld/tries", (long long)i)) > 0) sim_fail(s, "a job was refused");
    s->action = "dead letters";
    sim_get(s, "/v1/dead-letters");
    if (world_count(s->w, "/items") > 0) sim_fail(s, "an event could not be delivered");
}

static void check(Loop *l, Sim *s) {
    world_settle(s->w);
    check_beside(s);
    for (int64_t i = 0; i < l->action_count; i++) {
        if (l->actions[i]->weight != 0) continue;
        s->action = l->actions[i]->name;
        if (l->actions[i]->run(s) != OK) sim_fail(s, "the check was refused");
    }
    s->action = "holds";
    world_holds(s->w);
    l->shared->checks++;
}

static int64_t choose(Loop *l, Sim *s) {
    int64_t at = rng_below(s->rng, l->weight);
    for (int64_t i = 0;; i++) {
        at -= l->actions[i]->weight;
        if (at < 0) return i;
    }
}

static void step(Loop *l, Sim *s) {
    s->calls = 0;
    s->w->status = 0;
    world_clock(s->w, s->w->now + rng_below(s->rng, 60000));
    if (rng_chance(s->rng, 1, 300)) {
        jump(s);
        l->shared->jumps++;
    }
    if (rng_chance(s->rng, 1, 10)) world_settle(s->w);
    if (l->weight == 0) return;
    int64_t chosen = choose(l, s);
    s->action = l->actions[chosen]->name;
    Err err = l->actions[chosen]->run(s);
    if (err == E_INTERNAL) sim_fail(s, "the action met a defect");
    l->shared->by_action[chosen]++;
    l->shared->done_by_action[chosen] += sim_was_done(s);
    if (l->is_traced)
        printf("%lld %s %d %.*s\n", (long long)s->step, s->action, s->w->status, (int)s->w->code.len, s->w->code.at);
}

/* An assertion that fails says where it was called from. */
static void on_abort(int number) {
    void *frames[FRAMES];
    backtrace_symbols_fd(frames, backtrace(frames, FRAMES), STDERR_FILENO);
    signal(number, SIG_DFL);
    raise(number);
}

/* Lives until the last step or a power cut. */
static void child(Loop *l) {
    Shared *shared = l->shared;
    Rng rng = shared->rng;
    signal(SIGABRT, on_abort);
    World *w = world_reopen(&shared->seat);
    Sim s = { .w = w, .rng = &rng, .model = l->model };
    outbox_disturb(w->app, &rng);
    while (shared->step < l->steps) {
        s.step = shared->step;
        sim_step_drop(&s);
        ArenaMark mark = arena_mark(&w->arena);
        world_as(w, w->owner_token);
        step(l, &s);
        add_to_sum(shared, w);
        /* The step is over: from here on a power cut does not bring it back. */
        sim_step_end(&s);
        shared->rng = rng;
        shared->seat.now = w->now;
        shared->step++;
        if (shared->step % l->check_every == 0 || shared->step == l->steps) check(l, &s);
        arena_back(&w->arena, mark);
    }
    outbox_disturb(w->app, NULL);
    world_leave(w);
}

/* ---- one life ---- */

/* Where the next power cut comes: after so many units, commits or answers. */
static void plan_crash(Loop *l, Rng *rng) {
    static const char *const points[] = { "unit", "before_commit", "after_commit" };
    WorldSeat *seat = &l->shared->seat;
    seat->starts++;
    snprintf(seat->crash_point, sizeof seat->crash_point, "%s:%lld", points[rng_below(rng, 3)],
             (long long)(20 + rng_below(rng, 4000)));
}

static bool live(Loop *l, DbEngine engine) {
    World *w = world_open(engine, l->seed);
    world_seat(w, &l->shared->seat);
    l->shared->rng = rng_seeded(l->seed * 2 + 1);
    world_leave(w);
    Rng crash_rng = rng_seeded(l->seed * 2);
    for (;;) {
        plan_crash(l, &crash_rng);
        fflush(NULL);
        pid_t pid = fork();
        if (pid < 0) return false;
        if (pid == 0) {
            child(l);
            fflush(NULL);
            _exit(0);
        }
        int status;
        if (waitpid(pid, &status, 0) != pid) return false;
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) return false;
        l->shared->crashes++;
    }
}

static bool run(DbEngine engine) {
    Loop l = { .seed = (uint64_t)number_from("SEED", 1), .check_every = number_from("CHECK", 1000),
               .is_traced = getenv("TRACE") != NULL };
    const char *word = engine == DB_SQLITE ? "sqlite" : "pg";
    l.steps = number_from("STEPS", engine == DB_SQLITE ? 100000 : 10000);
    if (l.steps > STEPS_MAX) l.steps = STEPS_MAX;
    collect(&l);
    l.model = sim_model_new();
    l.shared = mmap(NULL, sizeof *l.shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (l.shared == MAP_FAILED) return false;
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    bool is_well = live(&l, engine);
    clock_gettime(CLOCK_MONOTONIC, &to);
    int64_t took_ms = (int64_t)(to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;
    for (int64_t i = 0; i < l.action_count; i++)
        if (l.actions[i]->weight > 0)
            printf("  %-36s %8lld  done %8lld\n", l.actions[i]->name, (long long)l.shared->by_action[i],
                   (long long)l.shared->done_by_action[i]);
    printf("sim %s seed=%llu steps=%lld power_cuts=%lld jumps=%lld checks=%lld %lld steps/s sum=%016llx\n", word,
           (unsigned long long)l.seed, (long long)l.shared->step, (long long)l.shared->crashes,
           (long long)l.shared->jumps, (long long)l.shared->checks, (long long)(l.shared->step * 1000 / (took_ms + 1)),
           (unsigned long long)l.shared->sum);
    if (!is_well)
        printf("FAILED at step %lld: again with  SEED=%llu STEPS=%lld CHECK=%lld ENGINE=%s ./test sim\n",
               (long long)l.shared->step, (unsigned long long)l.seed, (long long)l.steps, (long long)l.check_every,
               word);
    munmap(l.shared, sizeof *l.shared);
    return is_well;
}

int main(int argc, char **argv) {
    const char *engine = argc > 1 && str_starts(str_of(argv[1]), S("--")) ? argv[1] + 2 : getenv("ENGINE");
    int64_t passed = 0, failed = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!engine || strcmp(engine, "sqlite") == 0) *(run(DB_SQLITE) ? &passed : &failed) += 1;
    if (world_has_postgres() && (!engine || strcmp(engine, "pg") == 0)) *(run(DB_POSTGRES) ? &passed : &failed) += 1;
    if (failed == 0) world_dir_remove();
    printf("%lld passed, %lld failed\n", (long long)passed, (long long)failed);
    return failed == 0 ? 0 : 1;
}
