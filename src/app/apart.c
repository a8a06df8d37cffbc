#include <assert.h>
#include "app/app.h"

Err app_apart(Ctx *c, UnitRun run, void *arg) {
    assert(!db_in_unit(c));
    bool was_reading = c->tx != NULL;
    if (was_reading) db_read_end(c->app->db, c);
    assert(c->tx == NULL);
    Err err = app_unit(c, run, arg);
    if (!was_reading) return err;
    Err again = db_read_begin(c->app->db, c); /* also after a refusal: whoever began the snapshot will end it */
    return err != OK ? err : again;
}

Err app_outside(Ctx *c, void (*run)(Ctx *c, void *arg), void *arg) {
    assert(!db_in_unit(c));
    bool was_reading = c->tx != NULL;
    if (was_reading) db_read_end(c->app->db, c);
    run(c, arg);
    return was_reading ? db_read_begin(c->app->db, c) : OK;
}
