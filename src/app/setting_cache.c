#include "app/setting_cache.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CACHE_ROOM_FIRST = 256 };

typedef struct CacheEntry { int64_t merchant_id; const Setting *setting; SettingValue *value; } CacheEntry;
typedef struct SettingCache SettingCache;
struct SettingCache {
    pthread_mutex_t lock;
    CacheEntry *at;              /* open addressing; entries are never removed, only emptied */
    int64_t count, room;
    SettingValue *retired;       /* newest first */
    bool has_others;             /* other processes write to this database */
};

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static CacheEntry *place_of(CacheEntry *at, int64_t room, int64_t merchant_id, const Setting *setting) {
    uint64_t mix = ((uint64_t)merchant_id ^ (uint64_t)(uintptr_t)setting) * UINT64_C(0x9E3779B97F4A7C15);
    for (uint64_t i = mix >> 20;; i++) {
        CacheEntry *entry = &at[i & (uint64_t)(room - 1)];
        if (!entry->setting || (entry->merchant_id == merchant_id && entry->setting == setting)) return entry;
    }
}

static void value_free(SettingValue *value) {
    arena_free(&value->arena);
    free(value);
}

static void retire(SettingCache *cache, SettingValue *value) {
    if (!value) return;
    int64_t now = now_ms();
    value->retired_ms = now;
    value->next = cache->retired;
    cache->retired = value;
    for (SettingValue **at = &value->next; *at;) {
        SettingValue *old = *at;
        if (now - old->retired_ms < SETTING_GRACE_MS) {
            at = &old->next;
            continue;
        }
        *at = old->next;
        value_free(old);
    }
}

bool setting_cache_get(App *app, int64_t merchant_id, const Setting *setting, void *ret_obj) {
    SettingCache *cache = app->state->settings;
    pthread_mutex_lock(&cache->lock);
    const SettingValue *value = place_of(cache->at, cache->room, merchant_id, setting)->value;
    bool is_fresh = value && (!cache->has_others || now_ms() - value->loaded_ms < SETTING_TTL_MS);
    if (is_fresh) memcpy(ret_obj, value->obj, (size_t)setting->fields->size);
    pthread_mutex_unlock(&cache->lock);
    return is_fresh;
}

SettingValue *setting_value_new(void) {
    SettingValue *value = calloc(1, sizeof *value);
    if (!value) abort();
    arena_init(&value->arena, ARENA_BUDGET);
    value->loaded_ms = now_ms();
    return value;
}

static CacheEntry *place_for(SettingCache *cache, int64_t merchant_id, const Setting *setting) {
    if (cache->count * 2 >= cache->room) {
        int64_t room = cache->room * 2;
        CacheEntry *wide = calloc((size_t)room, sizeof *wide);
        if (!wide) abort();
        for (int64_t i = 0; i < cache->room; i++)
            if (cache->at[i].setting)
                *place_of(wide, room, cache->at[i].merchant_id, cache->at[i].setting) = cache->at[i];
        free(cache->at);
        cache->at = wide;
        cache->room = room;
    }
    CacheEntry *entry = place_of(cache->at, cache->room, merchant_id, setting);
    if (!entry->setting) {
        *entry = (CacheEntry){ merchant_id, setting, NULL };
        cache->count++;
    }
    return entry;
}

void setting_cache_put(App *app, int64_t merchant_id, const Setting *setting, SettingValue *value) {
    SettingCache *cache = app->state->settings;
    pthread_mutex_lock(&cache->lock);
    CacheEntry *entry = place_for(cache, merchant_id, setting);
    if (entry->value && entry->value->version > value->version) {
        value_free(value);
    } else {
        retire(cache, entry->value);
        entry->value = value;
    }
    pthread_mutex_unlock(&cache->lock);
}

void setting_cache_drop(App *app, int64_t merchant_id, const Setting *setting) {
    SettingCache *cache = app->state->settings;
    pthread_mutex_lock(&cache->lock);
    CacheEntry *entry = place_of(cache->at, cache->room, merchant_id, setting);
    retire(cache, entry->value);
    entry->value = NULL;
    pthread_mutex_unlock(&cache->lock);
}

Err setting_start(App *app, Arena *a) {
    (void)a;
    SettingCache *cache = calloc(1, sizeof *cache);
    if (!cache) abort();
    pthread_mutex_init(&cache->lock, NULL);
    cache->room = CACHE_ROOM_FIRST;
    cache->at = calloc((size_t)cache->room, sizeof *cache->at);
    if (!cache->at) abort();
    cache->has_others = db_engine(app->db) == DB_POSTGRES;
    app->state->settings = cache;
    return OK;
}

void setting_stop(App *app) {
    SettingCache *cache = app->state->settings;
    if (!cache) return;
    for (int64_t i = 0; i < cache->room; i++)
        if (cache->at[i].value) value_free(cache->at[i].value);
    while (cache->retired) {
        SettingValue *value = cache->retired;
        cache->retired = value->next;
        value_free(value);
    }
    pthread_mutex_destroy(&cache->lock);
    free(cache->at);
    free(cache);
    app->state->settings = NULL;
}
