/* auth_cache - living sessions and API keys in memory, so that a request costs no look-up. Private to app/.
 * An entry is believed for AUTH_TTL_MS; a change in this process drops it at once (after_commit), one in another
 * process shows
 * after the TTL. Entries are counted: who got one gives it back with auth_entry_release(). */
#pragma once
#include <stdatomic.h>
#include "app/auth_store.h"

enum { AUTH_TTL_MS = 1000, AUTH_SHARDS = 64, AUTH_PER_SHARD_MAX = 1024, AUTH_STAMP_MS = 60 * 1000 };

typedef struct AuthEntry AuthEntry;
struct AuthEntry {
    AuthEntry *next;
    _Atomic int64_t refs;
    _Atomic int64_t used_at;
    int64_t flushed_at;                     /* under the shard's lock */
    TokenKind kind;
    int64_t merchant_id, id, shop_id, loaded_at, expires_at;
    unsigned char hash[HASH_LEN];           /* of the whole token */
    bool must_sign;
    MacKey secret;                          /* keys: of signed requests */
    Actor actor;
    Auth auth;
};

Err auth_cache_start(App *app, Arena *a);
void auth_cache_stop(App *app);
/* The entry, if it is known and fresh; NULL otherwise. */
AuthEntry *auth_cache_get(App *app, const TokenHead *head, int64_t now);
/* `secret` is the unsealed secret of a key, empty for sessions. */
AuthEntry *auth_cache_put(App *app, const TokenHead *head, const AuthRow *row, Str secret, int64_t now);
void auth_entry_release(AuthEntry *entry);
void auth_cache_forget(App *app, int64_t merchant_id, int64_t id);       /* has the form of an after_commit effect */
/* Writes last-used stamps that are AUTH_STAMP_MS newer than what the database has. Outside a unit. */
void auth_used_flush(App *app, Arena *a);
