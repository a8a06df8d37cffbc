#include "app/auth_cache.h"
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 256, STAMPS_MAX = 4096 };

typedef struct Shard {
    pthread_mutex_t lock;
    int64_t count;
    AuthEntry *buckets[BUCKETS];
} Shard;
typedef struct AuthCache AuthCache;
struct AuthCache {
    Shard shards[AUTH_SHARDS];
};

static uint64_t mix(int64_t merchant_id, int64_t id) {
    uint64_t x = (uint64_t)id ^ (uint64_t)merchant_id * UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 31)) * UINT64_C(0xbf58476d1ce4e5b9);
    return x ^ (x >> 29);
}

static Shard *shard_of(App *app, uint64_t hash) { return &app->state->auth->shards[hash % AUTH_SHARDS]; }
static AuthEntry **bucket_of(Shard *shard, uint64_t hash) { return &shard->buckets[hash / AUTH_SHARDS % BUCKETS]; }

Err auth_cache_start(App *app, [[maybe_unused]] Arena *a) {
    AuthCache *cache = calloc(1, sizeof *cache);
    if (cache == NULL) return E_BUSY;
    for (int64_t i = 0; i < AUTH_SHARDS; i++) pthread_mutex_init(&cache->shards[i].lock, NULL);
    app->state->auth = cache;
    return OK;
}

void auth_entry_release(AuthEntry *entry) {
    if (entry == NULL || atomic_fetch_sub(&entry->refs, 1) > 1) return;
    free(entry);
}

void auth_cache_stop(App *app) {
    AuthCache *cache = app->state->auth;
    if (cache == NULL) return;
    for (int64_t i = 0; i < AUTH_SHARDS; i++) {
        for (int64_t b = 0; b < BUCKETS; b++) {
            for (AuthEntry *e = cache->shards[i].buckets[b], *next; e != NULL; e = next) {
                next = e->next;
                auth_entry_release(e);
            }
        }
        pthread_mutex_destroy(&cache->shards[i].lock);
    }
    free(cache);
    app->state->auth = NULL;
}

/* Unlinks the entry of (merchant, id) and gives it to the caller; NULL when there is none. Under the lock. */
static AuthEntry *take_out(Shard *shard, AuthEntry **at, int64_t merchant_id, int64_t id) {
    for (; *at != NULL; at = &(*at)->next) {
        AuthEntry *entry = *at;
        if (entry->id != id || entry->merchant_id != merchant_id) continue;
        *at = entry->next;
        shard->count--;
        return entry;
    }
    return NULL;
}

AuthEntry *auth_cache_get(App *app, const TokenHead *head, int64_t now) {
    uint64_t hash = mix(head->merchant_id, head->id);
    Shard *shard = shard_of(app, hash);
    pthread_mutex_lock(&shard->lock);
    AuthEntry *entry = *bucket_of(shard, hash);
    while (entry != NULL && (entry->id != head->id || entry->merchant_id != head->merchant_id)) entry = entry->next;
    bool is_fresh =
        entry != NULL && entry->kind == head->kind && now >= entry->loaded_at && now - entry->loaded_at <= AUTH_TTL_MS;
    if (is_fresh) atomic_fetch_add(&entry->refs, 1);
    pthread_mutex_unlock(&shard->lock);
    return is_fresh ? entry : NULL;
}

static Str text_copy(char **at, Str text) {
    Str copy = { *at, text.len };
    if (text.len > 0) memcpy(*at, text.at, (size_t)text.len);
    *at += text.len;
    return copy;
}

/* One block: the entry, its lists, its texts. */
static AuthEntry *entry_make(const TokenHead *head, const AuthRow *row, Str secret, int64_t now) {
    const Grants *grants = &row->grants;
    int64_t texts = 0;
    for (int64_t i = 0; i < grants->permissions.count; i++) texts += grants->permissions.items[i].len;
    int64_t lists =
        grants->permissions.count * (int64_t)sizeof(Str) + grants->shop_ids.count * (int64_t)sizeof(int64_t);
    AuthEntry *entry = calloc(1, sizeof *entry + (size_t)(lists + texts));
    if (entry == NULL) abort();
    Str *permissions = (Str *)(void *)(entry + 1);
    int64_t *shops = (int64_t *)(void *)(permissions + grants->permissions.count);
    char *text = (char *)(shops + grants->shop_ids.count);
    for (int64_t i = 0; i < grants->permissions.count; i++)
        permissions[i] = text_copy(&text, grants->permissions.items[i]);
    for (int64_t i = 0; i < grants->shop_ids.count; i++) shops[i] = grants->shop_ids.items[i];

    bool is_key = head->kind == TOKEN_KEY;
    unsigned who = row->member_id != 0 ? WHO_MEMBER : WHO_STAFF;
    if (is_key) who = str_is(row->who, "pos") ? WHO_POS : WHO_PARTNER;
    *entry = (AuthEntry){
        .kind = head->kind,
        .merchant_id = head->merchant_id,
        .id = head->id,
        .shop_id = row->shop_id,
        .loaded_at = now,
        .expires_at = row->expires_at,
        .must_sign = row->must_sign,
        .auth = { .who = who,
                  .staff_id = row->staff_id,
                  .member_id = row->member_id,
                  .may_all = grants->may_all,
                  .key_id = is_key ? head->id : 0,
                  .session_id = is_key ? 0 : head->id,
                  .permissions = { permissions, grants->permissions.count },
                  .shop_ids = { shops, grants->shop_ids.count } },
    };
    entry->actor = is_key                ? (Actor){ ACTOR_KEY, head->id }
                   : row->member_id != 0 ? (Actor){ ACTOR_MEMBER, row->member_id }
                                         : (Actor){ ACTOR_STAFF, row->staff_id };
    memcpy(entry->hash, row->token_hash.at, HASH_LEN);
    if (secret.len > 0) mac_key((const unsigned char *)secret.at, secret.len, &entry->secret);
    return entry;
}

/* Room for one more: what has not been used for longest among the stale ones goes. Under the lock. */
static void make_room(Shard *shard, int64_t now) {
    if (shard->count < AUTH_PER_SHARD_MAX) return;
    for (int64_t b = 0; b < BUCKETS; b++) {
        AuthEntry **at = &shard->buckets[b];
        while (*at != NULL) {
            AuthEntry *entry = *at;
            if (now - entry->loaded_at <= AUTH_TTL_MS && shard->count < 2 * AUTH_PER_SHARD_MAX) {
                at = &entry->next;
                continue;
            }
            *at = entry->next;
            shard->count--;
            auth_entry_release(entry);
        }
    }
}

AuthEntry *auth_cache_put(App *app, const TokenHead *head, const AuthRow *row, Str secret, int64_t now) {
    AuthEntry *entry = entry_make(head, row, secret, now);
    uint64_t hash = mix(head->merchant_id, head->id);
    Shard *shard = shard_of(app, hash);
    pthread_mutex_lock(&shard->lock);
    AuthEntry **bucket = bucket_of(shard, hash);
    AuthEntry *old = take_out(shard, bucket, head->merchant_id, head->id);
    if (old != NULL) {
        atomic_store(&entry->used_at, atomic_load(&old->used_at));
        entry->flushed_at = old->flushed_at;
    }
    make_room(shard, now);
    atomic_store(&entry->refs, 2); /* the table's and the caller's */
    entry->next = *bucket;
    *bucket = entry;
    shard->count++;
    pthread_mutex_unlock(&shard->lock);
    auth_entry_release(old);
    return entry;
}

void auth_cache_forget(App *app, int64_t merchant_id, int64_t id) {
    uint64_t hash = mix(merchant_id, id);
    Shard *shard = shard_of(app, hash);
    pthread_mutex_lock(&shard->lock);
    AuthEntry *old = take_out(shard, bucket_of(shard, hash), merchant_id, id);
    pthread_mutex_unlock(&shard->lock);
    auth_entry_release(old);
}

/* ---- last-used stamps ---- */

typedef struct Stamp {
    TokenKind kind;
    int64_t merchant_id, id, used_at;
} Stamp;
typedef struct Stamps {
    Stamp *items;
    int64_t count;
} Stamps;

static int stamp_order(const void *a, const void *b) {
    const Stamp *x = a, *y = b;
    return (x->merchant_id > y->merchant_id) - (x->merchant_id < y->merchant_id);
}

static void shard_stamps(Shard *shard, Stamps *stamps) {
    pthread_mutex_lock(&shard->lock);
    for (int64_t b = 0; b < BUCKETS; b++) {
        for (AuthEntry *e = shard->buckets[b]; e != NULL && stamps->count < STAMPS_MAX; e = e->next) {
            int64_t used_at = atomic_load(&e->used_at);
            if (used_at < e->flushed_at + AUTH_STAMP_MS) continue;
            e->flushed_at = used_at;
            stamps->items[stamps->count++] = (Stamp){ e->kind, e->merchant_id, e->id, used_at };
        }
    }
    pthread_mutex_unlock(&shard->lock);
}

static Err stamps_put(Ctx *c, void *arg) {
    const Stamps *stamps = arg;
    for (int64_t i = 0; i < stamps->count; i++) {
        TRY(auth_used_put(c, stamps->items[i].kind, stamps->items[i].id, stamps->items[i].used_at));
    }
    return OK;
}

void auth_used_flush(App *app, Arena *a) {
    Stamps all = { NEW_LIST(a, Stamp, STAMPS_MAX), 0 };
    for (int64_t i = 0; i < AUTH_SHARDS; i++) shard_stamps(&app->state->auth->shards[i], &all);
    qsort(all.items, (size_t)all.count, sizeof *all.items, stamp_order);
    for (int64_t from = 0, to; from < all.count; from = to) {
        for (to = from + 1; to < all.count && all.items[to].merchant_id == all.items[from].merchant_id;) to++;
        Ctx c;
        app_ctx(app, a, all.items[from].merchant_id, (Actor){ ACTOR_JOB, 0 }, &c);
        Stamps part = { all.items + from, to - from };
        if (app_unit(&c, stamps_put, &part) != OK)
            log_line(&c, "warn", "auth.stamps", "last-used times were not written");
    }
}
