/* zone - every time zone that was asked for, opened once: opening reads all its changes through ICU and takes a
 * millisecond. */
#include "app/app_state.h"
#include <stdatomic.h>
#include <stdlib.h>

typedef struct ZoneNode { Zone zone; struct ZoneNode *next; } ZoneNode;

static const Zone *find(ZoneNode *node, Str name)
{
    for (; node != NULL; node = node->next)
        if (str_is(name, node->zone.name)) return &node->zone;
    return NULL;
}

const Zone *app_zone(Ctx *c, Str name)
{
    struct AppState *state = c->app->state;
    Str wanted = name.len > 0 ? name : S("Asia/Shanghai");
    ZoneNode *head = atomic_load(&state->zones);
    const Zone *known = find(head, wanted);
    if (known != NULL) return known;

    ZoneNode *node = calloc(1, sizeof *node);
    if (node == NULL) abort();
    if (!zone_open(wanted, &node->zone)) {
        free(node);
        return app_zone(c, S("Asia/Shanghai"));
    }
    /* Two threads may open the same zone at once: both stay, both are right. */
    node->next = head;
    while (!atomic_compare_exchange_weak(&state->zones, &node->next, node)) {}
    return &node->zone;
}

void zone_stop(App *app)
{
    ZoneNode *node = atomic_exchange(&app->state->zones, NULL);
    while (node != NULL) {
        ZoneNode *next = node->next;
        free(node);
        node = next;
    }
}
