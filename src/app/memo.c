#include "app/memo.h"
#include <assert.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include "app/app_state.h"

enum { WAYS = 4, LOCKS = 64, STAMPS = 1 << 16, MEMORY_PART = 64, KIB_LEAST = 4 << 10, KIB_MOST = 256 << 10,
       SETS_FIRST = 4096 };

/* Two cache lines. `seen` is how many changes there had been when its snapshot was taken, or earlier. */
typedef struct Entry {
    unsigned char key[MEMO_KEY_LEN];
    int64_t seen;
    uint16_t stamp;
    uint8_t len;
    char value[MEMO_VALUE_MAX];
} Entry;
static_assert(sizeof(Entry) == 128, "an entry is two cache lines");

/* A change of a subject writes the number of the change on the subject's stamp; subjects share stamps. Both tables are
 * pages that the system gives when they are first written to. */
typedef struct Memo {
    _Atomic int64_t changes;
    _Atomic int64_t *stamps;
    Entry (*sets)[WAYS];
    /* A power of two, doubled when half of the entries are in use: a small shop touches few pages. What then stands in
     * a set that is no longer its own is not found any more, and gives room first. */
    _Atomic int64_t set_count, used;
    int64_t set_most;
    pthread_mutex_t locks[LOCKS];
} Memo;

static void *pages(int64_t size) {
    void *at = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

Err memo_start(App *app, Arena *a) {
    if (db_engine(app->db) != DB_SQLITE) return OK;
    int64_t kib = db_memory_kib() / MEMORY_PART;
    kib = kib < KIB_LEAST ? KIB_LEAST : kib > KIB_MOST ? KIB_MOST : kib;
    Memo *memo = NEW(a, Memo);
    memo->set_most = SETS_FIRST;
    while (memo->set_most * 2 * (int64_t)sizeof *memo->sets <= kib * 1024) memo->set_most *= 2;
    atomic_store(&memo->set_count, SETS_FIRST);
    memo->stamps = pages(STAMPS * (int64_t)sizeof *memo->stamps);
    memo->sets = pages(memo->set_most * (int64_t)sizeof *memo->sets);
    if (memo->stamps == NULL || memo->sets == NULL) return E_BUSY;
    for (int i = 0; i < LOCKS; i++) pthread_mutex_init(&memo->locks[i], NULL);
    atomic_store(&memo->changes, 1); /* 0 is an empty entry */
    app->state->memo = memo;
    return OK;
}

void memo_stop(App *app) {
    Memo *memo = app->state->memo;
    if (memo == NULL) return;
    app->state->memo = NULL;
    for (int i = 0; i < LOCKS; i++) pthread_mutex_destroy(&memo->locks[i]);
    munmap(memo->stamps, STAMPS * sizeof *memo->stamps);
    munmap(memo->sets, (size_t)memo->set_most * sizeof *memo->sets);
}

int64_t memo_changes(const App *app) { return app->state->memo == NULL ? 0 : atomic_load(&app->state->memo->changes); }

static uint16_t stamp_of(int64_t merchant_id, int64_t subject_id) {
    uint64_t mixed = ((uint64_t)merchant_id ^ (uint64_t)subject_id * UINT64_C(0x9e3779b97f4a7c15));
    return (uint16_t)((mixed ^ mixed >> 29) * UINT64_C(0xbf58476d1ce4e5b9) >> 48);
}

typedef struct Place {
    Memo *memo;
    Entry *set;
    pthread_mutex_t *lock;
    int64_t number, chance; /* of the set; which of its ways must give room */
} Place;

static int64_t set_of(Memo *memo, const unsigned char *key, int64_t *ret_chance) {
    uint64_t word;
    memcpy(&word, key, sizeof word);
    *ret_chance = (int64_t)(word >> 62);
    return (int64_t)(word & (uint64_t)(atomic_load(&memo->set_count) - 1));
}

/* None in a unit: it may have changed what nobody else may see yet. */
static bool place_of(Ctx *c, Bytes key, Place *ret_place) {
    Memo *memo = c->app->state->memo;
    assert(key.len == MEMO_KEY_LEN);
    if (memo == NULL || c->memo_seen == 0 || db_in_unit(c)) return false;
    int64_t chance, set = set_of(memo, key.at, &chance);
    *ret_place = (Place){ memo, memo->sets[set], &memo->locks[set % LOCKS], set, chance };
    return true;
}

bool memo_find(Ctx *c, Bytes key, Bytes *ret_value) {
    Place place;
    bool is_found = false;
    if (!place_of(c, key, &place)) return false;
    pthread_mutex_lock(place.lock);
    for (int i = 0; i < WAYS; i++) {
        const Entry *entry = &place.set[i];
        if (memcmp(entry->key, key.at, MEMO_KEY_LEN) != 0) continue;
        is_found = entry->seen > 0 && entry->seen >= atomic_load(&place.memo->stamps[entry->stamp]);
        if (is_found) *ret_value = arena_bytes(c->arena, entry->value, entry->len);
        break;
    }
    pthread_mutex_unlock(place.lock);
    return is_found;
}

/* Its own, else one that is free or lost its set, else one by chance. */
static Entry *entry_for(const Place *place, Bytes key) {
    Entry *entry = &place->set[place->chance];
    int64_t unused;
    for (int i = 0; i < WAYS; i++) {
        Entry *at = &place->set[i];
        if (memcmp(at->key, key.at, MEMO_KEY_LEN) == 0) return at;
        if (at->seen == 0 || set_of(place->memo, at->key, &unused) != place->number) entry = at;
    }
    return entry;
}

static void grow(Memo *memo) {
    int64_t count = atomic_load(&memo->set_count), used = atomic_fetch_add(&memo->used, 1) + 1;
    if (used * 2 <= count * WAYS || count == memo->set_most) return;
    atomic_compare_exchange_strong(&memo->set_count, &count, count * 2);
}

void memo_keep(Ctx *c, Bytes key, int64_t subject_id, Bytes value) {
    Place place;
    if (value.len > MEMO_VALUE_MAX || !place_of(c, key, &place)) return;
    pthread_mutex_lock(place.lock);
    Entry *entry = entry_for(&place, key);
    if (entry->seen == 0) grow(place.memo);
    entry->seen = c->memo_seen;
    entry->stamp = stamp_of(c->merchant_id, subject_id);
    entry->len = (uint8_t)value.len;
    memcpy(entry->key, key.at, MEMO_KEY_LEN);
    memcpy(entry->value, value.at, (size_t)value.len);
    pthread_mutex_unlock(place.lock);
}

/* The change is committed: who took its snapshot before may have read what was. */
static void forget(App *app, int64_t merchant_id, int64_t subject_id) {
    Memo *memo = app->state->memo;
    _Atomic int64_t *stamp = &memo->stamps[stamp_of(merchant_id, subject_id)];
    int64_t number = atomic_fetch_add(&memo->changes, 1) + 1, last = atomic_load(stamp);
    while (last < number && !atomic_compare_exchange_weak(stamp, &last, number)) {}
}

void memo_forget(Ctx *c, int64_t subject_id) {
    if (c->app->state->memo != NULL) after_commit(c, forget, c->merchant_id, subject_id);
}
