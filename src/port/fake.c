#include <string.h>
#include "port/fake.h"

PortFake *fake_new(Arena *a) {
    PortFake *fake = NEW(a, PortFake);
    pthread_mutex_init(&fake->lock, NULL);
    return fake;
}

/* Cuts at the room, never inside a character. */
static void put(char *to, int64_t room, Str s) {
    int64_t len = s.len < room - 1 ? s.len : room - 1;
    while (len < s.len && len > 0 && ((unsigned char)s.at[len] & 0xC0) == 0x80) len--;
    if (len > 0) memcpy(to, s.at, (size_t)len);
    to[len] = '\0';
}

static bool is_kept(const PortFake *fake, Str id) {
    int64_t kept = fake->count < PORT_RING ? fake->count : PORT_RING;
    for (int64_t i = 0; i < kept; i++) {
        if (str_is(id, fake->ring[i].id)) return true;
    }
    return false;
}

PortResult fake_keep(PortFake *fake, Ctx *c, Str id, Str to, Str text) {
    PortResult result = { .outcome = PORT_OK, .code = S("fake"), .ref = id };
    pthread_mutex_lock(&fake->lock);
    if (fake->fail_times > 0) {
        fake->fail_times--;
        result.outcome = fake->fail_with;
    } else if (is_kept(fake, id)) {
        result.outcome = PORT_DUP;
    } else {
        PortRecord *record = &fake->ring[fake->count % PORT_RING];
        record->at = c->now;
        put(record->id, sizeof record->id, id);
        put(record->to, sizeof record->to, to);
        put(record->text, sizeof record->text, text);
        fake->count++;
    }
    pthread_mutex_unlock(&fake->lock);
    return result;
}

void fake_records(PortFake *fake, Arena *a, PortRecords *ret_records) {
    pthread_mutex_lock(&fake->lock);
    int64_t kept = fake->count < PORT_RING ? fake->count : PORT_RING;
    ret_records->items = NEW_LIST(a, PortRecord, kept > 0 ? kept : 1);
    ret_records->count = kept;
    for (int64_t i = 0; i < kept; i++) ret_records->items[i] = fake->ring[(fake->count - 1 - i) % PORT_RING];
    pthread_mutex_unlock(&fake->lock);
}

void fake_fail(PortFake *fake, PortOutcome outcome, int64_t times) {
    pthread_mutex_lock(&fake->lock);
    fake->fail_with = outcome;
    fake->fail_times = times;
    pthread_mutex_unlock(&fake->lock);
}
