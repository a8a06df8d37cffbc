/* sim: the simulator's loop.
 *   laoke_sim [--sqlite | --pg] [--replay]
 *   STEPS=100000 SEED=1 WORLD=20000 JOBS=2 CHECK=1000 ENGINE=sqlite|pg TRACE=1 from the environment
 * STEPS are lived in Worlds of at most WORLD steps (100 000 at the very most: every check looks at everything there
 * is); World i has the seed SEED + i, JOBS of them run at once. One child process lives the steps of a World; power
 * cuts kill it at the store's crash points, and the next child goes on with the same files, the same clock, the same
 * chance and the model in shared memory. A seed replays byte for byte: the line of a World carries a sum over all
 * answers, and --replay lives one World twice and compares them (on SQLite: a second life in the same PostgreSQL
 * database would meet the rows of the first). A World that fails says how it is lived again. */
#include "test/sim.h"
#include "app/outbox.h"
#include <execinfo.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern const SimAction *const sim_actions[];

enum { ACTIONS_MAX = 400, WORLD_STEPS = 20000, WORLD_STEPS_MAX = 100000, JOBS_MAX = 64, FRAMES = 40 };
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
    static const char *const points[] = { "statement", "unit", "before_commit", "after_commit" };
    enum { POINTS = 4, PER_UNIT = 12 }; /* a unit has about so many statements */
    WorldSeat *seat = &l->shared->seat;
    seat->starts++;
    int64_t point = rng_below(rng, POINTS), times = 20 + rng_below(rng, point == 0 ? 4000 * PER_UNIT : 4000);
    snprintf(seat->crash_point, sizeof seat->crash_point, "%s:%lld", points[point], (long long)times);
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

/* ---- many Worlds ---- */

/* What the Worlds of one run have in common, in shared memory. */
typedef struct Fleet {
    _Atomic int64_t next;                /* World to be lived next */
    _Atomic bool is_ill;                 /* one failed: no more are begun */
    _Atomic int64_t steps, checks, crashes, jumps, worlds;
    _Atomic int64_t by_action[ACTIONS_MAX], done_by_action[ACTIONS_MAX];
    uint64_t first_sum;
} Fleet;

static void *shared_memory(size_t bytes) {
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (at != MAP_FAILED) return at;
    fprintf(stderr, "sim: no memory\n");
    exit(1);
}

static const char *word_of(DbEngine engine) { return engine == DB_SQLITE ? "sqlite" : "pg"; }

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void add_to_fleet(Fleet *fleet, const Loop *l) {
    fleet->steps += l->shared->step;
    fleet->checks += l->shared->checks;
    fleet->crashes += l->shared->crashes;
    fleet->jumps += l->shared->jumps;
    fleet->worlds++;
    for (int64_t i = 0; i < l->action_count; i++) {
        fleet->by_action[i] += l->shared->by_action[i];
        fleet->done_by_action[i] += l->shared->done_by_action[i];
    }
}

/* One World from its beginning to its last step; its files go when it was well. */
static bool world_life(Loop *l, DbEngine engine, Fleet *fleet) {
    double from = now_s();
    l->model = sim_model_new();
    l->shared = shared_memory(sizeof *l->shared);
    bool is_well = live(l, engine);
    printf("sim %s seed=%llu steps=%lld power_cuts=%lld jumps=%lld checks=%lld %.0f steps/s sum=%016llx\n",
           word_of(engine), (unsigned long long)l->seed, (long long)l->shared->step, (long long)l->shared->crashes,
           (long long)l->shared->jumps, (long long)l->shared->checks, (double)l->shared->step / (now_s() - from),
           (unsigned long long)l->shared->sum);
    if (!is_well)
        printf("FAILED at step %lld: again with  SEED=%llu STEPS=%lld WORLD=%lld CHECK=%lld ENGINE=%s ./test sim\n",
               (long long)l->shared->step, (unsigned long long)l->seed, (long long)l->steps, (long long)l->steps,
               (long long)l->check_every, word_of(engine));
    add_to_fleet(fleet, l);
    fleet->first_sum = l->shared->sum;
    if (is_well) {
        l->shared->seat.crash_point[0] = 0;
        world_close(world_reopen(&l->shared->seat));
    }
    munmap(l->shared, sizeof *l->shared);
    sim_model_free(l->model);
    return is_well;
}

static void live_worlds(Loop *l, DbEngine engine, Fleet *fleet, int64_t steps, int64_t world_steps) {
    uint64_t first_seed = l->seed;
    for (int64_t i; !fleet->is_ill && (i = fleet->next++) * world_steps < steps;) {
        l->seed = first_seed + (uint64_t)i;
        l->steps = steps - i * world_steps < world_steps ? steps - i * world_steps : world_steps;
        if (!world_life(l, engine, fleet)) fleet->is_ill = true;
    }
}

static int64_t at_most(int64_t value, int64_t most) { return value < 1 ? 1 : value > most ? most : value; }

static void loop_begin(Loop *l) {
    *l = (Loop){ .seed = (uint64_t)number_from("SEED", 1), .check_every = number_from("CHECK", 1000),
                 .is_traced = getenv("TRACE") != NULL };
    collect(l);
}

/* Worlds on PostgreSQL follow one another: they live in one database. */
static bool run(DbEngine engine) {
    Loop l;
    loop_begin(&l);
    Fleet *fleet = shared_memory(sizeof *fleet);
    double from = now_s();
    int64_t steps = number_from("STEPS", engine == DB_SQLITE ? 100000 : 10000);
    int64_t world_steps = at_most(number_from("WORLD", WORLD_STEPS), WORLD_STEPS_MAX);
    int64_t jobs = engine == DB_SQLITE ? at_most(number_from("JOBS", sysconf(_SC_NPROCESSORS_ONLN)), JOBS_MAX) : 1;
    pid_t pids[JOBS_MAX];
    if (engine == DB_SQLITE) world_close(world_open(engine, l.seed)); /* lays the schema that all of them copy */
    for (int64_t i = 0; i < jobs; i++) {
        fflush(NULL);
        pids[i] = fork();
        if (pids[i] != 0) continue;
        live_worlds(&l, engine, fleet, steps, world_steps);
        fflush(NULL);
        _exit(0);
    }
    for (int64_t i = 0; i < jobs; i++) {
        int status;
        if (pids[i] < 0 || waitpid(pids[i], &status, 0) != pids[i] || status != 0) fleet->is_ill = true;
    }
    for (int64_t i = 0; i < l.action_count; i++)
        if (l.actions[i]->weight > 0)
            printf("  %-36s %9lld  done %9lld\n", l.actions[i]->name, (long long)fleet->by_action[i],
                   (long long)fleet->done_by_action[i]);
    printf("sim %s worlds=%lld steps=%lld power_cuts=%lld jumps=%lld checks=%lld %.0f steps/s\n", word_of(engine),
           (long long)fleet->worlds, (long long)fleet->steps, (long long)fleet->crashes, (long long)fleet->jumps,
           (long long)fleet->checks, (double)fleet->steps / (now_s() - from));
    bool is_well = !fleet->is_ill && fleet->steps >= steps;
    munmap(fleet, sizeof *fleet);
    return is_well;
}

/* The same seed twice: the same answers, to the byte, with the same power cuts. */
static bool replay(DbEngine engine) {
    uint64_t sums[2] = { 0 };
    for (int i = 0; i < 2; i++) {
        Loop l;
        loop_begin(&l);
        Fleet *fleet = shared_memory(sizeof *fleet);
        l.steps = at_most(number_from("STEPS", 3000), WORLD_STEPS_MAX);
        bool is_well = world_life(&l, engine, fleet);
        sums[i] = fleet->first_sum;
        munmap(fleet, sizeof *fleet);
        if (!is_well) return false;
    }
    if (sums[0] != sums[1]) printf("FAILED: one seed, two lives: %016llx %016llx\n", (unsigned long long)sums[0],
                                   (unsigned long long)sums[1]);
    return sums[0] == sums[1];
}

int main(int argc, char **argv) {
    const char *engine = getenv("ENGINE");
    bool is_replay = false;
    int64_t passed = 0, failed = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--replay") == 0) is_replay = true;
        else engine = str_starts(str_of(argv[i]), S("--")) ? argv[i] + 2 : argv[i];
    }
    bool (*way)(DbEngine) = is_replay ? replay : run;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!engine || strcmp(engine, "sqlite") == 0) *(way(DB_SQLITE) ? &passed : &failed) += 1;
    if (!is_replay && world_has_postgres() && (!engine || strcmp(engine, "pg") == 0)) *(way(DB_POSTGRES) ? &passed : &failed) += 1;
    if (failed == 0) world_dir_remove();
    printf("%lld passed, %lld failed\n", (long long)passed, (long long)failed);
    return failed == 0 ? 0 : 1;
}
