/* sim - 模拟: random life of a shop, step after step, with power cuts, clock jumps, deliveries that come twice and out
 * of order. Actions come from the slices' NAME_test.c:
 *
 *   static Err sim_points_grant(Sim *s) {
 *       int64_t member = sim_pick(s, "member"), points = 1 + rng_below(s->rng, 500);
 *       if (member == 0) return OK;
 *       sim_post(s, "/v1/points/grants", "{\"member_id\":\"%lld\",\"points\":%lld}", (long long)member,
 *                (long long)points);
 *       if (sim_was_done(s)) sim_add(s, "points", member, points);
 *       return OK;
 *   }
 *   const SimAction points_sim[] = {
 *       { "points.grant", 10, sim_points_grant }, { "points.check", 0, check_points }, { NULL },
 *   };
 *
 * The step that a power cut ended is played again from its beginning, with the same chance and the same
 * Idempotency-Key, as a till would. So an action makes at most one writing call, and decides by s->rng and by the
 * model, never by what the database says. The model (bags of ids, numbers) is what a careful person would write into
 * a notebook; it survives the power cuts, and changes only when a step is over. An action of weight 0 is a check: it
 * runs at every check point and compares model and database. */
#pragma once
#include "test/world.h"

typedef struct Sim {
    World *w;
    Rng *rng;
    int64_t step;
    struct SimModel *model;
    int64_t calls;                       /* of this step */
    const char *action;
} Sim;

void sim_post(Sim *s, const char *path, const char *body_format, ...) __attribute__((format(printf, 3, 4)));
void sim_send(Sim *s, const char *method, const char *path, const char *body_format, ...)
    __attribute__((format(printf, 4, 5)));
void sim_get(Sim *s, const char *path_format, ...) __attribute__((format(printf, 2, 3)));
bool sim_was_done(const Sim *s);                                   /* the last call was answered 2xx */
/* Ends the run as failed, with seed and step. */
_Noreturn void sim_fail(const Sim *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Bags of ids: "member", "order.complete" … Names are up to 31 characters. */
void sim_keep(Sim *s, const char *bag, int64_t id);
void sim_drop(Sim *s, const char *bag, int64_t id);
int64_t sim_pick(Sim *s, const char *bag);                         /* any of them; 0 when the bag is empty */
int64_t sim_size(const Sim *s, const char *bag);
int64_t sim_at(const Sim *s, const char *bag, int64_t i);

/* Numbers: sim_add(s, "points", member, -30). Never set is 0. */
void sim_add(Sim *s, const char *what, int64_t id, int64_t delta);
void sim_set(Sim *s, const char *what, int64_t id, int64_t value);
int64_t sim_number(const Sim *s, const char *what, int64_t id);

/* For the loop (sim/sim.c): the model's memory, shared with the processes to come. */
struct SimModel *sim_model_new(void);
void sim_model_free(struct SimModel *model);
void sim_step_end(Sim *s);                                         /* staged changes become part of the model */
void sim_step_drop(Sim *s);
